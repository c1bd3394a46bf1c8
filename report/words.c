/* SPDX-License-Identifier: Apache-2.0 */
/* words - attacker's text made safe to show: defanged and without control characters. */
#include "base/text.h"
#include "report/report.h"

enum { BAD_BYTE = 0xFFFD }; /* what utf8_next() makes of a byte that is no UTF-8 */

static size_t scheme_at(slice s, size_t i)
{
    static const char *const schemes[] = { "http://", "https://", "ftp://" };
    for (size_t k = 0; k < sizeof schemes / sizeof schemes[0]; k++)
        if (slice_starts_nocase(slice_from(s, i), schemes[k]))
            return strlen(schemes[k]);
    return 0;
}

void report_defang(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len;) {
        size_t n = scheme_at(text, i);
        if (n == 0) {
            buf_byte(out, text.at[i++]);
            continue;
        }
        buf_text(out, ascii_lower(text.at[i]) == 'f' ? "fxp://" : n == 8 ? "hxxps://" : "hxxp://");
        /* Only the host's dots: the path stays readable. */
        for (i += n; i < text.len && text.at[i] > ' ' && text.at[i] != '/' && text.at[i] != '"'; i++) {
            if (text.at[i] == '.')
                buf_text(out, "[.]");
            else
                buf_byte(out, text.at[i]);
        }
    }
}

void report_printable(struct buf *out, slice utf8, size_t max)
{
    slice s = utf8_cut(utf8, max);
    for (size_t pos = 0; pos < s.len;) {
        size_t from = pos;
        uint32_t code = utf8_next(s, &pos);
        if (code == '\n' || code == '\r' || code == '\t')
            buf_byte(out, ' ');
        else if (utf8_deceives(code))
            buf_format(out, "<U+%04X>", (unsigned)code);
        else if (code == BAD_BYTE && pos - from == 1) /* alone it may be a C1 control to the terminal */
            buf_format(out, "\xEF\xBF\xBD<%02X>", s.at[from]);
        else
            buf_put(out, slice_sub(s, from, pos - from));
    }
    if (s.len < utf8.len)
        buf_text(out, "…");
}
