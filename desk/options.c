/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's settings; see desk/options.h. */
#include "desk/options.h"
#include "base/cidr.h"
#include "base/hash.h"
#include "base/text.h"

#include <errno.h>

enum { LIST_MAX = 1000, PATHS_MAX = 64, OPTIONS_MEMORY = 16 << 20, MINUTES = 60000 };

static const char *const deed_choices[] = { "deliver", "tag", "hold", "reject", "tempfail", NULL };

static const struct setting table[] = {
    { "observe", SETTING_BOOL, "yes", 0, 1, NULL,
      "Only watch: everything is examined and recorded, nothing is held or refused.",
      "監視のみ。検査と記録だけを行い、保留も拒否もしません。" },
    { "user", SETTING_TEXT, "_sekisho", 0, 64, NULL,
      "User to run as when started as root; empty: stays as it is.",
      "root で起動したときに切り替える実行ユーザー。空なら切り替えません。" },
    { "state", SETTING_TEXT, "", 0, 4096, NULL,
      "Folder of the database, the vault and compiled rules; empty: /var/lib/sekisho, or the user's.",
      "データベース・隔離保管・コンパイル済み規則のフォルダー。空なら /var/lib/sekisho（一般ユーザーでは"
      "その状態フォルダー）です。" },
    { "milter.listen", SETTING_LIST, "inet:127.0.0.1:8899", 0, OPTIONS_LISTEN_MAX, NULL,
      "Where mail servers connect (smtpd_milters); empty: no milter.",
      "メールサーバー（smtpd_milters）の接続を待つアドレス。空なら milter を使いません。" },
    { "clamd.listen", SETTING_LIST, "", 0, OPTIONS_LISTEN_MAX, NULL,
      "Where clients of clamd connect; empty: none.",
      "clamd クライアントの接続を待つアドレス。空なら使いません。" },
    { "clamd.paths", SETTING_LIST, "", 0, PATHS_MAX, NULL,
      "Folders whose files may be scanned by path.", "パス指定で検査してよいフォルダー。" },
    { "http.listen", SETTING_LIST, "", 0, OPTIONS_LISTEN_MAX, NULL,
      "Where HTTP clients connect; empty: none.",
      "HTTP クライアントの接続を待つアドレス。空なら使いません。" },
    { "http.tokens", SETTING_LIST, "", 0, LIST_MAX, NULL,
      "SHA-256, in hex, of each token that may ask.",
      "利用を許すトークンの SHA-256（16 進）。" },
    { "doors.object_max", SETTING_SIZE, "64m", 1024, INT64_C(1) << 30, NULL,
      "Largest mail or file; larger ones are answered as not examined.",
      "検査する最大のサイズ。これを超えるものは「未検査」と答えます。" },
    { "doors.recipients_max", SETTING_NUMBER, "1000", 1, 1000, NULL,
      "Most recipients of one mail.", "1 通の最大宛先数。" },
    { "doors.connections", SETTING_NUMBER, "10000", 1, 100000, NULL,
      "Most connections at once, for each door.", "受付口ごとの同時接続の上限。" },
    { "doors.per_peer", SETTING_NUMBER, "100", 0, 100000, NULL,
      "Most connections from one other machine; 0: any number.",
      "他の 1 台からの同時接続の上限。0 なら無制限です。" },
    { "doors.idle", SETTING_TIME, "5m", 1000, 60 * MINUTES, NULL,
      "A connection that says nothing for so long is ended.",
      "この時間何も送ってこない接続を切ります。" },
    { "doors.answer", SETTING_TIME, "60s", 1000, 10 * MINUTES, NULL,
      "Time for one object; then the sender is asked to come again.",
      "1 件の検査に待つ時間。過ぎれば送信側に再送を求めます。" },
    { "headers.inbound_stay", SETTING_BOOL, "no", 0, 1, NULL,
      "X-Sekisho headers of strangers are kept.", "外部から届いた X-Sekisho ヘッダーを残します。" },
    { "own_networks", SETTING_LIST, "127.0.0.0/8 ::1/128", 0, LIST_MAX, NULL,
      "Networks whose clients send mail of your own.", "自組織からの送信とみなすネットワーク。" },
    { "own_domains", SETTING_LIST, "", 0, LIST_MAX, NULL, "Domains of your organisation.",
      "自組織のドメイン。" },
    { "authserv_id", SETTING_TEXT, "", 0, 255, NULL,
      "Host whose Authentication-Results are believed; empty: none.",
      "信頼する Authentication-Results のホスト。空なら信頼しません。" },
    { "rules", SETTING_TEXT, "", 0, 4096, NULL, "Folder of rules; empty: the installed ones.",
      "規則のフォルダー。空なら標準の規則を使います。" },
    { "exceptions", SETTING_TEXT, "", 0, 4096, NULL, "File of exceptions.", "例外のファイル。" },
    { "promises", SETTING_TEXT, "", 0, 4096, NULL, "File of sender promises.",
      "送信者の約束事のファイル。" },
    { "trust_foreign_rules", SETTING_BOOL, "no", 0, 1, NULL,
      "Foreign rules count at their own level.", "外部の規則を重大度を下げずに数えます。" },
    { "workers.number", SETTING_NUMBER, "0", 0, 64, NULL, "Workers; 0: one per processor.",
      "検査プロセスの数。0 ならプロセッサー数です。" },
    { "workers.objects", SETTING_NUMBER, "256", 1, 100000, NULL,
      "Objects after which a worker is replaced.", "検査プロセスを交代させるまでの件数。" },
    { "workers.timeout", SETTING_TIME, "20s", 1000, 600000, NULL,
      "Backstop for one object; work is limited by counting before.",
      "1 件当たりの最終的な制限時間（通常は処理量の上限が先に働きます）。" },
    { "workers.weak_jail", SETTING_BOOL, "yes", 0, 1, NULL,
      "Start where the kernel lacks a layer of protection; the log says which.",
      "カーネルに保護機能の一部がなくても起動します（ログに記録します）。" },
    { "queue.objects", SETTING_NUMBER, "256", 1, 10000, NULL,
      "Most objects that wait for a worker; the next is asked to come again.",
      "検査を待たせる最大件数。超えた分には再送を求めます。" },
    { "queue.bytes", SETTING_SIZE, "128m", 1 << 20, INT64_C(1) << 34, NULL,
      "Most bytes of objects that wait.", "検査を待つ分の最大バイト数。" },
    { "store.on", SETTING_BOOL, "yes", 0, 1, NULL,
      "Reports, deeds and history are recorded.", "レポート・処置・履歴を記録します。" },
    { "store.always", SETTING_BOOL, "no", 0, 1, NULL,
      "No mail is answered before its record is on disk; else only what is held or refused.",
      "すべてのメールについて、記録がディスクに書かれてから応答します。no なら保留・拒否のときだけです。" },
    { "store.vault", SETTING_BOOL, "yes", 0, 1, NULL,
      "Originals of what is held or refused are kept, encrypted.",
      "保留・拒否したメールの原本を暗号化して保管します。" },
    { "store.timeout", SETTING_TIME, "10s", 100, 10 * MINUTES, NULL,
      "Time for the record to reach the disk; then the sender is asked to come again.",
      "記録を待つ時間。過ぎれば送信側に再送を求めます。" },
    { "store.original_days", SETTING_NUMBER, "30", 0, 36500, NULL,
      "Days for which originals are kept; 0: for ever.", "原本の保存日数。0 は無期限です。" },
    { "store.report_days", SETTING_NUMBER, "365", 0, 36500, NULL,
      "Days for which reports are kept; 0: for ever.", "レポートの保存日数。0 は無期限です。" },
    { "store.vault_max", SETTING_SIZE, "20g", 0, INT64_C(1) << 50, NULL,
      "Most bytes of originals; beyond, decided ones go, then nothing more is held; 0: no limit.",
      "原本の合計の上限。超えると判断済みの原本から削除し、なお足りなければ保留を行いません。"
      "0 は無制限です。" },
    { "store.key", SETTING_TEXT, "", 0, 900, NULL,
      "File of the key of the originals; empty: below `state`. Better on another disk.",
      "原本の暗号化に使う鍵のファイル。空なら状態フォルダーの下です。別のディスクに置くことを勧めます。" },
    { "store.ecs", SETTING_TEXT, "", 0, 900, NULL,
      "File that gets a line of JSON (Elastic Common Schema) for each mail; empty: none.",
      "メール 1 通ごとに JSON（Elastic Common Schema）を追記するファイル。空なら書きません。" },
    { "deeds.clean", SETTING_CHOICE, "deliver", 0, 0, deed_choices, "Clean: what is done.",
      "検出なしのときの処置。" },
    { "deeds.encrypted", SETTING_CHOICE, "tag", 0, 0, deed_choices,
      "Encrypted, and no password known.", "暗号化されパスワードが分からないときの処置。" },
    { "deeds.limit", SETTING_CHOICE, "hold", 0, 0, deed_choices,
      "A limit of work was reached.", "処理量の上限に達したときの処置。" },
    { "deeds.damaged", SETTING_CHOICE, "tag", 0, 0, deed_choices, "Damaged beyond reading.",
      "破損して読めないときの処置。" },
    { "deeds.crashed", SETTING_CHOICE, "hold", 0, 0, deed_choices,
      "A worker died of it.", "検査プロセスが異常終了したときの処置。" },
    { "deeds.no_reader", SETTING_CHOICE, "tag", 0, 0, deed_choices,
      "Of a kind that Sekisho does not read.", "Sekisho が読めない種類のときの処置。" },
    { "deeds.suspicious", SETTING_CHOICE, "hold", 0, 0, deed_choices, "Suspicious.",
      "不審と判定したときの処置。" },
    { "deeds.malicious", SETTING_CHOICE, "reject", 0, 0, deed_choices, "Malicious.",
      "危険と判定したときの処置。" },
    { "deeds.trouble", SETTING_CHOICE, "tempfail", 0, 0, deed_choices,
      "Could not be examined at all: too much at once, or a process is away.",
      "過負荷や障害で検査できなかったときの処置。" },
    { "deeds.domains", SETTING_LIST, "", 0, LIST_MAX, NULL,
      "Other deeds for recipients of a domain: \"example.jp suspicious=tag malicious=hold\".",
      "宛先ドメイン別の処置。例：\"example.jp suspicious=tag malicious=hold\"" },
#define LAYER_SETTING(id, name, folder, en, ja) \
    { "layers." name, SETTING_BOOL, "on", 0, 1, NULL, "Layer: " en ".", "検出層：" ja "。" },
    RULE_LAYERS(LAYER_SETTING)
#undef LAYER_SETTING
};

static const char *const layer_settings[LAYERS] = {
#define LAYER_SETTING(id, name, folder, en, ja) "layers." name,
    RULE_LAYERS(LAYER_SETTING)
#undef LAYER_SETTING
};

static const char *const deed_cases[DEED_CASES] = { "clean",   "encrypted", "limit",      "damaged",
                                                    "crashed", "no_reader", "suspicious", "malicious" };

enum { N_TABLE = sizeof table / sizeof table[0] };

const struct setting *options_table(size_t *n_out)
{
    *n_out = N_TABLE;
    return table;
}

struct reading {
    struct options *o;
    const struct setting_value *values;
    const char *path;
    struct err *err;
};

static const struct setting_value *value(const struct reading *r, const char *name)
{
    return settings_get(table, N_TABLE, r->values, name);
}

static int64_t number(const struct reading *r, const char *name)
{
    return value(r, name)->number;
}

/* NULL when empty. */
static const char *text(const struct reading *r, const char *name)
{
    slice s = value(r, name)->text;
    return s.len ? arena_cstr(r->o->mem, s) : NULL;
}

static const char *text_or(const struct reading *r, const char *name, const char *other)
{
    const char *t = text(r, name);
    return t ? t : other;
}

static void read_addresses(const struct reading *r, const char *name, enum options_door door)
{
    const struct setting_value *v = value(r, name);
    struct options_listen *l = &r->o->listen[door];
    for (size_t i = 0; i < v->n_list && l->n < OPTIONS_LISTEN_MAX; i++)
        l->at[l->n++] = arena_cstr(r->o->mem, v->list[i]);
}

static bool is_network(slice s)
{
    struct cidr c;
    return cidr_read(s, &c);
}

static bool is_sha256(slice s)
{
    uint8_t digest[32];
    return s.len == 2 * sizeof digest && hex_to(s, digest);
}

static bool is_full_path(slice s)
{
    return s.len > 0 && s.at[0] == '/';
}

/* What nobody would notice later: a network, a token or a folder that is never met. */
static int check_lists(const struct reading *r)
{
    static const struct {
        const char *name, *wanted;
        bool (*good)(slice s);
    } lists[] = {
        { "own_networks", "a network, as 192.0.2.0/24 or 2001:db8::/32", is_network },
        { "http.tokens", "the SHA-256 of a token, 64 hexadecimal digits", is_sha256 },
        { "clamd.paths", "a folder's full path", is_full_path },
    };
    for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++) {
        const struct setting_value *v = value(r, lists[k].name);
        for (size_t i = 0; i < v->n_list; i++)
            if (!lists[k].good(v->list[i]))
                return err_set(r->err, -EINVAL, "%s:%u: %s: '%.*s': write %s", r->path, v->line,
                               lists[k].name, SLICE_FMT(slice_sub(v->list[i], 0, 60)),
                               lists[k].wanted);
    }
    return 0;
}

static void read_doors(const struct reading *r)
{
    struct options *o = r->o;
    read_addresses(r, "milter.listen", OPTIONS_MILTER);
    read_addresses(r, "clamd.listen", OPTIONS_CLAMD);
    read_addresses(r, "http.listen", OPTIONS_HTTP);
    o->paths = value(r, "clamd.paths");
    o->tokens = value(r, "http.tokens");
    o->own_networks = value(r, "own_networks");
    o->own_domains = value(r, "own_domains");
    o->object_max = (uint64_t)number(r, "doors.object_max");
    o->recipients_max = (uint32_t)number(r, "doors.recipients_max");
    o->connections = (uint32_t)number(r, "doors.connections");
    o->per_peer = (uint32_t)number(r, "doors.per_peer");
    o->idle_ms = (uint32_t)number(r, "doors.idle");
    o->answer_ms = (uint32_t)number(r, "doors.answer");
    o->inbound_headers_stay = number(r, "headers.inbound_stay") != 0;
}

static int read_knowledge(const struct reading *r)
{
    struct knowledge_options *k = &r->o->knowledge;
    const struct setting_value *own = value(r, "own_domains");
    const char **domains = ARENA_ARRAY(r->o->mem, const char *, own->n_list + 1);
    k->rules = text(r, "rules");
    k->exceptions = text(r, "exceptions");
    k->promises = text(r, "promises");
    k->authserv_id = text(r, "authserv_id");
    k->trust_foreign = number(r, "trust_foreign_rules") != 0;
    for (size_t i = 0; domains && i < own->n_list; i++)
        domains[i] = arena_cstr(r->o->mem, own->list[i]);
    k->own_domains = domains;
    k->n_own_domains = domains ? own->n_list : 0;
    for (int l = 0; l < LAYERS; l++)
        if (!number(r, layer_settings[l]))
            k->layers_off |= layer_bit((enum layer)l);
    return domains ? 0 : err_set(r->err, -ENOMEM, "out of memory");
}

/* --- deeds by domain */

static slice next_word(slice *s)
{
    *s = slice_trim(*s);
    size_t n = 0;
    while (n < s->len && !ascii_space(s->at[n]))
        n++;
    slice word = slice_sub(*s, 0, n);
    *s = slice_from(*s, n);
    return word;
}

static int read_override(const struct reading *r, uint32_t line, slice word, struct deed_domain *d)
{
    size_t eq = slice_find_byte(word, '=', 0);
    enum deed deed;
    if (eq != SIZE_MAX && deed_by_name(slice_from(word, eq + 1), &deed))
        for (size_t c = 0; c < DEED_CASES; c++)
            if (slice_is(slice_sub(word, 0, eq), deed_cases[c])) {
                d->given[c] = true;
                d->of[c] = deed;
                return 0;
            }
    return err_set(r->err, -EINVAL,
                   "%s:%u: deeds.domains: '%.*s': write CASE=DEED, cases clean encrypted limit damaged "
                   "crashed no_reader suspicious malicious, deeds deliver tag hold reject tempfail",
                   r->path, line, SLICE_FMT(slice_sub(word, 0, 60)));
}

static int read_domains(const struct reading *r)
{
    const struct setting_value *v = value(r, "deeds.domains");
    struct deed_domain *domains = ARENA_ARRAY(r->o->mem, struct deed_domain, v->n_list + 1);
    int rc = domains ? 0 : err_set(r->err, -ENOMEM, "out of memory");
    for (size_t i = 0; i < v->n_list && rc == 0; i++) {
        slice rest = v->list[i], name = next_word(&rest), word;
        uint8_t *lower = arena_get(r->o->mem, name.len + 1, 1);
        if (!lower)
            return err_set(r->err, -ENOMEM, "out of memory");
        for (size_t k = 0; k < name.len; k++)
            lower[k] = ascii_lower(name.at[k]);
        domains[i].domain = (slice){ lower, name.len };
        while (rc == 0 && (word = next_word(&rest)).len)
            rc = read_override(r, v->line, word, &domains[i]);
    }
    r->o->deeds.domains = domains;
    r->o->deeds.n_domains = v->n_list;
    return rc;
}

static int read_deeds(const struct reading *r)
{
    struct options *o = r->o;
    o->deeds.observe = number(r, "observe") != 0;
    for (size_t c = 0; c < DEED_CASES; c++) {
        char name[32] = "deeds.";
        (void)slice_copy_out(slice_of(deed_cases[c]), (uint8_t *)name + 6, sizeof name - 7);
        o->deeds.of[c] = (enum deed)number(r, name);
    }
    enum deed trouble = (enum deed)number(r, "deeds.trouble");
    /* Held or refused is a promise, and of what could not be examined nothing is on disk. */
    if (trouble == DEED_HOLD || trouble == DEED_REJECT)
        return err_set(r->err, -EINVAL, "%s:%u: deeds.trouble: deliver, tag or tempfail", r->path,
                       value(r, "deeds.trouble")->line);
    o->trouble = o->deeds.observe ? DEED_DELIVER : trouble;
    return read_domains(r);
}

static bool holds(const struct deed_rules *d)
{
    bool any = false;
    for (size_t c = 0; c < DEED_CASES; c++) {
        any |= d->of[c] == DEED_HOLD;
        for (size_t i = 0; i < d->n_domains; i++)
            any |= d->domains[i].given[c] && d->domains[i].of[c] == DEED_HOLD;
    }
    return any && !d->observe;
}

static void read_desk(const struct reading *r)
{
    struct options *o = r->o;
    o->workers = (unsigned)number(r, "workers.number");
    o->objects = (unsigned)number(r, "workers.objects");
    o->timeout_ms = (unsigned)number(r, "workers.timeout");
    o->allow_weak_jail = number(r, "workers.weak_jail") != 0;
    o->queue_objects = (unsigned)number(r, "queue.objects");
    o->queue_bytes = (uint64_t)number(r, "queue.bytes");
    o->store = number(r, "store.on") != 0;
    o->store_always = o->store && number(r, "store.always") != 0;
    o->vault = o->store && number(r, "store.vault") != 0;
    o->store_timeout_ms = (uint32_t)number(r, "store.timeout");
    o->original_days = (uint32_t)number(r, "store.original_days");
    o->report_days = (uint32_t)number(r, "store.report_days");
    o->vault_max = (uint64_t)number(r, "store.vault_max");
    o->store_key = text_or(r, "store.key", "");
    o->store_ecs = text_or(r, "store.ecs", "");
}

int options_read(slice yaml, const char *path, struct options *out, struct err *err_out)
{
    struct setting_value *values = NULL;
    uint8_t digest[32];
    *out = (struct options){ .mem = arena_new(OPTIONS_MEMORY) };
    if (!out->mem)
        return err_set(err_out, -ENOMEM, "out of memory");
    int rc = settings_read(table, N_TABLE, arena_copy(out->mem, yaml), path, out->mem, &values, err_out);
    if (rc)
        return rc;
    const struct reading r = { out, values, path, err_out };
    sha256_of(yaml, digest);
    hex_of((slice){ digest, 8 }, out->digest);
    out->user = text_or(&r, "user", "");
    out->state = text_or(&r, "state", "");
    read_doors(&r);
    read_desk(&r);
    rc = check_lists(&r);
    if (rc == 0)
        rc = read_knowledge(&r);
    if (rc == 0)
        rc = read_deeds(&r);
    if (rc == 0 && holds(&out->deeds) && !(out->store && out->vault))
        rc = err_set(err_out, -EINVAL,
                     "%s: a deed is hold, and nothing keeps what is held: set store.on and store.vault",
                     path);
    if (rc == 0 && arena_full(out->mem))
        rc = err_set(err_out, -ENOMEM, "%s: out of memory", path);
    return rc;
}

void options_drop(struct options *o)
{
    arena_drop(&o->mem);
}
