/* SPDX-License-Identifier: Apache-2.0 */
/* types - look-up in the generated table. Small enough to search in order. */
#include "decode/types.h"
#include "base/text.h"

static const struct type_row rows[] = {
#include "types_table.inc"
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* Is `word` one of the blank-separated words of `list`? */
static bool listed(const char *list, slice word)
{
    slice rest = slice_of(list);
    while (rest.len) {
        size_t n = slice_find_byte(rest, ' ', 0);
        slice one = slice_sub(rest, 0, n == SIZE_MAX ? rest.len : n);
        if (slice_eq_nocase(one, word))
            return true;
        rest = slice_from(rest, one.len + 1);
    }
    return false;
}

const struct type_row *type_named(slice name)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (slice_is(name, rows[i].name))
            return &rows[i];
    return NULL;
}

/* One "offset:hex" of the table against the bytes. */
static bool magic_fits(slice all, slice magic, size_t *len_out)
{
    size_t colon = slice_find_byte(magic, ':', 0);
    uint64_t offset;
    if (colon == SIZE_MAX || !slice_u64(slice_sub(magic, 0, colon), &offset))
        return false;
    slice hex = slice_from(magic, colon + 1);
    if (offset > all.len || hex.len / 2 > all.len - offset)
        return false;
    for (size_t i = 0; i < hex.len / 2; i++) {
        int byte = ascii_hex(hex.at[2 * i]) << 4 | ascii_hex(hex.at[2 * i + 1]);
        if (all.at[offset + i] != byte)
            return false;
    }
    *len_out = hex.len / 2;
    return true;
}

const struct type_row *type_by_magic(const struct body *body, size_t *magic_len_out)
{
    const struct type_row *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        slice rest = slice_of(rows[i].magic);
        while (rest.len) {
            size_t n = slice_find_byte(rest, ' ', 0), len = 0;
            slice one = slice_sub(rest, 0, n == SIZE_MAX ? rest.len : n);
            if (magic_fits(body->all, one, &len) && len > best_len) {
                best = &rows[i];
                best_len = len;
            }
            rest = slice_from(rest, one.len + 1);
        }
    }
    *magic_len_out = best_len;
    return best;
}

const struct type_row *type_by_extension(slice extension)
{
    for (size_t i = 0; extension.len && i < N_ROWS; i++)
        if (listed(rows[i].extensions, extension))
            return &rows[i];
    return NULL;
}

const struct type_row *type_by_media(slice content_type)
{
    size_t end = slice_find_byte(content_type, ';', 0);
    slice media = slice_trim(slice_sub(content_type, 0, end == SIZE_MAX ? content_type.len : end));
    for (size_t i = 0; media.len && i < N_ROWS; i++)
        if (listed(rows[i].media, media))
            return &rows[i];
    return NULL;
}

slice type_extension_of(slice file_name)
{
    slice s = file_name;
    while (s.len && (s.at[s.len - 1] == '.' || s.at[s.len - 1] == ' '))
        s.len--;
    for (size_t i = s.len; i > 0; i--) {
        uint8_t c = s.at[i - 1];
        if (c == '/' || c == '\\')
            break;
        if (c == '.')
            return slice_from(s, i);
    }
    return (slice){ 0 };
}

bool type_is_dangerous(const struct type_row *t)
{
    static const char *const also[] = { "doc", "xls", "ppt", "docx", "xlsx", "xlsb", "pptx", "zip", "rtf", "onenote",
        "lnk", "url", "7z", "rar", "cab", "iso", "vhd", "html", "svg", "mht", "slk", "iqy", "chm", "msi", "jar",
        "library", "settingcontent", "appinstaller", "arj", "ace", "lzh", "access", "publisher" };
    if (!t)
        return false;
    if (t->policy == TYPE_SCRIPT || t->policy == TYPE_PROGRAM)
        return true;
    for (size_t i = 0; i < sizeof also / sizeof also[0]; i++)
        if (slice_is(slice_of(t->name), also[i]))
            return true;
    return false;
}
