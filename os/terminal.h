/* SPDX-License-Identifier: Apache-2.0 */
/* terminal - what the person in front of it can be shown. */
#pragma once
#include "base/slice.h"

struct terminal {
    int fd;
    bool here;      /* a terminal, not a file or pipe */
    bool colours;   /* here, TERM is not dumb, NO_COLOR is not set (no-color.org) */
    unsigned width; /* columns; 80 when unknown */
};

struct terminal terminal_of(int fd);
/* The locale of messages, as the environment has it (POSIX 8.2); NULL: none. */
const char *terminal_locale(void);

enum terminal_colour {
    COLOUR_OFF,
    COLOUR_RED,
    COLOUR_GREEN,
    COLOUR_YELLOW,
    COLOUR_BLUE,
    COLOUR_BOLD,
    COLOUR_DIM
};
/* The escape sequence, or "" without colours. */
const char *terminal_colour(const struct terminal *t, enum terminal_colour c);

/* A bar on the last line, redrawn at most 10 times a second; nothing unless
 * `here`. Clear it before any other output. */
struct terminal_bar {
    uint64_t drawn_us;
    bool shown;
};
void terminal_bar_draw(const struct terminal *t, struct terminal_bar *bar, uint64_t now_us,
                       uint64_t done, uint64_t all, const char *label);
void terminal_bar_clear(const struct terminal *t, struct terminal_bar *bar);

/* Columns that UTF-8 text takes: East Asian wide characters take two. */
size_t terminal_columns(slice utf8);
