/* SPDX-License-Identifier: Apache-2.0 */
/* policy_read - exceptions.yaml and promises.yaml (docs/rules.md). An
 * exception without author, reason and end would stay for ever and be nobody's:
 * all three are mandatory. */
#include "base/text.h"
#include "base/yaml.h"
#include "judge/judge_private.h"
#include <errno.h>

enum { ROWS_MAX = 100000 };

struct reader {
    struct arena *mem;
    struct err *err;
    const char *path;
    const struct yaml *rows;
    size_t n;
};

static int bad(const struct reader *r, uint32_t line, const char *what)
{
    return err_set(r->err, -EINVAL, "%s:%u: %s", r->path, line, what);
}

static int no_memory(const struct reader *r)
{
    return err_set(r->err, -ENOMEM, "%s: out of memory", r->path);
}

/* The rows: a list, bare or under a key. An empty file has none. */
static int open_rows(struct reader *r, slice yaml, slice path, const char *key)
{
    const struct yaml *docs;
    size_t n = 0;
    r->path = arena_cstr(r->mem, path);
    if (!r->path)
        return err_set(r->err, -ENOMEM, "out of memory");
    int code = yaml_read(yaml, r->path, r->mem, &docs, &n, r->err);
    if (code || n == 0 || yaml_is_null(docs))
        return code;
    const struct yaml *list = docs->kind == YAML_MAP ? yaml_get(docs, key) : docs;
    if (n > 1)
        return bad(r, docs[1].line, "one document is enough; remove the '---'");
    if (docs->kind == YAML_MAP && (docs->n != 1 || !list))
        return err_set(r->err, -EINVAL, "%s:%u: the file must hold a list, bare or under `%s:`",
                       r->path, docs->line, key);
    if (yaml_is_null(list))
        return 0;
    if (list->kind != YAML_LIST || list->n > ROWS_MAX)
        return err_set(r->err, -EINVAL, "%s:%u: `%s` must be a list", r->path, list->line, key);
    r->rows = list->items;
    r->n = list->n;
    return 0;
}

static int known_keys(const struct reader *r, const struct yaml *row, const char *const *keys,
                      const char *all)
{
    if (row->kind != YAML_MAP)
        return bad(r, row->line, "every entry of the list must be a map");
    for (size_t i = 0; i < row->n; i++) {
        size_t k = 0;
        while (keys[k] && !slice_is(row->items[i].key, keys[k]))
            k++;
        if (!keys[k])
            return err_set(r->err, -EINVAL, "%s:%u: '%.*s' is not known here; there are %s",
                           r->path, row->items[i].key_line, SLICE_FMT(row->items[i].key), all);
    }
    return 0;
}

static slice text(const struct yaml *row, const char *key)
{
    const struct yaml *y = yaml_get(row, key);
    return y && y->kind == YAML_SCALAR && !yaml_is_null(y) ? slice_trim(y->text) : (slice){ 0 };
}

static int need(const struct reader *r, const struct yaml *row, const char *key, const char *what,
                slice *out)
{
    *out = text(row, key);
    if (out->len)
        return 0;
    return err_set(r->err, -EINVAL, "%s:%u: `%s` is missing: %s", r->path, row->line, key, what);
}

bool policy_is_date(slice s)
{
    static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    uint64_t y, m, d;
    return s.len == 10 && s.at[4] == '-' && s.at[7] == '-' && slice_u64(slice_sub(s, 0, 4), &y) &&
           slice_u64(slice_sub(s, 5, 2), &m) && slice_u64(slice_sub(s, 8, 2), &d) && m >= 1 &&
           m <= 12 && d >= 1 && d <= days[m - 1];
}

static int read_exception(const struct reader *r, const struct yaml *row, struct exception *e)
{
    static const char *const keys[] = { "rule",   "recipient", "sender",  "identity",
                                        "author", "reason",    "expires", NULL };
    int code =
        known_keys(r, row, keys, "rule, recipient, sender, identity, author, reason and expires");
    if (code ||
        (code = need(r, row, "rule", "the id of the rule that shall not count", &e->rule)) ||
        (code = need(r, row, "author", "who answers for this exception", &e->author)) ||
        (code = need(r, row, "reason", "why it is safe", &e->reason)) ||
        (code = need(r, row, "expires", "its last day as YYYY-MM-DD", &e->expires)))
        return code;
    if (!policy_is_date(e->expires))
        return bad(r, yaml_get(row, "expires")->line, "`expires` must be a date as YYYY-MM-DD");
    e->recipient = text(row, "recipient");
    e->sender = text(row, "sender");
    e->identity = text(row, "identity");
    if (!e->sender.len != !e->identity.len)
        return bad(r, row->line,
                   "`sender` and `identity` belong together: a sender alone can be hijacked, a "
                   "macro alone can be copied");
    if (!e->sender.len && !e->recipient.len)
        return bad(r, row->line,
                   "say for whom: `recipient`, or `sender` and `identity`; to switch a rule off, "
                   "set its state");
    return 0;
}

int exceptions_read(slice yaml, slice path, struct arena *mem, struct policy *policy,
                    struct err *err_out)
{
    struct reader r = { .mem = mem, .err = err_out };
    int code = open_rows(&r, yaml, path, "exceptions");
    struct exception *all = code ? NULL : ARENA_ARRAY(mem, struct exception, r.n + 1);
    if (code)
        return code;
    if (!all)
        return no_memory(&r);
    for (size_t i = 0; i < r.n; i++)
        if ((code = read_exception(&r, &r.rows[i], &all[i])))
            return code;
    policy->exceptions = all;
    policy->n_exceptions = r.n;
    return 0;
}

static int read_never(const struct reader *r, const struct yaml *never, struct promise *p)
{
    const struct yaml *items = never->kind == YAML_LIST ? never->items : never;
    size_t n = never->kind == YAML_LIST ? never->n : 1;
    for (size_t i = 0; i < n; i++) {
        bool *flag = slice_is(items[i].text, "attachments") ? &p->attachments
                     : slice_is(items[i].text, "macros")    ? &p->macros
                     : slice_is(items[i].text, "archives")  ? &p->archives
                                                            : NULL;
        if (!flag)
            return bad(r, items[i].line, "`never` knows attachments, macros and archives");
        *flag = true;
    }
    return 0;
}

static int read_links(const struct reader *r, const struct yaml *links, struct promise *p)
{
    if (links->kind != YAML_LIST)
        return bad(r, links->line,
                   "`links_only` must be a list of domains; [] when it sends no links at all");
    slice *domains = ARENA_ARRAY(r->mem, slice, links->n + 1);
    if (!domains)
        return no_memory(r);
    for (size_t i = 0; i < links->n; i++) {
        if (links->items[i].kind != YAML_SCALAR || links->items[i].text.len == 0)
            return bad(r, links->items[i].line, "a domain must be text");
        domains[i] = links->items[i].text;
    }
    p->links_only = domains;
    p->n_links_only = links->n;
    return 0;
}

static int read_promise(const struct reader *r, const struct yaml *row, struct promise *p)
{
    static const char *const keys[] = { "sender", "never",  "links_only", "source",
                                        "reason", "author", NULL };
    const struct yaml *never = yaml_get(row, "never"), *links = yaml_get(row, "links_only"),
                      *reason = yaml_get(row, "reason");
    int code = known_keys(r, row, keys, "sender, never, links_only, source, reason and author");
    if (code || (code = need(r, row, "sender", "an address or a domain", &p->sender)) ||
        (code = need(r, row, "source", "where the sender has published the promise", &p->source)))
        return code;
    if (never && (code = read_never(r, never, p)))
        return code;
    if (links && (code = read_links(r, links, p)))
        return code;
    if (!p->attachments && !p->macros && !p->archives && !p->links_only)
        return bad(r, row->line, "nothing is promised: give `never` or `links_only`");
    if (slice_starts(p->sender, SLICE_LIT("@")))
        p->sender = slice_from(p->sender, 1);
    p->reason.en = reason && reason->kind == YAML_MAP ? text(reason, "en") : text(row, "reason");
    p->reason.ja = reason ? text(reason, "ja") : (slice){ 0 };
    return 0;
}

int promises_read(slice yaml, slice path, struct arena *mem, struct policy *policy,
                  struct err *err_out)
{
    struct reader r = { .mem = mem, .err = err_out };
    int code = open_rows(&r, yaml, path, "promises");
    struct promise *all = code ? NULL : ARENA_ARRAY(mem, struct promise, r.n + 1);
    if (code)
        return code;
    if (!all)
        return no_memory(&r);
    for (size_t i = 0; i < r.n; i++)
        if ((code = read_promise(&r, &r.rows[i], &all[i])))
            return code;
    policy->promises = all;
    policy->n_promises = r.n;
    return 0;
}
