/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-bzip2 makes them; hostile ones outnumber kind ones. */
#include "decode/harness_archive.h"

#define LINE "line 0 of an inert sample"
#define ALL ARCHIVE_ALL_READ

static const struct archive_case cases[] = {
    { "plain.bz2", "a.txt.bz2", NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "plain.bz2", "a.tbz2", NULL, "a.tar", LINE, FACT_ZIP_SINGLE, "a.tar", ARCHIVE_ANY, WALK_WHOLE },
    { "two.bz2", "a.txt.bz2", NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "empty.bz2", "a.txt.bz2", NULL, "a.txt", NULL, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "wrong-check.bz2", "a.txt.bz2", NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "broken.bz2", "a.txt.bz2", NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "cut.bz2", "a.txt.bz2", NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "header-only.bz2", "a.txt.bz2", NULL, NULL, NULL, FACT_ZIP_ENTRIES, "1", UNREAD_DAMAGED, WALK_SHORT },
    { "behind.bz2", "a.txt.bz2", NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, -1 },
};

int main(int argc, char **argv)
{
    return harness_archive_main(argc, argv, "bzip2", cases, sizeof cases / sizeof cases[0]);
}
