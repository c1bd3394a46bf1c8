/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about trouble in the world; see err.h. A text that is too long is cut. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, int code, const char *format, ...)
{
    if (!e)
        return code;
    e->code = code;
    va_list args;
    va_start(args, format);
    if (vsnprintf(e->text, sizeof e->text, format, args) < 0)
        e->text[0] = 0;
    va_end(args);
    return code;
}

int err_while(struct err *e, const char *format, ...)
{
    if (!e)
        return 0;
    char head[ERR_MAX];
    va_list args;
    va_start(args, format);
    int printed = vsnprintf(head, sizeof head - 8, format, args);
    va_end(args);
    if (printed < 0)
        return e->code;

    static const char before[] = "while ", after[] = ": ";
    size_t n = strlen(head), edge = sizeof before - 1 + n + sizeof after - 1;
    if (edge > ERR_MAX - 1) { /* the head alone fills the text */
        n -= edge - (ERR_MAX - 1);
        edge = ERR_MAX - 1;
    }
    size_t tail = strlen(e->text);
    if (tail > ERR_MAX - 1 - edge)
        tail = ERR_MAX - 1 - edge;
    memmove(e->text + edge, e->text, tail);
    e->text[edge + tail] = 0;
    memcpy(e->text, before, sizeof before - 1);
    memcpy(e->text + sizeof before - 1, head, n);
    memcpy(e->text + edge - (sizeof after - 1), after, sizeof after - 1);
    return e->code;
}
