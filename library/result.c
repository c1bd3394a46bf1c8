/* SPDX-License-Identifier: Apache-2.0 */
/* result - one scan through include/sekisho.h and what can be asked of it. */
#include "base/text.h"
#include "library/library_private.h"

#include <errno.h>

enum { RECORD_MEMORY = 96 << 20, TEXT_MAX = 256 << 20, PASSWORDS_MAX = 32, INPUT_MEMORY = 1 << 20 };

struct sekisho_result {
    struct arena *mem; /* holds the result itself, its record and what was judged */
    struct sekisho_engine *engine;
    struct record record;
    struct judgement judgement;
    struct report_meta meta;
    const char *name, *reason[LANGUAGES], *todo[LANGUAGES];
    struct buf json, text;
};

_Static_assert((int)SEKISHO_UNKNOWN == (int)VERDICT_UNKNOWN && (int)SEKISHO_SUSPICIOUS == (int)VERDICT_SUSPICIOUS &&
                   (int)SEKISHO_MALICIOUS == (int)VERDICT_MALICIOUS && (int)SEKISHO_JAPANESE == (int)LANGUAGE_JA,
               "the public numbers are ours");

/* --- scanning */

static int read_input(const struct sekisho_input *in, struct arena *mem, struct scan_request *out, struct err *err_out)
{
    if (in->len && !in->bytes)
        return err_set(err_out, -EINVAL, "`bytes` is NULL and `len` is not 0");
    size_t n = in->n_passwords < PASSWORDS_MAX ? in->n_passwords : PASSWORDS_MAX;
    struct password *hints = ARENA_ARRAY(mem, struct password, n + 1);
    if (!hints)
        return err_set(err_out, -ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        hints[i] = (struct password){ .text = utf8_clean(mem, slice_of(in->passwords[i])), .source = PASSWORD_HINT,
                                      .part = NO_ID, .line = NO_LINE, .rank = (unsigned)i };
    *out = (struct scan_request){ .body = body_borrow((slice){ in->bytes, in->len }),
                                  .name = utf8_clean(mem, slice_of(in->name)),
                                  .declared = utf8_clean(mem, slice_of(in->declared)), .hints = hints, .n_hints = n };
    return 0;
}

/* Text for the caller; an empty one where there is no memory. */
static const char *as_cstr(struct arena *mem, slice s)
{
    const char *text = s.len ? arena_cstr(mem, s) : NULL;
    return text ? text : "";
}

static void judge(struct sekisho_result *r, const struct sekisho_input *in)
{
    struct judgement *j = &r->judgement;
    const char *path = in->path ? in->path : in->name ? in->name : "-";
    *j = context_judge(&r->engine->context, r->engine->rules, &r->record, r->mem);
    r->meta = (struct report_meta){ .path = arena_copy(r->mem, slice_of(path)), .size = in->len,
                                    .version = SLICE_LIT(SEKISHO_VERSION_TEXT),
                                    .settings = slice_of(r->engine->context.digest) };
    r->name = as_cstr(r->mem, j->name);
    r->reason[LANGUAGE_EN] = as_cstr(r->mem, j->reason.en);
    r->reason[LANGUAGE_JA] = as_cstr(r->mem, j->reason.ja.len ? j->reason.ja : j->reason.en);
    r->todo[LANGUAGE_EN] = as_cstr(r->mem, j->todo.en);
    r->todo[LANGUAGE_JA] = as_cstr(r->mem, j->todo.ja.len ? j->todo.ja : j->todo.en);
}

int sekisho_scan(struct sekisho_engine *engine, const struct sekisho_input *input, struct sekisho_result **out,
                 struct sekisho_error *error_out)
{
    struct arena *mem = arena_new(RECORD_MEMORY);
    struct sekisho_result *r = mem ? ARENA_NEW(mem, struct sekisho_result) : NULL;
    struct scan_request request;
    struct err why = { 0 };
    int code = r ? read_input(input, mem, &request, &why) : err_set(&why, -ENOMEM, "out of memory");
    if (code < 0) {
        arena_drop(&mem);
        return library_failed(error_out, &why);
    }
    r->mem = mem;
    r->engine = engine;
    r->json = r->text = buf_new(TEXT_MAX);
    record_init(&r->record, mem);
    struct sink sink = record_sink(&r->record);
    engine_scan(engine->engine, &request, &sink);
    judge(r, input);
    *out = r;
    return 0;
}

void sekisho_result_free(struct sekisho_result *result)
{
    if (!result)
        return;
    struct arena *mem = result->mem;
    buf_drop(&result->json);
    buf_drop(&result->text);
    arena_drop(&mem);
}

/* --- the verdict */

enum sekisho_verdict sekisho_result_verdict(const struct sekisho_result *result)
{
    return (enum sekisho_verdict)result->judgement.verdict;
}

const char *sekisho_verdict_name(enum sekisho_verdict verdict)
{
    return verdict <= SEKISHO_MALICIOUS ? verdict_name((enum verdict)verdict) : "";
}

unsigned sekisho_result_unread(const struct sekisho_result *result)
{
    static const uint8_t bits[UNREAD_CAUSES] = {
        [UNREAD_ENCRYPTED] = SEKISHO_UNREAD_ENCRYPTED, [UNREAD_LIMIT] = SEKISHO_UNREAD_LIMIT,
        [UNREAD_DAMAGED] = SEKISHO_UNREAD_DAMAGED,     [UNREAD_CRASHED] = SEKISHO_UNREAD_LIMIT,
        [UNREAD_NO_READER] = SEKISHO_UNREAD_NO_READER,
    };
    unsigned all = result->record.full ? SEKISHO_UNREAD_LIMIT : 0;
    for (uint32_t i = 0; i < result->record.n_unread; i++)
        all |= bits[result->record.unread[i].cause];
    /* Whatever made it unknown is named, even where no place of it is. */
    return all == 0 && result->judgement.verdict == VERDICT_UNKNOWN ? SEKISHO_UNREAD_LIMIT : all;
}

const char *sekisho_result_name(const struct sekisho_result *result) { return result->name; }

static enum language language_of(enum sekisho_language l) { return l == SEKISHO_JAPANESE ? LANGUAGE_JA : LANGUAGE_EN; }

const char *sekisho_result_reason(const struct sekisho_result *result, enum sekisho_language language)
{
    return result->reason[language_of(language)];
}

const char *sekisho_result_todo(const struct sekisho_result *result, enum sekisho_language language)
{
    return result->todo[language_of(language)];
}

/* --- reports */

static struct report_input report_of(const struct sekisho_result *r)
{
    return (struct report_input){ &r->record, &r->judgement, r->engine->rules, &r->engine->context.policy, &r->meta };
}

/* What stands in the buffer, ended with NUL; NULL when it is not all there. */
static const char *ended(struct buf *b, size_t *len_out)
{
    size_t len = b->len;
    buf_byte(b, 0);
    if (b->full) {
        buf_drop(b);
        return NULL;
    }
    b->len = len;
    *len_out = len;
    return (const char *)b->at;
}

const char *sekisho_result_json(struct sekisho_result *result, size_t *len_out)
{
    struct report_input in = report_of(result);
    if (result->json.len == 0)
        report_json(&result->json, &in);
    return ended(&result->json, len_out);
}

const char *sekisho_result_text(struct sekisho_result *result, enum sekisho_language language, bool details,
                                size_t *len_out)
{
    struct report_input in = report_of(result);
    struct report_style style = { language_of(language), false, details };
    buf_clear(&result->text);
    report_text(&result->text, &in, &style);
    return ended(&result->text, len_out);
}

/* --- what was found where */

size_t sekisho_result_findings(const struct sekisho_result *result) { return result->judgement.n_findings; }

bool sekisho_result_finding(struct sekisho_result *result, size_t index, struct sekisho_finding *out)
{
    if (index >= result->judgement.n_findings)
        return false;
    const struct finding *f = &result->judgement.findings[index];
    slice id = f->rule == NO_ID ? SLICE_LIT("promise") : rules_info(result->engine->rules, f->rule).id;
    const char *rule = arena_cstr(result->mem, id);
    if (rule)
        *out = (struct sekisho_finding){ rule, rule_level_name(f->level), !f->observed_only && !f->excepted };
    return rule;
}

size_t sekisho_result_parts(const struct sekisho_result *result) { return result->record.n_parts; }

bool sekisho_result_part(struct sekisho_result *result, size_t index, struct sekisho_part *out)
{
    if (index >= result->record.n_parts)
        return false;
    const struct part *p = &result->record.parts[index];
    const char *name = arena_cstr(result->mem, p->name), *type = arena_cstr(result->mem, p->type);
    if (!name || !type)
        return false;
    *out = (struct sekisho_part){ .parent = p->parent, .name = name, .type = type, .size = p->size };
    (void)slice_copy_out((slice){ p->sha256, sizeof p->sha256 }, out->sha256, sizeof out->sha256);
    return true;
}

/* --- taking a part out */

struct taking {
    bool (*take)(void *host, const void *bytes, size_t len);
    void *host;
    uint32_t parts;
    bool enough;
};

static void count_part(void *host, const struct part *p)
{
    struct taking *t = host;
    (void)p;
    t->parts++;
}

static void take_bytes(void *host, uint32_t part, uint64_t at, slice bytes)
{
    struct taking *t = host;
    (void)part, (void)at;
    if (!t->enough)
        t->enough = !t->take(t->host, bytes.at, bytes.len);
}

static void part_end(void *h, uint32_t p, slice t, enum walk_end e) { (void)h, (void)p, (void)t, (void)e; }
static void event(void *h, const struct event *e) { (void)h, (void)e; }
static void fact(void *h, const struct fact *f) { (void)h, (void)f; }
static void hit(void *h, const struct hit *i) { (void)h, (void)i; }
static void effect(void *h, const struct effect *e) { (void)h, (void)e; }
static void unread(void *h, const struct unread *u) { (void)h, (void)u; }
static void view(void *h, const struct view *v) { (void)h, (void)v; }

int sekisho_extract(struct sekisho_engine *engine, const struct sekisho_input *input, uint32_t part,
                    bool (*take)(void *host, const void *bytes, size_t len), void *host, struct sekisho_error *error_out)
{
    struct arena *mem = arena_new(INPUT_MEMORY);
    struct scan_request request;
    struct err why = { 0 };
    int code = mem ? read_input(input, mem, &request, &why) : err_set(&why, -ENOMEM, "out of memory");
    if (code == 0) {
        struct taking t = { .take = take, .host = host };
        struct sink sink = { &t, count_part, part_end, event, fact, hit, effect, unread, view, take_bytes };
        request.give = GIVE_ONE;
        request.give_part = part;
        engine_scan(engine->engine, &request, &sink);
        if (part >= t.parts)
            code = err_set(&why, -ENOENT, "there is no part %u; the report lists the parts", (unsigned)part);
    }
    arena_drop(&mem);
    return code < 0 ? library_failed(error_out, &why) : 0;
}
