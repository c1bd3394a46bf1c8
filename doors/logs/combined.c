/* SPDX-License-Identifier: Apache-2.0 */
/* combined - the common and combined log formats of proxies (Squid's "common" and "combined",
 * Apache's mod_proxy with or without the virtual host in front):
 *     %h %l %u [%t] "%r" %>s %b "%{Referer}i" "%{User-agent}i"  and of Squid  %Ss:%Sh
 * A request for a path alone went to that server itself: passed. */
#include "base/text.h"
#include "doors/logs/logs_private.h"

/* The text up to the closing quote; *rest behind it. Escaped quotes stay. */
static slice quoted(slice *rest)
{
    size_t i = 1;
    if (!rest->len || rest->at[0] != '"')
        return (slice){ 0 };
    while (i < rest->len && rest->at[i] != '"')
        i += rest->at[i] == '\\' ? 2 : 1;
    slice inside = slice_sub(*rest, 1, i < rest->len ? i - 1 : rest->len);
    *rest = slice_from(*rest, i + 1);
    while (rest->len && rest->at[0] == ' ')
        *rest = slice_from(*rest, 1);
    return inside;
}

/* Host, ident and user, with the virtual host perhaps in front of them. */
static bool who(slice head, struct contact *out)
{
    slice words[4];
    size_t n = 0;
    while (head.len && n < 4)
        words[n++] = log_word(&head);
    if (head.len || n < 3)
        return false;
    out->client = words[n - 3];
    out->user = log_value(words[n - 1]);
    return true;
}

static bool request(slice line, struct contact *out)
{
    out->method = log_word(&line);
    slice target = log_word(&line);
    if (slice_is(out->method, "CONNECT"))
        out->host = target;
    else if (slice_find(slice_sub(target, 0, 12), SLICE_LIT("://"), 0) != SIZE_MAX)
        out->url = target;
    return out->host.len || out->url.len;
}

static enum log_line read_combined(struct logs *g, const struct log_text *t, struct contact *out)
{
    uint64_t v;
    size_t open = slice_find(t->rest, SLICE_LIT(" ["), 0);
    if (open == SIZE_MAX || open > 2000)
        return LOG_UNREAD;
    slice rest = slice_from(t->rest, open + 2);
    if (!log_stamp(&rest, &g->clock, &out->time) || !slice_starts(rest, SLICE_LIT("] \"")) ||
        !who(slice_sub(t->rest, 0, open), out))
        return LOG_UNREAD;
    rest = slice_from(rest, 2);
    bool elsewhere = request(quoted(&rest), out);
    slice status = log_word(&rest), size = log_word(&rest);
    if (!slice_u64(status, &v) || v > 999)
        return LOG_UNREAD;
    out->status = (unsigned)v;
    out->has_bytes = slice_u64(size, &out->bytes);
    out->outcome = log_outcome_of_status(out->status);
    (void)quoted(&rest);
    (void)quoted(&rest);
    if (slice_find(rest, SLICE_LIT("TCP_DENIED"), 0) != SIZE_MAX && out->status != 407)
        out->outcome = OUTCOME_BLOCKED;
    return elsewhere ? LOG_READ : LOG_PASSED;
}

const struct log_format log_combined = { "combined", read_combined };
