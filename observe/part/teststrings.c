/* SPDX-License-Identifier: Apache-2.0 */
/* teststrings - harmless strings with which an installation is tried out.
 *
 * The EICAR test file (eicar.org): 68 characters, behind them at most white
 * space, no more than 128 in all. And one Sekisho string for each verdict,
 * anywhere in a text or at the start of a file. All are put together at run
 * time, so that neither this source nor the program carries one.
 */
#include "base/text.h"
#include "observe/part/observe.h"

enum { EICAR_MAX = 128 };

/* Two halves; the joint lies inside the word that scanners look for. */
static const char *const eicar[2] = { "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EIC",
                                      "AR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*" };
static const char *const own[2] = { "SEKISHO-TEST-", "STRING-" };
static const char end_of_own[] = "-DO-NOT-WORRY";

struct seen {
    uint32_t part; /* + 1 of the last part with a test string; 0: none */
};

static bool is_eicar(slice s)
{
    if (!slice_starts(s, slice_of(eicar[0])))
        return false;
    slice rest = slice_from(s, strlen(eicar[0]));
    if (!slice_starts(rest, slice_of(eicar[1])))
        return false;
    rest = slice_from(rest, strlen(eicar[1]));
    for (size_t i = 0; i < rest.len; i++)
        if (!ascii_space(rest.at[i]) && rest.at[i] != 0x1a)
            return false;
    return s.len <= EICAR_MAX;
}

/* The word of our own string at the start of s: "MALICIOUS"; empty. */
static slice own_word(slice s)
{
    static const char *const words[] = { "MALICIOUS", "SUSPICIOUS", "UNKNOWN", "CLEAN" };
    if (!slice_starts(s, slice_of(own[0])))
        return (slice){ 0 };
    s = slice_from(s, strlen(own[0]));
    if (!slice_starts(s, slice_of(own[1])))
        return (slice){ 0 };
    s = slice_from(s, strlen(own[1]));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        slice word = slice_of(words[i]);
        if (slice_starts(s, word) && slice_starts(slice_from(s, word.len), slice_of(end_of_own)))
            return word;
    }
    return (slice){ 0 };
}

static void say(struct walk *w, void **state, const char *word)
{
    struct seen *seen = *state;
    if (!seen)
        *state = seen = ARENA_NEW(w->mem, struct seen);
    if (!seen || seen->part == w->part + 1)
        return;
    seen->part = w->part + 1;
    walk_cstr(w, FACT_FILE_TEST_STRING, word, NOWHERE);
    if (strcmp(word, "UNKNOWN") == 0)
        walk_unread_of(w, UNREAD_NO_READER, UNREAD_OF_TEST_STRING, (slice){ 0 });
}

static void teststrings_part(struct walk *w, void **state)
{
    slice head = slice_sub(w->body->all, 0, EICAR_MAX + 1);
    if (head.len == 0 || (head.at[0] != 'X' && head.at[0] != 'S'))
        return;
    slice word = own_word(head);
    if (is_eicar(head))
        say(w, state, "EICAR");
    else if (word.len)
        say(w, state, (const char *)word.at);
}

static void teststrings_view(struct walk *w, void **state, enum fact_id id, slice utf8,
                             struct range at)
{
    (void)at;
    if (id != FACT_EMAIL_BODY && id != FACT_DOCUMENT_TEXT)
        return;
    for (size_t i = 0; (i = slice_find(utf8, slice_of(own[0]), i)) != SIZE_MAX; i++) {
        slice word = own_word(slice_from(utf8, i));
        if (word.len) {
            say(w, state, (const char *)word.at);
            return;
        }
    }
}

const struct observer observer_teststrings = {
    .name = "teststrings",
    .part = teststrings_part,
    .view = teststrings_view,
};
