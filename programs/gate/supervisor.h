/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor - starts the gate's processes, connects them, and restarts what dies.
 *
 * It opens listening sockets (as root, before it gives root up), and every
 * process gets only descriptors: doors their sockets, desk and keeper channels.
 * It reads no mail and no message of the gate itself. A new desk is begun
 * for new settings; doors go over to it while the old one answers what it has.
 */
#pragma once
#include "desk/options.h"
#include "os/folder.h"

struct supervisor_settings {
    const char *settings; /* path of the file; NULL: defaults */
    const char *state;    /* folder, in place of the settings'; NULL: theirs */
};

/* Says whether the settings are good; an exit status. */
int supervisor_check(const struct supervisor_settings *s);
/* Until SIGTERM or SIGINT; returns the exit status. */
int supervisor_run(const struct supervisor_settings *s);
