/* SPDX-License-Identifier: Apache-2.0 */
/* Whole documents in one XML file: Flat OPC (ECMA-376 part 2 packages as Word and PowerPoint save
 * them in XML; http://schemas.microsoft.com/office/2006/xmlPackage), and the XML of Office 2003
 * (WordprocessingML, SpreadsheetML). All open on a double click, under any name, macros included.
 *
 * The parts of a flat package are the package's members: they form the same bundle that a zip
 * would, and the package reader reads them. Of the older kind text, links, templates and fields
 * are read here; what lies in it as base64 (macros in ActiveMime, objects, pictures) is a child.
 */
#include "base/buf.h"
#include "base/charset.h"
#include "base/text.h"
#include "base/xml.h"
#include "decode/links.h"
#include "decode/plain.h"

enum {
    HEAD = 256 * 1024,
    BLANKS_MAX = 4096,
    PARTS_MAX = 8192,
    TEXT_MAX = 16 << 20,
    NAME_MAX_BYTES = 1024,
    SAY_MAX = 64,
    FIELD_MAX = 4096,
    WORK_PER_BYTE = 6,
};

/* --- what it is */

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

/* With or without the declaration, behind any comment, in 8-bit text or UTF-16. */
static enum sniff officexml_sniff(const struct sniff_input *in)
{
    static const char *const words[] = { "mso-application", "/office/2006/xmlPackage",
                                         "/office/word/2003/wordml",
                                         "urn:schemas-microsoft-com:office:spreadsheet" };
    slice s = in->body->all;
    size_t i = slice_starts(s, SLICE_LIT("\xef\xbb\xbf")) ? 3 : 0;
    if (slice_starts(s, SLICE_LIT("\xff\xfe")) || slice_starts(s, SLICE_LIT("\xfe\xff")))
        i = 2;
    while (i < s.len && i < BLANKS_MAX && (ascii_space(s.at[i]) || s.at[i] == 0))
        i++;
    /* A page with an island of Office XML is a page. */
    if (i >= s.len || s.at[i] != '<' || slice_starts_nocase(slice_from(s, i), "<html") ||
        slice_starts_nocase(slice_from(s, i), "<!doctype"))
        return SNIFF_NO;
    slice head = slice_sub(s, 0, HEAD);
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (mentions(head, words[k]))
            return SNIFF_STRONG;
    return SNIFF_NO;
}

struct piece {
    slice name;
    size_t from, to; /* content, between the tags */
    bool base64;
};

struct reading {
    struct walk *w;
    slice all;
    struct piece *pieces;
    size_t n, room;
    bool flat; /* a package */
    bool workbook;
    bool inside; /* of the piece that is last */
    bool in_text, in_field;
    slice part; /* name of the pkg:part that is open */
    struct buf text, field;
    unsigned said;
    bool limit;
};

static void add_piece(struct reading *r, slice name, size_t at, bool base64)
{
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : 32;
        struct piece *more =
            room <= PARTS_MAX
                ? arena_regrow(r->w->mem, r->pieces, r->n * sizeof *more, room, sizeof *more)
                : NULL;
        if (!more) {
            r->limit = true;
            return;
        }
        r->pieces = more;
        r->room = room;
    }
    /* Behind the tag; a '>' inside quotes belongs to it. */
    uint8_t quote = 0;
    for (; at < r->all.len && (quote || r->all.at[at] != '>'); at++) {
        uint8_t c = r->all.at[at];
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
    }
    at = at < r->all.len ? at + 1 : r->all.len;
    r->pieces[r->n++] =
        (struct piece){ .name = arena_copy(r->w->mem, utf8_cut(name, NAME_MAX_BYTES)),
                        .from = at,
                        .to = at,
                        .base64 = base64 };
    r->inside = true;
}

/* --- the XML of Office 2003 */

static void say_outside(struct reading *r, slice target, const char *kind)
{
    struct walk *w = r->w;
    target = slice_trim(slice_sub(target, 0, 2048));
    if (target.len == 0 || r->said++ >= SAY_MAX)
        return;
    walk_text(w, FACT_OFFICE_EXTERNAL, target, NOWHERE);
    walk_cstr(w, FACT_OFFICE_EXTERNAL_TYPE, kind, NOWHERE);
    walk_text(w,
              slice_is(slice_of(kind), "attachedTemplate") ? FACT_OFFICE_EXTERNAL_TEMPLATE
                                                           : FACT_OFFICE_EXTERNAL_OBJECT,
              target, NOWHERE);
    walk_link(w, target, (slice){ 0 }, NOWHERE, "office.external");
}

static void say_field(struct reading *r, slice code)
{
    code = slice_trim(code);
    if ((slice_starts_nocase(code, "DDE ") || slice_starts_nocase(code, "DDEAUTO")) &&
        r->said++ < SAY_MAX)
        walk_text(r->w, FACT_OFFICE_FIELD_DDE, utf8_cut(code, FIELD_MAX), NOWHERE);
}

static void open_word(struct reading *r, slice local, const struct xml_attribute *a, size_t n)
{
    if (slice_is(local, "t") || slice_is(local, "Data"))
        r->in_text = true;
    else if (slice_is(local, "instrText"))
        r->in_field = true;
    else if (slice_is(local, "fldSimple"))
        say_field(r, xml_get(a, n, "instr"));
    else if (slice_is(local, "attachedTemplate"))
        say_outside(r, xml_get(a, n, "val"), "attachedTemplate");
    else if (slice_is(local, "sourceFileName"))
        say_outside(r, xml_get(a, n, "val"), "frame");
    else if (slice_is(local, "hlink"))
        walk_link(r->w, xml_get(a, n, "dest"), (slice){ 0 }, NOWHERE, "office.link");
    slice href = xml_get(a, n, "HRef");
    if (href.len)
        walk_link(r->w, href, (slice){ 0 }, NOWHERE, "office.link");
}

/* --- all of it */

static void on_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct reading *r = host;
    slice local = xml_local(name);
    if (r->inside)
        return; /* the content of a part is read by who reads the part */
    if (slice_is(local, "package")) {
        r->flat = r->flat || r->n == 0;
    } else if (slice_is(local, "part") && r->flat) {
        r->part = arena_copy(r->w->mem, utf8_cut(xml_get(a, n, "name"), NAME_MAX_BYTES));
    } else if (r->flat && (slice_is(local, "xmlData") || slice_is(local, "binaryData"))) {
        add_piece(r, r->part, at, slice_is(local, "binaryData"));
    } else if (slice_is(local, "binData")) {
        add_piece(r, xml_get(a, n, "name"), at, true);
    } else if (slice_is(local, "Workbook")) {
        r->workbook = true;
    } else {
        open_word(r, local, a, n);
    }
}

static void on_close(void *host, slice name, size_t at)
{
    struct reading *r = host;
    slice local = xml_local(name);
    if (r->inside) {
        struct piece *last = &r->pieces[r->n - 1];
        if (slice_is(local, "xmlData") || slice_is(local, "binaryData") ||
            slice_is(local, "binData")) {
            last->to = at > last->from ? at : last->from;
            r->inside = false;
        }
        return;
    }
    r->in_text = r->in_text && !slice_is(local, "t") && !slice_is(local, "Data");
    r->in_field = r->in_field && !slice_is(local, "instrText");
    if (slice_is(local, "p") || slice_is(local, "Row"))
        buf_byte(&r->text, '\n');
    else if (slice_is(local, "Cell"))
        buf_byte(&r->text, '\t');
    if (slice_is(local, "p") && r->field.len) {
        say_field(r, buf_slice(&r->field));
        buf_clear(&r->field);
    }
}

static void on_text(void *host, slice text, size_t at)
{
    struct reading *r = host;
    (void)at;
    if (r->in_text && !r->inside)
        buf_put(&r->text, text);
    if (r->in_field && !r->inside)
        buf_put(&r->field, text);
}

static slice content_of(const struct reading *r, const struct piece *p)
{
    slice s = slice_sub(r->all, p->from, p->to - p->from);
    return p->base64 ? base64_decode(r->w->mem, s, NULL) : s;
}

/* --- a flat package is a package */

static bool piece_open(struct walk *w, struct bundle *b, size_t entry, struct body *out)
{
    const struct reading *r = b->host;
    const struct piece *p = &r->pieces[entry];
    bool paid = walk_work(w, (p->to - p->from) * (p->base64 ? WORK_PER_BYTE : 0));
    *out = body_borrow(paid ? content_of(r, p) : (slice){ 0 });
    return paid;
}

static size_t piece_head(struct walk *w, struct bundle *b, size_t entry, uint8_t *out, size_t max)
{
    const struct reading *r = b->host;
    const struct piece *p = &r->pieces[entry];
    slice s = slice_sub(r->all, p->from, p->to - p->from);
    if (p->base64)
        s = base64_decode(w->mem, slice_sub(s, 0, 2 * max + 64), NULL);
    return slice_copy_out(s, out, max);
}

static void walk_package(struct reading *r, bool *taken)
{
    struct bundle_entry *entries = ARENA_ARRAY(r->w->mem, struct bundle_entry, r->n ? r->n : 1);
    if (!entries)
        return;
    for (size_t i = 0; i < r->n; i++) {
        const struct piece *p = &r->pieces[i];
        slice name = p->name;
        while (name.len && name.at[0] == '/')
            name = slice_from(name, 1);
        entries[i] =
            (struct bundle_entry){ .name = name,
                                   .size = p->base64 ? (p->to - p->from) / 4 * 3 : p->to - p->from,
                                   .at = NOWHERE,
                                   .stream = true };
    }
    struct bundle b = { .kind = "zip",
                        .how = HOW_OPC,
                        .entries = entries,
                        .n = r->n,
                        .host = r,
                        .open = piece_open,
                        .head = piece_head };
    walk_bundle(r->w, &b);
    for (size_t i = 0; i < r->n; i++)
        taken[i] = entries[i].taken;
}

/* What nobody took: objects, macros, pictures. */
static void walk_pieces(struct reading *r, const bool *taken)
{
    for (size_t i = 0; i < r->n && !walk_over(r->w); i++) {
        const struct piece *p = &r->pieces[i];
        if (taken[i] || !p->base64 || !walk_work(r->w, (p->to - p->from) * WORK_PER_BYTE))
            continue;
        slice name = p->name;
        size_t scheme = slice_find(name, SLICE_LIT("://"), 0);
        struct body body = body_borrow(content_of(r, p));
        struct child c = { .name = scheme == SIZE_MAX ? name : slice_from(name, scheme + 3),
                           .how = HOW_OPC,
                           .at = NOWHERE,
                           .body = &body };
        if (body.all.len)
            (void)walk_child(r->w, &c);
    }
}

static slice as_utf8(struct walk *w, slice s)
{
    if (slice_starts(s, SLICE_LIT("\xff\xfe")))
        return charset_decode_id(w->mem, CHARSET_UTF16LE, slice_from(s, 2)).text;
    if (slice_starts(s, SLICE_LIT("\xfe\xff")))
        return charset_decode_id(w->mem, CHARSET_UTF16BE, slice_from(s, 2)).text;
    return s;
}

/* Decoded text no longer is what its declaration says. */
static slice without_declaration(slice s)
{
    slice t = slice_trim(s);
    size_t end =
        slice_starts(t, SLICE_LIT("<?xml ")) ? slice_find(t, SLICE_LIT("?>"), 0) : SIZE_MAX;
    return end == SIZE_MAX ? s : slice_from(t, end + 2);
}

static enum walk_end officexml_walk(struct walk *w, const struct body *body)
{
    struct reading r = { .w = w, .text = buf_new(TEXT_MAX), .field = buf_new(FIELD_MAX) };
    const struct xml_handler handler = {
        .host = &r, .open = on_open, .close = on_close, .text = on_text
    };
    if (!walk_work(w, body->all.len * WORK_PER_BYTE))
        return WALK_LIMIT;
    slice all = as_utf8(w, body->all);
    r.all = all.at == body->all.at ? all : without_declaration(all);
    enum xml_end end = xml_read(r.all, &handler, w->mem, w->budget);
    if (r.inside && r.n)
        r.pieces[r.n - 1].to =
            r.all.len > r.pieces[r.n - 1].from ? r.all.len : r.pieces[r.n - 1].from;
    bool *taken = ARENA_ARRAY(w->mem, bool, r.n + 1);
    if (!r.flat)
        walk_type(w, r.workbook ? "xls" : "doc");
    if (taken && r.flat)
        walk_package(&r, taken);
    if (!r.flat)
        plain_view(w, utf8_clean(w->mem, buf_slice(&r.text)), NOWHERE);
    if (taken)
        walk_pieces(&r, taken);
    if (end == XML_FAULTY)
        walk_text(w, FACT_OFFICE_PART_FAULTY, w->name.len ? w->name : SLICE_LIT("xml"), NOWHERE);
    if (end == XML_LIMIT || r.limit)
        walk_unread(w, UNREAD_LIMIT, SLICE_LIT("xml"));
    buf_drop(&r.text);
    buf_drop(&r.field);
    return end == XML_LIMIT || r.limit || walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_officexml = {
    .name = "officexml",
    .spec = "ECMA-376 part 2, flat; Office 2003 XML reference schemas",
    .sniff = officexml_sniff,
    .walk = officexml_walk,
};
