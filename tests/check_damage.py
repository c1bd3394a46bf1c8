#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_damage - each document broken in seeded ways (tools/lib/damage.py): no worker dies, the
budget is kept, and where the break leaves alone what Office needs to reach a macro or a file
within, that is found as it was.

usage: check_damage.py SEKISHO SOURCE-ROOT [--twins N] [--least CLAIMS]

Broken are the seeds, the examples and the made samples; the files under SEKISHO_CORPUS too when it
is set. With sanitizers or counters fewer twins are made, and time and memory are not measured.
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
p = argparse.ArgumentParser()
p.add_argument("sekisho")
p.add_argument("root")
p.add_argument("--twins", type=int)
p.add_argument("--least", type=int)
ARGS = p.parse_args()
ROOT = ARGS.root
sys.path.insert(0, os.path.join(ROOT, "tools/lib"))
import damage  # noqa: E402

ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
SLOW = any(mark in open(ARGS.sekisho, "rb").read() for mark in (b"__asan_init", b"__gcov_"))
TWINS = ARGS.twins or (3 if SLOW else 50)
CPU_MAX, MEMORY_MAX = 2_000_000, 256 << 10  # us of one object, KiB of the largest process
# Claims that stand, for each twin that is made of a file: fewer mean that nothing is held to anything.
LEAST = ARGS.least if ARGS.least is not None else 70 * TWINS
BATCH, SIZE_MAX = 48 << 20, 4 << 20
FORMATS = "cfb vba xls msg ooxml zip onenote lnk rtf pdf html iso 7z cab tnef mht officexml activemime script".split()
NO_DOCUMENTS = (".pcap", ".pcapng", ".evtx", ".tsv", ".zip.txt")
MACRO = ("vba-module", "vba-project")
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


# A small process of its own: the peak that wait4() tells begins with that of the process that forks.
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
peak = 0


def scan(folder):
    global peak
    r = subprocess.run([sys.executable, "-c", MEASURED, ARGS.sekisho, "scan", "--json", "--quiet", "--jobs", "2", folder], capture_output=True, env=ENV)
    peak = max(peak, int(r.stderr.split()[-1]))
    return {os.path.basename(g["path"]): g for g in map(json.loads, r.stdout.splitlines())}


def macro_rules(report):
    """Rules that rest on facts of the macro alone: no text of the document, nothing of the mail."""
    kinds = {p["id"]: p["type"] for p in report["parts"]}
    return {f["rule"] for f in report["findings"]
            if f["facts"] and all(kinds.get(report["facts"][i]["part"]) in MACRO for i in f["facts"])}


class Held:
    """What a report has of the things that claims are about."""

    def __init__(self, report):
        self.parts = {p["sha256"] for p in report["parts"][1:]}
        self.facts = {(f["name"], str(f["value"])) for f in report["facts"] if f["name"].startswith("lnk.")}
        self.rules = macro_rules(report)
        self.fired = {f["rule"] for f in report["findings"]}

    def lacks(self, claim, now):
        """None where the claim says nothing, else whether the twin's report `now` lacks it."""
        if claim.kind == "part":
            had = self.parts & claim.value
            return not had & now.parts if had else None
        if claim.kind == "fact":
            had = {f for f in self.facts if f[0] == claim.value}
            return not had <= now.facts if had else None
        return not self.rules <= now.fired if self.rules else None


def files(folders):
    for folder in folders:
        for top, _, names in os.walk(folder):
            for name in sorted(names):
                path = os.path.join(top, name)
                if not name.endswith(NO_DOCUMENTS) and name != "ORIGIN" and os.path.getsize(path) <= SIZE_MAX:
                    yield path


class Batch:
    """Twins that are scanned together, with their whole files beside them."""

    def __init__(self, label):
        self.label, self.size, self.rows = label, 0, []
        self.folder = tempfile.mkdtemp(prefix="sekisho-test-")
        self.n = collections.Counter()
        self.faults = collections.defaultdict(list)
        self.files = 0

    def add(self, path):
        data = open(path, "rb").read()
        name = f"{self.files:05}"
        tail = "-" + os.path.basename(path)[-40:]  # the name is evidence too
        self.write(name + "-whole" + tail, data)
        self.files += 1
        for i, twin in enumerate(damage.twins(data, TWINS, os.path.basename(path))):
            file = f"{name}-{i:02}{tail}"
            self.write(file, twin.data)
            self.rows.append((name + "-whole" + tail, file, path, twin.what, twin.still, twin.gone))
        if self.size > BATCH:
            self.run()

    def write(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as f:
            f.write(data)
        self.size += len(data)

    def run(self):
        got = scan(self.folder)
        held = {}
        for whole, file, path, what, still, gone in self.rows:
            self.n["twins"] += 1
            if whole not in got or file not in got:
                self.faults["no report"].append(f"{path}: {what}")
                continue
            now = got[file]
            if any(u["cause"] == "crashed" for u in now["unread"]):
                self.faults["crashed"].append(f"{path}: {what}")
            if now["run"]["cpu_us"] > CPU_MAX:
                self.faults["time"].append(f"{path}: {what}: {now['run']['cpu_us']} us")
            if whole not in held:
                held[whole] = Held(got[whole])
            self.judge(held[whole], Held(now), f"{path}: {what}", still, gone)
        for name in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, name))
        self.rows, self.size = [], 0

    def judge(self, before, now, what, still, gone):
        for claim in still:
            lacks = before.lacks(claim, now)
            if lacks is not None:
                self.n[claim.kind] += 1
                if lacks:
                    self.faults[claim.kind].append(what)
        for claim in gone:
            lacks = before.lacks(claim, now)
            if lacks is not None:
                self.n["gone " + claim.kind] += 1
                self.n["found " + claim.kind] += not lacks

    def close(self):
        self.run()
        shutil.rmtree(self.folder)
        label, n, faults = self.label, self.n, self.faults

        def some(kind):
            return f"{len(faults[kind])}: " + "; ".join(faults[kind][:12])

        check(f"{label}: {n['twins']} twins of {self.files} files have a report", n["twins"] and not faults["no report"], some("no report"))
        check(f"{label}: no worker dies of a twin", not faults["crashed"], some("crashed"))
        check(f"{label}: no twin takes more than 2 s of processor time", SLOW or not faults["time"], some("time"))
        for kind, words in (("part", "macros and files that the break leaves alone are found"), ("fact", "command lines of links stay"),
                            ("macro rules", "verdicts on macros stay")):
            check(f"{label}: {n[kind] - len(faults[kind])} of {n[kind]} {words}", not faults[kind], some(kind))
            if n["gone " + kind]:
                print(f"# where the break lies in what Office needs: {n['found ' + kind]} of {n['gone ' + kind]} all the same")
        return sum(n[k] for k in ("part", "fact", "macro rules"))


def hold(label, folders):
    batch = Batch(label)
    for path in files(folders):
        batch.add(path)
    return batch.close()


def check_the_check():
    """A report that lost a macro is seen: the comparison cannot pass by comparing nothing."""
    path = os.path.join(ROOT, "decode/cfb/corpus/macro.doc")
    folder = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        shutil.copy(path, folder)
        report = scan(folder)["macro.doc"]
    finally:
        shutil.rmtree(folder)
    before = Held(report)
    report["parts"] = [p for p in report["parts"] if p["type"] != "vba-module"]
    claims = [c for t in damage.twins(open(path, "rb").read(), 20, "x") for c in t.still if c.kind == "part"]
    check("a twin that lost a macro is seen", any(before.lacks(c, Held(report)) for c in claims))


def main():
    tmp = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        check_the_check()
        subprocess.run([os.path.join(ROOT, "tools/make-waves"), os.path.join(tmp, "waves")], check=True, stdout=subprocess.DEVNULL)
        n = hold("made samples", [os.path.join(tmp, "waves"), os.path.join(ROOT, "examples")] +
                 [os.path.join(ROOT, "decode", f, "corpus") for f in FORMATS])
        check(f"{n} claims stood on made samples", n >= LEAST)
        corpus = [c for c in os.environ.get("SEKISHO_CORPUS", "").split(":") if c]
        if corpus:
            hold("corpus", corpus)
        else:
            print("# no corpus of real files here (SEKISHO_CORPUS): only inert samples were broken")
    finally:
        shutil.rmtree(tmp)
    check(f"no process took more than 256 MB ({peak} KiB)", SLOW or peak < MEMORY_MAX)
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
