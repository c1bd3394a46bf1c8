/* SPDX-License-Identifier: Apache-2.0 */
/* Who the mail says it is from: an address inside the display name (checks T08, T09), look-alike
 * domains, mixed scripts, our own domain, and other header addresses of a foreign organisation
 * (T10). An organisation is a registered domain.
 *
 * Mail services send for others under their own return path; what they have in common is that
 * the local part encodes the recipient or a long number (VERP), whoever they are, so the form is
 * tolerated and no brand is listed.
 */
#include "observe/whole/lookalike.h"
#include "observe/whole/mailbox.h"
#include "observe/whole/whole_private.h"

/* "Taro via List", "Taro (Example) via Service", "経由" */
static bool says_via(slice name)
{
    return slice_find_nocase(name, SLICE_LIT(" via "), 0) != SIZE_MAX ||
           slice_find(name, SLICE_LIT("経由"), 0) != SIZE_MAX;
}

/* T09: quote characters or brackets that are part of the name. Single quotes are what Outlook
 * writes around a bare address and mean nothing. */
static bool quoted_name(slice name)
{
    static const struct {
        slice left, right;
    } pairs[] = {
        { SLICE_INIT("\""), SLICE_INIT("\"") },
        { SLICE_INIT("\\\""), SLICE_INIT("\"") },
        { SLICE_INIT("＂"), SLICE_INIT("＂") },
        { SLICE_INIT("<"), SLICE_INIT(">") },
    };
    name = slice_trim(name);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (name.len > pairs[i].left.len + pairs[i].right.len &&
            slice_starts(name, pairs[i].left) && slice_ends(name, pairs[i].right))
            return true;
    return false;
}

static void name_addresses(struct whole *w, slice name)
{
    slice narrow = mailbox_shown(w->mem, name);
    struct mailbox m;
    bool foreign = false;
    for (size_t pos = 0; mailbox_next(narrow, &pos, &m);) {
        whole_text(w, FACT_EMAIL_FROM_NAME_ADDRESS, m.address, NO_LINE);
        if (w->from.n == 0 || whole_has_organisation(w, &w->from, m.address))
            continue;
        w->shows_another = true;
        foreign = true;
        whole_text(w, FACT_EMAIL_FROM_NAME_FOREIGN, m.address, NO_LINE);
    }
    if (foreign && (w->list || says_via(name)))
        whole_flag(w, FACT_EMAIL_FROM_NAME_VIA);
}

static void names(struct whole *w)
{
    bool quotes = false, mixed = false;
    for (size_t i = 0; i < w->from_name.n; i++) {
        name_addresses(w, w->from_name.list[i]);
        quotes |= quoted_name(w->from_name.list[i]);
        mixed |= lookalike_mixed(w->from_name.list[i], false);
    }
    for (size_t i = 0; i < w->from.n; i++) {
        slice local = mailbox_local(w->from.list[i]);
        if (slice_find_byte(local, '@', 0) != SIZE_MAX) /* "taro@partner.example"@other.example */
            name_addresses(w, local);
        slice shown = lookalike_shown(w->mem, mailbox_domain(w->from.list[i]));
        mixed |= lookalike_mixed(shown, true) || lookalike_mixed(local, true);
    }
    if (quotes)
        whole_flag(w, FACT_EMAIL_FROM_NAME_QUOTES);
    if (mixed)
        whole_flag(w, FACT_EMAIL_FROM_HOMOGRAPH);
}

/* Several From addresses: most mail programs show the first one only. */
static void authors(struct whole *w)
{
    for (size_t i = 1; i < w->from.n; i++) {
        if (whole_same_organisation(w, w->from.list[0], w->from.list[i]))
            continue;
        whole_text(w, FACT_EMAIL_FROM_FOREIGN, w->from.list[i], NO_LINE);
        return;
    }
}

/* A domain the reader knows, which the sender's is compared with. */
static bool resembles(struct whole *w, slice genuine)
{
    slice known = slice_lower(w->mem, genuine);
    for (size_t i = 0; i < w->from.n && i < 4; i++) {
        slice domain = slice_lower(w->mem, mailbox_domain(w->from.list[i]));
        if (domain.len && known.len && lookalike_domains(w->mem, domain, known)) {
            whole_text(w, FACT_EMAIL_FROM_LOOKALIKE, known, NO_LINE);
            return true;
        }
    }
    return false;
}

static void lookalikes(struct whole *w)
{
    for (size_t i = 0; i < w->site->n_own_domains && i < WHOLE_LIST; i++)
        if (resembles(w, w->site->own_domains[i]))
            return;
    for (size_t i = 0; i < w->to.n && i < 16; i++)
        if (resembles(w, mailbox_domain(w->to.list[i])))
            return;
    for (size_t i = 0; i < w->from_name.n && i < 4; i++) {
        slice narrow = mailbox_shown(w->mem, w->from_name.list[i]);
        struct mailbox m;
        size_t pos = 0;
        if (mailbox_next(narrow, &pos, &m) && resembles(w, mailbox_domain(m.address)))
            return;
    }
    for (size_t i = 0; w->quotes && i < w->quotes->n && i < 4; i++) {
        const struct quote *q = &w->quotes->list[i];
        if (q->sender.address.len && resembles(w, mailbox_domain(q->sender.address)))
            return;
        for (size_t k = 0; k < q->n_recipients && k < 8; k++)
            if (q->recipients[k].address.len &&
                resembles(w, mailbox_domain(q->recipients[k].address)))
                return;
    }
}

/* Does the local part look made for one recipient or one mail? SRS and BATV rewrite it too. */
static bool made_for_one(struct whole *w, slice path)
{
    static const char *const heads[] = { "srs0",   "srs1",   "prvs=",  "bounce", "bnc",
                                         "return", "errors", "owner-", "msprvs" };
    slice local = mailbox_local(path);
    size_t run = 0, longest = 0, digits = 0;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (slice_starts_nocase(local, heads[i]))
            return true;
    for (size_t i = 0; i < local.len; i++) {
        run = ascii_hex(local.at[i]) >= 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
        digits += ascii_digit(local.at[i]);
    }
    if (slice_ends_nocase(local, "-bounces") || slice_ends_nocase(local, "-bounce") ||
        slice_find_nocase(local, SLICE_LIT("bounce"), 0) != SIZE_MAX || longest >= 16 ||
        digits >= 10)
        return true;
    for (size_t i = 0; i < w->to.n && i < 8; i++) {
        slice domain = mailbox_domain(w->to.list[i]);
        if (domain.len > 3 && slice_find_nocase(local, domain, 0) != SIZE_MAX)
            return true;
    }
    return false;
}

/* T10. The first address of a list that belongs to no From's organisation. */
static void others(struct whole *w, const struct texts *list, enum fact_id id, bool tolerate)
{
    for (size_t i = 0; i < list->n && w->from.n; i++) {
        slice address = list->list[i];
        if (mailbox_domain(address).len == 0 || whole_has_organisation(w, &w->from, address))
            continue;
        if (tolerate && made_for_one(w, address))
            continue;
        whole_text(w, id, address, NO_LINE);
        return;
    }
}

void whole_address(struct whole *w)
{
    names(w);
    authors(w);
    lookalikes(w);
    bool own = false;
    for (size_t i = 0; i < w->from.n; i++)
        own |= whole_is_own(w, w->from.list[i]) ||
               (w->site->n_own_domains == 0 && whole_has_organisation(w, &w->to, w->from.list[i]));
    if (own)
        whole_flag(w, FACT_EMAIL_FROM_RECIPIENT_DOMAIN);
    if (w->list)
        return; /* a list's own addresses belong there */
    others(w, &w->reply_to, FACT_EMAIL_REPLY_TO_FOREIGN, false);
    others(w, &w->return_path, FACT_EMAIL_RETURN_PATH_FOREIGN, true);
    others(w, &w->sender, FACT_EMAIL_SENDER_FOREIGN, false);
}
