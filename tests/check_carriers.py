#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_carriers - a mail gets the same verdict whatever carries it.

usage: check_carriers.py SEKISHO SOURCE-ROOT

Every mail of tools/make-waves is written as an Outlook message file and with its text and files in
winmail.dat as well. What only Internet mail has (two names of one file, two encodings, uuencode) is
left out; so is what a page loses when it is taken out of its multipart.
"""
import json
import os
import subprocess
import sys
import tempfile

SEKISHO, ROOT = sys.argv[1:3]
ENV = dict(os.environ, LC_ALL="C.UTF-8")
sys.path.insert(0, os.path.join(ROOT, "tools/lib"))
sys.dont_write_bytecode = True
import outlook  # noqa: E402

MIME_ONLY = ("mime-", "mail-names-")
failures = tests = 0


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def scan(folder):
    run = subprocess.run([SEKISHO, "scan", "--json", "--quiet", "--rules", os.path.join(ROOT, "rules"), "--own-domain", "corp.example",
                          "--authserv-id", "mx.corp.example", folder], capture_output=True, env=ENV, timeout=280)
    return {os.path.basename(r["path"]): r for r in map(json.loads, run.stdout.splitlines())}


def told(report):
    return sorted(f.get("name") or f.get("rule") for f in report["findings"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.join(ROOT, "tools/make-waves"), folder], check=True, env=ENV)
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            stem = name.split("-", 1)[1]
            if not name.endswith(".eml") or stem.startswith(MIME_ONLY):
                os.unlink(path)
                continue
            raw = open(path, "rb").read()
            with open(path[:-4] + ".msg", "wb") as out:
                out.write(outlook.msg(raw))
            with open(path[:-4] + ".tnef.eml", "wb") as out:
                out.write(outlook.wrapped(raw))
        reports = scan(folder)
        mails = [n for n in sorted(reports) if n.endswith(".eml") and not n.endswith(".tnef.eml")]
        check("there are mails", len(mails) > 40, len(mails))
        for name in mails:
            want = reports[name]
            for carrier in (".msg", ".tnef.eml"):
                got = reports.get(name[:-4] + carrier)
                check(name[:-4] + carrier, got and got["verdict"] == want["verdict"],
                      f"{want['verdict']} {told(want)}; {got and got['verdict']} {got and told(got)} {got and got['unread']}")
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
