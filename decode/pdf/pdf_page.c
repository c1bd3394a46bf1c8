/* SPDX-License-Identifier: Apache-2.0 */
/* Pages (ISO 32000-1 7.7.3): their text, their links and how much of the page those cover.
 *
 * Pages are taken in the order of the file and not of the page tree, which may run in circles or
 * leave some out. */
#include "decode/pdf/pdf_private.h"
#include "base/text.h"
#include "decode/plain.h"

enum {
    PAGES_MAX = 300,
    PARENTS_MAX = 16,
    LINKS_MAX_PAGE = 64,
    ANNOTATIONS_MAX = 1024,
    TEXT_MAX = 1 << 20,
    TEXT_WORK = 300 * 1000 * 1000,
    FEW_WORDS = 25,
    MOST_OF_PAGE = 45, /* percent */
    URL_MAX = 8192,
};

struct figures {
    int64_t pages, link_area, picture_area;
    size_t pictures;
};

/* 7.7.3.4: some entries come from the nodes above. */
static struct pdf_value inherited(struct pdf *p, struct pdf_dict d, enum pdf_key k)
{
    for (unsigned i = 0; !d.has[k] && i < PARENTS_MAX; i++)
        if (!d.has[PDF_Parent] || !pdf_dict(p, d.v[PDF_Parent], &d, NULL))
            break;
    return pdf_get(&d, k);
}

static double area_of(const double r[4])
{
    return (r[2] - r[0]) * (r[3] - r[1]);
}

static int64_t percent(double part, const double box[4])
{
    double whole = area_of(box);
    if (whole < 1 || part <= 0)
        return 0;
    return part >= whole ? 100 : (int64_t)(part * 100 / whole);
}

/* One annotation (12.5.6.5): where it is and where it leads. */
static bool read_link(struct pdf *p, struct pdf_value v, struct pdf_link *out)
{
    struct pdf_dict d, a;
    if (!pdf_dict(p, v, &d, NULL) || !d.has[PDF_A] || !d.has[PDF_Rect])
        return false;
    if (!pdf_rect(p, d.v[PDF_Rect], out->rect) || !pdf_dict(p, d.v[PDF_A], &a, NULL))
        return false;
    struct pdf_value kind = pdf_get(&a, PDF_S);
    bool script = pdf_is_name(&kind, "JavaScript"),
         launch = pdf_is_name(&kind, "Launch") || pdf_is_name(&kind, "SubmitForm");
    out->url =
        a.has[PDF_URI] ? slice_trim(utf8_cut(pdf_text(p, a.v[PDF_URI]), URL_MAX)) : (slice){ 0 };
    out->at = pdf_range(p, pdf_resolve(p, v).raw);
    return out->url.len || script || launch;
}

static double clipped(const double rect[4], const double box[4])
{
    double r[4];
    for (size_t i = 0; i < 2; i++) {
        r[i] = rect[i] > box[i] ? rect[i] : box[i];
        r[i + 2] = rect[i + 2] < box[i + 2] ? rect[i + 2] : box[i + 2];
        if (r[i + 2] <= r[i])
            return 0;
    }
    return area_of(r);
}

static double read_links(struct pdf *p, struct pdf_page *page, struct pdf_value annotations)
{
    struct pdf_value v;
    double area = 0;
    annotations = pdf_resolve(p, annotations);
    struct pdf_lexer l = { .in = annotations.raw, .owner = annotations.owner };
    for (unsigned i = 0;
         annotations.kind == PDF_IS_ARRAY && i < ANNOTATIONS_MAX && pdf_next(&l, false, &v); i++) {
        struct pdf_link link = { .n = 0 };
        if (!read_link(p, v, &link))
            continue;
        area += clipped(link.rect, page->box);
        if (page->n_links < LINKS_MAX_PAGE && link.url.len)
            page->links[page->n_links++] = link;
    }
    return area;
}

static void tell_links(struct pdf *p, const struct pdf_page *page)
{
    for (size_t i = 0; i < page->n_links; i++) {
        const struct pdf_link *l = &page->links[i];
        pdf_link_tell(p, l->url,
                      utf8_clean(p->w->mem, arena_copy(p->w->mem, (slice){ l->text, l->n })), l->at,
                      "pdf.uri");
    }
}

static void read_page(struct pdf *p, const struct pdf_found *found, struct pdf_shown *shown,
                      struct figures *f)
{
    static const double letter[4] = { 0, 0, 612, 792 };
    struct pdf_dict d;
    struct pdf_page page = { .links = ARENA_ARRAY(p->w->mem, struct pdf_link, LINKS_MAX_PAGE) };
    if (!page.links || !pdf_dict_of(p, found->raw, found->owner, &d))
        return;
    if ((!d.has[PDF_CropBox] || !pdf_rect(p, d.v[PDF_CropBox], page.box) ||
         area_of(page.box) < 1) &&
        (!pdf_rect(p, inherited(p, d, PDF_MediaBox), page.box) || area_of(page.box) < 1))
        for (size_t i = 0; i < 4; i++)
            page.box[i] = letter[i];
    page.resources = inherited(p, d, PDF_Resources);
    int64_t area = percent(read_links(p, &page, pdf_get(&d, PDF_Annots)), page.box);
    f->link_area = area > f->link_area ? area : f->link_area;
    if (d.has[PDF_Contents])
        pdf_content_show(p, &page, d.v[PDF_Contents], shown);
    area = percent(page.pictures, page.box);
    f->picture_area = area > f->picture_area ? area : f->picture_area;
    f->pictures += page.n_pictures;
    tell_links(p, &page);
}

/* The newest of several with one number. */
static bool in_force(const struct pdf *p, const struct pdf_found *found)
{
    const struct pdf_object *o = pdf_object(p, p->objects[found->owner].num);
    return o == &p->objects[found->owner];
}

void pdf_pages_tell(struct pdf *p)
{
    const struct pdf_list *pages = &p->found[PDF_FOUND_PAGE];
    struct pdf_shown *shown = ARENA_NEW(p->w->mem, struct pdf_shown);
    struct figures f = { 0 };
    if (!shown)
        return;
    shown->text = buf_new(TEXT_MAX);
    shown->work = TEXT_WORK;
    for (size_t i = 0; i < pages->n; i++) {
        if (!in_force(p, &pages->at[i]))
            continue;
        if (f.pages++ < PAGES_MAX && !walk_over(p->w) && !p->locked.len)
            read_page(p, &pages->at[i], shown, &f);
    }
    struct walk *w = p->w;
    walk_int(w, FACT_PDF_PAGES, f.pages, NOWHERE);
    if (f.link_area)
        walk_int(w, FACT_PDF_LINK_AREA, f.link_area, NOWHERE);
    if (p->n_targets)
        walk_int(w, FACT_PDF_LINK_TARGETS, (int64_t)p->n_targets, NOWHERE);
    if (f.picture_area)
        walk_int(w, FACT_PDF_IMAGE_AREA, f.picture_area, NOWHERE);
    if (shown->hidden)
        walk_int(w, FACT_PDF_HIDDEN_TEXT, shown->hidden, NOWHERE);
    if (shown->hidden_word)
        walk_int(w, FACT_PDF_HIDDEN_TEXT_WORD, shown->hidden_word, NOWHERE);
    slice text = buf_slice(&shown->text);
    if (!p->locked.len) {
        if (f.pictures && f.picture_area >= MOST_OF_PAGE && plain_words(text) <= FEW_WORDS)
            walk_flag(w, FACT_DOCUMENT_IMAGE_ONLY, NOWHERE);
        plain_view(w, utf8_clean(w->mem, text), NOWHERE);
    }
    buf_drop(&shown->text);
}
