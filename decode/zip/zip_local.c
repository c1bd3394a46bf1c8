/* SPDX-License-Identifier: Apache-2.0 */
/* Local file headers (APPNOTE 6.3.10 4.3.7, 4.3.9, 4.5.3): reading one,
 * comparing it with what the central directory says of the same member, and
 * finding those that no directory leads to.
 *
 * Programs differ in which of the two views they believe (Explorer and 7-Zip
 * the central one, streaming readers and Word's repair the local one), so a
 * disagreement is said, and where it changes the bytes both views are walked. */
#include "decode/zip/zip_private.h"
#include "base/text.h"

#include <stdlib.h>

enum { SAID_MAX = 64, NAME_LONGEST = 4096, SEARCH_FACTOR = 4 };

slice zip_extra(slice extra, uint16_t id)
{
    cursor c = cur_open(extra);
    while (cur_left(&c) >= 4) {
        uint16_t this = cur_u16le(&c);
        size_t len = cur_u16le(&c);
        /* A field that claims too much still holds what is left: writers pad with rubbish. */
        slice data = cur_take(&c, len < cur_left(&c) ? len : cur_left(&c));
        if (this == id)
            return data;
    }
    return (slice){ 0 };
}

bool zip_resolve64(slice extra, uint64_t *size, uint64_t *packed, uint64_t *offset)
{
    slice data = zip_extra(extra, 0x0001);
    cursor c = cur_open(data);
    uint64_t *field[] = { size, packed, offset };
    for (size_t i = 0; i < 3; i++)
        if (field[i] && *field[i] == UINT32_MAX) {
            uint64_t v = cur_u64le(&c);
            *field[i] = cur_ok(&c) ? v : ZIP_UNKNOWN;
        }
    return data.len > 0;
}

bool zip_read_local(slice all, uint64_t at, struct zip_header *out)
{
    if (!zip_sign(all, at, 3))
        return false;
    cursor c = cur_open(slice_from(all, (size_t)at));
    struct zip_header h = { 0 };
    cur_skip(&c, 4);
    h.needed = cur_u16le(&c);
    h.flags = cur_u16le(&c);
    h.method = cur_u16le(&c);
    h.time = cur_u16le(&c);
    cur_skip(&c, 2);
    h.crc = cur_u32le(&c);
    h.packed = cur_u32le(&c);
    h.size = cur_u32le(&c);
    size_t name_len = cur_u16le(&c), extra_len = cur_u16le(&c);
    if (!cur_ok(&c))
        return false;
    h.raw = cur_take(&c, name_len < cur_left(&c) ? name_len : cur_left(&c));
    h.extra = cur_take(&c, extra_len < cur_left(&c) ? extra_len : cur_left(&c));
    h.data = at + c.pos;
    (void)zip_resolve64(h.extra, &h.size, &h.packed, NULL);
    if (h.flags & ZIP_DESCRIPTOR && h.packed == 0) {
        h.packed = ZIP_UNKNOWN;
        h.size = h.size ? h.size : ZIP_UNKNOWN;
    }
    *out = h;
    return true;
}

static bool known_method(uint16_t m) { return m <= 20 || (m >= 93 && m <= 99); }

bool zip_plausible_local(slice all, uint64_t at)
{
    struct zip_header h;
    if (!zip_read_local(all, at, &h) || h.raw.len == 0 || h.raw.len > NAME_LONGEST)
        return false;
    if ((h.needed & 0xff) > 100 || !known_method(h.method))
        return false;
    for (size_t i = 0; i < h.raw.len && i < 64; i++)
        if (h.raw.at[i] < ' ' && h.raw.at[i] != 0x1b) /* ISO-2022-JP names exist */
            return false;
    return true;
}

struct zip_entry *zip_add(struct zip_archive *a)
{
    struct walk *w = a->w;
    if (walk_over(w) || !budget_spend(w->budget, BUDGET_ENTRIES, 1) || !walk_work(w, WORK_PER_ENTRY))
        return NULL;
    if (a->n == a->room) {
        size_t room = a->room ? a->room * 2 : 16;
        struct zip_entry *e = arena_regrow(w->mem, a->entries, a->n * sizeof *e, room, sizeof *e);
        if (!e) {
            a->short_of_memory = true;
            return NULL;
        }
        a->entries = e;
        a->room = room;
    }
    struct zip_entry *e = &a->entries[a->n++];
    *e = (struct zip_entry){ .at = ZIP_NOWHERE, .data = ZIP_NOWHERE, .central = ZIP_NOWHERE };
    return e;
}

/* --- both views of one member */

static void say(struct zip_archive *a, const struct zip_entry *e, const char *what, slice name)
{
    struct arena *mem = a->w->mem;
    if (!a->tell || a->said++ >= SAID_MAX)
        return;
    size_t head = strlen(what);
    slice cut = utf8_cut(name, 512);
    uint8_t *text = arena_get(mem, head + 2 + cut.len, 1);
    if (!text)
        return;
    struct { slice s; } pieces[] = { { slice_of(what) }, { SLICE_LIT(": ") }, { cut } };
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < pieces[i].s.len; k++)
            text[n++] = pieces[i].s.at[k];
    struct range at = e->central == ZIP_NOWHERE ? NOWHERE : range_of(e->central, ZIP_CENTRAL_FIXED);
    walk_text(a->w, FACT_ZIP_MISMATCH, (slice){ text, n }, at);
}

static bool sizes_differ(const struct zip_entry *e, const struct zip_header *l)
{
    if (l->packed == ZIP_UNKNOWN || l->packed == e->packed)
        /* With a descriptor the local sizes are zeros, all ones, or right (4.4.4 bit 3). */
        return !(l->flags & ZIP_DESCRIPTOR) && l->size != e->size && l->size != ZIP_UNKNOWN;
    if (l->flags & ZIP_DESCRIPTOR && (l->packed == UINT32_MAX || l->size == UINT32_MAX))
        return false;
    return true;
}

/* The local header's own reading becomes a member of its own. */
static void add_rival(struct zip_archive *a, const struct zip_entry *e, const struct zip_header *l)
{
    struct zip_entry copy = *e, *rival = zip_add(a);
    if (!rival)
        return;
    *rival = (struct zip_entry){
        .raw = l->raw, .extra = l->extra, .at = copy.at, .data = l->data, .central = ZIP_NOWHERE,
        .packed = l->packed, .size = l->size, .least = l->packed, .crc = l->crc, .crc_local = l->crc,
        .flags = l->flags, .method = l->method, .time = l->time, .needed = l->needed, .hidden = true,
    };
    if (rival->packed == ZIP_UNKNOWN || rival->packed > a->all.len - rival->data)
        rival->packed = rival->least = a->all.len - rival->data;
}

void zip_compare(struct zip_archive *a, struct zip_entry *e, const struct zip_header *l)
{
    const uint16_t telling = ZIP_ENCRYPTED | ZIP_STRONG | ZIP_MASKED;
    struct zip_entry as_local = { .raw = l->raw, .extra = l->extra, .flags = l->flags };
    uint16_t diff = (uint16_t)(l->flags ^ e->flags);
    bool method = l->method != e->method, sizes = sizes_differ(e, l);
    bool sum = !(l->flags & ZIP_DESCRIPTOR) && l->crc != e->crc && !e->aes_version;
    bool name = !slice_eq(l->raw, e->raw);
    if (!method && !sizes && !sum && !name && !(diff & telling))
        return;
    slice called = zip_name_of(a->w->mem, e, NULL);
    if (name && !(e->flags & ZIP_MASKED)) {
        say(a, e, "name", called);
        slice other = zip_name_of(a->w->mem, &as_local, NULL);
        if (a->tell && a->said < SAID_MAX)
            walk_text(a->w, FACT_ZIP_ENTRY_NAME, other, NOWHERE);
    }
    if (method)
        say(a, e, "method", called);
    if (diff & telling)
        say(a, e, diff & ZIP_ENCRYPTED ? "encryption flag" : "flags", called);
    if (sizes)
        say(a, e, "sizes", called);
    if (sum)
        say(a, e, "crc", called);
    bool other_bytes = l->packed != ZIP_UNKNOWN && l->packed != e->packed && l->packed > 0 && sizes;
    if (method || other_bytes)
        add_rival(a, e, l);
}

/* --- members that no directory leads to */

static uint32_t word(slice s, uint64_t at)
{
    cursor c = cur_open(slice_sub(s, (size_t)at, 4));
    return cur_u32le(&c);
}

/* A descriptor (4.3.9) says how long the data before it was: PK\7\8 may be
 * left out, sizes may have 8 bytes. True when one ends the data at `p`. */
static bool descriptor_before(const struct zip_archive *a, struct zip_entry *e, uint64_t p)
{
    static const uint64_t lens[] = { 16, 12, 24, 20 }; /* signed and not, 32 and 64 bit */
    for (size_t i = 0; i < 4; i++) {
        uint64_t len = lens[i], wide = len >= 20 ? 8 : 4;
        if (p < e->data + len)
            continue;
        uint64_t from = p - len, packed_at = from + len - 2 * wide;
        if (word(a->all, packed_at) != (uint32_t)(from - e->data))
            continue;
        if ((len == 16 || len == 24) && !zip_sign(a->all, from, 7))
            continue;
        e->packed = e->least = from - e->data;
        e->size = word(a->all, packed_at + wide);
        e->crc = e->crc_local = word(a->all, packed_at - 4);
        return true;
    }
    return false;
}

void zip_find_extent(struct zip_archive *a, struct zip_entry *e, uint64_t limit)
{
    uint64_t first = ZIP_NOWHERE, pos = e->data, allowed = SEARCH_FACTOR * (uint64_t)a->all.len;
    /* The next header ends the data where a descriptor of the right length stands
     * before it; a stored archive in a member has headers of its own. */
    while (pos < limit && (a->searched < allowed || first == ZIP_NOWHERE)) {
        uint64_t next = zip_find(a->all, pos, limit, 3), central = zip_find(a->all, pos, next < limit ? next : limit, 1);
        next = central < next ? central : next;
        uint64_t stop = next < limit ? next : limit;
        a->searched += stop - pos + 64;
        if (descriptor_before(a, e, stop))
            return;
        if (first == ZIP_NOWHERE)
            first = stop;
        pos = stop + 4;
    }
    uint64_t to = first == ZIP_NOWHERE ? limit : first;
    e->packed = e->least = to > e->data ? to - e->data : 0;
    e->size = ZIP_UNKNOWN;
    e->crc = e->crc_local = 0;
}

static int by_from(const void *x, const void *y)
{
    const struct zip_span *a = x, *b = y;
    return a->from < b->from ? -1 : a->from > b->from;
}

/* What is known to be header, data or directory, sorted. */
static struct zip_span *known_spans(struct zip_archive *a, size_t *n_out)
{
    struct zip_span *s = ARENA_ARRAY(a->w->mem, struct zip_span, a->n + a->n_directories + 1);
    size_t n = 0;
    bool sorted = true;
    if (!s)
        return NULL;
    for (size_t i = 0; i < a->n; i++) {
        const struct zip_entry *e = &a->entries[i];
        if (e->at == ZIP_NOWHERE)
            continue;
        uint64_t left = a->all.len - e->data, len = e->least < left ? e->least : left;
        s[n++] = (struct zip_span){ e->at, e->data + len };
    }
    for (size_t i = 0; i < a->n_directories; i++)
        s[n++] = a->directories[i];
    for (size_t i = 1; i < n && sorted; i++)
        sorted = s[i - 1].from <= s[i].from;
    if (!sorted)
        qsort(s, n, sizeof *s, by_from);
    *n_out = n;
    return s;
}

/* Reads the local header at `at`; where reading goes on. */
static uint64_t read_lone(struct zip_archive *a, uint64_t at, uint64_t limit)
{
    struct zip_header h;
    if (!zip_plausible_local(a->all, at) || !zip_read_local(a->all, at, &h))
        return at + 4;
    bool directory = a->n_ends > 0;
    struct zip_entry *e = zip_add(a);
    if (!e)
        return limit;
    uint64_t left = a->all.len - h.data;
    *e = (struct zip_entry){
        .raw = h.raw, .extra = h.extra, .at = at, .data = h.data, .central = ZIP_NOWHERE, .packed = h.packed,
        .size = h.size, .least = h.packed, .crc = h.crc, .crc_local = h.crc, .flags = h.flags,
        .method = h.method, .time = h.time, .needed = h.needed, .hidden = directory,
    };
    if (e->packed == ZIP_UNKNOWN || (e->packed == UINT32_MAX && e->packed > left))
        zip_find_extent(a, e, limit > h.data ? limit : h.data);
    /* One that claims to reach over its neighbours may lie: look inside too. */
    if (e->packed > limit - (limit < h.data ? limit : h.data))
        return h.data < limit ? h.data : limit;
    return h.data + e->packed;
}

void zip_read_gaps(struct zip_archive *a)
{
    size_t n = 0;
    struct zip_span *known = known_spans(a, &n);
    uint64_t pos = 0;
    if (!known)
        return;
    for (size_t i = 0; i <= n; i++) {
        uint64_t gap_end = i < n ? known[i].from : a->all.len;
        while (pos < gap_end && !walk_over(a->w)) {
            uint64_t at = zip_find(a->all, pos, gap_end, 3);
            if (!walk_work(a->w, ((at < gap_end ? at : gap_end) - pos) / 8))
                return;
            if (at == ZIP_NOWHERE)
                break;
            pos = read_lone(a, at, gap_end);
        }
        if (i < n && known[i].to > pos)
            pos = known[i].to;
        else if (pos < gap_end)
            pos = gap_end;
    }
}
