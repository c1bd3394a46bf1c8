/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as a reader sees them. Accepts RFC 5321 4.1.2 Dot-string and host names with at least
 * one dot; leaves out quoted local parts and address literals, which nobody takes for a sender.
 */
#include "observe/whole/mailbox.h"

#include "base/domain.h"
#include "observe/whole/lookalike.h"

enum { LOCAL_MAX = 64, DOMAIN_MAX = 253 };

/* RFC 5322 3.2.3 atext and '.', and bytes of UTF-8 (RFC 6532) only in the domain: in the local
 * part Japanese text in front of an address would join it. */
static bool local_byte(uint8_t c)
{
    return ascii_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static bool domain_byte(uint8_t c)
{
    return ascii_alnum(c) || c == '-' || c == '.' || c == '_';
}

static size_t domain_end(slice text, size_t from)
{
    size_t end = from;
    while (end < text.len && end - from <= DOMAIN_MAX && domain_byte(text.at[end]))
        end++;
    while (end > from && !ascii_alnum(text.at[end - 1]))
        end--;
    return end;
}

static bool plausible_domain(slice d)
{
    size_t dot = slice_find_byte(d, '.', 0);
    bool ends_in_name = d.len >= 4 && (ascii_alpha(d.at[d.len - 1]) ||
                                       slice_find(d, SLICE_LIT(".xn--"), 0) != SIZE_MAX);
    return dot != SIZE_MAX && dot > 0 && d.len <= DOMAIN_MAX && ends_in_name &&
           slice_find(d, SLICE_LIT(".."), 0) == SIZE_MAX;
}

/* An internationalised host as people write it (RFC 5890 U-label): letters that are not ASCII
 * belong to it only where it makes no host without them, for text may follow without a blank. */
static size_t wide_domain_end(slice text, size_t from)
{
    size_t end = from;
    while (end < text.len && end - from <= DOMAIN_MAX &&
           (domain_byte(text.at[end]) || text.at[end] >= 0x80))
        end++;
    while (end > from && !ascii_alnum(text.at[end - 1]))
        end--;
    return end;
}

bool mailbox_next(slice text, size_t *pos, struct mailbox *out)
{
    size_t at = *pos;
    while ((at = slice_find_byte(text, '@', at)) != SIZE_MAX) {
        size_t begin = at, end = domain_end(text, at + 1);
        if (!plausible_domain(slice_sub(text, at + 1, end - at - 1)))
            end = wide_domain_end(text, at + 1);
        while (begin > *pos && at - begin < LOCAL_MAX && local_byte(text.at[begin - 1]))
            begin--;
        /* quotes and dots around it belong to the sentence: 'taro@example.jp' */
        while (begin < at &&
               (text.at[begin] == '\'' || text.at[begin] == '.' || text.at[begin] == '`'))
            begin++;
        if (begin < at && plausible_domain(slice_sub(text, at + 1, end - at - 1))) {
            *out = (struct mailbox){ slice_sub(text, begin, end - begin), begin };
            *pos = end;
            return true;
        }
        at++;
    }
    *pos = text.len;
    return false;
}

slice mailbox_domain(slice address)
{
    const void *p = address.len ? memrchr(address.at, '@', address.len) : NULL;
    return p ? slice_from(address, (size_t)((const uint8_t *)p - address.at) + 1) : (slice){ 0 };
}

slice mailbox_local(slice address)
{
    slice domain = mailbox_domain(address);
    return domain.at ? slice_sub(address, 0, address.len - domain.len - 1) : address;
}

slice mailbox_organisation(struct arena *mem, slice address)
{
    slice domain = mailbox_domain(address);
    if (!domain.at)
        domain = address; /* a bare host name */
    domain = slice_lower(mem, slice_trim(domain));
    while (domain.len && domain.at[domain.len - 1] == '.')
        domain.len--;
    return lookalike_shown(mem, domain_registered(domain));
}

/* ASCII stand-in, or 0. */
static uint8_t narrow_code(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E)
        return (uint8_t)(c - 0xFEE0);
    switch (c) {
    case 0x00A0:
    case 0x3000:
    case 0x2002:
    case 0x2003:
    case 0x2009:
    case 0x202F:
        return ' ';
    case 0xFE6B:
        return '@';
    case 0xFE52:
    case 0x2024:
    case 0xFF61:
        return '.';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2212:
        return '-';
    default:
        return 0;
    }
}

slice mailbox_narrow(struct arena *mem, slice text)
{
    size_t first = 0;
    while (first < text.len && text.at[first] < 0x80)
        first++;
    if (first == text.len)
        return text;
    uint8_t *out = ARENA_ARRAY(mem, uint8_t, text.len);
    if (!out)
        return text;
    size_t n = 0;
    for (size_t pos = 0; pos < text.len;) {
        size_t from = pos;
        uint8_t c = narrow_code(utf8_next(text, &pos));
        if (c)
            out[n++] = c;
        else
            while (from < pos)
                out[n++] = text.at[from++];
    }
    return (slice){ out, n };
}

/* Shown as nothing: they can stand in an address and hide it from who compares letters. */
static bool is_invisible(uint32_t c)
{
    return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x180E || c == 0xFEFF ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) ||
           (c >= 0xE0000 && c <= 0xE007F);
}

slice mailbox_shown(struct arena *mem, slice text)
{
    text = mailbox_narrow(mem, text);
    size_t first = 0;
    while (first < text.len && text.at[first] < 0x80)
        first++;
    uint8_t *out = first == text.len ? NULL : ARENA_ARRAY(mem, uint8_t, text.len);
    if (!out)
        return text;
    size_t n = 0;
    for (size_t pos = 0; pos < text.len;) {
        size_t from = pos;
        uint32_t c = utf8_next(text, &pos);
        if (is_invisible(c))
            continue;
        if (c == 0x3002 && pos < text.len && ascii_alnum(text.at[pos])) /* UTS #46 2.3 */
            out[n++] = '.';
        else
            while (from < pos)
                out[n++] = text.at[from++];
    }
    return (slice){ out, n };
}
