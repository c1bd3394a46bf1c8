/* SPDX-License-Identifier: Apache-2.0 */
/* harness - source text of one language through a scan with all languages beside it, for tests
 * and fuzzers. The tally's record holds the effects. */
#pragma once
#include "decode/harness.h"

/* `language` is a line of languages.list: "vba" becomes the only module of a project, "xlm" the
 * macro part of a workbook (lines as in decode/shared/xlm.h), any other a script of that type.
 * `o` may be NULL; its format is not looked at. */
struct tally *tally_unmasked(const char *language, const struct tally_options *o, slice source);
/* A whole file, as tally_run(), with all languages beside it. */
struct tally *tally_unmasked_file(const struct tally_options *o, slice in);

/* Code that is cut off behind each of its bytes, and code for which memory fails at the n-th
 * request, n from 1 up to `until`: the promises of a scan hold (tally_check()). */
void tally_beginnings(const char *language, slice source);
void tally_starved(const char *language, slice source, size_t until);

/* The n-th effect of this kind (NULL when there are not so many), and its argument (empty). */
const struct effect *tally_effect(const struct tally *t, enum effect_kind kind, size_t n);
slice tally_argument(const struct effect *e, const char *name);
/* Known, and sure to come about; of a test's row: that, or known where a condition holds, or neither. */
bool tally_certain(const struct effect *e);
bool tally_certainty(const struct effect *e, bool known, bool conditional);
