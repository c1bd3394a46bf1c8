/* SPDX-License-Identifier: Apache-2.0 */
/* An engine for the pool's tests: the body's first word says what to do. It
 * holds the planted bugs, so it is linked into sekisho-test-worker only. */
#include "base/hash.h"
#include "engine/engine.h"
#include "guard/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct engine {
    struct arena *mem;
};

int engine_new(const struct rules *rules, struct engine **out, struct err *err_out)
{
    (void)rules;
    struct arena *mem = arena_new(64 << 20);
    struct engine *e = malloc(sizeof *e);
    if (!mem || !e)
        return err_set(err_out, -ENOMEM, "out of memory");
    e->mem = mem;
    *out = e;
    return 0;
}

int rules_open(slice image, struct rules **out, struct err *err_out)
{
    *out = NULL;
    return slice_starts(image, SLICE_LIT("RULES"))
               ? 0
               : err_set(err_out, -EINVAL, "the rule image is damaged");
}

void engine_drop(struct engine **e)
{
    *e = NULL;
}
void engine_set_bytes_scanner(struct engine *e, const struct engine_bytes_scanner *s)
{
    (void)e, (void)s;
}

/* A part with one event and one fact: what was found before the trouble. */
static void find(const struct sink *sink, const struct scan_request *r)
{
    struct part root = { .parent = NO_ID,
                         .how = HOW_FILE,
                         .name = r->name,
                         .type = SLICE_LIT("stub"),
                         .declared = r->declared,
                         .size = r->body.all.len };
    sha256_of(r->body.all, root.sha256);
    sink->part(sink->host, &root);
    sink->event(sink->host, &(struct event){ EVENT_PART, 0 });
    struct fact size = { .id = FACT_FILE_SIZE, .number = (int64_t)r->body.all.len };
    sink->fact(sink->host, &size);
    struct fact name = { .id = FACT_FILE_NAME, .text = r->name };
    sink->fact(sink->host, &name);
    for (size_t i = 0; i < r->n_hints; i++) {
        struct fact hint = { .id = FACT_PASSWORD_SOURCE, .text = r->hints[i].text };
        sink->fact(sink->host, &hint);
    }
    struct part inner = {
        .parent = 0, .how = HOW_ZIP, .name = SLICE_LIT("inner"), .type = SLICE_LIT("text")
    };
    sink->part(sink->host, &inner);
}

/* Bytes of the object where a careless format would leave them. */
static void scatter(struct engine *e, slice s)
{
    char *heap = malloc(s.len + 1), copy[512];
    (void)slice_copy_out(s, (uint8_t *)copy, sizeof copy);
    if (heap)
        (void)slice_copy_out(s, (uint8_t *)heap, s.len);
    for (int i = 0; i < 4 && heap; i++) {
        char *bigger = realloc(heap, s.len + (size_t)(i + 1) * 5000);
        heap = bigger ? bigger : heap;
        __asm__ volatile("" : : "r"(heap), "r"(copy) : "memory");
    }
    free(heap);
    (void)arena_copy(e->mem, s);
}

static bool open_denied(void)
{
    int fd = open("/etc/hostname", O_RDONLY);
    if (fd >= 0)
        (void)close(fd);
    return fd < 0 && errno == EPERM;
}

static void flood(const struct sink *sink)
{
    struct fact f = { .id = FACT_FILE_NAME,
                      .text = SLICE_LIT("flood flood flood flood flood flood flood flood flood") };
    for (;;)
        sink->fact(sink->host, &f);
}

static void crash(slice body)
{
    static uint8_t block[64];
    uint8_t *volatile start = block;
    uint8_t *volatile wild = (uint8_t *)(uintptr_t)0xdead0000u;
    volatile size_t beyond = 1u << 30;
    if (slice_starts(body, SLICE_LIT("WILD")))
        *wild = 1;
    if (slice_starts(body, SLICE_LIT("BEYOND")))
        start[beyond] = 1;
    if (slice_starts(body, SLICE_LIT("CHECK")))
        CHECK(beyond == 0);
    if (slice_starts(body, SLICE_LIT("HEAP"))) {
        uint8_t *volatile p = malloc(16);
        for (size_t i = 0; p && i < 4096; i++)
            p[i] = 0x41;
        free(p);
        free(malloc(64));
        free(malloc(100000));
        abort(); /* where the heap did not notice */
    }
}

static void misbehave(slice body, const struct sink *sink)
{
    crash(body);
    if (slice_starts(body, SLICE_LIT("HANG")))
        for (volatile unsigned i = 0;; i++)
            ;
    if (slice_starts(body, SLICE_LIT("OPEN"))) {
        struct fact f = { .id = FACT_FILE_TYPE,
                          .text = open_denied() ? SLICE_LIT("denied") : SLICE_LIT("opened") };
        sink->fact(sink->host, &f);
    }
    if (slice_starts(body, SLICE_LIT("SOCKET")))
        (void)syscall(SYS_socket, 1, 1, 0);
    if (slice_starts(body, SLICE_LIT("FLOOD")))
        flood(sink);
    if (slice_starts(body, SLICE_LIT("GARBAGE")))
        (void)!write(WORKER_SOCKET, "\xff\xff\xff\xff\xff\xff\xff\xff\xff", 9);
    if (slice_starts(body, SLICE_LIT("QUIT")))
        _exit(0);
    if (slice_starts(body, SLICE_LIT("LIMIT")))
        sink->unread(sink->host, &(struct unread){ UNREAD_LIMIT, 1, UNREAD_OF_WORK, { 0 } });
}

void engine_scan(struct engine *e, const struct scan_request *r, const struct sink *sink)
{
    find(sink, r);
    scatter(e, slice_sub(r->body.all, 0, 512));
    misbehave(r->body.all, sink);
    if (r->give == GIVE_ALL)
        sink->bytes(sink->host, 0, 0, r->body.all);
    sink->part_end(sink->host, 1, SLICE_LIT("text"), WALK_WHOLE);
    sink->part_end(sink->host, 0, SLICE_LIT("stub"), WALK_WHOLE);
    arena_reset(e->mem);
}
