/* SPDX-License-Identifier: Apache-2.0 */
/* onenote_store - the revision store of a section: file node lists from the root down
 * ([MS-ONESTORE] 2.4, 2.5), and the stored files by their own header (2.6.13). */
#include "base/hash.h"
#include "base/guid.h"
#include "base/text.h"
#include "decode/onenote/onenote_private.h"

enum { ROOT_LIST_AT = 172, FRAGMENT_HEAD = 16, FRAGMENT_TAIL = 20, LISTS_MAX = 65536 };

/* FileNodeID values (2.4.3) */
enum {
    NODE_SPACE_LIST = 0x008,
    NODE_GLOBALS = 0x021,
    NODE_GLOBALS_2 = 0x022,
    NODE_GLOBAL = 0x024,
    NODE_OBJECT_OLD = 0x02D,
    NODE_OBJECT_OLD_LARGE = 0x02E,
    NODE_REVISED = 0x041,
    NODE_REVISED_LARGE = 0x042,
    NODE_FILE = 0x072,
    NODE_FILE_LARGE = 0x073,
    NODE_ENCRYPTION = 0x07C,
    NODE_STORED_FILE = 0x094,
    NODE_OBJECT = 0x0A4,
    NODE_OBJECT_LARGE = 0x0A5,
    NODE_OBJECT_FIXED = 0x0C4,
    NODE_OBJECT_FIXED_LARGE = 0x0C5,
    NODE_END = 0x0FF,
};

/* A list that is still to be read. */
struct list {
    uint64_t at, size;
    uint32_t space;
};

struct lists {
    struct list *at;
    size_t n, done, room;
    uint64_t bytes_left; /* fragments do not overlap in an honest file */
    uint32_t fragments_left, spaces;
};

uint64_t one_compact_key(const struct one *o, uint32_t space, uint32_t compact)
{
    uint32_t index = compact >> 8, n = compact & 0xFF;
    if (compact == 0)
        return 0;
    uint64_t guid = index < ONE_GLOBALS && o->globals && o->epochs && o->epochs[index] == o->epoch
                        ? o->globals[index]
                        : ((uint64_t)space << 32 | index) * 0x9e3779b97f4a7c15u;
    return (guid ^ n) * 0x100000001b3u | 1;
}

static void push(struct one *o, struct lists *ls, struct list l)
{
    if (ls->n >= LISTS_MAX || l.at >= o->all.len)
        return;
    if (ls->n == ls->room) {
        size_t more = ls->room ? ls->room * 2 : 64;
        void *bigger = arena_regrow(o->w->mem, ls->at, ls->n * sizeof l, more, sizeof l);
        if (!bigger)
            return;
        ls->at = bigger;
        ls->room = more;
    }
    ls->at[ls->n++] = l;
}

/* FileNodeChunkReference (2.2.4.2): two numbers of the widths the node says, some counted in eights. */
static void reference(cursor *c, unsigned stp, unsigned cb, uint64_t *at_out, uint64_t *size_out)
{
    *at_out = stp == 0 ? cur_u64le(c) : stp == 1 ? cur_u32le(c) : stp == 2 ? cur_u16le(c) * 8ull : cur_u32le(c) * 8ull;
    *size_out = cb == 0 ? cur_u32le(c) : cb == 1 ? cur_u64le(c) : cb == 2 ? cur_u8(c) * 8ull : cur_u16le(c) * 8ull;
}

static slice chunk(const struct one *o, uint64_t at, uint64_t size)
{
    return at > o->all.len ? (slice){ 0 } : slice_sub(o->all, (size_t)at, size < SIZE_MAX ? (size_t)size : SIZE_MAX);
}

static void global_entry(struct one *o, cursor *c)
{
    uint32_t index = cur_u32le(c);
    slice guid = cur_take(c, 16);
    if (!o->globals) {
        o->globals = ARENA_ARRAY(o->w->mem, uint64_t, ONE_GLOBALS);
        o->epochs = ARENA_ARRAY(o->w->mem, uint32_t, ONE_GLOBALS);
        o->epoch += !o->epoch;
    }
    if (!cur_ok(c) || index >= ONE_GLOBALS || !o->globals || !o->epochs)
        return;
    o->globals[index] = fnv1a(0, guid);
    o->epochs[index] = o->epoch;
}

static void object(struct one *o, uint32_t space, slice set, uint32_t compact, uint32_t jcid)
{
    struct one_object out = { .key = one_compact_key(o, space, compact), .space = space, .jcid = jcid };
    one_properties(o, set, &(struct one_ids){ .space = space }, &out);
    (void)one_add_object(o, &out);
}

static slice counted_wide(cursor *c)
{
    size_t n = cur_u32le(c);
    return n > cur_left(c) / 2 ? (cur_skip(c, cur_left(c) + 1), (slice){ 0 }) : cur_take(c, n * 2);
}

/* 2.5.27: the file data object, "<ifndf>{GUID}" for what is stored in this file, and its extension. */
static void file_declaration(struct one *o, uint32_t space, cursor *c, bool large)
{
    uint8_t guid[GUID_SIZE];
    uint32_t compact = cur_u32le(c);
    cur_skip(c, large ? 8 : 5);
    slice name = counted_wide(c), extension = counted_wide(c);
    slice text = utf8_from_utf16le(o->w->mem, slice_sub(name, 0, 256));
    size_t brace = slice_find_byte(text, '{', 0);
    if (!slice_starts_nocase(text, "<ifndf>") || brace == SIZE_MAX || !guid_parse(slice_from(text, brace), guid))
        return;
    (void)one_add_pair(o, &o->declared, (struct one_pair){ fnv1a(0, (slice){ guid, 16 }), one_compact_key(o, space, compact),
                                                         cur_ok(c) ? slice_sub(extension, 0, 64) : (slice){ 0 } });
}

static void node(struct one *o, struct lists *ls, uint32_t head, cursor c, uint32_t space)
{
    uint32_t id = head & 0x3FF, base = head >> 27 & 15;
    uint64_t at = 0, size = 0;
    if (base == 1 || base == 2)
        reference(&c, head >> 23 & 3, head >> 25 & 3, &at, &size);
    if (base == 2)
        push(o, ls, (struct list){ at, size, id == NODE_SPACE_LIST ? ++ls->spaces : space });
    switch (id) {
    case NODE_GLOBALS:
    case NODE_GLOBALS_2:
        o->epoch++;
        break;
    case NODE_GLOBAL:
        global_entry(o, &c);
        break;
    case NODE_OBJECT:
    case NODE_OBJECT_LARGE:
    case NODE_OBJECT_FIXED:
    case NODE_OBJECT_FIXED_LARGE: {
        uint32_t compact = cur_u32le(&c);
        object(o, space, chunk(o, at, size), compact, cur_u32le(&c));
        break;
    }
    case NODE_OBJECT_OLD: /* ten bits of type: the object's index, of the 0x0002xxxx kind */
    case NODE_OBJECT_OLD_LARGE: {
        uint32_t compact = cur_u32le(&c);
        object(o, space, chunk(o, at, size), compact, 0x00020000u | (cur_u16le(&c) & 0x3FFu));
        break;
    }
    case NODE_REVISED:
    case NODE_REVISED_LARGE:
        object(o, space, chunk(o, at, size), cur_u32le(&c), 0);
        break;
    case NODE_FILE:
    case NODE_FILE_LARGE:
        file_declaration(o, space, &c, id == NODE_FILE_LARGE);
        break;
    case NODE_STORED_FILE: {
        slice guid = cur_take(&c, 16);
        if (guid.len)
            (void)one_add_pair(o, &o->stored, (struct one_pair){ at, fnv1a(0, guid), { 0 } });
        break;
    }
    case NODE_ENCRYPTION:
        o->encrypted = true;
        break;
    default:
        break;
    }
}

/* One list: its fragments one after the other (2.4.1, 2.4.2). */
static void read_list(struct one *o, struct lists *ls, struct list l)
{
    static const slice magic = SLICE_INIT("\xc4\xf4\xf7\xf5\xb1\x7a\x56\xa4");
    while (l.at != 0 && l.at < o->all.len && ls->fragments_left > 0 && !o->full) {
        slice f = chunk(o, l.at, l.size);
        if (f.len < FRAGMENT_HEAD + FRAGMENT_TAIL || !slice_starts(f, magic)) {
            one_malformed(o, "a file node list is damaged", range_of(l.at, f.len));
            return;
        }
        if (f.len > ls->bytes_left || !walk_work(o->w, WORK_PER_ENTRY + f.len)) {
            one_malformed(o, "file node lists overlap", range_of(l.at, f.len));
            return;
        }
        ls->bytes_left -= f.len;
        ls->fragments_left--;
        cursor c = cur_open(slice_sub(f, FRAGMENT_HEAD, f.len - FRAGMENT_HEAD - FRAGMENT_TAIL));
        while (cur_left(&c) >= 4 && !o->full) {
            size_t from = c.pos;
            uint32_t head = cur_u32le(&c);
            size_t size = head >> 10 & 0x1FFF;
            if ((head & 0x3FF) == NODE_END || (head & 0x3FF) == 0)
                break;
            if (size < 4 || size - 4 > cur_left(&c)) {
                one_malformed(o, "a file node has a wrong size", range_of(l.at + FRAGMENT_HEAD + from, 4));
                break;
            }
            node(o, ls, head, cur_sub(&c, size - 4), l.space);
        }
        cursor next = cur_open(slice_from(f, f.len - FRAGMENT_TAIL));
        l.at = cur_u64le(&next);
        l.size = cur_u32le(&next);
    }
}

void one_read_store(struct one *o)
{
    struct lists ls = { .bytes_left = o->all.len, .fragments_left = ONE_FRAGMENTS_MAX };
    cursor c = cur_open(o->all);
    cur_seek(&c, ROOT_LIST_AT);
    struct list root = { cur_u64le(&c), 0, 0 };
    root.size = cur_u32le(&c);
    if (!cur_ok(&c) || root.at == 0 || root.at >= o->all.len) {
        one_malformed(o, "no root file node list", range_of(ROOT_LIST_AT, 12));
        return;
    }
    push(o, &ls, root);
    while (ls.done < ls.n && !o->full)
        read_list(o, &ls, ls.at[ls.done++]);
}

/* FileDataStoreObject: header, length, twelve unused bytes, data; a footer follows that is not
 * asked for. A length that leads outside is cut there. */
void one_find_files(struct one *o)
{
    static const slice head = SLICE_INIT("\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac");
    one_sort(&o->stored);
    for (size_t at = slice_find(o->all, head, 0); at != SIZE_MAX; at = slice_find(o->all, head, at + 16)) {
        cursor c = cur_open(slice_from(o->all, at + 16));
        uint64_t len = cur_u64le(&c);
        cur_skip(&c, 12);
        if (!cur_ok(&c))
            return;
        const struct one_pair *p = one_find(&o->stored, at);
        slice data = slice_sub(o->all, at + 36, len < o->all.len ? (size_t)len : o->all.len);
        if (data.len < len)
            one_malformed(o, "a stored file is cut off", range_of(at, data.len));
        if (data.len && !one_add_file(o, &(struct one_file){ at + 36, data.len, p ? p->value : 0 }))
            return;
    }
}
