/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_private - one workbook's Excel 4.0 macros while they are evaluated.
 *
 * xlm.c reads the lines of the view and orders the runs; xlm_book.c keeps cells, names and sheets;
 * xlm_parse.c turns a formula into nodes; xlm_eval.c gives a node its value; xlm_flow.c goes from
 * cell to cell; xlm_function.c is the table of functions, which xlm_text.c, xlm_math.c,
 * xlm_cell.c, xlm_state.c and xlm_sink.c hold; xlm_say.c collects effects.
 *
 * Where a condition is not known, the macro is run once more for the other answer, from its
 * start: a run is cheap and always the same, so nothing has to be taken back.
 */
#pragma once
#include "base/buf.h"
#include "unmask/unmask.h"

enum {
    XLM_SHEETS_MAX = 256,
    XLM_CELLS_MAX = 128 * 1024,
    XLM_NAMES_MAX = 1 << 16,
    XLM_NODES_MAX = 1 << 18,
    XLM_STACK_MAX = 4096,   /* arguments that wait */
    XLM_FRAMES_MAX = 2048,
    XLM_NESTING_MAX = 24,   /* macros that are called inside a formula */
    XLM_DEPTH_MAX = 120,    /* of formulas and cells that refer to each other */
    XLM_STRING_MAX = 32767, /* characters of a text: Excel specifications and limits */
    XLM_LOOPS_MAX = 256,
    XLM_CHOICES_MAX = 16,
    XLM_FILES_MAX = 32,
    XLM_LATER_MAX = 8,
    XLM_EFFECTS_MAX = 128,
    XLM_SAID_ARGUMENTS = 4,
    XLM_ALIASES_MAX = 256,
    XLM_ROWS = 1 << 20,
    XLM_COLS = 1 << 14,
    XLM_NOBODY = 0x7fffffff,
    XLM_OF_SHEET = 128, /* a format of all its cells */
};

/* What a value leans on beside the code. */
enum {
    XLM_CACHED = 1,  /* what Excel calculated last, which is no proof */
    XLM_ASSUMED = 2, /* an answer that a person's Excel would give (xlm_state.c) */
    XLM_GUESSED = 4, /* text or choice of ours: a rare number as text, a code page */
};

enum xlm_value_kind { XLM_UNKNOWN, XLM_BLANK, XLM_NUMBER, XLM_TRUTH, XLM_TEXT, XLM_ERROR, XLM_AREA, XLM_ARRAY, XLM_HANDLE };
enum xlm_error { XLM_NULL, XLM_DIV0, XLM_VALUE, XLM_REF, XLM_NAME, XLM_NUM, XLM_NA };

struct xlm_area {
    uint32_t sheet, row, col, row2, col2;
};

struct xlm_array;

struct xlm_value {
    uint8_t kind;  /* enum xlm_value_kind */
    uint8_t leans; /* XLM_CACHED... */
    uint8_t error;
    bool moment;   /* unknown, and a date: only its day is asked for */
    text_mark mark; /* unknown: the reason */
    union {
        double number; /* of a handle: which */
        struct text text;
        struct xlm_area area;
        const struct xlm_array *array;
    } is;
};

struct xlm_array {
    uint32_t rows, cols;
    struct xlm_value *values;
};

enum xlm_op { XLM_OP_MISSING, XLM_OP_NUMBER, XLM_OP_TEXT, XLM_OP_TRUTH, XLM_OP_ERROR, XLM_OP_AREA, XLM_OP_NAME,
              XLM_OP_CALL, XLM_OP_CALL_AT, XLM_OP_CHAIN, XLM_OP_SIGN, XLM_OP_PERCENT, XLM_OP_RANGE, XLM_OP_ARRAY, XLM_OP_LOST };

/* Operators of a chain: operators of one rank stand side by side, so that no tree gets deep. */
enum xlm_operator { XLM_EQ = 1, XLM_NE, XLM_LT, XLM_LE, XLM_GT, XLM_GE, XLM_JOIN, XLM_ADD, XLM_SUB, XLM_MUL, XLM_DIV, XLM_POW };

struct xlm_node {
    uint8_t op;       /* enum xlm_op */
    uint8_t oper;      /* what stands before this one in its chain */
    uint16_t function; /* of a call: in the table; 0: not there. Of a sign: which */
    uint32_t child, next; /* 0: none */
    union {
        double number;
        slice text; /* of a text without quotes; of names */
        struct xlm_area area;
        struct { uint32_t rows, cols; } array;
    } is;
};

struct xlm_cell {
    uint32_t sheet, row, col, line;
    struct range range;
    slice formula, value; /* as in the file; the formula without '=' */
    struct xlm_value constant; /* what `value` is */
    bool has_constant;
    uint32_t node, node_run;
    bool reached;         /* by any run */
    /* From here on it holds for this run only. */
    uint32_t run;
    bool written;         /* by a macro: what the file had there is gone */
    bool fixed;           /* `now` stays: it was written or the macro has run it */
    bool busy;
    uint32_t known_at;    /* `now` was found behind that many writes */
    uint32_t text_node;   /* of a formula that was written */
    text_mark mark;       /* where it was written */
    struct xlm_value now;
};

struct xlm_name {
    slice name, formula;
    struct range range;
    uint32_t line, node, node_run, run;
    bool entry, busy;
    struct xlm_value now;
};

struct xlm_sheet {
    slice name;
    bool macro;
};

struct xlm_map { /* keys and small values; 0 is no key */
    uint64_t *keys, *values;
    uint32_t n, room;
};

struct xlm_frame {
    uint32_t sheet, row, col; /* the next cell to look at */
    uint32_t caller;          /* the cell; XLM_NOBODY */
    uint32_t arguments, n_arguments, argument_next; /* on the stack */
    uint32_t loops;           /* of the frames below */
    slice entry;
};

enum xlm_loop_kind { XLM_LOOP_WHILE, XLM_LOOP_FOR, XLM_LOOP_CELLS };

struct xlm_loop {
    uint8_t kind;
    bool asked; /* its condition was not known once */
    bool sure_before;
    uint32_t stores_before;
    uint32_t row;
    slice name;
    double now, end, step;
    struct xlm_area area;
};

struct xlm_alias {
    struct text alias, library, function;
    uint32_t run;
    uint8_t leans;
};

struct xlm_file {
    struct xlm_value path, content;
    slice via[UNMASK_VIA_MAX]; /* to what wrote first */
    uint32_t n_via;
    bool wrote;
};

struct xlm_effect {
    enum effect_kind kind;
    const char *sink;
    struct unmask_argument arguments[XLM_SAID_ARGUMENTS];
    uint32_t n_arguments, n_via, runs, last_run;
    slice via[UNMASK_VIA_MAX];
    bool leans, sure;
    bool settled, free; /* in a run where no loop made values unsure; where it stands behind no guard */
    uint64_t hash;
    const char *hand_type; /* NULL: nothing is handed on */
    struct text hand;
};

struct xlm_book {
    struct unmask *u;
    struct walk *w;
    struct texts *t;
    struct arena *mem;
    slice code;
    uint32_t part;
    struct xlm_sheet sheets[XLM_SHEETS_MAX];
    uint32_t n_sheets, last_sheet;
    struct xlm_cell *cells;
    uint32_t n_cells, room_cells;
    struct xlm_name *names;
    uint32_t n_names, room_names;
    struct xlm_map cell_map, name_map, row_map, format_map;
    struct xlm_node *nodes;
    uint32_t n_nodes, room_nodes, kept_nodes;
    struct xlm_value *stack;
    uint32_t n_stack;
    struct xlm_frame *frames;
    uint32_t n_frames;
    struct xlm_loop *loops;
    uint32_t n_loops;
    struct xlm_alias *aliases;
    uint32_t n_aliases;
    struct text chars[128]; /* one character each, as CHAR gave them last */
    struct xlm_file files[XLM_FILES_MAX];
    uint32_t n_files;
    struct xlm_area later[XLM_LATER_MAX]; /* macros that wait for their time */
    uint32_t n_later;
    struct xlm_effect *effects;
    uint32_t n_effects;
    uint64_t steps, units_left; /* what evaluation may still cost */
    uint64_t owed;              /* of the scan's budget: charged in lots */
    /* --- of a run */
    uint32_t run;
    uint32_t here;        /* the cell; XLM_NOBODY */
    uint32_t depth, base, nesting, pure; /* base: the depth at which the formula stands */
    text_mark origin;     /* of what a name's formula makes; else the cell's */
    bool opened;          /* another window, so that closing one does not end the macro */
    uint32_t day;         /* of the month, tried; 0: not known */
    struct xlm_area selected;
    uint32_t active;      /* sheet */
    uint32_t writes, stores; /* stores: by functions that write */
    bool jumps, returns, halts;
    struct xlm_area jump;
    struct xlm_value result;
    uint32_t prefix, n_prefix, chosen, n_chosen; /* bits */
    bool unsure;          /* a choice was made */
    bool guarded;         /* behind a condition that, were it not met, ends everything */
    bool unsettled;       /* in a loop, or behind one, that may not be run */
    bool cut;             /* one more would have been there */
    bool asked_day;
    bool trying;          /* days, for what their formulas look like: nothing is said */
    bool misread;         /* the formula that was read is none, or names nothing known */
    uint32_t good, bad;   /* formulas that were written */
    bool out;             /* of steps or memory */
    bool limited;         /* cells or nodes were left out */
    bool guess;           /* cells are tried that no entry reaches, or one day of many */
};

/* --- xlm_book.c */
bool xlm_book_open(struct xlm_book *b, struct unmask *u, struct walk *w, slice code);
void xlm_book_start_run(struct xlm_book *b);
bool xlm_book_pay(struct xlm_book *b);
/* Spends; false when nothing is left. */
static inline bool xlm_book_spend(struct xlm_book *b, uint32_t steps)
{
    enum { PER_STEP = 20, LOT = 2000 };
    if (b->out || steps > b->steps || b->t->full) {
        b->out = true;
        return false;
    }
    b->steps -= steps;
    b->owed += (uint64_t)steps * PER_STEP;
    return b->owed < LOT || xlm_book_pay(b);
}
uint32_t xlm_book_sheet(struct xlm_book *b, slice name); /* XLM_NOBODY; '' are two quotes */
uint32_t xlm_book_cell(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col); /* XLM_NOBODY */
struct xlm_cell *xlm_book_make_cell(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col);
/* Characters that are made; false when there are too many. */
bool xlm_book_units(struct xlm_book *b, uint32_t units);
/* The first cell at or below, in its column; XLM_NOBODY. */
uint32_t xlm_book_below(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col);
struct xlm_name *xlm_book_name(struct xlm_book *b, slice name, bool make);
bool xlm_book_format(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col, uint32_t what, double *out);
/* A cell begins to hold for this run. */
void xlm_book_touch(struct xlm_book *b, struct xlm_cell *c);
text_mark xlm_book_origin(struct xlm_book *b, uint32_t cell);
slice xlm_book_cell_name(struct xlm_book *b, uint32_t cell); /* Macro1!A1 */

/* --- xlm_parse.c: nodes of a formula without '='; 0: none. `r1c1` prefers that form. */
uint32_t xlm_parse(struct xlm_book *b, slice formula, struct xlm_area here, bool r1c1);
/* A reference alone, or with '=' before it. */
bool xlm_parse_area(struct xlm_book *b, slice text, struct xlm_area here, bool r1c1, struct xlm_area *out);
bool xlm_parse_number(slice text, double *out);
/* The value of a constant as the view writes it. */
struct xlm_value xlm_parse_constant(struct xlm_book *b, slice text, text_mark origin);

/* --- xlm_value.c */
struct xlm_value xlm_value_unknown(struct xlm_book *b, const char *why);
struct xlm_value xlm_value_number(double number);
/* Towards zero; what differs from a whole number behind its 15th digit alone is that number. */
double xlm_value_whole(double number);
double xlm_value_floor(double number); /* the same, downwards */
/* Of a formula: nothing is 0. */
struct xlm_value xlm_value_result(struct xlm_value v);
struct xlm_value xlm_value_truth(bool truth);
struct xlm_value xlm_value_error(enum xlm_error error);
struct xlm_value xlm_value_text(struct text text);
struct xlm_value xlm_value_cstr(struct xlm_book *b, const char *text);
struct xlm_value xlm_value_area(struct xlm_area area);
/* Of an area or array its one value. */
struct xlm_value xlm_value_one(struct xlm_book *b, struct xlm_value v);
/* NUMBER, ERROR or UNKNOWN; TEXT (with holes) or ERROR; TRUTH, ERROR or UNKNOWN. */
struct xlm_value xlm_value_as_number(struct xlm_book *b, struct xlm_value v);
struct xlm_value xlm_value_as_text(struct xlm_book *b, struct xlm_value v);
struct xlm_value xlm_value_as_truth(struct xlm_book *b, struct xlm_value v);
struct xlm_value xlm_value_compare(struct xlm_book *b, uint8_t oper, struct xlm_value x, struct xlm_value y);
struct xlm_value xlm_value_join(struct xlm_book *b, struct xlm_value x, struct xlm_value y);
/* What is made here comes from the cell that is run. */
text_mark xlm_value_mark(struct xlm_book *b);
slice xlm_value_utf8(struct xlm_book *b, struct xlm_value v); /* of its text */

/* --- xlm_eval.c */
struct xlm_value xlm_eval(struct xlm_book *b, uint32_t node);
struct xlm_value xlm_eval_cell(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col);
struct xlm_value xlm_eval_name(struct xlm_book *b, struct xlm_name *n);
/* Text that stands for a formula ("=A1&1"), or a formula's text, as if it stood here. */
struct xlm_value xlm_eval_text(struct xlm_book *b, slice formula, bool r1c1);
uint32_t xlm_eval_node_of(struct xlm_book *b, uint32_t cell);
/* Puts the value, or the formula where it is a text with '=' before it, into the area. */
void xlm_eval_write(struct xlm_book *b, struct xlm_area to, struct xlm_value v, bool formula);
void xlm_eval_set_name(struct xlm_book *b, slice name, struct xlm_value v);
/* The area a value names: itself, or a text. */
bool xlm_eval_area(struct xlm_book *b, struct xlm_value v, struct xlm_area *out);

/* --- xlm_flow.c */
void xlm_flow_run(struct xlm_book *b, struct xlm_area at, slice entry);
/* Calls a macro inside a formula. */
struct xlm_value xlm_flow_call(struct xlm_book *b, struct xlm_area at, const struct xlm_value *a, uint32_t n);
/* Is the condition met? Where that is not known: a choice; but of two branches of which one ends
 * everything the other is taken: who guards a macro so lets it run where a person sits. */
bool xlm_flow_condition(struct xlm_book *b, struct xlm_value v);
bool xlm_flow_branch(struct xlm_book *b, struct xlm_value v, uint32_t met, uint32_t other);
struct xlm_value xlm_flow_argument(struct xlm_book *b);

/* --- xlm_function.c */
typedef struct xlm_value xlm_call(struct xlm_book *b, const struct xlm_value *a, uint32_t n);
enum xlm_form { XLM_PLAIN, XLM_DOES, XLM_IF, XLM_CHOOSE, XLM_RUN, XLM_GOTO, XLM_RETURN, XLM_HALT, XLM_CLOSE, XLM_WHILE, XLM_FOR,
                XLM_FOR_CELL, XLM_NEXT, XLM_BREAK, XLM_ELSE, XLM_ELSE_IF, XLM_END_IF, XLM_ARGUMENT };
struct xlm_function {
    const char *name;
    xlm_call *call;
    uint8_t form; /* XLM_DOES: not when a value is only looked at */
};
uint16_t xlm_function_named(slice name); /* 0: none */
const struct xlm_function *xlm_function_at(uint16_t function);
/* The n-th argument; missing ones are BLANK. */
static inline struct xlm_value xlm_function_arg(const struct xlm_value *a, uint32_t n, uint32_t i)
{
    return i < n ? a[i] : (struct xlm_value){ .kind = XLM_BLANK };
}
#define XLM_CALL(name) struct xlm_value name(struct xlm_book *b, const struct xlm_value *a, uint32_t n)

/* --- xlm_sink.c, xlm_say.c */
struct xlm_value xlm_sink_call(struct xlm_book *b, struct text library, struct text function, uint8_t leans,
                               const struct xlm_value *a, uint32_t n);
bool xlm_sink_alias(struct xlm_book *b, slice name, const struct xlm_value *a, uint32_t n, struct xlm_value *out);

struct xlm_said {
    const char *name;
    struct xlm_value value;
};
/* The way from the entry to the cell that is run. */
uint32_t xlm_say_way(struct xlm_book *b, slice out[UNMASK_VIA_MAX]);
/* Remembers an effect; `hand` is a text another language reads. */
void xlm_say(struct xlm_book *b, enum effect_kind kind, const char *sink, const struct xlm_said *a, size_t n,
             const char *hand_type, struct xlm_value hand);
bool xlm_say_does_harm(const struct xlm_effect *e);
/* The files of this run: what was written into them. */
void xlm_say_files(struct xlm_book *b);
/* Says what the runs found. `all`: every answer to every condition was tried. */
void xlm_say_all(struct xlm_book *b, bool all, uint32_t runs);
