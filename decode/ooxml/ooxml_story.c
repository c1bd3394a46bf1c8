/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_story - what macros read of a document by name, beside its text: shapes with their
 * alternative texts, text boxes and WordArt (ECMA-376 part 1, 20.1.2.2.8, 20.4.2.38; part 4, 19.1),
 * paragraphs, bookmarks (17.13.6) and comments (17.13.4).
 *
 * Only beside a macro project. Left out: which sheet a drawing lies on.
 */
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/ooxml/ooxml_private.h"

enum { STORY_MAX = 4 << 20, PARAGRAPHS_MAX = 1024, MARKS = 32, ID_MAX = 32, BOX_MAX = 1 << 20 };

struct mark {
    uint8_t id[ID_MAX];
    size_t id_len, from;
    slice name; /* in the arena */
    bool open;
};

struct ooxml_story {
    struct package *p;
    size_t entry;
    struct buf text;      /* of the story, without boxes */
    struct buf box;       /* of the shape that is read */
    size_t paragraph;     /* where it begins in `text` */
    unsigned paragraphs, boxes, comments;
    slice shape; /* its name, in the arena */
    struct mark marks[MARKS];
    bool main;            /* the document's own story, which paragraphs count in */
};

struct ooxml_story *ooxml_story_begin(struct package *p, size_t entry)
{
    struct ooxml_story *s = p->macros ? ARENA_NEW(p->w->mem, struct ooxml_story) : NULL;
    if (!s)
        return NULL;
    s->p = p;
    s->entry = entry;
    s->main = p->role[entry] == ROLE_WORD &&
              (entry == p->main_entry || slice_find_nocase(p->b->entries[entry].name, SLICE_LIT("word/document"), 0) != SIZE_MAX);
    s->text = buf_new(STORY_MAX);
    s->box = buf_new(BOX_MAX);
    return s;
}

void ooxml_story_end(struct ooxml_story *s)
{
    if (!s)
        return;
    buf_drop(&s->text);
    buf_drop(&s->box);
}

static slice number_name(char room[16], unsigned n)
{
    unsigned at = 16;
    do
        room[--at] = (char)('0' + n % 10);
    while ((n /= 10) && at);
    return (slice){ (const uint8_t *)room + at, 16 - at };
}

static void say_shape(struct ooxml_story *s, const char *property, slice value)
{
    if (value.len)
        hidden_text(s->p->w, HIDDEN_SHAPE, (slice){ 0 }, s->shape, slice_of(property), value);
}

/* --- marks */

static void mark_opens(struct ooxml_story *s, slice id, slice name)
{
    for (size_t i = 0; i < MARKS; i++) {
        struct mark *m = &s->marks[i];
        if (m->open)
            continue;
        m->open = true;
        m->id_len = slice_copy_out(id, m->id, sizeof m->id);
        m->from = s->text.len;
        m->name = arena_copy(s->p->w->mem, utf8_cut(name, HIDDEN_NAME_MAX));
        return;
    }
}

static void mark_closes(struct ooxml_story *s, slice id)
{
    id = slice_sub(id, 0, ID_MAX);
    for (size_t i = 0; i < MARKS; i++) {
        struct mark *m = &s->marks[i];
        if (!m->open || !slice_eq((slice){ m->id, m->id_len }, id))
            continue;
        m->open = false;
        slice text = slice_sub(buf_slice(&s->text), m->from, HIDDEN_VALUE_MAX);
        if (text.len)
            hidden_text(s->p->w, HIDDEN_TEXT, SLICE_LIT("bookmarks"), m->name, (slice){ 0 }, text);
    }
}

/* --- elements */

static bool is_box(slice name) { return slice_is(name, "txbxContent") || slice_is(name, "txBody") || slice_is(name, "textbox"); }

static void open_shape(struct ooxml_story *s, slice name, const struct xml_attribute *a, size_t n)
{
    slice called = xml_get(a, n, "name");
    if (called.len == 0)
        called = xml_get(a, n, "id");
    s->shape = arena_copy(s->p->w->mem, utf8_cut(called, HIDDEN_NAME_MAX));
    say_shape(s, "AlternativeText", xml_get(a, n, slice_is(name, "shape") ? "alt" : "descr"));
    say_shape(s, "Title", xml_get(a, n, "title"));
}

void ooxml_story_open(struct ooxml_story *s, slice name, const struct xml_attribute *a, size_t n)
{
    if (slice_is(name, "docPr") || slice_is(name, "cNvPr") || slice_is(name, "shape"))
        open_shape(s, name, a, n);
    else if (slice_is(name, "textpath"))
        say_shape(s, "Text", xml_get(a, n, "string"));
    else if (is_box(name) && s->boxes++ == 0)
        buf_clear(&s->box);
    else if (slice_is(name, "bookmarkStart"))
        mark_opens(s, xml_get(a, n, "id"), xml_get(a, n, "name"));
    else if (slice_is(name, "bookmarkEnd"))
        mark_closes(s, xml_get(a, n, "id"));
    else if (slice_is(name, "control"))
        ooxml_name_control(s->p, s->entry, xml_get(a, n, "id"), xml_get(a, n, "name"));
}

void ooxml_story_text(struct ooxml_story *s, slice text)
{
    buf_put(s->boxes ? &s->box : &s->text, text);
}

static void paragraph_closes(struct ooxml_story *s)
{
    char room[16];
    if (s->boxes) {
        buf_byte(&s->box, '\r');
        return;
    }
    slice text = slice_from(buf_slice(&s->text), s->paragraph);
    s->paragraph = s->text.len;
    if (s->main && s->paragraphs++ < PARAGRAPHS_MAX && text.len)
        hidden_text(s->p->w, HIDDEN_TEXT, SLICE_LIT("paragraphs"), number_name(room, s->paragraphs), (slice){ 0 }, text);
}

static void box_closes(struct ooxml_story *s)
{
    if (s->boxes == 0 || --s->boxes > 0)
        return;
    slice text = buf_slice(&s->box);
    while (text.len && text.at[text.len - 1] == '\r')
        text.len--;
    say_shape(s, "Text", text);
}

void ooxml_story_close(struct ooxml_story *s, slice name)
{
    char room[16];
    if (slice_is(name, "p")) {
        paragraph_closes(s);
    } else if (is_box(name)) {
        box_closes(s);
    } else if (slice_is(name, "comment")) {
        slice text = buf_slice(&s->text);
        if (text.len)
            hidden_text(s->p->w, HIDDEN_COMMENT, SLICE_LIT("document"), number_name(room, ++s->comments), (slice){ 0 }, text);
        buf_clear(&s->text);
        s->paragraph = 0;
    }
}
