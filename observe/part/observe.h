/* SPDX-License-Identifier: Apache-2.0 */
/* observe/part - facts that need bytes, found beside decode, in the worker.
 *
 * An observer is one file, observe/part/NAME.c, whose only external symbol is
 * observer_NAME, with NAME_test.c beside it and one line in observers.list.
 * It sees every part and every text view and emits facts through walk.h; it
 * makes no parts. What it must remember between calls of one scan lives in the
 * scan's arena behind *state (NULL at first, one per observer and scan).
 */
#pragma once
#include "decode/walk.h"

struct observer {
    const char *name;
    /* Any may be NULL. */
    void (*part)(struct walk *w, void **state);     /* sniffed, nothing walked yet */
    void (*view)(struct walk *w, void **state, enum fact_id id, slice utf8, struct range at);
    void (*part_end)(struct walk *w, void **state, enum walk_end end);
};

enum { OBSERVERS_MAX = 16 };

/* The memory of all observers for one scan. */
struct observers {
    void *state[OBSERVERS_MAX];
};

void observers_part(struct observers *o, struct walk *w);
void observers_view(struct observers *o, struct walk *w, enum fact_id id, slice utf8, struct range at);
void observers_end(struct observers *o, struct walk *w, enum walk_end end);
/* Short mail texts that observers read like views: subject and date. */
void observers_fact(struct observers *o, struct walk *w, const struct fact *f);
