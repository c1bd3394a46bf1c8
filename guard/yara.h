/* SPDX-License-Identifier: Apache-2.0 */
/* yara - foreign YARA rules over the stored bytes of every part. In the
 * ordinary worker this is yara_none.c, so that only the program
 * sekisho-worker-yara links libyara. */
#pragma once
#include "engine/engine.h"

/* Compiles the sources at descriptors first..first+n-1 and hangs the scanner
 * into the engine. -ENOTSUP: this program has no YARA. */
int yara_open(int first, unsigned n, struct engine *engine, struct err *err_out) MUST_USE;
