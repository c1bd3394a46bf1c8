/* SPDX-License-Identifier: Apache-2.0 */
/* lines - the lines of a file that may be larger than memory, may be compressed (gzip), and
 * may hold anything. Leaves out UTF-16, which no log has but what a shell of Windows redirected. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { LINES_LINE_MAX = 1 << 20 };

enum lines_end { LINES_WHOLE, LINES_SHORT, LINES_BROKEN, LINES_LIMIT, LINES_ERROR };

struct lines;
/* `head` was read from the descriptor before. NULL: no memory. The descriptor stays the caller's.
 */
struct lines *lines_new(struct arena *mem, int fd, slice head);
/* Without its line feed. *long_out: cut at LINES_LINE_MAX, the rest is skipped. False: no more. */
bool lines_next(struct lines *s, slice *out, bool *long_out);
enum lines_end lines_end(const struct lines *s);
