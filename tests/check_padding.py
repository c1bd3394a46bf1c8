#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_padding - a document that was made huge gets the verdict and the name of its small twin,
in less than 64 MB and 2 s of processor time: as a file, and in a ZIP of a few hundred kilobytes.

usage: check_padding.py SEKISHO SOURCE-ROOT [--megabytes N]

What is padded, and with what: tools/lib/padding.py. The tests take 24 MB; bench/padded takes 600,
as the senders do.
"""
import argparse
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
p.add_argument("--megabytes", type=int, default=24)
ARGS = p.parse_args()
sys.path.insert(0, os.path.join(ARGS.root, "tools/lib"))
import padding  # noqa: E402

ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ARGS.root, "rules"), LC_ALL="C.UTF-8")
SLOW = any(mark in open(ARGS.sekisho, "rb").read() for mark in (b"__asan_init", b"__gcov_"))
MEMORY_MAX, SECONDS_MAX = 64 << 10, 2.0  # KiB of the largest process; with sanitizers or counters neither is measured
CASES_LEAST = 30
# A small process of its own: the peak that wait4() tells begins with that of the process that forks.
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:])
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print(u.ru_maxrss, u.ru_utime + u.ru_stime, file=sys.stderr)
"""
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"), flush=True)
    failures += not good


def scan(path):
    """verdict and name, KiB, s, what was not read"""
    r = subprocess.run([sys.executable, "-c", MEASURED, ARGS.sekisho, "scan", "--json", "--quiet", path], capture_output=True, env=ENV)
    memory, seconds = r.stderr.split()[-2:]
    report = json.loads(r.stdout.splitlines()[0])
    return (report["verdict"], report["name"]), int(memory), float(seconds), report["unread"]


def hold(case, folder, way):
    name = "a." + case.extension
    path = os.path.join(folder, name if way == "alone" else "a.zip")
    found = []
    for pieces in ([case.twin], case.pieces):
        if way == "alone":
            padding.write_file(path, pieces)
        else:
            with open(path, "wb") as f:
                f.write(padding.zip_of([(name, pieces)]))
        found.append(scan(path))
        os.unlink(path)
    (wanted, *_), (got, memory, seconds, unread) = found
    bad = [w for w, b in ((f"{got}, its twin {wanted}, not read {unread}", got != wanted), (f"{memory} KiB", memory >= MEMORY_MAX and not SLOW),
                          (f"{seconds:.2f} s", seconds >= SECONDS_MAX and not SLOW)) if b]
    check(f"{case.name}, {way}: {wanted[0]} {wanted[1]}, {memory >> 10} MB, {seconds:.2f} s", not bad, "; ".join(bad))
    return wanted


def main():
    tmp = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        waves = os.path.join(tmp, "waves")
        subprocess.run([os.path.join(ARGS.root, "tools/make-waves"), waves], check=True, stdout=subprocess.DEVNULL)
        cases = list(padding.cases(waves, ARGS.megabytes * 1_000_000))
        for n, case in enumerate(cases):
            for way in ("alone", "in a ZIP"):
                if case.name.startswith("exe,") and way == "alone":
                    continue  # a program is no document; alone it is not judged
                if SLOW and n % 2 == (way == "alone"):
                    continue
                verdict, _ = hold(case, tmp, way)
                check(f"{case.name}, {way}: the twin is told", verdict in ("malicious", "suspicious"), verdict)
        check(f"{len(cases)} kinds of padding", len(cases) >= CASES_LEAST)
    finally:
        shutil.rmtree(tmp)
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
