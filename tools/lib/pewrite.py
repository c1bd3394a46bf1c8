# SPDX-License-Identifier: Apache-2.0
"""pewrite - small Windows programs, put together by hand ("PE Format", Microsoft).

Their only code is `xor eax, eax; ret`: started, they end. Tables are written as linkers do.
"""
import struct

PAGE, SECTOR = 0x1000, 0x200
CODE, DATA, EXECUTE, READ, WRITE = 0x20, 0x40, 0x20000000, 0x40000000, 0x80000000
TEXT = CODE | EXECUTE | READ
RETURN = b'\x31\xc0\xc3'


def up(n, to):
    return (n + to - 1) // to * to


def pad(data, to):
    return data + bytes(up(len(data), to) - len(data))


def noise(n, seed=1):
    """Bytes without pattern, the same every time."""
    out = bytearray()
    while len(out) < n:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        out += struct.pack('<I', seed >> 33)
    return bytes(out[:n])


def imports(at, libraries, wide=True):
    """The .idata of [(library, [name or number])], to lie at this address."""
    width, top = (8, 1 << 63) if wide else (4, 1 << 31)
    heads = 20 * (len(libraries) + 1)
    thunks = sum(width * (len(f) + 1) for _, f in libraries)
    names, places = b'', {}
    for library, functions in libraries:
        for f in functions:
            if isinstance(f, str):
                places[library, f] = at + heads + 2 * thunks + len(names)
                names += b'\0\0' + f.encode() + b'\0' + b'\0' * (len(f) % 2 == 0)
        places[library] = at + heads + 2 * thunks + len(names)
        names += library.encode() + b'\0'
    table, out = b'', b''
    for library, functions in libraries:
        first = at + heads + len(table)
        out += struct.pack('<IIIII', first, 0, 0, places[library], first + thunks)
        for f in functions:
            table += (top | f if isinstance(f, int) else places[library, f]).to_bytes(width, 'little')
        table += bytes(width)
    return out + bytes(20) + table + table + names


def exports(at, library, names):
    n = len(names)
    head, functions = 40, 4 * n
    strings, places = library.encode() + b'\0', []
    base = at + head + functions + 4 * n + 2 * n
    for name in sorted(names):
        places.append(base + len(strings))
        strings += name.encode() + b'\0'
    out = struct.pack('<IIHHIIIIIII', 0, 0, 0, 0, base, 1, n, n, at + head, at + head + functions, at + head + functions + 4 * n)
    out += struct.pack('<I', PAGE) * n + b''.join(struct.pack('<I', p) for p in places) + b''.join(struct.pack('<H', i) for i in range(n))
    return out + strings


def version_node(key, value=b'', children=b'', text=False):
    head = pad(struct.pack('<HHH', 0, len(value) // 2 if text else len(value), int(text)) + key.encode('utf-16-le') + b'\0\0', 4)
    body = pad(head + value, 4) + children
    return pad(struct.pack('<H', len(head + value) if not children else len(body)) + body[2:], 4)


def version(**strings):
    table = b''.join(version_node(k, v.encode('utf-16-le') + b'\0\0', text=True) for k, v in strings.items())
    info = version_node('StringFileInfo', children=version_node('040904b0', children=table))
    return version_node('VS_VERSION_INFO', struct.pack('<II', 0xfeef04bd, 0x10000) + bytes(44), info)


def resources(at, rows):
    """The .rsrc of [(type, name, data)]; names and types are numbers or texts."""
    n, strings, data = len(rows), b'', b''
    size = 16 + 8 * n + n * (24 + 24) + 16 * n
    top, names, langs, leaves = b'', b'', b'', b''
    text_at = size
    placed = []
    for kind, name, content in rows:
        ids = []
        for key in (kind, name):
            if isinstance(key, str):
                ids.append(0x80000000 | (text_at + len(strings)))
                strings += pad(struct.pack('<H', len(key)) + key.encode('utf-16-le'), 2)
            else:
                ids.append(key)
        placed.append((ids, content))
    data_at = up(text_at + len(strings), 16)
    for i, (ids, content) in enumerate(placed):
        a, b, c = 16 + 8 * n + 24 * i, 16 + 8 * n + 24 * n + 24 * i, 16 + 8 * n + 48 * n + 16 * i
        top += struct.pack('<II', ids[0], 0x80000000 | a)
        one = struct.pack('<IIHHHH', 0, 0, 0, 0, 0, 1)
        names += one + struct.pack('<II', ids[1], 0x80000000 | b)
        langs += one + struct.pack('<II', 1033, c)
        leaves += struct.pack('<IIII', at + data_at + len(data), len(content), 0, 0)
        data += pad(content, 16)
    head = struct.pack('<IIHHHH', 0, 0, 0, 0, sum(isinstance(k, str) for k, _, _ in rows), sum(isinstance(k, int) for k, _, _ in rows))
    return pad(head + top + names + langs + leaves + strings, 16) + data


class Program:
    """Sections in order; build() lays them out."""

    def __init__(self, wide=True, library=False, subsystem=2, entry=PAGE):
        self.wide, self.library, self.subsystem, self.entry = wide, library, subsystem, entry
        self.sections, self.directories, self.next = [], {}, PAGE

    def section(self, name, data, flags, room=0, directory=None):
        if callable(data):
            data = data(self.next)
        if directory is not None:
            self.directories[directory] = (self.next, len(data))
        self.sections.append((name, data, flags, self.next, max(len(data), room)))
        self.next = up(self.next + max(len(data), room, 1), PAGE)
        return self

    def text(self, code=RETURN, flags=TEXT):
        return self.section('.text', code, flags)

    def idata(self, libraries):
        return self.section('.idata', lambda at: imports(at, libraries, self.wide), DATA | READ | WRITE, directory=1)

    def edata(self, library, names):
        return self.section('.edata', lambda at: exports(at, library, names), DATA | READ, directory=0)

    def rsrc(self, rows):
        return self.section('.rsrc', lambda at: resources(at, rows), DATA | READ, directory=2)

    def build(self, overlay=b'', certificate=b'', after=b'', time=0x5f000000, symbols=b''):
        optional = 240 if self.wide else 224
        headers = up(64 + 24 + optional + 40 * len(self.sections), SECTOR)
        raw, table, bodies = headers, b'', b''
        for name, data, flags, va, room in self.sections:
            size = up(len(data), SECTOR)
            table += struct.pack('<8sIIIIIIHHI', name.encode(), room, va, size, raw if size else 0, 0, 0, 0, 0, flags)
            bodies += pad(data, SECTOR)
            raw += size
        end = raw + len(symbols) + len(overlay)
        if certificate:
            overlay += bytes(-end % 8)
            self.directories[4] = (end + -end % 8, 8 + len(certificate))
            certificate = struct.pack('<IHH', 8 + len(certificate), 0x200, 2) + certificate
        dos = b'MZ' + bytes(58) + struct.pack('<I', 64)
        machine = 0x8664 if self.wide else 0x14c
        coff = struct.pack('<4sHHIIIHH', b'PE\0\0', machine, len(self.sections), time, raw if symbols else 0, (len(symbols) - 4) // 18 if symbols else 0,
                           optional, 0x22 | (0x2000 if self.library else 0))
        head = struct.pack('<HBBIIIII', 0x20b if self.wide else 0x10b, 1, 0, SECTOR, 0, 0, self.entry, PAGE)
        head += struct.pack('<QIIHHHHHHI', 0x140000000, PAGE, SECTOR, 6, 0, 0, 0, 6, 0, 0) if self.wide else \
            struct.pack('<IIIIHHHHHHI', 0, 0x400000, PAGE, SECTOR, 6, 0, 0, 0, 6, 0, 0)
        head += struct.pack('<IIIHH', self.next, headers, 0, self.subsystem, 0x8140)
        head += (struct.pack('<QQQQ', 1 << 20, PAGE, 1 << 20, PAGE) if self.wide else struct.pack('<IIII', 1 << 20, PAGE, 1 << 20, PAGE))
        head += struct.pack('<II', 0, 16)
        for i in range(16):
            head += struct.pack('<II', *self.directories.get(i, (0, 0)))
        assert len(head) == optional
        return pad(dos + coff + head + table, SECTOR) + bodies + symbols + overlay + certificate + after
