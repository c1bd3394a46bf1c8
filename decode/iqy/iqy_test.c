/* SPDX-License-Identifier: Apache-2.0 */
/* Query files written by hand; their hosts are reserved names and addresses. */
#include "base/text.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "tests/table.h"

static const struct {
    const char *name, *file;
    slice bytes;
    bool read; /* by this format */
    enum fact_id id;
    const char *text; /* NULL: must not be there */
} cases[] = {
    { "web query", "a.iqy", SLICE_INIT("WEB\r\n1\r\nhttps://www.example/t\r\n\r\nSelection=1\r\n"), true, FACT_QUERY_SOURCE, "https://www.example/t" },
    { "its kind", "a.iqy", SLICE_INIT("WEB\r\n1\r\nhttps://www.example/t\r\n"), true, FACT_QUERY_KIND, "web" },
    { "its host", "a.iqy", SLICE_INIT("WEB\r\n1\r\nhttps://www.example/t\r\n"), true, FACT_REMOTE_HOST, "www.example" },
    { "without its name", "", SLICE_INIT("WEB\n1\nhttps://www.example/t\n"), true, FACT_URL_DOMAIN, "www.example" },
    { "blanks in the address", "a.iqy", SLICE_INIT("WEB\n1\nhttp://192.0.2.80/a b\n"), true, FACT_QUERY_SOURCE, "http://192.0.2.80/a b" },
    { "address only", "a.iqy", SLICE_INIT("http://192.0.2.80/a.dat"), true, FACT_REMOTE_HOST, "192.0.2.80" },
    { "empty lines first", "a.iqy", SLICE_INIT("\n\nWEB\n\n1\n\nhttp://a.example/\n"), true, FACT_REMOTE_HOST, "a.example" },
    { "share", "a.iqy", SLICE_INIT("WEB\n1\n\\\\192.0.2.80\\share\\a.txt\n"), true, FACT_REMOTE_KIND, "address" },
    { "WebDAV", "a.iqy", SLICE_INIT("WEB\n1\nfile://a.example@80/b\n"), true, FACT_REMOTE_KIND, "webdav" },
    { "case", "a.IQY", SLICE_INIT("web\n1\nHTTP://a.example/\n"), true, FACT_QUERY_KIND, "web" },
    { "lines of a Macintosh", "a.iqy", SLICE_INIT("WEB\r1\rhttp://a.example/\r"), true, FACT_REMOTE_HOST, "a.example" },
    { "UTF-16", "a.iqy", SLICE_INIT("\xff\xfeW\0E\0B\0\n\0" "1\0\n\0h\0t\0t\0p\0:\0/\0/\0a\0.\0b\0/\0"), true, FACT_REMOTE_HOST, "a.b" },
    { "ODBC", "a.dqy", SLICE_INIT("XLODBC\n1\nDRIVER={SQL Server};SERVER=db;\nSELECT 1\n"), true, FACT_QUERY_SOURCE, "DRIVER={SQL Server};SERVER=db;" },
    { "ODBC to a server of the house", "a.dqy", SLICE_INIT("XLODBC\n1\nDRIVER={SQL Server};SERVER=db;\nSELECT 1\n"), true, FACT_REMOTE_KIND, NULL },
    { "ODBC to a share", "a.dqy", SLICE_INIT("XLODBC\n1\nDRIVER={a};DBQ=\\\\192.0.2.80\\s;\n"), true, FACT_REMOTE_KIND, "address" },
    { "OLAP", "a.oqy", SLICE_INIT("QueryType=OLEDB\nConnection=Provider=MSOLAP;Data Source=http://a.example/;\n"), true, FACT_REMOTE_HOST, "a.example" },
    { "OLE DB", "a", SLICE_INIT("QueryType=OLEDB\nConnection=Provider=a;\n"), true, FACT_QUERY_KIND, "oledb" },
    { "nothing in it", "a.iqy", SLICE_INIT("WEB\n"), true, FACT_QUERY_SOURCE, NULL },
    { "text about it", "a.txt", SLICE_INIT("WEB\nis a word, and so is 1\nhttp://a.example/\n"), false, FACT_QUERY_KIND, NULL },
    { "list that begins with it", "a.csv", SLICE_INIT("WEB\n1\n2\n"), false, FACT_QUERY_KIND, NULL },
};

static void queries_are_read(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct tally *r = tally_run(&(struct tally_options){ .name = row->file }, row->bytes);
        tally_check(r);
        if (row->text ? !tally_has(r, row->id, row->text) : tally_fact(r, row->id) != NULL)
            table_wrong(&t, row->name, "'%.*s'", SLICE_FMT(tally_text(r, row->id, 0)));
        if (slice_is(r->r.parts[0].type, "iqy") != row->read || tally_unread(r, UNREAD_NO_READER))
            table_wrong(&t, row->name, "type %.*s", SLICE_FMT(r->r.parts[0].type));
        tally_drop(&r);
        for (size_t n = 1; n < 10; n++) {
            r = tally_run(&(struct tally_options){ .format = "iqy", .name = row->file, .fail_at = n }, row->bytes);
            tally_check(r);
            tally_drop(&r);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(queries_are_read) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
