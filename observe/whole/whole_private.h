/* SPDX-License-Identifier: Apache-2.0 */
/* whole - what the parts of observe/whole share: one mail event of the record, and its facts
 * as lists. For the siblings and their tests only.
 */
#pragma once
#include "observe/whole/quote.h"
#include "observe/whole/whole.h"

enum {
    WHOLE_MAILS = 8, /* the mail and forwarded mails in it */
    WHOLE_LIST = 64, /* entries of a list that are compared with each other */
    WHOLE_VIEWS = 8, /* text bodies of a mail */
    WHOLE_KNOWN = 64,
};

struct texts {
    slice list[WHOLE_LIST];
    struct range at[WHOLE_LIST];
    size_t n;
};

/* An address that was looked at before, by its place, and what came of it. */
struct known {
    slice address, organisation;
};

struct whole {
    struct record *r;
    struct sink out;
    struct arena *mem; /* the record's */
    const struct site *site;
    uint32_t event, part;
    bool outermost; /* delivered by our own mail server, not attached to a mail */
    struct texts from, from_name, to, to_name, reply_to, sender, return_path;
    struct texts helo, protocol, host, zone, auth, file_names;
    slice subject, message_id_domain, date_zone, language;
    bool list, referring; /* came through a mailing list; refers to an earlier mail */
    slice body;           /* the text body that holds the quotes, else the first */
    const struct quotes *quotes;
    /* found by whole_address, used by whole_auth */
    bool shows_another;
    struct known known[WHOLE_KNOWN];
};

/* Emits a fact about the mail, marked `whole`. */
void whole_flag(struct whole *w, enum fact_id id);
void whole_int(struct whole *w, enum fact_id id, int64_t n, uint32_t line);
void whole_text(struct whole *w, enum fact_id id, slice text, uint32_t line);

/* The registered domain in lower case. Two are the same organisation when it is equal; for two
 * addresses of a provider that everybody uses (gmail.com), only when they are equal in whole. */
slice whole_organisation(struct whole *w, slice address);
bool whole_same_organisation(struct whole *w, slice a, slice b);
/* Is the address of an own domain of the site, or of a domain under one? */
bool whole_is_own(struct whole *w, slice address);
/* Has anybody of the list the address's organisation? */
bool whole_has_organisation(struct whole *w, const struct texts *list, slice address);

/* What stands in front of a subject: "re", "fwd", or empty. */
enum whole_prefix { PREFIX_NONE, PREFIX_REPLY, PREFIX_FORWARD };
/* The subject without its prefixes and list tags; *prefix_out is the outermost prefix. */
slice whole_subject_strip(slice subject, enum whole_prefix *prefix_out, bool *tagged_out);

/* The four families of facts; each needs nothing of the others but what struct whole says. */
void whole_address(struct whole *w);
void whole_route(struct whole *w);
void whole_auth(struct whole *w);
void whole_thread(struct whole *w);
