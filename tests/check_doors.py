#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_doors - one verdict at every door: the example mails through a real sekishod by clamd's protocol
(stream, descriptor, path) and by HTTP, against what `sekisho scan` says; and the stored report of each.

usage: check_doors.py SEKISHO SEKISHOD SOURCE-ROOT
"""
import glob
import hashlib
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

TOKEN = "correct-horse-battery-staple"
SETTINGS = """user: ""
state: {work}/state
milter.listen: []
clamd.listen: ["unix:{work}/clamd.sock"]
clamd.paths: ["{work}/files"]
http.listen: ["unix:{work}/http.sock"]
http.tokens: ["{token}"]
"""


class UnixHttp(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


def clamd(path, say, fd=None):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(30)
        s.connect(path)
        s.sendall(say)
        if fd is not None:
            socket.send_fds(s, [b"\0"], [fd])
        out = b""
        while (more := s.recv(65536)):
            out += more
    return out.rstrip(b"\0\n").decode().split(": ", 1)[-1]


def as_clamd(report):
    """What a client of clamd must hear of this report."""
    causes = {u["cause"] for u in report.get("unread", [])}
    if report["verdict"] in ("malicious", "suspicious"):
        return ("Sekisho." if report["verdict"] == "malicious" else "Sekisho.Suspicious.") + report["name"] + " FOUND"
    if report["verdict"] == "clean":
        return "OK"
    return "Heuristics.Encrypted." if "encrypted" in causes else "Heuristics.Limits.Exceeded" if "limit" in causes else " ERROR"


def fits(got, want):
    return got == want if want == "OK" or want.startswith("Sekisho.") else got.startswith(want) or got.endswith(want)


def started(process, work):
    for _ in range(600):
        if process.poll() is not None:
            return False
        try:
            c = UnixHttp(os.path.join(work, "http.sock"))
            c.request("GET", "/readyz")
            if c.getresponse().status == 200:
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def check(work, sekisho, mails, faults):
    by_clamd, by_http = os.path.join(work, "clamd.sock"), UnixHttp(os.path.join(work, "http.sock"))
    for mail in mails:
        name, data = os.path.basename(mail), open(mail, "rb").read()
        r = subprocess.run([sekisho, "scan", "--json", mail], capture_output=True, text=True, timeout=60)
        want = json.loads(r.stdout.splitlines()[0])
        words = as_clamd(want)
        with open(mail, "rb") as f:
            heard = {"stream": clamd(by_clamd, b"zINSTREAM\0" + struct.pack(">I", len(data)) + data + bytes(4)),
                     "descriptor": clamd(by_clamd, b"nFILDES\n", f.fileno()),
                     "path": clamd(by_clamd, b"nSCAN " + os.path.join(work, "files", name).encode() + b"\n")}
        for how, got in heard.items():
            if not fits(got, words):
                faults.append(f"{name} by clamd's {how}: {got!r}, should be {words!r}")
        by_http.request("POST", "/v1/scan?name=" + name, data)
        answer = json.loads(by_http.getresponse().read())
        if answer["verdict"] != want["verdict"] or answer.get("name", "") != want["name"]:
            faults.append(f"{name} by HTTP: {answer}, should be {want['verdict']} {want.get('name')}")
        for _ in range(50): # what is delivered is answered before it is recorded
            by_http.request("GET", "/v1/reports/" + answer["reference"])
            got = by_http.getresponse()
            body = got.read()
            if got.status != 404:
                break
            time.sleep(0.1)
        if got.status != 200 or json.loads(body)["verdict"] != want["verdict"] or json.loads(body)["sha256"] != want["sha256"]:
            faults.append(f"{name}: the stored report: {got.status} {body[:200]!r}")
    by_http.request("GET", "/metrics")
    metrics = by_http.getresponse().read().decode()
    if f'sekisho_door_asked_total{{door="http"}} {len(mails)}' not in metrics:
        faults.append("the metrics do not count what was asked: " + metrics)


def main():
    sekisho, sekishod, root = sys.argv[1:4]
    faults = []
    mails = sorted(glob.glob(os.path.join(root, "examples", "*.eml")))
    if not mails:
        sys.exit("there are no example mails")
    with tempfile.TemporaryDirectory(prefix="sekisho-gate-") as work:
        os.mkdir(os.path.join(work, "files"))
        for mail in mails:
            with open(os.path.join(work, "files", os.path.basename(mail)), "wb") as f:
                f.write(open(mail, "rb").read())
        with open(os.path.join(work, "settings.yaml"), "w", encoding="ascii") as f:
            f.write(SETTINGS.format(work=work, token=hashlib.sha256(TOKEN.encode()).hexdigest()))
        log = open(os.path.join(work, "log"), "w+", encoding="utf-8", errors="replace")
        process = subprocess.Popen([sekishod, "--settings", os.path.join(work, "settings.yaml")], stderr=log)
        try:
            if started(process, work):
                check(work, sekisho, mails, faults)
            else:
                faults.append("the gate is not ready after a minute")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                if process.wait(20) != 0:
                    faults.append(f"sekishod ended with {process.returncode}")
            except subprocess.TimeoutExpired:
                process.kill()
                faults.append("sekishod does not end")
        if faults:
            log.seek(0)
            print(log.read()[-3000:])
    for f in faults:
        print("FAULT", f)
    print(f"{len(mails)} mails, {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
