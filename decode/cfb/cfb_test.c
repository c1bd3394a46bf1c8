/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/cfb/cfb_build.h"
#include "base/hash.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define ROWS(t) (t), sizeof(t) / sizeof((t)[0])

static const slice pdf = SLICE_INIT("%PDF-1.4 a short text that is no document");

/* --- damage: the embedded file must still come out, or the damage be told */

static const struct build_entry embedded[] = {
    { BUILD_NONE, "CONTENTS", SLICE_INIT("%PDF-1.4 a short text that is no document") },
    { BUILD_NONE, "\x01" "CompObj", SLICE_INIT("harmless") },
    { BUILD_NONE, "Inner", { NULL, 0 } },
    { 2, "deep", SLICE_INIT("%PDF-1.5 another one, in a storage") },
};

static void none(struct image *m) { (void)m; }
static void minor_version(struct image *m) { build_poke(m, 0x18, 0xffff, 2); }
static void major_version(struct image *m) { build_poke(m, 0x1a, 9, 2); }
static void byte_order(struct image *m) { build_poke(m, 0x1c, 0, 2); }
static void sector_count(struct image *m) { build_poke(m, 0x2c, 0xffffffff, 4); }
static void no_cutoff(struct image *m) { build_poke(m, 0x38, 0, 4); }
static void difat_count(struct image *m) { build_poke(m, 0x48, 0xfffffff0, 4); }
static void difat_loop(struct image *m) { build_poke(m, 0x44, 0, 4); }
static void fat_far(struct image *m) { build_poke(m, 0x4c, 0x00ffffff, 4); }
static void shift_10(struct image *m) { build_poke(m, 0x1e, 10, 2); }
static void shift_huge(struct image *m) { build_poke(m, 0x1e, 0xffff, 2); }
static void no_directory(struct image *m) { build_poke(m, 0x30, 0xfffffffe, 4); }
static void directory_far(struct image *m) { build_poke(m, 0x30, 0x7fffffff, 4); }
static void directory_cycle(struct image *m) { build_poke(m, m->fat_at + 4, 1, 4); }
static void ministream_cycle(struct image *m)
{
    uint32_t root = m->bytes.at[m->directory_at + 116];
    build_poke(m, m->fat_at + root * 4, root, 4);
}
static void minifat_cycle(struct image *m) { build_poke(m, m->minifat_at, 0, 4); }
static void minifat_far(struct image *m) { build_poke(m, m->minifat_at, 0x00ffffff, 4); }
static void tree_cycle(struct image *m) { build_poke(m, build_entry_at(m, 0) + 68, 1, 4); }
static void tree_far(struct image *m) { build_poke(m, build_entry_at(m, 0) + 68, 0x7fffffff, 4); }
static void child_of_itself(struct image *m) { build_poke(m, build_entry_at(m, 2) + 76, 3, 4); }
static void orphaned(struct image *m) { build_poke(m, m->directory_at + 76, 0xffffffff, 4); }
static void name_length(struct image *m) { build_poke(m, build_entry_at(m, 0) + 64, 0xffff, 2); }
static void name_odd(struct image *m) { build_poke(m, build_entry_at(m, 0) + 64, 17, 2); }
static void size_high(struct image *m) { build_poke(m, build_entry_at(m, 0) + 124, 0xffffffff, 4); }
static void size_lies(struct image *m) { build_poke(m, build_entry_at(m, 0) + 120, 4000, 4); }
static void start_far(struct image *m) { build_poke(m, build_entry_at(m, 0) + 116, 0x00fffff0, 4); }
static void root_kind(struct image *m) { build_poke(m, m->directory_at + 66, 1, 1); }
static void cut_short(struct image *m) { m->bytes.len = m->ministream_at + 20; }
static void cut_sector(struct image *m) { m->bytes.len = m->ministream_at + 64 * 3; }
static void header_only(struct image *m) { m->bytes.len = 512; }
static void half_header(struct image *m) { m->bytes.len = 60; }

static const struct {
    const char *what;
    void (*harm)(struct image *m);
    unsigned files;        /* embedded files that come out, at least in their beginning */
    const char *malformed; /* NULL: not told */
    bool loop, orphan, cut;
} damages[] = {
    { "sound", none, 2, NULL, false, false, false },
    { "minor version", minor_version, 2, NULL, false, false, false },
    { "major version", major_version, 2, "version", false, false, false },
    { "byte order", byte_order, 2, "header", false, false, false },
    { "number of FAT sectors", sector_count, 2, NULL, false, false, false },
    { "mini cutoff zero", no_cutoff, 2, "mini stream cutoff", false, false, false },
    { "number of DIFAT sectors", difat_count, 2, NULL, false, false, false },
    { "DIFAT chain in the FAT", difat_loop, 2, NULL, false, false, false },
    { "FAT sector out of the file", fat_far, 1, "FAT", false, false, true },
    { "sector shift 10", shift_10, 0, "sector size", false, false, true },
    { "sector shift 65535", shift_huge, 0, "sector size", false, false, true },
    { "no directory", no_directory, 0, "directory", false, false, true },
    { "directory out of the file", directory_far, 0, "directory", false, false, true },
    { "directory chain loops", directory_cycle, 1, "directory tree", true, false, true },
    { "mini stream chain loops", ministream_cycle, 2, NULL, true, false, false },
    { "mini chain loops, first turn is whole", minifat_cycle, 2, NULL, false, false, false },
    { "mini chain out of the stream", minifat_far, 2, NULL, false, false, false },
    { "tree loops", tree_cycle, 2, "directory tree", false, false, false },
    { "tree leaves the directory", tree_far, 2, "directory tree", false, false, false },
    { "storage within itself", child_of_itself, 2, "directory tree", false, true, false },
    { "entries outside the tree", orphaned, 2, NULL, false, true, false },
    { "name length too large", name_length, 2, "entry name", false, false, false },
    { "name length odd", name_odd, 2, "entry name", false, false, false },
    { "upper half of the size", size_high, 2, NULL, false, false, false },
    { "size larger than the chain", size_lies, 2, NULL, false, false, true },
    { "stream starts out of the file", start_far, 1, "sector chain", false, false, true },
    { "root is called a storage", root_kind, 2, "directory", false, false, false },
    { "cut off in the mini stream", cut_short, 1, NULL, false, false, true },
    { "last sector is short", cut_sector, 2, NULL, false, false, false },
    { "nothing but a header", header_only, 0, NULL, false, false, true },
    { "half a header", half_header, 0, "header", false, false, true },
};

static void damage_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct image m = build_image(ROWS(embedded), (slice){ 0 });
        damages[i].harm(&m);
        struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
        tally_check(t);
        unsigned files = 0;
        for (uint32_t p = 1; p < t->r.n_parts; p++)
            files += t->r.parts[p].how == HOW_OLE;
        bool malformed = damages[i].malformed ? tally_has(t, FACT_CFB_MALFORMED, damages[i].malformed)
                                              : tally_facts(t, FACT_CFB_MALFORMED) <= (damages[i].cut ? 9u : 0u);
        bool cut = tally_unread(t, UNREAD_DAMAGED) && t->r.parts[0].end != WALK_WHOLE;
        if (files != damages[i].files || !malformed || (tally_fact(t, FACT_CFB_LOOP) != NULL) != damages[i].loop ||
            (tally_fact(t, FACT_CFB_ORPHAN) != NULL) != damages[i].orphan ||
            (t->r.parts[0].end == WALK_WHOLE) == damages[i].cut || (damages[i].cut && !cut))
            fail_msg("%s: %u files, loop %zu, orphan %zu, end %s, malformed '%.*s'", damages[i].what, files,
                     tally_facts(t, FACT_CFB_LOOP), tally_facts(t, FACT_CFB_ORPHAN),
                     walk_end_name(t->r.parts[0].end), SLICE_FMT(tally_text(t, FACT_CFB_MALFORMED, 0)));
        tally_drop(&t);
        for (size_t n = 1; n < 24; n++) {
            t = tally_run(&(struct tally_options){ .format = "cfb", .fail_at = n }, buf_slice(&m.bytes));
            tally_check(t);
            tally_drop(&t);
        }
        buf_drop(&m.bytes);
    }
}

/* A stream scattered backwards over the file comes out in its own order. */
static void scattered_stream(void **state)
{
    (void)state;
    struct buf content = buf_new(8192);
    buf_put(&content, pdf);
    while (content.len < 4096)
        buf_format(&content, " line %zu", content.len);
    content.len = 4096;
    const struct build_entry rows[] = { { BUILD_NONE, "CONTENTS", buf_slice(&content) } };
    struct image m = build_image(ROWS(rows), (slice){ 0 });
    uint8_t digest[32];
    sha256_of(buf_slice(&content), digest);
    /* sectors 2..9 hold it; reverse them */
    for (unsigned i = 0; i < 4; i++) {
        uint8_t *a = m.bytes.at + (3 + i) * 512, *b = m.bytes.at + (10 - i) * 512;
        for (unsigned k = 0; k < 512; k++) {
            uint8_t ch = a[k];
            a[k] = b[k];
            b[k] = ch;
        }
    }
    build_poke(&m, build_entry_at(&m, 0) + 116, 9, 4);
    for (uint32_t s = 9; s >= 2; s--)
        build_poke(&m, m.fat_at + s * 4, s > 2 ? s - 1 : 0xfffffffe, 4);
    struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
    tally_check(t);
    assert_int_equal(t->r.n_parts, 2);
    assert_memory_equal(t->r.parts[1].sha256, digest, 32);
    assert_int_equal(t->r.parts[0].end, WALK_WHOLE);
    tally_drop(&t);
    buf_drop(&m.bytes);
    buf_drop(&content);
}

/* --- what it is */

#define SMALL SLICE_INIT("x")

static const struct {
    const char *stream;
    slice clsid;
    const char *type;
    enum unread_cause cause; /* UNREAD_CAUSES: all was read */
} kinds[] = {
    { "WordDocument", { NULL, 0 }, "doc", UNREAD_CAUSES },
    { "workbook", { NULL, 0 }, "xls", UNREAD_CAUSES },
    { "Book", { NULL, 0 }, "xls", UNREAD_CAUSES },
    { "PowerPoint Document", { NULL, 0 }, "ppt", UNREAD_CAUSES },
    { "EncryptedPackage", { NULL, 0 }, "office-encrypted", UNREAD_ENCRYPTED },
    { "\tDRMContent", { NULL, 0 }, "cfb", UNREAD_ENCRYPTED },
    { "__properties_version1.0", { NULL, 0 }, "msg", UNREAD_CAUSES },
    { "VisioDocument", { NULL, 0 }, "visio", UNREAD_NO_READER },
    { "x", SLICE_INIT("\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), "msi", UNREAD_NO_READER },
    { "x", SLICE_INIT("\x01\x12\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), "publisher", UNREAD_NO_READER },
    { "x", SLICE_INIT("\x06\x09\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), "doc", UNREAD_CAUSES },
    { "WordDocument", SLICE_INIT("\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"), "doc", UNREAD_CAUSES },
    { "unheard of", { NULL, 0 }, "cfb", UNREAD_CAUSES },
};

static void types_by_content(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct build_entry rows[] = { { BUILD_NONE, kinds[i].stream, SMALL } };
        struct image m = build_image(ROWS(rows), kinds[i].clsid);
        struct tally *t = tally_run(&(struct tally_options){ .name = "a.pdf" }, buf_slice(&m.bytes));
        tally_check(t);
        bool unread = kinds[i].cause == UNREAD_CAUSES ? t->r.n_unread == 0 : tally_unread(t, kinds[i].cause);
        if (!slice_is(t->r.parts[0].type, kinds[i].type) || !unread ||
            (kinds[i].clsid.len != 0) != (tally_fact(t, FACT_CFB_CLSID) != NULL))
            fail_msg("%s: type %.*s, %u unread", kinds[i].stream, SLICE_FMT(t->r.parts[0].type), t->r.n_unread);
        tally_drop(&t);
        buf_drop(&m.bytes);
    }
}

/* --- Word */

static void put_word(struct buf *b, const char *text, uint16_t flags, uint16_t version)
{
    size_t from = b->len;
    build_le(b, 0xa5ec, 2);
    build_le(b, version, 2);
    build_fill(b, from + 0x0a, 0);
    build_le(b, flags, 2);
    build_fill(b, from + 0x18, 0);
    build_le(b, 0x400, 4);
    build_le(b, 0x400 + strlen(text), 4);
    build_fill(b, from + 0x19a, 0);
    build_le(b, 64, 4);
    build_le(b, 100, 4);
    build_le(b, 0, 4);
    build_le(b, 21, 4);
    build_fill(b, from + 0x400, 0);
    buf_text(b, text);
}

static void put_table(struct buf *b, size_t chars, const char *template)
{
    build_le(b, 2, 1);
    build_le(b, 16, 4);
    build_le(b, 0, 4);
    build_le(b, chars, 4);
    build_le(b, 0, 2);
    build_le(b, 0x40000000 | 0x400 * 2, 4);
    build_le(b, 0, 2);
    build_fill(b, 64, 0);
    build_le(b, 0xffff, 2);
    build_le(b, 2, 2);
    build_le(b, 0, 2);
    build_le(b, 0, 2);
    build_le(b, strlen(template), 2);
    for (const char *p = template; *p; p++)
        build_le(b, (uint8_t)*p, 2);
}

static const struct {
    const char *what, *text, *table;
    uint16_t flags, version;
    const char *view;    /* NULL: none */
    const char *dde, *include, *template;
    const char *path;    /* of the template in the file */
    bool encrypted, cut;
} words[] = {
    { "plain", "Hello world\r", "1Table", 0x200, 193, "Hello world", NULL, NULL, NULL, "", false, false },
    { "the other table", "Hello\r", "0Table", 0, 193, "Hello", NULL, NULL, NULL, "", false, false },
    { "flag names a missing table", "Hello\r", "0Table", 0x200, 193, "Hello", NULL, NULL, NULL, "", false, false },
    { "no table", "Hello\r", "2Table", 0x200, 193, NULL, NULL, NULL, NULL, "", false, true },
    { "Word 6", "Hello\r", "2Table", 0, 101, "Hello", NULL, NULL, NULL, "", false, false },
    { "windows-1252", "\x93quoted\x94 \xe9\r", "1Table", 0x200, 193,
      "\xe2\x80\x9cquoted\xe2\x80\x9d \xc3\xa9", NULL, NULL, NULL, "", false, false },
    { "cells and breaks", "a\x07" "b\x0c" "c\x01\r", "1Table", 0x200, 193, "a\tb\nc", NULL, NULL, NULL, "", false, false },
    { "DDE", "x\x13 DDEAUTO c:\\\\a \"b\" \x14" "y\x15z\r", "1Table", 0x200, 193, "xyz",
      "DDEAUTO c:\\\\a \"b\"", NULL, NULL, "", false, false },
    { "DDE in pieces", "\x13 DDE\x13 QUOTE 1 \x14" "AUTO c:\\\\a\x15 b \x15\r", "1Table", 0x200, 193, NULL,
      "DDE QUOTE 1 AUTO c:\\\\a b", NULL, NULL, "", false, false },
    { "include", "\x13INCLUDETEXT \"http://example.invalid/a\"\x15\r", "1Table", 0x200, 193, NULL, NULL,
      "INCLUDETEXT \"http://example.invalid/a\"", NULL, "", false, false },
    { "hyperlink", "\x13HYPERLINK \"http://example.invalid/\"\x14here\x15\r", "1Table", 0x200, 193,
      "<http://example.invalid/> here", NULL, NULL, NULL, "", false, false },
    { "field not closed", "a\x13" "b", "1Table", 0x200, 193, "a", NULL, NULL, NULL, "", false, false },
    { "ends without begins", "\x15\x15\x14" "a\x14", "1Table", 0x200, 193, "a", NULL, NULL, NULL, "", false, false },
    { "fields forty deep", "\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13"
      "\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13\x13 DDE a\x15\x15\x15\x15\x15\x15\x15",
      "1Table", 0x200, 193, NULL, "DDE a", NULL, NULL, "", false, false },
    { "template from outside", "a\r", "1Table", 0x200, 193, "a", NULL, NULL, "http://example.invalid/t.dot",
      "http://example.invalid/t.dot", false, false },
    { "template from a share", "a\r", "1Table", 0x200, 193, "a", NULL, NULL, "\\\\192.0.2.1\\t.dot",
      "\\\\192.0.2.1\\t.dot", false, false },
    { "own template", "a\r", "1Table", 0x200, 193, "a", NULL, NULL, NULL, "C:\\t\\Normal.dot", false, false },
    { "encrypted", "a\r", "1Table", 0x300, 193, NULL, NULL, NULL, NULL, "", true, false },
};

static bool is_text(const struct tally *t, enum fact_id id, const char *want)
{
    return want ? tally_has(t, id, want) : tally_facts(t, id) == 0;
}

static void word_text_and_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct buf doc = buf_new(8192), table = buf_new(4096);
        put_word(&doc, words[i].text, words[i].flags, words[i].version);
        put_table(&table, strlen(words[i].text), words[i].path);
        const struct build_entry rows[] = {
            { BUILD_NONE, "WordDocument", buf_slice(&doc) },
            { BUILD_NONE, words[i].table, buf_slice(&table) },
        };
        struct image m = build_image(ROWS(rows), (slice){ 0 });
        struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
        tally_check(t);
        slice view = tally_view(t, FACT_DOCUMENT_TEXT, 0);
        if (!slice_is(view, words[i].view ? words[i].view : "") || !is_text(t, FACT_OFFICE_FIELD_DDE, words[i].dde) ||
            !is_text(t, FACT_OFFICE_FIELD_INCLUDE, words[i].include) ||
            !is_text(t, FACT_OFFICE_EXTERNAL_TEMPLATE, words[i].template) ||
            words[i].encrypted != tally_unread(t, UNREAD_ENCRYPTED) ||
            words[i].encrypted != (tally_fact(t, FACT_OFFICE_ENCRYPTED) != NULL) ||
            words[i].cut != tally_unread(t, UNREAD_DAMAGED))
            fail_msg("%s: text '%.*s', field '%.*s'", words[i].what, SLICE_FMT(view),
                     SLICE_FMT(tally_text(t, FACT_OFFICE_FIELD_DDE, 0)));
        tally_drop(&t);
        buf_drop(&m.bytes);
        buf_drop(&doc);
        buf_drop(&table);
    }
}

/* --- Excel */

/* --- embedded objects, what lies behind, properties */

static void packaged_file(void **state)
{
    (void)state;
    struct buf b = buf_new(4096);
    build_le(&b, 100, 4);
    build_le(&b, 2, 2);
    buf_put(&b, SLICE_LIT("\x90\xbf\x8b\x81.txt\0C:\\a.txt\0\0\0\3\0"));
    build_le(&b, 8, 4);
    buf_put(&b, SLICE_LIT("C:\\t\\ab\0"));
    build_le(&b, 5, 4);
    buf_put(&b, SLICE_LIT("hello"));
    const struct build_entry rows[] = { { BUILD_NONE, "\x01Ole10Native", buf_slice(&b) } };
    struct image m = build_image(ROWS(rows), (slice){ 0 });
    struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
    tally_check(t);
    assert_int_equal(t->r.n_parts, 2);
    assert_true(slice_is(t->r.parts[1].name, "\xe8\xab\x8b\xe6\xb1\x82.txt"));
    assert_int_equal(t->r.parts[1].size, 5);
    assert_true(tally_has(t, FACT_OFFICE_EMBEDDED, "C:\\t\\ab"));
    tally_drop(&t);
    buf_drop(&m.bytes);
    buf_drop(&b);
}

/* A presentation keeps compound files in records of its stream. */
static void storages_of_slides(void **state)
{
    (void)state;
    struct image inner = build_image(ROWS(embedded), (slice){ 0 });
    struct buf b = buf_new(1 << 16);
    build_le(&b, 0x0f, 2);
    build_le(&b, 1000, 2);
    build_le(&b, 4, 4);
    build_le(&b, 0, 4);
    build_le(&b, 0, 2); /* not compressed */
    build_le(&b, 0x1011, 2);
    build_le(&b, inner.bytes.len, 4);
    buf_put(&b, buf_slice(&inner.bytes));
    build_le(&b, 0x10, 2); /* compressed, and no such data */
    build_le(&b, 0x1011, 2);
    build_le(&b, 0xffffffff, 4);
    buf_text(&b, "xxxxnot zlib");
    const struct build_entry rows[] = { { BUILD_NONE, "PowerPoint Document", buf_slice(&b) } };
    struct image m = build_image(ROWS(rows), (slice){ 0 });
    struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&m.bytes));
    tally_check(t);
    assert_true(slice_is(t->r.parts[0].type, "ppt"));
    assert_true(slice_is(t->r.parts[1].name, "ExOleObjStg"));
    assert_true(slice_is(t->r.parts[1].type, "cfb"));
    assert_int_equal(t->r.parts[2].parent, 1);
    assert_true(tally_unread(t, UNREAD_DAMAGED));
    tally_drop(&t);
    buf_drop(&m.bytes);
    buf_drop(&b);
    buf_drop(&inner.bytes);
}

static void what_lies_behind(void **state)
{
    static const struct {
        size_t bytes;
        uint8_t value;
        const char *tail;
        int64_t overlay, padding;
        uint32_t parts;
    } tails[] = {
        { 0, 0, "", 0, 0, 3 },
        { 100, 0, "", 0, 0, 3 },
        { 70000, 0, "", 70000, 70000, 3 },
        { 70000, 'A', "", 70000, 70000, 3 },
        { 70000, 0, "end", 70003, 0, 3 },
        { 0, 0, "MZ and then nothing that would run", 0, 0, 3 },
        { 600, 'M', "Z", 601, 0, 3 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct image m = build_image(ROWS(embedded), (slice){ 0 });
        build_fill(&m.bytes, m.bytes.len + tails[i].bytes, tails[i].value);
        buf_text(&m.bytes, tails[i].tail);
        struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
        tally_check(t);
        const struct fact *o = tally_fact(t, FACT_FILE_OVERLAY), *p = tally_fact(t, FACT_FILE_PADDING);
        if ((o ? o->number : 0) != tails[i].overlay || (p ? p->number : 0) != tails[i].padding ||
            t->r.n_parts != tails[i].parts)
            fail_msg("case %zu: overlay %d, padding %d", i, o ? (int)o->number : -1, p ? (int)p->number : -1);
        tally_drop(&t);
        buf_drop(&m.bytes);
    }
}

static void properties(void **state)
{
    (void)state;
    struct buf b = buf_new(4096);
    buf_put(&b, SLICE_LIT("\xfe\xff\0\0\0\0\0\0"));
    build_fill(&b, 24, 0);
    build_le(&b, 1, 4);
    buf_put(&b, SLICE_LIT("\xe0\x85\x9f\xf2\xf9\x4f\x68\x10\xab\x91\x08\x00\x2b\x27\xb3\xd9"));
    build_le(&b, 48, 4);
    size_t set = b.len;
    build_le(&b, 100, 4);
    build_le(&b, 4, 4);
    static const uint32_t table[] = { 1, 40, 4, 48, 7, 64, 8, 0x7fffffff };
    for (size_t i = 0; i < 8; i++)
        build_le(&b, table[i], 4);
    buf_put(&b, SLICE_LIT("\2\0\0\0\xa4\3\0\0"));
    buf_put(&b, SLICE_LIT("\x1e\0\0\0\5\0\0\0\x8e\x52\x93\x63\0\0\0\0"));
    buf_put(&b, SLICE_LIT("\x1f\0\0\0\4\0\0\0N\0o\0r\0\0\0"));
    assert_int_equal(b.len, set + 80);
    const struct build_entry rows[] = { { BUILD_NONE, "\x05SummaryInformation", buf_slice(&b) } };
    struct image m = build_image(ROWS(rows), (slice){ 0 });
    struct tally *t = tally_format("cfb", buf_slice(&m.bytes));
    tally_check(t);
    assert_true(tally_has(t, FACT_OFFICE_AUTHOR, "\xe5\xb1\xb1\xe7\x94\xb0"));
    assert_true(slice_starts(tally_text(t, FACT_OFFICE_TEMPLATE, 0), SLICE_LIT("Nor")));
    assert_int_equal(tally_facts(t, FACT_OFFICE_LAST_AUTHOR), 0);
    tally_drop(&t);
    buf_drop(&m.bytes);
    buf_drop(&b);
}

/* A budget that is too small is told by its name, and nothing is lost silently. */
static void limits_are_named(void **state)
{
    static const struct {
        enum budget_kind kind;
        uint64_t left;
    } limits[] = { { BUDGET_ENTRIES, 2 }, { BUDGET_WORK, 6000 }, { BUDGET_PARTS, 1 }, { BUDGET_DEPTH, 1 } };
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct image m = build_image(ROWS(embedded), (slice){ 0 });
        struct budget budget = budget_default();
        budget.left[limits[i].kind] = limits[i].left;
        struct tally *t = tally_run(&(struct tally_options){ .format = "cfb", .budget = &budget }, buf_slice(&m.bytes));
        tally_check(t);
        if (!tally_unread(t, UNREAD_LIMIT))
            fail_msg("limit %s is not told", budget_name(limits[i].kind));
        tally_drop(&t);
        buf_drop(&m.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(scattered_stream),
        cmocka_unit_test(types_by_content),
        cmocka_unit_test(word_text_and_fields),
        cmocka_unit_test(packaged_file),
        cmocka_unit_test(storages_of_slides),
        cmocka_unit_test(what_lies_behind),
        cmocka_unit_test(properties),
        cmocka_unit_test(limits_are_named),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
