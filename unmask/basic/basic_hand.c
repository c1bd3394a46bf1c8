/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that run a text in another language: the Script Control (its reference: AddCode, Eval,
 * ExecuteStatement, Run), and a page without a window (htmlfile). What such code gives back is
 * unknown; what it would do is found where it is handed on. */
#include "base/text.h"
#include "decode/page.h"
#include "unmask/basic/basic.h"

static bool is(slice s, const char *name) { return slice_is_nocase(s, name); }

static struct text lit(struct machine *m, const char *s) { return text_of(m->t, slice_of(s), TEXT_NOWHERE); }

static void hand_on(struct machine *m, slice language, enum page_language fallback, struct text code)
{
    enum page_language l = page_language(language, fallback);
    if (!m->error && l != PAGE_OTHER)
        basic_hand_on(m, l == PAGE_VBSCRIPT ? "vbscript" : "jscript", code);
}

/* "f 1, "a"" or "f(1, 'a')": what Run calls; false where an argument is not known. */
static bool call_text(struct machine *m, bool vbscript, struct arg *args, uint32_t n, struct text *out)
{
    struct text quote = lit(m, "\"");
    *out = basic_string(m, args[0].v);
    *out = text_join(m->t, *out, lit(m, vbscript ? " " : "("));
    for (uint32_t i = 1; i < n && !m->error; i++) {
        struct value v = basic_plain(m, args[i].v);
        if (m->error || v.type == V_UNKNOWN || v.type == V_ARRAY)
            return false;
        struct text s = basic_string(m, v);
        bool words = v.type == V_STRING;
        if (words && (text_find(s, quote, 0, false) != UINT32_MAX || text_find(s, lit(m, "\\"), 0, false) != UINT32_MAX))
            return false;
        *out = i > 1 ? text_join(m->t, *out, lit(m, ", ")) : *out;
        *out = text_join(m->t, *out, words ? text_join(m->t, quote, text_join(m->t, s, quote)) : s);
    }
    *out = text_join(m->t, *out, lit(m, vbscript ? "" : ")"));
    return !m->error;
}

static bool control_member(struct machine *m, struct object *o, slice name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    struct text before = o->content.type == V_STRING ? text_join(m->t, o->content.s, lit(m, "\n")) : (struct text){ 0 }, code;
    if (is(name, "language")) {
        if (how == HOW_LET && n) {
            basic_touch(m, o);
            o->path = basic_plain(m, args[n - 1].v);
        }
        *out = o->path;
        return true;
    }
    bool adds = is(name, "addcode"), runs = is(name, "run");
    if (n == 0 || (!adds && !runs && !is(name, "eval") && !is(name, "executestatement")))
        return false;
    slice language = o->path.type == V_STRING ? text_utf8(m->t, o->path.s) : (slice){ 0 };
    bool vbscript = page_language(language, PAGE_VBSCRIPT) == PAGE_VBSCRIPT;
    if (!runs)
        code = basic_string(m, args[0].v);
    else if (!call_text(m, vbscript, args, n, &code))
        code = (struct text){ 0 };
    code = text_join(m->t, before, code);
    if (adds && !m->error) {
        basic_touch(m, o);
        o->content = basic_text(code);
    }
    hand_on(m, language, PAGE_VBSCRIPT, code);
    *out = adds ? (struct value){ .type = V_EMPTY } : basic_unknown(m, "ScriptControl");
    return true;
}

static bool page_member(struct machine *m, struct object *o, slice name, struct arg *args, uint32_t n, struct value *out)
{
    if (is(name, "parentwindow") || is(name, "script") || is(name, "defaultview") || is(name, "document") || is(name, "window"))
        *out = basic_object(o);
    else if (is(name, "execscript") && n) {
        struct text code = basic_string(m, args[0].v), language = m->error || n < 2 ? (struct text){ 0 } : basic_string(m, args[1].v);
        hand_on(m, text_utf8(m->t, language), PAGE_JSCRIPT, code);
    } else if ((is(name, "write") || is(name, "writeln")) && n) {
        struct text s = basic_string(m, args[0].v), before = o->content.type == V_STRING ? o->content.s : (struct text){ 0 };
        if (o->content.type == V_UNKNOWN)
            before = text_hole(m->t, o->content.mark);
        basic_touch(m, o);
        o->content = m->error ? o->content : basic_text(text_join(m->t, before, s));
        if (!m->error && text_find(s, lit(m, "</"), 0, false) != UINT32_MAX) { /* a piece that ends: read once */
            basic_hand_on(m, "html", o->content.s);
            o->content = (struct value){ .type = V_EMPTY };
        }
    } else if (is(name, "close") || is(name, "open"))
        *out = (struct value){ .type = V_EMPTY };
    else
        return false;
    return true;
}

bool basic_hand_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    if (o->class_ == C_SCRIPT_CONTROL)
        return control_member(m, o, m->names[name].text, args, n, how, out);
    return o->class_ == C_HTMLFILE && how != HOW_LET && how != HOW_SETS && page_member(m, o, m->names[name].text, args, n, out);
}
