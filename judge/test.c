/* SPDX-License-Identifier: Apache-2.0 */
/* test - runs the tests that rules carry (`sekisho: tests:`, docs/rules.md).
 *
 * Each test event becomes a small record: a mail, three parts inside each
 * other, and the event on the innermost. Facts go where their layer says. Each
 * is judged twice, with streamed hits and skipping, and directly.
 */
#include "base/text.h"
#include "base/yaml.h"
#include "judge/judge_private.h"
#include "judge/sigma.h"
#include <errno.h>

struct bench {
    const struct rules *rules;
    struct rule_scanner *scanner;
    struct err *err;
    const char *path;
    slice rule; /* for messages */
    size_t count;
    /* of one test */
    struct arena *mem;
    struct record record;
    struct sink sink;
    uint32_t mail; /* event */
};

static int bad(const struct bench *b, uint32_t line, const char *what)
{
    return err_set(b->err, -EINVAL, "%s:%u: rule '%.*s': %s", b->path, line, SLICE_FMT(b->rule),
                   what);
}

static uint32_t add_part(struct bench *b, uint32_t parent)
{
    struct part p = { .parent = parent, .how = parent == NO_ID ? HOW_FILE : HOW_MIME };
    b->sink.part(b->sink.host, &p);
    uint32_t id = b->record.n_parts - 1;
    b->sink.part_end(b->sink.host, id, (slice){ 0 }, WALK_WHOLE);
    return id;
}

static uint32_t add_event(struct bench *b, enum event_kind kind, uint32_t part)
{
    b->sink.event(b->sink.host, &(struct event){ kind, part });
    return b->record.n_events - 1;
}

/* --- facts of one event */

struct place {
    enum event_kind kind;
    uint32_t event, macro;                      /* macro: NO_ID until needed */
    uint32_t part, part_event[PARENTS_MAX + 1]; /* own, then parents */
    unsigned up;                                /* inside how many `parent:` */
    bool email;                                 /* inside `email:` */
};

static uint32_t mail_event(struct bench *b)
{
    if (b->mail == NO_ID)
        b->mail = add_event(b, EVENT_MAIL, 0);
    return b->mail;
}

/* The event that a fact of this layer goes to; NO_ID: the rule would not see it. */
static uint32_t event_for(struct bench *b, struct place *at, enum event_kind layer)
{
    if (at->email)
        return layer == EVENT_MAIL ? mail_event(b) : NO_ID;
    if (at->up)
        return layer == EVENT_PART ? at->part_event[at->up] : NO_ID;
    if (layer == at->kind)
        return at->event;
    if (layer == EVENT_PART)
        return at->part_event[0];
    if (layer == EVENT_MAIL)
        return mail_event(b);
    if (layer == EVENT_MACRO && (at->kind == EVENT_EFFECT || at->kind == EVENT_URL)) {
        if (at->macro == NO_ID)
            at->macro = add_event(b, EVENT_MACRO, at->part);
        return at->macro;
    }
    return NO_ID;
}

struct hit_host {
    struct bench *b;
    struct fact *f;
};

static void on_hit(void *host, uint32_t atom, struct range at)
{
    struct hit_host *h = host;
    struct hit hit = { .atom = atom,
                       .event = h->f->event,
                       .part = h->f->part,
                       .field = h->f->id,
                       .at = at,
                       .excerpt =
                           slice_sub(h->f->text, (size_t)at.from, (size_t)(at.to - at.from)) };
    hit.excerpt = utf8_cut(hit.excerpt, 160);
    h->b->sink.hit(h->b->sink.host, &hit);
}

static int add_fact(struct bench *b, enum fact_id id, uint32_t event, const struct yaml *value)
{
    enum fact_type type = fact_row(id)->type;
    struct fact f = { .id = id, .event = event, .part = b->record.events[event].part };
    uint64_t number = 0;
    if (value->kind != YAML_SCALAR)
        return bad(b, value->line, "the value of a fact must be text, a number, true or false");
    if (type == FACT_TYPE_FLAG) {
        if (slice_is(value->text, "false"))
            return 0;
        f.number = 1;
        if (!slice_is(value->text, "true"))
            return bad(b, value->line, "this fact is a flag: true or false");
    } else if (type == FACT_TYPE_INT) {
        if (!slice_u64(value->text, &number) || number > INT64_MAX)
            return bad(b, value->line, "this fact is a whole number");
        f.number = (int64_t)number;
    } else {
        f.text = value->text;
        f.scanned = rule_scanner_wants(b->scanner, id);
    }
    struct hit_host host = { b, &f };
    if (f.scanned)
        rule_scanner_scan(b->scanner, id, f.text, on_hit, &host);
    b->sink.fact(b->sink.host, &f);
    return 0;
}

static int add_facts(struct bench *b, struct place *at, const struct yaml *map);

static int add_key(struct bench *b, struct place *at, const struct yaml *y, slice name)
{
    if (slice_is(name, "kind"))
        return 0;
    if (slice_is(name, "email") && y->kind == YAML_MAP) {
        struct place mail = *at;
        mail.email = true;
        return add_facts(b, &mail, y);
    }
    bool inside = slice_is(name, "parent") && y->kind == YAML_MAP;
    if (inside || slice_starts(name, SLICE_LIT("parent."))) {
        if (at->up == PARENTS_MAX || at->kind == EVENT_MAIL)
            return bad(b, y->key_line,
                       "there is no such parent here (at most three, and none of a mail)");
        at->up++;
        int code = inside ? add_facts(b, at, y) : add_key(b, at, y, slice_from(name, 7));
        at->up--;
        return code;
    }
    enum fact_id id = fact_by_name(name);
    uint32_t event = id == FACT_COUNT ? NO_ID : event_for(b, at, fact_row(id)->layer);
    if (event == NO_ID)
        return err_set(b->err, -EINVAL,
                       "%s:%u: rule '%.*s': '%.*s' is no fact that this event sees", b->path,
                       y->key_line, SLICE_FMT(b->rule), SLICE_FMT(name));
    if (y->kind != YAML_LIST)
        return add_fact(b, id, event, y);
    for (size_t i = 0; i < y->n; i++) {
        int code = add_fact(b, id, event, &y->items[i]);
        if (code)
            return code;
    }
    return 0;
}

static int add_facts(struct bench *b, struct place *at, const struct yaml *map)
{
    for (size_t i = 0; i < map->n; i++) {
        int code = add_key(b, at, &map->items[i], map->items[i].key);
        if (code)
            return code;
    }
    return 0;
}

static int build_event(struct bench *b, enum event_kind kind, const struct yaml *map,
                       uint32_t *event_out)
{
    struct place at = { .kind = kind, .macro = NO_ID };
    const struct yaml *said = yaml_get(map, "kind");
    if (map->kind != YAML_MAP)
        return bad(b, map->line, "a test event must be a map of facts");
    if (said) {
        at.kind = sigma_category(said->text);
        if (at.kind == EVENT_KINDS)
            return bad(b, said->line, "`kind` must be mail, part, macro, effect or url");
    }
    if (at.kind == EVENT_MAIL && b->mail == NO_ID) {
        at.part_event[0] = 0; /* the mail itself is part 0, and so its event */
        at.event = mail_event(b);
    } else {
        uint32_t part = 0;
        for (int up = PARENTS_MAX; up >= 0; up--) {
            part = add_part(b, part);
            at.part_event[up] = add_event(b, EVENT_PART, part);
        }
        at.part = part;
        at.event = at.kind == EVENT_PART ? at.part_event[0] : add_event(b, at.kind, part);
    }
    *event_out = at.event;
    return add_facts(b, &at, map);
}

/* --- judging it */

static int holds(struct bench *b, uint32_t rule, uint32_t event, bool direct, bool *out)
{
    struct index x;
    struct matches m;
    if (index_build(&x, b->rules, &b->record, direct, b->mem) || eval_all(&x, direct, &m) ||
        correlate_all(&x, &m))
        return err_set(b->err, -ENOMEM, "out of memory while testing the rules");
    *out = false;
    for (uint32_t i = m.first[rule]; i; i = m.at[i - 1].next)
        *out |= event == NO_ID || m.at[i - 1].event == event;
    return 0;
}

static int judge_test(struct bench *b, uint32_t rule, const struct yaml *test, bool wanted)
{
    enum event_kind kind = b->rules->rules[rule].info.kind;
    bool list = test->kind == YAML_LIST, skipping, direct;
    uint32_t event = NO_ID;
    int code = 0;
    record_init(&b->record, b->mem);
    b->sink = record_sink(&b->record);
    b->mail = NO_ID;
    add_event(b, EVENT_PART, add_part(b, NO_ID));
    for (size_t i = 0; code == 0 && i < (list ? test->n : 1); i++)
        code = build_event(b, kind, list ? &test->items[i] : test, &event);
    if (code)
        return code;
    if (b->record.full)
        return bad(b, test->line, "the test is too large");
    if (b->rules->rules[rule].info.correlation)
        event = NO_ID;
    if ((code = holds(b, rule, event, false, &skipping)) ||
        (code = holds(b, rule, event, true, &direct)))
        return code;
    if (skipping != direct) {
        (void)bad(b, test->line,
                  "a bug of the compiler: with and without the pattern set the answers differ; "
                  "please report it");
        return b->err->code = -ENOTRECOVERABLE;
    }
    if (skipping != wanted)
        return bad(b, test->line,
                   wanted ? "this event must match and does not"
                          : "this event must not match and does");
    b->count++;
    return 0;
}

static int run_list(struct bench *b, uint32_t rule, const struct yaml *tests, const char *key,
                    bool wanted)
{
    const struct yaml *list = yaml_get(tests, key);
    if (!list)
        return 0;
    if (list->kind != YAML_LIST)
        return bad(b, list->line, "`match` and `no_match` must be lists of events");
    for (size_t i = 0; i < list->n; i++) {
        b->mem = arena_new(1 << 26);
        int code = b->mem ? judge_test(b, rule, &list->items[i], wanted)
                          : err_set(b->err, -ENOMEM, "out of memory");
        arena_drop(&b->mem);
        if (code)
            return code;
    }
    return 0;
}

static int test_document(struct bench *b, const struct yaml *doc)
{
    const struct yaml *tests = yaml_get(yaml_get(doc, "sekisho"), "tests");
    const struct yaml *name = yaml_get(doc, "name"), *id = yaml_get(doc, "id");
    if (!tests || (!name && !id))
        return 0;
    b->rule = slice_trim(name ? name->text : id->text);
    size_t rule = rules_find(b->rules, b->rule);
    if (rule == SIZE_MAX)
        return bad(b, doc->line, "the compiled rules do not hold this rule; compile them again");
    if (!b->rules->rules[rule].runs)
        return 0; /* switched off, or nothing feeds it */
    int code = run_list(b, (uint32_t)rule, tests, "match", true);
    return code ? code : run_list(b, (uint32_t)rule, tests, "no_match", false);
}

static int test_source(struct bench *b, const struct rule_source *s, struct arena *mem)
{
    const struct yaml *docs;
    size_t n;
    b->path = arena_cstr(mem, s->path);
    if (!b->path)
        return err_set(b->err, -ENOMEM, "out of memory while testing the rules");
    int code = yaml_read(s->text, b->path, mem, &docs, &n, b->err);
    for (size_t i = 0; code == 0 && i < n; i++)
        code = test_document(b, &docs[i]);
    return code;
}

int rules_test(const struct rules *r, const struct rule_source *sources, size_t n,
               size_t *tests_out, struct err *err_out)
{
    struct bench b = { .rules = r, .err = err_out };
    int code = rule_scanner_new(r, &b.scanner, err_out);
    for (size_t i = 0; code == 0 && i < n; i++) {
        struct arena *mem = arena_new(1 << 28);
        code = mem ? test_source(&b, &sources[i], mem)
                   : err_set(err_out, -ENOMEM, "out of memory while testing the rules");
        arena_drop(&mem);
    }
    rule_scanner_drop(&b.scanner);
    if (code == 0)
        *tests_out = b.count;
    return code;
}
