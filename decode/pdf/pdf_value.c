/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a dictionary, following references, reading strings (ISO 32000-1 7.3, 7.9). */
#include "decode/pdf/pdf_private.h"
#include "base/charset.h"
#include "base/text.h"

enum { WORK_PER_BYTE = 4, STRING_MAX = 4 << 20 };

struct range pdf_range(const struct pdf *p, slice raw)
{
    const uint8_t *all = p->all.at;
    if (!raw.at || raw.at < all || raw.at > all + p->all.len)
        return NOWHERE; /* out of an object stream */
    return range_of((uint64_t)(raw.at - all), raw.len);
}

/* The first value of an object's text. */
static struct pdf_value value_of(struct pdf *p, uint32_t index)
{
    struct pdf_value v = { 0 };
    struct pdf_lexer l = { .in = p->objects[index].text, .owner = index };
    (void)pdf_next(&l, false, &v);
    (void)walk_work(p->w, l.pos * WORK_PER_BYTE);
    return v;
}

struct pdf_value pdf_resolve(struct pdf *p, struct pdf_value v)
{
    for (unsigned i = 0; v.kind == PDF_IS_REF; i++) {
        const struct pdf_object *o = pdf_object(p, v.num);
        if (i == PDF_CHAIN_MAX || !o || walk_over(p->w))
            return (struct pdf_value){ 0 };
        v = value_of(p, (uint32_t)(o - p->objects));
    }
    return v;
}

/* Reads what stands between << and >>. */
static void read_pairs(struct pdf *p, slice raw, uint32_t owner, struct pdf_dict *out)
{
    struct pdf_lexer l = { .in = raw, .owner = owner };
    struct pdf_value key, v;
    for (size_t i = 0; i < PDF_KEYS; i++)
        out->has[i] = false;
    while (pdf_next(&l, false, &key)) {
        if (key.kind != PDF_IS_NAME)
            continue;
        bool escaped = false;
        int k = pdf_key_of(key.raw, &escaped);
        if (!pdf_next(&l, false, &v))
            break;
        if (k >= 0 && v.kind != PDF_IS_CLOSE) { /* of two, the last counts in most viewers */
            out->has[k] = true;
            out->v[k] = v;
        }
    }
    (void)walk_work(p->w, raw.len * WORK_PER_BYTE);
}

bool pdf_dict_of(struct pdf *p, slice raw, uint32_t owner, struct pdf_dict *out)
{
    if (slice_starts(raw, SLICE_LIT("<<")))
        raw = slice_from(raw, 2);
    if (walk_over(p->w))
        return false;
    read_pairs(p, raw, owner, out);
    return true;
}

bool pdf_dict_at(struct pdf *p, uint32_t object, struct pdf_dict *out)
{
    struct pdf_value v = value_of(p, object);
    return v.kind == PDF_IS_DICT && pdf_dict_of(p, v.raw, object, out);
}

bool pdf_dict(struct pdf *p, struct pdf_value v, struct pdf_dict *out, uint32_t *object_out)
{
    v = pdf_resolve(p, v);
    if (v.kind != PDF_IS_DICT)
        return false;
    if (object_out)
        *object_out = v.owner;
    return pdf_dict_of(p, v.raw, v.owner, out);
}

struct pdf_value pdf_get(const struct pdf_dict *d, enum pdf_key k)
{
    return d->has[k] ? d->v[k] : (struct pdf_value){ 0 };
}

bool pdf_int(struct pdf *p, const struct pdf_dict *d, enum pdf_key k, int64_t *out)
{
    struct pdf_value v = pdf_resolve(p, pdf_get(d, k));
    if (v.kind != PDF_IS_NUMBER || v.number > 1e15 || v.number < -1e15)
        return false;
    *out = (int64_t)v.number;
    return true;
}

bool pdf_rect(struct pdf *p, struct pdf_value v, double out[4])
{
    v = pdf_resolve(p, v);
    if (v.kind != PDF_IS_ARRAY)
        return false;
    struct pdf_lexer l = { .in = v.raw, .owner = v.owner };
    double n[4];
    for (size_t i = 0; i < 4; i++) {
        struct pdf_value item;
        if (!pdf_next(&l, false, &item))
            return false;
        item = pdf_resolve(p, item);
        if (item.kind != PDF_IS_NUMBER || item.number > 1e7 || item.number < -1e7)
            return false;
        n[i] = item.number;
    }
    for (size_t i = 0; i < 2; i++) {
        out[i] = n[i] < n[i + 2] ? n[i] : n[i + 2];
        out[i + 2] = n[i] < n[i + 2] ? n[i + 2] : n[i];
    }
    return true;
}

/* --- strings */

slice pdf_bytes(struct pdf *p, struct pdf_value v)
{
    v = pdf_resolve(p, v);
    if (v.raw.len > STRING_MAX)
        v.raw.len = STRING_MAX;
    if (!walk_work(p->w, v.raw.len * WORK_PER_BYTE))
        return (slice){ 0 };
    slice s = pdf_unescape(p->w->mem, &v);
    if (p->crypt && s.len && v.owner < p->n_objects && !p->objects[v.owner].packed)
        s = pdf_crypt_string(p, v.owner, s);
    return s;
}

slice pdf_text(struct pdf *p, struct pdf_value v)
{
    slice s = pdf_bytes(p, v);
    struct arena *mem = p->w->mem;
    if (slice_starts(s, SLICE_LIT("\xfe\xff")))
        return charset_decode_id(mem, CHARSET_UTF16BE, slice_from(s, 2)).text;
    if (slice_starts(s, SLICE_LIT("\xff\xfe")))
        return charset_decode_id(mem, CHARSET_UTF16LE, slice_from(s, 2)).text;
    if (slice_starts(s, SLICE_LIT("\xef\xbb\xbf")))
        return utf8_clean(mem, slice_from(s, 3));
    /* PDFDocEncoding by the book; what programs write is the system's own charset. */
    return s.len ? charset_decode_id(mem, charset_guess(s), s).text : s;
}
