/* SPDX-License-Identifier: Apache-2.0 */
/* ooxml_relations - content types and relationships (ECMA-376 part 2, 7.2 and 9).
 *
 * What a part is: by its declared type, and by who refers to it as what. What
 * lies outside: every target with TargetMode External, of all .rels. Targets
 * are never followed in turn, so relationships that run in a loop cost nothing.
 */
#include "base/text.h"
#include "decode/links.h"
#include "decode/ooxml/ooxml_private.h"
#include "decode/types.h"

enum { TARGET_MAX = 4096, PATH_MAX_BYTES = 1024 };

static bool has(slice s, const char *word)
{
    return slice_find_nocase(s, slice_of(word), 0) != SIZE_MAX;
}

/* --- content types */

enum ooxml_role ooxml_role_by_type(slice t, enum ooxml_main *main_out, bool *macro_out)
{
    *macro_out = has(t, "macroenabled");
    *main_out = MAIN_NONE;
    if (has(t, "vbaprojectsignature"))
        return ROLE_SIGNATURE;
    if (has(t, "vbaproject"))
        return ROLE_MACRO;
    if (has(t, "macrosheet"))
        return ROLE_MACRO_SHEET;
    bool main = has(t, ".main");
    if (main && (has(t, "wordprocessingml") || has(t, "ms-word")))
        return *main_out = MAIN_WORD, ROLE_WORD;
    if (main && has(t, "sheet.binary"))
        return *main_out = MAIN_SHEET_BINARY, ROLE_WORKBOOK_BINARY;
    if (main && (has(t, "spreadsheetml") || has(t, "ms-excel")))
        return *main_out = MAIN_SHEET, ROLE_WORKBOOK;
    if (main && (has(t, "presentationml") || has(t, "ms-powerpoint")))
        return *main_out = MAIN_SLIDES, ROLE_MAIN_SLIDES;
    if (has(t, "wordprocessingml") &&
        (has(t, ".header+") || has(t, ".footer+") || has(t, "notes+") || has(t, "comments+") ||
         has(t, "document.glossary")))
        return ROLE_WORD;
    if (has(t, "sharedstrings+"))
        return ROLE_STRINGS;
    if (has(t, "spreadsheetml.worksheet+") || has(t, "spreadsheetml.dialogsheet+"))
        return ROLE_SHEET;
    if (has(t, "externallink+"))
        return ROLE_EXTERNAL_LINK;
    if (has(t, "presentationml.slide+") || has(t, "presentationml.notesslide+") ||
        has(t, "officedocument.drawing+") || has(t, "diagramdata+"))
        return ROLE_DRAWING;
    if (has(t, "core-properties+"))
        return ROLE_CORE;
    if (has(t, "extended-properties+"))
        return ROLE_APP;
    if (has(t, "custom-properties+") || has(t, "wordprocessingml.settings+"))
        return ROLE_HIDDEN;
    return has(t, "oleobject") ? ROLE_EMBEDDED : ROLE_NONE;
}

static void on_type(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct package *p = host;
    enum ooxml_main main;
    bool macro;
    (void)at;
    name = xml_local(name);
    slice type = xml_get(a, n, "ContentType");
    enum ooxml_role role = ooxml_role_by_type(type, &main, &macro);
    if (slice_is(name, "Default")) {
        bool bin = slice_is_nocase(xml_get(a, n, "Extension"), "bin");
        if (role == ROLE_MACRO && bin)
            p->default_macro = true;
        if (main == MAIN_SHEET_BINARY && bin) /* how Excel declares its binary workbooks */
            p->main_type = arena_copy(p->w->mem, slice_sub(type, 0, 256));
    } else if (slice_is(name, "Override")) {
        size_t entry = ooxml_find(p, xml_get(a, n, "PartName"));
        ooxml_set_role(p, entry, role);
        p->theme = p->theme || has(type, "thememanager");
        if (main != MAIN_NONE && p->main == MAIN_NONE && entry != SIZE_MAX) {
            p->main = main;
            p->main_entry = entry;
            p->macro_type = macro;
            p->main_type = arena_copy(p->w->mem, slice_sub(type, 0, 256));
        }
    }
}

void ooxml_read_types(struct package *p, size_t entry)
{
    const struct xml_handler handler = { .host = p, .open = on_type };
    ooxml_read(p, entry, &handler);
}

/* --- relationships */

struct relations {
    struct package *p;
    slice folder; /* of the part whose relationships these are; "" or "word/" */
    size_t source; /* that part; SIZE_MAX */
};

/* The last word of a relationship type URL: "attachedTemplate". */
static slice kind_of(slice type)
{
    for (size_t i = type.len; i > 0; i--)
        if (type.at[i - 1] == '/')
            return slice_from(type, i);
    return type;
}

static bool is_any(slice s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_is_nocase(s, words[i]))
            return true;
    return false;
}

#define IS_ANY(s, words) is_any((s), (words), sizeof(words) / sizeof(words)[0])

void ooxml_external(struct package *p, slice target, slice kind)
{
    static const char *const objects[] = { "oleObject", "frame", "subDocument", "aFChunk",
                                           "package" };
    struct walk *w = p->w;
    bool template = slice_is_nocase(kind, "attachedTemplate"), object = IS_ANY(kind, objects);
    /* Counted apart: no crowd of linked pictures shall stand in front of them. */
    if ((template || object ? p->loaded++ : p->externals++) >= SAY_MAX)
        return;
    target = slice_trim(slice_sub(target, 0, TARGET_MAX));
    walk_text(w, FACT_OFFICE_EXTERNAL, target, NOWHERE);
    walk_text(w, FACT_OFFICE_EXTERNAL_TYPE, slice_sub(kind, 0, 100), NOWHERE);
    if (template)
        walk_text(w, FACT_OFFICE_EXTERNAL_TEMPLATE, target, NOWHERE);
    if (object)
        walk_text(w, FACT_OFFICE_EXTERNAL_OBJECT, target, NOWHERE);
    /* "mhtml:http://...!x-usc:http://..." and the like: the URL inside counts too. */
    walk_link(w, target, (slice){ 0 }, NOWHERE, "office.external");
    size_t inner = slice_find_nocase(target, SLICE_LIT("http"), 1);
    if (inner != SIZE_MAX)
        walk_link(w, slice_from(target, inner), (slice){ 0 }, NOWHERE, "office.external");
}

/* A target relative to a folder, without "." and ".."; NUL-free, bounded. */
static slice join_path(slice folder, slice target, uint8_t out[PATH_MAX_BYTES])
{
    size_t n = 0;
    slice pieces[2] = { folder, target };
    if (target.len && (target.at[0] == '/' || target.at[0] == '\\'))
        pieces[0] = (slice){ 0 };
    for (size_t k = 0; k < 2; k++) {
        cursor c = cur_open(slice_sub(pieces[k], 0, PATH_MAX_BYTES));
        while (cur_more(&c)) {
            size_t from = c.pos;
            while (cur_more(&c) && c.in.at[c.pos] != '/' && c.in.at[c.pos] != '\\')
                c.pos++;
            slice one = slice_sub(c.in, from, c.pos - from);
            cur_skip(&c, 1);
            if (slice_is(one, "..")) {
                while (n > 0 && out[--n] != '/')
                    ;
            } else if (one.len && !slice_is(one, ".") && one.len + 1 < PATH_MAX_BYTES - n) {
                if (n)
                    out[n++] = '/';
                for (size_t i = 0; i < one.len; i++)
                    out[n++] = one.at[i];
            }
        }
    }
    return (slice){ out, n };
}

static enum ooxml_role role_by_relation(slice kind, enum ooxml_role by_name)
{
    static const char *const embedded[] = { "oleObject", "package" };
    static const char *const media[] = {
        "image", "video", "audio", "media", "hdphoto", "thumbnail"
    };
    static const char *const word[] = { "header", "footer", "footnotes", "endnotes",
                                        "glossaryDocument" };
    static const char *const drawn[] = { "slide", "notesSlide", "drawing", "diagramData" };
    if (slice_is_nocase(kind, "vbaProject"))
        return ROLE_MACRO;
    if (slice_starts_nocase(kind, "vbaProjectSignature"))
        return ROLE_SIGNATURE;
    if (slice_is_nocase(kind, "xlMacrosheet") || slice_is_nocase(kind, "xlIntlMacrosheet"))
        return ROLE_MACRO_SHEET;
    if (IS_ANY(kind, embedded))
        return ROLE_EMBEDDED;
    if (slice_is_nocase(kind, "aFChunk"))
        return ROLE_CHUNK;
    if (slice_is_nocase(kind, "activeXControlBinary"))
        return ROLE_ACTIVEX;
    if (slice_is_nocase(kind, "control"))
        return ROLE_CONTROL;
    if (IS_ANY(kind, word))
        return ROLE_WORD;
    if (IS_ANY(kind, drawn))
        return by_name > ROLE_DRAWING ? by_name : ROLE_DRAWING;
    if (slice_is_nocase(kind, "vmlDrawing"))
        return ROLE_VML;
    if (slice_is_nocase(kind, "externalLink"))
        return by_name > ROLE_INERT ? by_name : ROLE_NONE; /* binary in binary workbooks */
    return IS_ANY(kind, media) ? ROLE_MEDIA : ROLE_NONE;
}

/* Kinds whose parts differ between the three programs and their binary forms. */
static enum ooxml_role role_by_shared_kind(slice kind, slice path)
{
    bool binary = slice_ends_nocase(path, ".bin");
    if (slice_is_nocase(kind, "worksheet"))
        return binary ? ROLE_INERT : ROLE_SHEET;
    if (slice_is_nocase(kind, "sharedStrings"))
        return binary ? ROLE_STRINGS_BINARY : ROLE_STRINGS;
    return ROLE_NONE;
}

/* The package's main document, when only the relationship says so. */
static void main_document(struct package *p, size_t entry, slice path)
{
    bool binary = slice_ends_nocase(path, ".bin");
    if (slice_starts_nocase(path, "xl/"))
        ooxml_set_role(p, entry, binary ? ROLE_WORKBOOK_BINARY : ROLE_WORKBOOK);
    else if (slice_starts_nocase(path, "ppt/"))
        ooxml_set_role(p, entry, ROLE_MAIN_SLIDES);
    else if (!p->theme && (p->main == MAIN_NONE || p->main == MAIN_WORD)) {
        ooxml_set_role(p, entry, ROLE_WORD);
        p->main = MAIN_WORD;
        p->main_entry = entry;
    }
}

static void internal(struct relations *r, slice kind, slice target, slice id)
{
    uint8_t bytes[PATH_MAX_BYTES];
    struct package *p = r->p;
    size_t fragment = slice_find_byte(target, '#', 0);
    target = slice_sub(target, 0, fragment == SIZE_MAX ? target.len : fragment);
    slice path = join_path(r->folder, target, bytes);
    if (path.len == 0 || slice_is_nocase(target, "NULL"))
        return;
    size_t entry = ooxml_find(p, path);
    if (entry == SIZE_MAX) {
        if (p->missing++ < SAY_MAX)
            walk_text(p->w, FACT_OFFICE_PART_MISSING, path, NOWHERE);
        return;
    }
    ooxml_set_role(p, entry, role_by_relation(kind, ooxml_role_by_name(path)));
    ooxml_set_role(p, entry, role_by_shared_kind(kind, path));
    if (has(kind, "sheet") && id.len) {
        struct book_relation *rel =
            ooxml_list_add(p, (void **)&p->related, &p->n_related, &p->room_related, sizeof *rel);
        if (rel)
            *rel = (struct book_relation){ arena_copy(p->w->mem, slice_sub(id, 0, 256)), entry };
    }
    if (slice_is_nocase(kind, "control") || slice_is_nocase(kind, "activeXControlBinary"))
        ooxml_link_control(p, r->source, entry, id);
    if (slice_is_nocase(kind, "officeDocument"))
        main_document(p, entry, path);
}

static void on_relation(void *host, slice name, const struct xml_attribute *a, size_t n, size_t at)
{
    struct relations *r = host;
    (void)at;
    if (!slice_is(xml_local(name), "Relationship"))
        return;
    slice kind = kind_of(xml_get(a, n, "Type")), target = xml_get(a, n, "Target");
    if (!slice_is_nocase(slice_trim(xml_get(a, n, "TargetMode")), "External")) {
        internal(r, kind, slice_sub(target, 0, TARGET_MAX), xml_get(a, n, "Id"));
        return;
    }
    bool link = slice_is_nocase(kind, "hyperlink");
    if (link && r->p->main != MAIN_WORD && r->p->main != MAIN_SHEET)
        ooxml_link_slide(r->p, r->source, xml_get(a, n, "Id"), target);
    if (link)
        walk_link(r->p->w, target, (slice){ 0 }, NOWHERE, "office.hyperlink");
    else
        ooxml_external(r->p, target, kind);
}

void ooxml_read_relations(struct package *p, size_t entry)
{
    slice name = p->b->entries[entry].name;
    size_t at = slice_find_nocase(name, SLICE_LIT("_rels/"), 0);
    struct relations r = { .p = p, .folder = slice_sub(name, 0, at == SIZE_MAX ? 0 : at), .source = SIZE_MAX };
    struct buf source = buf_new(name.len);
    if (at != SIZE_MAX && name.len - at > 6 + 5) { /* "_rels/", ".rels" */
        buf_put(&source, r.folder);
        buf_put(&source, slice_sub(name, at + 6, name.len - at - 6 - 5));
        r.source = ooxml_find(p, buf_slice(&source));
    }
    buf_drop(&source);
    const struct xml_handler handler = { .host = &r, .open = on_relation };
    ooxml_read(p, entry, &handler);
}
