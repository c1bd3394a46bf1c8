# SPDX-License-Identifier: Apache-2.0
"""second - runs one comparison of tools/compare-second as a test: on seeds, examples and made
samples always, on the files under SEKISHO_CORPUS when it is set; and, so that it cannot pass by
comparing nothing, against a sekisho that lies."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

LIAR = """#!/usr/bin/env python3
import json, os, subprocess, sys
if sys.argv[1] != "scan":
    os.execv({sekisho!r}, [{sekisho!r}, *sys.argv[1:]])
r = subprocess.run([{sekisho!r}, *sys.argv[1:]], capture_output=True)
for line in r.stdout.splitlines():
    g = json.loads(line)
    parts, facts = g["parts"], g["facts"]
    {lie}
    print(json.dumps(g))
"""


class Second:
    def __init__(self, kind, seeds, beyond=None):
        """beyond: seeds {name: why} of which the second reader's specification says nothing."""
        self.kind = kind
        self.sekisho, self.root = sys.argv[1:3]
        self.seeds = []
        for folder in (os.path.join(self.root, s) for s in seeds):
            self.seeds += [os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f not in (beyond or {})]
        for name, why in (beyond or {}).items():
            print(f"# {name} is left out: {why}")
        self.tests = self.failures = 0

    def check(self, name, good, detail=""):
        self.tests += 1
        print(f"{'ok' if good else 'not ok'} {self.tests} - {name}" + ("" if good else f"  # {detail}"))
        self.failures += not good

    def compare(self, paths, sekisho=None):
        r = subprocess.run([os.path.join(self.root, "tools/compare-second"), self.kind, "--sekisho", sekisho or self.sekisho,
                            "--rules", os.path.join(self.root, "rules"), *paths], capture_output=True, text=True, timeout=280)
        last = r.stdout.splitlines()[-1] if r.stdout else r.stderr[-300:]
        print(f"# {last}")
        numbers = [int(n) for n in re.findall(r"\d+", last.replace(self.kind, ""))] + [0] * 5
        return r.returncode, dict(zip(("files", "with", "agree", "explained", "not"), numbers)), r.stdout

    def run(self, words, least, one, lies, more=None, more_corpus=None):
        """words: of the names of the made samples that carry such objects; least: rows of seeds and samples
        that agree, fewer mean that something is not read; one: the sample that the lies {name: code} are told about."""
        tmp = tempfile.mkdtemp(prefix="sekisho-test-")
        try:
            waves = os.path.join(tmp, "waves")
            subprocess.run([os.path.join(self.root, "tools/make-waves"), waves], check=True, stdout=subprocess.DEVNULL)
            made = [os.path.join(waves, f) for f in sorted(os.listdir(waves)) if any(w in f for w in words)]
            made += more(os.path.join(tmp, "more")) if more else []
            status, n, out = self.compare([*self.seeds, *made])
            self.check(f"{n['agree']} rows of seeds and made samples agree, no difference is unexplained",
                       status == 0 and n["agree"] >= least, self.differing(out))
            for lie, code in lies.items():
                liar = os.path.join(tmp, "liar")
                with open(liar, "w", encoding="utf-8") as f:
                    f.write(LIAR.format(sekisho=self.sekisho, lie=code))
                os.chmod(liar, 0o755)
                status, n, out = self.compare([os.path.join(self.root, one)], liar)
                self.check(f"a sekisho that {lie} is seen", status == 1 and n["not"] > 0, out)
            corpus = [c for c in os.environ.get("SEKISHO_CORPUS", "").split(":") if c]
            if not corpus:
                print("# no corpus of real files here (SEKISHO_CORPUS): only inert samples were compared")
            else:
                corpus += more_corpus(os.path.join(tmp, "corpus"), corpus) if more_corpus else []
                status, n, out = self.compare(corpus)
                self.check(f"{n['agree']} rows of the corpus agree, no difference is unexplained", status == 0, self.differing(out))
        finally:
            shutil.rmtree(tmp)
        print(f"1..{self.tests}")
        sys.exit(1 if self.failures else 0)

    @staticmethod
    def differing(out):
        return "\n# ".join(x for x in out.splitlines() if x.startswith("DIFFER"))
