/* SPDX-License-Identifier: Apache-2.0 */
/* steps - see steps.h. */
#include "programs/verify/steps.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

const char *step_kind_name(enum step_kind k)
{
    static const char *const names[STEP_KINDS] = { "shape",  "engine",  "file",    "part",  "fact",
                                                   "effect", "finding", "verdict", "replay" };
    CHECK(k < STEP_KINDS);
    return names[k];
}

__attribute__((format(printf, 5, 0))) static void keep(struct steps *s, enum message why, slice found, slice wanted, const char *path,
                 va_list more)
{
    char text[256];
    if (s->n_failed++ >= STEPS_FAILED_KEPT)
        return;
    int n = vsnprintf(text, sizeof text, path, more);
    struct failed *f = ARENA_NEW(s->mem, struct failed);
    if (!f)
        return;
    *f = (struct failed){ .kind = s->kind,
                          .why = why,
                          .path =
                              arena_copy(s->mem, (slice){ (const uint8_t *)text,
                                                          n < 0 ? 0 : strnlen(text, sizeof text) }),
                          .found = arena_copy(s->mem, utf8_cut(found, STEPS_TEXT_MAX)),
                          .wanted = arena_copy(s->mem, utf8_cut(wanted, STEPS_TEXT_MAX)) };
    if (s->last)
        s->last->next = f;
    else
        s->first = f;
    s->last = f;
}

bool steps_hold(struct steps *s, bool good, enum message why, const char *path, ...)
{
    va_list more;
    if (good) {
        s->held++;
        return true;
    }
    va_start(more, path);
    keep(s, why, (slice){ 0 }, (slice){ 0 }, path, more);
    va_end(more);
    return false;
}

bool steps_same(struct steps *s, slice found, slice wanted, const char *path, ...)
{
    va_list more;
    if (slice_eq(found, wanted)) {
        s->held++;
        return true;
    }
    va_start(more, path);
    keep(s, MSG_VERIFY_DIFFERS, found, wanted, path, more);
    va_end(more);
    return false;
}

bool steps_same_number(struct steps *s, uint64_t found, uint64_t wanted, const char *path, ...)
{
    char text[2][24];
    va_list more;
    if (found == wanted) {
        s->held++;
        return true;
    }
    snprintf(text[0], sizeof text[0], "%llu", (unsigned long long)found);
    snprintf(text[1], sizeof text[1], "%llu", (unsigned long long)wanted);
    va_start(more, path);
    keep(s, MSG_VERIFY_DIFFERS, slice_of(text[0]), slice_of(text[1]), path, more);
    va_end(more);
    return false;
}

void steps_fail(struct steps *s, enum message why, slice found, slice wanted, const char *path, ...)
{
    va_list more;
    va_start(more, path);
    keep(s, why, found, wanted, path, more);
    va_end(more);
}
