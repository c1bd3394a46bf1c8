/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram to the socket that $NOTIFY_SOCKET names; "@" stands for an abstract name. With
 * RELOADING=1 goes the time, as Type=notify-reload wants it. */
#include "programs/gate/notify.h"
#include "base/slice.h"
#include "os/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify(const char *state)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    slice name = slice_of(getenv("NOTIFY_SOCKET"));
    char text[128];
    if (name.len < 2 || name.len >= sizeof to.sun_path || (name.at[0] != '/' && name.at[0] != '@'))
        return;
    (void)slice_copy_out(name, (uint8_t *)to.sun_path, sizeof to.sun_path);
    if (name.at[0] == '@')
        to.sun_path[0] = 0;
    int n = snprintf(text, sizeof text, "%sMONOTONIC_USEC=%" PRIu64 "\n", state, clock_us());
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, text, (size_t)n, MSG_NOSIGNAL, (struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name.len));
    (void)close(fd);
}
