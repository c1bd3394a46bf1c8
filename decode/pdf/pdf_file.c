/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a document carries (ISO 32000-1 7.11.4): attachments, portfolios, media. */
#include "decode/pdf/pdf_private.h"
#include "base/text.h"

enum { FILES_MAX = 4096, NAME_MAX_BYTES = 1024 };

/* The name's last part: where a viewer would save it. */
static slice last_part(slice name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '/' || name.at[i - 1] == '\\')
            return slice_from(name, i);
    return name;
}

static void give(struct pdf *p, uint32_t object, slice name)
{
    struct body body = { 0 };
    bool whole = pdf_stream(p, object, UINT64_MAX, &body);
    if (!whole && !p->locked.len)
        walk_unread(p->w, UNREAD_LIMIT, name);
    if (body.all.len) {
        struct child c = {
            .name = utf8_cut(last_part(name), NAME_MAX_BYTES),
            .how = HOW_PDF,
            .at = pdf_range(p, p->objects[object].data),
            .body = &body,
        };
        (void)walk_child(p->w, &c);
    }
    body_release(&body);
}

void pdf_files_tell(struct pdf *p)
{
    const struct pdf_list *files = &p->found[PDF_FOUND_FILE];
    for (size_t i = 0; i < files->n && !walk_over(p->w); i++) {
        struct pdf_dict d;
        struct pdf_value key, v, ef;
        if (p->files == FILES_MAX) {
            p->limit = true;
            break;
        }
        if (!pdf_dict_of(p, files->at[i].raw, files->at[i].owner, &d))
            break;
        slice name = pdf_file_name(p, (struct pdf_value){ .kind = PDF_IS_DICT,
                                                          .raw = files->at[i].raw,
                                                          .owner = files->at[i].owner });
        ef = pdf_resolve(p, pdf_get(&d, PDF_EF));
        struct pdf_lexer l = { .in = ef.raw, .owner = ef.owner };
        while (ef.kind == PDF_IS_DICT && pdf_next(&l, false, &key) && pdf_next(&l, false, &v)) {
            const struct pdf_object *o = v.kind == PDF_IS_REF ? pdf_object(p, v.num) : NULL;
            if (!o || !o->stream || p->given[o - p->objects] & PDF_GIVEN_FILE)
                continue;
            p->given[o - p->objects] |= PDF_GIVEN_FILE;
            p->files++;
            walk_text(p->w, FACT_PDF_EMBEDDED, name.len ? name : SLICE_LIT("?"),
                      pdf_range(p, files->at[i].raw));
            give(p, (uint32_t)(o - p->objects), name);
        }
    }
}
