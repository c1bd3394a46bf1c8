/* SPDX-License-Identifier: Apache-2.0 */
/* The vault and its key: what is put away comes back to the byte or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cipher.h"
#include "os/file.h"
#include "store/vault.h"
#include "tests/table.h"

static char folder[64], root_path[96], key_path[96];
static struct arena *mem;
static struct keys keys;
static struct vault *vault;

static int make(void **state)
{
    struct err e = { 0 };
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/vault_test.XXXXXX");
    if (!mkdtemp(folder) || !cipher_prepare())
        return -1;
    (void)snprintf(root_path, sizeof root_path, "%s/vault", folder);
    (void)snprintf(key_path, sizeof key_path, "%s/secret/key", folder);
    mem = arena_new(8 << 20);
    if (keys_load(key_path, true, &keys, &e) ||
        vault_open(root_path, &keys, true, mem, &vault, &e)) {
        print_error("%s\n", e.text);
        return -1;
    }
    return 0;
}

static int clean(void **state)
{
    char all[128];
    (void)state;
    arena_drop(&mem);
    (void)snprintf(all, sizeof all, "rm -rf %s", folder);
    return system(all);
}

static int keep(const struct vault_source *s, uint8_t name_out[VAULT_NAME], uint64_t *stored_out)
{
    struct vault_item *i = NULL;
    struct err e = { 0 };
    int r = vault_put(vault, s, mem, &i, &e);
    if (r)
        return r;
    r = vault_settle(vault, &i, 1, &e);
    (void)slice_copy_out((slice){ vault_item_name(i), VAULT_NAME }, name_out, VAULT_NAME);
    *stored_out = vault_item_stored(i);
    vault_item_drop(&i);
    return r;
}

static int keep_bytes(slice s, uint8_t name_out[VAULT_NAME])
{
    uint64_t stored;
    return keep(&(struct vault_source){ .bytes = s, .fd = -1, .size = s.len }, name_out, &stored);
}

static void path_of(const uint8_t name[VAULT_NAME], char out[200])
{
    char hex[2 * VAULT_NAME + 1];
    hex_of((slice){ name, VAULT_NAME }, hex);
    (void)snprintf(out, 200, "%s/%.2s/%s", root_path, hex, hex + 2);
}

/* Compares what comes with what is expected, without holding it. */
struct expect {
    slice want;
    uint64_t at;
    bool same;
};
static bool compare(void *host, slice s)
{
    struct expect *x = host;
    x->same = x->same && slice_eq(slice_sub(x->want, (size_t)x->at, s.len), s);
    x->at += s.len;
    return true;
}

static uint8_t text[300 << 10];

static void sizes_come_back(void **state)
{
    static const struct {
        const char *name;
        size_t len, zeros_from, zeros_to;
    } cases[] = {
        { "empty", 0, 0, 0 },
        { "a byte", 1, 0, 0 },
        { "a zero", 1, 0, 1 },
        { "a byte less than a chunk", (64 << 10) - 1, 0, 0 },
        { "a chunk", 64 << 10, 0, 0 },
        { "a byte more", (64 << 10) + 1, 0, 0 },
        { "a chunk of zeros", 64 << 10, 0, 64 << 10 },
        { "zeros in front", 200 << 10, 0, 128 << 10 },
        { "zeros in the middle", 300 << 10, 64 << 10, 192 << 10 },
        { "zeros at the end", 300 << 10, 64 << 10, 300 << 10 },
        { "zeros, then a byte", (128 << 10) + 1, 0, 128 << 10 },
    };
    struct table t = { 0 };
    (void)state;
    TABLE_EACH(&t, row, cases)
    {
        uint8_t name[VAULT_NAME], again[VAULT_NAME];
        uint64_t size = 99;
        struct err e = { 0 };
        for (size_t i = 0; i < row->len; i++)
            text[i] =
                i >= row->zeros_from && i < row->zeros_to ? 0 : (uint8_t)(i * 7 + i / 251 + 1);
        struct expect x = { .want = { text, row->len }, .same = true };
        table_true(&t, row->name, keep_bytes(x.want, name) == 0 && keep_bytes(x.want, again) == 0);
        table_true(&t, row->name, memcmp(name, again, VAULT_NAME) == 0);
        int r = vault_get(vault, name, compare, &x, &size, &e);
        if (r || !x.same || x.at != row->len || size != row->len)
            table_wrong(&t, row->name, "%d %s, %llu bytes", r, e.text, (unsigned long long)x.at);
    }
}

/* A sealed file of which most is nothing costs what is in it. */
static void large_and_sparse(void **state)
{
    enum { LARGE = 300 << 20 };
    uint8_t name[VAULT_NAME];
    uint64_t stored = 0, size = 0;
    struct err e = { 0 };
    (void)state;
    int fd = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_true(fd >= 0 && ftruncate(fd, LARGE) == 0 && pwrite(fd, "hello", 5, 100 << 20) == 5);
    struct vault_source s = { .fd = fd, .size = LARGE };
    assert_int_equal(keep(&s, name, &stored), -EINVAL); /* anybody could still change it */
    assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
    size_t spent = arena_spent(mem);
    assert_int_equal(keep(&s, name, &stored), 0);
    assert_true(stored < 256 << 10);
    assert_true(arena_spent(mem) - spent < 64 << 10);
    assert_int_equal(vault_get(vault, name, NULL, NULL, &size, &e), 0);
    assert_int_equal(size, LARGE);
    s.size = LARGE + 1; /* a size that is not true */
    assert_int_equal(keep(&s, name, &stored), -EIO);
    (void)close(fd);
}

/* Each change of a vaulted file is seen. */
static bool bit(uint8_t *at, size_t *len, size_t n)
{
    return n < *len * 8 ? at[n / 8] ^= (uint8_t)(1 << n % 8), true : false;
}
static bool cut(uint8_t *at, size_t *len, size_t n)
{
    (void)at;
    return n < *len ? *len = n, true : false;
}
static bool longer(uint8_t *at, size_t *len, size_t n)
{
    return n < 40 ? at[*len] = (uint8_t)n, *len += n + 1, true : false;
}
static bool chunks_swapped(uint8_t *at, size_t *len, size_t n)
{
    uint8_t one[65536 + 21];
    (void)len;
    if (n > 0)
        return false;
    memcpy(one, at + 64, sizeof one);
    memmove(at + 64, at + 64 + sizeof one, sizeof one);
    memcpy(at + 64 + sizeof one, one, sizeof one);
    return true;
}
static bool chunk_left_out(uint8_t *at, size_t *len, size_t n)
{
    enum { C = 65536 + 21 };
    if (n > 2 || 64 + (n + 1) * C > *len)
        return false;
    memmove(at + 64 + n * C, at + 64 + (n + 1) * C, *len - 64 - (n + 1) * C);
    *len -= C;
    return true;
}

static void changes_are_seen(void **state)
{
    static const struct {
        const char *name;
        bool (*change)(uint8_t *at, size_t *len, size_t n);
        size_t len;
    } cases[] = {
        { "a bit", bit, 100 },
        { "cut off", cut, 100 },
        { "bytes behind its end", longer, 100 },
        { "chunks in another order", chunks_swapped, 200 << 10 },
        { "a chunk left out", chunk_left_out, 200 << 10 },
        { "a chunk left out of whole ones", chunk_left_out, 192 << 10 },
    };
    static uint8_t file[400 << 10];
    struct table t = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 13 + 5);
    TABLE_EACH(&t, row, cases)
    {
        uint8_t name[VAULT_NAME];
        char path[200];
        struct buf was;
        struct err e = { 0 };
        slice want = { text, row->len };
        assert_int_equal(keep_bytes(want, name), 0);
        path_of(name, path);
        assert_int_equal(file_read(path, sizeof file, &was, &e), 0);
        size_t n = 0;
        for (;; n++) {
            size_t len = slice_copy_out(buf_slice(&was), file, sizeof file);
            if (!row->change(file, &len, n))
                break;
            FILE *f = fopen(path, "w");
            assert_non_null(f);
            assert_int_equal(fwrite(file, 1, len, f), len);
            (void)fclose(f);
            int r = vault_get(vault, name, NULL, NULL, NULL, &e);
            if (r != -EUCLEAN)
                table_wrong(&t, row->name, "number %zu: %d", n, r);
        }
        table_true(&t, row->name, n > 0);
        /* put away once more: what is damaged is replaced */
        table_true(&t, row->name,
                   keep_bytes(want, name) == 0 &&
                       vault_get(vault, name, NULL, NULL, NULL, &e) == 0);
        buf_drop(&was);
    }
}

static void files_in_each_others_place(void **state)
{
    uint8_t a[VAULT_NAME], b[VAULT_NAME];
    char at[200], bt[200];
    struct err e = { 0 };
    struct keys other;
    struct vault *v = NULL;
    (void)state;
    assert_int_equal(keep_bytes(SLICE_LIT("one"), a), 0);
    assert_int_equal(keep_bytes(SLICE_LIT("two"), b), 0);
    path_of(a, at);
    path_of(b, bt);
    assert_int_equal(rename(at, bt), 0);
    assert_int_equal(vault_get(vault, b, NULL, NULL, NULL, &e), -EUCLEAN);
    assert_int_equal(vault_get(vault, a, NULL, NULL, NULL, &e), -ENOENT);
    assert_int_equal(keep_bytes(SLICE_LIT("two"), b), 0);
    /* another key opens nothing */
    (void)snprintf(at, sizeof at, "%s/secret/other", folder);
    assert_int_equal(keys_load(at, true, &other, &e), 0);
    assert_true(memcmp(other.mark, keys.mark, KEYS_MARK) != 0);
    assert_int_equal(vault_open(root_path, &other, false, mem, &v, &e), 0);
    assert_int_equal(vault_get(v, b, NULL, NULL, NULL, &e), -EUCLEAN);
    assert_int_equal(vault_remove(vault, b, &e), 0);
    assert_int_equal(vault_remove(vault, b, &e), 0);
    assert_int_equal(vault_get(vault, b, NULL, NULL, NULL, &e), -ENOENT);
}

static bool knows_one(void *host, const uint8_t name[VAULT_NAME])
{
    return memcmp(host, name, VAULT_NAME) == 0;
}

static void what_nobody_knows_is_swept(void **state)
{
    uint8_t a[VAULT_NAME], b[VAULT_NAME];
    struct err e = { 0 };
    (void)state;
    assert_int_equal(keep_bytes(SLICE_LIT("known"), a), 0);
    assert_int_equal(keep_bytes(SLICE_LIT("unknown"), b), 0);
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal(vault_sweep(vault, (uint8_t)i, 1, knows_one, a), 0); /* all younger */
    size_t n = 0;
    for (unsigned i = 0; i < 256; i++)
        n += vault_sweep(vault, (uint8_t)i, INT64_C(4000000000), knows_one, a);
    assert_true(n >= 1);
    assert_int_equal(vault_get(vault, a, NULL, NULL, NULL, &e), 0);
    assert_int_equal(vault_get(vault, b, NULL, NULL, NULL, &e), -ENOENT);
}

/* Key files that are not to be used. */
static void key_files(void **state)
{
    static const struct {
        const char *name, *text;
        unsigned mode;
        int code;
    } cases[] = {
        { "others may read it",
          "sekisho-key-1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0644,
          -EPERM },
        { "good",
          "sekisho-key-1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0600,
          0 },
        { "read only",
          "sekisho-key-1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0400,
          0 },
        { "empty", "", 0600, -EUCLEAN },
        { "too short",
          "sekisho-key-1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n", 0600,
          -EUCLEAN },
        { "no hexadecimal",
          "sekisho-key-1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg\n", 0600,
          -EUCLEAN },
        { "of a version to come",
          "sekisho-key-2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", 0600,
          -EUCLEAN },
    };
    struct table t = { 0 };
    (void)state;
    char path[200];
    struct keys k;
    TABLE_EACH(&t, row, cases)
    {
        struct err e = { 0 };
        (void)snprintf(path, sizeof path, "%s/secret", folder);
        assert_int_equal(file_write(path, "case", slice_of(row->text), row->mode, &e), 0);
        (void)snprintf(path, sizeof path, "%s/secret/case", folder);
        int r = keys_load(path, true, &k, &e);
        if (r != row->code)
            table_wrong(&t, row->name, "%d %s", r, e.text);
    }
    struct err e = { 0 };
    struct stat st;
    assert_int_equal(keys_load("/tmp/no such/key", false, &k, &e), -ENOENT);
    assert_true(stat(key_path, &st) == 0 && (st.st_mode & 0777) == 0600);
    assert_true(keys_load(key_path, true, &k, &e) == 0 && memcmp(&k, &keys, sizeof k) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_come_back),
        cmocka_unit_test(large_and_sparse),
        cmocka_unit_test(changes_are_seen),
        cmocka_unit_test(files_in_each_others_place),
        cmocka_unit_test(what_nobody_knows_is_swept),
        cmocka_unit_test(key_files),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
