/* SPDX-License-Identifier: Apache-2.0 */
/* What the writer and the checker of the audit log share: how a line is read. */
#pragma once
#include "store/audit.h"

enum { AUDIT_LINE_MAX = 16 << 10, AUDIT_FILE_MAX = 256 << 20, AUDIT_MAC_HEX = 64 };

struct audit_line {
    int64_t seq;
    slice signed_part, mac; /* mac: hexadecimal */
    uint8_t prev[32], hash[32];
};
/* False: not of the form in which lines are written. */
bool audit_line_read(slice line, struct audit_line *out);
bool audit_mac(const struct keys *keys, slice signed_part, char out[AUDIT_MAC_HEX + 1]);
/* The files of a folder, in order of their first lines: "audit-000000000001.jsonl" ... */
enum { AUDIT_NAME = 24 };
bool audit_is_name(slice name);
