/* SPDX-License-Identifier: Apache-2.0 */
/* rar - archives of RAR 1.5 to 4 and of RAR 5 to 7 (technote.txt of unrar;
 * www.rarlab.com/technote.htm).
 *
 * Names, sizes, links, streams, comments, and the members: stored, packed by
 * RAR 2.9 or later, solid or not, locked ones by the passwords of the mail.
 * Left out, and named: the packing and the ciphers before RAR 2.9, what begins
 * or goes on in another volume. Recovery records are not used. */
#include "decode/rar/rar_private.h"
#include "base/inflate.h"
#include "base/text.h"

enum { JUNK_MAX = 1024, STUB_MAX = 4 << 20, SUM_MAX = 64 << 20, LONGEST_HEAD = 10, MAIN_MOST = 64 };

/* --- where it begins */

/* Behind the signature: RAR 4 has its main header, RAR 5 that or the one of encryption. */
static bool begins(slice s)
{
    if (slice_starts(slice_from(s, 6), SLICE_LIT("\0")))
        return true;
    return slice_starts(slice_from(s, 6), SLICE_LIT("\1\0"));
}

/* Programs that unpack hold the signature too. */
static bool leads_on(slice s)
{
    if (s.len > 13 && s.at[6] == 0) /* type, and a size below 64 */
        return s.at[9] == 0x73 && s.at[12] < MAIN_MOST && s.at[13] == 0;
    cursor c = cur_open(slice_sub(s, 12, LONGEST_HEAD));
    while (cur_u8(&c) & 0x80)
        continue;
    uint8_t type = cur_u8(&c);
    return type == 1 || type == 4;
}

size_t rar_find(slice all, slice name)
{
    bool far = slice_starts(all, SLICE_LIT("MZ")) || slice_ends_nocase(name, ".rar") || slice_ends_nocase(name, ".exe");
    slice head = slice_sub(all, 0, far ? STUB_MAX : JUNK_MAX);
    for (size_t at = slice_find(head, SLICE_LIT("Rar!\x1a\x07"), 0); at != SIZE_MAX;
         at = slice_find(head, SLICE_LIT("Rar!\x1a\x07"), at + 1)) {
        slice s = slice_from(all, at);
        if (begins(s) && (at < JUNK_MAX || leads_on(s)))
            return at;
    }
    return SIZE_MAX;
}

static enum sniff rar_sniff(const struct sniff_input *in)
{
    return rar_find(in->body->all, in->name) == SIZE_MAX ? SNIFF_NO : SNIFF_STRONG;
}

/* --- the list */

struct rar_file *rar_add(struct rar *r, slice raw_name, struct archive_member **m_out)
{
    struct archive_member *m = archive_add(&r->list, raw_name);
    if (!m)
        return NULL;
    if (r->list.n > r->room) {
        struct rar_file *files =
            arena_regrow(r->list.w->mem, r->files, r->room * sizeof *files, r->list.room, sizeof *files);
        if (!files) {
            r->list.n--;
            r->list.full = true;
            return NULL;
        }
        r->files = files;
        r->room = r->list.room;
    }
    m->key[0] = r->list.n - 1;
    *m_out = m;
    return &r->files[r->list.n - 1];
}

/* In a solid archive nothing behind a locked member can be unpacked without it. */
static void mark_waiting(struct rar *r)
{
    bool locked = false;
    for (size_t i = 0; i < r->list.n; i++) {
        struct rar_file *f = &r->files[i];
        bool packed = !f->stored && !r->list.members[i].folder;
        f->waits = f->lock || (locked && packed && f->packing.solid);
        locked = f->lock || (locked && (!packed || f->packing.solid));
    }
}

void rar_read(struct rar *r, struct walk *w, const struct body *body, struct rar_key *key)
{
    *r = (struct rar){ .list.w = w, .body = body, .key = key };
    size_t at = rar_find(body->all, w->name);
    if (at == SIZE_MAX)
        return;
    r->base = at;
    r->all = slice_from(body->all, at);
    if (r->all.at[6] == 0)
        rar_read_4(r);
    else
        rar_read_5(r);
    mark_waiting(r);
}

void rar_say(struct rar *r)
{
    struct walk *w = r->list.w;
    if (r->solid)
        walk_flag(w, FACT_ARCHIVE_SOLID, NOWHERE);
    if (r->volume)
        walk_text(w, FACT_ARCHIVE_VOLUME, w->name, NOWHERE);
    archive_say(&r->list);
}

static void say_archive(struct rar *r)
{
    struct walk *w = r->list.w;
    if (r->base)
        walk_int(w, FACT_ZIP_PREPENDED, (int64_t)r->base, range_of(0, r->base));
    if (r->header_locked) {
        walk_flag(w, FACT_ARCHIVE_HEADER_ENCRYPTED, NOWHERE);
        if (r->list.n == 0) {
            walk_int(w, FACT_ZIP_ENCRYPTED, 1, NOWHERE);
            walk_cstr(w, FACT_ZIP_ENCRYPTION, r->headers.five ? "aes-256" : "aes-128", NOWHERE);
        }
    }
    rar_say(r);
}

/* --- members */

static enum rar_end from_unpack(enum unpack_end end)
{
    static const enum rar_end ends[] = {
        [UNPACK_WHOLE] = RAR_WHOLE, [UNPACK_SHORT] = RAR_SHORT, [UNPACK_BROKEN] = RAR_BROKEN, [UNPACK_LIMIT] = RAR_LIMIT,
    };
    return ends[end];
}

static enum rar_end unpack(struct rar *r, const struct rar_file *f, struct rar_unpacker *u, slice in, struct body *out)
{
    struct walk *w = r->list.w;
    uint64_t left = w->budget->left[BUDGET_INFLATED];
    struct body_writer *bw = body_writer_new(w->mem, 0, left);
    if (!bw)
        return RAR_LIMIT;
    enum rar_end end = from_unpack(rar_unpack(u, &f->packing, in, bw));
    if (u->filters.strange && end == RAR_WHOLE)
        end = RAR_BROKEN;
    *out = body_writer_done(bw);
    return end;
}

enum rar_end rar_content(struct rar *r, size_t member, struct rar_key *key, struct rar_unpacker *u, struct body *out)
{
    struct walk *w = r->list.w;
    const struct rar_file *f = &r->files[member];
    *out = body_borrow((slice){ 0 });
    if (f->no_reader || (f->begun_before && !f->stored))
        return f->lock ? RAR_LOCKED : RAR_METHOD;
    struct body packed = body_part(w->mem, r->body, r->base + f->at, f->packed);
    bool cut = packed.all.len < f->packed;
    enum rar_end end = RAR_WHOLE;
    if (f->lock) {
        slice in = packed.all;
        in.len -= in.len % 16;
        end = rar_derive(w, f->lock, key);
        end = end == RAR_WHOLE ? rar_decrypt(w, f->lock, key, in, f->stored ? f->packing.size : UINT64_MAX, &packed) : end;
        if (end != RAR_WHOLE)
            return end;
    }
    if (f->stored) {
        *out = packed;
        return cut ? RAR_SHORT : RAR_WHOLE;
    }
    end = unpack(r, f, u, packed.all, out);
    body_release(&packed);
    return end;
}

bool rar_sum_fits(const struct rar *r, size_t member, const struct body *content)
{
    const struct rar_file *f = &r->files[member];
    bool known = f->has_crc && !f->goes_on && !(f->lock && f->lock->tweaked);
    if (!known || content->all.len > SUM_MAX || !walk_work(r->list.w, content->all.len / 4))
        return true;
    return crc32_of(0, content->all) == f->crc;
}

enum walk_end rar_walk_content(struct rar *r, size_t member, enum rar_end end, struct body *content)
{
    static const enum walk_end ends[] = {
        [RAR_WHOLE] = WALK_WHOLE, [RAR_SHORT] = WALK_SHORT,   [RAR_BROKEN] = WALK_BROKEN,
        [RAR_LIMIT] = WALK_LIMIT, [RAR_METHOD] = WALK_WHOLE,  [RAR_LOCKED] = WALK_WHOLE,
    };
    struct walk *w = r->list.w;
    const struct archive_member *m = &r->list.members[member];
    const struct rar_file *f = &r->files[member];
    /* WinRAR judges by the sum: a size that promised too much is forgiven. */
    if (end == RAR_SHORT && f->has_crc && content->all.len && !f->goes_on && !f->begun_before && rar_sum_fits(r, member, content))
        end = f->lock && f->lock->tweaked ? end : RAR_WHOLE;
    bool lacks = end == RAR_SHORT || end == RAR_BROKEN;
    if (lacks && !(f->goes_on || f->begun_before))
        walk_text(w, FACT_ZIP_ENTRY_DAMAGED, m->name, m->at);
    else if (end == RAR_WHOLE && !rar_sum_fits(r, member, content))
        walk_text(w, FACT_ZIP_ENTRY_BAD_CRC, m->name, m->at);
    if (end == RAR_METHOD || (f->goes_on && end != RAR_LOCKED)) /* the rest is in another file */
        archive_unread(&r->list, UNREAD_NO_READER, m->name);
    else if (end == RAR_LOCKED)
        archive_unread(&r->list, UNREAD_ENCRYPTED, m->name);
    else if (end == RAR_LIMIT)
        archive_unread(&r->list, UNREAD_LIMIT, m->name);
    else if (f->begun_before)
        archive_unread(&r->list, UNREAD_NO_READER, m->name);
    else if (lacks && (!f->stored || content->all.len == 0))
        archive_unread(&r->list, UNREAD_DAMAGED, m->name);
    if (content->all.len || end == RAR_WHOLE)
        archive_walk_member(&r->list, m, content);
    return ends[end];
}

static enum walk_end walk_members(struct rar *r)
{
    struct walk *w = r->list.w;
    enum walk_end end = WALK_WHOLE;
    struct rar_unpacker *u = rar_unpacker_new(w->mem, w->budget);
    bool defer = false;
    for (size_t i = 0; u && i < r->list.n && end != WALK_LIMIT; i++) {
        struct body content;
        if (r->list.members[i].folder || r->list.members[i].link.len)
            continue;
        if (r->files[i].waits) {
            defer = true;
            continue;
        }
        enum walk_end one = WALK_LIMIT;
        if (!walk_over(w)) {
            enum rar_end got = rar_content(r, i, NULL, u, &content);
            one = rar_walk_content(r, i, got, &content);
            body_release(&content);
        }
        end = one > end ? one : end;
    }
    rar_unpacker_drop(u);
    if (defer)
        walk_defer(w);
    return u ? end : WALK_LIMIT;
}

static enum walk_end rar_walk(struct walk *w, const struct body *body)
{
    struct rar r;
    if (rar_find(body->all, w->name) == SIZE_MAX)
        return WALK_NOT_MINE;
    rar_read(&r, w, body, NULL);
    say_archive(&r);
    enum walk_end end = walk_members(&r);
    if (r.header_locked)
        walk_defer(w);
    else if (r.broken)
        walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    if (r.list.full)
        return WALK_LIMIT;
    return r.broken && end == WALK_WHOLE ? WALK_BROKEN : end;
}

const struct format format_rar = {
    .name = "rar",
    .spec = "unrar technote.txt; RAR 5.0 archive format",
    .sniff = rar_sniff,
    .walk = rar_walk,
    .unlock = rar_unlock,
};
