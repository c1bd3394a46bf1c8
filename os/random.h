/* SPDX-License-Identifier: Apache-2.0 */
/* random - bytes that nobody can foretell, from the kernel. */
#pragma once
#include <stddef.h>
#include <stdint.h>

void random_fill(uint8_t *out, size_t n);
