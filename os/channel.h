/* SPDX-License-Identifier: Apache-2.0 */
/* channel - messages between two of our processes over a Unix stream socket:
 * u32 length, u8 word, payload (little endian), and at most one descriptor
 * that goes with it.
 *
 * Sending never waits: what the socket does not take is queued, up to
 * queue_max bytes; over it channel_send() says -ENOBUFS and the caller answers
 * "later" to whoever asked. The peer may have been taken over: a frame longer
 * than payload_max, or a descriptor nobody announced, ends the channel.
 */
#pragma once
#include "base/slice.h"
#include "os/loop.h"

struct channel;

struct channel_events {
    void *host;
    /* The payload is valid during the call. The descriptor (-1: none) is the receiver's to close.
     * False: the peer sent nonsense; the channel ends. */
    bool (*message)(void *host, uint8_t word, slice payload, int fd);
    /* Called once, last; the owner drops the channel in it or later. */
    void (*closed)(void *host, const char *why);
};

struct channel_limits {
    size_t payload_max; /* of one message, both ways */
    size_t queue_max;   /* unsent bytes */
};

/* Takes the socket, which is made non-blocking. */
int channel_new(struct loop *l, int fd, const struct channel_limits *limits, const struct channel_events *events, struct channel **out, struct err *err_out) MUST_USE;
void channel_drop(struct channel **c);
/* 0, -ENOBUFS, -EPIPE (gone) or -EMSGSIZE. The descriptor is duplicated when it must wait. */
int channel_send(struct channel *c, uint8_t word, slice payload, int fd) MUST_USE;
size_t channel_unsent(const struct channel *c);
