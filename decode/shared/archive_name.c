/* SPDX-License-Identifier: Apache-2.0 */
/* archive_name - names of members: their charset, their separators, where they lead. */
#include "base/buf.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/shared/archive.h"

enum { NAME_BYTES = 4096 };

slice archive_name(struct arena *mem, slice utf8)
{
    slice name = utf8_clean(mem, utf8_cut(utf8, NAME_BYTES));
    if (slice_find_byte(name, '\\', 0) != SIZE_MAX) {
        uint8_t *p = arena_get(mem, name.len, 1);
        if (!p)
            return name;
        for (size_t i = 0; i < name.len; i++)
            p[i] = name.at[i] == '\\' ? '/' : name.at[i];
        name.at = p;
    }
    while (slice_starts(name, SLICE_LIT("./")))
        name = slice_from(name, 2);
    while (name.len && name.at[0] == '/')
        name = slice_from(name, 1);
    return name;
}

slice archive_name_bytes(struct arena *mem, slice raw)
{
    raw = slice_sub(raw, 0, NAME_BYTES);
    if (utf8_valid(raw))
        return raw;
    return charset_decode_id(mem, charset_guess(raw), raw).text;
}

static bool is_separator(uint8_t c)
{
    return c == '/' || c == '\\';
}

bool archive_climbs(slice raw)
{
    if (raw.len && is_separator(raw.at[0]))
        return true;
    if (raw.len > 1 && raw.at[1] == ':' && ascii_alpha(raw.at[0]))
        return true;
    for (size_t at = slice_find(raw, SLICE_LIT(".."), 0); at != SIZE_MAX;
         at = slice_find(raw, SLICE_LIT(".."), at + 1)) {
        bool begins = at == 0 || is_separator(raw.at[at - 1]);
        if (begins && (at + 2 == raw.len || is_separator(raw.at[at + 2])))
            return true;
    }
    return false;
}

slice archive_stem(struct arena *mem, slice name, const char *const *endings, size_t n)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        if (!slice_ends_nocase(name, endings[i]))
            continue;
        slice stem = slice_sub(name, 0, name.len - slice_of(endings[i]).len);
        if (!endings[i + 1][0])
            return stem;
        struct buf b = buf_new(name.len + 16);
        buf_put(&b, stem);
        buf_text(&b, endings[i + 1]);
        slice copy = arena_copy(mem, buf_slice(&b));
        buf_drop(&b);
        return copy;
    }
    return name;
}
