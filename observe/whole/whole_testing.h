/* SPDX-License-Identifier: Apache-2.0 */
/* whole_testing - mails as tables, for the tests of observe/whole.
 *
 * A case gives facts as lines "name: value" ("name@7: value" puts it at offset 7, so that
 * facts of one header field belong together), a text body, and what must come out: lines
 * "name", "name=value", or "!name" for what must not.
 */
#pragma once
#include "observe/whole/whole.h"

struct mail_case {
    const char *name;
    const char *facts, *body; /* body NULL: none */
    const char *wanted;
};

/* Runs whole_observe on each; prints and fails where it is not as wanted. */
void mail_cases(const struct mail_case *cases, size_t n, const struct site *site);
/* The record of one mail, with the facts given; part 0, event 0. */
void mail_record(struct record *r, struct arena *mem, const char *facts, const char *body);
/* Own domain own.example, server name mx.own.example. */
extern const struct site test_site;
