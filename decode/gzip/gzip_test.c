/* SPDX-License-Identifier: Apache-2.0 */
/* Members are written by hand as stored DEFLATE blocks. */
#include "base/buf.h"
#include "base/hash.h"
#include "base/inflate.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void le(struct buf *b, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_byte(b, (uint8_t)(v >> 8 * i));
}

static void put_member(struct buf *b, uint8_t flags, slice fields, const char *text, uint32_t crc_error)
{
    slice s = slice_of(text);
    buf_put(b, SLICE_LIT("\x1f\x8b\x08"));
    buf_byte(b, flags);
    buf_put(b, SLICE_LIT("\0\0\0\0\2\3"));
    buf_put(b, fields);
    buf_byte(b, 1);
    le(b, (uint32_t)s.len, 2);
    le(b, (uint16_t)~s.len, 2);
    buf_put(b, s);
    le(b, crc32_of(0, s) ^ crc_error, 4);
    le(b, (uint32_t)s.len, 4);
}

static void plain(struct buf *b) { put_member(b, 0, (slice){ 0 }, "one", 0); }
static void named(struct buf *b) { put_member(b, 8, SLICE_LIT("a.txt\0"), "one", 0); }
static void all_fields(struct buf *b) { put_member(b, 4 | 8 | 16, SLICE_LIT("\3\0abcb.txt\0comment\0"), "one", 0); }
static void sjis_name(struct buf *b) { put_member(b, 8, SLICE_LIT("\x90\xbf\x8b\x81.txt\0"), "one", 0); }
static void two(struct buf *b)
{
    named(b);
    put_member(b, 8, SLICE_LIT("c.txt\0"), "two", 0);
}
static void garbage(struct buf *b)
{
    plain(b);
    buf_text(b, "behind");
}
static void bad_crc(struct buf *b) { put_member(b, 0, (slice){ 0 }, "one", 5); }
static void cut(struct buf *b)
{
    plain(b);
    b->len -= 9; /* the trailer and one byte of the content */
}
static void broken_second(struct buf *b)
{
    plain(b);
    buf_put(b, SLICE_LIT("\x1f\x8b\x08\0\0\0\0\0\2\3\7\xff\xff"));
}
static void header_only(struct buf *b) { buf_put(b, SLICE_LIT("\x1f\x8b\x08\0\0\0\0\0\2\3")); }
static void extra_lies(struct buf *b) { buf_put(b, SLICE_LIT("\x1f\x8b\x08\x0c\0\0\0\0\2\3\xff\xff" "ab")); }
static void endless_name(struct buf *b)
{
    buf_put(b, SLICE_LIT("\x1f\x8b\x08\x08\0\0\0\0\2\3"));
    for (size_t i = 0; i < 5000; i++)
        buf_byte(b, 'n');
}
static void reserved_flags(struct buf *b) { put_member(b, 0x80, (slice){ 0 }, "one", 0); }
static void many(struct buf *b)
{
    for (size_t i = 0; i < 300; i++)
        put_member(b, 0, (slice){ 0 }, "", 0);
}

static const struct {
    const char *what;
    void (*make)(struct buf *b);
    const char *name;    /* of the file */
    const char *child;   /* NULL: none */
    const char *content;
    int64_t members, overlay;
    enum walk_end end;
    bool bad_crc;
} cases[] = {
    { "plain", plain, "a.csv.gz", "a.csv", "one", 1, 0, WALK_WHOLE, false },
    { "tgz", plain, "a.TGZ", "a.tar", "one", 1, 0, WALK_WHOLE, false },
    { "no name at all", plain, "", "", "one", 1, 0, WALK_WHOLE, false },
    { "name inside", named, "x.gz", "a.txt", "one", 1, 0, WALK_WHOLE, false },
    { "all header fields", all_fields, "x.gz", "b.txt", "one", 1, 0, WALK_WHOLE, false },
    { "name in CP932", sjis_name, "x.gz", "\xe8\xab\x8b\xe6\xb1\x82.txt", "one", 1, 0, WALK_WHOLE, false },
    { "two members", two, "x.gz", "a.txt", "onetwo", 2, 0, WALK_WHOLE, false },
    { "300 members", many, "x.gz", "x", "", 300, 0, WALK_WHOLE, false },
    { "bytes behind", garbage, "x.gz", "x", "one", 1, 6, WALK_WHOLE, false },
    { "wrong checksum", bad_crc, "x.gz", "x", "one", 1, 0, WALK_WHOLE, true },
    { "cut off", cut, "x.gz", "x", "on", 1, 0, WALK_SHORT, false },
    { "second member broken", broken_second, "x.gz", "x", "one", 2, 0, WALK_BROKEN, false },
    { "header only", header_only, "x.gz", "x", "", 1, 0, WALK_SHORT, false },
    { "extra field claims too much", extra_lies, "x.gz", "x", "", 1, 0, WALK_SHORT, false },
    { "name without an end", endless_name, "x.gz", NULL, "", 1, 0, WALK_SHORT, false },
    { "reserved flags", reserved_flags, "x.gz", NULL, NULL, 0, 0, WALK_WHOLE, false },
};

static void members_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = buf_new(1 << 16);
        cases[i].make(&b);
        struct tally *t = tally_run(&(struct tally_options){ .format = "gzip", .name = cases[i].name }, buf_slice(&b));
        tally_check(t);
        const struct fact *members = tally_fact(t, FACT_GZIP_MEMBERS), *overlay = tally_fact(t, FACT_FILE_OVERLAY);
        if ((members ? members->number : 0) != cases[i].members || (overlay ? overlay->number : 0) != cases[i].overlay ||
            t->r.parts[0].end != cases[i].end || (tally_fact(t, FACT_GZIP_BAD_CRC) != NULL) != cases[i].bad_crc)
            fail_msg("%s: members %d, end %s", cases[i].what, members ? (int)members->number : -1, walk_end_name(t->r.parts[0].end));
        if (cases[i].child) {
            uint8_t digest[32];
            sha256_of(slice_of(cases[i].content), digest);
            if (t->r.n_parts < 2 || !slice_is(t->r.parts[1].name, cases[i].child) || memcmp(digest, t->r.parts[1].sha256, 32) != 0)
                fail_msg("%s: content or name '%.*s'", cases[i].what, t->r.n_parts < 2 ? 0 : (int)t->r.parts[1].name.len,
                         t->r.n_parts < 2 ? "" : (const char *)t->r.parts[1].name.at);
        }
        tally_drop(&t);
        for (size_t n = 1; n < 15; n++) {
            t = tally_run(&(struct tally_options){ .format = "gzip", .name = cases[i].name, .fail_at = n }, buf_slice(&b));
            tally_check(t);
            tally_drop(&t);
        }
        buf_drop(&b);
    }
}

static void limits_are_named(void **state)
{
    struct buf b = buf_new(1 << 16);
    struct budget budget = budget_default();
    (void)state;
    two(&b);
    budget.left[BUDGET_INFLATED] = 4;
    struct tally *t = tally_run(&(struct tally_options){ .format = "gzip", .budget = &budget }, buf_slice(&b));
    assert_true(tally_unread(t, UNREAD_LIMIT));
    assert_int_equal(t->r.parts[0].end, WALK_LIMIT);
    assert_int_equal(t->r.parts[1].size, 4);
    tally_drop(&t);
    many(&b);
    budget = budget_default();
    budget.left[BUDGET_ENTRIES] = 20;
    t = tally_run(&(struct tally_options){ .format = "gzip", .budget = &budget }, buf_slice(&b));
    assert_int_equal(tally_fact(t, FACT_GZIP_MEMBERS)->number, 20);
    assert_true(tally_unread(t, UNREAD_LIMIT));
    tally_drop(&t);
    buf_drop(&b);
}

static void sniffing(void **state)
{
    static const struct {
        slice bytes;
        bool gzip;
    } heads[] = {
        { SLICE_INIT("\x1f\x8b\x08\0\0\0\0\0\2\3\1\0\0\xff\xff"), true },
        { SLICE_INIT("\x1f\x8b\x08\x1f\0\0\0\0\2\3\1\0\0\xff\xff"), true },
        { SLICE_INIT("\x1f\x8b\x09\0\0\0\0\0\2\3\1\0\0\xff\xff"), false },
        { SLICE_INIT("\x1f\x8b\x08\xe0\0\0\0\0\2\3\1\0\0\xff\xff"), false },
        { SLICE_INIT("\x1f\x8b"), false },
        { SLICE_INIT("text that is no archive"), false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ 0 }, heads[i].bytes);
        if ((tally_fact(t, FACT_GZIP_MEMBERS) != NULL) != heads[i].gzip)
            fail_msg("case %zu", i);
        tally_drop(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_read),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(sniffing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
