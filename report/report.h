/* SPDX-License-Identifier: Apache-2.0 */
/* report - one scan as JSON (sekisho/report/1, docs/report.schema.json) and as
 * text for people. Pure: what it needs of the world comes in report_meta. */
#pragma once
#include "base/shown.h"
#include "judge/judge.h"
#include "report/messages.h"

#define SEKISHO_VERSION_TEXT "0.1.0"

/* How the object came in and what was done with it: at the gate; texts may be empty. */
struct report_context {
    slice reference; /* number of the report, for people */
    slice time;      /* RFC 3339 */
    slice deed;      /* deliver, tag, hold, reject, tempfail */
    slice door, direction; /* "milter"; "in", "out", "file" */
    slice client_address, client_name, helo, tls, user, queue_id;
    slice sender;          /* of the envelope */
    const slice *recipients;
    size_t n_recipients;
};

struct report_meta {
    slice path;          /* as given on the command line, or "-" */
    uint64_t size;
    slice version;       /* engine */
    slice settings;      /* hex digest of the settings in force */
    uint64_t elapsed_us, cpu_us;
    const struct report_context *context; /* NULL: none */
};

struct report_input {
    const struct record *record;
    const struct judgement *judgement;
    const struct rules *rules;
    const struct policy *policy;
    const struct report_meta *meta;
};

/* One line with a line feed. Outside "run" the bytes depend on the input only. */
void report_json(struct buf *out, const struct report_input *in);

struct report_style {
    enum language language;
    bool colour, details; /* details: all findings with all their facts */
};
/* Only what the code would do, as it stands in the text report; style->details is looked at. */
void report_effects(struct buf *out, const struct record *r, const struct report_style *style);
void report_text(struct buf *out, const struct report_input *in, const struct report_style *style);

/* What a detection name or rule means; false when there is none. */
bool report_explain(struct buf *out, const struct rules *rules, slice name, enum language language);

/* Text for a terminal: control characters become visible escapes. */
static inline void report_printable(struct buf *out, slice utf8, size_t max) { shown_put(out, utf8, max, 0); }
