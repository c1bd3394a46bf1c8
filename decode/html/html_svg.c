/* SPDX-License-Identifier: Apache-2.0 */
/* html_svg - what sets a drawing apart from a page: SVG 1.1 in the XML that browsers read.
 *
 * A browser opens a mailed drawing as a document of its own, scripts and forms included.
 * Here: which parts are drawings, how much they draw, and markup that the internal subset
 * declares as an entity (XML 1.0 4.2), which stands in the text by its name only.
 * Left out: animation of attributes, parameter entities, entities from outside (no browser
 * fetches them).
 */
#include "base/text.h"
#include "decode/html/html_private.h"
#include "decode/types.h"

enum { HEAD = 2048, SUBSET_MAX = 256 * 1024, ENTITIES_MAX = 64, MARKUP_MAX = 1 << 20 };

/* The name and the declared type decide how a browser reads it; without them the root. */
bool html_is_svg(const struct walk *w, slice text)
{
    const struct type_row *t = type_by_extension(type_extension_of(w->name));
    if (!t)
        t = type_by_media(w->declared);
    if (t && slice_is(slice_of(t->name), "svg"))
        return true;
    slice head = slice_sub(text, 0, HEAD);
    return slice_find_nocase(head, SLICE_LIT("<svg"), 0) != SIZE_MAX &&
           slice_find_nocase(head, SLICE_LIT("<html"), 0) == SIZE_MAX &&
           slice_find_nocase(head, SLICE_LIT("<body"), 0) == SIZE_MAX;
}

/* An element that puts a shape on the page (SVG 1.1 9). */
bool html_svg_draws(slice name)
{
    static const char *const shapes[] = { "path", "rect",     "circle",  "ellipse",
                                          "line", "polyline", "polygon", "use" };
    size_t colon = slice_find_byte(name, ':', 0);
    if (colon != SIZE_MAX)
        name = slice_from(name, colon + 1);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (slice_is_nocase(name, shapes[i]))
            return true;
    return false;
}

/* Behind "<!ENTITY": the literal in quotes; empty when there is none before '>'. */
static slice entity_value(slice s, size_t from)
{
    while (from < s.len && s.at[from] != '"' && s.at[from] != '\'' && s.at[from] != '>')
        from++;
    if (from == s.len || s.at[from] == '>')
        return (slice){ 0 };
    size_t end = slice_find_byte(s, s.at[from], from + 1);
    return end == SIZE_MAX ? (slice){ 0 } : slice_sub(s, from + 1, end - from - 1);
}

slice html_svg_entities(struct arena *mem, slice text)
{
    struct buf out = buf_new(MARKUP_MAX);
    slice s = slice_sub(text, 0, SUBSET_MAX);
    size_t at = slice_find(s, SLICE_LIT("<!DOCTYPE"), 0);
    for (int n = 0; n < ENTITIES_MAX && at != SIZE_MAX; n++) {
        at = slice_find(s, SLICE_LIT("<!ENTITY"), at);
        if (at == SIZE_MAX)
            break;
        at += 8;
        slice value = html_decode(mem, entity_value(s, at));
        if (slice_find_byte(value, '<', 0) != SIZE_MAX)
            buf_put(&out, value);
    }
    slice markup = arena_copy(mem, buf_slice(&out));
    buf_drop(&out);
    return markup;
}
