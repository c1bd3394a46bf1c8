/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the decoders of pictures: alone, and found in a stream. */
#include "decode/harness.h"
#include "decode/shared/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct looks {
    slice in;
    struct picture alone, found;
};

static void look(void *host, struct walk *w)
{
    struct looks *l = host;
    struct picture_choice c = { 0 };
    struct picture size;
    bool known = picture_size(l->in, &size);
    CHECK(picture_look(w, l->in, &l->alone) == known);
    CHECK(!l->alone.looked || (l->alone.background <= 100 && l->alone.lines <= PICTURE_HIGH && l->alone.colours <= 200));
    picture_offer_stream(w, &c, l->in);
    if (c.bytes.len)
        (void)picture_look(w, c.bytes, &l->found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct budget b = budget_default();
    b.left[BUDGET_WORK] = 100u * 1000 * 1000;
    struct looks l[2] = { { .in = { data, size } }, { .in = { data, size } } };
    for (size_t i = 0; i < 2; i++) {
        const struct walk_hooks hooks = { .host = &l[i], .part_begin = look };
        struct tally *t = tally_run(&(struct tally_options){ .hooks = &hooks, .budget = &b }, SLICE_LIT("x"));
        tally_drop(&t);
    }
    CHECK(l[0].alone.dhash == l[1].alone.dhash && l[0].found.dhash == l[1].found.dhash);
    return 0;
}
