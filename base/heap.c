/* SPDX-License-Identifier: Apache-2.0 */
/* A heap that forgets: every block is wiped when it is freed, for programs
 * that read one stranger's mail after another's.
 *
 * Linked into the worker program, these definitions take the place of the C
 * library's for all libraries too (glibc manual, "Replacing malloc"). The work
 * is still glibc's. realloc() always moves: the library's own would leave the
 * old bytes behind. Not for sanitizer builds, which bring their own heap. */
#include "base/sanitized.h"

#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if !SANITIZED

#define EXPORTED __attribute__((visibility("default")))

void *__libc_malloc(size_t n);
void __libc_free(void *p);

EXPORTED void free(void *p)
{
    int before = errno; /* free() keeps it, POSIX 2024 */
    if (!p)
        return;
    explicit_bzero(p, malloc_usable_size(p));
    __libc_free(p);
    errno = before;
}

EXPORTED void *realloc(void *p, size_t n)
{
    if (!p)
        return __libc_malloc(n);
    if (n == 0) {
        free(p);
        return NULL;
    }
    size_t have = malloc_usable_size(p);
    if (n <= have && n >= have / 2)
        return p;
    void *moved = __libc_malloc(n);
    if (!moved)
        return NULL;
    memcpy(moved, p, have < n ? have : n);
    free(p);
    return moved;
}

#else
typedef int heap_is_the_sanitizers; /* a translation unit must not be empty */
#endif
