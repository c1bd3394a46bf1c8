/* SPDX-License-Identifier: Apache-2.0 */
/* cfb_private - one opened compound file, for the files of this folder.
 *
 * cfb_sector.c knows sectors, chains and streams; cfb_directory.c the entries
 * and their tree; the others read what stands in streams.
 */
#pragma once
#include "decode/shared/officecrypto.h"
#include "decode/shared/shown.h"

#define CFB_NONE UINT32_MAX

enum cfb_kind { CFB_EMPTY = 0, CFB_STORAGE = 1, CFB_STREAM = 2, CFB_ROOT = 5 };

struct cfb_entry {
    slice name; /* UTF-8 */
    slice path; /* with the names of its storages in front */
    uint32_t left, right, child;
    uint32_t start;
    uint64_t size;
    uint64_t at;     /* of the entry itself, in the body */
    uint32_t parent; /* CFB_NONE: the root, or an orphan */
    uint16_t depth;
    uint8_t kind;
    bool reached, orphan, told_short;
};

enum cfb_lock_kind { CFB_LOCK_PACKAGE, CFB_LOCK_WORD, CFB_LOCK_BOOK, CFB_LOCK_SLIDES };

struct cfb_lock {
    enum cfb_lock_kind kind;
    uint32_t entry; /* of the stream that is encrypted */
    struct officecrypto crypto;
    struct officecrypto_key key;
    uint32_t newest; /* of a presentation: where its last UserEditAtom stands */
    bool open;       /* key is valid */
};

struct cfb {
    struct walk *w;
    const struct body *body;
    unsigned shift; /* 9 or 12 */
    uint16_t major;
    uint32_t n_sectors;  /* in the body, the cut off last one included */
    const uint32_t *fat; /* sectors of the FAT */
    size_t n_fat;
    const uint32_t *minifat;
    size_t n_minifat;
    const uint32_t *ministream; /* sectors of the root's stream */
    size_t n_ministream;
    uint64_t ministream_size;
    uint32_t first_dir;
    struct cfb_entry *entries;
    size_t n_entries;
    unsigned short_told;
    uint32_t said; /* bit per kind of damage already told */
    struct picture_shown shown; /* the largest picture */
    struct cfb_lock *lock; /* NULL: nothing is encrypted */
    bool macros;   /* a macro project lies in it */
    bool cut;      /* something that was asked for could not be read whole */
};

enum cfb_damage {
    CFB_HEADER,
    CFB_VERSION,
    CFB_SECTOR_SIZE,
    CFB_CUTOFF,
    CFB_DIFAT,
    CFB_FAT,
    CFB_DIRECTORY,
    CFB_TREE,
    CFB_NAME,
    CFB_CHAIN,
    CFB_DEEP,
    CFB_DAMAGES
};

/* Emits cfb.malformed, once a kind. */
void cfb_sector_damage(struct cfb *c, enum cfb_damage d, struct range at);

/* Header, DIFAT, FAT. False: there is no reading on from here. */
bool cfb_sector_open(struct cfb *c, struct walk *w, const struct body *body);
/* The sectors of a chain, at most `max`; NULL when there are none. */
const uint32_t *cfb_sector_list(struct cfb *c, uint32_t start, uint64_t max, size_t *n_out);
/* The bytes of a sector; empty or short at the end of the file. */
slice cfb_sector_bytes(const struct cfb *c, uint32_t sector);
/* Opens what needs the root entry: the mini stream. */
void cfb_sector_open_mini(struct cfb *c, uint32_t first_minifat);
/* Offset behind the last sector that the FAT does not call free. */
uint64_t cfb_sector_used_end(const struct cfb *c);

/* The whole stream; false when it is cut off, which is told. Release it in both cases. */
bool cfb_stream_read(struct cfb *c, const struct cfb_entry *e, struct body *out);
/* Some of its bytes, from `from` on; returns how many there are. */
size_t cfb_stream_at(struct cfb *c, const struct cfb_entry *e, uint64_t from, uint8_t *out,
                     size_t max);
size_t cfb_stream_head(struct cfb *c, const struct cfb_entry *e, uint8_t *out, size_t max);
/* Where its first byte stands; NOWHERE. */
struct range cfb_stream_place(struct cfb *c, const struct cfb_entry *e);

/* Entries, tree, orphans. False: no directory. */
bool cfb_directory_read(struct cfb *c);
/* The stream of this name beside `beside` (any case); CFB_NONE. */
uint32_t cfb_directory_sibling(const struct cfb *c, uint32_t beside, const char *name);

/* The class id of a storage; of the root where there is no such entry. */
slice cfb_directory_clsid(const struct cfb *c, uint32_t entry);

/* [MS-OLEPS]: author, application, template; all texts are values for macros. */
void cfb_props_read(struct cfb *c, slice stream);

/* Encryption is told, and opened with what the application tries unasked. */
bool cfb_lock_look(struct cfb *c);
/* What is encrypted may be read by the reader of its stream now: it is open, or it is a
 * presentation that only says that it is encrypted. */
bool cfb_lock_is_readable(const struct cfb_lock *l);
/* With the passwords of the mail. */
enum walk_end cfb_lock_unlock(struct walk *w, const struct body *body);

/* [MS-DOC]: text, fields, encryption, template of one WordDocument stream. */
void cfb_word_read(struct cfb *c, uint32_t entry);

/* What macros read of it by name: variables, shapes, text boxes. `plc`: its pieces. */
void cfb_hidden_word(struct cfb *c, slice stream, slice table, slice plc);

/* [MS-PPT] 2.3.7: what a presentation says of its encryption; false: nothing that we open. */
bool cfb_persist_look(struct cfb *c, uint32_t entry, struct cfb_lock *l, bool *locked_out);
/* Its objects, with the key of c->lock; release it. */
void cfb_persist_open(struct cfb *c, slice stream, struct body *out);

/* [MS-PPT] 2.10.34: storages kept inside PowerPoint Document become children. */
void cfb_slides_read(struct cfb *c, uint32_t entry);

/* The largest picture of a document with macros (cfb_picture.c). */
void cfb_picture_say(struct cfb *c);

/* Embedded objects: streams that are files of their own. */
bool cfb_object_read(struct cfb *c, uint32_t entry);

/* Macro source in a body whose directory cannot be read. */
bool cfb_carve(struct walk *w, const struct body *body);
