/* SPDX-License-Identifier: Apache-2.0 */
/* The key file is one line of text, which survives printing: "sekisho-key-1 " and 64 hexadecimal
 * digits. */
#include "store/keys.h"
#include "base/cipher.h"
#include "os/file.h"
#include "os/random.h"
#include "os/spool.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const char head[] = "sekisho-key-1 ";
enum { HEAD = sizeof head - 1, LINE = HEAD + 2 * KEYS_BYTES + 1, TEXT_MAX = 4096 };

static int make_file(const char *path, struct err *err_out)
{
    char folder[SPOOL_PATH], line[LINE + 1];
    uint8_t key[KEYS_BYTES];
    slice whole = slice_of(path);
    size_t cut = whole.len;
    while (cut && path[cut - 1] != '/')
        cut--;
    if (cut == 0 || cut >= sizeof folder)
        return err_set(err_out, -EINVAL, "%s: an absolute path is wanted", path);
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(cut > 1 ? cut - 1 : 1), path);
    int r = spool_folder_make(folder, err_out);
    if (r)
        return r;
    random_fill(key, sizeof key);
    (void)snprintf(line, sizeof line, "%s", head);
    hex_of((slice){ key, sizeof key }, line + HEAD);
    line[LINE - 1] = '\n';
    r = file_write_new(folder, path + cut, (slice){ (const uint8_t *)line, LINE }, 0600, err_out);
    explicit_bzero(line, sizeof line);
    explicit_bzero(key, sizeof key);
    return r == -EEXIST ? 0 : r; /* somebody else was faster: theirs is read */
}

static bool derive(const uint8_t key[KEYS_BYTES], const char *purpose, uint8_t *out, size_t n)
{
    uint8_t mac[DIGEST_MAX];
    bool ok = hmac_of(DIGEST_SHA256, (slice){ key, KEYS_BYTES }, slice_of(purpose), mac);
    (void)slice_copy_out((slice){ mac, n }, out, n);
    explicit_bzero(mac, sizeof mac);
    return ok;
}

static int understand(slice text, const char *path, struct keys *out, struct err *err_out)
{
    uint8_t key[KEYS_BYTES];
    slice line = slice_trim(text);
    if (!slice_starts(line, SLICE_LIT("sekisho-key-1 ")) || line.len != HEAD + 2 * KEYS_BYTES ||
        !hex_to(slice_from(line, HEAD), key))
        return err_set(err_out, -EUCLEAN,
                       "%s: is no key file of Sekisho, or damaged: put the saved copy there", path);
    struct keys k;
    bool ok = derive(key, "sekisho originals", k.seal, sizeof k.seal) &&
              derive(key, "sekisho names", k.name, sizeof k.name) &&
              derive(key, "sekisho audit", k.audit, sizeof k.audit) &&
              derive(key, "sekisho mark", k.mark, sizeof k.mark);
    explicit_bzero(key, sizeof key);
    if (ok)
        *out = k;
    keys_wipe(&k);
    return ok ? 0 : err_set(err_out, -EIO, "HMAC-SHA-256 is not to be had from OpenSSL");
}

int keys_load(const char *path, bool make, struct keys *out, struct err *err_out)
{
    int fd = -1, r = file_open(path, FILE_NO_FOLLOW, &fd, err_out);
    if (r == -ENOENT && make) {
        r = make_file(path, err_out);
        if (r == 0)
            r = file_open(path, FILE_NO_FOLLOW, &fd, err_out);
    }
    if (r)
        return r;
    struct buf text = buf_new(0);
    struct file_facts facts;
    const uint32_t me = geteuid(); /* root gives orders, and reads the key of the user who runs this */
    r = file_facts(fd, &facts, err_out);
    if (r == 0 && ((facts.mode & 077) || (facts.owner != me && facts.owner != 0 && me != 0)))
        r = err_set(
            err_out, -EPERM,
            "%s: others may read this key; chmod 600 it, and give it to the user who runs this",
            path);
    if (r == 0)
        r = file_read_fd(fd, TEXT_MAX, &text, err_out);
    if (r == 0)
        r = understand(buf_slice(&text), path, out, err_out);
    if (text.at)
        explicit_bzero(text.at, text.len);
    buf_drop(&text);
    (void)close(fd);
    return r;
}

void keys_wipe(struct keys *k)
{
    explicit_bzero(k, sizeof *k);
}
