/* SPDX-License-Identifier: Apache-2.0 */
/* lzh - archives of LHA, LArc and UNLHA32 (header.doc.txt of LHa for UNIX;
 * ar002 of Okumura), as Japanese archivers and 7-Zip read them.
 *
 * Stored members, -lh4- to -lh7-, -lhx-, -lzs- and -lz5- are read. Left out,
 * and named: the adaptive codes of LHarc (-lh1- to -lh3-) and of PMarc.
 * Self-extracting programs are programs, and archives too. */
#include "decode/lzh/lzh_private.h"
#include "base/text.h"

enum { HEADER_LEAST = 21, STUB_MAX = 256 << 10, JUNK_MAX = 4096, SUM_MAX = 64 << 20 };

static bool called_lzh(slice name)
{
    return slice_ends_nocase(name, ".lzh") || slice_ends_nocase(name, ".lha") || slice_ends_nocase(name, ".lzs");
}

/* Behind a stub, or junk where the name says what it is. */
static size_t find(slice all, slice name)
{
    size_t at = lzh_find(all, 0, HEADER_LEAST);
    if (at != SIZE_MAX)
        return at;
    if (slice_starts(all, SLICE_LIT("MZ")))
        return lzh_find(all, 0, STUB_MAX);
    return called_lzh(name) ? lzh_find(all, 0, JUNK_MAX) : SIZE_MAX;
}

static enum sniff lzh_sniff(const struct sniff_input *in)
{
    return find(in->body->all, in->name) == SIZE_MAX ? SNIFF_NO : SNIFF_STRONG;
}

/* CRC-16 of ARC: x^16 + x^15 + x^2 + 1, the lowest bit first. */
static uint16_t sum_of(slice s)
{
    static const uint16_t nibble[16] = { 0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
                                         0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400 };
    unsigned v = 0;
    for (size_t i = 0; i < s.len; i++) {
        v = v >> 4 ^ nibble[(v ^ s.at[i]) & 15];
        v = v >> 4 ^ nibble[(v ^ s.at[i] >> 4) & 15];
    }
    return (uint16_t)v;
}

static enum unpack_end content_of(struct lzh *z, const struct archive_member *m, const struct lzh_file *f, struct body *out)
{
    struct walk *w = z->list.w;
    *out = body_borrow((slice){ 0 });
    slice in = f->at < z->all.len ? slice_sub(z->all, (size_t)f->at, (size_t)f->packed) : (slice){ 0 };
    if (f->method == LZH_STORED) {
        *out = body_part(w->mem, z->body, f->at, f->packed);
        return out->all.len < f->packed ? UNPACK_SHORT : UNPACK_WHOLE;
    }
    uint64_t left = w->budget->left[BUDGET_INFLATED];
    struct body_writer *bw = body_writer_new(w->mem, 0, left);
    if (!bw)
        return UNPACK_LIMIT;
    enum unpack_end end = lzh_unpack(f, in, m->size, bw, w->mem, w->budget);
    *out = body_writer_done(bw);
    return end;
}

static void say_damage(struct lzh *z, const struct archive_member *m, const struct lzh_file *f, slice content, enum unpack_end end)
{
    struct walk *w = z->list.w;
    if (end != UNPACK_WHOLE)
        walk_text(w, FACT_ZIP_ENTRY_DAMAGED, m->name, m->at);
    else if (f->has_crc && content.len <= SUM_MAX && walk_work(w, content.len * 4) && sum_of(content) != f->crc)
        walk_text(w, FACT_ZIP_ENTRY_BAD_CRC, m->name, m->at);
}

static enum walk_end walk_member(struct lzh *z, const struct archive_member *m)
{
    const struct lzh_file *f = &z->files[m->key[0]];
    struct body content;
    if (m->folder || m->link.len)
        return WALK_WHOLE;
    if (f->method == LZH_UNKNOWN || f->method == LZH_FOLDER) {
        archive_unread(&z->list, UNREAD_NO_READER, m->name);
        return WALK_WHOLE;
    }
    enum unpack_end end = content_of(z, m, f, &content);
    say_damage(z, m, f, content.all, end);
    if (end == UNPACK_LIMIT)
        archive_unread(&z->list, UNREAD_LIMIT, m->name);
    else if (end != UNPACK_WHOLE)
        archive_unread(&z->list, UNREAD_DAMAGED, m->name);
    if (content.all.len || end == UNPACK_WHOLE)
        archive_walk_member(&z->list, m, &content);
    body_release(&content);
    return end == UNPACK_LIMIT ? WALK_LIMIT : end == UNPACK_WHOLE ? WALK_WHOLE : WALK_SHORT;
}

static enum walk_end lzh_walk(struct walk *w, const struct body *body)
{
    struct lzh z = { .list.w = w, .body = body, .all = body->all };
    size_t at = find(body->all, w->name);
    if (at == SIZE_MAX)
        return WALK_NOT_MINE;
    z.first = at;
    lzh_read(&z);
    if (z.first)
        walk_int(w, FACT_ZIP_PREPENDED, (int64_t)z.first, range_of(0, z.first));
    if (body->all.len > z.end + 1) /* one zero ends the list */
        walk_int(w, FACT_ZIP_APPENDED, (int64_t)(body->all.len - z.end), range_of(z.end, body->all.len - z.end));
    archive_say(&z.list);
    enum walk_end end = z.broken ? WALK_BROKEN : WALK_WHOLE;
    for (size_t i = 0; i < z.list.n; i++) {
        if (walk_over(w))
            return WALK_LIMIT;
        enum walk_end one = walk_member(&z, &z.list.members[i]);
        end = one > end ? one : end;
    }
    return z.list.full ? WALK_LIMIT : end;
}

const struct format format_lzh = {
    .name = "lzh",
    .spec = "LHa for UNIX header.doc.txt; ar002",
    .sniff = lzh_sniff,
    .walk = lzh_walk,
};
