/* SPDX-License-Identifier: Apache-2.0 */
/* mailbox - addresses inside free text: display names, quoted headers, subjects.
 *
 * This is not the RFC 5322 parser of decode/eml: it finds what a *reader* takes for an
 * address, such as "taro@example.jp" in a display name or after "mailto:".
 */
#pragma once
#include "base/text.h"

struct mailbox {
    slice address; /* slice of the text */
    size_t at;     /* where it begins in the text */
};

/* The next address at or after *pos, which moves behind it. */
bool mailbox_next(slice text, size_t *pos, struct mailbox *out);
/* Behind the last '@'; empty when there is none. */
slice mailbox_domain(slice address);
slice mailbox_local(slice address);
/* Registered domain, in lower case. Two addresses of one organisation have the same. */
slice mailbox_organisation(struct arena *mem, slice address);

/* Full-width forms and letter-like signs to ASCII (the part of NFKC that hides an address
 * or a label: "ｔａｒｏ＠example．jp"), ideographic and no-break spaces to spaces, half-width
 * kana left alone. The same bytes when there is nothing to do. */
slice mailbox_narrow(struct arena *mem, slice text);

/* The same, and without what is shown as nothing (zero-width spaces, soft hyphens), the
 * ideographic full stop before a Latin letter as a dot: for short texts such as names. */
slice mailbox_shown(struct arena *mem, slice text);
