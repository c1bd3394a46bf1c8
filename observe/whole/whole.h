/* SPDX-License-Identifier: Apache-2.0 */
/* observe/whole - facts that need the whole mail: identity, alignment, thread.
 *
 * Runs at the desk over the typed record; reads no bytes. Adds facts (marked
 * `whole`) to the record. What it knows of the site comes in `struct site`.
 */
#pragma once
#include "facts/record.h"

struct site {
    slice authserv_id; /* whose Authentication-Results are believed (RFC 8601 5); empty: none */
    const slice *own_domains;
    size_t n_own_domains;
};

void whole_observe(struct record *r, const struct site *site);
