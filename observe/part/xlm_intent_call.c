/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_intent_call - what functions give and what is remembered of calls.
 *
 * Text functions are computed where their arguments are known. Calls that reach outside, that
 * write cells and names, that jump, or that ask about the computer are noted.
 */
#include "observe/part/xlm_intent_private.h"
#include "base/text.h"

static struct xlm_value unknown(void)
{
    return (struct xlm_value){ .kind = XLM_UNKNOWN };
}

static struct xlm_value number(double v)
{
    return (struct xlm_value){ .kind = XLM_NUMBER, .number = v };
}

/* --- sinks */

struct sink_row {
    const char *name, *kind;
};

static const struct sink_row sinks[] = {
    { "EXEC", "run" },          { "CALL", "library" },       { "REGISTER", "library" },
    { "REGISTER.ID", "library" }, { "FOPEN", "file" },       { "FWRITE", "file" },
    { "FWRITELN", "file" },     { "SAVE.AS", "file" },       { "SAVE.COPY.AS", "file" },
    { "FILE.DELETE", "delete" }, { "INITIATE", "dde" },      { "EXECUTE", "dde" },
    { "POKE", "dde" },          { "SEND.KEYS", "keys" },     { "SEND.MAIL", "mail" },
    { "VBA.INSERT.FILE", "code" }, { "CREATE.OBJECT", "object" }, { "OPEN", "open" },
};

const char *xlm_intent_sink_kind(slice name)
{
    for (size_t i = 0; i < sizeof sinks / sizeof sinks[0]; i++)
        if (slice_is_nocase(name, sinks[i].name))
            return sinks[i].kind;
    return NULL;
}

static void note(struct xlm_code *c, uint32_t cell, slice name, const struct xlm_value *a, uint32_t n)
{
    if (c->n_calls >= XLM_CALLS_MAX)
        return;
    struct xlm_call *call = &c->calls[c->n_calls++];
    *call = (struct xlm_call){ .name = name, .cell = cell, .n = n };
    for (uint32_t i = 0; i < n && i < 4; i++)
        call->a[i] = a[i];
}

/* --- text */

static struct xlm_value join(struct xlm_code *c, const struct xlm_value *a, uint32_t n)
{
    struct buf b = buf_new(XLM_STRING_MAX);
    bool holes = false, known = false;
    for (uint32_t i = 0; i < n; i++) {
        buf_put(&b, xlm_intent_text(c, &a[i]));
        holes = holes || a[i].holes || a[i].kind == XLM_UNKNOWN;
        known = known || a[i].kind == XLM_TEXT || a[i].kind == XLM_NUMBER;
        c->count.joins++;
    }
    struct xlm_value v =
        known ? xlm_intent_make_text(c, buf_slice(&b), holes || b.full || n == XLM_ARGUMENTS) : unknown();
    buf_drop(&b);
    return v;
}

static struct xlm_value character(struct xlm_code *c, const struct xlm_value *a)
{
    double v;
    uint8_t utf8[4];
    c->count.chars++;
    if (!xlm_intent_number(a, &v) || a->kind == XLM_BLANK || v < 1 || v >= 0x110000)
        return unknown();
    return xlm_intent_make_text(c, (slice){ utf8, utf8_put(utf8, (uint32_t)v) }, false);
}

/* The byte where the n-th character begins. */
static size_t character_at(slice s, double n)
{
    size_t at = 0;
    for (double i = 0; i < n && at < s.len; i++)
        (void)utf8_next(s, &at);
    return at;
}

static bool known_text(struct xlm_code *c, const struct xlm_value *v, slice *out)
{
    if (v->kind == XLM_UNKNOWN || v->holes)
        return false;
    *out = xlm_intent_text(c, v);
    return true;
}

static struct xlm_value part_of(struct xlm_code *c, slice name, const struct xlm_value *a, uint32_t n)
{
    slice s;
    double x = 1, y = 1;
    if (n == 0 || !known_text(c, &a[0], &s) || (n > 1 && !xlm_intent_number(&a[1], &x)) ||
        (n > 2 && !xlm_intent_number(&a[2], &y)))
        return unknown();
    if (slice_is_nocase(name, "LEFT"))
        return xlm_intent_make_text(c, slice_sub(s, 0, character_at(s, x)), false);
    if (slice_is_nocase(name, "RIGHT")) {
        double all = 0;
        for (size_t i = 0; i < s.len; all++)
            (void)utf8_next(s, &i);
        return xlm_intent_make_text(c, slice_from(s, character_at(s, all - x)), false);
    }
    slice rest = slice_from(s, character_at(s, x - 1));
    return n < 3 || x < 1 ? unknown() : xlm_intent_make_text(c, slice_sub(rest, 0, character_at(rest, y)), false);
}

static struct xlm_value substitute(struct xlm_code *c, const struct xlm_value *a, uint32_t n)
{
    slice s, old, new;
    if (n < 3 || !known_text(c, &a[0], &s) || !known_text(c, &a[1], &old) ||
        !known_text(c, &a[2], &new) || old.len == 0)
        return unknown();
    struct buf b = buf_new(XLM_STRING_MAX);
    size_t from = 0, at;
    while ((at = slice_find(s, old, from)) != SIZE_MAX) {
        buf_put(&b, slice_sub(s, from, at - from));
        buf_put(&b, new);
        from = at + old.len;
    }
    buf_put(&b, slice_from(s, from));
    struct xlm_value v = xlm_intent_make_text(c, buf_slice(&b), b.full);
    buf_drop(&b);
    return v;
}

static struct xlm_value repeat(struct xlm_code *c, const struct xlm_value *a, uint32_t n)
{
    slice s;
    double times;
    if (n < 2 || !known_text(c, &a[0], &s) || !xlm_intent_number(&a[1], &times))
        return unknown();
    struct buf b = buf_new(XLM_STRING_MAX);
    for (double i = 0; i + 1 <= times && s.len && !b.full; i++)
        buf_put(&b, s);
    struct xlm_value v = xlm_intent_make_text(c, buf_slice(&b), b.full);
    buf_drop(&b);
    return v;
}

static struct xlm_value cased(struct xlm_code *c, const struct xlm_value *a, bool upper)
{
    slice s;
    if (!known_text(c, a, &s))
        return unknown();
    struct buf b = buf_new(XLM_STRING_MAX);
    for (size_t i = 0; i < s.len; i++)
        buf_byte(&b, upper && s.at[i] >= 'a' && s.at[i] <= 'z' ? (uint8_t)(s.at[i] - 32)
                     : upper                                   ? s.at[i]
                                                               : ascii_lower(s.at[i]));
    struct xlm_value v = xlm_intent_make_text(c, buf_slice(&b), false);
    buf_drop(&b);
    return v;
}

static double truncated(double v)
{
    return v > -9e15 && v < 9e15 ? (double)(int64_t)v : v;
}

/* Functions of numbers; of SUM as far as its arguments are no areas. */
static bool numeric(slice name, const struct xlm_value *a, uint32_t n, struct xlm_value *out)
{
    double x = 0, y = 0;
    bool sum = slice_is_nocase(name, "SUM");
    bool whole = slice_is_nocase(name, "INT") || slice_is_nocase(name, "TRUNC") ||
                 slice_is_nocase(name, "ROUND") || slice_is_nocase(name, "ABS") ||
                 slice_is_nocase(name, "VALUE") || slice_is_nocase(name, "N") || slice_is_nocase(name, "MOD");
    if ((!sum && !whole) || n == 0)
        return false;
    *out = unknown();
    for (uint32_t i = 0; i < n; i++) {
        if (!xlm_intent_number(&a[i], &y))
            return true;
        x = sum || i == 0 ? x + y : x;
    }
    if (slice_is_nocase(name, "MOD"))
        *out = n == 2 && y != 0 ? number(x - y * truncated(x / y)) : unknown();
    else if (slice_is_nocase(name, "ROUND"))
        *out = n == 2 && y == 0 ? number(truncated(x + (x < 0 ? -0.5 : 0.5))) : number(x);
    else if (slice_is_nocase(name, "INT") || slice_is_nocase(name, "TRUNC"))
        *out = number(truncated(x));
    else
        *out = number(slice_is_nocase(name, "ABS") && x < 0 ? -x : x);
    return true;
}

static bool textual(struct xlm_code *c, slice name, const struct xlm_value *a, uint32_t n,
                    struct xlm_value *out)
{
    slice s;
    if (slice_is_nocase(name, "CONCATENATE") || slice_is_nocase(name, "CONCAT"))
        *out = join(c, a, n);
    else if ((slice_is_nocase(name, "CHAR") || slice_is_nocase(name, "UNICHAR") || slice_is_nocase(name, "_xlfn.UNICHAR")) && n)
        *out = character(c, &a[0]);
    else if (slice_is_nocase(name, "MID") || slice_is_nocase(name, "LEFT") || slice_is_nocase(name, "RIGHT")) {
        c->count.pieces++;
        *out = part_of(c, name, a, n);
    } else if (slice_is_nocase(name, "SUBSTITUTE")) {
        c->count.pieces++;
        *out = substitute(c, a, n);
    } else if (slice_is_nocase(name, "REPT"))
        *out = repeat(c, a, n);
    else if ((slice_is_nocase(name, "UPPER") || slice_is_nocase(name, "LOWER")) && n)
        *out = cased(c, &a[0], slice_is_nocase(name, "UPPER"));
    else if ((slice_is_nocase(name, "T") || slice_is_nocase(name, "TEXT") || slice_is_nocase(name, "EVALUATE")) && n)
        *out = known_text(c, &a[0], &s) ? xlm_intent_make_text(c, s, false) : unknown();
    else if (slice_is_nocase(name, "TRIM") && n)
        *out = known_text(c, &a[0], &s) ? xlm_intent_make_text(c, slice_trim(s), false) : unknown();
    else if (slice_is_nocase(name, "CODE") && n) {
        size_t i = 0;
        *out = known_text(c, &a[0], &s) && s.len ? number(utf8_next(s, &i)) : unknown();
    } else if (slice_is_nocase(name, "LEN") && n)
        *out = known_text(c, &a[0], &s) ? number((double)s.len) : unknown();
    else
        return false;
    return true;
}

/* --- writes, jumps, questions */

static bool place_of(struct xlm_code *c, uint32_t cell, const struct xlm_value *v, struct xlm_at *out)
{
    if (v->is_ref) {
        *out = v->ref;
        return true;
    }
    struct xlm_at here = cell == XLM_NONE ? (struct xlm_at){ XLM_NONE, 0, 0 } : c->cells[cell].at;
    return v->kind == XLM_TEXT && !v->holes && xlm_intent_parse_ref(c, v->text, here, out);
}

static void write(struct xlm_code *c, uint32_t cell, const struct xlm_value *to,
                  const struct xlm_value *value)
{
    struct xlm_at at;
    c->count.writes++;
    if (!place_of(c, cell, to, &at) || at.sheet == XLM_NONE || c->n_writes >= XLM_CALLS_MAX)
        return;
    c->writes[c->n_writes] = (struct xlm_write){ at, c->n_writes, *value };
    c->n_writes++;
}

static void set_name(struct xlm_code *c, const struct xlm_value *to, const struct xlm_value *value)
{
    slice name = to->kind == XLM_TEXT && to->literal ? to->text : to->name;
    struct xlm_name *n = name.len ? xlm_intent_name(c, name) : NULL;
    c->count.writes++;
    if (!n || n->assigned || value->kind != XLM_TEXT)
        return;
    n->assigned = true;
    n->value = *value;
    c->changed = true;
}

static bool writes(struct xlm_code *c, uint32_t cell, slice name, const struct xlm_value *a, uint32_t n)
{
    if (slice_is_nocase(name, "FORMULA") || slice_is_nocase(name, "FORMULA.FILL") ||
        slice_is_nocase(name, "FORMULA.ARRAY")) {
        if (n > 1)
            write(c, cell, &a[1], &a[0]);
        else
            c->count.writes++; /* into whatever cell is active */
    } else if (slice_is_nocase(name, "SET.VALUE") && n > 1) {
        write(c, cell, &a[0], &a[1]);
    } else if ((slice_is_nocase(name, "SET.NAME") || slice_is_nocase(name, "DEFINE.NAME")) && n > 1) {
        set_name(c, &a[0], &a[1]);
    } else {
        return false;
    }
    return true;
}

static bool jumps(struct xlm_code *c, uint32_t cell, slice name, const struct xlm_value *a, uint32_t n)
{
    bool run = slice_is_nocase(name, "RUN"), go = slice_is_nocase(name, "GOTO");
    bool later = slice_is_nocase(name, "ON.TIME") || slice_is_nocase(name, "ON.KEY") ||
                 slice_is_nocase(name, "ON.WINDOW") || slice_is_nocase(name, "ON.SHEET") ||
                 slice_is_nocase(name, "ON.ENTRY") || slice_is_nocase(name, "ON.RECALC") ||
                 slice_is_nocase(name, "ON.DATA") || slice_is_nocase(name, "ON.DOUBLECLICK");
    if (!run && !go && !later)
        return false;
    struct xlm_at at;
    c->count.jumps++;
    if (n > later && place_of(c, cell, &a[later], &at) && cell != XLM_NONE && c->n_edges < XLM_EDGES_MAX)
        c->edges[c->n_edges++] = (struct xlm_edge){ cell, at };
    else if (n > later)
        c->count.lost_jumps++;
    return true;
}

static bool is_question(slice name)
{
    static const char *const words[] = { "GET.WORKSPACE", "GET.WINDOW", "GET.DOCUMENT", "GET.CELL", "INFO",
                                         "APP.MAXIMIZE", "FILES", "GET.WORKBOOK", "GET.NOTE", "LAST.ERROR" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is_nocase(name, words[i]))
            return true;
    return false;
}

/* A name as a function: the cell it stands for. */
static void call_named(struct xlm_code *c, uint32_t cell, slice name)
{
    struct xlm_name *n = xlm_intent_name(c, name);
    struct xlm_value v = n ? xlm_intent_name_value(c, n) : unknown();
    if (v.is_ref && cell != XLM_NONE && c->n_edges < XLM_EDGES_MAX)
        c->edges[c->n_edges++] = (struct xlm_edge){ cell, v.ref };
}

struct xlm_value xlm_intent_call(struct xlm_code *c, uint32_t cell, slice name,
                                 struct xlm_value *a, uint32_t n)
{
    struct xlm_value v = unknown();
    if (slice_starts_nocase(name, "_xlfn."))
        name = slice_from(name, 6);
    if (textual(c, name, a, n, &v) || numeric(name, a, n, &v))
        return v;
    if (xlm_intent_sink_kind(name)) {
        note(c, cell, name, a, n);
    } else if (writes(c, cell, name, a, n) || jumps(c, cell, name, a, n)) {
        return v;
    } else if (is_question(name)) {
        c->count.environment++;
        note(c, cell, name, a, n);
    } else if (slice_is_nocase(name, "INDIRECT") && n > 0) {
        struct xlm_at at;
        if (place_of(c, cell, &(struct xlm_value){ .kind = a[0].kind, .holes = a[0].holes, .text = a[0].text }, &at)) {
            struct xlm_cell *to = xlm_intent_cell(c, at);
            v = to ? xlm_intent_value(c, (uint32_t)(to - c->cells)) : (struct xlm_value){ .kind = XLM_BLANK };
            v.is_ref = true;
            v.ref = at;
        }
    } else if (slice_is_nocase(name, "IF") && n > 1) {
        v = a[1].kind == XLM_TEXT ? a[1] : n > 2 ? a[2] : unknown();
        v.is_ref = false;
    } else if ((slice_is_nocase(name, "RETURN") || slice_is_nocase(name, "HALT")) && cell != XLM_NONE) {
        c->cells[cell].ends = c->depth <= 1;
    } else {
        call_named(c, cell, name);
    }
    return v;
}
