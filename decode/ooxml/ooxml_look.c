/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_look - how cells look (ECMA-376 part 1, 18.8): fonts, fills and alignment of each format
 * of xl/styles.xml, as Excel 4.0 macros ask for them. Macros are locked with them.
 *
 * Colours count as the nearest of Excel's palette of 56 is numbered; only equal ones are found.
 * Left out: themes, styles of columns, borders.
 */
#include "base/text.h"
#include "decode/ooxml/ooxml_private.h"

enum { FORMATS_MAX = 1 << 12 };

enum group { NO_GROUP, FONTS, FILLS, FORMATS };

struct look_font {
    double size;
    uint8_t ink;
    bool bold, italic;
};

struct reading {
    struct package *p;
    struct look_font *fonts;
    uint8_t *fills;
    struct xlm_look *looks;
    uint32_t n_fonts, n_fills, n_looks;
    enum group group;
};

/* [MS-XLS] 2.5.161: Icv 0x08 to 0x3F with the default palette. */
static const uint32_t palette[] = {
    0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00, 0xFF00FF, 0x00FFFF, 0x800000, 0x008000, 0x000080, 0x808000, 0x800080, 0x008080,
    0xC0C0C0, 0x808080, 0x9999FF, 0x993366, 0xFFFFCC, 0xCCFFFF, 0x660066, 0xFF8080, 0x0066CC, 0xCCCCFF, 0x000080, 0xFF00FF, 0xFFFF00, 0x00FFFF,
    0x800080, 0x800000, 0x008080, 0x0000FF, 0x00CCFF, 0xCCFFFF, 0xCCFFCC, 0xFFFF99, 0x99CCFF, 0xFF99CC, 0xCC99FF, 0xFFCC99, 0x3366FF, 0x33CCCC,
    0x99CC00, 0xFFCC00, 0xFF9900, 0xFF6600, 0x666699, 0x969696, 0x003366, 0x339966, 0x003300, 0x333300, 0x993300, 0x993366, 0x333399, 0x333333,
};

static uint8_t colour(const struct xml_attribute *a, size_t n)
{
    slice rgb = xml_get(a, n, "rgb");
    uint64_t index;
    if (slice_u64(xml_get(a, n, "indexed"), &index))
        return index >= 8 && index < 64 ? (uint8_t)(index - 7) : 0;
    uint32_t v = 0;
    for (size_t i = rgb.len > 6 ? rgb.len - 6 : 0; i < rgb.len; i++)
        v = v << 4 | (uint32_t)(ascii_hex(rgb.at[i]) & 15);
    for (size_t i = 0; rgb.len >= 6 && i < sizeof palette / sizeof palette[0]; i++)
        if (palette[i] == v)
            return (uint8_t)(i + 1);
    return 0;
}

static uint32_t number(const struct xml_attribute *a, size_t n, const char *name)
{
    uint64_t v;
    return slice_u64(xml_get(a, n, name), &v) && v < UINT32_MAX ? (uint32_t)v : 0;
}

static uint8_t which(slice word, const char *const *words)
{
    for (uint8_t i = 0; words[i]; i++)
        if (slice_is(word, words[i]))
            return (uint8_t)(i + 1);
    return 0;
}

static bool is_on(const struct xml_attribute *a, size_t n)
{
    slice v = xml_get(a, n, "val");
    return !slice_is(v, "0") && !slice_is(v, "false");
}

static void font_part(struct reading *r, slice name, const struct xml_attribute *a, size_t n)
{
    if (slice_is(name, "font") && r->n_fonts < FORMATS_MAX) {
        r->fonts[r->n_fonts++] = (struct look_font){ .size = 11 };
        return;
    }
    struct look_font *f = r->n_fonts ? &r->fonts[r->n_fonts - 1] : NULL;
    if (!f)
        return;
    if (slice_is(name, "sz"))
        f->size = ooxml_decimal(xml_get(a, n, "val"), f->size);
    else if (slice_is(name, "color"))
        f->ink = colour(a, n);
    else if (slice_is(name, "b"))
        f->bold = is_on(a, n);
    else if (slice_is(name, "i"))
        f->italic = is_on(a, n);
}

static void format_part(struct reading *r, slice name, const struct xml_attribute *a, size_t n)
{
    static const char *const across[] = { "general", "left", "center", "right", "fill", "justify", "centerContinuous", "distributed", NULL };
    static const char *const down[] = { "top", "center", "bottom", "justify", "distributed", NULL };
    if (slice_is(name, "xf") && r->n_looks < FORMATS_MAX) {
        uint32_t font = number(a, n, "fontId"), fill = number(a, n, "fillId");
        struct xlm_look look = { .across = 1, .down = 3, .size = 11, .fill = fill < r->n_fills ? r->fills[fill] : 0 };
        if (font < r->n_fonts) {
            look.size = r->fonts[font].size;
            look.ink = r->fonts[font].ink;
            look.bold = r->fonts[font].bold;
            look.italic = r->fonts[font].italic;
        }
        r->looks[r->n_looks++] = look;
    } else if (slice_is(name, "alignment") && r->n_looks) {
        uint8_t h = which(xml_get(a, n, "horizontal"), across), v = which(xml_get(a, n, "vertical"), down);
        struct xlm_look *look = &r->looks[r->n_looks - 1];
        look->across = h ? h : look->across;
        look->down = v ? v : look->down;
    }
}

static void style_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct reading *r = host;
    (void)at;
    name = xml_local(name);
    if (slice_is(name, "fonts"))
        r->group = FONTS;
    else if (slice_is(name, "fills"))
        r->group = FILLS;
    else if (slice_is(name, "cellXfs"))
        r->group = FORMATS;
    else if (r->group == FONTS)
        font_part(r, name, a, n);
    else if (r->group == FORMATS)
        format_part(r, name, a, n);
    else if (r->group == FILLS && slice_is(name, "fill") && r->n_fills < FORMATS_MAX)
        r->fills[r->n_fills++] = 0;
    else if (r->group == FILLS && slice_is(name, "fgColor") && r->n_fills)
        r->fills[r->n_fills - 1] = colour(a, n);
}

static void style_close(void *host, slice name, size_t at)
{
    struct reading *r = host;
    (void)at;
    name = xml_local(name);
    if (slice_is(name, "fonts") || slice_is(name, "fills") || slice_is(name, "cellXfs"))
        r->group = NO_GROUP;
}

double ooxml_decimal(slice text, double otherwise)
{
    double v = 0, scale = 0;
    for (size_t i = 0; i < text.len && i < 20; i++) {
        if (text.at[i] == '.' && scale == 0)
            scale = 1;
        else if (ascii_digit(text.at[i]))
            v = v * 10 + (text.at[i] - '0'), scale *= 10;
        else
            return otherwise;
    }
    return text.len ? v / (scale > 0 ? scale : 1) : otherwise;
}

void ooxml_read_looks(struct package *p)
{
    struct reading r = { .p = p };
    size_t entry = SIZE_MAX;
    for (size_t e = 0; e < p->b->n && entry == SIZE_MAX; e++)
        if (slice_ends_nocase(p->b->entries[e].name, "xl/styles.xml"))
            entry = e;
    if (entry == SIZE_MAX)
        return;
    r.fonts = ARENA_ARRAY(p->w->mem, struct look_font, FORMATS_MAX);
    r.fills = ARENA_ARRAY(p->w->mem, uint8_t, FORMATS_MAX);
    r.looks = ARENA_ARRAY(p->w->mem, struct xlm_look, FORMATS_MAX);
    if (!r.fonts || !r.fills || !r.looks)
        return;
    const struct xml_handler handler = { .host = &r, .open = style_open, .close = style_close };
    ooxml_read(p, entry, &handler);
    p->looks = r.looks;
    p->n_looks = r.n_looks;
}
