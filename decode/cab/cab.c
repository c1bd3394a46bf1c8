/* SPDX-License-Identifier: Apache-2.0 */
/* cab - Microsoft cabinets ([MS-CAB] 2), of which .onepkg is one.
 *
 * Stored, MSZIP, Quantum and LZX folders are read. A block of MSZIP refers back into the
 * one before it: that one is put before it as a stored block of DEFLATE, and its
 * bytes are dropped again; blocks of LZX are one stream, those of Quantum go on with what
 * they learned. Left out, and named: files that begin in another cabinet, later methods.
 * Checksums are not judged. */
#include "base/inflate.h"
#include "base/text.h"
#include "base/unlzx.h"
#include "base/unquantum.h"
#include "decode/shared/archive.h"

enum {
    HEADER = 36, FILE_FIXED = 16,
    HAS_PREVIOUS = 1, HAS_NEXT = 2, HAS_RESERVE = 4,
    COMPRESS_NONE = 0, COMPRESS_MSZIP = 1, COMPRESS_QUANTUM = 2, COMPRESS_LZX = 3,
    FROM_PREVIOUS = 0xfffd, TO_NEXT = 0xfffe, THROUGH = 0xffff,
    HIDDEN_OR_SYSTEM = 6, NAME_BYTES = 256,
    WINDOW = 32 << 10, FOLDERS_MAX = 1 << 16,
    STUB_MAX = 1 << 20, VERSION = 0x103,
};

struct folder {
    uint32_t at;
    uint16_t blocks, compress;
};

struct cab {
    struct archive list; /* member.key: folder, and where in it */
    const struct body *body;
    slice all;
    struct folder *folders;
    size_t n_folders;
    unsigned data_reserve;
    bool volume, broken;
};

static bool begins(slice s)
{
    return slice_starts(s, SLICE_LIT("MSCF\0\0\0\0"));
}

/* Version 1.3, and folders and files that fit: programs that unpack hold the letters too. */
static bool fits(slice s)
{
    cursor c = cur_open(s);
    cur_skip(&c, 16);
    uint32_t files_at = cur_u32le(&c);
    cur_skip(&c, 4);
    unsigned version = cur_u16le(&c);
    return cur_ok(&c) && version == VERSION && files_at < s.len;
}

/* At the beginning, or behind a stub or junk as 7-Zip takes it; SIZE_MAX. */
static size_t find(slice all, slice name)
{
    if (begins(all) && all.len >= HEADER)
        return 0;
    bool far = slice_starts(all, SLICE_LIT("MZ")) || slice_ends_nocase(name, ".cab") || slice_ends_nocase(name, ".onepkg");
    slice head = slice_sub(all, 0, far ? STUB_MAX : 0);
    for (size_t at = slice_find(head, SLICE_LIT("MSCF\0\0\0\0"), 0); at != SIZE_MAX;
         at = slice_find(head, SLICE_LIT("MSCF\0\0\0\0"), at + 1))
        if (fits(slice_from(all, at)))
            return at;
    return SIZE_MAX;
}

static enum sniff cab_sniff(const struct sniff_input *in)
{
    slice s = in->body->all;
    if (find(s, in->name) != SIZE_MAX)
        return SNIFF_STRONG;
    return slice_starts(s, SLICE_LIT("MSCF")) ? SNIFF_WEAK : SNIFF_NO;
}

/* --- the directory */

static const char *method_name(const struct cab *z, uint64_t folder)
{
    unsigned how = folder < z->n_folders ? z->folders[folder].compress & 15u : COMPRESS_NONE;
    return how > COMPRESS_LZX ? "unknown" : NULL;
}

static void read_folders(struct cab *z, cursor *c, size_t n, unsigned reserve)
{
    z->folders = ARENA_ARRAY(z->list.w->mem, struct folder, n + 1);
    for (size_t i = 0; z->folders && i < n; i++) {
        struct folder f = { .at = cur_u32le(c) };
        f.blocks = cur_u16le(c);
        f.compress = cur_u16le(c);
        cur_skip(c, reserve);
        if (!cur_ok(c))
            break;
        z->folders[z->n_folders++] = f;
    }
}

static void read_files(struct cab *z, size_t at, size_t n)
{
    struct arena *mem = z->list.w->mem;
    cursor c = cur_open(slice_from(z->all, at));
    for (size_t i = 0; i < n && cur_left(&c) >= FILE_FIXED; i++) {
        uint64_t size = cur_u32le(&c), from = cur_u32le(&c);
        unsigned folder = cur_u16le(&c);
        cur_skip(&c, 4);
        unsigned attributes = cur_u16le(&c);
        slice raw = slice_sub(cur_until(&c, 0), 0, NAME_BYTES);
        struct archive_member *m = archive_add(&z->list, archive_name_bytes(mem, raw));
        if (!m)
            return;
        bool before = folder == FROM_PREVIOUS || folder == THROUGH;
        m->size = size;
        m->hidden = attributes & HIDDEN_OR_SYSTEM;
        m->key[0] = before ? 0 : folder == TO_NEXT ? z->n_folders - 1 : folder;
        m->key[1] = before ? UINT64_MAX : from;
        m->method = method_name(z, m->key[0]);
        z->volume = z->volume || folder >= FROM_PREVIOUS;
    }
    z->broken = z->broken || z->list.n < n;
}

static void read_directory(struct cab *z)
{
    cursor c = cur_open(z->all);
    cur_skip(&c, 16);
    size_t files_at = cur_u32le(&c);
    cur_skip(&c, 6);
    size_t n_folders = cur_u16le(&c), n_files = cur_u16le(&c);
    unsigned flags = cur_u16le(&c), folder_reserve = 0;
    cur_skip(&c, 4);
    if (flags & HAS_RESERVE) {
        size_t reserve = cur_u16le(&c);
        folder_reserve = cur_u8(&c);
        z->data_reserve = cur_u8(&c);
        cur_skip(&c, reserve);
    }
    for (unsigned i = 0; i < 2; i++)
        if (flags & (i ? HAS_NEXT : HAS_PREVIOUS)) {
            (void)cur_until(&c, 0);
            (void)cur_until(&c, 0);
            z->volume = true;
        }
    read_folders(z, &c, n_folders, folder_reserve);
    read_files(z, files_at, n_files);
    z->broken = z->broken || !cur_ok(&c);
}

/* --- folders */

/* One block of MSZIP behind the last 32 KiB: "CK" and DEFLATE ([MS-MCI] 2.2). */
static bool unzip_block(struct cab *z, slice data, slice *window, uint8_t *room, struct body_writer *bw)
{
    struct walk *w = z->list.w;
    size_t n = 0, had = window->len;
    if (!slice_starts(data, SLICE_LIT("CK")) || !walk_work(w, (uint64_t)WINDOW * 2 + data.len))
        return false;
    if (had) {
        const uint8_t stored[5] = { 0, (uint8_t)had, (uint8_t)(had >> 8), (uint8_t)~had, (uint8_t)(~had >> 8) };
        n += slice_copy_out((slice){ stored, sizeof stored }, room, sizeof stored);
        n += slice_copy_out(*window, room + n, WINDOW);
    }
    slice packed = slice_from(data, 2);
    n += slice_copy_out(packed, room + n, UINT16_MAX);
    struct body_writer *piece = body_writer_new(w->mem, had + WINDOW, had + WINDOW);
    if (!piece)
        return false;
    enum inflate_end end = inflate_into(piece, (slice){ room, n }, INFLATE_RAW, w->mem, w->budget).end;
    struct body made = body_writer_done(piece);
    bool ok = body_writer_put(bw, slice_from(made.all, had)) && end == INFLATE_WHOLE;
    slice last = made.all.len > WINDOW ? slice_from(made.all, made.all.len - WINDOW) : made.all;
    uint8_t *keep = room + 5 + WINDOW + UINT16_MAX;
    *window = (slice){ keep, slice_copy_out(last, keep, WINDOW) };
    body_release(&made);
    return ok;
}

static bool unpack_folder(struct cab *z, const struct folder *f, struct body *out)
{
    struct walk *w = z->list.w;
    uint64_t max = w->budget->left[BUDGET_INFLATED];
    struct body_writer *bw = body_writer_new(w->mem, 0, max);
    uint8_t *room = arena_get(w->mem, 5 + 2 * WINDOW + UINT16_MAX, 1);
    cursor c = cur_open(slice_from(z->all, f->at));
    slice window = { 0 };
    bool ok = bw && room;
    for (unsigned i = 0; ok && i < f->blocks && cur_more(&c); i++) {
        cur_skip(&c, 4);
        size_t n = cur_u16le(&c);
        cur_skip(&c, 2 + z->data_reserve);
        slice data = cur_take(&c, n < cur_left(&c) ? n : cur_left(&c));
        ok = walk_work(w, WORK_PER_ENTRY) && data.len == n;
        if ((f->compress & 15) == COMPRESS_MSZIP)
            ok = unzip_block(z, data, &window, room, bw) && ok;
        else
            ok = budget_spend(w->budget, BUDGET_INFLATED, data.len) && body_writer_put(bw, data) && ok;
    }
    *out = bw ? body_writer_done(bw) : body_borrow((slice){ 0 });
    return ok && cur_ok(&c);
}

/* All blocks as one stream, until one is cut off. */
static bool join_blocks(struct cab *z, const struct folder *f, struct body_writer *bw, uint64_t *size_out)
{
    cursor c = cur_open(slice_from(z->all, f->at));
    bool ok = true;
    for (unsigned i = 0; ok && i < f->blocks && cur_more(&c); i++) {
        cur_skip(&c, 4);
        size_t n = cur_u16le(&c);
        *size_out += cur_u16le(&c);
        cur_skip(&c, z->data_reserve);
        slice data = cur_take(&c, n < cur_left(&c) ? n : cur_left(&c));
        ok = walk_work(z->list.w, WORK_PER_ENTRY + data.len / 4) && body_writer_put(bw, data) && data.len == n;
    }
    return ok && cur_ok(&c);
}

static bool unpack_lzx(struct cab *z, const struct folder *f, struct body *out)
{
    struct walk *w = z->list.w;
    uint64_t size = 0;
    struct body_writer *packed = body_writer_new(w->mem, 0, z->all.len);
    struct body_writer *bw = body_writer_new(w->mem, 0, w->budget->left[BUDGET_INFLATED]);
    *out = body_borrow((slice){ 0 });
    if (!packed || !bw)
        return false;
    bool ok = join_blocks(z, f, packed, &size);
    struct body stream = body_writer_done(packed);
    ok = unlzx_into(bw, stream.all, f->compress >> 8 & 31, size, w->mem, w->budget).end == UNPACK_WHOLE && ok;
    body_release(&stream);
    *out = body_writer_done(bw);
    return ok;
}

/* The next block, and how much it makes; false: it is cut off. */
static bool next_block(const struct cab *z, cursor *c, slice *data_out, size_t *size_out)
{
    cur_skip(c, 4);
    size_t n = cur_u16le(c);
    *size_out = cur_u16le(c);
    cur_skip(c, z->data_reserve);
    *data_out = cur_take(c, n < cur_left(c) ? n : cur_left(c));
    return data_out->len == n && cur_ok(c);
}

static bool unpack_quantum(struct cab *z, const struct folder *f, struct body *out)
{
    struct walk *w = z->list.w;
    uint64_t most = (uint64_t)f->blocks * UINT16_MAX;
    struct body_writer *bw = body_writer_new(w->mem, 0, w->budget->left[BUDGET_INFLATED]);
    unsigned window = f->compress >> 8 & 31;
    struct unquantum *u = bw ? unquantum_new(bw, window, most, w->mem, w->budget) : NULL;
    cursor c = cur_open(slice_from(z->all, f->at));
    bool ok = u != NULL;
    for (unsigned i = 0; ok && i < f->blocks && cur_more(&c); i++) {
        slice data = { 0 };
        size_t size = 0;
        ok = walk_work(w, WORK_PER_ENTRY) && next_block(z, &c, &data, &size);
        ok = unquantum_block(u, data, size) == UNPACK_WHOLE && ok;
    }
    if (u)
        ok = unquantum_end(u) == UNPACK_WHOLE && ok;
    *out = bw ? body_writer_done(bw) : body_borrow((slice){ 0 });
    return ok;
}

static bool unpack(struct cab *z, const struct folder *f, struct body *out)
{
    switch (f->compress & 15) {
    case COMPRESS_LZX:
        return unpack_lzx(z, f, out);
    case COMPRESS_QUANTUM:
        return unpack_quantum(z, f, out);
    default:
        return unpack_folder(z, f, out);
    }
}

static enum walk_end walk_folder(struct cab *z, size_t folder)
{
    struct walk *w = z->list.w;
    struct body content = body_borrow((slice){ 0 });
    const bool named = method_name(z, folder) != NULL;
    bool ok = !named && folder < z->n_folders && unpack(z, &z->folders[folder], &content);
    bool limit = walk_over(w) || arena_full(w->mem);
    for (size_t i = 0; i < z->list.n; i++) {
        const struct archive_member *m = &z->list.members[i];
        if (m->key[0] != folder)
            continue;
        if (named)
            archive_unread(&z->list, UNREAD_NO_READER, m->name);
        else if (m->key[1] >= content.all.len && m->size)
            archive_unread(&z->list, limit ? UNREAD_LIMIT : UNREAD_DAMAGED, m->name);
        else if (!archive_walk_copy(&z->list, m, &content, m->key[1], m->size))
            archive_unread(&z->list, UNREAD_LIMIT, m->name);
        else if (m->size > content.all.len - m->key[1])
            archive_unread(&z->list, limit ? UNREAD_LIMIT : UNREAD_DAMAGED, m->name);
    }
    body_release(&content);
    return limit ? WALK_LIMIT : ok || named ? WALK_WHOLE : WALK_BROKEN;
}

static enum walk_end walk_folders(struct cab *z)
{
    enum walk_end end = z->broken ? WALK_BROKEN : WALK_WHOLE;
    /* Which folders any file is in: a cabinet may announce many that hold nothing. */
    bool *wanted = ARENA_ARRAY(z->list.w->mem, bool, FOLDERS_MAX);
    for (size_t i = 0; wanted && i < z->list.n; i++)
        if (z->list.members[i].key[0] < FOLDERS_MAX)
            wanted[z->list.members[i].key[0]] = true;
    for (size_t i = 0; wanted && i < FOLDERS_MAX; i++) {
        if (!wanted[i])
            continue;
        if (!walk_work(z->list.w, (uint64_t)z->list.n * 4))
            return WALK_LIMIT;
        enum walk_end one = walk_folder(z, i);
        end = one > end ? one : end;
    }
    return wanted ? end : WALK_LIMIT;
}

static enum walk_end cab_walk(struct walk *w, const struct body *body)
{
    size_t at = begins(body->all) ? 0 : find(body->all, w->name);
    if (at == SIZE_MAX)
        return WALK_NOT_MINE;
    struct cab z = { .list.w = w, .body = body, .all = slice_from(body->all, at) };
    if (at)
        walk_int(w, FACT_ZIP_PREPENDED, (int64_t)at, range_of(0, at));
    read_directory(&z);
    if (z.volume)
        walk_text(w, FACT_ARCHIVE_VOLUME, w->name, NOWHERE);
    archive_say(&z.list);
    enum walk_end end = walk_folders(&z);
    if (z.broken && z.list.n == 0)
        walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    return z.list.full ? WALK_LIMIT : end;
}

const struct format format_cab = {
    .name = "cab",
    .spec = "[MS-CAB] 2, [MS-MCI]",
    .sniff = cab_sniff,
    .walk = cab_walk,
};
