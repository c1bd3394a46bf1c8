/* SPDX-License-Identifier: Apache-2.0 */
/* rtf_field - one field code becomes facts and links. */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

/* `code` in UTF-8. *told counts what was told, up to a bound. */
void rtf_field_say(struct walk *w, slice code, unsigned *told);
