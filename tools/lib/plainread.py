# SPDX-License-Identifier: Apache-2.0
"""plainread - the containers that the second readers (tools/second-*) share.

Written from [MS-CFB] (compound files) alone; mail and ZIP archives are read by Python's own
modules. It shares no code with decode/, is meant to be slow and plain, and reads as the
specification says: it does not search for what a damaged file has lost.
"""
import email
import email.policy
import io
import re
import struct
import zipfile
import zlib

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
MAIL = re.compile(rb"^(from|received|mime-version|return-path):", re.I | re.M)
END_OF_CHAIN = 0xFFFFFFFE
STORAGE, STREAM = 1, 2
DEPTH = 8


class Damaged(Exception):
    pass


class Compound:
    """[MS-CFB]: a file of sectors, chained by a table; a tree of storages and streams."""

    def __init__(self, data):
        if data[:8] != MAGIC or len(data) < 512:
            raise Damaged("no compound file")
        self.data = data
        major, = struct.unpack_from("<H", data, 26)
        shift, = struct.unpack_from("<H", data, 30)
        self.size = 1 << shift if shift in (9, 12) else (4096 if major == 4 else 512)
        (n_fat, first_dir, _, self.cutoff, first_mini, _, first_difat, n_difat) = struct.unpack_from("<I I I I I I I I", data, 44)
        places = list(struct.unpack_from("<109I", data, 76))
        seen = set()
        while first_difat < 0xFFFFFFFA and first_difat not in seen:  # 2.5: the last entry is the next sector
            seen.add(first_difat)
            entries = self.numbers(self.sector(first_difat))
            if not entries:
                break
            places += entries[:-1]
            first_difat = entries[-1]
        self.fat = []
        for at in [p for p in places if p < 0xFFFFFFFA][:n_fat or None]:
            self.fat += self.numbers(self.sector(at).ljust(self.size, b"\xff"))
        self.minifat = self.numbers(self.chain(first_mini))
        self.entries = self.directory(self.chain(first_dir))
        if not self.entries:
            raise Damaged("no directory")
        root = self.entries[0]
        self.ministream = self.chain(root["start"])[:root["size"]]
        self.paths = {}
        self.tree(root["child"], "", set(), 0)

    @staticmethod
    def numbers(data):
        return list(struct.unpack(f"<{len(data) // 4}I", data[:len(data) // 4 * 4]))

    def sector(self, n):
        at = (n + 1) * self.size  # 2.2: the header takes the place of the first sector
        return self.data[at:at + self.size]

    def chain(self, n):
        out, seen = [], set()
        while n < 0xFFFFFFFA and n not in seen:
            seen.add(n)
            out.append(self.sector(n))
            n = self.fat[n] if n < len(self.fat) else END_OF_CHAIN
        return b"".join(out)

    def mini_chain(self, n):
        out, seen = [], set()
        while n < 0xFFFFFFFA and n not in seen:
            seen.add(n)
            out.append(self.ministream[n * 64:n * 64 + 64])
            n = self.minifat[n] if n < len(self.minifat) else END_OF_CHAIN
        return b"".join(out)

    def directory(self, data):
        entries = []
        for at in range(0, len(data) - 127, 128):  # 2.6.1
            length, kind = struct.unpack_from("<H B", data, at + 64)
            left, right, child = struct.unpack_from("<3I", data, at + 68)
            start, size = struct.unpack_from("<I Q", data, at + 116)
            if self.size == 512:
                size &= 0xFFFFFFFF  # 2.6.1: writers of version 3 leave rubbish in the upper half
            name = data[at:at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            entries.append(dict(name=name, kind=kind, left=left, right=right, child=child, start=start, size=size))
        return entries

    def tree(self, n, prefix, seen, depth):
        """Every entry below one storage, through the siblings' tree (2.6.4)."""
        todo = [n]
        while todo:
            n = todo.pop()
            if n >= len(self.entries) or n in seen or depth > 64:
                continue
            seen.add(n)
            e = self.entries[n]
            todo += [e["left"], e["right"]]
            if e["kind"] == STORAGE:
                self.tree(e["child"], prefix + e["name"] + "/", seen, depth + 1)
            elif e["kind"] == STREAM:
                self.paths.setdefault(prefix + e["name"], e)

    def read(self, path):
        for name, e in self.paths.items():  # 2.6.4: names are compared without case
            if name.upper() == path.upper():
                content = self.mini_chain(e["start"]) if e["size"] < self.cutoff else self.chain(e["start"])
                return content[:e["size"]]
        return None


def files_in(data, where="", depth=0):
    """(where, bytes) of the file itself and of every file in the archives and mails it carries."""
    yield where, data
    if depth > DEPTH:
        return
    if data[:4] in (b"PK\3\4", b"PK\5\6"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as z:
                for name in z.namelist():
                    try:
                        member = z.read(name)
                    except (RuntimeError, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError):
                        continue
                    yield from files_in(member, where + name + "!", depth + 1)
        except (zipfile.BadZipFile, ValueError, UnicodeDecodeError, struct.error):
            return
    elif MAIL.search(data[:65536]):
        for part in email.message_from_bytes(data, policy=email.policy.compat32).walk():
            if not part.is_multipart() and part.get_content_maintype() != "text":
                yield from files_in(part.get_payload(decode=True) or b"", where + str(part.get_filename() or "") + "!", depth + 1)
