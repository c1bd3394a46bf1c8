/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the corpus, as they are and with bytes of them changed. */
#include "base/buf.h"
#include "base/text.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "tests/table.h"

enum { FILE_MAX = 1 << 20, ABSENT = -1 };

/* Where things lie in the samples: the PE header at 64, 64-bit optional header at 88, sections behind its 240 bytes. */
enum { SECTIONS = 70, SYMBOLS = 76, OPTIONAL_SIZE = 84, MAGIC = 88, ENTRY = 104, HEADERS = 148, DIRECTORIES = 200, TABLE = 328 };

struct patch {
    size_t at;
    slice bytes;
};

static const struct {
    const char *name, *file;
    struct patch patch[2];
    enum fact_id id;
    const char *text;  /* of one such fact; NULL: see number */
    int64_t number;    /* of the first; ABSENT: there is none */
} cases[] = {
    { "64 bits", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_ARCHITECTURE, "x86_64", 0 },
    { "32 bits", "plain32.exe", { { 0, { 0 } } }, FACT_FILE_PE_ARCHITECTURE, "x86", 0 },
    { "program", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_KIND, "program", 0 },
    { "library", "library.dll", { { 0, { 0 } } }, FACT_FILE_PE_KIND, "library", 0 },
    { "boot program", "boot.efi", { { 0, { 0 } } }, FACT_FILE_PE_KIND, "efi", 0 },
    { "boot program is not called anonymous", "boot.efi", { { 0, { 0 } } }, FACT_FILE_PE_ANONYMOUS, NULL, ABSENT },
    { "time", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_COMPILED, "2020-07-04T04:05:20Z", 0 },
    { "no time", "boot.efi", { { 0, { 0 } } }, FACT_FILE_PE_COMPILED, NULL, ABSENT },
    { "import hash, numbers by name", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_IMPHASH, "658db5a13a58b00bc70e32104a47ff26", 0 },
    { "import hash of the same in 32 bits", "plain32.exe", { { 0, { 0 } } }, FACT_FILE_PE_IMPHASH, "658db5a13a58b00bc70e32104a47ff26", 0 },
    { "imports", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_IMPORTS_COUNT, NULL, 10 },
    { "imported library", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_IMPORTS_LIBRARY, "ws2_32.dll", 0 },
    { "notable import", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_IMPORT, "GetProcAddress", 0 },
    { "company", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_COMPANY, "Example", 0 },
    { "product in Japanese", "plain32.exe", { { 0, { 0 } } }, FACT_FILE_PE_PRODUCT, "\xe8\xa6\x8b\xe6\x9c\xac", 0 },
    { "last string of the version", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_FILE_VERSION, "1.2.3.4", 0 },
    { "signature", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_SIGNED, NULL, 1 },
    { "signature is no overlay", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_OVERLAY, NULL, ABSENT },
    { "symbols are no overlay", "plain32.exe", { { 0, { 0 } } }, FACT_FILE_OVERLAY, NULL, ABSENT },
    { "unsigned", "plain32.exe", { { 0, { 0 } } }, FACT_FILE_PE_SIGNED, NULL, ABSENT },
    { "signed is not anonymous", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_ANONYMOUS, NULL, ABSENT },
    { "with a version is not anonymous", "plain32.exe", { { 0, { 0 } } }, FACT_FILE_PE_ANONYMOUS, NULL, ABSENT },
    { "anonymous", "library.dll", { { 0, { 0 } } }, FACT_FILE_PE_ANONYMOUS, NULL, 1 },
    { "exports", "library.dll", { { 0, { 0 } } }, FACT_FILE_PE_EXPORTS_NAME, "DllRegisterServer", 0 },
    { "exports are counted", "library.dll", { { 0, { 0 } } }, FACT_FILE_PE_EXPORTS_COUNT, NULL, 2 },
    { "name of its own", "library.dll", { { 0, { 0 } } }, FACT_FILE_PE_EXPORTS_LIBRARY, "sample.dll", 0 },
    { "add-in of Excel", "addin.xll", { { 0, { 0 } } }, FACT_FILE_PE_EXCEL_ADDIN, NULL, 1 },
    { "no add-in", "library.dll", { { 0, { 0 } } }, FACT_FILE_PE_EXCEL_ADDIN, NULL, ABSENT },
    { ".NET", "dotnet.exe", { { 0, { 0 } } }, FACT_FILE_PE_DOTNET, NULL, 1 },
    { "packed: dense code", "packed.exe", { { 0, { 0 } } }, FACT_FILE_PE_PACKED, "dense-code", 0 },
    { "packed: written over", "packed.exe", { { 0, { 0 } } }, FACT_FILE_PE_PACKED, "writable-code", 0 },
    { "packed: marks are counted", "packed.exe", { { 0, { 0 } } }, FACT_FILE_PE_PACKED_MARKS, NULL, 5 },
    { "packed: renamed sections", "packed.exe", { { TABLE, SLICE_INIT("a") }, { TABLE + 80, SLICE_INIT("b") } }, FACT_FILE_PE_PACKED_MARKS, NULL, 4 },
    { "not packed", "plain64.exe", { { 0, { 0 } } }, FACT_FILE_PE_PACKED, NULL, ABSENT },
    { "padding", "padded.dll", { { 0, { 0 } } }, FACT_FILE_PADDING, NULL, 70000 },
    { "installer by its overlay", "nsis.exe", { { 0, { 0 } } }, FACT_FILE_PE_INSTALLER, "nsis", 0 },
    { "installer by a resource", "carries.exe", { { 0, { 0 } } }, FACT_FILE_PE_INSTALLER, "iexpress", 0 },
    { "archive behind it", "zipped.exe", { { 0, { 0 } } }, FACT_FILE_PE_INSTALLER, "zip", 0 },
    { "overlay", "carries.exe", { { 0, { 0 } } }, FACT_FILE_OVERLAY, NULL, 75 },
    { "program in a resource", "carries.exe", { { 0, { 0 } } }, FACT_FILE_PE_ARCHITECTURE, "x86", 0 },
    /* damage: the loader would refuse some of these, and a reader that stops learns nothing */
    { "cut off", "cut.exe", { { 0, { 0 } } }, FACT_FILE_PE_MALFORMED, "short", 0 },
    { "cut off, imports remain", "cut.exe", { { 0, { 0 } } }, FACT_FILE_PE_IMPORTS_COUNT, NULL, 10 },
    { "more sections than there are", "sections.exe", { { 0, { 0 } } }, FACT_FILE_PE_IMPORTS_COUNT, NULL, 10 },
    { "no optional header", "plain64.exe", { { OPTIONAL_SIZE, SLICE_INIT("\0\0") } }, FACT_FILE_PE_KIND, "program", 0 },
    { "optional header past the end", "plain64.exe", { { OPTIONAL_SIZE, SLICE_INIT("\xff\xff") } }, FACT_FILE_PE_MALFORMED, "headers", 0 },
    { "no sections", "plain64.exe", { { SECTIONS, SLICE_INIT("\0\0") } }, FACT_FILE_PE_SECTIONS_COUNT, NULL, 0 },
    { "unknown magic", "plain64.exe", { { MAGIC, SLICE_INIT("\0\0") } }, FACT_FILE_PE_ARCHITECTURE, "x86_64", 0 },
    { "imports lead to themselves", "plain64.exe", { { DIRECTORIES + 8, SLICE_INIT("\xff\xff\xff\xff") } }, FACT_FILE_PE_IMPORTS_COUNT, NULL, 0 },
    { "resources at no address", "plain64.exe", { { DIRECTORIES + 16, SLICE_INIT("\xff\xff\xff\x7f") } }, FACT_FILE_PE_COMPANY, NULL, ABSENT },
    { "exports at no address", "addin.xll", { { DIRECTORIES, SLICE_INIT("\xff\xff\xff\xff") } }, FACT_FILE_PE_EXCEL_ADDIN, NULL, ABSENT },
    { "signature behind the end", "plain64.exe", { { DIRECTORIES + 32, SLICE_INIT("\xff\xff\xff\xff") } }, FACT_FILE_PE_SIGNED, NULL, ABSENT },
    { "signature longer than the file", "plain64.exe", { { DIRECTORIES + 36, SLICE_INIT("\xff\xff\xff\xff") } }, FACT_FILE_PE_SIGNED, NULL, ABSENT },
    { "section of no sector", "plain64.exe", { { TABLE + 20, SLICE_INIT("\xff\xff\xff\xff") } }, FACT_FILE_PE_IMPORTS_COUNT, NULL, 10 },
    { "symbols past the end", "plain64.exe", { { SYMBOLS, SLICE_INIT("\1\0\0\0\xff\xff\xff\xff") } }, FACT_FILE_PE_KIND, "program", 0 },
    { "resource directories in a ring", "loops.exe", { { 0, { 0 } } }, FACT_FILE_PE_KIND, "program", 0 },
};

static const char *corpus;

static slice load(uint8_t *room, const char *file)
{
    struct buf path = buf_new(4096);
    buf_format(&path, "%s/%s", corpus, file);
    buf_byte(&path, 0);
    FILE *f = fopen((const char *)path.at, "rb");
    buf_drop(&path);
    if (!f)
        fail_msg("%s is not in the corpus", file);
    size_t n = fread(room, 1, FILE_MAX, f);
    (void)fclose(f);
    return (slice){ room, n };
}

static uint8_t room[FILE_MAX];

static void programs_are_read(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        slice s = load(room, row->file);
        for (size_t i = 0; i < 2; i++)
            (void)slice_copy_out(row->patch[i].bytes, room + row->patch[i].at, s.len - row->patch[i].at);
        struct tally *r = tally_run(&(struct tally_options){ .name = row->file }, s);
        tally_check(r);
        const struct fact *f = tally_fact(r, row->id);
        if (row->text ? !tally_has(r, row->id, row->text) : row->number == ABSENT ? f != NULL : !f || f->number != row->number)
            table_wrong(&t, row->name, "%s %lld '%.*s'", f ? "there" : "not there", f ? (long long)f->number : 0, SLICE_FMT(tally_text(r, row->id, 0)));
        if (tally_unread(r, UNREAD_NO_READER))
            table_wrong(&t, row->name, "unread");
        tally_drop(&r);
        for (size_t n = 1; n < 12; n++) {
            r = tally_run(&(struct tally_options){ .format = "pe", .name = row->file, .fail_at = n }, s);
            tally_check(r);
            tally_drop(&r);
        }
    }
}

/* What a program carries becomes parts: an archive, a program, words not. */
static void carried_files_become_parts(void **state)
{
    static const struct {
        const char *name, *file, *type;
        uint32_t parts;
    } rows[] = {
        { "nothing", "plain64.exe", "pe", 1 },
        { "archive at the end, read by its own reader", "zipped.exe", "text", 2 },
        { "cabinet, program and archive", "carries.exe", "cab", 6 },
        { "installer data that nobody reads", "nsis.exe", "pe", 1 },
        { "padding", "padded.dll", "pe", 1 },
    };
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, rows) {
        struct tally *r = tally_run(&(struct tally_options){ .name = row->file }, load(room, row->file));
        if (tally_part_typed(r, row->type) == NO_ID || r->r.n_parts != row->parts)
            table_wrong(&t, row->name, "%u parts", r->r.n_parts);
        tally_drop(&r);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(programs_are_read), cmocka_unit_test(carried_files_become_parts) };
    corpus = argc > 1 ? argv[1] : ".";
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
