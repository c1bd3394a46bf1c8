/* SPDX-License-Identifier: Apache-2.0 */
/* What a header block says of its body (RFC 2045, 2046, 2183), all occurrences
 * of each field considered: types, boundaries, transfer encodings, names.
 *
 * The name is the one with the most dangerous extension, whichever parameter it
 * stands in; the others are told as a conflict, as facts of the leaf.
 */
#include "base/text.h"
#include "decode/types.h"
#include "eml_private.h"

struct gathered {
    slice names[EML_VARIANTS];
    size_t n_names;
    int rank; /* of the type chosen so far */
};

static bool is_multipart(slice type)
{
    return slice_starts(type, SLICE_LIT("multipart"));
}

static void add_boundary(struct eml_content *c, slice b)
{
    while (b.len && ascii_space(b.at[b.len - 1]))
        b.len--; /* RFC 2046 5.1.1: never part of it */
    for (size_t i = 0; i < c->n_boundaries; i++)
        if (slice_eq(c->boundaries[i], b))
            return;
    if (b.len == 0)
        return;
    c->n_boundaries += c->n_boundaries < EML_VARIANTS; /* of many the first ones and the last */
    c->boundaries[c->n_boundaries - 1] = b;
}

/* The readings of an unquoted value: whole, up to a blank, up to a comment. */
static void add_boundary_readings(struct eml_content *c, slice b)
{
    size_t n = 0;
    while (n < b.len && !ascii_space(b.at[n]) && b.at[n] != ';' && b.at[n] != ',')
        n++;
    add_boundary(c, b);
    add_boundary(c, slice_sub(b, 0, n));
    size_t comment = slice_find_byte(slice_sub(b, 0, n), '(', 0);
    if (comment != SIZE_MAX)
        add_boundary(c, slice_sub(b, 0, comment));
}

static void boundaries_of(struct eml *e, const struct eml_params *p, struct eml_content *c)
{
    slice values[EML_VARIANTS];
    size_t n = 0;
    bool several = false;
    eml_param_values(e->w->mem, p, "boundary", false, values, &n);
    for (size_t i = 0; i < n; i++) {
        bool quoted = false;
        for (size_t k = 0; k < p->n; k++)
            quoted |= p->list[k].quoted && slice_eq(slice_trim(p->list[k].value), values[i]);
        several |= c->n_boundaries > 0;
        if (quoted)
            add_boundary(c, values[i]);
        else
            add_boundary_readings(c, values[i]);
    }
    if (several)
        walk_flag(e->w, FACT_MIME_BOUNDARY_SEVERAL, c->at);
}

static void names_of(struct eml *e, const struct eml_params *p, const char *key, struct gathered *g,
                     struct range at)
{
    if (eml_param_values(e->w->mem, p, key, true, g->names, &g->n_names))
        walk_cstr(e->w, FACT_MIME_PARAMETER_BROKEN, key, at);
}

/* "a.exe\0.txt": programs end a name at the NUL, or leave it out. */
static void names_before_nul(struct eml *e, const struct eml_field *f, const char *key,
                             struct gathered *g, struct range at)
{
    struct eml_params p;
    struct eml_field cut = *f;
    bool raw = false;
    cut.raw.len = slice_find_byte(f->raw, 0, 0);
    if (cut.raw.len == SIZE_MAX)
        return;
    eml_param_read(e->w, eml_word_raw(e->w->mem, eml_header_text(e->w->mem, &cut), &raw), &p);
    names_of(e, &p, key, g, at);
}

/* Of several types the one that says most, the first of these. A multipart is
 * walked as one in any case, so the type of a leaf is kept beside it. */
static int type_rank(slice type)
{
    if (type.len == 0)
        return 1;
    if (is_multipart(type))
        return 2;
    return slice_is(type, "text/plain") ? 3 : 4;
}

static void choose_type(struct eml_content *c, struct gathered *g, slice type, slice declared)
{
    int rank = type_rank(type);
    c->says_so |= is_multipart(type);
    c->digest |= slice_is(type, "multipart/digest");
    if (rank <= g->rank)
        return;
    c->type = type;
    c->declared = declared;
    g->rank = rank;
}

static void content_type(struct eml *e, const struct eml_field *f, struct eml_content *c,
                         struct gathered *g)
{
    struct eml_params p;
    bool raw = false;
    slice value = eml_header_text(e->w->mem, f);
    slice text = eml_word_raw(e->w->mem, value, &raw);
    eml_param_read(e->w, text, &p);
    choose_type(c, g, p.token, text);
    names_of(e, &p, "name", g, c->at);
    names_before_nul(e, f, "name", g, c->at);
    if (text.at != value.at) /* the boundary stands in the body as raw bytes */
        eml_param_read(e->w, value, &p);
    boundaries_of(e, &p, c);
}

static void disposition(struct eml *e, const struct eml_field *f, struct eml_content *c,
                        struct gathered *g)
{
    struct eml_params p;
    bool raw = false;
    eml_param_read(e->w, eml_word_raw(e->w->mem, eml_header_text(e->w->mem, f), &raw), &p);
    c->disposed |= slice_is(p.token, "attachment");
    names_of(e, &p, "filename", g, c->at);
    names_of(e, &p, "name", g, c->at); /* some programs write it so */
    names_before_nul(e, f, "filename", g, c->at);
}

/* "base64", "Base64;", "base64 (comment)", "\"base64\"", "7-bit" (sic) */
static void encoding(struct eml *e, const struct eml_field *f, struct eml_content *c)
{
    struct eml_params p;
    slice value = eml_header_text(e->w->mem, f);
    if (value.len && value.at[0] == '"')
        value = slice_from(value, 1);
    eml_param_read(e->w, value, &p);
    slice token = p.token;
    if (token.len == 0 || (c->n_encodings && slice_eq(token, c->encodings[0])))
        return;
    /* the first and the last count; programs take one of these */
    c->encodings[c->n_encodings ? 1 : 0] = token;
    c->n_encodings = c->n_encodings ? 2 : 1;
}

/* --- names */

static int danger(slice name)
{
    const struct type_row *t = type_by_extension(type_extension_of(name));
    if (!t)
        return 0;
    if (t->policy == TYPE_PROGRAM || t->policy == TYPE_SCRIPT)
        return 3;
    return type_is_dangerous(t) ? 2 : 1;
}

static void choose_name(struct eml_content *c, const struct gathered *g)
{
    int best = -1;
    size_t chosen = 0;
    for (size_t i = 0; i < g->n_names; i++) {
        int d = danger(g->names[i]);
        if (d > best) {
            best = d;
            chosen = i;
        }
    }
    if (g->n_names == 0)
        return;
    c->name = g->names[chosen];
    for (size_t i = 0; i < g->n_names; i++)
        if (i != chosen)
            c->others[c->n_others++] = g->names[i];
}

void eml_content_read(struct eml *e, const struct eml_header *h, size_t from, bool digest,
                      struct eml_content *out)
{
    struct gathered g = { .rank = 0 };
    *out = (struct eml_content){ .at = eml_range(e, from, h->body) };
    /* filename before name: it wins where both are as dangerous (RFC 2183 2.3) */
    for (size_t i = 0; i < h->n; i++)
        if (h->fields[i].id == EML_CONTENT_DISPOSITION)
            disposition(e, &h->fields[i], out, &g);
    for (size_t i = 0; i < h->n && !walk_over(e->w); i++) {
        if (h->fields[i].id == EML_CONTENT_TYPE)
            content_type(e, &h->fields[i], out, &g);
        else if (h->fields[i].id == EML_CONTENT_ENCODING)
            encoding(e, &h->fields[i], out);
    }
    choose_name(out, &g);
    out->multipart = out->says_so || out->n_boundaries;
    if (out->type.len == 0) { /* RFC 2045 5.2, RFC 2046 5.1.5 */
        out->type =
            digest && !out->declared.len ? SLICE_LIT("message/rfc822") : SLICE_LIT("text/plain");
        if (digest && !out->declared.len)
            out->declared = out->type;
    }
}
