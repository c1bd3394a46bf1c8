/* SPDX-License-Identifier: Apache-2.0 */
/* The page around a script, as far as droppers use it: window and document of Internet Explorer,
 * in which HTML applications run (MSHTML reference). Text of elements comes from what the reader
 * of the page found (decode/page.h); what has markup inside is unknown where its exact form would
 * depend on the browser. */
#include "base/text.h"
#include "unmask/vbscript/vbscript_private.h"

enum { NAME_MAX_LEN = 64 };

static bool is(slice s, const char *name) { return slice_is_nocase(s, name); }

static bool one_of(slice s, const char *const *names)
{
    for (; *names; names++)
        if (is(s, *names))
            return true;
    return false;
}

static struct value host_object(struct machine *m, enum vbs_host place) { return basic_object(vbs_object(m, place)); }

static struct text literal(struct machine *m, const char *s) { return text_of(m->t, slice_of(s), TEXT_NOWHERE); }

/* --- what goes somewhere */

static void hand_on(struct machine *m, const char *type, struct text code)
{
    if (code.n > 1)
        unmask_hand_on(m->u, m->w, type, code, NULL, 0);
}

/* A page goes to another one, or to a text that is a program. */
static void go_to(struct machine *m, const char *sink, struct value url)
{
    struct text s = basic_string(m, url);
    if (m->error)
        return;
    slice head = text_utf8(m->t, text_sub(s, 0, 12));
    if (slice_starts_nocase(head, "javascript:"))
        hand_on(m, "jscript", text_sub(s, 11, UINT32_MAX));
    else if (slice_starts_nocase(head, "vbscript:"))
        (void)vbs_execute(m, text_sub(s, 9, UINT32_MAX), SLICE_LIT("location"), BODY_GLOBAL);
    else if (text_find(s, literal(m, "://"), 0, false) != UINT32_MAX || slice_starts(head, SLICE_LIT("\\\\")))
        basic_say_download(m, sink, url, (struct value){ .type = V_MISSING });
}

static void message(struct machine *m, const char *sink, struct arg *args, uint32_t n)
{
    struct unmask_argument a[] = { { "text", vbs_joined(m, args, n < 1 ? n : 1, "") } };
    if (!m->error)
        basic_say(m, EFFECT_MESSAGE, sink, a, 1);
}

static void set_timer(struct machine *m, struct arg *args, uint32_t n)
{
    struct vbs *host = vbs_of(m);
    struct value v = basic_arg(args, n, 0);
    slice language = n > 2 && args[2].v.type == V_STRING ? text_utf8(m->t, args[2].v.s) : (slice){ 0 };
    if (v.type == V_STRING && page_language(language, PAGE_VBSCRIPT) == PAGE_JSCRIPT)
        hand_on(m, "jscript", v.s);
    else if (host->n_timers < VBS_TIMERS_MAX)
        host->timers[host->n_timers++] = v;
}

/* window.execScript: JScript where no language is named. */
static void exec_script(struct machine *m, struct arg *args, uint32_t n)
{
    struct text code = basic_string(m, basic_arg(args, n, 0)), language = m->error || n < 2 ? (struct text){ 0 } : basic_string(m, args[1].v);
    if (m->error)
        return;
    if (page_language(text_utf8(m->t, language), PAGE_JSCRIPT) == PAGE_VBSCRIPT)
        (void)vbs_execute(m, code, SLICE_LIT("execScript"), BODY_GLOBAL);
    else
        hand_on(m, "jscript", code);
}

void vbs_page_end(struct machine *m)
{
    struct vbs *host = vbs_of(m);
    struct text s = host->written;
    host->written = (struct text){ 0 };
    if (text_find(s, literal(m, "<"), 0, false) != UINT32_MAX)
        hand_on(m, "html", s);
}

/* --- elements */

static struct value element_value(struct machine *m, const struct page_element *e);

static struct value text_at(struct machine *m, const struct page_element *e, slice s)
{
    return basic_text(text_of(m->t, s, texts_origin(m->t, m->w->part, e->at, NO_LINE)));
}

static bool has_break(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] == '\n' || s.at[i] == '\r' || s.at[i] == '\t' || (s.at[i] == ' ' && (i == 0 || i + 1 == s.len || s.at[i - 1] == ' ')))
            return true;
    return false;
}

/* innerText collapses white space by style and mode: known where there is none to collapse. */
static struct value shown_text(struct machine *m, const struct page_element *e, bool exact)
{
    slice s = page_text(vbs_of(m)->page, e);
    bool area = is(e->tag, "textarea"), raw = area || is(e->tag, "xmp") || is(e->tag, "script") || is(e->tag, "title");
    if (area && s.len && (s.at[0] == '\n' || (s.len > 1 && s.at[0] == '\r')))
        s = slice_from(s, s.at[0] == '\r' ? 2 : 1); /* WHATWG HTML 13.2.6.4.7 */
    if (!exact && !raw && has_break(s))
        return basic_unknown(m, "innerText");
    if (area && slice_find_byte(s, '\n', 0) != SIZE_MAX)
        return basic_unknown(m, "lines of a textarea"); /* how they end depends on the browser */
    return text_at(m, e, s);
}

static struct value markup(struct machine *m, const struct page_element *e)
{
    slice s = e->inner;
    bool plain = slice_find_byte(s, '<', 0) == SIZE_MAX && slice_find_byte(s, '&', 0) == SIZE_MAX && slice_find_byte(s, '>', 0) == SIZE_MAX;
    return plain && !has_break(s) ? text_at(m, e, s) : basic_unknown(m, "innerHTML");
}

static struct value attribute(struct machine *m, const struct page_element *e, slice name)
{
    slice value;
    char wanted[NAME_MAX_LEN];
    size_t n = slice_copy_out(name, (uint8_t *)wanted, sizeof wanted - 1);
    wanted[n] = '\0';
    if (name.len < sizeof wanted && page_attribute(vbs_of(m)->page, e, wanted, &value))
        return text_at(m, e, value);
    return (struct value){ .type = V_NULL };
}

static struct value set_before(struct machine *m, struct object *o, slice name)
{
    uint32_t id = basic_lex_name(m, name);
    struct value key = basic_int(V_LONG, (int64_t)id | (int64_t)1 << 40);
    struct value *at = basic_pair_at(m, o, key, false);
    return at ? o->fogged ? basic_foreign(m, o, id) : *at : (struct value){ .type = V_MISSING };
}

static bool element_get(struct machine *m, struct object *o, const struct page_element *e, slice name, struct value *out)
{
    static const char *const texts[] = { "innertext", "outertext", "text", NULL };
    struct value v = set_before(m, o, name);
    if (v.type != V_MISSING)
        *out = v;
    else if (!e)
        return false;
    else if (one_of(name, texts) || (is(name, "value") && is(e->tag, "textarea")))
        *out = shown_text(m, e, false);
    else if (is(name, "textcontent"))
        *out = shown_text(m, e, true);
    else if (is(name, "innerhtml"))
        *out = is(e->tag, "textarea") ? basic_unknown(m, "innerHTML") : markup(m, e);
    else if (is(name, "tagname") || is(name, "nodename"))
        *out = basic_unknown(m, "tagName");
    else
        *out = attribute(m, e, name);
    return out->type != V_NULL;
}

static const struct page_element *element_of(struct machine *m, const struct object *o)
{
    return o->place == HOST_ELEMENT && o->row && vbs_of(m)->page ? page_at(vbs_of(m)->page, o->row - 1) : NULL;
}

static bool element_member(struct machine *m, struct object *o, slice name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    static const char *const nothing[] = { "click", "focus", "select", "blur", "removechild", "attachevent", "addeventlistener", "scrollintoview", NULL };
    static const char *const same[] = { "style", "children", "childnodes", "firstchild", "lastchild", "item", "all", "parentnode", "parentelement", "contentwindow", NULL };
    const struct page_element *e = element_of(m, o);
    if (how == HOW_LET || how == HOW_SETS) {
        if (is(name, "src") || (is(name, "href") && how == HOW_LET))
            go_to(m, "element.src", args[n - 1].v);
        (void)basic_prop(m, o, basic_lex_name(m, name), NULL, HOW_LET, args[n - 1].v);
        return true;
    }
    if (is(name, "getattribute") && n && e && args[0].v.type == V_STRING) {
        *out = attribute(m, e, text_utf8(m->t, args[0].v.s));
        return true;
    }
    if (is(name, "setattribute") && n > 1 && args[0].v.type == V_STRING)
        return element_member(m, o, text_utf8(m->t, args[0].v.s), args + 1, 1, HOW_LET, out);
    if (one_of(name, nothing))
        return true;
    if (is(name, "appendchild") || is(name, "insertbefore")) {
        *out = basic_arg(args, n, 0);
        return true;
    }
    if (n == 0 && element_get(m, o, e, name, out))
        return true;
    *out = one_of(name, same) ? basic_unknown_of(NULL, texts_reason(m->t, name)) : basic_foreign(m, o, basic_lex_name(m, name));
    return true;
}

/* <object id=x classid=...> is what it names; any other element is itself, and always the same. */
static struct value element_value(struct machine *m, const struct page_element *e)
{
    struct script_page *page = vbs_of(m)->page;
    uint32_t index = (uint32_t)(e - page->elements) + 1;
    struct object **first = &m->things[index % BASIC_THINGS];
    for (struct object *o = *first; o; o = o->next_thing)
        if (o->named == index)
            return basic_object(o);
    struct value v = { 0 };
    slice name;
    if (is(e->tag, "object") && page_attribute(page, e, "progid", &name))
        v = basic_object_create(m, text_of(m->t, name, TEXT_NOWHERE));
    else if (is(e->tag, "object") && page_attribute(page, e, "classid", &name))
        v = basic_object_create(m, text_join(m->t, literal(m, "new:{"), text_of(m->t, slice_from(name, slice_starts_nocase(name, "clsid:") ? 6 : 0), TEXT_NOWHERE)));
    else
        v = host_object(m, HOST_ELEMENT);
    if (v.type == V_OBJECT && v.o) {
        v.o->row = v.o->class_ == C_HOST ? index : v.o->row;
        v.o->name = v.o->name.len ? v.o->name : e->id;
        v.o->named = index;
        v.o->next_thing = *first;
        *first = v.o;
    }
    return v;
}

static struct value by_name(struct machine *m, slice name)
{
    struct script_page *page = vbs_of(m)->page;
    const struct page_element *e = page && name.len ? page_find(page, name) : NULL;
    return e ? element_value(m, e) : page ? basic_object(NULL) : basic_unknown(m, "getElementById");
}

/* The index-th of a kind of tag; an empty tag is any. */
static struct value by_index(struct machine *m, slice tag, int64_t index)
{
    struct script_page *page = vbs_of(m)->page;
    const struct page_element *e;
    for (uint32_t i = 0; page && index >= 0 && (e = page_at(page, i)) != NULL; i++)
        if ((tag.len == 0 || slice_eq_nocase(e->tag, tag) || is(tag, "*")) && index-- == 0)
            return element_value(m, e);
    return basic_unknown(m, "element");
}

static struct value list_of(struct machine *m, slice tag)
{
    struct object *o = vbs_object(m, HOST_ELEMENTS);
    if (o)
        o->name = tag;
    return basic_object(o);
}

static struct value list_item(struct machine *m, struct object *o, struct arg *args, uint32_t n)
{
    int64_t k = 0;
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    if (v.type == V_STRING && text_known(v.s))
        return by_name(m, text_utf8(m->t, v.s));
    if (!basic_step(m, 50) || v.type == V_UNKNOWN || !basic_integer(m, v, &k))
        return basic_unknown(m, "element");
    return by_index(m, o->name, k);
}

/* --- document, location, window */

static bool document_member(struct machine *m, slice name, struct arg *args, uint32_t n, bool put, struct value *out)
{
    static const char *const lists[] = { "all", "forms", "images", "links", "anchors", "scripts", "embeds", NULL };
    static const char *const tags[] = { "", "form", "img", "a", "a", "script", "embed" };
    static const char *const nothing[] = { "open", "close", "execcommand", "attachevent", "addeventlistener", "focus", "clear", "createeventobject", NULL };
    struct vbs *host = vbs_of(m);
    struct value a = basic_arg(args, n, 0);
    slice word = n && a.type == V_STRING && text_known(a.s) ? text_utf8(m->t, a.s) : (slice){ 0 };
    if (is(name, "write") || is(name, "writeln")) {
        host->written = text_join(m->t, host->written, vbs_joined(m, args, n, ""));
        return true;
    }
    if (put && (is(name, "location") || is(name, "url")))
        go_to(m, "document.location", a);
    else if (is(name, "getelementbyid"))
        *out = word.len ? by_name(m, word) : basic_unknown(m, "getElementById");
    else if (is(name, "getelementsbyname"))
        *out = word.len ? by_name(m, word) : basic_unknown(m, "getElementsByName"); /* its first is asked for */
    else if (is(name, "getelementsbytagname"))
        *out = list_of(m, word.len ? word : SLICE_LIT("?"));
    else if (is(name, "location"))
        *out = host_object(m, HOST_LOCATION);
    else if (is(name, "parentwindow") || is(name, "defaultview") || is(name, "script"))
        *out = host_object(m, HOST_WINDOW);
    else if (is(name, "createelement") || is(name, "body") || is(name, "documentelement") || is(name, "head"))
        *out = host_object(m, HOST_ELEMENT);
    else if (one_of(name, nothing) || put)
        *out = (struct value){ .type = V_EMPTY };
    else if (is(name, "title") && host->page)
        *out = by_index(m, SLICE_LIT("title"), 0), *out = out->type == V_OBJECT ? basic_object_member(m, *out, W_text, NULL, 0, HOW_GET) : *out;
    else {
        for (size_t i = 0; lists[i]; i++)
            if (is(name, lists[i])) {
                *out = basic_apply(m, list_of(m, slice_of(tags[i])), args, n, HOW_GET);
                return true;
            }
        struct value v = host->page ? by_name(m, name) : (struct value){ 0 };
        if (v.type != V_OBJECT || !v.o)
            return false;
        *out = v;
    }
    return true;
}

static bool location_member(struct machine *m, slice name, struct arg *args, uint32_t n, bool put)
{
    if ((put && is(name, "href")) || is(name, "replace") || is(name, "assign")) {
        if (n)
            go_to(m, "location", args[n - 1].v);
        return true;
    }
    return put || is(name, "reload");
}

static const char *const window_words[] = { "window", "self", "top", "parent", "document", "location", "navigator", "screen", "history", "event",
                                            "clipboarddata", "external", "close", "settimeout", "setinterval", "cleartimeout", "clearinterval",
                                            "alert", "confirm", "prompt", "open", "navigate", "moveto", "resizeto", "moveby", "resizeby", "execscript",
                                            "focus", "blur", "showmodaldialog", "attachevent", "offscreenbuffering", NULL };

static bool window_member(struct machine *m, slice name, struct arg *args, uint32_t n, bool put, struct value *out)
{
    static const char *const windows[] = { "window", "self", "top", "parent", NULL };
    static const char *const nothing[] = { "close", "cleartimeout", "clearinterval", "moveto", "resizeto", "moveby", "resizeby", "focus", "blur", "attachevent", NULL };
    if (put && is(name, "location"))
        go_to(m, "window.location", basic_arg(args, n, 0));
    else if (put || one_of(name, nothing))
        *out = (struct value){ .type = V_EMPTY };
    else if (one_of(name, windows))
        *out = host_object(m, HOST_WINDOW);
    else if (is(name, "document"))
        *out = host_object(m, HOST_DOCUMENT);
    else if (is(name, "location"))
        *out = host_object(m, HOST_LOCATION);
    else if (is(name, "settimeout") || is(name, "setinterval"))
        set_timer(m, args, n), *out = basic_unknown(m, "setTimeout");
    else if (is(name, "alert") || is(name, "confirm") || is(name, "prompt"))
        message(m, "window.alert", args, n), *out = basic_unknown(m, "alert");
    else if (is(name, "open") || is(name, "navigate") || is(name, "showmodaldialog"))
        go_to(m, "window.open", basic_arg(args, n, 0)), *out = basic_unknown(m, "window.open");
    else if (is(name, "execscript"))
        exec_script(m, args, n);
    else
        return false;
    return true;
}

bool vbs_page_member(struct machine *m, struct object *o, slice name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    bool put = how == HOW_LET || how == HOW_SETS, found = true;
    switch (o->place) {
    case HOST_WINDOW:
        found = window_member(m, name, args, n, put, out);
        if (!found && slice_is_nocase(name, "item"))
            *out = basic_object(o), found = true;
        if (!found && basic_lex_name(m, name) && basic_declare_find(m, basic_lex_name(m, name), 0, false))
            *out = basic_call_named(m, text_of(m->t, name, TEXT_NOWHERE), args, n, &found); /* window.f */
        break;
    case HOST_DOCUMENT: found = document_member(m, name, args, n, put, out); break;
    case HOST_LOCATION: found = location_member(m, name, args, n, put); break;
    case HOST_ELEMENTS:
        found = is(name, "item") || is(name, "nameditem");
        *out = found ? list_item(m, o, args, n) : (struct value){ 0 };
        break;
    default: return element_member(m, o, name, args, n, how, out);
    }
    if (!found && !put && !m->error)
        *out = basic_foreign(m, o, basic_lex_name(m, name));
    return true;
}

bool vbs_page_has(struct machine *m, slice name)
{
    struct vbs *host = vbs_of(m);
    if (!host->browser && !host->page)
        return false;
    return (host->browser && one_of(name, window_words)) || (host->page && page_find(host->page, name) != NULL);
}

bool vbs_page_call(struct machine *m, slice name, struct arg *args, uint32_t n, struct value *out)
{
    struct vbs *host = vbs_of(m);
    if (host->browser && one_of(name, window_words)) {
        if (!window_member(m, name, args, n, false, out))
            *out = basic_unknown_slice(m, name);
        return true;
    }
    const struct page_element *e = host->page ? page_find(host->page, name) : NULL;
    if (!e)
        return false;
    *out = basic_apply(m, element_value(m, e), args, n, HOW_GET);
    return true;
}
