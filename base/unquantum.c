/* SPDX-License-Identifier: Apache-2.0 */
/* Quantum (David Stafford's; described by Matthew Russotto, "Quantum compression format"); see
 * unquantum.h.
 *
 * An arithmetic coder of 16 bits chooses among seven kinds of items: a literal of one of four
 * quarters of the bytes, a repeat of three or four bytes, or a longer one. Each choice has a model
 * that learns. The coder begins anew with every block, the models and the window go on. No repeat
 * runs over the end of its block. */
#include "base/unquantum.h"
#include "base/sliding.h"

enum {
    SYMBOLS_MOST = 64,
    KINDS = 7,
    QUARTERS = 4,
    QUARTER = 64,
    KIND_THREE = 4,
    KIND_LONG = 6,
    LENGTHS = 27,
    SHORT_LENGTHS = 6,
    LENGTH_LAST = 26,
    SHORTEST_LONG = 5,
    LEARNED = 8, /* what a use of a symbol counts */
    TOTAL_MOST = 3800,
    TURNS_FIRST = 4, /* halvings until the symbols are put in order */
    TURNS = 50,
    AHEAD = 16, /* bits that the coder holds; it may look as far behind the end */
    WORK_PER_ITEM = 120,
    ITEMS_PER_BILL = 256,
};

struct model {
    unsigned n, turns;
    uint8_t symbol[SYMBOLS_MOST];
    uint16_t above[SYMBOLS_MOST + 1]; /* how often this symbol and all behind it came */
};

struct unquantum {
    struct bits b;
    uint32_t low, high, code;
    struct model kind, quarter[QUARTERS], place[3], length;
    struct sliding window;
    struct sliding_body out;
    struct budget *budget;
    bool over; /* a repeat ran over the end */
    unsigned unpaid;
};

/* --- models */

static void model_start(struct model *m, unsigned n)
{
    *m = (struct model){ .n = n, .turns = TURNS_FIRST };
    for (unsigned i = 0; i < n; i++) {
        m->symbol[i] = (uint8_t)i;
        m->above[i] = (uint16_t)(n - i);
    }
}

static void model_halve(struct model *m)
{
    for (unsigned i = m->n; i-- > 0;) {
        m->above[i] /= 2;
        if (m->above[i] <= m->above[i + 1])
            m->above[i] = (uint16_t)(m->above[i + 1] + 1);
    }
}

/* The frequent to the front. Which of equals comes first is part of the format. */
static void model_order(struct model *m)
{
    for (unsigned i = 0; i < m->n; i++)
        m->above[i] = (uint16_t)((m->above[i] - m->above[i + 1] + 1) / 2);
    for (unsigned i = 0; i + 1 < m->n; i++)
        for (unsigned j = i + 1; j < m->n; j++)
            if (m->above[i] < m->above[j]) {
                uint16_t often = m->above[i];
                uint8_t symbol = m->symbol[i];
                m->above[i] = m->above[j];
                m->symbol[i] = m->symbol[j];
                m->above[j] = often;
                m->symbol[j] = symbol;
            }
    for (unsigned i = m->n; i-- > 0;)
        m->above[i] = (uint16_t)(m->above[i] + m->above[i + 1]);
}

static void model_learn(struct model *m, unsigned at)
{
    for (unsigned i = 0; i <= at; i++)
        m->above[i] = (uint16_t)(m->above[i] + LEARNED);
    if (m->above[0] <= TOTAL_MOST)
        return;
    if (--m->turns > 0) {
        model_halve(m);
        return;
    }
    m->turns = TURNS;
    model_order(m);
}

/* --- the coder */

/* Bits that both ends of the interval have in common are done with. */
static void renormalize(struct unquantum *u)
{
    for (;;) {
        if ((u->low ^ u->high) & 0x8000) {
            if (!(u->low & 0x4000) || u->high & 0x4000)
                return;
            u->code ^= 0x4000;
            u->low &= 0x3fff;
            u->high |= 0x4000;
        }
        u->low = u->low << 1 & 0xffff;
        u->high = (u->high << 1 & 0xffff) | 1;
        u->code = (u->code << 1 & 0xffff) | bits_take(&u->b, 1);
    }
}

/* The interval is never narrower than a quarter, and the code never outside: no division by less
 * than the total. */
static unsigned take(struct unquantum *u, struct model *m)
{
    uint32_t range = u->high - u->low + 1, total = m->above[0];
    uint32_t goal = ((u->code - u->low + 1) * total - 1) / range;
    unsigned at = 0;
    while (at + 1 < m->n && m->above[at + 1] > goal)
        at++;
    u->high = u->low + m->above[at] * range / total - 1;
    u->low = u->low + m->above[at + 1] * range / total;
    unsigned symbol = m->symbol[at];
    model_learn(m, at);
    renormalize(u);
    return symbol;
}

/* --- items */

static uint32_t take_length(struct unquantum *u)
{
    unsigned slot = take(u, &u->length);
    if (slot < SHORT_LENGTHS)
        return slot + SHORTEST_LONG;
    unsigned extra = (slot - 2) / 4;
    uint32_t base = ((4 + (slot - 2) % 4) << extra) - 2;
    return base + (slot == LENGTH_LAST ? 0 : bits_take(&u->b, extra)) + SHORTEST_LONG;
}

static uint32_t take_distance(struct unquantum *u, struct model *m)
{
    unsigned slot = take(u, m);
    if (slot < 4)
        return slot + 1;
    unsigned extra = slot / 2 - 1;
    return ((2 + slot % 2) << extra) + bits_take(&u->b, extra) + 1;
}

static void take_item(struct unquantum *u, uint64_t until)
{
    unsigned kind = take(u, &u->kind);
    if (kind < QUARTERS) {
        sliding_put(&u->window, (uint8_t)(kind * QUARTER + take(u, &u->quarter[kind])));
        return;
    }
    uint32_t len = kind == KIND_LONG ? take_length(u) : kind - KIND_THREE + 3;
    uint32_t distance = take_distance(u, &u->place[kind - KIND_THREE]);
    uint64_t room = until - sliding_total(&u->window);
    sliding_copy(&u->window, distance, len < room ? len : room);
    u->over = len > room;
}

static bool pay(struct unquantum *u)
{
    bool paid = budget_spend(u->budget, BUDGET_WORK, (uint64_t)u->unpaid * WORK_PER_ITEM);
    u->unpaid = 0;
    return paid;
}

struct unquantum *unquantum_new(struct body_writer *out, unsigned window_bits, uint64_t size,
                                struct arena *mem, struct budget *budget)
{
    static const unsigned places[3] = { 24, 36, 42 };
    bool known = window_bits >= UNQUANTUM_WINDOW_LEAST && window_bits <= UNQUANTUM_WINDOW_MOST;
    struct unquantum *u = known ? ARENA_NEW(mem, struct unquantum) : NULL;
    if (!u || !sliding_start(&u->window, UINT64_C(1) << window_bits, mem, budget)) {
        if (known)
            budget->hit |= 1u << BUDGET_MEMORY;
        return NULL;
    }
    u->budget = budget;
    u->out = (struct sliding_body){ out, mem, budget };
    sliding_begin(&u->window, sliding_to_body, &u->out, size, NULL);
    model_start(&u->kind, KINDS);
    model_start(&u->length, LENGTHS);
    for (unsigned i = 0; i < QUARTERS; i++)
        model_start(&u->quarter[i], QUARTER);
    for (unsigned i = 0; i < 3; i++)
        model_start(&u->place[i], places[i] < 2 * window_bits ? places[i] : 2 * window_bits);
    return u;
}

enum unpack_end unquantum_block(struct unquantum *u, slice in, size_t size)
{
    uint64_t until = sliding_total(&u->window) + size;
    u->b = bits_open(in);
    u->low = 0;
    u->high = 0xffff;
    u->code = bits_take(&u->b, AHEAD);
    while (!u->window.stop && !u->over && sliding_total(&u->window) < until) {
        if (bits_used(&u->b) > (uint64_t)in.len * 8 + 2 * AHEAD)
            return UNPACK_SHORT;
        take_item(u, until);
        if (++u->unpaid == ITEMS_PER_BILL && !pay(u))
            return UNPACK_LIMIT;
    }
    if (u->over)
        return UNPACK_BROKEN;
    return !pay(u) || u->window.refused ? UNPACK_LIMIT : UNPACK_WHOLE;
}

enum unpack_end unquantum_end(struct unquantum *u)
{
    sliding_end(&u->window);
    bool refused = u->window.refused;
    sliding_drop(&u->window);
    return refused ? UNPACK_LIMIT : UNPACK_WHOLE;
}
