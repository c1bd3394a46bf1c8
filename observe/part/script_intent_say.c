/* SPDX-License-Identifier: Apache-2.0 */
/* From what was seen to facts. Where a word could be of another host's programs (Run, Send), it
 * counts only in a script that Windows Script Host runs. */
#include "base/text.h"
#include "decode/links.h"
#include "observe/part/script_intent_private.h"

enum { URLS_MAX = 32 };

static const char *const technique_names[TECHNIQUES] = {
    [TECHNIQUE_SPLIT] = "words in pieces",
    [TECHNIQUE_CODES] = "character codes",
    [TECHNIQUE_ESCAPES] = "escaped letters",
    [TECHNIQUE_MEMBERS] = "computed members",
    [TECHNIQUE_CLASS] = "computed class",
    [TECHNIQUE_EVAL] = "evaluated text",
    [TECHNIQUE_COMMENT] = "code in a comment",
    [TECHNIQUE_PIECES] = "many tiny literals",
    [TECHNIQUE_CODE] = "code in pieces",
    [TECHNIQUE_DECODER] = "decoder",
    [TECHNIQUE_LITERAL] = "long literal",
    [TECHNIQUE_NAMES] = "random names",
    [TECHNIQUE_ALIAS] = "alias of eval",
    [TECHNIQUE_TABLE] = "table of pieces",
    [TECHNIQUE_JUNK] = "junk",
    [TECHNIQUE_SHELL] = "shell words in pieces",
};

static const char *const act_names[ACTS] = {
    [ACT_RUN] = "run",   [ACT_FETCH] = "fetch",     [ACT_WRITE] = "write",
    [ACT_EVAL] = "eval", [ACT_PERSIST] = "persist", [ACT_PROBE] = "probe",
    [ACT_HIDE] = "hide", [ACT_SPREAD] = "spread",
};

void script_intent_urls(struct walk *w, slice s)
{
    static const char *const schemes[] = { "http", "https", "ftp", "hxxp" };
    unsigned n_urls = 0;
    for (size_t colon = 0;
         n_urls < URLS_MAX && (colon = slice_find(s, SLICE_LIT("://"), colon)) != SIZE_MAX;
         colon += 3) {
        size_t from = SIZE_MAX, to = colon + 3;
        for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
            size_t n = strlen(schemes[i]);
            if (n <= colon && slice_starts_nocase(slice_from(s, colon - n), schemes[i]))
                from = colon - n;
        }
        while (to < s.len && s.at[to] > ' ' && !strchr("\"'<>,;*|)`", s.at[to]))
            to++;
        if (from == SIZE_MAX || to < colon + 7)
            continue;
        slice url = slice_sub(s, from, to - from);
        n_urls++;
        walk_text(w, FACT_SCRIPT_URL, utf8_cut(url, 1024), NOWHERE);
        walk_link(w, url, (slice){ 0 }, NOWHERE, "script");
    }
}

static void measure(struct intent *t)
{
    const unsigned code = t->length < UINT32_MAX ? (unsigned)t->length : UINT32_MAX;
    bool old = t->modern == 0;
    if (t->splits >= 2)
        t->techniques |= 1u << TECHNIQUE_SPLIT;
    if (t->codes >= 16 || (t->codes >= 6 && code < 4096))
        t->techniques |= 1u << TECHNIQUE_CODES;
    if (t->escapes >= 40 && old)
        t->techniques |= 1u << TECHNIQUE_ESCAPES;
    if (t->computed_members >= 2)
        t->techniques |= 1u << TECHNIQUE_MEMBERS;
    if (t->eval_computed)
        t->techniques |= 1u << TECHNIQUE_EVAL;
    if (old && t->tiny >= 40 && t->tiny * 10 >= t->strings * 6 && t->strings * 40 > code)
        t->techniques |= 1u << TECHNIQUE_PIECES;
    if (old && t->code_pieces >= 12 && t->code_pieces * 8 >= t->strings)
        t->techniques |= 1u << TECHNIQUE_CODE;
    if (old && t->longest >= 1024 && t->longest * 2 > code)
        t->techniques |= 1u << TECHNIQUE_LITERAL;
    if (old && t->decodes == 7 && t->longest >= 256 && t->string_bytes * 3 > code)
        t->techniques |= 1u << TECHNIQUE_DECODER;
    if (old && t->names >= 30 && t->odd_names * 3 >= t->names)
        t->techniques |= 1u << TECHNIQUE_NAMES;
    if (old && t->tables)
        t->techniques |= 1u << TECHNIQUE_TABLE;
}

void script_intent_say(struct intent *t)
{
    struct walk *w = t->w;
    measure(t);
    /* A page that is older than XMLHttpRequest has this object too: alone it says nothing there. */
    if (t->hosts == HOST_ACTIVE && !t->modern)
        t->hosts |= HOST_WSH;
    bool wsh = t->hosts & HOST_WSH;
    unsigned acts = t->acts | (wsh ? script_intent_class_acts(t->classes) &
                                         (1u << ACT_PROBE | 1u << ACT_SPREAD | 1u << ACT_PERSIST)
                                   : 0);
    if (wsh)
        walk_cstr(w, FACT_SCRIPT_HOST, "wsh", NOWHERE);
    if (t->hosts & HOST_BROWSER)
        walk_cstr(w, FACT_SCRIPT_HOST, "browser", NOWHERE);
    if (t->hosts & HOST_NODE)
        walk_cstr(w, FACT_SCRIPT_HOST, "node", NOWHERE);
    if (!(t->hosts & (HOST_WSH | HOST_BROWSER | HOST_NODE)) && !t->modern)
        walk_cstr(w, FACT_SCRIPT_HOST, "any", NOWHERE);
    if (t->modern)
        walk_cstr(w, FACT_SCRIPT_HOST, "modern", NOWHERE);
    for (unsigned i = 0; i < SCRIPT_CLASSES; i++)
        if (t->classes >> i & 1)
            walk_cstr(w, FACT_SCRIPT_CLASS, script_intent_class_name(i), NOWHERE);
    for (unsigned i = 0; wsh && i < SCRIPT_MEMBERS; i++) {
        unsigned act = 1u << script_intent_member_act(i);
        bool fits = script_intent_member_tells(i) || t->computed_classes || t->techniques ||
                    (script_intent_class_acts(t->classes) & act) ||
                    act & (1u << ACT_WRITE | 1u << ACT_PROBE);
        if (!(t->sinks[i / 32] >> i % 32 & 1) || !fits)
            continue;
        walk_cstr(w, FACT_SCRIPT_SINK, script_intent_member_name(i), NOWHERE);
        acts |= 1u << script_intent_member_act(i);
    }
    for (unsigned i = 0; i < ACTS; i++)
        if (acts >> i & 1)
            walk_cstr(w, FACT_SCRIPT_SINK_KIND, act_names[i], NOWHERE);
    if (t->computed_classes)
        walk_int(w, FACT_SCRIPT_CLASS_COMPUTED, t->computed_classes, NOWHERE);
    int64_t score = 0;
    for (unsigned i = 0; i < TECHNIQUES; i++)
        if (t->techniques >> i & 1) {
            score++;
            walk_cstr(w, FACT_SCRIPT_OBFUSCATION, technique_names[i], NOWHERE);
        }
    if (score)
        walk_int(w, FACT_SCRIPT_OBFUSCATION_SCORE, score, NOWHERE);
    for (uint32_t i = 0; wsh && i < t->n_said; i++) {
        walk_text(w, FACT_SCRIPT_STRING, utf8_cut(t->said[i], 1024), NOWHERE);
        script_intent_urls(w, t->said[i]);
    }
}
