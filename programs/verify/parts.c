/* SPDX-License-Identifier: Apache-2.0 */
/* parts - the file, its parts, and what was not read: digests and sizes are worked out again. */
#include "base/hash.h"
#include "programs/verify/checks.h"

enum { UNREAD_LOOKED_AT = 1 << 20 };

static slice base_name(slice path)
{
    size_t from = path.len;
    while (from > 0 && path.at[from - 1] != '/')
        from--;
    return slice_from(path, from);
}

bool parts_check_file(struct check *c)
{
    char hex[65];
    size_t n;
    slice path = shape_text(c->report, "path");
    const struct jsonin *root = shape_list(c->report, "parts", &n);
    c->s.kind = STEP_FILE;
    hex_of((slice){ c->object->sha256, 32 }, hex);
    bool good = steps_same(&c->s, shape_text(c->report, "sha256"), slice_of(hex), "$.sha256");
    good &= steps_same_number(&c->s, shape_number(c->report, "size"), c->object->size, "$.size");
    /* A body of standard input has no name. */
    (void)steps_same(&c->s, shape_text(root, "name"),
                     slice_is(path, "-") ? (slice){ 0 } : base_name(path), "$.parts[0].name");
    return good;
}

static void check_digest(struct check *c, const struct jsonin *part, size_t i)
{
    char hex[65];
    const struct object_part *is = &c->object->parts[i];
    if (!is->given) { /* the worker was ended before it came so far */
        c->s.not_comparable += 2;
        return;
    }
    hex_of((slice){ is->sha256, 32 }, hex);
    (void)steps_same(&c->s, shape_text(part, "sha256"), slice_of(hex), "$.parts[%zu].sha256", i);
    (void)steps_same_number(&c->s, shape_number(part, "size"), is->size, "$.parts[%zu].size", i);
}

static void check_part(struct check *c, const struct jsonin *parts, size_t i)
{
    const struct jsonin *part = &parts[i];
    const struct jsonin *parent = jsonin_get(part, "parent");
    bool file = slice_is(shape_text(part, "how"), "file"), root = i == 0;
    bool below = !root && parent->kind == JSONIN_NUMBER && (uint64_t)parent->number < i;
    /* A text that is taken out of a text keeps how that one came. */
    bool taken = below && slice_is(shape_text(&parts[parent->number], "how"), "file");
    (void)steps_same_number(&c->s, shape_number(part, "id"), i, "$.parts[%zu].id", i);
    (void)steps_hold(&c->s, root ? parent->kind == JSONIN_NULL : below, MSG_VERIFY_PARENT,
                     "$.parts[%zu].parent", i);
    (void)steps_hold(&c->s, file == root || (file && taken), MSG_VERIFY_HOW, "$.parts[%zu].how", i);
    (void)steps_hold(&c->s, shape_text(part, "type").len > 0, MSG_VERIFY_SHAPE, "$.parts[%zu].type",
                     i);
    if (i < c->object->n_parts)
        check_digest(c, part, i);
}

/* The first four tokens of facts/unread.list carry a name; the rest say enough. */
static void check_unread(struct check *c, const struct jsonin *parts, const struct jsonin *unread,
                         size_t i)
{
    slice what = shape_text(unread, "what"),
          type = shape_text(&parts[shape_number(unread, "part")], "type");
    bool known = false, named = jsonin_get(unread, "name") != NULL;
    for (unsigned of = 0; of < UNREAD_OFS && !known; of++)
        known = slice_is(what, unread_row((enum unread_of)of)->token);
    (void)steps_hold(&c->s, known, MSG_VERIFY_NO_TOKEN, "$.unread[%zu].what", i);
    if (slice_is(what, "type")) {
        (void)steps_same(&c->s, shape_text(unread, "name"), type, "$.unread[%zu].name", i);
        (void)steps_same(&c->s, shape_text(unread, "cause"), SLICE_LIT("no-reader"),
                         "$.unread[%zu].cause", i);
    }
    (void)steps_hold(&c->s, !named || shape_text(unread, "name").len > 0, MSG_VERIFY_SHAPE,
                     "$.unread[%zu].name", i);
}

/* Where a password is wanted something is encrypted and was not read. */
static void check_wanted(struct check *c, const struct jsonin *unread, size_t n_unread)
{
    size_t n;
    const struct jsonin *facts = shape_list(c->report, "facts", &n);
    for (size_t i = 0, left = UNREAD_LOOKED_AT; i < n; i++) {
        bool said = !slice_is(shape_text(&facts[i], "name"), "password.wanted");
        for (size_t k = 0; !said && left > 0 && k < n_unread; k++, left--)
            said = slice_is(shape_text(&unread[k], "cause"), "encrypted") &&
                   shape_number(&unread[k], "part") == shape_number(&facts[i], "part");
        (void)steps_hold(&c->s, said || left == 0, MSG_VERIFY_WANTED, "$.facts[%zu]", i);
    }
}

void parts_check(struct check *c)
{
    size_t n;
    const struct jsonin *items = shape_list(c->report, "parts", &n);
    c->s.kind = STEP_PART;
    (void)steps_same_number(&c->s, n, c->object->n_parts, "$.parts.length");
    for (size_t i = 0; i < n; i++)
        check_part(c, items, i);
    const struct jsonin *unread = shape_list(c->report, "unread", &n);
    for (size_t i = 0; i < n; i++)
        check_unread(c, items, &unread[i], i);
    check_wanted(c, unread, n);
}
