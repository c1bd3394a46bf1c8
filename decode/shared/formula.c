/* SPDX-License-Identifier: Apache-2.0 */
/* formula - tokens to text; see formula.h.
 *
 * Tokens stand in reverse Polish order. They become a tree of which every node remembers where
 * its token stands, and the tree is written from left to right with a list of what is still to be
 * written: nothing recurses, and the work is linear in the number of tokens. Parentheses are
 * tokens of their own, so precedence needs no thought.
 * Left out: natural language formulas and table references, shown by their kind; the text of
 * PtgMem results, which are repeated by the tokens behind them.
 */
#include "decode/shared/formula.h"
#include "base/charset.h"
#include "base/text.h"

struct formula_node {
    uint32_t at;    /* of the token's data in the code */
    uint32_t child; /* the first; for an array its place in the extra bytes */
    uint32_t next;  /* the one to the right */
    uint16_t id;    /* of a function */
    uint8_t ptg;
};

struct formula_item {
    const char *text; /* NULL: the node */
    uint32_t node;
};

#define NONE UINT32_MAX

enum {
    USER_FUNCTION = 0xff,
    COMMAND = 0x8000,
    ARRAY_SHOWN = 1024, /* constants of an array */
};

/* Tokens ([MS-XLS] 2.5.198.25 ff.) of the reference class; the other classes add 0x20, 0x40. */
enum {
    PTG_EXP = 0x01,
    PTG_TBL = 0x02,
    PTG_FIRST_BINARY = 0x03,
    PTG_LAST_BINARY = 0x11,
    PTG_PLUS = 0x12,
    PTG_MINUS = 0x13,
    PTG_PERCENT = 0x14,
    PTG_PAREN = 0x15,
    PTG_MISSING = 0x16,
    PTG_STR = 0x17,
    PTG_EXTENDED = 0x18,
    PTG_ATTR = 0x19,
    PTG_SHEET = 0x1a, /* BIFF2 to 4 */
    PTG_ENDSHEET = 0x1b,
    PTG_ERR = 0x1c,
    PTG_BOOL = 0x1d,
    PTG_INT = 0x1e,
    PTG_NUM = 0x1f,
    PTG_ARRAY = 0x20,
    PTG_FUNC = 0x21,
    PTG_FUNCVAR = 0x22,
    PTG_NAME = 0x23,
    PTG_REF = 0x24,
    PTG_AREA = 0x25,
    PTG_MEMAREA = 0x26,
    PTG_MEMERR = 0x27,
    PTG_MEMNOMEM = 0x28,
    PTG_MEMFUNC = 0x29,
    PTG_REFERR = 0x2a,
    PTG_AREAERR = 0x2b,
    PTG_REFN = 0x2c,
    PTG_AREAN = 0x2d,
    PTG_MEMAREAN = 0x2e,
    PTG_MEMNOMEMN = 0x2f,
    PTG_NAMEX = 0x39,
    PTG_REF3D = 0x3a,
    PTG_AREA3D = 0x3b,
    PTG_REFERR3D = 0x3c,
    PTG_AREAERR3D = 0x3d,
    PTG_BASE_END = 0x40,
    PTG_LOST = 0xfe, /* an operand that is not there */
};

static const char *const binary[] = { "+", "-", "*",  "/", "^",  "&", "<", "<=",
                                      "=", ">=", ">", "<>", " ", ",", ":" };

struct function_row {
    const char *name;
    uint16_t id;
    uint8_t fewest, most;
};

static const struct function_row functions[] = {
#include "formula_functions.inc"
};

static const struct function_row *function_of(uint16_t id)
{
    size_t from = 0, to = sizeof functions / sizeof functions[0];
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (functions[mid].id == id)
            return &functions[mid];
        if (functions[mid].id < id)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

/* --- pieces of text */

const char *formula_error_name(uint8_t code)
{
    switch (code) {
    case 0x00:
        return "#NULL!";
    case 0x07:
        return "#DIV/0!";
    case 0x0f:
        return "#VALUE!";
    case 0x17:
        return "#REF!";
    case 0x1d:
        return "#NAME?";
    case 0x24:
        return "#NUM!";
    default:
        return "#N/A";
    }
}

double formula_double(cursor *c)
{
    union {
        uint64_t bits;
        double number;
    } v = { .bits = cur_u64le(c) };
    return v.number;
}

double formula_rk(uint32_t v)
{
    union {
        uint64_t bits;
        double number;
    } wide = { .bits = (uint64_t)(v & ~3u) << 32 };
    double d = v & 2 ? (double)((int32_t)v >> 2) : wide.number;
    return v & 1 ? d / 100 : d;
}

void formula_put_number(struct buf *out, double v)
{
    buf_format(out, "%.15g", v);
}

void formula_put_cell(struct buf *out, uint32_t row, uint32_t col, bool row_fixed, bool col_fixed)
{
    char letters[8];
    size_t n = sizeof letters;
    for (uint64_t v = (uint64_t)col + 1; v > 0 && n > 0; v = (v - 1) / 26)
        letters[--n] = (char)('A' + (v - 1) % 26);
    if (col_fixed)
        buf_byte(out, '$');
    buf_put(out, (slice){ (const uint8_t *)letters + n, sizeof letters - n });
    if (row_fixed)
        buf_byte(out, '$');
    buf_format(out, "%u", row + 1);
}

static void put_code(struct buf *out, uint32_t code, bool quoted)
{
    uint8_t utf8[4];
    if (code < ' ' || code == 0x7f || code == 0x85 || code == 0x2028 || code == 0x2029)
        code = ' ';
    if (quoted && code == '"')
        buf_byte(out, '"');
    buf_put(out, (slice){ utf8, utf8_put(utf8, code) });
}

void formula_put_string(struct buf *out, slice utf8)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < utf8.len;)
        put_code(out, utf8_next(utf8, &i), true);
    buf_byte(out, '"');
}

void formula_put_units(struct buf *out, slice raw, bool wide, bool quoted)
{
    uint32_t high = 0;
    for (size_t i = 0; i + (wide ? 1 : 0) < raw.len; i += wide ? 2 : 1) {
        uint32_t unit = wide ? (uint32_t)(raw.at[i] | raw.at[i + 1] << 8) : raw.at[i];
        if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
            continue;
        }
        if (unit >= 0xdc00 && unit < 0xe000 && high)
            unit = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
        high = 0;
        if (unit || quoted)
            put_code(out, unit, quoted);
    }
}

void formula_put_sheet(struct buf *out, slice name)
{
    bool plain = name.len > 0 && !ascii_digit(name.at[0]);
    for (size_t i = 0; i < name.len; i++)
        plain = plain && (ascii_alnum(name.at[i]) || name.at[i] == '_' || name.at[i] >= 0x80);
    if (plain) {
        buf_put(out, name);
        return;
    }
    buf_byte(out, '\'');
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '\'')
            buf_byte(out, '\'');
        buf_byte(out, name.at[i] < ' ' ? ' ' : name.at[i]);
    }
    buf_byte(out, '\'');
}

/* --- references (2.5.198.104 ff.; [MS-XLSB] 2.5.97.88 ff.) */

struct reference {
    uint32_t row, col;
    bool row_relative, col_relative;
};

/* Row and column as they are stored; those of areas stand apart. */
static struct reference make_reference(enum formula_kind kind, uint32_t row, uint32_t col)
{
    if (kind == FORMULA_BIFF5)
        return (struct reference){ row & 0x3fff, col & 0xff, row & 0x8000, row & 0x4000 };
    return (struct reference){ row, col & 0x3fff, col & 0x8000, col & 0x4000 };
}

/* Offsets wrap at the edges of the sheet. */
static void rebase(const struct formula *f, struct reference *r)
{
    static const uint32_t rows[] = { 1u << 14, 1u << 16, 1u << 20 };
    static const uint32_t cols[] = { 1u << 8, 1u << 8, 1u << 14 };
    if (r->row_relative)
        r->row = (f->row + r->row) & (rows[f->kind] - 1);
    if (r->col_relative)
        r->col = (f->col + r->col) & (cols[f->kind] - 1);
}

static void put_reference(const struct formula *f, struct reference r, bool offset, struct buf *out)
{
    if (offset)
        rebase(f, &r);
    formula_put_cell(out, r.row, r.col, !r.row_relative, !r.col_relative);
}

static uint32_t read_row(const struct formula *f, cursor *c)
{
    return f->kind == FORMULA_BIFF12 ? cur_u32le(c) : cur_u16le(c);
}

static uint32_t read_col(const struct formula *f, cursor *c)
{
    return f->kind == FORMULA_BIFF5 ? cur_u8(c) : cur_u16le(c);
}

static void put_ref(const struct formula *f, cursor *c, bool offset, struct buf *out)
{
    uint32_t row = read_row(f, c), col = read_col(f, c);
    put_reference(f, make_reference(f->kind, row, col), offset, out);
}

static void put_area(const struct formula *f, cursor *c, bool offset, struct buf *out)
{
    uint32_t r1 = read_row(f, c), r2 = read_row(f, c), c1 = read_col(f, c), c2 = read_col(f, c);
    put_reference(f, make_reference(f->kind, r1, c1), offset, out);
    buf_byte(out, ':');
    put_reference(f, make_reference(f->kind, r2, c2), offset, out);
}

static void put_sheet(const struct formula *f, cursor *c, struct buf *out)
{
    uint32_t xti = cur_u16le(c), tab = 0;
    if (f->kind == FORMULA_BIFF5) {
        cur_skip(c, 8);
        tab = cur_u16le(c);
        cur_skip(c, 2);
        xti = xti & 0x8000 ? FORMULA_OWN_SHEET : xti;
    }
    size_t before = out->len;
    if (f->book && f->book->sheet)
        f->book->sheet(f->book->host, xti, tab, out);
    if (out->len == before)
        buf_text(out, "#REF!");
}

static void put_name(const struct formula *f, uint8_t ptg, cursor *c, struct buf *out)
{
    uint32_t xti = 0, index;
    if (ptg == PTG_NAMEX)
        xti = cur_u16le(c);
    if (ptg == PTG_NAMEX && f->kind == FORMULA_BIFF5)
        cur_skip(c, 8);
    index = f->kind == FORMULA_BIFF5 ? cur_u16le(c) : cur_u32le(c);
    size_t before = out->len;
    /* A negative index of BIFF5 counts this book's own names. */
    bool own = ptg == PTG_NAME || (f->kind == FORMULA_BIFF5 && (xti & 0x8000));
    if (f->book && own && f->book->name)
        f->book->name(f->book->host, index, out);
    if (f->book && !own && f->book->extern_name)
        f->book->extern_name(f->book->host, xti, index, out);
    if (out->len == before)
        buf_format(out, "_name%u", index);
}

/* --- constants */

static void put_string(const struct formula *f, cursor *c, struct buf *out)
{
    buf_byte(out, '"');
    if (f->kind == FORMULA_BIFF12) {
        size_t n = cur_u16le(c);
        formula_put_units(out, cur_take(c, n * 2), true, true);
    } else if (f->kind == FORMULA_BIFF8) {
        size_t n = cur_u8(c);
        bool wide = cur_u8(c) & 1;
        formula_put_units(out, cur_take(c, wide ? n * 2 : n), wide, true);
    } else {
        slice raw = cur_take(c, cur_u8(c));
        slice text = charset_decode_codepage(f->mem, f->codepage, raw).text;
        for (size_t i = 0; i < text.len;)
            put_code(out, utf8_next(text, &i), true);
    }
    buf_byte(out, '"');
}

/* One constant of an array (SerAr); `out` may be NULL. */
static void array_value(const struct formula *f, cursor *c, struct buf *out)
{
    static const uint8_t twelve[] = { 1, 2, 4, 0, 0x10 }; /* kinds of BIFF12 in those of BIFF8 */
    struct buf none = buf_new(0);
    unsigned kind = cur_u8(c);
    out = out ? out : &none;
    if (f->kind == FORMULA_BIFF12)
        kind = kind < sizeof twelve ? twelve[kind] : 0;
    switch (kind) {
    case 1:
        formula_put_number(out, formula_double(c));
        break;
    case 2:
        if (f->kind == FORMULA_BIFF8) {
            size_t n = cur_u16le(c);
            bool wide = cur_u8(c) & 1;
            buf_byte(out, '"');
            formula_put_units(out, cur_take(c, wide ? n * 2 : n), wide, true);
            buf_byte(out, '"');
        } else {
            put_string(f, c, out);
        }
        break;
    case 4:
        buf_text(out, cur_u8(c) ? "TRUE" : "FALSE");
        cur_skip(c, f->kind == FORMULA_BIFF12 ? 0 : 7);
        break;
    case 0x10:
        buf_text(out, formula_error_name(cur_u8(c)));
        cur_skip(c, f->kind == FORMULA_BIFF12 ? 3 : 7);
        break;
    default:
        cur_skip(c, 8);
    }
    buf_drop(&none);
}

/* The array at the cursor, which moves behind it. */
static void put_array(const struct formula *f, cursor *c, struct buf *out)
{
    uint64_t cols, rows;
    if (f->kind == FORMULA_BIFF12) {
        rows = cur_u32le(c);
        cols = cur_u32le(c);
    } else {
        cols = cur_u8(c) + (f->kind == FORMULA_BIFF8 ? 1u : 0u);
        rows = cur_u16le(c) + (f->kind == FORMULA_BIFF8 ? 1u : 0u);
        cols = cols ? cols : 256;
    }
    if (out)
        buf_byte(out, '{');
    for (uint64_t i = 0; cols && cur_more(c) && i / cols < rows; i++) {
        bool shown = out && i < ARRAY_SHOWN;
        if (shown && i)
            buf_byte(out, i % cols ? ',' : ';');
        array_value(f, c, shown ? out : NULL);
    }
    if (out)
        buf_byte(out, '}');
}

/* --- the tree */

struct reading {
    const struct formula *f;
    struct formula_scratch *s;
    cursor c, extra;
    size_t n, depth;
    bool damaged;
};

static uint32_t add(struct reading *r, uint8_t ptg)
{
    uint32_t i = (uint32_t)r->n++;
    r->s->nodes[i] = (struct formula_node){
        .at = (uint32_t)r->c.pos, .child = NONE, .next = NONE, .ptg = ptg
    };
    return i;
}

static void push(struct reading *r, uint32_t node) { r->s->stack[r->depth++] = node; }

/* The uppermost `n` operands become the children; missing ones are missing at the left. */
static void take(struct reading *r, uint32_t node, size_t n)
{
    struct formula_node *nodes = r->s->nodes;
    uint32_t next = NONE;
    for (; n > 0 && r->depth > 0; n--) {
        uint32_t child = r->s->stack[--r->depth];
        nodes[child].next = next;
        next = child;
    }
    r->damaged = r->damaged || n > 0;
    nodes[node].child = next;
    push(r, node);
}

static void read_function(struct reading *r, uint8_t ptg)
{
    uint32_t node = add(r, ptg);
    size_t n = ptg == PTG_FUNCVAR ? cur_u8(&r->c) : 0;
    uint16_t id = cur_u16le(&r->c);
    const struct function_row *row = function_of(id);
    if (!cur_ok(&r->c))
        return;
    if (ptg == PTG_FUNC)
        n = row ? row->fewest : r->depth > 0;
    r->s->nodes[node].id = id;
    take(r, node, n & 0x7f);
}

/* 2.5.198.32 ff.: only the sum means anything to a reader. */
static void read_attribute(struct reading *r)
{
    uint8_t flags = cur_u8(&r->c);
    uint16_t data = cur_u16le(&r->c);
    if (flags & 0x04)
        cur_skip(&r->c, ((size_t)data + 1) * 2);
    if (flags & 0x10) {
        uint32_t node = add(r, PTG_FUNC);
        r->s->nodes[node].id = 4;
        take(r, node, 1);
    }
}

static size_t size_of(enum formula_kind kind, uint8_t ptg)
{
    static const uint8_t sizes[][3] = {
        /* from PTG_NAME on: BIFF5, BIFF8, BIFF12 */
        { 14, 4, 4 },    { 3, 4, 6 },   { 6, 8, 12 },   { 6, 6, 6 },   { 6, 6, 6 },
        { 6, 6, 6 },     { 2, 2, 2 },   { 3, 4, 6 },    { 6, 8, 12 },  { 3, 4, 6 },
        { 6, 8, 12 },    { 2, 2, 2 },   { 2, 2, 2 },
    };
    static const uint8_t sheets[][3] = {
        /* from PTG_NAMEX on */
        { 24, 6, 6 }, { 17, 6, 8 }, { 20, 10, 14 }, { 17, 6, 8 }, { 20, 10, 14 },
    };
    switch (ptg) {
    case PTG_EXP:
    case PTG_TBL:
        return 4;
    case PTG_ERR:
    case PTG_BOOL:
        return 1;
    case PTG_INT:
        return 2;
    case PTG_NUM:
        return 8;
    case PTG_ARRAY:
        return kind == FORMULA_BIFF12 ? 14 : 7;
    case PTG_SHEET:
        return 7;
    case PTG_ENDSHEET:
        return 3;
    case PTG_EXTENDED:
        return 5;
    default:
        break;
    }
    if (ptg >= PTG_NAME && ptg <= PTG_MEMNOMEMN)
        return sizes[ptg - PTG_NAME][kind];
    if (ptg >= PTG_NAMEX && ptg <= PTG_AREAERR3D)
        return sheets[ptg - PTG_NAMEX][kind];
    return SIZE_MAX;
}

/* PtgExtraMem: the areas that a PtgMemArea covers. */
static void skip_areas(struct reading *r)
{
    static const uint8_t sizes[] = { 6, 8, 16 };
    size_t n = r->f->kind == FORMULA_BIFF12 ? cur_u32le(&r->extra) : cur_u16le(&r->extra);
    cur_skip(&r->extra, n < cur_left(&r->extra) ? n * sizes[r->f->kind] : n);
}

static void read_string(struct reading *r)
{
    push(r, add(r, PTG_STR));
    size_t n = r->f->kind == FORMULA_BIFF12 ? cur_u16le(&r->c) * (size_t)2 : cur_u8(&r->c);
    if (r->f->kind == FORMULA_BIFF8 && (cur_u8(&r->c) & 1))
        n *= 2;
    if (n > cur_left(&r->c)) /* cut off: what there is */
        n = cur_left(&r->c), r->damaged = true;
    cur_skip(&r->c, n);
}

static void read_operand(struct reading *r, uint8_t ptg)
{
    size_t size = size_of(r->f->kind, ptg);
    uint32_t node = add(r, ptg);
    if (ptg == PTG_EXTENDED && slice_sub(r->c.in, r->c.pos, 1).len && r->c.in.at[r->c.pos] == 0x19)
        size = 13; /* PtgList */
    if (size == SIZE_MAX) {
        r->c.torn = true;
        return;
    }
    cur_skip(&r->c, size);
    if (ptg == PTG_ARRAY) {
        r->s->nodes[node].child = (uint32_t)r->extra.pos;
        put_array(r->f, &r->extra, NULL);
    }
    if (ptg == PTG_MEMAREA)
        skip_areas(r);
    if ((ptg >= PTG_MEMAREA && ptg <= PTG_MEMFUNC) || ptg == PTG_MEMAREAN || ptg == PTG_MEMNOMEMN ||
        ptg == PTG_SHEET || ptg == PTG_ENDSHEET)
        return; /* repeated by the tokens that follow */
    if (cur_ok(&r->c))
        push(r, node);
}

static void read_token(struct reading *r)
{
    uint8_t ptg = cur_u8(&r->c);
    if (ptg >= 0x60) /* class A, V, R */
        ptg = (uint8_t)(ptg - 0x40);
    else if (ptg >= PTG_BASE_END)
        ptg = (uint8_t)(ptg - 0x20);
    if (ptg >= PTG_FIRST_BINARY && ptg <= PTG_LAST_BINARY)
        take(r, add(r, ptg), 2);
    else if (ptg >= PTG_PLUS && ptg <= PTG_PAREN)
        take(r, add(r, ptg), 1);
    else if (ptg == PTG_MISSING)
        push(r, add(r, ptg));
    else if (ptg == PTG_STR)
        read_string(r);
    else if (ptg == PTG_ATTR)
        read_attribute(r);
    else if (ptg == PTG_FUNC || ptg == PTG_FUNCVAR)
        read_function(r, ptg);
    else
        read_operand(r, ptg);
}

static bool make_room(struct formula_scratch *s, size_t tokens)
{
    size_t room = tokens + 16;
    if (room <= s->room)
        return true;
    room += room / 2;
    s->nodes = ARENA_ARRAY(s->mem, struct formula_node, room);
    s->items = ARENA_ARRAY(s->mem, struct formula_item, room * 4);
    s->stack = ARENA_ARRAY(s->mem, uint32_t, room);
    s->room = s->nodes && s->items && s->stack ? room : 0;
    return s->room != 0;
}

/* --- writing */

static void put_operand(const struct formula *f, const struct formula_node *n, struct buf *out)
{
    cursor c = cur_open(f->code);
    cur_seek(&c, n->at);
    switch (n->ptg) {
    case PTG_STR:
        put_string(f, &c, out);
        break;
    case PTG_ERR:
        buf_text(out, formula_error_name(cur_u8(&c)));
        break;
    case PTG_BOOL:
        buf_text(out, cur_u8(&c) ? "TRUE" : "FALSE");
        break;
    case PTG_INT:
        buf_format(out, "%u", (unsigned)cur_u16le(&c));
        break;
    case PTG_NUM:
        formula_put_number(out, formula_double(&c));
        break;
    case PTG_ARRAY: {
        cursor extra = cur_open(f->extra);
        cur_seek(&extra, n->child);
        put_array(f, &extra, out);
        break;
    }
    case PTG_NAME:
    case PTG_NAMEX:
        put_name(f, n->ptg, &c, out);
        break;
    case PTG_REF:
    case PTG_REFN:
        put_ref(f, &c, n->ptg == PTG_REFN, out);
        break;
    case PTG_AREA:
    case PTG_AREAN:
        put_area(f, &c, n->ptg == PTG_AREAN, out);
        break;
    case PTG_REF3D:
        put_sheet(f, &c, out);
        put_ref(f, &c, false, out);
        break;
    case PTG_AREA3D:
        put_sheet(f, &c, out);
        put_area(f, &c, false, out);
        break;
    case PTG_EXP:
    case PTG_TBL:
        buf_text(out, n->ptg == PTG_EXP ? "#SHARED" : "#TABLE");
        break;
    case PTG_MISSING:
        break;
    case PTG_EXTENDED:
        buf_text(out, "#TABLE");
        break;
    default:
        buf_text(out, "#REF!");
    }
}

static void put_function_name(const struct formula_node *n, const struct formula *f, struct buf *out)
{
    uint16_t id = n->id;
    const struct function_row *row = function_of(id);
    slice count = slice_sub(f->code, n->at, 1);
    if (row)
        buf_text(out, row->name);
    else
        buf_format(out, "%s.%X", id & COMMAND ? "COMMAND" : "FUNCTION", id & 0x7fffu);
    if (n->ptg == PTG_FUNCVAR && count.len && (count.at[0] & 0x80))
        buf_byte(out, '?'); /* shows its dialog */
}

struct writing {
    struct formula_scratch *s;
    const struct formula *f;
    struct buf *out;
    size_t n, room; /* items */
};

static void later(struct writing *w, const char *text, uint32_t node)
{
    if (w->n < w->room)
        w->s->items[w->n++] = (struct formula_item){ text, node };
}

/* The first child and its siblings, each behind a separator but the first; the last item is
 * written first, so they are put down and turned round. */
static void arguments_later(struct writing *w, uint32_t child)
{
    size_t from = w->n;
    for (bool first = true; child != NONE; child = w->s->nodes[child].next, first = false) {
        if (!first)
            later(w, ",", NONE);
        later(w, NULL, child);
    }
    for (size_t to = w->n; from + 1 < to; from++, to--) {
        struct formula_item item = w->s->items[from];
        w->s->items[from] = w->s->items[to - 1];
        w->s->items[to - 1] = item;
    }
}

static void write_call(struct writing *w, const struct formula_node *n)
{
    uint32_t child = n->child;
    later(w, ")", NONE);
    if (n->ptg == PTG_FUNCVAR && n->id == USER_FUNCTION) {
        if (child != NONE)
            arguments_later(w, w->s->nodes[child].next);
        later(w, "(", NONE);
        if (child != NONE)
            later(w, NULL, child);
        return;
    }
    put_function_name(n, w->f, w->out);
    buf_byte(w->out, '(');
    arguments_later(w, child);
}

static void write_node(struct writing *w, const struct formula_node *n)
{
    uint32_t a = n->child, b = a == NONE ? NONE : w->s->nodes[a].next;
    if (n->ptg >= PTG_FIRST_BINARY && n->ptg <= PTG_LAST_BINARY) {
        if (b != NONE)
            later(w, NULL, b);
        later(w, binary[n->ptg - PTG_FIRST_BINARY], NONE);
        if (a != NONE)
            later(w, NULL, a);
    } else if (n->ptg >= PTG_PLUS && n->ptg <= PTG_PAREN) {
        static const char *const before[] = { "+", "-", NULL, "(" };
        static const char *const behind[] = { NULL, NULL, "%", ")" };
        if (behind[n->ptg - PTG_PLUS])
            later(w, behind[n->ptg - PTG_PLUS], NONE);
        if (a != NONE)
            later(w, NULL, a);
        if (before[n->ptg - PTG_PLUS])
            buf_text(w->out, before[n->ptg - PTG_PLUS]);
    } else if (n->ptg == PTG_FUNC || n->ptg == PTG_FUNCVAR) {
        write_call(w, n);
    } else {
        put_operand(w->f, n, w->out);
    }
}

static void write_tree(struct formula_scratch *s, const struct formula *f, uint32_t root,
                       struct buf *out)
{
    struct writing w = { .s = s, .f = f, .out = out, .room = s->room * 4 };
    later(&w, NULL, root);
    while (w.n > 0 && !out->full) {
        struct formula_item item = s->items[--w.n];
        if (item.text)
            buf_text(out, item.text);
        else
            write_node(&w, &s->nodes[item.node]);
    }
}

bool formula_text(struct formula_scratch *s, const struct formula *f, struct buf *out)
{
    struct reading r = {
        .f = f, .s = s, .c = cur_open(f->code), .extra = cur_open(f->extra)
    };
    if (!make_room(s, f->code.len))
        return false;
    while (cur_more(&r.c))
        read_token(&r);
    /* Operands that nothing took are shown one by one. */
    for (size_t i = 0; i < r.depth; i++) {
        if (i > 0)
            buf_byte(out, ' ');
        write_tree(s, f, s->stack[i], out);
    }
    return cur_ok(&r.c) && !r.damaged && r.depth == 1;
}

bool formula_is_shared(const struct formula *f, uint32_t *row_out, uint32_t *col_out)
{
    cursor c = cur_open(f->code);
    if (cur_u8(&c) != PTG_EXP)
        return false;
    uint32_t row = read_row(f, &c), col = 0;
    if (f->kind == FORMULA_BIFF12) {
        cursor extra = cur_open(f->extra);
        col = cur_u32le(&extra);
    } else {
        col = cur_u16le(&c);
    }
    if (!cur_ok(&c))
        return false;
    *row_out = row;
    *col_out = col;
    return true;
}
