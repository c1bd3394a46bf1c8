/* SPDX-License-Identifier: Apache-2.0 */
/* messages - see messages.h. */
#include "report/messages.h"

struct row {
    const char *key;
    const char *text[LANGUAGES];
};

static const struct row rows[] = {
#include "messages_table.inc"
};

const char *message_text(enum message m, enum language l)
{
    CHECK(m < MSG_COUNT && l < LANGUAGES);
    return rows[m].text[l];
}

enum message message_by_key(const char *prefix, slice key)
{
    slice head = slice_of(prefix);
    for (size_t i = 0; i < MSG_COUNT; i++) {
        slice have = slice_of(rows[i].key);
        if (slice_starts(have, head) && slice_eq(slice_from(have, head.len), key))
            return (enum message)i;
    }
    return MSG_COUNT;
}

void message_put(struct buf *out, enum message m, enum language l, const slice *values, size_t n)
{
    slice text = slice_of(message_text(m, l));
    for (size_t i = 0; i < text.len; i++) {
        size_t which = i + 2 < text.len && text.at[i] == '{' && text.at[i + 2] == '}'
                           ? (size_t)(text.at[i + 1] - '0') : SIZE_MAX;
        if (which >= n) {
            buf_byte(out, text.at[i]);
            continue;
        }
        buf_put(out, values[which]);
        i += 2;
    }
}

enum language language_of_locale(const char *locale)
{
    return locale && strncmp(locale, "ja", 2) == 0 ? LANGUAGE_JA : LANGUAGE_EN;
}
