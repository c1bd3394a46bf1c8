/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-iso makes them; hostile ones outnumber kind ones. */
#include "decode/harness_archive.h"

#define LINE "line 0 of an inert sample"
#define ALL ARCHIVE_ALL_READ

static const struct archive_case cases[] = {
    { "plain.iso", NULL, NULL, "A.TXT", LINE, FACT_ARCHIVE_LABEL, "SAMPLE", ALL, WALK_WHOLE },
    { "plain.iso", NULL, NULL, "SUB/見積.TXT", "inner", FACT_ARCHIVE_ENTRY_HIDDEN, "README", ALL, WALK_WHOLE },
    { "joliet.iso", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "joliet-only.iso", NULL, NULL, "readme", "hidden", FACT_ARCHIVE_TREE_ONLY, "readme", ALL, WALK_WHOLE },
    { "primary-only.iso", NULL, NULL, "README", "hidden", FACT_ARCHIVE_TREE_ONLY, "README", ALL, WALK_WHOLE },
    { "loop.iso", NULL, NULL, "README", "hidden", FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "pieces.iso", NULL, NULL, "A.TXT", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "outside.iso", NULL, NULL, "A.TXT", LINE, FACT_ZIP_ENTRIES, "2", UNREAD_DAMAGED, WALK_SHORT },
    { "huge.iso", NULL, NULL, "A.TXT", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, WALK_SHORT },
    { "no-root.iso", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRIES, "0", UNREAD_DAMAGED, WALK_BROKEN },
    { "cut.iso", NULL, NULL, "A.TXT", "line 0", FACT_ZIP_ENTRIES, "3", UNREAD_DAMAGED, WALK_SHORT },
    { "udf.iso", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_LABEL, "SAMPLE", ALL, WALK_WHOLE },
    { "udf.iso", NULL, NULL, "folder/inner.txt", "inner", FACT_ARCHIVE_ENTRY_HIDDEN_COUNT, "1", ALL, WALK_WHOLE },
    { "udf-bridge.iso", NULL, NULL, "ONLY.TXT", NULL, FACT_ARCHIVE_TREE_ONLY, "ONLY.TXT", ARCHIVE_ANY, WALK_WHOLE },
    { "udf-strange-map.iso", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRIES, "0", UNREAD_DAMAGED, WALK_BROKEN },
    { "udf-no-partition.iso", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRIES, "0", UNREAD_DAMAGED, WALK_BROKEN },
};

int main(int argc, char **argv)
{
    return harness_archive_main(argc, argv, "iso", cases, sizeof cases / sizeof cases[0]);
}
