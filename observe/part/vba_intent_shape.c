/* SPDX-License-Identifier: Apache-2.0 */
/* Statements, procedures, who calls whom, and which assignments matter.
 *
 * Light on purpose: [MS-VBAL] 5.3 and 5.4 only as far as needed to know where
 * statements and procedures begin and which names are written or read.
 */
#include "observe/part/vba_intent_private.h"
#include "base/text.h"

const struct module *vba_intent_module_of(const struct code *c, uint32_t token)
{
    uint32_t low = 0, high = c->n_modules;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (c->modules[mid].from <= token)
            low = mid;
        else
            high = mid;
    }
    return &c->modules[low];
}

slice vba_intent_text(const struct code *c, uint32_t token)
{
    const struct token *t = &c->tokens[token];
    return slice_sub(vba_intent_module_of(c, token)->text, t->at, t->len);
}

static uint32_t word_at(const struct code *c, uint32_t i)
{
    return i < c->n_tokens && c->tokens[i].kind == T_NAME && c->tokens[i].name < W_COUNT
               ? c->tokens[i].name
               : W_NO_WORD;
}

static bool op_at(const struct code *c, uint32_t i, uint8_t op)
{
    return i < c->n_tokens && c->tokens[i].kind == T_OP && c->tokens[i].op == op;
}

static bool is_member(const struct code *c, uint32_t i)
{
    return i > 0 && (op_at(c, i - 1, '.') || op_at(c, i - 1, '!'));
}

/* --- statements */

static uint8_t kind_of(const struct code *c, const struct statement *s)
{
    uint32_t first = word_at(c, s->from), second = word_at(c, s->from + 1);
    switch (first) {
    case W_IF:
        return S_IF;
    case W_ELSE:
    case W_ELSEIF:
        return S_ELSE;
    case W_FOR:
        return S_FOR;
    case W_NEXT:
        return S_NEXT;
    case W_DO:
        return S_DO;
    case W_WHILE:
        return S_DO;
    case W_LOOP:
    case W_WEND:
        return S_LOOP;
    case W_SELECT:
        return S_SELECT;
    case W_CASE:
        return S_CASE;
    case W_WITH:
        return S_WITH;
    case W_REDIM:
        return S_REDIM;
    case W_CONST:
        return S_CONST;
    case W_DIM:
    case W_TYPE:
    case W_ENUM:
    case W_OPTION:
    case W_IMPLEMENTS:
        return S_DECLARATION;
    case W_ATTRIBUTE:
        return S_ATTRIBUTE;
    case W_ON:
        return S_ON_ERROR;
    case W_GOTO:
    case W_GOSUB:
    case W_EXIT:
    case W_RESUME:
    case W_RETURN:
        return S_JUMP;
    case W_SET:
        return S_SET;
    case W_OPEN:
        return op_at(c, s->from + 1, '.') ? S_CALL : S_OPEN;
    case W_PRINT:
    case W_PUT:
    case W_WRITE:
        return S_PRINT;
    case W_END:
        return second == W_IF                                                    ? S_END_IF
               : second == W_SELECT                                              ? S_END_SELECT
               : second == W_WITH                                                ? S_END_WITH
               : second == W_SUB || second == W_FUNCTION || second == W_PROPERTY ? S_END_PROC
                                                                                 : S_JUMP;
    default:
        return S_CALL;
    }
}

/* Where the name of a procedure stands that this statement declares; 0: none.
 * *declare_out: it lies in a library. */
static uint32_t declared_name(const struct code *c, const struct statement *s, bool *declare_out,
                              bool *data_out)
{
    *declare_out = *data_out = false;
    for (uint32_t i = s->from; i < s->to && i < s->from + 8; i++) {
        switch (word_at(c, i)) {
        case W_PUBLIC:
        case W_PRIVATE:
        case W_FRIEND:
        case W_GLOBAL:
        case W_STATIC:
        case W_PTRSAFE:
            *data_out = true;
            continue;
        case W_DECLARE:
            *declare_out = true;
            continue;
        case W_PROPERTY:
            i++;
            return i + 1 < s->to && c->tokens[i + 1].kind == T_NAME ? i + 1 : 0;
        case W_SUB:
        case W_FUNCTION:
            return i + 1 < s->to && c->tokens[i + 1].kind == T_NAME ? i + 1 : 0;
        default:
            return 0;
        }
    }
    return 0;
}

static bool open_proc(struct code *c, uint32_t name_token, uint32_t statement)
{
    if (c->n_procs == c->room_procs) {
        uint32_t room = c->room_procs ? c->room_procs * 2 : 64;
        struct proc *more =
            arena_regrow(c->mem, c->procs, c->n_procs * sizeof *more, room, sizeof *more);
        if (!more)
            return false;
        c->procs = more;
        c->room_procs = room;
    }
    uint32_t id = c->tokens[name_token].name;
    uint32_t p = c->n_procs++;
    c->procs[p] = (struct proc){
        .name = id,
        .module = (uint32_t)(vba_intent_module_of(c, name_token) - c->modules),
        .from = statement,
        .to = statement,
        .edges = VBA_NONE,
        .came_from = VBA_NONE,
    };
    if (c->names[id].proc == VBA_NONE)
        c->names[id].proc = p;
    return true;
}

static void add_statement(struct code *c, uint32_t from, uint32_t to, bool single_if)
{
    if (from < to && c->tokens[from].kind == T_NUMBER)
        from++; /* a line number */
    if (from < to)
        c->statements[c->n_statements++] =
            (struct statement){ .from = from, .to = to, .single_if = single_if };
}

/* Cuts at ends of statements, and behind Then and Else. */
static bool cut(struct code *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_tokens; i++) {
        uint32_t w = word_at(c, i);
        n += c->tokens[i].kind == T_END || w == W_THEN ? 1 : w == W_ELSE ? 2 : 0;
    }
    c->statements = ARENA_ARRAY(c->mem, struct statement, (size_t)n + 1);
    if (!c->statements)
        return false;
    uint32_t from = 0;
    for (uint32_t i = 0; i < c->n_tokens; i++) {
        uint32_t w = word_at(c, i);
        bool end = c->tokens[i].kind == T_END;
        bool other = w == W_ELSE && word_at(c, from) != W_CASE && !is_member(c, i);
        if (other && i > from) {
            add_statement(c, from, i, false);
            from = i;
        }
        if (!end && !other && (w != W_THEN || is_member(c, i)))
            continue;
        bool single = w == W_THEN && i + 1 < c->n_tokens && c->tokens[i + 1].kind != T_END;
        add_statement(c, from, end ? i : i + 1, single);
        from = i + 1;
    }
    return true;
}

static void classify(struct code *c)
{
    uint32_t proc = VBA_NONE;
    for (uint32_t i = 0; i < c->n_statements; i++) {
        struct statement *s = &c->statements[i];
        bool library, data;
        s->target = s->next_assign = VBA_NONE;
        uint32_t name = declared_name(c, s, &library, &data);
        s->kind = kind_of(c, s);
        s->proc = proc;
        if (name && library) {
            s->kind = S_DECLARE;
        } else if (name) {
            s->kind = S_PROC;
            if (!open_proc(c, name, i))
                return;
            s->proc = proc = c->n_procs - 1;
        } else if (data || word_at(c, s->from) == W_STATIC) {
            s->kind = word_at(c, s->from + 1) == W_CONST ? S_CONST : S_DECLARATION;
        }
        if (proc != VBA_NONE)
            c->procs[proc].to = i + 1;
        if (s->kind == S_END_PROC ||
            (s->kind == S_ATTRIBUTE && word_at(c, s->from) == W_ATTRIBUTE &&
             slice_is_nocase(vba_intent_text(c, s->from + 1), "VB_Name")))
            proc = VBA_NONE;
    }
}

/* --- attributes, declares, data */

/* Attribute VB_Name = "x"; Attribute VB_Control = "TextBox1, 0, 0, MSForms, TextBox" */
static void read_attribute(struct code *c, const struct statement *s)
{
    uint32_t value = s->from + 3;
    if (value >= s->to || c->tokens[value].kind != T_STRING)
        return;
    slice key = vba_intent_text(c, s->from + 1);
    slice text = vba_intent_text(c, value);
    if (slice_is_nocase(key, "VB_Name")) {
        uint32_t id = vba_intent_lex_name(c, text);
        if (id != VBA_NONE && id >= W_COUNT)
            c->names[id].module = (uint32_t)(vba_intent_module_of(c, s->from) - c->modules);
    } else if (slice_is_nocase(key, "VB_Control")) {
        uint32_t id =
            vba_intent_lex_name(c, slice_trim(slice_sub(text, 0, slice_find_byte(text, ',', 0))));
        if (id != VBA_NONE && id >= W_COUNT)
            c->names[id].control = true;
    }
}

/* Declare Function a Lib "urlmon" Alias "URLDownloadToFileA" (...) */
static void read_declare(struct code *c, const struct statement *s)
{
    bool library, data;
    uint32_t at = declared_name(c, s, &library, &data);
    struct name *n = &c->names[c->tokens[at].name];
    slice lib = { 0 }, real = n->text;
    for (uint32_t i = at + 1; i + 1 < s->to && i < at + 8; i++) {
        if (c->tokens[i + 1].kind != T_STRING)
            continue;
        if (word_at(c, i) == W_LIB)
            lib = vba_intent_text(c, i + 1);
        else if (word_at(c, i) == W_ALIAS)
            real = vba_intent_text(c, i + 1);
    }
    if (slice_ends_nocase(lib, ".dll"))
        lib.len -= 4;
    struct buf b = buf_new(256);
    buf_put(&b, slice_sub(lib, 0, 120));
    buf_byte(&b, '!');
    buf_put(&b, slice_sub(real, 0, 120));
    slice text = slice_lower(c->mem, arena_copy(c->mem, buf_slice(&b)));
    buf_drop(&b);
    n->api = n->declared = true;
    n->api_kind = (uint8_t)vba_intent_api_kind(
        slice_from(text, lib.len + 1 < text.len ? lib.len + 1 : text.len));
    n->value = text;
    if (n->api_kind == K_NONE)
        vba_intent_say_aside(c, FACT_VBA_DECLARE, text, at);
    else
        vba_intent_say(c, FACT_VBA_DECLARE, text, at);
}

/* Dim a, b As New C ; parameters: every name that follows '(' or ',' or a word. */
static void declare_names(struct code *c, const struct statement *s, bool params)
{
    bool library, data, skip = false;
    uint32_t from = params ? declared_name(c, s, &library, &data) + 1 : s->from;
    for (uint32_t i = from; i < s->to; i++) {
        const struct token *t = &c->tokens[i];
        if (op_at(c, i, ',') || op_at(c, i, '('))
            skip = false;
        if (t->kind != T_NAME)
            continue;
        if (t->name == W_AS) {
            uint32_t type = word_at(c, i + 1) == W_NEW ? i + 2 : i + 1;
            uint32_t named = i > 0 ? c->tokens[i - 1].name : VBA_NONE;
            if (op_at(c, type + 1, '.') && type + 2 < s->to)
                type += 2;
            enum object o = type < s->to && c->tokens[type].kind == T_NAME
                                ? vba_intent_class(c->names[c->tokens[type].name].text)
                                : O_NONE;
            if (named != VBA_NONE && o != O_OTHER && named >= W_COUNT)
                c->names[named].object = (uint8_t)o;
            skip = true;
        }
        if (!vba_intent_is_own(t->name) || skip)
            continue;
        c->names[t->name].declared = true;
        c->names[t->name].writes += s->kind == S_CONST && i > s->from + 2;
        c->names[t->name].param = c->names[t->name].param || params;
        skip = true;
    }
}

/* --- reads, writes, calls */

void vba_intent_shape_edge(struct code *c, uint32_t from_proc, uint32_t name)
{
    uint32_t to = c->names[name].proc;
    if (from_proc == VBA_NONE || to == VBA_NONE || to == from_proc ||
        c->names[name].edge_from == from_proc)
        return;
    if (c->n_edges == c->room_edges) {
        uint32_t room = c->room_edges ? c->room_edges * 2 : 128;
        struct edge *more =
            arena_regrow(c->mem, c->edges, c->n_edges * sizeof *more, room, sizeof *more);
        if (!more)
            return;
        c->edges = more;
        c->room_edges = room;
    }
    c->names[name].edge_from = from_proc;
    c->names[name].called = true;
    c->edges[c->n_edges] = (struct edge){ to, c->procs[from_proc].edges };
    c->procs[from_proc].edges = c->n_edges++;
}

/* A new or shown form or class runs its own start. */
static void edge_to_module(struct code *c, uint32_t from_proc, uint32_t name)
{
    static const char *const starts[] = { "UserForm_Initialize", "UserForm_Activate",
                                          "Class_Initialize" };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        uint32_t id = vba_intent_lex_find(c, slice_of(starts[i]));
        if (id == VBA_NONE || c->names[id].proc == VBA_NONE)
            continue;
        /* Several forms share these names: the one of this module. */
        for (uint32_t p = c->names[id].proc, tries = 0; p < c->n_procs && tries < 64;
             p++, tries++) {
            if (c->procs[p].name != id || c->procs[p].module != c->names[name].module)
                continue;
            uint32_t before = c->names[id].proc;
            c->names[id].proc = p;
            c->names[id].edge_from = VBA_NONE;
            vba_intent_shape_edge(c, from_proc, id);
            c->names[id].proc = before;
            break;
        }
    }
}

/* Words that make a statement matter whatever becomes of its result. */
static bool acts(uint32_t w)
{
    switch (w) {
    case W_SHELL:
    case W_CREATEOBJECT:
    case W_GETOBJECT:
    case W_CALLBYNAME:
    case W_RUN:
    case W_EXEC:
    case W_SHELLEXECUTE:
    case W_CREATE:
    case W_SEND:
    case W_EXECUTEEXCEL4MACRO:
    case W_SAVETOFILE:
    case W_EVAL:
        return true;
    default:
        return false;
    }
}

/* The simple name that an assignment writes; VBA_NONE. *from_out: what follows '='. */
static uint32_t target_of(const struct code *c, struct statement *s, uint32_t *from_out)
{
    uint32_t i = s->from;
    uint32_t w = word_at(c, i);
    *from_out = s->from;
    if (w == W_SET || w == W_LET || w == W_FOR || w == W_CONST)
        i++;
    if (w == W_FOR && word_at(c, i) == W_EACH)
        i++;
    if (w == W_PUBLIC || w == W_PRIVATE || w == W_GLOBAL)
        i += 2;
    bool named =
        i + 1 < s->to && c->tokens[i].kind == T_NAME && vba_intent_is_own(c->tokens[i].name);
    if (!named)
        return VBA_NONE;
    uint32_t eq = i + 1;
    if (s->kind == S_CONST)
        while (eq < s->to && !op_at(c, eq, '='))
            eq++;
    bool each = word_at(c, s->from + 1) == W_EACH && word_at(c, eq) == W_IN;
    if (!op_at(c, eq, '=') && !each)
        return VBA_NONE;
    *from_out = eq + 1;
    return c->tokens[i].name;
}

static bool is_debug(const struct code *c, const struct statement *s)
{
    return word_at(c, s->from) == W_DEBUG;
}

/* Reads of names in the tokens [from, to); notes calls. */
static void read_names(struct code *c, struct statement *s, uint32_t from)
{
    for (uint32_t i = from; i < s->to; i++) {
        const struct token *t = &c->tokens[i];
        if (t->kind != T_NAME)
            continue;
        bool member = is_member(c, i);
        struct name *n = &c->names[t->name];
        s->acts = s->acts || acts(t->name);
        if (t->name == W_AS)
            i++;
        if (n->proc != VBA_NONE && n->proc != s->proc) {
            s->acts = true;
            vba_intent_shape_edge(c, s->proc, t->name);
        }
        if (!vba_intent_is_own(t->name))
            continue;
        if (n->module != VBA_NONE && n->module < c->n_modules)
            edge_to_module(c, s->proc, t->name);
        s->acts = s->acts || n->api;
        if (!member && !op_at(c, i + 1, ':'))
            n->reads++;
    }
}

static void read_data(struct code *c, struct statement *s)
{
    uint32_t from;
    switch (s->kind) {
    case S_ATTRIBUTE:
    case S_DECLARE:
    case S_END_PROC:
        return;
    case S_DECLARATION:
        declare_names(c, s, false);
        return;
    case S_PROC:
        declare_names(c, s, true);
        return;
    case S_REDIM:
        declare_names(c, s, false);
        read_names(c, s, s->from);
        return;
    default:
        break;
    }
    if (s->kind == S_CONST)
        declare_names(c, s, false);
    uint32_t target = target_of(c, s, &from);
    if (target != VBA_NONE) {
        c->names[target].writes++;
        if (s->kind == S_CALL)
            s->kind = S_ASSIGN;
        s->target = target;
        s->next_assign = c->names[target].assigns;
        c->names[target].assigns = (uint32_t)(s - c->statements);
    } else if (word_at(c, s->from) == W_LINE && word_at(c, s->from + 1) == W_INPUT &&
               s->to > s->from) {
        const struct token *last = &c->tokens[s->to - 1];
        if (last->kind == T_NAME)
            c->names[last->name].writes++;
    } else if (s->kind == S_CALL) {
        /* a(1) = x, a.b = x: element and member writes are not followed, but the name has been
         * written */
        const struct token *first = &c->tokens[s->from];
        if (first->kind == T_NAME && vba_intent_is_own(first->name) && op_at(c, s->from + 1, '('))
            c->names[first->name].writes++;
    }
    read_names(c, s, from);
}

/* --- liveness: an assignment matters when something that matters reads it */

static bool matters_itself(const struct code *c, const struct statement *s)
{
    switch (s->kind) {
    case S_NONE:
    case S_ATTRIBUTE:
    case S_DECLARE:
    case S_DECLARATION:
    case S_CONST:
    case S_END_PROC:
    case S_PROC:
    case S_ON_ERROR:
        return false;
    case S_ASSIGN:
    case S_SET:
        return s->target == VBA_NONE || s->acts || c->names[s->target].proc != VBA_NONE;
    default:
        return !is_debug(c, s);
    }
}

static void find_live(struct code *c)
{
    uint32_t *stack = ARENA_ARRAY(c->mem, uint32_t, (size_t)c->n_statements + 1);
    uint32_t n = 0;
    if (!stack)
        return;
    for (uint32_t i = 0; i < c->n_statements; i++) {
        if (matters_itself(c, &c->statements[i])) {
            c->statements[i].live = true;
            stack[n++] = i;
        }
    }
    while (n > 0) {
        const struct statement *s = &c->statements[stack[--n]];
        for (uint32_t i = s->from; i < s->to; i++) {
            if (c->tokens[i].kind != T_NAME || !vba_intent_is_own(c->tokens[i].name) ||
                is_member(c, i))
                continue;
            struct name *name = &c->names[c->tokens[i].name];
            if (name->live || (name - c->names == s->target && i <= s->from + 1))
                continue;
            name->live = true;
            for (uint32_t a = name->assigns; a != VBA_NONE; a = c->statements[a].next_assign) {
                if (c->statements[a].live)
                    continue;
                c->statements[a].live = true;
                stack[n++] = a;
            }
        }
    }
}

bool vba_intent_shape(struct code *c)
{
    if (!cut(c))
        return false;
    classify(c);
    for (uint32_t i = 0; i < c->n_statements; i++) {
        if (c->statements[i].kind == S_ATTRIBUTE)
            read_attribute(c, &c->statements[i]);
        else if (c->statements[i].kind == S_DECLARE)
            read_declare(c, &c->statements[i]);
    }
    for (uint32_t i = 0; i < c->n_statements; i++)
        read_data(c, &c->statements[i]);
    find_live(c);
    return walk_work(c->w, (uint64_t)c->n_tokens * 20) && !arena_full(c->mem);
}
