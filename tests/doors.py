# SPDX-License-Identifier: Apache-2.0
"""doors - a supervisor and a desk for a door's process, for tests with real clients.

Speaks doors/orders.h and wire/gate.h over os/channel.h (u32 length, u8 word, bit 7: a descriptor
comes with it), so that a door runs as it is started by sekishod, locked in, before a desk exists.
"""
import os
import socket
import struct
import subprocess
import tempfile
import threading

SETTINGS, LISTEN, UNLISTEN, DESK, STOP, READY = range(1, 7)
SCAN, ANSWER, CANCEL, STATE, FETCH, FETCHED = range(1, 7)
CLEAN, UNKNOWN, SUSPICIOUS, MALICIOUS = range(4)
ENCRYPTED, LIMIT, DAMAGED, CRASHED, NO_READER = (1 << n for n in range(5))
DELIVER, TAG, HOLD, REJECT, TEMPFAIL = range(5)


def text(s):
    s = s.encode() if isinstance(s, str) else s
    return struct.pack("<I", len(s)) + s


def texts(items):
    return struct.pack("<I", len(items)) + b"".join(map(text, items))


def settings(object_max=64 << 20, idle_ms=60000, connections=16384, per_peer=0, slow_ms=600000, answer_ms=60000, paths=(), tokens=(), version="0.1.0",
             own_networks=(), away_accepts=False):
    bits = 8 | away_accepts << 2 | bool(paths)
    return (struct.pack("<BQIIB", 1, object_max, idle_ms, 1000, bits) + text("mx.example.invalid") + text(version) + texts(list(own_networks)) + texts([]) +
            struct.pack("<IIII", connections, per_peer, slow_ms, answer_ms) + texts(list(paths)) + texts(list(tokens)))


class Channel:
    def __init__(self, sock):
        self.sock, self.got, self.fds = sock, b"", []

    def send(self, word, payload=b"", fd=None):
        data = struct.pack("<IB", len(payload), word | (0x80 if fd is not None else 0)) + payload
        if fd is None:
            self.sock.sendall(data)
        else:
            n = socket.send_fds(self.sock, [data], [fd])
            self.sock.sendall(data[n:])

    def receive(self):
        """(word, payload, fd or None), or None at the end."""
        while len(self.got) < 5 or len(self.got) < 5 + struct.unpack("<I", self.got[:4])[0]:
            data, fds, _, _ = socket.recv_fds(self.sock, 1 << 16, 4)
            self.fds += fds
            if not data:
                return None
            self.got += data
        size, word = struct.unpack("<IB", self.got[:5])
        payload, self.got = self.got[5:5 + size], self.got[5 + size:]
        return word & 0x7f, payload, self.fds.pop(0) if word & 0x80 else None


class Request:
    """struct gate_request, and the bytes of the object."""

    NAMES = ("door", "name", "client_address", "client_name", "helo", "sender", "user", "queue_id", "tls")

    def __init__(self, payload, fd):
        self.id, self.direction, self.want_report, has_fd, self.size = struct.unpack("<QBBBQ", payload[:19])
        self.at, self.payload = 19, payload
        for name in self.NAMES:
            setattr(self, name, self.take())
        self.recipients, self.passwords = self.take_list(), self.take_list()
        self.body = payload[self.at:]
        if has_fd:
            with os.fdopen(fd, "rb") as f:
                self.body = os.pread(f.fileno(), self.size, 0)

    def take(self):
        n, = struct.unpack_from("<I", self.payload, self.at)
        self.at += 4 + n
        return self.payload[self.at - n:self.at].decode("utf-8", "replace")

    def take_list(self):
        n, = struct.unpack_from("<I", self.payload, self.at)
        self.at += 4
        return [self.take() for _ in range(n)]


def answer(request, verdict=CLEAN, unread=0, deed=DELIVER, name="", limit="", locked="", trouble="", reference="261122-7K3F9Q2M", report="",
           reason=("read whole, nothing found", "全体を検査し、問題は見つかりませんでした"), reply="", headers=()):
    words = [reference, name, reason[0], reason[1], reply, limit, locked, trouble]
    return (struct.pack("<QBIB", request.id, verdict, unread, deed) + b"".join(map(text, words)) +
            struct.pack("<I", len(headers)) + b"".join(text(n) + text(v) for n, v in headers) + text(report))


class Desk:
    """Answers every request by `judge(request)` -> payload, in a thread of its own."""

    def __init__(self, judge, reports=None):
        self.ours, self.theirs = socket.socketpair()
        self.judge, self.requests, self.reports = judge, [], reports or {}
        self.channel = Channel(self.ours)
        threading.Thread(target=self.run, daemon=True).start()

    def say(self, ready=True, queued=0, workers=2):
        self.channel.send(STATE, struct.pack("<BII", ready, queued, workers) + text("0.1.0") + text("0123456789abcdef0123456789abcdef"))

    def run(self):
        try:
            self.say()
            while (m := self.channel.receive()):
                word, payload, fd = m
                if word == SCAN:
                    r = Request(payload, fd)
                    self.requests.append(r)
                    a = self.judge(r)
                    if a is not None:
                        self.channel.send(ANSWER, a)
                elif word == FETCH:
                    number, = struct.unpack("<Q", payload[:8])
                    n, = struct.unpack("<I", payload[8:12])
                    report = self.reports.get(payload[12:12 + n].decode())
                    self.channel.send(FETCHED, struct.pack("<QB", number, report is not None) + text(report or ""))
        except OSError:
            pass


class Door:
    """A door's process; `listen`: "unix" or "inet"."""

    def __init__(self, program, args, listen="unix", **more):
        self.folder = tempfile.TemporaryDirectory(prefix="sekisho-door-")
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen([program, *args], preexec_fn=lambda: os.dup2(theirs.fileno(), 3, True), close_fds=False,
                                        stderr=open(os.path.join(self.folder.name, "log"), "w"))
        theirs.close()
        self.control = Channel(ours)
        self.control.send(SETTINGS, settings(**more))
        if listen == "unix":
            self.path = os.path.join(self.folder.name, "door")
            s = socket.socket(socket.AF_UNIX)
            s.bind(self.path)
            os.chmod(self.path, 0o666)
            os.chmod(self.folder.name, 0o755)
            address = "unix:" + self.path
        else:
            s = socket.socket()
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
            address = f"inet:127.0.0.1:{self.port}"
        s.listen(4096)
        s.setblocking(False)
        self.control.send(LISTEN, address.encode(), s.fileno())
        s.close()
        m = self.control.receive()
        if not m or m[0] != READY:
            raise SystemExit("the door does not start: " + self.log())

    def desk(self, judge, reports=None):
        d = Desk(judge, reports)
        self.control.send(DESK, b"", d.theirs.fileno())
        d.theirs.close()
        return d

    def log(self):
        return open(os.path.join(self.folder.name, "log"), errors="replace").read()

    def stop(self, ms=2000):
        """Exit code; 0 is a clean end."""
        try:
            self.control.send(STOP, struct.pack("<I", ms))
        except OSError:
            pass
        code = self.process.wait(timeout=ms / 1000 + 5)
        self.control.sock.close()
        return code
