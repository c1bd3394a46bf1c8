/* SPDX-License-Identifier: Apache-2.0 */
/* basic - the machine that VBA and VBScript share while one project or script is evaluated: [MS-VBAL].
 *
 * What is one language's own stands in its folder and is asked through struct basic_dialect:
 * unmask/vba (the procedures that Office calls, forms and documents as modules, constants of type libraries),
 * unmask/vbscript (scripts of a file or page, Execute, Windows Script Host, the objects of a page).
 *
 * basic_lex.c makes tokens and names, basic_declare.c finds procedures and declarations, basic_parse.c
 * reads expressions, basic_compile.c and basic_head.c turn a procedure into steps (when it is first called),
 * basic_junk.c marks those that do nothing, basic_run.c and basic_flow.c execute them, basic_fork.c tries both
 * sides of a condition that is unknown, basic_expr.c evaluates expressions, basic_value.c, basic_array.c and
 * basic_arith.c are the values and operators, basic_function*.c the standard library (basic_named.c: arguments by
 * name), basic_object.c the objects and basic_store.c, basic_script.c, basic_net.c, basic_wmi.c, basic_hand.c,
 * basic_pattern.c and basic_office.c their members, basic_sink.c says effects, basic_note.c tells the steps to who asks.
 */
#pragma once
#include "unmask/unmask.h"
#include "unmask/basic/basic_words.h"

enum {
    BASIC_STEPS_MAX = 2000000, /* of one project */
    BASIC_CALLS_MAX = 200,
    BASIC_NEST_MAX = 1000,  /* evaluations inside one another: the C stack */
    BASIC_PARENS_MAX = 200, /* of one expression */
    BASIC_ARGS_MAX = 64,
    BASIC_ITEMS_MAX = 1 << 20, /* of an array */
    BASIC_DIMS_MAX = 8,
    BASIC_MODULES_MAX = 2048,
    BASIC_SOURCE_MAX = 16 << 20,
    BASIC_WORK_PER_STEP = 60,
    BASIC_VAIN_MAX = 20000, /* values stored that are unknown: see wears_out() */
};

/* --- values: [MS-VBAL] 2.1 */
enum basic_type {
    V_EMPTY, /* also: declared as Variant */
    V_NULL,
    V_BOOLEAN,
    V_BYTE,
    V_INTEGER,
    V_LONG,
    V_LONGLONG,
    V_SINGLE,
    V_DOUBLE,
    V_CURRENCY, /* i: ten thousandths */
    V_DATE,
    V_STRING,
    V_ERROR,
    V_OBJECT, /* o NULL: Nothing */
    V_ARRAY,
    V_MISSING, /* an optional argument that was left out */
    V_UNKNOWN, /* mark: why; o: what it comes from, or NULL */
    V_REF,     /* a parameter by reference: where the value is */
};

/* A declared type of this and more: a text of fixed length (5.2.3.1.3), m->fixed[as - V_FIXED] characters
 * long; the last: of a length that is not known. */
enum { V_FIXED = 128, BASIC_FIXED_MAX = 127 };

enum { VALUE_VARIANT = 1, VALUE_DECLARED = 2, VALUE_SEEN = 4 }; /* flags: from a Variant, so that overflow widens; by Dim */

struct object;
struct array;
struct hidden;

struct value {
    uint8_t type, as, flags; /* as: the declared type of the variable that holds it */
    text_mark mark;          /* where a number comes from */
    union {
        int64_t i;
        double d;
        struct text s;
        struct object *o;
        struct array *a;
        struct value *ref;
    };
};

struct array {
    uint32_t dims;
    uint8_t as;
    bool fixed;
    int32_t low[BASIC_DIMS_MAX];
    uint32_t n[BASIC_DIMS_MAX], all;
    struct value *items; /* the last dimension varies slowest, as in memory */
};

/* --- source */
enum basic_token_kind { T_END, T_EOL, T_COLON, T_NAME, T_NUMBER, T_STRING, T_DATE, T_OP, T_OTHER,
                      T_SKIP /* a declaration among statements: goes on at the token `at` */ };

struct basic_token {
    uint8_t kind, op, suffix;
    uint8_t spaced;    /* behind: 1 white space, 2 a continuation */
    uint32_t at, to;   /* in the text of its module */
    uint32_t line, name;
};

enum { OP_NE = 1, OP_LE, OP_GE, OP_NAMED }; /* of two characters; others are their character */

struct basic_name {
    slice text;
    uint32_t chain, hash;
    uint32_t local_of, slot, label_of, label, uses; /* while a procedure is compiled */
    struct basic_decl *decls;
};

/* --- expressions */
enum basic_node_kind {
    N_LITERAL,
    N_NAME,
    N_MEMBER, /* left.name */
    N_WITH,   /* .name */
    N_BANG,   /* left!name */
    N_CALL,   /* left(args) */
    N_UNARY,
    N_CHAIN, /* left, then args with their op: all of one precedence */
    N_NEW,
    N_TYPEOF,
    N_ADDRESSOF,
    N_MISSING,
    N_PAREN, /* a value, never a variable */
};

enum basic_bind { BIND_NONE, BIND_LOCAL, BIND_DECL, BIND_MODULE, BIND_WORD, BIND_CONSTANT, BIND_CONTROL };

struct basic_node {
    uint8_t kind, op, bind, suffix;
    uint32_t line, name, n;
    uint32_t argument_name; /* of name := value */
    union {
        uint32_t slot;
        uint32_t module;
        struct basic_decl *decl;
        struct value *literal;
    };
    struct basic_node *left, *args, *next;
};

/* --- statements: one procedure is a run of steps */
enum basic_step_op {
    S_NOP,
    S_LET,
    S_SET,
    S_CALL,
    S_IF,     /* x; false: to; both ways meet at end */
    S_JUMP,   /* to */
    S_FOR,    /* x var, y from, z to, w step; slot, slot+1; behind the loop: to */
    S_NEXT,   /* back to the body: to; its S_FOR: end */
    S_EACH,   /* x var, y group */
    S_EACH_NEXT,
    S_DO,     /* x (NULL: for ever), flag: until; exit: to; its S_LOOP: end */
    S_LOOP,   /* x (NULL: none), flag; back: to */
    S_SELECT, /* x; slot */
    S_CASE,   /* x: tests; next case: to; end */
    S_GOTO,
    S_GOSUB,
    S_RETURN,
    S_ON_ERROR, /* flag: 0 none, 1 next, 2 to */
    S_ON_GOTO,  /* x, then the labels in z */
    S_RESUME,   /* flag: 0 again, 1 next, 2 to */
    S_EXIT,
    S_END,
    S_WITH, /* x; slot */
    S_DIM, /* x: the name, y: bounds, z: its class; flag: DIM_ */
    S_ERASE,
    S_MID, /* x target, y from, z length, w value */
    S_OPEN,
    S_CLOSE,
    S_PRINT, /* also Write # and Put #: flag is the word */
    S_INPUT, /* Input #, Line Input #, Get #: all unknown */
    S_NAME_AS,
    S_ERROR,
    S_LSET,
};

enum { LET_JUNK = 1 }; /* of S_LET: see basic_junk.c; slot: the error it raises */
enum { DIM_REDIM = 1, DIM_PRESERVE = 2, DIM_NEW = 4, DIM_STATIC = 8 };

struct basic_step {
    uint8_t op, flag;
    uint16_t as; /* S_DIM: declared type */
    uint32_t line, to, end, slot, chain;
    struct basic_node *x, *y, *z, *w;
};

/* --- declarations */
enum basic_decl_kind { DECL_VARIABLE, DECL_CONSTANT, DECL_PROCEDURE, DECL_API, DECL_TYPE, DECL_CONTROL };

struct basic_param {
    uint32_t name, slot;
    uint8_t as;
    bool by_value, optional, rest;
    struct basic_node *preset;
};

enum basic_proc_kind { PROC_SUB, PROC_FUNCTION, PROC_GET, PROC_LET, PROC_SET };

/* Statements outside of procedures (of a dialect), as a procedure of their own. */
enum { BODY_GLOBAL = 1, BODY_LOCAL = 2 /* Execute inside a procedure */, BODY_VALUE = 4 /* Eval: one expression */ };

struct basic_local {
    uint32_t name, slot;
    struct basic_local *next;
};

struct basic_proc {
    uint32_t id, name, module;
    uint8_t kind, as;
    bool is_public, compiled, called, failed, remembers;
    uint32_t from, to; /* tokens: behind the name, of End Sub */
    uint32_t line;
    struct basic_param *params;
    uint32_t n_params, n_slots, result; /* slots; slot of the result */
    struct basic_step *steps;
    uint32_t n_steps;
    struct value *kept; /* of Static variables: all slots */
    struct basic_proc *next;
    uint8_t body;                  /* BODY_ */
    const struct basic_proc *scope;  /* BODY_LOCAL: whose variables it sees, by reference */
    struct basic_local *locals;      /* of a dialect: by name, for BODY_LOCAL */
};

struct basic_api {
    uint32_t name, lib_len;
    slice lib, alias;
};

struct basic_field {
    uint32_t name;
    uint8_t as;
    struct basic_node *bounds;
    struct basic_field *next;
};

struct basic_decl {
    uint8_t kind, as;
    bool is_public, ready, busy; /* of a constant */
    uint32_t name, module, index, line;
    union {
        struct basic_proc *proc;
        struct basic_api *api;
        struct basic_node *init; /* of a constant */
        struct basic_field *fields;
    };
    struct value value; /* of a constant */
    struct basic_decl *next, *after; /* of this name; of this enumeration */
    bool as_new;
    struct basic_node *bounds;
    uint32_t class_name;
};

enum basic_module_kind { MODULE_STANDARD, MODULE_CLASS, MODULE_DOCUMENT, MODULE_FORM };

enum { BASIC_LINES_STEP = 64 };

struct basic_module {
    struct walk *walk; /* a copy that stays: its part number is the origin of literals */
    slice text;
    uint32_t at, line;       /* where it begins in its part: several may stand in one file */
    uint32_t name, from, to; /* tokens */
    uint8_t kind;
    bool compare_text;
    uint8_t base;
    struct object *self; /* its variables */
    uint32_t n_vars;
    struct basic_decl *vars; /* chained by after */
    struct basic_proc *procs;
    struct text source; /* of code that was made: text has one byte for each of its units */
    /* Of a part in another charset, else NULL: where each BASIC_LINES_STEPth of its n_lines lines begins. */
    const struct unmask_lines *lines;
    uint32_t n_lines;
};

/* --- objects */
enum basic_class {
    C_FOREIGN, /* not known: all its members are unknown */
    C_MODULE,
    C_INSTANCE,
    C_RECORD,
    C_LIBRARY, /* VBA, Interaction, Strings ... */
    C_ERR,
    C_DEBUG,
    C_COLLECTION,
    C_DICTIONARY,
    C_WSHELL,
    C_WSHELL_LIST, /* SpecialFolders, Environment */
    C_SHORTCUT,
    C_SHELL,
    C_SHELL_FOLDER,
    C_FSO,
    C_TEXTSTREAM,
    C_FILE,
    C_STREAM,
    C_HTTP,
    C_WMI,
    C_WMI_CLASS,
    C_WMI_STARTUP,
    C_XML,
    C_XML_NODE,
    C_REGEXP,
    C_MATCHES,
    C_MATCH,
    C_SCHEDULE,
    C_APPLICATION,
    C_DOCUMENT,
    C_SHEET,
    C_HIDDEN_LIST, /* Shapes, Variables, Controls ... of one place */
    C_HIDDEN,      /* one thing of it */
    C_RANGE,
    C_TEXT,        /* an object whose default value is a text: Range of a shape */
    C_SYSTEM,
    C_FUNCTIONS,   /* WorksheetFunction */
    C_WEBCLIENT,
    C_SCRIPT_CONTROL,
    C_HTMLFILE,
    C_HOST, /* of a dialect: `place` says which */
};

struct basic_pair {
    struct value key, value;
};

struct object {
    uint8_t class_, place;
    bool fogged; /* changed behind an unknown condition: what it holds is unknown */
    bool started; /* of a file: open */
    bool seen;    /* private to basic_fork.c */
    uint32_t module, n, room, n_vars;
    struct value *vars;      /* of an instance or record */
    struct basic_pair *pairs;  /* of a collection, dictionary, or whatever was set on it */
    struct basic_field *fields;
    slice name, owner, prefix; /* ProgID, class, control, path in words for reasons */
    struct value content;    /* bytes or text of a stream, a node's text */
    struct value path;       /* of a file or stream, URL of a request */
    struct object *from;     /* the request that the content came from */
    uint32_t download;       /* its number + 1 */
    uint32_t row, column;    /* of a cell */
    uint32_t named;          /* the number by which a thing of the document was asked for, or of a file */
    struct object *next_thing;
};

/* --- what runs */
enum { BASIC_GOSUBS_MAX = 32, BASIC_THINGS = 256, BASIC_WROTE_MAX = 64 };

struct frame {
    struct basic_proc *proc;
    struct value *slots;
    struct object *self;
    struct frame *up;
    uint32_t pc, n_gosubs, handler, resume, away, leaves; /* leaves: ways that left, so far */
    uint8_t on_error; /* as S_ON_ERROR */
    bool handling;
    uint32_t journal_floor; /* when it was called */
    uint32_t fog; /* journal mark + 1: from there on all is conditional until the procedure ends */
    uint32_t gosubs[BASIC_GOSUBS_MAX];
};

enum basic_outcome { RUN_ON, RUN_EXIT, RUN_END, RUN_AWAY, RUN_ERROR }; /* AWAY: jumped out of the range */

struct journal_row {
    struct value *at; /* NULL: an object was changed */
    struct object *object;
    union {
        struct value old;
        struct object *before;
    };
};

/* An effect of a way that is tried: what both ways reach is reached. */
struct basic_reached {
    enum effect_kind kind;
    const char *sink;
    struct unmask_argument arguments[2];
    uint32_t n, download; /* download: its number + 1 */
};

struct basic_download {
    struct text url, path;
    const char *sink;
    slice via[UNMASK_VIA_MAX];
    uint32_t n_via;
    uint8_t maybe; /* as in struct unmask_said */
    bool said;
};

enum { BASIC_REACHED_MAX = 64, BASIC_OPEN_MAX = 16, BASIC_WRITTEN_MAX = 32, BASIC_SYMBOLS_MAX = 64, BASIC_DOWNLOADS_MAX = 256 };

struct basic_written { /* scripts and programs that were written: what runs them hands them on */
    struct text path, content;
    bool handed, copy; /* copy: the content is the path of what was copied */
};

struct machine;

struct arg {
    struct value v;
    struct value *place; /* of a variable; NULL */
    uint32_t name;       /* name := ; W_NONE */
};

enum basic_how { HOW_GET, HOW_CALL, HOW_LET, HOW_SETS };

/* What one of the languages has for itself. Where a function is NULL, there is nothing of the kind. */
struct basic_dialect {
    /* VBScript: all is Variant, statements stand outside of procedures, outside of classes is one name space. */
    bool script;
    bool (*function_is)(uint32_t word); /* of a script: which of the library's functions it knows */
    bool (*has)(struct machine *m, uint32_t name); /* of a script: a global of the host, or a word that call() reads */
    /* False: the machine's own function or object of this name. */
    bool (*call)(struct machine *m, uint32_t name, struct arg *args, uint32_t n, struct value *out);
    bool (*assign)(struct machine *m, uint32_t name, struct value v);
    /* Asked before the machine's own objects. */
    bool (*member)(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how,
                   struct value *out);
    /* What the host adds to a module or instance: asked when the code itself has no such member. */
    bool (*module_member)(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how,
                          struct value *out);
    bool (*constant)(struct machine *m, slice name, struct value *out); /* of type libraries; those of the library first */
};

struct machine {
    const struct basic_dialect *dialect;
    void *host; /* the dialect's own */
    struct unmask *u;
    struct walk *w; /* of the project */
    struct arena *mem;
    struct texts *t;
    struct basic_module *modules;
    uint32_t n_modules, room_modules; /* room: of a dialect */
    struct basic_token *tokens;
    uint32_t n_tokens, room_tokens;
    struct basic_name *names;
    uint32_t n_names, room_names;
    uint32_t *buckets, n_buckets; /* of names, a power of two */
    struct basic_proc *procs, *last_proc;
    uint32_t n_procs;
    struct frame *top;
    struct object *err, *globals[W_COUNT];
    uint64_t steps, share, paid; /* left; paid: of those that are not, still to be taken */
    uint32_t calls, nest, forks, fogs, maybe, explored, vain, vain_before;
    bool hurry, stop, ended, unread, out_of_memory, doubtful, guessed; /* doubtful: an error that nobody caught; guessed: values may be cut off */
    struct slots *slots; /* private to basic_expr.c */
    int32_t error;
    uint32_t n_effects;
    struct journal *journal; /* private to basic_fork.c */
    uint32_t n_journal, journal_floor; /* floor: where the way began that is tried */
    struct basic_download *downloads;
    uint32_t n_downloads;
    struct basic_reached *reached; /* since the first condition that is still open */
    uint32_t n_reached;
    struct object *open[BASIC_OPEN_MAX]; /* files by number: NULL, or one that may be closed by now */
    struct object *things[BASIC_THINGS], *wrote[BASIC_WROTE_MAX]; /* of the document, and which were written to */
    uint32_t n_wrote;
    struct basic_written written[BASIC_WRITTEN_MAX];
    uint32_t n_written;
    struct {
        struct text of;
        uint32_t sure;
    } looked[4]; /* long texts that were looked through last: what was made never changes */
    uint32_t n_looked;
    text_mark symbols[BASIC_SYMBOLS_MAX];
    uint32_t n_symbols;
    uint32_t line, module; /* of the step that runs */
    bool word, excel, powerpoint;
    uint32_t fixed[BASIC_FIXED_MAX], n_fixed; /* lengths of texts */
    struct basic_notes *notes; /* private to basic_note.c */
};


/* --- basic_lex.c */
bool basic_lex_start(struct machine *m);
bool basic_lex_module(struct machine *m, uint32_t module);
uint32_t basic_lex_name(struct machine *m, slice text); /* W_NONE: no memory */
slice basic_lex_text(const struct machine *m, uint32_t module, const struct basic_token *t);
struct value basic_lex_number(slice s);

/* --- basic_declare.c */
bool basic_declare_scan(struct machine *m, uint32_t module);
uint32_t basic_declare_module(struct machine *m, const struct basic_module *in); /* its number; n_modules: no room */
/* The statements of a module as a procedure; `name` is how it is called in call paths. NULL: no memory. */
struct basic_proc *basic_declare_body(struct machine *m, uint32_t module, slice name, unsigned body, const struct basic_proc *scope);
struct basic_decl *basic_declare_implicit(struct machine *m, uint32_t name, uint32_t module, uint32_t line);
struct basic_decl *basic_declare_find(struct machine *m, uint32_t name, uint32_t module, bool own_only);
struct basic_proc *basic_declare_proc(struct machine *m, uint32_t name, uint32_t module, enum basic_proc_kind kind);
uint32_t basic_declare_named(const struct machine *m, uint32_t name); /* n_modules: none */
struct object *basic_declare_instance(struct machine *m, uint32_t module);
struct object *basic_declare_new(struct machine *m, uint32_t module);
struct value basic_declare_constant(struct machine *m, struct basic_decl *d);
uint8_t basic_declare_type(uint32_t word);

/* --- basic_parse.c */
enum { BASIC_WITHS_MAX = 32 };

struct basic_parse {
    struct machine *m;
    uint32_t module, pos, end, depth;
    struct basic_proc *proc; /* NULL: declarations */
    bool failed;
    uint32_t last_paren; /* where the arguments of last_call begin */
    struct basic_node *last_call;
    /* of basic_compile.c */
    struct basic_step *steps, spare;
    uint32_t n_steps, room_steps, n_blocks, n_withs, with[BASIC_WITHS_MAX];
    struct basic_block *blocks;
    uint32_t gotos; /* chain of steps, + 1 */
};
const struct basic_token *basic_parse_peek(const struct basic_parse *p);
bool basic_parse_op(struct basic_parse *p, uint8_t op);     /* takes it when it is next */
bool basic_parse_word(struct basic_parse *p, uint32_t word);
bool basic_parse_at_end(const struct basic_parse *p); /* of a statement */
struct basic_node *basic_parse_expression(struct basic_parse *p); /* NULL: failed */
struct basic_node *basic_parse_left(struct basic_parse *p);       /* what may stand on the left of = */
struct basic_node *basic_parse_arguments(struct basic_parse *p, uint32_t *n_out, bool parens);
struct basic_node *basic_parse_bounds(struct basic_parse *p);
uint8_t basic_parse_as(struct basic_parse *p, uint32_t *class_out, bool *new_out);
void basic_parse_skip(struct basic_parse *p);
uint8_t basic_parse_suffix(uint8_t suffix);
struct basic_node *basic_parse_node(struct basic_parse *p, enum basic_node_kind kind);
uint32_t basic_parse_local(struct basic_parse *p, uint32_t name); /* its slot */

/* --- basic_compile.c */
bool basic_compile(struct machine *m, struct basic_proc *p);

/* --- basic_head.c */
bool basic_compile_parameters(struct basic_parse *p);
/* Where the value of the procedure is, and its parameters; of Eval what is to be put there. */
bool basic_compile_head(struct basic_parse *p, struct basic_node **target_out, struct basic_node **value_out);
bool basic_compile_not_there(uint32_t word); /* begins statements of VBA only */

/* --- basic_junk.c */
void basic_junk_mark(struct machine *m, struct basic_proc *p);
void basic_junk_done(struct machine *m, struct basic_step *s); /* it has been evaluated */
uint32_t basic_junk_skip(struct basic_proc *p, uint32_t pc);

/* --- basic_value.c */
struct value basic_int(enum basic_type type, int64_t i);
struct value basic_double(double d);
struct value basic_bool(bool b);
struct value basic_text(struct text s);
struct value basic_cstr(struct machine *m, const char *s);
struct value basic_utf8(struct machine *m, slice s);
struct value basic_object(struct object *o);
struct value basic_unknown(struct machine *m, const char *why);
struct value basic_unknown_slice(struct machine *m, slice why);
struct value basic_unknown_of(struct object *o, text_mark why);
bool basic_is_unknown(struct value v); /* or a text with holes */
struct value basic_error(struct machine *m, int32_t number); /* raises; gives Empty */
struct value basic_default(struct machine *m, struct value object);
/* Objects become their default value. */
static inline struct value basic_plain(struct machine *m, struct value v) { return v.type == V_OBJECT ? basic_default(m, v) : v; }
bool basic_number(struct machine *m, struct value v, double *out); /* false: unknown or error raised */
bool basic_integer(struct machine *m, struct value v, int64_t *out); /* rounded to even */
struct text basic_string(struct machine *m, struct value v);
int basic_truth(struct machine *m, struct value v); /* 0, 1, -1 unknown */
struct value basic_coerce(struct machine *m, struct value v, uint8_t to); /* a type, or V_FIXED and more */
struct text basic_padded(struct machine *m, struct text s, uint32_t n, bool right); /* of n characters; at the right: RSet */
bool basic_text_number(struct text s, double *out);
bool basic_text_groups_oddly(struct text s);
text_mark basic_why(struct machine *m, struct value v);
text_mark basic_here(struct machine *m);
struct value basic_symbol(struct machine *m, slice utf8); /* "%TEMP%": its characters are not known */
uint32_t basic_sure(struct machine *m, struct text s); /* where the first hole or symbol is; s.n */
bool basic_symbolic(const struct machine *m, struct text s, uint32_t from, uint32_t to);
double basic_round(double d);

/* --- basic_arith.c */
struct value basic_binary(struct machine *m, uint8_t op, struct value a, struct value b);
/* Most of the work of a decoder: two whole numbers, known. False: it is not that, or not that easy. */
bool basic_whole_numbers(uint8_t op, const struct value *a, const struct value *b, struct value *out);
struct value basic_unary(struct machine *m, uint8_t op, struct value a);
int basic_compare(struct machine *m, struct value a, struct value b); /* -1 0 1; 2 Null, 3 unknown, 4 error */
bool basic_pay_comparison(struct machine *m, struct text a, struct text b); /* false: no more */
int basic_compare_text(struct text a, struct text b, bool nocase);
bool basic_like(struct text s, struct text pattern, bool nocase, bool *bad_out);

/* --- basic_run.c, of which basic_load() has need */
static inline struct value *basic_deref(struct value *v)
{
    for (unsigned i = 0; v->type == V_REF && i < BASIC_CALLS_MAX; i++)
        v = v->ref;
    return v;
}
/* With the flag of its variable. */
static inline struct value basic_load(struct value *at)
{
    struct value v = *basic_deref(at);
    v.flags = v.as == V_EMPTY ? VALUE_VARIANT : 0;
    v.as = V_EMPTY;
    return v;
}

/* --- basic_expr.c */
struct value basic_eval_node(struct machine *m, const struct basic_node *n);
/* An object stays one. Literals and variables of the procedure cost next to nothing and are not
 * counted. */
static inline struct value basic_eval(struct machine *m, const struct basic_node *n)
{
    if (n && n->kind == N_LITERAL)
        return *n->literal;
    if (n && n->kind == N_NAME && n->bind == BIND_LOCAL && m->top)
        return basic_load(&m->top->slots[n->slot]);
    return basic_eval_node(m, n);
}
static inline struct value basic_eval_plain(struct machine *m, const struct basic_node *n)
{
    struct value v = basic_eval(m, n);
    return v.type == V_OBJECT && !m->error ? basic_default(m, v) : v;
}
struct value *basic_place(struct machine *m, const struct basic_node *n); /* NULL: none */
void basic_assign(struct machine *m, const struct basic_node *target, struct value v, bool set);
struct value basic_apply(struct machine *m, struct value v, struct arg *args, uint32_t n, enum basic_how how); /* v(args) */
struct value *basic_member_place(struct machine *m, struct object *o, uint32_t name); /* of a record or module; NULL */
struct value basic_call_proc(struct machine *m, struct basic_proc *p, struct object *self, struct arg *args, uint32_t n);
struct value basic_call_named(struct machine *m, struct text name, struct arg *args, uint32_t n, bool *found_out);
uint32_t basic_eval_arguments(struct machine *m, const struct basic_node *call, struct arg *args);

/* --- basic_array.c */
struct value basic_array_new(struct machine *m, uint8_t as, uint32_t dims, const int32_t *low, const uint32_t *n);
struct value basic_array_of(struct machine *m, uint32_t n); /* Variants from 0 */
struct value *basic_array_item(struct machine *m, struct array *a, const struct arg *index, uint32_t n); /* NULL: error or unknown */
struct value basic_copy(struct machine *m, struct value v); /* arrays and records are values */
bool basic_bytes(struct machine *m, struct value v, slice *out); /* an array of known bytes, a text's low bytes */
struct value basic_array_bytes(struct machine *m, slice bytes, text_mark mark);
/* bounds: the arguments of a call; an array of that shape is put there. */
void basic_redim(struct machine *m, struct value *at, const struct basic_node *bounds, bool preserve, uint8_t as);
struct value basic_fresh(struct machine *m, uint8_t as);

/* --- basic_run.c */
void basic_store(struct machine *m, struct value *at, struct value v); /* coerces to the declared type */
void basic_touch(struct machine *m, struct object *o);                 /* before it is changed */
/* From `from` until `stop` or `hi` is reached (RUN_ON), or it leaves [lo, hi]. */
enum basic_outcome basic_run(struct machine *m, struct frame *f, uint32_t from, uint32_t lo, uint32_t hi, uint32_t stop);
bool basic_steps_more(struct machine *m, uint64_t n);
/* False: no more. Steps are paid for in lots. */
static inline bool basic_step(struct machine *m, uint64_t n)
{
    if (m->stop || n > m->paid)
        return basic_steps_more(m, n);
    m->paid -= n;
    return true;
}

/* --- basic_flow.c */
void basic_flow_dim(struct machine *m, struct frame *f, const struct basic_step *s);
void basic_flow_io(struct machine *m, const struct basic_step *s);
void basic_flow_mid(struct machine *m, const struct basic_step *s);
int basic_flow_case(struct machine *m, struct frame *f, const struct basic_step *s); /* as basic_truth */
int basic_flow_each(struct machine *m, struct frame *f, const struct basic_step *s); /* the next element; as basic_truth */

/* --- basic_fork.c: both sides of what is not known */
struct basic_ways {
    uint32_t a_lo, a_hi, a_stop; /* one way */
    uint32_t b_lo, b_hi;         /* the other; empty: nothing */
    uint32_t end;                /* where they meet */
    text_mark why;
};
void basic_fork(struct machine *m, struct frame *f, const struct basic_ways *ways);
void basic_fog(struct machine *m, struct frame *f); /* the procedure ends */
void basic_journal_row(struct machine *m, struct value *at);
static inline void basic_journal(struct machine *m, struct value *at)
{
    if (m->forks)
        basic_journal_row(m, at);
}

/* --- basic_function.c */
bool basic_function_is(uint32_t word);
bool basic_function_variant(uint32_t word);
struct value basic_function(struct machine *m, uint32_t word, uint8_t suffix, struct arg *args, uint32_t n);
bool basic_function_constant(struct machine *m, slice name, struct value *out);
bool basic_constant_like(slice name); /* looks like one of a library that is not listed */

/* --- basic_named.c */
enum { BASIC_NAMED_MAX = 8 };
bool basic_named_any(const struct arg *args, uint32_t n);
/* In order of position; how many. `of`: whose member; NULL: a function, and UINT32_MAX where it has no
 * such parameter. */
uint32_t basic_named(struct machine *m, uint32_t word, const struct object *of, const struct arg *args, uint32_t n, struct arg out[BASIC_NAMED_MAX]);

/* --- basic_function_text.c, basic_function_math.c: NULL args never; v are plain values */
bool basic_text_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out);
bool basic_math_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out);
bool basic_date_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out);
struct value basic_date_literal(struct machine *m, slice s);
bool basic_list_function(struct machine *m, uint32_t word, struct arg *args, uint32_t n, struct value *out);

/* --- basic_object*.c */
struct object *basic_object_new(struct machine *m, enum basic_class c);
struct value basic_object_create(struct machine *m, struct text progid);
struct value basic_object_get(struct machine *m, struct text moniker); /* GetObject */
struct value basic_object_word(struct machine *m, uint32_t word, bool *found_out); /* a global of the host */
struct value basic_object_member(struct machine *m, struct value of, uint32_t name, struct arg *args, uint32_t n,
                               enum basic_how how);
struct value basic_object_default(struct machine *m, struct object *o, struct arg *args, uint32_t n, enum basic_how how);
struct value basic_object_item(struct machine *m, struct object *o, uint32_t index, bool *more_out); /* For Each */
struct value basic_foreign(struct machine *m, struct object *o, uint32_t name);
struct value *basic_pair_at(struct machine *m, struct object *o, struct value key, bool make);
struct value basic_prop(struct machine *m, struct object *o, uint32_t name, const char *preset, enum basic_how how, struct value v);

bool basic_store_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                      enum basic_how how, struct value *out); /* basic_store.c: collections, records, Err */
bool basic_script_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                       enum basic_how how, struct value *out); /* basic_script.c: WScript.Shell, FSO ... */
bool basic_net_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                    enum basic_how how, struct value *out); /* basic_net.c: requests, streams, XML */
bool basic_wmi_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                    enum basic_how how, struct value *out);
bool basic_hand_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                     enum basic_how how, struct value *out); /* basic_hand.c: what runs another language */
bool basic_pattern_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                        enum basic_how how, struct value *out);
struct value basic_system_folder(struct machine *m, slice name);
struct value basic_environ(struct machine *m, struct text name);
struct value basic_expand(struct machine *m, struct text s);

/* --- basic_office.c: the application, documents, sheets, and what stands in them out of sight (decode/hidden.h) */
bool basic_office_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                         enum basic_how how, struct value *out);
bool basic_office_document(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                           enum basic_how how, struct value *out);
bool basic_office_sheet(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n,
                        enum basic_how how, struct value *out);
struct value basic_control(struct machine *m, slice owner, slice name);
bool basic_has_control(struct machine *m, slice owner, slice name);
struct value basic_office_part(struct machine *m, slice owner, slice name); /* as basic_control, of this owner alone */
struct value basic_office_controls(struct machine *m, slice owner);
struct value basic_office_control_at(struct machine *m, slice owner, struct arg *args, uint32_t n); /* by number or name */
struct value basic_office_value(struct machine *m, const struct hidden *h);

/* --- basic_sink.c */
void basic_say(struct machine *m, enum effect_kind kind, const char *sink, const struct unmask_argument *a, size_t n);
void basic_say_run(struct machine *m, const char *sink, struct value command);
void basic_say_run2(struct machine *m, const char *sink, struct value program, struct value arguments);
void basic_say_path(struct machine *m, enum effect_kind kind, const char *sink, struct value path);
void basic_say_written(struct machine *m, const char *sink, struct value path, struct value content);
void basic_note_copy(struct machine *m, struct value from, struct value to);
uint32_t basic_say_request(struct machine *m, const char *sink, struct value url); /* its number + 1 */
void basic_say_download(struct machine *m, const char *sink, struct value url, struct value path);
void basic_say_saved(struct machine *m, uint32_t download, struct value path);
void basic_hand_on(struct machine *m, const char *type, struct text code); /* with the way that leads here */
void basic_say_rest(struct machine *m); /* downloads that nobody kept */
/* Behind two ways that meet again, of which one reached [from, middle) and the other the rest. */
void basic_say_reached(struct machine *m, uint32_t from, uint32_t middle);
void basic_say_api(struct machine *m, const struct basic_api *api, struct arg *args, uint32_t n);
void basic_say_code(struct machine *m, const char *sink, struct value code); /* of a macro that is added */
void basic_say_formula(struct machine *m, struct value formula);

/* --- basic_note.c: where m->u->trace */
void basic_note_let(struct machine *m, const struct basic_node *target, struct value v);
void basic_note_call(struct machine *m, const struct basic_proc *p, const struct arg *args, uint32_t n);
void basic_note_effect(struct machine *m, const char *sink, const struct unmask_argument *a, size_t n);
void basic_note_way(struct machine *m, int truth, text_mark why); /* truth < 0: not known */
void basic_note_end(struct machine *m);                           /* of the procedure on top */

static inline struct value basic_arg(const struct arg *args, uint32_t n, uint32_t i)
{
    return i < n ? args[i].v : (struct value){ .type = V_MISSING };
}
static inline bool basic_given(const struct arg *args, uint32_t n, uint32_t i) { return i < n && args[i].v.type != V_MISSING; }
