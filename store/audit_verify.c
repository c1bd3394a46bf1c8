/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the chain of the audit log, line by line; see audit.h.
 *
 * A line is read by its form and not as JSON in general: what we did not write so, we did not
 * write. */
#include "base/cipher.h"
#include "base/hash.h"
#include "base/text.h"
#include "os/file.h"
#include "os/folder.h"
#include "store/audit_private.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

bool audit_line_read(slice line, struct audit_line *out)
{
    static const slice head = SLICE_INIT("{\"seq\":"), time = SLICE_INIT(",\"time\":\""),
                       prev = SLICE_INIT("\",\"prev\":\""), behind = SLICE_INIT("\",\"what\":\""),
                       mac = SLICE_INIT(",\"mac\":\"");
    enum { TIME = 24, HASH = 64, MAC_TAIL = AUDIT_MAC_HEX + 2 };
    uint64_t seq;
    slice rest = slice_from(line, head.len);
    size_t comma = slice_find_byte(rest, ',', 0);
    if (!slice_starts(line, head) || comma == SIZE_MAX ||
        !slice_u64(slice_sub(rest, 0, comma), &seq) || seq > INT64_MAX)
        return false;
    rest = slice_from(rest, comma);
    if (!slice_starts(rest, time))
        return false;
    rest = slice_from(rest, time.len + TIME);
    if (!slice_starts(rest, prev) || !hex_to(slice_sub(rest, prev.len, HASH), out->prev) ||
        !slice_starts(slice_from(rest, prev.len + HASH), behind))
        return false;
    if (line.len < mac.len + MAC_TAIL || !slice_ends(line, SLICE_LIT("\"}")))
        return false;
    size_t at = line.len - mac.len - MAC_TAIL;
    if (!slice_starts(slice_from(line, at), mac))
        return false;
    out->seq = (int64_t)seq;
    out->signed_part = slice_sub(line, 0, at);
    out->mac = slice_sub(line, at + mac.len, AUDIT_MAC_HEX);
    sha256_of(line, out->hash);
    return true;
}

bool audit_mac(const struct keys *keys, slice signed_part, char out[AUDIT_MAC_HEX + 1])
{
    uint8_t mac[DIGEST_MAX];
    if (!hmac_of(DIGEST_SHA256, (slice){ keys->audit, KEYS_BYTES }, signed_part, mac))
        return false;
    hex_of((slice){ mac, 32 }, out);
    return true;
}

bool audit_is_name(slice name)
{
    uint64_t n;
    return name.len == AUDIT_NAME && slice_starts(name, SLICE_LIT("audit-")) &&
           slice_ends(name, SLICE_LIT(".jsonl")) && slice_u64(slice_sub(name, 6, 12), &n);
}

const char *audit_fault_name(enum audit_fault f)
{
    static const char *const names[AUDIT_FAULTS] = { "whole", "no_line", "torn", "first", "again",
                                                     "gap",   "chain",   "mac",  "other", "cut" };
    return names[f];
}

static bool broken(struct audit_result *r, enum audit_fault f)
{
    r->fault = f;
    return false;
}

static bool check_line(struct audit_result *r, const struct keys *keys, const struct audit_end *end,
                       slice line)
{
    static const uint8_t none[32];
    struct audit_line l;
    char mac[AUDIT_MAC_HEX + 1];
    r->line++;
    if (!audit_line_read(line, &l))
        return broken(r, AUDIT_NO_LINE);
    if (r->lines == 0 && l.seq == 1 && memcmp(l.prev, none, sizeof none) != 0)
        return broken(r, AUDIT_FIRST);
    if (r->lines && l.seq != r->last + 1)
        return broken(r, l.seq <= r->last ? AUDIT_AGAIN : AUDIT_GAP);
    if (r->lines && memcmp(l.prev, r->hash, sizeof l.prev) != 0)
        return broken(r, AUDIT_CHAIN);
    if (keys && !audit_mac(keys, l.signed_part, mac))
        return broken(r, AUDIT_MAC);
    if (keys && !slice_is(l.mac, mac))
        return broken(r, AUDIT_MAC);
    if (end && l.seq == end->seq && memcmp(l.hash, end->hash, sizeof l.hash) != 0)
        return broken(r, AUDIT_OTHER);
    if (r->lines++ == 0)
        r->first = l.seq;
    r->last = l.seq;
    digest_copy(r->hash, l.hash);
    return true;
}

struct verify {
    const char *given;
    const struct keys *keys;
    const struct audit_end *end;
    struct audit_result *result;
    struct err *err_out;
    int r;
};

/* False ends the walk over the folder. */
static bool check_file(void *host, const char *path, int fd)
{
    struct verify *v = host;
    struct audit_result *r = v->result;
    struct buf text = buf_new(0);
    slice name = slice_of(path);
    if (!slice_is(name, v->given) &&
        (name.len <= AUDIT_NAME || !audit_is_name(slice_from(name, name.len - AUDIT_NAME))))
        return true; /* something else in the folder */
    (void)snprintf(r->file, sizeof r->file, "%s", path);
    r->line = 0;
    r->files++;
    v->r = file_read_fd(fd, AUDIT_FILE_MAX, &text, v->err_out);
    slice rest = buf_slice(&text);
    while (v->r == 0 && rest.len && r->fault == AUDIT_WHOLE) {
        size_t n = slice_find_byte(rest, '\n', 0);
        if (n == SIZE_MAX) {
            r->line++;
            (void)broken(r, AUDIT_TORN);
            break;
        }
        if (check_line(r, v->keys, v->end, slice_sub(rest, 0, n)))
            rest = slice_from(rest, n + 1);
    }
    buf_drop(&text);
    return v->r == 0 && r->fault == AUDIT_WHOLE;
}

int audit_end_of(struct sqlite *db, struct audit_end *out, struct err *err_out)
{
    struct sqlite_query *q = NULL;
    struct audit_line l;
    *out = (struct audit_end){ 0 };
    int r = sqlite_prepare(
        db, "SELECT seq, line, (SELECT min(seq) FROM audit) FROM audit ORDER BY seq DESC LIMIT 1",
        &q, err_out);
    if (r == 0)
        r = sqlite_row(q, err_out);
    if (r == 1 && !audit_line_read(sqlite_text(q, 1), &l)) {
        r = err_set(err_out, -EUCLEAN,
                    "the newest line of the audit log is damaged in the database");
    } else if (r == 1) {
        *out = (struct audit_end){ .from = sqlite_int(q, 2), .seq = sqlite_int(q, 0) };
        digest_copy(out->hash, l.hash);
    }
    sqlite_drop(&q);
    return r < 0 ? r : 0;
}

int audit_verify(const char *path, const struct keys *keys, const struct audit_end *end,
                 struct audit_result *out, struct err *err_out)
{
    struct verify v = {
        .given = path, .keys = keys, .end = end, .result = out, .err_out = err_out
    };
    const struct folder_visit visit = { .host = &v, .file = check_file };
    *out = (struct audit_result){ 0 };
    int r = folder_walk(path, &visit, err_out);
    if (r == 0 && v.r == 0 && out->fault == AUDIT_WHOLE && end && end->seq &&
        out->last < end->from - 1)
        (void)broken(out, AUDIT_CUT);
    return r ? r : v.r;
}
