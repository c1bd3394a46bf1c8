/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the type libraries that come with the hosts: Office and Excel (constants.list), Word,
 * ADO and Outlook (vba_constants.h). */
#include "base/text.h"
#include "unmask/vba/vba_private.h"

static const struct {
    const char *name;
    int32_t value;
} listed[] = {
#define C(name, value) { #name, value },
#include "unmask/vba/vba_constants.h"
#undef C
};

struct constant {
    uint32_t at, len; /* in constant_names */
    int32_t value;
};

#include "vba_constants.inc"

static int compare_name(slice name, const struct constant *c)
{
    for (size_t i = 0; i < name.len && i < c->len; i++) {
        uint8_t a = ascii_lower(name.at[i]), b = (uint8_t)constant_names[c->at + i];
        if (a != b)
            return a < b ? -1 : 1;
    }
    return name.len < c->len ? -1 : name.len > c->len;
}

/* Excel's are known where its library is: elsewhere such a name may as well be a variable. */
static bool of_library(const struct machine *m, slice name, int32_t *out)
{
    bool excel = slice_starts_nocase(name, "xl") || slice_starts_nocase(name, "rgb");
    if (!(excel && m->excel) && !slice_starts_nocase(name, "mso"))
        return false;
    for (size_t lo = 0, hi = sizeof constants / sizeof constants[0]; lo < hi;) {
        size_t mid = lo + (hi - lo) / 2;
        int order = compare_name(name, &constants[mid]);
        if (order == 0) {
            *out = constants[mid].value;
            return true;
        }
        lo = order < 0 ? lo : mid + 1;
        hi = order < 0 ? mid : hi;
    }
    return false;
}

bool vba_constant(struct machine *m, slice name, struct value *out)
{
    int32_t number;
    /* wdKeyA to wdKeyZ, wdKey0 to 9: their character */
    if (name.len == 6 && slice_starts_nocase(name, "wdKey") && ascii_alnum(name.at[5])) {
        *out = basic_int(V_INTEGER, ascii_digit(name.at[5]) ? name.at[5] : ascii_lower(name.at[5]) - 32);
        return true;
    }
    uint8_t head = name.len > 3 ? ascii_lower(name.at[0]) : 0;
    if (head && strchr("xmr", head) && of_library(m, name, &number)) {
        *out = basic_int(V_LONG, number);
        return true;
    }
    for (size_t i = 0; head && strchr("wao", head) && i < sizeof listed / sizeof listed[0]; i++)
        if (slice_is_nocase(name, listed[i].name)) {
            *out = basic_int(V_LONG, listed[i].value);
            return true;
        }
    return false;
}
