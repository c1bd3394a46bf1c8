# SPDX-License-Identifier: Apache-2.0
"""Speaks with sekisho-keeper as a desk does (wire/keep.h over os/channel.h), for tests."""
import array
import os
import select
import socket
import struct
import subprocess
import tempfile
import time

PUT, KEPT, GET, GOT, JOIN, ORDER, DONE = range(1, 8)
TEXTS = ["door", "direction", "name", "client_address", "client_name", "helo", "sender", "user", "queue_id",
         "message_id", "subject", "from_address", "from_name", "verdict", "detection", "deed"]


def text(s):
    b = s if isinstance(s, bytes) else s.encode()
    return struct.pack("<I", len(b)) + b


def put(number, reference, report=b"{}", body=None, fd=False, size=None, recipients=(), search="", time_ms=None, **texts):
    """The payload of a PUT; with a body or fd the original is to be vaulted."""
    vault = body is not None or fd
    body = body or b""
    out = struct.pack("<Q", number) + text(reference) + struct.pack("<q", time_ms or int(time.time() * 1000))
    out += b"".join(text(texts.get(t, "")) for t in TEXTS)
    out += struct.pack("<I", len(recipients)) + b"".join(text(r) for r in recipients)
    out += text(search) + text(report)
    return out + struct.pack("<BQ", vault * 1 + fd * 2, size if size is not None else len(body)) + body


def order(number, what, reference, who="test", verb="", argument="", note=""):
    return struct.pack("<QB", number, what) + b"".join(text(t) for t in (reference, who, verb, argument, note))


class Keeper:
    """A keeper of its own, and the socket to it."""

    def __init__(self, program, state, *options, env=None):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket, self.inbox = ours, b""
        self.log = tempfile.TemporaryFile()  # a pipe that nobody reads would hold it
        full = dict(os.environ, **(env or {}))
        self.process = subprocess.Popen([program, "--state", state, "--control", str(theirs.fileno()), *options],
                                        pass_fds=[theirs.fileno()], env=full, stderr=self.log)
        theirs.close()

    def send(self, word, payload, fd=None):
        frame = struct.pack("<IB", len(payload), word | (0x80 if fd is not None else 0)) + payload
        try:
            if fd is not None:
                self.socket.sendmsg([frame[:5]], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
                frame = frame[5:]
            self.socket.sendall(frame)
            return True
        except OSError:
            return False

    def receive(self, seconds=10.0):
        """The next (word, payload), or None when it is gone or silent."""
        end = time.monotonic() + seconds
        while True:
            if len(self.inbox) >= 5:
                n, word = struct.unpack("<IB", self.inbox[:5])
                if len(self.inbox) >= 5 + n:
                    payload, self.inbox = self.inbox[5:5 + n], self.inbox[5 + n:]
                    return word & 0x7f, payload
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return None
            try:
                more = self.socket.recv(1 << 20)
            except OSError:
                return None
            if not more:
                return None
            self.inbox += more

    def kept(self, seconds=10.0):
        """(number, error) of the next KEPT or DONE, or None."""
        got = self.receive(seconds)
        return struct.unpack("<Qi", got[1][:12]) if got and got[0] in (KEPT, DONE) else None

    def get(self, number, reference):
        self.send(GET, struct.pack("<Q", number) + text(reference))
        got = self.receive()
        if not got or got[0] != GOT:
            return None
        n, found, length = struct.unpack("<QBI", got[1][:13])
        return got[1][13:13 + length] if found else None

    def end(self):
        """Closes the socket, as when the supervisor ends; what it said and how it ended."""
        self.socket.close()
        code = self.process.wait(timeout=60)
        return code, self.said()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.socket.close()

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")
