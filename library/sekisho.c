/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho - include/sekisho.h over the rooms: engine, judge and report joined in
 * one process, as worker and desk join them over the wire. See there for the
 * contract. Left out: the jail (guard/) and YARA, which only the worker links. */
#include "base/charset.h"
#include "base/inflate.h"
#include "base/regex.h"
#include "library/library_private.h"

#include <errno.h>
#include <stdio.h>

enum { POLICY_MEMORY = 32 << 20, DOMAINS_MAX = 1024, RULE_FILES_MAX = 1 << 20 };

const char *sekisho_version(void) { return SEKISHO_VERSION_TEXT; }

int library_failed(struct sekisho_error *out, const struct err *e)
{
    if (out) {
        out->code = e->code;
        (void)snprintf(out->text, sizeof out->text, "%s", e->text);
    }
    return e->code;
}

int library_refuse(struct sekisho_error *out, int code, const char *why)
{
    struct err e;
    (void)err_set(&e, code, "%s", why);
    return library_failed(out, &e);
}

/* --- rules */

/* Takes the image. Opened once, so that what is wrong with it is said here. */
static int keep_image(struct buf *image, struct sekisho_rules **out, struct sekisho_error *error_out)
{
    struct rules *opened = NULL;
    struct err e = { 0 };
    int r = rules_open(buf_slice(image), &opened, &e);
    size_t n = r == 0 ? rules_count(opened) : 0;
    rules_drop(&opened);
    if (r == 0 && n == 0)
        r = err_set(&e, -ENOENT, "there is no rule in it, and without rules everything would be clean");
    struct arena *mem = r == 0 ? arena_new(1 << 12) : NULL;
    struct sekisho_rules *rules = mem ? ARENA_NEW(mem, struct sekisho_rules) : NULL;
    if (r == 0 && !rules)
        r = err_set(&e, -ENOMEM, "out of memory");
    if (r < 0) {
        arena_drop(&mem);
        buf_drop(image);
        return library_failed(error_out, &e);
    }
    *rules = (struct sekisho_rules){ .mem = mem, .image = *image, .n = n };
    *out = rules;
    return 0;
}

int sekisho_rules_compile(const struct sekisho_rule_file *files, size_t n, struct sekisho_rules **out,
                          struct sekisho_error *error_out)
{
    if (n == 0 || !files)
        return library_refuse(error_out, -ENOENT, "no rule file was given, and without rules everything would be clean");
    struct arena *mem = n > RULE_FILES_MAX ? NULL : arena_new(n * sizeof(struct rule_source) + (1 << 12));
    struct rule_source *sources = mem ? ARENA_ARRAY(mem, struct rule_source, n) : NULL;
    struct buf image = buf_new(IMAGE_BYTES_MAX);
    struct err e = { 0 };
    int r = sources ? 0 : err_set(&e, -ENOMEM, "out of memory");
    for (size_t i = 0; r == 0 && i < n; i++)
        sources[i] = (struct rule_source){ slice_of(files[i].path ? files[i].path : "-"),
                                           { (const uint8_t *)files[i].text, files[i].len }, !files[i].foreign };
    if (r == 0)
        r = rules_compile(sources, n, &image, &e);
    arena_drop(&mem);
    if (r == 0)
        return keep_image(&image, out, error_out);
    buf_drop(&image);
    return library_failed(error_out, &e);
}

int sekisho_rules_load(const void *image, size_t len, struct sekisho_rules **out, struct sekisho_error *error_out)
{
    struct buf copy = buf_new(IMAGE_BYTES_MAX);
    buf_put(&copy, (slice){ image, image ? len : 0 });
    if (!copy.full)
        return keep_image(&copy, out, error_out);
    buf_drop(&copy);
    return library_refuse(error_out, len > IMAGE_BYTES_MAX ? -EINVAL : -ENOMEM, "the rule image is too large");
}

const void *sekisho_rules_image(const struct sekisho_rules *rules, size_t *len_out)
{
    *len_out = rules->image.len;
    return rules->image.at;
}

size_t sekisho_rules_count(const struct sekisho_rules *rules) { return rules->n; }

void sekisho_rules_free(struct sekisho_rules *rules)
{
    if (!rules)
        return;
    struct arena *mem = rules->mem;
    buf_drop(&rules->image);
    arena_drop(&mem);
}

/* --- engines */

static struct budget budget_of(const struct sekisho_limits *l)
{
    struct budget b = budget_default();
    if (l->work)
        b.left[BUDGET_WORK] = l->work;
    if (l->unpacked)
        b.left[BUDGET_INFLATED] = l->unpacked;
    if (l->parts)
        b.left[BUDGET_PARTS] = l->parts;
    if (l->depth)
        b.left[BUDGET_DEPTH] = l->depth;
    return b;
}

static void set_today(struct sekisho_engine *e, slice today)
{
    slice kept = { (const uint8_t *)e->today, slice_copy_out(today, (uint8_t *)e->today, sizeof e->today) };
    e->context.policy.today = kept;
}

static int read_settings(struct sekisho_engine *e, const struct sekisho_settings *s, struct err *err_out)
{
    slice *own = s->n_own_domains > DOMAINS_MAX ? NULL : ARENA_ARRAY(e->mem, slice, s->n_own_domains + 1);
    if (!own)
        return err_set(err_out, -EINVAL, "at most %d own domains", DOMAINS_MAX);
    for (size_t i = 0; i < s->n_own_domains; i++)
        own[i] = slice_of(s->own_domains[i]);
    if (s->today ? !policy_is_date(slice_of(s->today)) : s->exceptions != NULL)
        return err_set(err_out, -EINVAL, "`today` must be a date as YYYY-MM-DD; exceptions end by it");
    struct context_texts t = { .exceptions = slice_of(s->exceptions), .exceptions_path = SLICE_LIT("exceptions"),
                               .promises = slice_of(s->promises), .promises_path = SLICE_LIT("promises"),
                               .authserv_id = slice_of(s->authserv_id), .own_domains = own,
                               .n_own_domains = s->n_own_domains, .trust_foreign = s->trust_foreign_rules };
    int r = context_read(&t, e->mem, &e->context, err_out);
    if (r == 0)
        set_today(e, slice_of(s->today));
    return r;
}

int sekisho_engine_new(const struct sekisho_rules *rules, const struct sekisho_settings *settings,
                       struct sekisho_engine **out, struct sekisho_error *error_out)
{
    static const struct sekisho_settings defaults;
    const struct sekisho_settings *s = settings ? settings : &defaults;
    if (!rules)
        return library_refuse(error_out, -EINVAL, "an engine needs rules: without them everything would be clean");
    struct arena *mem = arena_new(POLICY_MEMORY);
    struct sekisho_engine *e = mem ? ARENA_NEW(mem, struct sekisho_engine) : NULL;
    if (!e) {
        arena_drop(&mem);
        return library_refuse(error_out, -ENOMEM, "out of memory");
    }
    struct err why = { 0 };
    e->mem = mem;
    int r = read_settings(e, s, &why);
    if (r == 0)
        r = rules_open(buf_slice(&rules->image), &e->rules, &why);
    if (r == 0)
        r = engine_new(e->rules, &e->engine, &why);
    if (r < 0) {
        sekisho_engine_free(e);
        return library_failed(error_out, &why);
    }
    struct budget b = budget_of(&s->limits);
    engine_set_budget(e->engine, &b);
    *out = e;
    return 0;
}

int sekisho_engine_set_today(struct sekisho_engine *engine, const char *today, struct sekisho_error *error_out)
{
    if (!policy_is_date(slice_of(today)))
        return library_refuse(error_out, -EINVAL, "`today` must be a date as YYYY-MM-DD");
    set_today(engine, slice_of(today));
    return 0;
}

void sekisho_engine_free(struct sekisho_engine *engine)
{
    if (!engine)
        return;
    engine_drop(&engine->engine);
    rules_drop(&engine->rules);
    struct arena *mem = engine->mem;
    arena_drop(&mem);
}

void sekisho_thread_end(void)
{
    charset_thread_end();
    inflate_thread_end();
    regex_thread_end();
}
