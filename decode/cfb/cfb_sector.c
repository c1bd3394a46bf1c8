/* SPDX-License-Identifier: Apache-2.0 */
/* Sectors, chains and streams of a compound file: [MS-CFB] 2.1 to 2.5.
 *
 * The FAT is not copied: its sectors are listed and looked up in place. A
 * chain is followed with Brent's cycle test, which needs no memory, so that
 * files of any size cost what their streams cost. Streams that lie in one
 * piece are lent out; others are gathered.
 *
 * Read as Office reads: version, counts of sectors and the cutoff field are
 * not believed; a chain that ends early gives what was there.
 */
#include "decode/cfb/cfb_private.h"

enum {
    HEADER_DIFAT = 109,
    DIFAT_AT = 0x4c,
    MINI_SHIFT = 6,
    MINI_CUTOFF = 4096,
    WORK_PER_STEP = 4,
    SHORT_TOLD = 16,
};

static const uint32_t SECTOR_LAST = 0xfffffffa; /* MAXREGSECT, 2.1 */
static const uint32_t SECTOR_END = 0xfffffffe;
static const uint32_t SECTOR_FREE = 0xffffffff;

static const char *const damage_words[CFB_DAMAGES] = {
    [CFB_HEADER] = "header",
    [CFB_VERSION] = "version",
    [CFB_SECTOR_SIZE] = "sector size",
    [CFB_CUTOFF] = "mini stream cutoff",
    [CFB_DIFAT] = "DIFAT",
    [CFB_FAT] = "FAT",
    [CFB_DIRECTORY] = "directory",
    [CFB_TREE] = "directory tree",
    [CFB_NAME] = "entry name",
    [CFB_CHAIN] = "sector chain",
    [CFB_DEEP] = "storage depth",
};

void cfb_sector_damage(struct cfb *c, enum cfb_damage d, struct range at)
{
    if (c->said & 1u << d)
        return;
    c->said |= 1u << d;
    walk_cstr(c->w, FACT_CFB_MALFORMED, damage_words[d], at.to <= c->body->all.len ? at : NOWHERE);
}

static uint32_t u32_at(slice s, size_t at)
{
    cursor cur = cur_open(slice_sub(s, at, 4));
    return cur_u32le(&cur);
}

slice cfb_sector_bytes(const struct cfb *c, uint32_t sector)
{
    size_t size = (size_t)1 << c->shift;
    if (sector >= c->n_sectors)
        return (slice){ 0 };
    return slice_sub(c->body->all, ((size_t)sector + 1) << c->shift, size);
}

static uint32_t fat_at(const struct cfb *c, uint32_t sector)
{
    size_t per = (size_t)1 << (c->shift - 2);
    size_t i = sector / per;
    if (i >= c->n_fat)
        return SECTOR_FREE;
    slice s = cfb_sector_bytes(c, c->fat[i]);
    size_t at = (sector % per) * 4;
    return at + 4 <= s.len ? u32_at(s, at) : SECTOR_FREE;
}

static uint32_t minifat_at(const struct cfb *c, uint32_t sector)
{
    size_t per = (size_t)1 << (c->shift - 2);
    size_t i = sector / per;
    if (i >= c->n_minifat)
        return SECTOR_FREE;
    slice s = cfb_sector_bytes(c, c->minifat[i]);
    size_t at = (sector % per) * 4;
    return at + 4 <= s.len ? u32_at(s, at) : SECTOR_FREE;
}

/* --- chains */

struct chain {
    struct cfb *c;
    bool mini, ended, looped, bad;
    uint32_t at, tortoise;
    uint64_t power, lap, steps;
};

static struct chain chain_open(struct cfb *c, uint32_t start, bool mini)
{
    struct chain k = { .c = c, .mini = mini, .at = start, .tortoise = start, .power = 1 };
    k.ended = start > SECTOR_LAST;
    k.bad = k.ended && start != SECTOR_END;
    return k;
}

static void chain_step(struct chain *k)
{
    uint32_t next = k->mini ? minifat_at(k->c, k->at) : fat_at(k->c, k->at);
    k->steps++;
    if (next > SECTOR_LAST) {
        k->ended = true;
        k->bad = next != SECTOR_END;
        return;
    }
    k->at = next;
    if (next == k->tortoise) {
        k->ended = k->looped = true;
        return;
    }
    if (++k->lap == k->power) {
        k->tortoise = next;
        k->power *= 2;
        k->lap = 0;
    }
    if ((k->steps & 0xfff) == 0 && !walk_work(k->c->w, 0x1000 * WORK_PER_STEP))
        k->ended = k->bad = true;
}

static slice chain_bytes(const struct chain *k)
{
    const struct cfb *c = k->c;
    if (!k->mini)
        return cfb_sector_bytes(c, k->at);
    uint64_t at = (uint64_t)k->at << MINI_SHIFT;
    size_t i = (size_t)(at >> c->shift);
    if (i >= c->n_ministream)
        return (slice){ 0 };
    slice big = cfb_sector_bytes(c, c->ministream[i]);
    return slice_sub(big, (size_t)(at & (((uint64_t)1 << c->shift) - 1)), (size_t)1 << MINI_SHIFT);
}

/* The next piece that lies together in the file, at most `want` bytes. */
static slice chain_piece(struct chain *k, uint64_t want)
{
    size_t full = (size_t)1 << (k->mini ? MINI_SHIFT : k->c->shift);
    if (k->ended)
        return (slice){ 0 };
    slice piece = chain_bytes(k);
    if (piece.len == 0)
        k->ended = k->bad = true;
    while (!k->ended && piece.len < want && piece.len % full == 0) {
        chain_step(k);
        if (k->ended)
            break;
        slice more = chain_bytes(k);
        if (more.len == 0 || more.at != piece.at + piece.len)
            break;
        piece.len += more.len;
    }
    if (piece.len % full != 0)
        k->ended = true; /* the file ends inside this sector */
    return slice_sub(piece, 0, want < piece.len ? (size_t)want : piece.len);
}

static void chain_told(struct chain *k)
{
    if (k->looped && !(k->c->said & 1u << CFB_DAMAGES)) {
        k->c->said |= 1u << CFB_DAMAGES;
        walk_flag(k->c->w, FACT_CFB_LOOP, NOWHERE);
    }
}

const uint32_t *cfb_sector_list(struct cfb *c, uint32_t start, uint64_t max, size_t *n_out)
{
    *n_out = 0;
    struct chain k = chain_open(c, start, false);
    size_t n = 0;
    for (; !k.ended && n < max && k.at < c->n_sectors; n++)
        chain_step(&k);
    chain_told(&k);
    bool lost = n < max && (!k.ended || k.bad || k.looped) && start != SECTOR_FREE;
    if (lost) {
        cfb_sector_damage(c, CFB_CHAIN, NOWHERE);
        c->cut = true;
    }
    uint32_t *list = n ? ARENA_ARRAY(c->w->mem, uint32_t, n) : NULL;
    if (!list)
        return NULL;
    uint32_t at = start;
    for (size_t i = 0; i < n; i++) {
        list[i] = at;
        at = fat_at(c, at);
    }
    *n_out = n;
    return list;
}

/* --- header */

/* 2.5: the FAT's sectors stand in the header, then in a chain of DIFAT sectors. */
static void read_difat(struct cfb *c, slice header, uint32_t first_difat)
{
    size_t per = (size_t)1 << (c->shift - 2);
    size_t most = (size_t)c->n_sectors / per + 1; /* more could not be filled */
    uint32_t *fat = ARENA_ARRAY(c->w->mem, uint32_t, most);
    if (!fat)
        return;
    size_t n = 0;
    slice from = slice_sub(header, DIFAT_AT, HEADER_DIFAT * 4);
    uint32_t next = first_difat;
    for (size_t turns = 0; turns <= c->n_sectors; turns++) {
        size_t count = turns == 0 ? HEADER_DIFAT : per - 1;
        for (size_t i = 0; i < count && n < most && i * 4 + 4 <= from.len; i++) {
            uint32_t s = u32_at(from, i * 4);
            if (s < c->n_sectors)
                fat[n++] = s;
            else if (s <= SECTOR_LAST)
                cfb_sector_damage(c, CFB_FAT, range_of(DIFAT_AT, HEADER_DIFAT * 4));
        }
        if (next > SECTOR_LAST || n == most)
            break;
        from = cfb_sector_bytes(c, next);
        if (from.len < per * 4 || !walk_work(c->w, per)) {
            cfb_sector_damage(c, CFB_DIFAT, NOWHERE);
            break;
        }
        next = u32_at(from, (per - 1) * 4);
        if (turns == c->n_sectors)
            cfb_sector_damage(c, CFB_DIFAT, NOWHERE);
    }
    c->fat = fat;
    c->n_fat = n;
}

bool cfb_sector_open(struct cfb *c, struct walk *w, const struct body *body)
{
    *c = (struct cfb){ .w = w, .body = body };
    slice header = slice_sub(body->all, 0, 512);
    cursor k = cur_open(header);
    cur_seek(&k, 0x1a);
    c->major = cur_u16le(&k);
    uint16_t order = cur_u16le(&k);
    unsigned shift = cur_u16le(&k);
    unsigned mini = cur_u16le(&k);
    cur_seek(&k, 0x30);
    c->first_dir = cur_u32le(&k);
    cur_skip(&k, 4);
    uint32_t cutoff = cur_u32le(&k);
    uint32_t first_minifat = cur_u32le(&k);
    cur_skip(&k, 4);
    uint32_t first_difat = cur_u32le(&k);
    if (!cur_ok(&k)) {
        cfb_sector_damage(c, CFB_HEADER, NOWHERE);
        return false;
    }
    if (order != 0xfffe || mini != MINI_SHIFT)
        cfb_sector_damage(c, CFB_HEADER, range_of(0x1c, 6));
    if (c->major != 3 && c->major != 4)
        cfb_sector_damage(c, CFB_VERSION, range_of(0x1a, 2));
    if (cutoff != MINI_CUTOFF)
        cfb_sector_damage(c, CFB_CUTOFF, range_of(0x38, 4));
    if (shift != 9 && shift != 12) {
        cfb_sector_damage(c, CFB_SECTOR_SIZE, range_of(0x1e, 2));
        return false;
    }
    c->shift = shift;
    uint64_t sectors = ((uint64_t)body->all.len + (1u << shift) - 1) >> shift;
    c->n_sectors = sectors > SECTOR_LAST ? SECTOR_LAST : sectors ? (uint32_t)sectors - 1 : 0;
    read_difat(c, header, first_difat);
    if (c->n_fat == 0 && c->n_sectors > 0)
        cfb_sector_damage(c, CFB_FAT, range_of(DIFAT_AT, 4));
    c->minifat = cfb_sector_list(c, first_minifat, c->n_sectors, &c->n_minifat);
    return c->n_sectors > 0;
}

void cfb_sector_open_mini(struct cfb *c, uint32_t root)
{
    if (root >= c->n_entries)
        return;
    const struct cfb_entry *e = &c->entries[root];
    if (e->size == 0)
        return;
    uint64_t max = (e->size >> c->shift) + 1;
    c->ministream_size = e->size;
    c->ministream = cfb_sector_list(c, e->start, max, &c->n_ministream);
}

uint64_t cfb_sector_used_end(const struct cfb *c)
{
    uint64_t covered = (uint64_t)c->n_fat << (c->shift - 2);
    uint64_t n = covered < c->n_sectors ? covered : c->n_sectors;
    while (n > 0 && fat_at(c, (uint32_t)(n - 1)) == SECTOR_FREE)
        n--;
    uint64_t end = (n + 1) << c->shift;
    return end < c->body->all.len ? end : c->body->all.len;
}

/* --- streams */

static struct chain stream_chain(struct cfb *c, const struct cfb_entry *e)
{
    return chain_open(c, e->start, e->size < MINI_CUTOFF);
}

static uint64_t stream_size(const struct cfb *c, const struct cfb_entry *e)
{
    return e->size < c->body->all.len ? e->size : c->body->all.len;
}

bool cfb_stream_read(struct cfb *c, const struct cfb_entry *e, struct body *out)
{
    struct chain k = stream_chain(c, e);
    uint64_t size = stream_size(c, e);
    *out = body_borrow((slice){ 0 });
    if (size == 0)
        return e->size == 0;
    slice piece = chain_piece(&k, size);
    if (piece.len == size || k.ended) {
        *out = body_borrow(piece);
    } else {
        struct body_writer *bw = body_writer_new(c->w->mem, size, size);
        bool fits = bw != NULL;
        while (fits && piece.len > 0) {
            fits = walk_work(c->w, piece.len / 4) && body_writer_put(bw, piece);
            piece = chain_piece(&k, size - body_writer_size(bw));
        }
        if (bw)
            *out = body_writer_done(bw);
    }
    (void)walk_work(c->w, (k.steps & 0xfff) * WORK_PER_STEP);
    chain_told(&k);
    if (k.bad && out->all.len < size)
        cfb_sector_damage(c, CFB_CHAIN, NOWHERE);
    if (out->all.len == e->size)
        return true;
    c->cut = true;
    struct cfb_entry *own = &c->entries[e - c->entries];
    if (!own->told_short && c->short_told++ < SHORT_TOLD)
        walk_text(c->w, FACT_CFB_STREAM_SHORT, e->path, NOWHERE);
    own->told_short = true;
    return false;
}

size_t cfb_stream_at(struct cfb *c, const struct cfb_entry *e, uint64_t from, uint8_t *out,
                     size_t max)
{
    struct chain k = stream_chain(c, e);
    uint64_t size = stream_size(c, e), pos = 0;
    size_t n = 0;
    while (pos < size && n < max) {
        slice piece = chain_piece(&k, size - pos);
        if (piece.len == 0)
            break;
        size_t skip = from <= pos ? 0 : from - pos < piece.len ? (size_t)(from - pos) : piece.len;
        n += slice_copy_out(slice_from(piece, skip), out + n, max - n);
        pos += piece.len;
    }
    (void)walk_work(c->w, (k.steps & 0xfff) * WORK_PER_STEP);
    return n;
}

size_t cfb_stream_head(struct cfb *c, const struct cfb_entry *e, uint8_t *out, size_t max)
{
    struct chain k = stream_chain(c, e);
    uint64_t want = stream_size(c, e) < max ? stream_size(c, e) : max;
    size_t n = 0;
    while (n < want) {
        slice piece = chain_piece(&k, want - n);
        if (piece.len == 0)
            break;
        for (size_t i = 0; i < piece.len; i++)
            out[n++] = piece.at[i];
    }
    if (n < want) {
        cfb_sector_damage(c, CFB_CHAIN, NOWHERE);
        c->cut = true;
    }
    return n;
}

struct range cfb_stream_place(struct cfb *c, const struct cfb_entry *e)
{
    struct chain k = stream_chain(c, e);
    if (k.ended || e->size == 0)
        return NOWHERE;
    slice s = chain_bytes(&k);
    if (s.len == 0)
        return NOWHERE;
    uint64_t from = (uint64_t)(s.at - c->body->all.at);
    uint64_t left = c->body->all.len - from;
    return range_of(from, e->size < left ? e->size : left);
}
