/* SPDX-License-Identifier: Apache-2.0 */
/* file - open, read and write files so that a race or a crash does no harm.
 *
 * Nothing here follows a name twice: what was opened is judged by its
 * descriptor. All descriptors are close-on-exec.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct file_facts {
    bool regular, folder;
    uint64_t size;
    int64_t mtime_ns;
    uint64_t dev, inode;
    uint32_t owner, mode; /* mode: permission bits only */
};

enum file_open_flag {
    FILE_NO_FOLLOW = 1, /* a symbolic link at the end of the path is refused */
    FILE_ANY_KIND = 2,  /* else: only regular files */
};

/* Opens for reading, without ever waiting on a FIFO or a device. */
int file_open(const char *path, unsigned flags, int *fd_out, struct err *err_out) MUST_USE;
int file_facts(int fd, struct file_facts *out, struct err *err_out) MUST_USE;
/* Whether a descriptor that somebody passed may be read by whoever holds it. */
bool file_readable(int fd);
/* False: the file was changed between the two looks, so what was read may be torn. */
bool file_unchanged(const struct file_facts *before, const struct file_facts *after);

/* All of a file of at most `max` bytes; larger is -EFBIG. */
int file_read(const char *path, size_t max, struct buf *out, struct err *err_out) MUST_USE;
int file_read_fd(int fd, size_t max, struct buf *out, struct err *err_out) MUST_USE;

/* The whole file or nothing, durable when it returns 0: temporary file, sync,
 * rename, sync of the folder. `mode` as of chmod, whatever the umask. What bears the
 * name and is no regular file is never replaced: -EINVAL, a folder -EISDIR. */
int file_write(const char *folder, const char *name, slice bytes, uint32_t mode,
               struct err *err_out) MUST_USE;
/* The same, but what bears this name already stays: -EEXIST. */
int file_write_new(const char *folder, const char *name, slice bytes, uint32_t mode,
                   struct err *err_out) MUST_USE;

/* A sealed copy (memfd) that nobody can change any more. Holes of the file and
 * blocks of zeros stay holes. Fewer bytes than `size`: -EIO, it was cut meanwhile. */
int file_sealed_copy(int fd, uint64_t size, int *fd_out, struct err *err_out) MUST_USE;
/* A sealed file from bytes. */
int file_sealed_bytes(slice bytes, int *fd_out, struct err *err_out) MUST_USE;
/* The same as it comes: new, put in any pieces (blocks of zeros stay holes), sealed at its end.
 * After an error of put or seal the caller closes fd. */
int file_memory_new(int *fd_out) MUST_USE;
int file_memory_put(int fd, slice bytes, uint64_t at) MUST_USE;
int file_memory_seal(int fd, uint64_t size) MUST_USE;
