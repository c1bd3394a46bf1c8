/* SPDX-License-Identifier: Apache-2.0 */
/* indicators - see indicators.h. */
#include "report/indicators.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/shown.h"
#include "base/text.h"

enum { VALUE_MAX = 8192, SHOWN_VALUE_MAX = 4096, PATH_STEPS = 16 };

struct gathering {
    const struct read_report *r;
    struct arena *mem;
    struct indicator *at;
    uint64_t *hashes;
    size_t n;
    bool more;
};

const char *indicator_kind_name(enum indicator_kind k)
{
    static const char *const names[] = {
        "url", "domain", "ip", "sha256", "path", "command", "email"
    };
    return k < INDICATOR_KINDS ? names[k] : "";
}

const char *indicator_sure_name(enum indicator_sure s)
{
    static const char *const names[] = { "known", "cited", "partial", "seen" };
    return s < SURES ? names[s] : "";
}

/* --- hosts */

/* "0x1f", "017" or "15"; false when it is none or larger than 32 bits. */
static bool ipv4_number(slice s, uint64_t *out)
{
    unsigned base = 10;
    *out = 0;
    if (s.len > 1 && s.at[0] == '0') {
        base = ascii_lower(s.at[1]) == 'x' ? 16 : 8;
        s = slice_from(s, base == 16 ? 2 : 1);
    }
    if (!s.len || s.len > 16)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        int digit = ascii_hex(s.at[i]);
        if (digit < 0 || (unsigned)digit >= base)
            return false;
        *out = *out * base + (unsigned)digit;
    }
    return *out <= UINT32_MAX;
}

bool indicator_ipv4(slice host, uint32_t *out)
{
    uint64_t v = 0, all = 0;
    for (unsigned i = 0; i < 4; i++) {
        size_t dot = slice_find_byte(host, '.', 0);
        if (!ipv4_number(slice_sub(host, 0, dot == SIZE_MAX ? host.len : dot), &v))
            return false;
        if (dot == SIZE_MAX) { /* the last fills all that is left */
            *out = (uint32_t)(all | v);
            return v <= UINT32_MAX >> 8 * i;
        }
        if (v > 255)
            return false;
        all |= v << (24 - 8 * i);
        host = slice_from(host, dot + 1);
    }
    return false;
}

static bool host_byte(uint8_t c)
{
    return ascii_alnum(c) || c == '-' || c == '_' || c == '.' || c >= 0x80;
}

/* The part between "//" and the path, without user and port. */
static slice authority(slice url)
{
    size_t at = slice_find(url, SLICE_LIT("://"), 0);
    if (at == SIZE_MAX || at > 10)
        return (slice){ 0 };
    slice rest = slice_from(url, at + 3);
    size_t n = 0;
    while (n < rest.len && rest.at[n] != '/' && rest.at[n] != '?' && rest.at[n] != '#' &&
           rest.at[n] != '\\' && rest.at[n] > ' ')
        n++;
    rest = slice_sub(rest, 0, n);
    for (size_t i = rest.len; i > 0; i--)
        if (rest.at[i - 1] == '@')
            return slice_from(rest, i);
    return rest;
}

static slice without_port(slice a)
{
    if (a.len && a.at[0] == '[') {
        size_t end = slice_find_byte(a, ']', 0);
        return end == SIZE_MAX ? (slice){ 0 } : slice_sub(a, 0, end + 1);
    }
    size_t colon = slice_find_byte(a, ':', 0);
    a = slice_sub(a, 0, colon == SIZE_MAX ? a.len : colon);
    return a.len && a.at[a.len - 1] == '.' ? slice_sub(a, 0, a.len - 1) : a;
}

static bool ipv6(slice inside)
{
    size_t colons = 0;
    for (size_t i = 0; i < inside.len; i++) {
        if (ascii_hex(inside.at[i]) < 0 && inside.at[i] != ':' && inside.at[i] != '.')
            return false;
        colons += inside.at[i] == ':';
    }
    return colons >= 2 && colons <= 7 && inside.len <= 45;
}

bool indicator_host(slice url, struct arena *mem, slice *host_out, enum indicator_kind *kind_out)
{
    slice host = without_port(authority(url));
    uint32_t v4;
    *kind_out = INDICATOR_IP;
    if (host.len > 2 && host.at[0] == '[') {
        *host_out = slice_lower(mem, slice_sub(host, 1, host.len - 2));
        return ipv6(*host_out);
    }
    if (!host.len || host.len > 253)
        return false;
    if (indicator_ipv4(host, &v4)) {
        struct buf b = buf_new(32);
        buf_format(&b, "%u.%u.%u.%u", v4 >> 24, v4 >> 16 & 255, v4 >> 8 & 255, v4 & 255);
        *host_out = arena_copy(mem, buf_slice(&b));
        buf_drop(&b);
        return host_out->len > 0;
    }
    *kind_out = INDICATOR_DOMAIN;
    for (size_t i = 0; i < host.len; i++)
        if (!host_byte(host.at[i]) || (host.at[i] == '.' && (i == 0 || host.at[i - 1] == '.')))
            return false;
    *host_out = slice_lower(mem, host);
    return slice_find_byte(host, '.', 0) != SIZE_MAX && host_out->len > 0;
}

/* IANA's special registries, without the networks of documentation: to block these harms nobody. */
bool indicator_private(slice ip)
{
    static const struct {
        uint32_t net;
        unsigned bits;
    } nets[] = { { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 },
                 { 0xa9fe0000, 16 }, { 0xac100000, 12 }, { 0xc0000000, 24 }, { 0xc0a80000, 16 },
                 { 0xc6120000, 15 }, { 0xe0000000, 3 } };
    uint32_t v4;
    if (!indicator_ipv4(ip, &v4)) /* of IPv6 only 2000::/3 is in use */
        return !ip.len || (ip.at[0] != '2' && ip.at[0] != '3') || slice_find_byte(ip, ':', 0) != 4;
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
        if (v4 >> (32 - nets[i].bits) == nets[i].net >> (32 - nets[i].bits))
            return true;
    return false;
}

/* --- gathering */

static void add(struct gathering *g, struct indicator one)
{
    one.value = utf8_cut(slice_trim(one.value), VALUE_MAX);
    if (!one.value.len)
        return;
    uint64_t hash = fnv1a(one.kind + 1, one.value);
    for (size_t i = 0; i < g->n; i++)
        if (g->hashes[i] == hash && g->at[i].kind == one.kind &&
            slice_eq(g->at[i].value, one.value))
            return;
    if (g->n == INDICATORS_MAX) {
        g->more = true;
        return;
    }
    g->hashes[g->n] = hash;
    g->at[g->n++] = one;
}

/* What ends an address; inside a command also what its shell would take. */
static bool url_ends(uint8_t c, bool inside)
{
    return c <= ' ' || c == 0x7f || c == '"' || c == '<' || c == '>' ||
           (inside && memchr("'|^`){}", c, 7));
}

/* Of a text that is only partly known, a host is whole when it has no gap and more stands behind
 * it. */
static bool whole_host(slice behind_scheme)
{
    size_t slash = slice_find_byte(behind_scheme, '/', 0);
    for (size_t i = 0; slash != SIZE_MAX && i < slash; i++)
        if (behind_scheme.at[i] >= 0x80 || behind_scheme.at[i] == '?' || behind_scheme.at[i] == '*')
            return false;
    return slash != SIZE_MAX;
}

static void add_url(struct gathering *g, struct indicator one)
{
    enum indicator_kind kind;
    slice host;
    one.kind = INDICATOR_URL;
    add(g, one);
    if (indicator_host(one.value, g->mem, &host, &kind)) {
        one.kind = kind;
        one.value = host;
        add(g, one);
    }
}

/* Every address in a text: of a URL argument, of a command, of a list that a macro splits. */
static void add_urls(struct gathering *g, slice text, struct indicator one)
{
    static const char *const schemes[] = { "http://", "https://", "ftp://" };
    for (size_t at = 0; (at = slice_find(text, SLICE_LIT("://"), at)) != SIZE_MAX;) {
        size_t end = at + 3, from = SIZE_MAX;
        for (size_t s = 0; s < 3; s++) {
            slice scheme = slice_of(schemes[s]);
            if (at + 3 >= scheme.len &&
                slice_starts_nocase(slice_from(text, at + 3 - scheme.len), schemes[s]))
                from = at + 3 - scheme.len;
        }
        while (end < text.len && !url_ends(text.at[end], from != 0) && end - at < VALUE_MAX)
            end++;
        one.value = slice_sub(text, from, end - from);
        if (from != SIZE_MAX &&
            (one.sure != SURE_PARTIAL || whole_host(slice_sub(text, at + 3, end - at - 3))))
            add_url(g, one);
        at = end;
    }
}

static void add_effect(struct gathering *g, const struct read_effect *e, bool known)
{
    struct indicator one = { .sure = known ? SURE_KNOWN : SURE_PARTIAL,
                             .from = slice_of(effect_kind_name(e->kind)),
                             .part = e->part };
    if (e->known != known)
        return;
    if (e->n_origins) {
        one.part = e->origins[0].part;
        one.line = e->origins[0].line;
    }
    for (size_t i = 0; i < e->n_args; i++) {
        one.value = e->args[i].text;
        add_urls(g, one.value, one);
        one.kind = slice_is(e->args[i].key, "command") ? INDICATOR_COMMAND : INDICATOR_PATH;
        if (known && (one.kind == INDICATOR_COMMAND || slice_is(e->args[i].key, "path")))
            add(g, one);
    }
}

static const struct {
    const char *fact;
    enum indicator_kind kind;
    bool code; /* counts in a part that findings are about even when none rests on it */
} kinds[] = {
    { "vba.url", INDICATOR_URL, true },
    { "xlm.url", INDICATOR_URL, true },
    { "script.url", INDICATOR_URL, true },
    { "shortcut.url", INDICATOR_URL, true },
    { "effect.url", INDICATOR_URL, true },
    { "sheet.formula.fetches", INDICATOR_URL, true },
    { "url.full", INDICATOR_URL, false },
    { "html.refresh", INDICATOR_URL, false },
    { "html.form.action", INDICATOR_URL, false },
    { "office.external.template", INDICATOR_URL, false },
    { "office.external.object", INDICATOR_URL, false },
    { "remote.path", INDICATOR_PATH, false },
    { "lnk.command_line", INDICATOR_COMMAND, true },
    { "lnk.arguments", INDICATOR_COMMAND, false },
    { "email.from.address", INDICATOR_EMAIL, false },
    { "email.reply_to.address", INDICATOR_EMAIL, false },
};

static void add_fact(struct gathering *g, const struct read_fact *f, enum indicator_sure sure)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct indicator one = { kinds[i].kind, sure, f->text, f->name, f->part, f->line };
        if (!slice_is(f->name, kinds[i].fact) || (sure == SURE_SEEN && !kinds[i].code))
            continue;
        if (one.kind != INDICATOR_EMAIL)
            add_urls(g, f->text, one);
        if (one.kind != INDICATOR_URL)
            add(g, one);
    }
}

static void add_part(struct gathering *g, uint32_t part)
{
    const struct read_part *p = &g->r->parts[part];
    if (p->size)
        add(g, (struct indicator){ INDICATOR_SHA256, SURE_CITED, p->sha256, SLICE_LIT("part"), part,
                                   NO_LINE });
}

static void gather(struct gathering *g, bool *guilty)
{
    const struct read_report *r = g->r;
    for (size_t i = 0; i < r->n_effects; i++)
        add_effect(g, &r->effects[i], true);
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct read_finding *f = &r->findings[i];
        for (size_t k = 0; f->counts && k < f->n_facts; k++)
            add_fact(g, &r->facts[f->facts[k]], SURE_CITED);
        for (size_t k = 0; f->counts && k < f->n_parts; k++)
            guilty[f->parts[k]] = true;
    }
    if (r->n_parts)
        add_part(g, 0);
    for (uint32_t i = 1; i < r->n_parts; i++)
        if (guilty[i])
            add_part(g, i);
    for (size_t i = 0; i < r->n_effects; i++)
        add_effect(g, &r->effects[i], false);
    for (size_t i = 0; i < r->n_facts; i++)
        if (guilty[r->facts[i].part])
            add_fact(g, &r->facts[i], SURE_SEEN);
}

struct indicators indicators_of(const struct read_report *r, struct arena *mem)
{
    struct indicators all = { .report = r };
    if (r->verdict != VERDICT_MALICIOUS && r->verdict != VERDICT_SUSPICIOUS)
        return all;
    struct gathering g = { .r = r,
                           .mem = mem,
                           .at = ARENA_ARRAY(mem, struct indicator, INDICATORS_MAX),
                           .hashes = ARENA_ARRAY(mem, uint64_t, INDICATORS_MAX) };
    bool *guilty = ARENA_ARRAY(mem, bool, r->n_parts + 1);
    if (g.at && g.hashes && guilty)
        gather(&g, guilty);
    all.at = g.at;
    all.n = g.n;
    all.more = g.more || arena_full(mem);
    return all;
}

/* --- one line each */

void indicator_part_path(struct buf *out, const struct read_report *r, uint32_t part)
{
    uint32_t chain[PATH_STEPS];
    unsigned n = 0;
    for (; part != NO_ID && n < PATH_STEPS; part = r->parts[part].parent)
        chain[n++] = part;
    while (n--) {
        const struct read_part *p = &r->parts[chain[n]];
        buf_put(out, p->name.len ? p->name : p->type);
        buf_text(out, n ? " > " : "");
    }
}

static void put_json(struct buf *out, const struct indicators *all, const struct indicator *i,
                     slice value, slice path)
{
    struct json j = json_new(out);
    json_object(&j);
    json_key(&j, "kind");
    json_cstr(&j, indicator_kind_name(i->kind));
    json_key(&j, "value");
    json_text(&j, value);
    json_key(&j, "certainty");
    json_cstr(&j, indicator_sure_name(i->sure));
    json_key(&j, "verdict");
    json_cstr(&j, verdict_name(all->report->verdict));
    json_key(&j, "name");
    json_text(&j, all->report->name);
    json_key(&j, "from");
    json_text(&j, i->from);
    json_key(&j, "file");
    json_text(&j, all->report->path);
    json_key(&j, "part");
    json_text(&j, path);
    if (i->line != NO_LINE) {
        json_key(&j, "line");
        json_uint(&j, i->line);
    }
    json_object_end(&j);
}

static void put_columns(struct buf *out, const struct indicators *all, const struct indicator *i,
                        slice value, slice path)
{
    buf_format(out, "%s\t", indicator_kind_name(i->kind));
    shown_put(out, value, SHOWN_VALUE_MAX, 0);
    buf_format(out, "\t%s\t%s\t", indicator_sure_name(i->sure), verdict_name(all->report->verdict));
    shown_put(out, i->from, 64, 0);
    buf_byte(out, '\t');
    shown_put(out, all->report->path, SHOWN_VALUE_MAX, 0);
    buf_byte(out, '\t');
    shown_put(out, path, SHOWN_VALUE_MAX, 0);
    if (i->line != NO_LINE)
        buf_format(out, ":%u", i->line);
}

void indicators_put(struct buf *out, const struct indicators *all, unsigned form)
{
    struct buf value = buf_new(VALUE_MAX * 16), path = buf_new(1 << 20);
    for (size_t k = 0; k < all->n; k++) {
        const struct indicator *i = &all->at[k];
        bool host =
            i->kind == INDICATOR_DOMAIN || i->kind == INDICATOR_IP || i->kind == INDICATOR_EMAIL;
        bool click = host || i->kind == INDICATOR_URL || i->kind == INDICATOR_COMMAND;
        buf_clear(&value);
        buf_clear(&path);
        if (form & INDICATORS_RAW)
            buf_put(&value, i->value);
        else
            shown_put(&value, i->value, SHOWN_VALUE_MAX,
                      (click ? SHOWN_DEFANG : 0) | (host ? SHOWN_HOST : 0));
        indicator_part_path(&path, all->report, i->part);
        if (form & INDICATORS_JSON)
            put_json(out, all, i, buf_slice(&value), buf_slice(&path));
        else
            put_columns(out, all, i, buf_slice(&value), buf_slice(&path));
        buf_byte(out, '\n');
    }
    buf_drop(&value);
    buf_drop(&path);
}
