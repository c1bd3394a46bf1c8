/* SPDX-License-Identifier: Apache-2.0 */
/* xlm_book - sheets, cells and names, and the lines of the view they come from
 * (decode/shared/xlm.h).
 *
 * A sheet has 2^34 cells and few that hold something: they are found by a hash of their place,
 * and the next one below by a map of bits, one word for 64 rows and one for 64 such words.
 */
#include "base/text.h"
#include "decode/shared/xlm.h"
#include "unmask/xlm/xlm_private.h"

#define SUMMARY (1ull << 62)

bool xlm_book_pay(struct xlm_book *b)
{
    b->out = b->out || !walk_work(b->w, b->owed);
    b->owed = 0;
    return !b->out;
}

bool xlm_book_units(struct xlm_book *b, uint32_t units)
{
    if (b->out || units > b->units_left || b->t->full) {
        b->out = true;
        return false;
    }
    b->units_left -= units;
    return true;
}

/* --- maps */

static uint64_t place(uint32_t sheet, uint32_t row, uint32_t col)
{
    return (uint64_t)sheet << 35 | (uint64_t)col << 20 | row; /* XLM_COLS is one more */
}

static uint64_t mixed(uint64_t key)
{
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdu;
    key ^= key >> 33;
    key *= 0xc4ceb9fe1a85ec53u;
    return key ^ key >> 33;
}

static uint32_t map_slot(struct xlm_book *b, const struct xlm_map *m, uint64_t key)
{
    uint32_t slot = (uint32_t)mixed(key) & (m->room - 1), n = 0;
    while (m->keys[slot] && m->keys[slot] != key) {
        slot = (slot + 1) & (m->room - 1);
        n++;
    }
    if (n > 16) /* somebody makes them collide */
        (void)xlm_book_spend(b, n / 8);
    return slot;
}

static uint64_t map_get(struct xlm_book *b, const struct xlm_map *m, uint64_t key)
{
    return m->room ? m->values[map_slot(b, m, key + 1)] : 0;
}

static bool map_grow(struct xlm_book *b, struct xlm_map *m)
{
    struct xlm_map more = { .room = m->room ? m->room * 2 : 256, .n = m->n };
    more.keys = ARENA_ARRAY(b->mem, uint64_t, more.room);
    more.values = more.keys ? ARENA_ARRAY(b->mem, uint64_t, more.room) : NULL;
    if (!more.values)
        return false;
    for (uint32_t i = 0; i < m->room; i++)
        if (m->keys[i]) {
            uint32_t slot = map_slot(b, &more, m->keys[i]);
            more.keys[slot] = m->keys[i];
            more.values[slot] = m->values[i];
        }
    *m = more;
    return true;
}

/* The value of the key, which is there from now on; NULL: no memory. */
static uint64_t *map_put(struct xlm_book *b, struct xlm_map *m, uint64_t key)
{
    if (m->n >= m->room / 2 && !map_grow(b, m))
        return NULL;
    uint32_t slot = map_slot(b, m, key + 1);
    m->n += !m->keys[slot];
    m->keys[slot] = key + 1;
    return &m->values[slot];
}

/* --- sheets */

static uint8_t plain_at(slice name, size_t *i)
{
    uint8_t ch = name.at[(*i)++];
    if (ch == '\'' && *i < name.len && name.at[*i] == '\'')
        (*i)++;
    return ascii_lower(ch);
}

/* The name in the view and in a formula may or may not be quoted. */
static bool same_sheet(slice x, slice y)
{
    size_t i = 0, k = 0;
    while (i < x.len && k < y.len)
        if (plain_at(x, &i) != plain_at(y, &k))
            return false;
    return i == x.len && k == y.len;
}

static slice unquoted(slice name)
{
    bool quoted = name.len >= 2 && name.at[0] == '\'' && name.at[name.len - 1] == '\'';
    return quoted ? slice_sub(name, 1, name.len - 2) : name;
}

uint32_t xlm_book_sheet(struct xlm_book *b, slice name)
{
    name = unquoted(name);
    size_t book = slice_find_byte(name, ']', 0); /* [Book1.xlsm]Macro1 is mostly the book itself */
    if (book != SIZE_MAX)
        name = slice_from(name, book + 1);
    for (uint32_t i = 0; i < b->n_sheets; i++) {
        uint32_t at = (i + b->last_sheet) % b->n_sheets;
        if (same_sheet(b->sheets[at].name, name)) {
            b->last_sheet = at;
            return at;
        }
    }
    return XLM_NOBODY;
}

/* --- cells */

uint32_t xlm_book_cell(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col)
{
    uint64_t i = map_get(b, &b->cell_map, place(sheet, row, col));
    return i ? (uint32_t)i - 1 : XLM_NOBODY;
}

static void mark_row(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col)
{
    uint64_t *word = map_put(b, &b->row_map, place(sheet, row >> 6, col));
    if (word)
        *word |= 1ull << (row & 63);
    word = map_put(b, &b->row_map, SUMMARY | place(sheet, row >> 12, col));
    if (word)
        *word |= 1ull << (row >> 6 & 63);
}

static bool more_cells(struct xlm_book *b)
{
    if (b->n_cells < b->room_cells)
        return true;
    uint32_t room = b->room_cells ? b->room_cells * 2 : 256;
    struct xlm_cell *more =
        b->n_cells >= XLM_CELLS_MAX
            ? NULL
            : arena_regrow(b->mem, b->cells, b->n_cells * sizeof *more, room, sizeof *more);
    if (!more) {
        b->limited = true;
        return false;
    }
    b->cells = more;
    b->room_cells = room;
    return true;
}

struct xlm_cell *xlm_book_make_cell(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col)
{
    uint32_t at = xlm_book_cell(b, sheet, row, col);
    if (at != XLM_NOBODY)
        return &b->cells[at];
    if (sheet >= b->n_sheets || row >= XLM_ROWS || col >= XLM_COLS || !more_cells(b))
        return NULL;
    uint64_t *i = map_put(b, &b->cell_map, place(sheet, row, col));
    if (!i)
        return NULL;
    b->cells[b->n_cells] = (struct xlm_cell){ .sheet = sheet, .row = row, .col = col };
    *i = ++b->n_cells;
    if (b->sheets[sheet].macro)
        mark_row(b, sheet, row, col);
    return &b->cells[b->n_cells - 1];
}

static uint32_t lowest(uint64_t word) { return (uint32_t)__builtin_ctzll(word); }

uint32_t xlm_book_below(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col)
{
    if (row >= XLM_ROWS || sheet >= b->n_sheets)
        return XLM_NOBODY;
    uint64_t word = map_get(b, &b->row_map, place(sheet, row >> 6, col)) & ~0ull << (row & 63);
    if (word)
        return xlm_book_cell(b, sheet, (row & ~63u) + lowest(word), col);
    uint32_t next = (row >> 6) + 1; /* in words */
    while (next < XLM_ROWS >> 6) {
        word = map_get(b, &b->row_map, SUMMARY | place(sheet, next >> 6, col)) & ~0ull
                                                                                     << (next & 63);
        if (word) {
            uint32_t at = (next & ~63u) + lowest(word);
            word = map_get(b, &b->row_map, place(sheet, at, col));
            return word ? xlm_book_cell(b, sheet, (at << 6) + lowest(word), col) : XLM_NOBODY;
        }
        next = (next & ~63u) + 64;
    }
    return XLM_NOBODY;
}

void xlm_book_touch(struct xlm_book *b, struct xlm_cell *c)
{
    if (c->run == b->run)
        return;
    c->run = b->run;
    c->written = c->busy = c->fixed = false;
    c->known_at = UINT32_MAX;
    c->text_node = 0;
    c->now = (struct xlm_value){ .kind = XLM_BLANK };
}

text_mark xlm_book_origin(struct xlm_book *b, uint32_t cell)
{
    if (cell >= b->n_cells)
        return TEXT_NOWHERE;
    if (b->cells[cell].run == b->run && b->cells[cell].written)
        return b->cells[cell].mark;
    if (!b->cells[cell].line)
        return TEXT_NOWHERE;
    return texts_origin(b->t, b->part, b->cells[cell].range, b->cells[cell].line);
}

slice xlm_book_cell_name(struct xlm_book *b, uint32_t cell)
{
    if (cell >= b->n_cells)
        return (slice){ 0 };
    const struct xlm_cell *c = &b->cells[cell];
    struct buf name = buf_new(600);
    char letters[4];
    size_t n = sizeof letters;
    for (uint32_t v = c->col + 1; v > 0 && n > 0; v = (v - 1) / 26)
        letters[--n] = (char)('A' + (v - 1) % 26);
    buf_put(&name, utf8_cut(b->sheets[c->sheet].name, 500));
    buf_byte(&name, '!');
    buf_put(&name, (slice){ (const uint8_t *)letters + n, sizeof letters - n });
    buf_format(&name, "%u", c->row + 1);
    slice kept = arena_copy(b->mem, buf_slice(&name));
    buf_drop(&name);
    return kept;
}

bool xlm_book_format(struct xlm_book *b, uint32_t sheet, uint32_t row, uint32_t col, uint32_t what,
                     double *out)
{
    union {
        uint64_t bits;
        double number;
    } v = { .bits = map_get(b, &b->format_map, place(sheet, row, col) << 8 | what) };
    if (v.bits)
        *out = v.number;
    return v.bits != 0;
}

/* --- names */

struct xlm_name *xlm_book_name(struct xlm_book *b, slice name, bool make)
{
    if (slice_starts_nocase(name, "_xlnm."))
        name = slice_from(name, 6);
    uint64_t key = slice_hash_nocase(name) >> 1;
    uint64_t i = map_get(b, &b->name_map, key);
    if (i && slice_eq_nocase(b->names[i - 1].name, name))
        return &b->names[i - 1];
    if (!make || name.len == 0)
        return NULL;
    if (b->n_names == b->room_names) {
        uint32_t room = b->room_names ? b->room_names * 2 : 32;
        struct xlm_name *more =
            b->n_names >= XLM_NAMES_MAX
                ? NULL
                : arena_regrow(b->mem, b->names, b->n_names * sizeof *more, room, sizeof *more);
        if (!more)
            return NULL;
        b->names = more;
        b->room_names = room;
    }
    uint64_t *slot = map_put(b, &b->name_map, key);
    if (!slot)
        return NULL;
    b->names[b->n_names] = (struct xlm_name){ .name = name };
    *slot = ++b->n_names;
    return &b->names[b->n_names - 1];
}

/* --- the lines */

/* Where the sheet's name ends at its '!'. */
static size_t end_of_sheet(slice line)
{
    size_t i = 0;
    if (line.len && line.at[0] == '\'') {
        for (i = 1;
             i < line.len && (line.at[i] != '\'' || (i + 1 < line.len && line.at[i + 1] == '\''));
             i++)
            i += line.at[i] == '\'';
        i++;
    }
    return slice_find_byte(line, '!', i);
}

static void take_sheet(struct xlm_book *b, slice line)
{
    size_t end = line.len;
    while (end > 0 && line.at[end - 1] != ':') /* a name may have one too */
        end--;
    slice kind = slice_trim(slice_from(line, end));
    if (end < 2 || b->n_sheets == XLM_SHEETS_MAX)
        return;
    b->sheets[b->n_sheets++] = (struct xlm_sheet){ unquoted(slice_sub(line, 0, end - 1)),
                                                   slice_starts(kind, SLICE_LIT("macro")) };
}

static void take_name(struct xlm_book *b, slice line, struct range at, uint32_t number)
{
    size_t end = slice_find(line, SLICE_LIT(": ="), 0);
    if (end == SIZE_MAX)
        return;
    slice name = slice_sub(line, 0, end);
    if (slice_ends(name, SLICE_LIT(" (hidden)")))
        name = slice_sub(name, 0, name.len - 9);
    bool entry = xlm_is_auto_name(name);
    struct xlm_name *n = xlm_book_name(b, slice_trim(name), true);
    if (n && !n->formula.len) {
        n->formula = slice_from(line, end + 3);
        n->range = at;
        n->line = number;
        n->entry = entry;
    }
}

/* "$AB$12", "AB12", "12": from *i on. */
static bool take_place(slice s, size_t *i, uint32_t *row, uint32_t *col)
{
    uint32_t letters = 0, r = 0;
    *col = 0;
    for (; *i < s.len && ascii_alpha(s.at[*i]) && letters < 4; ++*i, letters++)
        *col = *col * 26 + (uint32_t)(ascii_lower(s.at[*i]) - 'a' + 1);
    for (; *i < s.len && ascii_digit(s.at[*i]) && r <= XLM_ROWS; ++*i)
        r = r * 10 + (uint32_t)(s.at[*i] - '0');
    *row = r - 1;
    *col = letters ? *col - 1 : XLM_COLS; /* no column: of the row */
    return r > 0 && r <= XLM_ROWS && (letters == 0 || *col < XLM_COLS);
}

/* Macro1!A1: 8=3 17=15.75; Macro1!12: of a row; Macro1!: of all cells. */
static void take_format(struct xlm_book *b, slice line)
{
    size_t i = end_of_sheet(line);
    uint32_t row = 0, col = XLM_COLS;
    if (i == SIZE_MAX)
        return;
    uint32_t sheet = xlm_book_sheet(b, slice_sub(line, 0, i++));
    bool all = i < line.len && line.at[i] == ':';
    if (sheet == XLM_NOBODY || (!all && !take_place(line, &i, &row, &col)) || i >= line.len ||
        line.at[i] != ':')
        return;
    cursor c = cur_open(slice_from(line, i + 1));
    while (cur_more(&c)) {
        slice pair = slice_trim(cur_until(&c, ' '));
        size_t sign = slice_find_byte(pair, '=', 0);
        uint64_t what;
        union {
            double number;
            uint64_t bits;
        } v;
        if (sign == SIZE_MAX || !slice_u64(slice_sub(pair, 0, sign), &what) ||
            what >= XLM_OF_SHEET || !xlm_parse_number(slice_from(pair, sign + 1), &v.number))
            continue;
        uint64_t *put = map_put(b, &b->format_map,
                                place(sheet, row, col) << 8 | what | (all ? XLM_OF_SHEET : 0));
        if (put)
            *put = v.bits;
    }
}

static size_t end_of_formula(slice s)
{
    bool text = false;
    for (size_t i = 0; i < s.len; i++) {
        text ^= s.at[i] == '"';
        if (s.at[i] == '\t' && !text)
            return i;
    }
    size_t tab = slice_find_byte(s, '\t', 0);
    return tab == SIZE_MAX ? s.len : tab;
}

static void take_cell(struct xlm_book *b, slice line, struct range at, uint32_t number)
{
    size_t i = end_of_sheet(line);
    uint32_t row, col;
    if (i == SIZE_MAX)
        return;
    uint32_t sheet = xlm_book_sheet(b, slice_sub(line, 0, i++));
    if (sheet == XLM_NOBODY || !take_place(line, &i, &row, &col) || col == XLM_COLS ||
        i + 1 >= line.len || line.at[i] != ':')
        return;
    struct xlm_cell *c = xlm_book_make_cell(b, sheet, row, col);
    if (!c)
        return;
    slice rest = slice_from(line, i + 2);
    c->line = number;
    c->range = at;
    c->formula = c->value = (slice){ 0 };
    if (rest.len && rest.at[0] == '=') {
        size_t end = end_of_formula(rest);
        c->formula = slice_sub(rest, 1, end - 1);
        c->value = slice_from(rest, end + 1);
    } else {
        c->value = rest;
    }
}

static void take_line(struct xlm_book *b, slice line, struct range at, uint32_t number)
{
    if (slice_starts(line, SLICE_LIT("name ")))
        take_name(b, slice_from(line, 5), at, number);
    else if (slice_starts(line, SLICE_LIT("format ")))
        take_format(b, slice_from(line, 7));
    else if (!slice_starts(line, SLICE_LIT("sheet ")))
        take_cell(b, line, at, number);
}

static bool make_room(struct xlm_book *b)
{
    b->room_nodes = 1024;
    b->nodes = ARENA_ARRAY(b->mem, struct xlm_node, b->room_nodes);
    b->stack = ARENA_ARRAY(b->mem, struct xlm_value, XLM_STACK_MAX);
    b->frames = ARENA_ARRAY(b->mem, struct xlm_frame, XLM_FRAMES_MAX);
    b->loops = ARENA_ARRAY(b->mem, struct xlm_loop, XLM_LOOPS_MAX);
    b->aliases = ARENA_ARRAY(b->mem, struct xlm_alias, XLM_ALIASES_MAX);
    b->effects = ARENA_ARRAY(b->mem, struct xlm_effect, XLM_EFFECTS_MAX);
    b->n_nodes = b->kept_nodes = 1; /* 0 is none */
    return b->nodes && b->stack && b->frames && b->loops && b->aliases && b->effects;
}

bool xlm_book_open(struct xlm_book *b, struct unmask *u, struct walk *w, slice code)
{
    b->u = u;
    b->w = w;
    b->t = &u->texts;
    b->mem = w->mem;
    b->code = code;
    b->part = w->part;
    b->here = XLM_NOBODY;
    b->steps = 3 * 1000 * 1000;
    b->units_left = 2 << 20;
    if (!make_room(b))
        return false;
    cursor c = cur_open(code);
    uint32_t lines = 0;
    for (; cur_more(&c); lines++) { /* sheets may stand anywhere */
        slice line = cur_until(&c, '\n');
        if (slice_starts(line, SLICE_LIT("sheet ")))
            take_sheet(b, slice_from(line, 6));
    }
    b->room_cells = lines < XLM_CELLS_MAX ? lines + 16 : XLM_CELLS_MAX;
    b->cells = ARENA_ARRAY(b->mem, struct xlm_cell, b->room_cells);
    if (!b->cells)
        return false;
    c = cur_open(code);
    for (uint32_t number = 1; cur_more(&c) && !b->out; number++) {
        size_t from = c.pos;
        slice line = cur_until(&c, '\n');
        take_line(b, line, range_of(from, line.len), number);
    }
    return !arena_full(b->mem);
}

void xlm_book_start_run(struct xlm_book *b)
{
    b->run++;
    b->n_nodes = b->kept_nodes;
    b->n_stack = b->n_frames = b->n_loops = b->n_aliases = b->n_files = b->n_later = 0;
    b->here = XLM_NOBODY;
    b->depth = b->base = b->nesting = b->pure = 0;
    b->good = b->bad = 0;
    b->origin = TEXT_NOWHERE;
    b->opened = false;
    b->chosen = b->n_chosen = 0;
    b->writes = b->stores = 0;
    b->jumps = b->returns = b->halts = b->unsure = b->unsettled = b->guarded = false;
    b->active = 0;
    b->selected = (struct xlm_area){ 0 };
    for (uint32_t i = 0; i < b->n_sheets; i++)
        if (!b->sheets[i].macro) {
            b->active = i;
            break;
        }
    b->selected.sheet = b->active;
}
