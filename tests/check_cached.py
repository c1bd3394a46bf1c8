#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_cached - what the evaluator of Excel 4.0 macros knows of a formula is what Excel calculated
last, which stands beside the formula in the file (tests/xlm_cached.c, whose head says how).

usage: check_cached.py XLM_CACHED SOURCE-ROOT [--show]

Workbooks under SEKISHO_CORPUS (folders and files, with colons between them; of hostile.zip the members
in memory: 7z, password: infected) are taken as they are, and with their sheets made macro sheets
(tests/macro_sheets.py). Without a corpus a workbook that is made here is asked, and one that lies.
--show prints formulas of the corpus; do not keep that output where others read it.
"""
import hashlib
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from macro_sheets import remade  # noqa: E402  (makes tools/lib known)
import office97 as o  # noqa: E402

# Values that are older than the cells they were made of, by the digest of the workbook: how many, why.
EXPLAINED = {
    "e2857e1ef755ce631e156efa62d8f3ebcff7c1d5d87d9633ef319c6c3a7fa809": (1, "one letter of a text was changed, and the macro sheet not calculated again"),
}
PROGRAM, ROOT = sys.argv[1:3]
SHOW = sys.argv[3:4] == ["--show"]
LINE = re.compile(r"(\d+) formulas, (\d+) asked, (\d+) equal, (\d+) open, (\d+) differ  (.*)")
ENOUGH = 0.5  # of what is asked in a corpus is known


def workbook(last):
    """A macro sheet of plain formulas; the value beside the last one is `last`."""
    cells = {(0, 0): 6, (1, 0): 7, (2, 0): "notes",
             (0, 1): o.Formula(o.ref(0, 0) + o.ref(1, 0) + b"\x05", 42.0),
             (1, 1): o.Formula(o.ref(0, 0) + o.ref(1, 0) + b"\x03", last)}
    return o.excel([o.Sheet("Macro1", cells, kind=o.MACROSHEET)])


def corpus():
    for place in [c for c in os.environ.get("SEKISHO_CORPUS", "").split(":") if c]:
        files = [os.path.join(d, f) for d, _, names in os.walk(place) for f in sorted(names)] if os.path.isdir(place) else [place]
        for path in files:
            if os.path.basename(path) == "hostile.zip":
                listing = subprocess.run(["7z", "l", "-slt", "-pinfected", path], capture_output=True, text=True).stdout
                for name in re.findall(r"^Path = (.*/xls.*/.*)$", listing, re.M):
                    yield name, subprocess.run(["7z", "e", "-so", "-pinfected", path, name], capture_output=True).stdout
            else:
                with open(path, "rb") as f:
                    yield path, f.read()


def ask(folder, books):
    """-> sums over the workbooks, and a line for each that differs"""
    sums, differ = [0] * 5, []
    for name, data in books:
        path = os.path.join(folder, "book")
        with open(path, "wb") as f:
            f.write(data)
        r = subprocess.run([PROGRAM, *(["--show"] if SHOW else []), path], capture_output=True, text=True, errors="replace", timeout=120)
        found = LINE.search(r.stdout)
        numbers = [int(n) for n in found.groups()[:5]] if found else [0, 0, 0, 0, 1]
        sums = [a + b for a, b in zip(sums, numbers)]
        if numbers[4] > EXPLAINED.get(name, (0, ""))[0]:
            differ.append(f"{name[:12]}: {numbers[4]} of {numbers[1]}")
            print("\n".join("# " + line[:300] for line in r.stdout.splitlines() if line.startswith("DIFFER")))
    return sums, differ


def workbooks():
    for _, data in corpus():
        if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
            digest, again = hashlib.sha256(data).hexdigest(), remade(data)
            yield digest, data
            if again:
                yield digest, again


def main():
    failures = 0

    def check(n, name, good, detail=""):
        nonlocal failures
        failures += not good
        print(f"{'ok' if good else 'not ok'} {n} - {name}" + ("" if good else f"  # {detail}"))

    with tempfile.TemporaryDirectory() as folder:
        sums, differ = ask(folder, [("made", workbook(13.0))])
        check(1, "formulas of a workbook made here give what stands beside them", sums[2] == 2 and not differ, sums)
        sums, differ = ask(folder, [("lies", workbook(14.0))])
        check(2, "a value that is not what the formula gives is seen", sums[2] == 1 and len(differ) == 1, sums)
        if not os.environ.get("SEKISHO_CORPUS"):
            print("# no corpus of real files here (SEKISHO_CORPUS)\n1..2")
            sys.exit(1 if failures else 0)
        sums, differ = ask(folder, workbooks())
        print("# corpus: {} formulas, {} asked, {} equal, {} open, {} differ".format(*sums))
        check(3, "what is known of the formulas of the corpus is what Excel calculated", not differ, differ)
        check(4, "most of what is asked is known", sums[2] >= ENOUGH * sums[1], sums)
    print("1..4")
    sys.exit(1 if failures else 0)


main()
