/* SPDX-License-Identifier: Apache-2.0 */
/* 7z - archives of 7-Zip (7zFormat.txt and Methods.txt of the LZMA SDK).
 *
 * Copy, LZMA, LZMA2, PPMd, Deflate, BZip2, the branch filters, BCJ2 and AES are read;
 * what has no reader is named. Members of one solid block are unpacked
 * together. Links are members like others: what they lead to is never followed.
 *
 * Left out: pieces of a split archive (.001), self-extracting programs (which
 * are programs), anti-items. */
#include "decode/7z/sevenzip_private.h"
#include "base/inflate.h"
#include "base/text.h"

enum { SUM_MAX = 64 << 20 };

static enum sniff sevenzip_sniff(const struct sniff_input *in)
{
    size_t at = sevenzip_find(in->body->all);
    if (at == 0)
        return SNIFF_STRONG;
    if (at == SIZE_MAX)
        return SNIFF_NO;
    /* Behind something else: the checksum of the start header must be right. */
    cursor c = cur_open(slice_from(in->body->all, at));
    cur_skip(&c, 8);
    uint32_t sum = cur_u32le(&c);
    slice start = cur_take(&c, 20);
    return cur_ok(&c) && crc32_of(0, start) == sum ? SNIFF_STRONG : SNIFF_NO;
}

/* --- members */

bool sevenzip_sums_fit(struct sevenzip *z, size_t folder, const struct body *content)
{
    const struct sevenzip_folder *f = &z->main.folders[folder];
    uint64_t at = 0;
    for (size_t i = 0; i < f->n_streams; i++) {
        const struct sevenzip_stream *s = &z->main.streams[f->first_stream + i];
        slice bytes = at < content->all.len ? slice_sub(content->all, (size_t)at, (size_t)s->size) : (slice){ 0 };
        at += s->size;
        if (s->has_crc && s->size && (bytes.len != s->size || crc32_of(0, bytes) != s->crc))
            return false;
    }
    return true;
}

/* Said in the clear only; sizes at which the checksum costs more than it tells are left alone. */
static void check_sum(struct sevenzip *z, const struct archive_member *m, slice bytes)
{
    const struct sevenzip_stream *s = &z->main.streams[m->key[1]];
    if (bytes.len < s->size)
        walk_text(z->list.w, FACT_ZIP_ENTRY_DAMAGED, m->name, m->at);
    else if (s->has_crc && bytes.len <= SUM_MAX && walk_work(z->list.w, bytes.len / 4) &&
             crc32_of(0, bytes) != s->crc)
        walk_text(z->list.w, FACT_ZIP_ENTRY_BAD_CRC, m->name, m->at);
}

void sevenzip_walk_content(struct sevenzip *z, size_t folder, const struct body *content)
{
    const struct sevenzip_folder *f = &z->main.folders[folder];
    struct walk *w = z->list.w;
    uint64_t at = 0;
    size_t i = (size_t)z->main.folders[folder].first_stream, n = 0;
    for (size_t k = 0; k < z->list.n && n < f->n_streams && !walk_over(w); k++) {
        const struct archive_member *m = &z->list.members[k];
        if (m->key[0] != folder + 1)
            continue;
        uint64_t size = z->main.streams[i + n].size;
        slice bytes = at < content->all.len ? slice_sub(content->all, (size_t)at, (size_t)size) : (slice){ 0 };
        check_sum(z, m, bytes);
        if (bytes.len == 0 && size)
            archive_unread(&z->list, UNREAD_DAMAGED, m->name);
        else if (f->n_streams == 1 && bytes.len == content->all.len)
            archive_walk_member(&z->list, m, content);
        else if (!archive_walk_copy(&z->list, m, content, at, size))
            archive_unread(&z->list, UNREAD_LIMIT, m->name);
        at += size;
        n++;
    }
}

static void name_unread(struct sevenzip *z, size_t folder, enum unread_cause cause)
{
    for (size_t k = 0; k < z->list.n; k++)
        if (z->list.members[k].key[0] == folder + 1)
            archive_unread(&z->list, cause, z->list.members[k].name);
}

enum walk_end sevenzip_walk_folder(struct sevenzip *z, size_t folder, struct sevenzip_key *key)
{
    struct body content;
    enum walk_end how = WALK_WHOLE;
    switch (sevenzip_unfold(z, &z->main, folder, key, &content)) {
    case SEVENZIP_LOCKED:
        break;
    case SEVENZIP_METHOD:
        name_unread(z, folder, UNREAD_NO_READER);
        break;
    case SEVENZIP_LIMIT:
        name_unread(z, folder, UNREAD_LIMIT);
        how = WALK_LIMIT;
        sevenzip_walk_content(z, folder, &content);
        break;
    case SEVENZIP_BROKEN:
        how = WALK_BROKEN;
        sevenzip_walk_content(z, folder, &content);
        break;
    case SEVENZIP_WHOLE:
        sevenzip_walk_content(z, folder, &content);
        break;
    }
    body_release(&content);
    return how;
}

/* --- the archive */

static void say_archive(struct sevenzip *z)
{
    struct walk *w = z->list.w;
    if (z->header_locked)
        walk_flag(w, FACT_ARCHIVE_HEADER_ENCRYPTED, NOWHERE);
    if (z->base)
        walk_int(w, FACT_ZIP_PREPENDED, (int64_t)z->base, range_of(0, z->base));
    uint64_t behind = z->body->all.len > z->end ? z->body->all.len - z->end : 0;
    if (behind)
        walk_int(w, FACT_ZIP_APPENDED, (int64_t)behind, range_of(z->end, behind));
    for (size_t i = 0; i < z->main.n_folders; i++)
        if (z->main.folders[i].n_streams > 1) {
            walk_flag(w, FACT_ARCHIVE_SOLID, NOWHERE);
            break;
        }
    archive_say(&z->list);
}

/* Nothing of it can be seen: one locked thing of unknown name. */
static enum walk_end header_is_locked(struct sevenzip *z)
{
    walk_flag(z->list.w, FACT_ARCHIVE_HEADER_ENCRYPTED, NOWHERE);
    walk_int(z->list.w, FACT_ZIP_ENCRYPTED, 1, NOWHERE);
    walk_cstr(z->list.w, FACT_ZIP_ENCRYPTION, "aes-256", NOWHERE);
    walk_defer(z->list.w);
    return WALK_WHOLE;
}

static enum walk_end walk_listed(struct sevenzip *z)
{
    enum walk_end end = z->damaged ? WALK_BROKEN : WALK_WHOLE;
    bool locked = false;
    say_archive(z);
    for (size_t i = 0; i < z->main.n_folders; i++) {
        if (sevenzip_is_locked(&z->main.folders[i])) {
            locked = true;
            continue;
        }
        if (walk_over(z->list.w))
            return WALK_LIMIT;
        enum walk_end one = sevenzip_walk_folder(z, i, NULL);
        end = one > end ? one : end;
    }
    if (locked)
        walk_defer(z->list.w);
    if (z->damaged && z->list.n == 0)
        walk_unread_of(z->list.w, UNREAD_DAMAGED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    return z->list.full ? WALK_LIMIT : end;
}

static enum walk_end sevenzip_walk(struct walk *w, const struct body *body)
{
    struct sevenzip z;
    enum walk_end end = WALK_BROKEN;
    if (sevenzip_find(body->all) == SIZE_MAX)
        return WALK_NOT_MINE;
    switch (sevenzip_read(&z, w, body, NULL)) {
    case SEVENZIP_LOCKED:
        end = header_is_locked(&z);
        break;
    case SEVENZIP_WHOLE:
        end = walk_listed(&z);
        break;
    case SEVENZIP_METHOD:
        walk_unread_of(w, UNREAD_NO_READER, UNREAD_OF_DIRECTORY, (slice){ 0 });
        break;
    case SEVENZIP_LIMIT:
        walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_DIRECTORY, (slice){ 0 });
        end = WALK_LIMIT;
        break;
    case SEVENZIP_BROKEN:
        if (slice_ends_nocase(w->name, ".001"))
            walk_text(w, FACT_ARCHIVE_VOLUME, w->name, NOWHERE);
        walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_DIRECTORY, (slice){ 0 });
        break;
    }
    body_release(&z.header);
    return end;
}

const struct format format_7z = {
    .name = "7z",
    .spec = "LZMA SDK 7zFormat.txt, Methods.txt",
    .sniff = sevenzip_sniff,
    .walk = sevenzip_walk,
    .unlock = sevenzip_unlock,
};
