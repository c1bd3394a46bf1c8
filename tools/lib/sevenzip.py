# SPDX-License-Identifier: Apache-2.0
"""Writes 7z archives byte by byte (7zFormat.txt of the LZMA SDK), deterministically: what 7-Zip itself would
make, and what it never would. A folder is (coders, data, unpacked sizes); see folder()."""
import bz2
import hashlib
import lzma
import struct
import zlib

LZMA_PROPS = struct.pack("<BI", 3 + 9 * (0 + 5 * 2), 1 << 16)
FILTERS = {"lzma": {"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}, "lzma2": {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}}


def number(n):
    for extra in range(8):
        if n < 1 << (7 * (extra + 1)):
            first = (0xff << (8 - extra)) & 0xff | n >> (8 * extra)
            return bytes([first]) + (n & ((1 << (8 * extra)) - 1)).to_bytes(extra, "little")
    return b"\xff" + struct.pack("<Q", n)


def aes_key(password, cycles, salt=b""):
    h, word = hashlib.sha256(), salt + password.encode("utf-16-le")
    for i in range(1 << cycles):
        h.update(word + struct.pack("<Q", i))
    return h.digest()


def _tables():
    box, p, q = [0x63] + [0] * 255, 1, 1
    while True:  # 3 generates the field, 0xf6 is its inverse
        p = p ^ p << 1 & 0xff ^ (0x1b if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q = (q ^ q << 4) & 0xff
        q ^= 0x09 if q & 0x80 else 0
        rotations = [(q << n | q >> 8 - n) & 0xff for n in range(5)]
        box[p] = rotations[0] ^ rotations[1] ^ rotations[2] ^ rotations[3] ^ rotations[4] ^ 0x63
        if p == 1:
            return box


BOX = _tables()


def _schedule(key):
    words, constant = [list(key[i:i + 4]) for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        w = list(words[-1])
        if i % 8 == 0:
            w = [BOX[b] for b in w[1:] + w[:1]]
            w[0] ^= constant
            constant = constant << 1
        elif i % 8 == 4:
            w = [BOX[b] for b in w]
        words.append([a ^ b for a, b in zip(words[-8], w)])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def _double(b):
    return b << 1 & 0xff ^ (0x1b if b & 0x80 else 0)


def _block(keys, state):
    state = [a ^ b for a, b in zip(state, keys[0])]
    for n in range(1, 15):
        state = [BOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if n < 14:
            mixed = []
            for i in range(0, 16, 4):
                c, t = state[i:i + 4], state[i] ^ state[i + 1] ^ state[i + 2] ^ state[i + 3]
                mixed += [c[k] ^ t ^ _double(c[k] ^ c[(k + 1) % 4]) for k in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[n])]
    return bytes(state)


def aes(data, password, cycles, iv):
    """AES-256-CBC (FIPS 197), as slow as it may be."""
    keys, out, before = _schedule(aes_key(password, cycles)), b"", iv
    for i in range(0, len(data), 16):
        before = _block(keys, [a ^ b for a, b in zip(data[i:i + 16].ljust(16, b"\0"), before)])
        out += before
    return out


def coder(method, props=b""):
    """An ordinary coder, one stream in, one out; `method` as bytes of its id."""
    return bytes([len(method) | (0x20 if props else 0)]) + method + (number(len(props)) + props if props else b"")


def packed(method, data):
    """(coder, packed bytes) by one of the names below."""
    if method == "copy":
        return coder(b"\0"), data
    if method in FILTERS:
        return (coder(b"\3\1\1", LZMA_PROPS) if method == "lzma" else coder(b"\x21", b"\x08"),
                lzma.compress(data, format=lzma.FORMAT_RAW, filters=[FILTERS[method]]))
    if method == "deflate":
        c = zlib.compressobj(9, zlib.DEFLATED, -15)
        return coder(b"\4\1\x08"), c.compress(data) + c.flush()
    if method == "bzip2":
        return coder(b"\4\2\2"), bz2.compress(data)
    if method == "x86":  # a filter before LZMA2, in two coders
        return None, lzma.compress(data, format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_X86}, FILTERS["lzma2"]])
    raise ValueError(method)


def folder(data, method="lzma2", password=None, cycles=6, iv=bytes(range(16))):
    """(description, packed bytes, unpacked sizes) of one solid block."""
    one, raw = packed(method, data)
    if method == "x86":
        coders, binds, sizes = [coder(b"\3\3\1\3"), coder(b"\x21", b"\x08")], [(0, 1)], [len(data), len(data)]
    else:
        coders, binds, sizes = [one], [], [len(data)]
    if password is not None:
        binds.append((len(coders) - 1, len(coders)))
        sizes.append(len(raw))
        coders.append(coder(b"\x06\xf1\x07\x01", bytes([cycles | 0x40, 0x0f]) + iv))
        raw = aes(raw, password, cycles, iv)
    text = number(len(coders)) + b"".join(coders) + b"".join(number(i) + number(o) for i, o in binds)
    return text, raw, sizes


def pack_info(at, sizes):
    return b"\6" + number(at) + number(len(sizes)) + b"\x09" + b"".join(map(number, sizes)) + b"\0"


def unpack_info(folders, sums=None):
    out = b"\7\x0b" + number(len(folders)) + b"\0" + b"".join(f[0] for f in folders)
    out += b"\x0c" + b"".join(number(n) for f in folders for n in f[2])
    if sums:
        out += b"\x0a\1" + b"".join(struct.pack("<I", s) for s in sums)
    return out + b"\0"


def sub_info(groups, wrong_sum=0):
    out = b"\x08\x0d" + b"".join(number(len(g)) for g in groups)
    sizes = b"".join(number(len(d)) for g in groups for d in g[:-1])
    out += (b"\x09" + sizes if sizes else b"")
    sums = [zlib.crc32(d) ^ wrong_sum for g in groups for d in g]
    return out + (b"\x0a\1" + b"".join(struct.pack("<I", s) for s in sums) if sums else b"") + b"\0"


def bitmap(flags):
    text = "".join("1" if f else "0" for f in flags)
    return int(text.ljust(-len(text) % 8 + len(text), "0"), 2).to_bytes((len(text) + 7) // 8, "big") if text else b""


def files_info(names, empty=(), attributes=None):
    out = b"\5" + number(len(names))
    if empty:
        bits = bitmap([n in empty for n in names])
        out += b"\x0e" + number(len(bits)) + bits
    text = b"\0" + b"".join(n.encode("utf-16-le", "surrogatepass") + b"\0\0" for n in names)
    out += b"\x11" + number(len(text)) + text
    if attributes:
        bits = b"\1\0" + b"".join(struct.pack("<I", attributes.get(n, 0x20)) for n in names)
        out += b"\x15" + number(len(bits)) + bits
    return out + b"\0"


def around(body, header):
    start = struct.pack("<QQI", len(body), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + body + header


def archive(groups, method="lzma2", password=None, hide_names=False, pack_header=True, empty=(), attributes=None,
            wrong_sum=0, cycles=6):
    """groups: one list of (name, bytes) per solid block; empty: names without content (folders)."""
    folders = [folder(b"".join(d for _, d in g), method, password, cycles) for g in groups]
    body = b"".join(f[1] for f in folders)
    header = b"\1"
    if folders:
        header += b"\4" + pack_info(0, [len(f[1]) for f in folders]) + unpack_info(folders)
        header += sub_info([[d for _, d in g] for g in groups], wrong_sum) + b"\0"
    header += files_info([n for g in groups for n, _ in g] + list(empty), empty, attributes) + b"\0"
    if pack_header or hide_names:
        f = folder(header, "lzma", password if hide_names else None, cycles)
        coded = b"\x17" + pack_info(len(body), [len(f[1])]) + unpack_info([f], [zlib.crc32(header)]) + b"\0"
        body += f[1]
        header = coded
    return around(body, header)
