/* SPDX-License-Identifier: Apache-2.0 */
/* archive - what the readers of archives and disk images share: the list of
 * members, what is said of them, and how they become children.
 *
 * The facts are the zip.* ones wherever they mean the same (members, encrypted
 * members, the only member ...), so that a rule about archives holds for every
 * kind; archive.* ones are those that a zip does not have. The parts of all
 * these kinds have HOW_ARCHIVE.
 *
 * Left to the format: reading. It fills the list, calls archive_say(), and
 * gives each member's body to archive_walk_member().
 */
#pragma once
#include "base/unpack.h"
#include "decode/walk.h"

struct archive_member {
    slice name;         /* UTF-8, '/' between levels */
    uint64_t size;      /* as declared */
    struct range at;    /* of its header or its bytes */
    bool folder;
    bool locked;        /* encrypted */
    bool hidden;        /* attribute hidden or system */
    bool climbs;        /* its path leads out of the folder */
    slice link;         /* it is a link to this; never followed */
    const char *scheme; /* of the encryption */
    const char *method; /* a compression worth naming; NULL */
    uint64_t key[2];    /* the format's own */
};

struct archive {
    struct walk *w;
    struct archive_member *members;
    size_t n, room;
    bool full;          /* no more could be listed */
    uint32_t unread;    /* members said to be unread so far */
};

/* NULL, and full, when over budget. The name is made plain: see archive_name(). */
struct archive_member *archive_add(struct archive *a, slice raw_name);

/* Facts of the whole list. */
void archive_say(struct archive *a);

/* One member's content becomes a child. */
void archive_walk_member(struct archive *a, const struct archive_member *m, const struct body *body);
/* The same bytes may be a part of a body that is released before a deferred
 * part of it is unlocked: this one is copied. False: over budget. */
bool archive_walk_copy(struct archive *a, const struct archive_member *m, const struct body *from, uint64_t at,
                       uint64_t len);
/* Names a member that was not read, the first ones of many. */
void archive_unread(struct archive *a, enum unread_cause cause, slice name);

/* --- archive_name.c */
/* '\' to '/', no leading '/'; valid UTF-8. */
slice archive_name(struct arena *mem, slice utf8);
/* From bytes in nobody knows which charset: UTF-8, else Japanese, else what is likeliest. */
slice archive_name_bytes(struct arena *mem, slice raw);
/* Does this path lead out of the folder it is unpacked to? */
bool archive_climbs(slice raw);
/* What a compressed file is called when it is unpacked: pairs of an ending (".tgz") and what
 * stands there instead (".tar", ""); `n` words in all. */
slice archive_stem(struct arena *mem, slice name, const char *const *endings, size_t n);

/* --- candidates for passwords */
enum { ARCHIVE_KEYS_MAX = 64 };
/* In the order in which they should be tried: meant for this file, for any, for others. */
size_t archive_passwords(const struct walk *w, const struct password **out, size_t max);
void archive_say_found(struct walk *w, const struct password *p);

/* --- archive_stream.c: one compressed file without a list, like .xz */
/* Unpacks the whole body to one child called as the endings tell (see archive_stem). */
enum walk_end archive_walk_stream(struct walk *w, const struct body *body,
                                  struct unpack_result (*unpack)(struct body_writer *out, slice in, struct arena *mem,
                                                                 struct budget *budget),
                                  const char *const *endings, size_t n);
