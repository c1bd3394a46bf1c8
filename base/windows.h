/* SPDX-License-Identifier: Apache-2.0 */
/* windows - the few functions of the C library that the pure rooms use and that
 * Windows lacks. tools/build-windows puts this header in front of every source,
 * so that no other file asks for which system it is compiled.
 *
 * Same contracts as memmem(3), memrchr(3) and explicit_bzero(3); memmem is
 * linear for every needle, because needle and haystack may both be hostile.
 */
#pragma once
#include <stddef.h>

void *windows_memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len);
void *windows_memrchr(const void *at, int byte, size_t len);
void windows_explicit_bzero(void *at, size_t len);

#ifdef _WIN32
#define memmem windows_memmem
#define memrchr windows_memrchr
#define explicit_bzero windows_explicit_bzero
#endif
