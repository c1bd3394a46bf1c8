# SPDX-License-Identifier: Apache-2.0
"""Writes images of ISO 9660 (ECMA-119) and Joliet in as few sectors as a reader needs."""
import struct

SECTOR = 2048


def both(n):
    return struct.pack('<I', n) + struct.pack('>I', n)


def record(name, at, size, flags=0):
    fixed = 33 + len(name)
    length = fixed + fixed % 2
    return (bytes([length, 0]) + both(at) + both(size) + bytes(7) + bytes([flags, 0, 0]) + struct.pack('<H', 1) +
            struct.pack('>H', 1) + bytes([len(name)]) + name).ljust(length, b'\0')


def folder(at, parent, records):
    return (record(b'\0', at, SECTOR, 2) + record(b'\1', parent, SECTOR, 2) + b''.join(records)).ljust(SECTOR, b'\0')


def descriptor(kind, root, label=b'SAMPLE', escape=b''):
    d = bytearray(SECTOR)
    d[0:7] = bytes([kind]) + b'CD001\1'
    d[80:88] = both(40)
    d[120:132] = (struct.pack('<H', 1) + struct.pack('>H', 1)) * 2 + struct.pack('<H', SECTOR) + struct.pack('>H', SECTOR)
    d[881] = 1
    d[40:72] = label.ljust(32, b' ')[:32]
    d[88:88 + len(escape)] = escape
    d[156:190] = record(b'\0', root, SECTOR, 2)
    return bytes(d)


END = b'\xffCD001\1'


def wide(name):
    return name.encode('utf-16-be')


def image(sectors, tail=b''):
    """{number: bytes}"""
    out = bytearray(SECTOR * (max(sectors) + 1))
    for n, data in sectors.items():
        out[n * SECTOR:n * SECTOR + len(data)] = data
    return bytes(out) + tail


def disk(files):
    """(name, bytes, hidden) in one folder, as Joliet names them; the primary tree lists the same."""
    at, sectors, short, shown = 24, {}, [], []
    for n, (name, data, hidden) in enumerate(files):
        sectors[at] = data
        short.append(record(b'FILE%d.DAT;1' % n, at, len(data), int(hidden)))
        shown.append(record(wide(name), at, len(data), int(hidden)))
        at += max(1, -(-len(data) // SECTOR))
    return image({16: descriptor(1, 20), 17: descriptor(2, 21, wide('Sample'), b'%/E'), 18: END, 20: folder(20, 20, short),
                  21: folder(21, 21, shown), **sectors}, bytes(-len(data) % SECTOR))
