#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_keeper - nothing that the keeper said it kept is ever missing.

  kill     killed at 200 random moments under load: all that was KEPT is there, the audit log holds
  fail     each of 2 000 writes, syncs, renames and truncations fails in its turn, as ENOSPC, EIO or
           EDQUOT, some after half of the bytes: the database stays whole, nothing was KEPT that is not
           there, and the very next mail is kept again
  full     a disk that is full for a while, then has room
  start    what fails while the keeper starts: it says so and ends, or serves

usage: check_keeper.py KEEPER FAIL_WRITES.so [kill|fail|full|start]... [--rounds N] [--seed N]
"""
import argparse
import errno
import hashlib
import json
import mmap
import os
import random
import sqlite3
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper import DONE, KEPT, ORDER, PUT, Keeper, order, put  # noqa: E402

faults = []


def fault(what):
    faults.append(what)
    print("check_keeper: " + what)


def database(state):
    return sqlite3.connect(f"file:{state}/record/sekisho.db?mode=ro", uri=True)


def verify_audit(state, what):
    """The chain, by this reader of its own; and that the newest line of the database is in it."""
    folder, before, number = f"{state}/record/audit", None, 0
    for name in sorted(os.listdir(folder)):
        for line in open(f"{folder}/{name}", "rb").read().split(b"\n")[:-1]:
            row = json.loads(line)
            if row["seq"] != number + 1 or (before and row["prev"] != before):
                return fault(f"{what}: audit line {row['seq']} behind {number}")
            number, before = row["seq"], hashlib.sha256(line).hexdigest()
    with database(state) as db:
        newest = db.execute("SELECT max(seq) FROM audit").fetchone()[0] or 0
    if newest != number:
        fault(f"{what}: the audit log ends at {number}, the database at {newest}")


def verify(state, kept, what):
    """All of kept (reference -> (report, body or None)) is there; the database is whole."""
    with database(state) as db:
        if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            fault(f"{what}: the database is damaged")
        if db.execute("PRAGMA foreign_key_check").fetchone():
            fault(f"{what}: rows contradict each other")
        rows = dict(db.execute("SELECT reference, id FROM mails"))
        originals = dict(db.execute("SELECT reference, original FROM mails WHERE original IS NOT NULL"))
        marks = dict(db.execute("SELECT reference, report_mark FROM mails"))
        for reference, (report, body) in kept.items():
            if reference not in rows:
                fault(f"{what}: {reference} was KEPT and is not there")
            elif marks[reference] != hashlib.sha256(report).digest()[:16]:
                fault(f"{what}: {reference} is another report")
            elif body is not None and reference not in originals:
                fault(f"{what}: {reference} has lost its original")
        for reference, name in originals.items():
            path = f"{state}/vault/{name[:1].hex()}/{name[1:].hex()}"
            if not os.path.isfile(path):
                fault(f"{what}: the original of {reference} is not in the vault")
        orphans = db.execute("SELECT count(*) FROM mails m LEFT JOIN reports r ON r.mail = m.id WHERE r.mail IS NULL").fetchone()[0]
        if orphans:
            fault(f"{what}: {orphans} mails without a report")


def settled(program, state, env=None):
    """Started and ended in good health, so that all followers are up to date."""
    k = Keeper(program, state, env=env)
    code, said = k.end()
    if code:
        fault(f"does not start again: {said.strip()}")


def one(number, rng, prefix):
    reference = f"{prefix}-{number}"
    report = json.dumps({"n": number, "pad": "x" * rng.choice([0, 10, 3000])}).encode()
    body = rng.randbytes(rng.choice([1, 1000, 70000])) if rng.random() < 0.4 else None
    texts = dict(subject=f"請求書 {number}", sender="s@example.invalid", verdict="malicious", deed="hold", door="milter", direction="in")
    return reference, report, body, put(number, reference, report, body, recipients=["a@example.invalid"], search="x.doc", **texts)


def check_kill(args, rng):
    with tempfile.TemporaryDirectory() as folder:
        state, kept, number = folder + "/s", {}, 0
        for round_ in range(args.rounds or 200):
            k = Keeper(args.keeper, state, "--ecs", folder + "/ecs.json")
            sent, answers = {}, rng.randrange(0, 60)
            while answers >= 0:
                while len(sent) < 24:
                    number += 1
                    reference, report, body, payload = one(number, rng, "k")
                    if not k.send(PUT, payload):
                        break
                    sent[number] = (reference, report, body)
                got = k.kept() if answers else None
                if answers and not got:
                    fault(f"round {round_}: no answer")
                    break
                if got:
                    if got[1]:
                        fault(f"round {round_}: refused with {got[1]}")
                    reference, report, body = sent.pop(got[0])
                    kept[reference] = (report, body)
                answers -= 1
            k.kill()
            if round_ % 20 == 19:
                settled(args.keeper, state)
                verify(state, kept, f"killed {round_ + 1} times")
                verify_audit(state, f"killed {round_ + 1} times")
        k = Keeper(args.keeper, state, "--ecs", folder + "/ecs.json")
        k.receive(1.5)  # silence: it writes what nobody waits for
        k.end()
        with open(folder + "/ecs.json") as f:
            lines = {json.loads(line)["event"]["id"] for line in f if line.endswith("\n")}
        with database(state) as db:
            all_ = {r for (r,) in db.execute("SELECT reference FROM mails")}
        if all_ - lines:
            fault(f"{len(all_ - lines)} mails are not in the log for others")
        print(f"kill: {number} sent, {len(kept)} kept, {len(all_)} there, {len(lines & all_)} of them in the log for others")


class Failing:
    """The memory that the preloaded library looks into."""

    def __init__(self, folder, library):
        path = folder + "/orders"
        with open(path, "wb") as f:
            f.write(bytes(48))
        self.file = open(path, "r+b")
        self.memory = mmap.mmap(self.file.fileno(), 48)
        self.env = {"LD_PRELOAD": library, "FAIL_WRITES": path, "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}

    def calls(self):
        return struct.unpack_from("<Q", self.memory, 0)[0]

    def failed(self):
        return struct.unpack_from("<Q", self.memory, 32)[0]

    def arm(self, behind, many, code, halves=0):
        struct.pack_into("<Q", self.memory, 40, halves)
        struct.pack_into("<QQ", self.memory, 16, many, code)
        struct.pack_into("<Q", self.memory, 8, self.calls() + behind if many else 0)


def burst(k, number, rng, kept, what, refusals):
    """Some PUTs and an order at once; notes what was KEPT. False: the keeper is gone."""
    sent = {}
    for _ in range(rng.randrange(1, 5)):
        number += 1
        reference, report, body, payload = one(number, rng, "f")
        k.send(PUT, payload)
        sent[number] = (reference, report, body)
    for _ in range(len(sent)):
        got = k.kept(10)
        if not got:
            fault(f"{what}: no answer; ended with {k.process.poll()}: {k.said()[-300:]}")
            return number, False
        if got[1] == 0:
            reference, report, body = sent.pop(got[0])
            kept[reference] = (report, body)
        else:
            refusals[got[1]] = refusals.get(got[1], 0) + 1
    if kept and rng.random() < 0.2:
        number += 1
        k.send(ORDER, order(number, 1, rng.choice(list(kept)), verb="looked", note="n"))
        if not k.kept(10):
            fault(f"{what}: no answer to an order")
    return number, True


def check_fail(args, rng):
    codes = [errno.ENOSPC, errno.EIO, errno.EDQUOT]
    with tempfile.TemporaryDirectory() as folder:
        state, kept, number, refusals = folder + "/s", {}, 0, {}
        failing = Failing(folder, args.library)
        k = Keeper(args.keeper, state, "--ecs", folder + "/ecs.json", env=failing.env)
        number, _ = burst(k, number, rng, kept, "before", refusals)
        failures = 0
        while failures < (args.rounds or 2000):
            what = f"failure {failures + 1}"
            failing.arm(1 + failures % 23, rng.choice([1, 1, 1, 2, 5]), rng.choice(codes), rng.randrange(2))
            before = failing.failed()
            number, alive = burst(k, number, rng, kept, what, refusals)
            failing.arm(0, 0, 0)
            failures += max(1, failing.failed() - before)
            if alive:  # at once, in good health
                number += 1
                reference, report, body, payload = one(number, rng, "g")
                k.send(PUT, payload)
                got = k.kept(10)
                if not got or got[1]:
                    fault(f"{what}: the next mail was answered {got}")
                else:
                    kept[reference] = (report, body)
            if not alive:
                k.kill()
                k = Keeper(args.keeper, state, "--ecs", folder + "/ecs.json", env=failing.env)
            if len(faults) > 20:
                break
        code, said = k.end()
        if code:
            fault(f"ended with {code}: {said[-500:]}")
        settled(args.keeper, state)
        verify(state, kept, "after failures")
        verify_audit(state, "after failures")
        if not failing.failed():
            fault("nothing failed: the library is not loaded")
        print(f"fail: {failing.failed()} calls failed, {number} sent, {len(kept)} kept, refused {refusals}")


def check_full(args, rng):
    with tempfile.TemporaryDirectory() as folder:
        state, kept, number, refusals = folder + "/s", {}, 0, {}
        failing = Failing(folder, args.library)
        k = Keeper(args.keeper, state, env=failing.env)
        number, _ = burst(k, number, rng, kept, "before", refusals)
        for _ in range(args.rounds or 5):
            failing.arm(rng.randrange(1, 30), 1 << 60, errno.ENOSPC, 1)
            refused = sum(refusals.values())
            for _ in range(20):
                number, _ = burst(k, number, rng, kept, "full", refusals)
            if sum(refusals.values()) == refused:
                fault("a full disk refused nothing")
            failing.arm(0, 0, 0)
            have = len(kept)
            number, _ = burst(k, number, rng, kept, "room again", refusals)
            if len(kept) == have:
                fault("there is room again, and nothing is kept")
        code, said = k.end()
        if code or said.count("\n") > 60:
            fault(f"ended with {code}, {said.count(chr(10))} lines in its log")
        settled(args.keeper, state)
        verify(state, kept, "after a full disk")
        verify_audit(state, "after a full disk")
        if set(refusals) - {-errno.ENOSPC, -errno.EIO}:
            fault(f"refused with {refusals}")
        print(f"full: {number} sent, {len(kept)} kept, refused {refusals}")


def check_start(args, rng):
    served = ended = 0
    with tempfile.TemporaryDirectory() as folder:
        failing = Failing(folder, args.library)
        for n in range(1, args.rounds or 60):
            state, kept = f"{folder}/s{n}", {}
            struct.pack_into("<Q", failing.memory, 0, 0)
            failing.arm(n, 1, errno.ENOSPC)
            k = Keeper(args.keeper, state, env=failing.env)
            reference, report, body, payload = one(n, rng, "s")
            k.send(PUT, payload)
            got = k.kept(10)
            if got and got[1] == 0:
                kept[reference] = (report, body)
            code, said = k.end()
            served, ended = served + bool(got), ended + (not got)
            if not got and (code == 0 or not said.strip()):
                fault(f"start {n}: ended with {code} and said {said!r}")
            failing.arm(0, 0, 0)
            settled(args.keeper, state)
            verify(state, kept, f"start {n}")
            verify_audit(state, f"start {n}")
    print(f"start: {served} served, {ended} ended with a message")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("keeper")
    parser.add_argument("library")
    parser.add_argument("checks", nargs="*", default=[])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    all_ = {"kill": check_kill, "fail": check_fail, "full": check_full, "start": check_start}
    for name in args.checks or list(all_):
        all_[name](args, random.Random(args.seed))
    print(f"check_keeper: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
