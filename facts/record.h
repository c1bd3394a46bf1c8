/* SPDX-License-Identifier: Apache-2.0 */
/* record - what one scan found: parts, events, facts, hits, effects, unread places.
 *
 * The worker streams these through a `struct sink`; the desk collects them in
 * a `struct record`, from which observe/whole, judge and report work. All ids
 * are indices in order of appearance, so that a record is deterministic.
 *
 * Text in a record is UTF-8 and lives in the record's arena.
 */
#pragma once
#include "base/arena.h"
#include "facts/facts.h"

#define NO_ID UINT32_MAX
enum { NO_LINE = 0 };

enum walk_end {
    WALK_WHOLE,    /* read to its natural end */
    WALK_SHORT,    /* ended before the format said it would */
    WALK_BROKEN,   /* contradicts itself or the specification */
    WALK_LIMIT,    /* a budget ran out; what was seen so far stands */
    WALK_CRASHED,  /* set by the desk: the worker died here */
    WALK_TIMEOUT,  /* set by the desk: the backstop timer fired */
    WALK_NOT_MINE, /* not this format after all; never in a record */
};

enum part_how { HOW_FILE, HOW_MIME, HOW_MBOX, HOW_ZIP, HOW_GZIP, HOW_OLE, HOW_OPC, HOW_HTML, HOW_UNMASK, HOW_PDF, HOW_ARCHIVE, HOW_KINDS };

enum unread_cause { UNREAD_ENCRYPTED, UNREAD_LIMIT, UNREAD_DAMAGED, UNREAD_CRASHED, UNREAD_NO_READER, UNREAD_CAUSES };

/* What was not read: facts/unread.list. */
enum unread_of {
#include "unread_ids.inc"
    UNREAD_OFS
};

struct unread_row {
    const char *token, *english, *japanese;
};

const struct unread_row *unread_row(enum unread_of of);
/* The row whose token these words are, blanks as '-'; else a member of that name, or the part. */
enum unread_of unread_of_words(slice words);

struct part {
    uint32_t parent; /* NO_ID for the root */
    enum part_how how;
    slice name, type, declared;
    uint64_t size;
    uint8_t sha256[32];
    enum walk_end end;
    bool closed;     /* its end was reported */
};

struct event {
    enum event_kind kind;
    uint32_t part;
};

struct fact {
    enum fact_id id;
    uint32_t event, part;
    struct range at;  /* in the part; from == to: no range */
    uint32_t line;    /* 1-based, NO_LINE when it has no meaning */
    bool scanned;     /* pattern hits for this value have been streamed */
    bool whole;       /* made by observe/whole at the desk */
    int64_t number;   /* flag and int */
    slice text;       /* text; for a view the first bytes of it */
};

/* A string condition of a rule was found in a text or view. */
struct hit {
    uint32_t atom;    /* index in the rule image */
    uint32_t event, part;
    enum fact_id field;
    struct range at;
    uint32_t line;
    slice excerpt;    /* at most 160 bytes around the hit */
};

enum effect_kind { EFFECT_DOWNLOAD, EFFECT_WRITE, EFFECT_RUN, EFFECT_LOAD, EFFECT_PERSIST, EFFECT_QUERY, EFFECT_DELAY, EFFECT_MESSAGE, EFFECT_KINDS };

struct effect_argument {
    slice name, value;
};

struct effect_origin {
    uint32_t part;
    struct range at;
    uint32_t line;
};

struct effect {
    enum effect_kind kind;
    uint32_t part, event;
    bool known; /* every argument is exactly what would be passed; false: partial */
    slice sink;
    const struct effect_argument *arguments;
    const struct effect_origin *origins;
    const slice *via;
    uint32_t n_arguments, n_origins, n_via;
    bool conditional; /* whether it comes to that was not decided */
};

struct unread {
    enum unread_cause cause;
    uint32_t part;
    enum unread_of of;
    slice name; /* of a member, a type, or why the process ended; else empty */
};

/* A bounded copy of a text view, kept apart from the report. */
struct view {
    enum fact_id id;
    uint32_t part;
    uint64_t size; /* of the whole text */
    slice text;
};

struct record {
    struct arena *mem;
    struct part *parts;
    struct event *events;
    struct fact *facts;
    struct hit *hits;
    struct effect *effects;
    struct unread *unread;
    struct view *views;
    uint32_t n_parts, n_events, n_facts, n_hits, n_effects, n_unread, n_views;
    uint32_t room[7]; /* private to record.c */
    bool full;        /* memory or counts ran out: something is missing */
};

/* Where a scan's findings go. Every function copies what it needs before it
 * returns. Part and event ids are given by the sender, in order from 0. */
struct sink {
    void *host;
    void (*part)(void *host, const struct part *p);                       /* id = number of calls before */
    void (*part_end)(void *host, uint32_t part, slice type, enum walk_end end);
    void (*event)(void *host, const struct event *e);                     /* id = number of calls before */
    void (*fact)(void *host, const struct fact *f);
    void (*hit)(void *host, const struct hit *h);
    void (*effect)(void *host, const struct effect *e);
    void (*unread)(void *host, const struct unread *u);
    void (*view)(void *host, const struct view *v);
    /* Bytes of a part, in order, only where the request asked for them; may be NULL. */
    void (*bytes)(void *host, uint32_t part, uint64_t at, slice bytes);
};

/* Which parts' bytes a request asks for (extraction). */
enum give { GIVE_NONE, GIVE_ONE, GIVE_ALL };

void record_init(struct record *r, struct arena *mem);
/* A sink that fills the record. Ids out of range and counts over the caps set
 * `full` and are dropped, so that a hostile sender cannot do harm. */
struct sink record_sink(struct record *r);

const char *part_how_name(enum part_how h);          /* "file", "mime", ... */
const char *walk_end_name(enum walk_end e);          /* "whole", "short", ... */
const char *unread_cause_name(enum unread_cause c);  /* "encrypted", ... */
const char *effect_kind_name(enum effect_kind k);    /* "download", ... */

/* First fact with this id in the event, or in the part, or NULL. */
const struct fact *record_find_in_event(const struct record *r, uint32_t event, enum fact_id id);
const struct fact *record_find_in_part(const struct record *r, uint32_t part, enum fact_id id);
/* The event of this kind on the part or its nearest ancestor; NO_ID. */
uint32_t record_event_above(const struct record *r, uint32_t part, enum event_kind kind);
