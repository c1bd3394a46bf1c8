# SPDX-License-Identifier: Apache-2.0
"""Writes archives in the shapes of RAR 4 and RAR 5 (unrar's technote.txt; www.rarlab.com/technote.htm); members are
stored, or given as they were packed (rarpack.py)."""
import struct
import zlib


def vint(n):
    out = b''
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def block5(kind, fields, data=None, extra=b'', flags=0, data_size=None):
    size = data_size if data_size is not None else len(data) if data is not None else None
    flags |= (1 if extra else 0) | (2 if size is not None else 0)
    head = vint(kind) + vint(flags) + (vint(len(extra)) if extra else b'') + (vint(size) if size is not None else b'') + fields + extra
    head = vint(len(head)) + head
    return struct.pack('<I', zlib.crc32(head)) + head + (data or b'')


def file5(name, data, method=0, attributes=0x20, folder=False, extra=b'', kind=2, more=0, packed=None, info=0, size=None, crc=None, flags=4):
    """`info`: bits of the compression information beside the method; `size`, `crc`: what is told instead."""
    fields = vint(flags | (1 if folder else 0)) + vint(len(data) if size is None else size) + vint(attributes)
    fields += struct.pack('<I', zlib.crc32(data) if crc is None else crc)
    fields += vint(method << 7 | info) + vint(0) + vint(len(name)) + name
    return block5(kind, fields, data if packed is None else packed, extra, more)


def rar5(*blocks, main=0, first=b''):
    return b'Rar!\x1a\x07\1\0' + first + block5(1, vint(main)) + b''.join(blocks) + block5(5, vint(0))


def block4(kind, fields, flags=0, data=b''):
    head = struct.pack('<BHH', kind, flags, 7 + len(fields)) + fields
    return struct.pack('<H', zlib.crc32(head) & 0xffff) + head + data


def file4(name, data, method=0x30, flags=0, attributes=0x20, packed=None, salt=b'', version=29, size=None, crc=None, told=None):
    body = data if packed is None else packed
    fields = struct.pack('<IIBIIBBHI', len(body) if told is None else told, len(data) if size is None else size, 2,
                         zlib.crc32(data) if crc is None else crc, 0x5b740000, version, method, len(name), attributes)
    return block4(0x74, fields + name + salt, flags | 0x8000, body)


def rar4(*blocks, main=0):
    return b'Rar!\x1a\x07\0' + block4(0x73, bytes(6), main) + b''.join(blocks) + block4(0x7b, b'', 0x4000)
