/* SPDX-License-Identifier: Apache-2.0 */
/* vba_intent_value - values of the folding pass, for vba_intent_eval.c, which
 * parses, vba_intent_call.c, which knows calls, and vba_intent_fold.c, which computes.
 *
 * A text lies at the end of `text`; joining two that follow each other costs
 * nothing, which keeps the pass linear.
 */
#pragma once
#include "observe/part/vba_intent_private.h"

enum { ARGS_MAX = 8, WITH_MAX = 16, TEXT_MAX = 1 << 20 };

enum value_kind { V_UNKNOWN, V_TEXT, V_NUMBER, V_EMPTY, V_SPLIT };

struct value {
    uint8_t kind, object, hidden;
    bool joined;
    size_t from; /* of the text */
    int64_t number;
    uint32_t token; /* where it begins */
    uint32_t name;  /* the variable it is; VBA_NONE */
};

struct args {
    struct value v[ARGS_MAX];
    unsigned n;
    uint8_t hidden;
    uint32_t reads[4];
    uint8_t n_reads;
};

struct eval {
    struct code *c;
    struct buf text;
    uint32_t i, to; /* tokens */
    uint32_t proc;
    unsigned depth;
    uint8_t with_object[WITH_MAX];
    uint32_t with_name[WITH_MAX];
    unsigned with;
    unsigned arithmetic, deepest; /* of the statement */
    bool any_text;
};

struct value vba_intent_fold_unknown(struct eval *e, uint32_t token);
slice vba_intent_fold_text(const struct eval *e, const struct value *v);
/* The value is used by something that does not fold: its text is said, and gone. */
void vba_intent_fold_consume(struct eval *e, const struct value *v);
void vba_intent_fold_cut(struct eval *e, size_t len);
void vba_intent_fold_number(struct eval *e, struct value *v); /* becomes its digits */
/* Is this operator a join of texts? As VBA: '+' is when one side is a text. */
bool vba_intent_fold_joins(uint8_t op, const struct value *a, const struct value *b);
struct value vba_intent_fold_join(struct eval *e, struct value a, struct value b);
struct value vba_intent_fold_compute(struct eval *e, uint8_t op, struct value a, struct value b);
/* Text of argument n: it ends where the next text begins. */
slice vba_intent_fold_argument(const struct eval *e, const struct args *a, unsigned n);
/* A built-in function of constants; false: not foldable, the arguments stand. */
bool vba_intent_fold_call(struct eval *e, uint32_t w, struct args *a, uint32_t token,
                          struct value *out);
/* The letter of a host's key constant (vbKeyW, wdKeyS). */
bool vba_intent_fold_key(slice name, int64_t *number_out);

/* --- vba_intent_call.c */
/* Something that acts outside: `label`, or the function `named`. */
void vba_intent_call_sink(struct eval *e, const char *label, slice named, enum sink_kind kind, uint32_t token,
                          const struct args *a);
/* A function or statement of VBA itself, by name or behind its library's name. */
struct value vba_intent_call_builtin(struct eval *e, uint32_t w, struct args *a, uint32_t token);
struct value vba_intent_call_member(struct eval *e, uint32_t w, struct value base, struct args *a, uint32_t token);
/* A name of the project: variable, constant, procedure, control. */
struct value vba_intent_call_own(struct eval *e, uint32_t id, const struct args *a, bool called, uint32_t token);
