/* SPDX-License-Identifier: Apache-2.0 */
/* types - what a file is by its bytes, its name, its declaration (types.list). */
#pragma once
#include "base/body.h"

enum type_policy {
    TYPE_READER,    /* a format of ours reads it */
    TYPE_INERT,     /* cannot act by itself; never unread */
    TYPE_NO_READER, /* could carry something; unread until a reader exists */
    TYPE_SCRIPT,    /* runs when opened */
    TYPE_PROGRAM,   /* runs when opened */
};

struct type_row {
    const char *name;
    enum type_policy policy;
};

/* NULL when nothing fits. */
const struct type_row *type_named(slice name);
const struct type_row *type_by_magic(const struct body *body, size_t *magic_len_out);
const struct type_row *type_by_extension(slice extension); /* without the dot */
const struct type_row *type_by_media(slice content_type);  /* parameters are ignored */

/* The extension a Windows shell would act on, without the dot: behind the last
 * dot, trailing dots and blanks removed; empty when there is none. */
slice type_extension_of(slice file_name);
/* What stands behind the last slash or backslash of a path. */
slice type_base_name(slice path);
/* Documents, scripts, programs, shortcuts, disk images: what a mail-borne attack opens. */
bool type_is_dangerous(const struct type_row *t);
