/* SPDX-License-Identifier: Apache-2.0 */
/* scan_options - what `sekisho scan` was asked: a settings file, then the
 * command line, which wins. */
#pragma once
#include "guard/pool.h"
#include "os/settings.h"
#include "programs/cli/cli.h"

enum { HINTS_MAX = 32, DOMAINS_MAX = 64, YARA_MAX = 16 };

struct scan_options {
    struct desk_options desk;
    const char *usage; /* of the command that takes them */
    struct report_style style;
    bool json, iocs, raw; /* iocs: indicators in place of the report */
    unsigned jobs;
    struct pool_hint hints[HINTS_MAX];
    size_t n_hints;
    unsigned objects, timeout_ms;
    struct arena *mem;                 /* texts of the settings file */
    const char *domains[DOMAINS_MAX];
    int yara[YARA_MAX];
    size_t n_yara;
};

/* 0, or an exit status after a message. Leaves optind at the first path. */
int scan_options_read(const struct cli *cli, struct scan_options *o, const char *usage, int argc, char **argv);
/* The same from a settings file alone; NULL: the defaults. */
int scan_options_of(const struct cli *cli, struct scan_options *o, const char *settings);
void scan_options_drop(struct scan_options *o);

/* The table behind --settings and `sekisho settings`. */
const struct setting *scan_settings(size_t *n_out);
