/* SPDX-License-Identifier: Apache-2.0 */
/* Macro source in a damaged compound file, found without its directory.
 *
 * Source begins with "Attribute", so its compressed container ([MS-OVBA]
 * 2.4.1) begins with 01, a chunk header whose signature bits are 011, a flag
 * byte of zero (eight literals), and "Attribut". Each place becomes a stream
 * of a bundle that the VBA reader claims. A source scattered over the file
 * comes out up to its first break.
 */
#include "decode/cfb/cfb_private.h"

enum { CARVED_MAX = 256, BEFORE = 3 };

struct found {
    const struct body *body;
    uint64_t at[CARVED_MAX];
};

static bool carved_open(struct walk *w, struct bundle *b, size_t entry, struct body *out)
{
    (void)w;
    const struct found *f = b->host;
    uint64_t from = f->at[entry];
    uint64_t to = entry + 1 < b->n ? f->at[entry + 1] : f->body->all.len;
    *out = body_borrow(slice_sub(f->body->all, (size_t)from, (size_t)(to - from)));
    return true;
}

static size_t carved_head(struct walk *w, struct bundle *b, size_t entry, uint8_t *out, size_t max)
{
    struct body body;
    (void)carved_open(w, b, entry, &body);
    slice s = slice_sub(body.all, 0, max);
    for (size_t i = 0; i < s.len; i++)
        out[i] = s.at[i];
    return s.len;
}

static size_t find_in(const struct body *body, uint64_t from, uint64_t len, struct found *f,
                      size_t n)
{
    static const slice mark = SLICE_INIT("\0Attribut");
    slice s = slice_sub(body->all, (size_t)from, (size_t)len);
    size_t pos = 0;
    while (n < CARVED_MAX && (pos = slice_find(s, mark, pos)) != SIZE_MAX) {
        if (pos >= BEFORE && s.at[pos - BEFORE] == 1 && (s.at[pos - 1] & 0x70) == 0x30)
            f->at[n++] = from + pos - BEFORE;
        pos += mark.len;
    }
    return n;
}

/* Holes of the body hold nothing, and are not touched. */
static size_t find_all(struct walk *w, const struct body *body, struct found *f)
{
    size_t n = 0;
    if (!body->stored)
        return walk_work(w, body->all.len / 4) ? find_in(body, 0, body->all.len, f, 0) : 0;
    for (size_t i = 0; i < body->n_stored && walk_work(w, body->stored[i].len / 4); i++)
        n = find_in(body, body->stored[i].at, body->stored[i].len, f, n);
    return n;
}

bool cfb_carve(struct walk *w, const struct body *body)
{
    struct found *f = ARENA_NEW(w->mem, struct found);
    if (!f)
        return false;
    f->body = body;
    size_t n = find_all(w, body, f);
    struct bundle_entry *entries = n ? ARENA_ARRAY(w->mem, struct bundle_entry, n) : NULL;
    if (!entries)
        return false;
    for (size_t i = 0; i < n; i++) {
        uint64_t to = i + 1 < n ? f->at[i + 1] : body->all.len;
        entries[i] = (struct bundle_entry){
            .name = SLICE_LIT("carved"),
            .size = to - f->at[i],
            .at = (struct range){ f->at[i], to },
            .stream = true,
        };
    }
    struct bundle b = {
        .kind = "cfb-carved",
        .how = HOW_OLE,
        .entries = entries,
        .n = n,
        .host = f,
        .open = carved_open,
        .head = carved_head,
    };
    walk_bundle(w, &b);
    return true;
}
