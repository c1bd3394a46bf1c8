/* SPDX-License-Identifier: Apache-2.0 */
/* match - many patterns in one pass; seam in front of Hyperscan (or vectorscan).
 *
 * A set is compiled once (matcher_compile, slow), kept as bytes (a part of the
 * rule image) and opened from them (matcher_open, about a millisecond).
 *
 * A dot and a class mean characters of UTF-8; text that is not UTF-8 is searched
 * for them with its faults replaced by U+FFFD, for all else as it is.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum {
    MATCH_CASELESS = 1, /* ASCII letters */
    MATCH_DOTALL = 2,
    MATCH_MULTILINE = 4,
};

struct match_pattern {
    slice expression; /* PCRE syntax; literals must be quoted by match_quote */
    unsigned flags;
    uint32_t id;
};

enum match_support {
    MATCH_EXACT,     /* a hit is a match */
    MATCH_PREFILTER, /* a hit may be a match: confirm with base/regex.h */
    MATCH_NONE,      /* cannot be taken into a set */
};

/* What the library can do with this expression; slow, compile time only. */
enum match_support match_supports(const struct match_pattern *p);
/* Appends a literal with all special characters escaped. */
void match_quote(struct buf *out, slice literal);

int matcher_compile(const struct match_pattern *patterns, size_t n, struct buf *image_out,
                    struct err *err_out) MUST_USE;

struct matcher;
int matcher_open(slice image, struct matcher **out, struct err *err_out) MUST_USE;
void matcher_drop(struct matcher **m);
/* Calls hit(host, id, end) for each pattern found, at least once each; `end` is
 * the offset behind the match. hit returns false to stop. Not re-entrant. */
void matcher_scan(struct matcher *m, slice text, bool (*hit)(void *host, uint32_t id, size_t end),
                  void *host);
/* A number that differs where an image of another machine cannot be used. */
uint64_t match_platform(void);
