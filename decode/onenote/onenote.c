/* SPDX-License-Identifier: Apache-2.0 */
/* onenote - sections of OneNote ([MS-ONESTORE], [MS-ONE]), as files of the desktop program and as
 * servers hand them out.
 *
 * Since 2022-12 a usual carrier: a script or program attached to a page, under a picture that says
 * "double click". Read are the objects of all revisions (the last one counts), the text of the
 * pages, links, attached files with their names and the paths they came from, pictures, and where
 * on the page both lie.
 *
 * Attached files are looked for by their own header, so that a damaged list hides none. Left out:
 * ink, tables as tables, the onefiles folder beside a section, .onepkg (a cabinet of sections). */
#include "decode/onenote/onenote_private.h"
#include <stdlib.h>

static const uint8_t section_type[16] = "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3";
static const uint8_t contents_type[16] = "\xa1\x2f\xff\x43\xd9\xef\x76\x4c\x9e\xe2\x10\xea\x57\x22\x76\x5f";
static const uint8_t store_format[16] = "\x3f\xdd\x9a\x10\x1b\x91\xf5\x49\xa5\xd0\x17\x91\xed\xc8\xae\xd8";
static const uint8_t package_format[16] = "\x2f\xe9\x8d\x63\xd4\xa6\xc1\x4b\x9a\x36\xb3\xfc\x25\x11\xa5\xb7";

static enum sniff onenote_sniff(const struct sniff_input *in)
{
    slice s = in->body->all;
    return slice_starts(s, (slice){ section_type, 16 }) || slice_starts(s, (slice){ contents_type, 16 }) ? SNIFF_STRONG : SNIFF_NO;
}

/* --- the lists */

void one_malformed(struct one *o, const char *what, struct range at)
{
    if (!o->bad)
        walk_cstr(o->w, FACT_ONENOTE_MALFORMED, what, at);
    o->bad = true;
}

/* Room for one more; false when memory or the allowance of entries is used up. */
static bool room_for(struct one *o, void **list, size_t n, size_t *room, size_t size)
{
    if (o->full || !budget_spend(o->w->budget, BUDGET_ENTRIES, 1) || !walk_work(o->w, WORK_PER_ENTRY)) {
        o->full = true;
        return false;
    }
    if (n < *room)
        return true;
    size_t more = *room ? *room * 2 : 64;
    void *bigger = arena_regrow(o->w->mem, *list, n * size, more, size);
    if (!bigger) {
        o->full = true;
        return false;
    }
    *list = bigger;
    *room = more;
    return true;
}

bool one_add_object(struct one *o, const struct one_object *object)
{
    void *list = o->objects;
    if (!room_for(o, &list, o->n_objects, &o->room_objects, sizeof *o->objects))
        return false;
    o->objects = list;
    o->objects[o->n_objects++] = *object;
    return true;
}

bool one_add_file(struct one *o, const struct one_file *file)
{
    void *list = o->files;
    if (!room_for(o, &list, o->n_files, &o->room_files, sizeof *o->files))
        return false;
    o->files = list;
    o->files[o->n_files++] = *file;
    return true;
}

bool one_add_pair(struct one *o, struct one_pairs *to, struct one_pair pair)
{
    void *list = to->at;
    if (!room_for(o, &list, to->n, &to->room, sizeof *to->at))
        return false;
    to->at = list;
    to->at[to->n++] = pair;
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct one_pair *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->value < q->value ? -1 : p->value > q->value;
}

void one_sort(struct one_pairs *p)
{
    if (p->n > 1)
        qsort(p->at, p->n, sizeof *p->at, by_key);
}

const struct one_pair *one_find(const struct one_pairs *p, uint64_t key)
{
    size_t lo = 0, hi = p->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p->at[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < p->n && p->at[lo].key == key ? &p->at[lo] : NULL;
}

/* --- the walk */

static enum walk_end onenote_walk(struct walk *w, const struct body *body)
{
    struct one *o = ARENA_NEW(w->mem, struct one);
    if (!o)
        return WALK_LIMIT;
    *o = (struct one){ .w = w, .all = body_unpadded(body) };
    if (o->all.len < 64)
        return WALK_SHORT;
    if (!walk_work(w, o->all.len * WORK_PER_SCANNED_BYTE))
        return WALK_LIMIT;
    slice format = slice_sub(o->all, 48, 16);
    bool package = slice_eq(format, (slice){ package_format, 16 });
    if (package) {
        walk_flag(w, FACT_ONENOTE_PACKAGED, range_of(48, 16));
        one_read_package(o);
    } else {
        if (!slice_eq(format, (slice){ store_format, 16 }))
            one_malformed(o, "unknown file format", range_of(48, 16));
        one_read_store(o);
    }
    one_find_files(o);
    one_say(o);
    if (o->encrypted) {
        walk_flag(w, FACT_ONENOTE_ENCRYPTED, NOWHERE);
        walk_unread(w, UNREAD_ENCRYPTED, w->name);
    }
    if (walk_over(w) || o->full)
        return WALK_LIMIT;
    return o->bad ? WALK_BROKEN : WALK_WHOLE;
}

const struct format format_onenote = {
    .name = "onenote",
    .spec = "[MS-ONESTORE] 2, [MS-ONE] 2",
    .sniff = onenote_sniff,
    .walk = onenote_walk,
};
