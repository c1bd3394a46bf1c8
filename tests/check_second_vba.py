#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_second_vba - macro source is what a second reader, written from the specifications
alone (tools/second-vba), takes out as well: byte for byte, or the difference is explained.

usage: check_second_vba.py SEKISHO SOURCE-ROOT

Read are the seeds, the examples and the made samples; the files under SEKISHO_CORPUS too when
it is set. So that the comparison cannot pass by comparing nothing, it is also run against a
sekisho that lies about one module, drops one, and makes one up.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SEKISHO, ROOT = sys.argv[1:3]
COMPARE = os.path.join(ROOT, "tools/compare-vba")
SEEDS = [os.path.join(ROOT, p) for p in ("decode/cfb/corpus", "decode/ooxml/corpus", "decode/vba/corpus", "examples")]
ONE = os.path.join(ROOT, "decode/cfb/corpus/macro.doc")
MODULES = 90  # of the made samples and seeds: fewer mean that something is not read
tests = failures = 0

LIAR = """#!/usr/bin/env python3
import json, subprocess, sys
r = subprocess.run([{sekisho!r}, *sys.argv[1:]], capture_output=True)
if sys.argv[1] != "scan":
    sys.exit(1)
for line in r.stdout.splitlines():
    g = json.loads(line)
    modules = [p for p in g["parts"] if p["type"] == "vba-module"]
    if modules:
        {lie}
    print(json.dumps(g))
"""
LIES = {
    "gives other bytes": 'modules[0]["sha256"] = "0" * 64',
    "lacks a module": 'g["parts"].remove(modules[0])',
    "makes a module up": 'g["parts"].append(dict(modules[0], name="made up"))',
    "gives a wrong name": 'modules[0]["name"] = "wrong"',
}


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def compare(paths, sekisho=SEKISHO):
    r = subprocess.run([COMPARE, "--sekisho", sekisho, "--rules", os.path.join(ROOT, "rules"), *paths], capture_output=True, text=True,
                       timeout=280)
    last = r.stdout.splitlines()[-1] if r.stdout else r.stderr[-300:]
    print(f"# {last}")
    numbers = [int(n) for n in re.findall(r"\d+", last)] + [0] * 5
    return r.returncode, dict(zip(("files", "macros", "agree", "explained", "not"), numbers)), r.stdout


def main():
    tmp = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        subprocess.run([os.path.join(ROOT, "tools/make-waves"), os.path.join(tmp, "waves")], check=True, stdout=subprocess.DEVNULL)
        status, n, out = compare([*SEEDS, os.path.join(tmp, "waves")])
        check(f"{n['agree']} modules of seeds and made samples agree, no difference is unexplained",
              status == 0 and n["agree"] >= MODULES, "\n# ".join(x for x in out.splitlines() if x.startswith("DIFFER")))
        for lie, code in LIES.items():
            liar = os.path.join(tmp, "liar")
            with open(liar, "w", encoding="utf-8") as f:
                f.write(LIAR.format(sekisho=SEKISHO, lie=code))
            os.chmod(liar, 0o755)
            status, n, out = compare([ONE], liar)
            check(f"a sekisho that {lie} is seen", status == 1 and n["not"] > 0, out)
    finally:
        shutil.rmtree(tmp)
    corpus = os.environ.get("SEKISHO_CORPUS", "").split(":")
    if not any(corpus):
        print("# no corpus of real files here (SEKISHO_CORPUS): only inert samples were compared")
    else:
        status, n, out = compare([c for c in corpus if c])
        check(f"{n['agree']} modules of the corpus agree, no difference is unexplained", status == 0,
              "\n# ".join(x for x in out.splitlines() if x.startswith("DIFFER")))
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
