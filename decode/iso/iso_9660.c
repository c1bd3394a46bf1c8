/* SPDX-License-Identifier: Apache-2.0 */
/* The trees of ISO 9660 (ECMA-119 8.4, 8.5, 9.1) and Joliet ("Joliet
 * Specification" 1.0: a supplementary descriptor whose names are UTF-16BE). */
#include "decode/iso/iso_private.h"
#include "base/charset.h"

enum {
    FIRST_DESCRIPTOR = 16, DESCRIPTORS_MAX = 32,
    TYPE_PRIMARY = 1, TYPE_SUPPLEMENTARY = 2, TYPE_END = 255,
    ROOT_RECORD = 156, RECORD_FIXED = 33, LABEL = 40, LABEL_BYTES = 32, ESCAPES = 88,
    FLAG_HIDDEN = 1, FLAG_FOLDER = 2, FLAG_MORE = 0x80,
    PIECES_MAX = 64,
};

static slice sector(slice all, uint64_t n)
{
    uint64_t at;
    if (__builtin_mul_overflow(n, (uint64_t)ISO_SECTOR, &at) || at >= all.len)
        return (slice){ 0 };
    return slice_sub(all, (size_t)at, ISO_SECTOR);
}

bool iso_is_9660(slice all)
{
    slice s = sector(all, FIRST_DESCRIPTOR);
    return s.len > 6 && slice_starts(slice_from(s, 1), SLICE_LIT("CD001"));
}

struct entry {
    uint64_t at, size;
    uint8_t flags;
    slice name;
};

/* Returns the length of the record, 0 at the end of a sector. */
static size_t read_record(slice s, struct entry *out)
{
    cursor c = cur_open(s);
    size_t len = cur_u8(&c);
    *out = (struct entry){ 0 };
    if (len < RECORD_FIXED)
        return 0;
    uint8_t attributes = cur_u8(&c);
    uint64_t block = cur_u32le(&c), big = cur_u32be(&c);
    out->size = cur_u32le(&c);
    uint32_t big_size = cur_u32be(&c);
    if (block == 0 && big) /* one of the two is enough */
        block = big;
    if (out->size == 0)
        out->size = big_size;
    cur_skip(&c, 7);
    out->flags = cur_u8(&c);
    cur_skip(&c, 6);
    out->name = cur_take(&c, cur_u8(&c));
    out->at = (block + attributes) * ISO_SECTOR;
    return cur_ok(&c) ? len : 0;
}

/* Without ";1" and the dot of a name that has no extension. */
static slice plain_name(struct arena *mem, enum iso_tree tree, slice raw)
{
    slice name = tree == ISO_JOLIET ? charset_decode_id(mem, CHARSET_UTF16BE, raw).text : archive_name_bytes(mem, raw);
    for (size_t i = name.len; i-- > 0 && name.len - i < 8;)
        if (name.at[i] == ';') {
            name.len = i;
            break;
        }
    if (tree == ISO_PRIMARY && name.len > 1 && name.at[name.len - 1] == '.')
        name.len--;
    return name;
}

/* A file in several extents has several records, each but the last marked (ECMA-119 9.1.6). */
struct several {
    struct extent pieces[PIECES_MAX];
    size_t n;
    uint64_t size;
};

static void take_record(struct iso *z, enum iso_tree tree, const struct iso_folder *parent, const struct entry *r,
                        struct several *s)
{
    bool self = r->name.len == 1 && r->name.at[0] <= 1;
    if (self)
        return;
    slice name = plain_name(z->list.w->mem, tree, r->name);
    if (r->flags & FLAG_FOLDER) {
        (void)iso_folder(z, parent, name, r->at, r->size);
        return;
    }
    if (s->n < PIECES_MAX && r->size) {
        s->pieces[s->n++] = (struct extent){ r->at, r->size };
        s->size += r->size;
    }
    if (r->flags & FLAG_MORE)
        return;
    iso_file(z, tree, parent->path, name, r->flags & FLAG_HIDDEN, s->pieces, s->n, s->size);
    s->n = 0;
    s->size = 0;
}

/* Records do not cross sectors. */
static void read_folder(struct iso *z, enum iso_tree tree, const struct iso_folder *f)
{
    struct several several = { .n = 0 };
    slice all = z->body->all;
    if (f->at >= all.len) {
        z->damaged = true;
        return;
    }
    slice data = slice_sub(all, (size_t)f->at, (size_t)f->len);
    z->damaged = z->damaged || data.len < f->len;
    for (size_t at = 0; at < data.len && !z->list.full;) {
        struct entry r;
        size_t room = ISO_SECTOR - at % ISO_SECTOR, len = read_record(slice_sub(data, at, room), &r);
        if (len == 0) {
            at += room;
            if (!walk_work(z->list.w, WORK_PER_ENTRY))
                return;
            continue;
        }
        take_record(z, tree, f, &r, &several);
        at += len;
    }
}

static void read_tree(struct iso *z, enum iso_tree tree, slice descriptor)
{
    struct entry root;
    if (z->trees & 1u << tree || read_record(slice_from(descriptor, ROOT_RECORD), &root) == 0)
        return;
    z->n_folders = 0;
    z->trees |= (uint8_t)(1u << tree);
    (void)iso_folder(z, NULL, (slice){ 0 }, root.at, root.size);
    for (size_t i = 0; i < z->n_folders && !z->list.full; i++) {
        const struct iso_folder f = z->folders[i]; /* the array may move */
        read_folder(z, tree, &f);
    }
}

static slice trimmed(slice s)
{
    while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == 0))
        s.len--;
    return s;
}

void iso_read_9660(struct iso *z)
{
    struct walk *w = z->list.w;
    slice primary = { 0 }, joliet = { 0 };
    for (unsigned i = 0; i < DESCRIPTORS_MAX; i++) {
        slice s = sector(z->body->all, FIRST_DESCRIPTOR + i);
        if (s.len < 190 || !slice_starts(slice_from(s, 1), SLICE_LIT("CD001")) || s.at[0] == TYPE_END)
            break;
        slice escape = slice_sub(s, ESCAPES, 3);
        if (s.at[0] == TYPE_PRIMARY && !primary.len)
            primary = s;
        else if (s.at[0] == TYPE_SUPPLEMENTARY && slice_starts(escape, SLICE_LIT("%/")))
            joliet = s;
    }
    slice label = joliet.len ? charset_decode_id(w->mem, CHARSET_UTF16BE, slice_sub(joliet, LABEL, LABEL_BYTES)).text
                             : archive_name_bytes(w->mem, trimmed(slice_sub(primary, LABEL, LABEL_BYTES)));
    label = trimmed(label);
    if (label.len)
        walk_text(w, FACT_ARCHIVE_LABEL, label, NOWHERE);
    if (joliet.len) /* what Windows shows comes first */
        read_tree(z, ISO_JOLIET, joliet);
    if (primary.len)
        read_tree(z, ISO_PRIMARY, primary);
    z->damaged = z->damaged || z->trees == 0;
}
