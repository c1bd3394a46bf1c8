# SPDX-License-Identifier: Apache-2.0
"""outlook - writes a mail as Outlook keeps it: message files ([MS-OXMSG]) and TNEF ([MS-OXTNEF]).

    outlook.msg(raw)    the same mail as a .msg
    outlook.tnef(raw)   its text and files as winmail.dat
    outlook.wrapped(raw)  the mail with winmail.dat in place of them

Made from Internet mail, so that pairs say the same in two carriers.
"""
import email
import email.policy
import struct

import cfbwrite

INT, OBJECT, STRING8, STRING, BINARY = 3, 0x0D, 0x1E, 0x1F, 0x0102
IID_MESSAGE = cfbwrite.clsid_bytes('00020307-0000-0000-C000-000000000046')
PRESET = (b'{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArial'
          b'Times New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx')


def parts(raw):
    """Header text, plain text, page, files [(name, type, data or message)]."""
    whole = email.message_from_bytes(raw, policy=email.policy.default.clone(raise_on_defect=False))
    head = raw.replace(b'\r\n', b'\n').split(b'\n\n', 1)[0].replace(b'\n', b'\r\n') + b'\r\n\r\n'
    text = page = None
    files = []
    for part in whole.walk():
        if part.is_multipart() and part.get_content_type() != 'message/rfc822':
            continue
        name, kind = part.get_filename(), part.get_content_type()
        data = part.get_payload(decode=True) or b''
        if name is None and kind in ('text/plain', 'text/html') and part.get_content_disposition() != 'attachment':
            decoded = data.decode(part.get_content_charset() or 'utf-8', 'replace')
            if kind == 'text/plain':
                text = (text or '') + decoded
            else:
                page = (page or '') + decoded
        else:
            files.append((name or '', kind, data))
    return head, str(whole['subject'] or ''), text, page, files


def packed(rtf):
    """Compressed RTF of literals only ([MS-OXRTFCP] 2.2)."""
    body = b''
    for i in range(0, len(rtf), 8):
        body += b'\0' + rtf[i:i + 8]
    at = (len(PRESET) + len(rtf)) % 4096
    last = len(rtf) % 8
    end = struct.pack('>H', at << 4)
    if last:
        flags_at = len(body) - last - 1
        body = body[:flags_at] + bytes([1 << last]) + body[flags_at + 1:] + end
    else:
        body += b'\1' + end
    return struct.pack('<I', len(body) + 12) + struct.pack('<I4sI', len(rtf), b'LZFu', 0) + body


def uncompressed(rtf):
    return struct.pack('<II4sI', len(rtf) + 12, len(rtf), b'MELA', 0) + rtf


# --- message files

def bag(head, values):
    """Streams of one storage from [(id, type, value)]."""
    streams, fixed = {}, bytearray(head)
    for ident, kind, value in values:
        if kind == INT:
            fixed += struct.pack('<HHII4x', kind, ident, 6, value)
            continue
        raw = value.encode('utf-16-le') if kind == STRING else value
        streams['__substg1.0_%04X%04X' % (ident, kind)] = raw
        fixed += struct.pack('<HHII4x', kind, ident, 6, len(raw) + (2 if kind == STRING else 0))
    streams['__properties_version1.0'] = bytes(fixed)
    return streams


def message_values(head, subject, text, page, rich=None):
    values = [(0x001A, STRING, 'IPM.Note'), (0x0037, STRING, subject), (0x007D, STRING, head.decode('utf-8', 'replace')), (0x3FDE, INT, 65001)]
    if text is not None:
        values.append((0x1000, STRING, text))
    if page is not None:
        values.append((0x1013, BINARY, page.encode('utf-8')))
    if rich is not None:
        values.append((0x1009, BINARY, rich))
    return values


def msg_streams(values, files=(), head=bytes(32), recipients=()):
    streams = bag(head, values)
    for i, recipient in enumerate(recipients):
        streams.update({'__recip_version1.0_#%08X/%s' % (i, k): v for k, v in bag(bytes(8), recipient).items()})
    for i, (name, kind, data) in enumerate(files):
        folder = '__attach_version1.0_#%08X/' % i
        if isinstance(data, dict):     # a message or a storage: its streams
            inner = bag(bytes(8), [(0x3001, STRING, name), (0x3705, INT, 5)])
            inner.update({'__substg1.0_3701000D/' + k: v for k, v in data.items()})
        else:
            inner = bag(bytes(8), [(0x3704, STRING, name[:8]), (0x3707, STRING, name), (0x370E, STRING, kind), (0x3705, INT, 1), (0x3701, BINARY, data)])
        streams.update({folder + k: v for k, v in inner.items()})
    return streams


def msg(raw):
    head, subject, text, page, files = parts(raw)
    return cfbwrite.write(msg_streams(message_values(head, subject, text, page), files), cfbwrite.MSG)


# --- TNEF

def attribute(level, ident, data):
    return struct.pack('<BII', level, ident, len(data)) + data + struct.pack('<H', sum(data) & 0xFFFF)


def properties(values):
    out = struct.pack('<I', len(values))
    for ident, kind, value in values:
        out += struct.pack('<HH', kind, ident)
        if kind == INT:
            out += struct.pack('<I', value)
            continue
        raw = value.encode('utf-16-le') + b'\0\0' if kind == STRING else value
        out += struct.pack('<II', 1, len(raw)) + raw + bytes(-len(raw) % 4)
    return out


def tnef_of(values, files, codepage=65001):
    out = struct.pack('<IH', 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack('<I', 0x10000)) + attribute(1, 0x00069007, struct.pack('<II', codepage, 0))
    out += attribute(1, 0x00078008, b'IPM.Microsoft Mail.Note\0') + attribute(1, 0x00069003, properties(values))
    for name, kind, data in files:
        out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, name.encode('utf-8') + b'\0')
        if data[:4] == b'\x78\x9f\x3e\x22':
            out += attribute(2, 0x00069005, properties([(0x3701, OBJECT, IID_MESSAGE + data), (0x3001, STRING, name)]))
        else:
            out += attribute(2, 0x0006800F, data) + attribute(2, 0x00069005, properties([(0x3707, STRING, name), (0x370E, STRING, kind)]))
    return out


def tnef(raw):
    head, subject, text, page, files = parts(raw)
    values = [v for v in message_values(head, subject, text, page) if v[0] != 0x007D]
    return tnef_of(values, files)


def wrapped(raw):
    """The header as it was, one file winmail.dat."""
    import base64
    head = parts(raw)[0]
    fields, kept = head.decode('utf-8', 'surrogateescape').split('\r\n'), []
    skipping = False
    for line in fields:
        if not line.startswith((' ', '\t')):
            skipping = line.lower().startswith(('content-', 'mime-version'))
        if line and not skipping:
            kept.append(line)
    encoded = base64.encodebytes(tnef(raw)).replace(b'\n', b'\r\n')
    kept += ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="=_tnef"', '', '--=_tnef', 'Content-Type: application/ms-tnef; name="winmail.dat"',
             'Content-Transfer-Encoding: base64', 'Content-Disposition: attachment; filename="winmail.dat"', '']
    return '\r\n'.join(kept).encode('utf-8', 'surrogateescape') + b'\r\n' + encoded + b'--=_tnef--\r\n'
