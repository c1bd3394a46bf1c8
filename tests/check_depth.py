#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_depth - rules see every decoded layer, and the score says what each is worth.

A Sigma rule and a YARA rule, both of this test's own, must fire on what lies in macro source,
below four and more containers, and nowhere else. tools/score --ablate must name for each rule
of rules/ what it fires on, hostile and honest, and at what rate on the honest.

usage: check_depth.py SEKISHO SOURCE-ROOT
"""
import base64
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

SEKISHO, ROOT = sys.argv[1:3]
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools/lib"))
import ooxml  # noqa: E402
import wavemacro  # noqa: E402
import zipcrypt  # noqa: E402

MARK = "inert-mark-of-check-depth"
MACRO = f'Sub Example()\n    MsgBox "{MARK[:11]}" & "{MARK[11:]}"\nEnd Sub'  # the joined string stands nowhere
WHOLE = f'Sub Example()\n    MsgBox "{MARK}"\nEnd Sub'
SIGMA = """title: Mark
id: 2b8a7d7e-32a1-5c5e-9f0a-0d6c5c0f6a11
name: layers-mark
status: test
description: The mark of this test.
author: Sekisho
date: 2026-11-22
logsource:
    product: sekisho
    category: macro
detection:
    mark:
        vba.string|contains: %s
    condition: mark
level: critical
sekisho:
    name: Test.VBA.Layers
    family: test-layers
    title: {ja: '試験'}
    description: {ja: '試験用の文字列を探します。'}
    reason: {en: 'The mark.', ja: '試験用の文字列です。'}
    falsepositives: {ja: 'なし'}
    tests:
        match: [{vba.string: %s}]
        no_match: [{vba.string: other}]
falsepositives:
    - None
""" % (MARK, MARK)
YARA = 'rule layers_mark { strings: $a = "%s" condition: $a }\n' % MARK
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def zipped(data, name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def mail(data, name, body=b"hello\r\n"):
    return (b"From: a@a.example\r\nTo: b@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
            b"Content-Type: text/plain\r\n\r\n" + body + b"--b\r\nContent-Type: application/octet-stream; name=" + name.encode() +
            b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data) + b"\r\n--b--\r\n")


def layers(macro):
    docm = ooxml.word(["text"], wavemacro._modules(macro, False))
    doc = wavemacro.doc(macro)
    locked = zipcrypt.write([zipcrypt.Member("a.docm", docm)], password="Kx7mPq29", method="aes256")
    html = (b"<html><body><a download=a.doc href=\"data:application/msword;base64," + base64.b64encode(doc) + b"\">x</a></body></html>")
    return {
        "1-doc.doc": doc,
        "2-docm.docm": docm,
        "4-mail-zip-docm.eml": mail(zipped(docm, "a.docm"), "a.zip"),
        "5-zip-mail-gzip-doc.zip": zipped(mail(gzip.compress(doc, mtime=0), "a.doc.gz"), "m.eml"),
        "6-mail-mail-zip-zip-docm.eml": mail(mail(zipped(zipped(docm, "a.docm"), "b.zip"), "c.zip"), "m.eml"),
        "5-mail-locked-zip-docm.eml": mail(locked, "a.zip", "パスワード: Kx7mPq29\r\n".encode("utf-8")),
        "5-mail-zip-page-doc.eml": mail(zipped(html, "a.html"), "a.zip"),
    }


def scan(folder, *options):
    r = subprocess.run([SEKISHO, "scan", "--json", "--quiet", *options, folder], capture_output=True, timeout=250,
                       env=dict(os.environ, LC_ALL="C.UTF-8"))
    return {os.path.basename(g["path"]): g for g in map(json.loads, r.stdout.splitlines())}, r.stderr[-300:]


def write(folder, files):
    os.makedirs(folder, exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())


def check_depth(tmp):
    write(os.path.join(tmp, "rules"), {"mark.yml": SIGMA})
    write(tmp, {"mark.yar": YARA})
    cut, whole = layers(MACRO), layers(WHOLE)
    write(os.path.join(tmp, "cut"), cut)
    write(os.path.join(tmp, "whole"), whole)
    write(os.path.join(tmp, "none"), layers(MACRO.replace("mark", "other")))
    rules = ("--rules", os.path.join(tmp, "rules"))
    got, said = scan(os.path.join(tmp, "cut"), *rules)
    for name in cut:
        g = got.get(name, {"findings": [], "facts": []})
        check(f"Sigma, decoded string: {name}", any(f["rule"] == "layers-mark" for f in g["findings"]), str(said))
    if not os.path.exists(os.path.join(os.path.dirname(SEKISHO), "sekisho-worker-yara")):
        print("# built without libyara: only Sigma rules were tried")
        return
    got, said = scan(os.path.join(tmp, "whole"), *rules, "--yara", os.path.join(tmp, "mark.yar"))
    for name in whole:
        facts = got.get(name, {"facts": []})["facts"]
        kinds = {p["id"]: p["type"] for p in got[name]["parts"]}
        where = {kinds[f["part"]] for f in facts if f["name"] == "yara.rule" and f["value"] == "layers_mark"}
        check(f"YARA, macro source: {name}", "vba-module" in where, f"{where} {said}")
    got, said = scan(os.path.join(tmp, "none"), *rules, "--yara", os.path.join(tmp, "mark.yar"))
    check("neither fires without the mark", len(got) == len(cut) and not any(g["findings"] or any(f["name"] == "yara.rule" for f in g["facts"])
                                                                           for g in got.values()))


def check_score(tmp):
    corpus, waves = os.path.join(tmp, "corpus"), os.path.join(tmp, "waves")
    subprocess.run([os.path.join(ROOT, "tools/make-waves"), waves], check=True, stdout=subprocess.DEVNULL)
    write(os.path.join(corpus, "mail"), {"h.eml": b"From: a@a.example\r\nSubject: x\r\n\r\nhello\r\n"})
    write(os.path.join(corpus, "benign"), {"b.doc": wavemacro.doc(wavemacro.honest("open-formats"))})
    write(corpus, {"hostile.zip": zipped(wavemacro.doc(wavemacro.hostile("family-a")), "m.doc"),
                   "LABELS.tsv": "path\tsha256\tlabel\tkind\tfamily-wave\tsource\nmail/h.eml\t\tham\teml\t\t\nbenign/b.doc\t\tbenign\tdoc-vba\t\t\n"
                                 "hostile.zip:m.doc\t\tmalicious\tdoc-vba\t\t\n"})
    r = subprocess.run([os.path.join(ROOT, "tools/score"), "--sekisho", SEKISHO, "--corpus", corpus, "--rules", os.path.join(ROOT, "rules"),
                        "--inert", waves, "--ablate"], capture_output=True, text=True, timeout=280)
    rows = re.findall(r"^  (\S+)\s+(\d+)\s+(\d+);\s+(\d+)\s+(\d+)\s+changes\s+(\d+)\s+(\d+)\s+FP (\d+\.\d\d) %$", r.stdout, re.M)
    rules = subprocess.run([SEKISHO, "rules", "list", os.path.join(ROOT, "rules")], capture_output=True, text=True,
                           env=dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"))).stdout
    texts = [open(os.path.join(folder, f), encoding="utf-8").read() for folder, _, files in os.walk(os.path.join(ROOT, "rules"))
             for f in files if f.endswith(".yml")]
    tree = {m for text in texts for m in re.findall(r"^name:\s*(\S+)", text, re.M)}
    parts = {m for text in texts for block in re.findall(r"^    rules:\n((?:\s+- .*\n)+)", text, re.M) for m in re.findall(r"- (\S+)", block)}
    check("the ablation has a row for each rule", tree and {x[0] for x in rows} == tree, str(tree ^ {x[0] for x in rows})[:300] + r.stderr[-200:])
    silent = [x[0] for x in rows if int(x[1]) + int(x[3]) == 0 and x[0] not in parts]
    # a rule that only serves a correlation is no finding of its own
    check("each rule fires on something hostile", rows and not silent, str(silent))
    print(f"# {len(rows)} rules, {sum(float(x[7]) > 0 for x in rows)} fire on honest files too; {len(rules.splitlines())} in force")


tmp = tempfile.mkdtemp(prefix="sekisho-test-")
try:
    check_depth(tmp)
    check_score(tmp)
finally:
    shutil.rmtree(tmp)
print(f"1..{tests}")
sys.exit(1 if failures else 0)
