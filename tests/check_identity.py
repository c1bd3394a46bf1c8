#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_identity - a macro keeps its identity (vba.identity) when all that changes from victim
to victim is changed (tests/vba_mutate.py), and other macros have other identities.

Taken are the inert sources of tools/make-waves, and the macros of the files under SEKISHO_CORPUS
when that is set (read with tools/second-vba, rewritten in memory, never run).

usage: check_identity.py SEKISHO SOURCE-ROOT
"""
import base64
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

SEKISHO, ROOT = sys.argv[1:3]
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools/lib"))
import wavemacro  # noqa: E402
from vba_mutate import MUTATIONS  # noqa: E402

ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
ROUNDS, KEPT, DISTINCT = 5, 0.95, 0.95
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def identities(sources):
    """name -> identity; those without one (too little to tell by) are left out"""
    tmp = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        for name, text in sources.items():
            with open(os.path.join(tmp, name + ".bas"), "wb") as f:
                f.write(b'Attribute VB_Name = "m"\r\n' + text.encode("cp932", "replace"))
        r = subprocess.run([SEKISHO, "scan", "--json", "--quiet", tmp], capture_output=True, env=ENV, timeout=280)
        return {os.path.basename(g["path"])[:-4]: f["value"] for g in map(json.loads, r.stdout.splitlines()) for f in g["facts"]
                if f["name"] == "vba.identity"}
    finally:
        shutil.rmtree(tmp)


def hold(label, sources, rounds):
    first = identities(sources)
    changed = {}
    for kind, change in MUTATIONS.items():
        for name in first:
            for r in range(rounds):
                changed[f"{kind}.{r}.{name}"] = change(sources[name], random.Random(f"{kind} {name} {r}"))
    got = identities(changed)
    kept, lost = collections.Counter(), collections.defaultdict(set)
    for key in changed:
        kind, _, name = key.split(".", 2)
        if got.get(key) == first[name]:
            kept[kind] += 1
        else:
            lost[kind].add(name)
    each = len(first) * rounds
    for kind in MUTATIONS:
        check(f"{label}: {kind}: {kept[kind]} of {each} keep their identity", each and kept[kind] >= KEPT * each, str(sorted(lost[kind]))[:300])
        if lost[kind]:
            print(f"# lost by {kind}: {sorted(lost[kind])}"[:200])
    return first


def main():
    sources = {f"hostile-{n}": wavemacro.hostile(n) for n in wavemacro.HOSTILE} | {f"honest-{n}": wavemacro.honest(n) for n in wavemacro.HONEST}
    first = hold("made samples", sources, ROUNDS)
    distinct = len(set(first.values()))
    groups = collections.defaultdict(list)
    for name, identity in first.items():
        groups[identity].append(name)
    same = [g for g in groups.values() if len(g) > 1]
    check(f"{distinct} identities of {len(first)} programs", len(first) >= 20 and distinct >= DISTINCT * len(first), str(same))
    corpus = [c for c in os.environ.get("SEKISHO_CORPUS", "").split(":") if c]
    if not corpus:
        print("# no corpus of real files here (SEKISHO_CORPUS): only inert samples were changed")
    else:
        paths = [os.path.join(d, n) for c in corpus for d, _, names in os.walk(c) for n in sorted(names)]
        real = {}
        for at in range(0, len(paths), 200):
            r = subprocess.run([os.path.join(ROOT, "tools/second-vba"), "--source", *paths[at:at + 200]], capture_output=True, check=True)
            for line in r.stdout.splitlines():
                for p in json.loads(line)["projects"]:
                    for m in p["modules"]:
                        text = base64.b64decode(m["source"]).decode("cp932", "replace").replace("\r\n", "\n")
                        if 200 < len(text) < 40000:
                            real[m["sha256"][:12]] = text
        hold("corpus", real, 1)
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
