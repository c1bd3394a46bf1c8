#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_milter - the milter door as miltertest and as a real Postfix on loopback meet it, where they
are installed: what is delivered is byte for byte what was sent, and what is not is answered.

usage: check_milter.py SOURCE-ROOT SEKISHO-DOOR MILTER-LOAD
"""
import base64
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT, DOOR, LOAD = map(os.path.abspath, sys.argv[1:4])
sys.path.insert(0, os.path.join(ROOT, "tests"))
import doors  # noqa: E402
import smtp_rig  # noqa: E402

REFERENCE = "261122-7K3F9Q2M"
failures = tests = 0


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {str(detail)[:1500]!r}"), flush=True)
    failures += not good


def skip(name, why):
    global tests
    tests += 1
    print(f"ok {tests} - {name} # SKIP {why}")


REASON = "a reason that is so long that its line must be broken more than once, because no line of a header should be longer than " \
    "seventy-eight characters, and none may be longer than 998"
VERDICTS = {doors.TAG: "clean", doors.HOLD: "suspicious", doors.REJECT: "malicious", doors.TEMPFAIL: "unknown"}


def rule(request):
    """What the desk decides: "deed=..." in the mail says it; by recipients, the strictest."""
    head = request.body[:65536]
    if b"deed=domain" in head:
        at = {r.split("@")[1] for r in request.recipients}
        return doors.REJECT if "strict.example.invalid" in at else doors.HOLD if "hold.example.invalid" in at else doors.TAG
    return doors.REJECT if b"deed=reject" in head else doors.HOLD if b"deed=hold" in head else doors.TEMPFAIL if b"deed=tempfail" in head else doors.TAG


class Gate:
    """The door's process, and a desk that decides by the rule; asked is a list of what it was asked."""

    def __init__(self, desk=True, slow=0, **settings):
        self.asked, self.slow = [], slow
        self.door = doors.Door(DOOR, ["milter"], listen="inet", **settings)
        self.milter = f"inet:127.0.0.1:{self.door.port}"
        self.desk = self.door.desk(self.judge) if desk else None
        end = time.monotonic() + 10
        while desk and time.monotonic() < end and '"a"' not in load(self.door.port, 1, 1, [os.path.join(ROOT, "examples/01-true-reply.eml")]):
            time.sleep(0.05)
        self.asked.clear()

    def judge(self, r):
        self.asked.append({"direction": ("in", "out", "file")[r.direction], "client": r.client_address, "helo": r.helo, "sender": r.sender, "user": r.user,
                           "tls": r.tls, "queue": r.queue_id, "recipients": len(r.recipients), "fd": r.size > 256 << 10,
                           "sha256": hashlib.sha256(r.body).hexdigest()})
        time.sleep(self.slow)
        if b"deed=trouble" in r.body[:65536]:
            return doors.answer(r, deed=doors.TEMPFAIL, trouble="overloaded")
        deed = rule(r)
        return doors.answer(r, deed=deed, reply="Message refused by the test", reference=REFERENCE,
                            headers=[("X-Sekisho-Verdict", VERDICTS[deed]), ("X-Sekisho-Reason", REASON), ("X-Sekisho-Id", REFERENCE)])

    def stop(self):
        return self.door.stop()


def load(port, sessions, times, mails):
    done = subprocess.run([LOAD, str(port), str(sessions), str(times), *mails], capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


# --- miltertest: another program's idea of an MTA

LUA = """
conn = mt.connect("inet:%(port)d@127.0.0.1")
if conn == nil then error("no connection") end
if mt.conninfo(conn, "mail.example.invalid", "192.0.2.7") ~= nil then error("conninfo") end
if mt.helo(conn, "mail.example.invalid") ~= nil then error("helo") end
for n, subject in ipairs({%(subjects)s}) do
  mt.macro(conn, SMFIC_MAIL, "i", "test-" .. n)
  if mt.mailfrom(conn, "<a@example.invalid>") ~= nil then error("mailfrom") end
  if mt.rcptto(conn, "<b@example.org>") ~= nil then error("rcptto") end
  if mt.header(conn, "X-Sekisho-Verdict", "forged") ~= nil then error("header") end
  if mt.header(conn, "Subject", subject) ~= nil then error("header") end
  if mt.eoh(conn) ~= nil then error("eoh") end
  if mt.bodystring(conn, "text\\r\\n") ~= nil then error("body") end
  if mt.eom(conn) ~= nil then error("eom") end
  %(after)s
end
mt.disconnect(conn)
"""
REPLIES = {"tag": "SMFIR_ACCEPT", "reject": "SMFIR_REPLYCODE", "hold": "SMFIR_DISCARD", "tempfail": "SMFIR_REPLYCODE", "trouble": "SMFIR_REPLYCODE"}
CHECKS = {
    "tag": ['mt.eom_check(conn, MT_HDRINSERT, "X-Sekisho-Verdict", " clean") or mt.eom_check(conn, MT_HDRINSERT, "X-Sekisho-Verdict", "clean")',
            'mt.eom_check(conn, MT_HDRDELETE, "X-Sekisho-Verdict")'],
    "reject": [f'mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1", "Message refused by the test ({REFERENCE})")'],
    "tempfail": [f'mt.eom_check(conn, MT_SMTPREPLY, "451", "4.7.1", "Message refused by the test ({REFERENCE})")'],
    "trouble": ['mt.eom_check(conn, MT_SMTPREPLY, "451", "4.7.1", "Try again later: not examined: no answer")'],
    "hold": ['not mt.eom_check(conn, MT_HDRINSERT, "X-Sekisho-Verdict")'],
}


def miltertest(folder, gate, name, subjects, after):
    path = os.path.join(folder, "script.lua")
    open(path, "w").write(LUA % {"port": gate.door.port, "subjects": ", ".join(f'"{s}"' for s in subjects), "after": after})
    done = subprocess.run(["miltertest", "-s", path], capture_output=True, text=True, timeout=60)
    check(f"miltertest: {name}", done.returncode == 0, done.stdout + done.stderr)


def with_miltertest(folder):
    if not shutil.which("miltertest"):
        return skip("miltertest", "miltertest is not installed")
    gate = Gate()
    for deed, reply in REPLIES.items():
        after = f'if mt.getreply(conn) ~= {reply} then error("reply " .. string.char(mt.getreply(conn))) end\n' + \
            "\n".join(f'if not ({c}) then error([[{c}]]) end' for c in CHECKS[deed])
        miltertest(folder, gate, deed, [f"deed={deed}"], after)
    miltertest(folder, gate, "five mails on one connection", [f"deed=tag {n}" for n in range(5)],
               'if mt.getreply(conn) ~= SMFIR_ACCEPT then error("reply") end')
    wanted = b"X-Sekisho-Verdict: forged\r\nSubject: deed=hold\r\n\r\ntext\r\n"
    check("miltertest: the mail is rebuilt", any(a["sha256"] == hashlib.sha256(wanted).hexdigest() for a in gate.asked), gate.asked)
    check("miltertest: the client is known", all(a["client"] == "192.0.2.7" and a["sender"] == "a@example.invalid" for a in gate.asked), gate.asked)
    check("miltertest: as many asked as sent", len(gate.asked) == 10, len(gate.asked))
    gate.stop()
    return None


# --- many at once

def many_at_once():
    gate = Gate()
    mails = sorted(glob.glob(os.path.join(ROOT, "examples", "*.eml")))
    said = load(gate.door.port, 40, 20, mails)
    check("40 sessions at once, all answered", mails and f'"replies": {{"a": {20 * len(mails)}}}' in said, said)
    check("each was examined once", len(gate.asked) == 20 * len(mails), len(gate.asked))
    check("a clean end", gate.stop() == 0, gate.door.log())


# --- Postfix

HEAD = b"From: Stranger <stranger@example.net>\r\nTo: someone@example.org\r\nDate: Sun, 22 Nov 2026 09:00:00 +0900\r\n" \
    b"Message-ID: <%d@example.net>\r\nSubject: %s\r\n"
count = 0


def mail(subject=b"greetings", body=b"Good morning.\r\n", extra=b""):
    global count
    count += 1
    return HEAD % (count, subject) + extra + b"\r\n" + body


ODD = {
    "plain": mail(),
    "dots": mail(body=b".\r\n..\r\n.a\r\n\r\n.\r\n"),
    "no body": mail(body=b""),
    "empty lines at the end": mail(body=b"a\r\n\r\n\r\n\r\n"),
    "folded fields": mail(extra=b"X-Folded: a\r\n\tb\r\n   c\r\n d\r\nX-Empty:\r\nX-Blank: \r\nX-Tab:\tx\r\nX-None:y\r\nX-Two:  two\r\n"),
    "8 bit": mail(subject="ご請求書".encode(), body="お世話になっております。\r\n".encode() + bytes(range(128, 256)) + b"\r\n"),
    "a line of 990": mail(body=b"x" * 990 + b"\r\n"),
    "many fields": mail(extra=b"".join(b"X-Number-%d: %d\r\n" % (i, i) for i in range(300))),
    "a field of 30 KB": mail(extra=b"References:" + b"\r\n <%s@example.net>" % (b"y" * 60) * 400 + b"\r\n"),
    "MIME": mail(extra=b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
                 body=b"--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                 b"QUJD" * 19 + b"\r\n--b--\r\n"),
    "more than stands in a message": mail(body=(b"0123456789abcde\r\n" * 20000)),
}


def added(delivered, sent):
    """What stands in front of the mail that was sent; None: it is not all there."""
    return delivered[:len(delivered) - len(sent)] if delivered.endswith(sent) else None


def only_ours(front):
    names = [line.split(b":")[0] for line in front.split(b"\r\n") if line and line[:1] not in b" \t"]
    return names == [b"X-Sekisho-Verdict", b"X-Sekisho-Reason", b"X-Sekisho-Id", b"Received"] and \
        b"none may be longer than 998\r\n" in front.replace(b"\r\n ", b" ") and max(map(len, front.split(b"\r\n"))) <= 78


def deliveries(client, sink, gate):
    for name, sent in ODD.items():
        have, asked = len(sink.mails), len(gate.asked)
        said = client.mail(sent, options=" BODY=8BITMIME")
        got = sink.wait(have + 1)[have:]
        front = added(got[0][2], sent) if got else None
        check(f"delivered byte for byte: {name}", said.startswith("250") and front is not None and only_ours(front), (said, front, got[0][2][:3000] if got else None))
        check(f"examined byte for byte: {name}", len(gate.asked) == asked + 1 and gate.asked[-1]["sha256"] == hashlib.sha256(sent).hexdigest(), gate.asked[-1:])
    check("a large mail went as a file", gate.asked[-1]["fd"] and not gate.asked[-2]["fd"], gate.asked[-2:])
    check("the envelope is said", gate.asked[-1]["sender"] == "stranger@example.net" and gate.asked[-1]["recipients"] == 1 and
          gate.asked[-1]["client"] == "127.0.0.1" and gate.asked[-1]["helo"] == "client.example.invalid" and gate.asked[-1]["queue"], gate.asked[-1])
    check("from outside is inbound", gate.asked[-1]["direction"] == "in", gate.asked[-1])


def refusals(client, sink):
    have = len(sink.mails)
    said = client.mail(mail(b"deed=reject"))
    check("rejected with the reference", said.startswith("550 5.7.1 ") and REFERENCE in said, said)
    said = client.mail(mail(b"deed=hold"))
    check("held: the sender hears 250", said.startswith("250 "), said)
    said = client.mail(mail(b"deed=tempfail"))
    check("temp-failed", said.startswith("451 4.7.1 ") and REFERENCE in said, said)
    said = client.mail(mail(b"deed=trouble"))
    check("the desk in trouble: temp-failed", said.startswith("451 4.7.1 "), said)
    said = client.mail(mail(b"deed=domain"), to=["a@example.org", "b@strict.example.invalid", "c@example.org"])
    check("mixed recipients: the strictest rejects", said.startswith("550 "), said)
    said = client.mail(mail(b"deed=domain"), to=["a@example.org", "b@hold.example.invalid"])
    check("mixed recipients: the strictest holds", said.startswith("250 "), said)
    last = mail(b"deed=domain")
    said = client.mail(last, to=["a@example.org", "b@example.org"])
    got = sink.wait(have + 1)[have:]
    check("mixed recipients: none is strict", said.startswith("250 ") and len(got) == 1 and sorted(got[0][1]) == ["a@example.org", "b@example.org"], (said, got))
    time.sleep(0.5)
    check("nothing of what was refused or held was delivered", len(sink.mails) == have + 1, len(sink.mails) - have)


def forged(client, sink):
    have = len(sink.mails)
    extra = b"X-Sekisho-Verdict: clean\r\nAuthentication-Results: mx.example.invalid; dkim=pass\r\nX-Other: 1\r\nX-SEKISHO-VERDICT: clean\r\n" \
        b"Authentication-Results: other.example; dkim=fail\r\nX-Sekisho-Anything: a\r\n b\r\n"
    sent = mail(extra=extra)
    said = client.mail(sent)
    got = sink.wait(have + 1)[have:]
    rest = sent.replace(extra, b"X-Other: 1\r\nAuthentication-Results: other.example; dkim=fail\r\n")
    front = added(got[0][2], rest) if got else None
    check("forged headers are removed and nothing else", said.startswith("250") and front is not None and only_ours(front), (said, got))
    many = b"".join(b"X-Sekisho-Id: %d\r\nX-Keep: %d\r\n" % (i, i) for i in range(100))
    sent = mail(extra=many)
    client.mail(sent)
    got = sink.wait(have + 2)[have + 1:]
    rest = sent.replace(many, b"".join(b"X-Keep: %d\r\n" % i for i in range(100)))
    check("100 forged headers are removed", got and added(got[0][2], rest) is not None and only_ours(added(got[0][2], rest)), got and got[0][2])


def connections(port, sink, gate):
    have, asked = len(sink.mails), len(gate.asked)
    client = smtp_rig.Client(port)
    client.command(b"MAIL FROM:<gone@example.net>")
    client.command(b"RSET")
    one, two = mail(), mail(b"deed=reject")
    first, second = client.mail(one), client.mail(two)
    third = client.mail(one)
    check("three mails on one connection, one aborted before them", (first[:3], second[:3], third[:3]) == ("250", "550", "250"), (first, second, third))
    client.s.sendall(b"MAIL FROM:<p@example.net>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
    said = [client.reply() for _ in range(4)]
    client.s.sendall(client.content(one) + b"MAIL FROM:<q@example.net>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n")
    said += [client.reply() for _ in range(4)]
    client.s.sendall(client.content(one) + b"QUIT\r\n")
    said += [client.reply(), client.reply()]
    check("pipelined", [s[:3] for s in said] == ["250", "250", "250", "354", "250", "250", "250", "354", "250", "221"], said)
    client.close()
    client = smtp_rig.Client(port)
    for line in (b"MAIL FROM:<a@example.net>", b"RCPT TO:<b@example.org>", b"DATA"):
        client.command(line)
    client.s.sendall(mail()[:60])
    client.close()
    got = sink.wait(have + 4)
    check("a client that goes within a mail leaves nothing", len(got) == have + 4 and len(gate.asked) == asked + 5, (len(got) - have, len(gate.asked) - asked))
    client = smtp_rig.Client(port)
    said = client.mail(mail(), to=[f"user{i}@example.org" for i in range(400)])
    check("400 recipients", said.startswith("250") and gate.asked[-1]["recipients"] == 400, (said, gate.asked[-1]))
    sink.wait(have + 4 + 400 // 50)
    client.close()


def unicode_and_size(port, sink, gate):
    client = smtp_rig.Client(port)
    have = len(sink.mails)
    sent = mail("件名".encode(), "本文\r\n".encode(), "X-Name: 値\r\n".encode())
    said = client.mail(sent, to=["受信者@example.org"], sender="送信者@example.net", options=" SMTPUTF8 BODY=8BITMIME")
    got = sink.wait(have + 1)[have:]
    check("SMTPUTF8", said.startswith("250") and got and added(got[0][2], sent) is not None and gate.asked[-1]["sender"] == "送信者@example.net" and
          gate.asked[-1]["sha256"] == hashlib.sha256(sent).hexdigest(), (said, got, gate.asked[-1]))
    have = len(sink.mails)
    sent = mail(body=b"".join(b"%076d\r\n" % i for i in range(270000)))
    said = client.mail(sent)
    got = sink.wait(have + 1, 60)[have:]
    check("a mail of 20 MB", len(sent) > 20 << 20 and said.startswith("250") and got and added(got[0][2], sent) is not None and
          gate.asked[-1]["sha256"] == hashlib.sha256(sent).hexdigest(), (said, len(sent)))
    client.close()


def one(name, port, sink, wanted, sent=None, header=None):
    """One mail, and what is said of it; delivered, it bears the header."""
    have = len(sink.mails)
    sent = sent or mail()
    client = smtp_rig.Client(port)
    said = client.mail(sent)
    client.close()
    good = said.startswith(wanted)
    if header:
        got = sink.wait(have + 1)[have:]
        good = good and got and header in (added(got[0][2], sent) or b"")
    check(name, good, (said, sink.mails[have:]))


def logged_in(port, sink, gate, encrypted):
    client = smtp_rig.Client(port)
    if encrypted:
        client.starttls()
    said = client.command(b"AUTH PLAIN " + base64.b64encode(b"\0taro\0secret"))
    for _ in range(2):
        have = len(sink.mails)
        said += " " + client.mail(mail())
        sink.wait(have + 1)
    client.close()
    check("who is logged in sends outbound", len(gate.asked) == 2 and all(a["user"] == "taro" and a["direction"] == "out" for a in gate.asked), (said, gate.asked))
    if encrypted:
        check("the version of TLS is said", all(a["tls"].startswith("TLSv1.") for a in gate.asked), gate.asked)


def local(postfix, sink, gate):
    """non_smtpd_milters: Postfix says that such mail comes from 127.0.0.1."""
    have = len(sink.mails)
    done = postfix.submit(mail().replace(b"\r\n", b"\n"), ["someone@example.org"], "root@mx.example.invalid")
    got = sink.wait(have + 1)[have:]
    check("from a program of this machine", got and b"X-Sekisho-Verdict: clean\r\n" in got[0][2] and gate.asked[-1]["client"] == "127.0.0.1",
          (done.stderr, got, gate.asked))
    have = len(sink.mails)
    postfix.submit(mail(b"deed=reject").replace(b"\r\n", b"\n"), ["someone@example.org"], "root@mx.example.invalid")
    got = sink.wait(have + 1)[have:]
    check("refused from a program of this machine: it is told by mail", len(got) == 1 and got[0][:2] == ("", ["root@mx.example.invalid"]) and
          REFERENCE.encode() in got[0][2], got)


SLOW = []


def slowly(port):
    """Beside all else, for it takes longer than DOOR_TICK_MS; held, so that the sink hears nothing of it."""
    SLOW.append(smtp_rig.Client(port).mail(mail(b"deed=hold")))


def with_postfix(folder):
    why = smtp_rig.missing()
    if why:
        return skip("postfix", why)
    gates = {"gate": Gate(), "away": Gate(desk=False), "accepts": Gate(desk=False, away_accepts=True), "slow": Gate(slow=0),
             "own": Gate(own_networks=["127.0.0.0/8"]), "small": Gate(object_max=5000), "dead": Gate(desk=False), "login": Gate()}
    gates["dead"].stop()
    gates["slow"].slow = 14
    ports = {name: smtp_rig.free_port() for name in gates}
    sink, logins = smtp_rig.Sink(), smtp_rig.Logins()
    certificate = smtp_rig.certificate(folder)
    listeners = {ports[n]: {"smtpd_milters": gates[n].milter} for n in gates}
    listeners[ports["login"]].update({"smtpd_sasl_auth_enable": "yes", "smtpd_sasl_type": "dovecot", "smtpd_sasl_path": logins.path})
    if certificate:
        listeners[ports["login"]].update({"smtpd_tls_security_level": "may", "smtpd_tls_chain_files": certificate})
    postfix = smtp_rig.Postfix(folder, sink.port, listeners,
                               {"milter_content_timeout": "12s", "milter_connect_timeout": "5s", "non_smtpd_milters": gates["own"].milter})
    try:
        slow = threading.Thread(target=slowly, args=[ports["slow"]])
        slow.start()
        client = smtp_rig.Client(ports["gate"])
        deliveries(client, sink, gates["gate"])
        refusals(client, sink)
        forged(client, sink)
        client.close()
        connections(ports["gate"], sink, gates["gate"])
        unicode_and_size(ports["gate"], sink, gates["gate"])
        one("no desk: temp-failed", ports["away"], sink, "451 4.7.1 ")
        one("no desk, and the site lets pass: marked", ports["accepts"], sink, "250 ", header=b"X-Sekisho-Verdict: unknown\r\n")
        one("no door: temp-failed by Postfix", ports["dead"], sink, "451 4.7.1 ")
        one("larger than is examined: temp-failed", ports["small"], sink, "451 4.7.1 ", mail(body=b"x" * 70 + b"\r\n" + b"y" * 900 + b"\r\n" * 3000))
        one("from the site's own network", ports["own"], sink, "250 ", header=b"X-Sekisho-Verdict: clean\r\n")
        local(postfix, sink, gates["own"])
        logged_in(ports["login"], sink, gates["login"], bool(certificate))
        check("it is outbound", [a["direction"] for a in gates["own"].asked] == ["out"] * 3, gates["own"].asked)
        slow.join()
        check("a desk slower than milter_content_timeout: Postfix hears of progress", SLOW and SLOW[0].startswith("250 "), SLOW)
        log = postfix.log()
        check("Postfix's log names both", "milter-reject: END-OF-MESSAGE" in log and "milter-discard: END-OF-MESSAGE" in log and REFERENCE in log,
              [line for line in log.splitlines() if "milter-" in line][:5])
        wrong = [line for line in log.splitlines() if "warning: milter" in line and f":{gates['dead'].door.port}" not in line]
        check("Postfix has nothing to complain of", not wrong, wrong)
    finally:
        postfix.stop()
        for name in gates:
            if name != "dead":
                gates[name].stop()
        sink.shutdown()
    return None


def main():
    with tempfile.TemporaryDirectory(prefix="milter") as folder:
        with_miltertest(folder)
    many_at_once()
    with tempfile.TemporaryDirectory(prefix="postfix") as folder:
        with_postfix(folder)
    print(f"1..{tests}")
    sys.exit(failures > 0)


main()
