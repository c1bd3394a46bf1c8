/* SPDX-License-Identifier: Apache-2.0 */
/* Executing steps: [MS-VBAL] 5.4. An error goes to the nearest handler (5.4.4); where there is
 * none the program would end, so that what follows is only possible. */
#include <math.h>
#include "unmask/basic/basic.h"

bool basic_steps_more(struct machine *m, uint64_t n)
{
    enum { LOT = 64 };
    uint64_t lot = n > LOT || m->steps < LOT ? n : LOT;
    if (m->stop)
        return false;
    if (lot > m->steps || !walk_work(m->w, BASIC_WORK_PER_STEP * lot)) {
        m->stop = m->unread = true;
        return false;
    }
    m->steps -= lot;
    m->paid += lot - n;
    if (m->steps < m->share && !m->hurry)
        m->hurry = m->doubtful = true; /* loops end where they would begin again */
    return true;
}

void basic_store(struct machine *m, struct value *at, struct value v)
{
    at = basic_deref(at);
    uint8_t as = at->as, flags = at->flags;
    if (as && as != v.type)
        v = basic_coerce(m, v, as);
    if (m->error)
        return;
    basic_journal(m, at);
    m->vain += v.type == V_UNKNOWN;
    v.as = as;
    v.flags = flags & VALUE_DECLARED;
    *at = v;
}

/* --- errors */

static bool caught_above(const struct frame *f)
{
    for (f = f->up; f; f = f->up)
        if (f->on_error && !f->handling)
            return true;
    return false;
}

static enum basic_outcome on_error(struct machine *m, struct frame *f, uint32_t pc)
{
    bool here = f->on_error && !f->handling;
    if (!here && caught_above(f))
        return RUN_ERROR;
    basic_touch(m, m->err);
    m->err->content = basic_int(V_LONG, m->error);
    m->error = 0;
    f->pc = pc + 1;
    if (!here) {
        m->doubtful = true;
        if (f->proc->steps[pc].op == S_DO) /* it would fail for ever */
            f->pc = f->proc->steps[pc].to;
    } else if (f->on_error == 2) {
        f->handling = true;
        f->resume = pc;
        f->pc = f->handler;
        f->away = 1;
    }
    return RUN_ON;
}

static void resume(struct frame *f, const struct basic_step *s)
{
    if (f->handling)
        f->pc = s->flag == 2 ? s->to : f->resume + (s->flag == 1);
    else if (s->flag == 2)
        f->pc = s->to;
    f->handling = false;
}

/* --- conditions */

static void test(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc, int truth, text_mark why)
{
    if (m->error)
        return; /* with Resume Next the statement after the failed one is the first inside */
    if (m->u->trace)
        basic_note_way(m, truth, why);
    if (truth == 0)
        f->pc = s->to;
    if (truth < 0)
        basic_fork(m, f, &(struct basic_ways){ pc + 1, s->to, s->end, s->to, s->end, s->end, why });
}

static void run_if(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    struct value v = basic_eval_plain(m, s->x);
    if (v.type == V_BOOLEAN && !m->error) {
        f->pc = v.i ? f->pc : s->to;
        return;
    }
    int truth = m->error ? 1 : basic_truth(m, v);
    test(m, f, s, pc, truth, truth < 0 && !m->error ? basic_why(m, v) : 0);
}

static void run_case(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    int truth = basic_flow_case(m, f, s);
    test(m, f, s, pc, truth, texts_reason(m->t, SLICE_LIT("Select Case")));
}

/* --- loops */

/* Does it end where it would begin again? One that has stored a great deal that is unknown (what a
 * file holds, byte by byte) and goes on doing so would only wear the steps out. */
static bool wears_out(struct machine *m)
{
    bool in_vain = m->vain > BASIC_VAIN_MAX && m->vain != m->vain_before;
    m->vain_before = m->vain;
    m->doubtful = m->doubtful || in_vain;
    return m->hurry || in_vain;
}

/* The body once, perhaps. */
static void body_perhaps(struct machine *m, struct frame *f, uint32_t lo, uint32_t back, uint32_t end, text_mark why)
{
    if (m->u->trace)
        basic_note_way(m, -1, why);
    basic_fork(m, f, &(struct basic_ways){ lo, back, back, 0, 0, end, why });
}

/* A loop is left before its end: what it changes once more is not what it would be in the end. */
static void leave_early(struct machine *m, struct frame *f, const struct basic_node *counter, uint32_t lo, uint32_t pc)
{
    text_mark why = texts_reason(m->t, SLICE_LIT("limit"));
    if (counter)
        basic_assign(m, counter, basic_unknown_of(NULL, why), false);
    if (!m->error)
        body_perhaps(m, f, lo, pc, pc + 1, why);
}

static int goes_on(struct machine *m, const struct basic_step *s)
{
    struct value v = basic_eval_plain(m, s->x);
    int truth = m->error ? 1 : basic_truth(m, v);
    return truth < 0 ? -1 : s->flag ? !truth : truth;
}

static void run_do(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    int more = s->x ? goes_on(m, s) : 1;
    if (m->error)
        return;
    if (more == 0)
        f->pc = s->to;
    else if (more < 0 || (m->hurry && s->x))
        body_perhaps(m, f, pc + 1, s->to ? s->to - 1 : pc + 1, s->to, texts_reason(m->t, SLICE_LIT("condition of a loop")));
}

static void run_loop(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    int more = s->x ? goes_on(m, s) : 1;
    if (m->error || more == 0)
        return;
    if (wears_out(m))
        leave_early(m, f, NULL, s->to + (f->proc->steps[s->to].op == S_DO), pc);
    else if (more > 0)
        f->pc = s->to;
    else
        body_perhaps(m, f, s->to, pc, pc + 1, texts_reason(m->t, SLICE_LIT("condition of a loop")));
}

static int past(struct machine *m, struct value v, struct value limit, struct value step)
{
    double x, y, z;
    if (!basic_number(m, v, &x) || !basic_number(m, limit, &y) || !basic_number(m, step, &z))
        return -1;
    return z >= 0 ? x > y : x < y;
}

/* A loop that does nothing only waits. */
static bool waits(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc, double from)
{
    double limit, step;
    if (pc + 2 != s->to || !basic_number(m, f->slots[s->slot], &limit) || !basic_number(m, f->slots[s->slot + 1], &step) || step == 0)
        return false;
    double rounds = floor((limit - from) / step) + 1;
    if (!(rounds > 100 && fabs(limit) < 1e15))
        return false;
    double end = from + rounds * step;
    struct value last = basic_double(end);
    bool whole = end == floor(end) && fabs(end) < 2147483647.0;
    basic_assign(m, s->x, whole ? basic_int(fabs(end) < 32767 ? V_INTEGER : V_LONG, (int64_t)end) : last, false);
    f->pc = s->to;
    return true;
}

static void run_for(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    struct value from = basic_eval_plain(m, s->y), limit = { 0 }, step = basic_int(V_INTEGER, 1);
    if (!m->error)
        limit = basic_eval_plain(m, s->z);
    if (!m->error && s->w)
        step = basic_eval_plain(m, s->w);
    if (m->error)
        return;
    from.flags = 0;
    basic_assign(m, s->x, from, false);
    basic_store(m, &f->slots[s->slot], limit);
    basic_store(m, &f->slots[s->slot + 1], step);
    if (m->error)
        return;
    int end = past(m, from, limit, step);
    double x = 0;
    if (m->error)
        return;
    if (end == 1)
        f->pc = s->to;
    else if (end < 0)
        body_perhaps(m, f, pc + 1, s->to - 1, s->to, basic_why(m, limit));
    else if (basic_number(m, from, &x))
        (void)waits(m, f, s, pc, x);
}

static void run_next(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    const struct basic_step *top = &f->proc->steps[s->end];
    struct value *step = &f->slots[top->slot + 1];
    struct value v = basic_eval_plain(m, top->x);
    if (m->error || step->type == V_EMPTY)
        return;
    v = basic_binary(m, '+', v, *step);
    if (m->error)
        return;
    basic_assign(m, top->x, v, false);
    int end = m->error ? 1 : past(m, v, f->slots[top->slot], *step);
    if (end < 0) { /* the counter was lost in a condition */
        m->doubtful = true;
    } else if (!end && wears_out(m)) {
        leave_early(m, f, top->x, s->to, pc);
    } else if (!end) {
        f->pc = s->to;
    }
}

static void run_each(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    int more = basic_flow_each(m, f, s);
    if (m->error)
        return;
    if (more == 0)
        f->pc = s->to;
    else if (more < 0)
        body_perhaps(m, f, pc + 1, s->to - 1, s->to, texts_reason(m->t, SLICE_LIT("For Each")));
}

static void run_each_next(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    const struct basic_step *top = &f->proc->steps[s->end];
    if (f->slots[top->slot].type == V_EMPTY || basic_flow_each(m, f, top) <= 0)
        return;
    if (wears_out(m))
        leave_early(m, f, top->x, s->to, pc);
    else
        f->pc = s->to;
}

/* --- jumps */

static void jump(struct machine *m, struct frame *f, uint32_t pc, uint32_t to, bool by_name)
{
    if (to <= pc && wears_out(m)) {
        m->guessed = true;
        return;
    }
    f->pc = to;
    f->away = by_name;
}

static void run_on_goto(struct machine *m, struct frame *f, const struct basic_step *s, uint32_t pc)
{
    int64_t k;
    if (basic_integer(m, basic_eval_plain(m, s->x), &k)) {
        bool there = k >= 1 && (uint64_t)k <= (s->to - pc - 1) / 2;
        f->pc = there ? pc + 1 + (uint32_t)(k - 1) * 2 : s->to;
    }
}

static void run_gosub(struct frame *f, const struct basic_step *s, uint32_t pc)
{
    if (f->n_gosubs < BASIC_GOSUBS_MAX) {
        f->gosubs[f->n_gosubs++] = pc + 1;
        f->pc = s->to;
        f->away = 1;
    }
}

static void run_return(struct machine *m, struct frame *f)
{
    if (f->n_gosubs)
        f->pc = f->gosubs[--f->n_gosubs];
    else
        basic_error(m, 3);
}

static void run_lset(struct machine *m, const struct basic_step *s)
{
    struct value *at = basic_place(m, s->x);
    struct value v = m->error ? (struct value){ 0 } : basic_eval_plain(m, s->y);
    if (!at || m->error)
        return;
    /* 5.4.3.6, 5.4.3.7: the target keeps its length; a record is not looked into */
    struct value old = basic_load(at);
    bool texts = old.type == V_STRING && basic_sure(m, old.s) == old.s.n;
    if (texts)
        v = basic_coerce(m, v, V_STRING);
    if (m->error)
        return;
    if (texts && v.type == V_STRING && basic_sure(m, v.s) == v.s.n)
        v = basic_text(basic_padded(m, v.s, old.s.n, s->flag));
    else
        v = basic_is_unknown(v) ? v : basic_unknown(m, "LSet");
    basic_store(m, at, v);
}

/* --- the rest */

static void run_let(struct machine *m, struct basic_step *s)
{
    if (s->flag && s->slot) { /* junk that fails */
        basic_error(m, (int32_t)s->slot);
        return;
    }
    struct value v = basic_eval(m, s->y);
    if (!m->error && !m->ended)
        basic_assign(m, s->x, v, s->op == S_SET);
    if (m->u->trace && !m->error)
        basic_note_let(m, s->x, v);
    if (s->flag)
        basic_junk_done(m, s);
}

static enum basic_outcome execute(struct machine *m, struct frame *f, struct basic_step *s, uint32_t pc)
{
    switch (s->op) {
    case S_NOP: break;
    case S_LET: case S_SET: run_let(m, s); break;
    case S_CALL: (void)basic_eval(m, s->x); break;
    case S_IF: run_if(m, f, s, pc); break;
    case S_JUMP: jump(m, f, pc, s->to, false); break;
    case S_FOR: run_for(m, f, s, pc); break;
    case S_NEXT: run_next(m, f, s, pc); break;
    case S_EACH:
        f->slots[s->slot] = basic_eval(m, s->y);
        f->slots[s->slot + 1] = basic_int(V_LONG, 0);
        if (!m->error)
            run_each(m, f, s, pc);
        break;
    case S_EACH_NEXT: run_each_next(m, f, s, pc); break;
    case S_DO: run_do(m, f, s, pc); break;
    case S_LOOP: run_loop(m, f, s, pc); break;
    case S_SELECT: f->slots[s->slot] = basic_eval_plain(m, s->x); break;
    case S_CASE: run_case(m, f, s, pc); break;
    case S_GOTO: jump(m, f, pc, s->to, true); break;
    case S_GOSUB: run_gosub(f, s, pc); break;
    case S_RETURN: run_return(m, f); break;
    case S_ON_ERROR: f->on_error = s->flag, f->handler = s->to, f->handling = false; break;
    case S_ON_GOTO: run_on_goto(m, f, s, pc); break;
    case S_RESUME: resume(f, s); break;
    case S_EXIT: return RUN_EXIT;
    case S_END: m->ended = true; return RUN_END;
    case S_WITH: f->slots[s->slot] = basic_eval(m, s->x); break;
    case S_DIM: basic_flow_dim(m, f, s); break;
    case S_MID: basic_flow_mid(m, s); break;
    case S_LSET: run_lset(m, s); break;
    default: basic_flow_io(m, s); break;
    }
    return m->ended ? RUN_END : RUN_ON;
}

enum basic_outcome basic_run(struct machine *m, struct frame *f, uint32_t from, uint32_t lo, uint32_t hi, uint32_t stop)
{
    f->pc = from;
    for (;;) {
        uint32_t pc = f->pc;
        if (pc == stop || pc == hi)
            return RUN_ON;
        if (pc < lo || pc > hi || pc >= f->proc->n_steps)
            return RUN_AWAY;
        if (m->ended || !basic_step(m, 1))
            return RUN_END;
        struct basic_step *s = &f->proc->steps[pc];
        if (s->op == S_NOP) {
            uint32_t to = basic_junk_skip(f->proc, pc);
            f->pc = to > hi ? hi : stop > pc && to > stop ? stop : to;
            continue;
        }
        m->line = s->line;
        m->module = f->proc->module;
        f->pc = pc + 1;
        f->away = 0;
        enum basic_outcome o = execute(m, f, s, pc);
        if (m->error)
            o = on_error(m, f, pc);
        if (o != RUN_ON)
            return o;
    }
}
