/* SPDX-License-Identifier: Apache-2.0 */
/* desk - what turns a record into a judgement: rules, policy, site. */
#include "base/hash.h"
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

static int read_policy_file(struct desk *d, const char *path,
                            int (*read)(slice, slice, struct arena *, struct policy *, struct err *),
                            struct sha256 *settings, struct err *err_out)
{
    if (!path)
        return 0;
    struct buf text = buf_new(POLICY_FILE_MAX);
    int r = file_read(path, POLICY_FILE_MAX, &text, err_out);
    slice kept = arena_copy(d->mem, buf_slice(&text));
    buf_drop(&text);
    if (r < 0)
        return r;
    sha256_add(settings, kept);
    return read(kept, slice_of(path), d->mem, &d->policy, err_out);
}

static int read_site(struct desk *d, const struct desk_options *o, struct sha256 *settings, struct err *err_out)
{
    slice *own = ARENA_ARRAY(d->mem, slice, o->n_own_domains + 1);
    if (!own)
        return err_set(err_out, -ENOMEM, "out of memory");
    for (size_t i = 0; i < o->n_own_domains; i++) {
        own[i] = slice_of(o->own_domains[i]);
        sha256_add(settings, own[i]);
        sha256_add(settings, SLICE_LIT(","));
    }
    d->site = (struct site){ slice_of(o->authserv_id), own, o->n_own_domains };
    sha256_add(settings, d->site.authserv_id);
    sha256_add(settings, o->trust_foreign ? SLICE_LIT("trust") : SLICE_LIT("-"));
    return 0;
}

int desk_open(struct desk *d, const struct desk_options *o, struct err *err_out)
{
    char compiler[PATH_BYTES_MAX];
    const char *folder = cli_rules_folder(o->rules);
    *d = (struct desk){ .mem = arena_new(DESK_MEMORY), .book = { .fd = -1 } };
    struct rulebook_settings settings = { &folder, 1, compiler, NULL, say_compiling, (void *)o };
    if (!d->mem)
        return err_set(err_out, -ENOMEM, "out of memory");
    if (!cli_beside("sekisho-rules", compiler, sizeof compiler))
        return err_set(err_out, -ENOENT, "the program sekisho-rules is missing; install Sekisho again");
    struct sha256 digest;
    uint8_t bytes[32];
    sha256_start(&digest);
    clock_date_jst(d->today);
    d->policy.today = slice_of(d->today);
    d->policy.trust_foreign = o->trust_foreign;
    int r = read_site(d, o, &digest, err_out);
    if (r == 0)
        r = read_policy_file(d, o->exceptions, exceptions_read, &digest, err_out);
    if (r == 0)
        r = read_policy_file(d, o->promises, promises_read, &digest, err_out);
    sha256_end(&digest, bytes);
    hex_of((slice){ bytes, 8 }, d->settings);
    if (r == 0)
        r = rulebook_open(&settings, &d->book, err_out);
    return r;
}

void desk_close(struct desk *d)
{
    rulebook_close(&d->book);
    arena_drop(&d->mem);
}

struct judgement desk_judge(const struct desk *d, struct record *r, struct arena *mem)
{
    whole_observe(r, &d->site);
    return judge_record(d->book.rules, r, &d->policy, mem);
}
