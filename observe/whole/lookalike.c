/* SPDX-License-Identifier: Apache-2.0 */
/* Look-alikes: a skeleton of letters that look the same, edit distance, and the genuine domain
 * worn as a disguise ("example-co-jp.test.example"). The letter table is a selection from
 * UTS #39 confusables: lower-case letters of the scripts a browser would show in a host name.
 * Left out: whole-font confusions that depend on rendering, and right-to-left scripts.
 */
#include "observe/whole/lookalike.h"

#include "base/domain.h"

enum { HOST_CODES = 256, SHOWN_MAX = 1024 };

struct twin {
    uint32_t code;
    char latin[3];
};

/* in order of code points: searched by halves */
static const struct twin twins[] = {
    { 0x00DF, "b" }, { 0x00E6, "ae" }, { 0x0131, "i" }, { 0x0142, "l" }, { 0x0251, "a" },
    { 0x0261, "g" }, { 0x0269, "i" },  { 0x028F, "y" }, { 0x03B1, "a" }, { 0x03B3, "y" },
    { 0x03B5, "e" }, { 0x03B7, "n" },  { 0x03B9, "i" }, { 0x03BA, "k" }, { 0x03BD, "v" },
    { 0x03BF, "o" }, { 0x03C1, "p" },  { 0x03C3, "o" }, { 0x03C4, "t" }, { 0x03C5, "u" },
    { 0x03C7, "x" }, { 0x03C9, "w" },  { 0x0430, "a" }, { 0x0432, "b" }, { 0x0433, "r" },
    { 0x0435, "e" }, { 0x043A, "k" },  { 0x043C, "m" }, { 0x043D, "h" }, { 0x043E, "o" },
    { 0x043F, "n" }, { 0x0440, "p" },  { 0x0441, "c" }, { 0x0442, "t" }, { 0x0443, "y" },
    { 0x0445, "x" }, { 0x0448, "w" },  { 0x044A, "b" }, { 0x044C, "b" }, { 0x0454, "e" },
    { 0x0455, "s" }, { 0x0456, "i" },  { 0x0457, "i" }, { 0x0458, "j" }, { 0x0461, "w" },
    { 0x0475, "v" }, { 0x04AB, "c" },  { 0x04BB, "h" }, { 0x04CF, "l" }, { 0x0501, "d" },
    { 0x051B, "q" }, { 0x051D, "w" },  { 0x0561, "w" }, { 0x0563, "q" }, { 0x0566, "q" },
    { 0x0570, "h" }, { 0x0578, "n" },  { 0x057C, "n" }, { 0x057D, "u" }, { 0x0581, "g" },
    { 0x0584, "f" }, { 0x0585, "o" },  { 0x1E9D, "f" },
};

static const char *twin_of(uint32_t code)
{
    size_t low = 0, high = sizeof twins / sizeof *twins;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (twins[mid].code == code)
            return twins[mid].latin;
        if (twins[mid].code < code)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* Letters of Latin-1 and Latin Extended-A without their accents, in small letters. */
static uint8_t base_letter(uint32_t code)
{
    static const char latin1[] = "aaaaaa ceeeeiiiidnooooo ouuuuy  aaaaaa ceeeeiiiidnooooo ouuuuy y";
    static const char extended[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii  "
                                   "jjkkkllllllllllnnnnnnnnnoooooo  rrrrrrsssssssstttttt"
                                   "uuuuuuuuuuuuwwyyyzzzzzzs";
    if (code >= 0xC0 && code <= 0xFF && latin1[code - 0xC0] != ' ')
        return (uint8_t)latin1[code - 0xC0];
    if (code >= 0x100 && code <= 0x17F && extended[code - 0x100] != ' ')
        return (uint8_t)extended[code - 0x100];
    return 0;
}

/* RFC 3492 6.2; false for what is not Punycode. Codes come out in order. */
static bool punycode_decode(slice in, uint32_t out[HOST_CODES], size_t *n_out)
{
    size_t n = 0, start = 0;
    const void *dash = in.len ? memrchr(in.at, '-', in.len) : NULL;
    if (dash) {
        start = (size_t)((const uint8_t *)dash - in.at) + 1;
        for (size_t i = 0; i + 1 < start && n < HOST_CODES; i++)
            out[n++] = ascii_lower(in.at[i]);
    }
    uint32_t code = 128, index = 0, bias = 72;
    for (size_t i = start; i < in.len;) {
        uint32_t before = index, weight = 1;
        for (uint32_t k = 36;; k += 36) {
            if (i == in.len)
                return false;
            uint8_t c = ascii_lower(in.at[i++]);
            uint32_t digit = ascii_digit(c)   ? c - '0' + 26u
                             : ascii_alpha(c) ? c - (uint32_t)'a'
                                              : 36;
            uint32_t add, least = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
            if (digit >= 36 || __builtin_mul_overflow(digit, weight, &add) ||
                __builtin_add_overflow(index, add, &index))
                return false;
            if (digit < least)
                break;
            if (__builtin_mul_overflow(weight, 36 - least, &weight))
                return false;
        }
        uint32_t delta = before == 0 ? (index - before) / 700 : (index - before) / 2, k = 0;
        uint32_t size = (uint32_t)n + 1;
        for (delta += delta / size; delta > 455; k += 36)
            delta /= 35;
        bias = k + 36 * delta / (delta + 38);
        if (__builtin_add_overflow(code, index / size, &code) || n == HOST_CODES || code > 0x10FFFF)
            return false;
        index %= size;
        for (size_t j = n; j > index; j--)
            out[j] = out[j - 1];
        out[index++] = code;
        n++;
    }
    *n_out = n;
    return true;
}

struct text_out {
    uint8_t *at;
    size_t len;
};

static void put(struct text_out *o, uint32_t code)
{
    uint8_t raw[4];
    size_t n = utf8_put(raw, code);
    for (size_t i = 0; i < n && o->len < SHOWN_MAX; i++)
        o->at[o->len++] = raw[i];
}

slice lookalike_shown(struct arena *mem, slice host)
{
    if (slice_find_nocase(host, SLICE_LIT("xn--"), 0) == SIZE_MAX || host.len > HOST_CODES)
        return host;
    struct text_out o = { ARENA_ARRAY(mem, uint8_t, SHOWN_MAX), 0 };
    if (!o.at)
        return host;
    for (size_t at = 0; at <= host.len;) {
        size_t dot = slice_find_byte(host, '.', at);
        slice label = slice_sub(host, at, (dot == SIZE_MAX ? host.len : dot) - at);
        uint32_t codes[HOST_CODES + 1];
        size_t n = 0;
        if (slice_starts_nocase(label, "xn--") && punycode_decode(slice_from(label, 4), codes, &n))
            for (size_t i = 0; i < n; i++)
                put(&o, codes[i]);
        else
            for (size_t i = 0; i < label.len; i++)
                put(&o, ascii_lower(label.at[i]));
        if (dot == SIZE_MAX)
            break;
        put(&o, '.');
        at = dot + 1;
    }
    return (slice){ o.at, o.len };
}

/* What the host looks like at a glance: twins replaced, "rn" read as "m", "vv" as "w",
 * digits as the letters they resemble. */
static slice skeleton(struct arena *mem, slice shown)
{
    uint8_t *out = ARENA_ARRAY(mem, uint8_t, SHOWN_MAX);
    size_t n = 0;
    if (!out)
        return shown;
    for (size_t pos = 0; pos < shown.len && n + 4 < SHOWN_MAX;) {
        uint32_t code = utf8_next(shown, &pos);
        uint8_t letter = base_letter(code);
        const char *latin = twin_of(code);
        if (code >= 0xFF01 && code <= 0xFF5E)
            code -= 0xFEE0;
        if (letter) {
            out[n++] = letter;
        } else if (latin) {
            while (*latin)
                out[n++] = (uint8_t)*latin++;
        } else {
            uint8_t raw[4];
            size_t more = utf8_put(raw, code < 0x80 ? ascii_lower((uint8_t)code) : code);
            for (size_t i = 0; i < more; i++)
                out[n++] = raw[i];
        }
    }
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        bool pair = i + 1 < n;
        if (pair && out[i] == 'r' && out[i + 1] == 'n')
            out[m++] = 'm', i++;
        else if (pair && out[i] == 'v' && out[i + 1] == 'v')
            out[m++] = 'w', i++;
        else
            out[m++] = out[i] == '0'                    ? 'o'
                       : out[i] == '1' || out[i] == 'i' ? 'l'
                       : out[i] == '5'                  ? 's'
                                                        : out[i];
    }
    return (slice){ out, m };
}

/* Damerau's distance in its restricted form, cut off at 2. */
static unsigned distance(slice a, slice b)
{
    enum { SIDE = 64 };
    if (a.len > SIDE || b.len > SIDE || a.len > b.len + 2 || b.len > a.len + 2)
        return 3;
    unsigned row[3][SIDE + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *older = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned best = last[j - 1] + (a.at[i - 1] != b.at[j - 1]);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1] &&
                older[j - 2] + 1 < best)
                best = older[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[a.len % 3][b.len];
}

/* "example-co-jp", "example.co.jp" inside another organisation's host. */
static bool worn_as_disguise(struct arena *mem, slice host, slice genuine)
{
    uint8_t *dashed = ARENA_ARRAY(mem, uint8_t, genuine.len + 1);
    if (!dashed || genuine.len < 6)
        return false;
    for (size_t i = 0; i < genuine.len; i++)
        dashed[i] = genuine.at[i] == '.' ? '-' : genuine.at[i];
    size_t at = slice_find(host, genuine, 0);
    if (at == SIZE_MAX)
        at = slice_find(host, (slice){ dashed, genuine.len }, 0);
    if (at == SIZE_MAX)
        return false;
    bool begins = at == 0 || !ascii_alnum(host.at[at - 1]);
    size_t end = at + genuine.len;
    return begins && end < host.len && !ascii_alnum(host.at[end]);
}

/* host1 and host2, a numbered family, differ by their digits only. */
static bool numbered(slice a, slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.at[i] != b.at[i] && !(ascii_digit(a.at[i]) && ascii_digit(b.at[i])))
            return false;
    return true;
}

bool lookalike_domains(struct arena *mem, slice domain, slice genuine)
{
    slice own = domain_registered(domain), other = domain_registered(genuine);
    if (own.len == 0 || other.len == 0 || own.len > HOST_CODES || other.len > HOST_CODES ||
        slice_eq(own, other))
        return false;
    if (worn_as_disguise(mem, domain, other))
        return true;
    if (numbered(own, other))
        return false;
    own = lookalike_shown(mem, own);
    other = lookalike_shown(mem, other);
    if (slice_eq(own, other)) /* one name, written in Punycode and as it is */
        return false;
    slice a = skeleton(mem, own), b = skeleton(mem, other);
    if (slice_eq(a, b))
        return true;
    size_t dot_a = slice_find_byte(a, '.', 0), dot_b = slice_find_byte(b, '.', 0);
    if (dot_a == SIZE_MAX || dot_b == SIZE_MAX)
        return false;
    /* the suffixes must be the same; short names are near to each other by chance */
    if (!slice_eq(slice_from(a, dot_a), slice_from(b, dot_b)))
        return false;
    slice name_a = slice_sub(a, 0, dot_a), name_b = slice_sub(b, 0, dot_b);
    size_t shorter = name_a.len < name_b.len ? name_a.len : name_b.len;
    unsigned allowed = shorter >= 11 ? 2 : shorter >= 6 ? 1 : 0;
    unsigned d = allowed ? distance(name_a, name_b) : 3;
    return d <= allowed;
}

enum script { SCRIPT_LATIN = 1, SCRIPT_TWIN = 2, SCRIPT_OTHER = 4 };

static unsigned script_of(uint32_t c)
{
    if ((c < 0x80 && ascii_alpha((uint8_t)c)) || (c >= 0xC0 && c <= 0x24F))
        return SCRIPT_LATIN;
    if ((c >= 0x370 && c <= 0x58F) || (c >= 0x13A0 && c <= 0x13FF))
        return SCRIPT_TWIN;
    return SCRIPT_OTHER;
}

static bool letter_like(uint32_t c)
{
    return (c >= 0x1D400 && c <= 0x1D7FF) || (c >= 0x1F110 && c <= 0x1F189);
}

/* µ, Ω and the like stand in lawful units and names next to Latin letters. */
static bool lawful(uint32_t c)
{
    return c == 0x3BC || c == 0x3A9 || c == 0x394 || c == 0x3B1 || c == 0x3B2 || c == 0x3B3;
}

bool lookalike_mixed(slice utf8, bool host)
{
    unsigned seen = 0;
    size_t letters = 0, twins_seen = 0;
    for (size_t pos = 0; pos <= utf8.len;) {
        bool end = pos == utf8.len;
        uint32_t c = end ? ' ' : utf8_next(utf8, &pos);
        pos += end;
        if (letter_like(c))
            return true;
        unsigned script = script_of(c);
        if (script != SCRIPT_OTHER && !lawful(c)) {
            seen |= script;
            letters += script == SCRIPT_TWIN;
            twins_seen += script == SCRIPT_TWIN && twin_of(c) != NULL;
            continue;
        }
        if (seen == (SCRIPT_LATIN | SCRIPT_TWIN) ||
            (host && letters >= 4 && twins_seen == letters && seen == SCRIPT_TWIN))
            return true;
        if (c != '-' && !(c < 0x80 && ascii_digit((uint8_t)c)))
            seen = 0, letters = 0, twins_seen = 0;
    }
    return false;
}
