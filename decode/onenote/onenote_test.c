/* SPDX-License-Identifier: Apache-2.0 */
/* Sections are built by hand: root list, one object space, one object group, the list of stored
 * files. What they hold is harmless text. */
#include "base/buf.h"
#include "base/text.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

static void le(struct buf *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_byte(b, (uint8_t)(v >> 8 * i));
}

static void zeros(struct buf *b, size_t n)
{
    while (n--)
        buf_byte(b, 0);
}

static void patch(struct buf *b, size_t at, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        b->at[at + i] = (uint8_t)(v >> 8 * i);
}

static void wide(struct buf *b, const char *s)
{
    for (; *s; s++)
        le(b, (uint8_t)*s, 2);
}

struct ref {
    uint64_t at, len;
};

/* A section that is being built: the file, the nodes of the group, of the stored files. */
struct section {
    struct buf out, group, stored;
    uint32_t number;
};

static const char guid_text[] = "{00010203-0405-0607-0809-0A0B0C0D0E0F}";
static const slice guid_bytes = SLICE_INIT("\x03\x02\x01\0\x05\x04\x07\x06\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");

static void node(struct buf *to, uint32_t id, const struct ref *ref, uint32_t base, slice fnd)
{
    uint32_t size = (uint32_t)(4 + fnd.len + (ref ? 12 : 0));
    le(to, id | size << 10 | base << 27 | 1u << 31, 4);
    if (ref) {
        le(to, ref->at, 8);
        le(to, ref->len, 4);
    }
    buf_put(to, fnd);
}

static struct ref list(struct section *s, slice nodes)
{
    struct ref r = { s->out.len, 0 };
    le(&s->out, 0xA4567AB1F5F7F4C4, 8);
    le(&s->out, 0x10, 8);
    buf_put(&s->out, nodes);
    node(&s->out, 0xFF, NULL, 0, (slice){ 0 });
    le(&s->out, UINT64_MAX, 8);
    le(&s->out, 0, 4);
    le(&s->out, 0x8BC215C38233BA4B, 8);
    r.len = s->out.len - r.at;
    return r;
}

static void begin(struct section *s)
{
    *s = (struct section){ .out = buf_new(1 << 20), .group = buf_new(1 << 16), .stored = buf_new(1 << 16) };
    buf_put(&s->out, SLICE_LIT("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"));
    zeros(&s->out, 32);
    buf_put(&s->out, SLICE_LIT("\x3f\xdd\x9a\x10\x1b\x91\xf5\x49\xa5\xd0\x17\x91\xed\xc8\xae\xd8"));
    zeros(&s->out, 1024 - 64);
    node(&s->group, 0x22, NULL, 0, (slice){ 0 });
    struct buf global = buf_new(64);
    le(&global, 0, 4);
    zeros(&global, 16);
    node(&s->group, 0x24, NULL, 0, buf_slice(&global));
    buf_drop(&global);
}

struct property {
    uint32_t id;
    const char *text; /* NULL: no data of its own, or the number */
    uint32_t bits;
};

static void object(struct section *s, uint32_t number, uint32_t jcid, uint32_t refers, const struct property *p, size_t n)
{
    struct ref r = { s->out.len, 0 };
    le(&s->out, 0x80000000u | (refers ? 1 : 0), 4);
    if (refers)
        le(&s->out, refers, 4);
    le(&s->out, n, 2);
    for (size_t i = 0; i < n; i++)
        le(&s->out, p[i].id, 4);
    for (size_t i = 0; i < n; i++) {
        if (p[i].text) {
            le(&s->out, 2 * strlen(p[i].text) + 2, 4);
            wide(&s->out, p[i].text);
            le(&s->out, 0, 2);
        } else if (p[i].id >> 26 == 5) {
            le(&s->out, p[i].bits, 4);
        }
    }
    r.len = s->out.len - r.at;
    struct buf fnd = buf_new(16);
    le(&fnd, number, 4);
    le(&fnd, jcid, 4);
    le(&fnd, 0x101, 2);
    node(&s->group, 0xA4, &r, 1, buf_slice(&fnd));
    buf_drop(&fnd);
}

static size_t stored_file(struct section *s, slice data, uint64_t claimed)
{
    struct ref r = { s->out.len, data.len + 36 };
    buf_put(&s->out, SLICE_LIT("\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac"));
    le(&s->out, claimed, 8);
    zeros(&s->out, 12);
    buf_put(&s->out, data);
    node(&s->stored, 0x94, &r, 1, guid_bytes);
    return (size_t)r.at;
}

static void declare_file(struct section *s, uint32_t number, const char *guid, const char *extension)
{
    struct buf fnd = buf_new(512);
    le(&fnd, number, 4);
    le(&fnd, 0x80036, 4);
    le(&fnd, 1, 1);
    le(&fnd, 7 + strlen(guid), 4);
    wide(&fnd, "<ifndf>");
    wide(&fnd, guid);
    le(&fnd, strlen(extension), 4);
    wide(&fnd, extension);
    node(&s->group, 0x72, NULL, 0, buf_slice(&fnd));
    buf_drop(&fnd);
}

static void finish(struct section *s, struct buf *b)
{
    struct buf nodes = buf_new(4096);
    struct ref group = list(s, buf_slice(&s->group));
    node(&nodes, 0xB0, &group, 2, SLICE_LIT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    struct ref space = list(s, buf_slice(&nodes)), files = list(s, buf_slice(&s->stored));
    buf_clear(&nodes);
    node(&nodes, 0x08, &space, 2, SLICE_LIT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    node(&nodes, 0x90, &files, 2, (slice){ 0 });
    struct ref root = list(s, buf_slice(&nodes));
    patch(&s->out, 172, root.at, 8);
    patch(&s->out, 180, root.len, 4);
    buf_put(b, buf_slice(&s->out));
    buf_drop(&nodes);
    buf_drop(&s->out);
    buf_drop(&s->group);
    buf_drop(&s->stored);
}

/* --- sections */

#define TEXT(t) (const struct property[]){ { 0x1C001C22, t, 0 } }, 1
/* two half inches, as a single */
enum { TWO = 0x40000000, TEN = 0x41200000, FOUR = 0x40800000 };

static void text_only(struct buf *b)
{
    struct section s;
    begin(&s);
    object(&s, 1 << 8 | 1, 0x0006000E, 0, TEXT("first line"));
    object(&s, 1 << 8 | 2, 0x0006000E, 0, TEXT("second line"));
    finish(&s, b);
}

static void revised(struct buf *b)
{
    struct section s;
    begin(&s);
    object(&s, 1, 0x0006000E, 0, TEXT("old words"));
    object(&s, 1, 0x0006000E, 0, TEXT("new words"));
    finish(&s, b);
}

static void attached_at(struct buf *b, uint32_t picture_at, const char *guid, uint64_t claimed)
{
    struct section s;
    begin(&s);
    (void)stored_file(&s, SLICE_LIT("inert words"), claimed);
    declare_file(&s, 7, guid, ".txt");
    object(&s, 8, 0x00060035, 7,
           (const struct property[]){ { 0x20001D9B, NULL, 0 }, { 0x1C001D9C, "note.txt", 0 }, { 0x1C001D9D, "Z:\\build\\note.txt", 0 },
                                      { 0x14001C14, NULL, TWO }, { 0x14001C15, NULL, TWO } }, 5);
    object(&s, 9, 0x00060011, 0,
           (const struct property[]){ { 0x14001C14, NULL, picture_at }, { 0x14001C15, NULL, TWO }, { 0x140034CD, NULL, FOUR }, { 0x140034CE, NULL, FOUR } }, 4);
    finish(&s, b);
}

static void attached(struct buf *b) { attached_at(b, TEN, guid_text, 11); }
static void covered(struct buf *b) { attached_at(b, TWO, guid_text, 11); }
static void no_declaration(struct buf *b) { attached_at(b, TEN, "{}", 11); }
static void length_lies(struct buf *b) { attached_at(b, TEN, guid_text, UINT64_MAX); }
static void no_lists(struct buf *b)
{
    attached(b);
    patch(b, 172, 0, 8);
}
static void list_in_a_ring(struct buf *b)
{
    text_only(b);
    size_t at = slice_find(buf_slice(b), SLICE_LIT("\xff\xff\xff\xff\xff\xff\xff\xff"), 1024);
    while (at != SIZE_MAX) {
        /* each list goes on at the root list */
        for (unsigned i = 0; i < 12; i++)
            b->at[at + i] = b->at[172 + i];
        at = slice_find(buf_slice(b), SLICE_LIT("\xff\xff\xff\xff\xff\xff\xff\xff"), at + 8);
    }
}
static void wrong_format(struct buf *b)
{
    text_only(b);
    patch(b, 48, 0x1234, 8);
}
static void node_size_lies(struct buf *b)
{
    text_only(b);
    size_t at = slice_find(buf_slice(b), SLICE_LIT("\xc4\xf4\xf7\xf5\xb1\x7a\x56\xa4"), 0);
    patch(b, at + 16, 0x22 | 0x1FFFu << 10, 4);
}
static void encrypted(struct buf *b)
{
    struct section s;
    begin(&s);
    node(&s.group, 0x7C, &(struct ref){ 64, 16 }, 1, (slice){ 0 });
    finish(&s, b);
}
static void deep_sets(struct buf *b)
{
    struct section s;
    begin(&s);
    struct ref r = { s.out.len, 0 };
    le(&s.out, 0x80000000u, 4);
    for (unsigned i = 0; i < 200; i++) {
        le(&s.out, 1, 2);
        le(&s.out, 0x44001C00, 4);
    }
    r.len = s.out.len - r.at;
    node(&s.group, 0xA4, &r, 1, SLICE_LIT("\1\0\0\0\x0e\0\6\0\1\1"));
    object(&s, 2, 0x0006000E, 0, TEXT("behind the deep one"));
    finish(&s, b);
}
static void head_only(struct buf *b)
{
    text_only(b);
    b->len = 60;
}
static void padded(struct buf *b)
{
    covered(b);
    zeros(b, 200000);
}

static const struct {
    const char *what;
    void (*make)(struct buf *b);
    enum fact_id id;
    const char *text; /* NULL: the number counts */
    int64_t number;
    enum walk_end end;
} cases[] = {
    { "words", text_only, FACT_DOCUMENT_WORDS, NULL, 4, WALK_WHOLE },
    { "last revision", revised, FACT_DOCUMENT_WORDS, NULL, 2, WALK_WHOLE },
    { "name", attached, FACT_ONENOTE_FILE_NAME, "note.txt", 0, WALK_WHOLE },
    { "extension", attached, FACT_ONENOTE_FILE_EXTENSION, "txt", 0, WALK_WHOLE },
    { "where it came from", attached, FACT_ONENOTE_FILE_SOURCE, "Z:\\build\\note.txt", 0, WALK_WHOLE },
    { "one file", attached, FACT_ONENOTE_FILES, NULL, 1, WALK_WHOLE },
    { "under a picture", covered, FACT_ONENOTE_FILE_COVERED, "note.txt", 0, WALK_WHOLE },
    { "zeros behind", padded, FACT_ONENOTE_FILE_COVERED, "note.txt", 0, WALK_WHOLE },
    { "stored length lies", length_lies, FACT_ONENOTE_FILES, NULL, 1, WALK_BROKEN },
    { "no lists", no_lists, FACT_ONENOTE_FILES, NULL, 1, WALK_BROKEN },
    { "lists in a ring", list_in_a_ring, FACT_ONENOTE_MALFORMED, "file node lists overlap", 0, WALK_BROKEN },
    { "unknown format", wrong_format, FACT_DOCUMENT_WORDS, NULL, 4, WALK_BROKEN },
    { "a node claims too much", node_size_lies, FACT_ONENOTE_MALFORMED, "a file node has a wrong size", 0, WALK_BROKEN },
    { "under a password", encrypted, FACT_ONENOTE_ENCRYPTED, NULL, 1, WALK_WHOLE },
    { "sets in sets", deep_sets, FACT_DOCUMENT_WORDS, NULL, 4, WALK_WHOLE },
    { "header cut off", head_only, FACT_FILE_SIZE, NULL, 60, WALK_SHORT },
};

static void sections_are_read(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, cases) {
        struct buf b = buf_new(1 << 20);
        row->make(&b);
        struct tally *t = tally_format("onenote", buf_slice(&b));
        tally_check(t);
        const struct fact *f = tally_fact(t, row->id);
        bool good = row->text ? tally_has(t, row->id, row->text) : f && f->number == row->number;
        if (!good || t->r.parts[0].end != row->end)
            table_wrong(&table, row->what, "%.*s %d, end %s", f ? (int)f->text.len : 0, f && f->text.len ? (const char *)f->text.at : "",
                     f ? (int)f->number : -1, walk_end_name(t->r.parts[0].end));
        tally_drop(&t);
        tally_memory_ends(&(struct tally_options){ .format = "onenote" }, buf_slice(&b), 20);
        buf_drop(&b);
    }
}

static void files_are_parts(void **state)
{
    static const struct {
        const char *what;
        void (*make)(struct buf *b);
        const char *name;
    } files[] = {
        { "attached", attached, "note.txt" },
        { "padded", padded, "note.txt" },
        { "not declared", no_declaration, "" },
        { "without lists", no_lists, "" },
    };
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, files) {
        struct buf b = buf_new(1 << 20);
        row->make(&b);
        struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
        if (t->r.n_parts != 2 || !slice_is(t->r.parts[1].name, row->name) || !slice_is(t->r.parts[1].type, "text") || t->r.parts[1].size != 11)
            table_wrong(&table, row->what, "%u parts", t->r.n_parts);
        tally_drop(&t);
        buf_drop(&b);
    }
}

static void not_there(void **state)
{
    struct buf b = buf_new(1 << 20);
    (void)state;
    attached(&b);
    struct tally *t = tally_format("onenote", buf_slice(&b));
    assert_null(tally_fact(t, FACT_ONENOTE_FILE_COVERED));
    assert_null(tally_fact(t, FACT_ONENOTE_MALFORMED));
    assert_false(tally_unread(t, UNREAD_ENCRYPTED));
    tally_drop(&t);
    buf_clear(&b);
    encrypted(&b);
    t = tally_format("onenote", buf_slice(&b));
    assert_true(tally_unread(t, UNREAD_ENCRYPTED));
    tally_drop(&t);
    buf_drop(&b);
}

/* One object of a packaged section: its declarations, then its data; numbers are below 16. */
static void packaged_object(struct buf *b, unsigned number, unsigned refers, unsigned partition, slice data)
{
    le(b, 0x0C | 0u << 9, 2); /* a data element begins: type 1, compound, no content */
    struct buf c = buf_new(4096);
    buf_byte(&c, (uint8_t)(number << 3 | 4));
    zeros(&c, 16);
    buf_byte(&c, (uint8_t)(partition << 1 | 1));
    zeros(&c, 3);
    le(b, 2u | 0x18u << 3 | (uint32_t)c.len << 17, 4);
    buf_put(b, buf_slice(&c));
    buf_clear(&c);
    buf_byte(&c, refers ? 3 : 0);
    if (refers) {
        buf_byte(&c, (uint8_t)(refers << 3 | 4));
        zeros(&c, 16);
    }
    buf_byte(&c, 0);
    le(&c, data.len << 2 | 2, 2);
    buf_put(&c, data);
    le(b, 2u | 0x16u << 3 | (uint32_t)c.len << 17, 4);
    buf_put(b, buf_slice(&c));
    buf_byte(b, 5);
    buf_drop(&c);
}

static void packaged(struct buf *b)
{
    struct buf set = buf_new(4096);
    buf_put(b, SLICE_LIT("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"));
    zeros(b, 32);
    buf_put(b, SLICE_LIT("\x2f\xe9\x8d\x63\xd4\xa6\xc1\x4b\x9a\x36\xb3\xfc\x25\x11\xa5\xb7\0\0\0\0"));
    packaged_object(b, 1, 0, 2, SLICE_LIT("inert words of a file"));
    le(&set, 0x80000001u, 4);
    le(&set, 1, 4);
    le(&set, 2, 2);
    le(&set, 0x20001D9B, 4);
    le(&set, 0x1C001D9C, 4);
    le(&set, 16, 4);
    wide(&set, "note.txt");
    packaged_object(b, 2, 1, 1, buf_slice(&set));
    buf_drop(&set);
}

static void packaged_sections_are_read(void **state)
{
    struct buf b = buf_new(1 << 16);
    (void)state;
    packaged(&b);
    struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
    tally_check(t);
    assert_non_null(tally_fact(t, FACT_ONENOTE_PACKAGED));
    assert_true(tally_has(t, FACT_ONENOTE_FILE_NAME, "note.txt"));
    assert_int_equal(t->r.n_parts, 2);
    assert_true(slice_is(t->r.parts[1].name, "note.txt"));
    tally_drop(&t);
    b.len -= 9; /* breaks off inside the last object */
    t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
    assert_int_equal(t->r.parts[0].end, WALK_BROKEN);
    assert_int_equal(t->r.n_parts, 2);
    tally_drop(&t);
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_are_read),
        cmocka_unit_test(files_are_parts),
        cmocka_unit_test(not_there),
        cmocka_unit_test(packaged_sections_are_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
