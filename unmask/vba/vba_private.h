/* SPDX-License-Identifier: Apache-2.0 */
/* vba_private - VBA as a dialect of the machine in unmask/basic.
 *
 * vba.c collects the modules of a project and chooses where to begin, vba_host.c is what Office
 * makes of its modules, vba_constant.c the constants of the hosts' type libraries. */
#pragma once
#include "unmask/basic/basic.h"

bool vba_host_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how,
                     struct value *out);
bool vba_constant(struct machine *m, slice name, struct value *out);
