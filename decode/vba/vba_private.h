/* SPDX-License-Identifier: Apache-2.0 */
/* vba_private - one VBA project while it is read.
 *
 * vba_inflate.c decompresses, vba_dir.c reads the `dir` stream, vba_project.c
 * the PROJECT stream, vba_module.c finds and reads the source of a module,
 * vba_stomp.c compares it with the compiled code, vba.c leads.
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

enum {
    VBA_MODULES_MAX = 2048,
    VBA_SOURCE_MAX = 16 << 20,
    VBA_NAMES_TOLD = 64,
};

struct vba_module {
    slice name;        /* UTF-8 */
    slice stream;      /* name of its stream, UTF-8 */
    slice stream_mbcs; /* the other spelling, when it differs */
    uint32_t offset;   /* of the source in the stream */
    bool has_offset, in_dir, in_project;
    size_t entry;      /* in the bundle; SIZE_MAX: none */
    slice source;      /* UTF-8; empty when it was not found */
    bool sourced;      /* a container was found, even if it is empty */
    bool bare;         /* nothing but Attribute lines */
    uint64_t compiled; /* bytes in front of the source */
};

struct vba {
    struct walk *outer; /* of the document */
    struct walk *w;     /* of the project's own part */
    struct bundle *b;
    slice storage;     /* path with a trailing '/', or empty */
    size_t dir;        /* bundle entry; SIZE_MAX */
    slice dir_bytes;   /* decompressed */
    unsigned codepage; /* 0: unknown */
    slice name;
    struct vba_module *modules;
    size_t n_modules;
    size_t *streams; /* bundle entries that lie in the storage */
    size_t n_streams;
    unsigned damage_told, names_told, recovered_told, hidden_told, forms;
    unsigned listed; /* modules in `dir` */
    bool carved;     /* bytes behind a source are whatever came next */
    bool project_read;
};

/* 2.4.1: decompresses a container; false when something in it is wrong, what
 * came before stands. */
bool vba_inflate(slice in, struct buf *out, struct budget *budget);
/* Offset of a compressed source ("Attribut...") at or after `from`; SIZE_MAX. */
size_t vba_inflate_find(slice in, size_t from);

void vba_dir_read(struct vba *p);
void vba_project_read(struct vba *p, slice text);
struct vba_module *vba_module_add(struct vba *p);
/* Finds the streams of all modules, and modules that no directory lists. */
void vba_module_find(struct vba *p);
void vba_module_read(struct vba *p, struct vba_module *m, struct buf *scratch);
void vba_stomp_look(struct vba *p);
void vba_damage(struct vba *p, const char *what);
/* The part of a bundle entry's name behind the last '/'. */
slice vba_entry_name(const struct bundle *b, size_t entry);
