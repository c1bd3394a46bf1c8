/* SPDX-License-Identifier: Apache-2.0 */
/* command - what the files of this folder share. */
#pragma once
#include "base/text.h"
#include "unmask/unmask.h"

enum {
    COMMAND_VARIABLES_MAX = 256,
    COMMAND_FILES_MAX = 16,
    COMMAND_LOOPS_MAX = 12,
    COMMAND_WORDS_MAX = 64,
    COMMAND_DEPTH_MAX = 16,
    COMMAND_STEPS_MAX = 40000,
    COMMAND_PENDING_MAX = 12,
};

struct command_file {
    struct text path, content;
    bool handed;
};

struct command_loop {
    uint16_t letter;
    struct text value;
};

struct command {
    struct unmask *u;
    struct walk *w;
    struct texts *t;
    struct unmask_variable *variables;
    uint32_t n_variables;
    struct command_file files[COMMAND_FILES_MAX];
    uint32_t n_files;
    struct command_loop loops[COMMAND_LOOPS_MAX];
    uint32_t n_loops;
    struct text source;                     /* of a batch file, where labels are looked for */
    struct text jump;                       /* the label that GOTO names */
    struct text pending[COMMAND_PENDING_MAX]; /* labels behind unknown conditions */
    struct text output;                     /* of ECHO, where it is caught */
    struct text input;                      /* what is piped to what runs now */
    uint32_t n_pending, steps, changes;
    unsigned depth;
    bool batch, delayed, jumping, ended, maybe, doubt, catching, limited; /* doubt: values of several ways */
    bool cut;  /* something that cmd.exe would do was not followed, but what is behind it is */
    bool said; /* who handed this line on has said that it runs */
};

static inline struct text command_lit(struct command *c, const char *s) { return text_of(c->t, slice_of(s), TEXT_NOWHERE); }
struct text command_unknown(struct command *c, const char *why);
bool command_spend(struct command *c, uint64_t n); /* false: no more */

/* Characters that a value brings in are no syntax any more: they are kept apart until the command
 * is whole. */
struct text command_guarded(struct command *c, struct text s);
struct text command_plain(struct command *c, struct text s);

/* --- command_expand.c */
bool command_get(struct command *c, struct text name, struct text *out);
void command_set(struct command *c, struct text name, struct text value);
/* Carets outside quotes go, as for what a shell reads again. */
struct text command_without_carets(struct command *c, struct text s);
struct text command_percents(struct command *c, struct text s);
struct text command_delayed(struct command *c, struct text s);
struct text command_delayed_plain(struct command *c, struct text s); /* not guarded any more */
struct text command_loop_values(struct command *c, struct text s);
struct text command_trim(struct text s);
struct text command_unquoted(struct command *c, struct text s);

/* --- command_run.c */
void command_lines(struct command *c, struct text s);
void command_line(struct command *c, struct text s); /* one, behind its percents */

void command_direct(struct command *c, struct text line); /* without a shell */

/* --- command_output.c */
bool command_internal(struct text word); /* a command of the shell */
/* What a command of the shell prints, as far as that is the same everywhere; lines end with \n. */
struct text command_shown(struct command *c, struct text word, struct text rest);
/* The lines of `input` that FIND or FINDSTR lets through. */
struct text command_found(struct command *c, struct text input, const struct text *words, uint32_t n, bool strings);
struct text command_environment(struct command *c, struct text beginning); /* SET */

/* --- command_for.c */
void command_for(struct command *c, struct text rest);
void command_if(struct command *c, struct text rest);

/* --- command_program.c */
/* A program with its arguments, carets and variables done. `input`: what is piped to it, may be empty. */
void command_program(struct command *c, struct text line, struct text input);
void command_say(struct command *c, enum effect_kind kind, const char *sink, const char *name, struct text value);
/* A file that was written; its content by type when it is run. */
void command_write(struct command *c, struct text path, struct text more, bool append);
void command_say_files(struct command *c);
/* The words of a command line as its program gets them; behind each, where it ends in the line. */
uint32_t command_words(struct command *c, struct text line, struct text words[COMMAND_WORDS_MAX], uint32_t ends[COMMAND_WORDS_MAX]);
