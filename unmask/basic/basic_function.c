/* SPDX-License-Identifier: Apache-2.0 */
/* The standard library: [MS-VBAL] 6.1. Text and number functions stand in files of their own;
 * here are the lists of names, and what asks the machine or the user. What a clock, a generator
 * of random numbers or a person would say is unknown. */
#include "base/text.h"
#include "unmask/basic/basic.h"

bool basic_function_is(uint32_t word)
{
    switch (word) {
    case W_string: case W_date: case W_error: case W_input: case W_seek: case W_len: case W_execute: case W_executeglobal:
    case W_eval: return true;
    default: return word >= W_abs && word <= W_unescape;
    }
}

/* Those whose result is declared as Variant: 6.1.2. */
bool basic_function_variant(uint32_t word)
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

/* --- constants: 6.1.1 */

static const struct {
    const char *name;
    int32_t value;
} listed[] = {
#define C(name, value) { #name, value },
#include "unmask/basic/basic_constants.h"
#undef C
};

static const struct {
    const char *name, *text;
} texts[] = {
    { "vbCr", "\r" }, { "vbLf", "\n" }, { "vbCrLf", "\r\n" }, { "vbNewLine", "\r\n" }, { "vbTab", "\t" },
    { "vbBack", "\b" }, { "vbFormFeed", "\f" }, { "vbVerticalTab", "\v" }, { "vbNullString", "" },
};

bool basic_function_constant(struct machine *m, slice name, struct value *out)
{
    /* vbKeyA to vbKeyZ, vbKey0 to 9: their character */
    if (name.len == 6 && slice_starts_nocase(name, "vbKey") && ascii_alnum(name.at[5])) {
        *out = basic_int(V_INTEGER, ascii_digit(name.at[5]) ? name.at[5] : ascii_lower(name.at[5]) - 32);
        return true;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (slice_is_nocase(name, texts[i].name)) {
            *out = basic_text(text_of(m->t, slice_of(texts[i].text), TEXT_NOWHERE));
            return true;
        }
    if (slice_is_nocase(name, "vbNullChar")) {
        *out = basic_text(text_of_unit(m->t, 0, TEXT_NOWHERE));
        return true;
    }
    for (size_t i = 0; slice_starts_nocase(name, "vb") && i < sizeof listed / sizeof listed[0]; i++)
        if (slice_is_nocase(name, listed[i].name)) {
            *out = basic_int(V_LONG, listed[i].value);
            return true;
        }
    return m->dialect->constant && m->dialect->constant(m, name, out);
}

bool basic_constant_like(slice name)
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
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    if (v.type != V_STRING)
        return basic_unknown(m, "Environ");
    return basic_environ(m, v.s);
}

static struct value shell(struct machine *m, struct arg *args, uint32_t n)
{
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    if (m->error)
        return v;
    basic_say_run(m, "Shell", v);
    return basic_unknown(m, "Shell");
}

static struct value message(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    if (!m->error && v.type == V_STRING) {
        struct unmask_argument a[] = { { "text", v.s } };
        basic_say(m, EFFECT_MESSAGE, word == W_msgbox ? "MsgBox" : "InputBox", a, 1);
    }
    return basic_unknown(m, word == W_msgbox ? "MsgBox" : "InputBox");
}

static struct value call_by_name(struct machine *m, struct arg *args, uint32_t n)
{
    struct text name = basic_string(m, basic_arg(args, n, 1));
    int64_t how = 1;
    if (m->error || n < 3 || !text_known(name) || !basic_integer(m, basic_arg(args, n, 2), &how))
        return m->error ? (struct value){ 0 } : basic_unknown(m, "CallByName");
    uint32_t id = basic_lex_name(m, text_utf8(m->t, name));
    /* VbMethod 1, VbGet 2, VbLet 4, VbSet 8 */
    return basic_object_member(m, args[0].v, id, args + 3, n - 3, how & 8 ? HOW_SETS : how & 4 ? HOW_LET : HOW_CALL);
}

static struct value file_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    struct value a = basic_plain(m, basic_arg(args, n, 0)), b = basic_plain(m, basic_arg(args, n, 1));
    if (m->error)
        return a;
    if (word == W_filecopy) {
        struct unmask_argument said[] = { { "value", basic_string(m, a) }, { "path", basic_string(m, b) } };
        basic_say(m, EFFECT_WRITE, "FileCopy", said, 2);
        basic_note_copy(m, a, b);
    } else if (word == W_mkdir) {
        struct unmask_argument said[] = { { "directory", basic_string(m, a) } };
        basic_say(m, EFFECT_WRITE, "MkDir", said, 1);
    } else if (word == W_kill || word == W_setattr) {
        basic_say_path(m, EFFECT_WRITE, word == W_kill ? "Kill" : "SetAttr", a);
    } else if (word == W_savesetting) {
        struct unmask_argument said[] = { { "name", basic_string(m, b) } };
        basic_say(m, EFFECT_WRITE, "SaveSetting", said, 1);
    }
    return (struct value){ .type = V_EMPTY };
}

static struct value ask(struct machine *m, uint32_t word, struct arg *args, uint32_t n)
{
    switch (word) {
    case W_environ: return environ_of(m, args, n);
    case W_shell: return shell(m, args, n);
    case W_createobject: return basic_object_create(m, basic_string(m, basic_arg(args, n, 0)));
    case W_getobject:
        return basic_object_get(m, basic_given(args, n, 0) ? basic_string(m, args[0].v) : (struct text){ 0 });
    case W_msgbox: case W_inputbox: return message(m, word, args, n);
    case W_callbyname: return call_by_name(m, args, n);
    case W_filecopy: case W_mkdir: case W_rmdir: case W_chdir: case W_chdrive: case W_kill: case W_setattr: case W_savesetting:
        return file_function(m, word, args, n);
    case W_freefile: {
        int64_t i = 1;
        for (unsigned k = 0; k < BASIC_OPEN_MAX; k++)
            i += m->open[k] && m->open[k]->started;
        return basic_int(V_INTEGER, i);
    }
    case W_doevents: case W_randomize: case W_beep: case W_appactivate: case W_sendkeys:
        return (struct value){ .type = V_EMPTY };
    case W_eof: return basic_unknown(m, "EOF");
    case W_error: return basic_unknown(m, "Error");
    case W_execute: case W_executeglobal: case W_eval:
        if (n)
            basic_hand_on(m, "vbscript", basic_string(m, args[0].v));
        return basic_unknown(m, "Execute");
    default: return basic_unknown_slice(m, m->names[word].text);
    }
}

struct value basic_function(struct machine *m, uint32_t word, uint8_t suffix, struct arg *args, uint32_t n)
{
    struct value v = { 0 };
    struct arg none = { .v = { .type = V_MISSING } };
    (void)suffix;
    for (uint32_t i = 0; m->dialect->script && i < n; i++)
        args[i].v.flags |= VALUE_VARIANT;
    if (n && basic_named_any(args, n)) {
        struct arg ordered[BASIC_NAMED_MAX];
        uint32_t k = basic_named(m, word, NULL, args, n, ordered);
        return k > BASIC_NAMED_MAX ? basic_unknown_slice(m, m->names[word].text) : basic_function(m, word, suffix, ordered, k);
    }
    if (n == 0)
        args = &none; /* the first may always be looked at */
    if (!basic_text_function(m, word, args, n, &v) && !basic_math_function(m, word, args, n, &v) && !basic_list_function(m, word, args, n, &v) &&
        !basic_date_function(m, word, args, n, &v))
        v = ask(m, word, args, n);
    return v;
}
