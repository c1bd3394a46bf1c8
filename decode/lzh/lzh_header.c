/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of LHA archives, levels 0 to 3 (header.doc.txt of LHa for UNIX).
 *
 * Sums of headers are not judged. Where no header follows a member, as behind
 * a wrong packed size, the next one is looked for. */
#include "base/charset.h"
#include "decode/lzh/lzh_private.h"

enum {
    METHOD_AT = 2, LEVEL_AT = 20, LEAST = 21,
    LEVEL_0_FIXED = 22, /* before the name: its length among them */
    EXTENDED_MAX = 4096,
    EXT_CRC = 0x00, EXT_NAME = 0x01, EXT_FOLDER = 0x02, EXT_ATTRIBUTES = 0x40, EXT_SIZES = 0x42,
    EXT_NAME_WIDE = 0x44, EXT_FOLDER_WIDE = 0x45,
    FOLDER_SEPARATOR = 0xff, HIDDEN_OR_SYSTEM = 6, LHX_BITS = 20,
};

struct header {
    slice name, folder, wide_name, wide_folder;
    uint64_t packed, size, data_at;
    unsigned attributes;
    uint16_t crc;
    bool has_crc;
};

/* "-lh5-" and its like; the level is what tells it from text. */
static bool is_header(slice s)
{
    if (s.len < LEAST || s.at[2] != '-' || s.at[3] != 'l' || s.at[6] != '-' || s.at[LEVEL_AT] > 3)
        return false;
    return s.at[4] == 'h' || s.at[4] == 'z';
}

/* Programs that unpack hold the same words: the sum must be right, or what is told must fit. */
static bool fits(slice s)
{
    cursor c = cur_open(s);
    unsigned length = cur_u8(&c), sum = cur_u8(&c), have = 0;
    slice summed = slice_sub(s, 2, length);
    if (s.at[LEVEL_AT] < 2) {
        for (size_t i = 0; i < summed.len; i++)
            have += summed.at[i];
        return (uint8_t)have == sum;
    }
    cur_skip(&c, 5);
    uint64_t packed = cur_u32le(&c);
    return packed < s.len;
}

size_t lzh_find(slice all, size_t from, size_t within)
{
    slice s = slice_sub(all, 0, within);
    for (size_t at = slice_find(s, SLICE_LIT("-l"), from + METHOD_AT); at != SIZE_MAX; at = slice_find(s, SLICE_LIT("-l"), at + 1)) {
        slice header = slice_from(all, at - METHOD_AT);
        if (is_header(header) && (at == METHOD_AT || fits(header)))
            return at - METHOD_AT;
    }
    return SIZE_MAX;
}

/* --- what follows the fixed part */

static void take_extended(struct header *h, uint8_t type, slice data)
{
    cursor c = cur_open(data);
    switch (type) {
    case EXT_NAME:
        h->name = data;
        break;
    case EXT_FOLDER:
        h->folder = data;
        break;
    case EXT_ATTRIBUTES:
        h->attributes = cur_u16le(&c);
        break;
    case EXT_SIZES:
        if (data.len >= 16) {
            h->packed = cur_u64le(&c);
            h->size = cur_u64le(&c);
        }
        break;
    case EXT_NAME_WIDE:
        h->wide_name = data;
        break;
    case EXT_FOLDER_WIDE:
        h->wide_folder = data;
        break;
    default:
        break;
    }
}

/* A chain: each tells how long the next one is. Returns what they take together. */
static uint64_t read_extended(cursor *c, struct header *h, uint64_t next, bool wide)
{
    uint64_t total = 0, tail = wide ? 4 : 2;
    for (unsigned n = 0; n < EXTENDED_MAX && next; n++) {
        if (next <= tail || next > cur_left(c)) {
            c->torn = true;
            break;
        }
        cursor one = cur_sub(c, (size_t)next);
        total += next;
        uint8_t type = cur_u8(&one);
        take_extended(h, type, cur_take(&one, cur_left(&one) - (size_t)tail));
        next = wide ? cur_u32le(&one) : cur_u16le(&one);
    }
    return total;
}

static bool read_header(slice s, uint64_t at, struct header *h)
{
    cursor c = cur_open(s);
    unsigned level = s.at[LEVEL_AT];
    unsigned first = cur_u16le(&c); /* level 0 and 1: length and sum; 2: length */
    cur_skip(&c, 5);
    *h = (struct header){ .packed = cur_u32le(&c) };
    h->size = cur_u32le(&c);
    cur_skip(&c, 4);
    h->attributes = level < 2 ? cur_u8(&c) : (cur_skip(&c, 1), 0u);
    cur_skip(&c, 1);
    if (level < 2) {
        size_t length = (first & 0xff) + 2, name = cur_u8(&c);
        h->name = cur_take(&c, name < cur_left(&c) ? name : cur_left(&c));
        h->has_crc = level == 1 || length >= LEVEL_0_FIXED + name + 2;
        h->crc = h->has_crc ? cur_u16le(&c) : 0;
        h->data_at = at + length;
        if (level == 1 && length >= 2) {
            cur_seek(&c, length - 2);
            uint64_t more = read_extended(&c, h, cur_u16le(&c), false);
            h->data_at += more;
            h->packed = h->packed > more ? h->packed - more : 0;
        }
        return length >= LEAST;
    }
    h->has_crc = true;
    h->crc = cur_u16le(&c);
    cur_skip(&c, 1);
    uint64_t length = level == 2 ? first : cur_u32le(&c);
    (void)read_extended(&c, h, level == 2 ? cur_u16le(&c) : cur_u32le(&c), level == 3);
    h->data_at = at + (length > LEAST ? length : c.pos);
    return true;
}

/* --- the member */

static slice joined(struct arena *mem, slice folder, slice name, uint8_t separator)
{
    size_t n = folder.len + name.len + 1;
    uint8_t *p = folder.len ? arena_get(mem, n, 1) : NULL;
    if (!p)
        return name;
    size_t at = slice_copy_out(folder, p, n);
    for (size_t i = 0; i < at; i++)
        if (p[i] == separator)
            p[i] = '/';
    if (p[at - 1] != '/')
        p[at++] = '/';
    return (slice){ p, at + slice_copy_out(name, p + at, n - at) };
}

/* 0xffff between the folders of a wide name. */
static slice utf16(struct arena *mem, slice s)
{
    uint8_t *p = arena_get(mem, s.len + 1, 1);
    size_t n = p ? slice_copy_out(s, p, s.len) : 0;
    for (size_t i = 0; i + 1 < n; i += 2)
        if (p[i] == FOLDER_SEPARATOR && p[i + 1] == FOLDER_SEPARATOR) {
            p[i] = '/';
            p[i + 1] = 0;
        }
    return charset_decode_id(mem, CHARSET_UTF16LE, (slice){ p, n & ~(size_t)1 }).text;
}

static slice name_of(struct arena *mem, const struct header *h, slice *link_out)
{
    slice name = h->wide_name.len ? utf16(mem, h->wide_name) : archive_name_bytes(mem, h->name);
    /* 0xff is no byte of Shift_JIS: cut there before the charset is guessed. */
    slice folder = h->wide_folder.len ? utf16(mem, h->wide_folder) : joined(mem, h->folder, (slice){ 0 }, FOLDER_SEPARATOR);
    if (!h->wide_folder.len)
        folder = archive_name_bytes(mem, folder);
    size_t bar = slice_find_byte(name, '|', 0); /* of UNIX: what it leads to */
    if (bar != SIZE_MAX) {
        *link_out = slice_from(name, bar + 1);
        name = slice_sub(name, 0, bar);
    }
    size_t nul = slice_find_byte(name, 0, 0);
    return joined(mem, folder, slice_sub(name, 0, nul), '/');
}

static void method_of(slice s, struct lzh_file *f, const char **named_out)
{
    static const struct {
        const char *word;
        enum lzh_method method;
        unsigned bits;
        const char *named;
    } methods[] = {
        { "-lh0-", LZH_STORED, 0, NULL },   { "-lz4-", LZH_STORED, 0, NULL },   { "-lh4-", LZH_HUFFMAN, 12, NULL },
        { "-lh5-", LZH_HUFFMAN, 13, NULL }, { "-lh6-", LZH_HUFFMAN, 15, NULL }, { "-lh7-", LZH_HUFFMAN, 16, NULL },
        { "-lhx-", LZH_HUFFMAN, LHX_BITS, NULL }, { "-lzs-", LZH_LZS, 0, NULL }, { "-lz5-", LZH_LZ5, 0, NULL },
        { "-lhd-", LZH_FOLDER, 0, NULL },   { "-lh1-", LZH_UNKNOWN, 0, "lh1" }, { "-lh2-", LZH_UNKNOWN, 0, "lh2" },
        { "-lh3-", LZH_UNKNOWN, 0, "lh3" },
    };
    slice word = slice_sub(s, METHOD_AT, 5);
    *f = (struct lzh_file){ .method = LZH_UNKNOWN };
    *named_out = "unknown";
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (slice_is(word, methods[i].word)) {
            *f = (struct lzh_file){ .method = methods[i].method, .dictionary = methods[i].bits };
            *named_out = methods[i].named;
        }
}

static void take_member(struct lzh *z, slice s, const struct header *h)
{
    struct arena *mem = z->list.w->mem;
    struct lzh_file f;
    slice link = { 0 };
    const char *named;
    method_of(s, &f, &named);
    struct archive_member *m = archive_add(&z->list, name_of(mem, h, &link));
    if (!m)
        return;
    if (z->list.n > z->room) {
        struct lzh_file *files = arena_regrow(mem, z->files, z->room * sizeof *files, z->list.room, sizeof *files);
        if (!files) {
            z->list.n--;
            z->list.full = true;
            return;
        }
        z->files = files;
        z->room = z->list.room;
    }
    f.at = h->data_at;
    f.packed = h->packed;
    f.crc = h->crc;
    f.has_crc = h->has_crc;
    m->key[0] = z->list.n - 1;
    z->files[z->list.n - 1] = f;
    m->size = h->size;
    m->folder = f.method == LZH_FOLDER && link.len == 0;
    m->link = link;
    m->method = named;
    m->hidden = h->attributes & HIDDEN_OR_SYSTEM;
    m->at = range_of(h->data_at, h->packed);
}

void lzh_read(struct lzh *z)
{
    size_t at = (size_t)z->first;
    while (at != SIZE_MAX && at < z->all.len && !z->list.full) {
        slice s = slice_from(z->all, at);
        struct header h;
        if (!is_header(s) || !read_header(s, at, &h)) {
            z->end = at;
            if (s.at[0] == 0) /* the end of the list */
                return;
            z->broken = true;
            at = walk_work(z->list.w, WORK_PER_ENTRY) ? lzh_find(z->all, at + 1, SIZE_MAX) : SIZE_MAX;
            continue;
        }
        take_member(z, s, &h);
        z->end = h.data_at < z->all.len ? h.data_at : z->all.len;
        z->end += h.packed < z->all.len - z->end ? h.packed : z->all.len - z->end;
        at = (size_t)z->end > at ? (size_t)z->end : at + 1;
    }
}
