/* SPDX-License-Identifier: Apache-2.0 */
/* The table of known words; see vba_intent_words.h. */
#include "observe/part/vba_intent_words.h"

const struct word_row vba_intent_words[W_COUNT] = {
#define X(id, text, kind) { text, kind },
    VBA_WORDS(X)
#undef X
};
