/* SPDX-License-Identifier: Apache-2.0 */
/* Text is searched for sets of patterns; seam in front of the runtime of Hyperscan 5.4 (vectorscan
 * has the same interface). See match.h.
 *
 * Patterns are bytes for the library, unless one has a part whose meaning depends on characters
 * (a dot, a negated class, a character beyond ASCII in a class): that one is compiled as UTF-8. The
 * library wants valid text for such patterns. Text that is not is scanned twice: as it is, where
 * they are not heard, and in a cleaned copy, where they are; their ends are then those of the copy.
 *
 * Image: "SEKIMAT2"; platform, number of patterns, number of UTF-8 patterns, bytes of database (8
 * bytes each); ids of the UTF-8 patterns, ascending (4 bytes each); database. Little-endian.
 */
#include "base/cursor.h"
#include "base/hash.h"
#include "base/match_private.h"
#include "base/text.h"

#include <errno.h>
#include <hs/hs_common.h>
#include <hs/hs_runtime.h>
#include <stdlib.h>

#define TEXT_MAX ((size_t)UINT32_MAX)

const slice match_magic = SLICE_INIT("SEKIMAT2");

struct matcher {
    hs_database_t *db; /* NULL: the empty set */
    hs_scratch_t *scratch;
    uint32_t *utf8_ids; /* ascending */
    size_t n_utf8;
};

int match_by_id(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
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
    slice head = cur_take(&c, match_magic.len);
    uint64_t platform = cur_u64le(&c), count = cur_u64le(&c), utf8 = cur_u64le(&c);
    uint64_t len = cur_u64le(&c);
    if (!cur_ok(&c) || !slice_eq(head, match_magic) || utf8 > count || utf8 > cur_left(&c) / 4 ||
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
    if (m && bsearch(&id, m->utf8_ids, m->n_utf8, sizeof *m->utf8_ids, match_by_id))
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

/* The database is made for the instruction sets of this processor. */
static uint64_t instruction_sets(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_cpu_init();
    return (__builtin_cpu_supports("avx2") ? 1u : 0) | (__builtin_cpu_supports("avx512bw") ? 2u : 0) |
           (__builtin_cpu_supports("avx512vbmi") ? 4u : 0);
#else
    return 0;
#endif
}

uint64_t match_platform(void)
{
    uint64_t h = fnv1a(0, slice_of(hs_version())), sets = instruction_sets();
    return fnv1a(h, (slice){ (const uint8_t *)&sets, sizeof sets });
}
