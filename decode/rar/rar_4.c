/* SPDX-License-Identifier: Apache-2.0 */
/* RAR 1.5 to 4 (technote.txt of unrar, "Archive file format"). */
#include "base/charset.h"
#include "base/inflate.h"
#include "decode/rar/rar_private.h"

enum block { BLOCK_MAIN = 0x73, BLOCK_FILE = 0x74, BLOCK_SUB = 0x7a, BLOCK_END = 0x7b };

enum {
    SIGNATURE = 7, HEADER_LEAST = 7,
    HAS_DATA = 0x8000,
    MAIN_VOLUME = 1, MAIN_SOLID = 8, MAIN_LOCKED = 0x80,
    FROM_BEFORE = 1, GOES_ON = 2, LOCKED = 4, SOLID = 0x10, LARGE = 0x100, UNICODE = 0x200, SALTED = 0x400, FOLDER = 0xe0,
    STORED = 0x30, NAME_MAX_CHARS = 1024, HIDDEN_OR_SYSTEM = 6, HOST_WINDOWS = 2,
    MODERN = 29, /* RAR 2.9; what was before packs and locks otherwise */
    DICTIONARY = 4 << 20,
};

/* The name in UTF-16, coded against its 8-bit twin (unrar's encname.cpp, by the technote's
 * description): two bits per character say how many bytes of it follow. */
static slice unicode_name(struct arena *mem, slice narrow, slice coded)
{
    uint8_t wide[2 * NAME_MAX_CHARS];
    size_t n = 0;
    cursor c = cur_open(coded);
    uint8_t high = cur_u8(&c), flags = 0;
    for (unsigned bits = 0; cur_more(&c) && n + 2 <= sizeof wide;) {
        if (bits == 0) {
            flags = cur_u8(&c);
            bits = 8;
        }
        unsigned mode = flags >> 6;
        flags = (uint8_t)(flags << 2);
        bits -= 2;
        if (!cur_more(&c))
            break;
        uint8_t low = cur_u8(&c);
        if (mode < 3) {
            wide[n++] = low;
            wide[n++] = mode == 0 ? 0 : mode == 1 ? high : cur_u8(&c);
            continue;
        }
        uint8_t add = low & 0x80 ? cur_u8(&c) : 0;
        for (size_t run = (size_t)(low & 0x7f) + 2; run > 0 && n + 2 <= sizeof wide && n / 2 < narrow.len; run--) {
            uint8_t twin = narrow.at[n / 2];
            wide[n++] = (uint8_t)(twin + add);
            wide[n++] = low & 0x80 ? high : 0;
        }
    }
    return charset_decode_id(mem, CHARSET_UTF16LE, (slice){ wide, n }).text;
}

static slice name_of(struct arena *mem, slice raw, unsigned flags)
{
    size_t nul = slice_find_byte(raw, 0, 0);
    if (!(flags & UNICODE) || nul == SIZE_MAX)
        return archive_name_bytes(mem, slice_sub(raw, 0, nul));
    slice name = unicode_name(mem, slice_sub(raw, 0, nul), slice_from(raw, nul + 1));
    return name.len ? name : archive_name_bytes(mem, slice_sub(raw, 0, nul));
}

struct file {
    uint64_t packed, size;
    uint32_t attributes, crc;
    uint8_t host, method, version;
    slice name, salt;
};

static bool read_file(cursor *c, unsigned flags, struct file *f)
{
    *f = (struct file){ .packed = cur_u32le(c) };
    f->size = cur_u32le(c);
    f->host = cur_u8(c);
    f->crc = cur_u32le(c);
    cur_skip(c, 4); /* time */
    f->version = cur_u8(c);
    f->method = cur_u8(c);
    size_t name = cur_u16le(c);
    f->attributes = cur_u32le(c);
    if (flags & LARGE) {
        f->packed |= (uint64_t)cur_u32le(c) << 32;
        f->size |= (uint64_t)cur_u32le(c) << 32;
    }
    f->name = cur_take(c, name);
    bool whole = cur_ok(c);
    if (flags & SALTED)
        f->salt = cur_take(c, RAR_SALT_4);
    return whole;
}

static struct rar_lock *lock_of(struct rar *r, const struct file *f)
{
    struct rar_lock *lock = ARENA_NEW(r->list.w->mem, struct rar_lock);
    if (lock)
        lock->salt_len = slice_copy_out(f->salt, lock->salt, RAR_SALT_4);
    return lock;
}

static void take_file(struct rar *r, unsigned flags, const struct file *f, uint64_t data_at)
{
    struct arena *mem = r->list.w->mem;
    struct archive_member *m;
    struct rar_file *own = rar_add(r, name_of(mem, f->name, flags), &m);
    if (!own)
        return;
    bool stored = f->method == STORED;
    m->size = f->size;
    m->folder = (flags & FOLDER) == FOLDER;
    m->locked = flags & LOCKED;
    m->scheme = !m->locked ? NULL : f->version < MODERN ? "rar2" : "aes-128";
    m->hidden = f->host <= HOST_WINDOWS && f->attributes & HIDDEN_OR_SYSTEM;
    m->method = stored || m->folder || f->version >= MODERN ? NULL : "rar2";
    m->at = range_of(r->base + data_at, f->packed);
    *own = (struct rar_file){ .at = data_at,
                              .packed = f->packed,
                              .crc = f->crc,
                              .has_crc = true,
                              .stored = stored,
                              .no_reader = f->version < MODERN && (!stored || m->locked),
                              .goes_on = flags & GOES_ON,
                              .begun_before = flags & FROM_BEFORE,
                              .packing = { MODERN, DICTIONARY, f->size, flags & SOLID },
                              .lock = m->locked ? lock_of(r, f) : NULL };
    if (flags & (FROM_BEFORE | GOES_ON))
        r->volume = true;
}

/* With locked headers every one stands behind a salt, in whole blocks. False: no key, or the
 * wrong one. */
static bool open_header(struct rar *r, uint64_t *at, slice *header_out, uint64_t *data_at_out)
{
    struct walk *w = r->list.w;
    cursor c = cur_open(slice_from(r->all, (size_t)*at));
    struct rar_lock lock = { .salt_len = RAR_SALT_4 };
    (void)slice_copy_out(cur_take(&c, RAR_SALT_4), lock.salt, RAR_SALT_4);
    slice locked = cur_rest(&c);
    if (!r->key || locked.len < 16 || rar_derive(w, &lock, r->key) != RAR_WHOLE)
        return false;
    cursor first = cur_open(rar_decrypt_header(w, r->key->iv, r->key, locked, 16));
    cur_skip(&first, 5);
    size_t size = cur_u16le(&first), whole = (size + 15) & ~(size_t)15;
    slice header = size >= HEADER_LEAST ? slice_sub(rar_decrypt_header(w, r->key->iv, r->key, locked, whole), 0, size) : (slice){ 0 };
    cursor sum = cur_open(header);
    bool fits = header.len == size && (uint16_t)crc32_of(0, slice_from(header, 2)) == cur_u16le(&sum);
    r->wrong_key = r->wrong_key || (!fits && r->list.n == 0);
    *header_out = header;
    *data_at_out = *at + RAR_SALT_4 + whole;
    return fits && size;
}

static void take_main(struct rar *r, unsigned flags)
{
    r->volume = r->volume || flags & MAIN_VOLUME;
    r->solid = r->solid || flags & MAIN_SOLID;
    r->header_locked = flags & MAIN_LOCKED;
}

static bool take_header(struct rar *r, uint64_t *at)
{
    slice header = slice_from(r->all, (size_t)*at);
    uint64_t data_at = 0;
    if (r->header_locked && !open_header(r, at, &header, &data_at))
        return false;
    cursor c = cur_open(header);
    cur_skip(&c, 2);
    uint8_t type = cur_u8(&c);
    unsigned flags = cur_u16le(&c);
    size_t size = cur_u16le(&c);
    r->broken = !cur_ok(&c) || size < HEADER_LEAST || size - HEADER_LEAST > cur_left(&c);
    if (r->broken || type == BLOCK_END)
        return false;
    cursor in = cur_sub(&c, size - HEADER_LEAST), again = in;
    data_at = data_at ? data_at : *at + size;
    uint64_t data = flags & HAS_DATA ? cur_u32le(&again) : 0;
    struct file f;
    if (type == BLOCK_MAIN) {
        take_main(r, flags);
        data = 0;
    } else if (type == BLOCK_FILE || type == BLOCK_SUB) {
        if (!read_file(&in, flags, &f)) {
            r->broken = true;
            return false;
        }
        data = f.packed;
        if (type == BLOCK_FILE)
            take_file(r, flags, &f, data_at);
        else if (slice_is(f.name, "STM"))
            walk_text(r->list.w, FACT_ARCHIVE_ENTRY_STREAM, SLICE_LIT("STM"), NOWHERE);
    }
    if (data_at > r->all.len)
        data_at = r->all.len;
    *at = data < r->all.len - data_at ? data_at + data : r->all.len;
    return walk_work(r->list.w, WORK_PER_ENTRY) && !r->list.full;
}

void rar_read_4(struct rar *r)
{
    uint64_t at = SIGNATURE;
    while (at < r->all.len && take_header(r, &at))
        continue;
}
