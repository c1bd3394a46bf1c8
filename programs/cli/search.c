/* SPDX-License-Identifier: Apache-2.0 */
/* search - mails that went through the gate, by words; see store/search.h. */
#include "base/text.h"
#include "programs/cli/record.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "sekisho search [--since 7d] [--verdict NAME] [--held] [--limit N] "
                            "[--json] [--state FOLDER] [WORD]...";
enum { WORDS = 8, LIMIT = 100, LIMIT_MAX = 100000 };

struct options {
    struct search search;
    struct record_list list;
    const char *state;
};

static int read_options(const struct cli *cli, struct options *o, int argc, char **argv)
{
    static const struct option names[] = {
        { "since", required_argument, NULL, 's' },
        { "verdict", required_argument, NULL, 'v' },
        { "held", no_argument, NULL, 'h' },
        { "limit", required_argument, NULL, 'l' },
        { "json", no_argument, NULL, 'j' },
        { "state", required_argument, NULL, 'S' },
        { NULL, 0, NULL, 0 },
    };
    uint64_t n;
    for (int c; (c = getopt_long(argc, argv, ":", names, NULL)) != -1;) {
        switch (c) {
        case 's':
            if (!record_since(optarg, &o->search.since_ms))
                return cli_usage(cli, usage, MSG_RECORD_SINCE, optarg);
            break;
        case 'l':
            if (!slice_u64(slice_of(optarg), &n) || n == 0 || n > LIMIT_MAX)
                return cli_usage(cli, usage, MSG_RECORD_LIMIT, optarg);
            o->search.limit = (int)n;
            break;
        case 'v':
            o->search.verdict = slice_of(optarg);
            break;
        case 'h':
            o->search.vaulted = true;
            break;
        case 'j':
            o->list.json = true;
            break;
        case 'S':
            o->state = optarg;
            break;
        default:
            return cli_bad_option(cli, usage, c, argv);
        }
    }
    return 0;
}

int command_search(const struct cli *cli, int argc, char **argv)
{
    struct options o = { .search = { .limit = LIMIT },
                         .list = { .cli = cli, .out = buf_new(1 << 20) } };
    struct record_files files;
    struct err e = { 0 };
    slice words[WORDS];
    int r = read_options(cli, &o, argc, argv);
    if (r)
        return r;
    if (argc - optind > WORDS)
        return cli_usage(cli, usage, MSG_RECORD_WORDS, "8");
    for (int i = optind; i < argc; i++)
        words[o.search.n_words++] = slice_of(argv[i]);
    o.search.words = words;
    int code = record_find(&files, o.state, &e);
    if (code == 0)
        code = record_open(&files, cli, &e);
    if (code == 0)
        code = search_mails(files.db, &o.search, record_list_one, &o.list, &e);
    record_close(&files);
    buf_drop(&o.list.out);
    if (code < 0)
        return cli_trouble(&e);
    if (code == 0)
        (void)cli_say(cli, MSG_RECORD_NOTHING, NULL);
    if (code == o.search.limit)
        (void)cli_say(cli, MSG_RECORD_MORE, NULL);
    return EXIT_CLEAN;
}
