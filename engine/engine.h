/* SPDX-License-Identifier: Apache-2.0 */
/* engine - one object through decode, observe and pattern matching.
 *
 * Lives in the worker, behind the jail: it opens nothing and knows no rule's
 * meaning, only which strings the rules look for.
 */
#pragma once
#include "decode/walk.h"
#include "judge/rules.h"

struct engine;

/* Loads what must be loaded before the process locks itself down (converters,
 * ciphers). Rules may be NULL: facts without hits. */
int engine_new(const struct rules *rules, struct engine **out, struct err *err_out) MUST_USE;
void engine_drop(struct engine **e);

/* Extra scanners over the stored bytes of every part (YARA), optional. */
struct engine_bytes_scanner {
    void *host;
    void (*scan)(void *host, struct walk *w, const struct body *body);
};
void engine_set_bytes_scanner(struct engine *e, const struct engine_bytes_scanner *s);

/* What each scan from now on may spend; budget_default() until then. */
void engine_set_budget(struct engine *e, const struct budget *b);

/* Walks the request and streams the findings. Memory is wiped before return. */
void engine_scan(struct engine *e, const struct scan_request *request, const struct sink *sink);
