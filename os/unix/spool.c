/* SPDX-License-Identifier: Apache-2.0 */
/* Spool files on Linux; see spool.h. */
#include "os/spool.h"
#include "os/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int trouble(struct err *err_out, const char *what, const char *name)
{
    int code = -errno;
    return err_set(err_out, code, "%s: %s: %s", name, what, strerror(-code));
}

static int write_all(int fd, slice s)
{
    while (s.len) {
        ssize_t n = write(fd, s.at, s.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        s = slice_from(s, (size_t)n);
    }
    return 0;
}

int spool_begin(struct spool *s, const char *folder, struct err *err_out)
{
    uint8_t salt[8];
    *s = (struct spool){ .folder = -1, .fd = -1 };
    random_fill(salt, sizeof salt);
    (void)snprintf(s->temporary, sizeof s->temporary, ".%02x%02x%02x%02x%02x%02x%02x%02x.new",
                   salt[0], salt[1], salt[2], salt[3], salt[4], salt[5], salt[6], salt[7]);
    s->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->folder < 0)
        return trouble(err_out, "cannot open the folder", folder);
    s->fd =
        openat(s->folder, s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->fd < 0) {
        int r = trouble(err_out, "cannot write a file there", folder);
        s->temporary[0] = 0;
        spool_drop(s);
        return r;
    }
    return 0;
}

int spool_put(struct spool *s, slice bytes, struct err *err_out)
{
    if (write_all(s->fd, bytes) < 0)
        return trouble(err_out, "cannot write", s->temporary);
    s->size += bytes.len;
    return 0;
}

int spool_sync(struct spool *s, struct err *err_out)
{
    return fdatasync(s->fd) < 0 ? trouble(err_out, "cannot write to disk", s->temporary) : 0;
}

int spool_name(struct spool *s, const char *name, struct err *err_out)
{
    if (renameat(s->folder, s->temporary, s->folder, name) < 0)
        return trouble(err_out, "cannot name the file", name);
    s->temporary[0] = 0;
    return 0;
}

void spool_drop(struct spool *s)
{
    if (s->temporary[0] && s->folder >= 0)
        (void)unlinkat(s->folder, s->temporary, 0);
    s->temporary[0] = 0;
    if (s->fd >= 0)
        (void)close(s->fd);
    if (s->folder >= 0)
        (void)close(s->folder);
    s->fd = s->folder = -1;
}

int spool_folder_sync(const char *folder, struct err *err_out)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return trouble(err_out, "cannot open the folder", folder);
    int r = fsync(fd) < 0 ? trouble(err_out, "cannot write to disk", folder) : 0;
    (void)close(fd);
    return r;
}

void spool_clean(const char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        slice name = slice_of(e->d_name);
        if (slice_starts(name, SLICE_LIT(".")) && slice_ends(name, SLICE_LIT(".new")))
            (void)unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d)
        (void)closedir(d);
}

int spool_log_open(struct spool_log *l, const char *path, struct err *err_out)
{
    struct stat st;
    if (strlen(path) >= sizeof l->path)
        return err_set(err_out, -ENAMETOOLONG, "%s: the path is too long", path);
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return trouble(err_out, "cannot open", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return err_set(err_out, -EINVAL, "%s: is not a file", path);
    }
    *l = (struct spool_log){ .fd = fd, .size = st.st_size > 0 ? (uint64_t)st.st_size : 0 };
    (void)snprintf(l->path, sizeof l->path, "%s", path);
    return 0;
}

int spool_log_cut(struct spool_log *l, uint64_t size, struct err *err_out)
{
    if (ftruncate(l->fd, (off_t)size) < 0)
        return trouble(err_out, "cannot cut off a torn line", l->path);
    l->size = size;
    l->torn = false;
    return 0;
}

int spool_log_put(struct spool_log *l, slice bytes, struct err *err_out)
{
    int r = l->torn ? spool_log_cut(l, l->size, err_out) : 0;
    if (r)
        return r;
    if (write_all(l->fd, bytes) < 0) {
        r = trouble(err_out, "cannot write", l->path);
        l->torn = true;
        (void)spool_log_cut(l, l->size, NULL); /* else the next one tries again */
        return r;
    }
    l->size += bytes.len;
    return 0;
}

int spool_log_sync(struct spool_log *l, struct err *err_out)
{
    return fdatasync(l->fd) < 0 ? trouble(err_out, "cannot write to disk", l->path) : 0;
}

void spool_log_close(struct spool_log *l)
{
    if (l->fd >= 0)
        (void)close(l->fd);
    l->fd = -1;
}

static int folder_ours(const char *folder, struct err *err_out)
{
    struct stat st;
    if (stat(folder, &st) < 0)
        return trouble(err_out, "cannot look at the folder", folder);
    if (!S_ISDIR(st.st_mode))
        return err_set(err_out, -ENOTDIR, "%s: is not a folder", folder);
    if (st.st_uid != geteuid() || (st.st_mode & 022))
        return err_set(err_out, -EPERM,
                       "%s: must belong to the user who runs this, and nobody else may write there",
                       folder);
    return 0;
}

int spool_folder_make(const char *folder, struct err *err_out)
{
    char path[SPOOL_PATH];
    size_t len = strlen(folder);
    if (len == 0 || len >= sizeof path)
        return err_set(err_out, -ENAMETOOLONG, "%s: the path is empty or too long", folder);
    (void)snprintf(path, sizeof path, "%s", folder);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != 0)
            continue;
        char was = path[i];
        path[i] = 0;
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return trouble(err_out, "cannot make the folder", path);
        path[i] = was;
    }
    return folder_ours(folder, err_out);
}

int spool_lock(const char *folder, const char *name, int *fd_out, struct err *err_out)
{
    char path[SPOOL_PATH];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(err_out, -ENAMETOOLONG, "%s: the path is too long", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return trouble(err_out, "cannot open", path);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int code = errno == EWOULDBLOCK ? -EBUSY : -errno;
        (void)close(fd);
        return err_set(err_out, code, "%s: %s", path,
                       code == -EBUSY ? "another process is at work there" : strerror(-code));
    }
    *fd_out = fd;
    return 0;
}

int spool_remove(const char *folder, const char *name, struct err *err_out)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return trouble(err_out, "cannot open the folder", folder);
    int r =
        unlinkat(fd, name, 0) < 0 && errno != ENOENT ? trouble(err_out, "cannot remove", name) : 0;
    (void)close(fd);
    return r;
}

uint64_t spool_free(const char *folder)
{
    struct statvfs v;
    return statvfs(folder, &v) < 0 ? 0 : (uint64_t)v.f_bavail * v.f_frsize;
}

bool spool_is_sealed(int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & F_SEAL_WRITE) && (seals & F_SEAL_SHRINK);
}

int spool_read_at(int fd, uint64_t at, uint8_t *out, size_t n, struct err *err_out)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(fd, out + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_set(err_out, got < 0 ? -errno : -EIO, "cannot read: %s",
                           got < 0 ? strerror(errno) : "it is shorter than was said");
        done += (size_t)got;
    }
    return 0;
}
