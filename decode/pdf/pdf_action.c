/* SPDX-License-Identifier: Apache-2.0 */
/* Actions (ISO 32000-1 12.6): what they do, and which of them start by themselves. */
#include "decode/pdf/pdf_private.h"
#include "base/hash.h"
#include "base/text.h"
#include "decode/links.h"

enum { NEXT_MAX = 16, TARGET_MAX = 2048, NODES_WAITING = 64, NODES_MAX = 512 };

enum action {
    URI,
    SCRIPT,
    LAUNCH,
    REMOTE,
    EMBEDDED,
    SUBMIT,
    IMPORT,
    RENDITION,
    RICH_MEDIA,
    MOVIE,
    ACTIONS
};

static const struct {
    const char *name, *said;
} kinds[ACTIONS] = {
    { "URI", "uri" },
    { "JavaScript", "javascript" },
    { "Launch", "launch" },
    { "GoToR", "gotor" },
    { "GoToE", "gotoe" },
    { "SubmitForm", "submitform" },
    { "ImportData", "importdata" },
    { "Rendition", "rendition" },
    { "RichMediaExecute", "richmedia" },
    { "Movie", "movie" },
};

static enum action action_of(const struct pdf_dict *d)
{
    struct pdf_value s = pdf_get(d, PDF_S);
    for (unsigned i = 0; i < ACTIONS; i++)
        if (pdf_is_name(&s, kinds[i].name))
            return (enum action)i;
    if (d->has[PDF_JS])
        return SCRIPT;
    return d->has[PDF_URI] && !d->has[PDF_S] ? URI : ACTIONS;
}

static void tell_kind(struct pdf *p, enum action a, struct range at)
{
    if (!(p->told_actions & UINT64_C(1) << a))
        walk_cstr(p->w, FACT_PDF_ACTION, kinds[a].said, at);
    p->told_actions |= UINT64_C(1) << a;
}

void pdf_link_tell(struct pdf *p, slice url, slice text, struct range at, const char *source)
{
    uint64_t h = fnv1a(0, url);
    size_t i = 0;
    while (i < p->n_targets && p->targets[i] != h)
        i++;
    if (i == p->n_targets && i < sizeof p->targets / sizeof p->targets[0])
        p->targets[p->n_targets++] = h;
    walk_link(p->w, url, text, at, source);
}

/* 7.11: a string, or a dictionary with the name under one of several keys. */
slice pdf_file_name(struct pdf *p, struct pdf_value spec)
{
    static const enum pdf_key keys[] = { PDF_UF, PDF_F, PDF_Win };
    spec = pdf_resolve(p, spec);
    if (spec.kind == PDF_IS_STRING || spec.kind == PDF_IS_HEX)
        return utf8_cut(pdf_text(p, spec), TARGET_MAX);
    struct pdf_dict d;
    if (!pdf_dict(p, spec, &d, NULL))
        return (slice){ 0 };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct pdf_value v = pdf_resolve(p, pdf_get(&d, keys[i]));
        slice s = v.kind == PDF_IS_STRING || v.kind == PDF_IS_HEX ? pdf_text(p, v) : (slice){ 0 };
        if (s.len)
            return utf8_cut(s, TARGET_MAX);
    }
    return (slice){ 0 };
}

/* 12.6.4.5: /F, or for Windows /Win with a file and its parameters. */
static void tell_launch(struct pdf *p, const struct pdf_dict *d, struct range at)
{
    struct pdf_dict win;
    struct buf line = buf_new(2 * TARGET_MAX + 8);
    buf_put(&line, pdf_file_name(p, pdf_get(d, PDF_F)));
    if (pdf_dict(p, pdf_get(d, PDF_Win), &win, NULL)) {
        slice file = pdf_file_name(p, pdf_get(&win, PDF_F));
        slice parameters = utf8_cut(pdf_text(p, pdf_get(&win, PDF_P)), TARGET_MAX);
        if (file.len && line.len)
            buf_byte(&line, ' ');
        buf_put(&line, file);
        if (parameters.len)
            buf_byte(&line, ' ');
        buf_put(&line, parameters);
    }
    walk_text(p->w, FACT_PDF_LAUNCH, buf_slice(&line), at);
    buf_drop(&line);
}

static bool is_url(slice s)
{
    size_t colon = slice_find(s, SLICE_LIT("://"), 0);
    return (colon != SIZE_MAX && colon > 1 && colon < 16) || slice_starts_nocase(s, "mailto:");
}

/* Another document, or data from a file: by URL or by a path on a server. */
static void tell_elsewhere(struct pdf *p, const struct pdf_dict *d, struct range at)
{
    slice name = pdf_file_name(p, pdf_get(d, PDF_F));
    if (is_url(name))
        pdf_link_tell(p, name, (slice){ 0 }, at, "pdf.remote");
    bool server = slice_starts(name, SLICE_LIT("\\\\")) || slice_starts(name, SLICE_LIT("//"));
    if (is_url(name) || server)
        walk_text(p->w, FACT_PDF_REMOTE, name, at);
}

static void tell_action(struct pdf *p, const struct pdf_dict *d, struct range at)
{
    enum action a = action_of(d);
    slice url;
    if (a == ACTIONS)
        return;
    tell_kind(p, a, at);
    if (d->has[PDF_JS])
        pdf_script_add(p, pdf_get(d, PDF_JS), false);
    switch (a) {
    case URI:
        url = slice_trim(utf8_cut(pdf_text(p, pdf_get(d, PDF_URI)), 8 * TARGET_MAX));
        if (url.len)
            pdf_link_tell(p, url, (slice){ 0 }, at, "pdf.uri");
        break;
    case LAUNCH:
        tell_launch(p, d, at);
        tell_elsewhere(p, d, at);
        break;
    case REMOTE:
    case EMBEDDED:
    case IMPORT:
        tell_elsewhere(p, d, at);
        break;
    case SUBMIT:
        url = pdf_file_name(p, pdf_get(d, PDF_F));
        if (url.len) {
            walk_text(p->w, FACT_PDF_SUBMIT, url, at);
            pdf_link_tell(p, url, (slice){ 0 }, at, "pdf.submit");
        }
        break;
    default:
        break;
    }
}

/* --- what starts by itself */

static void tell_auto(struct pdf *p, struct pdf_value v, unsigned depth)
{
    struct pdf_dict d;
    v = pdf_resolve(p, v);
    struct pdf_lexer l = { .in = v.raw, .owner = v.owner };
    struct pdf_value item;
    if (depth == NEXT_MAX)
        return;
    if (v.kind == PDF_IS_ARRAY) { /* several, or a place in the document */
        for (unsigned i = 0; depth < NEXT_MAX - 1 && i < NEXT_MAX && pdf_next(&l, false, &item);
             i++)
            tell_auto(p, item, NEXT_MAX - 1);
        return;
    }
    if (!pdf_dict(p, v, &d, NULL))
        return;
    enum action a = action_of(&d);
    if (a != ACTIONS && !(p->told_autos & UINT64_C(1) << a)) {
        walk_cstr(p->w, FACT_PDF_AUTO, kinds[a].said, pdf_range(p, v.raw));
        p->told_autos |= UINT64_C(1) << a;
    }
    if (d.has[PDF_JS])
        pdf_script_add(p, d.v[PDF_JS], true);
    if (d.has[PDF_Next])
        tell_auto(p, d.v[PDF_Next], depth + 1);
}

/* 12.6.3: when a page opens, or an annotation's page opens or shows. The events of a form's
 * fields need a hand. */
static void tell_events(struct pdf *p, struct pdf_value aa)
{
    static const char *const opening[] = { "O", "PO", "PV" };
    struct pdf_value key, v;
    aa = pdf_resolve(p, aa);
    if (aa.kind != PDF_IS_DICT)
        return;
    struct pdf_lexer l = { .in = aa.raw, .owner = aa.owner };
    while (pdf_next(&l, false, &key) && pdf_next(&l, false, &v))
        for (size_t i = 0; i < sizeof opening / sizeof opening[0]; i++)
            if (pdf_is_name(&key, opening[i]))
                tell_auto(p, v, 0);
}

/* 7.7.4, 7.9.6: scripts in the name tree run when the document is opened. The tree may have
 * loops: a few hundred nodes are enough. */
static void tell_named_scripts(struct pdf *p, struct pdf_value root)
{
    struct pdf_value waiting[NODES_WAITING] = { root }, v;
    size_t n = 1;
    for (unsigned seen = 0; n && seen < NODES_MAX && !walk_over(p->w); seen++) {
        struct pdf_dict d;
        if (!pdf_dict(p, waiting[--n], &d, NULL))
            continue;
        struct pdf_value names = pdf_resolve(p, pdf_get(&d, PDF_Names)),
                         kids = pdf_resolve(p, pdf_get(&d, PDF_Kids));
        struct pdf_lexer l = { .in = kids.raw, .owner = kids.owner };
        while (kids.kind == PDF_IS_ARRAY && n < NODES_WAITING && pdf_next(&l, false, &v))
            waiting[n++] = v;
        l = (struct pdf_lexer){ .in = names.raw, .owner = names.owner };
        for (unsigned i = 0; names.kind == PDF_IS_ARRAY && i < NODES_MAX &&
                             pdf_next(&l, false, &v) && pdf_next(&l, false, &v);
             i++)
            tell_auto(p, v, 0);
    }
}

void pdf_actions_tell(struct pdf *p)
{
    const struct pdf_list *actions = &p->found[PDF_FOUND_ACTION],
                          *autos = &p->found[PDF_FOUND_AUTO];
    struct pdf_dict d;
    for (size_t i = 0; i < actions->n && !walk_over(p->w); i++)
        if (pdf_dict_of(p, actions->at[i].raw, actions->at[i].owner, &d))
            tell_action(p, &d, pdf_range(p, actions->at[i].raw));
    for (size_t i = 0; i < autos->n && !walk_over(p->w); i++) {
        if (!pdf_dict_of(p, autos->at[i].raw, autos->at[i].owner, &d))
            continue;
        if (d.has[PDF_OpenAction])
            tell_auto(p, d.v[PDF_OpenAction], 0);
        if (d.has[PDF_AA])
            tell_events(p, d.v[PDF_AA]);
        if (d.has[PDF_JavaScript])
            tell_named_scripts(p, d.v[PDF_JavaScript]);
    }
}
