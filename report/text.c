/* SPDX-License-Identifier: Apache-2.0 */
/* text - the report for people: verdict and the one decisive reason first, then
 * what to do, then the chain from the part down to the line and the rule. */
#include "report/report.h"

#include <stdio.h>

enum {
    NAME_MAX_BYTES = 120,
    VALUE_MAX = 200,
    FACTS_SHORT = 6,
    FINDINGS_SHORT = 5,
    UNREAD_SHORT = 5,
    CHAIN_DEPTH = 32,
    EFFECTS_SHORT = 12,
    EFFECT_MAX = 4000,
    WAY_DEPTH = 6
};

struct page {
    struct buf *out;
    const struct report_input *in;
    const struct report_style *style;
};

static const char *word(const struct page *p, enum message m)
{
    return message_text(m, p->style->language);
}

static slice pick(const struct page *p, const struct rule_text *t)
{
    slice s = p->style->language == LANGUAGE_JA ? t->ja : t->en;
    return s.len ? s : t->en;
}

static void colour(const struct page *p, const char *code)
{
    if (p->style->colour)
        buf_format(p->out, "\033[%sm", code);
}

static void put_safe(const struct page *p, slice text, size_t max)
{
    shown_put(p->out, text, max, SHOWN_DEFANG);
}

static void put_first_line(const struct page *p)
{
    static const char *const codes[VERDICTS] = { "32", "33", "33;1", "31;1" };
    static const enum message names[VERDICTS] = { MSG_VERDICT_CLEAN, MSG_VERDICT_UNKNOWN,
                                                  MSG_VERDICT_SUSPICIOUS, MSG_VERDICT_MALICIOUS };
    const struct judgement *v = p->in->judgement;
    enum message name = v->verdict == VERDICT_CLEAN && v->n_findings ? MSG_VERDICT_CLEAN_WITH_NOTE
                                                                     : names[v->verdict];
    colour(p, codes[v->verdict]);
    buf_text(p->out, word(p, name));
    colour(p, "0");
    buf_text(p->out, "  ");
    report_printable(p->out, p->in->meta->path, 512);
    buf_text(p->out, p->style->language == LANGUAGE_JA ? "：" : ": ");
    put_safe(p, pick(p, &v->reason), 400);
    buf_byte(p->out, '\n');
}

/* A report of some layers must not look like one of all. */
static void put_layers_off(const struct page *p)
{
    struct buf names = buf_new(1024);
    for (int l = 0; l < LAYERS; l++) {
        if (p->in->judgement->votes[l].vote != VOTE_OFF)
            continue;
        if (names.len)
            buf_text(&names, p->style->language == LANGUAGE_JA ? "、" : ", ");
        buf_text(&names, layer_name((enum layer)l));
    }
    slice value = buf_slice(&names);
    if (value.len) {
        buf_text(p->out, "  ");
        colour(p, "33");
        message_put(p->out, MSG_REPORT_LAYERS_OFF, p->style->language, &value, 1);
        colour(p, "0");
        buf_byte(p->out, '\n');
    }
    buf_drop(&names);
}

static void put_votes(const struct page *p)
{
    static const enum message votes[VOTES] = { MSG_VOTE_NONE,       MSG_VOTE_OFF,
                                               MSG_VOTE_CLEAN,      MSG_VOTE_NOTE,
                                               MSG_VOTE_SUSPICIOUS, MSG_VOTE_MALICIOUS };
    buf_format(p->out, "  %s:\n", word(p, MSG_REPORT_VOTES));
    for (int l = 0; l < LAYERS; l++) {
        const struct layer_vote *v = &p->in->judgement->votes[l];
        buf_format(p->out, "    %-10s %s", layer_name((enum layer)l), word(p, votes[v->vote]));
        if (v->decided)
            buf_format(p->out, p->style->language == LANGUAGE_JA ? "（%s）" : " (%s)",
                       word(p, MSG_REPORT_DECIDED));
        buf_byte(p->out, '\n');
    }
}

static void put_todo(const struct page *p)
{
    slice todo = pick(p, &p->in->judgement->todo);
    if (todo.len == 0)
        return;
    buf_format(p->out, "  %s: ", word(p, MSG_REPORT_TODO));
    report_printable(p->out, todo, 600);
    buf_byte(p->out, '\n');
}

static void indent(const struct page *p, unsigned depth)
{
    for (unsigned i = 0; i < depth + 2; i++)
        buf_text(p->out, "  ");
}

/* password.source is a place's name, with ":line" behind it where it has one. */
static void put_opened(const struct page *p, slice source)
{
    size_t colon = slice_find_byte(source, ':', 0);
    slice key = slice_sub(source, 0, colon == SIZE_MAX ? source.len : colon);
    enum message place = message_by_key("source.", key);
    struct buf where = buf_new(1024), text = buf_new(1024);
    buf_put(&where, place == MSG_COUNT ? key : slice_of(word(p, place)));
    if (colon != SIZE_MAX) {
        slice line = slice_from(source, colon + 1);
        buf_text(&where, p->style->language == LANGUAGE_JA ? " " : ", ");
        message_put(&where, MSG_REPORT_LINE, p->style->language, &line, 1);
    }
    slice value = buf_slice(&where);
    message_put(&text, MSG_REPORT_OPENED, p->style->language, &value, 1);
    buf_text(p->out, "  ");
    report_printable(p->out, buf_slice(&text), VALUE_MAX);
    buf_drop(&where);
    buf_drop(&text);
}

static void put_part_line(const struct page *p, uint32_t part, unsigned depth)
{
    const struct part *d = &p->in->record->parts[part];
    indent(p, depth);
    if (depth)
        buf_text(p->out, "└ ");
    if (d->name.len)
        put_safe(p, d->name, NAME_MAX_BYTES);
    buf_text(p->out, d->name.len ? " [" : "(");
    report_printable(p->out, d->type, NAME_MAX_BYTES);
    buf_text(p->out, d->name.len ? "]" : ")");
    const struct fact *opened = record_find_in_part(p->in->record, part, FACT_PASSWORD_SOURCE);
    if (opened)
        put_opened(p, opened->text);
    buf_byte(p->out, '\n');
}

static void put_value(const struct page *p, const struct fact *f)
{
    const struct fact_row *row = fact_row(f->id);
    buf_text(p->out, p->style->language == LANGUAGE_JA ? row->ja : row->en);
    if (row->type == FACT_TYPE_INT) {
        buf_format(p->out, " = %lld", (long long)f->number);
    } else if (f->text.len) {
        buf_text(p->out, p->style->language == LANGUAGE_JA ? "：" : ": ");
        put_safe(p, f->text, VALUE_MAX);
    }
}

static void put_fact_line(const struct page *p, uint32_t index, unsigned depth)
{
    const struct fact *f = &p->in->record->facts[index];
    indent(p, depth);
    buf_text(p->out, "· ");
    if (f->line != NO_LINE) {
        char number[16];
        snprintf(number, sizeof number, "%u", (unsigned)f->line);
        slice value = slice_of(number);
        message_put(p->out, MSG_REPORT_LINE, p->style->language, &value, 1);
        buf_text(p->out, "  ");
    }
    put_value(p, f);
    buf_byte(p->out, '\n');
}

/* The way from the root to this part, the root first. */
static unsigned chain_of(const struct record *r, uint32_t part, uint32_t *chain)
{
    uint32_t up[CHAIN_DEPTH];
    unsigned n = 0;
    for (; part < r->n_parts && n < CHAIN_DEPTH; part = r->parts[part].parent)
        up[n++] = part;
    for (unsigned i = 0; i < n; i++)
        chain[i] = up[n - 1 - i];
    return n;
}

/* Facts of the finding under the parts they stand in, in order of parts. */
static void put_chain(const struct page *p, const struct finding *f, unsigned max_facts)
{
    const struct record *r = p->in->record;
    uint32_t shown[CHAIN_DEPTH], chain[CHAIN_DEPTH];
    unsigned n_shown = 0, put = 0;
    for (uint32_t i = 0; i < f->n_facts && put < max_facts; i++) {
        unsigned n = chain_of(r, r->facts[f->facts[i]].part, chain), same = 0;
        while (same < n && same < n_shown && chain[same] == shown[same])
            same++;
        for (unsigned d = same; d < n; d++)
            put_part_line(p, chain[d], d);
        for (unsigned d = 0; d < n; d++)
            shown[d] = chain[d];
        n_shown = n;
        put_fact_line(p, f->facts[i], n);
        put++;
    }
    if (put < f->n_facts) {
        char number[16];
        snprintf(number, sizeof number, "%u", (unsigned)(f->n_facts - put));
        slice value = slice_of(number);
        indent(p, 0);
        message_put(p->out, MSG_REPORT_MORE, p->style->language, &value, 1);
        buf_byte(p->out, '\n');
    }
}

static void put_exception(const struct page *p, const struct finding *f)
{
    const struct exception *e = &p->in->policy->exceptions[f->exception];
    slice values[] = { e->reason, e->author, e->expires };
    indent(p, 1);
    message_put(p->out, MSG_REPORT_EXCEPTED, p->style->language, values, 3);
    buf_byte(p->out, '\n');
}

static void put_finding(const struct page *p, const struct finding *f)
{
    static const enum message levels[] = { MSG_LEVEL_INFORMATIONAL, MSG_LEVEL_LOW, MSG_LEVEL_MEDIUM,
                                           MSG_LEVEL_HIGH, MSG_LEVEL_CRITICAL };
    struct rule_info info = { .id = SLICE_LIT("promise") };
    struct rule_text title = { 0 };
    if (f->rule != NO_ID) {
        info = rules_info(p->in->rules, f->rule);
        title = info.title;
    } else if (f->promise != NO_ID) {
        title = p->in->policy->promises[f->promise].reason;
    }
    buf_format(p->out, "    [%s] ", word(p, levels[f->level]));
    report_printable(p->out, pick(p, &title), 200);
    buf_format(p->out, "  (%.*s)", SLICE_FMT(info.id));
    if (f->observed_only)
        buf_format(p->out, "  %s", word(p, MSG_REPORT_OBSERVED));
    buf_byte(p->out, '\n');
    if (f->excepted)
        put_exception(p, f);
}

static void put_findings(const struct page *p)
{
    const struct judgement *v = p->in->judgement;
    unsigned max_facts = p->style->details ? UINT32_MAX : FACTS_SHORT;
    if (v->decisive != NO_ID) {
        buf_format(p->out, "  %s:\n", word(p, MSG_REPORT_CHAIN));
        put_chain(p, &v->findings[v->decisive], max_facts);
    }
    if (v->n_findings == 0)
        return;
    buf_format(p->out, "  %s:\n", word(p, MSG_REPORT_FINDINGS));
    for (uint32_t i = 0; i < v->n_findings; i++) {
        if (!p->style->details && i >= FINDINGS_SHORT)
            break;
        put_finding(p, &v->findings[i]);
        if (p->style->details && i != v->decisive)
            put_chain(p, &v->findings[i], max_facts);
    }
}

static void put_unread_line(const struct page *p, const struct unread *u)
{
    enum message cause = message_by_key("cause.", slice_of(unread_cause_name(u->cause)));
    const struct unread_row *row = unread_row(u->of);
    enum message type = u->of == UNREAD_OF_TYPE ? message_by_key("type.", u->name) : MSG_COUNT;
    slice value = type != MSG_COUNT ? slice_of(word(p, type))
                  : u->name.len
                      ? u->name
                      : slice_of(p->style->language == LANGUAGE_JA ? row->japanese : row->english);
    struct buf text = buf_new(1024);
    message_put(&text, cause, p->style->language, &value, 1);
    indent(p, 0);
    report_printable(p->out, p->in->record->parts[u->part].name, NAME_MAX_BYTES);
    if (p->in->record->parts[u->part].name.len)
        buf_text(p->out, "  ");
    report_printable(p->out, buf_slice(&text), 300);
    buf_byte(p->out, '\n');
    buf_drop(&text);
}

static void put_unread(const struct page *p)
{
    const struct record *r = p->in->record;
    if (r->n_unread == 0)
        return;
    buf_format(p->out, "  %s:\n", word(p, MSG_REPORT_UNREAD));
    for (uint32_t i = 0; i < r->n_unread && (p->style->details || i < UNREAD_SHORT); i++)
        put_unread_line(p, &r->unread[i]);
}

/* The calls that lead to an effect, but for those that the effect before it has shown. */
static void put_way(const struct page *p, const struct effect *e, const struct effect *before)
{
    uint32_t same = 0;
    while (before && same < e->n_via && same < before->n_via &&
           slice_eq(e->via[same], before->via[same]))
        same++;
    for (uint32_t i = same; i < e->n_via; i++) {
        indent(p, i < WAY_DEPTH ? i : WAY_DEPTH);
        put_safe(p, e->via[i], NAME_MAX_BYTES);
        buf_byte(p->out, '\n');
    }
}

/* From which lines the values came: "Module1 12, 40". */
static void put_origins(const struct page *p, const struct effect *e)
{
    const struct record *r = p->in->record;
    uint32_t part = NO_ID;
    for (uint32_t i = 0, shown = 0; i < e->n_origins && shown < FACTS_SHORT; i++) {
        const struct effect_origin *o = &e->origins[i];
        if (o->line == NO_LINE || o->part >= r->n_parts)
            continue;
        buf_text(p->out, shown ? ", " : "  [");
        if (o->part != part) {
            put_safe(p,
                     r->parts[o->part].name.len ? r->parts[o->part].name : r->parts[o->part].type,
                     NAME_MAX_BYTES);
            buf_text(p->out, ":");
        }
        buf_format(p->out, "%u", (unsigned)o->line);
        part = o->part;
        shown++;
    }
    buf_text(p->out, part == NO_ID ? "" : "]");
}

static void put_effect(const struct page *p, const struct effect *e)
{
    enum message kind = message_by_key("effect.", slice_of(effect_kind_name(e->kind)));
    indent(p, e->n_via < WAY_DEPTH ? e->n_via : WAY_DEPTH);
    colour(p, "1");
    buf_text(p->out, word(p, kind));
    colour(p, "0");
    for (uint32_t k = 0; k < e->n_arguments; k++) {
        buf_text(p->out, "  ");
        put_safe(p, e->arguments[k].value, p->style->details ? EFFECT_MAX : VALUE_MAX);
    }
    buf_text(p->out, "  (");
    put_safe(p, e->sink, NAME_MAX_BYTES);
    if (!e->known)
        buf_format(p->out, "; %s", word(p, MSG_EFFECT_PARTIAL));
    if (e->conditional)
        buf_format(p->out, "; %s", word(p, MSG_EFFECT_CONDITIONAL));
    buf_byte(p->out, ')');
    if (p->style->details)
        put_origins(p, e);
    buf_byte(p->out, '\n');
}

/* What the code would do, under the calls that lead there: entry, call, sink. */
static void put_effects(const struct page *p)
{
    const struct record *r = p->in->record;
    if (r->n_effects == 0)
        return;
    uint32_t most =
        p->style->details || r->n_effects <= EFFECTS_SHORT ? r->n_effects : EFFECTS_SHORT;
    buf_format(p->out, "  %s:\n", word(p, MSG_REPORT_EFFECTS));
    for (uint32_t i = 0; i < most; i++) {
        put_way(p, &r->effects[i], i ? &r->effects[i - 1] : NULL);
        put_effect(p, &r->effects[i]);
    }
    if (most < r->n_effects) {
        char left[16];
        snprintf(left, sizeof left, "%u", (unsigned)(r->n_effects - most));
        slice value = slice_of(left);
        indent(p, 0);
        message_put(p->out, MSG_EFFECT_MORE, p->style->language, &value, 1);
        buf_byte(p->out, '\n');
    }
}

static void put_coverage(const struct page *p)
{
    char parts[16], bytes[24];
    uint64_t total = 0;
    for (uint32_t i = 0; i < p->in->record->n_parts; i++)
        total += p->in->record->parts[i].size;
    snprintf(parts, sizeof parts, "%u", (unsigned)p->in->record->n_parts);
    snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)total);
    slice values[] = { slice_of(parts), slice_of(bytes) };
    buf_text(p->out, "  ");
    message_put(p->out, MSG_REPORT_READ, p->style->language, values, 2);
    buf_byte(p->out, '\n');
}

void report_text(struct buf *out, const struct report_input *in, const struct report_style *style)
{
    struct page p = { out, in, style };
    put_first_line(&p);
    put_layers_off(&p);
    if (in->judgement->verdict == VERDICT_CLEAN && !style->details &&
        in->judgement->n_findings == 0)
        return;
    if (in->judgement->name.len)
        buf_format(out, "  %s: %.*s\n", word(&p, MSG_REPORT_NAME), SLICE_FMT(in->judgement->name));
    put_todo(&p);
    put_findings(&p);
    put_effects(&p);
    put_unread(&p);
    if (style->details) {
        put_votes(&p);
        put_coverage(&p);
    }
}

void report_effects(struct buf *out, const struct record *r, const struct report_style *style)
{
    struct report_input in = { .record = r };
    struct page p = { out, &in, style };
    put_effects(&p);
}
