/* SPDX-License-Identifier: Apache-2.0 */
/* json - append-only JSON writer (RFC 8259): no tree, no floating point.
 *
 * Text must be UTF-8; bytes that are not become U+FFFD. Control characters,
 * DEL, and U+2028/9 are escaped. Separators are placed by the writer; opening
 * and closing must balance (CHECKed).
 */
#pragma once
#include "base/buf.h"

struct json {
    struct buf *out;
    uint64_t fresh; /* bit per depth: nothing was written at this depth yet */
    unsigned depth;
    bool after_key;
};

static inline struct json json_new(struct buf *out) { return (struct json){ .out = out, .fresh = 1 }; }
void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);
void json_key(struct json *j, const char *key);
void json_text(struct json *j, slice utf8);
void json_cstr(struct json *j, const char *text);
void json_int(struct json *j, int64_t v);
void json_uint(struct json *j, uint64_t v);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);
void json_hex(struct json *j, slice bytes);
