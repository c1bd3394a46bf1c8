/* SPDX-License-Identifier: Apache-2.0 */
/* Windows Script Host (its reference: "WScript Object"), and which function or object a name is.
 * What a person decides - arguments, where the script lies - is unknown. */
#include <math.h>
#include "base/text.h"
#include "unmask/vbscript/vbscript_private.h"

struct object *vbs_object(struct machine *m, enum vbs_host place)
{
    static const char *const names[] = { "WScript", "WScript.Arguments", "WScript.StdIn", "window", "document", "location", "element", "document.all", "GetRef" };
    struct vbs *host = vbs_of(m);
    bool one = place < HOST_ELEMENT;
    if (one && host->objects[place])
        return host->objects[place];
    struct object *o = basic_object_new(m, C_HOST);
    if (!o)
        return NULL;
    o->place = (uint8_t)place;
    o->name = slice_of(names[place]);
    if (one)
        host->objects[place] = o;
    return o;
}

/* --- functions that VBA lacks */

/* Letters, digits and @*_+-./ stay; the rest is %XX, beyond a byte %uXXXX. */
static struct value escaped(struct machine *m, struct value v)
{
    static const char digits[] = "0123456789ABCDEF";
    struct text s = basic_string(m, v), out = { 0 };
    if (m->error || !text_known(s) || basic_sure(m, s) < s.n || !basic_step(m, s.n / 4 + 1))
        return m->error ? v : basic_unknown(m, "Escape");
    for (uint32_t i = 0; i < s.n; i++) {
        uint16_t c = text_unit(s, i), code[6];
        size_t n = 0;
        if (c < 0x80 && (ascii_alnum((uint8_t)c) || strchr("@*_+-./", c)) && c) {
            code[n++] = c;
        } else {
            code[n++] = '%';
            if (c > 0xFF)
                code[n++] = 'u';
            for (int shift = c > 0xFF ? 12 : 4; shift >= 0; shift -= 4)
                code[n++] = (uint16_t)digits[c >> shift & 15];
        }
        out = text_join(m->t, out, text_of_units(m->t, code, n, text_mark_at(s, i)));
    }
    return basic_text(out);
}

/* In the signs of the United States and of Japan, which are the same; two digits by default. */
static struct value format_number(struct machine *m, struct arg *args, uint32_t n)
{
    int64_t places = 2;
    double d, scale = 1;
    char out[64];
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    if (m->error || v.type == V_DATE || n > 2 || (n == 2 && !basic_integer(m, args[1].v, &places)) || !basic_number(m, v, &d))
        return m->error ? v : basic_unknown(m, "FormatNumber");
    places = places == -1 ? 2 : places;
    if (places < 0 || places > 9)
        return basic_unknown(m, "FormatNumber");
    for (int64_t i = 0; i < places; i++)
        scale *= 10;
    double scaled = (d < 0 ? -d : d) * scale + 0.5; /* away from zero */
    if (!(scaled < 9e15) || scaled - floor(scaled) > 0.999999) /* a half in decimals only */
        return basic_unknown(m, "FormatNumber");
    uint64_t u = (uint64_t)scaled;
    size_t k = sizeof out;
    for (int64_t i = 0; i < places || u || i == places; i++, u /= 10) {
        if (i == places && places)
            out[--k] = '.';
        if (i > places && (i - places) % 3 == 0)
            out[--k] = ',';
        out[--k] = (char)('0' + u % 10);
    }
    if (d < 0 && (uint64_t)scaled)
        out[--k] = '-';
    return basic_text(text_of(m->t, (slice){ (const uint8_t *)out + k, sizeof out - k }, v.mark));
}

/* --- names */

bool vbs_has(struct machine *m, uint32_t name)
{
    slice s = m->names[name].text;
    if (name == W_err)
        return true;
    if (name == W_wscript)
        return vbs_of(m)->wsh;
    return vbs_page_has(m, s);
}

bool vbs_call(struct machine *m, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    if (vbs_code_call(m, name, args, n, out))
        return true;
    if (name == W_err)
        return false;
    if (name == W_wscript) {
        *out = basic_apply(m, basic_object(vbs_object(m, HOST_WSCRIPT)), args, n, HOW_GET);
        return true;
    }
    if (name == W_getlocale || name == W_setlocale) {
        *out = basic_unknown_slice(m, m->names[name].text);
        return true;
    }
    if (name == W_escape || name == W_formatnumber) {
        *out = n == 0 ? basic_error(m, 450) : name == W_escape ? escaped(m, args[0].v) : format_number(m, args, n);
        return true;
    }
    if (name == W_scriptengine) {
        *out = basic_cstr(m, "VBScript");
        return true;
    }
    return vbs_page_call(m, m->names[name].text, args, n, out);
}

bool vbs_assign(struct machine *m, uint32_t name, struct value v)
{
    struct value out = { 0 };
    struct arg a = { .v = v };
    if (!vbs_of(m)->browser)
        return false;
    return vbs_page_member(m, vbs_object(m, HOST_WINDOW), m->names[name].text, &a, 1, HOW_LET, &out);
}

/* --- WScript */

struct text vbs_joined(struct machine *m, struct arg *args, uint32_t n, const char *between)
{
    struct text out = { 0 };
    for (uint32_t i = 0; i < n && !m->error; i++) {
        if (i)
            out = text_join(m->t, out, text_of(m->t, slice_of(between), TEXT_NOWHERE));
        struct value v = basic_plain(m, args[i].v);
        if (v.type != V_MISSING && v.type != V_NULL && !m->error)
            out = text_join(m->t, out, basic_string(m, v));
    }
    return out;
}

static void say_one(struct machine *m, enum effect_kind kind, const char *sink, const char *argument, struct text value)
{
    struct unmask_argument a[] = { { argument, value } };
    if (!m->error)
        basic_say(m, kind, sink, a, 1);
}

static bool wscript_member(struct machine *m, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    switch (name) {
    case W_createobject: *out = basic_object_create(m, basic_string(m, basic_arg(args, n, 0))); return true;
    case W_getobject: *out = basic_object_get(m, n ? basic_string(m, args[0].v) : (struct text){ 0 }); return true;
    case W_sleep: say_one(m, EFFECT_DELAY, "WScript.Sleep", "value", basic_string(m, basic_arg(args, n, 0))); return true;
    case W_echo: say_one(m, EFFECT_MESSAGE, "WScript.Echo", "text", vbs_joined(m, args, n, " ")); return true;
    case W_quit: m->ended = true; return true;
    case W_arguments: *out = basic_apply(m, basic_object(vbs_object(m, HOST_ARGUMENTS)), args, n, HOW_GET); return true;
    case W_stdin: case W_stdout: case W_stderr: *out = basic_object(vbs_object(m, HOST_STREAM)); return true;
    case W_name: *out = basic_cstr(m, "Windows Script Host"); return true;
    case W_application: *out = basic_object(vbs_object(m, HOST_WSCRIPT)); return true;
    default: return false;
    }
}

static bool stream_member(struct machine *m, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    switch (name) {
    case W_write: case W_writeline: say_one(m, EFFECT_MESSAGE, "WScript.StdOut", "text", vbs_joined(m, args, n, "")); return true;
    case W_writeblanklines: case W_close: return true;
    default: *out = basic_unknown(m, "WScript.StdIn"); return true;
    }
}

bool vbs_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    if (o->class_ != C_HOST)
        return false;
    if (how == HOW_LET || how == HOW_SETS)
        return o->place >= HOST_WINDOW && o->place < HOST_PROCEDURE && vbs_page_member(m, o, m->names[name].text, args, n, how, out);
    switch (o->place) {
    case HOST_WSCRIPT:
        if (!wscript_member(m, name, args, n, out))
            *out = basic_foreign(m, o, name);
        return true;
    case HOST_ARGUMENTS: *out = basic_foreign(m, o, name); return true;
    case HOST_STREAM: return stream_member(m, name, args, n, out);
    case HOST_PROCEDURE: return vbs_procedure_member(m, o, name, args, n, out);
    default: return vbs_page_member(m, o, m->names[name].text, args, n, how, out);
    }
}
