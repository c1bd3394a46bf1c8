/* SPDX-License-Identifier: Apache-2.0 */
/* pe_resource - resources of a program ([PECOFF] ".rsrc"): three levels of directories (type, name,
 * language), the version in them (VS_VERSIONINFO), and files that installers and droppers carry. */
#include "base/text.h"
#include "decode/pe/pe_private.h"

enum {
    ENTRIES_MAX = 16384,
    FILES_MAX = 24,
    FILE_LEAST = 64,
    VERSION_MAX = 64 * 1024,
    STRINGS_MAX = 256,
    VALUE_MAX = 1024,
    TYPE_DATA = 10,
    TYPE_VERSION = 16,
};

struct resources {
    struct pe *p;
    uint64_t base; /* address of the first directory */
    unsigned entries, files;
};

struct directory {
    uint64_t at; /* of the next entry */
    unsigned left;
};

struct entry {
    bool named, directory;
    uint32_t id, to; /* number, or where the name is; where it leads */
};

static struct directory open_directory(struct resources *r, uint32_t offset)
{
    cursor c = cur_open(pe_at(r->p, r->base + offset, 16));
    cur_skip(&c, 12);
    unsigned n = cur_u16le(&c);
    n += cur_u16le(&c);
    return (struct directory){ r->base + offset + 16, cur_ok(&c) ? n : 0 };
}

static bool next_entry(struct resources *r, struct directory *d, struct entry *out)
{
    if (d->left == 0 || r->entries >= ENTRIES_MAX || !walk_work(r->p->w, 60))
        return false;
    cursor c = cur_open(pe_at(r->p, d->at, 8));
    uint32_t name = cur_u32le(&c), to = cur_u32le(&c);
    if (!cur_ok(&c))
        return false;
    d->left--;
    d->at += 8;
    r->entries++;
    *out = (struct entry){ name >> 31, to >> 31, name & 0x7fffffffu, to & 0x7fffffffu };
    return true;
}

/* A counted string of UTF-16. */
static slice entry_name(struct resources *r, const struct entry *e)
{
    if (!e->named)
        return (slice){ 0 };
    cursor c = cur_open(pe_at(r->p, r->base + e->id, 2 + 2 * 128));
    size_t units = cur_u16le(&c);
    slice raw = cur_rest(&c);
    return utf8_clean(r->p->w->mem, utf8_from_utf16le(r->p->w->mem, slice_sub(raw, 0, 2 * units)));
}

/* --- version (Windows: VS_VERSIONINFO) */

/* One node: length, length of the value, kind, key, value, children; each from a multiple of four. */
struct node {
    slice key, value, children; /* key and text in UTF-16 */
};

static size_t aligned(size_t n) { return (n + 3) & ~(size_t)3; }

/* The node at *at of s, and past it. */
static bool next_node(slice s, size_t *at, struct node *out)
{
    if (*at >= s.len)
        return false;
    cursor c = cur_open(slice_from(s, *at));
    size_t len = cur_u16le(&c), value = cur_u16le(&c);
    bool text = cur_u16le(&c) == 1;
    if (!cur_ok(&c) || len < 6)
        return false;
    slice whole = slice_sub(s, *at, len);
    size_t end = 6;
    while (end + 1 < whole.len && (whole.at[end] || whole.at[end + 1]))
        end += 2;
    size_t from = aligned(end + 2);
    size_t bytes = text ? 2 * value : value;
    *out = (struct node){ slice_sub(whole, 6, end - 6), slice_sub(whole, from, bytes), slice_from(whole, aligned(from + bytes)) };
    if (text) /* some count bytes where letters are counted */
        out->value = slice_from(whole, from);
    *at += aligned(len);
    return true;
}

static void say_string(struct pe *p, const struct node *n)
{
    static const struct {
        const char *key;
        enum fact_id id;
    } rows[] = {
        { "CompanyName", FACT_FILE_PE_COMPANY },
        { "FileDescription", FACT_FILE_PE_DESCRIPTION },
        { "ProductName", FACT_FILE_PE_PRODUCT },
        { "OriginalFilename", FACT_FILE_PE_ORIGINAL_FILE_NAME },
        { "FileVersion", FACT_FILE_PE_FILE_VERSION },
    };
    slice key = utf8_from_utf16le(p->w->mem, slice_sub(n->key, 0, 64));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!slice_is_nocase(key, rows[i].key))
            continue;
        slice value = pe_shown(p, utf8_from_utf16le_z(p->w->mem, slice_sub(n->value, 0, VALUE_MAX)));
        p->versioned = p->versioned || value.len;
        if (value.len)
            walk_text(p->w, rows[i].id, value, NOWHERE);
    }
}

static void read_version(struct pe *p, slice s)
{
    struct node root, info, table, string;
    size_t at = 0;
    unsigned strings = 0;
    if (!next_node(s, &at, &root))
        return;
    for (size_t i = 0; next_node(root.children, &i, &info);)
        for (size_t k = 0; next_node(info.children, &k, &table);)
            for (size_t m = 0; strings < STRINGS_MAX && walk_work(p->w, 200) && next_node(table.children, &m, &string); strings++)
                say_string(p, &string);
}

/* --- leaves */

static void leaf(struct resources *r, const struct entry *type, const struct entry *name, const struct entry *e)
{
    struct pe *p = r->p;
    cursor c = cur_open(pe_at(p, r->base + e->to, 8));
    uint32_t rva = cur_u32le(&c), size = cur_u32le(&c);
    slice s = cur_ok(&c) ? pe_at(p, rva, size) : (slice){ 0 };
    if (s.len == 0)
        return;
    if (!type->named && type->id == TYPE_VERSION && !p->versioned) {
        read_version(p, slice_sub(s, 0, VERSION_MAX));
        return;
    }
    if (!type->named && type->id == TYPE_DATA && slice_starts(s, SLICE_LIT("rDlPtS")))
        pe_installer(p, "inno");
    if (s.len < FILE_LEAST || r->files >= FILES_MAX)
        return;
    slice shown = entry_name(r, name);
    uint64_t at = (uint64_t)(s.at - p->all.at);
    if (!type->named && type->id == TYPE_DATA && slice_is(shown, "CABINET"))
        pe_installer(p, "iexpress");
    r->files += pe_child(p, shown, at, s.len);
}

void pe_resources(struct pe *p)
{
    struct resources r = { .p = p, .base = p->directories[PE_RESOURCES].at };
    struct entry type, name, language;
    if (r.base == 0)
        return;
    for (struct directory t = open_directory(&r, 0); next_entry(&r, &t, &type);) {
        if (!type.directory)
            continue;
        for (struct directory n = open_directory(&r, type.to); next_entry(&r, &n, &name);) {
            if (!name.directory) {
                leaf(&r, &type, &name, &name);
                continue;
            }
            for (struct directory l = open_directory(&r, name.to); next_entry(&r, &l, &language);)
                if (!language.directory)
                    leaf(&r, &type, &name, &language);
        }
    }
    if (r.entries >= ENTRIES_MAX)
        pe_malformed(p, "resources");
}
