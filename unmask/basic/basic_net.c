/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, streams and XML nodes: what is fetched is unknown, but it remembers its request, so
 * that the file it is saved to is known. Base64 nodes are decoded, as MSXML does. */
#include "base/text.h"
#include "unmask/basic/basic.h"

static bool writes(enum basic_how how) { return how == HOW_LET || how == HOW_SETS; }

/* --- XMLHTTP, WinHttpRequest, and what has a URL */

static struct value response(struct machine *m, struct object *o, uint32_t name)
{
    struct value v = basic_foreign(m, o, name);
    if (v.o)
        v.o->download = o->download;
    return v;
}

static bool http_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    switch (name) {
    case W_open:
        basic_touch(m, o);
        if (n > 1)
            o->path = basic_plain(m, args[1].v);
        o->download = 0;
        return true;
    case W_send:
        if (o->path.type != V_EMPTY) {
            basic_touch(m, o);
            o->download = basic_say_request(m, o->name.len && o->name.len < 40 ? arena_cstr(m->mem, o->name) : "XMLHTTP", o->path);
        }
        return true;
    case W_responsebody: case W_responsetext: case W_responsestream: case W_responsexml: *out = response(m, o, name); return true;
    /* As it must be for the code to go on; that it is so is not known. */
    case W_status: case W_readystate: case W_statustext: case W_waitforresponse: *out = response(m, o, name); return true;
    case W_setrequestheader: case W_setoption: case W_setproxy: case W_settimeouts: return true;
    default: return false;
    }
}

/* Navigate of a browser */
static bool browser_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    if (name != W_navigate && name != W_navigate2)
        return false;
    basic_touch(m, o);
    o->download = basic_say_request(m, "InternetExplorer.Navigate", basic_arg(args, n, 0));
    *out = (struct value){ .type = V_EMPTY };
    return true;
}

/* --- ADODB.Stream */

static struct value joined(struct machine *m, struct value a, struct value b)
{
    if (a.type == V_EMPTY)
        return b;
    if (a.type == V_ARRAY || b.type == V_ARRAY)
        return basic_unknown(m, "content of a stream");
    return basic_binary(m, '&', a, b);
}

static bool stream_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct value a = basic_arg(args, n, 0);
    switch (name) {
    case W_open: case W_flush: return true;
    case W_write: case W_writetext:
        basic_touch(m, o);
        if (a.type == V_UNKNOWN && a.o && a.o->download)
            o->download = a.o->download;
        o->content = joined(m, o->content, a.type == V_ARRAY ? a : basic_plain(m, a));
        return true;
    case W_savetofile:
        if (o->download)
            basic_say_saved(m, o->download, a);
        basic_say_written(m, "ADODB.Stream.SaveToFile", a, o->fogged ? basic_unknown(m, "content") : o->content);
        return true;
    case W_loadfromfile: basic_touch(m, o); o->content = basic_unknown(m, "content of a file"); return true;
    case W_read: case W_readtext: {
        if (o->fogged || o->content.type == V_UNKNOWN || o->content.type == V_EMPTY) {
            *out = basic_foreign(m, o, name);
            return true;
        }
        /* Bytes read as text: only where no character set can differ. */
        slice bytes;
        bool text = name == W_readtext && o->content.type == V_ARRAY;
        *out = o->content;
        if (text && basic_bytes(m, o->content, &bytes)) {
            bool ascii = true;
            for (size_t i = 0; i < bytes.len; i++)
                ascii = ascii && bytes.at[i] < 0x80;
            *out = ascii ? basic_text(text_of(m->t, bytes, o->content.mark)) : basic_unknown(m, "ReadText");
        } else if (name == W_read && o->content.type == V_STRING) {
            *out = basic_unknown(m, "Stream.Read");
        }
        return true;
    }
    case W_close: return true;
    default: return false;
    }
}

/* --- MSXML2.DOMDocument: nodes that decode base64 and hexadecimal */

static struct value node_new(struct machine *m, struct value name)
{
    struct object *o = basic_object_new(m, C_XML_NODE);
    if (o)
        o->name = name.type == V_STRING ? text_utf8(m->t, name.s) : SLICE_LIT("node");
    return basic_object(o);
}

static slice hex_bytes(struct machine *m, slice s)
{
    uint8_t *out = arena_get(m->mem, s.len / 2 + 1, 1);
    size_t n = 0;
    for (size_t i = 0; out && i + 1 < s.len; i += 2) {
        while (i + 1 < s.len && ascii_space(s.at[i]))
            i++;
        int high = ascii_hex(s.at[i]), low = i + 1 < s.len ? ascii_hex(s.at[i + 1]) : -1;
        if (high < 0 || low < 0)
            return (slice){ 0 };
        out[n++] = (uint8_t)(high << 4 | low);
    }
    return (slice){ out, n };
}

static struct value typed_value(struct machine *m, struct object *o)
{
    struct text type = basic_string(m, basic_prop(m, o, W_datatype, "", HOW_GET, (struct value){ 0 }));
    struct value v = o->content;
    if (m->error || v.type != V_STRING || !text_known(v.s))
        return v.type == V_ARRAY ? v : v.type == V_UNKNOWN ? v : basic_unknown(m, "nodeTypedValue");
    bool base64 = text_is_nocase(type, "bin.base64"), hex = text_is_nocase(type, "bin.hex");
    if (!base64 && !hex)
        return type.n == 0 ? v : basic_unknown(m, "nodeTypedValue");
    slice s = text_utf8(m->t, v.s), bytes = base64 ? base64_decode(m->mem, s, NULL) : hex_bytes(m, s);
    return basic_array_bytes(m, bytes, text_mark_at(v.s, 0));
}

static struct value node_text(struct machine *m, struct object *o)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    slice in;
    struct value v = o->content;
    if (v.type != V_ARRAY)
        return v.type == V_EMPTY ? basic_cstr(m, "") : v;
    struct text type = basic_string(m, basic_prop(m, o, W_datatype, "", HOW_GET, (struct value){ 0 }));
    if (!text_is_nocase(type, "bin.base64") || !basic_bytes(m, v, &in) || in.len > 48)
        return basic_unknown(m, "base64 of bytes"); /* lines are broken at 72: only short ones are sure */
    uint8_t out[80];
    size_t n = 0;
    for (size_t i = 0; i < in.len; i += 3) {
        uint32_t w = (uint32_t)in.at[i] << 16 | (i + 1 < in.len ? (uint32_t)in.at[i + 1] << 8 : 0) | (i + 2 < in.len ? in.at[i + 2] : 0);
        for (unsigned k = 0; k < 4; k++)
            out[n++] = i + k > in.len ? '=' : (uint8_t)digits[w >> (18 - 6 * k) & 63];
    }
    return basic_text(text_of(m->t, (slice){ out, n }, v.mark));
}

static bool node_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    bool put = writes(how);
    switch (name) {
    case W_createelement: case W_createnode:
        *out = node_new(m, basic_arg(args, n, name == W_createnode ? 1 : 0));
        return true;
    case W_datatype: *out = basic_prop(m, o, name, "", how, basic_arg(args, n, 0)); return true;
    case W_text: case W_nodevalue: case W_nodetypedvalue: case W_innertext:
        if (put && n) {
            basic_touch(m, o);
            o->content = args[n - 1].v.type == V_ARRAY ? args[n - 1].v : basic_plain(m, args[n - 1].v);
            return true;
        }
        if (o->fogged || o->class_ == C_XML)
            return false;
        *out = name == W_nodetypedvalue ? typed_value(m, o) : node_text(m, o);
        return true;
    case W_load:
        if (o->class_ == C_XML && n) {
            struct text s = basic_string(m, args[0].v);
            if (!m->error && text_find(s, text_of(m->t, SLICE_LIT("://"), TEXT_NOWHERE), 0, false) != UINT32_MAX)
                o->download = basic_say_request(m, "DOMDocument.Load", args[0].v);
        }
        *out = basic_unknown(m, "DOMDocument.Load");
        return true;
    case W_transformnode:
        *out = basic_unknown(m, "TransformNode");
        return true;
    case W_loadxml: {
        struct value v = basic_plain(m, basic_arg(args, n, 0));
        if (v.type == V_STRING && text_find(v.s, text_of(m->t, SLICE_LIT("ms:script"), TEXT_NOWHERE), 0, true) != UINT32_MAX)
            basic_hand_on(m, "xml", v.s);
        *out = basic_unknown(m, "LoadXML");
        return true;
    }
    case W_documentelement:
        if (put)
            return true;
        *out = node_new(m, (struct value){ 0 });
        return true;
    case W_appendchild: *out = basic_arg(args, n, 0); return true;
    default: return false;
    }
}

bool basic_net_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    switch (o->class_) {
    case C_HTTP: return !writes(how) && http_member(m, o, name, args, n, out);
    case C_WEBCLIENT: return browser_member(m, o, name, args, n, out);
    case C_STREAM: return !writes(how) && stream_member(m, o, name, args, n, out);
    case C_XML: case C_XML_NODE: return node_member(m, o, name, args, n, how, out);
    default: return false;
    }
}
