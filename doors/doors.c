/* SPDX-License-Identifier: Apache-2.0 */
/* The doors of doors.list. */
#include "doors/door.h"

#define DOOR(name) extern const struct door door_##name;
#include "doors.inc"
#undef DOOR

const struct door *const doors[] = {
#define DOOR(name) &door_##name,
#include "doors.inc"
#undef DOOR
};
const size_t n_doors = sizeof doors / sizeof doors[0];
