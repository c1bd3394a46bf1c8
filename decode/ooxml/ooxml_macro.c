/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_macro - Excel 4.0 macro sheets of packages, in XML (ECMA-376 part 1, 18.3, with the root
 * of [MS-OFFMACRO] 2.2.1 or any other) and in BIFF12 ([MS-XLSB] 2.1.7.25).
 *
 * What the workbook calls its sheets and names was collected before; here their cells become
 * lines of decode/shared/xlm.h. Which of the two forms a part has, its first byte says, not its name.
 * Left out: shared formulas of XML are shown as they stand in their first cell.
 */
#include "base/cursor.h"
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/ooxml/ooxml_private.h"

enum {
    STRINGS_MAX = 1 << 20,
    VALUE_MAX = 64 << 10,
    SHARED_MAX = 1 << 12,
};

/* --- shared strings: offsets into one text */

struct strings {
    struct package *p;
    struct buf text;
    uint32_t *from; /* one more than there are */
    size_t n, room;
    bool in_text, in_phonetic;
};

static void string_ends(struct strings *s)
{
    if (s->n + 1 >= s->room) {
        size_t more = s->room ? s->room * 2 : 256;
        uint32_t *bigger = more <= STRINGS_MAX ? arena_regrow(s->p->w->mem, s->from, s->n * sizeof *s->from,
                                                              more, sizeof *s->from)
                                               : NULL;
        if (!bigger)
            return;
        s->from = bigger;
        s->room = more;
    }
    s->from[s->n++] = (uint32_t)s->text.len; /* where it ends */
}

static slice string_at(const struct strings *s, uint64_t i)
{
    if (i >= s->n)
        return (slice){ 0 };
    size_t from = i ? s->from[i - 1] : 0;
    return slice_sub(buf_slice(&s->text), from, s->from[i] - from);
}

static void si_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct strings *s = host;
    (void)a, (void)n, (void)at;
    name = xml_local(name);
    s->in_text = slice_is(name, "t") && !s->in_phonetic;
    s->in_phonetic = s->in_phonetic || slice_is(name, "rPh");
}

static void si_close(void *host, slice name, size_t at)
{
    struct strings *s = host;
    (void)at;
    name = xml_local(name);
    s->in_text = false;
    if (slice_is(name, "rPh"))
        s->in_phonetic = false;
    if (slice_is(name, "si"))
        string_ends(s);
}

static void si_text(void *host, slice text, size_t at)
{
    struct strings *s = host;
    (void)at;
    if (s->in_text)
        buf_put(&s->text, text);
}

static void si_record(void *host, uint32_t type, slice data)
{
    struct strings *s = host;
    cursor c = cur_open(data);
    if (type != BRT_SST_ITEM)
        return;
    cur_skip(&c, 1);
    buf_put(&s->text, ooxml_wide_string(s->p, &c));
    string_ends(s);
}

static bool is_xml(const struct body *body)
{
    slice head = slice_sub(body->all, 0, 16);
    if (slice_starts(head, SLICE_LIT("\xff\xfe")) || slice_starts(head, SLICE_LIT("\xfe\xff")) ||
        slice_starts(head, SLICE_LIT("\xef\xbb\xbf")))
        return true;
    head = slice_trim(head);
    return head.len && head.at[0] == '<';
}

static void read_either(struct package *p, size_t entry, const struct xml_handler *xml, void *host,
                        void (*record)(void *host, uint32_t type, slice data))
{
    struct body body;
    if (!ooxml_open(p, entry, &body))
        return;
    if (!is_xml(&body))
        ooxml_records(p, &body, entry, host, record);
    else if (xml_read(body.all, xml, p->w->mem, p->w->budget) == XML_LIMIT)
        walk_unread_of(p->w, UNREAD_LIMIT, UNREAD_OF_MEMBER, p->b->entries[entry].name);
    body_release(&body);
}

static void read_strings(struct strings *s)
{
    const struct xml_handler handler = { .host = s, .open = si_open, .close = si_close, .text = si_text };
    for (size_t i = 0; i < s->p->b->n; i++)
        if (s->p->role[i] == ROLE_STRINGS || s->p->role[i] == ROLE_STRINGS_BINARY) {
            if (slice_find_nocase(s->p->b->entries[i].name, SLICE_LIT("comments"), 0) == SIZE_MAX)
                read_either(s->p, i, &handler, s, si_record);
            s->p->b->entries[i].taken = false; /* its text is still to be read */
        }
}

/* --- cells in XML */

enum where { OUTSIDE, IN_FORMULA, IN_VALUE, IN_TEXT };

struct shared_text {
    uint64_t id;
    slice text;
    uint32_t row, col; /* of the cell that has it */
};

struct sheet {
    struct package *p;
    struct xlm *m;     /* NULL: its texts become values for macros */
    slice name;
    const struct strings *strings;
    bool macro;
    uint32_t row, col;
    enum where where;
    slice type;        /* t of the cell */
    uint8_t type_room[16];
    uint64_t share;    /* si; UINT64_MAX: none */
    struct buf formula, value;
    bool has_formula;
    struct shared_text *shared; /* by id; of ids that share a place the last one stands */
    /* BIFF12 */
    struct formula_scratch scratch;
    struct shared_code *codes;
    size_t n_codes;
};

static bool parse_cell_name(slice s, uint32_t *row, uint32_t *col)
{
    size_t i = 0;
    uint64_t r, c = 0;
    for (; i < s.len && ascii_alpha(s.at[i]) && i < 4; i++)
        c = c * 26 + (uint64_t)(ascii_lower(s.at[i]) - 'a' + 1);
    if (i == 0 || c > 16384 || !slice_u64(slice_from(s, i), &r) || r == 0 || r > 1 << 20)
        return false;
    *row = (uint32_t)r - 1;
    *col = (uint32_t)c - 1;
    return true;
}

static void cell_opens(struct sheet *s, const struct xml_attribute *a, size_t n)
{
    slice type = xml_get(a, n, "t");
    if (!parse_cell_name(xml_get(a, n, "r"), &s->row, &s->col))
        s->col++; /* the next one */
    s->row = s->row == UINT32_MAX ? 0 : s->row;
    size_t len = slice_copy_out(type, s->type_room, sizeof s->type_room);
    s->type = (slice){ s->type_room, len };
    s->has_formula = false;
    s->share = UINT64_MAX;
    buf_clear(&s->formula);
    buf_clear(&s->value);
}

/* 18.3.1.73: height and format of a row; 18.3.1.81: the height of the others. */
static void row_looks(struct sheet *s, const struct xml_attribute *a, size_t n)
{
    slice height = xml_get(a, n, "ht");
    uint64_t format;
    if (height.len)
        xlm_row_height(s->m, s->row, ooxml_decimal(height, 15));
    if (slice_u64(xml_get(a, n, "s"), &format) && format > 0 && format < s->p->n_looks)
        xlm_look(s->m, s->row, XLM_WHOLE_ROW, &s->p->looks[format]);
}

static void cell_looks(struct sheet *s, const struct xml_attribute *a, size_t n)
{
    uint64_t format;
    if (slice_u64(xml_get(a, n, "s"), &format) && format > 0 && format < s->p->n_looks && s->col != UINT32_MAX)
        xlm_look(s->m, s->row, s->col, &s->p->looks[format]);
}

static void sheet_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct sheet *s = host;
    (void)at;
    name = xml_local(name);
    s->where = OUTSIDE;
    if (!s->m && slice_is(name, "sheetPr"))
        hidden_text(s->p->w, HIDDEN_SHEET, (slice){ 0 }, xml_get(a, n, "codeName"), (slice){ 0 }, s->name);
    if (slice_is(name, "c")) {
        cell_opens(s, a, n);
        if (s->macro)
            cell_looks(s, a, n);
    } else if (slice_is(name, "row")) {
        uint64_t r;
        s->row = slice_u64(xml_get(a, n, "r"), &r) && r > 0 && r <= 1 << 20 ? (uint32_t)r - 1 : s->row + 1;
        s->col = UINT32_MAX;
        if (s->macro)
            row_looks(s, a, n);
    } else if (s->macro && slice_is(name, "sheetFormatPr")) {
        xlm_row_height(s->m, XLM_ALL_ROWS, ooxml_decimal(xml_get(a, n, "defaultRowHeight"), 15));
    } else if (slice_is(name, "f")) {
        uint64_t id;
        s->where = IN_FORMULA;
        s->has_formula = true;
        if (slice_is(xml_get(a, n, "t"), "shared") && slice_u64(xml_get(a, n, "si"), &id))
            s->share = id;
    } else if (slice_is(name, "v")) {
        s->where = IN_VALUE;
    } else if (slice_is(name, "t")) {
        s->where = IN_TEXT;
    }
}

static void sheet_text(void *host, slice text, size_t at)
{
    struct sheet *s = host;
    (void)at;
    if (s->where == IN_FORMULA)
        buf_put(&s->formula, text);
    else if (s->where == IN_VALUE || s->where == IN_TEXT)
        buf_put(&s->value, text);
}

/* On one line; formulas may be folded over several. */
static void put_line(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_byte(out, text.at[i] < ' ' ? ' ' : text.at[i]);
}

/* 18.3.1.40: the first cell has the text, the others move it. */
static void put_shared(struct sheet *s, slice formula)
{
    if (!s->shared)
        s->shared = ARENA_ARRAY(s->p->w->mem, struct shared_text, SHARED_MAX);
    struct shared_text *one = s->shared ? &s->shared[s->share % SHARED_MAX] : NULL;
    if (one && formula.len)
        *one = (struct shared_text){ s->share, arena_copy(s->p->w->mem, formula), s->row, s->col };
    if (one && one->text.len && one->id == s->share)
        formula_put_shifted(&s->m->text, one->text, s->row - one->row, s->col - one->col);
    else
        put_line(&s->m->text, formula);
}

/* "B12" */
static void say_cell(const struct sheet *s, slice text)
{
    uint8_t letters[4];
    size_t n = sizeof letters;
    for (uint32_t col = s->col + 1; col > 0 && n > 0; col = (col - 1) / 26)
        letters[--n] = (uint8_t)('A' + (col - 1) % 26);
    struct buf b = buf_new(32);
    buf_put(&b, (slice){ letters + n, sizeof letters - n });
    buf_format(&b, "%u", s->row + 1);
    if (text.len)
        hidden_text(s->p->w, HIDDEN_CELL, s->name, buf_slice(&b), (slice){ 0 }, text);
    buf_drop(&b);
}

static void say_xml_value(const struct sheet *s)
{
    slice v = buf_slice(&s->value);
    uint64_t i;
    if (slice_is(s->type, "s"))
        v = slice_u64(slice_trim(v), &i) ? string_at(s->strings, i) : (slice){ 0 };
    else if (!slice_is(s->type, "str") && !slice_is(s->type, "inlineStr"))
        return;
    say_cell(s, v);
}

static void put_xml_value(struct sheet *s)
{
    slice v = buf_slice(&s->value);
    uint64_t i;
    if (slice_is(s->type, "s")) {
        if (slice_u64(slice_trim(v), &i) && i < s->strings->n)
            xlm_text(s->m, string_at(s->strings, i));
    } else if (slice_is(s->type, "str") || slice_is(s->type, "inlineStr")) {
        xlm_text(s->m, v);
    } else if (slice_is(s->type, "b")) {
        xlm_word(s->m, slice_is(slice_trim(v), "1") ? "TRUE" : "FALSE");
    } else if (slice_trim(v).len && slice_trim(v).len < 64) {
        xlm_raw(s->m, slice_trim(v)); /* a number, an error, a date */
    }
}

static void sheet_close(void *host, slice name, size_t at)
{
    struct sheet *s = host;
    (void)at;
    s->where = OUTSIDE;
    if (!slice_is(xml_local(name), "c") || (!s->has_formula && !s->value.len) || s->col == UINT32_MAX)
        return;
    if (!s->m) {
        say_xml_value(s);
        buf_clear(&s->value);
        return;
    }
    if (!xlm_begin(s->m, s->row, s->col))
        return;
    if (s->has_formula && s->macro) {
        xlm_formula(s->m);
        if (s->share != UINT64_MAX)
            put_shared(s, buf_slice(&s->formula));
        else
            put_line(&s->m->text, buf_slice(&s->formula));
    }
    put_xml_value(s);
    xlm_end(s->m);
    buf_clear(&s->value);
    s->has_formula = false;
}

/* --- cells in BIFF12 */

enum {
    BRT_ROW_HDR = 0,
    BRT_CELL_RK = 2,
    BRT_CELL_ERROR = 3,
    BRT_CELL_BOOL = 4,
    BRT_CELL_REAL = 5,
    BRT_CELL_ST = 6,
    BRT_CELL_ISST = 7,
    BRT_FMLA_STRING = 8,
    BRT_FMLA_NUM = 9,
    BRT_FMLA_BOOL = 10,
    BRT_FMLA_ERROR = 11,
    BRT_ARR_FMLA = 426,
    BRT_SHR_FMLA = 427,
};

struct shared_code {
    uint32_t row, col;
    slice code, extra; /* in the arena */
};

static struct formula formula_of(struct sheet *s, cursor *c)
{
    struct formula f = ooxml_formula(s->p, c);
    f.row = s->row;
    f.col = s->col;
    return f;
}

static void put_code(struct sheet *s, cursor *c)
{
    struct formula f = formula_of(s, c);
    uint32_t row, col;
    if (formula_is_shared(&f, &row, &col))
        for (size_t i = 0; i < s->n_codes; i++)
            if (s->codes[i].row == row && s->codes[i].col == col) {
                f.code = s->codes[i].code;
                f.extra = s->codes[i].extra;
                break;
            }
    xlm_formula(s->m);
    s->m->damaged += !formula_text(&s->scratch, &f, &s->m->text);
    (void)walk_work(s->p->w, 20 * f.code.len);
}

/* The value and, behind it, the formula: they are written the other way round. */
static void put_cell(struct sheet *s, uint32_t type, cursor *c)
{
    cursor v = *c;
    bool formula = type >= BRT_FMLA_STRING && type <= BRT_FMLA_ERROR;
    slice text = { 0 };
    if (type == BRT_CELL_ST || type == BRT_FMLA_STRING)
        text = ooxml_wide_string(s->p, c);
    else
        cur_skip(c, type == BRT_FMLA_NUM || type == BRT_CELL_REAL          ? 8
                    : type == BRT_CELL_RK || type == BRT_CELL_ISST ? 4
                                                                   : 1);
    if (!s->m && cur_ok(c) && (text.len || type == BRT_CELL_ISST))
        say_cell(s, type == BRT_CELL_ISST ? string_at(s->strings, cur_u32le(&v)) : text);
    if (!s->m || !cur_ok(c) || !xlm_begin(s->m, s->row, s->col))
        return;
    if (formula && s->macro) {
        cur_skip(c, 2);
        put_code(s, c);
    }
    if (type == BRT_CELL_ST || type == BRT_FMLA_STRING)
        xlm_text(s->m, text);
    else if (type == BRT_CELL_ISST)
        xlm_text(s->m, string_at(s->strings, cur_u32le(&v)));
    else if (type == BRT_CELL_REAL || type == BRT_FMLA_NUM)
        xlm_number(s->m, formula_double(&v));
    else if (type == BRT_CELL_RK)
        xlm_number(s->m, formula_rk(cur_u32le(&v)));
    else if (type == BRT_CELL_BOOL || type == BRT_FMLA_BOOL)
        xlm_word(s->m, cur_u8(&v) ? "TRUE" : "FALSE");
    else
        xlm_word(s->m, formula_error_name(cur_u8(&v)));
    xlm_end(s->m);
}

static void sheet_record(void *host, uint32_t type, slice data)
{
    struct sheet *s = host;
    cursor c = cur_open(data);
    if (type == BRT_ROW_HDR) {
        s->row = cur_u32le(&c) & ((1u << 20) - 1);
    } else if (type >= BRT_CELL_RK && type <= BRT_FMLA_ERROR) {
        s->col = cur_u32le(&c) & ((1u << 14) - 1);
        cur_skip(&c, 4);
        put_cell(s, type, &c);
    }
}

/* Shared and array formulas stand behind the first cell that uses them. */
static void shared_record(void *host, uint32_t type, slice data)
{
    struct sheet *s = host;
    cursor c = cur_open(data);
    if (type == BRT_ROW_HDR) {
        s->row = cur_u32le(&c) & ((1u << 20) - 1);
    } else if (type >= BRT_FMLA_STRING && type <= BRT_FMLA_ERROR) {
        s->col = cur_u32le(&c) & ((1u << 14) - 1);
    } else if ((type == BRT_SHR_FMLA || type == BRT_ARR_FMLA) && s->n_codes < SHARED_MAX) {
        cur_skip(&c, type == BRT_ARR_FMLA ? 17 : 16);
        struct formula f = formula_of(s, &c);
        if (!s->codes)
            s->codes = ARENA_ARRAY(s->p->w->mem, struct shared_code, SHARED_MAX);
        if (s->codes && f.code.len)
            s->codes[s->n_codes++] =
                (struct shared_code){ s->row, s->col, arena_copy(s->p->w->mem, f.code),
                                      arena_copy(s->p->w->mem, f.extra) };
    }
}

/* --- sheets */

static void read_sheet(struct package *p, struct xlm *m, const struct strings *strings, size_t entry,
                       slice name, bool macro)
{
    struct sheet s = { .p = p, .m = m, .name = name, .strings = strings, .macro = macro, .row = UINT32_MAX,
                       .formula = buf_new(VALUE_MAX), .value = buf_new(VALUE_MAX),
                       .scratch = { .mem = p->w->mem } };
    const struct xml_handler handler = {
        .host = &s, .open = sheet_open, .close = sheet_close, .text = sheet_text
    };
    struct body body;
    if (m)
        xlm_cells_of(m, name, macro);
    if (m && macro && p->n_looks)
        xlm_look(m, XLM_ALL_ROWS, XLM_WHOLE_ROW, &p->looks[0]);
    if (ooxml_open(p, entry, &body)) {
        if (is_xml(&body)) {
            if (xml_read(body.all, &handler, p->w->mem, p->w->budget) == XML_LIMIT)
                walk_unread_of(p->w, UNREAD_LIMIT, UNREAD_OF_MEMBER, p->b->entries[entry].name);
        } else {
            s.row = 0;
            if (macro)
                ooxml_records(p, &body, entry, &s, shared_record);
            s.row = 0;
            ooxml_records(p, &body, entry, &s, sheet_record);
        }
        body_release(&body);
    }
    buf_drop(&s.formula);
    buf_drop(&s.value);
}

static slice file_stem(slice path)
{
    size_t from = path.len;
    while (from > 0 && path.at[from - 1] != '/' && path.at[from - 1] != '\\')
        from--;
    slice name = slice_from(path, from);
    size_t dot = slice_find_byte(name, '.', 0);
    return slice_sub(name, 0, dot);
}

/* The workbook's own list of sheets; a macro sheet that it does not list has its file's name. */
static void list_sheets(struct package *p, struct xlm *m)
{
    for (size_t i = 0; i < p->n_sheets; i++) {
        size_t entry = p->sheets[i].entry;
        bool macro = entry != SIZE_MAX && p->role[entry] == ROLE_MACRO_SHEET;
        xlm_sheet(m, p->sheets[i].name, macro ? XLM_MACRO : XLM_WORKSHEET,
                  (enum xlm_state)p->sheets[i].state);
    }
    for (size_t e = 0; e < p->b->n; e++)
        if (p->role[e] == ROLE_MACRO_SHEET && !ooxml_sheet_of(p, e))
            xlm_sheet(m, file_stem(p->b->entries[e].name), XLM_MACRO, XLM_VISIBLE);
}

void ooxml_read_macros(struct package *p)
{
    struct xlm m;
    struct strings s = { .p = p, .text = buf_new(16 << 20) };
    xlm_open(&m, p->w);
    list_sheets(p, &m);
    ooxml_give_names(p, &m);
    read_strings(&s);
    ooxml_read_looks(p);
    for (size_t e = 0; e < p->b->n && !walk_over(p->w); e++)
        if (p->role[e] == ROLE_MACRO_SHEET) {
            const struct book_sheet *sheet = ooxml_sheet_of(p, e);
            read_sheet(p, &m, &s, e, sheet ? sheet->name : file_stem(p->b->entries[e].name), true);
        }
    for (size_t i = 0; i < p->n_sheets && !walk_over(p->w); i++)
        if (p->sheets[i].entry != SIZE_MAX && p->role[p->sheets[i].entry] != ROLE_MACRO_SHEET) {
            read_sheet(p, &m, &s, p->sheets[i].entry, p->sheets[i].name, false);
            p->b->entries[p->sheets[i].entry].taken = false;
        }
    buf_drop(&s.text);
    xlm_give(&m);
}

/* Their text is still to be read: nothing is taken. */
void ooxml_load_cells(void *package)
{
    struct package *p = package;
    struct strings s = { .p = p, .text = buf_new(16 << 20) };
    struct hidden_budget kept = hidden_budget_begin(p->w);
    read_strings(&s);
    for (size_t i = 0; i < p->n_sheets && !walk_over(p->w); i++) {
        size_t entry = p->sheets[i].entry;
        if (entry == SIZE_MAX)
            continue;
        bool taken = p->b->entries[entry].taken;
        read_sheet(p, NULL, &s, entry, p->sheets[i].name, false);
        p->b->entries[entry].taken = taken;
    }
    hidden_budget_end(p->w, &kept);
    buf_drop(&s.text);
}
