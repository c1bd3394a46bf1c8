/* SPDX-License-Identifier: Apache-2.0 */
/* unread - the table of unread.list, and the way from loose words to it. */
#include "base/text.h"
#include "facts/record.h"

static const struct unread_row rows[UNREAD_OFS] = {
#include "unread_table.inc"
};

const struct unread_row *unread_row(enum unread_of of)
{
    CHECK(of < UNREAD_OFS);
    return &rows[of];
}

/* "Excel 4.0 macro sheet" is excel-4.0-macro-sheet. */
static bool same_words(slice words, const char *token)
{
    slice t = slice_of(token);
    if (words.len != t.len)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        uint8_t c = ascii_lower(words.at[i]);
        if ((ascii_alnum(c) || c == '.' ? c : '-') != t.at[i])
            return false;
    }
    return true;
}

enum unread_of unread_of_words(slice words)
{
    for (int i = UNREAD_OF_PROCESS + 1; i < UNREAD_OFS; i++)
        if (same_words(words, rows[i].token))
            return (enum unread_of)i;
    return words.len ? UNREAD_OF_MEMBER : UNREAD_OF_PART;
}
