/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of messages, as msg and tnef hand them on. */
#include "decode/harness.h"
#include "decode/shared/mapi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

#define NO_PAGE 0, 0

/* A text, and what is said of its code page: by the message, by its language, by what is around it. */
static const struct {
    const char *what;
    uint16_t type;
    slice value;
    uint32_t codepage, locale;
    unsigned outer;
    const char *text;
} texts[] = {
    { "wide", MAPI_STRING, SLICE_INIT("h\0o\0\0\0"), NO_PAGE, 0, "ho" },
    { "wide and Japanese", MAPI_STRING, SLICE_INIT("\x4b\x30\x6a\x30"), 932, 0, 0, "かな" },
    { "half a letter too many", MAPI_STRING, SLICE_INIT("h\0o"), NO_PAGE, 0, "h" },
    { "the message says Shift_JIS", MAPI_STRING8, SLICE_INIT("\x82\xa9\x82\xc8\0"), 932, 0, 0, "かな" },
    { "its language says so", MAPI_STRING8, SLICE_INIT("\x82\xa9\x82\xc8"), 0, 0x0411, 0, "かな" },
    { "what is around it says so", MAPI_STRING8, SLICE_INIT("\x82\xa9\x82\xc8"), NO_PAGE, 932, "かな" },
    { "the message is believed first", MAPI_STRING8, SLICE_INIT("\xe4"), 1252, 0x0411, 932, "ä" },
    { "Taiwan and China", MAPI_STRING8, SLICE_INIT("\xa4\xa4"), 0, 0x0404, 0, "中" },
    { "China", MAPI_STRING8, SLICE_INIT("\xd6\xd0"), 0, 0x0804, 0, "中" },
    { "Russian", MAPI_STRING8, SLICE_INIT("\xe4\xe0"), 0, 0x0419, 0, "да" },
    { "UTF-8 whatever is said", MAPI_STRING8, SLICE_INIT("\xe3\x81\x8b"), 1252, 0, 0, "か" },
    { "ISO-2022-JP whatever is said", MAPI_STRING8, SLICE_INIT("\x1b$B$+\x1b(B"), 1252, 0, 0, "か" },
    { "nothing is said", MAPI_STRING8, SLICE_INIT("plain\0\0"), NO_PAGE, 0, "plain" },
    { "a page that is none", MAPI_STRING8, SLICE_INIT("plain"), 77777, 0, 0, "plain" },
    { "bytes", MAPI_BINARY, SLICE_INIT("<p>"), NO_PAGE, 0, "<p>" },
    { "a number is no text", MAPI_INT, SLICE_INIT("abcd"), NO_PAGE, 0, "" },
    { "zeros only", MAPI_STRING8, SLICE_INIT("\0\0\0"), NO_PAGE, 0, "" },
    { "nothing", MAPI_STRING, { NULL, 0 }, NO_PAGE, 0, "" },
};

static slice number(uint8_t room[4], uint32_t v)
{
    for (size_t i = 0; i < 4; i++)
        room[i] = (uint8_t)(v >> 8 * i);
    return (slice){ room, 4 };
}

static void look_at_texts(void *host, struct walk *w)
{
    struct table *table = host;
    TABLE_EACH (table, row, texts) {
        uint8_t page[4], locale[4];
        struct mapi_bag bag = { .codepage = row->outer };
        assert_true(mapi_put(w, &bag, MAPI_SUBJECT, row->type, row->value));
        if (row->codepage)
            assert_true(mapi_put(w, &bag, MAPI_CODEPAGE, MAPI_INT, number(page, row->codepage)));
        if (row->locale)
            assert_true(mapi_put(w, &bag, MAPI_LOCALE, MAPI_INT, number(locale, row->locale)));
        table_slice(table, row->what, mapi_text(w, &bag, MAPI_SUBJECT), row->text);
    }
}

static void texts_have_code_pages(void **state)
{
    (void)state;
    struct table table = { 0 };
    struct tally *t = tally_look(&table, look_at_texts, NULL);
    tally_drop(&t);
}

static void look_at_bags(void *host, struct walk *w)
{
    (void)host;
    struct mapi_bag bag = { 0 };
    uint32_t v = 7;
    for (uint32_t id = 1; id <= 1000; id++)
        assert_true(mapi_put(w, &bag, (uint16_t)id, MAPI_INT, SLICE_LIT("\1\0\0\0")));
    assert_in_range(bag.n, 10, 1000); /* and not all that a file claims */
    assert_true(mapi_put(w, &bag, 5, MAPI_INT, SLICE_LIT("\2\0\0\0")));
    assert_true(mapi_number(&bag, (enum mapi_id)5, &v));
    assert_int_equal(v, 1); /* the first of an id counts */
    struct mapi_bag odd = { 0 };
    assert_true(mapi_put(w, &odd, MAPI_CODEPAGE, MAPI_INT, SLICE_LIT("\1\0\0")) && mapi_put(w, &odd, MAPI_LOCALE, MAPI_STRING, SLICE_LIT("\1\0\0\0")));
    assert_false(mapi_number(&odd, MAPI_CODEPAGE, &v)); /* too short */
    assert_false(mapi_number(&odd, MAPI_LOCALE, &v));   /* no number */
    assert_false(mapi_number(&odd, MAPI_CLASS, &v));    /* not there */
    assert_int_equal(v, 1);
    assert_null(mapi_find(&odd, MAPI_CLASS));
    assert_true(mapi_wanted(MAPI_SUBJECT) && mapi_wanted(MAPI_SENDER_SMTP) && !mapi_wanted(0x1234) && !mapi_wanted(MAPI_ATTACH_DATA));
}

static void bags_are_bounded(void **state)
{
    (void)state;
    struct tally *t = tally_look(NULL, look_at_bags, NULL);
    tally_drop(&t);
}

/* Which of three names Outlook saves a file under. */
static const struct {
    const char *what;
    const char *longer, *shorter, *shown, *name;
} files[] = {
    { "the long name", "invoice of november.xls", "INVOIC~1.XLS", "shown", "invoice of november.xls" },
    { "the short one", NULL, "INVOIC~1.XLS", "shown", "INVOIC~1.XLS" },
    { "what is shown", NULL, NULL, " shown.xls ", "shown.xls" },
    { "blanks are no name", "  ", "a.xls", NULL, "a.xls" },
    { "none", NULL, NULL, NULL, "" },
};

static void look_at_files(void *host, struct walk *w)
{
    struct table *table = host;
    TABLE_EACH (table, row, files) {
        const struct {
            enum mapi_id id;
            const char *text;
        } names[] = { { MAPI_ATTACH_LONG_FILE, row->longer }, { MAPI_ATTACH_FILE, row->shorter }, { MAPI_NAME, row->shown } };
        struct mapi_bag bag = { 0 };
        for (size_t i = 0; i < 3; i++)
            if (names[i].text)
                assert_true(mapi_put(w, &bag, (uint16_t)names[i].id, MAPI_STRING8, slice_of(names[i].text)));
        table_slice(table, row->what, mapi_file_name(w, &bag), row->name);
    }
}

static void files_have_names(void **state)
{
    (void)state;
    struct table table = { 0 };
    struct tally *t = tally_look(&table, look_at_files, NULL);
    tally_drop(&t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_have_code_pages),
        cmocka_unit_test(bags_are_bounded),
        cmocka_unit_test(files_have_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
