/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one member: stored and DEFLATE (APPNOTE 6.3.10 4.4.5).
 *
 * Declared sizes are hints. DEFLATE says itself where it ends; where it ends
 * later than the header says, it is read on, as a lying size must not hide
 * content. The checksum decides between readings, never whether one counts.
 * Other methods are named and left unread. */
#include "decode/zip/zip_private.h"
#include "base/inflate.h"

enum { HEAD_TRY = 64, FAULTS_SAID = 64, RATIO_MAX = 1032 /* DEFLATE cannot do better */ };

slice zip_packed(const struct zip_archive *a, const struct zip_entry *e)
{
    if (e->data >= a->all.len)
        return (slice){ 0 };
    uint64_t left = a->all.len - e->data;
    return slice_sub(a->all, (size_t)e->data, (size_t)(e->packed < left ? e->packed : left));
}

static bool sum_fits(const struct zip_entry *e, uint32_t sum) { return sum == e->crc || sum == e->crc_local; }

struct inflated {
    struct body body;
    struct inflate_result r;
};

static struct inflated inflate_slice(struct zip_archive *a, const struct zip_entry *e, slice packed)
{
    struct walk *w = a->w;
    struct inflated i = { .r = { .end = INFLATE_LIMIT } };
    uint64_t most = (uint64_t)packed.len * RATIO_MAX, max = w->budget->left[BUDGET_INFLATED];
    if (e->overlaps && max > a->overlapped)
        max = a->overlapped;
    struct body_writer *bw = body_writer_new(w->mem, e->size < most ? e->size : 0, max);
    if (!bw)
        return i;
    i.r = inflate_into(bw, packed, INFLATE_RAW, w->mem, w->budget);
    if (i.r.end == INFLATE_LIMIT && body_writer_size(bw) == max)
        w->budget->hit |= 1u << BUDGET_INFLATED;
    if (e->overlaps) {
        uint64_t made = body_writer_size(bw);
        a->overlapped -= made < a->overlapped ? made : a->overlapped;
    }
    i.body = body_writer_done(bw);
    return i;
}

static enum zip_read_end judge(const struct zip_entry *e, const struct inflated *i)
{
    switch (i->r.end) {
    case INFLATE_WHOLE:
        return sum_fits(e, i->r.crc32) ? ZIP_READ_WHOLE : ZIP_READ_SUM;
    case INFLATE_LIMIT:
        return ZIP_READ_LIMIT;
    case INFLATE_SHORT:
    case INFLATE_BROKEN:
        break;
    }
    return ZIP_READ_DAMAGED;
}

static enum zip_read_end open_deflated(struct zip_archive *a, const struct zip_entry *e, slice packed, struct body *out)
{
    struct inflated i = inflate_slice(a, e, packed);
    enum zip_read_end end = judge(e, &i);
    if (i.r.end == INFLATE_SHORT && !zip_is_locked(e)) {
        slice on = slice_from(a->all, (size_t)(packed.at - a->all.at));
        if (on.len > packed.len) { /* the size in the header is too small */
            struct inflated longer = inflate_slice(a, e, on);
            if (longer.body.all.len > i.body.all.len) {
                struct inflated swap = i;
                i = longer;
                longer = swap;
                end = judge(e, &i);
            }
            body_release(&longer.body);
        }
    }
    *out = i.body;
    return end;
}

static enum zip_read_end open_stored(struct zip_archive *a, const struct zip_entry *e, slice packed, struct body *out)
{
    if (packed.len == 0 && e->size != ZIP_UNKNOWN && e->size > 0)
        packed = slice_sub(a->all, (size_t)e->data, (size_t)e->size); /* the packed size lies */
    *out = body_part(a->w->mem, a->body, packed.len ? (uint64_t)(packed.at - a->all.at) : 0, packed.len);
    if (!walk_work(a->w, packed.len))
        return ZIP_READ_LIMIT;
    if (sum_fits(e, crc32_of(0, packed)))
        return ZIP_READ_WHOLE;
    bool cut_off = e->size != ZIP_UNKNOWN && e->data < a->all.len && e->size > a->all.len - e->data;
    return cut_off ? ZIP_READ_DAMAGED : ZIP_READ_SUM;
}

/* Stored bytes that do not lie in the archive's body: the caller owns them. */
static enum zip_read_end open_clear(struct zip_archive *a, const struct zip_entry *e, slice packed, struct body *out)
{
    *out = body_borrow(packed);
    if (!walk_work(a->w, packed.len))
        return ZIP_READ_LIMIT;
    return sum_fits(e, crc32_of(0, packed)) ? ZIP_READ_WHOLE : ZIP_READ_SUM;
}

enum zip_read_end zip_unpack(struct zip_archive *a, const struct zip_entry *e, slice packed, struct body *out)
{
    *out = body_borrow((slice){ 0 });
    if (e->method == ZIP_STORED)
        return zip_is_locked(e) ? open_clear(a, e, packed, out) : open_stored(a, e, packed, out);
    if (e->method == ZIP_DEFLATED)
        return open_deflated(a, e, packed, out);
    return ZIP_READ_METHOD;
}

enum zip_read_end zip_open(struct zip_archive *a, struct zip_entry *e, struct body *out)
{
    *out = body_borrow((slice){ 0 });
    if (e->data == ZIP_NOWHERE)
        return ZIP_READ_DAMAGED;
    if (zip_is_locked(e))
        return ZIP_READ_CLOSED;
    enum zip_read_end end = zip_unpack(a, e, zip_packed(a, e), out);
    if ((end == ZIP_READ_SUM || end == ZIP_READ_DAMAGED) && a->tell && !e->told && a->faults < FAULTS_SAID) {
        e->told = true;
        a->faults++;
        walk_text(a->w, end == ZIP_READ_SUM ? FACT_ZIP_ENTRY_BAD_CRC : FACT_ZIP_ENTRY_DAMAGED, e->name,
                  range_of(e->data, zip_packed(a, e).len));
    }
    return end;
}

void zip_test_plain(struct zip_archive *a, struct zip_entry *e)
{
    slice packed = zip_packed(a, e);
    uint8_t head[HEAD_TRY];
    if (!(e->flags & ZIP_ENCRYPTED) || packed.len == 0 || e->method == ZIP_AES)
        return;
    if (e->method == ZIP_STORED && packed.len == e->size && walk_work(a->w, packed.len)) {
        e->plain = sum_fits(e, crc32_of(0, packed));
        return;
    }
    if (e->method != ZIP_DEFLATED || inflate_head(packed, INFLATE_RAW, head, sizeof head) == 0)
        return;
    struct inflated i = inflate_slice(a, e, packed);
    e->plain = i.r.end == INFLATE_WHOLE && sum_fits(e, i.r.crc32);
    body_release(&i.body);
}
