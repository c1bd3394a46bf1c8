/* SPDX-License-Identifier: Apache-2.0 */
/* dnsmasq - dnsmasq's log-queries, also with "extra" (dnsmasq(8)):
 *     dnsmasq[12]: query[A] www.example.invalid from 192.0.2.15
 *     dnsmasq[12]: 7 192.0.2.15/4711 reply www.example.invalid is 192.0.2.7
 * Without "extra" a reply does not say to whom: passed. */
#include "base/text.h"
#include "doors/logs/logs_private.h"

static enum log_line asked(slice word, slice rest, struct contact *out)
{
    size_t end = slice_find_byte(word, ']', 0);
    out->host = log_name(log_word(&rest));
    out->method = slice_sub(word, 6, end == SIZE_MAX ? 0 : end - 6);
    slice from = log_word(&rest), client = log_word(&rest);
    if (!slice_is(from, "from") || !log_is_address(client) || !out->host.len)
        return LOG_PASSED;
    out->client = client;
    return LOG_READ;
}

static enum log_line answered(slice source, slice rest, struct contact *out)
{
    bool own = slice_is(source, "config") || slice_is(source, "blacklisted") ||
               slice_is(source, "blocked");
    out->host = log_name(log_word(&rest));
    slice is = log_word(&rest), what = rest;
    if (!slice_is(is, "is") || !out->client.len || !out->host.len)
        return LOG_PASSED;
    bool nothing = slice_starts(what, SLICE_LIT("NXDOMAIN")) ||
                   slice_starts(what, SLICE_LIT("NODATA")) || slice_is(what, "0.0.0.0") ||
                   slice_is(what, "::");
    out->outcome = own && nothing ? OUTCOME_BLOCKED : nothing ? OUTCOME_FAILED : OUTCOME_ANSWERED;
    if (log_is_address(what) && !nothing)
        out->peer = what;
    return LOG_READ;
}

static enum log_line read_dnsmasq(struct logs *g, const struct log_text *t, struct contact *out)
{
    slice rest = t->rest, after;
    uint64_t serial;
    (void)g;
    if (!slice_is(t->tag, "dnsmasq"))
        return LOG_UNREAD;
    out->kind = CONTACT_NAME;
    slice word = log_word(&rest);
    after = rest;
    if (slice_u64(word, &serial)) {
        slice client = log_word(&after);
        size_t slash = slice_find_byte(client, '/', 0);
        if (slash != SIZE_MAX && log_is_address(slice_sub(client, 0, slash))) {
            out->client = slice_sub(client, 0, slash);
            rest = after;
            word = log_word(&rest);
        }
    }
    if (slice_starts(word, SLICE_LIT("query[")))
        return asked(word, rest, out);
    if (slice_is(word, "gravity") || slice_is(word, "exactly") ||
        slice_is(word, "regex")) /* of Pi-hole: "gravity blocked NAME is 0.0.0.0" */
        word = log_word(&rest);
    if (slice_is(word, "reply") || slice_is(word, "cached") || slice_is(word, "config") ||
        slice_is(word, "blocked") || slice_is(word, "blacklisted"))
        return answered(word, rest, out);
    return LOG_PASSED;
}

const struct log_format log_dnsmasq = { "dnsmasq", read_dnsmasq };
