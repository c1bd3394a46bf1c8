/* SPDX-License-Identifier: Apache-2.0 */
/* beside - where the gate's programs and rules lie: beside this program (build tree), or in libexec
 * and share of its installation. */
#pragma once
#include "base/err.h"

#include <stddef.h>

int gate_beside(const char *program, char *out, size_t room, struct err *err_out) MUST_USE;
/* The folder of rules: $SEKISHO_RULES, of this build or installation. */
int gate_rules(char *out, size_t room, struct err *err_out) MUST_USE;
