/* SPDX-License-Identifier: Apache-2.0 */
/* The vault; see vault.h for the form of its files. */
#include "store/vault.h"
#include "base/cipher.h"
#include "base/cursor.h"
#include "os/file.h"
#include "os/folder.h"
#include "os/random.h"
#include "os/spool.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum {
    CHUNK = 64 << 10,
    HEAD = 64,
    SALT = 32,
    INNER_MAX = 1 + CHUNK,
    SEALED_MAX = INNER_MAX + AEAD_TAG,
    KIND_BYTES = 0,
    KIND_ZEROS = 1,
    NAME_TEXT = 3 + 2 * VAULT_NAME + 1, /* "ab/" and the rest */
    CONTEXT = HEAD + VAULT_NAME,
};

static const char magic[] = "SKVAULT1";

struct vault {
    char folder[SPOOL_PATH - NAME_TEXT];
    const struct keys *keys;
    uint8_t window[CHUNK], inner[INNER_MAX], sealed[4 + SEALED_MAX];
};

struct vault_item {
    uint8_t name[VAULT_NAME];
    bool there; /* already, and whole */
    uint64_t stored;
    struct spool spool;
};

static void name_text(const uint8_t name[VAULT_NAME], char out[NAME_TEXT])
{
    char hex[2 * VAULT_NAME + 1];
    hex_of((slice){ name, VAULT_NAME }, hex);
    (void)snprintf(out, NAME_TEXT, "%.2s/%s", hex, hex + 2);
}

int vault_open(const char *folder, const struct keys *keys, bool write, struct arena *mem,
               struct vault **out, struct err *err_out)
{
    struct vault *v = ARENA_NEW(mem, struct vault);
    if (!v)
        return err_set(err_out, -ENOMEM, "out of memory");
    if (strlen(folder) >= sizeof v->folder)
        return err_set(err_out, -ENAMETOOLONG, "%s: the path is too long", folder);
    (void)snprintf(v->folder, sizeof v->folder, "%s", folder);
    v->keys = keys;
    int r = write ? spool_folder_make(folder, err_out) : 0;
    for (unsigned i = 0; write && r == 0 && i < 256; i++) {
        char below[SPOOL_PATH];
        (void)snprintf(below, sizeof below, "%s/%02x", folder, i);
        r = spool_folder_make(below, err_out);
    }
    if (r == 0 && write) {
        spool_clean(folder);
        r = spool_folder_sync(folder, err_out);
    }
    if (r == 0)
        *out = v;
    return r;
}

/* A file on its way out, or in: its chunks share a key and count on. */
struct stream {
    struct vault *v;
    struct aead *aead;
    uint8_t context[CONTEXT];
    uint32_t number;
};

static bool stream_start(struct stream *s, struct vault *v, const uint8_t head[HEAD],
                         const uint8_t name[VAULT_NAME])
{
    uint8_t key[DIGEST_MAX];
    *s = (struct stream){ .v = v };
    (void)slice_copy_out((slice){ head, HEAD }, s->context, HEAD);
    (void)slice_copy_out((slice){ name, VAULT_NAME }, s->context + HEAD, VAULT_NAME);
    if (hmac_of(DIGEST_SHA256, (slice){ v->keys->seal, KEYS_BYTES }, (slice){ head + 8, SALT },
                key))
        s->aead = aead_new(key);
    explicit_bzero(key, sizeof key);
    return s->aead != NULL;
}

/* false: more chunks than can be counted */
static bool nonce_next(struct stream *s, bool last, uint8_t out[AEAD_NONCE])
{
    for (size_t i = 0; i < 7; i++)
        out[i] = 0;
    for (unsigned i = 0; i < 4; i++)
        out[7 + i] = (uint8_t)(s->number >> (24 - 8 * i));
    out[11] = last;
    return ++s->number != 0;
}

static int put_chunk(struct stream *s, struct spool *spool, slice inner, bool last,
                     struct err *err_out)
{
    uint8_t nonce[AEAD_NONCE];
    uint32_t n = (uint32_t)(inner.len + AEAD_TAG);
    for (unsigned i = 0; i < 4; i++)
        s->v->sealed[i] = (uint8_t)(n >> 8 * i);
    if (!nonce_next(s, last, nonce) ||
        !aead_seal(s->aead, nonce, (slice){ s->context, CONTEXT }, inner, s->v->sealed + 4))
        return err_set(err_out, -EIO, "cannot encrypt");
    return spool_put(spool, (slice){ s->v->sealed, 4 + (size_t)n }, err_out);
}

static bool all_zero(slice s)
{
    return s.len && s.at[0] == 0 && memcmp(s.at, s.at + 1, s.len - 1) == 0;
}

/* A window of the source; bytes are borrowed, a file is read. */
static int source_at(struct vault *v, const struct vault_source *s, uint64_t at, slice *out,
                     struct err *err_out)
{
    size_t n = s->size - at < CHUNK ? (size_t)(s->size - at) : CHUNK;
    if (s->fd < 0) {
        *out = slice_sub(s->bytes, (size_t)at, n);
        return 0;
    }
    *out = (slice){ v->window, n };
    return spool_read_at(s->fd, at, v->window, n, err_out);
}

static int zeros_out(struct stream *s, struct spool *spool, uint64_t *zeros, bool last,
                     struct err *err_out)
{
    uint8_t inner[9] = { KIND_ZEROS };
    for (unsigned i = 0; i < 8; i++)
        inner[1 + i] = (uint8_t)(*zeros >> 8 * i);
    *zeros = 0;
    return put_chunk(s, spool, (slice){ inner, sizeof inner }, last, err_out);
}

static int put_all(struct stream *s, struct spool *spool, const struct vault_source *from,
                   struct err *err_out)
{
    uint64_t zeros = 0, at = 0;
    int r = 0;
    do { /* also once for what is empty: there must be a last chunk */
        slice piece = { 0 };
        r = source_at(s->v, from, at, &piece, err_out);
        at += piece.len;
        bool last = at == from->size, zero = r == 0 && all_zero(piece);
        if (zero)
            zeros += piece.len;
        if (r == 0 && zeros && (!zero || last))
            r = zeros_out(s, spool, &zeros, last && zero, err_out);
        if (r == 0 && !zero) {
            s->v->inner[0] = KIND_BYTES;
            (void)slice_copy_out(piece, s->v->inner + 1, CHUNK);
            r = put_chunk(s, spool, (slice){ s->v->inner, 1 + piece.len }, last, err_out);
        }
    } while (r == 0 && at < from->size);
    return r;
}

/* HMAC(name key, SHA-256(content)): who lacks the key cannot ask whether a known file lies here. */
static int name_of(struct vault *v, const struct vault_source *s, uint8_t out[VAULT_NAME],
                   struct err *err_out)
{
    struct sha256 h;
    uint8_t digest[32], mac[DIGEST_MAX];
    sha256_start(&h);
    for (uint64_t at = 0; at < s->size;) {
        slice piece = { 0 };
        int r = source_at(v, s, at, &piece, err_out);
        if (r) {
            sha256_end(&h, digest);
            return r;
        }
        sha256_add(&h, piece);
        at += piece.len;
    }
    sha256_end(&h, digest);
    if (!hmac_of(DIGEST_SHA256, (slice){ v->keys->name, KEYS_BYTES },
                 (slice){ digest, sizeof digest }, mac))
        return err_set(err_out, -EIO, "HMAC-SHA-256 is not to be had from OpenSSL");
    (void)slice_copy_out((slice){ mac, VAULT_NAME }, out, VAULT_NAME);
    return 0;
}

static int write_item(struct vault *v, const struct vault_source *from, struct vault_item *i,
                      struct err *err_out)
{
    uint8_t head[HEAD] = { 0 };
    struct stream s = { 0 };
    (void)slice_copy_out(slice_of(magic), head, 8);
    for (unsigned b = 0; b < 8; b++)
        head[8 + SALT + b] = (uint8_t)(from->size >> 8 * b);
    random_fill(head + 8, SALT);
    if (!stream_start(&s, v, head, i->name))
        return err_set(err_out, -EIO, "cannot encrypt");
    int r = spool_begin(&i->spool, v->folder, err_out);
    if (r == 0)
        r = spool_put(&i->spool, (slice){ head, HEAD }, err_out);
    if (r == 0)
        r = put_all(&s, &i->spool, from, err_out);
    i->stored = i->spool.size;
    aead_drop(&s.aead);
    return r;
}

static uint64_t stored_size(struct vault *v, const uint8_t name[VAULT_NAME]);

int vault_put(struct vault *v, const struct vault_source *s, struct arena *mem,
              struct vault_item **out, struct err *err_out)
{
    if (s->fd < 0 ? s->bytes.len != s->size : !spool_is_sealed(s->fd))
        return err_set(
            err_out, -EINVAL,
            "the original came in a file that is not sealed, or has another size than was said");
    struct vault_item *i = ARENA_NEW(mem, struct vault_item);
    if (!i)
        return err_set(err_out, -ENOMEM, "out of memory");
    i->spool = (struct spool){ .folder = -1, .fd = -1 };
    int r = name_of(v, s, i->name, err_out);
    if (r == 0 && vault_get(v, i->name, NULL, NULL, NULL, NULL) == 0) {
        i->there = true; /* and can be read: a damaged one is written anew */
        i->stored = stored_size(v, i->name);
    } else if (r == 0) {
        r = write_item(v, s, i, err_out);
    }
    if (r)
        vault_item_drop(&i);
    else
        *out = i;
    return r;
}

const uint8_t *vault_item_name(const struct vault_item *i)
{
    return i->name;
}
uint64_t vault_item_stored(const struct vault_item *i)
{
    return i->stored;
}

int vault_settle(struct vault *v, struct vault_item **items, size_t n, struct err *err_out)
{
    uint8_t touched[256] = { 0 };
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        if (items[i] && !items[i]->there)
            r = spool_sync(&items[i]->spool, err_out);
    for (size_t i = 0; i < n && r == 0; i++) {
        char name[NAME_TEXT];
        if (!items[i])
            continue;
        touched[items[i]->name[0]] =
            1; /* of those that were there, too: their naming may not have been made to last */
        if (items[i]->there)
            continue;
        name_text(items[i]->name, name);
        r = spool_name(&items[i]->spool, name, err_out);
    }
    for (unsigned i = 0; i < 256 && r == 0; i++) {
        char below[SPOOL_PATH];
        (void)snprintf(below, sizeof below, "%s/%02x", v->folder, i);
        if (touched[i])
            r = spool_folder_sync(below, err_out);
    }
    return r;
}

void vault_item_drop(struct vault_item **i)
{
    if (*i)
        spool_drop(&(*i)->spool);
    *i = NULL;
}

/* A vaulted file that is being read. */
struct reading {
    struct stream stream;
    int fd;
    uint64_t at, end, size, made; /* offsets in the file; bytes of the original */
    bool (*take)(void *host, slice bytes);
    void *host;
};

static int damaged(const uint8_t name[VAULT_NAME], const char *what, struct err *err_out)
{
    char text[NAME_TEXT];
    name_text(name, text);
    return err_set(err_out, -EUCLEAN,
                   "%s: the original is damaged, or was sealed with another key: %s", text, what);
}

static bool give(struct reading *x, slice s)
{
    x->made += s.len;
    return !x->take || x->take(x->host, s);
}

/* What a chunk holds. */
static int give_inner(struct reading *x, const uint8_t name[VAULT_NAME], slice inner,
                      struct err *err_out)
{
    static const uint8_t zeros[4096];
    cursor c = cur_open(inner);
    uint8_t kind = cur_u8(&c);
    if (kind == KIND_BYTES)
        return give(x, cur_rest(&c)) ? 0 : -ECANCELED;
    uint64_t n = cur_u64le(&c);
    if (kind != KIND_ZEROS || !cur_ok(&c) || cur_left(&c) || n > x->size - x->made)
        return damaged(name, "a chunk of no known kind", err_out);
    if (!x->take)
        x->made += n;
    else
        for (; n; n -= n < sizeof zeros ? n : sizeof zeros)
            if (!give(x, (slice){ zeros, n < sizeof zeros ? (size_t)n : sizeof zeros }))
                return -ECANCELED;
    return 0;
}

static int read_chunk(struct reading *x, const uint8_t name[VAULT_NAME], struct err *err_out)
{
    struct vault *v = x->stream.v;
    uint8_t le[4], nonce[AEAD_NONCE];
    if (x->end - x->at < sizeof le)
        return damaged(name, "it is cut off", err_out);
    int r = spool_read_at(x->fd, x->at, le, sizeof le, err_out);
    cursor c = cur_open((slice){ le, sizeof le });
    uint32_t n = cur_u32le(&c);
    x->at += sizeof le;
    if (r)
        return r;
    if (n < AEAD_TAG + 1 || n > SEALED_MAX || n > x->end - x->at)
        return damaged(name, "a chunk of no possible length", err_out);
    r = spool_read_at(x->fd, x->at, v->sealed, n, err_out);
    if (r)
        return r;
    x->at += n;
    if (!nonce_next(&x->stream, x->at == x->end, nonce) ||
        !aead_open(x->stream.aead, nonce, (slice){ x->stream.context, CONTEXT },
                   (slice){ v->sealed, n }, v->inner))
        return damaged(name, "a chunk was changed, moved or left out", err_out);
    return give_inner(x, name, (slice){ v->inner, n - AEAD_TAG }, err_out);
}

static int read_all(struct vault *v, struct reading *x, const uint8_t name[VAULT_NAME],
                    struct err *err_out)
{
    uint8_t head[HEAD];
    struct file_facts facts;
    int r = file_facts(x->fd, &facts, err_out);
    if (r == 0 && facts.size < HEAD)
        return damaged(name, "it is cut off", err_out);
    if (r == 0)
        r = spool_read_at(x->fd, 0, head, HEAD, err_out);
    if (r)
        return r;
    if (memcmp(head, magic, 8) != 0)
        return damaged(name, "its head is no vault file's", err_out);
    cursor c = cur_open((slice){ head + 8 + SALT, 8 });
    x->size = cur_u64le(&c);
    x->at = HEAD;
    x->end = facts.size;
    if (!stream_start(&x->stream, v, head, name))
        return err_set(err_out, -EIO, "cannot decrypt");
    do
        r = read_chunk(x, name, err_out);
    while (r == 0 && x->at < x->end);
    aead_drop(&x->stream.aead);
    if (r == 0 && x->made != x->size)
        r = damaged(name, "its size is not the one it had", err_out);
    return r;
}

static int open_item(struct vault *v, const uint8_t name[VAULT_NAME], int *fd_out,
                     struct err *err_out)
{
    char text[NAME_TEXT], path[SPOOL_PATH];
    name_text(name, text);
    (void)snprintf(path, sizeof path, "%s/%s", v->folder, text);
    return file_open(path, FILE_NO_FOLLOW, fd_out, err_out);
}

static uint64_t stored_size(struct vault *v, const uint8_t name[VAULT_NAME])
{
    struct file_facts facts = { 0 };
    int fd = -1;
    if (open_item(v, name, &fd, NULL) < 0)
        return 0;
    int r = file_facts(fd, &facts, NULL);
    (void)close(fd);
    return r ? 0 : facts.size;
}

int vault_get(struct vault *v, const uint8_t name[VAULT_NAME],
              bool (*take)(void *host, slice bytes), void *host, uint64_t *size_out,
              struct err *err_out)
{
    struct reading x = { .fd = -1, .take = take, .host = host };
    int r = open_item(v, name, &x.fd, err_out);
    if (r)
        return r;
    r = read_all(v, &x, name, err_out);
    (void)close(x.fd);
    if (r == 0 && size_out)
        *size_out = x.size;
    return r;
}

int vault_remove(struct vault *v, const uint8_t name[VAULT_NAME], struct err *err_out)
{
    char text[NAME_TEXT];
    name_text(name, text);
    return spool_remove(v->folder, text, err_out);
}

struct sweep {
    struct vault *v;
    int64_t before_ns;
    bool (*known)(void *host, const uint8_t name[VAULT_NAME]);
    void *host;
    size_t removed;
};

static bool sweep_one(void *host, const char *path, int fd)
{
    struct sweep *s = host;
    struct file_facts facts;
    uint8_t name[VAULT_NAME];
    char hex[2 * VAULT_NAME + 1];
    slice whole = slice_of(path);
    enum { REST = 2 * VAULT_NAME - 2 };
    if (whole.len < REST + 3 || file_facts(fd, &facts, NULL) < 0 || facts.mtime_ns >= s->before_ns)
        return true;
    slice rest = slice_from(whole, whole.len - REST),
          first = slice_sub(whole, whole.len - REST - 3, 2);
    (void)snprintf(hex, sizeof hex, "%.*s%.*s", SLICE_FMT(first), SLICE_FMT(rest));
    if (hex_to(slice_of(hex), name) && !s->known(s->host, name))
        s->removed += vault_remove(s->v, name, NULL) == 0;
    return true;
}

size_t vault_sweep(struct vault *v, uint8_t byte, int64_t before_s,
                   bool (*known)(void *host, const uint8_t name[VAULT_NAME]), void *host)
{
    char below[SPOOL_PATH];
    struct sweep s = { .v = v, .before_ns = before_s * 1000000000, .known = known, .host = host };
    const struct folder_visit visit = { .host = &s, .file = sweep_one };
    (void)snprintf(below, sizeof below, "%s/%02x", v->folder, byte);
    if (folder_walk(below, &visit, NULL) < 0)
        return s.removed;
    return s.removed;
}
