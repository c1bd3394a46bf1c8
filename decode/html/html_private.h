/* SPDX-License-Identifier: Apache-2.0 */
/* html_private - shared by the files of this format only. */
#pragma once
#include "base/buf.h"
#include "decode/page.h"
#include "decode/plain.h"
#include "decode/walk.h"

/* --- html_token.c: bytes to tags and text */

enum html_token_kind {
    HTML_TEXT,  /* `text`, character references not decoded */
    HTML_CDATA, /* `text` as it is */
    HTML_OPEN,  /* `tag` with attributes; for raw text elements `text` is the content */
    HTML_CLOSE,
};

enum html_tag {
    TAG_OTHER, /* in line, no meaning of its own */
    TAG_VOID,  /* in line, never closed */
    TAG_A,
    TAG_AREA,
    TAG_BASE,
    TAG_BLOCK, /* begins a line */
    TAG_BR,
    TAG_CELL,
    TAG_FORM,
    TAG_FRAME, /* iframe, frame, embed, object: loads its source */
    TAG_IMG,
    TAG_INPUT,
    TAG_META,
    TAG_P,
    TAG_PRE,
    TAG_RAW, /* content that no reader shows: style, xmp, noembed, noframes */
    TAG_SCRIPT,
    TAG_SVG,
    TAG_TEXTAREA,
    TAG_TITLE,
    TAG_XML, /* Office settings inside the page */
};

/* Of all attributes only those that mean something here are kept; of several
 * with one name the first, as browsers do. */
enum html_attribute {
    ATTR_ACTION,
    ATTR_ALT,
    ATTR_CLASSID,
    ATTR_CONTENT,
    ATTR_DATA,
    ATTR_DOWNLOAD,
    ATTR_HIDDEN,
    ATTR_HREF,
    ATTR_HTTP_EQUIV,
    ATTR_SRC,
    ATTR_SRCDOC,
    ATTR_STYLE,
    ATTR_TYPE,
    ATTR_COUNT
};

enum { HTML_HANDLERS = 8 };

struct html_token {
    enum html_token_kind kind;
    enum html_tag tag;
    uint64_t name; /* the first eight letters, lower case; tells elements apart */
    slice whole;   /* the name as written, with its prefix */
    slice text;
    size_t at, end;               /* in the tokenizer's input */
    uint32_t has;                 /* bit per html_attribute */
    slice value[ATTR_COUNT];      /* valid where has says so: html_value */
    slice handler[HTML_HANDLERS]; /* values of on... attributes */
    slice handler_name[HTML_HANDLERS];
    unsigned handlers;
};

static inline slice html_value(const struct html_token *t, enum html_attribute id)
{
    return t->has & 1u << id ? t->value[id] : (slice){ 0 };
}

struct html_tokens {
    slice in;
    size_t pos;
    bool no_comment_end, no_cdata_end; /* none is left: not searched again */
};

bool html_next(struct html_tokens *t, struct html_token *out);

/* --- html_entity.c */

/* The character reference at s[0] == '&': how many bytes it takes (0: none) and
 * its code points (1 or 2, UTF-8) in out. */
size_t html_entity(slice s, uint8_t out[8], size_t *out_len);
/* An attribute value with its references decoded; the same bytes when there are none. */
slice html_decode(struct arena *mem, slice s);

/* --- html_script.c */

struct html_scripts {
    struct walk *w;
    unsigned count;
    uint32_t said;  /* bit per smuggling primitive */
    size_t code;    /* of all scripts, without comments, blanks and string literals */
    size_t longest; /* string literal that may hold a file */
    size_t widest;  /* the same as it is written: quotes, escapes and joins included */
    unsigned children;
    struct buf literal; /* the joined literal being read */
};

/* One script: its view, the primitives in it, files in its string literals. */
void html_script(struct html_scripts *s, slice code, struct range at);
/* A data: URL; true when it was one. */
bool html_data_url(struct html_scripts *s, slice url, slice name, struct range at);
/* The same as the source of a script; false when it is no data: URL. */
bool html_data_script(struct html_scripts *s, slice url, struct range at, slice *code_out);
void html_smuggling(struct html_scripts *s, const char *word, struct range at);
void html_scripts_end(struct html_scripts *s);

/* --- html_page.c: what the scripts are as a program */

struct html_page {
    struct script_page program;
    slice text;
    size_t counted; /* lines up to here */
    uint32_t line;
};

void html_page_begin(struct html_page *p, struct walk *w, slice text);
/* `text` is what the token stands in. */
void html_page_script(struct html_page *p, slice text, const struct html_token *t, slice code, struct range at, bool exact);
void html_page_handler(struct html_page *p, slice text, const struct html_token *t, slice event, slice code, struct range at);
void html_page_url(struct html_page *p, slice url, bool by_itself, struct range at);
void html_page_end(struct html_page *p);

/* --- html_svg.c */

bool html_is_svg(const struct walk *w, slice text);
bool html_svg_draws(slice name);
/* Markup that the document declares as entities, in one piece; mostly empty. */
slice html_svg_entities(struct arena *mem, slice text);

/* --- html_style.c */

/* Does this style attribute make its element invisible? */
bool html_style_hides(slice style);
