/* SPDX-License-Identifier: Apache-2.0 */
/* RAR 1.5 to 4 (technote.txt of unrar, "Archive file format"). */
#include "base/charset.h"
#include "decode/rar/rar_private.h"

enum block { BLOCK_MAIN = 0x73, BLOCK_FILE = 0x74, BLOCK_SUB = 0x7a, BLOCK_END = 0x7b };

enum {
    SIGNATURE = 7, HEADER_LEAST = 7,
    HAS_DATA = 0x8000,
    MAIN_VOLUME = 1, MAIN_SOLID = 8, MAIN_LOCKED = 0x80,
    FROM_BEFORE = 1, GOES_ON = 2, LOCKED = 4, LARGE = 0x100, UNICODE = 0x200, FOLDER = 0xe0,
    STORED = 0x30, NAME_MAX_CHARS = 1024, HIDDEN_OR_SYSTEM = 6, HOST_WINDOWS = 2,
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
    uint32_t attributes;
    uint8_t host, method;
    slice name;
};

static bool read_file(cursor *c, unsigned flags, struct file *f)
{
    *f = (struct file){ .packed = cur_u32le(c) };
    f->size = cur_u32le(c);
    f->host = cur_u8(c);
    cur_skip(c, 9); /* checksum, time, version */
    f->method = cur_u8(c);
    size_t name = cur_u16le(c);
    f->attributes = cur_u32le(c);
    if (flags & LARGE) {
        f->packed |= (uint64_t)cur_u32le(c) << 32;
        f->size |= (uint64_t)cur_u32le(c) << 32;
    }
    f->name = cur_take(c, name);
    return cur_ok(c);
}

static void take_file(struct rar *r, unsigned flags, const struct file *f, uint64_t data_at)
{
    struct arena *mem = r->list.w->mem;
    struct archive_member *m = archive_add(&r->list, name_of(mem, f->name, flags));
    if (!m)
        return;
    m->size = f->size;
    m->folder = (flags & FOLDER) == FOLDER;
    m->locked = flags & LOCKED;
    m->scheme = m->locked ? "aes-128" : NULL;
    m->hidden = f->host <= HOST_WINDOWS && f->attributes & HIDDEN_OR_SYSTEM;
    m->method = f->method == STORED || m->folder ? NULL : "rar4";
    m->key[0] = data_at;
    m->key[1] = f->packed;
    m->at = range_of(r->base + data_at, f->packed);
    if (flags & (FROM_BEFORE | GOES_ON))
        r->volume = true;
}

static bool take_header(struct rar *r, uint64_t *at)
{
    cursor c = cur_open(slice_from(r->all, (size_t)*at));
    cur_skip(&c, 2);
    uint8_t type = cur_u8(&c);
    unsigned flags = cur_u16le(&c);
    size_t size = cur_u16le(&c);
    r->broken = !cur_ok(&c) || size < HEADER_LEAST || size - HEADER_LEAST > cur_left(&c);
    if (r->broken || type == BLOCK_END)
        return false;
    cursor in = cur_sub(&c, size - HEADER_LEAST), again = in;
    uint64_t data_at = *at + size, data = flags & HAS_DATA ? cur_u32le(&again) : 0;
    struct file f;
    if (type == BLOCK_MAIN) {
        r->volume = r->volume || flags & MAIN_VOLUME;
        r->solid = r->solid || flags & MAIN_SOLID;
        r->header_locked = flags & MAIN_LOCKED;
        data = 0;
        if (r->header_locked)
            return false;
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
    *at = data < r->all.len - data_at ? data_at + data : r->all.len;
    return walk_work(r->list.w, WORK_PER_ENTRY) && !r->list.full;
}

void rar_read_4(struct rar *r)
{
    uint64_t at = SIGNATURE;
    while (at < r->all.len && take_header(r, &at))
        continue;
}
