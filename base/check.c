/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a process that found a bug in itself; see check.h. */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: bug: CHECK(%s) failed; please report this\n", file, line, what);
    abort();
}
