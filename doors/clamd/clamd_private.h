/* SPDX-License-Identifier: Apache-2.0 */
/* clamd_private - the parts of the door: the session, the words of its answers, and the files
 * of a path. */
#pragma once
#include "base/arena.h"
#include "doors/object.h"

enum { CLAMD_NAME_MAX = 128, CLAMD_TROUBLE_MAX = 200 };

/* Appends what clamd says of an object behind "NAME: ", with its last word: "OK",
 * "Sekisho.NAME FOUND", "... ERROR". */
void clamd_words(const struct gate_answer *a, struct buf *out);
/* The name of a limit in clamd's form: "Heuristics.Limits.Exceeded.MaxFileSize". */
void clamd_limit_words(slice limit, struct buf *out);

/* Files that are scanned one after the other. */
enum { CLAMD_PATHS_MAX = 512 };
struct clamd_file {
    int fd;
    uint64_t size;
    slice name;
};
struct clamd_paths {
    struct arena *mem; /* NULL: none */
    slice root;
    struct clamd_file *files;
    size_t n, next;        /* next: those before are no longer ours to close */
    bool too_many, unread; /* unread: something below could not be opened */
    bool first_only, said; /* the session's: stops at the first that is found; something was said */
};
/* NULL, or what is said instead. */
const char *clamd_paths_open(struct clamd_paths *p, slice path);
void clamd_paths_drop(struct clamd_paths *p);
