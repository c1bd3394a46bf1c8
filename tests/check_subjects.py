#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_subjects - the cut subjects of one campaign are one group, ordinary subjects none.

Mass mail of 2020-09 cut a stolen subject into pieces, some in the middle of a word, and gave
its attachment the whole of it. Six such subjects and the file name go out here in the spellings
that such mail had: encoded words of several charsets, characters split over two words,
ISO-2022-JP without its end, raw bytes without a label, RFC 2231. They are read back with
sekisho and put among a thousand unrelated subjects.

usage: check_subjects.py SEKISHO SOURCE-ROOT GROUP-SUBJECTS
"""
import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

SEKISHO, ROOT, GROUP = sys.argv[1:4]
ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
UNRELATED = 1000
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def b(data, charset):
    return b"=?" + charset + b"?B?" + base64.b64encode(data) + b"?="


def split(data, charset, at):
    return b(data[:at], charset) + b"\r\n " + b(data[at:], charset)


WHOLE = "カスタマー満足度アンケート調査 ご協力のお願い"
FILE = WHOLE + ".doc"
jis = "iso-2022-jp"
PIECES = [  # what it says, how it is written
    ("カスタマー満足度アンケー", b("カスタマー満足度アンケー".encode(jis), b"ISO-2022-JP")),
    ("ト調査 ご協力のお願い", b("ト調査 ご協力のお願い".encode(jis)[:-3], b"iso-2022-jp")),                        # no way back to ASCII
    ("スタマー満足度アンケート調", split("スタマー満足度アンケート調".encode(), b"utf-8", 16)),                     # cut in a character
    ("アンケート調査 ご協力のお願", split("アンケート調査 ご協力のお願".encode("shift_jis"), b"Shift_JIS", 9)),      # between its bytes
    ("カスタマー満足度アンケート", "カスタマー満足度アンケート".encode(jis)),                                       # as it is
    ("マー満足度アンケート調査 ご", "マー満足度アンケート調査 ご".encode("utf-8")),
]


def unrelated():
    """Ordinary subjects: everything said in offices, no two the same."""
    heads = ["", "Re: ", "【重要】", "【ご案内】", "[社内] ", "Fwd: ", "＜確認依頼＞"]
    firms = ["株式会社見本商事", "試験工業", "例示システムズ", "山田製作所", "Example Trading", "Sample Logistics Japan"]
    things = ["お見積書", "請求書", "納品書", "契約書", "会議資料", "月次報告書", "システムメンテナンス", "サーバー証明書更新", "新製品カタログ", "オンラインセミナー",
              "定例ミーティング", "プロジェクト進捗", "ネットワーク機器", "アンケート", "お客様満足度調査", "キャンペーン"]
    tails = ["送付の件", "のご確認のお願い", "について", "のご案内", "のお知らせ", "の日程調整", "（再送）", "ご協力のお願い"]
    english = ["Quarterly report", "Invoice", "Meeting minutes", "Purchase order", "Customer survey", "Project status", "Password policy", "Shipping notice"]
    rows = []
    for i, (head, firm, thing, tail) in enumerate(itertools.product(heads, firms, things, tails)):
        if i * 7919 % 5 == 0:
            rows.append(f"{head}{firm} {english[i % 8]} #{1000 + i}" if i % 5 == 0 else f"{head}{firm} {i % 12 + 1}月分{thing}{tail} {i}" if i % 2 else
                        f"{head}{thing}{tail}（{i % 12 + 1}/{i % 28 + 1}）{firm} {i}様")
    step = max(1, len(rows) // UNRELATED)
    return rows[::step][:UNRELATED]


def mail(subject, name=b""):
    return (b"From: a@a.example\r\nTo: b@b.example\r\nSubject: " + subject + b"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment" + name +
            b"\r\n\r\nhello\r\n--b--\r\n")


def main():
    ordinary = unrelated()
    names = [b"; filename*=iso-2022-jp''" + urllib.parse.quote(FILE.encode(jis)).encode(),
             b"; filename*0*=utf-8''" + urllib.parse.quote(FILE[:9]).encode() + b";\r\n filename*1*=" + urllib.parse.quote(FILE[9:]).encode(),
             b"; filename=\"" + b(FILE.encode(jis), b"iso-2022-jp") + b"\"", b"; filename=\"" + FILE.encode("shift_jis") + b"\""]
    tmp = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        for i, (_, written) in enumerate(PIECES):
            with open(os.path.join(tmp, f"piece-{i}.eml"), "wb") as f:
                f.write(mail(written, names[i % len(names)]))
        for i, text in enumerate(ordinary):
            with open(os.path.join(tmp, f"other-{i:04d}.eml"), "wb") as f:
                f.write(mail(b(text.encode(), b"utf-8") if i % 3 else text.encode()))
        r = subprocess.run([SEKISHO, "scan", "--json", "--quiet", tmp], capture_output=True, env=ENV, timeout=280)
    finally:
        shutil.rmtree(tmp)
    facts = {}
    for g in map(json.loads, r.stdout.splitlines()):
        facts[os.path.basename(g["path"])] = {f["name"]: f["value"] for f in g["facts"] if f["name"] in ("email.subject", "email.subject.fragment", "email.attachments.file.name")}
    got = [facts[f"piece-{i}.eml"] for i in range(len(PIECES))]
    for (text, written), f in zip(PIECES, got):
        check(f"read as it was meant: {text}", f.get("email.subject") == text, f"{f.get('email.subject')!r} from {written!r}")
        whole_words = text in ("アンケート調査 ご協力のお願", "カスタマー満足度アンケート")  # they end where a title may end
        check("... and its file name, of which it is a piece", f.get("email.attachments.file.name") == FILE and
              (whole_words or f.get("email.subject.fragment") == FILE), str(f))
    others = [facts[f"other-{i:04d}.eml"].get("email.subject", "") for i in range(len(ordinary))]
    check(f"{len(ordinary)} unrelated subjects are read", len(set(ordinary)) == len(ordinary) == UNRELATED and others == ordinary)
    lines = others + [f["email.subject"] for f in got] + [got[0].get("email.attachments.file.name", "")]
    r = subprocess.run([GROUP], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
    groups = [int(x) for x in r.stdout.split()]
    mine = set(groups[len(others):])
    check("the six subjects and the file name are one group", len(groups) == len(lines) and mine == {len(others)}, str(groups[len(others):]))
    joined = [(others[g], others[i]) for i, g in enumerate(groups[:len(others)]) if g != i]
    check("no unrelated subject is in a group", not joined, str(joined[:3]))
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
