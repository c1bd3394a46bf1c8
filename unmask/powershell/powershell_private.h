/* SPDX-License-Identifier: Apache-2.0 */
/* powershell - what the files of this folder share. */
#pragma once
#include "base/text.h"
#include "unmask/unmask.h"

enum { PS_VARIABLES_MAX = 256, PS_ARGUMENTS_MAX = 32, PS_LIST_MAX = 65536, PS_DEPTH_MAX = 40, PS_STEPS_MAX = 200000, PS_ROUNDS_MAX = 4096 };

enum ps_kind {
    PS_NULL,
    PS_TEXT,
    PS_NUMBER,
    PS_TRUTH,
    PS_LIST,
    PS_BYTES,   /* a list of bytes */
    PS_OBJECT,  /* of the class `text` */
    PS_TYPE,
    PS_METHOD,  /* `text` of what `items` points to */
    PS_BLOCK,   /* a script block: its text; of a function, its parameters in items */
    PS_UNKNOWN, /* `text` is a hole that says why */
};

struct ps_value {
    enum ps_kind kind;
    bool file; /* of a file that was fetched: taken to be there */
    int64_t number;
    struct text text;
    slice bytes;
    const struct ps_value *items;
    uint32_t n;
};

struct ps_variable {
    struct text name;
    struct ps_value value;
    uint32_t changed; /* the count of changes when it was */
};

enum ps_leave { PS_STAY, PS_CONTINUE, PS_BREAK, PS_RETURN };

/* What statements put out. */
struct ps_output {
    struct ps_value first, *items;
    uint32_t emitted, n, room;
    bool lost;
};

struct ps {
    struct unmask *u;
    struct walk *w;
    struct texts *t;
    struct text s; /* the code */
    uint32_t at;
    struct ps_variable *variables;
    uint32_t n_variables, steps, changes;
    uint32_t ceiling; /* of steps, while a loop goes on; 0: none */
    unsigned depth;
    bool stop, limited; /* stop: no more steps */
    enum ps_leave leave;
    bool maybe, left, doubt; /* behind an open condition; which may have left; values of several ways */
    bool broke, risky;       /* a loop may have been left; what was done in TRY may have failed */
    struct ps_value piped; /* $_ */
    struct ps_output *out;  /* what statements put out; NULL: nobody wants it */
    struct ps_value handed; /* what code that was handed on has put out */
    bool handing;           /* code runs that shares the variables */
    struct text fetched;    /* the address of what was fetched last */
    text_mark symbol;       /* of the names that stand for values of the environment: "%TEMP%" */
};

/* --- powershell_value.c */
struct ps_value ps_text(struct text s);
struct ps_value ps_cstr(struct ps *p, const char *s);
struct ps_value ps_number(int64_t n);
struct ps_value ps_unknown(struct ps *p, const char *why);
struct ps_value ps_list(struct ps *p, const struct ps_value *items, uint32_t n);
struct ps_value ps_bytes(slice bytes);
struct ps_value ps_item(struct ps *p, struct ps_value v, uint32_t i); /* of a list; the value itself when it is none */
uint32_t ps_count(struct ps_value v);
struct text ps_as_text(struct ps *p, struct ps_value v);
bool ps_as_bytes(struct ps *p, struct ps_value v, slice *out);
bool ps_as_number(struct ps *p, struct ps_value v, int64_t *out);
bool ps_spend(struct ps *p, uint64_t n);
bool ps_is(struct text s, const char *name); /* but for case */
struct ps_value ps_split(struct ps *p, struct text s, const struct ps_value *by, uint32_t n, bool chars);
struct ps_value ps_join(struct ps *p, struct ps_value list, struct text by);
struct text ps_replace(struct ps *p, struct text s, struct text old, struct text with, bool nocase);
struct ps_value ps_format(struct ps *p, struct text format, struct ps_value arguments);
struct ps_value ps_index(struct ps *p, struct ps_value v, struct ps_value at);
struct ps_value ps_cast(struct ps *p, struct text type, struct ps_value v);
struct ps_value ps_binary(struct ps *p, struct text op, struct ps_value a, struct ps_value b);

/* --- powershell_scan.c */
bool ps_letter(uint16_t u);
void ps_skip(struct ps *p, bool lines);
bool ps_take(struct ps *p, char c);
struct ps_variable *ps_variable(struct ps *p, struct text name, bool make);
struct ps_value ps_value_of(struct ps *p, struct text name);
void ps_assign(struct ps *p, struct text name, struct ps_value value);
bool ps_symbolic(const struct ps *p, struct text s); /* such a name stands in it: no place in it is known */
struct ps_value ps_environment(struct ps *p, struct text name, bool indexed);
struct text ps_variable_name(struct ps *p); /* behind the $ */
uint32_t ps_matching(struct ps *p, uint32_t at, char open, char close); /* where the bracket closes */
struct text ps_bare(struct ps *p, const char *stops);

uint32_t ps_until(struct ps *p, uint32_t at, char c); /* where c stands outside brackets and texts */

/* --- powershell.c */
struct ps_value ps_pipeline(struct ps *p);
struct ps_value ps_primary(struct ps *p);

/* --- powershell_statement.c */
void ps_statements(struct ps *p, uint32_t end);
struct ps_value ps_gather(struct ps *p, uint32_t end); /* what the statements up to there put out */
void ps_emit(struct ps *p, struct ps_value v);
struct ps_value ps_put_out(struct ps *p, const struct ps_output *o);
struct ps_value ps_block_value(struct ps *p, struct ps_value b);
struct ps_value ps_each(struct ps *p, struct ps_value list, struct ps_value b, bool filters); /* ForEach-Object, Where-Object */
/* A function or block; `names` may be NULL. */
struct ps_value ps_call(struct ps *p, struct ps_value f, const struct text *names, const struct ps_value *a, uint32_t n);

/* --- powershell_call.c */
struct ps_value ps_method(struct ps *p, struct ps_value on, struct text name, const struct ps_value *a, uint32_t n);
struct ps_value ps_static(struct ps *p, struct text type, struct text name, const struct ps_value *a, uint32_t n);
struct ps_value ps_property(struct ps *p, struct ps_value on, struct text name);
/* ConvertTo-SecureString with a key: the text that was encrypted. */
struct ps_value ps_secure(struct ps *p, struct text s, struct ps_value key);
/* `names[i]` is the parameter that a[i] is for; empty: by place. */
struct ps_value ps_command(struct ps *p, struct text name, const struct text *names, const struct ps_value *a, uint32_t n, struct ps_value piped, struct text line);
