/* SPDX-License-Identifier: Apache-2.0 */
/* xls_chain - text that runs on in CONTINUE records ([MS-XLS] 2.4.58, 2.5.293 ff.). */
#include "decode/xls/xls_private.h"
#include "base/charset.h"
#include "base/text.h"

enum { FLAG_WIDE = 1, FLAG_EXTENDED = 4, FLAG_RICH = 8, WORK_PER_CHARACTER = 3 };

struct xls_chain xls_chain_of(struct xls *x, struct xls_place p)
{
    return (struct xls_chain){ x, p.at, p.end };
}

/* Cells may all point at one string behind a million empty records: each step costs. */
static bool chain_next(struct xls_chain *k)
{
    if (++k->x->hops % XLS_WORK_CHUNK == 0 &&
        !walk_work(k->x->w, XLS_WORK_CHUNK * XLS_WORK_PER_RECORD))
        return false;
    cursor c = cur_open(k->x->in);
    cur_seek(&c, k->end);
    uint16_t id = cur_u16le(&c), len = cur_u16le(&c);
    if (!cur_ok(&c) || id != REC_CONTINUE)
        return false;
    k->at = c.pos;
    k->end = c.pos + (len < cur_left(&c) ? len : cur_left(&c));
    return true;
}

/* Whole bytes that are left in this record, or in the one that follows. */
size_t xls_chain_room(struct xls_chain *k)
{
    while (k->at == k->end)
        if (!chain_next(k))
            return 0;
    return k->end - k->at;
}

bool xls_chain_skip(struct xls_chain *k, uint64_t n)
{
    while (n > 0) {
        size_t room = xls_chain_room(k);
        if (room == 0)
            return false;
        size_t step = n < room ? (size_t)n : room;
        k->at += step;
        n -= step;
    }
    return true;
}

uint32_t xls_chain_number(struct xls_chain *k, unsigned bytes)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < bytes && xls_chain_room(k) > 0; i++)
        v |= (uint32_t)k->x->in.at[k->at++] << 8 * i;
    return v;
}

struct shown {
    struct buf *out; /* NULL: only stepped over */
    bool lines;      /* line breaks stay */
    uint16_t high;   /* surrogate that waits for its other half */
};

static void show(struct shown *s, uint16_t unit)
{
    uint8_t utf8[4];
    uint32_t code = unit;
    if (unit >= 0xd800 && unit < 0xdc00) {
        s->high = unit;
        return;
    }
    if (unit >= 0xdc00 && unit < 0xe000) /* alone it becomes U+FFFD */
        code = s->high ? 0x10000u + ((uint32_t)(s->high - 0xd800) << 10) + (unit - 0xdc00u) : unit;
    s->high = 0;
    if (code == '\n' || code == '\r')
        code = s->lines ? '\n' : ' ';
    if (code == 0)
        return;
    buf_put(s->out, (slice){ utf8, utf8_put(utf8, code < ' ' && code != '\n' ? ' ' : code) });
}

/* Where they run on in another record, that one begins with their width, which need not be the
 * one before (2.5.293). */
bool xls_chain_text(struct xls_chain *k, size_t n, bool wide, bool lines, struct buf *out)
{
    struct shown s = { .out = out, .lines = lines };
    while (n > 0) {
        size_t room = k->end - k->at, width = wide ? 2 : 1;
        if (room < width) {
            if (!chain_next(k))
                return false;
            wide = k->at < k->end && (k->x->in.at[k->at++] & FLAG_WIDE);
            continue;
        }
        size_t now = n < room / width ? n : room / width;
        slice raw = slice_sub(k->x->in, k->at, now * width);
        k->at += raw.len;
        n -= now;
        if (!out || out->full)
            continue;
        if (!walk_work(k->x->w, now * WORK_PER_CHARACTER))
            return false;
        for (size_t i = 0; i < raw.len; i += width)
            show(&s, (uint16_t)(raw.at[i] | (wide ? raw.at[i + 1] << 8 : 0)));
    }
    return true;
}

bool xls_chain_string(struct xls_chain *k, bool rich, struct buf *out)
{
    size_t n = xls_chain_number(k, 2);
    if (xls_chain_room(k) == 0)
        return false;
    unsigned flags = xls_chain_number(k, 1);
    uint64_t tail = rich && (flags & FLAG_RICH) ? (uint64_t)xls_chain_number(k, 2) * 4 : 0;
    if (rich && (flags & FLAG_EXTENDED))
        tail += xls_chain_number(k, 4);
    return xls_chain_text(k, n, flags & FLAG_WIDE, false, out) && xls_chain_skip(k, tail);
}

/* BIFF5: a count of bytes in the code page; or BIFF8. */
void xls_chain_cell(struct xls *x, struct xls_place p, bool shared, struct buf *out)
{
    struct xls_chain k = xls_chain_of(x, p);
    if (x->biff >= BIFF8) {
        (void)xls_chain_string(&k, shared, out);
        return;
    }
    size_t n = xls_chain_number(&k, 2);
    slice raw = slice_sub(slice_sub(x->in, k.at, k.end - k.at), 0, n);
    slice text = charset_decode_codepage(x->w->mem, x->codepage, raw).text;
    for (size_t i = 0; i < text.len; i++)
        buf_byte(out, text.at[i] < ' ' ? ' ' : text.at[i]);
}
