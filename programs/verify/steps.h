/* SPDX-License-Identifier: Apache-2.0 */
/* steps - what `sekisho verify` has asked of a report so far, and what did not hold.
 *
 * A step is one question with a yes or no. What failed is kept with its place in the report
 * (a JSON path), up to a bound; the rest is counted.
 */
#pragma once
#include "base/arena.h"
#include "facts/record.h"
#include "report/messages.h"

/* In the order in which they are asked. All but the last ask the file, the rules and the report
 * itself; only the last asks the engine again. */
enum step_kind {
    STEP_SHAPE,  /* of a report of this schema */
    STEP_ENGINE, /* made by this version, with these rules and settings */
    STEP_FILE,   /* the file's size and digest */
    STEP_PART,   /* parts, and what was not read */
    STEP_FACT,
    STEP_EFFECT,
    STEP_FINDING, /* against the rules */
    STEP_VERDICT, /* from the findings */
    STEP_REPLAY,  /* a fresh scan says the same */
    STEP_KINDS
};

struct failed {
    enum step_kind kind;
    enum message why;
    slice path, found, wanted; /* in the report; by the check: for {0} and {1} of the message */
    const struct failed *next;
};

enum { STEPS_FAILED_KEPT = 32, STEPS_TEXT_MAX = 160 };

struct steps {
    struct arena *mem;
    enum step_kind kind; /* of the step that is asked now */
    size_t held, not_comparable, n_failed;
    const struct failed *first;
    struct failed *last;
};

/* The path is printf's; nothing is formatted for a step that holds. */
bool steps_hold(struct steps *s, bool good, enum message why, const char *path, ...)
    __attribute__((format(printf, 4, 5)));
/* found == wanted, byte by byte. */
bool steps_same(struct steps *s, slice found, slice wanted, const char *path, ...)
    __attribute__((format(printf, 4, 5)));
bool steps_same_number(struct steps *s, uint64_t found, uint64_t wanted, const char *path, ...)
    __attribute__((format(printf, 4, 5)));
/* A step that failed with words of its own. */
void steps_fail(struct steps *s, enum message why, slice found, slice wanted, const char *path, ...)
    __attribute__((format(printf, 5, 6)));
const char *step_kind_name(enum step_kind k);
