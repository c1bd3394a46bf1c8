/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies by descriptor: what the file holds, whatever was said of it. */
#include "guard/worker.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/table.h"

enum { MIB = 1 << 20, ROOM = 4096 };

/* `head`, zeros up to `tail`, "tail" there when that is not 0. */
static int make_file(const char *head, uint64_t tail)
{
    char path[] = "/tmp/sekisho-body-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    (void)unlink(path);
    assert_int_equal(pwrite(fd, head, strlen(head), 0), strlen(head));
    if (tail)
        assert_int_equal(pwrite(fd, "tail", 4, (off_t)tail), 4);
    return fd;
}

static const struct {
    const char *name, *head;
    uint64_t tail, said, got;
    enum worker_cut cut;
} cases[] = {
    { "empty", "", 0, 0, 0, WORKER_CUT_NOTHING },
    { "as said", "head", 0, 4, 4, WORKER_CUT_NOTHING },
    { "longer than said", "head", 0, 3, 3, WORKER_CUT_NOTHING },
    { "shorter than said", "head", 0, 5, 4, WORKER_CUT_SHORT },
    { "cut to nothing", "", 0, 4000, 0, WORKER_CUT_SHORT },
    { "with a hole", "head", 3000, 3004, 3004, WORKER_CUT_NOTHING },
    { "large", "head", 3 * MIB, 3 * MIB + 4, 3 * MIB + 4, WORKER_CUT_NOTHING },
    { "large and shorter", "head", 3 * MIB, 3 * MIB + 9, 3 * MIB + 4, WORKER_CUT_SHORT },
    { "more than is read", "head", UINT64_C(2) << 30, (UINT64_C(2) << 30) + 4, WORKER_BODY_MAX, WORKER_CUT_TO_FIT },
};

static void files(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct arena *a = arena_new(8 * MIB);
        uint8_t room[ROOM];
        int fd = make_file(row->head, row->tail);
        for (int small = 0; small <= (row->said <= ROOM); small++) {
            struct body b;
            enum worker_cut cut = small ? worker_small_body(fd, room, (size_t)row->said, &b)
                                        : worker_body(fd, row->said, a, &b);
            /* What is behind the end is no hole of the file: nobody says what stood there. */
            bool size = b.all.len == row->got;
            table_true(&t, row->name, cut == row->cut && size);
            table_true(&t, row->name, slice_starts(b.all, slice_sub(slice_of(row->head), 0, b.all.len)));
            if (row->tail && row->cut != WORKER_CUT_TO_FIT)
                table_true(&t, row->name, slice_ends(b.all, SLICE_LIT("\0\0tail")));
            body_release(&b);
        }
        (void)close(fd);
        arena_drop(&a);
    }
}

static void no_file(void **state)
{
    (void)state;
    struct arena *a = arena_new(MIB);
    uint8_t room[16];
    struct body b;
    assert_int_equal(worker_small_body(-1, room, sizeof room, &b), WORKER_CUT_SHORT);
    assert_int_equal(b.all.len, 0);
    assert_int_equal(worker_body(-1, 16, a, &b), WORKER_CUT_SHORT);
    body_release(&b);
    int fd = make_file("head", 0);
    assert_false(worker_sealed(fd, 4)); /* somebody could still change it */
    assert_false(worker_sealed(-1, 0));
    (void)close(fd);
    arena_drop(&a);
    a = arena_new(4096);
    fd = make_file("head", 0);
    assert_int_equal(worker_body(fd, 4, a, &b), WORKER_CUT_TO_FIT);
    body_release(&b);
    (void)close(fd);
    arena_drop(&a);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),
        cmocka_unit_test(no_file),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
