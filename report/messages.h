/* SPDX-License-Identifier: Apache-2.0 */
/* messages - the message catalogue in both languages, from messages.list. */
#pragma once
#include "base/buf.h"

enum language { LANGUAGE_EN, LANGUAGE_JA, LANGUAGES };

enum message {
#include "messages_ids.inc"
    MSG_COUNT
};

const char *message_text(enum message m, enum language l);
/* By key, as "limit." + a budget's name, "source." + a password_source_name(); MSG_COUNT when there is none. */
enum message message_by_key(const char *prefix, slice key);
/* The text with {0}..{9} filled in. */
void message_put(struct buf *out, enum message m, enum language l, const slice *values, size_t n);
/* From "ja_JP.UTF-8" and the like. */
enum language language_of_locale(const char *locale);
