/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_hidden - texts that no reader sees and macros read: document variables (ECMA-376 part 1,
 * 17.15.1.30 to 17.15.1.32, in settings) and custom properties (22.3). */
#include "base/text.h"
#include "decode/ooxml/ooxml_private.h"

enum { HIDDEN_SHOWN = 1000, HIDDEN_MAX = 64 << 10 };

struct hidden_reader {
    struct package *p;
    slice name; /* of the property; in the arena */
    bool in_property;
    struct buf text;
};

/* "name = value" */
static void say(struct package *p, slice name, slice value)
{
    value = slice_trim(value);
    if (value.len == 0 || p->hidden_texts++ >= SAY_MAX)
        return;
    struct buf b = buf_new(2 * HIDDEN_SHOWN);
    buf_put(&b, utf8_cut(name, HIDDEN_SHOWN / 2));
    buf_text(&b, " = ");
    buf_put(&b, utf8_cut(value, HIDDEN_SHOWN));
    walk_text(p->w, FACT_OFFICE_VARIABLE, buf_slice(&b), NOWHERE);
    buf_drop(&b);
}

static void hidden_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct hidden_reader *r = host;
    (void)at;
    if (slice_is(xml_local(name), "docVar"))
        say(r->p, xml_get(a, n, "name"), xml_get(a, n, "val"));
    if (!slice_is(xml_local(name), "property"))
        return;
    r->in_property = true;
    r->name = arena_copy(r->p->w->mem, utf8_cut(xml_get(a, n, "name"), HIDDEN_SHOWN / 2));
    buf_clear(&r->text);
}

static void hidden_text(void *host, slice text, size_t at)
{
    struct hidden_reader *r = host;
    (void)at;
    if (r->in_property)
        buf_put(&r->text, text);
}

static void hidden_close(void *host, slice name, size_t at)
{
    struct hidden_reader *r = host;
    (void)at;
    if (!r->in_property || !slice_is(xml_local(name), "property"))
        return;
    say(r->p, r->name, buf_slice(&r->text));
    r->in_property = false;
}

void ooxml_read_hidden(struct package *p, size_t entry)
{
    struct hidden_reader r = { .p = p, .text = buf_new(HIDDEN_MAX) };
    const struct xml_handler handler = {
        .host = &r, .open = hidden_open, .close = hidden_close, .text = hidden_text
    };
    ooxml_read(p, entry, &handler);
    buf_drop(&r.text);
}
