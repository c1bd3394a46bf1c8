/* SPDX-License-Identifier: Apache-2.0 */
/* hunt_private - the tables of a hunt, for hunt.c and hunt_finish.c. */
#pragma once
#include "trace/address.h"
#include "trace/hunt.h"

struct slot {
    uint64_t hash;
    size_t index; /* of an array beside the table, and 1; 0: empty */
};

struct table_of {
    struct slot *slots;
    size_t mask, n, max;
};

struct name {
    slice text;
    bool ip, weak;
    struct hunt_sources host, domain; /* domain: of the hosts below it */
};

struct url {
    size_t name;
    unsigned port;
    slice path;
    bool whole; /* with the query */
    struct hunt_sources sources;
};

struct hunt {
    struct arena *mem, *scratch;
    struct hunt_options options;
    struct table_of mails, names, urls, clients,
        pairs; /* each with the array that its indexes are of */
    struct hunt_mail **mail;
    struct name *name;
    struct url *url;
    struct hunt_client *client;
    uint32_t *pair; /* the last look-up of one name by one client, as an index of `hit` */
    struct hunt_hit *hit;
    size_t mail_room, name_room, url_room, client_room, pair_room, hit_room;
    size_t n_hits, reports, used, n_urls, hosts;
    uint64_t left_weak;
    bool more;
};
