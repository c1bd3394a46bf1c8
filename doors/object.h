/* SPDX-License-Identifier: Apache-2.0 */
/* object - what a door gathers for the desk as it comes: in memory while it is
 * small enough to stand in the message, then in a memory file that is sealed at
 * the end. Zeros in it cost nothing (a document padded to 600 MB).
 */
#pragma once
#include "base/buf.h"
#include "wire/gate.h"

/* What all objects of a process hold together: many who send large ones at once are told to come
 * again, and the machine's memory stays. */
struct object_pool {
    uint64_t held, max;
};

struct object {
    struct object_pool *pool; /* set after object_new(); NULL: not counted */
    uint64_t counted;
    struct buf head;
    int fd; /* -1: all is in `head` */
    uint64_t size, max;
    bool over; /* more than max came; what came before stands */
    int error; /* of the memory file, or the pool is full: say "later" */
};

struct object object_new(uint64_t max);
/* False: over or error, for good. */
bool object_add(struct object *o, slice bytes);
/* Sets size, body and has_fd of the request; *fd_out is the caller's then (-1: inline, and the body
 * borrows from the object). False: error. */
bool object_take(struct object *o, struct gate_request *r, int *fd_out) MUST_USE;
/* Empty again, with the same maximum and pool; memory of a large head is given back. */
void object_clear(struct object *o);
void object_drop(struct object *o);
