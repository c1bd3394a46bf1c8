/* SPDX-License-Identifier: Apache-2.0 */
/* knowledge - what turns a record into a judgement: compiled rules, and what the
 * site adds to them (exceptions, sender promises, who it is). The command line,
 * sekisho-verify and the gate's desk judge with the same.
 */
#pragma once
#include "guard/rulebook.h"
#include "judge/context.h"

struct knowledge {
    struct arena *mem;
    struct rulebook book;
    struct context context;
};

struct knowledge_options {
    const char *rules;                               /* folder */
    const char *compiler;                            /* path of sekisho-rules */
    const char *cache;                               /* folder; NULL: the user's */
    const char *exceptions, *promises, *authserv_id; /* NULL: none */
    const char *const *own_domains;
    size_t n_own_domains;
    bool trust_foreign;
    uint32_t layers_off;           /* layer_bit() */
    void (*compiling)(void *host); /* told before the slow way; may be NULL */
    void *host;
};

/* After a failure, too, knowledge_close() is called. */
int knowledge_open(struct knowledge *k, const struct knowledge_options *o,
                   struct err *err_out) MUST_USE;
void knowledge_close(struct knowledge *k);
/* For processes that live longer than a day: exceptions expire by it. `today` is CLOCK_DATE_BYTES
 * of the caller, and stays. */
void knowledge_set_today(struct knowledge *k, const char *today);
/* Rules that are on and in force, and promises, by layer. */
void knowledge_layers(const struct knowledge *k, size_t counts_out[LAYERS]);
/* The record of one object, whole: adds the facts of the whole mail and judges. */
struct judgement knowledge_judge(const struct knowledge *k, struct record *r, struct arena *mem);
