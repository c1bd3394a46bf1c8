/* SPDX-License-Identifier: Apache-2.0 */
/* formula - the parsed expressions of workbooks as the text Excel shows.
 *
 * One reader for the three encodings: BIFF5, BIFF8 ([MS-XLS] 2.5.198) and BIFF12 ([MS-XLSB]
 * 2.5.97). What a formula does not say itself, the names of sheets and defined names, the caller
 * supplies. Damage ends in what could be read, never in nothing.
 */
#pragma once
#include "base/buf.h"
#include "base/cursor.h"

enum formula_kind { FORMULA_BIFF5, FORMULA_BIFF8, FORMULA_BIFF12 };

/* What is called how; any function may be NULL. They write nothing where they know nothing. */
struct formula_book {
    void *host;
    void (*name)(void *host, uint32_t index, struct buf *out); /* 1 is the first */
    /* The sheet with its '!': by index of XTI, or of BIFF5's own sheets (then xti is
     * FORMULA_OWN_SHEET). */
    void (*sheet)(void *host, uint32_t xti, uint32_t tab, struct buf *out);
    void (*extern_name)(void *host, uint32_t xti, uint32_t index, struct buf *out);
};

#define FORMULA_OWN_SHEET UINT32_MAX

struct formula {
    enum formula_kind kind;
    slice code;        /* rgce */
    slice extra;       /* rgcb; constants of arrays stand there */
    uint32_t row, col; /* of the cell; relative references of names and shared formulas count from it */
    unsigned codepage; /* BIFF5: of strings, which are decoded into `mem` */
    struct arena *mem;
    const struct formula_book *book; /* NULL: nothing is known */
};

/* Memory that serves one formula after another. */
struct formula_scratch {
    struct arena *mem;
    struct formula_node *nodes;
    struct formula_item *items;
    uint32_t *stack;
    size_t room;
};

/* Appends the text without '='. False: tokens were damaged or unknown; what was read is there. */
bool formula_text(struct formula_scratch *s, const struct formula *f, struct buf *out);

/* True where the formula stands elsewhere (PtgExp): the cell that holds it; BIFF12 tells the row only. */
bool formula_is_shared(const struct formula *f, uint32_t *row_out, uint32_t *col_out);

/* "AB12" or "$AB$12"; row and col count from 0. */
void formula_put_cell(struct buf *out, uint32_t row, uint32_t col, bool row_fixed, bool col_fixed);
/* A formula's text for the cell `down` and `right` of the one it was written for; both wrap. On one line. */
void formula_put_shifted(struct buf *out, slice formula, uint32_t down, uint32_t right);
/* Text in quotes, quotes doubled, on one line. */
void formula_put_string(struct buf *out, slice utf8);
/* A number as Excel would type it. */
void formula_put_number(struct buf *out, double v);
/* The sheet's name in front of '!', quoted where it must be. */
void formula_put_sheet(struct buf *out, slice name);
/* #DIV/0! and its like. */
const char *formula_error_name(uint8_t code);

/* The next eight bytes as a number; and the short form of numbers ([MS-XLS] 2.5.217). */
double formula_double(cursor *c);
double formula_rk(uint32_t v);
/* UTF-16LE on one line; the wide and the narrow form of BIFF8 strings, and names. */
void formula_put_units(struct buf *out, slice raw, bool wide, bool quoted);
