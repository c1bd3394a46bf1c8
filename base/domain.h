/* SPDX-License-Identifier: Apache-2.0 */
/* domain - where a host name's registered part begins; seam in front of libpsl.
 *
 * Uses the Public Suffix List that is compiled into the library, so that a
 * locked-down process opens nothing: "www.a.co.jp" is of "a.co.jp", and
 * "x.github.io" is its own site.
 */
#pragma once
#include "base/slice.h"

/* The registered domain, a tail of `host` (lower case, no trailing dot). The
 * whole host where there is none: a public suffix itself, a bare name. */
slice domain_registered(slice host);
/* Does the last label stand in the list, so that this can be a public name? */
bool domain_known_suffix(slice host);
