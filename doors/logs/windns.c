/* SPDX-License-Identifier: Apache-2.0 */
/* windns - the debug log of Windows' DNS server (DNS.log, "Log packets for debugging"), as its own
 * header describes the fields:
 *     2026/11/22 9:00:00 0E70 PACKET  00000000033397A0 UDP Rcv 192.0.2.15      5b47   Q [0001   D
 * NOERROR] A      (3)www(7)example(7)invalid(0) Only what clients ask and what they are told; the
 * questions to other servers are passed. */
#include "base/text.h"
#include "doors/logs/logs_private.h"

enum { NAME_MAX_BYTES = 256 };

/* "(3)www(7)example(0)" */
static slice dotted(struct logs *g, slice s)
{
    uint8_t *text = ARENA_ARRAY(g->scratch, uint8_t, NAME_MAX_BYTES);
    size_t n = 0;
    for (size_t i = 0; text && i < s.len && n < NAME_MAX_BYTES; i++) {
        if (s.at[i] != '(') {
            text[n++] = s.at[i];
            continue;
        }
        while (i < s.len && s.at[i] != ')')
            i++;
        if (n)
            text[n++] = '.';
    }
    return log_name((slice){ text, n });
}

static enum log_line read_windns(struct logs *g, const struct log_text *t, struct contact *out)
{
    size_t packet = slice_find(slice_sub(t->line, 0, 80), SLICE_LIT(" PACKET "), 0);
    if (packet == SIZE_MAX)
        return LOG_UNREAD;
    slice rest = t->line, when = rest;
    if (!log_stamp(&rest, &g->clock, &out->time))
        out->time = (struct contact_time){ .written = slice_sub(when, 0, packet) };
    rest = slice_from(t->line, packet + 8);
    while (rest.len && rest.at[0] == ' ')
        rest = slice_from(rest, 1);
    (void)log_word(&rest); /* the packet's number */
    slice protocol = log_word(&rest), way = log_word(&rest);
    out->client = log_word(&rest);
    (void)log_word(&rest); /* the question's number */
    size_t open = slice_find_byte(rest, '[', 0), close = slice_find_byte(rest, ']', 0);
    if ((!slice_is(protocol, "UDP") && !slice_is(protocol, "TCP")) ||
        !log_is_address(out->client) || open == SIZE_MAX || close == SIZE_MAX || close < open)
        return LOG_UNREAD;
    bool response = slice_find_byte(slice_sub(rest, 0, open), 'R', 0) != SIZE_MAX;
    if (response != slice_is(way, "Snd"))
        return LOG_PASSED;
    slice flags = slice_sub(rest, open + 1, close - open - 1), code = { 0 };
    while (flags.len)
        code = log_word(&flags);
    rest = slice_from(rest, close + 1);
    while (rest.len && rest.at[0] == ' ')
        rest = slice_from(rest, 1);
    out->kind = CONTACT_NAME;
    out->method = log_word(&rest);
    if (arena_spent(g->scratch))
        arena_reset(g->scratch);
    out->host = dotted(g, log_word(&rest));
    if (response)
        out->outcome = log_outcome_of_reply(code);
    return out->host.len ? LOG_READ : LOG_PASSED;
}

const struct log_format log_windns = { "windns", read_windns };
