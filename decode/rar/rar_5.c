/* SPDX-License-Identifier: Apache-2.0 */
/* RAR 5 (www.rarlab.com/technote.htm, "Archive structure"). Checksums of
 * headers are not judged: a header that reads is read. */
#include "base/hash.h"
#include "base/inflate.h"
#include "decode/rar/rar_private.h"

enum block { BLOCK_MAIN = 1, BLOCK_FILE, BLOCK_SERVICE, BLOCK_ENCRYPTION, BLOCK_END };

enum {
    SIGNATURE = 8, HEADER_MAX = 2 << 20,
    HAS_EXTRA = 1, HAS_DATA = 2, FROM_BEFORE = 8, GOES_ON = 16,
    MAIN_VOLUME = 1, MAIN_SOLID = 4,
    FILE_FOLDER = 1, FILE_TIME = 2, FILE_SUM = 4, FILE_NO_SIZE = 8,
    PACKED_SOLID = 0x40, PACKED_AS_5 = 0x100000,
    LOCK_CHECK = 1, LOCK_TWEAKED = 2, CHECK_AND_SUM = 12,
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
    uint32_t crc;
    slice name, link, stream;
    struct rar_lock *lock;
};

/* Version and flags stand before, rounds, salt and check value alike for members and headers. */
static void read_lock(cursor *c, struct rar_lock *lock, bool member)
{
    *lock = (struct rar_lock){ .five = true, .salt_len = RAR_SALT };
    uint64_t version = vint(c), flags = vint(c);
    lock->rounds = cur_u8(c);
    (void)slice_copy_out(cur_take(c, RAR_SALT), lock->salt, RAR_SALT);
    if (member)
        (void)slice_copy_out(cur_take(c, RAR_IV), lock->iv, RAR_IV);
    slice check = flags & LOCK_CHECK ? cur_take(c, CHECK_AND_SUM) : (slice){ 0 };
    uint8_t sum[32];
    sha256_of(slice_sub(check, 0, RAR_CHECK), sum);
    /* A damaged check value would refuse the right password. */
    lock->has_check = check.len && slice_eq(slice_from(check, RAR_CHECK), (slice){ sum, CHECK_AND_SUM - RAR_CHECK });
    (void)slice_copy_out(check, lock->check, RAR_CHECK);
    lock->tweaked = flags & LOCK_TWEAKED;
    if (version)
        lock->rounds = UINT8_MAX; /* nothing we know */
}

static void read_extra(struct rar *r, struct file *f, slice extra)
{
    cursor c = cur_open(extra);
    while (cur_more(&c)) {
        cursor one = cur_sub(&c, length(&c));
        uint64_t type = vint(&one);
        if (!cur_ok(&one))
            return;
        if (type == EXTRA_CRYPT) {
            f->lock = ARENA_NEW(r->list.w->mem, struct rar_lock);
            if (f->lock)
                read_lock(&one, f->lock, true);
        } else if (type == EXTRA_LINK) {
            (void)vint(&one);
            (void)vint(&one);
            f->link = cur_take(&one, length(&one));
        } else if (type == EXTRA_SERVICE) {
            f->stream = cur_rest(&one);
        }
    }
}

static bool read_file(struct rar *r, cursor *c, const struct header *h, struct file *f)
{
    *f = (struct file){ .flags = vint(c) };
    f->size = vint(c);
    f->attributes = vint(c);
    cur_skip(c, f->flags & FILE_TIME ? 4 : 0);
    f->crc = f->flags & FILE_SUM ? cur_u32le(c) : 0;
    f->packing = vint(c);
    f->host = vint(c);
    f->name = cur_take(c, length(c));
    bool whole = cur_ok(c);
    read_extra(r, f, h->extra);
    return whole;
}

static bool is_packed(const struct file *f)
{
    return f->packing >> 7 & 7;
}

/* "Compression information": version, solid, method, and the dictionary in steps of 128 KiB. */
static struct rar_packing packing_of(const struct file *f)
{
    unsigned version = f->packing & 63;
    struct rar_packing p = { .version = version == 0 || f->packing & PACKED_AS_5 ? 50 : 70, .solid = f->packing & PACKED_SOLID };
    p.dictionary = UINT64_C(128) << 10 << (f->packing >> 10 & (version ? 31 : 15));
    if (version)
        p.dictionary += p.dictionary / 32 * (f->packing >> 15 & 31);
    p.size = f->flags & FILE_NO_SIZE ? UINT64_MAX : f->size;
    return p;
}

static void take_file(struct rar *r, const struct header *h, const struct file *f)
{
    struct archive_member *m;
    struct rar_file *own = rar_add(r, archive_name_bytes(r->list.w->mem, f->name), &m);
    if (!own)
        return;
    m->size = f->size;
    m->folder = f->flags & FILE_FOLDER;
    m->locked = f->lock;
    m->scheme = f->lock ? "aes-256" : NULL;
    m->hidden = f->host == HOST_WINDOWS && f->attributes & HIDDEN_OR_SYSTEM;
    m->link = f->link.len ? archive_name_bytes(r->list.w->mem, f->link) : f->link;
    m->method = is_packed(f) && (f->packing & 63) > 1 ? "unknown" : NULL;
    m->at = range_of(r->base + h->data_at, h->data);
    *own = (struct rar_file){ .at = h->data_at,
                              .packed = h->data,
                              .crc = f->crc,
                              .has_crc = f->flags & FILE_SUM,
                              .stored = !is_packed(f),
                              .no_reader = m->method != NULL,
                              .goes_on = h->flags & GOES_ON,
                              .begun_before = h->flags & FROM_BEFORE,
                              .packing = packing_of(f),
                              .lock = f->lock };
    if (h->flags & (FROM_BEFORE | GOES_ON))
        r->volume = true;
}

/* Services: a comment, a stream of the file before it. */
static void take_service(struct rar *r, const struct header *h, const struct file *f)
{
    struct walk *w = r->list.w;
    slice data = h->data_at < r->all.len ? slice_sub(r->all, (size_t)h->data_at, (size_t)h->data) : (slice){ 0 };
    if (slice_is(f->name, "CMT") && !is_packed(f) && !f->lock && data.len)
        walk_text(w, FACT_ARCHIVE_COMMENT, archive_name_bytes(w->mem, slice_sub(data, 0, COMMENT_MAX)), NOWHERE);
    if (!slice_is(f->name, "STM"))
        return;
    walk_text(w, FACT_ARCHIVE_ENTRY_STREAM, archive_name_bytes(w->mem, f->stream), NOWHERE);
    struct file stream = *f;
    stream.name = f->stream;
    take_file(r, h, &stream);
}

/* With locked headers every one stands behind its IV, in whole blocks; what follows them too. */
static slice open_header(struct rar *r, uint64_t at)
{
    slice locked = slice_from(r->all, (size_t)at);
    struct rar_lock lock = r->headers;
    size_t had = slice_copy_out(locked, lock.iv, RAR_IV);
    locked = slice_from(locked, had);
    cursor first = cur_open(rar_decrypt_header(r->list.w, lock.iv, r->key, locked, 16));
    cur_skip(&first, 4);
    uint64_t size = vint(&first);
    if (!cur_ok(&first) || size > HEADER_MAX || size + first.pos > locked.len)
        return (slice){ 0 };
    size_t n = (size_t)size + first.pos;
    return slice_sub(rar_decrypt_header(r->list.w, lock.iv, r->key, locked, (n + 15) & ~(size_t)15), 0, n);
}

static bool take_block(struct rar *r, struct header *h, cursor *in)
{
    struct file f;
    if (h->type == BLOCK_ENCRYPTION) {
        r->header_locked = true;
        read_lock(in, &r->headers, false);
        return r->key && !(r->wrong_key = rar_derive(r->list.w, &r->headers, r->key) != RAR_WHOLE);
    }
    if (h->type == BLOCK_MAIN) {
        uint64_t flags = vint(in);
        r->volume = r->volume || flags & MAIN_VOLUME;
        r->solid = r->solid || flags & MAIN_SOLID;
    } else if (h->type == BLOCK_FILE && read_file(r, in, h, &f)) {
        take_file(r, h, &f);
    } else if (h->type == BLOCK_SERVICE && read_file(r, in, h, &f)) {
        take_service(r, h, &f);
    }
    return h->type != BLOCK_END;
}

/* One header; false at the end of the archive, or where none reads. */
static bool take_header(struct rar *r, uint64_t *at)
{
    slice header = slice_from(r->all, (size_t)*at);
    bool locked = r->header_locked;
    if (locked)
        header = open_header(r, *at);
    cursor c = cur_open(header);
    struct header h = { 0 };
    uint32_t sum = cur_u32le(&c);
    size_t size = length(&c), from = c.pos;
    cursor in = cur_sub(&c, size);
    if (locked && (!cur_ok(&in) || crc32_of(0, slice_sub(header, 4, from - 4 + size)) != sum)) {
        r->wrong_key = r->list.n == 0;
        r->broken = !r->wrong_key;
        return false;
    }
    h.type = vint(&in);
    h.flags = vint(&in);
    uint64_t extra = h.flags & HAS_EXTRA ? vint(&in) : 0;
    h.data = h.flags & HAS_DATA ? vint(&in) : 0;
    h.data_at = *at + from + size;
    if (locked)
        h.data_at = *at + RAR_IV + ((from + size + 15) & ~(size_t)15);
    r->broken = !cur_ok(&in) || size == 0 || size > HEADER_MAX || h.data > INT64_MAX || h.data_at > r->all.len;
    if (r->broken)
        return false;
    if (extra <= cur_left(&in)) {
        h.extra = slice_from(in.in, in.in.len - (size_t)extra);
        in.in.len -= (size_t)extra;
    }
    if (!take_block(r, &h, &in))
        return false;
    *at = h.data < r->all.len - h.data_at ? h.data_at + h.data : r->all.len;
    return walk_work(r->list.w, WORK_PER_ENTRY) && !r->list.full;
}

void rar_read_5(struct rar *r)
{
    uint64_t at = SIGNATURE;
    r->headers.five = true;
    while (at < r->all.len && take_header(r, &at))
        continue;
}
