/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_sheet - text and states of workbooks (ECMA-376 part 1, 18; [MS-XLSB] 2.1).
 *
 * Shared and inline strings, sheet names and states, defined names, DDE links, HYPERLINK and CALL
 * formulas. Left out: numbers, other formulas, phonetic readings.
 */
#include "base/cursor.h"
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/links.h"
#include "decode/ooxml/ooxml_private.h"

enum {
    NAME_MAX_BYTES = 256,
    HYPERLINKS = 512,
    CALLS = 16,
    FORMULA_SHOWN = 1024,
    LIST_MAX = 1 << 16,
    FORMULA_MAX = 256 << 10,
    SHEETS_LOOKED = 1024,
};

/* --- strings */

struct strings {
    struct package *p;
    bool in_text, in_phonetic;
    slice cell;  /* that a comment belongs to; in the arena */
    size_t from; /* where its text begins */
};

static void strings_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct strings *s = host;
    (void)at;
    name = xml_local(name);
    if (s->p->macros && (slice_is(name, "comment") || slice_is(name, "threadedComment"))) {
        s->cell = arena_copy(s->p->w->mem, slice_sub(xml_get(a, n, "ref"), 0, 16));
        s->from = s->p->text.len;
    }
    if (slice_is(name, "t") || slice_is(name, "text"))
        s->in_text = !s->in_phonetic;
    else if (slice_is(name, "rPh"))
        s->in_phonetic = true;
}

static void strings_close(void *host, slice name, size_t at)
{
    struct strings *s = host;
    (void)at;
    name = xml_local(name);
    if (slice_is(name, "t") || slice_is(name, "text")) {
        s->in_text = false;
    } else if (slice_is(name, "rPh")) {
        s->in_phonetic = false;
    } else if (slice_is(name, "si") || slice_is(name, "is") || slice_is(name, "comment") ||
               slice_is(name, "threadedComment")) {
        s->in_phonetic = false;
        if (s->cell.len)
            hidden_text(s->p->w, HIDDEN_COMMENT, (slice){ 0 }, s->cell, (slice){ 0 }, slice_from(buf_slice(&s->p->text), s->from));
        s->cell = (slice){ 0 };
        ooxml_line(s->p);
    }
}

static void strings_text(void *host, slice text, size_t at)
{
    struct strings *s = host;
    (void)at;
    if (s->in_text)
        buf_put(&s->p->text, text);
}

void ooxml_read_strings(struct package *p, size_t entry)
{
    struct strings s = { .p = p };
    const struct xml_handler handler = {
        .host = &s, .open = strings_open, .close = strings_close, .text = strings_text
    };
    ooxml_line(p);
    ooxml_read(p, entry, &handler);
    ooxml_line(p);
}

/* --- sheets: most hold numbers only, so they are searched before they are parsed */

/* Where `word` stands at or after `from`, SIZE_MAX: nowhere. Sheets are megabytes of digits: its
 * byte `rare`, which they hardly have, is looked for, many times faster than the word. */
static size_t find_word(slice s, slice word, size_t rare, size_t from)
{
    for (size_t at = from + rare; (at = slice_find_byte(s, word.at[rare], at)) != SIZE_MAX; at++)
        if (slice_starts(slice_from(s, at - rare), word))
            return at - rare;
    return SIZE_MAX;
}

/* The first argument of HYPERLINK( in a formula, quoted in XML or not. */
static void hyperlinks(struct package *p, slice all)
{
    static const slice word = SLICE_INIT("HYPERLINK(");
    size_t at = 0;
    for (int n = 0; n < HYPERLINKS && (at = find_word(all, word, 9, at)) != SIZE_MAX; n++) {
        at += word.len;
        slice rest = slice_sub(all, at, 4096);
        bool escaped = slice_starts(rest, SLICE_LIT("&quot;"));
        if (!escaped && !slice_starts(rest, SLICE_LIT("\"")))
            continue;
        rest = slice_from(rest, escaped ? 6 : 1);
        size_t end = slice_find(rest, escaped ? SLICE_LIT("&quot;") : SLICE_LIT("\""), 0);
        if (end != SIZE_MAX)
            walk_link(p->w, slice_sub(rest, 0, end), (slice){ 0 }, NOWHERE, "office.formula");
    }
}

/* CALL is the one function of ordinary sheets that reaches a library. */
static void calls(struct package *p, slice all)
{
    size_t at = 0;
    for (int n = 0; n < CALLS && (at = find_word(all, SLICE_LIT("CALL("), 4, at)) != SIZE_MAX; n++) {
        size_t from = at, floor = at > FORMULA_SHOWN ? at - FORMULA_SHOWN : 0;
        while (from > floor && all.at[from - 1] != '>' && all.at[from - 1] != '<')
            from--;
        slice rest = slice_sub(all, from, FORMULA_SHOWN);
        slice formula = slice_sub(rest, 0, slice_find_byte(rest, '<', 0));
        if (from > 1 && all.at[from - 1] == '>' && xlm_calls_outside(formula))
            walk_text(p->w, FACT_OFFICE_FORMULA, formula, NOWHERE);
        at += 5;
    }
}

void ooxml_read_sheet(struct package *p, size_t entry)
{
    struct body body;
    if (!ooxml_open(p, entry, &body))
        return;
    slice all = body.all;
    if (body.stored)
        all = slice_sub(all, 0,
                        body.n_stored ? (size_t)(body.stored[body.n_stored - 1].at +
                                                 body.stored[body.n_stored - 1].len)
                                      : 0);
    p->sheet_bytes += all.len;
    if (walk_work(p->w, all.len / 4)) {
        hyperlinks(p, all);
        calls(p, all);
        ooxml_name_sheet_controls(p, entry, all);
        if (find_word(all, SLICE_LIT("inlineStr"), 6, 0) != SIZE_MAX ||
            slice_starts(all, SLICE_LIT("\xff\xfe"))) {
            struct strings s = { .p = p };
            const struct xml_handler handler = {
                .host = &s, .open = strings_open, .close = strings_close, .text = strings_text
            };
            if (xml_read(all, &handler, p->w->mem, p->w->budget) == XML_LIMIT)
                walk_unread_of(p->w, UNREAD_LIMIT, UNREAD_OF_MEMBER, p->b->entries[entry].name);
        }
    }
    body_release(&body);
}

/* --- the workbook */

void *ooxml_list_add(struct package *p, void **list, size_t *n, size_t *room, size_t size)
{
    if (*n == *room) {
        size_t more = *room ? *room * 2 : 16;
        void *bigger = more <= LIST_MAX ? arena_regrow(p->w->mem, *list, *n * size, more, size) : NULL;
        if (!bigger)
            return NULL;
        *list = bigger;
        *room = more;
    }
    return (uint8_t *)*list + size * (*n)++;
}

struct workbook {
    struct package *p;
    struct book_name *name; /* whose formula comes */
    struct buf text;
};

static void sheet_element(struct package *p, const struct xml_attribute *a, size_t n)
{
    slice state = xml_get(a, n, "state");
    struct book_sheet *s =
        ooxml_list_add(p, (void **)&p->sheets, &p->n_sheets, &p->room_sheets, sizeof *s);
    if (!s)
        return;
    *s = (struct book_sheet){
        .name = arena_copy(p->w->mem, utf8_cut(xml_get(a, n, "name"), NAME_MAX_BYTES)),
        .id = arena_copy(p->w->mem, slice_sub(xml_get(a, n, "id"), 0, NAME_MAX_BYTES)),
        .entry = SIZE_MAX,
        .state = slice_is_nocase(state, "veryHidden") ? XLM_VERY_HIDDEN
                 : slice_is_nocase(state, "hidden")   ? XLM_HIDDEN
                                                      : XLM_VISIBLE,
    };
}

static bool is_true(slice s)
{
    return slice_is(s, "1") || slice_is_nocase(s, "true");
}

static void workbook_open(void *host, slice name, const struct xml_attribute *a, size_t n,
                          size_t at)
{
    struct workbook *b = host;
    struct package *p = b->p;
    (void)at;
    name = xml_local(name);
    b->name = NULL;
    if (slice_is(name, "sheet")) {
        sheet_element(p, a, n);
    } else if (slice_is(name, "absPath")) {
        if (p->names++ < SAY_MAX)
            walk_text(p->w, FACT_OFFICE_PATH, slice_sub(xml_get(a, n, "url"), 0, 1024), NOWHERE);
    } else if (slice_is(name, "definedName")) {
        b->name = ooxml_list_add(p, (void **)&p->defined, &p->n_defined, &p->room_defined,
                                 sizeof *b->name);
        buf_clear(&b->text);
        if (b->name)
            *b->name = (struct book_name){
                .name = arena_copy(p->w->mem, utf8_cut(slice_trim(xml_get(a, n, "name")), NAME_MAX_BYTES)),
                .hidden = is_true(xml_get(a, n, "hidden")),
            };
    }
}

static void workbook_text(void *host, slice text, size_t at)
{
    struct workbook *b = host;
    (void)at;
    for (size_t i = 0; b->name && i < text.len; i++)
        buf_byte(&b->text, text.at[i] < ' ' ? ' ' : text.at[i]);
}

static void workbook_close(void *host, slice name, size_t at)
{
    struct workbook *b = host;
    (void)name, (void)at;
    if (b->name)
        b->name->formula = arena_copy(b->p->w->mem, buf_slice(&b->text));
    b->name = NULL;
}

void ooxml_read_workbook(struct package *p, size_t entry)
{
    struct workbook b = { .p = p, .text = buf_new(FORMULA_MAX) };
    const struct xml_handler handler = {
        .host = &b, .open = workbook_open, .close = workbook_close, .text = workbook_text
    };
    ooxml_read(p, entry, &handler);
    buf_drop(&b.text);
}

const struct book_sheet *ooxml_sheet_of(const struct package *p, size_t entry)
{
    for (size_t i = 0; i < p->n_sheets && i < SHEETS_LOOKED; i++)
        if (p->sheets[i].entry == entry)
            return &p->sheets[i];
    return NULL;
}

static void name_text(struct package *p, struct formula_scratch *s, const struct book_name *n,
                      struct buf *out)
{
    if (n->code.len == 0) {
        buf_put(out, n->formula);
        return;
    }
    struct formula f = {
        .kind = FORMULA_BIFF12, .code = n->code, .extra = n->extra, .mem = p->w->mem, .book = &p->book
    };
    (void)formula_text(s, &f, out);
}

/* A name that starts something, one that is hidden, one that holds a text. */
static bool is_worth_text(const struct book_name *n)
{
    return xlm_is_auto_name(n->name) || n->hidden ||
           (n->code.len ? n->code.at[0] == 0x17 : slice_starts(n->formula, SLICE_LIT("\"")));
}

void ooxml_settle_book(struct package *p)
{
    struct formula_scratch scratch = { .mem = p->w->mem };
    if (p->settled)
        return;
    p->settled = p->n_sheets + p->n_defined > 0;
    for (size_t i = 0; i < p->n_sheets; i++) {
        struct book_sheet *s = &p->sheets[i];
        for (size_t r = 0; r < p->n_related && r < SHEETS_LOOKED && i < SHEETS_LOOKED; r++)
            if (s->entry == SIZE_MAX && slice_eq(p->related[r].id, s->id))
                s->entry = p->related[r].entry;
        xlm_say_sheet(p->w, s->name, (enum xlm_state)s->state, &p->hidden);
    }
    for (size_t i = 0; i < p->n_defined && !walk_over(p->w); i++) {
        if (!is_worth_text(&p->defined[i]))
            continue;
        struct buf b = buf_new(FORMULA_MAX);
        name_text(p, &scratch, &p->defined[i], &b);
        xlm_say_name(p->w, p->defined[i].name, p->defined[i].hidden, buf_slice(&b), &p->names);
        buf_drop(&b);
    }
}

void ooxml_give_names(struct package *p, struct xlm *m)
{
    struct formula_scratch scratch = { .mem = p->w->mem };
    for (size_t i = 0; i < p->n_defined && !walk_over(p->w); i++) {
        struct buf b = buf_new(FORMULA_MAX);
        name_text(p, &scratch, &p->defined[i], &b);
        xlm_name(m, p->defined[i].name, p->defined[i].hidden, buf_slice(&b));
        buf_drop(&b);
    }
}

static void link_open(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct package *p = host;
    (void)at;
    if (!slice_is(xml_local(name), "ddeLink") || p->fields++ >= SAY_MAX)
        return;
    struct buf b = buf_new(4096);
    buf_put(&b, slice_sub(xml_get(a, n, "ddeService"), 0, 1000));
    buf_byte(&b, '|');
    buf_put(&b, slice_sub(xml_get(a, n, "ddeTopic"), 0, 1000));
    walk_text(p->w, FACT_OFFICE_FIELD_DDE, buf_slice(&b), NOWHERE);
    buf_drop(&b);
}

void ooxml_read_external_link(struct package *p, size_t entry)
{
    const struct xml_handler handler = { .host = p, .open = link_open };
    ooxml_read(p, entry, &handler);
}
