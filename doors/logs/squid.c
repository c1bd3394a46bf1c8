/* SPDX-License-Identifier: Apache-2.0 */
/* squid - Squid's native access.log (logformat squid):
 *     %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt
 * The query of an address is missing unless strip_query_terms is off. */
#include "base/text.h"
#include "doors/logs/logs_private.h"

/* "TCP_MISS/200" */
static enum contact_outcome outcome(slice code, slice status_text, unsigned *status)
{
    uint64_t v = 0;
    *status = slice_u64(status_text, &v) && v < 1000 ? (unsigned)v : 0;
    if (slice_starts(code, SLICE_LIT("TCP_DENIED")) ||
        slice_starts(code, SLICE_LIT("UDP_DENIED")) || slice_is(code, "NONE_NONE_DENIED"))
        return *status == 407 ? OUTCOME_FAILED : OUTCOME_BLOCKED;
    return *status == 0 ? OUTCOME_FAILED : log_outcome_of_status(*status);
}

static enum log_line read_squid(struct logs *g, const struct log_text *t, struct contact *out)
{
    slice rest = t->rest;
    uint64_t elapsed;
    while (rest.len && rest.at[0] == ' ')
        rest = slice_from(rest, 1);
    if (rest.len < 20 || !ascii_digit(rest.at[0]) || !log_stamp(&rest, &g->clock, &out->time) ||
        rest.len == 0 || rest.at[0] != ' ')
        return LOG_UNREAD;
    (void)log_word(&rest); /* the blanks */
    slice number = log_word(&rest);
    out->client = log_word(&rest);
    slice code = log_word(&rest), size = log_word(&rest);
    size_t slash = slice_find_byte(code, '/', 0);
    if (slice_starts(number, SLICE_LIT("-")))
        number = slice_from(number, 1);
    if (!slice_u64(number, &elapsed) || slash == SIZE_MAX || !slice_u64(size, &out->bytes))
        return LOG_UNREAD;
    out->has_bytes = true;
    out->outcome = outcome(slice_sub(code, 0, slash), slice_from(code, slash + 1), &out->status);
    out->method = log_word(&rest);
    out->url = log_word(&rest);
    out->user = log_value(log_word(&rest));
    slice way = log_word(&rest);
    slash = slice_find_byte(way, '/', 0);
    out->peer = slash == SIZE_MAX ? (slice){ 0 } : log_value(slice_from(way, slash + 1));
    if (!out->url.len)
        return LOG_UNREAD;
    if (slice_starts(out->url, SLICE_LIT("error:")) ||
        slice_starts(out->url, SLICE_LIT("cache_object:")) || slice_is(out->url, "-"))
        return LOG_PASSED;
    if (slice_is(out->method, "CONNECT")) {
        out->host = out->url;
        out->url = (slice){ 0 };
    }
    return LOG_READ;
}

const struct log_format log_squid = { "squid", read_squid };
