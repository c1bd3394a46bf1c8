/* SPDX-License-Identifier: Apache-2.0 */
/* PDF (ISO 32000-1; encryption also of ISO 32000-2 7.6.4): what it does when it is opened, where
 * it leads, what it carries, what it says.
 *
 * Mass mail uses it as the envelope of a link (Emotet 2019, IcedID and QakBot 2023), with a
 * picture of a button, and as the carrier of a file that a script opens. All objects are looked
 * at, whether anything refers to them or not. Left out: pictures and fonts, signatures, 3D and
 * media formats, tagged structure.
 */
#include "decode/pdf/pdf_private.h"
#include "base/charset.h"
#include "base/text.h"

#include <stdio.h>

enum { HEAD_BYTES = 1024, SCRIPTS_MAX = 8 << 20, OVERLAY_TOLD = 512, ARCHIVES_MAX = 8 };

/* Implementation note 13 of PDF 1.7: Acrobat looks for the header in the first 1024 bytes. */
static enum sniff pdf_sniff(const struct sniff_input *in)
{
    slice head = slice_sub(in->body->all, 0, HEAD_BYTES + 5);
    if (slice_find(head, SLICE_LIT("%PDF-"), 0) != SIZE_MAX)
        return SNIFF_STRONG;
    /* Some readers also open what lost its header, if the name says so. */
    return slice_ends_nocase(in->name, ".pdf") && slice_find(head, SLICE_LIT(" obj"), 0) != SIZE_MAX
               ? SNIFF_STRONG
               : SNIFF_NO;
}

static void find_header(struct pdf *p)
{
    slice head = slice_sub(p->all, 0, HEAD_BYTES + 5);
    size_t at = slice_find(head, SLICE_LIT("%PDF-"), 0);
    p->header = at == SIZE_MAX ? 0 : at;
    if (at == SIZE_MAX)
        walk_cstr(p->w, FACT_PDF_DAMAGED, "header", NOWHERE);
    else if (at > 0)
        walk_int(p->w, FACT_PDF_PREPENDED, (int64_t)at, range_of(0, at));
}

/* What was added behind the last end: another file, mostly. */
static void tell_overlay(struct pdf *p)
{
    size_t last = SIZE_MAX, updates = 0;
    for (size_t at = 0; (at = slice_find(p->all, SLICE_LIT("%%EOF"), at)) != SIZE_MAX; at += 5) {
        last = at;
        updates++;
    }
    if (updates)
        walk_int(p->w, FACT_PDF_REVISIONS, (int64_t)updates, NOWHERE);
    if (last == SIZE_MAX)
        return;
    size_t end = last + 5;
    while (end < p->all.len && pdf_space(p->all.at[end]))
        end++;
    if (p->all.len - end >= OVERLAY_TOLD)
        walk_int(p->w, FACT_FILE_OVERLAY, (int64_t)(p->all.len - end),
                 range_of(end, p->all.len - end));
}

static bool in_stream(const struct pdf *p, size_t at)
{
    for (size_t i = 0; i < p->n_scanned; i++) {
        const struct pdf_object *o = &p->objects[i];
        if (o->stream && p->all.at + at >= o->data.at && p->all.at + at < o->data.at + o->data.len)
            return true;
    }
    return false;
}

/* Word opens a file as web archive when "MIME-Version" stands anywhere near its beginning, %PDF
 * or not (JPCERT/CC, MalDoc in PDF, 2023). */
static void tell_web_archive(struct pdf *p)
{
    static const slice version = SLICE_INIT("mime-version:"),
                       kind = SLICE_INIT("multipart/related");
    for (size_t at = 0, n = 0;
         n < ARCHIVES_MAX && (at = slice_find_nocase(p->all, version, at)) != SIZE_MAX; at++) {
        if (at > 0 && p->all.at[at - 1] != '\n' && p->all.at[at - 1] != '\r')
            continue;
        n++;
        struct body body = body_borrow(slice_from(p->all, at));
        if (slice_find_nocase(slice_sub(body.all, 0, HEAD_BYTES), kind, 0) == SIZE_MAX)
            continue;
        if (!in_stream(p, at))
            walk_cstr(p->w, FACT_FILE_TYPE_ALSO, "mht", range_of(at, version.len));
        struct child c = { .name = p->w->name,
                           .how = HOW_PDF,
                           .at = range_of(at, body.all.len),
                           .body = &body,
                           .format = format_named("eml") };
        (void)walk_child(p->w, &c);
        return;
    }
}

static bool prepare(struct pdf *p, struct walk *w, const struct body *body)
{
    *p = (struct pdf){ .w = w,
                       .body = body,
                       .all = body->all,
                       .no_endstream = body->all.len + 1,
                       .script = buf_new(SCRIPTS_MAX),
                       .auto_script = buf_new(SCRIPTS_MAX) };
    /* Padding is no objects: a padded file is read up to where its bytes end, and one that is
     * padded within as if it was not there: its table is wrong then, and the objects are found. */
    if (body_left_out(body) >= BODY_PADDED)
        p->all = body_gathered(w->mem, body);
    else if (body->stored)
        p->all = slice_sub(body->all, 0,
                           body->n_stored ? (size_t)(body->stored[body->n_stored - 1].at +
                                                     body->stored[body->n_stored - 1].len)
                                          : 0);
    return walk_work(w, p->all.len / 2);
}

static enum walk_end finish(struct pdf *p)
{
    struct walk *w = p->w;
    if (p->locked.len)
        walk_unread(w, UNREAD_ENCRYPTED, p->locked);
    if (p->limit)
        walk_unread(w, UNREAD_LIMIT, SLICE_LIT("objects"));
    for (size_t i = 0; i < p->n_kept; i++)
        body_release(&p->kept[i]);
    buf_drop(&p->script);
    buf_drop(&p->auto_script);
    if (p->limit || walk_over(w))
        return WALK_LIMIT;
    return p->short_data ? WALK_SHORT : WALK_WHOLE;
}

/* Everything that needs the objects in clear. */
static void tell(struct pdf *p)
{
    p->given = ARENA_ARRAY(p->w->mem, uint8_t, p->n_objects + 1);
    if (!p->given)
        return;
    pdf_pages_tell(p);
    pdf_actions_tell(p);
    pdf_forms_tell(p);
    pdf_script_tell(p);
    pdf_files_tell(p);
}

/* Finds the objects and opens the encryption with the empty password. */
static bool open_objects(struct pdf *p)
{
    pdf_objects_scan(p);
    if (p->n_objects == 0)
        return false;
    pdf_xref_follow(p);
    pdf_crypt_open(p);
    return true;
}

static enum walk_end pdf_walk(struct walk *w, const struct body *body)
{
    struct pdf *p = ARENA_NEW(w->mem, struct pdf);
    if (!p || !prepare(p, w, body))
        return WALK_LIMIT;
    find_header(p);
    bool objects = open_objects(p);
    tell_web_archive(p);
    if (!objects) {
        walk_cstr(w, FACT_PDF_DAMAGED, "objects", NOWHERE);
        return walk_over(w) ? WALK_LIMIT : WALK_BROKEN;
    }
    if (p->locked.len && p->lockable) {
        walk_defer(w);
        p->locked = (slice){ 0 };
        return finish(p);
    }
    pdf_objects_unpack(p);
    tell(p);
    tell_overlay(p);
    return finish(p);
}

/* --- with the passwords of the mail */

static const struct password *find_password(struct pdf *p, int64_t *tried_out)
{
    size_t n;
    const struct password *all = walk_passwords(p->w, &n);
    *tried_out = 0;
    for (size_t i = 0; i < n && !walk_over(p->w); i++) {
        ++*tried_out;
        if (pdf_crypt_try(p, all[i].text))
            return &all[i];
        /* Older programs take the bytes of the system's charset. */
        slice sjis = charset_encode_id(p->w->mem, CHARSET_CP932, all[i].text);
        if (sjis.len && !slice_eq(sjis, all[i].text) && pdf_crypt_try(p, sjis))
            return &all[i];
    }
    return NULL;
}

static void tell_password(struct pdf *p, const struct password *found)
{
    char text[64];
    const char *source = password_source_name(found->source);
    if (found->line != NO_LINE)
        snprintf(text, sizeof text, "%s:%u", source, found->line);
    else
        snprintf(text, sizeof text, "%s", source);
    walk_flag(p->w, FACT_PASSWORD_FOUND, NOWHERE);
    walk_cstr(p->w, FACT_PASSWORD_SOURCE, text, NOWHERE);
}

static enum walk_end pdf_unlock(struct walk *w, const struct body *body)
{
    struct pdf *p = ARENA_NEW(w->mem, struct pdf);
    int64_t tried = 0;
    if (!p || !prepare(p, w, body))
        return WALK_LIMIT;
    p->quiet = p->escaped = true;
    if (!open_objects(p) || !p->locked.len)
        return finish(p);
    const struct password *found = find_password(p, &tried);
    walk_int(w, FACT_PASSWORD_TRIED, tried, NOWHERE);
    if (!found) {
        walk_flag(w, FACT_PASSWORD_WANTED, NOWHERE);
        return finish(p);
    }
    p->locked = (slice){ 0 };
    tell_password(p, found);
    pdf_objects_unpack(p);
    tell(p);
    tell_overlay(p);
    return finish(p);
}

const struct format format_pdf = {
    .name = "pdf",
    .spec = "ISO 32000-1 7, 9.4, 12.5, 12.6",
    .sniff = pdf_sniff,
    .walk = pdf_walk,
    .unlock = pdf_unlock,
};
