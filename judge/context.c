/* SPDX-License-Identifier: Apache-2.0 */
/* context - see context.h. */
#include "judge/context.h"
#include "base/hash.h"

#include <errno.h>

static int out_of_memory(struct err *err_out) { return err_set(err_out, -ENOMEM, "out of memory"); }

static int read_site(const struct context_texts *t, struct arena *mem, struct site *site, struct sha256 *sum,
                     struct err *err_out)
{
    slice *own = ARENA_ARRAY(mem, slice, t->n_own_domains + 1);
    if (!own)
        return out_of_memory(err_out);
    for (size_t i = 0; i < t->n_own_domains; i++) {
        own[i] = arena_copy(mem, t->own_domains[i]);
        sha256_add(sum, t->own_domains[i]);
        sha256_add(sum, SLICE_LIT(","));
    }
    *site = (struct site){ arena_copy(mem, t->authserv_id), own, t->n_own_domains };
    sha256_add(sum, t->authserv_id);
    sha256_add(sum, t->trust_foreign ? SLICE_LIT("trust") : SLICE_LIT("-"));
    for (int l = 0; l < LAYERS; l++)
        if (t->layers_off & layer_bit((enum layer)l)) {
            sha256_add(sum, SLICE_LIT(",-"));
            sha256_add(sum, slice_of(layer_name((enum layer)l)));
        }
    return 0;
}

int context_read(const struct context_texts *t, struct arena *mem, struct context *out, struct err *err_out)
{
    struct sha256 sum;
    uint8_t bytes[32];
    struct context c = { .policy = { .today = arena_copy(mem, t->today), .trust_foreign = t->trust_foreign,
                                     .layers_off = t->layers_off } };
    sha256_start(&sum);
    int r = read_site(t, mem, &c.site, &sum, err_out);
    sha256_add(&sum, t->exceptions);
    sha256_add(&sum, t->promises);
    sha256_end(&sum, bytes);
    hex_of((slice){ bytes, (CONTEXT_DIGEST - 1) / 2 }, c.digest);
    if (r == 0)
        r = exceptions_read(arena_copy(mem, t->exceptions), t->exceptions_path, mem, &c.policy, err_out);
    if (r == 0)
        r = promises_read(arena_copy(mem, t->promises), t->promises_path, mem, &c.policy, err_out);
    if (r == 0 && arena_full(mem)) /* a text that was not copied would be a policy that is not kept */
        r = out_of_memory(err_out);
    if (r == 0)
        *out = c;
    return r;
}

struct judgement context_judge(const struct context *c, const struct rules *rules, struct record *r, struct arena *mem)
{
    whole_observe(r, &c->site);
    return judge_record(rules, r, &c->policy, mem);
}
