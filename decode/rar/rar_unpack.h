/* SPDX-License-Identifier: Apache-2.0 */
/* rar_unpack - the packed bytes of RAR 2.9 to 4 and of RAR 5 to 7.
 *
 * Formats as libarchive's readers know them (archive_read_support_format_rar.c
 * and _rar5.c, BSD), whose sources are the description; nothing is taken from
 * unrar. */
#pragma once
#include "base/bits.h"
#include "base/huffman.h"
#include "base/sliding.h"
#include "decode/shared/ppmd.h"

enum rar_filter_kind {
    RAR_FILTER_DELTA, /* in the order of RAR 5 */
    RAR_FILTER_CALLS,
    RAR_FILTER_JUMPS, /* calls and jumps */
    RAR_FILTER_ARM,
    RAR_FILTER_RGB,
    RAR_FILTER_AUDIO,
    RAR_FILTER_UNKNOWN,
};

/* A run of the output that was changed to pack better, to be changed back. */
struct rar_filter {
    enum rar_filter_kind kind;
    uint64_t start; /* in what the window wrote since the beginning */
    uint32_t length, a, b;
};

struct rar_filters {
    struct sliding_body out;
    struct rar_filter *waiting; /* from `next` on, in order of their starts */
    size_t n, room, next;
    uint64_t at, from;          /* written by the window; at the member's beginning */
    uint8_t *block, *second;    /* second: of the same size */
    size_t have, block_room;
    bool strange;               /* one that is not known, or too many */
};

/* --- rar_filter.c */
/* For the window: a host of struct rar_filters. */
bool rar_filter_take(void *host, slice made);
void rar_filter_begin(struct rar_filters *f, uint64_t at, struct body_writer *out, struct arena *mem,
                      struct budget *budget);
void rar_filter_add(struct rar_filters *f, const struct rar_filter *one);
/* What waits for the rest of its block goes as it is. */
bool rar_filter_end(struct rar_filters *f);

enum { RAR_OLD_DISTANCES = 4, RAR_PROGRAMS_MAX = 1024, RAR3_LENGTHS = 404 };

struct rar5_state {
    struct huffman main, distance, low, repeat;
    bool has_tables;
    size_t distances; /* 64; RAR 7: 80 */
    uint64_t end;     /* of the block, in bits */
    bool last;
};

struct rar3_program {
    enum rar_filter_kind kind;
    uint32_t length;
};

struct rar3_state {
    struct huffman main, distance, low, repeat;
    uint8_t lengths[RAR3_LENGTHS];
    bool has_tables, ppmd;
    uint32_t last_low;
    unsigned low_again;
    struct ppmd model;
    unsigned escape;
    struct rar3_program programs[RAR_PROGRAMS_MAX];
    size_t n_programs, last_program;
};

struct rar_unpacker {
    struct arena *mem;
    struct budget *budget;
    struct bits b;
    struct sliding window;
    struct rar_filters filters;
    uint64_t old[RAR_OLD_DISTANCES], last_length;
    bool broken, begun;
    unsigned version;    /* of the packing, while begun */
    struct { /* not a union: an archive may tell one member to be of either */
        struct rar5_state five;
        struct rar3_state three;
    } s;
};

struct rar_packing {
    unsigned version;    /* 29: RAR 2.9 to 4; 50, 70 */
    uint64_t dictionary; /* bytes */
    uint64_t size;       /* unpacked; UINT64_MAX: until the end */
    bool solid;          /* goes on with the window of the member before */
};

/* --- rar_unpack.c */
struct rar_unpacker *rar_unpacker_new(struct arena *mem, struct budget *budget);
void rar_unpacker_drop(struct rar_unpacker *u);
/* One member, from its first packed byte on. */
enum unpack_end rar_unpack(struct rar_unpacker *u, const struct rar_packing *p, slice in, struct body_writer *out);
void rar_old_distance(struct rar_unpacker *u, uint64_t distance);
/* One of the last distances, which becomes the last. */
uint64_t rar_again(struct rar_unpacker *u, unsigned which);
/* Lengths of the code that tells lengths: four bits each, 15 and a count for zeros. */
void rar_read_lengths(struct bits *b, uint8_t *lengths, size_t n);

/* --- rar_unpack_5.c, rar_unpack_3.c */
void rar5_run(struct rar_unpacker *u, bool solid);
void rar3_run(struct rar_unpacker *u, bool solid);
