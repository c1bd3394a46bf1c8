/* SPDX-License-Identifier: Apache-2.0 */
/* shared - hosts where a visit says little, because everybody goes there or anybody may keep files.
 */
#pragma once
#include "base/slice.h"

/* The host in lower case. True: only the exact address tells. */
bool shared_host(slice host);
/* Each host below this registered domain has an owner of its own. */
bool shared_domain(slice registered);
