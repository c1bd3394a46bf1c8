/* SPDX-License-Identifier: Apache-2.0 */
/* url - URLs as code holds them, in the form that people and block lists need. */
#pragma once
#include "base/arena.h"

/* Carets and quotes of command lines gone, scheme and host in lower case, a host that is written
 * as a hexadecimal, octal or single number as the address it is (RFC 3986 3.2.2, WHATWG URL 3.5).
 * What is no URL stays as it is. */
slice unmask_url_normal(struct arena *mem, slice url);
