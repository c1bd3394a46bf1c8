/* SPDX-License-Identifier: Apache-2.0 */
/* jscript_hot - loops that go on: their condition, body and update as a list of short operations
 * on values whose places are known, in place of a walk over the tree. It is the same program: an
 * operation that meets anything but numbers, characters and elements does what the tree does, and
 * statements that are not translated are run as trees (HOT_RUN, HOT_EVAL). */
#pragma once
#include "unmask/jscript/jscript_private.h"

enum {
    HOT_ROUNDS = 6, /* of a loop before it is translated */
    HOT_NEVER = 7,
    HOT_BEGUN = 8,      /* how often one is begun before it is looked whether it is a known one */
    HOT_REGISTERS = 24, /* operands below are registers, those from here constants and names */
    HOT_OPERANDS = 160,
    HOT_CODE_MAX = 3000,
    HOT_PER_STEP = 6, /* operations cost what one step over the tree does */
};

/* The operators of numbers: their mark, and what they do. */
#define HOT_NUMBERS(X)                                                                             \
    X(ADD, '+', x + y)                                                                             \
    X(SUBTRACT, '-', x - y)                                                                        \
    X(MULTIPLY, '*', x *y)                                                                         \
    X(DIVIDE, '/', x / y)                                                                          \
    X(REMAINDER, '%', remainder_of(x, y))                                                          \
    X(AND, '&', int_of(x) & int_of(y))                                                             \
    X(OR, '|', int_of(x) | int_of(y))                                                              \
    X(XOR, '^', int_of(x) ^ int_of(y))                                                             \
    X(SHL, M_SHL, (int32_t)((uint32_t)int_of(x) << ((uint32_t)int_of(y) & 31)))                    \
    X(SHR, M_SHR, int_of(x) >> ((uint32_t)int_of(y) & 31))                                         \
    X(USHR, M_USHR, (uint32_t)int_of(x) >> ((uint32_t)int_of(y) & 31))
#define HOT_RELATIONS(X)                                                                           \
    X(LESS, '<', x < y)                                                                            \
    X(MORE, '>', x > y)                                                                            \
    X(LESS_SAME, M_LE, x <= y)                                                                     \
    X(MORE_SAME, M_GE, x >= y)                                                                     \
    X(EQUAL, M_EQ, x == y)                                                                         \
    X(NOT_EQUAL, M_NE, x != y)                                                                     \
    X(SAME, M_SAME, x == y)                                                                        \
    X(NOT_SAME, M_NOT_SAME, x != y)

enum hot_op {
    HOT_TEST, /* end of a round: a is the condition */
    HOT_SCOPE,
    HOT_LOAD, /* to = a */
    HOT_THIS,
    HOT_STORE,  /* name b = a */
    HOT_BINARY, /* to = a x b */
#define X(name, op_mark, value) HOT_##name,
    HOT_NUMBERS(X) HOT_RELATIONS(X)
#undef X
        HOT_UNARY, /* to = x a */
    HOT_NUMBER,    /* to = ToNumber(a) */
    HOT_ONE_ON,    /* to = a + 1 or a - 1, of a number (x) */
    HOT_UPDATE,    /* to = name a ++ (x) */
    HOT_INDEX,
    HOT_PUT_INDEX, /* to[a] = b */
    HOT_MEMBER,
    HOT_PUT_MEMBER, /* to.x = b */
    HOT_METHOD,     /* to = a.x, to + 1 = a */
    HOT_CALL,       /* to = a(a + 2, ...), this is a + 1 */
    HOT_JUMP,
    HOT_IF,
    HOT_CHOOSE, /* ?: */
    HOT_LOGICAL,
    HOT_RESULT,
    HOT_LEAVE,
    HOT_RETURN,
    HOT_EVAL,
    HOT_RUN,
};

struct hot_code {
    uint8_t op, n;
    uint16_t to, a, b;
    uint32_t x;   /* an operator, a name, where to go on */
    uint32_t end; /* behind ?: and IF; of a member the slot where it was found last */
    struct js_node *node;
};

struct hot_name {
    struct js_node *node;
    uint16_t operand;
};

struct js_hot {
    struct hot_code *code;
    uint32_t n_code, at[PARTS], n_names, n_operands;
    struct hot_name *names;
    struct js_value *constants; /* by operand - HOT_REGISTERS */
    uint16_t *name_of;          /* and one; 0: a constant */
    struct js_hot_frame *spare;
    uint32_t begun;         /* how often */
    struct js_known *known; /* jscript_known.c */
};

/* --- jscript_known.c */
struct js_known *js_known_find(struct js *m, const struct js_hot *h); /* NULL: it is none of them */
/* Rounds from the condition on; how many were done, 0: none. */
uint32_t js_known_run(struct js *m, const struct js_known *k, struct js_hot_frame *f);

/* --- jscript_hot.c */
/* Where a name has its value; NULL: it is not simply there, or (`write`) not simply overwritten. */
struct js_value *js_hot_place(struct js *m, struct js_hot_frame *f, uint32_t operand, bool write);
const struct js_value *js_hot_constant(const struct js_hot_frame *f, uint32_t operand);

/* NULL: there is too much of it */
struct js_hot *js_hot_compile(struct js *m, const struct js_loop *l, bool in_function);
