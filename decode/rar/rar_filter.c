/* SPDX-License-Identifier: Apache-2.0 */
/* Changes back what RAR changed to pack better: differences, absolute targets of
 * calls, colours, sound. Blocks are collected apart from the window, for they
 * may be larger than what it gives at once. Programs for RAR's virtual machine
 * other than these are not run by anybody any more; their blocks stay as they
 * are. */
#include "decode/rar/rar_unpack.h"

#include <stdlib.h>

enum { WAITING_MAX = 8192, FIRST_BLOCK = 64 << 10, CODE_SPACE = 1 << 24, WORK_PER_FILTERED = 3, CHANNELS_MAX = 1024 };

void rar_filter_begin(struct rar_filters *f, uint64_t at, struct body_writer *out, struct arena *mem,
                      struct budget *budget)
{
    f->out = (struct sliding_body){ out, mem, budget };
    f->at = f->from = at;
    f->n = f->next = f->have = 0;
    f->strange = false;
}

void rar_filter_add(struct rar_filters *f, const struct rar_filter *one)
{
    if (f->n == f->room && f->room < WAITING_MAX) {
        size_t room = f->room ? f->room * 2 : 16;
        struct rar_filter *w = arena_regrow(f->out.mem, f->waiting, f->n * sizeof *w, room, sizeof *w);
        f->waiting = w ? w : f->waiting;
        f->room = w ? room : f->room;
    }
    if (f->n == f->room && f->next == f->n) /* none of them waits */
        f->n = f->next = 0;
    if (f->n == f->room) {
        f->strange = true;
        return;
    }
    f->waiting[f->n++] = *one;
}

/* --- the kinds */

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* Targets were made absolute, within 16 MiB. */
static void undo_calls(uint8_t *p, size_t n, uint32_t file_at, bool jumps)
{
    for (size_t i = 0; i + 4 < n; i++) {
        if (p[i] != 0xe8 && !(jumps && p[i] == 0xe9))
            continue;
        uint32_t here = (file_at + (uint32_t)i + 1) % CODE_SPACE, target = get32(p + i + 1);
        if (target < CODE_SPACE)
            put32(p + i + 1, target - here);
        else if (target >> 31 && !((target + here) >> 31))
            put32(p + i + 1, target + CODE_SPACE);
        i += 4;
    }
}

static void undo_arm(uint8_t *p, size_t n, uint32_t file_at)
{
    for (size_t i = 0; i + 3 < n; i += 4) {
        if (p[i + 3] != 0xeb)
            continue;
        uint32_t target = (get32(p + i) & 0xffffff) - (file_at + (uint32_t)i) / 4;
        for (unsigned k = 0; k < 3; k++)
            p[i + k] = (uint8_t)(target >> 8 * k);
    }
}

static void undo_delta(const uint8_t *from, uint8_t *to, size_t n, size_t channels)
{
    for (size_t c = 0, at = 0; c < channels; c++) {
        uint8_t v = 0;
        for (size_t i = c; i < n; i += channels)
            to[i] = v = (uint8_t)(v - from[at++]);
    }
}

/* What of left, above and above left is nearest to their plane, as PNG's Paeth does. */
static uint8_t nearest(int left, int above, int corner)
{
    int p = left + above - corner, a = abs(p - left), b = abs(p - above), c = abs(p - corner);
    return (uint8_t)(a <= b && a <= c ? left : b <= c ? above : corner);
}

static void undo_rgb(const uint8_t *from, uint8_t *to, size_t n, size_t stride, size_t red)
{
    size_t at = 0;
    for (size_t c = 0; c < 3; c++) {
        uint8_t v = 0;
        for (size_t i = c; i < n; i += 3) {
            uint8_t guess = i >= stride ? nearest(v, to[i - stride + 3], to[i - stride]) : v;
            to[i] = v = (uint8_t)(guess - from[at++]);
        }
    }
    for (size_t i = red; i + 2 < n; i += 3) {
        to[i] = (uint8_t)(to[i] + to[i + 1]);
        to[i + 2] = (uint8_t)(to[i + 2] + to[i + 1]);
    }
}

struct sound {
    int weight[3], delta[3], last_delta;
    unsigned error[7];
    uint8_t last;
};

/* Every 32 samples the weight that would have erred less is moved. */
static void learn(struct sound *s)
{
    unsigned best = 0;
    for (unsigned i = 1; i < 7; i++)
        if (s->error[i] < s->error[best])
            best = i;
    for (unsigned i = 0; i < 7; i++)
        s->error[i] = 0;
    int *w = best ? &s->weight[(best - 1) / 2] : NULL;
    if (w && best % 2 && *w >= -16)
        --*w;
    else if (w && best % 2 == 0 && *w < 16)
        ++*w;
}

static uint8_t hear(struct sound *s, uint8_t byte, size_t count)
{
    s->delta[2] = s->delta[1];
    s->delta[1] = s->last_delta - s->delta[0];
    s->delta[0] = s->last_delta;
    int guess = 8 * s->last;
    for (unsigned i = 0; i < 3; i++)
        guess += s->weight[i] * s->delta[i];
    uint8_t v = (uint8_t)((guess >> 3) - byte);
    int diff = (int8_t)byte * 8;
    s->error[0] += (unsigned)abs(diff);
    for (unsigned i = 0; i < 3; i++) {
        s->error[1 + 2 * i] += (unsigned)abs(diff - s->delta[i]);
        s->error[2 + 2 * i] += (unsigned)abs(diff + s->delta[i]);
    }
    s->last_delta = (int8_t)(v - s->last);
    s->last = v;
    if (count % 32 == 0)
        learn(s);
    return v;
}

static void undo_audio(const uint8_t *from, uint8_t *to, size_t n, size_t channels)
{
    for (size_t c = 0, at = 0; c < channels; c++) {
        struct sound s = { 0 };
        for (size_t i = c, count = 0; i < n; i += channels, count++)
            to[i] = hear(&s, from[at++], count);
    }
}

/* --- blocks */

static void swap(struct rar_filters *f)
{
    uint8_t *p = f->block;
    f->block = f->second;
    f->second = p;
}

static void undo(struct rar_filters *f, const struct rar_filter *one)
{
    uint32_t file_at = (uint32_t)(one->start - f->from);
    size_t n = f->have, a = one->a;
    bool channels = a > 0 && a <= CHANNELS_MAX;
    switch (one->kind) {
    case RAR_FILTER_CALLS:
    case RAR_FILTER_JUMPS:
        undo_calls(f->block, n, file_at, one->kind == RAR_FILTER_JUMPS);
        return;
    case RAR_FILTER_ARM:
        undo_arm(f->block, n, file_at);
        return;
    case RAR_FILTER_DELTA:
        if (!channels)
            return;
        undo_delta(f->block, f->second, n, a);
        break;
    case RAR_FILTER_AUDIO:
        if (!channels)
            return;
        undo_audio(f->block, f->second, n, a);
        break;
    case RAR_FILTER_RGB:
        if (n < 3 || a < 3 || a > n || one->b > 2)
            return;
        undo_rgb(f->block, f->second, n, a, one->b);
        break;
    case RAR_FILTER_UNKNOWN:
        f->strange = true;
        return;
    }
    swap(f);
}

static bool block_ready(struct rar_filters *f, size_t want)
{
    if (want <= f->block_room)
        return true;
    size_t room = f->block_room ? f->block_room : FIRST_BLOCK;
    while (room < want)
        room *= 2;
    uint8_t *a = arena_get(f->out.mem, room, 1), *b = arena_get(f->out.mem, room, 1);
    if (!a || !b) {
        f->out.budget->hit |= 1u << BUDGET_MEMORY;
        return false;
    }
    f->block = a;
    f->second = b;
    f->block_room = room;
    return true;
}

/* A block is whole: all filters over the same run, one after the other. */
static bool finish_block(struct rar_filters *f)
{
    const struct rar_filter first = f->waiting[f->next];
    while (f->next < f->n && f->waiting[f->next].start == first.start && f->waiting[f->next].length == first.length) {
        if (!budget_spend(f->out.budget, BUDGET_WORK, (uint64_t)f->have * WORK_PER_FILTERED))
            return false;
        undo(f, &f->waiting[f->next++]);
    }
    slice made = { f->block, f->have };
    f->have = 0;
    return sliding_to_body(&f->out, made);
}

bool rar_filter_take(void *host, slice made)
{
    struct rar_filters *f = host;
    while (made.len) {
        while (f->next < f->n && f->have == 0 && f->waiting[f->next].start < f->at) /* too late */
            f->next++;
        const struct rar_filter *one = f->next < f->n ? &f->waiting[f->next] : NULL;
        if (!one || f->at < one->start) {
            size_t n = one && one->start - f->at < made.len ? (size_t)(one->start - f->at) : made.len;
            if (f->have == 0) {
                if (!sliding_to_body(&f->out, slice_sub(made, 0, n)))
                    return false;
                f->at += n;
                made = slice_from(made, n);
                continue;
            }
        }
        if (!one || !block_ready(f, one->length))
            return false;
        slice part = slice_sub(made, 0, one->length - f->have);
        f->have += slice_copy_out(part, f->block + f->have, f->block_room - f->have);
        f->at += part.len;
        made = slice_from(made, part.len);
        if (f->have == one->length && !finish_block(f))
            return false;
    }
    return true;
}

bool rar_filter_end(struct rar_filters *f)
{
    slice rest = { f->block, f->have };
    f->have = 0;
    return rest.len == 0 || sliding_to_body(&f->out, rest);
}
