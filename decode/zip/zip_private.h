/* SPDX-License-Identifier: Apache-2.0 */
/* zip_private - what the files of this format share: one archive as all its
 * directories, and the local headers alone, tell it. */
#pragma once
#include "decode/walk.h"

enum zip_method { ZIP_STORED = 0, ZIP_DEFLATED = 8, ZIP_AES = 99 };

enum zip_flag { /* APPNOTE 4.4.4 */
    ZIP_ENCRYPTED = 1 << 0,
    ZIP_DESCRIPTOR = 1 << 3,
    ZIP_STRONG = 1 << 6,
    ZIP_UTF8 = 1 << 11,
    ZIP_MASKED = 1 << 13,
};

enum zip_size { ZIP_LOCAL_FIXED = 30, ZIP_CENTRAL_FIXED = 46, ZIP_END_FIXED = 22, ZIP_END64_FIXED = 56, ZIP_LOCATOR = 20 };

#define ZIP_NOWHERE UINT64_MAX
#define ZIP_UNKNOWN UINT64_MAX

struct zip_entry {
    slice raw;      /* the name as it stands */
    slice name;     /* UTF-8, '/' between levels */
    slice extra;    /* of the header that was believed */
    uint64_t at;    /* of the local header; ZIP_NOWHERE */
    uint64_t data;  /* first byte of the data */
    uint64_t central; /* of the central header; ZIP_NOWHERE */
    uint64_t packed, size; /* as declared; ZIP_UNKNOWN */
    uint64_t least; /* packed as the less saying of both headers has it: what surely is data */
    uint32_t crc, crc_local;
    uint16_t flags, method, time, needed;
    uint16_t aes_version, aes_strength; /* 0: not AES */
    bool hidden;    /* only one of the two views shows it */
    bool twin;      /* the same bytes read the same way as an earlier entry's */
    bool overlaps;  /* shares bytes with another one */
    bool plain;     /* the encryption flag lies */
    bool told;      /* a wrong checksum was said */
};

struct zip_span {
    uint64_t from, to;
};

enum { ZIP_ENDS_MAX = 256 };

struct zip_archive {
    struct walk *w;
    slice all;      /* the body without a hole at its end */
    const struct body *body;
    bool tell;      /* emit facts; false when unlock() reads the archive again */
    bool short_of_memory;
    struct zip_entry *entries;
    size_t n, room;
    size_t n_ends;  /* end records whose directory was read */
    struct zip_span directories[2 * ZIP_ENDS_MAX]; /* central directories and their end records */
    size_t n_directories;
    uint64_t first; /* where the last archive's first local header stands */
    uint64_t end;   /* behind the comment of the last archive */
    uint64_t overlapped; /* what overlapping members may still unpack to */
    uint32_t said, faults, unread; /* mismatches, damaged and empty members said so far */
    bool zip64;
    uint64_t searched; /* bytes looked through for descriptors; bounded */
};

/* --- zip_directory.c */
/* Position of the next signature 'P' 'K' third third+1 in [from, to); ZIP_NOWHERE. */
uint64_t zip_find(slice s, uint64_t from, uint64_t to, uint8_t third);
/* Is there such a signature at this place? */
bool zip_sign(slice s, uint64_t at, uint8_t third);
/* Offset of an end record in the tail whose directory leads to entries; ZIP_NOWHERE. */
uint64_t zip_find_end(slice all);
/* Could a local header begin here, and not only its four letters? */
bool zip_plausible_local(slice all, uint64_t at);
/* Fills the archive: all end records, their directories, then local headers
 * that no directory leads to. Says what is odd when a->tell. */
void zip_read(struct zip_archive *a, struct walk *w, const struct body *body, bool tell);

/* --- zip_local.c */
struct zip_header {
    slice raw, extra;
    uint64_t data, packed, size;
    uint32_t crc;
    uint16_t needed, flags, method, time;
};
/* A local header (4.3.7) with its ZIP64 sizes resolved. */
bool zip_read_local(slice all, uint64_t at, struct zip_header *out);
/* Where they are 0xFFFFFFFF in the header: sizes and offset from extra 0x0001
 * (4.5.3). True when the extra field is there. */
bool zip_resolve64(slice extra, uint64_t *size, uint64_t *packed, uint64_t *offset);
/* The data of an extra field; empty. */
slice zip_extra(slice extra, uint16_t id);
/* Compares both headers of an entry and says what differs. */
void zip_compare(struct zip_archive *a, struct zip_entry *e, const struct zip_header *local);
/* Finds where the data of a local entry with unknown sizes ends. */
void zip_find_extent(struct zip_archive *a, struct zip_entry *e, uint64_t limit);
/* Local headers that no directory leads to, in the gaps between what is known. */
void zip_read_gaps(struct zip_archive *a);
/* A new entry at the end of the list; NULL when memory or allowance ran out. */
struct zip_entry *zip_add(struct zip_archive *a);

/* --- zip_name.c */
/* Gives every entry its UTF-8 name; says the charset, duplicates, climbing paths. */
void zip_name_entries(struct zip_archive *a);
/* One name in UTF-8. *charset_out: NULL, or what an unflagged name was read as. */
slice zip_name_of(struct arena *mem, const struct zip_entry *e, const char **charset_out);
const char *zip_method_name(uint16_t method);

/* --- zip_entry.c */
/* What the entry's bytes are. Release *out in every case. */
enum zip_read_end {
    ZIP_READ_WHOLE,  /* checksum and end are right */
    ZIP_READ_SUM,    /* whole, but the checksum is not the one declared */
    ZIP_READ_DAMAGED,
    ZIP_READ_LIMIT,
    ZIP_READ_CLOSED, /* encrypted */
    ZIP_READ_METHOD, /* no reader for the method */
};
enum zip_read_end zip_open(struct zip_archive *a, struct zip_entry *e, struct body *out);
/* The same for bytes that were encrypted. */
enum zip_read_end zip_unpack(struct zip_archive *a, const struct zip_entry *e, slice packed, struct body *out);
/* Sets e->plain where data marked as encrypted is not. */
void zip_test_plain(struct zip_archive *a, struct zip_entry *e);
static inline bool zip_is_locked(const struct zip_entry *e) { return (e->flags & ZIP_ENCRYPTED) && !e->plain; }
/* A folder: a name and nothing in it. */
static inline bool zip_is_folder(const struct zip_entry *e)
{
    return e->name.len && e->name.at[e->name.len - 1] == '/' && (e->packed == 0 || e->packed == ZIP_UNKNOWN);
}
slice zip_packed(const struct zip_archive *a, const struct zip_entry *e);

/* --- zip_crypt.c */
struct zip_cipher; /* what trials share */
/* "zipcrypto", "aes-256", "strong". */
const char *zip_encryption_name(const struct zip_entry *e);
/* Can this entry be opened at all, given the password? */
bool zip_is_openable(const struct zip_entry *e);
struct zip_cipher *zip_cipher_new(struct arena *mem);
enum zip_trial { ZIP_TRIAL_WRONG, ZIP_TRIAL_OPEN, ZIP_TRIAL_LIMIT };
/* Tries one password. Decides by checksum or authentication code, never by the
 * check bytes alone. When open, *out holds the content and *spare may hold
 * bytes that it borrows: release both, in this order. */
enum zip_trial zip_decrypt(struct zip_archive *a, const struct zip_cipher *z, const struct zip_entry *e,
                           slice password, struct body *out, struct body *spare);

/* --- zip_unlock.c */
/* The whole unlock() of the format. */
enum walk_end zip_unlock(struct walk *w, const struct body *body);

/* --- zip.c */
/* Names, twins and overlaps of what was read. */
void zip_arrange(struct zip_archive *a);
/* Gives one opened member to the walker. */
void zip_walk_member(struct zip_archive *a, const struct zip_entry *e, const struct body *body);
