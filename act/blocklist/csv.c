/* SPDX-License-Identifier: Apache-2.0 */
/* csv - all indicators with where they come from (RFC 4180, every field in quotes). A field that
 * a spreadsheet would take for a formula gets an apostrophe in front. */
#include "act/blocklist/blocklist.h"

#include <stdio.h>

static void field(struct buf *out, slice text, bool last)
{
    buf_byte(out, '"');
    if (text.len && memchr("=+-@\t\r", text.at[0], 6))
        buf_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, text.at[i]);
    }
    buf_text(out, last ? "\"\r\n" : "\",");
}

static void put(struct buf *out, const struct blocklist *b)
{
    buf_text(out, "kind,value,certainty,verdict,name,from,file,sha256,part,line\r\n");
    for (size_t i = 0; i < b->n; i++) {
        const struct block *e = &b->at[i];
        char line[16] = "";
        if (e->line != NO_LINE)
            snprintf(line, sizeof line, "%u", e->line);
        const slice fields[] = { slice_of(indicator_kind_name(e->kind)),
                                 e->value,
                                 slice_of(indicator_sure_name(e->sure)),
                                 slice_of(verdict_name(e->verdict)),
                                 e->name,
                                 e->from,
                                 e->file,
                                 e->sha256,
                                 e->part,
                                 slice_of(line) };
        for (size_t k = 0; k < 10; k++)
            field(out, fields[k], k == 9);
    }
}

const struct blocklist_writer blocklist_csv = { "csv", put };
