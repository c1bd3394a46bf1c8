/* SPDX-License-Identifier: Apache-2.0 */
/* html_page - the scripts of the page as one program, and its elements (decode/page.h).
 *
 * A handler in an attribute is in the language it names, else in that of the first script, as in
 * Internet Explorer. Elements are read by a second pass, which only pages pay whose scripts ask
 * for one; an end tag that is missing ends with its parent. */
#include "base/text.h"
#include "decode/html/html_private.h"

enum { OPEN_MAX = 128, WORK_CHUNK = 4096 };

static uint32_t line_at(struct html_page *p, slice text, size_t at)
{
    if (text.at != p->text.at) /* declared markup has no lines of its own */
        return p->line;
    for (; p->counted < at && p->counted < text.len; p->counted++)
        p->line += text.at[p->counted] == '\n';
    return p->line;
}

static slice attributes_of(slice text, const struct html_token *t)
{
    return slice_sub(text, t->at + 1 + t->whole.len, t->end - t->at - 1 - t->whole.len);
}

static enum page_language language_of(const struct html_page *p)
{
    return p->program.n_scripts ? p->program.scripts[0].language : PAGE_JSCRIPT;
}

/* `language` counts where `type` is missing or empty (WHATWG HTML 4.12.1.1). */
void html_page_script(struct html_page *p, slice text, const struct html_token *t, slice code,
                      struct range at, bool exact)
{
    slice all = attributes_of(text, t), language = html_value(t, ATTR_TYPE), event = { 0 },
          of = { 0 };
    if (slice_trim(language).len == 0)
        (void)page_attribute_in(all, "language", &language);
    struct page_script s = { .code = code, .at = at, .exact = exact };
    s.language = page_language(language, language_of(p));
    s.line = line_at(p, text, t->end);
    (void)page_attribute_in(all, "for", &of);
    if (page_attribute_in(all, "event", &event) && of.len) {
        s.event = slice_trim(slice_sub(event, 0, slice_find_byte(event, '(', 0)));
        s.of = slice_trim(of);
        s.when = page_event_by_itself(s.event) ? PAGE_LOAD : PAGE_LATER;
    }
    page_add(&p->program, &s);
}

void html_page_handler(struct html_page *p, slice text, const struct html_token *t, slice event,
                       slice code, struct range at)
{
    struct page_script s = {
        .code = code, .event = event, .at = at, .line = line_at(p, text, t->at)
    };
    s.when = page_event_by_itself(event) ? PAGE_LOAD : PAGE_LATER;
    s.language = page_handler_language(&s.code, language_of(p));
    (void)page_attribute_in(attributes_of(text, t), "id", &s.of);
    page_add(&p->program, &s);
}

void html_page_url(struct html_page *p, slice url, bool by_itself, struct range at)
{
    struct page_script s = { .code = url, .event = SLICE_LIT("href"), .at = at, .line = p->line };
    s.when = by_itself ? PAGE_LOAD : PAGE_LATER;
    s.language = page_handler_language(&s.code, PAGE_JSCRIPT);
    page_add(&p->program, &s);
}

/* --- elements */

struct open {
    uint32_t element;
    uint64_t name;
    size_t from;
};

static void close_at(struct script_page *p, slice text, const struct open *o, size_t to)
{
    if (o->element < p->n_elements)
        p->elements[o->element].inner = slice_sub(text, o->from, to - o->from);
}

static void load(struct script_page *p)
{
    const struct html_page *host = p->host;
    struct open open[OPEN_MAX];
    unsigned n_open = 0;
    struct html_tokens tokens = { .in = host->text };
    struct html_token t;
    for (unsigned n = 1; html_next(&tokens, &t); n++) {
        if (n % WORK_CHUNK == 0 && !walk_work(p->w, WORK_CHUNK * 20))
            return;
        if (t.kind == HTML_CLOSE) {
            unsigned k = n_open;
            while (k > 0 && open[k - 1].name != t.name)
                k--;
            for (; k > 0 && n_open >= k; n_open--)
                close_at(p, host->text, &open[n_open - 1], t.at);
        } else if (t.kind == HTML_OPEN) {
            slice all = attributes_of(host->text, &t);
            struct page_element e = { .tag = t.whole, .attributes = all, .at = { t.at, t.end } };
            (void)page_attribute_in(all, "id", &e.id);
            (void)page_attribute_in(all, "name", &e.name);
            e.inner = t.text;
            page_add_element(p, &e);
            bool holds = t.tag != TAG_VOID && t.tag != TAG_BR && t.tag != TAG_IMG &&
                         t.tag != TAG_INPUT && t.tag != TAG_META && t.text.len == 0;
            if (holds && n_open < OPEN_MAX)
                open[n_open++] = (struct open){ p->n_elements - 1, t.name, t.end };
        }
    }
    for (; n_open > 0; n_open--)
        close_at(p, host->text, &open[n_open - 1], host->text.len);
}

void html_page_begin(struct html_page *p, struct walk *w, slice text)
{
    *p = (struct html_page){ .program = { .w = w, .load = load, .decode = html_decode, .host = p },
                             .text = text,
                             .line = 1 };
}

void html_page_end(struct html_page *p)
{
    walk_page(p->program.w, &p->program);
}
