/* SPDX-License-Identifier: Apache-2.0 */
/* From the codes of a shown string to text (ISO 32000-1 9.6 to 9.10): ToUnicode maps, the
 * simple encodings with their differences, and the predefined CMaps of Japanese, Chinese and
 * Korean documents by the charset they stand for.
 *
 * Left out: glyph names beyond letters, digits, "uniXXXX" and common marks, and fonts that map
 * nothing to Unicode, whose text no program can copy either. */
#include "decode/pdf/pdf_private.h"
#include "base/charset.h"
#include "base/text.h"

enum { MAP_BYTES_MAX = 1 << 20, RANGE_MAX = 65536, WORK_PER_BYTE = 8, WORK_PER_CHARACTER = 12 };

struct pdf_font {
    bool wide;               /* two bytes a code */
    bool mapped;             /* has a ToUnicode map */
    enum charset_id charset; /* of a predefined CMap; else UNKNOWN */
    uint32_t *leaves[256];   /* code to one or two UTF-16 units, the second above; 0: none */
};

static void map(struct pdf *p, struct pdf_font *f, uint32_t code, uint32_t units)
{
    uint32_t **leaf = &f->leaves[code >> 8 & 255];
    if (code > 0xffff)
        return;
    if (!*leaf)
        *leaf = ARENA_ARRAY(p->w->mem, uint32_t, 256);
    if (*leaf)
        (*leaf)[code & 255] = units;
}

/* --- ToUnicode (9.10.3) */

static uint32_t code_of(struct pdf *p, const struct pdf_value *v)
{
    slice s = v->kind == PDF_IS_HEX && v->raw.len <= 32 ? pdf_unescape(p->w->mem, v) : (slice){ 0 };
    uint32_t code = 0;
    if (s.len == 0 || s.len > 4)
        return UINT32_MAX;
    for (size_t i = 0; i < s.len; i++)
        code = code << 8 | s.at[i];
    return code;
}

static uint32_t units_of(struct pdf *p, const struct pdf_value *v)
{
    slice s = v->kind == PDF_IS_HEX && v->raw.len <= 64 ? pdf_unescape(p->w->mem, v) : (slice){ 0 };
    if (s.len == 1)
        return s.at[0];
    if (s.len < 2)
        return 0;
    uint32_t units = (uint32_t)s.at[0] << 8 | s.at[1];
    return s.len >= 4 ? units | (uint32_t)s.at[2] << 24 | (uint32_t)s.at[3] << 16 : units;
}

static void read_ranges(struct pdf *p, struct pdf_font *f, struct pdf_lexer *l)
{
    struct pdf_value low, high, to, item;
    while (pdf_next(l, false, &low) && low.kind == PDF_IS_HEX && pdf_next(l, false, &high) &&
           pdf_next(l, false, &to)) {
        uint32_t a = code_of(p, &low), b = code_of(p, &high);
        if (a > b || b > 0xffff || b - a >= RANGE_MAX || !walk_work(p->w, (b - a + 1) * 4))
            continue;
        if (to.kind == PDF_IS_ARRAY) {
            struct pdf_lexer list = { .in = to.raw };
            for (; a <= b && pdf_next(&list, false, &item); a++)
                map(p, f, a, units_of(p, &item));
            continue;
        }
        uint32_t units = units_of(p, &to);
        for (uint32_t i = 0; units && i <= b - a; i++)
            map(p, f, a + i, units > 0xffff ? units + (i << 16) : units + i);
    }
}

static void read_chars(struct pdf *p, struct pdf_font *f, struct pdf_lexer *l)
{
    struct pdf_value code, to;
    while (pdf_next(l, false, &code) && code.kind == PDF_IS_HEX && pdf_next(l, false, &to))
        map(p, f, code_of(p, &code), units_of(p, &to));
}

static void read_map(struct pdf *p, struct pdf_font *f, uint32_t object)
{
    struct body body = { 0 };
    struct pdf_value v;
    (void)pdf_stream(p, object, MAP_BYTES_MAX, &body);
    struct pdf_lexer l = { .in = body.all };
    if (walk_work(p->w, body.all.len * WORK_PER_BYTE))
        while (pdf_next(&l, false, &v) && !walk_over(p->w)) {
            if (pdf_is_word(&v, "beginbfchar"))
                read_chars(p, f, &l);
            else if (pdf_is_word(&v, "beginbfrange"))
                read_ranges(p, f, &l);
        }
    f->mapped = body.all.len > 0;
    body_release(&body);
}

/* --- simple encodings (9.6.6) */

static uint32_t glyph(slice name)
{
    static const struct {
        const char *name;
        uint16_t code;
    } names[] = {
        { "space", ' ' },
        { "zero", '0' },
        { "one", '1' },
        { "two", '2' },
        { "three", '3' },
        { "four", '4' },
        { "five", '5' },
        { "six", '6' },
        { "seven", '7' },
        { "eight", '8' },
        { "nine", '9' },
        { "period", '.' },
        { "comma", ',' },
        { "colon", ':' },
        { "semicolon", ';' },
        { "hyphen", '-' },
        { "slash", '/' },
        { "parenleft", '(' },
        { "parenright", ')' },
        { "at", '@' },
        { "underscore", '_' },
        { "quotesingle", '\'' },
        { "quoteright", 0x2019 },
        { "quoteleft", 0x2018 },
        { "quotedblleft", 0x201c },
        { "quotedblright", 0x201d },
        { "exclam", '!' },
        { "question", '?' },
        { "percent", '%' },
        { "ampersand", '&' },
        { "dollar", '$' },
        { "numbersign", '#' },
        { "asterisk", '*' },
        { "plus", '+' },
        { "equal", '=' },
        { "endash", 0x2013 },
        { "emdash", 0x2014 },
        { "bullet", 0x2022 },
    };
    uint32_t v = 0;
    if (name.len == 1)
        return name.at[0];
    if (slice_is(name, "fi") || slice_is(name, "fl"))
        return 'f' | (uint32_t)name.at[1] << 16;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(name, names[i].name))
            return names[i].code;
    size_t digits = slice_starts(name, SLICE_LIT("uni")) ? 3
                    : name.len > 4 && name.at[0] == 'u'  ? 1
                                                         : name.len;
    for (size_t i = digits; i < name.len && i < digits + 4; i++) {
        int digit = ascii_hex(name.at[i]);
        if (digit < 0)
            return 0;
        v = v << 4 | (uint32_t)digit;
    }
    return v;
}

static void read_differences(struct pdf *p, struct pdf_font *f, struct pdf_value list)
{
    struct pdf_value v;
    list = pdf_resolve(p, list);
    struct pdf_lexer l = { .in = list.raw, .owner = list.owner };
    double code = 0;
    while (list.kind == PDF_IS_ARRAY && pdf_next(&l, false, &v)) {
        if (v.kind == PDF_IS_NUMBER) {
            code = v.number;
        } else if (v.kind == PDF_IS_NAME && code >= 0 && code < 256) {
            uint8_t room[PDF_NAME_MAX];
            map(p, f, (uint32_t)code, glyph(pdf_name(v.raw, room)));
            code++;
        }
    }
}

/* 9.7.5.2: names of the predefined CMaps say which charset the codes are. */
static enum charset_id charset_of(struct pdf_value name)
{
    static const struct {
        const char *part;
        enum charset_id id;
    } parts[] = {
        { "UniJIS-UCS2", CHARSET_UTF16BE }, { "UniJIS-UTF16", CHARSET_UTF16BE },
        { "UniGB-U", CHARSET_UTF16BE },     { "UniCNS-U", CHARSET_UTF16BE },
        { "UniKS-U", CHARSET_UTF16BE },     { "RKSJ", CHARSET_CP932 },
        { "EUC-H", CHARSET_EUCJP },         { "EUC-V", CHARSET_EUCJP },
    };
    for (size_t i = 0; name.kind == PDF_IS_NAME && i < sizeof parts / sizeof parts[0]; i++)
        if (slice_find(name.raw, slice_of(parts[i].part), 0) != SIZE_MAX)
            return parts[i].id;
    return CHARSET_UNKNOWN;
}

struct pdf_font *pdf_font_new(struct pdf *p, struct pdf_value font)
{
    struct pdf_font *f = ARENA_NEW(p->w->mem, struct pdf_font);
    struct pdf_dict d, encoding;
    if (!f || !pdf_dict(p, font, &d, NULL))
        return f;
    struct pdf_value kind = pdf_get(&d, PDF_Subtype), e = pdf_resolve(p, pdf_get(&d, PDF_Encoding));
    f->wide = pdf_is_name(&kind, "Type0");
    if (f->wide)
        f->charset = charset_of(e);
    else if (e.kind == PDF_IS_DICT && pdf_dict(p, e, &encoding, NULL) &&
             encoding.has[PDF_Differences])
        read_differences(p, f, encoding.v[PDF_Differences]);
    struct pdf_value to = pdf_get(&d, PDF_ToUnicode);
    const struct pdf_object *o = to.kind == PDF_IS_REF ? pdf_object(p, to.num) : NULL;
    if (o && o->stream)
        read_map(p, f, (uint32_t)(o - p->objects));
    return f;
}

/* --- showing */

static void put_unit(struct buf *out, uint32_t units)
{
    uint8_t utf8[4];
    uint32_t a = units & 0xffff, b = units >> 16;
    if (a >= 0xd800 && a < 0xdc00 && b >= 0xdc00 && b < 0xe000) {
        buf_put(out,
                (slice){ utf8, utf8_put(utf8, 0x10000 + ((a - 0xd800) << 10) + (b - 0xdc00)) });
        return;
    }
    buf_put(out, (slice){ utf8, utf8_put(utf8, a < 0x20 ? ' ' : a) });
    if (b >= 0x20)
        buf_put(out, (slice){ utf8, utf8_put(utf8, b) });
}

static uint32_t unit_of(const struct pdf_font *f, uint32_t code)
{
    return f->leaves[code >> 8] ? f->leaves[code >> 8][code & 255] : 0;
}

void pdf_font_show(struct pdf *p, const struct pdf_font *f, slice bytes, struct buf *out)
{
    if (!f || !walk_work(p->w, bytes.len * WORK_PER_CHARACTER))
        return;
    if (f->charset != CHARSET_UNKNOWN && !f->mapped) {
        buf_put(out, charset_decode_id(p->w->mem, f->charset, bytes).text);
        return;
    }
    for (size_t i = 0; i < bytes.len; i += f->wide ? 2 : 1) {
        uint32_t code = bytes.at[i];
        if (f->wide)
            code = code << 8 | (i + 1 < bytes.len ? bytes.at[i + 1] : 0u);
        uint32_t units = unit_of(f, code);
        if (!units && !f->wide)
            units =
                code; /* WinAnsi, MacRoman and Standard agree on ASCII; the rest is near Latin-1 */
        if (units)
            put_unit(out, units);
    }
}
