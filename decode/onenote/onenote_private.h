/* SPDX-License-Identifier: Apache-2.0 */
/* onenote_private - what the pieces of the OneNote reader share.
 *
 * Both ways of storing a section ([MS-ONESTORE] 2.2-2.6, and 2.7-2.8 for what servers hand out) end
 * in the same two lists: objects with the few properties that matter here, and files. */
#pragma once
#include "decode/walk.h"

enum {
    ONE_GLOBALS = 16384,     /* entries of one global identification table */
    ONE_FRAGMENTS_MAX = 65536,
    ONE_NESTING_MAX = 12,    /* property sets inside property sets */
    ONE_ARRAY_MAX = 65536,
    ONE_TEXT_MAX = 4 << 20,
};

enum one_jcid { ONE_IMAGE = 0x00060011, ONE_EMBEDDED = 0x00060035 };

/* A length on a page in thousandths of half an inch. */
struct one_box {
    int64_t x, y, width, height;
    bool placed, sized;
};

struct one_object {
    uint64_t key;       /* of its identifier */
    uint64_t container; /* key of the attached file it stands for; 0: none */
    uint64_t picture;   /* key of the picture it shows */
    uint32_t space, jcid;
    slice name, source, picture_name; /* UTF-16LE as they stand */
    slice text, ascii, alt, title, url, author;
    struct one_box box;
    bool live; /* no later revision replaces it */
};

struct one_file {
    size_t at, len;     /* in the body */
    uint64_t identity;  /* what declarations call it; 0: nothing refers to it */
};

/* A key found in one place and what it stands for in another. */
struct one_pair {
    uint64_t key, value;
    slice text; /* of a declaration: the extension */
};

struct one_pairs {
    struct one_pair *at;
    size_t n, room;
};

struct one {
    struct walk *w;
    slice all; /* without padding */
    struct one_object *objects;
    struct one_file *files;
    size_t n_objects, room_objects, n_files, room_files;
    struct one_pairs stored;   /* position of a stored file -> identity */
    struct one_pairs declared; /* identity -> key of the file data object */
    uint64_t *globals;         /* index -> hash of the GUID */
    uint32_t *epochs, epoch;
    bool encrypted, bad, full;
};

void one_malformed(struct one *o, const char *what, struct range at);
/* False when over budget. */
bool one_add_object(struct one *o, const struct one_object *object);
bool one_add_file(struct one *o, const struct one_file *file);
bool one_add_pair(struct one *o, struct one_pairs *to, struct one_pair pair);
/* After sorting; NULL when there is none. */
void one_sort(struct one_pairs *p);
const struct one_pair *one_find(const struct one_pairs *p, uint64_t key);

/* How an object identifier inside a property set becomes a key. */
struct one_ids {
    const uint64_t *keys; /* given in order (packaged stores) ... */
    size_t n_keys;
    uint32_t space;       /* ... or compact, by the global table (revision stores) */
};
uint64_t one_compact_key(const struct one *o, uint32_t space, uint32_t compact);

/* ObjectSpaceObjectPropSet ([MS-ONESTORE] 2.6.1) into the fields of an object. */
void one_properties(struct one *o, slice set, const struct one_ids *ids, struct one_object *out);

void one_read_store(struct one *o);   /* file node lists */
void one_find_files(struct one *o);   /* FileDataStoreObject structures, wherever they are */
void one_read_package(struct one *o); /* [MS-FSSHTTPB] stream objects */
void one_say(struct one *o);          /* facts, text, children */
