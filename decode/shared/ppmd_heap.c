/* SPDX-License-Identifier: Apache-2.0 */
/* The heap of PPMd variant H: text from below, in the upper seven eighths states
 * from below and contexts from above, lists of free blocks by size. When a list
 * is empty and nothing is left, neighbours are glued together, now and then;
 * all of this decides what is decoded. */
#include "base/pages.h"
#include "decode/shared/ppmd_private.h"

enum {
    FIRST = 4, /* 0 is no reference */
    GLUE_EVERY = 255, WORK_PER_NODE = 6, SMALLEST = 1 << 11, CHARGE = 64 << 10, PAID_AT_ONCE = 50000, LARGEST_UNITS = 128, NODE_MAX = 0x10000,
};

/* A free block: in its list `next` is the first word; while gluing all of it counts. */
struct node {
    uint16_t stamp, units; /* stamp 0: free */
    uint32_t next, before;
};

static struct node *node_at(const struct ppmd *m, uint32_t at)
{
    return (struct node *)(void *)(m->heap + at);
}

static uint32_t *link_at(const struct ppmd *m, uint32_t at)
{
    return (uint32_t *)(void *)(m->heap + at);
}

bool ppmd_heap_new(struct ppmd *m, size_t size, struct arena *mem, struct budget *budget)
{
    ppmd_heap_drop(m);
    if (size < SMALLEST || size > UINT32_MAX / 2 || size % 4)
        return false;
    m->mem = mem;
    m->budget = budget;
    m->size = size;
    m->full = false;
    m->heap = pages_new(FIRST + size + PPMD_UNIT);
    for (unsigned i = 0, k = 0; i < PPMD_INDEXES; i++) {
        for (unsigned step = i >= 12 ? 4 : i / 4 + 1; step; step--)
            m->index_of[k++] = (uint8_t)i;
        m->units_of[i] = (uint8_t)k;
    }
    m->end = (uint32_t)(FIRST + size);
    m->lowest_high = m->end;
    m->highest_low = m->highest_text = 0;
    return m->heap != NULL;
}

void ppmd_heap_drop(struct ppmd *m)
{
    if (m->heap) {
        pages_drop(m->heap, FIRST + m->size + PPMD_UNIT);
        arena_refund(m->mem, m->charged);
    }
    m->heap = NULL;
    m->charged = 0;
}

void ppmd_heap_empty(struct ppmd *m)
{
    memset(m->free, 0, sizeof m->free);
    m->text = FIRST;
    m->hi = m->end;
    m->lo = m->units = m->hi - (uint32_t)(m->size / 8 / PPMD_UNIT * 7 * PPMD_UNIT);
    m->glue = 0;
}

bool ppmd_heap_pay(struct ppmd *m)
{
    m->highest_text = m->text > m->highest_text ? m->text : m->highest_text;
    m->highest_low = m->lo > m->highest_low ? m->lo : m->highest_low;
    m->lowest_high = m->hi < m->lowest_high ? m->hi : m->lowest_high;
    uint32_t first = m->end - (uint32_t)(m->size / 8 / PPMD_UNIT * 7 * PPMD_UNIT);
    size_t filled = (size_t)m->highest_text + (m->highest_low - first) + (m->end - m->lowest_high);
    if (m->units < first) /* states in the place of text that never came */
        filled += first - m->units;
    if (filled > m->charged) {
        size_t more = filled - m->charged + CHARGE;
        if (!arena_charge(m->mem, more)) {
            m->budget->hit |= 1u << BUDGET_MEMORY;
            m->full = true;
            return false;
        }
        m->charged += more;
    }
    if (m->work >= PAID_AT_ONCE) {
        m->full = !budget_spend(m->budget, BUDGET_WORK, m->work);
        m->work = 0;
    }
    return !m->full;
}

/* --- blocks */

static void put(struct ppmd *m, uint32_t at, unsigned index)
{
    *link_at(m, at) = m->free[index];
    m->free[index] = at;
}

static uint32_t get(struct ppmd *m, unsigned index)
{
    uint32_t at = m->free[index];
    m->free[index] = *link_at(m, at);
    return at;
}

/* A run of units to the lists, as one block or two. */
static void put_run(struct ppmd *m, uint32_t at, unsigned units)
{
    unsigned index = m->index_of[units - 1];
    if (m->units_of[index] != units) {
        unsigned k = m->units_of[--index];
        put(m, at + k * PPMD_UNIT, units - k - 1);
    }
    put(m, at, index);
}

static void split(struct ppmd *m, uint32_t at, unsigned old_index, unsigned new_index)
{
    unsigned kept = m->units_of[new_index];
    put_run(m, at + kept * PPMD_UNIT, m->units_of[old_index] - kept);
}

/* All free blocks in one ring, whose head lies behind the heap. */
static uint32_t gather(struct ppmd *m)
{
    uint32_t head = m->end, n = head;
    for (unsigned i = 0; i < PPMD_INDEXES; i++) {
        uint32_t next = m->free[i];
        m->free[i] = 0;
        while (next) {
            struct node *one = node_at(m, next);
            one->next = n;
            node_at(m, n)->before = next;
            n = next;
            next = *link_at(m, n);
            one->stamp = 0;
            one->units = m->units_of[i];
            m->work += WORK_PER_NODE;
        }
    }
    node_at(m, head)->stamp = 1;
    node_at(m, head)->next = n;
    node_at(m, n)->before = head;
    if (m->lo != m->hi)
        node_at(m, m->lo)->stamp = 1;
    return n;
}

static void glue(struct ppmd *m)
{
    const uint32_t head = m->end;
    m->glue = GLUE_EVERY;
    for (uint32_t n = gather(m); n != head;) {
        struct node *one = node_at(m, n);
        uint32_t units = one->units;
        for (;;) {
            const struct node *two = node_at(m, n + units * PPMD_UNIT);
            units += two->units;
            if (two->stamp != 0 || units >= NODE_MAX)
                break;
            node_at(m, two->before)->next = two->next;
            node_at(m, two->next)->before = two->before;
            one->units = (uint16_t)units;
        }
        n = one->next;
    }
    for (uint32_t n = node_at(m, head)->next; n != head;) {
        uint32_t next = node_at(m, n)->next, units = node_at(m, n)->units;
        for (; units > LARGEST_UNITS; units -= LARGEST_UNITS, n += LARGEST_UNITS * PPMD_UNIT)
            put(m, n, PPMD_INDEXES - 1);
        put_run(m, n, units);
        n = next;
    }
}

static uint32_t units_rare(struct ppmd *m, unsigned index)
{
    if (m->glue == 0) {
        glue(m);
        if (m->free[index])
            return get(m, index);
    }
    unsigned i = index + 1;
    while (i < PPMD_INDEXES && m->free[i] == 0)
        i++;
    if (i == PPMD_INDEXES) {
        uint32_t bytes = (uint32_t)m->units_of[index] * PPMD_UNIT;
        m->glue--;
        return m->units - m->text > bytes ? (m->units -= bytes) : 0;
    }
    uint32_t at = get(m, i);
    split(m, at, i, index);
    return at;
}

uint32_t ppmd_heap_units(struct ppmd *m, unsigned index)
{
    if (m->free[index])
        return get(m, index);
    uint32_t bytes = (uint32_t)m->units_of[index] * PPMD_UNIT;
    if (bytes <= m->hi - m->lo) {
        m->lo += bytes;
        return m->lo - bytes;
    }
    return units_rare(m, index);
}

uint32_t ppmd_heap_context(struct ppmd *m)
{
    if (m->hi != m->lo)
        return m->hi -= PPMD_UNIT;
    return m->free[0] ? get(m, 0) : units_rare(m, 0);
}

static void copy_units(struct ppmd *m, uint32_t to, uint32_t from, unsigned units)
{
    struct ppmd_context *t = ppmd_context(m, to), *f = ppmd_context(m, from);
    for (unsigned i = 0; i < units; i++)
        t[i] = f[i];
}

bool ppmd_heap_expand(struct ppmd *m, uint32_t *at, unsigned units)
{
    unsigned index = m->index_of[units - 1];
    if (index == m->index_of[units])
        return true;
    uint32_t wider = ppmd_heap_units(m, index + 1);
    if (!wider)
        return false;
    copy_units(m, wider, *at, units);
    put(m, *at, index);
    *at = wider;
    return true;
}

void ppmd_heap_shrink(struct ppmd *m, uint32_t *at, unsigned units, unsigned wanted)
{
    unsigned from = m->index_of[units - 1], to = m->index_of[wanted - 1];
    if (from == to)
        return;
    if (m->free[to] == 0) {
        split(m, *at, from, to);
        return;
    }
    uint32_t smaller = get(m, to);
    copy_units(m, smaller, *at, wanted);
    put(m, *at, from);
    *at = smaller;
}

void ppmd_heap_free(struct ppmd *m, uint32_t at, unsigned units)
{
    put(m, at, m->index_of[units - 1]);
}
