/* SPDX-License-Identifier: Apache-2.0 */
/* read - reads reports (sekisho/report/1) back: what stands in them, without the rules.
 *
 * A report may come from anybody: numbers of parts and facts are checked against what is there,
 * so that whoever uses the struct may follow them. Leaves out what nobody asks for yet: votes,
 * exceptions, what was unread. Members it does not know are passed over.
 */
#pragma once
#include "base/jsonin.h"
#include "judge/judge.h"

struct read_part {
    uint32_t parent; /* NO_ID: the object itself */
    slice name, type, how, sha256;
    uint64_t size;
};

struct read_fact {
    slice name, text; /* text: empty for flags and numbers */
    int64_t number;
    uint32_t part, line;
    struct range at;
};

struct read_effect {
    enum effect_kind kind;
    slice sink;
    const struct jsonin *args; /* each a text with its name as key */
    size_t n_args;
    bool known;
    uint32_t part;
    const struct effect_origin *origins;
    size_t n_origins;
};

struct read_finding {
    slice rule, level, title[2]; /* by enum language */
    const uint32_t *parts, *facts;
    size_t n_parts, n_facts;
    bool counts; /* not excepted, not observed only */
};

struct read_report {
    slice path, sha256, name, reason[2];
    uint64_t size;
    enum verdict verdict;
    const struct read_part *parts;
    const struct read_fact *facts;
    const struct read_effect *effects;
    const struct read_finding *findings;
    size_t n_parts, n_facts, n_effects, n_findings;
};

/* One line. -EINVAL: no report of this schema; the message names the member. */
int read_report(slice line, struct arena *mem, struct read_report *out, struct err *err_out) MUST_USE;
/* The same for each line that is not empty; `name` and the line stand in front of the message.
 * The report and all in it is gone after `each`, which gives 0 or what to stop with. */
int read_reports(slice lines, const char *name, int (*each)(void *host, const struct read_report *r, struct err *err_out),
                 void *host, struct err *err_out) MUST_USE;
