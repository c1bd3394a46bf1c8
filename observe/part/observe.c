/* SPDX-License-Identifier: Apache-2.0 */
/* observe - the table of observers, made by the build from observers.list. */
#include "observe/part/observe.h"

#define OBSERVER(name) extern const struct observer observer_##name;
#include "observers.inc"
#undef OBSERVER

static const struct observer *const observers[] = {
#define OBSERVER(name) &observer_##name,
#include "observers.inc"
#undef OBSERVER
};

enum { N_OBSERVERS = sizeof observers / sizeof observers[0] };
_Static_assert((int)N_OBSERVERS <= (int)OBSERVERS_MAX, "struct observers has a slot for each");

void observers_part(struct observers *o, struct walk *w)
{
    for (size_t i = 0; i < N_OBSERVERS; i++)
        if (observers[i]->part)
            observers[i]->part(w, &o->state[i]);
}

void observers_view(struct observers *o, struct walk *w, enum fact_id id, slice utf8, struct range at)
{
    for (size_t i = 0; i < N_OBSERVERS; i++)
        if (observers[i]->view)
            observers[i]->view(w, &o->state[i], id, utf8, at);
}

void observers_end(struct observers *o, struct walk *w, enum walk_end end)
{
    for (size_t i = 0; i < N_OBSERVERS; i++)
        if (observers[i]->part_end)
            observers[i]->part_end(w, &o->state[i], end);
}

void observers_fact(struct observers *o, struct walk *w, const struct fact *f)
{
    if (f->id == FACT_EMAIL_SUBJECT || f->id == FACT_EMAIL_DATE)
        observers_view(o, w, f->id, f->text, f->at);
}
