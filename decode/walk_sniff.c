/* SPDX-License-Identifier: Apache-2.0 */
/* walk_sniff - which formats walk a body: every strong one, else the best weak
 * one, so that polyglots are read as each thing they are. */
#include "base/text.h"
#include "decode/walk_private.h"

/* Two magic bytes prove little: text may begin with "BM" or "MZ". */
enum { MAGIC_TRUSTED = 3, XML_HEAD = 256 * 1024, BLANKS_MAX = 4096 };

static const struct type_row *type_by_words(const struct walk *w)
{
    const struct type_row *t = type_by_extension(type_extension_of(w->name));
    return t ? t : type_by_media(w->declared);
}

/* In 8-bit text or in UTF-16 of either order. */
static bool mentions(slice head, const char *word)
{
    slice s = slice_of(word);
    if (slice_find(head, s, 0) != SIZE_MAX)
        return true;
    uint8_t wide[2 * 64];
    size_t n = 0;
    for (size_t i = 0; i < s.len && n + 2 < sizeof wide; i++) {
        wide[n++] = s.at[i];
        wide[n++] = 0;
    }
    return slice_find(head, (slice){ wide, n - 1 }, 0) != SIZE_MAX;
}

/* Word and Excel open whole documents, macros included, out of one XML file,
 * with or without its declaration and whatever comment stands before its root. */
static bool is_office_xml(slice all)
{
    static const char *const words[] = { "mso-application", "/office/2006/xmlPackage",
                                         "/office/word/2003/wordml",
                                         "urn:schemas-microsoft-com:office:spreadsheet" };
    slice head = slice_sub(all, 0, XML_HEAD);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (mentions(head, words[i]))
            return true;
    return false;
}

/* Behind a byte order mark and blanks, zeros of UTF-16 among them. */
static slice behind_blanks(slice s)
{
    size_t i = 0;
    if (slice_starts(s, SLICE_LIT("\xff\xfe")) || slice_starts(s, SLICE_LIT("\xfe\xff")))
        i = 2;
    else if (slice_starts(s, SLICE_LIT("\xef\xbb\xbf")))
        i = 3;
    while (i < s.len && i < BLANKS_MAX && (ascii_space(s.at[i]) || s.at[i] == 0))
        i++;
    return slice_from(s, i);
}

/* What text is that programs recognise with something before it. */
static const struct type_row *type_of_text(const struct body *body, const struct type_row *magic)
{
    slice s = behind_blanks(body->all);
    bool xml = magic && slice_is(slice_of(magic->name), "xml");
    if (s.len && s.at[0] == '<' && is_office_xml(s))
        return type_named(SLICE_LIT("officexml"));
    if (magic || s.len == body->all.len)
        return xml ? magic : NULL;
    size_t len;
    struct body rest = body_borrow(s);
    const struct type_row *t = type_by_magic(&rest, &len);
    return t && (slice_is(slice_of(t->name), "rtf") || slice_is(slice_of(t->name), "url")) ? t : NULL;
}

void walk_sniff(const struct walk *w, struct sniffed *out)
{
    const struct sniff_input in = { w->body, w->name, w->declared, w->how == HOW_MIME };
    const struct format *weak = NULL;
    size_t n, magic_len = 0;
    const struct format *const *all = formats_all(&n);
    *out = (struct sniffed){ 0 };
    for (size_t i = 0; i < n && out->n < MAX_STRONG; i++) {
        enum sniff s = all[i]->sniff ? all[i]->sniff(&in) : SNIFF_NO;
        if (s == SNIFF_STRONG)
            out->formats[out->n++] = all[i];
        else if (s == SNIFF_WEAK && !weak)
            weak = all[i];
    }
    out->strong = out->n > 0;
    if (out->strong) {
        out->type = type_named(slice_of(out->formats[0]->name));
        return;
    }
    const struct type_row *magic = type_by_magic(w->body, &magic_len);
    const struct type_row *words = type_by_words(w);
    bool read_as_text = weak && magic_len < MAGIC_TRUSTED;
    const struct type_row *text = type_of_text(w->body, magic);
    if (text) {
        out->type = text;
    } else if (magic && !read_as_text) {
        out->type = magic;
    } else if (words && (words->policy != TYPE_READER || !weak)) {
        out->type = words;
    } else if (weak) {
        out->type = type_named(slice_of(weak->name));
    }
    if (weak)
        out->formats[out->n++] = weak;
}
