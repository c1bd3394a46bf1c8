/* SPDX-License-Identifier: Apache-2.0 */
#include "doors/object.h"
#include "os/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/table.h"

enum { MIB = 1 << 20 };

static const struct {
    const char *name;
    uint64_t size, max;
    size_t piece;
    bool over, fd;
    uint64_t kept; /* bytes that stand at the end */
} cases[] = {
    { "empty", 0, MIB, 1, false, false, 0 },
    { "one byte", 1, MIB, 1, false, false, 1 },
    { "as much as a message takes", GATE_INLINE_MAX, MIB, 4096, false, false, GATE_INLINE_MAX },
    { "one more than a message takes", GATE_INLINE_MAX + 1, MIB, 4096, false, true,
      GATE_INLINE_MAX + 1 },
    { "one more, at once", GATE_INLINE_MAX + 1, MIB, MIB, false, true, GATE_INLINE_MAX + 1 },
    { "all that is allowed", MIB, MIB, 65536, false, true, MIB },
    { "one more than is allowed", MIB + 1, MIB, 65536, true, true, MIB },
    { "far more than is allowed, at once", 4 * MIB, MIB, 4 * MIB, true, false, 0 },
    { "nothing is allowed", 1, 0, 1, true, false, 0 },
    { "odd pieces", 700001, MIB, 7777, false, true, 700001 },
};

static uint8_t byte_at(uint64_t i)
{
    return (uint8_t)(i * 31 + (i >> 8) + 1);
}

static void feed(struct object *o, uint64_t size, size_t piece)
{
    struct buf b = buf_new(8 * MIB);
    for (uint64_t at = 0; at < size;) {
        size_t n = size - at < piece ? (size_t)(size - at) : piece;
        buf_clear(&b);
        for (size_t i = 0; i < n; i++)
            buf_byte(&b, byte_at(at + i));
        if (!object_add(o, buf_slice(&b)))
            break;
        at += n;
    }
    buf_drop(&b);
}

static bool same(const struct gate_request *r, int fd)
{
    struct buf got = buf_new(8 * MIB);
    bool good = true;
    if (r->has_fd)
        good = file_read_fd(fd, 8 * MIB, &got, NULL) == 0;
    else
        buf_put(&got, r->body);
    good = good && got.len == r->size;
    for (size_t i = 0; good && i < got.len; i++)
        good = got.at[i] == byte_at(i);
    buf_drop(&got);
    return good;
}

static void gathers(void **state)
{
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        struct object o = object_new(row->max);
        for (int again = 0; again < 2; again++) {
            struct gate_request r = { 0 };
            int fd = -1;
            feed(&o, row->size, row->piece);
            table_true(&t, row->name, o.over == row->over && o.error == 0);
            table_true(&t, row->name,
                       object_take(&o, &r, &fd) && r.has_fd == row->fd && (fd >= 0) == row->fd);
            uint64_t whole = row->over ? r.size : row->kept;
            table_true(&t, row->name, r.size == whole && r.size <= row->max && same(&r, fd));
            if (fd >= 0) {
                table_true(&t, row->name, fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE);
                close(fd);
            }
            object_clear(&o);
        }
        object_drop(&o);
    }
}

/* A document padded with zeros is a hole. */
static void zeros_cost_nothing(void **state)
{
    (void)state;
    static const uint8_t zeros[65536];
    struct object o = object_new(UINT64_C(1) << 30);
    assert_true(object_add(&o, SLICE_LIT("PK")));
    for (int i = 0; i < 1600; i++)
        assert_true(object_add(&o, (slice){ zeros, sizeof zeros }));
    struct gate_request r = { 0 };
    int fd;
    assert_true(object_take(&o, &r, &fd));
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 1600 * 65536 + 2);
    assert_true(st.st_blocks * 512 < 2 * MIB);
    close(fd);
    object_drop(&o);
}

/* Many at once: what does not fit is refused, and what is taken or given up makes room again. */
static void a_pool_has_an_end(void **state)
{
    (void)state;
    static const uint8_t bytes[1000];
    struct object_pool pool = { .max = 2500 };
    struct object a = object_new(MIB), b = object_new(MIB);
    struct gate_request r = { 0 };
    int fd;
    a.pool = b.pool = &pool;
    assert_true(object_add(&a, (slice){ bytes, 1000 }) && object_add(&b, (slice){ bytes, 1000 }));
    assert_false(object_add(&b, (slice){ bytes, 501 }));
    assert_false(object_add(&b, (slice){ bytes, 1 })); /* for good */
    assert_true(b.error && !b.over && !object_take(&b, &r, &fd) && pool.held == 2000);
    object_clear(&b);
    assert_true(pool.held == 1000 && object_add(&b, (slice){ bytes, 1000 }));
    assert_true(object_take(&a, &r, &fd) && fd < 0 && r.size == 1000 && pool.held == 1000);
    object_drop(&a);
    object_drop(&b);
    assert_int_equal(pool.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_pool_has_an_end),
                                        cmocka_unit_test(gathers),
                                        cmocka_unit_test(zeros_cost_nothing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
