#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_lures - documents that talk their reader into an unsafe step are noticed, with the step
named: *enable content* and *copy to a trusted folder* are told apart; and manuals, notices and
help texts that speak of the same buttons and folders stay clean.

The lures are paraphrases of what the templates of 2014 to 2023 said, the manuals are what
people in offices write. Each is put into a binary document, a package, a sheet and a text.

usage: check_lures.py SEKISHO SOURCE-ROOT
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

SEKISHO, ROOT = sys.argv[1:3]
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools/lib"))
import office97  # noqa: E402
import ooxml  # noqa: E402
import wavemacro  # noqa: E402

ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
ENABLE, TRUSTED = "document.lure.enable_content", "document.lure.trusted_location"
tests = failures = 0

LURES = [  # language and year, what is asked for, text
    ("en 2014", {ENABLE}, "This document was created in an earlier version of Microsoft Office. To view it, click Enable Content on the yellow bar."),
    ("en 2016", {ENABLE}, "If you see a security warning, press Options and then Enable this content to show the invoice."),
    ("en 2018", {ENABLE}, "Office 365. This file is protected. Once you have enabled editing, please click \"Enable Content\" from the yellow bar above."),
    ("en 2019", {ENABLE}, "You are attempting to open a file that was created in an earlier version. To view the content please click \"Enable Editing\" button "
                          "and then click \"Enable Content\"."),
    ("en 2020", {ENABLE}, "Operation did not complete. This document was made on Windows 10 Mobile. Click Enable editing, then Enable content."),
    ("en 2021", {ENABLE}, "PROTECTED. Previewing is not available. You have to press ENABLE EDITING and ENABLE CONTENT."),
    ("en 2022", {ENABLE}, "Most features are disabled. To view and edit the document click Enable Editing and click Enable Content."),
    ("en, macros", {ENABLE}, "This workbook needs macros. Please enable macros to see the data."),
    ("en, spaced", {ENABLE}, "P l e a s e   c l i c k   E n a b l e   C o n t e n t   t o   v i e w"),
    ("en 2022-11", {TRUSTED}, "RELAUNCH REQUIRED. To display the contents, copy the file to the following folder and run it again: "
                              "C:\\Program Files\\Microsoft Office\\root\\Templates"),
    ("en 2022-11, older Office", {TRUSTED}, "In accordance with your security policy move this file to C:\\Program Files (x86)\\Microsoft Office\\Templates and open it there."),
    ("en, start folder", {TRUSTED}, "To see the table save this workbook in %APPDATA%\\Microsoft\\Excel\\XLSTART and open it from there."),
    ("en, location", {TRUSTED}, "Please copy this file to a Trusted Location and open it again."),
    ("en, both", {ENABLE, TRUSTED}, "Click Enable Content. If it is not shown, copy the file to C:\\Program Files\\Microsoft Office\\root\\Templates and run it."),
    ("ja 2019", {ENABLE}, "この文書は保護されています。表示するには「編集を有効にする」、続けて「コンテンツの有効化」をクリックしてください。"),
    ("ja 2020", {ENABLE}, "以前のバージョンの Microsoft Office で作成されたドキュメントです。閲覧するには、黄色いバーの「コンテンツの有効化」を押してください。"),
    ("ja 2022", {ENABLE}, "ほとんどの機能が無効になっています。内容を表示するには［コンテンツの有効化］をクリックしてください。"),
    ("ja, macros", {ENABLE}, "データを表示するには、マクロを有効にしてください。"),
    ("ja, half-width", {ENABLE}, "請求書を表示するには｢ｺﾝﾃﾝﾂの有効化｣をｸﾘｯｸしてください。"),
    ("ja, lines", {ENABLE}, "表示するには\nコンテンツ\nの有効化\nをクリックしてください。"),
    ("ja, spaced", {ENABLE}, "編 集 を 有 効 に す る を ク リ ッ ク し て く だ さ い"),
    ("ja 2022-11", {TRUSTED}, "再起動が必要です。セキュリティポリシーに従い、次のフォルダーにコピーしてから再度開いてください。 C:\\Program Files\\Microsoft Office\\root\\Templates"),
    ("ja 2022-11, verb before", {TRUSTED}, "内容を表示するには、このファイルを以下のフォルダにコピーして、もう一度実行してください。"),
    ("ja, location", {TRUSTED}, "本ファイルは「信頼できる場所」に保存してから開いてください。"),
    ("ja, both", {ENABLE, TRUSTED}, "「コンテンツの有効化」をクリックしてください。表示されない場合は、次のフォルダーにコピーして開いてください。"),
    ("de", {ENABLE}, "Dieses Dokument ist geschützt. Bitte klicken Sie auf \"Bearbeitung aktivieren\" und danach auf \"Inhalt aktivieren\"."),
    ("fr", {ENABLE}, "Ce document est protégé. Cliquez sur « Activer la modification » puis sur « Activer le contenu »."),
    ("es", {ENABLE}, "Para ver el documento haga clic en \"Habilitar edición\" y después en \"Habilitar contenido\"."),
    ("it", {ENABLE}, "Per visualizzare il documento fare clic su \"Abilita modifica\" e quindi su \"Abilita contenuto\"."),
    ("pt", {ENABLE}, "Para ver o documento clique em \"Habilitar edição\" e depois em \"Habilitar conteúdo\"."),
    ("zh-Hans", {ENABLE}, "此文档受保护。请点击“启用编辑”，然后点击“启用内容”。"),
    ("zh-Hant", {ENABLE}, "此文件受保護。請按一下「啟用編輯」，然後按一下「啟用內容」。"),
]

FILLER_EN = "Enter the figures of the month in column B and check the sums before the fifth working day. "
FILLER_JA = "毎月の数値を B 列に入力し、五営業日までに合計を確認してください。"
MANUALS = [  # text; all stay clean, with and without an honest macro
    "User manual. The report is built by a macro. When the workbook opens, Excel shows a security warning; the button Enable Content starts the macro. " + FILLER_EN * 4,
    "Help desk: what is Protected View? Files from the Internet open read-only. Enable Editing leaves this mode. Do so only if you know the sender. " + FILLER_EN * 3,
    "Security training. Attackers ask you to click \"Enable Content\". Never do this in a document that came by mail. Report it to the service desk. " + FILLER_EN * 2,
    "Release notes 4.2. Fixed: the Enable Content bar was shown twice. Fixed: macros were disabled after an update. " + FILLER_EN * 2,
    "FAQ. Q: The buttons do nothing. A: Macros are disabled. Ask the administrator to sign the workbook. Q: Where are templates kept? A: In the folder Templates of your profile. "
    + FILLER_EN * 3,
    "Policy: macros from the Internet are blocked. Trusted locations are managed by group policy and may not be changed by users. " + FILLER_EN * 3,
    "Administration guide. Custom templates are kept in C:\\Users\\name\\Documents\\Custom Office Templates; the folder is set in Options, Save. " + FILLER_EN * 4,
    "How to install the add-in: the setup program places it under AddIns; Excel loads it at the next start. Remove it under Options, Add-ins. " + FILLER_EN * 3,
    "Incident report. The mail asked the recipient to enable content; the recipient did not. The file was sent to the security team. " + FILLER_EN * 2,
    "Minutes. It was decided that content in the intranet is enabled for all departments by March. " + FILLER_EN * 3,
    "利用手引き。集計はマクロで行います。ファイルを開くと「セキュリティの警告」が表示されます。「コンテンツの有効化」は初回のみ必要です。" + FILLER_JA * 6,
    "情報セキュリティ研修。メールに添付された文書で「コンテンツの有効化」を求められても、決して押さないでください。不審な場合は情報システム部に連絡してください。" + FILLER_JA * 4,
    "注意喚起。Emotet に感染させるメールが増えています。添付ファイルの「コンテンツの有効化」ボタンをクリックしないでください。" + FILLER_JA * 4,
    "保護ビューについて。インターネットから入手したファイルは読み取り専用で開きます。送信者が確かな場合だけ「編集を有効にする」を選びます。" + FILLER_JA * 4,
    "よくある質問。ボタンが動かない場合は、マクロが無効になっています。署名済みの版を配布しますので、情報システム部までご連絡ください。" + FILLER_JA * 5,
    "管理者向け。信頼できる場所はグループポリシーで管理します。利用者は変更できません。" + FILLER_JA * 5,
    "テンプレートの置き場所。ユーザー用のテンプレートは「Office のカスタム テンプレート」フォルダーにあります。変更はオプションの「保存」で行います。" + FILLER_JA * 4,
    "改版履歴。第3版：マクロの有効化に関する説明を付録に移した。第4版：図を差し替えた。" + FILLER_JA * 5,
    "議事録。新システムの機能を四月から全部署で有効化することとした。コンテンツの公開範囲は次回検討する。" + FILLER_JA * 5,
    "契約書。本契約の有効期間は一年とする。甲は乙に対し、本件コンテンツの利用を許諾する。" + FILLER_JA * 5,
    FILLER_EN * 120 + "Appendix: to run the macro click Enable Content in the message bar.",
    FILLER_JA * 120 + "付録：マクロを実行するには、メッセージバーの「コンテンツの有効化」をクリックしてください。",
]
MAILS = [  # bodies of honest mail about it
    "Dear all,\r\nplease remember: never click Enable Content in a file you did not expect. When in doubt, call the service desk.\r\n",
    "Hi,\r\nthe new time sheet has a macro. Excel will show a bar with Enable Content the first time; the file is signed by our department.\r\n",
    "各位\r\n情報システム部です。「コンテンツの有効化」をクリックさせる不審メールが届いています。開封せずに削除してください。\r\n",
    "経理部の佐藤です。勤務表を更新しました。初回のみ「コンテンツの有効化」が必要です。ご不明な点は内線 1234 までお願いします。\r\n",
    "営業部各位\r\n見積書のひな形を共有フォルダーにコピーしました。次回からこちらをお使いください。\r\n",
]


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def scan(files):
    tmp = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        for name, data in files.items():
            with open(os.path.join(tmp, name), "wb") as f:
                f.write(data)
        r = subprocess.run([SEKISHO, "scan", "--json", "--quiet", tmp], capture_output=True, env=ENV, timeout=280)
        return {os.path.basename(g["path"]): g for g in map(json.loads, r.stdout.splitlines())}
    finally:
        shutil.rmtree(tmp)


def forms(text):
    yield "doc", office97.word(text)
    yield "docx", ooxml.word(text.split("\n"))
    yield "xlsx", ooxml.sheet([("Sheet1", [[line] for line in text.split("\n")])])
    yield "txt", text.encode()


def check_lures():
    files, wanted = {}, {}
    for i, (what, flags, text) in enumerate(LURES):
        for kind, data in forms(text):
            files[f"{i:02d}.{kind}"], wanted[f"{i:02d}.{kind}"] = data, (what, flags)
    got = scan(files)
    for name, (what, flags) in wanted.items():
        said = {f["name"] for f in got[name]["facts"]} & {ENABLE, TRUSTED}
        check(f"lure: {what}, {name[3:]}", said == flags, str(said))


def check_manuals():
    files = {}
    macro = wavemacro.honest("open-formats")
    for i, text in enumerate(MANUALS):
        for kind, data in forms(text):
            files[f"{i:02d}.{kind}"] = data
        files[f"{i:02d}.macro.doc"] = wavemacro.doc(wavemacro.honest("open-updates-fields"), text)
        files[f"{i:02d}.macro.xlsm"] = wavemacro.xlsm(macro, [("説明", [[text]])])
    for i, body in enumerate(MAILS):
        files[f"mail-{i}.eml"] = (b"From: a@a.example\r\nTo: b@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
                                  b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body.encode())
    got = scan(files)
    for name in sorted(files):
        g = got[name]
        check(f"stays clean: {name}", g["verdict"] == "clean", f"{g['verdict']} {[f['rule'] for f in g['findings']]}")
    noted = sum(bool(g["findings"]) for g in got.values())
    print(f"# {noted} of {len(got)} honest files carry a note")


check_lures()
check_manuals()
print(f"1..{tests}")
sys.exit(1 if failures else 0)
