/* SPDX-License-Identifier: Apache-2.0 */
/* notify - tells the service manager how we are: sd_notify(3) without its library. */
#pragma once

/* "READY=1\n"; nothing where nobody asked ($NOTIFY_SOCKET). */
void notify(const char *state);
