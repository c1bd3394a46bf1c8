/* SPDX-License-Identifier: Apache-2.0 */
/* page - see page.h. */
#include "decode/page.h"
#include "base/text.h"
#include "decode/walk_private.h"

static void *room_for(struct arena *mem, void *all, uint32_t n, uint32_t *room, uint32_t max,
                      size_t size)
{
    if (n < *room)
        return all;
    uint32_t more = *room ? *room * 2 : 8;
    if (more > max)
        return NULL;
    void *out = arena_regrow(mem, all, n * size, more, size);
    *room = out ? more : *room;
    return out;
}

void page_add(struct script_page *p, const struct page_script *s)
{
    struct page_script *all = room_for(p->w->mem, p->scripts, p->n_scripts, &p->room_scripts,
                                       PAGE_SCRIPTS_MAX, sizeof *all);
    if (!all || slice_trim(s->code).len == 0)
        return;
    p->scripts = all;
    p->scripts[p->n_scripts++] = *s;
}

void page_add_element(struct script_page *p, const struct page_element *e)
{
    struct page_element *all = room_for(p->w->mem, p->elements, p->n_elements, &p->room_elements,
                                        PAGE_ELEMENTS_MAX, sizeof *all);
    if (!all)
        return;
    p->elements = all;
    p->elements[p->n_elements++] = *e;
}

enum page_language page_language(slice declared, enum page_language fallback)
{
    static const char *const js[] = { "javascript", "jscript", "ecmascript", "livescript",
                                      "module" };
    declared = slice_trim(declared);
    if (declared.len == 0)
        return fallback;
    if (slice_find_nocase(declared, SLICE_LIT("vbs"), 0) != SIZE_MAX)
        return PAGE_VBSCRIPT;
    for (size_t i = 0; i < sizeof js / sizeof js[0]; i++)
        if (slice_find_nocase(declared, slice_of(js[i]), 0) != SIZE_MAX)
            return PAGE_JSCRIPT;
    return PAGE_OTHER;
}

enum page_language page_handler_language(slice *code_io, enum page_language fallback)
{
    static const struct {
        const char *prefix;
        enum page_language language;
    } prefixes[] = { { "vbscript:", PAGE_VBSCRIPT },
                     { "vbs:", PAGE_VBSCRIPT },
                     { "javascript:", PAGE_JSCRIPT },
                     { "jscript:", PAGE_JSCRIPT } };
    slice s = slice_trim(*code_io);
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (slice_starts_nocase(s, prefixes[i].prefix)) {
            *code_io = slice_from(s, slice_of(prefixes[i].prefix).len);
            return prefixes[i].language;
        }
    return fallback;
}

bool page_event_by_itself(slice event)
{
    static const char *const names[] = { "onload",
                                         "onerror",
                                         "onreadystatechange",
                                         "onpageshow",
                                         "ondomcontentloaded",
                                         "onbegin",
                                         "onactivate",
                                         "onfocus",
                                         "ontoggle",
                                         "onresize" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is_nocase(event, names[i]))
            return true;
    return false;
}

void walk_page(struct walk *w, struct script_page *p)
{
    const struct walk_hooks *hooks = w->scan->hooks;
    if (hooks->page && p->n_scripts && !walk_over(w))
        hooks->page(hooks->host, w, p);
}

/* --- elements */

static void read_elements(struct script_page *p)
{
    if (p->read)
        return;
    p->read = true;
    if (p->load)
        p->load(p);
}

const struct page_element *page_at(struct script_page *p, uint32_t index)
{
    read_elements(p);
    return index < p->n_elements ? &p->elements[index] : NULL;
}

const struct page_element *page_find(struct script_page *p, slice id)
{
    const struct page_element *named = NULL;
    read_elements(p);
    if (id.len == 0 || !walk_work(p->w, 4u * p->n_elements))
        return NULL;
    for (uint32_t i = 0; i < p->n_elements; i++) {
        if (slice_eq_nocase(p->elements[i].id, id))
            return &p->elements[i];
        if (!named && slice_eq_nocase(p->elements[i].name, id))
            named = &p->elements[i];
    }
    return named;
}

static bool ends_name(uint8_t c)
{
    return ascii_space(c) || c == '>' || c == '/' || c == '=';
}

bool page_attribute_in(slice in, const char *wanted, slice *out)
{
    size_t at = 0;
    while (at < in.len) {
        if (ascii_space(in.at[at]) || in.at[at] == '/') {
            at++;
            continue;
        }
        size_t from = at++;
        while (at < in.len && !ends_name(in.at[at]))
            at++;
        slice name = slice_sub(in, from, at - from), value = { 0 };
        while (at < in.len && ascii_space(in.at[at]))
            at++;
        if (at < in.len && in.at[at] == '=') {
            for (at++; at < in.len && ascii_space(in.at[at]);)
                at++;
            uint8_t quote = at < in.len ? in.at[at] : 0;
            bool quoted = quote == '"' || quote == '\'';
            from = at + quoted;
            size_t end = quoted ? slice_find_byte(in, quote, from) : from;
            while (!quoted && end < in.len && !ascii_space(in.at[end]) && in.at[end] != '>')
                end++;
            end = end == SIZE_MAX ? in.len : end;
            value = slice_sub(in, from, end - from);
            at = end + (quoted && end < in.len);
        }
        if (slice_is_nocase(name, wanted)) {
            *out = value;
            return true;
        }
    }
    return false;
}

static slice decoded(const struct script_page *p, slice s)
{
    return p->decode ? p->decode(p->w->mem, s) : s;
}

bool page_attribute(const struct script_page *p, const struct page_element *e, const char *name,
                    slice *out)
{
    slice raw;
    if (!page_attribute_in(e->attributes, name, &raw))
        return false;
    *out = decoded(p, raw);
    return true;
}

slice page_text(const struct script_page *p, const struct page_element *e)
{
    slice s = e->inner;
    if (slice_find_byte(s, '<', 0) == SIZE_MAX)
        return decoded(p, s);
    uint8_t *out = arena_get(p->w->mem, s.len, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len;) {
        size_t open = slice_find_byte(s, '<', i),
               close = open == SIZE_MAX ? SIZE_MAX : slice_find_byte(s, '>', open);
        open = close == SIZE_MAX ? s.len : open;
        n += slice_copy_out(slice_sub(s, i, open - i), out + n, s.len - n);
        i = close == SIZE_MAX ? s.len : close + 1;
    }
    return decoded(p, (slice){ out, n });
}
