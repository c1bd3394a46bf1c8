/* SPDX-License-Identifier: Apache-2.0 */
/* contact - what one line of a log says: who asked for what, when, and what came of it.
 *
 * The doors fill it, trace joins it. All texts are as the log has them, unchecked and borrowed
 * from the line; empty where the log does not say.
 */
#pragma once
#include "base/slice.h"

enum contact_kind {
    CONTACT_WEB,  /* through a proxy or firewall: something was asked of the host */
    CONTACT_NAME, /* the host's name was looked up */
};

/* Better known ones last: of several lines about one contact the last counts. */
enum contact_outcome {
    OUTCOME_UNKNOWN,
    OUTCOME_FAILED,   /* not reached, no such name */
    OUTCOME_ANSWERED, /* whatever the answer was */
    OUTCOME_BLOCKED,  /* by the proxy, the resolver or a policy zone */
    OUTCOMES
};

struct contact_time {
    int64_t us; /* since 1970; of the log's own clock when it gives no zone */
    bool known, zoned;
    bool year_guessed; /* the log gives none */
    int16_t offset;    /* minutes east of UTC, as the log or --tz says */
    slice written;
};

struct contact {
    enum contact_kind kind;
    struct contact_time time;
    slice client, user;
    slice url;        /* with scheme; or empty, and the host and the path apart */
    slice host, path; /* host: perhaps with a port */
    slice peer;       /* the address that was connected to, or that the name stands for */
    slice method;
    unsigned status; /* of HTTP; 0: none */
    bool has_bytes;
    uint64_t bytes;
    enum contact_outcome outcome;
};
