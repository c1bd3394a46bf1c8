/* SPDX-License-Identifier: Apache-2.0 */
/* cfb_picture - the picture that a binary document with macros shows: the largest of those in the
 * stream where Word ("Data") and PowerPoint ("Pictures") keep drawings. Those of workbooks are in
 * the records of the book (decode/xls); those of other documents are not looked at: nobody asks. */
#include "base/text.h"
#include "decode/cfb/cfb_private.h"
#include "decode/shared/picture.h"

static bool holds_macros(const struct cfb *c)
{
    for (uint32_t i = 0; i < c->n_entries; i++)
        if (slice_is_nocase(c->entries[i].name, "VBA") || slice_is_nocase(c->entries[i].name, "_VBA_PROJECT"))
            return true;
    return false;
}

void cfb_picture_say(struct cfb *c)
{
    if (!holds_macros(c))
        return;
    for (uint32_t i = 0; i < c->n_entries; i++) {
        const struct cfb_entry *e = &c->entries[i];
        struct picture_choice choice = { 0 };
        struct body body;
        if (e->kind != CFB_STREAM || (!slice_is_nocase(e->name, "Data") && !slice_is_nocase(e->name, "Pictures")))
            continue;
        (void)cfb_stream_read(c, e, &body);
        picture_offer_stream(c->w, &choice, body.all);
        picture_say(c->w, &choice);
        body_release(&body);
        return;
    }
}
