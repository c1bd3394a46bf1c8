/* SPDX-License-Identifier: Apache-2.0 */
/* officecrypto - the keys of encrypted Office documents ([MS-OFFCRYPTO] 2.3).
 *
 * officecrypto_read() takes what a document says of its encryption, wherever it stands;
 * officecrypto_try() tests one password against it; the rest decrypts with the key found. All
 * slices are borrowed from what was read. Left out: external encryption (2.3.5), which needs a
 * certificate's key, rights management (2.2), and ciphers other than AES and RC4.
 */
#pragma once
#include "base/cipher.h"
#include "decode/walk.h"

enum officecrypto_scheme {
    OFFICECRYPTO_NONE, /* none that we know */
    OFFICECRYPTO_XOR,      /* of workbooks: method 1 of 2.3.7 */
    OFFICECRYPTO_XOR_WORD, /* method 2 */
    OFFICECRYPTO_RC4,      /* 40 bits, MD5 */
    OFFICECRYPTO_RC4_CAPI, /* RC4 CryptoAPI, SHA-1 */
    OFFICECRYPTO_STANDARD, /* AES-ECB */
    OFFICECRYPTO_AGILE,    /* AES-CBC; everything is said in XML */
};

enum { OFFICECRYPTO_BLOCK_MAX = 1024 };

struct officecrypto_agile {
    slice salt, key_value;         /* of the password key */
    slice data_salt;               /* of the package */
    slice hmac_key, hmac_value;    /* encrypted */
    enum digest data_digest;
    unsigned key_block, data_block; /* bytes of an IV */
    unsigned data_bits;
};

struct officecrypto {
    enum officecrypto_scheme scheme;
    enum digest digest;
    unsigned key_bits;
    uint32_t rounds;
    slice salt, verifier, verifier_hash;
    struct officecrypto_agile agile;
    uint16_t xor_key, xor_verifier;
};

struct officecrypto_key {
    enum officecrypto_scheme scheme;
    uint8_t bytes[DIGEST_MAX];
    size_t len;
};

enum officecrypto_trial { OFFICECRYPTO_WRONG, OFFICECRYPTO_OPEN, OFFICECRYPTO_LIMIT };

/* An EncryptionInfo stream (2.3.4.5, 2.3.4.10), or the same header before a table stream, in a
 * FILEPASS record or in a presentation (2.3.5.1, 2.3.6.1). False: no scheme that we open. The
 * copies of what XML says live in w->mem. */
bool officecrypto_read(struct officecrypto *o, struct walk *w, slice info);
const char *officecrypto_scheme_name(enum officecrypto_scheme s); /* "agile", "rc4", ... */

/* One password, in UTF-8. Spends BUDGET_KEYS. */
enum officecrypto_trial officecrypto_try(struct walk *w, const struct officecrypto *o, slice password,
                                         struct officecrypto_key *key_out);
/* The passwords that Excel (2.4.191 of [MS-XLS]) and PowerPoint try unasked; NULL at the end. */
const char *officecrypto_builtin(size_t n);

/* EncryptedPackage (2.3.4.4) to the package in it; release it in both cases. */
bool officecrypto_package(struct walk *w, const struct officecrypto *o, const struct officecrypto_key *key,
                          slice stream, struct body *out);
/* Agile: does the stream have the code that is said of it (2.3.4.14)? */
bool officecrypto_is_authentic(const struct officecrypto *o, const struct officecrypto_key *key, slice stream);

/* RC4 over a stream in blocks, each with a key of its own (2.3.5.2, 2.3.6.2). */
struct officecrypto_stream {
    const struct officecrypto_key *key;
    uint64_t block; /* whose bytes are in `pad`; UINT64_MAX: none */
    unsigned size;  /* of a block */
    uint8_t pad[OFFICECRYPTO_BLOCK_MAX];
};
struct officecrypto_stream officecrypto_stream_of(const struct officecrypto_key *key, unsigned block);
/* What the byte at this place of the stream is combined with. */
uint8_t officecrypto_pad(struct officecrypto_stream *s, uint64_t at);
/* RC4 CryptoAPI of one block without end (objects of a presentation). */
void officecrypto_block(const struct officecrypto_key *key, uint32_t block, struct rc4 *out);

/* XOR obfuscation of Word: the lKey of its FIB. */
void officecrypto_read_word_xor(struct officecrypto *o, uint32_t key);
/* A whole stream of Word, the first `plain` bytes of which are as they are; release it. */
bool officecrypto_word(struct walk *w, const struct officecrypto_key *key, slice stream, size_t plain,
                       struct body *out);
/* --- workbooks ([MS-XLS] 2.2.10) */
/* The data of a FILEPASS record. */
bool officecrypto_read_filepass(struct officecrypto *o, struct walk *w, slice data);
/* The data of the first FILEPASS of a stream of records; empty. */
slice officecrypto_find_filepass(slice stream);
/* The stream of records without its encryption, FILEPASS gone; release it. */
bool officecrypto_book(struct walk *w, const struct officecrypto_key *key, slice stream, struct body *out);
