/* SPDX-License-Identifier: Apache-2.0 */
/* Files on Linux; see file.h. O_NONBLOCK at open keeps a FIFO or a device that
 * stands in a file's place from holding us; it has no effect on regular files. */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *why(int code)
{
    return strerror(code < 0 ? -code : code);
}

int file_open(const char *path, unsigned flags, int *fd_out, struct err *err_out)
{
    int open_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    if (flags & FILE_NO_FOLLOW)
        open_flags |= O_NOFOLLOW;
    int fd = open(path, open_flags);
    if (fd < 0 && errno == ELOOP && (flags & FILE_NO_FOLLOW))
        return err_set(err_out, -ELOOP, "%s: is a symbolic link; name the file it points to", path);
    if (fd < 0)
        return err_set(err_out, -errno, "%s: cannot open: %s", path, why(errno));
    if (!(flags & FILE_ANY_KIND)) {
        struct stat st;
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
            bool folder = S_ISDIR(st.st_mode);
            (void)close(fd);
            return err_set(err_out, folder ? -EISDIR : -EINVAL, "%s: is %s, not a file", path,
                           folder ? "a folder" : "a device, pipe or socket");
        }
    }
    *fd_out = fd;
    return 0;
}

int file_facts(int fd, struct file_facts *out, struct err *err_out)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_set(err_out, -errno, "cannot look at the open file: %s", why(errno));
    *out = (struct file_facts){
        .regular = S_ISREG(st.st_mode),
        .folder = S_ISDIR(st.st_mode),
        .size = st.st_size > 0 ? (uint64_t)st.st_size : 0,
        .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
        .dev = st.st_dev,
        .inode = st.st_ino,
        .owner = st.st_uid,
        .mode = st.st_mode & 07777,
    };
    return 0;
}

bool file_readable(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && !(flags & O_PATH) && (flags & O_ACCMODE) != O_WRONLY;
}

bool file_unchanged(const struct file_facts *before, const struct file_facts *after)
{
    return before->size == after->size && before->mtime_ns == after->mtime_ns &&
           before->dev == after->dev && before->inode == after->inode;
}

/* A pipe that somebody made non-blocking is still worth waiting for. */
static bool await(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    return poll(&p, 1, -1) > 0 || errno == EINTR;
}

int file_read_fd(int fd, size_t max, struct buf *out, struct err *err_out)
{
    struct file_facts facts;
    int rc = file_facts(fd, &facts, err_out);
    if (rc)
        return rc;
    *out = buf_new(max);
    if (facts.regular && facts.size > max)
        return err_set(err_out, -EFBIG, "larger than %zu bytes", max);
    /* One byte more than the size, so that the end is seen without growing. */
    size_t want = facts.regular ? (size_t)facts.size + 1 : 64 << 10;
    for (;;) {
        size_t room = max - out->len < want ? max - out->len : want;
        uint8_t beyond;
        uint8_t *to = &beyond;
        if (room == 0)
            room = 1; /* full: anything more is too much */
        else if (buf_reserve(out, room))
            to = out->at + out->len;
        else
            return err_set(err_out, -ENOMEM, "out of memory");
        ssize_t got = read(fd, to, room);
        if (got < 0 && (errno == EINTR || (errno == EAGAIN && !facts.regular && await(fd))))
            continue;
        if (got < 0)
            return err_set(err_out, -errno, "cannot read: %s", why(errno));
        if (got == 0)
            return 0;
        if (to == &beyond)
            return err_set(err_out, -EFBIG, "larger than %zu bytes", max);
        out->len += (size_t)got;
        want = 64 << 10;
    }
}

int file_read(const char *path, size_t max, struct buf *out, struct err *err_out)
{
    int fd = -1, rc = file_open(path, 0, &fd, err_out);
    if (rc)
        return rc;
    rc = file_read_fd(fd, max, out, err_out);
    (void)close(fd);
    if (rc) {
        (void)err_while(err_out, "reading %s", path);
        buf_drop(out);
    }
    return rc;
}

static int write_all(int fd, slice s)
{
    while (s.len) {
        ssize_t n = write(fd, s.at, s.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        s = slice_from(s, (size_t)n);
    }
    return 0;
}

/* Not every file system knows RENAME_NOREPLACE; a hard link replaces nothing either. */
static int rename_new(int dir, const char *from, const char *to)
{
    if (renameat2(dir, from, dir, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (linkat(dir, from, dir, to, 0) < 0)
        return -errno;
    return unlinkat(dir, from, 0) < 0 ? -errno : 0;
}

/* Only a regular file gives way to another: a device, a FIFO or a link stands there on purpose. */
static int may_replace(int dir, const char *name)
{
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

/* Fills and names the temporary file; it is gone again on failure. */
static int write_in(int dir, const char *name, slice bytes, uint32_t mode, bool replace)
{
    char temporary[320];
    int unfit = replace ? may_replace(dir, name) : 0;
    if (unfit)
        return unfit;
    int n = snprintf(temporary, sizeof temporary, ".%s.%ld.new", name, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temporary)
        return -ENAMETOOLONG;
    (void)unlinkat(dir, temporary, 0); /* left by a process with our id that was killed here */
    int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    int rc = write_all(fd, bytes);
    if (rc == 0 && fchmod(fd, (mode_t)mode) < 0)
        rc = -errno;
    if (rc == 0 && fdatasync(fd) < 0)
        rc = -errno;
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && !replace)
        rc = rename_new(dir, temporary, name);
    else if (rc == 0 && renameat(dir, temporary, dir, name) < 0)
        rc = -errno;
    if (rc)
        (void)unlinkat(dir, temporary, 0);
    else if (fsync(dir) < 0)
        rc = -errno;
    return rc;
}

static int write_file(const char *folder, const char *name, slice bytes, uint32_t mode, bool replace,
                      struct err *err_out)
{
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return err_set(err_out, -errno, "%s: cannot open the folder: %s", folder, why(errno));
    int rc = write_in(dir, name, bytes, mode, replace);
    (void)close(dir);
    const char *reason = rc == -EINVAL ? "not a regular file, which is never replaced" : why(rc);
    return rc ? err_set(err_out, rc, "%s/%s: cannot write: %s", folder, name, reason) : 0;
}

int file_write(const char *folder, const char *name, slice bytes, uint32_t mode,
               struct err *err_out)
{
    return write_file(folder, name, bytes, mode, true, err_out);
}

int file_write_new(const char *folder, const char *name, slice bytes, uint32_t mode,
                   struct err *err_out)
{
    return write_file(folder, name, bytes, mode, false, err_out);
}
