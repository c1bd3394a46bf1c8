/* SPDX-License-Identifier: Apache-2.0 */
/* library - what Explorer shows as a folder though it lies elsewhere: libraries (.library-ms),
 * search connectors (.searchConnector-ms) and saved searches (.search-ms), after the Library and
 * Search Connector Description Schemas of the Windows Shell.
 *
 * Opened, they show the files of a server as if they were in a folder of one's own; Explorer asks
 * the server, with the user's credentials, as soon as it shows an icon (CVE-2025-24071). */
#include "base/buf.h"
#include "base/text.h"
#include "base/xml.h"
#include "decode/shared/remote.h"
#include "decode/types.h"

enum { HEAD = 16 * 1024, VALUE_MAX = 8192, SAID_MAX = 64 };

static const char *const roots[] = { "librarydescription", "searchconnectordescription", "persistedquery" };

/* Is this the name of one of the root elements? In 8-bit text or in UTF-16: zeros are passed over. */
static bool begins_library(slice s)
{
    uint8_t name[48];
    size_t n = 0;
    for (size_t i = 0; i < s.len && n < sizeof name; i++) {
        uint8_t c = s.at[i];
        if (c == ':')
            n = 0;
        else if (ascii_alpha(c))
            name[n++] = c;
        else if (c != 0)
            break;
    }
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
        if (slice_is_nocase((slice){ name, n }, roots[i]))
            return true;
    return false;
}

static enum sniff library_sniff(const struct sniff_input *in)
{
    slice head = slice_sub(in->body->all, 0, HEAD);
    size_t at = slice_find_byte(slice_sub(head, 0, 1024), '<', 0);
    const struct type_row *t = type_by_extension(type_extension_of(in->name));
    if (at != SIZE_MAX && t && slice_is(slice_of(t->name), "library"))
        return SNIFF_STRONG;
    /* the first element, behind declaration and comments */
    for (; at != SIZE_MAX; at = slice_find_byte(head, '<', at + 1)) {
        slice rest = slice_from(head, at + 1);
        if (rest.len && rest.at[0] == 0)
            rest = slice_from(rest, 1);
        if (begins_library(rest))
            return SNIFF_STRONG;
        if (rest.len == 0 || (rest.at[0] != '?' && rest.at[0] != '!'))
            return SNIFF_NO;
    }
    return SNIFF_NO;
}

struct reading {
    struct walk *w;
    struct buf text;
    bool root;
    unsigned said;
};

static void say(struct reading *r, enum fact_id id, slice value, size_t at, const char *source)
{
    value = utf8_clean(r->w->mem, arena_copy(r->w->mem, slice_trim(slice_sub(value, 0, VALUE_MAX))));
    if (value.len == 0 || r->said >= SAID_MAX)
        return;
    r->said++;
    walk_text(r->w, id, value, range_of(at, 1));
    (void)walk_remote(r->w, value, range_of(at, 1), source);
}

static void opened(void *host, slice name, const struct xml_attribute *attributes, size_t n, size_t at)
{
    struct reading *r = host;
    slice local = xml_local(name);
    buf_clear(&r->text);
    if (!r->root)
        walk_text(r->w, FACT_LIBRARY_KIND, utf8_clean(r->w->mem, slice_lower(r->w->mem, slice_sub(local, 0, 64))), range_of(at, name.len));
    r->root = true;
    /* saved searches: <scope><include path="..."/> */
    slice path = xml_get(attributes, n, "path");
    if (path.len)
        say(r, FACT_LIBRARY_LOCATION, path, at, "library.location");
}

static void text(void *host, slice piece, size_t at)
{
    struct reading *r = host;
    (void)at;
    buf_put(&r->text, piece);
}

static void closed(void *host, slice name, size_t at)
{
    struct reading *r = host;
    slice local = xml_local(name);
    if (slice_is_nocase(local, "url") || slice_is_nocase(local, "domain") || slice_is_nocase(local, "searchlocation"))
        say(r, FACT_LIBRARY_LOCATION, buf_slice(&r->text), at, "library.location");
    else if (slice_is_nocase(local, "iconreference") || slice_is_nocase(local, "imagelink"))
        say(r, FACT_LIBRARY_ICON, buf_slice(&r->text), at, "library.icon");
    buf_clear(&r->text);
}

static slice stored_part(const struct body *body)
{
    if (!body->stored)
        return body->all;
    const struct extent *last = body->n_stored ? &body->stored[body->n_stored - 1] : NULL;
    return slice_sub(body->all, 0, last ? (size_t)(last->at + last->len) : 0);
}

static enum walk_end library_walk(struct walk *w, const struct body *body)
{
    struct reading r = { .w = w, .text = buf_new(VALUE_MAX) };
    const struct xml_handler handler = { .host = &r, .open = opened, .close = closed, .text = text };
    slice all = stored_part(body);
    while (all.len && all.at[all.len - 1] == 0)
        all.len--;
    if (slice_starts(all, SLICE_LIT("\xff\xfe")) && all.len % 2) /* a wide character of which the zero went */
        all = slice_sub(body->all, 0, all.len + 1);
    enum xml_end end = xml_read(all, &handler, w->mem, w->budget);
    buf_drop(&r.text);
    if (walk_over(w))
        return WALK_LIMIT;
    return end == XML_WHOLE ? WALK_WHOLE : WALK_BROKEN;
}

const struct format format_library = {
    .name = "library",
    .spec = "Library Description Schema (Windows Shell)",
    .sniff = library_sniff,
    .walk = library_walk,
};
