#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_vbal - what evaluation says is known, against a second reading of [MS-VBAL]: random programs
of tools/second-vbal, whose Shell must be given exactly the text that the reference computes. A value
that is unknown or partial is no fault as long as most are known; a wrong one is.

usage: check_vbal.py SEKISHO SOURCE-ROOT [--programs N] [--seed S] [--keep FOLDER]

Of each 1 000 programs the seed is one more. --keep leaves the programs that went wrong there.
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

AT_ONCE = 1000
KNOWN_SHARE = 0.9  # of the programs that do not fail, at least


def programs_of(root, n, seed):
    run = subprocess.run([os.path.join(root, "tools/second-vbal"), "--generate", str(n), "--seed", str(seed)],
                         capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def shells(sekisho, root, folder):
    """name of the file: the effects of its Shell"""
    env = dict(os.environ, SEKISHO_RULES=os.path.join(root, "rules"), LC_ALL="C.UTF-8")
    run = subprocess.run([sekisho, "scan", "--json", "--quiet", folder], capture_output=True, env=env)
    found = {}
    for line in run.stdout.decode().splitlines():
        report = json.loads(line)
        found[os.path.basename(report["path"])] = [e for e in report["effects"] if e["sink"] == "Shell"]
    return found


def outcome(expected, effects):
    certain = [e for e in effects if e["certainty"] == "known" and not e.get("conditional")]
    if expected == "error":
        return "wrong" if certain else "equal"
    if any(e["args"]["command"] != expected for e in certain) or len(certain) > 1:
        return "wrong"
    return "equal" if certain else "conditional" if any(e["certainty"] == "known" for e in effects) else "partial" if effects else "none"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("sekisho")
    p.add_argument("root")
    p.add_argument("--programs", type=int, default=2000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep")
    o = p.parse_args()
    count, shown = collections.Counter(), 0
    for start in range(0, o.programs, AT_ONCE):
        folder = tempfile.mkdtemp(prefix="sekisho-vbal-")
        try:
            made = programs_of(o.root, min(AT_ONCE, o.programs - start), o.seed + start // AT_ONCE)
            for i, row in enumerate(made):
                with open(os.path.join(folder, f"{i}.bas"), "w", encoding="utf-8", newline="") as f:
                    f.write(row["source"])
            found = shells(o.sekisho, o.root, folder)
            for i, row in enumerate(made):
                what = outcome(row["expected"], found.get(f"{i}.bas", []))
                count[what] += 1
                if o.keep and what != "equal":
                    os.makedirs(os.path.join(o.keep, what), exist_ok=True)
                    shutil.copy(os.path.join(folder, f"{i}.bas"), os.path.join(o.keep, what, f"{o.seed + start // AT_ONCE}-{i}.bas"))
                    with open(os.path.join(o.keep, what, f"{o.seed + start // AT_ONCE}-{i}.txt"), "w", encoding="utf-8") as f:
                        f.write(f"wanted {row['expected']!r}\ngot {found.get(f'{i}.bas')}\n")
                if what == "wrong" and shown < 5:
                    shown += 1
                    print(f"# seed {row['seed']}: wanted {row['expected']!r}, got {[e['args'] for e in found[f'{i}.bas']]}\n# " +
                          row["source"].replace("\r\n", "\n# "))
        finally:
            shutil.rmtree(folder)
    done = sum(count.values())
    print(f"# {done} programs: " + ", ".join(f"{n} {what}" for what, n in count.most_common()))
    print("1..2")
    print(("ok" if count["wrong"] == 0 and done == o.programs else "not ok") + " 1 - what is known is exactly what the reference computes")
    print(("ok" if count["equal"] >= KNOWN_SHARE * done else "not ok") + " 2 - most is known")
    return 1 if count["wrong"] or count["equal"] < KNOWN_SHARE * done else 0


sys.exit(main())
