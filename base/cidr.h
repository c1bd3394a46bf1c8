/* SPDX-License-Identifier: Apache-2.0 */
/* cidr - whether an address lies in a network, both as text: RFC 791 dotted
 * decimal and RFC 4291 2.2; zones ("%eth0") are not looked at. */
#pragma once
#include "base/check.h"
#include "base/slice.h"

struct cidr {
    uint8_t address[16];
    uint8_t bits;
    bool six;
};

/* "192.0.2.0/24", "2001:db8::/32", or one address. False: no network. */
bool cidr_read(slice text, struct cidr *out) MUST_USE;
/* An IPv4 address that is written as IPv6 (::ffff:192.0.2.1) is one of IPv4. */
bool cidr_holds(const struct cidr *c, slice address);
