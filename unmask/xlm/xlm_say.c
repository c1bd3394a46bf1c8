/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_say - effects are collected over all runs and said when the last has ended.
 *
 * An effect is known when its arguments are, and when it came about before anything had to be
 * chosen, or in every run of a search that was complete.
 */
#include "base/text.h"
#include "unmask/xlm/xlm_private.h"

enum { SAID_TEXT_MAX = 16384 };

static uint64_t mix(uint64_t h, uint64_t v) { return (h ^ v) * 0x100000001b3u; }

static uint64_t mix_text(uint64_t h, struct text s)
{
    for (uint32_t i = 0; i < s.n; i++)
        h = mix(h, text_unit(s, i) | (text_is_hole(s, i) ? 0x10000u : 0));
    return mix(h, 0x1FFFF);
}

/* The entry, the cells from which macros were called, the cell that does it; the middle goes. */
uint32_t xlm_say_way(struct xlm_book *b, slice out[UNMASK_VIA_MAX])
{
    enum { HALF = UNMASK_VIA_MAX / 2 - 1 };
    uint32_t n = 0;
    if (b->n_frames && b->frames[0].entry.len)
        out[n++] = b->frames[0].entry;
    for (uint32_t i = 1; i < b->n_frames; i++) {
        if (i > HALF && i + HALF < b->n_frames)
            continue;
        slice name = xlm_book_cell_name(b, b->frames[i].caller);
        if (name.len && n < UNMASK_VIA_MAX - 1)
            out[n++] = name;
    }
    slice here = xlm_book_cell_name(b, b->here);
    if (here.len)
        out[n++] = here;
    return n;
}

static struct xlm_effect *find(struct xlm_book *b, uint64_t hash)
{
    for (uint32_t i = 0; i < b->n_effects; i++)
        if (b->effects[i].hash == hash)
            return &b->effects[i];
    return NULL;
}

void xlm_say(struct xlm_book *b, enum effect_kind kind, const char *sink, const struct xlm_said *a,
             size_t n, const char *hand_type, struct xlm_value hand)
{
    uint64_t hash = mix(0xcbf29ce484222325u, (uint64_t)kind);
    for (const char *c = sink; *c; c++)
        hash = mix(hash, (uint8_t)*c);
    for (size_t i = 0; i < n; i++) {
        if (a[i].value.kind != XLM_TEXT)
            return; /* an error: Excel calls nothing */
        hash = mix_text(mix(hash, i), a[i].value.is.text);
    }
    if (b->pure || b->trying || !xlm_book_spend(b, 64))
        return;
    struct xlm_effect *e = find(b, hash);
    if (!e) {
        if (b->n_effects == XLM_EFFECTS_MAX) {
            b->limited = true;
            return;
        }
        e = &b->effects[b->n_effects++];
        *e =
            (struct xlm_effect){ .kind = kind, .sink = sink, .hash = hash, .hand_type = hand_type };
        for (size_t i = 0; i < n && e->n_arguments < XLM_SAID_ARGUMENTS; i++) {
            e->arguments[e->n_arguments++] =
                (struct unmask_argument){ a[i].name,
                                          text_sub(a[i].value.is.text, 0, SAID_TEXT_MAX) };
            e->leans = e->leans || a[i].value.leans;
        }
        e->hand = hand.kind == XLM_TEXT ? hand.is.text : (struct text){ 0 };
        e->n_via = xlm_say_way(b, e->via);
    }
    e->sure = e->sure || (!b->unsure && !b->unsettled && !b->guess);
    e->settled = e->settled || (!b->unsettled && !b->guess);
    e->free = e->free || !b->guarded;
    if (e->last_run != b->run)
        e->runs += !b->guess && !b->unsettled;
    e->last_run = b->run;
}

bool xlm_say_does_harm(const struct xlm_effect *e)
{
    return e->kind == EFFECT_RUN || e->kind == EFFECT_DOWNLOAD || e->kind == EFFECT_WRITE ||
           e->kind == EFFECT_PERSIST ||
           (e->kind == EFFECT_LOAD && !slice_is(slice_of(e->sink), "OPEN"));
}

/* --- files that were written */

static const struct {
    const char *end, *type;
} scripts[] = {
    { ".vbs", "vbscript" }, { ".vbe", "vbscript" },   { ".js", "jscript" },
    { ".jse", "jscript" },  { ".ps1", "powershell" }, { ".bat", "command" },
    { ".cmd", "command" },  { ".hta", "html" },       { ".wsf", "wsf" },
};

static const char *script_type(slice path)
{
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        if (slice_ends_nocase(path, scripts[i].end))
            return scripts[i].type;
    return NULL;
}

static slice base_name(slice path)
{
    size_t at = path.len;
    while (at > 0 && path.at[at - 1] != '\\' && path.at[at - 1] != '/')
        at--;
    return slice_from(path, at);
}

/* Does something that was said run the file of this name? */
static bool is_run(struct xlm_book *b, slice name)
{
    for (uint32_t i = 0; i < b->n_effects && name.len; i++)
        for (uint32_t k = 0; b->effects[i].kind == EFFECT_RUN && k < b->effects[i].n_arguments; k++)
            if (slice_find_nocase(text_utf8(b->t, b->effects[i].arguments[k].value), name, 0) !=
                SIZE_MAX)
                return true;
    return false;
}

void xlm_say_files(struct xlm_book *b)
{
    for (uint32_t i = 0; i < b->n_files; i++) {
        struct xlm_file *f = &b->files[i];
        if (!f->wrote)
            continue;
        slice path = text_known(f->path.is.text) ? text_utf8(b->t, f->path.is.text) : (slice){ 0 };
        const char *type = script_type(path);
        struct xlm_said said[] = { { "path", f->path }, { "value", f->content } };
        bool runs = type && is_run(b, base_name(path));
        uint32_t before = b->n_effects;
        xlm_say(b, EFFECT_WRITE, "FWRITE", said, f->content.is.text.n ? 2 : 1, runs ? type : NULL,
                f->content);
        if (b->n_effects > before) {
            struct xlm_effect *e = &b->effects[before];
            for (e->n_via = 0; e->n_via < f->n_via; e->n_via++)
                e->via[e->n_via] = f->via[e->n_via];
        }
    }
    b->n_files = 0;
}

/* --- all of them */

void xlm_say_all(struct xlm_book *b, bool all, uint32_t runs)
{
    for (uint32_t i = 0; i < b->n_effects; i++) {
        const struct xlm_effect *e = &b->effects[i];
        bool certain = e->sure || (all && e->runs == runs);
        uint8_t maybe = !certain || !e->free || b->day ? UNMASK_CONDITIONAL : 0;
        struct unmask_said said = {
            .kind = e->kind,
            .sink = e->sink,
            .arguments = e->arguments,
            .n_arguments = e->n_arguments,
            .via = e->via,
            .n_via = e->n_via,
            .maybe = (uint8_t)(maybe | (e->leans || !e->settled ? UNMASK_DOUBT : 0))
        };
        bool before = b->u->maybe;
        if (!unmask_effect(b->u, b->w, &said) || !e->hand_type)
            continue;
        b->u->maybe = before || maybe;
        unmask_hand_on(b->u, b->w, e->hand_type, e->hand, e->via, e->n_via);
        b->u->maybe = before;
    }
}
