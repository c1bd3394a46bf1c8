/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypted documents of every scheme, written by tools/lib/officecrypt.py, which shares no code
 * with the reader. usage: officecrypto_test CORPUS-OF-CFB */
#include "base/buf.h"
#include "decode/harness.h"
#include "decode/shared/officecrypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/table.h"

static const char *folder;

static struct buf load(const char *name)
{
    char path[512];
    uint8_t chunk[4096];
    struct buf b = buf_new(1 << 20);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_put(&b, (slice){ chunk, n });
    fclose(f);
    return b;
}

/* PLAIN: says that it is encrypted, and is not. */
enum how { CLOSED, BUILTIN, KNOWN, STRANGE, PLAIN };

static const struct {
    const char *name, *scheme;
    enum how how;
    bool altered;
    enum budget_kind scarce; /* BUDGET_KINDS: none */
} cases[] = {
    { "agile-builtin.docx", "agile", BUILTIN, false, BUDGET_KINDS },
    { "agile-sha1.docx", "agile", KNOWN, false, BUDGET_KINDS },
    { "agile-unknown.docx", "agile", CLOSED, false, BUDGET_KINDS },
    { "agile-altered.docx", "agile", BUILTIN, true, BUDGET_KINDS },
    { "agile-no-size.docx", "agile", BUILTIN, true, BUDGET_KINDS },
    { "agile-huge-size.docx", "agile", BUILTIN, true, BUDGET_KINDS },
    { "agile-strange.docx", "unknown", STRANGE, false, BUDGET_KINDS },
    { "agile-slow.docx", "agile", CLOSED, false, BUDGET_KEYS }, /* more rounds than there are */
    { "encrypted.xlsx", "unknown", STRANGE, false, BUDGET_KINDS },
    { "standard-builtin.docx", "standard", BUILTIN, false, BUDGET_KINDS },
    { "standard-256.docx", "standard", KNOWN, false, BUDGET_KINDS },
    { "rc4-builtin.doc", "rc4", BUILTIN, false, BUDGET_KINDS },
    { "rc4-known.doc", "rc4", KNOWN, false, BUDGET_KINDS },
    { "capi-builtin.doc", "rc4-cryptoapi", BUILTIN, false, BUDGET_KINDS },
    { "capi-40.doc", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS },
    { "xor-builtin.doc", "xor", BUILTIN, false, BUDGET_KINDS },
    { "xor-known.doc", "xor", KNOWN, false, BUDGET_KINDS },
    { "xor-unknown.doc", "xor", CLOSED, false, BUDGET_KINDS },
    { "xor-long.doc", "xor", KNOWN, false, BUDGET_KINDS },     /* fifteen bytes count */
    { "xor-japanese.doc", "xor", KNOWN, false, BUDGET_KINDS }, /* low bytes, as Word writes */
    { "xor-codepage.doc", "xor", KNOWN, false, BUDGET_KINDS },
    { "xor-no-bit.doc", "xor", KNOWN, false, BUDGET_KINDS }, /* neither a bit nor a header of RC4 */
    { "xor-word95.doc", "xor", KNOWN, false, BUDGET_KINDS },
    { "xor-japanese.xls", "xor", KNOWN, false, BUDGET_KINDS },
    { "rc4-builtin.xls", "rc4", BUILTIN, false, BUDGET_KINDS },
    { "capi-known.xls", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS },
    { "xor-builtin.xls", "xor", BUILTIN, false, BUDGET_KINDS },
    { "xor-unknown.xls", "xor", CLOSED, false, BUDGET_KINDS },
    { "capi-builtin.ppt", "rc4-cryptoapi", BUILTIN, false, BUDGET_KINDS },
    { "capi-known.ppt", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS },
    { "capi-40.ppt", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS },
    { "capi-unknown.ppt", "rc4-cryptoapi", CLOSED, false, BUDGET_KINDS },
    { "capi-token.ppt", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS }, /* that of a plain one */
    { "capi-edits.ppt", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS },
    { "capi-decoy.ppt", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS }, /* begins within another */
    { "capi-overlap.ppt", "rc4-cryptoapi", KNOWN, false, BUDGET_INFLATED },
    { "capi-no-user.ppt", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS },
    { "capi-lost-edit.ppt", "rc4-cryptoapi", KNOWN, false, BUDGET_KINDS },
    { "capi-no-session.ppt", "unknown", STRANGE, false, BUDGET_KINDS },
    { "capi-said-only.ppt", "unknown", PLAIN, false, BUDGET_KINDS },
};

/* What must be found in an opened one: the text, the fields, the stream as it was. */
static bool has_content(const struct tally *t, slice name)
{
    if (slice_ends(name, SLICE_LIT(".docx")))
        return tally_part_typed(t, "docx") == 1 &&
               slice_find(tally_view(t, FACT_DOCUMENT_TEXT, 1), SLICE_LIT("encrypted text"), 0) != SIZE_MAX;
    if (slice_ends(name, SLICE_LIT("95.doc")))
        return tally_has(t, FACT_OFFICE_FIELD_DDE, "DDEAUTO c:\\x \"harmless\"") &&
               slice_find(tally_view(t, FACT_DOCUMENT_TEXT, 0), SLICE_LIT("an older Word"), 0) != SIZE_MAX;
    if (slice_ends(name, SLICE_LIT(".doc")))
        return tally_has(t, FACT_OFFICE_FIELD_DDE, "DDEAUTO c:\\x \"harmless\"") &&
               slice_find(tally_view(t, FACT_DOCUMENT_TEXT, 0), SLICE_LIT("日本語の本文"), 0) != SIZE_MAX;
    if (slice_ends(name, SLICE_LIT(".ppt")))
        return tally_fact(t, FACT_OFFICE_MACRO) &&
               tally_has(t, FACT_OFFICE_SLIDE_ACTION, "click macro Macro1") &&
               slice_find(tally_view(t, FACT_DOCUMENT_TEXT, 0), SLICE_LIT("見積書"), 0) != SIZE_MAX;
    uint32_t book = tally_part_named(t, "Workbook");
    return book != NO_ID && slice_find(tally_view(t, FACT_DOCUMENT_TEXT, book), SLICE_LIT("three"), 0) != SIZE_MAX;
}

static void schemes(void **state)
{
    (void)state;
    static const char *const passwords[] = { "wrong", "infected", "合言葉", "a password of more than fifteen", NULL };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct buf in = load(row->name);
        struct tally *y = tally_run(&(struct tally_options){ .passwords = passwords }, buf_slice(&in));
        tally_check(y);
        bool open = row->how == BUILTIN || row->how == KNOWN;
        slice scheme = tally_text(y, FACT_OFFICE_ENCRYPTED_SCHEME, 0);
        if (!slice_is(scheme, row->scheme) || tally_facts(y, FACT_OFFICE_ENCRYPTED) != 1)
            table_wrong(&t, row->name, "scheme %.*s", SLICE_FMT(scheme));
        if ((open || row->how == PLAIN) != has_content(y, slice_of(row->name)))
            table_wrong(&t, row->name, "%s", open ? "stays closed" : "is open");
        if (open == tally_unread(y, UNREAD_ENCRYPTED))
            table_wrong(&t, row->name, "unread is wrong");
        if ((row->how == BUILTIN) != (tally_fact(y, FACT_OFFICE_ENCRYPTED_BUILTIN) != NULL) ||
            (row->how == KNOWN) != (tally_fact(y, FACT_PASSWORD_FOUND) != NULL) ||
            (row->how == CLOSED) != (tally_fact(y, FACT_PASSWORD_WANTED) != NULL))
            table_wrong(&t, row->name, "how it was opened is wrong");
        if (row->altered != (tally_fact(y, FACT_OFFICE_ENCRYPTED_ALTERED) != NULL))
            table_wrong(&t, row->name, "altered is wrong");
        if (tally_unread(y, UNREAD_LIMIT) != (row->scarce != BUDGET_KINDS))
            table_wrong(&t, row->name, "limit is wrong");
        tally_drop(&y);
        buf_drop(&in);
    }
}

/* A workbook comes out as it was, but for its FILEPASS. */
static void workbook_is_whole(void **state)
{
    static const char *const names[] = { "rc4-builtin.xls", "xor-builtin.xls" };
    (void)state;
    struct buf plain = load("cells.xls");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf in = load(names[i]);
        slice all = buf_slice(&in);
        /* Both streams are short and lie in the mini stream at the same place. */
        size_t at = slice_find(all, SLICE_LIT("\x09\x08\x0c\0\0\6\5\0"), 0);
        size_t was = slice_find(buf_slice(&plain), SLICE_LIT("\x09\x08\x0c\0\0\6\5\0"), 0);
        assert_int_not_equal(at, SIZE_MAX);
        slice stream = slice_from(all, at), want = slice_from(buf_slice(&plain), was);
        struct tally *t = tally_format("cfb", all); /* lends its walk's memory and budget */
        struct walk w = { .mem = t->mem, .budget = &t->budget };
        struct officecrypto o;
        struct officecrypto_key key;
        struct body out;
        slice pass = officecrypto_find_filepass(stream);
        assert_true(officecrypto_read_filepass(&o, &w, pass));
        assert_int_equal(officecrypto_try(&w, &o, SLICE_LIT("VelvetSweatshoq"), &key), OFFICECRYPTO_WRONG);
        assert_int_equal(officecrypto_try(&w, &o, slice_of(officecrypto_builtin(0)), &key), OFFICECRYPTO_OPEN);
        assert_true(officecrypto_book(&w, &key, slice_sub(stream, 0, 400 + pass.len), &out));
        slice got = slice_from(out.all, 16 + 4 + pass.len);
        assert_int_equal(slice_find(got, SLICE_LIT("one"), 0), slice_find(want, SLICE_LIT("one"), 0) - 16);
        assert_int_equal(slice_find(got, SLICE_LIT("phonet"), 0), slice_find(want, SLICE_LIT("phonet"), 0) - 16);
        body_release(&out);
        tally_drop(&t);
        buf_drop(&in);
    }
    buf_drop(&plain);
}

/* Excel opens the bare stream as a file, too. */
static void bare_stream(void **state)
{
    (void)state;
    struct buf in = load("rc4-builtin.xls");
    slice all = buf_slice(&in);
    slice stream = slice_from(all, slice_find(all, SLICE_LIT("\x09\x08\x0c\0\0\6\5\0"), 0));
    struct tally *t = tally_run(&(struct tally_options){ 0 }, stream);
    tally_check(t);
    assert_true(slice_is(t->r.parts[0].type, "xls"));
    assert_non_null(tally_fact(t, FACT_OFFICE_ENCRYPTED_BUILTIN));
    assert_int_not_equal(slice_find(tally_view(t, FACT_DOCUMENT_TEXT, 0), SLICE_LIT("three"), 0), SIZE_MAX);
    assert_false(tally_unread(t, UNREAD_ENCRYPTED));
    tally_drop(&t);
    buf_drop(&in);
}

static void headers_that_lie(void **state)
{
    static const struct {
        const char *name;
        slice info;
    } bad[] = {
        { "empty", { NULL, 0 } },
        { "version alone", SLICE_INIT("\4\0\4\0") },
        { "no such version", SLICE_INIT("\5\0\5\0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") },
        { "short RC4", SLICE_INIT("\1\0\1\0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") },
        { "header longer than all", SLICE_INIT("\3\0\2\0\x24\0\0\0\xff\xff\xff\xff\x24\0\0\0\0\0\0\0\x0e\x66\0\0") },
        { "key of 7 bits", SLICE_INIT("\2\0\2\0\4\0\0\0\x14\0\0\0\4\0\0\0\0\0\0\0\1\x68\0\0\4\x80\0\0\7\0\0\0"
                                      "\x10\0\0\0aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb\x14\0\0\0cccccccccccccccccccc") },
        { "salt of 4 GiB", SLICE_INIT("\2\0\2\0\4\0\0\0\x14\0\0\0\4\0\0\0\0\0\0\0\1\x68\0\0\4\x80\0\0\x28\0\0\0"
                                      "\xff\xff\xff\xff" "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb\x14\0\0\0cccccccccccccccccccc") },
        { "agile without keys", SLICE_INIT("\4\0\4\0\x40\0\0\0<encryption><keyData/></encryption>") },
        { "agile, IV of nothing", SLICE_INIT("\4\0\4\0\x40\0\0\0<encryption><keyData keyBits='256' cipherAlgorithm='AES'"
            " cipherChaining='ChainingModeCBC' hashAlgorithm='SHA512'/><encryptedKey spinCount='1'/></encryption>") },
    };
    (void)state;
    struct tally *y = tally_format("text", SLICE_LIT("a"));
    struct walk w = { .mem = y->mem, .budget = &y->budget };
    struct table t = { 0 };
    TABLE_EACH (&t, row, bad) {
        struct officecrypto o;
        struct officecrypto_key key;
        table_true(&t, row->name, !officecrypto_read(&o, &w, row->info) && o.scheme == OFFICECRYPTO_NONE &&
                                      officecrypto_try(&w, &o, SLICE_LIT("x"), &key) == OFFICECRYPTO_WRONG);
    }
    tally_drop(&y);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemes),
        cmocka_unit_test(workbook_is_whole),
        cmocka_unit_test(bare_stream),
        cmocka_unit_test(headers_that_lie),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
