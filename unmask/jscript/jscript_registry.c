/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of WScript.Shell (RegWrite, RegRead, RegDelete): what a script has put there it gets
 * again. Names are those that were written, without case; a value that was not written is not
 * known. A text that Windows expands when it is read is not kept. */
#include "unmask/jscript/jscript_host_private.h"

static void said(struct js *m, struct text name, struct text value)
{
    static const char *const places[] = {
        "\\run",         "winlogon",     "currentversion\\windows\\load",
        "environment\\", "\\services\\", "\\classes\\"
    };
    struct unmask_argument arguments[] = { { "name", name }, { "value", value } };
    bool lasts = false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        lasts = lasts || text_find(name, js_cstr(m, places[i]).s, 0, true) != UINT32_MAX;
    js_say(m, lasts ? EFFECT_PERSIST : EFFECT_WRITE, "WScript.Shell.RegWrite", arguments, 2);
}

/* HKCU and HKEY_CURRENT_USER are the same; A_NONE: not known. */
static uint32_t key_of(struct js *m, struct text name)
{
    static const struct {
        const char *brief, *whole;
    } roots[] = { { "HKCU\\", "HKEY_CURRENT_USER\\" },
                  { "HKLM\\", "HKEY_LOCAL_MACHINE\\" },
                  { "HKCR\\", "HKEY_CLASSES_ROOT\\" } };
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        struct text brief = js_cstr(m, roots[i].brief).s;
        if (text_find(text_sub(name, 0, brief.n), brief, 0, true) == 0)
            name = text_join(m->t, js_cstr(m, roots[i].whole).s, text_sub(name, brief.n, name.n));
    }
    return text_known(name) && name.n ? js_atom(m, js_case(m, name, false)) : A_NONE;
}

static void written(struct js *m, const struct js_value *a, uint32_t n)
{
    struct js_value value = js_arg(a, n, 1), type = js_arg(a, n, 2);
    struct text name = js_text(m, js_arg(a, n, 0));
    said(m, name, js_text(m, value));
    bool text =
        type.kind == JS_UNDEFINED || (type.kind == JS_STRING && text_is_nocase(type.s, "REG_SZ"));
    bool number = type.kind == JS_STRING && text_is_nocase(type.s, "REG_DWORD") &&
                  value.kind == JS_NUMBER && value.d == js_int32(value.d);
    uint32_t key = key_of(m, name);
    if (!m->registry)
        m->registry = js_object_new(m, C_OBJECT, O_NONE);
    if (m->registry && key == A_NONE) { /* it may be any */
        js_touch(m, m->registry);
        m->registry->fogged = true;
    } else if (m->registry) {
        js_define(m, m->registry, key,
                  text     ? js_to_string(m, value)
                  : number ? value
                           : js_unknown(m, "RegRead"),
                  0);
    }
}

static struct js_value read(struct js *m, struct js_value name)
{
    uint32_t key = m->registry && !m->registry->fogged ? key_of(m, js_text(m, name)) : A_NONE;
    struct js_slot *s = key ? js_slot(m->registry, key) : NULL;
    return s ? s->v : js_unknown(m, "RegRead");
}

bool js_registry_call(struct js *m, slice name, const struct js_value *a, uint32_t n,
                      struct js_value *out)
{
    if (slice_is(name, "regwrite")) {
        written(m, a, n);
    } else if (slice_is(name, "regread")) {
        *out = read(m, js_arg(a, n, 0));
    } else if (slice_is(name, "regdelete")) {
        uint32_t key = key_of(m, js_text(m, js_arg(a, n, 0)));
        struct js_slot *s = m->registry && key ? js_slot(m->registry, key) : NULL;
        if (s)
            js_write(m, m->registry, s, (struct js_value){ .kind = JS_ABSENT });
    } else {
        return false;
    }
    return true;
}
