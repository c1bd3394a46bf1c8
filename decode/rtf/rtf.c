/* SPDX-License-Identifier: Apache-2.0 */
/* rtf - Rich Text Format, as Word reads it: RTF Specification 1.9.1, and
 * [MS-OXRTFEX] for pages that Outlook keeps in it.
 *
 * Groups are a stack of states, never recursion; the text of a group goes where
 * its destination says. Word opens whatever begins with "{\rt" and stops at the
 * brace that closes it; what stands behind is told as overlay. Unknown words
 * are passed over; unknown groups marked \* too, with their text. Left out:
 * formatting, pictures (counted), themes, tables of styles and lists.
 */
#include "decode/plain.h"
#include "base/text.h"
#include "decode/walk.h"
#include "rtf_field.h"
#include "rtf_private.h"

enum {
    DEPTH_MAX = 1 << 16, /* deeper groups share the last state */
    STACK_FIRST = 64,
    TEXT_MAX = 4 << 20,
    COLLECT_MAX = 64 * 1024,
    OVERLAY_TOLD = 512,
    BLANKS_MAX = 4096,
    CHARGE = 1 << 16,
    UNIT_LOOK = 4096, /* no unit that body.h leaves out is longer */
    FEW_WORDS = 20,
    CLASSES_TOLD = 64,
};

struct state {
    uint8_t dest;
    bool html_off;
    uint16_t skip; /* \uc */
    uint16_t font;
    uint16_t page; /* 0: the document's */
};

struct rtf {
    struct walk *w;
    slice in;
    size_t pos, charged;
    struct state *stack;
    size_t depth, room, over; /* over: groups beyond DEPTH_MAX */
    struct rtf_text text, html, collect;
    enum rtf_dest collecting; /* RTF_TEXT: nothing */
    size_t collect_depth, object_depth, object_from;
    enum rtf_dest object; /* RTF_OBJDATA, RTF_STORE, or RTF_TEXT: none */
    unsigned to_skip;     /* characters behind \u */
    bool starred, from_html, updates;
    unsigned fields, classes;
    int64_t pictures;
    uint16_t default_font;
};

/* --- sniffing */

static size_t head_of(slice in)
{
    size_t i = 0;
    if (slice_starts(in, SLICE_LIT("\xef\xbb\xbf")))
        i = 3;
    while (i < in.len && i < BLANKS_MAX && (ascii_space(in.at[i]) || in.at[i] == 0))
        i++;
    return i;
}

static enum sniff rtf_sniff(const struct sniff_input *in)
{
    slice head = slice_from(in->body->all, head_of(in->body->all));
    return slice_starts_nocase(slice_sub(head, 0, 4), "{\\rt") ? SNIFF_STRONG : SNIFF_NO;
}

/* --- where characters go */

static struct state *top(struct rtf *r)
{
    return &r->stack[r->depth];
}

static unsigned page_of(struct rtf *r)
{
    const struct state *s = top(r);
    return s->page ? s->page : r->text.ansi_page;
}

/* NULL: nowhere. */
static struct rtf_text *target(struct rtf *r)
{
    const struct state *s = top(r);
    if (r->collecting != RTF_TEXT)
        return s->dest >= RTF_CODE || s->dest == RTF_TEXT ? &r->collect : NULL;
    if (s->dest == RTF_HTMLTAG)
        return r->from_html ? &r->html : NULL;
    if (s->dest != RTF_TEXT)
        return NULL;
    if (r->from_html)
        return s->html_off ? NULL : &r->html;
    return &r->text;
}

static void put_char(struct rtf *r, uint32_t code)
{
    struct rtf_text *t = target(r);
    if (r->to_skip) {
        r->to_skip--;
        return;
    }
    if (t)
        rtf_text_char(t, code);
}

static void put_byte(struct rtf *r, uint8_t byte)
{
    struct rtf_text *t = target(r);
    if (r->to_skip) {
        r->to_skip--;
        return;
    }
    if (t)
        rtf_text_byte(t, page_of(r), byte);
}

/* --- collected texts */

static void say_template(struct rtf *r, slice text)
{
    /* Word takes either slash */
    bool outside = slice_find(text, SLICE_LIT("://"), 0) != SIZE_MAX || slice_find(text, SLICE_LIT(":\\\\"), 0) != SIZE_MAX ||
                   slice_starts(text, SLICE_LIT("\\\\")) || slice_starts(text, SLICE_LIT("//"));
    walk_text(r->w, outside ? FACT_OFFICE_EXTERNAL_TEMPLATE : FACT_OFFICE_TEMPLATE,
              utf8_cut(text, 4096), NOWHERE);
}

static void say_collected(struct rtf *r)
{
    rtf_text_flush(&r->collect);
    slice text = slice_trim(buf_slice(&r->collect.out));
    enum rtf_dest what = r->collecting;
    r->collecting = RTF_TEXT;
    if (text.len == 0)
        return;
    if (what == RTF_CODE)
        rtf_field_say(r->w, text, &r->fields);
    else if (what == RTF_TEMPLATE)
        say_template(r, text);
    else if (what == RTF_CLASS && r->classes++ < CLASSES_TOLD)
        walk_text(r->w, FACT_OFFICE_OBJECT_CLASS, utf8_cut(text, 256), NOWHERE);
    else if (what == RTF_AUTHOR)
        walk_text(r->w, FACT_OFFICE_AUTHOR, utf8_cut(text, 1024), NOWHERE);
    else if (what == RTF_OPERATOR)
        walk_text(r->w, FACT_OFFICE_LAST_AUTHOR, utf8_cut(text, 1024), NOWHERE);
    else if (what == RTF_LINK)
        rtf_field_say(r->w, text, &r->fields);
    buf_clear(&r->collect.out);
}

static void collect(struct rtf *r, enum rtf_dest what)
{
    if (r->collecting != RTF_TEXT)
        return; /* a field inside a code belongs to that code */
    buf_clear(&r->collect.out);
    if (what == RTF_LINK)
        buf_text(&r->collect.out, "HYPERLINK ");
    r->collecting = what;
    r->collect_depth = r->depth;
}

/* --- groups */

static bool push(struct rtf *r)
{
    if (r->depth + 1 >= DEPTH_MAX) {
        r->over++;
        return true;
    }
    if (r->depth + 1 >= r->room) {
        size_t more = r->room ? r->room * 2 : STACK_FIRST;
        struct state *bigger =
            arena_regrow(r->w->mem, r->stack, r->room * sizeof *bigger, more, sizeof *bigger);
        if (!bigger)
            return false;
        r->stack = bigger;
        r->room = more;
    }
    r->stack[r->depth + 1] = r->stack[r->depth];
    r->depth++;
    return true;
}

static void end_object(struct rtf *r, size_t end)
{
    slice data = slice_sub(r->in, r->object_from, end - r->object_from);
    enum rtf_dest what = r->object;
    r->object = RTF_TEXT;
    if (what == RTF_OBJDATA)
        rtf_object_read(r->w, data, r->object_from);
    else
        rtf_object_store(r->w, data, r->object_from);
}

/* What belongs to the group that ends before `end`. */
static void end_group(struct rtf *r, size_t end)
{
    if (r->object != RTF_TEXT && r->depth == r->object_depth)
        end_object(r, end);
    if (r->collecting != RTF_TEXT && r->depth == r->collect_depth)
        say_collected(r);
}

static void pop(struct rtf *r)
{
    r->to_skip = 0;
    if (r->over) {
        r->over--;
        return;
    }
    end_group(r, r->pos - 1);
    r->depth--;
}

/* --- control words */

static void open_destination(struct rtf *r, enum rtf_dest dest)
{
    struct state *s = top(r);
    if (r->object != RTF_TEXT || (s->dest == RTF_SKIP && dest != RTF_OBJDATA))
        return; /* inside object data all is the object's; what is skipped stays so */
    if (dest == RTF_PICTURE)
        r->pictures++;
    s->dest = (uint8_t)dest;
    if (dest >= RTF_CODE)
        collect(r, dest);
    if (dest == RTF_OBJDATA || dest == RTF_STORE) {
        r->object = dest;
        r->object_depth = r->depth;
        r->object_from = r->pos;
    }
}

static void set_font(struct rtf *r, int32_t number)
{
    struct state *s = top(r);
    s->font = (uint16_t)(number < 0 || number >= RTF_FONTS_MAX ? 0 : number);
    s->page = s->dest == RTF_FONTS ? 0 : r->text.page_of_font[s->font];
}

static void take_unicode(struct rtf *r, const struct rtf_control *c)
{
    put_char(r, (uint16_t)c->number);
    r->to_skip = top(r)->skip;
}

static void take_property(struct rtf *r, enum rtf_property p, const struct rtf_control *c)
{
    struct state *s = top(r);
    uint16_t page = (uint16_t)(c->number > 0 && c->number < 65536 ? c->number : 0);
    switch (p) {
    case RTF_ANSI_CODEPAGE:
        r->text.ansi_page = page ? page : r->text.ansi_page;
        break;
    case RTF_MAC:
        r->text.ansi_page = 10000;
        break;
    case RTF_PC:
        r->text.ansi_page = 437;
        break;
    case RTF_PCA:
        r->text.ansi_page = 850;
        break;
    case RTF_BINARY:
        r->pos += slice_sub(r->in, r->pos, c->number > 0 ? (size_t)c->number : 0).len;
        break;
    case RTF_FONT:
        set_font(r, c->number);
        break;
    case RTF_FONT_DEFAULT:
        r->default_font = (uint16_t)(c->number < 0 || c->number >= RTF_FONTS_MAX ? 0 : c->number);
        break;
    case RTF_CHARSET:
        if (s->dest == RTF_FONTS)
            r->text.page_of_font[s->font] = (uint16_t)rtf_text_page_of_charset(c->number);
        break;
    case RTF_FONT_CODEPAGE:
        if (s->dest == RTF_FONTS)
            r->text.page_of_font[s->font] = page;
        break;
    case RTF_PLAIN:
        set_font(r, r->default_font);
        break;
    case RTF_UNICODE:
        take_unicode(r, c);
        break;
    case RTF_UNICODE_SKIP:
        s->skip = (uint16_t)(c->number < 0 ? 0 : c->number > 255 ? 255 : c->number);
        break;
    case RTF_UPDATE:
        if (!r->updates) /* once: many would crowd out what else there is to tell */
            walk_flag(r->w, FACT_OFFICE_OBJECT_UPDATE, range_of(r->pos, 0));
        r->updates = true;
        break;
    case RTF_FROM_HTML:
        r->from_html = true;
        break;
    case RTF_HTML_OFF:
        s->html_off = !c->has_number || c->number != 0;
        break;
    }
}

static void take_word(struct rtf *r, const struct rtf_control *c)
{
    const struct rtf_word *word = rtf_word_find(c->name);
    bool starred = r->starred;
    r->starred = false;
    if (!word) {
        if (starred && r->object == RTF_TEXT)
            open_destination(r, RTF_SKIP);
        r->to_skip -= r->to_skip > 0;
    } else if (word->kind == RTF_DESTINATION) {
        open_destination(r, (enum rtf_dest)word->value);
    } else if (word->kind == RTF_CHARACTER) {
        put_char(r, word->value);
    } else {
        if (word->value != RTF_UNICODE)
            r->to_skip -= r->to_skip > 0;
        take_property(r, (enum rtf_property)word->value, c);
    }
}

static void take_symbol(struct rtf *r, uint8_t symbol)
{
    switch (symbol) {
    case '\'': {
        slice two = slice_sub(r->in, r->pos, 2);
        int high = two.len == 2 ? ascii_hex(two.at[0]) : -1;
        int low = high >= 0 ? ascii_hex(two.at[1]) : -1;
        if (low >= 0) {
            r->pos += 2;
            put_byte(r, (uint8_t)(high << 4 | low));
        }
        break;
    }
    case '*':
        r->starred = true;
        break;
    case '~':
        put_char(r, 0xa0);
        break;
    case '_':
        put_char(r, '-');
        break;
    case '\r':
    case '\n':
        put_char(r, '\n');
        break;
    case '\\':
    case '{':
    case '}':
        put_byte(r, symbol);
        break;
    default:
        break;
    }
}

static void take_control(struct rtf *r)
{
    struct rtf_control c;
    rtf_control_read(r->in, &r->pos, &c);
    if (c.word)
        take_word(r, &c);
    else if (c.name.len)
        take_symbol(r, c.name.at[0]);
}

/* --- the whole */

static const bool marks[256] = { ['{'] = true, ['}'] = true, ['\\'] = true, ['\r'] = true, ['\n'] = true };

static void take_run(struct rtf *r)
{
    size_t from = r->pos - 1;
    while (r->pos < r->in.len && !marks[r->in.at[r->pos]])
        r->pos++;
    slice run = slice_sub(r->in, from, r->pos - from);
    if (r->to_skip) {
        size_t n = run.len < r->to_skip ? run.len : r->to_skip;
        r->to_skip -= (unsigned)n;
        run = slice_from(run, n);
    }
    struct rtf_text *t = target(r);
    if (t && run.len)
        rtf_text_raw(t, page_of(r), run);
}

static bool charge(struct rtf *r)
{
    if (r->pos - r->charged < CHARGE)
        return true;
    size_t n = r->pos - r->charged;
    r->charged = r->pos;
    return walk_work(r->w, (uint64_t)n * WORK_PER_SCANNED_BYTE);
}

static bool read_groups(struct rtf *r)
{
    bool inside = false;
    while (r->pos < r->in.len && !(inside && r->depth == 0)) {
        if (!charge(r) || walk_over(r->w))
            return false;
        uint8_t c = r->in.at[r->pos++];
        if (c == '{') {
            r->starred = false;
            r->to_skip = 0;
            if (!push(r))
                return false;
            inside = true;
        } else if (c == '}') {
            if (r->depth)
                pop(r);
        } else if (c == '\\') {
            take_control(r);
        } else if (c != '\r' && c != '\n') {
            take_run(r);
        }
    }
    return true;
}

/* Padding that Word passes over: blanks and zeros between the words, and far more than any writer
 * leaves. Anything else that repeats may belong to an object, and is read. */
static slice without_padding(struct walk *w, const struct body *body)
{
    if (body_left_out(body) < BODY_PADDED)
        return body->all;
    for (size_t i = 0; i < body->n_repeats; i++)
        for (uint64_t at = body->repeats[i].at, n = 0; n < body->repeats[i].window && n < UNIT_LOOK; n++)
            if (!ascii_space(body->all.at[at + n]))
                return body->all;
    return body_gathered(w->mem, body);
}

static void read_overlay(struct rtf *r, const struct body *body)
{
    size_t from = r->pos, len = r->in.len, all = body->all.len;
    while (from < len && ascii_space(r->in.at[from]))
        from++;
    if (body->all.at[all - 1]) /* what was left out is blanks */
        all = len;
    if (all - from >= OVERLAY_TOLD)
        walk_int(r->w, FACT_FILE_OVERLAY, (int64_t)(all - from), (struct range){ from, all });
}

/* The page that was made RTF is a page again: links and scripts count as in one. */
static void give_html(struct rtf *r)
{
    struct walk *w = r->w;
    struct body_writer *bw = body_writer_new(w->mem, r->html.out.len, r->html.out.len);
    if (!bw)
        return;
    (void)body_writer_put(bw, buf_slice(&r->html.out));
    struct body body = body_writer_done(bw);
    struct child child = {
        .declared = SLICE_LIT("text/html; charset=utf-8"),
        .how = w->how,
        .attachment = w->attachment,
        .body = &body,
        .format = format_named("html"),
    };
    (void)walk_child(w, &child);
    body_release(&body);
}

static void emit(struct rtf *r)
{
    struct walk *w = r->w;
    rtf_text_flush(&r->text);
    rtf_text_flush(&r->html);
    if (r->pictures)
        walk_int(w, FACT_OFFICE_IMAGE, r->pictures, NOWHERE);
    if (r->text.out.full || r->html.out.full)
        walk_unread(w, UNREAD_LIMIT, SLICE_LIT("text of the document"));
    slice text = slice_trim(buf_slice(&r->text.out));
    if (text.len)
        plain_view(w, utf8_clean(w->mem, arena_copy(w->mem, text)), NOWHERE);
    if (r->html.out.len)
        give_html(r);
    else if (r->pictures && !plain_is_mail_text(w) && plain_words(text) < FEW_WORDS)
        walk_flag(w, FACT_DOCUMENT_IMAGE_ONLY, NOWHERE);
}

static bool begin(struct rtf *r, struct walk *w, slice in)
{
    *r = (struct rtf){ .w = w, .in = in, .pos = head_of(in) };
    uint16_t *pages = ARENA_ARRAY(w->mem, uint16_t, RTF_FONTS_MAX);
    r->stack = ARENA_ARRAY(w->mem, struct state, STACK_FIRST);
    r->room = r->stack ? STACK_FIRST : 0;
    if (!pages || !r->stack)
        return false;
    r->stack[0] = (struct state){ .dest = RTF_TEXT, .skip = 1 };
    r->text = (struct rtf_text){ .w = w, .out = buf_new(TEXT_MAX), .pending = buf_new(COLLECT_MAX),
                                 .ansi_page = 1252, .page_of_font = pages };
    r->html = r->text;
    r->collect = r->text;
    r->collect.out = buf_new(COLLECT_MAX);
    return true;
}

static enum walk_end rtf_walk(struct walk *w, const struct body *body)
{
    struct rtf r;
    if (!slice_starts_nocase(slice_sub(slice_from(body->all, head_of(body->all)), 0, 4), "{\\rt"))
        return WALK_NOT_MINE;
    if (!begin(&r, w, without_padding(w, body)))
        return WALK_LIMIT;
    bool done = read_groups(&r);
    bool closed = r.depth == 0;
    while (done && r.depth) { /* Word closes what is open */
        end_group(&r, r.in.len);
        r.depth--;
    }
    emit(&r);
    if (closed)
        read_overlay(&r, body);
    struct rtf_text *all[] = { &r.text, &r.html, &r.collect };
    for (size_t i = 0; i < 3; i++) {
        buf_drop(&all[i]->out);
        buf_drop(&all[i]->pending);
    }
    if (!done || walk_over(w))
        return WALK_LIMIT;
    return closed ? WALK_WHOLE : WALK_SHORT;
}

const struct format format_rtf = {
    .name = "rtf",
    .spec = "RTF Specification 1.9.1; [MS-OXRTFEX]; [MS-OLEDS] 2.2",
    .sniff = rtf_sniff,
    .walk = rtf_walk,
};
