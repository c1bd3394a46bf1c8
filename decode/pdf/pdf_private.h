/* SPDX-License-Identifier: Apache-2.0 */
/* pdf_private - what the files of the PDF reader share (ISO 32000-1).
 *
 * An object is never turned into a tree. It stays text; dictionaries are read
 * into a fixed set of keys when somebody asks, so that nothing is allocated
 * for what nobody looks at and no nesting can exhaust anything.
 */
#pragma once
#include "base/buf.h"
#include "base/inflate.h"
#include "decode/walk.h"

enum {
    PDF_OBJECTS_MAX = 1 << 19,
    PDF_NUMBER_MAX = (1 << 23) - 1, /* of an object: Annex C */
    PDF_LEAF = 1024,
    PDF_NEST_MAX = 48, /* dictionaries inside one another that are looked into */
    PDF_FOUND_MAX = 1 << 17,
    PDF_CHAIN_MAX = 16, /* references and filters one after the other */
    PDF_NAME_MAX = 127,
};

enum pdf_key {
#define PDF_KEY(name) PDF_##name,
#include "decode/pdf/pdf_keys.h"
#undef PDF_KEY
    PDF_KEYS
};

enum pdf_kind {
    PDF_IS_NOTHING,
    PDF_IS_NUMBER,
    PDF_IS_NAME,
    PDF_IS_STRING, /* (...) */
    PDF_IS_HEX,    /* <...> */
    PDF_IS_ARRAY,
    PDF_IS_DICT,
    PDF_IS_REF,
    PDF_IS_WORD,  /* true, null, an operator, anything else */
    PDF_IS_CLOSE, /* a bracket that closes; never a value */
};

struct pdf_value {
    enum pdf_kind kind;
    uint32_t owner; /* index of the object it stands in: its key decrypts */
    uint32_t num;   /* of a reference */
    slice raw;      /* without the marks around it; of arrays and dictionaries what is inside */
    double number;
};

struct pdf_object {
    uint32_t num, gen;
    slice text;          /* behind "obj"; up to its end once it is swept */
    slice data;          /* of a stream, up to the nearest "endstream" */
    bool stream, packed; /* packed: out of an object stream, strings in clear */
};

struct pdf_dict {
    bool has[PDF_KEYS];
    struct pdf_value v[PDF_KEYS];
};

/* Dictionaries that the sweep set aside. */
enum pdf_class {
    PDF_FOUND_ACTION,
    PDF_FOUND_AUTO,
    PDF_FOUND_FILE,
    PDF_FOUND_PAGE,
    PDF_FOUND_FORM,
    PDF_FOUND_PACK,
    PDF_FOUND_TRAILER,
    PDF_CLASSES
};

struct pdf_found {
    slice raw;
    uint32_t owner;
};

struct pdf_list {
    struct pdf_found *at;
    size_t n, room;
};

struct pdf_crypt;

struct pdf {
    struct walk *w;
    const struct body *body;
    slice all;
    size_t header; /* where "%PDF-" stands */
    struct pdf_object *objects;
    size_t n_objects, room, n_scanned;
    uint32_t *leaves[(PDF_NUMBER_MAX + 1) / PDF_LEAF];
    struct pdf_list found[PDF_CLASSES];
    struct pdf_crypt *crypt;
    slice locked;        /* an encryption that no key opened: its name */
    size_t no_endstream; /* from here on there is none */
    struct body *kept;   /* of object streams, released at the end */
    size_t n_kept;
    struct buf script, auto_script; /* the second holds what runs without a hand */
    int64_t scripts, files;
    uint64_t told_actions, told_autos; /* bit per kind */
    uint64_t targets[64];              /* of links, hashed */
    size_t n_targets;
    uint8_t *given; /* by object: what its stream was already read as */
    bool limit, short_data, escaped;
    bool lockable; /* by a password; other encryption no password opens */
    bool quiet;    /* the second look at a file: what the first said is not said again */
};

/* --- pdf_lex.c: tokens and values (7.2, 7.3) */
struct pdf_lexer {
    slice in;
    size_t pos;
    uint32_t owner;
    bool content; /* of a page: no references in it (7.8.2) */
};

/* The next value. Dictionaries and arrays are skipped over as a whole unless
 * `flat`, which gives their opening with an empty raw. False at the end. */
bool pdf_next(struct pdf_lexer *l, bool flat, struct pdf_value *out);
bool pdf_is_name(const struct pdf_value *v, const char *name);
bool pdf_is_word(const struct pdf_value *v, const char *word);
/* A name with #xx taken back, into the caller's room of PDF_NAME_MAX bytes. */
slice pdf_name(slice raw, uint8_t room[PDF_NAME_MAX]);
int pdf_key_of(slice raw, bool *escaped_out); /* -1: none of ours */
bool pdf_space(uint8_t c);
bool pdf_regular(uint8_t c);
/* Bytes of a string, without decryption, in the arena. */
slice pdf_unescape(struct arena *mem, const struct pdf_value *v);

/* --- pdf_objects.c: which objects there are (7.5) */
void pdf_objects_scan(struct pdf *p);

void pdf_objects_unpack(struct pdf *p); /* object streams */
const struct pdf_object *pdf_object(const struct pdf *p, uint32_t num);
/* Adds one and sweeps its text; where it ends. */
size_t pdf_object_add(struct pdf *p, uint32_t num, uint32_t gen, slice text, bool packed);
/* The cross-reference says that it stands there, or in an object stream; what a newer section
 * said stands. False: nothing is there. */
bool pdf_object_place(struct pdf *p, uint32_t num, uint64_t offset);
void pdf_object_packed(struct pdf *p, uint32_t num);

/* --- pdf_xref.c */
void pdf_xref_follow(struct pdf *p);

/* --- pdf_sweep.c: one pass over an object's text */
size_t pdf_sweep(struct pdf *p, uint32_t object);
void pdf_put_aside(struct pdf *p, enum pdf_class class, slice raw, uint32_t owner);

/* --- pdf_value.c: asking */
struct pdf_value pdf_resolve(struct pdf *p, struct pdf_value v);
/* The dictionary behind a value (of a stream too). *object_out (may be NULL) is
 * the object it stands in. */
bool pdf_dict(struct pdf *p, struct pdf_value v, struct pdf_dict *out, uint32_t *object_out);
bool pdf_dict_at(struct pdf *p, uint32_t object, struct pdf_dict *out);
bool pdf_dict_of(struct pdf *p, slice raw, uint32_t owner, struct pdf_dict *out);
struct pdf_value pdf_get(const struct pdf_dict *d, enum pdf_key k);
bool pdf_int(struct pdf *p, const struct pdf_dict *d, enum pdf_key k, int64_t *out);
slice pdf_bytes(struct pdf *p, struct pdf_value v); /* of a string, in clear */
slice pdf_text(struct pdf *p, struct pdf_value v);  /* the same as UTF-8 (7.9.2) */
struct range pdf_range(const struct pdf *p, slice raw);
/* Four numbers of an array, low corner first. */
bool pdf_rect(struct pdf *p, struct pdf_value v, double out[4]);

/* --- pdf_filter.c: streams (7.4). False: nothing, or not all of it; release what came. */
bool pdf_stream(struct pdf *p, uint32_t object, uint64_t max, struct body *out);

/* --- pdf_crypt.c: encryption (7.6) */
void pdf_crypt_open(struct pdf *p);
bool pdf_crypt_try(struct pdf *p, slice password);
slice pdf_crypt_string(struct pdf *p, uint32_t owner, slice in);
bool pdf_crypt_stream(struct pdf *p, uint32_t object, const struct pdf_dict *d, slice in,
                      struct body *out);

/* --- pdf_action.c, pdf_script.c, pdf_file.c, pdf_page.c */
void pdf_actions_tell(struct pdf *p);
enum pdf_given { PDF_GIVEN_FILE = 1, PDF_GIVEN_SCRIPT = 2, PDF_GIVEN_AUTO = 4 };
void pdf_script_add(struct pdf *p, struct pdf_value js, bool by_itself);
void pdf_script_tell(struct pdf *p);
void pdf_files_tell(struct pdf *p);
void pdf_forms_tell(struct pdf *p);
slice pdf_file_name(struct pdf *p, struct pdf_value spec);
void pdf_link_tell(struct pdf *p, slice url, slice text, struct range at, const char *source);
void pdf_pages_tell(struct pdf *p);

/* --- pdf_font.c: codes to text (9.6 to 9.10) */
struct pdf_font;
struct pdf_font *pdf_font_new(struct pdf *p, struct pdf_value font);
/* Adds the text of a string that is shown. */
void pdf_font_show(struct pdf *p, const struct pdf_font *f, slice bytes, struct buf *out);

/* --- pdf_content.c: what a page shows (9.4) */
struct pdf_link {
    double rect[4];
    slice url;
    struct range at;
    uint8_t text[160];
    size_t n;
};

struct pdf_page {
    double box[4];
    struct pdf_value resources;
    struct pdf_link *links;
    size_t n_links;
    double pictures; /* area that pictures cover, in page units squared */
    size_t n_pictures;
};

struct pdf_shown {
    struct buf text;     /* what can be read */
    int64_t hidden;      /* characters too small or off the page */
    int64_t hidden_word; /* the longest run of them without a blank */
    uint64_t work;       /* that may still be spent on it */
    struct {
        uint32_t num;
        struct pdf_font *font;
    } fonts[64];
    size_t n_fonts;
};
void pdf_content_show(struct pdf *p, struct pdf_page *page, struct pdf_value contents,
                      struct pdf_shown *out);
