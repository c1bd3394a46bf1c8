/* SPDX-License-Identifier: Apache-2.0 */
/* picture - the coarse look of a picture, whatever it is stored as; see picture.h. */
#include "decode/shared/picture.h"
#include "base/buf.h"
#include "base/text.h"
#include "decode/shared/picture_private.h"
#include "decode/walk_private.h"

enum { OFFERED_MAX = 64, EDGE = 28, WORK_PER_MISS = 8 };

void picture_set_step(struct picture_grid *g, uint32_t step)
{
    g->step = step;
    g->given = (g->width + step - 1) / step;
    for (size_t column = 0; column < PICTURE_WIDE; column++) {
        uint64_t x = ((column + 1) * (uint64_t)g->width + PICTURE_WIDE - 1) / PICTURE_WIDE;
        g->ends[column] = (uint32_t)((x + step - 1) / step);
    }
}

static inline void add_run(struct picture_grid *g, size_t row, size_t column, uint32_t pixel,
                           uint32_t n)
{
    if (pixel == PICTURE_NO_PIXEL)
        return;
    uint32_t red = pixel >> 16, green = pixel >> 8 & 255, blue = pixel & 255;
    g->sum[row][column] += (uint64_t)((299 * red + 587 * green + 114 * blue) / 1000) * n;
    g->count[row][column] += n;
    g->colour[(red >> 5) << 6 | (green >> 5) << 3 | blue >> 5] += n;
    g->pixels += n;
}

/* Most of a notice is paper: pixels that are alike are added together. */
void picture_add_row(struct picture_grid *g, uint32_t y, const uint32_t *pixels, uint32_t times)
{
    size_t row = picture_row_of(g, y);
    uint32_t i = 0;
    for (size_t column = 0; column < PICTURE_WIDE; column++)
        for (uint32_t end = g->ends[column], from = i; i < end; from = i) {
            uint32_t pixel = pixels[i];
            do
                i++;
            while (i < end && pixels[i] == pixel);
            add_run(g, row, column, pixel, (i - from) * times);
        }
}

unsigned picture_distance(uint64_t a, uint64_t b) { return (unsigned)__builtin_popcountll(a ^ b); }

/* --- from cells to the look */

/* Small pictures leave cells empty: they are as bright as the nearest to the left or above. */
static void fill(const struct picture_grid *g, uint8_t cells[PICTURE_HIGH][PICTURE_WIDE])
{
    for (size_t y = 0; y < PICTURE_HIGH; y++)
        for (size_t x = 0; x < PICTURE_WIDE; x++) {
            uint32_t n = g->count[y][x];
            cells[y][x] = n ? (uint8_t)(g->sum[y][x] / n) : x ? cells[y][x - 1] : y ? cells[y - 1][x] : 0;
        }
}

static uint64_t hash_of(uint8_t cells[PICTURE_HIGH][PICTURE_WIDE])
{
    uint64_t hash = 0;
    for (size_t y = 0; y < 8; y++) {
        unsigned before = 0;
        for (size_t x = 0; x < 9; x++) {
            unsigned sum = 0;
            for (size_t k = 0; k < 16; k++)
                sum += cells[4 * y + k / 4][4 * x + k % 4];
            if (x > 0)
                hash = hash << 1 | (sum + 16 < before); /* a grey level of one cell is no fall */
            before = sum;
        }
    }
    return hash;
}

/* Rows that hold ink, counted as bands. */
static unsigned bands(uint8_t cells[PICTURE_HIGH][PICTURE_WIDE])
{
    unsigned n = 0;
    bool inside = false;
    for (size_t y = 0; y < PICTURE_HIGH; y++) {
        unsigned changes = 0;
        for (size_t x = 1; x < PICTURE_WIDE; x++) {
            int d = (int)cells[y][x] - (int)cells[y][x - 1];
            changes += d > EDGE / 4 || d < -EDGE / 4;
        }
        bool ink = changes >= 3;
        n += ink && !inside;
        inside = ink;
    }
    return n;
}

static void settle(const struct picture_grid *g, struct picture *out)
{
    uint8_t cells[PICTURE_HIGH][PICTURE_WIDE];
    uint32_t most = 0;
    fill(g, cells);
    out->dhash = hash_of(cells);
    out->lines = bands(cells);
    for (size_t i = 0; i < PICTURE_COLOURS; i++) {
        out->colours += g->colour[i] > 0 && (uint64_t)g->colour[i] * 200 >= g->pixels;
        most = g->colour[i] > most ? g->colour[i] : most;
    }
    out->background = (unsigned)((uint64_t)most * 100 / g->pixels);
    out->looked = true;
}

/* --- any kind */

bool picture_size(slice bytes, struct picture *out)
{
    *out = (struct picture){ 0 };
    return picture_png_size(bytes, out) || picture_jpeg_size(bytes, out) || picture_gif_size(bytes, out) ||
           picture_bmp_size(bytes, out) || picture_emf_size(bytes, out);
}

bool picture_look(struct walk *w, slice bytes, struct picture *out)
{
    if (!picture_size(bytes, out))
        return false;
    bool fits = out->width && out->height && out->width <= PICTURE_SIDE_MAX && out->height <= PICTURE_SIDE_MAX &&
                (uint64_t)out->width * out->height <= PICTURE_PIXELS_MAX;
    struct picture_grid *g = fits ? ARENA_NEW(w->mem, struct picture_grid) : NULL;
    if (!g || !walk_work(w, bytes.len))
        return true;
    bool known = picture_png_look(w, bytes, g) || picture_jpeg_look(w, bytes, g) || picture_gif_look(w, bytes, g) ||
                 picture_bmp_look(w, bytes, g) || picture_emf_look(w, bytes, g);
    if (known && g->pixels > 0)
        settle(g, out);
    return true;
}

/* --- the one that is shown */

void picture_offer(struct picture_choice *c, slice bytes)
{
    struct picture p;
    if (!picture_size(bytes, &p))
        return;
    uint64_t area = (uint64_t)p.width * p.height;
    if (area > c->area) {
        c->area = area;
        c->bytes = bytes;
    }
}

void picture_offer_stream(struct walk *w, struct picture_choice *c, slice stream)
{
    /* What each begins with, and which byte of it is looked for: none that pictures are full of. */
    static const struct {
        slice head;
        size_t rare;
    } heads[] = { { SLICE_INIT("\x89PNG\r\n\x1a\n"), 0 }, { SLICE_INIT("\xff\xd8\xff"), 1 } };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        slice head = heads[i].head;
        size_t rare = heads[i].rare;
        if (!walk_work(w, stream.len / 4))
            return;
        for (size_t at = slice_find_byte(stream, head.at[rare], rare), n = 0;
             at != SIZE_MAX && n < OFFERED_MAX;
             at = slice_find_byte(stream, head.at[rare], at + 1)) {
            slice from = slice_from(stream, at - rare);
            if (slice_starts(from, head)) {
                picture_offer(c, from);
                n++;
            } else if (!walk_work(w, WORK_PER_MISS)) {
                return;
            }
        }
    }
    picture_offer_metafiles(w, c, stream);
}

/* A few lines of ink on plain paper, large enough to be read. Measured: of the 54 pictures that documents with
 * macros show in a corpus of malware, 53 are so; and so are many diagrams, which is why it takes a macro
 * that starts by itself and hardly any words. Logos have fewer lines, photographs no paper. */
static bool is_notice(const struct picture *p)
{
    return p->width >= 400 && p->height >= 120 && p->background >= 60 && p->colours <= 24 && p->lines >= 3 && p->lines <= 8;
}

void picture_say(struct walk *w, const struct picture_choice *c)
{
    struct picture p;
    if (c->bytes.len == 0 ||
        !(walk_is_acting(w) ? picture_size(c->bytes, &p) : picture_look(w, c->bytes, &p)))
        return;
    struct buf b = buf_new(64);
    buf_format(&b, "%ux%u", p.width, p.height);
    walk_text(w, FACT_IMAGE_SIZE, buf_slice(&b), NOWHERE);
    if (p.looked) {
        buf_clear(&b);
        buf_format(&b, "%016llx", (unsigned long long)p.dhash);
        walk_text(w, FACT_IMAGE_DHASH, buf_slice(&b), NOWHERE);
        walk_int(w, FACT_IMAGE_COLOURS, p.colours, NOWHERE);
        walk_int(w, FACT_IMAGE_BACKGROUND, p.background, NOWHERE);
        walk_int(w, FACT_IMAGE_LINES, p.lines, NOWHERE);
        if (is_notice(&p))
            walk_cstr(w, FACT_DOCUMENT_LURE_IMAGE, "notice", NOWHERE);
    }
    buf_drop(&b);
}

struct kept {
    struct kept *next;
    struct picture_choice choice;
    uint32_t part;
};

void picture_keep(struct walk *w, const struct picture_choice *c)
{
    struct kept *k = c->bytes.len ? ARENA_NEW(w->mem, struct kept) : NULL;
    if (!k)
        return;
    *k = (struct kept){ .next = w->scan->pictures, .choice = *c, .part = w->part };
    w->scan->pictures = k;
}

/* Parts inside parts come and go in between: what is kept is a stack. */
void picture_say_kept(struct walk *w)
{
    for (struct kept *k = w->scan->pictures; k && k->part == w->part; k = k->next) {
        picture_say(w, &k->choice);
        w->scan->pictures = k->next;
    }
}
