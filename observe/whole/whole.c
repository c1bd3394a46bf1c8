/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of the whole mail, from the typed record: gathers a mail's facts into lists, finds its
 * text body and the quotes in it, and runs the four families. Runs once for each mail event,
 * so that a forwarded mail in an attachment is judged as well as the mail around it.
 * Nothing here is an error: lists over their bound are cut, and judged by what is in them.
 */
#include "observe/whole/mailbox.h"
#include "observe/whole/whole_private.h"

static void emit(struct whole *w, enum fact_id id, int64_t number, slice text, uint32_t line)
{
    struct fact f = { .id = id,
                      .event = w->event,
                      .part = w->part,
                      .line = line,
                      .whole = true,
                      .number = number,
                      .text = text };
    w->out.fact(w->out.host, &f);
}

void whole_flag(struct whole *w, enum fact_id id)
{
    emit(w, id, 1, (slice){ 0 }, NO_LINE);
}

void whole_int(struct whole *w, enum fact_id id, int64_t n, uint32_t line)
{
    emit(w, id, n, (slice){ 0 }, line);
}

void whole_text(struct whole *w, enum fact_id id, slice text, uint32_t line)
{
    emit(w, id, 0, utf8_clean(w->mem, utf8_cut(text, 1024)), line);
}

/* The same few addresses are compared with each other again and again. */
slice whole_organisation(struct whole *w, slice address)
{
    struct known *k = &w->known[((uintptr_t)address.at >> 3 ^ address.len) % WHOLE_KNOWN];
    if (k->address.at != address.at || k->address.len != address.len)
        *k = (struct known){ address, mailbox_organisation(w->mem, address) };
    return k->organisation;
}

/* Providers whose customers have nothing in common but the domain. */
static bool is_shared(slice organisation)
{
    static const char *const names[] = {
        "gmail.com",    "googlemail.com", "yahoo.co.jp",    "yahoo.com",       "ymail.ne.jp",
        "outlook.com",  "outlook.jp",     "hotmail.com",    "hotmail.co.jp",   "live.jp",
        "live.com",     "msn.com",        "icloud.com",     "me.com",          "mac.com",
        "aol.com",      "docomo.ne.jp",   "ezweb.ne.jp",    "au.com",          "softbank.ne.jp",
        "softbank.jp",  "ocn.ne.jp",      "plala.or.jp",    "nifty.com",       "biglobe.ne.jp",
        "so-net.ne.jp", "dion.ne.jp",     "infoseek.jp",    "asahi-net.or.jp", "gmx.de",
        "gmx.net",      "web.de",         "t-online.de",    "qq.com",          "163.com",
        "126.com",      "mail.ru",        "yandex.ru",      "proton.me",       "protonmail.com",
        "comcast.net",  "verizon.net",    "btinternet.com", "orange.fr",       "libero.it",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_is(organisation, names[i]))
            return true;
    return false;
}

bool whole_same_organisation(struct whole *w, slice a, slice b)
{
    slice x = whole_organisation(w, a), y = whole_organisation(w, b);
    if (x.len == 0 || !slice_eq(x, y))
        return false;
    bool both = slice_find_byte(a, '@', 0) != SIZE_MAX && slice_find_byte(b, '@', 0) != SIZE_MAX;
    return !both || !is_shared(x) || slice_eq_nocase(a, b);
}

bool whole_is_own(struct whole *w, slice address)
{
    slice domain = mailbox_domain(address);
    for (size_t i = 0; domain.len && i < w->site->n_own_domains; i++) {
        slice own = w->site->own_domains[i];
        if (own.len == 0 || domain.len < own.len ||
            !slice_eq_nocase(slice_from(domain, domain.len - own.len), own))
            continue;
        if (domain.len == own.len || domain.at[domain.len - own.len - 1] == '.')
            return true;
    }
    return false;
}

bool whole_has_organisation(struct whole *w, const struct texts *list, slice address)
{
    for (size_t i = 0; i < list->n; i++)
        if (whole_same_organisation(w, list->list[i], address))
            return true;
    return false;
}

/* --- subject prefixes */

struct prefix {
    const char *text;
    enum whole_prefix kind;
};

/* RFC 5256 2.1 and what mail programs of other languages write. */
static const struct prefix prefixes[] = {
    { "re", PREFIX_REPLY },    { "fwd", PREFIX_FORWARD },  { "fw", PREFIX_FORWARD },
    { "返信", PREFIX_REPLY },  { "転送", PREFIX_FORWARD }, { "aw", PREFIX_REPLY },
    { "wg", PREFIX_FORWARD },  { "sv", PREFIX_REPLY },     { "vs", PREFIX_REPLY },
    { "antw", PREFIX_REPLY },  { "rif", PREFIX_REPLY },    { "res", PREFIX_REPLY },
    { "enc", PREFIX_FORWARD }, { "tr", PREFIX_FORWARD },   { "rv", PREFIX_FORWARD },
    { "odp", PREFIX_REPLY },   { "回复", PREFIX_REPLY },   { "回覆", PREFIX_REPLY },
    { "答复", PREFIX_REPLY },  { "转发", PREFIX_FORWARD }, { "轉寄", PREFIX_FORWARD },
};

/* "Re:", "RE[2]:", "Re^2:", "返信："; the length, 0 when s starts otherwise. */
static size_t prefix_length(slice s, const struct prefix *p)
{
    if (!slice_starts_nocase(s, p->text))
        return 0;
    size_t at = strlen(p->text);
    while (at < s.len && at < 12 && s.at[at] && strchr("0123456789[]()^* ", s.at[at]))
        at++;
    if (at < s.len && s.at[at] == ':')
        return at + 1;
    return slice_starts(slice_from(s, at), SLICE_LIT("：")) ? at + 3 : 0;
}

/* "[list:123] ", "【返信】": the length of a bracket of up to 40 bytes at the front. */
static size_t bracket_length(slice s)
{
    if (s.len == 0 || s.at[0] != '[')
        return 0;
    size_t end = slice_find_byte(slice_sub(s, 0, 40), ']', 0);
    return end == SIZE_MAX ? 0 : end + 1;
}

static slice trim_wide(slice s)
{
    for (s = slice_trim(s); slice_starts(s, SLICE_LIT("\xE3\x80\x80"));
         s = slice_trim(slice_from(s, 3)))
        ;
    return s;
}

slice whole_subject_strip(slice subject, enum whole_prefix *prefix_out, bool *tagged_out)
{
    slice s = trim_wide(subject);
    *prefix_out = PREFIX_NONE;
    *tagged_out = false;
    for (size_t n = 1; n && s.len;) {
        n = bracket_length(s);
        if (n)
            *tagged_out = true;
        for (size_t i = 0; n == 0 && i < sizeof prefixes / sizeof *prefixes; i++) {
            n = prefix_length(s, &prefixes[i]);
            if (n && *prefix_out == PREFIX_NONE)
                *prefix_out = prefixes[i].kind;
        }
        if (slice_starts(s, SLICE_LIT("【返信】")) || slice_starts(s, SLICE_LIT("【転送】"))) {
            n = strlen("【返信】");
            if (*prefix_out == PREFIX_NONE)
                *prefix_out = slice_starts(s, SLICE_LIT("【転")) ? PREFIX_FORWARD : PREFIX_REPLY;
        }
        s = trim_wide(slice_from(s, n));
    }
    return s;
}

/* --- gathering */

static void add(struct texts *t, const struct fact *f)
{
    if (t->n == WHOLE_LIST || f->text.len == 0)
        return;
    t->at[t->n] = f->at;
    t->list[t->n++] = f->text;
}

static void first(slice *s, const struct fact *f)
{
    if (s->len == 0)
        *s = f->text;
}

/* The list that facts of this kind join, or NULL. */
static struct texts *list_of(struct whole *w, enum fact_id id)
{
    const struct {
        enum fact_id id;
        struct texts *list;
    } lists[] = {
        { FACT_EMAIL_FROM_ADDRESS, &w->from },
        { FACT_EMAIL_FROM_NAME, &w->from_name },
        { FACT_EMAIL_TO_ADDRESS, &w->to },
        { FACT_EMAIL_CC_ADDRESS, &w->to },
        { FACT_EMAIL_TO_NAME, &w->to_name },
        { FACT_EMAIL_REPLY_TO_ADDRESS, &w->reply_to },
        { FACT_EMAIL_SENDER_ADDRESS, &w->sender },
        { FACT_EMAIL_RETURN_PATH_ADDRESS, &w->return_path },
        { FACT_EMAIL_RECEIVED_HELO, &w->helo },
        { FACT_EMAIL_RECEIVED_PROTOCOL, &w->protocol },
        { FACT_EMAIL_RECEIVED_HOST, &w->host },
        { FACT_EMAIL_RECEIVED_ZONE, &w->zone },
        { FACT_EMAIL_AUTH_RESULTS, &w->auth },
        { FACT_EMAIL_ATTACHMENTS_FILE_NAME, &w->file_names },
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i].id == id)
            return lists[i].list;
    return NULL;
}

static void gather(struct whole *w, const struct fact *f)
{
    struct texts *list = list_of(w, f->id);
    if (list)
        add(list, f);
    else if (f->id == FACT_EMAIL_SUBJECT)
        first(&w->subject, f);
    else if (f->id == FACT_EMAIL_MESSAGE_ID_DOMAIN)
        first(&w->message_id_domain, f);
    else if (f->id == FACT_EMAIL_DATE_ZONE)
        first(&w->date_zone, f);
    else if (f->id == FACT_EMAIL_BODY_LANGUAGE)
        first(&w->language, f);
    else if (f->id == FACT_EMAIL_LIST_ID)
        w->list = true;
    else if (f->id == FACT_EMAIL_IN_REPLY_TO || f->id == FACT_EMAIL_REFERENCES)
        w->referring = true;
}

/* The first text body with a quote, else the first: an HTML mail has its text twice. */
static void find_body(struct whole *w)
{
    struct quotes *q = ARENA_NEW(w->mem, struct quotes), *best = ARENA_NEW(w->mem, struct quotes);
    unsigned seen = 0, views = 0;
    if (!q || !best)
        return;
    for (uint32_t i = 0; i < w->r->n_views && seen < WHOLE_VIEWS && views < 64; i++) {
        const struct view *v = &w->r->views[i];
        if (v->id != FACT_EMAIL_BODY)
            continue;
        views++;
        if (record_event_above(w->r, v->part, EVENT_MAIL) != w->event ||
            !quote_read(w->mem, v->text, q))
            continue;
        bool better =
            seen == 0 || (best->n == 0 && q->n > 0) ||
            (best->n == 0 && q->n == 0 && best->fresh == w->body.len && q->fresh < v->text.len);
        seen++;
        if (!better)
            continue;
        w->body = v->text;
        *best = *q;
        w->quotes = best;
    }
}

static void observe_mail(struct record *r, const struct site *site, uint32_t event)
{
    struct whole *w = ARENA_NEW(r->mem, struct whole);
    if (!w)
        return;
    *w = (struct whole){ .r = r,
                         .out = record_sink(r),
                         .mem = r->mem,
                         .site = site,
                         .event = event,
                         .part = r->events[event].part };
    const struct part *p = &r->parts[w->part];
    w->outermost = p->parent == NO_ID || p->how == HOW_MBOX;
    for (uint32_t i = 0; i < r->n_facts; i++)
        if (r->facts[i].event == event && !r->facts[i].whole)
            gather(w, &r->facts[i]);
    find_body(w);
    whole_address(w);
    whole_route(w);
    whole_auth(w);
    whole_thread(w);
}

void whole_observe(struct record *r, const struct site *site)
{
    uint32_t events = r->n_events;
    unsigned mails = 0;
    for (uint32_t i = 0; i < events && mails < WHOLE_MAILS; i++) {
        if (r->events[i].kind != EVENT_MAIL)
            continue;
        mails++;
        observe_mail(r, site, i);
    }
}
