/* SPDX-License-Identifier: Apache-2.0 */
/* check - stops the program on a bug of ours, in release builds too.
 *
 * Never for input: hostile bytes must not be able to make a CHECK fail.
 */
#pragma once

_Noreturn void check_failed(const char *file, int line, const char *what);

#define CHECK(cond)                                    \
    do {                                               \
        if (__builtin_expect(!(cond), 0))              \
            check_failed(__FILE__, __LINE__, #cond);   \
    } while (0)

#define MUST_USE __attribute__((warn_unused_result))
