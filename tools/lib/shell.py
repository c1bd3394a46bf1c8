# SPDX-License-Identifier: Apache-2.0
"""shell - writes shell links ([MS-SHLLINK]) and minimal OneNote sections ([MS-ONESTORE]).

The section holds the file header, FileDataStoreObjects and, before each, a property set
with the names that readers carve; it has no file node lists, so OneNote itself would not
open it: enough for a test document, and inert.
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


def _properties(rows):
    out = struct.pack('<IH', 0x80000000, len(rows)) + b''.join(struct.pack('<I', i) for i, _ in rows)
    for _, text in rows:
        raw = text.encode('utf-16-le') + b'\0\0'
        out += struct.pack('<I', len(raw)) + raw
    return out + bytes(-len(out) % 8)


def onenote(texts, files):
    """texts: what the page shows; files: [(name, source path, data)]; name '' for a picture"""
    out = bytearray(1024)
    struct.pack_into('<16s16s16s16s', out, 0, SECTION, uuid.uuid5(uuid.NAMESPACE_DNS, 'example.invalid').bytes_le,
                     bytes(16), FORMAT)
    struct.pack_into('<IIII', out, 64, 0x2A, 0x2A, 0x2A, 0x2A)
    for text in texts:
        out += _properties([(0x1C001C22, text)])  # RichEditTextUnicode
    for name, source, data in files:
        if name:
            out += _properties([(0x1C001D9C, name), (0x1C001D9D, source)])
        out += STORE_HEAD + struct.pack('<QIQ', len(data), 0, 0) + data
        out += bytes(-len(out) % 8) + STORE_FOOT
    return bytes(out)
