/* SPDX-License-Identifier: Apache-2.0 */
/* script_intent_private - one script taken apart, for the files of this observer.
 *
 * script_intent_lex.c makes tokens, script_intent_fold.c puts constants together while it reads
 * them from front to back, script_intent_call.c computes the functions of both languages that
 * obfuscators use on constants and knows what acts, script_intent_say.c emits the facts,
 * script_intent_shell.c reads PowerShell and command files by their words.
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

enum {
    SCRIPT_STACK = 2048,
    SCRIPT_FRAMES = 256,
    SCRIPT_ARGUMENTS = 16,
    SCRIPT_DEPTH = 4, /* of text that is evaluated */
    SCRIPT_FOLD_MAX = 4 << 20,
    SCRIPT_ELEMENTS = 1 << 17,
    SCRIPT_SYMBOLS = 1 << 14,
    SCRIPT_STRINGS = 48,
};

enum item_kind { I_EOF, I_OP, I_WORD, I_NAME, I_STR, I_NUM, I_ARR, I_ANY, I_END };

/* A token, and what it was folded to. Operators are their first character, with these for
 * longer ones: E comparison, P +=, M other assignments, I ++ and --, L and or, S shift. */
struct item {
    slice text; /* STR: the constant; NAME, WORD, ANY: the name, maybe empty */
    int64_t number;
    uint32_t from, n; /* ARR: elements */
    uint32_t pieces;  /* literals it was put together from */
    uint8_t kind, op;
    bool partial;  /* something unknown was left out */
    bool computed; /* NAME: a member in brackets */
};

struct symbol {
    uint64_t hash; /* 0: free */
    struct item value;
    struct item result;  /* of the function of this name; I_EOF: not known */
    int8_t identity;     /* the function returns this argument; -1: none */
    uint64_t appends_to; /* the function does nothing but append `result` to this; 0: no */
};

struct frame {
    uint32_t at; /* in the stack: the bracket */
    uint8_t open;
    bool function, object;
    uint64_t name; /* of the function or the object; 0: none */
    uint64_t params[4];
    uint32_t statements;
    struct item result;
    int8_t identity;
    uint64_t pending; /* += that is the first statement: not done yet */
    struct item pending_value;
};

enum technique {
    TECHNIQUE_SPLIT,
    TECHNIQUE_CODES,
    TECHNIQUE_ESCAPES,
    TECHNIQUE_MEMBERS,
    TECHNIQUE_CLASS,
    TECHNIQUE_EVAL,
    TECHNIQUE_COMMENT,
    TECHNIQUE_PIECES,
    TECHNIQUE_CODE,
    TECHNIQUE_DECODER,
    TECHNIQUE_LITERAL,
    TECHNIQUE_NAMES,
    TECHNIQUE_ALIAS,
    TECHNIQUE_TABLE,
    TECHNIQUE_JUNK,
    TECHNIQUE_SHELL,
    TECHNIQUES
};

enum act {
    ACT_RUN,
    ACT_FETCH,
    ACT_WRITE,
    ACT_EVAL,
    ACT_PERSIST,
    ACT_PROBE,
    ACT_HIDE,
    ACT_SPREAD,
    ACTS
};

/* Hosts, by the words that only they have. */
enum { HOST_WSH = 1, HOST_BROWSER = 2, HOST_NODE = 4, HOST_ACTIVE = 8 };

struct intent {
    struct walk *w;
    struct arena *mem;
    bool basic; /* VBScript */
    unsigned depth;
    struct symbol *symbols;
    uint32_t n_symbols, room_symbols; /* a power of two */
    struct item *elements;
    uint32_t n_elements, room_elements;
    void *folders[SCRIPT_DEPTH];
    uint8_t *fold;
    size_t n_fold, room_fold;
    /* what was seen */
    unsigned hosts, acts, techniques, modern;
    unsigned decodes; /* 1: fromCharCode, 2: charCodeAt, 4: exclusive or */
    unsigned classes; /* bit per row of the class table */
    uint32_t computed_classes;
    uint32_t strings, tiny, code_pieces, escapes, joins, joined, computed_members, codes, evals,
        eval_computed;
    uint32_t names, odd_names, members, splits, tables;
    uint64_t string_bytes, longest, length;
    uint32_t sinks[4]; /* bit per row of the member table */
    slice said[SCRIPT_STRINGS];
    uint32_t n_said;
};

/* --- script_intent_lex.c */
struct lexer {
    struct intent *t;
    slice in;
    size_t pos;
    bool basic;
    uint8_t before; /* kind and last byte of the token before: may a regular expression begin? */
    bool after_dot;
};
void script_intent_lex(struct lexer *x, struct item *out);

/* --- script_intent_fold.c */
void script_intent_read(struct intent *t, slice code);
/* Text that may be written to; NULL when the allowance is used up. */
uint8_t *script_intent_room(struct intent *t, size_t n);
struct item script_intent_join(struct intent *t, const struct item *a, const struct item *b);
struct item script_intent_string(struct intent *t, slice text, uint32_t pieces);
struct symbol *script_intent_symbol(struct intent *t, uint64_t hash, bool make);
uint64_t script_intent_hash(const struct intent *t, slice name);

/* --- script_intent_call.c */
/* The value of a call; `base` NULL: no member. */
struct item script_intent_call(struct intent *t, slice name, const struct item *base,
                               const struct item *arguments, unsigned n, bool made);
/* What a packed script unpacks to: its words stand in a list, their numbers in the text. */
struct item script_intent_unpack(struct intent *t, const struct item *arguments);
/* A name was read; a member, perhaps written in brackets. */
void script_intent_name(struct intent *t, slice name);
void script_intent_member(struct intent *t, slice name, bool computed, uint32_t pieces);
/* A whole constant, where it is used. */
void script_intent_constant(struct intent *t, const struct item *value);
bool script_intent_splits(slice a, slice b);

/* --- script_intent_say.c, script_intent_shell.c */
void script_intent_say(struct intent *t);
void script_intent_urls(struct walk *w, slice text);
void script_intent_shell(struct intent *t, slice code, bool batch);
const char *script_intent_class_name(unsigned row);
unsigned script_intent_class_acts(unsigned classes);
const char *script_intent_member_name(unsigned row);
unsigned script_intent_member_act(unsigned row);
bool script_intent_member_tells(unsigned row); /* other hosts' objects have no such member */
enum { SCRIPT_CLASSES = 24, SCRIPT_MEMBERS = 64 };
