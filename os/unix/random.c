/* SPDX-License-Identifier: Apache-2.0 */
/* getrandom(2); see os/random.h. After start-up of the system it never fails and never waits. */
#include "os/random.h"
#include "base/check.h"

#include <errno.h>
#include <sys/random.h>

void random_fill(uint8_t *out, size_t n)
{
    while (n) {
        ssize_t got = getrandom(out, n, 0);
        CHECK(got > 0 || errno == EINTR);
        if (got > 0) {
            out += got;
            n -= (size_t)got;
        }
    }
}
