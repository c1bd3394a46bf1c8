/* SPDX-License-Identifier: Apache-2.0 */
/* columns - tables with a header: CSV (RFC 4180) with commas or semicolons, TSV, bars, the W3C
 * extended log format ("#Fields:") and Zeek's ("#fields").
 *
 * What a column holds is guessed from its name, in English or Japanese. Where the header is not
 * UTF-8 it is CP932, as Excel and most Japanese products write it, and so are the lines.
 * Leaves out line breaks inside quotes. */
#include "base/charset.h"
#include "base/text.h"
#include "doors/logs/logs_private.h"

enum column {
    TIME,
    DATE,
    CLIENT,
    USER,
    URL,
    HOST,
    PATH,
    QUERY,
    PEER,
    METHOD,
    STATUS,
    BYTES,
    ACTION,
    COLUMNS
};

enum {
    FIELDS_MAX = 256,
    HEADER_MAX = 16384,
    HEADER_LINES = 32,
    NAME_MAX_BYTES = 64,
    STAMP_MAX = 64,
    URL_MAX_BYTES = 8192
};

struct columns {
    uint8_t delimiter;
    bool utc, cp932;
    size_t of[COLUMNS]; /* the field and 1; 0: there is none */
};

static const struct {
    const char *name; /* lower case, without blanks, dots, dashes and underlines */
    enum column is;
} names[] = {
    { "time", TIME },
    { "timestamp", TIME },
    { "datetime", TIME },
    { "date/time", TIME },
    { "eventtime", TIME },
    { "ts", TIME },
    { "receivetime", TIME },
    { "generatedtime", TIME },
    { "logtime", TIME },
    { "timegenerated", TIME },
    { "starttime", TIME },
    { "日時", TIME },
    { "時刻", TIME },
    { "日付時刻", TIME },
    { "発生日時", TIME },
    { "受信日時", TIME },
    { "アクセス日時", TIME },
    { "記録日時", TIME },
    { "ログ日時", TIME },
    { "検知日時", TIME },
    { "タイムスタンプ", TIME },
    { "時間", TIME },
    { "date", DATE },
    { "日付", DATE },
    { "年月日", DATE },
    { "client", CLIENT },
    { "clientip", CLIENT },
    { "clientaddress", CLIENT },
    { "clientipaddress", CLIENT },
    { "src", CLIENT },
    { "srcip", CLIENT },
    { "srcaddr", CLIENT },
    { "source", CLIENT },
    { "sourceip", CLIENT },
    { "sourceaddress", CLIENT },
    { "sourceipaddress", CLIENT },
    { "cip", CLIENT },
    { "idorigh", CLIENT },
    { "computer", CLIENT },
    { "computername", CLIENT },
    { "machine", CLIENT },
    { "pc", CLIENT },
    { "device", CLIENT },
    { "devicename", CLIENT },
    { "workstation", CLIENT },
    { "remotehost", CLIENT },
    { "端末", CLIENT },
    { "端末名", CLIENT },
    { "端末ip", CLIENT },
    { "端末ipアドレス", CLIENT },
    { "送信元", CLIENT },
    { "送信元ip", CLIENT },
    { "送信元ipアドレス", CLIENT },
    { "送信元アドレス", CLIENT },
    { "クライアント", CLIENT },
    { "クライアントip", CLIENT },
    { "クライアントipアドレス", CLIENT },
    { "ソース", CLIENT },
    { "接続元", CLIENT },
    { "接続元ip", CLIENT },
    { "接続元ipアドレス", CLIENT },
    { "アクセス元", CLIENT },
    { "コンピューター", CLIENT },
    { "コンピュータ", CLIENT },
    { "コンピューター名", CLIENT },
    { "コンピュータ名", CLIENT },
    { "pc名", CLIENT },
    { "user", USER },
    { "username", USER },
    { "csusername", USER },
    { "ユーザー", USER },
    { "ユーザ", USER },
    { "ユーザー名", USER },
    { "ユーザ名", USER },
    { "ユーザーid", USER },
    { "ユーザid", USER },
    { "利用者", USER },
    { "url", URL },
    { "uri", URL },
    { "requesturl", URL },
    { "fullurl", URL },
    { "csuri", URL },
    { "urlfull", URL },
    { "アクセスurl", URL },
    { "接続先url", URL },
    { "宛先url", URL },
    { "host", HOST },
    { "hostname", HOST },
    { "domain", HOST },
    { "domainname", HOST },
    { "query", HOST },
    { "queryname", HOST },
    { "qname", HOST },
    { "fqdn", HOST },
    { "cshost", HOST },
    { "sni", HOST },
    { "servername", HOST },
    { "destinationhost", HOST },
    { "dsthost", HOST },
    { "desthost", HOST },
    { "dest", HOST },
    { "destination", HOST },
    { "dst", HOST },
    { "server", HOST },
    { "宛先", HOST },
    { "宛先ホスト", HOST },
    { "宛先ドメイン", HOST },
    { "ドメイン", HOST },
    { "ドメイン名", HOST },
    { "接続先", HOST },
    { "接続先ホスト", HOST },
    { "アクセス先", HOST },
    { "ホスト", HOST },
    { "ホスト名", HOST },
    { "サーバー", HOST },
    { "サーバー名", HOST },
    { "サーバ名", HOST },
    { "問い合わせ名", HOST },
    { "クエリ", HOST },
    { "クエリー", HOST },
    { "csuristem", PATH },
    { "csuripath", PATH },
    { "uripath", PATH },
    { "urlpath", PATH },
    { "path", PATH },
    { "パス", PATH },
    { "csuriquery", QUERY },
    { "uriquery", QUERY },
    { "urlquery", QUERY },
    { "dstip", PEER },
    { "dstaddr", PEER },
    { "destip", PEER },
    { "destinationip", PEER },
    { "destinationaddress", PEER },
    { "destinationipaddress", PEER },
    { "serverip", PEER },
    { "rip", PEER },
    { "sip", PEER },
    { "idresph", PEER },
    { "ip", PEER },
    { "answer", PEER },
    { "宛先ip", PEER },
    { "宛先ipアドレス", PEER },
    { "宛先アドレス", PEER },
    { "接続先ip", PEER },
    { "接続先ipアドレス", PEER },
    { "サーバーip", PEER },
    { "ipアドレス", PEER },
    { "method", METHOD },
    { "csmethod", METHOD },
    { "requestmethod", METHOD },
    { "メソッド", METHOD },
    { "status", STATUS },
    { "statuscode", STATUS },
    { "scstatus", STATUS },
    { "httpstatus", STATUS },
    { "responsecode", STATUS },
    { "ステータス", STATUS },
    { "ステータスコード", STATUS },
    { "応答コード", STATUS },
    { "bytes", BYTES },
    { "size", BYTES },
    { "scbytes", BYTES },
    { "responsebytes", BYTES },
    { "receivedbytes", BYTES },
    { "バイト数", BYTES },
    { "サイズ", BYTES },
    { "受信バイト数", BYTES },
    { "action", ACTION },
    { "result", ACTION },
    { "saction", ACTION },
    { "scfilterresult", ACTION },
    { "verdict", ACTION },
    { "decision", ACTION },
    { "アクション", ACTION },
    { "動作", ACTION },
    { "処理", ACTION },
    { "結果", ACTION },
    { "制御", ACTION },
};

/* One field, without its quotes; doubled ones inside stay doubled. */
static slice field(slice *rest, uint8_t delimiter)
{
    size_t end;
    slice s;
    if (rest->len && rest->at[0] == '"') {
        end = 1;
        while (end < rest->len &&
               (rest->at[end] != '"' || (end + 1 < rest->len && rest->at[end + 1] == '"')))
            end += rest->at[end] == '"' ? 2 : 1;
        s = slice_sub(*rest, 1, end > rest->len ? rest->len : end - 1);
        end = slice_find_byte(*rest, delimiter, end);
    } else {
        end = slice_find_byte(*rest, delimiter, 0);
        s = slice_sub(*rest, 0, end == SIZE_MAX ? rest->len : end);
    }
    *rest = end == SIZE_MAX ? (slice){ 0 } : slice_from(*rest, end + 1);
    return slice_trim(s);
}

static bool known(slice s, enum column *out)
{
    uint8_t plain[NAME_MAX_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (strchr(" _-.()", s.at[i]))
            continue;
        if (n == sizeof plain)
            return false;
        plain[n++] = ascii_lower(s.at[i]);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is((slice){ plain, n }, names[i].name)) {
            *out = names[i].is;
            return true;
        }
    return false;
}

static size_t header_of(slice line, uint8_t delimiter, struct columns *out)
{
    size_t found = 0;
    *out = (struct columns){ .delimiter = delimiter };
    for (size_t i = 0; i < FIELDS_MAX && line.at; i++) {
        enum column is;
        if (!known(field(&line, delimiter), &is))
            continue;
        /* "date" and "time"; "time" alone is both */
        if (!out->of[is]) {
            out->of[is] = i + 1;
            found++;
        }
    }
    bool what = out->of[URL] || out->of[HOST] || out->of[PEER];
    bool who = out->of[CLIENT] || out->of[TIME] || out->of[DATE];
    return what && who ? found : 0;
}

/* True: the line was a header, for better or worse. */
static bool take_header(struct logs *g, slice line)
{
    struct columns best = { 0 }, one;
    size_t most = 0;
    bool utc = false, cp932 = false;
    const char *delimiters = "\t,;|";
    if (slice_starts(line, SLICE_LIT("\xef\xbb\xbf")))
        line = slice_from(line, 3);
    if (line.len > HEADER_MAX)
        return false;
    if (slice_starts_nocase(line, "#fields")) {
        utc = line.len > 7 && line.at[7] == ':';
        line = slice_from(line, 8);
        line = utc ? slice_trim(line) : line;
        delimiters = utc ? " \t" : "\t";
    }
    if (!utf8_valid(line)) {
        line = charset_decode_id(g->scratch, CHARSET_CP932, line).text;
        cp932 = true;
    }
    for (const char *d = delimiters; *d; d++) {
        size_t n = header_of(line, (uint8_t)*d, &one);
        if (n > most) {
            most = n;
            best = one;
        }
    }
    arena_reset(g->scratch);
    if (most < 2)
        return false;
    struct columns *kept = g->columns ? g->columns : ARENA_NEW(g->mem, struct columns);
    if (!kept)
        return false;
    *kept = best;
    kept->utc = utc; /* W3C: "in GMT" */
    kept->cp932 = cp932;
    g->columns = kept;
    return true;
}

static void read_time(struct logs *g, const slice *got, struct contact *out)
{
    uint8_t both[STAMP_MAX];
    struct log_clock clock = g->clock;
    slice s = got[TIME];
    if (g->columns->utc && !clock.zone_given) {
        clock.zone_given = true;
        clock.zone = 0;
    }
    if (got[DATE].len) {
        size_t n = slice_copy_out(got[DATE], both, sizeof both / 2);
        both[n++] = ' ';
        n += slice_copy_out(got[TIME], both + n, sizeof both - n);
        s = slice_trim((slice){ both, n });
    }
    slice rest = s;
    if (!log_stamp(&rest, &clock, &out->time))
        out->time = (struct contact_time){ 0 };
    /* Not of `both`, which ends here. */
    out->time.written = got[DATE].len ? got[DATE] : slice_sub(s, 0, STAMP_MAX);
}

static bool holds(slice s, const char *word)
{
    return slice_find_nocase(s, slice_of(word), 0) != SIZE_MAX;
}

static enum contact_outcome acted(slice s)
{
    static const char *const blocked[] = { "block",  "den",      "drop",       "reject",   "reset",
                                           "refuse", "forbid",   "quarantine", "sinkhole", "遮断",
                                           "拒否",   "ブロック", "破棄",       "規制",     "禁止" };
    static const char *const failed[] = { "fail",    "error", "nxdomain", "servfail",
                                          "timeout", "失敗",  "エラー" };
    for (size_t i = 0; i < sizeof blocked / sizeof blocked[0]; i++)
        if (holds(s, blocked[i]))
            return OUTCOME_BLOCKED;
    for (size_t i = 0; i < sizeof failed / sizeof failed[0]; i++)
        if (holds(s, failed[i]))
            return OUTCOME_FAILED;
    return OUTCOME_UNKNOWN;
}

/* Host, path and query apart: path and query must stand in one text. */
static slice joined(struct logs *g, const slice *got)
{
    slice path = got[PATH], query = log_value(got[QUERY]);
    if (!query.len || path.len > URL_MAX_BYTES || query.len > URL_MAX_BYTES)
        return log_value(path);
    size_t n = path.len + query.len + 1;
    uint8_t *text = ARENA_ARRAY(g->scratch, uint8_t, n);
    if (!text)
        return path;
    size_t at = slice_copy_out(path, text, n);
    if (query.at[0] != '?')
        text[at++] = '?';
    at += slice_copy_out(query, text + at, n - at);
    return (slice){ text, at };
}

static enum log_line read_row(struct logs *g, slice line, struct contact *out)
{
    slice got[COLUMNS] = { 0 };
    const struct columns *c = g->columns;
    uint64_t v;
    size_t i = 0, last = 0;
    for (int k = 0; k < COLUMNS; k++)
        last = c->of[k] > last ? c->of[k] : last;
    for (; i < last && line.at; i++) { /* field() takes the text away behind the last */
        slice s = field(&line, c->delimiter);
        for (int k = 0; k < COLUMNS; k++)
            if (c->of[k] == i + 1)
                got[k] = s;
    }
    read_time(g, got, out);
    out->client = log_value(got[CLIENT]);
    out->user = log_value(got[USER]);
    out->host = log_value(got[HOST]);
    out->peer = log_value(got[PEER]);
    out->method = log_value(got[METHOD]);
    if (slice_find(slice_sub(got[URL], 0, 12), SLICE_LIT("://"), 0) != SIZE_MAX)
        out->url = got[URL];
    else if (got[URL].len > 1 && got[URL].at[0] != '/')
        out->host = got[URL];
    else if (out->host.len)
        out->path = log_value(got[URL]);
    if (out->host.len && got[PATH].len)
        out->path = joined(g, got);
    if (!out->url.len && !out->host.len) {
        out->host = out->peer;
        out->peer = (slice){ 0 };
    }
    if (slice_u64(got[STATUS], &v) && v < 1000)
        out->status = (unsigned)v;
    out->has_bytes = slice_u64(got[BYTES], &out->bytes);
    out->outcome = acted(got[ACTION]);
    if (out->outcome == OUTCOME_UNKNOWN)
        out->outcome = log_outcome_of_status(out->status);
    if (c->of[HOST] && !c->of[URL] && !c->of[PATH] && !c->of[STATUS] && !c->of[METHOD] &&
        !c->of[PEER] && !c->of[BYTES])
        out->kind = CONTACT_NAME;
    return out->url.len || out->host.len ? LOG_READ : i < last ? LOG_UNREAD : LOG_PASSED;
}

static enum log_line read_columns(struct logs *g, const struct log_text *t, struct contact *out)
{
    slice line = t->line;
    bool comment = line.at[0] == '#';
    if (comment || !g->columns) {
        bool early = g->lines <= HEADER_LINES;
        if ((comment ? slice_starts_nocase(line, "#fields") : early) && take_header(g, line))
            return LOG_PASSED;
        return comment && (early || g->columns) ? LOG_PASSED : LOG_UNREAD;
    }
    if (arena_spent(g->scratch))
        arena_reset(g->scratch);
    if (g->columns->cp932 && !utf8_valid(line))
        line = charset_decode_id(g->scratch, CHARSET_CP932, line).text;
    return read_row(g, line, out);
}

const struct log_format log_columns = { "columns", read_columns };
