/* SPDX-License-Identifier: Apache-2.0 */
/* yaml - event stream of libyaml to a tree. YAML 1.1; what it leaves out
 * stands in yaml.h. */
#include "base/yaml.h"
#include "base/text.h"
#include <errno.h>
#include <stdlib.h>
#include <yaml.h>

/* Nodes wait on `list` until the list or map they are in ends, so that the
 * items of one stand side by side. */
struct level {
    struct yaml node; /* the open list or map */
    size_t from;      /* its first item on the list */
    slice key;        /* read, its value not yet */
    uint32_t key_line;
    bool has_key;
};

struct reader {
    yaml_parser_t parser;
    struct arena *mem;
    const char *path;
    struct err *err;
    struct level stack[YAML_DEPTH_MAX];
    unsigned depth;
    struct yaml *list;
    size_t n, room, made;
};

static int no_memory(struct reader *r)
{
    return err_set(r->err, -ENOMEM, "%s: out of memory", r->path);
}

static uint32_t line_of(const yaml_mark_t *mark)
{
    return (uint32_t)mark->line + 1;
}

static int bad(struct reader *r, const yaml_mark_t *mark, const char *what)
{
    return err_set(r->err, -EINVAL, "%s:%u: %s", r->path, line_of(mark), what);
}

static int add(struct reader *r, const yaml_mark_t *mark, struct yaml node)
{
    struct level *up = r->depth ? &r->stack[r->depth - 1] : NULL;
    if (++r->made > YAML_NODES_MAX)
        return bad(r, mark, "the document is too large; split the file");
    if (up && up->node.kind == YAML_MAP) {
        node.key = up->key;
        node.key_line = up->key_line;
        up->has_key = false;
    }
    if (r->n == r->room) {
        size_t room = r->room ? r->room * 2 : 64;
        struct yaml *bigger =
            arena_regrow(r->mem, r->list, r->n * sizeof *bigger, room, sizeof *bigger);
        if (!bigger)
            return no_memory(r);
        r->list = bigger;
        r->room = room;
    }
    r->list[r->n++] = node;
    return 0;
}

static int add_text(struct reader *r, const yaml_event_t *e)
{
    if (e->data.scalar.tag)
        return bad(r, &e->start_mark, "tags (!name) are not supported; remove the tag");
    slice text = { e->data.scalar.value, e->data.scalar.length };
    slice copy = arena_copy(r->mem, text);
    if (copy.len != text.len)
        return no_memory(r);
    uint32_t line = line_of(&e->start_mark);
    struct level *up = r->depth ? &r->stack[r->depth - 1] : NULL;
    if (up && up->node.kind == YAML_MAP && !up->has_key) {
        up->key = copy;
        up->key_line = line;
        up->has_key = true;
        return 0;
    }
    bool quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return add(r, &e->start_mark,
               (struct yaml){ .kind = YAML_SCALAR, .line = line, .text = copy, .quoted = quoted });
}

static int push(struct reader *r, const yaml_event_t *e, enum yaml_kind kind)
{
    bool list = kind == YAML_LIST;
    if (list ? !!e->data.sequence_start.tag : !!e->data.mapping_start.tag)
        return bad(r, &e->start_mark, "tags (!name) are not supported; remove the tag");
    if (r->depth == YAML_DEPTH_MAX)
        return bad(r, &e->start_mark, "nested too deeply");
    struct level *up = r->depth ? &r->stack[r->depth - 1] : NULL;
    if (up && up->node.kind == YAML_MAP && !up->has_key)
        return bad(r, &e->start_mark, "a key must be text, not a list or a map");
    r->stack[r->depth++] = (struct level){
        .node = { .kind = kind, .line = line_of(&e->start_mark) },
        .from = r->n,
    };
    return 0;
}

static int by_key(const void *a, const void *b)
{
    const struct yaml *x = *(const struct yaml *const *)a;
    const struct yaml *y = *(const struct yaml *const *)b;
    size_t common = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = common ? memcmp(x->key.at, y->key.at, common) : 0;
    if (order)
        return order;
    if (x->key.len != y->key.len)
        return x->key.len < y->key.len ? -1 : 1;
    return x->key_line < y->key_line ? -1 : x->key_line > y->key_line;
}

/* YAML 1.1 3.2.1.3: keys are unique. libyaml leaves that to us. */
static int check_keys(struct reader *r, const struct yaml *items, size_t n)
{
    const struct yaml **keys = ARENA_ARRAY(r->mem, const struct yaml *, n + 1);
    if (!keys)
        return no_memory(r);
    for (size_t i = 0; i < n; i++)
        keys[i] = &items[i];
    qsort(keys, n, sizeof *keys, by_key);
    for (size_t i = 1; i < n; i++)
        if (slice_eq(keys[i - 1]->key, keys[i]->key))
            return err_set(r->err, -EINVAL,
                           "%s:%u: '%.*s' stands already in line %u; keep one of them", r->path,
                           keys[i]->key_line, SLICE_FMT(keys[i]->key), keys[i - 1]->key_line);
    return 0;
}

static int pop(struct reader *r, const yaml_mark_t *mark)
{
    struct level *top = &r->stack[--r->depth];
    struct yaml node = top->node;
    node.n = r->n - top->from;
    if (node.n) {
        node.items =
            arena_regrow(r->mem, r->list + top->from, node.n * sizeof node, node.n, sizeof node);
        if (!node.items)
            return no_memory(r);
    }
    if (node.kind == YAML_MAP && node.n > 1) {
        int code = check_keys(r, node.items, node.n);
        if (code)
            return code;
    }
    r->n = top->from;
    return add(r, mark, node);
}

static int take_event(struct reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return add_text(r, e);
    case YAML_SEQUENCE_START_EVENT:
        return push(r, e, YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        return push(r, e, YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return pop(r, &e->start_mark);
    case YAML_ALIAS_EVENT:
        return bad(r, &e->start_mark, "aliases (*name) are not supported; write the value out");
    default:
        return 0;
    }
}

static int parser_error(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return no_memory(r);
    const yaml_mark_t *mark =
        p->problem_mark.line || p->problem_mark.column ? &p->problem_mark : &p->mark;
    return err_set(r->err, -EINVAL, "%s:%u: not valid YAML: %s%s%s", r->path, line_of(mark),
                   p->problem ? p->problem : "syntax error", p->context ? ", " : "",
                   p->context ? p->context : "");
}

static int read_all(struct reader *r)
{
    for (;;) {
        yaml_event_t e;
        if (!yaml_parser_parse(&r->parser, &e))
            return parser_error(r);
        bool end = e.type == YAML_STREAM_END_EVENT;
        int code = take_event(r, &e);
        yaml_event_delete(&e);
        if (code || end)
            return code;
    }
}

int yaml_read(slice text, const char *path, struct arena *mem, const struct yaml **documents_out,
              size_t *n_out, struct err *err_out)
{
    if (text.len > YAML_SIZE_MAX)
        return err_set(err_out, -EFBIG, "%s: larger than %d MiB; split the file", path,
                       YAML_SIZE_MAX >> 20);
    struct reader *r = ARENA_NEW(mem, struct reader);
    if (!r)
        return err_set(err_out, -ENOMEM, "%s: out of memory", path);
    r->mem = mem;
    r->path = path;
    r->err = err_out;
    if (!yaml_parser_initialize(&r->parser))
        return no_memory(r);
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->parser, text.len ? text.at : (const uint8_t *)"", text.len);
    int code = read_all(r);
    yaml_parser_delete(&r->parser);
    if (code == 0) {
        *documents_out = r->list;
        *n_out = r->n;
    }
    return code;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    slice wanted = slice_of(key);
    for (size_t i = 0; i < map->n; i++)
        if (slice_eq(map->items[i].key, wanted))
            return &map->items[i];
    return NULL;
}

/* YAML 1.1 type repository: null. */
bool yaml_is_null(const struct yaml *y)
{
    return !y || (y->kind == YAML_SCALAR && !y->quoted &&
                  (y->text.len == 0 || slice_is(y->text, "~") || slice_is_nocase(y->text, "null")));
}
