/* SPDX-License-Identifier: Apache-2.0 */
/* officeart - [MS-ODRAW] 2.2.9 to 2.2.13 and 2.3: records of a head and data, containers in
 * containers; of each shape the properties that are texts.
 *
 * Containers are walked into by going on behind their head, so that wrong lengths hide nothing;
 * where no record begins, the next byte is tried. Left out: pictures, geometry, groups.
 */
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/shared/officeart.h"

enum {
    HEAD = 8,
    RT_FSP = 0xf00a,     /* 2.2.40 */
    RT_FOPT = 0xf00b,    /* 2.2.9 */
    RT_SECONDARY = 0xf121,
    RT_TERTIARY = 0xf122,
    FIRST = 0xf000,
    LAST = 0xf124,
    PROPERTY = 6,
    COMPLEX = 0x8000,
    PID_LTXID = 0x0080,       /* 2.3.21.1 */
    PID_WORDART = 0x00c0,     /* 2.3.22.2: gtextUNICODE */
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
        }
        pos += data.len == len ? len : 0;
        if (!walk_work(a->w, 20))
            return;
    }
}
