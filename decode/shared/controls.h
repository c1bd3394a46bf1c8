/* SPDX-License-Identifier: Apache-2.0 */
/* controls - controls of Microsoft Forms, wherever they are kept: [MS-OFORMS].
 *
 * A control is a run of properties with a mask of those that are there. Forms keep many of them
 * in one stream, documents one each; here one is read, and its texts are said to be values for
 * macros (decode/hidden.h). Sizes that lie do not hide a text: strings are bounded by the stream.
 */
#pragma once
#include "decode/walk.h"

enum control_kind {
    CONTROL_UNKNOWN,
    CONTROL_FORM,   /* forms, frames, pages: 2.2.10 */
    CONTROL_MORPH,  /* text, list and combo boxes, check and option boxes, toggle buttons: 2.2.5 */
    CONTROL_BUTTON, /* 2.2.1 */
    CONTROL_LABEL,  /* 2.2.4 */
    CONTROL_TABS,   /* 2.2.9 */
    CONTROL_MUTE,   /* pictures, bars: no text */
};

struct control {
    slice owner, name; /* as in decode/hidden.h; may be empty */
    uint32_t index;    /* 0: counted */
    enum control_kind kind;
    struct range at;
};

/* By class id (16 bytes), and by the index that sites have (2.4.5). */
enum control_kind control_kind_of_class(slice clsid);
enum control_kind control_kind_of_index(uint32_t cache_index);

/* What `in` begins with is this control: its texts are said. Unknown kinds are guessed. False:
 * it looks like none; nothing was said. *size_out (may be NULL): how long it says it is. */
bool control_read(struct walk *w, const struct control *c, slice in, size_t *size_out);

/* Says every run of text in `in`, as values of this control: where nothing else can be read. */
void control_scavenge(struct walk *w, const struct control *c, slice in);

/* A Flash movie stands in a control's stream: tells it. */
void control_look_for_movie(struct walk *w, slice in, struct range at);

/* --- for readers of the structures around controls */

/* 2.4.14: a count with the flag that each character is kept in one byte. */
struct control_count {
    uint32_t bytes;
    bool narrow;
};
static inline struct control_count control_count_of(uint32_t v)
{
    return (struct control_count){ v & 0x7fffffff, v >> 31 };
}
/* The next string, and the padding behind it; cut at the end of the input. UTF-8. */
slice control_string(struct walk *w, cursor *k, struct control_count n);
/* To the next multiple of `to` from the beginning of the input. */
void control_align(cursor *k, size_t to);
/* Past a GuidAndPicture (2.4.8) or GuidAndFont (2.4.7). False: it is none. */
bool control_skip_picture(cursor *k);
bool control_skip_font(cursor *k);
