/* SPDX-License-Identifier: Apache-2.0 */
/* Traces of obfuscation, as numbers and as named techniques.
 *
 * Each alone also occurs in honest code (generated code, old add-ins); how many
 * apply is vba.obfuscation.score. Thresholds were set on some 100 benign and
 * 90 hostile projects; they are no verdict.
 */
#include "observe/part/vba_intent_private.h"
#include "base/text.h"

enum {
    JUNK_FROM = 20,
    JUNK_PERCENT = 60,
    UNDEFINED_MANY = 30,
    NAMES_FROM = 8,
    RANDOM_PERCENT = 33,
    JOINS_MANY = 20,
    JOINS_DENSE = 6,
    CHRS_MANY = 20,
    EMPTY_MANY = 5,
    LITERAL_LONG = 1000,
    BLOB_LONG = 120,
    ODD_MANY = 5,
    ARITHMETIC_MANY = 10,
    DEAD_SELECTS_MANY = 3,
    SEPARATORS_MANY = 20,
    GRAM = 5,
    GRAM_SLOTS = 1 << 14,
    GRAM_TEXT = 1 << 13,
};

static void technique(struct code *c, unsigned *score, bool applies, const char *words)
{
    if (!applies)
        return;
    ++*score;
    vba_intent_say(c, FACT_VBA_OBFUSCATION, slice_of(words), VBA_NONE);
}

/* --- names */

static bool is_vowel(uint8_t ch)
{
    static const uint32_t vowels = 1u << ('a' & 31) | 1u << ('e' & 31) | 1u << ('i' & 31) |
                                   1u << ('o' & 31) | 1u << ('u' & 31) | 1u << ('y' & 31);
    return vowels >> (ch & 31) & 1; /* of a letter in either case */
}

/* Runs of consonants no language has, digits amid letters, capitals at random. */
static bool looks_random(slice s)
{
    unsigned run = 0, longest = 0, digits = 0, groups = 0, letters = 0, rises = 0, vowels = 0;
    if (s.len < 5)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t ch = s.at[i], before = i ? s.at[i - 1] : 0;
        if (ch >= 0x80)
            return false;
        if (ascii_digit(ch)) {
            groups += i == 0 || !ascii_digit(before);
            digits++;
            run = 0;
        } else if (ascii_alpha(ch)) {
            bool vowel = is_vowel(ch);
            letters++;
            vowels += vowel;
            run = vowel ? 0 : run + 1;
            rises += (ch < 'a') && before >= 'a';
        } else {
            run = 0;
        }
        longest = run > longest ? run : longest;
    }
    return longest >= 5 || (groups >= 2 && digits >= 2) || digits >= 4 ||
           (letters >= 6 && vowels == 0) || (letters >= 7 && rises * 3 >= letters);
}

/* Is this name of the project's own making? */
static bool is_own(const struct name *n, uint32_t id)
{
    bool used = n->reads || n->writes || n->declared || n->proc != VBA_NONE;
    return id >= W_COUNT && used && !(n->declared && n->param && !n->writes && !n->reads) &&
           !vba_intent_is_constant(n->text) && n->text.len > 0;
}

static bool is_undefined(const struct name *n)
{
    return n->reads > 0 && n->writes == 0 && !n->declared && !n->param && !n->control && !n->api &&
           n->proc == VBA_NONE && n->module == VBA_NONE && n->object == O_NONE;
}

static void measure_names(struct code *c, unsigned *score)
{
    unsigned own = 0, random = 0, undefined = 0;
    for (uint32_t i = W_COUNT; i < c->n_names; i++) {
        const struct name *n = &c->names[i];
        if (!is_own(n, i))
            continue;
        own++;
        random += looks_random(n->text);
        undefined += is_undefined(n);
    }
    unsigned percent = own ? random * 100 / own : 0;
    if (own >= NAMES_FROM)
        walk_int(c->w, FACT_VBA_MEASURE_ENTROPY, percent, NOWHERE);
    walk_int(c->w, FACT_VBA_MEASURE_UNDEFINED, undefined, NOWHERE);
    technique(c, score, undefined >= UNDEFINED_MANY, "undefined names");
    technique(c, score, own >= NAMES_FROM && percent >= RANDOM_PERCENT, "random names");
}

/* --- statements */

static void measure_junk(struct code *c, unsigned *score)
{
    unsigned all = 0, dead = 0, selects = 0;
    for (uint32_t i = 0; i < c->n_statements; i++) {
        const struct statement *s = &c->statements[i];
        if (s->target != VBA_NONE && (s->kind == S_ASSIGN || s->kind == S_SET)) {
            all++;
            dead += !s->live;
        }
        if (s->kind == S_SELECT && s->to - s->from == 3 && c->tokens[s->from + 2].kind == T_NAME)
            selects += is_undefined(&c->names[c->tokens[s->from + 2].name]);
    }
    unsigned percent = all ? dead * 100 / all : 0;
    if (all >= JUNK_FROM)
        walk_int(c->w, FACT_VBA_MEASURE_JUNK, percent, NOWHERE);
    technique(c, score, all >= JUNK_FROM && percent >= JUNK_PERCENT, "junk assignments");
    technique(c, score, selects >= DEAD_SELECTS_MANY, "dead Select Case");
    technique(c, score, c->deep_arithmetic >= ARITHMETIC_MANY, "pointless arithmetic");
}

/* --- literals */

static bool is_blob(slice s)
{
    size_t hex = 0, base64 = 0, lower = 0;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t ch = s.at[i];
        hex += ascii_hex(ch) >= 0;
        base64 += ascii_alnum(ch) || ch == '+' || ch == '/' || ch == '=';
        lower += ch >= 'a' && ch <= 'z';
    }
    return hex == s.len || (base64 == s.len && lower < s.len);
}

static bool is_text(const struct code *c, uint32_t i)
{
    return c->tokens[i].kind == T_STRING;
}

static unsigned count_separator(const struct code *c)
{
    unsigned n = 0;
    if (c->separator.len < 3)
        return 0;
    for (uint32_t i = 0; i < c->n_tokens && n <= SEPARATORS_MANY; i++) {
        slice s = is_text(c, i) ? vba_intent_text(c, i) : (slice){ 0 };
        size_t at = 0;
        while (s.len && n <= SEPARATORS_MANY &&
               (at = slice_find(s, c->separator, at)) != SIZE_MAX) {
            at += c->separator.len;
            n++;
        }
    }
    return n;
}

static uint32_t gram_slot(const uint8_t *p)
{
    uint64_t v = (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
                 (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32;
    return (uint32_t)(v * 0x9e3779b97f4a7c15u >> 50) & (GRAM_SLOTS - 1);
}

/* The same five characters again and again in literals of code that splits or replaces. */
static bool stuffed(struct code *c)
{
    if (c->splitters == 0)
        return false;
    if (count_separator(c) > SEPARATORS_MANY)
        return true;
    uint16_t *count = ARENA_ARRAY(c->mem, uint16_t, GRAM_SLOTS);
    size_t total = 0;
    uint16_t most = 0;
    if (!count)
        return false;
    for (uint32_t i = 0; i < c->n_tokens && total < GRAM_TEXT; i++) {
        slice s = is_text(c, i) ? slice_sub(vba_intent_text(c, i), 0, GRAM_TEXT) : (slice){ 0 };
        for (size_t k = 0; k + GRAM <= s.len; k++) {
            bool dull = s.at[k] == s.at[k + 1] && s.at[k] == s.at[k + GRAM - 1];
            uint16_t *n = &count[gram_slot(s.at + k)];
            if (!dull && ++*n > most)
                most = *n;
        }
        total += s.len;
    }
    /* More than chance, and a good share of all text. */
    return most > SEPARATORS_MANY && (size_t)most * GRAM * 5 > total;
}

static void measure_literals(struct code *c, unsigned *score)
{
    unsigned blobs = 0;
    for (uint32_t i = 0; i < c->n_tokens; i++)
        blobs += is_text(c, i) && c->tokens[i].len >= BLOB_LONG && is_blob(vba_intent_text(c, i));
    walk_int(c->w, FACT_VBA_MEASURE_LITERAL_MAX, c->literal_max, NOWHERE);
    technique(c, score, c->literal_max >= LITERAL_LONG, "long literal");
    technique(c, score, blobs > 0, "encoded literal");
    technique(c, score, stuffed(c), "separator stuffing");
}

/* --- spelling */

/* The editor writes Sub, If, Then; a generator may write sUB. */
static void measure_case(struct code *c, unsigned *score)
{
    static const bool looked_at[W_COUNT] = {
        [W_SUB] = true, [W_FUNCTION] = true, [W_END] = true,     [W_IF] = true,     [W_THEN] = true,
        [W_DIM] = true, [W_AS] = true,       [W_STRING] = true,  [W_NEXT] = true,   [W_SET] = true,
        [W_CALL] = true, [W_PRIVATE] = true, [W_PUBLIC] = true,
    };
    unsigned odd = 0, all = 0;
    for (uint32_t i = 0; i < c->n_tokens; i++) {
        uint32_t w = c->tokens[i].kind == T_NAME ? c->tokens[i].name : W_COUNT;
        if (w >= W_COUNT || !looked_at[w])
            continue;
        slice s = vba_intent_text(c, i);
        unsigned upper = 0;
        for (size_t k = 1; k < s.len; k++)
            upper += s.at[k] < 'a';
        all++;
        odd += upper > 0 && upper < s.len - 1;
    }
    technique(c, score, odd >= ODD_MANY && odd * 5 > all, "keywords in mixed case");
}

void vba_intent_measure(struct code *c)
{
    unsigned score = 0, empty = 0;
    uint64_t dense = c->length ? (uint64_t)c->joins * 1000 / c->length : 0;
    for (uint32_t i = 0; i < c->n_modules; i++)
        empty += c->modules[i].bare;
    measure_names(c, &score);
    measure_junk(c, &score);
    measure_literals(c, &score);
    measure_case(c, &score);
    walk_int(c->w, FACT_VBA_MEASURE_CONCAT, (int64_t)dense, NOWHERE);
    walk_int(c->w, FACT_VBA_MEASURE_CHR, c->chrs, NOWHERE);
    if (c->computed)
        walk_int(c->w, FACT_VBA_OBJECT_COMPUTED, c->computed, NOWHERE);
    technique(c, &score, c->joins >= JOINS_MANY && dense >= JOINS_DENSE, "joined strings");
    technique(c, &score, c->chrs >= CHRS_MANY, "character codes");
    technique(c, &score, c->split_members > 2 || c->longest_run >= 2, "split over continuations");
    technique(c, &score, c->suffix_calls > 0, "type characters on calls");
    technique(c, &score, c->bracketed > 0, "brackets around calls");
    technique(c, &score, empty >= EMPTY_MANY, "empty modules");
    technique(c, &score, c->split_progids > 0, "class name in pieces");
    technique(c, &score, c->computed > 0, "computed class name");
    walk_int(c->w, FACT_VBA_OBFUSCATION_SCORE, score, NOWHERE);
}
