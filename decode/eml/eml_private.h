/* SPDX-License-Identifier: Apache-2.0 */
/* eml_private - what the files of the mail reader share.
 *
 * Offsets are offsets in `in`, the bytes being read: those of the part itself,
 * or, where a whole multipart was transfer-encoded, decoded bytes that have no
 * place in the part (`detached`).
 */
#pragma once
#include "base/buf.h"
#include "decode/walk.h"

enum {
    EML_READINGS = 8,     /* alternative readings of one mail that are walked */
    EML_VARIANTS = 8,     /* names or boundaries of one part that are evaluated */
    EML_FACT_TEXT = 4096, /* bytes of a header that go into one fact */
    EML_DECODED = 65536,  /* bytes of a header that are decoded for it */
    EML_DEPTH = 64,       /* multiparts, whatever the budget says: the reader recurses */
};

/* --- header block (eml_header.c) */

enum eml_name {
    EML_OTHER,
    EML_FROM,
    EML_SENDER,
    EML_REPLY_TO,
    EML_RETURN_PATH,
    EML_TO,
    EML_CC,
    EML_SUBJECT,
    EML_DATE,
    EML_MESSAGE_ID,
    EML_IN_REPLY_TO,
    EML_REFERENCES,
    EML_RECEIVED,
    EML_X_MAILER,
    EML_USER_AGENT,
    EML_LIST_ID,
    EML_AUTH_RESULTS,
    EML_MIME_VERSION,
    EML_CONTENT_TYPE,
    EML_CONTENT_ENCODING,
    EML_CONTENT_DISPOSITION,
    EML_CONTENT_OTHER,
    EML_DELIVERED_TO,
    EML_X,
    EML_NAMES
};

struct eml_field {
    enum eml_name id;
    slice raw; /* behind the colon, still folded */
    size_t at; /* where the name begins */
};

struct eml_header {
    struct eml_field *fields; /* those with a known name, in order */
    size_t n, room;
    size_t count;    /* all fields */
    size_t contents; /* Content-* fields */
    size_t body;     /* where the body begins */
    size_t longest;  /* line */
    bool ended;      /* by a blank line */
    bool lone_cr, nul, spaces;
    bool limit; /* a budget ran out inside */
};

/* The block that begins at `from` and ends before `to`. */
void eml_header_read(struct walk *w, slice in, size_t from, size_t to, struct eml_header *out);
/* The value in one line, NUL bytes gone, trimmed. */
slice eml_header_text(struct arena *mem, const struct eml_field *f);
enum eml_name eml_header_name(slice name);
/* Length of the field name if a field begins here ("Name:", "Name :"); 0. */
size_t eml_header_field(slice line);

/* A line: [at, end) without its end of line; the following one begins at next. */
struct eml_line {
    size_t at, end, next;
    bool lone_cr; /* ended by a CR that no LF follows */
};
/* Reads lines. The next LF, and how far lone CRs reach, are remembered, so that
 * lines without any LF stay linear. */
struct eml_lines {
    slice in;
    size_t pos, to, lf, lone;
};
struct eml_lines eml_lines_of(slice in, size_t from, size_t to);
bool eml_lines_next(struct eml_lines *l, struct eml_line *out);

/* --- text of headers (eml_word.c) */

struct eml_text {
    slice text; /* UTF-8 */
    bool raw_8bit, split, broken, lied;
};

/* Raw 8-bit and ISO-2022-JP bytes to UTF-8; encoded words stay as they are. */
slice eml_word_raw(struct arena *mem, slice s, bool *raw_8bit_out);
/* The same, and encoded words decoded. */
struct eml_text eml_word_text(struct arena *mem, slice s);

/* --- parameters (eml_param.c) */

struct eml_param {
    slice key;   /* lower case, without '*' */
    slice value; /* quotes removed, still percent-encoded */
    int index;   /* of a continuation; -1: none */
    bool extended, quoted;
};

struct eml_params {
    slice token; /* lower case: "text/plain", "attachment" */
    struct eml_param *list;
    size_t n, room;
};

void eml_param_read(struct walk *w, slice value, struct eml_params *out);
/* Appends the distinct values of a parameter to out[*n], up to EML_VARIANTS; `words`:
 * decoded to UTF-8, encoded words too. True when continuations or percent-encodings
 * were damaged. */
bool eml_param_values(struct arena *mem, const struct eml_params *p, const char *key, bool words,
                      slice *out, size_t *n);

/* --- addresses (eml_address.c) */

struct eml_mailbox {
    slice name, address, domain; /* UTF-8; address empty: a name only */
};

/* A quote or parenthesis that never closes is an ordinary character: it must
 * not hide the address behind it. Remembered, so that many stay linear. */
struct eml_open_ends {
    bool quote, comment;
};

struct eml_addresses {
    slice in;
    struct eml_open_ends open;
    size_t pos;
    slice pending_name;
    struct arena *mem;
    struct budget *budget;
};

struct eml_addresses eml_address_open(struct walk *w, slice value);
bool eml_address_next(struct eml_addresses *a, struct eml_mailbox *out);

/* --- trace fields (eml_received.c) */

struct eml_received {
    slice helo, rdns, ip, by, protocol, zone;
};

void eml_received_read(slice value, struct eml_received *out);
/* "+0900", "GMT"; empty. */
slice eml_received_zone(slice date);

/* --- one mail being walked (eml.c) */

struct eml_dash { /* a line that begins with "--" */
    size_t at, end;
};

struct eml {
    struct walk *w;
    slice in;
    bool detached;
    struct eml_dash *dashes;
    size_t n_dashes;
    bool indexed;
    unsigned depth, deepest;
    unsigned readings; /* alternative ones that may still be walked */
    size_t attachments;
    uint64_t *done; /* leaves walked so far, once there are several readings */
    size_t n_done, room_done;
    uint32_t said; /* facts that are told once a mail */
    size_t splits; /* readings of the multipart that is being walked; 0 or 1: one */
    bool limited;  /* something was left out */
};

static inline struct range eml_range(const struct eml *e, size_t from, size_t to)
{
    return e->detached ? NOWHERE : (struct range){ from, to };
}

/* Header facts of the mail event (eml_facts.c). */
void eml_facts_header(struct eml *e, const struct eml_header *h);
/* A header value decoded, with the facts that decoding yields. */
slice eml_facts_text(struct eml *e, slice value, struct range at);
void eml_facts_attachment(struct eml *e, slice name, struct range at);

/* What a header block says of its body (eml_content.c). */
struct eml_content {
    slice type;     /* lower case, never empty; of several types a leaf's */
    slice declared; /* the Content-Type as it was; may be empty */
    slice name;
    slice encodings[2]; /* declared, distinct, lower case */
    size_t n_encodings;
    slice boundaries[EML_VARIANTS];
    size_t n_boundaries;
    bool multipart; /* says so somewhere, or has a boundary */
    bool says_so;   /* a type is multipart */
    bool digest;
    bool searched;   /* for a hidden multipart */
    bool disposed;   /* Content-Disposition: attachment */
    struct range at; /* of the header block */
    slice others[EML_VARIANTS]; /* names that were not chosen; told with the leaf */
    size_t n_others;
};

void eml_content_read(struct eml *e, const struct eml_header *h, size_t from, bool digest,
                      struct eml_content *out);

enum eml_encoding {
    EML_IDENTITY,
    EML_BASE64,
    EML_QUOTED_PRINTABLE,
    EML_UUENCODE,
    EML_UNKNOWN_ENCODING,
};

/* A header block and its body. */
void eml_entity_walk(struct eml *e, size_t from, size_t to, bool digest);
/* A body whose header is read. */
void eml_body_walk(struct eml *e, const struct eml_content *c, size_t from, size_t to);
/* One leaf in its reading(s) (eml_leaf.c). */
void eml_leaf_walk(struct eml *e, const struct eml_content *c, size_t from, size_t to);
/* Files uuencoded in `text`, which begins at offset `base` (or nowhere: SIZE_MAX). */
bool eml_leaf_uu(struct eml *e, slice text, size_t base);
/* Leaves are remembered from now on, so that no reading walks one twice. */
void eml_leaf_remember(struct eml *e);
/* The transfer encoding of the last header that names one. */
enum eml_encoding eml_leaf_encoding(const struct eml_content *c);

/* --- bodies that lie elsewhere (eml_external.c) */

void eml_external_body(struct eml *e, const struct eml_content *c);

/* --- multiparts (eml_multipart.c) */

/* False when none of the boundaries, nor one that can be guessed, is there. */
bool eml_multipart_walk(struct eml *e, const struct eml_content *c, size_t from, size_t to);
/* A multipart inside something that is not declared as one; walks it. */
bool eml_multipart_hidden(struct eml *e, size_t from, size_t to);

/* --- transfer encodings (eml_encoding.c) */

enum eml_encoding eml_encoding_named(slice token);
/* The decoded body; release it. *junk_out counts bytes that are not base64. */
struct body eml_encoding_decode(struct walk *w, enum eml_encoding how, slice in, size_t *junk_out);
/* Do these bytes, decoded so, begin like a file (a magic of types.list)? */
bool eml_encoding_hides_file(enum eml_encoding how, slice in);
/* Do they as they are, with a magic that text cannot begin with by accident? */
bool eml_encoding_is_file(slice in);
/* Are the first kilobytes anything but base64? */
bool eml_encoding_not_base64(slice in);
/* Such bytes that give a file or text all the same when foreign ones are skipped, as decoders do. */
bool eml_encoding_strewn_base64(slice in);

/* --- uuencode (eml_uu.c) */

struct eml_uu {
    slice name;
    size_t from, data, to; /* "begin" line, first data line, behind "end" */
    bool base64;           /* begin-base64 */
};

/* The next uuencoded file at or after `from`. */
bool eml_uu_find(slice in, size_t from, struct eml_uu *out);
void eml_uu_decode(struct body_writer *bw, slice lines);
