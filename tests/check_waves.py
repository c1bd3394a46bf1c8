#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_waves - the inert samples of tools/make-waves get the verdicts of tests/waves.tsv.

usage: check_waves.py SEKISHO SOURCE-ROOT

A row is: file, verdict, rules that must fire, why. For benign-* the rules are all that may fire
with level medium or higher; "-" is none. Each rule of rules/ must be wanted by a hostile row,
or serve a correlation that is.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SEKISHO, ROOT = sys.argv[1:3]
ENV = dict(os.environ, LC_ALL="C.UTF-8")
COUNT = {"medium", "high", "critical"}
SMALL = 200_000
failures = 0
tests = 0


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def rows():
    with open(os.path.join(ROOT, "tests/waves.tsv"), encoding="utf-8") as f:
        head = f.readline().rstrip("\n").split("\t")
        return [dict(zip(head, line.rstrip("\n").split("\t"))) for line in f]


def make(folder):
    run = subprocess.run([os.path.join(ROOT, "tools/make-waves"), folder], capture_output=True, env=ENV)
    check("make-waves runs", run.returncode == 0, run.stderr[-300:])
    return {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}


def scan(folder):
    run = subprocess.run([SEKISHO, "scan", "--json", "--quiet", "--rules", os.path.join(ROOT, "rules"), "--own-domain", "corp.example",
                          "--authserv-id", "mx.corp.example", folder], capture_output=True, env=ENV, timeout=280)
    return {os.path.basename(r["path"]): r for r in map(json.loads, run.stdout.splitlines())}, run.stderr


def rules_of_tree():
    """name -> names of the rules it correlates"""
    out = {}
    for folder, _, files in os.walk(os.path.join(ROOT, "rules")):
        for doc in (d for f in sorted(files) if f.endswith(".yml")
                    for d in open(os.path.join(folder, f), encoding="utf-8").read().split("\n---")):
            name = re.search(r"^name:\s*(\S+)", doc, re.M)
            refs = re.search(r"^correlation:\n(?:.*\n)*?    rules:\n((?:\s+- .*\n)+)", doc, re.M)
            if name:
                out[name.group(1)] = re.findall(r"- (\S+)", refs.group(1)) if refs else []
    return out


def check_row(row, report):
    seen = {f["rule"] for f in report["findings"]}
    fired = {f["rule"] for f in report["findings"] if f["level"] in COUNT}
    wanted = set() if row["rules"] == "-" else set(row["rules"].split(","))
    good = report["verdict"] == row["verdict"] and wanted <= seen
    if row["file"].startswith("benign-"):
        good = good and fired <= wanted and row["verdict"] in ("clean", "unknown")
    check(f"{row['file']}: {row['verdict']}, {row['why']}", good,
          f"{report['verdict']}, {' '.join(sorted(fired)) or 'no rule'}; wanted {' '.join(sorted(wanted)) or 'no rule'}")


def check_rules(table):
    tree = rules_of_tree()
    wanted = {r for row in table if row["file"].startswith("hostile-") for r in row["rules"].split(",")}
    check("rules that rows name are there", not (named := wanted - {"-"} - set(tree)), str(named))
    while more := {ref for name in wanted for ref in tree.get(name, [])} - wanted:
        wanted |= more
    check("each rule is wanted by a hostile sample", not (idle := set(tree) - wanted), str(sorted(idle)))


def main():
    tmp = tempfile.mkdtemp(prefix="sekisho-waves-")
    try:
        table = rows()
        first, second = make(os.path.join(tmp, "a")), make(os.path.join(tmp, "b"))
        check("the same call writes the same bytes", first == second)
        check("the samples are small", max(map(len, first.values())) < SMALL)
        names = [row["file"] for row in table]
        check("each sample has one row", sorted(names) == sorted(first), str(set(names) ^ set(first)))
        reports, said = scan(os.path.join(tmp, "a"))
        for row in table:
            if row["file"] in reports:
                check_row(row, reports[row["file"]])
            else:
                check(f"{row['file']}: has a report", False, said[-300:])
        check_rules(table)
    finally:
        shutil.rmtree(tmp)
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
