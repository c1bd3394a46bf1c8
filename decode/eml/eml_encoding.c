/* SPDX-License-Identifier: Apache-2.0 */
/* Content-Transfer-Encoding (RFC 2045 6; uuencode as POSIX describes it).
 *
 * Base64: foreign bytes are skipped and counted, a '=' ends a quantum and
 * decoding goes on behind it. Quoted-printable: a '=' that begins nothing is
 * itself; blanks at line ends stay. Also here: whether bytes would be a file if
 * they were decoded otherwise than declared.
 */
#include "base/text.h"
#include "decode/types.h"
#include "eml_private.h"

enum {
    STAGE = 6144, /* decoded bytes handed on at a time; a multiple of 3 */
    HEAD = 512,   /* encoded bytes looked at when guessing */
    RUN_MIN = 16, /* base64 characters that are no accident */
    RUN_MZ = 60,
    NOT64_HEAD = 2048,
    TEXT_MIN = 24, /* printable bytes in a row are no accident */
};

enum { X = 0x80, W = 0xc0, P = 0xa0 }; /* foreign, white space, padding */

static const uint8_t base64[256] = {
    X,  X,  X,  X,  X,  X,  X,  X,  X,  W,  W,  W,  W,  W,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  W,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  62, X,  X,  X,  63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X,  X,  X,  P,  X,  X,  X,  0,  1,  2,  3,  4,  5,  6,
    7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X,  X,  X,  X,  X,
    X,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
    49, 50, 51, X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,
};

enum eml_encoding eml_encoding_named(slice t)
{
    static const struct {
        const char *name;
        enum eml_encoding how;
    } names[] = {
        { "7bit", EML_IDENTITY },
        { "8bit", EML_IDENTITY },
        { "binary", EML_IDENTITY },
        { "7-bit", EML_IDENTITY },
        { "8-bit", EML_IDENTITY },
        { "7", EML_IDENTITY },
        { "8", EML_IDENTITY },
        { "base64", EML_BASE64 },
        { "base-64", EML_BASE64 },
        { "x-base64", EML_BASE64 },
        { "quoted-printable", EML_QUOTED_PRINTABLE },
        { "quotedprintable", EML_QUOTED_PRINTABLE },
        { "x-uuencode", EML_UUENCODE },
        { "uuencode", EML_UUENCODE },
        { "x-uue", EML_UUENCODE },
        { "uue", EML_UUENCODE },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(t, names[i].name))
            return names[i].how;
    return EML_UNKNOWN_ENCODING;
}

/* --- decoding */

struct stage {
    struct body_writer *bw; /* NULL: only the first STAGE bytes are wanted */
    size_t n, junk;
    bool full;
    uint8_t at[STAGE + 4];
};

static void stage_flush(struct stage *s)
{
    if (!s->bw)
        s->full = true;
    else if (!body_writer_put(s->bw, (slice){ s->at, s->n }))
        s->full = true;
    else
        s->n = 0;
}

static inline void stage_byte(struct stage *s, uint32_t byte)
{
    s->at[s->n++] = (uint8_t)byte;
    if (s->n >= STAGE)
        stage_flush(s);
}

/* A quantum with something in between, or less than four characters of it. */
static size_t odd_quantum(struct stage *s, slice in, size_t i)
{
    uint32_t v = 0;
    unsigned n = 0;
    for (; i < in.len && n < 4; i++) {
        uint8_t c = base64[in.at[i]];
        if (c < 64) {
            v = v << 6 | c;
            n++;
        } else if (c == P) {
            if (n > 0) {
                i++;
                break;
            }
        } else {
            s->junk += c == X;
        }
    }
    for (unsigned k = 1, bits = n * 6; k <= n * 6 / 8 && !s->full; k++)
        stage_byte(s, v >> (bits - 8 * k) & 0xff);
    return i;
}

static void decode_base64(struct stage *s, slice in)
{
    size_t i = 0;
    while (i < in.len && !s->full) {
        const uint8_t *p = in.at + i;
        size_t quanta = (in.len - i) / 4, room = (STAGE - s->n) / 3, k = 0;
        if (quanta > room)
            quanta = room;
        for (; k < quanta; k++, p += 4) {
            uint8_t a = base64[p[0]], b = base64[p[1]], c = base64[p[2]], d = base64[p[3]];
            if ((a | b | c | d) & 0x80)
                break;
            s->at[s->n] = (uint8_t)(a << 2 | b >> 4);
            s->at[s->n + 1] = (uint8_t)(b << 4 | c >> 2);
            s->at[s->n + 2] = (uint8_t)(c << 6 | d);
            s->n += 3;
        }
        i += 4 * k;
        if (s->n + 3 > STAGE)
            stage_flush(s);
        else if (i < in.len) {
            while (i < in.len && base64[in.at[i]] == W)
                i++; /* a line end between quanta, the usual case */
            if (i < in.len &&
                (in.len - i < 4 || base64[in.at[i]] >= 64 || base64[in.at[i + 1]] >= 64 ||
                 base64[in.at[i + 2]] >= 64 || base64[in.at[i + 3]] >= 64))
                i = odd_quantum(s, in, i);
        }
    }
}

static void stage_run(struct stage *s, slice run)
{
    if (s->bw && run.len >= 256) {
        stage_flush(s);
        s->full |= !body_writer_put(s->bw, run);
        return;
    }
    for (size_t i = 0; i < run.len && !s->full; i++)
        stage_byte(s, run.at[i]);
}

/* "=" with nothing but blanks up to the end of the line; 0 when not. */
static size_t soft_break(slice in, size_t i)
{
    size_t k = i + 1;
    while (k < in.len && k - i < 1000 && (in.at[k] == ' ' || in.at[k] == '\t'))
        k++;
    if (k >= in.len)
        return k - i;
    if (in.at[k] == '\n')
        return k + 1 - i;
    if (in.at[k] == '\r')
        return k + 1 < in.len && in.at[k + 1] == '\n' ? k + 2 - i : k + 1 - i;
    return 0;
}

static void decode_quoted(struct stage *s, slice in)
{
    size_t i = 0;
    while (i < in.len && !s->full) {
        size_t eq = slice_find_byte(in, '=', i);
        if (eq == SIZE_MAX)
            eq = in.len;
        stage_run(s, slice_sub(in, i, eq - i));
        i = eq;
        if (i >= in.len || s->full)
            break;
        int high = in.len - i > 2 ? ascii_hex(in.at[i + 1]) : -1;
        int low = high >= 0 ? ascii_hex(in.at[i + 2]) : -1;
        size_t soft = high >= 0 ? 0 : soft_break(in, i);
        if (low >= 0) {
            stage_byte(s, (uint32_t)(high << 4 | low));
            i += 3;
        } else if (soft) {
            i += soft;
        } else {
            stage_byte(s, '=');
            i++;
        }
    }
}

struct body eml_encoding_decode(struct walk *w, enum eml_encoding how, slice in, size_t *junk_out)
{
    struct stage s;
    *junk_out = 0;
    if (how == EML_IDENTITY || how == EML_UNKNOWN_ENCODING || !walk_work(w, in.len))
        return body_borrow(in);
    uint64_t expect = how == EML_QUOTED_PRINTABLE ? in.len : in.len / 4 * 3 + 3;
    s.bw = body_writer_new(w->mem, expect, in.len + 3);
    if (!s.bw)
        return body_borrow((slice){ 0 });
    s.n = s.junk = 0;
    s.full = false;
    if (how == EML_BASE64)
        decode_base64(&s, in);
    else if (how == EML_QUOTED_PRINTABLE)
        decode_quoted(&s, in);
    else
        eml_uu_decode(s.bw, in);
    if (s.n && !s.full)
        stage_flush(&s);
    *junk_out = s.junk;
    return body_writer_done(s.bw);
}

/* --- guessing */

static bool file_magic(slice head, size_t run)
{
    struct body b = body_borrow(head);
    size_t len = 0;
    const struct type_row *t = type_by_magic(&b, &len);
    if (!t || t->policy == TYPE_INERT)
        return false;
    return len >= 3 || (slice_is(slice_of(t->name), "pe") && run >= RUN_MZ);
}

bool eml_encoding_is_file(slice in)
{
    struct body b = body_borrow(in);
    size_t len = 0;
    const struct type_row *t = type_by_magic(&b, &len);
    return t && len > 3 && !slice_is(slice_of(t->name), "xml"); /* which may be a text body */
}

bool eml_encoding_hides_file(enum eml_encoding how, slice in)
{
    struct stage s;
    size_t run = 0;
    s.bw = NULL;
    s.n = s.junk = 0;
    s.full = false;
    in = slice_sub(in, 0, HEAD);
    if (how == EML_BASE64) {
        while (in.len && base64[in.at[0]] == W)
            in = slice_from(in, 1);
        while (run < in.len && base64[in.at[run]] < 64)
            run++;
        if (run < RUN_MIN)
            return false;
        decode_base64(&s, in);
    } else {
        if (slice_find_byte(slice_sub(in, 0, 16), '=', 0) == SIZE_MAX)
            return false;
        decode_quoted(&s, in);
        run = s.n;
    }
    return file_magic((slice){ s.at, s.n }, run);
}

static bool printable(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((s.at[i] < ' ' && !ascii_space(s.at[i])) || s.at[i] >= 0x7f)
            return false;
    return s.len >= TEXT_MIN;
}

bool eml_encoding_strewn_base64(slice in)
{
    struct stage s;
    s.bw = NULL;
    s.n = s.junk = 0;
    s.full = false;
    decode_base64(&s, slice_sub(in, 0, HEAD));
    slice head = { s.at, s.n };
    return file_magic(head, s.n) || printable(head);
}

bool eml_encoding_not_base64(slice in)
{
    size_t foreign = 0, seen = 0;
    for (size_t i = 0; i < in.len && i < NOT64_HEAD; i++) {
        uint8_t c = base64[in.at[i]];
        foreign += c == X || (c == W && in.at[i] == ' ');
        seen += c != W || in.at[i] == ' ';
    }
    return seen > 8 && foreign * (seen < 64 ? 4 : 8) > seen;
}
