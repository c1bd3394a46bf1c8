/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of patterns are made; seam in front of Hyperscan's compiler. See match.h and match.c.
 *
 * Apart from match.c, because the compiler brings the C++ library with it: programs that only look
 * for patterns start without both.
 */
#include "base/cursor.h"
#include "base/match_private.h"
#include "base/text.h"

#include <errno.h>
#include <hs/hs.h>
#include <limits.h>
#include <stdlib.h>

enum { EXPRESSION_MAX = 16 << 10 };

/* True when `s` must be read as characters and not as bytes. Errs on the side of "yes". */
static bool needs_utf8(slice s)
{
    bool in_class = false;
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i], next = i + 1 < s.len ? s.at[i + 1] : 0;
        if (c == '\\') {
            if (memchr("WDSNXpP", next, 7) && next)
                return true;
            i++;
        } else if (in_class) {
            if (c >= 0x80)
                return true;
            in_class = c != ']';
        } else if (c == '[') {
            if (next == '^')
                return true;
            in_class = true;
            i += next == ']';
        } else if (c == '.' ||
                   (c >= 0x80 && (next == '*' || next == '+' || next == '?' || next == '{'))) {
            return true;
        }
    }
    return false;
}

static unsigned hs_flags(const struct match_pattern *p)
{
    unsigned f = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
    if (p->flags & MATCH_CASELESS)
        f |= HS_FLAG_CASELESS;
    if (p->flags & MATCH_DOTALL)
        f |= HS_FLAG_DOTALL;
    if (p->flags & MATCH_MULTILINE)
        f |= HS_FLAG_MULTILINE;
    if (utf8_valid(p->expression) && needs_utf8(p->expression))
        f |= HS_FLAG_UTF8;
    return f;
}

/* NUL-terminated, as the library wants it; NULL when that cannot be. */
static char *expression_text(slice s)
{
    if (s.len > EXPRESSION_MAX || slice_find_byte(s, 0, 0) != SIZE_MAX)
        return NULL;
    char *text = malloc(s.len + 1);
    if (text) {
        if (s.len)
            memcpy(text, s.at, s.len);
        text[s.len] = 0;
    }
    return text;
}

static bool parses(const char *expression, unsigned flags)
{
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *why = NULL;
    bool ok = hs_expression_info(expression, flags, &info, &why) == HS_SUCCESS;
    free(info);
    hs_free_compile_error(why);
    return ok;
}

static bool compiles(const char *expression, unsigned flags)
{
    hs_database_t *db = NULL;
    hs_compile_error_t *why = NULL;
    bool ok = hs_compile(expression, flags, HS_MODE_BLOCK, NULL, &db, &why) == HS_SUCCESS;
    hs_free_database(db);
    hs_free_compile_error(why);
    return ok;
}

enum match_support match_supports(const struct match_pattern *p)
{
    char *text = expression_text(p->expression);
    enum match_support answer = MATCH_NONE;
    if (!text)
        return MATCH_NONE;
    if (compiles(text, hs_flags(p)))
        answer = MATCH_EXACT;
    else if (compiles(text, hs_flags(p) | HS_FLAG_PREFILTER))
        answer = MATCH_PREFILTER;
    free(text);
    return answer;
}

void match_quote(struct buf *out, slice literal)
{
    for (size_t i = 0; i < literal.len; i++) {
        uint8_t c = literal.at[i];
        if (ascii_alnum(c) || c >= 0x80 || c == '_')
            buf_byte(out, c);
        else if (c < 0x21 || c == 0x7f)
            buf_format(out, "\\x%02x", c);
        else
            buf_put(out, (slice){ (const uint8_t[]){ '\\', c }, 2 });
    }
}

/* The parallel arrays the library wants. */
struct set {
    size_t n;
    char **expressions;
    unsigned *flags, *ids;
};

static void set_drop(struct set *s)
{
    for (size_t i = 0; s->expressions && i < s->n; i++)
        free(s->expressions[i]);
    free(s->expressions);
    free(s->flags);
    free(s->ids);
    *s = (struct set){ 0 };
}

static int set_fill(struct set *s, const struct match_pattern *patterns, size_t n,
                    struct err *err_out)
{
    s->n = n;
    s->expressions = calloc(n, sizeof *s->expressions);
    s->flags = calloc(n, sizeof *s->flags);
    s->ids = calloc(n, sizeof *s->ids);
    if (!s->expressions || !s->flags || !s->ids)
        return err_set(err_out, -ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        s->expressions[i] = expression_text(patterns[i].expression);
        if (!s->expressions[i])
            return err_set(err_out, -EINVAL, "pattern %u has a NUL byte or is too long",
                           patterns[i].id);
        s->ids[i] = patterns[i].id;
        s->flags[i] = hs_flags(&patterns[i]);
        if (!parses(s->expressions[i], s->flags[i]))
            s->flags[i] |= HS_FLAG_PREFILTER;
    }
    return 0;
}

static int set_compile(struct set *s, hs_database_t **db, struct err *err_out)
{
    for (;;) {
        hs_compile_error_t *why = NULL;
        if (hs_compile_multi((const char *const *)s->expressions, s->flags, s->ids, (unsigned)s->n,
                             HS_MODE_BLOCK, NULL, db, &why) == HS_SUCCESS)
            return 0;
        size_t at = why && why->expression >= 0 ? (size_t)why->expression : SIZE_MAX;
        bool again = at < s->n && !(s->flags[at] & HS_FLAG_PREFILTER);
        if (again)
            s->flags[at] |= HS_FLAG_PREFILTER;
        else if (at < s->n)
            err_set(err_out, -EINVAL, "pattern %u (%.80s): %s", s->ids[at], s->expressions[at],
                    why->message);
        else
            err_set(err_out, -EINVAL, "patterns: %s", why ? why->message : "unknown error");
        hs_free_compile_error(why);
        if (!again)
            return -EINVAL;
    }
}

static void put_number(struct buf *out, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++, v >>= 8)
        buf_byte(out, (uint8_t)v);
}

/* The head, then the database; `bytes` may be NULL with n = 0. Uses up the set's ids. */
static int put_image(struct buf *out, struct set *s, const char *bytes, size_t n,
                     struct err *err_out)
{
    size_t utf8 = 0;
    for (size_t i = 0; i < s->n; i++)
        if (s->flags[i] & HS_FLAG_UTF8)
            s->ids[utf8++] = s->ids[i];
    if (utf8)
        qsort(s->ids, utf8, sizeof *s->ids, match_by_id);
    buf_put(out, match_magic);
    put_number(out, match_platform(), 8);
    put_number(out, s->n, 8);
    put_number(out, utf8, 8);
    put_number(out, n, 8);
    for (size_t i = 0; i < utf8; i++)
        put_number(out, s->ids[i], 4);
    buf_put(out, (slice){ (const uint8_t *)bytes, n });
    return out->full ? err_set(err_out, -EFBIG, "patterns: the image is too large") : 0;
}

int matcher_compile(const struct match_pattern *patterns, size_t n, struct buf *image_out,
                    struct err *err_out)
{
    struct set set = { 0 };
    hs_database_t *db = NULL;
    char *bytes = NULL;
    size_t len = 0;
    if (n == 0)
        return put_image(image_out, &set, NULL, 0, err_out);
    if (n > UINT_MAX)
        return err_set(err_out, -E2BIG, "too many patterns");
    int code = set_fill(&set, patterns, n, err_out);
    if (code == 0)
        code = set_compile(&set, &db, err_out);
    if (code == 0) {
        if (hs_serialize_database(db, &bytes, &len) == HS_SUCCESS)
            code = put_image(image_out, &set, bytes, len, err_out);
        else
            code = err_set(err_out, -ENOMEM, "patterns: cannot be stored");
    }
    free(bytes);
    hs_free_database(db);
    set_drop(&set);
    return code;
}
