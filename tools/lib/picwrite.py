# SPDX-License-Identifier: Apache-2.0
"""picwrite - draws plain pictures and writes them as PNG, JPEG, GIF, BMP and metafiles, by hand, deterministically.

The JPEG has the mean of each block only: what a picture looks like from far away.
"""
import struct
import zlib

# Columns of a 5 by 7 font, the lowest bit on top.
FONT = {
    'A': '7e1111117e', 'B': '7f49494936', 'C': '3e41414122', 'D': '7f4141221c', 'E': '7f49494941', 'F': '7f09090901', 'G': '3e4149497a',
    'H': '7f0808087f', 'I': '00417f4100', 'J': '2040413f01', 'K': '7f08142241', 'L': '7f40404040', 'M': '7f020c027f', 'N': '7f0408107f',
    'O': '3e4141413e', 'P': '7f09090906', 'Q': '3e4151215e', 'R': '7f09192946', 'S': '4649494931', 'T': '01017f0101', 'U': '3f4040403f',
    'V': '1f2040201f', 'W': '3f4038403f', 'X': '6314081463', 'Y': '0708700807', 'Z': '6151494543',
}


class Picture:
    def __init__(self, width, height, paper=(255, 255, 255)):
        self.width, self.height = width, height
        self.rows = [[paper] * width for _ in range(height)]

    def box(self, x, y, width, height, colour):
        for row in self.rows[max(y, 0):y + height]:
            for i in range(max(x, 0), min(x + width, self.width)):
                row[i] = colour
        return self

    def text(self, x, y, words, size=2, colour=(0, 0, 0)):
        for letter in words.upper():
            for column, bits in enumerate(bytes.fromhex(FONT.get(letter, '0000000000'))):
                for row in range(7):
                    if bits >> row & 1:
                        self.box(x + column * size, y + row * size, size, size, colour)
            x += 6 * size
        return self

    def glyphs(self, x, y, n, size=14, colour=(0, 0, 0)):
        """As dense as Japanese text: strokes in a square each."""
        for i in range(n):
            for k in range(0, size - 3, 4):
                self.box(x, y + k, size - 3, 2, colour)
            self.box(x + (i * 5) % (size - 4), y, 2, size - 2, colour)
            x += size
        return self

    def pixel(self, x, y):
        return self.rows[y][x]


def _chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def _grey(c):
    return (299 * c[0] + 587 * c[1] + 114 * c[2]) // 1000


def _pack(values, depth):
    """Samples of 1, 2, 4, 8 or 16 bits in a line."""
    if depth == 16:
        return b''.join(struct.pack('>H', v * 257) for v in values)
    if depth == 8:
        return bytes(values)
    out, each = bytearray(), 8 // depth
    for i in range(0, len(values), each):
        byte = 0
        for k in range(each):
            byte = byte << depth | (values[i + k] if i + k < len(values) else 0)
        out.append(byte)
    return bytes(out)


def _filtered(kind, line, before, step):
    out = bytearray([kind])
    for i, v in enumerate(line):
        a = line[i - step] if i >= step else 0
        b = before[i] if before else 0
        c = before[i - step] if before and i >= step else 0
        p = a + b - c
        paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        out.append((v - (0, a, b, (a + b) // 2, paeth)[kind]) & 255)
    return bytes(out)


def png(picture, kind=2, depth=8, filters=(0,), interlaced=False):
    """kind as in IHDR: 0 grey, 2 colours, 3 palette, 4 grey and alpha, 6 colours and alpha."""
    palette = sorted({c for row in picture.rows for c in row}) if kind == 3 else []
    most = (1 << depth) - 1

    def samples(c):
        if kind == 3:
            return [palette.index(c)]
        values = [_grey(c)] if kind in (0, 4) else list(c)
        values += [255] if kind & 4 else []
        return [v * most // 255 for v in values] if depth < 8 else values

    def lines(x0, y0, dx, dy):
        before, out = None, b''
        step = max(1, len(samples(picture.pixel(0, 0))) * depth // 8)
        for n, y in enumerate(range(y0, picture.height, dy)):
            line = _pack([v for x in range(x0, picture.width, dx) for v in samples(picture.pixel(x, y))], depth)
            if not line:
                return b''
            out += _filtered(filters[n % len(filters)], line, before, step)
            before = line
        return out

    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]
    data = zlib.compress(b''.join(lines(*p) for p in passes), 9)
    head = struct.pack('>IIBBBBB', picture.width, picture.height, depth, kind, 0, 0, int(interlaced))
    return b'\x89PNG\r\n\x1a\n' + _chunk(b'IHDR', head) + (_chunk(b'PLTE', b''.join(map(bytes, palette))) if palette else b'') + \
        _chunk(b'IDAT', data[:len(data) // 2]) + _chunk(b'IDAT', data[len(data) // 2:]) + _chunk(b'IEND', b'')


# --- JPEG: one table of twelve categories, five bits each; one code for the end of a block

class _Bits:
    def __init__(self):
        self.out, self.hold, self.n = bytearray(), 0, 0

    def put(self, value, n):
        for i in range(n - 1, -1, -1):
            self.hold, self.n = self.hold << 1 | (value >> i & 1), self.n + 1
            if self.n == 8:
                self.out += bytes([self.hold]) + (b'\0' if self.hold == 255 else b'')
                self.hold, self.n = 0, 0

    def close(self):
        while self.n:
            self.put(1, 1)
        return bytes(self.out)


def _segment(marker, data):
    return b'\xff' + bytes([marker]) + struct.pack('>H', len(data) + 2) + data


def jpeg(picture, grey=False, halved=True, progressive=False, interval=0):
    step = 8
    parts = [(1, 1, 1)] if grey else [(1, 2, 2) if halved else (1, 1, 1), (2, 1, 1), (3, 1, 1)]
    unit = 16 if not grey and halved else 8
    across, down = -(-picture.width // unit), -(-picture.height // unit)

    def mean(component, x, y, scale):
        total = [0, 0, 0]
        side = 8 * scale
        for v in range(y * side, y * side + side, 2):
            for u in range(x * side, x * side + side, 2):
                c = picture.pixel(min(u, picture.width - 1), min(v, picture.height - 1))
                for i in range(3):
                    total[i] += c[i]
        r, g, b = (t / (side * side / 4) for t in total)
        values = (0.299 * r + 0.587 * g + 0.114 * b, 128 - 0.1687 * r - 0.3313 * g + 0.5 * b, 128 + 0.5 * r - 0.4187 * g - 0.0813 * b)
        return round((values[component - 1] - 128) * 8 / step)

    bits, before, coded, left, restarts = _Bits(), {}, b'', interval, 0
    for v in range(down):
        for u in range(across):
            for ident, wide, high in parts:
                for k in range(wide * high):
                    scale = 1 if wide == 2 or grey or not halved else 2
                    dc = mean(ident, u * wide + k % wide, v * high + k // wide, scale)
                    d = dc - before.get(ident, 0)
                    before[ident] = dc
                    n = abs(d).bit_length()
                    bits.put(n, 5)
                    bits.put(d if d > 0 else d + (1 << n) - 1, n)
                    if not progressive:
                        bits.put(0, 1)
            left -= 1
            if interval and left == 0 and (u, v) != (across - 1, down - 1):
                coded += bits.close() + b'\xff' + bytes([0xd0 + restarts % 8])
                bits, before, left, restarts = _Bits(), {}, interval, restarts + 1
    coded += bits.close()
    frame = struct.pack('>BHHB', 8, picture.height, picture.width, len(parts)) + b''.join(bytes([i, w << 4 | h, 0]) for i, w, h in parts)
    dc_table = b'\x00' + bytes([0, 0, 0, 0, 12] + [0] * 11) + bytes(range(12))
    ac_table = b'\x10' + bytes([1] + [0] * 15) + b'\x00'
    scan = bytes([len(parts)]) + b''.join(bytes([i, 0]) for i, _, _ in parts) + (b'\0\0\0' if progressive else b'\x00\x3f\x00')
    out = b'\xff\xd8' + _segment(0xe0, b'JFIF\0\1\1\0\0\1\0\1\0\0') + _segment(0xdb, b'\0' + bytes([step] * 64))
    out += _segment(0xc2 if progressive else 0xc0, frame) + _segment(0xc4, dc_table) + (b'' if progressive else _segment(0xc4, ac_table))
    out += _segment(0xdd, struct.pack('>H', interval)) if interval else b''
    return out + _segment(0xda, scan) + coded + b'\xff\xd9'


# --- pictures for tests: notices as lures draw them, and what honest documents show

RED, BLUE, GREY, YELLOW = (200, 40, 30), (30, 80, 160), (90, 90, 90), (255, 240, 170)


def notice(k=1):
    """A band with a name, three lines of text, a mark; 240 by 108 pixels, k times."""
    p = Picture(240 * k, 108 * k).box(0, 0, 240 * k, 20 * k, RED).text(10 * k, 7 * k, 'SAMPLE', k, (255, 255, 255))
    p.text(20 * k, 36 * k, 'This sample is protected', k).text(20 * k, 56 * k, 'Press enable editing', k, GREY)
    return p.text(20 * k, 72 * k, 'Press enable content', k, GREY).box(20 * k, 90 * k, 66 * k, 7 * k, YELLOW)


def notice_japanese(k=1):
    p = Picture(240 * k, 108 * k).box(10 * k, 10 * k, 20 * k, 20 * k, BLUE).glyphs(40 * k, 16 * k, 18, 7 * k)
    return p.glyphs(20 * k, 46 * k, 24, 7 * k).glyphs(20 * k, 64 * k, 22, 7 * k, GREY).glyphs(20 * k, 82 * k, 17, 7 * k, GREY)


def logo(k=1):
    return Picture(120 * k, 40 * k).box(6 * k, 6 * k, 28 * k, 28 * k, BLUE).text(42 * k, 13 * k, 'Example', 2 * k - k // 2, BLUE)


def photograph(width=320, height=240):
    p = Picture(width, height)
    for y, row in enumerate(p.rows):
        for x in range(width):
            row[x] = ((x * 7 + y * y // 9) % 256, (x * x // 11 + y * 3) % 256, (x * y // 13 + 40) % 256)
    return p


def few(picture):
    """The same in 125 colours, for what has a palette."""
    out = Picture(picture.width, picture.height)
    out.rows = [[tuple(v // 52 * 63 for v in c) for c in row] for row in picture.rows]
    return out


# --- GIF

def _gif_codes(indices, bits, keep):
    """LZW with the codes in order of their bits. `keep`: the table is never cleared once it is full."""
    out, hold, held = bytearray(), 0, 0

    def put(code, width):
        nonlocal hold, held
        hold, held = hold | code << held, held + width
        while held >= 8:
            out.append(hold & 255)
            hold, held = hold >> 8, held - 8

    clear, width = 1 << bits, bits + 1
    table = {(i,): i for i in range(clear)}
    following, string = clear + 2, ()
    put(clear, width)
    for i in indices:
        if string + (i,) in table:
            string += (i,)
            continue
        put(table[string], width)
        if following < 4096:
            table[string + (i,)] = following
            following += 1
            width += following > 1 << width and width < 12
        elif not keep:
            put(clear, width)
            table, following, width = {(k,): k for k in range(clear)}, clear + 2, bits + 1
        string = (i,)
    put(table[string], width)
    put(clear + 1, width)
    put(0, 7)
    return bytes(out)


def gif(picture, interlaced=False, own_table=False, transparent=None, frame=None, keep=False, version=b'89a'):
    """`frame`: (x, y, width, height) of the canvas that the picture fills; the rest is paper."""
    palette = sorted({c for row in picture.rows for c in row})
    bits = max(2, (len(palette) - 1).bit_length())
    table = b''.join(map(bytes, palette)).ljust(3 << bits, b'\0')
    x, y, across, down = frame or (0, 0, picture.width, picture.height)
    rows = list(range(y, y + down))
    if interlaced:
        rows = rows[0::8] + rows[4::8] + rows[2::4] + rows[1::2]
    indices = [palette.index(picture.pixel(u, v)) for v in rows for u in range(x, x + across)]
    codes = _gif_codes(indices, bits, keep)
    out = b'GIF' + version + struct.pack('<HHBBB', picture.width, picture.height, 0 if own_table else 0x80 | bits - 1, 0, 0)
    out += b'' if own_table else table
    if version == b'89a':
        seen = 0 if transparent is None else palette.index(transparent)
        out += b'!\xfe\x08harmless\0!\xf9\4' + struct.pack('<BHBB', transparent is not None, 0, seen, 0)
    out += b',' + struct.pack('<HHHHB', x, y, across, down, 0x40 * interlaced | (0x80 | bits - 1 if own_table else 0))
    out += table if own_table else b''
    return out + bytes([bits]) + b''.join(bytes([len(codes[i:i + 255])]) + codes[i:i + 255] for i in range(0, len(codes), 255)) + b'\0;'


# --- bitmaps and metafiles

def dib(picture, depth=24, from_top=False, core=False, fields=False):
    """Head with palette, and pixels."""
    palette = sorted({c for row in picture.rows for c in row}) if depth <= 8 else []
    rows = picture.rows if from_top else picture.rows[::-1]
    bits = b''
    for row in rows:
        if depth <= 8:
            line = _pack([palette.index(c) for c in row], depth)
        elif depth == 16:
            line = b''.join(struct.pack('<H', c[0] >> 3 << 10 | c[1] >> 3 << 5 | c[2] >> 3) for c in row)
        else:
            line = b''.join(bytes(c[::-1]) + b'\0' * (depth == 32) for c in row)
        bits += line + bytes(-len(line) % 4)
    if core:
        head = struct.pack('<IHHHH', 12, picture.width, picture.height, 1, depth)
        return head + b''.join(bytes(c[::-1]) for c in palette).ljust(3 << depth if depth <= 8 else 0, b'\0'), bits
    height = -picture.height if from_top else picture.height
    head = struct.pack('<IiiHHIIIIII', 40, picture.width, height, 1, depth, 3 if fields else 0, len(bits), 0, 0, len(palette), 0)
    head += struct.pack('<III', 0xff0000, 0xff00, 0xff) if fields else b''
    return head + b''.join(bytes(c[::-1]) + b'\0' for c in palette), bits


def bmp(picture, **how):
    head, bits = dib(picture, **how)
    return b'BM' + struct.pack('<IHHI', 14 + len(head) + len(bits), 0, 0, 14 + len(head)) + head + bits


def _emf_record(kind, data):
    data += bytes(-len(data) % 4)
    return struct.pack('<II', kind, 8 + len(data)) + data


def emf(picture, how='stretchdibits', **bitmap):
    """how: stretchdibits, bitblt, alphablend, plus (a PNG in a comment) or lines (no bitmap at all)."""
    box = (0, 0, picture.width - 1, picture.height - 1)
    frame = [v * 2540 // 96 for v in (0, 0, picture.width, picture.height)]
    body = _emf_record(17, struct.pack('<I', 8))
    if how == 'plus':
        image = struct.pack('<IIiiiIi', 0xdbc01002, 1, 0, 0, 0, 0, 1) + png(picture, 3, 4)
        plus = struct.pack('<HHIIHHHHII', 0x4001, 1, 0x1c, 0x10, 2, 0, 0, 0, 96, 96)[:0x1c].ljust(0x1c, b'\0')
        image += bytes(-len(image) % 4)
        plus += struct.pack('<HHII', 0x4008, 5 << 8, 12 + len(image), len(image)) + image
        body += _emf_record(70, struct.pack('<I', 4 + len(plus)) + b'EMF+' + plus)
    elif how != 'lines':
        head, bits = dib(picture, **bitmap)
        small_head, small = dib(Picture(8, 8, (10, 20, 30)))
        for h, b in ((small_head, small), (head, bits)):
            if how == 'stretchdibits':
                at = 80
                fixed = struct.pack('<4i6i', *box, 0, 0, 0, 0, *box[2:]) + struct.pack('<IIIIIIII', at, len(h), at + len(h), len(b), 0, 0xcc0020, *box[2:])
                body += _emf_record(81, fixed + h + b)
            else:
                at = 108
                fixed = struct.pack('<4i4iIii', *box, 0, 0, *box[2:], 0xcc0020, 0, 0) + bytes(24) + struct.pack('<IIIIIIii', 0, 0, at, len(h), at + len(h), len(b), *box[2:])
                body += _emf_record({'bitblt': 76, 'alphablend': 114}[how], fixed + h + b)
    body += _emf_record(27, struct.pack('<ii', 3, 4)) + _emf_record(14, struct.pack('<III', 0, 16, 20))
    head = struct.pack('<4i4i', *box, *frame) + b' EMF' + struct.pack('<IIIHHIIIIIII', 0x10000, 108 + len(body), 4, 1, 0, 0, 0, 0, picture.width, picture.height, 254, 254)
    return _emf_record(1, head.ljust(100, b'\0')) + body


def wmf(picture, how='stretchdib', placeable=True, **bitmap):
    head, bits = dib(picture, **bitmap)
    box = struct.pack('<8h', *(0,) * 8)
    kinds = {'stretchdib': (0x0f43, struct.pack('<IH', 0xcc0020, 0) + box), 'dibstretchblt': (0x0b41, struct.pack('<I', 0xcc0020) + box),
             'dibbitblt': (0x0940, struct.pack('<I', 0xcc0020) + box[:12]), 'setdibtodev': (0x0d33, box + b'\0\0')}
    kind, fixed = kinds[how]
    data = fixed + head + bits
    data += bytes(len(data) % 2)
    records = struct.pack('<IHH', 4, 0x0103, 8) + struct.pack('<IH', 3 + len(data) // 2, kind) + data + struct.pack('<IH', 3, 0)
    out = struct.pack('<HHHIHIH', 1, 9, 0x300, 9 + len(records) // 2, 0, 3 + len(data) // 2, 0) + records
    if placeable:
        out = struct.pack('<IHhhhhHIH', 0x9ac6cdd7, 0, 0, 0, picture.width * 15, picture.height * 15, 1440, 0, 0) + out
    return out


def blip(picture, metafile, deflated=True, ids=1):
    """As a binary document keeps a metafile ([MS-ODRAW] 2.2.24, 2.2.25)."""
    is_emf = metafile[:4] == b'\1\0\0\0'
    data = zlib.compress(metafile, 9) if deflated else metafile
    head = struct.pack('<I4iiiIBB', len(metafile), 0, 0, picture.width, picture.height, picture.width * 9525, picture.height * 9525,
                       len(data), 0 if deflated else 0xfe, 0xfe)
    body = bytes(range(16 * ids)) + head + data
    instance = (0x3d4 if is_emf else 0x216) + ids - 1
    return struct.pack('<HHI', instance << 4, 0xf01a if is_emf else 0xf01b, len(body)) + body
