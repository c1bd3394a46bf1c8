/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of the milter protocol: u32 length (network order), of a command byte and
 * its payload; strings end in NUL.
 *
 * The protocol has no standard. Facts here are of libmilter 8.18 (mfdef.h, mfapi.h,
 * libmilter/docs) and of what Postfix 3.7 does (milter8.c, MILTER_README). */
#include "base/text.h"
#include "doors/milter/milter_private.h"

static void put_u32(struct buf *out, uint32_t v)
{
    const uint8_t bytes[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                              (uint8_t)v };
    buf_put(out, (slice){ bytes, sizeof bytes });
}

static void put_head(struct buf *out, enum milter_reply reply, size_t payload)
{
    put_u32(out, (uint32_t)payload + 1);
    buf_byte(out, (uint8_t)reply);
}

void milter_put(struct buf *out, enum milter_reply reply)
{
    put_head(out, reply, 0);
}

/* One line of printable ASCII. Sendmail takes the text for a format, so that libmilter doubles
 * every '%', and Postfix halves them again (milter8.c, SMFIR_REPLYCODE). */
static void put_reply_text(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len && i < MILTER_REPLY_MAX; i++) {
        uint8_t c = text.at[i];
        buf_byte(out, c >= 0x20 && c < 0x7F ? c : c < 0x20 ? ' ' : '?');
        if (c == '%')
            buf_byte(out, '%');
    }
}

/* "5.7.1 " in front (RFC 3463 2), which some texts bring themselves. */
static bool has_status(slice text)
{
    return text.len > 6 && (text.at[0] == '4' || text.at[0] == '5') && text.at[1] == '.' &&
           ascii_digit(text.at[2]) && slice_find_byte(slice_sub(text, 0, 12), ' ', 0) != SIZE_MAX;
}

void milter_put_code(struct buf *out, const char *code, const char *status, slice text,
                     slice reference)
{
    struct buf line = buf_new(MILTER_REPLY_MAX * 3);
    buf_format(&line, "%s ", code);
    if (!has_status(text))
        buf_format(&line, "%s ", status);
    put_reply_text(&line, text);
    if (reference.len && slice_find(text, reference, 0) == SIZE_MAX) {
        buf_text(&line, " (");
        put_reply_text(&line, slice_sub(reference, 0, GATE_REFERENCE));
        buf_byte(&line, ')');
    }
    put_head(out, MILTER_REPLY_CODE, line.len + 1);
    buf_put(out, buf_slice(&line));
    buf_byte(out, 0);
    buf_drop(&line);
}

/* An empty value deletes (libmilter/docs/smfi_chgheader.html). */
void milter_put_delete(struct buf *out, uint32_t index, slice name)
{
    put_head(out, MILTER_CHANGE_HEADER, 4 + name.len + 1 + 1);
    put_u32(out, index);
    buf_put(out, name);
    buf_byte(out, 0);
    buf_byte(out, 0);
}

static bool is_name(slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] <= ' ' || name.at[i] >= 0x7F || name.at[i] == ':')
            return false; /* RFC 5322 3.6.8 */
    return name.len > 0 && name.len <= 128;
}

/* One field's value; lines are broken at blanks (RFC 5322 2.1.1), and a milter says LF for it. */
static void put_value(struct buf *out, slice value, size_t column)
{
    enum { WIDTH = 72 };
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.at[i] < ' ' || value.at[i] == 0x7F ? ' ' : value.at[i];
        bool ends = c == ' ' && column >= WIDTH && i + 1 < value.len && value.at[i + 1] > ' ';
        if (ends)
            buf_byte(out, '\n');
        buf_byte(out, c);
        column = ends ? 1 : column + 1;
    }
}

void milter_put_header(struct buf *out, slice name, slice value, bool leading_space)
{
    struct buf text = buf_new(2 * GATE_TEXT_MAX);
    if (!is_name(name))
        return;
    if (leading_space)
        buf_byte(&text, ' ');
    put_value(&text, slice_sub(value, 0, GATE_TEXT_MAX), name.len + 2);
    put_head(out, MILTER_INSERT_HEADER, 4 + name.len + 1 + text.len + 1);
    put_u32(out, 0);
    buf_put(out, name);
    buf_byte(out, 0);
    buf_put(out, buf_slice(&text));
    buf_byte(out, 0);
    buf_drop(&text);
}

slice milter_string(cursor *c)
{
    return cur_until(c, 0);
}

/* The macros that are read, by the stage at which the MTA sends them (SMFIM_*; libmilter/docs,
 * smfi_setsymlist). Asked for by name, because sites shorten these lists, and because Postfix
 * repeats the list of headers in front of each of them. */
static const struct {
    uint32_t stage;
    const char *names;
} macros[] = {
    { 1, "{tls_version} {cipher}" }, /* helo */
    { 2, "i {auth_authen}" },        /* mail; Postfix has no queue id yet */
    { 5, "i" },                      /* end of message */
};

static void put_macros(struct buf *out)
{
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
        put_u32(out, macros[i].stage);
        buf_text(out, macros[i].names);
        buf_byte(out, 0);
    }
}

bool milter_put_options(struct buf *out, cursor offer, uint32_t *actions_out, uint32_t *steps_out)
{
    const uint32_t want_actions =
        MILTER_MAY_ADD_HEADERS | MILTER_MAY_CHANGE_HEADERS | MILTER_MAY_SET_MACROS;
    const uint32_t want_steps = MILTER_QUIET_HEADER | MILTER_NO_UNKNOWN | MILTER_NO_DATA |
                                MILTER_MAY_SKIP | MILTER_QUIET_CONNECT | MILTER_QUIET_HELO |
                                MILTER_QUIET_MAIL | MILTER_QUIET_RECIPIENT | MILTER_QUIET_DATA |
                                MILTER_QUIET_UNKNOWN | MILTER_QUIET_HEADERS_END |
                                MILTER_QUIET_BODY | MILTER_LEADING_SPACE;
    uint32_t version = cur_u32be(&offer), actions = cur_u32be(&offer), steps = cur_u32be(&offer);
    if (!cur_ok(&offer) || version < MILTER_VERSION_LEAST)
        return false;
    *actions_out = actions & want_actions;
    *steps_out = steps & want_steps;
    struct buf lists = buf_new(1024);
    if (*actions_out & MILTER_MAY_SET_MACROS)
        put_macros(&lists);
    put_head(out, (enum milter_reply)MILTER_OPTIONS, 12 + lists.len);
    put_u32(out, version < MILTER_VERSION ? version : MILTER_VERSION);
    put_u32(out, *actions_out);
    put_u32(out, *steps_out);
    buf_put(out, buf_slice(&lists));
    buf_drop(&lists);
    return true;
}
