/* SPDX-License-Identifier: Apache-2.0 */
/* vbscript_private - VBScript as a dialect of the machine in unmask/basic.
 *
 * vbscript.c collects the scripts of a file or page and runs them, vbscript_code.c is code that
 * was made (Execute, Eval, GetRef), vbscript_host.c the objects of Windows Script Host,
 * vbscript_page.c those of a page. */
#pragma once
#include "decode/page.h"
#include "unmask/basic/basic.h"

enum { VBS_TIMERS_MAX = 32, VBS_SHOWN_MAX = 24, VBS_SHOWN_FROM = 16, VBS_UNKNOWN_BYTE = 0x81 };

/* `place` of objects of class C_HOST */
enum vbs_host {
    HOST_WSCRIPT,
    HOST_ARGUMENTS,
    HOST_STREAM, /* StdIn, StdOut, StdErr */
    HOST_WINDOW,
    HOST_DOCUMENT,
    HOST_LOCATION,
    HOST_ELEMENT,
    HOST_ELEMENTS, /* a list; name: of tags, or all of them */
    HOST_PROCEDURE, /* GetRef */
};

struct vbs {
    struct script_page *page; /* NULL: a script alone */
    bool wsh, browser;        /* which hosts it may run in */
    struct object *objects[HOST_PROCEDURE];
    struct text written;      /* by document.write */
    struct value timers[VBS_TIMERS_MAX];
    uint32_t n_timers, n_shown;
    uint64_t made;            /* units of code */
};

static inline struct vbs *vbs_of(struct machine *m) { return m->host; }

/* --- vbscript_code.c */
/* A module of source text; holes in it stay unknown. Its number; n_modules: no room. */
uint32_t vbs_add_source(struct machine *m, struct walk *w, const struct page_script *s);
bool vbs_code_call(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out);
/* As a program of its own, among the others' names. */
struct value vbs_execute(struct machine *m, struct text code, slice name, unsigned body);
void vbs_run_value(struct machine *m, struct value code); /* text, or what GetRef gave */
bool vbs_procedure_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out);

/* --- vbscript_host.c */
struct object *vbs_object(struct machine *m, enum vbs_host place);
bool vbs_has(struct machine *m, uint32_t name);
bool vbs_call(struct machine *m, uint32_t name, struct arg *args, uint32_t n, struct value *out);
bool vbs_assign(struct machine *m, uint32_t name, struct value v);
bool vbs_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out);
struct text vbs_joined(struct machine *m, struct arg *args, uint32_t n, const char *between);

/* --- vbscript_page.c */
bool vbs_page_has(struct machine *m, slice name);
bool vbs_page_call(struct machine *m, slice name, struct arg *args, uint32_t n, struct value *out);
bool vbs_page_member(struct machine *m, struct object *o, slice name, struct arg *args, uint32_t n, enum basic_how how, struct value *out);
void vbs_page_end(struct machine *m); /* what was written into it is a page */
