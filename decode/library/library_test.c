/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries, search connectors and saved searches written by hand; hosts are reserved ones. */
#include "base/text.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define LIBRARY(url) SLICE_INIT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<libraryDescription xmlns=\"http://schemas.microsoft.com/windows/2009/library\">" \
    "<searchConnectorDescriptionList><searchConnectorDescription><simpleLocation><url>" url "</url></simpleLocation>" \
    "</searchConnectorDescription></searchConnectorDescriptionList></libraryDescription>")

static const struct {
    const char *what, *name;
    slice bytes;
    bool read;
    enum fact_id id;
    const char *text; /* NULL: must not be there */
} cases[] = {
    { "documents", "a.library-ms", LIBRARY("knownfolder:{FDD39AD0-238F-46AF-ADB4-6C85480369C7}"), true, FACT_REMOTE_KIND, NULL },
    { "share of the house", "a.library-ms", LIBRARY("\\\\fileserver\\share"), true, FACT_REMOTE_KIND, "near" },
    { "WebDAV", "a.library-ms", LIBRARY("\\\\192.0.2.80@80\\DavWWWRoot\\"), true, FACT_REMOTE_KIND, "webdav" },
    { "address", "a.library-ms", LIBRARY("\\\\192.0.2.80\\share"), true, FACT_REMOTE_KIND, "address" },
    { "blanks around", "a.library-ms", LIBRARY("\n  \\\\192.0.2.80\\share \n"), true, FACT_LIBRARY_LOCATION, "\\\\192.0.2.80\\share" },
    { "character references", "a.library-ms", LIBRARY("&#92;&#x5c;192.0.2.80\\share"), true, FACT_REMOTE_HOST, "192.0.2.80" },
    { "without its name", "", LIBRARY("\\\\192.0.2.80\\share"), true, FACT_LIBRARY_KIND, "librarydescription" },
    { "search connector", "a.searchConnector-ms", SLICE_INIT("<searchConnectorDescription><iconReference>//192.0.2.80/a.ico</iconReference></searchConnectorDescription>"), true,
      FACT_REMOTE_SOURCE, "library.icon" },
    { "saved search", "a.search-ms", SLICE_INIT("<persistedQuery version=\"1.0\"><query><scope><include path=\"\\\\192.0.2.80\\s\"/></scope></query></persistedQuery>"), true,
      FACT_REMOTE_KIND, "address" },
    { "breaks off", "a.library-ms", SLICE_INIT("<libraryDescription><url>\\\\192.0.2.80\\s</url><a"), true, FACT_REMOTE_KIND, "address" },
    { "not well-formed", "a.library-ms", SLICE_INIT("<libraryDescription><b></a><url>\\\\192.0.2.80\\s</url></libraryDescription>"), true, FACT_REMOTE_KIND, "address" },
    { "comment in front", "", SLICE_INIT("<!-- words --><libraryDescription><url>\\\\192.0.2.80\\s</url></libraryDescription>"), true, FACT_REMOTE_KIND, "address" },
    { "prefix", "a.library-ms", SLICE_INIT("<l:libraryDescription xmlns:l=\"x\"><l:url>\\\\192.0.2.80\\s</l:url></l:libraryDescription>"), true, FACT_REMOTE_KIND, "address" },
    { "UTF-16", "a.library-ms", SLICE_INIT("\xff\xfe<\0u\0r\0l\0>\0/\0/\0" "1\0.\0" "2\0.\0" "3\0.\0" "4\0/\0s\0<\0/\0u\0r\0l\0>\0"), true, FACT_REMOTE_HOST, "1.2.3.4" },
    { "empty", "a.library-ms", SLICE_INIT("<libraryDescription/>"), true, FACT_LIBRARY_LOCATION, NULL },
    { "other XML", "a.xml", SLICE_INIT("<?xml version=\"1.0\"?><note>libraryDescription</note>"), false, FACT_LIBRARY_KIND, NULL },
    { "page about it", "a.html", SLICE_INIT("<html><body>&lt;libraryDescription&gt;</body></html>"), false, FACT_LIBRARY_KIND, NULL },
};

static void libraries_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_run(&(struct tally_options){ .name = cases[i].name }, cases[i].bytes);
        tally_check(t);
        bool good = cases[i].text ? tally_has(t, cases[i].id, cases[i].text) : !tally_fact(t, cases[i].id);
        if (!good || slice_is(t->r.parts[0].type, "library") != cases[i].read)
            fail_msg("%s: '%s'", cases[i].what, tally_fact(t, cases[i].id) ? "there" : "not there");
        tally_drop(&t);
        for (size_t n = 1; n < 8; n++) {
            t = tally_run(&(struct tally_options){ .format = "library", .name = cases[i].name, .fail_at = n }, cases[i].bytes);
            tally_check(t);
            tally_drop(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(libraries_are_read) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
