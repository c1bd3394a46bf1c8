/* SPDX-License-Identifier: Apache-2.0 */
/* contentline - the lines that calendars and contacts are made of:
 * NAME;PARAMETER=VALUE:VALUE, folded (RFC 5545 3.1, RFC 6350 3.3; vCard 2.1, vCalendar 1.0).
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

struct content_line {
    slice name;       /* without its group ("item1.") */
    slice parameters; /* between name and value, with their semicolons */
    slice value;      /* unfolded, still encoded */
    size_t at, end;   /* in the text */
};

struct content_reader {
    struct walk *w;
    slice in;
    size_t pos;
};

/* Walks a body of BEGIN:`what`: read() sees each line and adds what people read to `text`,
 * which holds at most `text_max` bytes. Ranges of lines are those in the body, 0 where they have none. */
enum walk_end content_walk(struct walk *w, const struct body *body, const char *what, size_t text_max,
                           void (*read)(struct walk *w, const struct content_line *l, struct buf *text));
/* Is the line one of these? */
bool content_is_any(const struct content_line *l, const char *const *names, size_t n);
#define CONTENT_IS_ANY(line, names) content_is_any((line), (names), sizeof(names) / sizeof(names)[0])
/* False at the end, or when the budget is used up. */
bool content_next(struct content_reader *r, struct content_line *out);
bool content_is(const struct content_line *l, const char *name);
/* The value of a parameter, its quotes removed; empty. */
slice content_parameter(const struct content_line *l, const char *name);
/* Is the value base64, said by ENCODING or, in old contacts, by a bare word? */
bool content_is_base64(const struct content_line *l);
/* The value as text: quoted-printable and charset undone, escapes resolved. */
slice content_text(struct walk *w, const struct content_line *l);
/* The value as bytes: base64, or a data URL. False: it is neither; it may be a link. */
bool content_bytes(struct walk *w, const struct content_line *l, slice *out, slice *type_out);

/* Does a line BEGIN:`what` stand at the beginning, in 8-bit text or UTF-16? */
enum sniff content_sniff(const struct body *body, const char *what);

/* A file inside becomes a child; what is none is a link, said from `source`. */
void content_attachment(struct walk *w, const struct content_line *l, slice name, slice type, const char *source);
/* One more line of text for people. */
void content_add(struct buf *text, slice line);
