/* SPDX-License-Identifier: Apache-2.0 */
/* search - mails in the record, by words and by what was done with them; for commands and the
 * console.
 *
 * Each word must occur, in subject, addresses, names, URLs or effects; three characters or more are
 * found by the index, which Japanese needs no blanks for, fewer by looking at all. Mails of the
 * last moments may not be in the index yet.
 */
#pragma once
#include "base/buf.h"
#include "store/sqlite.h"

struct search {
    const slice *words;
    size_t n_words;
    slice reference;  /* this one */
    slice verdict;    /* empty: any */
    bool vaulted;     /* only those whose original is kept */
    int64_t since_ms; /* 0: ever */
    int limit;        /* the newest of them */
};

/* Valid during the call. */
struct search_mail {
    slice reference, verdict, detection, deed, sender, from_address, recipients, subject, name,
        door, queue_id, message_id;
    int64_t time_ms, size;
    const uint8_t *original; /* name in the vault, or NULL */
    slice last_deed;         /* of its history; empty: none */
};
/* Newest first. `take` says false to end. How many were taken, or an error. */
int search_mails(struct sqlite *db, const struct search *s,
                 bool (*take)(void *host, const struct search_mail *m), void *host,
                 struct err *err_out) MUST_USE;

struct search_deed {
    int64_t time_ms;
    slice who, verb, note;
};
int search_deeds(struct sqlite *db, slice reference,
                 void (*take)(void *host, const struct search_deed *d), void *host,
                 struct err *err_out) MUST_USE;
