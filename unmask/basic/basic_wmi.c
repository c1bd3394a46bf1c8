/* SPDX-License-Identifier: Apache-2.0 */
/* Windows Management Instrumentation, as far as it starts programs: Win32_Process.Create. */
#include "base/text.h"
#include "unmask/basic/basic.h"

static struct value class_named(struct machine *m, struct value v)
{
    struct text s = basic_string(m, v);
    struct object *o = m->error ? NULL : basic_object_new(m, C_WMI_CLASS);
    if (!o)
        return basic_unknown(m, "WMI");
    o->name = text_utf8(m->t, s);
    if (slice_find_nocase(o->name, SLICE_LIT("ProcessStartup"), 0) != SIZE_MAX)
        o->class_ = C_WMI_STARTUP;
    return basic_object(o);
}

static void query(struct machine *m, struct value v)
{
    struct unmask_argument a[] = { { "query", basic_string(m, v) } };
    if (!m->error)
        basic_say(m, EFFECT_QUERY, "SWbemServices.ExecQuery", a, 1);
}

static bool service_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct value a = basic_arg(args, n, 0);
    switch (name) {
    case W_get: *out = n ? class_named(m, a) : basic_object(o); return true;
    case W_execquery: query(m, a); *out = basic_foreign(m, o, name); return true;
    case W_instancesof: *out = basic_foreign(m, o, name); return true;
    case W_connectserver: *out = basic_object(o); return true;
    case W_create: /* of an object whose class was not in its moniker */
        basic_say_run(m, "Win32_Process.Create", a);
        *out = basic_unknown(m, "Win32_Process.Create");
        return true;
    case W_execmethod: /* "Win32_Process", "Create", parameters */
        if (n > 2 && args[2].v.type == V_OBJECT && args[2].v.o)
            basic_say_run(m, "Win32_Process.Create", basic_prop(m, args[2].v.o, W_commandline, NULL, HOW_GET, (struct value){ 0 }));
        *out = basic_unknown(m, "ExecMethod");
        return true;
    default: return false;
    }
}

static bool class_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct object *sub;
    switch (name) {
    case W_create:
        basic_say_run(m, "Win32_Process.Create", basic_arg(args, n, 0));
        *out = basic_unknown(m, "Win32_Process.Create");
        return true;
    case W_execmethod_: /* "Create", parameters */
        if (n > 1 && args[1].v.type == V_OBJECT && args[1].v.o)
            basic_say_run(m, "Win32_Process.Create", basic_prop(m, args[1].v.o, W_commandline, NULL, HOW_GET, (struct value){ 0 }));
        *out = basic_unknown(m, "ExecMethod_");
        return true;
    case W_spawninstance_: case W_methods_: case W_inparameters: case W_properties_: case W_item:
        sub = o;
        if (name == W_spawninstance_) {
            sub = basic_object_new(m, o->class_);
            if (sub)
                sub->name = o->name;
        }
        *out = basic_object(sub);
        return true;
    default: return false;
    }
}

bool basic_wmi_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    if (how == HOW_LET || how == HOW_SETS)
        return false;
    if (o->class_ == C_WMI)
        return service_member(m, o, name, args, n, out);
    return (o->class_ == C_WMI_CLASS || o->class_ == C_WMI_STARTUP) && class_member(m, o, name, args, n, out);
}
