/* SPDX-License-Identifier: Apache-2.0 */
/* engine - see engine.h. One object at a time; what it used is wiped behind it. */
#include "engine/engine.h"
#include "base/charset.h"
#include "base/cipher.h"
#include "base/text.h"
#include "observe/part/observe.h"
#include "unmask/unmask.h"

#include <errno.h>

enum { CEILING = 176u << 20, EXCERPT = 160, EXCERPT_BEFORE = 40, GIVE_BYTES = 64 * 1024 };

struct engine {
    struct arena *own; /* holds the engine itself */
    struct arena *mem; /* of the object being scanned */
    struct rule_scanner *scanner;
    struct engine_bytes_scanner bytes;
    struct budget budget; /* what each scan begins with */
};

/* One scan's view of the engine, for the hooks. */
struct pass {
    struct engine *engine;
    const struct sink *sink;
    const struct scan_request *request;
    struct unmask unmask;
    struct observers observers;
};

/* Where a hit is being looked for. */
struct look {
    const struct sink *sink;
    struct walk *w;
    enum fact_id field;
    uint32_t event;
    slice text;
    struct range at; /* of the text in the part */
    bool same_bytes; /* offsets in the text are offsets in the part */
    size_t counted;  /* line counting goes on from here */
    uint32_t line;
};

int engine_new(const struct rules *rules, struct engine **out, struct err *err_out)
{
    struct arena *own = arena_new(1 << 20);
    struct engine *e = own ? ARENA_NEW(own, struct engine) : NULL;
    if (!e) {
        arena_drop(&own);
        return err_set(err_out, -ENOMEM, "out of memory");
    }
    e->own = own;
    e->mem = arena_new(CEILING);
    e->budget = budget_default();
    int r = 0;
    if (!e->mem)
        r = err_set(err_out, -ENOMEM, "out of memory");
    else if (!charset_prepare())
        r = err_set(err_out, -ENOENT, "the ICU converters for Japanese could not be opened; reinstall the ICU library");
    else if (!cipher_prepare())
        r = err_set(err_out, -ENOENT, "the OpenSSL ciphers could not be opened; reinstall OpenSSL");
    else if (rules)
        r = rule_scanner_new(rules, &e->scanner, err_out);
    if (r < 0) {
        engine_drop(&e);
        return r;
    }
    *out = e;
    return 0;
}

void engine_drop(struct engine **ep)
{
    struct engine *e = *ep;
    *ep = NULL;
    if (!e)
        return;
    rule_scanner_drop(&e->scanner);
    arena_drop(&e->mem);
    struct arena *own = e->own;
    arena_drop(&own);
}

void engine_set_bytes_scanner(struct engine *e, const struct engine_bytes_scanner *s) { e->bytes = *s; }

void engine_set_budget(struct engine *e, const struct budget *b) { e->budget = *b; }

/* Hits come in ascending order of their end for most patterns; where one does
 * not, counting starts again. */
static uint32_t line_of(struct look *l, size_t offset)
{
    if (offset < l->counted) {
        l->counted = 0;
        l->line = 1;
    }
    for (size_t at; (at = slice_find_byte(l->text, '\n', l->counted)) < offset;) {
        l->counted = at + 1;
        l->line++;
    }
    return l->line;
}

static slice excerpt_of(const struct look *l, struct range at)
{
    size_t from = at.from > EXCERPT_BEFORE ? (size_t)at.from - EXCERPT_BEFORE : 0;
    while (from < l->text.len && from > 0 && (l->text.at[from] & 0xC0) == 0x80)
        from++;
    slice s = utf8_cut(slice_from(l->text, from), EXCERPT);
    return s;
}

static void send_hit(void *host, uint32_t atom, struct range at)
{
    struct look *l = host;
    bool view = fact_row(l->field)->type == FACT_TYPE_VIEW;
    struct hit h = {
        .atom = atom,
        .event = l->event,
        .part = l->w->part,
        .field = l->field,
        .at = l->same_bytes ? range_of(l->at.from + at.from, at.to - at.from) : l->at,
    };
    if (view) {
        h.line = line_of(l, (size_t)at.from);
        h.excerpt = excerpt_of(l, at);
    }
    l->sink->hit(l->sink->host, &h);
}

static void on_view(void *host, struct walk *w, enum fact_id id, slice utf8, struct range at, uint32_t event)
{
    struct pass *p = host;
    struct rule_scanner *s = p->engine->scanner;
    if (s && rule_scanner_wants(s, id)) {
        struct look l = { p->sink, w, id, event, utf8, at, at.to - at.from == utf8.len, 0, 1 };
        rule_scanner_scan(s, id, utf8, send_hit, &l);
    }
    unmask_view(&p->unmask, w, id, utf8, at);
    observers_view(&p->observers, w, id, utf8, at);
}

static void on_fact(void *host, struct walk *w, struct fact *f)
{
    struct pass *p = host;
    struct rule_scanner *s = p->engine->scanner;
    if (s && fact_row(f->id)->type == FACT_TYPE_TEXT) {
        f->scanned = true;
        if (rule_scanner_wants(s, f->id)) {
            struct look l = { p->sink, w, f->id, f->event, f->text, f->at, false, 0, 1 };
            rule_scanner_scan(s, f->id, f->text, send_hit, &l);
        }
    }
    unmask_fact(&p->unmask, w, f);
    observers_fact(&p->observers, w, f);
}

static void on_page(void *host, struct walk *w, struct script_page *page)
{
    struct pass *p = host;
    unmask_page(&p->unmask, w, page);
}

static void give_bytes(const struct pass *p, const struct walk *w)
{
    enum give give = p->request->give;
    if (!p->sink->bytes || give == GIVE_NONE || (give == GIVE_ONE && p->request->give_part != w->part))
        return;
    slice all = w->body->all;
    for (size_t at = 0; at < all.len; at += GIVE_BYTES)
        p->sink->bytes(p->sink->host, w->part, at, slice_sub(all, at, GIVE_BYTES));
}

static void on_part(void *host, struct walk *w)
{
    struct pass *p = host;
    give_bytes(p, w);
    unmask_part(&p->unmask, w);
    observers_part(&p->observers, w);
    if (p->engine->bytes.scan)
        p->engine->bytes.scan(p->engine->bytes.host, w, w->body);
}

static void on_part_end(void *host, struct walk *w, enum walk_end end)
{
    struct pass *p = host;
    unmask_end(&p->unmask, w, end);
    observers_end(&p->observers, w, end);
}

void engine_scan(struct engine *e, const struct scan_request *request, const struct sink *sink)
{
    struct pass p = { .engine = e, .sink = sink, .request = request, .unmask.trace = request->trace };
    struct walk_hooks hooks = { &p, on_part, on_part_end, on_view, on_fact, on_page };
    struct budget budget = e->budget;
    scan_run(request, &hooks, sink, e->mem, &budget);
    unmask_done(&p.unmask);
    arena_reset(e->mem);
}
