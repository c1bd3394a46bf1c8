/* SPDX-License-Identifier: Apache-2.0 */
/* script_payload - what a script carries in base64: commands for PowerShell (-EncodedCommand and
 * what is decoded from Unicode, both UTF-16LE), files behind certutil's certificate lines, and
 * files in long literals.
 *
 * Any run of the alphabet is looked at, whatever the language does with it: the names of the
 * functions that decode are what obfuscation hides first. Left out: text in other encodings,
 * runs that the script puts together from pieces (observe/part/script_intent.c).
 */
#include "base/text.h"
#include "decode/links.h"
#include "decode/script/script_private.h"
#include "decode/types.h"

enum { RUN_MIN = 32, RUN_FILE = 400, CHILDREN_MAX = 32, LINES_MAX = 4096 };

static bool is_base64(uint8_t c)
{
    return ascii_alnum(c) || c == '+' || c == '/';
}

/* ASCII in UTF-16LE: its zeros make every second pair of characters an A in its beginning. */
static bool is_wide_text(slice bytes)
{
    size_t n = bytes.len < 24 ? bytes.len & ~(size_t)1 : 24;
    if (n < 12)
        return false;
    for (size_t i = 0; i < n; i += 2)
        if (bytes.at[i + 1] != 0 || (bytes.at[i] < ' ' && !ascii_space(bytes.at[i])) ||
            bytes.at[i] > 0x7e)
            return false;
    return true;
}

static bool is_file(slice head, size_t run)
{
    size_t magic_len;
    struct body b = body_borrow(head);
    const struct type_row *t = type_by_magic(&b, &magic_len);
    return t && t->policy != TYPE_INERT && (magic_len >= 3 || run >= 2048);
}

static void file_child(struct walk *w, slice bytes, struct range at)
{
    struct body b = body_borrow(bytes);
    struct child c = { .how = HOW_UNMASK, .at = at, .body = &b };
    walk_cstr(w, FACT_SCRIPT_ENCODED, "base64", at);
    (void)walk_child(w, &c);
}

/* True when the run was something. */
static bool see_run(struct walk *w, slice run, struct range at)
{
    slice head = base64_decode(w->mem, slice_sub(run, 0, 64), NULL);
    if (is_wide_text(head)) {
        slice code = utf8_from_utf16le(w->mem, base64_decode(w->mem, run, NULL));
        walk_cstr(w, FACT_SCRIPT_ENCODED, "base64 utf-16", at);
        script_child(w, code, SCRIPT_POWERSHELL, at);
        return true;
    }
    if (run.len < RUN_FILE || !is_file(head, run.len))
        return false;
    file_child(w, base64_decode(w->mem, run, NULL), at);
    return true;
}

/* "-----BEGIN CERTIFICATE-----": certutil -decode takes what stands between the lines. */
static size_t certificate(struct walk *w, const struct plain *p, size_t at)
{
    slice s = p->text;
    size_t line = slice_find_byte(s, '\n', at);
    if (line == SIZE_MAX || line - at > 200)
        return at + 5;
    size_t end = slice_find(s, SLICE_LIT("-----END"), line);
    end = end == SIZE_MAX ? s.len : end;
    slice bytes = base64_decode(w->mem, slice_sub(s, line, end - line), NULL);
    /* DER of a real certificate begins with a sequence. */
    if (bytes.len > 16 && bytes.at[0] != 0x30)
        file_child(w, bytes, plain_range(p, at, end));
    return end;
}

void script_payloads(struct walk *w, const struct plain *p, enum script_language language)
{
    slice s = p->text;
    unsigned children = 0;
    bool shell = language == SCRIPT_BATCH || language == SCRIPT_POWERSHELL;
    for (size_t at = 0; at < s.len && children < CHILDREN_MAX && !walk_over(w);) {
        if (!is_base64(s.at[at])) {
            if (shell && s.at[at] == '-' &&
                slice_starts(slice_from(s, at), SLICE_LIT("-----BEGIN "))) {
                at = certificate(w, p, at);
                children++;
                continue;
            }
            at++;
            continue;
        }
        size_t from = at;
        while (at < s.len && is_base64(s.at[at]))
            at++;
        if (at - from >= RUN_MIN && walk_work(w, at - from))
            children += see_run(w, slice_sub(s, from, at - from), plain_range(p, from, at));
    }
}

void script_sections(struct walk *w, const struct plain *p)
{
    cursor k = cur_open(p->text);
    for (unsigned n = 0; n < LINES_MAX && cur_more(&k); n++) {
        slice line = slice_trim(cur_until(&k, '\n'));
        size_t equals = slice_find_byte(line, '=', 0);
        if (equals == SIZE_MAX || equals > 64)
            continue;
        slice value = slice_trim(slice_from(line, equals + 1));
        if (slice_starts(value, SLICE_LIT("\\\\")) || slice_starts_nocase(value, "file:") ||
            slice_starts_nocase(value, "http"))
            walk_link(w, value, (slice){ 0 }, NOWHERE, "script");
    }
}
