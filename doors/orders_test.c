/* SPDX-License-Identifier: Apache-2.0 */
#include "doors/orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "tests/table.h"

static struct order_settings full(void)
{
    static const slice networks[] = { SLICE_INIT("192.0.2.0/24"), SLICE_INIT("2001:db8::/32") };
    static const slice domains[] = { SLICE_INIT("example.invalid") };
    static const slice paths[] = { SLICE_INIT("/var/lib/amavis/tmp") };
    static const slice tokens[] = { SLICE_INIT("00ff"), SLICE_INIT("") };
    struct order_settings s = order_defaults();
    s.door = (struct door_settings){ .limits = { UINT64_C(5) << 32 | 7, 1, 2, true },
                                     .authserv_id = SLICE_LIT("mx"),
                                     .own_networks = networks,
                                     .n_own_networks = 2,
                                     .own_domains = domains,
                                     .n_own_domains = 1,
                                     .inbound_headers_stay = true,
                                     .away_accepts = true,
                                     .version = SLICE_LIT("1") };
    s.connections = 3;
    s.per_peer = 4;
    s.slow_ms = 5;
    s.answer_ms = 6;
    s.allow_weak_jail = true;
    s.paths = paths;
    s.n_paths = 1;
    s.door.tokens = tokens;
    s.door.n_tokens = 2;
    return s;
}

static void goes_both_ways(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct buf b = buf_new(ORDER_PAYLOAD_MAX), again = buf_new(ORDER_PAYLOAD_MAX);
    struct order_settings s = full(), got;
    assert_true(order_put_settings(&b, &s) && order_read_settings(buf_slice(&b), mem, &got));
    assert_true(order_put_settings(&again, &got) && slice_eq(buf_slice(&b), buf_slice(&again)));
    assert_true(got.door.limits.object_max == (UINT64_C(5) << 32 | 7) && got.door.limits.files);
    assert_true(got.door.away_accepts && got.door.inbound_headers_stay && got.allow_weak_jail);
    assert_true(slice_is(got.door.own_networks[1], "2001:db8::/32") &&
                slice_is(got.door.tokens[0], "00ff"));
    assert_true(got.connections == 3 && got.per_peer == 4 && got.slow_ms == 5 &&
                got.answer_ms == 6);
    buf_drop(&b);
    buf_drop(&again);
    arena_drop(&mem);
}

/* Every prefix, and every byte changed to the extremes: refused, or read without harm. */
static void refuses_what_is_cut(void **state)
{
    (void)state;
    struct arena *mem = arena_new(64 << 20);
    struct buf b = buf_new(ORDER_PAYLOAD_MAX);
    struct order_settings s = full(), got;
    assert_true(order_put_settings(&b, &s));
    for (size_t n = 0; n < b.len; n++)
        assert_false(order_read_settings(slice_sub(buf_slice(&b), 0, n), mem, &got));
    for (size_t i = 0; i < b.len; i++) {
        uint8_t was = b.at[i];
        b.at[i] = 0xff;
        (void)!order_read_settings(buf_slice(&b), mem, &got);
        b.at[i] = was;
    }
    b.at[0] = 9;
    assert_false(order_read_settings(buf_slice(&b), mem, &got));
    b.at[0] = 1;
    buf_byte(&b, 0);
    assert_false(order_read_settings(buf_slice(&b), mem, &got)); /* one byte too many */
    s.connections = 0;
    buf_clear(&b);
    assert_true(order_put_settings(&b, &s));
    assert_false(order_read_settings(buf_slice(&b), mem, &got));
    buf_drop(&b);
    arena_drop(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(goes_both_ways),
                                        cmocka_unit_test(refuses_what_is_cut) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
