/* SPDX-License-Identifier: Apache-2.0 */
/* blocklist - see blocklist.h. */
#include "act/blocklist/blocklist.h"
#include "base/domain.h"
#include "base/hash.h"
#include "base/text.h"

#define WRITER(name) extern const struct blocklist_writer blocklist_##name;
#include "writers.inc"
#undef WRITER

static const struct blocklist_writer *const writers[] = {
#define WRITER(name) &blocklist_##name,
#include "writers.inc"
#undef WRITER
};

const struct blocklist_writer *blocklist_writer_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++)
        if (strcmp(writers[i]->name, name) == 0)
            return writers[i];
    return NULL;
}

bool blocklist_init(struct blocklist *b, const struct blocklist_options *o, struct arena *mem)
{
    *b = (struct blocklist){ .mem = mem, .options = *o, .room = BLOCKS_MAX };
    b->at = ARENA_ARRAY(mem, struct block, BLOCKS_MAX);
    b->hashes = ARENA_ARRAY(mem, uint64_t, BLOCKS_MAX * 2);
    return b->at && b->hashes;
}

/* --- what must not be blocked */

static bool allowed(slice list, slice host)
{
    for (size_t at = 0; at < list.len;) {
        size_t end = slice_find_byte(list, '\n', at);
        slice line = slice_sub(list, at, (end == SIZE_MAX ? list.len : end) - at);
        size_t comment = slice_find_byte(line, '#', 0);
        line = slice_trim(slice_sub(line, 0, comment == SIZE_MAX ? line.len : comment));
        size_t more = host.len > line.len ? host.len - line.len : 0;
        if (line.len && slice_eq_nocase(slice_from(host, more), line) &&
            (!more || host.at[more - 1] == '.'))
            return true;
        at = end == SIZE_MAX ? list.len : end + 1;
    }
    return false;
}

/* Something below a public suffix is registered by itself. */
static bool public_suffix(slice host)
{
    struct buf below = buf_new(512);
    buf_text(&below, "x.");
    buf_put(&below, host);
    bool is = domain_known_suffix(host) &&
              slice_eq(domain_registered(buf_slice(&below)), buf_slice(&below));
    buf_drop(&below);
    return is;
}

static bool plain_name(slice host)
{
    size_t label = 0;
    for (size_t i = 0; i < host.len; i++) {
        if (host.at[i] != '.' && !ascii_alnum(host.at[i]) && host.at[i] != '-' && host.at[i] != '_')
            return false;
        label = host.at[i] == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return host.len && host.len <= 240;
}

static enum message refuse_host(const struct blocklist *b, enum indicator_kind kind, slice host)
{
    if (allowed(b->options.allow, host))
        return MSG_EXPORT_ALLOWED;
    if (kind == INDICATOR_IP)
        return indicator_private(host) ? MSG_EXPORT_PRIVATE : MSG_COUNT;
    if (!plain_name(host))
        return MSG_EXPORT_NO_NAME;
    return public_suffix(host) ? MSG_EXPORT_SUFFIX : MSG_COUNT;
}

/* MSG_COUNT: nothing stands against it. */
static enum message refuse(const struct blocklist *b, const struct indicator *i)
{
    enum indicator_kind kind = i->kind;
    slice host = i->value;
    if (i->sure > SURE_CITED && !b->options.seen)
        return MSG_EXPORT_UNSURE;
    if (kind == INDICATOR_URL && !indicator_host(i->value, b->mem, &host, &kind))
        return MSG_EXPORT_NO_NAME;
    return kind == INDICATOR_DOMAIN || kind == INDICATOR_IP ? refuse_host(b, kind, host)
                                                            : MSG_COUNT;
}

/* --- what is */

/* A slot of the table of hashes, open addressing; false: the same is there. */
static bool fresh(struct blocklist *b, const struct indicator *i)
{
    uint64_t hash = fnv1a(i->kind + 1, i->value) | 1;
    for (size_t k = 0; k < BLOCKS_MAX; k++) {
        uint64_t *slot = &b->hashes[(hash + k) % (BLOCKS_MAX * 2)];
        if (*slot == hash)
            return false;
        if (!*slot) {
            *slot = hash;
            return true;
        }
    }
    return false;
}

static void keep(struct blocklist *b, const struct indicators *all, const struct indicator *i)
{
    const struct read_report *r = all->report;
    struct buf path = buf_new(1 << 16);
    if (b->n == b->room) {
        b->full = true;
        return;
    }
    indicator_part_path(&path, r, i->part);
    b->at[b->n++] = (struct block){ i->kind,
                                    i->sure,
                                    r->verdict,
                                    arena_copy(b->mem, i->value),
                                    arena_copy(b->mem, i->from),
                                    arena_copy(b->mem, r->name),
                                    arena_copy(b->mem, r->path),
                                    arena_copy(b->mem, buf_slice(&path)),
                                    arena_copy(b->mem, r->sha256),
                                    i->line };
    buf_drop(&path);
}

void blocklist_add(struct blocklist *b, const struct read_report *r)
{
    if (r->verdict != VERDICT_MALICIOUS &&
        !(b->options.suspicious && r->verdict == VERDICT_SUSPICIOUS))
        return;
    struct arena *mem = arena_new(64 << 20);
    struct indicators all = { 0 };
    if (mem)
        all = indicators_of(r, mem);
    b->full |= !mem || all.more;
    for (size_t i = 0; i < all.n; i++) {
        enum message why = refuse(b, &all.at[i]);
        if (why != MSG_COUNT)
            b->options.left_out(b->options.host, all.at[i].value, why);
        else if (fresh(b, &all.at[i]))
            keep(b, &all, &all.at[i]);
    }
    b->full |= arena_full(b->mem);
    arena_drop(&mem);
}
