/* SPDX-License-Identifier: Apache-2.0 */
/* forms_frame - \3VBFrame: [MS-OVBA] 2.3.5, what the editor keeps of a form, as text.
 *
 * Only texts: lines 'Name = "value"' with doubled quotes inside, in the project's code page; what
 * they are called is the form's own. The caption stands in `f` too; the tag only here.
 */
#include "base/charset.h"
#include "base/text.h"
#include "decode/forms/forms_private.h"

enum { LINES_MAX = 256, VALUE_MAX = 64 << 10 };

/* The text between quotes; empty when there is none. */
static slice quoted(slice s, struct buf *out)
{
    buf_clear(out);
    s = slice_trim(s);
    if (s.len < 2 || s.at[0] != '"')
        return (slice){ 0 };
    for (size_t i = 1; i < s.len; i++) {
        if (s.at[i] == '"' && (i + 1 >= s.len || s.at[i + 1] != '"'))
            break;
        i += s.at[i] == '"';
        buf_byte(out, s.at[i]);
    }
    return buf_slice(out);
}

void forms_frame_read(struct walk *w, slice owner, slice text, struct range at)
{
    struct buf b = buf_new(VALUE_MAX);
    cursor k = cur_open(text);
    for (unsigned lines = 0; cur_more(&k) && lines < LINES_MAX; lines++) {
        slice line = cur_until(&k, '\n');
        size_t eq = slice_find_byte(line, '=', 0);
        slice name = slice_trim(slice_sub(line, 0, eq));
        slice value = eq == SIZE_MAX ? (slice){ 0 } : quoted(slice_from(line, eq + 1), &b);
        if (value.len && slice_is_nocase(name, "Tag"))
            hidden_say(w, &(struct hidden){
                              .place = HIDDEN_CONTROL,
                              .owner = owner,
                              .property = name,
                              .value = charset_decode_codepage(w->mem, 0, value).text,
                              .index = UINT32_MAX, /* the form is none of its controls */
                              .at = at,
                          });
    }
    buf_drop(&b);
}
