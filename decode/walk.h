/* SPDX-License-Identifier: Apache-2.0 */
/* walk - what a format sees while it reads one part.
 *
 * The walker (walk.c) owns the tree: it numbers the parts, sniffs each body
 * with every format, lets every strong one walk it, falls back to the weak
 * ones, spends the shared budget, and runs the host's hooks (observers,
 * pattern matching) beside. A format only reads bytes and says what it sees:
 * facts by generated ids, text views, children, bundles.
 *
 * Nothing a format says can fail: over budget it is dropped, the limit is
 * marked, and walk_over() turns true, at which a format ends with WALK_LIMIT.
 */
#pragma once
#include "base/body.h"
#include "base/budget.h"
#include "base/cursor.h"
#include "facts/record.h"

struct scan;
struct script_page;
struct format;
struct bundle;

struct walk {
    struct scan *scan;
    struct arena *mem;
    struct budget *budget;
    const struct walk *up;  /* the walk that made this part; NULL for the root */
    uint32_t part;
    unsigned depth;
    enum part_how how;
    slice name;             /* UTF-8, as it was; may be empty */
    slice declared;         /* Content-Type as declared, with its parameters; may be empty */
    slice type;             /* what the part is said to be; set by walk_type */
    bool attachment;        /* an attachment of a mail, not one of its text bodies */
    uint32_t event[EVENT_KINDS]; /* open events; NO_ID */
    const struct body *body;     /* gone when the part's walk has ended */
    uint64_t size;               /* of the body */
    const struct format *format; /* whose walk this is now */
};

#define NOWHERE ((struct range){ 0, 0 })
static inline struct range range_of(uint64_t from, uint64_t len) { return (struct range){ from, from + len }; }

/* --- facts: about this part; the type must be that of facts.list (CHECKed).
 * A fact joins the innermost open event of its layer on this part or above it. */
void walk_flag(struct walk *w, enum fact_id id, struct range at);
void walk_int(struct walk *w, enum fact_id id, int64_t value, struct range at);
void walk_text(struct walk *w, enum fact_id id, slice utf8, struct range at);
void walk_cstr(struct walk *w, enum fact_id id, const char *utf8, struct range at);
/* The same with a line number, for text parts. */
void walk_text_line(struct walk *w, enum fact_id id, slice utf8, struct range at, uint32_t line);

/* A long text: rules and observers see it (up to BUDGET_TEXT), the desk gets a
 * bounded copy. `at` is where in the part it stands. */
void walk_view(struct walk *w, enum fact_id id, slice utf8, struct range at);

/* What code of this part would do (unmask/unmask.h); e->part and e->event are given. */
void walk_effect(struct walk *w, const struct effect *e);

/* Opens a new event on this part; facts of that layer join it from now on. */
uint32_t walk_event(struct walk *w, enum event_kind kind);

/* Code of this object was seen to start by itself and to run or fetch something. It speaks for
 * itself: what the document shows, so that its reader starts it, need not be looked at. */
void walk_note_acting(struct walk *w);
bool walk_is_acting(const struct walk *w);

/* Narrows the type: the zip turns out to be "docx". */
void walk_type(struct walk *w, const char *type);

/* Bytes that a victim's program would use were not read: `of` as in facts/unread.list; the name
 * of a member, a type or nothing. */
void walk_unread_of(struct walk *w, enum unread_cause cause, enum unread_of of, slice name);
/* The same in words of the list, for a while yet: other words are the name of a member, with
 * UNREAD_NO_READER of a type, and none are the part itself. */
void walk_unread(struct walk *w, enum unread_cause cause, slice words);

/* True when no more work should be begun for this object. */
bool walk_over(const struct walk *w);
/* Spends WORK; false (and marked) when it is used up. */
bool walk_work(struct walk *w, uint64_t units);

/* --- children */
struct child {
    slice name, declared;
    enum part_how how;
    struct range at;            /* in the parent; NOWHERE when it has no place there */
    const struct body *body;    /* must live until walk_child() returns */
    const struct format *format; /* NULL: sniff; else only this format walks it */
    bool attachment;
    /* What the parent knows of this part: said as facts of the part, before it is
     * walked; `at` of such facts is in the part, so mostly NOWHERE. May be NULL. */
    void (*say)(void *host, struct walk *sub);
    void *host;
};

/* Walks the child whole, at once. Returns its part id, NO_ID when over budget. */
uint32_t walk_child(struct walk *w, const struct child *c);

/* The same in two halves, for a part whose format makes further children
 * itself (a VBA project). `sub` must stay until walk_end(). False: over budget. */
bool walk_begin(struct walk *w, const struct child *c, struct walk *sub);
void walk_finish(struct walk *sub, enum walk_end end);

/* --- bundles: named sibling streams of one part (CFB storage, OPC package, archive) */
struct bundle_entry {
    slice name;       /* UTF-8, '/' between levels, no leading '/' */
    uint64_t size;    /* as declared */
    struct range at;  /* in the part, where its bytes begin; NOWHERE if scattered */
    bool stream;      /* false: storage or folder */
    bool encrypted;
    bool taken;       /* set by the format that has read it: the container leaves it alone */
};

struct bundle {
    const char *kind; /* "cfb", "zip" */
    enum part_how how; /* how children of it were obtained */
    struct bundle_entry *entries;
    size_t n;
    void *host;
    /* Whole content; release it with body_release(). False: broken or over budget;
     * what could be read is then in *out all the same (release it too). */
    bool (*open)(struct walk *w, struct bundle *b, size_t entry, struct body *out);
    /* The first bytes only; for sniffing. Returns how many. */
    size_t (*head)(struct walk *w, struct bundle *b, size_t entry, uint8_t *out, size_t max);
};

/* Offers the bundle to every format that claims such a bundle; they walk it in
 * this part and mark what they took. */
void walk_bundle(struct walk *w, struct bundle *b);

/* --- passwords */
enum password_source { PASSWORD_HINT, PASSWORD_SAME_PART, PASSWORD_BODY, PASSWORD_SUBJECT, PASSWORD_FILE_NAME, PASSWORD_DERIVED, PASSWORD_SITE, PASSWORD_CONVERSATION, PASSWORD_DEFAULT };

struct password {
    slice text;      /* UTF-8 as written; formats also try CP932 where bytes matter */
    enum password_source source;
    uint32_t part, line; /* where it stood; NO_ID / NO_LINE */
    unsigned rank;   /* lower is likelier */
    slice for_name;  /* only for the file of this name; empty: any */
};

/* A candidate found in text; kept once, in order of rank. */
void walk_password(struct walk *w, const struct password *p);
/* This part has encrypted content: its format's unlock() is called when all
 * text of the tree has been walked. The body is pinned. */
void walk_defer(struct walk *w);
/* For unlock(): the candidates in order; emits password.tried and password.source facts when told. */
const struct password *walk_passwords(const struct walk *w, size_t *n_out);
const char *password_source_name(enum password_source s);

/* --- formats */
enum sniff { SNIFF_NO, SNIFF_WEAK, SNIFF_STRONG };

struct sniff_input {
    const struct body *body;
    slice name, declared;
    bool mail_part; /* child of a mail */
};

/* One format is one folder: decode/NAME/ with format_NAME as its only external
 * symbol, and one line in formats.list. Any function may be NULL. */
struct format {
    const char *name; /* the type it reads, as in types.list */
    const char *spec; /* document and section the code follows */
    /* STRONG: the bytes say so, somewhere the attacked program would look.
     * WEAK: could be; walked only where no format is strong. Cheap: first
     * kilobytes and the tail, no allocation. */
    enum sniff (*sniff)(const struct sniff_input *in);
    enum walk_end (*walk)(struct walk *w, const struct body *body);
    bool (*claims)(const struct bundle *b);
    enum walk_end (*walk_bundle)(struct walk *w, struct bundle *b);
    /* Called for a deferred part; opens what the candidates open. */
    enum walk_end (*unlock)(struct walk *w, const struct body *body);
};

const struct format *format_named(const char *name);
const struct format *const *formats_all(size_t *n_out);

/* --- one object's scan */
struct walk_hooks {
    void *host;
    void (*part_begin)(void *host, struct walk *w);  /* type is sniffed, nothing walked */
    void (*part_end)(void *host, struct walk *w, enum walk_end end);
    void (*view)(void *host, struct walk *w, enum fact_id id, slice utf8, struct range at, uint32_t event);
    void (*fact)(void *host, struct walk *w, struct fact *f); /* just before it is sent */
    void (*page)(void *host, struct walk *w, struct script_page *p); /* decode/page.h: all scripts of a page */
};

struct scan_request {
    struct body body;
    slice name, declared;
    const struct password *hints;
    size_t n_hints;
    const struct format *only; /* NULL: sniff; else only this format walks the root (tests) */
    enum give give;            /* whose bytes go to sink->bytes (extraction) */
    uint32_t give_part;
    bool trace; /* evaluators note their steps */
};

/* Walks the whole tree and sends what it finds to the sink. */
void scan_run(const struct scan_request *request, const struct walk_hooks *hooks, const struct sink *sink,
              struct arena *mem, struct budget *budget);
