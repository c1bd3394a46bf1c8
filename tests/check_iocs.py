#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_iocs - scan --iocs: what the inert examples would contact and run, safe to
show unless raw, as columns and as JSON, nothing of clean files.

usage: check_iocs.py SEKISHO SOURCE-ROOT
"""
import json
import os
import subprocess
import sys

SEKISHO, ROOT = map(os.path.abspath, sys.argv[1:3])
ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
failures = tests = 0


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def run(*args):
    return subprocess.run([SEKISHO, "scan", "--quiet", *args], capture_output=True, env=ENV, cwd=ROOT, timeout=60)


MAIL = "examples/03-reply-spoof.eml"
shown = run("--iocs", MAIL)
rows = [line.split("\t") for line in shown.stdout.decode().splitlines()]
check("status is the verdict's", shown.returncode == 1, shown)
check("seven columns", rows and all(len(r) == 7 for r in rows), rows)
check("address cannot be clicked", rows[0][:2] == ["url", "hxxp://example[.]invalid/seikyusho.txt"], rows[0])
check("where from", rows[0][2:6] == ["known", "malicious", "download", MAIL] and rows[0][6].endswith("ThisDocument:13"), rows[0])
check("each once", len({tuple(r[:2]) for r in rows}) == len(rows), rows)
raw = [line.split("\t") for line in run("--iocs=raw", MAIL).stdout.decode().splitlines()]
check("raw", raw[0][1] == "http://example.invalid/seikyusho.txt", raw[0])
objects = [json.loads(line) for line in run("--iocs=raw", "--json", MAIL).stdout.splitlines()]
check("JSON says the same", [(o["kind"], o["value"], o["certainty"]) for o in objects] == [(r[0], r[1], r[2]) for r in raw], objects)
check("stable", shown.stdout == run("--iocs", MAIL).stdout)
clean = run("--iocs", "examples/01-true-reply.eml")
check("nothing of a clean mail", clean.returncode == 0 and not clean.stdout, clean)
bad = run("--iocs=cooked", MAIL)
check("unknown form", bad.returncode == 2 and b"raw" in bad.stderr, bad)
print(f"1..{tests}")
sys.exit(1 if failures else 0)
