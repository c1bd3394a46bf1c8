/* SPDX-License-Identifier: Apache-2.0 */
/* walk_private - the state of one object's scan, for the walker's own files. */
#pragma once
#include "decode/types.h"
#include "decode/walk.h"

enum {
    MAX_STRONG = 16,
    MAX_PASSWORDS = 64,
    MAX_DEFERRED = 64,
    VIEW_COPY_PART = 256 * 1024,
    VIEW_COPY_SCAN = 1024 * 1024,
    SEEN_SLOTS = 1024, /* a power of two */
    SEEN_FROM = 64,    /* parts; ordinary mail has fewer */
    CHAIN_MAX = 26,    /* walks above a deferred part; the depth budget is lower */
};

struct deferred {
    struct walk walk; /* with its chain above, all in the arena */
};

/* Content that was walked already: the same bytes in the same role give the
 * same findings, so bombs of repetition cost nothing. */
struct seen {
    uint8_t sha256[32];
    uint64_t role; /* format, how, attachment; 0 = free slot */
    slice type;
    enum walk_end end;
};

struct scan {
    const struct walk_hooks *hooks;
    const struct sink *sink;
    struct arena *mem;
    struct budget *budget;
    uint32_t n_parts, n_events;
    uint32_t noted;            /* budget kinds whose limit was already reported */
    uint64_t view_copied;      /* bytes of view copies sent */
    struct unread last_unread; /* to say each thing once */
    bool said_unread;
    struct password *passwords;
    size_t n_passwords;
    struct deferred *deferred;
    size_t n_deferred;
    struct body *pinned;
    size_t n_pinned;
    struct seen *seen;
    bool closing;              /* deferred parts are being unlocked */
    bool acting;               /* walk_note_acting() */
    void *links;               /* URLs already said; private to links.c */
    void *hidden;              /* values for macros; private to hidden.c */
    void *pictures;            /* kept until macros are known; private to shared/picture.c */
};

struct sniffed {
    const struct format *formats[MAX_STRONG];
    size_t n;
    bool strong;
    const struct type_row *type; /* by magic, else by name or declaration; NULL: data */
};

void walk_sniff(const struct walk *w, struct sniffed *out);
void walk_note_limits(struct walk *w);
void walk_defer_release(struct scan *s);
