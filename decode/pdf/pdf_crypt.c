/* SPDX-License-Identifier: Apache-2.0 */
/* The standard security handler (ISO 32000-1 7.6.3; ISO 32000-2 7.6.4 for AES with 256 bits):
 * RC4 with 40 to 128 bits, AES with 128 and 256 bits.
 *
 * Most encrypted files open under the empty password: they only ask viewers not to print.
 * Others wait for the passwords of the mail, as user or as owner password. Left out: public-key
 * handlers, which no password of a mail opens, and revisions that were never published. */
#include "decode/pdf/pdf_private.h"
#include "base/charset.h"
#include "base/cipher.h"
#include "base/hash.h"

enum {
    BLOCK = 16,
    CHUNK = 16384,
    PASSWORD_MAX = 127,
    MD5_ROUNDS = 50,
    WORK_PER_BYTE = 6,
    WORK_PER_TRIAL = 20000,
    WORK_PER_HASH_ROUND = 12000, /* of algorithm 2.B */
    HASH_ROUNDS = 64,
    HASH_ROUNDS_MAX = 512,
};

enum method { CLEAR, RC4, AES128, AES256 };

struct pdf_crypt {
    int64_t version, revision;
    int32_t permissions;
    size_t key_len;
    uint8_t key[32];
    enum method strings, streams, files;
    bool metadata; /* is encrypted too */
    slice id, o, u, oe, ue;
};

static const slice PAD =
    SLICE_INIT("\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6"
               "\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a");

/* --- RC4 */

static void rc4(slice key, slice in, uint8_t *out)
{
    struct rc4 c;
    rc4_start(&c, key);
    rc4_run(&c, in, out);
}

/* --- keys, revisions 2 to 4 */

static void put(uint8_t *room, size_t *n, size_t max, slice s)
{
    *n += slice_copy_out(s, room + *n, max - *n);
}

/* 7.6.3.3, step a): the password and as much of the padding as makes 32 bytes. */
static void padded(slice password, uint8_t out[32])
{
    size_t n = 0;
    put(out, &n, 32, password);
    put(out, &n, 32, PAD);
}

/* Algorithm 2. */
static void old_key(const struct pdf_crypt *c, slice password, uint8_t key[16])
{
    uint8_t room[32 + 48 + 4 + 64 + 4], pad[32];
    uint32_t p = (uint32_t)c->permissions;
    uint8_t permissions[4] = { (uint8_t)p, (uint8_t)(p >> 8), (uint8_t)(p >> 16),
                               (uint8_t)(p >> 24) };
    size_t n = 0;
    padded(password, pad);
    put(room, &n, sizeof room, (slice){ pad, 32 });
    put(room, &n, sizeof room, slice_sub(c->o, 0, 32));
    put(room, &n, sizeof room, (slice){ permissions, 4 });
    put(room, &n, sizeof room, slice_sub(c->id, 0, 64));
    if (c->revision >= 4 && !c->metadata)
        put(room, &n, sizeof room, SLICE_LIT("\xff\xff\xff\xff"));
    md5_of((slice){ room, n }, key);
    for (unsigned i = 0; c->revision >= 3 && i < MD5_ROUNDS; i++)
        md5_of((slice){ key, c->key_len }, key);
}

/* Algorithms 4, 5 and 6: does the key give /U? */
static bool old_fits(const struct pdf_crypt *c, slice key)
{
    uint8_t u[32], room[32 + 64], turn[16];
    size_t n = 0;
    if (c->revision == 2) {
        rc4(key, PAD, u);
        return slice_eq((slice){ u, 32 }, slice_sub(c->u, 0, 32));
    }
    put(room, &n, sizeof room, PAD);
    put(room, &n, sizeof room, slice_sub(c->id, 0, 64));
    md5_of((slice){ room, n }, u);
    for (uint8_t i = 0; i < 20; i++) {
        for (size_t k = 0; k < key.len; k++)
            turn[k] = key.at[k] ^ i;
        rc4((slice){ turn, key.len }, (slice){ u, 16 }, u);
    }
    return slice_eq((slice){ u, 16 }, slice_sub(c->u, 0, 16));
}

static bool try_old_user(struct pdf_crypt *c, slice password)
{
    uint8_t key[16];
    old_key(c, password, key);
    if (!old_fits(c, (slice){ key, c->key_len }))
        return false;
    (void)slice_copy_out((slice){ key, c->key_len }, c->key, sizeof c->key);
    return true;
}

/* Algorithm 7: the owner's password gives the user's. */
static bool try_old_owner(struct pdf_crypt *c, slice password)
{
    uint8_t pad[32], key[16], turn[16];
    padded(password, pad);
    md5_of((slice){ pad, 32 }, key);
    for (unsigned i = 0; c->revision >= 3 && i < MD5_ROUNDS; i++)
        md5_of((slice){ key, 16 }, key);
    (void)slice_copy_out(slice_sub(c->o, 0, 32), pad, 32);
    for (int i = c->revision >= 3 ? 19 : 0; i >= 0; i--) {
        for (size_t k = 0; k < c->key_len; k++)
            turn[k] = key[k] ^ (uint8_t)i;
        rc4((slice){ turn, c->key_len }, (slice){ pad, 32 }, pad);
    }
    return try_old_user(c, (slice){ pad, 32 });
}

/* --- keys, revisions 5 and 6 */

/* ISO 32000-2 7.6.4.3.4, algorithm 2.B: `user` is /U for the owner's password, else empty. */
static bool hash_rounds(struct pdf *p, slice password, slice user, uint8_t k[64])
{
    uint8_t room[64 * (PASSWORD_MAX + 64 + 48)], one[PASSWORD_MAX + 64 + 48];
    size_t k_len = 32;
    for (unsigned round = 0; round < HASH_ROUNDS_MAX && walk_work(p->w, WORK_PER_HASH_ROUND);
         round++) {
        size_t n = 0, whole = 0;
        unsigned sum = 0;
        put(one, &n, sizeof one, password);
        put(one, &n, sizeof one, (slice){ k, k_len });
        put(one, &n, sizeof one, user);
        for (unsigned i = 0; i < 64; i++)
            put(room, &whole, sizeof room, (slice){ one, n });
        if (!aes_cbc_encrypt((slice){ k, 16 }, k + 16, (slice){ room, whole }, room))
            return false;
        for (unsigned i = 0; i < 16; i++)
            sum += room[i];
        k_len = sum % 3 == 0 ? 32 : sum % 3 == 1 ? 48 : 64;
        if (k_len == 32)
            sha256_of((slice){ room, whole }, k);
        else if (k_len == 48)
            sha384_of((slice){ room, whole }, k);
        else
            sha512_of((slice){ room, whole }, k);
        if (round + 1 >= HASH_ROUNDS && room[whole - 1] + 32u <= round + 1)
            return true;
    }
    return false;
}

static bool hash_of(struct pdf *p, slice password, slice salt, slice user, uint8_t out[64])
{
    uint8_t room[PASSWORD_MAX + 8 + 48];
    size_t n = 0;
    put(room, &n, sizeof room, password);
    put(room, &n, sizeof room, salt);
    put(room, &n, sizeof room, user);
    sha256_of((slice){ room, n }, out);
    return p->crypt->revision < 6 || hash_rounds(p, password, user, out);
}

static bool try_new(struct pdf *p, slice password, bool owner)
{
    static const uint8_t zeros[BLOCK];
    struct pdf_crypt *c = p->crypt;
    slice known = owner ? c->o : c->u, locked = owner ? c->oe : c->ue;
    slice user = owner ? slice_sub(c->u, 0, 48) : (slice){ 0 };
    uint8_t hash[64];
    if (known.len < 48 || locked.len < 32 ||
        !hash_of(p, password, slice_sub(known, 32, 8), user, hash) ||
        !slice_eq((slice){ hash, 32 }, slice_sub(known, 0, 32)))
        return false;
    return hash_of(p, password, slice_sub(known, 40, 8), user, hash) &&
           aes_cbc_decrypt((slice){ hash, 32 }, zeros, slice_sub(locked, 0, 32), c->key);
}

bool pdf_crypt_try(struct pdf *p, slice password)
{
    struct pdf_crypt *c = p->crypt;
    if (!walk_work(p->w, WORK_PER_TRIAL) || !budget_spend(p->w->budget, BUDGET_KEYS, MD5_ROUNDS))
        return false;
    if (c->revision >= 5) {
        password = slice_sub(password, 0, PASSWORD_MAX);
        return try_new(p, password, false) || try_new(p, password, true);
    }
    return try_old_user(c, password) || try_old_owner(c, password);
}

/* --- what the dictionary says (Tables 20, 21, 25) */

static enum method method_of(struct pdf *p, const struct pdf_dict *filters, struct pdf_value name)
{
    struct pdf_value key, v;
    struct pdf_dict d;
    struct pdf_value all = pdf_resolve(p, pdf_get(filters, PDF_CF));
    struct pdf_lexer l = { .in = all.raw, .owner = all.owner };
    if (name.kind != PDF_IS_NAME || pdf_is_name(&name, "Identity") || all.kind != PDF_IS_DICT)
        return CLEAR;
    while (pdf_next(&l, false, &key) && pdf_next(&l, false, &v)) {
        if (!slice_eq(key.raw, name.raw) || !pdf_dict(p, v, &d, NULL))
            continue;
        struct pdf_value cfm = pdf_get(&d, PDF_CFM);
        if (pdf_is_name(&cfm, "V2"))
            return RC4;
        if (pdf_is_name(&cfm, "AESV2"))
            return AES128;
        return pdf_is_name(&cfm, "AESV3") ? AES256 : CLEAR;
    }
    return CLEAR;
}

static void read_methods(struct pdf *p, struct pdf_crypt *c, const struct pdf_dict *d)
{
    int64_t bits = 40;
    c->strings = c->streams = c->files = RC4;
    if (c->version >= 4) {
        c->streams = method_of(p, d, pdf_resolve(p, pdf_get(d, PDF_StmF)));
        c->strings = method_of(p, d, pdf_resolve(p, pdf_get(d, PDF_StrF)));
        c->files = d->has[PDF_EFF] ? method_of(p, d, pdf_resolve(p, d->v[PDF_EFF])) : c->streams;
        bits = 128;
    } else if (c->version >= 2) {
        (void)pdf_int(p, d, PDF_Length, &bits);
    }
    c->key_len = c->revision >= 5                             ? 32
                 : bits < 40 || bits > 128 || c->version == 1 ? 5
                                                              : (size_t)bits / 8;
}

static slice copied(struct pdf *p, const struct pdf_dict *d, enum pdf_key k)
{
    return arena_copy(p->w->mem, slice_sub(pdf_bytes(p, pdf_get(d, k)), 0, 127));
}

static const char *name_of(const struct pdf_crypt *c)
{
    enum method m = c->streams != CLEAR ? c->streams : c->strings != CLEAR ? c->strings : c->files;
    if (m == RC4)
        return c->key_len <= 5 ? "rc4-40" : "rc4-128";
    return m == AES256 ? "aes-256" : m == AES128 ? "aes-128" : "none";
}

/* The first string of /ID. */
static slice identity(struct pdf *p, struct pdf_value list)
{
    struct pdf_value v;
    list = pdf_resolve(p, list);
    struct pdf_lexer l = { .in = list.raw, .owner = list.owner };
    return list.kind == PDF_IS_ARRAY && pdf_next(&l, false, &v)
               ? arena_copy(p->w->mem, pdf_bytes(p, v))
               : (slice){ 0 };
}

static bool find_dictionary(struct pdf *p, struct pdf_dict *out, slice *id_out)
{
    const struct pdf_list *trailers = &p->found[PDF_FOUND_TRAILER];
    bool found = false;
    *id_out = (slice){ 0 };
    for (size_t i = trailers->n; i > 0 && i + 64 > trailers->n; i--) {
        struct pdf_dict t;
        if (!pdf_dict_of(p, trailers->at[i - 1].raw, trailers->at[i - 1].owner, &t))
            break;
        if (id_out->len == 0)
            *id_out = identity(p, pdf_get(&t, PDF_ID));
        found = found || (t.has[PDF_Encrypt] && pdf_dict(p, t.v[PDF_Encrypt], out, NULL));
    }
    return found;
}

void pdf_crypt_open(struct pdf *p)
{
    struct pdf_dict d;
    slice id;
    int64_t permissions = 0;
    struct pdf_crypt *c =
        find_dictionary(p, &d, &id) ? ARENA_NEW(p->w->mem, struct pdf_crypt) : NULL;
    if (!c)
        return;
    struct pdf_value filter = pdf_resolve(p, pdf_get(&d, PDF_Filter)),
                     metadata = pdf_resolve(p, pdf_get(&d, PDF_EncryptMetadata));
    c->version = 0;
    (void)pdf_int(p, &d, PDF_V, &c->version);
    c->revision = c->version >= 5 ? 6 : 2;
    (void)pdf_int(p, &d, PDF_R, &c->revision);
    (void)pdf_int(p, &d, PDF_P, &permissions);
    c->permissions = (int32_t)(uint32_t)(uint64_t)permissions;
    c->metadata = !pdf_is_word(&metadata, "false");
    c->id = id;
    c->o = copied(p, &d, PDF_O);
    c->u = copied(p, &d, PDF_U);
    c->oe = copied(p, &d, PDF_OE);
    c->ue = copied(p, &d, PDF_UE);
    read_methods(p, c, &d);
    p->crypt = c;
    const char *name = name_of(c);
    bool standard = pdf_is_name(&filter, "Standard") && c->revision >= 2 && c->revision <= 6;
    if (!p->quiet)
        walk_cstr(p->w, FACT_PDF_ENCRYPTION, standard ? name : "other", NOWHERE);
    p->lockable = standard;
    if (!standard || !pdf_crypt_try(p, (slice){ 0 }))
        p->locked = slice_of(standard ? name : "other");
}

/* --- decryption */

/* Algorithm 1: a key for each object. */
static slice object_key(const struct pdf_crypt *c, const struct pdf_object *o, enum method m,
                        uint8_t room[32])
{
    uint8_t seed[32 + 5 + 4];
    size_t n = 0;
    if (m == AES256)
        return (slice){ c->key, 32 };
    uint8_t number[5] = { (uint8_t)o->num, (uint8_t)(o->num >> 8), (uint8_t)(o->num >> 16),
                          (uint8_t)o->gen, (uint8_t)(o->gen >> 8) };
    put(seed, &n, sizeof seed, (slice){ c->key, c->key_len });
    put(seed, &n, sizeof seed, (slice){ number, 5 });
    if (m == AES128)
        put(seed, &n, sizeof seed, SLICE_LIT("sAlT"));
    md5_of((slice){ seed, n }, room);
    size_t len = c->key_len + 5 < 16 ? c->key_len + 5 : 16;
    return (slice){ room, m == AES128 ? 16 : len };
}

static size_t without_padding(const uint8_t *at, size_t n)
{
    uint8_t last = n ? at[n - 1] : 0;
    return last >= 1 && last <= BLOCK ? n - last : n;
}

slice pdf_crypt_string(struct pdf *p, uint32_t owner, slice in)
{
    const struct pdf_crypt *c = p->crypt;
    uint8_t room[32];
    enum method m = c->strings;
    if (m == CLEAR || !walk_work(p->w, in.len * WORK_PER_BYTE + 500))
        return in;
    slice key = object_key(c, &p->objects[owner], m, room);
    uint8_t *out = arena_get(p->w->mem, in.len ? in.len : 1, 1);
    if (!out)
        return (slice){ 0 };
    if (m == RC4) {
        rc4(key, in, out);
        return (slice){ out, in.len };
    }
    slice body = slice_sub(in, BLOCK, in.len < BLOCK ? 0 : (in.len - BLOCK) / BLOCK * BLOCK);
    if (body.len == 0 || !aes_cbc_decrypt(key, in.at, body, out))
        return (slice){ 0 };
    return (slice){ out, without_padding(out, body.len) };
}

/* 7.6.5: a Crypt filter without a name, or with that of Identity, means no encryption. */
static bool is_clear(struct pdf *p, const struct pdf_dict *d)
{
    struct pdf_value type = pdf_get(d, PDF_Type), filter = pdf_resolve(p, pdf_get(d, PDF_Filter)),
                     parms;
    struct pdf_dict inner;
    if (pdf_is_name(&type, "XRef") || (pdf_is_name(&type, "Metadata") && !p->crypt->metadata))
        return true;
    if (filter.kind == PDF_IS_ARRAY) {
        struct pdf_lexer l = { .in = filter.raw, .owner = filter.owner };
        if (!pdf_next(&l, false, &filter))
            return false;
    }
    if (!pdf_is_name(&filter, "Crypt"))
        return false;
    parms = pdf_resolve(p, pdf_get(d, PDF_DecodeParms));
    if (parms.kind == PDF_IS_ARRAY) {
        struct pdf_lexer l = { .in = parms.raw, .owner = parms.owner };
        if (!pdf_next(&l, false, &parms))
            return true;
    }
    if (!pdf_dict(p, parms, &inner, NULL) || !inner.has[PDF_Name])
        return true;
    return pdf_is_name(&inner.v[PDF_Name], "Identity");
}

static bool decrypt_rc4(struct body_writer *bw, slice key, slice in)
{
    uint8_t chunk[CHUNK];
    struct rc4 c;
    bool ok = true;
    rc4_start(&c, key);
    for (size_t pos = 0; ok && pos < in.len; pos += CHUNK) {
        slice piece = slice_sub(in, pos, CHUNK);
        rc4_run(&c, piece, chunk);
        ok = body_writer_put(bw, (slice){ chunk, piece.len });
    }
    return ok;
}

static bool decrypt_aes(struct body_writer *bw, slice key, slice in)
{
    uint8_t chunk[CHUNK];
    if (in.len < 2 * BLOCK)
        return true;
    const uint8_t *iv = in.at;
    in = slice_sub(in, BLOCK, (in.len - BLOCK) / BLOCK * BLOCK);
    for (size_t pos = 0; pos < in.len; pos += CHUNK) {
        slice piece = slice_sub(in, pos, CHUNK);
        if (!aes_cbc_decrypt(key, iv, piece, chunk))
            return false;
        iv = piece.at + (piece.len - BLOCK);
        size_t n = pos + piece.len == in.len ? without_padding(chunk, piece.len) : piece.len;
        if (!body_writer_put(bw, (slice){ chunk, n }))
            return false;
    }
    return true;
}

bool pdf_crypt_stream(struct pdf *p, uint32_t object, const struct pdf_dict *d, slice in,
                      struct body *out)
{
    struct pdf_crypt *c = p->crypt;
    struct pdf_value type = pdf_get(d, PDF_Type);
    enum method m = pdf_is_name(&type, "EmbeddedFile") ? c->files : c->streams;
    uint8_t room[32];
    *out = body_borrow(in);
    if (m == CLEAR || is_clear(p, d))
        return true;
    struct body_writer *bw =
        walk_work(p->w, in.len * WORK_PER_BYTE) ? body_writer_new(p->w->mem, in.len, in.len) : NULL;
    if (!bw)
        return false;
    slice key = object_key(c, &p->objects[object], m, room);
    bool ok = m == RC4 ? decrypt_rc4(bw, key, in) : decrypt_aes(bw, key, in);
    *out = body_writer_done(bw);
    return ok;
}
