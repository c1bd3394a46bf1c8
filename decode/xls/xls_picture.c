/* SPDX-License-Identifier: Apache-2.0 */
/* xls_picture - the largest picture of a workbook with macros. All pictures of a book lie in the
 * drawing group of its globals ([MS-XLS] 2.4.171 MsoDrawingGroup), cut into records of some eight
 * kilobytes. It is looked at when the macros of the book are known. */
#include "decode/shared/picture.h"
#include "decode/xls/xls_private.h"

enum { REC_DRAWING_GROUP = 0xeb, GROUP_MAX = 4 << 20 };

/* The group in one piece, up to GROUP_MAX bytes of it; its length. `out` NULL: that only. */
static size_t read_group(struct xls *x, uint8_t *out, size_t room)
{
    cursor k = cur_open(slice_sub(x->in, 0, x->globals_end));
    uint16_t id;
    struct xls_place p;
    bool inside = false;
    size_t n = 0;
    while (n < GROUP_MAX && xls_record(x, &k, &id, &p)) {
        inside = id == REC_DRAWING_GROUP || (inside && id == REC_CONTINUE);
        if (!inside)
            continue;
        slice bytes = slice_sub(xls_bytes(x, p), 0, GROUP_MAX - n);
        if (out)
            (void)slice_copy_out(bytes, out + n, room - n);
        n += bytes.len;
    }
    return n;
}

static void keep_picture(struct xls *x)
{
    size_t n = read_group(x, NULL, 0);
    uint8_t *group = n ? arena_get(x->w->mem, n, 1) : NULL;
    if (!group || read_group(x, group, n) != n)
        return;
    struct picture_choice choice = { 0 };
    picture_offer_stream(x->w, &choice, (slice){ group, n });
    picture_keep(x->w, &choice);
}

void xls_picture_say(struct xls *x)
{
    keep_picture(x);
    shown_say(x->w, &x->shown);
}
