# SPDX-License-Identifier: Apache-2.0
"""zipcrypt - writes ZIP archives (APPNOTE 6.3.10), plain or under a password.

    zipcrypt.write([zipcrypt.Member('見積書.xlsx', data)], password='P', method='aes256')

method: 'zipcrypto' (6.1), 'aes128', 'aes192', 'aes256' (WinZip AE-2).
Names go out in CP932 without bit 11, as Windows in Japan writes them, unless
`utf8` is set. Salts are taken from the content, so that output is deterministic:
good for test files, worthless as protection.
"""
import hashlib
import hmac
import struct
import zlib

STAMP = (((2026 - 1980) << 9 | 11 << 5 | 20), (10 << 11 | 15 << 5))  # date, time


class Member:
    def __init__(self, name, data, stored=False, utf8=False):
        self.name, self.data, self.stored, self.utf8 = name, data, stored, utf8

    def raw_name(self):
        return self.name.encode('utf-8' if self.utf8 else 'cp932')


def deflate(data, level=9):
    c = zlib.compressobj(level, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


# --- ZipCrypto

_CRC = [0] * 256
for _i in range(256):
    _c = _i
    for _ in range(8):
        _c = _c >> 1 ^ (0xEDB88320 if _c & 1 else 0)
    _CRC[_i] = _c


def zipcrypto(data, password, check, salt):
    k0, k1, k2 = 0x12345678, 0x23456789, 0x34567890

    def update(byte):
        nonlocal k0, k1, k2
        k0 = k0 >> 8 ^ _CRC[(k0 ^ byte) & 0xFF]
        k1 = ((k1 + (k0 & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        k2 = k2 >> 8 ^ _CRC[(k2 ^ k1 >> 24) & 0xFF]

    for byte in password:
        update(byte)
    out = bytearray()
    for byte in salt[:11] + bytes([check]) + data:
        t = (k2 | 2) & 0xFFFF
        out.append(byte ^ ((t * (t ^ 1)) >> 8 & 0xFF))
        update(byte)
    return bytes(out)


# --- AES (FIPS 197), encryption of single blocks only: CTR needs no more

def _sbox():
    box, p, q = [0] * 256, 1, 1
    while True:
        p = p ^ (p << 1 & 0xFF) ^ (0x1B if p & 0x80 else 0)
        for shift in (1, 2, 4):
            q ^= q << shift & 0xFF
        q ^= 0x09 if q & 0x80 else 0
        x = q
        for i in range(1, 5):
            x ^= (q << i | q >> 8 - i) & 0xFF
        box[p] = x ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = _sbox()


def _times2(a):
    return (a << 1 ^ (0x1B if a & 0x80 else 0)) & 0xFF


class Aes:
    def __init__(self, key):
        words = [list(key[i:i + 4]) for i in range(0, len(key), 4)]
        n, self.rounds, rcon = len(words), len(words) + 6, 1
        for i in range(n, 4 * (self.rounds + 1)):
            w = list(words[i - 1])
            if i % n == 0:
                w = [SBOX[b] for b in w[1:] + w[:1]]
                w[0] ^= rcon
                rcon = _times2(rcon)
            elif n > 6 and i % n == 4:
                w = [SBOX[b] for b in w]
            words.append([a ^ b for a, b in zip(words[i - n], w)])
        self.keys = [sum(words[4 * r:4 * r + 4], []) for r in range(self.rounds + 1)]

    def block(self, data):
        s = [a ^ b for a, b in zip(data, self.keys[0])]
        for r in range(1, self.rounds + 1):
            s = [SBOX[s[(i + 4 * (i % 4)) % 16]] for i in range(16)]  # SubBytes, ShiftRows
            if r < self.rounds:
                mixed = []
                for c in range(0, 16, 4):
                    col = s[c:c + 4]
                    every = col[0] ^ col[1] ^ col[2] ^ col[3]
                    mixed += [col[i] ^ every ^ _times2(col[i] ^ col[(i + 1) % 4]) for i in range(4)]
                s = mixed
            s = [a ^ b for a, b in zip(s, self.keys[r])]
        return bytes(s)


def aes_ctr(data, key):
    """CTR as WinZip has it: little-endian counter from 1."""
    aes, out = Aes(key), bytearray()
    for i in range(0, len(data), 16):
        pad = aes.block(struct.pack('<QQ', i // 16 + 1, 0))
        out += bytes(a ^ b for a, b in zip(data[i:i + 16], pad))
    return bytes(out)


def winzip_aes(data, password, bits, salt):
    size = bits // 8
    salt = salt[:size // 2]
    keys = hashlib.pbkdf2_hmac('sha1', password, salt, 1000, 2 * size + 2)
    body = aes_ctr(data, keys[:size])
    seal = hmac.new(keys[size:2 * size], body, hashlib.sha1).digest()[:10]
    return salt + keys[2 * size:] + body + seal


def write(members, password=None, method='zipcrypto', comment=b''):
    if isinstance(password, str):
        password = password.encode('cp932')
    out, directory = bytearray(), bytearray()
    for m in members:
        name, crc = m.raw_name(), zlib.crc32(m.data)
        packed = m.data if m.stored else deflate(m.data)
        how, flags, extra, need = 0 if m.stored else 8, 0x800 if m.utf8 else 0, b'', 20
        salt = hashlib.sha256(name + m.data).digest()
        if password is not None and method == 'zipcrypto':
            flags |= 1
            packed = zipcrypto(packed, password, crc >> 24, salt)
        elif password is not None:
            bits = int(method[3:])
            flags |= 1
            packed = winzip_aes(packed, password, bits, salt)
            extra = struct.pack('<HHH2sBH', 0x9901, 7, 2, b'AE', bits // 64 - 1, how)
            how, need, crc = 99, 51, 0
        common = struct.pack('<HHHHHIIIHH', need, flags, how, STAMP[1], STAMP[0], crc, len(packed),
                             len(m.data), len(name), len(extra))
        directory += (b'PK\1\2' + struct.pack('<H', 0x0A00 | need) + common +
                      struct.pack('<HHHII', 0, 0, 0, 0x20, len(out)) + name + extra)
        out += b'PK\3\4' + common + name + extra + packed
    end = struct.pack('<HHHHIIH', 0, 0, len(members), len(members), len(directory), len(out),
                      len(comment))
    return bytes(out + directory + b'PK\5\6' + end + comment)


def write_padded(path, name, head, zeros):
    """A ZIP whose one member is `head` and `zeros` zero bytes, streamed: the member never is in
    memory. Deflate shrinks zeros about 1030:1."""
    raw = name.encode('cp932')
    block = bytes(1 << 20)
    c, crc, size = zlib.compressobj(9, zlib.DEFLATED, -15), zlib.crc32(head), len(head)
    with open(path, 'wb') as f:
        f.write(bytes(30) + raw)
        packed = f.write(c.compress(head))
        while zeros:
            piece = block[:min(zeros, len(block))]
            zeros -= len(piece)
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            packed += f.write(c.compress(piece))
        packed += f.write(c.flush())
        common = struct.pack('<HHHHHIIIHH', 20, 0, 8, STAMP[1], STAMP[0], crc, packed, size, len(raw), 0)
        at = f.tell()
        f.write(b'PK\1\2' + struct.pack('<H', 0x0A14) + common + struct.pack('<HHHII', 0, 0, 0, 0x20, 0) + raw)
        f.write(b'PK\5\6' + struct.pack('<HHHHIIH', 0, 0, 1, 1, f.tell() - at, at, 0))
        f.seek(0)
        f.write(b'PK\3\4' + common)
