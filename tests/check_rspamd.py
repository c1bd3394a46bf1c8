#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_rspamd - a real Rspamd in front of Sekisho's doors: contrib/rspamd/sekisho.lua over HTTP, and
Rspamd's own antivirus module over the clamd door.

Rspamd runs with a configuration of its own on loopback, without DNS. The desk is the test's.

usage: check_rspamd.py SEKISHO-DOOR SOURCE-ROOT
"""
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import doors

TOKEN = "correct-horse-battery-staple"
CONF = """
options {{ pidfile = "{work}/rspamd.pid"; filters = ""; local_addrs = []; dns {{ nameserver = ["127.0.0.1:9"]; timeout = 0.05s; retransmits = 1; }} }}
logging {{ type = "file"; filename = "{work}/log"; level = "info"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; task_timeout = 20s; }}
lua = "{work}/rspamd.lua";
modules {{ path = "/usr/share/rspamd/plugins/antivirus.lua"; }}
metric "default" {{ actions {{ reject = 15; add_header = 6; greylist = 4; }} }}
actions {{ reject = 15; add_header = 6; greylist = 4; }}
antivirus {{
  clamav {{ type = "clamav"; symbol = "CLAM_VIRUS"; symbol_fail = "CLAM_FAIL"; symbol_encrypted = "CLAM_ENCRYPTED"; servers = "{clamd}"; scan_mime_parts = false; log_clean = true; timeout = 5.0; max_size = 20000000; }}
}}
sekisho {{ url = "http://127.0.0.1:{http}"; token = "{token}"; timeout = 5.0; }}
"""
LUA = """
rspamd_config = rspamd_config
dofile("{root}/contrib/rspamd/sekisho.lua")
"""
MAIL = "From: a@example.invalid\r\nTo: b@example.invalid\r\nSubject: greetings\r\nMessage-ID: <{word}@example.invalid>\r\n\r\nplease be {word}\r\n"
CASES = { # word: what sekisho.lua says, with its options; what the antivirus module says
    "clean": ("SEKISHO_CLEAN", ["261122-7K3F9Q2M"], None),
    "malicious": ("SEKISHO_MALICIOUS", ["Downloader.VBA.Test", "261122-7K3F9Q2M"], "CLAM_VIRUS"),
    "suspicious": ("SEKISHO_SUSPICIOUS", ["Lure.Any.Test", "261122-7K3F9Q2M"], "CLAM_VIRUS"),
    "encrypted": ("SEKISHO_UNKNOWN", ["encrypted", "261122-7K3F9Q2M"], "CLAM_ENCRYPTED"),
    "limit": ("SEKISHO_UNKNOWN", ["limit", "261122-7K3F9Q2M"], "CLAM_FAIL"),
    "overloaded": ("SEKISHO_FAIL", None, None),
}


def judge(r):
    if b"be malicious" in r.body:
        return doors.answer(r, doors.MALICIOUS, name="Downloader.VBA.Test")
    if b"be suspicious" in r.body:
        return doors.answer(r, doors.SUSPICIOUS, name="Lure.Any.Test")
    if b"be encrypted" in r.body:
        return doors.answer(r, doors.UNKNOWN, unread=doors.ENCRYPTED, locked="zip")
    if b"be limit" in r.body:
        return doors.answer(r, doors.UNKNOWN, unread=doors.LIMIT, limit="depth")
    return doors.answer(r, trouble="overloaded") if b"be overloaded" in r.body else doors.answer(r)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, word):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/checkv2", MAIL.format(word=word).encode(),
                                     {"From": "a@example.invalid", "Rcpt": "b@example.invalid", "IP": "192.0.2.7", "Helo": "mx.example.invalid", "Queue-Id": "4Q"})
    with urllib.request.urlopen(request, timeout=30) as r:
        return json.load(r)


def started(process, port):
    for _ in range(300):
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


def check(port, desk, faults):
    for word, (symbol, options, virus) in CASES.items():
        got = ask(port, word)
        symbols = got["symbols"]
        if symbol not in symbols or (options and symbols[symbol].get("options") != options):
            faults.append(f"{word}: {symbol} {options} is not in {json.dumps(symbols)}")
        clam = {s for s in symbols if s.startswith("CLAM_")}
        if clam != ({virus} if virus else set()):
            faults.append(f"{word}: the antivirus module says {clam}, should be {virus}")
        if word == "overloaded" and got["action"] != "soft reject":
            faults.append(f"{word}: {got['action']}, should be soft reject")
        if word == "malicious" and got["action"] != "reject":
            faults.append(f"{word}: {got['action']}, should be reject")
    r = next((r for r in desk.requests if b"be clean" in r.body), None)
    said = r and (r.sender, r.recipients, r.client_address, r.helo, r.queue_id, r.direction)
    if said != ("a@example.invalid", ["b@example.invalid"], "192.0.2.7", "mx.example.invalid", "4Q", 0):
        faults.append(f"the desk hears {said}")


def main():
    program, root = sys.argv[1], os.path.abspath(sys.argv[2])
    if not shutil.which("rspamd"):
        print("skipped: rspamd is not installed")
        return 77
    faults = []
    http = doors.Door(program, ["http"], listen="inet", tokens=[hashlib.sha256(TOKEN.encode()).hexdigest()])
    clamd = doors.Door(program, ["clamd"])
    desk = http.desk(judge)
    clamd.desk(judge)
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        port = free_port()
        with open(os.path.join(work, "rspamd.conf"), "w", encoding="utf-8") as f:
            f.write(CONF.format(work=work, port=port, http=http.port, clamd=clamd.path, token=TOKEN))
        with open(os.path.join(work, "rspamd.lua"), "w", encoding="utf-8") as f:
            f.write(LUA.format(root=root))
        variables = [f"--var={v}={work}" for v in ("DBDIR", "RUNDIR", "LOGDIR", "CONFDIR", "LOCAL_CONFDIR")]
        process = subprocess.Popen(["rspamd", "-f", "-i", "-c", os.path.join(work, "rspamd.conf"), *variables], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            if started(process, port):
                check(port, desk, faults)
            else:
                faults.append("rspamd does not start: " + open(os.path.join(work, "log"), errors="replace").read()[-3000:])
            if faults:
                print(open(os.path.join(work, "log"), errors="replace").read()[-6000:])
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
    for door in (http, clamd):
        if door.stop():
            faults.append("a door ended badly: " + door.log())
    for f in faults:
        print("FAULT", f)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
