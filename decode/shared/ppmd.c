/* SPDX-License-Identifier: Apache-2.0 */
/* PPMd variant H: contexts, their update, the coder; see ppmd.h. The allocator
 * is in ppmd_heap.c.
 *
 * A context with one symbol keeps its state in itself, where others keep their
 * sum and the place of their states. A successor below `units` points into the
 * text that was read, else it is a context. */
#include "decode/shared/ppmd_private.h"

enum {
    MAX_FREQ = 124, INT_BITS = 7, PERIOD_BITS = 7, BINARY_SCALE = 1 << (INT_BITS + PERIOD_BITS),
    TOP = 1 << 24, RAR_BOTTOM = 0x8000, HIGH_BIT = 8,
    /* Noise visits hundreds of states for one byte, text a few: work is counted, not guessed. */
    WORK_PER_SYMBOL = 20, WORK_PER_STATE = 2, WORK_PER_CONTEXT = 20, PAID_AT_ONCE = 50000,
};

/* --- the model at its beginning */

static void restart(struct ppmd *m)
{
    static const uint16_t first_escapes[8] = { 0x3cdd, 0x1f3f, 0x59bf, 0x48f3, 0x64a1, 0x5abc, 0x6632, 0x6051 };
    ppmd_heap_empty(m);
    m->order_fall = m->order;
    m->run = m->first_run = -(int)(m->order < 12 ? m->order : 12) - 1;
    m->success = 0;
    m->hi -= PPMD_UNIT;
    m->context = m->longest = m->hi;
    struct ppmd_context *c = ppmd_context(m, m->context);
    *c = (struct ppmd_context){ .n = 256, .sum = 257, .states = m->lo };
    m->found = m->lo;
    m->lo += 128 * PPMD_UNIT;
    if (!ppmd_heap_pay(m))
        return;
    for (uint32_t i = 0; i < 256; i++)
        *ppmd_state(m, c->states + i * PPMD_STATE) = (struct ppmd_state){ .symbol = (uint8_t)i, .freq = 1 };
    for (unsigned i = 0; i < 128; i++)
        for (unsigned k = 0; k < 64; k++)
            m->binary[i][k] = (uint16_t)(BINARY_SCALE - first_escapes[k & 7] / (i + 2));
    for (unsigned i = 0; i < 25; i++)
        for (unsigned k = 0; k < 16; k++)
            m->see[i][k] = (struct ppmd_see){ (uint16_t)((5 * i + 10) << (PERIOD_BITS - 4)), PERIOD_BITS - 4, 4 };
}

static void fill_tables(struct ppmd *m)
{
    m->binary_group[0] = 0;
    m->binary_group[1] = 2;
    memset(m->binary_group + 2, 4, 9);
    memset(m->binary_group + 11, 6, 256 - 11);
    for (unsigned i = 0; i < 3; i++)
        m->group[i] = (uint8_t)i;
    for (unsigned i = 3, value = 3, left = 1; i < 256; i++) {
        m->group[i] = (uint8_t)value;
        if (--left == 0)
            left = ++value - 2;
    }
    m->no_see = (struct ppmd_see){ 0, PERIOD_BITS, 64 };
}

bool ppmd_start(struct ppmd *m, size_t size, unsigned order, struct arena *mem, struct budget *budget)
{
    if (order < 2 || order > PPMD_ORDER_MAX || !ppmd_heap_new(m, size, mem, budget))
        return false;
    m->order = order;
    m->escape = 0;
    fill_tables(m);
    restart(m);
    return !m->full;
}

void ppmd_drop(struct ppmd *m)
{
    ppmd_heap_drop(m);
}

/* --- learning */

static uint32_t successor(const struct ppmd_state *s)
{
    return s->low | (uint32_t)s->high << 16;
}

static void set_successor(struct ppmd_state *s, uint32_t to)
{
    s->low = (uint16_t)to;
    s->high = (uint16_t)(to >> 16);
}

static void swap(struct ppmd_state *a, struct ppmd_state *b)
{
    struct ppmd_state t = *a;
    *a = *b;
    *b = t;
}

/* The state of this symbol in a context that has it. */
static uint32_t find(const struct ppmd *m, uint32_t context, uint8_t symbol)
{
    const struct ppmd_context *c = ppmd_context(m, context);
    if (c->n == 1)
        return ppmd_only(context);
    uint32_t at = c->states;
    for (unsigned i = 1; i < c->n && ppmd_state(m, at)->symbol != symbol; i++)
        at += PPMD_STATE;
    return at;
}

/* How often a symbol new in a child context is to be expected, from its parent. */
static uint8_t inherited(const struct ppmd *m, uint32_t context, uint8_t symbol)
{
    const struct ppmd_context *c = ppmd_context(m, context);
    const struct ppmd_state *s = ppmd_state(m, find(m, context, symbol));
    if (c->n == 1)
        return s->freq;
    uint32_t cf = s->freq - 1u, s0 = (uint32_t)c->sum - c->n - cf;
    if (2 * cf <= s0)
        return (uint8_t)(1 + (5 * cf > s0));
    return (uint8_t)(1 + (s0 ? (2 * cf + 3 * s0 - 1) / (2 * s0) : 0));
}

/* Contexts for what was read, one for each order that lacks it. 0: no memory. */
static uint32_t create_successors(struct ppmd *m, bool skip)
{
    uint32_t waiting[PPMD_ORDER_MAX], c = m->context;
    unsigned n = 0;
    const uint8_t symbol = ppmd_state(m, m->found)->symbol;
    const uint32_t branch = successor(ppmd_state(m, m->found));
    if (!skip)
        waiting[n++] = m->found;
    while (ppmd_context(m, c)->suffix && n < PPMD_ORDER_MAX) {
        c = ppmd_context(m, c)->suffix;
        uint32_t s = find(m, c, symbol), next = successor(ppmd_state(m, s));
        if (next != branch) {
            c = next;
            if (n == 0)
                return c;
            break;
        }
        waiting[n++] = s;
    }
    struct ppmd_state up = { .symbol = m->heap[branch] };
    set_successor(&up, branch + 1);
    up.freq = inherited(m, c, up.symbol);
    while (n > 0) {
        uint32_t child = ppmd_heap_context(m);
        if (!child)
            return 0;
        struct ppmd_context *made = ppmd_context(m, child);
        m->work += WORK_PER_CONTEXT;
        made->n = 1;
        made->suffix = c;
        *ppmd_state(m, ppmd_only(child)) = up;
        set_successor(ppmd_state(m, waiting[--n]), child);
        c = child;
    }
    return c;
}

/* The context above has seen the symbol too. */
static void tell_suffix(struct ppmd *m)
{
    const struct ppmd_state found = *ppmd_state(m, m->found);
    uint32_t suffix = ppmd_context(m, m->context)->suffix;
    if (found.freq >= MAX_FREQ / 4 || !suffix)
        return;
    struct ppmd_context *c = ppmd_context(m, suffix);
    uint32_t at = find(m, suffix, found.symbol);
    struct ppmd_state *s = ppmd_state(m, at);
    if (c->n == 1) {
        s->freq = (uint8_t)(s->freq + (s->freq < 32));
        return;
    }
    if (at != c->states && s->freq >= s[-1].freq) {
        swap(s, s - 1);
        s--;
    }
    if (s->freq < MAX_FREQ - 9) {
        s->freq = (uint8_t)(s->freq + 2);
        c->sum = (uint16_t)(c->sum + 2);
    }
}

/* Makes room for one more state. False: no memory. */
static bool widen(struct ppmd *m, uint32_t context, unsigned n_min)
{
    struct ppmd_context *c = ppmd_context(m, context);
    unsigned n = c->n;
    if (n != 1) {
        if ((n & 1) == 0 && !ppmd_heap_expand(m, &c->states, n / 2))
            return false;
        c->sum = (uint16_t)(c->sum + (2 * n < n_min) + 2 * ((4 * n <= n_min) & (c->sum <= 8 * n)));
        return true;
    }
    uint32_t states = ppmd_heap_units(m, 0);
    if (!states)
        return false;
    struct ppmd_state *s = ppmd_state(m, states);
    *s = *ppmd_state(m, ppmd_only(context));
    s->freq = s->freq < MAX_FREQ / 4 - 1 ? (uint8_t)(s->freq * 2) : MAX_FREQ - 4;
    c->states = states;
    c->sum = (uint16_t)(s->freq + m->escape + (n_min > 3));
    return true;
}

/* The symbol joins all contexts that were left on the way to it. */
static bool join_contexts(struct ppmd *m, uint32_t next)
{
    const struct ppmd_context *min = ppmd_context(m, m->context);
    const struct ppmd_state found = *ppmd_state(m, m->found);
    unsigned n_min = min->n;
    uint32_t s0 = (uint32_t)min->sum - n_min - (found.freq - 1u);
    for (uint32_t at = m->longest; at != m->context; at = ppmd_context(m, at)->suffix) {
        if (!widen(m, at, n_min))
            return false;
        struct ppmd_context *c = ppmd_context(m, at);
        m->work += WORK_PER_CONTEXT + c->n * 1u;
        uint32_t cf = 2u * found.freq * (c->sum + 6u), sf = s0 + c->sum;
        if (cf < 6 * sf) {
            cf = 1u + (cf > sf) + (cf >= 4 * sf);
            c->sum = (uint16_t)(c->sum + 3);
        } else {
            cf = 4u + (cf >= 9 * sf) + (cf >= 12 * sf) + (cf >= 15 * sf);
            c->sum = (uint16_t)(c->sum + cf);
        }
        struct ppmd_state *s = ppmd_state(m, c->states + c->n * PPMD_STATE);
        s->symbol = found.symbol;
        s->freq = (uint8_t)cf;
        set_successor(s, next);
        c->n++;
    }
    return true;
}

static void update_model(struct ppmd *m)
{
    tell_suffix(m);
    if (m->order_fall == 0) {
        m->context = m->longest = create_successors(m, true);
        if (!m->context)
            restart(m);
        else
            set_successor(ppmd_state(m, m->found), m->context);
        return;
    }
    /* tell_suffix() may have moved states about, but none of this context. */
    uint32_t after = successor(ppmd_state(m, m->found)), next;
    m->heap[m->text++] = ppmd_state(m, m->found)->symbol;
    next = m->text;
    if (m->text >= m->units || !ppmd_heap_pay(m)) {
        restart(m);
        return;
    }
    if (after) {
        if (after <= next && !(after = create_successors(m, false))) {
            restart(m);
            return;
        }
        if (--m->order_fall == 0) {
            next = after;
            m->text -= m->longest != m->context;
        }
    } else {
        set_successor(ppmd_state(m, m->found), next);
        after = m->context;
    }
    if (join_contexts(m, next))
        m->longest = m->context = after;
    else
        restart(m);
}

/* Frequencies grew too high: all are halved, and sorted. */
static void rescale(struct ppmd *m)
{
    struct ppmd_context *c = ppmd_context(m, m->context);
    struct ppmd_state *states = ppmd_state(m, c->states), *s = ppmd_state(m, m->found);
    const struct ppmd_state first = *s;
    for (; s != states; s--)
        s[0] = s[-1];
    *s = first;
    unsigned escape = (unsigned)c->sum - s->freq, adder = m->order_fall != 0, n = c->n, gone = 0;
    s->freq = (uint8_t)((s->freq + 4u + adder) >> 1);
    unsigned sum = s->freq;
    m->work += n * 2u * WORK_PER_STATE;
    for (unsigned i = 1; i < n; i++) {
        s = states + i;
        escape -= s->freq;
        s->freq = (uint8_t)((s->freq + adder) >> 1);
        sum += s->freq;
        const struct ppmd_state one = *s;
        for (; s != states && one.freq > s[-1].freq; s--)
            s[0] = s[-1];
        *s = one;
    }
    while (gone < n - 1 && states[n - 1 - gone].freq == 0)
        gone++;
    escape += gone;
    c->n = (uint16_t)(n - gone);
    if (gone && c->n == 1) {
        struct ppmd_state left = *states;
        do {
            left.freq = (uint8_t)(left.freq - (left.freq >> 1));
            escape >>= 1;
        } while (escape > 1);
        ppmd_heap_free(m, c->states, (n + 1) / 2);
        m->found = ppmd_only(m->context);
        *ppmd_state(m, m->found) = left;
        return;
    }
    if (gone)
        ppmd_heap_shrink(m, &c->states, (n + 1) / 2, (c->n + 1u) / 2);
    c->sum = (uint16_t)(sum + escape - (escape >> 1));
    m->found = c->states;
}

static void next_context(struct ppmd *m)
{
    uint32_t next = successor(ppmd_state(m, m->found));
    if (m->order_fall == 0 && next > m->text)
        m->context = m->longest = next;
    else
        update_model(m);
}

/* --- the coder */

bool ppmd_code(struct ppmd *m, enum ppmd_coder coder, struct bits *in)
{
    m->in = in;
    m->coder = coder;
    m->low = 0;
    m->bottom = coder == PPMD_RAR ? RAR_BOTTOM : 0;
    m->range = UINT32_MAX;
    if (coder == PPMD_7Z && bits_take(in, 8) != 0)
        return false;
    m->code = bits_take(in, 32);
    return m->code != UINT32_MAX && bits_ok(in);
}

/* UINT32_MAX: the coder cannot be divided so. */
static uint32_t threshold(struct ppmd *m, uint32_t total)
{
    m->range = total ? m->range / total : 0;
    return m->range ? (m->code - m->low) / m->range : UINT32_MAX;
}

static void normalise(struct ppmd *m)
{
    for (;;) {
        if ((m->low ^ (m->low + m->range)) >= TOP) {
            if (m->range >= m->bottom)
                return;
            m->range = (0u - m->low) & (m->bottom - 1);
        }
        m->code = m->code << 8 | bits_take(m->in, 8);
        m->range <<= 8;
        m->low <<= 8;
        if (!bits_ok(m->in))
            return;
    }
}

static void decode(struct ppmd *m, uint32_t start, uint32_t size)
{
    if (m->coder == PPMD_RAR)
        m->low += start * m->range;
    else
        m->code -= start * m->range;
    m->range *= size;
    normalise(m);
}

/* 0, 1, or -1: cannot be. */
static int decode_bit(struct ppmd *m, uint32_t size0)
{
    if (m->coder == PPMD_RAR) {
        uint32_t v = threshold(m, BINARY_SCALE);
        if (v == UINT32_MAX)
            return -1;
        bool one = v >= size0;
        decode(m, one ? size0 : 0, one ? BINARY_SCALE - size0 : size0);
        return one;
    }
    uint32_t bound = (m->range >> (INT_BITS + PERIOD_BITS)) * size0;
    bool one = m->code >= bound;
    m->code -= one ? bound : 0;
    m->range = one ? m->range - bound : bound;
    normalise(m);
    return one;
}

/* --- symbols */

static unsigned is_high(uint8_t symbol)
{
    return symbol >= 0x40 ? HIGH_BIT : 0;
}

static int took(struct ppmd *m, uint8_t symbol)
{
    return m->full ? PPMD_BROKEN : symbol;
}

static int take_among_many(struct ppmd *m, bool masked[256], bool *escaped)
{
    struct ppmd_context *c = ppmd_context(m, m->context);
    uint32_t count = threshold(m, c->sum), high = 0;
    for (unsigned i = 0; i < c->n; i++) {
        struct ppmd_state *s = ppmd_state(m, c->states + i * PPMD_STATE);
        uint8_t symbol = s->symbol;
        high += s->freq;
        if (high <= count)
            continue;
        m->work += i * WORK_PER_STATE;
        decode(m, high - s->freq, s->freq);
        m->found = c->states + i * PPMD_STATE;
        if (i == 0) {
            m->success = 2u * s->freq > c->sum;
            m->run += (int)m->success;
        } else {
            m->success = 0;
        }
        s->freq = (uint8_t)(s->freq + 4);
        c->sum = (uint16_t)(c->sum + 4);
        if (i > 0 && s->freq > s[-1].freq) {
            swap(s, s - 1);
            m->found -= PPMD_STATE;
        }
        if (ppmd_state(m, m->found)->freq > MAX_FREQ)
            rescale(m);
        next_context(m);
        return took(m, symbol);
    }
    if (count >= c->sum)
        return PPMD_BROKEN;
    m->success = 0;
    m->high_bits = is_high(ppmd_state(m, m->found)->symbol);
    m->work += c->n * 2u * WORK_PER_STATE;
    decode(m, high, c->sum - high);
    for (unsigned i = 0; i < c->n; i++)
        masked[ppmd_state(m, c->states + i * PPMD_STATE)->symbol] = true;
    *escaped = true;
    return 0;
}

static int take_binary(struct ppmd *m, bool masked[256], bool *escaped)
{
    static const uint8_t escapes[16] = { 25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2 };
    struct ppmd_state *s = ppmd_state(m, ppmd_only(m->context));
    const struct ppmd_context *up = ppmd_context(m, ppmd_context(m, m->context)->suffix);
    m->high_bits = is_high(ppmd_state(m, m->found)->symbol);
    uint16_t *p = &m->binary[(s->freq - 1u) & 127][(m->success + m->binary_group[(up->n - 1u) & 255] + m->high_bits +
                                                    2 * is_high(s->symbol) + ((unsigned)m->run >> 26 & 0x20)) & 63];
    unsigned mean = (*p + (1u << (PERIOD_BITS - 2))) >> PERIOD_BITS;
    int bit = decode_bit(m, *p);
    if (bit < 0)
        return PPMD_BROKEN;
    if (bit == 0) {
        uint8_t symbol = s->symbol;
        *p = (uint16_t)(*p + (1u << INT_BITS) - mean);
        m->found = ppmd_only(m->context);
        s->freq = (uint8_t)(s->freq + (s->freq < 128));
        m->success = 1;
        m->run++;
        next_context(m);
        return took(m, symbol);
    }
    *p = (uint16_t)(*p - mean);
    m->escape = escapes[*p >> 10 & 15];
    masked[s->symbol] = true;
    m->success = 0;
    *escaped = true;
    return 0;
}

static struct ppmd_see *see_of(struct ppmd *m, unsigned n_masked, uint32_t *escape_out)
{
    const struct ppmd_context *c = ppmd_context(m, m->context);
    *escape_out = 1;
    if (c->n == 256)
        return &m->no_see;
    unsigned open = c->n - n_masked, up = ppmd_context(m, c->suffix)->n;
    unsigned kind = (open < up - c->n) + 2u * (c->sum < 11 * c->n) + 4u * (n_masked > open) + m->high_bits;
    struct ppmd_see *see = &m->see[m->group[(open - 1) & 255]][kind];
    unsigned r = see->sum >> see->shift;
    see->sum = (uint16_t)(see->sum - r);
    *escape_out = r + (r == 0);
    return see;
}

/* After an escape: shorter contexts, without the symbols that it was not. `left`: go on. */
static int take_below(struct ppmd *m, bool masked[256], bool *left)
{
    unsigned n_masked = ppmd_context(m, m->context)->n;
    do {
        m->order_fall++;
        m->context = ppmd_context(m, m->context)->suffix;
        if (!m->context)
            return PPMD_END;
    } while (ppmd_context(m, m->context)->n == n_masked);
    const struct ppmd_context *c = ppmd_context(m, m->context);
    m->work += WORK_PER_CONTEXT + c->n * 3u * WORK_PER_STATE;
    uint32_t open = 0, escape, high = 0;
    for (unsigned i = 0; i < c->n; i++) {
        const struct ppmd_state *s = ppmd_state(m, c->states + i * PPMD_STATE);
        open += masked[s->symbol] ? 0u : s->freq;
    }
    struct ppmd_see *see = see_of(m, n_masked, &escape);
    uint32_t count = threshold(m, open + escape);
    if (count >= open + escape)
        return PPMD_BROKEN;
    for (unsigned i = 0; i < c->n && count < open; i++) {
        struct ppmd_state *s = ppmd_state(m, c->states + i * PPMD_STATE);
        const uint8_t symbol = s->symbol;
        if (masked[symbol] || (high += s->freq) <= count)
            continue;
        decode(m, high - s->freq, s->freq);
        if (see->shift < PERIOD_BITS && --see->count == 0) {
            see->sum = (uint16_t)(see->sum << 1);
            see->count = (uint8_t)(3u << see->shift++);
        }
        m->found = c->states + i * PPMD_STATE;
        ppmd_context(m, m->context)->sum = (uint16_t)(c->sum + 4);
        s->freq = (uint8_t)(s->freq + 4);
        if (s->freq > MAX_FREQ)
            rescale(m);
        m->run = m->first_run;
        update_model(m);
        return took(m, symbol);
    }
    decode(m, open, escape);
    see->sum = (uint16_t)(see->sum + open + escape);
    for (unsigned i = 0; i < c->n; i++)
        masked[ppmd_state(m, c->states + i * PPMD_STATE)->symbol] = true;
    *left = true;
    return 0;
}

int ppmd_take(struct ppmd *m)
{
    bool masked[256] = { false }, escaped = false;
    m->work += WORK_PER_SYMBOL;
    if (m->full || !bits_ok(m->in) || (m->work >= PAID_AT_ONCE && !ppmd_heap_pay(m)))
        return PPMD_BROKEN;
    bool many = ppmd_context(m, m->context)->n != 1;
    int v = many ? take_among_many(m, masked, &escaped) : take_binary(m, masked, &escaped);
    while (escaped) {
        escaped = false;
        v = take_below(m, masked, &escaped);
    }
    return v;
}
