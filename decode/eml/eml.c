/* SPDX-License-Identifier: Apache-2.0 */
/* eml - Internet mail: RFC 5322 and 6532 (messages), 2045-2047 and 2231 (MIME).
 *
 * Mail programs disagree on malformed mail, and attackers use what the gateway
 * reads otherwise than the victim's program. So nothing is an error, and where
 * programs differ (duplicate fields, several boundaries, encodings that lie,
 * multiparts in text) every reading is walked; see eml_multipart.c, eml_leaf.c.
 *
 * Left out: reassembly of message/partial (told as a fact), S/MIME and TNEF
 * (formats of their own), judging of anything (observe/whole).
 */
#include "base/text.h"
#include "decode/types.h"
#include "eml_private.h"

enum {
    SNIFF_BYTES = 64 * 1024, /* relays and filters write long fields on top */
    BLANKS_MAX = 64 * 1024, /* blank lines before the header */
};

/* --- sniffing */

struct look {
    size_t known, total;
    bool trace;  /* a field that people do not write into text */
    bool mbox;   /* begins with a "From " line */
    bool header; /* the first line is a field */
};

/* Past a mark and lines of nothing but blanks: some programs still find the header there. */
static size_t skip_head(slice in)
{
    size_t start = slice_starts(in, SLICE_LIT("\xef\xbb\xbf")) ? 3 : 0;
    for (size_t i = start; i < in.len && i < BLANKS_MAX && ascii_space(in.at[i]); i++)
        if (in.at[i] == '\r' || in.at[i] == '\n')
            start = i + 1;
    return start;
}

static bool is_trace(enum eml_name id)
{
    return id == EML_RECEIVED || id == EML_RETURN_PATH || id == EML_MESSAGE_ID ||
           id == EML_MIME_VERSION || id == EML_CONTENT_TYPE || id == EML_DELIVERED_TO;
}

static struct look look_at(slice in)
{
    struct look k = { 0 };
    size_t from = skip_head(in);
    in = slice_sub(in, 0, from + SNIFF_BYTES);
    struct eml_lines lines = eml_lines_of(in, from, in.len);
    struct eml_line l;
    for (size_t i = 0; eml_lines_next(&lines, &l) && !(k.known > 1 && k.trace); i++) {
        slice s = slice_sub(in, l.at, l.end - l.at);
        if (i == 0 && slice_starts(s, SLICE_LIT("From "))) {
            k.mbox = true;
            continue;
        }
        if (k.total && s.len && (s.at[0] == ' ' || s.at[0] == '\t'))
            continue;
        size_t n = eml_header_field(s);
        if (n == 0)
            break;
        k.header |= i == 0;
        k.total++;
        enum eml_name id = eml_header_name(slice_sub(s, 0, n));
        k.known += id != EML_OTHER;
        k.trace |= is_trace(id);
    }
    return k;
}

static bool declared_mail(slice declared, slice name)
{
    return slice_starts_nocase(declared, "message/rfc822") ||
           slice_starts_nocase(declared, "message/global") ||
           slice_starts_nocase(declared, "message/news") || slice_ends_nocase(name, ".eml");
}

static bool printable(slice in)
{
    for (size_t i = skip_head(in), end = i + 32; i < end && i < in.len; i++)
        if (in.at[i] < ' ' && !ascii_space(in.at[i]) && in.at[i] != 0x1b)
            return false;
    return true;
}

static enum sniff eml_sniff(const struct sniff_input *in)
{
    slice all = in->body->all;
    bool declared = declared_mail(in->declared, in->name);
    if (all.len == 0 || (!declared && !printable(all)))
        return SNIFF_NO;
    struct look k = look_at(all);
    if (declared)
        return k.header || k.mbox || printable(all) ? SNIFF_STRONG : SNIFF_NO;
    if (k.mbox || slice_starts_nocase(in->declared, "message/") ||
        slice_starts_nocase(in->declared, "text/rfc822"))
        return SNIFF_NO; /* a mailbox; or delivery reports, header copies */
    bool text =
        slice_starts_nocase(in->declared, "text/") || (in->mail_part && in->declared.len == 0);
    if (text && !k.trace)
        return SNIFF_NO; /* "From: .. To: .." above a quoted mail is text */
    if (k.known >= 2)
        return SNIFF_STRONG;
    bool named = type_by_extension(type_extension_of(in->name)) != NULL;
    return k.known == 1 && k.header && !in->mail_part && !named ? SNIFF_WEAK : SNIFF_NO;
}

/* --- entities */

/* Bodies that were transfer-encoded as a whole, which RFC 2045 6.4 forbids. */
static bool walk_encoded_multipart(struct eml *e, const struct eml_content *c, size_t from,
                                   size_t to)
{
    size_t junk;
    enum eml_encoding how = eml_leaf_encoding(c);
    if (how != EML_BASE64 && how != EML_QUOTED_PRINTABLE)
        return false;
    struct body body = eml_encoding_decode(e->w, how, slice_sub(e->in, from, to - from), &junk);
    struct eml inner = *e;
    inner.in = body.all;
    inner.detached = true;
    inner.indexed = false;
    inner.dashes = NULL;
    inner.n_dashes = 0;
    inner.done = NULL;
    inner.n_done = inner.room_done = 0;
    bool found = eml_multipart_walk(&inner, c, 0, body.all.len);
    e->deepest = inner.deepest;
    e->readings = inner.readings;
    e->attachments = inner.attachments;
    e->said = inner.said;
    e->limited = inner.limited;
    body_release(&body);
    return found;
}

void eml_body_walk(struct eml *e, const struct eml_content *c, size_t from, size_t to)
{
    if (!c->multipart) {
        eml_leaf_walk(e, c, from, to);
        return;
    }
    bool only = slice_starts(c->type, SLICE_LIT("multipart")); /* no type says it is a leaf */
    size_t splits = e->splits;
    e->splits = only ? splits : 2;
    bool found = eml_multipart_walk(e, c, from, to) || walk_encoded_multipart(e, c, from, to);
    if (!found || only)
        e->splits = splits;
    if (found && only)
        return;
    struct eml_content leaf = *c;
    leaf.searched = true;
    if (only) { /* shown as text by some */
        leaf.type = SLICE_LIT("text/plain");
        leaf.declared = (slice){ 0 };
    }
    if (found)
        walk_int(e->w, FACT_MIME_READINGS, 2, eml_range(e, from, to));
    else if (c->says_so)
        walk_flag(e->w, FACT_MIME_BOUNDARY_MISSING, c->at);
    eml_leaf_walk(e, &leaf, from, to);
    e->splits = splits;
}

void eml_entity_walk(struct eml *e, size_t from, size_t to, bool digest)
{
    struct eml_header h;
    struct eml_content c;
    if (walk_over(e->w))
        return;
    eml_header_read(e->w, e->in, from, to, &h);
    if (h.limit) {
        e->limited = true;
        return;
    }
    if (!h.ended && h.contents == 0)
        h.body = from; /* text at once, without a header */
    eml_content_read(e, &h, from, digest, &c);
    eml_body_walk(e, &c, h.body, to);
}

/* --- the mail */

static void end_of_mail(struct eml *e)
{
    struct range all = eml_range(e, 0, e->in.len);
    if (e->deepest)
        walk_int(e->w, FACT_MIME_DEPTH, e->deepest, all);
    walk_int(e->w, FACT_EMAIL_ATTACHMENTS_COUNT, (int64_t)e->attachments, all);
}

/* A file of which it is not sure that it is a mail is read as text as well. */
static void walk_as_text(struct walk *w, const struct body *body)
{
    struct child c = { .how = w->how,
                       .at = range_of(0, body->all.len),
                       .body = body,
                       .format = format_named("text") };
    if (c.format)
        (void)walk_child(w, &c);
}

static enum walk_end eml_walk(struct walk *w, const struct body *body)
{
    struct eml e = { .w = w, .in = body->all, .readings = EML_READINGS };
    struct eml_header h;
    struct eml_content c;
    size_t from = skip_head(e.in);
    bool sure = declared_mail(w->declared, w->name) || w->how == HOW_MBOX;
    if (!sure && !look_at(e.in).known)
        return WALK_NOT_MINE;
    eml_header_read(w, e.in, from, e.in.len, &h);
    if (!h.ended && h.count == 0 && !slice_starts(slice_from(e.in, from), SLICE_LIT("From ")))
        h.body = from;
    walk_event(w, EVENT_MAIL);
    eml_facts_header(&e, &h);
    eml_content_read(&e, &h, from, false, &c);
    if (h.limit)
        e.limited = true;
    else
        eml_body_walk(&e, &c, h.body, e.in.len);
    if (!sure && h.n + (h.count > h.n) < 2)
        walk_as_text(w, body);
    end_of_mail(&e);
    return e.limited || walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_eml = {
    .name = "eml",
    .spec = "RFC 5322, 6532; RFC 2045-2047, 2183, 2231",
    .sniff = eml_sniff,
    .walk = eml_walk,
};
