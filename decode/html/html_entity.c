/* SPDX-License-Identifier: Apache-2.0 */
/* html_entity - character references (WHATWG HTML 13.2.5.72 to .80).
 *
 * Of the 2231 names of the standard: those of Latin-1, typography, and the
 * ASCII signs that are written as names to break up words and URLs.
 */
#include "base/text.h"
#include "decode/html/html_private.h"

#include <stdlib.h>

struct name {
    const char *name;
    uint16_t code;
    bool bare; /* also without ';' */
};

/* In byte order. */
static const struct name names[] = {
    { "AElig", 0xc6, true },     { "AMP", '&', true },        { "Aacute", 0xc1, true },
    { "Agrave", 0xc0, true },    { "Auml", 0xc4, true },      { "COPY", 0xa9, true },
    { "Ccedil", 0xc7, true },    { "Eacute", 0xc9, true },    { "GT", '>', true },
    { "LT", '<', true },         { "NewLine", '\n', false },  { "Ntilde", 0xd1, true },
    { "Oacute", 0xd3, true },    { "Ouml", 0xd6, true },      { "QUOT", '"', true },
    { "Tab", '\t', false },      { "Uacute", 0xda, true },    { "Uuml", 0xdc, true },
    { "aacute", 0xe1, true },    { "acirc", 0xe2, true },     { "acute", 0xb4, true },
    { "aelig", 0xe6, true },     { "agrave", 0xe0, true },    { "amp", '&', true },
    { "apos", '\'', false },     { "aring", 0xe5, true },     { "ast", '*', false },
    { "atilde", 0xe3, true },    { "auml", 0xe4, true },      { "bsol", '\\', false },
    { "bull", 0x2022, false },   { "ccedil", 0xe7, true },    { "cent", 0xa2, true },
    { "colon", ':', false },     { "comma", ',', false },     { "commat", '@', false },
    { "copy", 0xa9, true },      { "deg", 0xb0, true },       { "divide", 0xf7, true },
    { "dollar", '$', false },    { "eacute", 0xe9, true },    { "ecirc", 0xea, true },
    { "egrave", 0xe8, true },    { "emsp", 0x2003, false },   { "ensp", 0x2002, false },
    { "equals", '=', false },    { "euml", 0xeb, true },      { "euro", 0x20ac, false },
    { "excl", '!', false },      { "gt", '>', true },         { "hearts", 0x2665, false },
    { "hellip", 0x2026, false }, { "hyphen", 0x2010, false }, { "iacute", 0xed, true },
    { "icirc", 0xee, true },     { "iexcl", 0xa1, true },     { "iquest", 0xbf, true },
    { "laquo", 0xab, true },     { "larr", 0x2190, false },   { "lbrack", '[', false },
    { "lcub", '{', false },      { "ldquo", 0x201c, false },  { "lowbar", '_', false },
    { "lpar", '(', false },      { "lsqb", '[', false },      { "lsquo", 0x2018, false },
    { "lt", '<', true },         { "mdash", 0x2014, false },  { "middot", 0xb7, true },
    { "minus", 0x2212, false },  { "nbsp", 0xa0, true },      { "ndash", 0x2013, false },
    { "not", 0xac, true },       { "ntilde", 0xf1, true },    { "num", '#', false },
    { "oacute", 0xf3, true },    { "ocirc", 0xf4, true },     { "ouml", 0xf6, true },
    { "para", 0xb6, true },      { "percnt", '%', false },    { "period", '.', false },
    { "plus", '+', false },      { "plusmn", 0xb1, true },    { "pound", 0xa3, true },
    { "quest", '?', false },     { "quot", '"', true },       { "raquo", 0xbb, true },
    { "rarr", 0x2192, false },   { "rbrack", ']', false },    { "rcub", '}', false },
    { "rdquo", 0x201d, false },  { "reg", 0xae, true },       { "rpar", ')', false },
    { "rsqb", ']', false },      { "rsquo", 0x2019, false },  { "sect", 0xa7, true },
    { "semi", ';', false },      { "shy", 0xad, true },       { "sol", '/', false },
    { "sup2", 0xb2, true },      { "szlig", 0xdf, true },     { "thinsp", 0x2009, false },
    { "times", 0xd7, true },     { "trade", 0x2122, false },  { "uacute", 0xfa, true },
    { "uuml", 0xfc, true },      { "verbar", '|', false },    { "yen", 0xa5, true },
    { "zwj", 0x200d, false },    { "zwnj", 0x200c, false },
};

enum { N_NAMES = sizeof names / sizeof names[0], NAME_MAX_LEN = 8 };

/* What browsers make of &#128; to &#159; (WHATWG table, windows-1252). */
static const uint16_t c1[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
};

static size_t numeric(slice s, uint32_t *code_out)
{
    size_t i = 2;
    bool hex = s.len > 2 && (s.at[2] | 32) == 'x';
    uint32_t code = 0;
    i += hex;
    size_t digits = i;
    for (; i < s.len; i++) {
        int d = ascii_hex(s.at[i]);
        if (d < 0 || (!hex && d > 9))
            break;
        code = code > 0x110000 ? code : code * (hex ? 16 : 10) + (uint32_t)d;
    }
    if (i == digits)
        return 0;
    if (i < s.len && s.at[i] == ';')
        i++;
    if (code >= 0x80 && code < 0xa0)
        code = c1[code - 0x80];
    *code_out = code ? code : 0xfffd;
    return i;
}

static int compare(const void *key, const void *row)
{
    const slice *k = key;
    const char *name = ((const struct name *)row)->name;
    size_t n = strlen(name), m = k->len < n ? k->len : n;
    int order = memcmp(k->at, name, m);
    return order ? order : (k->len > n) - (k->len < n);
}

static size_t named(slice s, uint32_t *code_out)
{
    size_t n = 1;
    while (n < s.len && n <= NAME_MAX_LEN && ascii_alnum(s.at[n]))
        n++;
    slice name = slice_sub(s, 1, n - 1);
    bool closed = n < s.len && s.at[n] == ';';
    for (; name.len >= 2; name.len--) { /* "&ltx" is "<x": the longest bare name wins */
        const struct name *row = bsearch(&name, names, N_NAMES, sizeof names[0], compare);
        bool whole = name.len == n - 1;
        if (row && ((closed && whole) || row->bare)) {
            *code_out = row->code;
            return 1 + name.len + (closed && whole);
        }
    }
    return 0;
}

size_t html_entity(slice s, uint8_t out[8], size_t *out_len)
{
    uint32_t code = 0;
    if (s.len < 3 || s.at[0] != '&')
        return 0;
    size_t used = s.at[1] == '#' ? numeric(s, &code) : ascii_alpha(s.at[1]) ? named(s, &code) : 0;
    if (used)
        *out_len = utf8_put(out, code);
    return used;
}

slice html_decode(struct arena *mem, slice s)
{
    size_t at = slice_find_byte(s, '&', 0);
    uint8_t *out = at == SIZE_MAX ? NULL : arena_get(mem, s.len + 8, 1);
    if (!out)
        return s;
    size_t n = 0;
    for (size_t i = 0; i < s.len;) {
        uint8_t decoded[8];
        size_t len = 0, used = s.at[i] == '&' ? html_entity(slice_from(s, i), decoded, &len) : 0;
        if (used == 0) {
            out[n++] = s.at[i++];
            continue;
        }
        for (size_t k = 0; k < len; k++)
            out[n++] = decoded[k];
        i += used;
    }
    return (slice){ out, n };
}
