/* SPDX-License-Identifier: Apache-2.0 */
/* Compound files ([MS-CFB]): what Office 97 to 2003, Outlook, the Windows
 * Installer and others keep everything in, and what macros are kept in to
 * this day (vbaProject.bin).
 *
 * All streams form one bundle; the readers of VBA and workbooks take theirs out of it. What
 * remains is document structure (read here as far as text and warnings need),
 * or a file of its own (a child). Applications that no reader knows are told
 * as unread.
 */
#include "decode/cfb/cfb_private.h"
#include "base/guid.h"
#include "base/text.h"
#include "decode/hidden.h"

enum { DOCUMENTS_MAX = 8, OVERLAY_TOLD = 512, OVERLAY_HEAD = 8, CLSID_AT = 80 };

static enum sniff cfb_sniff(const struct sniff_input *in)
{
    /* [MS-CFB] 2.2, and the signature of the beta that OLE still opens. */
    static const slice magic = SLICE_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    static const slice beta = SLICE_INIT("\x0e\x11\xfc\x0d\xd0\xcf\x11\x0e");
    slice all = in->body->all;
    return slice_starts(all, magic) || slice_starts(all, beta) ? SNIFF_STRONG : SNIFF_NO;
}

/* --- what it is */

struct kind {
    const char *stream; /* at the root */
    const char *type;
    bool reader;
};

static const struct kind kinds[] = {
    { "WordDocument", "doc", true },
    { "Workbook", "xls", true },
    { "Book", "xls", true },
    { "PowerPoint Document", "ppt", true },
    { "EncryptedPackage", "office-encrypted", true },
    { "__properties_version1.0", "msg", true },
    { "VisioDocument", "visio", false },
    { "Quill", "publisher", false },
    { "BodyText", "hwp", false },
};

struct clsid_kind {
    uint32_t first;
    const char *type;
    bool reader;
};

/* First field of root class ids whose rest is 0000-0000-C000-000000000046. */
static const struct clsid_kind clsids[] = {
    { 0x00020906, "doc", true },        { 0x00020900, "doc", true },
    { 0x00020820, "xls", true },        { 0x00020810, "xls", true },
    { 0x000c1084, "msi", false },       { 0x000c1082, "msi", false },
    { 0x000c1086, "msi", false },       { 0x00020d0b, "msg", true },
    { 0x00021a14, "visio", false },     { 0x00021a13, "visio", false },
    { 0x00021201, "publisher", false },
};

static uint32_t root_clsid(struct cfb *c)
{
    slice raw = cfb_directory_clsid(c, 0);
    char text[GUID_TEXT];
    bool any = false;
    for (size_t i = 0; i < raw.len; i++)
        any = any || raw.at[i];
    if (!any || !guid_text(raw, text))
        return 0;
    walk_cstr(c->w, FACT_CFB_CLSID, text, range_of(c->entries[0].at + CLSID_AT, GUID_SIZE));
    cursor k = cur_open(raw);
    return cur_u32le(&k);
}

static const char *kind_by_streams(const struct cfb *c, bool *reader_out)
{
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        for (size_t i = 1; i < c->n_entries; i++) {
            const struct cfb_entry *e = &c->entries[i];
            if (e->parent == 0 && e->kind != CFB_EMPTY &&
                slice_is_nocase(e->name, kinds[k].stream)) {
                *reader_out = kinds[k].reader;
                return kinds[k].type;
            }
        }
    }
    return NULL;
}

/* Streams first: they are what will be read; a class id alone can say anything. */
static const char *kind_of(struct cfb *c, bool *reader_out)
{
    uint32_t clsid = root_clsid(c);
    const char *type = kind_by_streams(c, reader_out);
    for (size_t i = 0; !type && clsid && i < sizeof clsids / sizeof clsids[0]; i++) {
        if (clsids[i].first == clsid) {
            *reader_out = clsids[i].reader;
            type = clsids[i].type;
        }
    }
    return type;
}

/* --- the bundle */

struct host {
    struct cfb *c;
    uint32_t *ids; /* of the directory, by bundle entry */
};

static bool stream_open(struct walk *w, struct bundle *b, size_t entry, struct body *out)
{
    (void)w;
    const struct host *h = b->host;
    const struct cfb_entry *e = &h->c->entries[h->ids[entry]];
    if (e->kind != CFB_STREAM) {
        *out = body_borrow((slice){ 0 });
        return false;
    }
    return cfb_stream_read(h->c, e, out);
}

static size_t stream_head(struct walk *w, struct bundle *b, size_t entry, uint8_t *out, size_t max)
{
    (void)w;
    const struct host *h = b->host;
    return cfb_stream_head(h->c, &h->c->entries[h->ids[entry]], out, max);
}

static bool make_bundle(struct cfb *c, struct bundle *b, struct host *h)
{
    struct arena *mem = c->w->mem;
    struct bundle_entry *entries = ARENA_ARRAY(mem, struct bundle_entry, c->n_entries);
    h->c = c;
    h->ids = ARENA_ARRAY(mem, uint32_t, c->n_entries);
    if (!entries || !h->ids)
        return false;
    size_t n = 0;
    for (size_t i = 1; i < c->n_entries; i++) {
        const struct cfb_entry *e = &c->entries[i];
        if (e->kind != CFB_STORAGE && e->kind != CFB_STREAM)
            continue;
        h->ids[n] = (uint32_t)i;
        entries[n++] = (struct bundle_entry){
            .name = e->path,
            .size = e->size,
            .at = e->kind == CFB_STREAM ? cfb_stream_place(c, e) : NOWHERE,
            .stream = e->kind == CFB_STREAM,
        };
    }
    *b = (struct bundle){
        .kind = "cfb",
        .how = HOW_OLE,
        .entries = entries,
        .n = n,
        .host = h,
        .open = stream_open,
        .head = stream_head,
    };
    return true;
}

/* --- the rest of it */

static void read_properties(struct cfb *c, uint32_t entry)
{
    struct body body;
    (void)cfb_stream_read(c, &c->entries[entry], &body);
    cfb_props_read(c, body.all);
    body_release(&body);
}

static void read_document(struct cfb *c, uint32_t i)
{
    const struct cfb_entry *e = &c->entries[i];
    if (slice_is_nocase(e->name, "WordDocument"))
        cfb_word_read(c, i);
    else if (slice_is_nocase(e->name, "PowerPoint Document"))
        cfb_slides_read(c, i);
}

static bool is_document(slice name)
{
    return slice_is_nocase(name, "WordDocument") || slice_is_nocase(name, "PowerPoint Document");
}

/* [MS-OFFCRYPTO] 2.2.4: a document under rights management; its key is elsewhere. */
static void read_rights(struct cfb *c)
{
    for (size_t i = 1; i < c->n_entries; i++) {
        const struct cfb_entry *e = &c->entries[i];
        if (e->kind != CFB_STREAM || (!slice_is_nocase(e->name, "\tDRMContent") && !slice_is_nocase(e->name, "DRMContent")))
            continue;
        walk_flag(c->w, FACT_OFFICE_ENCRYPTED, cfb_stream_place(c, e));
        walk_unread_of(c->w, UNREAD_ENCRYPTED, UNREAD_OF_MEMBER, e->path);
        return;
    }
}

/* What is encrypted is read here or waits: nobody else shall, unless it is read in place. */
static void read_locked(struct cfb *c, struct bundle *b, const struct host *h)
{
    if (!cfb_lock_look(c)) {
        read_rights(c);
        return;
    }
    for (size_t i = 0; i < b->n; i++)
        if (h->ids[i] == c->lock->entry && !cfb_lock_is_readable(c->lock))
            b->entries[i].taken = true;
}

static bool is_property_set(const struct cfb_entry *e)
{
    return e->depth == 1 && (slice_is_nocase(e->name, "\x05SummaryInformation") ||
                             slice_is_nocase(e->name, "\x05" "DocumentSummaryInformation"));
}

/* Texts and properties; false: it is neither. */
static bool read_structure(struct cfb *c, uint32_t id, unsigned *documents)
{
    const struct cfb_entry *e = &c->entries[id];
    if (is_document(e->name) && (*documents)++ < DOCUMENTS_MAX)
        read_document(c, id);
    else if (is_property_set(e))
        read_properties(c, id);
    else
        return false;
    return true;
}

/* Beside a macro project, what its macros may read comes first; half of the budget is kept for them. */
static void read_for_macros(struct cfb *c, struct bundle *b, const struct host *h)
{
    unsigned documents = 0;
    for (size_t i = 0; i < b->n && !c->macros; i++) {
        slice name = c->entries[h->ids[i]].name;
        c->macros = slice_is_nocase(name, "dir") || slice_is_nocase(name, "_VBA_PROJECT") || slice_is_nocase(name, "VBA");
    }
    if (!c->macros)
        return;
    struct hidden_budget kept = hidden_budget_begin(c->w);
    for (size_t i = 0; i < b->n && !walk_over(c->w); i++)
        if (c->entries[h->ids[i]].kind == CFB_STREAM && c->entries[h->ids[i]].size && !b->entries[i].taken &&
            read_structure(c, h->ids[i], &documents))
            b->entries[i].taken = true;
    hidden_budget_end(c->w, &kept);
}

static void read_streams(struct cfb *c, const struct bundle *b, const struct host *h)
{
    unsigned documents = 0, streams = 0;
    for (size_t i = 0; i < b->n && !walk_over(c->w); i++) {
        const struct cfb_entry *e = &c->entries[h->ids[i]];
        streams += e->kind == CFB_STREAM;
        if (e->kind != CFB_STREAM || b->entries[i].taken || e->size == 0)
            continue;
        if (!read_structure(c, h->ids[i], &documents))
            (void)cfb_object_read(c, h->ids[i]);
    }
    walk_int(c->w, FACT_CFB_STREAMS, streams, NOWHERE);
}

/* Where the last stored byte stands; the holes behind it were never written. */
static uint64_t stored_end(const struct body *body)
{
    if (!body->stored)
        return body->all.len;
    if (body->n_stored == 0)
        return 0;
    const struct extent *last = &body->stored[body->n_stored - 1];
    return last->at + last->len;
}

/* Bytes behind the last sector in use: padding against size limits, or something appended. */
static void read_overlay(struct cfb *c)
{
    const struct body *body = c->body;
    uint64_t used = cfb_sector_used_end(c), len = body->all.len;
    if (len - used < OVERLAY_TOLD)
        return;
    walk_int(c->w, FACT_FILE_OVERLAY, (int64_t)(len - used), (struct range){ used, len });
    uint64_t end = stored_end(body);
    uint64_t from = len;
    uint8_t same = end < len ? 0 : body->all.at[len - 1];
    if (end < len)
        from = end > used ? end : used;
    while (from > used && body->all.at[from - 1] == same)
        from--;
    (void)walk_work(c->w, (end > from ? end - from : 0) / 2);
    if (len - from >= OVERLAY_TOLD)
        walk_int(c->w, FACT_FILE_PADDING, (int64_t)(len - from), (struct range){ from, len });
    slice head = slice_sub(body->all, (size_t)used, OVERLAY_HEAD);
    if (slice_starts(head, SLICE_LIT("MZ")) ||
        slice_starts(head, SLICE_LIT("\xd0\xcf\x11\xe0\xa1\xb1"))) {
        struct body rest = body_borrow(slice_sub(body->all, (size_t)used, (size_t)(from - used)));
        struct child child = {
            .name = SLICE_LIT("overlay"),
            .how = HOW_OLE,
            .at = { used, from },
            .body = &rest,
        };
        (void)walk_child(c->w, &child);
    }
}

/* The directory of a project from which no source was read. */
static bool is_lost_project(const struct cfb *c, const struct bundle *b, const struct host *h)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct cfb_entry *e = &c->entries[h->ids[i]];
        if (e->kind == CFB_STREAM && e->size > 0 && !b->entries[i].taken &&
            slice_is_nocase(e->name, "dir"))
            return true;
    }
    return false;
}

static enum walk_end read_all(struct cfb *c)
{
    struct walk *w = c->w;
    struct bundle b;
    struct host h;
    bool reader = true;
    cfb_sector_open_mini(c, 0);
    const char *type = kind_of(c, &reader);
    if (type)
        walk_type(w, type);
    if (!make_bundle(c, &b, &h))
        return WALK_LIMIT;
    read_locked(c, &b, &h);
    read_for_macros(c, &b, &h);
    walk_bundle(w, &b);
    if (is_lost_project(c, &b, &h))
        (void)cfb_carve(w, c->body);
    read_streams(c, &b, &h);
    cfb_picture_say(c);
    read_overlay(c);
    if (!reader)
        walk_unread_of(w, UNREAD_NO_READER, UNREAD_OF_TYPE, slice_of(type));
    if (walk_over(w))
        return WALK_LIMIT;
    if (c->cut) {
        walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_STREAM, (slice){ 0 });
        return WALK_SHORT;
    }
    return WALK_WHOLE;
}

static enum walk_end cfb_walk(struct walk *w, const struct body *body)
{
    struct cfb c;
    if (cfb_sector_open(&c, w, body) && cfb_directory_read(&c) && c.n_entries > 1)
        return read_all(&c);
    bool carved = cfb_carve(w, body);
    if (carved)
        walk_flag(w, FACT_OFFICE_MACRO, NOWHERE);
    walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_DIRECTORY, (slice){ 0 });
    return walk_over(w) ? WALK_LIMIT : WALK_BROKEN;
}

const struct format format_cfb = {
    .name = "cfb",
    .spec = "[MS-CFB] 2; [MS-OFFCRYPTO] 2.3",
    .sniff = cfb_sniff,
    .walk = cfb_walk,
    .unlock = cfb_lock_unlock,
};
