/* SPDX-License-Identifier: Apache-2.0 */
/* controls - [MS-OFORMS] 2.2.1, 2.2.4, 2.2.5, 2.2.9 and 2.2.10.1: masks, properties, strings.
 *
 * 2.1.1: properties stand in the order of the mask's bits, each aligned to its own size; behind
 * them, aligned to four, what is longer than four bytes: sizes and strings, in the same order.
 * The structure's own size is not believed: it has 16 bits, and Office writes longer values.
 * Left out: list items (not kept in files), colours, places, pictures.
 */
#include "base/buf.h"
#include "base/text.h"
#include "decode/shared/controls.h"
#include "decode/hidden.h"

enum {
    FIELDS_MAX = 24,
    STRINGS_MAX = 4,
    TABS_MAX = 64,
    RUN_LEAST = 8,
    RUNS_MAX = 64,
    MOVIES_TRIED = 16,
    FACE_MAX = 31, /* LF_FACESIZE: no font has a longer name */
};

/* What the property of a bit takes: its bytes among the properties, and what it is. */
enum what { W_PLAIN, W_STRING, W_PAIR, W_PICTURE, W_FONT, W_ARRAY };

struct field {
    uint8_t bit, size, what;
    const char *name; /* of a string or an array */
};

/* 2.2.5.2 and 2.2.5.3 */
static const struct field morph[] = {
    { 0, 4, W_PLAIN, 0 },   { 1, 4, W_PLAIN, 0 },   { 2, 4, W_PLAIN, 0 },   { 3, 4, W_PLAIN, 0 },
    { 4, 1, W_PLAIN, 0 },   { 5, 1, W_PLAIN, 0 },   { 6, 1, W_PLAIN, 0 },   { 7, 1, W_PLAIN, 0 },
    { 8, 0, W_PAIR, 0 },    { 9, 2, W_PLAIN, 0 },   { 10, 4, W_PLAIN, 0 },  { 11, 2, W_PLAIN, 0 },
    { 12, 2, W_PLAIN, 0 },  { 13, 2, W_PLAIN, 0 },  { 14, 2, W_PLAIN, 0 },  { 15, 2, W_PLAIN, 0 },
    { 16, 1, W_PLAIN, 0 },  { 17, 1, W_PLAIN, 0 },  { 18, 1, W_PLAIN, 0 },  { 20, 1, W_PLAIN, 0 },
    { 21, 1, W_PLAIN, 0 },  { 22, 4, W_STRING, "Value" }, { 23, 4, W_STRING, "Caption" },
    { 24, 4, W_PLAIN, 0 },  { 25, 4, W_PLAIN, 0 },  { 26, 4, W_PLAIN, 0 },  { 27, 2, W_PICTURE, 0 },
    { 28, 2, W_PICTURE, 0 }, { 29, 2, W_PLAIN, 0 }, { 32, 4, W_STRING, "GroupName" },
};

/* 2.2.1.2 and 2.2.1.3 */
static const struct field button[] = {
    { 0, 4, W_PLAIN, 0 }, { 1, 4, W_PLAIN, 0 }, { 2, 4, W_PLAIN, 0 },   { 3, 4, W_STRING, "Caption" },
    { 4, 4, W_PLAIN, 0 }, { 5, 0, W_PAIR, 0 },  { 6, 1, W_PLAIN, 0 },   { 7, 2, W_PICTURE, 0 },
    { 8, 2, W_PLAIN, 0 }, { 10, 2, W_PICTURE, 0 },
};

/* 2.2.4.2 and 2.2.4.3 */
static const struct field label[] = {
    { 0, 4, W_PLAIN, 0 }, { 1, 4, W_PLAIN, 0 }, { 2, 4, W_PLAIN, 0 }, { 3, 4, W_STRING, "Caption" },
    { 4, 4, W_PLAIN, 0 }, { 5, 0, W_PAIR, 0 },  { 6, 1, W_PLAIN, 0 }, { 7, 4, W_PLAIN, 0 },
    { 8, 2, W_PLAIN, 0 }, { 9, 2, W_PLAIN, 0 }, { 10, 2, W_PICTURE, 0 }, { 11, 2, W_PLAIN, 0 },
    { 12, 2, W_PICTURE, 0 },
};

/* 2.2.9.2 and 2.2.9.3 */
static const struct field tabs[] = {
    { 0, 4, W_PLAIN, 0 },  { 1, 4, W_PLAIN, 0 },  { 2, 4, W_PLAIN, 0 },  { 4, 0, W_PAIR, 0 },
    { 5, 4, W_ARRAY, "Caption" }, { 6, 1, W_PLAIN, 0 }, { 8, 4, W_PLAIN, 0 }, { 9, 4, W_PLAIN, 0 },
    { 11, 4, W_PLAIN, 0 }, { 12, 4, W_PLAIN, 0 }, { 15, 4, W_ARRAY, "ControlTipText" },
    { 17, 4, W_ARRAY, "Name" }, { 18, 4, W_PLAIN, 0 }, { 20, 4, W_PLAIN, 0 },
    { 21, 4, W_ARRAY, "Tag" }, { 22, 4, W_PLAIN, 0 }, { 23, 4, W_ARRAY, "Accelerator" },
    { 24, 2, W_PICTURE, 0 },
};

/* 2.3.1, 2.3.2: the font behind a control */
static const struct field text_props[] = {
    { 0, 4, W_STRING, "Font.Name" }, { 1, 4, W_PLAIN, 0 }, { 2, 4, W_PLAIN, 0 }, { 4, 1, W_PLAIN, 0 },
    { 5, 1, W_PLAIN, 0 }, { 6, 1, W_PLAIN, 0 }, { 7, 2, W_PLAIN, 0 },
};

struct shape {
    const struct field *fields;
    size_t n;
    unsigned mask_bytes;
};

#define SHAPE(f, m) { f, sizeof(f) / sizeof((f)[0]), m }
static const struct shape shapes[] = {
    [CONTROL_MORPH] = SHAPE(morph, 8),
    [CONTROL_BUTTON] = SHAPE(button, 4),
    [CONTROL_LABEL] = SHAPE(label, 4),
    [CONTROL_TABS] = SHAPE(tabs, 4),
    [CONTROL_MUTE] = { NULL, 0, 4 },
};

/* --- kinds */

struct class_row {
    slice clsid;
    enum control_kind kind;
};

static const struct class_row classes[] = {
    { SLICE_INIT("\x10\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"), CONTROL_MORPH }, /* TextBox */
    { SLICE_INIT("\x20\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"), CONTROL_MORPH }, /* ListBox */
    { SLICE_INIT("\x30\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"), CONTROL_MORPH }, /* ComboBox */
    { SLICE_INIT("\x40\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"), CONTROL_MORPH }, /* CheckBox */
    { SLICE_INIT("\x50\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"), CONTROL_MORPH }, /* OptionButton */
    { SLICE_INIT("\x60\x1d\xd2\x8b\x42\xec\xce\x11\x9e\x0d\x00\xaa\x00\x60\x02\xf3"), CONTROL_MORPH }, /* ToggleButton */
    { SLICE_INIT("\x40\x32\x05\xd7\x69\xce\xcd\x11\xa7\x77\x00\xdd\x01\x14\x3c\x57"), CONTROL_BUTTON },
    { SLICE_INIT("\x23\x9e\x8c\x97\xb0\xd4\xce\x11\xbf\x2d\x00\xaa\x00\x3f\x40\xd0"), CONTROL_LABEL },
    { SLICE_INIT("\x41\x92\x59\x4c\x26\x69\x1b\x10\x99\x92\x00\x00\x0b\x65\xc6\xf9"), CONTROL_MUTE }, /* Image */
    { SLICE_INIT("\xb0\x6f\x17\x79\xf2\xb7\xce\x11\x97\xef\x00\xaa\x00\x6d\x27\x76"), CONTROL_MUTE }, /* SpinButton */
    { SLICE_INIT("\xe0\x81\xd1\xdf\x2f\x5e\xce\x11\xa4\x49\x00\xaa\x00\x4a\x80\x3d"), CONTROL_MUTE }, /* ScrollBar */
    { SLICE_INIT("\xb0\x0e\xe5\xea\x00\x4a\xce\x11\xbe\xd6\x00\xaa\x00\x61\x10\x80"), CONTROL_TABS },
    { SLICE_INIT("\x20\x20\x18\x6e\x60\xf4\xce\x11\x9b\xcd\x00\xaa\x00\x60\x8e\x01"), CONTROL_FORM }, /* Frame */
    { SLICE_INIT("\x70\x13\xe3\x46\x7a\x3f\xce\x11\xbe\xd6\x00\xaa\x00\x61\x10\x80"), CONTROL_FORM }, /* MultiPage */
    { SLICE_INIT("\xf0\x69\x2a\xc6\xdc\x16\xce\x11\x9e\x98\x00\xaa\x00\x57\x4a\x4f"), CONTROL_FORM },
};

enum control_kind control_kind_of_class(slice clsid)
{
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (slice_eq(classes[i].clsid, clsid))
            return classes[i].kind;
    return CONTROL_UNKNOWN;
}

/* 2.4.5 */
enum control_kind control_kind_of_index(uint32_t cache_index)
{
    switch (cache_index) {
    case 7:
    case 14:
    case 57:
        return CONTROL_FORM;
    case 15:
    case 23:
    case 24:
    case 25:
    case 26:
    case 27:
    case 28:
        return CONTROL_MORPH;
    case 17:
        return CONTROL_BUTTON;
    case 21:
        return CONTROL_LABEL;
    case 18:
        return CONTROL_TABS;
    case 12:
    case 16:
    case 47:
        return CONTROL_MUTE;
    default:
        return CONTROL_UNKNOWN;
    }
}

/* --- strings */

void control_align(cursor *k, size_t to)
{
    size_t over = k->pos % to;
    if (over)
        cur_skip(k, to - over < cur_left(k) ? to - over : cur_left(k));
}

slice control_string(struct walk *w, cursor *k, struct control_count n)
{
    slice raw = cur_take(k, n.bytes < cur_left(k) ? n.bytes : cur_left(k));
    control_align(k, 4);
    if (!n.narrow)
        return utf8_from_utf16le(w->mem, raw);
    /* the low byte of each UTF-16 unit, not a code page */
    size_t high = 0;
    for (size_t i = 0; i < raw.len; i++)
        high += raw.at[i] >= 0x80;
    if (high == 0)
        return raw;
    uint8_t *out = arena_get(w->mem, raw.len + high, 1);
    size_t len = 0;
    for (size_t i = 0; out && i < raw.len; i++)
        len += utf8_put(out + len, raw.at[i]);
    return (slice){ out, len };
}

bool control_skip_picture(cursor *k)
{
    cursor probe = *k;
    cur_skip(&probe, 16);
    if (cur_u32le(&probe) != 0x746c || !cur_ok(&probe)) /* StdPicture, 2.4.13 */
        return false;
    uint32_t n = cur_u32le(&probe);
    cur_skip(&probe, n);
    if (cur_ok(&probe))
        *k = probe;
    return cur_ok(&probe);
}

bool control_skip_font(cursor *k)
{
    static const slice std = SLICE_INIT("\x03\x52\xe3\x0b\x91\x8f\xce\x11\x9d\xe3\x00\xaa\x00\x4b\xb8\x51");
    cursor probe = *k;
    slice guid = cur_take(&probe, 16);
    if (slice_eq(guid, std)) { /* StdFont, 2.4.12 */
        cur_skip(&probe, 10);
        cur_skip(&probe, cur_u8(&probe));
    } else { /* TextProps */
        cur_skip(&probe, 2);
        cur_skip(&probe, cur_u16le(&probe));
    }
    if (cur_ok(&probe))
        *k = probe;
    return cur_ok(&probe);
}

/* --- properties */

struct values {
    struct walk *w;
    const struct control *c;
    unsigned pictures, said;
};

static void say(struct values *v, slice owner_part, slice property, slice value)
{
    v->said++;
    hidden_say(v->w, &(struct hidden){
                         .place = HIDDEN_CONTROL,
                         .owner = v->c->owner,
                         .name = owner_part,
                         .property = property,
                         .value = value,
                         .index = v->c->index,
                         .at = v->c->at,
                     });
}

/* 2.2.9.4: strings one behind the other, each with its count of characters. */
static void say_array(struct values *v, slice in, const char *property)
{
    cursor k = cur_open(in);
    for (unsigned i = 0; i < TABS_MAX && cur_left(&k) >= 4; i++) {
        struct control_count n = control_count_of(cur_u32le(&k));
        n.bytes *= n.narrow ? 1 : 2;
        slice text = control_string(v->w, &k, n);
        struct buf b = buf_new(64);
        buf_format(&b, "Tabs(%u).%s", i, property);
        if (text.len)
            say(v, v->c->name, buf_slice(&b), text);
        buf_drop(&b);
    }
}

/* What stands behind the properties, in their order. */
static void read_extra(struct values *v, cursor *k, const struct shape *s, uint64_t mask, const uint32_t *counts)
{
    control_align(k, 4);
    for (size_t i = 0; i < s->n && cur_left(k) > 0; i++) {
        const struct field *f = &s->fields[i];
        if (!(mask >> f->bit & 1))
            continue;
        if (f->what == W_PAIR) {
            cur_skip(k, cur_left(k) < 8 ? cur_left(k) : 8);
        } else if (f->what == W_STRING) {
            slice text = control_string(v->w, k, control_count_of(counts[i]));
            bool face = f->name[0] == 'F'; /* a font is worth telling when it is none */
            if (text.len && (!face || text.len > FACE_MAX))
                say(v, v->c->name, slice_of(f->name), text);
        } else if (f->what == W_ARRAY) {
            uint32_t n = counts[i];
            say_array(v, cur_take(k, n < cur_left(k) ? n : cur_left(k)), f->name);
            control_align(k, 4);
        }
    }
}

/* Header, mask, properties, what is longer. False: no such structure. */
static bool read_shape(struct values *v, cursor *k, const struct shape *s)
{
    uint32_t counts[sizeof morph / sizeof morph[0]] = { 0 };
    cursor c = cur_open(cur_rest(k)); /* alignment counts from here */
    uint16_t version = cur_u16le(&c), size = cur_u16le(&c);
    uint64_t mask = s->mask_bytes == 8 ? cur_u64le(&c) : cur_u32le(&c);
    if (!cur_ok(&c) || version != 0x0200)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (!(mask >> f->bit & 1) || f->size == 0)
            continue;
        control_align(&c, f->size);
        uint32_t n = f->size == 4 ? cur_u32le(&c) : f->size == 2 ? cur_u16le(&c) : cur_u8(&c);
        counts[i] = n;
        v->pictures += f->what == W_PICTURE;
    }
    if (!cur_ok(&c))
        return false;
    read_extra(v, &c, s, mask, counts);
    /* The size that is told modulo 65536, but not before what was read. */
    size_t told = (size_t)size + 4, end = c.pos;
    while (told + 4 < end && told + 0x10000 <= c.in.len)
        told += 0x10000;
    cur_skip(k, told < end ? (end < c.in.len ? end : c.in.len) : told < c.in.len ? told : c.in.len);
    return true;
}

/* Unknown classes: the first shape whose strings come out as text. */
static enum control_kind guess(slice in)
{
    cursor k = cur_open(in);
    cur_skip(&k, 4);
    uint32_t low = cur_u32le(&k), high = cur_u32le(&k);
    if (!cur_ok(&k))
        return CONTROL_MUTE;
    /* 2.2.5.2: bit 31 is always set, and the second half has one bit */
    return (low & 0x80000000) && high <= 1 ? CONTROL_MORPH : CONTROL_BUTTON;
}

bool control_read(struct walk *w, const struct control *c, slice in, size_t *size_out)
{
    static const struct shape font = SHAPE(text_props, 4);
    struct values v = { .w = w, .c = c };
    cursor k = cur_open(in);
    enum control_kind kind = c->kind == CONTROL_UNKNOWN || c->kind == CONTROL_FORM ? guess(in) : c->kind;
    if (!walk_work(w, WORK_PER_ENTRY) || !read_shape(&v, &k, &shapes[kind]))
        return false;
    bool goes_on = true;
    for (unsigned i = 0; goes_on && i < v.pictures; i++)
        goes_on = control_skip_picture(&k);
    if (goes_on && cur_more(&k) && kind != CONTROL_MUTE)
        (void)read_shape(&v, &k, &font);
    if (v.said == 0) /* an empty box is known to be empty */
        say(&v, c->name, slice_of(kind == CONTROL_MORPH ? "Value" : "Caption"), (slice){ 0 });
    if (size_out)
        *size_out = k.pos;
    return true;
}

/* --- runs of text */

static bool is_print(uint8_t c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n';
}

/* Behind `from`: the next run of printable characters of one or two bytes. */
static slice next_run(slice in, size_t *from, unsigned width)
{
    for (size_t i = *from; i + width <= in.len; i++) {
        size_t n = 0;
        while (width <= in.len - i - n && is_print(in.at[i + n]) && (width == 1 || in.at[i + n + 1] == 0))
            n += width;
        *from = i + n;
        if (n >= (size_t)RUN_LEAST * width)
            return slice_sub(in, i, n);
        i += n;
    }
    *from = in.len;
    return (slice){ 0 };
}

void control_scavenge(struct walk *w, const struct control *c, slice in)
{
    struct values v = { .w = w, .c = c };
    for (unsigned width = 1; width <= 2; width++) {
        size_t from = 0;
        if (!walk_work(w, in.len * 2))
            return;
        for (unsigned n = 0; n < RUNS_MAX; n++) {
            slice run = next_run(in, &from, width);
            if (run.len == 0)
                break;
            say(&v, c->name, SLICE_LIT("Value"), width == 1 ? run : utf8_from_utf16le(w->mem, run));
        }
    }
}

/* --- movies: SWF file format 19, chapter 2; the control keeps "fUfU" and a length before it */

static bool begins_movie(slice s)
{
    bool mark = slice_starts(s, SLICE_LIT("FWS")) || slice_starts(s, SLICE_LIT("CWS")) || slice_starts(s, SLICE_LIT("ZWS"));
    return mark && s.len > 8 && s.at[3] > 0 && s.at[3] < 64;
}

void control_look_for_movie(struct walk *w, slice in, struct range at)
{
    size_t from = slice_find(in, SLICE_LIT("fUfU"), 0);
    for (unsigned n = 0; from != SIZE_MAX && n < MOVIES_TRIED; n++) {
        if (begins_movie(slice_from(in, from + 8))) {
            walk_flag(w, FACT_OFFICE_OBJECT_FLASH, at);
            return;
        }
        from = slice_find(in, SLICE_LIT("fUfU"), from + 4);
    }
}
