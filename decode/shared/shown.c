/* SPDX-License-Identifier: Apache-2.0 */
/* shown - how large a document shows its largest picture, and where; see shown.h. */
#include "decode/shared/shown.h"
#include "base/buf.h"

#include <inttypes.h>

enum { PER_MILLIMETRE = 36000, COLUMNS = 26 };

/* Ten metres, or all cells that there are. */
static const int64_t SIDE_MAX = (int64_t)10000 * PER_MILLIMETRE;

static bool is_side(int64_t v)
{
    return v > 0 && v <= SIDE_MAX;
}

void shown_offer(struct picture_shown *s, const struct picture_shown *other)
{
    if (is_side(other->width) && is_side(other->height) &&
        other->width * other->height > s->width * s->height)
        *s = *other;
}

static int64_t millimetres(int64_t v)
{
    int64_t half = v < 0 ? -PER_MILLIMETRE / 2 : PER_MILLIMETRE / 2;
    return (v + half) / PER_MILLIMETRE;
}

/* "A1": columns count in letters, without a zero. */
static void put_cell(struct buf *b, int64_t column, int64_t row)
{
    char letters[8];
    size_t at = sizeof letters;
    for (column++; column > 0 && at > 0; column = (column - 1) / COLUMNS)
        letters[--at] = (char)('A' + (column - 1) % COLUMNS);
    buf_put(b, (slice){ (const uint8_t *)letters + at, sizeof letters - at });
    buf_format(b, "%" PRId64, row + 1);
}

void shown_say(struct walk *w, const struct picture_shown *s)
{
    if (!s->width)
        return;
    struct buf b = buf_new(128);
    if (s->cells)
        buf_format(&b, "%" PRId64 "x%" PRId64 " cells", s->width, s->height);
    else
        buf_format(&b, "%" PRId64 "x%" PRId64 " mm", millimetres(s->width), millimetres(s->height));
    walk_text(w, FACT_IMAGE_SHOWN, buf_slice(&b), NOWHERE);
    buf_clear(&b);
    if (s->cells)
        put_cell(&b, s->left, s->top);
    else
        buf_format(&b, "%" PRId64 ",%" PRId64 " mm", millimetres(s->left), millimetres(s->top));
    if (s->placed)
        walk_text(w, FACT_IMAGE_PLACE, buf_slice(&b), NOWHERE);
    buf_drop(&b);
}
