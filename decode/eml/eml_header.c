/* SPDX-License-Identifier: Apache-2.0 */
/* Header blocks (RFC 5322 2.2, 3.6; obsolete syntax 4.5), as mail programs read them.
 *
 * Lines end in LF, CR LF, any number of CR before LF, or a lone CR. A line of
 * blanks, or a line that is no field, ends the block only when no well-known
 * field follows: programs differ here, and the longer reading holds both.
 * Fields that nothing asks for are counted and not kept.
 */
#include "base/text.h"
#include "eml_private.h"

enum {
    FIELDS_FIRST = 16,
    LOOK_AHEAD = 64, /* lines that are no field, inside a block */
    LOOK_FIRST = 4,  /* the same before any field */
    FOLDS_AHEAD = 8, /* continuation lines behind a line of blanks */
    NAME_MAX = 256,
};

static const struct {
    slice name;
    enum eml_name id;
} names[] = {
    { SLICE_INIT("From"), EML_FROM },
    { SLICE_INIT("Sender"), EML_SENDER },
    { SLICE_INIT("Reply-To"), EML_REPLY_TO },
    { SLICE_INIT("Return-Path"), EML_RETURN_PATH },
    { SLICE_INIT("To"), EML_TO },
    { SLICE_INIT("Cc"), EML_CC },
    { SLICE_INIT("Subject"), EML_SUBJECT },
    { SLICE_INIT("Date"), EML_DATE },
    { SLICE_INIT("Message-ID"), EML_MESSAGE_ID },
    { SLICE_INIT("In-Reply-To"), EML_IN_REPLY_TO },
    { SLICE_INIT("References"), EML_REFERENCES },
    { SLICE_INIT("Received"), EML_RECEIVED },
    { SLICE_INIT("X-Mailer"), EML_X_MAILER },
    { SLICE_INIT("User-Agent"), EML_USER_AGENT },
    { SLICE_INIT("List-Id"), EML_LIST_ID },
    { SLICE_INIT("Authentication-Results"), EML_AUTH_RESULTS },
    { SLICE_INIT("MIME-Version"), EML_MIME_VERSION },
    { SLICE_INIT("Content-Type"), EML_CONTENT_TYPE },
    { SLICE_INIT("Content-Transfer-Encoding"), EML_CONTENT_ENCODING },
    { SLICE_INIT("Content-Disposition"), EML_CONTENT_DISPOSITION },
    { SLICE_INIT("Delivered-To"), EML_DELIVERED_TO },
};

enum eml_name eml_header_name(slice name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (name.len == names[i].name.len && slice_eq_nocase(name, names[i].name))
            return names[i].id;
    if (slice_starts_nocase(name, "Content-"))
        return EML_CONTENT_OTHER;
    if (name.len > 2 && slice_starts_nocase(name, "X-"))
        return EML_X;
    return EML_OTHER;
}

size_t eml_header_field(slice line)
{
    size_t n = 0, end;
    while (n < line.len && n < NAME_MAX &&
           ((line.at[n] > ' ' && line.at[n] < 0x7f && line.at[n] != ':') || line.at[n] == 0))
        n++;
    end = n;
    while (end < line.len && end - n < 8 && (line.at[end] == ' ' || line.at[end] == '\t'))
        end++;
    if (n == 0 || end >= line.len || line.at[end] != ':')
        return 0;
    bool url = line.len - end > 2 && line.at[end + 1] == '/' && line.at[end + 2] == '/';
    return url ? 0 : n;
}

/* --- lines */

struct eml_lines eml_lines_of(slice in, size_t from, size_t to)
{
    return (struct eml_lines){ .in = in, .pos = from, .to = to < in.len ? to : in.len };
}

bool eml_lines_next(struct eml_lines *l, struct eml_line *out)
{
    if (l->pos >= l->to)
        return false;
    slice in = slice_sub(l->in, 0, l->to);
    if (l->lf <= l->pos) { /* holds the LF's position plus one */
        size_t lf = slice_find_byte(in, '\n', l->pos);
        l->lf = lf == SIZE_MAX ? l->to + 1 : lf + 1;
    }
    size_t lf = l->lf - 1; /* l->to when there is none */
    size_t cr = slice_find_byte(slice_sub(in, 0, lf), '\r', l->pos);
    *out = (struct eml_line){ .at = l->pos, .end = lf, .next = lf < l->to ? lf + 1 : l->to };
    if (cr != SIZE_MAX) {
        size_t run = cr;
        if (cr >= l->lone) {
            while (run < lf && in.at[run] == '\r')
                run++;
            if (run < lf || (lf == l->to && run > cr + 1))
                l->lone = run;
        }
        out->end = cr;
        out->lone_cr = cr < l->lone;
        if (out->lone_cr)
            out->next = cr + 1;
    }
    l->pos = out->next;
    return true;
}

/* --- the block */

static void keep(struct walk *w, struct eml_header *h, struct eml_field f)
{
    if (h->n == h->room) {
        size_t room = h->room ? h->room * 2 : FIELDS_FIRST;
        struct eml_field *bigger =
            arena_regrow(w->mem, h->fields, h->n * sizeof *bigger, room, sizeof *bigger);
        if (!bigger) {
            h->limit = true;
            return;
        }
        h->fields = bigger;
        h->room = room;
    }
    h->fields[h->n++] = f;
}

static slice without_nul(struct arena *mem, slice s)
{
    if (slice_find_byte(s, 0, 0) == SIZE_MAX)
        return s;
    uint8_t *out = arena_get(mem, s.len, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++)
        if (s.at[i])
            out[n++] = s.at[i];
    return (slice){ out, n };
}

static slice line_text(slice in, const struct eml_line *l)
{
    return slice_sub(in, l->at, l->end - l->at);
}

static bool blank(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != ' ' && s.at[i] != '\t')
            return false;
    return true;
}

/* The offset of a field that matters, at most `max` lines on and before the
 * next blank line or boundary; 0: none. */
static size_t field_ahead(struct eml_lines lines, bool contents_only, int max)
{
    struct eml_line l;
    for (int i = 0; i < max && eml_lines_next(&lines, &l); i++) {
        slice s = line_text(lines.in, &l);
        size_t n = eml_header_field(s);
        if (s.len == 0 || slice_starts(s, SLICE_LIT("--")))
            return 0;
        if (n == 0)
            continue;
        enum eml_name id = eml_header_name(slice_sub(s, 0, n));
        if (id >= EML_CONTENT_TYPE && id <= EML_CONTENT_OTHER)
            return l.at;
        if (!contents_only && id != EML_OTHER && id != EML_X)
            return l.at;
    }
    return 0;
}

struct block {
    struct walk *w;
    struct eml_header *h;
    struct eml_lines lines;
    struct eml_field open; /* grows by continuation lines */
    bool is_open, after_lone_cr;
    size_t ahead; /* up to here all lines are of the block */
};

static void close_field(struct block *b)
{
    if (b->is_open && b->open.id != EML_OTHER && b->open.id != EML_X)
        keep(b->w, b->h, b->open);
    b->is_open = false;
}

static bool open_field(struct block *b, const struct eml_line *l, slice s, size_t n)
{
    close_field(b);
    slice name = without_nul(b->w->mem, slice_sub(s, 0, n));
    size_t colon = slice_find_byte(s, ':', n);
    b->open = (struct eml_field){ eml_header_name(name), slice_from(s, colon + 1), l->at };
    b->is_open = true;
    b->h->count++;
    if (b->open.id >= EML_CONTENT_TYPE && b->open.id <= EML_CONTENT_OTHER)
        b->h->contents++;
    if (!budget_spend(b->w->budget, BUDGET_ENTRIES, 1))
        b->h->limit = true;
    return !b->h->limit;
}

static void continue_field(struct block *b, const struct eml_line *l)
{
    if (b->is_open)
        b->open.raw.len = (size_t)(b->lines.in.at + l->end - b->open.raw.at);
}

/* Is what follows a line of blanks of the block still: its end, or a field, at once or behind
 * lines that continue this one (RFC 5322 4.2, obs-FWS)? */
static bool block_goes_on(const struct block *b)
{
    struct eml_lines lines = b->lines;
    for (int i = 0; i < FOLDS_AHEAD; i++) {
        struct eml_lines here = lines;
        struct eml_line l;
        if (!eml_lines_next(&lines, &l) || l.end == l.at)
            return i == 0;
        uint8_t c = lines.in.at[l.at];
        if (c != ' ' && c != '\t')
            return field_ahead(here, b->h->contents > 0, 1);
    }
    return false;
}

/* A line of blanks: a fold to some, the end of the block to others. */
static bool take_blanks(struct block *b, const struct eml_line *l)
{
    b->h->spaces = true;
    if (block_goes_on(b))
        return true;
    b->h->ended = true;
    b->h->body = l->next;
    return false;
}

/* A line that is no field, in the middle of the block or before it. */
static bool take_foreign(struct block *b, const struct eml_line *l, slice s)
{
    struct eml_header *h = b->h;
    if (h->count == 0 &&
        (slice_starts(s, SLICE_LIT("From ")) || slice_starts(s, SLICE_LIT(">From "))))
        return true;
    if (l->at >= b->ahead)
        b->ahead = field_ahead(b->lines, h->contents > 0 || h->count == 0,
                               h->count ? LOOK_AHEAD : LOOK_FIRST);
    if (l->at < b->ahead)
        return true;
    h->body = l->at;
    return false;
}

/* True: the line belongs to the block. */
static bool take_line(struct block *b, const struct eml_line *l)
{
    struct eml_header *h = b->h;
    slice s = line_text(b->lines.in, l);
    if (l->end - l->at > h->longest)
        h->longest = l->end - l->at;
    if (s.at[0] == ' ' || s.at[0] == '\t') {
        if (blank(s))
            return take_blanks(b, l);
        continue_field(b, l);
        return true;
    }
    size_t n = eml_header_field(s);
    if (n)
        return open_field(b, l, s, n);
    if (b->after_lone_cr) { /* a CR inside a value */
        continue_field(b, l);
        return true;
    }
    return take_foreign(b, l, s);
}

void eml_header_read(struct walk *w, slice in, size_t from, size_t to, struct eml_header *out)
{
    *out = (struct eml_header){ .body = to };
    struct block b = { .w = w, .h = out, .lines = eml_lines_of(in, from, to) };
    struct eml_line l;
    while (eml_lines_next(&b.lines, &l)) {
        if (l.end == l.at) {
            out->ended = true;
            out->body = l.next;
            break;
        }
        if (!take_line(&b, &l))
            break;
        out->lone_cr |= l.lone_cr;
        b.after_lone_cr = l.lone_cr;
    }
    close_field(&b);
    if (out->limit)
        out->body = to;
    out->nul = slice_find_byte(slice_sub(in, from, out->body - from), 0, 0) != SIZE_MAX;
    if (!walk_work(w, (out->body - from) * WORK_PER_SCANNED_BYTE))
        out->limit = true;
}

slice eml_header_text(struct arena *mem, const struct eml_field *f)
{
    slice s = slice_trim(f->raw);
    size_t i = 0;
    while (i < s.len && s.at[i] != '\r' && s.at[i] != '\n' && s.at[i] != 0)
        i++;
    if (i == s.len)
        return s;
    uint8_t *out = arena_get(mem, s.len, 1);
    size_t n = 0;
    for (i = 0; out && i < s.len; i++) {
        uint8_t c = s.at[i];
        bool folded = i + 1 < s.len && (s.at[i + 1] == '\n' || s.at[i + 1] == '\r' ||
                                        s.at[i + 1] == ' ' || s.at[i + 1] == '\t');
        if (c == 0 || c == '\n' || (c == '\r' && folded))
            continue;
        out[n++] = c == '\r' ? ' ' : c;
    }
    return (slice){ out, n };
}
