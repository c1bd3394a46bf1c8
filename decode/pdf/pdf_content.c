/* SPDX-License-Identifier: Apache-2.0 */
/* What a page shows (ISO 32000-1 8.4, 9.4): the text of its show operators in the order of
 * drawing, how large it is, how much of the page its pictures cover, and what stands under a
 * link. Glyph widths are guessed; nothing is drawn.
 *
 * Text that is smaller than any eye can read, or lies off the page, is counted and kept out of
 * the text: mass mail fills documents with it to look different each time. */
#include "decode/pdf/pdf_private.h"
#include "base/text.h"
#include "decode/plain.h"

enum {
    STACK_MAX = 28,
    OPERANDS_MAX = 16,
    FORMS_MAX = 4, /* forms inside forms */
    CONTENT_MAX = 8 << 20,
    STREAMS_MAX = 256,
    NAMES_MAX = 48,
    WORK_PER_BYTE = 10,
    READ_MAX = 64 << 10,
};

static const double UNREADABLE = 1.5; /* in points; print starts at about 4 */

struct matrix {
    double a, b, c, d, e, f;
};

struct state {
    struct matrix ctm;
    const struct pdf_font *font;
    double size, leading;
};

struct show {
    struct pdf *p;
    struct pdf_page *page;
    struct pdf_shown *out;
    struct state now, stack[STACK_MAX];
    size_t n_stack;
    struct matrix text, line;
    double last_x, last_y, last_end; /* where the text before began and about ended */
    int64_t word;                    /* of the hidden text: length so far */
    struct {
        slice name;
        const struct pdf_font *font;
    } names[NAMES_MAX];
    size_t n_names;
};

static struct matrix multiply(struct matrix m, struct matrix n)
{
    return (struct matrix){ m.a * n.a + m.b * n.c,       m.a * n.b + m.b * n.d,
                            m.c * n.a + m.d * n.c,       m.c * n.b + m.d * n.d,
                            m.e * n.a + m.f * n.c + n.e, m.e * n.b + m.f * n.d + n.f };
}

static double size_of(struct matrix m)
{
    double area = m.a * m.d - m.b * m.c;
    return area < 0 ? -area : area;
}

static const struct matrix UNIT = { 1, 0, 0, 1, 0, 0 };

/* --- resources */

static bool resource(struct pdf *p, struct pdf_value resources, enum pdf_key kind, slice name,
                     struct pdf_value *out)
{
    struct pdf_dict d;
    struct pdf_value key, v;
    if (!pdf_dict(p, resources, &d, NULL))
        return false;
    struct pdf_value all = pdf_resolve(p, pdf_get(&d, kind));
    struct pdf_lexer l = { .in = all.raw, .owner = all.owner };
    while (all.kind == PDF_IS_DICT && pdf_next(&l, false, &key) && pdf_next(&l, false, &v))
        if (slice_eq(key.raw, name)) {
            *out = v;
            return true;
        }
    return false;
}

static const struct pdf_font *load_font(struct show *s, struct pdf_value v)
{
    struct pdf_shown *o = s->out;
    for (size_t i = 0; v.kind == PDF_IS_REF && i < o->n_fonts; i++)
        if (o->fonts[i].num == v.num)
            return o->fonts[i].font;
    struct pdf_font *f = pdf_font_new(s->p, v);
    if (v.kind == PDF_IS_REF && o->n_fonts < sizeof o->fonts / sizeof o->fonts[0]) {
        o->fonts[o->n_fonts].num = v.num;
        o->fonts[o->n_fonts++].font = f;
    }
    return f;
}

static const struct pdf_font *find_font(struct show *s, struct pdf_value resources, slice name)
{
    struct pdf_value v;
    for (size_t i = 0; i < s->n_names; i++)
        if (slice_eq(s->names[i].name, name))
            return s->names[i].font;
    const struct pdf_font *f =
        resource(s->p, resources, PDF_Font, name, &v) ? load_font(s, v) : NULL;
    if (s->n_names < NAMES_MAX) {
        s->names[s->n_names].name = arena_copy(s->p->w->mem, name);
        s->names[s->n_names++].font = f;
    }
    return f;
}

/* --- text */

static void note_hidden(struct show *s, slice utf8)
{
    for (size_t i = 0; i < utf8.len; i++) {
        if ((utf8.at[i] & 0xc0) == 0x80)
            continue;
        s->out->hidden++;
        s->word = utf8.at[i] <= ' ' ? 0 : s->word + 1;
        if (s->word > s->out->hidden_word)
            s->out->hidden_word = s->word;
    }
}

static void note_link(struct show *s, double x, double y, slice utf8)
{
    for (size_t i = 0; i < s->page->n_links; i++) {
        struct pdf_link *l = &s->page->links[i];
        if (x < l->rect[0] - 1 || x > l->rect[2] || y < l->rect[1] - 2 || y > l->rect[3])
            continue;
        if (l->n && l->n < sizeof l->text && (y < s->last_y - 1 || y > s->last_y + 1))
            l->text[l->n++] = ' ';
        l->n += slice_copy_out(utf8_cut(utf8, sizeof l->text - l->n), l->text + l->n,
                               sizeof l->text - l->n);
    }
}

static bool off_page(const struct pdf_page *page, double x, double y)
{
    double slack = 50;
    return page->box[2] > page->box[0] && (x < page->box[0] - slack || x > page->box[2] + slack ||
                                           y < page->box[1] - slack || y > page->box[3] + slack);
}

/* A blank or a line between two pieces that do not touch. */
static void separate(struct show *s, double x, double y, double size)
{
    struct buf *t = &s->out->text;
    double dy = y - s->last_y, gap = x - s->last_end;
    if (t->len == 0 || t->at[t->len - 1] == '\n')
        return;
    if (dy > size * 0.4 || dy < -size * 0.4)
        buf_byte(t, '\n');
    else if (t->at[t->len - 1] != ' ' && (gap > size * 0.45 || x < s->last_x))
        buf_byte(t, ' ');
}

/* About, in parts of the size: ideographs and kana fill a square, letters half of one. */
static double width_of(slice utf8)
{
    double width = 0;
    for (size_t i = 0; i < utf8.len; i++)
        if ((utf8.at[i] & 0xc0) != 0x80)
            width += utf8.at[i] >= 0xe2 ? 1.0 : 0.5;
    return width;
}

static void show_string(struct show *s, const struct pdf_value *v)
{
    struct pdf_shown *o = s->out;
    slice bytes = pdf_unescape(s->p->w->mem, v);
    struct matrix m = multiply(s->text, s->now.ctm);
    double size2 = s->now.size * s->now.size * size_of(m);
    double scale = m.a < 0 ? -m.a : m.a;
    double height = s->now.size * (scale > 0 ? scale : 1);
    bool hidden = size2 < UNREADABLE * UNREADABLE || off_page(s->page, m.e, m.f);
    if (hidden) {
        struct buf unseen = buf_new(READ_MAX);
        pdf_font_show(s->p, s->now.font, slice_sub(bytes, 0, READ_MAX / 4), &unseen);
        note_hidden(s, buf_slice(&unseen));
        buf_drop(&unseen);
        return;
    }
    separate(s, m.e, m.f, height);
    size_t before = o->text.len;
    pdf_font_show(s->p, s->now.font, bytes, &o->text);
    slice added = slice_from(buf_slice(&o->text), before);
    if (s->page->n_links)
        note_link(s, m.e, m.f, added);
    double width = s->now.size * width_of(added);
    s->last_x = m.e;
    s->last_y = m.f;
    s->text.e += width * s->text.a;
    s->text.f += width * s->text.b;
    s->last_end = multiply(s->text, s->now.ctm).e;
}

static void show_array(struct show *s, const struct pdf_value *list)
{
    struct pdf_lexer l = { .in = list->raw, .content = true };
    struct pdf_value v;
    while (pdf_next(&l, false, &v)) {
        if (v.kind == PDF_IS_STRING || v.kind == PDF_IS_HEX)
            show_string(s, &v);
        else if (v.kind == PDF_IS_NUMBER && v.number < -180 && s->out->text.len)
            buf_byte(&s->out->text, ' ');
    }
}

static void move(struct show *s, double x, double y)
{
    s->line = multiply((struct matrix){ 1, 0, 0, 1, x, y }, s->line);
    s->text = s->line;
}

/* --- operators */

struct call {
    struct pdf_value args[OPERANDS_MAX + 1]; /* the last is what comes next */
    size_t n;
};

static double number(const struct call *c, size_t from_last)
{
    if (c->n <= from_last)
        return 0;
    double v = c->args[c->n - 1 - from_last].number;
    return v > 1e9 ? 1e9 : v < -1e9 ? -1e9 : v;
}

static struct matrix matrix_of(const struct call *c)
{
    return (struct matrix){ number(c, 5), number(c, 4), number(c, 3),
                            number(c, 2), number(c, 1), number(c, 0) };
}

static const struct pdf_value *last_arg(const struct call *c)
{
    static const struct pdf_value none = { 0 };
    return c->n ? &c->args[c->n - 1] : &none;
}

static bool text_operator(struct show *s, const struct call *c, slice op,
                          struct pdf_value resources)
{
    if (slice_is(op, "Tj")) {
        show_string(s, last_arg(c));
    } else if (slice_is(op, "TJ")) {
        show_array(s, last_arg(c));
    } else if (slice_is(op, "'") || slice_is(op, "\"")) {
        move(s, 0, -s->now.leading);
        show_string(s, last_arg(c));
    } else if (slice_is(op, "Td")) {
        move(s, number(c, 1), number(c, 0));
    } else if (slice_is(op, "TD")) {
        s->now.leading = -number(c, 0);
        move(s, number(c, 1), number(c, 0));
    } else if (slice_is(op, "T*")) {
        move(s, 0, -s->now.leading);
    } else if (slice_is(op, "Tm")) {
        s->text = s->line = matrix_of(c);
    } else if (slice_is(op, "TL")) {
        s->now.leading = number(c, 0);
    } else if (slice_is(op, "Tf")) {
        s->now.size = number(c, 0);
        if (c->n >= 2 && c->args[c->n - 2].kind == PDF_IS_NAME)
            s->now.font = find_font(s, resources, c->args[c->n - 2].raw);
    } else if (slice_is(op, "BT")) {
        s->text = s->line = UNIT;
    } else {
        return false;
    }
    return true;
}

static void add_picture(struct show *s)
{
    struct matrix m = s->now.ctm;
    s->page->n_pictures++;
    s->page->pictures += size_of(m);
}

static void run(struct show *s, slice content, struct pdf_value resources, unsigned depth);

static void draw_object(struct show *s, slice name, struct pdf_value resources, unsigned depth)
{
    struct pdf_value v, own;
    struct pdf_dict d;
    struct body body = { 0 };
    if (!resource(s->p, resources, PDF_XObject, name, &v) || v.kind != PDF_IS_REF)
        return;
    const struct pdf_object *o = pdf_object(s->p, v.num);
    if (!o || !o->stream || !pdf_dict_at(s->p, (uint32_t)(o - s->p->objects), &d))
        return;
    struct pdf_value kind = pdf_resolve(s->p, pdf_get(&d, PDF_Subtype));
    if (pdf_is_name(&kind, "Image")) {
        add_picture(s);
        return;
    }
    if (!pdf_is_name(&kind, "Form") || depth == FORMS_MAX)
        return;
    (void)pdf_stream(s->p, (uint32_t)(o - s->p->objects), CONTENT_MAX, &body);
    own = d.has[PDF_Resources] ? d.v[PDF_Resources] : resources;
    struct state before = s->now;
    size_t names = s->n_names, n_stack = s->n_stack;
    s->n_names = d.has[PDF_Resources] ? 0 : names;
    run(s, body.all, own, depth + 1);
    s->n_names = d.has[PDF_Resources] ? 0 : s->n_names;
    s->n_stack = n_stack;
    s->now = before;
    body_release(&body);
}

/* "BI ... ID data EI" (8.9.7). */
static void skip_inline(struct show *s, struct pdf_lexer *l)
{
    size_t at = slice_find(l->in, SLICE_LIT("ID"), l->pos);
    at = at == SIZE_MAX ? l->in.len : at;
    while ((at = slice_find(l->in, SLICE_LIT("EI"), at)) != SIZE_MAX) {
        bool before = at > 0 && pdf_space(l->in.at[at - 1]);
        bool behind = at + 2 >= l->in.len || pdf_space(l->in.at[at + 2]);
        at += 2;
        if (before && behind)
            break;
    }
    l->pos = at == SIZE_MAX ? l->in.len : at;
    add_picture(s);
}

static void operate(struct show *s, const struct call *c, slice op, struct pdf_value resources,
                    unsigned depth, struct pdf_lexer *l)
{
    if (op.len > 2 || !memchr("TqQcDB'\"", op.at[0], 8)) /* most draw lines and areas */
        return;
    if (text_operator(s, c, op, resources))
        return;
    if (slice_is(op, "cm")) {
        s->now.ctm = multiply(matrix_of(c), s->now.ctm);
    } else if (slice_is(op, "q")) {
        if (s->n_stack < STACK_MAX)
            s->stack[s->n_stack] = s->now;
        s->n_stack++;
    } else if (slice_is(op, "Q")) {
        if (s->n_stack && --s->n_stack < STACK_MAX)
            s->now = s->stack[s->n_stack];
    } else if (slice_is(op, "Do")) {
        if (last_arg(c)->kind == PDF_IS_NAME)
            draw_object(s, last_arg(c)->raw, resources, depth);
    } else if (slice_is(op, "BI")) {
        skip_inline(s, l);
    }
}

/* Depth is bounded by FORMS_MAX, work by what is given for the text of a document. */
static void run(struct show *s, slice content, struct pdf_value resources, unsigned depth)
{
    struct pdf_lexer l = { .in = content, .content = true };
    struct call c;
    size_t paid = 0;
    for (c.n = 0; pdf_next(&l, false, &c.args[c.n]);) {
        if (l.pos - paid >= 1024) {
            uint64_t cost = (l.pos - paid) * WORK_PER_BYTE;
            paid = l.pos;
            if (cost > s->out->work || !walk_work(s->p->w, cost) || s->out->text.full)
                return;
            s->out->work -= cost;
        }
        if (c.args[c.n].kind == PDF_IS_WORD) {
            operate(s, &c, c.args[c.n].raw, resources, depth, &l);
            c.n = 0;
        } else if (c.n < OPERANDS_MAX) {
            c.n++;
        }
    }
}

/* All streams of a page make one content (7.7.3.3). */
static void gather(struct pdf *p, struct pdf_value contents, struct buf *out)
{
    struct pdf_value list = pdf_resolve(p, contents), v = contents;
    struct pdf_lexer l = { .in = list.raw, .owner = list.owner };
    bool several = list.kind == PDF_IS_ARRAY;
    for (unsigned i = 0;
         i < STREAMS_MAX && (several ? pdf_next(&l, false, &v) : i == 0) && !out->full; i++) {
        struct body body = { 0 };
        const struct pdf_object *o = v.kind == PDF_IS_REF ? pdf_object(p, v.num) : NULL;
        if (!o || !o->stream)
            continue;
        (void)pdf_stream(p, (uint32_t)(o - p->objects), CONTENT_MAX, &body);
        buf_put(out, slice_sub(body.all, 0, CONTENT_MAX - out->len));
        buf_byte(out, '\n');
        body_release(&body);
    }
}

void pdf_content_show(struct pdf *p, struct pdf_page *page, struct pdf_value contents,
                      struct pdf_shown *out)
{
    struct show *s = ARENA_NEW(p->w->mem, struct show);
    struct buf content = buf_new(CONTENT_MAX + 1);
    if (!s)
        return;
    s->p = p;
    s->page = page;
    s->out = out;
    s->now.ctm = s->text = s->line = UNIT;
    gather(p, contents, &content);
    run(s, buf_slice(&content), page->resources, 0);
    if (out->text.len && out->text.at[out->text.len - 1] != '\n')
        buf_byte(&out->text, '\n');
    buf_drop(&content);
}
