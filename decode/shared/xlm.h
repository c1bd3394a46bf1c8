/* SPDX-License-Identifier: Apache-2.0 */
/* xlm - collects the Excel 4.0 macros of a workbook, whatever it is stored as, and hands them
 * on as one part with an event of its own and the view xlm.code.
 *
 * The view has one line each:
 *   sheet Macro1: macro, very hidden           what sheets there are (kind, then state)
 *   name Auto_Open (hidden): =Macro1!$A$1      defined names
 *   Macro1!A1: =EXEC("calc")<TAB>"value"       formulas, with the value last calculated
 *   Macro1!B1: "text"                          constants
 *   format Macro1!B2: 19=8 24=3                how a cell, a row (Macro1!2) or any other cell
 *                                              (Macro1!) looks, by the numbers of GET.CELL; only
 *                                              where the macros ask for such
 * Sheets are quoted as in formulas, cells are in A1 form, strings are on one line with quotes
 * doubled. Cells of ordinary sheets are collected beside a macro sheet only: macros take their
 * text from there.
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

enum xlm_kind { XLM_WORKSHEET, XLM_MACRO, XLM_CHART, XLM_DIALOG, XLM_MODULE, XLM_KINDS };
enum xlm_state { XLM_VISIBLE, XLM_HIDDEN, XLM_VERY_HIDDEN };

struct xlm {
    struct walk *w;
    struct buf text;
    struct buf sheet;  /* the prefix of the cells that come */
    struct buf looks;  /* the lines of formats */
    bool macro;        /* they are of a macro sheet */
    bool bare;         /* nothing stands in the line yet */
    size_t line_from;
    uint64_t data;     /* bytes of them */
    uint32_t sheets, formulas, damaged;
    bool over;
};

void xlm_open(struct xlm *x, struct walk *w);

/* --- lines; `formula` is without '=' */
void xlm_sheet(struct xlm *x, slice name, enum xlm_kind kind, enum xlm_state state);
void xlm_name(struct xlm *x, slice name, bool hidden, slice formula);

/* Cells belong to this sheet from now on. */
void xlm_cells_of(struct xlm *x, slice sheet, bool macro);
/* A line begins; the caller then puts what stands in the cell and ends it. False: no more room. */
bool xlm_begin(struct xlm *x, uint32_t row, uint32_t col);
/* The formula follows in x->text. */
void xlm_formula(struct xlm *x);
/* The value, behind the formula if there was one. */
void xlm_text(struct xlm *x, slice utf8);
void xlm_number(struct xlm *x, double v);
void xlm_word(struct xlm *x, const char *word); /* TRUE, #REF! */
void xlm_raw(struct xlm *x, slice word);        /* a number that is text already */
void xlm_end(struct xlm *x);

/* --- looks of cells, rows (XLM_WHOLE_ROW) or all others (both) of this sheet */
#define XLM_WHOLE_ROW UINT32_MAX
#define XLM_ALL_ROWS UINT32_MAX

struct xlm_look {
    double size;          /* of the font: GET.CELL(19) */
    uint8_t across, down; /* alignment: 8, 50 */
    uint8_t ink, fill;    /* colours 1 to 56, 0 automatic: 24, 38 */
    bool bold, italic;    /* 20, 21 */
};

void xlm_look(struct xlm *x, uint32_t row, uint32_t col, const struct xlm_look *look);
void xlm_row_height(struct xlm *x, uint32_t row, double points); /* 17 */

/* Makes the part, when there is a macro sheet or a name that starts one, and forgets everything. */
void xlm_give(struct xlm *x);

/* --- facts of the workbook itself; `times` counts how often, so that not more is said than useful */
void xlm_say_sheet(struct walk *w, slice name, enum xlm_state state, unsigned *times);
/* Auto_Open and its like: Excel takes any name that begins so. */
bool xlm_is_auto_name(slice name);
void xlm_say_name(struct walk *w, slice name, bool hidden, slice formula, unsigned *times);
/* A formula of an ordinary sheet that reaches outside it (CALL, REGISTER, DDE): said. */
bool xlm_calls_outside(slice formula);
