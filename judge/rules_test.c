/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of this tree: they compile, their tests pass, and their image
 * opens quickly. Run in the root of the sources. */
#include "judge/test_support.h"
#include <dirent.h>
#include <time.h>

enum { FILES_MAX = 4096, FILE_MAX = 1 << 20 };

struct tree {
    struct arena *mem;
    struct rule_source files[FILES_MAX];
    size_t n;
};

static void read_file(struct tree *t, const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *at = arena_get(t->mem, FILE_MAX, 1);
    assert_non_null(f);
    assert_non_null(at);
    assert_true(t->n < FILES_MAX);
    size_t len = fread(at, 1, FILE_MAX, f);
    assert_true(len < FILE_MAX);
    (void)fclose(f);
    t->files[t->n++] = (struct rule_source){ arena_copy(t->mem, slice_of(path)), { at, len }, true };
}

static int by_path(const void *a, const void *b)
{
    const struct rule_source *x = a, *y = b;
    int order = memcmp(x->path.at, y->path.at, x->path.len < y->path.len ? x->path.len : y->path.len);
    return order ? order : x->path.len < y->path.len ? -1 : 1;
}

static void read_tree(struct tree *t, const char *folder, int depth)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    if (!d || depth > 4)
        fail_msg("no folder %s: run this in the root of the sources", folder);
    while ((e = readdir(d))) {
        char path[512];
        slice name = slice_of(e->d_name);
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (slice_ends(name, SLICE_LIT(".yml")) || slice_is(name, "placeholders.yaml"))
            read_file(t, path);
        else if (e->d_type == DT_DIR && e->d_name[0] != '.')
            read_tree(t, path, depth + 1);
    }
    closedir(d);
}

static void our_rules_pass_their_tests(void **state)
{
    (void)state;
    struct tree *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->mem = arena_new((size_t)FILES_MAX * FILE_MAX);
    read_tree(t, "rules", 0);
    qsort(t->files, t->n, sizeof t->files[0], by_path);
    assert_true(t->n >= 6);
    struct compiled c = compile_sources(t->files, t->n);
    size_t tests = 0;
    if (c.code == 0)
        c.code = rules_test(c.rules, t->files, t->n, &tests, &c.err);
    if (c.code)
        fail_msg("%s", c.err.text);
    assert_true(tests >= 2 * rules_count(c.rules));
    for (size_t i = 0; i < rules_count(c.rules); i++) {
        struct rule_info r = rules_info(c.rules, i);
        if (r.layer >= LAYER_PROMISE)
            fail_msg("%.*s: rule '%.*s' is in the layer '%s'; move it to a folder of a layer, or give it `sekisho: layer:` (docs/rules.md)",
                     SLICE_FMT(r.file), SLICE_FMT(r.id), layer_name(r.layer));
    }
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    struct rules *again = NULL;
    assert_int_equal(rules_open(buf_slice(&c.image), &again, NULL), 0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    print_message("# %zu files, %zu rules, %zu tests, image of %zu bytes opened in %ld us\n", t->n, rules_count(c.rules), tests, c.image.len,
                  (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
    rules_drop(&again);
    compiled_drop(&c);
    arena_drop(&t->mem);
    free(t);
}

/* The same sources give the same image, byte for byte. */
static void compiling_is_deterministic(void **state)
{
    (void)state;
    const char *text = "title: t\nid: t\nlogsource: {product: sekisho, category: part}\ndetection: {s: {file.name|contains: [a, bb, 'c*d']}, condition: s}\n";
    struct compiled a = compile_text(text, false), b = compile_text(text, false);
    assert_int_equal(a.code, 0);
    assert_true(slice_eq(buf_slice(&a.image), buf_slice(&b.image)));
    assert_true(slice_eq(rules_digest(a.rules), rules_digest(b.rules)));
    compiled_drop(&a);
    compiled_drop(&b);
    a = compile_sources(NULL, 0); /* no rules at all are rules, too */
    assert_int_equal(a.code, 0);
    assert_int_equal(rules_count(a.rules), 0);
    compiled_drop(&a);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_rules_pass_their_tests),
        cmocka_unit_test(compiling_is_deterministic),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
