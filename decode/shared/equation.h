/* SPDX-License-Identifier: Apache-2.0 */
/* equation - the data of the old Equation Editor, which programs of Office start
 * for it without a question.
 *
 * Says whether the data breaks out of the editor's buffers, or is none that the
 * editor ever wrote. Honest equations yield one flag and nothing else.
 */
#pragma once
#include "decode/walk.h"

/* `native`: the stream "Equation Native", or the native data of an OLE 1 object. */
void equation_read(struct walk *w, slice native, struct range at);

/* Is this the class name of an equation ("Equation.3"; "Microsoft Equation 3.0")? */
bool equation_class(slice name);
/* The same of a class id, as it stands in a compound file. */
bool equation_clsid(slice clsid);
