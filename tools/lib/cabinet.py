# SPDX-License-Identifier: Apache-2.0
"""Writes Microsoft cabinets ([MS-CAB] 2) of one folder, stored (0), MSZIP (1), Quantum (2) or LZX (3, their window in bits
8 to 12, with `frames` packed by quantumwrite.py or lzxwrite.py); other methods are only said."""
import struct
import zlib

BLOCK = 32768


def data_block(data, method, before, reserve):
    if method == 1:
        c = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=before) if before else zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = b'CK' + c.compress(data) + c.flush()
    else:
        packed = data
    return struct.pack('<IHH', 0, len(packed), len(data)) + bytes(reserve) + packed


def cabinet(files, method, reserve=None, following=None, folder_of=None, frames=None):
    """files: (name, bytes, attributes), one behind the other."""
    whole = b''.join(f[1] for f in files)
    per_data = reserve[2] if reserve else 0
    blocks = [data_block(whole[i:i + BLOCK], method, whole[max(0, i - BLOCK):i], per_data) for i in range(0, len(whole), BLOCK)]
    if frames is not None:
        sizes = [min(BLOCK, len(whole) - i) for i in range(0, len(whole), BLOCK)]
        blocks = [struct.pack('<IHH', 0, len(f), n) + bytes(per_data) + f for f, n in zip(frames, sizes)]
    flags = (4 if reserve else 0) | (2 if following else 0)
    more = struct.pack('<HBB', *reserve) + bytes(reserve[0]) if reserve else b''
    more += following.encode() + b'\0disk\0' if following else b''
    per_folder = reserve[1] if reserve else 0
    entries, at = b'', 0
    for n, (name, data, attributes) in enumerate(files):
        raw = name if isinstance(name, bytes) else name.encode()
        entries += struct.pack('<IIHHHH', len(data), at, folder_of[n] if folder_of else 0, 0x5b74, 0, attributes) + raw + b'\0'
        at += len(data)
    files_at = 36 + len(more) + 8 + per_folder
    data_at = files_at + len(entries)
    folder = struct.pack('<IHH', data_at, len(blocks), method) + bytes(per_folder)
    body = b''.join(blocks)
    head = struct.pack('<4sIIIIIBBHHHHH', b'MSCF', 0, data_at + len(body), 0, files_at, 0, 3, 1, 1, len(files), flags, 7, 0)
    return head + more + folder + entries + body
