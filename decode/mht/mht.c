/* SPDX-License-Identifier: Apache-2.0 */
/* Web archives under the name of a document (RFC 2557, as Word and Excel read it).
 *
 * Word looks for the MIME header behind whatever stands in front of it, and does not care what
 * the mail called the file; a mail reader would take neither for a message. What begins at the
 * header is walked as mail. Where the file begins with it and nothing says it is text, the mail
 * reader takes it by itself; what stands behind a PDF is the PDF reader's. */
#include "base/text.h"
#include "decode/types.h"
#include "decode/walk.h"

enum { LOOK = 256 * 1024, HEADER = 2048, PDF_HEAD = 1024, TRIES = 8 };

static bool opened_by_office(slice name)
{
    static const char *const extensions[] = { "doc", "dot", "docx", "docm",  "dotx", "dotm",
                                              "rtf", "xls", "xlt",  "xlsx",  "xlsm", "xlsb",
                                              "ppt", "pps", "mht",  "mhtml", "wiz",  "wbk" };
    slice e = type_extension_of(name);
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        if (slice_is_nocase(e, extensions[i]))
            return true;
    return false;
}

static bool is_archive(slice all, size_t at)
{
    slice block = slice_sub(all, at, HEADER);
    size_t crlf = slice_find(block, SLICE_LIT("\n\r\n"), 0);
    size_t lf = slice_find(block, SLICE_LIT("\n\n"), 0);
    block = slice_sub(block, 0, crlf < lf ? crlf : lf);
    return slice_find_nocase(block, SLICE_LIT("multipart/related"), 0) != SIZE_MAX;
}

/* Where "MIME-Version:" of a multipart/related begins a line; SIZE_MAX. */
static size_t find_header(slice all)
{
    slice head = slice_sub(all, 0, LOOK);
    for (size_t at = 0, n = 0; n < TRIES; at++, n++) {
        at = slice_find_nocase(head, SLICE_LIT("mime-version:"), at);
        if (at == SIZE_MAX)
            return SIZE_MAX;
        bool line = at == 0 || all.at[at - 1] == '\n' || all.at[at - 1] == '\r';
        if (line && is_archive(all, at))
            return at;
    }
    return SIZE_MAX;
}

static enum sniff mht_sniff(const struct sniff_input *in)
{
    slice all = in->body->all;
    if (!opened_by_office(in->name) ||
        slice_find(slice_sub(all, 0, PDF_HEAD), SLICE_LIT("%PDF-"), 0) != SIZE_MAX)
        return SNIFF_NO;
    size_t at = find_header(all);
    bool text =
        slice_starts_nocase(in->declared, "text/") || (in->mail_part && in->declared.len == 0);
    return at == SIZE_MAX || (at == 0 && !text) ? SNIFF_NO : SNIFF_STRONG;
}

static enum walk_end mht_walk(struct walk *w, const struct body *body)
{
    size_t at = find_header(body->all);
    if (at == SIZE_MAX)
        return WALK_NOT_MINE;
    struct body archive = body_borrow(slice_from(body->all, at));
    struct child c = { .name = w->name,
                       .how = HOW_MIME,
                       .at = range_of(at, archive.all.len),
                       .body = &archive,
                       .format = format_named("eml") };
    (void)walk_child(w, &c);
    return WALK_WHOLE;
}

const struct format format_mht = {
    .name = "mht",
    .spec = "RFC 2557, as Office reads it",
    .sniff = mht_sniff,
    .walk = mht_walk,
};
