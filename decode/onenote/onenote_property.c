/* SPDX-License-Identifier: Apache-2.0 */
/* onenote_property - property sets of OneNote objects ([MS-ONESTORE] 2.6.1, 2.6.6 to 2.6.9): the
 * few properties of [MS-ONE] 2.1.12 that tell what a reader sees and can click. */
#include "decode/onenote/onenote_private.h"

/* Where the reader of one property set stands. */
struct reading {
    struct one *o;
    const struct one_ids *ids;
    struct one_object *out;
    cursor data;
    slice compact;    /* the stream of object identifiers */
    size_t next_id;
    unsigned nesting;
};

/* The next object identifier of the stream, as a key. */
static uint64_t next_key(struct reading *r)
{
    size_t i = r->next_id++;
    if (r->ids->keys)
        return i < r->ids->n_keys ? r->ids->keys[i] : 0;
    cursor c = cur_open(slice_sub(r->compact, i * 4, 4));
    uint32_t compact = cur_u32le(&c);
    return cur_ok(&c) ? one_compact_key(r->o, r->ids->space, compact) : 0;
}

/* An IEEE 754 single in thousandths, without floating point. */
static int64_t thousandths(uint32_t bits)
{
    int exponent = (int)(bits >> 23 & 0xFF) - 127 - 23;
    int64_t v = (int64_t)((bits & 0x7FFFFF) | 0x800000) * 1000;
    if (exponent > 8 || (bits & 0x7FFFFFFF) == 0) /* not on any page */
        return 0;
    v = exponent >= 0 ? v << exponent : exponent < -60 ? 0 : v >> -exponent;
    return bits >> 31 ? -v : v;
}

static void four_bytes(struct one_object *out, uint32_t id, uint32_t bits)
{
    switch (id) {
    case 0x14001C14:
        out->box.x = thousandths(bits);
        out->box.placed = true;
        break;
    case 0x14001C15:
        out->box.y = thousandths(bits);
        out->box.placed = true;
        break;
    case 0x140034CD: /* PictureWidth; LayoutMaxWidth where there is none */
        out->box.width = thousandths(bits);
        out->box.sized = true;
        break;
    case 0x140034CE:
        out->box.height = thousandths(bits);
        break;
    case 0x14001C1B:
        out->box.width = out->box.width ? out->box.width : thousandths(bits);
        break;
    case 0x14001C1C:
        out->box.height = out->box.height ? out->box.height : thousandths(bits);
        break;
    default:
        break;
    }
}

static void bytes(struct one_object *out, uint32_t id, slice value)
{
    switch (id) {
    case 0x1C001D9C: /* EmbeddedFileName */
        out->name = value;
        break;
    case 0x1C001D9D: /* SourceFilepath */
        out->source = value;
        break;
    case 0x1C001DD7: /* ImageFilename */
        out->picture_name = value;
        break;
    case 0x1C001C22: /* RichEditTextUnicode */
        out->text = value;
        break;
    case 0x1C003498: /* TextExtendedAscii */
        out->ascii = value;
        break;
    case 0x1C001E58: /* ImageAltText */
        out->alt = value;
        break;
    case 0x1C001CF3: /* CachedTitleString */
        out->title = value;
        break;
    case 0x1C001E20: /* WzHyperlinkUrl */
        out->url = value;
        break;
    case 0x1C001D75: /* Author */
        out->author = value;
        break;
    default:
        break;
    }
}

static bool property_set(struct reading *r);

static bool one_property(struct reading *r, uint32_t id)
{
    uint32_t count;
    id &= 0x7FFFFFFF;
    switch (id >> 26) {
    case 1: /* no data */
    case 2: /* a bit of the identifier itself */
        return true;
    case 3:
        cur_skip(&r->data, 1);
        break;
    case 4:
        cur_skip(&r->data, 2);
        break;
    case 5:
        four_bytes(r->out, id, cur_u32le(&r->data));
        break;
    case 6:
        cur_skip(&r->data, 8);
        break;
    case 7:
        bytes(r->out, id, cur_take(&r->data, cur_u32le(&r->data)));
        break;
    case 8: {
        uint64_t key = next_key(r);
        if (id == 0x20001D9B) /* EmbeddedFileContainer */
            r->out->container = key;
        else if (id == 0x20001C3F || id == 0x200034C8) /* PictureContainer, WebPictureContainer14 */
            r->out->picture = r->out->picture ? r->out->picture : key;
        break;
    }
    case 9:
        count = cur_u32le(&r->data);
        r->next_id += count < ONE_ARRAY_MAX ? count : ONE_ARRAY_MAX;
        break;
    case 0xA: /* of object spaces and contexts, which have streams of their own */
    case 0xC:
        break;
    case 0xB:
    case 0xD:
        cur_skip(&r->data, 4);
        break;
    case 0x10:
        count = cur_u32le(&r->data);
        if (count == 0)
            break;
        cur_skip(&r->data, 4);
        for (uint32_t i = 0; i < count && i < ONE_ARRAY_MAX && cur_ok(&r->data); i++)
            if (!property_set(r))
                return false;
        break;
    case 0x11:
        return property_set(r);
    default:
        return false; /* its length is not known */
    }
    return cur_ok(&r->data);
}

/* PropertySet (2.6.7); bounded by ONE_NESTING_MAX. */
static bool property_set(struct reading *r)
{
    size_t n = cur_u16le(&r->data);
    slice ids = cur_take(&r->data, n * 4);
    if (!cur_ok(&r->data) || ++r->nesting > ONE_NESTING_MAX || !walk_work(r->o->w, 20 + n * 10))
        return false;
    cursor c = cur_open(ids);
    for (size_t i = 0; i < n; i++)
        if (!one_property(r, cur_u32le(&c)))
            return false;
    r->nesting--;
    return true;
}

void one_properties(struct one *o, slice set, const struct one_ids *ids, struct one_object *out)
{
    struct reading r = { .o = o, .ids = ids, .out = out, .data = cur_open(set) };
    uint32_t head = cur_u32le(&r.data);
    r.compact = cur_take(&r.data, (size_t)(head & 0xFFFFFF) * 4);
    if (!(head >> 31)) { /* object spaces follow, and perhaps contexts (2.6.2 to 2.6.4) */
        uint32_t spaces = cur_u32le(&r.data);
        cur_skip(&r.data, (size_t)(spaces & 0xFFFFFF) * 4);
        if (spaces >> 30 & 1)
            cur_skip(&r.data, (size_t)(cur_u32le(&r.data) & 0xFFFFFF) * 4);
    }
    if (cur_ok(&r.data))
        (void)property_set(&r);
}
