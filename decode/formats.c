/* SPDX-License-Identifier: Apache-2.0 */
/* formats - the table of all formats, made by the build from formats.list. */
#include "decode/walk.h"

#define FORMAT(name) extern const struct format format_##name;
#include "formats.inc"
#undef FORMAT

static const struct format *const formats[] = {
#define FORMAT(name) &format_##name,
#include "formats.inc"
#undef FORMAT
};

const struct format *const *formats_all(size_t *n_out)
{
    *n_out = sizeof formats / sizeof formats[0];
    return formats;
}

const struct format *format_named(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}
