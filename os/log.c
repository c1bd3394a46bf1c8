/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines; see log.h. One write(2) per line, so that lines of several processes do not mix. */
#include "os/log.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, QUOTE_FROM = 256 };

static struct {
    const char *program;
    enum log_level most;
    bool journal;
} target = { "sekisho", LOG_LEVEL_NOTICE, false };

void log_open(const char *program, enum log_level most)
{
    target.program = program;
    target.most = most;
    target.journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const words[] = { "error: ", "warning: ", "", "", "debug: " };
    static const int priority[] = { 3, 4, 5, 6, 7 }; /* RFC 5424 6.2.1 */
    if (level > target.most)
        return;
    char line[LINE_MAX_BYTES];
    int n = target.journal
                ? snprintf(line, sizeof line, "<%d>%s: ", priority[level], target.program)
                : snprintf(line, sizeof line, "%s: %s", target.program, words[level]);
    if (n < 0 || n > 512)
        return;
    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
    va_end(args);
    size_t len = strlen(line);
    if (more < 0)
        return;
    for (size_t i = (size_t)n; i < len; i++) /* one event is one line, whatever was printed */
        if ((uint8_t)line[i] < ' ')
            line[i] = ' ';
    line[len++] = '\n';
    while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
        ;
}

const char *log_quote(slice s, char out[LOG_QUOTE_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    slice cut = slice_sub(s, 0, QUOTE_FROM);
    size_t n = 0;
    for (size_t pos = 0; pos < cut.len;) {
        size_t from = pos;
        uint32_t code = utf8_next(cut, &pos);
        bool broken = code == 0xfffd && pos - from == 1;
        /* C0, DEL, C1, line separators and direction controls would change how the line reads */
        bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) ||
                       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
        for (size_t i = from; i < pos; i++) {
            uint8_t byte = cut.at[i];
            if (broken || control) {
                out[n++] = '\\';
                out[n++] = 'x';
                out[n++] = digits[byte >> 4];
                out[n++] = digits[byte & 15];
            } else {
                if (byte == '"' || byte == '\\')
                    out[n++] = '\\';
                out[n++] = (char)byte;
            }
        }
    }
    if (s.len > cut.len)
        for (int i = 0; i < 3; i++)
            out[n++] = '.';
    out[n] = 0;
    return out;
}
