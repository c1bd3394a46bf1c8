/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_intent_private - one set of Excel 4.0 macros while it is looked at.
 *
 * xlm_intent.c reads the lines of xlm.code and keeps order; xlm_intent_fold.c puts constants
 * together; xlm_intent_flow.c follows cells from the entries; xlm_intent_say.c tells.
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

enum {
    XLM_NONE = 0x7fffffff,
    XLM_SHEETS_MAX = 256,
    XLM_ARGUMENTS = 12,
    XLM_STRING_MAX = 16 << 10,
    XLM_CALLS_MAX = 8192,
    XLM_EDGES_MAX = 1 << 16,
};

struct xlm_at {
    uint32_t sheet, row, col;
};

enum xlm_value_kind { XLM_UNKNOWN, XLM_BLANK, XLM_NUMBER, XLM_TEXT };

struct xlm_value {
    enum xlm_value_kind kind;
    bool holes;   /* parts of the text are not known; XLM_HOLE stands there */
    bool literal; /* written out in one piece */
    bool is_ref;
    struct xlm_at ref;
    double number;
    slice text;
    slice name;   /* a name alone */
};

#define XLM_HOLE "\xe2\x9f\x82" /* U+27C2 */

enum xlm_fold_state { XLM_NOT_YET, XLM_NOW, XLM_DONE };

struct xlm_cell {
    struct xlm_at at;
    slice formula;  /* without '='; empty: a constant */
    slice value;    /* the constant, or what was last calculated; as it stands in the line */
    struct range range;
    uint32_t line;
    bool written;   /* by a macro, not by hand */
    bool volatile_; /* a macro writes here what is not known */
    bool ends;      /* the macro does not go on below */
    bool reached;
    uint8_t state;  /* enum xlm_fold_state */
    struct xlm_value folded;
};

struct xlm_name {
    slice name, formula;
    struct range range;
    uint32_t line;
    bool hidden, busy, done;
    bool assigned; /* by a macro; then `value` */
    struct xlm_value value;
};

struct xlm_sheet {
    slice name;
    bool macro, hidden, very_hidden;
    struct range range;
    uint32_t line;
    /* The square of its formulas. */
    uint32_t row_min, row_max, col_min, col_max, formulas;
};

/* A call that means something: a sink, or one that is counted. */
struct xlm_call {
    slice name;
    uint32_t cell; /* in order; XLM_NONE: of a name */
    uint32_t n;
    struct xlm_value a[4];
};

struct xlm_edge {
    uint32_t from;
    struct xlm_at to;
};

struct xlm_write {
    struct xlm_at at;
    uint32_t order;
    struct xlm_value value;
};

struct xlm_counts {
    uint32_t chars, joins, writes, jumps, lost_jumps, environment, texts, pieces;
};

struct xlm_code {
    struct walk *w;
    struct arena *mem;
    struct xlm_sheet sheets[XLM_SHEETS_MAX];
    uint32_t n_sheets;
    struct xlm_cell *cells; /* by sheet, column, row */
    uint32_t n_cells, room_cells;
    struct xlm_name *names; /* by name */
    uint32_t n_names, room_names;
    struct xlm_call *calls;
    uint32_t n_calls;
    struct xlm_edge *edges;
    uint32_t n_edges;
    struct xlm_write *writes;
    uint32_t n_writes;
    struct xlm_counts count;
    uint64_t text_left; /* bytes that may still be made */
    uint32_t depth;
    bool changed;       /* a name was assigned in this round */
    bool full;
};

/* --- xlm_intent.c */
struct xlm_cell *xlm_intent_cell(struct xlm_code *c, struct xlm_at at);
struct xlm_name *xlm_intent_name(struct xlm_code *c, slice name);
uint32_t xlm_intent_sheet(struct xlm_code *c, slice name, bool quoted);

/* --- xlm_intent_fold.c */
/* The value of a cell; its formula is gone through once. */
struct xlm_value xlm_intent_value(struct xlm_code *c, uint32_t cell);
struct xlm_value xlm_intent_name_value(struct xlm_code *c, struct xlm_name *n);
/* What a call gives, and what is remembered of it (xlm_intent_call.c). */
struct xlm_value xlm_intent_call(struct xlm_code *c, uint32_t cell, slice name,
                                 struct xlm_value *a, uint32_t n);
/* Text of a value; numbers as they are written. */
slice xlm_intent_text(struct xlm_code *c, const struct xlm_value *v);
struct xlm_value xlm_intent_make_text(struct xlm_code *c, slice text, bool holes);
bool xlm_intent_number(const struct xlm_value *v, double *out);
/* "A1", "Macro1!$A$1", "R1C2": where, seen from `here`. */
bool xlm_intent_parse_ref(struct xlm_code *c, slice text, struct xlm_at here, struct xlm_at *out);

/* --- xlm_intent_flow.c */
void xlm_intent_reach(struct xlm_code *c);

/* --- xlm_intent_say.c */
void xlm_intent_say(struct xlm_code *c);
/* Kind of a sink; NULL: none. */
const char *xlm_intent_sink_kind(slice name);
