/* SPDX-License-Identifier: Apache-2.0 */
/* What a page or a PDF gives its scripts: document, elements, location, Blob, FileReader (HTML,
 * DOM, File API), app and this of Acrobat. A link that is clicked and has a name to download under
 * writes a file: HTML smuggling (T1027.006). Elements of the page come from decode/page.h;
 * others are made when they are asked for and hold nothing that is known. */
#include "unmask/jscript/jscript_host_private.h"

static struct js_slot *slot(struct js *m, struct js_object *o, const char *name)
{
    return js_slot(o, js_atom_cstr(m, name));
}

static struct js_value element_new(struct js *m, struct js_value tag)
{
    struct js_value v = js_host_object(m, H_ELEMENT, "element");
    if (v.kind == JS_OBJECT)
        v.o->v = tag;
    return v;
}

/* --- bytes that become a file */

static struct js_value blob_new(struct js *m, const struct js_value *a, uint32_t n)
{
    struct js_value v = js_host_object(m, H_BLOB, "Blob");
    struct js_object *parts;
    struct buf all = buf_new(64u << 20);
    bool known = n && js_list(m, a[0], &parts);
    for (uint32_t i = 0; known && i < parts->n_items && js_step(m, 1); i++) {
        slice bytes;
        struct js_value part = js_item(js_of(parts), i);
        if (part.kind == JS_NUMBER || (part.kind == JS_OBJECT && part.o->class_ == C_ARRAY))
            part = js_to_string(m, part);
        known = js_bytes(m, part, &bytes) && walk_work(m->w, bytes.len);
        if (known)
            buf_put(&all, bytes);
    }
    if (known && !all.full && v.kind == JS_OBJECT)
        v.o->v = js_bytes_new(m, A_Uint8Array, buf_slice(&all), false);
    buf_drop(&all);
    return v;
}

/* data:TYPE;base64,... (RFC 2397) */
static bool data_url(struct js *m, struct js_value v, slice *out)
{
    struct text s = js_text(m, v);
    if (!text_known(s) || s.n < 6 || !text_is_nocase(text_sub(s, 0, 5), "data:"))
        return false;
    uint32_t comma = text_find(s, js_cstr(m, ",").s, 0, false);
    if (comma == UINT32_MAX)
        return false;
    struct text data = text_sub(s, comma + 1, s.n);
    bool base64 = text_find(text_sub(s, 0, comma), js_cstr(m, "base64").s, 0, true) != UINT32_MAX;
    struct js_value plain = js_unescape(m, data);
    if (base64)
        *out = base64_decode(m->mem, text_utf8(m->t, js_text(m, plain)), NULL);
    return base64 || js_binary_text(m, js_text(m, plain), out);
}

static void say_file(struct js *m, const char *sink, struct js_value name, struct js_value what)
{
    slice bytes;
    struct js_value content = js_unknown_like(what);
    if (what.kind == JS_OBJECT || what.o)
        content = what.kind == JS_UNKNOWN ? js_of(what.o) : what;
    else if (data_url(m, what, &bytes))
        content = js_bytes_new(m, A_Uint8Array, bytes, true);
    js_say_written(m, sink, name, content);
}

static bool is_blob_url(struct js *m, struct js_value v)
{
    slice bytes;
    return (v.kind == JS_UNKNOWN && v.o) ||
           (v.kind == JS_STRING && v.s.n > 5 && text_is_nocase(text_sub(v.s, 0, 5), "data:") &&
            data_url(m, v, &bytes));
}

/* A link with a file behind it is followed: the file is written. Once. */
static void click(struct js *m, struct js_object *o)
{
    struct js_slot *href = slot(m, o, "href"), *name = slot(m, o, "download"),
                   *handler = slot(m, o, "onclick");
    if (handler && js_is_callable(handler->v))
        (void)js_call(m, handler->v, js_of(o), NULL, 0);
    if (!href || o->home)
        return;
    o->home = m->global; /* said */
    if (href->v.kind == JS_UNKNOWN && href->v.download)
        js_say_saved(m, href->v.download, name ? name->v : js_cstr(m, ""));
    else if (is_blob_url(m, href->v))
        say_file(m, "a.download", name ? name->v : js_cstr(m, ""), href->v);
    else if (name)
        js_say_download(m, "a.download", href->v, name->v);
    else
        js_say_path(m, EFFECT_LOAD, "a.href", "url", href->v);
}

static void go_to(struct js *m, struct js_value url)
{
    if (url.kind == JS_UNKNOWN && url.o)
        say_file(m, "location", js_cstr(m, ""), url);
    else if (is_blob_url(m, url))
        say_file(m, "location", js_cstr(m, ""), url);
    else
        js_say_path(m, EFFECT_LOAD, "location", "url", url);
}

static void write_html(struct js *m, struct js_value v)
{
    struct text s = js_text(m, v);
    if (text_find(s, js_cstr(m, "<").s, 0, false) != UINT32_MAX)
        js_hand_on(m, "html", s);
}

/* --- elements of the page */

static void keep_text(struct js *m, struct js_object *o, const char *name, slice utf8,
                      text_mark mark)
{
    js_keep(m, o, js_atom_cstr(m, name), js_string(text_of(m->t, utf8, mark)));
}

static struct js_value element_from(struct js *m, const struct page_element *e)
{
    text_mark mark = texts_origin(m->t, m->w->part, e->at, NO_LINE);
    struct js_value v = element_new(m, js_string(text_of(m->t, e->tag, mark)));
    if (v.kind != JS_OBJECT)
        return v;
    slice text = page_text(m->page, e);
    v.o->data = e;
    keep_text(m, v.o, "innerHTML", e->inner, mark);
    keep_text(m, v.o, "innerText", text, mark);
    keep_text(m, v.o, "textContent", text, mark);
    keep_text(m, v.o, "text", text, mark);
    keep_text(m, v.o, "id", e->id, mark);
    if (slice_is_nocase(e->tag, "textarea"))
        keep_text(m, v.o, "value", text, mark);
    return v;
}

/* The same object each time; kept at the document under its id. */
static struct js_value element_by_id(struct js *m, struct js_object *document, struct js_value id)
{
    struct text name = js_text(m, id);
    uint32_t key = js_atom(m, text_join(m->t, js_cstr(m, "id:").s, name));
    struct js_slot *s = key ? js_slot(document, key) : NULL;
    if (s)
        return s->v;
    const struct page_element *e = m->page ? page_find(m->page, text_utf8(m->t, name)) : NULL;
    struct js_value v = e ? element_from(m, e) : element_new(m, js_undefined());
    js_keep(m, document, key, v);
    return v;
}

static bool has_word(slice words, slice word)
{
    for (size_t i = 0; word.len && i + word.len <= words.len; i++)
        if (slice_starts(slice_from(words, i), word) && (i == 0 || ascii_space(words.at[i - 1])) &&
            (i + word.len == words.len || ascii_space(words.at[i + word.len])))
            return true;
    return false;
}

static struct js_value elements_by(struct js *m, struct js_object *document, slice how,
                                   struct js_value what)
{
    struct js_object *list = js_array_new(m, 0);
    const struct page_element *e;
    slice name = text_utf8(m->t, js_text(m, what)), class_;
    bool query = slice_starts(how, SLICE_LIT("query")), one = slice_is(how, "querySelector");
    bool by_class =
        slice_is(how, "getElementsByClassName") || (query && name.len && name.at[0] == '.');
    if (query && name.len && name.at[0] == '#')
        return element_by_id(m, document, js_string(text_sub(js_text(m, what), 1, UINT32_MAX)));
    if (query && by_class)
        name = slice_from(name, 1);
    for (uint32_t i = 0; list && m->page && (e = page_at(m->page, i)) != NULL && js_step(m, 1);
         i++) {
        bool is = slice_eq_nocase(e->tag, name);
        if (by_class)
            is = page_attribute(m->page, e, "class", &class_) && has_word(class_, name);
        else if (slice_is(how, "getElementsByName"))
            is = slice_eq(e->name, name);
        if (is)
            (void)js_item_write(
                m, list, list->n_items,
                e->id.len
                    ? element_by_id(m, document, js_string(text_of(m->t, e->id, TEXT_NOWHERE)))
                    : element_from(m, e));
    }
    if (list && list->n_items)
        return one ? js_item(js_of(list), 0) : js_of(list);
    return one ? element_new(m, what) : js_host_object(m, H_ELEMENTS, "elements");
}

/* An attribute of an element of the page. */
static bool attribute(struct js *m, const struct js_object *o, slice name, struct js_value *out)
{
    const struct page_element *e = o->data;
    slice value;
    if (!m->page || !e || !name.len ||
        !page_attribute(m->page, e, arena_cstr(m->mem, name), &value))
        return false;
    *out = js_string(text_of(m->t, value, texts_origin(m->t, m->w->part, e->at, NO_LINE)));
    return true;
}

static bool document_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                          uint32_t n, struct js_value *out)
{
    struct js_value first = js_arg(a, n, 0);
    if (slice_is(name, "write") || slice_is(name, "writeln")) {
        struct text s = o->v2.kind == JS_STRING ? o->v2.s : (struct text){ 0 };
        for (uint32_t i = 0; i < n; i++)
            s = text_join(m->t, s, js_text(m, a[i]));
        o->v2 = js_string(s); /* pieces of several calls are one text: read at the end */
    } else if (slice_is(name, "getElementById")) {
        *out = element_by_id(m, o, first);
    } else if (slice_is(name, "createElement") || slice_is(name, "createElementNS")) {
        *out = element_new(m, slice_is(name, "createElement") ? first : js_arg(a, n, 1));
    } else if (slice_starts(name, SLICE_LIT("getElements")) ||
               slice_starts(name, SLICE_LIT("querySelector"))) {
        *out = elements_by(m, o, name, first);
    } else if (slice_is(name, "addEventListener") || slice_is(name, "attachEvent")) {
        slice event = text_utf8(m->t, js_text(m, first));
        bool sure = slice_find(event, SLICE_LIT("load"), 0) != SIZE_MAX ||
                    slice_find(event, SLICE_LIT("DOMContent"), 0) != SIZE_MAX;
        *out = js_later(m, js_arg(a, n, 1), !sure);
    } else if (slice_is(name, "open") || slice_is(name, "close")) {
        *out = js_of(o);
    } else if (slice_is(name, "createTextNode") || slice_is(name, "createDocumentFragment")) {
        *out = element_new(m, js_undefined());
    } else if (slice_is(name, "createEvent")) {
        *out = js_host_object(m, H_OTHER, "event");
    } else {
        return false;
    }
    return true;
}

static bool element_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                         uint32_t n, struct js_value *out)
{
    struct js_value first = js_arg(a, n, 0);
    if (slice_is(name, "click") || slice_is(name, "dispatchEvent") || slice_is(name, "fireEvent") ||
        slice_is(name, "submit")) {
        click(m, o);
    } else if (slice_is(name, "setAttribute")) {
        js_set(m, js_of(o), js_key(m, first), js_arg(a, n, 1));
    } else if (slice_is(name, "getAttribute")) {
        struct js_slot *s = js_slot(o, js_key(m, first));
        if (s)
            *out = s->v;
        else if (!attribute(m, o, text_utf8(m->t, js_text(m, first)), out))
            *out = js_unknown(m, "attribute");
    } else if (slice_is(name, "appendChild") || slice_is(name, "insertBefore") ||
               slice_is(name, "append") || slice_is(name, "removeChild")) {
        *out = first;
        struct js_slot *src =
            first.kind == JS_OBJECT && first.o->class_ == C_HOST ? slot(m, first.o, "src") : NULL;
        struct js_slot *code =
            first.kind == JS_OBJECT && first.o->class_ == C_HOST ? slot(m, first.o, "text") : NULL;
        bool script = first.kind == JS_OBJECT && first.o->v.kind == JS_STRING &&
                      text_is_nocase(first.o->v.s, "script");
        if (src && script)
            js_say_path(m, EFFECT_LOAD, "script.src", "url", src->v);
        if (code && script)
            (void)js_eval_text(m, code->v, m->global);
    } else if (slice_is(name, "remove") || slice_is(name, "removeAttribute") ||
               slice_is(name, "focus")) {
        *out = js_undefined();
    } else if (slice_is(name, "addEventListener") || slice_is(name, "attachEvent")) {
        *out = js_later(m, js_arg(a, n, 1), true);
    } else {
        return document_call(m, o, name, a, n, out);
    }
    return true;
}

/* --- Acrobat */

static bool acrobat_call(struct js *m, slice name, const struct js_value *a, uint32_t n,
                         struct js_value *out)
{
    struct js_value first = js_arg(a, n, 0), url = first, file = js_undefined();
    if (first.kind == JS_OBJECT && first.o->class_ == C_OBJECT) { /* named arguments */
        url = js_get(m, first, A_cURL);
        file = js_get(m, first, A_cName);
    }
    if (slice_is(name, "launchURL") || slice_is(name, "getURL")) {
        js_say_path(m, EFFECT_LOAD, "app.launchURL", "url", url);
    } else if (slice_is(name, "submitForm")) {
        js_say_path(m, EFFECT_LOAD, "submitForm", "url", url);
    } else if (slice_is(name, "exportDataObject")) {
        struct js_value launch =
            first.kind == JS_OBJECT ? js_get(m, first, A_nLaunch) : js_arg(a, n, 2);
        struct js_value named = file.kind == JS_UNDEFINED ? first : file;
        js_say_path(m, EFFECT_WRITE, "exportDataObject", "path", named);
        if (launch.kind == JS_UNKNOWN || (launch.kind == JS_NUMBER && launch.d > 0))
            js_say_path(m, EFFECT_RUN, "exportDataObject", "command", named);
    } else if (slice_is(name, "alert") || slice_is(name, "response")) {
        struct unmask_argument said[] = { { "text", js_text(m, first) } };
        js_say(m, EFFECT_MESSAGE, "app.alert", said, 1);
    } else if (slice_is(name, "setTimeOut") || slice_is(name, "setInterval")) {
        *out = js_later(m, first, false);
    } else {
        return false;
    }
    return true;
}

/* --- fetch and FileReader */

static bool response_call(struct js *m, struct js_object *o, slice name, struct js_value *out)
{
    if (!slice_is(name, "text") && !slice_is(name, "json") && !slice_is(name, "blob") &&
        !slice_is(name, "arrayBuffer"))
        return false;
    struct js_value v = js_unknown(m, "response");
    v.download = o->v2.kind == JS_UNKNOWN ? o->v2.download : 0;
    *out = js_then(m, v);
    return true;
}

static bool reader_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                        uint32_t n)
{
    struct js_value v = js_arg(a, n, 0), handler = js_undefined();
    if (!slice_starts(name, SLICE_LIT("readAs")))
        return false;
    struct js_value result = js_unknown(m, "FileReader");
    if (v.kind == JS_OBJECT)
        result.o = v.o;
    js_keep(m, o, A_result, result);
    struct js_slot *s = slot(m, o, "onload");
    s = s ? s : slot(m, o, "onloadend");
    handler = s ? s->v : handler;
    if (js_is_callable(handler)) {
        struct js_object *event = js_object_new(m, C_OBJECT, O_OBJECT);
        js_define(m, event, js_atom_cstr(m, "target"), js_of(o), 0);
        struct js_value given = js_of(event);
        (void)js_call(m, handler, js_of(o), &given, 1);
    }
    return true;
}

static struct js_value fetch(struct js *m, struct js_value url)
{
    struct js_value v = js_host_object(m, H_RESPONSE, "response");
    if (v.kind == JS_OBJECT) {
        v.o->v2 = js_unknown(m, "response");
        v.o->v2.download = js_say_request(m, "fetch", url);
    }
    return js_then(m, v);
}

/* --- all of them */

bool js_page_call(struct js *m, struct js_object *o, uint32_t atom, const struct js_value *a,
                  uint32_t n, struct js_value *out)
{
    slice name = js_atom_utf8(m, atom);
    switch (o->id) {
    case H_DOCUMENT:
        return document_call(m, o, name, a, n, out);
    case H_ELEMENT:
    case H_ELEMENTS:
        return element_call(m, o, name, a, n, out);
    case H_LOCATION:
        if (slice_is(name, "replace") || slice_is(name, "assign"))
            go_to(m, js_arg(a, n, 0));
        return slice_is(name, "replace") || slice_is(name, "assign") || slice_is(name, "reload");
    case H_NAVIGATOR:
        if (atom != A_msSaveBlob && atom != A_msSaveOrOpenBlob)
            return false;
        say_file(m, "navigator.msSaveBlob", js_arg(a, n, 1), js_arg(a, n, 0));
        *out = js_bool(true);
        return true;
    case H_CONSOLE:
        return true;
    case H_ACROBAT:
        return acrobat_call(m, name, a, n, out);
    case H_RESPONSE:
        return response_call(m, o, name, out);
    case H_READER:
        return reader_call(m, o, name, a, n);
    case H_EXTERNAL: /* a function of the page: fetch, open, saveAs */
        if (o->atom == A_fetch) {
            *out = fetch(m, js_arg(a, n, 0));
        } else if (o->atom == A_open) {
            go_to(m, js_arg(a, n, 0));
            *out = js_host_object(m, H_OTHER, "window");
        } else if (o->atom == A_saveAs) {
            say_file(m, "saveAs", js_arg(a, n, 1), js_arg(a, n, 0));
        } else if (o->atom == A_addEventListener || o->atom == A_attachEvent) {
            slice event = text_utf8(m->t, js_text(m, js_arg(a, n, 0)));
            *out = js_later(m, js_arg(a, n, 1),
                            slice_find(event, SLICE_LIT("load"), 0) == SIZE_MAX &&
                                slice_find(event, SLICE_LIT("Loaded"), 0) == SIZE_MAX);
        } else if (o->atom != A_close) {
            return acrobat_call(m, js_atom_utf8(m, o->atom), a, n, out);
        }
        return true;
    default:
        return false;
    }
}

bool js_page_get(struct js *m, struct js_object *o, uint32_t atom, struct js_value *out)
{
    if (o->id == H_DOCUMENT && (atom == A_body || atom == A_head || atom == A_documentElement ||
                                atom == A_location || atom == A_currentScript)) {
        if (atom == A_location)
            *out = js_get(m, js_of(m->global), A_location);
        else
            *out = element_new(m, js_undefined());
        js_keep(m, o, atom, *out);
        return true;
    }
    if (o->id == H_NAVIGATOR && (atom == A_msSaveBlob || atom == A_msSaveOrOpenBlob)) {
        *out = js_unknown(m, "navigator.msSaveBlob"); /* of one browser only: both ways are gone */
        return true;
    }
    if (o->id == H_ELEMENT && atom == A_style) {
        *out = js_host_object(m, H_STYLE, "style");
        return true;
    }
    if (o->id == H_ELEMENT && atom == A_tagName && o->v.kind == JS_STRING) {
        *out = js_string(js_case(m, o->v.s, true));
        return true;
    }
    if (o->id == H_ELEMENT && atom != A_valueOf && attribute(m, o, js_atom_utf8(m, atom), out))
        return true;
    if (o->id == H_BLOB && atom == A_size && o->v.kind == JS_OBJECT) {
        *out = js_get(m, o->v, A_length);
        return true;
    }
    if (o->id == H_RESPONSE && (atom == A_ok || atom == A_status)) {
        *out = js_lean(js_unknown(m, "status"), atom == A_ok ? LEAN_TRUE : LEAN_STATUS);
        return true;
    }
    return false;
}

bool js_page_set(struct js *m, struct js_object *o, uint32_t atom, struct js_value v)
{
    if ((atom == A_location && (o->id == H_DOCUMENT || o->class_ == C_GLOBAL)) ||
        (o->id == H_LOCATION && o->class_ == C_HOST && atom == A_href)) {
        go_to(m, v);
        return true;
    }
    if (o->class_ != C_HOST)
        return false;
    if (o->id == H_ELEMENT && (atom == A_innerHTML || atom == A_outerHTML))
        write_html(m, v);
    if ((atom == A_onload || atom == A_onclick || atom == A_onerror) && js_is_callable(v) &&
        o->id == H_ELEMENT)
        (void)js_later(m, v, atom != A_onload);
    js_define(m, o, atom, v, 0);
    return true;
}

struct js_value js_page_construct(struct js *m, uint32_t atom, const struct js_value *a, uint32_t n)
{
    switch (atom) {
    case A_Blob:
    case A_File: {
        struct js_value v = blob_new(m, a, n);
        if (atom == A_File && v.kind == JS_OBJECT)
            js_define(m, v.o, A_name, js_arg(a, n, 1), 0);
        return v;
    }
    case A_FileReader:
        return js_host_object(m, H_READER, "FileReader");
    case A_XMLHttpRequest:
        return js_host_object(m, H_HTTP, "XMLHttpRequest");
    case A_Image:
        return element_new(m, js_cstr(m, "img"));
    default:
        return js_unknown(m, "object");
    }
}

struct js_value js_page_global(struct js *m, uint32_t atom)
{
    static const struct {
        uint16_t atom, kind;
    } objects[] = { { A_document, H_DOCUMENT },   { A_navigator, H_NAVIGATOR },
                    { A_location, H_LOCATION },   { A_console, H_CONSOLE },
                    { A_history, H_OTHER },       { A_screen, H_OTHER },
                    { A_external, H_OTHER },      { A_fetch, H_EXTERNAL },
                    { A_open, H_EXTERNAL },       { A_close, H_EXTERNAL },
                    { A_saveAs, H_EXTERNAL },     { A_addEventListener, H_EXTERNAL },
                    { A_attachEvent, H_EXTERNAL } };
    static const uint16_t acrobat[] = { A_exportDataObject, A_getURL, A_submitForm };
    struct js_value v;
    const char *name = m->atoms[atom].ascii;
    if (m->place == PLACE_PDF || m->place == PLACE_OPEN) {
        if (atom == A_app)
            return js_host_object(m, H_ACROBAT, "app");
        for (size_t i = 0; i < 3; i++)
            if (atom == acrobat[i])
                return js_host_object(m, H_EXTERNAL, name);
    }
    if (js_page_builtin(m, atom, &v))
        return v;
    for (size_t i = 0; m->place != PLACE_PDF && i < sizeof objects / sizeof objects[0]; i++)
        if (objects[i].atom == atom)
            return js_host_object(m, objects[i].kind, name);
    if (m->page && atom >= A_WORDS) { /* elements are known by their ids */
        const struct page_element *e = page_find(m->page, js_atom_utf8(m, atom));
        struct js_value document = e ? js_get(m, js_of(m->global), A_document) : js_undefined();
        if (document.kind == JS_OBJECT)
            return element_by_id(m, document.o, js_string(js_atom_text(m, atom)));
    }
    return (struct js_value){ .kind = JS_ABSENT };
}

/* Behind the script: what document.write() has put together, links that wait for a click. */
void js_page_end(struct js *m)
{
    struct js_slot *s = js_slot(m->global, A_document);
    if (s && s->v.kind == JS_OBJECT && s->v.o->v2.kind == JS_STRING)
        write_html(m, s->v.o->v2);
}
