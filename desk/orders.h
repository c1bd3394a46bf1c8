/* SPDX-License-Identifier: Apache-2.0 */
/* orders - what the supervisor says to the desk's process over its descriptor 3:
 * messages of an os/channel (limits: DESK_ORDER_MAX both ways).
 *
 * `sekisho-desk RULES CACHE` waits for SETTINGS; the others follow in any order.
 * When the control channel closes, the process ends as after STOP.
 */
#pragma once
#include "base/buf.h"

enum desk_order {
    DESK_SETTINGS = 1, /* the settings file's path, a NUL, its text */
    DESK_DOOR,         /* with a connected socket; payload: the door's name */
    DESK_KEEPER,       /* with a connected socket, in place of the one before */
    DESK_STOP,         /* payload: u32 ms: answers what it has, see desk_stop(), then ends */
    /* to the supervisor */
    DESK_READY, /* workers are there; payload empty */
};

enum { DESK_ORDER_MAX = (1 << 20) + 8192 };
