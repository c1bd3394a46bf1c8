/* SPDX-License-Identifier: Apache-2.0 */
/* xls - workbooks in records: [MS-XLS] and its BIFF5 predecessor, in a compound file or bare.
 *
 * Sheets and their states, names, text, links, and the formulas of Excel 4.0 macro sheets, which
 * become a part of their own (decode/shared/xlm.h). Left out: BIFF2 to BIFF4, pivot caches, drawings
 * beyond their text and, of books with macros, the largest picture.
 */
#include "decode/shared/picture.h"
#include "decode/xls/xls_private.h"
#include "base/text.h"
#include "decode/hidden.h"

enum { BOOKS_MAX = 8 };

static void read_stream(struct walk *w, slice in, slice path, bool macros, bool again)
{
    struct xls x = { .w = w, .in = slice_sub(in, 0, UINT32_MAX - 1), .biff = BIFF8, .codepage = 1252, .macros = macros };
    struct body plain;
    xls_book_read(&x);
    if (x.encrypted && again && xls_crypt_open(&x, &plain)) {
        read_stream(w, plain.all, path, macros, false);
        body_release(&plain);
        return;
    }
    xls_book_say(&x);
    if (x.encrypted) {
        walk_flag(w, FACT_OFFICE_ENCRYPTED, NOWHERE);
        walk_unread_of(w, UNREAD_ENCRYPTED, UNREAD_OF_MEMBER, path);
        return;
    }
    xls_macro_read(&x);
    xls_text_read(&x);
    if (macros || x.macro_sheets)
        xls_picture_say(&x);
}

/* --- in a compound file */

static slice last_name(slice path)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.at[i - 1] == '/')
            return slice_from(path, i);
    return path;
}

static bool is_book(const struct bundle_entry *e)
{
    slice name = last_name(e->name);
    return e->stream && e->size > 0 &&
           (slice_is_nocase(name, "Workbook") || slice_is_nocase(name, "Book"));
}

static bool xls_claims(const struct bundle *b)
{
    if (strcmp(b->kind, "cfb") != 0)
        return false;
    for (size_t i = 0; i < b->n; i++)
        if (is_book(&b->entries[i]))
            return true;
    return false;
}

static bool has_macros(const struct bundle *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (slice_is_nocase(last_name(b->entries[i].name), "_VBA_PROJECT"))
            return true;
    return false;
}

static enum walk_end xls_walk_bundle(struct walk *w, struct bundle *b)
{
    unsigned n = 0;
    bool macros = has_macros(b);
    struct hidden_budget kept = { 0 };
    if (macros) /* they are read next */
        kept = hidden_budget_begin(w);
    for (size_t i = 0; i < b->n && !walk_over(w); i++) {
        struct body body;
        if (!is_book(&b->entries[i]) || b->entries[i].taken)
            continue;
        if (n == BOOKS_MAX) {
            walk_unread_of(w, UNREAD_LIMIT, UNREAD_OF_MEMBER, b->entries[i].name);
            break;
        }
        n++;
        (void)b->open(w, b, i, &body);
        b->entries[i].taken = true;
        read_stream(w, body.all, b->entries[i].name, macros, true);
        body_release(&body);
    }
    if (macros)
        hidden_budget_end(w, &kept);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

/* --- bare: Excel opens the stream as a file, too */

static enum sniff xls_sniff(const struct sniff_input *in)
{
    cursor k = cur_open(slice_sub(in->body->all, 0, 12));
    uint16_t id = cur_u16le(&k), len = cur_u16le(&k), biff = cur_u16le(&k), dt = cur_u16le(&k);
    bool sub = dt == 5 || dt == 6 || dt == 0x10 || dt == 0x20 || dt == 0x40 || dt == 0x100;
    return cur_ok(&k) && id == REC_BOF && len >= 4 && len <= 32 &&
                   (biff == BIFF8 || biff == 0x500) && sub
               ? SNIFF_STRONG
               : SNIFF_NO;
}

static enum walk_end xls_walk(struct walk *w, const struct body *body)
{
    slice in = body->all;
    if (body->stored) {
        const struct extent *last = body->n_stored ? &body->stored[body->n_stored - 1] : NULL;
        in = slice_sub(in, 0, last ? (size_t)(last->at + last->len) : 0);
    }
    read_stream(w, in, SLICE_LIT("Workbook"), false, true);
    picture_say_kept(w); /* there is nothing around it */
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_xls = {
    .name = "xls",
    .spec = "[MS-XLS] 2",
    .sniff = xls_sniff,
    .walk = xls_walk,
    .claims = xls_claims,
    .walk_bundle = xls_walk_bundle,
};
