/* SPDX-License-Identifier: Apache-2.0 */
/* findings - what the rules say of each finding of a report; for the verdict. */
#pragma once
#include "programs/verify/checks.h"

struct found {
    const struct jsonin *map;
    const struct jsonin *parts, *facts;
    struct rule_info rule;
    struct rule_text promise; /* of a sender promise: its reason */
    size_t index, order;      /* in the report; of the rule in the image */
    enum rule_level level;
    enum layer layer;
    bool is_promise, counts;
};

/* In the report's order; NULL where one is of no rule, or memory ends. */
struct found *findings_read(struct check *c, size_t *n_out);
