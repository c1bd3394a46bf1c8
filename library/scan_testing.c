/* SPDX-License-Identifier: Apache-2.0 */
/* scan_testing - the report of each file as JSON lines, by the library: held
 * against those of the program by tests/check_library.py.
 *
 * usage: scan_testing RULES FILE... */
#include "library/files_testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool scan(struct sekisho_engine *engine, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct sekisho_input in = { .name = slash ? slash + 1 : path, .path = path };
    struct sekisho_result *result = NULL;
    struct sekisho_error e = { 0 };
    size_t len = 0;
    char *bytes = files_read(path, &in.len);
    in.bytes = bytes;
    bool good = bytes && sekisho_scan(engine, &in, &result, &e) == 0;
    const char *json = good ? sekisho_result_json(result, &len) : NULL;
    if (json)
        fwrite(json, 1, len, stdout);
    sekisho_result_free(result);
    free(bytes);
    return json;
}

int main(int argc, char **argv)
{
    struct sekisho_rules *rules = NULL;
    struct sekisho_engine *engine = NULL;
    bool good = argc > 2 && files_rules(argv[1], &rules) && sekisho_engine_new(rules, NULL, &engine, NULL) == 0;
    for (int i = 2; good && i < argc; i++)
        good = scan(engine, argv[i]);
    sekisho_engine_free(engine);
    sekisho_rules_free(rules);
    return good ? 0 : 1;
}
