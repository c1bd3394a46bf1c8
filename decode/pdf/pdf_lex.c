/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of a PDF (ISO 32000-1 7.2, 7.3), as forgiving as the viewers: a name may hold any
 * byte, a bracket may miss its partner, a number may be nonsense. */
#include "decode/pdf/pdf_private.h"
#include "base/text.h"

enum sort { REGULAR, SPACE, DELIMITER };

/* One digit of enum sort for each ASCII character (7.2.2). */
static const char sorts[] =
    "1000000001101100000000000000000010000200220000020000000000002020"
    "0000000000000000000000000002020000000000000000000000000000020200";

static inline enum sort class_of(uint8_t c)
{
    return c < 0x80 ? (enum sort)(sorts[c] - '0') : REGULAR;
}

bool pdf_space(uint8_t c)
{
    return class_of(c) == SPACE;
}
bool pdf_regular(uint8_t c)
{
    return class_of(c) == REGULAR;
}

static size_t skip_blank(slice s, size_t pos)
{
    for (; pos < s.len; pos++) {
        if (s.at[pos] == '%')
            while (pos < s.len && s.at[pos] != '\n' && s.at[pos] != '\r')
                pos++;
        if (pos < s.len && class_of(s.at[pos]) != SPACE)
            break;
    }
    return pos;
}

static size_t regular_end(slice s, size_t pos)
{
    while (pos < s.len && class_of(s.at[pos]) == REGULAR)
        pos++;
    return pos;
}

/* Behind the closing parenthesis; the end when there is none. */
static size_t string_end(slice s, size_t pos)
{
    for (unsigned depth = 1; pos < s.len; pos++) {
        uint8_t c = s.at[pos];
        if (c == '\\')
            pos++;
        else if (c == '(')
            depth++;
        else if (c == ')' && --depth == 0)
            return pos + 1;
    }
    return s.len;
}

/* --- numbers and references */

static double ten_to(size_t n)
{
    static const double exact[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
    enum { EXACT = sizeof exact / sizeof exact[0] };
    double v = exact[n < EXACT ? n : EXACT - 1];
    for (size_t i = EXACT - 1; i < n; i++)
        v *= 10;
    return v;
}

static bool number_of(slice s, double *out)
{
    const uint64_t most = UINT64_C(1000000000000000); /* a double holds it */
    uint64_t value = 0;
    size_t behind = 0;
    bool point = false, any = false;
    size_t i = 0;
    bool negative = s.len && s.at[0] == '-';
    while (i < s.len && (s.at[i] == '-' || s.at[i] == '+'))
        i++;
    for (; i < s.len; i++) {
        uint8_t c = s.at[i];
        if (c == '.' && !point) {
            point = true;
        } else if (ascii_digit(c)) {
            any = true;
            value = value * 10 + (uint64_t)(c - '0');
            behind += point;
            if (value > most)
                return false;
        } else if (c == '-' && any) {
            break; /* "12.3-4": written by broken producers, read as 12.3 */
        } else {
            return false;
        }
    }
    double whole = negative ? -(double)value : (double)value;
    *out = behind ? whole / ten_to(behind) : whole;
    return any || point;
}

static bool plain_number(slice s, uint32_t *out)
{
    uint64_t v;
    if (s.len == 0 || s.len > 10 || !slice_u64(s, &v) || v > UINT32_MAX)
        return false;
    *out = (uint32_t)v;
    return true;
}

/* "12" was read; do " 0 R" follow? */
static bool try_reference(struct pdf_lexer *l, slice first, struct pdf_value *out)
{
    uint32_t num, gen;
    if (!plain_number(first, &num))
        return false;
    size_t at = skip_blank(l->in, l->pos), end = regular_end(l->in, at);
    if (!plain_number(slice_sub(l->in, at, end - at), &gen))
        return false;
    at = skip_blank(l->in, end);
    if (at == end || at >= l->in.len || l->in.at[at] != 'R' ||
        (at + 1 < l->in.len && class_of(l->in.at[at + 1]) == REGULAR))
        return false;
    l->pos = at + 1;
    out->kind = PDF_IS_REF;
    out->num = num;
    return true;
}

/* --- values */

/* Numbers as nearly all are, in one pass; false: to be looked at closely. */
static bool quick_number(struct pdf_lexer *l, struct pdf_value *out)
{
    enum { DIGITS_MAX = 15 };
    size_t from = l->pos, i = from, digits = 0, behind = 0;
    bool negative = l->in.at[i] == '-', point = false;
    uint64_t value = 0;
    for (i += negative; i < l->in.len; i++) {
        uint8_t c = l->in.at[i];
        if (ascii_digit(c)) {
            value = value * 10 + (uint64_t)(c - '0');
            behind += point;
            digits++;
        } else if (c == '.' && !point) {
            point = true;
        } else {
            break;
        }
    }
    if (digits == 0 || digits > DIGITS_MAX ||
        (i < l->in.len && class_of(l->in.at[i]) == REGULAR))
        return false;
    double whole = negative ? -(double)value : (double)value;
    out->number = behind ? whole / ten_to(behind) : whole;
    out->raw = slice_sub(l->in, from, i - from);
    out->kind = PDF_IS_NUMBER;
    l->pos = i;
    return true;
}

static void read_regular(struct pdf_lexer *l, struct pdf_value *out)
{
    size_t from = l->pos;
    if (l->content && quick_number(l, out))
        return;
    l->pos = regular_end(l->in, from + 1);
    out->raw = slice_sub(l->in, from, l->pos - from);
    uint8_t c = out->raw.at[0];
    out->kind = PDF_IS_WORD;
    if (!ascii_digit(c) && c != '-' && c != '+' && c != '.')
        return;
    if (ascii_digit(c) && !l->content && try_reference(l, out->raw, out))
        return;
    if (number_of(out->raw, &out->number))
        out->kind = PDF_IS_NUMBER;
}

/* To behind the bracket that closes the one just opened, of either sort: viewers
 * differ on "<< [ >>", and what follows must not be lost. */
static void skip_nested(struct pdf_lexer *l, struct pdf_value *out)
{
    size_t from = l->pos;
    struct pdf_value v;
    for (unsigned depth = 1; pdf_next(l, true, &v);) {
        if (v.kind == PDF_IS_DICT || v.kind == PDF_IS_ARRAY)
            depth++;
        else if (v.kind == PDF_IS_CLOSE && --depth == 0) {
            out->raw = slice_sub(l->in, from, (size_t)(v.raw.at - l->in.at) - from);
            return;
        } else if (v.kind == PDF_IS_WORD && pdf_is_word(&v, "endobj")) {
            l->pos -= v.raw.len;
            break;
        }
    }
    out->raw = slice_sub(l->in, from, l->pos - from);
}

static void read_angle(struct pdf_lexer *l, bool flat, struct pdf_value *out)
{
    if (l->pos + 1 < l->in.len && l->in.at[l->pos + 1] == '<') {
        l->pos += 2;
        out->kind = PDF_IS_DICT;
        out->raw = slice_sub(l->in, l->pos, 0);
        if (!flat)
            skip_nested(l, out);
        return;
    }
    size_t from = ++l->pos, end = slice_find_byte(l->in, '>', from);
    end = end == SIZE_MAX ? l->in.len : end;
    out->kind = PDF_IS_HEX;
    out->raw = slice_sub(l->in, from, end - from);
    l->pos = end < l->in.len ? end + 1 : end;
}

bool pdf_next(struct pdf_lexer *l, bool flat, struct pdf_value *out)
{
    l->pos = skip_blank(l->in, l->pos);
    if (l->pos >= l->in.len)
        return false;
    size_t from = l->pos;
    *out = (struct pdf_value){ .owner = l->owner };
    switch (l->in.at[from]) {
    case '/':
        l->pos = regular_end(l->in, from + 1);
        out->kind = PDF_IS_NAME;
        out->raw = slice_sub(l->in, from + 1, l->pos - from - 1);
        break;
    case '(':
        l->pos = string_end(l->in, from + 1);
        out->kind = PDF_IS_STRING;
        out->raw = slice_sub(l->in, from + 1, l->pos - from - 1);
        if (slice_ends(out->raw, SLICE_LIT(")")))
            out->raw.len--;
        break;
    case '<':
        read_angle(l, flat, out);
        break;
    case '[':
        l->pos++;
        out->kind = PDF_IS_ARRAY;
        out->raw = slice_sub(l->in, l->pos, 0);
        if (!flat)
            skip_nested(l, out);
        break;
    case '>':
        l->pos += from + 1 < l->in.len && l->in.at[from + 1] == '>' ? 2 : 1;
        out->kind = PDF_IS_CLOSE;
        out->raw = slice_sub(l->in, from, l->pos - from);
        break;
    case ']':
        l->pos++;
        out->kind = PDF_IS_CLOSE;
        out->raw = slice_sub(l->in, from, 1);
        break;
    case ')':
    case '{':
    case '}':
        l->pos++;
        out->kind = PDF_IS_WORD;
        out->raw = slice_sub(l->in, from, 1);
        break;
    default:
        read_regular(l, out);
    }
    return true;
}

/* --- names */

slice pdf_name(slice raw, uint8_t room[PDF_NAME_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < raw.len && n < PDF_NAME_MAX; i++) {
        int high = raw.at[i] == '#' && i + 2 < raw.len ? ascii_hex(raw.at[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex(raw.at[i + 2]) : -1;
        if (low >= 0) {
            room[n++] = (uint8_t)(high << 4 | low);
            i += 2;
        } else {
            room[n++] = raw.at[i];
        }
    }
    return (slice){ room, n };
}

bool pdf_is_name(const struct pdf_value *v, const char *name)
{
    uint8_t room[PDF_NAME_MAX];
    if (v->kind != PDF_IS_NAME)
        return false;
    if (slice_is(v->raw, name))
        return true;
    return slice_find_byte(v->raw, '#', 0) != SIZE_MAX && slice_is(pdf_name(v->raw, room), name);
}

bool pdf_is_word(const struct pdf_value *v, const char *word)
{
    return v->kind == PDF_IS_WORD && slice_is(v->raw, word);
}

int pdf_key_of(slice raw, bool *escaped_out)
{
    static const slice names[] = {
#define PDF_KEY(name) SLICE_INIT(#name),
#include "decode/pdf/pdf_keys.h"
#undef PDF_KEY
    };
    uint8_t room[PDF_NAME_MAX];
    bool escaped = slice_find_byte(raw, '#', 0) != SIZE_MAX;
    if (escaped)
        raw = pdf_name(raw, room);
    size_t low = 0, high = PDF_KEYS;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        slice k = names[mid];
        int c = memcmp(k.at, raw.at, k.len < raw.len ? k.len : raw.len);
        if (c == 0 && k.len == raw.len) {
            *escaped_out = *escaped_out || escaped;
            return (int)mid;
        }
        if (c < 0 || (c == 0 && k.len < raw.len))
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

/* --- strings */

static slice unhex(struct arena *mem, slice raw)
{
    uint8_t *out = arena_get(mem, raw.len / 2 + 1, 1);
    size_t n = 0;
    int high = -1;
    for (size_t i = 0; out && i < raw.len; i++) {
        int digit = ascii_hex(raw.at[i]);
        if (digit < 0)
            continue;
        if (high < 0) {
            high = digit;
        } else {
            out[n++] = (uint8_t)(high << 4 | digit);
            high = -1;
        }
    }
    if (out && high >= 0)
        out[n++] = (uint8_t)(high << 4);
    return out ? (slice){ out, n } : (slice){ 0 };
}

/* Table 3; a line break behind a backslash vanishes. */
static uint8_t escape(slice s, size_t *i, bool *nothing_out)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    uint8_t c = s.at[*i];
    const char *known = c ? strchr(from, c) : NULL;
    if (known)
        return (uint8_t)to[known - from];
    if (c >= '0' && c <= '7') {
        unsigned v = 0;
        size_t digits = 0;
        for (; digits < 3 && *i + digits < s.len && s.at[*i + digits] >= '0' &&
               s.at[*i + digits] <= '7';
             digits++)
            v = v * 8 + (s.at[*i + digits] - '0');
        *i += digits - 1;
        return (uint8_t)v;
    }
    if (c == '\r' || c == '\n') {
        if (c == '\r' && *i + 1 < s.len && s.at[*i + 1] == '\n')
            ++*i;
        *nothing_out = true;
    }
    return c;
}

slice pdf_unescape(struct arena *mem, const struct pdf_value *v)
{
    if (v->kind == PDF_IS_HEX)
        return unhex(mem, v->raw);
    if (v->kind != PDF_IS_STRING)
        return (slice){ 0 };
    slice s = v->raw;
    if (slice_find_byte(s, '\\', 0) == SIZE_MAX)
        return s;
    uint8_t *out = arena_get(mem, s.len, 1);
    size_t n = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        bool nothing = false;
        uint8_t c = s.at[i];
        if (c == '\\' && i + 1 < s.len) {
            i++;
            c = escape(s, &i, &nothing);
        }
        if (!nothing)
            out[n++] = c;
    }
    return out ? (slice){ out, n } : (slice){ 0 };
}
