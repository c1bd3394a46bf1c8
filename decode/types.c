/* SPDX-License-Identifier: Apache-2.0 */
/* types - look-up in the generated tables. Small enough to search in order. */
#include "decode/types.h"
#include "base/text.h"

/* An extension or media type in lower case, and its row. */
struct word {
    slice text;
    size_t row;
};

struct magic {
    slice bytes;
    size_t offset, row;
};

#include "types_table.inc"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const struct type_row *type_named(slice name)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (slice_is(name, rows[i].name))
            return &rows[i];
    return NULL;
}

const struct type_row *type_by_magic(const struct body *body, size_t *magic_len_out)
{
    const struct type_row *best = NULL;
    *magic_len_out = 0;
    for (size_t i = 0; i < COUNT(magics); i++) {
        const struct magic *m = &magics[i];
        if (m->bytes.len > *magic_len_out &&
            slice_starts(slice_from(body->all, m->offset), m->bytes)) {
            best = &rows[m->row];
            *magic_len_out = m->bytes.len;
        }
    }
    return best;
}

static const struct type_row *listed(const struct word *words, size_t n, slice word)
{
    for (size_t i = 0; i < n; i++)
        if (words[i].text.len == word.len && slice_eq_nocase(words[i].text, word))
            return &rows[words[i].row];
    return NULL;
}

const struct type_row *type_by_extension(slice extension)
{
    return listed(extensions, COUNT(extensions), extension);
}

const struct type_row *type_by_media(slice content_type)
{
    size_t end = slice_find_byte(content_type, ';', 0);
    return listed(media, COUNT(media), slice_trim(slice_sub(content_type, 0, end)));
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

slice type_base_name(slice path)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.at[i - 1] == '/' || path.at[i - 1] == '\\')
            return slice_from(path, i);
    return path;
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
