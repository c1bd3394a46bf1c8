/* SPDX-License-Identifier: Apache-2.0 */
/* sigma_parse - a rule document: what a rule says of itself, its log source,
 * and our extension key `sekisho:` (docs/rules.md). */
#include "base/hash.h"
#include "base/text.h"
#include "judge/sigma.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

bool sigma_fail(struct compiler *c, const char *path, uint32_t line, const char *format, ...)
{
    char text[ERR_MAX / 2];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (c->code == 0)
        c->code = err_set(c->err, -EINVAL, "%s:%u: %s", path, line, text);
    return false;
}

bool sigma_no_memory(struct compiler *c)
{
    if (c->code == 0)
        c->code = err_set(c->err, -ENOMEM, "out of memory while compiling the rules");
    return false;
}

void *sigma_grow(struct compiler *c, void *array, uint32_t *n, uint32_t *room, size_t size)
{
    if (*n < *room)
        return array;
    uint32_t more = *room ? *room * 2 : 64;
    void *bigger = arena_regrow(c->mem, array, *n * size, more, size);
    if (bigger)
        *room = more;
    else
        sigma_no_memory(c);
    return bigger;
}

/* --- files */

static bool is_placeholders(slice path)
{
    return slice_is(path, "placeholders.yaml") || slice_ends(path, SLICE_LIT("/placeholders.yaml"));
}

static bool read_placeholders(struct compiler *c, const struct sigma_source *s)
{
    for (size_t d = 0; d < s->n; d++) {
        const struct yaml *doc = &s->documents[d];
        if (doc->kind != YAML_MAP)
            return sigma_fail(c, s->path, doc->line,
                              "placeholders must be a map from names to lists of values");
        for (size_t i = 0; i < doc->n; i++) {
            const struct yaml *y = &doc->items[i];
            for (size_t v = 0; v < y->n; v++)
                if (y->items[v].kind != YAML_SCALAR)
                    return sigma_fail(c, s->path, y->items[v].line,
                                      "a value of a placeholder must be text");
            if (y->kind != YAML_LIST || y->n == 0)
                return sigma_fail(c, s->path, y->line, "'%.*s' must be a list of values",
                                  SLICE_FMT(y->key));
            struct sigma_placeholder *p = SIGMA_GROW(c, placeholders);
            if (!p)
                return false;
            *p = (struct sigma_placeholder){ y->key, y };
        }
    }
    return true;
}

bool sigma_read_sources(struct compiler *c, const struct rule_source *sources, size_t n,
                        struct sigma_source **out)
{
    struct sigma_source *all = ARENA_ARRAY(c->mem, struct sigma_source, n + 1);
    if (!all)
        return sigma_no_memory(c);
    for (size_t i = 0; i < n; i++) {
        struct sigma_source *s = &all[i];
        s->source = &sources[i];
        s->path = arena_cstr(c->mem, sources[i].path);
        if (!s->path)
            return sigma_no_memory(c);
        int code = yaml_read(sources[i].text, s->path, c->mem, &s->documents, &s->n, c->err);
        if (code) {
            c->code = code;
            return false;
        }
        if (is_placeholders(sources[i].path)) {
            if (!read_placeholders(c, s))
                return false;
            s->n = 0;
        }
    }
    *out = all;
    return true;
}

/* --- one document */

static bool bad(struct compiler *c, const struct sigma_rule *r, const struct yaml *at,
                const char *what)
{
    return sigma_fail(c, r->path, at ? at->line : r->line, "%s", what);
}

static slice text_of(const struct yaml *y)
{
    return y && y->kind == YAML_SCALAR && !yaml_is_null(y) ? slice_trim(y->text) : (slice){ 0 };
}

/* `key: { lang: text }` or `key.lang: text`; a bare text is English. */
static slice language(const struct yaml *map, const char *key, const char *lang)
{
    char dotted[64];
    snprintf(dotted, sizeof dotted, "%s.%s", key, lang);
    const struct yaml *y = yaml_get(map, key);
    if (y && y->kind == YAML_MAP)
        return text_of(yaml_get(y, lang));
    if (y && slice_is(slice_of(lang), "en"))
        return text_of(y);
    return text_of(yaml_get(map, dotted));
}

static slice join(struct compiler *c, const struct yaml *y)
{
    if (!y || y->kind != YAML_LIST)
        return text_of(y);
    struct buf b = buf_new(1 << 16);
    for (size_t i = 0; i < y->n; i++) {
        buf_text(&b, b.len ? "; " : "");
        buf_put(&b, text_of(&y->items[i]));
    }
    slice text = arena_copy(c->mem, buf_slice(&b));
    buf_drop(&b);
    return text;
}

/* Tags of the attack namespace that name techniques: "attack.t1566.001". */
static slice attack_of(struct compiler *c, const struct yaml *tags)
{
    struct buf b = buf_new(4096);
    for (size_t i = 0; tags && tags->kind == YAML_LIST && i < tags->n; i++) {
        slice t = tags->items[i].text;
        if (!slice_starts_nocase(t, "attack.t") || t.len < 9 || !ascii_digit(t.at[8]))
            continue;
        buf_text(&b, b.len ? " T" : "T");
        buf_put(&b, slice_from(t, 8));
    }
    slice text = arena_copy(c->mem, buf_slice(&b));
    buf_drop(&b);
    return text;
}

static bool is_uuid(slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.at[i] != '-' : ascii_hex(s.at[i]) < 0)
            return false;
    }
    return s.len == 36;
}

/* Kind.Platform.Technique-or-Family */
static bool is_detection_name(slice s)
{
    unsigned dots = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '.') {
            if (i == 0 || i + 1 == s.len || s.at[i - 1] == '.')
                return false;
            dots++;
        } else if (!ascii_alnum(s.at[i]) && s.at[i] != '-' && s.at[i] != '_') {
            return false;
        }
    }
    return dots == 2 || dots == 3;
}

static bool read_level(struct compiler *c, struct sigma_rule *r)
{
    const struct yaml *y = yaml_get(r->doc, "level");
    r->rule.info.level = LEVEL_LOW;
    if (!y && !r->source->ours)
        return true;
    for (int l = LEVEL_INFORMATIONAL; y && l <= LEVEL_CRITICAL; l++)
        if (slice_is(y->text, rule_level_name((enum rule_level)l))) {
            r->rule.info.level = (enum rule_level)l;
            return true;
        }
    return bad(c, r, y, "`level` must be informational, low, medium, high or critical");
}

static bool read_state(struct compiler *c, struct sigma_rule *r, const struct yaml *ext)
{
    const struct yaml *y = yaml_get(ext, "state");
    slice status = text_of(yaml_get(r->doc, "status"));
    r->rule.info.state =
        slice_is(status, "deprecated") || slice_is(status, "unsupported") ? RULE_OFF : RULE_ON;
    if (!y)
        return true;
    static const char *const names[] = { "off", "observe", "on" };
    for (int s = RULE_OFF; s <= RULE_ON; s++)
        if (slice_is(y->text, names[s])) {
            r->rule.info.state = (enum rule_state)s;
            return true;
        }
    return bad(c, r, y, "`state` must be on, observe or off");
}

static bool read_extension(struct compiler *c, struct sigma_rule *r)
{
    static const char *const keys[] = {
        "name",        "family", "layer", "state",          "title",
        "description", "reason", "todo",  "falsepositives", "tests"
    };
    const struct yaml *ext = yaml_get(r->doc, "sekisho");
    struct rule_info *i = &r->rule.info;
    if (ext && ext->kind != YAML_MAP)
        return bad(c, r, ext, "`sekisho` must be a map");
    for (size_t k = 0; ext && k < ext->n; k++) {
        slice key = slice_sub(ext->items[k].key, 0, slice_find_byte(ext->items[k].key, '.', 0));
        size_t at = 0;
        while (at < sizeof keys / sizeof *keys && !slice_is(key, keys[at]))
            at++;
        if (at == sizeof keys / sizeof *keys)
            return sigma_fail(c, r->path, ext->items[k].key_line,
                              "`sekisho` knows name, family, layer, state, title, description, "
                              "reason, todo, falsepositives and tests, not '%.*s'",
                              SLICE_FMT(key));
    }
    i->name = text_of(yaml_get(ext, "name"));
    i->family = text_of(yaml_get(ext, "family"));
    i->title.ja = language(ext, "title", "ja");
    i->description.ja = language(ext, "description", "ja");
    i->reason = (struct rule_text){ language(ext, "reason", "en"), language(ext, "reason", "ja") };
    i->todo = (struct rule_text){ language(ext, "todo", "en"), language(ext, "todo", "ja") };
    i->falsepositives.ja = language(ext, "falsepositives", "ja");
    const struct yaml *fp = yaml_get(ext, "falsepositives");
    if (fp && fp->kind == YAML_MAP && yaml_get(fp, "ja"))
        i->falsepositives.ja = join(c, yaml_get(fp, "ja"));
    return read_state(c, r, ext);
}

static bool read_head(struct compiler *c, struct sigma_rule *r)
{
    struct rule_info *i = &r->rule.info;
    i->file = r->source->path;
    i->ours = r->source->ours;
    i->uuid = text_of(yaml_get(r->doc, "id"));
    i->id = text_of(yaml_get(r->doc, "name"));
    i->title.en = text_of(yaml_get(r->doc, "title"));
    i->description.en = text_of(yaml_get(r->doc, "description"));
    i->falsepositives.en = join(c, yaml_get(r->doc, "falsepositives"));
    i->attack = attack_of(c, yaml_get(r->doc, "tags"));
    if (i->title.en.len == 0)
        return bad(c, r, NULL, "a rule needs a `title`");
    if (i->ours && !is_uuid(i->uuid))
        return bad(c, r, yaml_get(r->doc, "id"),
                   "a rule of ours needs an `id`: a random UUID (uuidgen -r)");
    if (i->ours && i->id.len == 0)
        return bad(c, r, NULL,
                   "a rule of ours needs a `name`: what reports call it, stable for ever");
    if (i->id.len == 0)
        i->id = i->uuid;
    if (i->id.len == 0)
        return bad(c, r, NULL, "a rule needs an `id` or a `name`");
    return read_level(c, r) && read_extension(c, r);
}

static bool check_names(struct compiler *c, struct sigma_rule *r)
{
    struct rule_info *i = &r->rule.info;
    if (i->ours && !is_detection_name(i->name))
        return bad(c, r, yaml_get(r->doc, "sekisho"),
                   "a rule of ours needs `sekisho: name:` of the shape Kind.Platform.Technique, "
                   "such as Trojan.W97M.AutoExec");
    if (i->ours && i->family.len == 0)
        return bad(
            c, r, yaml_get(r->doc, "sekisho"),
            "a rule of ours needs `sekisho: family:`, the group of rules that see the same thing");
    if (i->name.len == 0)
        i->name = i->id;
    if (i->family.len == 0)
        i->family = i->id;
    return true;
}

static bool read_logsource(struct compiler *c, struct sigma_rule *r)
{
    const struct yaml *log = yaml_get(r->doc, "logsource");
    if (!log || log->kind != YAML_MAP || log->n == 0)
        return bad(
            c, r, log,
            "a rule needs a `logsource`: for our own events `product: sekisho` and a `category`");
    if (!slice_is(text_of(yaml_get(log, "product")), "sekisho"))
        return r->source->ours ? bad(c, r, log, "a rule of ours has `product: sekisho`") : true;
    const struct yaml *category = yaml_get(log, "category");
    enum event_kind kind = sigma_category(text_of(category));
    if (kind == EVENT_KINDS || yaml_get(log, "service"))
        return bad(c, r, category ? category : log,
                   "with `product: sekisho` the `category` is mail, part, macro, effect or url, "
                   "and there is no `service`");
    r->known = r->rule.info.in_force = true;
    r->rule.info.kind = kind;
    return true;
}

static bool check_tests(struct compiler *c, const struct sigma_rule *r)
{
    const struct yaml *ext = yaml_get(r->doc, "sekisho"), *tests = yaml_get(ext, "tests");
    const struct yaml *match = yaml_get(tests, "match"), *no_match = yaml_get(tests, "no_match");
    if (!r->source->ours || (match && match->n && no_match && no_match->n))
        return true;
    return bad(c, r, tests ? tests : ext,
               "a rule of ours needs `sekisho: tests:` with at least one event under `match` and "
               "one under `no_match`");
}

/* Which layer the rule is a vote of (docs/rules.md, "Layers"). Tests from `first`
 * on are the rule's own. */
static bool choose_layer(struct compiler *c, struct sigma_rule *r, uint32_t first)
{
    const struct yaml *y = yaml_get(yaml_get(r->doc, "sekisho"), "layer");
    enum layer l = layer_of_path(r->source->path);
    for (uint32_t i = first; i < c->n_tests; i++)
        if (c->tests[i].field.id < FACT_COUNT &&
            slice_starts(slice_of(fact_row((enum fact_id)c->tests[i].field.id)->name),
                         SLICE_LIT("yara.")))
            l = LAYER_YARA;
    if (y && (!layer_by_name(text_of(y), &l) || l >= LAYER_PROMISE)) {
        struct buf names = buf_new(1024);
        for (int k = 0; k < LAYER_PROMISE; k++)
            buf_format(&names, "%s%s", k ? ", " : "", layer_name((enum layer)k));
        (void)sigma_fail(c, r->path, y->line, "`layer` must be one of %.*s",
                         SLICE_FMT(buf_slice(&names)));
        buf_drop(&names);
        return false;
    }
    r->rule.info.layer = r->source->ours ? l : LAYER_FOREIGN;
    return true;
}

bool sigma_parse_rule(struct compiler *c, const struct sigma_source *source, const struct yaml *doc)
{
    if (doc->kind == YAML_SCALAR && yaml_is_null(doc))
        return true;
    uint32_t line = doc->kind == YAML_MAP && doc->n ? doc->items[0].key_line : doc->line;
    if (doc->kind != YAML_MAP)
        return sigma_fail(c, source->path, line, "a rule must be a map");
    if (yaml_get(doc, "filter"))
        return sigma_fail(
            c, source->path, line,
            "Sigma filters are not supported; exceptions.yaml says where a rule does not count");
    if (yaml_get(doc, "action"))
        return sigma_fail(c, source->path, line, "`action` is of Sigma 1; write every rule out");
    struct sigma_rule *r = SIGMA_GROW(c, rules);
    if (!r)
        return false;
    *r = (struct sigma_rule){
        .line = line, .path = source->path, .doc = doc, .source = source->source
    };
    r->rule.node = r->rule.correlation = NO_ID;
    r->rule.standalone = true;
    const struct yaml *detection = yaml_get(doc, "detection"),
                      *correlation = yaml_get(doc, "correlation");
    if (!detection == !correlation)
        return bad(c, r, NULL, "a rule needs either `detection` or `correlation`");
    if (!read_head(c, r) || !check_names(c, r) || !check_tests(c, r))
        return false;
    if (correlation) {
        r->rule.info.correlation = true;
        return choose_layer(c, r, c->n_tests);
    }
    if (!read_logsource(c, r))
        return false;
    struct rule_info *i = &r->rule.info;
    r->rule.runs = i->in_force && i->state != RULE_OFF;
    uint32_t first = c->n_tests;
    r->condition = sigma_detection(c, r, detection);
    return r->condition && choose_layer(c, r, first);
}

/* --- names */

static slice name_of(const struct compiler *c, uint32_t id)
{
    const struct rule_info *i = &c->rules[id >> 1].rule.info;
    return id & 1 ? i->uuid : i->id;
}

static uint32_t find_name(const struct compiler *c, slice name)
{
    uint32_t cursor = 0, id;
    while ((id = hash_next(&c->name_table, fnv1a(0, name), &cursor)) != NO_ID)
        if (slice_eq(name_of(c, id), name))
            return id;
    return NO_ID;
}

uint32_t sigma_find_rule(const struct compiler *c, slice name)
{
    uint32_t id = name.len ? find_name(c, name) : NO_ID;
    return id == NO_ID ? NO_ID : id >> 1;
}

bool sigma_check_names(struct compiler *c)
{
    for (uint32_t id = 0; id < c->n_rules * 2; id++) {
        const struct sigma_rule *r = &c->rules[id >> 1];
        slice name = name_of(c, id);
        if (name.len == 0 || (id & 1 && slice_eq(name, r->rule.info.id)))
            continue;
        uint32_t other = find_name(c, name);
        if (other != NO_ID) {
            const struct sigma_rule *first = &c->rules[other >> 1];
            return sigma_fail(c, r->path, r->line,
                              "the %s '%.*s' is taken by the rule in %s:%u; give this one its own",
                              id & 1 ? "id" : "name", SLICE_FMT(name), first->path, first->line);
        }
        if (!hash_add(c, &c->name_table, fnv1a(0, name), id))
            return false;
    }
    return true;
}
