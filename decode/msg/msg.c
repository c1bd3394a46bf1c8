/* SPDX-License-Identifier: Apache-2.0 */
/* msg - Outlook's message files: [MS-OXMSG], storages of a compound file.
 *
 * Each storage (message, recipient, attachment) is a bag of properties: streams
 * named after their number and type, and one stream of those that fit in eight
 * bytes. What they mean is told by decode/shared/mapi.c in the words of Internet mail.
 * Messages within messages are parts of their own. Attached OLE objects are left
 * to the reader of compound files. Left out: named properties.
 */
#include "base/buf.h"
#include "base/text.h"
#include "decode/mail.h"
#include "decode/shared/mapi.h"

#include <stdlib.h>

enum {
    MESSAGES_DEEP = 16,
    VALUE_MAX = 32 << 20,
    HEAD_TOP = 32, /* 2.4.1: of the property stream, by what it belongs to */
    HEAD_EMBEDDED = 24,
    HEAD_OTHER = 8,
    ENTRY = 16,
    STORAGES_MAX = 4096,
};

static const char properties[] = "__properties_version1.0";
static const char value_prefix[] = "__substg1.0_";
static const char recipient_prefix[] = "__recip_version1.0_";
static const char attachment_prefix[] = "__attach_version1.0_";

/* Entries by the storage they lie in. */
struct place {
    uint64_t folder; /* hash of its path */
    size_t entry;
};

struct msg {
    struct bundle *b;
    struct place *places;
    size_t n;
};

static slice folder_of(slice path)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.at[i - 1] == '/')
            return slice_sub(path, 0, i - 1);
    return slice_sub(path, 0, 0);
}

static slice name_of(slice path)
{
    size_t n = folder_of(path).len;
    return n ? slice_from(path, n + 1) : path;
}

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->folder != y->folder)
        return x->folder < y->folder ? -1 : 1;
    return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static bool make_index(struct walk *w, struct msg *m)
{
    m->n = m->b->n;
    m->places = ARENA_ARRAY(w->mem, struct place, m->n + 1);
    if (!m->places || !walk_work(w, m->n * WORK_PER_ENTRY))
        return false;
    for (size_t i = 0; i < m->n; i++)
        m->places[i] = (struct place){ slice_hash_nocase(folder_of(m->b->entries[i].name)), i };
    if (m->n)
        qsort(m->places, m->n, sizeof *m->places, by_place);
    return true;
}

/* The entries of a storage in turn; SIZE_MAX at the end. *at begins as 0. */
static size_t next_in(struct walk *w, const struct msg *m, slice folder, size_t *at)
{
    uint64_t hash = slice_hash_nocase(folder);
    if (*at == 0) {
        size_t high = m->n;
        while (*at < high) {
            size_t mid = *at + (high - *at) / 2;
            if (m->places[mid].folder < hash)
                *at = mid + 1;
            else
                high = mid;
        }
        ++*at; /* 0 has another meaning */
    }
    while (*at <= m->n && m->places[*at - 1].folder == hash && walk_work(w, WORK_PER_ENTRY)) {
        size_t entry = m->places[*at - 1].entry;
        ++*at;
        if (slice_eq_nocase(folder_of(m->b->entries[entry].name), folder))
            return entry;
    }
    return SIZE_MAX;
}

/* --- properties */

/* "__substg1.0_0037001F", and "...-00000000" of one value of many. */
static bool tag_of(slice name, uint16_t *id_out, uint16_t *type_out)
{
    uint32_t tag = 0;
    if (!slice_starts_nocase(name, value_prefix) || name.len != sizeof value_prefix - 1 + 8)
        return false;
    for (size_t i = sizeof value_prefix - 1; i < name.len; i++) {
        int digit = ascii_hex(name.at[i]);
        if (digit < 0)
            return false;
        tag = tag << 4 | (uint32_t)digit;
    }
    *id_out = (uint16_t)(tag >> 16);
    *type_out = (uint16_t)tag;
    return true;
}

static bool is_text_type(uint16_t type)
{
    return type == MAPI_STRING8 || type == MAPI_STRING || type == MAPI_BINARY;
}

/* The whole stream, in the arena. */
static slice stream(struct walk *w, struct bundle *b, size_t entry)
{
    struct body body;
    if (b->entries[entry].size > VALUE_MAX) {
        walk_unread(w, UNREAD_LIMIT, SLICE_LIT("property"));
        return (slice){ 0 };
    }
    (void)b->open(w, b, entry, &body);
    slice copy = arena_copy(w->mem, body.all);
    body_release(&body);
    return copy;
}

/* 2.4.2.1: type, number, flags, value. */
static void read_fixed(struct walk *w, struct mapi_bag *bag, slice in, size_t head)
{
    cursor c = cur_open(slice_from(in, head));
    while (cur_left(&c) >= ENTRY) {
        uint16_t type = cur_u16le(&c), id = cur_u16le(&c);
        cur_skip(&c, 4);
        slice value = cur_take(&c, 8);
        if (mapi_wanted(id) && !is_text_type(type) && type != MAPI_OBJECT &&
            !mapi_put(w, bag, id, type, value))
            return;
    }
}

static void read_bag(struct walk *w, struct msg *m, slice folder, size_t head, struct mapi_bag *bag)
{
    size_t at = 0, entry;
    while ((entry = next_in(w, m, folder, &at)) != SIZE_MAX) {
        struct bundle_entry *e = &m->b->entries[entry];
        slice name = name_of(e->name);
        uint16_t id, type;
        if (!e->stream)
            continue;
        if (slice_is_nocase(name, properties)) {
            e->taken = true;
            read_fixed(w, bag, stream(w, m->b, entry), head);
        } else if (tag_of(name, &id, &type)) {
            if (id != MAPI_ATTACH_DATA || type != MAPI_BINARY)
                e->taken = true;
            if (mapi_wanted(id) && is_text_type(type))
                (void)mapi_put(w, bag, id, type, stream(w, m->b, entry));
        }
    }
}

/* The entry of this name in a storage; SIZE_MAX. */
static size_t find(struct walk *w, const struct msg *m, slice folder, const char *name)
{
    size_t at = 0, entry;
    while ((entry = next_in(w, m, folder, &at)) != SIZE_MAX)
        if (slice_is_nocase(name_of(m->b->entries[entry].name), name))
            return entry;
    return SIZE_MAX;
}

/* --- the message */

static void read_message(struct walk *w, struct msg *m, slice folder, size_t head, unsigned depth);

/* 2.2.2.1: a message within an attachment. */
static void give_message(struct walk *w, struct msg *m, slice folder, const struct mapi_bag *bag, size_t inside,
                         unsigned depth)
{
    struct walk sub;
    slice bytes = stream(w, m->b, inside);
    struct body body = body_borrow(bytes.len ? bytes : SLICE_LIT(""));
    struct child child = {
        .name = mapi_file_name(w, bag),
        .declared = SLICE_LIT("message/rfc822"),
        .how = HOW_MIME,
        .body = &body,
        .format = format_named("msg"),
        .attachment = true,
    };
    mail_attachment_say(w, child.name);
    if (depth >= MESSAGES_DEEP) {
        walk_unread(w, UNREAD_LIMIT, SLICE_LIT("depth"));
        return;
    }
    if (!walk_begin(w, &child, &sub))
        return;
    read_message(&sub, m, folder, HEAD_EMBEDDED, depth + 1);
    walk_finish(&sub, walk_over(&sub) ? WALK_LIMIT : WALK_WHOLE);
}

static void read_attachment(struct walk *w, struct msg *m, slice folder, const struct mapi_bag *message, unsigned depth)
{
    struct mapi_bag bag = { .codepage = message->codepage };
    read_bag(w, m, folder, HEAD_OTHER, &bag);
    size_t data = find(w, m, folder, "__substg1.0_37010102");
    if (data != SIZE_MAX && m->b->entries[data].stream) {
        struct body body;
        bool whole = m->b->open(w, m->b, data, &body);
        m->b->entries[data].taken = true;
        if (!whole)
            walk_unread(w, UNREAD_DAMAGED, m->b->entries[data].name);
        mapi_give_file(w, &bag, &body, m->b->entries[data].at);
        body_release(&body);
        return;
    }
    size_t object = find(w, m, folder, "__substg1.0_3701000D");
    if (object == SIZE_MAX)
        return;
    slice inner = m->b->entries[object].name;
    size_t inside = find(w, m, inner, properties);
    if (inside != SIZE_MAX)
        give_message(w, m, inner, &bag, inside, depth);
    else
        mail_attachment_say(w, mapi_file_name(w, &bag));
}

/* The storages of a kind, in the order of the directory. */
static size_t *storages(struct walk *w, const struct msg *m, slice folder, const char *prefix, size_t *n_out)
{
    size_t at = 0, entry, n = 0, room = 0, *list = NULL;
    while ((entry = next_in(w, m, folder, &at)) != SIZE_MAX && n < STORAGES_MAX) {
        if (m->b->entries[entry].stream || !slice_starts_nocase(name_of(m->b->entries[entry].name), prefix))
            continue;
        if (n == room) {
            size_t more = room ? room * 2 : 8;
            size_t *bigger = arena_regrow(w->mem, list, n * sizeof *list, more, sizeof *list);
            if (!bigger)
                break;
            list = bigger;
            room = more;
        }
        list[n++] = entry;
    }
    *n_out = n;
    return list;
}

static void say_header(struct walk *w, struct msg *m, slice folder, const struct mapi_bag *bag)
{
    size_t n;
    size_t *list = storages(w, m, folder, recipient_prefix, &n);
    struct mapi_bag *recipients = ARENA_ARRAY(w->mem, struct mapi_bag, n + 1);
    if (!recipients)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        recipients[i].codepage = bag->codepage;
        read_bag(w, m, m->b->entries[list[i]].name, HEAD_OTHER, &recipients[i]);
    }
    mapi_say_header(w, bag, recipients, n);
}

static void read_message(struct walk *w, struct msg *m, slice folder, size_t head, unsigned depth)
{
    struct mapi_bag bag = { 0 };
    size_t n;
    read_bag(w, m, folder, head, &bag);
    bag.codepage = mapi_codepage(&bag);
    say_header(w, m, folder, &bag);
    mapi_give_bodies(w, &bag);
    size_t *list = storages(w, m, folder, attachment_prefix, &n);
    for (size_t i = 0; i < n && !walk_over(w); i++)
        read_attachment(w, m, m->b->entries[list[i]].name, &bag, depth);
    walk_int(w, FACT_EMAIL_ATTACHMENTS_COUNT, (int64_t)n, NOWHERE);
}

/* --- the format */

static bool msg_claims(const struct bundle *b)
{
    if (!slice_is(slice_of(b->kind), "cfb"))
        return false;
    for (size_t i = 0; i < b->n; i++)
        if (b->entries[i].stream && slice_is_nocase(b->entries[i].name, properties))
            return true;
    return false;
}

static enum walk_end msg_walk_bundle(struct walk *w, struct bundle *b)
{
    struct msg m = { .b = b };
    if (!make_index(w, &m))
        return WALK_LIMIT;
    read_message(w, &m, SLICE_LIT(""), HEAD_TOP, 0);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

/* For tests and fuzzers: the compound file around it. */
static enum walk_end msg_walk(struct walk *w, const struct body *body)
{
    const struct format *cfb = format_named("cfb");
    return cfb->walk(w, body);
}

const struct format format_msg = {
    .name = "msg",
    .spec = "[MS-OXMSG] 2; [MS-OXPROPS]",
    .walk = msg_walk,
    .claims = msg_claims,
    .walk_bundle = msg_walk_bundle,
};
