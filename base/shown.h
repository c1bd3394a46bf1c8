/* SPDX-License-Identifier: Apache-2.0 */
/* shown - text of strangers made safe to show to people, on a terminal or in mail.
 *
 * Nothing is left out silently: a character that would move the cursor, hide text
 * or turn its direction becomes "<U+202E>", a byte that is no UTF-8 U+FFFD and
 * "<9B>"; line breaks and tabs become spaces. What is cut off ends in "…".
 */
#pragma once
#include "base/buf.h"

enum shown {
    SHOWN_DEFANG = 1, /* addresses of the web cannot be clicked: hxxp://a[.]example/b.html */
    SHOWN_HOST = 2,   /* with it: the text begins with a host even without "http://" */
};

/* At most `max` bytes of the text; what stands in it grows. Safe text stays as it is
 * when it is put through again. */
void shown_put(struct buf *out, slice utf8, size_t max, unsigned flags);
