#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_library - the library says what the program says: the same report, byte
for byte outside "run", for every example and every sample of the formats.

usage: check_library.py SEKISHO LIBRARY-SCAN SOURCE-ROOT
"""
import json
import os
import subprocess
import sys

SEKISHO, LIBRARY, ROOT = sys.argv[1:4]
RULES = os.path.join(ROOT, "rules")


def samples():
    for folder in ("examples", "decode"):
        for d, _, files in sorted(os.walk(os.path.join(ROOT, folder))):
            if folder == "examples" or os.path.basename(d) == "corpus":
                yield from (os.path.join(d, f) for f in sorted(files) if f != "ORIGIN")


def reports(*command):
    r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240)
    got = {}
    for line in r.stdout.splitlines():
        report = json.loads(line)
        report.pop("run")
        got[report["path"]] = report
    return r, got


def main():
    files = list(samples())
    _, want = reports(SEKISHO, "scan", "--quiet", "--json", "--rules", RULES, *files)
    r, have = reports(LIBRARY, RULES, *files)
    different = [f for f in files if want.get(f) != have.get(f)]
    for f in different[:5]:
        w, h = want.get(f, {}), have.get(f, {})
        print("#", f, {k: (w.get(k), h.get(k)) for k in w if w.get(k) != h.get(k)} if h else r.stderr[-300:])
    good = len(files) > 50 and r.returncode == 0 and not different
    print(f"{'ok' if good else 'not ok'} 1 - {len(files)} reports are the same\n1..1")
    return 0 if good else 1


sys.exit(main())
