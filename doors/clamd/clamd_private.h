/* SPDX-License-Identifier: Apache-2.0 */
/* clamd_private - the two halves of the door: the session, and the words of its answers. */
#pragma once
#include "doors/object.h"

enum { CLAMD_NAME_MAX = 128, CLAMD_TROUBLE_MAX = 200 };

/* Appends what clamd says of an object behind "NAME: ", with its last word: "OK",
 * "Sekisho.NAME FOUND", "... ERROR". */
void clamd_words(const struct gate_answer *a, struct buf *out);
/* The name of a limit in clamd's form: "Heuristics.Limits.Exceeded.MaxFileSize". */
void clamd_limit_words(slice limit, struct buf *out);
