/* SPDX-License-Identifier: Apache-2.0 */
/* smtp - hands one mail to an MTA (RFC 5321), and says for sure whether it took it.
 *
 * For mail that goes on its way again: it was examined and kept, a person decided, and it goes to a
 * listener that does not ask us once more. All recipients or none: when one is refused, nothing is
 * sent. It waits, so it is for commands and not for the event loop. No TLS and no login: the
 * listener is on this machine or on a trusted network.
 *
 * Left out: PIPELINING and CHUNKING (nobody waits for microseconds here), and DSN.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

enum { SMTP_REPLY_MAX = 16 << 10, SMTP_OUT = 64 << 10 };

struct smtp_envelope {
    const char *address; /* of the listener, as os/net.h writes it */
    slice helo;          /* our name; empty: "localhost" */
    slice sender;        /* empty: the null sender of notices */
    const slice *recipients;
    size_t n_recipients;
    uint64_t size; /* 0: not known */
    int reply_ms;  /* how long a reply may take; 0: five minutes, ten after the end of the mail */
};

struct smtp {
    int fd, reply_ms;
    struct buf in, out;
    bool eight_bit, utf8, has_size;
    uint64_t size_max;
    uint8_t last; /* byte of the mail */
    bool at_line; /* the next byte begins a line */
    bool ended; /* the end of the mail was sent: from here on a lost connection may mean anything */
};

/* To the point where the mail's bytes may follow. -EINVAL: an address that cannot be written;
 * -EREMOTEIO: refused, with the MTA's words. smtp_close() in any case. */
int smtp_begin(struct smtp *s, const struct smtp_envelope *e, struct err *err_out) MUST_USE;
/* Line ends become CR LF, and lines that begin with a dot are marked (RFC 5321 4.5.2). */
int smtp_data(struct smtp *s, slice bytes, struct err *err_out) MUST_USE;
/* 0: the MTA has taken it over (250). -ECONNABORTED: it is not known whether it has. */
int smtp_end(struct smtp *s, struct err *err_out) MUST_USE;
/* Without smtp_end() nothing was delivered. */
void smtp_close(struct smtp *s);
