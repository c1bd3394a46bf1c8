/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as they come; see object.h. */
#include "doors/object.h"
#include "os/file.h"

#include <errno.h>
#include <unistd.h>

struct object object_new(uint64_t max)
{
    return (struct object){ .head = buf_new(GATE_INLINE_MAX), .fd = -1, .max = max };
}

static bool fail(struct object *o, int error)
{
    o->error = error;
    return false;
}

static bool count(struct object *o, size_t n)
{
    if (!o->pool)
        return true;
    if (n > o->pool->max - o->pool->held)
        return false;
    o->pool->held += n;
    o->counted += n;
    return true;
}

static void uncount(struct object *o)
{
    if (o->pool)
        o->pool->held -= o->counted;
    o->counted = 0;
}

/* The head moves to the file: from here on all goes there. */
static int to_file(struct object *o)
{
    int rc = file_memory_new(&o->fd);
    if (rc) {
        o->fd = -1;
        return rc;
    }
    rc = file_memory_put(o->fd, buf_slice(&o->head), 0);
    buf_drop(&o->head);
    o->head = buf_new(GATE_INLINE_MAX);
    return rc;
}

bool object_add(struct object *o, slice bytes)
{
    if (o->over || o->error)
        return false;
    if (bytes.len > o->max - o->size) {
        o->over = true;
        return false;
    }
    if (!count(o, bytes.len))
        return fail(o, -ENOBUFS);
    if (o->fd < 0 && bytes.len > GATE_INLINE_MAX - o->head.len) {
        int rc = to_file(o);
        if (rc)
            return fail(o, rc);
    }
    if (o->fd >= 0) {
        int rc = file_memory_put(o->fd, bytes, o->size);
        if (rc)
            return fail(o, rc);
    } else {
        buf_put(&o->head, bytes);
        if (o->head.full)
            return fail(o, -ENOMEM);
    }
    o->size += bytes.len;
    return true;
}

bool object_take(struct object *o, struct gate_request *r, int *fd_out)
{
    if (o->error)
        return false;
    if (o->fd >= 0) {
        int rc = file_memory_seal(o->fd, o->size);
        if (rc)
            return fail(o, rc);
    }
    r->size = o->size;
    r->has_fd = o->fd >= 0;
    r->body = r->has_fd ? (slice){ 0 } : buf_slice(&o->head);
    *fd_out = o->fd;
    o->fd = -1;
    uncount(o); /* from now on it is the desk's to bound */
    return true;
}

void object_clear(struct object *o)
{
    enum { KEPT = 16 << 10 }; /* an idle connection holds no more */
    uncount(o);
    if (o->fd >= 0)
        (void)close(o->fd);
    o->fd = -1;
    if (o->head.room > KEPT)
        buf_drop(&o->head);
    o->head.max = GATE_INLINE_MAX;
    buf_clear(&o->head);
    o->size = 0;
    o->over = false;
    o->error = 0;
}

void object_drop(struct object *o)
{
    object_clear(o);
    buf_drop(&o->head);
}
