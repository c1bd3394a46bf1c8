#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_shapes - whatever shape a mail has, what it carries reaches the analyser.

A labelled set is made: each shape of MIME that mail programs read (RFC 2045 to 2049, 1847, 3462,
and the faults they forgive) around each payload, in each way in: a file, standard input, an mbox,
a Maildir, an archive, a mail in a mail. The payload is the EICAR test string, so that "reached"
is a verdict and not an opinion. Wanted is 100 %, and that no worker dies.

usage: check_shapes.py SEKISHO SOURCE-ROOT
"""
import base64
import binascii
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

SEKISHO, ROOT = sys.argv[1:3]
ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
# Said in two halves, so that no scanner flags this file.
EICAR = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()
HEAD = b"From: a@a.example\r\nTo: b@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
TEXT = b"Content-Type: text/plain\r\n\r\nhello\r\n"
SHAPES = {}
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def zipped(data, name="a.com"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


PAYLOADS = {"plain": ("a.com", EICAR), "zip": ("a.zip", zipped(EICAR)), "gzip": ("a.gz", gzip.compress(EICAR, mtime=0))}


def shape(name):
    return lambda make: SHAPES.setdefault(name, make)


def b64(d):
    return base64.encodebytes(d).replace(b"\n", b"\r\n")


def qp(d):
    return b"=\r\n".join(b"".join(b"=%02X" % c for c in d[i:i + 24]) for i in range(0, len(d), 24))


def uu(d, name=b"a.com"):
    lines = [binascii.b2a_uu(d[i:i + 45]) for i in range(0, len(d), 45)]
    return (b"begin 644 " + name + b"\n" + b"".join(lines) + b"`\nend\n").replace(b"\n", b"\r\n")


def leaf(n, d, encoding=b"base64", kind=b"application/octet-stream", encode=b64, more=b""):
    return (b"Content-Type: " + kind + b"; name=\"" + n.encode() + b"\"\r\nContent-Transfer-Encoding: " + encoding +
            b"\r\nContent-Disposition: attachment; filename=\"" + n.encode() + b"\"\r\n" + more + b"\r\n" + encode(d) + b"\r\n")


def multi(*parts, kind=b"multipart/mixed", boundary=b"b", head=HEAD, param=None, close=b"--"):
    return (head + b"Content-Type: " + kind + (param if param is not None else b"; boundary=" + boundary) + b"\r\n\r\n" +
            b"".join(b"--" + boundary + b"\r\n" + p for p in parts) + b"--" + boundary + close + b"\r\n")


def simple(name, make):
    SHAPES[name] = make


# --- trees
simple("the mail is the file", lambda n, d: HEAD + leaf(n, d))
simple("mixed", lambda n, d: multi(TEXT, leaf(n, d)))
simple("mixed, first part", lambda n, d: multi(leaf(n, d), TEXT))
for kind in (b"alternative", b"related", b"signed", b"report", b"parallel", b"form-data", b"appledouble", b"x-mixed-replace", b"unheard-of",
             b"encrypted", b"byteranges", b"header-set"):
    simple(f"multipart/{kind.decode()}", lambda n, d, k=kind: multi(TEXT, leaf(n, d), kind=b"multipart/" + k))


@shape("mixed in related in alternative")
def _(n, d):
    inner = multi(TEXT, leaf(n, d), boundary=b"i", head=b"")
    middle = multi(TEXT, inner, boundary=b"m", kind=b"multipart/related", head=b"")
    return multi(middle, kind=b"multipart/alternative")


@shape("nine multiparts deep")
def _(n, d):
    part = leaf(n, d)
    for i in range(9):
        part = multi(part, boundary=b"b%d" % i, head=b"")
    return HEAD + part


for depth in (1, 2, 4, 6):
    @shape(f"mail in mail, {depth} deep")
    def _(n, d, depth=depth):
        mail = multi(TEXT, leaf(n, d), boundary=b"b0")
        for i in range(depth):
            mail = multi(b"Content-Type: message/rfc822\r\n\r\n" + mail, boundary=b"o%d" % i)
        return mail

for encoding, encode in ((b"base64", b64), (b"quoted-printable", qp)):
    simple(f"mail in mail, {encoding.decode()} against RFC 2046",
           lambda n, d, e=encoding, f=encode: multi(b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: " + e + b"\r\n\r\n" +
                                                    f(multi(TEXT, leaf(n, d), boundary=b"i")) + b"\r\n"))
    simple(f"multipart in {encoding.decode()} against RFC 2045",
           lambda n, d, e=encoding, f=encode: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: " + e + b"\r\n\r\n" +
           f(b"--b\r\n" + leaf(n, d) + b"--b--\r\n"))
simple("message/global", lambda n, d: multi(b"Content-Type: message/global\r\n\r\n" + multi(leaf(n, d), boundary=b"i")))
simple("digest", lambda n, d: multi(b"\r\n" + multi(leaf(n, d), boundary=b"i"), kind=b"multipart/digest"))
simple("mail attached as a file", lambda n, d: multi(TEXT, leaf("x.eml", multi(leaf(n, d), boundary=b"i"))))
simple("mail attached as text", lambda n, d: multi(TEXT, leaf("x.eml", multi(leaf(n, d), boundary=b"i"), kind=b"text/plain")))
simple("delivery report with the mail", lambda n, d: multi(TEXT, b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.example\r\n\r\n",
                                                           b"Content-Type: message/rfc822\r\n\r\n" + multi(leaf(n, d), boundary=b"i"),
                                                           kind=b"multipart/report"))
simple("bounce with the mail as text", lambda n, d: HEAD + b"Content-Type: text/plain\r\n\r\nundeliverable:\r\n\r\n" + multi(leaf(n, d), boundary=b"i"))

# --- transfer encodings, lawful and not
for encoding, encode in ((b"base64", b64), (b"quoted-printable", qp), (b"8bit", lambda d: d), (b"binary", lambda d: d), (b"7bit", lambda d: d),
                         (b"x-uuencode", uu), (b"x-uue", uu), (b"uuencode", uu)):
    simple(f"encoding {encoding.decode()}", lambda n, d, e=encoding, f=encode: multi(TEXT, leaf(n, d, e, encode=f)))
for label in (b"BASE64", b" base64 ", b"base64 (x)", b"(x) base64", b"\"base64\"", b"base64;", b"base64,", b"Base64\r\n "):
    simple(f"label {label!r}", lambda n, d, e=label: multi(TEXT, leaf(n, d, e)))
BASE64 = {
    "one line": base64.b64encode,
    "four letters a line": lambda d: b"\r\n".join(base64.b64encode(d)[i:i + 4] for i in range(0, len(base64.b64encode(d)), 4)),
    "blanks between": lambda d: b" ".join(base64.b64encode(d)[i:i + 7] for i in range(0, len(base64.b64encode(d)), 7)),
    "foreign letters between": lambda d: b"!".join(base64.b64encode(d)[i:i + 5] for i in range(0, len(base64.b64encode(d)), 5)),
    "bytes of 8 bits between": lambda d: b"\xe3\x81\x82".join(base64.b64encode(d)[i:i + 30] for i in range(0, len(base64.b64encode(d)), 30)),
    "NUL between": lambda d: b"\0".join(base64.b64encode(d)[i:i + 30] for i in range(0, len(base64.b64encode(d)), 30)),
    "no padding": lambda d: base64.b64encode(d).rstrip(b"="),
    "too much padding": lambda d: base64.b64encode(d) + b"====",
    "LF": lambda d: base64.encodebytes(d),
    "CR": lambda d: base64.encodebytes(d).replace(b"\n", b"\r"),
    "each piece padded": lambda d: b"\r\n".join(base64.b64encode(d[i:i + 40]) for i in range(0, len(d), 40)),
    "text behind": lambda d: b64(d) + b"\r\n-- \r\nsent by a scanner. (c)\r\n",
    "blank lines before": lambda d: b"\r\n\r\n\r\n" + b64(d),
    "blank lines between": lambda d: b64(d).replace(b"\r\n", b"\r\n\r\n"),
    "tabs before each line": lambda d: b64(d).replace(b"\r\n", b"\r\n\t"),
}
for what, encode in BASE64.items():
    simple(f"base64, {what}", lambda n, d, f=encode: multi(TEXT, leaf(n, d, encode=f)))
QP = {
    "small letters": lambda d: qp(d).replace(b"=\r\n", b"\1").lower().replace(b"\1", b"=\r\n"),
    "blanks behind the soft break": lambda d: qp(d).replace(b"=\r\n", b"= \t\r\n"),
    "LF": lambda d: qp(d).replace(b"\r\n", b"\n"),
    "one line": lambda d: b"".join(b"=%02X" % c for c in d),
    "soft break after each byte": lambda d: b"=\r\n".join(b"=%02X" % c for c in d),
}
for what, encode in QP.items():
    simple(f"quoted-printable, {what}", lambda n, d, f=encode: multi(TEXT, leaf(n, d, b"quoted-printable", encode=f)))
for said, encode, real in ((b"7bit", b64, "base64"), (b"quoted-printable", b64, "base64"), (b"8bit", b64, "base64"), (b"x-unknown", b64, "base64"),
                           (b"base64", lambda d: d, "nothing"), (b"7bit", uu, "uuencode"), (b"base64", uu, "uuencode"), (b"8bit", lambda d: d, "nothing"),
                           (b"x-unknown", lambda d: d, "nothing")):
    simple(f"said {said.decode()}, is {real}", lambda n, d, s=said, f=encode: multi(TEXT, leaf(n, d, s, encode=f)))
simple("encoding given twice, first is true", lambda n, d: multi(TEXT, leaf(n, d, more=b"Content-Transfer-Encoding: 7bit\r\n")))
simple("encoding given twice, last is true", lambda n, d: multi(TEXT, leaf(n, d, b"7bit", more=b"Content-Transfer-Encoding: base64\r\n")))
simple("encoding not given", lambda n, d: multi(TEXT, b"Content-Type: application/octet-stream; name=" + n.encode() + b"\r\n\r\n" + b64(d)))

# --- uuencode in text
simple("uuencode in a mail without MIME", lambda n, d: b"From: a@a.example\r\nSubject: x\r\n\r\nhello\r\n\r\n" + uu(d))
simple("uuencode in a text part", lambda n, d: multi(b"Content-Type: text/plain\r\n\r\nhello\r\n" + uu(d)))
simple("uuencode, LF", lambda n, d: (b"From: a@a.example\nSubject: x\n\nhello\n" + uu(d).replace(b"\r\n", b"\n")))
simple("uuencode without end", lambda n, d: HEAD + b"\r\n" + uu(d).replace(b"`\r\nend\r\n", b""))
simple("uuencode behind a multipart", lambda n, d: multi(TEXT) + uu(d))
simple("uuencode before a multipart", lambda n, d: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + uu(d) + b"--b\r\n" + TEXT + b"--b--\r\n")
simple("two uuencoded files", lambda n, d: HEAD + b"\r\n" + uu(b"hello", b"h.txt") + b"\r\n" + uu(d))
simple("uuencode in quoted-printable", lambda n, d: HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
       b"begin 644 a.com=0D=0A" + qp(uu(d).split(b"\r\n", 1)[1]))
simple("uuencode in base64", lambda n, d: HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(b"hi\r\n" + uu(d)))

# --- boundaries
for what, param in {"quoted": b"; boundary=\"b\"", "with comment": b"; boundary=b (x)", "comment before": b"; (x) boundary=b", "after another": b"; charset=x; boundary=b",
                    "in capitals": b"; BOUNDARY=b", "folded": b";\r\n\tboundary=b", "RFC 2231": b"; boundary*=us-ascii''b", "in pieces": b"; boundary*0=b",
                    "blanks around =": b"; boundary = b", "given twice": b"; boundary=zz; boundary=b", "given twice, first": b"; boundary=b; boundary=zz",
                    "not given": b"", "empty": b"; boundary=", "without semicolon": b" boundary=b", "blank at its end": b"; boundary=\"b \""}.items():
    simple(f"boundary {what}", lambda n, d, p=param: multi(TEXT, leaf(n, d), param=p))
simple("boundary not closed", lambda n, d: multi(TEXT, leaf(n, d), close=b"")[:-5])
simple("boundary closed too early", lambda n, d: multi(TEXT).rstrip() + b"\r\n--b\r\n" + leaf(n, d) + b"--b--\r\n")
simple("boundary is the beginning of another", lambda n, d: multi(multi(TEXT, leaf(n, d), boundary=b"b2", head=b""), boundary=b"b"))
simple("the same boundary twice nested", lambda n, d: multi(multi(TEXT, leaf(n, d), head=b"")))
simple("boundary of 70 letters", lambda n, d: multi(TEXT, leaf(n, d), boundary=b"x" * 70))
simple("boundary of 500 letters", lambda n, d: multi(TEXT, leaf(n, d), boundary=b"x" * 500))
simple("boundary with all that RFC 2046 allows", lambda n, d: multi(TEXT, leaf(n, d), boundary=b"'()+_,-./:=?", param=b"; boundary=\"'()+_,-./:=?\""))
simple("blanks behind the boundary", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"--b\r\n", b"--b  \t\r\n"))
simple("file behind the last boundary", lambda n, d: multi(TEXT) + b"\r\n" + leaf(n, d))
simple("file before the first boundary", lambda n, d: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + leaf(n, d) + b"--b\r\n" + TEXT + b"--b--\r\n")

# --- header lines
simple("LF", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"\r\n", b"\n"))
simple("CR", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"\r\n", b"\r"))
simple("CR CR LF", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"\r\n", b"\r\r\n"))
simple("LF and CR LF", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"\r\n--", b"\n--"))
simple("no MIME-Version", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"MIME-Version: 1.0\r\n", b""))
simple("capitals", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"Content-Type: multipart/mixed", b"CONTENT-TYPE: MULTIPART/MIXED"))
simple("folded before the value", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"Content-Type: ", b"Content-Type:\r\n "))
simple("blank before the colon", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"Content-Type: ", b"Content-Type : "))
simple("folded over a line of blanks", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"; boundary=b", b";\r\n \r\n boundary=b\r\nX-A: y"))
simple("Content-Type twice, first is true", lambda n, d: multi(TEXT, leaf(n, d)).replace(b"boundary=b\r\n", b"boundary=b\r\nContent-Type: text/plain\r\n", 1))
simple("Content-Type twice, last is true", lambda n, d: multi(TEXT, leaf(n, d), head=HEAD + b"Content-Type: text/plain\r\n"))
simple("a line that is no field", lambda n, d: multi(TEXT, leaf(n, d), head=HEAD + b"this is no field\r\n"))
simple("blank lines first", lambda n, d: b"\r\n\r\n" + multi(TEXT, leaf(n, d)))
simple("byte order mark", lambda n, d: b"\xef\xbb\xbf" + multi(TEXT, leaf(n, d)))
simple("an mbox line first", lambda n, d: b"From a@a.example Sun Nov 22 10:00:00 2026\r\n" + multi(TEXT, leaf(n, d)))
simple("ten thousand header lines", lambda n, d: multi(TEXT, leaf(n, d), head=HEAD + b"X-A: b\r\n" * 10000))
simple("a header line of 200 kB", lambda n, d: multi(TEXT, leaf(n, d), head=HEAD + b"X-A: " + b"b" * 200000 + b"\r\n"))
simple("NUL in the header", lambda n, d: multi(TEXT, leaf(n, d), head=HEAD + b"X-\0A: b\0\r\n"))
for kind in (b"text/plain", b"text/html", b"image/png", b"text/calendar", b"application/pdf", b"audio/wav", b"garbage", b"", b"application/x-zip-compressed",
             b"message/rfc822", b"multipart/mixed", b"text/plain; charset=utf-16", b"application/pkcs7-signature"):
    simple(f"said to be {kind.decode() or 'nothing'}", lambda n, d, k=kind: multi(TEXT, leaf(n, d, kind=k)))
simple("no name", lambda n, d: multi(TEXT, b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(d)))
simple("inline", lambda n, d: multi(TEXT, leaf(n, d).replace(b"attachment", b"inline")))
simple("a name of RFC 2231", lambda n, d: multi(TEXT, leaf(n, d).replace(b'filename="', b"filename*=iso-2022-jp''%1B$B@A5a=q%1B(B.com; x=\"")))
simple("a name of 3000 letters", lambda n, d: multi(TEXT, leaf("x" * 3000 + n, d)))
simple("behind 300 parts", lambda n, d: multi(*[TEXT] * 300, leaf(n, d)))
simple("between two of its like", lambda n, d: multi(leaf("h.txt", b"hello"), leaf(n, d), leaf("i.txt", b"hello")))
simple("a page with the file in a link", lambda n, d: multi(b"Content-Type: text/html\r\n\r\n<a download=" + n.encode() + b" href=\"data:application/octet-stream;base64," +
                                                            base64.b64encode(d) + b"\">x</a>\r\n"))

# Shapes in which a mail program would not come to the plain string itself, and why; archives are
# told by their first bytes all the same.
NOT_PLAIN = {
    "base64, text behind": "padding ends the data, and the string stands alone in its file",
    "said 7bit, is base64": "shown as it stands", "said 8bit, is base64": "shown as it stands",
    "said quoted-printable, is base64": "shown as it stands", "said x-unknown, is base64": "shown as it stands",
    "encoding not given": "shown as it stands",
}

# --- ways in
def maildir(folder, name, mail):
    for sub in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, name, sub), exist_ok=True)
    with open(os.path.join(folder, name, "new", f"1763776000.M1P1.{name}"), "wb") as f:
        f.write(mail)


def mbox(mail, eol=b"\n"):
    quoted = mail.replace(b"\r\n", eol).replace(eol + b"From ", eol + b">From ")
    other = HEAD.replace(b"\r\n", eol) + eol + b"hello" + eol
    line = b"From a@a.example Sun Nov 22 10:00:00 2026" + eol
    return line + other + eol + line + quoted + eol + eol + line + other


WAYS = {
    "mbox": mbox,
    "mbox-crlf": lambda m: mbox(m, b"\r\n"),
    "zip": lambda m: zipped(m, "m.eml"),
    "gzip": lambda m: gzip.compress(m, mtime=0),
    "mbox-gz": lambda m: gzip.compress(mbox(m), mtime=0),
    "mail": lambda m: multi(b"Content-Type: message/rfc822\r\n\r\n" + m, boundary=b"way"),
}
SAMPLED = ("mixed", "mail in mail, 2 deep", "base64, one line", "uuencode in a text part", "quoted-printable, small letters", "boundary not closed", "digest")


def scan(*args, data=None):
    r = subprocess.run([SEKISHO, "scan", "--json", "--quiet", *args], input=data, capture_output=True, env=ENV, timeout=280)
    return [json.loads(line) for line in r.stdout.splitlines()]


def reached(report):
    return report["verdict"] == "malicious" and any(f["name"] == "file.test_string" for f in report["facts"])


def alive(reports):
    return not any(u.get("cause") == "crashed" for g in reports for u in g["unread"])


def check_shapes(tmp):
    folder = os.path.join(tmp, "shapes")
    os.mkdir(folder)
    labels = {}
    for i, (what, make) in enumerate(SHAPES.items()):
        for payload, (name, data) in PAYLOADS.items():
            if payload == "plain" and what in NOT_PLAIN:
                continue
            file = f"{i:03d}-{payload}.eml"
            labels[file] = f"{what}, {payload}"
            with open(os.path.join(folder, file), "wb") as f:
                f.write(make(name, data))
    got = {os.path.basename(g["path"]): g for g in scan(folder)}
    for file, what in labels.items():
        g = got.get(file)
        check(f"reached: {what}", g is not None and reached(g), g and f"{g['verdict']} {g['name']} {[(p['type'], p['size']) for p in g['parts']]}")
    check("no worker died", alive(got.values()))
    n = sum(file in got and reached(got[file]) for file in labels)
    print(f"# {n} of {len(labels)} mails reach the analyser")


def check_ways(tmp):
    folder = os.path.join(tmp, "ways")
    os.mkdir(folder)
    mails = {f"{i}-{p}": SHAPES[s](*PAYLOADS[p]) for i, s in enumerate(SAMPLED) for p in PAYLOADS}
    for name, mail in mails.items():
        for way, wrap in WAYS.items():
            with open(os.path.join(folder, f"{name}.{way}"), "wb") as f:
                f.write(wrap(mail))
        maildir(os.path.join(tmp, "maildirs"), name, mail)
    got = scan(folder)
    check(f"{len(got)} files in {len(WAYS)} wrappings are read", len(got) == len(mails) * len(WAYS) and alive(got))
    for g in got:
        check(f"reached: {os.path.basename(g['path'])}", reached(g), g["verdict"])
    got = scan(os.path.join(tmp, "maildirs"))
    missing = [g["path"] for g in got if not reached(g)]
    check(f"{len(got)} mails of Maildirs are reached", len(got) == len(mails) and not missing, str(missing))
    for name in list(mails)[:6]:
        got = scan("-", data=mails[name])
        check(f"reached from standard input: {name}", len(got) == 1 and reached(got[0]))


tmp = tempfile.mkdtemp(prefix="sekisho-test-")
try:
    check_shapes(tmp)
    check_ways(tmp)
finally:
    shutil.rmtree(tmp)
print(f"1..{tests}")
sys.exit(1 if failures else 0)
