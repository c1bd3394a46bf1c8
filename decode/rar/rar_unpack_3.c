/* SPDX-License-Identifier: Apache-2.0 */
/* RAR 2.9 to 4: blocks of LZ77 or of PPMd, programs that change output back.
 * Of the programs those that RAR itself writes are known by their sum; others
 * no program runs any more. */
#include "base/hash.h"
#include "base/inflate.h"
#include "decode/rar/rar_unpack.h"

enum {
    MAIN_SYMBOLS = 299, DISTANCE_SYMBOLS = 60, LOW_SYMBOLS = 17, REPEAT_SYMBOLS = 28, LENGTH_SYMBOLS = 20,
    TABLE = MAIN_SYMBOLS + DISTANCE_SYMBOLS + LOW_SYMBOLS + REPEAT_SYMBOLS,
    LITERALS = 256, END_OF_BLOCK = 256, PROGRAM = 257, AGAIN = 258, OLD_DISTANCE = 259, SHORT_DISTANCE = 263,
    NEW_DISTANCE = 271, LOW_RUN = 16,
    PPMD_RESET = 0x20, PPMD_ESCAPE = 0x40, ESCAPE = 2,
    CODE_MAX = 64 << 10, FILTER_MOST = 240 << 10,
    HAS_NUMBER = 0x80, FAR_START = 0x40, HAS_LENGTH = 0x20, HAS_REGISTERS = 0x10, REGISTERS = 7, FAR = 258,
    WORK_PER_TABLES = 5 * WORK_PER_HUFFMAN + 4000, WORK_PER_PROGRAM = 2000,
};

_Static_assert((int)TABLE == (int)RAR3_LENGTHS, "one length for every symbol");

/* --- tables */

static bool begin_ppmd(struct rar_unpacker *u)
{
    struct rar3_state *s = &u->s.three;
    unsigned flags = bits_take(&u->b, 8);
    size_t megabytes = flags & PPMD_RESET ? bits_take(&u->b, 8) + 1 : 0;
    s->escape = flags & PPMD_ESCAPE ? bits_take(&u->b, 8) : ESCAPE;
    if (megabytes) {
        unsigned order = (flags & 0x1f) + 1;
        order = order > 16 ? 16 + (order - 16) * 3 : order;
        if (!ppmd_start(&s->model, megabytes << 20, order, u->mem, u->budget)) {
            u->broken = true;
            return false;
        }
    }
    u->broken = !s->model.heap || !ppmd_code(&s->model, PPMD_RAR, &u->b);
    return !u->broken;
}

static bool begin_lz(struct rar_unpacker *u)
{
    struct rar3_state *s = &u->s.three;
    uint8_t small[LENGTH_SYMBOLS] = { 0 };
    s->last_low = 0;
    s->low_again = 0;
    (void)bits_take(&u->b, 1);
    if (!bits_take(&u->b, 1))
        memset(s->lengths, 0, sizeof s->lengths);
    rar_read_lengths(&u->b, small, LENGTH_SYMBOLS);
    huffman_build(&s->main, small, LENGTH_SYMBOLS);
    for (size_t i = 0; i < TABLE && bits_ok(&u->b);) {
        unsigned v = huffman_take(&s->main, &u->b);
        if (v < 16) {
            s->lengths[i] = (s->lengths[i] + v) & 15;
            i++;
            continue;
        }
        unsigned run = v & 1 ? bits_take(&u->b, 7) + 11 : bits_take(&u->b, 3) + 3;
        uint8_t same = v < 18 && i ? s->lengths[i - 1] : 0;
        for (; run && i < TABLE; run--)
            s->lengths[i++] = same;
    }
    const uint8_t *at = s->lengths;
    huffman_build(&s->main, at, MAIN_SYMBOLS);
    huffman_build(&s->distance, at += MAIN_SYMBOLS, DISTANCE_SYMBOLS);
    huffman_build(&s->low, at += DISTANCE_SYMBOLS, LOW_SYMBOLS);
    huffman_build(&s->repeat, at += LOW_SYMBOLS, REPEAT_SYMBOLS);
    return bits_ok(&u->b);
}

static bool read_tables(struct rar_unpacker *u)
{
    struct rar3_state *s = &u->s.three;
    if (!budget_spend(u->budget, BUDGET_WORK, WORK_PER_TABLES) || !sliding_pay(&u->window)) {
        u->window.stop = u->window.refused = true;
        return false;
    }
    bits_align(&u->b);
    s->ppmd = bits_peek(&u->b, 1);
    s->has_tables = s->ppmd ? begin_ppmd(u) : begin_lz(u);
    return s->has_tables;
}

/* --- programs */

static uint32_t program_number(struct bits *b)
{
    uint32_t v;
    switch (bits_take(b, 2)) {
    case 0:
        return bits_take(b, 4);
    case 1:
        v = bits_take(b, 8);
        return v >= 16 ? v : 0xffffff00 | v << 4 | bits_take(b, 4);
    case 2:
        return bits_take(b, 16);
    default:
        return bits_take(b, 32);
    }
}

/* By size and CRC-32. */
static enum rar_filter_kind kind_of(slice code)
{
    static const struct {
        size_t size;
        uint32_t crc;
        enum rar_filter_kind kind;
    } known[] = {
        { 29, 0x0e06077d, RAR_FILTER_DELTA },  { 53, 0xad576887, RAR_FILTER_CALLS }, { 57, 0x3cd7e57e, RAR_FILTER_JUMPS },
        { 149, 0x1c2c5dc8, RAR_FILTER_RGB },   { 216, 0xbc85e701, RAR_FILTER_AUDIO },
    };
    uint32_t crc = crc32_of(0, code);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].size == code.len && known[i].crc == crc)
            return known[i].kind;
    return RAR_FILTER_UNKNOWN;
}

static bool new_program(struct rar_unpacker *u, struct bits *b)
{
    struct rar3_state *s = &u->s.three;
    size_t n = program_number(b);
    if (n == 0 || n > CODE_MAX || n > b->in.len || s->n_programs == RAR_PROGRAMS_MAX)
        return false;
    uint8_t *code = arena_get(u->mem, n, 1);
    if (!code) {
        u->budget->hit |= 1u << BUDGET_MEMORY;
        return false;
    }
    for (size_t i = 0; i < n; i++)
        code[i] = (uint8_t)bits_take(b, 8);
    s->programs[s->n_programs++] = (struct rar3_program){ .kind = kind_of((slice){ code, n }) };
    return true;
}

/* Which program over which run of the output; its code comes the first time. */
static bool read_program(struct rar_unpacker *u, unsigned flags, slice text)
{
    struct rar3_state *s = &u->s.three;
    struct bits b = bits_open(text);
    uint32_t registers[REGISTERS] = { 0 };
    size_t which = s->last_program;
    if (flags & HAS_NUMBER) {
        which = program_number(&b);
        if (which == 0)
            s->n_programs = 0;
        else
            which--;
    }
    if (which > s->n_programs)
        return false;
    s->last_program = which;
    bool fresh = which == s->n_programs;
    struct rar_filter f = { .start = sliding_total(&u->window) };
    f.start += program_number(&b) + (flags & FAR_START ? FAR : 0u);
    f.length = flags & HAS_LENGTH ? program_number(&b) : fresh ? 0 : s->programs[which].length;
    if (flags & HAS_REGISTERS) {
        unsigned mask = bits_take(&b, REGISTERS);
        for (unsigned i = 0; i < REGISTERS; i++)
            if (mask >> i & 1)
                registers[i] = program_number(&b);
    }
    if (fresh && !new_program(u, &b))
        return false;
    s->programs[which].length = f.length;
    f.kind = s->programs[which].kind;
    f.a = registers[0];
    f.b = registers[1];
    if (bits_ok(&b) && f.length && f.length <= FILTER_MOST)
        rar_filter_add(&u->filters, &f);
    return bits_ok(&b);
}

/* The same text comes from either kind of block: as bits, or as bytes of the model. */
static int next_byte(struct rar_unpacker *u)
{
    struct rar3_state *s = &u->s.three;
    if (s->ppmd)
        return ppmd_take(&s->model);
    int v = (int)bits_take(&u->b, 8);
    return bits_ok(&u->b) ? v : PPMD_BROKEN;
}

static bool take_program(struct rar_unpacker *u)
{
    int flags = next_byte(u), more[2] = { 0 };
    if (flags < 0 || !budget_spend(u->budget, BUDGET_WORK, WORK_PER_PROGRAM))
        return false;
    size_t n = ((unsigned)flags & 7) + 1;
    for (unsigned i = 0; n >= 7 && i < n - 6; i++)
        if ((more[i] = next_byte(u)) < 0)
            return false;
    if (n == 7)
        n = (unsigned)more[0] + 7;
    else if (n == 8)
        n = (unsigned)more[0] << 8 | (unsigned)more[1];
    uint8_t *text = arena_get(u->mem, n + 1, 1);
    for (size_t i = 0; text && i < n; i++) {
        int v = next_byte(u);
        if (v < 0)
            return false;
        text[i] = (uint8_t)v;
    }
    return text && read_program(u, (unsigned)flags, (slice){ text, n });
}

/* --- LZ77 */

static uint32_t length_of(struct bits *b, unsigned slot)
{
    static const uint8_t base[REPEAT_SYMBOLS] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  10, 12,  14,  16,  20,
                                                  24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224 };
    slot = slot < REPEAT_SYMBOLS ? slot : 0;
    return base[slot] + bits_take(b, slot < 8 ? 0 : slot / 4 - 1);
}

/* The distances of 16 bits come fourteen times, those of 18 twelve times. */
static uint32_t distance_base(unsigned slot, unsigned *bits_out)
{
    unsigned bits = slot < 4 ? 0 : slot < 34 ? slot / 2 - 1 : slot < 48 ? 16 : 18;
    *bits_out = bits;
    if (slot < 4)
        return slot + 1;
    if (slot < 34)
        return ((2 | (slot & 1)) << bits) + 1;
    return slot < 48 ? ((slot - 34 + 2) << 16) + 1 : ((slot - 48 + 4) << 18) + 1;
}

static uint32_t distance_of(struct rar_unpacker *u)
{
    struct rar3_state *s = &u->s.three;
    unsigned slot = huffman_take(&s->distance, &u->b), bits;
    uint32_t distance = distance_base(slot, &bits);
    if (slot < 10)
        return distance + bits_take(&u->b, bits);
    if (bits > 4)
        distance += bits_take(&u->b, bits - 4) << 4;
    if (s->low_again) {
        s->low_again--;
        return distance + s->last_low;
    }
    unsigned low = huffman_take(&s->low, &u->b);
    if (low == LOW_RUN)
        s->low_again = LOW_RUN - 1;
    else
        s->last_low = low;
    return distance + s->last_low;
}

static void repeat(struct rar_unpacker *u, uint32_t length, uint64_t distance)
{
    u->last_length = length;
    sliding_copy(&u->window, distance, length);
}

/* False: no symbol follows. */
static bool end_of_block(struct rar_unpacker *u)
{
    struct rar3_state *s = &u->s.three;
    if (bits_take(&u->b, 1)) /* new tables, same file */
        return read_tables(u);
    s->has_tables = !bits_take(&u->b, 1);
    return false;
}

static bool lz_symbol(struct rar_unpacker *u)
{
    static const uint8_t short_base[8] = { 0, 4, 8, 16, 32, 64, 128, 192 }, short_bits[8] = { 2, 2, 3, 4, 5, 6, 6, 6 };
    struct rar3_state *s = &u->s.three;
    unsigned v = huffman_take(&s->main, &u->b);
    if (!bits_ok(&u->b))
        return false;
    if (v < LITERALS) {
        sliding_put(&u->window, (uint8_t)v);
    } else if (v >= NEW_DISTANCE) {
        uint32_t length = length_of(&u->b, v - NEW_DISTANCE) + 3, distance = distance_of(u);
        length += 0u + (distance >= 0x2000) + (distance >= 0x40000);
        rar_old_distance(u, distance);
        repeat(u, length, distance);
    } else if (v >= SHORT_DISTANCE) {
        uint32_t distance = short_base[v - SHORT_DISTANCE] + 1u + bits_take(&u->b, short_bits[v - SHORT_DISTANCE]);
        rar_old_distance(u, distance);
        repeat(u, 2, distance);
    } else if (v >= OLD_DISTANCE) {
        uint64_t distance = rar_again(u, v - OLD_DISTANCE);
        repeat(u, length_of(&u->b, huffman_take(&s->repeat, &u->b)) + 2, distance);
    } else if (v == AGAIN) {
        sliding_copy(&u->window, u->old[0], u->last_length);
        return u->last_length || sliding_pay(&u->window);
    } else if (v == PROGRAM) {
        u->broken = !take_program(u);
        return !u->broken;
    } else {
        return end_of_block(u);
    }
    return true;
}

/* --- PPMd */

static bool ppmd_repeat(struct rar_unpacker *u, unsigned distance_bytes)
{
    uint32_t distance = 0;
    for (unsigned i = 0; i < distance_bytes; i++) {
        int v = next_byte(u);
        if (v < 0)
            return false;
        distance = distance << 8 | (unsigned)v;
    }
    int length = next_byte(u);
    if (length < 0)
        return false;
    if (distance_bytes)
        sliding_copy(&u->window, (uint64_t)distance + 2, (unsigned)length + 32);
    else
        sliding_copy(&u->window, 1, (unsigned)length + 4);
    return true;
}

static bool ppmd_symbol(struct rar_unpacker *u)
{
    struct rar3_state *s = &u->s.three;
    int v = next_byte(u), what = 1;
    if (v >= 0 && (unsigned)v == s->escape)
        what = next_byte(u);
    u->broken = v < 0 || what < 0;
    if (u->broken)
        return false;
    switch (what) {
    case 0:
        return read_tables(u);
    case 2: /* the end of the file */
        return false;
    case 3:
        u->broken = !take_program(u);
        return !u->broken;
    case 4:
        return ppmd_repeat(u, 3);
    case 5:
        return ppmd_repeat(u, 0);
    default:
        sliding_put(&u->window, (uint8_t)v);
        return true;
    }
}

/* All is written; what stands behind tells what the next solid member begins with. */
static void read_end(struct rar_unpacker *u)
{
    struct rar3_state *s = &u->s.three;
    if (!s->ppmd && huffman_take(&s->main, &u->b) == END_OF_BLOCK) {
        if (!bits_take(&u->b, 1))
            s->has_tables = !bits_take(&u->b, 1);
    } else if (s->ppmd && ppmd_take(&s->model) == (int)s->escape) {
        (void)ppmd_take(&s->model);
    }
}

void rar3_run(struct rar_unpacker *u, bool solid)
{
    struct rar3_state *s = &u->s.three;
    if (!solid) {
        s->has_tables = s->ppmd = false;
        memset(s->lengths, 0, sizeof s->lengths);
        s->n_programs = s->last_program = 0;
        s->escape = ESCAPE;
    }
    if (!s->has_tables && !read_tables(u))
        return;
    bool go = true;
    while (go && !u->window.stop)
        go = (s->ppmd ? ppmd_symbol(u) : lz_symbol(u)) && bits_ok(&u->b);
    if (u->window.stop && !u->window.refused && !u->broken)
        read_end(u);
    if (s->model.heap && s->model.full)
        u->window.refused = true;
}
