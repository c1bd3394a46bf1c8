/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_picture - the picture that a package with macros or outside parts shows: the largest of
 * its media. Other packages are not looked at: nobody asks. */
#include "base/text.h"
#include "decode/ooxml/ooxml_private.h"
#include "decode/shared/picture.h"

enum { MEDIA_MAX = 32, HEAD = 4096 };

static int64_t length(const struct xml_attribute *a, size_t n, const char *name)
{
    uint64_t v;
    return slice_u64(xml_get(a, n, name), &v) && v <= INT32_MAX ? (int64_t)v : 0;
}

void ooxml_place_picture(struct picture_shown *s, const struct xml_attribute *a, size_t n)
{
    *s = (struct picture_shown){ .placed = true };
    s->left = length(a, n, "x");
    s->top = length(a, n, "y");
}

/* In a document of Word the place is within the picture's own frame: it tells nothing. */
void ooxml_size_picture(struct package *p, struct picture_shown *s, const struct xml_attribute *a,
                        size_t n)
{
    s->width = length(a, n, "cx");
    s->height = length(a, n, "cy");
    s->placed = s->placed && p->main != MAIN_WORD;
    shown_offer(&p->shown, s);
}

void ooxml_say_picture(struct package *p)
{
    struct bundle *b = p->b;
    size_t best = SIZE_MAX;
    uint64_t most = 0;
    if (!p->macro && !p->macro_sheets && !p->loaded)
        return;
    for (size_t i = 0, n = 0; i < b->n && n < MEDIA_MAX; i++) {
        uint8_t bytes[HEAD];
        struct picture look;
        if (p->role[i] != ROLE_MEDIA || !walk_work(p->w, WORK_PER_ENTRY))
            continue;
        n++;
        slice head = { bytes, b->head(p->w, b, i, bytes, sizeof bytes) };
        uint64_t area = picture_size(head, &look) ? (uint64_t)look.width * look.height : 0;
        if (area > most) {
            most = area;
            best = i;
        }
    }
    shown_say(p->w, &p->shown);
    if (best == SIZE_MAX)
        return;
    struct body body;
    if (walk_is_acting(p->w)) { /* its size is enough */
        uint8_t bytes[HEAD];
        slice head = { bytes, b->head(p->w, b, best, bytes, sizeof bytes) };
        picture_say(p->w, &(struct picture_choice){ .bytes = head, .area = most });
        return;
    }
    (void)b->open(p->w, b, best, &body);
    picture_say(p->w, &(struct picture_choice){ .bytes = body.all, .area = most });
    body_release(&body);
}
