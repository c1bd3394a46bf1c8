/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of plain and packed files, hostile ones among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "base/buf.h"
#include "doors/logs/lines.h"

#include <sys/mman.h>
#include <unistd.h>

#define HELLO "\x1f\x8b\x08\0\0\0\0\0\0\3\xcb\x48\xcd\xc9\xc9\xe7\x02\0\x20\x30\x3a\x36\6\0\0\0"

static const struct {
    const char *name;
    slice head, file;
    const char *want; /* with '|' behind each line */
    enum lines_end end;
} cases[] = {
    { "empty", SLICE_INIT(""), SLICE_INIT(""), "", LINES_WHOLE },
    { "one", SLICE_INIT(""), SLICE_INIT("a\n"), "a|", LINES_WHOLE },
    { "without its end", SLICE_INIT(""), SLICE_INIT("a\nbc"), "a|bc|", LINES_WHOLE },
    { "empty ones", SLICE_INIT(""), SLICE_INIT("\n\na\n"), "||a|", LINES_WHOLE },
    { "what was read before", SLICE_INIT("a\nb"), SLICE_INIT("c\nd\n"), "a|bc|d|", LINES_WHOLE },
    { "one byte", SLICE_INIT("\n"), SLICE_INIT(""), "|", LINES_WHOLE },
    { "gzip", SLICE_INIT(""), SLICE_INIT(HELLO), "hello|", LINES_WHOLE },
    { "gzip begun before", SLICE_INIT("\x1f"),
      SLICE_INIT("\x8b\x08\0\0\0\0\0\0\3\xcb\x48\xcd\xc9\xc9\xe7\x02\0\x20\x30\x3a\x36\6\0\0\0"),
      "hello|", LINES_WHOLE },
    { "gzip cut off", SLICE_INIT(""), SLICE_INIT("\x1f\x8b\x08\0\0\0\0\0\0\3\xcb\x48\xcd"), "he|",
      LINES_SHORT },
    { "gzip without its trailer", SLICE_INIT(""),
      SLICE_INIT("\x1f\x8b\x08\0\0\0\0\0\0\3\xcb\x48\xcd\xc9\xc9\xe7\x02\0"), "hello|",
      LINES_SHORT },
    { "gzip, header alone", SLICE_INIT(""), SLICE_INIT("\x1f\x8b\x08"), "", LINES_SHORT },
    { "gzip, damaged", SLICE_INIT(""),
      SLICE_INIT("\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff\xff\xff\xff\xff"), "", LINES_BROKEN },
    { "gzip, wrong checksum", SLICE_INIT(""),
      SLICE_INIT(
          "\x1f\x8b\x08\0\0\0\0\0\0\3\xcb\x48\xcd\xc9\xc9\xe7\x02\0\x21\x30\x3a\x36\6\0\0\0"),
      "hello|", LINES_BROKEN },
    { "gzip twice", SLICE_INIT(""), SLICE_INIT(HELLO HELLO), "hello|hello|", LINES_WHOLE },
    { "gzip and rubbish", SLICE_INIT(""), SLICE_INIT(HELLO "rubbish"), "hello|", LINES_WHOLE },
};

static int file_of(slice bytes)
{
    int fd = memfd_create("lines", MFD_CLOEXEC);
    assert_true(fd >= 0 && write(fd, bytes.at, bytes.len) == (ssize_t)bytes.len &&
                lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static void lines_are_given(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        struct arena *mem = arena_new(4 << 20);
        int fd = file_of(row->file);
        struct lines *s = lines_new(mem, fd, row->head);
        struct buf got = buf_new(1000);
        slice line;
        bool cut;
        while (lines_next(s, &line, &cut)) {
            buf_put(&got, line);
            buf_byte(&got, '|');
        }
        table_slice(&t, row->name, buf_slice(&got), row->want);
        if (lines_end(s) != row->end)
            table_wrong(&t, row->name, "end %d", (int)lines_end(s));
        buf_drop(&got);
        close(fd);
        arena_drop(&mem);
    }
}

/* A line of `n` bytes between two others. */
static void long_line(size_t n, bool want_cut)
{
    struct buf file = buf_new(16 << 20);
    buf_text(&file, "a\n");
    for (size_t i = 0; i < n; i++)
        buf_byte(&file, i % 100 ? 'x' : 0);
    buf_text(&file, "\nb\n");
    struct arena *mem = arena_new(4 << 20);
    int fd = file_of(buf_slice(&file));
    struct lines *s = lines_new(mem, fd, (slice){ 0 });
    slice line;
    bool cut;
    assert_true(lines_next(s, &line, &cut) && slice_is(line, "a") && !cut);
    assert_true(lines_next(s, &line, &cut) && cut == want_cut &&
                line.len == (cut ? LINES_LINE_MAX : n));
    assert_true(lines_next(s, &line, &cut) && slice_is(line, "b") && !cut);
    assert_false(lines_next(s, &line, &cut));
    close(fd);
    arena_drop(&mem);
    buf_drop(&file);
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    long_line(LINES_LINE_MAX - 1, false);
    long_line(LINES_LINE_MAX + (512 << 10), true);
    long_line(LINES_LINE_MAX * 3 + 7, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lines_are_given),
                                        cmocka_unit_test(long_lines_are_cut) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
