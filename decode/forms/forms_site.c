/* SPDX-License-Identifier: Apache-2.0 */
/* forms_site - the stream `f`: [MS-OFORMS] 2.2.10.1 to 2.2.10.12.
 *
 * The form's own properties, then pictures and a font, a table of classes, and one site for each
 * control. Where the way to the sites is broken they are looked for: each begins with a version,
 * its size and a mask that says it has a name.
 */
#include "base/text.h"
#include "decode/forms/forms_private.h"

enum {
    DONT_SAVE_CLASSES = 1 << 15, /* 2.2.10.4 */
    STREAMED = 1 << 4,           /* 2.2.10.12.5 */
    CLASSES_MAX = 256,
    OWN_CLASS = 0x8000, /* 2.2.10.12.3: an index into the form's table */
};

/* --- the form itself */

struct head {
    uint32_t mask, flags;
    struct control_count caption;
};

/* 2.2.10.3: what each bit of the mask takes. */
static void read_data(cursor *k, struct head *h)
{
    static const uint8_t sizes[28] = {
        [1] = 4, [2] = 4, [3] = 4, [6] = 4, [7] = 1, [8] = 1, [9] = 1, [13] = 4, [15] = 2, [16] = 1,
        [17] = 1, [18] = 4, [19] = 4, [20] = 2, [21] = 2, [22] = 4, [23] = 1, [25] = 1, [26] = 4, [27] = 4,
    };
    for (unsigned bit = 0; bit < 28; bit++) {
        if (!(h->mask >> bit & 1) || sizes[bit] == 0)
            continue;
        control_align(k, sizes[bit]);
        uint32_t v = sizes[bit] == 4 ? cur_u32le(k) : sizes[bit] == 2 ? cur_u16le(k) : cur_u8(k);
        if (bit == 6)
            h->flags = v;
        if (bit == 19)
            h->caption = control_count_of(v);
    }
    control_align(k, 4);
}

/* 2.2.10.5: in this order. */
static void skip_stream_data(cursor *k, uint32_t mask)
{
    if (mask >> 15 & 1)
        (void)control_skip_picture(k);
    if (mask >> 20 & 1)
        (void)control_skip_font(k);
    if (mask >> 21 & 1)
        (void)control_skip_picture(k);
}

static bool read_form(struct walk *w, cursor *k, struct forms_form *out)
{
    struct head h = { 0 };
    uint16_t version = cur_u16le(k), size = cur_u16le(k);
    if (!cur_ok(k) || version != 0x0400)
        return false;
    h.mask = cur_u32le(k);
    read_data(k, &h);
    for (unsigned bit = 10; bit <= 12; bit++) /* sizes and the scroll position */
        if (h.mask >> bit & 1)
            cur_skip(k, 8);
    if (h.mask >> 19 & 1)
        out->caption = control_string(w, k, h.caption);
    size_t end = (size_t)size + 4;
    if (end > k->pos)
        cur_skip(k, end - k->pos < cur_left(k) ? end - k->pos : cur_left(k));
    skip_stream_data(k, h.mask);
    if (h.flags & DONT_SAVE_CLASSES)
        return true;
    uint16_t n = cur_u16le(k);
    for (unsigned i = 0; i < n && i < CLASSES_MAX && cur_ok(k); i++) {
        cur_skip(k, 2);
        cur_skip(k, cur_u16le(k));
    }
    return true;
}

/* --- sites */

/* 2.2.10.12.1, from its version on. */
static bool read_site(struct walk *w, cursor *k, struct forms_site *s)
{
    cursor c = cur_open(cur_rest(k));
    struct control_count name = { 0 }, tag = { 0 }, tip = { 0 }, key = { 0 }, source = { 0 }, rows = { 0 };
    uint16_t version = cur_u16le(&c), size = cur_u16le(&c);
    uint32_t mask = cur_u32le(&c);
    if (!cur_ok(&c) || version != 0 || size < 4)
        return false;
    *s = (struct forms_site){ .streamed = true };
    name = mask & 1 ? control_count_of(cur_u32le(&c)) : name;
    tag = mask & 2 ? control_count_of(cur_u32le(&c)) : tag;
    s->id = mask & 4 ? cur_u32le(&c) : 0;
    cur_skip(&c, mask & 8 ? 4 : 0);
    s->streamed = mask & 16 ? cur_u32le(&c) & STREAMED : true; /* the default has the flag */
    s->size = mask & 32 ? cur_u32le(&c) : 0;
    cur_skip(&c, mask & 64 ? 2 : 0);
    uint32_t index = mask & 128 ? cur_u16le(&c) : OWN_CLASS;
    cur_skip(&c, mask & 512 ? 2 : 0);
    control_align(&c, 4);
    tip = mask & 1 << 11 ? control_count_of(cur_u32le(&c)) : tip;
    key = mask & 1 << 12 ? control_count_of(cur_u32le(&c)) : key;
    source = mask & 1 << 13 ? control_count_of(cur_u32le(&c)) : source;
    rows = mask & 1 << 14 ? control_count_of(cur_u32le(&c)) : rows;
    if (!cur_ok(&c) || name.bytes > cur_left(&c))
        return false;
    s->kind = index < OWN_CLASS ? control_kind_of_index(index) : CONTROL_UNKNOWN;
    s->name = control_string(w, &c, name);
    s->tag = control_string(w, &c, tag);
    cur_skip(&c, mask & 256 ? (cur_left(&c) < 8 ? cur_left(&c) : 8) : 0);
    s->tip = control_string(w, &c, tip);
    (void)control_string(w, &c, key);
    s->source = control_string(w, &c, source);
    s->rows = control_string(w, &c, rows);
    size_t told = (size_t)size + 4, end = told > c.pos ? told : c.pos;
    cur_skip(k, end < cur_left(k) ? end : cur_left(k));
    return true;
}

/* 2.2.10.7: depths and types, of no use here, padded to four from their beginning. */
static bool skip_depths(cursor *k, uint32_t sites)
{
    cursor c = cur_open(cur_rest(k));
    for (uint32_t left = sites; left > 0 && cur_ok(&c);) {
        uint8_t mixed;
        cur_skip(&c, 1);
        mixed = cur_u8(&c);
        uint32_t n = mixed & 0x80 ? mixed & 0x7fu : 1;
        if (mixed & 0x80)
            cur_skip(&c, 1);
        if (n == 0)
            return false;
        left -= n < left ? n : left;
    }
    if (!cur_ok(&c))
        return false;
    control_align(&c, 4);
    cur_skip(k, c.pos);
    return true;
}

/* The next place where a site with a name may begin. */
static bool find_site(cursor *k)
{
    for (slice rest = cur_rest(k); rest.len >= 12; rest = slice_from(rest, 1)) {
        cursor c = cur_open(rest);
        uint16_t version = cur_u16le(&c), size = cur_u16le(&c);
        uint32_t mask = cur_u32le(&c);
        uint32_t name = cur_u32le(&c);
        if (version == 0 && size >= 8 && size <= c.in.len && (mask & 5) == 5 && mask < 1 << 15 &&
            (name & 0x80000000) && (name & 0x7fffffff) > 0 && (name & 0x7fffffff) < size) {
            cur_seek(k, k->in.len - rest.len);
            return true;
        }
    }
    cur_seek(k, k->in.len);
    return false;
}

bool forms_site_read(struct walk *w, slice in, struct forms_form *out)
{
    cursor k = cur_open(in);
    *out = (struct forms_form){ 0 };
    if (!read_form(w, &k, out) || !walk_work(w, in.len * 4))
        return false;
    uint32_t n = cur_u32le(&k);
    cur_skip(&k, 4);
    bool straight = cur_ok(&k) && n <= cur_left(&k) / 8 && skip_depths(&k, n);
    if (!straight && in.len > 8) {
        k = cur_open(in);
        cur_seek(&k, 8);
    }
    size_t room = straight ? n : in.len / 12;
    room = room < FORMS_SITES_MAX ? room : FORMS_SITES_MAX;
    out->sites = ARENA_ARRAY(w->mem, struct forms_site, room + 1);
    out->whole = straight;
    while (out->sites && out->n_sites < room && cur_left(&k) >= 8) {
        if (out->whole || find_site(&k)) {
            bool good = read_site(w, &k, &out->sites[out->n_sites]);
            out->n_sites += good;
            out->whole = out->whole && good;
            if (!good && cur_more(&k))
                cur_skip(&k, 1);
        }
    }
    out->whole = out->whole && out->n_sites == n;
    return true;
}
