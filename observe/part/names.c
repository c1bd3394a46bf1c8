/* SPDX-License-Identifier: Apache-2.0 */
/* names - what a file name says, what it hides, and whether name, declared
 * type and content agree.
 *
 * T1036.002, .007, .008; the shapes of mass-mail names are those of the
 * Emotet waves of 2019 to 2023. Names are judged as Windows shows and opens
 * them. Left out: names inside Office containers (they are fixed by format).
 */
#include "base/buf.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/types.h"
#include "observe/part/observe.h"

#include <stdio.h>

enum { SPACES_THAT_HIDE = 5, EXTENSION_SHOWN = 5 };

/* Text of a file name without folders. */
static slice stem_of(slice base)
{
    slice extension = type_extension_of(base);
    if (extension.len == 0)
        return base;
    return slice_sub(base, 0, (size_t)(extension.at - base.at) - 1);
}

static bool one_of(slice s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_is_nocase(s, words[i]))
            return true;
    return false;
}

#define ONE_OF(s, words) one_of((s), (words), sizeof(words) / sizeof(words)[0])

/* --- hidden extensions */

static bool runs_when_opened(const struct type_row *t)
{
    static const char *const also[] = { "lnk",
                                        "url",
                                        "html",
                                        "svg",
                                        "mht",
                                        "chm",
                                        "iso",
                                        "vhd",
                                        "jar",
                                        "msi",
                                        "onenote",
                                        "library",
                                        "settingcontent",
                                        "appinstaller",
                                        "xml",
                                        "iqy",
                                        "slk" };
    return t && (t->policy == TYPE_SCRIPT || t->policy == TYPE_PROGRAM ||
                 ONE_OF(slice_of(t->name), also));
}

/* "invoice.pdf.lnk" is, "a.tar.gz", "v1.2.doc" and "2026.11.22.doc" are not:
 * the first extension must be one of documents, the last one must act. */
static void double_extension(struct walk *w, slice base)
{
    static const char *const documents[] = { "doc",  "docx", "docm", "xls", "xlsx", "xlsm", "ppt",
                                             "pptx", "pdf",  "txt",  "rtf", "csv",  "jpg",  "jpeg",
                                             "png",  "gif",  "bmp",  "tif", "tiff", "zip",  "rar",
                                             "7z",   "mp3",  "mp4",  "wav", "avi",  "mov",  "eml",
                                             "msg",  "one",  "odt",  "ods", "htm" };
    slice last = type_extension_of(base), before = slice_trim(stem_of(base));
    slice first = slice_trim(type_extension_of(before));
    if (last.len == 0 || first.len == 0 || !ONE_OF(first, documents) ||
        !runs_when_opened(type_by_extension(last)))
        return;
    if (slice_eq_nocase(first, last))
        return;
    struct buf both = buf_new(128);
    buf_put(&both, slice_sub(first, 0, 40));
    buf_byte(&both, '.');
    buf_put(&both, slice_sub(last, 0, 40));
    slice lower = slice_lower(w->mem, buf_slice(&both));
    walk_text(w, FACT_FILE_NAME_DOUBLE_EXTENSION, lower, NOWHERE);
    buf_drop(&both);
}

/* --- characters */

enum { SEEN_BIDI = 1, SEEN_INVISIBLE = 2, SEEN_DOT = 4, SEEN_SPACES = 8, SEEN_PATH = 16 };

static bool is_bidi(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The zero-width joiner is left out: names with emoji have it. */
static bool is_invisible(uint32_t c)
{
    return c == 0x200b || c == 0x200c || c == 0x2060 || c == 0xfeff || c == 0xad || c == 0x180e ||
           c == 0x34f || c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0 ||
           (c >= 0x2061 && c <= 0x2064) || (c >= 0xe0000 && c <= 0xe007f);
}

/* A full-width dot with letters like an extension behind it. */
static bool fake_dot(slice base, size_t next)
{
    size_t n = 0;
    while (next + n < base.len && ascii_alnum(base.at[next + n]))
        n++;
    return n >= 2 && n <= EXTENSION_SHOWN && type_by_extension(slice_sub(base, next, n)) != NULL;
}

static unsigned characters(slice base)
{
    unsigned seen = 0, spaces = 0;
    for (size_t i = 0; i < base.len;) {
        uint8_t first = base.at[i];
        uint32_t c = first < 0x80 ? base.at[i++] : utf8_next(base, &i);
        if (c == ' ' || c == 0x3000 || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == '\t') {
            spaces++;
            continue;
        }
        if (spaces >= SPACES_THAT_HIDE)
            seen |= SEEN_SPACES;
        spaces = 0;
        if (is_bidi(c))
            seen |= SEEN_BIDI;
        else if (is_invisible(c))
            seen |= SEEN_INVISIBLE;
        else if ((c == 0xff0e || c == 0x2024 || c == 0xff61 || c == 0x3002) && fake_dot(base, i))
            seen |= SEEN_DOT;
    }
    return seen;
}

/* --- shapes of mass mail (without extension, ASCII case ignored) */

struct shape {
    slice s;
    size_t at;
};

static bool digits(struct shape *p, size_t least, size_t most)
{
    size_t n = 0;
    while (p->at < p->s.len && n < most && ascii_digit(p->s.at[p->at]))
        p->at++, n++;
    return n >= least;
}

static bool sign(struct shape *p, const char *set)
{
    if (p->at >= p->s.len || !strchr(set, p->s.at[p->at]) || p->s.at[p->at] == 0)
        return false;
    p->at++;
    return true;
}

static bool word(struct shape *p, const char *w)
{
    if (!slice_starts_nocase(slice_from(p->s, p->at), w))
        return false;
    p->at += strlen(w);
    return true;
}

static bool at_end(const struct shape *p)
{
    return p->at == p->s.len;
}

/* 2022-22-02_1239, "2022-03-01_1137- Statement" */
static bool date_and_time(slice s)
{
    struct shape p = { s, 0 };
    return digits(&p, 4, 4) && sign(&p, "-") && digits(&p, 2, 2) && sign(&p, "-") &&
           digits(&p, 2, 2) && sign(&p, "_") && digits(&p, 4, 4) && (at_end(&p) || sign(&p, "- "));
}

/* Data_57592, SCAN_14032022, "Details-3922941" */
static bool word_and_number(slice s)
{
    static const char *const words[] = { "data",     "scan",     "doc",  "pack",    "list",
                                         "report",   "details",  "mail", "message", "form",
                                         "untitled", "comments", "info", "inv",     "po",
                                         "rep",      "mes",      "arc",  "file",    "dat" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct shape p = { s, 0 };
        if (word(&p, words[i])) {
            (void)sign(&p, "-_ ");
            if (digits(&p, 3, 20))
                return true;
        }
    }
    return false;
}

/* "Electronic form Dt 03.07.2023, US" */
static bool form_and_date(slice s)
{
    struct shape p = { s, 0 };
    (void)word(&p, "electronic ");
    if (!word(&p, "form"))
        return false;
    (void)word(&p, " dt");
    return sign(&p, " ") && digits(&p, 2, 2) && sign(&p, ".") && digits(&p, 2, 2) &&
           sign(&p, ".") && digits(&p, 4, 4) && (at_end(&p) || word(&p, ", "));
}

/* AN143221, "X 8099607O"; names that cameras and phones give are none. */
static bool letters_and_number(slice s)
{
    static const char *const cameras[] = { "img", "dsc", "dscn", "dscf", "pxl",  "vid",  "mov",
                                           "mvi", "win", "pict", "dji",  "imag", "gopr", "sam" };
    struct shape p = { s, 0 };
    while (p.at < s.len && ascii_alpha(s.at[p.at]))
        p.at++;
    if (p.at < 2 || p.at > 4 || ONE_OF(slice_sub(s, 0, p.at), cameras))
        return false;
    (void)sign(&p, "-_ ");
    if (!digits(&p, 5, 30))
        return false;
    for (int i = 0; i < 2 && p.at < s.len && ascii_alpha(s.at[p.at]); i++)
        p.at++;
    return at_end(&p);
}

static const char *shape_of(slice stem)
{
    if (date_and_time(stem))
        return "date-time";
    if (form_and_date(stem))
        return "form-date";
    if (word_and_number(stem))
        return "word-number";
    return letters_and_number(stem) ? "letters-number" : NULL;
}

/* --- the part */

static bool named_by_people(const struct walk *w)
{
    return w->how != HOW_OPC && w->how != HOW_OLE && w->how != HOW_UNMASK;
}

static bool of_archive(const struct walk *w)
{
    return w->how == HOW_ZIP || w->how == HOW_ARCHIVE;
}

static void oddities(struct walk *w, slice base)
{
    unsigned seen = characters(base);
    slice folded = charset_nfkc(w->mem, base);
    if (seen & SEEN_BIDI)
        walk_flag(w, FACT_FILE_NAME_BIDI, NOWHERE);
    if (seen & SEEN_INVISIBLE)
        walk_flag(w, FACT_FILE_NAME_INVISIBLE, NOWHERE);
    if (seen & SEEN_DOT)
        walk_flag(w, FACT_FILE_NAME_FULLWIDTH_DOT, NOWHERE);
    if (seen & SEEN_SPACES)
        walk_flag(w, FACT_FILE_NAME_SPACES, NOWHERE);
    if (base.len != w->name.len && w->how == HOW_MIME)
        walk_flag(w, FACT_FILE_NAME_PATH, NOWHERE);
    double_extension(w, folded);
    const char *shape = w->how == HOW_MIME || of_archive(w) ? shape_of(stem_of(folded)) : NULL;
    if (shape)
        walk_cstr(w, FACT_FILE_NAME_PATTERN, shape, NOWHERE);
}

static void names_part(struct walk *w, void **state)
{
    (void)state;
    slice base = type_base_name(w->name);
    if (base.len == 0)
        return;
    slice extension = slice_lower(w->mem, type_extension_of(base)), stem = stem_of(base);
    const struct type_row *t = type_by_extension(extension);
    walk_text(w, FACT_FILE_NAME, w->name, NOWHERE);
    if (extension.len)
        walk_text(w, FACT_FILE_EXTENSION, extension, NOWHERE);
    walk_text(w, FACT_FILE_STEM, stem, NOWHERE);
    if (t)
        walk_cstr(w, FACT_FILE_TYPE_EXTENSION, t->name, NOWHERE);
    if (!named_by_people(w))
        return;
    oddities(w, base);
    if (of_archive(w) && w->up && stem.len &&
        slice_eq_nocase(stem, stem_of(type_base_name(w->up->name))))
        walk_flag(w, FACT_FILE_NAME_STEM_OF_PARENT, NOWHERE);
}

/* --- do name, declaration and content agree? */

static bool is_textual(const struct type_row *t)
{
    static const char *const textual[] = { "text",         "html",
                                           "svg",          "xml",
                                           "calendar",     "vcard",
                                           "patch",        "eml",
                                           "mbox",         "reg",
                                           "url",          "iqy",
                                           "slk",          "mht",
                                           "library",      "settingcontent",
                                           "appinstaller", "pgp",
                                           "certificate",  "delivery-status",
                                           "vba-module",   "smime-signature",
                                           "script",
                                           "smime" };
    return t->policy == TYPE_SCRIPT || ONE_OF(slice_of(t->name), textual);
}

/* One is what the other is made of. */
static bool is_kind_of(const struct type_row *a, const struct type_row *b)
{
    static const char *const zips[] = { "docx", "xlsx", "xlsb",         "pptx",
                                        "jar",  "odf",  "appinstaller", "zip" };
    static const char *const cfbs[] = { "doc",       "xls", "ppt", "msg",   "msi",
                                        "publisher", "hwp", "cfb", "sqlite" };
    static const char *const gzips[] = { "tar", "svg", "gzip", "emf", "wmf" };
    static const char *const tars[] = { "tar", "xz", "bzip2" };
    slice x = slice_of(a->name), y = slice_of(b->name);
    if (slice_is(x, "zip"))
        return ONE_OF(y, zips);
    if (slice_is(x, "cfb")) /* an encrypted docx is a compound file */
        return ONE_OF(y, cfbs) || slice_is(y, "docx") || slice_is(y, "xlsx") ||
               slice_is(y, "pptx") || slice_is(y, "xlsb");
    if (slice_is(x, "cab")) /* .onepkg */
        return slice_is(y, "onenote");
    if (slice_is(x, "xz") || slice_is(x, "bzip2")) /* .tbz */
        return ONE_OF(y, tars);
    return slice_is(x, "gzip") && ONE_OF(y, gzips);
}

static bool agree(const struct type_row *said, const struct type_row *is)
{
    if (said == is || is_kind_of(is, said) || is_kind_of(said, is) ||
        (is_textual(said) && is_textual(is)))
        return true;
    if (said->policy == TYPE_INERT && is->policy == TYPE_INERT)
        return true;
    return slice_is(slice_of(said->name), "tnef") ||
           slice_is(slice_of(said->name), "sqlite"); /* .dat and .db are anything */
}

static void say_mismatch(struct walk *w, enum fact_id id, const struct type_row *said,
                         const struct type_row *is)
{
    char text[96];
    int n = snprintf(text, sizeof text, "%s: %s", said->name, is->name);
    walk_text(w, id, (slice){ (const uint8_t *)text, n > 0 ? (size_t)n : 0 }, NOWHERE);
}

static void names_end(struct walk *w, void **state, enum walk_end end)
{
    (void)state, (void)end;
    const struct type_row *is = type_named(w->type);
    if (!is || !named_by_people(w))
        return;
    const struct type_row *by_name = type_by_extension(type_extension_of(type_base_name(w->name)));
    const struct type_row *by_media = type_by_media(w->declared);
    if (by_name && !agree(by_name, is))
        say_mismatch(w, FACT_FILE_TYPE_MISMATCH, by_name, is);
    if (by_media && !agree(by_media, is))
        say_mismatch(w, FACT_FILE_MIME_TYPE_MISMATCH, by_media, is);
}

const struct observer observer_names = { .name = "names",
                                         .part = names_part,
                                         .part_end = names_end };
