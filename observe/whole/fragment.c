/* SPDX-License-Identifier: Apache-2.0 */
/* Fragment grouping by assembly, as one assembles sequences from reads: each text's first
 * letters are put into an index, every text is run through it, and where the two agree until one
 * of them ends they are placed on each other. They count as pieces of one original when a cut
 * lies inside a word and they agree in more than that word.
 * What many texts share (a set phrase) links nothing.
 */
#include "observe/whole/fragment.h"

#include "base/hash.h"
#include "observe/whole/mailbox.h"

enum {
    CODES_MAX = 512,      /* of one text */
    GRAM = 3,             /* letters in the index */
    BUCKET_MAX = 16,      /* texts that begin alike; more are a set phrase */
    WEIGHT = 8,           /* of the agreement: a Japanese letter weighs 2, a Latin one 1 */
    WEIGHT_ONE_WORD = 14, /* when it is all one word */
    WORK_PER_LETTER = 64, /* comparisons; repetitive texts stop there */
    OFTEN = 12,           /* links through one text; more make it a set phrase */
};

enum script {
    SCRIPT_NONE,
    SCRIPT_LATIN,
    SCRIPT_DIGIT,
    SCRIPT_KATAKANA,
    SCRIPT_HIRAGANA,
    SCRIPT_KANJI
};

struct piece {
    const uint32_t *codes;
    uint32_t n;
    uint32_t group; /* parent in the union-find tree */
    uint32_t next;  /* of the same bucket */
    uint32_t links;
};

static enum script script_of(uint32_t c)
{
    if (c < 0x80)
        return ascii_alpha((uint8_t)c)   ? SCRIPT_LATIN
               : ascii_digit((uint8_t)c) ? SCRIPT_DIGIT
                                         : SCRIPT_NONE;
    if (c >= 0xC0 && c <= 0x24F)
        return SCRIPT_LATIN;
    if (c == 0x30FB)
        return SCRIPT_NONE;
    if ((c >= 0x30A1 && c <= 0x30FE) || (c >= 0xFF66 && c <= 0xFF9F))
        return SCRIPT_KATAKANA;
    if (c >= 0x3041 && c <= 0x309E)
        return SCRIPT_HIRAGANA;
    return (c >= 0x3400 && c <= 0x9FFF) || c == 0x3005 ? SCRIPT_KANJI : SCRIPT_NONE;
}

/* Would nobody end or begin a text between these two? Katakana and Latin words only: compounds
 * of kanji come apart lawfully (請求書|送付), kana endings too. */
static bool inside_word(uint32_t left, uint32_t right)
{
    enum script s = script_of(left);
    return s == script_of(right) && (s == SCRIPT_KATAKANA || s == SCRIPT_LATIN);
}

/* Code points with case, width and spaces evened out. */
static bool even_out(struct arena *mem, slice text, struct piece *out)
{
    text = mailbox_narrow(mem, slice_sub(text, 0, CODES_MAX * 4));
    uint32_t *codes = ARENA_ARRAY(mem, uint32_t, text.len + 1);
    if (!codes)
        return false;
    uint32_t n = 0;
    for (size_t pos = 0; pos < text.len && n < CODES_MAX;) {
        uint32_t c = utf8_next(text, &pos);
        if (c < 0x80)
            c = ascii_space((uint8_t)c) ? ' ' : ascii_lower((uint8_t)c);
        if (c == ' ' && (n == 0 || codes[n - 1] == ' '))
            continue;
        codes[n++] = c;
    }
    while (n && codes[n - 1] == ' ')
        n--;
    out->codes = codes;
    out->n = n;
    return true;
}

/* `b` laid on `a` from letter `at` of `a` on: the letters they share, or 0 when they differ
 * before one of them ends. */
static uint32_t agreement(const struct piece *a, uint32_t at, const struct piece *b)
{
    uint32_t n = a->n - at < b->n ? a->n - at : b->n;
    for (uint32_t i = 0; i < n; i++)
        if (a->codes[at + i] != b->codes[i])
            return 0;
    return n;
}

/* Do they look like pieces of one original when b lies on a from `at` on? */
static bool pieces(const struct piece *a, uint32_t at, const struct piece *b)
{
    uint32_t n = agreement(a, at, b), weight = 0, cuts = 0, latin = 0, words = 0;
    enum script last = SCRIPT_NONE;
    if (n == 0 || (n == a->n && n == b->n))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        enum script s = script_of(b->codes[i]);
        weight += s >= SCRIPT_KATAKANA ? 2 : s == SCRIPT_LATIN;
        latin += s == SCRIPT_LATIN;
        words += s != SCRIPT_NONE && s != last;
        last = s;
    }
    if (at > 0)
        cuts += inside_word(a->codes[at - 1], a->codes[at]);
    if (n == b->n && at + n < a->n)
        cuts += inside_word(a->codes[at + n - 1], a->codes[at + n]);
    if (n < b->n)
        cuts += inside_word(b->codes[n - 1], b->codes[n]);
    /* English words hold other words ("portfolio", "reporting"): more of them must agree */
    uint32_t least = (words > 1 ? (uint32_t)WEIGHT : WEIGHT_ONE_WORD) + (latin == weight ? 4u : 0u);
    return cuts > 0 && weight >= least;
}

bool fragment_of(struct arena *mem, slice piece, slice whole)
{
    struct piece a, b;
    if (!even_out(mem, whole, &a) || !even_out(mem, piece, &b) || b.n == 0 || b.n >= a.n)
        return false;
    for (uint32_t at = 0; at + b.n <= a.n; at++)
        if (a.codes[at] == b.codes[0] && pieces(&a, at, &b))
            return true;
    return false;
}

static uint32_t root_of(struct piece *p, uint32_t i)
{
    while (p[i].group != i) {
        p[i].group = p[p[i].group].group;
        i = p[i].group;
    }
    return i;
}

static void unite(struct piece *p, uint32_t a, uint32_t b)
{
    a = root_of(p, a);
    b = root_of(p, b);
    p[a < b ? b : a].group = a < b ? a : b;
}

static uint64_t hash_codes(const uint32_t *codes, uint32_t n)
{
    uint64_t h = fnv1a(0, (slice){ (const uint8_t *)codes, n * sizeof *codes });
    return h ^ h >> 32;
}

struct index {
    uint32_t *heads, *counts; /* by the hash of the first letters; UINT32_MAX: empty */
    size_t mask;
};

static bool index_new(struct arena *mem, size_t n, struct index *out)
{
    size_t size = 64;
    while (size < 2 * n)
        size *= 2;
    *out = (struct index){ ARENA_ARRAY(mem, uint32_t, size), ARENA_ARRAY(mem, uint32_t, size),
                           size - 1 };
    if (!out->heads || !out->counts)
        return false;
    for (size_t i = 0; i < size; i++)
        out->heads[i] = UINT32_MAX;
    return true;
}

/* Joins each text with its equals through a table by the hash of the whole text; leaves one of
 * each (the first) marked by links == 0, the others UINT32_MAX. */
static bool join_equals(struct arena *mem, struct piece *p, uint32_t n)
{
    struct index x;
    if (!index_new(mem, n, &x))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        size_t slot = hash_codes(p[i].codes, p[i].n) & x.mask;
        while (x.heads[slot] != UINT32_MAX) {
            const struct piece *other = &p[x.heads[slot]];
            if (other->n == p[i].n && agreement(other, 0, &p[i]) == p[i].n)
                break;
            slot = (slot + 1) & x.mask;
        }
        if (x.heads[slot] == UINT32_MAX)
            x.heads[slot] = i;
        else if (p[i].n)
            unite(p, x.heads[slot], i), p[i].links = UINT32_MAX;
    }
    return true;
}

static void index_fill(struct index *x, struct piece *p, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (p[i].n < GRAM || p[i].links == UINT32_MAX)
            continue;
        size_t slot = hash_codes(p[i].codes, GRAM) & x->mask;
        if (x->counts[slot]++ < BUCKET_MAX) {
            p[i].next = x->heads[slot];
            x->heads[slot] = i;
        }
    }
}

struct link {
    uint32_t a, b;
};

/* Every pair that can be laid on each other, at most a few per text. */
static size_t find_links(const struct index *x, struct piece *p, uint32_t n, struct link *links,
                         size_t max)
{
    size_t found = 0;
    uint64_t work = 0, most = 0;
    for (uint32_t i = 0; i < n; i++)
        most += (uint64_t)p[i].n * WORK_PER_LETTER;
    for (uint32_t i = 0; i < n; i++) {
        if (p[i].links == UINT32_MAX)
            continue;
        for (uint32_t at = 0; at + GRAM <= p[i].n; at++) {
            size_t slot = hash_codes(&p[i].codes[at], GRAM) & x->mask;
            for (uint32_t k = x->heads[slot]; k != UINT32_MAX; k = p[k].next) {
                work += 1 + (p[k].n < p[i].n - at ? p[k].n : p[i].n - at) / 4;
                if (work > most || found == max)
                    return found;
                if (k == i || !pieces(&p[i], at, &p[k]))
                    continue;
                p[i].links++;
                p[k].links++;
                links[found++] = (struct link){ i, k };
            }
        }
    }
    return found;
}

bool fragment_group(const slice *texts, size_t n, struct arena *mem, uint32_t *group_out)
{
    for (size_t i = 0; i < n; i++)
        group_out[i] = (uint32_t)i;
    if (n < 2 || n > UINT32_MAX / 32)
        return n < 2;
    struct piece *p = ARENA_ARRAY(mem, struct piece, n);
    struct index x;
    size_t max = n * 4;
    struct link *links = ARENA_ARRAY(mem, struct link, max);
    if (!p || !links || !index_new(mem, n, &x))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!even_out(mem, texts[i], &p[i]))
            return false;
        p[i].group = (uint32_t)i;
        p[i].next = UINT32_MAX;
    }
    if (!join_equals(mem, p, (uint32_t)n))
        return false;
    index_fill(&x, p, (uint32_t)n);
    size_t found = find_links(&x, p, (uint32_t)n, links, max);
    /* a short text inside very many others is a word, not a piece */
    for (size_t i = 0; i < found; i++) {
        const struct piece *a = &p[links[i].a], *b = &p[links[i].b];
        const struct piece *shorter = a->n < b->n ? a : b;
        if (shorter->links <= OFTEN || shorter->links <= n / 8)
            unite(p, links[i].a, links[i].b);
    }
    for (size_t i = 0; i < n; i++)
        group_out[i] = root_of(p, (uint32_t)i);
    return true;
}
