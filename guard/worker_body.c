/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies by descriptor: a private copy without the zeros.
 *
 * Never mapped: reading a hole of a memory file through a mapping allocates
 * it, read(2) does not; and the copy cannot change between two looks, nor end
 * in SIGBUS, whatever happens to the file meanwhile. */
#include "guard/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { WINDOW = 256 << 10, SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL };

static const uint8_t zeros[WINDOW];

static bool put_zeros(struct body_writer *bw, uint64_t n)
{
    while (n) {
        size_t piece = n < WINDOW ? (size_t)n : WINDOW;
        if (!body_writer_put(bw, (slice){ zeros, piece }))
            return false;
        n -= piece;
    }
    return true;
}

static bool put_data(struct body_writer *bw, int fd, uint64_t at, uint64_t end, uint8_t *window)
{
    while (at < end) {
        size_t want = end - at < WINDOW ? (size_t)(end - at) : WINDOW;
        ssize_t got = pread(fd, window, want, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || !body_writer_put(bw, (slice){ window, (size_t)got }))
            return false;
        at += (uint64_t)got;
    }
    return true;
}

static bool put_all(struct body_writer *bw, int fd, uint64_t size, uint8_t *window)
{
    uint64_t at = 0;
    while (at < size) {
        off_t data = lseek(fd, (off_t)at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            return put_zeros(bw, size - at);
        off_t hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
        uint64_t from = hole < 0 ? at : (uint64_t)data,
                 to = hole < 0 || (uint64_t)hole > size ? size : (uint64_t)hole;
        if (from >= size)
            return put_zeros(bw, size - at);
        if (!put_zeros(bw, from - at) || !put_data(bw, fd, from, to, window))
            return false;
        at = to;
    }
    return true;
}

bool worker_sealed(int fd, uint64_t size)
{
    int seals = fcntl(fd, F_GET_SEALS);
    off_t end = lseek(fd, 0, SEEK_END);
    return seals >= 0 && (seals & SEALS) == SEALS && end >= 0 && (uint64_t)end == size;
}

enum worker_cut worker_body(int fd, uint64_t size, struct arena *mem, struct body *out)
{
    off_t end = lseek(fd, 0, SEEK_END); /* behind it there is no hole, there is nothing */
    uint64_t there = end < 0 ? 0 : (uint64_t)end < size ? (uint64_t)end : size;
    uint64_t most = there < WORKER_BODY_MAX ? there : WORKER_BODY_MAX;
    struct body_writer *bw = body_writer_new(mem, most, most);
    uint8_t *window = arena_get(mem, WINDOW, 1);
    bool all = bw && window && put_all(bw, fd, most, window) && there == size;
    bool fitted = bw && window && !arena_full(mem) && most == there;
    *out = bw ? body_writer_done(bw) : (struct body){ 0 };
    return all && fitted ? WORKER_CUT_NOTHING : fitted ? WORKER_CUT_SHORT : WORKER_CUT_TO_FIT;
}

enum worker_cut worker_small_body(int fd, uint8_t *room, size_t size, struct body *out)
{
    size_t done = 0;
    ssize_t got = 1;
    while (done < size && (got > 0 || (got < 0 && errno == EINTR))) {
        got = pread(fd, room + done, size - done, (off_t)done);
        if (got > 0)
            done += (size_t)got;
    }
    *out = body_borrow((slice){ room, done });
    return done == size ? WORKER_CUT_NOTHING : WORKER_CUT_SHORT;
}
