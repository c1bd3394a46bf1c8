/* SPDX-License-Identifier: Apache-2.0 */
/* Spool files: whole or not there; logs without torn lines; folders that others may write to are
 * refused. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/file.h"
#include "os/spool.h"
#include "tests/table.h"

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[4][200];
    static unsigned turn;
    char *p = path[turn++ % 4];
    (void)snprintf(p, 200, "%s/%s", folder, name);
    return p;
}

static int make(void **state)
{
    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)snprintf(folder, sizeof folder, "/tmp/spool_test.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int clean(void **state)
{
    char all[128];
    (void)state;
    (void)snprintf(all, sizeof all, "rm -rf %s", folder);
    return system(all);
}

static unsigned entries(void)
{
    char command[200];
    unsigned n = 0;
    (void)snprintf(command, sizeof command, "find %s -type f | wc -l", folder);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%u", &n), 1);
    (void)pclose(f);
    return n;
}

static void whole_or_not_there(void **state)
{
    struct spool s;
    struct err e = { 0 };
    struct buf b;
    (void)state;
    unsigned before = entries();
    assert_int_equal(spool_begin(&s, folder, &e), 0);
    assert_int_equal(spool_put(&s, SLICE_LIT("one "), &e), 0);
    assert_int_not_equal(access(in_folder("a"), F_OK), 0);
    spool_drop(&s);
    spool_drop(&s);
    assert_int_equal(entries(), before);
    assert_int_equal(spool_begin(&s, folder, &e), 0);
    assert_int_equal(spool_put(&s, SLICE_LIT("one "), &e), 0);
    assert_int_equal(spool_put(&s, SLICE_LIT("two"), &e), 0);
    assert_int_equal(spool_sync(&s, &e), 0);
    assert_int_equal(spool_name(&s, "a", &e), 0);
    spool_drop(&s);
    assert_int_equal(spool_folder_sync(folder, &e), 0);
    assert_int_equal(file_read(in_folder("a"), 100, &b, &e), 0);
    assert_true(slice_is(buf_slice(&b), "one two"));
    buf_drop(&b);
    /* left by one that was killed */
    assert_int_equal(spool_begin(&s, folder, &e), 0);
    s.temporary[0] = 0;
    spool_drop(&s);
    assert_int_equal(entries(), before + 2);
    spool_clean(folder);
    assert_int_equal(entries(), before + 1);
    /* a name that cannot be had leaves nothing behind */
    assert_int_equal(spool_begin(&s, folder, &e), 0);
    assert_int_equal(spool_name(&s, "no such/folder", &e), -ENOENT);
    spool_drop(&s);
    assert_int_equal(entries(), before + 1);
    assert_int_equal(spool_begin(&s, in_folder("missing"), &e), -ENOENT);
    spool_drop(&s);
}

/* The size limit of a process stands for a full disk: the line that did not fit is not there in
 * part. */
static void logs_do_not_tear(void **state)
{
    struct spool_log l;
    struct err e = { 0 };
    struct rlimit was, small;
    struct buf b;
    (void)state;
    assert_int_equal(spool_log_open(&l, in_folder("log"), &e), 0);
    assert_int_equal(spool_log_put(&l, SLICE_LIT("first\n"), &e), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = was;
    small.rlim_cur = 10;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(spool_log_put(&l, SLICE_LIT("second\n"), &e), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_int_equal(spool_log_put(&l, SLICE_LIT("third\n"), &e), 0);
    assert_int_equal(spool_log_sync(&l, &e), 0);
    spool_log_close(&l);
    spool_log_close(&l);
    assert_int_equal(spool_log_open(&l, in_folder("log"), &e), 0);
    assert_int_equal(l.size, 12);
    spool_log_close(&l);
    assert_int_equal(file_read(in_folder("log"), 100, &b, &e), 0);
    assert_true(slice_is(buf_slice(&b), "first\nthird\n"));
    buf_drop(&b);
}

static void folders(void **state)
{
    static const struct {
        const char *name, *path;
        unsigned mode;
        int code;
    } cases[] = {
        { "new, with those above", "f/g/h", 0, 0 },
        { "there already", "f/g/h", 0, 0 },
        { "others may write", "f/open", 0777, -EPERM },
        { "the group may write", "f/group", 0770, -EPERM },
        { "a file in its place", "log", 0, -ENOTDIR },
        { "below a file", "log/x", 0, -ENOTDIR },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        struct err e = { 0 };
        if (row->mode) {
            assert_int_equal(mkdir(in_folder(row->path), 0700), 0);
            assert_int_equal(chmod(in_folder(row->path), row->mode), 0);
        }
        int r = spool_folder_make(in_folder(row->path), &e);
        if (r != row->code)
            table_wrong(&t, row->name, "%d %s", r, e.text);
    }
    struct err e = { 0 };
    assert_int_equal(spool_remove(folder, "never was", &e), 0);
    assert_true(spool_free(folder) > 0 && spool_free(in_folder("never was")) == 0);
}

static void one_at_a_time(void **state)
{
    struct err e = { 0 };
    int first = -1, second = -1;
    (void)state;
    assert_int_equal(spool_lock(folder, "lock", &first, &e), 0);
    assert_int_equal(spool_lock(folder, "lock", &second, &e), -EBUSY);
    (void)close(first);
    assert_int_equal(spool_lock(folder, "lock", &second, &e), 0);
    (void)close(second);
    assert_int_equal(spool_lock(in_folder("missing"), "lock", &second, &e), -ENOENT);
}

static void links_are_not_followed(void **state)
{
    struct spool_log l;
    struct err e = { 0 };
    (void)state;
    assert_int_equal(symlink("log", in_folder("link")), 0);
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    assert_int_equal(spool_log_open(&l, in_folder("link"), &e), -ELOOP);
    assert_int_equal(spool_log_open(&l, in_folder("fifo"), &e), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(whole_or_not_there),
                                        cmocka_unit_test(logs_do_not_tear),
                                        cmocka_unit_test(folders), cmocka_unit_test(one_at_a_time),
                                        cmocka_unit_test(links_are_not_followed) };
    return cmocka_run_group_tests(tests, make, clean);
}
