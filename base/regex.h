/* SPDX-License-Identifier: Apache-2.0 */
/* regex - bounded backtracking matcher for what base/match.h cannot decide;
 * seam in front of PCRE2. Interpreted, never JIT; match, depth and heap
 * limits are set, and reaching one is a "no" that sets *limit_out. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct regex;

enum { REGEX_CASELESS = 1, REGEX_MULTILINE = 2, REGEX_DOTALL = 4 };

int regex_new(slice pattern, unsigned flags, struct regex **out, struct err *err_out) MUST_USE;
void regex_drop(struct regex **r);
/* True when found; *at_out (may be NULL) is the range of the whole match. */
bool regex_find(const struct regex *r, slice text, struct range *at_out, bool *limit_out);
/* Frees what this thread keeps between searches. */
void regex_thread_end(void);
