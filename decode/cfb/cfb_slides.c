/* SPDX-License-Identifier: Apache-2.0 */
/* The PowerPoint Document stream: [MS-PPT] 2.3.1 (records), 2.8 (actions), 2.10 (links, objects).
 *
 * A presentation keeps its VBA project and its embedded objects as compound
 * files of their own, compressed or not, in ExOleObjStg records at the top
 * level of the stream. They become children. Before them, all records are read for text, links
 * and what a click or the pointer alone starts. Records of earlier savings are read as well.
 */
#include "decode/cfb/cfb_private.h"
#include "base/buf.h"
#include "base/inflate.h"
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/links.h"
#include "decode/plain.h"
#include "decode/shared/officeart.h"

enum {
    HEAD = 8,
    RT_CSTRING = 0x0fba,
    RT_TEXT_CHARS = 0x0fa0,
    RT_TEXT_BYTES = 0x0fa8,
    RT_HYPERLINK_ATOM = 0x0fd3,
    RT_INTERACTIVE = 0x0ff2,
    RT_INTERACTIVE_ATOM = 0x0ff3,
    RT_EXTERNAL_OLE_OBJECT = 0x1011,
    OFFICE_ART = 0xf000,
    ACTION_MACRO = 1, /* 2.13.15 */
    ACTION_PROGRAM = 2,
    ACTION_LINK = 4,
    ACTION_OLE = 5,
    OBJECTS_MAX = 256,
    OBJECT_MAX = 256 << 20,
    TEXT_MAX = 4 << 20,
    LINKS_KEPT = 1024,
    ACTIONS_SAID = 32,
    TARGET_SHOWN = 500,
    VBA_INFO_AT = 16, /* of the container: its atom, behind the head */
};

static void give_child(struct cfb *c, const struct body *body)
{
    struct child child = {
        .name = SLICE_LIT("ExOleObjStg"),
        .how = HOW_OLE,
        .at = NOWHERE,
        .body = body,
    };
    if (body->all.len)
        (void)walk_child(c->w, &child);
}

static void read_object(struct cfb *c, slice data, bool compressed)
{
    struct body body = body_borrow(data);
    if (compressed) {
        cursor k = cur_open(data);
        uint32_t size = cur_u32le(&k);
        struct body_writer *bw = body_writer_new(c->w->mem, size, OBJECT_MAX);
        if (!bw)
            return;
        struct inflate_result r =
            inflate_into(bw, cur_rest(&k), INFLATE_ZLIB, c->w->mem, c->w->budget);
        c->cut = c->cut || r.end == INFLATE_SHORT || r.end == INFLATE_BROKEN;
        body = body_writer_done(bw);
    }
    give_child(c, &body);
    body_release(&body);
}

/* --- links and actions */

struct slide_target {
    uint32_t id;
    slice target;
};

struct slides {
    struct cfb *c;
    struct slide_target *links;
    size_t n_links, room;
    uint32_t link;      /* whose strings are read */
    uint8_t action;     /* of the InteractiveInfo that was read last */
    bool hover, macros; /* a macro project is kept */
    unsigned said;
    struct buf text;
    struct officeart art;
};

static const struct slide_target *link_of(const struct slides *s, uint32_t id)
{
    for (size_t i = 0; i < s->n_links; i++)
        if (s->links[i].id == id)
            return &s->links[i];
    return NULL;
}

static void add_link(struct slides *s, uint32_t id, slice target)
{
    if (s->n_links == s->room) {
        size_t more = s->room ? s->room * 2 : 16;
        struct slide_target *bigger =
            more <= LINKS_KEPT ? arena_regrow(s->c->w->mem, s->links, s->n_links * sizeof *bigger, more, sizeof *bigger) : NULL;
        if (!bigger)
            return;
        s->links = bigger;
        s->room = more;
    }
    s->links[s->n_links++] = (struct slide_target){ id, target };
}

static void say_action(struct slides *s, const char *kind, slice target)
{
    if (s->said++ >= ACTIONS_SAID)
        return;
    struct buf b = buf_new(TARGET_SHOWN + 64);
    buf_format(&b, "%s %s ", s->hover ? "hover" : "click", kind);
    buf_put(&b, utf8_cut(target, TARGET_SHOWN));
    walk_text(s->c->w, FACT_OFFICE_SLIDE_ACTION, slice_trim(buf_slice(&b)), NOWHERE);
    buf_drop(&b);
}

/* 2.8.3: what happens, and the link that says where. */
static void read_action(struct slides *s, slice data)
{
    cursor k = cur_open(data);
    cur_skip(&k, 4);
    uint32_t id = cur_u32le(&k);
    s->action = cur_u8(&k);
    if (!cur_ok(&k) || !walk_work(s->c->w, s->n_links + 20))
        return;
    const struct slide_target *l = link_of(s, id);
    if (s->action == ACTION_PROGRAM)
        say_action(s, "program", l ? l->target : (slice){ 0 });
    else if (s->action == ACTION_OLE)
        say_action(s, "ole", (slice){ 0 });
    else if (s->action == ACTION_LINK && l && slice_find_byte(l->target, ':', 0) != SIZE_MAX && s->hover)
        say_action(s, "link", l->target);
}

/* 2.10.23 ff.: a link's number, then its strings: what is shown, where it leads. */
static void read_string(struct slides *s, slice data, unsigned instance)
{
    struct walk *w = s->c->w;
    slice text = utf8_from_utf16le_z(w->mem, data);
    if (s->link != UINT32_MAX && instance == 1) {
        add_link(s, s->link, text);
        walk_link(w, text, (slice){ 0 }, NOWHERE, "office.hyperlink");
    } else if (s->action == ACTION_MACRO && s->link == UINT32_MAX) {
        say_action(s, "macro", text);
        s->action = 0;
    }
}

static void put_narrow(struct buf *out, slice raw)
{
    for (size_t i = 0; i < raw.len; i++) { /* 2.9.43: the low bytes of UTF-16 */
        uint8_t utf8[4];
        uint32_t ch = raw.at[i] < ' ' ? '\n' : raw.at[i];
        buf_put(out, (slice){ utf8, utf8_put(utf8, ch) });
    }
    buf_byte(out, '\n');
}

static void read_text(struct slides *s, slice data, bool wide)
{
    size_t from = s->text.len;
    if (!walk_work(s->c->w, data.len * 2))
        return;
    if (!wide) {
        put_narrow(&s->text, data);
    } else {
        slice text = utf8_from_utf16le(s->c->w->mem, data);
        for (size_t i = 0; i < text.len; i++)
            buf_byte(&s->text, text.at[i] < ' ' ? '\n' : text.at[i]);
        buf_byte(&s->text, '\n');
    }
    if (s->macros && s->art.n)
        hidden_say(s->c->w, &(struct hidden){
                                .place = HIDDEN_SHAPE,
                                .name = s->art.shapes[s->art.n - 1].name,
                                .property = SLICE_LIT("Text"),
                                .value = slice_trim(slice_from(buf_slice(&s->text), from)),
                                .index = (uint32_t)s->art.n,
                            });
}

static void read_record(struct slides *s, uint16_t version, uint16_t type, slice data, slice whole)
{
    cursor k = cur_open(data);
    switch (type) {
    case RT_HYPERLINK_ATOM:
        s->link = cur_u32le(&k);
        break;
    case RT_INTERACTIVE_ATOM:
        s->link = UINT32_MAX;
        read_action(s, data);
        break;
    case RT_CSTRING:
        read_string(s, data, version >> 4);
        break;
    case RT_TEXT_CHARS:
        read_text(s, data, true);
        break;
    case RT_TEXT_BYTES:
        read_text(s, data, false);
        break;
    default:
        if (s->macros && type >= OFFICE_ART && type < OFFICE_ART + 0x200)
            officeart_read(&s->art, whole, NOWHERE);
        break;
    }
}

/* Containers are gone into behind their heads, so that their lengths hide nothing. */
static void read_records(struct slides *s, slice in)
{
    size_t pos = 0;
    for (unsigned n = 0; in.len - pos >= HEAD && !walk_over(s->c->w); n++) {
        cursor k = cur_open(slice_from(in, pos));
        uint16_t version = cur_u16le(&k), type = cur_u16le(&k);
        uint32_t len = cur_u32le(&k);
        slice data = slice_sub(cur_rest(&k), 0, len);
        pos += HEAD;
        if (type == RT_INTERACTIVE)
            s->hover = version >> 4 == 1;
        if ((version & 15) != 15) {
            read_record(s, version, type, data, slice_sub(in, pos - HEAD, data.len + HEAD));
            pos += data.len;
        }
        if (n % 1024 == 0 && !walk_work(s->c->w, 1024 * 20))
            return;
    }
}

/* 2.4.10 and 2.4.11: RT_VBAInfo is in nearly every presentation; where there is a project, it has
 * the number of its object, and says that there are macros. */
static bool tells_of_macros(slice in)
{
    static const slice head = SLICE_INIT("\x1f\0\xff\3\x14\0\0\0");
    for (size_t at = slice_find(in, head, 0); at != SIZE_MAX; at = slice_find(in, head, at + 1)) {
        cursor k = cur_open(slice_from(in, at));
        cur_skip(&k, VBA_INFO_AT);
        if (cur_u64le(&k))
            return true;
    }
    return false;
}

static void read_slides(struct cfb *c, slice in)
{
    bool macros = tells_of_macros(in);
    struct slides s = { .c = c, .link = UINT32_MAX, .macros = macros, .text = buf_new(TEXT_MAX) };
    s.art = (struct officeart){ .w = c->w, .shown = &c->shown };
    read_records(&s, in);
    slice text = slice_trim(buf_slice(&s.text));
    c->macros = c->macros || macros;
    walk_int(c->w, FACT_DOCUMENT_WORDS, (int64_t)plain_words(text), NOWHERE);
    if (s.text.full)
        walk_unread_of(c->w, UNREAD_LIMIT, UNREAD_OF_TEXT_OF_THE_DOCUMENT, (slice){ 0 });
    if (text.len)
        walk_view(c->w, FACT_DOCUMENT_TEXT, utf8_clean(c->w->mem, arena_copy(c->w->mem, text)), NOWHERE);
    buf_drop(&s.text);
}

/* Without its encryption, if the key is known. */
static void read_stream(struct cfb *c, uint32_t entry, struct body *out)
{
    const struct cfb_lock *l = c->lock;
    struct body open;
    (void)cfb_stream_read(c, &c->entries[entry], out);
    if (!l || !l->open || l->kind != CFB_LOCK_SLIDES || l->entry != entry)
        return;
    cfb_persist_open(c, out->all, &open);
    body_release(out);
    *out = open;
}

void cfb_slides_read(struct cfb *c, uint32_t entry)
{
    struct body body;
    read_stream(c, entry, &body);
    cursor k = cur_open(body.all);
    unsigned objects = 0, records = 0;
    read_slides(c, body.all);
    while (cur_left(&k) >= 8 && !walk_over(c->w)) {
        uint16_t version = cur_u16le(&k);
        uint16_t type = cur_u16le(&k);
        uint32_t len = cur_u32le(&k);
        slice data = slice_sub(cur_rest(&k), 0, len);
        if (type == RT_EXTERNAL_OLE_OBJECT && objects++ < OBJECTS_MAX)
            read_object(c, data, (version >> 4) == 1);
        cur_skip(&k, data.len);
        if (++records % 4096 == 0 && !walk_work(c->w, 4096 * 10))
            break;
    }
    body_release(&body);
}
