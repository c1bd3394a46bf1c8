/* SPDX-License-Identifier: Apache-2.0 */
/* bind - BIND's categories "queries" and "rpz", with or without category and severity, or through
 * syslog (BIND 9 Administrator Reference Manual, "The Query Log"):
 *     client @0x7f1 192.0.2.15#4711 (www.example.invalid): view in: query: www.example.invalid IN A
 * +E(0)K (192.0.2.53) client @0x7f1 192.0.2.15#4711 (www.example.invalid): rpz QNAME NXDOMAIN
 * rewrite www.example.invalid/A/IN via ... */
#include "base/text.h"
#include "doors/logs/logs_private.h"

/* Behind "client ", which category and severity may precede. */
static bool find_client(slice *rest)
{
    for (unsigned i = 0; i < 4 && rest->len; i++) {
        slice word = log_word(rest);
        if (slice_is(word, "client"))
            return true;
        if (!word.len || word.at[word.len - 1] != ':')
            return false;
    }
    return false;
}

static enum log_line rewritten(slice what, struct contact *out)
{
    /* "QNAME NXDOMAIN rewrite NAME/TYPE/CLASS via ..." */
    (void)log_word(&what);
    slice policy = log_word(&what);
    if (!slice_is(log_word(&what), "rewrite"))
        return LOG_PASSED;
    slice name = log_word(&what);
    size_t slash = slice_find_byte(name, '/', 0);
    out->host = log_name(slice_sub(name, 0, slash == SIZE_MAX ? name.len : slash));
    out->outcome = slice_is_nocase(policy, "PASSTHRU") || slice_is_nocase(policy, "TCP-ONLY")
                       ? OUTCOME_UNKNOWN
                       : OUTCOME_BLOCKED;
    return out->host.len ? LOG_READ : LOG_PASSED;
}

static enum log_line read_bind(struct logs *g, const struct log_text *t, struct contact *out)
{
    slice rest = t->rest;
    (void)g;
    enum log_line other = slice_is(t->tag, "named") ? LOG_PASSED : LOG_UNREAD;
    out->kind = CONTACT_NAME;
    if (!find_client(&rest))
        return other;
    slice word = log_word(&rest);
    if (slice_starts(word, SLICE_LIT("@")))
        word = log_word(&rest);
    size_t hash = slice_find_byte(word, '#', 0);
    out->client = slice_sub(word, 0, hash == SIZE_MAX ? 0 : hash);
    if (!log_is_address(out->client))
        return other;
    size_t query = slice_find(rest, SLICE_LIT("query: "), 0),
           rpz = slice_find(rest, SLICE_LIT(": rpz "), 0);
    if (rpz != SIZE_MAX)
        return rewritten(slice_from(rest, rpz + 6), out);
    if (query == SIZE_MAX)
        return LOG_PASSED;
    rest = slice_from(rest, query + 7);
    out->host = log_name(log_word(&rest));
    slice class = log_word(&rest);
    out->method = log_word(&rest);
    return out->host.len && class.len && out->method.len ? LOG_READ : LOG_PASSED;
}

const struct log_format log_bind = { "bind", read_bind };
