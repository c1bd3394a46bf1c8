/* SPDX-License-Identifier: Apache-2.0 */
/* walk_sniff - which formats walk a body: every strong one, else the best weak
 * one, so that polyglots are read as each thing they are. */
#include "decode/walk_private.h"

/* Two magic bytes prove little: text may begin with "BM" or "MZ". */
enum { MAGIC_TRUSTED = 3, XML_HEAD = 2048 };

static const struct type_row *type_by_words(const struct walk *w)
{
    const struct type_row *t = type_by_extension(type_extension_of(w->name));
    return t ? t : type_by_media(w->declared);
}

/* Word and Excel open whole documents, macros included, out of one XML file. */
static const struct type_row *type_of_xml(const struct body *body)
{
    slice head = slice_sub(body->all, 0, XML_HEAD);
    bool office = slice_find(head, SLICE_LIT("mso-application"), 0) != SIZE_MAX ||
                  slice_find(head, SLICE_LIT("/office/2006/xmlPackage"), 0) != SIZE_MAX ||
                  slice_find(head, SLICE_LIT("/office/word/2003/wordml"), 0) != SIZE_MAX;
    return type_named(office ? SLICE_LIT("office-xml") : SLICE_LIT("xml"));
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
    if (magic && !read_as_text) {
        out->type = magic == type_named(SLICE_LIT("xml")) ? type_of_xml(w->body) : magic;
    } else if (words && (words->policy != TYPE_READER || !weak)) {
        out->type = words;
    } else if (weak) {
        out->type = type_named(slice_of(weak->name));
    }
    if (weak)
        out->formats[out->n++] = weak;
}
