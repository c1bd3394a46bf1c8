/* SPDX-License-Identifier: Apache-2.0 */
/* lnk - shortcuts of the Windows shell ([MS-SHLLINK]).
 *
 * A shortcut is a command line with a picture. Read are the header, the item list, LinkInfo, the
 * strings, the extra blocks, and what lies behind them: Emotet (2022-04) and many since append the
 * script that the command line takes out of the shortcut's own file.
 *
 * As Explorer does, a field that is cut off or wrong is passed over and the next one is read.
 * Left out: times and the droid identifiers, which say nothing about what the link does; console
 * settings. */
#include "base/charset.h"
#include "base/text.h"
#include "decode/lnk/lnk_private.h"
#include "decode/shared/remote.h"

static const char magic[20] = "L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";

static enum sniff lnk_sniff(const struct sniff_input *in)
{
    return slice_starts(in->body->all, (slice){ (const uint8_t *)magic, sizeof magic }) ? SNIFF_STRONG : SNIFF_NO;
}

/* --- shared */

slice lnk_ansi(struct lnk *l, slice raw)
{
    size_t end = slice_find_byte(raw, 0, 0);
    raw = slice_sub(raw, 0, end);
    return raw.len ? charset_decode_id(l->w->mem, charset_guess(raw), raw).text : raw;
}

void lnk_malformed(struct lnk *l, const char *what, struct range at)
{
    l->bad = true;
    walk_cstr(l->w, FACT_LNK_MALFORMED, what, at);
}

void lnk_text(struct lnk *l, enum fact_id id, slice utf8, struct range at)
{
    if (utf8.len)
        walk_text(l->w, id, utf8_cut(utf8, LNK_PATH_MAX), at);
}

/* --- header (2.1) */

static const char *show_name(uint32_t show)
{
    switch (show) {
    case 3:
        return "maximized";
    case 7:
        return "minimized";
    case 0:
        return "hidden"; /* SW_HIDE: by the book normal, some shells obey */
    default:
        return "normal";
    }
}

static void header(struct lnk *l, cursor *c)
{
    cur_skip(c, 20);
    l->flags = cur_u32le(c);
    cur_skip(c, 4 + 3 * 8 + 4);
    uint32_t icon = cur_u32le(c), show = cur_u32le(c);
    uint16_t key = cur_u16le(c);
    cur_skip(c, 10);
    if (!cur_ok(c))
        return;
    walk_cstr(l->w, FACT_LNK_SHOW_COMMAND, show_name(show), range_of(0x3C, 4));
    walk_int(l->w, FACT_LNK_ICON_INDEX, (int32_t)icon, range_of(0x38, 4));
    if (key)
        walk_int(l->w, FACT_LNK_HOTKEY, key, range_of(0x40, 2));
}

/* --- the parts behind it */

/* LinkTargetIDList (2.2) */
static void target_list(struct lnk *l, cursor *c)
{
    size_t at = c->pos + 2, size = cur_u16le(c);
    if (size > cur_left(c)) {
        lnk_malformed(l, "item list is cut off", range_of(at, cur_left(c)));
        size = cur_left(c);
    }
    l->list = lnk_items(l, cur_take(c, size), at);
}

/* LinkInfo (2.3) begins with its own size, which counts itself. */
static void link_info(struct lnk *l, cursor *c)
{
    size_t at = c->pos, size = cur_u32le(c);
    if (!cur_ok(c))
        return;
    if (size < 4 || size - 4 > cur_left(c)) {
        lnk_malformed(l, "LinkInfo has a wrong size", range_of(at, 4));
        size = size < 4 ? 4 : cur_left(c) + 4;
    }
    slice info = slice_sub(l->all, at, size);
    cur_skip(c, size - 4);
    if (!(l->flags & LNK_NO_INFO))
        lnk_info(l, info, at);
}

/* One of StringData (2.4); what is there of a string that is cut off. */
static slice string(struct lnk *l, cursor *c, struct range *at_out)
{
    size_t n = cur_u16le(c), unit = l->flags & LNK_UNICODE ? 2 : 1;
    if (n * unit > cur_left(c)) {
        lnk_malformed(l, "a string is cut off", range_of(c->pos, cur_left(c)));
        n = cur_left(c) / unit;
        l->torn = true;
    }
    *at_out = range_of(c->pos, n * unit);
    slice raw = cur_take(c, n * unit);
    if (unit == 2) /* a NUL inside does not end it: the count does */
        return utf8_from_utf16le(l->w->mem, raw);
    return raw.len ? charset_decode_id(l->w->mem, charset_guess(raw), raw).text : raw;
}

static void strings(struct lnk *l, cursor *c)
{
    static const struct {
        uint32_t flag;
        enum fact_id id;
    } rows[] = {
        { LNK_HAS_NAME, FACT_LNK_DESCRIPTION },      { LNK_HAS_RELATIVE, FACT_LNK_RELATIVE_PATH },
        { LNK_HAS_WORKING, FACT_LNK_WORKING_DIRECTORY }, { LNK_HAS_ARGUMENTS, FACT_LNK_ARGUMENTS },
        { LNK_HAS_ICON, FACT_LNK_ICON },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && cur_ok(c) && !l->torn; i++) {
        struct range at;
        if (!(l->flags & rows[i].flag))
            continue;
        slice s = string(l, c, &at);
        if (rows[i].id == FACT_LNK_ARGUMENTS) {
            l->arguments = s; /* said by lnk_command() */
            l->arguments_at = at;
            continue;
        }
        lnk_text(l, rows[i].id, s, at);
        if (rows[i].id == FACT_LNK_RELATIVE_PATH)
            l->relative = s;
        else if (rows[i].id == FACT_LNK_ICON)
            l->icon = s;
        else if (rows[i].id == FACT_LNK_WORKING_DIRECTORY)
            (void)walk_remote(l->w, s, at, "lnk.working_directory");
    }
}

static enum walk_end lnk_walk(struct walk *w, const struct body *body)
{
    struct lnk *l = ARENA_NEW(w->mem, struct lnk);
    if (!l)
        return WALK_LIMIT;
    *l = (struct lnk){ .w = w, .all = body_unpadded(body) };
    if (l->all.len < sizeof magic)
        return WALK_NOT_MINE;
    if (!walk_work(w, l->all.len * 2))
        return WALK_LIMIT;
    cursor c = cur_open(l->all);
    header(l, &c);
    if (l->flags & LNK_HAS_LIST)
        target_list(l, &c);
    if (l->flags & LNK_HAS_INFO)
        link_info(l, &c);
    strings(l, &c);
    l->content_end = cur_ok(&c) && !l->torn ? lnk_extra(l, c.pos) : l->all.len;
    l->torn = l->torn || !cur_ok(&c);
    lnk_command(l);
    lnk_appended(l);
    if (walk_over(w))
        return WALK_LIMIT;
    return l->torn ? WALK_SHORT : l->bad ? WALK_BROKEN : WALK_WHOLE;
}

const struct format format_lnk = {
    .name = "lnk",
    .spec = "[MS-SHLLINK] 2",
    .sniff = lnk_sniff,
    .walk = lnk_walk,
};
