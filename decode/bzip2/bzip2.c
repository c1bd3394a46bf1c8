/* SPDX-License-Identifier: Apache-2.0 */
/* bzip2 - one file compressed by bzip2 (manual of bzip2 1.0.8), perhaps in
 * several streams, which make one content. */
#include "base/unbzip2.h"
#include "decode/shared/archive.h"

/* "BZh", the size of blocks, and the first block's or the end's own six bytes. */
static enum sniff bzip2_sniff(const struct sniff_input *in)
{
    slice s = in->body->all;
    if (s.len < 10 || !slice_starts(s, SLICE_LIT("BZh")) || s.at[3] < '1' || s.at[3] > '9')
        return SNIFF_NO;
    slice six = slice_sub(s, 4, 6);
    return slice_eq(six, SLICE_LIT("1AY&SY")) || slice_eq(six, SLICE_LIT("\x17\x72\x45\x38\x50\x90")) ? SNIFF_STRONG
                                                                                               : SNIFF_NO;
}

static enum walk_end bzip2_walk(struct walk *w, const struct body *body)
{
    static const char *const endings[] = { ".tbz2", ".tar", ".tbz", ".tar", ".bz2", "", ".bz", "" };
    return archive_walk_stream(w, body, unbzip2_into, endings, 8);
}

const struct format format_bzip2 = {
    .name = "bzip2",
    .spec = "bzip2 1.0.8",
    .sniff = bzip2_sniff,
    .walk = bzip2_walk,
};
