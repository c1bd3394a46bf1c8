/* SPDX-License-Identifier: Apache-2.0 */
/* shape - see shape.h; docs/report.schema.json, JSON Schema 2020-12. */
#include "programs/verify/shape.h"
#include "base/text.h"

enum want {
    WANT_TEXT,   /* of: words it must be one of, with '|' around each; or NULL */
    WANT_NUMBER, /* not negative */
    WANT_TRUE,
    WANT_VALUE,  /* of a fact */
    WANT_PARENT, /* a number or null */
    WANT_RANGE,
    WANT_DIGEST,
    WANT_MAP,
    WANT_LIST,  /* of maps */
    WANT_TEXTS, /* list of texts */
    WANT_PARTS,
    WANT_FACTS,
    WANT_FINDINGS, /* ascending numbers below how many there are */
    WANT_PART,     /* one such number */
    WANT_ARGS,     /* map of texts */
    WANT_EMPTY,    /* map without members */
};

struct member {
    const char *key;
    enum want want;
    bool optional;
    const struct member *members; /* ends with a key NULL */
    const char *words;
};

#define END                                                                                        \
    {                                                                                              \
        NULL, WANT_TEXT, false, NULL, NULL                                                         \
    }
#define LEVELS "|informational|low|medium|high|critical|"
#define HOWS "|file|mime|mbox|zip|gzip|ole|opc|html|unmask|pdf|archive|"
#define LAYERS_VOTING                                                                              \
    "|identity|thread|link|name|container|document|macro|pattern|yara|promise|foreign|other|"

static const struct member two_texts[] = { { "en", WANT_TEXT, false, NULL, NULL },
                                           { "ja", WANT_TEXT, false, NULL, NULL },
                                           END };
static const struct member unread[] = { { "cause", WANT_TEXT, false, NULL,
                                          "|encrypted|limit|damaged|crashed|no-reader|" },
                                        { "part", WANT_PART, false, NULL, NULL },
                                        { "what", WANT_TEXT, false, NULL, NULL },
                                        { "name", WANT_TEXT, true, NULL, NULL },
                                        END };
static const struct member part[] = { { "id", WANT_NUMBER, false, NULL, NULL },
                                      { "parent", WANT_PARENT, false, NULL, NULL },
                                      { "name", WANT_TEXT, false, NULL, NULL },
                                      { "type", WANT_TEXT, false, NULL, NULL },
                                      { "declared", WANT_TEXT, false, NULL, NULL },
                                      { "how", WANT_TEXT, false, NULL, HOWS },
                                      { "size", WANT_NUMBER, false, NULL, NULL },
                                      { "sha256", WANT_DIGEST, false, NULL, NULL },
                                      { "end", WANT_TEXT, false, NULL,
                                        "|whole|short|broken|limit|crashed|timeout|" },
                                      END };
static const struct member fact[] = {
    { "name", WANT_TEXT, false, NULL, NULL },  { "value", WANT_VALUE, false, NULL, NULL },
    { "part", WANT_PART, false, NULL, NULL },  { "range", WANT_RANGE, true, NULL, NULL },
    { "line", WANT_NUMBER, true, NULL, NULL }, END
};
static const struct member origin[] = { { "part", WANT_PART, false, NULL, NULL },
                                        { "range", WANT_RANGE, false, NULL, NULL },
                                        { "line", WANT_NUMBER, false, NULL, NULL },
                                        END };
static const struct member effect[] = { { "kind", WANT_TEXT, false, NULL,
                                          "|download|write|run|load|persist|query|delay|message|" },
                                        { "sink", WANT_TEXT, false, NULL, NULL },
                                        { "args", WANT_ARGS, false, NULL, NULL },
                                        { "certainty", WANT_TEXT, false, NULL, "|known|partial|" },
                                        { "conditional", WANT_TRUE, true, NULL, NULL },
                                        { "part", WANT_PART, false, NULL, NULL },
                                        { "origin", WANT_LIST, false, origin, NULL },
                                        { "via", WANT_TEXTS, false, NULL, NULL },
                                        END };
static const struct member finding[] = { { "rule", WANT_TEXT, false, NULL, NULL },
                                         { "level", WANT_TEXT, false, NULL, LEVELS },
                                         { "title", WANT_MAP, false, two_texts, NULL },
                                         { "attack", WANT_TEXTS, false, NULL, NULL },
                                         { "parts", WANT_PARTS, false, NULL, NULL },
                                         { "facts", WANT_FACTS, false, NULL, NULL },
                                         { "state", WANT_TEXT, true, NULL, "|observe|" },
                                         { "excepted", WANT_TRUE, true, NULL, NULL },
                                         END };
static const struct member exception[] = {
    { "rule", WANT_TEXT, false, NULL, NULL },    { "finding", WANT_NUMBER, false, NULL, NULL },
    { "author", WANT_TEXT, false, NULL, NULL },  { "reason", WANT_TEXT, false, NULL, NULL },
    { "expires", WANT_TEXT, false, NULL, NULL }, END
};
static const struct member vote[] = { { "layer", WANT_TEXT, false, NULL, LAYERS_VOTING },
                                      { "vote", WANT_TEXT, false, NULL,
                                        "|none|off|clean|note|suspicious|malicious|" },
                                      { "findings", WANT_FINDINGS, true, NULL, NULL },
                                      { "decided", WANT_TRUE, true, NULL, NULL },
                                      END };
static const struct member engine[] = { { "version", WANT_TEXT, false, NULL, NULL },
                                        { "rules", WANT_TEXT, false, NULL, NULL },
                                        { "settings", WANT_TEXT, false, NULL, NULL },
                                        END };
static const struct member run[] = { { "elapsed_us", WANT_NUMBER, false, NULL, NULL },
                                     { "cpu_us", WANT_NUMBER, false, NULL, NULL },
                                     END };
static const struct member whole[] = { { "schema", WANT_TEXT, false, NULL, "|sekisho/report/1|" },
                                       { "path", WANT_TEXT, false, NULL, NULL },
                                       { "sha256", WANT_DIGEST, false, NULL, NULL },
                                       { "size", WANT_NUMBER, false, NULL, NULL },
                                       { "verdict", WANT_TEXT, false, NULL,
                                         "|clean|unknown|suspicious|malicious|" },
                                       { "unread", WANT_LIST, false, unread, NULL },
                                       { "name", WANT_TEXT, false, NULL, NULL },
                                       { "reason", WANT_MAP, false, two_texts, NULL },
                                       { "todo", WANT_MAP, false, two_texts, NULL },
                                       { "parts", WANT_LIST, false, part, NULL },
                                       { "facts", WANT_LIST, false, fact, NULL },
                                       { "effects", WANT_LIST, false, effect, NULL },
                                       { "findings", WANT_LIST, false, finding, NULL },
                                       { "exceptions", WANT_LIST, false, exception, NULL },
                                       { "votes", WANT_LIST, false, vote, NULL },
                                       { "context", WANT_EMPTY, false, NULL, NULL },
                                       { "engine", WANT_MAP, false, engine, NULL },
                                       { "run", WANT_MAP, false, run, NULL },
                                       END };

/* Where in the report; said only of what is wrong. */
struct place {
    const struct place *up;
    const char *key;
    size_t at;
    bool listed;
};

struct look {
    struct steps *s;
    size_t parts, facts, findings;
    bool wrong;
};

static void put_place(struct buf *out, const struct place *p)
{
    const struct place *way[16];
    size_t n = 0;
    for (; p && n < sizeof way / sizeof way[0]; p = p->up)
        way[n++] = p;
    buf_text(out, "$");
    while (n-- > 0)
        if (way[n]->listed)
            buf_format(out, "[%zu]", way[n]->at);
        else
            buf_format(out, ".%s", way[n]->key);
}

static void say(struct look *l, bool good, enum message why, const struct place *at)
{
    struct buf path = buf_new(512);
    if (good) {
        l->s->held++;
        return;
    }
    l->wrong = true;
    put_place(&path, at);
    steps_fail(l->s, why, (slice){ 0 }, (slice){ 0 }, "%.*s", SLICE_FMT(buf_slice(&path)));
    buf_drop(&path);
}

static bool is_number(const struct jsonin *m)
{
    return m->kind == JSONIN_NUMBER && m->number >= 0;
}

static bool is_digest(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_digit(s.at[i]) && (s.at[i] < 'a' || s.at[i] > 'f'))
            return false;
    return s.len == 64;
}

static bool is_word(slice s, const char *words)
{
    slice all = slice_of(words);
    size_t at = words ? slice_find(all, s, 0) : 0;
    for (; words && at != SIZE_MAX; at = slice_find(all, s, at + 1))
        if (s.len && at > 0 && all.at[at - 1] == '|' && all.at[at + s.len] == '|')
            return true;
    return !words;
}

static bool is_range(const struct jsonin *m)
{
    return m->kind == JSONIN_LIST && m->n == 2 && is_number(&m->items[0]) &&
           is_number(&m->items[1]) && m->items[0].number <= m->items[1].number;
}

static bool all_texts(const struct jsonin *m, enum jsonin_kind kind)
{
    bool good = m->kind == kind;
    for (size_t i = 0; good && i < m->n; i++)
        good = m->items[i].kind == JSONIN_TEXT;
    return good;
}

static bool ascend(const struct jsonin *m, size_t below)
{
    bool good = m->kind == JSONIN_LIST;
    for (size_t i = 0; good && i < m->n; i++)
        good = is_number(&m->items[i]) && (uint64_t)m->items[i].number < below &&
               (i == 0 || m->items[i].number > m->items[i - 1].number);
    return good;
}

static bool is_wanted(const struct look *l, const struct member *w, const struct jsonin *m)
{
    switch (w->want) {
    case WANT_TEXT:
        return m->kind == JSONIN_TEXT && is_word(m->text, w->words);
    case WANT_NUMBER:
        return is_number(m);
    case WANT_TRUE:
        return m->kind == JSONIN_BOOL && m->number;
    case WANT_VALUE:
        return m->kind == JSONIN_TEXT || m->kind == JSONIN_NUMBER || m->kind == JSONIN_BOOL;
    case WANT_PARENT:
        return m->kind == JSONIN_NULL || is_number(m);
    case WANT_RANGE:
        return is_range(m);
    case WANT_DIGEST:
        return m->kind == JSONIN_TEXT && is_digest(m->text);
    case WANT_MAP:
        return m->kind == JSONIN_MAP;
    case WANT_LIST:
        return m->kind == JSONIN_LIST;
    case WANT_TEXTS:
        return all_texts(m, JSONIN_LIST);
    case WANT_PARTS:
        return ascend(m, l->parts);
    case WANT_FACTS:
        return ascend(m, l->facts);
    case WANT_FINDINGS:
        return ascend(m, l->findings) && m->n > 0;
    case WANT_PART:
        return is_number(m) && (uint64_t)m->number < l->parts;
    case WANT_ARGS:
        return all_texts(m, JSONIN_MAP);
    case WANT_EMPTY:
        return m->kind == JSONIN_MAP && m->n == 0;
    }
    return false;
}

static bool look_at_map(struct look *l, const struct jsonin *map, const struct member *members,
                        const struct place *up);

static void look_at_member(struct look *l, const struct jsonin *m, const struct member *w,
                           const struct place *at)
{
    bool good = is_wanted(l, w, m);
    say(l, good, MSG_VERIFY_SHAPE, at);
    if (good && w->want == WANT_MAP && w->members)
        (void)look_at_map(l, m, w->members, at);
    for (size_t i = 0;
         good && w->want == WANT_LIST && i < m->n && l->s->n_failed < STEPS_FAILED_KEPT; i++) {
        struct place item = { at, NULL, i, true };
        (void)look_at_map(l, &m->items[i], w->members, &item);
    }
}

/* As deep as the tables above. */
static bool look_at_map(struct look *l, const struct jsonin *map, const struct member *members,
                        const struct place *up)
{
    size_t known = 0;
    if (map->kind != JSONIN_MAP) {
        say(l, false, MSG_VERIFY_SHAPE, up);
        return false;
    }
    for (const struct member *w = members; w->key; w++) {
        const struct jsonin *m = jsonin_get(map, w->key);
        struct place at = { up, w->key, 0, false };
        known += m != NULL;
        if (m)
            look_at_member(l, m, w, &at);
        else if (!w->optional)
            say(l, false, MSG_VERIFY_MISSING, &at);
    }
    if (known != map->n)
        say(l, false, MSG_VERIFY_STRANGE, up);
    return true;
}

static size_t length(const struct jsonin *report, const char *key)
{
    const struct jsonin *m = jsonin_get(report, key);
    return m && m->kind == JSONIN_LIST ? m->n : 0;
}

bool shape_check(struct steps *s, const struct jsonin *report)
{
    struct look l = { s, length(report, "parts"), length(report, "facts"),
                      length(report, "findings"), false };
    s->kind = STEP_SHAPE;
    (void)look_at_map(&l, report, whole, NULL);
    if (!l.wrong && l.parts == 0)
        say(&l, false, MSG_VERIFY_MISSING, &(struct place){ NULL, "parts[0]", 0, false });
    return !l.wrong;
}

slice shape_text(const struct jsonin *map, const char *key)
{
    const struct jsonin *m = jsonin_get(map, key);
    return m ? m->text : (slice){ 0 };
}

uint64_t shape_number(const struct jsonin *map, const char *key)
{
    const struct jsonin *m = jsonin_get(map, key);
    return m && m->number > 0 ? (uint64_t)m->number : 0;
}

const struct jsonin *shape_list(const struct jsonin *map, const char *key, size_t *n_out)
{
    const struct jsonin *m = jsonin_get(map, key);
    *n_out = m ? m->n : 0;
    return m ? m->items : NULL;
}

bool shape_range(const struct jsonin *map, struct range *out)
{
    const struct jsonin *m = jsonin_get(map, "range");
    if (!m)
        return false;
    *out = (struct range){ (uint64_t)m->items[0].number, (uint64_t)m->items[1].number };
    return true;
}
