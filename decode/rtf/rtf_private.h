/* SPDX-License-Identifier: Apache-2.0 */
/* rtf_private - what the files of the RTF reader share.
 *
 * rtf.c walks groups and control words; rtf_words.c is the list of words that
 * mean something; rtf_text.c turns bytes of many code pages into text;
 * rtf_object.c decodes object data.
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

/* Where the text of a group goes. */
enum rtf_dest {
    RTF_TEXT,     /* the document's text */
    RTF_SKIP,     /* nowhere */
    RTF_FONTS,    /* the font table: only its control words matter */
    RTF_PICTURE,  /* counted */
    RTF_OBJDATA,  /* decoded apart */
    RTF_STORE,    /* \datastore: hex of a compound file */
    RTF_HTMLTAG,  /* [MS-OXRTFEX] */
    /* From here on: text that is collected and told. */
    RTF_CODE,     /* \fldinst */
    RTF_TEMPLATE,
    RTF_CLASS,    /* \objclass */
    RTF_AUTHOR,
    RTF_OPERATOR,
    RTF_LINK,     /* \hlsrc */
};

enum rtf_kind {
    RTF_DESTINATION, /* value: enum rtf_dest */
    RTF_CHARACTER,   /* value: code point */
    RTF_PROPERTY,    /* value: enum rtf_property */
};

enum rtf_property {
    RTF_ANSI_CODEPAGE,
    RTF_BINARY,
    RTF_CHARSET,
    RTF_FONT,
    RTF_FONT_CODEPAGE,
    RTF_FONT_DEFAULT,
    RTF_FROM_HTML,
    RTF_HTML_OFF, /* \htmlrtf */
    RTF_MAC,
    RTF_PC,
    RTF_PCA,
    RTF_PLAIN,
    RTF_UNICODE,
    RTF_UNICODE_SKIP,
    RTF_UPDATE, /* \objupdate */
};

struct rtf_word {
    const char *name; /* lower case */
    uint8_t kind;
    uint16_t value;
};

/* One control word or symbol. */
struct rtf_control {
    slice name;     /* letters; a symbol: that character */
    int32_t number;
    bool has_number;
    bool word;      /* false: a symbol */
};

/* NULL: means nothing to us. Any case: no honest file has another. */
const struct rtf_word *rtf_word_find(slice name);

/* The control at `pos`, which is behind the backslash; moves it behind. */
void rtf_control_read(slice in, size_t *pos, struct rtf_control *out);

/* --- text (rtf_text.c) */

enum { RTF_FONTS_MAX = 32768 };

struct rtf_text {
    struct walk *w;
    struct buf out;     /* UTF-8 */
    struct buf pending; /* bytes of one code page */
    unsigned pending_page;
    bool lead;          /* the last pending byte wants another */
    uint16_t surrogate;
    unsigned ansi_page;
    uint16_t *page_of_font; /* by number; 0: the document's */
};

void rtf_text_byte(struct rtf_text *t, unsigned page, uint8_t byte);
/* A byte as it stands in the file: what follows a lead byte belongs to it. */
void rtf_text_raw(struct rtf_text *t, unsigned page, slice run);
void rtf_text_char(struct rtf_text *t, uint32_t code);
void rtf_text_flush(struct rtf_text *t);
unsigned rtf_text_page_of_charset(int32_t charset);

/* --- objects (rtf_object.c) */

/* The hex of one \objdata group, its last brace left out. */
void rtf_object_read(struct walk *w, slice in, size_t at);
/* \datastore, and other plain hex that holds one compound file. */
void rtf_object_store(struct walk *w, slice in, size_t at);
