/* SPDX-License-Identifier: Apache-2.0 */
/* hunt_text - the result of a hunt for people: a sentence and what to do for each client, then
 * the contacts, the mails they come from, and what was read of the logs. */
#include "base/date.h"
#include "base/shown.h"
#include "os/terminal.h"
#include "trace/hunt.h"

#include <stdlib.h>

enum {
    NAME_SHOWN = 120,
    TARGET_SHOWN = 300,
    ROWS_OF_CLIENT = 20,
    ROWS_MAX = 2000,
    CLIENTS_SHOWN = 200,
    MAILS_SHOWN = 200,
    PLACES_OF_MAIL = 10,
    REFERENCES = 3
};

static void put_number(struct buf *out, uint64_t n)
{
    buf_format(out, "%llu", (unsigned long long)n);
}

static void say(struct buf *out, enum language l, enum message m, const slice *values, size_t n)
{
    message_put(out, m, l, values, n);
}

static void put_behind(struct buf *out, enum message m, enum language l)
{
    buf_text(out, l == LANGUAGE_JA ? "" : " ");
    buf_text(out, message_text(m, l));
}

void hunt_put_time(struct buf *out, const struct contact_time *t, enum language l)
{
    if (!t->known) {
        if (t->written.len)
            shown_put(out, t->written, 40, 0);
        else
            buf_text(out, message_text(MSG_HUNT_NO_TIME, l));
        return;
    }
    int64_t s = t->us / 1000000 - (t->us % 1000000 < 0), days = s / 86400 - (s % 86400 < 0),
            second = s - days * 86400;
    struct date d = date_of_days(days);
    buf_format(out, "%04lld-%02u-%02u %02d:%02d:%02d", (long long)d.year, d.month, d.day,
               (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
    if (!t->zoned)
        put_behind(out, MSG_HUNT_NO_ZONE, l);
    else if (t->offset)
        buf_format(out, "Z (%c%02d:%02d)", t->offset < 0 ? '-' : '+', abs(t->offset) / 60,
                   abs(t->offset) % 60);
    else
        buf_byte(out, 'Z');
}

void hunt_put_target(struct buf *out, const struct contact *c, unsigned shown_flags)
{
    struct buf whole = buf_new(1 << 14);
    buf_put(&whole, c->url.len ? c->url : c->host);
    if (!c->url.len)
        buf_put(&whole, c->path);
    if (shown_flags)
        shown_put(out, buf_slice(&whole), TARGET_SHOWN,
                  shown_flags | (c->url.len ? 0 : SHOWN_HOST));
    else
        buf_put(out, buf_slice(&whole));
    buf_drop(&whole);
}

/* A stranger's text in a buffer of its own. */
static struct buf shown(slice s, size_t max, unsigned flags)
{
    struct buf b = buf_new(max * 8 + 64);
    shown_put(&b, s, max, flags);
    return b;
}

static void pad(struct buf *out, size_t from, size_t columns)
{
    size_t have = terminal_columns(slice_from(buf_slice(out), from));
    for (size_t i = have; i < columns; i++)
        buf_byte(out, ' ');
    buf_text(out, "  ");
}

/* --- a sentence for each client */

static bool only(const struct hunt_client *c, enum contact_outcome o)
{
    return c->outcomes[o] == c->n_best;
}

static enum message said(const struct hunt_client *c)
{
    if (c->best == HUNT_HOST && c->web == 0)
        return MSG_HUNT_SAID_NAME;
    static const enum message by_level[HUNT_LEVELS] = { MSG_HUNT_SAID_URL, MSG_HUNT_SAID_PATH,
                                                        MSG_HUNT_SAID_HOST, MSG_HUNT_SAID_IP,
                                                        MSG_HUNT_SAID_DOMAIN };
    return by_level[c->best];
}

static enum message would(const struct hunt_source *s)
{
    if (s->sure == SURE_SEEN)
        return MSG_HUNT_WOULD_SEEN;
    if (s->sure == SURE_CITED)
        return MSG_HUNT_WOULD_CITED;
    return slice_is(s->from, "download") ? MSG_HUNT_WOULD_DOWNLOAD : MSG_HUNT_WOULD_USE;
}

static enum message todo(const struct hunt_client *c)
{
    if (only(c, OUTCOME_BLOCKED))
        return MSG_HUNT_TODO_BLOCKED;
    if (c->best == HUNT_DOMAIN)
        return MSG_HUNT_TODO_DOMAIN;
    if (c->web == 0)
        return MSG_HUNT_TODO_NAME;
    if (c->outcomes[OUTCOME_ANSWERED] == 0 && c->outcomes[OUTCOME_UNKNOWN] == 0)
        return MSG_HUNT_TODO_FAILED;
    return c->best <= HUNT_PATH || c->best == HUNT_IP ? MSG_HUNT_TODO_EXACT : MSG_HUNT_TODO_HOST;
}

static void put_times(struct buf *out, const struct hunt_client *c, enum language l)
{
    struct buf n = buf_new(32), first = buf_new(512), last = buf_new(512);
    put_number(&n, c->n_best);
    hunt_put_time(&first, &c->first, l);
    hunt_put_time(&last, &c->last, l);
    slice values[] = { buf_slice(&n), buf_slice(&first), buf_slice(&last) };
    if (c->n_best == 1)
        say(out, l, MSG_HUNT_ONCE, &values[1], 1);
    else
        say(out, l, MSG_HUNT_TIMES, values, 3);
    buf_drop(&n);
    buf_drop(&first);
    buf_drop(&last);
}

static enum message outcome_word(enum contact_outcome o, bool web)
{
    static const enum message words[2][OUTCOMES] = {
        { MSG_HUNT_NAME_UNKNOWN, MSG_HUNT_NAME_FAILED, MSG_HUNT_NAME_ANSWERED, MSG_HUNT_BLOCKED },
        { MSG_HUNT_UNKNOWN, MSG_HUNT_FAILED, MSG_HUNT_ANSWERED, MSG_HUNT_BLOCKED },
    };
    return words[web][o];
}

static void put_outcomes(struct buf *out, const struct hunt_client *c, enum language l)
{
    const char *between = "";
    for (int o = OUTCOMES - 1; o >= 0; o--)
        if (c->outcomes[o]) {
            buf_format(out, l == LANGUAGE_JA ? "%s%s %llu 件" : "%s%s: %llu", between,
                       message_text(outcome_word((enum contact_outcome)o, c->web > 0), l),
                       (unsigned long long)c->outcomes[o]);
            between = l == LANGUAGE_JA ? "、" : ", ";
        }
}

static void put_client(struct buf *out, const struct hunt_client *c, enum language l)
{
    const struct hunt_source *s = c->sources->first;
    struct buf client = shown(c->name.len ? c->name : SLICE_LIT("?"), NAME_SHOWN, 0),
               document = shown(s->document, NAME_SHOWN, 0);
    struct buf what = buf_new(4096), number = buf_new(32);
    slice doc = buf_slice(&document);
    bool reached = c->outcomes[OUTCOME_ANSWERED] || c->outcomes[OUTCOME_UNKNOWN];
    say(&what, l, would(s), &doc, 1);
    slice values[] = { buf_slice(&client), buf_slice(&what),
                       slice_of(message_text(reached ? MSG_HUNT_CONTACTED : MSG_HUNT_TRIED, l)) };
    say(out, l, said(c), values, 3);
    buf_text(out, l == LANGUAGE_JA ? "：" : ": ");
    put_times(out, c, l);
    buf_text(out, l == LANGUAGE_JA ? "。" : ". ");
    put_outcomes(out, c, l);
    buf_byte(out, '\n');
    if (c->n > c->n_best) {
        put_number(&number, c->n - c->n_best);
        slice n = buf_slice(&number);
        buf_text(out, "  ");
        say(out, l, MSG_HUNT_LESS, &n, 1);
        buf_byte(out, '\n');
    }
    buf_format(out, "  %s: %s\n\n", message_text(MSG_REPORT_TODO, l), message_text(todo(c), l));
    buf_drop(&client);
    buf_drop(&document);
    buf_drop(&what);
    buf_drop(&number);
}

/* --- the table */

static void put_references(struct buf *out, const struct hunt_sources *all)
{
    uint32_t last = 0;
    size_t n = 0, more = all->n > HUNT_SOURCES_MAX ? all->n - HUNT_SOURCES_MAX : 0;
    for (const struct hunt_source *s = all->first; s; s = s->next) {
        if (s->mail->number == last)
            continue;
        last = s->mail->number;
        if (n++ < REFERENCES)
            buf_format(out, "%s%u", n == 1 ? "[" : ", ", last);
        else
            more++;
    }
    buf_text(out, more ? ", …]" : "]");
}

static void put_outcome(struct buf *out, const struct contact *c, enum language l)
{
    bool web = c->kind == CONTACT_WEB;
    if (c->method.len) {
        shown_put(out, c->method, 16, 0);
        buf_byte(out, ' ');
    }
    buf_text(out, message_text(outcome_word(c->outcome, web), l));
    if (c->status)
        buf_format(out, " %u", c->status);
    if (c->has_bytes)
        buf_format(out, ", %llu B", (unsigned long long)c->bytes);
}

static void put_hit(struct buf *out, const struct hunt_hit *h, enum language l)
{
    static const enum message levels[HUNT_LEVELS] = { MSG_HUNT_LEVEL_URL, MSG_HUNT_LEVEL_PATH,
                                                      MSG_HUNT_LEVEL_HOST, MSG_HUNT_LEVEL_IP,
                                                      MSG_HUNT_LEVEL_DOMAIN };
    buf_text(out, "  ");
    size_t at = out->len;
    hunt_put_time(out, &h->contact.time, l);
    pad(out, at, 20);
    at = out->len;
    shown_put(out, h->contact.client, NAME_SHOWN, 0);
    pad(out, at, 15);
    at = out->len;
    buf_text(out, message_text(levels[h->level], l));
    if (h->weak)
        put_behind(out, MSG_HUNT_WEAK, l);
    pad(out, at, 14);
    at = out->len;
    put_outcome(out, &h->contact, l);
    pad(out, at, 24);
    hunt_put_target(out, &h->contact, SHOWN_DEFANG);
    if (h->level == HUNT_IP && h->contact.peer.len) {
        buf_text(out, " → ");
        shown_put(out, h->contact.peer, NAME_SHOWN, SHOWN_DEFANG | SHOWN_HOST);
    }
    buf_byte(out, ' ');
    put_references(out, h->sources);
    buf_byte(out, '\n');
}

static void put_table(struct buf *out, const struct hunt_result *r, enum language l)
{
    uint64_t left = 0;
    struct buf n = buf_new(32);
    buf_format(out, "%s\n", message_text(MSG_HUNT_CONTACTS, l));
    for (size_t i = 0, rows = 0; i < r->n_hits; i++) {
        struct hunt_client *c = &r->numbered[r->hits[i].client];
        if (c->shown >= ROWS_OF_CLIENT || rows >= ROWS_MAX) {
            left++;
            continue;
        }
        c->shown++;
        rows++;
        put_hit(out, &r->hits[i], l);
    }
    if (left) {
        put_number(&n, left);
        slice value = buf_slice(&n);
        buf_text(out, "  ");
        say(out, l, MSG_HUNT_MORE_ROWS, &value, 1);
        buf_byte(out, '\n');
    }
    buf_byte(out, '\n');
    buf_drop(&n);
}

/* --- the mails */

struct places { /* of one mail */
    const struct hunt_source *at[PLACES_OF_MAIL];
    size_t n;
    bool more;
};

static void add_place(struct places *p, const struct hunt_source *s)
{
    for (size_t i = 0; i < p->n; i++)
        if (slice_eq(p->at[i]->value, s->value) && slice_eq(p->at[i]->part, s->part) &&
            p->at[i]->line == s->line)
            return;
    if (p->n < PLACES_OF_MAIL)
        p->at[p->n++] = s;
    else
        p->more = true;
}

static void put_place(struct buf *out, const struct hunt_source *s, enum language l)
{
    struct buf line = buf_new(32);
    buf_text(out, "      ");
    shown_put(out, s->part, TARGET_SHOWN, 0);
    if (s->line != NO_LINE && s->line) {
        put_number(&line, s->line);
        slice n = buf_slice(&line);
        buf_text(out, l == LANGUAGE_JA ? "、" : ", ");
        say(out, l, MSG_REPORT_LINE, &n, 1);
    }
    buf_text(out, l == LANGUAGE_JA ? "：" : ": ");
    shown_put(out, s->from, 64, 0);
    buf_byte(out, ' ');
    shown_put(out, s->value, TARGET_SHOWN, SHOWN_DEFANG);
    if (s->sure == SURE_PARTIAL)
        put_behind(out, MSG_HUNT_PARTLY, l);
    buf_byte(out, '\n');
    buf_drop(&line);
}

static void put_mail(struct buf *out, const struct hunt_mail *m, const struct places *places,
                     enum language l)
{
    buf_format(out, "  [%u] ", m->number);
    shown_put(out, m->path, TARGET_SHOWN, 0);
    buf_format(out, "%s%s", l == LANGUAGE_JA ? "（" : " (",
               message_text(message_by_key("verdict.", slice_of(verdict_name(m->verdict))), l));
    if (m->name.len) {
        buf_text(out, l == LANGUAGE_JA ? "、" : ", ");
        shown_put(out, m->name, 100, 0);
    }
    buf_text(out, l == LANGUAGE_JA ? "）" : ")");
    if (m->subject.len || m->sender.len) {
        buf_text(out, "\n      ");
        shown_put(out, m->subject, NAME_SHOWN, SHOWN_DEFANG);
        buf_text(out, " <");
        shown_put(out, m->sender, NAME_SHOWN, SHOWN_DEFANG | SHOWN_HOST);
        buf_byte(out, '>');
    }
    buf_byte(out, '\n');
    for (size_t i = 0; i < places->n; i++)
        put_place(out, places->at[i], l);
    if (places->more)
        buf_text(out, "      …\n");
}

static void put_mails(struct buf *out, const struct hunt_put *p, enum language l)
{
    const struct hunt_result *r = p->result;
    size_t n = r->n_mails < MAILS_SHOWN ? r->n_mails : MAILS_SHOWN;
    struct places *all = ARENA_ARRAY(p->mem, struct places, n ? n : 1);
    for (size_t i = 0; all && i < r->n_hits; i++)
        for (struct hunt_source *s = r->hits[i].sources->first; s; s = s->next)
            if (!s->listed && s->mail->number && s->mail->number <= n) {
                s->listed = true;
                add_place(&all[s->mail->number - 1], s);
            }
    buf_format(out, "%s\n", message_text(MSG_HUNT_MAILS, l));
    for (size_t i = 0; all && i < n; i++)
        put_mail(out, r->mails[i], &all[i], l);
    if (n < r->n_mails)
        buf_text(out, "  …\n");
    buf_byte(out, '\n');
}

/* --- what was read */

static void put_log(struct buf *out, const struct hunt_log *g, enum language l)
{
    struct buf name = shown(g->path, TARGET_SHOWN, 0), lines = buf_new(32), unread = buf_new(32),
               first = buf_new(32);
    struct buf from = buf_new(512), to = buf_new(512);
    const char *between = l == LANGUAGE_JA ? "、" : "; ";
    put_number(&lines, g->lines);
    put_number(&unread, g->unread);
    put_number(&first, g->first_unread);
    hunt_put_time(&from, &g->from, l);
    hunt_put_time(&to, &g->to, l);
    slice values[] = { buf_slice(&name), buf_slice(&lines),  g->formats,       buf_slice(&from),
                       buf_slice(&to),   buf_slice(&unread), buf_slice(&first) };
    buf_text(out, "  ");
    say(out, l, g->read ? MSG_HUNT_LOG : MSG_HUNT_LOG_NONE, values, 7);
    if (g->unread) {
        buf_text(out, between);
        say(out, l, MSG_HUNT_LOG_UNREAD, &values[5], 2);
    }
    if (g->from.year_guessed)
        buf_format(out, "%s%s", between, message_text(MSG_HUNT_LOG_YEAR, l));
    if (g->ended) {
        slice why = slice_of(message_text(message_by_key("hunt.end.", slice_of(g->ended)), l));
        buf_text(out, between);
        say(out, l, MSG_HUNT_LOG_ENDED, &why, 1);
    }
    buf_byte(out, '\n');
    struct buf *const all[] = { &name, &lines, &unread, &first, &from, &to };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        buf_drop(all[i]);
}

static void put_looked(struct buf *out, const struct hunt_put *p, enum language l)
{
    const struct hunt_result *r = p->result;
    struct buf n[5];
    const uint64_t numbers[5] = { r->reports, r->reports_used, r->urls, r->hosts, r->left_weak };
    slice values[5];
    for (size_t i = 0; i < 5; i++) {
        n[i] = buf_new(32);
        put_number(&n[i], numbers[i]);
        values[i] = buf_slice(&n[i]);
    }
    buf_format(out, "%s\n  ", message_text(MSG_HUNT_LOOKED, l));
    say(out, l, MSG_HUNT_REPORTS, values, 4);
    buf_byte(out, '\n');
    for (size_t i = 0; i < p->n_logs; i++)
        put_log(out, &p->logs[i], l);
    if (r->left_weak) {
        buf_text(out, "  ");
        say(out, l, MSG_HUNT_LEFT_WEAK, &values[4], 1);
        buf_byte(out, '\n');
    }
    if (r->more)
        buf_format(out, "  %s\n", message_text(MSG_HUNT_MORE, l));
    for (size_t i = 0; i < 5; i++)
        buf_drop(&n[i]);
}

void hunt_put_text(struct buf *out, const struct hunt_put *p, enum language l)
{
    const struct hunt_result *r = p->result;
    struct buf n = buf_new(32);
    put_number(&n, r->n_clients);
    slice clients = buf_slice(&n);
    say(out, l,
        r->n_clients == 0   ? MSG_HUNT_NONE
        : r->n_clients == 1 ? MSG_HUNT_ONE
                            : MSG_HUNT_FOUND,
        &clients, 1);
    buf_text(out, "\n\n");
    for (size_t i = 0; i < r->n_clients && i < CLIENTS_SHOWN; i++)
        put_client(out, &r->clients[i], l);
    if (r->n_clients > CLIENTS_SHOWN)
        buf_text(out, "…\n\n");
    if (r->n_hits) {
        put_table(out, r, l);
        put_mails(out, p, l);
    }
    put_looked(out, p, l);
    buf_drop(&n);
}
