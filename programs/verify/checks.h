/* SPDX-License-Identifier: Apache-2.0 */
/* checks - the questions that are asked of one report, in the order in which they stand here. */
#pragma once
#include "programs/verify/object.h"
#include "programs/verify/shape.h"

enum { VIEWS_MAX = 256 };

/* A script in a page, a command in a shortcut: their lines are counted from where they begin. */
struct view_place {
    uint64_t part, from, to;
};

struct check {
    struct steps s;
    const struct jsonin *report; /* of a good shape, but for shape_check() */
    struct object *object;
    const struct rules *rules;
    const struct policy *policy;
    const char *settings;            /* digest of the settings in force */
    uint32_t uncompared[FACT_COUNT]; /* texts that could not be found in the bytes they are said to
                                        be of */
    size_t work;                     /* bytes compared so far: bounded */
    struct view_place *views;        /* texts with lines of their own, in the order of the facts */
    size_t n_views;
    bool same_version, same_rules, same_settings;
};

/* Version, rules and settings are ours: sets the three flags. */
void engine_check(struct check *c);
/* False: another file, and nothing else can be asked. */
bool parts_check_file(struct check *c);
void parts_check(struct check *c);
void facts_check(struct check *c);
/* Is this the line in which that byte of a kept part stands? Of fact i, where `origin` is SIZE_MAX;
 * else of an origin of effect i. */
void facts_check_line(struct check *c, uint32_t part, uint64_t at, uint64_t line, size_t i,
                      size_t origin);
void effects_check(struct check *c);
void findings_check(struct check *c);
void verdict_check(struct check *c);
void replay_check(struct check *c);
