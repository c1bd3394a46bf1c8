/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-lzh makes them; hostile ones outnumber kind ones. */
#include "decode/harness_archive.h"

#define LINE "line 0 of an inert sample"
#define ALL ARCHIVE_ALL_READ

static const struct archive_case cases[] = {
    { "lh0.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_SINGLE, "a.txt", ALL, WALK_WHOLE },
    { "lh4.lzh", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "lh5.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "lh5.lzh", NULL, NULL, "b.txt", "second", FACT_ARCHIVE_ENTRY_HIDDEN, "b.txt", ALL, WALK_WHOLE },
    { "lh6.lzh", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "lh7.lzh", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "84300", ALL, WALK_WHOLE },
    { "lhx.lzh", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "lzs.lzs", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "lz5.lzs", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "lh1.lzh", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRY_METHOD, "lh1", UNREAD_NO_READER, WALK_WHOLE },
    { "one-symbol.lzh", NULL, NULL, "a.txt", "AAAAAAAA", FACT_FILE_SIZE, "40", ALL, WALK_WHOLE },
    { "no-such-length.lzh", NULL, NULL, "*", NULL, FACT_ZIP_ENTRY_DAMAGED, "a.exe", UNREAD_DAMAGED, WALK_SHORT },
    { "level0.lzh", NULL, NULL, "d/a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "level3.lzh", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "folders.lzh", NULL, NULL, "d/e/a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "cp932.lzh", NULL, NULL, "見積.txt", LINE, FACT_ZIP_SINGLE, "見積.txt", ALL, WALK_WHOLE },
    { "utf16.lzh", NULL, NULL, "見積.txt", LINE, FACT_ZIP_SINGLE, "見積.txt", ALL, WALK_WHOLE },
    { "hidden.lzh", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_ENTRY_HIDDEN, "a.txt", ALL, WALK_WHOLE },
    { "link.lzh", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_ENTRY_LINK, "../../etc", ALL, WALK_WHOLE },
    { "climbs.lzh", NULL, NULL, "../../a.txt", LINE, FACT_ZIP_ENTRY_PATH, "../../a.txt", ALL, WALK_WHOLE },
    { "behind-stub.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_PREPENDED, "302", ALL, WALK_WHOLE },
    { "junk-before.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_PREPENDED, "14", ALL, WALK_WHOLE },
    { "junk-behind.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_APPENDED, "15", ALL, WALK_WHOLE },
    { "bad-sum.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRY_BAD_CRC, "a.txt", ALL, WALK_WHOLE },
    { "bad-header-sum.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "size-too-small.lzh", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "40", ALL, WALK_WHOLE },
    { "size-too-large.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRY_DAMAGED, "a.txt", UNREAD_DAMAGED, WALK_SHORT },
    { "packed-too-small.lzh", NULL, NULL, "b.txt", "second", FACT_ZIP_ENTRY_DAMAGED, "a.txt", UNREAD_DAMAGED, WALK_BROKEN },
    { "packed-too-large.lzh", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "cut.lzh", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRY_DAMAGED, "a.txt", UNREAD_DAMAGED, WALK_SHORT },
    { "broken.lzh", NULL, NULL, "*", NULL, FACT_ZIP_ENTRY_DAMAGED, "a.txt", UNREAD_DAMAGED, WALK_SHORT },
    { "endless-extended.lzh", NULL, NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "many-zeros.lzh", NULL, NULL, "a.txt", NULL, FACT_FILE_SIZE, "1048576", ARCHIVE_ANY, WALK_WHOLE },
};

int main(int argc, char **argv)
{
    return harness_archive_main(argc, argv, "lzh", cases, sizeof cases / sizeof cases[0]);
}
