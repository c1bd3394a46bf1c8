/* SPDX-License-Identifier: Apache-2.0 */
/* hunt - joins two layers: what the code in mails would contact, and what logs say was contacted.
 *
 * Reports first, then lines of logs in any order, then hunt_finish(). A line costs one look into a
 * table unless it is of interest; what is kept of it is copied. How sure a match is stands with it:
 * the host of a malicious address may be a website that was broken into, or one where anybody may
 * keep files, and then a visit says little.
 */
#pragma once
#include "report/indicators.h"
#include "report/messages.h"
#include "trace/contact.h"

enum hunt_level {
    HUNT_URL,    /* exactly the address */
    HUNT_PATH,   /* the same but for the query, or the log has no queries */
    HUNT_HOST,   /* the same host, something else of it or the log does not say what */
    HUNT_IP,     /* the same IP address */
    HUNT_DOMAIN, /* another host of the same registered domain */
    HUNT_LEVELS
};

struct hunt_mail {
    slice path, sha256, name; /* name: of the detection */
    slice subject, sender;    /* of the mail that the report is about; may be empty */
    enum verdict verdict;
    uint32_t number; /* as it is listed, from 1; 0: nothing of it was contacted */
};

/* Where an indicator comes from. */
struct hunt_source {
    struct hunt_mail *mail;
    enum indicator_sure sure;
    slice value, from;    /* the address as the code has it; kind of effect or name of the fact */
    slice part, document; /* names from the outside in; the file that the code lies in */
    uint32_t line;
    bool listed;
    struct hunt_source *next;
};

struct hunt_sources {
    struct hunt_source *first, *last;
    size_t n; /* listed are HUNT_SOURCES_MAX */
};

struct hunt_hit {
    struct contact contact;
    uint32_t client; /* of hunt_result.numbered */
    enum hunt_level level;
    bool weak; /* a host that many share, or of the inside: listed only when asked */
    const struct hunt_sources *sources;
    uint32_t lines; /* of the log, merged to this one contact */
    uint32_t log;   /* as given to hunt_take() */
    uint64_t line;
    uint64_t order;
};

/* What one client did, after hunt_finish(); best known first, then earliest. */
struct hunt_client {
    slice name;
    enum hunt_level best;
    const struct hunt_sources *sources;          /* of the first of the best */
    uint64_t n, n_best, outcomes[OUTCOMES], web; /* outcomes, web: of the best */
    struct contact_time first, last;             /* of the best */
    uint32_t shown;
};

struct hunt_options {
    bool seen; /* also what merely stands in the code */
    bool weak; /* lists what is weak too */
    uint64_t seed;
};

enum { HUNT_SOURCES_MAX = 8, HUNT_HITS_MAX = 200000, HUNT_CLIENTS_MAX = 65536 };

struct hunt;
/* NULL: no memory. All is the arena's. */
struct hunt *hunt_new(struct arena *mem, const struct hunt_options *o);
/* Also of a hunt that was not finished. The rest is the arena's. */
void hunt_drop(struct hunt **h);
void hunt_add_report(struct hunt *h, const struct read_report *r);
void hunt_take(struct hunt *h, const struct contact *c, uint32_t log, uint64_t line);

struct hunt_result {
    const struct hunt_client *clients;
    struct hunt_client *numbered;         /* the same in another order */
    const struct hunt_hit *hits;          /* by time; without one last */
    const struct hunt_mail *const *mails; /* those that hits came from, by number */
    size_t n_clients, n_hits, n_mails;
    size_t reports, reports_used, urls, hosts; /* what was looked for */
    uint64_t left_weak;                        /* contacts that were not listed, being weak */
    bool more;                                 /* than there was room for: contacts or indicators */
};
/* Once; what it gives stays. */
struct hunt_result hunt_finish(struct hunt *h);
const char *hunt_level_name(enum hunt_level l);
const char *contact_outcome_name(enum contact_outcome o);

/* What was read of one log. */
struct hunt_log {
    slice path, formats;          /* formats: names with their lines, as "squid 990, bind 10" */
    uint64_t lines, read, passed; /* passed: understood, and about no contact */
    uint64_t unread, first_unread;
    struct contact_time from, to;
    const char *ended; /* NULL: whole; "short", "broken", "limit", "error" */
};

struct hunt_put {
    const struct hunt_result *result;
    const struct hunt_log *logs;
    size_t n_logs;
    struct arena *mem;
};
void hunt_put_json(struct buf *out, const struct hunt_put *p); /* docs/hunt.schema.json */
void hunt_put_text(struct buf *out, const struct hunt_put *p, enum language l);

/* "2026-11-22 01:00:00Z (+09:00)"; without zone as the log's clock has it, and that is said. */
void hunt_put_time(struct buf *out, const struct contact_time *t, enum language l);
/* Host and path of a contact, or its address. */
void hunt_put_target(struct buf *out, const struct contact *c, unsigned shown_flags);
