/* SPDX-License-Identifier: Apache-2.0 */
/* stix - a STIX 2.1 bundle: an indicator (4.7) each, related to the malware-analysis (4.13) of the
 * object it was found in. All ids are uuid5, so that the same reports give the same objects.
 * Leaves out: paths, which STIX takes apart into folder and name. */
#include "act/blocklist/blocklist.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"

#include <stdio.h>

enum { ID_MAX = 96, PATTERN_MAX = 1 << 20 };

static const uint8_t ours[16] = { 0x5b, 0x0e, 0x1d, 0x4c, 0x8f, 0x6a, 0x4b, 0x52,
                                  0x9a, 0x3e, 0x51, 0xc2, 0x7d, 0x90, 0xe8, 0x14 };
/* That of the specification for observables (2.9). */
static const uint8_t theirs[16] = { 0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c,
                                    0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7 };

/* RFC 4122 4.3 */
static void id_of(char out[ID_MAX], const char *type, const uint8_t space[16], slice name)
{
    struct sha1 h;
    uint8_t u[20];
    char hex[41];
    sha1_start(&h);
    sha1_add(&h, (slice){ space, 16 });
    sha1_add(&h, name);
    sha1_end(&h, u);
    u[6] = (uint8_t)((u[6] & 0x0f) | 0x50);
    u[8] = (uint8_t)((u[8] & 0x3f) | 0x80);
    hex_of((slice){ u, 16 }, hex);
    snprintf(out, ID_MAX, "%s--%.8s-%.4s-%.4s-%.4s-%.12s", type, hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

static void pair(struct json *j, const char *key, const char *value)
{
    json_key(j, key);
    json_cstr(j, value);
}

static void time_of(struct json *j, const char *key, int64_t seconds)
{
    char text[64];
    int64_t days = seconds / 86400, rest = seconds % 86400;
    struct date d = date_of_days(days);
    snprintf(text, sizeof text, "%04lld-%02u-%02uT%02lld:%02lld:%02lld.000Z", (long long)d.year,
             d.month, d.day, (long long)(rest / 3600), (long long)(rest / 60 % 60),
             (long long)(rest % 60));
    pair(j, key, text);
}

static void open_object(struct json *j, const struct blocklist *b, const char *type, const char *id)
{
    json_object(j);
    pair(j, "type", type);
    pair(j, "spec_version", "2.1");
    pair(j, "id", id);
    if (b) {
        time_of(j, "created", b->options.now);
        time_of(j, "modified", b->options.now);
    }
}

static bool pattern(struct buf *out, const struct block *e)
{
    static const char *const objects[INDICATOR_KINDS] = {
        "url:value", "domain-name:value",    "ipv4-addr:value", "file:hashes.'SHA-256'",
        NULL,        "process:command_line", "email-addr:value"
    };
    if (!objects[e->kind])
        return false;
    bool v6 = e->kind == INDICATOR_IP && slice_find_byte(e->value, ':', 0) != SIZE_MAX;
    buf_format(out, "[%s = '", v6 ? "ipv6-addr:value" : objects[e->kind]);
    for (size_t i = 0; i < e->value.len; i++) {
        if (e->value.at[i] == '\'' || e->value.at[i] == '\\')
            buf_byte(out, '\\');
        buf_byte(out, e->value.at[i]);
    }
    buf_text(out, "']");
    return !out->full;
}

/* The object and what we say of it; its id. */
static void put_object(struct json *j, const struct blocklist *b, const struct block *e,
                       char id_out[ID_MAX], bool write)
{
    char file[ID_MAX];
    struct buf canonical = buf_new(256);
    buf_format(&canonical, "{\"hashes\":{\"SHA-256\":\"%.*s\"}}", SLICE_FMT(e->sha256));
    id_of(file, "file", theirs, buf_slice(&canonical));
    id_of(id_out, "malware-analysis", ours, buf_slice(&canonical));
    buf_drop(&canonical);
    if (!write)
        return;
    open_object(j, NULL, "file", file);
    json_key(j, "hashes");
    json_object(j);
    json_key(j, "SHA-256");
    json_text(j, e->sha256);
    json_object_end(j);
    json_object_end(j);
    open_object(j, b, "malware-analysis", id_out);
    pair(j, "product", "sekisho");
    pair(j, "result", verdict_name(e->verdict));
    json_key(j, "result_name");
    json_text(j, e->name);
    json_key(j, "analysis_sco_refs");
    json_array(j);
    json_cstr(j, file);
    json_array_end(j);
    json_object_end(j);
}

static void put_relation(struct json *j, const struct blocklist *b, const char *from,
                         const char *to)
{
    char id[ID_MAX];
    struct buf both = buf_new(512);
    buf_format(&both, "%s %s", from, to);
    id_of(id, "relationship", ours, buf_slice(&both));
    buf_drop(&both);
    open_object(j, b, "relationship", id);
    pair(j, "relationship_type", "related-to");
    pair(j, "source_ref", from);
    pair(j, "target_ref", to);
    json_object_end(j);
}

static void put_indicator(struct json *j, const struct blocklist *b, const struct block *e,
                          slice text, const char *analysis)
{
    char id[ID_MAX];
    id_of(id, "indicator", ours, text);
    open_object(j, b, "indicator", id);
    json_key(j, "name");
    json_text(j, e->name);
    json_key(j, "indicator_types");
    json_array(j);
    json_cstr(j, e->verdict == VERDICT_MALICIOUS ? "malicious-activity" : "anomalous-activity");
    json_array_end(j);
    json_key(j, "pattern");
    json_text(j, text);
    pair(j, "pattern_type", "stix");
    time_of(j, "valid_from", b->options.now);
    if (b->options.days)
        time_of(j, "valid_until", b->options.now + (int64_t)b->options.days * 86400);
    json_object_end(j);
    put_relation(j, b, id, analysis);
}

static void put(struct buf *out, const struct blocklist *b)
{
    struct json j = json_new(out);
    struct buf text = buf_new(PATTERN_MAX);
    char id[ID_MAX], analysis[ID_MAX];
    for (size_t i = 0; i < b->n; i++)
        buf_format(&text, "%.*s", SLICE_FMT(b->at[i].sha256));
    id_of(id, "bundle", ours, buf_slice(&text));
    json_object(&j);
    pair(&j, "type", "bundle");
    pair(&j, "id", id);
    json_key(&j, "objects");
    json_array(&j);
    slice last = { 0 };
    for (size_t i = 0; i < b->n; i++) {
        const struct block *e = &b->at[i];
        /* A report's indicators stand side by side. */
        put_object(&j, b, e, analysis, !slice_eq(last, e->sha256));
        last = e->sha256;
        buf_clear(&text);
        if (pattern(&text, e))
            put_indicator(&j, b, e, buf_slice(&text), analysis);
    }
    json_array_end(&j);
    json_object_end(&j);
    buf_byte(out, '\n');
    buf_drop(&text);
}

const struct blocklist_writer blocklist_stix = { "stix", put };
