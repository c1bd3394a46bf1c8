/* SPDX-License-Identifier: Apache-2.0 */
/* Walking folders: order, links, loops, depth; and whose the cache is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"
#include "os/folder.h"
#include "tests/table.h"

static char top[64];

static const char *at(const char *name)
{
    static char path[4][PATH_BYTES_MAX];
    static unsigned turn;
    char *p = path[turn++ % 4];
    (void)snprintf(p, PATH_BYTES_MAX, "%s/%s", top, name);
    return p;
}

static int make_tree(void **state)
{
    (void)state;
    (void)snprintf(top, sizeof top, "/tmp/sekisho-folder-XXXXXX");
    if (!mkdtemp(top))
        return -1;
    static const char *const folders[] = { "b", "b/c", "empty" }, *const files[] = { "z", "a",
                                                                                     "b/2", "b/1",
                                                                                     "b/c/x" };
    for (size_t i = 0; i < 3; i++)
        if (mkdir(at(folders[i]), 0700))
            return -1;
    for (size_t i = 0; i < 5; i++) {
        int fd = open(at(files[i]), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0 || close(fd))
            return -1;
    }
    return symlink("..", at("b/up")) || symlink("z", at("link")) || mkfifo(at("fifo"), 0600);
}

static int remove_tree(void **state)
{
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", top);
    return system(command);
}

struct visit {
    struct buf seen, trouble;
    unsigned most;
};

static bool see(void *host, const char *path, int fd)
{
    struct visit *v = host;
    assert_true(fcntl(fd, F_GETFD) >= 0);
    buf_format(&v->seen, "%s ", path + strlen(top));
    return --v->most > 0;
}

static void see_trouble(void *host, const char *path, const char *why)
{
    struct visit *v = host;
    buf_format(&v->trouble, "%s: %s;", path, why);
}

static int walk(const char *path, struct visit *v, unsigned most)
{
    struct folder_visit visit = { v, see, see_trouble };
    v->seen = buf_new(1 << 16);
    v->trouble = buf_new(1 << 16);
    v->most = most;
    return folder_walk(path, &visit, NULL);
}

static void walks(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        unsigned most;
        const char *want;
    } cases[] = {
        { "", 100, "/a /b/1 /b/2 /b/c/x /z " },
        { "", 2, "/a /b/1 " },
        { "b", 100, "/b/1 /b/2 /b/c/x " },
        { "b/", 100, "/b/1 /b/2 /b/c/x " },
        { "empty", 100, "" },
        { "b/2", 100, "/b/2 " },
        { "link", 100, "/link " }, /* named by the person: followed */
        { "b/up", 2, "/b/up/a /b/up/b/1 " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct visit v;
        const char *path = cases[i].path[0] ? at(cases[i].path) : top;
        assert_int_equal(walk(path, &v, cases[i].most), 0);
        if (!slice_is(buf_slice(&v.seen), cases[i].want) || v.trouble.len)
            fail_msg("'%s': saw %.*s, trouble %.*s", cases[i].path, (int)v.seen.len,
                     (const char *)v.seen.at, (int)v.trouble.len, (const char *)v.trouble.at);
        buf_drop(&v.seen);
        buf_drop(&v.trouble);
    }
    struct visit v;
    assert_int_equal(walk(at("missing"), &v, 1), -ENOENT);
    assert_int_equal(walk(at("fifo"), &v, 1), -EINVAL);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char path[PATH_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/deep", top);
    for (int i = 0; i < FOLDER_DEPTH_MAX + 10; i++) {
        assert_int_equal(mkdir(path, 0700), 0);
        (void)snprintf(path + strlen(path), sizeof path - strlen(path), "/d");
    }
    struct visit v;
    assert_int_equal(walk(at("deep"), &v, 100), 0);
    assert_int_equal(v.seen.len, 0);
    assert_true(slice_find(buf_slice(&v.trouble), SLICE_LIT("nested too deep"), 0) != SIZE_MAX);
    buf_drop(&v.seen);
    buf_drop(&v.trouble);
}

static void own_program(void **state)
{
    (void)state;
    char path[PATH_BYTES_MAX];
    assert_int_equal(folder_of_program(path, NULL), 0);
    assert_true(path[0] == '/' && path[strlen(path) - 1] != '/');
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
}

static void whose_cache(void **state)
{
    (void)state;
    char path[PATH_BYTES_MAX];
    struct err e = { 0 };
    (void)setenv("XDG_CACHE_HOME", at("cache"), 1);
    assert_int_equal(folder_cache(path, &e), 0);
    assert_string_equal(path, at("cache/sekisho"));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(folder_cache(path, &e), 0); /* again */
    assert_int_equal(chmod(path, 0770), 0);
    assert_int_equal(folder_cache(path, &e), -EPERM);
    assert_non_null(strstr(e.text, "others may write"));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(symlink("/tmp", path), 0);
    assert_int_equal(folder_cache(path, &e), -ENOTDIR);
    assert_int_equal(unlink(path), 0);
    if (geteuid() == 0) {
        assert_int_equal(mkdir(path, 0700), 0);
        assert_int_equal(chown(path, 12345, 12345), 0);
        assert_int_equal(folder_cache(path, &e), -EPERM);
        assert_non_null(strstr(e.text, "another user"));
    }
    (void)setenv("XDG_CACHE_HOME", "relative",
                 1); /* the specification: then it is as if it were not set */
    (void)setenv("HOME", at("home"), 1);
    assert_int_equal(folder_cache(path, &e), -ENOENT);
    assert_int_equal(mkdir(at("home"), 0700), 0);
    assert_int_equal(folder_cache(path, &e), 0);
    assert_string_equal(path, at("home/.cache/sekisho"));
    (void)unsetenv("HOME");
    assert_int_equal(folder_cache(path, &e), -ENOENT);
}

static const struct {
    const char *name, *xdg, *home, *want; /* want NULL: none */
} places[] = {
    { "both", "/x", "/h", "/x/sekisho" },
    { "home alone", NULL, "/h", "/h/.local/state/sekisho" },
    { "relative XDG", "x", "/h", "/h/.local/state/sekisho" },
    { "relative home", NULL, "h", NULL },
    { "empty", "", "", NULL },
    { "neither", NULL, NULL, NULL },
};

static void where_state_lies(void **state)
{
    char path[PATH_BYTES_MAX];
    struct err e = { 0 };
    struct table t = { 0 };
    bool root = geteuid() == 0;
    (void)state;
    if (root) {
        assert_int_equal(folder_state(path, &e), 0);
        assert_string_equal(path, "/var/lib/sekisho");
        assert_int_equal(seteuid(65534), 0);
    }
    TABLE_EACH (&t, row, places) {
        (void)(row->xdg ? setenv("XDG_STATE_HOME", row->xdg, 1) : unsetenv("XDG_STATE_HOME"));
        (void)(row->home ? setenv("HOME", row->home, 1) : unsetenv("HOME"));
        int rc = folder_state(path, &e);
        if (row->want ? rc != 0 || strcmp(path, row->want) != 0 : rc != -ENOENT)
            table_wrong(&t, row->name, "%s", rc ? e.text : path);
    }
    if (root)
        assert_int_equal(seteuid(0), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(own_program),
        cmocka_unit_test(whose_cache),
        cmocka_unit_test(where_state_lies),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
