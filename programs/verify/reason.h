/* SPDX-License-Identifier: Apache-2.0 */
/* reason - is this sentence that of the rule, with values of the report's own facts in it? */
#pragma once
#include "programs/verify/findings.h"

enum reason_fit { REASON_FITS, REASON_OTHER, REASON_UNCLEAR };

/* `of`: the finding that decides; NULL: the sentence has no values. UNCLEAR: too much to compare.
 */
enum reason_fit reason_fits(struct check *c, slice sentence, slice said, const struct found *of);
