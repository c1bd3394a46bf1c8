/* SPDX-License-Identifier: Apache-2.0 */
/* ole - [MS-OLEDS] 2.2 (OLE 1), 2.3.3 (OLEStream), 2.3.6 (OLENativeStream), and
 * the data of the shell's packager, which no document of its maker describes.
 *
 * Lengths that lie are clipped, as OLE does; where the header is no header, a
 * compound file further on is still found. Left out: presentations (pictures)
 * and the native data of programs that hold no file.
 */
#include "decode/shared/ole.h"

#include "base/buf.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/shared/equation.h"
#include "decode/types.h"

enum {
    FORMAT_LINKED = 1,
    FORMAT_EMBEDDED = 2,
    NAME_MAX_BYTES = 1024,
    LINK_SCANNED = 64 * 1024,
    LINKS_TOLD = 8,
    PACKAGE_KIND = 2,
    CFB_SEARCHED = 64 * 1024,
};

static const slice cfb_magic = SLICE_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");

static slice ansi(struct walk *w, slice raw)
{
    raw = slice_sub(raw, 0, slice_find_byte(raw, 0, 0));
    raw = slice_sub(raw, 0, NAME_MAX_BYTES);
    return charset_decode_id(w->mem, charset_guess(raw), raw).text;
}

/* The file gets a body of its own: what is put off until later (archives that wait for a
 * password) must not point into a buffer of the caller's. */
static void give(struct walk *w, slice file, struct child *child)
{
    struct body_writer *bw = body_writer_new(w->mem, file.len, file.len);
    if (!bw)
        return;
    (void)body_writer_put(bw, file);
    struct body body = body_writer_done(bw);
    child->how = HOW_OLE;
    child->body = &body;
    if (walk_work(w, file.len))
        (void)walk_child(w, child);
    body_release(&body);
}

void ole_give(struct walk *w, slice name, slice file, struct range at)
{
    struct child child = { .name = name, .at = at };
    give(w, file, &child);
}

/* --- the packager */

static bool dangerous(slice name)
{
    return type_is_dangerous(type_by_extension(type_extension_of(name)));
}

/* The label is what people see, the others are what the shell opens. */
static slice name_of_package(slice label, slice source, slice temporary)
{
    slice candidates[] = { label, type_base_name(source), type_base_name(temporary) };
    for (size_t i = 0; i < 3; i++)
        if (dangerous(candidates[i]))
            return candidates[i];
    for (size_t i = 0; i < 3; i++)
        if (candidates[i].len)
            return candidates[i];
    return label;
}

struct package {
    slice path;
};

static void say_package(void *host, struct walk *sub)
{
    const struct package *p = host;
    walk_text(sub, FACT_FILE_PACKAGED, p->path, NOWHERE);
}

/* u16 2, label, source, u16, u16 3, u32 length and temporary path, u32 length and the file. */
bool ole_package_read(struct walk *w, slice data, struct range at, bool *cut_out)
{
    cursor k = cur_open(data);
    if (cur_u16le(&k) != PACKAGE_KIND)
        return false;
    slice label = ansi(w, cur_until(&k, 0));
    slice source = ansi(w, cur_until(&k, 0));
    cur_skip(&k, 4);
    slice temporary = ansi(w, cur_take(&k, cur_u32le(&k)));
    uint32_t size = cur_u32le(&k);
    slice file = slice_sub(cur_rest(&k), 0, size);
    if (!cur_ok(&k) || file.len == 0)
        return false;
    *cut_out = file.len < size;
    struct package p = { temporary.len ? temporary : source.len ? source : label };
    struct child child = {
        .name = name_of_package(label, source, temporary),
        .at = at,
        .say = say_package,
        .host = &p,
    };
    walk_text(w, FACT_OFFICE_EMBEDDED, child.name, at);
    if (p.path.len)
        walk_text(w, FACT_OFFICE_EMBEDDED, p.path, at);
    give(w, file, &child);
    return true;
}

/* --- OLE 1 */

struct object {
    uint32_t format;
    slice class, topic, item;
    cursor rest;
};

/* 2.2.4 ObjectHeader. The version is not looked at, as OLE does not. */
static bool read_header(slice data, struct object *o)
{
    cursor c = cur_open(data);
    cur_skip(&c, 4);
    o->format = cur_u32le(&c);
    o->class = cur_take(&c, cur_u32le(&c));
    o->topic = cur_take(&c, cur_u32le(&c));
    o->item = cur_take(&c, cur_u32le(&c));
    o->rest = c;
    return cur_ok(&c) && (o->format == FORMAT_LINKED || o->format == FORMAT_EMBEDDED) &&
           o->class.len > 0 && o->class.len <= NAME_MAX_BYTES;
}

unsigned ole_object_likely(slice data)
{
    struct object o;
    if (!read_header(data, &o))
        return slice_find(slice_sub(data, 0, CFB_SEARCHED), cfb_magic, 0) != SIZE_MAX;
    cursor c = o.rest;
    uint32_t size = cur_u32le(&c);
    if (o.format == FORMAT_EMBEDDED && slice_starts(cur_rest(&c), cfb_magic))
        return 4;
    return cur_ok(&c) && size ? 3 : 2;
}

static void read_native(struct walk *w, slice class, slice data, struct range at)
{
    size_t magic_len;
    bool cut = false;
    struct body body = body_borrow(data);
    if (slice_starts(data, cfb_magic)) {
        ole_give(w, class, data, at);
    } else if (equation_class(class)) {
        equation_read(w, data, at);
    } else if (ole_package_read(w, data, at, &cut)) {
        if (cut)
            walk_unread(w, UNREAD_DAMAGED, class);
    } else if (type_by_magic(&body, &magic_len) && magic_len >= 3) {
        ole_give(w, class, data, at);
    }
}

/* 2.2.6: the topic of a link is a file, or what a DDE server is asked for. */
static void read_linked(struct walk *w, const struct object *o, struct range at)
{
    slice topic = ansi(w, o->topic);
    if (topic.len)
        walk_text(w, FACT_OFFICE_EXTERNAL_OBJECT, topic, at);
}

bool ole_object_read(struct walk *w, slice data, struct range at)
{
    struct object o;
    if (!read_header(data, &o)) {
        size_t from = slice_find(data, cfb_magic, 0);
        if (from == SIZE_MAX)
            return false;
        ole_give(w, SLICE_LIT("object"), slice_from(data, from), at);
        return true;
    }
    slice class = ansi(w, o.class);
    walk_text(w, FACT_OFFICE_OBJECT_CLASS, class, at);
    if (o.format == FORMAT_LINKED) {
        read_linked(w, &o, at);
        return true;
    }
    uint32_t size = cur_u32le(&o.rest);
    slice native = slice_sub(cur_rest(&o.rest), 0, size);
    read_native(w, class, native, at);
    return true;
}

/* --- links */

struct moniker {
    slice clsid;
    const char *prefix; /* of what is told */
    bool url;           /* u32 length and UTF-16; else a file moniker's body */
};

static const struct moniker monikers[] = {
    { SLICE_INIT("\xe0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\x00\xaa\x00\x4b\xa9\x0b"), "", true },
    { SLICE_INIT("\x03\x03\0\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), "", false },
    /* A script component: the file moniker in front of it is run. */
    { SLICE_INIT("\xd3\x0b\x29\x06\xaa\x48\xd2\x11\x84\x32\x00\x60\x08\xc3\xfb\xfc"), "ms-script:", false },
    /* soap:wsdl= (CVE-2017-8759) */
    { SLICE_INIT("\xc7\xb0\xab\xec\x19\x7f\xd2\x11\x97\x8e\x00\x00\xf8\x75\x7e\x2a"), "ms-soap:", true },
};

static slice wide_text(struct walk *w, slice raw)
{
    return utf8_from_utf16le_z(w->mem, slice_sub(raw, 0, 2 * NAME_MAX_BYTES));
}

/* [MS-OLEDS] 2.3.3.1 (MONIKERSTREAM) with the bodies that the monikers themselves write. */
static slice moniker_target(struct walk *w, const struct moniker *m, slice body)
{
    cursor c = cur_open(body);
    if (m->url)
        return wide_text(w, slice_sub(slice_from(body, 4), 0, 4 * NAME_MAX_BYTES));
    cur_skip(&c, 2);
    slice narrow = cur_take(&c, cur_u32le(&c));
    cur_skip(&c, 24);
    uint32_t wide_bytes = cur_u32le(&c);
    if (cur_ok(&c) && wide_bytes > 6) {
        uint32_t n = cur_u32le(&c);
        cur_skip(&c, 2);
        slice raw = slice_sub(cur_rest(&c), 0, n);
        if (raw.len >= 2)
            return wide_text(w, raw);
    }
    return ansi(w, narrow);
}

void ole_link_read(struct walk *w, slice stream, struct range at)
{
    unsigned told = 0;
    stream = slice_sub(stream, 0, LINK_SCANNED);
    for (size_t i = 0; i < sizeof monikers / sizeof monikers[0]; i++) {
        size_t from = slice_find(stream, monikers[i].clsid, 0);
        for (; from != SIZE_MAX && told < LINKS_TOLD;
             from = slice_find(stream, monikers[i].clsid, from + 16), told++) {
            slice target = moniker_target(w, &monikers[i], slice_from(stream, from + 16));
            struct buf b = buf_new(8 * NAME_MAX_BYTES);
            buf_text(&b, monikers[i].prefix);
            buf_put(&b, target);
            if (b.len)
                walk_text(w, FACT_OFFICE_EXTERNAL_OBJECT, buf_slice(&b), at);
            buf_drop(&b);
        }
    }
}
