/* SPDX-License-Identifier: Apache-2.0 */
/* cfb_picture - the picture that a binary document with macros shows: the largest of those in the
 * stream where Word ("Data") and PowerPoint ("Pictures") keep drawings. Those of workbooks are in
 * the records of the book, and were kept by decode/xls; those of other documents are not looked
 * at: nobody asks. How large they are shown stands in front of those in Word's text ([MS-DOC]
 * 2.9.192 PICF). */
#include "base/text.h"
#include "decode/cfb/cfb_private.h"
#include "decode/shared/picture.h"

/* Those of a presentation lie in it as an object; its own records tell. */
static bool holds_macros(const struct cfb *c)
{
    if (c->macros)
        return true;
    for (uint32_t i = 0; i < c->n_entries; i++)
        if (slice_is_nocase(c->entries[i].name, "VBA") || slice_is_nocase(c->entries[i].name, "_VBA_PROJECT"))
            return true;
    return false;
}

enum { PICF = 68, GOAL_AT = 28, PICTURES_MAX = 256, PER_MILLE = 1000 };

/* Pictures in the text follow one another, each behind its length: dxaGoal and dyaGoal in twips,
 * and by how many thousandths they are scaled. */
static void read_sizes(struct cfb *c, slice data)
{
    for (size_t at = 0, n = 0; data.len - at >= PICF && n < PICTURES_MAX; n++) {
        cursor k = cur_open(slice_from(data, at));
        uint32_t len = cur_u32le(&k);
        bool picture = cur_u16le(&k) == PICF;
        cur_seek(&k, GOAL_AT);
        int64_t width = cur_u16le(&k), height = cur_u16le(&k);
        int64_t across = cur_u16le(&k), down = cur_u16le(&k);
        struct picture_shown s = {
            .width = width * across * SHOWN_PER_TWIP / PER_MILLE,
            .height = height * down * SHOWN_PER_TWIP / PER_MILLE,
        };
        if (picture)
            shown_offer(&c->shown, &s);
        if (len < PICF || len > data.len - at)
            return;
        at += len;
    }
}

/* The largest of the pictures in the streams of this name; false: there is none. */
static bool look_in(struct cfb *c, const char *name)
{
    struct picture_choice choice = { 0 };
    for (uint32_t i = 0; i < c->n_entries; i++) {
        const struct cfb_entry *e = &c->entries[i];
        struct body body;
        if (e->kind != CFB_STREAM || !slice_is_nocase(e->name, name))
            continue;
        (void)cfb_stream_read(c, e, &body);
        picture_offer_stream(c->w, &choice, body.all);
        picture_say(c->w, &choice);
        if (slice_is(slice_of(name), "Data"))
            read_sizes(c, body.all);
        body_release(&body);
        break;
    }
    return choice.bytes.len > 0;
}

void cfb_picture_say(struct cfb *c)
{
    picture_say_kept(c->w);
    if (holds_macros(c)) {
        /* What stands beside the text, Word keeps behind it ([MS-ODRAW] 2.2.23: foDelay). */
        if (!look_in(c, "Data") && !look_in(c, "Pictures") && c->shown.placed)
            (void)look_in(c, "WordDocument");
    }
    shown_say(c->w, &c->shown);
}
