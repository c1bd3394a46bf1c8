/* SPDX-License-Identifier: Apache-2.0 */
/* slk - SYLK, tables in text that Excel opens with formulas, names and Excel 4.0 macros ("SYmbolic
 * LinK File Format", Microsoft, 1986; what Excel takes of it).
 *
 * A line is a record: letters, then fields behind ';', each with its letter; ';;' is a semicolon
 * and ESC with two characters is a byte. O;E makes a macro sheet of the table, and a name such as
 * Auto_open (NN;N...;E...) starts it. The cells of such a sheet are handed on as those of any
 * workbook's; references are written R1C1 and become A1.
 * Left out: shared formulas (S, D), formats, and what stands behind the end record (E). */
#include "base/text.h"
#include "decode/shared/formula.h"
#include "decode/plain.h"
#include "decode/shared/xlm.h"

enum { HEAD = 1024, FIELDS_MAX = 64, NAMES_MAX = 4096, WORK_PER_RECORD = 200, ROWS = 1 << 20, COLUMNS = 1 << 14 };
enum { ESCAPE = 0x1b };

static bool ends_line(uint8_t c) { return c == '\n' || c == '\r'; }

/* "ID;", and another record below. */
static enum sniff slk_sniff(const struct sniff_input *in)
{
    slice s = slice_sub(in->body->all, 0, HEAD);
    if (slice_starts(s, SLICE_LIT("\xef\xbb\xbf")))
        s = slice_from(s, 3);
    size_t i = 3;
    if (!slice_starts(s, SLICE_LIT("ID;")))
        return SNIFF_NO;
    while (i < s.len && !ends_line(s.at[i]))
        i++;
    while (i < s.len && ascii_space(s.at[i]))
        i++;
    return i == s.len || (i + 1 < s.len && ascii_alpha(s.at[i]) && (s.at[i + 1] == ';' || ascii_alpha(s.at[i + 1]) || ends_line(s.at[i + 1]))) ? SNIFF_STRONG : SNIFF_NO;
}

struct entry {
    slice kind;
    slice fields[FIELDS_MAX];
    size_t n;
};

struct sylk {
    struct walk *w;
    struct xlm x;
    struct buf field, formula;
    bool macro;
    uint32_t row, col; /* from 0; stays from record to record */
    unsigned said;
};

/* --- records */

static slice next_line(slice text, size_t *pos)
{
    size_t from = *pos, i = from;
    while (i < text.len && !ends_line(text.at[i]))
        i++;
    *pos = i < text.len ? i + 1 : i;
    return slice_sub(text, from, i - from);
}

/* Fields as they stand, escapes and all. */
static bool split(slice line, struct entry *r)
{
    *r = (struct entry){ 0 };
    line = slice_trim(line);
    size_t from = 0;
    for (size_t i = 0; i <= line.len && r->n < FIELDS_MAX; i++) {
        if (i < line.len && line.at[i] != ';')
            continue;
        if (i + 1 < line.len && line.at[i + 1] == ';') {
            i++;
            continue;
        }
        slice field = slice_sub(line, from, i - from);
        if (from == 0)
            r->kind = field;
        else
            r->fields[r->n++] = field;
        from = i + 1;
    }
    return r->kind.len > 0;
}

/* What stands behind the letter of a field; false: there is none. */
static bool field(const struct entry *r, uint8_t letter, slice *out)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->fields[i].len && (r->fields[i].at[0] & 0xdf) == letter) {
            *out = slice_from(r->fields[i], 1);
            return true;
        }
    return false;
}

/* Without escapes. Borrowed until the next call. */
static slice plain_field(struct sylk *k, slice s)
{
    buf_clear(&k->field);
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        if (c == ';' && i + 1 < s.len && s.at[i + 1] == ';') {
            i++;
        } else if (c == ESCAPE && i + 2 < s.len) {
            uint8_t a = s.at[i + 1], b = s.at[i + 2];
            i += 2;
            if (a == 'N') /* a letter with an accent: the letter follows */
                continue;
            c = (uint8_t)((a & 0x0f) << 4 | (b & 0x0f));
            if (c >= 0x80) {
                buf_text(&k->field, "\xef\xbf\xbd");
                continue;
            }
        }
        buf_byte(&k->field, c);
    }
    return buf_slice(&k->field);
}

static uint32_t number(slice s, uint32_t otherwise)
{
    uint64_t v = 0;
    return slice_u64(slice_trim(s), &v) && v >= 1 && v <= ROWS ? (uint32_t)v - 1 : otherwise;
}

/* --- formulas: R1C1 to A1 */

/* "5", "[-2]" or nothing at *i: a place, and whether it is fixed. */
static bool part(slice s, size_t *i, uint32_t here, uint32_t *out, bool *fixed)
{
    bool inside = *i < s.len && s.at[*i] == '[', minus = false;
    size_t at = *i + inside;
    if (inside && at < s.len && (s.at[at] == '-' || s.at[at] == '+'))
        minus = s.at[at++] == '-';
    size_t digits = at;
    int64_t v = 0;
    for (; at < s.len && ascii_digit(s.at[at]) && at - digits < 8; at++)
        v = v * 10 + (s.at[at] - '0');
    *fixed = !inside && at > digits;
    if (inside && (at == digits || at >= s.len || s.at[at] != ']'))
        return false;
    int64_t place = *fixed ? v - 1 : (int64_t)here + (inside ? (minus ? -v : v) : 0);
    if (place < 0 || place >= ROWS)
        return false;
    *i = at + inside;
    *out = (uint32_t)place;
    return true;
}

static bool name_byte(uint8_t c) { return ascii_alnum(c) || c == '_' || c == '.' || c >= 0x80; }

/* A reference at i: its length, or 0. */
static size_t reference(const struct sylk *k, slice s, size_t i, struct buf *out)
{
    uint32_t row = 0, col = 0;
    bool row_fixed = false, col_fixed = false;
    size_t at = i + 1;
    if ((s.at[i] & 0xdf) != 'R' || (i > 0 && name_byte(s.at[i - 1])) || !part(s, &at, k->row, &row, &row_fixed))
        return 0;
    if (at >= s.len || (s.at[at] & 0xdf) != 'C')
        return 0;
    at++;
    if (!part(s, &at, k->col, &col, &col_fixed) || col >= COLUMNS || (at < s.len && (name_byte(s.at[at]) || s.at[at] == '(')))
        return 0;
    formula_put_cell(out, row, col, row_fixed, col_fixed);
    return at - i;
}

static slice to_a1(struct sylk *k, slice s)
{
    bool quoted = false;
    buf_clear(&k->formula);
    for (size_t i = 0; i < s.len;) {
        size_t n = quoted ? 0 : reference(k, s, i, &k->formula);
        if (n == 0) {
            uint8_t c = s.at[i];
            quoted ^= c == '"';
            buf_byte(&k->formula, c < ' ' ? ' ' : c);
            n = 1;
        }
        i += n;
    }
    return buf_slice(&k->formula);
}

/* --- the table */

static void read_name(struct sylk *k, const struct entry *r)
{
    slice name, value;
    if (!field(r, 'N', &name) || !field(r, 'E', &value))
        return;
    slice own = arena_copy(k->w->mem, plain_field(k, name));
    k->row = k->col = 0;
    slice formula = to_a1(k, plain_field(k, value));
    xlm_say_name(k->w, own, false, formula, &k->said);
    xlm_name(&k->x, own, false, formula);
}

static void put_value(struct sylk *k, slice value)
{
    value = slice_trim(plain_field(k, value));
    if (value.len >= 2 && value.at[0] == '"')
        xlm_text(&k->x, slice_sub(value, 1, value.len - (value.at[value.len - 1] == '"' ? 2 : 1)));
    else if (value.len)
        xlm_raw(&k->x, value);
}

static bool read_cell(struct sylk *k, const struct entry *r)
{
    slice s, formula, value;
    if (field(r, 'Y', &s) || field(r, 'R', &s))
        k->row = number(s, k->row);
    if (field(r, 'X', &s) || field(r, 'C', &s))
        k->col = number(s, k->col);
    bool computed = field(r, 'E', &formula), given = field(r, 'K', &value);
    if (!computed && !given)
        return true;
    if (!xlm_begin(&k->x, k->row, k->col))
        return false;
    if (computed) {
        xlm_formula(&k->x);
        buf_put(&k->x.text, to_a1(k, plain_field(k, formula)));
    }
    if (given)
        put_value(k, value);
    xlm_end(&k->x);
    return true;
}

/* Names and options may stand anywhere: they are read before the cells. */
static bool read_records(struct sylk *k, slice text, bool cells)
{
    struct entry r;
    unsigned names = 0;
    for (size_t pos = 0; pos < text.len;) {
        slice line = next_line(text, &pos);
        if (!walk_work(k->w, WORK_PER_RECORD + line.len))
            return false;
        if (!split(line, &r))
            continue;
        if (slice_is_nocase(r.kind, "E"))
            break;
        slice s;
        if (!cells && slice_is_nocase(r.kind, "O"))
            k->macro = k->macro || field(&r, 'E', &s);
        else if (!cells && slice_is_nocase(r.kind, "NN") && names++ < NAMES_MAX)
            read_name(k, &r);
        else if (cells && slice_is_nocase(r.kind, "C") && !read_cell(k, &r))
            break;
    }
    return true;
}

static enum walk_end slk_walk(struct walk *w, const struct body *body)
{
    struct plain p = plain_read(w, body, (slice){ 0 }, true);
    struct sylk k = { .w = w, .field = buf_new(1 << 20), .formula = buf_new(4 << 20) };
    xlm_open(&k.x, w);
    bool whole = read_records(&k, p.text, false);
    if (k.macro && whole) {
        walk_int(w, FACT_OFFICE_MACRO_SHEET, 1, NOWHERE);
        xlm_sheet(&k.x, SLICE_LIT("Sheet1"), XLM_MACRO, XLM_VISIBLE);
        xlm_cells_of(&k.x, SLICE_LIT("Sheet1"), true);
        k.row = k.col = 0;
        (void)read_records(&k, p.text, true);
    }
    xlm_give(&k.x);
    buf_drop(&k.field);
    buf_drop(&k.formula);
    plain_view(w, p.text, range_of(0, body->all.len));
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_slk = {
    .name = "slk",
    .spec = "SYLK (Microsoft)",
    .sniff = slk_sniff,
    .walk = slk_walk,
};
