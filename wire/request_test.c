/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: round trip, every cut, every byte changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "wire/request.h"

enum { MEMORY = 4 << 20 };

static const struct password two_hints[] = {
    { .text = SLICE_INIT("8320"), .source = PASSWORD_SITE },
    { .text = SLICE_INIT("\xe3\x83\x91\xe3\x82\xb9"), .source = PASSWORD_CONVERSATION },
};

static void round_trip(const char *name, const struct request *r)
{
    struct buf b = buf_new(REQUEST_MAX);
    struct arena *mem = arena_new(MEMORY);
    struct request got;
    if (!request_encode(&b, r) || request_size(buf_slice(&b)) != b.len ||
        !request_decode(buf_slice(&b), mem, &got))
        fail_msg("%s: does not come back", name);
    assert_true(slice_eq(got.name, r->name) && slice_eq(got.declared, r->declared));
    assert_true(got.size == r->size && got.bytes == r->bytes && got.give == r->give &&
                got.give_part == r->give_part);
    assert_true(r->bytes ? got.body.len == 0 : slice_eq(got.body, r->body));
    assert_int_equal(got.n_hints, r->n_hints);
    for (size_t i = 0; i < r->n_hints; i++)
        assert_true(slice_eq(got.hints[i].text, r->hints[i].text) &&
                    got.hints[i].source == r->hints[i].source && got.hints[i].part == NO_ID &&
                    got.hints[i].rank == i);
    arena_drop(&mem);
    buf_drop(&b);
}

static void round_trips(void **state)
{
    (void)state;
    static uint8_t large[REQUEST_INLINE_MAX];
    round_trip("empty", &(struct request){ 0 });
    round_trip("small", &(struct request){ .name = SLICE_LIT("a.eml"),
                                           .declared = SLICE_LIT("message/rfc822"),
                                           .size = 4,
                                           .body = SLICE_LIT("body") });
    round_trip("largest",
               &(struct request){ .size = sizeof large, .body = { large, sizeof large } });
    round_trip("by descriptor", &(struct request){ .name = SLICE_LIT("\xe8\xa6\x8b.zip"),
                                                   .size = UINT64_C(1) << 40,
                                                   .bytes = REQUEST_SEALED });
    round_trip("a file", &(struct request){ .name = SLICE_LIT("a.doc"),
                                            .size = UINT64_C(1) << 40,
                                            .bytes = REQUEST_FILE });
    round_trip("hints", &(struct request){ .hints = two_hints, .n_hints = 2 });
    round_trip("give", &(struct request){ .give = GIVE_ONE, .give_part = 17 });
}

static void limits(void **state)
{
    (void)state;
    struct password many[300];
    static uint8_t text[REQUEST_NAME_MAX + 100];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = 'x';
    for (size_t i = 0; i < 300; i++) /* every tenth is too long and is left out */
        many[i] = (struct password){ .text = { text, i % 10 ? 5 : REQUEST_HINT_BYTES_MAX + 1 },
                                     .source = PASSWORD_HINT };
    struct request r = { .name = { text, sizeof text }, .hints = many, .n_hints = 300 }, got;
    struct buf b = buf_new(REQUEST_MAX);
    struct arena *mem = arena_new(MEMORY);
    assert_true(request_encode(&b, &r));
    assert_true(request_decode(buf_slice(&b), mem, &got));
    assert_int_equal(got.name.len, REQUEST_NAME_MAX);
    assert_int_equal(got.n_hints, REQUEST_HINTS_MAX);
    buf_clear(&b);
    r = (struct request){ .name = SLICE_LIT("a\xff") };
    assert_true(request_encode(&b, &r) && request_decode(buf_slice(&b), mem, &got));
    assert_true(slice_is(got.name, "a\xef\xbf\xbd"));
    buf_drop(&b);
    b = buf_new(10);
    assert_false(request_encode(&b, &r));
    buf_drop(&b);
    arena_drop(&mem);
}

/* Exactly the whole frame decodes; what is said of its size never lies below what is there. */
static void cuts_and_changes(void **state)
{
    (void)state;
    const struct request r = { .name = SLICE_LIT("name"),
                               .declared = SLICE_LIT("type"),
                               .size = 9,
                               .body = SLICE_LIT("body body"),
                               .hints = two_hints,
                               .n_hints = 2 };
    struct buf b = buf_new(REQUEST_MAX);
    struct arena *mem = arena_new(MEMORY);
    struct request got;
    assert_true(request_encode(&b, &r));
    for (size_t n = 0; n < b.len; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        assert_non_null(exact);
        (void)slice_copy_out(buf_slice(&b), exact, n);
        assert_false(request_decode((slice){ exact, n }, mem, &got));
        assert_int_equal(request_size((slice){ exact, n }), n < REQUEST_HEAD ? 0 : b.len);
        free(exact);
        arena_reset(mem);
    }
    unsigned refused = 0;
    for (size_t bit = 0; bit < b.len * 8; bit++) {
        b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool good = request_decode(buf_slice(&b), mem, &got);
        refused += !good;
        if (good) {
            assert_true(got.n_hints <= REQUEST_HINTS_MAX &&
                        got.body.len == (got.bytes ? 0 : got.size));
            assert_true(utf8_valid(got.name) && got.give <= GIVE_ALL);
        }
        b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        arena_reset(mem);
    }
    assert_true(refused > 100);
    assert_int_equal(request_size(SLICE_LIT("x")), SIZE_MAX);
    assert_int_equal(request_size(SLICE_LIT("j\xff\xff\xff\xff")), SIZE_MAX);
    for (size_t fail = 1; fail < 6; fail++) {
        arena_reset(mem);
        arena_fail_at(mem, fail);
        assert_int_equal(request_decode(buf_slice(&b), mem, &got), fail > 5);
    }
    arena_drop(&mem);
    buf_drop(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(limits),
        cmocka_unit_test(cuts_and_changes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
