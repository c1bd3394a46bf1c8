/* SPDX-License-Identifier: Apache-2.0 */
/* Wipes the stack that a scan used. It goes down in steps until several steps
 * in a row hold nothing but zeros: then nobody has been further down since the
 * last wipe (frames touch their pages in order, -fstack-clash-protection). */
#include "base/sanitized.h"
#include "guard/worker.h"

enum { STEP = 16 << 10, QUIET_STEPS = 3, STEPS_MAX = 256 };

#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define UNINITIALIZED __attribute__((uninitialized))
#endif
#endif
#ifndef UNINITIALIZED
#define UNINITIALIZED
#endif

#if SANITIZED
void worker_wipe_stack(void) {}
#else
static bool all_zero(const uint8_t *p)
{
    return p[0] == 0 && memcmp(p, p + 1, STEP - 1) == 0;
}

__attribute__((noinline)) static void step_down(unsigned quiet, unsigned steps)
{
    UNINITIALIZED uint8_t old[STEP];
    __asm__ volatile("" : "=m"(old)); /* what lies there is what we want to see */
    quiet = all_zero(old) ? quiet + 1 : 0;
    if (quiet == 0)
        explicit_bzero(old, sizeof old);
    if (quiet < QUIET_STEPS && steps < STEPS_MAX)
        step_down(quiet, steps + 1);
    __asm__ volatile("" : : "m"(old)); /* no tail call: the steps must lie below each other */
}

void worker_wipe_stack(void)
{
    step_down(0, 0);
}
#endif
