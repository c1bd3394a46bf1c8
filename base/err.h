/* SPDX-License-Identifier: Apache-2.0 */
/* err - what went wrong in the world (I/O, memory, settings), for a person.
 *
 * Functions that can fail return 0 or a negative errno value and fill
 * *err_out. The one who handles the error prints it, once. A message names
 * file and line where there is one, and says what to do.
 */
#pragma once
#include "base/check.h"

enum { ERR_MAX = 1024 };

struct err {
    int code; /* 0 or negative errno */
    char text[ERR_MAX];
};

/* Sets code and text; returns code. A NULL err is allowed. */
int err_set(struct err *e, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "while FORMAT: " in front of the text; returns the code. */
int err_while(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
