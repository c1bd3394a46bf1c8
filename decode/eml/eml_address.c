/* SPDX-License-Identifier: Apache-2.0 */
/* Address lists (RFC 5322 3.4, 4.4; RFC 6532): every mailbox there is, one by one.
 *
 * The display name is what a reader is shown, so it is kept as written: quote
 * characters that were escaped, or that stand around a name that is quoted
 * twice (""name"" <a@b>, Emotet 2022-03), stay in it; a comma in an unquoted
 * name joins what no address stands beside. Several <...> in one mailbox are
 * several mailboxes: programs disagree on which one counts. Semicolons separate
 * like commas (Outlook); group names are left out unless they show an address.
 */
#include "base/text.h"
#include "eml_private.h"

enum {
    NAME_MAX = 1024,
    JOINED_MAX = 160, /* names without address, joined by commas */
};

struct eml_addresses eml_address_open(struct walk *w, slice value)
{
    bool unused = false;
    return (struct eml_addresses){ .in = eml_word_raw(w->mem, value, &unused),
                                   .mem = w->mem,
                                   .budget = w->budget };
}

/* Behind the closing quote of the string that begins at `at`; at + 1: never closed. */
static size_t quoted_end(slice s, size_t at, struct eml_open_ends *open)
{
    size_t i = at + 1;
    while (!open->quote && i < s.len && s.at[i] != '"')
        i += s.at[i] == '\\' && s.len - i > 1 ? 2 : 1;
    if (!open->quote && i < s.len)
        return i + 1;
    open->quote = true;
    return at + 1;
}

static size_t comment_end(slice s, size_t at, struct eml_open_ends *open)
{
    size_t depth = 0;
    for (size_t i = at; !open->comment && i < s.len; i++) {
        if (s.at[i] == '\\' && s.len - i > 1)
            i++;
        else if (s.at[i] == '(')
            depth++;
        else if (s.at[i] == ')' && --depth == 0)
            return i + 1;
    }
    open->comment = true;
    return at + 1;
}

/* Behind the quoted string, comment or character at `at`. */
static size_t unit_end(slice s, size_t at, struct eml_open_ends *open)
{
    if (s.at[at] == '"')
        return quoted_end(s, at, open);
    return s.at[at] == '(' ? comment_end(s, at, open) : at + 1;
}

/* --- display names */

struct name {
    uint8_t at[NAME_MAX];
    size_t n;
};

static void name_byte(struct name *name, uint8_t c)
{
    if (name->n < NAME_MAX)
        name->at[name->n++] = c;
}

static void name_quoted(struct name *name, slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '\\' && s.len - i > 1)
            i++;
        name_byte(name, s.at[i]);
    }
}

/* A phrase as it is shown: quotes removed, comments left out. */
static slice phrase_text(struct arena *mem, slice s)
{
    struct name name;
    name.n = 0;
    struct eml_open_ends open = { 0 };
    for (size_t i = 0, end; i < s.len && name.n < NAME_MAX; i = end) {
        end = unit_end(s, i, &open);
        if (end == i + 1) {
            bool blank = ascii_space(s.at[i]);
            if (s.at[i] != '"' && (!blank || (name.n && name.at[name.n - 1] != ' ')))
                name_byte(&name, blank ? ' ' : s.at[i]);
        } else if (end == i + 2 && s.at[i] == '"') {
            name_byte(&name, '"'); /* "" is a quote to the eye */
        } else if (s.at[i] == '"') {
            name_quoted(&name, slice_sub(s, i + 1, end - i - 2));
        }
    }
    slice text = arena_copy(mem, slice_trim(utf8_cut((slice){ name.at, name.n }, NAME_MAX)));
    if (text.len == 1 && text.at[0] == '"')
        text.len = 0; /* "" <a@b>: no name */
    return eml_word_text(mem, text).text;
}

static slice comment_text(struct arena *mem, slice s)
{
    struct eml_open_ends open = { 0 };
    for (size_t at = 0, end; at < s.len; at = end) {
        end = unit_end(s, at, &open);
        if (s.at[at] == '(' && end > at + 1)
            return eml_word_text(mem, slice_trim(slice_sub(s, at + 1, end - at - 2))).text;
    }
    return (slice){ 0 };
}

/* --- addresses */

/* local@Domain with comments and blanks removed, the domain in lower case. */
static void set_address(struct arena *mem, slice spec, struct eml_mailbox *m)
{
    uint8_t *out = arena_get(mem, spec.len, 1);
    struct eml_open_ends open = { 0 };
    size_t n = 0, at_sign = SIZE_MAX;
    for (size_t i = 0, end; out && i < spec.len; i = end) {
        end = unit_end(spec, i, &open);
        bool alone = end == i + 1;
        if (!alone && spec.at[i] == '(')
            continue;
        if (alone && (ascii_space(spec.at[i]) || spec.at[i] == '<' || spec.at[i] == '>'))
            continue;
        if (alone && spec.at[i] == '@')
            at_sign = n;
        for (size_t k = i; k < end; k++)
            out[n++] = spec.at[k];
    }
    slice whole = { out, n };
    size_t first = 0;
    while (first < n && out[first] == ',')
        first++;
    size_t colon = first < n && out[first] == '@' ? slice_find_byte(whole, ':', 0) : SIZE_MAX;
    if (colon != SIZE_MAX && colon < at_sign) { /* obsolete route: <@a,,@b:c@d> */
        whole = slice_from(whole, colon + 1);
        at_sign -= colon + 1;
    }
    m->address = whole;
    if (at_sign == SIZE_MAX)
        return;
    uint8_t *domain = out + (n - whole.len) + at_sign + 1;
    for (size_t i = 0; i < whole.len - at_sign - 1; i++)
        domain[i] = ascii_lower(domain[i]);
    m->domain = slice_from(whole, at_sign + 1);
    if (m->domain.len && m->domain.at[m->domain.len - 1] == '.') {
        m->domain.len--;
        m->address.len--;
    }
}

/* "Tanaka" + "Taro": the comma was part of the name. */
static slice with_pending(struct eml_addresses *a, slice name)
{
    slice before = a->pending_name;
    a->pending_name = (slice){ 0 };
    if (before.len == 0)
        return name;
    if (name.len == 0)
        return before;
    if (before.len > JOINED_MAX)
        return name;
    uint8_t *out = arena_get(a->mem, before.len + 2 + name.len, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < before.len; i++)
        out[n++] = before.at[i];
    if (out) {
        out[n++] = ',';
        out[n++] = ' ';
    }
    for (size_t i = 0; out && i < name.len; i++)
        out[n++] = name.at[i];
    return (slice){ out, n };
}

/* The end of <...>: at '>', else where the mailbox ends. */
static size_t angle_end(slice s, size_t at, struct eml_open_ends *open)
{
    size_t i = at + 1;
    while (i < s.len && s.at[i] != '>' && s.at[i] != '<')
        i = s.at[i] == '"' ? quoted_end(s, i, open) : i + 1;
    return i;
}

/* Where the phrase that begins at `from` ends: at < , ; or the end. A group's
 * name ends at its colon. */
static size_t phrase_end(slice s, size_t *from, bool *has_at, struct eml_open_ends *open)
{
    size_t i = *from;
    *has_at = false;
    while (i < s.len) {
        uint8_t c = s.at[i];
        if (c == '<' || c == ',' || c == ';')
            break;
        if (c == ':' && !*has_at)
            *from = i + 1;
        *has_at |= c == '@';
        i = unit_end(s, i, open);
    }
    return i;
}

static void take_angle(struct eml_addresses *a, slice phrase, size_t at, struct eml_mailbox *out)
{
    struct eml_open_ends *open = &a->open;
    size_t end = angle_end(a->in, at, open);
    set_address(a->mem, slice_sub(a->in, at + 1, end - at - 1), out);
    out->name = with_pending(a, phrase_text(a->mem, phrase));
    if (out->name.len == 0)
        out->name = comment_text(a->mem, phrase);
    a->pos = end < a->in.len && a->in.at[end] == '>' ? end + 1 : end;
    /* what follows up to the next separator is decoration, or the name of another <...> */
    for (size_t i = a->pos; i < a->in.len; i = unit_end(a->in, i, open)) {
        uint8_t c = a->in.at[i];
        if (c == '<')
            return;
        if (c == ',' || c == ';') {
            a->pos = i + 1;
            return;
        }
    }
    a->pos = a->in.len;
}

bool eml_address_next(struct eml_addresses *a, struct eml_mailbox *out)
{
    while (a->pos < a->in.len && budget_spend(a->budget, BUDGET_ENTRIES, 1) &&
           !arena_full(a->mem)) {
        bool has_at;
        size_t from = a->pos, end = phrase_end(a->in, &from, &has_at, &a->open);
        slice phrase = slice_trim(slice_sub(a->in, from, end - from));
        slice group = slice_sub(a->in, a->pos, from - a->pos); /* with its colon, or empty */
        if (slice_find_byte(group, '@', 0) != SIZE_MAX)
            a->pending_name = with_pending(a, phrase_text(a->mem, slice_sub(group, 0, group.len - 1)));
        *out = (struct eml_mailbox){ 0 };
        if (end < a->in.len && a->in.at[end] == '<') {
            take_angle(a, phrase, end, out);
            if (out->address.len || out->name.len)
                return true;
            continue;
        }
        a->pos = end < a->in.len ? end + 1 : end;
        if (phrase.len == 0)
            continue;
        if (has_at) {
            set_address(a->mem, phrase, out);
            out->name = with_pending(a, comment_text(a->mem, phrase));
            return true;
        }
        slice name = phrase_text(a->mem, phrase);
        a->pending_name = with_pending(a, name);
    }
    if (a->pending_name.len == 0)
        return false;
    *out = (struct eml_mailbox){ .name = a->pending_name };
    a->pending_name = (slice){ 0 };
    return true;
}
