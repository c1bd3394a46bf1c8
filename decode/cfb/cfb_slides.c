/* SPDX-License-Identifier: Apache-2.0 */
/* Storages inside the PowerPoint Document stream: [MS-PPT] 2.10.34 to 2.10.36.
 *
 * A presentation keeps its VBA project and its embedded objects as compound
 * files of their own, compressed or not, in ExOleObjStg records at the top
 * level of the stream. They become children. Text of slides is not read.
 */
#include "decode/cfb/cfb_private.h"
#include "base/inflate.h"

enum {
    RT_EXTERNAL_OLE_OBJECT = 0x1011,
    OBJECTS_MAX = 256,
    OBJECT_MAX = 256 << 20,
};

static void give_child(struct cfb *c, const struct body *body)
{
    struct child child = {
        .name = SLICE_LIT("ExOleObjStg"),
        .how = HOW_OLE,
        .at = NOWHERE,
        .body = body,
    };
    if (body->all.len)
        (void)walk_child(c->w, &child);
}

static void read_object(struct cfb *c, slice data, bool compressed)
{
    struct body body = body_borrow(data);
    if (compressed) {
        cursor k = cur_open(data);
        uint32_t size = cur_u32le(&k);
        struct body_writer *bw = body_writer_new(c->w->mem, size, OBJECT_MAX);
        if (!bw)
            return;
        struct inflate_result r =
            inflate_into(bw, cur_rest(&k), INFLATE_ZLIB, c->w->mem, c->w->budget);
        c->cut = c->cut || r.end == INFLATE_SHORT || r.end == INFLATE_BROKEN;
        body = body_writer_done(bw);
    }
    give_child(c, &body);
    body_release(&body);
}

void cfb_slides_read(struct cfb *c, uint32_t entry)
{
    struct body body;
    (void)cfb_stream_read(c, &c->entries[entry], &body);
    cursor k = cur_open(body.all);
    unsigned objects = 0, records = 0;
    while (cur_left(&k) >= 8 && !walk_over(c->w)) {
        uint16_t version = cur_u16le(&k);
        uint16_t type = cur_u16le(&k);
        uint32_t len = cur_u32le(&k);
        slice data = slice_sub(cur_rest(&k), 0, len);
        if (type == RT_EXTERNAL_OLE_OBJECT && objects++ < OBJECTS_MAX)
            read_object(c, data, (version >> 4) == 1);
        cur_skip(&k, data.len);
        if (++records % 4096 == 0 && !walk_work(c->w, 4096 * 10))
            break;
    }
    body_release(&body);
}
