/* SPDX-License-Identifier: Apache-2.0 */
/* rules - opens a rule image and says what is in it. */
#include "base/hash.h"
#include "judge/image.h"
#include <errno.h>

int rules_open(slice image, struct rules **out, struct err *err_out)
{
    /* Tables take more room than the image, by the factor of their smallest rows. */
    struct arena *mem = arena_new(image.len > IMAGE_MAX ? 1 : (image.len + (1 << 16)) * 32);
    struct rules *r = mem ? ARENA_NEW(mem, struct rules) : NULL;
    int code;
    if (r) {
        r->mem = mem;
        code = image_read(r, image, err_out);
    } else {
        code = err_set(err_out, -ENOMEM, "out of memory while opening the rules");
    }
    if (code)
        arena_drop(&mem);
    else
        *out = r;
    return code;
}

void rules_drop(struct rules **r)
{
    if (!*r)
        return;
    for (uint32_t i = 0; i < (*r)->n_atoms; i++)
        regex_drop(&(*r)->regex[i]);
    struct arena *mem = (*r)->mem;
    arena_drop(&mem);
    *r = NULL;
}

size_t rules_count(const struct rules *r)
{
    return r->n_rules;
}

struct rule_info rules_info(const struct rules *r, size_t rule)
{
    CHECK(rule < r->n_rules);
    return r->rules[rule].info;
}

size_t rules_find(const struct rules *r, slice name)
{
    if (name.len == 0)
        return SIZE_MAX;
    for (uint32_t i = 0; i < r->n_rules; i++) {
        const struct rule_info *info = &r->rules[i].info;
        if (slice_eq(info->id, name) || slice_eq(info->uuid, name) || slice_eq(info->name, name))
            return i;
    }
    return SIZE_MAX;
}

slice rules_digest(const struct rules *r)
{
    return r->digest;
}
