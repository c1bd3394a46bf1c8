/* SPDX-License-Identifier: Apache-2.0 */
/* The phrases of business mail, each with the password on its line, on the
 * line below and on the line above; and what must not be taken for one. */
#include "base/buf.h"
#include "base/text.h"
#include "observe/part/harness.h"
#include "observe/part/observe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

extern const struct observer observer_passwords;

enum { FIRST_FEW = 5, FOUND_MAX = 64 };

struct mail {
    const char *subject, *date, *body, *name;
    const char *found[FOUND_MAX]; /* filled: candidates in order */
    slice for_name[FOUND_MAX];
    uint32_t line[FOUND_MAX];
    enum password_source source[FOUND_MAX];
    size_t n;
    struct arena *kept;
};

static void feed(void *host, struct walk *w)
{
    struct mail *m = host;
    void *state = NULL;
    const struct range at = { 0, 1 };
    if (m->subject)
        observer_passwords.view(w, &state, FACT_EMAIL_SUBJECT, slice_of(m->subject), at);
    if (m->date)
        observer_passwords.view(w, &state, FACT_EMAIL_DATE, slice_of(m->date), at);
    if (m->body)
        observer_passwords.view(w, &state, FACT_EMAIL_BODY, slice_of(m->body), at);
    if (m->name) {
        struct walk file = *w;
        file.name = slice_of(m->name);
        file.attachment = true;
        observer_passwords.part(&file, &state);
    }
    const struct password *p = walk_passwords(w, &m->n);
    for (size_t i = 0; i < m->n; i++) {
        m->found[i] = arena_cstr(m->kept, p[i].text);
        m->for_name[i] = arena_copy(m->kept, p[i].for_name);
        m->line[i] = p[i].line;
        m->source[i] = p[i].source;
    }
}

/* Runs the observer over a mail; the tally has its facts. */
static struct tally *read_mail(struct mail *m)
{
    const struct walk_hooks hooks = { .host = m, .part_begin = feed };
    m->kept = arena_new(4 << 20);
    assert_non_null(m->kept);
    return tally_run(&(struct tally_options){ .hooks = &hooks }, SLICE_LIT("x"));
}

static void forget(struct mail *m, struct tally *t)
{
    tally_drop(&t);
    arena_drop(&m->kept);
}

static size_t place_of(const struct mail *m, const char *password)
{
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->found[i], password) == 0)
            return i;
    return SIZE_MAX;
}

/* P stands for the password. All of the list of phrasings, and others seen. */
static const char *const phrases[] = {
    "パスワード：P", "ＰＷ：P", "解凍パスワードは「P」です。", "添付ファイルの解凍PWは P となります", "ZIPパスワード＝P", "【パスワード】P",
    "■解凍パスワード⇒P", "ﾊﾟｽﾜｰﾄﾞ:P", "Pass：P（半角英数）", "開封パスワード（半角）：P", "展開用パスワード -> P", "復号キー：P",
    "解凍キーワード『P』", "パスコード：P", "暗証番号：P", "P/W: P", "PW)P", "パスワードは、P です。", "パスワード : [P]", "パスワード……P",
    "P を入力して開いてください", "P にて解凍をお願いいたします", "パスワードは下記のとおりです。\n\nP", "パスワードは\n以下に記載いたします↓\n　P",
    "パスワード\n-----\nP\n-----", "パスワード\tP", "パスワード P", "Password: P", "The password for the attached archive is \"P\".",
    "Unzip password is P.", "Use P to open the file.", "以下に記載いたします↓\n　P",
    /* not of the list */
    "添付ファイルのパスワードは以下の通りとなっております。\r\n\r\n===========\r\nP\r\n===========\r\n", "解凍用パスワード\r\nP\r\n", "PW:P", "pw：P", "ｐｗ：P",
    "パスワードはPです", "パスワード「P」", "（パスワード：P）", "※解凍パスワード→P", "パスワード：<P>", "解凍パス：P", "パスワード：P（数字4桁）",
    "添付ファイルの開封にはP を入力してください", "パスワードにつきましては P となります。", "Archive password: P", "Zip pass: P", "Passwort: P",
    "Das Passwort lautet P.", "Kennwort: P", "Mot de passe : P", "Contraseña: P", "Password dell'archivio: P", "Senha: P", "Hasło: P",
    "Пароль: P", "解压密码：P", "비밀번호: P", "> パスワード：P", "パスワード＞P", "パスワードは『P』でお願いします。", "パ\xe2\x80\x8bスワード：P",
    "パスワードについて：P", "パスワードの文字列は P です。", "| パスワード | P |", "*Password:* P", "password = P", "ファイルを開く際のパスワード(半角英数字)は「P」になります。",
    "見積書.zip のパスワード：P", "Please enter P to open the document.", "P で解凍してください。", "開封PW P",
    /* Portuguese, Spanish, Italian, French, German */
    "Senha PDF: P", "Senha do arquivo: P", "A senha para abrir o anexo é P.", "A senha é: P", "Senha ZIP - P", "SENHA PDF P", "Segue a senha do arquivo zip: P", "Palavra-passe: P",
    "A palavra-passe do ficheiro é P", "Senha de acesso: P", "senha = P", "Contraseña PDF: P", "La contraseña del archivo es P", "La contraseña para abrir el documento es: P",
    "Clave: P", "Clave de acceso: P", "La clave del archivo es P.", "Contrasena: P", "Contraseña para descomprimir: P", "La password del file è P", "La password per aprire l'allegato è: P",
    "Password PDF: P", "Password ZIP P", "Password per l'archivio: P", "Chiave di apertura: P", "Mot de passe PDF : P", "Le mot de passe du fichier est P.", "Le mot de passe pour ouvrir la pièce jointe est : P",
    "mdp : P", "MDP du zip : P", "Mot de passe de l'archive : P", "PDF-Passwort: P", "Das Passwort für die Datei lautet: P", "Das Kennwort zum Öffnen ist P.", "Archivpasswort: P", "Passwort ZIP: P",
    "Das Passwort für das Archiv ist P",
    "送付しましたファイルのパスワードをご連絡いたします。\n\nパスワード：P\n\n以上、よろしくお願いいたします。", "パスワード：\nP", "■パスワード\n・P",
};

static const char *const passwords[] = { "4432", "980", "4vahobk5lzs", "AYALZNOJY", "aB3xY-9q", "p@ss#W0rd" };

static void put_phrase(struct buf *b, const char *phrase, const char *password)
{
    for (const char *c = phrase; *c; c++) {
        /* "P" of "PW", "ZIP", "Pass" is no placeholder. */
        bool letter = (c > phrase && ascii_alnum((uint8_t)c[-1])) || ascii_alnum((uint8_t)c[1]);
        if (*c == 'P' && !letter && strncmp(c, "P/W", 3) != 0)
            buf_text(b, password);
        else
            buf_byte(b, (uint8_t)*c);
    }
}

static void expect_first_few(const char *what, const char *body, const char *password)
{
    struct mail m = { .body = body };
    struct tally *t = read_mail(&m);
    size_t at = place_of(&m, password);
    if (at >= FIRST_FEW)
        fail_msg("%s: %s is %zu of %zu, first is %s, in:\n%s", what, password, at, m.n, m.n ? m.found[0] : "-", body);
    forget(&m, t);
}

static const char before[] = "株式会社見本 見本 太郎 様\r\n\r\nいつもお世話になっております。例の見本でございます。\r\n添付ファイルをご確認ください。\r\n\r\n";
static const char after[] = "\r\n\r\n以上、よろしくお願いいたします。\r\n-- \r\n見本株式会社 03-0000-0000\r\nsample@example.invalid\r\n";

static void in_mail(struct buf *b, const char *text)
{
    buf_clear(b);
    buf_text(b, before);
    buf_text(b, text);
    buf_text(b, after);
    buf_byte(b, 0);
}

static void phrases_on_their_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        for (size_t k = 0; k < sizeof passwords / sizeof *passwords; k++) {
            struct buf phrase = buf_new(4096), mail = buf_new(8192);
            put_phrase(&phrase, phrases[i], passwords[k]);
            buf_byte(&phrase, 0);
            expect_first_few("alone", (const char *)phrase.at, passwords[k]);
            in_mail(&mail, (const char *)phrase.at);
            expect_first_few("in a mail", (const char *)mail.at, passwords[k]);
            buf_drop(&phrase);
            buf_drop(&mail);
        }
}

/* The password moves to a line of its own, below or above what is left. */
static void move_password(struct buf *b, const char *phrase, const char *password, bool above)
{
    struct buf rest = buf_new(4096);
    put_phrase(&rest, phrase, above ? "" : "\n\x01\n");
    if (above) {
        buf_text(b, password);
        buf_byte(b, '\n');
    }
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.at[i] == 1)
            buf_text(b, password);
        else
            buf_byte(b, rest.at[i]);
    }
    buf_drop(&rest);
    buf_byte(b, 0);
}

static void phrases_on_other_lines(void **state)
{
    size_t missed[2] = { 0 }, tried = 0;
    (void)state;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        const char *phrase = phrases[i];
        if (strchr(phrase, '\n') || strstr(phrase, " to open") || strstr(phrase, "開封には"))
            /* nobody breaks these */
            continue;
        for (unsigned above = 0; above < 2; above++) {
            struct buf moved = buf_new(4096), mail = buf_new(8192);
            move_password(&moved, phrase, "4vahobk5lzs", above);
            in_mail(&mail, (const char *)moved.at);
            struct mail m = { .body = (const char *)mail.at };
            struct tally *t = read_mail(&m);
            tried++;
            if (place_of(&m, "4vahobk5lzs") >= FIRST_FEW) {
                missed[above]++;
                print_message("# %s: %s\n", above ? "above" : "below", phrase);
            }
            forget(&m, t);
            buf_drop(&moved);
            buf_drop(&mail);
        }
    }
    assert_int_equal(missed[0], 0);
    assert_int_equal(missed[1], 0);
    assert_true(tried > 60);
}

/* --- what is said elsewhere, or needs care */

static const struct {
    const char *what, *subject, *date, *body, *name, *expect, *for_name;
    enum password_source source;
    uint32_t line;
} special[] = {
    { "full-width digits", NULL, NULL, "暗証番号：８３２０", NULL, "8320", NULL, PASSWORD_BODY, 1 },
    { "full-width digits as written", NULL, NULL, "暗証番号：８３２０", NULL, "８３２０", NULL, PASSWORD_BODY, 1 },
    { "full-width letters", NULL, NULL, "ＰＡＳＳＷＯＲＤ：ａＢ３ｘ", NULL, "aB3x", NULL, PASSWORD_BODY, 1 },
    { "line number", NULL, NULL, "a\r\nb\r\n\r\nパスワード：4432\r\n", NULL, "4432", NULL, PASSWORD_BODY, 4 },
    { "two files, first", NULL, NULL, "パスワードをお知らせします。\n a.zip：Px11／b.zip：Px22", NULL, "Px11", "a.zip", PASSWORD_BODY, 2 },
    { "two files, second", NULL, NULL, "パスワードをお知らせします。\n a.zip：Px11／b.zip：Px22", NULL, "Px22", "b.zip", PASSWORD_BODY, 2 },
    { "two files, ASCII slash", NULL, NULL, "パスワード\n a.zip:Px11/b.zip:Px22", NULL, "Px11", "a.zip", PASSWORD_BODY, 2 },
    { "Japanese file name", NULL, NULL, "パスワード一覧\n・見積書.zip → Px11", NULL, "Px11", "見積書.zip", PASSWORD_BODY, 2 },
    { "numbered", NULL, NULL, "パスワード1：Px11 パスワード2：Px22", NULL, "Px22", NULL, PASSWORD_BODY, 1 },
    { "in the subject", "【PW通知】4432", NULL, "x", NULL, "4432", NULL, PASSWORD_SUBJECT, 1 },
    { "in the subject, in brackets", "見積書送付の件（解凍PW：aB3x）", NULL, "x", NULL, "aB3x", NULL, PASSWORD_SUBJECT, 1 },
    { "is the subject", "打合せ0815", NULL, "パスワードは本メールの件名です", NULL, "打合せ0815", NULL, PASSWORD_SUBJECT, 1 },
    { "is the subject without Re:", "Re: [list 12] Px11", NULL, "x\nパスワードは件名と同じです", NULL, "Px11", NULL, PASSWORD_SUBJECT, 2 },
    { "is the file name", NULL, NULL, "パスワードは\n添付ファイル名（拡張子を除く）と同じです", "見積書0815.zip", "見積書0815", "見積書0815.zip", PASSWORD_FILE_NAME, 2 },
    { "in the file name", NULL, NULL, "x", "資料_PW：4432.zip", "4432", NULL, PASSWORD_FILE_NAME, 1 },
    { "date, 8 digits", NULL, "Tue, 15 Aug 2023 09:12:33 +0900", "パスワードは本日の日付8桁です", NULL, "20230815", NULL, PASSWORD_DERIVED, 1 },
    { "date, alone", NULL, "Tue, 15 Aug 2023 09:12:33 +0900", "本日の日付8桁です", NULL, "20230815", NULL, PASSWORD_DERIVED, 1 },
    { "date, from another zone", NULL, "31 Dec 2023 20:00:00 -0000", "パスワードは本日の日付（8桁）です", NULL, "20240101", NULL, PASSWORD_DERIVED, 1 },
    { "date, leap day before", NULL, "Fri, 1 Mar 2024 00:30 +0900", "パスワードは本日の日付8桁です", NULL, "20240229", NULL, PASSWORD_DERIVED, 1 },
    { "date, 4 digits", NULL, "Tue, 15 Aug 2023 09:12:33 +0900", "パスワードは今日の日付4桁です", NULL, "0815", NULL, PASSWORD_DERIVED, 1 },
    { "telephone", NULL, NULL, "パスワードは弊社の電話番号の下4桁です\n\nTEL 03-1234-5678", NULL, "5678", NULL, PASSWORD_DERIVED, 1 },
    { "with and without the full stop", NULL, NULL, "Password: Ab3.", NULL, "Ab3.", NULL, PASSWORD_BODY, 1 },
    { "Japanese password", NULL, NULL, "パスワードは「さくら咲く」です", NULL, "さくら咲く", NULL, PASSWORD_BODY, 1 },
    { "brackets that belong to it", NULL, NULL, "Password: [Ab3]", NULL, "[Ab3]", NULL, PASSWORD_BODY, 1 },
    { "long line", NULL, NULL, "この度は弊社の資料をご請求いただき誠にありがとうございます。ご請求の資料を添付いたしますので、パスワード「Px11」にてご確認ください。", NULL, "Px11", NULL, PASSWORD_BODY, 1 },
    { "quoted mail", NULL, NULL, "> > パスワード：Px11", NULL, "Px11", NULL, PASSWORD_BODY, 1 },
    { "label at the very end", NULL, NULL, "パスワード：", NULL, NULL, NULL, PASSWORD_BODY, 0 },
    { "only a label", NULL, NULL, "PW", NULL, NULL, NULL, PASSWORD_BODY, 0 },
    { "broken UTF-8", NULL, NULL, "パスワード\xff：\xe3\x83", NULL, NULL, NULL, PASSWORD_BODY, 0 },
    { "date that is none", NULL, "some day", "パスワードは本日の日付8桁です", NULL, NULL, NULL, PASSWORD_BODY, 0 },
};

static void special_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        struct mail m = { special[i].subject, special[i].date, special[i].body, special[i].name, { 0 }, { { 0 } }, { 0 }, { 0 }, 0, NULL };
        struct tally *t = read_mail(&m);
        if (!special[i].expect) {
            if (m.n)
                fail_msg("%s: found %s", special[i].what, m.found[0]);
        } else {
            size_t at = place_of(&m, special[i].expect);
            if (at >= FIRST_FEW)
                fail_msg("%s: at %zu of %zu, first %s", special[i].what, at, m.n, m.n ? m.found[0] : "-");
            if (m.source[at] != special[i].source || m.line[at] != special[i].line ||
                !slice_is(m.for_name[at], special[i].for_name ? special[i].for_name : ""))
                fail_msg("%s: source %s, line %u", special[i].what, password_source_name(m.source[at]), m.line[at]);
        }
        forget(&m, t);
    }
}

static const char *const guards[] = {
    "パスワードを変更してください", "有効期限は90日です", "8文字以上", "password reset", "パスワードの有効期限は90日です。", "パスワードは8文字以上で設定してください。",
    "パスワードは12345桁までです", "パスワードをお忘れの方はこちら\nhttps://example.invalid/reset", "Your password is about to expire.", "Your password is required.",
    "Password reset requested", "Click here to reset your password:\nhttps://example.invalid/a", "パスワードポリシーが変わりました",
    "パスポートの番号をお知らせください", "キャンパス：A101", "バイパス：国道1234", "password manager", "Password: required", "パスワード：********", "パスワード：未設定",
    "password: https://example.invalid/x", "compass: 1234", "Bypass: abcd1", "PWR: 1234x", "パスワードは別メールにてお送りします", "パスワードは後ほどお電話でお知らせします",
    "いつものパスワードです／前回と同じです", "御社の電話番号の下4桁です", "7-Zip で解凍してください", "Excel で開いてください", "Lhaplus にて解凍をお願いします",
    "請求書.zip：123KB", "お世話になっております。\n20230815\nよろしくお願いいたします。", "Use the link to open the file.", "ご注文番号：4432", "会議室パス確認の件",
    "Altere a sua senha em 30 dias.", "Sua senha expira hoje.", "A senha deve ter 8 caracteres.", "Esqueceu a senha? Clique aqui", "Senha: obrigatória", "A senha é necessária.", "Redefinir senha: https://example.invalid/a",
    "Cambie su contraseña cada 90 días", "Su contraseña ha caducado.", "La contraseña es obligatoria.", "¿Olvidó su contraseña?", "Palabras clave: seguridad, correo", "El punto clave: seguridad",
    "La tua password scadrà tra 10 giorni.", "Password dimenticata?", "La password è richiesta.", "Parole chiave: sicurezza", "Votre mot de passe expire dans 10 jours.", "Mot de passe oublié ?", "Le mot de passe est requis.",
    "Réinitialiser le mot de passe : https://example.invalid/a", "Ihr Passwort läuft in 10 Tagen ab.", "Passwort vergessen?", "Das Passwort ist erforderlich.", "Ihr Kennwort wurde zurückgesetzt.", "O desenho 4432 está anexo.", "Clave única del producto",
    "Die Kennwortrichtlinie 4432 gilt.", "Seu pedido 4432 foi enviado.", "Código do cliente: 4432",
};

static void guards_yield_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++) {
        struct buf mail = buf_new(8192);
        in_mail(&mail, guards[i]);
        const char *const bodies[] = { guards[i], (const char *)mail.at };
        for (size_t k = 0; k < 2; k++) {
            struct mail m = { .body = bodies[k] };
            struct tally *t = read_mail(&m);
            if (m.n || tally_fact(t, FACT_EMAIL_PASSWORD_GIVEN))
                fail_msg("%s: found %s", guards[i], m.n ? m.found[0] : "only the fact");
            forget(&m, t);
        }
        buf_drop(&mail);
    }
}

static const struct {
    const char *body;
    bool given, later, phone;
} facts[] = {
    { "パスワード：4432", true, false, false },
    { "解凍パスワードは別メールにてお送りします。", false, true, false },
    { "パスワードは別途ご連絡いたします。", false, true, false },
    { "解凍パスワードにつきましては\r\n後ほどお送りいたします。", false, true, false },
    { "The password will follow in a separate e-mail.", false, true, false },
    { "パスワードはお電話でお知らせします", false, false, true },
    { "パスワードについては\nお電話でお知らせします", false, false, true },
    { "I will tell you the password by phone.", false, false, true },
    { "資料は別途お送りします。", false, false, false },
    { "詳細はお電話でお知らせします", false, false, false },
    { "Passengers must call us", false, false, false },
};

static void facts_of_the_mail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct mail m = { .body = facts[i].body };
        struct tally *t = read_mail(&m);
        if ((tally_fact(t, FACT_EMAIL_PASSWORD_GIVEN) != NULL) != facts[i].given ||
            (tally_fact(t, FACT_EMAIL_PASSWORD_LATER) != NULL) != facts[i].later ||
            (tally_fact(t, FACT_EMAIL_PASSWORD_PHONE) != NULL) != facts[i].phone)
            fail_msg("%s", facts[i].body);
        forget(&m, t);
    }
}

/* A text made of labels must not cost more than its length. */
static void work_is_linear(void **state)
{
    static const char *const units[] = { "パスワードは下記\n", "PW:", "a.zip.zip.zip", "「", "パスワード(((", "x 件名です パスワード", "\xff", "0-0" };
    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct buf b = buf_new(1 << 20);
        for (size_t k = 0; k < 20000; k++)
            buf_text(&b, units[i]);
        buf_byte(&b, 0);
        struct mail m = { .subject = "s", .date = "15 Aug 2023 09:12:33 +0900", .body = (const char *)b.at };
        struct tally *t = read_mail(&m);
        assert_true(m.n <= FOUND_MAX);
        forget(&m, t);
        buf_drop(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_on_their_line),
        cmocka_unit_test(phrases_on_other_lines),
        cmocka_unit_test(special_cases),
        cmocka_unit_test(guards_yield_nothing),
        cmocka_unit_test(facts_of_the_mail),
        cmocka_unit_test(work_is_linear),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
