/* SPDX-License-Identifier: Apache-2.0 */
/* iso_private - what the files of this format share: one image, its trees, and
 * the files that any of them leads to. */
#pragma once
#include "decode/shared/archive.h"

enum { ISO_SECTOR = 2048, ISO_DEPTH = 24, ISO_TREES = 3 };

enum iso_tree { ISO_PRIMARY, ISO_JOLIET, ISO_UDF };

/* Parallel to the members of the list. */
struct iso_file {
    struct extent *pieces; /* in the image */
    size_t n;
    uint64_t size;
    uint8_t trees;         /* bit per tree that lists these bytes */
};

struct iso_folder {
    slice path;            /* with its '/' at the end; empty: the root */
    uint64_t at, len;      /* of its records; UDF: block of its file entry, partition */
    unsigned depth;
};

struct iso {
    struct archive list;
    const struct body *body;
    struct iso_file *files;
    size_t room;
    struct iso_folder *folders; /* still to be read, of one tree */
    size_t n_folders, room_folders;
    uint64_t *seen;        /* places of folders that were read, and of files (a table) */
    uint32_t *slots;
    size_t n_slots;
    uint8_t trees;         /* bit per tree that is there */
    bool damaged;
};

/* --- iso.c */
/* A file of one tree. The same bytes under another tree's name are one member. */
void iso_file(struct iso *z, enum iso_tree tree, slice path, slice name, bool hidden, const struct extent *pieces,
              size_t n, uint64_t size);
/* A folder to be read later; false when it was met before or is too deep. */
bool iso_folder(struct iso *z, const struct iso_folder *parent, slice name, uint64_t at, uint64_t len);

/* --- iso_9660.c */
void iso_read_9660(struct iso *z);
bool iso_is_9660(slice all);

/* --- iso_udf.c */
void iso_read_udf(struct iso *z);
bool iso_is_udf(slice all);
