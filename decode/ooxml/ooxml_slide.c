/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_slide - actions of shapes and words on slides: ECMA-376 part 1, 21.1.2.3.5 and 21.1.2.3.6,
 * [MS-OE376] 2.1.1271 (the ppaction scheme).
 *
 * The element names the action, a relationship of the slide the program or the file. What only
 * moves between slides or opens a page of the web is no action here, unless the pointer alone
 * does it.
 */
#include "base/text.h"
#include "decode/ooxml/ooxml_private.h"

enum { LINKS_KEPT = 1024, ID_MAX = 64, TARGET_MAX = 500, ACTIONS_SAID = 32 };

void ooxml_link_slide(struct package *p, size_t from, slice id, slice target)
{
    if (from == SIZE_MAX || p->n_slide_links >= LINKS_KEPT)
        return;
    struct slide_link *l =
        ooxml_list_add(p, (void **)&p->slide_links, &p->n_slide_links, &p->room_slide_links, sizeof *l);
    if (l)
        *l = (struct slide_link){ from, arena_copy(p->w->mem, slice_sub(id, 0, ID_MAX)),
                                  arena_copy(p->w->mem, utf8_cut(target, TARGET_MAX)) };
}

static slice target_of(const struct package *p, size_t from, slice id)
{
    for (size_t i = 0; i < p->n_slide_links && id.len; i++)
        if (p->slide_links[i].from == from && slice_eq(p->slide_links[i].id, slice_sub(id, 0, ID_MAX)))
            return p->slide_links[i].target;
    return (slice){ 0 };
}

/* "ppaction://macro?name=Example": what stands behind the '='. */
static slice argument(slice action)
{
    size_t at = slice_find_byte(action, '=', 0);
    return at == SIZE_MAX ? (slice){ 0 } : slice_from(action, at + 1);
}

void ooxml_say_action(struct package *p, size_t from, slice element, slice id, slice action)
{
    bool hover = !slice_is(element, "hlinkClick");
    if (!walk_work(p->w, p->n_slide_links + 20))
        return;
    slice target = target_of(p, from, id);
    const char *kind = NULL;
    if (slice_starts_nocase(action, "ppaction://program"))
        kind = "program";
    else if (slice_starts_nocase(action, "ppaction://macro"))
        kind = "macro", target = argument(action);
    else if (slice_starts_nocase(action, "ppaction://ole"))
        kind = "ole", target = argument(action);
    else if (slice_starts_nocase(action, "ppaction://hlinkfile") || slice_starts_nocase(target, "file:"))
        kind = "file";
    else if (hover && target.len)
        kind = "link";
    if (!kind || p->actions++ >= ACTIONS_SAID)
        return;
    struct buf b = buf_new(TARGET_MAX + 64);
    buf_format(&b, "%s %s ", hover ? "hover" : "click", kind);
    buf_put(&b, utf8_cut(target, TARGET_MAX));
    walk_text(p->w, FACT_OFFICE_SLIDE_ACTION, slice_trim(buf_slice(&b)), NOWHERE);
    buf_drop(&b);
}
