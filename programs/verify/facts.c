/* SPDX-License-Identifier: Apache-2.0 */
/* facts - each is of the dictionary, its range lies in its part, its line is counted again, and its
 * text stands in the bytes it is said to be of.
 *
 * What facts say of the part itself (digest, size, type, depth, name) must be what the list of
 * parts says, once for each part; pieces of an address must be pieces of the address before them.
 */
#include "base/text.h"
#include "programs/verify/checks.h"
#include "programs/verify/said.h"

enum { WORK_MAX = 64 << 20, SCRATCH = 16 << 20 };

/* What always stands in the bytes of its range: names and numbers in ASCII that are not decoded. */
static const enum fact_id verbatim[] = {
    FACT_EMAIL_DATE_ZONE,     FACT_EMAIL_MESSAGE_ID,
    FACT_EMAIL_IN_REPLY_TO,   FACT_EMAIL_REFERENCES,
    FACT_EMAIL_LIST_ID,       FACT_EMAIL_RECEIVED_HELO,
    FACT_EMAIL_RECEIVED_HOST, FACT_EMAIL_RECEIVED_PROTOCOL,
    FACT_EMAIL_RECEIVED_ZONE, FACT_EMAIL_RETURN_PATH_ADDRESS,
    FACT_EMAIL_AUTH_RESULTS,  FACT_LNK_MACHINE_ID,
    FACT_VBA_ENTRY,           FACT_VBA_ENTRY_EVENT,
};

/* A piece, and the fact before it, of the same part, of which it is one (letters without case). */
static const struct {
    enum fact_id piece, whole;
} pieces[] = {
    { FACT_FILE_EXTENSION, FACT_FILE_NAME },
    { FACT_FILE_STEM, FACT_FILE_NAME },
    { FACT_URL_PATH, FACT_URL_FULL },
    { FACT_URL_QUERY, FACT_URL_FULL },
    { FACT_URL_EXTENSION, FACT_URL_FULL },
    { FACT_URL_USERNAME, FACT_URL_FULL },
    { FACT_VBA_URL, FACT_VBA_STRING },
    { FACT_EMAIL_FROM_DOMAIN, FACT_EMAIL_FROM_ADDRESS },
    { FACT_EMAIL_REPLY_TO_DOMAIN, FACT_EMAIL_REPLY_TO_ADDRESS },
    { FACT_EMAIL_RETURN_PATH_DOMAIN, FACT_EMAIL_RETURN_PATH_ADDRESS },
    { FACT_EMAIL_MESSAGE_ID_DOMAIN, FACT_EMAIL_MESSAGE_ID },
    { FACT_EMAIL_ATTACHMENTS_FILE_EXTENSION, FACT_EMAIL_ATTACHMENTS_FILE_NAME },
    { FACT_HTML_LINK_MISMATCH, FACT_URL_MISMATCH },
};

/* Said of every part. */
enum once {
    ONCE_DIGEST = 1,
    ONCE_SIZE = 2,
    ONCE_TYPE = 4,
    ONCE_HOW = 8,
    ONCE_DEPTH = 16,
    ONCE_NAME = 32,
    ONCE_DECLARED = 64
};

struct look {
    struct check *c;
    const struct jsonin *parts;
    size_t n_parts;
    uint32_t *depth; /* of each part */
    uint8_t *once;   /* of each part: enum once */
    struct arena *scratch;
    struct {
        slice text;
        size_t part;
    } last[FACT_COUNT]; /* the last text of each fact */
};

static uint32_t *depths(struct check *c, const struct jsonin *parts, size_t n)
{
    uint32_t *depth = ARENA_ARRAY(c->s.mem, uint32_t, n);
    for (size_t i = 1; depth && i < n; i++) {
        uint64_t parent = shape_number(&parts[i], "parent");
        depth[i] = parent < i ? depth[parent] + 1 : 0;
    }
    return depth;
}

static bool is_kind(const struct jsonin *value, enum fact_id id)
{
    switch (fact_row(id)->type) {
    case FACT_TYPE_FLAG:
        return value->kind == JSONIN_BOOL && value->number;
    case FACT_TYPE_INT:
        return value->kind == JSONIN_NUMBER;
    default:
        return value->kind == JSONIN_TEXT;
    }
}

static void check_once(struct look *l, size_t i, size_t part, enum once which)
{
    (void)steps_hold(&l->c->s, !(l->once[part] & which), MSG_VERIFY_TWICE, "$.facts[%zu]", i);
    l->once[part] |= (uint8_t)which;
}

/* What the list of parts says already. */
static void check_of_part(struct look *l, size_t i, enum fact_id id, const struct jsonin *value,
                          size_t part)
{
    static const struct {
        enum fact_id id;
        enum once once;
    } said_once[] = { { FACT_FILE_HASH_SHA256, ONCE_DIGEST }, { FACT_FILE_SIZE, ONCE_SIZE },
                      { FACT_FILE_TYPE, ONCE_TYPE },          { FACT_FILE_HOW, ONCE_HOW },
                      { FACT_FILE_DEPTH, ONCE_DEPTH },        { FACT_FILE_NAME, ONCE_NAME },
                      { FACT_FILE_MIME_TYPE, ONCE_DECLARED } };
    struct steps *s = &l->c->s;
    const struct jsonin *p = &l->parts[part];
    for (size_t k = 0; k < sizeof said_once / sizeof said_once[0]; k++)
        if (said_once[k].id == id)
            check_once(l, i, part, said_once[k].once);
    switch (id) {
    case FACT_FILE_HASH_SHA256:
        (void)steps_same(s, value->text, shape_text(p, "sha256"), "$.facts[%zu].value", i);
        break;
    case FACT_FILE_TYPE:
        (void)steps_same(s, value->text, shape_text(p, "type"), "$.facts[%zu].value", i);
        break;
    case FACT_FILE_HOW:
        (void)steps_same(s, value->text, shape_text(p, "how"), "$.facts[%zu].value", i);
        break;
    case FACT_FILE_NAME:
        (void)steps_same(s, value->text, shape_text(p, "name"), "$.facts[%zu].value", i);
        break;
    case FACT_FILE_MIME_TYPE:
        (void)steps_hold(s, slice_eq_nocase(value->text, shape_text(p, "declared")),
                         MSG_VERIFY_OF_PART, "$.facts[%zu].value", i);
        break;
    case FACT_FILE_SIZE:
        (void)steps_same_number(s, (uint64_t)value->number, shape_number(p, "size"),
                                "$.facts[%zu].value", i);
        break;
    case FACT_FILE_DEPTH:
        if (l->depth)
            (void)steps_same_number(s, (uint64_t)value->number, l->depth[part],
                                    "$.facts[%zu].value", i);
        break;
    default:
        break;
    }
}

static bool is_ascii(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] >= 0x80)
            return false;
    return true;
}

static bool is_number_or_foreign(slice host)
{
    bool digits = true;
    for (size_t i = 0; i < host.len; i++)
        digits &= ascii_hex(host.at[i]) >= 0 ||
                  slice_find_byte(SLICE_LIT(".:xX"), host.at[i], 0) != SIZE_MAX;
    return digits || !is_ascii(host);
}

/* Host and scheme are read as browsers do, so numbers become addresses, foreign names another
 * spelling, and of a bare host the scheme is "http". */
static void check_address(struct look *l, size_t i, enum fact_id id, slice text, size_t part)
{
    slice url = slice_sub(l->last[FACT_URL_FULL].text, 0, SAID_TEXT_MAX),
          domain = slice_sub(l->last[FACT_URL_DOMAIN].text, 0, 255);
    bool of_url = l->last[FACT_URL_FULL].part == part && url.len > 0;
    bool spelled = slice_find_byte(url, '%', 0) == SIZE_MAX && is_ascii(url);
    bool said = slice_find_nocase(url, slice_sub(text, 0, 255), 0) != SIZE_MAX;
    if (id == FACT_URL_DOMAIN)
        said |= is_number_or_foreign(text) || !spelled;
    else if (id == FACT_URL_SCHEME)
        said |= slice_find(url, SLICE_LIT("://"), 0) == SIZE_MAX;
    else if (id == FACT_URL_REGISTERED_DOMAIN)
        said = slice_find_nocase(domain, slice_sub(text, 0, 255), 0) != SIZE_MAX ||
               is_number_or_foreign(domain);
    else
        return;
    (void)steps_hold(&l->c->s, of_url && said, MSG_VERIFY_URL, "$.facts[%zu].value", i);
}

static void check_piece(struct look *l, size_t i, enum fact_id id, slice text, size_t part)
{
    for (size_t k = 0; k < sizeof pieces / sizeof pieces[0]; k++) {
        enum fact_id whole = pieces[k].whole;
        if (pieces[k].piece == id)
            (void)steps_hold(&l->c->s,
                             l->last[whole].part == part &&
                                 slice_find_nocase(slice_sub(l->last[whole].text, 0, SAID_TEXT_MAX),
                                                   slice_sub(text, 0, SAID_TEXT_MAX),
                                                   0) != SIZE_MAX,
                             MSG_VERIFY_OF_URL, "$.facts[%zu].value", i);
    }
    check_address(l, i, id, text, part);
    l->last[id].text = text;
    l->last[id].part = part;
}

static bool is_verbatim(enum fact_id id)
{
    for (size_t k = 0; k < sizeof verbatim / sizeof verbatim[0]; k++)
        if (verbatim[k] == id)
            return true;
    return false;
}

/* Texts that were looked for and not found are counted by fact: another way of writing than
 * said_in() knows, or no text of these bytes at all but what was made of them. */
static void check_said(struct look *l, size_t i, enum fact_id id, slice text, size_t part,
                       struct range at)
{
    struct check *c = l->c;
    slice bytes;
    bool can = text.len > 0 && c->work < WORK_MAX && object_bytes(c->object, part, at, &bytes) &&
               bytes.len <= SAID_BYTES_MAX;
    bool there = can && said_in(bytes, text, l->scratch);
    c->work += can ? bytes.len + text.len : 0;
    if (there || (can && text.len < SAID_TEXT_MAX && is_verbatim(id))) {
        (void)steps_hold(&c->s, there, MSG_VERIFY_BYTES, "$.facts[%zu].value", i);
    } else {
        c->uncompared[id]++;
        c->s.not_comparable++;
    }
    arena_reset(l->scratch);
}

void facts_check_line(struct check *c, uint32_t part, uint64_t at, uint64_t line, size_t i,
                      size_t origin)
{
    uint32_t is = object_line(c->object, part, at);
    bool good = line == is;
    for (size_t v = 0; v < c->n_views && !good; v++) {
        const struct view_place *view = &c->views[v];
        good = view->part == part && view->from <= at && at < view->to &&
               line == is - object_line(c->object, part, view->from) + 1u;
    }
    if (good) {
        c->s.held++;
    } else if (object_is_binary(c->object, part)) {
        c->s.not_comparable++;
    } else if (origin == SIZE_MAX) {
        (void)steps_same_number(&c->s, line, is, "$.facts[%zu].line", i);
    } else {
        (void)steps_same_number(&c->s, line, is, "$.effects[%zu].origin[%zu].line", i, origin);
    }
}

static void find_views(struct check *c, const struct jsonin *facts, size_t n)
{
    c->views = ARENA_ARRAY(c->s.mem, struct view_place, VIEWS_MAX);
    for (size_t i = 0; c->views && i < n && c->n_views < VIEWS_MAX; i++) {
        enum fact_id id = fact_by_name(shape_text(&facts[i], "name"));
        uint64_t part = shape_number(&facts[i], "part");
        struct range at;
        slice there;
        if (id != FACT_COUNT && fact_row(id)->type == FACT_TYPE_VIEW &&
            shape_range(&facts[i], &at) && object_bytes(c->object, part, at, &there))
            c->views[c->n_views++] = (struct view_place){ part, at.from, at.to };
    }
}

static void check_place(struct look *l, size_t i, const struct jsonin *fact, size_t part,
                        struct range at)
{
    struct check *c = l->c;
    const struct jsonin *line = jsonin_get(fact, "line");
    bool ranged = jsonin_get(fact, "range") != NULL;
    slice bytes;
    if (ranged)
        (void)steps_hold(&c->s, at.from < at.to && at.to <= shape_number(&l->parts[part], "size"),
                         MSG_VERIFY_OUTSIDE, "$.facts[%zu].range", i);
    if (!line)
        return;
    if (ranged && object_bytes(c->object, part, at, &bytes))
        facts_check_line(c, (uint32_t)part, at.from, (uint64_t)line->number, i, SIZE_MAX);
    else
        c->s.not_comparable++;
}

static void check_fact(struct look *l, size_t i, const struct jsonin *fact)
{
    struct check *c = l->c;
    const struct jsonin *value = jsonin_get(fact, "value");
    size_t part = (size_t)shape_number(fact, "part");
    enum fact_id id = fact_by_name(shape_text(fact, "name"));
    struct range at = { 0, 0 };
    if (!steps_hold(&c->s, id != FACT_COUNT, MSG_VERIFY_NO_FACT, "$.facts[%zu].name", i) ||
        !steps_hold(&c->s, is_kind(value, id), MSG_VERIFY_SHAPE, "$.facts[%zu].value", i))
        return;
    bool ranged = shape_range(fact, &at);
    check_place(l, i, fact, part, at);
    check_of_part(l, i, id, value, part);
    if (value->kind == JSONIN_TEXT)
        check_piece(l, i, id, value->text, part);
    if (ranged && value->kind == JSONIN_TEXT)
        check_said(l, i, id, value->text, part, at);
}

/* Facts that every part has, unless the scan came to an end before. */
static void check_presence(struct look *l)
{
    size_t n;
    const struct jsonin *unread = shape_list(l->c->report, "unread", &n);
    for (size_t i = 0; i < n; i++)
        if (slice_is(shape_text(&unread[i], "cause"), "limit") ||
            slice_is(shape_text(&unread[i], "cause"), "crashed")) {
            l->c->s.not_comparable++;
            return;
        }
    for (size_t i = 0; i < l->n_parts; i++) {
        unsigned wanted = ONCE_DIGEST | ONCE_SIZE | ONCE_TYPE | ONCE_HOW | ONCE_DEPTH;
        wanted |= shape_text(&l->parts[i], "name").len ? ONCE_NAME : 0u;
        wanted |= shape_text(&l->parts[i], "declared").len ? ONCE_DECLARED : 0u;
        (void)steps_hold(&l->c->s, l->once[i] == wanted, MSG_VERIFY_PART_FACTS, "$.parts[%zu]", i);
    }
}

void facts_check(struct check *c)
{
    static struct look l; /* large */
    size_t n;
    const struct jsonin *facts = shape_list(c->report, "facts", &n);
    l = (struct look){ .c = c, .scratch = arena_new(SCRATCH) };
    l.parts = shape_list(c->report, "parts", &l.n_parts);
    l.depth = depths(c, l.parts, l.n_parts);
    l.once = arena_get(c->s.mem, l.n_parts, 1);
    c->s.kind = STEP_FACT;
    find_views(c, facts, n);
    for (size_t i = 0; l.scratch && l.once && i < n; i++)
        check_fact(&l, i, &facts[i]);
    if (l.scratch && l.once)
        check_presence(&l);
    else
        (void)steps_hold(&c->s, false, MSG_CLI_MEMORY, "$.facts");
    arena_drop(&l.scratch);
}
