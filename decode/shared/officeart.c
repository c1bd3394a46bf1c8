/* SPDX-License-Identifier: Apache-2.0 */
/* officeart - [MS-ODRAW] 2.2.9 to 2.2.13 and 2.3: records of a head and data, containers in
 * containers; of each shape the properties that are texts.
 *
 * Containers are walked into by going on behind their head, so that wrong lengths hide nothing;
 * where no record begins, the next byte is tried. Left out: what pictures hold, geometry, groups.
 */
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/shared/officeart.h"

enum {
    HEAD = 8,
    RT_FSP = 0xf00a,     /* 2.2.40 */
    RT_FOPT = 0xf00b,    /* 2.2.9 */
    RT_ANCHOR = 0xf010,  /* each application has its own */
    RT_SECONDARY = 0xf121,
    RT_TERTIARY = 0xf122,
    FIRST = 0xf000,
    LAST = 0xf124,
    PROPERTY = 6,
    COMPLEX = 0x8000,
    PID_LTXID = 0x0080,       /* 2.3.21.1 */
    PID_WORDART = 0x00c0,     /* 2.3.22.2: gtextUNICODE */
    PID_PICTURE = 0x0104,     /* 2.3.23.5: pib */
    PID_NAME = 0x0380,        /* 2.3.4.1 */
    PID_DESCRIPTION = 0x0381, /* 2.3.4.2: alternative text */
    PID_TOOLTIP = 0x038d,     /* 2.3.4.5 ff. */
    PID_SCRIPT = 0x038e,
    SHAPES_MAX = 4096,
};

static struct officeart_shape *shape_now(struct officeart *a, bool fresh)
{
    if (a->n && !fresh)
        return &a->shapes[a->n - 1];
    if (a->n == a->room) {
        size_t more = a->room ? a->room * 2 : 16;
        struct officeart_shape *bigger =
            more <= SHAPES_MAX ? arena_regrow(a->w->mem, a->shapes, a->n * sizeof *bigger, more, sizeof *bigger) : NULL;
        if (!bigger)
            return NULL;
        a->shapes = bigger;
        a->room = more;
    }
    a->shapes[a->n] = (struct officeart_shape){ 0 };
    return &a->shapes[a->n++];
}

static void say(struct officeart *a, const struct officeart_shape *s, const char *property, slice value, struct range at)
{
    if (value.len)
        hidden_say(a->w, &(struct hidden){ .place = HIDDEN_SHAPE, .owner = a->owner, .name = s->name,
                                           .property = slice_of(property), .value = value,
                                           .index = (uint32_t)a->n, .at = at });
}

/* Fixed parts of all properties first, then the complex ones' data in the same order. */
static void read_properties(struct officeart *a, slice data, unsigned count, struct range at)
{
    static const struct { uint16_t id; const char *property; } texts[] = {
        { PID_NAME, NULL }, { PID_DESCRIPTION, "AlternativeText" }, { PID_WORDART, "Text" },
        { PID_TOOLTIP, "ScreenTip" }, { PID_SCRIPT, "Script" },
    };
    struct officeart_shape *s = shape_now(a, false);
    size_t most = data.len / PROPERTY;
    if (!s || !walk_work(a->w, 20 * (count < most ? count : most)))
        return;
    count = count < most ? count : (unsigned)most;
    size_t behind = (size_t)count * PROPERTY;
    cursor k = cur_open(slice_sub(data, 0, behind));
    for (unsigned i = 0; i < count; i++) {
        uint16_t id = cur_u16le(&k);
        uint32_t v = cur_u32le(&k);
        if ((id & 0x3fff) == PID_LTXID && !(id & COMPLEX))
            s->text = v;
        s->picture = s->picture || ((id & 0x3fff) == PID_PICTURE && v);
        if (!(id & COMPLEX))
            continue;
        slice raw = slice_sub(data, behind, v);
        behind += raw.len;
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
            if ((id & 0x3fff) != texts[t].id)
                continue;
            slice text = utf8_from_utf16le_z(a->w->mem, raw);
            if (!texts[t].property)
                s->name = text;
            else
                say(a, s, texts[t].property, text, at);
        }
    }
}

static int64_t i32_of(uint32_t v) { return (int32_t)v; }
static int64_t i16_of(uint16_t v) { return (int16_t)v; }

/* [MS-XLS] 2.5.193: cells, each with a part of it; [MS-PPT] 2.7.1: 576 to the inch, short or long.
 * Word keeps its own elsewhere. */
static void read_anchor(struct officeart *a, slice data)
{
    cursor k = cur_open(data);
    struct picture_shown s = { .placed = true };
    if (!a->shown || !a->n || !a->shapes[a->n - 1].picture)
        return;
    if (data.len == 18) {
        uint16_t v[8];
        cur_skip(&k, 2);
        for (unsigned i = 0; i < 8; i++)
            v[i] = cur_u16le(&k);
        s.cells = true;
        s.left = v[0];
        s.top = v[2];
        s.width = v[4] - v[0] + 1;
        s.height = v[6] - v[2] + 1;
    } else if (data.len == 8 || data.len == 16) {
        int64_t v[4]; /* top, left, right, bottom */
        for (unsigned i = 0; i < 4; i++)
            v[i] = data.len == 8 ? i16_of(cur_u16le(&k)) : i32_of(cur_u32le(&k));
        for (unsigned i = 0; i < 4; i++)
            v[i] = v[i] * SHOWN_PER_TWIP * 5 / 2;
        s.left = v[1];
        s.top = v[0];
        s.width = v[2] - v[1];
        s.height = v[3] - v[0];
    }
    shown_offer(a->shown, &s);
}

void officeart_read(struct officeart *a, slice records, struct range at)
{
    if (!walk_work(a->w, records.len / 4))
        return;
    for (size_t pos = 0; records.len - pos >= HEAD;) {
        cursor k = cur_open(slice_from(records, pos));
        uint16_t version = cur_u16le(&k), type = cur_u16le(&k);
        uint32_t len = cur_u32le(&k);
        slice data = slice_sub(cur_rest(&k), 0, len);
        if (type < FIRST || type > LAST) {
            pos++;
            continue;
        }
        pos += HEAD;
        if ((version & 15) == 15)
            continue;
        if (type == RT_FSP) {
            struct officeart_shape *s = shape_now(a, true);
            cursor f = cur_open(data);
            if (s)
                s->id = cur_u32le(&f);
        } else if (type == RT_FOPT || type == RT_SECONDARY || type == RT_TERTIARY) {
            read_properties(a, data, version >> 4, at);
        } else if (type == RT_ANCHOR) {
            read_anchor(a, data);
        }
        pos += data.len == len ? len : 0;
        if (!walk_work(a->w, 20))
            return;
    }
}
