/* SPDX-License-Identifier: Apache-2.0 */
/* sevenzip_private - what the files of this format share: one archive as its
 * header tells it. */
#pragma once
#include "decode/shared/archive.h"

enum {
    SEVENZIP_CODERS = 12, /* BCJ2 needs eight when it is encrypted; 7-Zip takes 32 */
    SEVENZIP_STREAMS = 16,
    SEVENZIP_START = 32,  /* bytes of the signature header */
};

enum sevenzip_method {
    METHOD_COPY = 0x00,
    METHOD_DELTA = 0x03,
    METHOD_X86 = 0x04,
    METHOD_POWERPC = 0x05,
    METHOD_IA64 = 0x06,
    METHOD_ARM = 0x07,
    METHOD_ARMTHUMB = 0x08,
    METHOD_SPARC = 0x09,
    METHOD_ARM64 = 0x0a,
    METHOD_LZMA2 = 0x21,
    METHOD_LZMA = 0x030101,
    METHOD_BCJ = 0x03030103,
    METHOD_BCJ2 = 0x0303011b,
    METHOD_BCJ_POWERPC = 0x03030205,
    METHOD_BCJ_IA64 = 0x03030401,
    METHOD_BCJ_ARM = 0x03030501,
    METHOD_BCJ_ARMTHUMB = 0x03030701,
    METHOD_BCJ_SPARC = 0x03030805,
    METHOD_PPMD = 0x030401,
    METHOD_DEFLATE = 0x040108,
    METHOD_DEFLATE64 = 0x040109,
    METHOD_BZIP2 = 0x040202,
    METHOD_ZSTD = 0x04f71101,
    METHOD_AES = 0x06f10701,
};

struct sevenzip_coder {
    uint64_t method;
    slice props;
    uint64_t size;    /* of what comes out of it */
    uint8_t n_in, n_out;
    uint8_t first_in; /* number of its first input stream */
};

/* One solid block: coders that feed each other (7zFormat.txt, "Folder"). */
struct sevenzip_folder {
    struct sevenzip_coder *coders;
    uint8_t n_coders, n_in, n_binds, n_packed;
    bool strange;     /* a shape that no reader is for */
    uint8_t bind_in[SEVENZIP_STREAMS], bind_out[SEVENZIP_STREAMS], packed[SEVENZIP_STREAMS];
    uint8_t main;     /* the coder whose output nobody else takes */
    uint32_t first_packed; /* of all packed streams */
    uint32_t first_stream, n_streams;
    bool has_crc;
    uint32_t crc;
};

struct sevenzip_stream {
    uint64_t size;
    uint32_t crc;
    bool has_crc;
};

struct sevenzip_streams {
    uint64_t *packed_at, *packed_size;
    size_t n_packed;
    struct sevenzip_folder *folders;
    size_t n_folders;
    struct sevenzip_stream *streams;
    size_t n_streams;
};

struct sevenzip_key {
    const struct password *from;
    bool derived;
    uint8_t cycles;
    slice salt;
    uint8_t aes[32];
};

enum sevenzip_end {
    SEVENZIP_WHOLE,
    SEVENZIP_BROKEN,
    SEVENZIP_LIMIT,
    SEVENZIP_METHOD, /* no reader for a method of it */
    SEVENZIP_LOCKED, /* encrypted, and no key, or this one did not open it */
};

struct sevenzip {
    struct archive list; /* member.key: folder + 1 and stream; 0: empty */
    const struct body *body;
    slice all;           /* from the signature on */
    uint64_t base;       /* where that stands in the body */
    struct sevenzip_streams main;
    struct body header;  /* unpacked; borrowed names lie in it */
    bool header_locked, damaged, empty;
    uint64_t end;        /* behind the header, in the body */
};

/* --- sevenzip_header.c */
/* Where the signature stands, near the beginning; SIZE_MAX. */
size_t sevenzip_find(slice all);
/* Reads the header, an encrypted one with this key (NULL: none). Release header. */
enum sevenzip_end sevenzip_read(struct sevenzip *z, struct walk *w, const struct body *body, struct sevenzip_key *key);

/* --- sevenzip_folder.c */
/* Unpacks one folder. Release *out in every case; it may hold a beginning. */
enum sevenzip_end sevenzip_unfold(struct sevenzip *z, const struct sevenzip_streams *s, size_t folder,
                                  struct sevenzip_key *key, struct body *out);
bool sevenzip_is_locked(const struct sevenzip_folder *f);
/* Packed bytes of a folder. */
uint64_t sevenzip_packed(const struct sevenzip_streams *s, size_t folder);
/* A method worth naming, because it is unusual or has no reader; NULL. */
const char *sevenzip_method_name(const struct sevenzip_folder *f);

/* --- sevenzip_bcj2.c */
/* Joins the four streams of a BCJ2 coder. False: a limit. */
bool sevenzip_bcj2(struct walk *w, const slice in[4], uint64_t size, struct body_writer *out, bool *broken_out);

/* --- sevenzip_crypt.c */
/* AES-256-CBC of 7-Zip's own derivation. LIMIT, BROKEN, LOCKED for a key that cannot be right
 * (`next` is the method of what takes the output), or WHOLE. Release *out. */
enum sevenzip_end sevenzip_decrypt(struct walk *w, slice in, slice props, uint64_t size, uint64_t next,
                                   struct sevenzip_key *key, struct body *out);

/* --- 7z.c */
/* Members of one folder to the walker. */
enum walk_end sevenzip_walk_folder(struct sevenzip *z, size_t folder, struct sevenzip_key *key);
/* Do the checksums of its members fit? Without any: true. */
bool sevenzip_sums_fit(struct sevenzip *z, size_t folder, const struct body *content);
void sevenzip_walk_content(struct sevenzip *z, size_t folder, const struct body *content);

/* --- sevenzip_unlock.c */
enum walk_end sevenzip_unlock(struct walk *w, const struct body *body);
