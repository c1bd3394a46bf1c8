/* SPDX-License-Identifier: Apache-2.0 */
/* Names of members (APPNOTE 6.3.10 4.4.17, appendix D; extra 0x7075 4.6.9).
 *
 * Japanese Windows writes CP932 without saying so, and Explorer reads it by
 * the system's code page: unflagged names are therefore guessed, with CP437
 * (what the specification says) only where nothing Japanese fits. */
#include "decode/zip/zip_private.h"
#include "base/charset.h"
#include "base/hash.h"
#include "base/inflate.h"
#include "base/text.h"

enum { PROBES = 32, PATHS_SAID = 64, DUPLICATES_SAID = 64 };

static bool is_ascii(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] & 0x80 || s.at[i] == 0x1b)
            return false;
    return true;
}

/* The name that Info-ZIP and 7-Zip put beside one they could not write. */
static slice unicode_extra(const struct zip_entry *e)
{
    cursor c = cur_open(zip_extra(e->extra, 0x7075));
    uint8_t version = cur_u8(&c);
    uint32_t sum = cur_u32le(&c);
    slice name = cur_rest(&c);
    bool meant = cur_ok(&c) && version == 1 && sum == crc32_of(0, e->raw) && name.len && utf8_valid(name);
    return meant ? name : (slice){ 0 };
}

static slice decode_name(struct arena *mem, const struct zip_entry *e, const char **charset_out)
{
    slice unicode = unicode_extra(e);
    if (unicode.len)
        return unicode;
    if (is_ascii(e->raw) || (e->flags & ZIP_UTF8 && utf8_valid(e->raw)))
        return e->raw;
    enum charset_id id = charset_guess(e->raw);
    if (charset_out)
        *charset_out = id == CHARSET_WINDOWS1252 ? "cp437" : charset_label(id);
    if (id == CHARSET_WINDOWS1252)
        return charset_decode_codepage(mem, 437, e->raw).text;
    return charset_decode_id(mem, id, e->raw).text;
}

/* '\' to '/', which is what Explorer makes of it; no leading '/'. */
static slice plain_separators(struct arena *mem, slice name)
{
    if (slice_find_byte(name, '\\', 0) != SIZE_MAX) {
        uint8_t *p = arena_get(mem, name.len, 1);
        if (!p)
            return name;
        for (size_t i = 0; i < name.len; i++)
            p[i] = name.at[i] == '\\' ? '/' : name.at[i];
        name.at = p;
    }
    while (name.len && name.at[0] == '/')
        name = slice_from(name, 1);
    return name;
}

slice zip_name_of(struct arena *mem, const struct zip_entry *e, const char **charset_out)
{
    return plain_separators(mem, utf8_clean(mem, decode_name(mem, e, charset_out)));
}

static bool climbs(const struct zip_entry *e)
{
    slice raw = e->raw, n = e->name;
    if (raw.len && (raw.at[0] == '/' || raw.at[0] == '\\'))
        return true;
    if (n.len > 1 && n.at[1] == ':' && ascii_alpha(n.at[0]))
        return true;
    for (size_t at = slice_find(n, SLICE_LIT(".."), 0); at != SIZE_MAX; at = slice_find(n, SLICE_LIT(".."), at + 1)) {
        bool begins = at == 0 || n.at[at - 1] == '/';
        if (begins && (at + 2 == n.len || n.at[at + 2] == '/'))
            return true;
    }
    return false;
}

static uint64_t hash_nocase(slice s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ ascii_lower(s.at[i])) * 0x100000001b3u;
    return h;
}

/* Which names come twice, by a table whose chains are cut: names can be chosen
 * to collide, and the work must not grow with their square. */
static void say_duplicates(struct zip_archive *a)
{
    const uint32_t SAID = 1u << 31;
    size_t slots = 16, said = 0;
    while (slots < a->n * 2)
        slots *= 2;
    uint32_t *table = a->n > 1 ? ARENA_ARRAY(a->w->mem, uint32_t, slots) : NULL;
    for (size_t i = 0; table && i < a->n && said < DUPLICATES_SAID; i++) {
        const struct zip_entry *e = &a->entries[i];
        if (e->central == ZIP_NOWHERE && e->hidden)
            continue;
        size_t h = (size_t)hash_nocase(e->name);
        for (size_t k = 0; k < PROBES; k++) {
            uint32_t *slot = &table[(h + k) & (slots - 1)];
            if (*slot == 0) {
                *slot = (uint32_t)i + 1;
                break;
            }
            if (!slice_eq_nocase(a->entries[(*slot & ~SAID) - 1].name, e->name))
                continue;
            if (!(*slot & SAID)) {
                walk_text(a->w, FACT_ZIP_ENTRY_DUPLICATE, e->name, NOWHERE);
                said++;
            }
            *slot |= SAID;
            break;
        }
    }
}

void zip_name_entries(struct zip_archive *a)
{
    const char *charset = NULL;
    size_t paths = 0;
    for (size_t i = 0; i < a->n; i++) {
        struct zip_entry *e = &a->entries[i];
        e->name = zip_name_of(a->w->mem, e, charset ? NULL : &charset);
        if (a->tell && paths < PATHS_SAID && climbs(e)) {
            walk_text(a->w, FACT_ZIP_ENTRY_PATH, e->name, NOWHERE);
            paths++;
        }
    }
    if (!a->tell)
        return;
    if (charset)
        walk_cstr(a->w, FACT_ZIP_NAME_CHARSET, charset, NOWHERE);
    say_duplicates(a);
}

const char *zip_method_name(uint16_t method)
{
    static const struct {
        uint16_t method;
        const char *name;
    } names[] = { /* 4.4.5 */
        { 1, "shrink" }, { 2, "reduce" }, { 3, "reduce" }, { 4, "reduce" }, { 5, "reduce" }, { 6, "implode" },
        { 9, "deflate64" }, { 10, "dcl-implode" }, { 12, "bzip2" }, { 14, "lzma" }, { 18, "terse" }, { 19, "lz77" },
        { 20, "zstd" }, { 93, "zstd" }, { 94, "mp3" }, { 95, "xz" }, { 96, "jpeg" }, { 97, "wavpack" }, { 98, "ppmd" },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].method == method)
            return names[i].name;
    return "unknown";
}
