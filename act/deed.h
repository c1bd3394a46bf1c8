/* SPDX-License-Identifier: Apache-2.0 */
/* deed - what is done with a mail: from its verdict and the site's settings. Pure.
 *
 * design.md: first in observe mode; then clean is delivered, unknown waits or is
 * tagged, suspicious is held, malicious is held or rejected; by recipient domain.
 */
#pragma once
#include "judge/judge.h"

/* From mild to strict: for mixed recipients the greatest counts. */
enum deed {
    DEED_DELIVER, /* untouched */
    DEED_TAG,     /* X-Sekisho headers */
    DEED_HOLD,    /* kept in the vault, not delivered; the sender is told nothing */
    DEED_REJECT,  /* 550 with the reference number */
    DEED_TEMPFAIL,/* 451: come again */
    DEEDS
};
const char *deed_name(enum deed d); /* "deliver" "tag" "hold" "reject" "tempfail" */
bool deed_by_name(slice name, enum deed *out);

/* What a rule of deeds speaks of: the verdict, and for unknown its cause. */
enum deed_case {
    DEED_OF_CLEAN,
    DEED_OF_ENCRYPTED,
    DEED_OF_LIMIT,
    DEED_OF_DAMAGED,
    DEED_OF_CRASHED,
    DEED_OF_NO_READER,
    DEED_OF_SUSPICIOUS,
    DEED_OF_MALICIOUS,
    DEED_CASES
};

struct deed_domain { /* overrides for recipients of one domain */
    slice domain;    /* lower case */
    bool given[DEED_CASES];
    enum deed of[DEED_CASES];
};

struct deed_rules {
    bool observe; /* all is said and recorded, nothing is done: DEED_TAG at most */
    enum deed of[DEED_CASES];
    const struct deed_domain *domains;
    size_t n_domains;
};

/* The worst unread cause decides among the cases of unknown: crashed, limit, damaged, encrypted,
 * no reader. */
enum deed_case deed_case_of(const struct judgement *j, const struct record *r);
/* The strictest over all recipients; their domain is what stands behind the last @. Without
 * recipients (a file) the general rule. */
enum deed deed_of(const struct deed_rules *rules, enum deed_case c, const slice *recipients, size_t n);
