/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-cab makes them; hostile ones outnumber kind ones. */
#include "decode/harness_archive.h"

#define LINE "line 0 of an inert sample"
#define ALL ARCHIVE_ALL_READ

static const struct archive_case cases[] = {
    { "stored.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "mszip.cab", NULL, NULL, "sub/b.txt", "second", FACT_ARCHIVE_ENTRY_HIDDEN, "sub/b.txt", ALL, WALK_WHOLE },
    { "mszip-blocks.cab", NULL, NULL, "first.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "mszip-blocks.cab", NULL, NULL, "last.txt", NULL, FACT_FILE_SIZE, "47090", ALL, WALK_WHOLE },
    { "cp932.cab", NULL, NULL, "見積.txt", "inner", FACT_ZIP_SINGLE, "見積.txt", ALL, WALK_WHOLE },
    { "utf8.cab", NULL, NULL, "見積.txt", "inner", FACT_ZIP_SINGLE, "見積.txt", ALL, WALK_WHOLE },
    { "lzx.cab", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "86190", ALL, WALK_WHOLE },
    { "lzx-aligned.cab", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "86190", ALL, WALK_WHOLE },
    { "lzx-plain.cab", NULL, NULL, "b.txt", NULL, FACT_FILE_SIZE, "34101", ALL, WALK_WHOLE },
    { "lzx-calls.cab", NULL, NULL, "b.txt", NULL, FACT_FILE_HASH_SHA256,
      "4f7b73e1bf5562428a91720d853936cc3dc659bb5f18d4a8b5be4c3b3691741e", ARCHIVE_ANY, WALK_WHOLE },
    { "lzx-noise.cab", NULL, NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, WALK_BROKEN },
    { "lzx-window.cab", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRIES, "1", UNREAD_DAMAGED, WALK_BROKEN },
    { "lzx-cut.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", UNREAD_DAMAGED, WALK_BROKEN },
    { "lzx-kind.cab", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRIES, "2", UNREAD_DAMAGED, WALK_BROKEN },
    { "quantum.cab", NULL, NULL, "a.txt", LINE, FACT_FILE_SIZE, "86190", ALL, WALK_WHOLE },
    { "quantum-small.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "quantum-learns.cab", NULL, NULL, "b.txt", NULL, FACT_FILE_HASH_SHA256,
      "9738f027ab52a888a6b56d130ac6f502b3c8e78fb662b8f3b04bef8a77a585b3", ARCHIVE_ANY, WALK_WHOLE },
    { "quantum-over.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", UNREAD_DAMAGED, WALK_BROKEN },
    { "quantum-noise.cab", NULL, NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, -1 },
    { "quantum-window.cab", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRIES, "1", UNREAD_DAMAGED, WALK_BROKEN },
    { "quantum-far.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ARCHIVE_ANY, WALK_WHOLE },
    { "quantum-cut.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", UNREAD_DAMAGED, WALK_BROKEN },
    { "quantum-nothing.cab", NULL, NULL, "*", NULL, FACT_ZIP_ENTRIES, "2", ARCHIVE_ANY, WALK_BROKEN },
    { "later.cab", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRY_METHOD, "unknown", UNREAD_NO_READER, WALK_WHOLE },
    { "reserve.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "1", ALL, WALK_WHOLE },
    { "next.cab", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_VOLUME, "next.cab", ALL, WALK_WHOLE },
    { "from-before.cab", NULL, NULL, "a.txt", LINE, FACT_ARCHIVE_VOLUME, NULL, UNREAD_DAMAGED, -1 },
    { "no-such-folder.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", UNREAD_DAMAGED, WALK_BROKEN },
    { "many-told.cab", NULL, NULL, "a.txt", LINE, 0, NULL, ARCHIVE_ANY, WALK_BROKEN },
    { "folder-outside.cab", NULL, NULL, NULL, NULL, FACT_ZIP_ENTRIES, "2", UNREAD_DAMAGED, -1 },
    { "broken.cab", NULL, NULL, "*", NULL, FACT_ZIP_ENTRIES, "1", ARCHIVE_ANY, WALK_BROKEN },
    { "cut.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", UNREAD_DAMAGED, WALK_BROKEN },
    { "behind-stub.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_PREPENDED, "325", ALL, WALK_WHOLE },
    { "junk-before.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_PREPENDED, "14", ALL, WALK_WHOLE },
    { "junk-behind.cab", NULL, NULL, "a.txt", LINE, FACT_ZIP_ENTRIES, "2", ALL, WALK_WHOLE },
    { "climbs.cab", NULL, NULL, "../../a.txt", LINE, FACT_ZIP_ENTRY_PATH, "../../a.txt", ALL, WALK_WHOLE },
};

int main(int argc, char **argv)
{
    return harness_archive_main(argc, argv, "cab", cases, sizeof cases / sizeof cases[0]);
}
