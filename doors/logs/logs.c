/* SPDX-License-Identifier: Apache-2.0 */
/* logs - see logs.h. */
#include "base/text.h"
#include "doors/logs/logs_private.h"

#define LOG_FORMAT(name) extern const struct log_format log_##name;
#include "logs_table.inc"
#undef LOG_FORMAT

#define LOG_FORMAT(name) &log_##name,
static const struct log_format *const formats[] = {
#include "logs_table.inc"
};
#undef LOG_FORMAT

enum { FORMATS = sizeof formats / sizeof formats[0], LINE_MEMORY = 32 << 20 };
_Static_assert(sizeof formats / sizeof formats[0] <= LOG_FORMATS_MAX, "a number for each");

struct logs *logs_new(struct arena *mem, const struct log_clock *clock,
                      const struct log_format *only)
{
    struct logs *g = ARENA_NEW(mem, struct logs);
    if (!g)
        return NULL;
    *g = (struct logs){
        .mem = mem, .clock = *clock, .only = only, .scratch = arena_new(LINE_MEMORY)
    };
    return g->scratch ? g : NULL;
}

void logs_drop(struct logs **g)
{
    if (*g)
        arena_drop(&(*g)->scratch);
    *g = NULL;
}

const struct log_format *log_format_by_name(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

void log_format_names(struct buf *out)
{
    for (size_t i = 0; i < FORMATS; i++)
        buf_format(out, "%s%s", i ? ", " : "", formats[i]->name);
}

void logs_formats(const struct logs *g, struct buf *out)
{
    const char *between = "";
    for (size_t i = 0; i < FORMATS; i++)
        if (g->taken[i]) {
            buf_format(out, "%s%s %llu", between, formats[i]->name,
                       (unsigned long long)g->taken[i]);
            between = ", ";
        }
}

static enum log_line try(struct logs *g, size_t format, const struct log_text *t,
                         struct contact *out)
{
    if (g->only && g->only != formats[format])
        return LOG_UNREAD;
    *out = (struct contact){ .time = t->time };
    enum log_line r = formats[format]->read(g, t, out);
    if (r != LOG_UNREAD) {
        g->last = format;
        g->taken[format] += r == LOG_READ;
    }
    return r;
}

enum log_line logs_read(struct logs *g, slice line, struct contact *out)
{
    struct log_text t;
    g->lines++;
    while (line.len && (line.at[line.len - 1] == '\r' || line.at[line.len - 1] == ' '))
        line.len--;
    if (!line.len)
        return LOG_PASSED;
    log_prefix(line, &g->clock, &t);
    enum log_line r = try(g, g->last, &t, out);
    for (size_t i = 0, first = g->last; r == LOG_UNREAD && i < FORMATS; i++)
        if (i != first)
            r = try(g, i, &t, out);
    return r;
}

/* --- what several readers need */

bool log_is_address(slice s)
{
    size_t dots = 0, colons = 0;
    for (size_t i = 0; i < s.len; i++) {
        dots += s.at[i] == '.';
        colons += s.at[i] == ':';
        if (s.at[i] == '%' && colons) /* zone of IPv6 */
            break;
        if (s.at[i] != '.' && s.at[i] != ':' && ascii_hex(s.at[i]) < 0)
            return false;
    }
    return s.len >= 2 && s.len <= 80 && (dots == 3 || colons >= 2);
}

slice log_name(slice s)
{
    if (s.len > 1 && s.at[s.len - 1] == '.')
        s.len--;
    return s;
}

enum contact_outcome log_outcome_of_status(unsigned status)
{
    if (status == 0)
        return OUTCOME_UNKNOWN;
    return status >= 500 || status == 407 ? OUTCOME_FAILED : OUTCOME_ANSWERED;
}

enum contact_outcome log_outcome_of_reply(slice code)
{
    return slice_is(code, "NOERROR") ? OUTCOME_ANSWERED : OUTCOME_FAILED;
}
