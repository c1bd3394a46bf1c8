# SPDX-License-Identifier: Apache-2.0
"""ovba - writes the streams of a VBA project ([MS-OVBA]) for test documents.

    ovba.project([ovba.Module('ThisDocument', 'Sub AutoOpen()...', 'document')], app='word')

returns {'VBA/dir': ..., 'VBA/ThisDocument': ..., 'PROJECT': ..., ...}; put them under
'Macros/' (Word), '_VBA_PROJECT_CUR/' (Excel) or alone into vbaProject.bin.
The compressor is that of 2.4.1.3 in full; `compress(data, literal=True)` uses no
copy tokens. There is no compiled code: _VBA_PROJECT is the seven-byte header of
2.3.4.1 that makes Office compile the source anew.
"""
import struct

import cfbwrite


def _copy_bits(difference):
    bits = 4
    while (1 << bits) < difference:
        bits += 1
    return bits


def _chunk(data, literal):
    """One compressed chunk (2.4.1.1.4), or None when it would not be smaller than raw."""
    out, pos = bytearray(), 0
    index = {}  # three-byte strings to their positions, newest last
    while pos < len(data):
        flags, group = 0, bytearray()
        for bit in range(8):
            if pos >= len(data):
                break
            bits = _copy_bits(max(pos, 1))
            longest = (0xFFFF >> bits) + 3
            best, at = 0, 0
            if not literal:
                for cand in reversed(index.get(bytes(data[pos:pos + 3]), [])[-32:]):
                    n = 3
                    while n < longest and pos + n < len(data) and data[cand + n] == data[pos + n]:
                        n += 1
                    if pos + 3 <= len(data) and n > best:
                        best, at = n, cand
            step = best if best >= 3 else 1
            if step > 1:
                flags |= 1 << bit
                group += struct.pack('<H', (pos - at - 1) << (16 - bits) | (step - 3))
            else:
                group.append(data[pos])
            for p in range(pos, min(pos + step, len(data) - 2)):
                index.setdefault(bytes(data[p:p + 3]), []).append(p)
            pos += step
        out.append(flags)
        out += group
    return bytes(out) if len(out) < 4096 else None


def compress(data, literal=False):
    out = bytearray(b'\x01')
    for i in range(0, len(data), 4096):
        piece = data[i:i + 4096]
        packed = _chunk(piece, literal)
        if packed is None:
            piece = piece + bytes(4096 - len(piece))
            out += struct.pack('<H', 4096 + 2 - 3 | 3 << 12) + piece
        else:
            out += struct.pack('<H', len(packed) + 2 - 3 | 3 << 12 | 1 << 15) + packed
    return bytes(out)


class Module:
    """kind: 'module', 'class', 'document' (ThisDocument, ThisWorkbook, sheets)."""
    def __init__(self, name, source, kind='module', base=None, cache=b''):
        self.name, self.source, self.kind, self.base, self.cache = name, source, kind, base, cache

    def text(self):
        head = ['Attribute VB_Name = "%s"' % self.name]
        if self.kind != 'module':
            base = self.base or '0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}'
            document = 'True' if self.kind == 'document' else 'False'
            head += ['Attribute VB_Base = "%s"' % base, 'Attribute VB_GlobalNameSpace = False',
                     'Attribute VB_Creatable = False', 'Attribute VB_PredeclaredId = %s' % document,
                     'Attribute VB_Exposed = %s' % document,
                     'Attribute VB_TemplateDerived = False', 'Attribute VB_Customizable = True']
        lines = head + self.source.strip('\n').split('\n')
        return '\r\n'.join(lines) + '\r\n'


WORD_DOCUMENT = '1Normal.ThisDocument'
EXCEL_WORKBOOK = '0{00020819-0000-0000-C000-000000000046}'
EXCEL_SHEET = '0{00020820-0000-0000-C000-000000000046}'


def _record(ident, data):
    return struct.pack('<HI', ident, len(data)) + data


def _dir(modules, name, codepage, codec):
    out = _record(0x01, struct.pack('<I', 1))                   # PROJECTSYSKIND: 32 bit
    out += _record(0x02, struct.pack('<I', 0x411 if codepage == 932 else 0x409))
    out += _record(0x14, struct.pack('<I', 0x409))
    out += _record(0x03, struct.pack('<H', codepage))
    out += _record(0x04, name.encode(codec))
    out += _record(0x05, b'') + _record(0x40, b'')
    out += _record(0x06, b'') + _record(0x3D, b'')
    out += _record(0x07, struct.pack('<I', 0)) + _record(0x08, struct.pack('<I', 0))
    out += struct.pack('<HIIH', 0x09, 4, 0x5F0C2A11, 7)         # PROJECTVERSION: 6 bytes follow
    out += _record(0x0C, b'') + _record(0x3C, b'')
    libid = b'*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#stdole2.tlb#OLE Automation'
    out += _record(0x16, b'stdole') + _record(0x3E, 'stdole'.encode('utf-16-le'))
    out += _record(0x0D, struct.pack('<I', len(libid)) + libid + bytes(6))
    out += _record(0x0F, struct.pack('<H', len(modules)))
    out += _record(0x13, struct.pack('<H', 0xFFFF))
    for m in modules:
        plain, wide = m.name.encode(codec), m.name.encode('utf-16-le')
        out += _record(0x19, plain) + _record(0x47, wide)
        out += _record(0x1A, plain) + _record(0x32, wide)
        out += _record(0x1C, b'') + _record(0x48, b'')
        out += _record(0x31, struct.pack('<I', len(m.cache)))
        out += _record(0x1E, struct.pack('<I', 0))
        out += _record(0x2C, struct.pack('<H', 0xFFFF))
        out += struct.pack('<HI', 0x21 if m.kind == 'module' else 0x22, 0)
        out += struct.pack('<HI', 0x2B, 0)
    return out + struct.pack('<HI', 0x10, 0)


def _encrypt(data, seed, guid):
    """Data Encryption (2.4.3.2) as upper-case hexadecimal."""
    key = sum(guid.encode('ascii')) & 0xFF
    version = 2
    out = [seed, seed ^ version, seed ^ key]
    clear, one, two = key, seed ^ key, seed ^ version
    body = [7] * ((seed & 6) // 2) + list(struct.pack('<I', len(data))) + list(data)
    for byte in body:
        enc = byte ^ ((two + clear) & 0xFF)
        out.append(enc)
        two, one, clear = one, enc, byte
    return ''.join('%02X' % b for b in out)


def _project_text(modules, name, guid, hidden):
    lines = ['ID="%s"' % guid]
    for m in modules:
        if m.name in hidden:
            continue
        if m.kind == 'document':
            lines.append('Document=%s/&H00000000' % m.name)
        else:
            lines.append('%s=%s' % ('Class' if m.kind == 'class' else 'Module', m.name))
    lines += ['Name="%s"' % name, 'HelpContextID="0"', 'VersionCompatible32="393222000"',
              'CMG="%s"' % _encrypt(bytes(4), 0x5E, guid), 'DPB="%s"' % _encrypt(b'\0', 0x8C, guid),
              'GC="%s"' % _encrypt(b'\xff', 0x2A, guid), '', '[Host Extender Info]',
              '&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000', '', '[Workspace]']
    lines += ['%s=0, 0, 0, 0, C' % m.name for m in modules if m.name not in hidden]
    return '\r\n'.join(lines) + '\r\n'


def project(modules, name='VBAProject', codepage=932, literal=False, hidden=()):
    """The streams of a project. `hidden`: modules that PROJECT does not list."""
    codec = {932: 'cp932', 65001: 'utf-8', 1251: 'cp1251'}.get(codepage, 'cp1252')
    guid = '{5D1F2B6C-0A34-4C59-9E51-2F6B7C8D9E01}'
    streams = {
        'PROJECT': _project_text(modules, name, guid, hidden).encode(codec),
        'PROJECTwm': b''.join(m.name.encode(codec) + b'\0' + m.name.encode('utf-16-le') + b'\0\0'
                              for m in modules) + b'\0\0',
        'VBA/_VBA_PROJECT': bytes.fromhex('CC61FFFF000000'),
        'VBA/dir': compress(_dir(modules, name, codepage, codec), literal),
    }
    for m in modules:
        streams['VBA/' + m.name] = m.cache + compress(m.text().encode(codec), literal)
    return streams


def vba_project_bin(modules, **options):
    """vbaProject.bin of an OOXML package."""
    return cfbwrite.write(project(modules, **options))
