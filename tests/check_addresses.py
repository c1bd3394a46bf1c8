#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_addresses - who a mail is from and to, for every form that RFC 5322 allows and some it
does not (tests/addresses.py), and whether names that show another address are noticed.

usage: check_addresses.py SEKISHO SOURCE-ROOT
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from addresses import cases  # noqa: E402
from spoofs import HONEST, NOTICED, SPOOFS  # noqa: E402

SEKISHO, ROOT = sys.argv[1:3]
ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
CASES, SPOOFED, HONEST_CASES = 250, 50, 50
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def scan(mails):
    """name -> report"""
    folder = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        for name, data in mails.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
        r = subprocess.run([SEKISHO, "scan", "--json", "--quiet", folder], capture_output=True, env=ENV, timeout=250)
        return {os.path.basename(g["path"]): g for g in map(json.loads, r.stdout.splitlines())}
    finally:
        shutil.rmtree(folder)


def mailboxes(report, field):
    """The facts come in order: a name, if any, before its address."""
    out, name = [], None
    for f in report["facts"]:
        if f["name"] == f"email.{field}.name":
            if name is not None:
                out.append((name, ""))
            name = f["value"]
        elif f["name"] == f"email.{field}.address":
            out.append((name or "", f["value"]))
            name = None
    return out + ([(name, "")] if name is not None else [])


def same(got, wanted):
    return len(got) == len(wanted) and all(g[1] == w[1] and w[0] in (None, g[0]) for g, w in zip(got, wanted))


def check_readings():
    wanted = {}
    mails = {}
    for i, (what, value, reading) in enumerate(cases()):
        raw = value if isinstance(value, bytes) else value.encode()
        for field, other in (("From", b"To: z@z.example"), ("To", b"From: z@z.example")):
            name = f"{i:04d}-{field}.eml"
            mails[name] = field.encode() + b": " + raw + b"\r\n" + other + b"\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nbody\r\n"
            wanted[name] = (what, field, reading)
    check(f"there are {len(mails) // 2} forms", len(mails) // 2 >= CASES)
    got = scan(mails)
    for name, (what, field, reading) in wanted.items():
        boxes = mailboxes(got[name], field.lower()) if name in got else "no report"
        check(f"{field}: {what[:70]}", same(boxes, reading), f"{boxes[:4]} for {reading[:4]}")


def check_spoofs():
    mails = {f"{kind}-{i:03d}.eml": head.encode() + (b"" if "To: " in head.replace("Reply-To: ", "") else b"\r\nTo: hanako@corp.example") +
             b"\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nbody\r\n"
             for kind, rows in (("spoof", SPOOFS), ("honest", HONEST)) for i, (_, head) in enumerate(rows)}
    got = scan(mails)
    for kind, rows, least in (("spoof", SPOOFS, SPOOFED), ("honest", HONEST, HONEST_CASES)):
        check(f"there are {len(rows)} forms ({kind})", len(rows) >= least)
        for i, (what, head) in enumerate(rows):
            facts = got[f"{kind}-{i:03d}.eml"]["facts"]
            said = sorted(f"{f['name']}={f['value']}" for f in facts if f["name"] in NOTICED)
            check(f"{kind}: {what}", bool(said) == (kind == "spoof"), f"{said} for {head!r}")


check_readings()
check_spoofs()
print(f"1..{tests}")
sys.exit(1 if failures else 0)
