/* SPDX-License-Identifier: Apache-2.0 */
/* calendar - invitations: RFC 5545 (iCalendar) and vCalendar 1.0.
 *
 * What is shown is text, what is attached a file or a link, and the page that
 * Outlook shows in place of the description (X-ALT-DESC) a page. Left out:
 * times, repetition, people.
 */
#include "base/text.h"
#include "decode/shared/contentline.h"
#include "decode/links.h"

enum { TEXT_MAX = 4 << 20 };

static enum sniff calendar_sniff(const struct sniff_input *in)
{
    return content_sniff(in->body, "VCALENDAR");
}

/* RFC 8607 FILENAME, and what programs wrote before it. */
static slice file_name(const struct content_line *l)
{
    static const char *const names[] = { "FILENAME", "X-FILENAME", "X-ORACLE-FILENAME", "X-APPLE-FILENAME", "X-LABEL" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        slice name = content_parameter(l, names[i]);
        if (name.len)
            return name;
    }
    return (slice){ 0 };
}

static void give_page(struct walk *w, const struct content_line *l)
{
    slice text = content_text(w, l);
    struct body body = body_borrow(text);
    struct child child = {
        .declared = SLICE_LIT("text/html; charset=utf-8"),
        .how = w->how,
        .at = range_of(l->at, l->end - l->at),
        .body = &body,
        .format = format_named("html"),
        .attachment = w->attachment,
    };
    if (text.len)
        (void)walk_child(w, &child);
}

static void read_line(struct walk *w, const struct content_line *l, struct buf *text)
{
    static const char *const shown[] = { "SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "X-WR-CALNAME", "X-WR-CALDESC" };
    static const char *const links[] = { "URL", "CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGCONFLINK", "SOURCE", "TZURL" };
    static const char *const files[] = { "ATTACH", "IMAGE", "AALARM", "PALARM" };
    bool page = slice_is_nocase(content_parameter(l, "FMTTYPE"), "text/html");
    if (content_is(l, "X-ALT-DESC") || (content_is(l, "STYLED-DESCRIPTION") && page))
        give_page(w, l);
    else if (CONTENT_IS_ANY(l, files))
        content_attachment(w, l, file_name(l), content_parameter(l, "FMTTYPE"), "calendar.attach");
    else if (CONTENT_IS_ANY(l, links))
        walk_link(w, content_text(w, l), (slice){ 0 }, range_of(l->at, l->end - l->at), "calendar.url");
    else if (CONTENT_IS_ANY(l, shown))
        content_add(text, content_text(w, l));
}

static enum walk_end calendar_walk(struct walk *w, const struct body *body)
{
    return content_walk(w, body, "VCALENDAR", TEXT_MAX, read_line);
}

const struct format format_calendar = {
    .name = "calendar",
    .spec = "RFC 5545 3; RFC 7986; vCalendar 1.0",
    .sniff = calendar_sniff,
    .walk = calendar_walk,
};
