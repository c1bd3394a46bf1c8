/* SPDX-License-Identifier: Apache-2.0 */
/* RAR 5 (www.rarlab.com/technote.htm, "Archive structure"). Checksums of
 * headers are not judged: a header that reads is read. */
#include "decode/rar/rar_private.h"

enum block { BLOCK_MAIN = 1, BLOCK_FILE, BLOCK_SERVICE, BLOCK_ENCRYPTION, BLOCK_END };

enum {
    SIGNATURE = 8, HEADER_MAX = 2 << 20,
    HAS_EXTRA = 1, HAS_DATA = 2, FROM_BEFORE = 8, GOES_ON = 16,
    MAIN_VOLUME = 1, MAIN_SOLID = 4,
    FILE_FOLDER = 1, FILE_TIME = 2, FILE_SUM = 4,
    EXTRA_CRYPT = 1, EXTRA_LINK = 5, EXTRA_SERVICE = 7,
    HIDDEN_OR_SYSTEM = 6, HOST_WINDOWS = 0, COMMENT_MAX = 64 << 10,
};

static uint64_t vint(cursor *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = cur_u8(c);
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return v;
    }
    c->torn = true;
    return 0;
}

static size_t length(cursor *c)
{
    uint64_t n = vint(c);
    if (n > cur_left(c))
        c->torn = true;
    return c->torn ? 0 : (size_t)n;
}

struct header {
    uint64_t type, flags, data_at, data;
    slice extra;
};

struct file {
    uint64_t flags, size, attributes, packing, host;
    slice name, link, stream;
    bool locked;
};

static void read_extra(struct file *f, slice extra)
{
    cursor c = cur_open(extra);
    while (cur_more(&c)) {
        cursor one = cur_sub(&c, length(&c));
        uint64_t type = vint(&one);
        if (!cur_ok(&one))
            return;
        if (type == EXTRA_CRYPT) {
            f->locked = true;
        } else if (type == EXTRA_LINK) {
            (void)vint(&one);
            (void)vint(&one);
            f->link = cur_take(&one, length(&one));
        } else if (type == EXTRA_SERVICE) {
            f->stream = cur_rest(&one);
        }
    }
}

static bool read_file(cursor *c, const struct header *h, struct file *f)
{
    *f = (struct file){ .flags = vint(c) };
    f->size = vint(c);
    f->attributes = vint(c);
    cur_skip(c, f->flags & FILE_TIME ? 4 : 0);
    cur_skip(c, f->flags & FILE_SUM ? 4 : 0);
    f->packing = vint(c);
    f->host = vint(c);
    f->name = cur_take(c, length(c));
    bool whole = cur_ok(c);
    read_extra(f, h->extra);
    return whole;
}

static bool is_packed(const struct file *f)
{
    return f->packing >> 7 & 7;
}

static void take_file(struct rar *r, const struct header *h, const struct file *f)
{
    struct archive_member *m = archive_add(&r->list, archive_name_bytes(r->list.w->mem, f->name));
    if (!m)
        return;
    m->size = f->size;
    m->folder = f->flags & FILE_FOLDER;
    m->locked = f->locked;
    m->scheme = f->locked ? "aes-256" : NULL;
    m->hidden = f->host == HOST_WINDOWS && f->attributes & HIDDEN_OR_SYSTEM;
    m->link = f->link.len ? archive_name_bytes(r->list.w->mem, f->link) : f->link;
    m->method = is_packed(f) ? "rar5" : NULL;
    m->key[0] = h->data_at;
    m->key[1] = h->data;
    m->at = range_of(r->base + h->data_at, h->data);
    if (h->flags & (FROM_BEFORE | GOES_ON))
        r->volume = true;
}

/* Services: a comment, a stream of the file before it. */
static void take_service(struct rar *r, const struct header *h, const struct file *f)
{
    struct walk *w = r->list.w;
    slice data = h->data_at < r->all.len ? slice_sub(r->all, (size_t)h->data_at, (size_t)h->data) : (slice){ 0 };
    if (slice_is(f->name, "CMT") && !is_packed(f) && !f->locked && data.len)
        walk_text(w, FACT_ARCHIVE_COMMENT, archive_name_bytes(w->mem, slice_sub(data, 0, COMMENT_MAX)), NOWHERE);
    if (!slice_is(f->name, "STM"))
        return;
    walk_text(w, FACT_ARCHIVE_ENTRY_STREAM, archive_name_bytes(w->mem, f->stream), NOWHERE);
    struct file stream = *f;
    stream.name = f->stream;
    take_file(r, h, &stream);
}

/* One header; false at the end of the archive, or where none reads. */
static bool take_header(struct rar *r, uint64_t *at)
{
    cursor c = cur_open(slice_from(r->all, (size_t)*at));
    struct header h = { 0 };
    struct file f;
    cur_skip(&c, 4); /* checksum */
    size_t size = length(&c), from = c.pos;
    cursor in = cur_sub(&c, size);
    h.type = vint(&in);
    h.flags = vint(&in);
    uint64_t extra = h.flags & HAS_EXTRA ? vint(&in) : 0;
    h.data = h.flags & HAS_DATA ? vint(&in) : 0;
    h.data_at = *at + from + size;
    r->broken = !cur_ok(&in) || size == 0 || size > HEADER_MAX || h.data > INT64_MAX;
    if (r->broken)
        return false;
    if (extra <= cur_left(&in)) {
        h.extra = slice_from(in.in, in.in.len - (size_t)extra);
        in.in.len -= (size_t)extra;
    }
    if (h.type == BLOCK_ENCRYPTION)
        r->header_locked = true;
    if (h.type == BLOCK_ENCRYPTION || h.type == BLOCK_END)
        return false;
    if (h.type == BLOCK_MAIN) {
        uint64_t flags = vint(&in);
        r->volume = r->volume || flags & MAIN_VOLUME;
        r->solid = r->solid || flags & MAIN_SOLID;
    } else if (h.type == BLOCK_FILE && read_file(&in, &h, &f)) {
        take_file(r, &h, &f);
    } else if (h.type == BLOCK_SERVICE && read_file(&in, &h, &f)) {
        take_service(r, &h, &f);
    }
    *at = h.data < r->all.len - h.data_at ? h.data_at + h.data : r->all.len;
    return walk_work(r->list.w, WORK_PER_ENTRY) && !r->list.full;
}

void rar_read_5(struct rar *r)
{
    uint64_t at = SIGNATURE;
    while (at < r->all.len && take_header(r, &at))
        continue;
}
