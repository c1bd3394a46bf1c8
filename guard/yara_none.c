/* SPDX-License-Identifier: Apache-2.0 */
/* The worker without YARA. */
#include "guard/yara.h"

#include <errno.h>

int yara_open(int first, unsigned n, struct engine *engine, struct err *err_out)
{
    (void)first, (void)n, (void)engine;
    return err_set(err_out, -ENOTSUP, "this worker program has no YARA; start sekisho-worker-yara");
}
