/* SPDX-License-Identifier: Apache-2.0 */
/* Stream filters (ISO 32000-1 7.4): Flate, LZW, ASCIIHex, ASCII85, RunLength, with the PNG and
 * TIFF predictors. Picture codecs (DCT, JPX, CCITT, JBIG2) are where reading ends: they carry
 * pictures. What breaks off gives what came before, as in every viewer. */
#include "decode/pdf/pdf_private.h"
#include "base/text.h"

enum {
    ROW_MAX = 1 << 20,
    CHUNK = 4096,
    LZW_CODES = 4096,
    WORK_PER_BYTE = 4,
    WORK_PER_STREAM = 2000
};

enum filter { FLATE, LZW, HEX, BASE85, RUN, CRYPT, PICTURE, UNKNOWN };

struct output {
    struct pdf *p;
    struct body_writer *bw;
    uint8_t chunk[CHUNK];
    size_t n;
    bool full;
};

static bool flush(struct output *o)
{
    struct walk *w = o->p->w;
    if (o->n && !o->full)
        o->full = !budget_spend(w->budget, BUDGET_INFLATED, o->n) ||
                  !walk_work(w, o->n * WORK_PER_BYTE) ||
                  !body_writer_put(o->bw, (slice){ o->chunk, o->n });
    o->n = 0;
    return !o->full;
}

static inline bool emit(struct output *o, uint8_t byte)
{
    o->chunk[o->n++] = byte;
    return o->n < CHUNK || flush(o);
}

/* --- text encodings */

static void read_hex(struct output *o, slice in)
{
    int high = -1;
    for (size_t i = 0; i < in.len && in.at[i] != '>'; i++) {
        int digit = ascii_hex(in.at[i]);
        if (digit < 0)
            continue;
        if (high >= 0 && !emit(o, (uint8_t)(high << 4 | digit)))
            return;
        high = high >= 0 ? -1 : digit;
    }
    if (high >= 0)
        (void)emit(o, (uint8_t)(high << 4));
}

static void read_base85(struct output *o, slice in)
{
    uint32_t v = 0;
    unsigned n = 0;
    size_t i = slice_starts(in, SLICE_LIT("<~")) ? 2 : 0;
    for (; i < in.len && in.at[i] != '~' && !o->full; i++) {
        uint8_t c = in.at[i];
        if (c == 'z' && n == 0) {
            for (unsigned k = 0; k < 4; k++)
                (void)emit(o, 0);
        } else if (c >= '!' && c <= 'u') {
            v = v * 85 + (uint32_t)(c - '!');
            if (++n < 5)
                continue;
            for (unsigned k = 0; k < 4; k++)
                (void)emit(o, (uint8_t)(v >> (24 - 8 * k)));
            v = 0;
            n = 0;
        }
    }
    if (n < 2)
        return;
    for (unsigned k = n; k < 5; k++)
        v = v * 85 + 84;
    for (unsigned k = 0; k + 1 < n; k++)
        (void)emit(o, (uint8_t)(v >> (24 - 8 * k)));
}

static void read_runs(struct output *o, slice in)
{
    cursor c = cur_open(in);
    while (cur_more(&c) && !o->full) {
        uint8_t length = cur_u8(&c);
        if (length == 128)
            return;
        if (length < 128) {
            slice s = slice_sub(cur_rest(&c), 0, (size_t)length + 1);
            cur_skip(&c, s.len);
            for (size_t i = 0; i < s.len; i++)
                (void)emit(o, s.at[i]);
        } else {
            uint8_t byte = cur_u8(&c);
            for (size_t i = 0; cur_ok(&c) && i < 257u - length; i++)
                (void)emit(o, byte);
        }
    }
}

/* --- LZW (7.4.4): 9 to 12 bits, 256 clears, 257 ends */

struct lzw {
    uint16_t before[LZW_CODES];
    uint8_t last[LZW_CODES], first[LZW_CODES];
    uint16_t length[LZW_CODES];
    uint8_t turned[LZW_CODES];
};

static bool lzw_emit(struct output *o, struct lzw *z, unsigned code)
{
    size_t n = z->length[code];
    for (size_t i = n; i > 0; i--) {
        z->turned[i - 1] = z->last[code];
        code = z->before[code];
    }
    for (size_t i = 0; i < n; i++)
        if (!emit(o, z->turned[i]))
            return false;
    return true;
}

static void read_lzw(struct output *o, slice in, unsigned early)
{
    struct lzw *z = ARENA_NEW(o->p->w->mem, struct lzw);
    uint32_t bits = 0;
    unsigned have = 0, width = 9, next = 258, old = 256;
    for (unsigned i = 0; z && i < 256; i++) {
        z->last[i] = z->first[i] = (uint8_t)i;
        z->length[i] = 1;
    }
    for (size_t pos = 0; z && !o->full;) {
        while (have < width && pos < in.len) {
            bits = bits << 8 | in.at[pos++];
            have += 8;
        }
        if (have < width)
            return;
        unsigned code = bits >> (have - width) & ((1u << width) - 1);
        have -= width;
        if (code == 257)
            return;
        if (code == 256) {
            width = 9;
            next = 258;
            old = 256;
            continue;
        }
        if (code > next || (code == next && old == 256) ||
            (code >= 258 && code >= next && next >= LZW_CODES))
            return;
        if (old != 256 && next < LZW_CODES) {
            z->before[next] = (uint16_t)old;
            z->length[next] =
                (uint16_t)(z->length[old] < LZW_CODES ? z->length[old] + 1 : LZW_CODES);
            z->first[next] = z->first[old];
            z->last[next] = code == next ? z->first[old] : z->first[code];
            next++;
        } else if (code >= next) {
            return;
        }
        if (!lzw_emit(o, z, code))
            return;
        old = code;
        if (next + early >= 1u << width && width < 12)
            width++;
    }
}

/* --- predictors (7.4.4.4) */

struct predictor {
    int64_t kind, colors, bits, columns;
    size_t row, pixel; /* bytes */
};

static uint8_t paeth(uint8_t a, uint8_t b, uint8_t c)
{
    int p = a + b - c, pa = p > a ? p - a : a - p, pb = p > b ? p - b : b - p,
        pc = p > c ? p - c : c - p;
    if (pa <= pb && pa <= pc)
        return a;
    return pb <= pc ? b : c;
}

static void undo_png(uint8_t kind, uint8_t *row, const uint8_t *above, size_t n, size_t pixel)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t left = i >= pixel ? row[i - pixel] : 0, corner = i >= pixel ? above[i - pixel] : 0,
                add = 0;
        if (kind == 1)
            add = left;
        else if (kind == 2)
            add = above[i];
        else if (kind == 3)
            add = (uint8_t)((left + above[i]) / 2);
        else if (kind == 4)
            add = paeth(left, above[i], corner);
        row[i] = (uint8_t)(row[i] + add);
    }
}

static void undo_predictor(struct output *o, slice in, const struct predictor *q)
{
    bool png = q->kind >= 10;
    uint8_t *row = arena_get(o->p->w->mem, 2 * q->row, 1), *above = row ? row + q->row : NULL;
    size_t step = q->row + (png ? 1 : 0);
    for (size_t pos = 0; row && pos < in.len && !o->full; pos += step) {
        slice s = slice_sub(in, pos + (png ? 1 : 0), q->row);
        size_t n = slice_copy_out(s, row, q->row);
        if (png)
            undo_png(in.at[pos], row, above, n, q->pixel);
        for (size_t i = q->pixel; !png && q->bits == 8 && i < n; i++)
            row[i] = (uint8_t)(row[i] + row[i - q->pixel]);
        for (size_t i = 0; i < n; i++)
            (void)emit(o, row[i]);
        uint8_t *swap = row;
        row = above;
        above = swap;
    }
}

static int64_t parm(struct pdf *p, const struct pdf_dict *d, enum pdf_key k, int64_t otherwise)
{
    int64_t v;
    return pdf_int(p, d, k, &v) ? v : otherwise;
}

static bool predictor_of(struct pdf *p, const struct pdf_dict *parms, struct predictor *out)
{
    *out = (struct predictor){ .kind = parm(p, parms, PDF_Predictor, 1),
                               .colors = parm(p, parms, PDF_Colors, 1),
                               .bits = parm(p, parms, PDF_BitsPerComponent, 8),
                               .columns = parm(p, parms, PDF_Columns, 1) };
    if (out->kind < 2 || out->colors < 1 || out->colors > 32 || out->bits < 1 || out->bits > 16 ||
        out->columns < 1 || out->columns > ROW_MAX)
        return false;
    out->row = (size_t)((out->colors * out->bits * out->columns + 7) / 8);
    out->pixel = (size_t)((out->colors * out->bits + 7) / 8);
    return out->row <= ROW_MAX;
}

/* --- one filter after the other */

static enum filter filter_named(const struct pdf_value *name)
{
    static const struct {
        const char *name, *shorter;
        enum filter filter;
    } names[] = {
        { "FlateDecode", "Fl", FLATE },       { "LZWDecode", "LZW", LZW },
        { "ASCIIHexDecode", "AHx", HEX },     { "ASCII85Decode", "A85", BASE85 },
        { "RunLengthDecode", "RL", RUN },     { "Crypt", "Crypt", CRYPT },
        { "DCTDecode", "DCT", PICTURE },      { "JPXDecode", "JPX", PICTURE },
        { "CCITTFaxDecode", "CCF", PICTURE }, { "JBIG2Decode", "JBIG2", PICTURE },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (pdf_is_name(name, names[i].name) || pdf_is_name(name, names[i].shorter))
            return names[i].filter;
    return UNKNOWN;
}

static bool inflate(struct pdf *p, struct body_writer *bw, slice in)
{
    /* Some writers leave a line break in front of the data. */
    while (in.len && (in.at[0] == '\r' || in.at[0] == '\n'))
        in = slice_from(in, 1);
    struct inflate_result r = inflate_into(bw, in, INFLATE_ZLIB, p->w->mem, p->w->budget);
    if (r.end == INFLATE_BROKEN && body_writer_size(bw) == 0 && in.len > 2)
        r = inflate_into(bw, slice_from(in, 2), INFLATE_RAW, p->w->mem, p->w->budget);
    return r.end != INFLATE_LIMIT;
}

static bool run_filter(struct pdf *p, enum filter f, slice in, const struct pdf_dict *parms,
                       uint64_t max, struct body *out)
{
    struct output o = { .p = p, .bw = body_writer_new(p->w->mem, in.len, max) };
    bool ok = true;
    if (!o.bw)
        return false;
    if (f == FLATE)
        ok = inflate(p, o.bw, in);
    else if (f == LZW)
        read_lzw(&o, in, parm(p, parms, PDF_EarlyChange, 1) ? 1 : 0);
    else if (f == HEX)
        read_hex(&o, in);
    else if (f == BASE85)
        read_base85(&o, in);
    else if (f == RUN)
        read_runs(&o, in);
    ok = flush(&o) && ok;
    *out = body_writer_done(o.bw);
    struct predictor q;
    if (!ok || (f != FLATE && f != LZW) || !predictor_of(p, parms, &q))
        return ok;
    struct body plain = *out;
    struct output second = { .p = p, .bw = body_writer_new(p->w->mem, plain.all.len, max) };
    if (!second.bw)
        return false;
    undo_predictor(&second, plain.all, &q);
    ok = flush(&second);
    *out = body_writer_done(second.bw);
    body_release(&plain);
    return ok;
}

/* The n-th of an array, or the value itself as the first. */
static bool nth(struct pdf *p, struct pdf_value list, size_t n, struct pdf_value *out)
{
    list = pdf_resolve(p, list);
    if (list.kind != PDF_IS_ARRAY) {
        *out = list;
        return n == 0 && list.kind != PDF_IS_NOTHING;
    }
    struct pdf_lexer l = { .in = list.raw, .owner = list.owner };
    for (size_t i = 0; i <= n; i++)
        if (!pdf_next(&l, false, out))
            return false;
    *out = pdf_resolve(p, *out);
    return true;
}

/* 7.3.8.2: /Length counts if "endstream" follows there. */
static slice extent(struct pdf *p, const struct pdf_object *o, const struct pdf_dict *d)
{
    int64_t n;
    size_t from = (size_t)(o->data.at - p->all.at);
    if (pdf_int(p, d, PDF_Length, &n) && n >= 0 && (uint64_t)n <= p->all.len - from) {
        slice behind = slice_trim(slice_sub(p->all, from + (size_t)n, 24));
        if (slice_starts(behind, SLICE_LIT("endstream")))
            return slice_sub(p->all, from, (size_t)n);
    }
    slice s = o->data;
    if (s.len && s.at[s.len - 1] == '\n')
        s.len--;
    if (s.len && s.at[s.len - 1] == '\r')
        s.len--;
    return s;
}

static bool apply(struct pdf *p, const struct pdf_dict *d, slice in, uint64_t max, struct body *out)
{
    struct pdf_value filters =
                         pdf_get(d, d->has[PDF_Filter] || !d->has[PDF_F] ? PDF_Filter : PDF_F),
                     name;
    struct pdf_value all_parms = pdf_get(d, d->has[PDF_DecodeParms] ? PDF_DecodeParms : PDF_DP);
    bool ok = true;
    for (size_t i = 0; ok && nth(p, filters, i, &name); i++) {
        struct pdf_value v;
        struct pdf_dict parms = { .has = { false } };
        enum filter f = filter_named(&name);
        if (i == PDF_CHAIN_MAX) {
            p->limit = true;
            return false;
        }
        if (f == CRYPT)
            continue;
        if (f == PICTURE || f == UNKNOWN)
            break;
        if (nth(p, all_parms, i, &v))
            (void)pdf_dict(p, v, &parms, NULL);
        struct body next = { 0 };
        ok = run_filter(p, f, out->owned ? out->all : in, &parms, max, &next);
        body_release(out);
        *out = next;
        in = next.all;
    }
    if (!out->owned)
        *out = body_borrow(in);
    return ok;
}

bool pdf_stream(struct pdf *p, uint32_t object, uint64_t max, struct body *out)
{
    const struct pdf_object *o = &p->objects[object];
    struct pdf_dict d;
    *out = (struct body){ 0 };
    if (!o->stream || !walk_work(p->w, WORK_PER_STREAM) || !pdf_dict_at(p, object, &d))
        return false;
    slice in = extent(p, &p->objects[object], &d);
    uint64_t most = p->w->budget->left[BUDGET_INFLATED];
    struct body clear = { 0 };
    bool locked = p->crypt && !p->objects[object].packed;
    if (locked && !pdf_crypt_stream(p, object, &d, in, &clear))
        return false;
    bool ok = apply(p, &d, locked ? clear.all : in, max < most ? max : most, out);
    if (locked && !out->owned)
        *out = clear;
    else
        body_release(&clear);
    return ok;
}
