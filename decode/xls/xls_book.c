/* SPDX-License-Identifier: Apache-2.0 */
/* xls_book - the globals substream ([MS-XLS] 2.1.7.20.3) and what formulas refer to.
 *
 * Sheets (BoundSheet8 2.4.28), defined names (Lbl 2.4.150), other books, add-ins and DDE servers
 * (SupBook 2.4.271, ExternSheet 2.4.105, ExternName 2.4.104), shared strings (SST 2.4.265), and
 * of fonts and formats whether text in them can be seen. The same of BIFF5, where an ExternSheet
 * record is a book of its own. Counts are not believed: there is as much as there are bytes.
 */
#include "decode/xls/xls_private.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/links.h"

enum {
    LISTS_MAX = 1 << 16,
    STRINGS_MAX = 1 << 20,
    NAME_BUILTIN = 0x20,
    NAME_HIDDEN = 0x01,
    OLE_LINK = 0x10,
    DT_GLOBALS = 5,
    DT_MACRO = 0x40,
    SUPBOOK_SELF = 0x0401,
    SUPBOOK_ADDIN = 0x3a01,
    DDE_MAX = 32,
    PATH_SHOWN = 2048,
    TINY = 60, /* twips: three points */
};

/* Whether a font can be read, and what colour it has (a bit each, below 64). */
enum { FONT_TINY = 0x80, FONT_COLOUR = 0x7f };

void *xls_list_add(struct xls *x, struct xls_list *l, size_t size, size_t most)
{
    if (l->n == l->room) {
        size_t more = l->room ? l->room * 2 : 32;
        void *bigger =
            l->n < most ? arena_regrow(x->w->mem, l->at, l->n * size, more, size) : NULL;
        x->over = x->over || !bigger;
        if (!bigger)
            return NULL;
        l->at = bigger;
        l->room = more;
    }
    return (uint8_t *)l->at + size * l->n++;
}

bool xls_record(struct xls *x, cursor *k, uint16_t *id_out, struct xls_place *p_out)
{
    if (cur_left(k) < 4)
        return false;
    if (x->records >= XLS_RECORDS_MAX) {
        x->over = true;
        return false;
    }
    uint16_t id = cur_u16le(k), len = cur_u16le(k);
    size_t end = k->pos + (len < cur_left(k) ? len : cur_left(k));
    if (++x->records % XLS_WORK_CHUNK == 0 &&
        !walk_work(x->w, XLS_WORK_CHUNK * XLS_WORK_PER_RECORD))
        return false;
    *id_out = id;
    *p_out = (struct xls_place){ (uint32_t)k->pos, (uint32_t)end };
    cur_seek(k, end);
    return true;
}

bool xls_book_is_bof(const struct xls *x, uint32_t at)
{
    cursor k = cur_open(x->in);
    cur_seek(&k, at);
    uint16_t id = cur_u16le(&k);
    cur_skip(&k, 2); /* a record has a length */
    return (id & 0xff) == (REC_BOF & 0xff) && cur_ok(&k);
}

/* --- names */

/* `n` characters, wide as a byte in front says; of BIFF5 in the code page. */
static slice characters(struct xls *x, cursor *k, size_t n)
{
    struct arena *mem = x->w->mem;
    if (x->biff < BIFF8)
        return charset_decode_codepage(mem, x->codepage, cur_take(k, n < cur_left(k) ? n : cur_left(k)))
            .text;
    bool wide = cur_u8(k) & 1;
    n = wide ? n * 2 : n;
    slice raw = cur_take(k, n < cur_left(k) ? n : cur_left(k));
    return wide ? utf8_from_utf16le(mem, raw)
                : charset_decode_id(mem, CHARSET_WINDOWS1252, raw).text;
}

/* 2.5.114; what is written behind the one character stays a part of the name. */
static slice builtin_name(struct xls *x, slice name)
{
    static const char *const names[] = { "Consolidate_Area", "Auto_Open",  "Auto_Close",
                                         "Extract",          "Database",   "Criteria",
                                         "Print_Area",       "Print_Titles", "Recorder",
                                         "Data_Form",        "Auto_Activate", "Auto_Deactivate",
                                         "Sheet_Title",      "_FilterDatabase" };
    if (name.len == 0 || name.at[0] >= sizeof names / sizeof names[0])
        return name;
    slice head = slice_of(names[name.at[0]]);
    if (name.len == 1)
        return head;
    struct buf b = buf_new(1024);
    buf_put(&b, head);
    buf_put(&b, slice_from(name, 1));
    slice whole = arena_copy(x->w->mem, buf_slice(&b));
    buf_drop(&b);
    return whole;
}

struct label {
    slice name;
    uint16_t flags;
    struct formula formula;
};

static bool read_label(struct xls *x, struct xls_place p, struct label *out)
{
    cursor k = cur_open(xls_bytes(x, p));
    uint16_t flags = cur_u16le(&k);
    cur_skip(&k, 1);
    size_t n = cur_u8(&k);
    size_t code = cur_u16le(&k);
    cur_skip(&k, 8);
    if (!cur_ok(&k))
        return false;
    slice name = { 0 };
    if ((flags & NAME_BUILTIN) && x->biff < BIFF8 && n > 0) /* not a character of any page */
        name = cur_take(&k, n < cur_left(&k) ? n : cur_left(&k));
    else if (n > 0)
        name = characters(x, &k, n);
    if (flags & NAME_BUILTIN)
        name = utf8_clean(x->w->mem, builtin_name(x, name));
    slice rest = cur_rest(&k);
    *out = (struct label){
        .name = name,
        .flags = flags,
        .formula = {
            .kind = x->biff < BIFF8 ? FORMULA_BIFF5 : FORMULA_BIFF8,
            .code = slice_sub(rest, 0, code),
            .extra = slice_from(rest, code),
            .codepage = x->codepage,
            .mem = x->w->mem,
            .book = &x->book,
        },
    };
    return name.len > 0;
}

/* A text, a formula of the one sort that acts, or something hidden. */
static bool is_worth_text(const struct label *l)
{
    slice code = l->formula.code;
    return xlm_is_auto_name(l->name) || (l->flags & NAME_HIDDEN) ||
           (code.len > 3 && code.at[0] == 0x17);
}

static void say_name(struct xls *x, struct xls_place p)
{
    struct label l;
    if (x->names_said > 2 * LISTS_MAX || !read_label(x, p, &l) || !is_worth_text(&l))
        return;
    struct buf b = buf_new(64 << 10);
    (void)formula_text(&x->scratch, &l.formula, &b);
    xlm_say_name(x->w, l.name, l.flags & NAME_HIDDEN, buf_slice(&b), &x->names_said);
    buf_drop(&b);
}

/* --- what formulas call the things they refer to */

static void put_name(void *host, uint32_t index, struct buf *out)
{
    struct xls *x = host;
    struct label l;
    const struct xls_place *names = x->names.at;
    if (index > 0 && index <= x->names.n && read_label(x, names[index - 1], &l))
        buf_put(out, l.name);
}

/* "\1" and the like stand for drives and folders (2.5.277); ^C parts a DDE server from its topic. */
static slice book_path(struct xls *x, const struct xls_supbook *book)
{
    cursor k = cur_open(xls_bytes(x, book->path));
    size_t n = x->biff < BIFF8 ? cur_u8(&k) : cur_u16le(&k);
    if (n == 0 || n > PATH_SHOWN)
        return (slice){ 0 };
    return characters(x, &k, n);
}

static void put_path(slice path, bool quoted, struct buf *out)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] == '\'' && quoted)
            buf_byte(out, '\'');
        if (path.at[i] >= ' ' || path.at[i] == 3)
            buf_byte(out, path.at[i] == 3 ? '|' : path.at[i]);
    }
}

static const struct xls_supbook *book_at(const struct xls *x, size_t i)
{
    const struct xls_supbook *books = x->supbooks.at;
    return i < x->supbooks.n ? &books[i] : NULL;
}

static void put_own_sheet(struct xls *x, uint32_t tab, struct buf *out)
{
    if (tab >= x->n_sheets)
        return;
    formula_put_sheet(out, x->sheets[tab].name);
    buf_byte(out, '!');
}

static void put_sheet(void *host, uint32_t xti, uint32_t tab, struct buf *out)
{
    struct xls *x = host;
    const struct xls_xti *xtis = x->xtis.at;
    const struct xls_supbook *book;
    if (x->biff < BIFF8) {
        if (xti == FORMULA_OWN_SHEET)
            put_own_sheet(x, tab, out);
        book = xti == FORMULA_OWN_SHEET || xti == 0 ? NULL : book_at(x, xti - 1);
    } else {
        if (xti >= x->xtis.n)
            return;
        book = book_at(x, xtis[xti].book);
        if (book && book->own && xtis[xti].first >= 0)
            put_own_sheet(x, (uint32_t)xtis[xti].first, out);
    }
    if (!book || book->own)
        return;
    buf_text(out, "'[");
    put_path(book_path(x, book), true, out);
    buf_text(out, "]'!");
}

static void put_extern_name(void *host, uint32_t xti, uint32_t index, struct buf *out)
{
    struct xls *x = host;
    const struct xls_xti *xtis = x->xtis.at;
    const struct xls_place *names = x->extern_names.at;
    size_t i = x->biff < BIFF8 ? (size_t)xti - 1 : xti < x->xtis.n ? xtis[xti].book : SIZE_MAX;
    const struct xls_supbook *book = book_at(x, i);
    if (!book || index == 0)
        return;
    if (book->own) {
        put_name(x, index, out);
        return;
    }
    if (index > book->n_names)
        return;
    cursor k = cur_open(xls_bytes(x, names[book->first_name + index - 1]));
    cur_skip(&k, 6);
    size_t n = cur_u8(&k);
    slice path = book_path(x, book);
    if (path.len && slice_find_byte(path, 3, 0) != SIZE_MAX) { /* =cmd|'topic'!item */
        put_path(path, false, out);
        buf_byte(out, '!');
    }
    buf_put(out, characters(x, &k, n));
}

/* --- records */

static void read_sheet(struct xls *x, struct xls_place p)
{
    static const uint8_t kinds[] = { XLM_WORKSHEET, XLM_MACRO, XLM_CHART };
    cursor k = cur_open(xls_bytes(x, p));
    uint32_t at = cur_u32le(&k);
    unsigned state = cur_u8(&k) & 3, kind = cur_u8(&k);
    size_t n = cur_u8(&k);
    slice name = characters(x, &k, n);
    if (!x->sheets)
        x->sheets = ARENA_ARRAY(x->w->mem, struct xls_sheet, XLS_SHEETS_MAX);
    x->over = x->over || x->n_sheets == XLS_SHEETS_MAX;
    if (!x->sheets || x->n_sheets == XLS_SHEETS_MAX || p.end - p.at < 7)
        return;
    struct xls_sheet *s = &x->sheets[x->n_sheets++];
    *s = (struct xls_sheet){
        .name = name,
        .at = at,
        .kind = kind < sizeof kinds ? kinds[kind] : kind == 6 ? XLM_MODULE : XLM_WORKSHEET,
        .state = (uint8_t)(state > 2 ? 2 : state),
    };
}

/* The sheet's own first record says what Excel will take it for (2.4.21). */
static void look_at_sheets(struct xls *x)
{
    for (size_t i = 0; i < x->n_sheets; i++) {
        struct xls_sheet *s = &x->sheets[i];
        cursor k = cur_open(x->in);
        cur_seek(&k, s->at);
        uint16_t id = cur_u16le(&k);
        cur_skip(&k, 2 + 2);
        uint16_t dt = cur_u16le(&k);
        if (!x->encrypted && cur_ok(&k) && (id & 0xff) == (REC_BOF & 0xff) && dt == DT_MACRO)
            s->kind = XLM_MACRO;
        x->macro_sheets += s->kind == XLM_MACRO;
        for (size_t j = 0; j < i; j++)
            if (x->sheets[j].at == s->at)
                s->at = UINT32_MAX; /* read once */
    }
}

static void read_supbook(struct xls *x, struct xls_place p)
{
    struct xls_supbook *b = xls_list_add(x, &x->supbooks, sizeof *b, LISTS_MAX);
    if (!b)
        return;
    cursor k = cur_open(xls_bytes(x, p));
    cur_skip(&k, 2);
    uint16_t n = cur_u16le(&k);
    bool own = n == SUPBOOK_SELF, addin = n == SUPBOOK_ADDIN;
    *b = (struct xls_supbook){
        .own = own,
        .path = own || addin || !cur_ok(&k) ? (struct xls_place){ 0 }
                                            : (struct xls_place){ p.at + 2, p.end },
        .first_name = (uint32_t)x->extern_names.n,
    };
}

static void read_extern_sheet(struct xls *x, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(x, p));
    if (x->biff < BIFF8) {
        struct xls_supbook *b = xls_list_add(x, &x->supbooks, sizeof *b, LISTS_MAX);
        if (b)
            *b = (struct xls_supbook){ .path = p, .first_name = (uint32_t)x->extern_names.n };
        return;
    }
    for (unsigned n = cur_u16le(&k); n > 0 && cur_left(&k) >= 6; n--) {
        struct xls_xti *t = xls_list_add(x, &x->xtis, sizeof *t, LISTS_MAX);
        if (!t)
            return;
        t->book = cur_u16le(&k);
        t->first = (int16_t)cur_u16le(&k);
        cur_skip(&k, 2);
    }
}

/* A link to a server: OLE links name their item so. Links without items are told at the end. */
static void say_dde(struct xls *x, struct xls_supbook *b)
{
    slice path = b->own || b->path.at == 0 ? (slice){ 0 } : book_path(x, b);
    if (b->told || slice_find_byte(path, 3, 0) == SIZE_MAX || x->dde_said++ >= DDE_MAX)
        return;
    struct buf out = buf_new(PATH_SHOWN * 4);
    put_path(path, false, &out);
    walk_text(x->w, FACT_OFFICE_FIELD_DDE, buf_slice(&out), NOWHERE);
    buf_drop(&out);
    b->told = true;
}

static void read_extern_name(struct xls *x, struct xls_place p)
{
    struct xls_supbook *books = x->supbooks.at;
    if (x->supbooks.n == 0)
        return;
    struct xls_supbook *b = &books[x->supbooks.n - 1];
    struct xls_place *name = xls_list_add(x, &x->extern_names, sizeof *name, LISTS_MAX);
    if (!name)
        return;
    *name = p;
    b->n_names++;
    cursor k = cur_open(xls_bytes(x, p));
    if (cur_u16le(&k) & OLE_LINK)
        b->told = true;
}

static void read_shared(struct xls *x, struct xls_place p)
{
    struct xls_chain k = xls_chain_of(x, p);
    if (x->strings.n || !xls_chain_skip(&k, 8))
        return;
    while (xls_chain_room(&k) > 0) {
        if (x->strings.n % XLS_WORK_CHUNK == 0 &&
            !walk_work(x->w, XLS_WORK_CHUNK * XLS_WORK_PER_RECORD))
            return;
        struct xls_place *s = xls_list_add(x, &x->strings, sizeof *s, STRINGS_MAX);
        if (!s)
            return;
        *s = (struct xls_place){ (uint32_t)k.at, (uint32_t)k.end };
        if (!xls_chain_string(&k, true, NULL))
            return;
    }
}

static void read_font(struct xls *x, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(x, p));
    uint16_t height = cur_u16le(&k);
    cur_skip(&k, 2);
    uint16_t colour = cur_u16le(&k);
    uint8_t *f = xls_list_add(x, &x->fonts, sizeof *f, LISTS_MAX);
    if (f)
        *f = (uint8_t)((colour < FONT_COLOUR ? colour : FONT_COLOUR) |
                       (height > 0 && height < TINY ? FONT_TINY : 0));
}

/* 2.4.353, 2.5.20 and 2.5.249: the font's colour is that of the ground. White is 1 and 9. */
static void read_xf(struct xls *x, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(x, p));
    const uint8_t *fonts = x->fonts.at;
    size_t font = cur_u16le(&k);
    font -= font > 4; /* there is no font 4 */
    uint8_t *unseen = xls_list_add(x, &x->xfs, sizeof *unseen, LISTS_MAX);
    if (!unseen || x->biff < BIFF8 || font >= x->fonts.n)
        return;
    cur_skip(&k, 12);
    unsigned pattern = cur_u32le(&k) >> 26, ground = cur_u16le(&k) & 0x7f;
    unsigned colour = fonts[font] & FONT_COLOUR;
    if (!cur_ok(&k))
        return;
    bool white = colour == 1 || colour == 9;
    bool white_ground = pattern == 0 || (pattern == 1 && (ground == 1 || ground == 9));
    *unseen = (white && white_ground) || (pattern == 1 && ground == colour && colour < 64) ||
              (fonts[font] & FONT_TINY);
}

static void add_place(struct xls *x, struct xls_list *l, struct xls_place p)
{
    struct xls_place *one = xls_list_add(x, l, sizeof *one, LISTS_MAX);
    if (one)
        *one = p;
}

static void book_record(struct xls *x, uint16_t id, struct xls_place p)
{
    cursor k = cur_open(xls_bytes(x, p));
    switch (id) {
    case REC_CODEPAGE:
        x->codepage = cur_u16le(&k);
        break;
    case REC_FILEPASS:
        x->encrypted = true;
        x->filepass = p;
        break;
    case REC_BOUNDSHEET:
        read_sheet(x, p);
        break;
    case REC_LBL:
        add_place(x, &x->names, p);
        break;
    case REC_SUPBOOK:
        read_supbook(x, p);
        break;
    case REC_EXTERNSHEET:
        read_extern_sheet(x, p);
        break;
    case REC_EXTERNNAME:
        read_extern_name(x, p);
        break;
    case REC_SST:
        read_shared(x, p);
        break;
    case REC_FONT:
        read_font(x, p);
        break;
    case REC_XF:
        read_xf(x, p);
        break;
    default:
        break;
    }
}

void xls_book_read(struct xls *x)
{
    cursor k = cur_open(x->in);
    uint16_t id;
    struct xls_place p;
    bool first = true;
    x->scratch.mem = x->w->mem;
    x->book = (struct formula_book){
        .host = x, .name = put_name, .sheet = put_sheet, .extern_name = put_extern_name
    };
    while (xls_record(x, &k, &id, &p)) {
        if (id == REC_EOF)
            break;
        if ((id & 0xff) == (REC_BOF & 0xff)) {
            cursor c = cur_open(xls_bytes(x, p));
            unsigned biff = cur_u16le(&c);
            uint16_t dt = cur_u16le(&c);
            if (first)
                x->substream = dt;
            if (biff == BIFF8 || first) /* a sheet of its own may stand in front */
                x->biff = biff;
            first = false;
        } else {
            book_record(x, id, p);
        }
    }
    x->globals_end = k.pos;
    look_at_sheets(x);
}

/* A book of a single sheet has no globals. */
static bool is_lone_macro_sheet(const struct xls *x)
{
    return x->n_sheets == 0 && x->substream == DT_MACRO;
}

void xls_book_say(struct xls *x)
{
    struct xls_supbook *books = x->supbooks.at;
    const struct xls_place *names = x->names.at;
    x->macro_sheets += is_lone_macro_sheet(x);
    for (size_t i = 0; i < x->n_sheets; i++)
        xlm_say_sheet(x->w, x->sheets[i].name, (enum xlm_state)x->sheets[i].state, &x->hidden_said);
    if (x->macro_sheets)
        walk_int(x->w, FACT_OFFICE_MACRO_SHEET, (int64_t)x->macro_sheets, NOWHERE);
    if (x->encrypted)
        return;
    for (size_t i = 0; i < x->names.n && !walk_over(x->w); i++)
        say_name(x, names[i]);
    for (size_t i = 0; i < x->supbooks.n; i++) {
        say_dde(x, &books[i]);
        slice path = books[i].own || books[i].path.at == 0 ? (slice){ 0 } : book_path(x, &books[i]);
        size_t http = slice_find_nocase(path, SLICE_LIT("http"), 0);
        if (http != SIZE_MAX && x->dde_said < DDE_MAX)
            walk_link(x->w, slice_from(path, http), (slice){ 0 }, NOWHERE, "office.external");
    }
}

void xls_book_give(struct xls *x, struct xlm *m)
{
    const struct xls_place *names = x->names.at;
    if (is_lone_macro_sheet(x))
        xlm_sheet(m, SLICE_LIT("Macro1"), XLM_MACRO, XLM_VISIBLE);
    for (size_t i = 0; i < x->n_sheets; i++)
        xlm_sheet(m, x->sheets[i].name, (enum xlm_kind)x->sheets[i].kind,
                  (enum xlm_state)x->sheets[i].state);
    for (size_t i = 0; i < x->names.n && !walk_over(x->w); i++) {
        struct label l;
        if (!read_label(x, names[i], &l))
            continue;
        struct buf b = buf_new(256 << 10);
        m->damaged += !formula_text(&x->scratch, &l.formula, &b) && l.formula.code.len > 0;
        xlm_name(m, l.name, l.flags & NAME_HIDDEN, buf_slice(&b));
        buf_drop(&b);
    }
}
