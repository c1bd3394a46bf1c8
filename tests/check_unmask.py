#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_unmask - *sekisho unmask* prints the hidden command and what the code would do, under the
calls that lead there, in both languages; --trace keeps the order of the steps; a file without
code says so; the exit status tells a file that was read from one that was not.

The samples are those of tools/make-waves whose values are put together by their code.

usage: check_unmask.py SEKISHO SOURCE-ROOT
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SEKISHO, ROOT = sys.argv[1:3]
ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
tests = failures = 0
# sample; the way to the last effect; its kinds in order, the words of the command or address
SAMPLES = [
    ("hostile-macro-effect-download-run.doc", ["AutoOpen"], ["download", "run"], ["hxxp://example[.]invalid/inert", "%TEMP%\\inert.exe"]),
    ("hostile-macro-effect-download-loader.doc", ["AutoOpen"], ["download", "write", "run"], ["regsvr32 /s %TEMP%\\inert.txt"]),
    ("hostile-macro-effect-write-run.doc", ["AutoOpen"], ["write", "run"], ["wscript %TEMP%\\inert.vbs"]),
    ("hostile-macro-effect-run-interpreter.doc", ["AutoOpen"], ["run"], ["cmd /c example-command-that-does-not-exist"]),
    ("hostile-macro-effect-run-powershell.doc", ["CommandButton1_Click"], ["run"], ["powershell -w hidden -enc VwByAGkA"]),
    ("hostile-macro-effect-persist.doc", ["CommandButton1_Click"], ["persist"], ["CurrentVersion\\Run\\inert"]),
    ("hostile-macro-family-d.doc", ["AutoOpen", "vKzRtWq"], ["run"], ["example-command-that-does-not-exist"]),
    ("hostile-macro-family-e.doc", ["AutoOpen"], ["run"], ["example-command-that-does-not-exist"]),
    ("hostile-xlm-effect-download.xls", ["Auto_Open", "Macro1!A1"], ["download"], ["hxxp://example[.]invalid/inert.txt", "..\\inert.txt"]),
    ("hostile-xlm-command-joined.xls", ["Auto_Open", "Macro1!A1"], ["run"], ["regsvr32 /s ..\\example-command-that-does-not-exist"]),
]
WORDS = {
    "en": {"head": "What the code would do", "download": "download", "write": "write", "run": "run", "persist": "persist"},
    "ja": {"head": "推定動作", "download": "取得", "write": "書き込み", "run": "実行", "persist": "常駐化"},
}
NOTHING = {"en": "no code that would do anything", "ja": "動作を示すコードは見つかりませんでした"}


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail!r}"))


def unmask(*args):
    run = subprocess.run([SEKISHO, "unmask", *args], capture_output=True, env=ENV, timeout=120)
    return run.returncode, run.stdout.decode(), run.stderr.decode()


def tree(text, language):
    """What stands under the heading: (indent, words) a line."""
    _, _, rest = text.partition(WORDS[language]["head"] + ":")
    return [(len(line) - len(line.lstrip()), line.strip()) for line in rest.split("\n")[1:] if line.strip()]


def in_order(lines, way, kinds):
    """The calls from the entry inwards, each deeper than the one before, then the effects at one depth;
    what the command itself would do may follow."""
    lines = lines[:len(way) + len(kinds)]
    heads = [words.split("  ")[0] for _, words in lines]
    depths = [depth for depth, _ in lines]
    n = len(way)
    return (heads == way + kinds and depths[:n + 1] == sorted(set(depths[:n + 1])) and len(set(depths[n:])) == 1)


def check_sample(folder, name, way, kinds, texts):
    path = os.path.join(folder, name)
    for language, words in WORDS.items():
        status, out, said = unmask(path, "--lang", language)
        lines = tree(out, language)
        check(f"{name}: exit status, {language}", status == 0 and not said, (status, said))
        check(f"{name}: entry, call, effect in order, {language}", in_order(lines, way, [words[k] for k in kinds]), out[-600:])
        check(f"{name}: the values, {language}", all(any(t in shown for _, shown in lines) for t in texts), out[-600:])


def steps(out):
    return [line.split(None, 1) for line in out.split("\n") if re.match(r"\s*\d+  ", line)]


def check_trace(folder):
    path = os.path.join(folder, "hostile-xlm-effect-download.xls")
    status, out, _ = unmask(path, "--trace", "--lang", "en")
    order = [text for _, text in steps(out)]
    check("--trace: the call comes before HALT", status == 0 and len(order) >= 2 and order[0].startswith("CALL(") and order[-1].startswith("HALT("), out[:600])
    check("--trace: the effects stand behind the steps", out.find("HALT(") < out.find(WORDS["en"]["head"]), out[-600:])
    check("--trace: the same call says the same", unmask(path, "--trace", "--lang", "en")[1] == out)
    check("--trace before the file is the same", unmask("--trace", path, "--lang", "en")[1] == out)
    numbers = [int(n) for n, _ in steps(unmask(path, "--lang", "en")[1])]
    check("without it the lines stand as in the program", numbers and numbers == sorted(numbers), numbers)


MACROS = (  # sample, steps that --trace shows in this order
    ("hostile-macro-family-e.doc", ("AutoOpen()", 'wKzPq("zzztsixe-ton-seod-taht-dnammoc-elpmaxezzz", 4, 35)',
                                    'wKzPq = "example-command-that-does-not-exist"', 'Shell command:="example-command-that-does-not-exist"')),
    ("hostile-macro-effect-download-run.doc", ("AutoOpen()", 'place = "%TEMP%\\inert.exe"', 'URLDownloadToFile url:="hxxp://', "Shell command:=")),
)
OPEN = """Attribute VB_Name = "Module1"
Sub AutoOpen()
If Now > 1 Then
word = "inert-" & Rnd
Else
word = "other"
End If
For i = 1 To 50
long_word = long_word & "x"
Next
Shell "echo " & word
End Sub
"""


def check_macros(folder):
    for name, wanted in MACROS:
        lines = [text for _, text in steps(unmask(os.path.join(folder, name), "--trace")[1])]
        rest = iter(lines)
        check(f"{name}: calls, values and effects, in order", all(any(line.strip().startswith(w) for line in rest) for w in wanted), lines)
    path = os.path.join(folder, "own-open.bas")
    with open(path, "w", encoding="utf-8") as f:
        f.write(OPEN)
    lines = [text.strip() for _, text in steps(unmask(path, "--trace")[1])]
    check("a condition that is not known: both ways, and why", "If Now > 1 Then -> ⟂, both ways (not known: now)" in lines, lines)
    check("a value that is not known, and why", any(line.startswith('word = "inert-⟂" (not known: rnd)') for line in lines), lines)
    told = [line for line in lines if line.startswith("long_word")]
    check("a statement in a loop is told a few times, and as it was last", 2 <= len(told) <= 6 and told[-1] == 'long_word = "' + "x" * 50 + '"', told)


def check_nothing(folder):
    text = os.path.join(folder, "own-note.txt")
    with open(text, "w", encoding="utf-8") as f:
        f.write("minutes of the meeting\n")
    for name in ("own-note.txt", "benign-macro-open-formats.xlsm"):
        for language, words in NOTHING.items():
            status, out, said = unmask(os.path.join(folder, name), "--lang", language)
            check(f"{name}: says that there is nothing, {language}", status == 0 and words in said and WORDS[language]["head"] not in out, (status, out, said))
    for args, what in (((os.path.join(folder, "own-gone"),), "a file that is not there"), ((), "no file"), ((text, text), "two files"),
                       ((text, "--no-such-option"), "an unknown option")):
        status, out, said = unmask(*args)
        check(f"{what}: status 2, said on standard error", status == 2 and not out and said, (status, out, said))


def check_report(folder):
    """The report of scan has the same effects, in text and in JSON."""
    path = os.path.join(folder, "hostile-macro-effect-download-run.doc")
    run = subprocess.run([SEKISHO, "scan", "--json", "--quiet", path], capture_output=True, env=ENV, timeout=120)
    effects = json.loads(run.stdout)["effects"]
    check("scan --json: the same effects", [(e["kind"], e["args"].get("path") or e["args"].get("command"), e["via"]) for e in effects] ==
          [("download", "%TEMP%\\inert.exe", ["AutoOpen"]), ("run", "%TEMP%\\inert.exe", ["AutoOpen"])], effects)
    for language, words in WORDS.items():
        run = subprocess.run([SEKISHO, "scan", "--quiet", "--lang", language, path], capture_output=True, env=ENV, timeout=120)
        lines = tree(run.stdout.decode(), language)
        check(f"scan: the tree of effects, {language}", run.returncode == 1 and in_order(lines, ["AutoOpen"], [words["download"], words["run"]]), lines)
        first = run.stdout.decode().split("\n")[0]
        check(f"scan: the reason names address and file, {language}", "hxxp://example[.]invalid/inert" in first and "inert.exe" in first, first)


def main():
    folder = tempfile.mkdtemp(prefix="sekisho-unmask-")
    try:
        run = subprocess.run([os.path.join(ROOT, "tools/make-waves"), folder], capture_output=True, env=ENV)
        check("make-waves runs", run.returncode == 0, run.stderr[-300:])
        for sample in SAMPLES:
            check_sample(folder, *sample)
        check_trace(folder)
        check_macros(folder)
        check_nothing(folder)
        check_report(folder)
    finally:
        shutil.rmtree(folder)
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
