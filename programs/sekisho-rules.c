/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho-rules - compiles, checks and tests rules.
 *
 *   sekisho-rules image FOLDER...  writes the rule image to descriptor 3; on a
 *                                  bad rule the message instead, and exit 3
 *   sekisho-rules check FOLDER...  says whether the rules can be used
 *   sekisho-rules test FOLDER...   runs the tests that the rules carry
 *
 * The first folder of `image` is ours; further ones are foreign. */
#include "judge/rules.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/terminal.h"
#include "report/messages.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { RULE_FILE_MAX = 1 << 20, RULES_MEMORY = 256 << 20, IMAGE_MAX = 256 << 20, IMAGE_FD = 3, EXIT_BAD_RULE = 3 };

struct sources {
    struct arena *mem;
    struct rule_source *list;
    size_t n, room;
    bool ours;
    struct err *err;
    int result;
};

static bool take_file(void *host, const char *path, int fd)
{
    struct sources *s = host;
    slice name = slice_of(path);
    if (!slice_ends(name, SLICE_LIT(".yml")) && !slice_ends(name, SLICE_LIT(".yaml")))
        return true;
    struct buf text = buf_new(RULE_FILE_MAX);
    s->result = file_read_fd(fd, RULE_FILE_MAX, &text, s->err);
    if (s->result < 0)
        (void)err_while(s->err, "reading rules from %s", path);
    if (s->result == 0 && s->n == s->room) {
        s->list = arena_regrow(s->mem, s->list, s->n * sizeof *s->list, s->room ? s->room * 2 : 128, sizeof *s->list);
        s->room = s->room ? s->room * 2 : 128;
    }
    if (s->result == 0 && s->list)
        s->list[s->n++] = (struct rule_source){ arena_copy(s->mem, name), arena_copy(s->mem, buf_slice(&text)), s->ours };
    buf_drop(&text);
    if (arena_full(s->mem))
        s->result = err_set(s->err, -ENOMEM, "%s: more rules than %d MiB", path, RULES_MEMORY >> 20);
    return s->result == 0;
}

static void trouble(void *host, const char *path, const char *why)
{
    struct sources *s = host;
    s->result = err_set(s->err, -EACCES, "%s: %s; the rules must be readable as a whole", path, why);
}

static int read_sources(struct sources *s, int n, char **folders, bool all_ours)
{
    struct folder_visit visit = { s, take_file, trouble };
    for (int i = 0; i < n && s->result == 0; i++) {
        s->ours = all_ours || i == 0;
        int walked = folder_walk(folders[i], &visit, s->err);
        if (s->result == 0)
            s->result = walked;
    }
    if (s->result == 0 && s->n == 0)
        s->result = err_set(s->err, -ENOENT, "%s: no rule file (*.yml) in there", folders[0]);
    return s->result;
}

static bool write_all(int fd, slice s)
{
    while (s.len) {
        ssize_t n = write(fd, s.at, s.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        s = slice_from(s, (size_t)n);
    }
    return true;
}

static void say(enum message what, size_t first, size_t second)
{
    char text[2][24];
    slice values[2];
    size_t numbers[] = { first, second };
    struct buf out = buf_new(1024);
    for (size_t i = 0; i < 2; i++) {
        snprintf(text[i], sizeof text[i], "%zu", numbers[i]);
        values[i] = slice_of(text[i]);
    }
    message_put(&out, what, language_of_locale(terminal_locale()), values, 2);
    buf_byte(&out, '\n');
    fwrite(out.at, 1, out.len, stdout);
    buf_drop(&out);
}

static int run_tests(const struct sources *s, slice image, struct err *err_out)
{
    struct rules *rules = NULL;
    size_t tests = 0;
    int r = rules_open(image, &rules, err_out);
    if (r == 0)
        r = rules_test(rules, s->list, s->n, &tests, err_out);
    if (r == 0)
        say(MSG_RULES_TESTED, rules_count(rules), tests);
    rules_drop(&rules);
    return r;
}

int main(int argc, char **argv)
{
    struct err e = { 0 };
    if (argc < 3 || (strcmp(argv[1], "image") && strcmp(argv[1], "check") && strcmp(argv[1], "test"))) {
        fprintf(stderr, "%s sekisho rules check|test FOLDER...\n", message_text(MSG_CLI_USAGE, language_of_locale(terminal_locale())));
        return 2;
    }
    bool image = strcmp(argv[1], "image") == 0;
    struct sources s = { .mem = arena_new(RULES_MEMORY), .err = &e };
    struct buf out = buf_new(IMAGE_MAX);
    if (!s.mem)
        return 2;
    int r = read_sources(&s, argc - 2, argv + 2, !image);
    if (r == 0)
        r = rules_compile(s.list, s.n, &out, &e);
    if (r == 0 && image && !write_all(IMAGE_FD, buf_slice(&out)))
        r = err_set(&e, -errno, "the rule image could not be written: %s", strerror(errno));
    if (r == 0 && strcmp(argv[1], "test") == 0)
        r = run_tests(&s, buf_slice(&out), &e);
    else if (r == 0 && !image)
        say(MSG_RULES_CHECKED, s.n, 0);
    if (r == 0 && fflush(stdout) != 0)
        r = err_set(&e, -EIO, "%s", strerror(errno));
    if (r < 0 && image)
        (void)write_all(IMAGE_FD, slice_of(e.text));
    else if (r < 0)
        fprintf(stderr, "sekisho: %s\n", e.text);
    buf_drop(&out);
    arena_drop(&s.mem);
    return r == 0 ? 0 : image ? EXIT_BAD_RULE : 2;
}
