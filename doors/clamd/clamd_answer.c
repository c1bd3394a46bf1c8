/* SPDX-License-Identifier: Apache-2.0 */
/* What clamd would say. Its clients know three words: OK, FOUND, ERROR. OK is said
 * of what was read whole and is clean, and of nothing else.
 *
 * FOUND for what is encrypted or reached a limit is what clamd says with
 * AlertEncrypted and AlertExceedsMax (clamd.conf(5)); its clients know these
 * names (Rspamd's clamav.lua: "^Heuristics%.Encrypted", "^Heuristics%.Limits%.Exceeded").
 * The desk's texts may quote a stranger: they go out as ASCII, on one line. */
#include "base/text.h"
#include "doors/clamd/clamd_private.h"
#include "facts/record.h"

/* Of a name: what clients, logs and mail headers take without quoting. */
static void put_name(struct buf *out, slice name, const char *without)
{
    name = slice_sub(name, 0, CLAMD_NAME_MAX);
    if (name.len == 0)
        buf_text(out, without);
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool plain = ascii_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+';
        buf_byte(out, plain ? c : '_');
    }
}

static void put_text(struct buf *out, slice text)
{
    text = slice_sub(text, 0, CLAMD_TROUBLE_MAX);
    for (size_t i = 0; i < text.len; i++)
        buf_byte(out, text.at[i] >= ' ' && text.at[i] < 0x7F ? text.at[i] : '?');
}

/* Ours (facts/unread.list) to those of libclamav. Others have no word there. */
static const struct {
    const char *ours, *clamd;
} limits[] = {
    { "work", ".MaxScanTime" },       { "time", ".MaxScanTime" },
    { "evaluation", ".MaxScanTime" }, { "inflated", ".MaxScanSize" },
    { "memory", ".MaxScanSize" },     { "size", ".MaxFileSize" },
    { "parts", ".MaxFiles" },         { "entries", ".MaxFiles" },
    { "readings", ".MaxFiles" },      { "depth", ".MaxRecursion" },
    { "xml-depth", ".MaxRecursion" },
};

void clamd_limit_words(slice limit, struct buf *out)
{
    buf_text(out, "Heuristics.Limits.Exceeded");
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (slice_is(limit, limits[i].ours))
            buf_text(out, limits[i].clamd);
    buf_text(out, " FOUND");
}

static bool has(const struct gate_answer *a, enum unread_cause cause)
{
    return a->unread >> cause & 1;
}

/* Our types (decode/types.list) to the names of libclamav's heuristics. */
static void put_locked(slice type, struct buf *out)
{
    static const struct {
        const char *ours, *clamd;
    } kinds[] = {
        { "zip", "Zip" },  { "rar", "RAR" },  { "7z", "7Zip" }, { "pdf", "PDF" },
        { "doc", "Doc" },  { "cfb", "Doc" },  { "xls", "XLS" }, { "office-encrypted", "Doc" },
        { "docx", "Doc" }, { "xlsx", "XLS" }, { "ppt", "PPT" },
    };
    const char *kind = "Any";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (slice_is(type, kinds[i].ours))
            kind = kinds[i].clamd;
    buf_text(out, "Heuristics.Encrypted.");
    buf_text(out, kind);
    buf_text(out, " FOUND");
}

/* The strictest word for what was not read; FOUND is stricter than ERROR, which many let pass. */
static void put_unknown(const struct gate_answer *a, struct buf *out)
{
    if (has(a, UNREAD_ENCRYPTED)) {
        put_locked(a->locked, out);
    } else if (has(a, UNREAD_LIMIT)) {
        clamd_limit_words(a->limit, out);
    } else if (has(a, UNREAD_CRASHED)) {
        buf_text(out, "the reader crashed. ERROR");
    } else if (has(a, UNREAD_DAMAGED)) {
        buf_text(out, "damaged, not read whole. ERROR");
    } else if (has(a, UNREAD_NO_READER)) {
        buf_text(out, "a kind of file that cannot be read. ERROR");
    } else {
        buf_text(out, "not read whole. ERROR");
    }
}

void clamd_words(const struct gate_answer *a, struct buf *out)
{
    if (a->trouble.len) {
        put_text(out, a->trouble);
        buf_text(out, ". ERROR");
        return;
    }
    switch (a->verdict) {
    case VERDICT_CLEAN:
        buf_text(out, a->unread ? "not read whole. ERROR" : "OK");
        return;
    case VERDICT_MALICIOUS:
    case VERDICT_SUSPICIOUS:
        buf_text(out, a->verdict == VERDICT_SUSPICIOUS ? "Sekisho.Suspicious." : "Sekisho.");
        put_name(out, a->name, a->verdict == VERDICT_SUSPICIOUS ? "Unnamed" : "Malicious");
        buf_text(out, " FOUND");
        return;
    case VERDICT_UNKNOWN:
    case VERDICTS:
        break;
    }
    put_unknown(a, out);
}
