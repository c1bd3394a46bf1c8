# SPDX-License-Identifier: Apache-2.0
"""shell - writes shell links ([MS-SHLLINK]) and minimal OneNote sections ([MS-ONESTORE]).

A section holds the file header, the lists of one object group, and the stored files; the
manifests of revisions are left out, so OneNote itself would not open it: enough for a test
document, and inert.
"""
import struct
import uuid

LINK_CLSID = bytes.fromhex('0114020000000000C000000000000046')


def _item(body):
    return struct.pack('<H', len(body) + 2) + body


def _file_item(name, folder=False):
    """A file entry with its long name in extension block 0xBEEF0004, version 9."""
    short = name.upper()[:12].encode('ascii', 'replace')
    head = struct.pack('<BBIIH', 0x31 if folder else 0x32, 0, 0, 0, 0x10 if folder else 0x20) + short + bytes(2 - len(short) % 2)
    wide = name.encode('utf-16-le') + b'\0\0'
    block = struct.pack('<HHI', 46 + len(wide) + 2, 9, 0xBEEF0004) + bytes(38) + wide
    return _item(head + block + struct.pack('<H', len(head) + 2))


def id_list(path):
    """The item list of C:\\a\\b.exe"""
    drive, *names = path.split('\\')
    out = _item(bytes.fromhex('1f50e04fd020ea3a6910a2d808002b30309d')) + _item(b'\x2f' + drive.encode() + b'\\' + bytes(19))
    for n in names:
        out += _file_item(n, n is not names[-1])
    return out + bytes(2)


def _info(path):
    """LinkInfo with a volume and a local path"""
    label, base = b'OS\0', path.encode('ascii') + b'\0'
    volume = struct.pack('<IIII', 16 + len(label), 3, 0x12345678, 16) + label
    head = struct.pack('<IIIIII', 0x1C, 1, 0x1C, 0x1C + len(volume), 0, 0x1C + len(volume) + len(base))
    body = head + volume + base + b'\0'
    return struct.pack('<I', 4 + len(body)) + body


def _tracker(machine):
    return (struct.pack('<IIII', 0x60, 0xA0000003, 0x58, 0) + machine.encode().ljust(16, b'\0') + bytes(16) +
            bytes.fromhex('00000000000000110000020000000001') + bytes(32))


def link(target, arguments='', name='', icon='', overlay=b'', show=7, machine='', working='', also=''):
    """`target` is an expandable path such as %windir%\System32\cmd.exe; one that begins with a
    drive is written as an item list with LinkInfo, as Explorer writes it; `also` is another target,
    in the environment block"""
    local = target[1:2] == ':'
    flags = 0x80 | 0x08 | (0x03 if local else 0)  # unicode, relative path, and where the target is
    block = also or ('' if local else target)
    flags |= 0x200 if block else 0
    flags |= (0x04 if name else 0) | (0x10 if working else 0) | (0x20 if arguments else 0) | (0x40 if icon else 0)
    out = struct.pack('<I16sIIQQQIiIHHII', 0x4C, LINK_CLSID, flags, 0x20, 0, 0, 0, 0, 0, show, 0, 0, 0, 0)
    if local:
        items = id_list(target)
        out += struct.pack('<H', len(items)) + items + _info(target)
    texts = [name] if name else []
    texts.append('..\\..\\' + target.split('\\', 1)[1])
    texts += [t for t in (working, arguments, icon) if t]
    for text in texts:
        out += struct.pack('<H', len(text)) + text.encode('utf-16-le')
    if block:
        plain, wide = block.encode('ascii'), block.encode('utf-16-le')
        out += struct.pack('<II260s520s', 0x314, 0xA0000001, plain, wide)
    return out + (_tracker(machine) if machine else b'') + bytes(4) + overlay


def _guid(text):
    return uuid.UUID(text).bytes_le


SECTION = _guid('{7B5C52E4-D88C-4DA7-AEB1-5378D02996D3}')
FORMAT = _guid('{109ADD3F-911B-49F5-A5D0-1791EDC8AED8}')
STORE_HEAD = _guid('{BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC}')
STORE_FOOT = _guid('{71FBA722-0F79-4A0B-BB13-899256426B24}')


def _set(ids, rows):
    """A property set (2.6.1) with object identifiers and (property, value) rows: text, bytes, a float, None."""
    out = struct.pack('<I', 0x80000000 | len(ids)) + b''.join(struct.pack('<I', i) for i in ids)
    out += struct.pack('<H', len(rows)) + b''.join(struct.pack('<I', i) for i, _ in rows)
    for _, value in rows:
        if isinstance(value, float):
            out += struct.pack('<f', value)
        elif value is not None:
            raw = value.encode('utf-16-le') + b'\0\0' if isinstance(value, str) else value
            out += struct.pack('<I', len(raw)) + raw
    return out + bytes(-len(out) % 8)


def _node(kind, fnd=b'', ref=None, base=0):
    body = (struct.pack('<QI', *ref) if ref else b'') + fnd
    return struct.pack('<I', kind | (len(body) + 4) << 10 | base << 27 | 1 << 31) + body


def _stored(guid):
    raw = ('<ifndf>{%s}' % str(guid).upper()).encode('utf-16-le')
    return struct.pack('<I', len(raw) // 2) + raw


class _Section:
    def __init__(self):
        self.out = bytearray(1024)
        self.lists = 0

    def chunk(self, data):
        """Appends a chunk; returns its reference."""
        self.out += bytes(-len(self.out) % 8)
        at = len(self.out)
        self.out += data
        return at, len(data)

    def list(self, nodes):
        self.lists += 1
        body = b''.join(nodes) + _node(0xFF)
        return self.chunk(struct.pack('<QII', 0xA4567AB1F5F7F4C4, 0x10 + self.lists, 0) + body +
                          struct.pack('<QIQ', 0xFFFFFFFFFFFFFFFF, 0, 0x8BC215C38233BA4B))


def onenote(texts, files, covered=False, encrypted=False, link='', sets=(), nodes=None):
    """texts: what the page shows; files: [(name, source path, data)]; name '' for a picture.
    covered: the pictures lie over the attached files. sets: further objects, [(type, property
    set)]; nodes: the kinds of node by which these are declared in turn (0xA4)."""
    s = _Section()
    space = uuid.uuid5(uuid.NAMESPACE_DNS, 'example.invalid')
    group = [_node(0x22), _node(0x24, struct.pack('<I', 0) + space.bytes_le)]
    stored, number = [], 0

    def declare(jcid, ids, rows):
        nonlocal number
        number += 1
        ref = s.chunk(_set(ids, rows))
        group.append(_node(0xA4, struct.pack('<IIBB', number, jcid, 1, 1), ref, 1))

    for text in texts:
        declare(0x0006000E, [], [(0x1C001C22, text)])
    for i, (jcid, data) in enumerate(sets):
        number += 1
        kind = (nodes or [0xA4])[i % len(nodes or [0xA4])]
        group.append(_node(kind, struct.pack('<IIBB', number, jcid, 1, 1), s.chunk(data), 1))
    if link:
        declare(0x00120005, [], [(0x1C001E20, link)])
    for i, (name, source, data) in enumerate(files):
        guid = uuid.uuid5(uuid.NAMESPACE_DNS, 'file%d.example.invalid' % i)
        at, _ = s.chunk(STORE_HEAD + struct.pack('<QIQ', len(data), 0, 0) + data + bytes(-len(data) % 8) + STORE_FOOT)
        stored.append(_node(0x94, guid.bytes_le, (at, len(data) + 52), 1))
        number += 1
        tail = ('.' + name.rsplit('.', 1)[-1] if name else '.png').encode('utf-16-le')
        group.append(_node(0x72, struct.pack('<IIB', number, 0x80036 if name else 0x80039, 1) + _stored(guid) +
                           struct.pack('<I', len(tail) // 2) + tail))
        place = 2.0 if covered else 2.0 + 8.0 * i
        where = [(0x14001C14, place), (0x14001C15, place)]
        if name:
            declare(0x00060035, [number], [(0x20001D9B, None), (0x1C001D9C, name), (0x1C001D9D, source)] + where)
        else:
            declare(0x00060011, [number], [(0x20001C3F, None), (0x140034CD, 6.0), (0x140034CE, 2.0)] + where)
    if encrypted:
        group.append(_node(0x7C, b'', s.chunk(bytes(64)), 1))
    group = s.list(group)
    space_list = s.list([_node(0xB0, bytes(20), group, 2)])
    root = s.list([_node(0x08, bytes(20), space_list, 2), _node(0x90, b'', s.list(stored), 2)])
    struct.pack_into('<16s16s16s16s', s.out, 0, SECTION, space.bytes_le, bytes(16), FORMAT)
    struct.pack_into('<IIII', s.out, 64, 0x2A, 0x2A, 0x2A, 0x2A)
    struct.pack_into('<QI', s.out, 172, *root)
    return bytes(s.out)


def _extended(n):
    """An extended GUID ([MS-FSSHTTPB] 2.2.1.7) of the five-bit form"""
    return bytes([n << 3 | 4]) + uuid.uuid5(uuid.NAMESPACE_DNS, 'example.invalid').bytes_le


def _compact(n):
    return bytes([n << 1 | 1]) if n < 0x80 else struct.pack('<I', n << 4 | 8) if n < 1 << 28 else b'\x80' + struct.pack('<Q', n)


def _object(kind, content, compound=0):
    head = struct.pack('<I', 2 | compound << 2 | kind << 3 | min(len(content), 0x7FFF) << 17)
    return head + (_compact(len(content)) if len(content) >= 0x7FFF else b'') + content


def onenote_packaged(texts, files, blobs=()):
    """The same page as servers hand it out ([MS-ONESTORE] 2.8). blobs: files that are objects of
    their own ([MS-FSSHTTPB] 2.2.1.12.6.3)."""
    groups, number = [], 0

    def object_of(parts, refs=()):
        """parts: [(partition, data)] of one object"""
        nonlocal number
        number += 1
        declared = b''.join(_object(0x18, _extended(number) + _compact(p) + _compact(len(d)) + _compact(0) + _compact(0)) for p, d in parts)
        given = _compact(len(refs)) + b''.join(_extended(r) for r in refs) + _compact(0)
        data = b''.join(_object(0x16, (given if p == 1 else _compact(0) * 2) + _compact(len(d)) + d) for p, d in parts)
        groups.append(_object(0x01, _extended(0) + _compact(1) + _compact(5), 1) + declared + data + b'\x05')
        return number

    def jcid(value):
        return 4, struct.pack('<I', value)

    for text in texts:
        object_of([jcid(0x0006000E), (1, _set([], [(0x1C001C22, text)]))])
    for name, source, data in files:
        held = object_of([jcid(0x00080036 if name else 0x00080039), (2, data)])
        rows = [(0x20001D9B, None), (0x1C001D9C, name), (0x1C001D9D, source)] if name else [(0x20001C3F, None)]
        object_of([jcid(0x00060035 if name else 0x00060011), (1, _set([1], rows))], [held])
    for i, data in enumerate(blobs):
        declared = _object(0x05, _extended(20 + i) + _extended(25 + i) + _compact(2) + _compact(0) + _compact(0))
        groups.append(_object(0x01, _extended(0) + _compact(1) + _compact(5), 1) + declared + _object(0x1C, _compact(0)) +
                      _object(0x02, _compact(len(data)) + data) + b'\x05\x07\0')
    head = SECTION + bytes(32) + _guid('{638DE92F-A6D4-4BC1-9A36-B3FC2511A5B7}') + bytes(4)
    return head + _object(0x7A, _extended(1) + bytes(16), 1) + _object(0x15, b'\0', 1) + b''.join(groups) + b'\x55'
