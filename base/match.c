/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of patterns in one pass; seam in front of Hyperscan 5.4 (vectorscan has the same interface).
 * See match.h.
 *
 * Patterns are bytes for the library, unless one has a part whose meaning depends on characters
 * (a dot, a negated class, a character beyond ASCII in a class): that one is compiled as UTF-8. The
 * library wants valid text for such patterns. Text that is not is scanned twice: as it is, where
 * they are not heard, and in a cleaned copy, where they are; their ends are then those of the copy.
 *
 * Image: "SEKIMAT2"; platform, number of patterns, number of UTF-8 patterns, bytes of database (8
 * bytes each); ids of the UTF-8 patterns, ascending (4 bytes each); database. Little-endian.
 */
#include "base/match.h"
#include "base/cursor.h"
#include "base/hash.h"
#include "base/text.h"

#include <errno.h>
#include <hs/hs.h>
#include <limits.h>
#include <stdlib.h>

#define TEXT_MAX ((size_t)UINT32_MAX)
enum { EXPRESSION_MAX = 16 << 10 };

static const slice magic = SLICE_INIT("SEKIMAT2");

struct matcher {
    hs_database_t *db; /* NULL: the empty set */
    hs_scratch_t *scratch;
    uint32_t *utf8_ids; /* ascending */
    size_t n_utf8;
};

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

static int by_id(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
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
        qsort(s->ids, utf8, sizeof *s->ids, by_id);
    buf_put(out, magic);
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

static int open_database(struct matcher *m, slice bytes, struct err *err_out)
{
    hs_error_t status = hs_deserialize_database((const char *)bytes.at, bytes.len, &m->db);
    if (status == HS_SUCCESS)
        status = hs_alloc_scratch(m->db, &m->scratch);
    if (status == HS_SUCCESS)
        return 0;
    if (status == HS_NOMEM)
        return err_set(err_out, -ENOMEM, "patterns: out of memory");
    return err_set(err_out, -EBADMSG, "pattern image is damaged or foreign; compile it anew");
}

static int open_ids(struct matcher *m, cursor *c, size_t n, struct err *err_out)
{
    m->utf8_ids = calloc(n ? n : 1, sizeof *m->utf8_ids);
    if (!m->utf8_ids)
        return err_set(err_out, -ENOMEM, "patterns: out of memory");
    for (m->n_utf8 = 0; m->n_utf8 < n; m->n_utf8++)
        m->utf8_ids[m->n_utf8] = cur_u32le(c);
    return 0;
}

int matcher_open(slice image, struct matcher **out, struct err *err_out)
{
    cursor c = cur_open(image);
    slice head = cur_take(&c, magic.len);
    uint64_t platform = cur_u64le(&c), count = cur_u64le(&c), utf8 = cur_u64le(&c);
    uint64_t len = cur_u64le(&c);
    if (!cur_ok(&c) || !slice_eq(head, magic) || utf8 > count || utf8 > cur_left(&c) / 4 ||
        len != cur_left(&c) - utf8 * 4 || (count == 0) != (len == 0))
        return err_set(err_out, -EBADMSG, "pattern image is damaged; compile it anew");
    if (platform != match_platform())
        return err_set(err_out, -ESTALE,
                       "pattern image is of another machine or library; "
                       "compile it anew");
    struct matcher *m = calloc(1, sizeof *m);
    if (!m)
        return err_set(err_out, -ENOMEM, "patterns: out of memory");
    int code = open_ids(m, &c, (size_t)utf8, err_out);
    if (code == 0 && count)
        code = open_database(m, cur_rest(&c), err_out);
    if (code) {
        matcher_drop(&m);
        return code;
    }
    *out = m;
    return 0;
}

void matcher_drop(struct matcher **m)
{
    if (!*m)
        return;
    hs_free_scratch((*m)->scratch);
    hs_free_database((*m)->db);
    free((*m)->utf8_ids);
    free(*m);
    *m = NULL;
}

struct listener {
    bool (*hit)(void *host, uint32_t id, size_t end);
    void *host;
    const struct matcher *deaf_to_utf8; /* NULL: every pattern is heard */
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    (void)from;
    (void)flags;
    const struct listener *l = context;
    const struct matcher *m = l->deaf_to_utf8;
    if (m && bsearch(&id, m->utf8_ids, m->n_utf8, sizeof *m->utf8_ids, by_id))
        return 0;
    return l->hit(l->host, id, (size_t)to) ? 0 : 1;
}

/* True when nobody told it to stop. */
static bool scan(struct matcher *m, slice text, struct listener *l)
{
    if (text.len > TEXT_MAX)
        text.len = TEXT_MAX;
    const char *at = text.at ? (const char *)text.at : "";
    hs_error_t status = hs_scan(m->db, at, (unsigned)text.len, 0, m->scratch, on_match, l);
    CHECK(status == HS_SUCCESS || status == HS_SCAN_TERMINATED);
    return status == HS_SUCCESS;
}

void matcher_scan(struct matcher *m, slice text, bool (*hit)(void *host, uint32_t id, size_t end),
                  void *host)
{
    struct listener l = { hit, host, NULL };
    if (!m->db)
        return;
    if (m->n_utf8 == 0 || utf8_valid(text)) {
        scan(m, text, &l);
        return;
    }
    struct arena *mem = arena_new(SIZE_MAX);
    slice clean = mem ? utf8_clean(mem, text) : (slice){ 0 };
    l.deaf_to_utf8 = m;
    if (scan(m, text, &l)) {
        l.deaf_to_utf8 = NULL;
        scan(m, utf8_cut(clean, TEXT_MAX), &l);
    }
    arena_drop(&mem);
}

uint64_t match_platform(void)
{
    hs_platform_info_t p = { 0 };
    CHECK(hs_populate_platform(&p) == HS_SUCCESS);
    uint64_t h = fnv1a(0, slice_of(hs_version()));
    const uint64_t fields[] = { p.tune, p.cpu_features };
    return fnv1a(h, (slice){ (const uint8_t *)fields, sizeof fields });
}
