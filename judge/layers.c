/* SPDX-License-Identifier: Apache-2.0 */
/* layers - see layers.h. */
#include "judge/layers.h"
#include "base/check.h"

static const struct row {
    const char *name, *folders, *title[2];
} rows[LAYERS] = {
#define LAYER_ROW(id, name, folders, en, ja) { name, folders, { en, ja } },
    RULE_LAYERS(LAYER_ROW)
#undef LAYER_ROW
};

_Static_assert(LAYERS <= 32, "sets of layers are 32 bits");

const char *layer_name(enum layer l)
{
    CHECK(l < LAYERS);
    return rows[l].name;
}

const char *layer_title(enum layer l, bool japanese)
{
    CHECK(l < LAYERS);
    return rows[l].title[japanese];
}

bool layer_by_name(slice name, enum layer *out)
{
    for (int l = 0; l < LAYERS; l++)
        if (slice_is(name, rows[l].name)) {
            *out = (enum layer)l;
            return true;
        }
    return false;
}

static bool among(slice word, slice list)
{
    while (list.len) {
        size_t n = slice_find_byte(list, ' ', 0);
        slice one = slice_sub(list, 0, n == SIZE_MAX ? list.len : n);
        if (slice_eq(one, word))
            return true;
        list = slice_from(list, one.len + 1);
    }
    return false;
}

/* Only the innermost folder: the tree of rules may lie anywhere. */
enum layer layer_of_path(slice path)
{
    size_t end = path.len, from;
    while (end > 0 && path.at[end - 1] != '/')
        end--;
    if (end == 0)
        return LAYER_OTHER;
    for (from = --end; from > 0 && path.at[from - 1] != '/';)
        from--;
    slice folder = slice_sub(path, from, end - from);
    for (int l = 0; l < LAYER_PROMISE; l++)
        if (slice_is(folder, rows[l].name) || among(folder, slice_of(rows[l].folders)))
            return (enum layer)l;
    return LAYER_OTHER;
}
