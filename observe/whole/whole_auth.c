/* SPDX-License-Identifier: Apache-2.0 */
/* Authentication-Results (RFC 8601), T17: only those that bear our own server's name are read;
 * others are as trustworthy as the rest of the mail. Our server removes forged ones (RFC 8601 5)
 * and writes its own on top; should it not, the topmost result of each method counts.
 * Left out: properties other than the domains, and old versions (RFC 8601 2.2: only 1).
 */
#include "base/cursor.h"
#include "observe/whole/mailbox.h"
#include "observe/whole/whole_private.h"

enum method { METHOD_SPF, METHOD_DKIM, METHOD_DMARC, METHOD_ARC, METHODS };

struct results {
    slice result[METHODS]; /* empty: none yet */
    bool passed, aligned;  /* SPF or DKIM for any domain; for the organisation shown */
};

/* Comments (RFC 5322 3.2.2) may stand anywhere and nest. */
static void skip_space(cursor *c)
{
    unsigned depth = 0;
    while (cur_more(c)) {
        uint8_t b = c->in.at[c->pos];
        if (b == '\\' && depth) {
            cur_skip(c, cur_left(c) < 2 ? 1 : 2);
            continue;
        }
        if (b == '(')
            depth++;
        else if (b == ')' && depth)
            depth--;
        else if (!depth && !ascii_space(b))
            return;
        cur_skip(c, 1);
    }
}

/* A token, or a quoted string without its quotes. */
static slice value(cursor *c)
{
    skip_space(c);
    size_t from = c->pos;
    if (cur_more(c) && c->in.at[c->pos] == '"') {
        cur_skip(c, 1);
        while (cur_more(c) && c->in.at[c->pos] != '"')
            cur_skip(c, 1);
        slice s = slice_sub(c->in, from + 1, c->pos - from - 1);
        if (cur_more(c))
            cur_skip(c, 1);
        return s;
    }
    while (cur_more(c) && !ascii_space(c->in.at[c->pos]) && !strchr(";=()\"", c->in.at[c->pos]))
        cur_skip(c, 1);
    return slice_sub(c->in, from, c->pos - from);
}

static bool take(cursor *c, uint8_t byte)
{
    skip_space(c);
    if (!cur_more(c) || c->in.at[c->pos] != byte)
        return false;
    cur_skip(c, 1);
    return true;
}

static enum method method_of(slice name)
{
    static const char *const names[METHODS] = { "spf", "dkim", "dmarc", "arc" };
    size_t slash = slice_find_byte(name, '/', 0); /* method-version */
    if (slash != SIZE_MAX)
        name.len = slash;
    for (unsigned i = 0; i < METHODS; i++)
        if (slice_is_nocase(name, names[i]))
            return (enum method)i;
    return METHODS;
}

/* The domain a passed method vouches for. */
static void vouched(struct whole *w, struct results *out, enum method m, slice domain)
{
    size_t at = slice_find_byte(domain, '@', 0);
    if (at != SIZE_MAX)
        domain = slice_from(domain, at + 1);
    if (domain.len == 0)
        return;
    out->passed = true;
    out->aligned |= whole_has_organisation(w, &w->from, domain);
    if (m == METHOD_DKIM)
        whole_text(w, FACT_EMAIL_AUTH_DKIM_DOMAIN, slice_lower(w->mem, domain), NO_LINE);
}

/* resinfo = methodspec [reasonspec] 1*propspec, up to the next ';' */
static void read_result(struct whole *w, cursor *c, struct results *out, const bool closed[METHODS])
{
    slice name = value(c);
    slice result = take(c, '=') ? value(c) : (slice){ 0 };
    enum method m = method_of(name);
    bool counts = m < METHODS && result.len && !closed[m];
    bool pass = slice_is_nocase(result, "pass");
    /* several DKIM signatures: a passed one is the mail's result */
    if (counts && (out->result[m].len == 0 || pass))
        out->result[m] = slice_lower(w->mem, result);
    slice d = { 0 }, mailfrom = { 0 };
    while (cur_more(c)) {
        skip_space(c);
        if (!cur_more(c) || c->in.at[c->pos] == ';')
            break;
        size_t before = c->pos;
        slice property = value(c);
        slice v = take(c, '=') ? value(c) : (slice){ 0 };
        if (slice_is_nocase(property, "header.d") ||
            (slice_is_nocase(property, "header.i") && d.len == 0))
            d = v;
        else if (slice_is_nocase(property, "smtp.mailfrom") ||
                 (slice_is_nocase(property, "smtp.helo") && mailfrom.len == 0))
            mailfrom = v;
        if (c->pos == before)
            cur_skip(c, 1); /* a byte of no grammar */
    }
    if (counts && pass && m == METHOD_DKIM)
        vouched(w, out, m, d);
    if (counts && pass && m == METHOD_SPF)
        vouched(w, out, m, mailfrom);
}

/* False: not of our server. */
static bool read_header(struct whole *w, slice header, struct results *out)
{
    bool closed[METHODS];
    cursor c = cur_open(header);
    slice server = value(&c);
    if (w->site->authserv_id.len == 0 || !slice_eq_nocase(server, w->site->authserv_id))
        return false;
    slice version = value(&c);
    if (version.len && !slice_is(version, "1"))
        return false;
    for (unsigned i = 0; i < METHODS; i++)
        closed[i] = out->result[i].len > 0;
    for (unsigned n = 0; n < 32 && take(&c, ';'); n++)
        read_result(w, &c, out, closed);
    return true;
}

void whole_auth(struct whole *w)
{
    static const enum fact_id ids[METHODS] = { FACT_EMAIL_AUTH_SPF, FACT_EMAIL_AUTH_DKIM,
                                               FACT_EMAIL_AUTH_DMARC, FACT_EMAIL_AUTH_ARC };
    struct results out = { 0 };
    bool any = false;
    if (!w->outermost)
        return; /* an attached mail's headers are nobody's word */
    for (size_t i = 0; i < w->auth.n && i < 16; i++)
        any |= read_header(w, w->auth.list[i], &out);
    if (!any)
        return;
    for (unsigned i = 0; i < METHODS; i++)
        if (out.result[i].len)
            whole_text(w, ids[i], out.result[i], NO_LINE);
    bool dmarc = slice_is(out.result[METHOD_DMARC], "pass");
    if (out.passed && ((!out.aligned && !dmarc) || w->shows_another))
        whole_flag(w, FACT_EMAIL_AUTH_FOREIGN);
}
