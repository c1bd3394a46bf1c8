/* SPDX-License-Identifier: Apache-2.0 */
/* audit - whether the audit log is whole, and if not, which line is the first that is wrong. */
#include "base/cipher.h"
#include "programs/cli/record.h"
#include "store/audit.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "sekisho audit verify [--state FOLDER] [--key FILE] [FILE | FOLDER]";

static int tell(const struct cli *cli, const struct audit_result *r, bool with_key)
{
    struct buf line = buf_new(4096);
    char numbers[4][24];
    const uint64_t n[] = { r->lines, (uint64_t)r->first, (uint64_t)r->last, r->line };
    for (size_t i = 0; i < 4; i++)
        snprintf(numbers[i], sizeof numbers[i], "%llu", (unsigned long long)n[i]);
    if (r->fault == AUDIT_WHOLE) {
        const slice values[] = { slice_of(numbers[0]), slice_of(numbers[1]), slice_of(numbers[2]) };
        message_put(&line, with_key ? MSG_AUDIT_WHOLE : MSG_AUDIT_WHOLE_NO_KEY, cli->language,
                    values, 3);
    } else {
        enum message what = message_by_key("audit.fault.", slice_of(audit_fault_name(r->fault)));
        const slice values[] = { slice_of(r->file), slice_of(numbers[3]),
                                 slice_of(message_text(what, cli->language)) };
        message_put(&line, MSG_AUDIT_BROKEN, cli->language, values, 3);
    }
    printf("%.*s\n", SLICE_FMT(buf_slice(&line)));
    buf_drop(&line);
    return r->fault == AUDIT_WHOLE ? EXIT_CLEAN : EXIT_MALICIOUS;
}

static int verify(const struct cli *cli, const char *state, const char *key, const char *path)
{
    struct record_files files;
    struct keys keys;
    struct audit_result result;
    struct audit_end end = { 0 };
    struct err e = { 0 };
    int r = record_find(&files, state, &e);
    if (r)
        return cli_trouble(&e);
    if (!path) { /* its own log: the database knows how it ends, and where the key lies */
        path = files.audit;
        r = record_open(&files, cli, &e);
        if (r == 0)
            r = audit_end_of(files.db, &end, &e);
    }
    if (!key)
        key = files.settings.key;
    bool with_key = r == 0 && cipher_prepare() && keys_load(key, false, &keys, &e) == 0;
    if (r == 0 && !with_key && key != files.settings.key)
        r = e.code;
    if (r == 0)
        r = audit_verify(path, with_key ? &keys : NULL, &end, &result, &e);
    keys_wipe(&keys);
    record_close(&files);
    return r ? cli_trouble(&e) : tell(cli, &result, with_key);
}

int command_audit(const struct cli *cli, int argc, char **argv)
{
    static const struct option names[] = { { "state", required_argument, NULL, 's' },
                                           { "key", required_argument, NULL, 'k' },
                                           { NULL, 0, NULL, 0 } };
    const char *state = NULL, *key = NULL;
    for (int c; (c = getopt_long(argc, argv, ":", names, NULL)) != -1;) {
        switch (c) {
        case 's':
            state = optarg;
            break;
        case 'k':
            key = optarg;
            break;
        default:
            return cli_bad_option(cli, usage, c, argv);
        }
    }
    if (optind >= argc || strcmp(argv[optind], "verify") != 0 || argc - optind > 2)
        return cli_usage(cli, usage, MSG_COUNT, NULL);
    return verify(cli, state, key, argv[optind + 1]);
}
