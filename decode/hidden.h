/* SPDX-License-Identifier: Apache-2.0 */
/* hidden - values that stand in a document outside its code and that macros read:
 * controls of forms, document variables and properties, shapes, cells, notes.
 *
 * Readers say each value here once, under the names by which VBA reaches it. What no reader sees
 * becomes the fact office.hidden.value, "PLACE OWNER.NAME.PROPERTY = VALUE"; all is kept for the
 * time of the scan, so that whoever evaluates a macro can look it up. Names are compared without
 * regard to case. When a macro project is walked, the values of its document are there, but for
 * those that would cost much: they are loaded when first asked for (struct hidden_source).
 *
 *   place     owner                name                 property
 *   CONTROL   form "UserForm1",    control "TextBox1";  "Value" (also called Text; the default of
 *             or "ThisDocument",   empty: the form      most), "Caption", "Tag", "ControlTipText",
 *             sheet name, empty    itself               "GroupName", "ControlSource", "RowSource",
 *             when not known                            of an ActiveX object what it calls them;
 *                                                       of a tab strip "Tabs(0).Caption" and so on
 *   Controls inside frames and pages belong to their form, as in VBA; pages are controls too.
 *   VARIABLE  -                    "name"               -          ActiveDocument.Variables("name")
 *   PROPERTY  "builtin"            "Title", "Comments"  -          BuiltInDocumentProperties
 *             "custom"             "name"               -          CustomDocumentProperties
 *   SHAPE     sheet or slide;      "Text Box 2"         "AlternativeText", "Title", "Text" (of its
 *             empty in Word                             frame, or of WordArt), "Macro"
 *   TEXT      "paragraphs",        number, "1" ...      -          Paragraphs(1).Range
 *             "bookmarks"          "name"               -          Bookmarks("name").Range
 *   CELL      sheet name           "B12"                -          Range("B12").Value: texts only
 *   SHEET     -                    "Sheet1" (CodeName)  -          the value is the sheet's name
 *   COMMENT   "document"; empty    number; cell "B12"   -          of Word; of cells in packages
 *   NAME      -                    defined name         -          constant text of Excel names
 *   XML       name of the part     number               -          text of a custom XML part
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

enum hidden_place {
    HIDDEN_CONTROL,
    HIDDEN_VARIABLE,
    HIDDEN_PROPERTY,
    HIDDEN_SHAPE,
    HIDDEN_TEXT,
    HIDDEN_CELL,
    HIDDEN_SHEET,
    HIDDEN_COMMENT,
    HIDDEN_NAME,
    HIDDEN_XML,
    HIDDEN_PLACES
};

enum { HIDDEN_VALUE_MAX = 1 << 20, HIDDEN_NAME_MAX = 256 };

struct hidden {
    enum hidden_place place;
    slice owner, name, property; /* UTF-8; may be empty */
    slice value;                 /* UTF-8, not cut before HIDDEN_VALUE_MAX */
    uint32_t index;              /* from 1: the how manieth thing of its owner; values of one thing share it */
    uint32_t part;               /* where it stands */
    struct range at;
    bool quiet;                  /* no fact: another one says it */
    const struct hidden *next;   /* said later; of any document */
};

/* Keeps a copy. Empty values are kept too; blanks at the ends belong to them. */
void hidden_say(struct walk *w, const struct hidden *h);
static inline void hidden_text(struct walk *w, enum hidden_place place, slice owner, slice name,
                               slice property, slice value)
{
    hidden_say(w, &(struct hidden){ .place = place, .owner = owner, .name = name, .property = property, .value = value });
}

/* --- for those who evaluate. `w` is the macro project or a part below it; values of other
 * documents are not found. */

/* By name; an empty owner is any, an empty property the one said first, Text and Value are one. NULL: none. */
const struct hidden *hidden_find(struct walk *w, enum hidden_place place, slice owner, slice name, slice property);
/* By number: Controls(0) is index 1, Shapes(1) and Variables(1) too. */
const struct hidden *hidden_at(struct walk *w, enum hidden_place place, slice owner, uint32_t index, slice property);
/* All of a place in the order said: pass NULL first. */
const struct hidden *hidden_next(struct walk *w, enum hidden_place place, const struct hidden *before);

const char *hidden_place_name(enum hidden_place p); /* "control", "variable", ... */
/* "UserForm1.TextBox1.Value" */
void hidden_put_name(struct buf *out, const struct hidden *h);

/* --- for containers */

/* Values that cost much to read. Valid from hidden_offer() to hidden_withdraw(), which the
 * container calls before its walk ends. load() says the values; it makes no parts and no views. */
struct hidden_source {
    uint32_t places; /* bit per place */
    void (*load)(void *host);
    void *host;
    bool loaded;
    struct hidden_source *outer;
};

void hidden_offer(struct walk *w, struct hidden_source *s);
void hidden_withdraw(struct walk *w, struct hidden_source *s);

/* What a part is called that holds one control: for the say() of a child. */
void hidden_call(struct walk *sub, slice owner, slice name);
/* The names given to this part; empty. */
void hidden_called(const struct walk *w, slice *owner_out, slice *name_out);

/* Sets half of what is left of the budget aside, so that reading hidden places before the macros
 * cannot keep the macros from being read; hidden_budget_end() puts it back. */
struct hidden_budget {
    uint64_t work, inflated, entries;
    uint32_t hit; /* before */
};

struct hidden_budget hidden_budget_begin(struct walk *w);
void hidden_budget_end(struct walk *w, const struct hidden_budget *kept);
