/* SPDX-License-Identifier: Apache-2.0 */
/* How the mail came: T15 (Message-ID and Date against the Received chain) and T16 (submitted
 * with a password from an address literal: a stolen account used by a bot, as Emotet's spam
 * does). All of it is weak: headers below our own server's can be invented, and honest systems
 * are configured oddly; rules combine these facts with others.
 */
#include "observe/whole/mailbox.h"
#include "observe/whole/whole_private.h"

static bool same_range(struct range a, struct range b)
{
    return a.from == b.from && a.to == b.to;
}

/* "[10.0.0.15]", "[IPv6:...]", "10.0.0.15" */
static bool address_literal(slice helo)
{
    helo = slice_trim(helo);
    if (helo.len > 2 && helo.at[0] == '[')
        return true;
    size_t dots = 0;
    for (size_t i = 0; i < helo.len; i++) {
        if (helo.at[i] == '.')
            dots++;
        else if (!ascii_digit(helo.at[i]))
            return false;
    }
    return dots == 3 && helo.len >= 7;
}

/* RFC 3848: the final A says that the client authenticated. */
static bool authenticated(slice protocol)
{
    static const char *const names[] = { "ESMTPA",     "ESMTPSA", "UTF8SMTPA",
                                         "UTF8SMTPSA", "LMTPA",   "LMTPSA" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_is_nocase(protocol, names[i]))
            return true;
    return false;
}

static void submission(struct whole *w)
{
    for (size_t i = 0; i < w->protocol.n; i++) {
        if (!authenticated(w->protocol.list[i]))
            continue;
        for (size_t k = 0; k < w->helo.n; k++)
            if (same_range(w->helo.at[k], w->protocol.at[i]) && address_literal(w->helo.list[k])) {
                whole_flag(w, FACT_EMAIL_RECEIVED_SUBMISSION_LITERAL);
                return;
            }
    }
}

/* Operators whose mail hosts carry another registered domain than their Message-IDs: host
 * first, Message-ID second. */
static const struct {
    const char *host, *id;
} operators[] = {
    { "google.com", "gmail.com" },      { "outlook.com", "hotmail.com" },
    { "office365.com", "outlook.com" }, { "yahoodns.net", "yahoo.com" },
    { "yahoo.co.jp", "yahoo.ne.jp" },
};

static bool on_path(struct whole *w, slice id)
{
    const struct texts *places[] = { &w->host, &w->helo, &w->from, &w->sender, &w->return_path };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (whole_has_organisation(w, places[i], id))
            return true;
    slice organisation = whole_organisation(w, id);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (slice_is(organisation, operators[i].id) &&
            whole_has_organisation(w, &w->host, slice_of(operators[i].host)))
            return true;
    return false;
}

static void message_id(struct whole *w)
{
    slice id = w->message_id_domain;
    /* a bare machine name ("PC-01", "localhost.localdomain") is no host on any path */
    bool public_name = slice_find_byte(id, '.', 0) != SIZE_MAX && !address_literal(id) &&
                       !slice_ends_nocase(id, ".local") && !slice_ends_nocase(id, ".localdomain") &&
                       !slice_ends_nocase(id, ".lan") && !slice_ends_nocase(id, ".internal");
    if (public_name && w->host.n && !on_path(w, id))
        whole_flag(w, FACT_EMAIL_MESSAGE_ID_FOREIGN);
}

/* Minutes east of Greenwich; false for names and the unknown zone. */
static bool zone_minutes(slice zone, int *out)
{
    uint64_t n;
    zone = slice_trim(zone);
    if (slice_is_nocase(zone, "JST")) {
        *out = 540;
        return true;
    }
    if (slice_is_nocase(zone, "GMT") || slice_is_nocase(zone, "UTC") ||
        slice_is_nocase(zone, "UT")) {
        *out = 0;
        return true;
    }
    if (zone.len != 5 || (zone.at[0] != '+' && zone.at[0] != '-') ||
        !slice_u64(slice_from(zone, 1), &n) || n > 1400)
        return false;
    int minutes = (int)(n / 100 * 60 + n % 100);
    *out = zone.at[0] == '-' ? -minutes : minutes;
    return true;
}

/* T15. Servers that keep their logs in UTC tell nothing of where they stand, and an hour's
 * difference is daylight saving. */
static void date_zone(struct whole *w)
{
    int date, zone;
    unsigned judged = 0;
    if (!zone_minutes(w->date_zone, &date) || date == 0)
        return;
    for (size_t i = 0; i < w->zone.n; i++) {
        if (!zone_minutes(w->zone.list[i], &zone) || zone == 0)
            continue;
        int apart = zone > date ? zone - date : date - zone;
        if (apart <= 60)
            return;
        judged++;
    }
    if (judged)
        whole_flag(w, FACT_EMAIL_DATE_ZONE_FOREIGN);
}

void whole_route(struct whole *w)
{
    submission(w);
    message_id(w);
    date_zone(w);
}
