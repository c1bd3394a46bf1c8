/* SPDX-License-Identifier: Apache-2.0 */
/* fail_writes - a preloaded library that lets what goes to the disk fail: the memory in the file
 * named by FAIL_WRITES says which call, and how many from there on. Used by check_keeper.py.
 *
 *     u64 calls so far, u64 the first to fail (0: none), u64 how many fail, u64 errno, u64 failed
 * so far, u64 1: a write that fails writes its first half before
 *
 * Built with 64-bit offsets, as all is: pwrite and ftruncate are pwrite64 and ftruncate64 then.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

struct orders {
    volatile uint64_t calls, from, many, code, failed, halves;
};
static struct orders *orders;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("FAIL_WRITES");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at = fd >= 0 ? mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                       : MAP_FAILED;
    if (at != MAP_FAILED)
        orders = at;
    if (fd >= 0)
        (void)close(fd);
}

static int fails(void)
{
    if (!orders)
        return 0;
    uint64_t n = ++orders->calls;
    if (orders->from == 0 || n < orders->from || n - orders->from >= orders->many)
        return 0;
    orders->failed++;
    errno = (int)orders->code;
    return 1;
}

/* Not of sockets, pipes and terminals. */
static int on_disk(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static size_t half(size_t n)
{
    return orders && orders->halves ? n / 2 : 0;
}

#define REAL(name)                                                                                 \
    static __typeof__(&name) real;                                                                 \
    if (!real)                                                                                     \
    *(void **)(&real) = dlsym(RTLD_NEXT, #name)

EXPORT ssize_t write(int fd, const void *at, size_t n)
{
    REAL(write);
    if (on_disk(fd) && fails()) {
        int code = errno;
        if (half(n) && real(fd, at, half(n)) == (ssize_t)half(n))
            return (ssize_t)half(n); /* the next one has no room at all, or has again */
        errno = code;
        return -1;
    }
    return real(fd, at, n);
}
EXPORT ssize_t pwrite(int fd, const void *at, size_t n, off_t to)
{
    REAL(pwrite);
    if (on_disk(fd) && fails()) {
        int code = errno;
        if (half(n))
            (void)!real(fd, at, half(n), to);
        errno = code;
        return -1;
    }
    return real(fd, at, n, to);
}
EXPORT int fsync(int fd)
{
    REAL(fsync);
    return fails() ? -1 : real(fd);
}
EXPORT int fdatasync(int fd)
{
    REAL(fdatasync);
    return fails() ? -1 : real(fd);
}
EXPORT int ftruncate(int fd, off_t to)
{
    REAL(ftruncate);
    return fails() ? -1 : real(fd, to);
}
EXPORT int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    REAL(renameat);
    return fails() ? -1 : real(from_folder, from, to_folder, to);
}
EXPORT int renameat2(int from_folder, const char *from, int to_folder, const char *to,
                     unsigned flags)
{
    REAL(renameat2);
    return fails() ? -1 : real(from_folder, from, to_folder, to, flags);
}
EXPORT int unlinkat(int folder, const char *name, int flags)
{
    REAL(unlinkat);
    return fails() ? -1 : real(folder, name, flags);
}
