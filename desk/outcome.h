/* SPDX-License-Identifier: Apache-2.0 */
/* outcome - a judged object put into words: the answer for the door and the
 * entry for the keeper. Pure.
 *
 * Header values and SMTP replies are ASCII of one line: what a stranger wrote
 * reaches them only through base/shown.h, and as an encoded word (RFC 2047)
 * when it is not ASCII.
 */
#pragma once
#include "wire/gate.h"
#include "wire/keep.h"

struct outcome {
    const struct gate_request *request;
    const struct record *record;
    const struct judgement *judgement;
    enum deed deed;
    slice reference, report;
};

enum { OUTCOME_DATE = 11 }; /* YYYY-MM-DD and a NUL */

/* "261122-7K3F9Q2M": the day, and 40 random bits in Crockford's base 32, which has no letters that
 * are mistaken for digits over the telephone. */
void outcome_reference(const char date[OUTCOME_DATE], const uint8_t random[5],
                       char out[GATE_REFERENCE]);
/* Lives in the arena. False: out of memory. */
bool outcome_answer(const struct outcome *o, struct arena *mem, struct gate_answer *out) MUST_USE;
/* For what was not scanned; `why` is ours. */
bool outcome_trouble(const struct gate_request *request, enum deed deed, const char *why,
                     struct arena *mem, struct gate_answer *out) MUST_USE;
/* Without id, time, vault. */
bool outcome_keep(const struct outcome *o, struct arena *mem, struct keep_put *out) MUST_USE;
/* A header's value: ASCII as it is, else encoded words. */
void outcome_put_header(struct buf *out, slice utf8);
