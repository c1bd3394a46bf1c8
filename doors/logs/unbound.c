/* SPDX-License-Identifier: Apache-2.0 */
/* unbound - Unbound's log-queries, log-replies, log-tag-queryreply, log-local-actions and rpz-log,
 * with seconds or a date in front, or through syslog:
 *     [1700000000] unbound[12:0] info: 192.0.2.15 www.example.invalid. A IN
 *     ... reply: 192.0.2.15 www.example.invalid. A IN NOERROR 0.000012 1 53
 *     ... info: rpz: applied [list] bad.invalid. rpz-nxdomain 192.0.2.15@4711 www.bad.invalid. A IN
 */
#include "base/text.h"
#include "doors/logs/logs_private.h"

static bool class_word(slice s)
{
    return slice_is(s, "IN") || slice_is(s, "CH") || slice_is(s, "HS") ||
           slice_starts(s, SLICE_LIT("CLASS"));
}

/* What a policy zone or a local zone did. A static zone may also hold the site's own names: there
 * the reply tells. */
static bool stopped(slice action)
{
    static const char *const stops[] = { "deny", "refuse", "inform_deny", "block_a" };
    static const char *const passes[] = { "rpz-passthru", "rpz-tcp-only", "always_transparent" };
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++)
        if (slice_is(action, passes[i]))
            return false;
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        if (slice_is(action, stops[i]))
            return true;
    return slice_starts(action, SLICE_LIT("rpz-")) || slice_starts(action, SLICE_LIT("always_"));
}

/* "ADDRESS@PORT NAME TYPE CLASS" behind the words of an action. */
static enum log_line acted(slice rest, struct contact *out)
{
    slice before = { 0 }, word = { 0 };
    size_t at = SIZE_MAX;
    for (unsigned i = 0; i < 8 && rest.len; i++) {
        before = word;
        word = log_word(&rest);
        at = slice_find_byte(word, '@', 0);
        if (at != SIZE_MAX && log_is_address(slice_sub(word, 0, at)))
            break;
        at = SIZE_MAX;
    }
    slice name = log_word(&rest), type = log_word(&rest);
    if (at == SIZE_MAX || !name.len || !class_word(log_word(&rest)))
        return LOG_PASSED;
    out->client = slice_sub(word, 0, at);
    out->host = log_name(name);
    out->method = type;
    out->outcome = stopped(before) ? OUTCOME_BLOCKED : OUTCOME_UNKNOWN;
    return LOG_READ;
}

static enum log_line read_unbound(struct logs *g, const struct log_text *t, struct contact *out)
{
    slice rest = t->rest;
    (void)g;
    if (!slice_is(t->tag, "unbound"))
        return LOG_UNREAD;
    out->kind = CONTACT_NAME;
    if (rest.len && rest.at[0] == '[') /* "[12:0]" */
        (void)log_word(&rest);
    slice level = log_word(&rest), whole = rest;
    if (!slice_is(level, "info:") && !slice_is(level, "query:") && !slice_is(level, "reply:"))
        return LOG_PASSED;
    if (slice_starts(rest, SLICE_LIT("rpz: applied ")))
        return acted(slice_from(rest, 13), out);
    out->client = log_word(&rest);
    slice name = log_word(&rest);
    out->method = log_word(&rest);
    if (!log_is_address(out->client) || !name.len || !class_word(log_word(&rest)))
        return slice_find_byte(whole, '@', 0) == SIZE_MAX ? LOG_PASSED : acted(whole, out);
    out->host = log_name(name);
    slice code = log_word(&rest);
    if (code.len)
        out->outcome = log_outcome_of_reply(code);
    return LOG_READ;
}

const struct log_format log_unbound = { "unbound", read_unbound };
