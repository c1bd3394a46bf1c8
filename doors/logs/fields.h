/* SPDX-License-Identifier: Apache-2.0 */
/* fields - what named fields of a log hold, guessed from their names in English or Japanese; for
 * tables with a header and for lines of "name=value". */
#pragma once
#include "doors/logs/logs_private.h"

enum log_field {
    TIME,
    DATE,
    ZONE,
    CLIENT,
    USER,
    URL,
    HOST,
    PATH,
    QUERY,
    PEER,
    METHOD,
    STATUS,
    BYTES,
    ACTION,
    LOG_FIELDS
};

/* False: nothing that is of use here. */
bool log_field_of(slice name, enum log_field *out);
/* A contact from the values; those that are not there are empty. LOG_PASSED: of nothing.
 * What must be put together lies in the scratch arena. */
enum log_line log_fields_read(struct logs *g, const slice got[LOG_FIELDS],
                              const struct log_clock *clock, struct contact *out);
