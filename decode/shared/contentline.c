/* SPDX-License-Identifier: Apache-2.0 */
/* contentline - RFC 5545 3.1 and 3.2, RFC 6350 3.3 and 5, and what came before
 * them: vCalendar 1.0 and vCard 2.1 (quoted-printable with soft line ends,
 * CHARSET, bare parameter words, base64 without folding). Read as forgiving as
 * the programs: a colon in quotes is none, a missing one makes no line. */
#include "decode/shared/contentline.h"

#include "base/charset.h"
#include "base/text.h"
#include "decode/links.h"
#include "decode/mail.h"
#include "decode/plain.h"

enum { SNIFF_BYTES = 4096, NAME_MAX = 64, DATA_MAX = 32 << 20 };

/* --- lines */

static size_t line_end(slice in, size_t from)
{
    size_t end = slice_find_byte(in, '\n', from);
    return end == SIZE_MAX ? in.len : end;
}

static slice without_cr(slice s)
{
    while (s.len && s.at[s.len - 1] == '\r')
        s.len--;
    return s;
}

/* Where name and parameters end; SIZE_MAX. */
static size_t colon_of(slice line)
{
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] == '"')
            quoted = !quoted;
        else if (line.at[i] == ':' && !quoted)
            return i;
    }
    return slice_find_byte(line, ':', 0); /* a quote that never closes is a character */
}

static bool split(slice line, struct content_line *out)
{
    size_t colon = colon_of(line);
    if (colon == SIZE_MAX)
        return false;
    slice head = slice_sub(line, 0, colon);
    size_t name_end = slice_find_byte(head, ';', 0);
    out->name = slice_trim(slice_sub(head, 0, name_end));
    out->parameters = name_end == SIZE_MAX ? (slice){ 0 } : slice_from(head, name_end);
    out->value = slice_from(line, colon + 1);
    size_t group = slice_find_byte(out->name, '.', 0);
    if (group != SIZE_MAX)
        out->name = slice_from(out->name, group + 1);
    return out->name.len > 0 && out->name.len <= NAME_MAX;
}

static bool is_quoted_printable(slice parameters)
{
    return slice_find_nocase(parameters, SLICE_LIT("QUOTED-PRINTABLE"), 0) != SIZE_MAX;
}

/* Base64 of old contacts goes on over lines that are no lines of their own. */
static bool goes_on_in_base64(slice parameters, slice next)
{
    slice word = slice_trim(next);
    return word.len > 0 && slice_find_byte(word, ':', 0) == SIZE_MAX &&
           slice_find_nocase(parameters, SLICE_LIT("BASE64"), 0) != SIZE_MAX;
}

struct logical { /* one line, unfolded */
    slice text;
    size_t next;
};

static bool goes_on(const struct content_line *l, slice so_far, slice next)
{
    if (next.len && (next.at[0] == ' ' || next.at[0] == '\t'))
        return true;
    if (so_far.len && so_far.at[so_far.len - 1] == '=' && is_quoted_printable(l->parameters))
        return true;
    return goes_on_in_base64(l->parameters, next);
}

/* Joins the lines that follow. One that ends in "=" keeps it: it is undone with the rest. */
static struct logical unfold(struct content_reader *r, size_t from, const struct content_line *l)
{
    size_t end = line_end(r->in, from), next = end < r->in.len ? end + 1 : end;
    struct logical out = { without_cr(slice_sub(r->in, from, end - from)), next };
    slice last = out.text, line = without_cr(slice_sub(r->in, next, line_end(r->in, next) - next));
    if (next >= r->in.len || !goes_on(l, last, line))
        return out;
    struct buf b = buf_new(DATA_MAX);
    buf_put(&b, out.text);
    while (next < r->in.len && goes_on(l, last, line)) {
        bool soft = last.len && last.at[last.len - 1] == '=' && is_quoted_printable(l->parameters);
        bool folded = line.len && (line.at[0] == ' ' || line.at[0] == '\t');
        b.len -= soft;
        buf_put(&b, slice_from(line, folded && !soft ? 1 : 0));
        end = line_end(r->in, next);
        next = end < r->in.len ? end + 1 : end;
        last = line;
        line = without_cr(slice_sub(r->in, next, line_end(r->in, next) - next));
    }
    out.text = arena_copy(r->w->mem, buf_slice(&b));
    out.next = next;
    buf_drop(&b);
    return out;
}

bool content_next(struct content_reader *r, struct content_line *out)
{
    while (r->pos < r->in.len) {
        size_t from = r->pos;
        *out = (struct content_line){ .at = from };
        slice first = without_cr(slice_sub(r->in, from, line_end(r->in, from) - from));
        (void)split(first, out); /* its parameters say how it goes on */
        struct logical whole = unfold(r, from, out);
        r->pos = whole.next;
        if (!walk_work(r->w, (r->pos - from) * WORK_PER_SCANNED_BYTE + 20))
            return false;
        if (split(whole.text, out)) {
            out->end = r->pos;
            return true;
        }
    }
    return false;
}

bool content_is(const struct content_line *l, const char *name)
{
    return slice_is_nocase(l->name, name);
}

/* --- parameters */

slice content_parameter(const struct content_line *l, const char *name)
{
    slice s = l->parameters;
    while (s.len) {
        s = slice_from(s, 1); /* the semicolon */
        size_t end = 0;
        bool quoted = false;
        while (end < s.len && (quoted || s.at[end] != ';')) {
            quoted = quoted != (s.at[end] == '"');
            end++;
        }
        slice one = slice_sub(s, 0, end);
        size_t equals = slice_find_byte(one, '=', 0);
        if (equals != SIZE_MAX && slice_is_nocase(slice_trim(slice_sub(one, 0, equals)), name)) {
            slice value = slice_trim(slice_from(one, equals + 1));
            if (value.len >= 2 && value.at[0] == '"' && value.at[value.len - 1] == '"')
                value = slice_sub(value, 1, value.len - 2);
            return value;
        }
        s = slice_from(s, end);
    }
    return (slice){ 0 };
}

bool content_is_base64(const struct content_line *l)
{
    slice encoding = content_parameter(l, "ENCODING");
    return slice_is_nocase(encoding, "BASE64") || slice_is_nocase(encoding, "B") ||
           slice_find_nocase(l->parameters, SLICE_LIT(";BASE64"), 0) != SIZE_MAX;
}

/* --- values */

static slice unquote_printable(struct walk *w, slice s)
{
    uint8_t *out = arena_get(w->mem, s.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        int high = s.at[i] == '=' && s.len - i > 2 ? ascii_hex(s.at[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex(s.at[i + 2]) : -1;
        if (low >= 0) {
            out[n++] = (uint8_t)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = s.at[i];
        }
    }
    return (slice){ out, n };
}

/* RFC 5545 3.3.11. */
static slice unescape(struct walk *w, slice s)
{
    if (slice_find_byte(s, '\\', 0) == SIZE_MAX)
        return s;
    uint8_t *out = arena_get(w->mem, s.len, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        uint8_t c = s.at[i];
        if (c == '\\' && s.len - i > 1 && strchr("nN\\,;", s.at[i + 1])) {
            i++;
            c = s.at[i] == 'n' || s.at[i] == 'N' ? '\n' : s.at[i];
        }
        out[n++] = c;
    }
    return (slice){ out, n };
}

slice content_text(struct walk *w, const struct content_line *l)
{
    slice value = l->value, charset = content_parameter(l, "CHARSET");
    if (is_quoted_printable(l->parameters)) {
        value = unquote_printable(w, value);
        value = charset.len ? charset_decode(w->mem, charset, value).text
                            : charset_decode_id(w->mem, charset_guess(value), value).text;
    } else if (content_is_base64(l)) {
        value = base64_decode(w->mem, value, NULL);
        value = charset_decode_id(w->mem, charset_guess(value), value).text;
    }
    return slice_trim(unescape(w, value));
}

bool content_bytes(struct walk *w, const struct content_line *l, slice *out, slice *type_out)
{
    slice value = slice_trim(l->value);
    *type_out = (slice){ 0 };
    if (slice_starts_nocase(value, "data:")) { /* RFC 2397 */
        size_t comma = slice_find_byte(value, ',', 0);
        slice head = slice_sub(value, 5, comma == SIZE_MAX ? 0 : comma - 5);
        *type_out = slice_sub(head, 0, slice_find_byte(head, ';', 0));
        slice data = comma == SIZE_MAX ? (slice){ 0 } : slice_from(value, comma + 1);
        *out = slice_find_nocase(head, SLICE_LIT(";base64"), 0) != SIZE_MAX ? base64_decode(w->mem, data, NULL) : data;
        return true;
    }
    if (!content_is_base64(l))
        return false;
    *out = base64_decode(w->mem, value, NULL);
    return true;
}

/* --- what readers share */

static bool begins(slice s, const char *what)
{
    static const char begin[] = "BEGIN:";
    size_t i = 0;
    while (i < s.len && (ascii_space(s.at[i]) || s.at[i] == 0))
        i++;
    s = slice_from(s, i);
    return slice_starts_nocase(s, begin) && slice_starts_nocase(slice_from(s, sizeof begin - 1), what);
}

enum sniff content_sniff(const struct body *body, const char *what)
{
    slice head = slice_sub(body->all, 0, SNIFF_BYTES);
    if (slice_starts(head, SLICE_LIT("\xef\xbb\xbf")))
        head = slice_from(head, 3);
    if (begins(head, what))
        return SNIFF_STRONG;
    if (!slice_starts(head, SLICE_LIT("\xff\xfe")) && !slice_starts(head, SLICE_LIT("\xfe\xff")))
        return SNIFF_NO;
    uint8_t narrow[64];
    size_t n = 0;
    for (size_t i = 2; i < head.len && n < sizeof narrow; i++)
        if (head.at[i])
            narrow[n++] = head.at[i];
    return begins((slice){ narrow, n }, what) ? SNIFF_STRONG : SNIFF_NO;
}

void content_attachment(struct walk *w, const struct content_line *l, slice name, slice type, const char *source)
{
    slice bytes, said;
    if (!content_bytes(w, l, &bytes, &said)) {
        walk_link(w, content_text(w, l), (slice){ 0 }, range_of(l->at, l->end - l->at), source);
        return;
    }
    if (bytes.len == 0)
        return;
    struct body body = body_borrow(bytes);
    struct child child = {
        .name = name,
        .declared = type.len ? type : said,
        .how = HOW_MIME,
        .at = range_of(l->at, l->end - l->at),
        .body = &body,
        .attachment = true,
    };
    if (mail_is_open(w))
        mail_attachment_say(w, name);
    (void)walk_child(w, &child);
}

void content_add(struct buf *text, slice line)
{
    if (line.len == 0)
        return;
    buf_put(text, line);
    buf_byte(text, '\n');
}

static void content_view(struct walk *w, struct buf *text)
{
    slice all = slice_trim(buf_slice(text));
    if (text->full)
        walk_unread(w, UNREAD_LIMIT, SLICE_LIT("text"));
    if (all.len)
        plain_view(w, utf8_clean(w->mem, arena_copy(w->mem, all)), NOWHERE);
    buf_drop(text);
}

bool content_is_any(const struct content_line *l, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (content_is(l, names[i]))
            return true;
    return false;
}

enum walk_end content_walk(struct walk *w, const struct body *body, const char *what, size_t text_max,
                           void (*read)(struct walk *w, const struct content_line *l, struct buf *text))
{
    if (content_sniff(body, what) == SNIFF_NO)
        return WALK_NOT_MINE;
    struct plain p = plain_read(w, body, plain_charset(w->declared), true);
    struct content_reader r = { .w = w, .in = p.text };
    struct content_line l;
    struct buf text = buf_new(text_max);
    while (!walk_over(w) && content_next(&r, &l)) {
        l.at = p.exact ? p.offset + l.at : 0;
        l.end = p.exact ? p.offset + l.end : 0;
        read(w, &l, &text);
    }
    content_view(w, &text);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}
