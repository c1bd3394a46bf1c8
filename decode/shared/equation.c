/* SPDX-License-Identifier: Apache-2.0 */
/* equation - MTEF, versions 1 to 3, as EQNEDT32.EXE reads it (MathType SDK, "MTEF v3").
 *
 * The editor copies the name of a FONT record, and the partition lines of a
 * MATRIX record, into buffers on its stack without looking at their length
 * (CVE-2017-11882, CVE-2018-0798, CVE-2018-0802). Records are read in a row:
 * nesting is only made of END records and needs no stack. Left out: MTEF 4 and
 * 5, which that editor does not open.
 */
#include "decode/shared/equation.h"
#include "base/text.h"

#include <stdio.h>

enum {
    HEADER = 28,       /* EQNOLEFILEHDR */
    FONT_NAME_MAX = 32, /* LF_FACESIZE, with its end */
    CELLS_MAX = 31,    /* rows or columns that the editor's own dialog makes */
    RECORDS_MAX = 1 << 20,
    NUDGE_LARGE = 128,
};

enum mtef_record {
    REC_END,
    REC_LINE,
    REC_CHAR,
    REC_TMPL,
    REC_PILE,
    REC_MATRIX,
    REC_EMBELL,
    REC_RULER,
    REC_FONT,
    REC_SIZE,
    REC_FULL,
    REC_SYMBOL_SMALL = 14,
};

enum option { OPT_NULL = 1, OPT_EMBELL = 2, OPT_RULER = 2, OPT_SPACE = 4, OPT_MOVE = 8 };

struct mtef {
    struct walk *w;
    cursor c;
    uint8_t version;
    bool overflow;
    struct range at;
};

static void overflow(struct mtef *m, const char *what, size_t n)
{
    char text[64];
    int len = snprintf(text, sizeof text, "%s: %zu", what, n);
    if (!m->overflow)
        walk_text(m->w, FACT_OFFICE_EQUATION_OVERFLOW,
                  (slice){ (const uint8_t *)text, (size_t)len }, m->at);
    m->overflow = true;
}

static void skip_nudge(struct mtef *m, unsigned options)
{
    if (!(options & OPT_MOVE))
        return;
    uint8_t x = cur_u8(&m->c), y = cur_u8(&m->c);
    if (x == NUDGE_LARGE && y == NUDGE_LARGE)
        cur_skip(&m->c, 4);
}

static void skip_ruler(struct mtef *m)
{
    cur_skip(&m->c, (size_t)cur_u8(&m->c) * 3);
}

static void read_font(struct mtef *m)
{
    cur_skip(&m->c, 2);
    size_t n = cur_until(&m->c, 0).len;
    if (n >= FONT_NAME_MAX)
        overflow(m, "font name", n);
}

static void read_matrix(struct mtef *m, unsigned options)
{
    skip_nudge(m, options);
    cur_skip(&m->c, 3);
    size_t rows = cur_u8(&m->c), columns = cur_u8(&m->c);
    if (cur_ok(&m->c) && (rows > CELLS_MAX || columns > CELLS_MAX))
        overflow(m, "matrix", rows > columns ? rows : columns);
    cur_skip(&m->c, (rows + 4) / 4);
    cur_skip(&m->c, (columns + 4) / 4);
}

static void read_size(struct mtef *m)
{
    uint8_t size = cur_u8(&m->c);
    if (size == 101)
        cur_skip(&m->c, 2);
    else
        cur_skip(&m->c, size == 100 ? 3 : 1);
}

static void read_line(struct mtef *m, unsigned options)
{
    skip_nudge(m, options);
    if (options & OPT_SPACE)
        cur_skip(&m->c, 1);
    if (options & OPT_RULER)
        skip_ruler(m);
}

/* False: no record that the editor knows. */
static bool read_record(struct mtef *m)
{
    uint8_t tag = cur_u8(&m->c);
    unsigned options = tag >> 4;
    switch (tag & 15) {
    case REC_END:
        break;
    case REC_LINE:
        read_line(m, options);
        break;
    case REC_CHAR:
        skip_nudge(m, options);
        cur_skip(&m->c, m->version == 3 ? 3 : 2);
        break;
    case REC_TMPL:
        skip_nudge(m, options);
        cur_skip(&m->c, 3);
        break;
    case REC_PILE:
        skip_nudge(m, options);
        cur_skip(&m->c, 2);
        if (options & OPT_RULER)
            skip_ruler(m);
        break;
    case REC_MATRIX:
        read_matrix(m, options);
        break;
    case REC_EMBELL:
        skip_nudge(m, options);
        cur_skip(&m->c, 1);
        break;
    case REC_RULER:
        skip_ruler(m);
        break;
    case REC_FONT:
        read_font(m);
        break;
    case REC_SIZE:
        read_size(m);
        break;
    default:
        return (tag & 15) >= REC_FULL && (tag & 15) <= REC_SYMBOL_SMALL;
    }
    return true;
}

static void faulty(struct mtef *m, const char *what)
{
    walk_cstr(m->w, FACT_OFFICE_EQUATION_FAULTY, what, m->at);
}

/* The editor wrote "3 1 1 3 x" only, MathType 1 for both programs and other versions;
 * exploits write anything, because nobody looks. */
static bool header_is_honest(slice h)
{
    return h.len == 5 && h.at[0] >= 1 && h.at[0] <= 3 && h.at[1] <= 1 && h.at[2] <= 1 &&
           h.at[3] <= 9;
}

static void read_records(struct mtef *m)
{
    slice all = m->c.in;
    size_t left = RECORDS_MAX;
    while (cur_more(&m->c) && left-- && !m->overflow) {
        if (!read_record(m)) {
            faulty(m, "record");
            return;
        }
    }
    if (!walk_work(m->w, all.len))
        return;
    if (!cur_ok(&m->c) && !m->overflow)
        faulty(m, "end");
}

void equation_read(struct walk *w, slice native, struct range at)
{
    struct mtef m = { .w = w, .c = cur_open(native), .at = at };
    walk_flag(w, FACT_OFFICE_EQUATION, at);
    cursor head = m.c;
    uint16_t size = cur_u16le(&head);
    uint32_t version = cur_u32le(&head);
    cur_skip(&head, 2);
    uint32_t bytes = cur_u32le(&head);
    bool headed = size == HEADER && (version & 0xffff0000) == 0x00020000;
    if (headed) {
        cur_skip(&m.c, HEADER);
        /* What stands behind the equation in its sector is not of it. */
        if (bytes >= 5 && bytes < cur_left(&m.c))
            m.c.in.len = m.c.pos + bytes;
    }
    slice mtef = slice_sub(cur_rest(&m.c), 0, 5);
    m.version = mtef.len ? mtef.at[0] : 0;
    if (headed && (m.version == 4 || m.version == 5))
        return;
    if (mtef.len == 0)
        return; /* an empty object */
    if (!header_is_honest(mtef))
        faulty(&m, "header");
    cur_skip(&m.c, 5);
    read_records(&m);
}

bool equation_class(slice name)
{
    if (slice_starts_nocase(name, "Equation.DSMT")) /* MathType's own */
        return false;
    return slice_starts_nocase(name, "Equation") || slice_starts_nocase(name, "Microsoft Equation");
}

bool equation_clsid(slice clsid)
{
    /* {0002CE02-...}, Equation 3.0, and {00021700-...}, 2.0, which is converted to it. */
    static const slice ids[] = {
        SLICE_INIT("\x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"),
        SLICE_INIT("\0\x17\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"),
    };
    return slice_starts(clsid, ids[0]) || slice_starts(clsid, ids[1]);
}
