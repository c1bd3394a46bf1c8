/* SPDX-License-Identifier: Apache-2.0 */
/* fields - see fields.h. */
#include "doors/logs/fields.h"
#include "base/text.h"

enum { NAME_MAX_BYTES = 64, STAMP_MAX = 64, URL_MAX_BYTES = 8192 };

static const struct {
    const char *name; /* lower case, without blanks, dots, dashes and underlines */
    enum log_field is;
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
    { "tz", ZONE },
    { "timezone", ZONE },
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
    { "srcname", CLIENT },
    { "shost", CLIENT },
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
    { "suser", USER },
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
    { "request", URL },
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
    { "dstname", HOST },
    { "dhost", HOST },
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
    { "act", ACTION },
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

bool log_field_of(slice s, enum log_field *out)
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

static void read_time(const slice *got, const struct log_clock *usual, struct contact *out)
{
    uint8_t both[STAMP_MAX];
    struct log_clock clock = *usual;
    slice s = got[TIME];
    if (!s.len && !got[DATE].len)
        return; /* that of syslog, if there is one */
    if (log_zone(got[ZONE], &clock.zone))
        clock.zone_given = true;
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
    static const char *const blocked[] = { "block",      "deny",     "denie",  "drop",
                                           "reject",     "reset",    "refuse", "forbid",
                                           "quarantine", "sinkhole", "遮断",   "拒否",
                                           "ブロック",   "破棄",     "規制",   "禁止" };
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

static void read_target(struct logs *g, const slice *got, struct contact *out)
{
    out->host = log_value(got[HOST]);
    out->peer = log_value(got[PEER]);
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
}

enum log_line log_fields_read(struct logs *g, const slice got[LOG_FIELDS],
                              const struct log_clock *clock, struct contact *out)
{
    uint64_t v;
    read_time(got, clock, out);
    read_target(g, got, out);
    out->client = log_value(got[CLIENT]);
    out->user = log_value(got[USER]);
    out->method = log_value(got[METHOD]);
    if (slice_u64(got[STATUS], &v) && v < 1000)
        out->status = (unsigned)v;
    out->has_bytes = slice_u64(got[BYTES], &out->bytes);
    out->outcome = acted(got[ACTION]);
    if (out->outcome == OUTCOME_UNKNOWN)
        out->outcome = log_outcome_of_status(out->status);
    return out->url.len || out->host.len ? LOG_READ : LOG_PASSED;
}
