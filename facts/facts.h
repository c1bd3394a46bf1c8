/* SPDX-License-Identifier: Apache-2.0 */
/* facts - the dictionary: every fact's id, type, layer and labels.
 *
 * Generated from facts.list; ids are in order of names and change when the
 * list changes, so they never leave a build: names do.
 */
#pragma once
#include "base/slice.h"

enum fact_type { FACT_TYPE_FLAG, FACT_TYPE_INT, FACT_TYPE_TEXT, FACT_TYPE_VIEW };

enum event_kind { EVENT_MAIL, EVENT_PART, EVENT_MACRO, EVENT_EFFECT, EVENT_URL, EVENT_KINDS };

enum fact_id {
#include "facts_ids.inc"
    FACT_COUNT
};

struct fact_row {
    const char *name;
    enum fact_type type;
    enum event_kind layer;
    const char *en, *ja;
};

const struct fact_row *fact_row(enum fact_id id);
/* FACT_COUNT when there is no such fact. */
enum fact_id fact_by_name(slice name);
const char *event_kind_name(enum event_kind k); /* "mail", "part", ... */
