/* SPDX-License-Identifier: Apache-2.0 */
/* lzh_private - what the files of this format share. */
#pragma once
#include "decode/shared/archive.h"

enum lzh_method { LZH_STORED, LZH_HUFFMAN, LZH_LZS, LZH_LZ5, LZH_FOLDER, LZH_UNKNOWN };

struct lzh_file {
    enum lzh_method method;
    unsigned dictionary; /* bits of it, of LZH_HUFFMAN */
    uint64_t at, packed;
    uint16_t crc;
    bool has_crc;
};

struct lzh {
    struct archive list; /* member.key[0]: which of `files` */
    const struct body *body;
    slice all;
    struct lzh_file *files; /* as many as list.members has room for */
    size_t room;
    uint64_t first, end; /* of the list, in the body */
    bool broken;
};

/* --- lzh_header.c */
/* Where the first header stands; SIZE_MAX. Headers begin two bytes before their "-lh5-". */
size_t lzh_find(slice all, size_t from, size_t within);
void lzh_read(struct lzh *z);

/* --- lzh_unpack.c */
/* At most `size` bytes to `out`. */
enum unpack_end lzh_unpack(const struct lzh_file *f, slice in, uint64_t size, struct body_writer *out,
                           struct arena *mem, struct budget *budget);
