/* SPDX-License-Identifier: Apache-2.0 */
/* From verdict to deed; see act/deed.h and design.md, judge: "Default deeds". */
#include "act/deed.h"
#include "base/text.h"

static const char *const names[DEEDS] = { "deliver", "tag", "hold", "reject", "tempfail" };

const char *deed_name(enum deed d)
{
    CHECK((unsigned)d < DEEDS);
    return names[d];
}

bool deed_by_name(slice name, enum deed *out)
{
    for (unsigned d = 0; d < DEEDS; d++)
        if (slice_is(name, names[d])) {
            *out = (enum deed)d;
            return true;
        }
    return false;
}

/* What a scan could not finish weighs more than what it had no key or no reader for: the first is
 * what an attacker brings about, the others are everyday mail. */
static enum deed_case of_unread(const struct record *r)
{
    static const enum deed_case by_cause[UNREAD_CAUSES] = {
        [UNREAD_ENCRYPTED] = DEED_OF_ENCRYPTED, [UNREAD_LIMIT] = DEED_OF_LIMIT,
        [UNREAD_DAMAGED] = DEED_OF_DAMAGED,     [UNREAD_CRASHED] = DEED_OF_CRASHED,
        [UNREAD_NO_READER] = DEED_OF_NO_READER,
    };
    static const enum deed_case worst_first[] = { DEED_OF_CRASHED, DEED_OF_LIMIT, DEED_OF_DAMAGED,
                                                  DEED_OF_ENCRYPTED, DEED_OF_NO_READER };
    unsigned seen = 0;
    for (uint32_t i = 0; i < r->n_unread; i++)
        if ((unsigned)r->unread[i].cause < UNREAD_CAUSES)
            seen |= 1U << by_cause[r->unread[i].cause];
    for (size_t i = 0; i < sizeof worst_first / sizeof worst_first[0]; i++)
        if (seen & 1U << worst_first[i])
            return worst_first[i];
    return DEED_OF_LIMIT; /* the record was full before it could say why */
}

enum deed_case deed_case_of(const struct judgement *j, const struct record *r)
{
    switch (j->verdict) {
    case VERDICT_CLEAN:
        return DEED_OF_CLEAN;
    case VERDICT_SUSPICIOUS:
        return DEED_OF_SUSPICIOUS;
    case VERDICT_UNKNOWN:
        return of_unread(r);
    default:
        return DEED_OF_MALICIOUS;
    }
}

/* "<user@Example.com.>" is of example.com: what stands behind the last @ (RFC 5321 4.1.2). */
static slice domain_of(slice recipient)
{
    slice s = slice_trim(recipient);
    if (s.len && s.at[s.len - 1] == '>')
        s.len--;
    while (s.len && s.at[s.len - 1] == '.')
        s.len--;
    for (size_t i = s.len; i > 0; i--)
        if (s.at[i - 1] == '@')
            return slice_from(s, i);
    return (slice){ 0 };
}

static bool same_domain(slice lower, slice any)
{
    if (lower.len != any.len)
        return false;
    for (size_t i = 0; i < any.len; i++)
        if (lower.at[i] != ascii_lower(any.at[i]))
            return false;
    return true;
}

static enum deed for_one(const struct deed_rules *rules, enum deed_case c, slice recipient)
{
    slice domain = domain_of(recipient);
    for (size_t i = 0; i < rules->n_domains && domain.len; i++)
        if (rules->domains[i].given[c] && same_domain(rules->domains[i].domain, domain))
            return rules->domains[i].of[c];
    return rules->of[c];
}

enum deed deed_of(const struct deed_rules *rules, enum deed_case c, const slice *recipients,
                  size_t n)
{
    CHECK((unsigned)c < DEED_CASES);
    enum deed most = n ? DEED_DELIVER : rules->of[c];
    for (size_t i = 0; i < n; i++) {
        enum deed d = for_one(rules, c, recipients[i]);
        most = d > most ? d : most;
    }
    return rules->observe && most > DEED_TAG ? DEED_TAG : most;
}
