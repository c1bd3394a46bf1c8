/* SPDX-License-Identifier: Apache-2.0 */
/* xlm - see xlm.h for the form of the text. */
#include "decode/shared/xlm.h"
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/shared/formula.h"

enum {
    TEXT_MAX = 16 << 20,
    DATA_MAX = 4 << 20, /* of cells outside macro sheets */
    SAID_MAX = 32,
    NAME_SHOWN = 256,
    VALUE_SHOWN = 1024,
    SEEN_MAX = 64, /* of a name that may start something */
    LOOKS_MAX = 1 << 20,
};

void xlm_open(struct xlm *x, struct walk *w)
{
    *x = (struct xlm){ .w = w, .text = buf_new(TEXT_MAX), .sheet = buf_new(4096), .looks = buf_new(LOOKS_MAX) };
}

/* --- facts of the workbook */

/* What shows nothing does not count: it is put there so that the name looks like another. */
bool xlm_is_auto_name(slice name)
{
    static const char *const starts[] = { "auto_open", "auto_close", "auto_activate",
                                          "auto_deactivate", "workbook_open" };
    uint8_t seen[SEEN_MAX];
    slice bare = { seen, 0 };
    for (size_t pos = 0; pos < name.len && bare.len < SEEN_MAX - 4;) {
        uint32_t code = utf8_next(name, &pos);
        if (code > ' ' && code != 0x7f && code != 0xfffd && !utf8_deceives(code) && !utf8_varies(code))
            bare.len += utf8_put(seen + bare.len, code);
    }
    if (slice_starts_nocase(bare, "_xlnm."))
        bare = slice_from(bare, 6);
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (slice_starts_nocase(bare, starts[i]))
            return true;
    return false;
}

void xlm_say_sheet(struct walk *w, slice name, enum xlm_state state, unsigned *times)
{
    if (state == XLM_VISIBLE || (*times)++ >= SAID_MAX)
        return;
    struct buf b = buf_new(NAME_SHOWN + 32);
    buf_put(&b, utf8_cut(name, NAME_SHOWN));
    buf_text(&b, state == XLM_VERY_HIDDEN ? " (very hidden)" : "");
    walk_text(w, FACT_OFFICE_SHEET_HIDDEN, buf_slice(&b), NOWHERE);
    buf_drop(&b);
}

/* Excel itself hides names for filters, tables, add-ins and pasted functions. */
static bool is_own_hidden_name(slice name)
{
    return slice_starts(name, SLICE_LIT("_xl")) || slice_starts(name, SLICE_LIT("_FilterDatabase")) ||
           slice_is_nocase(name, "_FilterDatabase") || slice_starts(name, SLICE_LIT("_"));
}

void xlm_say_name(struct walk *w, slice name, bool hidden, slice formula, unsigned *times)
{
    slice shown = utf8_cut(slice_trim(name), NAME_SHOWN);
    bool starts = xlm_is_auto_name(name);
    bool text = formula.len > 3 && formula.at[0] == '"';
    bool secret = hidden && (starts || !is_own_hidden_name(shown));
    if ((!starts && !text && !secret) || (*times)++ >= SAID_MAX * 2)
        return;
    if (starts)
        walk_text(w, FACT_OFFICE_AUTO_NAME,
                  slice_starts_nocase(shown, "_xlnm.") ? slice_from(shown, 6) : shown, NOWHERE);
    if (secret)
        walk_text(w, FACT_OFFICE_NAME_HIDDEN, shown, NOWHERE);
    if (text) {
        struct buf b = buf_new(NAME_SHOWN + VALUE_SHOWN + 16);
        buf_put(&b, shown);
        buf_text(&b, " = ");
        buf_put(&b, utf8_cut(formula, VALUE_SHOWN));
        walk_text(w, FACT_OFFICE_NAME, buf_slice(&b), NOWHERE);
        buf_clear(&b);
        for (size_t i = 1; i < formula.len && b.len < VALUE_SHOWN; i++) { /* quotes inside are doubled */
            if (formula.at[i] == '"' && (++i >= formula.len || formula.at[i] != '"'))
                break;
            buf_byte(&b, formula.at[i]);
        }
        hidden_text(w, HIDDEN_NAME, (slice){ 0 }, name, (slice){ 0 }, utf8_cut(buf_slice(&b), VALUE_SHOWN));
        buf_drop(&b);
    }
}

bool xlm_calls_outside(slice formula)
{
    static const char *const words[] = { "CALL(", "REGISTER(", "REGISTER.ID(", "EXEC(" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        slice word = slice_of(words[i]);
        size_t at = slice_find_nocase(formula, word, 0);
        if (at != SIZE_MAX && (at == 0 || (!ascii_alnum(formula.at[at - 1]) &&
                                           formula.at[at - 1] != '.' && formula.at[at - 1] != '_')))
            return true;
    }
    return false;
}

/* --- lines */

void xlm_sheet(struct xlm *x, slice name, enum xlm_kind kind, enum xlm_state state)
{
    static const char *const kinds[] = { "worksheet", "macro", "chart", "dialog", "module" };
    static const char *const states[] = { "", ", hidden", ", very hidden" };
    x->sheets += kind == XLM_MACRO;
    buf_text(&x->text, "sheet ");
    formula_put_sheet(&x->text, name);
    buf_format(&x->text, ": %s%s\n", kinds[kind], states[state]);
}

void xlm_name(struct xlm *x, slice name, bool hidden, slice formula)
{
    buf_text(&x->text, "name ");
    for (size_t i = 0; i < name.len; i++)
        buf_byte(&x->text, name.at[i] < ' ' ? ' ' : name.at[i]); /* a line break would end the line */
    buf_text(&x->text, hidden ? " (hidden): =" : ": =");
    buf_put(&x->text, formula);
    buf_byte(&x->text, '\n');
}

void xlm_cells_of(struct xlm *x, slice sheet, bool macro)
{
    x->macro = macro;
    buf_clear(&x->sheet);
    formula_put_sheet(&x->sheet, sheet);
    buf_byte(&x->sheet, '!');
}

bool xlm_begin(struct xlm *x, uint32_t row, uint32_t col)
{
    if (x->text.full || (!x->macro && x->data > DATA_MAX)) {
        x->over = true;
        return false;
    }
    x->line_from = x->text.len;
    buf_put(&x->text, buf_slice(&x->sheet));
    formula_put_cell(&x->text, row, col, false, false);
    buf_byte(&x->text, ':');
    x->bare = true;
    return true;
}

void xlm_formula(struct xlm *x)
{
    x->formulas += x->macro;
    x->bare = false;
    buf_text(&x->text, " =");
}

/* Behind a formula a tab, behind the colon a blank. */
static void value_follows(struct xlm *x)
{
    buf_byte(&x->text, x->bare ? ' ' : '\t');
    x->bare = false;
}

void xlm_text(struct xlm *x, slice utf8)
{
    value_follows(x);
    formula_put_string(&x->text, utf8);
}

void xlm_number(struct xlm *x, double v)
{
    value_follows(x);
    formula_put_number(&x->text, v);
}

void xlm_word(struct xlm *x, const char *word)
{
    value_follows(x);
    buf_text(&x->text, word);
}

void xlm_raw(struct xlm *x, slice word)
{
    value_follows(x);
    for (size_t i = 0; i < word.len; i++)
        buf_byte(&x->text, word.at[i] < ' ' ? ' ' : word.at[i]);
}

void xlm_end(struct xlm *x)
{
    buf_byte(&x->text, '\n');
    if (!x->macro)
        x->data += x->text.len - x->line_from;
}

/* --- looks */

static void put_place(struct xlm *x, uint32_t row, uint32_t col)
{
    buf_text(&x->looks, "format ");
    buf_put(&x->looks, buf_slice(&x->sheet));
    if (col != XLM_WHOLE_ROW)
        formula_put_cell(&x->looks, row, col, false, false);
    else if (row != XLM_ALL_ROWS)
        buf_format(&x->looks, "%u", row + 1);
    buf_byte(&x->looks, ':');
}

void xlm_look(struct xlm *x, uint32_t row, uint32_t col, const struct xlm_look *look)
{
    put_place(x, row, col);
    buf_format(&x->looks, " 8=%u 19=%.15g 20=%d 21=%d 24=%u 38=%u 50=%u\n", look->across, look->size, look->bold, look->italic,
               look->ink, look->fill, look->down);
}

void xlm_row_height(struct xlm *x, uint32_t row, double points)
{
    put_place(x, row, XLM_WHOLE_ROW);
    buf_format(&x->looks, " 17=%.15g\n", points);
}

/* --- the part */

static void say_numbers(struct walk *w, const struct xlm *x)
{
    walk_int(w, FACT_XLM_SHEETS, x->sheets, NOWHERE);
    walk_int(w, FACT_XLM_FORMULAS, x->formulas, NOWHERE);
    walk_int(w, FACT_XLM_CODE_LENGTH, (int64_t)x->text.len, NOWHERE);
    if (x->damaged)
        walk_int(w, FACT_XLM_DAMAGED, x->damaged, NOWHERE);
}

static enum walk_end code_walk(struct walk *w, const struct body *body)
{
    walk_view(w, FACT_XLM_CODE, body->all, range_of(0, body->all.len));
    return WALK_WHOLE;
}

static const struct format xlm_code = { .name = "xlm-macro", .spec = "-", .walk = code_walk };

static void say(void *host, struct walk *sub)
{
    walk_event(sub, EVENT_MACRO);
    say_numbers(sub, host);
}

void xlm_give(struct xlm *x)
{
    if (slice_find_nocase(buf_slice(&x->text), SLICE_LIT("GET.CELL"), 0) != SIZE_MAX)
        buf_put(&x->text, buf_slice(&x->looks));
    if (x->sheets > 0 && !arena_full(x->w->mem)) {
        slice text = utf8_clean(x->w->mem, arena_copy(x->w->mem, buf_slice(&x->text)));
        struct body body = body_borrow(text);
        struct child child = {
            .name = SLICE_LIT("Excel 4.0 macros"),
            .how = x->w->how == HOW_OPC ? HOW_OPC : HOW_OLE,
            .at = NOWHERE,
            .body = &body,
            .format = &xlm_code,
            .say = say,
            .host = x,
        };
        (void)walk_child(x->w, &child);
    }
    if (x->over || x->text.full)
        walk_unread_of(x->w, UNREAD_LIMIT, UNREAD_OF_WORKBOOK_FORMULAS, (slice){ 0 });
    buf_drop(&x->text);
    buf_drop(&x->sheet);
    buf_drop(&x->looks);
}
