# SPDX-License-Identifier: Apache-2.0
"""padding - documents made huge as senders make them, to pass by what reads small files only.

    for case in padding.cases(waves, size):
        case.name, case.pieces, case.twin      # "js, comment lines before", [...], bytes

A piece is bytes, or (unit, n): a unit that is repeated as often as n bytes hold it. Nothing is ever
whole in memory: write_file() leaves holes for zeros, write_zip() deflates one block and repeats it.
Zeros behind the document are what Emotet sent in 2023 (Word, Excel, OneNote), and what disk images
and shortcuts get; comment lines and blanks are how scripts grow, and lines may all differ. Taken are the inert samples that
tools/make-waves has written to `waves`.
"""
import email
import email.policy
import hashlib
import io
import os
import struct
import zipfile
import zlib

BLOCK = 1 << 20
DIFFER_MOST = 24 << 20  # what nothing repeats has to be held by who reads it
STAMP = (0x5B76, 0x4800)  # 2025-11-22 09:00
ZERO = b"\0"


class Case:
    def __init__(self, name, twin, pieces):
        self.name, self.twin, self.pieces = name, twin, pieces
        self.extension = name.split(",")[0]


def attachment(path):
    with open(path, "rb") as f:
        message = email.message_from_binary_file(f, policy=email.policy.compat32)
    return next(p.get_payload(decode=True) for p in message.walk() if p.get_filename())


def blocks(pieces):
    """(block, how often, rest) for each piece."""
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece, 1, b""
        else:
            unit, n = piece
            block = unit * (BLOCK // len(unit))
            yield block, n // len(block), block[:n % len(block) // len(unit) * len(unit)]


def write_file(path, pieces):
    with open(path, "wb") as f:
        for piece in pieces:
            if not isinstance(piece, bytes) and piece[0] == ZERO:
                f.seek(piece[1], os.SEEK_CUR)
            else:
                for block, n, rest in blocks([piece]):
                    for _ in range(n):
                        f.write(block)
                    f.write(rest)
        f.truncate(f.tell())


def deflated(pieces):
    """Deflate data, CRC and size. Each piece begins without history, so a block may be repeated."""
    out, crc, size = bytearray(), 0, 0
    for block, n, rest in blocks(pieces):
        c = zlib.compressobj(6, zlib.DEFLATED, -15)
        out += (c.compress(block) + c.flush(zlib.Z_FULL_FLUSH)) * n
        for _ in range(n):
            crc = zlib.crc32(block, crc)
        c = zlib.compressobj(6, zlib.DEFLATED, -15)
        out += c.compress(rest) + c.flush(zlib.Z_FULL_FLUSH)
        crc, size = zlib.crc32(rest, crc), size + n * len(block) + len(rest)
    return bytes(out) + b"\3\0", crc, size


def zip_of(members):
    """A ZIP of (name, pieces)."""
    out, directory = bytearray(), b""
    for name, pieces in members:
        packed, crc, size = deflated(pieces)
        raw = name.encode("cp932")
        common = struct.pack("<HHHHHIIIHH", 20, 0, 8, STAMP[1], STAMP[0], crc, len(packed), size, len(raw), 0)
        directory += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0x20, len(out)) + raw
        out += b"PK\3\4" + common + raw + packed
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(out), 0)
    return bytes(out + directory + b"PK\5\6" + end)


def _package(data, size):
    """A document whose package has a part that is padding."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        members = [(i.filename, [z.read(i)]) for i in z.infolist()]
    return [zip_of(members + [("word/media/image9.bmp", [b"BM", (ZERO, size)])])]


LINES = b"// The quick brown fox jumps over the lazy dog, 0123456789 times and more.\r\n"
REM = b"' The quick brown fox jumps over the lazy dog, 0123456789 times and more.\r\n"


def differing(mark, size):
    """Comment lines of which no two are alike."""
    line = b"%s line %d of a harmless comment, %s\r\n"
    n = min(size, DIFFER_MOST) // 90
    return b"".join(line % (mark, i, hashlib.sha256(b"%d" % i).hexdigest()[:48].encode()) for i in range(n))


def cases(waves, size):
    def take(name):
        path = os.path.join(waves, name)
        if name.endswith(".eml"):
            return attachment(path)
        with open(path, "rb") as f:
            return f.read()

    def middle(data, mark):
        at = data.index(mark)
        return data[:at], data[at:]

    whole = {"doc": "hostile-macro-family-a.doc", "xls": "hostile-xlm-exec.xls", "one": "hostile-onenote-script.one",
             "lnk": "hostile-lnk-curl-regsvr32.lnk", "iso": "hostile-shortcut-in-image.eml", "js": "hostile-script-fetch-run.js",
             "vbs": "hostile-script-spreads.vbs", "html": "hostile-html-smuggling.eml", "rtf": "hostile-rtf-package-script.rtf",
             "pdf": "hostile-pdf-launch.pdf", "docm": "hostile-doc-lure-picture-macro.docm", "exe": "hostile-program-attached.eml"}
    data = {kind: take(name) for kind, name in whole.items()}
    for kind, d in data.items():
        yield Case(f"{kind}, zeros behind", d, [d, (ZERO, size)])
    for kind in ("js", "vbs", "html", "rtf", "pdf"):
        yield Case(f"{kind}, blanks behind", data[kind], [data[kind], (b" ", size)])
    js, vbs, html, rtf, pdf = (data[k] for k in ("js", "vbs", "html", "rtf", "pdf"))
    for kind, d, unit in (("js", js, LINES), ("vbs", vbs, REM)):
        yield Case(f"{kind}, comment lines before", d, [(unit, size), d])
        head, tail = middle(d, b"\n") if b"\n" in d else (b"", d)
        yield Case(f"{kind}, comment lines within", d, [head, b"\r\n", (unit, size), tail])
        yield Case(f"{kind}, empty lines before", d, [(b"\r\n", size), d])
    for kind, d, mark in (("js", js, b"//"), ("vbs", vbs, b"'")):
        yield Case(f"{kind}, differing comment lines before", d, [differing(mark, size), d])
        head, tail = middle(d, b"\n") if b"\n" in d else (b"", d)
        yield Case(f"{kind}, differing comment lines within", d, [head, b"\r\n", differing(mark, size), tail])
        yield Case(f"{kind}, differing comment lines behind", d, [d, b"\r\n", differing(mark, size)])
    yield Case("js, a comment that never repeats", js, [b"/*", differing(b"", size), b"*/", js])
    yield Case("js, a comment of blanks", js, [b"/*", (b" ", size), b"*/", js])
    head, tail = middle(html, b"<script")
    yield Case("html, a comment of blanks", html, [head, b"<!--", (b" ", size), b"-->", tail])
    yield Case("html, blanks within", html, [head, (b" ", size), tail])
    head, tail = middle(rtf, b"{\\object")
    yield Case("rtf, line ends within", rtf, [head, (b"\r\n", size), tail])
    yield Case("rtf, zeros within", rtf, [head, (ZERO, size), tail])
    head, tail = middle(pdf, b"1 0 obj")
    yield Case("pdf, blanks within", pdf, [head, (b" ", size), tail])
    yield Case("pdf, zeros within", pdf, [head, (ZERO, size), tail])
    yield Case("docm, a part of zeros", data["docm"], _package(data["docm"], size))
