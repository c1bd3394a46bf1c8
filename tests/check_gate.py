#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_gate - the gate as a whole: sekishod with keeper, desk, workers and the milter door on
loopback, and clients that send the example mails as a mail server does.

Checked: what each mail gets; that new settings drop no connection; that bad settings change
nothing; that every process may be killed under load, the gate is back at once, no mail is answered
twice or wrongly, and what was promised is in the record; that Ctrl-C answers what is on its way
and leaves nobody behind.

usage: check_gate.py SEKISHOD SOURCE-ROOT [--kills N] [--seed N]
"""
import argparse
import glob
import os
import random
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

EXPECT = {"01-true-reply.eml": "a", "02-expense-macro.eml": "a", "03-reply-spoof.eml": "5", "04-vendor-survey.eml": "5",
          "05-hidden-xlm-sheet.eml": "5", "06-zip-password-same-mail.eml": "5", "07a-ppap-archive.eml": "a",
          "07b-ppap-password.eml": "a", "08-zip-password-nowhere.eml": "a", "09-padded-twin.eml": "5",
          "10-double-extension-link.eml": "5", "11-onenote-button.eml": "5", "12-templates-lure.eml": "d"}
BACK_S = 1.0 if os.environ.get("SEKISHO_QUIET_MACHINE") else 5.0
faults = []


def check(what, good, more=""):
    print(("ok " if good else "not ok ") + what + ("" if good else f": {more}"), flush=True)
    if not good:
        faults.append(what)


# --- a mail server's side of the milter protocol (version 6, every step answered)

def packet(command, data=b""):
    return struct.pack(">I", 1 + len(data)) + command + data


def head_and_body(mail):
    head, _, body = mail.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = []
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1] += b"\r\n" + line
        elif b":" in line:
            name, value = line.split(b":", 1)
            fields.append([name, value.lstrip(b" ")])
    return fields, body.replace(b"\n", b"\r\n")


class Session:
    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.have = b""

    def send(self, *packets):
        self.s.sendall(b"".join(packets))

    def reply(self):
        while True:
            while len(self.have) < 4 or len(self.have) < 4 + struct.unpack(">I", self.have[:4])[0]:
                more = self.s.recv(65536)
                if not more:
                    raise ConnectionError("closed")
                self.have += more
            n = struct.unpack(">I", self.have[:4])[0]
            command, data = self.have[4:5], self.have[5:4 + n]
            self.have = self.have[4 + n:]
            if command in b"acdtryO":
                return command, data

    def step(self, *packets):
        self.send(*packets)
        command, data = self.reply()
        return command, data

    def mail(self, mail, queue_id):
        """The last reply's letter: a, d, t, 4 or 5."""
        fields, body = head_and_body(mail)
        if self.step(packet(b"O", struct.pack(">III", 6, 0x1ff, 0)))[0] != b"O":
            raise ConnectionError("no negotiation")
        steps = [packet(b"C", b"mail.example.invalid\0004" + struct.pack(">H", 1025) + b"192.0.2.1\0"), packet(b"H", b"mail.example.invalid\0"),
                 packet(b"D", b"Mi\0" + queue_id.encode() + b"\0") + packet(b"M", b"<a@example.com>\0"), packet(b"R", b"<b@example.invalid>\0"), packet(b"T")]
        steps += [packet(b"L", n + b"\0" + v + b"\0") for n, v in fields]
        steps += [packet(b"N")] + [packet(b"B", body[i:i + 65535]) for i in range(0, len(body), 65535)]
        for s in steps:
            command, data = self.step(s)
            if command != b"c":
                return (data[:1] if command == b"y" else command).decode()
        command, data = self.step(packet(b"E"))
        while command == b"c":  # with replies turned off for others this is the last
            return "a"
        last = (data[:1] if command == b"y" else command).decode()
        self.send(packet(b"Q"))
        if self.have or self.s.recv(1):
            faults.append("answered twice")
        return last

    def close(self):
        self.s.close()


# --- the gate

def children(pid):
    try:
        return [int(p) for p in open(f"/proc/{pid}/task/{pid}/children").read().split()]
    except OSError:
        return []


def name_of(pid):
    try:
        argv = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
        return os.path.basename(argv[0].decode()) + (" " + argv[1].decode() if argv[0].endswith(b"sekisho-door") else "")
    except OSError:
        return ""


def tree(pid):
    found = {}
    for c in children(pid):
        found[c] = name_of(c)
        found.update(tree(c))
    return found


class Gate:
    def __init__(self, program, root, yaml):
        self.folder = tempfile.mkdtemp(prefix="check_gate.")
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.settings = os.path.join(self.folder, "sekishod.yaml")
        self.state = os.path.join(self.folder, "state")
        self.write(yaml)
        self.log = open(os.path.join(self.folder, "log"), "w+b")
        self.p = subprocess.Popen([program, "--settings", self.settings, "--state", self.state], stderr=self.log, start_new_session=True,
                                  env={**os.environ, "SEKISHO_RULES": os.path.join(root, "rules")})
        self.await_log(b"sekishod: ready", 120)

    def write(self, yaml):
        with open(self.settings, "w") as f:
            f.write(f'milter.listen: ["inet:127.0.0.1:{self.port}"]\nworkers.number: 2\n{yaml}\n')

    def logged(self):
        return open(self.log.name, "rb").read()

    def await_log(self, text, seconds, n=1):
        end = time.time() + seconds
        while self.logged().count(text) < n:
            if time.time() > end or self.p.poll() is not None:
                raise SystemExit(f"check_gate: no '{text.decode()}': " + self.logged().decode()[-2000:])
            time.sleep(0.02)

    def stop(self):
        everybody = list(tree(self.p.pid))
        os.killpg(self.p.pid, signal.SIGINT)  # as a terminal's Ctrl-C does; SIGTERM is the same to sekishod
        code = self.p.wait(30)
        end = time.time() + 2
        while time.time() < end and [p for p in everybody if name_of(p)]:
            time.sleep(0.02)
        return code, [name_of(p) for p in everybody if name_of(p)]

    def records(self):
        with sqlite3.connect(f"file:{self.state}/record/sekisho.db?mode=ro", uri=True) as db:
            return db.execute("SELECT queue_id, deed, original FROM mails").fetchall()


class Load:
    """Sends mails from some threads until told to stop; each is sent again until it is answered."""

    def __init__(self, gate, mails, threads=4, seed=1):
        self.gate, self.mails, self.lock = gate, mails, threading.Lock()
        self.over, self.answers, self.broken, self.later = False, [], 0, 0
        self.wrong, self.last_good, self.longest = [], time.time(), 0.0
        self.threads = [threading.Thread(target=self.run, args=(random.Random(seed * 100 + i), i), daemon=True) for i in range(threads)]
        for t in self.threads:
            t.start()

    def run(self, rng, thread):
        n = 0
        while not self.over:
            name, mail = rng.choice(self.mails)
            n += 1
            queue_id = f"Q{thread}x{n}"
            while not self.over:
                s = None
                try:
                    s = Session(self.gate.port)
                    got = s.mail(mail, queue_id)
                except (OSError, ConnectionError):
                    got = None
                finally:
                    if s:
                        s.close()
                with self.lock:
                    if got in (None, "4", "t"):
                        self.broken += got is None
                        self.later += got is not None
                    else:
                        now = time.time()
                        self.longest = max(self.longest, now - self.last_good)
                        self.last_good = now
                        self.answers.append((queue_id, name, got))
                        if got != EXPECT[name]:
                            self.wrong.append((name, got))
                if got in (None, "4", "t"):
                    time.sleep(0.01)
                else:
                    break

    def count(self):
        with self.lock:
            return len(self.answers)

    def await_more(self, n, seconds=60):
        want, end = self.count() + n, time.time() + seconds
        while self.count() < want and time.time() < end:
            time.sleep(0.005)
        return self.count() >= want

    def stop(self):
        self.over = True
        for t in self.threads:
            t.join(60)


# --- what is checked

def each_mail(gate, mails):
    got = {}
    for name, mail in mails:
        s = Session(gate.port)
        got[name] = s.mail(mail, "E" + name[:3])
        s.close()
    check("each example gets its answer", got == {n: EXPECT[n] for n, _ in mails}, str({n: g for n, g in got.items() if g != EXPECT[n]}))


def reloads(gate, mails):
    load = Load(gate, mails)
    load.await_more(20)
    for i in range(4):
        gate.write(f"observe: no\ndoors.idle: {100 + i}s")
        gate.p.send_signal(signal.SIGHUP)
        gate.await_log(b"new settings and rules are in force", 60, i + 1)
        load.await_more(20)
    gate.write("observe: maybe")
    gate.p.send_signal(signal.SIGHUP)
    gate.await_log(b"the old ones stay", 30)
    load.await_more(20)
    load.stop()
    check("new settings drop no connection", load.broken == 0 and load.later == 0, f"{load.broken} broken, {load.later} asked to come again")
    check("answers are right while settings change", not load.wrong, str(load.wrong[:3]))
    end = time.time() + 15
    while time.time() < end and sum(n == "sekisho-desk" for n in tree(gate.p.pid).values()) > 1:
        time.sleep(0.05)
    left = sorted(tree(gate.p.pid).values())
    check("old desks end", sum(n == "sekisho-desk" for n in left) == 1, str(left))
    gate.write("observe: no")


def kills(gate, mails, count, seed):
    rng = random.Random(seed)
    load = Load(gate, mails, seed=seed)
    load.await_more(20)
    slow, done = [], {}
    for i in range(count):
        victims = sorted(tree(gate.p.pid).items())
        names = sorted({n for _, n in victims if n})
        name = names[i % len(names)]
        pid = rng.choice([p for p, n in victims if n == name])
        from_us = time.time()
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        done[name] = done.get(name, 0) + 1
        time.sleep(0.05)
        if not load.await_more(10):
            check(f"back after {name} was killed", False, gate.logged().decode()[-1500:])
            break
        if time.time() - from_us > BACK_S:
            slow.append((name, round(time.time() - from_us, 2)))
        time.sleep(rng.random() * 0.2)
    load.stop()
    # A worker that is killed has crashed, and what it had is held, as the settings say.
    held = [w for w in load.wrong if w[1] == "d"]
    if len(held) <= 2 * done.get("sekisho-worker", 0):
        load.wrong = [w for w in load.wrong if w[1] != "d"]
    print(f"# {sum(done.values())} kills {done}; {load.count()} mails answered, {load.broken} connections broken, {load.later} asked to come again, "
          f"longest pause {load.longest:.2f} s")
    check(f"back within {BACK_S} s", not slow, str(slow[:5]))
    check("nothing is answered wrongly", not load.wrong, str(load.wrong[:3]))
    return load


def promises(gate, load):
    kept = {}
    for queue_id, deed, original in gate.records():
        kept.setdefault(queue_id, []).append((deed, original is not None))
    missing = [a for a in load.answers if a[2] in "5d" and (("hold" if a[2] == "d" else "reject"), True) not in kept.get(a[0], [])]
    check("what was promised is in the record", not missing, str(missing[:3]))


def stops(gate, mails):
    load = Load(gate, mails)
    load.await_more(20)
    code, left = gate.stop()
    load.over = True
    load.stop()
    check("nobody is told to come again at the end", load.later == 0, f"{load.later}")
    check("Ctrl-C ends all, cleanly", code == 0 and not left, f"exit {code}, left {left}")
    check("nothing is answered wrongly at the end", not load.wrong, str(load.wrong[:3]))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("sekishod")
    a.add_argument("root")
    a.add_argument("--kills", type=int, default=30)
    a.add_argument("--seed", type=int, default=1)
    a = a.parse_args()
    mails = [(os.path.basename(p), open(p, "rb").read()) for p in sorted(glob.glob(os.path.join(a.root, "examples", "*.eml")))]
    gate = Gate(a.sekishod, a.root, "observe: no")
    try:
        each_mail(gate, mails)
        reloads(gate, mails)
        load = kills(gate, mails, a.kills, a.seed)
        stops(gate, mails)
        promises(gate, load)
    finally:
        if gate.p.poll() is None:
            gate.p.kill()
    check("nothing is answered twice", "answered twice" not in faults)
    if faults:
        print(gate.logged().decode(errors="replace")[-3000:])
    return 1 if faults else 0


sys.exit(main())
