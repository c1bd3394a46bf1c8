/* SPDX-License-Identifier: Apache-2.0 */
/* xls_crypt - encrypted record streams ([MS-XLS] 2.2.10, FilePass 2.4.117).
 *
 * A workbook in a compound file is opened there (decode/cfb), where it can also wait for the
 * passwords of the mail; what comes here is a bare stream, or stands deeper. Only the password
 * that Excel tries unasked is tried.
 */
#include "decode/shared/officecrypto.h"
#include "decode/xls/xls_private.h"

bool xls_crypt_open(struct xls *x, struct body *out)
{
    struct officecrypto o;
    struct officecrypto_key key;
    slice password = slice_of(officecrypto_builtin(0));
    if (!officecrypto_read_filepass(&o, x->w, xls_bytes(x, x->filepass)) ||
        officecrypto_try(x->w, &o, password, &key) != OFFICECRYPTO_OPEN)
        return false;
    walk_flag(x->w, FACT_OFFICE_ENCRYPTED, NOWHERE);
    walk_cstr(x->w, FACT_OFFICE_ENCRYPTED_SCHEME, officecrypto_scheme_name(o.scheme), NOWHERE);
    walk_flag(x->w, FACT_OFFICE_ENCRYPTED_BUILTIN, NOWHERE);
    if (!officecrypto_book(x->w, &key, x->in, out))
        walk_unread_of(x->w, UNREAD_DAMAGED, UNREAD_OF_STREAM, (slice){ 0 });
    return true;
}
