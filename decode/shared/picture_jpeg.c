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
    QUICK = 9,
    RUN_MAX = 17
};
enum { SOF0 = 0xc0, SOF1 = 0xc1, SOF2 = 0xc2, DHT = 0xc4, SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb, DRI = 0xdd };

/* Codes of one length are consecutive (annex C): the first of each, and where its values stand. */
struct huffman {
    int32_t first[LENGTHS], last[LENGTHS]; /* last < first: none of this length */
    uint16_t at[LENGTHS];
    uint8_t values[CODES];
    uint16_t quick[1 << QUICK]; /* by the next bits: length and value of a short code; 0: longer */
    /* The same of AC: length with its bits, and how far it goes in the block; of one code, and of
     * two where both are short. */
    uint16_t one[1 << QUICK], two[1 << QUICK];
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
};

struct bits {
    slice s;
    size_t at;
    uint64_t hold;    /* the next bit is the highest; behind those that are held, zeros */
    unsigned n, fake; /* bits held; those of them, the last, that are not in the file */
    bool end;         /* fake ones were taken */
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
    for (unsigned i = 0; i < 1 << QUICK; i++) {
        unsigned len = h->one[i] & 255, next = len < QUICK ? i << len & ((1 << QUICK) - 1) : 0;
        bool more = len > 0 && len < QUICK && h->one[i] >> 8 < RUN_MAX && h->quick[next] &&
                    len + (h->quick[next] >> 8) <= QUICK;
        h->two[i] = (uint16_t)(h->one[i] + (more ? h->one[next] : 0));
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

/* Up to a marker; behind it zeros, as decoders give them. */
static INLINE void fill(struct bits *b)
{
    if (b->s.len - b->at >= 4) {
        const uint8_t *p = b->s.at + b->at;
        uint32_t four = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        if (((~four - 0x01010101u) & four & 0x80808080u) == 0) { /* none is ff */
            b->hold |= (uint64_t)four << (32 - b->n);
            b->n += 32;
            b->at += 4;
            return;
        }
    }
    while (b->n <= 48) {
        uint8_t c = b->at < b->s.len ? b->s.at[b->at] : 0xff;
        bool stuffed = c == 0xff && b->at + 1 < b->s.len && b->s.at[b->at + 1] == 0;
        if (c == 0xff && !stuffed) {
            b->fake += 8;
        } else {
            b->hold |= (uint64_t)c << (56 - b->n);
            b->at += stuffed ? 2 : 1;
        }
        b->n += 8;
    }
}

static inline unsigned peek(const struct bits *b, unsigned n)
{
    return (unsigned)(b->hold >> (64 - n));
}

static inline void drop(struct bits *b, unsigned n)
{
    b->n -= n;
    b->hold <<= n;
    if (b->fake > b->n) {
        b->fake = b->n;
        b->end = true;
    }
}

/* The value of the next code; and at least 16 bits are held behind it. */
static INLINE unsigned decode(struct bits *b, const struct huffman *h)
{
    if (b->n < 32)
        fill(b);
    unsigned known = h->quick[peek(b, QUICK)];
    if (known) {
        drop(b, known >> 8);
        return known & 0xff;
    }
    for (unsigned i = QUICK; i < LENGTHS; i++) {
        int32_t code = (int32_t)peek(b, i + 1);
        if (code > h->last[i] || code < h->first[i])
            continue;
        drop(b, i + 1);
        return h->values[(h->at[i] + (uint32_t)(code - h->first[i])) & (CODES - 1)];
    }
    b->end = true;
    return 0;
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
    for (unsigned k = 1; k < BLOCK * BLOCK && !b->end;) {
        if (b->n < 32)
            fill(b);
        /* the second of two may not lie behind the block */
        unsigned known = (k + RUN_MAX < BLOCK * BLOCK ? h->two : h->one)[peek(b, QUICK)];
        if (known) {
            drop(b, known & 0xff);
            k += known >> 8;
        } else {
            unsigned value = decode(b, h);
            drop(b, value & 15);
            k += steps_of(value);
        }
    }
}

struct scan_part {
    struct component *component;
    const struct huffman *dc, *ac;
};

enum { DC_MAX = 1 << 16 }; /* more than any picture has: what goes on and on upwards is damage */

static inline int32_t within(int64_t v, int32_t least, int32_t most)
{
    return v < least ? least : v > most ? most : (int32_t)v;
}

static void read_block(struct jpeg *j, struct bits *bits, const struct scan_part *p, uint32_t x,
                       uint32_t y, unsigned shift)
{
    struct component *k = p->component;
    struct bits own = *bits, *b = &own;
    k->before = within(k->before + difference(b, p->dc), -DC_MAX, DC_MAX);
    if (!j->progressive)
        skip_rest(b, p->ac);
    *bits = own;
    int64_t mean = ((int64_t)k->before * (1 << shift)) * j->dc_step[k->quantiser] / BLOCK + 128;
    if (x < k->wide && y < k->high)
        k->means[(size_t)y * k->wide + x] = (int16_t)within(mean, 0, 255);
}

/* Behind a restart marker the next unit begins anew. */
static void restart(struct jpeg *j, struct bits *b)
{
    b->n = b->fake = 0;
    b->hold = 0;
    b->end = false;
    while (b->at + 1 < b->s.len && !(b->s.at[b->at] == 0xff && b->s.at[b->at + 1] != 0))
        b->at++;
    if (b->at + 1 < b->s.len && (b->s.at[b->at + 1] & 0xf8) == 0xd0)
        b->at += 2;
    else
        b->end = true;
    for (unsigned i = 0; i < j->n; i++)
        j->components[i].before = 0;
}

static void read_units(struct jpeg *j, struct bits *b, const struct scan_part *parts, unsigned n, unsigned shift)
{
    bool alone = n == 1;
    const struct component *first = parts[0].component;
    uint32_t across = alone ? first->used_wide : first->wide / first->across, down = alone ? first->used_high : first->high / first->down;
    uint32_t left = j->interval;
    for (uint32_t y = 0; y < down; y++) {
        if (!walk_work(j->w, 400 * (uint64_t)across))
            return;
        for (uint32_t x = 0; x < across && !b->end; x++) {
            for (unsigned i = 0; i < n; i++) {
                unsigned wide = alone ? 1 : parts[i].component->across, high = alone ? 1 : parts[i].component->down;
                for (unsigned row = 0; row < high; row++)
                    for (unsigned column = 0; column < wide; column++)
                        read_block(j, b, &parts[i], x * wide + column, y * high + row, shift);
            }
            if (j->interval && --left == 0) {
                left = j->interval;
                restart(j, b);
            }
        }
    }
}

/* One scan; where the coded data lies behind its header. */
static void read_scan(struct jpeg *j, slice header, size_t pos)
{
    struct scan_part parts[COMPONENTS];
    cursor c = cur_open(header);
    unsigned n = cur_u8(&c), known = 0;
    for (unsigned i = 0; i < n && i < 4; i++) {
        uint8_t id = cur_u8(&c), tables = cur_u8(&c);
        for (unsigned k = 0; k < j->n && known < COMPONENTS; k++)
            if (j->components[k].id == id)
                parts[known++] = (struct scan_part){ &j->components[k], j->tables[0][tables >> 4 & 3], j->tables[1][tables & 3] };
    }
    uint8_t from = cur_u8(&c);
    cur_skip(&c, 1);
    uint8_t steps = cur_u8(&c);
    if (!cur_ok(&c) || known == 0 || known != n || from != 0 || steps >> 4 != 0)
        return;
    for (unsigned i = 0; i < known; i++) {
        if (!parts[i].dc || (!parts[i].ac && !j->progressive))
            return;
        parts[i].component->before = 0;
    }
    struct bits b = { .s = j->all, .at = pos };
    read_units(j, &b, parts, known, j->progressive ? steps & 15u : 0);
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
