/* SPDX-License-Identifier: Apache-2.0 */
#include "doors/serve_testing.h"

#include <sys/socket.h>
#include <unistd.h>

static bool on_scan(struct test_desk *d, slice payload, int fd)
{
    struct arena *mem = arena_new(4 << 20);
    struct gate_request r;
    CHECK(mem && gate_read_request(payload, mem, &r));
    CHECK(r.has_fd == (fd >= 0));
    uint64_t id = r.id;
    d->bytes += r.size;
    arena_drop(&mem);
    if (d->manner == DESK_ANSWERS)
        test_desk_answer(d, id, VERDICT_CLEAN);
    else if (d->manner == DESK_LIES)
        (void)!channel_send(d->channel, GATE_ANSWER, SLICE_LIT("nonsense"), -1);
    else if (d->n_held < 64)
        d->held[d->n_held++] = id;
    return true;
}

static bool on_message(void *host, uint8_t word, slice payload, int fd)
{
    struct test_desk *d = host;
    bool good = true;
    d->fds += fd >= 0;
    d->scans += word == GATE_SCAN;
    d->cancels += word == GATE_CANCEL;
    d->fetches += word == GATE_FETCH;
    if (word == GATE_SCAN)
        good = on_scan(d, payload, fd);
    if (word == GATE_FETCH) {
        struct gate_fetch f;
        struct buf b = buf_new(1 << 20);
        CHECK(gate_read_fetch(payload, &f));
        bool found = slice_is(f.reference, "261122-7K3F9Q2M");
        CHECK(gate_put_fetched(
            &b, &(struct gate_fetched){ f.id, found, found ? SLICE_LIT("{}") : (slice){ 0 } }));
        CHECK(channel_send(d->channel, GATE_FETCHED, buf_slice(&b), -1) == 0);
        buf_drop(&b);
    }
    if (fd >= 0)
        (void)close(fd);
    return good;
}

static void on_closed(void *host, const char *why)
{
    struct test_desk *d = host;
    (void)why;
    d->closed = true;
}

int test_desk_new(struct test_desk *d, struct loop *l, enum desk_manner manner)
{
    int pair[2];
    struct err e;
    *d = (struct test_desk){ .manner = manner };
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    CHECK(channel_new(l, pair[0], &(struct channel_limits){ GATE_PAYLOAD_MAX, 64 << 20 },
                      &(struct channel_events){ d, on_message, on_closed }, &d->channel, &e) == 0);
    return pair[1];
}

void test_desk_say_ready(struct test_desk *d, bool ready)
{
    struct buf b = buf_new(1 << 12);
    const struct gate_state s = {
        .ready = ready, .version = SLICE_LIT("1"), .rules = SLICE_LIT("abcdef"), .workers = 2
    };
    CHECK(gate_put_state(&b, &s) && channel_send(d->channel, GATE_STATE, buf_slice(&b), -1) == 0);
    buf_drop(&b);
}

void test_desk_answer(struct test_desk *d, uint64_t id, enum verdict v)
{
    struct buf b = buf_new(1 << 12);
    const struct gate_answer a = { .id = id,
                                   .verdict = v,
                                   .deed = DEED_DELIVER,
                                   .reference = SLICE_LIT("261122-7K3F9Q2M"),
                                   .name = v ? SLICE_LIT("Test.Any.Thing") : (slice){ 0 } };
    CHECK(gate_put_answer(&b, &a) && channel_send(d->channel, GATE_ANSWER, buf_slice(&b), -1) == 0);
    buf_drop(&b);
}

static void on_turn(struct loop_timer *t)
{
    loop_stop(t->host);
}

void test_turn(struct loop *l, unsigned ms)
{
    struct loop_timer t = { .due = on_turn, .host = l };
    struct err e;
    CHECK(loop_after(l, &t, (uint64_t)ms * 1000));
    CHECK(loop_run(l, &e) == 0);
    loop_cancel(l, &t);
}
