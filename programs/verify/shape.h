/* SPDX-License-Identifier: Apache-2.0 */
/* shape - is this JSON a report of sekisho/report/1, member by member (docs/report.schema.json)?
 *
 * Written from the schema, apart from the writer of reports. When it says yes, every member that
 * the schema demands is there and of its kind, and numbers of parts, facts and findings name
 * ones that are there: the other checks rely on it.
 */
#pragma once
#include "base/jsonin.h"
#include "programs/verify/steps.h"

bool shape_check(struct steps *s, const struct jsonin *report);

/* Members of a report whose shape is good. */
slice shape_text(const struct jsonin *map, const char *key);
uint64_t shape_number(const struct jsonin *map, const char *key);
/* The list's items; *n_out of them. */
const struct jsonin *shape_list(const struct jsonin *map, const char *key, size_t *n_out);
bool shape_range(const struct jsonin *map, struct range *out); /* false: none */
