/* SPDX-License-Identifier: Apache-2.0 */
/* rar - archives of RAR 1.5 to 4 and of RAR 5 (technote.txt of unrar;
 * www.rarlab.com/technote.htm).
 *
 * Everything but the bytes of packed members is read: names, sizes, links,
 * streams, encryption, comments. Stored members are children; packed ones are
 * named as unread, encrypted ones as encrypted. Left out: the decompressor,
 * passwords, recovery records, joining volumes. */
#include "decode/rar/rar_private.h"
#include "base/text.h"

enum { JUNK_MAX = 1024 };

static size_t find(slice all)
{
    for (size_t at = slice_find(slice_sub(all, 0, JUNK_MAX), SLICE_LIT("Rar!\x1a\x07"), 0); at != SIZE_MAX;
         at = slice_find(slice_sub(all, 0, JUNK_MAX), SLICE_LIT("Rar!\x1a\x07"), at + 1)) {
        slice s = slice_sub(all, at + 6, 2);
        if (slice_starts(s, SLICE_LIT("\0")) || slice_eq(s, SLICE_LIT("\1\0")))
            return at;
    }
    return SIZE_MAX;
}

static enum sniff rar_sniff(const struct sniff_input *in)
{
    return find(in->body->all) == SIZE_MAX ? SNIFF_NO : SNIFF_STRONG;
}

static void say_archive(struct rar *r)
{
    struct walk *w = r->list.w;
    if (r->base)
        walk_int(w, FACT_ZIP_PREPENDED, (int64_t)r->base, range_of(0, r->base));
    if (r->solid)
        walk_flag(w, FACT_ARCHIVE_SOLID, NOWHERE);
    if (r->volume)
        walk_text(w, FACT_ARCHIVE_VOLUME, w->name, NOWHERE);
    if (r->header_locked) {
        walk_flag(w, FACT_ARCHIVE_HEADER_ENCRYPTED, NOWHERE);
        if (r->list.n == 0)
            walk_int(w, FACT_ZIP_ENCRYPTED, 1, NOWHERE);
    }
    archive_say(&r->list);
}

static enum walk_end walk_member(struct rar *r, const struct archive_member *m)
{
    struct walk *w = r->list.w;
    if (m->folder || m->link.len)
        return WALK_WHOLE;
    if (m->locked) {
        archive_unread(&r->list, UNREAD_ENCRYPTED, m->name);
        return WALK_WHOLE;
    }
    if (m->method) {
        archive_unread(&r->list, UNREAD_NO_READER, m->name);
        return WALK_WHOLE;
    }
    struct body content = body_part(w->mem, r->body, r->base + m->key[0], m->key[1]);
    if (content.all.len == 0 && m->key[1])
        archive_unread(&r->list, UNREAD_DAMAGED, m->name);
    else
        archive_walk_member(&r->list, m, &content);
    return content.all.len < m->key[1] ? WALK_SHORT : WALK_WHOLE;
}

static enum walk_end rar_walk(struct walk *w, const struct body *body)
{
    struct rar r = { .list.w = w, .body = body };
    size_t at = find(body->all);
    if (at == SIZE_MAX)
        return WALK_NOT_MINE;
    enum walk_end end = WALK_WHOLE;
    r.base = at;
    r.all = slice_from(body->all, at);
    if (r.all.at[6] == 0)
        rar_read_4(&r);
    else
        rar_read_5(&r);
    say_archive(&r);
    for (size_t i = 0; i < r.list.n; i++) {
        if (walk_over(w))
            return WALK_LIMIT;
        enum walk_end one = walk_member(&r, &r.list.members[i]);
        end = one > end ? one : end;
    }
    if (r.header_locked)
        walk_unread_of(w, UNREAD_ENCRYPTED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    else if (r.broken && r.list.n == 0)
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
};
