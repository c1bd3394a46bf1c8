/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_eval - the value of a node, a cell, a name.
 *
 * All operands are gone through, whatever the first one gives: macros hide what they do inside
 * comparisons. A formula of a cell that the macro has not run is only looked at: nothing in it
 * does anything, and where it is not known what Excel calculated last stands for it. A macro
 * sheet is not recalculated; where its last value differs from ours, neither is certain.
 */
#include "base/text.h"
#include "unmask/xlm/xlm_private.h"
#include <math.h>

enum { WRITE_MAX = 4096 };

static struct xlm_area place_of(struct xlm_book *b, uint32_t cell)
{
    if (cell >= b->n_cells)
        return (struct xlm_area){ .sheet = b->active };
    const struct xlm_cell *c = &b->cells[cell];
    return (struct xlm_area){ c->sheet, c->row, c->col, c->row, c->col };
}

/* --- cells and names */

uint32_t xlm_eval_node_of(struct xlm_book *b, uint32_t at)
{
    struct xlm_cell *c = &b->cells[at];
    if (c->run == b->run && c->written)
        return c->text_node;
    if (!c->formula.len)
        return 0;
    if (!c->node || (c->node >= b->kept_nodes && c->node_run != b->run)) {
        uint32_t node = xlm_parse(b, c->formula, place_of(b, at), false);
        c = &b->cells[at];
        c->node = node;
        c->node_run = b->run;
    }
    return c->node;
}

static bool is_whole(struct xlm_value v)
{
    return v.kind != XLM_UNKNOWN && v.kind != XLM_HANDLE && !(v.kind == XLM_TEXT && !text_known(v.is.text));
}

static bool same(struct xlm_value x, struct xlm_value y)
{
    if (x.kind == XLM_TEXT || y.kind == XLM_TEXT)
        return x.kind == y.kind && text_eq(x.is.text, y.is.text);
    return x.is.number == y.is.number || fabs(x.is.number - y.is.number) < 1e-9 * fabs(x.is.number);
}

/* What the file has in it: read once for all runs. */
static struct xlm_value constant_of(struct xlm_book *b, uint32_t at)
{
    struct xlm_cell *c = &b->cells[at];
    if (!c->has_constant) {
        c->constant = xlm_parse_constant(b, c->value, xlm_book_origin(b, at));
        c->has_constant = true;
    }
    return c->constant;
}

/* What a formula gave that was only looked at, beside what Excel calculated last. */
static struct xlm_value with_last(struct xlm_book *b, uint32_t at, struct xlm_value v)
{
    const struct xlm_cell *c = &b->cells[at];
    if (c->written || !c->value.len)
        return v;
    struct xlm_value last = constant_of(b, at);
    bool says_little = last.kind == XLM_TRUTH || last.kind == XLM_UNKNOWN || last.kind == XLM_ERROR ||
                       (last.kind == XLM_NUMBER && last.is.number == 0) || (last.kind == XLM_TEXT && last.is.text.n == 0);
    if (!is_whole(v)) {
        if (last.kind == XLM_UNKNOWN || (says_little && v.kind == XLM_TEXT))
            return v;
        last.leans |= XLM_CACHED;
        return last;
    }
    if (!says_little && b->sheets[c->sheet].macro && !same(v, last))
        v.leans |= XLM_CACHED;
    return v;
}

static struct xlm_value look_at(struct xlm_book *b, uint32_t at)
{
    uint32_t node = xlm_eval_node_of(b, at), here = b->here;
    text_mark origin = b->origin;
    b->origin = TEXT_NOWHERE;
    b->cells[at].busy = true;
    b->here = at;
    b->pure++;
    struct xlm_value v = xlm_value_result(xlm_value_one(b, xlm_eval(b, node)));
    b->pure--;
    v = with_last(b, at, v);
    b->here = here;
    b->origin = origin;
    struct xlm_cell *c = &b->cells[at];
    c->busy = false;
    c->now = v;
    c->known_at = b->writes;
    return v;
}

struct xlm_value xlm_eval_cell(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col)
{
    uint32_t at = xlm_book_cell(b, sheet, row, col);
    if (at == XLM_NOBODY)
        return (struct xlm_value){ .kind = XLM_BLANK };
    struct xlm_cell *c = &b->cells[at];
    xlm_book_touch(b, c);
    if (c->fixed || c->known_at == b->writes)
        return c->now;
    if (c->busy)
        return xlm_value_unknown(b, "circle");
    if (c->written ? c->text_node : c->formula.len)
        return look_at(b, at);
    c->now = c->written ? c->now : constant_of(b, at);
    c->fixed = true;
    return c->now;
}

struct xlm_value xlm_eval_name(struct xlm_book *b, struct xlm_name *n)
{
    if (n->run == b->run)
        return n->now;
    if (n->busy || !n->formula.len)
        return xlm_value_unknown(b, "name");
    size_t at = (size_t)(n - b->names);
    if (!n->node || (n->node >= b->kept_nodes && n->node_run != b->run)) {
        n->node = xlm_parse(b, n->formula, place_of(b, b->here), false);
        n->node_run = b->run;
    }
    text_mark origin = b->origin;
    b->origin = n->line ? texts_origin(b->t, b->part, n->range, n->line) : TEXT_NOWHERE;
    n->busy = true;
    struct xlm_value v = xlm_eval(b, n->node);
    n = &b->names[at]; /* one may have been made */
    n->busy = false;
    b->origin = origin;
    return n->run == b->run ? n->now : v;
}

void xlm_eval_set_name(struct xlm_book *b, slice name, struct xlm_value v)
{
    struct xlm_name *n = b->pure ? NULL : xlm_book_name(b, name, true);
    if (!n)
        return;
    n->now = v;
    n->run = b->run;
    b->writes++;
    b->stores++;
}

bool xlm_eval_area(struct xlm_book *b, struct xlm_value v, struct xlm_area *out)
{
    if (v.kind == XLM_AREA) {
        *out = v.is.area;
        return true;
    }
    if (v.kind != XLM_TEXT || !text_known(v.is.text) || v.is.text.n > 512)
        return false;
    slice text = slice_trim(text_utf8(b->t, v.is.text));
    struct xlm_area here = place_of(b, b->here);
    if (xlm_parse_area(b, text, here, true, out))
        return true;
    struct xlm_name *n = xlm_book_name(b, text, false);
    struct xlm_value of = n ? xlm_eval_name(b, n) : (struct xlm_value){ 0 };
    if (of.kind == XLM_AREA)
        *out = of.is.area;
    return of.kind == XLM_AREA;
}

/* --- writing */

/* What is typed in is a formula, a number, a truth or a text. */
static struct xlm_value typed(struct xlm_book *b, struct xlm_value v)
{
    double number;
    if (v.kind != XLM_TEXT || !text_known(v.is.text) || v.is.text.n == 0 || v.is.text.n > 40)
        return v;
    slice text = slice_trim(text_utf8(b->t, v.is.text));
    struct xlm_value other = v;
    if (xlm_parse_number(text, &number))
        other = xlm_value_number(number);
    else if (slice_is_nocase(text, "TRUE") || slice_is_nocase(text, "FALSE"))
        other = xlm_value_truth(text.len == 4);
    other.leans = v.leans;
    return other;
}

static void write_cell(struct xlm_book *b, struct xlm_area at, struct xlm_value v, slice formula)
{
    struct xlm_cell *c = xlm_book_make_cell(b, at.sheet, at.row, at.col);
    if (!c)
        return;
    uint32_t i = (uint32_t)(c - b->cells), node = 0;
    xlm_book_touch(b, c);
    text_mark mark = xlm_value_mark(b);
    if (formula.len) {
        node = xlm_parse(b, formula, at, true);
        c = &b->cells[i];
        *(b->misread ? &b->bad : &b->good) += 1;
    } else if (v.kind == XLM_ERROR) {
        b->bad++;
    }
    b->halts = b->halts || (b->trying && b->bad); /* it is another day */
    c->mark = mark;
    c->written = true;
    c->text_node = node;
    c->fixed = node == 0;
    c->known_at = UINT32_MAX;
    c->now = v;
}

void xlm_eval_write(struct xlm_book *b, struct xlm_area to, struct xlm_value v, bool formula)
{
    v = xlm_value_one(b, v);
    if (b->pure || to.sheet >= b->n_sheets)
        return;
    slice text = { 0 };
    if (formula && v.kind == XLM_TEXT && text_unit(v.is.text, 0) == '=')
        text = slice_from(text_utf8(b->t, v.is.text), 1); /* holes are seen again in its texts */
    else if (formula)
        v = typed(b, v);
    b->writes++;
    b->stores++;
    for (uint32_t row = to.row, n = 0; row <= to.row2; row++)
        for (uint32_t col = to.col; col <= to.col2; col++, n++) {
            if (n == WRITE_MAX || !xlm_book_spend(b, 2)) {
                b->limited = true;
                return;
            }
            write_cell(b, (struct xlm_area){ to.sheet, row, col, row, col }, v, text);
        }
}

struct xlm_value xlm_eval_text(struct xlm_book *b, slice formula, bool r1c1)
{
    if (formula.len && formula.at[0] == '=')
        formula = slice_from(formula, 1);
    return xlm_eval(b, xlm_parse(b, formula, place_of(b, b->here), r1c1));
}

/* --- operators */

static struct xlm_value arithmetic(struct xlm_book *b, uint8_t oper, struct xlm_value x, struct xlm_value y)
{
    x = xlm_value_as_number(b, x);
    y = xlm_value_as_number(b, y);
    if (x.kind != XLM_NUMBER || y.kind != XLM_NUMBER) {
        struct xlm_value v = x.kind != XLM_NUMBER ? x : y;
        v.leans = x.leans | y.leans;
        v.moment = false;
        return v;
    }
    double p = x.is.number, q = y.is.number, v = 0;
    struct xlm_value out = { 0 };
    if (oper == XLM_DIV && q == 0)
        out = xlm_value_error(XLM_DIV0);
    else {
        v = oper == XLM_ADD   ? p + q
            : oper == XLM_SUB ? p - q
            : oper == XLM_MUL ? p * q
            : oper == XLM_DIV ? p / q
                              : pow(p, q);
        out = xlm_value_number(v);
    }
    out.leans = x.leans | y.leans;
    return out;
}

static struct xlm_value combine(struct xlm_book *b, uint8_t oper, struct xlm_value x, struct xlm_value y)
{
    if (oper == XLM_JOIN)
        return xlm_value_join(b, x, y);
    if (oper >= XLM_ADD)
        return arithmetic(b, oper, x, y);
    return xlm_value_compare(b, oper, x, y);
}

/* "name=value" alone in a cell of a macro gives the name a value. */
static bool is_assignment(struct xlm_book *b, uint32_t first)
{
    const struct xlm_node *n = &b->nodes[first];
    return b->depth == b->base + 1 && !b->pure && n->op == XLM_OP_NAME && b->nodes[n->next].oper == XLM_EQ && !b->nodes[n->next].next &&
           b->here < b->n_cells && b->sheets[b->cells[b->here].sheet].macro;
}

static struct xlm_value chain(struct xlm_book *b, uint32_t first)
{
    if (is_assignment(b, first)) {
        struct xlm_value v = xlm_eval(b, b->nodes[first].next);
        v = v.kind == XLM_AREA ? v : xlm_value_one(b, v);
        xlm_eval_set_name(b, b->nodes[first].is.text, v);
        return v;
    }
    struct xlm_value x = xlm_eval(b, first);
    for (uint32_t i = b->nodes[first].next; i; i = b->nodes[i].next) {
        if (!xlm_book_spend(b, 1))
            return xlm_value_unknown(b, "work");
        struct xlm_value y = xlm_eval(b, i);
        x = combine(b, b->nodes[i].oper, x, y);
    }
    return x;
}

static struct xlm_value array(struct xlm_book *b, struct xlm_node n)
{
    uint64_t size = (uint64_t)n.is.array.rows * n.is.array.cols;
    struct xlm_array *a = size && size <= 4096 && xlm_book_spend(b, (uint32_t)size) ? ARENA_NEW(b->mem, struct xlm_array) : NULL;
    struct xlm_value *values = a ? ARENA_ARRAY(b->mem, struct xlm_value, (size_t)size) : NULL;
    if (!values)
        return xlm_value_unknown(b, "array");
    uint64_t at = 0;
    for (uint32_t i = n.child; i && at < size; i = b->nodes[i].next, at++)
        values[at] = xlm_value_one(b, xlm_eval(b, i));
    for (; at < size; at++)
        values[at] = (struct xlm_value){ .kind = XLM_BLANK };
    *a = (struct xlm_array){ n.is.array.rows, n.is.array.cols, values };
    return (struct xlm_value){ .kind = XLM_ARRAY, .is.array = a };
}

static struct xlm_value range(struct xlm_book *b, struct xlm_node n)
{
    struct xlm_value x = xlm_eval(b, n.child), y = xlm_eval(b, b->nodes[n.child].next);
    struct xlm_area p, q;
    if (!xlm_eval_area(b, x, &p) || !xlm_eval_area(b, y, &q) || p.sheet != q.sheet)
        return xlm_value_unknown(b, "area");
    if (q.row < p.row)
        p.row = q.row;
    if (q.col < p.col)
        p.col = q.col;
    p.row2 = q.row2 > p.row2 ? q.row2 : p.row2;
    p.col2 = q.col2 > p.col2 ? q.col2 : p.col2;
    return xlm_value_area(p);
}

/* --- calls */

static uint32_t push_arguments(struct xlm_book *b, uint32_t child)
{
    uint32_t n = 0;
    for (; child; child = b->nodes[child].next, n++) {
        if (b->n_stack >= XLM_STACK_MAX) {
            b->limited = true;
            break;
        }
        struct xlm_value v = b->nodes[child].op == XLM_OP_MISSING ? (struct xlm_value){ .kind = XLM_BLANK } : xlm_eval(b, child);
        b->stack[b->n_stack++] = v;
    }
    return n;
}

static struct xlm_value is_lazy(struct xlm_book *b, struct xlm_node n, bool choose)
{
    uint32_t first = n.child, then = b->nodes[first].next;
    struct xlm_value v = xlm_eval(b, first);
    if (choose) {
        v = xlm_value_as_number(b, v);
        uint32_t k = v.kind == XLM_NUMBER && v.is.number >= 1 && v.is.number < 255 ? (uint32_t)v.is.number : 0;
        uint32_t i = then;
        for (; i && k > 1; k--)
            i = b->nodes[i].next;
        if (v.kind != XLM_NUMBER)
            return v;
        return i && k ? xlm_eval(b, i) : xlm_value_error(XLM_VALUE);
    }
    struct xlm_value one = xlm_value_as_truth(b, v);
    if (one.kind == XLM_ERROR)
        return one;
    if (b->pure && one.kind != XLM_TRUTH)
        return one;
    bool met = b->pure ? one.is.number != 0 : xlm_flow_branch(b, one, then, b->nodes[then].next);
    uint32_t branch = met ? then : b->nodes[then].next;
    struct xlm_value out = branch && b->nodes[branch].op != XLM_OP_MISSING ? xlm_eval(b, branch)
                           : branch                                        ? xlm_value_number(0)
                                                                           : xlm_value_truth(met && !then);
    out.leans |= one.leans & (XLM_CACHED | XLM_GUESSED);
    return out;
}

/* A name that is no function: of a function in a library, or of a macro. */
static struct xlm_value foreign(struct xlm_book *b, slice name, const struct xlm_value *a, uint32_t n)
{
    struct xlm_value out;
    struct xlm_area at;
    if (!b->pure && xlm_sink_alias(b, name, a, n, &out))
        return out;
    struct xlm_name *named = xlm_book_name(b, name, false);
    if (!named)
        return (struct xlm_value){ .kind = XLM_UNKNOWN, .mark = texts_reason(b->t, name) };
    struct xlm_value v = xlm_eval_name(b, named);
    if (v.kind == XLM_HANDLE && !b->pure) /* the number that REGISTER gave */
        return xlm_sink_call(b, b->aliases[(uint32_t)v.is.number].library, b->aliases[(uint32_t)v.is.number].function, v.leans, a, n);
    if (xlm_eval_area(b, v, &at))
        return xlm_flow_call(b, at, a, n);
    return (struct xlm_value){ .kind = XLM_UNKNOWN, .mark = texts_reason(b->t, name) };
}

static struct xlm_value flow_form(struct xlm_book *b, uint8_t form, const struct xlm_value *a, uint32_t n)
{
    struct xlm_value first = xlm_function_arg(a, n, 0);
    struct xlm_area at;
    if (b->pure)
        return xlm_value_unknown(b, "macro");
    switch (form) {
    case XLM_RUN:
        if (xlm_eval_area(b, first, &at))
            return xlm_flow_call(b, at, a + 1, n ? n - 1 : 0);
        return xlm_value_unknown(b, "RUN");
    case XLM_GOTO:
        if (xlm_eval_area(b, first, &at)) {
            b->jump = at;
            b->jumps = true;
        }
        return xlm_value_truth(true);
    case XLM_RETURN:
        b->result = n ? first : xlm_value_truth(false);
        b->returns = true;
        return b->result;
    case XLM_CLOSE:
        b->halts = !b->opened;
        return xlm_value_truth(true);
    case XLM_HALT:
        b->halts = true;
        return xlm_value_truth(true);
    case XLM_ARGUMENT:
        return xlm_flow_argument(b);
    default:
        return xlm_value_truth(true);
    }
}

static struct xlm_value call(struct xlm_book *b, struct xlm_node n)
{
    const struct xlm_function *f = n.function ? xlm_function_at(n.function) : NULL;
    if (f && (f->form == XLM_IF || f->form == XLM_CHOOSE))
        return is_lazy(b, n, f->form == XLM_CHOOSE);
    uint32_t base = b->n_stack, count = push_arguments(b, n.child);
    const struct xlm_value *a = b->stack + base;
    struct xlm_value v;
    if (!f)
        v = foreign(b, n.is.text, a, count);
    else if (f->form != XLM_PLAIN && f->form != XLM_DOES)
        v = flow_form(b, f->form, a, count);
    else if (f->form == XLM_DOES && b->pure)
        v = xlm_value_unknown(b, f->name);
    else
        v = f->call(b, a, count);
    b->n_stack = base;
    return v;
}

static struct xlm_value call_at(struct xlm_book *b, struct xlm_node n)
{
    struct xlm_value target = xlm_eval(b, n.child);
    uint32_t base = b->n_stack, count = push_arguments(b, b->nodes[b->nodes[n.child].next].child);
    struct xlm_area at;
    struct xlm_value v = xlm_value_unknown(b, "macro");
    if (!b->pure && xlm_eval_area(b, target, &at))
        v = xlm_flow_call(b, at, b->stack + base, count);
    b->n_stack = base;
    return v;
}

/* U+27C2 in a text of a formula that a macro has put together is a hole of it. */
static struct xlm_value literal(struct xlm_book *b, slice text)
{
    text_mark origin = xlm_value_mark(b);
    text = utf8_cut(text, XLM_STRING_MAX);
    if (!xlm_book_units(b, (uint32_t)text.len))
        return xlm_value_unknown(b, "length");
    slice sign = SLICE_LIT("\xe2\x9f\x82");
    struct text whole = { 0 };
    for (size_t from = 0;;) {
        size_t at = slice_find(text, sign, from);
        whole = text_join(b->t, whole, text_of(b->t, slice_sub(text, from, at == SIZE_MAX ? SIZE_MAX : at - from), origin));
        if (at == SIZE_MAX)
            return xlm_value_text(whole);
        whole = text_join(b->t, whole, text_hole(b->t, texts_reason(b->t, SLICE_LIT("FORMULA"))));
        from = at + sign.len;
    }
}

static struct xlm_value sign(struct xlm_book *b, struct xlm_node n)
{
    struct xlm_value v = xlm_value_as_number(b, xlm_eval(b, n.child));
    v.moment = false;
    if (v.kind == XLM_NUMBER && n.function == XLM_SUB)
        v.is.number = 0 - v.is.number;
    return v;
}

static struct xlm_value value_of(struct xlm_book *b, struct xlm_node n)
{
    switch (n.op) {
    case XLM_OP_MISSING:
        return (struct xlm_value){ .kind = XLM_BLANK };
    case XLM_OP_NUMBER:
        return xlm_value_number(n.is.number);
    case XLM_OP_TEXT:
        return literal(b, n.is.text);
    case XLM_OP_TRUTH:
        return xlm_value_truth(n.is.number != 0);
    case XLM_OP_ERROR:
        return xlm_value_error((enum xlm_error)n.is.number);
    case XLM_OP_AREA:
        return xlm_value_area(n.is.area);
    case XLM_OP_NAME: {
        struct xlm_name *name = xlm_book_name(b, n.is.text, false);
        if (name)
            return xlm_eval_name(b, name);
        return (struct xlm_value){ .kind = XLM_UNKNOWN, .mark = texts_reason(b->t, n.is.text) };
    }
    case XLM_OP_CALL:
        return call(b, n);
    case XLM_OP_CALL_AT:
        return call_at(b, n);
    case XLM_OP_CHAIN:
        return chain(b, n.child);
    case XLM_OP_SIGN:
        return sign(b, n);
    case XLM_OP_PERCENT:
        return arithmetic(b, XLM_DIV, xlm_eval(b, n.child), xlm_value_number(100));
    case XLM_OP_RANGE:
        return range(b, n);
    case XLM_OP_ARRAY:
        return array(b, n);
    default:
        if (n.child)
            (void)xlm_eval(b, n.child);
        return xlm_value_unknown(b, "formula");
    }
}

struct xlm_value xlm_eval(struct xlm_book *b, uint32_t node)
{
    if (!node || b->halts || b->depth >= XLM_DEPTH_MAX || !xlm_book_spend(b, 1))
        return xlm_value_unknown(b, node ? "depth" : "formula");
    b->depth++;
    struct xlm_value v = value_of(b, b->nodes[node]);
    b->depth--;
    return v;
}
