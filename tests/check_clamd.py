#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_clamd - the clamd door with the real clamdscan as its client.

The door runs as its own process, locked in; behind it stands a desk of the test that decides by
a word in the object. Each case: what clamdscan prints and how it exits.

usage: check_clamd.py SEKISHO-DOOR
"""
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

import doors

FILES = {
    "letter.txt": b"Good morning.\n",
    "bad.doc": b"please be malicious",
    "odd.doc": b"please be suspicious",
    "locked.zip": b"please be encrypted",
    "deep.zip": b"please be limit",
    "broken.bin": b"please be damaged",
    "crash.bin": b"please be crashed",
    "kind.xyz": b"please be noreader",
    "trouble.txt": b"please be trouble",
    "large.bin": b"Good morning. " * 40000,
    "empty": b"",
}
WANT = {
    "letter.txt": "OK",
    "bad.doc": "Sekisho.Downloader.VBA.Test FOUND",
    "odd.doc": "Sekisho.Suspicious.Lure.Any.Test FOUND",
    "locked.zip": "Heuristics.Encrypted.Zip FOUND",
    "deep.zip": "Heuristics.Limits.Exceeded.MaxRecursion FOUND",
    "broken.bin": "damaged, not read whole. ERROR",
    "crash.bin": "the reader crashed. ERROR",
    "kind.xyz": "a kind of file that cannot be read. ERROR",
    "trouble.txt": "overloaded. ERROR",
    "large.bin": "OK",
}


def judge(r):
    b = r.body
    if b"malicious" in b:
        return doors.answer(r, doors.MALICIOUS, name="Downloader.VBA.Test", deed=doors.REJECT)
    if b"suspicious" in b:
        return doors.answer(r, doors.SUSPICIOUS, name="Lure.Any.Test", deed=doors.HOLD)
    for word, bit, more in (("encrypted", doors.ENCRYPTED, {"locked": "zip"}), ("limit", doors.LIMIT, {"limit": "depth"}), ("damaged", doors.DAMAGED, {}),
                            ("crashed", doors.CRASHED, {}), ("noreader", doors.NO_READER, {})):
        if b"be " + word.encode() in b:
            return doors.answer(r, doors.UNKNOWN, unread=bit, name="Unread.Any.X", **more)
    return doors.answer(r, trouble="overloaded") if b"trouble" in b else doors.answer(r)


def clamdscan(folder, socket_path, *args):
    conf = os.path.join(folder, "clamd.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(f"LocalSocket {socket_path}\n")
    r = subprocess.run(["clamdscan", "--config-file=" + conf, "--no-summary", *args], capture_output=True, text=True, timeout=60)
    return r.returncode, r.stdout + r.stderr


def lines_of(out):
    return {os.path.basename(line.split(": ", 1)[0]): line.split(": ", 1)[1] for line in out.splitlines() if ": " in line}


def check_files(door, faults):
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "files")
        os.mkdir(folder)
        for name, data in FILES.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
        for how in (["--stream"], ["--fdpass"], ["--multiscan", "--stream"], ["--multiscan", "--fdpass"]):
            code, out = clamdscan(work, door.path, *how, folder)
            got = lines_of(out)
            for name, want in WANT.items():
                if not got.get(name, "OK").endswith(want): # of clean files in a folder it says nothing
                    faults.append(f"{' '.join(how)} {name}: {got.get(name)!r}, should be {want!r}")
            if code not in (1, 2):
                faults.append(f"{' '.join(how)}: exit code {code}")
        for name, want in (("letter.txt", 0), ("large.bin", 0), ("bad.doc", 1), ("broken.bin", 2), ("locked.zip", 1)):
            code, out = clamdscan(work, door.path, "--fdpass", os.path.join(folder, name))
            if code != want:
                faults.append(f"{name}: exit code {code}, should be {want}: {out}")
        code, out = clamdscan(work, door.path, os.path.join(folder, "letter.txt")) # by path
        if code == 0 or "OK" in out:
            faults.append(f"a path: {code} {out!r}")
        code, out = clamdscan(work, door.path, "--version")
        if "Sekisho 0.1.0/0123456789ab" not in out:
            faults.append(f"--version: {out!r}")
        code, out = clamdscan(work, door.path, "--ping", "1")
        if code != 0 or "PONG" not in out:
            faults.append(f"--ping: {code} {out!r}")


def check_paths(program, faults):
    """SCAN of paths, as amavisd asks: below the folder of the settings, and nowhere else."""
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as other:
        for folder in (work, other):
            for name in ("letter.txt", "bad.doc"):
                with open(os.path.join(folder, name), "wb") as f:
                    f.write(FILES[name])
        door = doors.Door(program, ["clamd"], paths=[work])
        door.desk(judge)
        time.sleep(0.1)
        for how, path, code in (([], "letter.txt", 0), ([], "bad.doc", 1), (["--multiscan"], "", 1), ([], "", 1), ([], "nothing", 2)):
            got, out = clamdscan(other, door.path, *how, os.path.join(work, path))
            if got != code:
                faults.append(f"path {path!r} {how}: exit code {got}, should be {code}: {out!r}")
        got = say(door.path, b"nCONTSCAN " + os.path.join(other, "letter.txt").encode() + b"\n")
        if not got.endswith(b"outside the folders of the settings. ERROR\n"):
            faults.append(f"a path elsewhere: {got!r}")
        if door.stop():
            faults.append("the door with paths ended badly: " + door.log())


def say(path, data, timeout=5):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(timeout)
    s.connect(path)
    s.sendall(data)
    out = b""
    while (more := s.recv(65536)):
        out += more
    s.close()
    return out


def stalled(path, number):
    """Connections that begin a command and say nothing more."""
    held = []
    for _ in range(number):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(10)
        s.connect(path)
        s.send(b"zINST")
        held.append(s)
    return held


def check_stalls(door, faults, number):
    held = stalled(door.path, number)
    mail = b"zINSTREAM\0" + struct.pack(">I", 4) + b"mail" + bytes(4)
    times = []
    wrong = 0
    for _ in range(200):
        start = time.monotonic()
        wrong += say(door.path, mail) != b"stream: OK\0"
        times.append(time.monotonic() - start)
    if wrong:
        faults.append(f"{wrong} of 200 honest clients are not answered beside those who stall")
    for s in held:
        s.close()
    p99 = sorted(times)[197]
    rss = int(next(line for line in open(f"/proc/{door.process.pid}/status") if line.startswith("VmRSS")).split()[1])
    print(f"beside {number} who stall: p99 {p99 * 1000:.1f} ms, the door has {rss / 1024:.0f} MB")
    if p99 > 0.1:
        faults.append(f"beside {number} who stall: p99 {p99 * 1000:.0f} ms")


def check_desk_dies(door, faults):
    mail = b"zINSTREAM\0" + struct.pack(">I", 4) + b"mail" + bytes(4)
    silent = door.desk(lambda r: None)
    time.sleep(0.1)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect(door.path)
    s.sendall(mail)
    time.sleep(0.1)
    silent.ours.shutdown(socket.SHUT_RDWR)
    start = time.monotonic()
    got = s.recv(1000)
    if got != b"stream: the desk is away. ERROR\0" or time.monotonic() - start > 1:
        faults.append(f"the desk dies: {got!r}")
    if say(door.path, mail) != b"stream: busy, try again later. ERROR\0":
        faults.append("without a desk nobody is told to come again")
    door.desk(judge)
    time.sleep(0.1)
    if say(door.path, mail) != b"stream: OK\0":
        faults.append("the new desk is not asked")


def main():
    faults = []
    door = doors.Door(sys.argv[1], ["clamd"])
    door.desk(judge)
    time.sleep(0.1)
    if shutil.which("clamdscan"):
        check_files(door, faults)
        check_paths(sys.argv[1], faults)
    else:
        print("skipped: clamdscan is not installed")
    check_stalls(door, faults, 10000 if len(sys.argv) > 2 else 1000)
    check_desk_dies(door, faults)
    code = door.stop()
    if code != 0:
        faults.append(f"the door ended with {code}: {door.log()}")
    for f in faults:
        print("FAULT", f)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
