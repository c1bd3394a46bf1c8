/* SPDX-License-Identifier: Apache-2.0 */
#include "library/files_testing.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 4096, FILE_BYTES_MAX = 64 << 20 };

char *files_read(const char *path, size_t *len_out)
{
    FILE *f = fopen(path, "rb");
    char *text = malloc(FILE_BYTES_MAX + 1);
    size_t n = f && text ? fread(text, 1, FILE_BYTES_MAX, f) : 0;
    bool good = f && text && !ferror(f);
    if (f)
        fclose(f);
    if (!good) {
        fprintf(stderr, "%s: cannot be read\n", path);
        free(text);
        return NULL;
    }
    text[n] = 0;
    *len_out = n;
    char *fitting = realloc(text, n + 1);
    return fitting ? fitting : text;
}

static int by_name(const FTSENT **a, const FTSENT **b) { return strcmp((*a)->fts_name, (*b)->fts_name); }

static size_t read_folder(const char *folder, struct sekisho_rule_file *files, char **paths)
{
    char *start = strdup(folder), *roots[] = { start, NULL };
    FTS *walk = start ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name) : NULL;
    size_t n = 0;
    for (FTSENT *e; walk && n < FILES_MAX && (e = fts_read(walk));) {
        const char *dot = strrchr(e->fts_name, '.');
        if (e->fts_info != FTS_F || !dot || (strcmp(dot, ".yml") != 0 && strcmp(dot, ".yaml") != 0))
            continue;
        paths[n] = strdup(e->fts_path);
        files[n].path = paths[n];
        files[n].text = files_read(e->fts_path, &files[n].len);
        n += files[n].text != NULL;
    }
    if (walk)
        fts_close(walk);
    free(start);
    return n;
}

bool files_rules(const char *folder, struct sekisho_rules **out)
{
    struct sekisho_rule_file *files = calloc(FILES_MAX, sizeof *files);
    char **paths = calloc(FILES_MAX, sizeof *paths);
    struct sekisho_error e = { 0 };
    size_t n = files && paths ? read_folder(folder, files, paths) : 0;
    bool good = sekisho_rules_compile(files, n, out, &e) == 0;
    if (!good)
        fprintf(stderr, "%s: %s\n", folder, e.text);
    for (size_t i = 0; i < n; i++) {
        free((char *)(uintptr_t)files[i].text);
        free(paths[i]);
    }
    free(files);
    free(paths);
    return good;
}
