/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypted documents: [MS-OFFCRYPTO] 2.3, and where each application keeps what it says of its
 * encryption ([MS-DOC] 2.2.6, [MS-XLS] 2.2.10; [MS-PPT] 2.3.7 is in cfb_persist.c).
 *
 * The passwords that Excel and PowerPoint try unasked come first: what they open needs no word
 * from the sender, and scanners that do not know them see nothing. Then the part waits for the
 * passwords of the mail. A package and a workbook become a part of their own; a document of Word
 * and a presentation are read in place. Macros of Word and Excel are never encrypted, those of
 * PowerPoint are. Left out: the encrypted summary of RC4 CryptoAPI, documents of Word 2.
 */
#include "decode/cfb/cfb_private.h"
#include "base/text.h"

#include <stdio.h>

enum {
    INFO_MAX = 64 << 10,
    FIB_MAGIC = 0xa5ec,
    FIB_MAGIC95 = 0xa5dc, /* Word 6 and 95 */
    FIB_WORD97 = 0xc1,
    FLAG_ENCRYPTED = 0x0100,
    FLAG_TABLE1 = 0x0200,
    FLAG_XOR = 0x8000,
    WORD_HEAD = 32,
    BOOK_HEAD = 4096,
    IN_VAIN_MAX = 64,
};

static slice kept_head(struct cfb *c, uint32_t entry, size_t most)
{
    uint8_t *head = arena_get(c->w->mem, most, 1);
    size_t n = head ? cfb_stream_head(c, &c->entries[entry], head, most) : 0;
    return (slice){ head, n };
}

static bool look_at_package(struct cfb *c, uint32_t entry, struct cfb_lock *l)
{
    uint32_t info = cfb_directory_sibling(c, entry, "EncryptionInfo");
    l->kind = CFB_LOCK_PACKAGE;
    return info != CFB_NONE && officecrypto_read(&l->crypto, c->w, kept_head(c, info, INFO_MAX)) &&
           (l->crypto.scheme == OFFICECRYPTO_AGILE || l->crypto.scheme == OFFICECRYPTO_STANDARD);
}

static bool is_rc4(const struct officecrypto *o)
{
    return o->scheme == OFFICECRYPTO_RC4 || o->scheme == OFFICECRYPTO_RC4_CAPI;
}

/* 2.2.6: of RC4 the header stands in front of the table stream, of XOR all is in the FIB. Before
 * Word 97 there was nothing but XOR, and no bit that says so. */
static bool look_at_word(struct cfb *c, uint32_t entry, struct cfb_lock *l, bool *locked_out)
{
    cursor k = cur_open(kept_head(c, entry, WORD_HEAD));
    uint16_t magic = cur_u16le(&k), version = cur_u16le(&k);
    cur_skip(&k, 6);
    uint16_t flags = cur_u16le(&k);
    cur_skip(&k, 2);
    uint32_t key = cur_u32le(&k);
    bool old = version < FIB_WORD97;
    *locked_out = cur_ok(&k) && flags & FLAG_ENCRYPTED && (magic == FIB_MAGIC || (magic == FIB_MAGIC95 && old));
    l->kind = CFB_LOCK_WORD;
    if (!*locked_out)
        return false;
    uint32_t table = cfb_directory_sibling(c, entry, flags & FLAG_TABLE1 ? "1Table" : "0Table");
    if (!old && !(flags & FLAG_XOR) && table != CFB_NONE &&
        officecrypto_read(&l->crypto, c->w, kept_head(c, table, INFO_MAX)) && is_rc4(&l->crypto))
        return true;
    if (!old && !(flags & FLAG_XOR) && key <= UINT16_MAX)
        return false;
    officecrypto_read_word_xor(&l->crypto, key);
    return true;
}

static bool look_at_book(struct cfb *c, uint32_t entry, struct cfb_lock *l, bool *locked_out)
{
    slice data = officecrypto_find_filepass(kept_head(c, entry, BOOK_HEAD));
    l->kind = CFB_LOCK_BOOK;
    *locked_out = data.len > 0;
    return *locked_out && officecrypto_read_filepass(&l->crypto, c->w, data) &&
           (is_rc4(&l->crypto) || l->crypto.scheme == OFFICECRYPTO_XOR);
}

/* The first stream that is encrypted; `l->crypto` is of no scheme when it cannot be opened. */
static bool look(struct cfb *c, struct cfb_lock *l)
{
    for (uint32_t i = 1; i < c->n_entries; i++) {
        const struct cfb_entry *e = &c->entries[i];
        bool locked = false, known = false;
        if (e->kind != CFB_STREAM || e->size == 0)
            continue;
        *l = (struct cfb_lock){ .entry = i };
        if (slice_is_nocase(e->name, "EncryptedPackage")) {
            locked = true;
            known = look_at_package(c, i, l);
        } else if (slice_is_nocase(e->name, "WordDocument")) {
            known = look_at_word(c, i, l, &locked);
        } else if (slice_is_nocase(e->name, "Workbook") || slice_is_nocase(e->name, "Book")) {
            known = look_at_book(c, i, l, &locked);
        } else if (slice_is_nocase(e->name, "PowerPoint Document")) {
            known = cfb_persist_look(c, i, l, &locked);
        }
        if (!known)
            l->crypto.scheme = OFFICECRYPTO_NONE;
        if (locked)
            return true;
    }
    return false;
}

/* --- opened */

static void give_part(struct cfb *c, slice name, const struct body *body)
{
    struct child child = { .name = name, .how = HOW_OLE, .at = NOWHERE, .body = body };
    if (body->all.len)
        (void)walk_child(c->w, &child);
}

static void open_package(struct cfb *c, const struct cfb_lock *l, slice stream)
{
    struct body plain;
    if (!officecrypto_package(c->w, &l->crypto, &l->key, stream, &plain))
        c->cut = true;
    if (l->crypto.scheme == OFFICECRYPTO_AGILE && l->crypto.agile.hmac_value.len &&
        !officecrypto_is_authentic(&l->crypto, &l->key, stream))
        walk_flag(c->w, FACT_OFFICE_ENCRYPTED_ALTERED, NOWHERE);
    give_part(c, c->w->name.len ? c->w->name : SLICE_LIT("EncryptedPackage"), &plain);
    body_release(&plain);
}

static bool is_in_place(const struct cfb_lock *l)
{
    return l->kind == CFB_LOCK_WORD || l->kind == CFB_LOCK_SLIDES;
}

bool cfb_lock_is_readable(const struct cfb_lock *l)
{
    bool says_only = l->kind == CFB_LOCK_SLIDES && l->crypto.scheme == OFFICECRYPTO_NONE;
    return is_in_place(l) && (l->open || says_only);
}

/* What the key opens, but for what is read in place. */
static void open_content(struct cfb *c, const struct cfb_lock *l)
{
    struct body stream, plain;
    if (is_in_place(l))
        return;
    (void)cfb_stream_read(c, &c->entries[l->entry], &stream);
    if (l->kind == CFB_LOCK_PACKAGE) {
        open_package(c, l, stream.all);
    } else {
        if (!officecrypto_book(c->w, &l->key, stream.all, &plain))
            c->cut = true;
        give_part(c, c->entries[l->entry].name, &plain);
        body_release(&plain);
    }
    body_release(&stream);
}

static void say_source(struct walk *w, const struct password *p)
{
    char text[64];
    const char *source = password_source_name(p->source);
    if (p->line != NO_LINE)
        snprintf(text, sizeof text, "%s:%u", source, p->line);
    else
        snprintf(text, sizeof text, "%s", source);
    walk_flag(w, FACT_PASSWORD_FOUND, NOWHERE);
    walk_cstr(w, FACT_PASSWORD_SOURCE, text, NOWHERE);
}

static bool try_builtin(struct cfb *c, struct cfb_lock *l)
{
    const char *password;
    for (size_t i = 0; !l->open && (password = officecrypto_builtin(i)) != NULL; i++)
        l->open = officecrypto_try(c->w, &l->crypto, slice_of(password), &l->key) == OFFICECRYPTO_OPEN;
    return l->open;
}

bool cfb_lock_look(struct cfb *c)
{
    struct cfb_lock *l = ARENA_NEW(c->w->mem, struct cfb_lock);
    if (!l || !look(c, l))
        return false;
    c->lock = l;
    walk_flag(c->w, FACT_OFFICE_ENCRYPTED, cfb_stream_place(c, &c->entries[l->entry]));
    walk_cstr(c->w, FACT_OFFICE_ENCRYPTED_SCHEME, officecrypto_scheme_name(l->crypto.scheme), NOWHERE);
    if (l->crypto.scheme == OFFICECRYPTO_NONE) {
        walk_unread_of(c->w, UNREAD_ENCRYPTED, UNREAD_OF_MEMBER, c->entries[l->entry].path);
    } else if (try_builtin(c, l)) {
        walk_flag(c->w, FACT_OFFICE_ENCRYPTED_BUILTIN, NOWHERE);
        open_content(c, l);
    } else {
        walk_defer(c->w);
    }
    return true;
}

static void try_candidates(struct cfb *c, struct cfb_lock *l)
{
    size_t n;
    const struct password *p = walk_passwords(c->w, &n);
    int64_t tried = 0;
    for (size_t i = 0; i < n && !l->open && tried < IN_VAIN_MAX; i++) {
        enum officecrypto_trial t = officecrypto_try(c->w, &l->crypto, p[i].text, &l->key);
        if (t == OFFICECRYPTO_LIMIT)
            break;
        tried++;
        l->open = t == OFFICECRYPTO_OPEN;
        if (l->open)
            say_source(c->w, &p[i]);
    }
    walk_int(c->w, FACT_PASSWORD_TRIED, tried, NOWHERE);
}

enum walk_end cfb_lock_unlock(struct walk *w, const struct body *body)
{
    struct cfb c;
    struct cfb_lock *l = ARENA_NEW(w->mem, struct cfb_lock);
    if (!l || !cfb_sector_open(&c, w, body) || !cfb_directory_read(&c))
        return WALK_LIMIT;
    cfb_sector_open_mini(&c, 0);
    if (!look(&c, l))
        return WALK_LIMIT;
    c.lock = l;
    try_candidates(&c, l);
    if (l->open) {
        open_content(&c, l);
        if (l->kind == CFB_LOCK_WORD)
            cfb_word_read(&c, l->entry);
        else if (l->kind == CFB_LOCK_SLIDES)
            cfb_slides_read(&c, l->entry);
    } else {
        walk_flag(w, FACT_PASSWORD_WANTED, NOWHERE);
        walk_unread_of(w, UNREAD_ENCRYPTED, UNREAD_OF_MEMBER, c.entries[l->entry].path);
    }
    if (c.cut)
        walk_unread_of(w, UNREAD_DAMAGED, UNREAD_OF_STREAM, (slice){ 0 });
    return walk_over(w) ? WALK_LIMIT : WALK_WHOLE;
}
