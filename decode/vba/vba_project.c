/* SPDX-License-Identifier: Apache-2.0 */
/* The PROJECT stream: [MS-OVBA] 2.3.1. What the editor lists, and how the
 * project is locked (2.3.1.15 to 2.3.1.17; decryption 2.4.3.3).
 */
#include "decode/vba/vba_private.h"
#include "base/charset.h"
#include "base/hash.h"
#include "base/text.h"

enum { SECRET_MAX = 256, USER_PROTECTED = 1, HOST_PROTECTED = 2, VBE_PROTECTED = 4 };

/* 2.4.3.3. False: not data that the editor could have written. */
static bool decrypt(slice hex, uint8_t *out, size_t *n_out)
{
    uint8_t raw[SECRET_MAX];
    if (hex.len < 16 || hex.len % 2 || hex.len > sizeof raw * 2 || !hex_to(hex, raw))
        return false;
    size_t n = hex.len / 2;
    unsigned seed = raw[0];
    if ((seed ^ raw[1]) != 2)
        return false;
    unsigned plain1 = seed ^ raw[2], cipher1 = raw[2], cipher2 = raw[1];
    size_t skip = (seed & 6) / 2, got = 0;
    uint32_t len = 0;
    for (size_t i = 3; i < n; i++) {
        uint8_t byte = (uint8_t)(raw[i] ^ (cipher2 + plain1));
        cipher2 = cipher1;
        cipher1 = raw[i];
        plain1 = byte;
        size_t at = i - 3;
        if (at < skip)
            continue;
        if (at < skip + 4)
            len |= (uint32_t)byte << 8 * (at - skip);
        else
            out[got++] = byte;
    }
    *n_out = got;
    return got >= len && len > 0;
}

static slice unquote(slice s)
{
    s = slice_trim(s);
    if (s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"')
        return slice_sub(s, 1, s.len - 2);
    return s;
}

/* Each of the three says alone that the editor asks for a password; data that
 * does not decrypt was emptied or broken on purpose, and the editor then
 * refuses to show the project. */
static void read_lock(slice key, slice value, bool *locked, bool *broken)
{
    uint8_t plain[SECRET_MAX];
    size_t n = 0;
    if (!decrypt(value, plain, &n))
        *broken = true;
    else if (slice_is_nocase(key, "CMG"))
        *locked = *locked || (plain[0] & (USER_PROTECTED | HOST_PROTECTED | VBE_PROTECTED));
    else if (slice_is_nocase(key, "GC"))
        *locked = *locked || plain[0] == 0;
    else
        *locked = *locked || n > 1;
}

static void list_module(struct vba *p, slice value)
{
    /* "ThisDocument/&H00000000" */
    slice name = slice_trim(slice_sub(value, 0, slice_find_byte(value, '/', 0)));
    name = charset_decode_codepage(p->outer->mem, p->codepage, name).text;
    for (size_t i = 0; i < p->n_modules; i++)
        if (slice_eq_nocase(p->modules[i].name, name))
            p->modules[i].in_project = true;
}

void vba_project_read(struct vba *p, slice text)
{
    cursor k = cur_open(text);
    unsigned lines = 0;
    bool locked = false, broken = false;
    p->project_read = text.len > 0;
    while (cur_more(&k) && lines++ < 4 * VBA_MODULES_MAX) {
        slice line = slice_trim(cur_until(&k, '\n'));
        if (line.len && line.at[0] == '[')
            break;
        size_t eq = slice_find_byte(line, '=', 0);
        slice key = slice_trim(slice_sub(line, 0, eq));
        slice value = eq == SIZE_MAX ? (slice){ 0 } : slice_from(line, eq + 1);
        bool form = slice_is_nocase(key, "BaseClass");
        if (!walk_work(p->w, 20 * (p->n_modules + 1)))
            break;
        if (form || slice_is_nocase(key, "Document") || slice_is_nocase(key, "Module") ||
            slice_is_nocase(key, "Class"))
            list_module(p, value);
        p->forms += form;
        if (slice_is_nocase(key, "CMG") || slice_is_nocase(key, "DPB") ||
            slice_is_nocase(key, "GC"))
            read_lock(key, unquote(value), &locked, &broken);
    }
    if (locked)
        walk_flag(p->w, FACT_VBA_PROTECTED, NOWHERE);
    if (broken)
        walk_flag(p->w, FACT_VBA_UNVIEWABLE, NOWHERE);
}
