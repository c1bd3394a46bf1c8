/* SPDX-License-Identifier: Apache-2.0 */
/* picture_jpeg - the mean of each block of a JPEG (ITU-T T.81), baseline and progressive: its DC
 * coefficient. The others are stepped over, or stand in scans that are not read. Arithmetic coding,
 * lossless and hierarchical pictures are left out; of four components the first counts as grey. */
#include "decode/shared/picture_private.h"

enum {
    COMPONENTS = 3,
    TABLES = 4,
    BLOCK = 8,
    CODES = 256,
    LENGTHS = 16,
    BLOCKS_MAX = PICTURE_PIXELS_MAX / 16,
    CODED_MAX = 1 << 20,
    QUICK = 10,
    RUN_MAX = 17,
    FILLED = 56,
    BEHIND = 24 /* twice what is held and what is read with it */
};
enum { SOF0 = 0xc0, SOF1 = 0xc1, SOF2 = 0xc2, DHT = 0xc4, SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb, DRI = 0xdd };

/* Codes of one length are consecutive (annex C): the first of each, and where its values stand. */
struct huffman {
    int32_t first[LENGTHS], last[LENGTHS]; /* last < first: none of this length */
    uint16_t at[LENGTHS];
    uint8_t values[CODES];
    uint16_t quick[1 << QUICK]; /* by the next bits: length and value of a short code; 0: longer */
    /* The same of AC: length with its bits, and how far it goes in the block; of one code, and of
     * as many as are short: above, how far those go that stand before the last. */
    uint16_t one[1 << QUICK];
    uint32_t many[1 << QUICK];
};

struct component {
    uint8_t id, across, down, quantiser;
    uint32_t wide, high; /* in blocks, padded to whole units */
    uint32_t used_wide, used_high; /* without the padding */
    int16_t *means;
    int32_t before;
};

struct jpeg {
    struct walk *w;
    slice all;
    uint32_t width, height;
    bool progressive;
    unsigned n, most_across, most_down;
    struct component components[COMPONENTS];
    uint16_t dc_step[TABLES];
    struct huffman *tables[2][TABLES]; /* DC, AC */
    uint32_t interval;
    uint8_t *plain; /* for coded data */
};

/* Coded data up to a marker, without the zeros that are stuffed in. */
struct bits {
    const uint8_t *plain; /* and BEHIND zeros */
    size_t len, at;
    size_t marker; /* where the data ends in the file */
    uint64_t hold; /* the next bit is the highest */
    unsigned n;    /* bits held */
    bool lost;     /* no code is like this */
};

/* --- markers */

/* The next segment: its marker and body; SOS leaves *pos at the coded data. */
static bool next_segment(slice s, size_t *pos, uint8_t *marker, slice *body)
{
    size_t i = slice_find_byte(s, 0xff, *pos);
    while (i < s.len && i + 1 < s.len &&
           (s.at[i + 1] == 0 || s.at[i + 1] == 0xff || (s.at[i + 1] & 0xf8) == 0xd0))
        i = slice_find_byte(s, 0xff, i + 1);
    if (i >= s.len || i + 1 >= s.len)
        return false;
    *marker = s.at[i + 1];
    *pos = i + 2;
    *body = (slice){ 0 };
    if (*marker == SOI || *marker == EOI)
        return *marker == SOI;
    cursor c = cur_open(slice_from(s, *pos));
    unsigned len = cur_u16be(&c);
    if (!cur_ok(&c) || len < 2)
        return false;
    *body = slice_sub(cur_rest(&c), 0, len - 2);
    *pos += len < s.len - *pos ? len : s.len - *pos;
    return true;
}

static bool read_frame(struct jpeg *j, slice body, uint8_t marker)
{
    cursor c = cur_open(body);
    cur_skip(&c, 1);
    j->progressive = marker == SOF2;
    j->height = cur_u16be(&c);
    j->width = cur_u16be(&c);
    unsigned n = cur_u8(&c);
    j->n = n == COMPONENTS ? COMPONENTS : 1;
    for (unsigned i = 0; i < j->n; i++) {
        struct component *k = &j->components[i];
        k->id = cur_u8(&c);
        uint8_t factors = cur_u8(&c);
        k->across = factors >> 4;
        k->down = factors & 15;
        k->quantiser = cur_u8(&c) & (TABLES - 1);
        if (k->across < 1 || k->across > 4 || k->down < 1 || k->down > 4)
            return false;
        j->most_across = k->across > j->most_across ? k->across : j->most_across;
        j->most_down = k->down > j->most_down ? k->down : j->most_down;
    }
    return cur_ok(&c) && (n == 1 || n == COMPONENTS) && j->width && j->height;
}

bool picture_jpeg_size(slice s, struct picture *out)
{
    uint8_t marker;
    slice body;
    if (!slice_starts(s, SLICE_LIT("\xff\xd8\xff")))
        return false;
    for (size_t pos = 0, n = 0; n < 64 && next_segment(s, &pos, &marker, &body) && marker != SOS; n++)
        if (marker >= SOF0 && marker <= 0xcf && marker != DHT && marker != 0xc8 && marker != 0xcc && body.len >= 5) {
            out->height = (uint32_t)body.at[1] << 8 | body.at[2];
            out->width = (uint32_t)body.at[3] << 8 | body.at[4];
            return true;
        }
    return false;
}

static void read_steps(struct jpeg *j, slice body)
{
    cursor c = cur_open(body);
    while (cur_more(&c)) {
        uint8_t kind = cur_u8(&c);
        bool wide = kind >> 4;
        j->dc_step[kind & (TABLES - 1)] = wide ? cur_u16be(&c) : cur_u8(&c);
        cur_skip(&c, wide ? 126 : 63);
    }
}

/* F.2.2.2: a run of zeros and the bits of what follows it, sixteen zeros, or nothing up to the end.
 */
static inline unsigned steps_of(unsigned value)
{
    return (value & 15) == 0 && value >> 4 != 15 ? BLOCK * BLOCK : (value >> 4) + 1;
}

static void make_quick(struct huffman *h)
{
    for (unsigned i = 0; i < QUICK; i++)
        for (int32_t code = h->first[i]; code <= h->last[i] && code < 1 << (i + 1); code++) {
            unsigned value = h->values[(h->at[i] + (uint32_t)(code - h->first[i])) & (CODES - 1)];
            for (unsigned k = 0; k < 1u << (QUICK - 1 - i); k++)
                h->quick[((unsigned)code << (QUICK - 1 - i)) + k] =
                    (uint16_t)((i + 1) << 8 | value);
        }
}

static void make_steps(struct huffman *h)
{
    for (unsigned i = 0; i < 1 << QUICK; i++)
        if (h->quick[i])
            h->one[i] = (uint16_t)(steps_of(h->quick[i] & 255) << 8 |
                                   (unsigned)((h->quick[i] >> 8) + (h->quick[i] & 15)));
    for (uint32_t i = 0; i < 1 << QUICK; i++) {
        uint32_t all = h->one[i], last = all, at = i << (last & 0xff) & ((1 << QUICK) - 1);
        while (last && (all & 0xff) < QUICK && (all >> 8 & 0xff) < BLOCK * BLOCK && h->quick[at] &&
               (all & 0xff) + (h->quick[at] >> 8) <= QUICK) {
            last = h->one[at];
            all = (all & 0xffff) + last + ((all >> 8 & 0xff) << 16);
            at = at << (last & 0xff) & ((1 << QUICK) - 1);
        }
        h->many[i] = all;
    }
}

static void read_codes(struct jpeg *j, slice body)
{
    cursor c = cur_open(body);
    while (cur_more(&c)) {
        uint8_t kind = cur_u8(&c);
        slice counts = cur_take(&c, LENGTHS);
        struct huffman *h = ARENA_NEW(j->w->mem, struct huffman);
        if (!cur_ok(&c) || !h)
            return;
        int32_t code = 0;
        uint16_t at = 0;
        for (unsigned i = 0; i < LENGTHS; i++, code *= 2) {
            h->first[i] = code;
            h->at[i] = at;
            code += counts.at[i];
            at = (uint16_t)(at + counts.at[i]);
            h->last[i] = code - 1;
        }
        if (at > CODES)
            return;
        (void)slice_copy_out(cur_take(&c, at), h->values, CODES);
        make_quick(h);
        if (kind >> 4 & 1)
            make_steps(h);
        if (cur_ok(&c))
            j->tables[kind >> 4 & 1][kind & (TABLES - 1)] = h;
    }
}

/* --- coded data */

/* So that the bits of a block stay in registers. */
#define INLINE inline __attribute__((always_inline))

/* The bits from `pos` on, to the next marker. */
static void open_bits(const struct jpeg *j, struct bits *b, size_t pos)
{
    size_t n = 0, ff = slice_find_byte(j->all, 0xff, pos);
    while (ff < j->all.len && ff + 1 < j->all.len && j->all.at[ff + 1] == 0) {
        n += slice_copy_out(slice_sub(j->all, pos, ff + 1 - pos), j->plain + n, ff + 1 - pos);
        pos = ff + 2;
        ff = slice_find_byte(j->all, 0xff, pos);
    }
    size_t end = ff < j->all.len ? ff : j->all.len;
    if (pos < end)
        n += slice_copy_out(slice_sub(j->all, pos, end - pos), j->plain + n, end - pos);
    for (size_t i = 0; i < BEHIND; i++)
        j->plain[n + i] = 0;
    *b = (struct bits){ .plain = j->plain, .len = n, .marker = end };
}

/* At least FILLED bits; behind the end zeros, as decoders give them. */
static INLINE void fill(struct bits *b)
{
    const uint8_t *p = b->plain + b->at;
    uint64_t eight = (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
                     (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
                     (uint64_t)p[6] << 8 | p[7];
    b->hold |= eight >> b->n;
    b->at += (63 - b->n) >> 3;
    b->at = b->at < b->len + BEHIND - 8 ? b->at : b->len + BEHIND - 8;
    b->n |= FILLED;
}

static INLINE unsigned peek(const struct bits *b, unsigned n)
{
    return (unsigned)(b->hold >> (64 - n));
}

static INLINE void drop(struct bits *b, unsigned n)
{
    b->n -= n;
    b->hold <<= n;
}

/* More bits were taken than there are. */
static inline bool is_over(const struct bits *b)
{
    return b->lost || 8 * b->at > 8 * b->len + b->n;
}

/* A code that is longer than those of the table. */
static __attribute__((noinline)) unsigned long_code(const struct huffman *h, unsigned bits)
{
    for (unsigned i = QUICK; i < LENGTHS; i++) {
        int32_t code = (int32_t)(bits >> (LENGTHS - 1 - i));
        if (code <= h->last[i] && code >= h->first[i])
            return (i + 1) << 8 |
                   h->values[(h->at[i] + (uint32_t)(code - h->first[i])) & (CODES - 1)];
    }
    return 0;
}

/* The value of the next code; it and what follows it are held. */
static INLINE unsigned decode(struct bits *b, const struct huffman *h)
{
    unsigned known = h->quick[peek(b, QUICK)];
    if (!known)
        known = long_code(h, peek(b, LENGTHS));
    b->lost |= !known;
    drop(b, known >> 8);
    return known & 0xff;
}

/* F.2.2.1: the difference to the block before, in its category's bits. */
static INLINE int32_t difference(struct bits *b, const struct huffman *h)
{
    unsigned n = decode(b, h);
    if (n == 0 || n > 15)
        return 0;
    int32_t v = (int32_t)peek(b, n);
    drop(b, n);
    return v < (1 << (n - 1)) ? v - (1 << n) + 1 : v;
}

static INLINE void skip_rest(struct bits *b, const struct huffman *h)
{
    for (unsigned k = 1; k < BLOCK * BLOCK && !b->lost;) {
        fill(b);
        unsigned i = peek(b, QUICK), known = h->many[i];
        if (k + (known >> 16) >= BLOCK * BLOCK) /* the last of many would lie behind the block */
            known = h->one[i];
        if (known) {
            drop(b, known & 0xff);
            k += known >> 8 & 0xff;
        } else {
            unsigned value = decode(b, h);
            drop(b, value & 15);
            k += steps_of(value);
        }
    }
}

/* How blocks are coded that are all as bright as the one before. */
struct blank {
    uint64_t code; /* from the highest bit */
    unsigned n;    /* bits; 0: cannot be */
};

struct scan_part {
    struct component *component;
    const struct huffman *dc, *ac;
    struct blank blank;
};

/* The shortest code of a value, put behind what is there. */
static bool add_code(struct blank *to, const struct huffman *h, uint8_t value)
{
    for (unsigned i = 0; i < LENGTHS; i++)
        for (int32_t code = h->first[i]; code <= h->last[i] && code < 1 << (i + 1); code++)
            if (h->values[(h->at[i] + (uint32_t)(code - h->first[i])) & (CODES - 1)] == value) {
                to->n += i + 1;
                to->code |= (uint64_t)code << (64 - to->n);
                return true;
            }
    return false;
}

static void find_blank(struct scan_part *p, bool progressive)
{
    struct blank b = { 0 };
    if (add_code(&b, p->dc, 0) && (progressive || add_code(&b, p->ac, 0)))
        p->blank = b;
}

/* A unit of such blocks only; no longer than what is held. */
static struct blank blank_unit(const struct scan_part *parts, unsigned n)
{
    struct blank unit = { 0 };
    for (unsigned i = 0; i < n; i++) {
        const struct component *c = parts[i].component;
        unsigned blocks = n == 1 ? 1u : (unsigned)c->across * c->down;
        for (unsigned k = 0; k < blocks; k++) {
            if (parts[i].blank.n == 0 || unit.n + parts[i].blank.n > FILLED)
                return (struct blank){ 0 };
            unit.code |= parts[i].blank.code >> unit.n;
            unit.n += parts[i].blank.n;
        }
    }
    return unit;
}

static INLINE bool take_blank(struct bits *b, struct blank blank)
{
    if (blank.n == 0 || (b->hold ^ blank.code) >> (64 - blank.n) != 0)
        return false;
    drop(b, blank.n);
    return true;
}

enum { DC_MAX = 1 << 16 }; /* more than any picture has: what goes on and on upwards is damage */

static inline int32_t within(int64_t v, int32_t least, int32_t most)
{
    return v < least ? least : v > most ? most : (int32_t)v;
}

static int16_t mean_of(const struct jpeg *j, const struct component *k, unsigned shift)
{
    int64_t mean = ((int64_t)k->before * (1 << shift)) * j->dc_step[k->quantiser] / BLOCK + 128;
    return (int16_t)within(mean, 0, 255);
}

static void read_block(struct jpeg *j, struct bits *bits, const struct scan_part *p, uint32_t x,
                       uint32_t y, unsigned shift)
{
    struct component *k = p->component;
    struct bits own = *bits, *b = &own;
    fill(b);
    if (!take_blank(b, p->blank)) {
        k->before = within(k->before + difference(b, p->dc), -DC_MAX, DC_MAX);
        if (!j->progressive)
            skip_rest(b, p->ac);
    }
    *bits = own;
    if (x < k->wide && y < k->high)
        k->means[(size_t)y * k->wide + x] = mean_of(j, k, shift);
}

/* Behind a restart marker the next unit begins anew. */
static void restart(struct jpeg *j, struct bits *b)
{
    size_t pos = b->marker;
    if (pos + 1 < j->all.len && (j->all.at[pos + 1] & 0xf8) == 0xd0)
        open_bits(j, b, pos + 2);
    else
        b->lost = true;
    for (unsigned i = 0; i < j->n; i++)
        j->components[i].before = 0;
}

struct scan {
    struct scan_part parts[COMPONENTS];
    unsigned n, shift;
    struct blank unit;
};

static inline uint32_t blocks_wide(const struct scan *s, unsigned i)
{
    return s->n == 1 ? 1 : s->parts[i].component->across;
}

static inline uint32_t blocks_high(const struct scan *s, unsigned i)
{
    return s->n == 1 ? 1 : s->parts[i].component->down;
}

static void read_unit(struct jpeg *j, struct bits *b, const struct scan *s, uint32_t x, uint32_t y)
{
    for (unsigned i = 0; i < s->n; i++) {
        uint32_t wide = blocks_wide(s, i), high = blocks_high(s, i);
        for (uint32_t row = 0; row < high; row++)
            for (uint32_t column = 0; column < wide; column++)
                read_block(j, b, &s->parts[i], x * wide + column, y * high + row, s->shift);
    }
}

/* Paper: how many of `most` units from here on are blank. */
static uint32_t take_blank_units(struct bits *bits, struct blank unit, uint32_t most)
{
    struct bits own = *bits, *b = &own;
    uint32_t n = 0;
    while (n < most) {
        if (b->n < unit.n) {
            if (is_over(b))
                break;
            fill(b);
        }
        if (!take_blank(b, unit))
            break;
        n++;
    }
    if (n > 0 && is_over(b)) /* behind the first that is not whole, none is there */
        n -= (unsigned)(8 * b->at - b->n - 8 * b->len - 1) / unit.n;
    *bits = own;
    return n;
}

static void put_blank_units(const struct jpeg *j, const struct scan *s, uint32_t x, uint32_t y,
                            uint32_t units)
{
    for (unsigned i = 0; i < s->n; i++) {
        const struct component *k = s->parts[i].component;
        uint32_t wide = blocks_wide(s, i), high = blocks_high(s, i);
        int16_t mean = mean_of(j, k, s->shift);
        for (uint32_t row = y * high; row < (y + 1) * high && row < k->high; row++)
            for (uint32_t at = x * wide; at < (x + units) * wide && at < k->wide; at++)
                k->means[(size_t)row * k->wide + at] = mean;
    }
}

static void read_units(struct jpeg *j, struct bits *b, const struct scan *s)
{
    bool alone = s->n == 1;
    const struct component *first = s->parts[0].component;
    uint32_t across = alone ? first->used_wide : first->wide / first->across;
    uint32_t down = alone ? first->used_high : first->high / first->down;
    uint32_t left = j->interval;
    for (uint32_t y = 0; y < down; y++) {
        if (!walk_work(j->w, 400 * (uint64_t)across))
            return;
        for (uint32_t x = 0, n; x < across && !is_over(b); x += n) {
            n = left && left < across - x ? left : across - x;
            n = take_blank_units(b, s->unit, n);
            if (n > 0) {
                put_blank_units(j, s, x, y, n);
            } else {
                read_unit(j, b, s, x, y);
                n = 1;
            }
            if (j->interval && (left -= n) == 0) {
                left = j->interval;
                restart(j, b);
            }
        }
    }
}

/* One scan; where the coded data lies behind its header. */
static void read_scan(struct jpeg *j, slice header, size_t pos)
{
    struct scan s = { 0 };
    cursor c = cur_open(header);
    unsigned n = cur_u8(&c);
    for (unsigned i = 0; i < n && i < 4; i++) {
        uint8_t id = cur_u8(&c), tables = cur_u8(&c);
        for (unsigned k = 0; k < j->n && s.n < COMPONENTS; k++)
            if (j->components[k].id == id)
                s.parts[s.n++] = (struct scan_part){ .component = &j->components[k],
                                                     .dc = j->tables[0][tables >> 4 & 3],
                                                     .ac = j->tables[1][tables & 3] };
    }
    uint8_t from = cur_u8(&c);
    cur_skip(&c, 1);
    uint8_t steps = cur_u8(&c);
    if (!cur_ok(&c) || s.n == 0 || s.n != n || from != 0 || steps >> 4 != 0)
        return;
    for (unsigned i = 0; i < s.n; i++) {
        if (!s.parts[i].dc || (!s.parts[i].ac && !j->progressive))
            return;
        s.parts[i].component->before = 0;
        find_blank(&s.parts[i], j->progressive);
    }
    s.shift = j->progressive ? steps & 15u : 0;
    s.unit = blank_unit(s.parts, s.n);
    if (!j->plain)
        j->plain = ARENA_ARRAY(j->w->mem, uint8_t, j->all.len + BEHIND);
    struct bits b;
    if (j->plain) {
        open_bits(j, &b, pos);
        read_units(j, &b, &s);
    }
}

/* --- the picture */

static bool make_planes(struct jpeg *j)
{
    uint32_t units_wide = (j->width + BLOCK * j->most_across - 1) / (BLOCK * j->most_across);
    uint32_t units_high = (j->height + BLOCK * j->most_down - 1) / (BLOCK * j->most_down);
    for (unsigned i = 0; i < j->n; i++) {
        struct component *k = &j->components[i];
        k->wide = units_wide * k->across;
        k->high = units_high * k->down;
        k->used_wide = (j->width * k->across + BLOCK * j->most_across - 1) / (BLOCK * j->most_across);
        k->used_high = (j->height * k->down + BLOCK * j->most_down - 1) / (BLOCK * j->most_down);
        if ((uint64_t)k->wide * k->high > BLOCKS_MAX)
            return false;
        k->means = ARENA_ARRAY(j->w->mem, int16_t, (size_t)k->wide * k->high);
        if (!k->means)
            return false;
        for (size_t b = 0; b < (size_t)k->wide * k->high; b++)
            k->means[b] = 128;
    }
    return true;
}

static uint8_t clamp(int32_t v) { return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v); }

/* Means of component `i` in the row of blocks of the first that is `y`. */
static const int16_t *means_at(const struct jpeg *j, unsigned i, uint32_t y)
{
    const struct component *k = &j->components[i];
    uint32_t row = y * k->down / j->components[0].down;
    return row < k->high ? k->means + (size_t)row * k->wide : NULL;
}

static int32_t mean_at(const struct jpeg *j, unsigned i, const int16_t *means, uint32_t x)
{
    const struct component *k = &j->components[i], *luma = &j->components[0];
    uint32_t column = k->across == luma->across ? x : x * k->across / luma->across;
    return means && column < k->wide ? means[column] : 128;
}

/* JFIF: from brightness and two colour differences. */
static void put_blocks(const struct jpeg *j, struct picture_grid *g)
{
    g->width = j->components[0].used_wide;
    g->height = j->components[0].used_high;
    picture_set_step(g, 1);
    uint32_t *pixels = ARENA_ARRAY(j->w->mem, uint32_t, g->width);
    for (uint32_t y = 0; pixels && y < g->height; y++) {
        const int16_t *first = means_at(j, 0, y),
                      *second = j->n == COMPONENTS ? means_at(j, 1, y) : NULL,
                      *third = j->n == COMPONENTS ? means_at(j, 2, y) : NULL;
        for (uint32_t x = 0; x < g->width; x++) {
            int32_t luma = mean_at(j, 0, first, x), blue = 0, red = 0;
            if (j->n == COMPONENTS) {
                blue = mean_at(j, 1, second, x) - 128;
                red = mean_at(j, 2, third, x) - 128;
            }
            if ((blue | red) == 0) /* as nearly all of a notice */
                pixels[x] = (uint32_t)luma * 0x010101;
            else
                pixels[x] = picture_pixel(clamp(luma + red * 1402 / 1000),
                                          clamp(luma - (blue * 344 + red * 714) / 1000),
                                          clamp(luma + blue * 1772 / 1000));
        }
        picture_add_row(g, y, pixels, 1);
    }
}

bool picture_jpeg_look(struct walk *w, slice s, struct picture_grid *g)
{
    struct jpeg j = { .w = w };
    uint8_t marker;
    slice body;
    bool framed = false;
    unsigned scans = 0;
    if (!slice_starts(s, SLICE_LIT("\xff\xd8\xff")))
        return false;
    j.all = slice_sub(s, 0, CODED_MAX);
    for (size_t pos = 0, n = 0; n < 256 && scans < 8 && next_segment(j.all, &pos, &marker, &body); n++) {
        if (marker == DQT)
            read_steps(&j, body);
        else if (marker == DHT)
            read_codes(&j, body);
        else if (marker == DRI && body.len >= 2)
            j.interval = (uint32_t)body.at[0] << 8 | body.at[1];
        else if ((marker == SOF0 || marker == SOF1 || marker == SOF2) && !framed && !(framed = read_frame(&j, body, marker) && make_planes(&j)))
            return false;
        else if (marker == SOS && framed) {
            read_scan(&j, body, pos);
            scans++;
            if (!j.progressive && j.n == 1)
                break;
        }
    }
    if (framed && scans)
        put_blocks(&j, g);
    return framed && scans;
}
