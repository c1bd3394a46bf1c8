#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_export - lists from reports, as their readers take them: named-checkzone, a resolver
(unbound, on loopback) and squid, where they are installed; what must not be blocked is not.

usage: check_export.py SEKISHO SOURCE-ROOT
"""
import csv
import io
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

SEKISHO, ROOT = map(os.path.abspath, sys.argv[1:3])
ENV = dict(os.environ, LC_ALL="C.UTF-8")
failures = tests = 0
SHA = "0123456789abcdef" * 4


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def skip(name, why):
    global tests
    tests += 1
    print(f"ok {tests} - {name} # SKIP {why}")


def report(*urls, verdict="malicious", sure="known", path="=mail.eml", command=None):
    effects = [{"kind": "download", "sink": "s", "args": {"url": u}, "certainty": sure, "part": 0,
                "origin": [{"part": 0, "range": [0, 1], "line": 7}], "via": []} for u in urls]
    if command:
        effects.append({"kind": "run", "sink": "s", "args": {"command": command}, "certainty": "known", "part": 0, "origin": [], "via": []})
    return json.dumps({"schema": "sekisho/report/1", "path": path, "sha256": SHA, "size": 1, "verdict": verdict, "name": "X.Y.Z",
                       "reason": {"en": "", "ja": ""}, "facts": [], "effects": effects, "findings": [],
                       "parts": [{"id": 0, "parent": None, "name": "a\"b\nc", "type": "eml", "how": "file", "size": 1, "sha256": SHA}]}) + "\n"


def export(form, text, *options):
    return subprocess.run([SEKISHO, "export", form, "--now", "1790000000", *options, "-"], input=text.encode(), capture_output=True, env=ENV, timeout=60)


BAD = ["http://bad.example.invalid/a?b=(1)+2", "http://0xc0000207:8080/x", "https://Sub.Other.invalid./p"]
WRONG = ["http://10.1.2.3/", "http://127.0.0.1/", "http://co.jp/x", "http://[::1]/", "http://\u65e5\u672c.invalid/", "http://github.io/"]
TEXT = report(*BAD) + "\n" + report(*WRONG, "http://ok.allowed.invalid/x", "http://notallowed.invalid/")
HOSTS = ["bad.example.invalid", "192.0.2.7", "sub.other.invalid", "notallowed.invalid"]

with tempfile.TemporaryDirectory() as tmp:
    allow = os.path.join(tmp, "allow")
    open(allow, "w").write("# ours\n  Allowed.invalid  # and below\r\n")
    zone = export("rpz", TEXT, "--allow", allow, "--serial", "42")
    lines = zone.stdout.decode().splitlines()
    check("zone", lines[3:] == ["bad.example.invalid IN CNAME .", "32.7.2.0.192.rpz-ip IN CNAME .", "sub.other.invalid IN CNAME .",
                                "notallowed.invalid IN CNAME ."], lines)
    check("serial", " 42 " in lines[1], lines)
    check("what was left out is said", zone.stderr.decode().count("left out:") >= 8, zone.stderr)
    check("not clickable there", b"http://" not in zone.stderr, zone.stderr)
    check("squid", export("squid", TEXT, "--allow", allow).stdout.decode().split() == HOSTS)
    check("hosts", export("hosts", TEXT, "--allow", allow).stdout.decode().splitlines() == [f"0.0.0.0 {h}" for h in HOSTS if h[0] != "1"])
    patterns = export("squid-urls", report(*BAD)).stdout.decode().split()
    check("URL patterns", len(patterns) == 3 and all(re.fullmatch(p, u) and not re.search(p, u + "x") for p, u in zip(patterns, BAD)), patterns)
    check("suspicious only when asked", not export("squid", report(*BAD, verdict="suspicious")).stdout and
          export("squid", report(*BAD, verdict="suspicious"), "--suspicious").stdout)
    check("clean never", not export("squid", report(*BAD, verdict="clean"), "--suspicious", "--seen").stdout)
    check("partly known only when asked", not export("squid", report(*BAD, sure="partial")).stdout and
          export("squid", report(*BAD, sure="partial"), "--seen").stdout)
    injected = "http://x.invalid/\nevil IN CNAME ."
    check("no line of a stranger's", b"evil" not in export("rpz", report(injected)).stdout)

    rows = list(csv.DictReader(io.StringIO(export("csv", report(*BAD, command='=cmd "x",y\r\nz')).stdout.decode(), newline="")))
    check("csv", [r["value"] for r in rows if r["kind"] == "url"] == BAD, rows)
    check("csv: provenance", rows[0]["certainty"] == "known" and rows[0]["line"] == "7" and rows[0]["sha256"] == SHA, rows[0])
    check("csv: no formula", [r["value"] for r in rows if r["kind"] == "command"] == ['\'=cmd "x",y\r\nz'] and rows[0]["file"] == "'=mail.eml", rows)

    stix = export("stix", report(*BAD, command="a 'b' \\c"), "--days", "30").stdout
    bundle = json.loads(stix)
    objects = {o["id"]: o for o in bundle["objects"]}
    needed = {"indicator": {"type", "spec_version", "id", "created", "modified", "pattern", "pattern_type", "valid_from"},
              "relationship": {"type", "spec_version", "id", "created", "modified", "relationship_type", "source_ref", "target_ref"},
              "malware-analysis": {"type", "spec_version", "id", "created", "modified", "product", "result"},
              "file": {"type", "spec_version", "id", "hashes"}}
    uuid5 = re.compile(r"([a-z-]+)--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
    check("stix: required properties", all(needed[o["type"]] <= set(o) for o in bundle["objects"]), stix)
    check("stix: ids", bundle["type"] == "bundle" and all(uuid5.fullmatch(o["id"]).group(1) == o["type"] for o in [bundle, *bundle["objects"]]), stix)
    check("stix: each once", len(objects) == len(bundle["objects"]), stix)
    check("stix: references", all(o["source_ref"] in objects and o["target_ref"] in objects for o in objects.values() if o["type"] == "relationship"))
    check("stix: times", all(stamp.fullmatch(o[k]) for o in objects.values() for k in ("created", "valid_from", "valid_until") if k in o) and
          any(o.get("valid_from") == "2026-09-21T14:13:20.000Z" and o["valid_until"] == "2026-10-21T14:13:20.000Z" for o in objects.values()), stix)
    found = [o["pattern"] for o in objects.values() if o["type"] == "indicator"]
    check("stix: escaped", "[process:command_line = 'a \\'b\\' \\\\c']" in found and f"[url:value = '{BAD[0]}']" in found and
          "[ipv4-addr:value = '192.0.2.7']" in found, found)
    check("stix: the same again", stix == export("stix", report(*BAD, command="a 'b' \\c"), "--days", "30").stdout)

    broken = export("rpz", TEXT + '{"schema":')
    check("damaged report: no list, and the line", broken.returncode == 2 and not broken.stdout and b"-:4:" in broken.stderr, broken)
    check("unknown list", export("bind", TEXT).returncode == 2)

    path = os.path.join(tmp, "zone")
    open(path, "wb").write(zone.stdout)
    if shutil.which("named-checkzone"):
        r = subprocess.run(["named-checkzone", "rpz.local", path], capture_output=True)
        check("named-checkzone takes it", r.returncode == 0, r)
    else:
        skip("named-checkzone takes it", "bind9-utils is not installed")

    if shutil.which("squid"):
        for form, kind in (("squid", "dstdomain"), ("squid-urls", "url_regex")):
            open(os.path.join(tmp, form), "wb").write(export(form, TEXT, "--allow", allow).stdout)
            conf = os.path.join(tmp, form + ".conf")
            open(conf, "w").write(f'acl listed {kind} "{tmp}/{form}"\nhttp_access deny listed\nhttp_port 127.0.0.1:3128\n'
                                  f'pid_filename none\ncache_log {tmp}/log\nvisible_hostname localhost\n')
            r = subprocess.run(["squid", "-k", "parse", "-f", conf], capture_output=True)
            check(f"squid takes {form}", r.returncode == 0 and not re.search(rb"ERROR|FATAL|WARNING.*(acl|regex|listed)", r.stderr), r.stderr[-600:])
    else:
        skip("squid", "squid is not installed")

    def ask(port, name):
        query = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0\0\1\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            for _ in range(60):
                try:
                    s.sendto(query, ("127.0.0.1", port))
                    return s.recv(4096)[3] & 15
                except OSError:
                    time.sleep(0.2)
        return None

    if shutil.which("unbound"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        conf = os.path.join(tmp, "unbound.conf")
        open(conf, "w").write(f'''server:
  interface: 127.0.0.1@{port}
  chroot: ""
  username: ""
  directory: "{tmp}"
  pidfile: ""
  use-syslog: no
  module-config: "respip iterator"
  local-zone: "example.invalid." static
  local-data: "other.example.invalid. A 192.0.2.1"
remote-control:
  control-enable: no
rpz:
  name: rpz.local
  zonefile: "{path}"
''')
        check("unbound-checkconf takes it", subprocess.run(["unbound-checkconf", conf], capture_output=True).returncode == 0)
        server = subprocess.Popen(["unbound", "-d", "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            check("unbound answers what is not listed", ask(port, "other.example.invalid") == 0)
            check("unbound: there is no such name", ask(port, "notallowed.invalid") == 3)
        finally:
            server.terminate()
            server.wait()
    else:
        skip("unbound", "unbound is not installed")
print(f"1..{tests}")
sys.exit(1 if failures else 0)
