/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of a compound file: [MS-CFB] 2.6.
 *
 * Every entry is read, in the tree or not: entries outside the tree are told
 * (cfb.orphan) and their streams are offered like the others, because a
 * damaged or edited tree must not hide a macro. The order and colours of the
 * red-black tree are not tested; Office finds names all the same.
 */
#include "decode/cfb/cfb_private.h"
#include "base/buf.h"
#include "base/text.h"

enum {
    ENTRY = 128,
    NAME_MAX_BYTES = 64,
    DEPTH_MAX = 32,
    ORPHANS_TOLD = 16,
    PATH_MAX_BYTES = 4096,
};

static slice entry_bytes(const struct cfb *c, const uint32_t *sectors, size_t n, size_t i)
{
    size_t per = ((size_t)1 << c->shift) / ENTRY;
    if (i / per >= n)
        return (slice){ 0 };
    return slice_sub(cfb_sector_bytes(c, sectors[i / per]), i % per * ENTRY, ENTRY);
}

/* 2.6.1: UTF-16 with its NUL counted; a length that lies is cut at the NUL. */
static slice entry_name(struct cfb *c, slice raw, unsigned len, struct range at)
{
    bool odd = len > NAME_MAX_BYTES || len < 2 || len % 2;
    if (odd)
        cfb_sector_damage(c, CFB_NAME, at);
    size_t n = odd ? NAME_MAX_BYTES : len - 2u;
    return utf8_from_utf16le_z(c->w->mem, slice_sub(raw, 0, n));
}

static void read_entry(struct cfb *c, slice s, struct cfb_entry *e)
{
    cursor k = cur_open(s);
    slice raw = cur_take(&k, NAME_MAX_BYTES);
    unsigned name_len = cur_u16le(&k);
    e->at = (uint64_t)(s.at - c->body->all.at);
    e->parent = e->left = e->right = e->child = CFB_NONE;
    e->kind = cur_u8(&k);
    if (!cur_ok(&k) || e->kind == CFB_EMPTY)
        return;
    cur_skip(&k, 1);
    e->left = cur_u32le(&k);
    e->right = cur_u32le(&k);
    e->child = cur_u32le(&k);
    cur_skip(&k, 16 + 4 + 8 + 8);
    e->start = cur_u32le(&k);
    e->size = cur_u32le(&k);
    /* 2.6.3: in version 3 the upper half may hold anything. */
    uint32_t high = cur_u32le(&k);
    if (c->shift == 12)
        e->size |= (uint64_t)high << 32;
    e->name = entry_name(c, raw, name_len, range_of(e->at, ENTRY));
}

struct pending {
    uint32_t id, parent;
};

static slice path_of(struct cfb *c, const struct cfb_entry *e)
{
    if (e->parent == CFB_NONE || e->parent == 0)
        return e->name;
    slice up = c->entries[e->parent].path;
    struct buf b = buf_new(PATH_MAX_BYTES);
    buf_put(&b, up);
    buf_byte(&b, '/');
    buf_put(&b, e->name);
    slice path = arena_copy(c->w->mem, buf_slice(&b));
    buf_drop(&b);
    return path;
}

/* Everything below `top`, each entry once. `stack` has room for 3 a turn. */
static void reach(struct cfb *c, uint32_t top, uint32_t parent, bool orphan, struct pending *stack)
{
    size_t n = 0;
    stack[n++] = (struct pending){ top, parent };
    while (n > 0) {
        struct pending p = stack[--n];
        if (p.id >= c->n_entries || c->entries[p.id].kind == CFB_EMPTY ||
            c->entries[p.id].reached) {
            if (!orphan)
                cfb_sector_damage(c, CFB_TREE, NOWHERE);
            continue;
        }
        struct cfb_entry *e = &c->entries[p.id];
        e->reached = true;
        e->orphan = orphan;
        e->parent = p.parent;
        e->depth = p.parent == CFB_NONE ? 0 : (uint16_t)(c->entries[p.parent].depth + 1);
        if (e->depth > DEPTH_MAX) {
            cfb_sector_damage(c, CFB_DEEP, range_of(e->at, ENTRY));
            e->depth = DEPTH_MAX;
            e->parent = 0;
        }
        e->path = path_of(c, e);
        if (e->left != CFB_NONE && p.id != 0)
            stack[n++] = (struct pending){ e->left, p.parent };
        if (e->right != CFB_NONE && p.id != 0)
            stack[n++] = (struct pending){ e->right, p.parent };
        if (e->child != CFB_NONE && e->kind != CFB_STREAM)
            stack[n++] = (struct pending){ e->child, p.id };
    }
}

static void reach_orphans(struct cfb *c, struct pending *stack)
{
    unsigned told = 0;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 1; i < c->n_entries; i++) {
            const struct cfb_entry *e = &c->entries[i];
            if (e->reached || e->kind != (pass == 0 ? CFB_STORAGE : CFB_STREAM))
                continue;
            if (told++ < ORPHANS_TOLD)
                walk_text(c->w, FACT_CFB_ORPHAN, e->name, range_of(e->at, ENTRY));
            reach(c, (uint32_t)i, CFB_NONE, true, stack);
        }
    }
}

static size_t affordable(struct walk *w, size_t n)
{
    uint64_t left = w->budget->left[BUDGET_ENTRIES];
    if (!budget_spend(w->budget, BUDGET_ENTRIES, n)) {
        n = (size_t)left;
        w->budget->left[BUDGET_ENTRIES] = 0;
    }
    return walk_work(w, (uint64_t)n * WORK_PER_ENTRY / 4) ? n : 0;
}

bool cfb_directory_read(struct cfb *c)
{
    size_t n_sectors;
    const uint32_t *sectors = cfb_sector_list(c, c->first_dir, c->n_sectors, &n_sectors);
    size_t per = ((size_t)1 << c->shift) / ENTRY;
    size_t n = n_sectors * per;
    while (n > 0 && entry_bytes(c, sectors, n_sectors, n - 1).len < ENTRY)
        n--;
    n = affordable(c->w, n);
    c->entries = n ? ARENA_ARRAY(c->w->mem, struct cfb_entry, n) : NULL;
    struct pending *stack = n ? ARENA_ARRAY(c->w->mem, struct pending, n * 3 + 1) : NULL;
    if (!c->entries || !stack) {
        cfb_sector_damage(c, CFB_DIRECTORY, NOWHERE);
        return false;
    }
    c->n_entries = n;
    for (size_t i = 0; i < n; i++)
        read_entry(c, entry_bytes(c, sectors, n_sectors, i), &c->entries[i]);
    if (c->entries[0].kind != CFB_ROOT) {
        cfb_sector_damage(c, CFB_DIRECTORY, range_of(c->entries[0].at, ENTRY));
        if (c->entries[0].kind == CFB_EMPTY)
            c->entries[0].child = CFB_NONE;
        c->entries[0].kind = CFB_ROOT;
    }
    reach(c, 0, CFB_NONE, false, stack);
    reach_orphans(c, stack);
    return true;
}

uint32_t cfb_directory_sibling(const struct cfb *c, uint32_t beside, const char *name)
{
    uint32_t parent = c->entries[beside].parent;
    for (size_t i = 1; i < c->n_entries; i++) {
        const struct cfb_entry *e = &c->entries[i];
        if (e->kind == CFB_STREAM && e->parent == parent && slice_is_nocase(e->name, name))
            return (uint32_t)i;
    }
    return CFB_NONE;
}

slice cfb_directory_clsid(const struct cfb *c, uint32_t entry)
{
    enum { CLSID_AT = 80 };
    const struct cfb_entry *e = &c->entries[entry < c->n_entries ? entry : 0];
    return slice_sub(c->body->all, (size_t)e->at + CLSID_AT, 16);
}
