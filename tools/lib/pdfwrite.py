# SPDX-License-Identifier: Apache-2.0
"""pdfwrite - writes small PDF files by hand (ISO 32000-1), whole or damaged on purpose, with
classic tables or with object and cross-reference streams, in clear or encrypted.

The same call writes the same bytes.
"""
import binascii
import base64
import hashlib
import struct
import zlib

import zipcrypt
from rc4 import rc4

PAD = bytes.fromhex('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a')
ID = bytes(range(16))


def text(s):
    """A text string: ASCII as it is, else UTF-16BE."""
    raw = s.encode('ascii') if s.isascii() else b'\xfe\xff' + s.encode('utf-16-be')
    return literal(raw)


def literal(raw):
    for c in (b'\\', b'(', b')'):
        raw = raw.replace(c, b'\\' + c)
    return b'(' + raw.replace(b'\r', b'\\r') + b')'


def predict(data, columns):
    """PNG predictor 12: each row less the one above."""
    out, above = b'', bytes(columns)
    for at in range(0, len(data), columns):
        row = data[at:at + columns].ljust(columns, b'\0')
        out += b'\2' + bytes((a - b) & 255 for a, b in zip(row, above))
        above = row
    return out


def lzw(data):
    """LZW with codes of 9 bits only: a clear code in front of every 200 bytes."""
    bits = ''
    for i, c in enumerate(data):
        if i % 200 == 0:
            bits += format(256, '09b')
        bits += format(c, '09b')
    bits += format(257, '09b')
    bits += '0' * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def runs(data):
    return b''.join(bytes([len(data[i:i + 128]) - 1]) + data[i:i + 128] for i in range(0, len(data), 128)) + b'\x80'


FILTERS = {
    'FlateDecode': lambda d: zlib.compress(d, 9),
    'ASCIIHexDecode': lambda d: binascii.hexlify(d) + b'>',
    'ASCII85Decode': lambda d: base64.a85encode(d) + b'~>',
    'LZWDecode': lzw,
    'RunLengthDecode': runs,
}


def cbc(key, iv, data, pad=True):
    if pad:
        n = 16 - len(data) % 16
        data += bytes([n]) * n
    aes, out = zipcrypt.Aes(key), b''
    for at in range(0, len(data), 16):
        iv = bytes(aes.block(bytes(a ^ b for a, b in zip(data[at:at + 16], iv))))
        out += iv
    return out


def hash_2b(password, salt):
    """ISO 32000-2 7.6.4.3.4 (algorithm 2.B), user password."""
    k, i = hashlib.sha256(password + salt).digest(), 0
    while True:
        e = cbc(k[:16], k[16:32], (password + k) * 64, pad=False)
        k = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(e[:16]) % 3](e).digest()
        i += 1
        if i >= 64 and e[-1] <= i - 32:
            return k[:32]


class Lock:
    """The standard security handler (7.6.3), revisions 2 to 6, without an owner password of its own."""

    def __init__(self, revision, password=b'', aes=False):
        self.r, self.aes = revision, aes or revision >= 5
        self.bytes = {2: 5, 3: 16, 4: 16, 5: 32, 6: 32}[revision]
        if revision >= 5:
            self.modern(password)
            return
        padded = (password + PAD)[:32]
        self.o = hashlib.sha256(b'owner').digest()
        self.p = -44
        k = hashlib.md5(padded + self.o + struct.pack('<i', self.p) + ID).digest()
        if revision >= 3:
            for _ in range(50):
                k = hashlib.md5(k[:self.bytes]).digest()
        self.key = k[:self.bytes]
        if revision == 2:
            self.u = rc4(self.key, PAD)
        else:
            u = hashlib.md5(PAD + ID).digest()
            for i in range(20):
                u = rc4(bytes(c ^ i for c in self.key), u)
            self.u = u + bytes(16)

    def modern(self, password):
        self.key = hashlib.sha256(b'file key').digest()
        hashed = hash_2b if self.r == 6 else lambda pw, salt: hashlib.sha256(pw + salt).digest()
        self.p = -44
        self.u = hashed(password, b'VALIDATE') + b'VALIDATE' + b'KEYSALT_'
        self.ue = cbc(hashed(password, b'KEYSALT_'), bytes(16), self.key, pad=False)
        self.o = self.oe = bytes(48)

    def dictionary(self):
        v = {2: 1, 3: 2, 4: 4, 5: 5, 6: 5}[self.r]
        out = b'<</Filter/Standard/V %d/R %d/Length %d/P %d/O<%s>/U<%s>' % (
            v, self.r, self.bytes * 8, self.p, self.o.hex().encode(), self.u.hex().encode())
        if v >= 4:
            method = b'AESV3' if v == 5 else b'AESV2' if self.aes else b'V2'
            out += b'/CF<</StdCF<</AuthEvent/DocOpen/CFM/%s/Length %d>>>>/StmF/StdCF/StrF/StdCF' % (method, self.bytes)
        if self.r >= 5:
            out += b'/UE<%s>/OE<%s>/Perms<%s>' % (self.ue.hex().encode(), bytes(32).hex().encode(), bytes(16).hex().encode())
        return out + b'>>'

    def crypt(self, num, data):
        if self.r >= 5:
            return bytes(16) + cbc(self.key, bytes(16), data)
        k = self.key + struct.pack('<I', num)[:3] + b'\0\0' + (b'sAlT' if self.aes else b'')
        k = hashlib.md5(k).digest()[:min(len(self.key) + 5, 16)]
        return bytes(16) + cbc(k, bytes(16), data) if self.aes else rc4(k, data)


class Pdf:
    """Objects in order of their numbers. Strings of an encrypted file: secret()."""
    def __init__(self, version=b'1.4', lock=None):
        self.objects, self.version, self.lock = {}, version, lock
        self.n = 0

    def number(self):
        self.n += 1
        return self.n

    def add(self, body, num=None):
        num = num or self.number()
        self.objects[num] = (body, None)
        return num

    def secret(self, num, raw):
        return b'<' + self.lock.crypt(num, raw).hex().encode() + b'>' if self.lock else literal(raw)

    def stream(self, data, extra=b'', filters=('FlateDecode',), num=None, parms=b''):
        num = num or self.number()
        for f in reversed(filters):
            data = FILTERS[f](data)
        names = b''.join(b'/' + f.encode() for f in filters)
        entry = b'/Filter' + (names if len(filters) == 1 else b'[' + names + b']') if filters else b''
        if self.lock:
            data = self.lock.crypt(num, data)
        self.objects[num] = (b'<<%s%s%s/Length %d>>' % (extra, entry, parms, len(data)), data)
        return num

    def pack(self, nums):
        """Moves objects into an object stream (7.5.7)."""
        heads, bodies = b'', b''
        for n in nums:
            heads += b'%d %d ' % (n, len(bodies))
            bodies += self.objects.pop(n)[0] + b' '
        return self.stream(heads + bodies, b'/Type/ObjStm/N %d/First %d' % (len(nums), len(heads)))

    def write(self, root, table=True, xref_stream=False, header=True, extra=b''):
        out = (b'%%PDF-%s\n%%\xe2\xe3\xcf\xd3\n' % self.version) if header else b''
        places = {}
        if self.lock:
            self.objects[self.number()] = (self.lock.dictionary(), None)
            extra += b'/Encrypt %d 0 R/ID[<%s><%s>]' % (self.n, ID.hex().encode(), ID.hex().encode())
        for num, (body, data) in sorted(self.objects.items()):
            places[num] = len(out)
            out += b'%d 0 obj\n%s\n' % (num, body)
            if data is not None:
                out += b'stream\n' + data + b'\nendstream\n'
            out += b'endobj\n'
        at = len(out)
        if xref_stream:
            num = self.number()
            places[num] = at
            rows = b''.join(struct.pack('>BIB', 1 if n in places else 0, places.get(n, 0), 0) for n in range(num + 1))
            data = zlib.compress(predict(rows, 6), 9)
            out += b'%d 0 obj\n<</Type/XRef/W[1 4 1]/Size %d/Root %d 0 R%s/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 6>>/Length %d>>\nstream\n' % (
                num, num + 1, root, extra, len(data)) + data + b'\nendstream\nendobj\n'
        elif table:
            out += b'xref\n0 %d\n0000000000 65535 f \n' % (self.n + 1)
            for n in range(1, self.n + 1):
                out += b'%010d 00000 %c \n' % (places.get(n, 0), b'n' if n in places else b'f')
            out += b'trailer\n<</Size %d/Root %d 0 R%s>>\n' % (self.n + 1, root, extra)
        return out + b'startxref\n%d\n%%%%EOF\n' % at


def show(lines, size=12, top=740):
    """A content stream that shows lines of ASCII text."""
    out = b'BT /F1 %g Tf 50 %d Td 14 TL\n' % (size, top)
    return out + b''.join(literal(line.encode()) + b' Tj T*\n' for line in lines) + b'ET\n'


PICTURE_AT = b'q %d 0 0 %d %d %d cm /Im1 Do Q\n'


def page(p, content, annotations=(), more=b'', picture=False, fonts=b'', filters=('FlateDecode',)):
    """One page of letter size with its font, its tree and a catalogue; the number of the catalogue."""
    font = p.add(b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>')
    image = p.stream(b'\x80' * 64, b'/Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8') if picture else 0
    stream = p.stream(content, filters=filters)
    notes = b''.join(b'%d 0 R ' % p.add(a) for a in annotations)
    tree, leaf = p.number(), p.number()
    p.add(b'<</Type/Pages/Kids[%d 0 R]/Count 1/MediaBox[0 0 612 792]>>' % leaf, tree)
    p.add(b'<</Type/Page/Parent %d 0 R/Contents %d 0 R/Annots[%s]/Resources<</Font<</F1 %d 0 R%s>>%s>>>>' % (
        tree, stream, notes, font, fonts, b'/XObject<</Im1 %d 0 R>>' % image if picture else b''), leaf)
    return p.add(b'<</Type/Catalog/Pages %d 0 R%s>>' % (tree, more))


def link(url, rect=(50, 700, 300, 760)):
    return b'<</Type/Annot/Subtype/Link/Rect[%d %d %d %d]/A<</S/URI/URI%s>>>>' % (*rect, literal(url.encode()))


def carried(p, name, data):
    """An embedded file; the number of its file specification."""
    stream = p.stream(data, b'/Type/EmbeddedFile')
    return p.add(b'<</Type/Filespec/F%s/UF%s/EF<</F %d 0 R>>>>' % (literal(name.encode()), text(name), stream))


def unicode_map(pairs):
    """A ToUnicode CMap of two-byte codes."""
    rows = b''.join(b'<%04x> <%s>\n' % (code, ch.encode('utf-16-be').hex().encode()) for code, ch in pairs)
    return (b'/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <0000> <ffff> endcodespacerange\n'
            b'%d beginbfchar\n%sendbfchar\nendcmap end end\n' % (len(pairs), rows))
