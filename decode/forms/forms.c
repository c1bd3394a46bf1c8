/* SPDX-License-Identifier: Apache-2.0 */
/* forms - forms of macro projects and controls in documents, out of compound files: [MS-OFORMS]
 * 2.2.10.13 (storages of forms), [MS-DOC] 2.1.9 (object pool), [MS-XLS] 2.1.7.3 (Ctls).
 *
 * A storage with the streams `f` and `o` is a form; inside it, storages called i and a number are
 * its frames and pages. A storage with `contents` is one control, which \3OCXNAME names. `Ctls` is
 * a row of controls, each behind its class id. Their texts are values for macros
 * (decode/hidden.h), said before the macros are read; they make no parts. Streams are left to the
 * container all the same, which looks whether they are files.
 * What contradicts itself is searched for texts.
 */
#include "base/charset.h"
#include "base/text.h"
#include "decode/forms/forms_private.h"
#include <stdlib.h>

enum { STREAMS_MAX = 2048, STREAM_MAX = 16 << 20, CLSID = 16, MOVIE_AT = 256 };

struct stream {
    slice path;   /* with its name */
    slice folder; /* without, no '/' at the end */
    slice name;
    size_t entry;
    bool done;
};

struct forms {
    struct walk *w;
    struct bundle *b;
    struct stream *streams; /* by folder */
    size_t n;
    uint32_t index; /* controls of the form that is read */
};

/* --- the streams that are wanted */

static slice last_name(slice path)
{
    size_t from = path.len;
    while (from > 0 && path.at[from - 1] != '/')
        from--;
    return slice_from(path, from);
}

static bool is_wanted(slice name)
{
    return slice_is_nocase(name, "f") || slice_is_nocase(name, "o") || slice_is_nocase(name, "contents") ||
           slice_is_nocase(name, "\x03OCXNAME") || slice_is_nocase(name, "\x03VBFrame") ||
           slice_is_nocase(name, "Ctls");
}

static int by_folder(const void *a, const void *b)
{
    const struct stream *p = a, *q = b;
    size_t n = p->folder.len < q->folder.len ? p->folder.len : q->folder.len;
    int order = n ? memcmp(p->folder.at, q->folder.at, n) : 0;
    if (order)
        return order;
    if (p->folder.len != q->folder.len)
        return p->folder.len < q->folder.len ? -1 : 1;
    return p->entry < q->entry ? -1 : p->entry > q->entry;
}

static bool list_streams(struct forms *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->b->n; i++)
        n += f->b->entries[i].stream && is_wanted(last_name(f->b->entries[i].name));
    n = n < STREAMS_MAX ? n : STREAMS_MAX;
    f->streams = ARENA_ARRAY(f->w->mem, struct stream, n + 1);
    if (!f->streams || !walk_work(f->w, f->b->n * 20 + n * 200))
        return false;
    for (size_t i = 0; i < f->b->n && f->n < n; i++) {
        slice path = f->b->entries[i].name, name = last_name(path);
        if (!f->b->entries[i].stream || !is_wanted(name))
            continue;
        slice folder = slice_sub(path, 0, path.len - name.len - (path.len > name.len));
        f->streams[f->n++] = (struct stream){ path, folder, name, i, false };
    }
    qsort(f->streams, f->n, sizeof *f->streams, by_folder);
    return true;
}

/* The first stream of this folder; f->n when there is none. */
static size_t folder_at(const struct forms *f, slice folder)
{
    struct stream key = { .folder = folder };
    size_t low = 0, high = f->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_folder(&f->streams[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->n && slice_eq(f->streams[low].folder, folder) ? low : f->n;
}

static struct stream *stream_named(const struct forms *f, slice folder, const char *name)
{
    for (size_t i = folder_at(f, folder); i < f->n && slice_eq(f->streams[i].folder, folder); i++)
        if (slice_is_nocase(f->streams[i].name, name))
            return &f->streams[i];
    return NULL;
}

static slice open_stream(struct forms *f, const struct stream *s, struct body *out)
{
    *out = body_borrow((slice){ 0 });
    if (!s || f->b->entries[s->entry].size > STREAM_MAX)
        return (slice){ 0 };
    (void)f->b->open(f->w, f->b, s->entry, out); /* the container says what is cut off */
    return out->all;
}

static struct range place_of(const struct forms *f, const struct stream *s)
{
    return s ? f->b->entries[s->entry].at : NOWHERE;
}

/* --- forms */

static void say_site(struct forms *f, slice owner, const struct forms_site *s, uint32_t index, struct range at)
{
    const struct {
        const char *property;
        slice value;
    } rows[] = { { "Tag", s->tag }, { "ControlTipText", s->tip }, { "ControlSource", s->source }, { "RowSource", s->rows } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].value.len)
            hidden_say(f->w, &(struct hidden){
                                 .place = HIDDEN_CONTROL,
                                 .owner = owner,
                                 .name = s->name,
                                 .property = slice_of(rows[i].property),
                                 .value = rows[i].value,
                                 .index = index,
                                 .at = at,
                             });
}

static bool begins_control(slice in)
{
    return in.len >= 8 && in.at[0] == 0 && in.at[1] == 2;
}

/* The controls kept in `o`, one behind the other, each as long as its site says. */
static void read_objects(struct forms *f, slice owner, const struct forms_form *form, const struct stream *o,
                         uint32_t first)
{
    struct body body;
    slice in = open_stream(f, o, &body);
    bool straight = form->whole;
    size_t at = 0;
    for (size_t i = 0; i < form->n_sites && !walk_over(f->w); i++) {
        const struct forms_site *s = &form->sites[i];
        struct control c = { owner, s->name, first + (uint32_t)i, s->kind, place_of(f, o) };
        size_t size = s->size;
        if (!s->streamed)
            continue;
        slice piece = slice_sub(in, at, s->size ? s->size : SIZE_MAX);
        straight = straight && begins_control(piece) && control_read(f->w, &c, piece, s->size ? NULL : &size);
        if (!straight)
            break;
        at += size < in.len - at ? size : in.len - at;
    }
    /* What no site tells of, or what stands where it should not. */
    slice rest = slice_from(in, at);
    if (rest.len >= 8) {
        struct control c = { .owner = owner, .at = place_of(f, o) };
        control_scavenge(f->w, &c, rest);
    }
    body_release(&body);
}

static void read_form(struct forms *f, slice folder, slice owner, slice self, unsigned depth);

/* 2.2.10.13: frames, pages and foreign controls have a storage of their own, i and the id. */
static void read_inner(struct forms *f, slice folder, slice owner, const struct forms_site *s, uint32_t index,
                       unsigned depth)
{
    struct buf b = buf_new(folder.len + 16);
    buf_put(&b, folder);
    buf_format(&b, "/i%02u", s->id);
    slice inner = arena_copy(f->w->mem, buf_slice(&b));
    buf_drop(&b);
    struct stream *contents = stream_named(f, inner, "contents");
    if (stream_named(f, inner, "f")) {
        read_form(f, inner, owner, s->name, depth + 1);
    } else if (contents && !contents->done) {
        struct body body;
        struct control c = { owner, s->name, index, s->kind, place_of(f, contents) };
        contents->done = true;
        slice in = open_stream(f, contents, &body);
        if (!begins_control(in) || !control_read(f->w, &c, in, NULL))
            control_scavenge(f->w, &c, in);
        body_release(&body);
    }
}

/* `self` is the name of the frame or page; empty for the form itself. */
static void read_form(struct forms *f, slice folder, slice owner, slice self, unsigned depth)
{
    struct stream *own = stream_named(f, folder, "f"), *o = stream_named(f, folder, "o");
    struct forms_form form;
    struct body body;
    if (!own || own->done || depth > FORMS_DEPTH)
        return;
    own->done = true;
    slice in = open_stream(f, own, &body);
    if (!forms_site_read(f->w, in, &form)) {
        struct control c = { .owner = owner, .name = self, .at = place_of(f, own) };
        if (o)
            control_scavenge(f->w, &c, in);
    }
    if (form.caption.len)
        hidden_say(f->w, &(struct hidden){
                             .place = HIDDEN_CONTROL,
                             .owner = owner,
                             .name = self,
                             .property = SLICE_LIT("Caption"),
                             .value = form.caption,
                             .index = self.len ? 0 : UINT32_MAX,
                             .at = place_of(f, own),
                         });
    uint32_t first = f->index + 1;
    f->index += (uint32_t)form.n_sites;
    if (o)
        read_objects(f, owner, &form, o, first);
    for (size_t i = 0; i < form.n_sites && !walk_over(f->w); i++) {
        say_site(f, owner, &form.sites[i], first + (uint32_t)i, place_of(f, own));
        if (!form.sites[i].streamed)
            read_inner(f, folder, owner, &form.sites[i], first + (uint32_t)i, depth);
    }
    body_release(&body);
}

/* --- single controls */

static slice control_name(struct forms *f, slice folder, slice *owner_out)
{
    struct body body;
    slice owner, name;
    hidden_called(f->w, &owner, &name);
    slice raw = open_stream(f, stream_named(f, folder, "\x03OCXNAME"), &body);
    if (raw.len)
        name = arena_copy(f->w->mem, utf8_from_utf16le_z(f->w->mem, raw));
    body_release(&body);
    *owner_out = owner.len ? owner : SLICE_LIT("ThisDocument");
    return name;
}

static void read_single(struct forms *f, struct stream *s)
{
    struct body body;
    slice owner, name = control_name(f, s->folder, &owner);
    struct control c = { .owner = owner, .name = name, .at = place_of(f, s) };
    s->done = true;
    slice in = open_stream(f, s, &body);
    if (begins_control(in))
        (void)control_read(f->w, &c, in, NULL);
    else
        control_look_for_movie(f->w, slice_sub(in, 0, MOVIE_AT), c.at);
    body_release(&body);
}

/* Each control begins with its class; how long it is, itself says. */
static void read_row(struct forms *f, struct stream *s)
{
    struct body body;
    slice in = open_stream(f, s, &body);
    s->done = true;
    for (size_t at = 0; in.len - at > CLSID + 8 && !walk_over(f->w);) {
        slice class = slice_sub(in, at, CLSID), rest = slice_from(in, at + CLSID);
        struct control c = { .kind = control_kind_of_class(class), .at = place_of(f, s) };
        size_t size = 0;
        if (c.kind != CONTROL_UNKNOWN && begins_control(rest) && control_read(f->w, &c, rest, &size))
            at += CLSID + size;
        else
            at++;
    }
    (void)walk_work(f->w, in.len * 20);
    control_look_for_movie(f->w, in, place_of(f, s));
    body_release(&body);
}

/* --- the bundle */

static bool forms_claims(const struct bundle *b)
{
    if (strcmp(b->kind, "cfb") != 0)
        return false;
    for (size_t i = 0; i < b->n; i++) {
        slice name = last_name(b->entries[i].name);
        if (b->entries[i].stream && (slice_is_nocase(name, "f") || slice_is_nocase(name, "contents") ||
                                     slice_is_nocase(name, "\x03VBFrame") || slice_is_nocase(name, "Ctls")))
            return true;
    }
    return false;
}

/* "i04": the storage of a frame. */
static bool is_inner(slice name)
{
    bool digits = name.len >= 3 && ascii_lower(name.at[0]) == 'i';
    for (size_t i = 1; digits && i < name.len; i++)
        digits = ascii_digit(name.at[i]);
    return digits;
}

/* The form of this storage, also where the way down to it is broken. */
static slice form_name(slice folder)
{
    slice name = last_name(folder);
    while (is_inner(name) && folder.len > name.len) {
        folder.len -= name.len + 1;
        name = last_name(folder);
    }
    return name;
}

/* A form whose own stream is gone, or that is none: a module may be called f. */
static void read_storage(struct forms *f, struct stream *s)
{
    const struct stream *o = stream_named(f, s->folder, "o");
    bool frame = stream_named(f, s->folder, "\x03VBFrame");
    slice form = stream_named(f, s->folder, "\x03OCXNAME") ? SLICE_LIT("ThisDocument") : form_name(s->folder);
    struct forms_form none = { 0 };
    if (slice_is_nocase(s->name, "f") && !s->done && (o || frame)) {
        f->index = 0;
        read_form(f, s->folder, form, (slice){ 0 }, 0);
    } else if (slice_is_nocase(s->name, "o") && frame && !stream_named(f, s->folder, "f")) {
        read_objects(f, form, &none, o, 1);
    } else if (slice_is_nocase(s->name, "\x03VBFrame")) {
        struct body body;
        forms_frame_read(f->w, form, open_stream(f, s, &body), place_of(f, s));
        body_release(&body);
    }
}

/* Outer folders stand before inner ones, so that a frame is read by its form. */
static enum walk_end forms_walk_bundle(struct walk *w, struct bundle *b)
{
    struct forms f = { .w = w, .b = b };
    if (!list_streams(&f))
        return WALK_LIMIT;
    for (size_t i = 0; i < f.n && !walk_over(w); i++) {
        struct stream *s = &f.streams[i];
        if (slice_is_nocase(s->name, "contents") && !s->done)
            read_single(&f, s);
        else if (slice_is_nocase(s->name, "Ctls"))
            read_row(&f, s);
        else
            read_storage(&f, s);
    }
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

/* --- one control alone, as packages keep it: [MS-OFORMS] 2.5, behind its class id or not */

static enum sniff forms_sniff(const struct sniff_input *in)
{
    slice head = slice_sub(in->body->all, 0, CLSID + 2);
    bool known = head.len == CLSID + 2 && control_kind_of_class(slice_sub(head, 0, CLSID)) != CONTROL_UNKNOWN;
    return known ? SNIFF_STRONG : SNIFF_NO;
}

static enum walk_end forms_walk(struct walk *w, const struct body *body)
{
    slice owner, name, in = body->all;
    hidden_called(w, &owner, &name);
    struct control c = { .owner = owner, .name = name, .at = range_of(0, in.len) };
    c.kind = control_kind_of_class(slice_sub(in, 0, CLSID));
    walk_type(w, "forms");
    if (c.kind != CONTROL_UNKNOWN)
        in = slice_from(in, CLSID);
    if (!begins_control(in) || !control_read(w, &c, in, NULL))
        control_scavenge(w, &c, in);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_forms = {
    .name = "forms",
    .spec = "[MS-OFORMS] 2.2",
    .sniff = forms_sniff,
    .walk = forms_walk,
    .claims = forms_claims,
    .walk_bundle = forms_walk_bundle,
};
