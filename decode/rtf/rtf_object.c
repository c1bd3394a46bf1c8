/* SPDX-License-Identifier: Apache-2.0 */
/* Object data: hex digits, amid whatever Word passes over.
 *
 * Observed of Word: anything that is no hex digit is passed over; \'hh, and
 * what only begins so, drops the half of a byte that waits; a group whose destination is another adds nothing,
 * one that only has formatting in it adds its digits; \bin adds its bytes as
 * they are; \objdata within \objdata goes on with the same data. Where that
 * does not make an object, other readings are tried, and the likeliest is
 * taken. Honest writers write digits and line breaks only.
 */
#include "base/text.h"
#include "decode/shared/ole.h"
#include "rtf_private.h"

enum {
    GROUPS_MAX = 256, /* deeper ones count as the last of these */
    JUNK_TOLD = 4,
    LIKELY = 3,
};

enum groups { GROUPS_AS_WORD, GROUPS_STARRED_IN, GROUPS_OUT, GROUPS_IN };

struct reading {
    enum groups groups;
    bool escapes_take; /* \'hh takes the digit before it, though its byte be whole */
    bool shifted;      /* the first digit is none of the data */
};

static const struct reading readings[] = {
    { GROUPS_AS_WORD, false, false }, { GROUPS_STARRED_IN, false, false },
    { GROUPS_OUT, false, false },     { GROUPS_IN, false, false },
    { GROUPS_AS_WORD, true, false },  { GROUPS_OUT, true, false },
    { GROUPS_AS_WORD, false, true },
};

struct tricks {
    size_t escapes, groups, words, symbols, junk, binary;
};

struct hex {
    const struct reading *how;
    struct buf *out;
    int half; /* the high digit that waits; -1 */
    unsigned depth;
    uint8_t out_of_it[GROUPS_MAX]; /* by depth */
    bool starred, drop_first;
    struct tricks tricks;
};

static void put_digit(struct hex *h, int digit)
{
    if (h->drop_first) {
        h->drop_first = false;
        return;
    }
    if (h->half < 0) {
        h->half = digit;
        return;
    }
    buf_byte(h->out, (uint8_t)(h->half << 4 | digit));
    h->half = -1;
}

static void take_digit_back(struct hex *h)
{
    if (h->half >= 0)
        h->half = -1;
    else if (h->out->len)
        h->half = h->out->at[--h->out->len] >> 4;
}

static uint8_t *state(struct hex *h)
{
    return &h->out_of_it[h->depth < GROUPS_MAX ? h->depth : GROUPS_MAX - 1];
}

static void open_group(struct hex *h)
{
    uint8_t before = *state(h);
    h->depth++;
    h->tricks.groups++;
    *state(h) = before || h->how->groups == GROUPS_OUT;
}

/* Formatting, behind which digits count though the group is marked \*. */
static bool formats(slice name)
{
    static const char *const words[] = {
        "af",    "afs",    "b",       "cb",     "cellx",   "cf",     "cs",     "dbch",   "deflang",
        "dn",    "expnd",  "expndtw", "fi",     "fs",      "hich",   "i",      "insrsid", "intbl",
        "keep",  "keepn",  "kerning", "lang",   "li",      "loch",   "ltrch",  "ltrpar", "nowidctlpar",
        "pard",  "qc",     "qj",      "ql",     "qr",      "ri",     "rsid",   "rtlch",  "rtlpar",
        "s",     "sa",     "sb",      "scaps",  "sl",      "slmult", "strike", "sub",    "super",
        "trowd", "ul",     "ulnone",  "up",     "v",       "viewkind", "widctlpar",
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is_nocase(name, words[i]))
            return true;
    return false;
}

/* \* and a word that Word does not know: the group is passed over. */
static void leave_unknown(struct hex *h)
{
    if (h->how->groups == GROUPS_AS_WORD && h->depth > 0)
        *state(h) = 1;
}

static void take_word(struct hex *h, slice in, size_t *pos, const struct rtf_control *c)
{
    const struct rtf_word *word = rtf_word_find(c->name);
    bool starred = h->starred;
    h->starred = false;
    if (word && word->kind == RTF_PROPERTY && word->value == RTF_BINARY) {
        size_t n = c->number > 0 ? (size_t)c->number : 0;
        slice bytes = slice_sub(in, *pos, n);
        h->tricks.binary++;
        h->half = -1;
        if (!*state(h))
            buf_put(h->out, bytes);
        *pos += bytes.len;
        return;
    }
    h->tricks.words++;
    if (word && word->kind == RTF_DESTINATION && word->value == RTF_OBJDATA)
        *state(h) = 0;
    else if (word && word->kind == RTF_DESTINATION && h->how->groups != GROUPS_IN && h->depth > 0)
        *state(h) = 1;
    else if (starred && !word && !formats(c->name))
        leave_unknown(h);
}

static void take_escape(struct hex *h, slice in, size_t *pos)
{
    slice two = slice_sub(in, *pos, 2);
    bool begins = two.len && ascii_hex(two.at[0]) >= 0;
    bool real = begins && two.len == 2 && ascii_hex(two.at[1]) >= 0;
    h->tricks.escapes++;
    *pos += slice_sub(in, *pos, begins ? 2 : 3).len;
    if (*state(h))
        return;
    if (real && h->how->escapes_take)
        take_digit_back(h);
    else
        h->half = -1;
}

static void take_symbol(struct hex *h, const struct rtf_control *c)
{
    h->tricks.symbols++;
    if (h->starred && c->name.at[0] != '\\')
        leave_unknown(h);
    h->starred = false;
}

static void take_control(struct hex *h, slice in, size_t *pos)
{
    struct rtf_control c;
    rtf_control_read(in, pos, &c);
    if (c.name.len == 0)
        return;
    if (c.word) {
        take_word(h, in, pos, &c);
        return;
    }
    if (c.name.at[0] == '\'')
        take_escape(h, in, pos);
    else if (c.name.at[0] == '*')
        h->starred = true;
    else
        take_symbol(h, &c);
}

static void decode(struct hex *h, slice in)
{
    for (size_t i = 0; i < in.len;) {
        uint8_t c = in.at[i++];
        int digit = ascii_hex(c);
        if (digit >= 0) {
            if (!*state(h))
                put_digit(h, digit);
        } else if (c == '{') {
            open_group(h);
        } else if (c == '}') {
            h->depth -= h->depth > 0;
        } else if (c == '\\') {
            take_control(h, in, &i);
        } else if (!ascii_space(c) && !*state(h)) {
            h->tricks.junk++;
        }
    }
}

static void say_tricks(struct walk *w, const struct tricks *t, struct range at)
{
    const struct {
        const char *what;
        bool seen;
    } told[] = {
        { "escape", t->escapes > 0 },  { "group", t->groups > 0 },      { "word", t->words > 0 },
        { "symbol", t->symbols > 0 },  { "junk", t->junk >= JUNK_TOLD },
    };
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (told[i].seen)
            walk_cstr(w, FACT_OFFICE_OBJECT_DISGUISED, told[i].what, at);
}

static unsigned read_as(const struct reading *how, slice in, struct buf *out, struct tricks *tricks)
{
    struct hex h = { .how = how, .out = out, .half = -1, .drop_first = how->shifted };
    buf_clear(out);
    decode(&h, in);
    *tricks = h.tricks;
    return ole_object_likely(buf_slice(out));
}

void rtf_object_read(struct walk *w, slice in, size_t at)
{
    enum { READINGS = sizeof readings / sizeof readings[0] };
    struct buf out = buf_new(in.len);
    struct tricks tricks;
    unsigned best = 0;
    size_t chosen = 0, tried = READINGS;
    for (size_t i = 0; i < READINGS && best < LIKELY; i++) {
        if (!walk_work(w, in.len * WORK_PER_SCANNED_BYTE))
            break;
        unsigned likely = read_as(&readings[i], in, &out, &tricks);
        tried = i;
        if (likely > best) {
            best = likely;
            chosen = i;
        }
    }
    if (best && tried != chosen && walk_work(w, in.len * WORK_PER_SCANNED_BYTE))
        (void)read_as(&readings[chosen], in, &out, &tricks);
    struct range place = range_of(at, in.len);
    if (best && ole_object_read(w, buf_slice(&out), place))
        say_tricks(w, &tricks, place);
    buf_drop(&out);
}

void rtf_object_store(struct walk *w, slice in, size_t at)
{
    static const slice magic = SLICE_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    struct buf out = buf_new(in.len);
    struct tricks tricks;
    if (walk_work(w, in.len * WORK_PER_SCANNED_BYTE)) {
        (void)read_as(&readings[0], in, &out, &tricks);
        slice data = buf_slice(&out);
        size_t from = slice_find(slice_sub(data, 0, 512), magic, 0);
        if (from != SIZE_MAX)
            ole_give(w, SLICE_LIT("datastore"), slice_from(data, from), range_of(at, in.len));
    }
    buf_drop(&out);
}
