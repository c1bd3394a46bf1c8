/* SPDX-License-Identifier: Apache-2.0 */
/* request - one object for a worker: a frame with names, hints and the body,
 * or the promise that a descriptor comes with the frame's first byte: of a sealed
 * copy in memory, or of the file itself, open for reading only.
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

enum request_bytes { REQUEST_INSIDE, REQUEST_SEALED, REQUEST_FILE };

struct request {
    slice name, declared; /* UTF-8 */
    uint64_t size;
    enum request_bytes bytes;
    slice body; /* REQUEST_INSIDE; borrowed from the bytes */
    const struct password *hints;
    size_t n_hints;
    enum give give;
    uint32_t give_part;
    bool trace; /* evaluators note their steps */
};

/* Appends one frame. Too long names are cut, hints that do not fit left out;
 * text that is no UTF-8 is cleaned by the reader. False: out of memory. */
bool request_encode(struct buf *out, const struct request *r) MUST_USE;

/* How many bytes the frame that begins here has, head included; 0: not known
 * yet; SIZE_MAX: no request. */
size_t request_size(slice bytes);
/* The whole frame; texts are copied to `mem`. False: malformed. */
bool request_decode(slice frame, struct arena *mem, struct request *out) MUST_USE;
