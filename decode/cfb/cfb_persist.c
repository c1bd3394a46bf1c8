/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypted presentations: [MS-PPT] 2.1.2 (the directory of persist objects), 2.3.2 to 2.3.5,
 * 2.3.7 (CryptSession10Container); [MS-OFFCRYPTO] 2.3.5.
 *
 * Each top-level record is an object with a number, and the number is the block by whose key it
 * is encrypted, its head included: nothing can be found but through the directory. What is opened
 * are the objects one behind the other, which is all that the reader of presentations needs.
 * An object ends where its own length says, as for PowerPoint, wherever the next may begin.
 * Left out: the Pictures stream and the encrypted summary.
 */
#include "decode/cfb/cfb_private.h"

enum {
    HEAD = 8,
    CURRENT_USER = 20, /* of its record, what is needed */
    TOKEN_AT = 12,
    EDIT = 40, /* a UserEditAtom that names a session */
    EDIT_NAMES_SESSION = EDIT - HEAD,
    RT_USER_EDIT = 0x0ff5,
    RT_CRYPT_SESSION = 0x2f14,
    EDITS_MAX = 64,
    OBJECTS_MAX = 1 << 16,
    SESSION_MAX = 4096,
    SEGMENT = 4096,
    WORK_PER_KEY = 1600, /* a digest, and 256 steps of RC4 */
    WORK_PER_RC4_BYTE = 8,
};

static const uint32_t TOKEN_ENCRYPTED = 0xf3d1c4df;

struct edit {
    uint32_t before, directory;
    uint32_t session; /* the number of the object that tells of encryption; 0: none */
};

/* 2.3.3 */
static bool read_edit(slice from, struct edit *out)
{
    cursor k = cur_open(from);
    cur_skip(&k, 2);
    uint16_t type = cur_u16le(&k);
    uint32_t len = cur_u32le(&k);
    cur_skip(&k, 8);
    out->before = cur_u32le(&k);
    out->directory = cur_u32le(&k);
    cur_skip(&k, 12);
    bool good = cur_ok(&k) && type == RT_USER_EDIT;
    out->session = good && len >= EDIT_NAMES_SESSION ? cur_u32le(&k) : 0;
    return good;
}

/* --- the directory */

struct object {
    uint32_t number, at;
};

struct objects {
    struct arena *mem;
    struct object *all;
    size_t n, room;
    bool full;
};

static void add_object(struct objects *o, uint32_t number, uint32_t at)
{
    if (o->n == o->room) {
        size_t more = o->room ? o->room * 2 : 64;
        struct object *bigger =
            more <= OBJECTS_MAX
                ? arena_regrow(o->mem, o->all, o->n * sizeof *bigger, more, sizeof *bigger)
                : NULL;
        o->full = !bigger;
        if (!bigger)
            return;
        o->all = bigger;
        o->room = more;
    }
    o->all[o->n++] = (struct object){ number, at };
}

/* 2.3.4: runs of offsets, each behind the number of its first and how many they are. */
static void read_directory(struct objects *o, slice from)
{
    cursor k = cur_open(from);
    cur_skip(&k, 4);
    uint32_t len = cur_u32le(&k);
    cursor d = cur_open(slice_sub(cur_rest(&k), 0, len));
    while (cur_left(&d) >= 8 && !o->full) {
        uint32_t head = cur_u32le(&d), number = head & 0xfffff;
        for (uint32_t n = head >> 20; n > 0 && cur_left(&d) >= 4 && !o->full; n--)
            add_object(o, number++, cur_u32le(&d));
    }
}

/* The newest edit first: what stands in front of others is newer than they. */
static struct objects read_objects(struct cfb *c, slice stream, uint32_t newest)
{
    struct objects o = { .mem = c->w->mem };
    struct edit e;
    uint32_t at = newest;
    for (unsigned n = 0; n < EDITS_MAX && read_edit(slice_from(stream, at), &e); n++) {
        read_directory(&o, slice_from(stream, e.directory));
        if (e.before == 0 || e.before >= at || !walk_work(c->w, o.n))
            break;
        at = e.before;
    }
    return o;
}

/* --- is it encrypted, and how */

/* Where no edit stands where it is said to: the last that names a session. */
static bool find_edit(slice stream, uint32_t *at_out)
{
    static const slice head = SLICE_INIT("\0\0\xf5\x0f\x20\0\0\0");
    bool found = false;
    stream = slice_sub(stream, 0, UINT32_MAX);
    for (size_t at = slice_find(stream, head, 0); at != SIZE_MAX;
         at = slice_find(stream, head, at + 1)) {
        *at_out = (uint32_t)at;
        found = true;
    }
    return found;
}

/* What CryptSession10Container holds; kept, since the stream goes. Any other object is none. */
static slice read_session(struct cfb *c, slice stream, uint32_t newest)
{
    struct edit e = { 0 };
    struct objects o = read_objects(c, stream, newest);
    (void)read_edit(slice_from(stream, newest), &e);
    for (size_t i = 0; i < o.n; i++) {
        if (o.all[i].number != e.session)
            continue;
        cursor k = cur_open(slice_from(stream, o.all[i].at));
        cur_skip(&k, 2);
        if (cur_u16le(&k) != RT_CRYPT_SESSION)
            break;
        cur_skip(&k, 4);
        return arena_copy(c->w->mem, slice_sub(cur_rest(&k), 0, SESSION_MAX));
    }
    return (slice){ 0 };
}

bool cfb_persist_look(struct cfb *c, uint32_t entry, struct cfb_lock *l, bool *locked_out)
{
    uint8_t head[CURRENT_USER], atom[EDIT];
    struct edit e = { 0 };
    uint32_t user = cfb_directory_sibling(c, entry, "Current User");
    size_t n = user == CFB_NONE ? 0 : cfb_stream_head(c, &c->entries[user], head, sizeof head);
    cursor k = cur_open((slice){ head, n });
    cur_skip(&k, TOKEN_AT);
    bool token = cur_u32le(&k) == TOKEN_ENCRYPTED;
    l->kind = CFB_LOCK_SLIDES;
    l->newest = cur_u32le(&k);
    n = cur_ok(&k) ? cfb_stream_at(c, &c->entries[entry], l->newest, atom, sizeof atom) : 0;
    bool told = read_edit((slice){ atom, n }, &e);
    *locked_out = false;
    if (told && !token && !e.session)
        return false;
    struct body body;
    (void)cfb_stream_read(c, &c->entries[entry], &body);
    if (!e.session && walk_work(c->w, body.all.len / 8))
        (void)find_edit(body.all, &l->newest);
    slice session = read_session(c, body.all, l->newest);
    body_release(&body);
    *locked_out = token || session.len;
    return *locked_out && officecrypto_read(&l->crypto, c->w, session) &&
           l->crypto.scheme == OFFICECRYPTO_RC4_CAPI;
}

/* --- opened */

struct opening {
    struct cfb *c;
    slice stream;
    struct body_writer *out;
    uint64_t room;
};

/* The head tells how much follows; false: no room, or over budget. */
static bool open_object(struct opening *o, const struct object *at)
{
    uint8_t chunk[SEGMENT];
    struct rc4 cipher;
    slice from = slice_from(o->stream, at->at);
    if (from.len < HEAD)
        return true;
    officecrypto_block(&o->c->lock->key, at->number, &cipher);
    rc4_run(&cipher, slice_sub(from, 0, HEAD), chunk);
    cursor k = cur_open((slice){ chunk, HEAD });
    cur_skip(&k, 4);
    slice rest = slice_sub(from, HEAD, cur_u32le(&k));
    if (rest.len + HEAD > o->room ||
        !walk_work(o->c->w, WORK_PER_KEY + rest.len * WORK_PER_RC4_BYTE))
        return false;
    o->room -= rest.len + HEAD;
    bool ok = body_writer_put(o->out, (slice){ chunk, HEAD });
    for (size_t done = 0; ok && done < rest.len; done += SEGMENT) {
        slice piece = slice_sub(rest, done, SEGMENT);
        rc4_run(&cipher, piece, chunk);
        ok = body_writer_put(o->out, (slice){ chunk, piece.len });
    }
    return ok;
}

void cfb_persist_open(struct cfb *c, slice stream, struct body *out)
{
    struct edit e = { 0 };
    struct objects objects = read_objects(c, stream, c->lock->newest);
    /* Objects may overlap, but not for ever. */
    uint64_t most = (uint64_t)stream.len * 2 + SEGMENT;
    struct opening o = {
        .c = c,
        .stream = stream,
        .room = most,
        .out = body_writer_new(c->w->mem, stream.len, most),
    };
    *out = body_borrow((slice){ 0 });
    if (!o.out)
        return;
    (void)read_edit(slice_from(stream, c->lock->newest), &e);
    bool ok = true;
    for (size_t i = 0; i < objects.n && ok; i++)
        if (objects.all[i].number != e.session)
            ok = open_object(&o, &objects.all[i]);
    if (!ok || objects.full)
        walk_unread_of(c->w, UNREAD_LIMIT, ok ? UNREAD_OF_ENTRIES : UNREAD_OF_INFLATED,
                       (slice){ 0 });
    *out = body_writer_done(o.out);
}
