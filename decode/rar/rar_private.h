/* SPDX-License-Identifier: Apache-2.0 */
/* rar_private - what the readers of the two generations of RAR share. */
#pragma once
#include "decode/archive.h"

enum { RAR_FILES_MAX = 1 << 16 };

struct rar {
    struct archive list; /* member.key: where the packed bytes begin, how many */
    const struct body *body;
    slice all;           /* from the signature on */
    uint64_t base;       /* where that stands in the body */
    bool header_locked, solid, volume, broken;
};

/* member.link of a stored member is empty and its method NULL. */
void rar_read_4(struct rar *r);
void rar_read_5(struct rar *r);
