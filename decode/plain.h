/* SPDX-License-Identifier: Apache-2.0 */
/* plain - what the readers of text share: from bytes of some charset to one
 * view of UTF-8, and the few figures about it that rules need. */
#pragma once
#include "decode/walk.h"

struct plain {
    slice text; /* UTF-8 */
    bool exact; /* text lies in the body, from `offset` on: its offsets have a meaning there */
    size_t offset;
    bool binary; /* the bytes are no text in any charset */
};

/* Reads the stored bytes of a body by the label given (a charset name, empty:
 * unknown); a byte order mark wins over the label. Emits mime.charset.lied.
 * What is binary has no text, unless `anyway`. */
struct plain plain_read(struct walk *w, const struct body *body, slice label, bool anyway);

/* Where text[from, to) stands in the body; NOWHERE when the charset hides it. */
static inline struct range plain_range(const struct plain *p, size_t from, size_t to)
{
    return p->exact ? (struct range){ p->offset + from, p->offset + to } : NOWHERE;
}

/* The charset parameter of a Content-Type; empty. */
slice plain_charset(slice content_type);

/* Is this the text of a mail, rather than a document in or outside one? */
bool plain_is_mail_text(const struct walk *w);

/* Emits the view: email.body with its language and lengths for the text of a
 * mail, else document.text and document.words. */
void plain_view(struct walk *w, slice utf8, struct range at);

/* Could these bytes be text? Looks at the first kilobytes. */
bool plain_sniff(const struct body *body);

/* Words as people count them: two ideographs or kana count as one. */
size_t plain_words(slice utf8);
/* Is the text Japanese (enough kana)? */
bool plain_is_japanese(slice utf8);
/* Where the quoted earlier mail begins; utf8.len when there is none. */
size_t plain_quote_start(slice utf8);
