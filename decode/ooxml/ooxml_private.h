/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_private - shared by the files of this format only. */
#pragma once
#include "base/buf.h"
#include "base/xml.h"
#include "decode/shared/formula.h"
#include "decode/shared/shown.h"
#include "decode/walk.h"
#include "decode/shared/xlm.h"

/* What a part of the package is to the program that opens it. Content types,
 * relationships and names may disagree: the role that matters more wins, so
 * they stand in rising order. */
enum ooxml_role {
    ROLE_NONE,
    ROLE_INERT, /* styles, themes, settings: nothing a reader sees or a program runs */
    ROLE_CONTENT_TYPES,
    ROLE_RELATIONS,
    ROLE_CUSTOM_XML,
    ROLE_MEDIA,
    ROLE_CORE, /* docProps */
    ROLE_APP,
    ROLE_HIDDEN, /* settings and custom properties: texts for macros */
    ROLE_DRAWING, /* a:t text: slides, drawings, diagrams */
    ROLE_VML,
    ROLE_SHEET,
    ROLE_STRINGS,
    ROLE_STRINGS_BINARY,
    ROLE_EXTERNAL_LINK,
    ROLE_WORD, /* w:t text: document, headers, notes, comments */
    ROLE_WORKBOOK,
    ROLE_WORKBOOK_BINARY,
    ROLE_MAIN_SLIDES,
    ROLE_CONTROL, /* the XML of an ActiveX control */
    ROLE_ACTIVEX,
    ROLE_EMBEDDED,
    ROLE_CHUNK, /* altChunk: a document in another format, shown as part of this one */
    ROLE_MACRO_SHEET,
    ROLE_SIGNATURE, /* of the macro project */
    ROLE_MACRO,
};

enum ooxml_main { MAIN_NONE, MAIN_WORD, MAIN_SHEET, MAIN_SHEET_BINARY, MAIN_SLIDES };

/* What the workbook says of its sheets and names. */
struct book_sheet {
    slice name, id; /* of the relationship */
    size_t entry;   /* SIZE_MAX: none */
    uint8_t state;  /* enum xlm_state */
};

struct book_name {
    slice name;
    slice formula;     /* text of XML */
    slice code, extra; /* tokens of BIFF12 */
    bool hidden;
};

struct book_relation {
    slice id;
    size_t entry;
};

/* A part that refers to a control: a document to its XML, that to its bytes. */
struct control_link {
    size_t from, to; /* entries */
    slice id;        /* of the relationship */
};

/* A link of a slide: its target lies outside. */
struct slide_link {
    size_t from;
    slice id, target;
};

/* What is known of a control's part. */
struct control_name {
    size_t entry;
    slice owner, name; /* as macros call it */
};

struct package {
    struct walk *w;
    struct bundle *b;
    uint8_t *role;   /* per entry */
    uint32_t *slots; /* hash table of names: entry + 1, 0 = free */
    size_t mask;
    enum ooxml_main main;
    size_t main_entry;  /* SIZE_MAX: not told */
    bool theme;         /* the theme that Word 97 documents carry: no document of its own */
    bool macro_type;    /* the main content type allows macros */
    bool macro;         /* a macro project was found */
    slice main_type;    /* as declared; in the arena */
    bool default_macro; /* all .bin are declared macro projects */
    struct buf text;    /* what a reader sees */
    size_t words, images;
    uint64_t sheet_bytes;
    unsigned loaded; /* external templates and objects */
    unsigned names;  /* that start macros */
    struct book_sheet *sheets;
    struct book_name *defined;
    struct book_relation *related; /* parts that sheets may be */
    uint8_t *supbooks;             /* of BIFF12: 1 is the book itself */
    struct { uint32_t book; int32_t first; } *xtis;
    size_t n_sheets, n_defined, n_related, n_supbooks, n_xtis;
    size_t room_sheets, room_defined, room_related, room_supbooks, room_xtis;
    struct control_link *controls;
    struct control_name *control_names;
    size_t n_controls, n_control_names, room_controls, room_control_names;
    struct slide_link *slide_links;
    size_t n_slide_links, room_slide_links;
    unsigned actions;
    struct picture_shown shown; /* the largest picture */
    struct formula_book book;
    bool settled; /* sheets and names are said */
    bool macros; /* a macro project is in the package: what it may read is kept */
    struct xlm_look *looks; /* of the formats */
    uint32_t n_looks;
    unsigned faults, unread, missing, externals, embedded, fields, hidden, macro_sheets;
};

/* A fact's number is bounded: packages name thousands of targets. */
enum { SAY_MAX = 64 };

/* Entry of this name, '/' and case as Office compares them; SIZE_MAX. */
size_t ooxml_find(const struct package *p, slice name);
void ooxml_set_role(struct package *p, size_t entry, enum ooxml_role role);
enum ooxml_role ooxml_role_by_name(slice name);
/* Role by content type; tells the main kind where it is a main type. */
enum ooxml_role ooxml_role_by_type(slice content_type, enum ooxml_main *main_out, bool *macro_out);
/* Opens an entry and reads it as XML, or as the file that it is; takes the entry. */
void ooxml_read(struct package *p, size_t entry, const struct xml_handler *handler);
/* Opens an entry; false when there is nothing to read. Release the body. */
bool ooxml_open(struct package *p, size_t entry, struct body *out);
/* A line break, unless one stands there already. */
void ooxml_line(struct package *p);
/* An external target that a program loads by itself. */
void ooxml_external(struct package *p, slice target, slice kind);

/* --- ooxml_hidden.c: values for macros */
void ooxml_read_hidden(struct package *p, size_t entry);
void ooxml_read_custom(struct package *p, size_t entry);
/* Beside the reading of a document, drawing or slide; NULL where nobody may ask. */
struct ooxml_story;
struct ooxml_story *ooxml_story_begin(struct package *p, size_t entry);
void ooxml_story_open(struct ooxml_story *s, slice name, const struct xml_attribute *a, size_t n);
void ooxml_story_text(struct ooxml_story *s, slice text);
void ooxml_story_close(struct ooxml_story *s, slice name);
void ooxml_story_end(struct ooxml_story *s);

/* --- ooxml_slide.c: what a click or the pointer alone starts */
void ooxml_link_slide(struct package *p, size_t from, slice id, slice target);
void ooxml_say_action(struct package *p, size_t from, slice element, slice id, slice action);

/* --- ooxml_control.c: ActiveX */
void ooxml_link_control(struct package *p, size_t from, size_t to, slice id);
void ooxml_name_control(struct package *p, size_t from, slice id, slice name);
void ooxml_name_sheet_controls(struct package *p, size_t entry, slice xml);
void ooxml_read_control(struct package *p, size_t entry);
/* A control's bytes: a file of its own, or a stream of properties. */
void ooxml_walk_control(struct package *p, size_t entry, bool file);

/* --- ooxml_relations.c */
void ooxml_read_types(struct package *p, size_t entry);
void ooxml_read_relations(struct package *p, size_t entry);

/* Room for one more element of a list that grows in the arena; NULL: none. */
void *ooxml_list_add(struct package *p, void **list, size_t *n, size_t *room, size_t size);

/* --- ooxml_word.c: text of Word documents, drawings and slides */
void ooxml_read_word(struct package *p, size_t entry);
void ooxml_read_vml(struct package *p, size_t entry);
void ooxml_read_properties(struct package *p, size_t entry);

/* --- ooxml_sheet.c */
void ooxml_read_strings(struct package *p, size_t entry);
void ooxml_read_sheet(struct package *p, size_t entry);
void ooxml_read_workbook(struct package *p, size_t entry);
void ooxml_read_external_link(struct package *p, size_t entry);
/* After relationships and the workbook: which part each sheet is; says names. */
void ooxml_settle_book(struct package *p);
/* The sheet that this part is; NULL. */
const struct book_sheet *ooxml_sheet_of(const struct package *p, size_t entry);
void ooxml_give_names(struct package *p, struct xlm *m);

/* --- ooxml_binary.c: BIFF12 */
enum { BRT_SST_ITEM = 19 }; /* [MS-XLSB] 2.4.778 */
void ooxml_read_workbook_binary(struct package *p, size_t entry);
void ooxml_read_strings_binary(struct package *p, size_t entry);
void ooxml_records(struct package *p, const struct body *body, size_t entry, void *host,
                   void (*record)(void *host, uint32_t type, slice data));
/* XLWideString and XLNullableWideString. */
slice ooxml_wide_string(struct package *p, cursor *c);
/* cce, rgce, cb, rgcb */
struct formula ooxml_formula(struct package *p, cursor *c);

/* --- ooxml_look.c */
void ooxml_read_looks(struct package *p);
/* Digits with a point; else the other one. */
double ooxml_decimal(slice text, double otherwise);

/* --- ooxml_macro.c */
void ooxml_read_macros(struct package *p);
/* Texts of all cells, as values for macros. */
void ooxml_load_cells(void *package);

/* The largest picture of a package that can act (ooxml_picture.c). */
void ooxml_say_picture(struct package *p);
/* a:off and a:ext of a picture (20.1.7). */
void ooxml_place_picture(struct picture_shown *s, const struct xml_attribute *a, size_t n);
void ooxml_size_picture(struct package *p, struct picture_shown *s, const struct xml_attribute *a,
                        size_t n);
