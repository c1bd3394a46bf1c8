# SPDX-License-Identifier: Apache-2.0
"""mail - writes Internet mail (RFC 5322, 2045-2047, 2231) byte by byte, in the charsets
and habits of Japanese mail programs. Deterministic: boundaries come from the content.

    part = mail.mixed([mail.text('本文'), mail.file('見積書.xlsx', data)])
    mail.message([('From', mail.mailbox('山田 太郎', 'yamada@example.invalid')), ...], part)

Header values are text (encoded as the `charset` says) or bytes (taken as they are).
"""
import base64
import hashlib
import quopri
import re
import unicodedata

TYPES = {
    'doc': 'application/msword', 'xls': 'application/vnd.ms-excel',
    'docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'xlsm': 'application/vnd.ms-excel.sheet.macroEnabled.12',
    'docm': 'application/vnd.ms-word.document.macroEnabled.12',
    'zip': 'application/zip', 'pdf': 'application/pdf', 'png': 'image/png', 'one': 'application/onenote',
    'csv': 'text/csv', 'txt': 'text/plain', 'ics': 'text/calendar', 'vcf': 'text/vcard',
}
CODECS = {'shift_jis': 'cp932', 'cp932': 'cp932', 'euc-jp': 'euc_jp',
          'utf-8': 'utf-8', 'us-ascii': 'ascii', 'windows-1252': 'cp1252'}


def codec(charset):
    return CODECS.get(charset.lower(), charset)


def iso2022jp(text):
    """CP50221 as Windows programs write it: with NEC row 13 (①㈱) and half-width kana
    turned into ordinary ones, which Python's own codec refuses."""
    out, wide = bytearray(), False
    for c in re.sub('[\uff61-\uff9f]+', lambda m: unicodedata.normalize('NFKC', m[0]), text):
        raw = c.encode('cp932', 'replace')
        if len(raw) == 2 and raw[0] < 0xF0:
            hi, lo = raw
            hi = (hi - (0x71 if hi < 0xA0 else 0xB1)) * 2 + (1 if lo < 0x9F else 2)
            lo = lo - 0x7E if lo >= 0x9F else lo - (0x20 if lo > 0x7F else 0x1F)
            out += (b'' if wide else b'\x1b$B') + bytes([hi, lo])
            wide = True
        else:
            out += (b'\x1b(B' if wide else b'') + (raw if len(raw) == 1 and raw[0] < 128 else b'?')
            wide = False
    return bytes(out + (b'\x1b(B' if wide else b''))


def encode(text, charset):
    """Line by line, so that no line leaves ASCII open."""
    if charset.lower() == 'iso-2022-jp':
        return b'\r\n'.join(iso2022jp(line) for line in text.split('\r\n'))
    return text.encode(codec(charset), 'replace')


# --- RFC 2047

def word(raw, charset, how='B'):
    if how == 'B':
        return b'=?%s?B?%s?=' % (charset.encode(), base64.b64encode(raw))
    plain = b''.join(bytes([b]) if chr(b).isalnum() and b < 128 else b'_' if b == 32 else b'=%02X' % b for b in raw)
    return b'=?%s?Q?%s?=' % (charset.encode(), plain)


def words(text, charset='iso-2022-jp', how='B', split=None):
    """Encoded words of at most 75 bytes. split=n cuts the *bytes* every n, through
    characters, as some programs wrongly do."""
    if all(' ' <= c <= '~' for c in text):
        return text.encode('ascii')
    if split:
        raw = encode(text, charset)
        pieces = [raw[i:i + split] for i in range(0, len(raw), split)]
        return b'\r\n '.join(word(p, charset, how) for p in pieces)
    out, run = [], ''
    for c in text:
        if len(word(encode(run + c, charset), charset, how)) > 72:
            out.append(run)
            run = ''
        run += c
    out.append(run)
    return b'\r\n '.join(word(encode(r, charset), charset, how) for r in out)


def mailbox(name, address, charset='iso-2022-jp', quote=False):
    if not name:
        return address.encode('ascii')
    plain = all(' ' <= c <= '~' for c in name)
    shown = words(name, charset)
    if plain and (quote or any(c in '()<>[]:;@\\,."' for c in name)):
        shown = b'"' + shown.replace(b'\\', b'\\\\').replace(b'"', b'\\"') + b'"'
    return shown + (b'\r\n <' if len(shown) > 50 else b' <') + address.encode('ascii') + b'>'


# --- parts: (list of header lines, body bytes)

def _fold64(raw):
    coded = base64.b64encode(raw)
    return b'\r\n'.join(coded[i:i + 76] for i in range(0, len(coded), 76)) + b'\r\n'


def _transfer(raw, cte):
    if cte == 'base64':
        return _fold64(raw)
    if cte == 'quoted-printable':
        return quopri.encodestring(raw.replace(b'\r\n', b'\n')).replace(b'\n', b'\r\n')
    return raw


def text(body, charset='iso-2022-jp', cte=None, subtype='plain', label=None):
    """`label` names another charset than the one used: a lie."""
    raw = encode(body.replace('\r\n', '\n').replace('\n', '\r\n'), charset)
    if not raw.endswith(b'\r\n'):
        raw += b'\r\n'
    if cte is None:
        cte = '7bit' if max(raw, default=0) < 128 else 'base64'
    kind = 'Content-Type: text/%s; charset=%s' % (subtype, label or charset)
    return [kind.encode(), b'Content-Transfer-Encoding: ' + cte.encode()], _transfer(raw, cte)


def html(body, charset='utf-8', cte='quoted-printable'):
    return text(body, charset, cte, 'html')


def _names(name, charset, style):
    """name= and filename= lines: '2047' as most Japanese programs did, '2231', 'both', 'raw'"""
    if all(' ' <= c <= '~' for c in name):
        q = b'"' + name.encode() + b'"'
        return b'name=' + q, b'filename=' + q
    old = b'"' + words(name, charset) + b'"'
    raw = encode(name, charset)
    if style == 'raw':
        return b'name="' + raw + b'"', b'filename="' + raw + b'"'
    coded = charset.encode() + b"''" + b''.join(
        bytes([b]) if chr(b).isalnum() and b < 128 or b in b'.-_' else b'%%%02X' % b for b in raw)
    if len(coded) <= 60:
        new = b'filename*=' + coded
    else:
        pieces, i = [], 0
        while i < len(coded):
            n = 58
            while b'%' in coded[i + n - 2:i + n] and i + n < len(coded):  # not through a %XX
                n -= 1
            pieces.append(coded[i:i + n])
            i += n
        new = b';\r\n '.join(b'filename*%d*=%s' % (k, p) for k, p in enumerate(pieces))
    if style == '2231':
        return b'name=' + old, new
    if style == 'both':
        return b'name=' + old, b'filename=' + old + b';\r\n ' + new
    return b'name=' + old, b'filename=' + old


def file(name, data, kind=None, charset='iso-2022-jp', style='2047', disposition='attachment'):
    kind = kind or TYPES.get(name.rsplit('.', 1)[-1].lower(), 'application/octet-stream')
    a, b = _names(name, charset, style)
    return ([b'Content-Type: %s;\r\n %s' % (kind.encode(), a), b'Content-Transfer-Encoding: base64',
             b'Content-Disposition: %s;\r\n %s' % (disposition.encode(), b)], _fold64(data))


def attached_mail(raw, name='転送.eml'):
    return ([b'Content-Type: message/rfc822', b'Content-Disposition: attachment'], raw)


def multi(kind, parts, extra=b''):
    whole = b''.join(b'\r\n'.join(h) + b for h, b in parts)
    mark = b'----=_Part_' + hashlib.sha256(kind.encode() + whole).hexdigest()[:20].encode()
    body = b''.join(b'--' + mark + b'\r\n' + b'\r\n'.join(h) + b'\r\n\r\n' + b.rstrip(b'\r\n') + b'\r\n'
                    for h, b in parts)
    return [b'Content-Type: multipart/%s;%s\r\n boundary="%s"' % (kind.encode(), extra, mark)], body + b'--' + mark + b'--\r\n'


def mixed(parts):
    return multi('mixed', parts)


def alternative(plain, rich):
    return multi('alternative', [plain, rich])


def message(headers, part, charset='iso-2022-jp'):
    lines = []
    for name, value in headers:
        raw = value if isinstance(value, bytes) else words(value, charset)
        lines.append(name.encode() + b': ' + raw)
    heads, body = part
    if not any(n.lower() == 'mime-version' for n, _ in headers):
        lines.append(b'MIME-Version: 1.0')
    return b'\r\n'.join(lines + heads) + b'\r\n\r\n' + body
