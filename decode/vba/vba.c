/* SPDX-License-Identifier: Apache-2.0 */
/* VBA projects: [MS-OVBA] 2.2, wherever they lie in a compound file.
 *
 * A storage that holds `dir` is a project, under any name; one that holds
 * _VBA_PROJECT or is called VBA is one without its directory. Each project
 * becomes a part with an event of its own, each module's source a part below
 * it, so that ranges and line numbers are those of the source.
 *
 * Not read: compiled code, the references, the layout of forms, the execution
 * cache (__SRP_), signatures beyond their presence.
 */
#include "decode/vba/vba_private.h"
#include "base/charset.h"
#include "base/text.h"
#include "decode/plain.h"

enum { PROJECTS_MAX = 32, DIR_MAX = 4 << 20 };

static bool is_carved(const struct bundle *b)
{
    return strcmp(b->kind, "cfb-carved") == 0;
}

void vba_damage(struct vba *p, const char *what)
{
    if (p->damage_told++ < 8)
        walk_cstr(p->w, FACT_VBA_DAMAGED, what, NOWHERE);
}

/* --- one module */

static enum walk_end module_walk(struct walk *w, const struct body *body)
{
    walk_view(w, FACT_VBA_CODE, body->all, range_of(0, body->all.len));
    return WALK_WHOLE;
}

static const struct format vba_module = { .name = "vba-module",
                                          .spec = "[MS-OVBA] 2.3.4.3",
                                          .walk = module_walk };
static const struct format vba_project = { .name = "vba-project",
                                           .spec = "[MS-OVBA] 2.2.1",
                                           .walk = NULL };

static void give_module(struct walk *w, slice name, slice source)
{
    struct body body = body_borrow(source);
    struct child child = {
        .name = name,
        .how = HOW_OLE,
        .at = NOWHERE,
        .body = &body,
        .format = &vba_module,
    };
    (void)walk_child(w, &child);
}

/* --- one project */

static void list_streams(struct vba *p)
{
    p->streams = ARENA_ARRAY(p->outer->mem, size_t, p->b->n ? p->b->n : 1);
    if (!p->streams || !walk_work(p->outer, 10 * p->b->n))
        return;
    for (size_t i = 0; i < p->b->n; i++) {
        const struct bundle_entry *e = &p->b->entries[i];
        slice name = vba_entry_name(p->b, i);
        if (e->stream && e->name.len == p->storage.len + name.len &&
            slice_starts(e->name, p->storage))
            p->streams[p->n_streams++] = i;
    }
}

static size_t find_in(const struct bundle *b, slice storage, const char *name)
{
    for (size_t i = 0; i < b->n; i++) {
        slice path = b->entries[i].name;
        if (b->entries[i].stream && path.len > storage.len && slice_starts(path, storage) &&
            slice_is_nocase(slice_from(path, storage.len), name))
            return i;
    }
    return SIZE_MAX;
}

/* "Macros/VBA/" -> "Macros/" */
static slice storage_above(slice storage)
{
    size_t n = storage.len ? storage.len - 1 : 0;
    while (n > 0 && storage.at[n - 1] != '/')
        n--;
    return slice_sub(storage, 0, n);
}

static void read_dir(struct vba *p, struct buf *scratch)
{
    struct body body;
    if (p->dir == SIZE_MAX)
        return;
    bool whole = p->b->open(p->outer, p->b, p->dir, &body);
    whole = vba_inflate(body.all, scratch, p->outer->budget) && whole;
    p->dir_bytes = arena_copy(p->outer->mem, slice_sub(buf_slice(scratch), 0, DIR_MAX));
    p->damage_told = whole ? 0 : 1; /* told once the part exists */
    body_release(&body);
}

static void read_project_stream(struct vba *p)
{
    size_t i = find_in(p->b, storage_above(p->storage), "PROJECT");
    if (i == SIZE_MAX)
        i = find_in(p->b, p->storage, "PROJECT");
    if (i == SIZE_MAX)
        return;
    struct body body;
    (void)p->b->open(p->outer, p->b, i, &body);
    p->b->entries[i].taken = true;
    vba_project_read(p, body.all);
    body_release(&body);
}

static void tell_module(struct vba *p, const struct vba_module *m)
{
    if (p->names_told++ < VBA_NAMES_TOLD)
        walk_text(p->w, FACT_VBA_MODULE_NAME, m->name, NOWHERE);
    bool unlisted = m->in_dir ? p->project_read && !m->in_project : m->sourced && p->listed > 0;
    if (unlisted && p->hidden_told++ < VBA_NAMES_TOLD)
        walk_text(p->w, FACT_VBA_MODULE_HIDDEN, m->name, NOWHERE);
}

static void tell_project(struct vba *p)
{
    int64_t modules = 0, empty = 0, length = 0;
    for (size_t i = 0; i < p->n_modules; i++) {
        const struct vba_module *m = &p->modules[i];
        if (!m->in_dir && !m->sourced)
            continue;
        modules++;
        empty += m->bare && m->sourced;
        length += (int64_t)m->source.len;
        tell_module(p, m);
    }
    if (p->name.len)
        walk_text(p->w, FACT_VBA_PROJECT_NAME, p->name, NOWHERE);
    if (p->codepage)
        walk_int(p->w, FACT_VBA_CODEPAGE, p->codepage, NOWHERE);
    walk_int(p->w, FACT_VBA_MODULES, modules, NOWHERE);
    walk_int(p->w, FACT_VBA_MODULES_EMPTY, empty, NOWHERE);
    walk_int(p->w, FACT_VBA_MODULE_FORMS, p->forms, NOWHERE);
    walk_int(p->w, FACT_VBA_CODE_LENGTH, length, NOWHERE);
}

static void tell_signatures(struct vba *p)
{
    for (size_t i = 0; i < p->b->n; i++) {
        slice name = vba_entry_name(p->b, i);
        if (p->b->entries[i].stream &&
            (slice_starts_nocase(name, "_signatures") ||
             slice_starts_nocase(name, "_xmlsignatures") || slice_is_nocase(name, "DigSig"))) {
            walk_text(p->w, FACT_VBA_SIGNATURE, name, NOWHERE);
            return;
        }
    }
}

static void read_parts(struct vba *p, struct buf *scratch)
{
    vba_dir_read(p);
    vba_module_find(p);
    for (size_t i = 0; i < p->n_modules && !walk_over(p->w); i++)
        vba_module_read(p, &p->modules[i], scratch);
    read_project_stream(p);
    tell_project(p);
    tell_signatures(p);
    vba_stomp_look(p);
    for (size_t i = 0; i < p->n_modules && !walk_over(p->w); i++)
        if (p->modules[i].source.len)
            give_module(p->w, p->modules[i].name, p->modules[i].source);
}

static void read_project(struct walk *w, struct bundle *b, slice storage, size_t dir)
{
    struct vba p = {
        .outer = w, .w = w, .b = b, .storage = storage, .dir = dir, .carved = is_carved(b)
    };
    struct buf scratch = buf_new(VBA_SOURCE_MAX);
    struct walk sub;
    read_dir(&p, &scratch);
    list_streams(&p);
    bool dir_damaged = p.damage_told;
    struct body body = body_borrow(p.dir_bytes);
    struct child child = {
        .name = storage.len ? slice_sub(storage, 0, storage.len - 1) : SLICE_LIT("VBA"),
        .how = HOW_OLE,
        .at = dir == SIZE_MAX ? NOWHERE : b->entries[dir].at,
        .body = &body,
        .format = &vba_project,
    };
    if (p.streams && walk_begin(w, &child, &sub)) {
        walk_event(&sub, EVENT_MACRO);
        p.w = &sub;
        p.damage_told = 0;
        if (dir_damaged)
            vba_damage(&p, "dir stream");
        read_parts(&p, &scratch);
        /* A directory without one source behind it is left to the container, which may carve. */
        for (size_t i = 0; i < p.n_modules && dir != SIZE_MAX; i++)
            b->entries[dir].taken = b->entries[dir].taken || p.modules[i].sourced;
        walk_finish(&sub, walk_over(&sub) ? WALK_LIMIT : p.damage_told ? WALK_BROKEN : WALK_WHOLE);
    }
    buf_drop(&scratch);
}

/* --- the bundle */

static slice storage_of(const struct bundle *b, size_t entry)
{
    slice path = b->entries[entry].name;
    return slice_sub(path, 0, path.len - vba_entry_name(b, entry).len);
}

static bool vba_claims(const struct bundle *b)
{
    if (is_carved(b))
        return true;
    if (strcmp(b->kind, "cfb") != 0)
        return false;
    for (size_t i = 0; i < b->n; i++) {
        slice name = vba_entry_name(b, i);
        if (b->entries[i].stream
                ? slice_is_nocase(name, "dir") || slice_is_nocase(name, "_VBA_PROJECT")
                : slice_is_nocase(name, "VBA"))
            return true;
    }
    return false;
}

/* Each storage once; those with a directory first, they take what is theirs. */
static enum walk_end vba_walk_bundle(struct walk *w, struct bundle *b)
{
    slice done[PROJECTS_MAX];
    size_t n = 0;
    if (is_carved(b)) {
        read_project(w, b, (slice){ 0 }, SIZE_MAX);
        return WALK_WHOLE;
    }
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < b->n && n < PROJECTS_MAX && !walk_over(w); i++) {
            slice name = vba_entry_name(b, i), storage = storage_of(b, i);
            bool dir = b->entries[i].stream && slice_is_nocase(name, "dir");
            bool bare = b->entries[i].stream && (slice_is_nocase(name, "_VBA_PROJECT") ||
                                                 slice_ends_nocase(storage, "VBA/"));
            if (!(pass == 0 ? dir : bare))
                continue;
            bool seen = false;
            for (size_t d = 0; d < n; d++)
                seen = seen || slice_eq(done[d], storage);
            if (seen)
                continue;
            done[n++] = storage;
            read_project(w, b, storage, dir ? i : SIZE_MAX);
        }
    }
    if (n)
        walk_flag(w, FACT_OFFICE_MACRO, NOWHERE);
    return WALK_WHOLE;
}

/* --- source as a file: exported modules (.bas, .cls, .frm) */

static enum sniff vba_sniff(const struct sniff_input *in)
{
    slice head = slice_sub(in->body->all, 0, 256);
    if (slice_starts(head, SLICE_LIT("\xef\xbb\xbf")))
        head = slice_from(head, 3);
    head = slice_trim(head);
    bool strong = slice_starts_nocase(head, "Attribute VB_") ||
                  slice_starts_nocase(head, "VERSION 1.0 CLASS") ||
                  (slice_starts_nocase(head, "VERSION 5.00") &&
                   slice_find(head, SLICE_LIT("Begin {"), 0) != SIZE_MAX);
    return strong ? SNIFF_STRONG : SNIFF_NO;
}

/* A lone container (a module stream saved by itself) is decompressed; text is taken as it is. */
static enum walk_end vba_walk(struct walk *w, const struct body *body)
{
    slice text = { 0 };
    walk_event(w, EVENT_MACRO);
    walk_type(w, "vba-module");
    if (body->all.len > 0 && body->all.at[0] == 1) {
        struct buf b = buf_new(VBA_SOURCE_MAX);
        if (!vba_inflate(body->all, &b, w->budget))
            walk_cstr(w, FACT_VBA_DAMAGED, "compressed source", NOWHERE);
        text = charset_decode_codepage(w->mem, 0, arena_copy(w->mem, buf_slice(&b))).text;
        buf_drop(&b);
    } else {
        text = plain_read(w, body, plain_charset(w->declared), true).text;
    }
    walk_int(w, FACT_VBA_CODE_LENGTH, (int64_t)text.len, NOWHERE);
    if (text.len)
        give_module(w, w->name, text);
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}

const struct format format_vba = {
    .name = "vba",
    .spec = "[MS-OVBA] 2",
    .sniff = vba_sniff,
    .walk = vba_walk,
    .claims = vba_claims,
    .walk_bundle = vba_walk_bundle,
};
