/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves: one body, decoded, as a child part; in every reading there is.
 *
 * More than one reading when two transfer encodings are declared, when the
 * declared one is not the one the bytes are in, when base64 lies inside base64,
 * when text holds uuencoded files or a multipart. A body that comes out the same
 * is not walked twice.
 */
#include "base/text.h"
#include "eml_private.h"

enum {
    DONE_FIRST = 256,
    HOWS = 4,
};

/* --- leaves that other readings have walked */

void eml_leaf_remember(struct eml *e)
{
    if (e->room_done)
        return;
    e->done = ARENA_ARRAY(e->w->mem, uint64_t, DONE_FIRST);
    e->room_done = e->done ? DONE_FIRST : 0;
}

static uint64_t *done_slot(uint64_t *table, size_t room, uint64_t key)
{
    size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);
    while (table[i] && table[i] != key)
        i = (i + 1) & (room - 1);
    return &table[i];
}

static bool walked_before(struct eml *e, size_t from, size_t to)
{
    if (e->room_done == 0)
        return false;
    uint64_t key = ((uint64_t)from << 32 ^ to) + 1;
    uint64_t *slot = done_slot(e->done, e->room_done, key);
    if (*slot)
        return true;
    *slot = key;
    if (++e->n_done * 2 < e->room_done)
        return false;
    uint64_t *bigger = ARENA_ARRAY(e->w->mem, uint64_t, e->room_done * 2);
    if (!bigger) {
        e->room_done = 0; /* the scan is over anyway */
        return false;
    }
    for (size_t i = 0; i < e->room_done; i++)
        if (e->done[i])
            *done_slot(bigger, e->room_done * 2, e->done[i]) = e->done[i];
    e->done = bigger;
    e->room_done *= 2;
    return false;
}

/* --- children */

static bool is_text(slice type)
{
    return slice_starts(type, SLICE_LIT("text/")) || slice_find_byte(type, '/', 0) == SIZE_MAX;
}

struct told {
    const struct eml_content *c;
    size_t readings;
};

/* Facts of the leaf itself: a mail has other leaves, to which they do not apply. */
static void say(void *host, struct walk *sub)
{
    const struct told *t = host;
    for (size_t i = 0; i < t->c->n_others; i++)
        walk_text(sub, FACT_MIME_PARAMETER_CONFLICT, utf8_cut(t->c->others[i], EML_FACT_TEXT),
                  NOWHERE);
    if (t->readings > 1)
        walk_int(sub, FACT_MIME_READINGS, (int64_t)t->readings, NOWHERE);
}

/* `readings`: of this leaf, those of the multiparts around it left aside. */
static void send(struct eml *e, const struct eml_content *c, const struct body *b, size_t readings,
                 size_t from, size_t to)
{
    struct told told = { c, readings > e->splits ? readings : e->splits };
    struct body nothing = body_borrow(SLICE_LIT(""));
    if (b->all.len == 0)
        b = &nothing; /* a place to point at, for those who read it */
    struct child child = {
        .name = utf8_cut(c->name, 1024),
        .declared = c->declared,
        .how = HOW_MIME,
        .at = eml_range(e, from, to),
        .body = b,
        .attachment = c->disposed || c->name.len || !is_text(c->type),
        .say = say,
        .host = &told,
    };
    if (!child.attachment && slice_is(c->type, "text/plain"))
        child.attachment = eml_encoding_is_file(b->all);
    if (child.attachment)
        eml_facts_attachment(e, child.name, child.at);
    if (walk_child(e->w, &child) == NO_ID)
        e->limited = true;
}

bool eml_leaf_uu(struct eml *e, slice text, size_t base)
{
    struct eml_uu uu;
    size_t pos = 0, n = 0, junk;
    if (!walk_work(e->w, text.len / 2))
        return false;
    for (; !walk_over(e->w) && eml_uu_find(text, pos, &uu); n++, pos = uu.to) {
        slice lines = slice_sub(text, uu.data, uu.to - uu.data);
        struct eml_content c = { .type = SLICE_LIT("application/octet-stream"), .disposed = true };
        struct range at = base == SIZE_MAX ? NOWHERE : eml_range(e, base + uu.from, base + uu.to);
        c.name = eml_facts_text(e, uu.name, at);
        walk_flag(e->w, FACT_MIME_UUENCODE, at);
        struct body b =
            eml_encoding_decode(e->w, uu.base64 ? EML_BASE64 : EML_UUENCODE, lines, &junk);
        send(e, &c, &b, 1, (size_t)at.from, (size_t)at.to);
        body_release(&b);
    }
    return n > 0;
}

/* --- readings */

struct hows {
    enum eml_encoding how[HOWS];
    size_t n;
    uint8_t digest[HOWS][32];
    size_t n_digests;
};

static void add_how(struct hows *h, enum eml_encoding how)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->how[i] == how)
            return;
    if (h->n < HOWS)
        h->how[h->n++] = how;
}

enum eml_encoding eml_leaf_encoding(const struct eml_content *c)
{
    if (c->n_encodings == 0)
        return EML_IDENTITY;
    return eml_encoding_named(c->encodings[c->n_encodings - 1]);
}

static void lied(struct eml *e, const struct eml_content *c, const char *really, struct range at)
{
    struct buf b = buf_new(256);
    buf_put(&b,
            c->n_encodings ? utf8_cut(c->encodings[c->n_encodings - 1], 64) : SLICE_LIT("7bit"));
    buf_text(&b, " / ");
    buf_text(&b, really);
    walk_text(e->w, FACT_MIME_ENCODING_LIED, buf_slice(&b), at);
    buf_drop(&b);
}

static void choose_hows(struct eml *e, const struct eml_content *c, slice raw, struct range at,
                        struct hows *h)
{
    enum eml_encoding declared = eml_leaf_encoding(c);
    if (declared == EML_UNKNOWN_ENCODING) {
        walk_text(e->w, FACT_MIME_ENCODING_UNKNOWN, utf8_cut(c->encodings[c->n_encodings - 1], 64),
                  at);
        declared = EML_IDENTITY;
    }
    if (declared == EML_BASE64 && eml_encoding_not_base64(raw)) {
        lied(e, c, "7bit", at);
        add_how(h, EML_IDENTITY);
        if (eml_encoding_strewn_base64(raw))
            add_how(h, EML_BASE64);
    } else {
        add_how(h, declared);
    }
    if (c->n_encodings > 1) {
        enum eml_encoding first = eml_encoding_named(c->encodings[0]);
        add_how(h, first == EML_UNKNOWN_ENCODING ? EML_IDENTITY : first);
    }
    if (declared != EML_BASE64 && eml_encoding_hides_file(EML_BASE64, raw)) {
        lied(e, c, "base64", at);
        add_how(h, EML_BASE64);
    }
    if (declared != EML_QUOTED_PRINTABLE && eml_encoding_hides_file(EML_QUOTED_PRINTABLE, raw)) {
        lied(e, c, "quoted-printable", at);
        add_how(h, EML_QUOTED_PRINTABLE);
    }
}

/* Has another reading given the same bytes? */
static bool same_as_before(struct hows *h, struct body *b)
{
    if (h->n < 2)
        return false;
    slice mine = { body_sha256(b), 32 };
    for (size_t i = 0; i < h->n_digests; i++)
        if (slice_eq(mine, (slice){ h->digest[i], 32 }))
            return true;
    uint8_t *keep = h->digest[h->n_digests++];
    for (size_t i = 0; i < 32; i++)
        keep[i] = mine.at[i];
    return false;
}

static void walk_decoded(struct eml *e, const struct eml_content *c, const struct hows *h, size_t i,
                         struct body *b, size_t from, size_t to)
{
    enum eml_encoding how = h->how[i];
    size_t junk;
    send(e, c, b, h->n, from, to);
    if (how == EML_BASE64 && eml_encoding_hides_file(EML_BASE64, b->all)) {
        struct body twice = eml_encoding_decode(e->w, EML_BASE64, b->all, &junk);
        lied(e, c, "base64 twice", eml_range(e, from, to));
        send(e, c, &twice, h->n, from, to);
        body_release(&twice);
    }
    if (is_text(c->type) || slice_starts(b->all, SLICE_LIT("begin")))
        eml_leaf_uu(e, b->all, how == EML_IDENTITY ? from : SIZE_MAX);
}

/* x-uuencode: the file inside, or the lines alone where the frame is missing. */
static bool walk_uuencoded(struct eml *e, const struct eml_content *c, slice raw, size_t readings,
                           size_t from, size_t to)
{
    struct eml_content named = *c;
    struct eml_uu uu;
    size_t junk;
    bool framed = eml_uu_find(raw, 0, &uu);
    if (framed) {
        struct eml_uu more;
        if (c->name.len == 0)
            named.name = eml_facts_text(e, uu.name, eml_range(e, from, to));
        else if (!slice_eq(c->name, uu.name) && named.n_others < EML_VARIANTS)
            named.others[named.n_others++] = eml_facts_text(e, uu.name, c->at);
        slice rest = slice_from(raw, uu.to);
        if (eml_uu_find(rest, 0, &more))
            eml_leaf_uu(e, rest, from + uu.to);
        raw = slice_sub(raw, uu.data, uu.to - uu.data);
    }
    struct body b =
        eml_encoding_decode(e->w, framed && uu.base64 ? EML_BASE64 : EML_UUENCODE, raw, &junk);
    bool any = b.all.len > 0;
    if (any)
        send(e, &named, &b, readings, from, to);
    body_release(&b);
    return any;
}

static void say_message_kind(struct eml *e, const struct eml_content *c)
{
    if (slice_is(c->type, "message/partial")) { /* the rest comes in other mails */
        walk_flag(e->w, FACT_MIME_PARTIAL, c->at);
        walk_unread_of(e->w, UNREAD_NO_READER, UNREAD_OF_MESSAGE_PARTIAL, (slice){ 0 });
    }
    if (slice_is(c->type, "message/external-body"))
        eml_external_body(e, c);
}

void eml_leaf_walk(struct eml *e, const struct eml_content *c, size_t from, size_t to)
{
    slice raw = slice_sub(e->in, from, to - from);
    struct range at = eml_range(e, from, to);
    struct hows h = { .n = 0 };
    say_message_kind(e, c);
    if ((raw.len == 0 && c->name.len == 0 && !c->disposed) || walked_before(e, from, to))
        return;
    choose_hows(e, c, raw, at, &h);
    for (size_t i = 0; i < h.n && !walk_over(e->w); i++) {
        size_t junk;
        if (h.how[i] == EML_UUENCODE) {
            if (walk_uuencoded(e, c, raw, h.n, from, to))
                continue;
            h.how[i] = EML_IDENTITY;
        }
        struct body b = eml_encoding_decode(e->w, h.how[i], raw, &junk);
        if (junk && h.how[i] == EML_BASE64)
            walk_int(e->w, FACT_MIME_BASE64_JUNK, (int64_t)junk, at);
        if (!same_as_before(&h, &b))
            walk_decoded(e, c, &h, i, &b, from, to);
        body_release(&b);
    }
    if (!c->searched && !slice_starts(c->type, SLICE_LIT("message/")))
        eml_multipart_hidden(e, from, to);
}
