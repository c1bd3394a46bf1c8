/* SPDX-License-Identifier: Apache-2.0 */
/* jsonin - JSON (RFC 8259) as a tree in the arena; seam in front of jansson.
 *
 * For the programs of the desk, which read reports back: not for the worker, nor for the public
 * library. A key given twice is refused, as readers do not agree on which of the two counts.
 * Text is UTF-8 and may hold NUL. Numbers are whole, or JSONIN_FRACTION without their value.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum jsonin_kind { JSONIN_NULL, JSONIN_BOOL, JSONIN_NUMBER, JSONIN_FRACTION, JSONIN_TEXT, JSONIN_LIST, JSONIN_MAP };
enum { JSONIN_DEPTH_MAX = 32 };

struct jsonin {
    enum jsonin_kind kind;
    slice key;                  /* where it stands in a map */
    slice text;
    int64_t number;             /* and of JSONIN_BOOL: 0, 1 */
    const struct jsonin *items; /* of a list or map, in order */
    size_t n;
};

/* -EINVAL: no JSON, or too deep; -ENOMEM. */
int jsonin_read(slice text, struct arena *mem, struct jsonin *out, struct err *err_out) MUST_USE;
/* The member of a map; NULL: none, or no map. */
const struct jsonin *jsonin_get(const struct jsonin *map, const char *key);
