/* SPDX-License-Identifier: Apache-2.0 */
/* Charsets to UTF-8; seam in front of ICU 72. See charset.h.
 *
 * Labels are those of the WHATWG Encoding Standard and of Windows code pages, read as mail programs
 * read them. Only converters of the table below are ever opened, never one named by a sender: a
 * locked-down process cannot open files, and charset_prepare() has opened them all by then.
 *
 * What Windows and the standards map differently is mapped as Windows does (0x8160 of Shift_JIS is
 * U+FF5E, 0x5C is a backslash): ICU's ibm-943_P15A-2003, euc-jp-2007 and version 3 of its
 * ISO-2022-JP, which also knows NEC row 13 and half-width kana by ESC ( I and by SO/SI.
 *
 * Left out: ISO-2022-JP-2 beyond its Japanese sets, Mac Japanese (read as CP932), ISO-8859-16,
 * VISCII.
 */
#include "base/charset.h"
#include "base/buf.h"
#include "base/text.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

struct row {
    enum charset_id id;
    const char *icu;
    const char *labels;    /* lower case, letters and digits only, between spaces */
    uint16_t codepages[4]; /* Windows numbers, 0-filled */
    const char *shifts;    /* ASCII bytes that mean more than themselves */
    bool wide;             /* ASCII text is not these bytes */
};

/* clang-format off */
static const struct row rows[] = {
    { CHARSET_UTF8, NULL, " utf8 unicode11utf8 unicode20utf8 xunicode20utf8 cp65001 utf8mb4 ",
      { 65001 }, "", false },
    { CHARSET_ISO2022JP, "ISO_2022,locale=ja,version=3",
      " iso2022jp csiso2022jp iso2022jpms cp50220 cp50221 cp50222 iso2022jp1 iso2022jp2 iso2022jp3 "
      "iso2022jp2004 iso2022jpext jis jis7 jis8 xwindows50221 ",
      { 50220, 50221, 50222 }, "\x1b\x0e\x0f", false },
    { CHARSET_WINDOWS1252, "windows-1252",
      " usascii iso88591 windows1252 latin1 ascii cp1252 xcp1252 ansix341968 ansix341986 cp819 "
      "csisolatin1 ibm819 iso885911987 isoir100 l1 iso646us us cp367 ibm367 csascii 88591 xansi "
      "iso646irv1991 isoir6 646 ",
      { 1252, 28591, 20127 }, "", false },
    { CHARSET_CP932, "ibm-943_P15A-2003",
      " shiftjis sjis xsjis cp932 ms932 windows31j cswindows31j csshiftjis mskanji windows932 "
      "xmscp932 ibm943 cp943 shiftjis2004 shiftjisx0213 shiftjismssjis 932 xmacjapanese ",
      { 932, 10001 }, "", false },
    { CHARSET_EUCJP, "euc-jp-2007",
      " eucjp xeucjp eucjpms cseucpkdfmtjapanese cp51932 ujis eucjis2004 eucjpwin "
      "extendedunixcodepackedformatforjapanese ",
      { 51932, 20932 }, "", false },
    { CHARSET_UTF16LE, "UTF-16LE",
      " utf16le utf16 unicode ucs2 iso10646ucs2 csunicode unicodefeff ",
      { 1200 }, "", true },
    { CHARSET_UTF16BE, "UTF-16BE", " utf16be unicodefffe ", { 1201 }, "", true },
    { CHARSET_UTF7, "UTF-7", " utf7 unicode11utf7 csunicode11utf7 xunicode20utf7 ", { 65000 }, "+",
      false },
    { CHARSET_OTHER, "gb18030",
      " gb2312 gbk gb18030 cp936 xgbk ms936 windows936 csgb2312 gb231280 isoir58 chinese euccn "
      "csiso58gb231280 xmacchinesesimp ",
      { 936, 54936, 51936, 10008 }, "", false },
    { CHARSET_OTHER, "HZ", " hzgb2312 hz ", { 52936 }, "~", false },
    { CHARSET_OTHER, "Big5",
      " big5 big5hkscs cnbig5 csbig5 xxbig5 cp950 windows950 xmacchinesetrad ",
      { 950, 10002 }, "", false },
    { CHARSET_OTHER, "windows-949",
      " ksc56011987 euckr ksc5601 ksc56011989 windows949 cp949 uhc isoir149 korean cseuckr ms949 "
      "csksc56011987 ksx1001 xmackorean ",
      { 949, 51949, 10003 }, "", false },
    { CHARSET_OTHER, "ISO-2022-KR", " iso2022kr csiso2022kr ", { 50225 }, "\x1b\x0e\x0f", false },
    { CHARSET_OTHER, "windows-1250", " windows1250 cp1250 xcp1250 ", { 1250 }, "", false },
    { CHARSET_OTHER, "windows-1251", " windows1251 cp1251 xcp1251 ", { 1251 }, "", false },
    { CHARSET_OTHER, "windows-1253", " windows1253 cp1253 xcp1253 ", { 1253 }, "", false },
    { CHARSET_OTHER, "windows-1254",
      " windows1254 iso88599 cp1254 xcp1254 csisolatin5 iso885991989 isoir148 l5 latin5 ",
      { 1254, 28599 }, "", false },
    { CHARSET_OTHER, "windows-1255", " windows1255 cp1255 xcp1255 ", { 1255 }, "", false },
    { CHARSET_OTHER, "windows-1256", " windows1256 cp1256 xcp1256 ", { 1256 }, "", false },
    { CHARSET_OTHER, "windows-1257", " windows1257 cp1257 xcp1257 ", { 1257 }, "", false },
    { CHARSET_OTHER, "windows-1258", " windows1258 cp1258 xcp1258 ", { 1258 }, "", false },
    { CHARSET_OTHER, "windows-874",
      " windows874 tis620 iso885911 dos874 cp874 ", { 874 }, "", false },
    { CHARSET_OTHER, "ISO-8859-2", " iso88592 latin2 l2 csisolatin2 iso885921987 isoir101 ",
      { 28592 }, "", false },
    { CHARSET_OTHER, "ISO-8859-3", " iso88593 latin3 l3 csisolatin3 iso885931988 isoir109 ",
      { 28593 }, "", false },
    { CHARSET_OTHER, "ISO-8859-4", " iso88594 latin4 l4 csisolatin4 iso885941988 isoir110 ",
      { 28594 }, "", false },
    { CHARSET_OTHER, "ISO-8859-5", " iso88595 cyrillic csisolatincyrillic iso885951988 isoir144 ",
      { 28595 }, "", false },
    { CHARSET_OTHER, "ISO-8859-6", " iso88596 arabic csisolatinarabic asmo708 ecma114 isoir127 ",
      { 28596, 708 }, "", false },
    { CHARSET_OTHER, "ISO-8859-7",
      " iso88597 greek greek8 csisolatingreek elot928 ecma118 isoir126 ",
      { 28597 }, "", false },
    { CHARSET_OTHER, "ISO-8859-8", " iso88598 iso88598i hebrew logical visual csisolatinhebrew ",
      { 28598, 38598 }, "", false },
    { CHARSET_OTHER, "ISO-8859-10",
      " iso885910 latin6 l6 csisolatin6 isoir157 ", { 28600 }, "", false },
    { CHARSET_OTHER, "ISO-8859-13", " iso885913 ", { 28603 }, "", false },
    { CHARSET_OTHER, "ISO-8859-14", " iso885914 ", { 28604 }, "", false },
    { CHARSET_OTHER, "ISO-8859-15", " iso885915 latin9 l9 csisolatin9 ", { 28605 }, "", false },
    { CHARSET_OTHER, "KOI8-R", " koi8r koi koi8 cskoi8r ", { 20866 }, "", false },
    { CHARSET_OTHER, "KOI8-U", " koi8u koi8ru ", { 21866 }, "", false },
    { CHARSET_OTHER, "macintosh",
      " macintosh mac xmacroman csmacintosh macroman ", { 10000 }, "", false },
    { CHARSET_OTHER, "x-mac-cyrillic",
      " xmaccyrillic xmacukrainian ", { 10007, 10017 }, "", false },
    { CHARSET_OTHER, "ibm-437", " ibm437 cp437 437 cspc8codepage437 ", { 437 }, "", false },
    { CHARSET_OTHER, "ibm-850", " ibm850 cp850 850 cspc850multilingual ", { 850 }, "", false },
    { CHARSET_OTHER, "ibm-852", " ibm852 cp852 852 ", { 852 }, "", false },
    { CHARSET_OTHER, "ibm-866", " ibm866 cp866 866 csibm866 ", { 866 }, "", false },
    /* EBCDIC, which Outlook shows. All of Latin script agree about letters and the signs of markup. */
    { CHARSET_OTHER, "ibm-37",
      " ibm037 cp037 ibm37 csibm037 ebcdiccpus ebcdiccpca ebcdiccpwt ebcdiccpnl ibm500 cp500 csibm500 "
      "ebcdiccpbe ebcdiccpch ibm01047 ibm1047 cp1047 ibm1140 ibm01140 cp01140 cp1140 ibm00924 ibm924 "
      "xebcdiccpus37 xebcdiccpuseuro xebcdicinternational xebcdicinternationaleuro ibm273 cp273 csibm273 ibm277 "
      "csibm277 ibm278 cp278 csibm278 ibm280 cp280 csibm280 ibm284 cp284 csibm284 ibm285 cp285 csibm285 ibm297 "
      "cp297 csibm297 ibm870 cp870 csibm870 ibm871 cp871 csibm871 ibm1026 cp1026 csibm1026 ibm01141 ibm01142 "
      "ibm01143 ibm01144 ibm01145 ibm01146 ibm01147 ibm01148 ibm01149 xebcdicgermany xebcdicdenmarknorway "
      "xebcdicfinlandsweden xebcdicitaly xebcdicspain xebcdicuk xebcdicfrance xebcdicgermanyeuro xebcdic037 ",
      { 37, 500, 1047, 1140 }, "", true },
    { CHARSET_OTHER, "ibm-930",
      " ibm930 cp930 ibm290 cp290 csibm290 ebcdicjpkana xebcdicjapaneseandkana xebcdicjapanesekatakana ",
      { 20290, 50930 }, "\x0e\x0f", true },
    { CHARSET_OTHER, "ibm-939", " ibm939 cp939 xebcdicjapaneseandjapaneselatin ", { 50939 }, "\x0e\x0f", true },
    { CHARSET_OTHER, "UTF-32LE", " utf32le utf32 ", { 12000 }, "", true },
    { CHARSET_OTHER, "UTF-32BE", " utf32be ", { 12001 }, "", true },
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof *rows };

/* Kept open by the thread: a converter costs microseconds to open, its table may cost a file. */
static _Thread_local UConverter *converters[ROWS];
static _Thread_local bool tried[ROWS];

static const uint32_t replacement = 0xfffd;

/* ---- rows ---- */

static const struct row *row_of_id(enum charset_id id)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].id == id && id != CHARSET_OTHER)
            return &rows[i];
    return NULL;
}

static const struct row *row_of_codepage(unsigned codepage)
{
    for (size_t i = 0; i < ROWS && codepage; i++)
        for (size_t k = 0; k < 4; k++)
            if (rows[i].codepages[k] == codepage)
                return &rows[i];
    return NULL;
}

/* Punctuation and case do not count: "ISO_8859-1", "iso8859-1" and "'ISO-8859-1'" are one. */
static const struct row *row_of_label(slice label)
{
    enum { LABEL_MAX = 48 };
    char word[LABEL_MAX + 3];
    size_t n = 0;
    word[n++] = ' ';
    for (size_t i = 0; i < label.len; i++) {
        if (!ascii_alnum(label.at[i]))
            continue;
        if (n > LABEL_MAX)
            return NULL;
        word[n++] = (char)ascii_lower(label.at[i]);
    }
    if (n == 1)
        return NULL;
    word[n++] = ' ';
    word[n] = 0;
    for (size_t i = 0; i < ROWS; i++)
        if (strstr(rows[i].labels, word))
            return &rows[i];
    return NULL;
}

enum charset_id charset_by_label(slice label)
{
    const struct row *r = row_of_label(label);
    return r ? r->id : CHARSET_UNKNOWN;
}

bool charset_label_is_wide(slice label)
{
    const struct row *r = row_of_label(label);
    return r && r->wide;
}

const char *charset_label(enum charset_id id)
{
    switch (id) {
    case CHARSET_UTF8:
        return "utf-8";
    case CHARSET_UTF16LE:
        return "utf-16le";
    case CHARSET_UTF16BE:
        return "utf-16be";
    case CHARSET_UTF7:
        return "utf-7";
    case CHARSET_ISO2022JP:
        return "iso-2022-jp";
    case CHARSET_CP932:
        return "shift_jis";
    case CHARSET_EUCJP:
        return "euc-jp";
    case CHARSET_WINDOWS1252:
        return "windows-1252";
    case CHARSET_OTHER:
        return "other";
    case CHARSET_UNKNOWN:
        break;
    }
    return "unknown";
}

/* ---- ICU ---- */

static void U_CALLCONV on_fault(const void *context, UConverterToUnicodeArgs *args,
                                const char *bytes, int32_t length, UConverterCallbackReason reason,
                                UErrorCode *status)
{
    static const UChar mark = 0xfffd;
    (void)context;
    (void)bytes;
    (void)length;
    if (reason > UCNV_IRREGULAR) /* reset, close, clone */
        return;
    *status = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(args, &mark, 1, 0, status);
}

static UConverter *converter(const struct row *r)
{
    size_t i = (size_t)(r - rows);
    if (!tried[i] && r->icu) {
        UErrorCode status = U_ZERO_ERROR;
        tried[i] = true;
        UConverter *c = ucnv_open(r->icu, &status);
        if (U_SUCCESS(status))
            ucnv_setToUCallBack(c, on_fault, NULL, NULL, NULL, &status);
        if (U_SUCCESS(status)) {
            converters[i] = c;
        } else if (c) {
            ucnv_close(c);
        }
    }
    return converters[i];
}

bool charset_prepare(void)
{
    static const enum charset_id needed[] = { CHARSET_ISO2022JP, CHARSET_CP932, CHARSET_EUCJP,
                                              CHARSET_WINDOWS1252 };
    UErrorCode status = U_ZERO_ERROR;
    (void)unorm2_getNFKCInstance(&status);
    (void)unorm2_getNFKDInstance(&status);
    for (size_t i = 0; i < ROWS; i++)
        (void)converter(&rows[i]);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!converter(row_of_id(needed[i])))
            return false;
    return U_SUCCESS(status);
}

void charset_thread_end(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        ucnv_close(converters[i]);
        converters[i] = NULL;
        tried[i] = false;
    }
}

/* Appends UTF-16; *high carries the first half of a pair from one call to the next. */
static void put_utf16(struct buf *out, const UChar *u, size_t n, uint32_t *high)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t bytes[4];
        uint32_t c = u[i];
        if (c >= 0xd800 && c < 0xdc00) {
            *high = c;
            continue;
        }
        if (c >= 0xdc00 && c < 0xe000 && *high)
            c = 0x10000 + ((*high - 0xd800) << 10 | (c - 0xdc00));
        *high = 0;
        if (out->room - out->len >= 4)
            out->len += utf8_put(out->at + out->len, c);
        else
            buf_put(out, (slice){ bytes, utf8_put(bytes, c) });
    }
}

static void decode_icu(UConverter *c, slice in, struct buf *out)
{
    UChar chunk[1024];
    const char *from = (const char *)in.at, *end = from + in.len;
    uint32_t high = 0;
    UErrorCode status;
    ucnv_reset(c);
    do {
        UChar *to = chunk;
        status = U_ZERO_ERROR;
        ucnv_toUnicode(c, &to, chunk + sizeof chunk / sizeof *chunk, &from, end, NULL, true,
                       &status);
        put_utf16(out, chunk, (size_t)(to - chunk), &high);
    } while (status == U_BUFFER_OVERFLOW_ERROR && !out->full);
}

/* Without a converter: ASCII stands, the rest is not known. */
static void decode_ascii(slice in, struct buf *out)
{
    uint8_t mark[4];
    size_t n = utf8_put(mark, replacement);
    for (size_t i = 0; i < in.len; i++) {
        if (in.at[i] < 0x80)
            buf_byte(out, in.at[i]);
        else
            buf_put(out, (slice){ mark, n });
    }
}

/* JIS X 0201 has yen and overline where ASCII has backslash and tilde; Windows reads ASCII there.
 * The double-byte set has a yen of its own (U+FFE5), which stays. */
static void roman_as_windows(struct buf *b)
{
    static const slice yen = SLICE_INIT("\xc2\xa5"), overline = SLICE_INIT("\xe2\x80\xbe");
    size_t n = 0;
    slice s = buf_slice(b);
    if (slice_find(s, yen, 0) == SIZE_MAX && slice_find(s, overline, 0) == SIZE_MAX)
        return;
    for (size_t i = 0; i < s.len;) {
        bool is_yen = slice_starts(slice_from(s, i), yen);
        bool is_overline = slice_starts(slice_from(s, i), overline);
        b->at[n++] = is_yen ? '\\' : is_overline ? '~' : s.at[i];
        i += is_yen ? yen.len : is_overline ? overline.len : 1;
    }
    b->len = n;
}

/* ---- decoding ---- */

static size_t count_marks(slice utf8)
{
    size_t n = 0;
    for (size_t at = 0; (at = slice_find(utf8, SLICE_LIT("\xef\xbf\xbd"), at)) != SIZE_MAX; at += 3)
        n++;
    return n;
}

static bool all_ascii(slice s)
{
    uint64_t word, any = 0;
    size_t i = 0;
    for (; s.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s.at + i, sizeof word);
        any |= word;
    }
    for (; i < s.len; i++)
        any |= s.at[i];
    return (any & UINT64_C(0x8080808080808080)) == 0;
}

static slice without_bom(slice s)
{
    return slice_starts(s, SLICE_LIT("\xef\xbb\xbf")) ? slice_from(s, 3) : s;
}

static struct charset_result decode_utf8(struct arena *mem, slice bytes)
{
    slice text = utf8_clean(mem, bytes);
    return (struct charset_result){
        .text = without_bom(text),
        .faults = text.at == bytes.at ? 0 : count_marks(text),
    };
}

static struct charset_result decode_row(struct arena *mem, const struct row *r, slice bytes)
{
    if (bytes.len == 0)
        return (struct charset_result){ 0 };
    if (r->id == CHARSET_UTF8)
        return decode_utf8(mem, bytes);
    if (!r->wide && all_ascii(bytes)) {
        const char *shift = r->shifts;
        while (*shift && slice_find_byte(bytes, (uint8_t)*shift, 0) == SIZE_MAX)
            shift++;
        if (!*shift)
            return (struct charset_result){ .text = bytes };
    }
    /* Most of what may come out, four bytes for one; held while it is made. */
    size_t held;
    if (__builtin_mul_overflow(bytes.len, 4, &held) || !arena_charge(mem, held))
        return (struct charset_result){ 0 };
    struct buf out = buf_new(held + 16);
    buf_reserve(&out, bytes.len + 16);
    UConverter *c = converter(r);
    if (!c)
        c = converter(row_of_id(CHARSET_WINDOWS1252));
    if (c)
        decode_icu(c, bytes, &out);
    else
        decode_ascii(bytes, &out);
    if (r->id == CHARSET_ISO2022JP)
        roman_as_windows(&out);
    arena_refund(mem, held);
    slice made = without_bom(buf_slice(&out));
    struct charset_result result = { .text = arena_copy(mem, made), .faults = count_marks(made) };
    buf_drop(&out);
    return result;
}

struct charset_result charset_decode_id(struct arena *mem, enum charset_id id, slice bytes)
{
    const struct row *r = row_of_id(id);
    return decode_row(mem, r ? r : row_of_id(charset_guess(bytes)), bytes);
}

/* "utf-16" is the order its mark says, little-endian without one. */
static const struct row *by_mark(const struct row *r, slice bytes)
{
    bool be = slice_starts(bytes, SLICE_LIT("\xfe\xff"));
    return r && r->id == CHARSET_UTF16LE && be ? row_of_id(CHARSET_UTF16BE) : r;
}

struct charset_result charset_decode(struct arena *mem, slice label, slice bytes)
{
    const struct row *r = by_mark(row_of_label(label), bytes);
    return r ? decode_row(mem, r, bytes) : charset_decode_id(mem, CHARSET_UNKNOWN, bytes);
}

struct charset_result charset_decode_codepage(struct arena *mem, unsigned codepage, slice bytes)
{
    const struct row *r = row_of_codepage(codepage);
    return r ? decode_row(mem, r, bytes) : charset_decode_id(mem, CHARSET_UNKNOWN, bytes);
}

/* ---- guessing ---- */

/* How well bytes read as one Japanese charset. Runs of characters beyond ASCII weigh by how common
 * they are; a lone kanji between Latin letters weighs nothing, for that is what an accented letter
 * of ISO-8859-1 looks like. */
struct score {
    size_t chars, faults, weight; /* chars: beyond ASCII */
    size_t run, run_weight;
    bool run_double, run_kana;
};

enum { W_FAULT = -1, W_NONE = 0, W_RARE = 1, W_SIGN = 2, W_KANJI = 3, W_KANA = 4 };

static void end_run(struct score *s)
{
    if (s->run_kana || (s->run >= 2 && s->run_double) || s->run >= 3)
        s->weight += s->run_weight;
    s->run = s->run_weight = 0;
    s->run_double = s->run_kana = false;
}

static void score_char(struct score *s, int weight, bool is_double)
{
    s->chars++;
    if (weight == W_FAULT) {
        s->faults++;
        end_run(s);
        return;
    }
    s->run++;
    s->run_weight += (size_t)weight;
    s->run_double |= is_double;
    s->run_kana |= weight == W_KANA;
}

/* JIS X 0208 rows as numbered there, 1 to 94, with NEC's row 13 and rows 89 to 92. */
static int weigh_row(unsigned row, unsigned cell)
{
    if (row == 4)
        return cell <= 83 ? W_KANA : W_FAULT;
    if (row == 5)
        return cell <= 86 ? W_KANJI : W_FAULT;
    if (row <= 3)
        return W_SIGN;
    if (row >= 16 && row <= 47)
        return row == 47 && cell > 51 ? W_FAULT : W_KANJI;
    if (row <= 8 || row == 13 || (row >= 48 && row <= 84) || (row >= 89 && row <= 92))
        return W_RARE;
    return W_FAULT;
}

static int weigh_sjis(uint8_t lead, uint8_t trail)
{
    if (trail < 0x40 || trail == 0x7f || trail > 0xfc)
        return W_FAULT;
    if (lead >= 0xf0) /* user-defined (telephones' emoji), then IBM's extensions */
        return lead <= 0xf9 ? W_NONE : lead <= 0xfc ? W_RARE : W_FAULT;
    unsigned pair = lead - (lead < 0xa0 ? 0x81u : 0xc1u), cell = trail - 0x40u;
    cell -= trail > 0x7f;
    return weigh_row(pair * 2 + 1 + (cell >= 94), cell % 94 + 1);
}

static struct score score_sjis(slice s)
{
    struct score r = { 0 };
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i];
        if (c < 0x80)
            end_run(&r);
        else if (c >= 0xa1 && c <= 0xdf)
            score_char(&r, W_RARE, false);
        else if (c == 0x80 || c == 0xa0 || c > 0xfc || i + 1 == s.len)
            score_char(&r, W_FAULT, false);
        else {
            int w = weigh_sjis(c, s.at[i + 1]);
            score_char(&r, w, true);
            i += w != W_FAULT || s.at[i + 1] >= 0x80;
        }
    }
    end_run(&r);
    return r;
}

static struct score score_euc(slice s)
{
    struct score r = { 0 };
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.at[i], d = i + 1 < s.len ? s.at[i + 1] : 0;
        if (c < 0x80) {
            end_run(&r);
        } else if (c == 0x8e && d >= 0xa1 && d <= 0xdf) {
            score_char(&r, W_RARE, false);
            i++;
        } else if (c == 0x8f && d >= 0xa1 && d <= 0xfe && i + 2 < s.len && s.at[i + 2] >= 0xa1) {
            score_char(&r, W_RARE, true);
            i += 2;
        } else if (c >= 0xa1 && c <= 0xfe && d >= 0xa1 && d <= 0xfe) {
            score_char(&r, weigh_row(c - 0xa0u, d - 0xa0u), true);
            i++;
        } else {
            score_char(&r, W_FAULT, false);
        }
    }
    end_run(&r);
    return r;
}

static bool plausible(const struct score *s)
{
    return s->chars && s->faults <= s->chars / 20 && s->weight >= s->chars;
}

static bool has_japanese_escape(slice s)
{
    for (size_t at = 0; (at = slice_find_byte(s, 0x1b, at)) != SIZE_MAX; at++) {
        slice e = slice_sub(s, at + 1, 3);
        if (slice_starts(e, SLICE_LIT("$B")) || slice_starts(e, SLICE_LIT("$@")) ||
            slice_starts(e, SLICE_LIT("$(D")) || slice_starts(e, SLICE_LIT("(I")) ||
            slice_starts(e, SLICE_LIT("(J")))
            return true;
    }
    return false;
}

slice charset_encode_id(struct arena *mem, enum charset_id id, slice utf8)
{
    enum { SHORT = 512 };
    UChar wide[SHORT];
    uint8_t narrow[SHORT * 2];
    int32_t n_wide = 0;
    const struct row *r = row_of_id(id);
    UConverter *c = r && utf8.len && utf8.len <= SHORT ? converter(r) : NULL;
    UErrorCode status = U_ZERO_ERROR;
    if (!c)
        return (slice){ 0 };
    u_strFromUTF8(wide, SHORT, &n_wide, (const char *)utf8.at, (int32_t)utf8.len, &status);
    ucnv_reset(c);
    ucnv_setFromUCallBack(c, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    if (U_FAILURE(status))
        return (slice){ 0 };
    int32_t n = ucnv_fromUChars(c, (char *)narrow, sizeof narrow, wide, n_wide, &status);
    return U_FAILURE(status) || n <= 0 ? (slice){ 0 }
                                       : arena_copy(mem, (slice){ narrow, (size_t)n });
}

enum charset_id charset_guess(slice bytes)
{
    bool ascii = all_ascii(bytes);
    if (slice_starts(bytes, SLICE_LIT("\xff\xfe")))
        return CHARSET_UTF16LE;
    if (slice_starts(bytes, SLICE_LIT("\xfe\xff")))
        return CHARSET_UTF16BE;
    if (!ascii && utf8_valid(bytes))
        return CHARSET_UTF8;
    if (has_japanese_escape(bytes))
        return CHARSET_ISO2022JP;
    if (ascii)
        return CHARSET_UTF8;
    struct score sjis = score_sjis(bytes), euc = score_euc(bytes);
    bool sjis_may = plausible(&sjis), euc_may = plausible(&euc);
    if (sjis_may && euc_may)
        euc_may = euc.faults != sjis.faults ? euc.faults < sjis.faults : euc.weight > sjis.weight;
    return euc_may ? CHARSET_EUCJP : sjis_may ? CHARSET_CP932 : CHARSET_WINDOWS1252;
}

/* True when bytes that decoded without a fault are still better read as `guess`. */
static bool label_is_unlikely(const struct row *r, enum charset_id guess, slice bytes)
{
    switch (guess) {
    case CHARSET_ISO2022JP: /* escapes, and not one byte beyond ASCII */
        return all_ascii(bytes) && r->id != CHARSET_OTHER;
    case CHARSET_UTF8: {
        if (r->wide)
            return slice_find_byte(bytes, 0, 0) == SIZE_MAX;
        if (r->id != CHARSET_WINDOWS1252 && r->id != CHARSET_CP932 && r->id != CHARSET_EUCJP)
            return false;
        /* Half-width kana can look like two-byte sequences; three bytes are no accident. */
        for (size_t i = 0; i < bytes.len; i++)
            if (bytes.at[i] >= (r->id == CHARSET_WINDOWS1252 ? 0xc2 : 0xe0))
                return true;
        return false;
    }
    case CHARSET_CP932:
    case CHARSET_EUCJP:
        return r->id == CHARSET_WINDOWS1252 || r->id == CHARSET_CP932 || r->id == CHARSET_EUCJP;
    default:
        return false;
    }
}

struct charset_result charset_decode_best(struct arena *mem, slice label, slice bytes,
                                          bool *lied_out)
{
    const struct row *r = by_mark(row_of_label(label), bytes);
    *lied_out = false;
    if (!r)
        return charset_decode_id(mem, CHARSET_UNKNOWN, bytes);
    struct charset_result said = decode_row(mem, r, bytes);
    if (said.text.at == bytes.at && slice_find_byte(bytes, 0x1b, 0) == SIZE_MAX)
        return said; /* plain ASCII, or the UTF-8 it was said to be */
    enum charset_id guess = charset_guess(bytes);
    if (guess == r->id || (said.faults == 0 && !label_is_unlikely(r, guess, bytes)))
        return said;
    struct charset_result guessed = charset_decode_id(mem, guess, bytes);
    bool better = said.faults ? guessed.faults < said.faults && guess != CHARSET_WINDOWS1252
                              : guessed.faults == 0;
    if (!better)
        return said;
    *lied_out = true;
    return guessed;
}

/* ---- normal forms ---- */

/* UTF-8 to UTF-16 in the arena; NULL when it is full. */
static UChar *to_utf16(struct arena *mem, slice utf8, int32_t *n_out)
{
    UChar *out = utf8.len < INT32_MAX / 4 ? ARENA_ARRAY(mem, UChar, utf8.len + 1) : NULL;
    int32_t n = 0;
    for (size_t i = 0; out && i < utf8.len;) {
        uint32_t c = utf8_next(utf8, &i);
        if (c >= 0x10000) {
            out[n++] = (UChar)(0xd7c0 + (c >> 10));
            out[n++] = (UChar)(0xdc00 | (c & 0x3ff));
        } else {
            out[n++] = (UChar)c;
        }
    }
    *n_out = n;
    return out;
}

/* Appends the normal form of `utf8`; false when it is already that, or cannot be made. */
static bool normalize(struct arena *mem, const UNormalizer2 *form, slice utf8, struct buf *out)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t n, whole;
    uint32_t high = 0;
    UChar *u = to_utf16(mem, utf8, &n);
    if (!u)
        return false;
    if (unorm2_spanQuickCheckYes(form, u, n, &status) == n && U_SUCCESS(status))
        return false;
    status = U_ZERO_ERROR;
    whole = unorm2_normalize(form, u, n, NULL, 0, &status);
    if (status != U_BUFFER_OVERFLOW_ERROR || whole < 0)
        return false;
    UChar *made = ARENA_ARRAY(mem, UChar, (size_t)whole + 1);
    if (!made)
        return false;
    status = U_ZERO_ERROR;
    whole = unorm2_normalize(form, u, n, made, whole + 1, &status);
    if (U_FAILURE(status))
        return false;
    put_utf16(out, made, (size_t)whole, &high);
    return true;
}

slice charset_nfkc(struct arena *mem, slice utf8)
{
    UErrorCode status = U_ZERO_ERROR;
    if (all_ascii(utf8))
        return utf8;
    const UNormalizer2 *form = unorm2_getNFKCInstance(&status);
    struct buf out = buf_new(utf8.len < SIZE_MAX / 64 ? utf8.len * 18 + 64 : 0);
    slice result = utf8;
    if (U_SUCCESS(status) && normalize(mem, form, utf8, &out))
        result = arena_copy(mem, buf_slice(&out));
    buf_drop(&out);
    return result;
}

/* Letters that look alike, after NFKD has made full-width ones ordinary and put accents apart.
 * A selection of the confusables of UTS #39 for Latin names. Case is kept. */
static const struct {
    uint16_t code;
    char like[3];
} alike[] = {
    { '0', "O" },     { '1', "l" },    { 'I', "l" },    { '|', "l" },    { 'm', "rn" },
    { 0x0131, "i" },  { 0x0251, "a" }, { 0x0261, "g" }, { 0x0269, "i" }, { 0x026a, "i" },
    { 0x0391, "A" },  { 0x0392, "B" }, { 0x0395, "E" }, { 0x0396, "Z" }, { 0x0397, "H" },
    { 0x0399, "l" },  { 0x039a, "K" }, { 0x039c, "M" }, { 0x039d, "N" }, { 0x039f, "O" },
    { 0x03a1, "P" },  { 0x03a4, "T" }, { 0x03a5, "Y" }, { 0x03a7, "X" }, { 0x03b1, "a" },
    { 0x03b3, "y" },  { 0x03b9, "i" }, { 0x03ba, "k" }, { 0x03bd, "v" }, { 0x03bf, "o" },
    { 0x03c1, "p" },  { 0x03c3, "o" }, { 0x03c4, "t" }, { 0x03c5, "u" }, { 0x03c7, "x" },
    { 0x0405, "S" },  { 0x0406, "l" }, { 0x0408, "J" }, { 0x0410, "A" }, { 0x0412, "B" },
    { 0x0415, "E" },  { 0x041a, "K" }, { 0x041c, "M" }, { 0x041d, "H" }, { 0x041e, "O" },
    { 0x0420, "P" },  { 0x0421, "C" }, { 0x0422, "T" }, { 0x0423, "Y" }, { 0x0425, "X" },
    { 0x0430, "a" },  { 0x0432, "b" }, { 0x0433, "r" }, { 0x0435, "e" }, { 0x043a, "k" },
    { 0x043c, "rn" }, { 0x043d, "h" }, { 0x043e, "o" }, { 0x043f, "n" }, { 0x0440, "p" },
    { 0x0441, "c" },  { 0x0442, "t" }, { 0x0443, "y" }, { 0x0445, "x" }, { 0x0455, "s" },
    { 0x0456, "i" },  { 0x0458, "j" }, { 0x04bb, "h" }, { 0x04cf, "l" }, { 0x0501, "d" },
    { 0x051b, "q" },  { 0x051d, "w" }, { 0x0570, "h" }, { 0x0578, "n" }, { 0x057d, "u" },
    { 0x0585, "o" },  { 0x0581, "g" }, { 0x2010, "-" }, { 0x2011, "-" }, { 0x2012, "-" },
    { 0x2013, "-" },  { 0x2014, "-" }, { 0x2212, "-" }, { 0x30fc, "-" }, { 0x2044, "/" },
    { 0x2215, "/" },  { 0x2024, "." }, { 0x3002, "." }, { 0x0660, "." }, { 0x2219, "." },
};

static void put_alike(struct buf *out, uint32_t c)
{
    uint8_t bytes[4];
    if (c >= 0x300 && c <= 0x36f) /* accents */
        return;
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        if (alike[i].code == c) {
            buf_text(out, alike[i].like);
            return;
        }
    }
    buf_put(out, (slice){ bytes, utf8_put(bytes, c) });
}

slice charset_skeleton(struct arena *mem, slice utf8)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *form = unorm2_getNFKDInstance(&status);
    size_t max = utf8.len < SIZE_MAX / 128 ? utf8.len * 36 + 64 : 0;
    struct buf apart = buf_new(max), out = buf_new(max);
    slice from = utf8;
    if (U_SUCCESS(status) && !all_ascii(utf8) && normalize(mem, form, utf8, &apart))
        from = buf_slice(&apart);
    for (size_t i = 0; i < from.len;)
        put_alike(&out, utf8_next(from, &i));
    slice result = arena_copy(mem, buf_slice(&out));
    buf_drop(&apart);
    buf_drop(&out);
    return result;
}
