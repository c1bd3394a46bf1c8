#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_truth - what *sekisho scan* says that macros would do is what a reader of the same macros
worked out by hand (tests/truth/truth.tsv, whose head says how).

usage: check_truth.py SEKISHO SOURCE-ROOT [--corpus PATH]... [--values]

The documents are hostile and not in this tree: they are looked for under SEKISHO_CORPUS (files and
folders, with colons between them) and --corpus, as files or as members of hostile.zip, which are
taken out into memory only (7z, password: infected). Per document is printed
  agree     rows that the report says, too
  unsure    of these, known by hand and partial in the report
  missing   rows of which the report says nothing: counted, no fault
  disagree  what the report calls known and a row shows to be otherwise, or addresses in another
            order: a fault
  more      values known in the report for which there is no row: steps on the way, mostly
--values prints what is missing, disagrees or is more; do not keep that output where others read it.
Without a corpus the table and the comparison itself are checked, on effects made up here.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import namedtuple

HOLE = "\u27c2"  # what a report puts where a value is not known
NAMED = (r"%[A-Za-z_()0-9]+%(?:\\Microsoft\\Windows\\(?:Recent|Templates|SendTo|Network Shortcuts|Printer Shortcuts|Start Menu(?:\\Programs"
         r"(?:\\Startup)?)?)|\\(?:Documents|Pictures|Desktop|Favorites|AppData\\(?:Roaming|Local)))?")
SYMBOLS = re.compile(NAMED)  # names for what cannot be known; folders by their documented places
KINDS = {"download", "write", "run", "load", "persist", "query", "delay", "message"}
ARGUMENTS = {"url", "path", "directory", "command"}
PIECE = re.compile(r"\*|[1-9][0-9]*:[0-9a-f]{64}")
Row = namedtuple("Row", "document kinds argument certainty pieces shape how")
Value = namedtuple("Value", "kind argument text known")


def digest(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def shape(text, symbols=HOLE):
    """As the head of the table defines it."""
    text = re.sub(r"[^\W\d_]+", "a", re.sub(symbols, "*", text).replace(HOLE, "*"))
    text = re.sub(r"(.)\1+", r"\1", re.sub(r"\s+", " ", re.sub(r"\d+", "9", text)))
    return text if len(text) <= 100 else text[:60] + "..." + text[-37:]


def alike(a, b):
    """The same shape, or the same beginning or end of a long one: meant to be the same text."""
    return a == b or "..." in (a[60:63], b[60:63]) and (a[:60] == b[:60] or a[-37:] == b[-37:])


def table(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            if line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            row = Row(fields[0], fields[1].split("|"), *fields[2:4], fields[4].split(" "), *fields[5:])
            pieces = [None if p == "*" else (int(p.partition(":")[0]), p.partition(":")[2]) for p in row.pieces]
            good = (re.fullmatch("[0-9a-f]{64}", row.document) and set(row.kinds) <= KINDS and row.argument in ARGUMENTS and
                    row.certainty == ("partial" if None in pieces else "known") and all(map(PIECE.fullmatch, row.pieces)) and row.how)
            if not good:
                raise ValueError(f"line {n}: no row")
            rows.append(row._replace(pieces=pieces))
    return rows


def fills(pieces, text, known):
    """Whether the text is these pieces in this order, with something in the holes: in a value that
    is called known, only what stands for a value by its name."""
    if not pieces:
        return not text
    if pieces[0] is not None:
        size, sha = pieces[0]
        return len(text) >= size and digest(text[:size]) == sha and fills(pieces[1:], text[size:], known)
    for end in range(1, len(text) + 1):
        if (not known or SYMBOLS.fullmatch(text[:end])) and fills(pieces[1:], text[end:], known):
            return True
    return False


def agrees(row, value):
    text, last = value.text.strip(), row.pieces[-1]
    return (value.kind in row.kinds and value.argument == row.argument and
            (last is None or digest(text[-last[0]:]) == last[1]) and fills(row.pieces, text, value.known))


def compare(rows, values):
    """-> numbers, and lines about what does not agree"""
    n = dict(agree=0, unsure=0, missing=0, disagree=0, more=0)
    lines, left = [], []
    for row in rows:
        same = [v for v in values if agrees(row, v)]
        n["agree" if same else "missing"] += 1
        n["unsure"] += bool(same) and row.certainty == "known" and not any(v.known for v in same)
        if not same:
            left.append(row)
            lines.append(f"missing   {'|'.join(row.kinds)} {row.argument} {row.shape}  ({row.how})")
    urls = [row for row in rows if row.argument == "url" and row.certainty == "known"]
    places = [next((i for i, v in enumerate(values) if agrees(row, v)), None) for row in urls]
    places = [p for p in places if p is not None]
    if places != sorted(places):
        n["disagree"] += 1
        lines.append("disagree  order of the addresses")
    for v in sorted({v for v in values if v.known and not any(agrees(row, v) for row in rows)}):
        # known where a row shows otherwise: an address that is not on the list, the shape of a row
        # (of a long one its beginning or end) without its text, or text in a hole
        wrong = (HOLE in v.text or v.argument == "url" and v.kind == "download" and urls or
                 any(v.kind in row.kinds and v.argument == row.argument and
                     (any(alike(row.shape, shape(v.text.strip(), names)) for names in (HOLE, SYMBOLS)) or agrees(row, v._replace(known=False)))
                     for row in left))
        n["disagree" if wrong else "more"] += 1
        lines.append(f"{'disagree' if wrong else 'more':9} {v.kind} {v.argument} {v.text!r}")
    return n, lines


def values_of(report):
    return [Value(e["kind"], argument, text, e["certainty"] == "known")
            for e in report["effects"] for argument, text in e["args"].items() if argument in ARGUMENTS]


def documents(corpus, wanted):
    """-> (digest, bytes) of what is wanted and there"""
    files, found = [], set()
    for place in corpus:
        files += [os.path.join(d, f) for d, _, names in os.walk(place) for f in sorted(names)] if os.path.isdir(place) else [place]
    for path in files:
        if os.path.basename(path) == "hostile.zip":
            listing = subprocess.run(["7z", "l", "-slt", "-pinfected", path], capture_output=True, text=True).stdout
            for name in re.findall(r"^Path = (.*)$", listing, re.M)[1:]:
                start = os.path.basename(name)[:12]
                if not any(w.startswith(start) for w in wanted - found):
                    continue
                data = subprocess.run(["7z", "e", "-so", "-pinfected", path, name], capture_output=True).stdout
                if hashlib.sha256(data).hexdigest() in wanted - found:
                    found.add(hashlib.sha256(data).hexdigest())
                    yield hashlib.sha256(data).hexdigest(), data
        elif any(w.startswith(os.path.basename(path)[:12]) for w in wanted - found):
            with open(path, "rb") as f:
                data = f.read()
            if hashlib.sha256(data).hexdigest() in wanted - found:
                found.add(hashlib.sha256(data).hexdigest())
                yield hashlib.sha256(data).hexdigest(), data


class Tests:
    def __init__(self):
        self.n = self.failures = 0

    def check(self, name, good, detail=""):
        self.n += 1
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}" + ("" if good else f"  # {detail}"))
        self.failures += not good


LONG = "powershell " + " ".join(f"$a{i}='b{i * i}';" for i in range(40)) + " middle " + " ".join(f"$c{i}=(d{i * 7});" for i in range(40))


def check_comparison(t):
    def row(kind, argument, *pieces):
        return Row("0" * 64, kind.split("|"), argument, "partial" if None in pieces else "known",
                   [p if p is None else (len(p), digest(p)) for p in pieces], shape("".join(p or HOLE for p in pieces)), "made up")

    rows = [row("download", "url", "http://a.example.invalid/1"), row("download", "url", "http://b.example.invalid/2"),
            row("run", "command", None, "\\one.exe"), row("persist|run", "command", "cmd /c ", None, " ", None, ".js")]
    good = [Value("download", "url", "http://a.example.invalid/1\r", True), Value("download", "url", "http://b.example.invalid/2", True),
            Value("run", "command", "%TEMP%\\one.exe", True), Value("run", "command", f"cmd /c {HOLE} {HOLE}.js", False)]
    for name, values, expected in (
            ("all is said", good, dict(agree=4)),
            ("nothing is said", [], dict(missing=4)),
            ("an address is not on the list", [*good, Value("download", "url", "http://c.example.invalid/9/x.exe", True)], dict(agree=4, disagree=1)),
            ("the addresses are in another order", [good[1], good[0], *good[2:]], dict(agree=4, disagree=1)),
            ("an address differs in one letter", [*good[1:], Value("download", "url", "http://a.example.invalid/2", True)],
             dict(agree=3, missing=1, disagree=1)),
            ("an address is not called known", [good[0]._replace(known=False), *good[1:]], dict(agree=4, unsure=1)),
            ("a hole is called known", [*good[:2], good[2]._replace(text="C:\\Temp\\one.exe"), good[3]], dict(agree=3, missing=1, disagree=1)),
            ("a value with a hole in it is called known", [*good[:3], good[3]._replace(known=True)], dict(agree=3, missing=1, disagree=1)),
            ("a hole is filled and called partial", [*good[:2], good[2]._replace(text="C:\\Temp\\one.exe", known=False), good[3]], dict(agree=4)),
            ("another name in the known part", [*good[:2], good[2]._replace(text="%TEMP%\\two.exe"), good[3]],
             dict(agree=3, missing=1, disagree=1)),
            ("a long text differs in its middle", [*good, Value("run", "command", LONG.replace("middle", "muddle"), True)],
             dict(agree=4, missing=1, disagree=1)),
            ("a long text is cut at its beginning", [*good, Value("run", "command", LONG[9:], True)], dict(agree=4, missing=1, disagree=1)),
            ("a folder of the user by its documented place", [*good[:2], good[2]._replace(text="%APPDATA%\\Microsoft\\Windows\\Recent\\one.exe"),
                                                              good[3]], dict(agree=4)),
            ("a directory that is made, by another name", [*good, Value("write", "path", "C:\\made", True)], dict(agree=4, missing=1, more=1)),
            ("another kind", [*good[:3], good[3]._replace(kind="write")], dict(agree=3, missing=1)),
            ("a step on the way", [*good, Value("run", "command", "powershell -nop", True)], dict(agree=4, more=1))):
        also = [row("run", "command", LONG)] if "long" in name else [row("write", "directory", "C:\\made")] if "made" in name else []
        n, lines = compare([*rows, *also], values)
        t.check(f"comparison: {name}", n == dict(dict.fromkeys(n, 0), **expected), f"{n} {lines}")


def scan(sekisho, root, cache, data):
    r = subprocess.run([sekisho, "scan", "--json", "--rules", os.path.join(root, "rules"), "-"], input=data, capture_output=True,
                       env=dict(os.environ, XDG_CACHE_HOME=cache), timeout=120)
    return json.loads(r.stdout.splitlines()[0])


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("sekisho")
    p.add_argument("root")
    p.add_argument("--corpus", action="append", default=[c for c in os.environ.get("SEKISHO_CORPUS", "").split(":") if c])
    p.add_argument("--values", action="store_true")
    a = p.parse_args()
    t = Tests()
    rows = table(os.path.join(a.root, "tests/truth/truth.tsv"))
    wanted = {row.document for row in rows}
    t.check(f"{len(rows)} rows about {len(wanted)} documents", len(wanted) >= 30 and len(set(map(str, rows))) == len(rows))
    check_comparison(t)
    total, n_found = {}, 0
    with tempfile.TemporaryDirectory() as cache:
        for sha, data in documents(a.corpus, wanted):
            n_found += 1
            n, lines = compare([row for row in rows if row.document == sha], values_of(scan(a.sekisho, a.root, cache, data)))
            print(f"# {sha[:12]} " + "  ".join(f"{k} {v}" for k, v in n.items()))
            for line in lines if a.values else []:
                print("#   " + line[:600])
            total = {k: total.get(k, 0) + v for k, v in n.items()}
            t.check(f"{sha[:12]}: nothing is called known that is otherwise", n["disagree"] == 0, n)
    if n_found:
        print(f"# {n_found} of {len(wanted)} documents: " + "  ".join(f"{k} {v}" for k, v in total.items()))
    else:
        print("# no corpus of hostile files here (SEKISHO_CORPUS): only the comparison was checked")
    print(f"1..{t.n}")
    sys.exit(1 if t.failures else 0)


if __name__ == "__main__":
    main()
