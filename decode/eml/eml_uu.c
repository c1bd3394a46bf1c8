/* SPDX-License-Identifier: Apache-2.0 */
/* uuencode (POSIX uuencode, also begin-base64) inside text.
 *
 * Outlook shows such a block as an attachment whatever the MIME header says.
 * The block ends at "end", at a line that cannot be of it, or with the text.
 */
#include "base/text.h"
#include "eml_private.h"

enum { LINE_MAX_UU = 256 };

static bool begin_line(slice line, struct eml_uu *out)
{
    size_t i;
    out->base64 = slice_starts(line, SLICE_LIT("begin-base64 "));
    if (!out->base64 && !slice_starts(line, SLICE_LIT("begin ")))
        return false;
    i = out->base64 ? 13 : 6;
    size_t from = i;
    while (i < line.len && line.at[i] >= '0' && line.at[i] <= '7')
        i++;
    if (i - from < 3 || i - from > 4 || i >= line.len || line.at[i] != ' ')
        return false;
    out->name = slice_trim(slice_from(line, i));
    return out->name.len > 0;
}

/* A data line holds as many characters as its first one says; some encoders cut
 * blanks at the end or add a checksum character. */
static bool data_line(slice line)
{
    if (line.len == 0 || line.at[0] < ' ' || line.at[0] > '`')
        return false;
    size_t bytes = (size_t)(line.at[0] - ' ') & 63, want = 1 + (bytes + 2) / 3 * 4;
    return line.len <= want + 2 && line.len + 4 >= want;
}

static slice text_of(slice in, const struct eml_line *l)
{
    return slice_sub(in, l->at, l->end - l->at);
}

/* From the line behind "begin" on; false when no data is there. */
static bool read_block(slice in, struct eml_uu *out)
{
    struct eml_lines lines = eml_lines_of(in, out->data, in.len);
    struct eml_line l;
    size_t n = 0;
    out->to = out->data;
    while (eml_lines_next(&lines, &l)) {
        slice line = text_of(in, &l);
        bool ends = slice_starts(line, out->base64 ? SLICE_LIT("====") : SLICE_LIT("end"));
        if (ends && (out->base64 || line.len <= 4 || !data_line(line))) {
            out->to = l.next;
            break;
        }
        if (!out->base64 && !data_line(line) && line.len > 0)
            break;
        n += line.len > 1;
        out->to = l.next;
    }
    return n > 0;
}

bool eml_uu_find(slice in, size_t from, struct eml_uu *out)
{
    uint8_t eol = slice_find_byte(in, '\n', from) == SIZE_MAX ? '\r' : '\n';
    for (size_t at = from; at < in.len;) {
        if (in.at[at] == 'b' && slice_starts(slice_from(in, at), SLICE_LIT("begin"))) {
            struct eml_lines lines =
                eml_lines_of(slice_sub(in, 0, at + LINE_MAX_UU), at, at + LINE_MAX_UU);
            struct eml_line l;
            if (eml_lines_next(&lines, &l) && begin_line(text_of(in, &l), out)) {
                out->from = at;
                out->data = l.next;
                if (read_block(in, out))
                    return true;
            }
        }
        size_t end = slice_find_byte(in, eol, at);
        if (end == SIZE_MAX)
            return false;
        at = end + 1;
    }
    return false;
}

static inline uint32_t value(slice s, size_t i)
{
    return i < s.len ? (uint32_t)(s.at[i] - ' ') & 63 : 0;
}

void eml_uu_decode(struct body_writer *bw, slice text)
{
    struct eml_lines lines = eml_lines_of(text, 0, text.len);
    struct eml_line l;
    struct eml_uu unused;
    while (eml_lines_next(&lines, &l)) {
        slice line = text_of(text, &l);
        uint8_t out[64];
        if (!data_line(line) || begin_line(line, &unused))
            continue;
        if (slice_is(slice_trim(line), "end"))
            return;
        size_t bytes = value(line, 0), n = 0;
        for (size_t i = 1; n < bytes; i += 4) {
            uint32_t v = value(line, i) << 18 | value(line, i + 1) << 12 | value(line, i + 2) << 6 |
                         value(line, i + 3);
            for (int shift = 16; shift >= 0 && n < bytes; shift -= 8)
                out[n++] = (uint8_t)(v >> shift);
        }
        if (n && !body_writer_put(bw, (slice){ out, n }))
            return;
    }
}
