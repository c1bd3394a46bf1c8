/* SPDX-License-Identifier: Apache-2.0 */
/* outcome - what came of one report, for people and as JSON. */
#pragma once
#include "programs/verify/checks.h"

struct outcome_place {
    const char *reports; /* the file of reports */
    size_t line;         /* in it, from 1 */
};

void outcome_text(struct buf *out, const struct check *c, const struct outcome_place *at,
                  enum language l, bool details);
void outcome_json(struct buf *out, const struct check *c, const struct outcome_place *at);
