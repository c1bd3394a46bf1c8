/* SPDX-License-Identifier: Apache-2.0 */
/* plain - bytes to text, and what is said about every text.
 *
 * Charsets by base/charset.h; quoted mail by the forms mail programs write
 * (Outlook, Gmail, Apple Mail, Thunderbird, Becky!; English and Japanese).
 * What the quote says is read by observe/whole; here only where it begins.
 */
#include "decode/plain.h"

#include "base/charset.h"
#include "base/text.h"
#include "decode/walk_private.h"

enum {
    SNIFF_BYTES = 4096,
    LANGUAGE_BYTES = 64 * 1024,
    QUOTE_LOOK = 6, /* lines of a quoted header block that are looked at */
    LINE_LOOK = 1024,
};

/* --- from bytes to text */

/* UTF-16 without a mark: almost every second byte is zero. */
static enum charset_id utf16_unmarked(slice s)
{
    size_t n = s.len < SNIFF_BYTES ? s.len & ~(size_t)1 : SNIFF_BYTES, even = 0, odd = 0;
    for (size_t i = 0; i + 1 < n; i += 2) {
        even += s.at[i] == 0;
        odd += s.at[i + 1] == 0;
    }
    if (n < 8 || (even && odd && (even < 8 * odd && odd < 8 * even)))
        return CHARSET_UNKNOWN;
    if (odd * 3 > n)
        return CHARSET_UTF16LE;
    return even * 3 > n ? CHARSET_UTF16BE : CHARSET_UNKNOWN;
}

/* Charset and length of a byte order mark. */
static enum charset_id byte_order_mark(slice s, size_t *len_out)
{
    *len_out = 2;
    if (slice_starts(s, SLICE_LIT("\xff\xfe")))
        return CHARSET_UTF16LE;
    if (slice_starts(s, SLICE_LIT("\xfe\xff")))
        return CHARSET_UTF16BE;
    *len_out = 3;
    return slice_starts(s, SLICE_LIT("\xef\xbb\xbf")) ? CHARSET_UTF8 : CHARSET_UNKNOWN;
}

static bool looks_like_text(slice s)
{
    enum { FEW = 128 }; /* a byte counts them: so the compiler takes sixteen at a time */
    size_t n = s.len < SNIFF_BYTES ? s.len : SNIFF_BYTES, controls = 0;
    for (size_t i = 0; i < n;) {
        uint8_t few = 0;
        for (size_t end = n - i < FEW ? n : i + FEW; i < end; i++) {
            uint8_t c = s.at[i];
            few = (uint8_t)(few + ((c < 0x20) & ((uint8_t)(c - '\b') > 7) & ((c | 1) != 0x1b)));
        }
        controls += few;
    }
    return controls * 32 <= n;
}

bool plain_sniff(const struct body *body)
{
    size_t len;
    slice head = slice_sub(body->all, 0, SNIFF_BYTES);
    return byte_order_mark(head, &len) != CHARSET_UNKNOWN || looks_like_text(head) ||
           utf16_unmarked(head) != CHARSET_UNKNOWN;
}

struct plain plain_read(struct walk *w, const struct body *body, slice label, bool anyway)
{
    slice bytes = body_gathered(w->mem, body);
    struct plain p = { 0 };
    if (!walk_work(w, (uint64_t)bytes.len * WORK_PER_SCANNED_BYTE)) {
        walk_note_limits(w);
        return p;
    }
    size_t mark_len;
    enum charset_id id = byte_order_mark(bytes, &mark_len);
    if (id != CHARSET_UNKNOWN)
        bytes = slice_from(bytes, mark_len);
    else
        id = utf16_unmarked(bytes);
    p.binary = id == CHARSET_UNKNOWN && !looks_like_text(bytes) && !charset_label_is_wide(label);
    bool lied = false;
    if (id == CHARSET_UTF8)
        p.text = utf8_clean(w->mem, bytes);
    else if (id != CHARSET_UNKNOWN)
        p.text = charset_decode_id(w->mem, id, bytes).text;
    else if (!p.binary || anyway)
        p.text = charset_decode_best(w->mem, label, bytes, &lied).text;
    if (lied)
        walk_text(w, FACT_MIME_CHARSET_LIED, label, NOWHERE);
    p.exact = bytes.len && p.text.at == bytes.at && bytes.at >= body->all.at &&
              bytes.at <= body->all.at + body->all.len;
    p.offset = p.exact ? (size_t)(bytes.at - body->all.at) : 0;
    return p;
}

slice plain_charset(slice content_type)
{
    size_t at = slice_find_nocase(content_type, SLICE_LIT("charset"), 0);
    if (at == SIZE_MAX)
        return (slice){ 0 };
    slice s = slice_trim(slice_from(content_type, at + 7));
    if (s.len == 0 || s.at[0] != '=')
        return (slice){ 0 };
    s = slice_trim(slice_from(s, 1));
    if (s.len && (s.at[0] == '"' || s.at[0] == '\''))
        s = slice_from(s, 1);
    size_t n = 0;
    while (n < s.len && (ascii_alnum(s.at[n]) || strchr("-_.:+$", s.at[n])))
        n++;
    return slice_sub(s, 0, n < 64 ? n : 64);
}

/* --- figures */

static bool is_kana(uint32_t c)
{
    return (c >= 0x3041 && c <= 0x30ff) || (c >= 0xff66 && c <= 0xff9d);
}
static bool is_cjk(uint32_t c)
{
    return is_kana(c) || (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
           c >= 0x20000;
}

size_t plain_words(slice utf8)
{
    size_t words = 0, cjk = 0;
    bool inside = false;
    for (size_t i = 0; i < utf8.len;) {
        uint8_t c = utf8.at[i];
        if (c < 0x80) {
            bool word = ascii_alnum(c);
            words += word && !inside;
            inside = word || (inside && (c == '\'' || c == '-' || c == '.'));
            i++;
            continue;
        }
        uint32_t code = utf8_next(utf8, &i);
        if (is_cjk(code)) {
            cjk++;
            inside = false;
        } else {
            bool space = code == 0xa0 || (code >= 0x2000 && code <= 0x200b) ||
                         (code >= 0x3000 && code <= 0x303f);
            words += !space && !inside;
            inside = !space;
        }
    }
    return words + (cjk + 1) / 2;
}

bool plain_is_japanese(slice utf8)
{
    size_t kana = 0, other = 0;
    utf8 = slice_sub(utf8, 0, LANGUAGE_BYTES);
    for (size_t i = 0; i < utf8.len;) {
        uint8_t c = utf8.at[i];
        if (c < 0x80) {
            other += ascii_alpha(c);
            i++;
        } else {
            uint32_t code = utf8_next(utf8, &i);
            kana += is_kana(code);
        }
    }
    return kana >= 4 && kana * 12 >= other;
}

/* --- where the quoted mail begins */

static slice line_at(slice s, size_t from, size_t *next_out)
{
    size_t end = slice_find_byte(s, '\n', from);
    end = end == SIZE_MAX ? s.len : end;
    *next_out = end < s.len ? end + 1 : s.len;
    return slice_trim(slice_sub(s, from, end - from));
}

static bool starts_with_one_of(slice line, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_starts_nocase(line, words[i]))
            return true;
    return false;
}

#define STARTS(line, list) starts_with_one_of((line), (list), sizeof(list) / sizeof(list)[0])

/* "From: ..." with another header line of the block close below it. */
static bool quoted_header_block(slice s, slice line, size_t next)
{
    static const char *const first[] = { "From:",    "差出人:", "差出人：", "送信者:",
                                         "送信者：", "送信元:", "Von:",     "De :",
                                         "De:",      "Da:",     "發件人:",  "发件人:" };
    static const char *const later[] = {
        "Sent:",     "Date:",    "To:",      "Subject:", "送信日時:", "送信日時：", "日時:",
        "日時：",    "日付:",    "日付：",   "宛先:",    "宛先：",    "件名:",      "件名：",
        "Gesendet:", "Betreff:", "Envoyé :", "Enviado",  "Inviato:",  "Oggetto:"
    };
    if (line.len && line.at[0] == '*')
        line = slice_from(line, 1); /* bold in flattened HTML */
    if (!STARTS(line, first))
        return false;
    for (int i = 0; i < QUOTE_LOOK && next < s.len; i++) {
        slice below = line_at(s, next, &next);
        if (below.len && below.at[0] == '*')
            below = slice_from(below, 1);
        if (STARTS(below, later))
            return true;
    }
    return false;
}

static bool contains(slice s, const char *word)
{
    return slice_find(s, slice_of(word), 0) != SIZE_MAX;
}

/* ":" or the last byte of "：": most lines need no closer look. */
static bool ends_in_colon(slice line)
{
    return line.len && (line.at[line.len - 1] == ':' || line.at[line.len - 1] == 0x9a);
}

/* "On Sun, 22 Nov 2026 at 10:00, A <a@b> wrote:", "2026年11月22日(日) 10:00 A <a@b>:" */
static bool attribution(slice line, slice next_line)
{
    static const char *const ends[] = { "wrote:",   "書きました:", "書きました：", "のメール:",
                                        "schrieb:", "a écrit :",   "escribió:",    "ha scritto:" };
    if (line.len == 0 || line.len > LINE_LOOK ||
        (!ends_in_colon(line) && !ends_in_colon(next_line)))
        return false;
    bool dated = ascii_digit(line.at[0]) || slice_starts_nocase(line, "On ") ||
                 slice_starts_nocase(line, "Am ") || slice_starts_nocase(line, "Le ") ||
                 slice_starts_nocase(line, "El ") || slice_starts_nocase(line, "Il ");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (slice_ends_nocase(line, ends[i]) ||
            (dated && slice_ends_nocase(next_line, ends[i]) && next_line.len < 200))
            return true;
    return ascii_digit(line.at[0]) &&
           (slice_ends(line, SLICE_LIT(":")) || slice_ends(line, SLICE_LIT("："))) &&
           slice_find_byte(line, '@', 0) != SIZE_MAX;
}

static bool rule_line(slice line)
{
    static const char *const words[] = { "Original Message",
                                         "original message",
                                         "元のメッセージ",
                                         "Forwarded",
                                         "forwarded",
                                         "転送",
                                         "Original-Nachricht",
                                         "Ursprüngliche Nachricht",
                                         "Message d'origine",
                                         "Mensaje original",
                                         "Original Appointment",
                                         "Original Mail" };
    if (slice_starts_nocase(line, "Begin forwarded message"))
        return true;
    if (!slice_starts(line, SLICE_LIT("--")) || line.len > 200)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (contains(line, words[i]))
            return true;
    return false;
}

static bool quote_mark(slice line)
{
    return line.len && (line.at[0] == '>' || slice_starts(line, SLICE_LIT("＞")) ||
                        slice_starts(line, SLICE_LIT("》")));
}

size_t plain_quote_start(slice utf8)
{
    size_t at = 0;
    while (at < utf8.len) {
        size_t next, after;
        slice line = line_at(utf8, at, &next);
        if (line.len) {
            slice below = line_at(utf8, next, &after);
            uint8_t c = line.at[0] | 32;
            bool marked = quote_mark(line) && (quote_mark(below) || next == utf8.len);
            if (marked || rule_line(line) || attribution(line, below) ||
                ((c >= 0x80 || strchr("fvd*", c)) && quoted_header_block(utf8, line, next)))
                return at;
        }
        at = next;
    }
    return utf8.len;
}

/* --- the view */

static size_t code_points(slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += (s.at[i] & 0xc0) != 0x80;
    return n;
}

bool plain_is_mail_text(const struct walk *w)
{
    return w->how == HOW_MIME && !w->attachment;
}

void plain_view(struct walk *w, slice utf8, struct range at)
{
    uint64_t left = w->budget->left[BUDGET_TEXT];
    if (utf8.len > left) { /* what fits is seen, the rest is named as a limit */
        w->budget->hit |= 1u << BUDGET_TEXT;
        walk_note_limits(w);
        utf8 = utf8_cut(utf8, (size_t)left);
    }
    if (plain_is_mail_text(w)) {
        walk_view(w, FACT_EMAIL_BODY, utf8, at);
        walk_cstr(w, FACT_EMAIL_BODY_LANGUAGE, plain_is_japanese(utf8) ? "ja" : "other", at);
        walk_int(w, FACT_EMAIL_BODY_LENGTH, (int64_t)code_points(utf8), at);
        slice new = slice_trim(slice_sub(utf8, 0, plain_quote_start(utf8)));
        walk_int(w, FACT_EMAIL_BODY_NEW_LENGTH, (int64_t)code_points(new), at);
    } else {
        walk_view(w, FACT_DOCUMENT_TEXT, utf8, at);
        walk_int(w, FACT_DOCUMENT_WORDS, (int64_t)plain_words(utf8), at);
    }
}
