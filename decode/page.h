/* SPDX-License-Identifier: Apache-2.0 */
/* page - the scripts of one page or script file as what they are together: one program per
 * language, and the elements it can look things up in.
 *
 * A script of a script file is a child part too, for rules; it is evaluated here only, not as a
 * part of type "vbscript" or "jscript" whose parent is "wsf".
 *
 * Readers (html, wsf) add each script in the order in which it runs and say the page with
 * walk_page() as the last thing of their walk, while its text is still there. Who evaluates code
 * (unmask/) gets it by the `page` hook. Elements are only read when one is first asked for. WHATWG
 * HTML 4.12.1 and 8.1.8 (scripts, handlers in attributes), and what Internet Explorer adds, since
 * HTML applications run in it: `language`, `for`/`event`, elements by name, VBScript.
 */
#pragma once
#include "decode/walk.h"

enum page_language {
    PAGE_JSCRIPT,
    PAGE_VBSCRIPT,
    PAGE_OTHER
}; /* OTHER: data, or an engine that Windows lacks */

enum page_when {
    PAGE_NOW,  /* where it stands, from top to bottom */
    PAGE_LOAD, /* by itself, when all is there: window.onload, body onload, a frame's javascript: */
    PAGE_LATER, /* when somebody clicks, types or moves */
};

struct page_script {
    slice code; /* UTF-8, lives as long as the walk */
    enum page_language language;
    enum page_when when;
    slice event, of; /* of a handler: "onclick", and the id of its element or "window" */
    struct range at; /* in the part; its lengths are those of code only where `exact` */
    uint32_t line;   /* from 1 */
    bool exact;      /* offsets in code are offsets in the part, from at.from on */
};

struct page_element {
    slice tag, id, name; /* as written */
    slice attributes;    /* all of them as they stand in the tag */
    slice inner;         /* markup up to its end tag, as it stands */
    struct range at;
};

struct script_page {
    struct walk *w;
    bool job; /* of a script file: the host is Windows Script Host, not a browser */
    slice title;
    struct page_script *scripts;
    uint32_t n_scripts, room_scripts;
    struct page_element *elements;
    uint32_t n_elements, room_elements;
    bool read;                                   /* the elements were */
    void (*load)(struct script_page *p);         /* adds all elements; NULL: has none */
    slice (*decode)(struct arena *mem, slice s); /* character references; NULL: none */
    void *host;
};

enum { PAGE_SCRIPTS_MAX = 1024, PAGE_ELEMENTS_MAX = 8192 };

/* --- for readers */
void page_add(struct script_page *p, const struct page_script *s);
void page_add_element(struct script_page *p, const struct page_element *e);
/* By the value of `language` or `type`; `fallback` where it is empty. */
enum page_language page_language(slice declared, enum page_language fallback);
/* A handler in an attribute may name its language: "vbscript:f 1". *code_io loses the name. */
enum page_language page_handler_language(slice *code_io, enum page_language fallback);
/* "onload" of a page, "onerror": without anybody's doing. */
bool page_event_by_itself(slice event);
void walk_page(struct walk *w, struct script_page *p);

/* --- for those who evaluate */
/* By id, then by name, ASCII letters without case as Internet Explorer does; NULL: none. */
const struct page_element *page_find(struct script_page *p, slice id);
const struct page_element *page_at(struct script_page *p, uint32_t index); /* in page order; NULL */
/* Decoded; false: it has none of this name. */
bool page_attribute(const struct script_page *p, const struct page_element *e, const char *name,
                    slice *out);
/* Its text: of a textarea or without markup inside, exactly; else tags are left out. */
slice page_text(const struct script_page *p, const struct page_element *e);
/* The value of an attribute among those of a tag, as written; false: none of this name. */
bool page_attribute_in(slice attributes, const char *name, slice *out);
