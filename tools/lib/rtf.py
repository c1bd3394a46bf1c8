# SPDX-License-Identifier: Apache-2.0
"""rtf - writes RTF documents with objects, fields and templates, and the OLE 1 objects in them.

    rtf.document(rtf.text('見積書') + rtf.object(rtf.ole1('Package', rtf.package('memo.txt', b'...'))))

Equations are zeros and letters in the shape of MTEF records; nothing in them is code.
"""
import struct

import cfbwrite

EQUATION = cfbwrite.clsid_bytes('0002CE02-0000-0000-C000-000000000046')


def text(words):
    """Unicode with a question mark for readers of old."""
    return ''.join(c if c < '\x80' else '\\u%d?' % (ord(c) if ord(c) < 32768 else ord(c) - 65536) for c in words)


def sjis(words):
    """Bytes of code page 932 as Japanese writers leave them: ASCII second halves as they are."""
    out, raw, i = '', words.encode('cp932'), 0
    while i < len(raw):
        lead = 0x81 <= raw[i] <= 0x9F or 0xE0 <= raw[i] <= 0xFC
        out += "\\'%02x" % raw[i] if raw[i] > 0x7F else chr(raw[i])
        if lead:
            i += 1
            plain = chr(raw[i]).isalnum() and raw[i] < 0x80
            out += chr(raw[i]) if plain else "\\'%02x" % raw[i]
        i += 1
    return out


def document(body, head='\\rtf1\\ansi\\ansicpg932\\deff0', fonts='{\\fonttbl{\\f0\\fnil\\fcharset128 MS Mincho;}}'):
    return ('{%s%s\n%s}' % (head, fonts, body)).encode('latin-1')


def lines(data):
    digits = data.hex()
    return '\n'.join(digits[i:i + 128] for i in range(0, len(digits), 128))


def object(data, kind='\\objemb', name='', result='', hexed=None):
    """`hexed`: the digits, where they are not the plain ones."""
    named = '{\\*\\objclass %s}' % name if name else ''
    return '{\\object%s\\objw400\\objh300%s{\\*\\objdata %s}{\\result %s}}' % (kind, named, hexed or lines(data), result)


def field(code, shown):
    return '{\\field{\\*\\fldinst %s}{\\fldrslt %s}}' % (code.replace('\\', '\\\\'), shown)


# --- ways in which the digits were hidden

def escaped(data):
    """An odd digit and an escape behind each byte."""
    return ''.join("%02x7\\'3f" % b for b in data)


def halved(data):
    """A digit that an escape takes away behind each half of a byte."""
    return ''.join("%s1\\'cc" % d for d in data.hex())


def grouped(data):
    """The first digits in groups of formatting, and words of a list table between."""
    digits = data.hex()
    return ''.join('{\\*\\par%d %s}' % (500 + i, d) for i, d in enumerate(digits[:6])) + '{\\listtable 6162}' + digits[6:]


def binary(data):
    return data[:40].hex() + '\\bin%d %s' % (len(data) - 40, data[40:].decode('latin-1'))


# --- OLE 1 ([MS-OLEDS] 2.2)

def prefixed(name):
    return struct.pack('<I', len(name) + 1) + name.encode('cp932') + b'\0' if name else struct.pack('<I', 0)


def ole1(name, native):
    return struct.pack('<II', 0x501, 2) + prefixed(name) + bytes(8) + struct.pack('<I', len(native)) + native


def linked1(name, topic, item=''):
    return struct.pack('<II', 0x501, 1) + prefixed(name) + prefixed(topic) + prefixed(item) + bytes(12)


def package(label, content, source=None, temporary=None):
    source, temporary = source or 'C:\\work\\' + label, temporary or 'C:\\temp\\' + label
    path = temporary.encode('cp932') + b'\0'
    return (struct.pack('<H', 2) + label.encode('cp932') + b'\0' + source.encode('cp932') + b'\0' + struct.pack('<HH', 0, 3)
            + struct.pack('<I', len(path)) + path + struct.pack('<I', len(content)) + content)


# --- compound files that objects are kept in

def mtef(records, head=b'\3\1\1\3\x0a'):
    return struct.pack('<HIHIIIII', 28, 0x20000, 0xC1B5, len(head + records), 0, 0, 0, 0)[:28] + head + records


# x = 1: characters of typeface 131 and 134, in one line
HONEST = bytes.fromhex('0a 01 02 83 78 00 02 86 3d 00 02 88 31 00 00 00'.replace(' ', ''))


def font(name):
    return b'\x0a\1\x08\x5a\x5a' + name + b'\0' + b'\0'


def matrix(rows, columns):
    return b'\x0a\1\5\1\1\1' + bytes([rows, columns]) + bytes(80)


def equation(records=HONEST, head=b'\3\1\1\3\x0a', stream='Equation Native'):
    native = mtef(records, head)
    if stream == '\x01Ole10Native':
        native = struct.pack('<I', len(native) - 28) + native[28:]
    return cfbwrite.write({stream: native, '\x01CompObj': bytes(60)}, EQUATION)


def url_moniker(url):
    wide = url.encode('utf-16-le') + b'\0\0'
    return cfbwrite.clsid_bytes('79EAC9E0-BAF9-11CE-8C82-00AA004BA90B') + struct.pack('<I', len(wide)) + wide


def file_moniker(path):
    narrow, wide = path.encode('cp932') + b'\0', path.encode('utf-16-le')
    return (cfbwrite.clsid_bytes('00000303-0000-0000-C000-000000000046') + struct.pack('<HI', 0, len(narrow)) + narrow
            + struct.pack('<HH', 0xFFFF, 0xDEAD) + bytes(20) + struct.pack('<IIH', len(wide) + 6, len(wide), 3) + wide)


def link(moniker):
    """The storage of a linked object ([MS-OLEDS] 2.3.3)."""
    stream = struct.pack('<IIIIII', 0x2000001, 1, 1, 0, 0, len(moniker) + 4) + moniker
    return cfbwrite.write({'\x01Ole': stream}, cfbwrite.clsid_bytes('00000300-0000-0000-C000-000000000046'))
