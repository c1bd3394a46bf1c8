/* SPDX-License-Identifier: Apache-2.0 */
/* onenote_say - what the objects and files of a section come to: the text a reader sees, links,
 * attached files with their names as parts, pictures, and which picture hides which file.
 *
 * Of an object that several revisions declare, the last counts. */
#include "base/buf.h"
#include "base/text.h"
#include "decode/links.h"
#include "decode/onenote/onenote_private.h"
#include "decode/plain.h"
#include "decode/types.h"

enum {
    NAME_MAX_BYTES = 1024,
    NAMES_SAID_MAX = 256,
    ICON_SIZE = 2000, /* an attached file shows as an icon of about an inch */
    PICTURES_MAX = 512,
    SPREAD_MIN = 100,
};

static slice wide(struct one *o, slice raw) { return utf8_from_utf16le_z(o->w->mem, raw); }

static slice wide_name(struct one *o, slice raw) { return utf8_cut(wide(o, slice_sub(raw, 0, 2 * NAME_MAX_BYTES)), NAME_MAX_BYTES); }

static struct range place(const struct one *o, slice s) { return s.len ? range_of((uint64_t)(s.at - o->all.at), s.len) : NOWHERE; }

/* --- the last revision */

static void mark_live(struct one *o)
{
    struct one_pairs last = { 0 };
    for (size_t i = 0; i < o->n_objects; i++)
        (void)one_add_pair(o, &last, (struct one_pair){ o->objects[i].key ^ o->objects[i].space, i, { 0 } });
    one_sort(&last);
    for (size_t i = 0; i < last.n; i++) {
        struct one_object *now = &o->objects[last.at[i].value];
        now->live = i + 1 == last.n || last.at[i + 1].key != last.at[i].key;
        if (now->live)
            continue;
        /* a revision may leave out what it does not change; names are kept */
        struct one_object *next = &o->objects[last.at[i + 1].value];
        next->jcid = next->jcid ? next->jcid : now->jcid;
        next->container = next->container ? next->container : now->container;
        next->picture = next->picture ? next->picture : now->picture;
        next->name = next->name.len ? next->name : now->name;
        next->source = next->source.len ? next->source : now->source;
    }
}

/* --- text */

static void add_line(struct one *o, struct buf *b, slice utf8)
{
    if (utf8.len == 0 || b->full)
        return;
    buf_put(b, utf8);
    buf_byte(b, '\n');
    (void)walk_work(o->w, utf8.len);
}

static void say_text(struct one *o)
{
    struct buf b = buf_new(ONE_TEXT_MAX);
    for (size_t i = 0; i < o->n_objects && !walk_over(o->w); i++) {
        const struct one_object *x = &o->objects[i];
        if (!x->live)
            continue;
        add_line(o, &b, wide(o, x->text));
        if (x->text.len == 0)
            add_line(o, &b, utf8_clean(o->w->mem, slice_sub(x->ascii, 0, slice_find_byte(x->ascii, 0, 0))));
        add_line(o, &b, wide(o, x->alt));
        if (x->url.len)
            walk_link(o->w, wide(o, slice_sub(x->url, 0, 8192)), wide(o, x->text), place(o, x->url), "onenote.link");
    }
    slice text = utf8_clean(o->w->mem, arena_copy(o->w->mem, buf_slice(&b)));
    buf_drop(&b);
    if (text.len)
        walk_view(o->w, FACT_DOCUMENT_TEXT, text, NOWHERE);
    walk_int(o->w, FACT_DOCUMENT_WORDS, (int64_t)plain_words(text), NOWHERE);
}

static void say_authors(struct one *o)
{
    slice said = { 0 };
    for (size_t i = 0, n = 0; i < o->n_objects && n < 16; i++) {
        slice author = o->objects[i].live ? wide_name(o, o->objects[i].author) : (slice){ 0 };
        if (author.len == 0 || slice_eq(author, said))
            continue;
        walk_text(o->w, FACT_ONENOTE_AUTHOR, author, place(o, o->objects[i].author));
        said = author;
        n++;
    }
}

/* --- attached files */

static void say_names(struct one *o)
{
    size_t n = 0;
    slice before = { 0 };
    for (size_t i = 0; i < o->n_objects && n < NAMES_SAID_MAX; i++) {
        const struct one_object *x = &o->objects[i];
        slice name = x->live ? wide_name(o, x->name) : (slice){ 0 };
        if (name.len == 0 || slice_eq(name, before))
            continue;
        walk_text(o->w, FACT_ONENOTE_FILE_NAME, name, place(o, x->name));
        slice extension = slice_lower(o->w->mem, type_extension_of(name));
        if (extension.len)
            walk_text(o->w, FACT_ONENOTE_FILE_EXTENSION, extension, place(o, x->name));
        slice source = wide_name(o, x->source);
        if (source.len)
            walk_text(o->w, FACT_ONENOTE_FILE_SOURCE, source, place(o, x->source));
        before = name;
        n++;
    }
}

/* Does the picture lie over the icon? Both hang on the page itself, at places of their own. */
static bool covers(const struct one_box *picture, const struct one_box *icon)
{
    int64_t width = picture->width ? picture->width : ICON_SIZE, height = picture->height ? picture->height : ICON_SIZE;
    return picture->x < icon->x + ICON_SIZE - SPREAD_MIN && icon->x < picture->x + width - SPREAD_MIN &&
           picture->y < icon->y + ICON_SIZE - SPREAD_MIN && icon->y < picture->y + height - SPREAD_MIN;
}

/* Pictures with a place, at most PICTURES_MAX, for every attached file that has one. */
static void say_covered(struct one *o)
{
    const struct one_object *pictures[PICTURES_MAX];
    size_t n = 0, said = 0;
    for (size_t i = 0; i < o->n_objects && n < PICTURES_MAX; i++) {
        const struct one_object *x = &o->objects[i];
        if (x->live && x->box.placed && x->name.len == 0 && (x->jcid == ONE_IMAGE || x->box.sized))
            pictures[n++] = x;
    }
    for (size_t i = 0; i < o->n_objects && said < NAMES_SAID_MAX; i++) {
        const struct one_object *x = &o->objects[i];
        if (!x->live || !x->box.placed || (x->jcid != ONE_EMBEDDED && x->name.len == 0))
            continue;
        if (!walk_work(o->w, n * 8))
            return;
        size_t over = 0;
        for (size_t k = 0; k < n; k++)
            over += pictures[k]->space == x->space && covers(&pictures[k]->box, &x->box);
        if (over == 0)
            continue;
        slice name = wide_name(o, x->name);
        walk_text(o->w, FACT_ONENOTE_FILE_COVERED, name.len ? name : SLICE_LIT("?"), place(o, x->name));
        said++;
    }
}

/* --- parts */

struct telling {
    struct one *o;
    const struct one_object *object;
    bool picture; /* what the object shows, not what it stands for */
};

static void say_of_file(void *host, struct walk *sub)
{
    const struct telling *t = host;
    slice source = t->object && !t->picture ? wide_name(t->o, t->object->source) : (slice){ 0 };
    if (source.len)
        walk_text(sub, FACT_ONENOTE_FILE_SOURCE, source, NOWHERE);
}

/* The object that shows the file: its key by way of the declaration, or given at once. */
static const struct one_object *shown_by(const struct one *o, const struct one_pairs *containers, const struct one_file *f,
                                         slice *extension_out, bool *picture_out)
{
    const struct one_pair *d = f->identity ? one_find(&o->declared, f->identity) : NULL;
    const struct one_pair *last = d ? o->declared.at + o->declared.n : NULL, *best = NULL;
    *extension_out = d ? d->text : (slice){ 0 };
    if (!d && f->identity)
        best = one_find(containers, f->identity);
    /* every revision declares the file anew; a few are looked at */
    for (unsigned n = 0; !best && d && d < last && d->key == f->identity && n < 64; d++, n++)
        best = one_find(containers, d->value);
    *picture_out = best && best->value & 1;
    return best ? &o->objects[best->value / 2] : NULL;
}

static slice file_name(struct one *o, const struct one_object *x, bool picture, slice extension)
{
    if (x && !picture && x->name.len)
        return wide_name(o, x->name);
    if (x && picture && x->picture_name.len)
        return wide_name(o, x->picture_name);
    struct buf b = buf_new(256);
    slice tail = wide_name(o, extension);
    if (!picture && tail.len > 1 && tail.at[0] == '.') { /* Windows goes by the extension, whatever the name */
        buf_text(&b, "attachment");
        buf_put(&b, tail);
    }
    slice name = arena_copy(o->w->mem, buf_slice(&b));
    buf_drop(&b);
    return name;
}

static void walk_files(struct one *o, const struct one_pairs *containers)
{
    int64_t pictures = 0, files = 0;
    for (size_t i = 0; i < o->n_files && !walk_over(o->w); i++) {
        const struct one_file *f = &o->files[i];
        slice extension;
        struct telling t = { .o = o };
        t.object = shown_by(o, containers, f, &extension, &t.picture);
        struct body b = body_borrow(slice_sub(o->all, f->at, f->len));
        struct child c = { .name = file_name(o, t.object, t.picture, extension), .how = HOW_OLE, .at = range_of(f->at, f->len), .body = &b, .say = say_of_file, .host = &t };
        size_t magic;
        const struct type_row *type = type_by_magic(&b, &magic);
        if (type && type->policy == TYPE_INERT && magic > 2 && (t.picture || !t.object))
            pictures++;
        else
            files++;
        (void)walk_child(o->w, &c);
    }
    walk_int(o->w, FACT_ONENOTE_FILES, files, NOWHERE);
    walk_int(o->w, FACT_ONENOTE_PICTURES, pictures, NOWHERE);
}

void one_say(struct one *o)
{
    struct one_pairs containers = { 0 };
    mark_live(o);
    one_sort(&o->declared);
    for (size_t i = 0; i < o->n_objects; i++) {
        const struct one_object *x = &o->objects[i];
        if (x->container)
            (void)one_add_pair(o, &containers, (struct one_pair){ x->container, i * 2, { 0 } });
        if (x->picture) /* of an attached file: its icon */
            (void)one_add_pair(o, &containers, (struct one_pair){ x->picture, i * 2 + 1, { 0 } });
    }
    one_sort(&containers);
    say_text(o);
    say_authors(o);
    say_names(o);
    say_covered(o);
    walk_files(o, &containers);
}
