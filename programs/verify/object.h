/* SPDX-License-Identifier: Apache-2.0 */
/* object - the file that a report speaks of, looked at again.
 *
 * This program reads and hashes the file itself; a jailed worker takes it apart, gives the bytes
 * of its parts, and what it found becomes a fresh report for the replay. Nothing else of what the
 * worker says is believed: digests and texts are worked out from the bytes.
 */
#pragma once
#include "base/jsonin.h"
#include "programs/cli/feed.h"
#include "programs/cli/scan_options.h"

struct object_part {
    slice bytes;        /* empty when too large to be kept */
    uint64_t size;      /* of what was given */
    uint8_t sha256[32]; /* of it, by this program */
    bool given;         /* the bytes came: else size and digest are not known */
    bool kept;          /* `bytes` is all of it */
    const uint32_t
        *lines; /* line feeds in front of each OBJECT_BLOCK bytes; NULL: not counted yet */
};

enum { OBJECT_BLOCK = 4096 };

struct object {
    struct arena *mem;
    const char *path; /* the caller's */
    slice name;       /* under which it was looked at */
    uint8_t sha256[32];
    uint64_t size;
    struct object_part *parts;
    uint32_t n_parts;
    struct buf json;
    const struct jsonin *fresh; /* the report of now, its path empty */
};

struct bench {
    const struct cli *cli;
    struct scan_options o;
    struct knowledge desk;
    struct feed feed;
};

/* Digest of the file, as far as a worker would read it, and its whole size. */
int object_digest(const char *path, uint8_t sha256_out[32], uint64_t *size_out,
                  struct err *err_out) MUST_USE;
/* `path` and `name` stay the caller's; `o` must be zeroed, or closed. */
int object_open(struct bench *b, const char *path, slice name, struct object *o,
                struct err *err_out) MUST_USE;
void object_close(struct object *o);

/* The bytes there; false where the part is not kept, or the range reaches outside. */
bool object_bytes(const struct object *o, uint64_t part, struct range at, slice *out);
/* The number of the line, from 1, in which this byte of a kept part stands; 0 without memory. */
uint32_t object_line(struct object *o, uint32_t part, uint64_t at);
bool object_is_binary(const struct object *o,
                      uint32_t part); /* has NUL bytes: no lines to be counted */
