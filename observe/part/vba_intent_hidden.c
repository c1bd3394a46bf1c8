/* SPDX-License-Identifier: Apache-2.0 */
/* vba_intent_hidden - what stands in the hidden places that a macro reads.
 *
 * A macro that runs or fetches something, and reads controls, variables, properties, shapes,
 * comments or cells: their values (decode/hidden.h) are looked at for commands, addresses, names
 * of classes and encoded text, also where a filling was put between the characters or the text
 * stands backwards. Which value goes where is not followed here; that is for who evaluates.
 */
#include "observe/part/vba_intent_private.h"
#include "base/text.h"
#include "decode/hidden.h"

enum {
    LOOKED = 4096,      /* bytes of a value */
    VALUES_LOOKED = 4096,
    SHOWN = 300,
    FILLING_MAX = 12,
    FILLING_TIMES = 6,
    COUNTS = 4096,      /* a power of two */
    ENCODED_LEAST = 160,
    PLAIN_LEAST = 6,    /* shorter values are no command */
    FILLED_LEAST = 32,
};

/* --- what a value is */

/* Which pairs of letters a text has, in either case, so that most words need not be looked for. */
enum { PAIRS = 1024 };

struct pairs {
    uint64_t bits[PAIRS / 64];
};

static inline unsigned pair_of(uint8_t first, uint8_t second)
{
    return (ascii_lower(first) * 37u + ascii_lower(second)) & (PAIRS - 1);
}

static struct pairs pairs_of(slice s)
{
    struct pairs p = { 0 };
    for (size_t i = 1; i < s.len; i++) {
        unsigned pair = pair_of(s.at[i - 1], s.at[i]);
        p.bits[pair / 64] |= UINT64_C(1) << pair % 64;
    }
    return p;
}

static bool may_hold(const struct pairs *p, slice word)
{
    for (size_t i = 1; i < word.len; i++) {
        unsigned pair = pair_of(word.at[i - 1], word.at[i]);
        if (!(p->bits[pair / 64] >> pair % 64 & 1))
            return false;
    }
    return true;
}

static bool has_any(slice s, const struct pairs *p, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        slice word = slice_of(words[i]);
        if (may_hold(p, word) && slice_find_nocase(s, word, 0) != SIZE_MAX)
            return true;
    }
    return false;
}

#define HAS(s, p, words) has_any((s), (p), (words), sizeof(words) / sizeof((words)[0]))

static bool is_command(slice s, const struct pairs *p)
{
    static const char *const words[] = {
        "powershell", "cmd /", "cmd.exe", "comspec%", "wscript.exe", "cscript.exe", "wscript //", "cscript //",
        "mshta ", "mshta.exe", "mshta http", "rundll32", "regsvr32", "certutil ", "certutil.exe", "bitsadmin", "msiexec /",
        "winmgmts:", "win32_process", "start-process", "invoke-expression", "downloadfile", "downloadstring",
        "frombase64string", "new-object ", "schtasks ", "wmic ", "set-executionpolicy", "-executionpolicy",
    };
    return HAS(s, p, words);
}

static bool is_class(slice s, const struct pairs *p)
{
    static const char *const words[] = {
        "wscript.shell", "shell.application", "adodb.stream", "msxml2.xmlhttp", "msxml2.serverxmlhttp",
        "microsoft.xmlhttp", "winhttp.winhttprequest", "scripting.filesystemobject", "urldownloadtofile",
        "scriptcontrol", "internetexplorer.application", "createobject(",
    };
    return HAS(s, p, words);
}

static bool is_address(slice s, const struct pairs *p)
{
    if (!may_hold(p, SLICE_LIT("://")))
        return false;
    s = slice_trim(s);
    return slice_starts_nocase(s, "http://") || slice_starts_nocase(s, "https://") ||
           slice_starts_nocase(s, "ftp://") || slice_starts_nocase(s, "file://") ||
           slice_find(s, SLICE_LIT("http://"), 0) != SIZE_MAX || slice_find(s, SLICE_LIT("https://"), 0) != SIZE_MAX;
}

/* A long word of base64 or hex: no blank in it, and not one letter again and again. */
static bool is_encoded(slice s)
{
    size_t run = 0, best = 0;
    uint64_t seen = 0;
    for (size_t i = 0; s.len >= ENCODED_LEAST && i < s.len; i++) {
        uint8_t c = s.at[i];
        bool in = ascii_alnum(c) || c == '+' || c == '/' || c == '=';
        run = in ? run + 1 : 0;
        best = run > best ? run : best;
        seen |= in ? UINT64_C(1) << (c & 63) : 0;
    }
    unsigned kinds = 0;
    for (; seen; seen &= seen - 1)
        kinds++;
    return best >= ENCODED_LEAST && kinds >= 10;
}

static const char *kind_of(slice s)
{
    struct pairs p = pairs_of(s);
    if (is_command(s, &p))
        return "command";
    if (is_class(s, &p))
        return "class";
    if (is_address(s, &p))
        return "url";
    return is_encoded(s) ? "encoded" : NULL;
}

/* --- what was done to it */

/* What is counted, and of each place of a value the hash of the bytes that begin there. */
struct counting {
    uint16_t counts[COUNTS];
    uint32_t hashes[LOOKED];
};

/* The piece of text that stands again and again between others: 2 to 12 bytes, a fifth of all. */
static slice filling_of(slice s, struct counting *c)
{
    slice best = { 0 };
    size_t gain = s.len / 5, slots = 64;
    while (slots < COUNTS && slots < s.len)
        slots *= 2;
    for (size_t i = 0; i < s.len; i++)
        c->hashes[i] = s.at[i] * UINT32_C(0x9e3779b1);
    for (size_t n = 2; n <= FILLING_MAX && n * FILLING_TIMES < s.len; n++) {
        for (size_t i = 0; i < slots; i++)
            c->counts[i] = 0;
        for (size_t i = 0; i + n <= s.len; i++) { /* one byte more than in the round before */
            c->hashes[i] = (c->hashes[i] ^ s.at[i + n - 1]) * UINT32_C(0x9e3779b1);
            uint16_t *count = &c->counts[c->hashes[i] >> 16 & (slots - 1)];
            if (++*count >= FILLING_TIMES && (size_t)*count * n > gain) {
                gain = (size_t)*count * n;
                best = slice_sub(s, i, n);
            }
        }
    }
    return best;
}

static void put_without(struct buf *out, slice s, slice filling)
{
    size_t at = 0;
    while (at < s.len) {
        size_t next = slice_find(s, filling, at);
        next = next == SIZE_MAX ? s.len : next;
        buf_put(out, slice_sub(s, at, next - at));
        at = next + filling.len;
    }
}

static void put_backwards(struct buf *out, slice s)
{
    for (size_t i = s.len; i > 0; i--)
        buf_byte(out, s.at[i - 1]);
}

/* Without what breaks words for the eye and not for the shell. */
static void put_plain(struct buf *out, slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != '^' && s.at[i] != '`' && s.at[i] >= ' ')
            buf_byte(out, s.at[i]);
}

struct looked {
    const char *kind; /* NULL: nothing of interest */
    const char *trick; /* NULL: as it stands */
};

static struct looked look(struct code *c, slice value, struct counting *counts, struct buf *out)
{
    value = slice_sub(value, 0, LOOKED);
    struct looked l = { kind_of(value), NULL };
    if (l.kind || value.len < PLAIN_LEAST * 3 || !walk_work(c->w, value.len * 20))
        return l;
    buf_clear(out);
    put_plain(out, value);
    if (out->len < value.len && (l.kind = kind_of(buf_slice(out))))
        return (struct looked){ l.kind, "escaped" };
    buf_clear(out);
    put_backwards(out, value);
    if ((l.kind = kind_of(buf_slice(out))) && strcmp(l.kind, "encoded") != 0)
        return (struct looked){ l.kind, "backwards" };
    slice filling = value.len < FILLED_LEAST ? (slice){ 0 } : filling_of(value, counts);
    if (filling.len == 0 || !walk_work(c->w, value.len * 100))
        return (struct looked){ 0 };
    buf_clear(out);
    put_without(out, value, filling);
    l.kind = kind_of(buf_slice(out));
    return (struct looked){ l.kind, "filled" };
}

/* --- which values the macro may read */

static unsigned places_read(const struct code *c)
{
    unsigned mask = 0;
    for (uint32_t i = 0; i < c->n_procs; i++)
        mask |= c->procs[i].hidden;
    for (uint32_t i = 0; i < c->n_names; i++)
        mask |= c->names[i].hidden;
    for (uint32_t i = 0; i < c->n_sinks; i++)
        mask |= c->sinks[i].hidden;
    return mask;
}

static bool acts(const struct code *c)
{
    for (uint32_t i = 0; i < c->n_sinks; i++)
        if (c->sinks[i].kind == K_RUN || c->sinks[i].kind == K_DOWNLOAD || c->sinks[i].kind == K_LOAD)
            return true;
    return c->computed > 0;
}

/* A control is read by its name, or as one of several where its own is not known. */
static bool is_read(const struct code *c, const struct hidden *h, unsigned mask)
{
    if (h->place != HIDDEN_CONTROL)
        return true;
    if (mask & (H_CONTROL | H_TAG) && h->name.len == 0)
        return true;
    slice name = h->name.len ? h->name : h->owner; /* the form's own caption or tag */
    return vba_intent_lex_find(c, name) != VBA_NONE;
}

static void say(struct code *c, const struct hidden *h, struct looked l)
{
    struct buf b = buf_new(SHOWN + 4 * HIDDEN_NAME_MAX);
    buf_text(&b, hidden_place_name(h->place));
    buf_byte(&b, ' ');
    hidden_put_name(&b, h);
    buf_text(&b, " = ");
    buf_put(&b, utf8_cut(slice_trim(h->value), SHOWN));
    vba_intent_say(c, FACT_VBA_HIDDEN_VALUE, buf_slice(&b), VBA_NONE);
    buf_clear(&b);
    buf_text(&b, l.kind);
    if (l.trick)
        buf_format(&b, ", %s", l.trick);
    vba_intent_say(c, FACT_VBA_HIDDEN_VALUE_KIND, buf_slice(&b), VBA_NONE);
    buf_drop(&b);
}

void vba_intent_hidden(struct code *c)
{
    static const struct { unsigned bits; enum hidden_place place; } rows[] = {
        { UINT32_MAX, HIDDEN_CONTROL },        { H_VARIABLE, HIDDEN_VARIABLE }, { H_VARIABLE, HIDDEN_XML },
        { H_PROPERTY, HIDDEN_PROPERTY },       { H_SHAPE, HIDDEN_SHAPE },       { H_COMMENT, HIDDEN_COMMENT },
        { H_TEXT, HIDDEN_TEXT },               { H_CELL, HIDDEN_CELL },
    };
    if (!acts(c))
        return;
    unsigned mask = places_read(c), looked = 0, said = 0;
    struct counting *counts = ARENA_NEW(c->mem, struct counting);
    struct buf out = buf_new(LOOKED + 1);
    for (size_t i = 0; counts && i < sizeof rows / sizeof rows[0]; i++) {
        const struct hidden *h = NULL;
        if (rows[i].bits != UINT32_MAX && !(mask & rows[i].bits))
            continue;
        while (looked < VALUES_LOOKED && (h = hidden_next(c->w, rows[i].place, h))) {
            if (h->value.len < PLAIN_LEAST || !is_read(c, h, mask))
                continue;
            looked++;
            struct looked l = look(c, h->value, counts, &out);
            if (l.kind && said++ < VBA_HIDDEN_SAID)
                say(c, h, l);
        }
    }
    buf_drop(&out);
}
