/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_state - what Excel answers about itself, the cell's look and the time.
 *
 * GET.WORKSPACE, GET.WINDOW and GET.DOCUMENT give what they give a person at a desk (numbers of
 * the answers: "Excel 4.0 Macro Functions Reference", GET.WORKSPACE and its like). Such a value
 * leans on XLM_ASSUMED: it decides a condition the way it would be decided for a victim, and a
 * text that is made of it is not certain. GET.CELL is answered from the view's format lines.
 *
 * The time is not known. The day of the month can be tried (xlm.c): macros are locked with it.
 */
#include "unmask/xlm/xlm_functions.h"
#include <math.h>

static struct xlm_value with(struct xlm_value v, uint8_t leans)
{
    v.leans |= leans;
    return v;
}

/* --- answers */

struct answer {
    uint8_t which;
    char kind; /* n, t(ruth), s(tring) */
    double number;
    const char *text;
};

/* A desktop of today: a large window that fills the screen, mouse, sound, no single-stepping. */
static const struct answer workspace[] = {
    { 1, 's', 0, "Windows (64-bit) NT 10.00" },
    { 2, 's', 0, "16.0" },
    { 3, 'n', 0, NULL },
    { 4, 't', 0, NULL },
    { 5, 't', 1, NULL },
    { 6, 't', 1, NULL },
    { 7, 't', 1, NULL },
    { 10, 'n', 0, NULL },
    { 13, 'n', 1434, NULL },
    { 14, 'n', 711, NULL },
    { 15, 'n', 3, NULL },
    { 18, 't', 1, NULL },
    { 19, 't', 1, NULL },
    { 31, 't', 0, NULL },
    { 36, 't', 1, NULL },
    { 40, 't', 1, NULL },
    { 41, 't', 1, NULL },
    { 42, 't', 1, NULL },
    { 43, 't', 1, NULL },
    { 45, 't', 0, NULL },
};

static const struct answer window[] = {
    { 6, 't', 0, NULL },  { 7, 't', 0, NULL },    { 20, 't', 1, NULL },
    { 23, 'n', 3, NULL }, { 25, 'n', 100, NULL },
};

static const struct answer document[] = {
    { 5, 't', 0, NULL }, { 6, 't', 0, NULL },  { 7, 't', 0, NULL },
    { 8, 't', 0, NULL }, { 34, 't', 0, NULL },
};

static struct xlm_value answered(struct xlm_book *b, const struct answer *table, size_t n_table,
                                 double which, const char *name)
{
    for (size_t i = 0; i < n_table; i++)
        if (table[i].which == which) {
            struct xlm_value v = table[i].kind == 's'   ? xlm_value_cstr(b, table[i].text)
                                 : table[i].kind == 't' ? xlm_value_truth(table[i].number != 0)
                                                        : xlm_value_number(table[i].number);
            return with(v, XLM_ASSUMED);
        }
    return xlm_value_unknown(b, name);
}

static struct xlm_value ask(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                            const struct answer *table, size_t n_table, const char *name)
{
    struct xlm_value which = xlm_value_as_number(b, xlm_function_arg(a, n, 0));
    struct xlm_said said[] = { { "query", xlm_value_as_text(b, which) } };
    if (which.kind != XLM_NUMBER)
        return which.kind == XLM_ERROR ? which : xlm_value_unknown(b, name);
    if (!b->pure)
        xlm_say(b, EFFECT_QUERY, name, said, 1, NULL, (struct xlm_value){ 0 });
    return with(answered(b, table, n_table, trunc(which.is.number), name), which.leans);
}

XLM_CALL(xlm_state_get_workspace)
{
    return ask(b, a, n, workspace, sizeof workspace / sizeof workspace[0], "GET.WORKSPACE");
}
XLM_CALL(xlm_state_get_window)
{
    return ask(b, a, n, window, sizeof window / sizeof window[0], "GET.WINDOW");
}
XLM_CALL(xlm_state_get_document)
{
    return ask(b, a, n, document, sizeof document / sizeof document[0], "GET.DOCUMENT");
}
XLM_CALL(xlm_state_get_workbook) { return ask(b, a, n, NULL, 0, "GET.WORKBOOK"); }

XLM_CALL(xlm_state_unknown)
{
    (void)a, (void)n;
    return xlm_value_unknown(b, "Excel");
}

/* --- the look of a cell */

static struct xlm_value look(struct xlm_book *b, struct xlm_area p, uint32_t what)
{
    double v;
    bool said = xlm_book_format(b, p.sheet, p.row, p.col, what, &v) ||
                xlm_book_format(b, p.sheet, p.row, XLM_COLS, what, &v) ||
                xlm_book_format(b, p.sheet, 0, XLM_COLS, what | XLM_OF_SHEET, &v);
    if (said &&
        what == 17) /* the file has 9.95 where 10 was asked for: quarters of a point come back */
        v = round(v * 4) / 4;
    if (said)
        return xlm_value_number(v);
    switch (what) {
    case 8:
        return with(xlm_value_number(1), XLM_ASSUMED);
    case 17:
        return with(xlm_value_number(15), XLM_ASSUMED);
    case 19:
        return with(xlm_value_number(11), XLM_ASSUMED);
    case 50:
        return with(xlm_value_number(3), XLM_ASSUMED);
    case 20:
    case 21:
    case 22:
    case 23:
        return with(xlm_value_truth(false), XLM_ASSUMED);
    case 24:
    case 38:
    case 39:
        return with(xlm_value_number(0), XLM_ASSUMED);
    default:
        return xlm_value_unknown(b, "GET.CELL");
    }
}

/* GET.CELL(what, reference) */
XLM_CALL(xlm_state_get_cell)
{
    struct xlm_value which = xlm_value_as_number(b, xlm_function_arg(a, n, 0));
    struct xlm_area p = b->selected;
    if (which.kind != XLM_NUMBER || (n > 1 && !xlm_eval_area(b, a[1], &p)))
        return xlm_value_unknown(b, "GET.CELL");
    double what = trunc(which.is.number);
    struct xlm_value at = xlm_value_area((struct xlm_area){ p.sheet, p.row, p.col, p.row, p.col });
    if (what == 2 || what == 3)
        return xlm_value_number(what == 2 ? p.row + 1.0 : p.col + 1.0);
    if (what == 5)
        return xlm_value_one(b, at);
    if (what == 6)
        return xlm_cell_get_formula(b, &at, 1);
    return what > 6 && what < 67 ? with(look(b, p, (uint32_t)what), which.leans)
                                 : xlm_value_unknown(b, "GET.CELL");
}

/* --- the time */

XLM_CALL(xlm_state_now)
{
    (void)a, (void)n;
    struct xlm_value v = xlm_value_unknown(b, "NOW");
    v.moment = true;
    return v;
}

/* Serial number 1 is 1900-01-01, and 1900 has a 29th of February in it (ECMA-376 part
 * 1, 18.17.4.1). */
static bool civil(double serial, int *year, int *month, int *day)
{
    if (!(serial >= 61 && serial < 2958466))
        return false;
    int64_t z = (int64_t)serial - 25569 + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
            doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
    return true;
}

static struct xlm_value of_date(struct xlm_book *b, const struct xlm_value *a, uint32_t n,
                                int which)
{
    struct xlm_value v = xlm_value_one(b, xlm_function_arg(a, n, 0));
    if (v.moment && which == 2) {
        b->asked_day = true;
        if (b->day)
            return xlm_value_number(b->day);
    }
    v.moment = false;
    v = xlm_value_as_number(b, v);
    int part[3];
    if (v.kind != XLM_NUMBER)
        return v;
    if (!civil(floor(v.is.number), &part[0], &part[1], &part[2]))
        return v.is.number < 0 ? xlm_value_error(XLM_NUM) : xlm_value_unknown(b, "DATE");
    return with(xlm_value_number(part[which]), v.leans);
}

XLM_CALL(xlm_state_year) { return of_date(b, a, n, 0); }
XLM_CALL(xlm_state_month) { return of_date(b, a, n, 1); }
XLM_CALL(xlm_state_day) { return of_date(b, a, n, 2); }

XLM_CALL(xlm_state_date)
{
    struct xlm_value y = xlm_value_as_number(b, xlm_function_arg(a, n, 0)),
                     m = xlm_value_as_number(b, xlm_function_arg(a, n, 1)),
                     d = xlm_value_as_number(b, xlm_function_arg(a, n, 2));
    bool good = y.kind == XLM_NUMBER && m.kind == XLM_NUMBER && d.kind == XLM_NUMBER;
    if (!good || !(y.is.number >= 1901 && y.is.number < 9999 && fabs(m.is.number) < 1000 &&
                   fabs(d.is.number) < 100000))
        return xlm_value_unknown(b, "DATE");
    int64_t months = (int64_t)trunc(y.is.number) * 12 + (int64_t)trunc(m.is.number) - 1;
    int64_t year = months / 12, month = months % 12 + 1;
    year -= month <= 2;
    int64_t yoe = year % 400, doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
    int64_t days = year / 400 * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
    return with(xlm_value_number((double)(days + 25569) + trunc(d.is.number) - 1 + 0),
                y.leans | m.leans | d.leans);
}
