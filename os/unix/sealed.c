/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed copies in memory (memfd_create(2), F_ADD_SEALS in fcntl(2)); see file.h.
 *
 * Holes are skipped where the file system tells them (lseek(2) SEEK_DATA) and
 * blocks of zeros everywhere, so that a document padded with zeros costs no memory. */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WINDOW = 256 << 10, BLOCK = 4096 };

static bool all_zero(slice s)
{
    /* A run equals itself shifted by one byte exactly when all bytes are the same. */
    return s.len == 0 || (s.at[0] == 0 && memcmp(s.at, s.at + 1, s.len - 1) == 0);
}

static int pwrite_all(int fd, slice s, uint64_t at)
{
    while (s.len) {
        ssize_t n = pwrite(fd, s.at, s.len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        at += (uint64_t)n;
        s = slice_from(s, (size_t)n);
    }
    return 0;
}

/* Writes the runs of blocks that hold anything but zeros. */
static int put_window(int fd, slice window, uint64_t at)
{
    size_t from = 0, pos = 0;
    int rc = 0;
    while (pos < window.len && rc == 0) {
        slice block = slice_sub(window, pos, BLOCK);
        bool zero = all_zero(block);
        if (zero)
            rc = pwrite_all(fd, slice_sub(window, from, pos - from), at + from);
        pos += block.len;
        if (zero)
            from = pos;
    }
    return rc ? rc : pwrite_all(fd, slice_sub(window, from, pos - from), at + from);
}

static int copy_run(int from, int to, uint64_t at, uint64_t end, uint8_t *window)
{
    while (at < end) {
        size_t want = end - at < WINDOW ? (size_t)(end - at) : WINDOW;
        ssize_t got = pread(from, window, want, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        int rc = put_window(to, (slice){ window, (size_t)got }, at);
        if (rc)
            return rc;
        at += (uint64_t)got;
    }
    return 0;
}

static int copy_data(int from, int to, uint64_t size, uint8_t *window)
{
    uint64_t at = 0;
    while (at < size) {
        off_t data = lseek(from, (off_t)at, SEEK_DATA);
        if (data < 0 && errno == ENXIO) { /* a hole up to the end, or the file was cut */
            off_t end = lseek(from, 0, SEEK_END);
            return end >= 0 && (uint64_t)end >= size ? 0 : -EIO;
        }
        off_t hole = data < 0 ? -1 : lseek(from, data, SEEK_HOLE);
        if (hole < 0) /* no holes here, or the file changes under us: read it all */
            return copy_run(from, to, at, size, window);
        at = (uint64_t)data;
        uint64_t end = (uint64_t)hole < size ? (uint64_t)hole : size;
        if (at >= end && at < size)
            return copy_run(from, to, at, size, window);
        int rc = copy_run(from, to, at, end, window);
        if (rc)
            return rc;
        at = end;
    }
    return 0;
}

static int new_memory_file(uint64_t size, int *fd_out)
{
    int fd = memfd_create("sekisho-body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    if (size > INT64_MAX || ftruncate(fd, (off_t)size) < 0) {
        int rc = size > INT64_MAX ? -EFBIG : -errno;
        (void)close(fd);
        return rc;
    }
    *fd_out = fd;
    return 0;
}

static int add_seals(int fd)
{
    int rc = fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    return rc < 0 ? -errno : 0;
}

static int seal(int fd, int rc, int *fd_out, struct err *err_out)
{
    rc = rc ? rc : add_seals(fd);
    if (rc) {
        (void)close(fd);
        return err_set(err_out, rc, "cannot copy the file: %s",
                       rc == -EIO ? "it became shorter while it was read" : strerror(-rc));
    }
    *fd_out = fd;
    return 0;
}

int file_sealed_copy(int fd, uint64_t size, int *fd_out, struct err *err_out)
{
    int copy = -1, rc = new_memory_file(size, &copy);
    if (rc)
        return err_set(err_out, rc, "cannot make a file in memory: %s", strerror(-rc));
    struct buf window = buf_new(WINDOW);
    rc = buf_reserve(&window, WINDOW) ? copy_data(fd, copy, size, window.at) : -ENOMEM;
    buf_drop(&window);
    return seal(copy, rc, fd_out, err_out);
}

int file_sealed_bytes(slice bytes, int *fd_out, struct err *err_out)
{
    int copy = -1, rc = new_memory_file(bytes.len, &copy);
    if (rc)
        return err_set(err_out, rc, "cannot make a file in memory: %s", strerror(-rc));
    return seal(copy, put_window(copy, bytes, 0), fd_out, err_out);
}

int file_memory_new(int *fd_out)
{
    return new_memory_file(0, fd_out);
}

int file_memory_put(int fd, slice bytes, uint64_t at)
{
    return at > INT64_MAX - bytes.len ? -EFBIG : put_window(fd, bytes, at);
}

int file_memory_seal(int fd, uint64_t size)
{
    if (size > INT64_MAX)
        return -EFBIG;
    return ftruncate(fd, (off_t)size) < 0 ? -errno : add_seals(fd); /* zeros at the end */
}
