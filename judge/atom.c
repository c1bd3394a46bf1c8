/* SPDX-License-Identifier: Apache-2.0 */
/* atom - one string condition against one value. */
#include "base/text.h"
#include "judge/judge_private.h"

static const struct regex *regex_of(const struct rules *r, uint32_t atom)
{
    struct regex **slot = &r->regex[atom];
    if (!*slot && regex_new(r->atoms[atom].text, r->atoms[atom].regex_flags, slot, NULL))
        return NULL; /* out of memory: the compiler has seen that it is a good expression */
    return *slot;
}

bool atom_matches(const struct rules *r, uint32_t atom, slice value, struct range *at_out)
{
    const struct atom *a = &r->atoms[atom];
    bool limit = false;
    switch ((enum atom_kind)a->kind) {
    case ATOM_GLOB:
        return glob_match(&a->glob, value, at_out);
    case ATOM_REGEX: {
        const struct regex *x = regex_of(r, atom);
        return x && regex_find(x, value, at_out, &limit);
    }
    case ATOM_CIDR:
        if (at_out)
            *at_out = (struct range){ 0, value.len };
        return cidr_holds(&a->cidr, value);
    case ATOM_KINDS:
        break;
    }
    return false;
}
