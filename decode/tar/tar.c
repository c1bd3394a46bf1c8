/* SPDX-License-Identifier: Apache-2.0 */
/* tar - archives of tar: POSIX ustar and pax (IEEE 1003.1 pax), GNU and V7.
 *
 * A header that does not add up is skipped and the next one looked for, as GNU
 * tar does. Links and devices are named, never followed or made. Left out:
 * sparse maps (the stored bytes are the content), volumes. */
#include "base/buf.h"
#include "base/text.h"
#include "decode/shared/archive.h"

enum {
    BLOCK = 512, SIZE_AT = 124, SIZE_BYTES = 12, SUM_AT = 148, KIND_AT = 156, LINK_AT = 157, MAGIC_AT = 257,
    PREFIX_AT = 345, PREFIX_BYTES = 155, NAME_BYTES = 100, LONG_MAX = 64 << 10, SKIPS_MAX = 1 << 16,
};

/* Octal, or base 256 with the highest bit set (GNU). */
static uint64_t number(slice s)
{
    uint64_t v = 0;
    if (s.len && s.at[0] & 0x80) {
        for (size_t i = s.len > 8 ? s.len - 8 : 0; i < s.len; i++)
            v = v << 8 | s.at[i];
        return v;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] >= '0' && s.at[i] <= '7')
            v = v << 3 | (uint64_t)(s.at[i] - '0');
        else if (v || (s.at[i] != ' ' && s.at[i] != 0))
            break;
    }
    return v;
}

/* The checksum counts its own field as blanks; old programs summed signed bytes. */
static bool is_header(slice h)
{
    uint64_t told = number(slice_sub(h, SUM_AT, 8));
    int64_t plain = 0, with_sign = 0;
    if (h.len < BLOCK)
        return false;
    for (size_t i = 0; i < BLOCK; i++) {
        uint8_t c = i >= SUM_AT && i < SUM_AT + 8 ? ' ' : h.at[i];
        plain += c;
        with_sign += (int8_t)c;
    }
    return plain != 8 * ' ' && ((uint64_t)plain == told || (uint64_t)with_sign == told);
}

static enum sniff tar_sniff(const struct sniff_input *in)
{
    slice h = slice_sub(in->body->all, 0, BLOCK);
    if (slice_starts(slice_from(h, MAGIC_AT), SLICE_LIT("ustar")))
        return is_header(h) || slice_ends_nocase(in->name, ".tar") ? SNIFF_STRONG : SNIFF_WEAK;
    return is_header(h) && h.at[0] ? SNIFF_STRONG : SNIFF_NO;
}

static slice to_nul(slice s)
{
    size_t n = slice_find_byte(s, 0, 0);
    return n == SIZE_MAX ? s : slice_sub(s, 0, n);
}

struct reading {
    struct archive list;
    const struct body *body;
    slice long_name, long_link; /* of the next header: GNU 'L' and 'K', pax path and linkpath */
    uint64_t size;
    bool has_size;
    bool damaged;
};

/* pax: "LENGTH key=value\n" */
static void read_pax(struct reading *r, slice text)
{
    while (text.len) {
        size_t blank = slice_find_byte(text, ' ', 0), n = 0;
        for (size_t i = 0; i < text.len && i < 8 && ascii_digit(text.at[i]); i++)
            n = n * 10 + (size_t)(text.at[i] - '0');
        if (blank == SIZE_MAX || n <= blank + 1 || n > text.len)
            return;
        slice line = slice_sub(text, blank + 1, n - blank - 2);
        if (slice_starts(line, SLICE_LIT("path=")))
            r->long_name = slice_from(line, 5);
        else if (slice_starts(line, SLICE_LIT("linkpath=")))
            r->long_link = slice_from(line, 9);
        else if (slice_starts(line, SLICE_LIT("size="))) {
            r->size = 0;
            for (size_t i = 5; i < line.len && i < 23 && ascii_digit(line.at[i]); i++)
                r->size = r->size * 10 + (uint64_t)(line.at[i] - '0');
            r->has_size = true;
        }
        text = slice_from(text, n);
    }
}

static slice name_of(struct reading *r, slice h)
{
    struct arena *mem = r->list.w->mem;
    if (r->long_name.len)
        return archive_name_bytes(mem, r->long_name);
    slice name = to_nul(slice_sub(h, 0, NAME_BYTES)), prefix = { 0 };
    if (slice_starts(slice_from(h, MAGIC_AT), SLICE_LIT("ustar\0")))
        prefix = to_nul(slice_sub(h, PREFIX_AT, PREFIX_BYTES));
    if (!prefix.len)
        return archive_name_bytes(mem, name);
    struct buf b = buf_new(512);
    buf_put(&b, prefix);
    buf_byte(&b, '/');
    buf_put(&b, name);
    slice joined = archive_name_bytes(mem, arena_copy(mem, buf_slice(&b)));
    buf_drop(&b);
    return joined;
}

static void take_member(struct reading *r, slice h, uint64_t at, uint64_t size, uint8_t kind)
{
    struct archive_member *m = archive_add(&r->list, name_of(r, h));
    if (!m)
        return;
    m->size = kind >= '1' && kind <= '6' ? 0 : size;
    m->at = range_of(at, m->size);
    m->key[0] = at;
    m->folder = kind == '5' || (m->name.len && m->name.at[m->name.len - 1] == '/' && size == 0);
    if (kind == '1' || kind == '2')
        m->link = archive_name_bytes(r->list.w->mem, r->long_link.len ? r->long_link : to_nul(slice_sub(h, LINK_AT, NAME_BYTES)));
    r->long_name = r->long_link = (slice){ 0 };
    r->has_size = false;
}

/* Returns where the next header should stand. */
static uint64_t take_header(struct reading *r, uint64_t at)
{
    slice all = r->body->all, h = slice_sub(all, (size_t)at, BLOCK);
    uint8_t kind = h.at[KIND_AT];
    uint64_t size = r->has_size ? r->size : number(slice_sub(h, SIZE_AT, SIZE_BYTES)), data = at + BLOCK;
    slice text = slice_sub(all, (size_t)data, size < LONG_MAX ? (size_t)size : LONG_MAX);
    if (kind == 'L')
        r->long_name = to_nul(text);
    else if (kind == 'K')
        r->long_link = to_nul(text);
    else if (kind == 'x' || kind == 'X')
        read_pax(r, text);
    else if (kind != 'g')
        take_member(r, h, data, size, kind);
    if (kind >= '1' && kind <= '6')
        return data;
    return size > all.len - data ? all.len : data + (size + BLOCK - 1) / BLOCK * BLOCK;
}

static void read_all(struct reading *r)
{
    slice all = r->body->all;
    uint32_t skips = 0;
    for (uint64_t at = 0; at < all.len && all.len - at >= BLOCK && !r->list.full && skips < SKIPS_MAX;) {
        slice h = slice_sub(all, (size_t)at, BLOCK);
        if (!walk_work(r->list.w, BLOCK))
            return;
        if (is_header(h)) {
            at = take_header(r, at);
            continue;
        }
        r->damaged = r->damaged || h.at[0] != 0;
        skips++;
        at += BLOCK;
    }
}

static enum walk_end tar_walk(struct walk *w, const struct body *body)
{
    struct reading r = { .list.w = w, .body = body };
    enum walk_end end = WALK_WHOLE;
    read_all(&r);
    if (r.list.n == 0 && !r.list.full && !walk_over(w))
        return WALK_NOT_MINE;
    archive_say(&r.list);
    for (size_t i = 0; i < r.list.n; i++) {
        const struct archive_member *m = &r.list.members[i];
        if (m->folder || m->link.len)
            continue;
        if (walk_over(w))
            return WALK_LIMIT;
        struct body content = body_part(w->mem, body, m->key[0], m->size);
        if (content.all.len < m->size)
            end = WALK_SHORT;
        if (content.all.len == 0 && m->size)
            archive_unread(&r.list, UNREAD_DAMAGED, m->name);
        else
            archive_walk_member(&r.list, m, &content);
    }
    if (r.list.full)
        return WALK_LIMIT;
    return r.damaged && end == WALK_WHOLE ? WALK_BROKEN : end;
}

const struct format format_tar = {
    .name = "tar",
    .spec = "IEEE 1003.1 pax, ustar; GNU tar 1.34 'Basic Tar Format'",
    .sniff = tar_sniff,
    .walk = tar_walk,
};
