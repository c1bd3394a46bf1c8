# SPDX-License-Identifier: Apache-2.0
"""Packs folders of cabinets in LZX ([MS-PATCH] 2): verbatim, aligned and plain blocks, calls made absolute. Plain and
slow; checked with cabextract."""
import struct

from lzcode import Bits, codes, lengths, tokens

FRAME = 32768
VERBATIM, ALIGNED, PLAIN = 1, 2, 3


def slot_of(formatted):
    """Slot, value of the extra bits, their number, for a distance plus two."""
    if formatted < 4:
        return formatted, 0, 0
    if formatted >= 1 << 18:
        return 34 + (formatted >> 17), formatted & (1 << 17) - 1, 17
    extra = formatted.bit_length() - 2
    return 2 * extra + 2 + (formatted >> extra & 1), formatted & (1 << extra) - 1, extra


def put_lengths(out, now, before):
    items, i = [], 0
    while i < len(now):
        run = 1
        while i + run < len(now) and now[i + run] == now[i]:
            run += 1
        if now[i] == 0 and run >= 20:
            run = min(run, 51)
            items.append((18, run - 20, 5, None))
        elif now[i] == 0 and run >= 4:
            run = min(run, 19)
            items.append((17, run - 4, 4, None))
        elif run >= 4:
            run = min(run, 5)
            items.append((19, run - 4, 1, (before[i] - now[i]) % 17))
        else:
            run = 1
            items.append(((before[i] - now[i]) % 17, 0, 0, None))
        i += run
    small = lengths([item[0] for item in items] + [item[3] for item in items if item[3] is not None], 20)
    for v in small:
        out.put(v, 4)
    code = codes(small)
    for symbol, extra, width, then in items:
        out.put(*code[symbol])
        out.put(extra, width)
        if then is not None:
            out.put(*code[then])


def calls(data, size):
    """E8 targets made absolute, frame by frame ([MS-PATCH] 2.3.1.1)."""
    out = bytearray(data)
    for at in range(0, len(out), FRAME):
        end = min(at + FRAME, len(out))
        i = at
        while i < end - 10:
            if out[i] == 0xe8:
                target = struct.unpack_from('<i', out, i + 1)[0]
                if -i <= target < size - i:
                    struct.pack_into('<i', out, i + 1, target + i)
                elif size - i <= target < size:
                    struct.pack_into('<i', out, i + 1, target - size)
                i += 4
            i += 1
    return bytes(out)


def words(bits):
    data = bits.bytes()
    data += bytes(len(data) % 2)
    return b''.join(data[i:i + 2][::-1] for i in range(0, len(data), 2))


def pack(data, window=15, kinds=(VERBATIM,), size=0):
    """One packed block for each frame: a block of LZX each, of the kinds in turn. `size`: of the file, for calls."""
    slots = {15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50}[window]
    data = calls(data, size) if size else data
    main_before, length_before = [0] * (256 + 8 * slots), [0] * 249
    frames, bits = [], Bits()
    bits.put(1 if size else 0, 1)
    if size:
        bits.put(size, 32)
    for n, at in enumerate(range(0, len(data), FRAME)):
        piece, kind = data[at:at + FRAME], kinds[n % len(kinds)]
        bits.put(kind, 3)
        bits.put(len(piece), 24)
        if kind == PLAIN:
            bits.put(0, 16 - len(bits) % 16)
            body = words(bits) + struct.pack('<III', 1, 1, 1) + piece + bytes(len(piece) % 2)
        else:
            put_block(bits, data, at, piece, kind, window, main_before, length_before)
            bits.put(0, -len(bits) % 16)
            body = words(bits)
        frames.append(body)
        bits = Bits()
    return frames


def put_block(bits, data, at, piece, kind, window, main_before, length_before):
    parts = []
    for t in tokens(data[:at + len(piece)], (1 << window) - 3, 3, 257, at):
        if isinstance(t, int):
            parts.append((t,))
        else:
            slot, extra, width = slot_of(t[0] + 2)
            parts.append((256 + slot * 8 + min(t[1] - 2, 7), t[1] - 9, extra, width))
    main = lengths([p[0] for p in parts], len(main_before), 16)
    long = lengths([p[1] for p in parts if len(p) > 1 and p[1] >= 0], 249, 16)
    aligned = [3] * 8
    if kind == ALIGNED:
        for v in aligned:
            bits.put(v, 3)
    put_lengths(bits, main[:256], main_before[:256])
    put_lengths(bits, main[256:], main_before[256:])
    put_lengths(bits, long, length_before)
    main_before[:], length_before[:] = main, long
    code, longs, low = codes(main), codes(long), codes(aligned)
    for p in parts:
        bits.put(*code[p[0]])
        if len(p) == 1:
            continue
        if p[1] >= 0:
            bits.put(*longs[p[1]])
        if kind == ALIGNED and p[3] >= 3:
            bits.put(p[2] >> 3, p[3] - 3)
            bits.put(*low[p[2] & 7])
        else:
            bits.put(p[2], p[3])
