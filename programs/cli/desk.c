/* SPDX-License-Identifier: Apache-2.0 */
/* desk - what turns a record into a judgement: rules, policy, site. */
#include "os/clock.h"
#include "os/file.h"
#include "os/folder.h"
#include "programs/cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { POLICY_FILE_MAX = 4 << 20, DESK_MEMORY = 32 << 20 };

static void say_compiling(void *host)
{
    const struct desk_options *o = host;
    if (!o->quiet)
        fprintf(stderr, "sekisho: %s\n", message_text(MSG_SCAN_COMPILING, o->language));
}

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

static int read_context(struct desk *d, const struct desk_options *o, struct err *err_out)
{
    char today[CLOCK_DATE_BYTES];
    clock_date_jst(today);
    slice *own = ARENA_ARRAY(d->mem, slice, o->n_own_domains + 1);
    if (!own)
        return cli_err(err_out, -ENOMEM, o->language, MSG_CLI_MEMORY, NULL, NULL);
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
    int r = read_policy_file(d->mem, o->exceptions, &t.exceptions, err_out);
    if (r == 0)
        r = read_policy_file(d->mem, o->promises, &t.promises, err_out);
    return r < 0 ? r : context_read(&t, d->mem, &d->context, err_out);
}

int desk_open(struct desk *d, const struct desk_options *o, struct err *err_out)
{
    char compiler[PATH_BYTES_MAX];
    const char *folder = cli_rules_folder(o->rules);
    *d = (struct desk){ .mem = arena_new(DESK_MEMORY), .book = { .fd = -1 } };
    struct rulebook_settings settings = { &folder, 1, compiler, NULL, say_compiling, (void *)o };
    if (!d->mem)
        return cli_err(err_out, -ENOMEM, o->language, MSG_CLI_MEMORY, NULL, NULL);
    if (!cli_beside("sekisho-rules", compiler, sizeof compiler))
        return cli_err(err_out, -ENOENT, o->language, MSG_DOCTOR_MISSING, "sekisho-rules", NULL);
    int r = read_context(d, o, err_out);
    if (r == 0)
        r = rulebook_open(&settings, &d->book, err_out);
    return r;
}

void desk_close(struct desk *d)
{
    rulebook_close(&d->book);
    arena_drop(&d->mem);
}

void desk_layers(const struct desk *d, size_t counts_out[LAYERS])
{
    for (int l = 0; l < LAYERS; l++)
        counts_out[l] = l == LAYER_PROMISE ? d->context.policy.n_promises : 0;
    for (size_t i = 0; i < rules_count(d->book.rules); i++) {
        struct rule_info r = rules_info(d->book.rules, i);
        counts_out[r.layer] += r.in_force && r.state != RULE_OFF;
    }
}

struct judgement desk_judge(const struct desk *d, struct record *r, struct arena *mem)
{
    return context_judge(&d->context, d->book.rules, r, mem);
}
