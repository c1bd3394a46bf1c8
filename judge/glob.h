/* SPDX-License-Identifier: Apache-2.0 */
/* glob - one string condition of Sigma: literal text with wildcards.
 *
 * Sigma specification 2.0, "String Wildcard" and "Escaping"; the pattern is a
 * row of 16-bit units, so that every byte stays usable next to the wildcards.
 * ASCII letters match without regard to case unless `cased`.
 */
#pragma once
#include "base/arena.h"

enum {
    GLOB_ONE = 256,  /* ?  one character (UTF-8) */
    GLOB_STAR = 257, /* *  any run, maybe empty */
    GLOB_DASH = 258, /* any dash of the windash modifier: - / and U+2013 2014 2015 */
    GLOB_UNITS
};

struct glob_segment { /* a run without stars */
    const uint16_t *units;
    uint32_t n;
};

struct glob {
    const struct glob_segment *segments;
    uint32_t n;
    bool start, end; /* the first (last) segment stands at the start (end) of the text */
    bool cased;
};

/* Splits units at stars; `units` must live as long as the glob. False: out of memory. */
bool glob_make(const uint16_t *units, uint32_t n, bool cased, struct arena *mem,
               struct glob *out) MUST_USE;
/* The leftmost match; at_out (may be NULL) covers it from its first to its last segment. */
bool glob_match(const struct glob *g, slice text, struct range *at_out);
