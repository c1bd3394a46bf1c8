/* SPDX-License-Identifier: Apache-2.0 */
/* url - Internet shortcuts: a private profile with the section [InternetShortcut], as Windows
 * documents it under IUniformResourceLocator and reads it with GetPrivateProfileString.
 *
 * What matters is where it leads: the target, the icon that Explorer fetches as soon as the folder
 * is shown, and the working folder, from which a program of this computer may load its library
 * (CVE-2025-33053). Of a key that stands there twice both are said, though only the first counts.
 * Left out: the property storage in [{000214A0-...}], which repeats them. */
#include "base/charset.h"
#include "base/text.h"
#include "decode/links.h"
#include "decode/plain.h"
#include "decode/shared/remote.h"
#include "decode/types.h"

enum { HEAD = 64 * 1024, BLANKS_MAX = 4096, LINES_MAX = 20000, VALUE_MAX = 8192, SAID_MAX = 64 };

static const slice narrow = SLICE_INIT("[internetshortcut");
static const slice wide_name = SLICE_INIT("[\0i\0n\0t\0e\0r\0n\0e\0t\0s\0h\0o\0r\0t\0c\0u\0t");

static bool begins(slice s, slice with)
{
    return s.len >= with.len && slice_eq_nocase(slice_sub(s, 0, with.len), with);
}

/* Explorer goes by the extension, and reads the section wherever it stands, in 8-bit text or
 * UTF-16; without the extension it must come first. Every file is asked, so no search without need. */
static enum sniff url_sniff(const struct sniff_input *in)
{
    slice head = slice_sub(in->body->all, 0, HEAD);
    size_t at = 0;
    while (at < head.len && at < BLANKS_MAX && (ascii_space(head.at[at]) || head.at[at] == 0 || head.at[at] >= 0x80))
        at++;
    if (begins(slice_from(head, at), narrow) || begins(slice_from(head, at), wide_name))
        return SNIFF_STRONG;
    const struct type_row *t = type_by_extension(type_extension_of(in->name));
    if (!t || !slice_is(slice_of(t->name), "url"))
        return SNIFF_NO;
    bool there = slice_find_nocase(head, narrow, 0) != SIZE_MAX || slice_find_nocase(head, wide_name, 0) != SIZE_MAX;
    return there ? SNIFF_STRONG : SNIFF_NO;
}

static slice unquoted(slice s)
{
    s = slice_trim(s);
    if (s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[s.len - 1] == s.at[0])
        s = slice_sub(s, 1, s.len - 2);
    return s;
}

/* One key of the section; `wide` is that of [InternetShortcut.W], whose values are UTF-7. */
static bool entry(struct walk *w, slice key, slice value, bool wide, struct range at)
{
    static const struct {
        const char *key;
        enum fact_id id;
        const char *source;
    } rows[] = {
        { "url", FACT_SHORTCUT_URL, "url.target" },
        { "baseurl", FACT_SHORTCUT_URL, "url.target" },
        { "iconfile", FACT_SHORTCUT_ICON, "url.icon" },
        { "workingdirectory", FACT_SHORTCUT_WORKING_DIRECTORY, "url.working_directory" },
    };
    value = slice_sub(unquoted(value), 0, VALUE_MAX);
    if (wide)
        value = charset_decode_id(w->mem, CHARSET_UTF7, value).text;
    value = utf8_clean(w->mem, value);
    for (size_t i = 0; value.len && i < sizeof rows / sizeof rows[0]; i++) {
        if (!slice_is_nocase(key, rows[i].key))
            continue;
        walk_text(w, rows[i].id, value, at);
        if (walk_remote(w, value, at, rows[i].source) == REMOTE_NONE && i < 2)
            walk_link(w, value, (slice){ 0 }, at, rows[i].source);
        return true;
    }
    if (slice_is_nocase(key, "showcommand")) {
        walk_cstr(w, FACT_SHORTCUT_SHOW_COMMAND, slice_is(value, "7") ? "minimized" : slice_is(value, "3") ? "maximized" : "normal", at);
        return true;
    }
    return false;
}

static enum walk_end url_walk(struct walk *w, const struct body *body)
{
    struct plain p = plain_read(w, body, (slice){ 0 }, true);
    cursor c = cur_open(p.text);
    bool inside = false, wide = false;
    unsigned said = 0;
    for (unsigned n = 0; cur_more(&c) && n < LINES_MAX && said < SAID_MAX; n++) {
        size_t from = c.pos;
        slice line = slice_trim(cur_until(&c, '\n'));
        if (!walk_work(w, 20 + line.len))
            return WALK_LIMIT;
        if (line.len && line.at[0] == '[') {
            inside = slice_starts_nocase(line, "[internetshortcut") || slice_starts_nocase(line, "[default]");
            wide = slice_starts_nocase(line, "[internetshortcut.w]");
            continue;
        }
        size_t equals = slice_find_byte(line, '=', 0);
        if (inside && equals != SIZE_MAX)
            said += entry(w, slice_trim(slice_sub(line, 0, equals)), slice_from(line, equals + 1), wide, plain_range(&p, from, c.pos));
    }
    plain_view(w, p.text, range_of(0, body->all.len));
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_url = {
    .name = "url",
    .spec = "Internet shortcut (Windows Shell)",
    .sniff = url_sniff,
    .walk = url_walk,
};
