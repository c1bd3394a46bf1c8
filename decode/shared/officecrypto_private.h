/* SPDX-License-Identifier: Apache-2.0 */
/* officecrypto_private - for the files of decode/shared/officecrypto only. */
#pragma once
#include "decode/shared/officecrypto.h"

enum {
    SALT_MAX = 64,
    WIDE_MAX = 512, /* 255 characters are the most that Office takes */
};

/* The password in UTF-16LE; returns how many bytes. */
size_t officecrypto_wide(slice password, uint8_t *out, size_t room);
/* 2.3.4.7 and 2.3.4.11: the digest that keys are derived from. False: over budget. */
bool officecrypto_spin(struct walk *w, enum digest d, slice salt, slice password, uint32_t rounds,
                       uint8_t out[DIGEST_MAX]);

/* 2.3.7, both methods. */
bool officecrypto_xor_try(struct walk *w, const struct officecrypto *o, slice password,
                          struct officecrypto_key *key);

bool officecrypto_agile_read(struct officecrypto *o, struct walk *w, slice xml);
bool officecrypto_agile_try(const struct officecrypto *o, slice base, struct officecrypto_key *key);
/* The IV of a segment of the package, or of what block_key stands for. */
void officecrypto_agile_iv(const struct officecrypto *o, slice block_key, uint8_t iv_out[16]);
