/* SPDX-License-Identifier: Apache-2.0 */
/* group_subjects - test program: reads texts, one a line, and writes for each the number of the
 * first line of its group (observe/whole/fragment.h). */
#include <stdio.h>
#include <string.h>

#include "observe/whole/fragment.h"

enum { LINES = 4096, LONGEST = 2048 };

int main(void)
{
    static char line[LONGEST];
    static slice texts[LINES];
    static uint32_t groups[LINES];
    struct arena *mem = arena_new(64u << 20);
    size_t n = 0;
    CHECK(mem);
    while (n < LINES && fgets(line, sizeof line, stdin)) {
        slice s = { (const uint8_t *)line, strcspn(line, "\n") };
        texts[n++] = arena_copy(mem, s);
    }
    if (!fragment_group(texts, n, mem, groups))
        return 1;
    for (size_t i = 0; i < n; i++)
        printf("%u\n", groups[i]);
    arena_drop(&mem);
    return 0;
}
