# SPDX-License-Identifier: Apache-2.0
"""cfbwrite - writes compound files ([MS-CFB], version 3) from a table of streams.

    cfbwrite.write({'WordDocument': b'...', 'Macros/VBA/dir': b'...'}, clsid=cfbwrite.WORD)

Storages come from the paths ('/' between levels; a path that ends in '/' makes an
empty storage). Streams under 4096 bytes go to the mini stream, as section 2.4
asks. The directory is a balanced red-black tree in the order of 2.6.4, so that
strict readers accept it. Times are zero: output depends on the input only.
Left out: version 4, class ids of inner storages other than through `clsids`.
"""
import struct

FREE, END, FATSECT, DIFSECT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC, 0xFFFFFFFF
SECTOR, MINI, CUTOFF = 512, 64, 4096
STORAGE, STREAM, ROOT = 1, 2, 5


def clsid_bytes(text):
    """'00020906-0000-0000-C000-000000000046' as it stands in the file."""
    a, b, c, d, e = text.strip('{}').split('-')
    return struct.pack('<IHH', int(a, 16), int(b, 16), int(c, 16)) + bytes.fromhex(d + e)


WORD = clsid_bytes('00020906-0000-0000-C000-000000000046')
EXCEL = clsid_bytes('00020820-0000-0000-C000-000000000046')
MSG = clsid_bytes('00020D0B-0000-0000-C000-000000000046')
NO_CLSID = bytes(16)


class Node:
    def __init__(self, name, kind, data=b''):
        self.name, self.kind, self.data = name, kind, data
        self.children = {}
        self.left = self.right = self.child = NONE
        self.black, self.clsid, self.start = 1, NO_CLSID, END

    def key(self):
        # 2.6.4: shorter names first, then upper-cased code units
        wide = self.name.upper().encode('utf-16-be')
        return len(wide), wide


def _tree(streams, clsid, clsids):
    root = Node('Root Entry', ROOT)
    root.clsid = clsid
    for path in streams:
        here = root
        parts = path.rstrip('/').split('/')
        for depth, name in enumerate(parts):
            last = depth == len(parts) - 1
            if name not in here.children:
                is_stream = last and not path.endswith('/')
                here.children[name] = Node(name, STREAM if is_stream else STORAGE)
            here = here.children[name]
        if here.kind == STREAM:
            here.data = bytes(streams[path])
        here.clsid = (clsids or {}).get(path.rstrip('/'), here.clsid)
    for path, value in (clsids or {}).items():
        here = root
        for name in path.rstrip('/').split('/'):
            here = here.children[name]
        here.clsid = value
    return root


def _number(root):
    """Directory entries in a list; every storage's children as a balanced tree."""
    nodes = [root]

    def balance(items, depth, full):
        if not items:
            return NONE
        mid = len(items) // 2
        node = items[mid]
        # all levels but an incomplete last one are black
        node.black = 0 if depth > full else 1
        node.left = balance(items[:mid], depth + 1, full)
        node.right = balance(items[mid + 1:], depth + 1, full)
        return node.id

    i = 0
    while i < len(nodes):
        kids = sorted(nodes[i].children.values(), key=Node.key)
        for kid in kids:
            kid.id = len(nodes)
            nodes.append(kid)
        if kids:
            nodes[i].child = balance(kids, 1, (len(kids) + 1).bit_length() - 1)
        i += 1
    return nodes


def _pad(data, unit):
    return data + bytes(-len(data) % unit)


def _entry(n, size):
    name = n.name.encode('utf-16-le')
    assert len(name) <= 62, n.name
    return struct.pack('<64sHBBIII16sIQQIII', name, len(name) + 2, n.kind, n.black, n.left, n.right,
                       n.child, n.clsid, 0, 0, 0, n.start if n.kind != STORAGE else 0, size, 0)


def write(streams, clsid=NO_CLSID, clsids=None):
    root = _tree(streams, clsid, clsids)
    nodes = _number(root)
    sectors, fat = [], []

    def chain(data):
        """Appends the data as a chain of sectors; returns its first sector."""
        if not data:
            return END
        first = len(sectors)
        data = _pad(data, SECTOR)
        count = len(data) // SECTOR
        for i in range(count):
            sectors.append(data[i * SECTOR:(i + 1) * SECTOR])
            fat.append(first + i + 1)
        fat[-1] = END
        return first

    mini, minifat = b'', []
    for n in nodes:
        if n.kind == STREAM and 0 < len(n.data) < CUTOFF:
            n.start = len(minifat)
            count = (len(n.data) + MINI - 1) // MINI
            minifat += [n.start + i + 1 for i in range(count - 1)] + [END]
            mini += _pad(n.data, MINI)
    for n in nodes:
        if n.kind == STREAM and len(n.data) >= CUTOFF:
            n.start = chain(n.data)
    root.start = chain(mini)
    minifat_count = (len(minifat) * 4 + SECTOR - 1) // SECTOR
    minifat += [FREE] * (minifat_count * SECTOR // 4 - len(minifat))
    first_minifat = chain(struct.pack('<%dI' % len(minifat), *minifat))
    directory = b''.join(_entry(n, len(mini) if n is root else len(n.data)) for n in nodes)
    while len(directory) % SECTOR:
        directory += struct.pack('<64sHBBIII16sIQQIII', b'', 0, 0, 0, NONE, NONE, NONE, NO_CLSID,
                                 0, 0, 0, 0, 0, 0)
    first_directory = chain(directory)

    # the FAT describes itself and the DIFAT sectors (2.3, 2.5)
    fats = difats = 0
    while True:
        need = (len(sectors) + fats + difats + 127) // 128
        more = max(0, (need - 109 + 126) // 127)
        if (need, more) == (fats, difats):
            break
        fats, difats = need, more
    first_fat = len(sectors)
    fat += [FATSECT] * fats + [DIFSECT] * difats
    fat += [FREE] * (fats * 128 - len(fat))
    fat_sectors = list(range(first_fat, first_fat + fats))
    out = struct.pack('<%dI' % len(fat), *fat)
    sectors += [out[i:i + SECTOR] for i in range(0, len(out), SECTOR)]
    first_difat = len(sectors) if difats else END
    rest = fat_sectors[109:]
    for i in range(difats):
        block = rest[i * 127:(i + 1) * 127]
        block += [FREE] * (127 - len(block))
        block.append(first_difat + i + 1 if i + 1 < difats else END)
        sectors.append(struct.pack('<128I', *block))
    head = fat_sectors[:109] + [FREE] * (109 - len(fat_sectors[:109]))
    header = struct.pack('<8s16sHHHHH6xIIIIIIIII109I', bytes.fromhex('D0CF11E0A1B11AE1'), NO_CLSID,
                         0x3E, 3, 0xFFFE, 9, 6, 0, fats, first_directory, 0, CUTOFF,
                         first_minifat, minifat_count, first_difat, difats, *head)
    return header + b''.join(sectors)
