/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A record with hostile names, as a worker may send it. */
static void fill(struct record *r, struct arena *mem)
{
    record_init(r, mem);
    struct sink s = record_sink(r);
    s.part(s.host, &(struct part){ .parent = NO_ID,
                                   .name = SLICE_LIT("a\"b\\\n.eml"),
                                   .type = SLICE_LIT("eml"),
                                   .size = 9 });
    s.part(s.host, &(struct part){ .parent = 0,
                                   .how = HOW_MIME,
                                   .name = SLICE_LIT("見積書.doc"),
                                   .type = SLICE_LIT("doc"),
                                   .size = 5 });
    s.event(s.host, &(struct event){ EVENT_PART, 1 });
    s.fact(s.host, &(struct fact){ .id = FACT_FILE_NAME,
                                   .part = 1,
                                   .text = SLICE_LIT("見積書.doc"),
                                   .at = { 1, 4 },
                                   .line = 3 });
    s.fact(s.host, &(struct fact){ .id = FACT_FILE_SIZE, .part = 1, .number = -5 });
    s.fact(s.host, &(struct fact){ .id = FACT_FILE_ATTACHMENT, .part = 1, .number = 1 });
    s.unread(s.host, &(struct unread){ UNREAD_ENCRYPTED, 1, UNREAD_OF_MEMBER, SLICE_LIT("x.zip") });
    s.part_end(s.host, 1, SLICE_LIT("doc"), WALK_SHORT);
    s.part_end(s.host, 0, SLICE_LIT("eml"), WALK_WHOLE);
}

static const uint32_t parts[] = { 1 }, facts[] = { 0, 1 };
static const struct promise promise = { .sender = SLICE_INIT("support.example"),
                                        .attachments = true,
                                        .reason = { SLICE_INIT("never attaches"),
                                                    SLICE_INIT("添付しません") } };
static const struct finding finding = { .rule = NO_ID,
                                        .level = LEVEL_HIGH,
                                        .layer = LAYER_PROMISE,
                                        .promise = 0,
                                        .parts = parts,
                                        .n_parts = 1,
                                        .facts = facts,
                                        .n_facts = 2 };

static void both_forms(struct buf *json, struct buf *text, enum language language)
{
    struct arena *mem = arena_new(1 << 20);
    struct record r;
    fill(&r, mem);
    struct policy policy = { .promises = &promise, .n_promises = 1 };
    struct judgement v = {
        VERDICT_MALICIOUS,
        SLICE_LIT("Policy.Mail.SenderPromise"),
        { SLICE_LIT("why"), SLICE_LIT("理由") },
        { SLICE_LIT("ask"), SLICE_LIT("確認") },
        &finding,
        1,
        0,
        { [LAYER_PROMISE] = { VOTE_MALICIOUS, true }, [LAYER_MACRO] = { VOTE_OFF, false } }
    };
    struct report_meta meta = {
        SLICE_LIT("dir/a\tb.eml"), 9, SLICE_LIT("0"), SLICE_LIT("ab"), 5, 4, NULL,
    };
    struct report_input in = { &r, &v, NULL, &policy, &meta };
    struct report_style style = { language, false, true };
    report_json(json, &in);
    report_text(text, &in, &style);
    arena_drop(&mem);
}

static bool has(const struct buf *b, const char *text)
{
    return slice_find(buf_slice(b), slice_of(text), 0) != SIZE_MAX;
}

static void json_is_escaped_and_complete(void **state)
{
    (void)state;
    struct buf json = buf_new(1 << 20), text = buf_new(1 << 20);
    both_forms(&json, &text, LANGUAGE_EN);
    assert_true(has(&json, "\"name\":\"a\\\"b\\\\\\n.eml\""));
    assert_true(has(&json, "\"path\":\"dir/a\\tb.eml\""));
    assert_true(
        has(&json, "{\"cause\":\"encrypted\",\"part\":1,\"what\":\"member\",\"name\":\"x.zip\"}"));
    assert_true(has(&json, "\"name\":\"file.size\",\"value\":-5,\"part\":1}"));
    assert_true(has(&json, "\"name\":\"file.attachment\",\"value\":true"));
    assert_true(has(&json, "\"range\":[1,4],\"line\":3"));
    assert_true(has(&json, "\"rule\":\"promise\",\"level\":\"high\""));
    assert_true(has(
        &json, "{\"layer\":\"promise\",\"vote\":\"malicious\",\"findings\":[0],\"decided\":true}"));
    assert_true(has(
        &json, "{\"layer\":\"macro\",\"vote\":\"off\"},{\"layer\":\"pattern\",\"vote\":\"none\"}"));
    assert_true(json.at[json.len - 1] == '\n');
    assert_int_equal(slice_find_byte(buf_slice(&json), '\n', 0), json.len - 1);
    buf_drop(&json);
    buf_drop(&text);
}

/* What strangers said to the gate stays inside its quotes; what was not said is left out. */
static void context_of_the_gate(void **state)
{
    (void)state;
    static const slice to[] = { SLICE_INIT("a@example.invalid"),
                                SLICE_INIT("\"],\"deed\":\"deliver") };
    const struct report_context context = { .reference = SLICE_LIT("261122-7K3F9Q2M"),
                                            .deed = SLICE_LIT("hold"),
                                            .door = SLICE_LIT("milter"),
                                            .client_address = SLICE_LIT("192.0.2.1"),
                                            .helo = SLICE_LIT("x\r\n\xff"),
                                            .sender = SLICE_LIT(""),
                                            .recipients = to,
                                            .n_recipients = 2 };
    struct arena *mem = arena_new(1 << 20);
    struct record r;
    fill(&r, mem);
    struct policy policy = { .n_promises = 0 };
    struct judgement v = { .verdict = VERDICT_CLEAN };
    struct report_meta meta = { .size = 9, .context = &context };
    struct report_input in = { &r, &v, NULL, &policy, &meta };
    struct buf json = buf_new(1 << 20);
    report_json(&json, &in);
    assert_true(has(&json, "\"context\":{\"reference\":\"261122-7K3F9Q2M\",\"deed\":\"hold\","
                           "\"door\":\"milter\",\"client\":{\"address\":\"192.0.2.1\","
                           "\"helo\":\"x\\r\\n\xef\xbf\xbd\"},\"envelope\":{\"sender\":\"\","
                           "\"recipients\":[\"a@example.invalid\","
                           "\"\\\"],\\\"deed\\\":\\\"deliver\"]}},\"engine\":"));
    meta.context = NULL;
    buf_clear(&json);
    report_json(&json, &in);
    assert_true(has(&json, "\"context\":{},"));
    buf_drop(&json);
    arena_drop(&mem);
}

/* A hundred megabytes of names in one mail: the report stays short enough to be written. */
static void a_long_report_gets_short_values(void **state)
{
    enum { N = 9000, BYTES = 4096 };
    static uint8_t name[BYTES];
    (void)state;
    for (size_t i = 0; i < BYTES; i++)
        name[i] = 'x';
    struct arena *mem = arena_new(96 << 20);
    struct record r;
    fill(&r, mem);
    struct sink s = record_sink(&r);
    for (int i = 0; i < N; i++)
        s.fact(s.host, &(struct fact){ .id = FACT_FILE_NAME, .part = 1, .text = { name, BYTES } });
    struct policy policy = { .n_promises = 0 };
    struct judgement v = { .verdict = VERDICT_CLEAN };
    struct report_meta meta = { .size = 9 };
    struct report_input in = { &r, &v, NULL, &policy, &meta };
    struct buf json = buf_new(64 << 20);
    report_json(&json, &in);
    assert_false(json.full);
    assert_int_equal(r.n_facts, N + 3);
    assert_true(json.len > 32 << 20 && json.len < 34 << 20);
    slice tail = slice_from(buf_slice(&json), json.len - 1000);
    assert_int_not_equal(slice_find(tail, SLICE_LIT("\"value\":\"xxxx"), 0),
                         SIZE_MAX); /* still one for each */
    buf_drop(&json);
    arena_drop(&mem);
}

static void text_tells_the_chain(void **state)
{
    (void)state;
    struct buf json = buf_new(1 << 20), text = buf_new(1 << 20);
    both_forms(&json, &text, LANGUAGE_JA);
    assert_true(has(&text, "危険  dir/a b.eml：理由\n"));
    assert_true(has(&text, "次にすること: 確認"));
    assert_true(has(&text, "└ 見積書.doc [doc]"));
    assert_true(has(&text, "3 行目  ファイル名：見積書.doc"));
    assert_true(has(&text, "暗号化（パスワード不明）"));
    assert_true(
        has(&text, "理由\n  無効にした検出層：macro（すべての検出層による検査ではありません）\n"));
    assert_true(has(&text, "    promise    危険（判定の決め手）\n"));
    buf_drop(&text);
    text = buf_new(1 << 20);
    both_forms(&json, &text, LANGUAGE_EN);
    assert_true(has(&text, "Malicious  dir/a b.eml: why\n"));
    assert_true(has(&text, "line 3  file name: 見積書.doc"));
    assert_true(has(&text, "why\n  Layers switched off: macro (not a full examination)\n"));
    assert_true(has(&text, "    macro      off\n    pattern    no rules\n"));
    assert_true(has(&text, "    promise    malicious (decided)\n"));
    buf_drop(&json);
    buf_drop(&text);
}

/* The shortest report of all, too, says that it is not one of all layers. */
static void a_clean_report_says_what_was_off(void **state)
{
    (void)state;
    struct arena *mem = arena_new(1 << 20);
    struct record r;
    record_init(&r, mem);
    struct policy policy = { .n_promises = 0 };
    struct judgement v = { .verdict = VERDICT_CLEAN,
                           .reason = { SLICE_LIT("why"), SLICE_LIT("理由") },
                           .decisive = NO_ID };
    struct report_meta meta = { .path = SLICE_LIT("a.eml") };
    struct report_input in = { &r, &v, NULL, &policy, &meta };
    struct report_style style = { LANGUAGE_EN, false, false };
    struct buf full = buf_new(4096), some = buf_new(4096);
    report_text(&full, &in, &style);
    assert_true(slice_is(buf_slice(&full), "Clean  a.eml: why\n"));
    v.votes[LAYER_LINK].vote = v.votes[LAYER_IDENTITY].vote = VOTE_OFF;
    report_text(&some, &in, &style);
    assert_true(slice_is(
        buf_slice(&some),
        "Clean  a.eml: why\n  Layers switched off: identity, link (not a full examination)\n"));
    buf_drop(&full);
    buf_drop(&some);
    arena_drop(&mem);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    (void)state;
    struct buf a = buf_new(1 << 20), b = buf_new(1 << 20), text = buf_new(1 << 20);
    both_forms(&a, &text, LANGUAGE_EN);
    both_forms(&b, &text, LANGUAGE_EN);
    assert_true(slice_eq(buf_slice(&a), buf_slice(&b)));
    buf_drop(&a);
    buf_drop(&b);
    buf_drop(&text);
}

static void unread_in_both_languages(void **state)
{
    static const struct {
        struct unread unread;
        const char *json, *en, *ja;
    } cases[] = {
        { { UNREAD_LIMIT, 0, UNREAD_OF_WORK, { 0 } },
          "\"cause\":\"limit\",\"part\":0,\"what\":\"work\"}",
          "limit reached: work",
          "上限超過：処理量" },
        { { UNREAD_NO_READER, 0, UNREAD_OF_TYPE, SLICE_INIT("onenote") },
          "\"what\":\"type\",\"name\":\"onenote\"}",
          "yet: OneNote notebook",
          "未対応形式：OneNote のノート" },
        { { UNREAD_NO_READER, 0, UNREAD_OF_TYPE, SLICE_INIT("pdf") },
          "\"name\":\"pdf\"}",
          "yet: pdf",
          "未対応形式：pdf" },
        { { UNREAD_DAMAGED, 0, UNREAD_OF_MEMBER, SLICE_INIT("work") },
          "\"what\":\"member\",\"name\":\"work\"}",
          "damaged: work",
          "破損：work" },
        { { UNREAD_NO_READER, 0, UNREAD_OF_EXCEL_4_0_MACRO_SHEET, { 0 } },
          "\"what\":\"excel-4.0-macro-sheet\"}",
          "Excel 4.0 macro sheet",
          "Excel 4.0 マクロシート" },
        { { UNREAD_DAMAGED, 0, UNREAD_OF_PART, { 0 } },
          "\"what\":\"part\"}",
          "damaged: this part",
          "破損：この部分" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *mem = arena_new(1 << 20);
        struct record r;
        record_init(&r, mem);
        struct sink s = record_sink(&r);
        s.part(s.host, &(struct part){ .parent = NO_ID, .type = SLICE_LIT("eml") });
        s.unread(s.host, &cases[i].unread);
        struct judgement j = { .verdict = VERDICT_UNKNOWN, .decisive = NO_ID };
        struct report_meta meta = { .path = SLICE_LIT("a") };
        struct policy policy = { .n_promises = 0 };
        struct report_input in = { &r, &j, NULL, &policy, &meta };
        struct buf json = buf_new(1 << 20), en = buf_new(1 << 20), ja = buf_new(1 << 20);
        report_json(&json, &in);
        report_text(&en, &in, &(struct report_style){ .details = true });
        report_text(&ja, &in, &(struct report_style){ .details = true, .language = LANGUAGE_JA });
        if (!has(&json, cases[i].json) || !has(&en, cases[i].en) || !has(&ja, cases[i].ja))
            fail_msg("%s: %.*s\n%.*s\n%.*s", cases[i].json, (int)json.len, (const char *)json.at,
                     (int)en.len, (const char *)en.at, (int)ja.len, (const char *)ja.at);
        buf_drop(&json);
        buf_drop(&en);
        buf_drop(&ja);
        arena_drop(&mem);
    }
}

static void messages_fill_in(void **state)
{
    (void)state;
    struct buf out = buf_new(1024);
    slice values[] = { SLICE_LIT("3"), SLICE_LIT("9") };
    message_put(&out, MSG_REPORT_READ, LANGUAGE_EN, values, 2);
    assert_true(slice_is(buf_slice(&out), "3 parts read, 9 bytes"));
    assert_int_equal(message_by_key("source.", SLICE_LIT("body")), MSG_SOURCE_BODY);
    assert_int_equal(message_by_key("source.", SLICE_LIT("nothing")), MSG_COUNT);
    assert_int_equal(language_of_locale("ja_JP.UTF-8"), LANGUAGE_JA);
    assert_int_equal(language_of_locale(NULL), LANGUAGE_EN);
    buf_drop(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unread_in_both_languages),
        cmocka_unit_test(json_is_escaped_and_complete),
        cmocka_unit_test(context_of_the_gate),
        cmocka_unit_test(a_long_report_gets_short_values),
        cmocka_unit_test(text_tells_the_chain),
        cmocka_unit_test(a_clean_report_says_what_was_off),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(messages_fill_in),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
