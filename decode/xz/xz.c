/* SPDX-License-Identifier: Apache-2.0 */
/* xz - one file compressed by LZMA2 (xz-file-format 1.2.0), perhaps in several
 * streams, which make one content. Checksums are not judged. Left out: .lzma
 * and .lz, which have other headers. */
#include "base/unlzma.h"
#include "decode/shared/archive.h"

static enum sniff xz_sniff(const struct sniff_input *in)
{
    return slice_starts(in->body->all, SLICE_LIT("\xfd" "7zXZ\0")) ? SNIFF_STRONG : SNIFF_NO;
}

static enum walk_end xz_walk(struct walk *w, const struct body *body)
{
    static const char *const endings[] = { ".txz", ".tar", ".xz", "" };
    return archive_walk_stream(w, body, unlzma_xz, endings, 4);
}

const struct format format_xz = {
    .name = "xz",
    .spec = "xz-file-format 1.2.0",
    .sniff = xz_sniff,
    .walk = xz_walk,
};
