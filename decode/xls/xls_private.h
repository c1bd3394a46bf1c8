/* SPDX-License-Identifier: Apache-2.0 */
/* xls_private - one open stream of workbook records, for the files of this folder.
 *
 * xls_chain.c reads strings that run on in CONTINUE records; xls_book.c the globals and what
 * formulas refer to; xls_text.c what a reader sees; xls_macro.c the macro sheets.
 */
#pragma once
#include "decode/shared/formula.h"
#include "decode/shared/shown.h"
#include "decode/walk.h"
#include "decode/shared/xlm.h"

enum {
    BIFF8 = 0x600,
    XLS_SHEETS_MAX = 1024,
    XLS_RECORDS_MAX = 8 << 20, /* however often each is read */
    XLS_WORK_CHUNK = 4096, /* records */
    XLS_WORK_PER_RECORD = 10,
};

/* Record types ([MS-XLS] 2.3). */
enum {
    REC_FORMULA = 0x06,
    REC_EOF = 0x0a,
    REC_EXTERNSHEET = 0x17,
    REC_LBL = 0x18,
    REC_EXTERNNAME = 0x23,
    REC_FILEPASS = 0x2f,
    REC_FONT = 0x31,
    REC_CONTINUE = 0x3c,
    REC_CODEPAGE = 0x42,
    REC_COLINFO = 0x7d,
    REC_BOUNDSHEET = 0x85,
    REC_MULRK = 0xbd,
    REC_RSTRING = 0xd6,
    REC_DRAWING = 0xec,
    REC_XF = 0xe0,
    REC_SST = 0xfc,
    REC_LABELSST = 0xfd,
    REC_SUPBOOK = 0x1ae,
    REC_TXO = 0x1b6,
    REC_CODENAME = 0x1ba,
    REC_NUMBER = 0x203,
    REC_LABEL = 0x204,
    REC_BOOLERR = 0x205,
    REC_STRING = 0x207,
    REC_ROW = 0x208,
    REC_ARRAY = 0x221,
    REC_RK = 0x27e,
    REC_SHRFMLA = 0x4bc,
    REC_BOF = 0x809,
};

/* A place in the data of a record, which CONTINUE records may follow. */
struct xls_place {
    uint32_t at, end;
};

struct xls_sheet {
    slice name;
    uint32_t at;
    uint8_t kind;  /* enum xlm_kind */
    uint8_t state; /* enum xlm_state */
};

/* Another book, add-in or DDE server that formulas refer to. */
struct xls_supbook {
    struct xls_place path;
    uint32_t first_name, n_names; /* of its names, in x->extern_names */
    bool own;
    bool told;
};

struct xls_xti {
    uint16_t book;
    int16_t first;
};

/* What grows while records are read. */
struct xls_list {
    void *at;
    size_t n, room;
};

struct xls {
    struct walk *w;
    slice in;
    unsigned biff, codepage;
    uint16_t substream; /* dt of the first BOF */
    bool encrypted;
    struct picture_shown shown; /* the largest picture, beside macros only */
    bool macros; /* a macro project lies beside: what it may read is kept */
    struct xls_place filepass;
    struct xls_sheet *sheets;
    size_t n_sheets, macro_sheets;
    struct xls_list names;        /* struct xls_place: Lbl records */
    struct xls_list supbooks;     /* struct xls_supbook */
    struct xls_list xtis;         /* struct xls_xti */
    struct xls_list extern_names; /* struct xls_place */
    struct xls_list strings;      /* struct xls_place: of the SST */
    struct xls_list fonts;        /* uint8_t: enum xls_font */
    struct xls_list xfs;          /* uint8_t: text is not to be seen */
    struct xlm_look *looks;       /* of the formats */
    size_t n_looks;
    size_t globals_end;
    unsigned records, hops, hidden_said, names_said, dde_said, formulas_said;
    bool over;
    bool on_macro_sheet; /* while text is read */
    struct formula_scratch scratch;
    struct formula_book book;
};

/* Adds a zeroed element; NULL: no more room, x->over is set. */
void *xls_list_add(struct xls *x, struct xls_list *l, size_t size, size_t most);

/* The next record; false at the end, or where there are too many: then x->over is set. A length
 * that lies is cut. */
bool xls_record(struct xls *x, cursor *k, uint16_t *id_out, struct xls_place *p_out);
static inline slice xls_bytes(const struct xls *x, struct xls_place p)
{
    return slice_sub(x->in, p.at, p.end - p.at);
}

/* --- xls_chain.c */
struct xls_chain {
    struct xls *x;
    size_t at, end;
};

struct xls_chain xls_chain_of(struct xls *x, struct xls_place p);
size_t xls_chain_room(struct xls_chain *k);
bool xls_chain_skip(struct xls_chain *k, uint64_t n);
uint32_t xls_chain_number(struct xls_chain *k, unsigned bytes);
/* `n` characters to out (NULL: stepped over); line breaks stay if wanted. */
bool xls_chain_text(struct xls_chain *k, size_t n, bool wide, bool lines, struct buf *out);
/* XLUnicodeString, and in the SST XLUnicodeRichExtendedString. */
bool xls_chain_string(struct xls_chain *k, bool rich, struct buf *out);
/* The string of a cell: that of LABEL and STRING records, or of BIFF5. */
void xls_chain_cell(struct xls *x, struct xls_place p, bool shared, struct buf *out);

/* --- xls_book.c */
/* The globals substream from `at` on. */
void xls_book_read(struct xls *x);
/* Says sheets, names and links of the book. */
void xls_book_say(struct xls *x);
/* The book's part of the macros: sheets and names. */
void xls_book_give(struct xls *x, struct xlm *m);
bool xls_book_is_bof(const struct xls *x, uint32_t at);

/* --- xls_text.c */
void xls_text_read(struct xls *x);

/* --- xls_macro.c */
void xls_macro_read(struct xls *x);
/* A cell formula: said if it calls outside and stands on an ordinary sheet. */
void xls_macro_look(struct xls *x, struct xls_place p);

/* --- xls_look.c: formats of the book; of a macro sheet; what a record says of cells and rows */
void xls_look_read(struct xls *x);
void xls_look_sheet(struct xls *x, struct xlm *m);
void xls_look_record(struct xls *x, struct xlm *m, uint16_t id, struct xls_place p);

/* --- xls_crypt.c: the stream without its encryption; false: it stays closed */
bool xls_crypt_open(struct xls *x, struct body *out);

/* --- xls_picture.c */
void xls_picture_say(struct xls *x);
