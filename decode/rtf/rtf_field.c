/* SPDX-License-Identifier: Apache-2.0 */
/* Field codes ([ECMA-376-1] 17.16.5) as \fldinst holds them.
 *
 * DDE starts programs; HYPERLINK leads somewhere; INCLUDE..., IMPORT, LINK and RD
 * take in another file. { QUOTE 67 77 68 } spells words in numbers, with which
 * commands were hidden: the code is told with such words spelled out.
 */
#include "base/text.h"
#include "decode/links.h"
#include "rtf_field.h"

enum { CODE_SHOWN = 1024, TOLD_MAX = 64 };

static slice next_word(slice *rest)
{
    slice s = slice_trim(*rest);
    size_t n = 0;
    if (s.len && s.at[0] == '"') {
        size_t end = slice_find_byte(s, '"', 1);
        slice word = slice_sub(s, 1, (end == SIZE_MAX ? s.len : end) - 1);
        *rest = end == SIZE_MAX ? slice_from(s, s.len) : slice_from(s, end + 1);
        return word;
    }
    while (n < s.len && !ascii_space(s.at[n]) && (s.at[n] != '"' || n == 0))
        n++;
    *rest = slice_from(s, n);
    return slice_sub(s, 0, n);
}

/* The first argument that is no switch. */
static slice argument(slice *rest)
{
    slice word;
    do
        word = next_word(rest);
    while (word.len == 2 && word.at[0] == '\\' && rest->len);
    return word;
}

/* The code with numbers behind QUOTE as the characters they stand for. */
static void spell_out(slice code, struct buf *out)
{
    bool quoting = false;
    for (size_t i = 0; i < code.len;) {
        size_t n = 0;
        uint64_t v;
        uint8_t utf8[4];
        while (i + n < code.len && ascii_alnum(code.at[i + n]))
            n++;
        n += n == 0;
        slice word = slice_sub(code, i, n);
        i += n;
        if (slice_is_nocase(word, "QUOTE"))
            quoting = true;
        else if (quoting && slice_u64(word, &v) && v <= 0x10ffff)
            buf_put(out, (slice){ utf8, utf8_put(utf8, (uint32_t)v) });
        else if (!quoting || !slice_is(word, " ")) {
            if (quoting && ascii_alpha(word.at[0]))
                buf_byte(out, ' ');
            buf_put(out, word);
            quoting = quoting && !ascii_alpha(word.at[0]);
        }
    }
}

static void say_included(struct walk *w, slice word, slice target)
{
    bool outside = slice_find(target, SLICE_LIT("://"), 0) != SIZE_MAX ||
                   slice_starts(target, SLICE_LIT("\\\\"));
    if (!outside)
        return;
    walk_text(w, FACT_OFFICE_EXTERNAL, target, NOWHERE);
    walk_text(w, FACT_OFFICE_EXTERNAL_TYPE, slice_sub(word, 0, 100), NOWHERE);
    walk_link(w, target, (slice){ 0 }, NOWHERE, "office.external");
}

void rtf_field_say(struct walk *w, slice code, unsigned *told)
{
    struct buf plain = buf_new(code.len + 4);
    code = slice_trim(code);
    if (slice_find_nocase(code, SLICE_LIT("QUOTE"), 0) != SIZE_MAX) {
        spell_out(code, &plain);
        code = slice_trim(buf_slice(&plain));
    }
    slice rest = code, word = next_word(&rest);
    if (*told >= TOLD_MAX) {
        buf_drop(&plain);
        return;
    }
    if (slice_find_nocase(slice_sub(code, 0, CODE_SHOWN), SLICE_LIT("DDE"), 0) != SIZE_MAX &&
        !slice_is_nocase(word, "HYPERLINK")) {
        ++*told;
        walk_text(w, FACT_OFFICE_FIELD_DDE, utf8_cut(code, CODE_SHOWN), NOWHERE);
    } else if (slice_is_nocase(word, "HYPERLINK")) {
        walk_link(w, arena_copy(w->mem, argument(&rest)), (slice){ 0 }, NOWHERE, "office.field");
    } else if (slice_starts_nocase(word, "INCLUDE") || slice_is_nocase(word, "IMPORT") ||
               slice_is_nocase(word, "LINK") || slice_is_nocase(word, "RD")) {
        ++*told;
        walk_text(w, FACT_OFFICE_FIELD_INCLUDE, utf8_cut(code, CODE_SHOWN), NOWHERE);
        slice target = argument(&rest);
        if (slice_is_nocase(word, "LINK")) /* its first argument is the class */
            target = argument(&rest);
        say_included(w, word, arena_copy(w->mem, target));
    }
    buf_drop(&plain);
}
