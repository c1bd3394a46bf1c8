/* SPDX-License-Identifier: Apache-2.0 */
/* context - what a site adds to the rules: exceptions, sender promises, who it
 * is and what day it is. Pure: whoever reads files gives their texts.
 */
#pragma once
#include "judge/judge.h"
#include "observe/whole/whole.h"

struct context_texts {
    slice exceptions, exceptions_path; /* exceptions.yaml; the path is for messages */
    slice promises, promises_path;     /* promises.yaml */
    slice authserv_id;
    const slice *own_domains;
    size_t n_own_domains;
    slice today; /* YYYY-MM-DD */
    bool trust_foreign;
    uint32_t layers_off; /* layer_bit() */
};

enum { CONTEXT_DIGEST = 17 };

struct context {
    struct policy policy;
    struct site site;
    char digest[CONTEXT_DIGEST]; /* of what shapes verdicts beside the rules; the day is left out */
};

/* Copies the texts into the arena, which the context borrows from. */
int context_read(const struct context_texts *t, struct arena *mem, struct context *out, struct err *err_out) MUST_USE;
/* The record of one object, whole: adds the facts of the whole mail and judges. */
struct judgement context_judge(const struct context *c, const struct rules *rules, struct record *r, struct arena *mem);
