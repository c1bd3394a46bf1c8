/* SPDX-License-Identifier: Apache-2.0 */
/* vba_intent_private - one VBA project taken apart, for the files of this observer.
 *
 * vba_intent_lex.c makes tokens and names, vba_intent_shape.c statements,
 * procedures, calls and liveness, vba_intent_eval.c reads expressions and finds
 * what acts outside the document (vba_intent_call.c notes it, vba_intent_fold.c
 * computes, vba_intent_sink.c knows what acts), vba_intent_reach.c follows the calls from the entries, vba_intent_measure.c
 * counts what obfuscators leave behind, vba_intent_hidden.c looks into the places that are read, vba_intent_identity.c hashes the shape.
 *
 * Names are one table a project: scopes are not told apart. That errs on the
 * side of seeing a connection too many, and costs one lookup a name.
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"
#include "observe/part/vba_intent_words.h"

enum { VBA_TOKENS_MAX = 800000, VBA_HIDDEN_SAID = 12 };

#define VBA_NONE UINT32_MAX

enum token_kind { T_END, T_NAME, T_STRING, T_NUMBER, T_OP };

enum token_flag {
    F_SUFFIX = 1,    /* a type character follows the name: Run!, Shell% */
    F_CONTINUED = 2, /* a line continuation stands before it */
    F_DOUBLED = 4,   /* a string with doubled quotes inside */
    F_SPACE = 8,     /* blank before it */
};

struct token {
    uint32_t at, len; /* in the module's text; of a string without its quotes */
    uint32_t line;
    uint32_t name; /* T_NAME: index of the name */
    uint8_t kind;
    uint8_t op; /* T_OP: the character; 'C' comparison, ':' for := */
    uint8_t flags;
};

/* What an object is, as far as the sinks care. */
enum object {
    O_NONE,
    O_HOST,     /* the application's own objects */
    O_SHELL,    /* WScript.Shell */
    O_SHELLAPP, /* Shell.Application and its windows */
    O_HTTP,
    O_STREAM,
    O_FILES,
    O_WMI,
    O_SCRIPT,
    O_TASKS,
    O_OTHER,    /* another class, by constant name */
    O_COMPUTED, /* its class is computed */
};

enum hidden_bit { /* where a value comes from that is not in the source */
              H_SHAPE = 1,
              H_CONTROL = 2,
              H_PROPERTY = 4,
              H_VARIABLE = 8,
              H_TAG = 16,
              H_COMMENT = 32,
              H_TEXT = 64,
              H_CELL = 128,
              H_KINDS = 8,
};

struct name {
    slice text;
    uint32_t hash;
    uint32_t reads, writes;
    uint32_t proc;      /* index of the procedure of this name; VBA_NONE */
    uint32_t module;    /* index of the module of this name; VBA_NONE */
    uint32_t assigns;   /* last simple assignment, chained; VBA_NONE */
    uint32_t edge_from; /* procedure whose edge to it was noted last */
    slice value;        /* constant text, when `constant` */
    int64_t number;
    bool constant, numeric, param, declared, control, live, called;
    bool api;         /* a declared library function */
    uint8_t api_kind; /* enum sink_kind */
    uint8_t object, hidden;
};

enum statement_kind {
    S_NONE,
    S_CALL,
    S_ASSIGN,
    S_SET,
    S_IF,
    S_ELSE,
    S_END_IF,
    S_FOR,
    S_NEXT,
    S_DO,
    S_LOOP,
    S_SELECT,
    S_CASE,
    S_END_SELECT,
    S_WITH,
    S_END_WITH,
    S_DECLARATION,
    S_CONST,
    S_PROC,
    S_END_PROC,
    S_DECLARE,
    S_ATTRIBUTE,
    S_ON_ERROR,
    S_JUMP,
    S_OPEN,
    S_PRINT,
    S_REDIM,
};

struct statement {
    uint32_t from, to; /* tokens */
    uint32_t proc;     /* VBA_NONE: module level */
    uint32_t target;   /* simple assignments: the name */
    uint32_t next_assign;
    uint8_t kind;
    bool live, acts, single_if;
};

struct proc {
    uint32_t name, module;
    uint32_t from, to;  /* statements, header and end included */
    uint32_t edges;     /* head of its list; VBA_NONE */
    uint32_t came_from; /* reach: the caller on the shortest way; VBA_NONE for an entry */
    uint8_t entry;      /* enum entry */
    uint8_t hidden;
    bool reached;
    bool calls_any; /* runs a procedure whose name it computes */
    uint64_t shape;
};

enum entry { ENTRY_NO, ENTRY_AUTO, ENTRY_EVENT_AUTO, ENTRY_EVENT };

struct edge {
    uint32_t to, next;
};

enum sink_kind { K_NONE, K_RUN, K_DOWNLOAD, K_WRITE, K_LOAD, K_PERSIST, K_PROBE, K_KINDS };

struct sink_use {
    const char *label;
    slice named; /* label NULL: the declared function */
    enum sink_kind kind;
    uint32_t proc, token;
    uint32_t reads[4]; /* names in its arguments */
    uint8_t n_reads, hidden;
};

/* A member call on a variable whose class may be told later in the source. */
struct maybe {
    uint32_t base, member, proc, token;
    uint8_t n_args, n_reads, hidden;
    uint32_t reads[4];
};

struct module {
    struct walk walk; /* of its part, for emitting */
    slice text;
    slice name;
    uint32_t from, to; /* tokens */
    bool bare;
};

struct code {
    struct walk *w; /* of the project */
    struct arena *mem;
    struct module *modules;
    uint32_t n_modules;
    struct token *tokens;
    uint32_t n_tokens, room_tokens;
    struct name *names;
    uint32_t n_names, room_names;
    uint32_t *slots; /* hash table: name + 1 */
    uint32_t n_slots;
    uint64_t probes;
    struct statement *statements;
    uint32_t n_statements;
    struct proc *procs;
    uint32_t n_procs, room_procs;
    struct edge *edges;
    uint32_t n_edges, room_edges;
    struct sink_use *sinks;
    uint32_t n_sinks, room_sinks;
    struct maybe *maybes;
    uint32_t n_maybes, room_maybes;
    /* measures */
    uint32_t joins, chrs, suffix_calls, split_members, longest_run, odd_keywords, computed,
        deep_arithmetic;
    uint32_t dead_selects, keywords, literal_max, blobs, split_progids, splitters, bracketed;
    uint64_t length;
    struct said *said; /* what was emitted, and how much of it */
    slice separator;
    bool full; /* something was left out */
};

/* --- vba_intent_lex.c */
bool vba_intent_lex_start(struct code *c, size_t text_bytes);
bool vba_intent_lex(struct code *c, uint32_t module);
/* The name with this spelling, made when it is new. VBA_NONE: out of memory. */
uint32_t vba_intent_lex_name(struct code *c, slice text);
/* The name with this spelling if there is one; VBA_NONE. */
uint32_t vba_intent_lex_find(const struct code *c, slice text);

/* --- vba_intent_shape.c */
bool vba_intent_shape(struct code *c);
void vba_intent_shape_edge(struct code *c, uint32_t from_proc, uint32_t name);
const struct module *vba_intent_module_of(const struct code *c, uint32_t token);
/* A name that the project may have given: no word of the language or a function. */
static inline bool vba_intent_is_own(uint32_t name)
{
    return name >= W_COUNT || vba_intent_words[name].kind == 'm';
}
/* Names like vbHide and wdKeyS that belong to the host. */
bool vba_intent_is_constant(slice name);
/* The raw text of a token. */
slice vba_intent_text(const struct code *c, uint32_t token);

/* --- vba_intent_eval.c */
void vba_intent_eval(struct code *c);

/* --- vba_intent_sink.c */
enum object vba_intent_class(slice progid);
const char *vba_intent_member_sink(uint32_t word, enum object base, unsigned n_args,
                                   enum sink_kind *kind_out);
/* Is there a base of which this member would be a sink? */
bool vba_intent_member_may(uint32_t word);
enum sink_kind vba_intent_api_kind(slice function);
uint8_t vba_intent_hidden_member(uint32_t word);
const char *vba_intent_hidden_name(unsigned bit);
const char *vba_intent_sink_kind_name(enum sink_kind k);
slice vba_intent_sink_label(const struct sink_use *s);

/* --- vba_intent_say.c: facts, each once, with their caps */
struct said;
struct said *vba_intent_said_new(struct arena *mem);
void vba_intent_say(struct code *c, enum fact_id id, slice text, uint32_t token);
void vba_intent_say_aside(struct code *c, enum fact_id id, slice text, uint32_t token);
void vba_intent_say_string(struct code *c, slice text, uint32_t token);

/* --- vba_intent_reach.c, vba_intent_measure.c, vba_intent_hidden.c, vba_intent_identity.c */
void vba_intent_reach(struct code *c);
void vba_intent_measure(struct code *c);
void vba_intent_hidden(struct code *c);
void vba_intent_identity(struct code *c);
