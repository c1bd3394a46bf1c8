/* SPDX-License-Identifier: Apache-2.0 */
/* harness - see harness.h. */
#include "unmask/harness.h"
#include "base/text.h"
#include "unmask/unmask.h"

static void part(void *host, struct walk *w) { unmask_part(host, w); }
static void end(void *host, struct walk *w, enum walk_end e) { unmask_end(host, w, e); }
static void fact(void *host, struct walk *w, struct fact *f) { unmask_fact(host, w, f); }
static void page(void *host, struct walk *w, struct script_page *p) { unmask_page(host, w, p); }

static void view(void *host, struct walk *w, enum fact_id id, slice utf8, struct range at, uint32_t event)
{
    (void)event;
    unmask_view(host, w, id, utf8, at);
}

/* Readers decode what they show: whatever the test brings, a view is UTF-8. */
static void show(struct walk *w, enum fact_id id, const struct body *body)
{
    slice text = utf8_clean(w->mem, body->all);
    walk_view(w, id, text, range_of(0, text.len));
}

static enum walk_end as_module(struct walk *w, const struct body *body)
{
    struct walk sub;
    struct child c = { .name = SLICE_LIT("Module1"), .how = HOW_OLE, .at = NOWHERE, .body = body };
    walk_type(w, "vba-project");
    walk_event(w, EVENT_MACRO);
    if (!walk_begin(w, &c, &sub))
        return WALK_LIMIT;
    walk_type(&sub, "vba-module");
    show(&sub, FACT_VBA_CODE, body);
    walk_finish(&sub, WALK_WHOLE);
    return WALK_WHOLE;
}

static enum walk_end as_workbook(struct walk *w, const struct body *body)
{
    walk_type(w, "xlm-macro");
    walk_event(w, EVENT_MACRO);
    show(w, FACT_XLM_CODE, body);
    return WALK_WHOLE;
}

static const char *script_type; /* of the scan that runs now */

static enum walk_end as_script(struct walk *w, const struct body *body)
{
    walk_type(w, script_type);
    show(w, FACT_SCRIPT_CODE, body);
    return WALK_WHOLE;
}

static struct tally *run(const struct tally_options *o, const struct format *only, slice in)
{
    struct unmask languages = { 0 };
    struct walk_hooks hooks = { &languages, part, end, view, fact, page };
    struct tally_options with = o ? *o : (struct tally_options){ 0 };
    with.hooks = &hooks;
    with.only = only;
    struct tally *t = tally_run(&with, in);
    unmask_done(&languages);
    return t;
}

struct tally *tally_unmasked(const char *language, const struct tally_options *o, slice source)
{
    static const struct format module = { .name = "vba-project", .walk = as_module };
    static const struct format workbook = { .name = "xlm-macro", .walk = as_workbook };
    static const struct format script = { .name = "script", .walk = as_script };
    slice name = slice_of(language);
    script_type = language;
    return run(o, slice_is(name, "vba") ? &module : slice_is(name, "xlm") ? &workbook : &script, source);
}

struct tally *tally_unmasked_file(const struct tally_options *o, slice in) { return run(o, NULL, in); }

static void check_once(const char *language, const struct tally_options *o, slice source)
{
    struct tally *t = tally_unmasked(language, o, source);
    tally_check(t);
    tally_drop(&t);
}

void tally_beginnings(const char *language, slice source)
{
    for (size_t n = 0; n < source.len; n++)
        check_once(language, NULL, slice_sub(source, 0, n));
}

void tally_starved(const char *language, slice source, size_t until)
{
    for (size_t n = 1; n < until; n++) {
        struct tally_options o = { .fail_at = n };
        check_once(language, &o, source);
    }
}

const struct effect *tally_effect(const struct tally *t, enum effect_kind kind, size_t n)
{
    for (uint32_t i = 0; i < t->r.n_effects; i++)
        if (t->r.effects[i].kind == kind && n-- == 0)
            return &t->r.effects[i];
    return NULL;
}

slice tally_argument(const struct effect *e, const char *name)
{
    for (uint32_t i = 0; e && i < e->n_arguments; i++)
        if (slice_is(e->arguments[i].name, name))
            return e->arguments[i].value;
    return (slice){ 0 };
}

bool tally_certain(const struct effect *e) { return e->known && !e->conditional; }

bool tally_certainty(const struct effect *e, bool known, bool conditional)
{
    return conditional ? e->known && e->conditional : tally_certain(e) == known;
}
