#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_http - the HTTP door with curl as its client, and its description.

The door runs as its own process, locked in; behind it stands a desk of the test. docs/openapi.yaml
is validated as OpenAPI 3 where the validator is installed; every path and status that the door
answers with here must stand in it, and what is answered must fit its schemas.

usage: check_http.py SEKISHO-DOOR SOURCE-ROOT
"""
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import doors

TOKEN = "correct-horse-battery-staple"
REPORT = '{"schema":"sekisho/report/1","verdict":"clean"}\n'
FAULTS = []


def fault(text):
    FAULTS.append(text)


def judge(r):
    if b"malicious" in r.body:
        return doors.answer(r, doors.MALICIOUS, name="Downloader.VBA.Test", deed=doors.REJECT, reason=("It downloads a program.", "プログラムを取得します。"),
                            report=REPORT if r.want_report else "")
    if b"encrypted" in r.body:
        return doors.answer(r, doors.UNKNOWN, unread=doors.ENCRYPTED, locked="zip", name="Unread.Any.Encrypted", deed=doors.HOLD)
    return doors.answer(r, report=REPORT if r.want_report else "")


def curl(*args):
    """(status, content type, body)"""
    r = subprocess.run(["curl", "-s", "-m", "20", "-o", "-", "-w", "\n%{http_code} %{content_type}", *args], capture_output=True, timeout=40)
    body, _, last = r.stdout.rpartition(b"\n")
    status, _, kind = last.decode().partition(" ")
    return int(status or 0), kind, body


class Description:
    def __init__(self, root):
        self.text = open(os.path.join(root, "docs/openapi.yaml"), "rb").read()
        self.doc = None
        try:
            import yaml
            self.doc = yaml.safe_load(self.text)
        except ImportError:
            print("skipped: no YAML reader for Python")
        try:
            from openapi_spec_validator import validate
            validate(self.doc)
            print("openapi.yaml is valid")
        except ImportError:
            print("skipped: openapi-spec-validator is not installed")

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            at = self.doc
            for key in node["$ref"].lstrip("#/").split("/"):
                at = at[key]
            node = at
        return node

    def check(self, path, method, status, kind, body):
        if not self.doc:
            return
        operation = self.doc["paths"].get(path, {}).get(method)
        response = operation and operation["responses"].get(str(status))
        if not response:
            fault(f"openapi.yaml has no {method} {path} {status}")
            return
        content = self.resolve(response).get("content", {})
        media = content.get(kind.split(";")[0])
        if media is None:
            fault(f"openapi.yaml: {method} {path} {status} is no {kind}")
        elif "json" in kind:
            try:
                import jsonschema
            except ImportError:
                return
            schema = self.resolve(media["schema"])
            if schema.get("properties"):
                jsonschema.validate(json.loads(body), schema)


def check_scans(url, d, work, token):
    large = os.path.join(work, "large")
    with open(large, "wb") as f:
        f.write(b"Good morning. " * 50000)
    cases = [
        (["--data-binary", "Good morning."], 200, "clean"),
        (["--data-binary", "please be malicious"], 200, "malicious"),
        (["--data-binary", "please be encrypted"], 200, "unknown"),
        (["--data-binary", "@" + large], 200, "clean"),
        (["-H", "Transfer-Encoding: chunked", "--data-binary", "@" + large], 200, "clean"),
        (["-T", large, "-X", "POST"], 200, "clean"),
        (["-X", "POST", "-H", "Content-Length: 99999999999"], 413, None),
        (["-X", "POST", "-H", "Content-Encoding: gzip", "--data-binary", "x"], 415, None),
    ]
    for args, want, verdict in cases:
        status, kind, body = curl(*token, *args, url + "/v1/scan?name=a.eml")
        if status != want or (verdict and json.loads(body)["verdict"] != verdict):
            fault(f"{args}: {status} {body[:200]!r}")
        d.check("/v1/scan", "post", status, kind, body)
    status, kind, body = curl(*token, "--data-binary", "malicious", url + "/v1/scan?report=full")
    if status != 200 or json.loads(body)["schema"] != "sekisho/report/1":
        fault(f"report=full: {status} {body!r}")


def check_paths(url, d, token):
    for path, of, want in (("/v1/reports/261122-7K3F9Q2M", "/v1/reports/{reference}", 200), ("/v1/reports/261122-00000000", "/v1/reports/{reference}", 404),
                           ("/healthz", None, 200), ("/readyz", None, 200), ("/metrics", None, 200), ("/v1/openapi.yaml", None, 200)):
        status, kind, body = curl(*token, url + path)
        if status != want:
            fault(f"{path}: {status} {body[:200]!r}")
        d.check(of or path, "get", status, kind, body)
        if path == "/v1/openapi.yaml" and body != d.text:
            fault("the description that is served is another than docs/openapi.yaml")
        if path == "/metrics":
            check_metrics(body.decode())


def check_metrics(text):
    for line in text.splitlines():
        name = line.split("{")[0].split(" ")[0]
        if line.startswith("#"):
            if line.split(" ")[1] not in ("HELP", "TYPE"):
                fault(f"metrics: {line}")
            continue
        try:
            float(line.rsplit(" ", 1)[1])
        except (ValueError, IndexError):
            fault(f"metrics: no number: {line}")
        if not name.startswith("sekisho_"):
            fault(f"metrics: {name}")
    for want in ('sekisho_door_verdicts_total{door="http",verdict="malicious"} 2', 'sekisho_door_answer_seconds_bucket{door="http",le="+Inf"} 7', "sekisho_ready 1", "sekisho_workers 2"):
        if want not in text:
            fault(f"metrics lack {want}")


def check_strangers(url):
    for args, want in (([], 401), (["-H", "Authorization: Bearer wrong"], 401)):
        status, kind, _ = curl(*args, "--data-binary", "x", url + "/v1/scan")
        if status != want or kind != "application/problem+json":
            fault(f"without a token: {status} {kind}")
    if curl(url + "/healthz")[0] != 200:
        fault("health needs a token on this machine")


def check_slow(door, number):
    """Peers that send a head byte by byte, and an honest client beside them."""
    held = []
    for _ in range(number):
        s = socket.create_connection(("127.0.0.1", door.port))
        s.send(b"POST /v1/scan HTTP/1.1\r\nX")
        held.append(s)
    times = []
    for _ in range(200):
        start = time.monotonic()
        s = socket.create_connection(("127.0.0.1", door.port), timeout=5)
        s.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        got = b""
        while (more := s.recv(4096)):
            got += more
        s.close()
        times.append(time.monotonic() - start)
        if b" 200 OK" not in got:
            fault(f"beside those who stall: {got!r}")
            break
    for s in held:
        s.close()
    p99 = sorted(times)[int(len(times) * 0.99) - 1]
    print(f"beside {number} who stall: p99 {p99 * 1000:.1f} ms")
    if p99 > 0.1:
        fault(f"beside {number} who stall: p99 {p99 * 1000:.0f} ms")


def main():
    program, root = sys.argv[1:3]
    d = Description(root)
    tokens = [hashlib.sha256(TOKEN.encode()).hexdigest()]
    if not shutil.which("curl"):
        print("skipped: curl is not installed")
        return 77
    with tempfile.TemporaryDirectory() as work:
        door = doors.Door(program, ["http"], listen="inet", tokens=tokens, object_max=16 << 20)
        url = f"http://127.0.0.1:{door.port}"
        status, kind, body = curl(url + "/readyz")
        if status != 503:
            fault(f"ready without a desk: {status}")
        d.check("/readyz", "get", status, kind, body)
        door.desk(judge, {"261122-7K3F9Q2M": REPORT})
        time.sleep(0.1)
        token = ["-H", "Authorization: Bearer " + TOKEN]
        check_scans(url, d, work, token)
        check_paths(url, d, token)
        check_strangers(url)
        check_slow(door, 5000 if len(sys.argv) > 3 else 500)
        code = door.stop()
        if code:
            fault(f"the door ended with {code}: {door.log()}")
        door = doors.Door(program, ["http"], object_max=16 << 20)
        door.desk(judge)
        time.sleep(0.1)
        status, _, body = curl("--unix-socket", door.path, "--data-binary", "x", "http://localhost/v1/scan")
        if status != 200:
            fault(f"by the Unix socket, without a token: {status} {body!r}")
        door.stop()
    for f in FAULTS:
        print("FAULT", f)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


sys.exit(main())
