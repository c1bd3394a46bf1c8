/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook - the rule image of a folder of rules: from the cache when it fits,
 * compiled by the program sekisho-rules when not.
 *
 * The cache holds images keyed by the rules' digest, the rule compiler
 * and the processor. An image that is damaged, foreign or not ours is made anew.
 */
#pragma once
#include "base/err.h"
#include "judge/rules.h"

struct rulebook {
    int fd;              /* the image, read-only; for the pool */
    slice image;         /* mapped */
    struct rules *rules;
};

struct rulebook_settings {
    const char *const *folders; /* folders or single files; the first is ours */
    size_t n_folders;
    const char *compiler;       /* path of sekisho-rules */
    const char *cache;          /* folder; NULL: the user's; "" : none */
    void (*compiling)(void *host); /* told before the slow way; may be NULL */
    void *host;
};

int rulebook_open(const struct rulebook_settings *s, struct rulebook *out, struct err *err_out) MUST_USE;
void rulebook_close(struct rulebook *b);
