/* SPDX-License-Identifier: Apache-2.0 */
/* iqy - query files of Excel: text that tells where to fetch a table from, which Excel does when
 * the file is opened. Web queries (.iqy: "WEB", a version, the address, what to send), ODBC queries
 * (.dqy: "XLODBC", a version, the connection, SQL), OLE DB and OLAP queries (.rqy, .oqy: keys and
 * values), as the Query wizard writes them.
 *
 * What is fetched is a table whose cells may be formulas (DDE, 2018); a connection to a file server
 * sends the Windows credentials there. Left out: prompts ("?...") in addresses are kept as text. */
#include "base/text.h"
#include "decode/links.h"
#include "decode/plain.h"
#include "decode/shared/remote.h"
#include "decode/types.h"

enum { HEAD = 512, LINES_MAX = 64, LINE_MAX = 8192, SAID_MAX = 16 };

static const char *kind_of(slice first)
{
    first = slice_trim(first);
    if (slice_is_nocase(first, "WEB"))
        return "web";
    if (slice_is_nocase(first, "XLODBC"))
        return "odbc";
    return slice_starts_nocase(first, "QueryType=") ? "oledb" : NULL;
}

static slice first_line(slice s)
{
    if (slice_starts(s, SLICE_LIT("\xef\xbb\xbf")))
        s = slice_from(s, 3);
    size_t i = 0;
    while (i < s.len && s.at[i] != '\n' && s.at[i] != '\r')
        i++;
    return slice_sub(s, 0, i);
}

/* Excel goes by the extension, and then takes an address without the lines before it. */
static enum sniff iqy_sniff(const struct sniff_input *in)
{
    slice head = slice_sub(in->body->all, 0, HEAD);
    const struct type_row *t = type_by_extension(type_extension_of(in->name));
    bool named = t && slice_is(slice_of(t->name), "iqy");
    if (named && plain_sniff(in->body))
        return SNIFF_STRONG;
    const char *kind = kind_of(first_line(head));
    if (!kind)
        return SNIFF_NO;
    if (kind[0] != 'w')
        return SNIFF_STRONG;
    /* a text may begin with the word: a version and an address must follow */
    slice rest = slice_trim(slice_from(head, first_line(head).len));
    bool version = rest.len > 1 && ascii_digit(rest.at[0]) && ascii_space(rest.at[1]);
    rest = version ? slice_trim(slice_from(rest, 1)) : rest;
    return version && (slice_starts_nocase(rest, "http") || slice_starts_nocase(rest, "ftp:") || slice_starts_nocase(rest, "file:") ||
                       slice_starts(rest, SLICE_LIT("\\\\"))) ? SNIFF_STRONG : SNIFF_NO;
}

static enum walk_end iqy_walk(struct walk *w, const struct body *body)
{
    struct plain p = plain_read(w, body, (slice){ 0 }, true);
    const char *kind = kind_of(first_line(p.text));
    unsigned said = 0, n = 0;
    walk_cstr(w, FACT_QUERY_KIND, kind ? kind : "web", NOWHERE);
    for (size_t pos = 0; pos < p.text.len && n < LINES_MAX && said < SAID_MAX; n++) {
        size_t from = pos;
        slice raw = slice_from(p.text, pos);
        size_t end = 0;
        while (end < raw.len && raw.at[end] != '\n' && raw.at[end] != '\r')
            end++;
        pos += end + 1;
        slice line = slice_sub(slice_trim(slice_sub(raw, 0, end)), 0, LINE_MAX);
        if (!walk_work(w, 20 + end))
            return WALK_LIMIT;
        struct range at = plain_range(&p, from, from + end);
        /* the connection, or the address: which may hold blanks, and has no scheme where it is a path */
        if (line.len > 1 && walk_remote(w, line, at, "query.source") != REMOTE_NONE) {
            walk_text(w, FACT_QUERY_SOURCE, line, at);
            said++;
        } else if (slice_find_byte(line, '=', 0) != SIZE_MAX) {
            if (slice_starts_nocase(line, "DRIVER=") || slice_starts_nocase(line, "DSN=") || slice_starts_nocase(line, "Connection=") || slice_starts_nocase(line, "ODBC;")) {
                walk_text(w, FACT_QUERY_SOURCE, line, at);
                said++;
            }
            walk_remote_in(w, line, at, "query.source");
        }
    }
    plain_view(w, p.text, range_of(0, body->all.len));
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_iqy = {
    .name = "iqy",
    .spec = "Query files of Excel (web, ODBC, OLE DB)",
    .sniff = iqy_sniff,
    .walk = iqy_walk,
};
