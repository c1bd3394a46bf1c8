/* SPDX-License-Identifier: Apache-2.0 */
/* harness - a host without sockets and without a desk, for the tests and fuzzers of
 * doors: what a session sends and asks is kept, answers are the test's. */
#pragma once
#include "doors/door.h"

enum { FAKE_ASKED = 16 };

struct fake_asked { /* copies */
    uint64_t id, size;
    enum gate_direction direction;
    bool has_fd;
    size_t n_recipients;
    struct buf body, texts; /* texts: "name=NAME;sender=SENDER;..." of those that are said */
};

struct fake {
    const struct door *door;
    struct door_settings settings;
    struct door_session *session;
    struct gate_state state;
    bool away; /* no desk: ask() fails, state() is NULL */
    size_t send_max;
    struct buf sent;
    struct fake_asked asked[FAKE_ASKED]; /* not answered yet, in their order */
    size_t n_asked, asked_ever;
    bool ended, forgotten, over; /* over: the session said false */
    unsigned notes;
    uint64_t fetched[FAKE_ASKED]; /* tags that wait */
    size_t n_fetched;
    char reference[32]; /* asked for last */
};

/* Settings may be changed before fake_open(). */
void fake_new(struct fake *f, const struct door *door);
void fake_open(struct fake *f, const char *peer);
/* In pieces of `piece` bytes; stops at the end of the session. */
void fake_feed(struct fake *f, slice bytes, size_t piece, const int *fds, size_t n_fds);
/* Answers the question at this place; the id is put in. False: there is none. */
bool fake_answer(struct fake *f, size_t place, struct gate_answer a);
/* Answers the report that was asked for first; not found when it is empty. False: none was. */
bool fake_fetched(struct fake *f, slice report);
void fake_finish(struct fake *f);
bool fake_lives(const struct fake *f);
void fake_drop(struct fake *f);
const struct door *fake_door(const char *name);
