/* SPDX-License-Identifier: Apache-2.0 */
/* charset - bytes of any charset to UTF-8; seam in front of ICU.
 *
 * Labels are read as mail programs read them, not as registries define them:
 * "iso-2022-jp" includes NEC row 13 and half-width kana (CP50221), "shift_jis"
 * is CP932, "euc-jp" is eucJP-ms, "iso-8859-1" and "us-ascii" are
 * windows-1252, "ks_c_5601-1987" is CP949, "gb2312" is GB18030.
 */
#pragma once
#include "base/arena.h"

enum charset_id {
    CHARSET_UNKNOWN, /* label not known */
    CHARSET_UTF8,
    CHARSET_UTF16LE,
    CHARSET_UTF16BE,
    CHARSET_UTF7,
    CHARSET_ISO2022JP,
    CHARSET_CP932,
    CHARSET_EUCJP,
    CHARSET_WINDOWS1252,
    CHARSET_OTHER, /* known to the library; see charset_decode */
};

/* Opens the Japanese converters, so that a locked-down process can use them.
 * False when the library's data is missing. */
bool charset_prepare(void);
/* Closes what this thread has opened; it opens again at the next use. */
void charset_thread_end(void);

enum charset_id charset_by_label(slice label);
/* The label names a charset in which ASCII text has other bytes: UTF-16, UTF-32, EBCDIC. */
bool charset_label_is_wide(slice label);
const char *charset_label(enum charset_id id); /* "iso-2022-jp"; "unknown" */

struct charset_result {
    slice text;     /* UTF-8 */
    size_t faults;  /* sequences that became U+FFFD */
};

/* Decodes with the charset the label names. Unknown labels decode as guessed. */
struct charset_result charset_decode(struct arena *mem, slice label, slice bytes);
struct charset_result charset_decode_id(struct arena *mem, enum charset_id id, slice bytes);
/* Windows code page numbers as Office and VBA use them (932, 1252, 65001, ...). */
struct charset_result charset_decode_codepage(struct arena *mem, unsigned codepage, slice bytes);

/* UTF-8 to the bytes of a charset, as for passwords that archivers turned into
 * the system's code page. Empty when a character has none there. */
slice charset_encode_id(struct arena *mem, enum charset_id id, slice utf8);

/* What unlabelled or badly labelled bytes are: pure ASCII and valid UTF-8 are
 * UTF8, escape sequences mean ISO2022JP, otherwise the Japanese charset with
 * the fewest faults, otherwise WINDOWS1252. */
enum charset_id charset_guess(slice bytes);

/* Decodes by label, and once more by guess when that gives fewer faults;
 * *lied_out says that the label was wrong. This is what mail text wants. */
struct charset_result charset_decode_best(struct arena *mem, slice label, slice bytes, bool *lied_out);

/* Unicode NFKC (UAX #15) of UTF-8: full-width digits and half-width kana become
 * the ordinary ones. The same bytes when the text is ASCII. */
slice charset_nfkc(struct arena *mem, slice utf8);
/* For look-alike tests: equal for texts that look alike. A small own selection of the UTS #39
 * confusables (Latin, Greek, Cyrillic, Armenian, digits), accents dropped, case kept. */
slice charset_skeleton(struct arena *mem, slice utf8);
