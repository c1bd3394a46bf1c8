/* SPDX-License-Identifier: Apache-2.0 */
/* Windows Management Instrumentation, as far as it starts programs: Win32_Process.Create. */
#include "base/text.h"
#include "unmask/vba/vba_private.h"

static struct value class_named(struct machine *m, struct value v)
{
    struct text s = vba_string(m, v);
    struct object *o = m->error ? NULL : vba_object_new(m, C_WMI_CLASS);
    if (!o)
        return vba_unknown(m, "WMI");
    o->name = text_utf8(m->t, s);
    if (slice_find_nocase(o->name, SLICE_LIT("ProcessStartup"), 0) != SIZE_MAX)
        o->class_ = C_WMI_STARTUP;
    return vba_object(o);
}

static void query(struct machine *m, struct value v)
{
    struct unmask_argument a[] = { { "query", vba_string(m, v) } };
    if (!m->error)
        vba_say(m, EFFECT_QUERY, "SWbemServices.ExecQuery", a, 1);
}

static bool service_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct value a = vba_arg(args, n, 0);
    switch (name) {
    case W_get: *out = n ? class_named(m, a) : vba_object(o); return true;
    case W_execquery: query(m, a); *out = vba_foreign(m, o, name); return true;
    case W_instancesof: *out = vba_foreign(m, o, name); return true;
    case W_connectserver: *out = vba_object(o); return true;
    case W_create: /* of an object whose class was not in its moniker */
        vba_say_run(m, "Win32_Process.Create", a);
        *out = vba_unknown(m, "Win32_Process.Create");
        return true;
    case W_execmethod: /* "Win32_Process", "Create", parameters */
        if (n > 2 && args[2].v.type == V_OBJECT && args[2].v.o)
            vba_say_run(m, "Win32_Process.Create", vba_prop(m, args[2].v.o, W_commandline, NULL, HOW_GET, (struct value){ 0 }));
        *out = vba_unknown(m, "ExecMethod");
        return true;
    default: return false;
    }
}

static bool class_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct object *sub;
    switch (name) {
    case W_create:
        vba_say_run(m, "Win32_Process.Create", vba_arg(args, n, 0));
        *out = vba_unknown(m, "Win32_Process.Create");
        return true;
    case W_execmethod_: /* "Create", parameters */
        if (n > 1 && args[1].v.type == V_OBJECT && args[1].v.o)
            vba_say_run(m, "Win32_Process.Create", vba_prop(m, args[1].v.o, W_commandline, NULL, HOW_GET, (struct value){ 0 }));
        *out = vba_unknown(m, "ExecMethod_");
        return true;
    case W_spawninstance_: case W_methods_: case W_inparameters: case W_properties_: case W_item:
        sub = o;
        if (name == W_spawninstance_) {
            sub = vba_object_new(m, o->class_);
            if (sub)
                sub->name = o->name;
        }
        *out = vba_object(sub);
        return true;
    default: return false;
    }
}

bool vba_wmi_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum vba_how how, struct value *out)
{
    if (how == HOW_LET || how == HOW_SETS)
        return false;
    if (o->class_ == C_WMI)
        return service_member(m, o, name, args, n, out);
    return (o->class_ == C_WMI_CLASS || o->class_ == C_WMI_STARTUP) && class_member(m, o, name, args, n, out);
}
