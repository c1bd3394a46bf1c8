/* SPDX-License-Identifier: Apache-2.0 */
/* Puts constants together while a script is read from front to back, once.
 *
 * A stack of tokens is reduced as soon as its end is an operation on values that are known:
 * joined literals, elements of constant arrays, calls of functions that only return a constant.
 * Names hold what was assigned last, wherever: scopes, loops and branches are not told apart. That
 * is wrong for programs and right for scripts that hide words in pieces. Whatever is not known is
 * a value without a text; what was joined around it stays ("partial").
 * Left out: loops, arithmetic on fractions, closures; see unmask for what runs.
 * Linear: a token is pushed once and removed once; memory and work are bounded.
 */
#include "base/hash.h"
#include "base/text.h"
#include "observe/part/script_intent_private.h"

#include <stdio.h>

struct folder {
    struct intent *t;
    struct item stack[SCRIPT_STACK];
    uint32_t n;
    struct frame frames[SCRIPT_FRAMES];
    uint32_t n_frames;
    struct frame next_function; /* its head was read, its body not yet */
    bool awaits_body;
    const struct item *next;
};

/* --- memory */

uint8_t *script_intent_room(struct intent *t, size_t n)
{
    if (n > t->room_fold - t->n_fold)
        return NULL;
    uint8_t *at = t->fold + t->n_fold;
    t->n_fold += n;
    return at;
}

uint64_t script_intent_hash(const struct intent *t, slice name)
{
    return (t->basic ? slice_hash_nocase(name) : fnv1a(7, name)) | 1;
}

static uint64_t path_hash(const struct intent *t, uint64_t base, slice name)
{
    return (base * UINT64_C(1099511628211) ^ script_intent_hash(t, name)) | 1;
}

struct symbol *script_intent_symbol(struct intent *t, uint64_t hash, bool make)
{
    enum { TRIES = 32 };
    for (size_t i = 0; i < TRIES; i++) {
        struct symbol *s = &t->symbols[((hash >> 17 ^ hash) + i) & (t->room_symbols - 1)];
        if (s->hash == hash)
            return s;
        if (s->hash == 0) {
            if (!make || t->n_symbols >= t->room_symbols / 4 * 3)
                return NULL;
            t->n_symbols++;
            *s = (struct symbol){ .hash = hash, .identity = -1 };
            return s;
        }
    }
    return NULL;
}

/* --- values */

static bool is_value(const struct item *i)
{
    return i->kind >= I_STR && i->kind <= I_ANY;
}

struct item script_intent_string(struct intent *t, slice text, uint32_t pieces)
{
    (void)t;
    return (struct item){ .kind = I_STR, .text = text, .pieces = pieces };
}

static slice text_of(const struct item *i, uint8_t digits[24])
{
    if (i->kind == I_STR)
        return i->text;
    if (i->kind != I_NUM)
        return (slice){ 0 };
    int n = snprintf((char *)digits, 24, "%lld", (long long)i->number);
    return (slice){ digits, n > 0 ? (size_t)n : 0 };
}

struct item script_intent_join(struct intent *t, const struct item *a, const struct item *b)
{
    uint8_t da[24], db[24];
    slice x = text_of(a, da), y = text_of(b, db);
    struct item out = { .kind = I_STR, .pieces = a->pieces + b->pieces };
    out.partial = a->partial || b->partial || a->kind == I_ANY || b->kind == I_ANY ||
                  a->kind == I_ARR || b->kind == I_ARR;
    t->joins++;
    if (x.len && y.len && script_intent_splits(x, y))
        t->splits++;
    if (x.len == 0 || y.len == 0) {
        out.text = x.len ? x : y;
        if (out.text.at == da || out.text.at == db)
            out = (struct item){ .kind = I_ANY };
        return out;
    }
    /* What ends where free room begins grows in place: a hundred joins copy each piece once. */
    bool last = x.at + x.len == t->fold + t->n_fold && x.at >= t->fold;
    uint8_t *room = script_intent_room(t, y.len + (last ? 0 : x.len));
    if (!room)
        return (struct item){ .kind = I_ANY, .pieces = out.pieces };
    size_t n = last ? 0 : slice_copy_out(x, room, x.len);
    n += slice_copy_out(y, room + n, y.len);
    out.text = (slice){ last ? x.at : room, x.len + y.len };
    return out;
}

static unsigned binds(const struct folder *f, uint8_t op)
{
    switch (op) {
    case '.':
    case '[':
    case '(':
        return 10;
    case '*':
    case '/':
    case '%':
        return 6;
    case '+':
    case '-':
        return 5;
    case 'S':
        return 4;
    case 'E':
        return 3;
    case '=':
        return f->t->basic ? 3 : 0;
    case '&':
    case '|':
    case '^':
        return 2;
    case 'L':
        return 1;
    default:
        return 0;
    }
}

static struct item arithmetic(uint8_t op, int64_t a, int64_t b)
{
    struct item out = { .kind = I_NUM, .pieces = 2 };
    const int64_t most = INT64_C(1) << 31;
    if (a > most || a < -most || b > most || b < -most)
        return (struct item){ .kind = I_ANY };
    switch (op) {
    case '+':
        out.number = a + b;
        return out;
    case '-':
        out.number = a - b;
        return out;
    case '*':
        out.number = a * b;
        return out;
    case '/':
        out.number = b ? a / b : 0;
        return b && a % b == 0 ? out : (struct item){ .kind = I_ANY };
    case '%':
        out.number = b ? a % b : 0;
        return b ? out : (struct item){ .kind = I_ANY };
    case '^':
        out.number = a ^ b;
        return out;
    case '&':
        out.number = a & b;
        return out;
    case '|':
        out.number = a | b;
        return out;
    default:
        return (struct item){ .kind = I_ANY };
    }
}

static struct item binary(struct folder *f, const struct item *a, uint8_t op, const struct item *b)
{
    if (op == '+' && (a->kind == I_STR || b->kind == I_STR))
        return script_intent_join(f->t, a, b);
    if (a->kind == I_NUM && b->kind == I_NUM && !(f->t->basic && op == '^'))
        return arithmetic(op, a->number, b->number);
    return (struct item){ .kind = I_ANY };
}

/* --- the stack */

static struct item *top(struct folder *f, uint32_t i)
{
    return i < f->n ? &f->stack[f->n - 1 - i] : NULL;
}

static bool is_op(const struct item *i, uint8_t op)
{
    return i && i->kind == I_OP && i->op == op;
}

static void push(struct folder *f, struct item i)
{
    if (f->n == SCRIPT_STACK) { /* deeper than any program that is not made to be: begin anew */
        f->n = 0;
        f->n_frames = 0;
    }
    f->stack[f->n++] = i;
}

static uint32_t floor_of(const struct folder *f)
{
    return f->n_frames ? f->frames[f->n_frames - 1].at + 1 : 0;
}

static struct frame *function_of(struct folder *f)
{
    for (uint32_t i = f->n_frames; i > 0 && f->n_frames - i < 8; i--)
        if (f->frames[i - 1].function)
            return &f->frames[i - 1];
    return NULL;
}

static void set(struct folder *f, uint64_t hash, const struct item *value)
{
    struct symbol *s = script_intent_symbol(f->t, hash, true);
    if (s)
        s->value = *value;
}

static void append(struct folder *f, uint64_t hash, const struct item *value)
{
    struct symbol *s = script_intent_symbol(f->t, hash, true);
    if (!s)
        return;
    if (s->value.kind == I_STR || (s->value.kind == I_NUM && value->kind == I_STR))
        s->value = script_intent_join(f->t, &s->value, value);
    else
        s->value = value->kind == I_STR ? *value : (struct item){ .kind = I_ANY };
    if (s->value.kind == I_STR)
        s->value.partial = s->value.partial || value->kind != I_STR;
}

/* What was held back at the first statement of a function is done after all. */
static void flush_pending(struct folder *f, struct frame *fn)
{
    if (fn && fn->pending) {
        append(f, fn->pending, &fn->pending_value);
        fn->pending = 0;
    }
}

static void assign(struct folder *f, uint64_t hash, uint8_t op, const struct item *value)
{
    struct frame *fn = function_of(f);
    script_intent_constant(f->t, value);
    if (op == '=') {
        flush_pending(f, fn);
        set(f, hash, value);
    } else if (op == 'P' && fn && fn->statements == 0 && !fn->pending && value->kind == I_STR) {
        fn->pending = hash;
        fn->pending_value = *value;
    } else if (op == 'P') {
        flush_pending(f, fn);
        append(f, hash, value);
    } else {
        flush_pending(f, fn);
        set(f, hash, &(struct item){ .kind = I_ANY });
    }
}

/* The name on top is not assigned to or called: what is its value? */
static struct item value_of(struct folder *f, uint64_t hash, slice name)
{
    struct symbol *s = script_intent_symbol(f->t, hash, false);
    if (s && s->value.kind >= I_STR && s->value.kind < I_ANY)
        return s->value;
    if (s && s->value.kind == I_ANY && s->value.text.len && !s->value.op)
        name = s->value.text; /* another name for it: p = eval */
    return (struct item){ .kind = I_ANY, .text = name, .number = (int64_t)hash };
}

static bool waits(uint8_t op)
{
    return op == '=' || op == 'P' || op == 'M' || op == 'I' || op == '(';
}

/* base . name: a member that is read. */
static void member(struct folder *f)
{
    struct item *base = top(f, 2), name = *top(f, 0);
    uint64_t path = path_hash(f->t, base ? (uint64_t)base->number : 1, name.text);
    script_intent_member(f->t, name.text, name.computed, name.pieces);
    if (!base || !is_value(base)) {
        f->n -= 1;
        f->stack[f->n - 1] = (struct item){ .kind = I_ANY, .text = name.text };
        return;
    }
    struct item v = { .kind = I_ANY, .text = name.text, .number = (int64_t)path };
    if (base->kind == I_STR && slice_is_nocase(name.text, "length") && !base->partial)
        v = (struct item){ .kind = I_NUM, .number = (int64_t)base->text.len };
    else if (base->kind == I_ANY)
        v = value_of(f, path, name.text);
    else if (base->kind == I_ARR && slice_is(name.text, "length"))
        v = (struct item){ .kind = I_NUM, .number = base->n };
    f->n -= 2;
    f->stack[f->n - 1] = v;
}

static bool is_member(struct folder *f)
{
    return is_op(top(f, 1), '.');
}

/* A name on top, and what comes next. True when something changed. */
static bool reduce_name(struct folder *f)
{
    struct item *name = top(f, 0);
    bool op = f->next->kind == I_OP;
    if (op && waits(f->next->op) && !(f->t->basic && f->next->op == '=' && f->n - floor_of(f) > 3))
        return false;
    if (is_member(f)) {
        member(f);
        return true;
    }
    script_intent_name(f->t, name->text);
    *name = value_of(f, script_intent_hash(f->t, name->text), name->text);
    return true;
}

/* In VBScript "=" assigns only where a statement begins with a name, with or without Set. */
static bool is_assignment(struct folder *f, uint32_t name_at)
{
    uint32_t floor = floor_of(f);
    if (!f->t->basic)
        return true;
    if (name_at <= floor)
        return true;
    const struct item *before = &f->stack[name_at - 1];
    return before->kind == I_WORD && !slice_is_nocase(before->text, "if") &&
           !slice_is_nocase(before->text, "elseif") && !slice_is_nocase(before->text, "until") &&
           !slice_is_nocase(before->text, "while");
}

static bool goes_on(const struct folder *f)
{
    const struct item *x = f->next;
    return x->kind == I_OP && (binds(f, x->op) > 0 || x->op == '?');
}

static bool reduce_assignment(struct folder *f)
{
    struct item *op = top(f, 1), *name = top(f, 2);
    if (!op || !name || op->kind != I_OP || (op->op != '=' && op->op != 'P' && op->op != 'M') ||
        name->kind != I_NAME || goes_on(f) || !is_assignment(f, f->n - 3))
        return false;
    struct item value = *top(f, 0);
    struct item *base = top(f, 4);
    bool is_part = is_op(top(f, 3), '.') && base;
    uint64_t hash = is_part ? path_hash(f->t, (uint64_t)base->number, name->text)
                            : script_intent_hash(f->t, name->text);
    if (is_part)
        script_intent_member(f->t, name->text, name->computed, name->pieces);
    assign(f, hash, op->op, &value);
    if (value.kind == I_ANY && slice_is(value.text, "eval") && !is_part)
        f->t->techniques |= 1u << TECHNIQUE_ALIAS;
    f->n -= is_part ? 4 : 2;
    f->stack[f->n - 1] = value;
    return true;
}

/* { key : value in an object that is being assigned. */
static bool reduce_property(struct folder *f)
{
    struct item *key = top(f, 2);
    struct frame *fr = f->n_frames ? &f->frames[f->n_frames - 1] : NULL;
    if (!is_op(top(f, 1), ':') || !key || !fr || !fr->object || f->n != fr->at + 4 || goes_on(f))
        return false;
    struct item value = *top(f, 0);
    script_intent_constant(f->t, &value);
    if (fr->name && key->text.len)
        set(f, path_hash(f->t, fr->name, key->text), &value);
    f->n -= 3;
    return true;
}

static bool reduce_value(struct folder *f)
{
    struct item *b = top(f, 0), *op = top(f, 1), *a = top(f, 2);
    if (!op || op->kind != I_OP)
        return false;
    bool in_reach = f->n >= 3 && f->n - 3 >= floor_of(f);
    unsigned mine = binds(f, op->op), next = f->next->kind == I_OP ? binds(f, f->next->op) : 0;
    if (in_reach && a && is_value(a) && mine > 0 && mine < 10 && op->op != '=' && next <= mine) {
        struct item v = binary(f, a, op->op, b);
        f->n -= 2;
        f->stack[f->n - 1] = v;
        return true;
    }
    bool unary = f->n - 2 >= floor_of(f) && (!in_reach || !a || !is_value(a)) && next < 10;
    if (unary && (op->op == '-' || op->op == '+' || op->op == '!' || op->op == '~')) {
        struct item v = { .kind = I_ANY };
        if (b->kind == I_NUM && op->op != '!')
            v = (struct item){ .kind = I_NUM,
                               .number = op->op == '-'   ? -b->number
                                         : op->op == '~' ? ~b->number
                                                         : b->number };
        f->n -= 1;
        f->stack[f->n - 1] = v;
        return true;
    }
    return reduce_assignment(f) || reduce_property(f);
}

static void reduce(struct folder *f)
{
    for (struct item *x = top(f, 0); x; x = top(f, 0)) {
        if (x->kind == I_NAME ? !reduce_name(f) : !is_value(x) || !reduce_value(f))
            return;
        if (f->n == 0 || f->n <= floor_of(f))
            return;
    }
}

static void put(struct folder *f, struct item v)
{
    push(f, v);
    reduce(f);
}

/* --- statements and brackets */

static bool is_word(const struct item *i, const char *text)
{
    return i && i->kind == I_WORD && slice_is_nocase(i->text, text);
}

static void returned(struct folder *f, struct frame *fn)
{
    struct item *v = top(f, 0);
    if (!fn || fn->statements > 0 || !is_word(top(f, 1), "return") || !is_value(v))
        return;
    fn->result = *v;
    for (int8_t i = 0; i < 4; i++)
        if (v->kind == I_ANY && v->number && fn->params[i] == (uint64_t)v->number)
            fn->identity = i;
}

static void end_statement(struct folder *f)
{
    struct frame *fr = f->n_frames ? &f->frames[f->n_frames - 1] : NULL, *fn = function_of(f);
    uint32_t floor = floor_of(f);
    if (f->n > floor) {
        returned(f, fn);
        if (is_value(top(f, 0)))
            script_intent_constant(f->t, top(f, 0));
        struct item *name = f->n >= floor + 2 ? top(f, 1) : NULL;
        if (f->t->basic && name && name->kind == I_ANY && name->text.len && is_value(top(f, 0)))
            (void)script_intent_call(f->t, name->text, NULL, top(f, 0), 1, false);
        if (fn && fr == fn) {
            if (fn->statements > 0)
                flush_pending(f, fn);
            fn->statements++;
        }
    }
    f->n = floor;
}

static void open(struct folder *f, uint8_t bracket)
{
    struct item *before = top(f, 0), *name = top(f, 1);
    struct frame fr = { .open = bracket, .identity = -1 };
    if (bracket == '{' && f->awaits_body) {
        fr = f->next_function;
        fr.open = '{';
        fr.function = true;
        f->awaits_body = false;
    } else if (bracket == '{') {
        fr.object = before && ((before->kind == I_OP && strchr("=(,:[", before->op)) ||
                               is_word(before, "return"));
        if (is_op(before, '=') && name && name->kind == I_NAME && !is_op(top(f, 2), '.'))
            fr.name = script_intent_hash(f->t, name->text);
    }
    if (f->n_frames == SCRIPT_FRAMES || f->n == SCRIPT_STACK) {
        f->n = 0;
        f->n_frames = 0;
    }
    fr.at = f->n;
    push(f, (struct item){ .kind = I_OP, .op = bracket });
    f->frames[f->n_frames++] = fr;
}

/* The values between the bracket and the top, separated by commas. */
static unsigned arguments(struct folder *f, const struct frame *fr, struct item *out, unsigned most)
{
    unsigned n = 0, in_this = 0;
    for (uint32_t i = fr->at + 1; i < f->n; i++) {
        const struct item *x = &f->stack[i];
        if (x->kind == I_OP && x->op == ',') {
            n += n < most && in_this;
            in_this = 0;
            continue;
        }
        if (n < most)
            out[n] = in_this == 0 && is_value(x) ? *x : (struct item){ .kind = I_ANY };
        in_this++;
    }
    return n + (in_this && n < most);
}

static void array(struct folder *f, const struct frame *fr)
{
    struct intent *t = f->t;
    struct item v = { .kind = I_ARR, .from = t->n_elements };
    uint32_t short_ones = 0;
    for (uint32_t i = fr->at + 1; i < f->n; i++) {
        const struct item *x = &f->stack[i];
        if (x->kind == I_OP && x->op == ',')
            continue;
        if (t->n_elements == t->room_elements) {
            v.kind = I_ANY;
            break;
        }
        short_ones += x->kind == I_STR && x->text.len > 0 && x->text.len <= 4;
        v.pieces += x->pieces;
        t->elements[t->n_elements++] = *x;
        v.n++;
    }
    t->tables += short_ones >= 32 && short_ones * 4 >= v.n * 3;
    f->n = fr->at;
    put(f, v);
}

/* base [ index ] */
static void element(struct folder *f, const struct frame *fr)
{
    struct item index[1] = { { .kind = I_ANY } }, base = f->stack[fr->at - 1];
    struct intent *t = f->t;
    (void)arguments(f, fr, index, 1);
    f->n = fr->at;
    const struct item *i = &index[0];
    if (i->kind == I_STR && base.kind != I_ARR && i->text.len) {
        script_intent_constant(t, i);
        push(f, (struct item){ .kind = I_OP, .op = '.' });
        put(f, (struct item){
                   .kind = I_NAME, .text = i->text, .computed = true, .pieces = i->pieces });
        return;
    }
    struct item v = { .kind = I_ANY };
    if (i->kind == I_NUM && base.kind == I_ARR && i->number >= 0 && i->number < base.n)
        v = t->elements[base.from + (uint32_t)i->number];
    else if (i->kind == I_NUM && base.kind == I_STR && i->number >= 0 &&
             (uint64_t)i->number < base.text.len)
        v = script_intent_string(t, slice_sub(base.text, (size_t)i->number, 1), 1);
    else if (base.kind == I_ANY && base.number && i->kind == I_NUM) {
        uint8_t digits[24];
        v = value_of(f, path_hash(t, (uint64_t)base.number, text_of(i, digits)), (slice){ 0 });
    }
    f->n--;
    if (f->next->kind == I_OP && f->next->op == '(' && v.kind == I_STR) {
        /* ["x"][0](...) after a name: the element names the member that is called */
        put(f, (struct item){ .kind = I_ANY, .text = v.text });
        return;
    }
    put(f, v);
}

/* function name ( a, b ) */
static bool head(struct folder *f, const struct frame *fr)
{
    struct item *before = fr->at >= 1 ? &f->stack[fr->at - 1] : NULL,
                *function = fr->at >= 2 ? &f->stack[fr->at - 2] : NULL;
    bool named = before && before->kind == I_NAME &&
                 (is_word(function, "function") || is_word(function, "sub"));
    bool unnamed = is_word(before, "function");
    if (!named && !unnamed)
        return false;
    struct frame fn = { .identity = -1 };
    unsigned n = 0;
    for (uint32_t i = fr->at + 1; i < f->n && n < 4; i++)
        if (f->stack[i].kind == I_ANY)
            fn.params[n++] = (uint64_t)f->stack[i].number;
        else if (f->stack[i].kind == I_STR || f->stack[i].kind == I_NUM)
            n++;
    f->n = fr->at - (named ? 2 : 1);
    if (named) {
        fn.name = script_intent_hash(f->t, before->text);
    } else if (is_op(top(f, 0), '=') && top(f, 1) && top(f, 1)->kind == I_NAME) {
        fn.name = script_intent_hash(f->t, top(f, 1)->text);
        fn.object = true; /* an expression: it has a value */
    } else {
        fn.object = true;
    }
    f->next_function = fn;
    f->awaits_body = !f->t->basic;
    return true;
}

static struct item own_call(struct folder *f, const struct symbol *s, const struct item *args,
                            unsigned n)
{
    if (s->appends_to) {
        append(f, s->appends_to, &s->result);
        return (struct item){ .kind = I_ANY };
    }
    if (s->identity >= 0 && (unsigned)s->identity < n)
        return args[s->identity];
    return s->result.kind >= I_STR && s->result.kind <= I_ANY ? s->result
                                                              : (struct item){ .kind = I_ANY };
}

static void call(struct folder *f, const struct frame *fr)
{
    struct item args[SCRIPT_ARGUMENTS], name = f->stack[fr->at - 1], v;
    unsigned n = arguments(f, fr, args, SCRIPT_ARGUMENTS);
    for (unsigned i = 0; i < n; i++)
        script_intent_constant(f->t, &args[i]);
    f->n = fr->at - 1;
    bool is_part = name.kind == I_NAME && f->n >= 2 && is_op(top(f, 0), '.');
    struct item base = is_part ? *top(f, 1) : (struct item){ 0 };
    if (is_part) {
        f->n -= 2;
        script_intent_member(f->t, name.text, name.computed, name.pieces);
    } else if (name.kind == I_NAME) {
        script_intent_name(f->t, name.text);
    }
    bool made = is_word(top(f, 0), "new");
    f->n -= made;
    const struct symbol *s =
        is_part ? NULL : script_intent_symbol(f->t, script_intent_hash(f->t, name.text), false);
    if (s && s->value.kind == I_ANY && s->value.text.len && !s->value.op)
        name.text = s->value.text;
    if (f->t->basic && s && s->value.kind == I_ARR && n == 1) {
        v = args[0].kind == I_NUM && args[0].number >= 0 && args[0].number < s->value.n
                ? f->t->elements[s->value.from + (uint32_t)args[0].number]
                : (struct item){ .kind = I_ANY };
    } else if (s && (s->appends_to || s->identity >= 0 || s->result.kind)) {
        v = own_call(f, s, args, n);
    } else if (name.kind == I_ANY && n >= 4 && args[0].kind == I_STR && args[1].kind == I_NUM &&
               args[3].kind == I_ARR) {
        v = script_intent_unpack(f->t, args);
    } else {
        v = script_intent_call(f->t, name.text, is_part ? &base : NULL, args, n, made);
    }
    put(f, v);
}

static void close_round(struct folder *f, const struct frame *fr)
{
    struct item *before = fr->at > 0 ? &f->stack[fr->at - 1] : NULL;
    uint32_t floor = floor_of(f);
    if (head(f, fr))
        return;
    bool callee = before && fr->at > floor && (before->kind == I_NAME || is_value(before));
    if (callee && slice_is_nocase(before->text, "array") &&
        !is_op(fr->at > 1 ? before - 1 : NULL, '.') &&
        !(fr->at + 2 == f->n && f->stack[fr->at + 1].kind == I_NUM)) {
        array(f, fr);
        /* the array lies where the bracket was: Array and new go */
        struct item v = *top(f, 0);
        f->n -= f->n > floor + 1 ? 2 : 1;
        if (is_word(top(f, 0), "new"))
            f->n--;
        put(f, v);
        return;
    }
    if (callee) {
        call(f, fr);
        return;
    }
    struct item v = { .kind = I_ANY }, *last = top(f, 0);
    if (f->n > fr->at + 1 && is_value(last) && (f->n == fr->at + 2 || is_op(top(f, 1), ',')))
        v = *last;
    f->n = fr->at;
    bool control = before && before->kind == I_WORD && !is_word(before, "return") &&
                   !is_word(before, "typeof") && !is_word(before, "in") &&
                   !is_word(before, "case") && !is_word(before, "not") && !is_word(before, "new");
    if (control)
        f->n = floor;
    else
        put(f, v);
}

static void end_function(struct folder *f, const struct frame *fr)
{
    struct symbol *s = fr->name ? script_intent_symbol(f->t, fr->name, true) : NULL;
    bool appends = fr->pending && fr->statements <= 1;
    if (fr->pending && !(appends && s))
        append(f, fr->pending, &fr->pending_value);
    if (!s)
        return;
    s->identity = fr->identity;
    s->appends_to = appends ? fr->pending : 0;
    s->result = appends ? fr->pending_value : fr->result;
}

static void close(struct folder *f, uint8_t bracket)
{
    uint8_t wanted = bracket == ')' ? '(' : bracket == ']' ? '[' : '{';
    uint32_t i = f->n_frames;
    while (i > 0 && f->frames[i - 1].open != wanted && f->n_frames - i < 4)
        i--;
    if (i == 0 || f->frames[i - 1].open != wanted)
        return;
    f->n_frames = i;
    if (bracket == '}')
        end_statement(f);
    struct frame fr = f->frames[--f->n_frames];
    if (bracket == ')') {
        close_round(f, &fr);
    } else if (bracket == ']') {
        struct item *before = fr.at > floor_of(f) ? &f->stack[fr.at - 1] : NULL;
        if (before && is_value(before))
            element(f, &fr);
        else
            array(f, &fr);
    } else {
        f->n = fr.at;
        if (fr.function)
            end_function(f, &fr);
        if (fr.object)
            put(f, (struct item){ .kind = I_ANY });
    }
}

static void shift(struct folder *f, const struct item *x)
{
    if (x->kind == I_NAME || is_value(x)) {
        put(f, *x);
        return;
    }
    if (x->kind == I_WORD && x->text.len) {
        if (f->t->basic && (is_word(x, "then") || is_word(x, "else")))
            end_statement(f);
        else
            push(f, *x);
        return;
    }
    if (x->kind == I_END) {
        end_statement(f);
        return;
    }
    f->t->decodes |= x->op == '^' ? 4u : 0u;
    if (x->op == '(' || x->op == '[' || x->op == '{') {
        open(f, x->op);
    } else if (x->op == ')' || x->op == ']' || x->op == '}') {
        close(f, x->op);
    } else if (x->op == ';' ||
               (x->op == ',' && (f->n_frames == 0 || f->frames[f->n_frames - 1].open == '{'))) {
        uint32_t floor = floor_of(f);
        if (x->op == ',' && f->n > floor && is_value(top(f, 0)))
            script_intent_constant(f->t, top(f, 0));
        if (x->op == ',')
            f->n = floor;
        else
            end_statement(f);
    } else {
        push(f, *x);
    }
}

void script_intent_read(struct intent *t, slice code)
{
    if (t->depth >= SCRIPT_DEPTH || !walk_work(t->w, code.len * 12))
        return;
    struct folder *f = t->folders[t->depth];
    if (!f)
        f = t->folders[t->depth] = ARENA_NEW(t->mem, struct folder);
    if (!f)
        return;
    f->t = t;
    f->n = f->n_frames = 0;
    f->awaits_body = false;
    t->depth++;
    struct lexer x = { .t = t, .in = code, .basic = t->basic };
    struct item now, next;
    script_intent_lex(&x, &now);
    while (now.kind != I_EOF) {
        script_intent_lex(&x, &next);
        f->next = &next;
        shift(f, &now);
        now = next;
    }
    end_statement(f);
    t->depth--;
}
