/* SPDX-License-Identifier: Apache-2.0 */
/* unmask - what code would do, found by evaluating it; nothing is ever run.
 *
 * A language is a folder unmask/NAME/ whose only external symbol is language_NAME, with
 * NAME_test.c and a corpus, and one line in languages.list. It sees the parts, views and facts of
 * a scan as they pass (as observers do), evaluates when it has all of its code, and says what it
 * found with unmask_effect(). For the code there is no file, process, clock or network: what
 * would come from them is unknown, and what depends on an unknown condition is tried both ways,
 * within bounds. Work is charged to the scan's budget.
 *
 * A language hands text that another one would read (a command line, a script) on with
 * unmask_hand_on(): it becomes a child part, which rules, observers and languages see like any
 * other. Effects found there say the whole way, from the entry of the first language.
 */
#pragma once
#include "base/buf.h"
#include "decode/page.h"
#include "decode/walk.h"
#include "unmask/text.h"

enum {
    LANGUAGES_MAX = 8,
    UNMASK_VIA_MAX = 24,       /* of a call path; the middle is left out of longer ones */
    UNMASK_ARGUMENTS_MAX = 8,
    UNMASK_ORIGINS_MAX = 32,
    UNMASK_EFFECTS_MAX = 512,  /* of one scan; the same effect is said once, and again when it is surer */
    UNMASK_NESTING_MAX = 6,    /* languages handed on to, one inside the other */
};

struct unmask_variable {
    struct text name, value;
};

struct unmask {
    struct texts texts;
    const struct unmask_variable *environment; /* set by the code; what it starts inherits them */
    uint32_t n_environment;
    slice via[UNMASK_VIA_MAX]; /* how the code that is being evaluated came to run */
    uint32_t n_via;
    uint32_t nesting;
    bool maybe; /* and whether it comes to that was not decided: set around unmask_hand_on() */
    uint32_t n_effects;
    uint64_t *said; /* hashes of the effects so far, and how sure they were */
    void *state[LANGUAGES_MAX];
    struct buf notes; /* steps of the evaluation that is going on; heap */
    bool ready, trace, told; /* told: that texts were too many */
    bool showing; /* the part that passes has been evaluated by who made it */
};

struct language {
    const char *name;
    /* Any may be NULL. `state` is NULL at first, one per language and scan. */
    void (*part)(struct unmask *u, struct walk *w, void **state);
    void (*view)(struct unmask *u, struct walk *w, void **state, enum fact_id id, slice utf8, struct range at);
    void (*fact)(struct unmask *u, struct walk *w, void **state, const struct fact *f);
    void (*part_end)(struct unmask *u, struct walk *w, void **state, enum walk_end end);
    /* The scripts of a page (decode/page.h), while its text and its elements are there: a language
     * takes those that are its own, as one program. */
    void (*page)(struct unmask *u, struct walk *w, void **state, struct script_page *p);
};

/* The hooks of the scan call these, before the observers. Languages.list gives the order. */
void unmask_part(struct unmask *u, struct walk *w);
void unmask_view(struct unmask *u, struct walk *w, enum fact_id id, slice utf8, struct range at);
void unmask_fact(struct unmask *u, struct walk *w, const struct fact *f);
void unmask_page(struct unmask *u, struct walk *w, struct script_page *p);
void unmask_end(struct unmask *u, struct walk *w, enum walk_end end);
/* Behind the scan: what is not the arena's is freed. */
void unmask_done(struct unmask *u);

/* --- for languages */

/* Most objects hold no code at all: what evaluation needs is made at the first use. A language
 * asks before it makes texts; false: no memory. */
bool unmask_prepare(struct unmask *u, struct walk *w);

/* Names of arguments, one vocabulary for all languages (docs/report.schema.json):
 * url, path (a file written, read or loaded), command (a command line), program, function (an
 * export), directory, name (of a service, key, task), value, text (of a message), query, host. */
struct unmask_argument {
    const char *name;
    struct text value;
};

enum {
    UNMASK_CONDITIONAL = 1, /* whether it comes to that was not decided */
    UNMASK_DOUBT = 2,       /* values may be cut off, mixed or guessed: partial, whatever the arguments are */
};

struct unmask_said {
    enum effect_kind kind;
    const char *sink; /* as the documentation of the language names it: "WScript.Shell.Run", "EXEC" */
    const struct unmask_argument *arguments;
    size_t n_arguments;
    const slice *via; /* from the entry to the call, without what u->via holds */
    size_t n_via;
    uint8_t maybe; /* UNMASK_CONDITIONAL (true will do), UNMASK_DOUBT */
};

/* Certainty, in all languages alike. Known: every argument is exactly what is passed when control
 * comes here on the way that evaluation took. Conditional: whether control takes that way was not
 * decided, since a condition is unknown (one that lets the rest run counts as well), or an error
 * that nobody catches may come before, or nothing is known to call the code. An evaluator that
 * cannot keep the ways apart, so that a value may be a mixture of both, says UNMASK_DOUBT. A value that
 * was found by trying (the day of a lock) is conditional where only one of those that were tried
 * gives code that makes sense, and else unknown.
 *
 * Says an effect of the code of this part: the event, its facts (effect.*), the effect itself.
 * URLs are normalised. False: it had been said, or there are too many. */
bool unmask_effect(struct unmask *u, struct walk *w, const struct unmask_said *e);

/* The lines of a view, in order, where they stand in the bytes of its part: the view is UTF-8, the
 * part may be in another charset, and origins are ranges of the part. `at`: the view's. */
struct unmask_lines {
    slice bytes;
    uint64_t base;
    size_t pos;
    unsigned unit; /* bytes of a character: 1, or 2 of UTF-16 */
    bool big;      /* big endian */
};
struct unmask_lines unmask_lines_of(const struct walk *w, struct range at);
struct range unmask_lines_next(struct unmask_lines *l); /* with its line feed; empty behind the last */

/* Hands text on: the child is of this type ("command", "powershell", "vbscript", "jscript", "html",
 * "vba-formula"...), is walked at once, and gives its effects behind `via`. */
void unmask_hand_on(struct unmask *u, struct walk *w, const char *type, struct text code, const slice *via, size_t n_via);

/* Text that the language itself has evaluated (Execute, eval): a child part for rules and for
 * people, which no language evaluates again. */
void unmask_show(struct unmask *u, struct walk *w, const char *type, struct text code);

/* Bytes that code carries and would write or load (a program, an archive): walked as what they are. */
void unmask_payload(struct unmask *u, struct walk *w, slice name, slice bytes);

/* The source of a program that code puts together and has run, when it is walked as a file of that
 * name and not as one language (a module that a macro adds to a project). */
void unmask_program(struct unmask *u, struct walk *w, slice name, slice source, const slice *via, size_t n_via);

/* One step of the evaluation, for people who want to follow it: the statement with its values put
 * in. Costs nothing where u->trace is false; callers ask it before they make the text. `line` is
 * that of the part; `depth` how deep the call. Becomes the view unmask.trace of the part in which
 * evaluation began: "PART<TAB>LINE<TAB>DEPTH<TAB>STATEMENT" a line. */
void unmask_note(struct unmask *u, const struct walk *w, uint32_t line, unsigned depth, slice statement);
