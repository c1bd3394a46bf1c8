#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_hunt - who contacted what reports name: logs of every format, hostile logs, both
languages, and the real logs of an unbound and a squid on loopback, where they are installed.

usage: check_hunt.py SEKISHO SOURCE-ROOT
"""
import gzip
import http.server
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

SEKISHO, ROOT = map(os.path.abspath, sys.argv[1:3])
ENV = dict(os.environ, LC_ALL="C.UTF-8")
failures = tests = 0
SHA = "0123456789abcdef" * 4
NOW = 1795338000 + 3600  # 2026-11-22 10:00:00 UTC

try:
    import jsonschema
except ImportError:  # the package serves the system's Python; another one may come first on PATH
    if os.path.exists("/usr/bin/python3") and "CHECK_HUNT_AGAIN" not in os.environ:
        os.execve("/usr/bin/python3", ["/usr/bin/python3", *sys.argv], dict(os.environ, CHECK_HUNT_AGAIN="1"))
    jsonschema = None
VALIDATOR = jsonschema and jsonschema.Draft202012Validator(json.load(open(os.path.join(ROOT, "docs/hunt.schema.json"), encoding="utf-8")))


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {str(detail)[:1500]}"))
    failures += not good


def skip(name, why):
    global tests
    tests += 1
    print(f"ok {tests} - {name} # SKIP {why}")


def report(*urls, verdict="malicious", path="mail/1.eml", sure="known", document="請求書.doc", subject="請求書送付の件"):
    parts = [{"id": 0, "parent": None, "name": os.path.basename(path), "type": "eml", "how": "file", "size": 1, "sha256": SHA},
             {"id": 1, "parent": 0, "name": document, "type": "cfb", "how": "mime", "size": 1, "sha256": SHA},
             {"id": 2, "parent": 1, "name": "Module1", "type": "vba-module", "how": "ole", "size": 1, "sha256": SHA}]
    effects = [{"kind": "download", "sink": "s", "args": {"url": u}, "certainty": sure, "part": 2,
                "origin": [{"part": 2, "range": [0, 1], "line": 12}], "via": []} for u in urls]
    facts = [{"name": "email.subject", "value": subject, "part": 0}, {"name": "email.from.address", "value": "suzuki@umi.example", "part": 0}]
    return json.dumps({"schema": "sekisho/report/1", "path": path, "sha256": SHA, "size": 1, "verdict": verdict, "name": "X.Y.Z",
                       "reason": {"en": "", "ja": ""}, "facts": facts, "effects": effects, "findings": [], "parts": parts}) + "\n"


def hunt(*arguments, stdin=b""):
    return subprocess.run([SEKISHO, "hunt", "--now", str(NOW), *arguments], input=stdin, capture_output=True, env=ENV, timeout=120)


def found(*arguments, stdin=b""):
    r = hunt("--json", *arguments, stdin=stdin)
    try:
        out = json.loads(r.stdout)
    except ValueError:
        return r, None
    if VALIDATOR:
        wrong = [e.message for e in VALIDATOR.iter_errors(out)]
        if wrong:
            check("valid against docs/hunt.schema.json", False, wrong[:3])
    return r, out


BAD = "http://bad.example.invalid/wp/a.php?x=1"
TEXT = report(BAD, "http://192.0.2.7:8080/z", "https://www.dropbox.com/s/1") + report(BAD, path="mail/2.eml", document="b.xlsm") + \
    report("http://clean.invalid/", verdict="clean")

# each: a line about the exact address or its host, and what is to come out
FORMATS = {
    "squid": ("1795338000.123 145 192.0.2.15 TCP_MISS/200 1234 GET {u} - HIER_DIRECT/192.0.2.9 text/html", "url", "2026-11-22T09:00:00.123Z", "answered"),
    "squid, denied": ("1795338000.123 0 192.0.2.15 TCP_DENIED/403 99 GET {u} - HIER_NONE/- text/html", "url", "2026-11-22T09:00:00.123Z", "blocked"),
    "squid, stripped": ("1795338000.123 0 192.0.2.15 TCP_MISS/404 9 GET http://bad.example.invalid/wp/a.php? - HIER_NONE/- -", "path", "2026-11-22T09:00:00.123Z", "answered"),
    "squid, tunnel": ("1795338000.123 0 192.0.2.15 TCP_TUNNEL/200 9 CONNECT bad.example.invalid:443 - HIER_NONE/- -", "host", "2026-11-22T09:00:00.123Z", "answered"),
    "combined": ('192.0.2.15 - - [22/Nov/2026:18:00:00 +0900] "GET {u} HTTP/1.1" 200 12 "-" "x"', "url", "2026-11-22T09:00:00.000Z", "answered"),
    "unbound": ("[1795338000] unbound[1:0] info: 192.0.2.15 bad.example.invalid. A IN", "host", "2026-11-22T09:00:00.000Z", "unknown"),
    "unbound, date": ("Nov 22 09:00:00 unbound[1:0] info: 192.0.2.15 bad.example.invalid. A IN NXDOMAIN 0 0 1", "host", "2026-11-22T09:00:00.000", "failed"),
    "unbound, RPZ": ("[1795338000] unbound[1:0] info: rpz: applied [x] bad.example.invalid. rpz-nxdomain 192.0.2.15@1 bad.example.invalid. A IN", "host",
                     "2026-11-22T09:00:00.000Z", "blocked"),
    "bind": ("22-Nov-2026 09:00:00.123 queries: info: client @0x7f 192.0.2.15#1 (bad.example.invalid): query: bad.example.invalid IN A + (192.0.2.53)", "host",
             "2026-11-22T09:00:00.123", "unknown"),
    "bind, RPZ in syslog": ("<29>1 2026-11-22T18:00:00+09:00 ns named 9 - - client @0x7f 192.0.2.15#1 (bad.example.invalid): rpz QNAME NXDOMAIN rewrite "
                            "bad.example.invalid/A/IN via x", "host", "2026-11-22T09:00:00.000Z", "blocked"),
    "dnsmasq": ("Nov 22 09:00:00 dnsmasq[1]: query[A] bad.example.invalid from 192.0.2.15", "host", "2026-11-22T09:00:00.000", "unknown"),
    "csv": ("time,client,url,action\n2026-11-22T09:00:00Z,192.0.2.15,{u},blocked", "url", "2026-11-22T09:00:00.000Z", "blocked"),
    "csv in Japanese": ("日時,端末,宛先\n2026/11/22 9:00:00,192.0.2.15,bad.example.invalid", "host", "2026-11-22T09:00:00.000", "unknown"),
    "csv, address": ("time,src,dst ip\n2026-11-22 09:00:00,192.0.2.15,192.0.2.7", "ip", "2026-11-22T09:00:00.000", "unknown"),
    "a firewall's pairs": ('<189>date=2026-11-22 time=18:00:00 tz="+0900" srcip=192.0.2.15 dstip=192.0.2.9 hostname="bad.example.invalid" url="/wp/a.php?x=1" '
                           'action="blocked"', "url", "2026-11-22T09:00:00.000Z", "blocked"),
    "Windows' DNS server": ("2026/11/22 9:00:00 0E70 PACKET  00000000033397A0 UDP Rcv 192.0.2.15      5b47   Q [0001   D   NOERROR] A      (3)bad(7)example(7)invalid(0)",
                            "host", "2026-11-22T09:00:00.000", "unknown"),
    "neighbour": ("[1795338000] unbound[1:0] info: 192.0.2.15 other.example.invalid. A IN", "domain", "2026-11-22T09:00:00.000Z", "unknown"),
}
ESC = "\x1b]0;x\x07\x1b[31m\u202e"


def made_logs(tmp, reports):
    for name, (line, match, stamp, outcome) in FORMATS.items():
        path = os.path.join(tmp, "one.log")
        open(path, "w", encoding="utf-8").write(line.replace("{u}", BAD) + "\n")
        r, out = found(reports, path)
        c = out["contacts"][0] if out and out["contacts"] else {}
        good = r.returncode == 1 and len(out["contacts"]) == 1 and c["client"] == "192.0.2.15" and \
            (c["match"], c["time"], c["outcome"]) == (match, stamp, outcome) and out["logs"][0]["unread"] == 0
        check(f"{name}: {match}", good, (r, out))
    csv = "日時,送信元IPアドレス,URL,処理\n2026/11/22 09:00,192.0.2.15,{u},遮断\n".replace("{u}", BAD)
    for encoding in ("cp932", "utf-8-sig"):
        open(path, "wb").write(csv.encode(encoding))
        _, out = found(reports, path)
        check(f"csv in {encoding}", out["contacts"] and out["contacts"][0]["outcome"] == "blocked", out)
    line = FORMATS["squid"][0].replace("{u}", BAD) + "\n"
    open(path, "wb").write(gzip.compress(line.encode()) + gzip.compress(line.encode()))
    _, out = found(reports, path)
    check("gzip, two members", out["clients"][0]["best"]["answered"] == 2, out)
    source = out["contacts"][0]["sources"]
    check("provenance", [(out["mails"][s["mail"] - 1]["path"], s["part"], s["line"], s["document"]) for s in source] ==
          [("mail/1.eml", "1.eml > 請求書.doc > Module1", 12, "請求書.doc"), ("mail/2.eml", "2.eml > b.xlsm > Module1", 12, "b.xlsm")], source)
    check("mails", [(m["path"], m["subject"], m["sender"]) for m in out["mails"]][0] == ("mail/1.eml", "請求書送付の件", "suzuki@umi.example"), out["mails"])
    check("what was looked for", out["looked_for"] == {"reports": 3, "reports_used": 2, "addresses": 3, "hosts": 3}, out)
    r, out = found(reports, "-", stdin=line.encode())
    check("log on standard input", r.returncode == 1 and len(out["contacts"]) == 1 and out["logs"][0]["path"] == "-", r)
    r, out = found("-", path, stdin=TEXT.encode())
    check("reports on standard input", r.returncode == 1 and len(out["contacts"]) == 2, r)
    folder = os.path.join(tmp, "folder")
    os.mkdir(folder)
    for i in range(3):
        open(os.path.join(folder, f"access.log.{i}"), "w").write(f"179533800{9 - i}.0 1 192.0.2.15 TCP_MISS/200 1 GET {BAD} - HIER_NONE/- -\n")
    r, out = found(reports, folder)
    check("a folder of logs, by time", [c["time"][18:19] for c in out["contacts"]] == ["7", "8", "9"] and len(out["logs"]) == 3, out)


def outcomes(tmp, reports):
    path = os.path.join(tmp, "o.log")
    good = "1795338000.123 1 192.0.2.20 TCP_MISS/200 1 GET http://good.example.org/ - HIER_NONE/- -\n"
    open(path, "w").write(good)
    r = hunt(reports, path)
    check("nothing: exit status 0, and it says what the log covers", r.returncode == 0 and b"2026-11-22 09:00:00Z" in r.stdout, r)
    open(path, "w").write("1795338000.123 1 192.0.2.20 TCP_MISS/200 1 GET https://www.dropbox.com/s/2 - HIER_NONE/- -\n")
    r, out = found(reports, path)
    check("a host of many: counted, not listed", r.returncode == 0 and out["weak_not_listed"] == 1, out)
    r, out = found("--weak", reports, path)
    check("... but when asked", r.returncode == 1 and out["contacts"][0]["weak"] and out["contacts"][0]["match"] == "host", out)
    partial = os.path.join(tmp, "partial.json")
    open(partial, "w").write(report("http://half.example.invalid/\u2026", sure="partial"))
    open(path, "w").write("1795338000.123 1 192.0.2.20 TCP_MISS/200 1 GET http://half.example.invalid/a - HIER_NONE/- -\n")
    r, out = found(partial, path)
    check("partly known: the host only, and it says so", r.returncode == 1 and out["contacts"][0]["match"] == "host" and
          out["contacts"][0]["sources"][0]["certainty"] == "partial", out)
    open(path, "w").write("Nov 22 18:00:00 dnsmasq[1]: query[A] bad.example.invalid from 192.0.2.15\n")
    _, out = found("--tz", "+09:00", reports, path)
    check("--tz", out["contacts"][0]["time"] == "2026-11-22T09:00:00.000Z" and out["contacts"][0]["offset"] == 540, out)
    text = hunt(reports, path).stdout.decode()
    check("a time without zone and year is said to be one", "(log's clock)" in text and "no year" in text, text)
    for arguments in (["--tz", "Mars", reports, path], ["--format", "iis", reports, path], [path], [reports], [reports, os.path.join(tmp, "none")],
                      ["--what", reports, path]):
        r = hunt(*arguments)
        check(f"exit status 2: {arguments[0][:8]}", r.returncode == 2 and r.stderr, r)
    broken = os.path.join(tmp, "broken.json")
    open(broken, "w").write('{"schema":"sekisho/report/1","path":')
    check("a damaged report is said", hunt(reports, broken, path).stderr.find(b"broken.json:1") > 0)


def words(tmp, reports):
    path = os.path.join(tmp, "w.log")
    open(path, "w").write("".join(FORMATS[f][0].replace("{u}", BAD) + "\n" for f in ("squid", "squid, denied", "unbound", "neighbour")))
    en, ja = (hunt("--lang", l, reports, path).stdout.decode() for l in ("en", "ja"))
    check("a sentence in English", "192.0.2.15 contacted exactly the address that the code in 請求書.doc would download from: 2 times, first 2026-11-22 09:00:00Z" in en, en)
    check("a sentence in Japanese", "192.0.2.15 が、請求書.doc のコードがダウンロード元とする URL に接続しました：2 回" in ja and "遮断 1 件、応答あり 1 件" in ja, ja)
    check("what to do", "Take this PC off the network" in en and "ネットワークから切り離し" in ja, en)
    check("nothing to click", "http://" not in en and "http://" not in ja and "hxxp://bad[.]example[.]invalid/wp/a.php?x=1" in en, en)
    check("mail and line", "1.eml > 請求書.doc > Module1, line 12: download" in en and "12 行目" in ja, en)
    open(path, "w").write(FORMATS["squid, denied"][0].replace("{u}", BAD))
    check("only blocked", "tried to contact" in hunt(reports, path).stdout.decode() and "blocked, but something" in hunt(reports, path).stdout.decode())


def hostile(tmp, reports):
    path = os.path.join(tmp, "h.log")
    good = FORMATS["squid"][0].replace("{u}", BAD).encode() + b"\n"

    def of(name, data, want, lines=None):
        open(path, "wb").write(data)
        r, out = found(reports, path)
        check(name, out is not None and r.returncode in (0, 1, 2) and want(r, out), (r.returncode, r.stderr[:300], str(out)[:600]))

    of("binary", os.urandom(100000), lambda r, o: r.returncode == 2 and o["logs"][0]["unread"] > 0)
    of("binary around a line", os.urandom(1000) + b"\n" + good + bytes(1000), lambda r, o: r.returncode == 1 and len(o["contacts"]) == 1)
    of("NULs", good[:40] + b"\0" * 1000 + good[40:] + good, lambda r, o: r.returncode == 1)
    of("a line of 3 MB", b"x" * 3000000 + b"\n" + good, lambda r, o: r.returncode == 1 and o["logs"][0]["lines"] == 2 and o["logs"][0]["unread"] == 1)
    of("a URL of 900 kB", good.replace(b"?x=1", b"?" + b"y" * 900000), lambda r, o: o["contacts"][0]["match"] == "path" and len(o["contacts"][0]["target"]) < 9000)
    of("fields wrong", b"1795338000.123 a b c d e f g h i\n1 2 3\n" + good, lambda r, o: o["logs"][0]["unread"] == 2 and o["logs"][0]["first_unread"] == 1)
    of("numbers too large", b"99999999999999999999999.9 1 192.0.2.15 TCP_MISS/99999 99999999999999999999999 GET " + BAD.encode() + b" - - -\n" + good,
       lambda r, o: len(o["contacts"]) == 1)
    packed = gzip.compress(good * 1000)
    of("gzip cut off", packed[:len(packed) // 2], lambda r, o: o["logs"][0]["end"] == "short")
    of("gzip damaged", packed[:40] + b"\xff" * 40 + packed[80:], lambda r, o: o["logs"][0]["end"] == "broken")
    import zlib
    start = time.time()
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(700)) + bomb.flush()
    start = time.time()
    of("gzip bomb", data, lambda r, o: o["logs"][0]["end"] == "limit" and r.returncode == 2)
    check("... soon", time.time() - start < 30, time.time() - start)
    many = b"".join(b"%d.5 1 192.0.2.%d TCP_MISS/200 1 GET %s - HIER_NONE/- -\n" % (1795338000 + i, i % 250, BAD.encode()) for i in range(3000))
    open(path, "wb").write(many)
    text = hunt(reports, path).stdout.decode()
    check("many contacts: some shown, the rest counted", "more contacts: " in text and len(text) < 600000, len(text))
    line = f"time\tclient\turl\n{ESC}\tPC{ESC}1\t{BAD}\n"
    open(path, "w").write(line)
    for l in ("en", "ja"):
        r = hunt("--lang", l, reports, path)
        check(f"no control reaches the terminal ({l})", r.returncode == 1 and b"\x1b" not in r.stdout and b"\x07" not in r.stdout and
              "\u202e" not in r.stdout.decode(), r.stdout)
    strange = os.path.join(tmp, "strange.json")
    open(strange, "w").write(report(BAD, document=f"a{ESC}.doc", subject=f"s{ESC}", path=f"m{ESC}.eml"))
    r = hunt(strange, path)
    check("nor of a report", r.returncode == 1 and b"\x1b" not in r.stdout and "\u202e" not in r.stdout.decode(), r.stdout)
    same = [hunt("--json", reports, path).stdout for _ in range(2)]
    check("the same again", same[0] == same[1])


def own_report(tmp):
    """From the mail to the client: a report that this program wrote."""
    mail = os.path.join(ROOT, "examples/03-reply-spoof.eml")
    path, reports = os.path.join(tmp, "own.log"), os.path.join(tmp, "own.json")
    open(reports, "wb").write(subprocess.run([SEKISHO, "scan", "--quiet", "--json", mail], capture_output=True, env=ENV, timeout=120).stdout)
    open(path, "w").write(FORMATS["squid"][0].replace("{u}", "http://example.invalid/seikyusho.txt") + "\n")
    r, out = found(reports, path)
    c = out["contacts"][0] if out and out["contacts"] else {"sources": [{}], "match": "", "said": r.stderr}
    s = c["sources"][0]
    check("a report of scan", r.returncode == 1 and c["match"] == "url" and s.get("line") == 13 and s.get("document") == "見積書_20261120.doc" and
          out["mails"][0]["path"] == mail and out["mails"][0]["subject"], out)


def port_of(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


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


def real_unbound(tmp, reports):
    if not shutil.which("unbound"):
        return skip("unbound's own log", "unbound is not installed")
    open(os.path.join(tmp, "zone"), "w").write("$TTL 60\n@ IN SOA localhost. root.localhost. 1 60 60 60 60\n@ IN NS localhost.\nrpz.example.invalid IN CNAME .\n")
    rpz = os.path.join(tmp, "rpz.json")
    open(rpz, "w").write(report("http://rpz.example.invalid/x", path="mail/3.eml"))
    for ascii in ("no", "yes"):
        log, conf, port = os.path.join(tmp, f"unbound.{ascii}"), os.path.join(tmp, "unbound.conf"), port_of(socket.SOCK_DGRAM)
        open(conf, "w").write(f'''server:
  interface: 127.0.0.1@{port}
  chroot: ""
  username: ""
  directory: "{tmp}"
  pidfile: ""
  use-syslog: no
  logfile: "{log}"
  log-time-ascii: {ascii}
  log-queries: yes
  log-replies: yes
  log-tag-queryreply: {ascii}
  module-config: "respip iterator"
  local-zone: "invalid." nodefault
  local-zone: "bad.example.invalid." static
  local-data: "bad.example.invalid. A 192.0.2.1"
remote-control:
  control-enable: no
rpz:
  name: rpz.local
  zonefile: "{tmp}/zone"
  rpz-log: yes
  rpz-log-name: "list"
''')
        server = subprocess.Popen(["unbound", "-d", "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            check("unbound answers", ask(port, "bad.example.invalid") == 0 and ask(port, "rpz.example.invalid") == 3)
        finally:
            server.terminate()
            server.wait()
        r, out = found("--now", str(int(time.time())), reports, rpz, log)
        got = {c["target"]: c["outcome"] for c in out["contacts"] if c["match"] == "host"}
        check(f"unbound's own log, log-time-ascii: {ascii}", r.returncode == 1 and got == {"bad.example.invalid": "answered", "rpz.example.invalid": "blocked"} and
              out["logs"][0]["unread"] == 0 and out["contacts"][0]["client"] == "127.0.0.1" and out["contacts"][0]["zoned"] == (ascii == "no"),
              (out, open(log).read()[-1500:]))


class Origin(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


def through(proxy, request):
    with socket.create_connection(("127.0.0.1", proxy), 10) as s:
        s.sendall(request)
        s.settimeout(10)
        return s.recv(4096)


def real_squid(tmp):
    if not shutil.which("squid"):
        return skip("squid's own log", "squid is not installed")
    os.chmod(tmp, 0o777)  # squid drops to a user of its own
    origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    to, proxy = origin.server_address[1], port_of(socket.SOCK_STREAM)
    base = f"http://bad.example.invalid:{to}"
    reports = os.path.join(tmp, "squid.json")
    open(reports, "w").write(report(f"{base}/wp/a.php?x=1", "https://tunnel.example.invalid/x"))
    open(os.path.join(tmp, "hosts"), "w").write("127.0.0.1 bad.example.invalid\n")
    conf = os.path.join(tmp, "squid.conf")
    open(conf, "w").write(f'''acl denied url_regex denied
acl CONNECT method CONNECT
http_access deny denied
http_access deny CONNECT
http_access allow all
http_port 127.0.0.1:{proxy}
hosts_file {tmp}/hosts
dns_nameservers 127.0.0.1
pid_filename none
visible_hostname localhost
cache deny all
cache_log {tmp}/cache.log
coredump_dir {tmp}
shutdown_lifetime 0 seconds
pinger_enable off
netdb_filename none
access_log stdio:{tmp}/squid.native logformat=squid
access_log stdio:{tmp}/squid.combined logformat=combined
''')
    server = subprocess.Popen(["squid", "-N", "-f", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        answer = b""
        for _ in range(50):
            try:
                answer = through(proxy, f"GET {base}/wp/a.php?x=1 HTTP/1.0\r\n\r\n".encode())
                break
            except OSError:
                time.sleep(0.2)
        check("squid answers", b"200" in answer[:20], answer)
        through(proxy, f"GET {base}/denied HTTP/1.0\r\n\r\n".encode())
        through(proxy, b"CONNECT tunnel.example.invalid:443 HTTP/1.0\r\n\r\n")
        time.sleep(0.5)
    finally:
        server.terminate()
        server.wait()
        origin.shutdown()
    for form in ("native", "combined"):
        log = os.path.join(tmp, "squid." + form)
        r, out = found("--now", str(int(time.time())), reports, log)
        got = [(c["match"], c["outcome"], c["client"]) for c in out["contacts"]]
        check(f"squid's own log, {form}", got == [("path", "answered", "127.0.0.1"), ("host", "blocked", "127.0.0.1"), ("host", "blocked", "127.0.0.1")] and
              out["logs"][0]["unread"] == 0, (got, open(log).read()))


check("python3-jsonschema is installed", jsonschema is not None, "run tools/install-deps test")
with tempfile.TemporaryDirectory() as tmp:
    reports = os.path.join(tmp, "reports.json")
    open(reports, "w").write(TEXT)
    made_logs(tmp, reports)
    outcomes(tmp, reports)
    words(tmp, reports)
    hostile(tmp, reports)
    own_report(tmp)
    real_unbound(tmp, reports)
    real_squid(tmp)
print(f"1..{tests}")
sys.exit(1 if failures else 0)
