/* SPDX-License-Identifier: Apache-2.0 */
/* Rules, policy, site; see desk/knowledge.h. */
#include "desk/knowledge.h"
#include "os/clock.h"
#include "os/file.h"

#include <errno.h>

enum { POLICY_FILE_MAX = 4 << 20, KNOWLEDGE_MEMORY = 32 << 20 };

static int read_policy_file(struct arena *mem, const char *path, slice *out, struct err *err_out)
{
    if (!path)
        return 0;
    struct buf text = buf_new(POLICY_FILE_MAX);
    int r = file_read(path, POLICY_FILE_MAX, &text, err_out);
    *out = arena_copy(mem, buf_slice(&text));
    buf_drop(&text);
    return r;
}

static int read_context(struct knowledge *k, const struct knowledge_options *o, struct err *err_out)
{
    char today[CLOCK_DATE_BYTES];
    clock_date_jst(today);
    slice *own = ARENA_ARRAY(k->mem, slice, o->n_own_domains + 1);
    if (!own)
        return err_set(err_out, -ENOMEM, "out of memory");
    for (size_t i = 0; i < o->n_own_domains; i++)
        own[i] = slice_of(o->own_domains[i]);
    struct context_texts t = { .exceptions_path = slice_of(o->exceptions),
                               .promises_path = slice_of(o->promises),
                               .authserv_id = slice_of(o->authserv_id),
                               .own_domains = own,
                               .n_own_domains = o->n_own_domains,
                               .today = slice_of(today),
                               .trust_foreign = o->trust_foreign,
                               .layers_off = o->layers_off };
    int r = read_policy_file(k->mem, o->exceptions, &t.exceptions, err_out);
    if (r == 0)
        r = read_policy_file(k->mem, o->promises, &t.promises, err_out);
    return r < 0 ? r : context_read(&t, k->mem, &k->context, err_out);
}

int knowledge_open(struct knowledge *k, const struct knowledge_options *o, struct err *err_out)
{
    *k = (struct knowledge){ .mem = arena_new(KNOWLEDGE_MEMORY), .book = { .fd = -1 } };
    const char *folder = o->rules;
    struct rulebook_settings settings = {
        &folder, 1, o->compiler, o->cache, o->compiling, o->host
    };
    if (!k->mem)
        return err_set(err_out, -ENOMEM, "out of memory");
    int r = read_context(k, o, err_out);
    if (r == 0)
        r = rulebook_open(&settings, &k->book, err_out);
    return r;
}

void knowledge_close(struct knowledge *k)
{
    rulebook_close(&k->book);
    arena_drop(&k->mem);
}

void knowledge_set_today(struct knowledge *k, const char *today)
{
    k->context.policy.today = slice_of(today);
}

void knowledge_layers(const struct knowledge *k, size_t counts_out[LAYERS])
{
    for (int l = 0; l < LAYERS; l++)
        counts_out[l] = l == LAYER_PROMISE ? k->context.policy.n_promises : 0;
    for (size_t i = 0; i < rules_count(k->book.rules); i++) {
        struct rule_info r = rules_info(k->book.rules, i);
        counts_out[r.layer] += r.in_force && r.state != RULE_OFF;
    }
}

struct judgement knowledge_judge(const struct knowledge *k, struct record *r, struct arena *mem)
{
    return context_judge(&k->context, k->book.rules, r, mem);
}
