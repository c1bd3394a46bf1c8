/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_hidden - texts that no reader sees and macros read: document variables (ECMA-376 part 1,
 * 17.15.1.30 to 17.15.1.32, in settings), custom properties (22.3) and custom XML (22.5). */
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/ooxml/ooxml_private.h"

struct hidden_reader {
    struct package *p;
    slice name; /* of the property; in the arena */
    bool in_property;
    struct buf text;
};

static void on_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct hidden_reader *r = host;
    (void)at;
    if (slice_is(xml_local(name), "docVar"))
        hidden_text(r->p->w, HIDDEN_VARIABLE, (slice){ 0 }, xml_get(a, n, "name"), (slice){ 0 }, xml_get(a, n, "val"));
    if (!slice_is(xml_local(name), "property"))
        return;
    r->in_property = true;
    r->name = arena_copy(r->p->w->mem, xml_get(a, n, "name"));
    buf_clear(&r->text);
}

static void on_text(void *host, slice text, size_t at)
{
    struct hidden_reader *r = host;
    (void)at;
    if (r->in_property)
        buf_put(&r->text, text);
}

static void on_close(void *host, slice name, size_t at)
{
    struct hidden_reader *r = host;
    (void)at;
    if (!r->in_property || !slice_is(xml_local(name), "property"))
        return;
    hidden_text(r->p->w, HIDDEN_PROPERTY, SLICE_LIT("custom"), r->name, (slice){ 0 }, buf_slice(&r->text));
    r->in_property = false;
}

void ooxml_read_hidden(struct package *p, size_t entry)
{
    struct hidden_reader r = { .p = p, .text = buf_new(HIDDEN_VALUE_MAX) };
    const struct xml_handler handler = {
        .host = &r, .open = on_open, .close = on_close, .text = on_text
    };
    ooxml_read(p, entry, &handler);
    buf_drop(&r.text);
}

/* The whole part as it stands: macros ask for its XML or for pieces of it. */
void ooxml_read_custom(struct package *p, size_t entry)
{
    struct body body;
    slice name = p->b->entries[entry].name;
    if (!slice_ends_nocase(name, ".xml") || slice_find_nocase(name, SLICE_LIT("itemProps"), 0) != SIZE_MAX || !ooxml_open(p, entry, &body))
        return;
    slice head = slice_trim(slice_sub(body.all, 0, 64));
    bool xml = slice_starts(head, SLICE_LIT("<")) || slice_starts(head, SLICE_LIT("\xef\xbb\xbf<"));
    if (xml)
        hidden_text(p->w, HIDDEN_XML, name, (slice){ 0 }, (slice){ 0 }, slice_sub(body.all, 0, HIDDEN_VALUE_MAX));
    p->b->entries[entry].taken = xml;
    body_release(&body);
}
