/* SPDX-License-Identifier: Apache-2.0 */
/* sigma_value - one item of a search while it is compiled: `field|modifier|...: values`.
 *
 * sigma_item.c asks for the values (sigma_value.c) and makes tests of them. All
 * lives in the compiler's arena. */
#pragma once
#include "judge/sigma.h"

enum value_kind {
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_BOOL,
    VALUE_NULL,
    VALUE_REGEX,
    VALUE_CIDR,
    VALUE_FIELD
};

struct value {
    enum value_kind kind;
    uint32_t line, n;
    slice raw;
    const uint16_t *units;
    int64_t number;
    unsigned regex_flags;
    uint8_t ref; /* REF_ bits */
    struct value *next;
};

struct item {
    struct compiler *c;
    const struct sigma_rule *r;
    slice key, field;
    uint32_t line;
    struct value *values;
    uint32_t n;
    bool all, cased, neq, exists, compares, keyword, contains_used, encoded;
    enum number_op op;
};

/* Says what is wrong with the item. Always false. */
bool sigma_value_fail(struct item *t, const char *what);
/* Room for n units and wildcards; NULL: no memory. */
uint16_t *sigma_value_units(struct item *t, uint32_t n);
/* The values, with the modifiers applied from left to right ("contains|all"). */
bool sigma_value_read(struct item *t, slice modifiers, const struct yaml *y) MUST_USE;
/* Texts and numbers are looked for anywhere, as if `contains` were said. */
bool sigma_value_anywhere(struct item *t) MUST_USE;
