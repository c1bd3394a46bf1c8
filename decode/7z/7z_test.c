/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-7z makes them; hostile ones outnumber kind ones. */
#include "decode/harness_archive.h"

#define LINE "line 0 of an inert sample"
#define ALL ARCHIVE_ALL_READ

static const struct archive_case cases[] = {
    { "copy.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "copy.7z", NULL, NULL, "d/請求書.txt", "second", FACT_ARCHIVE_SOLID, "1", ALL, WALK_WHOLE },
    { "lzma.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "lzma2.7z", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_ENTRY_HIDDEN, "a.txt", ALL, WALK_WHOLE },
    { "deflate.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_SINGLE, "a.txt", ALL, WALK_WHOLE },
    { "bzip2.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "x86.7z", NULL, NULL, "a.bin", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, WALK_WHOLE },
    { "bcj2.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "deflate64.7z", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRY_METHOD, "deflate64", UNREAD_NO_READER, -1 },
    { "ppmd.7z", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "ppmd-cut.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRY_DAMAGED, "a.txt", ARCHIVE_ANY, WALK_BROKEN },
    { "ppmd-order.7z", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRY_DAMAGED, "a.txt", UNREAD_DAMAGED, WALK_BROKEN },
    { "ppmd-huge.7z", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "2810", ALL, WALK_WHOLE },
    { "locked.7z", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRY_ENCRYPTED_NAME, "a.txt", UNREAD_ENCRYPTED, -1 },
    { "locked.7z", NULL, "infected", "a.txt", LINE, FACT_PASSWORD_FOUND, NULL, ALL, WALK_WHOLE },
    { "locked.7z", NULL, "infected", "d/請求書.txt", "second", FACT_ZIP_ENCRYPTED, "2", ALL, WALK_WHOLE },
    { "locked.7z", NULL, "wrong", NULL, NULL, FACT_PASSWORD_WANTED, NULL, UNREAD_ENCRYPTED, -1 },
    { "locked-copy.7z", NULL, "1234", "a.txt", LINE, FACT_ZIP_ENCRYPTION, "aes-256", ALL, WALK_WHOLE },
    { "locked-copy.7z", NULL, "12345", NULL, NULL, FACT_PASSWORD_TRIED, "1", UNREAD_ENCRYPTED, -1 },
    { "locked-names.7z", NULL, NULL, NULL, NULL, FACT_ARCHIVE_HEADER_ENCRYPTED, NULL, UNREAD_ENCRYPTED, -1 },
    { "locked-names.7z", NULL, "1234", "a.txt", LINE, FACT_PASSWORD_FOUND, NULL, ALL, WALK_WHOLE },
    { "locked-names.7z", NULL, "1235", NULL, NULL, FACT_ZIP_ENCRYPTED, "1", UNREAD_ENCRYPTED, -1 },
    { "locked-other.7z", NULL, "infected", NULL, NULL, FACT_PASSWORD_WANTED, NULL, UNREAD_ENCRYPTED, -1 },
    { "wrong-sum.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRY_BAD_CRC, "a.txt", ALL, WALK_WHOLE },
    { "loop.7z", NULL, NULL, NULL, NULL, 0, NULL, UNREAD_DAMAGED, WALK_BROKEN },
    { "folders-twice.7z", NULL, NULL, NULL, NULL, 0, NULL, UNREAD_DAMAGED, -1 },
    { "empty.7z", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "junk-before.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_PREPENDED, "126", ALL, WALK_WHOLE },
    { "appended.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_APPENDED, "6", ALL, WALK_WHOLE },
    { "no-start.7z", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "cut.7z", NULL, NULL, NULL, NULL, 0, NULL, UNREAD_DAMAGED, WALK_BROKEN },
    { "cut.7z", "a.7z.001", NULL, NULL, NULL, 0, NULL, UNREAD_DAMAGED, WALK_BROKEN },
    { "climbs.7z", NULL, NULL, "../../a.txt", LINE, FACT_ZIP_ENTRY_PATH, "c:/b.txt", ALL, WALK_WHOLE },
};

int main(int argc, char **argv)
{
    return harness_archive_main(argc, argv, "7z", cases, sizeof cases / sizeof cases[0]);
}
