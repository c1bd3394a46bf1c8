/* SPDX-License-Identifier: Apache-2.0 */
/* ActiveMime - what Word and Excel keep macros and embedded objects in when they save as web
 * page or as the XML of Office 2003: a header, then a compound file compressed by zlib.
 *
 * There is no specification: the header's word at 1Eh tells where the data begins, and Office has
 * written it at 32h and 22Ah. Where neither is true, the data is looked for. */
#include "base/inflate.h"
#include "base/text.h"
#include "decode/walk.h"

enum { LENGTH_AT = 0x1e, BEHIND = 46, SEARCH = 4096, PROBE = 8, UNPACKED_MAX = 256 << 20 };

static enum sniff activemime_sniff(const struct sniff_input *in)
{
    return slice_starts(in->body->all, SLICE_LIT("ActiveMime")) ? SNIFF_STRONG : SNIFF_NO;
}

/* 2: a compound file comes out, 1: something does. */
static unsigned worth(struct walk *w, slice all, size_t at)
{
    static const slice magic = SLICE_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    uint8_t head[PROBE];
    if (at >= all.len || all.at[at] != 0x78 || !walk_work(w, 2000))
        return 0;
    size_t n = inflate_head(slice_from(all, at), INFLATE_ZLIB, head, sizeof head);
    if (n < PROBE)
        return 0;
    return slice_eq((slice){ head, n }, magic) ? 2 : 1;
}

static size_t find_data(struct walk *w, slice all)
{
    cursor c = cur_open(all);
    cur_skip(&c, LENGTH_AT);
    size_t told = (size_t)cur_u16le(&c) + BEHIND;
    const size_t places[] = { told, 0x32, 0x22a };
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (worth(w, all, places[i]))
            return places[i];
    for (size_t at = 0; at < all.len && at < SEARCH; at++) {
        unsigned value = worth(w, all, at);
        if (value == 2)
            return at;
        if (value && best == SIZE_MAX)
            best = at;
    }
    return best;
}

static enum walk_end activemime_walk(struct walk *w, const struct body *body)
{
    size_t at = find_data(w, body->all);
    if (at == SIZE_MAX) {
        walk_unread(w, UNREAD_DAMAGED, SLICE_LIT("activemime"));
        return walk_over(w) ? WALK_LIMIT : WALK_BROKEN;
    }
    uint64_t left = w->budget->left[BUDGET_INFLATED];
    struct body_writer *bw = body_writer_new(w->mem, 0, left < UNPACKED_MAX ? left : UNPACKED_MAX);
    if (!bw)
        return WALK_LIMIT;
    struct inflate_result r =
        inflate_into(bw, slice_from(body->all, at), INFLATE_ZLIB, w->mem, w->budget);
    struct body content = body_writer_done(bw);
    if (r.end == INFLATE_LIMIT)
        walk_unread(w, UNREAD_LIMIT, SLICE_LIT("activemime"));
    struct child c = {
        .name = w->name, .how = HOW_OLE, .at = range_of(at, r.used), .body = &content
    };
    (void)walk_child(w, &c);
    body_release(&content);
    if (r.end == INFLATE_LIMIT)
        return WALK_LIMIT;
    return r.end == INFLATE_SHORT ? WALK_SHORT : r.end == INFLATE_BROKEN ? WALK_BROKEN : WALK_WHOLE;
}

const struct format format_activemime = {
    .name = "activemime",
    .spec = "as Office writes it; [MS-CFB] inside",
    .sniff = activemime_sniff,
    .walk = activemime_walk,
};
