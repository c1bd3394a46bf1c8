/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-tar makes them; hostile ones outnumber kind ones. */
#include "decode/harness_archive.h"

#define LINE "line 0 of an inert sample"
#define ALL ARCHIVE_ALL_READ

static const struct archive_case cases[] = {
    { "plain.tar", NULL, NULL, "d/見積.txt", "inner", FACT_ZIP_ENTRIES, "3", ALL, WALK_WHOLE },
    { "cp932.tar", NULL, NULL, "見積.txt", LINE, FACT_ZIP_SINGLE, "見積.txt", ALL, WALK_WHOLE },
    { "v7.tar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "prefix.tar", NULL, NULL, "one/two/a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "gnu-long.tar", NULL, NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "pax.tar", NULL, NULL, "real.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "links.tar", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_ENTRY_LINK, "/etc/passwd", ALL, WALK_WHOLE },
    { "base256.tar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "wrong-sum.tar", NULL, NULL, "c.txt", "third", FACT_ZIP_ENTRIES, "2", ALL, WALK_BROKEN },
    { "huge.tar", NULL, NULL, "big.txt", "rest", FACT_ZIP_ENTRIES, "2", ALL, WALK_SHORT },
    { "endless.tar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_SHORT },
    { "cut.tar", NULL, NULL, "a.txt", "line 0", FACT_ZIP_ENTRIES, "1", ALL, WALK_SHORT },
    { "climbs.tar", NULL, NULL, "../../a.txt", LINE, FACT_ZIP_ENTRY_PATH, "../../a.txt", ALL, WALK_WHOLE },
    { "no-end.tar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
};

int main(int argc, char **argv)
{
    return harness_archive_main(argc, argv, "tar", cases, sizeof cases / sizeof cases[0]);
}
