/* SPDX-License-Identifier: Apache-2.0 */
/* The modules of a project as Office knows them: forms have controls, ThisDocument and
 * ThisWorkbook are the document, the module of a sheet is the sheet. */
#include "base/text.h"
#include "decode/hidden.h"
#include "unmask/vba/vba_private.h"

static bool writes(enum basic_how how) { return how == HOW_LET || how == HOW_SETS; }

static slice name_text(const struct machine *m, uint32_t name) { return m->names[name].text; }

bool vba_host_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    slice own = name_text(m, m->modules[o->module].name), asked = name_text(m, name);
    struct basic_decl *d = basic_declare_find(m, name, o->module, true);
    if (name == W_controls && n == 0) {
        *out = basic_office_controls(m, own);
        return true;
    }
    if (name == W_controls && !writes(how)) {
        *out = basic_office_control_at(m, own, args, n);
        return true;
    }
    if (basic_has_control(m, own, asked) || (d && d->kind == DECL_CONTROL)) {
        struct value v = basic_control(m, own, asked);
        *out = writes(how) ? basic_object_member(m, v, W_value, args, n, how) : basic_apply(m, v, args, n, how);
        return true;
    }
    if (m->modules[o->module].kind == MODULE_DOCUMENT || slice_is_nocase(own, "ThisDocument") || slice_is_nocase(own, "ThisWorkbook")) {
        if (basic_office_document(m, o, name, args, n, how, out))
            return true;
        if (m->excel && !writes(how)) {
            const struct hidden *h = hidden_find(m->w, HIDDEN_SHEET, (slice){ 0 }, own, (slice){ 0 });
            struct object sheet = { .class_ = C_SHEET, .owner = h ? h->value : (slice){ 0 }, .name = own };
            return h && basic_office_sheet(m, &sheet, name, args, n, how, out);
        }
    }
    /* The form itself: Caption, Tag */
    const struct hidden *h = writes(how) || name == W_show ? NULL : hidden_find(m->w, HIDDEN_CONTROL, own, (slice){ 0 }, asked);
    if (h)
        *out = basic_office_value(m, h);
    if (!h && name == W_zoom && !writes(how) && m->modules[o->module].kind == MODULE_FORM) {
        *out = basic_int(V_INTEGER, 100); /* [MS-OFORMS] 2.2.10.2: kept when it is not this */
        return true;
    }
    if (!h && !writes(how) && m->modules[o->module].kind == MODULE_FORM && name != W_show && name != W_hide) {
        *out = basic_office_part(m, own, asked); /* a control without a text of its own */
        return true;
    }
    if (name == W_show || name == W_hide || name == W_load || name == W_unload)
        return true;
    return h != NULL;
}
