/* SPDX-License-Identifier: Apache-2.0 */
/* gzip - one compressed file, perhaps in several members (RFC 1952).
 *
 * All members make one content, as every program unpacks them. Data that
 * breaks off or a wrong checksum leaves what came before. Left out: the
 * header's own checksum, extra field and comment, which no program shows. */
#include "base/buf.h"
#include "base/charset.h"
#include "base/inflate.h"
#include "base/text.h"
#include "decode/walk.h"

enum { NAME_MAX_BYTES = 1024, MEMBER_LEAST = 18 };
enum gzip_flag { GZIP_HCRC = 1 << 1, GZIP_EXTRA = 1 << 2, GZIP_NAME = 1 << 3, GZIP_COMMENT = 1 << 4 };

static bool begins_member(slice s)
{
    return s.len >= 4 && slice_starts(s, SLICE_LIT("\x1f\x8b\x08")) && (s.at[3] & 0xe0) == 0;
}

static enum sniff gzip_sniff(const struct sniff_input *in)
{
    slice s = in->body->all;
    if (s.len >= 10 && begins_member(s))
        return SNIFF_STRONG;
    return slice_starts(s, SLICE_LIT("\x1f\x8b")) ? SNIFF_WEAK : SNIFF_NO;
}

/* FNAME of the header (2.3.1): Latin-1 by the book, anything in practice. */
static slice original_name(struct walk *w, slice member)
{
    cursor c = cur_open(member);
    cur_skip(&c, 3);
    uint8_t flags = cur_u8(&c);
    cur_skip(&c, 6);
    if (flags & GZIP_EXTRA)
        cur_skip(&c, cur_u16le(&c));
    if (!(flags & GZIP_NAME) || !cur_ok(&c))
        return (slice){ 0 };
    slice raw = cur_until(&c, 0);
    if (raw.len > NAME_MAX_BYTES)
        raw.len = NAME_MAX_BYTES;
    return charset_decode_id(w->mem, charset_guess(raw), raw).text;
}

/* What gzip -d calls the file: "a.csv" of "a.csv.gz", "a.tar" of "a.tgz". */
static slice name_without_gz(struct walk *w, slice name)
{
    if (slice_ends_nocase(name, ".tgz")) {
        struct buf tar = buf_new(name.len + 4);
        buf_put(&tar, slice_sub(name, 0, name.len - 4));
        buf_text(&tar, ".tar");
        slice copy = arena_copy(w->mem, buf_slice(&tar));
        buf_drop(&tar);
        return copy;
    }
    if (slice_ends_nocase(name, ".gz"))
        return slice_sub(name, 0, name.len - 3);
    return slice_ends_nocase(name, ".gzip") ? slice_sub(name, 0, name.len - 5) : name;
}

struct reading {
    enum inflate_end end;
    size_t used; /* bytes of all members */
    int64_t members;
    bool bad_crc;
};

static struct reading read_members(struct walk *w, slice all, struct body_writer *bw)
{
    struct reading r = { .end = INFLATE_WHOLE };
    while (r.end == INFLATE_WHOLE && begins_member(slice_from(all, r.used))) {
        if (walk_over(w) || !budget_spend(w->budget, BUDGET_ENTRIES, 1) || !walk_work(w, WORK_PER_ENTRY)) {
            r.end = INFLATE_LIMIT;
            break;
        }
        slice in = slice_from(all, r.used);
        struct inflate_result i = inflate_into(bw, in, INFLATE_GZIP, w->mem, w->budget);
        r.end = i.end;
        r.used += i.used;
        r.members++;
        if (i.end == INFLATE_WHOLE && i.used >= 8) {
            cursor trailer = cur_open(slice_sub(in, i.used - 8, 4));
            r.bad_crc = r.bad_crc || cur_u32le(&trailer) != i.crc32;
        }
    }
    return r;
}

static enum walk_end ended(const struct reading *r)
{
    switch (r->end) {
    case INFLATE_WHOLE:
        return WALK_WHOLE;
    case INFLATE_SHORT:
        return WALK_SHORT;
    case INFLATE_BROKEN:
        return WALK_BROKEN;
    case INFLATE_LIMIT:
        break;
    }
    return WALK_LIMIT;
}

static enum walk_end gzip_walk(struct walk *w, const struct body *body)
{
    slice all = body->all;
    if (!begins_member(all))
        return WALK_NOT_MINE;
    uint64_t max = w->budget->left[BUDGET_INFLATED];
    struct body_writer *bw = body_writer_new(w->mem, 0, max);
    if (!bw)
        return WALK_LIMIT;
    slice name = original_name(w, all);
    struct reading r = read_members(w, all, bw);
    if (r.end == INFLATE_LIMIT && body_writer_size(bw) == max)
        w->budget->hit |= 1u << BUDGET_INFLATED;
    if (name.len)
        walk_text(w, FACT_GZIP_NAME, name, range_of(0, r.used));
    walk_int(w, FACT_GZIP_MEMBERS, r.members, NOWHERE);
    if (r.bad_crc)
        walk_flag(w, FACT_GZIP_BAD_CRC, NOWHERE);
    if (r.end == INFLATE_WHOLE && r.used < all.len)
        walk_int(w, FACT_FILE_OVERLAY, (int64_t)(all.len - r.used), range_of(r.used, all.len - r.used));
    if (r.end == INFLATE_LIMIT)
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_MEMBER, name.len ? name : w->name);
    struct body content = body_writer_done(bw);
    struct child c = {
        .name = name.len ? name : name_without_gz(w, w->name), .how = HOW_GZIP, .at = range_of(0, r.used), .body = &content,
    };
    (void)walk_child(w, &c);
    body_release(&content);
    return ended(&r);
}

const struct format format_gzip = {
    .name = "gzip",
    .spec = "RFC 1952 2",
    .sniff = gzip_sniff,
    .walk = gzip_walk,
};
