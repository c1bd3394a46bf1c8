/* SPDX-License-Identifier: Apache-2.0 */
/* text - plain text in any charset: mail bodies, text files, and what is text
 * by its bytes whatever its name (calendar, vcard, source of programs).
 *
 * RFC 2046 4.1 for declared charsets, BOMs as Windows programs honour them.
 * Left out: scripts (decode/script), format=flowed (lines are kept as they stand).
 */
#include "base/charset.h"
#include "base/text.h"
#include "decode/plain.h"
#include "decode/types.h"

/* The text of a mail must be read as text even where it looks like something
 * else: a reply that starts with "From:" lines is no mail of its own. */
static bool is_mail_body(const struct sniff_input *in)
{
    if (!in->mail_part)
        return false;
    if (in->declared.len && !slice_starts_nocase(slice_trim(in->declared), "text/plain"))
        return false;
    const struct type_row *t = type_by_extension(type_extension_of(in->name));
    return in->name.len == 0 || (t && slice_is(slice_of(t->name), "text"));
}

static enum sniff text_sniff(const struct sniff_input *in)
{
    if (!plain_sniff(in->body) && !charset_label_is_wide(plain_charset(in->declared)))
        return SNIFF_NO;
    return is_mail_body(in) ? SNIFF_STRONG : SNIFF_WEAK;
}

static enum walk_end text_walk(struct walk *w, const struct body *body)
{
    struct plain p = plain_read(w, body, plain_charset(w->declared), false);
    if (p.binary)
        return WALK_NOT_MINE;
    if (walk_over(w))
        return WALK_LIMIT;
    plain_view(w, p.text, range_of(0, body->all.len));
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_text = {
    .name = "text",
    .spec = "RFC 2046 4.1",
    .sniff = text_sniff,
    .walk = text_walk,
};
