/* SPDX-License-Identifier: Apache-2.0 */
/* jsonin - see jsonin.h. jansson's tree lives only while it is copied: its memory is the heap's,
 * some twenty times the text, which the caller bounds. */
#include "base/jsonin.h"

#include <errno.h>
#include <jansson.h>

struct copy {
    struct arena *mem;
    struct err *err;
};

static int take(struct copy *c, json_t *from, struct jsonin *to, unsigned depth);

static int out_of_memory(struct copy *c) { return err_set(c->err, -ENOMEM, "out of memory"); }

static int take_text(struct copy *c, const char *text, size_t len, slice *out)
{
    *out = arena_copy(c->mem, (slice){ (const uint8_t *)text, len });
    return len && !out->len ? out_of_memory(c) : 0;
}

static int take_list(struct copy *c, json_t *from, struct jsonin *to, unsigned depth)
{
    size_t n = json_array_size(from);
    struct jsonin *items = ARENA_ARRAY(c->mem, struct jsonin, n ? n : 1);
    if (!items)
        return out_of_memory(c);
    for (size_t i = 0; i < n; i++) {
        int r = take(c, json_array_get(from, i), &items[i], depth + 1);
        if (r < 0)
            return r;
    }
    to->items = items;
    to->n = n;
    return 0;
}

static int take_map(struct copy *c, json_t *from, struct jsonin *to, unsigned depth)
{
    size_t n = json_object_size(from), i = 0;
    struct jsonin *items = ARENA_ARRAY(c->mem, struct jsonin, n ? n : 1);
    if (!items)
        return out_of_memory(c);
    for (void *at = json_object_iter(from); at && i < n; at = json_object_iter_next(from, at), i++) {
        const char *key = json_object_iter_key(at);
        int r = take(c, json_object_iter_value(at), &items[i], depth + 1);
        if (r == 0)
            r = take_text(c, key, strlen(key), &items[i].key);
        if (r < 0)
            return r;
    }
    to->items = items;
    to->n = n;
    return 0;
}

static int take(struct copy *c, json_t *from, struct jsonin *to, unsigned depth)
{
    if (depth > JSONIN_DEPTH_MAX)
        return err_set(c->err, -EINVAL, "nested more than %d deep", JSONIN_DEPTH_MAX);
    switch (json_typeof(from)) {
    case JSON_OBJECT: to->kind = JSONIN_MAP; return take_map(c, from, to, depth);
    case JSON_ARRAY: to->kind = JSONIN_LIST; return take_list(c, from, to, depth);
    case JSON_STRING: to->kind = JSONIN_TEXT; return take_text(c, json_string_value(from), json_string_length(from), &to->text);
    case JSON_INTEGER: to->kind = JSONIN_NUMBER; to->number = json_integer_value(from); return 0;
    case JSON_REAL: to->kind = JSONIN_FRACTION; return 0;
    case JSON_TRUE: to->kind = JSONIN_BOOL; to->number = 1; return 0;
    case JSON_FALSE: to->kind = JSONIN_BOOL; return 0;
    case JSON_NULL: break;
    }
    to->kind = JSONIN_NULL;
    return 0;
}

int jsonin_read(slice text, struct arena *mem, struct jsonin *out, struct err *err_out)
{
    struct copy c = { mem, err_out };
    json_error_t why;
    *out = (struct jsonin){ 0 };
    json_t *root = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (!root) /* its words may quote bytes of the text that are no UTF-8: only where is said */
        return err_set(err_out, -EINVAL, json_error_code(&why) == json_error_duplicate_key ? "a key stands twice, before byte %d"
                                                                                           : "no JSON at byte %d", why.position);
    int r = take(&c, root, out, 0);
    json_decref(root);
    return r;
}

const struct jsonin *jsonin_get(const struct jsonin *map, const char *key)
{
    for (size_t i = 0; map && map->kind == JSONIN_MAP && i < map->n; i++)
        if (slice_is(map->items[i].key, key))
            return &map->items[i];
    return NULL;
}
