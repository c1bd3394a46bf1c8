/* SPDX-License-Identifier: Apache-2.0 */
/* JSON writer, RFC 8259; see json.h. U+2028/9 are escaped because JavaScript once took them for
 * line ends, what a terminal acts on or does not show (controls, turns of direction, tag characters,
 * variation selectors) so that nothing is hidden in a log. Numbers are integers; above 2^53 some readers round.
 */
#include "base/json.h"
#include "base/text.h"

enum { DEPTH_MAX = 63 }; /* bits of `fresh` */

/* The comma, where one is due. */
static void before_value(struct json *j)
{
    uint64_t bit = UINT64_C(1) << j->depth;
    if (j->after_key)
        j->after_key = false;
    else if (j->fresh & bit)
        j->fresh &= ~bit;
    else
        buf_byte(j->out, ',');
}

static void begin(struct json *j, uint8_t bracket)
{
    before_value(j);
    CHECK(j->depth < DEPTH_MAX);
    j->depth++;
    j->fresh |= UINT64_C(1) << j->depth;
    buf_byte(j->out, bracket);
}

static void end(struct json *j, uint8_t bracket)
{
    CHECK(j->depth > 0 && !j->after_key);
    j->depth--;
    buf_byte(j->out, bracket);
}

void json_object(struct json *j)
{
    begin(j, '{');
}
void json_object_end(struct json *j)
{
    end(j, '}');
}
void json_array(struct json *j)
{
    begin(j, '[');
}
void json_array_end(struct json *j)
{
    end(j, ']');
}

/* What may stand in a JSON string as it is. */
static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* The first eight bytes of `s` are all plain; only by what bits of words tell. */
static bool eight_plain(slice s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones * 0x80;
    uint64_t w = 0;
    (void)slice_copy_out(s, (uint8_t *)&w, sizeof w);
    uint64_t quote = w ^ ones * '"', back = w ^ ones * '\\', del = w ^ ones * 0x7f;
    /* Bytes below 0x20, equal to one of the three, or above 0x7f borrow or have their top bit. */
    return !(((w - ones * 0x20) | w | (quote - ones) | (back - ones) | (del - ones)) & tops);
}

/* Length of the run from `from` on that may stand in a JSON string as it is. */
static size_t plain_run(slice s, size_t from)
{
    size_t i = from;
    while (s.len - i >= 8 && eight_plain(slice_sub(s, i, 8)))
        i += 8;
    while (i < s.len && is_plain(s.at[i]))
        i++;
    return i - from;
}

static void put_escaped(struct buf *out, uint32_t c)
{
    uint8_t bytes[4];
    if (c > 0x7f && !utf8_deceives(c) && !utf8_varies(c)) {
        buf_put(out, (slice){ bytes, utf8_put(bytes, c) });
        return;
    }
    static const char short_form[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i < sizeof short_form - 1; i += 2) {
        if (c == (uint8_t)short_form[i]) {
            buf_byte(out, '\\');
            buf_byte(out, (uint8_t)short_form[i + 1]);
            return;
        }
    }
    if (c > 0xffff) /* RFC 8259 7: as a surrogate pair */
        buf_format(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
    else
        buf_format(out, "\\u%04x", c);
}

static void put_string(struct buf *out, slice s)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < s.len;) {
        size_t n = plain_run(s, i);
        buf_put(out, slice_sub(s, i, n));
        i += n;
        if (i < s.len)
            put_escaped(out, utf8_next(s, &i));
    }
    buf_byte(out, '"');
}

void json_key(struct json *j, const char *key)
{
    CHECK(j->depth > 0 && !j->after_key);
    before_value(j);
    put_string(j->out, slice_of(key));
    buf_byte(j->out, ':');
    j->after_key = true;
}

void json_text(struct json *j, slice utf8)
{
    before_value(j);
    put_string(j->out, utf8);
}

void json_cstr(struct json *j, const char *text)
{
    json_text(j, slice_of(text));
}

void json_uint(struct json *j, uint64_t v)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (uint8_t)('0' + v % 10);
    while (v /= 10);
    before_value(j);
    buf_put(j->out, (slice){ digits + at, sizeof digits - at });
}

void json_int(struct json *j, int64_t v)
{
    if (v >= 0) {
        json_uint(j, (uint64_t)v);
        return;
    }
    before_value(j);
    buf_byte(j->out, '-');
    j->after_key = true; /* the digits belong to the sign */
    json_uint(j, -(uint64_t)v);
}

void json_bool(struct json *j, bool v)
{
    before_value(j);
    buf_text(j->out, v ? "true" : "false");
}

void json_null(struct json *j)
{
    before_value(j);
    buf_text(j->out, "null");
}

void json_hex(struct json *j, slice bytes)
{
    static const char digit[] = "0123456789abcdef";
    before_value(j);
    buf_byte(j->out, '"');
    for (size_t i = 0; i < bytes.len && !j->out->full; i++) {
        buf_byte(j->out, (uint8_t)digit[bytes.at[i] >> 4]);
        buf_byte(j->out, (uint8_t)digit[bytes.at[i] & 15]);
    }
    buf_byte(j->out, '"');
}
