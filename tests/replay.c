/* SPDX-License-Identifier: Apache-2.0 */
/* replay - runs a fuzz target over a corpus folder without libFuzzer: every
 * prefix of every sample, each in a heap block of exactly its size, so that
 * the address sanitizer sees a read of even one byte too many. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SAMPLE_MAX = 1 << 20, EVERY_PREFIX = 2048, PREFIXES = 3000 };

/* Every prefix of a small sample; of a larger one the first and last bytes'
 * worth and an even spread between. */
static void replay(const uint8_t *all, size_t len)
{
    size_t step = len <= EVERY_PREFIX ? 1 : len / PREFIXES + 1;
    for (size_t n = 0;; n += n < EVERY_PREFIX / 4 || len - n < 64 ? 1 : step) {
        if (n > len)
            n = len;
        uint8_t *exact = malloc(n ? n : 1);
        if (!exact)
            abort();
        memcpy(exact, all, n);
        LLVMFuzzerTestOneInput(exact, n);
        free(exact);
        if (n == len)
            return;
    }
}

int main(int argc, char **argv)
{
    static uint8_t buf[SAMPLE_MAX];
    size_t samples = 0;
    DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
    if (!d) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
        return 2;
    }
    for (struct dirent *e; (e = readdir(d));) {
        char path[4096];
        if (e->d_name[0] == '.' || strcmp(e->d_name, "ORIGIN") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        FILE *f = fopen(path, "rb");
        if (!f)
            return 2;
        replay(buf, fread(buf, 1, sizeof buf, f));
        fclose(f);
        samples++;
    }
    closedir(d);
    printf("%zu samples\n", samples);
    return samples ? 0 : 1; /* an empty corpus is a failure, not a pass */
}
