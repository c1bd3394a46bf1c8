/* SPDX-License-Identifier: Apache-2.0 */
/* read - see read.h; the members are those of docs/report.schema.json. */
#include "report/read.h"
#include "base/hash.h"

#include <errno.h>

enum { LINE_MEMORY = 1 << 30 };

struct reader {
    struct arena *mem;
    struct err *err;
    bool wrong;
    const char *list; /* where in the report */
    size_t at;
};

static void refuse(struct reader *r, const char *key, const char *why)
{
    if (r->wrong)
        return;
    r->wrong = true;
    if (r->list)
        err_set(r->err, -EINVAL, "%s[%zu].%s: %s", r->list, r->at, key, why);
    else
        err_set(r->err, -EINVAL, "%s: %s", key, why);
}

static const struct jsonin *member(struct reader *r, const struct jsonin *map, const char *key,
                                   enum jsonin_kind kind)
{
    const struct jsonin *m = jsonin_get(map, key);
    if (m && m->kind == kind)
        return m;
    refuse(r, key, m ? "of the wrong kind" : "missing");
    return NULL;
}

static slice text(struct reader *r, const struct jsonin *map, const char *key)
{
    const struct jsonin *m = member(r, map, key, JSONIN_TEXT);
    return m ? m->text : (slice){ 0 };
}

/* A number below `below`. */
static uint64_t number(struct reader *r, const struct jsonin *map, const char *key, uint64_t below)
{
    const struct jsonin *m = member(r, map, key, JSONIN_NUMBER);
    if (m && m->number >= 0 && (uint64_t)m->number < below)
        return (uint64_t)m->number;
    refuse(r, key, "out of range");
    return 0;
}

static slice digest(struct reader *r, const struct jsonin *map)
{
    uint8_t raw[32];
    slice s = text(r, map, "sha256");
    if (s.len != 64 || !hex_to(s, raw))
        refuse(r, "sha256", "no digest");
    return s;
}

static struct range range_of(struct reader *r, const struct jsonin *map)
{
    const struct jsonin *m = jsonin_get(map, "range");
    if (!m)
        return (struct range){ 0 };
    if (m->kind == JSONIN_LIST && m->n == 2 && m->items[0].kind == JSONIN_NUMBER &&
        m->items[1].kind == JSONIN_NUMBER && m->items[0].number >= 0 &&
        m->items[0].number <= m->items[1].number)
        return (struct range){ (uint64_t)m->items[0].number, (uint64_t)m->items[1].number };
    refuse(r, "range", "no range");
    return (struct range){ 0 };
}

static uint32_t line_of(struct reader *r, const struct jsonin *map)
{
    return jsonin_get(map, "line") ? (uint32_t)number(r, map, "line", UINT32_MAX) : NO_LINE;
}

static void both(struct reader *r, const struct jsonin *map, const char *key, slice out[2])
{
    const struct jsonin *m = member(r, map, key, JSONIN_MAP);
    out[0] = text(r, m, "en");
    out[1] = text(r, m, "ja");
}

static void *room(struct reader *r, size_t n, size_t size)
{
    void *p = arena_get(r->mem, n ? n : 1, size);
    if (!p)
        refuse(r, "report", "too large for the memory");
    return p;
}

static const uint32_t *ids(struct reader *r, const struct jsonin *map, const char *key,
                           uint64_t below, size_t *n_out)
{
    const struct jsonin *m = member(r, map, key, JSONIN_LIST);
    uint32_t *out = m ? room(r, m->n, sizeof *out) : NULL;
    for (size_t i = 0; out && i < m->n; i++) {
        if (m->items[i].kind != JSONIN_NUMBER || m->items[i].number < 0 ||
            (uint64_t)m->items[i].number >= below) {
            refuse(r, key, "names what is not there");
            return NULL;
        }
        out[i] = (uint32_t)m->items[i].number;
    }
    *n_out = out ? m->n : 0;
    return out;
}

/* A list of maps and the array for it. */
static const struct jsonin *list(struct reader *r, const struct jsonin *root, const char *key,
                                 size_t size, void **out, size_t *n_out)
{
    r->list = NULL;
    const struct jsonin *m = member(r, root, key, JSONIN_LIST);
    *out = m ? room(r, m->n, size) : NULL;
    *n_out = *out ? m->n : 0;
    r->list = key;
    return *out ? m->items : NULL;
}

static void read_parts(struct reader *r, const struct jsonin *root, struct read_report *out)
{
    void *made;
    const struct jsonin *items =
        list(r, root, "parts", sizeof(struct read_part), &made, &out->n_parts);
    struct read_part *p = made;
    out->parts = p;
    for (size_t i = 0; i < out->n_parts && !r->wrong; i++) {
        const struct jsonin *parent = jsonin_get(&items[i], "parent");
        r->at = i;
        if (number(r, &items[i], "id", UINT32_MAX) != i)
            refuse(r, "id", "out of order");
        p[i] = (struct read_part){ .parent = NO_ID,
                                   .name = text(r, &items[i], "name"),
                                   .type = text(r, &items[i], "type"),
                                   .how = text(r, &items[i], "how"),
                                   .size = number(r, &items[i], "size", INT64_MAX),
                                   .sha256 = digest(r, &items[i]) };
        if (i > 0)
            p[i].parent = (uint32_t)number(r, &items[i], "parent", i);
        else if (!parent || parent->kind != JSONIN_NULL)
            refuse(r, "parent", "the first part has one");
    }
}

static void read_facts(struct reader *r, const struct jsonin *root, struct read_report *out)
{
    void *made;
    const struct jsonin *items =
        list(r, root, "facts", sizeof(struct read_fact), &made, &out->n_facts);
    struct read_fact *f = made;
    out->facts = f;
    for (size_t i = 0; i < out->n_facts && !r->wrong; i++) {
        const struct jsonin *value = jsonin_get(&items[i], "value");
        r->at = i;
        if (!value || (value->kind != JSONIN_TEXT && value->kind != JSONIN_NUMBER &&
                       value->kind != JSONIN_BOOL)) {
            refuse(r, "value", "missing, or of the wrong kind");
            return;
        }
        f[i] = (struct read_fact){ .name = text(r, &items[i], "name"),
                                   .text = value->text,
                                   .number = value->number,
                                   .part = (uint32_t)number(r, &items[i], "part", out->n_parts),
                                   .line = line_of(r, &items[i]),
                                   .at = range_of(r, &items[i]) };
    }
}

static void read_origins(struct reader *r, const struct jsonin *item, struct read_effect *e,
                         size_t n_parts)
{
    const struct jsonin *m = member(r, item, "origin", JSONIN_LIST);
    struct effect_origin *o = m ? room(r, m->n, sizeof *o) : NULL;
    e->origins = o;
    e->n_origins = o ? m->n : 0;
    for (size_t i = 0; i < e->n_origins && !r->wrong; i++)
        o[i] = (struct effect_origin){ (uint32_t)number(r, &m->items[i], "part", n_parts),
                                       range_of(r, &m->items[i]), line_of(r, &m->items[i]) };
}

static enum effect_kind effect_kind_of(struct reader *r, slice word)
{
    for (int k = 0; k < EFFECT_KINDS; k++)
        if (slice_is(word, effect_kind_name((enum effect_kind)k)))
            return (enum effect_kind)k;
    refuse(r, "kind", "no kind of effect");
    return EFFECT_DOWNLOAD;
}

static void read_effects(struct reader *r, const struct jsonin *root, struct read_report *out)
{
    void *made;
    const struct jsonin *items =
        list(r, root, "effects", sizeof(struct read_effect), &made, &out->n_effects);
    struct read_effect *e = made;
    out->effects = e;
    for (size_t i = 0; i < out->n_effects && !r->wrong; i++) {
        r->at = i;
        const struct jsonin *args = member(r, &items[i], "args", JSONIN_MAP);
        slice sure = text(r, &items[i], "certainty");
        if (!slice_is(sure, "known") && !slice_is(sure, "partial"))
            refuse(r, "certainty", "neither known nor partial");
        e[i] = (struct read_effect){ .kind = effect_kind_of(r, text(r, &items[i], "kind")),
                                     .sink = text(r, &items[i], "sink"),
                                     .args = args ? args->items : NULL,
                                     .n_args = args ? args->n : 0,
                                     .known = slice_is(sure, "known"),
                                     .part = (uint32_t)number(r, &items[i], "part", out->n_parts) };
        for (size_t k = 0; k < e[i].n_args; k++)
            if (args->items[k].kind != JSONIN_TEXT)
                refuse(r, "args", "not all texts");
        read_origins(r, &items[i], &e[i], out->n_parts);
    }
}

static void read_findings(struct reader *r, const struct jsonin *root, struct read_report *out)
{
    void *made;
    const struct jsonin *items =
        list(r, root, "findings", sizeof(struct read_finding), &made, &out->n_findings);
    struct read_finding *f = made;
    out->findings = f;
    for (size_t i = 0; i < out->n_findings && !r->wrong; i++) {
        const struct jsonin *excepted = jsonin_get(&items[i], "excepted");
        r->at = i;
        f[i] = (struct read_finding){ .rule = text(r, &items[i], "rule"),
                                      .level = text(r, &items[i], "level"),
                                      .counts = !jsonin_get(&items[i], "state") &&
                                                !(excepted && excepted->number) };
        both(r, &items[i], "title", f[i].title);
        f[i].parts = ids(r, &items[i], "parts", out->n_parts, &f[i].n_parts);
        f[i].facts = ids(r, &items[i], "facts", out->n_facts, &f[i].n_facts);
    }
}

static enum verdict verdict_of(struct reader *r, slice word)
{
    for (int v = 0; v < VERDICTS; v++)
        if (slice_is(word, verdict_name((enum verdict)v)))
            return (enum verdict)v;
    refuse(r, "verdict", "no verdict");
    return VERDICT_UNKNOWN;
}

int read_report(slice line, struct arena *mem, struct read_report *out, struct err *err_out)
{
    struct reader r = { .mem = mem, .err = err_out };
    struct jsonin *root = ARENA_NEW(mem, struct jsonin);
    *out = (struct read_report){ 0 };
    if (!root)
        return err_set(err_out, -ENOMEM, "out of memory");
    int bad = jsonin_read(line, mem, root, err_out);
    if (bad < 0)
        return bad;
    const struct jsonin *schema = jsonin_get(root, "schema");
    if (!schema || !slice_is(schema->text, "sekisho/report/1"))
        return err_set(err_out, -EINVAL, "no report of sekisho/report/1");
    out->path = text(&r, root, "path");
    out->sha256 = digest(&r, root);
    out->size = number(&r, root, "size", INT64_MAX);
    out->verdict = verdict_of(&r, text(&r, root, "verdict"));
    out->name = text(&r, root, "name");
    both(&r, root, "reason", out->reason);
    read_parts(&r, root, out);
    read_facts(&r, root, out);
    read_effects(&r, root, out);
    read_findings(&r, root, out);
    return r.wrong ? -EINVAL : 0;
}

int read_reports(slice lines, const char *name,
                 int (*each)(void *host, const struct read_report *r, struct err *err_out),
                 void *host, struct err *err_out)
{
    struct arena *mem = arena_new(LINE_MEMORY);
    int r = mem ? 0 : err_set(err_out, -ENOMEM, "out of memory");
    for (size_t at = 0, n = 1; r == 0 && at < lines.len; n++) {
        size_t end = slice_find_byte(lines, '\n', at);
        slice line = slice_trim(slice_sub(lines, at, (end == SIZE_MAX ? lines.len : end) - at));
        struct read_report one;
        at = end == SIZE_MAX ? lines.len : end + 1;
        if (!line.len)
            continue;
        r = read_report(line, mem, &one, err_out);
        if (r < 0) {
            struct err why = *err_out;
            err_set(err_out, r, "%s:%zu: %s", name, n, why.text);
        } else {
            r = each(host, &one, err_out);
        }
        arena_reset(mem);
    }
    arena_drop(&mem);
    return r;
}
