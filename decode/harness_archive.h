/* SPDX-License-Identifier: Apache-2.0 */
/* harness_archive - one table-driven test for every reader of archives: samples
 * of its corpus, what must come out of them, and again with memory and
 * allowances that end early. */
#pragma once
#include "decode/harness.h"

struct archive_case {
    const char *file;      /* in the corpus */
    const char *named;     /* name of the root part; NULL: the file's */
    const char *password;  /* NULL: none */
    const char *part;      /* a part of this name is there; NULL: no part but the root; "*": any */
    const char *text;      /* ... whose text begins with this; NULL: unchecked */
    enum fact_id fact;     /* 0: unchecked */
    const char *value;     /* of the fact: its text, or its number in decimal */
    int unread;            /* enum unread_cause; -1: everything was read; -2: unchecked */
    int end;               /* enum walk_end; -1: unchecked */
};

enum { ARCHIVE_ALL_READ = -1, ARCHIVE_ANY = -2 };

/* The same for one compressed file without a list of members, of which all samples have the same
 * stems: FORMAT is told as "bzip2", its endings as "bz2" and "tbz2". */
struct stream_case {
    const char *format, *ending, *tar_ending;
    bool checked_last; /* what fails its sum was given out by then */
};
int harness_stream_main(int argc, char **argv, const struct stream_case *s);

/* main() of such a test: the corpus folder is argv[1]. */
int harness_archive_main(int argc, char **argv, const char *format, const struct archive_case *cases, size_t n);
