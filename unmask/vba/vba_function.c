/* SPDX-License-Identifier: Apache-2.0 */
/* The standard library: [MS-VBAL] 6.1. Text and number functions stand in files of their own;
 * here are the lists of names, and what asks the machine or the user. What a clock, a generator
 * of random numbers or a person would say is unknown. */
#include "base/text.h"
#include "unmask/vba/vba_private.h"

bool vba_function_is(uint32_t word)
{
    switch (word) {
    case W_string: case W_date: case W_error: case W_input: case W_seek: case W_len: case W_execute: case W_executeglobal:
    case W_eval: return true;
    default: return word >= W_abs && word <= W_unescape;
    }
}

/* Those whose result is declared as Variant: 6.1.2. */
bool vba_function_variant(uint32_t word)
{
    switch (word) {
    case W_asc: case W_ascw: case W_ascb: case W_cint: case W_clng: case W_cbyte: case W_cdbl: case W_csng: case W_cbool:
    case W_cstr: case W_ccur: case W_len: case W_lenb: case W_sqr: case W_sin: case W_cos: case W_tan: case W_atn:
    case W_exp: case W_log: case W_val: case W_sgn: case W_ubound: case W_lbound: case W_strreverse: case W_join:
    case W_replace: case W_filter: case W_split: case W_instrrev: case W_rnd: case W_isarray: case W_isempty:
    case W_isnumeric: case W_isnull: case W_isobject: case W_vartype: case W_typename: case W_rgb:
        return false;
    default: return true;
    }
}

/* --- constants: 6.1.1, and those of the hosts' type libraries */

static const struct {
    const char *name;
    int32_t value;
} listed[] = {
#define C(name, value) { #name, value },
#include "unmask/vba/vba_constants.h"
#undef C
};

struct constant {
    uint32_t at, len; /* in constant_names */
    int32_t value;
};

#include "vba_constants.inc"

static const struct {
    const char *name, *text;
} texts[] = {
    { "vbCr", "\r" }, { "vbLf", "\n" }, { "vbCrLf", "\r\n" }, { "vbNewLine", "\r\n" }, { "vbTab", "\t" },
    { "vbBack", "\b" }, { "vbFormFeed", "\f" }, { "vbVerticalTab", "\v" }, { "vbNullString", "" },
};

static int compare_name(slice name, const struct constant *c)
{
    for (size_t i = 0; i < name.len && i < c->len; i++) {
        uint8_t a = ascii_lower(name.at[i]), b = (uint8_t)constant_names[c->at + i];
        if (a != b)
            return a < b ? -1 : 1;
    }
    return name.len < c->len ? -1 : name.len > c->len;
}

/* Excel's are known where its library is: elsewhere such a name may as well be a variable. */
static bool of_library(const struct machine *m, slice name, int32_t *out)
{
    bool excel = slice_starts_nocase(name, "xl") || slice_starts_nocase(name, "rgb");
    if (!(excel && m->excel) && !slice_starts_nocase(name, "mso"))
        return false;
    for (size_t lo = 0, hi = sizeof constants / sizeof constants[0]; lo < hi;) {
        size_t mid = lo + (hi - lo) / 2;
        int order = compare_name(name, &constants[mid]);
        if (order == 0) {
            *out = constants[mid].value;
            return true;
        }
        lo = order < 0 ? lo : mid + 1;
        hi = order < 0 ? mid : hi;
    }
    return false;
}

bool vba_function_constant(struct machine *m, slice name, struct value *out)
{
    int32_t number;
    /* vbKeyA to vbKeyZ and wdKeyA, vbKey0 to 9: their character */
    bool key = name.len == 6 && (slice_starts_nocase(name, "vbKey") || slice_starts_nocase(name, "wdKey"));
    if (key && ascii_alnum(name.at[5])) {
        *out = vba_int(V_INTEGER, ascii_digit(name.at[5]) ? name.at[5] : ascii_lower(name.at[5]) - 32);
        return true;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (slice_is_nocase(name, texts[i].name)) {
            *out = vba_text(text_of(m->t, slice_of(texts[i].text), TEXT_NOWHERE));
            return true;
        }
    if (slice_is_nocase(name, "vbNullChar")) {
        *out = vba_text(text_of_unit(m->t, 0, TEXT_NOWHERE));
        return true;
    }
    uint8_t head = name.len > 3 ? ascii_lower(name.at[0]) : 0;
    if (head && strchr("xmr", head) && of_library(m, name, &number)) {
        *out = vba_int(V_LONG, number);
        return true;
    }
    if (!head || !strchr("vwao", head))
        return false;
    for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++)
        if (slice_is_nocase(name, listed[i].name)) {
            *out = vba_int(V_LONG, listed[i].value);
            return true;
        }
    return false;
}

bool vba_constant_like(slice name)
{
    static const char *const heads[] = { "vb", "wd", "xl", "mso", "pp", "ol", "ad", "fm" };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        size_t n = slice_of(heads[i]).len;
        bool same = name.len > n + 1 && slice_starts(name, slice_of(heads[i]));
        if (same && name.at[n] >= 'A' && name.at[n] <= 'Z' && !ascii_digit(name.at[name.len - 1]) && ascii_alpha(name.at[n + 1]) &&
            name.at[n + 1] >= 'a')
            return true;
    }
    return false;
}

/* --- what asks */

static struct value environ_of(struct machine *m, struct arg *args, uint32_t n)
{
    struct value v = vba_plain(m, vba_arg(args, n, 0));
    if (v.type != V_STRING)
        return vba_unknown(m, "Environ");
    return vba_environ(m, v.s);
}

static struct value shell(struct machine *m, struct arg *args, uint32_t n)
{
    struct value v = vba_plain(m, vba_arg(args, n, 0));
    if (m->error)
        return v;
    vba_say_run(m, "Shell", v);
    return vba_unknown(m, "Shell");
}

static struct value message(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    struct value v = vba_plain(m, vba_arg(args, n, 0));
    if (!m->error && v.type == V_STRING) {
        struct unmask_argument a[] = { { "text", v.s } };
        vba_say(m, EFFECT_MESSAGE, word == W_msgbox ? "MsgBox" : "InputBox", a, 1);
    }
    return vba_unknown(m, word == W_msgbox ? "MsgBox" : "InputBox");
}

static struct value call_by_name(struct machine *m, struct arg *args, uint32_t n)
{
    struct text name = vba_string(m, vba_arg(args, n, 1));
    int64_t how = 1;
    if (m->error || n < 3 || !text_known(name) || !vba_integer(m, vba_arg(args, n, 2), &how))
        return m->error ? (struct value){ 0 } : vba_unknown(m, "CallByName");
    uint32_t id = vba_lex_name(m, text_utf8(m->t, name));
    /* VbMethod 1, VbGet 2, VbLet 4, VbSet 8 */
    return vba_object_member(m, args[0].v, id, args + 3, n - 3, how & 8 ? HOW_SETS : how & 4 ? HOW_LET : HOW_CALL);
}

static struct value file_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    struct value a = vba_plain(m, vba_arg(args, n, 0)), b = vba_plain(m, vba_arg(args, n, 1));
    if (m->error)
        return a;
    if (word == W_filecopy) {
        struct unmask_argument said[] = { { "value", vba_string(m, a) }, { "path", vba_string(m, b) } };
        vba_say(m, EFFECT_WRITE, "FileCopy", said, 2);
        vba_note_copy(m, a, b);
    } else if (word == W_mkdir) {
        struct unmask_argument said[] = { { "directory", vba_string(m, a) } };
        vba_say(m, EFFECT_WRITE, "MkDir", said, 1);
    } else if (word == W_kill || word == W_setattr) {
        vba_say_path(m, EFFECT_WRITE, word == W_kill ? "Kill" : "SetAttr", a);
    } else if (word == W_savesetting) {
        struct unmask_argument said[] = { { "name", vba_string(m, b) } };
        vba_say(m, EFFECT_WRITE, "SaveSetting", said, 1);
    }
    return (struct value){ .type = V_EMPTY };
}

static struct value ask(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    switch (word) {
    case W_environ: return environ_of(m, args, n);
    case W_shell: return shell(m, args, n);
    case W_createobject: return vba_object_create(m, vba_string(m, vba_arg(args, n, 0)));
    case W_getobject:
        return vba_object_get(m, vba_given(args, n, 0) ? vba_string(m, args[0].v) : (struct text){ 0 });
    case W_msgbox: case W_inputbox: return message(m, word, args, n);
    case W_callbyname: return call_by_name(m, args, n);
    case W_filecopy: case W_mkdir: case W_rmdir: case W_chdir: case W_chdrive: case W_kill: case W_setattr: case W_savesetting:
        return file_function(m, word, args, n);
    case W_freefile: {
        int64_t i = 1;
        for (unsigned k = 0; k < VBA_OPEN_MAX; k++)
            i += m->open[k].known;
        return vba_int(V_INTEGER, i);
    }
    case W_doevents: case W_randomize: case W_beep: case W_appactivate: case W_sendkeys:
        return (struct value){ .type = V_EMPTY };
    case W_eof: return vba_unknown(m, "EOF");
    case W_error: return vba_unknown(m, "Error");
    case W_execute: case W_executeglobal: case W_eval:
        if (n)
            vba_hand_on(m, "vbscript", vba_string(m, args[0].v));
        return vba_unknown(m, "Execute");
    default: return vba_unknown_slice(m, m->names[word].text);
    }
}

struct value vba_function(struct machine *m, uint32_t word, uint8_t suffix, struct arg *args, uint32_t n)
{
    struct value v = { 0 };
    struct arg none = { .v = { .type = V_MISSING } };
    (void)suffix;
    for (uint32_t i = 0; m->dialect && i < n; i++)
        args[i].v.flags |= VALUE_VARIANT;
    if (n && vba_named_any(args, n)) {
        struct arg ordered[VBA_NAMED_MAX];
        uint32_t k = vba_named(m, word, NULL, args, n, ordered);
        return k > VBA_NAMED_MAX ? vba_unknown_slice(m, m->names[word].text) : vba_function(m, word, suffix, ordered, k);
    }
    if (n == 0)
        args = &none; /* the first may always be looked at */
    if (!vba_text_function(m, word, args, n, &v) && !vba_math_function(m, word, args, n, &v) && !vba_list_function(m, word, args, n, &v) &&
        !vba_date_function(m, word, args, n, &v))
        v = ask(m, word, args, n);
    return v;
}
