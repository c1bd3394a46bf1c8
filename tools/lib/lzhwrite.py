# SPDX-License-Identifier: Apache-2.0
"""Writes archives of LHA: headers of levels 0 to 3 (header.doc.txt of LHa for UNIX), members stored, -lh4- to -lh7-
(ar002) and -lzs-, -lz5-."""
import struct

from lzcode import Bits, codes, lengths, tokens

DICTIONARY = {b'-lh4-': 12, b'-lh5-': 13, b'-lh6-': 15, b'-lh7-': 16, b'-lhx-': 20}


def crc16(data):
    v = 0
    for byte in data:
        v ^= byte
        for _ in range(8):
            v = v >> 1 ^ (0xa001 if v & 1 else 0)
    return v


def put_lengths(bits, length, width, special):
    """The small codes: three bits each, longer ones in unary."""
    n = max((i + 1 for i, v in enumerate(length) if v), default=0)
    bits.put(n, width)
    i = 0
    while i < n:
        v = length[i]
        bits.put(min(v, 7), 3)
        for k in range(7, v + 1):
            bits.put(1 if k < v else 0, 1)
        i += 1
        if i == special:
            zeros = 0
            while zeros < 3 and i < n and length[i] == 0:
                zeros, i = zeros + 1, i + 1
            bits.put(zeros, 2)


def slot(distance):
    return (distance - 1).bit_length()


def symbol(token):
    return token if isinstance(token, int) else token[1] + 253


def pack(data, method):
    out, width = Bits(), DICTIONARY[method]
    all_tokens = tokens(data, 1 << width)
    for at in range(0, len(all_tokens), 30000):
        block = all_tokens[at:at + 30000]
        length = lengths([symbol(t) for t in block], 510, 16)
        n = max(i + 1 for i, v in enumerate(length) if v)
        coded = [v + 2 if v else 0 for v in length[:n]]
        small, far = lengths(coded, 19, 16), lengths([slot(t[0]) for t in block if not isinstance(t, int)], width + 1, 16)
        out.put(len(block), 16)
        put_lengths(out, small, 5, 3)
        out.put(n, 9)
        code = codes(small)
        for v in coded:
            out.put(*code[v])
        put_lengths(out, far, 5 if width > 13 else 4, 99)
        code, place = codes(length), codes(far)
        for t in block:
            out.put(*code[symbol(t)])
            if not isinstance(t, int):
                s = slot(t[0])
                out.put(*place[s])
                if s > 1:
                    out.put(t[0] - 1 - (1 << s - 1), s - 1)
    return out.bytes()


def pack_lzs(data):
    bits = Bits()
    place = 2048 - 17
    for t in tokens(data, 2000, 3, 17):
        bits.put(1 if isinstance(t, int) else 0, 1)
        if isinstance(t, int):
            bits.put(t, 8)
            place += 1
        else:
            bits.put((place - t[0]) % 2048, 11)
            bits.put(t[1] - 2, 4)
            place += t[1]
    return bits.bytes()


def pack_lz5(data):
    out, place, group = b'', 4096 - 18, tokens(data, 4000, 3, 18)
    for at in range(0, len(group), 8):
        flags, body = 0, b''
        for i, t in enumerate(group[at:at + 8]):
            if isinstance(t, int):
                flags |= 1 << i
                body += bytes([t])
                place += 1
            else:
                where = (place - t[0]) % 4096
                body += bytes([where & 255, where >> 8 << 4 | t[1] - 3])
                place += t[1]
        out += bytes([flags]) + body
    return out


def packed_by(data, method):
    if method in DICTIONARY:
        return pack(data, method)
    return {b'-lzs-': pack_lzs, b'-lz5-': pack_lz5}.get(method, lambda d: d)(data)


def member(name, data, method=b'-lh5-', level=1, attributes=0x20, extended=(), packed=None, size=None, told=None, crc=None):
    """`packed`: the bytes; `told`: how many are said to be there."""
    raw = packed_by(data, method) if packed is None else packed
    size, told, crc = len(data) if size is None else size, len(raw) if told is None else told, crc16(data) if crc is None else crc
    wide = level == 3
    chain, step = b'', 4 if wide else 2
    ext = list(extended) + ([(1, name)] if level >= 2 else [])
    sizes = [len(d) + 1 + step for _, d in ext] + [0]
    for (kind, d), following in zip(ext, sizes[1:]):
        chain += bytes([kind]) + d + following.to_bytes(step, 'little')
    fixed = method + struct.pack('<III', told + (len(chain) if level == 1 else 0), size, 0x5b740000)
    if level < 2:
        fixed += bytes([attributes, level, len(name)]) + name + struct.pack('<H', crc)
        if level == 1:
            fixed += b'M' + struct.pack('<H', sizes[0])
        return bytes([len(fixed), sum(fixed) & 255]) + fixed + chain + raw
    fixed += bytes([0x20, level]) + struct.pack('<HB', crc, ord('M'))
    if level == 2:
        total = 2 + len(fixed) + 2 + len(chain)
        return struct.pack('<H', total) + fixed + struct.pack('<H', sizes[0]) + chain + raw
    total = 2 + len(fixed) + 8 + len(chain)
    return struct.pack('<H', 4) + fixed + struct.pack('<II', total, sizes[0]) + chain + raw


def archive(*members):
    return b''.join(members) + b'\0'
