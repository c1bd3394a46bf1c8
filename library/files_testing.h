/* SPDX-License-Identifier: Apache-2.0 */
/* files_testing - files and folders of rules in memory, for the tests of the
 * library: what any program around it would do for itself. */
#pragma once
#include <sekisho.h>

/* NULL after a message on standard error; ended with NUL, for free(). */
char *files_read(const char *path, size_t *len_out);
/* Compiles all rules below the folder. False after a message. */
bool files_rules(const char *folder, struct sekisho_rules **out);
