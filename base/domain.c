/* SPDX-License-Identifier: Apache-2.0 */
/* Registered domains by libpsl's built-in list; see domain.h. */
#include "base/domain.h"

#include <libpsl.h>

enum { HOST_MAX = 253 };

/* libpsl wants a C string. False for what cannot be a host name. */
static bool host_cstr(slice host, char out[HOST_MAX + 1])
{
    if (host.len == 0 || host.len > HOST_MAX || slice_find_byte(host, 0, 0) != SIZE_MAX)
        return false;
    memcpy(out, host.at, host.len);
    out[host.len] = 0;
    return true;
}

slice domain_registered(slice host)
{
    char name[HOST_MAX + 1];
    if (!host_cstr(host, name))
        return host;
    const char *tail = psl_registrable_domain(psl_builtin(), name);
    return tail ? slice_from(host, (size_t)(tail - name)) : host;
}

bool domain_known_suffix(slice host)
{
    char name[HOST_MAX + 1];
    if (!host_cstr(host, name))
        return false;
    const char *dot = strrchr(name, '.');
    return dot && dot[1] &&
           psl_is_public_suffix2(psl_builtin(), dot + 1, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}
