/* SPDX-License-Identifier: Apache-2.0 */
/* xls_picture - the largest picture of a workbook with macros. All pictures of a book lie in the
 * drawing group of its globals ([MS-XLS] 2.4.171 MsoDrawingGroup), cut into records of some eight
 * kilobytes. */
#include "base/buf.h"
#include "decode/shared/picture.h"
#include "decode/xls/xls_private.h"

enum { REC_DRAWING_GROUP = 0xeb, GROUP_MAX = 4 << 20 };

void xls_picture_say(struct xls *x)
{
    struct buf group = buf_new(GROUP_MAX);
    cursor k = cur_open(slice_sub(x->in, 0, x->globals_end));
    uint16_t id;
    struct xls_place p;
    bool inside = false;
    while (!group.full && xls_record(x, &k, &id, &p)) {
        inside = id == REC_DRAWING_GROUP || (inside && id == REC_CONTINUE);
        if (inside)
            buf_put(&group, xls_bytes(x, p));
    }
    struct picture_choice choice = { 0 };
    picture_offer_stream(x->w, &choice, buf_slice(&group));
    picture_say(x->w, &choice);
    shown_say(x->w, &x->shown);
    buf_drop(&group);
}
