/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, streams, XML nodes, files: what is fetched is unknown, but it remembers its request,
 * so that the file it is saved to is known. That a request succeeds is taken for granted: the
 * code is made for that case. */
#include "unmask/jscript/jscript_host_private.h"

static struct js_value kept(struct js *m, struct js_object *o, const char *name)
{
    struct js_slot *s = js_slot(o, js_atom_cstr(m, name));
    return s ? s->v : js_undefined();
}

static struct js_value fetched(struct js *m, struct js_object *o, const char *what)
{
    struct js_value v = js_unknown(m, what);
    v.download = o->v2.kind == JS_UNKNOWN ? o->v2.download : 0;
    return v;
}

/* --- requests */

static void call_handler(struct js *m, struct js_object *o)
{
    static const char *const names[] = { "onreadystatechange", "onload", "onloadend" };
    for (size_t i = 0; i < 3; i++) {
        struct js_value f = kept(m, o, names[i]);
        if (js_is_callable(f))
            (void)js_call(m, f, js_of(o), NULL, 0);
    }
}

static bool http_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                      uint32_t n, struct js_value *out)
{
    if (slice_is(name, "open")) {
        js_touch(m, o);
        if (n > 1)
            o->v = a[1];
        o->v2 = js_undefined();
    } else if (slice_is(name, "send")) {
        if (o->v.kind != JS_UNDEFINED) {
            const char *sink = arena_cstr(m->mem, js_atom_utf8(m, o->atom));
            js_touch(m, o);
            m->maybe += o->fogged;
            o->v2 = js_unknown(m, "response");
            o->v2.download = js_say_request(m, sink ? sink : "XMLHTTP", o->v);
            m->maybe -= o->fogged;
        }
        call_handler(m, o);
    } else if (slice_is(name, "setrequestheader") || slice_is(name, "setoption") ||
               slice_is(name, "setproxy") || slice_is(name, "settimeouts") ||
               slice_is(name, "waitforresponse") || slice_is(name, "abort") ||
               slice_is(name, "overridemimetype")) {
        *out = js_undefined();
    } else if (slice_is(name, "option")) {
        *out = js_unknown(m, "Option");
    } else if (slice_is(name, "addeventlistener")) {
        slice event = text_utf8(m->t, js_text(m, js_arg(a, n, 0)));
        if (slice_is(event, "load") || slice_is(event, "loadend") ||
            slice_is(event, "readystatechange"))
            js_define(m, o, js_atom_cstr(m, "onload"), js_arg(a, n, 1), 0);
    } else if (slice_is(name, "getresponseheader") || slice_is(name, "getallresponseheaders")) {
        *out = fetched(m, o, "header");
    } else {
        return false;
    }
    return true;
}

static bool http_get(struct js *m, struct js_object *o, slice name, struct js_value *out)
{
    if (slice_is(name, "status")) {
        *out = js_lean(js_unknown(m, "status"), o->v2.kind == JS_UNKNOWN ? LEAN_STATUS : LEAN_NONE);
    } else if (slice_is(name, "readystate")) {
        *out =
            js_lean(js_unknown(m, "readyState"), o->v2.kind == JS_UNKNOWN ? LEAN_READY : LEAN_NONE);
    } else if (slice_starts(name, SLICE_LIT("response"))) {
        *out = fetched(m, o, (const char *)arena_cstr(m->mem, name));
    } else {
        return false;
    }
    return true;
}

/* --- ADODB.Stream */

static void stream_write(struct js *m, struct js_object *o, struct js_value v)
{
    js_touch(m, o);
    if (o->v2.kind == JS_UNDEFINED || (v.kind == JS_UNKNOWN && v.download))
        o->v2 = v;
    else if (o->v2.kind == JS_STRING)
        o->v2 = js_string(text_join(m->t, o->v2.s, js_text(m, v)));
    else
        o->v2 = o->v2.download ? o->v2 : js_unknown(m, "content of a stream");
}

static bool stream_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                        uint32_t n, struct js_value *out)
{
    struct js_value first = js_arg(a, n, 0);
    if (slice_is(name, "write") || slice_is(name, "writetext")) {
        stream_write(m, o, first);
    } else if (slice_is(name, "savetofile")) {
        if (o->v2.download && o->v2.kind == JS_UNKNOWN)
            js_say_saved(m, o->v2.download, first);
        js_say_written(m, "ADODB.Stream.SaveToFile", first,
                       o->fogged ? js_unknown(m, "content") : o->v2);
    } else if (slice_is(name, "loadfromfile")) {
        js_touch(m, o);
        uint32_t download = 0;
        struct text path = js_text(m, first);
        for (uint32_t i = 0; i < m->n_downloads; i++)
            if (m->downloads[i].path.n && text_eq(m->downloads[i].path, path))
                download = i + 1;
        o->v2 = js_unknown(m, "content of a file");
        o->v2.download = download;
    } else if (slice_is(name, "read") || slice_is(name, "readtext")) {
        bool plain = slice_is(name, "readtext") && o->v2.kind == JS_STRING && !o->fogged && n == 0;
        *out = plain ? o->v2 : fetched(m, o, "Stream.Read");
    } else if (slice_is(name, "open") || slice_is(name, "flush")) {
        *out = js_undefined();
    } else if (slice_is(name, "close")) {
        js_touch(m, o);
        o->v2 = js_undefined();
    } else if (slice_is(name, "copyto")) {
        if (first.kind == JS_OBJECT && first.o->class_ == C_HOST)
            stream_write(m, first.o, o->v2);
    } else {
        return false;
    }
    return true;
}

/* --- MSXML2.DOMDocument: nodes that decode base64 and hexadecimal */

static struct js_value typed_value(struct js *m, struct js_object *o)
{
    struct js_value type = kept(m, o, "datatype"), v = kept(m, o, "text");
    slice bytes;
    if (v.kind == JS_UNDEFINED)
        v = kept(m, o, "nodetypedvalue");
    if (v.kind != JS_STRING || !text_known(v.s) || o->fogged)
        return js_unknown_like(v.kind == JS_UNKNOWN ? v : js_unknown(m, "nodeTypedValue"));
    struct text name = js_text(m, type);
    if (text_is_nocase(name, "bin.base64"))
        bytes = base64_decode(m->mem, text_utf8(m->t, v.s), NULL);
    else if (text_is_nocase(name, "bin.hex")) {
        slice hex = text_utf8(m->t, v.s);
        uint8_t *out = arena_get(m->mem, hex.len / 2 + 1, 1);
        size_t k = 0;
        for (size_t i = 0; out && i + 1 < hex.len; i += 2) {
            int high = ascii_hex(hex.at[i]), low = ascii_hex(hex.at[i + 1]);
            if (high < 0 || low < 0)
                return js_unknown(m, "nodeTypedValue");
            out[k++] = (uint8_t)(high << 4 | low);
        }
        bytes = (slice){ out, k };
    } else {
        return type.kind == JS_UNDEFINED ? v : js_unknown(m, "nodeTypedValue");
    }
    return js_bytes_new(m, A_Uint8Array, bytes, true);
}

static bool xml_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                     uint32_t n, struct js_value *out)
{
    if (slice_is(name, "createelement") || slice_is(name, "createnode") ||
        slice_is(name, "createtextnode") || slice_is(name, "selectsinglenode")) {
        *out = js_host_object(m, H_NODE, "node");
    } else if (slice_is(name, "load") || slice_is(name, "loadxml")) {
        struct text s = js_text(m, js_arg(a, n, 0));
        if (slice_is(name, "load") && text_find(s, js_cstr(m, "://").s, 0, false) != UINT32_MAX)
            (void)js_say_request(m, "DOMDocument.Load", js_string(s));
        if (slice_is(name, "loadxml") &&
            text_find(s, js_cstr(m, "ms:script").s, 0, true) != UINT32_MAX)
            js_hand_on(m, "xml", s);
        *out = js_unknown(m, "DOMDocument.Load");
    } else if (slice_is(name, "appendchild")) {
        *out = js_arg(a, n, 0);
    } else if (slice_is(name, "setattribute")) {
        if (text_is_nocase(js_text(m, js_arg(a, n, 0)), "dt:dt"))
            js_define(m, o, js_atom_cstr(m, "datatype"), js_arg(a, n, 1), 0);
    } else if (slice_is(name, "transformnode")) {
        *out = js_unknown(m, "TransformNode");
    } else {
        return false;
    }
    return true;
}

bool js_net_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                 uint32_t n, struct js_value *out)
{
    switch (o->id) {
    case H_HTTP:
        return http_call(m, o, name, a, n, out);
    case H_STREAM:
        return stream_call(m, o, name, a, n, out);
    default:
        return xml_call(m, o, name, a, n, out);
    }
}

bool js_net_get(struct js *m, struct js_object *o, slice name, struct js_value *out)
{
    switch (o->id) {
    case H_HTTP:
        return http_get(m, o, name, out);
    case H_STREAM:
        if (!slice_is(name, "size"))
            return false;
        *out = o->v2.download ? js_lean(fetched(m, o, "size"), LEAN_LARGE) : js_unknown(m, "size");
        return true;
    case H_XML:
    case H_NODE:
        if (slice_is(name, "nodetypedvalue") || slice_is(name, "nodevalue") ||
            slice_is(name, "text"))
            *out = typed_value(m, o);
        else if (slice_is(name, "documentelement"))
            *out = js_host_object(m, H_NODE, "node");
        else
            return false;
        return true;
    case H_FILE:
        if (slice_is(name, "path") || slice_is(name, "shortpath") || slice_is(name, "valueof"))
            *out = o->v;
        else if (slice_is(name, "size"))
            *out = js_lean(js_unknown(m, "size"), LEAN_LARGE);
        else
            return false;
        return true;
    case H_TEXT_STREAM:
        if (!slice_is(name, "atendofstream"))
            return false;
        *out = js_unknown(m, "AtEndOfStream");
        return true;
    default:
        return false;
    }
}

/* --- FileSystemObject */

static struct js_value open_text(struct js *m, struct js_value path)
{
    struct js_value v = js_host_object(m, H_TEXT_STREAM, "TextStream");
    if (v.kind == JS_OBJECT)
        v.o->v = path;
    return v;
}

static struct js_value build_path(struct js *m, struct js_value a, struct js_value b)
{
    struct text s = js_text(m, a);
    if (s.n && text_unit(s, s.n - 1) != '\\')
        s = text_join(m->t, s, js_cstr(m, "\\").s);
    return js_string(text_join(m->t, s, js_text(m, b)));
}

static struct js_value part_of_path(struct js *m, slice what, struct js_value path)
{
    struct text s = js_text(m, path);
    uint32_t from = s.n, dot;
    if (!text_known(s))
        return js_unknown_like(js_string(s));
    while (from > 0 && text_unit(s, from - 1) != '\\' && text_unit(s, from - 1) != '/')
        from--;
    if (slice_is(what, "getparentfoldername"))
        return js_string(text_sub(s, 0, from ? from - 1 : 0));
    s = text_sub(s, from, s.n);
    for (dot = s.n; dot > 0 && text_unit(s, dot - 1) != '.';)
        dot--;
    if (slice_is(what, "getbasename"))
        return js_string(text_sub(s, 0, dot ? dot - 1 : s.n));
    return js_string(slice_is(what, "getextensionname") ? text_sub(s, dot ? dot : s.n, s.n) : s);
}

static void say_copy(struct js *m, const char *sink, struct js_value from, struct js_value to)
{
    struct unmask_argument said[] = { { "path", js_text(m, to) }, { "value", js_text(m, from) } };
    js_say(m, EFFECT_WRITE, sink, said, 2);
}

static struct js_value file_object(struct js *m, struct js_value path)
{
    struct js_value v = js_host_object(m, H_FILE, "File");
    if (v.kind == JS_OBJECT)
        v.o->v = path;
    return v;
}

static bool fso_call(struct js *m, slice name, const struct js_value *a, uint32_t n,
                     struct js_value *out)
{
    struct js_value first = js_arg(a, n, 0);
    double k;
    if (slice_is(name, "createtextfile") || slice_is(name, "opentextfile")) {
        *out = open_text(m, first);
    } else if (slice_is(name, "getspecialfolder")) {
        bool known = js_int(m, first, 0, &k);
        *out = known ? js_cstr(m, k == 0   ? "%WINDIR%"
                                  : k == 1 ? "%WINDIR%\\System32"
                                           : "%TEMP%")
                     : js_unknown(m, "GetSpecialFolder");
    } else if (slice_is(name, "buildpath")) {
        *out = build_path(m, first, js_arg(a, n, 1));
    } else if (slice_is(name, "getfilename") || slice_is(name, "getbasename") ||
               slice_is(name, "getextensionname") || slice_is(name, "getparentfoldername")) {
        *out = part_of_path(m, name, first);
    } else if (slice_is(name, "getabsolutepathname")) {
        *out = first;
    } else if (slice_is(name, "copyfile") || slice_is(name, "movefile") ||
               slice_is(name, "copyfolder")) {
        say_copy(m,
                 slice_is(name, "movefile") ? "FileSystemObject.MoveFile"
                                            : "FileSystemObject.CopyFile",
                 first, js_arg(a, n, 1));
    } else if (slice_is(name, "deletefile") || slice_is(name, "deletefolder")) {
        js_say_path(m, EFFECT_WRITE, "FileSystemObject.DeleteFile", "path", first);
    } else if (slice_is(name, "createfolder")) {
        js_say_path(m, EFFECT_WRITE, "FileSystemObject.CreateFolder", "directory", first);
    } else if (slice_is(name, "getfile") || slice_is(name, "getfolder")) {
        *out = file_object(m, first);
    } else if (slice_is(name, "fileexists") || slice_is(name, "folderexists")) {
        *out = js_unknown(m, "FileExists");
        struct text path = js_text(m, first);
        for (uint32_t i = 0; i < m->n_files && text_known(path);
             i++) /* what it has written itself is there */
            if (text_eq(m->files[i].path, path))
                *out = js_lean(*out, LEAN_TRUE);
    } else {
        return false;
    }
    return true;
}

static bool text_stream_call(struct js *m, struct js_object *o, slice name,
                             const struct js_value *a, uint32_t n, struct js_value *out)
{
    bool line = slice_is(name, "writeline");
    if (slice_is(name, "write") || line) {
        struct text s = o->v2.kind == JS_STRING ? o->v2.s : (struct text){ 0 };
        js_touch(m, o);
        s = n ? text_join(m->t, s, js_text(m, a[0])) : s;
        o->v2 = js_string(line ? text_join(m->t, s, js_cstr(m, "\r\n").s) : s);
    } else if (slice_is(name, "close")) {
        if (o->v2.kind == JS_STRING)
            js_say_written(m, "FileSystemObject.CreateTextFile", o->v,
                           o->fogged ? js_unknown(m, "content") : o->v2);
        o->v2 = js_undefined();
    } else if (slice_is(name, "readall") || slice_is(name, "readline") || slice_is(name, "read")) {
        *out = js_unknown(m, "content of a file");
    } else {
        return false;
    }
    return true;
}

bool js_file_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                  uint32_t n, struct js_value *out)
{
    if (o->id == H_FSO)
        return fso_call(m, name, a, n, out);
    if (o->id == H_TEXT_STREAM)
        return text_stream_call(m, o, name, a, n, out);
    if (slice_is(name, "copy") || slice_is(name, "move"))
        say_copy(m, "File.Copy", o->v, js_arg(a, n, 0));
    else if (slice_is(name, "delete"))
        js_say_path(m, EFFECT_WRITE, "File.Delete", "path", o->v);
    else if (slice_is(name, "openastextstream"))
        *out = open_text(m, o->v);
    else
        return false;
    return true;
}
