/* SPDX-License-Identifier: Apache-2.0 */
/* match_private - what the maker of pattern images and their user share. */
#pragma once
#include "base/match.h"

extern const slice match_magic;
int match_by_id(const void *a, const void *b); /* for lists of uint32_t */
