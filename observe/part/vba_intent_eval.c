/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over all expressions: constants are folded, objects get a class,
 * sinks are found, and with them what their arguments come from.
 *
 * This is no evaluator: no loops, no branches, one value per name. Folded are
 * joins of literals, names written once with a constant, names never written
 * (Empty: nothing in a join), and the functions that obfuscators wrap around
 * literals. Everything else is unknown; a join with something unknown says its
 * known pieces and becomes unknown. Each token is looked at once.
 */
#include "observe/part/vba_intent_value.h"
#include "base/text.h"

enum { DEPTH_MAX = 48 };

static struct value expression(struct eval *e, unsigned level);

static const struct token *tok(const struct eval *e)
{
    return &e->c->tokens[e->i];
}
static bool more(const struct eval *e)
{
    return e->i < e->to;
}

static bool at_op(const struct eval *e, uint8_t op)
{
    return more(e) && tok(e)->kind == T_OP && tok(e)->op == op;
}

static bool take_op(struct eval *e, uint8_t op)
{
    if (!at_op(e, op))
        return false;
    e->i++;
    return true;
}

static uint32_t word(const struct eval *e)
{
    return more(e) && tok(e)->kind == T_NAME && tok(e)->name < W_COUNT ? tok(e)->name : W_NO_WORD;
}

/* --- operators */

/* [MS-VBAL] 5.6.9: a higher level binds tighter. */
static unsigned level_of(const struct eval *e)
{
    if (!more(e))
        return 0;
    if (tok(e)->kind == T_OP) {
        switch (tok(e)->op) {
        case '=':
        case 'C':
            return 2;
        case '&':
            return 3;
        case '+':
        case '-':
            return 4;
        case '\\':
            return 6;
        case '*':
        case '/':
            return 7;
        case '^':
            return 9;
        default:
            return 0;
        }
    }
    switch (word(e)) {
    case W_AND:
    case W_OR:
    case W_XOR:
    case W_EQV:
    case W_IMP:
        return 1;
    case W_IS:
    case W_LIKE:
        return 2;
    case W_MOD:
        return 5;
    default:
        return 0;
    }
}

static struct value binary(struct eval *e, struct value a, unsigned level)
{
    for (unsigned l; (l = level_of(e)) >= level && l > 0;) {
        uint8_t op = tok(e)->kind == T_OP ? tok(e)->op : word(e) == W_XOR ? 'X' : 0;
        e->i++;
        if (op == '&')
            vba_intent_fold_number(e, &a);
        if (op == '&' || (op == '+' && (a.kind == V_TEXT || (more(e) && tok(e)->kind == T_STRING))))
            e->c->joins++;
        struct value b = expression(e, l + 1);
        if (op == '+' || op == '-' || op == '*' || op == '/')
            e->arithmetic++;
        a = vba_intent_fold_joins(op, &a, &b) ? vba_intent_fold_join(e, a, b)
                                              : vba_intent_fold_compute(e, op, a, b);
    }
    return a;
}

/* --- arguments */

static void note_read(struct args *a, const struct value *v)
{
    a->hidden |= v->hidden;
    if (v->name != VBA_NONE && a->n_reads < 4)
        a->reads[a->n_reads++] = v->name;
}

static bool begins_operand(const struct eval *e)
{
    if (!more(e))
        return false;
    const struct token *t = tok(e);
    if (t->kind == T_OP)
        return t->op == '(' || t->op == '-' || t->op == '.' || t->op == '#' || t->op == ',';
    if (t->kind != T_NAME || t->name >= W_COUNT)
        return t->kind != T_END;
    char kind = vba_intent_words[t->name].kind;
    return kind != 'k' || t->name == W_NOT || t->name == W_ME || t->name == W_NEW ||
           t->name == W_ADDRESSOF || t->name == W_BYVAL || t->name == W_NAME || t->name == W_BASE ||
           t->name == W_TYPE || t->name == W_LINE;
}

/* To the closing parenthesis, or (close 0) to the end of the statement. */
static void arguments(struct eval *e, struct args *a, uint8_t close)
{
    while (more(e)) {
        if (close && take_op(e, close))
            return;
        if (take_op(e, ',')) {
            if (a->n == 0)
                a->v[a->n++] =
                    (struct value){ .kind = V_EMPTY, .from = e->text.len, .name = VBA_NONE };
            continue;
        }
        if (!close && !begins_operand(e))
            return;
        uint32_t before = e->i;
        if (e->i + 1 < e->to && tok(e)->kind == T_NAME && tok(e)[1].kind == T_OP &&
            tok(e)[1].op == ':')
            e->i += 2; /* name:=value */
        struct value v = expression(e, 1);
        note_read(a, &v);
        if (a->n < ARGS_MAX)
            a->v[a->n++] = v;
        else
            vba_intent_fold_consume(e, &v);
        if (e->i == before)
            e->i++;
    }
}

/* Texts of arguments that nobody folded. */
static void drop_args(struct eval *e, struct args *a, size_t mark)
{
    for (unsigned i = a->n; i > 0; i--)
        vba_intent_fold_consume(e, &a->v[i - 1]);
    vba_intent_fold_cut(e, mark);
}

/* --- chains: a.b(c).d */

struct chain {
    struct value v;
    bool library;    /* VBA. or one of its modules stands before */
    bool own_module; /* a module of the project, or Me, stands before */
};

static struct value step(struct eval *e, struct chain *ch, uint32_t id, uint32_t token, bool member,
                         struct args *a, bool called)
{
    struct code *c = e->c;
    const struct name *n = &c->names[id];
    bool is_word = id < W_COUNT;
    char kind = is_word ? vba_intent_words[id].kind : 0;
    int64_t number;
    if (member && !ch->library && (is_word || !ch->own_module))
        return vba_intent_call_member(e, is_word ? id : W_NO_WORD, ch->v, a, token);
    if (member && !ch->library) {
        /* Module.x: a procedure or variable of it, else a control on it. */
        struct value v = vba_intent_call_own(e, id, a, true, token);
        if (n->proc == VBA_NONE && n->writes == 0 && !n->param) {
            v.hidden |= H_CONTROL;
            if (e->proc != VBA_NONE)
                c->procs[e->proc].hidden |= H_CONTROL;
        }
        return v;
    }
    /* Also where the project has such a name of its own: that may be there to mislead. */
    if (is_word && (kind == 'f' || id == W_EXECUTEEXCEL4MACRO || id == W_RUN))
        return vba_intent_call_builtin(e, id, a, token);
    struct value v = vba_intent_fold_unknown(e, token);
    bool own = kind == 'm' && (n->writes > 0 || n->declared);
    if (is_word && !own) {
        if (kind == 'o')
            v.object = O_HOST;
        v.hidden = (uint8_t)(a->hidden | (kind == 'm' ? vba_intent_hidden_member(id) : 0));
        return v;
    }
    if (vba_intent_fold_key(n->text, &number)) {
        v.kind = V_NUMBER;
        v.number = number;
        return v;
    }
    if (n->writes == 0 && !n->declared && vba_intent_is_constant(n->text))
        return v;
    return vba_intent_call_own(e, id, a, called, token);
}

static void note_name(struct eval *e, uint32_t id, bool member)
{
    const struct token *t = tok(e);
    bool before = (t->flags & F_CONTINUED) && member;
    bool behind = e->i + 1 < e->to && t[1].kind == T_OP && (t[1].op == '.' || t[1].op == '(') &&
                  (t[1].flags & F_CONTINUED);
    if (before || behind)
        e->c->split_members++;
    bool odd =
        id < W_COUNT && vba_intent_words[id].kind != 't' && e->i < e->to && (t->flags & F_SUFFIX);
    if (odd) {
        slice all = vba_intent_module_of(e->c, e->i)->text;
        size_t at = (size_t)t->at + t->len;
        if (at < all.len && all.at[at] != '$')
            e->c->suffix_calls++;
    }
}

/* A chain from its first name; `statement`: it may be a call without parentheses. */
static struct value chain(struct eval *e, struct chain ch, bool member, bool statement)
{
    for (;;) {
        if (!more(e) || tok(e)->kind != T_NAME)
            return ch.v;
        uint32_t token = e->i, id = tok(e)->name;
        size_t mark = e->text.len;
        struct args a; /* values beyond `n` are nobody's */
        a.n = a.n_reads = a.hidden = 0;
        note_name(e, id, member);
        e->i++;
        bool called = take_op(e, '(');
        if (called)
            arguments(e, &a, ')');
        bool goes_on = at_op(e, '.') || at_op(e, '!');
        if (statement && !goes_on && !at_op(e, '=') && more(e) && begins_operand(e)) {
            if (!called || at_op(e, ','))
                arguments(e, &a, 0);
            called = true;
        }
        bool library = !member && (id == W_VBA || id == W_INTERACTION || id == W_STRINGS ||
                                   id == W_CONVERSION || id == W_FILESYSTEM);
        bool own = !member && (id == W_ME || id == W_THISDOCUMENT || id == W_THISWORKBOOK ||
                               e->c->names[id].module != VBA_NONE);
        struct value v = step(e, &ch, id, token, member, &a, called);
        if (v.kind != V_TEXT && v.kind != V_SPLIT) {
            drop_args(e, &a, mark);
            v.from = e->text.len;
        }
        bool stays =
            member && ch.library &&
            (id == W_INTERACTION || id == W_STRINGS || id == W_CONVERSION || id == W_FILESYSTEM);
        ch = (struct chain){ .v = v, .library = library || stays, .own_module = own };
        if (!goes_on)
            return v;
        vba_intent_fold_consume(e, &v);
        e->i++;
        member = true;
    }
}

/* --- operands */

static int64_t number_of(slice s, bool *good)
{
    int64_t n = 0;
    unsigned base = 10;
    if (s.len > 2 && s.at[0] == '&') {
        base = (s.at[1] | 32) == 'h' ? 16 : 8;
        s = slice_from(s, 2);
    }
    *good = s.len > 0 && s.len <= 15;
    for (size_t i = 0; i < s.len && *good; i++) {
        int d = ascii_hex(s.at[i]);
        *good = d >= 0 && (unsigned)d < base;
        n = n * (int64_t)base + d;
    }
    return n;
}

static void put_literal(struct eval *e, slice raw, bool doubled)
{
    if (!doubled) {
        buf_put(&e->text, raw);
        return;
    }
    for (size_t i = 0; i < raw.len; i++) {
        buf_byte(&e->text, raw.at[i]);
        i += raw.at[i] == '"' && i + 1 < raw.len && raw.at[i + 1] == '"';
    }
}

static struct value literal(struct eval *e)
{
    struct value v = vba_intent_fold_unknown(e, e->i);
    const struct token *t = tok(e);
    slice raw = vba_intent_text(e->c, e->i++);
    if (t->kind == T_STRING) {
        put_literal(e, raw, t->flags & F_DOUBLED);
        v.kind = V_TEXT;
        e->any_text = true;
        if (t->len > e->c->literal_max)
            e->c->literal_max = t->len;
        return v;
    }
    bool good;
    v.number = number_of(raw, &good);
    v.kind = good ? V_NUMBER : V_UNKNOWN;
    return v;
}

static struct value parenthesis(struct eval *e)
{
    e->i++;
    if (e->depth > e->deepest)
        e->deepest = e->depth;
    struct value v = expression(e, 1);
    (void)take_op(e, ')');
    v.name = v.kind == V_UNKNOWN ? v.name : VBA_NONE;
    /* (CreateObject(x)).Run: the chain goes on behind the parenthesis. */
    if (at_op(e, '.') || at_op(e, '!')) {
        vba_intent_fold_consume(e, &v);
        e->i++;
        return chain(e, (struct chain){ .v = v }, true, false);
    }
    return v;
}

static struct value new_object(struct eval *e)
{
    struct value v = vba_intent_fold_unknown(e, ++e->i);
    if (!more(e) || tok(e)->kind != T_NAME)
        return v;
    while (e->i + 2 < e->to && tok(e)[1].kind == T_OP && tok(e)[1].op == '.' &&
           tok(e)[2].kind == T_NAME)
        e->i += 2;
    uint32_t id = tok(e)->name;
    enum object o = vba_intent_class(e->c->names[id].text);
    v.object = (uint8_t)(o == O_OTHER ? O_NONE : o);
    if (e->c->names[id].module != VBA_NONE)
        v.name = id;
    e->i++;
    return v;
}

static struct value with_member(struct eval *e, bool statement)
{
    struct value base = vba_intent_fold_unknown(e, e->i++);
    unsigned w = e->with < WITH_MAX ? e->with : WITH_MAX;
    if (w > 0) {
        base.object = e->with_object[w - 1];
        base.name = e->with_name[w - 1];
    }
    return chain(e, (struct chain){ .v = base }, true, statement);
}

static struct value operand(struct eval *e)
{
    if (!more(e))
        return vba_intent_fold_unknown(e, e->i);
    const struct token *t = tok(e);
    switch (t->kind) {
    case T_STRING:
    case T_NUMBER:
        return literal(e);
    case T_NAME:
        if (t->name == W_NEW)
            return new_object(e);
        if (t->name == W_NOT || t->name == W_ADDRESSOF || t->name == W_BYVAL ||
            t->name == W_TYPEOF) {
            e->i++;
            struct value v = expression(e, 8);
            vba_intent_fold_consume(e, &v);
            return vba_intent_fold_unknown(e, e->i);
        }
        return chain(e, (struct chain){ .v = vba_intent_fold_unknown(e, e->i) }, false, false);
    case T_OP:
        if (t->op == '(')
            return parenthesis(e);
        if (t->op == '.' || t->op == '!')
            return with_member(e, false);
        if (t->op == '-' || t->op == '+') {
            e->i++;
            struct value v = expression(e, 8);
            if (v.kind == V_NUMBER && t->op == '-')
                v.number = -v.number;
            return v;
        }
        if (t->op == ',' || t->op == ')')
            return vba_intent_fold_unknown(e, e->i);
        break;
    default:
        break;
    }
    e->i++;
    return vba_intent_fold_unknown(e, e->i - 1);
}

static struct value expression(struct eval *e, unsigned level)
{
    if (e->depth >= DEPTH_MAX) {
        e->i += more(e);
        return vba_intent_fold_unknown(e, e->i);
    }
    e->depth++;
    struct value v = operand(e);
    v = binary(e, v, level);
    e->depth--;
    return v;
}

/* --- statements */

/* What an assignment leaves behind in its name. */
static void assign(struct eval *e, uint32_t id, const struct value *v)
{
    struct name *n = &e->c->names[id];
    n->hidden |= v->hidden;
    if (v->object != O_NONE && n->object != O_SHELL)
        n->object = v->object;
    if (v->name != VBA_NONE && v->object == O_NONE && e->c->names[v->name].object != O_NONE)
        n->object = e->c->names[v->name].object;
    if (n->writes != 1 || n->proc != VBA_NONE)
        return;
    if (v->kind == V_TEXT && vba_intent_fold_text(e, v).len <= 65536) {
        n->value = arena_copy(e->c->mem, vba_intent_fold_text(e, v));
        n->constant = true;
    } else if (v->kind == V_NUMBER) {
        n->number = v->number;
        n->constant = n->numeric = true;
    }
}

static void open_file(struct eval *e, const struct statement *s)
{
    /* Open f For Output As #1: what follows For decides. */
    for (uint32_t i = s->from; i + 1 < s->to; i++) {
        const struct token *t = &e->c->tokens[i];
        if (t->kind != T_NAME || t->name != W_FOR)
            continue;
        uint32_t mode = t[1].kind == T_NAME ? t[1].name : W_NO_WORD;
        struct args none = { .n = 0 };
        if (mode == W_OUTPUT || mode == W_BINARY || mode == W_APPEND || mode == W_RANDOM)
            vba_intent_call_sink(e, "Open for writing", (slice){ 0 }, K_WRITE, s->from, &none);
        return;
    }
}

static void begin_with(struct eval *e, const struct value *v)
{
    if (e->with < WITH_MAX) {
        e->with_object[e->with] = v->object;
        e->with_name[e->with] = v->name;
    }
    e->with++;
}

/* Where the right side of an assignment begins; s->from when there is none. */
static uint32_t right_side(const struct eval *e, const struct statement *s)
{
    if (s->target == VBA_NONE)
        return s->from;
    for (uint32_t i = s->from; i < s->to; i++) {
        const struct token *t = &e->c->tokens[i];
        if ((t->kind == T_OP && t->op == '=') || (t->kind == T_NAME && t->name == W_IN))
            return i + 1;
    }
    return s->from;
}

/* Keywords between expressions; those that can begin an operand are none. */
static bool separates(const struct token *t)
{
    return t->kind == T_NAME && t->name < W_COUNT && vba_intent_words[t->name].kind == 'k' &&
           t->name != W_ME && t->name != W_NEW && t->name != W_NOT && t->name != W_TYPEOF &&
           t->name != W_NAME && t->name != W_BASE;
}

static struct value piece(struct eval *e, bool front)
{
    if (front && tok(e)->kind == T_NAME)
        return chain(e, (struct chain){ .v = vba_intent_fold_unknown(e, e->i) }, false, true);
    if (front && at_op(e, '.'))
        return with_member(e, true);
    return expression(e, 1);
}

static void pieces(struct eval *e, const struct statement *s)
{
    bool front = s->kind == S_CALL, first = true; /* at the front a call needs no parentheses */
    while (more(e)) {
        const struct token *t = tok(e);
        if (separates(t)) {
            e->i++;
            continue;
        }
        uint32_t before = e->i;
        struct value v = piece(e, front);
        front = false;
        if (first && s->kind == S_WITH)
            begin_with(e, &v);
        if (first && s->target != VBA_NONE)
            assign(e, s->target, &v);
        first = false;
        vba_intent_fold_consume(e, &v);
        buf_clear(&e->text);
        if (e->i == before)
            e->i++;
    }
}

static void statement(struct eval *e, const struct statement *s)
{
    e->i = right_side(e, s);
    e->to = s->to;
    e->proc = s->proc;
    e->arithmetic = e->deepest = e->depth = 0;
    e->any_text = false;
    switch (s->kind) {
    case S_NONE:
    case S_ATTRIBUTE:
    case S_DECLARE:
    case S_DECLARATION:
    case S_PROC:
    case S_END_PROC:
        return;
    case S_OPEN:
        open_file(e, s);
        break;
    case S_END_WITH:
        e->with -= e->with > 0;
        break;
    default:
        break;
    }
    pieces(e, s);
    if (!e->any_text && e->deepest >= 2 && e->arithmetic >= 5)
        e->c->deep_arithmetic++;
}

/* Members of variables whose class is known by now. */
static void settle(struct eval *e)
{
    struct code *c = e->c;
    for (uint32_t i = 0; i < c->n_maybes; i++) {
        const struct maybe *m = &c->maybes[i];
        enum sink_kind kind;
        enum object base = (enum object)c->names[m->base].object;
        const char *label = vba_intent_member_sink(m->member, base, m->n_args, &kind);
        if (!label)
            continue;
        struct args a = { .hidden = m->hidden, .n_reads = m->n_reads };
        for (unsigned k = 0; k < m->n_reads; k++)
            a.reads[k] = m->reads[k];
        e->proc = m->proc;
        vba_intent_call_sink(e, label, (slice){ 0 }, kind, m->token, &a);
    }
}

void vba_intent_eval(struct code *c)
{
    struct eval e = { .c = c, .text = buf_new(TEXT_MAX) };
    for (uint32_t i = 0; i < c->n_statements; i++) {
        statement(&e, &c->statements[i]);
        if (i % 1024 == 0 && !walk_work(c->w, 1024 * 200))
            break;
    }
    settle(&e);
    buf_drop(&e.text);
}
