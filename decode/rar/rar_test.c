/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-rar makes them; hostile ones outnumber kind ones. */
#include "decode/harness_archive.h"

#define LINE "line 0 of an inert sample"
#define ALL ARCHIVE_ALL_READ

static const struct archive_case cases[] = {
    { "stored-5.rar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "3", ALL, WALK_WHOLE },
    { "stored-5.rar", NULL, NULL, "d/見積.txt", "inner", FACT_ARCHIVE_ENTRY_HIDDEN, "d/見積.txt", ALL, WALK_WHOLE },
    { "packed-5.rar", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRY_METHOD, "rar5", UNREAD_NO_READER, WALK_WHOLE },
    { "locked-5.rar", NULL, "infected", NULL, NULL, FACT_ZIP_ENTRY_ENCRYPTED_NAME, "a.exe", UNREAD_ENCRYPTED, WALK_WHOLE },
    { "locked-names-5.rar", NULL, NULL, NULL, NULL, FACT_ARCHIVE_HEADER_ENCRYPTED, NULL, UNREAD_ENCRYPTED, WALK_WHOLE },
    { "link-5.rar", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_ENTRY_LINK, "../../etc/", ALL, WALK_WHOLE },
    { "stream-5.rar", NULL, NULL, ":hidden.exe", NULL, FACT_ARCHIVE_ENTRY_STREAM, ":hidden.exe", ARCHIVE_ANY, WALK_WHOLE },
    { "comment-5.rar", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_COMMENT, NULL, ALL, WALK_WHOLE },
    { "volume-5.rar", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_VOLUME, "volume-5.rar", ALL, WALK_WHOLE },
    { "solid-5.rar", NULL, NULL, "b.txt", "second", FACT_ARCHIVE_SOLID, NULL, ALL, WALK_WHOLE },
    { "huge-5.rar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, -1 },
    { "endless-number-5.rar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "cut-5.rar", NULL, NULL, "a.txt", "line 0", FACT_ZIP_ENTRIES, "1", ALL, WALK_SHORT },
    { "junk-before.rar", NULL, NULL, "a.txt", LINE, FACT_ZIP_PREPENDED, "14", ALL, WALK_WHOLE },
    { "stored-4.rar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "unicode-4.rar", NULL, NULL, "見積.txt", LINE, FACT_ZIP_SINGLE, "見積.txt", ALL, WALK_WHOLE },
    { "cp932-4.rar", NULL, NULL, "見積.txt", LINE, FACT_ZIP_SINGLE, "見積.txt", ALL, WALK_WHOLE },
    { "packed-4.rar", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRY_METHOD, "rar4", UNREAD_NO_READER, WALK_WHOLE },
    { "locked-4.rar", NULL, "infected", NULL, NULL, FACT_ZIP_ENTRY_ENCRYPTED_EXTENSION, "exe", UNREAD_ENCRYPTED, WALK_WHOLE },
    { "locked-names-4.rar", NULL, NULL, NULL, NULL, FACT_ZIP_ENCRYPTED, "1", UNREAD_ENCRYPTED, WALK_WHOLE },
    { "volume-4.rar", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_VOLUME, "volume-4.rar", ALL, WALK_WHOLE },
    { "broken-4.rar", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, -1 },
};

int main(int argc, char **argv)
{
    return harness_archive_main(argc, argv, "rar", cases, sizeof cases / sizeof cases[0]);
}
