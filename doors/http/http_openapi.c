/* SPDX-License-Identifier: Apache-2.0 */
/* The description of the interface, as it stands in docs/openapi.yaml. */
#include "doors/http/http_private.h"

static const uint8_t text[] = {
#include "openapi.inc"
};

slice http_openapi(void)
{
    return (slice){ text, sizeof text };
}
