/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as tools/make-corpus-xz makes them; the rows stand in decode/harness_archive.c. */
#include "decode/harness_archive.h"

int main(int argc, char **argv)
{
    const struct stream_case s = { .format = "xz", .ending = "xz", .tar_ending = "txz", .checked_last = true };
    return harness_stream_main(argc, argv, &s);
}
