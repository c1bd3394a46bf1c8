/* SPDX-License-Identifier: Apache-2.0 */
/* fail_allocations - what happens when memory ends at any point: every sample of a corpus is
 * scanned again and again, with all observers, and each time a later allocation fails, until
 * none does.
 *
 * Held are: the record stays well formed, and it says that a limit was reached. A mail that
 * could not be read for want of memory must never pass for one that was read. Of samples that
 * allocate very often the failures are spread evenly behind the first ones.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "observe/part/harness.h"

enum { SAMPLE_MAX = 64 << 10, EACH = 256, SPREAD = 256, LAST = 1 << 20 };

static size_t runs, silent;

static struct tally *run(const char *name, slice in, size_t fail_at)
{
    static const char *const passwords[] = { "infected", "1234", NULL };
    struct budget b = budget_default();
    b.left[BUDGET_KEYS] = 4000;
    struct tally_options o = { .name = name, .budget = &b, .passwords = passwords, .fail_at = fail_at };
    struct tally *t = tally_observed(&o, in);
    tally_check(t);
    runs++;
    return t;
}

/* Does the n-th allocation still happen? */
static bool fails(const char *name, slice in, size_t n)
{
    struct tally *t = run(name, in, n);
    bool full = arena_full(t->mem);
    if (full && !tally_unread(t, UNREAD_LIMIT)) {
        if (silent++ < 20)
            fprintf(stderr, "%s: allocation %zu fails, and nothing says so\n", name, n);
    }
    tally_drop(&t);
    return full;
}

/* How many allocations a scan makes: by halving. */
static size_t count(const char *name, slice in)
{
    size_t least = 0, most = LAST;
    while (least + 1 < most) {
        size_t n = least + (most - least) / 2;
        *(fails(name, in, n) ? &least : &most) = n;
    }
    return least;
}

static void sample(const char *name, slice in)
{
    size_t n = count(name, in), step = n > EACH + SPREAD ? (n - EACH) / SPREAD : 1;
    for (size_t at = 1; at <= n; at += at < EACH ? 1 : step)
        if (!fails(name, in, at)) {
            fprintf(stderr, "%s: allocation %zu of %zu does not happen again\n", name, at, n);
            silent++;
        }
}

static size_t folder(const char *path)
{
    static uint8_t buf[SAMPLE_MAX];
    size_t samples = 0;
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        FILE *f = e->d_name[0] == '.' || strcmp(e->d_name, "ORIGIN") == 0 ? NULL : fopen(file, "rb");
        if (!f)
            continue;
        sample(e->d_name, (slice){ buf, fread(buf, 1, sizeof buf, f) });
        fclose(f);
        samples++;
    }
    if (d)
        closedir(d);
    return samples;
}

int main(int argc, char **argv)
{
    size_t samples = 0;
    for (int i = 1; i < argc; i++) {
        size_t n = folder(argv[i]);
        if (n == 0) {
            fprintf(stderr, "%s: no samples\n", argv[i]);
            return 1; /* an empty corpus is a failure, not a pass */
        }
        samples += n;
    }
    printf("%zu samples, %zu scans, %zu failures that nothing told\n", samples, runs, silent);
    return samples && silent == 0 ? 0 : 1;
}
