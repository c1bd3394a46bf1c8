/* SPDX-License-Identifier: Apache-2.0 */
/* vcard - contacts: RFC 6350 (vCard 4.0), RFC 2426 (3.0) and vCard 2.1.
 *
 * Pictures and keys are files, whatever their bytes are; addresses of pages are
 * links. Windows' own viewer starts what a "page" without scheme names: a path
 * to a program there is told. Left out: people's data.
 */
#include "base/text.h"
#include "decode/shared/contentline.h"
#include "decode/links.h"
#include "decode/types.h"

enum { TEXT_MAX = 1 << 20 };

static enum sniff vcard_sniff(const struct sniff_input *in)
{
    return content_sniff(in->body, "VCARD");
}

/* TYPE=JPEG, MEDIATYPE=image/jpeg; the bytes decide all the same. */
static slice media_type(const struct content_line *l)
{
    slice type = content_parameter(l, "MEDIATYPE");
    return type.len ? type : slice_find_byte(content_parameter(l, "TYPE"), '/', 0) != SIZE_MAX ? content_parameter(l, "TYPE") : (slice){ 0 };
}

/* A page that is a path: with backslashes, or a program by its extension. */
static void read_page(struct walk *w, const struct content_line *l)
{
    slice url = content_text(w, l);
    struct range at = range_of(l->at, l->end - l->at);
    bool scheme = slice_find(url, SLICE_LIT("://"), 0) != SIZE_MAX;
    const struct type_row *t = type_by_extension(type_extension_of(url));
    bool acts = t && (t->policy == TYPE_PROGRAM || t->policy == TYPE_SCRIPT) && !slice_ends_nocase(url, ".com");
    bool path = slice_find_byte(url, '\\', 0) != SIZE_MAX;
    if (!scheme && (path || (acts && slice_find_byte(url, '/', 0) == SIZE_MAX)))
        walk_text(w, FACT_CONTACT_PATH, utf8_cut(url, 1024), at);
    walk_link(w, url, (slice){ 0 }, at, "contact.url");
}

static void read_line(struct walk *w, const struct content_line *l, struct buf *text)
{
    static const char *const shown[] = { "FN", "N", "ORG", "TITLE", "NOTE", "NICKNAME", "ROLE" };
    static const char *const links[] = { "URL", "SOURCE", "FBURL", "CALURI", "CALADRURI", "X-SOCIALPROFILE" };
    static const char *const files[] = { "PHOTO", "LOGO", "SOUND", "KEY", "X-ATTACH", "AGENT", "X-MS-CARDPICTURE" };
    if (CONTENT_IS_ANY(l, files))
        content_attachment(w, l, (slice){ 0 }, media_type(l), "contact.picture");
    else if (CONTENT_IS_ANY(l, links))
        read_page(w, l);
    else if (CONTENT_IS_ANY(l, shown))
        content_add(text, content_text(w, l));
}

static enum walk_end vcard_walk(struct walk *w, const struct body *body)
{
    return content_walk(w, body, "VCARD", TEXT_MAX, read_line);
}

const struct format format_vcard = {
    .name = "vcard",
    .spec = "RFC 6350 3, 6; RFC 2426; vCard 2.1",
    .sniff = vcard_sniff,
    .walk = vcard_walk,
};
