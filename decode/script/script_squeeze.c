/* SPDX-License-Identifier: Apache-2.0 */
/* script_squeeze - the code of a script without its comments and its padding.
 *
 * Droppers are blown up with comments and blanks so that scanners give up or time out, and cut
 * into pieces by comments between two words; what is left is what the engine sees. Conditional
 * compilation of JScript ("@cc_on") stands in comments and is code: it stays.
 * ECMA-262 3rd edition 7 for JScript (a regular expression is told from a division by what stands
 * before it); comments of VBScript, PowerShell, cmd.exe. Strings are copied as they are.
 */
#include "base/text.h"
#include "decode/script/script_private.h"

enum { BLANKS_KEPT = 16, GONE_LOOK = 65536, CODE_MAX = 8 << 20 };

struct squeezer {
    slice in;
    size_t pos, kept; /* in[kept, pos) is to be copied */
    struct buf *out;
    struct script_squeezed got;
    uint8_t before;   /* the last byte that was no blank */
    size_t word_at;   /* where the last word began */
    bool conditional; /* @cc_on was seen: a closing mark of a comment may stand alone */
    bool line_empty;  /* only blanks since the line began */
};

static void keep(struct squeezer *q)
{
    buf_put(q->out, slice_sub(q->in, q->kept, q->pos - q->kept));
    q->kept = q->pos;
}

/* One blank or line end in the place of whatever was left out, however often: a line of comment
 * a thousand times over leaves one. */
static void stand_in(struct squeezer *q, bool line)
{
    struct buf *out = q->out;
    if (out->len == 0 || !ascii_space(out->at[out->len - 1]))
        buf_byte(out, line ? '\n' : ' ');
    else if (line)
        out->at[out->len - 1] = '\n';
}

/* Leaves out in[pos, to), leaving a blank or a line end in its place. */
static void leave_out(struct squeezer *q, size_t to, bool comment)
{
    slice gone = slice_sub(q->in, q->pos, to - q->pos);
    keep(q);
    if (comment) {
        q->got.comments += gone.len;
        q->got.longest = gone.len > q->got.longest ? gone.len : q->got.longest;
    } else {
        q->got.padding += gone.len;
    }
    stand_in(q, slice_find_byte(slice_sub(gone, 0, GONE_LOOK), '\n', 0) != SIZE_MAX);
    q->pos = q->kept = to;
}

static size_t line_end(const struct squeezer *q, size_t from)
{
    size_t at = slice_find_byte(q->in, '\n', from);
    size_t lone =
        slice_find_byte(slice_sub(q->in, from, at == SIZE_MAX ? SIZE_MAX : at - from), '\r', 0);
    return lone != SIZE_MAX ? from + lone : at == SIZE_MAX ? q->in.len : at;
}

static size_t behind(const struct squeezer *q, const char *mark, size_t from)
{
    size_t at = slice_find(q->in, slice_of(mark), from);
    return at == SIZE_MAX ? q->in.len : at + strlen(mark);
}

/* To behind the string that begins at pos. */
static void string(struct squeezer *q, uint8_t quote, uint8_t escape, bool lines)
{
    size_t i = q->pos + 1;
    for (; i < q->in.len; i++) {
        uint8_t c = q->in.at[i];
        if (c == quote)
            break;
        if (c == '\n' && !lines)
            break;
        if (escape && c == escape)
            i++;
    }
    q->pos = i < q->in.len ? i + 1 : q->in.len;
    q->before = quote;
}

static bool is_word(uint8_t c)
{
    return ascii_alnum(c) || c == '_' || c == '$' || c >= 0x80;
}

/* May a regular expression begin here? */
static bool regex_may(const struct squeezer *q)
{
    static const char *const words[] = { "return", "typeof", "case",  "in",
                                         "delete", "void",   "throw", "else" };
    if (!is_word(q->before))
        return q->before == 0 || strchr("(,=:[!&|?{};+-*%~^<>", q->before) != NULL;
    slice word = slice_sub(q->in, q->word_at, 10);
    size_t n = 0;
    while (n < word.len && is_word(word.at[n]))
        n++;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_is(slice_sub(word, 0, n), words[i]))
            return true;
    return false;
}

static void regex(struct squeezer *q)
{
    bool set = false;
    size_t i = q->pos + 1;
    for (; i < q->in.len && q->in.at[i] != '\n'; i++) {
        uint8_t c = q->in.at[i];
        if (c == '\\')
            i++;
        else if (c == '[')
            set = true;
        else if (c == ']')
            set = false;
        else if (c == '/' && !set)
            break;
    }
    q->pos = i < q->in.len ? i + 1 : q->in.len;
    q->before = ')';
}

static void jscript(struct squeezer *q, uint8_t c)
{
    slice rest = slice_from(q->in, q->pos);
    if (c == '"' || c == '\'' || c == '`') {
        string(q, c, '\\', c == '`');
    } else if (c == '/' &&
               (slice_starts(rest, SLICE_LIT("/*@")) || slice_starts(rest, SLICE_LIT("//@")))) {
        leave_out(q, q->pos + 2, true);
        q->conditional = true;
        q->before = 0;
    } else if (c == '@' && q->conditional && slice_starts(rest, SLICE_LIT("@*/"))) {
        leave_out(q, q->pos + 3, true);
    } else if (c == '*' && q->conditional && slice_starts(rest, SLICE_LIT("*/"))) {
        leave_out(q, q->pos + 2, true);
    } else if (c == '/' && rest.len > 1 && rest.at[1] == '*') {
        leave_out(q, behind(q, "*/", q->pos + 2), true);
    } else if (c == '/' && rest.len > 1 && rest.at[1] == '/') {
        leave_out(q, line_end(q, q->pos), true);
    } else if (c == '/' && regex_may(q)) {
        regex(q);
    } else {
        q->before = c;
        q->pos++;
    }
}

/* Are these the letters of `word` (lower case), not followed by a letter? */
static bool at_word(slice rest, const char *word)
{
    size_t n = strlen(word);
    return slice_starts_nocase(rest, word) && (rest.len == n || !is_word(rest.at[n]));
}

static void vbscript(struct squeezer *q, uint8_t c)
{
    slice rest = slice_from(q->in, q->pos);
    if (c == '"')
        string(q, '"', 0, false);
    else if (c == '\'' || (q->line_empty && (c | 32) == 'r' && at_word(rest, "rem")))
        leave_out(q, line_end(q, q->pos), true);
    else
        q->pos++;
}

static void powershell(struct squeezer *q, uint8_t c)
{
    slice rest = slice_from(q->in, q->pos);
    if (slice_starts(rest, SLICE_LIT("@'")) || slice_starts(rest, SLICE_LIT("@\""))) {
        q->pos = behind(q, c == '@' && rest.at[1] == '"' ? "\"@" : "'@", q->pos + 2);
    } else if (c == '"' || c == '\'') {
        string(q, c, c == '"' ? '`' : 0, true);
    } else if (slice_starts(rest, SLICE_LIT("<#"))) {
        leave_out(q, behind(q, "#>", q->pos + 2), true);
    } else if (c == '#' &&
               (q->pos == 0 || ascii_space(q->in.at[q->pos - 1]) || q->in.at[q->pos - 1] == ';')) {
        leave_out(q, line_end(q, q->pos), true);
    } else {
        /* A backtick before a letter that has no meaning of its own hides words (T1027.010). */
        if (c == '`' && rest.len > 1 && ascii_alpha(rest.at[1])) {
            keep(q);
            q->kept++;
        }
        q->pos++;
    }
}

static void batch(struct squeezer *q, uint8_t c)
{
    slice rest = slice_from(q->in, q->pos);
    if (q->line_empty &&
        (slice_starts(rest, SLICE_LIT("::")) || at_word(rest, "rem") || at_word(rest, "@rem"))) {
        leave_out(q, line_end(q, q->pos), true);
        return;
    }
    if (c == '^' &&
        rest.len > 1) { /* escapes the next character; at the end of a line joins lines */
        keep(q);
        q->kept = q->pos + 1;
        if (rest.at[1] == '\r' || rest.at[1] == '\n')
            q->kept += slice_starts(rest, SLICE_LIT("^\r\n")) ? 2u : 1u;
        q->pos = q->kept < q->in.len ? q->kept : q->in.len;
        q->kept = q->pos;
        q->pos += q->pos < q->in.len && q->in.at[q->pos] == '^';
        return;
    }
    q->pos++;
}

/* Blanks: many of them are padding. True when some were stepped over. */
static bool blanks(struct squeezer *q)
{
    size_t i = q->pos;
    bool line = false;
    while (i < q->in.len && ascii_space(q->in.at[i])) {
        line = line || q->in.at[i] == '\n' || q->in.at[i] == '\r';
        i++;
    }
    if (i == q->pos)
        return false;
    q->line_empty = q->line_empty || line;
    if (q->pos == q->kept && q->out->len > 0) {
        stand_in(q, line);
        q->kept = i;
    } else if (i - q->pos > BLANKS_KEPT) {
        leave_out(q, i, false);
    }
    q->pos = i;
    return true;
}

/* The same byte over and over, outside any string: names of a megabyte. */
static void one(struct squeezer *q, enum script_language language)
{
    uint8_t c = q->in.at[q->pos];
    size_t from = q->pos;
    if (is_word(c) && (q->pos == 0 || !is_word(q->in.at[q->pos - 1])))
        q->word_at = q->pos;
    switch (language) {
    case SCRIPT_JSCRIPT:
        jscript(q, c);
        break;
    case SCRIPT_VBSCRIPT:
        vbscript(q, c);
        break;
    case SCRIPT_POWERSHELL:
        powershell(q, c);
        break;
    case SCRIPT_BATCH:
        batch(q, c);
        break;
    default:
        q->pos++;
        break;
    }
    if (q->pos > from)
        q->line_empty = q->pos < q->in.len && q->line_empty && q->in.at[from] == '@';
}

struct script_squeezed script_squeeze(enum script_language language, slice text, struct buf *out)
{
    struct squeezer q = { .in = text, .out = out, .line_empty = true };
    out->max = CODE_MAX;
    while (q.pos < text.len && !out->full && q.pos - q.kept <= CODE_MAX) {
        if (!blanks(&q))
            one(&q, language);
    }
    q.got.cut = q.pos < text.len || out->full;
    if (out->len == 0 && q.kept == 0) {
        q.got.code = slice_sub(text, 0, CODE_MAX);
        return q.got;
    }
    keep(&q);
    q.got.cut = q.got.cut || out->full;
    q.got.code = buf_slice(out);
    return q.got;
}
