/* SPDX-License-Identifier: Apache-2.0 */
/* Which objects a file has (ISO 32000-1 7.3.10, 7.5).
 *
 * Every "N G obj" of the file is found by looking for it, whatever the cross-reference says:
 * viewers rebuild a damaged one in just this way, and all revisions of an object are looked at.
 * The cross-reference then decides which one a reference means, and may name objects in places
 * where nobody would look.
 */
#include "decode/pdf/pdf_private.h"
#include "base/text.h"

enum {
    HEADER_BACK = 40,
    PACKS_MAX = 4096,
    PACK_BYTES_MAX = 64 << 20,
    SURELY = 1 << 30,
    PACKED = 1 << 29,
    TRAILERS_MAX = 256
};

const struct pdf_object *pdf_object(const struct pdf *p, uint32_t num)
{
    if (num > PDF_NUMBER_MAX || !p->leaves[num / PDF_LEAF])
        return NULL;
    uint32_t at = p->leaves[num / PDF_LEAF][num % PDF_LEAF] & ~(uint32_t)(SURELY | PACKED);
    return at ? &p->objects[at - 1] : NULL;
}

/* Its place in the table of numbers; NULL: none. */
static uint32_t *place_of(struct pdf *p, uint32_t num)
{
    if (num > PDF_NUMBER_MAX)
        return NULL;
    uint32_t **leaf = &p->leaves[num / PDF_LEAF];
    if (!*leaf)
        *leaf = ARENA_ARRAY(p->w->mem, uint32_t, PDF_LEAF);
    return *leaf ? &(*leaf)[num % PDF_LEAF] : NULL;
}

static void prefer(struct pdf *p, uint32_t num, size_t index, uint32_t surely)
{
    uint32_t *place = place_of(p, num);
    if (place && (surely || !(*place & SURELY)))
        *place = ((uint32_t)index + 1) | surely | (*place & PACKED);
}

void pdf_object_packed(struct pdf *p, uint32_t num)
{
    uint32_t *place = place_of(p, num);
    if (place && !(*place & SURELY))
        *place |= PACKED;
}

static bool make_room(struct pdf *p)
{
    if (p->n_objects < p->room)
        return true;
    size_t room = p->room ? 2 * p->room : 256;
    struct pdf_object *more =
        room <= PDF_OBJECTS_MAX
            ? arena_regrow(p->w->mem, p->objects, p->n_objects * sizeof *p->objects, room,
                           sizeof *more)
            : NULL;
    if (!more) {
        p->limit = true;
        return false;
    }
    p->objects = more;
    p->room = room;
    return true;
}

/* --- streams */

static size_t find_endstream(struct pdf *p, size_t from)
{
    if (from >= p->no_endstream)
        return SIZE_MAX;
    size_t at = slice_find(p->all, SLICE_LIT("endstream"), from);
    if (at == SIZE_MAX)
        p->no_endstream = from;
    (void)walk_work(p->w, ((at == SIZE_MAX ? p->all.len : at) - from) / 4);
    return at;
}

/* 7.3.8.1: behind "stream" stands an end of line; some writers leave it out or put blanks. */
static void find_data(struct pdf *p, struct pdf_object *o, size_t at)
{
    if (at < p->all.len && p->all.at[at] == '\r')
        at++;
    if (at < p->all.len && p->all.at[at] == '\n')
        at++;
    size_t end = find_endstream(p, at);
    if (end == SIZE_MAX) {
        p->short_data = true;
        end = p->all.len;
    }
    o->data = slice_sub(p->all, at, end - at);
}

size_t pdf_object_add(struct pdf *p, uint32_t num, uint32_t gen, slice text, bool packed)
{
    if (!make_room(p) || !budget_spend(p->w->budget, BUDGET_ENTRIES, 1)) {
        p->limit = true;
        return text.len;
    }
    size_t index = p->n_objects++;
    p->objects[index] =
        (struct pdf_object){ .num = num, .gen = gen, .text = text, .packed = packed };
    size_t used = pdf_sweep(p, (uint32_t)index);
    struct pdf_object *o = &p->objects[index];
    if (o->stream && !packed)
        find_data(p, o, (size_t)(text.at - p->all.at) + used);
    return used;
}

/* --- looking for "N G obj" */

/* The digits that end at `end`; where they begin. */
static size_t digits_before(slice s, size_t end, size_t least, uint32_t *out)
{
    size_t at = end;
    uint64_t v;
    while (at > least && ascii_digit(s.at[at - 1]))
        at--;
    if (at == end || !slice_u64(slice_sub(s, at, end - at), &v) || v > UINT32_MAX)
        return SIZE_MAX;
    *out = (uint32_t)v;
    return at;
}

static size_t blanks_before(slice s, size_t end, size_t least)
{
    while (end > least && pdf_space(s.at[end - 1]))
        end--;
    return end;
}

/* Does an object's head end with the "obj" at `at`? Its beginning, or SIZE_MAX. */
static size_t head_of(slice s, size_t at, uint32_t *num_out, uint32_t *gen_out)
{
    size_t least = at > HEADER_BACK ? at - HEADER_BACK : 0;
    size_t end = blanks_before(s, at, least);
    size_t gen = digits_before(s, end, least, gen_out);
    if (gen == SIZE_MAX)
        return SIZE_MAX;
    end = blanks_before(s, gen, least);
    return end == gen ? SIZE_MAX : digits_before(s, end, least, num_out);
}

void pdf_objects_scan(struct pdf *p)
{
    size_t pos = 0;
    while (!walk_over(p->w) && !p->limit) {
        size_t at = slice_find(p->all, SLICE_LIT("obj"), pos);
        if (at == SIZE_MAX)
            break;
        uint32_t num = 0, gen = 0;
        pos = at + 3;
        if (head_of(p->all, at, &num, &gen) == SIZE_MAX)
            continue;
        size_t used = pdf_object_add(p, num, gen, slice_from(p->all, pos), false);
        if (p->limit)
            break;
        const struct pdf_object *o = &p->objects[p->n_objects - 1];
        prefer(p, num, p->n_objects - 1, 0);
        /* What ended at the end of the file may have swallowed others: look again. */
        if (pos + used < p->all.len)
            pos += o->stream  ? (size_t)(o->data.at - p->all.at) + o->data.len - pos
                   : used > 3 ? used - 3
                              : 0;
    }
    p->n_scanned = p->n_objects;
    /* Trailers stand outside of objects. */
    pos = 0;
    for (size_t n = 0; n < TRAILERS_MAX; n++) {
        size_t at = slice_find(p->all, SLICE_LIT("trailer"), pos);
        if (at == SIZE_MAX)
            break;
        pos = at + 7;
        (void)pdf_object_add(p, UINT32_MAX, 0, slice_from(p->all, pos), false);
    }
}

/* --- the cross-reference */

/* 7.5.4 wants the offset of an object's head; viewers allow blanks before it. */
static bool object_at(struct pdf *p, size_t offset, uint32_t num, size_t *index_out)
{
    slice s = slice_sub(p->all, offset, 64);
    size_t at = slice_find(s, SLICE_LIT("obj"), 0);
    uint32_t n = 0, gen = 0;
    if (at == SIZE_MAX || head_of(s, at, &n, &gen) == SIZE_MAX || n != num)
        return false;
    const uint8_t *text = s.at + at + 3;
    size_t low = 0, high = p->n_scanned;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (p->objects[mid].text.at == text) {
            *index_out = mid;
            return true;
        }
        if (p->objects[mid].text.at < text)
            low = mid + 1;
        else
            high = mid;
    }
    if (p->limit)
        return false;
    (void)pdf_object_add(p, num, gen, slice_from(p->all, (size_t)(text - p->all.at)), false);
    *index_out = p->n_objects - 1;
    return p->n_objects > p->n_scanned && !p->limit;
}

bool pdf_object_place(struct pdf *p, uint32_t num, uint64_t offset)
{
    size_t index;
    if (num > PDF_NUMBER_MAX)
        return false;
    const uint32_t *leaf = p->leaves[num / PDF_LEAF];
    if (leaf && leaf[num % PDF_LEAF] & (SURELY | PACKED))
        return true; /* a newer section has said */
    if (offset > p->all.len)
        return false;
    if (!object_at(p, (size_t)offset, num, &index) &&
        (p->header == 0 || !object_at(p, (size_t)offset + p->header, num, &index)))
        return false;
    prefer(p, num, index, SURELY);
    return true;
}

/* --- object streams (7.5.7) */

static void add_packed(struct pdf *p, slice all, int64_t n, int64_t first)
{
    struct pdf_lexer l = { .in = slice_sub(all, 0, (size_t)first) };
    struct pdf_value num, at;
    for (int64_t i = 0; i < n && !p->limit && !walk_over(p->w); i++) {
        if (!pdf_next(&l, false, &num) || !pdf_next(&l, false, &at))
            break;
        if (num.kind != PDF_IS_NUMBER || at.kind != PDF_IS_NUMBER || num.number < 0 ||
            at.number < 0 || num.number > PDF_NUMBER_MAX || at.number >= (double)all.len)
            continue;
        slice text = slice_from(slice_from(all, (size_t)first), (size_t)at.number);
        (void)pdf_object_add(p, (uint32_t)num.number, 0, text, true);
        if (!p->limit)
            prefer(p, (uint32_t)num.number, p->n_objects - 1, 0);
    }
}

void pdf_objects_unpack(struct pdf *p)
{
    struct pdf_list *packs = &p->found[PDF_FOUND_PACK];
    size_t n_packs = packs->n < PACKS_MAX ? packs->n : PACKS_MAX;
    p->kept = ARENA_ARRAY(p->w->mem, struct body, n_packs + 1);
    for (size_t i = 0; p->kept && i < n_packs && !walk_over(p->w); i++) {
        struct pdf_dict d;
        uint32_t owner = packs->at[i].owner;
        int64_t n = 0, first = 0;
        if (p->objects[owner].packed || !p->objects[owner].stream ||
            !pdf_dict_of(p, packs->at[i].raw, owner, &d) || !pdf_int(p, &d, PDF_N, &n) ||
            !pdf_int(p, &d, PDF_First, &first) || n <= 0 || first <= 0)
            continue;
        struct body *body = &p->kept[p->n_kept++];
        if (!pdf_stream(p, owner, PACK_BYTES_MAX, body) && body->all.len)
            p->limit = true;
        p->limit = p->limit || walk_over(p->w);
        add_packed(p, body->all, n, first);
    }
    if (packs->n > PACKS_MAX)
        p->limit = true;
}
