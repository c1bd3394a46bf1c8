/* SPDX-License-Identifier: Apache-2.0 */
/* folder - walk a folder's files; find our own folders. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

enum { FOLDER_DEPTH_MAX = 64, PATH_BYTES_MAX = 4096 };

struct folder_visit {
    void *host;
    /* One regular file, open for reading; `path` as a person would write it.
     * The descriptor is closed after the call. False ends the walk. */
    bool (*file)(void *host, const char *path, int fd);
    /* Something could not be read, or was left out (loop, too deep). May be NULL. */
    void (*trouble)(void *host, const char *path, const char *why);
};

/* Visits `path` itself if it is a file, else every regular file below it, in
 * order of names. Symbolic links below are not followed; a folder that was
 * already entered (bind mounts) is entered once. */
int folder_walk(const char *path, const struct folder_visit *visit, struct err *err_out) MUST_USE;

/* The folder this program's file lies in, without a trailing '/'. */
int folder_of_program(char out[PATH_BYTES_MAX], struct err *err_out) MUST_USE;

/* $XDG_CACHE_HOME/sekisho (else ~/.cache/sekisho), made with mode 0700 when
 * missing; refused unless it is ours and nobody else may write to it. */
int folder_cache(char out[PATH_BYTES_MAX], struct err *err_out) MUST_USE;

/* Where the gate keeps its state unless it is told: /var/lib/sekisho as root, else
 * $XDG_STATE_HOME/sekisho (~/.local/state/sekisho). Not made, not looked at. */
int folder_state(char out[PATH_BYTES_MAX], struct err *err_out) MUST_USE;
