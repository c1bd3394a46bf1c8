/* SPDX-License-Identifier: Apache-2.0 */
/* serve_testing - supervisor, desk and clients of a door's process within one loop, for tests. */
#pragma once
#include "doors/link.h"
#include "doors/serve.h"
#include "os/channel.h"

enum desk_manner { DESK_ANSWERS, DESK_HOLDS, DESK_LIES };

/* A desk as the link sees it: answers "clean", keeps questions for later, or sends nonsense. */
struct test_desk {
    struct channel *channel;
    enum desk_manner manner;
    uint64_t held[64];
    size_t n_held, scans, cancels, fetches, fds;
    uint64_t bytes;
    bool closed;
};

/* Makes the pair, hands our end to `d`; returns the other end. */
int test_desk_new(struct test_desk *d, struct loop *l, enum desk_manner manner);
void test_desk_say_ready(struct test_desk *d, bool ready);
void test_desk_answer(struct test_desk *d, uint64_t id, enum verdict v);
/* Runs the loop for this long. */
void test_turn(struct loop *l, unsigned ms);
