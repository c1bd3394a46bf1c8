/* SPDX-License-Identifier: Apache-2.0 */
/* Multiparts (RFC 2046 5.1): boundaries, in every reading.
 *
 * All lines that begin with "--" are indexed in one pass over the mail; each
 * level then looks only at those in its range, so that many parts, deep nesting
 * and long boundaries stay linear. An outer boundary ends what is inside it.
 *
 * Several boundaries (duplicate headers or parameters, comments, quotes) that
 * really occur are walked each. A boundary that does not occur is looked for as
 * the beginning of a line, as RFC 2046 allows, and is guessed at last. Parts
 * behind the closing line, and files in preamble and epilogue, are walked.
 */
#include "base/text.h"
#include "eml_private.h"

enum { DASHES_FIRST = 64 };

enum line_kind { LINE_OTHER, LINE_PART, LINE_CLOSE };

/* --- the index */

static bool add_dash(struct eml *e, size_t *room, size_t at, size_t end)
{
    if (!budget_spend(e->w->budget, BUDGET_ENTRIES, 1))
        return false;
    if (e->n_dashes == *room) {
        size_t more = *room ? *room * 2 : DASHES_FIRST;
        struct eml_dash *bigger =
            arena_regrow(e->w->mem, e->dashes, e->n_dashes * sizeof *bigger, more, sizeof *bigger);
        if (!bigger)
            return false;
        e->dashes = bigger;
        *room = more;
    }
    e->dashes[e->n_dashes++] = (struct eml_dash){ at, end };
    return true;
}

/* At most half of the entries left go into the index: the rest is for what it finds. */
static void index_dashes(struct eml *e)
{
    size_t room = 0, at = 0;
    slice in = e->in;
    if (e->indexed || !walk_work(e->w, in.len / 4))
        return;
    uint64_t reserve = e->w->budget->left[BUDGET_ENTRIES] / 2;
    e->indexed = true;
    while ((at = slice_find_byte(in, '-', at)) != SIZE_MAX) {
        bool starts = at == 0 || in.at[at - 1] == '\n' || in.at[at - 1] == '\r';
        if (starts && in.len - at > 2 && in.at[at + 1] == '-') {
            size_t end = at + 2;
            while (end < in.len && in.at[end] != '\n' && in.at[end] != '\r')
                end++;
            if (e->w->budget->left[BUDGET_ENTRIES] <= reserve || !add_dash(e, &room, at, end)) {
                walk_unread_of(e->w, UNREAD_LIMIT, UNREAD_OF_ENTRIES, (slice){ 0 });
                e->limited = true;
                return;
            }
            at = end;
        }
        while (at < in.len && in.at[at] == '-')
            at++;
    }
}

/* The first indexed line at or after `from`. */
static size_t dash_from(const struct eml *e, size_t from)
{
    size_t low = 0, high = e->n_dashes;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (e->dashes[mid].at < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static slice dash_text(const struct eml *e, const struct eml_dash *d)
{
    slice s = slice_sub(e->in, d->at + 2, d->end - d->at - 2);
    while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t' || s.at[s.len - 1] == 0))
        s.len--;
    return s;
}

static size_t behind_line(const struct eml *e, size_t end)
{
    size_t i = end;
    while (i < e->in.len && e->in.at[i] == '\r')
        i++;
    if (i < e->in.len && e->in.at[i] == '\n')
        return i + 1;
    return end < e->in.len ? end + 1 : end;
}

/* The end of a part: the line end before the boundary belongs to the boundary. */
static size_t before_line(const struct eml *e, size_t at, size_t from)
{
    if (at > from && e->in.at[at - 1] == '\n')
        at--;
    if (at > from && e->in.at[at - 1] == '\r')
        at--;
    return at > from ? at : from;
}

/* --- matching */

struct reading {
    slice boundary;
    bool prefix; /* a line that only begins with it counts */
    size_t parts, closes;
};

static enum line_kind match(const struct eml *e, const struct eml_dash *d, const struct reading *r)
{
    slice s = dash_text(e, d);
    size_t n = r->boundary.len;
    if (s.len < n || !slice_starts(s, r->boundary))
        return LINE_OTHER;
    slice rest = slice_from(s, n);
    if (rest.len == 0)
        return LINE_PART;
    if (slice_is(rest, "--"))
        return LINE_CLOSE;
    if (!r->prefix)
        return LINE_OTHER;
    return slice_starts(rest, SLICE_LIT("--")) ? LINE_CLOSE : LINE_PART;
}

static bool occurs(struct eml *e, struct reading *r, size_t low, size_t high)
{
    if (!walk_work(e->w, (high - low) * 8))
        return false;
    for (size_t i = low; i < high; i++) {
        enum line_kind k = match(e, &e->dashes[i], r);
        r->parts += k == LINE_PART;
        r->closes += k == LINE_CLOSE;
    }
    return r->parts + r->closes > 0;
}

/* Does a MIME header begin at `at`? */
static bool content_header(const struct eml *e, size_t at)
{
    return slice_starts_nocase(slice_sub(e->in, at, 8), "content-");
}

/* A boundary nobody declared: the first line "--x" before a MIME header, else,
 * when `any`, before a field or a blank line. */
static bool guess(const struct eml *e, size_t low, size_t high, bool any, struct reading *r)
{
    for (size_t pass = 0; pass < (any ? 2 : 1); pass++) {
        for (size_t i = low; i < high; i++) {
            slice s = dash_text(e, &e->dashes[i]);
            size_t next = behind_line(e, e->dashes[i].end);
            bool blank = next < e->in.len && (e->in.at[next] == '\n' || e->in.at[next] == '\r');
            /* boundary="": "--" alone counts only where a part surely begins */
            if ((s.len == 0 && pass == 1) || (s.len == 2 && s.at[0] == '-'))
                continue;
            if (content_header(e, next) ||
                (pass == 1 && (blank || eml_header_field(slice_sub(e->in, next, 80))))) {
                *r = (struct reading){ .boundary = s };
                return true;
            }
        }
    }
    return false;
}

/* --- parts */

/* What stands before the first boundary or behind the last. */
static void walk_outside(struct eml *e, size_t from, size_t to, enum fact_id fact)
{
    bool found = false;
    while (from < to && ascii_space(e->in.at[from]))
        from++;
    if (from >= to)
        return;
    if (content_header(e, from)) {
        eml_entity_walk(e, from, to, false);
        found = true;
    } else if (eml_multipart_hidden(e, from, to)) {
        found = true;
    } else {
        found = eml_leaf_uu(e, slice_sub(e->in, from, to - from), from);
    }
    if (found)
        walk_flag(e->w, fact, eml_range(e, from, to));
}

static void walk_parts(struct eml *e, const struct reading *r, size_t from, size_t to, bool digest)
{
    size_t low = dash_from(e, from), high = dash_from(e, to);
    size_t start = from;
    enum { PREAMBLE, PART, EPILOGUE } where = PREAMBLE;
    bool again = false;
    for (size_t i = low; i < high && !walk_over(e->w); i++) {
        enum line_kind k = match(e, &e->dashes[i], r);
        if (k == LINE_OTHER)
            continue;
        size_t end = before_line(e, e->dashes[i].at, start);
        if (where == PART)
            eml_entity_walk(e, start, end, digest);
        else
            walk_outside(e, start, end,
                         where == PREAMBLE ? FACT_MIME_PREAMBLE_CONTENT
                                           : FACT_MIME_EPILOGUE_CONTENT);
        again |= where == EPILOGUE && k == LINE_PART;
        where = k == LINE_CLOSE ? EPILOGUE : PART;
        start = behind_line(e, e->dashes[i].end);
    }
    if (start > to)
        start = to;
    if (where == PART) {
        eml_entity_walk(e, start, to, digest);
        walk_flag(e->w, FACT_MIME_BOUNDARY_UNCLOSED, eml_range(e, from, to));
    } else if (where == EPILOGUE) {
        walk_outside(e, start, to, FACT_MIME_EPILOGUE_CONTENT);
    }
    if (again)
        walk_flag(e->w, FACT_MIME_EPILOGUE_CONTENT, eml_range(e, from, to));
}

static bool go_down(struct eml *e)
{
    if (e->depth >= EML_DEPTH) {
        walk_unread_of(e->w, UNREAD_LIMIT, UNREAD_OF_DEPTH, (slice){ 0 });
        e->limited = true;
        return false;
    }
    if (!budget_spend(e->w->budget, BUDGET_DEPTH, 1)) {
        e->limited = true;
        return false;
    }
    if (++e->depth > e->deepest)
        e->deepest = e->depth;
    return true;
}

static void go_up(struct eml *e)
{
    e->depth--;
    budget_give_back(e->w->budget, BUDGET_DEPTH, 1);
}

static bool may_read_again(struct eml *e)
{
    if (e->readings == 0) {
        walk_unread_of(e->w, UNREAD_LIMIT, UNREAD_OF_READINGS, (slice){ 0 });
        e->limited = true;
        return false;
    }
    e->readings--;
    return true;
}

bool eml_multipart_hidden(struct eml *e, size_t from, size_t to)
{
    struct reading r;
    index_dashes(e);
    if (!guess(e, dash_from(e, from), dash_from(e, to), false, &r) || !may_read_again(e) ||
        !go_down(e))
        return false;
    size_t splits = e->splits;
    e->splits = 2;
    walk_int(e->w, FACT_MIME_READINGS, 2, eml_range(e, from, to));
    walk_parts(e, &r, from, to, false);
    e->splits = splits;
    go_up(e);
    return true;
}

/* The readings that occur; exact ones, else as beginnings of lines, else a guess. */
static size_t readings_of(struct eml *e, const struct eml_content *c, size_t from, size_t to,
                          struct reading *out)
{
    size_t n = 0, low = dash_from(e, from), high = dash_from(e, to);
    for (int prefix = 0; prefix < 2 && n == 0; prefix++) {
        for (size_t i = 0; i < c->n_boundaries; i++) {
            struct reading r = { .boundary = c->boundaries[i], .prefix = prefix };
            if (occurs(e, &r, low, high))
                out[n++] = r;
        }
    }
    if (n)
        return n;
    if (!guess(e, low, high, c->says_so, &out[0]))
        return 0;
    walk_flag(e->w, FACT_MIME_BOUNDARY_MISSING, c->at);
    return 1;
}

bool eml_multipart_walk(struct eml *e, const struct eml_content *c, size_t from, size_t to)
{
    enum { LONG = 200 }; /* RFC 2046 5.1.1 allows 70 */
    struct reading readings[EML_VARIANTS];
    index_dashes(e);
    size_t n = readings_of(e, c, from, to, readings);
    if (n == 0)
        return false;
    if (!go_down(e))
        return true;
    size_t splits = e->splits;
    if (n > 1) {
        e->splits = n;
        walk_int(e->w, FACT_MIME_READINGS, (int64_t)n, eml_range(e, from, to));
        eml_leaf_remember(e);
    }
    for (size_t i = 0; i < n && !walk_over(e->w); i++) {
        if (i > 0 && !may_read_again(e))
            break;
        if (readings[i].boundary.len > LONG)
            walk_int(e->w, FACT_MIME_BOUNDARY_LONG, (int64_t)readings[i].boundary.len, c->at);
        walk_parts(e, &readings[i], from, to, c->digest);
    }
    e->splits = splits;
    go_up(e);
    return true;
}
