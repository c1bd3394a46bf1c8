/* SPDX-License-Identifier: Apache-2.0 */
/* quote - the header blocks of quoted mail inside a text body.
 *
 * Reads what mail programs put in front of the mail they answer or forward, in Japanese and
 * English with their habits (Outlook, Gmail, Apple Mail, Thunderbird, Becky!, telephones), and
 * in some further languages as far as labels go. Text is UTF-8; slices in the result borrow
 * from it or live in the arena.
 */
#pragma once
#include "base/arena.h"

enum quote_form {
    QUOTE_BLOCK, /* From: / Sent: / To: / Subject: */
    QUOTE_LINE,  /* On ..., X wrote: */
};

enum quote_language { QUOTE_OTHER, QUOTE_ENGLISH, QUOTE_JAPANESE };

struct quote_person {
    slice name, address; /* either may be empty */
};

struct quote {
    enum quote_form form;
    enum quote_language language;
    bool forwarded; /* the line above says so */
    size_t at;      /* offset of the header in the text */
    uint32_t line;  /* of it, from 1 */
    struct quote_person sender;
    slice subject;
    const struct quote_person *recipients; /* To and Cc */
    size_t n_recipients;
};

enum { QUOTES_MAX = 16, QUOTE_PEOPLE_MAX = 64 };

struct quotes {
    struct quote list[QUOTES_MAX]; /* the newest first, as they stand in the text */
    size_t n;
    size_t fresh; /* bytes above the first quote, quote marks included; text.len without one */
};

/* False: out of memory; *out is then empty. */
bool quote_read(struct arena *mem, slice text, struct quotes *out);
