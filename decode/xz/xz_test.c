/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-xz makes them; hostile ones outnumber kind ones. */
#include "decode/harness_archive.h"

#define LINE "line 0 of an inert sample"
#define ALL ARCHIVE_ALL_READ

static const struct archive_case cases[] = {
    { "plain.xz", "a.txt.xz", NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "plain.xz", "a.txz", NULL, "a.tar", LINE, FACT_ZIP_SINGLE, "a.tar", ARCHIVE_ANY, WALK_WHOLE },
    { "two.xz", "a.txt.xz", NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "empty.xz", "a.txt.xz", NULL, "a.txt", NULL, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "wrong-check.xz", "a.txt.xz", NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "broken.xz", "a.txt.xz", NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "cut.xz", "a.txt.xz", NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "header-only.xz", "a.txt.xz", NULL, NULL, NULL, FACT_ZIP_ENTRIES, "1", UNREAD_DAMAGED, WALK_SHORT },
    { "behind.xz", "a.txt.xz", NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, -1 },
};

int main(int argc, char **argv)
{
    return harness_archive_main(argc, argv, "xz", cases, sizeof cases / sizeof cases[0]);
}
