/* SPDX-License-Identifier: Apache-2.0 */
/* onenote_package - sections as SharePoint and OneDrive hand them out ([MS-ONESTORE] 2.7 and 2.8):
 * stream objects of [MS-FSSHTTPB] 2.2.1 with object groups in them.
 *
 * Only object groups and blobs are read, wherever they stand: storage index and manifests, which
 * tell which revision is the last, are not, so text of earlier revisions may come along. */
#include "base/hash.h"
#include "decode/onenote/onenote_private.h"

enum {
    PACKAGE_HEAD = 64,
    DECLARATIONS_MAX = 1 << 16,
    /* stream object types (2.2.1.5.1) */
    TYPE_ELEMENT = 0x01,
    TYPE_BLOB = 0x02,
    TYPE_DECLARE_BLOB = 0x05,
    TYPE_DATA = 0x16,
    TYPE_DECLARE = 0x18,
    TYPE_BLOB_REFERENCE = 0x1C,
    /* object partitions ([MS-ONESTORE] 2.7.3) */
    PART_DATA = 1,
    PART_FILE = 2,
    PART_TYPE = 4,
};

struct declaration {
    uint64_t key, partition;
};

struct package {
    struct one *o;
    struct declaration *declared;
    size_t n, room, next; /* of the group that is being read */
    uint64_t typed_key;   /* the object whose type was said last */
    uint32_t type;
    uint64_t *keys; /* references of one object */
    size_t room_keys;
};

/* Compact Unsigned 64-bit Integer (2.2.1.1) */
static uint64_t compact(cursor *c)
{
    uint8_t first = cur_u8(c);
    unsigned bytes = 1;
    if (first == 0)
        return 0;
    if (first == 0x80)
        return cur_u64le(c);
    while (!(first >> (bytes - 1) & 1))
        bytes++;
    uint64_t v = first;
    for (unsigned i = 1; i < bytes; i++)
        v |= (uint64_t)cur_u8(c) << 8 * i;
    return v >> bytes;
}

/* Extended GUID (2.2.1.7), as a key: the identifier with its number. */
static uint64_t extended(cursor *c)
{
    uint8_t first = cur_u8(c);
    uint32_t n;
    if (first == 0)
        return 0;
    if ((first & 7) == 4)
        n = first >> 3;
    else if ((first & 0x3F) == 0x20)
        n = (uint32_t)(first >> 6 | cur_u8(c) << 2);
    else if ((first & 0x7F) == 0x40)
        n = (uint32_t)(first >> 7) | (uint32_t)cur_u16le(c) << 1;
    else if (first == 0x80)
        n = cur_u32le(c);
    else {
        cur_skip(c, cur_left(c) + 1);
        return 0;
    }
    return (fnv1a(0, cur_take(c, 16)) ^ n) * 0x100000001b3u | 1;
}

static void declare(struct package *p, uint64_t key, uint64_t partition)
{
    if (p->n >= DECLARATIONS_MAX)
        return;
    if (p->n == p->room) {
        size_t more = p->room ? p->room * 2 : 64;
        void *bigger = arena_regrow(p->o->w->mem, p->declared, p->n * sizeof *p->declared, more, sizeof *p->declared);
        if (!bigger)
            return;
        p->declared = bigger;
        p->room = more;
    }
    p->declared[p->n++] = (struct declaration){ key, partition };
}

/* The references in front of the data of an object: their keys, in order. */
static size_t references(struct package *p, cursor *c)
{
    uint64_t n = compact(c);
    if (n > cur_left(c)) {
        cur_skip(c, cur_left(c) + 1);
        return 0;
    }
    if (n > p->room_keys) {
        p->room_keys = (size_t)n * 2;
        p->keys = ARENA_ARRAY(p->o->w->mem, uint64_t, p->room_keys);
        if (!p->keys) {
            p->room_keys = 0;
            cur_skip(c, cur_left(c) + 1);
            return 0;
        }
    }
    for (size_t i = 0; i < n && cur_ok(c); i++)
        p->keys[i] = extended(c);
    uint64_t cells = compact(c);
    for (uint64_t i = 0; i < cells && cur_ok(c); i++) {
        (void)extended(c);
        (void)extended(c);
    }
    return (size_t)n;
}

static void file(struct package *p, slice data, uint64_t identity)
{
    if (data.len > 16) /* a shorter one is a reference */
        (void)one_add_file(p->o, &(struct one_file){ (size_t)(data.at - p->o->all.at), data.len, identity });
}

/* Object Group Object Data (2.2.1.12.6.4) */
static void data(struct package *p, cursor c)
{
    struct declaration d = p->next < p->n ? p->declared[p->next] : (struct declaration){ 0, PART_DATA };
    p->next++;
    size_t n = references(p, &c);
    slice bytes = cur_take(&c, (size_t)compact(&c));
    if (!cur_ok(&c))
        return;
    if (d.partition == PART_TYPE) {
        cursor t = cur_open(bytes);
        p->type = cur_u32le(&t);
        p->typed_key = d.key;
    } else if (d.partition == PART_FILE) {
        file(p, bytes, d.key);
    } else if (d.partition == PART_DATA) {
        struct one_object out = { .key = d.key, .jcid = d.key == p->typed_key ? p->type : 0 };
        const uint64_t none = 0;
        one_properties(p->o, bytes, &(struct one_ids){ .keys = p->keys ? p->keys : &none, .n_keys = n }, &out);
        (void)one_add_object(p->o, &out);
    }
}

static void stream_object(struct package *p, unsigned type, slice content)
{
    cursor c = cur_open(content);
    switch (type) {
    case TYPE_ELEMENT:
        p->n = p->next = 0;
        break;
    case TYPE_DECLARE: {
        uint64_t key = extended(&c);
        declare(p, key, compact(&c));
        break;
    }
    case TYPE_DECLARE_BLOB: {
        uint64_t key = extended(&c);
        (void)extended(&c);
        declare(p, key, compact(&c));
        break;
    }
    case TYPE_BLOB_REFERENCE:
        p->next++;
        break;
    case TYPE_DATA:
        data(p, c);
        break;
    case TYPE_BLOB: {
        uint64_t size = compact(&c);
        if (size <= cur_left(&c))
            file(p, cur_take(&c, (size_t)size), 0);
        break;
    }
    default:
        break;
    }
}

void one_read_package(struct one *o)
{
    struct package p = { .o = o };
    cursor c = cur_open(o->all);
    cur_seek(&c, PACKAGE_HEAD + 4); /* a reserved number in between */
    while (cur_more(&c) && !o->full && walk_work(o->w, 30)) {
        uint8_t first = c.in.at[c.pos];
        if ((first & 3) == 1) { /* an end of 8 or 16 bits */
            cur_skip(&c, 1);
            continue;
        }
        if ((first & 3) == 3) {
            cur_skip(&c, 2);
            continue;
        }
        unsigned type;
        uint64_t len;
        if ((first & 3) == 0) {
            uint16_t head = cur_u16le(&c);
            type = head >> 3 & 0x3F;
            len = head >> 9;
        } else {
            uint32_t head = cur_u32le(&c);
            type = head >> 3 & 0x3FFF;
            len = head >> 17;
            if (len == 0x7FFF)
                len = compact(&c);
        }
        if (!cur_ok(&c))
            break;
        if (len > cur_left(&c)) {
            one_malformed(o, "a stream object is cut off", range_of(c.pos, cur_left(&c)));
            len = cur_left(&c);
        }
        stream_object(&p, type, cur_take(&c, (size_t)len));
    }
}
