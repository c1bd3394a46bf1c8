/* SPDX-License-Identifier: Apache-2.0 */
/* object - see object.h. */
#include "programs/verify/object.h"
#include "base/hash.h"
#include "os/file.h"

#include <errno.h>
#include <unistd.h>

enum {
    BODY_MAX = 1 << 30,      /* a worker reads no more of a file */
    PART_KEPT = 64 << 20,    /* bytes of one part */
    OBJECT_MEMORY = 1 << 30, /* of all parts together, and of the fresh report's tree */
    REPORT_MAX = 256 << 20,
};

/* One pass through a worker. */
struct pass {
    struct bench *bench;
    struct object *o;
    struct arena *mem; /* the record's: as large as a scan's, since a scan ends where it is full */
    struct record record;
    struct sink keep;
    uint32_t room, hashed; /* hashed: the part whose bytes arrive */
    struct sha256 sum;
    bool open, over;
    enum job_end end;
    struct err *err;
    int result;
};

int object_digest(const char *path, uint8_t sha256_out[32], uint64_t *size_out, struct err *err_out)
{
    struct file_facts facts;
    struct sha256 sum;
    uint8_t block[1 << 16];
    int fd, r = file_open(path, 0, &fd, err_out);
    if (r < 0)
        return r;
    r = file_facts(fd, &facts, err_out);
    sha256_start(&sum);
    for (uint64_t left = BODY_MAX; r == 0 && left > 0;) {
        ssize_t n = read(fd, block, left < sizeof block ? (size_t)left : sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            r = err_set(err_out, -errno, "%s: %s", path, strerror(errno));
        if (n <= 0)
            break;
        sha256_add(&sum, (slice){ block, (size_t)n });
        left -= (uint64_t)n;
    }
    sha256_end(&sum, sha256_out);
    *size_out = r == 0 ? facts.size : 0;
    (void)close(fd);
    return r;
}

/* --- what the worker answers */

static void end_bytes(struct pass *p)
{
    if (!p->open)
        return;
    sha256_end(&p->sum, p->o->parts[p->hashed].sha256);
    p->open = false;
}

static void start_bytes(struct pass *p, uint32_t part)
{
    struct object_part *at = &p->o->parts[part];
    uint64_t size = p->record.parts[part].size;
    end_bytes(p);
    sha256_start(&p->sum);
    p->hashed = part;
    p->open = true;
    uint8_t *room = size <= PART_KEPT ? arena_get(p->o->mem, (size_t)size, 1) : NULL;
    at->given = true;
    at->kept = room != NULL;
    at->bytes = (slice){ room, room ? (size_t)size : 0 };
    at->size = 0;
}

static void bytes(void *host, uint32_t part, uint64_t at, slice more)
{
    struct pass *p = host;
    if (part >= p->o->n_parts)
        return;
    if (at == 0)
        start_bytes(p, part);
    struct object_part *here = &p->o->parts[part];
    if (!p->open || part != p->hashed || at != here->size)
        return;
    sha256_add(&p->sum, more);
    if (here->kept && more.len <= here->bytes.len - here->size)
        (void)slice_copy_out(more, (uint8_t *)here->bytes.at + here->size, more.len);
    else
        here->kept = false;
    here->size += more.len;
}

static void part(void *host, const struct part *new)
{
    struct pass *p = host;
    struct object *o = p->o;
    p->keep.part(p->keep.host, new);
    while (o->n_parts < p->record.n_parts) {
        if (o->n_parts == p->room) {
            uint32_t room = p->room ? p->room * 2 : 64;
            struct object_part *more =
                arena_regrow(o->mem, o->parts, p->room * sizeof *more, room, sizeof *more);
            if (!more)
                return;
            o->parts = more;
            p->room = room;
        }
        struct object_part *added = &o->parts[o->n_parts++];
        sha256_of((slice){ 0 }, added->sha256); /* nothing is given of an empty part */
        added->kept = true;
    }
}

static const struct sink *keep(void *h)
{
    return &((struct pass *)h)->keep;
}
static void part_end(void *h, uint32_t id, slice t, enum walk_end e)
{
    keep(h)->part_end(keep(h)->host, id, t, e);
}
static void event(void *h, const struct event *e)
{
    keep(h)->event(keep(h)->host, e);
}
static void fact(void *h, const struct fact *f)
{
    keep(h)->fact(keep(h)->host, f);
}
static void hit(void *h, const struct hit *i)
{
    keep(h)->hit(keep(h)->host, i);
}
static void effect(void *h, const struct effect *e)
{
    keep(h)->effect(keep(h)->host, e);
}
static void unread(void *h, const struct unread *u)
{
    keep(h)->unread(keep(h)->host, u);
}
static void view(void *h, const struct view *v)
{
    keep(h)->view(keep(h)->host, v);
}

/* A worker that meets the same bytes in the same role again looks at them, and gives them, once. */
static void share_bytes(struct pass *p)
{
    struct object *o = p->o;
    for (uint32_t i = 0; i < o->n_parts; i++) {
        const struct part *said = &p->record.parts[i];
        o->parts[i].given |= said->size == 0;
        for (uint32_t k = 0; k < i && !o->parts[i].given; k++)
            if (o->parts[k].given && o->parts[k].size == said->size &&
                memcmp(o->parts[k].sha256, said->sha256, sizeof said->sha256) == 0)
                o->parts[i] = o->parts[k];
        o->parts[i].kept &= o->parts[i].given;
    }
}

static int read_fresh(struct pass *p)
{
    struct object *o = p->o;
    struct judgement v = knowledge_judge(&p->bench->desk, &p->record, p->mem);
    struct report_meta meta = { (slice){ 0 },
                                o->size,
                                SLICE_LIT(SEKISHO_VERSION_TEXT),
                                slice_of(p->bench->desk.context.digest),
                                0,
                                0,
                                NULL };
    struct report_input in = { &p->record, &v, p->bench->desk.book.rules,
                               &p->bench->desk.context.policy, &meta };
    struct jsonin *root = ARENA_NEW(o->mem, struct jsonin);
    o->json = buf_new(REPORT_MAX);
    report_json(&o->json, &in);
    if (!root || o->json.full)
        return cli_err(p->err, -ENOMEM, p->bench->cli->language, MSG_CLI_MEMORY, NULL, NULL);
    o->fresh = root;
    return jsonin_read(buf_slice(&o->json), o->mem, root, p->err);
}

static void on_done(void *host, enum job_end end, uint64_t cpu_us, uint64_t elapsed_us,
                    const char *why)
{
    struct pass *p = host;
    (void)cpu_us, (void)elapsed_us;
    end_bytes(p);
    share_bytes(p);
    p->over = true;
    p->end = end;
    if (p->record.n_parts == 0)
        p->result = cli_err(p->err, -EIO, p->bench->cli->language, MSG_VERIFY_NO_WORKER, p->o->path,
                            why ? why : "crashed");
    else
        p->result = read_fresh(p);
}

static bool is_over(void *host)
{
    return ((struct pass *)host)->over;
}

static int send(struct pass *p, int fd)
{
    const struct scan_options *o = &p->bench->o;
    struct pool_job job = { .name = p->o->name,
                            .fd = fd,
                            .size = p->o->size,
                            .hints = o->hints,
                            .n_hints = o->n_hints,
                            .give = GIVE_ALL,
                            .sink = { p, part, part_end, event, fact, hit, effect, unread, view,
                                      bytes },
                            .done = on_done,
                            .host = p };
    int r = feed_submit(&p->bench->feed, &job, p->err);
    if (r == 0)
        r = feed_until(&p->bench->feed, is_over, p, p->err);
    return r < 0 ? r : p->result;
}

int object_open(struct bench *b, const char *path, slice name, struct object *o,
                struct err *err_out)
{
    static struct pass pass; /* large */
    int fd = -1;
    *o = (struct object){ .mem = arena_new(OBJECT_MEMORY), .path = path };
    pass = (struct pass){ .bench = b, .o = o, .mem = arena_new(CLI_RECORD_MEMORY), .err = err_out };
    int r = o->mem && pass.mem
                ? 0
                : cli_err(err_out, -ENOMEM, b->cli->language, MSG_CLI_MEMORY, NULL, NULL);
    if (r == 0)
        r = object_digest(path, o->sha256, &o->size, err_out);
    if (r == 0)
        r = file_open(path, 0, &fd, err_out);
    if (r == 0) {
        o->name = arena_copy(o->mem, name);
        record_init(&pass.record, pass.mem);
        pass.keep = record_sink(&pass.record);
        r = send(&pass, fd);
    }
    if (fd >= 0)
        (void)close(fd);
    arena_drop(&pass.mem);
    return r;
}

void object_close(struct object *o)
{
    buf_drop(&o->json);
    arena_drop(&o->mem);
    *o = (struct object){ 0 };
}

/* --- what is asked of it */

bool object_bytes(const struct object *o, uint64_t part, struct range at, slice *out)
{
    if (part >= o->n_parts || !o->parts[part].kept || at.from > at.to ||
        at.to > o->parts[part].size)
        return false;
    *out = slice_sub(o->parts[part].bytes, (size_t)at.from, (size_t)(at.to - at.from));
    return true;
}

static uint32_t feeds(slice s)
{
    uint32_t n = 0;
    for (size_t at = slice_find_byte(s, '\n', 0); at != SIZE_MAX;
         at = slice_find_byte(s, '\n', at + 1))
        n++;
    return n;
}

bool object_is_binary(const struct object *o, uint32_t part)
{
    return slice_find_byte(slice_sub(o->parts[part].bytes, 0, OBJECT_BLOCK), 0, 0) != SIZE_MAX;
}

/* Counted once a part, so that a report with many facts costs no more than its bytes. */
uint32_t object_line(struct object *o, uint32_t part, uint64_t at)
{
    struct object_part *p = &o->parts[part];
    size_t block = (size_t)at / OBJECT_BLOCK;
    if (!p->lines) {
        size_t n = p->bytes.len / OBJECT_BLOCK + 1;
        uint32_t *lines = ARENA_ARRAY(o->mem, uint32_t, n);
        if (!lines)
            return 0;
        for (size_t i = 1; i < n; i++)
            lines[i] =
                lines[i - 1] + feeds(slice_sub(p->bytes, (i - 1) * OBJECT_BLOCK, OBJECT_BLOCK));
        p->lines = lines;
    }
    return 1 + p->lines[block] +
           feeds(slice_sub(p->bytes, block * OBJECT_BLOCK, (size_t)at % OBJECT_BLOCK));
}
