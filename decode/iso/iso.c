/* SPDX-License-Identifier: Apache-2.0 */
/* iso - images of optical disks that Windows mounts on a double click: ISO 9660
 * (ECMA-119), its Joliet names, and UDF (ECMA-167, OSTA UDF 2.60).
 *
 * An image may have three trees over the same bytes, and programs differ in
 * which one they show: all are read, the same bytes once. What only one tree
 * lists is said. Nothing is mounted, no link followed.
 *
 * Left out: Rock Ridge names (Windows shows none), sparable and virtual
 * partitions, boot images, raw sectors of 2352 bytes. */
#include "decode/iso/iso_private.h"
#include "base/buf.h"
#include "base/text.h"

enum { PROBES = 16, SLOTS_LEAST = 1024, SLOTS_MAX = 1 << 18, ONLY_SAID = 64, FIRST_ROOM = 16 };

static enum sniff iso_sniff(const struct sniff_input *in)
{
    return iso_is_9660(in->body->all) || iso_is_udf(in->body->all) ? SNIFF_STRONG : SNIFF_NO;
}

/* --- members */

static size_t hash_of(uint64_t at, uint64_t size)
{
    uint64_t h = (at + 1) * 0x9e3779b97f4a7c15u ^ (size + 1) * 0xc2b2ae3d27d4eb4fu;
    return (size_t)(h ^ h >> 29);
}

/* The member that has the same bytes, or a free slot to remember a new one in; chains are cut. */
static uint32_t *slot_of(struct iso *z, uint64_t at, uint64_t size)
{
    uint32_t *free_slot = NULL;
    for (size_t k = 0, h = hash_of(at, size); k < PROBES && z->n_slots; k++) {
        uint32_t *slot = &z->slots[(h + k) & (z->n_slots - 1)];
        if (*slot == 0)
            return slot;
        const struct iso_file *f = &z->files[*slot - 1];
        if (f->size == size && (f->n ? f->pieces[0].at : 0) == at)
            return slot;
    }
    return free_slot;
}

static slice join(struct arena *mem, slice path, slice name)
{
    struct buf b = buf_new(4096);
    buf_put(&b, path);
    buf_put(&b, name);
    slice s = arena_copy(mem, buf_slice(&b));
    buf_drop(&b);
    return s;
}

static struct archive_member *add(struct iso *z, slice path, slice name)
{
    struct walk *w = z->list.w;
    if (z->list.n == z->room) {
        size_t room = z->room ? z->room * 2 : FIRST_ROOM;
        struct iso_file *f = arena_regrow(w->mem, z->files, z->room * sizeof *f, room, sizeof *f);
        if (!f) {
            z->list.full = true;
            return NULL;
        }
        z->files = f;
        z->room = room;
    }
    return archive_add(&z->list, join(w->mem, path, name));
}

void iso_file(struct iso *z, enum iso_tree tree, slice path, slice name, bool hidden, const struct extent *pieces,
              size_t n, uint64_t size)
{
    struct walk *w = z->list.w;
    uint64_t at = n ? pieces[0].at : 0;
    uint32_t *slot = size ? slot_of(z, at, size) : NULL;
    if (slot && *slot) {
        z->files[*slot - 1].trees |= (uint8_t)(1u << tree);
        z->list.members[*slot - 1].hidden |= hidden;
        return;
    }
    struct archive_member *m = add(z, path, name);
    if (!m)
        return;
    struct iso_file *f = &z->files[z->list.n - 1];
    *f = (struct iso_file){ .size = size, .trees = (uint8_t)(1u << tree) };
    f->pieces = ARENA_ARRAY(w->mem, struct extent, n + 1);
    for (size_t i = 0; f->pieces && i < n; i++)
        f->pieces[i] = pieces[i];
    f->n = f->pieces ? n : 0;
    m->size = size;
    m->hidden = hidden;
    m->at = n ? range_of(at, pieces[0].len) : NOWHERE;
    if (slot)
        *slot = (uint32_t)z->list.n;
}

bool iso_folder(struct iso *z, const struct iso_folder *parent, slice name, uint64_t at, uint64_t len)
{
    struct walk *w = z->list.w;
    unsigned depth = parent ? parent->depth + 1 : 0;
    if (depth > ISO_DEPTH || z->list.full || !budget_spend(w->budget, BUDGET_ENTRIES, 1) ||
        !walk_work(w, WORK_PER_ENTRY))
        return false;
    for (size_t i = 0; i < z->n_folders; i++) /* few folders in any image of the kind */
        if (z->folders[i].at == at && (i >= 4096 || z->folders[i].len == len))
            return false;
    if (z->n_folders == z->room_folders) {
        size_t room = z->room_folders ? z->room_folders * 2 : FIRST_ROOM;
        struct iso_folder *f =
            room > 8192 ? NULL : arena_regrow(w->mem, z->folders, z->n_folders * sizeof *f, room, sizeof *f);
        if (!f) {
            z->list.full = true;
            w->budget->hit |= 1u << BUDGET_ENTRIES;
            return false;
        }
        z->folders = f;
        z->room_folders = room;
    }
    slice path = parent ? join(w->mem, join(w->mem, parent->path, name), SLICE_LIT("/")) : (slice){ 0 };
    z->folders[z->n_folders++] = (struct iso_folder){ .path = path, .at = at, .len = len, .depth = depth };
    return true;
}

/* --- the walk */

static bool gather(struct iso *z, const struct iso_file *f, struct body *out)
{
    struct walk *w = z->list.w;
    uint64_t left = w->budget->left[BUDGET_INFLATED];
    struct body_writer *bw = body_writer_new(w->mem, f->size < left ? f->size : left, f->size < left ? f->size : left);
    bool ok = bw != NULL;
    for (size_t i = 0; ok && i < f->n; i++) {
        slice piece = body_part(w->mem, z->body, f->pieces[i].at, f->pieces[i].len).all;
        ok = budget_spend(w->budget, BUDGET_INFLATED, piece.len) && walk_work(w, piece.len) &&
             (body_writer_put(bw, piece) || body_writer_size(bw) == f->size);
    }
    *out = bw ? body_writer_done(bw) : body_borrow((slice){ 0 });
    return ok;
}

static enum walk_end walk_file(struct iso *z, size_t i)
{
    const struct iso_file *f = &z->files[i];
    const struct archive_member *m = &z->list.members[i];
    struct body body = body_borrow((slice){ 0 });
    bool ok = true;
    if (f->n == 1)
        body = body_part(z->list.w->mem, z->body, f->pieces[0].at, f->size < f->pieces[0].len ? f->size : f->pieces[0].len);
    else if (f->n > 1)
        ok = gather(z, f, &body);
    if (!ok)
        archive_unread(&z->list, UNREAD_LIMIT, m->name);
    else if (body.all.len == 0 && f->size)
        archive_unread(&z->list, UNREAD_DAMAGED, m->name);
    if (body.all.len || f->size == 0)
        archive_walk_member(&z->list, m, &body);
    enum walk_end end = !ok ? WALK_LIMIT : body.all.len < f->size ? WALK_SHORT : WALK_WHOLE;
    body_release(&body);
    return end;
}

/* What one tree hides from those who see another. Empty files have no place of their own. */
static void say_only(struct iso *z)
{
    size_t said = 0;
    for (size_t i = 0; i < z->list.n && said < ONLY_SAID; i++)
        if (z->files[i].size && z->files[i].trees != z->trees) {
            walk_text(z->list.w, FACT_ARCHIVE_TREE_ONLY, z->list.members[i].name, z->list.members[i].at);
            said++;
        }
}

static enum walk_end iso_walk(struct walk *w, const struct body *body)
{
    struct iso z = { .list.w = w, .body = body };
    enum walk_end end = WALK_WHOLE;
    z.n_slots = SLOTS_LEAST;
    while (z.n_slots < SLOTS_MAX && z.n_slots * ISO_SECTOR < body->all.len * 4)
        z.n_slots *= 2;
    z.slots = ARENA_ARRAY(w->mem, uint32_t, z.n_slots);
    if (!z.slots)
        return WALK_LIMIT;
    if (iso_is_udf(body->all))
        iso_read_udf(&z);
    if (iso_is_9660(body->all))
        iso_read_9660(&z);
    archive_say(&z.list);
    say_only(&z);
    for (size_t i = 0; i < z.list.n; i++) {
        if (walk_over(w))
            return WALK_LIMIT;
        enum walk_end one = walk_file(&z, i);
        end = one > end ? one : end;
    }
    if (z.damaged && z.list.n == 0)
        walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    if (z.list.full || arena_full(w->mem))
        return WALK_LIMIT;
    return z.damaged && end == WALK_WHOLE ? WALK_BROKEN : end;
}

const struct format format_iso = {
    .name = "iso",
    .spec = "ECMA-119, Joliet, ECMA-167, OSTA UDF 2.60",
    .sniff = iso_sniff,
    .walk = iso_walk,
};
