/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-bzip2 makes them; the rows stand in decode/harness_archive.c. */
#include "decode/harness_archive.h"

int main(int argc, char **argv)
{
    const struct stream_case s = { .format = "bzip2", .ending = "bz2", .tar_ending = "tbz2", .checked_last = false };
    return harness_stream_main(argc, argv, &s);
}
