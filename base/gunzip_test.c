/* SPDX-License-Identifier: Apache-2.0 */
/* gzip files in pieces: whole, cut off, damaged, of several members, too dense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/table.h"

#include "base/gunzip.h"

/* "hello\n" by gzip -n */
#define HEAD "\x1f\x8b\x08\0\0\0\0\0\0\3"
#define BODY "\xcb\x48\xcd\xc9\xc9\xe7\x02\0"
#define TAIL "\x20\x30\x3a\x36\6\0\0\0"
#define HELLO HEAD BODY TAIL

static const struct {
    const char *name;
    slice in;
    const char *want;
    enum gunzip_end end;
} cases[] = {
    { "whole", SLICE_INIT(HELLO), "hello\n", GUNZIP_WHOLE },
    { "two members", SLICE_INIT(HELLO HELLO), "hello\nhello\n", GUNZIP_WHOLE },
    { "padding behind", SLICE_INIT(HELLO "\0\0\0\0"), "hello\n", GUNZIP_WHOLE },
    { "half a member behind", SLICE_INIT(HELLO HEAD), "hello\n", GUNZIP_MORE },
    { "one byte of a member behind", SLICE_INIT(HELLO "\x1f"), "hello\n", GUNZIP_MORE },
    { "without its end", SLICE_INIT(HEAD BODY), "hello\n", GUNZIP_MORE },
    { "header alone", SLICE_INIT(HEAD), "", GUNZIP_MORE },
    { "wrong checksum", SLICE_INIT(HEAD BODY "\x21\x30\x3a\x36\6\0\0\0"), "hello\n",
      GUNZIP_BROKEN },
    { "wrong length", SLICE_INIT(HEAD BODY "\x20\x30\x3a\x36\7\0\0\0"), "hello\n", GUNZIP_BROKEN },
    { "no block", SLICE_INIT(HEAD "\xff\xff\xff\xff"), "", GUNZIP_BROKEN },
    { "no gzip", SLICE_INIT("hello, world, no gzip"), "", GUNZIP_BROKEN },
    { "reserved flags", SLICE_INIT("\x1f\x8b\x08\xff\0\0\0\0\0\3" BODY TAIL), "", GUNZIP_BROKEN },
};

static void pieces_give_the_same(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH(&t, row, cases)
    {
        for (size_t piece = 1; piece < 64; piece += 7) {
            struct arena *mem = arena_new(1 << 20);
            struct gunzip *g = gunzip_new(mem);
            uint8_t out[64];
            size_t n = 0;
            enum gunzip_end end = GUNZIP_MORE;
            for (size_t at = 0; at < row->in.len && (end == GUNZIP_MORE || end == GUNZIP_WHOLE);
                 at += piece) {
                slice in = slice_sub(row->in, at, piece);
                size_t made = 1;
                for (unsigned turns = 0; turns < 100 && n < sizeof out && (in.len || made);
                     turns++) {
                    end = gunzip_next(g, &in, out + n, n + 3 < sizeof out ? 3 : 1, &made);
                    n += made;
                    if (end == GUNZIP_BROKEN || (end == GUNZIP_WHOLE && !made))
                        break;
                }
            }
            if (end != row->end)
                table_wrong(&t, row->name, "pieces of %zu: end %d", piece, (int)end);
            table_slice(&t, row->name, (slice){ out, n }, row->want);
            arena_drop(&mem);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pieces_give_the_same) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
