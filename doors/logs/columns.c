/* SPDX-License-Identifier: Apache-2.0 */
/* columns - tables with a header: CSV (RFC 4180) with commas or semicolons, TSV, bars, the W3C
 * extended log format ("#Fields:") and Zeek's ("#fields").
 *
 * What a column holds is guessed from its name, in English or Japanese. Where the header is not
 * UTF-8 it is CP932, as Excel and most Japanese products write it, and so are the lines.
 * Leaves out line breaks inside quotes. */
#include "base/charset.h"
#include "base/text.h"
#include "doors/logs/fields.h"

enum { FIELDS_MAX = 256, HEADER_MAX = 16384, HEADER_LINES = 32 };

struct columns {
    uint8_t delimiter;
    bool utc, cp932;
    size_t of[LOG_FIELDS]; /* the field and 1; 0: there is none */
};

/* One field, without its quotes; doubled ones inside stay doubled. */
static slice field(slice *rest, uint8_t delimiter)
{
    size_t end;
    slice s;
    if (rest->len && rest->at[0] == '"') {
        end = 1;
        while (end < rest->len &&
               (rest->at[end] != '"' || (end + 1 < rest->len && rest->at[end + 1] == '"')))
            end += rest->at[end] == '"' ? 2 : 1;
        s = slice_sub(*rest, 1, end > rest->len ? rest->len : end - 1);
        end = slice_find_byte(*rest, delimiter, end);
    } else {
        end = slice_find_byte(*rest, delimiter, 0);
        s = slice_sub(*rest, 0, end == SIZE_MAX ? rest->len : end);
    }
    *rest = end == SIZE_MAX ? (slice){ 0 } : slice_from(*rest, end + 1);
    return slice_trim(s);
}

static size_t header_of(slice line, uint8_t delimiter, struct columns *out)
{
    size_t found = 0;
    *out = (struct columns){ .delimiter = delimiter };
    for (size_t i = 0; i < FIELDS_MAX && line.at; i++) {
        enum log_field is;
        if (!log_field_of(field(&line, delimiter), &is))
            continue;
        /* "date" and "time"; "time" alone is both */
        if (!out->of[is]) {
            out->of[is] = i + 1;
            found++;
        }
    }
    bool what = out->of[URL] || out->of[HOST] || out->of[PEER];
    bool who = out->of[CLIENT] || out->of[TIME] || out->of[DATE];
    return what && who ? found : 0;
}

/* True: the line was a header, for better or worse. */
static bool take_header(struct logs *g, slice line)
{
    struct columns best = { 0 }, one;
    size_t most = 0;
    bool utc = false, cp932 = false;
    const char *delimiters = "\t,;|";
    if (slice_starts(line, SLICE_LIT("\xef\xbb\xbf")))
        line = slice_from(line, 3);
    if (line.len > HEADER_MAX)
        return false;
    if (slice_starts_nocase(line, "#fields")) {
        utc = line.len > 7 && line.at[7] == ':';
        line = slice_from(line, 8);
        line = utc ? slice_trim(line) : line;
        delimiters = utc ? " \t" : "\t";
    }
    if (!utf8_valid(line)) {
        line = charset_decode_id(g->scratch, CHARSET_CP932, line).text;
        cp932 = true;
    }
    for (const char *d = delimiters; *d; d++) {
        size_t n = header_of(line, (uint8_t)*d, &one);
        if (n > most) {
            most = n;
            best = one;
        }
    }
    arena_reset(g->scratch);
    if (most < 2)
        return false;
    struct columns *kept = g->columns ? g->columns : ARENA_NEW(g->mem, struct columns);
    if (!kept)
        return false;
    *kept = best;
    kept->utc = utc; /* W3C: "in GMT" */
    kept->cp932 = cp932;
    g->columns = kept;
    return true;
}

static enum log_line read_row(struct logs *g, slice line, struct contact *out)
{
    slice got[LOG_FIELDS] = { 0 };
    const struct columns *c = g->columns;
    struct log_clock clock = g->clock;
    size_t i = 0, last = 0;
    for (int k = 0; k < LOG_FIELDS; k++)
        last = c->of[k] > last ? c->of[k] : last;
    for (; i < last && line.at; i++) { /* field() takes the text away behind the last */
        slice s = field(&line, c->delimiter);
        for (int k = 0; k < LOG_FIELDS; k++)
            if (c->of[k] == i + 1)
                got[k] = s;
    }
    if (c->utc && !clock.zone_given) {
        clock.zone_given = true;
        clock.zone = 0;
    }
    enum log_line is = log_fields_read(g, got, &clock, out);
    /* A table of names alone is a resolver's. */
    if (c->of[HOST] && !c->of[URL] && !c->of[PATH] && !c->of[STATUS] && !c->of[METHOD] &&
        !c->of[PEER] && !c->of[BYTES])
        out->kind = CONTACT_NAME;
    return is == LOG_PASSED && i < last ? LOG_UNREAD : is;
}

static enum log_line read_columns(struct logs *g, const struct log_text *t, struct contact *out)
{
    slice line = t->line;
    bool comment = line.at[0] == '#';
    if (comment || !g->columns) {
        bool early = g->lines <= HEADER_LINES;
        if ((comment ? slice_starts_nocase(line, "#fields") : early) && take_header(g, line))
            return LOG_PASSED;
        return comment && (early || g->columns) ? LOG_PASSED : LOG_UNREAD;
    }
    if (arena_spent(g->scratch))
        arena_reset(g->scratch);
    if (g->columns->cp932 && !utf8_valid(line))
        line = charset_decode_id(g->scratch, CHARSET_CP932, line).text;
    return read_row(g, line, out);
}

const struct log_format log_columns = { "columns", read_columns };
