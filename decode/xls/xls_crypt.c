/* SPDX-License-Identifier: Apache-2.0 */
/* xls_crypt - encrypted record streams ([MS-XLS] 2.2.10, FilePass 2.4.117).
 *
 * The seam for decryption: x->filepass is where the FilePass record's data stand, x->in the
 * whole stream, of which record headers and some records stay as they are. Whoever opens it
 * writes the plain stream of the same length to *out; it is then read from the start.
 * No scheme is opened yet.
 */
#include "decode/xls/xls_private.h"

bool xls_crypt_open(struct xls *x, struct body *out)
{
    (void)x, (void)out;
    return false;
}
