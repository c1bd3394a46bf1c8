/* SPDX-License-Identifier: Apache-2.0 */
/* lookalike - domains and names made to be taken for others (UTS #39, in small).
 *
 * Only letters that occur in host names of Latin script are judged: Japanese text mixes
 * scripts lawfully and is left alone.
 */
#pragma once
#include "base/text.h"

/* Does the domain look like the genuine one without being of the same organisation? Both in
 * lower case. Labels in Punycode are read as what they show. */
bool lookalike_domains(struct arena *mem, slice domain, slice genuine);

/* A word that mixes Latin with Cyrillic, Greek, Armenian or Cherokee letters, or uses
 * mathematical letters; in a host also one whose foreign letters all look Latin. */
bool lookalike_mixed(slice utf8, bool host);

/* The host as people see it: "xn--" labels in Unicode (RFC 3492). */
slice lookalike_shown(struct arena *mem, slice host);
