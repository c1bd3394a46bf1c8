/* SPDX-License-Identifier: Apache-2.0 */
/* jscript - what the files of this folder share: the tree that code is parsed to, the values it
 * computes with, and the machine that does it.
 *
 * Sections of ECMA-262 are those of the 12th edition (2021) where no other is named. */
#pragma once
#include "base/text.h"
#include "unmask/jscript/jscript_words.h"
#include "unmask/unmask.h"

enum {
    JS_SOURCE_MAX = 2 << 20, /* units of one script */
    JS_STEPS_MAX = 2000000,
    JS_DEPTH_MAX = 900,   /* of evaluation, one inside the other */
    JS_NESTING_MAX = 250, /* of code while it is parsed */
    JS_CALLS_MAX = 150,
    JS_ARGUMENTS_MAX = 65536,
    JS_ITEMS_MAX = 4 << 20, /* of one array */
    JS_WORK_PER_STEP = 30,
    JS_DOWNLOADS_MAX = 64,
    JS_FILES_MAX = 32,
    JS_LATER_MAX = 64,
};

enum js_word {
    A_NONE,
#define X(name) A_##name,
    JS_WORDS(X)
#undef X
        A_WORDS
};
enum { JS_KEYWORDS = A_with };

/* --- values */

enum js_kind {
    JS_UNDEFINED,
    JS_NULL,
    JS_BOOL,
    JS_NUMBER,
    JS_STRING,
    JS_OBJECT,
    JS_UNKNOWN,
    JS_ABSENT
};

/* What an unknown value most likely is, since the code is made for the case that it succeeds: a
 * condition on what was fetched holds, and the length of that is large. */
enum js_lean {
    LEAN_NONE,
    LEAN_TRUE,
    LEAN_FALSE,
    LEAN_LARGE,
    LEAN_STATUS,
    LEAN_READY
}; /* STATUS: 200, READY: 4 */

struct js_object;

struct js_value {
    uint8_t kind, lean, seen; /* seen: while two ways are compared */
    text_mark mark;           /* origin of a number; why a value is unknown */
    union {
        double d;
        bool b;
        struct text s;
        struct {
            struct js_object *o; /* of an unknown value: what it names (a Blob behind a URL) */
            uint32_t download;   /* of an unknown value: it was fetched */
        };
    };
};

enum js_class {
    C_OBJECT,
    C_ARRAY,
    C_FUNCTION,
    C_BUILTIN,
    C_BOUND,
    C_STRING,
    C_NUMBER,
    C_BOOLEAN,
    C_REGEXP,
    C_DATE,
    C_ERROR,
    C_PROMISE,
    C_MAP,
    C_BYTES,
    C_SCOPE,
    C_WITH,
    C_GLOBAL,
    C_ARGUMENTS,
    C_ACCESSOR,
    C_SYMBOL,
    C_HOST,
    C_METHOD, /* a method of a host object, taken from it */
};

enum { SLOT_HIDDEN = 1, SLOT_FIXED = 2, SLOT_ACCESSOR = 4 };

struct js_slot {
    uint32_t atom;
    uint8_t flags;
    struct js_value v;
};

struct js_object {
    uint8_t class_;
    bool fogged, seen;       /* fogged: differs with a condition that is unknown */
    uint16_t owner;          /* of builtin members: enum js_owner */
    uint32_t id;             /* a builtin's row, a host object's kind, an element's size */
    uint32_t atom;           /* a name */
    uint32_t born;           /* js.opened when it was made */
    struct js_object *proto; /* of a scope the one around it */
    struct js_slot *slots;
    uint32_t n_slots, room_slots;
    uint32_t *index; /* of slots, by atom; when there are many */
    uint32_t room_index;
    uint32_t n_items, room_items;
    struct js_value *items;
    struct js_value v, v2; /* a primitive, the object of WITH, a host object's name or content */
    const void *data;      /* a function's code, a compiled expression, an element */
    struct js_object *scope, *home;
};

/* --- the tree */

enum js_node_kind {
    N_EMPTY,
    N_NUMBER,
    N_STRING,
    N_TEMPLATE,
    N_REGEXP,
    N_NAME,
    N_THIS,
    N_NULL,
    N_TRUE,
    N_FALSE,
    N_ARRAY,
    N_OBJECT,
    N_PROPERTY,
    N_FUNCTION,
    N_CLASS,
    N_MEMBER,
    N_INDEX,
    N_CALL,
    N_NEW,
    N_UNARY,
    N_UPDATE,
    N_BINARY,
    N_AND,
    N_OR,
    N_NULLISH,
    N_CONDITION,
    N_ASSIGN,
    N_COMMA,
    N_SPREAD,
    N_AWAIT,
    N_HOLE,
    N_ELISION,
    N_SUPER,
    N_TAGGED,
    N_VAR,
    N_DECLARE,
    N_EXPRESSION,
    N_BLOCK,
    N_IF,
    N_FOR,
    N_FOR_IN,
    N_FOR_OF,
    N_WHILE,
    N_DO,
    N_RETURN,
    N_BREAK,
    N_CONTINUE,
    N_THROW,
    N_TRY,
    N_SWITCH,
    N_CASE,
    N_LABEL,
    N_WITH,
    N_FUNCTION_HERE
};

enum {
    NODE_OPTIONAL = 1,
    NODE_COMPUTED = 2,
    NODE_GETTER = 4,
    NODE_SETTER = 8,
    NODE_PREFIX = 16,
    NODE_SCOPE = 32,
    NODE_STATIC = 64,
    NODE_BRACKETED = 128
};

struct js_node {
    uint8_t kind, flags;
    uint16_t op, join; /* join: the operator before this operand of N_BINARY */
    uint32_t at, atom;
    struct js_node *a, *b, *c, *next;
    union {
        double d;
        struct text s;
        struct js_code *code;
        struct { /* of a loop: jscript_hot.h */
            struct js_hot *hot;
            uint32_t rounds; /* of N_BREAK: how often it was not gone (jscript_fork.c) */
        };
    };
};

/* A text that is evaluated: the script itself or what it gives to eval. */
struct js_source {
    struct text s;
    const uint16_t *units;
    uint32_t n;
    uint32_t line;
    bool whole; /* stands as it was written: comments are there */
};

struct js_code {
    const struct js_source *source;
    uint32_t from, to, name;
    struct js_node *parameters, *body;
    uint32_t *vars;
    uint32_t n_vars, room_vars;
    struct js_node *functions; /* declared: N_FUNCTION_HERE, by c */
    bool arrow, expression, is_async, generator, uses_arguments, uses_eval, method, lexical, simple;
};

/* --- tokens */

enum js_token_kind { T_END, T_NAME, T_NUMBER, T_STRING, T_TEMPLATE, T_REGEXP, T_MARK, T_HOLE };

/* Marks: the characters themselves for one, these for more. */
enum js_mark {
    M_ARROW = 256,
    M_EQ,
    M_NE,
    M_SAME,
    M_NOT_SAME,
    M_LE,
    M_GE,
    M_AND,
    M_OR,
    M_NULLISH,
    M_SHL,
    M_SHR,
    M_USHR,
    M_INC,
    M_DEC,
    M_POWER,
    M_SPREAD,
    M_OPTIONAL,
    M_IN,
    M_INSTANCEOF,
    M_TYPEOF,
    M_VOID,
    M_DELETE,
    M_ASSIGN, /* an operator and '=': which is in `op` */
};

struct js_token {
    uint8_t kind;
    bool line_before, escaped;
    uint16_t mark, op;
    uint32_t from, to, atom;
    double d;
    struct text s;
};

struct js_parser {
    struct js *m;
    const struct js_source *source;
    uint32_t pos, depth;
    struct js_token t; /* the one to come */
    struct js_code *code;
    bool no_in, broken, conditional, lexical;
    uint32_t last_to;
};

/* --- the machine */

enum js_flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE, FLOW_RETURN, FLOW_THROW };

struct js_frame {
    struct js_frame *up;
    const struct js_code *code; /* NULL: of no function */
    const struct js_node *at;   /* the statement of its body */
    uint32_t name;
    uint32_t fog; /* the place in the journal since which writes are conditional, and one */
    uint32_t waits; /* the place in the journal since a loop waits, and one */
    uint32_t leaves, leant; /* leant: ways taken for granted, and left */
    bool returned, has_early;
    struct js_value result, early;
};

enum js_journal { J_SLOT, J_ITEM, J_HEAD };

struct js_row {
    struct js_object *o;
    struct js_object *before; /* J_HEAD */
    uint32_t index;
    uint8_t what;
    struct js_value old;
};

struct js_atom {
    const uint16_t *units;
    const char *ascii;
    uint32_t n;
    uint32_t hash;
    struct text s;
};

struct js_download {
    struct text url, path;
    const char *sink;
    slice via[UNMASK_VIA_MAX];
    uint32_t n_via;
    uint8_t maybe;
    bool said;
};

struct js_file {
    struct text path;
    struct js_value content;
    bool handed;
};

/* Where the code runs decides what it finds there. */
enum js_place { PLACE_HOST, PLACE_PAGE, PLACE_PDF, PLACE_OPEN };

/* Owners of builtin members. */
enum js_owner {
    O_NONE,
    O_GLOBAL,
    O_OBJECT,
    O_FUNCTION,
    O_ARRAY,
    O_STRING,
    O_NUMBER,
    O_BOOLEAN,
    O_REGEXP,
    O_DATE,
    O_ERROR,
    O_PROMISE,
    O_MAP,
    O_BYTES,
    O_MATH,
    O_JSON,
    O_DECODER,
    O_ENUMERATOR,
    O_OBJECT_CLASS,
    O_ARRAY_CLASS,
    O_STRING_CLASS,
    O_NUMBER_CLASS,
    O_DATE_CLASS,
    O_PROMISE_CLASS,
    O_BYTES_CLASS,
    O_SYMBOL,
    O_URL_CLASS,
    O_REFLECT,
    OWNERS
};

struct js {
    struct unmask *u;
    struct walk *w;
    struct texts *t;
    struct arena *mem;
    enum js_place place;
    struct script_page *page;
    struct js_atom *atoms;
    uint32_t n_atoms, room_atoms, room_atom_index;
    uint32_t *atom_index;
    struct js_object *owners[OWNERS];
    struct js_object *global, *scope, *registry; /* registry: what was written there */
    struct js_value self; /* this */
    struct js_object *home, *function, *new_target;
    struct js_frame *frame;
    struct js_row *journal;
    uint32_t n_journal, room_journal, forks, explored;
    uint32_t maybe, steps, depth, calls, evals, epoch;
    uint32_t opened; /* ways gone so far, and one */
    uint32_t moved;  /* how often a name may have got another place */
    bool thrown, stop, quit, limited;
    bool deep, overflowed; /* jscript_stack.c */
    bool broken; /* some code was not understood */
    bool mixed;  /* names may be those of another language */
    struct js_value exception;
    uint32_t label,
        own_label; /* of the break or continue that is on its way; of the loop that begins */
    const struct js_source *source;
    struct js_value called[JS_LATER_MAX];
    bool called_maybe[JS_LATER_MAX];
    uint32_t n_called, n_effects, n_open_calls;
    struct js_download *downloads;
    uint32_t n_downloads;
    struct js_file files[JS_FILES_MAX];
    uint32_t n_files;
    uint64_t work;
};

#define JS_ARGS struct js *m, struct js_value self, const struct js_value *a, uint32_t n
#define JS_HALT(m) ((m)->thrown || (m)->stop)

/* --- jscript.c */
bool js_step(struct js *m, uint64_t n); /* false: no more work */
void js_note(struct js *m, const struct js_source *s, uint32_t at, struct js_value v,
             const char *what);

/* --- jscript_lex.c */
void js_lex(struct js_parser *p, bool regexp); /* the next token to p->t */
bool js_is_space(uint16_t u);
bool js_is_name(uint16_t u, bool first);
double js_digits(const uint16_t *units, uint32_t n); /* StrDecimalLiteral; NAN */
uint32_t js_template_end(struct js_parser *p, uint32_t from, bool *more_out,
                         struct text *cooked_out);

/* --- jscript_parse.c, jscript_statement.c */
struct js_code *js_parse(struct js *m, const struct js_source *source, bool expression);
struct js_node *js_parse_expression(struct js_parser *p);
struct js_node *js_parse_assignment(struct js_parser *p);
struct js_node *js_parse_statement(struct js_parser *p);
struct js_node *js_parse_block(struct js_parser *p);
struct js_node *js_parse_function(struct js_parser *p, unsigned flags);
struct js_node *js_parse_target(struct js_parser *p);
struct js_node *js_parse_body(struct js_parser *p, struct js_code *code);
struct js_node *js_node(struct js_parser *p, enum js_node_kind kind, uint32_t at);
void js_declare(struct js_parser *p, uint32_t atom);
bool js_take(struct js_parser *p, uint16_t mark);
bool js_take_word(struct js_parser *p, uint32_t atom);
void js_too_deep(struct js_parser *p);
void js_next(struct js_parser *p);
enum { FUNCTION_DECLARED = 1, FUNCTION_METHOD = 2, FUNCTION_ASYNC = 4 };

/* --- jscript_value.c */
struct js_value js_undefined(void);
struct js_value js_bool(bool b);
struct js_value js_number(double d);
struct js_value js_number_at(double d, text_mark mark);
struct js_value js_string(struct text s);
struct js_value js_cstr(struct js *m, const char *s);
struct js_value js_unknown(struct js *m, const char *why);
struct js_value
js_unknown_like(struct js_value v); /* unknown for the same reason, of the same origin */
struct js_value js_lean(struct js_value v, enum js_lean lean);
struct js_value js_of(struct js_object *o);
struct js_value js_arg(const struct js_value *a, uint32_t n, uint32_t i);
bool js_is_callable(struct js_value v);
/* 7.1: conversions. An unknown value stays unknown. */
struct js_value js_primitive(struct js *m, struct js_value v, bool number_first);
struct js_value js_to_number(struct js *m, struct js_value v);
struct js_value js_to_string(struct js *m, struct js_value v);
struct text js_text(struct js *m, struct js_value v); /* of an unknown value a hole */
int js_truth(struct js_value v);                      /* 1, 0, -1: unknown */
double js_integer(double d);
bool js_int(struct js *m, struct js_value v, double fallback,
            double *out); /* ToIntegerOrInfinity; false: unknown */
int32_t js_int32(double d);
struct text js_number_text(struct js *m, double d, text_mark mark);
struct text js_radix_text(struct js *m, double d, unsigned radix, bool *known_out);
double js_text_number(struct js *m, struct text s);
struct js_value js_typeof(struct js *m, struct js_value v);
struct js_value js_binary(struct js *m, uint16_t op, struct js_value a, struct js_value b);
int js_equal(struct js *m, struct js_value a, struct js_value b); /* 7.2.15; -1: unknown */
int js_same(struct js_value a, struct js_value b);                /* 7.2.16; -1: unknown */
void js_throw(struct js *m, uint32_t kind, const char *message);

/* --- jscript_object.c */
uint32_t js_atom(struct js *m, struct text s); /* A_NONE: holes, or no memory */
uint32_t js_atom_units(struct js *m, const uint16_t *units, uint32_t n);
uint32_t js_atom_cstr(struct js *m, const char *s);
uint32_t js_atom_number(struct js *m, double d);
struct text js_atom_text(struct js *m, uint32_t atom);
slice js_atom_utf8(struct js *m, uint32_t atom);
bool js_atoms_init(struct js *m);
bool js_atom_index(struct js *m, uint32_t atom, uint32_t *index_out);
struct js_object *js_object_new(struct js *m, enum js_class class_, enum js_owner proto);
struct js_object *js_array_new(struct js *m, uint32_t n);
struct js_slot *js_slot(struct js_object *o, uint32_t atom); /* its own, or NULL */
struct js_slot *js_slot_make(struct js *m, struct js_object *o, uint32_t atom);
void js_write(struct js *m, struct js_object *o, struct js_slot *s, struct js_value v);
bool js_item_write(struct js *m, struct js_object *o, uint32_t index, struct js_value v);
bool js_set_length(struct js *m, struct js_object *o, uint32_t n);
void js_keep(struct js *m, struct js_object *o, uint32_t atom,
             struct js_value v); /* hidden, and no change that is taken back */
void js_define(struct js *m, struct js_object *o, uint32_t atom, struct js_value v, uint8_t flags);
struct js_value js_get(struct js *m, struct js_value base, uint32_t atom);
struct js_value js_get_at(struct js *m, struct js_value base, struct js_value key);
void js_set(struct js *m, struct js_value base, uint32_t atom, struct js_value v);
void js_set_at(struct js *m, struct js_value base, struct js_value key, struct js_value v);
bool js_has(struct js *m, struct js_object *o, uint32_t atom, bool own);
uint32_t js_key(struct js *m, struct js_value key); /* A_NONE: unknown */
struct js_object *js_owner(struct js *m, enum js_owner owner);
struct js_value js_item(struct js_value list, uint32_t i); /* of an array */
bool js_list(struct js *m, struct js_value v,
             struct js_object **out); /* 7.4: what a loop goes over, as an array; false: unknown */
struct js_object *js_keys(struct js *m, struct js_object *o, bool inherited);
void js_touch(struct js *m, struct js_object *o); /* before its head changes */

/* --- jscript_fork.c */
/* Must what is overwritten there be kept? Not of what was made on this way: no other has it. */
static inline bool js_is_shared(const struct js *m, const struct js_object *o)
{
    return m->forks && o->born != m->opened;
}
void js_journal(struct js *m, struct js_object *o, enum js_journal what, uint32_t index,
                struct js_value old);
enum js_flow js_fork(struct js *m, struct js_value condition, struct js_node *a, struct js_node *b,
                     bool loop, struct js_value *out);
void js_explore(struct js *m, struct js_node *n); /* for its effects; then it is taken back */
void js_call_open(struct js *m, struct js_value f, const struct js_value *a,
                  uint32_t n); /* called by somebody, perhaps */
void js_fog(struct js *m, struct js_frame *f);
uint32_t js_deep_open(struct js *m); /* what is written from here on ... */
void js_deep_close(struct js *m, uint32_t mark); /* ... is unknown if the stack was used up */

/* --- jscript_stack.c */
bool js_stack_deep(const struct js *m); /* so deep that it may go on for ever */
void js_stack_full(struct js *m);

/* --- jscript_eval.c, jscript_assign.c, jscript_run.c, jscript_call.c */
struct js_value js_eval(struct js *m, struct js_node *n);
struct js_value js_eval_call(struct js *m, struct js_node *n);
struct js_value js_eval_new(struct js *m, struct js_node *n);
struct js_value js_eval_class(struct js *m, struct js_node *n);
struct js_value js_closure(struct js *m, struct js_code *code);
uint32_t js_arguments(struct js *m, struct js_node *list, struct js_value **out);
void js_assign(struct js *m, struct js_node *target, struct js_value v, int declare);
struct js_value js_eval_assign(struct js *m, struct js_node *n);
struct js_value js_eval_update(struct js *m, struct js_node *n);
struct js_value js_lookup(struct js *m, uint32_t atom, struct js_object **where_out);
enum js_flow js_run(struct js *m, struct js_node *n);
enum js_flow js_run_list(struct js *m, struct js_node *first);
struct js_value js_unary(struct js *m, uint16_t op, struct js_value v); /* but typeof of a name */
struct js_value js_logical(struct js *m, enum js_node_kind kind, struct js_value v,
                           struct js_node *next); /* && || ?? from here */
void js_pass_time(struct js *m, struct js_node *condition, struct js_node *body,
                  struct js_node *update); /* jscript_loop.c */
void js_hoist(struct js *m, const struct js_code *code, struct js_object *scope);
void js_hoist_block(struct js *m, struct js_node *first);
struct js_object *js_scope_new(struct js *m, struct js_object *up);
struct js_value js_call(struct js *m, struct js_value f, struct js_value self,
                        const struct js_value *a, uint32_t n);
struct js_value js_construct(struct js *m, struct js_value f, const struct js_value *a, uint32_t n);
struct js_value js_eval_text(struct js *m, struct js_value code, struct js_object *scope);
struct js_value js_function_of(struct js *m, const struct js_value *a, uint32_t n);
struct js_value js_call_member(struct js *m, struct js_value base, uint32_t atom,
                               const struct js_value *a, uint32_t n);

/* --- jscript_hot.c: loops that go on */
struct js_hot_frame;
enum js_part { PART_BODY, PART_UPDATE, PART_CONDITION, PARTS };
struct js_loop {
    struct js_node *node, *parts[PARTS];
    bool scoped; /* each round has variables of its own */
};
enum js_rounds { ROUNDS_OVER, ROUNDS_LEFT, ROUNDS_OPEN };
/* Rounds from that part on, until the condition does not hold (or the program is halted), until it
 * is unknown (*open_out) or until the body is left (*flow_out). */
enum js_rounds js_hot_rounds(struct js *m, struct js_hot_frame *f, enum js_part part,
                             struct js_value *open_out, enum js_flow *flow_out);
struct js_hot_frame *js_hot_enter(struct js *m, const struct js_loop *l); /* NULL: not yet */
void js_hot_leave(struct js_hot_frame *f);
void js_next_scope(struct js *m);

/* --- builtins: jscript_builtin.c and jscript_NAME.c */
struct js_builtin {
    uint16_t owner, atom;
    struct js_value (*call)(JS_ARGS);
    uint8_t length, flags;
};
enum { BUILTIN_CLASS = 1, BUILTIN_VALUE = 2 }; /* may be constructed; is called for its value */
const struct js_builtin *js_builtin_row(uint32_t id);
bool js_builtin_find(struct js *m, struct js_object *o, uint32_t atom, struct js_value *out);
struct js_value js_builtin(struct js *m, uint32_t id);
extern const struct js_builtin js_builtins_object[], js_builtins_array[], js_builtins_string[],
    js_builtins_number[], js_builtins_more[], js_builtins_global[];
struct js_value js_construct_builtin(struct js *m, struct js_object *f, const struct js_value *a,
                                     uint32_t n);
struct js_value js_then(struct js *m, struct js_value v); /* a settled promise */
struct js_value js_settled(struct js_value v);            /* what it came to */
bool js_bytes(struct js *m, struct js_value v,
              slice *out); /* known bytes of an array of them, a Blob, a text */
bool js_binary_text(struct js *m, struct text s, slice *out); /* a character a byte */
struct js_value js_bytes_new(struct js *m, enum js_word type, slice bytes, bool shared);
struct js_value js_bytes_get(struct js *m, struct js_object *o, double index);
void js_bytes_set(struct js *m, struct js_object *o, double index, struct js_value v);
struct js_value js_unescape(struct js *m, struct text s);
struct js_value js_later(struct js *m, struct js_value f, bool maybe);
struct js_value js_parse_json(struct js *m, struct text s);
struct text js_case(struct js *m, struct text s, bool upper);
struct js_value js_construct_date(struct js *m, const struct js_value *a, uint32_t n);
bool js_date_member(struct js *m, uint32_t atom, struct js_value self, const struct js_value *a,
                    uint32_t n, struct js_value *out);

/* --- jscript_regexp.c */
struct js_regexp;
struct js_match {
    uint32_t from[32], to[32]; /* UINT32_MAX: no part */
    uint32_t n;
};
struct js_value js_regexp_new(struct js *m, struct text pattern, struct text flags);
struct js_value js_regexp_of(struct js *m, struct js_value v, const char *flags);
/* 1 found, 0 not, -1 unknown (steps, a part that is not done, holes) */
int js_regexp_find(struct js *m, const struct js_object *o, struct text s, uint32_t from,
                   struct js_match *out);
bool js_regexp_flag(const struct js_object *o, char flag);
slice js_regexp_group_name(const struct js_object *o, uint32_t i);

/* --- jscript_host.c, jscript_page.c, jscript_sink.c */
struct js_value js_host_new(struct js *m, struct text class_name);
struct js_value js_host_global(struct js *m, uint32_t atom);
bool js_host_get(struct js *m, struct js_object *o, uint32_t atom, struct js_value *out);
bool js_host_set(struct js *m, struct js_object *o, uint32_t atom, struct js_value v);
struct js_value js_host_call(struct js *m, struct js_object *o, uint32_t atom,
                             const struct js_value *a, uint32_t n);
bool js_net_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                 uint32_t n, struct js_value *out);
bool js_net_get(struct js *m, struct js_object *o, slice name, struct js_value *out);
bool js_registry_call(struct js *m, slice name, const struct js_value *a, uint32_t n,
                      struct js_value *out);
bool js_file_call(struct js *m, struct js_object *o, slice name, const struct js_value *a,
                  uint32_t n, struct js_value *out);
bool js_page_builtin(struct js *m, uint32_t atom, struct js_value *out);
struct js_value js_page_global(struct js *m, uint32_t atom);
bool js_page_get(struct js *m, struct js_object *o, uint32_t atom, struct js_value *out);
bool js_page_set(struct js *m, struct js_object *o, uint32_t atom, struct js_value v);
bool js_page_call(struct js *m, struct js_object *o, uint32_t atom, const struct js_value *a,
                  uint32_t n, struct js_value *out);
struct js_value js_page_construct(struct js *m, uint32_t id, const struct js_value *a, uint32_t n);
void js_page_end(struct js *m);
/* VBScript of the page as JScript; empty: what it does is not known (jscript_mixed.c). */
slice js_from_vbscript(struct js *m, slice vb);
struct js_value js_host_object(struct js *m, uint32_t id, const char *name);
void js_say(struct js *m, enum effect_kind kind, const char *sink, const struct unmask_argument *a,
            size_t n);
void js_say_run(struct js *m, const char *sink, struct text command);
void js_say_path(struct js *m, enum effect_kind kind, const char *sink, const char *argument,
                 struct js_value v);
uint32_t js_say_request(struct js *m, const char *sink, struct js_value url);
void js_say_saved(struct js *m, uint32_t download, struct js_value path);
void js_say_download(struct js *m, const char *sink, struct js_value url, struct js_value path);
void js_say_written(struct js *m, const char *sink, struct js_value path, struct js_value content);
void js_say_rest(struct js *m);
void js_hand_on(struct js *m, const char *type, struct text code);
uint8_t js_perhaps(const struct js *m); /* for struct unmask_said */
struct text js_symbol(struct js *m, const char *s);
