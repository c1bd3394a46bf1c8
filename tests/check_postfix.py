#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_postfix - the whole gate behind a real Postfix on loopback: what is delivered, held, refused
and asked for again is all that was sent, also while processes are killed and settings are read anew.

usage: check_postfix.py SOURCE-ROOT SEKISHOD SEKISHO MILTER-LOAD [--mails FOLDER] [--clients 4] [--kills 12] [--only-kills]
"""
import argparse
import glob
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.abspath(sys.argv[1]), "tests"))
import smtp_rig  # noqa: E402

REFERENCE = re.compile(r"\b\d{6}-[0-9A-HJKMNP-TV-Z]{8}\b")
failures = tests = 0


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {str(detail)[:1500]!r}"), flush=True)
    failures += not good


class Gate:
    """sekishod with settings of the test's, in a folder of its own."""

    def __init__(self, program, folder, **more):
        self.port = smtp_rig.free_port()
        self.state = os.path.join(folder, "state")
        self.settings = os.path.join(folder, "sekishod.yaml")
        self.log_path = os.path.join(folder, "log")
        os.makedirs(folder)
        with open(self.settings, "w") as f:
            json.dump({"user": "", "milter": {"listen": [f"inet:127.0.0.1:{self.port}"]}, **more}, f)  # JSON is YAML
        self.process = subprocess.Popen([program, "--settings", self.settings, "--state", self.state], stderr=open(self.log_path, "w"))
        self.wait()

    def wait(self, seconds=60):
        """Until the door listens and a desk is there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and "ready" not in self.log():
            time.sleep(0.02)

    def log(self):
        return open(self.log_path, errors="replace").read()

    def children(self, name):
        out = []
        for pid in os.listdir("/proc"):
            try:
                if pid.isdigit() and open(f"/proc/{pid}/comm").read().strip() == name and self.is_ours(int(pid)):
                    out.append(int(pid))
            except OSError:
                pass
        return out

    def is_ours(self, pid):
        while pid > 1:
            if pid == self.process.pid:
                return True
            pid = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
        return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def prepared(path):
    """As it goes over SMTP; without what is removed on the way: by Postfix (cleanup(8)), and headers in our name."""
    text = open(path, "rb").read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if text.startswith(b"From "):  # of a mailbox file
        text = text.partition(b"\r\n")[2]
    head, blank, body = text.partition(b"\r\n\r\n")
    gone = (b"x-sekisho-", b"return-path:", b"bcc:", b"content-length:")
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(gone))
    return head + blank + (body if body.endswith(b"\r\n") else body + b"\r\n")


def verdicts(sekisho, folder, mails):
    """What the command line says of the same bytes."""
    for i, m in enumerate(mails):
        open(os.path.join(folder, f"{i:05}.eml"), "wb").write(m)
    done = subprocess.run([sekisho, "scan", "--json", "--quiet", folder], capture_output=True, text=True)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {int(os.path.basename(r["path"])[:5]): r["verdict"] for r in said}


def examples(gate_port, sink, sekisho, folder):
    mails = [prepared(p) for p in sorted(glob.glob(os.path.join(sys.argv[1], "examples", "*.eml")))]
    os.mkdir(os.path.join(folder, "examples"))
    expected = verdicts(sekisho, os.path.join(folder, "examples"), mails)
    client = smtp_rig.Client(gate_port)
    for i, m in enumerate(mails):
        have, verdict = len(sink.mails), expected[i]
        said = client.mail(m, to=["someone@example.org"])
        subject = re.search(rb"(?m)^Message-I[Dd]: *(.*?)\r$", m)
        name = f"example {i + 1}, {verdict}"
        if verdict == "malicious":
            check(name + ": refused with a reference", said.startswith("550 5.7.1 ") and REFERENCE.search(said), said)
            continue
        if verdict == "suspicious":
            check(name + ": held", said.startswith("250 "), said)
            continue
        got = sink.wait(have + 1)[have:]
        front = got[0][2][:-len(m)] if got and got[0][2].endswith(m) else None
        check(name + ": delivered byte for byte", said.startswith("250 ") and front is not None, (said, subject, got))
        if verdict == "unknown":
            check(name + ": marked", front and b"X-Sekisho-Verdict: unknown" in front and b"X-Sekisho-Id: " in front, front)
        else:
            check(name + ": unmarked", front and b"X-Sekisho" not in front, front)
    time.sleep(0.5)
    held = sum(v == "suspicious" for v in expected.values()) + sum(v == "malicious" for v in expected.values())
    check("nothing more was delivered", len(sink.mails) == len(mails) - held, len(sink.mails))
    client.close()


class Sender(threading.Thread):
    """Sends its mails one behind the other, each with an id of its own; said[id] is the last word."""

    def __init__(self, port, mails):
        super().__init__(daemon=True)
        self.port, self.mails, self.said, self.again = port, mails, {}, 0

    def run(self):
        client = None
        for key, m in self.mails:
            for _ in range(60):
                try:
                    client = client or smtp_rig.Client(self.port)
                    self.said[key] = client.mail(m)
                except OSError as e:
                    self.said[key] = f"421 {e}"
                if self.said[key][:1] != "4":
                    break
                self.again += 1
                time.sleep(0.05)
                if client:
                    client.close()
                client = None
        if client:
            client.close()


def held(postfix, said, gate):
    """The mails that were held: by Postfix's log, and each of them in the record with its original."""
    discarded = set(re.findall(r" ([0-9A-Za-z]+): milter-discard: END-OF-MESSAGE", postfix.log()))
    keys = {k: m.group(1) for k, v in said.items() if (m := re.search(r"queued as (\w+)", v)) and m.group(1) in discarded}
    path = glob.glob(os.path.join(gate.state, "**", "sekisho.db"), recursive=True)
    with sqlite3.connect(f"file:{path[0]}?mode=ro", uri=True, timeout=20) as db:
        kept = {q for q, in db.execute("SELECT queue_id FROM mails WHERE deed = 'hold' AND original IS NOT NULL")}
    return set(keys), sorted(k for k, q in keys.items() if q not in kept)


def account(name, postfix, gate, port, sink, paths, clients, harm):
    """Sends all mails over several clients while harm(n) is done; every one must have one end."""
    numbered = [(f"n{i:06}.{os.path.basename(p)}", b"X-Number: n%06d.%s\r\n" % (i, os.path.basename(p).encode()) + prepared(p)) for i, p in enumerate(paths)]
    have = len(sink.mails)
    senders = [Sender(port, numbered[i::clients]) for i in range(clients)]
    for s in senders:
        s.start()
    back = harm(senders) if harm else []
    for s in senders:
        s.join()
    said = {k: v for s in senders for k, v in s.said.items()}
    accepted = [k for k, v in said.items() if v[:3] == "250"]
    refused = [k for k, v in said.items() if v[:3] == "550"]
    later = [k for k, v in said.items() if v[:1] == "4"]
    end = time.monotonic() + 60
    delivered, kept, unkept = {}, set(), []
    while time.monotonic() < end:
        delivered = {}
        for _, _, m in sink.mails[have:]:
            number = re.search(rb"(?m)^X-Number: (.*?)\r$", m)
            delivered.setdefault(number.group(1).decode() if number else "?", []).append(m)
        kept, unkept = held(postfix, said, gate)
        if len(delivered) + len(kept) >= len(accepted):
            break
        time.sleep(0.5)
        postfix.run("flush")
    time.sleep(1)
    whole = sum(any(m.endswith(sent) for m in delivered.get(k, [])) for k, sent in numbered)
    for k, sent in numbered:
        for m in delivered.get(k, []):
            if not m.endswith(sent):
                n = next((n for n in range(1, min(len(m), len(sent)) + 1) if m[-n] != sent[-n]), 0)
                print(f"# {k} differs {n} bytes before its end: sent {sent[-n - 60:len(sent) - n + 20]!r}, delivered {m[-n - 60:len(m) - n + 20]!r}")
                break
    twice = [k for k, ms in delivered.items() if len(ms) > 1]
    missing = [k for k in accepted if k not in delivered and k not in kept]
    odd = [v for v in said.values() if v[:3] not in ("250", "550", "451")]
    print(f"# {name}: {len(numbered)} sent, {len(accepted)} accepted, {len(refused)} refused, {len(later)} not taken in the end, "
          f"{sum(s.again for s in senders)} asked to come again, {len(delivered)} delivered, {len(kept)} held, back in {max(back, default=0):.2f} s at most")
    check(f"{name}: every mail has an end", len(accepted) + len(refused) + len(later) == len(numbered), (len(said), odd[:5]))
    check(f"{name}: none was given up", not later, [said[k] for k in later[:3]])
    check(f"{name}: what was accepted is delivered, byte for byte", not missing and whole == len(delivered), (missing[:5], whole, len(delivered)))
    check(f"{name}: what was held is in the vault", not unkept, unkept[:5])
    check(f"{name}: none twice, and none that was refused or held", not twice and not set(delivered) & (set(refused) | kept), twice[:5])
    check(f"{name}: nobody heard anything strange", not odd, odd[:5])
    return back


def killer(gate, kills, seed=1):
    """Ends random processes of the gate; how long each time until a mail is answered again."""
    def harm(senders):
        rng, back = random.Random(seed), []
        for _ in range(kills):
            time.sleep(rng.uniform(0.2, 0.6))
            victims = [(n, p) for n in ("sekisho-door", "sekisho-desk", "sekisho-worker", "sekisho-keeper") for p in gate.children(n)]
            if not victims or not any(s.is_alive() for s in senders):
                break
            _, pid = rng.choice(victims)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # a worker that was replaced meanwhile
                continue
            start = time.monotonic()
            while time.monotonic() - start < 20 and not answers(gate.port):
                time.sleep(0.01)
            back.append(time.monotonic() - start)
        return back
    return harm


LOAD = EXAMPLE = None


def answers(port):
    """Whether a mail gets an answer of a desk: no "try again later"."""
    done = subprocess.run([LOAD, str(port), "1", "1", EXAMPLE], capture_output=True, text=True)
    return done.returncode == 0 and '"a": 1' in done.stdout


def reloader(gate, times):
    def harm(senders):
        for _ in range(times):
            time.sleep(0.5)
            if any(s.is_alive() for s in senders):
                gate.process.send_signal(signal.SIGHUP)
        return []
    return harm


def observing(port, sink):
    have = len(sink.mails)
    client = smtp_rig.Client(port)
    paths = sorted(glob.glob(os.path.join(sys.argv[1], "examples", "*.eml")))
    said = [client.mail(prepared(p)) for p in paths]
    client.close()
    got = sink.wait(have + len(paths))[have:]
    marked = [m for _, _, m in got if m.startswith(b"X-Sekisho-Verdict: ")]
    check("observe: all is delivered", all(s.startswith("250 ") for s in said) and len(got) == len(paths), said)
    check("observe: what is malicious is marked", sum(m.startswith(b"X-Sekisho-Verdict: malicious") for m in marked) > 3, [m[:60] for m in marked])


def main():
    global LOAD, EXAMPLE
    ap = argparse.ArgumentParser()
    ap.add_argument("root")
    ap.add_argument("sekishod")
    ap.add_argument("sekisho")
    ap.add_argument("load")
    ap.add_argument("--mails")
    ap.add_argument("--clients", type=int, default=4)
    ap.add_argument("--kills", type=int, default=12)
    ap.add_argument("--only-kills", action="store_true")
    a = ap.parse_args()
    LOAD, EXAMPLE = a.load, os.path.join(a.root, "examples/01-true-reply.eml")
    why = smtp_rig.missing()
    if why:
        print(f"ok 1 - postfix # SKIP {why}\n1..1")
        return
    with tempfile.TemporaryDirectory(prefix="gate") as folder:
        gate = Gate(a.sekishod, os.path.join(folder, "gate"), observe="no")
        watch = Gate(a.sekishod, os.path.join(folder, "watch"))
        ports = {"gate": smtp_rig.free_port(), "watch": smtp_rig.free_port()}
        sink = smtp_rig.Sink()
        postfix = smtp_rig.Postfix(folder, sink.port, {ports["gate"]: {"smtpd_milters": f"inet:127.0.0.1:{gate.port}"},
                                                       ports["watch"]: {"smtpd_milters": f"inet:127.0.0.1:{watch.port}"}})
        try:
            examples(ports["gate"], sink, a.sekisho, folder)
            observing(ports["watch"], sink)
            mails = a.mails
            if not mails:
                mails = os.path.join(folder, "mails")
                subprocess.run([os.path.join(a.root, "tools/make-ja-ham"), "120", mails], check=True, capture_output=True)
            paths = sorted(os.path.join(mails, n) for n in os.listdir(mails))
            if not a.only_kills:
                account("under load", postfix, gate, ports["gate"], sink, paths, a.clients, None)
                account("settings read anew under load", postfix, gate, ports["gate"], sink, paths, a.clients, reloader(gate, 6))
            back = account("killed under load", postfix, gate, ports["gate"], sink, paths, a.clients, killer(gate, a.kills))
            soon = sum(b <= 1.0 for b in back)
            check("killed: back in a second, nine times of ten", back and soon * 10 >= len(back) * 9, [round(b, 2) for b in back])
            check("a clean end", gate.stop() == 0 and watch.stop() == 0, gate.log()[-800:])
        finally:
            postfix.stop()
            sink.shutdown()
            for g in (gate, watch):
                if g.process.poll() is None:
                    g.process.kill()
    print(f"1..{tests}")
    sys.exit(failures > 0)


main()
