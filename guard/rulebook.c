/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook - see rulebook.h. The image reaches every process as a sealed
 * memory file, so that nobody can change it under a reader. */
#include "guard/rulebook.h"
#include "base/hash.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RULE_FILE_MAX = 1 << 20, IMAGE_MAX = 256 << 20, CACHE_KEY = 33, COMPILE_MS = 120000 };

struct reading {
    struct sha256 hash;
    struct err *err;
    int result;
    size_t files;
};

static bool hash_file(void *host, const char *path, int fd)
{
    struct reading *r = host;
    size_t n = strlen(path);
    if (n < 4 || (strcmp(path + n - 4, ".yml") != 0 && (n < 5 || strcmp(path + n - 5, ".yaml") != 0)))
        return true;
    struct buf text = buf_new(RULE_FILE_MAX);
    r->result = file_read_fd(fd, RULE_FILE_MAX, &text, r->err);
    if (r->result < 0) {
        err_while(r->err, "reading rules from %s", path);
    } else {
        /* The path is part of it: reports and messages name rule files. */
        sha256_add(&r->hash, (slice){ (const uint8_t *)path, n + 1 });
        sha256_add(&r->hash, buf_slice(&text));
        r->files++;
    }
    buf_drop(&text);
    return r->result == 0;
}

static void cannot_read(void *host, const char *path, const char *why)
{
    struct reading *r = host;
    r->result = err_set(r->err, -EACCES, "%s: %s; the rules must be readable as a whole", path, why);
}

/* What else an image depends on: the program that compiles it, and the processor. */
static uint64_t platform_of(const char *compiler)
{
    struct file_facts facts = { 0 };
    struct err quiet;
    int fd;
    if (file_open(compiler, 0, &fd, &quiet) == 0) {
        if (file_facts(fd, &facts, &quiet) < 0)
            facts = (struct file_facts){ 0 };
        close(fd);
    }
    uint64_t h = fnv1a(facts.size, SLICE_LIT(__VERSION__)) + (uint64_t)facts.mtime_ns;
#if defined(__x86_64__)
    h = fnv1a(h + (uint64_t)(__builtin_cpu_supports("avx2") != 0) + 2 * (uint64_t)(__builtin_cpu_supports("avx512vbmi") != 0) +
              4 * (uint64_t)(__builtin_cpu_supports("avx512bw") != 0) + 8 * (uint64_t)(__builtin_cpu_supports("ssse3") != 0),
              SLICE_LIT("x86_64"));
#endif
    return h;
}

/* Hex key of the cache entry: every rule's bytes, the compiler, the processor. */
static int key_of(const struct rulebook_settings *s, char key[CACHE_KEY], struct err *err_out)
{
    struct reading r = { .err = err_out };
    uint8_t digest[32];
    char platform[17];
    sha256_start(&r.hash);
    snprintf(platform, sizeof platform, "%016llx", (unsigned long long)platform_of(s->compiler));
    sha256_add(&r.hash, slice_of(platform));
    for (size_t i = 0; i < s->n_folders && r.result == 0; i++) {
        struct folder_visit visit = { &r, hash_file, cannot_read };
        sha256_add(&r.hash, SLICE_LIT("folder"));
        int walked = folder_walk(s->folders[i], &visit, err_out);
        if (r.result == 0)
            r.result = walked;
    }
    sha256_end(&r.hash, digest);
    if (r.result == 0 && r.files == 0)
        r.result = err_set(err_out, -ENOENT, "%s: no rule file (*.yml) in there", s->folders[0]);
    hex_of((slice){ digest, (CACHE_KEY - 1) / 2 }, key);
    return r.result;
}

/* Maps and opens an image that nobody can change any more. Takes the fd. */
static int take_image(int fd, struct rulebook *out, struct err *err_out)
{
    struct file_facts facts;
    int r = file_facts(fd, &facts, err_out);
    if (r == 0 && (facts.size == 0 || facts.size > IMAGE_MAX))
        r = err_set(err_out, -EINVAL, "the rule image has a size of %llu bytes", (unsigned long long)facts.size);
    void *at = r == 0 ? mmap(NULL, (size_t)facts.size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (r == 0 && at == MAP_FAILED)
        r = err_set(err_out, -errno, "the rule image could not be mapped: %s; free some memory and try again", strerror(errno));
    if (r == 0) {
        *out = (struct rulebook){ .fd = fd, .image = { at, (size_t)facts.size } };
        r = rules_open(out->image, &out->rules, err_out);
    }
    if (r < 0) {
        if (at != MAP_FAILED)
            munmap(at, (size_t)facts.size);
        close(fd);
        *out = (struct rulebook){ .fd = -1 };
    }
    return r;
}

static int from_cache(const char *folder, const char *name, struct rulebook *out)
{
    char path[PATH_BYTES_MAX + 64];
    struct file_facts facts;
    struct err quiet;
    int fd, sealed;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (file_open(path, FILE_NO_FOLLOW, &fd, &quiet) < 0)
        return -ENOENT;
    /* An image decides verdicts: nobody else may have been able to write it. */
    int r = file_facts(fd, &facts, &quiet);
    if (r == 0 && ((facts.owner != (uint32_t)geteuid() && facts.owner != 0) || (facts.mode & 022) || facts.size > IMAGE_MAX))
        r = -EPERM;
    if (r == 0)
        r = file_sealed_copy(fd, facts.size, &sealed, &quiet);
    close(fd);
    return r < 0 ? r : take_image(sealed, out, &quiet);
}

static int run_compiler(const struct rulebook_settings *s, int fd, struct err *err_out)
{
    enum { MOST = 32 };
    char *argv[MOST + 4] = { (char *)"sekisho-rules", (char *)"image" };
    if (s->n_folders > MOST)
        return err_set(err_out, -E2BIG, "at most %d rule folders", MOST);
    for (size_t i = 0; i < s->n_folders; i++)
        argv[2 + i] = (char *)s->folders[i];
    pid_t pid;
    struct process_end end;
    struct process_spawn spawn = { .path = s->compiler, .argv = argv, .fds = &fd, .n_fds = 1 };
    int r = process_spawn(&spawn, &pid, err_out);
    if (r < 0)
        return err_while(err_out, "starting the rule compiler %s", s->compiler);
    if (process_wait(pid, COMPILE_MS, &end) != 1) {
        process_kill(pid, 9);
        (void)process_wait(pid, -1, &end);
        return err_set(err_out, -ETIMEDOUT, "compiling the rules took longer than %d s", COMPILE_MS / 1000);
    }
    if (end.exited && end.code == 0)
        return 0;
    struct buf text = buf_new(ERR_MAX);
    struct err quiet;
    if (end.exited && lseek(fd, 0, SEEK_SET) == 0 && file_read_fd(fd, ERR_MAX - 1, &text, &quiet) == 0 && text.len)
        r = err_set(err_out, -EINVAL, "%.*s", SLICE_FMT(buf_slice(&text)));
    else
        r = err_set(err_out, -EINVAL, "the rule compiler %s failed; install Sekisho again", s->compiler);
    buf_drop(&text);
    return r;
}

static int compile(const struct rulebook_settings *s, const char *folder, const char *name, struct rulebook *out,
                   struct err *err_out)
{
    if (s->compiling)
        s->compiling(s->host);
    int fd = memfd_create("sekisho-rules", MFD_CLOEXEC | MFD_ALLOW_SEALING), sealed;
    if (fd < 0)
        return err_set(err_out, -errno, "no memory file for the rule image: %s; free some memory and try again", strerror(errno));
    struct file_facts facts;
    int r = run_compiler(s, fd, err_out);
    if (r == 0)
        r = file_facts(fd, &facts, err_out);
    if (r == 0)
        r = file_sealed_copy(fd, facts.size, &sealed, err_out);
    close(fd);
    if (r == 0)
        r = take_image(sealed, out, err_out);
    struct err quiet;
    if (r == 0 && folder && file_write(folder, name, out->image, 0600, &quiet) < 0)
        return 0; /* a cache that cannot be written costs time, not truth */
    return r;
}

int rulebook_open(const struct rulebook_settings *s, struct rulebook *out, struct err *err_out)
{
    char key[CACHE_KEY], name[CACHE_KEY + 16], own[PATH_BYTES_MAX];
    const char *folder = s->cache;
    struct err quiet;
    *out = (struct rulebook){ .fd = -1 };
    int r = key_of(s, key, err_out);
    if (r < 0)
        return r;
    snprintf(name, sizeof name, "rules-%s.image", key);
    if (!folder)
        folder = folder_cache(own, &quiet) == 0 ? own : NULL;
    else if (!*folder)
        folder = NULL;
    if (folder && from_cache(folder, name, out) == 0)
        return 0;
    return compile(s, folder, name, out, err_out);
}

void rulebook_close(struct rulebook *b)
{
    rules_drop(&b->rules);
    if (b->image.at)
        munmap((void *)b->image.at, b->image.len);
    if (b->fd >= 0)
        close(b->fd);
    *b = (struct rulebook){ .fd = -1 };
}
