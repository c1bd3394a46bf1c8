/* SPDX-License-Identifier: Apache-2.0 */
/* What both generations of the packing share; see rar_unpack.h. */
#include "decode/rar/rar_unpack.h"

enum { DICTIONARY_LEAST = 256 << 10 };

struct rar_unpacker *rar_unpacker_new(struct arena *mem, struct budget *budget)
{
    struct rar_unpacker *u = ARENA_NEW(mem, struct rar_unpacker);
    if (!u) {
        budget->hit |= 1u << BUDGET_MEMORY;
        return NULL;
    }
    u->mem = mem;
    u->budget = budget;
    return u;
}

void rar_unpacker_drop(struct rar_unpacker *u)
{
    if (u && u->begun) {
        sliding_drop(&u->window);
        if (u->version < 50)
            ppmd_drop(&u->s.three.model);
    }
    if (u)
        u->begun = false;
}

void rar_old_distance(struct rar_unpacker *u, uint64_t distance)
{
    for (size_t i = RAR_OLD_DISTANCES - 1; i > 0; i--)
        u->old[i] = u->old[i - 1];
    u->old[0] = distance;
}

uint64_t rar_again(struct rar_unpacker *u, unsigned which)
{
    uint64_t distance = u->old[which];
    for (size_t i = which; i > 0; i--)
        u->old[i] = u->old[i - 1];
    u->old[0] = distance;
    return distance;
}

void rar_read_lengths(struct bits *b, uint8_t *lengths, size_t n)
{
    for (size_t i = 0; i < n;) {
        unsigned v = bits_take(b, 4), zeros = v == 15 ? bits_take(b, 4) : 0;
        if (zeros == 0)
            lengths[i++] = (uint8_t)v;
        for (unsigned k = 0; zeros && k < zeros + 2 && i < n; k++)
            lengths[i++] = 0;
    }
}

static bool begin(struct rar_unpacker *u, const struct rar_packing *p)
{
    if (p->solid && u->begun)
        return true;
    rar_unpacker_drop(u);
    if (u->version != p->version)
        u->s.five.has_tables = u->s.three.has_tables = false;
    u->version = p->version;
    u->last_length = 0;
    for (size_t i = 0; i < RAR_OLD_DISTANCES; i++)
        u->old[i] = 0;
    uint64_t dictionary = p->dictionary < DICTIONARY_LEAST ? DICTIONARY_LEAST : p->dictionary;
    u->begun = true;
    return sliding_start(&u->window, dictionary, u->mem, u->budget);
}

enum unpack_end rar_unpack(struct rar_unpacker *u, const struct rar_packing *p, slice in, struct body_writer *out)
{
    bool fresh = !p->solid || !u->begun;
    if (!begin(u, p))
        return UNPACK_LIMIT;
    u->b = bits_open(in);
    u->broken = false;
    u->window.far = false;
    rar_filter_begin(&u->filters, u->window.total, out, u->mem, u->budget);
    sliding_begin(&u->window, rar_filter_take, &u->filters, p->size, &u->b);
    if (p->version < 50) {
        rar3_run(u, !fresh);
    } else {
        u->s.five.distances = p->version < 70 ? 64 : 80;
        rar5_run(u, !fresh);
    }
    sliding_end(&u->window);
    bool taken = rar_filter_end(&u->filters);
    if (u->window.refused || !taken || u->window.far)
        return UNPACK_LIMIT;
    if (u->broken)
        return UNPACK_BROKEN;
    return p->size == UINT64_MAX || body_writer_size(out) == p->size ? UNPACK_WHOLE : UNPACK_SHORT;
}
