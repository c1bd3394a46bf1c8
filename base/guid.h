/* SPDX-License-Identifier: Apache-2.0 */
/* guid - identifiers of classes, folders and stores of Windows ([MS-DTYP] 2.3.4): 16 bytes in files,
 * the first three fields little endian, and in text as the registry has them. */
#pragma once
#include "base/slice.h"

enum { GUID_SIZE = 16, GUID_TEXT = 39 /* with braces and the NUL */ };

/* "{0002CE02-0000-0000-C000-000000000046}"; false, and `out` empty, when `raw` is not 16 bytes. */
bool guid_text(slice raw, char out[GUID_TEXT]);
/* From text, with or without braces and hyphens: what is no hex digit is passed over, and so is
 * what follows. False: fewer than 32 digits; `out` is then partly written. */
bool guid_parse(slice text, uint8_t out[GUID_SIZE]);
