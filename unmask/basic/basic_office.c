/* SPDX-License-Identifier: Apache-2.0 */
/* What Word, Excel and PowerPoint give to a macro: the application, its document, and the values
 * that stand in it out of sight (decode/hidden.h). What a person or a setting decides is unknown. */
#include "base/text.h"
#include "decode/hidden.h"
#include "unmask/basic/basic.h"

static bool writes(enum basic_how how) { return how == HOW_LET || how == HOW_SETS; }

static slice name_text(const struct machine *m, uint32_t name) { return m->names[name].text; }

/* --- values of the document */

struct value basic_office_value(struct machine *m, const struct hidden *h)
{
    text_mark mark = texts_origin(m->t, h->part, h->at, NO_LINE);
    return basic_text(text_of(m->t, h->value, mark));
}

/* One thing of a place: what it is asked decides which of its values it gives. */
static struct object *thing_new(struct machine *m, enum hidden_place place, slice owner, slice name, uint32_t index)
{
    struct object *o = basic_object_new(m, C_HIDDEN);
    if (!o)
        return NULL;
    o->place = (uint8_t)place;
    o->owner = owner;
    o->name = name;
    o->row = index;
    return o;
}

/* The same thing is the same object, so that what is written to it is read back. */
static struct value thing(struct machine *m, enum hidden_place place, slice owner, slice name, uint32_t index)
{
    struct object **first = &m->things[(slice_hash_nocase(name) + index) % BASIC_THINGS];
    uint32_t looked = 0;
    for (struct object *o = *first; o && looked < 1000; o = o->next_thing, looked++)
        if (o->place == place && o->named == index && slice_eq_nocase(o->name, name) && slice_eq_nocase(o->owner, owner))
            return basic_object(o);
    struct object *o = basic_step(m, looked / 8 + 1) ? thing_new(m, place, owner, name, index) : NULL;
    if (!o)
        return basic_unknown(m, "memory");
    o->named = index;
    o->next_thing = *first;
    *first = o;
    return basic_object(o);
}

/* Something that may be this under another name was written to. */
static bool written_elsewhere(const struct machine *m, const struct object *o)
{
    for (uint32_t i = 0; i < m->n_wrote && i < BASIC_WROTE_MAX; i++) {
        const struct object *w = m->wrote[i];
        bool apart = o->name.len && w->name.len && !slice_eq_nocase(o->name, w->name);
        bool owners = o->owner.len && w->owner.len && !slice_eq_nocase(o->owner, w->owner);
        if (w != o && w->place == o->place && !apart && !owners)
            return true;
    }
    return m->n_wrote > BASIC_WROTE_MAX;
}

static void write_to(struct machine *m, struct object *o, uint32_t name, struct value v)
{
    bool had = false;
    for (uint32_t i = 0; i < m->n_wrote && i < BASIC_WROTE_MAX; i++)
        had = had || m->wrote[i] == o;
    if (!had && m->n_wrote < BASIC_WROTE_MAX)
        m->wrote[m->n_wrote] = o;
    m->n_wrote += !had && m->n_wrote <= BASIC_WROTE_MAX;
    (void)basic_prop(m, o, name, NULL, HOW_LET, v);
}

static const struct hidden *find(struct machine *m, const struct object *o, slice property)
{
    enum hidden_place place = (enum hidden_place)o->place;
    if (o->prefix.len) { /* a page of a control; tabs are kept as the form's where they have no name */
        struct buf b = buf_new(2 * HIDDEN_NAME_MAX);
        buf_put(&b, o->prefix);
        buf_byte(&b, '.');
        buf_put(&b, property);
        const struct hidden *h = hidden_find(m->w, place, o->owner, o->name, buf_slice(&b));
        h = h ? h : hidden_find(m->w, place, o->owner, (slice){ 0 }, buf_slice(&b));
        buf_drop(&b);
        return h;
    }
    return o->name.len || !o->row ? hidden_find(m->w, place, o->owner, o->name, property) : hidden_at(m->w, place, o->owner, o->row, property);
}

bool basic_has_control(struct machine *m, slice owner, slice name)
{
    return hidden_find(m->w, HIDDEN_CONTROL, owner, name, (slice){ 0 }) != NULL;
}

struct value basic_control(struct machine *m, slice owner, slice name)
{
    if (!hidden_find(m->w, HIDDEN_CONTROL, owner, name, (slice){ 0 }))
        owner = (slice){ 0 }; /* the name of the sheet or document was not known to the reader */
    return thing(m, HIDDEN_CONTROL, owner, name, 0);
}

struct value basic_office_part(struct machine *m, slice owner, slice name)
{
    return thing(m, HIDDEN_CONTROL, owner, name, 0);
}

static struct value list(struct machine *m, enum hidden_place place, slice owner, slice name)
{
    struct object *o = basic_object_new(m, C_HIDDEN_LIST);
    if (!o)
        return basic_unknown(m, "memory");
    o->place = (uint8_t)place;
    o->owner = owner;
    o->name = name;
    return basic_object(o);
}

static struct value list_item(struct machine *m, struct object *o, struct arg *args, uint32_t n)
{
    int64_t i;
    struct value key = basic_plain(m, basic_arg(args, n, 0));
    if (m->error || key.type == V_MISSING)
        return basic_foreign(m, o, W_item);
    if (key.type == V_STRING && text_known(key.s))
        return thing(m, (enum hidden_place)o->place, o->owner, text_utf8(m->t, key.s), 0);
    if (key.type == V_STRING || !basic_integer(m, key, &i))
        return m->error ? key : basic_foreign(m, o, W_item);
    i += o->place == HIDDEN_CONTROL; /* Controls(0) is the first */
    return i > 0 && i < 1 << 20 ? thing(m, (enum hidden_place)o->place, o->owner, (slice){ 0 }, (uint32_t)i) : basic_foreign(m, o, W_item);
}

struct value basic_office_controls(struct machine *m, slice owner) { return list(m, HIDDEN_CONTROL, owner, (slice){ 0 }); }

struct value basic_office_control_at(struct machine *m, slice owner, struct arg *args, uint32_t n)
{
    struct object o = { .place = HIDDEN_CONTROL, .owner = owner };
    return list_item(m, &o, args, n);
}

static struct value built_in(struct machine *m, slice owner, struct value key)
{
    static const char *const names[] = { "Title", "Subject", "Author", "Keywords", "Comments", "Template", "Last Author", "Revision Number", "Application Name" };
    int64_t i;
    if (key.type != V_STRING && basic_integer(m, key, &i) && i >= 1 && i <= (int64_t)(sizeof names / sizeof names[0]))
        return thing(m, HIDDEN_PROPERTY, owner, slice_of(names[i - 1]), 0);
    return basic_unknown(m, "BuiltInDocumentProperties");
}

static bool list_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    uint32_t count = 0;
    switch (name) {
    case W_add: /* Variables.Add "name", "value" */
        *out = list_item(m, o, args, n);
        if (n > 1 && out->type == V_OBJECT && out->o)
            write_to(m, out->o, W_value, args[1].v);
        return true;
    case W_item: case W_range:
        if (o->place == HIDDEN_PROPERTY && slice_is(o->owner, "builtin") && n && args[0].v.type != V_STRING)
            *out = built_in(m, o->owner, basic_plain(m, args[0].v));
        else
            *out = list_item(m, o, args, n);
        return true;
    case W_count:
        for (const struct hidden *h = hidden_next(m->w, (enum hidden_place)o->place, NULL); h; h = hidden_next(m->w, (enum hidden_place)o->place, h))
            if (o->owner.len == 0 || slice_eq_nocase(h->owner, o->owner))
                count = h->index > count ? h->index : count;
        *out = count ? basic_int(V_LONG, count) : basic_foreign(m, o, name);
        return true;
    default: return false;
    }
}

/* The property that VBA names, as the place keeps it. */
static slice property_of(const struct machine *m, const struct object *o, uint32_t name)
{
    switch (name) {
    case W_text: case W_value: case W_item: case W_value2: case W_formula: case W_refersto: case W_range: case W_textrange:
        return o->place == HIDDEN_CONTROL ? SLICE_LIT("Value") : o->place == HIDDEN_SHAPE ? SLICE_LIT("Text") : (slice){ 0 };
    default: return name_text(m, name);
    }
}

static bool leads_on(uint32_t name)
{
    switch (name) {
    case W_textframe: case W_textframe2: case W_textrange: case W_range: case W_characters: case W_oleformat: case W_object:
    case W_controlformat: case W_comment: case W_content: case W_parent:
        return true;
    default: return false;
    }
}

/* List(i), Tabs(i).Caption, Pages(i).Caption */
static bool numbered(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    int64_t i;
    struct buf b = buf_new(64);
    if ((name != W_list && name != W_tabs && name != W_pages) || !n || !basic_integer(m, args[0].v, &i) || i < 0)
        return false;
    buf_format(&b, "%s(%lld)", name == W_list ? "List" : "Tabs", (long long)i);
    if (name != W_list) {
        struct object *page = thing_new(m, HIDDEN_CONTROL, o->owner, o->name, 0);
        if (page)
            page->prefix = arena_copy(m->mem, buf_slice(&b));
        *out = basic_object(page);
        buf_drop(&b);
        return true;
    }
    const struct hidden *h = find(m, o, buf_slice(&b));
    buf_drop(&b);
    if (h)
        *out = basic_office_value(m, h);
    return h != NULL;
}

/* The names of a thing's default value are one. */
static uint32_t canonical(uint32_t name)
{
    switch (name) {
    case W_text: case W_item: case W_value2: case W_formula: case W_formulalocal: return W_value;
    default: return name;
    }
}

static bool thing_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    if (writes(how)) {
        if (n)
            write_to(m, o, canonical(name), args[n - 1].v);
        return true;
    }
    struct value key = basic_int(V_LONG, (int64_t)canonical(name) | (int64_t)1 << 40);
    struct value *at = o->n ? basic_pair_at(m, o, key, false) : NULL;
    if (at) {
        *out = o->fogged ? basic_foreign(m, o, name) : *at;
        return true;
    }
    if (leads_on(name) && !(name == W_textrange && o->place == HIDDEN_CONTROL)) {
        *out = basic_object(o);
        return true;
    }
    if (numbered(m, o, name, args, n, out))
        return true;
    if (name == W_name && o->name.len) {
        *out = basic_utf8(m, o->name);
        return true;
    }
    const struct hidden *h = o->fogged || written_elsewhere(m, o) ? NULL : find(m, o, property_of(m, o, name));
    if (!h)
        return false;
    *out = basic_office_value(m, h);
    return true;
}

/* --- cells */

static struct value cell(struct machine *m, slice sheet, uint32_t row, uint32_t column)
{
    char s[24];
    size_t k = sizeof s;
    uint32_t r = row, c = column;
    for (; r && k > 8; r /= 10)
        s[--k] = (char)('0' + r % 10);
    for (; c && k > 1; c = (c - 1) / 26)
        s[--k] = (char)('A' + (c - 1) % 26);
    slice name = arena_copy(m->mem, (slice){ (const uint8_t *)s + k, sizeof s - k });
    struct value v = thing(m, HIDDEN_CELL, sheet, name, 0);
    if (v.type == V_OBJECT && v.o) {
        v.o->class_ = C_RANGE;
        v.o->row = row;
        v.o->column = column;
    }
    return v;
}

/* "B12", "$B$12", "Sheet1!B12" */
static struct value range(struct machine *m, slice sheet, struct text address)
{
    if (!text_known(address))
        return basic_unknown(m, "Range");
    slice s = text_utf8(m->t, address);
    size_t bang = slice_find_byte(s, '!', 0), i = bang == SIZE_MAX ? 0 : bang + 1;
    if (bang != SIZE_MAX)
        sheet = slice_sub(s, 0, bang);
    uint64_t row = 0, column = 0;
    for (; i < s.len && (ascii_alpha(s.at[i]) || s.at[i] == '$') && column < 20000; i++)
        column = s.at[i] == '$' ? column : column * 26 + (uint64_t)(ascii_lower(s.at[i]) - 'a' + 1);
    for (; i < s.len && (ascii_digit(s.at[i]) || s.at[i] == '$') && row < 2000000; i++)
        row = s.at[i] == '$' ? row : row * 10 + (uint64_t)(s.at[i] - '0');
    if (i == s.len && row && column && row <= 1048576 && column <= 16384)
        return cell(m, sheet, (uint32_t)row, (uint32_t)column);
    return bang == SIZE_MAX ? thing(m, HIDDEN_NAME, (slice){ 0 }, s, 0) : basic_unknown(m, "Range");
}

static struct value cells(struct machine *m, struct object *o, slice sheet, struct arg *args, uint32_t n)
{
    int64_t row, column = 1;
    if (n == 0 || !basic_integer(m, args[0].v, &row))
        return m->error ? (struct value){ 0 } : basic_foreign(m, o, W_cells);
    if (n > 1 && args[1].v.type == V_STRING) {
        struct text both = text_join(m->t, args[1].v.s, basic_string(m, basic_int(V_LONG, row)));
        return range(m, sheet, both);
    }
    if (n < 2 || !basic_integer(m, args[1].v, &column) || row < 1 || column < 1 || row > 1048576 || column > 16384)
        return m->error ? (struct value){ 0 } : basic_foreign(m, o, W_cells);
    return cell(m, sheet, (uint32_t)row, (uint32_t)column);
}

static bool range_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    int64_t a = 0, b = 0;
    switch (name) {
    case W_offset:
        if ((n > 0 && !basic_integer(m, args[0].v, &a)) || (n > 1 && !basic_integer(m, args[1].v, &b)))
            return false;
        a += o->row, b += o->column;
        *out = a > 0 && b > 0 && a <= 1048576 && b <= 16384 ? cell(m, o->owner, (uint32_t)a, (uint32_t)b) : basic_error(m, 1004);
        return true;
    case W_row: *out = basic_int(V_LONG, o->row); return true;
    case W_column: *out = basic_int(V_LONG, o->column); return true;
    case W_comment: *out = thing(m, HIDDEN_COMMENT, o->owner, o->name, 0); return true;
    case W_formula: case W_formulalocal: case W_formular1c1:
        if (writes(how) && n) {
            struct value v = basic_plain(m, args[n - 1].v);
            if (v.type == V_STRING && text_unit(v.s, 0) == '=')
                basic_say_formula(m, v);
        }
        return false;
    default: return false;
    }
}

/* --- sheets and documents */

static slice sheet_name(struct machine *m, struct value v)
{
    v = basic_plain(m, v);
    return v.type == V_STRING && text_known(v.s) ? text_utf8(m->t, v.s) : (slice){ 0 };
}

bool basic_office_sheet(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    struct object *sub;
    if (name == W_item && o->row) /* Range("A1"), Sheets("x") without anything before them */
        name = o->row;
    if (writes(how) && name != W_range && name != W_cells)
        return false;
    if (writes(how) && n)
        n--; /* the place first, then its default value */
    switch (name) {
    case W_sheets: case W_worksheets:
        sub = basic_object_new(m, C_SHEET);
        if (sub)
            sub->owner = n ? sheet_name(m, args[0].v) : (slice){ 0 };
        *out = basic_object(sub);
        break;
    case W_range: *out = n == 1 ? range(m, o->owner, basic_string(m, args[0].v)) : basic_foreign(m, o, name); break;
    case W_cells: *out = cells(m, o, o->owner, args, n); break;
    case W_names: *out = n ? thing(m, HIDDEN_NAME, (slice){ 0 }, sheet_name(m, args[0].v), 0) : list(m, HIDDEN_NAME, (slice){ 0 }, (slice){ 0 }); break;
    case W_shapes: case W_comments:
        *out = list(m, name == W_shapes ? HIDDEN_SHAPE : HIDDEN_COMMENT, o->owner, (slice){ 0 });
        if (n)
            *out = list_item(m, out->o, args, n);
        break;
    case W_name: *out = o->owner.len ? basic_utf8(m, o->owner) : basic_unknown(m, "ActiveSheet.Name"); break;
    default:
        if (o->owner.len && basic_has_control(m, o->owner, name_text(m, name))) {
            *out = basic_control(m, o->owner, name_text(m, name));
            break;
        }
        return false;
    }
    if (writes(how) && out->type == V_OBJECT && out->o && !m->error) {
        *out = basic_object_member(m, *out, W_value, args + n, 1, how);
    }
    return true;
}

static bool document_list(struct machine *m, uint32_t name, struct value *out)
{
    switch (name) {
    case W_shapes: case W_inlineshapes: *out = list(m, HIDDEN_SHAPE, (slice){ 0 }, (slice){ 0 }); return true;
    case W_variables: *out = list(m, HIDDEN_VARIABLE, (slice){ 0 }, (slice){ 0 }); return true;
    case W_builtindocumentproperties: *out = list(m, HIDDEN_PROPERTY, SLICE_LIT("builtin"), (slice){ 0 }); return true;
    case W_customdocumentproperties: *out = list(m, HIDDEN_PROPERTY, SLICE_LIT("custom"), (slice){ 0 }); return true;
    case W_paragraphs: *out = list(m, HIDDEN_TEXT, SLICE_LIT("paragraphs"), (slice){ 0 }); return true;
    case W_bookmarks: *out = list(m, HIDDEN_TEXT, SLICE_LIT("bookmarks"), (slice){ 0 }); return true;
    case W_comments: *out = list(m, HIDDEN_COMMENT, SLICE_LIT("document"), (slice){ 0 }); return true;
    case W_customxmlparts: *out = list(m, HIDDEN_XML, (slice){ 0 }, (slice){ 0 }); return true;
    case W_controls: *out = list(m, HIDDEN_CONTROL, (slice){ 0 }, (slice){ 0 }); return true;
    default: return false;
    }
}

bool basic_office_document(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    if (name == W_saveas || name == W_saveas2) {
        basic_say_path(m, EFFECT_WRITE, "Document.SaveAs", basic_arg(args, n, 0));
        return true;
    }
    if (name == W_followhyperlink) {
        (void)basic_say_request(m, "FollowHyperlink", basic_arg(args, n, 0));
        return true;
    }
    if (document_list(m, name, out)) {
        if (n && !writes(how))
            *out = list_item(m, out->o, args, n);
        if (n && slice_is(out->o ? out->o->owner : (slice){ 0 }, "builtin") && args[0].v.type != V_STRING)
            *out = built_in(m, SLICE_LIT("builtin"), basic_plain(m, args[0].v));
        return true;
    }
    if (name == W_range || name == W_cells || name == W_sheets || name == W_worksheets || name == W_names)
        return basic_office_sheet(m, o, name, args, n, how, out);
    if (basic_has_control(m, o->class_ == C_MODULE ? name_text(m, m->modules[o->module].name) : (slice){ 0 }, name_text(m, name)) && !writes(how)) {
        *out = basic_apply(m, basic_control(m, (slice){ 0 }, name_text(m, name)), args, n, how);
        return true;
    }
    if (name == W_application) {
        bool found;
        *out = basic_object_word(m, W_application, &found);
        return true;
    }
    return false;
}

/* --- the application */

static bool run_named(struct machine *m, struct arg *args, uint32_t n, struct value *out)
{
    bool found = false;
    struct value v = basic_plain(m, basic_arg(args, n, 0));
    if (v.type == V_STRING)
        *out = basic_call_named(m, v.s, args + 1, n - 1, &found);
    if (!found && !m->error && v.type == V_STRING && m->excel)
        basic_say_formula(m, basic_text(text_join(m->t, text_of(m->t, SLICE_LIT("=RUN(\""), TEXT_NOWHERE),
                                              text_join(m->t, v.s, text_of(m->t, SLICE_LIT("\")"), TEXT_NOWHERE)))));
    return true;
}

/* Documents, Workbooks, Presentations: what they open may be an address. */
static bool opens(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, struct value *out)
{
    struct value a = basic_arg(args, n, 0);
    if ((name != W_open && name != W_opentext && name != W_add) || a.type != V_STRING)
        return false;
    if (text_find(a.s, text_of(m->t, SLICE_LIT("://"), TEXT_NOWHERE), 0, false) != UINT32_MAX) {
        *out = basic_foreign(m, o, name);
        if (out->o)
            out->o->download = basic_say_request(m, "Documents.Open", a);
        return true;
    }
    basic_say_path(m, EFFECT_LOAD, "Documents.Open", a);
    return false;
}

static bool application_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    struct value a = basic_arg(args, n, 0);
    bool found = false;
    if (writes(how))
        return false;
    switch (name) {
    case W_run: return n && run_named(m, args, n, out);
    case W_ontime:
        if (n > 1)
            *out = basic_call_named(m, basic_string(m, args[1].v), NULL, 0, &found);
        return true;
    case W_executeexcel4macro: case W_evaluate:
        basic_say_formula(m, a);
        *out = basic_foreign(m, o, name);
        return true;
    case W_wait: case W_sleep: {
        struct unmask_argument said[] = { { "value", a.type == V_UNKNOWN ? text_hole(m->t, a.mark) : basic_string(m, a) } };
        basic_say(m, EFFECT_DELAY, "Application.Wait", said, 1);
        return true;
    }
    case W_name: *out = m->excel ? basic_cstr(m, "Microsoft Excel") : m->word ? basic_cstr(m, "Microsoft Word") : basic_unknown(m, "Application.Name"); return true;
    case W_startuppath: *out = m->word ? basic_symbol(m, SLICE_LIT("%APPDATA%\\Microsoft\\Word\\STARTUP")) : basic_unknown(m, "StartupPath"); return true;
    case W_createobject: *out = basic_object_create(m, basic_string(m, a)); return true;
    case W_registerxll: basic_say_path(m, EFFECT_LOAD, "Application.RegisterXLL", a); return true;
    case W_application: case W_parent: *out = basic_object(o); return true;
    case W_quit: case W_doevents: return true;
    default: break;
    }
    struct value v = name < W_COUNT ? basic_object_word(m, name, &found) : a;
    if (found)
        *out = basic_apply(m, v, args, n, how);
    return found;
}

bool basic_office_member(struct machine *m, struct object *o, uint32_t name, struct arg *args, uint32_t n, enum basic_how how, struct value *out)
{
    switch (o->class_) {
    case C_APPLICATION: return application_member(m, o, name, args, n, how, out);
    case C_FOREIGN:
        return (slice_is_nocase(o->name, "Documents") || slice_is_nocase(o->name, "Workbooks") || slice_is_nocase(o->name, "Presentations")) && !writes(how) &&
               opens(m, o, name, args, n, out);
    case C_DOCUMENT: return basic_office_document(m, o, name, args, n, how, out);
    case C_MODULE: case C_INSTANCE: return m->dialect->module_member && m->dialect->module_member(m, o, name, args, n, how, out);
    case C_SHEET: return basic_office_sheet(m, o, name, args, n, how, out);
    case C_HIDDEN_LIST: return !writes(how) && list_member(m, o, name, args, n, out);
    case C_RANGE: return range_member(m, o, name, args, n, how, out) || thing_member(m, o, name, args, n, how, out);
    case C_HIDDEN: return thing_member(m, o, name, args, n, how, out);
    default: return false;
    }
}
