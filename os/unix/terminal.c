/* SPDX-License-Identifier: Apache-2.0 */
/* Terminals on Linux; see terminal.h. Escape sequences: ECMA-48 8.3.117 (SGR), 8.3.41 (EL). */
#include "os/terminal.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct terminal terminal_of(int fd)
{
    struct terminal t = { .fd = fd, .here = isatty(fd) == 1, .width = 80 };
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    t.colours = t.here && !(no_color && no_color[0]) && term && strcmp(term, "dumb") != 0;
    struct winsize size;
    if (t.here && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        t.width = size.ws_col;
    return t;
}

const char *terminal_locale(void)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return NULL;
}

const char *terminal_colour(const struct terminal *t, enum terminal_colour c)
{
    static const char *const codes[] = { "\033[0m",  "\033[31m", "\033[32m", "\033[33m",
                                         "\033[34m", "\033[1m",  "\033[2m" };
    return t->colours ? codes[c] : "";
}

static void put(const struct terminal *t, const char *s)
{
    size_t len = strlen(s);
    while (len) {
        ssize_t n = write(t->fd, s, len);
        if (n <= 0)
            return; /* a progress bar is not worth an error */
        s += n;
        len -= (size_t)n;
    }
}

void terminal_bar_draw(const struct terminal *t, struct terminal_bar *bar, uint64_t now_us,
                       uint64_t done, uint64_t all, const char *label)
{
    enum { EVERY_US = 100000, CELLS_MAX = 40 };
    if (!t->here || (bar->shown && now_us - bar->drawn_us < EVERY_US))
        return;
    unsigned cells = t->width > 60 ? CELLS_MAX : t->width / 3;
    uint64_t cell_is = all / cells + 1, filled = done >= all ? cells : done / cell_is;
    char cell[CELLS_MAX + 1] = { 0 }, line[256];
    for (unsigned i = 0; i < cells; i++)
        cell[i] = i < filled ? '#' : '.';
    (void)snprintf(line, sizeof line, "\r\033[K[%s] %llu/%llu %.*s", cell, (unsigned long long)done,
                   (unsigned long long)all,
                   (int)(t->width > cells + 30 ? t->width - cells - 30 : 0), label);
    put(t, line);
    bar->drawn_us = now_us;
    bar->shown = true;
}

void terminal_bar_clear(const struct terminal *t, struct terminal_bar *bar)
{
    if (bar->shown)
        put(t, "\r\033[K");
    bar->shown = false;
}

/* Wide by Unicode Standard Annex 11, as terminals treat it: the large blocks only. */
static unsigned columns_of(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x300 && c < 0x370) ||
        (c >= 0x200b && c <= 0x200f))
        return 0;
    bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f) ||
                (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
                (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

size_t terminal_columns(slice utf8)
{
    size_t columns = 0;
    for (size_t pos = 0; pos < utf8.len;)
        columns += columns_of(utf8_next(utf8, &pos));
    return columns;
}
