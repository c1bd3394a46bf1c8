/* SPDX-License-Identifier: Apache-2.0 */
/* request - one object for a worker: a frame with names, hints and the body,
 * or the promise that the body comes as a descriptor with the frame's first byte.
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

enum {
    REQUEST_HEAD = 5,
    REQUEST_INLINE_MAX = 1 << 20,
    REQUEST_NAME_MAX = 4096,
    REQUEST_HINTS_MAX = 256,
    REQUEST_HINT_BYTES_MAX = 256,
    REQUEST_MAX = REQUEST_HEAD + REQUEST_INLINE_MAX + 2 * (REQUEST_NAME_MAX + 4) +
                  REQUEST_HINTS_MAX * (REQUEST_HINT_BYTES_MAX + 8) + 64,
};

struct request {
    slice name, declared; /* UTF-8 */
    uint64_t size;
    bool by_fd;
    slice body; /* unless by_fd; borrowed from the bytes. For request_encode(): without an
                 * address, room for `size` bytes is left at the frame's end instead */
    const struct password *hints;
    size_t n_hints;
    enum give give;
    uint32_t give_part;
    bool trace; /* evaluators note their steps */
};

/* Appends one frame. Too long names are cut, hints that do not fit left out;
 * text that is no UTF-8 is cleaned by the reader. False: out of memory.
 * Without a body address the last `size` bytes of `out` are the caller's to fill. */
bool request_encode(struct buf *out, const struct request *r) MUST_USE;

/* How many bytes the frame that begins here has, head included; 0: not known
 * yet; SIZE_MAX: no request. */
size_t request_size(slice bytes);
/* The whole frame; texts are copied to `mem`. False: malformed. */
bool request_decode(slice frame, struct arena *mem, struct request *out) MUST_USE;
