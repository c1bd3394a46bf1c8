/* SPDX-License-Identifier: Apache-2.0 */
/* rules - the compiled rule image: opened by the worker to look for strings,
 * and by the desk to decide.
 *
 * A rule is Sigma v2 (detections and correlations; SigmaHQ specification 2.0)
 * with one extension key, `sekisho:` (docs/rules.md). Compilation turns all
 * string conditions of all rules into atoms (field, modifier, pattern), which
 * form one multi-pattern set, and each condition into a boolean program.
 * The image is one block of bytes: nothing in it is a pointer, everything is
 * bounds-checked when it is opened.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "facts/record.h"
#include "judge/layers.h"

struct rules;

enum rule_level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL };
enum rule_state { RULE_OFF, RULE_OBSERVE, RULE_ON };

struct rule_text {
    slice en, ja;
};

/* What a rule says of itself; slices point into the image. */
struct rule_info {
    slice id;          /* Sigma `name`, else `id`: what reports call it; stable for ever */
    slice uuid;        /* Sigma `id` */
    slice file;
    enum rule_level level;
    enum rule_state state;
    bool ours;         /* calibrated by us: decides alone */
    bool correlation;
    bool in_force;     /* false: nothing feeds its log source */
    enum event_kind kind;
    enum layer layer;  /* of which it is a vote */
    slice family;      /* independence group */
    slice name;        /* Kind.Platform.Technique-or-Family */
    struct rule_text title, description, reason, todo, falsepositives;
    slice attack;      /* "T1566.001 T1204.002" */
};

/* The image must live as long as the rules. For one thread at a time:
 * expressions are made ready when they are first needed. */
int rules_open(slice image, struct rules **out, struct err *err_out) MUST_USE;
void rules_drop(struct rules **r);
size_t rules_count(const struct rules *r);
struct rule_info rules_info(const struct rules *r, size_t rule);
/* By id, uuid or detection name; SIZE_MAX. */
size_t rules_find(const struct rules *r, slice name);
/* Has the rule, or one that it correlates, a condition on this fact? Keywords are on every text. */
bool rules_asks(const struct rules *r, size_t rule, enum fact_id fact);
/* Hex digest of the sources: the `engine.rules` of a report. */
slice rules_digest(const struct rules *r);

/* --- in the worker */
struct rule_scanner;
int rule_scanner_new(const struct rules *r, struct rule_scanner **out, struct err *err_out) MUST_USE;
void rule_scanner_drop(struct rule_scanner **s);
/* Does any rule look for strings in this fact? Cheap. */
bool rule_scanner_wants(const struct rule_scanner *s, enum fact_id field);
/* Each atom of this field that the value satisfies, once; `at` is relative to the value. */
void rule_scanner_scan(struct rule_scanner *s, enum fact_id field, slice value,
                       void (*hit)(void *host, uint32_t atom, struct range at), void *host);

/* --- compiling (judge/compile.c; links the YAML and pattern compilers) */
struct rule_source {
    slice path, text;
    bool ours;
};
/* Stops at the first bad rule: err names file, line and what to do. */
int rules_compile(const struct rule_source *sources, size_t n, struct buf *image_out, struct err *err_out) MUST_USE;
/* Runs the `sekisho: tests:` of every rule in the sources against the image;
 * 0 when all pass; *tests_out counts them. -ENOTRECOVERABLE: the answers with and
 * without the pattern set differ, a bug of ours. */
int rules_test(const struct rules *r, const struct rule_source *sources, size_t n, size_t *tests_out, struct err *err_out) MUST_USE;
