/* SPDX-License-Identifier: Apache-2.0 */
/* explain - what a detection name or a rule means, for the person who met it. */
#include "base/text.h"
#include "report/report.h"

static void line(struct buf *out, enum message m, enum language l, slice value)
{
    if (value.len)
        buf_format(out, "  %s: %.*s\n", message_text(m, l), SLICE_FMT(value));
}

/* Rules of others have English only: better nothing than another language than was asked for. */
static slice pick(const struct rule_text *t, enum language l)
{
    return l == LANGUAGE_JA ? t->ja : t->en;
}

static void put_layer(struct buf *out, enum layer layer, enum language l)
{
    struct buf text = buf_new(512);
    buf_format(&text, l == LANGUAGE_JA ? "%s（%s）" : "%s (%s)", layer_name(layer),
               layer_title(layer, l == LANGUAGE_JA));
    line(out, MSG_EXPLAIN_LAYER, l, buf_slice(&text));
    buf_drop(&text);
}

static void put_rule(struct buf *out, const struct rule_info *i, enum language l)
{
    static const enum message states[] = { MSG_EXPLAIN_STATE_OFF, MSG_EXPLAIN_STATE_OBSERVE,
                                           MSG_EXPLAIN_STATE_ON };
    enum message level = message_by_key("level.", slice_of(rule_level_name(i->level)));
    buf_format(out, "%.*s\n", SLICE_FMT(i->name.len ? i->name : i->id));
    slice title = pick(&i->title, l), description = pick(&i->description, l);
    buf_format(out, "  %.*s\n",
               SLICE_FMT(title.len ? title : i->title.en)); /* a name, if need be a foreign one */
    if (description.len)
        buf_format(out, "  %.*s\n", SLICE_FMT(description));
    line(out, MSG_EXPLAIN_RULE, l, i->id);
    line(out, MSG_EXPLAIN_LEVEL, l, slice_of(message_text(level, l)));
    line(out, MSG_EXPLAIN_STATE, l, slice_of(message_text(states[i->state], l)));
    line(out, MSG_EXPLAIN_SOURCE, l, slice_of(event_kind_name(i->kind)));
    put_layer(out, i->layer, l);
    line(out, MSG_EXPLAIN_ATTACK, l, i->attack);
    line(out, MSG_EXPLAIN_FALSEPOSITIVES, l, pick(&i->falsepositives, l));
    line(out, MSG_REPORT_TODO, l, pick(&i->todo, l));
    line(out, MSG_EXPLAIN_FILE, l, i->file);
    if (!i->in_force)
        buf_format(out, "  %s\n", message_text(MSG_EXPLAIN_NOT_IN_FORCE, l));
}

bool report_explain(struct buf *out, const struct rules *rules, slice name, enum language l)
{
    if (slice_is_nocase(name, "Policy.Mail.SenderPromise") || slice_is_nocase(name, "promise")) {
        buf_format(out, "Policy.Mail.SenderPromise\n  %s\n", message_text(MSG_EXPLAIN_PROMISE, l));
        return true;
    }
    struct rule_text reason, todo;
    if (text_explain_unread(name, &reason, &todo)) {
        buf_format(out, "%.*s\n  %.*s\n", SLICE_FMT(name), SLICE_FMT(pick(&reason, l)));
        line(out, MSG_REPORT_TODO, l, pick(&todo, l));
        return true;
    }
    size_t n = rules_count(rules);
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        struct rule_info info = rules_info(rules, i);
        if (!slice_eq_nocase(info.id, name) && !slice_eq_nocase(info.uuid, name) &&
            !slice_eq_nocase(info.name, name))
            continue;
        put_rule(out, &info, l);
        found = true;
    }
    return found;
}
