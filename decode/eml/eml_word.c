/* SPDX-License-Identifier: Apache-2.0 */
/* Encoded words (RFC 2047) and raw bytes in headers, to UTF-8.
 *
 * Read as Japanese mail needs it: adjacent words of one charset are joined as
 * bytes before the charset is decoded, so that a character split over two words
 * survives; words are decoded wherever they stand (quoted strings, parameters);
 * a word without its end is decoded as far as it goes; raw bytes and raw
 * ISO-2022-JP are decoded by guess. Base64 of adjacent words is also joined
 * where a word ends inside a quantum.
 */
#include "base/charset.h"
#include "base/text.h"
#include "eml_private.h"

enum {
    ESC = 0x1b,
    LABEL_MAX = 64,
    JOINTS = 32, /* where words meet, remembered of one run */
    TEXT_MAX = 64 << 20,
};

struct word {
    slice label, text;
    bool base64, broken;
    size_t from, next; /* in the header */
};

struct run { /* adjacent words of one charset */
    slice label;
    uint8_t *bytes;
    size_t n, room;
    size_t joints[JOINTS], n_joints;
    uint32_t quantum; /* base64 bits carried over */
    unsigned held;    /* characters in it */
    bool ragged;      /* a word ended inside a quantum */
};

slice eml_word_raw(struct arena *mem, slice s, bool *raw_8bit_out)
{
    bool high = false, escape = false;
    for (size_t i = 0; i < s.len; i++) {
        high |= s.at[i] >= 0x80;
        escape |= s.at[i] == ESC;
    }
    *raw_8bit_out |= high;
    if (!high && !escape)
        return s;
    return charset_decode_id(mem, charset_guess(s), s).text;
}

/* --- one word */

static bool label_char(uint8_t c)
{
    return c > ' ' && c < 0x7f && c != '?' && c != '=' && c != '"';
}

/* The end of the encoded text that begins at `from`; SIZE_MAX. *no_end remembers
 * that there is none further on, so that many beginnings stay linear. */
static size_t text_end(slice s, size_t from, bool *no_end)
{
    if (*no_end)
        return SIZE_MAX;
    size_t end = slice_find(s, SLICE_LIT("?="), from);
    *no_end = end == SIZE_MAX;
    return end;
}

/* A word that was cut off ends at the next blank. */
static void cut_word(slice s, struct word *w, size_t limit)
{
    size_t from = (size_t)(w->text.at - s.at), to = from;
    while (to < limit && s.at[to] != ' ' && s.at[to] != '\t' && s.at[to] != '"')
        to++;
    w->text = slice_sub(s, from, to - from);
    w->next = to;
    w->broken = true;
}

static bool read_word(slice s, size_t at, bool *no_end, struct word *w)
{
    size_t i = at + 2;
    while (i < s.len && i - at < LABEL_MAX && label_char(s.at[i]))
        i++;
    *w = (struct word){ .label = slice_sub(s, at + 2, i - at - 2), .from = at };
    size_t star = slice_find_byte(w->label, '*', 0); /* RFC 2231 5 */
    if (star != SIZE_MAX)
        w->label.len = star;
    if (w->label.len == 0 || s.len - i < 3 || s.at[i] != '?' || s.at[i + 2] != '?')
        return false;
    uint8_t how = ascii_lower(s.at[i + 1]);
    if (how != 'b' && how != 'q')
        return false;
    w->base64 = how == 'b';
    size_t from = i + 3, end = text_end(s, from, no_end);
    w->text = slice_sub(s, from, end == SIZE_MAX ? SIZE_MAX : end - from);
    w->next = end == SIZE_MAX ? s.len : end + 2;
    size_t other = slice_find(w->text, SLICE_LIT("=?"), 0);
    if (end == SIZE_MAX || other != SIZE_MAX)
        cut_word(s, w, other == SIZE_MAX ? s.len : from + other);
    return true;
}

/* --- bytes of a run */

static void run_byte(struct run *r, uint32_t byte)
{
    if (r->n < r->room)
        r->bytes[r->n++] = (uint8_t)byte;
}

static int base64_value(uint8_t c)
{
    if (ascii_alpha(c))
        return c >= 'a' ? c - 'a' + 26 : c - 'A';
    if (ascii_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void flush_quantum(struct run *r)
{
    if (r->held == 2)
        run_byte(r, r->quantum >> 4);
    if (r->held == 3) {
        run_byte(r, r->quantum >> 10 & 0xff);
        run_byte(r, r->quantum >> 2 & 0xff);
    }
    r->held = 0;
    r->quantum = 0;
}

static void add_base64(struct run *r, slice text, bool *broken)
{
    for (size_t i = 0; i < text.len; i++) {
        int v = base64_value(text.at[i]);
        if (text.at[i] == '=') {
            flush_quantum(r);
            continue;
        }
        if (v < 0) {
            *broken |= !ascii_space(text.at[i]);
            continue;
        }
        r->quantum = r->quantum << 6 | (uint32_t)v;
        if (++r->held == 4) {
            run_byte(r, r->quantum >> 16 & 0xff);
            run_byte(r, r->quantum >> 8 & 0xff);
            run_byte(r, r->quantum & 0xff);
            r->held = 0;
            r->quantum = 0;
        }
    }
    r->ragged |= r->held != 0;
}

static void add_q(struct run *r, slice text, bool *broken)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        int high = -1, low = -1;
        if (c == '=' && text.len - i > 2) {
            high = ascii_hex(text.at[i + 1]);
            low = ascii_hex(text.at[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            run_byte(r, (uint32_t)(high << 4 | low));
            i += 2;
        } else {
            *broken |= c == '=';
            run_byte(r, c == '_' ? ' ' : c);
        }
    }
}

/* Decodes words[0..n) into the run. `carry`: base64 goes on from word to word. */
static void fill_run(struct run *r, const struct word *words, size_t n, bool carry, bool *broken)
{
    r->n = r->n_joints = 0;
    r->held = 0;
    r->ragged = false;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && r->n_joints < JOINTS)
            r->joints[r->n_joints++] = r->n;
        if (!carry || !words[i].base64)
            flush_quantum(r);
        if (words[i].base64)
            add_base64(r, words[i].text, broken);
        else
            add_q(r, words[i].text, broken);
        *broken |= words[i].broken;
    }
    flush_quantum(r);
}

/* --- characters split over words */

/* ISO-2022-JP: a joint at an odd byte of two-byte text. */
static bool split_2022(const struct run *r)
{
    size_t joint = 0, odd = 0;
    bool wide = false;
    for (size_t i = 0; i < r->n && joint < r->n_joints; i++) {
        for (; joint < r->n_joints && r->joints[joint] <= i; joint++)
            if (wide && odd % 2 == 1 && r->joints[joint] == i)
                return true;
        if (r->bytes[i] == ESC && r->n - i > 2) {
            wide = r->bytes[i + 1] == '$';
            odd = 0;
            i += 2;
        } else {
            odd++;
        }
    }
    return false;
}

/* Others: pieces that do not decode alone though the whole does. */
static bool split_other(struct arena *mem, const struct run *r)
{
    for (size_t i = 0, from = 0; i < r->n_joints; from = r->joints[i++]) {
        slice piece = slice_sub((slice){ r->bytes, r->n }, from, r->joints[i] - from);
        if (charset_decode(mem, r->label, piece).faults)
            return true;
    }
    return false;
}

static bool is_split(struct arena *mem, const struct run *r, enum charset_id id, size_t faults)
{
    if (r->n_joints == 0 || faults)
        return false;
    if (id == CHARSET_ISO2022JP)
        return split_2022(r);
    if (id != CHARSET_UTF8)
        return split_other(mem, r);
    for (size_t i = 0; i < r->n_joints; i++)
        if (r->joints[i] < r->n && (r->bytes[r->joints[i]] & 0xc0) == 0x80)
            return true;
    return false;
}

/* --- a header */

struct header_text {
    struct arena *mem;
    slice s;
    struct buf out;
    struct eml_text *result;
    struct word *words;
    size_t n, room; /* words of the run */
    bool no_end;
};

/* Words that end inside a quantum: base64 that goes on in the next word, or
 * padding left out? What the label decodes better. */
static void choose_carry(struct header_text *t, struct run *r, bool *broken)
{
    bool unused = false;
    size_t apart = charset_decode(t->mem, r->label, (slice){ r->bytes, r->n }).faults;
    if (apart == 0)
        return;
    fill_run(r, t->words, t->n, true, broken);
    if (charset_decode(t->mem, r->label, (slice){ r->bytes, r->n }).faults >= apart)
        fill_run(r, t->words, t->n, false, &unused);
}

/* Text cut in the middle of its last character is still in the charset of its
 * label (cut subjects, Emotet 2020-09): no guess then. */
static struct charset_result decode_run(struct header_text *t, const struct run *r, bool *lied)
{
    slice bytes = { r->bytes, r->n };
    struct charset_result text = charset_decode(t->mem, r->label, bytes);
    if (text.faults == 0 || (text.faults == 1 && slice_ends(text.text, SLICE_LIT("\xef\xbf\xbd"))))
        return text;
    return charset_decode_best(t->mem, r->label, bytes, lied);
}

static void put_run(struct header_text *t, struct run *r)
{
    bool lied = false, broken = false;
    if (t->n == 0)
        return;
    r->label = t->words[0].label;
    fill_run(r, t->words, t->n, false, &broken);
    if (r->ragged && t->n > 1)
        choose_carry(t, r, &broken);
    struct charset_result text = decode_run(t, r, &lied);
    t->result->split |= is_split(t->mem, r, charset_by_label(r->label), text.faults);
    t->result->lied |= lied;
    t->result->broken |= broken;
    buf_put(&t->out, text.text);
    t->n = 0;
}

static bool add_word(struct header_text *t, const struct word *w)
{
    if (t->n == t->room) {
        size_t room = t->room ? t->room * 2 : 8;
        struct word *bigger =
            arena_regrow(t->mem, t->words, t->n * sizeof *bigger, room, sizeof *bigger);
        if (!bigger)
            return false;
        t->words = bigger;
        t->room = room;
    }
    t->words[t->n++] = *w;
    return true;
}

static bool all_blank(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_space(s.at[i]))
            return false;
    return true;
}

static void decode_words(struct header_text *t, size_t first)
{
    struct run r = { .room = t->s.len };
    r.bytes = arena_get(t->mem, t->s.len, 1);
    if (!r.bytes)
        return;
    size_t done = 0, at = first;
    while (at != SIZE_MAX) {
        struct word w;
        if (!read_word(t->s, at, &t->no_end, &w)) {
            at = slice_find(t->s, SLICE_LIT("=?"), at + 2);
            continue;
        }
        slice between = slice_sub(t->s, done, at - done);
        bool joins = t->n && all_blank(between) && slice_eq_nocase(t->words[0].label, w.label);
        if (!joins) {
            bool after_word = t->n > 0;
            put_run(t, &r);
            if (!after_word || !all_blank(between))
                buf_put(&t->out, between);
        }
        if (!add_word(t, &w))
            return;
        done = w.next;
        at = slice_find(t->s, SLICE_LIT("=?"), w.next);
    }
    put_run(t, &r);
    buf_put(&t->out, slice_from(t->s, done));
}

struct eml_text eml_word_text(struct arena *mem, slice s)
{
    struct eml_text result = { 0 };
    s = eml_word_raw(mem, s, &result.raw_8bit);
    size_t first = slice_find(s, SLICE_LIT("=?"), 0);
    if (first == SIZE_MAX) {
        result.text = s;
        return result;
    }
    struct header_text t = { .mem = mem, .s = s, .result = &result };
    t.out = buf_new(s.len < TEXT_MAX / 4 ? s.len * 4 + 64 : TEXT_MAX);
    decode_words(&t, first);
    result.text = arena_copy(mem, buf_slice(&t.out));
    buf_drop(&t.out);
    return result;
}
