/* SPDX-License-Identifier: Apache-2.0 */
/* yaml - reads YAML 1.1 documents into a tree with line numbers; seam in front of libyaml.
 *
 * For rules and settings, which people write: scalars stay text (the reader of
 * a key knows its type), a key given twice is an error, and so are aliases
 * and tags, which none of our files need. Bounded in size, depth and
 * number of nodes; the tree and its text live in the arena.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { YAML_DEPTH_MAX = 32, YAML_NODES_MAX = 1 << 20, YAML_SIZE_MAX = 16 << 20 };

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_kind kind;
    bool quoted;   /* in quotes or a block: never null, a number or a flag */
    uint32_t line; /* 1-based */
    uint32_t key_line;
    slice text; /* of a scalar; UTF-8 */
    slice key;  /* of an entry of a map */
    const struct yaml *items;
    size_t n;
};

/* All documents of the text. Errors name file and line. */
int yaml_read(slice text, const char *path, struct arena *mem, const struct yaml **documents_out,
              size_t *n_out, struct err *err_out) MUST_USE;

/* The entry of a map; NULL when absent or when `map` is NULL or no map. */
const struct yaml *yaml_get(const struct yaml *map, const char *key);
/* Absent (NULL), or an unquoted `null`, `~` or nothing. */
bool yaml_is_null(const struct yaml *y);
