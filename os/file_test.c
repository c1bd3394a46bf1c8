/* SPDX-License-Identifier: Apache-2.0 */
/* Files: refusals, whole reads, durable writes, sealed copies with holes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[4][200];
    static unsigned turn;
    char *p = path[turn++ % 4];
    (void)snprintf(p, 200, "%s/%s", folder, name);
    return p;
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/sekisho-file-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = { "file", "link", "fifo", "big", "sub", "sparse" };
    for (size_t i = 0; i < 6; i++)
        (void)remove(in_folder(names[i]));
    return rmdir(folder); /* fails when a temporary file was left behind */
}

static void refusals(void **state)
{
    (void)state;
    int fd = -1;
    struct err e = { 0 };
    assert_int_equal(file_write(folder, "file", SLICE_LIT("text"), 0600, &e), 0);
    assert_int_equal(symlink("file", in_folder("link")), 0);
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    static const struct {
        const char *name;
        unsigned flags;
        int want;
        const char *piece;
    } cases[] = {
        { "file", FILE_NO_FOLLOW, 0, NULL },
        { "link", 0, 0, NULL },
        { "link", FILE_NO_FOLLOW, -ELOOP, "symbolic link" },
        { "fifo", 0, -EINVAL, "not a file" },
        { "", 0, -EISDIR, "is a folder" },
        { "", FILE_ANY_KIND, 0, NULL },
        { "missing", 0, -ENOENT, "cannot open" },
        { "file/below", 0, -ENOTDIR, "cannot open" },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        int rc = file_open(in_folder(row->name), row->flags, &fd, &e);
        if (rc != row->want || (rc && !strstr(e.text, row->piece)))
            table_wrong(&t, row->name, "%d '%s'", rc, e.text);
        if (rc == 0) {
            assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
            (void)close(fd);
        }
    }
}

static void whole_or_nothing(void **state)
{
    (void)state;
    struct buf b, text = buf_new(1 << 20);
    struct err e = { 0 };
    while (text.len < 300000)
        buf_text(&text, "0123456789");
    assert_int_equal(file_write(folder, "big", buf_slice(&text), 0640, &e), 0);
    static const size_t most[] = { 299999, 300000, 300001, 1 << 20 };
    for (size_t i = 0; i < 4; i++) {
        int rc = file_read(in_folder("big"), most[i], &b, &e);
        assert_int_equal(rc, most[i] < 300000 ? -EFBIG : 0);
        if (rc == 0)
            assert_true(slice_eq(buf_slice(&b), buf_slice(&text)));
        else
            assert_non_null(strstr(e.text, "while reading"));
        buf_drop(&b);
    }
    /* a file that says it has no size, and one that has none */
    assert_int_equal(file_read("/proc/self/status", 1 << 16, &b, &e), 0);
    assert_true(b.len > 100);
    buf_drop(&b);
    assert_int_equal(file_read("/proc/self/status", 10, &b, &e), -EFBIG);
    assert_int_equal(file_read("/dev/null", 10, &b, &e), -EINVAL);
    assert_int_equal(file_write(folder, "big", (slice){ 0 }, 0600, &e), 0);
    assert_int_equal(file_read(in_folder("big"), 10, &b, &e), 0);
    assert_int_equal(b.len, 0);
    buf_drop(&b);
    buf_drop(&text);
}

static void written_and_replaced(void **state)
{
    (void)state;
    struct err e = { 0 };
    struct stat st;
    mode_t mask = umask(077);
    assert_int_equal(file_write(folder, "file", SLICE_LIT("one"), 0644, &e), 0);
    (void)umask(mask);
    assert_int_equal(stat(in_folder("file"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    ino_t before = st.st_ino;
    assert_int_equal(file_write(folder, "file", SLICE_LIT("two"), 0600, &e), 0);
    assert_int_equal(stat(in_folder("file"), &st), 0);
    assert_true(st.st_ino != before && st.st_size == 3);
    assert_int_equal(file_write_new(folder, "file", SLICE_LIT("three"), 0600, &e), -EEXIST);
    assert_int_equal(symlink("nowhere", in_folder("dangling")), 0);
    assert_int_equal(file_write_new(folder, "dangling", SLICE_LIT("x"), 0600, &e), -EEXIST);
    assert_int_equal(unlink(in_folder("dangling")), 0);
    assert_int_equal(stat(in_folder("file"), &st), 0);
    assert_int_equal(st.st_size, 3);
    assert_int_equal(file_write_new(folder, "new", SLICE_LIT("three"), 0640, &e), 0);
    assert_int_equal(stat(in_folder("new"), &st), 0);
    assert_true(st.st_size == 5 && (st.st_mode & 07777) == 0640);
    assert_int_equal(unlink(in_folder("new")), 0);
    assert_int_equal(file_write("/nonexistent", "file", SLICE_LIT("x"), 0600, &e), -ENOENT);
    assert_int_equal(mkdir(in_folder("sub"), 0700), 0);
    assert_true(file_write(folder, "sub", SLICE_LIT("x"), 0600, &e) <
                0); /* and nothing is left: remove_folder() */
    assert_non_null(strstr(e.text, "/sub: cannot write"));
    static const char *const others[] = { "device", "pipe", "pointer" }; /* as /dev/null, /dev/stdout */
    assert_int_equal(symlink("/dev/null", in_folder("device")), 0);
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    assert_int_equal(symlink("file", in_folder("pointer")), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(file_write(folder, others[i], SLICE_LIT("x"), 0600, &e), -EINVAL);
        assert_int_equal(lstat(in_folder(others[i]), &st), 0);
        assert_false(S_ISREG(st.st_mode));
        assert_int_equal(unlink(in_folder(others[i])), 0);
    }
    char name[400] = { 0 };
    for (size_t i = 0; i < sizeof name - 1; i++)
        name[i] = 'n';
    assert_int_equal(file_write(folder, name, SLICE_LIT("x"), 0600, &e), -ENAMETOOLONG);
}

static void change_is_seen(void **state)
{
    (void)state;
    struct file_facts a, b;
    int fd;
    assert_int_equal(file_open(in_folder("file"), 0, &fd, NULL), 0);
    assert_int_equal(file_facts(fd, &a, NULL), 0);
    assert_int_equal(file_facts(fd, &b, NULL), 0);
    assert_true(file_unchanged(&a, &b) && a.regular && a.owner == geteuid());
    assert_int_equal(truncate(in_folder("file"), 1), 0);
    assert_int_equal(file_facts(fd, &b, NULL), 0);
    assert_false(file_unchanged(&a, &b));
    (void)close(fd);
    assert_int_equal(file_facts(fd, &a, NULL), -EBADF);
}

static uint64_t blocks_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return (uint64_t)st.st_blocks * 512;
}

static void expect_copy(int fd, uint64_t size, slice sample, uint64_t at)
{
    uint8_t got[64];
    struct file_facts facts;
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    assert_int_equal(fcntl(fd, F_GET_SEALS) & seals, seals);
    assert_int_equal(file_facts(fd, &facts, NULL), 0);
    assert_int_equal(facts.size, size);
    assert_int_equal(pread(fd, got, sample.len, (off_t)at), (ssize_t)sample.len);
    assert_memory_equal(got, sample.at, sample.len);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 0), -1);
}

static void sealed_copies(void **state)
{
    (void)state;
    const uint64_t size = (UINT64_C(300) << 20) + 77;
    int from = open(in_folder("sparse"), O_RDWR | O_CREAT | O_CLOEXEC, 0600), fd;
    assert_true(from >= 0);
    assert_int_equal(ftruncate(from, (off_t)size), 0);
    assert_int_equal(pwrite(from, "begin", 5, 0), 5);
    assert_int_equal(pwrite(from, "middle", 6, (off_t)(size / 2)), 6);
    assert_int_equal(pwrite(from, "end", 3, (off_t)size - 3), 3);
    assert_int_equal(file_sealed_copy(from, size, &fd, NULL), 0);
    expect_copy(fd, size, SLICE_LIT("begin"), 0);
    expect_copy(fd, size, SLICE_LIT("middle"), size / 2);
    expect_copy(fd, size, SLICE_LIT("end"), size - 3);
    assert_true(blocks_of(fd) <= 16 * 4096);
    (void)close(fd);
    struct err e = { 0 };
    assert_int_equal(file_sealed_copy(from, size + 1, &fd, &e), -EIO); /* it was cut meanwhile */
    assert_non_null(strstr(e.text, "shorter"));
    assert_int_equal(file_sealed_copy(from, 5, &fd, NULL),
                     0); /* it grew meanwhile: what was said */
    expect_copy(fd, 5, SLICE_LIT("begin"), 0);
    (void)close(fd);
    assert_true(file_sealed_copy(from, UINT64_MAX, &fd, NULL) < 0);
    assert_true(file_sealed_copy(-1, 10, &fd, NULL) < 0);
    (void)close(from);

    struct buf zeros = buf_new(1 << 20); /* written zeros are holes in the copy */
    assert_true(buf_reserve(&zeros, 1 << 20));
    for (zeros.len = 0; zeros.len < 1 << 20; zeros.len++)
        zeros.at[zeros.len] = 0;
    zeros.at[4096 * 7 + 1] = 'x';
    assert_int_equal(file_sealed_bytes(buf_slice(&zeros), &fd, NULL), 0);
    expect_copy(fd, 1 << 20, SLICE_LIT("x"), 4096 * 7 + 1);
    assert_true(blocks_of(fd) <= 2 * 4096);
    (void)close(fd);
    buf_drop(&zeros);
    assert_int_equal(file_sealed_bytes((slice){ 0 }, &fd, NULL), 0);
    (void)close(fd);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(whole_or_nothing),
        cmocka_unit_test(written_and_replaced),
        cmocka_unit_test(change_is_seen),
        cmocka_unit_test(sealed_copies),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
