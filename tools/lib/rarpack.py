# SPDX-License-Identifier: Apache-2.0
"""Packs and locks members for the archives of rarwrite.py: LZ77 of RAR 5 and of RAR 3, filters, AES of both (facts as
in libarchive's BSD readers and in www.rarlab.com/technote.htm). Plain and slow; checked with other programs."""
import hashlib
import hmac
import struct
import zlib

from lzcode import Bits, codes, lengths, tokens
from rarwrite import block4, block5, file5, vint
from zipcrypt import Aes

# --- prefix codes as both tell them: each length in a code of lengths, whose own stand in four bits each


def put_tables(out, tables, before=None):
    flat = [v for t in tables for v in t]
    told = [(v - b) % 16 for v, b in zip(flat, before or [0] * len(flat))] if before is not None else flat
    items, i = [], 0
    while i < len(told):
        run = 1
        while i + run < len(told) and flat[i + run] == flat[i] == 0 and run < 138:
            run += 1
        if flat[i] == 0 and run >= 3:
            items.append((18, run - 3, 3) if run < 11 else (19, run - 11, 7))
            i += run
        else:
            items.append((told[i], 0, 0))
            i += 1
    small = lengths([item[0] for item in items], 20)
    for v in small:
        out.put(v, 4)
        if v == 15:
            out.put(0, 4)
    code = codes(small)
    for symbol, extra, width in items:
        out.put(*code[symbol])
        out.put(extra, width)


# --- RAR 5


def slot_of(v, per):
    """v in slots of `per` halvings: (slot, value of its extra bits, their number)."""
    if v < 2 * per:
        return v, 0, 0
    bits = v.bit_length() - per.bit_length()
    return per * (bits + 1) + (v >> bits) - per, v & (1 << bits) - 1, bits


def symbols5(token):
    """What one token needs: main symbol, extra bits of the length, distance symbol, its bits, low symbol."""
    if isinstance(token, int):
        return (token,)
    distance, length = token
    length -= (distance > 0x100) + (distance > 0x2000) + (distance > 0x40000)
    slot, extra, width = slot_of(length - 2, 4)
    far, far_extra, far_width = slot_of(distance - 1, 2)
    return (262 + slot, extra, width, far, far_extra, far_width)


def filter_number(out, v):
    data = v.to_bytes(max(1, (v.bit_length() + 7) // 8), 'little')
    out.put(len(data) - 1, 2)
    for byte in data:
        out.put(byte, 8)


def pack5(data, before=b'', filters=(), block=3000, repeat=True):
    """`filters`: (kind, start, length, channels), the data being changed already."""
    parts, at = [], len(before)
    for t in tokens(before + data, 1 << 20, 3, 200, len(before)) if repeat else list(data):
        n = 1 if isinstance(t, int) else t[1]
        parts += [symbols5(t)] if n >= 6 or n == 1 else [(b,) for b in (before + data)[at:at + n]]
        at += n
    return pack5_blocks(parts, filters, block)


def pack5_blocks(parts, filters, block):
    out = b''
    groups = [parts[i:i + block] for i in range(0, len(parts), block)] or [[]]
    for n, group in enumerate(groups):
        bits = Bits()
        now = filters if n == 0 else ()
        main = lengths([p[0] for p in group] + [256] * len(now), 306)
        far = lengths([p[3] for p in group if len(p) > 1], 64)
        low = lengths([p[4] & 15 for p in group if len(p) > 1 and p[5] >= 4], 16)
        put_tables(bits, [main, far, low, lengths([], 44)])
        code, place, lows = codes(main), codes(far), codes(low)
        for kind, start, length, channels in now:
            bits.put(*code[256])
            filter_number(bits, start)
            filter_number(bits, length)
            bits.put(kind, 3)
            if kind == 0:
                bits.put(channels - 1, 5)
        for p in group:
            bits.put(*code[p[0]])
            if len(p) == 1:
                continue
            bits.put(p[1], p[2])
            bits.put(*place[p[3]])
            if p[5] < 4:
                bits.put(p[4], p[5])
            else:
                bits.put(p[4] >> 4, p[5] - 4)
                bits.put(*lows[p[4] & 15])
        count = len(bits)
        body = bits.bytes()
        size = len(body).to_bytes(max(1, (len(body).bit_length() + 7) // 8), 'little')
        flags = 0x80 | (0x40 if n == len(groups) - 1 else 0) | len(size) - 1 << 3 | (count - 1) % 8
        total = 0x5a ^ flags
        for byte in size:
            total ^= byte
        out += bytes([flags, total]) + size + body
    return out


def delta(data, channels):
    out = bytearray()
    for c in range(channels):
        before = 0
        for v in data[c::channels]:
            out.append(before - v & 255)
            before = v
    return bytes(out)


def calls(data, at=0):
    """Relative targets of E8 made absolute."""
    out, i = bytearray(data), 0
    while i + 4 < len(out):
        if out[i] == 0xe8:
            target, here = struct.unpack_from('<i', out, i + 1)[0], (at + i + 1) % (1 << 24)
            if -here <= target < (1 << 24) - here:
                struct.pack_into('<I', out, i + 1, target + here & 0xffffffff)
            elif (1 << 24) - here <= target < 1 << 24:
                struct.pack_into('<I', out, i + 1, target - (1 << 24) & 0xffffffff)
            i += 4
        i += 1
    return bytes(out)


# --- RAR 3

LENGTHS3 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224]
LENGTH_BITS3 = [0 if s < 8 else s // 4 - 1 for s in range(28)]


def distance3(distance):
    v = distance - 1
    if v < 4:
        return v, 0, 0
    bits = v.bit_length() - 2
    if bits < 16:
        return 2 * bits + 2 + (v >> bits & 1), v & (1 << bits) - 1, bits
    return 34 + (v >> 16) - 2, v & 0xffff, 16


def symbols3(token):
    if isinstance(token, int):
        return (token,)
    distance, length = token
    length -= 3 + (distance >= 0x2000) + (distance >= 0x40000)
    slot = max(s for s in range(28) if LENGTHS3[s] <= length)
    return (271 + slot, length - LENGTHS3[slot], LENGTH_BITS3[slot]) + distance3(distance)


def number3(bits, v):
    if v < 16:
        bits.put(v, 6)
    elif v < 256:
        bits.put(1 << 8 | v, 10)
    elif v < 65536:
        bits.put(2, 2)
        bits.put(v, 16)
    else:
        bits.put(3, 2)
        bits.put(v, 32)


def program3(out, code, start, length, registers=()):
    """Symbol 257's text: a new program over a run of the output."""
    b = Bits()
    number3(b, 0)
    number3(b, start)
    number3(b, length)
    if registers:
        b.put(sum(64 >> (6 - i) for i, _ in registers), 7)
        for _, v in registers:
            number3(b, v)
    number3(b, len(code))
    for byte in code:
        b.put(byte, 8)
    text = b.bytes()
    flags = 0x80 | 0x20 | (0x10 if registers else 0)
    if len(text) <= 6:
        out.put(flags | len(text) - 1, 8)
    elif len(text) < 263:
        out.put(flags | 6, 8)
        out.put(len(text) - 7, 8)
    else:
        out.put(flags | 7, 8)
        out.put(len(text), 16)
    for byte in text:
        out.put(byte, 8)


def pack3(data, before=b'', programs=()):
    found = tokens(before + data, 1 << 20, 3, 250, len(before))
    parts, at = [], len(before)
    for t in found:
        if not isinstance(t, int) and t[1] < 6:
            parts += [(b,) for b in (before + data)[at:at + t[1]]]
        else:
            parts.append(symbols3(t))
        at += 1 if isinstance(t, int) else t[1]
    bits = Bits()
    bits.put(0, 2)
    main = lengths([p[0] for p in parts] + [256] + [257] * len(programs), 299)
    far = lengths([p[3] for p in parts if len(p) > 1], 60)
    low = lengths([p[4] & 15 for p in parts if len(p) > 1 and p[3] > 9], 17)
    put_tables(bits, [main, far, low, lengths([], 28)])
    code, place, lows = codes(main), codes(far), codes(low)
    for one in programs:
        bits.put(*code[257])
        program3(bits, *one)
    for p in parts:
        bits.put(*code[p[0]])
        if len(p) == 1:
            continue
        bits.put(p[1], p[2])
        bits.put(*place[p[3]])
        if p[3] <= 9:
            bits.put(p[4], p[5])
        else:
            bits.put(p[4] >> 4, p[5] - 4)
            bits.put(*lows[p[4] & 15])
    bits.put(*code[256])
    bits.put(1, 2)
    return bits.bytes()


# --- locks


def cbc(data, key, iv):
    cipher, out = Aes(key), b''
    data += bytes(-len(data) % 16)
    for i in range(0, len(data), 16):
        iv = cipher.block(bytes(a ^ b for a, b in zip(data[i:i + 16], iv)))
        out += iv
    return out


def keys5(password, salt, rounds):
    """The key and the check value: U is summed at 2^rounds and at 32 rounds more."""
    key = hashlib.pbkdf2_hmac('sha256', password.encode(), salt, 1 << rounds)
    more = hashlib.pbkdf2_hmac('sha256', password.encode(), salt, (1 << rounds) + 32)
    check = bytes(more[i] ^ more[i + 8] ^ more[i + 16] ^ more[i + 24] for i in range(8))
    return key, check + hashlib.sha256(check).digest()[:4]


def mac_key5(password, salt, rounds):
    return hashlib.pbkdf2_hmac('sha256', password.encode(), salt, (1 << rounds) + 16)


def tweaked(crc, password, salt, rounds):
    mac = hmac.new(mac_key5(password, salt, rounds), struct.pack('<I', crc), hashlib.sha256).digest()
    v = 0
    for i, byte in enumerate(mac):
        v ^= byte << i % 4 * 8
    return v


def record(kind, data):
    body = vint(kind) + data
    return vint(len(body)) + body


def lock5(password, salt=bytes(range(16)), iv=bytes(range(16, 32)), rounds=4, check=True, tweak=False):
    """The record of a member's encryption."""
    flags = (1 if check else 0) | (2 if tweak else 0)
    return record(1, vint(0) + vint(flags) + bytes([rounds]) + salt + iv + (keys5(password, salt, rounds)[1] if check else b''))


def locked5(name, data, password, packed=None, method=3, rounds=4, check=True, info=0, tweak=False):
    """A locked member; `packed`: its packed bytes, else it is stored."""
    salt, iv = bytes(range(16)), bytes(range(16, 32))
    body = cbc(data if packed is None else packed, keys5(password, salt, rounds)[0], iv)
    crc = tweaked(zlib.crc32(data), password, salt, rounds) if tweak else None
    return file5(name, data, 0 if packed is None else method, extra=lock5(password, salt, iv, rounds, check, tweak), packed=body, info=info,
                 crc=crc)


def headers5(password, blocks, rounds=4, check=True):
    """Everything behind the signature, its headers locked. blocks: (header, data)."""
    salt, iv = bytes(range(40, 56)), bytes(range(60, 76))
    key, value = keys5(password, salt, rounds)
    out = block5(4, vint(0) + vint(1 if check else 0) + bytes([rounds]) + salt + (value if check else b''))
    for head, data in blocks:
        out += iv + cbc(head, key, iv) + data
    return b'Rar!\x1a\x07\1\0' + out


def keys4(password, salt):
    raw, h, iv = password.encode('utf-16-le') + salt, hashlib.sha1(), b''
    for i in range(1 << 18):
        h.update(raw + struct.pack('<I', i)[:3])
        if i % (1 << 14) == 0:
            iv += h.digest()[19:20]
    digest = h.digest()
    return b''.join(digest[i:i + 4][::-1] for i in range(0, 16, 4)), iv


def locked4(name, data, password, packed=None, salt=b'saltsalt'):
    from rarwrite import file4
    body = cbc(data if packed is None else packed, *keys4(password, salt))
    return file4(name, data, 0x30 if packed is None else 0x33, 0x404, salt=salt, packed=body)


def headers4(password, blocks, salt=b'headsalt'):
    out = b'Rar!\x1a\x07\0' + block4(0x73, bytes(6), 0x80)
    for head, data in blocks:
        out += salt + cbc(head, *keys4(password, salt)) + data
    return out
