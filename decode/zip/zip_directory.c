/* SPDX-License-Identifier: Apache-2.0 */
/* End records, ZIP64 records and central directories (APPNOTE 6.3.10 4.3.12,
 * 4.3.14 to 4.3.16).
 *
 * Offsets are believed last: the directory is looked for right before its end
 * record, where 7-Zip and Info-ZIP find it whatever was put in front of the
 * archive, and where its offset says. Where both places hold one, both count.
 * Disk numbers are ignored: no split archive arrives in one mail part. */
#include "decode/zip/zip_private.h"

enum { TAIL = 65535 + ZIP_END_FIXED };

bool zip_sign(slice s, uint64_t at, uint8_t third)
{
    slice four = at < s.len ? slice_sub(s, (size_t)at, 4) : (slice){ 0 };
    return four.len == 4 && four.at[0] == 'P' && four.at[1] == 'K' && four.at[2] == third && four.at[3] == third + 1;
}

uint64_t zip_find(slice s, uint64_t from, uint64_t to, uint8_t third)
{
    if (to > s.len)
        to = s.len;
    /* The last letter is a control character: rare in text, and memchr is fast. */
    slice upto = slice_sub(s, 0, (size_t)to);
    for (size_t p = (size_t)from + 3; from < to; p++) {
        p = slice_find_byte(upto, (uint8_t)(third + 1), p);
        if (p == SIZE_MAX)
            break;
        if (zip_sign(s, p - 3, third))
            return p - 3;
    }
    return ZIP_NOWHERE;
}

struct end_record {
    uint64_t at, anchor; /* where it stands; the directory ends here */
    uint64_t entries, size, offset;
    uint64_t comment_end;
};

/* Room for what a directory announces, no more than its bytes could hold. */
static void reserve(struct zip_archive *a, size_t more)
{
    size_t fit = a->all.len / ZIP_CENTRAL_FIXED, room = a->n + (more < fit ? more : fit);
    if (room <= a->room)
        return;
    struct zip_entry *e = arena_regrow(a->w->mem, a->entries, a->n * sizeof *e, room, sizeof *e);
    if (e) {
        a->entries = e;
        a->room = room;
    }
}

static bool read_end(slice all, uint64_t at, struct end_record *out)
{
    if (!zip_sign(all, at, 5))
        return false;
    cursor c = cur_open(slice_from(all, (size_t)at));
    struct end_record r = { .at = at, .anchor = at };
    cur_skip(&c, 10);
    r.entries = cur_u16le(&c);
    r.size = cur_u32le(&c);
    r.offset = cur_u32le(&c);
    size_t comment = cur_u16le(&c);
    if (!cur_ok(&c))
        return false;
    r.comment_end = at + ZIP_END_FIXED + (comment < cur_left(&c) ? comment : cur_left(&c));
    *out = r;
    return true;
}

/* The ZIP64 end record that belongs to an end record, if there is one. */
static bool read_end64(slice all, const struct end_record *r, struct end_record *out)
{
    if (r->at < ZIP_LOCATOR || !zip_sign(all, r->at - ZIP_LOCATOR, 6))
        return false;
    cursor c = cur_open(slice_sub(all, (size_t)r->at - ZIP_LOCATOR, ZIP_LOCATOR));
    cur_skip(&c, 8);
    uint64_t at = cur_u64le(&c), usual = r->at - ZIP_LOCATOR - ZIP_END64_FIXED;
    bool there = at < all.len && slice_starts(slice_from(all, (size_t)at), SLICE_LIT("PK\6\6"));
    if (!there) { /* something was put in front of the archive */
        at = usual;
        there = r->at >= ZIP_LOCATOR + ZIP_END64_FIXED &&
                slice_starts(slice_from(all, (size_t)at), SLICE_LIT("PK\6\6"));
    }
    if (!there)
        return false;
    c = cur_open(slice_sub(all, (size_t)at, ZIP_END64_FIXED));
    *out = *r;
    cur_skip(&c, 32);
    out->anchor = at;
    out->entries = cur_u64le(&c);
    out->size = cur_u64le(&c);
    out->offset = cur_u64le(&c);
    return cur_ok(&c);
}

/* Where the directory may begin: right before its end record, or at its offset. */
static size_t directory_places(slice all, const struct end_record *r, uint64_t place[2], int64_t base[2])
{
    size_t n = 0;
    if (r->size <= r->anchor && zip_sign(all, r->anchor - r->size, 1)) {
        place[n] = r->anchor - r->size;
        base[n] = (int64_t)(place[n] - r->offset);
        n++;
    }
    if (r->offset < all.len && zip_sign(all, r->offset, 1) && !(n && place[0] == r->offset)) {
        place[n] = r->offset;
        base[n] = 0;
        n++;
    }
    return n;
}

uint64_t zip_find_end(slice all)
{
    uint64_t from = all.len > TAIL ? all.len - TAIL : 0, found = ZIP_NOWHERE;
    for (uint64_t at = zip_find(all, from, all.len, 5); at != ZIP_NOWHERE;
         at = zip_find(all, at + 4, all.len, 5)) {
        struct end_record r, r64;
        uint64_t place[2];
        int64_t base[2];
        if (!read_end(all, at, &r))
            continue;
        if (directory_places(all, &r, place, base) ||
            (read_end64(all, &r, &r64) && directory_places(all, &r64, place, base)))
            found = at;
    }
    return found;
}

/* --- one central directory */

struct central {
    struct zip_header h;
    uint64_t offset, len;
};

static bool read_central(slice all, uint64_t at, struct central *out, bool *zip64_out)
{
    if (!zip_sign(all, at, 1))
        return false;
    cursor c = cur_open(slice_from(all, (size_t)at));
    struct central e = { 0 };
    cur_skip(&c, 6);
    e.h.needed = cur_u16le(&c);
    e.h.flags = cur_u16le(&c);
    e.h.method = cur_u16le(&c);
    e.h.time = cur_u16le(&c);
    cur_skip(&c, 2);
    e.h.crc = cur_u32le(&c);
    e.h.packed = cur_u32le(&c);
    e.h.size = cur_u32le(&c);
    size_t name_len = cur_u16le(&c), extra_len = cur_u16le(&c), comment_len = cur_u16le(&c);
    cur_skip(&c, 8);
    e.offset = cur_u32le(&c);
    e.h.raw = cur_take(&c, name_len);
    if (!cur_ok(&c))
        return false;
    e.h.extra = cur_take(&c, extra_len < cur_left(&c) ? extra_len : cur_left(&c));
    cur_skip(&c, comment_len < cur_left(&c) ? comment_len : cur_left(&c));
    e.len = c.pos;
    if (zip_resolve64(e.h.extra, &e.h.size, &e.h.packed, &e.offset))
        *zip64_out = true;
    *out = e;
    return true;
}

/* Where the local header is: in an archive that was moved, or as written. */
static uint64_t local_place(slice all, uint64_t offset, int64_t base)
{
    uint64_t moved = offset + (uint64_t)base; /* wraps back where base is negative */
    if (moved < all.len && zip_sign(all, moved, 3))
        return moved;
    return offset < all.len && zip_sign(all, offset, 3) ? offset : ZIP_NOWHERE;
}

static void join_local(struct zip_archive *a, struct zip_entry *e, const struct zip_header *l)
{
    uint64_t left = a->all.len - l->data;
    e->data = l->data;
    e->crc_local = l->flags & ZIP_DESCRIPTOR && l->crc == 0 ? e->crc : l->crc;
    bool told = l->packed != ZIP_UNKNOWN && l->packed != 0 && !(l->packed == UINT32_MAX && l->packed > left);
    if (e->packed == ZIP_UNKNOWN || (e->packed > left && told && l->packed <= left) || (e->packed == 0 && told))
        e->packed = told ? l->packed : left; /* inflate tells where it really ends */
    e->least = told && l->packed < e->packed ? l->packed : e->packed;
    if (e->packed > left)
        e->packed = left;
    if (zip_resolve64(l->extra, NULL, NULL, NULL))
        a->zip64 = true;
}

static bool add_central(struct zip_archive *a, uint64_t at, const struct central *c, int64_t base)
{
    struct zip_entry *e = zip_add(a);
    struct zip_header local;
    if (!e)
        return false;
    *e = (struct zip_entry){
        .raw = c->h.raw, .extra = c->h.extra, .at = local_place(a->all, c->offset, base), .data = ZIP_NOWHERE,
        .central = at, .packed = c->h.packed, .size = c->h.size, .least = c->h.packed, .crc = c->h.crc,
        .crc_local = c->h.crc, .flags = c->h.flags, .method = c->h.method, .time = c->h.time, .needed = c->h.needed,
    };
    if (e->at == ZIP_NOWHERE || !zip_read_local(a->all, e->at, &local)) {
        e->at = ZIP_NOWHERE;
        if (a->tell && a->said++ < 64)
            walk_cstr(a->w, FACT_ZIP_MISMATCH, "no local header", range_of(at, ZIP_CENTRAL_FIXED));
        return true;
    }
    if (e->at < a->first)
        a->first = e->at;
    join_local(a, e, &local);
    zip_compare(a, e, &local); /* may move the list */
    return true;
}

static bool known_directory(const struct zip_archive *a, uint64_t from)
{
    for (size_t i = 0; i < a->n_directories; i++)
        if (a->directories[i].from == from)
            return true;
    return false;
}

/* Returns where it ends; `at` when nothing could be added. */
static uint64_t read_directory(struct zip_archive *a, uint64_t at, int64_t base, uint64_t told)
{
    struct central c;
    uint64_t from = at, count = 0;
    while (at < a->all.len && read_central(a->all, at, &c, &a->zip64)) {
        if (!add_central(a, at, &c, base))
            break;
        at += c.len;
        count++;
    }
    /* The 16-bit count of a large archive wraps; some writers rely on it. */
    if (a->tell && count > 0 && (count & 0xffff) != (told & 0xffff) && a->said++ < 64)
        walk_cstr(a->w, FACT_ZIP_MISMATCH, "number of entries", range_of(from, at - from));
    if (a->n_directories < 2 * ZIP_ENDS_MAX)
        a->directories[a->n_directories++] = (struct zip_span){ from, at };
    return at;
}

static void take_end(struct zip_archive *a, uint64_t at)
{
    struct end_record r[2];
    uint64_t place[2];
    int64_t base[2];
    size_t n_records = 1, read = 0;
    if (a->n_ends == ZIP_ENDS_MAX || !read_end(a->all, at, &r[0]))
        return;
    if (read_end64(a->all, &r[0], &r[1])) {
        a->zip64 = true;
        n_records = 2;
    }
    for (size_t i = n_records; i-- > 0;) { /* the ZIP64 record is believed first */
        size_t n = directory_places(a->all, &r[i], place, base);
        for (size_t k = 0; k < n; k++) {
            if (known_directory(a, place[k]))
                continue;
            uint64_t fit = r[i].size / ZIP_CENTRAL_FIXED;
            reserve(a, (size_t)(r[i].entries < fit ? r[i].entries : fit));
            read_directory(a, place[k], base[k], r[i].entries);
            read++;
        }
    }
    if (read == 0 && r[0].entries != 0)
        return; /* four letters in other data, or cut off from its directory */
    a->n_ends++;
    if (a->n_directories < 2 * ZIP_ENDS_MAX)
        a->directories[a->n_directories++] = (struct zip_span){ r[n_records - 1].anchor, at + ZIP_END_FIXED };
    if (r[0].comment_end > a->end)
        a->end = r[0].comment_end;
}

/* --- the whole */

/* Further end records between two places. */
static void take_ends(struct zip_archive *a, uint64_t from, uint64_t to)
{
    while (from < to && !walk_over(a->w)) {
        uint64_t at = zip_find(a->all, from, to, 5);
        if (!walk_work(a->w, ((at == ZIP_NOWHERE ? to : at) - from) / 8) || at == ZIP_NOWHERE)
            return;
        take_end(a, at);
        from = at + 4;
    }
}

/* Without the zeros that were never stored behind the archive: no header is in
 * them, and a padded document has hundreds of megabytes. */
static slice without_hole(const struct body *body)
{
    if (!body->stored)
        return body->all;
    const struct extent *last = body->n_stored ? &body->stored[body->n_stored - 1] : NULL;
    return slice_sub(body->all, 0, last ? (size_t)(last->at + last->len) : 0);
}

void zip_read(struct zip_archive *a, struct walk *w, const struct body *body, bool tell)
{
    *a = (struct zip_archive){ .w = w, .all = without_hole(body), .body = body, .tell = tell, .first = ZIP_NOWHERE };
    uint64_t last = zip_find_end(a->all);
    if (last == ZIP_NOWHERE) {
        take_ends(a, 0, a->all.len);
    } else {
        take_end(a, last);
        /* What lies between an archive's first member and its end is its own:
         * the members of a stored archive are not members of this one. */
        uint64_t first = a->first < last ? a->first : last;
        take_ends(a, 0, first);
        take_ends(a, last + 4, a->all.len);
    }
    zip_read_gaps(a);
}
