/* SPDX-License-Identifier: Apache-2.0 */
/* policy - do exceptions apply, and are promises kept?
 *
 * Both ask who sent the mail, from opposite sides. An exception must not be
 * had by writing somebody's address into a header, so it wants authentication
 * (RFC 7489 3.1 alignment, as our own check found it) and a single From. A
 * promise is broken as soon as the reader is shown the promising sender
 * anywhere: the 2020-09 survey lure had the vendor's address first and its own
 * behind it.
 */
#include "base/text.h"
#include "judge/judge_private.h"
#include <errno.h>

static slice fact_text(const struct index *x, uint32_t fact)
{
    return x->record->facts[fact].text;
}

static slice domain_of(slice address)
{
    size_t at = SIZE_MAX;
    for (size_t i = 0; i < address.len; i++)
        if (address.at[i] == '@')
            at = i;
    return at == SIZE_MAX ? address : slice_from(address, at + 1);
}

/* `domain` itself or a name below it. */
static bool below_domain(slice name, slice domain)
{
    if (domain.len == 0 || name.len < domain.len)
        return false;
    slice tail = slice_from(name, name.len - domain.len);
    return slice_eq_nocase(tail, domain) &&
           (name.len == domain.len || name.at[name.len - domain.len - 1] == '.');
}

/* A pattern is an address, "@domain" or "domain". */
static bool address_is(slice address, slice pattern, bool subdomains)
{
    size_t at = slice_find_byte(pattern, '@', 0);
    if (at != 0 && at != SIZE_MAX)
        return slice_eq_nocase(address, pattern);
    slice domain = at == 0 ? slice_from(pattern, 1) : pattern;
    slice have = domain_of(address);
    return subdomains ? below_domain(have, domain) : slice_eq_nocase(have, domain);
}

static bool before(slice a, slice b) /* dates as YYYY-MM-DD */
{
    return a.len != 10 || b.len != 10 || memcmp(a.at, b.at, 10) < 0;
}

static bool has_value(const struct index *x, uint32_t event, enum fact_id id, const char *value)
{
    struct list facts = index_facts(x, event, (uint16_t)id);
    for (uint32_t i = 0; i < facts.n; i++)
        if (slice_is_nocase(fact_text(x, facts.at[i]), value))
            return true;
    return false;
}

static bool aligned(const struct index *x, uint32_t event, enum fact_id id, slice domain)
{
    struct list facts = index_facts(x, event, (uint16_t)id);
    for (uint32_t i = 0; i < facts.n; i++) {
        slice have = domain_of(fact_text(x, facts.at[i]));
        if (below_domain(domain, have) || below_domain(have, domain))
            return true;
    }
    return false;
}

static bool authenticated(const struct index *x, uint32_t mail, slice from)
{
    slice domain = domain_of(from);
    return has_value(x, mail, FACT_EMAIL_AUTH_DMARC, "pass") ||
           (has_value(x, mail, FACT_EMAIL_AUTH_DKIM, "pass") &&
            aligned(x, mail, FACT_EMAIL_AUTH_DKIM_DOMAIN, domain)) ||
           (has_value(x, mail, FACT_EMAIL_AUTH_SPF, "pass") &&
            aligned(x, mail, FACT_EMAIL_RETURN_PATH_DOMAIN, domain));
}

static bool all_addresses(const struct index *x, uint32_t mail, enum fact_id id, slice pattern,
                          uint32_t *n)
{
    struct list facts = index_facts(x, mail, (uint16_t)id);
    *n += facts.n;
    for (uint32_t i = 0; i < facts.n; i++)
        if (!address_is(fact_text(x, facts.at[i]), pattern, false))
            return false;
    return true;
}

/* All recipients, or a sender could help himself to an exception by adding one. */
static bool recipients_are(const struct index *x, uint32_t mail, slice pattern)
{
    uint32_t n = 0;
    bool all = all_addresses(x, mail, FACT_EMAIL_ENVELOPE_TO_ADDRESS, pattern, &n);
    if (n)
        return all;
    return all_addresses(x, mail, FACT_EMAIL_TO_ADDRESS, pattern, &n) &&
           all_addresses(x, mail, FACT_EMAIL_CC_ADDRESS, pattern, &n) && n > 0;
}

/* Every macro of the mail has this identity, and there is one. */
static bool identities_are(const struct index *x, slice identity)
{
    uint32_t n = 0;
    for (uint32_t i = x->kind_from[EVENT_MACRO]; i < x->kind_from[EVENT_MACRO + 1]; i++) {
        struct list facts = index_facts(x, x->of_kind[i], FACT_VBA_IDENTITY);
        if (facts.n == 0)
            return false;
        for (uint32_t j = 0; j < facts.n; j++, n++)
            if (!slice_eq(fact_text(x, facts.at[j]), identity))
                return false;
    }
    return n > 0;
}

static bool sender_is(const struct index *x, uint32_t mail, slice pattern)
{
    struct list from = index_facts(x, mail, FACT_EMAIL_FROM_ADDRESS);
    return from.n == 1 && address_is(fact_text(x, from.at[0]), pattern, false) &&
           authenticated(x, mail, fact_text(x, from.at[0]));
}

static bool applies(const struct index *x, const struct exception *e)
{
    bool any = e->recipient.len == 0 && e->sender.len == 0;
    if (any)
        return true;
    if (x->kind_from[EVENT_MAIL] == x->kind_from[EVENT_MAIL + 1])
        return false;
    uint32_t mail = x->of_kind[x->kind_from[EVENT_MAIL]];
    if (e->recipient.len && !recipients_are(x, mail, e->recipient))
        return false;
    return e->sender.len == 0 || (sender_is(x, mail, e->sender) && identities_are(x, e->identity));
}

bool exception_applies(const struct index *x, const struct policy *policy,
                       const struct rule_info *rule, uint32_t *exception_out)
{
    for (size_t i = 0; i < policy->n_exceptions; i++) {
        const struct exception *e = &policy->exceptions[i];
        bool named = e->rule.len && (slice_eq(e->rule, rule->id) || slice_eq(e->rule, rule->uuid));
        if (named && !before(e->expires, policy->today) && applies(x, e)) {
            *exception_out = (uint32_t)i;
            return true;
        }
    }
    return false;
}

/* Is the mail `event` the one that part is in, or one around it? */
static bool part_of_mail(const struct index *x, uint32_t part, uint32_t event)
{
    uint32_t top = x->record->events[event].part;
    while (part != NO_ID && part > top)
        part = x->record->parts[part].parent;
    return part == top;
}

static bool shows_sender(const struct index *x, uint32_t mail, slice sender, struct witness *out)
{
    static const enum fact_id shown[] = { FACT_EMAIL_FROM_ADDRESS, FACT_EMAIL_FROM_NAME_ADDRESS,
                                          FACT_EMAIL_SENDER_ADDRESS };
    for (size_t s = 0; s < sizeof shown / sizeof *shown; s++) {
        struct list facts = index_facts(x, mail, (uint16_t)shown[s]);
        for (uint32_t i = 0; i < facts.n; i++)
            if (address_is(fact_text(x, facts.at[i]), sender, true)) {
                witness_add(out, facts.at[i]);
                return true;
            }
    }
    return false;
}

static bool one_of(slice word, const char *const *words)
{
    while (*words && !slice_is_nocase(word, *words))
        words++;
    return *words != NULL;
}

static bool is_archive(slice type)
{
    static const char *const types[] = { "zip", "gzip", "7z",    "rar", "cab", "tar", "iso",
                                         "vhd", "xz",   "bzip2", "lzh", "arj", "ace", NULL };
    return one_of(type, types);
}

/* What comes with mails of those who "send no attachments": logos and signatures. */
static bool is_furniture(slice type)
{
    static const char *const types[] = {
        "png", "jpeg", "gif", "bmp", "webp", "ico", "smime-signature", "pgp", NULL
    };
    return one_of(type, types);
}

static bool leads_to_a_host(const struct index *x, uint32_t url)
{
    static const char *const others[] = { "mailto", "tel", "cid", "data", NULL };
    struct list scheme = index_facts(x, url, FACT_URL_SCHEME);
    return scheme.n == 0 || !one_of(fact_text(x, scheme.at[0]), others);
}

static bool allowed_link(const struct promise *p, slice host)
{
    for (size_t i = 0; i < p->n_links_only; i++)
        if (below_domain(host, p->links_only[i]))
            return true;
    return false;
}

static void check_event(const struct index *x, const struct promise *p, uint32_t event,
                        struct witness *out)
{
    const struct event *e = &x->record->events[event];
    struct list macro = index_facts(x, event, FACT_OFFICE_MACRO);
    struct list attached = index_facts(x, event, FACT_FILE_ATTACHMENT);
    struct list type = index_facts(x, event, FACT_FILE_TYPE);
    struct list host = index_facts(x, event, FACT_URL_DOMAIN);
    if (p->attachments && attached.n && !is_furniture(x->record->parts[e->part].type))
        witness_add(out, attached.at[0]);
    if (p->macros && macro.n)
        witness_add(out, macro.at[0]);
    if (p->macros && e->kind == EVENT_MACRO && x->event_facts[event] < x->event_facts[event + 1])
        witness_add(out, x->facts[x->event_facts[event]]);
    if (p->archives && type.n && is_archive(x->record->parts[e->part].type))
        witness_add(out, type.at[0]);
    for (uint32_t i = 0; p->links_only && i < host.n && leads_to_a_host(x, event); i++)
        if (!allowed_link(p, fact_text(x, host.at[i])))
            witness_add(out, host.at[i]);
}

static bool check_mail(const struct index *x, const struct promise *p, uint32_t mail,
                       struct witness *out)
{
    if (!shows_sender(x, mail, p->sender, out))
        return false;
    uint32_t shown = out->n;
    for (uint32_t e = 0; e < x->record->n_events; e++)
        if (part_of_mail(x, x->record->events[e].part, mail))
            check_event(x, p, e, out);
    return out->n > shown;
}

int promises_check(const struct index *x, const struct policy *policy, struct broken_promise **out,
                   uint32_t *n_out)
{
    enum { MAILS_MAX = 64 }; /* mails inside mails that are looked at */
    struct broken_promise *found = NULL;
    uint32_t n = 0, from = x->kind_from[EVENT_MAIL], end = x->kind_from[EVENT_MAIL + 1];
    for (uint32_t p = 0; p < policy->n_promises; p++) {
        for (uint32_t i = from; i < end && i - from < MAILS_MAX; i++) {
            struct witness w = { .n = 0 };
            if (!check_mail(x, &policy->promises[p], x->of_kind[i], &w))
                continue;
            if (!found)
                found = ARENA_ARRAY(x->mem, struct broken_promise, policy->n_promises);
            if (!found)
                return -ENOMEM;
            found[n++] = (struct broken_promise){ p, w };
            break;
        }
    }
    *out = found;
    *n_out = n;
    return 0;
}
