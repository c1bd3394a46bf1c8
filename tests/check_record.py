#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_record - the commands that read the record, against a keeper of their own; and peers that send
the keeper what no desk would.

usage: check_record.py SEKISHO KEEPER
"""
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from keeper import DONE, GET, GOT, JOIN, KEPT, ORDER, PUT, Keeper, order, put, text  # noqa: E402

faults = []


def fault(what):
    faults.append(what)
    print("check_record: " + what)


def run(sekisho, state, *words, lang="en"):
    p = subprocess.run([sekisho, *words, "--state", state, "--lang", lang], capture_output=True)
    return p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")


MAIL = dict(subject="請求書\x1b[31m http://example.invalid/", sender="s@example.invalid", verdict="malicious", detection="Macro.Download",
            deed="hold", door="milter", direction="in", message_id="<1@example.invalid>", from_address="f@example.invalid")


def check_commands(sekisho, keeper, folder):
    state = folder + "/s"
    k = Keeper(keeper, state)
    body = b"Subject: x\r\n\r\nThis is the harmless original.\r\n"
    k.send(PUT, put(1, "261122-AAAAAAAA", b'{"schema":"sekisho/report/1"}', body, recipients=["keiri@example.invalid"], search="見積.doc", **MAIL))
    k.send(PUT, put(2, "261122-BBBBBBBB", b"{}", recipients=["b@example.invalid"], **dict(MAIL, subject="clean one", verdict="clean", deed="deliver")))
    if not all(k.kept() == (n, 0) for n in (1, 2)):
        fault("not kept")
    k.receive(1.0)  # until the index is written
    zip_ = folder + "/o.zip"
    cases = [  # name, command, exit status, pattern of standard output, pattern of standard error
        ("list", ["vault", "list"], 0, r"261122-AAAAAAAA .*Malicious.*held.*Macro\.Download", ""),
        ("not in the list", ["vault", "list"], 0, r"\A(?!.*BBBBBBBB)", ""),
        ("no control characters", ["vault", "list"], 0, r"\A[^\x1b]*<U\+001B>[^\x1b]*hxxp://", ""),
        ("list in Japanese", ["vault", "list", "!ja"], 0, "危険.*保留", ""),
        ("list as JSON", ["vault", "list", "--json"], 0, r'"reference":"261122-AAAAAAAA".*"vaulted":true', ""),
        ("search", ["search", "keiri"], 0, "AAAAAAAA", ""),
        ("search in Japanese, two characters", ["search", "見積"], 0, "AAAAAAAA", ""),
        ("search finds nothing", ["search", "nothing of this"], 0, r"\A\Z", "nothing found"),
        ("search by verdict", ["search", "--verdict", "clean"], 0, r"\A(?!.*AAAAAAAA).*BBBBBBBB", ""),
        ("search since", ["search", "--since", "1h"], 0, "(?s)BBBBBBBB.*AAAAAAAA", ""),
        ("search since what", ["search", "--since", "tomorrow"], 2, "", "--since"),
        ("a statement is a word", ["search", "'; DROP TABLE mails; --"], 0, r"\A\Z", ""),
        ("show", ["vault", "show", "261122-AAAAAAAA"], 0, "the original is in the vault", ""),
        ("show the report", ["vault", "show", "261122-AAAAAAAA", "--json"], 0, r'\A{"schema":"sekisho/report/1"}\n\Z', ""),
        ("show what is not there", ["vault", "show", "nothing"], 2, "", "there is no mail with the number nothing"),
        ("check", ["vault", "check"], 0, "read: 1, damaged: 0", ""),
        ("export", ["vault", "export", "261122-AAAAAAAA", "--to", zip_, "--note", "for the police"], 0, "", ""),
        ("export again", ["vault", "export", "261122-AAAAAAAA", "--to", zip_], 2, "", "o.zip"),
        ("export without original", ["vault", "export", "261122-BBBBBBBB", "--to", zip_ + "2"], 2, "", "no original"),
        ("export without --to", ["vault", "export", "261122-AAAAAAAA"], 2, "", "usage"),
        ("the deed is known", ["vault", "show", "261122-AAAAAAAA"], 0, "exported .*uid:.*for the police", ""),
        ("backup", ["vault", "backup", folder + "/copy.db"], 0, "", ""),
        ("backup is not replaced", ["vault", "backup", folder + "/copy.db"], 2, "", "there already"),
        ("delete", ["vault", "delete", "261122-AAAAAAAA", "--note", "by wish"], 0, "", ""),
        ("delete twice", ["vault", "delete", "261122-AAAAAAAA"], 2, "", "no original"),
        ("delete twice, in Japanese", ["vault", "delete", "261122-AAAAAAAA", "!ja"], 2, "", "の原本は隔離保管されていません"),
        ("deleted", ["vault", "show", "261122-AAAAAAAA"], 0, "(?s)original deleted.*by wish.*no original is kept", ""),
        ("audit", ["audit", "verify"], 0, "whole: 5 lines, number 1 to 5", ""),
        ("audit in Japanese", ["audit", "verify", "!ja"], 0, "異常はありません：5 行", ""),
        ("no such verb", ["vault", "burn"], 2, "", "usage"),
    ]
    for name, words, status, out, err in cases:
        lang = "ja" if "!ja" in words else "en"
        got = run(sekisho, state, *[w for w in words if w != "!ja"], lang=lang)
        if got[0] != status or not re.search(out, got[1]) or not re.search(err, got[2]):
            fault(f"{name}: {got}")
    if shutil.which("7z"):
        p = subprocess.run(["7z", "x", "-so", "-pinfected", zip_], capture_output=True)
        if p.stdout != body:
            fault(f"the archive holds {p.stdout!r}")
    k.end()
    got = run(sekisho, state, "vault", "delete", "261122-BBBBBBBB")
    if got[0] != 2 or "sekisho-keeper" not in got[2]:
        fault(f"without a keeper: {got}")
    name = os.listdir(state + "/record/audit")[0]
    path = f"{state}/record/audit/{name}"
    lines = open(path).read()
    open(path, "w").write(lines.replace("for the police", "for the papers"))
    got = run(sekisho, state, "audit", "verify")
    if got[0] != 1 or not re.search(name + ", line 3: was changed", got[1]):
        fault(f"a changed line: {got}")
    os.rename(state + "/key/store.key", state + "/key/away")
    got = run(sekisho, state, "audit", "verify", path)
    if got[0] != 1 or not re.search("line 4: does not fit", got[1]):
        fault(f"a changed line, without the key: {got}")
    open(path, "w").write(lines)
    got = run(sekisho, state, "audit", "verify")
    if got[0] != 0 or "without the key" not in got[1]:
        fault(f"without the key: {got}")
    if os.path.exists(state + "/key/store.key"):
        fault("a command made a key")
    k = Keeper(keeper, state)  # with a key that is not the record's
    code, said = k.end()
    if code != 1 or "is not the key" not in said:
        fault(f"another key: {code} {said}")


class Mta:
    """Takes one mail as the script says: replies to MAIL, RCPT, DATA and the end; None: hangs up."""

    def __init__(self, folder, mail="250 ok", rcpt="250 ok", data="354 go", end="250 queued"):
        self.address = f"unix:{folder}/mta{time.monotonic_ns()}"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.address[5:])
        self.listener.listen()
        self.replies, self.heard, self.body, self.taken = [mail, rcpt, data, end], [], b"", 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            peer = self.listener.accept()[0]
            with peer, peer.makefile("rb") as lines:
                peer.sendall(b"220 here\r\n")
                self.session(peer, lines)

    def session(self, peer, lines):
        names = ["MAIL", "RCPT", "DATA"]
        for line in lines:
            self.heard.append(line.decode())
            verb = line[:4].strip().decode().upper()
            if verb == "EHLO":
                peer.sendall(b"250-here\r\n250 8BITMIME\r\n")
                continue
            if verb not in names:
                return
            reply = self.replies[names.index(verb)]
            peer.sendall(reply.encode() + b"\r\n")
            if verb == "DATA" and reply.startswith("354"):
                body = []
                for part in lines:
                    if part == b".\r\n":
                        break
                    body.append(part[1:] if part.startswith(b"..") else part)
                else:
                    return
                self.body = b"".join(body)
                if self.replies[3] is None:
                    return
                self.taken += self.replies[3].startswith("250")
                peer.sendall(self.replies[3].encode() + b"\r\n")


def check_release(sekisho, keeper, folder):
    state = folder + "/r"
    k = Keeper(keeper, state)
    body = b"Subject: x\r\n\r\n.\r\n..two\r\n" + bytes(range(128, 256)) + b"\r\n" + b"x" * 200000 + b"\r\n.\r\n"
    names = ["refused", "gone", "good", "forward", "nobody"]
    for n, name in enumerate(names, 1):
        k.send(PUT, put(n, name, b"{}", body, recipients=[] if name == "nobody" else ["a@example.invalid", "b@example.invalid"], **MAIL))
    if [k.kept() for _ in names] != [(n, 0) for n in range(1, 6)]:
        fault("not kept")
    cases = [  # name, mail, command, the MTA's ways, exit status, message, how many it took
        ("no MTA", "good", ["release"], None, 2, "cannot connect", 0),
        ("released after a failure", "good", ["release"], {}, 0, "", 1),
        ("released twice", "good", ["release"], {}, 2, "released already", 0),
        ("released twice, by wish", "good", ["release", "--again"], {}, 0, "", 1),
        ("a recipient is refused", "refused", ["release"], {"rcpt": "550 5.1.1 nobody"}, 2, "5.1.1 nobody", 0),
        ("the mail is refused", "refused", ["release"], {"end": "554 5.7.1 no"}, 2, "5.7.1 no", 0),
        ("then taken", "refused", ["release"], {}, 0, "", 1),
        ("no answer at the end", "gone", ["release"], {"end": None}, 2, "look at its log", 0),
        ("nobody knows", "gone", ["release"], {}, 2, "not known", 0),
        ("the MTA's log was looked at", "gone", ["release", "--again"], {}, 0, "", 1),
        ("forwarded", "forward", ["forward", "--recipient", "admin@example.invalid"], {}, 0, "", 1),
        ("forwarded to an address of two commands", "forward", ["forward", "--recipient", "a>\r\nDATA"], {}, 2, "address", 0),
        ("forwarded to nobody", "forward", ["forward"], {}, 2, "usage", 0),
        ("released when it was forwarded", "forward", ["release"], {}, 0, "", 1),
        ("no recipients", "nobody", ["release"], {}, 2, "no recipient", 0),
    ]
    for name, mail, words, ways, status, says, taken in cases:
        mta = Mta(folder, **ways) if ways is not None else None
        address = mta.address if mta else f"unix:{folder}/no mta"
        got = run(sekisho, state, "vault", words[0], mail, *words[1:], "--smtp", address)
        if got[0] != status or not re.search(says, got[2]):
            fault(f"{name}: {got}")
        if mta and mta.taken != taken:
            fault(f"{name}: the MTA took {mta.taken}")
        if taken and mta.body != body:
            fault(f"{name}: not the same bytes")
        if name == "forwarded" and not any("MAIL FROM:<> " in h for h in mta.heard):
            fault(f"forwarded from {mta.heard[:3]}")
        if name == "then taken" and not any("MAIL FROM:<s@example.invalid> " in h for h in mta.heard):
            fault(f"released from {mta.heard[:3]}")
    got = run(sekisho, state, "vault", "show", "refused")
    if not re.search("(?s)release begun.*release failed.*5.1.1 nobody.*release begun.*release failed.*release begun.*released", got[1]):
        fault(f"the history is {got}")
    k.send(PUT, put(9, "race", b"{}", body, recipients=["a@example.invalid"], **MAIL))
    k.kept()
    mta = Mta(folder)
    both = [subprocess.Popen([sekisho, "vault", "release", "race", "--smtp", mta.address, "--state", state], stderr=subprocess.PIPE) for _ in range(4)]
    codes = sorted(p.wait() for p in both)
    for p in both:
        p.stderr.close()
    if mta.taken != 1 or codes != [0, 2, 2, 2]:
        fault(f"released at the same time: {codes}, taken {mta.taken}")
    k.end()
    got = run(sekisho, state, "audit", "verify")
    if got[0] != 0:
        fault(f"audit: {got}")


def check_places(sekisho, keeper, folder):
    """Vault and key elsewhere: commands find them."""
    state = folder + "/p"
    k = Keeper(keeper, state, "--key", folder + "/elsewhere/key", "--vault", folder + "/other/vault")
    k.send(PUT, put(1, "placed", b"{}", b"body", **MAIL))
    if k.kept() != (1, 0):
        fault("not kept elsewhere")
    k.receive(1.0)  # the audit file follows the database
    for words, says in (["vault", "check"], "read: 1, damaged: 0"), (["audit", "verify"], "is whole: 1 lines"):
        got = run(sekisho, state, *words)
        if got[0] != 0 or says not in got[1]:
            fault(f"elsewhere: {got}")
    got = run(sekisho, state, "audit", "verify", "--key", folder + "/no key")
    if got[0] != 2:
        fault(f"a key that is not there: {got}")
    k.end()


def check_hostile(keeper, folder):
    """What ends the channel, and leaves the keeper at work."""
    state = folder + "/h"
    k = Keeper(keeper, state)
    good = put(1, "good", b"{}", b"body")
    unsealed = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    os.write(unsealed, b"body")
    desk_cases = [  # name, word, payload, descriptor, answer or None when the channel ends
        ("an empty PUT", PUT, b"", None, None),
        ("a PUT cut off", PUT, good[:-10], None, None),
        ("a PUT with bytes behind it", PUT, good + b"x", None, None),
        ("number 0", PUT, put(0, "r"), None, None),
        ("no such word", 99, b"", None, None),
        ("an answer", KEPT, struct.pack("<QiI", 1, 0, 0), None, None),
        ("a desk that sends a desk", JOIN, b"", 0, None),
        ("a file that is not sealed", PUT, put(2, "r2", fd=True, size=4), unsealed, (2, -22)),
        ("no file where one was said", PUT, put(3, "r3", fd=True, size=4), None, (3, -22)),
        ("a file that nobody announced", PUT, put(4, "r4", b"{}", b"body"), unsealed, (4, -22)),
        ("another report of one number", PUT, put(5, "good", b"[]"), None, (5, -17)),
        ("no UTF-8", PUT, put(6, "r6", subject=b"\xff\xfe"), None, (6, 0)),
        ("a zero in a text", PUT, put(7, "r7", subject="a\0b"), None, (7, 0)),
        ("an order without a name", ORDER, order(8, 1, "good"), None, (8, -22)),
        ("an order for nobody", ORDER, order(9, 1, "nobody", verb="release"), None, (9, -2)),
        ("no such order", ORDER, order(10, 77, "good"), None, None),
    ]
    k.send(PUT, good)
    if k.kept() != (1, 0):
        fault("the first is not kept")
    for name, word, payload, fd, answer in desk_cases:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        k.send(JOIN, b"", theirs.fileno())
        theirs.close()
        desk = Keeper.__new__(Keeper)
        desk.socket, desk.inbox = ours, b""
        desk.send(word, payload, fd)
        got = desk.kept(5)
        if got != answer:
            fault(f"{name}: answered {got}")
        ours.close()
    person = socket.socket(socket.AF_UNIX)
    person.connect(state + "/keeper.sock")
    them = Keeper.__new__(Keeper)
    them.socket, them.inbox = person, b""
    them.send(PUT, put(11, "by a person"))
    if them.kept(5) is not None:
        fault("a person may put")
    for _ in range(100):  # more than may be there at once
        s = socket.socket(socket.AF_UNIX)
        s.connect(state + "/keeper.sock")
    second = Keeper(keeper, state)
    code, said = second.end()
    if code != 1 or "at work" not in said:
        fault(f"two keepers: {code} {said}")
    k.send(PUT, put(12, "at the end", b"{}", b"body"))
    if k.kept() != (12, 0) or k.get(13, "good") != b"{}":
        fault("the keeper is not at work any more")
    code, said = k.end()
    if code:
        fault(f"ended with {code}: {said}")


def main():
    sekisho, keeper = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        check_commands(sekisho, keeper, folder)
        check_release(sekisho, keeper, folder)
        check_places(sekisho, keeper, folder)
        check_hostile(keeper, folder)
    print(f"check_record: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
