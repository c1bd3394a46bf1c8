/* SPDX-License-Identifier: Apache-2.0 */
/* spool - files too large for one piece that come into being whole, files that
 * only grow, and what both need: folders of our own, room.
 *
 * Nothing here keeps what it writes in memory. The structs are the caller's.
 */
#pragma once
#include "base/err.h"
#include "base/slice.h"

enum { SPOOL_PATH = 4096, SPOOL_NAME = 96 };

/* A file under way. It lies in `folder` under a name of its own until it is named. */
struct spool {
    int folder, fd;
    uint64_t size;
    char temporary[SPOOL_NAME];
};
int spool_begin(struct spool *s, const char *folder, struct err *err_out) MUST_USE;
int spool_put(struct spool *s, slice bytes, struct err *err_out) MUST_USE;
/* The bytes are on disk when it returns. */
int spool_sync(struct spool *s, struct err *err_out) MUST_USE;
/* Moves it to `name` below the folder ("ab/abcd"); replaces. spool_folder_sync() makes it last. */
int spool_name(struct spool *s, const char *name, struct err *err_out) MUST_USE;
void spool_drop(struct spool *s); /* an unnamed file is gone; may be called twice */
int spool_folder_sync(const char *folder, struct err *err_out) MUST_USE;
/* What killed processes left unnamed in the folder. */
void spool_clean(const char *folder);

/* A file that only grows: a failed write leaves no torn line behind, if need be it is cut off
 * before the next one. */
struct spool_log {
    int fd;
    bool torn;
    uint64_t size;
    char path[SPOOL_PATH];
};
int spool_log_open(struct spool_log *l, const char *path, struct err *err_out) MUST_USE;
int spool_log_put(struct spool_log *l, slice bytes, struct err *err_out) MUST_USE;
int spool_log_sync(struct spool_log *l, struct err *err_out) MUST_USE;
/* Cuts it to `size` bytes. */
int spool_log_cut(struct spool_log *l, uint64_t size, struct err *err_out);
void spool_log_close(struct spool_log *l);

/* Makes the folder, and those above it, mode 0700. One that is there must be ours and closed to
 * others: -EPERM. */
int spool_folder_make(const char *folder, struct err *err_out) MUST_USE;
/* Holds `name` in the folder for this process alone, until the descriptor is closed or it dies:
 * -EBUSY. */
int spool_lock(const char *folder, const char *name, int *fd_out, struct err *err_out) MUST_USE;
/* 0 also when it was not there. */
int spool_remove(const char *folder, const char *name, struct err *err_out) MUST_USE;
/* Bytes that an ordinary user may still write there; 0 when that cannot be told. */
uint64_t spool_free(const char *folder);
/* Whether nobody can change the file behind this descriptor any more (a memory file, sealed). */
bool spool_is_sealed(int fd);
/* n bytes at an offset, or -EIO. */
int spool_read_at(int fd, uint64_t at, uint8_t *out, size_t n, struct err *err_out) MUST_USE;
