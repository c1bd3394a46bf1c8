/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_control - ActiveX controls of packages: the schema of
 * http://schemas.microsoft.com/office/2006/activeX: a class, and its properties as a bag in XML or as bytes beside.
 *
 * The document names a control and refers to the XML by a relationship, the XML to the bytes:
 * a name travels that way, so that a macro's TextBox1 is found. Links and names are lists without
 * order; there are few, and their number is bounded.
 */
#include "base/text.h"
#include "decode/shared/controls.h"
#include "decode/hidden.h"
#include "decode/links.h"
#include "decode/ooxml/ooxml_private.h"

enum { CONTROLS_MAX = 512, ID_MAX = 64, BAG_MAX = 64, CLASS_ID = 16, STREAM_MAX = 16 << 20, MOVIE_AT = 256 };

void ooxml_link_control(struct package *p, size_t from, size_t to, slice id)
{
    if (from == SIZE_MAX || p->n_controls >= CONTROLS_MAX)
        return;
    struct control_link *l = ooxml_list_add(p, (void **)&p->controls, &p->n_controls, &p->room_controls, sizeof *l);
    if (l)
        *l = (struct control_link){ from, to, arena_copy(p->w->mem, slice_sub(id, 0, ID_MAX)) };
}

static struct control_name *name_of(const struct package *p, size_t entry)
{
    for (size_t i = 0; i < p->n_control_names; i++)
        if (p->control_names[i].entry == entry)
            return &p->control_names[i];
    return NULL;
}

static void set_name(struct package *p, size_t entry, slice owner, slice name)
{
    if (p->n_control_names >= CONTROLS_MAX || name_of(p, entry))
        return;
    struct control_name *n =
        ooxml_list_add(p, (void **)&p->control_names, &p->n_control_names, &p->room_control_names, sizeof *n);
    if (n)
        *n = (struct control_name){ entry, owner, name };
}

/* "ThisDocument" in Word; in Excel the sheet. */
static slice owner_of(const struct package *p, size_t from)
{
    const struct book_sheet *sheet = ooxml_sheet_of(p, from);
    return sheet ? sheet->name : p->main == MAIN_WORD ? SLICE_LIT("ThisDocument") : (slice){ 0 };
}

void ooxml_name_control(struct package *p, size_t from, slice id, slice name)
{
    for (size_t i = 0; i < p->n_controls; i++)
        if (p->controls[i].from == from && slice_eq(p->controls[i].id, slice_sub(id, 0, ID_MAX)))
            set_name(p, p->controls[i].to, owner_of(p, from), arena_copy(p->w->mem, utf8_cut(name, HIDDEN_NAME_MAX)));
}

static slice attribute(slice element, const char *key)
{
    size_t at = slice_find(element, slice_of(key), 0);
    slice rest = at == SIZE_MAX ? (slice){ 0 } : slice_from(element, at + strlen(key));
    return slice_sub(rest, 0, slice_find_byte(rest, '"', 0));
}

/* Sheets are not parsed as a whole: most hold numbers. */
void ooxml_name_sheet_controls(struct package *p, size_t entry, slice xml)
{
    size_t at = 0;
    for (unsigned n = 0; p->n_controls && n < CONTROLS_MAX; n++) {
        at = slice_find(xml, SLICE_LIT("<control "), at);
        if (at == SIZE_MAX)
            return;
        slice element = slice_sub(xml, at, 1024);
        element = slice_sub(element, 0, slice_find_byte(element, '>', 0));
        ooxml_name_control(p, entry, attribute(element, "r:id=\""), attribute(element, " name=\""));
        at += 9;
    }
}

/* --- the XML of a control */

struct bag {
    struct package *p;
    size_t entry;
    struct control_name who;
    unsigned properties;
};

static void say_class(struct bag *b, slice class)
{
    class = slice_trim(class);
    if (class.len && b->p->embedded++ < SAY_MAX)
        walk_text(b->p->w, FACT_OFFICE_OBJECT_CLASS, slice_sub(class, 0, 64), b->p->b->entries[b->entry].at);
}

static void say_property(struct bag *b, slice name, slice value)
{
    struct walk *w = b->p->w;
    if (value.len == 0 || b->properties++ >= BAG_MAX)
        return;
    hidden_text(w, HIDDEN_CONTROL, b->who.owner, b->who.name, name, value);
    if (slice_is_nocase(name, "Movie") || slice_is_nocase(name, "URL") || slice_is_nocase(name, "Src") ||
        slice_is_nocase(name, "FileName") || slice_is_nocase(name, "Location"))
        walk_link(w, value, (slice){ 0 }, NOWHERE, "office.control");
}

static void bag_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct bag *b = host;
    (void)at;
    name = xml_local(name);
    if (slice_is(name, "ocx"))
        say_class(b, xml_get(a, n, "classid"));
    else if (slice_is(name, "ocxPr"))
        say_property(b, xml_get(a, n, "name"), xml_get(a, n, "value"));
}

void ooxml_read_control(struct package *p, size_t entry)
{
    const struct control_name *known = name_of(p, entry);
    struct bag b = { .p = p, .entry = entry };
    const struct xml_handler handler = { .host = &b, .open = bag_open };
    if (known)
        b.who = *known;
    for (size_t i = 0; known && i < p->n_controls; i++)
        if (p->controls[i].from == entry)
            set_name(p, p->controls[i].to, b.who.owner, b.who.name);
    ooxml_read(p, entry, &handler);
}

/* --- its bytes */

static void say_name(void *host, struct walk *sub)
{
    const struct control_name *who = host;
    hidden_call(sub, who->owner, who->name);
}

/* Behind its class id; what other makers keep is searched for texts where a macro may ask. */
static void read_stream(struct package *p, const struct control_name *who, slice in, struct range at)
{
    struct control c = { .owner = who->owner, .name = who->name, .at = at };
    c.kind = control_kind_of_class(slice_sub(in, 0, CLASS_ID));
    if (c.kind != CONTROL_UNKNOWN && control_read(p->w, &c, slice_from(in, CLASS_ID), NULL))
        return;
    control_look_for_movie(p->w, slice_sub(in, 0, MOVIE_AT), at);
    if (p->macros)
        control_scavenge(p->w, &c, in);
}

void ooxml_walk_control(struct package *p, size_t entry, bool file)
{
    struct body body;
    struct bundle_entry *e = &p->b->entries[entry];
    struct control_name *known = name_of(p, entry), nobody = { 0 }, *who = known ? known : &nobody;
    if (!ooxml_open(p, entry, &body))
        return;
    struct child c = { .name = e->name, .how = HOW_OPC, .at = e->at, .body = &body, .say = say_name, .host = who };
    if (file)
        (void)walk_child(p->w, &c);
    else
        read_stream(p, who, slice_sub(body.all, 0, STREAM_MAX), e->at);
    body_release(&body);
}
