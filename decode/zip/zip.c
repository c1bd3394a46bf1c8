/* SPDX-License-Identifier: Apache-2.0 */
/* zip - archives, and the packages that Office makes of them (PKWARE APPNOTE
 * 6.3.10, WinZip AE-1 and AE-2).
 *
 * Both views of an archive are read, the central directory and the local
 * headers, because the programs that open it differ in which one they believe;
 * what only one of them shows is walked too. Several archives in one file are
 * all read. Nothing that is malformed ends the reading.
 *
 * Left out: split archives, methods other than stored and DEFLATE (named),
 * strong encryption (named), digital signatures, file comments. */
#include "decode/types.h"
#include "decode/zip/zip_private.h"
#include "base/inflate.h"
#include "base/text.h"

#include <stdlib.h>

enum {
    JUNK_MAX = 1024, /* before the first local header, for sniffing */
    NAMES_SAID = 1000,
    ODD_SAID = 64,
    UNREAD_SAID = 64,
    OVERLAP_ALLOWANCE = 64 << 20,
};

/* --- is it one */

static enum sniff zip_sniff(const struct sniff_input *in)
{
    slice all = in->body->all;
    if (all.len < 22)
        return SNIFF_NO;
    if (zip_sign(all, 0, 3) || zip_sign(all, 0, 5))
        return SNIFF_STRONG;
    for (uint64_t at = zip_find(all, 0, JUNK_MAX, 3); at != ZIP_NOWHERE; at = zip_find(all, at + 4, JUNK_MAX, 3))
        if (zip_plausible_local(all, at))
            return SNIFF_STRONG;
    /* Documents in a compound file are packages of their own, often in one
     * piece; only under this name would a program open the file as an archive. */
    if (slice_starts(all, SLICE_LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) && !slice_is_nocase(type_extension_of(in->name), "zip"))
        return SNIFF_NO;
    return zip_find_end(all) == ZIP_NOWHERE ? SNIFF_NO : SNIFF_STRONG;
}

/* --- twins and overlaps */

struct place {
    uint64_t at, data, packed;
    uint32_t index;
    uint16_t method;
};

static int by_place(const void *x, const void *y)
{
    const struct place *a = x, *b = y;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->packed != b->packed)
        return a->packed < b->packed ? -1 : 1;
    if (a->method != b->method)
        return a->method < b->method ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static struct place *sorted_places(struct zip_archive *a, size_t *n_out)
{
    struct place *p = ARENA_ARRAY(a->w->mem, struct place, a->n + 1);
    size_t n = 0;
    bool sorted = true;
    for (size_t i = 0; p && i < a->n; i++) {
        const struct zip_entry *e = &a->entries[i];
        if (e->at == ZIP_NOWHERE)
            continue;
        p[n] = (struct place){ e->at, e->data, zip_packed(a, e).len, (uint32_t)i, e->method };
        sorted = sorted && (n == 0 || by_place(&p[n - 1], &p[n]) < 0);
        n++;
    }
    if (p && !sorted)
        qsort(p, n, sizeof *p, by_place);
    *n_out = n;
    return p;
}

/* Members that share bytes: the same bytes read the same way are read once;
 * others that overlap share a small allowance (bombs are made of them). */
static void mark_shared(struct zip_archive *a)
{
    size_t n = 0, shared = 0;
    struct place *p = sorted_places(a, &n);
    uint64_t end = 0;
    for (size_t i = 0; p && i < n; i++) {
        struct zip_entry *e = &a->entries[p[i].index];
        bool same = i > 0 && p[i].at == p[i - 1].at && p[i].packed == p[i - 1].packed && p[i].method == p[i - 1].method;
        e->twin = same;
        e->overlaps = p[i].at < end;
        /* The local header's own reading of a member is said as a mismatch. */
        shared += e->overlaps && !(e->hidden && i > 0 && p[i].at == p[i - 1].at);
        if (p[i].data + p[i].packed > end)
            end = p[i].data + p[i].packed;
    }
    a->overlapped = OVERLAP_ALLOWANCE;
    if (shared && a->tell)
        walk_int(a->w, FACT_ZIP_OVERLAP, (int64_t)shared, NOWHERE);
}

/* WinZip AES hides the real method in extra 0x9901. */
static void resolve_aes(struct zip_entry *e)
{
    cursor c = cur_open(zip_extra(e->extra, 0x9901));
    uint16_t version = cur_u16le(&c);
    cur_skip(&c, 2); /* "AE" */
    uint8_t strength = cur_u8(&c);
    uint16_t method = cur_u16le(&c);
    if (e->method != ZIP_AES || !cur_ok(&c))
        return;
    e->aes_version = version ? version : 1;
    e->aes_strength = strength;
    e->method = method;
}

void zip_arrange(struct zip_archive *a)
{
    zip_name_entries(a);
    for (size_t i = 0; i < a->n; i++)
        resolve_aes(&a->entries[i]);
    mark_shared(a);
}

/* --- what is said of it */

static struct range header_of(const struct zip_entry *e)
{
    if (e->central != ZIP_NOWHERE)
        return range_of(e->central, ZIP_CENTRAL_FIXED);
    return e->at == ZIP_NOWHERE ? NOWHERE : range_of(e->at, ZIP_LOCAL_FIXED);
}

enum { SCHEMES_MAX = 8 };

struct said {
    size_t odd;
    const char *schemes[SCHEMES_MAX];
};

static void say_scheme(struct zip_archive *a, const struct zip_entry *e, struct said *said)
{
    const char *scheme = zip_encryption_name(e);
    size_t i = 0;
    for (; i < SCHEMES_MAX && said->schemes[i]; i++)
        if (said->schemes[i] == scheme)
            return;
    if (i == SCHEMES_MAX)
        return;
    said->schemes[i] = scheme;
    walk_cstr(a->w, FACT_ZIP_ENCRYPTION, scheme, header_of(e));
}

static void say_entry(struct zip_archive *a, struct zip_entry *e, struct said *said)
{
    struct walk *w = a->w;
    zip_test_plain(a, e);
    if (e->plain && said->odd++ < ODD_SAID)
        walk_text(w, FACT_ZIP_ENTRY_FAKE_ENCRYPTION, e->name, header_of(e));
    if (e->hidden && a->n_ends && said->odd++ < ODD_SAID)
        walk_text(w, FACT_ZIP_ENTRY_HIDDEN, e->name, header_of(e));
    if (e->method != ZIP_STORED && e->method != ZIP_DEFLATED && said->odd++ < ODD_SAID)
        walk_cstr(w, FACT_ZIP_ENTRY_METHOD, e->method == ZIP_AES ? "aes" : zip_method_name(e->method), header_of(e));
    if (!zip_is_locked(e))
        return;
    walk_text(w, FACT_ZIP_ENTRY_ENCRYPTED_NAME, e->name, header_of(e));
    slice extension = type_extension_of(e->name);
    if (extension.len)
        walk_text(w, FACT_ZIP_ENTRY_ENCRYPTED_EXTENSION, slice_lower(w->mem, extension), header_of(e));
    say_scheme(a, e, said);
}

static void say_archive(struct zip_archive *a, uint64_t first)
{
    struct walk *w = a->w;
    size_t locked = 0, files = 0;
    struct said said = { 0 };
    const struct zip_entry *file = NULL;
    walk_int(w, FACT_ZIP_ENTRIES, (int64_t)a->n, NOWHERE);
    if (a->n_ends == 0)
        walk_flag(w, FACT_ZIP_NO_CENTRAL_DIRECTORY, NOWHERE);
    if (a->n_ends > 1)
        walk_int(w, FACT_ZIP_SEVERAL, (int64_t)a->n_ends, NOWHERE);
    if (a->zip64)
        walk_flag(w, FACT_ZIP_ZIP64, NOWHERE);
    if (first > 0 && first != ZIP_NOWHERE)
        walk_int(w, FACT_ZIP_PREPENDED, (int64_t)first, range_of(0, first));
    uint64_t behind = a->n_ends ? a->body->all.len - a->end : 0;
    if (behind)
        walk_int(w, FACT_ZIP_APPENDED, (int64_t)behind, range_of(a->end, behind));
    for (size_t i = 0; i < a->n && !walk_over(w); i++) {
        struct zip_entry *e = &a->entries[i];
        say_entry(a, e, &said);
        locked += zip_is_locked(e) && !e->twin;
        if (!zip_is_folder(e)) {
            files++;
            file = e;
        }
    }
    if (locked)
        walk_int(w, FACT_ZIP_ENCRYPTED, (int64_t)locked, NOWHERE);
    if (files == 1)
        walk_text(w, FACT_ZIP_SINGLE, file->name, header_of(file));
}

/* --- the bundle */

static bool bundle_open(struct walk *w, struct bundle *b, size_t entry, struct body *out)
{
    struct zip_archive *a = b->host;
    (void)w;
    enum zip_read_end end = zip_open(a, &a->entries[entry], out);
    return end == ZIP_READ_WHOLE || end == ZIP_READ_SUM;
}

static size_t bundle_head(struct walk *w, struct bundle *b, size_t entry, uint8_t *out, size_t max)
{
    struct zip_archive *a = b->host;
    const struct zip_entry *e = &a->entries[entry];
    slice packed = zip_packed(a, e);
    size_t n = 0;
    (void)w;
    if (zip_is_locked(e))
        return 0;
    if (e->method == ZIP_DEFLATED)
        return inflate_head(packed, INFLATE_RAW, out, max);
    for (; e->method == ZIP_STORED && n < packed.len && n < max; n++)
        out[n] = packed.at[n];
    return n;
}

static bool make_bundle(struct zip_archive *a, struct bundle *out)
{
    struct bundle_entry *entries = ARENA_ARRAY(a->w->mem, struct bundle_entry, a->n + 1);
    if (!entries)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const struct zip_entry *e = &a->entries[i];
        entries[i] = (struct bundle_entry){
            .name = e->name,
            .size = e->size,
            .at = e->at == ZIP_NOWHERE ? NOWHERE : range_of(e->data, zip_packed(a, e).len),
            .stream = !zip_is_folder(e),
            .encrypted = zip_is_locked(e),
        };
    }
    *out = (struct bundle){ .kind = "zip", .how = HOW_ZIP, .entries = entries, .n = a->n, .host = a,
                            .open = bundle_open, .head = bundle_head };
    return true;
}

/* Names of what nobody claimed: the streams of a document are not worth a fact each. */
static void say_names(const struct zip_archive *a, const struct bundle *b)
{
    size_t said = 0;
    for (size_t i = 0; i < a->n && said < NAMES_SAID; i++) {
        if (b->entries[i].taken)
            continue;
        walk_text(a->w, FACT_ZIP_ENTRY_NAME, a->entries[i].name, header_of(&a->entries[i]));
        said++;
    }
}

/* --- the walk */

void zip_walk_member(struct zip_archive *a, const struct zip_entry *e, const struct body *body)
{
    struct child c = { .name = e->name, .how = HOW_ZIP, .at = range_of(e->data, zip_packed(a, e).len), .body = body };
    (void)walk_child(a->w, &c);
}

static enum walk_end walk_member(struct zip_archive *a, struct zip_entry *e)
{
    struct body body;
    enum walk_end end = WALK_WHOLE;
    switch (zip_open(a, e, &body)) {
    case ZIP_READ_METHOD:
        walk_unread_of(a->w, UNREAD_NO_READER, UNREAD_OF_MEMBER, e->name);
        return WALK_WHOLE;
    case ZIP_READ_CLOSED:
        return WALK_WHOLE;
    case ZIP_READ_LIMIT:
        walk_unread_of(a->w, UNREAD_LIMIT, UNREAD_OF_MEMBER, e->name);
        end = WALK_LIMIT;
        break;
    case ZIP_READ_DAMAGED:
        end = WALK_BROKEN;
        break;
    case ZIP_READ_WHOLE:
    case ZIP_READ_SUM:
        break;
    }
    if (body.all.len || e->size == 0)
        zip_walk_member(a, e, &body);
    else if (end == WALK_BROKEN && a->unread++ < UNREAD_SAID)
        walk_unread_of(a->w, UNREAD_DAMAGED, UNREAD_OF_MEMBER, e->name);
    body_release(&body);
    return end;
}

static enum walk_end walk_members(struct zip_archive *a, const struct bundle *b)
{
    enum walk_end end = WALK_WHOLE;
    bool locked = false;
    for (size_t i = 0; i < a->n; i++) {
        struct zip_entry *e = &a->entries[i];
        if (b->entries[i].taken || !b->entries[i].stream || e->twin)
            continue;
        if (zip_is_locked(e)) {
            locked = true;
            continue;
        }
        if (walk_over(a->w))
            return WALK_LIMIT;
        enum walk_end this = walk_member(a, e);
        end = this > end ? this : end;
    }
    if (locked)
        walk_defer(a->w);
    return end;
}

/* Does some format recognise these bytes, while it sees nothing in the whole? */
static bool is_something(const struct zip_archive *a, const struct body *piece)
{
    struct sniff_input in = { .body = piece }, whole = { .body = a->body };
    size_t n;
    const struct format *const *all = formats_all(&n);
    for (size_t i = 0; i < n; i++)
        if (all[i] != a->w->format && all[i]->sniff && all[i]->sniff(&in) == SNIFF_STRONG &&
            all[i]->sniff(&whole) != SNIFF_STRONG)
            return true;
    return false;
}

static void walk_outside(struct zip_archive *a, uint64_t from, uint64_t to)
{
    if (from >= to || to > a->all.len)
        return;
    struct body piece = body_borrow(slice_sub(a->all, (size_t)from, (size_t)(to - from)));
    struct child c = { .how = HOW_ZIP, .at = { from, to }, .body = &piece };
    if (is_something(a, &piece))
        (void)walk_child(a->w, &c);
}

static enum walk_end zip_walk(struct walk *w, const struct body *body)
{
    struct zip_archive a;
    struct bundle b;
    uint64_t first = ZIP_NOWHERE;
    zip_read(&a, w, body, true);
    if (a.n == 0 && a.n_ends == 0)
        return walk_over(w) ? WALK_LIMIT : WALK_NOT_MINE;
    zip_arrange(&a);
    for (size_t i = 0; i < a.n; i++)
        first = a.entries[i].at < first ? a.entries[i].at : first;
    for (size_t i = 0; i < a.n_directories; i++)
        first = a.directories[i].from < first ? a.directories[i].from : first;
    say_archive(&a, first);
    if (!make_bundle(&a, &b))
        return WALK_LIMIT;
    walk_bundle(w, &b);
    say_names(&a, &b);
    enum walk_end end = walk_members(&a, &b);
    walk_outside(&a, 0, first);
    if (a.n_ends)
        walk_outside(&a, a.end, a.all.len);
    if (walk_over(w) || a.short_of_memory)
        return WALK_LIMIT;
    return end == WALK_WHOLE && a.n_ends == 0 ? WALK_SHORT : end;
}

const struct format format_zip = {
    .name = "zip",
    .spec = "PKWARE APPNOTE 6.3.10; WinZip AES encryption AE-1, AE-2",
    .sniff = zip_sniff,
    .walk = zip_walk,
    .unlock = zip_unlock,
};
