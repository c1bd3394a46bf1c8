/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml - Word, Excel and PowerPoint packages (ECMA-376, parts 1 and 2; [MS-XLSB]).
 *
 * A package is claimed by its members, damaged or not, and walked as the zip
 * part it is: relationships, document text, sheet states and properties become
 * facts; macro projects, embedded objects and chunks in other formats become
 * children. Content types, relationships and names may each call a part what
 * it is; none is trusted alone. Pictures are counted by their first bytes.
 * Left out: cell values and formulas where there is no Excel 4.0 macro sheet (but inline strings,
 * HYPERLINK and CALL; all where a macro asks for them), charts.
 */
#include "base/text.h"
#include "decode/hidden.h"
#include "decode/ooxml/ooxml_private.h"
#include "decode/plain.h"
#include "decode/types.h"

enum {
    HEAD = 64,
    PLAIN_NAME = 1024,
    PROBES = 128,
    FEW_WORDS = 20,      /* a picture and no more words than a signature */
    NO_DATA = 16 * 1024, /* sheets without content are smaller */
    TEXT_MAX = 64 << 20,
    GATHER_MAX = 8 << 20,
};

/* --- names */

static uint8_t folded(uint8_t c)
{
    return c == '\\' ? '/' : ascii_lower(c);
}

static uint64_t name_hash(slice s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ folded(s.at[i])) * 0x100000001b3u;
    return h;
}

static slice without_slash(slice s)
{
    while (s.len && (s.at[0] == '/' || s.at[0] == '\\'))
        s = slice_from(s, 1);
    return s;
}

static bool same_name(slice a, slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (folded(a.at[i]) != folded(b.at[i]))
            return false;
    return true;
}

static size_t find_as_written(const struct package *p, slice name)
{
    size_t steps = 0; /* names can be chosen to collide */
    for (size_t i = (size_t)name_hash(name) & p->mask; p->slots[i] && steps < PROBES;
         i = (i + 1) & p->mask, steps++)
        if (same_name(without_slash(p->b->entries[p->slots[i] - 1].name), name))
            return p->slots[i] - 1;
    return SIZE_MAX;
}

/* "header%31.xml" names header1.xml: unreserved characters may be escaped (part 2, 6.2.2). */
size_t ooxml_find(const struct package *p, slice name)
{
    uint8_t plain[PLAIN_NAME];
    size_t n = 0;
    name = without_slash(name);
    size_t found = find_as_written(p, name);
    if (found != SIZE_MAX || slice_find_byte(name, '%', 0) == SIZE_MAX)
        return found;
    for (size_t i = 0; i < name.len && n < sizeof plain; i++) {
        int high = name.at[i] == '%' && name.len - i > 2 ? ascii_hex(name.at[i + 1]) : -1;
        int low = high < 0 ? -1 : ascii_hex(name.at[i + 2]);
        plain[n++] = (uint8_t)(low < 0 ? name.at[i] : high << 4 | low);
        i += low < 0 ? 0 : 2;
    }
    return find_as_written(p, without_slash((slice){ plain, n }));
}

/* Of several members with one name the first is found; all get its role by name. */
static bool index_names(struct package *p)
{
    size_t room = 16;
    while (room < p->b->n * 2)
        room *= 2;
    p->mask = room - 1;
    p->slots = ARENA_ARRAY(p->w->mem, uint32_t, room);
    p->role = ARENA_ARRAY(p->w->mem, uint8_t, p->b->n + 1);
    if (!p->slots || !p->role || p->b->n >= UINT32_MAX)
        return false;
    for (size_t e = 0; e < p->b->n; e++) {
        slice name = without_slash(p->b->entries[e].name);
        size_t i = (size_t)name_hash(name) & p->mask, steps = 0;
        bool there = false;
        for (; p->slots[i] && !there && steps < PROBES; i = (i + 1) & p->mask, steps++)
            there = same_name(without_slash(p->b->entries[p->slots[i] - 1].name), name);
        if (!there && !p->slots[i])
            p->slots[i] = (uint32_t)e + 1;
        else if (!there) /* nobody but an attacker makes names that collide */
            walk_unread_of(p->w, UNREAD_LIMIT, UNREAD_OF_NAMES, (slice){ 0 });
        p->role[e] = (uint8_t)ooxml_role_by_name(name);
    }
    return true;
}

void ooxml_set_role(struct package *p, size_t entry, enum ooxml_role role)
{
    if (entry < p->b->n && role > p->role[entry])
        p->role[entry] = (uint8_t)role;
}

static bool starts(slice s, const char *head)
{
    return slice_starts_nocase(s, head);
}
static bool ends(slice s, const char *tail)
{
    return slice_ends_nocase(s, tail);
}
static bool has(slice s, const char *word)
{
    return slice_find_nocase(s, slice_of(word), 0) != SIZE_MAX;
}

static enum ooxml_role word_role(slice name)
{
    static const char *const texts[] = { "document", "header",   "footer",           "footnotes",
                                         "endnotes", "comments", "glossary/document" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (starts(name, texts[i]) && ends(name, ".xml"))
            return ROLE_WORD;
    return starts(name, "settings") && ends(name, ".xml") ? ROLE_HIDDEN : ROLE_NONE;
}

static enum ooxml_role sheet_role(slice name)
{
    if (starts(name, "workbook.xml"))
        return ROLE_WORKBOOK;
    if (starts(name, "workbook.bin"))
        return ROLE_WORKBOOK_BINARY;
    if (starts(name, "sharedstrings.bin"))
        return ROLE_STRINGS_BINARY;
    if (ends(name, ".xml") && (starts(name, "sharedstrings") || starts(name, "comments") ||
                               starts(name, "threadedcomments/")))
        return ROLE_STRINGS;
    if (starts(name, "macrosheets/") || starts(name, "intlmacrosheets/"))
        return ROLE_MACRO_SHEET;
    if ((starts(name, "worksheets/") || starts(name, "dialogsheets/")) && ends(name, ".xml"))
        return ROLE_SHEET;
    if (starts(name, "drawings/") && ends(name, ".vml"))
        return ROLE_VML;
    if (starts(name, "drawings/") && ends(name, ".xml"))
        return ROLE_DRAWING;
    return starts(name, "externallinks/") && ends(name, ".xml") ? ROLE_EXTERNAL_LINK : ROLE_NONE;
}

static enum ooxml_role slide_role(slice name)
{
    if (starts(name, "presentation.xml"))
        return ROLE_MAIN_SLIDES;
    return starts(name, "slides/") || starts(name, "notesslides/") || starts(name, "comments/")
               ? ROLE_DRAWING
               : ROLE_NONE;
}

/* Parts that no reader sees and no program runs, whatever is in them. */
static bool is_inert_name(slice name)
{
    return has(name, "printersettings") || starts(name, "[trash]/") || ends(name, ".odttf") ||
           ends(name, ".fntdata") || ends(name, ".ttf") || ends(name, ".sigs") ||
           ends(name, ".data") || ends(name, ".wdp");
}

enum ooxml_role ooxml_role_by_name(slice name)
{
    if (ends(name, "vbaproject.bin"))
        return ROLE_MACRO;
    if (has(name, "vbaprojectsignature"))
        return ROLE_SIGNATURE;
    if (slice_is_nocase(name, "[content_types].xml"))
        return ROLE_CONTENT_TYPES;
    if (ends(name, ".rels") && has(name, "_rels/"))
        return ROLE_RELATIONS;
    if (has(name, "/embeddings/"))
        return ROLE_EMBEDDED;
    if (has(name, "activex/") && ends(name, ".bin"))
        return ROLE_ACTIVEX;
    if (has(name, "activex/") && ends(name, ".xml"))
        return ROLE_CONTROL;
    if (is_inert_name(name))
        return ROLE_INERT;
    if (has(name, "/media/") || starts(name, "docprops/thumbnail"))
        return ROLE_MEDIA;
    if (has(name, "diagrams/data"))
        return ROLE_DRAWING;
    if (starts(name, "customxml/"))
        return ROLE_CUSTOM_XML;
    if (starts(name, "docprops/"))
        return starts(name, "docprops/core")  ? ROLE_CORE
               : starts(name, "docprops/app") ? ROLE_APP
               : starts(name, "docprops/custom") ? ROLE_HIDDEN
                                                 : ROLE_NONE;
    if (starts(name, "word/"))
        return word_role(slice_from(name, 5));
    if (starts(name, "xl/"))
        return sheet_role(slice_from(name, 3));
    return starts(name, "ppt/") ? slide_role(slice_from(name, 4)) : ROLE_NONE;
}

/* --- reading entries */

bool ooxml_open(struct package *p, size_t entry, struct body *out)
{
    struct bundle_entry *e = &p->b->entries[entry];
    e->taken = true;
    *out = (struct body){ 0 };
    if (walk_over(p->w) || !walk_work(p->w, WORK_PER_ENTRY))
        return false;
    bool whole = p->b->open(p->w, p->b, entry, out);
    if (!whole && walk_over(p->w))
        walk_unread_of(p->w, UNREAD_LIMIT, UNREAD_OF_MEMBER, e->name);
    else if (!whole && p->faults++ < SAY_MAX)
        walk_text(p->w, FACT_OFFICE_PART_FAULTY, e->name, e->at);
    if (out->all.len)
        return true;
    if (!whole && e->size && p->unread++ < SAY_MAX)
        walk_unread_of(p->w, UNREAD_DAMAGED, UNREAD_OF_MEMBER, e->name);
    body_release(out);
    return false;
}

/* What was written; a tail of zeros is no XML. */
static slice stored_bytes(const struct body *body)
{
    if (!body->stored)
        return body->all;
    const struct extent *last = body->n_stored ? &body->stored[body->n_stored - 1] : NULL;
    return slice_sub(body->all, 0, last ? (size_t)(last->at + last->len) : 0);
}

static bool is_other_file(const struct body *body)
{
    size_t len = 0;
    const struct type_row *t = type_by_magic(body, &len);
    return t && len >= 4 && t->policy != TYPE_INERT && !slice_is(slice_of(t->name), "xml");
}

void ooxml_read(struct package *p, size_t entry, const struct xml_handler *handler)
{
    struct body body;
    if (!ooxml_open(p, entry, &body))
        return;
    const struct bundle_entry *e = &p->b->entries[entry];
    if (is_other_file(&body)) { /* the name of a text, the content of a macro project */
        struct child c = { .name = e->name, .how = HOW_OPC, .at = e->at, .body = &body };
        (void)walk_child(p->w, &c);
        body_release(&body);
        return;
    }
    enum xml_end end = xml_read(stored_bytes(&body), handler, p->w->mem, p->w->budget);
    if (end == XML_LIMIT)
        walk_unread_of(p->w, UNREAD_LIMIT, walk_over(p->w) ? UNREAD_OF_MEMBER : UNREAD_OF_XML_DEPTH,
                       walk_over(p->w) ? e->name : (slice){ 0 });
    else if (end == XML_FAULTY && p->role[entry] != ROLE_VML &&
             p->faults++ < SAY_MAX) /* Excel itself leaves <br> open in VML */
        walk_text(p->w, FACT_OFFICE_PART_FAULTY, e->name, e->at);
    body_release(&body);
}

void ooxml_line(struct package *p)
{
    if (p->text.len && p->text.at[p->text.len - 1] != '\n')
        buf_byte(&p->text, '\n');
}

/* --- children */

static void child(struct package *p, size_t entry)
{
    struct body body;
    struct bundle_entry *e = &p->b->entries[entry];
    if (!ooxml_open(p, entry, &body))
        return;
    struct child c = { .name = e->name, .how = HOW_OPC, .at = e->at, .body = &body };
    (void)walk_child(p->w, &c);
    body_release(&body);
}

static slice entry_head(struct package *p, size_t entry, uint8_t out[HEAD])
{
    if (!walk_work(p->w, WORK_PER_ENTRY * 4))
        return (slice){ 0 };
    return (slice){ out, p->b->head(p->w, p->b, entry, out, HEAD) };
}

static const struct type_row *type_of_head(slice head, size_t *magic_len_out)
{
    struct body body = body_borrow(head);
    return type_by_magic(&body, magic_len_out);
}

static bool head_is_xml(slice head)
{
    if (slice_starts(head, SLICE_LIT("\xff\xfe")) || slice_starts(head, SLICE_LIT("\xfe\xff")))
        return true;
    if (slice_starts(head, SLICE_LIT("\xef\xbb\xbf")))
        head = slice_from(head, 3);
    head = slice_trim(head);
    return head.len && head.at[0] == '<';
}

/* A part that nothing says more about: XML of the package and known inert
 * content is taken, files of other kinds are children, the rest is left to the zip. */
static void unknown_part(struct package *p, size_t entry)
{
    uint8_t bytes[HEAD];
    struct bundle_entry *e = &p->b->entries[entry];
    size_t magic_len;
    slice head = entry_head(p, entry, bytes);
    const struct type_row *magic = type_of_head(head, &magic_len);
    const struct type_row *named = type_by_extension(type_extension_of(e->name));
    bool xml_name = ends(e->name, ".xml") || ends(e->name, ".rels") || ends(e->name, ".vml");
    if (head.len == 0 && e->size) {
        return; /* the zip says why it cannot be read */
    } else if (head.len == 0 || (xml_name && head_is_xml(head))) {
        e->taken = true;
    } else if (magic && magic_len >= 2 && !xml_name) {
        if (magic->policy == TYPE_INERT)
            e->taken = true;
        else
            child(p, entry);
    } else if (named) {
        if (named->policy != TYPE_INERT)
            child(p, entry);
        else
            e->taken = true;
    } else if (ends(e->name, ".bin")) {
        e->taken = true; /* persisted settings; magic was looked for above */
    }
}

static void media_part(struct package *p, size_t entry)
{
    uint8_t bytes[HEAD];
    size_t magic_len;
    slice head = entry_head(p, entry, bytes);
    const struct type_row *magic = type_of_head(head, &magic_len);
    p->images += !starts(without_slash(p->b->entries[entry].name), "docprops/");
    if (magic && magic->policy == TYPE_INERT && magic_len >= 2)
        p->b->entries[entry].taken = true;
    else
        unknown_part(p, entry);
}

/* Controls are compound files, or a stream of properties; of other makers' classes anything. */
static void activex_part(struct package *p, size_t entry)
{
    uint8_t bytes[HEAD];
    size_t magic_len;
    const struct type_row *magic = type_of_head(entry_head(p, entry, bytes), &magic_len);
    ooxml_walk_control(p, entry, magic && magic_len >= 3);
}

static void inert_part(struct package *p, size_t entry)
{
    uint8_t bytes[HEAD];
    size_t magic_len;
    struct bundle_entry *e = &p->b->entries[entry];
    const struct type_row *magic = type_of_head(entry_head(p, entry, bytes), &magic_len);
    if (magic && magic_len >= 3 && magic->policy != TYPE_INERT &&
        !slice_is(slice_of(magic->name), "xml"))
        child(p, entry);
    else
        e->taken = true;
}

static void embedded_part(struct package *p, size_t entry)
{
    if (p->embedded++ < SAY_MAX)
        walk_text(p->w, FACT_OFFICE_EMBEDDED, p->b->entries[entry].name, p->b->entries[entry].at);
    child(p, entry);
}

static void macro_part(struct package *p, size_t entry)
{
    if (!p->macro)
        walk_flag(p->w, FACT_OFFICE_MACRO, p->b->entries[entry].at);
    p->macro = true;
    child(p, entry);
}

/* --- the passes */

static void read_part(struct package *p, size_t entry)
{
    switch ((enum ooxml_role)p->role[entry]) {
    case ROLE_CORE:
    case ROLE_APP:
        ooxml_read_properties(p, entry);
        break;
    case ROLE_HIDDEN:
        ooxml_read_hidden(p, entry);
        break;
    case ROLE_CONTROL:
        ooxml_read_control(p, entry);
        break;
    case ROLE_DRAWING:
    case ROLE_WORD:
        ooxml_read_word(p, entry);
        break;
    case ROLE_VML:
        ooxml_read_vml(p, entry);
        break;
    case ROLE_SHEET:
        ooxml_read_sheet(p, entry);
        break;
    case ROLE_STRINGS:
        ooxml_read_strings(p, entry);
        break;
    case ROLE_STRINGS_BINARY:
        ooxml_read_strings_binary(p, entry);
        break;
    case ROLE_EXTERNAL_LINK:
        ooxml_read_external_link(p, entry);
        break;
    case ROLE_WORKBOOK:
        ooxml_read_workbook(p, entry);
        break;
    case ROLE_WORKBOOK_BINARY:
        ooxml_read_workbook_binary(p, entry);
        break;
    default:
        break;
    }
}

static void walk_part(struct package *p, size_t entry)
{
    switch ((enum ooxml_role)p->role[entry]) {
    case ROLE_NONE:
    case ROLE_CUSTOM_XML:
        unknown_part(p, entry);
        break;
    case ROLE_INERT:
        inert_part(p, entry);
        break;
    case ROLE_MEDIA:
        media_part(p, entry);
        break;
    case ROLE_ACTIVEX:
        activex_part(p, entry);
        break;
    case ROLE_EMBEDDED:
    case ROLE_CHUNK:
        embedded_part(p, entry);
        break;
    case ROLE_MACRO:
        macro_part(p, entry);
        break;
    case ROLE_SIGNATURE:
        walk_text(p->w, FACT_OFFICE_MACRO_SIGNATURE, p->b->entries[entry].name,
                  p->b->entries[entry].at);
        inert_part(p, entry);
        break;
    case ROLE_MACRO_SHEET:
        p->macro_sheets++;
        p->b->entries[entry].taken = true;
        break;
    default:
        p->b->entries[entry].taken = true;
    }
}

static bool readable(const struct bundle_entry *e)
{
    return e->stream && !e->encrypted && !e->taken;
}

static void each(struct package *p, void (*pass)(struct package *p, size_t entry),
                 enum ooxml_role from, enum ooxml_role to)
{
    for (size_t i = 0; i < p->b->n && !walk_over(p->w); i++)
        if (p->role[i] >= from && p->role[i] <= to && readable(&p->b->entries[i]))
            pass(p, i);
}

/* The main kind by the names of members, where no type or relationship told. */
static enum ooxml_main main_by_role(const struct package *p)
{
    for (size_t i = 0; i < p->b->n; i++) {
        slice name = without_slash(p->b->entries[i].name);
        switch ((enum ooxml_role)p->role[i]) {
        case ROLE_WORKBOOK:
            return MAIN_SHEET;
        case ROLE_WORKBOOK_BINARY:
            return MAIN_SHEET_BINARY;
        case ROLE_MAIN_SLIDES:
            return MAIN_SLIDES;
        case ROLE_WORD:
            if (starts(name, "word/document"))
                return MAIN_WORD;
            break;
        default:
            break;
        }
    }
    return MAIN_NONE;
}

/* Headers and notes stand before the document in some packages; it is read first. */
static void read_main_document(struct package *p, uint64_t most)
{
    for (size_t i = 0; p->main == MAIN_WORD && i < p->b->n; i++) {
        slice name = without_slash(p->b->entries[i].name);
        if (p->role[i] == ROLE_WORD && (i == p->main_entry || starts(name, "word/document")) &&
            readable(&p->b->entries[i]) && p->b->entries[i].size <= most)
            ooxml_read_word(p, i);
    }
}

/* What macros may read comes before them, on half of the budget; large parts wait. */
static void gather_part(struct package *p, size_t entry)
{
    if (p->b->entries[entry].size <= GATHER_MAX)
        read_part(p, entry);
}

/* Shared strings, of the same role, wait until a cell is asked for. */
static void gather_comments(struct package *p, size_t entry)
{
    if (has(p->b->entries[entry].name, "comments"))
        gather_part(p, entry);
}

/* Sheets name their controls, and are read later. */
static void name_controls(struct package *p, size_t entry)
{
    struct body body;
    if (p->b->entries[entry].size > GATHER_MAX || !ooxml_open(p, entry, &body))
        return;
    ooxml_name_sheet_controls(p, entry, body.all);
    p->b->entries[entry].taken = false;
    body_release(&body);
}

static void read_for_macros(struct package *p)
{
    for (size_t i = 0; i < p->b->n && !p->macros; i++)
        p->macros = p->role[i] == ROLE_MACRO;
    if (!p->macros)
        return;
    struct hidden_budget kept = hidden_budget_begin(p->w);
    each(p, gather_part, ROLE_WORKBOOK, ROLE_WORKBOOK_BINARY);
    ooxml_settle_book(p);
    if (p->n_controls)
        each(p, name_controls, ROLE_SHEET, ROLE_SHEET);
    read_main_document(p, GATHER_MAX);
    each(p, gather_part, ROLE_CORE, ROLE_VML);
    each(p, gather_part, ROLE_WORD, ROLE_WORD);
    each(p, gather_comments, ROLE_STRINGS, ROLE_STRINGS);
    each(p, ooxml_read_custom, ROLE_CUSTOM_XML, ROLE_CUSTOM_XML);
    each(p, read_part, ROLE_CONTROL, ROLE_CONTROL);
    each(p, walk_part, ROLE_ACTIVEX, ROLE_ACTIVEX);
    hidden_budget_end(p->w, &kept);
}

static void note_kind(struct package *p)
{
    static const char *const types[] = { NULL, "docx", "xlsx", "xlsb", "pptx" };
    walk_type(p->w, types[p->main]);
    if (p->main_type.len)
        walk_text(p->w, FACT_OFFICE_CONTENT_TYPE, p->main_type, NOWHERE);
}

/* A name that promises a document without macros. */
static void note_macro_in_plain_name(struct package *p)
{
    static const char *const plain[] = { "docx", "dotx", "xlsx", "xltx", "pptx", "ppsx", "potx" };
    slice extension = type_extension_of(p->w->name);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (slice_is_nocase(extension, plain[i])) {
            struct buf b = buf_new(64);
            buf_format(&b, "%s: macro-enabled", plain[i]);
            walk_text(p->w, FACT_FILE_TYPE_MISMATCH, buf_slice(&b), NOWHERE);
            buf_drop(&b);
        }
}

static void note_text(struct package *p)
{
    slice text = utf8_clean(p->w->mem, buf_slice(&p->text));
    p->words = plain_words(text);
    plain_view(p->w, text, range_of(0, p->w->body->all.len));
}

static void note_pictures(struct package *p)
{
    if (p->images == 0)
        return;
    walk_int(p->w, FACT_OFFICE_IMAGE, (int64_t)p->images, NOWHERE);
    bool empty = p->main == MAIN_WORD || (p->main != MAIN_SLIDES && p->sheet_bytes < NO_DATA);
    if (p->words < FEW_WORDS && empty)
        walk_flag(p->w, FACT_DOCUMENT_IMAGE_ONLY, NOWHERE);
}

static void take_folders(struct package *p)
{
    for (size_t i = 0; i < p->b->n; i++)
        if (!p->b->entries[i].stream)
            p->b->entries[i].taken = true;
}

static enum walk_end walk_package(struct package *p)
{
    each(p, ooxml_read_types, ROLE_CONTENT_TYPES, ROLE_CONTENT_TYPES);
    each(p, ooxml_read_relations, ROLE_RELATIONS, ROLE_RELATIONS);
    if (p->default_macro)
        for (size_t i = 0; i < p->b->n; i++)
            if (p->role[i] <= ROLE_INERT && ends(p->b->entries[i].name, ".bin") &&
                !has(p->b->entries[i].name, "printersettings"))
                p->role[i] = ROLE_MACRO;
    if (p->main == MAIN_NONE)
        p->main = main_by_role(p);
    if (p->main == MAIN_NONE) { /* some other package: only what runs is ours */
        each(p, walk_part, p->theme ? ROLE_NONE : ROLE_SIGNATURE, ROLE_MACRO);
        return WALK_NOT_MINE;
    }
    note_kind(p);
    struct hidden_source cells = { .places = 1u << HIDDEN_CELL | 1u << HIDDEN_SHEET, .load = ooxml_load_cells, .host = p };
    read_for_macros(p);
    /* What can run comes first: a document made to exhaust the budget hides nothing. */
    hidden_offer(p->w, &cells);
    each(p, walk_part, ROLE_EMBEDDED, ROLE_MACRO);
    hidden_withdraw(p->w, &cells);
    each(p, read_part, ROLE_WORKBOOK, ROLE_WORKBOOK_BINARY);
    ooxml_settle_book(p);
    if (p->macro_sheets) {
        walk_int(p->w, FACT_OFFICE_MACRO_SHEET, p->macro_sheets, NOWHERE);
        ooxml_read_macros(p);
    }
    read_main_document(p, UINT64_MAX);
    each(p, read_part, ROLE_CORE, ROLE_CONTROL);
    note_text(p);
    each(p, walk_part, ROLE_NONE, ROLE_MACRO);
    note_pictures(p);
    ooxml_say_picture(p);
    take_folders(p);
    if (p->macro || p->macro_type)
        note_macro_in_plain_name(p);
    return walk_over(p->w) ? WALK_LIMIT : WALK_WHOLE;
}

static enum walk_end ooxml_walk_bundle(struct walk *w, struct bundle *b)
{
    struct package p = { .w = w, .b = b, .main_entry = SIZE_MAX, .text = buf_new(TEXT_MAX) };
    enum walk_end end = index_names(&p) ? walk_package(&p) : WALK_LIMIT;
    buf_drop(&p.text);
    return end;
}

static bool ooxml_claims(const struct bundle *b)
{
    if (strcmp(b->kind, "zip") != 0)
        return false;
    for (size_t i = 0; i < b->n; i++) {
        slice name = without_slash(b->entries[i].name);
        if (name.len == 0 || !strchr("[_wxpv", ascii_lower(name.at[0])))
            continue;
        enum ooxml_role role = ooxml_role_by_name(name);
        if (role == ROLE_CONTENT_TYPES || role == ROLE_WORKBOOK || role == ROLE_WORKBOOK_BINARY ||
            role == ROLE_MAIN_SLIDES || role == ROLE_MACRO ||
            slice_is_nocase(name, "_rels/.rels") ||
            (role == ROLE_WORD && starts(name, "word/document")))
            return true;
    }
    return false;
}

const struct format format_ooxml = {
    .name = "ooxml",
    .spec = "ECMA-376 parts 1 and 2; [MS-XLSB]",
    .claims = ooxml_claims,
    .walk_bundle = ooxml_walk_bundle,
};
