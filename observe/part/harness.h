/* SPDX-License-Identifier: Apache-2.0 */
/* harness - a whole scan with all observers beside it, for tests. */
#pragma once
#include "decode/harness.h"

struct tally *tally_observed(const struct tally_options *o, slice in);
