/* SPDX-License-Identifier: Apache-2.0 */
/* html_style - is an element invisible by its own style attribute?
 *
 * CSS 2.1 declarations, the forms that mail uses to hide text from people or
 * from filters. Style sheets are left out: mail programs drop most of them.
 */
#include "base/text.h"
#include "decode/html/html_private.h"

static bool is_white(slice v)
{
    static const char *const white[] = { "#fff", "#ffffff", "white", "rgb(255,255,255)",
                                         "rgb(255, 255, 255)" };
    for (size_t i = 0; i < sizeof white / sizeof white[0]; i++)
        if (slice_is_nocase(v, white[i]))
            return true;
    return false;
}

/* "0", "0px", "0.0em", "1px": nothing that an eye could read. */
static bool is_tiny(slice v)
{
    bool zero = true;
    size_t i = 0;
    while (i < v.len && (ascii_digit(v.at[i]) || v.at[i] == '.'))
        zero = zero && (v.at[i] == '0' || v.at[i] == '.'), i++;
    if (i == 0)
        return false;
    return zero || slice_is_nocase(v, "1px") || slice_is_nocase(v, "1pt");
}

bool html_style_hides(slice style)
{
    bool white_text = false, white_ground = false;
    cursor c = cur_open(style);
    for (int n = 0; n < 64 && cur_more(&c); n++) {
        slice one = cur_until(&c, ';');
        size_t colon = slice_find_byte(one, ':', 0);
        if (colon == SIZE_MAX)
            continue;
        slice name = slice_trim(slice_sub(one, 0, colon)),
              value = slice_trim(slice_from(one, colon + 1));
        size_t mark = slice_find_byte(value, '!', 0); /* !important */
        value = slice_trim(slice_sub(value, 0, mark == SIZE_MAX ? value.len : mark));
        if (name.len < 5 || name.len > 16)
            continue;
        switch (name.at[0] | 32) {
        case 'd':
            if (slice_is_nocase(name, "display") && slice_is_nocase(value, "none"))
                return true;
            break;
        case 'v':
            if (slice_is_nocase(name, "visibility") && slice_is_nocase(value, "hidden"))
                return true;
            break;
        case 'f':
            if (slice_is_nocase(name, "font-size") && is_tiny(value))
                return true;
            break;
        case 'o':
            if (slice_is_nocase(name, "opacity") && is_tiny(value))
                return true;
            break;
        case 'm':
            if ((slice_is_nocase(name, "max-height") && is_tiny(value)) ||
                (slice_is_nocase(name, "mso-hide") && slice_is_nocase(value, "all")))
                return true;
            break;
        case 'c':
            white_text = white_text || (slice_is_nocase(name, "color") && is_white(value));
            break;
        case 'b':
            white_ground =
                white_ground || (slice_starts_nocase(name, "background") && is_white(value));
            break;
        default:
            break;
        }
    }
    return white_text && white_ground;
}
