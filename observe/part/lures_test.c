/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lures.c: texts that ask for an unsafe step, and texts that only
 * speak of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/table.h"

#include "base/buf.h"
#include "base/text.h"
#include "observe/part/harness.h"

enum { ENABLE = 1, TRUSTED = 2, PROTECTED = 4, ASKS = 8 };

static unsigned lures_of(const struct tally *t)
{
    return (tally_facts(t, FACT_DOCUMENT_LURE_ENABLE_CONTENT) ? ENABLE : 0u) |
           (tally_facts(t, FACT_DOCUMENT_LURE_TRUSTED_LOCATION) ? TRUSTED : 0u) |
           (tally_facts(t, FACT_DOCUMENT_LURE_PROTECTED) ? PROTECTED : 0u) |
           (tally_facts(t, FACT_DOCUMENT_LURE) ? ASKS : 0u);
}

static struct tally *text(slice s)
{
    return tally_observed(
        &(struct tally_options){ .name = "a.txt", .declared = "text/plain; charset=utf-8" }, s);
}

static void lure_texts(void **state)
{
    static const struct {
        const char *name, *text;
        unsigned want;
    } cases[] = {
        { "week 49/2021",
          "THIS DOCUMENT IS PROTECTED.\nPreviewing is not available for protected documents. You "
          "have to press \"ENABLE EDITING\" and \"ENABLE CONTENT\" buttons to preview this "
          "document.",
          ENABLE | PROTECTED | ASKS },
        { "week 10/2022",
          "NOTICE Most features are disabled. To view and edit document click Enable Editing and "
          "click Enable Content.",
          ENABLE | PROTECTED | ASKS },
        { "week 09/2022",
          "THIS DOCUMENT IS ONLY AVAILABLE FOR DESKTOP OR LAPTOP VERSIONS OF MICROSOFT OFFICE "
          "EXCEL. CLICK \"ENABLE EDITING\" FROM YELLOW BAR ABOVE",
          ENABLE | PROTECTED | ASKS },
        { "upgrade",
          "Upgrade your edition of Microsoft Word. Please click Enable Editing and then click "
          "Enable Content.",
          ENABLE | PROTECTED | ASKS },
        { "iOS",
          "Operation did not complete successfully because the file was created on iOS device. To "
          "view the content click Enable Editing.",
          ENABLE | PROTECTED | ASKS },
        { "Windows 10 Mobile", "This document was created in Windows 10\nMobile", PROTECTED },
        { "earlier version",
          "Document created in earlier version of Microsoft Office Word. To view this content, "
          "please click \"Enable editing\" at the top yellow bar.",
          ENABLE | PROTECTED | ASKS },
        { "broken lines", "Please click En\nable   Con\r\ntent", ENABLE | ASKS },
        { "curly quotes", "Click “Enable” “Content”", ENABLE | ASKS },
        { "full-width", "Ｐｌｅａｓｅ　ｃｌｉｃｋ　ＥＮＡＢＬＥ　ＣＯＮＴＥＮＴ", ENABLE | ASKS },
        { "invisible letters", "click En\u200Bable Con\u00ADtent", ENABLE | ASKS },
        { "Templates, 2022-11",
          "RELAUNCH REQUIRED In accordance with the requirements of your security policy, to "
          "display the contents of the document, you need to copy the file to the following folder "
          "and run it again:\nfor Microsoft Office 2013 x32 and earlier - C:\\Program "
          "Files\\Microsoft Office (x86)\\Templates",
          TRUSTED | PROTECTED | ASKS },
        { "Templates, path and verb",
          "Copy this book to C:\\Program Files\\Microsoft Office\\root\\Templates and open it "
          "again.",
          TRUSTED | ASKS },
        { "Templates in Japanese",
          "このファイルを次のフォルダーにコピーして、もう一度開いてください。", TRUSTED | ASKS },
        { "Templates, yen signs",
          "C:￥Program Files￥Microsoft Office￥root￥Templates にコピーして開いてください",
          TRUSTED | ASKS },
        { "Templates, half-width kana", "ﾌｧｲﾙを次のﾌｫﾙﾀﾞｰにｺﾋﾟｰしてください", TRUSTED | ASKS },
        { "Templates, broken lines", "以下の\nフォルダに\nコピーし、再度実行してください",
          TRUSTED | ASKS },
        { "Japanese",
          "このドキュメントは保護されています。表示するには「編集を有効にする」をクリックし、「コン"
          "テンツの有効化」をクリックしてください。",
          ENABLE | PROTECTED | ASKS },
        { "Japanese, half-width kana", "ｺﾝﾃﾝﾂの有効化をｸﾘｯｸしてください", ENABLE | ASKS },
        { "Japanese, spaces", "コ ン テ ン ツ の 有 効 化 をクリック", ENABLE | ASKS },
        { "Japanese, macros", "マクロを有効にしてください。", ENABLE | ASKS },
        { "Japanese, earlier version",
          "この文書は以前のバージョンの Microsoft Office で作成されました。", PROTECTED },
        { "German", "Bitte auf \"Inhalt aktivieren\" klicken", ENABLE | ASKS },
        { "French", "Cliquez sur « Activer le contenu »", ENABLE | ASKS },
        { "Chinese", "请点击“启用内容”", ENABLE | ASKS },
        { "no instruction", "Macros and the Enable Content bar in Office", ENABLE },
        { "invoice",
          "Please find attached the invoice for November. Click the link in our portal to pay.",
          0 },
        { "Japanese business",
          "お世話になっております。請求書をお送りします。ご確認のほどよろしくお願いいたします。",
          0 },
        { "folder without verb", "Normal.dotm lies in the folder Microsoft\\Templates.", 0 },
        { "copy elsewhere", "Please copy the minutes to the shared folder \\\\server\\minutes.",
          0 },
        { "validity", "有効期限は90日です。有効なパスワードを入力してください。", 0 },
        { "enable something else", "Enable two-factor authentication and click Save.", 0 },
        { "nothing", "x", 0 },
    };
    (void)state;
    struct table all = { 0 };
    TABLE_EACH (&all, row, cases) {
        struct tally *t = text(slice_of(row->text));
        tally_check(t);
        unsigned got = lures_of(t);
        if (got != row->want)
            table_wrong(&all, row->name, "%u, not %u", got, row->want);
        tally_drop(&t);
    }
}

static void manuals_are_no_lures(void **state)
{
    (void)state;
    struct buf b = buf_new(1 << 20);
    for (int i = 0; i < 200; i++)
        buf_text(&b, "Chapter. This chapter explains how tables are laid out, and which settings "
                     "of the view apply to them.\n");
    size_t long_text = b.len;
    buf_text(&b, "To run macros, click Enable Content in the message bar. "
                 "コンテンツの有効化をクリックします。\n");
    struct tally *t = text(buf_slice(&b));
    assert_int_equal(lures_of(t), 0);
    tally_drop(&t);
    /* The same at the beginning is one. */
    struct buf c = buf_new(1 << 20);
    buf_text(&c, "\n\nTo view this file, click Enable Content.\n");
    buf_put(&c, slice_sub(buf_slice(&b), 0, long_text));
    t = text(buf_slice(&c));
    assert_int_equal(lures_of(t), ENABLE | ASKS);
    const struct fact *f = tally_fact(t, FACT_DOCUMENT_LURE_ENABLE_CONTENT);
    assert_int_equal(f->line, 3);
    assert_true(slice_starts_nocase(f->text, "enable content"));
    tally_drop(&t);
    buf_drop(&b);
    buf_drop(&c);
}

static void floods_stay_linear(void **state)
{
    static const char *const pieces[] = { "enable",      "有効", "\\templates",     "copy",
                                          "ﾌ",           "　",   "Enable Content ", "\xc2",
                                          "次のフォルダ" };
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct buf b = buf_new(4 << 20);
        while (b.len < (256u << 10))
            buf_text(&b, pieces[i]);
        struct tally *t = text(buf_slice(&b));
        tally_check(t);
        tally_drop(&t);
        buf_drop(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lure_texts),
        cmocka_unit_test(manuals_are_no_lures),
        cmocka_unit_test(floods_stay_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
