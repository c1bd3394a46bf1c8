#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_run - what make run shows: each example mail with its verdict and deed, in both languages,
commands that work as they stand there, and nobody left behind, however it ends.

usage: check_run.py SOURCE-ROOT BUILD
"""
import glob
import os
import re
import shlex
import signal
import subprocess
import sys
import time

root, build = (os.path.abspath(a) for a in sys.argv[1:3])
VERDICTS = {
    "en": ("Clean", "Not fully examined", "Suspicious", "Malicious"),
    "ja": ("検出なし", "未検査あり", "不審", "危険"),
}
DEEDS = {"en": ("delivered", "tagged", "held", "rejected"), "ja": ("配送", "印を付けて配送", "保留", "受信拒否")}
# Verdict, by its place above; each verdict has one deed by default.
EXPECT = {"01-true-reply.eml": 0, "02-expense-macro.eml": 0, "03-reply-spoof.eml": 3, "04-vendor-survey.eml": 3,
          "05-hidden-xlm-sheet.eml": 3, "06-zip-password-same-mail.eml": 3, "07a-ppap-archive.eml": 1, "07b-ppap-password.eml": 0,
          "08-zip-password-nowhere.eml": 1, "09-padded-twin.eml": 3, "10-double-extension-link.eml": 3, "11-onenote-button.eml": 3,
          "12-templates-lure.eml": 2}
failures = tests = 0


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {str(detail)[-1500:]!r}"), flush=True)
    failures += not good


def left():
    """Processes that work for a gate of this build."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            line = open(path, "rb").read().replace(b"\0", b" ").decode(errors="replace")
            folder = os.readlink(os.path.dirname(path) + "/cwd")
        except OSError:
            continue
        if "sekisho" in line and "example-gate" in line and folder in (root, "/"):
            found.append(line)
    return found


def start(lang):
    return subprocess.Popen([os.path.join(root, "tools/run-examples"), build], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "LC_ALL": "ja_JP.UTF-8" if lang == "ja" else "C.UTF-8", "PYTHONIOENCODING": "utf-8"},
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))


def whole(lang):
    p = start(lang)
    out, err = p.communicate()
    check(f"{lang}: ends well", p.returncode == 0, err + out)
    rows = {}
    for line in out.splitlines():
        cells = re.split(r" {2,}", line.strip())
        if line.startswith("  ") and cells[0] in EXPECT and len(cells) == 5:
            rows[cells[0]] = cells[1:]
    got = {name: (row[0], row[1]) for name, row in rows.items()}
    check(f"{lang}: each example with its verdict and deed", got == {n: (VERDICTS[lang][v], DEEDS[lang][v]) for n, v in EXPECT.items()}, got)
    check(f"{lang}: one report in full", any(line.startswith(VERDICTS[lang][3] + "  examples/03-reply-spoof.eml") for line in out.splitlines()), out)
    check(f"{lang}: nobody is left", not left(), left())
    commands = [line.strip() for line in out.splitlines() if line.startswith("    ") and "/programs/sekisho " in line and "--state" in line]
    check(f"{lang}: three commands", len(commands) == 3, out)
    for command in commands:
        done = subprocess.run(shlex.split(command), cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(f"{lang}: {shlex.split(command)[1]} finds something", done.returncode == 0 and re.search(r"^\d{6}-\w{8} ", done.stdout, re.M), (command, done))


def broken_off(number, seconds):
    p = start("en")
    time.sleep(seconds)
    p.send_signal(number)
    p.communicate(timeout=60)
    check(f"broken off by {number.name} after {seconds} s: nobody is left", not left(), left())


def main():
    whole("en")
    whole("ja")
    for seconds in (0.2, 0.4, 0.8):
        broken_off(signal.SIGINT, seconds)
    broken_off(signal.SIGTERM, 0.4)
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
