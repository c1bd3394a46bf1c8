/* SPDX-License-Identifier: Apache-2.0 */
/* xls_look - how cells of macro sheets look ([MS-XLS] 2.4.122 Font, 2.4.353 XF, 2.4.221 Row), as
 * Excel 4.0 macros ask for it: they are locked with it. BIFF8 only.
 */
#include "decode/xls/xls_private.h"

enum { LOOKS_MAX = 4096, NORMAL = 15 /* the format of a cell that has no other */ };

enum { REC_MULBLANK = 0xbe, REC_BLANK = 0x201, REC_DEFAULTROWHEIGHT = 0x225 };

struct fonts {
    struct xlm_look looks[LOOKS_MAX]; /* what a font says of them */
    size_t n;
};

/* 2.5.161: 8 to 63 are the palette of 56. */
static uint8_t colour(unsigned icv) { return icv >= 8 && icv < 64 ? (uint8_t)(icv - 7) : 0; }

static struct xlm_look font_look(cursor k)
{
    struct xlm_look look = { .size = cur_u16le(&k) / 20.0 };
    look.italic = cur_u16le(&k) & 2;
    look.ink = colour(cur_u16le(&k));
    look.bold = cur_u16le(&k) >= 600;
    return look;
}

static struct xlm_look format_look(cursor k, const struct fonts *fonts)
{
    size_t font = cur_u16le(&k);
    font -= font > 4; /* there is no font 4 */
    struct xlm_look look = font < fonts->n ? fonts->looks[font] : (struct xlm_look){ .size = 11 };
    cur_skip(&k, 4);
    uint8_t align = cur_u8(&k);
    look.across = (uint8_t)((align & 7) + 1);
    look.down = (uint8_t)((align >> 4 & 7) + 1);
    cur_skip(&k, 7);
    bool filled = cur_u32le(&k) >> 26;
    unsigned ground = cur_u16le(&k) & 0x7f;
    look.fill = filled ? colour(ground) : 0;
    return look;
}

void xls_look_read(struct xls *x)
{
    struct fonts *fonts = ARENA_NEW(x->w->mem, struct fonts);
    x->looks = fonts && x->biff == BIFF8 ? ARENA_ARRAY(x->w->mem, struct xlm_look, LOOKS_MAX) : NULL;
    cursor k = cur_open(slice_sub(x->in, 0, x->globals_end));
    uint16_t id;
    struct xls_place p;
    while (x->looks && xls_record(x, &k, &id, &p)) {
        cursor c = cur_open(xls_bytes(x, p));
        if (id == REC_FONT && fonts->n < LOOKS_MAX)
            fonts->looks[fonts->n++] = font_look(c);
        else if (id == REC_XF && x->n_looks < LOOKS_MAX)
            x->looks[x->n_looks++] = format_look(c, fonts);
        else if (id == REC_EOF)
            break;
    }
}

void xls_look_sheet(struct xls *x, struct xlm *m)
{
    if (x->n_looks > NORMAL)
        xlm_look(m, XLM_ALL_ROWS, XLM_WHOLE_ROW, &x->looks[NORMAL]);
}

static void say_cell(struct xls *x, struct xlm *m, uint32_t row, uint32_t col, unsigned format)
{
    if (format < x->n_looks && format != NORMAL)
        xlm_look(m, row, col, &x->looks[format]);
}

void xls_look_record(struct xls *x, struct xlm *m, uint16_t id, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(x, p));
    uint32_t row = cur_u16le(&k), col = cur_u16le(&k);
    if (!x->n_looks)
        return;
    switch (id) {
    case REC_ROW: {
        cur_skip(&k, 2);
        unsigned height = cur_u16le(&k);
        if (cur_ok(&k) && !(height & 0x8000))
            xlm_row_height(m, row, height / 20.0);
        break;
    }
    case REC_DEFAULTROWHEIGHT: /* flags, height */
        if (cur_ok(&k))
            xlm_row_height(m, XLM_ALL_ROWS, col / 20.0);
        break;
    case REC_MULBLANK:
        for (; cur_left(&k) >= 4; col++)
            say_cell(x, m, row, col, cur_u16le(&k));
        break;
    case REC_BLANK:
    case REC_FORMULA:
    case REC_NUMBER:
    case REC_RK:
    case REC_BOOLERR:
    case REC_LABEL:
    case REC_LABELSST: {
        unsigned format = cur_u16le(&k);
        if (cur_ok(&k))
            say_cell(x, m, row, col, format);
        break;
    }
    default:
        break;
    }
}
