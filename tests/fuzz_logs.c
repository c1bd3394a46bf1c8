/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of the readers of logs and of what is made of their lines: whoever is logged chooses much
 * of a log. The first byte chooses a form to force (or none); a gzip file is unpacked in pieces
 * first. Read twice, it is the same; what is shown to people moves no cursor; texts can be read. */
#include "base/gunzip.h"
#include "base/hash.h"
#include "doors/logs/logs.h"
#include "trace/hunt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNPACKED_MAX = 1 << 20, PIECE = 777 };

static struct hunt *prepared(struct arena *mem)
{
    static const char *const code[] = { "http://bad.example.invalid/wp/a.php?x=1",
                                        "http://192.0.2.7:8080/z" };
    const struct hunt_options o = { .weak = true, .seed = 7 };
    struct hunt *h = hunt_new(mem, &o);
    CHECK(h);
    for (size_t i = 0; i < 2; i++) {
        const struct read_part part = { .parent = NO_ID,
                                        .name = SLICE_LIT("a.doc"),
                                        .how = SLICE_LIT("file") };
        const struct jsonin arg = { .kind = JSONIN_TEXT,
                                    .key = SLICE_LIT("url"),
                                    .text = slice_of(code[i]) };
        const struct read_effect effect = { .args = &arg, .n_args = 1, .known = true };
        const struct read_report r = { .verdict = VERDICT_MALICIOUS,
                                       .parts = &part,
                                       .n_parts = 1,
                                       .effects = &effect,
                                       .n_effects = 1 };
        hunt_add_report(h, &r);
    }
    return h;
}

static uint64_t touched(uint64_t h, const struct contact *c)
{
    const slice texts[] = { c->client, c->user, c->url,    c->host,
                            c->path,   c->peer, c->method, c->time.written };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        h = fnv1a(h, texts[i]);
    CHECK(c->outcome < OUTCOMES && c->status < 1000 && (!c->time.known || c->time.offset < 1000));
    return h ^ c->bytes ^ (uint64_t)c->time.us;
}

static uint64_t run(uint8_t form, slice text)
{
    static const char *const forms[] = { "squid",   "combined", "unbound", "bind",
                                         "dnsmasq", "columns",  "pairs",   "windns" };
    struct arena *mem = arena_new(256 << 20);
    const struct log_clock clock = { .now = 1795338000, .zone_given = form & 64, .zone = 540 };
    struct logs *g = logs_new(mem, &clock, form & 128 ? log_format_by_name(forms[form % 8]) : NULL);
    struct hunt *h = prepared(mem);
    uint64_t seen = 0, n = 0;
    CHECK(g);
    for (size_t at = 0; at < text.len; n++) {
        size_t end = slice_find_byte(text, '\n', at);
        slice line = slice_sub(text, at, (end == SIZE_MAX ? text.len : end) - at);
        struct contact c;
        enum log_line is = logs_read(g, line, &c);
        seen = seen * 3 + is;
        if (is == LOG_READ) {
            seen = touched(seen, &c);
            hunt_take(h, &c, 0, n + 1);
        }
        at = end == SIZE_MAX ? text.len : end + 1;
    }
    struct hunt_result r = hunt_finish(h);
    struct hunt_log log = { .path = SLICE_LIT("x"), .lines = n };
    const struct hunt_put put = { &r, &log, 1, mem };
    struct buf out = buf_new(64 << 20);
    for (size_t i = 0; i < r.n_hits; i++)
        CHECK(r.hits[i].level < HUNT_LEVELS && r.hits[i].lines && r.hits[i].line <= n);
    hunt_put_text(&out, &put, LANGUAGE_JA);
    for (size_t i = 0; i < out.len; i++)
        CHECK(out.at[i] >= ' ' || out.at[i] == '\n');
    seen = fnv1a(seen, buf_slice(&out));
    buf_clear(&out);
    hunt_put_json(&out, &put);
    seen = fnv1a(seen, buf_slice(&out));
    buf_drop(&out);
    logs_drop(&g);
    arena_drop(&mem);
    return seen;
}

static slice unpacked(struct arena *mem, slice in)
{
    uint8_t *out = ARENA_ARRAY(mem, uint8_t, UNPACKED_MAX);
    struct gunzip *g = gunzip_new(mem);
    size_t n = 0, made;
    enum gunzip_end end = GUNZIP_MORE;
    CHECK(out && g);
    for (size_t at = 0; at < in.len && (end == GUNZIP_MORE || end == GUNZIP_WHOLE);) {
        slice piece = slice_sub(in, at, PIECE);
        size_t had = piece.len;
        end = gunzip_next(g, &piece, out + n, UNPACKED_MAX - n, &made);
        n += made;
        at += had - piece.len;
        if (had == piece.len && !made)
            break;
    }
    return (slice){ out, n };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct arena *mem = arena_new(8 << 20);
    slice text = { data + 1, size - 1 };
    if (gunzip_is(text))
        text = unpacked(mem, text);
    CHECK(run(data[0], text) == run(data[0], text));
    arena_drop(&mem);
    return 0;
}
