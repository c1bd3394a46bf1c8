/* SPDX-License-Identifier: Apache-2.0 */
/* The cross-reference: tables, streams, and both at once (ISO 32000-1 7.5.4, 7.5.8), from the
 * newest section back along /Prev. Offsets that are wrong are passed over: the objects were
 * found without it. */
#include "decode/pdf/pdf_private.h"
#include "base/text.h"

enum { SECTIONS_MAX = 512, TAIL = 4096, ENTRY = 20, WORK_PER_XREF = 20, XREF_BYTES_MAX = 32 << 20 };

struct follow {
    struct pdf *p;
    uint64_t seen[SECTIONS_MAX];
    size_t n_seen;
    int64_t prev;
    size_t good, bad;
    bool stop;
};

static void place(struct follow *f, uint32_t num, uint64_t offset)
{
    if (!walk_work(f->p->w, WORK_PER_XREF)) {
        f->stop = true;
        return;
    }
    if (pdf_object_place(f->p, num, offset))
        f->good++;
    else if (offset)
        f->bad++;
    /* A table of nothing but wrong offsets is a table nobody uses. */
    f->stop = f->stop || f->p->limit || f->bad > 1000 + f->good;
}

/* --- tables: "0 6", "0000000016 00000 n" */

static bool table_entry(struct follow *f, struct pdf_lexer *l, uint64_t num)
{
    struct pdf_value offset, gen, use;
    if (!pdf_next(l, true, &offset) || !pdf_next(l, true, &gen) || !pdf_next(l, true, &use))
        return false;
    if (offset.kind != PDF_IS_NUMBER || gen.kind != PDF_IS_NUMBER || use.kind != PDF_IS_WORD)
        return false;
    if (slice_is(use.raw, "n") && num <= PDF_NUMBER_MAX && offset.number >= 0)
        place(f, (uint32_t)num, (uint64_t)offset.number);
    return slice_is(use.raw, "n") || slice_is(use.raw, "f");
}

static void read_table(struct follow *f, size_t at)
{
    struct pdf_lexer l = { .in = f->p->all, .pos = at };
    struct pdf_value first, count;
    while (!f->stop && pdf_next(&l, true, &first)) {
        if (pdf_is_word(&first, "trailer")) {
            struct pdf_dict d;
            struct pdf_value v;
            int64_t stream;
            if (!pdf_next(&l, false, &v) || v.kind != PDF_IS_DICT ||
                !pdf_dict_of(f->p, v.raw, 0, &d))
                return;
            if (!pdf_int(f->p, &d, PDF_Prev, &f->prev))
                f->prev = -1;
            if (pdf_int(f->p, &d, PDF_XRefStm, &stream) && stream > 0 &&
                f->n_seen < SECTIONS_MAX - 1)
                f->seen[f->n_seen++] = (uint64_t)stream | UINT64_C(1) << 63;
            return;
        }
        if (first.kind != PDF_IS_NUMBER || !pdf_next(&l, true, &count) ||
            count.kind != PDF_IS_NUMBER || first.number < 0 || count.number < 0)
            return;
        for (uint64_t i = 0; !f->stop && i < (uint64_t)count.number; i++)
            if (!table_entry(f, &l, (uint64_t)first.number + i))
                return;
    }
}

/* --- streams */

static uint64_t field(cursor *c, int64_t width)
{
    uint64_t v = 0;
    for (int64_t i = 0; i < width; i++)
        v = v << 8 | cur_u8(c);
    return v;
}

static void read_rows(struct follow *f, cursor *c, const int64_t width[3], uint64_t first,
                      uint64_t count)
{
    for (uint64_t i = 0; i < count && !f->stop && cur_more(c); i++) {
        uint64_t type = width[0] ? field(c, width[0]) : 1;
        uint64_t a = field(c, width[1]);
        (void)field(c, width[2]);
        if (!cur_ok(c) || first + i > PDF_NUMBER_MAX)
            return;
        if (type == 1)
            place(f, (uint32_t)(first + i), a);
        else if (type == 2)
            pdf_object_packed(f->p, (uint32_t)(first + i));
    }
}

static bool ints(struct pdf *p, struct pdf_lexer *l, int64_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct pdf_value v;
        if (!pdf_next(l, false, &v))
            return false;
        v = pdf_resolve(p, v);
        if (v.kind != PDF_IS_NUMBER || v.number < 0 || v.number > 1e15)
            return false;
        out[i] = (int64_t)v.number;
    }
    return true;
}

static void read_stream(struct follow *f, uint32_t object)
{
    struct pdf *p = f->p;
    struct pdf_dict d;
    struct body body = { 0 };
    int64_t width[3], size = 0, span[2];
    if (!pdf_dict_at(p, object, &d))
        return;
    if (!pdf_int(p, &d, PDF_Prev, &f->prev))
        f->prev = -1;
    struct pdf_value w = pdf_resolve(p, pdf_get(&d, PDF_W));
    struct pdf_value index = pdf_resolve(p, pdf_get(&d, PDF_Index));
    struct pdf_lexer l = { .in = w.raw, .owner = w.owner };
    if (w.kind != PDF_IS_ARRAY || !ints(p, &l, width, 3) || width[0] > 8 || width[1] > 8 ||
        width[2] > 8 || !pdf_int(p, &d, PDF_Size, &size) || size < 0)
        return;
    (void)pdf_stream(p, object, XREF_BYTES_MAX, &body);
    cursor c = cur_open(body.all);
    l = (struct pdf_lexer){ .in = index.raw, .owner = index.owner };
    if (index.kind != PDF_IS_ARRAY)
        read_rows(f, &c, width, 0, (uint64_t)size);
    else
        while (cur_more(&c) && !f->stop && ints(p, &l, span, 2))
            read_rows(f, &c, width, (uint64_t)span[0], (uint64_t)span[1]);
    body_release(&body);
}

static uint32_t stream_at(struct pdf *p, const uint8_t *from)
{
    for (size_t low = 0, high = p->n_scanned; low < high;) {
        size_t mid = low + (high - low) / 2;
        const uint8_t *text = p->objects[mid].text.at;
        if (text >= from && (size_t)(text - from) <= 40)
            return (uint32_t)mid;
        if (text < from)
            low = mid + 1;
        else
            high = mid;
    }
    return NO_ID;
}

static bool read_section(struct follow *f, uint64_t offset)
{
    struct pdf *p = f->p;
    size_t at = offset > p->all.len ? p->all.len : (size_t)offset;
    while (at < p->all.len && pdf_space(p->all.at[at]))
        at++;
    f->prev = -1;
    slice s = slice_from(p->all, at);
    if (slice_starts(s, SLICE_LIT("xref"))) {
        read_table(f, at + 4);
        return true;
    }
    uint32_t object = s.len ? stream_at(p, s.at) : NO_ID;
    if (object == NO_ID || !p->objects[object].stream)
        return false;
    read_stream(f, object);
    return true;
}

static bool seen_before(struct follow *f, uint64_t offset)
{
    for (size_t i = 0; i < f->n_seen; i++)
        if (f->seen[i] == offset)
            return true;
    return false;
}

static size_t last_startxref(slice all)
{
    size_t from = all.len > TAIL ? all.len - TAIL : 0, last = SIZE_MAX;
    for (size_t at = from; (at = slice_find(all, SLICE_LIT("startxref"), at)) != SIZE_MAX; at++)
        last = at;
    return last;
}

void pdf_xref_follow(struct pdf *p)
{
    struct follow *f = ARENA_NEW(p->w->mem, struct follow);
    size_t at = last_startxref(p->all);
    struct pdf_lexer l = { .in = p->all, .pos = at == SIZE_MAX ? p->all.len : at + 9 };
    struct pdf_value v;
    bool good = f && pdf_next(&l, true, &v) && v.kind == PDF_IS_NUMBER && v.number >= 0;
    if (good) {
        f->p = p;
        f->prev = (int64_t)v.number;
    }
    for (bool first = true; good && !f->stop && f->prev >= 0; first = false) {
        uint64_t offset = (uint64_t)f->prev;
        if (seen_before(f, offset) || f->n_seen >= SECTIONS_MAX - 1)
            break;
        f->seen[f->n_seen++] = offset;
        size_t before = f->n_seen;
        bool read = read_section(f, offset) || (p->header && read_section(f, offset + p->header));
        good = read || !first;
        if (f->n_seen > before) { /* the hybrid half of a table */
            int64_t prev = f->prev;
            uint64_t half = f->seen[before] & ~(UINT64_C(1) << 63);
            f->seen[before] = half;
            (void)read_section(f, half);
            f->prev = prev;
        }
    }
    if (!p->quiet && (!good || (f && f->bad > f->good)))
        walk_cstr(p->w, FACT_PDF_DAMAGED, "xref", NOWHERE);
}
