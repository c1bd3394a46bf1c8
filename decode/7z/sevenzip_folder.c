/* SPDX-License-Identifier: Apache-2.0 */
/* One folder of a 7z archive: coders that feed each other (7zFormat.txt,
 * "Folder"; Methods.txt of the LZMA SDK).
 *
 * Every coder's output is a body of its own: simple, and holes stay holes. No
 * output is used twice, so the work is linear in what is declared and paid.
 * Left out, and named: Deflate64, Zstandard and other rare methods. */
#include "decode/7z/sevenzip_private.h"
#include "base/inflate.h"
#include "base/unbzip2.h"
#include "base/unlzma.h"
#include "decode/shared/ppmd.h"

enum { WORK_PER_CODER = 20000 };

bool sevenzip_is_locked(const struct sevenzip_folder *f)
{
    for (size_t i = 0; i < f->n_coders; i++)
        if (f->coders[i].method == METHOD_AES)
            return true;
    return false;
}

uint64_t sevenzip_packed(const struct sevenzip_streams *s, size_t folder)
{
    const struct sevenzip_folder *f = &s->folders[folder];
    uint64_t total = 0;
    for (size_t i = 0; i < f->n_packed && f->first_packed + i < s->n_packed; i++)
        if (__builtin_add_overflow(total, s->packed_size[f->first_packed + i], &total))
            return UINT64_MAX;
    return total;
}

static const struct {
    uint64_t method;
    enum unlzma_kind kind;
} lzma_methods[] = {
    { METHOD_LZMA, UNLZMA_1 },           { METHOD_LZMA2, UNLZMA_2 },
    { METHOD_DELTA, UNLZMA_DELTA },      { METHOD_X86, UNLZMA_X86 },
    { METHOD_BCJ, UNLZMA_X86 },          { METHOD_POWERPC, UNLZMA_POWERPC },
    { METHOD_BCJ_POWERPC, UNLZMA_POWERPC }, { METHOD_IA64, UNLZMA_IA64 },
    { METHOD_BCJ_IA64, UNLZMA_IA64 },    { METHOD_ARM, UNLZMA_ARM },
    { METHOD_BCJ_ARM, UNLZMA_ARM },      { METHOD_ARMTHUMB, UNLZMA_ARMTHUMB },
    { METHOD_BCJ_ARMTHUMB, UNLZMA_ARMTHUMB }, { METHOD_SPARC, UNLZMA_SPARC },
    { METHOD_BCJ_SPARC, UNLZMA_SPARC },  { METHOD_ARM64, UNLZMA_ARM64 },
};

static bool lzma_kind(uint64_t method, enum unlzma_kind *kind_out)
{
    for (size_t i = 0; i < sizeof lzma_methods / sizeof lzma_methods[0]; i++)
        if (lzma_methods[i].method == method) {
            *kind_out = lzma_methods[i].kind;
            return true;
        }
    return false;
}

static bool is_read(uint64_t method)
{
    enum unlzma_kind kind;
    return lzma_kind(method, &kind) || method == METHOD_COPY || method == METHOD_BCJ2 || method == METHOD_DEFLATE ||
           method == METHOD_BZIP2 || method == METHOD_PPMD || method == METHOD_AES;
}

const char *sevenzip_method_name(const struct sevenzip_folder *f)
{
    for (size_t i = 0; i < f->n_coders; i++)
        if (!is_read(f->coders[i].method))
            switch (f->coders[i].method) {
            case METHOD_DEFLATE64:
                return "deflate64";
            case METHOD_ZSTD:
                return "zstd";
            default:
                return "unknown";
            }
    return NULL;
}

static bool supported(const struct sevenzip_folder *f)
{
    if (f->strange || f->n_coders == 0)
        return false;
    for (size_t i = 0; i < f->n_coders; i++) {
        const struct sevenzip_coder *c = &f->coders[i];
        if (!is_read(c->method) || c->n_in != (c->method == METHOD_BCJ2 ? 4 : 1))
            return false;
    }
    return true;
}

struct unfolding {
    struct sevenzip *z;
    const struct sevenzip_streams *s;
    const struct sevenzip_folder *f;
    struct sevenzip_key *key;
};

static enum sevenzip_end from_unpack(enum unpack_end end)
{
    return end == UNPACK_WHOLE ? SEVENZIP_WHOLE : end == UNPACK_LIMIT ? SEVENZIP_LIMIT : SEVENZIP_BROKEN;
}

/* The packed stream that is this input of the folder. */
static struct body packed_stream(const struct unfolding *u, size_t in)
{
    for (size_t i = 0; i < u->f->n_packed; i++) {
        size_t n = u->f->first_packed + i;
        if (u->f->packed[i] != in || n >= u->s->n_packed)
            continue;
        uint64_t at = u->s->packed_at[n], len = u->s->packed_size[n];
        if (at >= u->z->all.len)
            break;
        return body_part(u->z->list.w->mem, u->z->body, u->z->base + at, len);
    }
    return body_borrow((slice){ 0 });
}

/* The coder that takes this one's output: its method tells what the bytes must look like. */
static uint64_t taker(const struct sevenzip_folder *f, size_t coder)
{
    for (size_t i = 0; i < f->n_binds; i++)
        for (size_t k = 0; f->bind_out[i] == coder && k < f->n_coders; k++)
            if (f->bind_in[i] >= f->coders[k].first_in && f->bind_in[i] < f->coders[k].first_in + f->coders[k].n_in)
                return f->coders[k].method;
    return METHOD_COPY;
}

static enum sevenzip_end run_writer(const struct unfolding *u, const struct sevenzip_coder *c, const struct body in[4],
                                    struct body_writer *bw)
{
    struct walk *w = u->z->list.w;
    enum unlzma_kind kind;
    bool broken = false;
    if (lzma_kind(c->method, &kind))
        return from_unpack(unlzma_raw(bw, in[0].all, kind, c->props, c->size, w->mem, w->budget).end);
    if (c->method == METHOD_BCJ2) {
        const slice four[4] = { in[0].all, in[1].all, in[2].all, in[3].all };
        bool paid = sevenzip_bcj2(w, four, c->size, bw, &broken);
        return !paid ? SEVENZIP_LIMIT : broken ? SEVENZIP_BROKEN : SEVENZIP_WHOLE;
    }
    if (c->method == METHOD_BZIP2)
        return from_unpack(unbzip2_into(bw, in[0].all, w->mem, w->budget).end);
    if (c->method == METHOD_PPMD)
        return from_unpack(ppmd_unpack(bw, in[0].all, c->props, c->size, w->mem, w->budget));
    switch (inflate_into(bw, in[0].all, INFLATE_RAW, w->mem, w->budget).end) {
    case INFLATE_WHOLE:
        return SEVENZIP_WHOLE;
    case INFLATE_LIMIT:
        return SEVENZIP_LIMIT;
    case INFLATE_SHORT:
    case INFLATE_BROKEN:
        break;
    }
    return SEVENZIP_BROKEN;
}

static enum sevenzip_end run_coder(const struct unfolding *u, size_t coder, const struct body in[4], struct body *out)
{
    struct walk *w = u->z->list.w;
    const struct sevenzip_coder *c = &u->f->coders[coder];
    if (!walk_work(w, WORK_PER_CODER))
        return SEVENZIP_LIMIT;
    if (c->method == METHOD_COPY) {
        *out = body_part(w->mem, &in[0], 0, c->size);
        return out->all.len == c->size ? SEVENZIP_WHOLE : SEVENZIP_BROKEN;
    }
    if (c->method == METHOD_AES)
        return sevenzip_decrypt(w, in[0].all, c->props, c->size, taker(u->f, coder), u->key, out);
    uint64_t left = w->budget->left[BUDGET_INFLATED];
    struct body_writer *bw = body_writer_new(w->mem, 0, c->size < left ? c->size : left);
    if (!bw)
        return SEVENZIP_LIMIT;
    enum sevenzip_end end = run_writer(u, c, in, bw);
    /* More than declared is no limit of ours: 7-Zip stops there too. */
    if (end == SEVENZIP_LIMIT && body_writer_size(bw) == c->size && !walk_over(w) && !arena_full(w->mem))
        end = SEVENZIP_WHOLE;
    if (end == SEVENZIP_LIMIT && body_writer_size(bw) == left)
        w->budget->hit |= 1u << BUDGET_INFLATED;
    if (end == SEVENZIP_WHOLE && body_writer_size(bw) < c->size)
        end = SEVENZIP_BROKEN;
    *out = body_writer_done(bw);
    return end;
}

/* What comes out of a coder; what it takes may come out of others. */
static enum sevenzip_end resolve(const struct unfolding *u, size_t coder, unsigned depth, struct body *out)
{
    const struct sevenzip_coder *c = &u->f->coders[coder];
    struct body in[4] = { 0 };
    enum sevenzip_end end = depth ? SEVENZIP_WHOLE : SEVENZIP_BROKEN;
    *out = body_borrow((slice){ 0 });
    bool stop = depth == 0; /* a loop */
    for (size_t i = 0; i < c->n_in && i < 4 && !stop; i++) {
        size_t number = c->first_in + i, from = u->f->n_coders;
        for (size_t b = 0; b < u->f->n_binds; b++)
            if (u->f->bind_in[b] == number)
                from = u->f->bind_out[b];
        enum sevenzip_end one = SEVENZIP_WHOLE;
        if (from < u->f->n_coders)
            one = resolve(u, from, depth - 1, &in[i]);
        else
            in[i] = packed_stream(u, number);
        end = one > end ? one : end;
        stop = one == SEVENZIP_LOCKED || one == SEVENZIP_METHOD;
    }
    if (!stop) {
        enum sevenzip_end here = run_coder(u, coder, in, out);
        end = here > end ? here : end;
    }
    /* What a copy borrows must not go. */
    bool borrows = c->method == METHOD_COPY && in[0].owned;
    if (borrows && out->all.len == in[0].all.len)
        *out = in[0];
    else if (borrows)
        *out = body_borrow((slice){ 0 });
    for (size_t i = 0; i < 4; i++)
        if (!(i == 0 && borrows && out->owned))
            body_release(&in[i]);
    return end;
}

enum sevenzip_end sevenzip_unfold(struct sevenzip *z, const struct sevenzip_streams *s, size_t folder,
                                  struct sevenzip_key *key, struct body *out)
{
    const struct unfolding u = { z, s, &s->folders[folder], key };
    *out = body_borrow((slice){ 0 });
    if (!supported(u.f))
        return SEVENZIP_METHOD;
    if (sevenzip_is_locked(u.f) && !key)
        return SEVENZIP_LOCKED;
    return resolve(&u, u.f->main, u.f->n_coders, out);
}
