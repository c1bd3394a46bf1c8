/* SPDX-License-Identifier: Apache-2.0 */
/* said - does this text stand in these bytes, in one of the ways in which text stands in mails
 * and documents?
 *
 * As it is, without regard to case, as UTF-16, in the charset that fits, percent-encoded, with
 * character references, quoted-printable, base64, as encoded words (RFC 2047); and, last, letters
 * and digits alone, since white space is folded and signs are escaped in many ways. Written apart
 * from the readers. Leaves out compressed and enciphered bytes.
 */
#pragma once
#include "base/arena.h"
#include "base/slice.h"

enum { SAID_BYTES_MAX = 64 << 10, SAID_TEXT_MAX = 16 << 10 };

/* Both within the bounds above, else false. `mem` is for what is decoded on the way. */
bool said_in(slice bytes, slice text, struct arena *mem);
