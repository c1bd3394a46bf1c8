# SPDX-License-Identifier: Apache-2.0
"""office97 - writes minimal binary Office files: .doc ([MS-DOC]) and .xls ([MS-XLS]).

    office97.word('本文\\n二行目', vba=modules)
    office97.excel([Sheet('Sheet1', cells)], names=[...], vba=modules)

A .doc has a FIB, its text in one piece and a table stream with the piece table:
what a reader needs to find the text. A .xls has BIFF8 records for cells, formulas
(tokens are given by the caller, see the functions at the end) and defined names.
Left out: formatting beyond what a reader insists on.
"""
import struct

import cfbwrite
import officecrypt
import ovba


def summary(author, application, title=''):
    """\\x05SummaryInformation ([MS-OLEPS]) in code page 932."""
    rows = [(2, title), (4, author), (8, author), (18, application)]
    body = [(1, struct.pack('<Ihxx', 2, 932))]
    for ident, text in rows:
        raw = text.encode('cp932') + b'\0'
        raw += bytes(-len(raw) % 4)
        body.append((ident, struct.pack('<II', 30, len(text.encode('cp932')) + 1) + raw))
    offsets, data, at = b'', b'', 8 + 8 * len(body)
    for ident, value in body:
        offsets += struct.pack('<II', ident, at + len(data))
        data += value
    section = struct.pack('<II', at + len(data), len(body)) + offsets + data
    fmtid = cfbwrite.clsid_bytes('F29F85E0-4FF9-1068-AB91-08002B27B3D9')
    return struct.pack('<HHI16sI', 0xFFFE, 0, 0x00020006, bytes(16), 1) + fmtid + struct.pack('<I', 48) + section


# --- Word

def word(text, vba=None, author='総務部', extra=None):
    chars = text.replace('\n', '\r')
    chars += '' if chars.endswith('\r') else '\r'
    raw = chars.encode('utf-16-le')
    start = 0x800
    clx = struct.pack('<BI', 2, 16) + struct.pack('<II', 0, len(raw) // 2) + struct.pack('<HIH', 0, start, 0)
    fib = bytearray(0x382)
    struct.pack_into('<HHHHHH', fib, 0, 0xA5EC, 0xC1, 0, 0x411, 0, 0x1200)  # fWhichTblStm, fExtChar
    struct.pack_into('<H', fib, 0x0C, 0xBF)
    struct.pack_into('<II', fib, 0x18, start, start + len(raw))
    struct.pack_into('<H', fib, 0x20, 14)
    struct.pack_into('<H', fib, 0x3E, 22)
    struct.pack_into('<I', fib, 0x40, start + len(raw))
    struct.pack_into('<I', fib, 0x4C, len(raw) // 2)
    struct.pack_into('<H', fib, 0x98, 93)
    struct.pack_into('<II', fib, 0x1A2, 0, len(clx))
    main = bytes(fib).ljust(start, b'\0') + raw
    streams = {'WordDocument': main.ljust(4096, b'\0'), '1Table': clx.ljust(4096, b'\0'),
               '\x05SummaryInformation': summary(author, 'Microsoft Office Word')}
    if vba is not None:
        streams.update({'Macros/' + k: v for k, v in ovba.project(vba).items()})
    streams.update(extra or {})
    return cfbwrite.write(streams, cfbwrite.WORD)


# --- Excel

WORKSHEET, MACROSHEET = 0, 1
VISIBLE, HIDDEN, VERY_HIDDEN = 0, 1, 2


class Sheet:
    """cells: {(row, column): text, number or Formula}"""
    def __init__(self, name, cells, kind=WORKSHEET, state=VISIBLE):
        self.name, self.cells, self.kind, self.state = name, cells, kind, state


class Formula:
    def __init__(self, tokens, value=0.0):
        self.tokens, self.value = tokens, value


def record(ident, data=b''):
    assert len(data) <= 8224
    return struct.pack('<HH', ident, len(data)) + data


def short_text(text, wide_length=False):
    """XLUnicodeString, or ShortXLUnicodeString"""
    try:
        raw, flag = text.encode('latin-1'), 0
    except UnicodeEncodeError:
        raw, flag = text.encode('utf-16-le'), 1
    return struct.pack('<HB' if wide_length else '<BB', len(text), flag) + raw


def _bof(kind):
    return record(0x809, struct.pack('<HHHHII', 0x600, kind, 0x2A5A, 0x07CD, 0x000080C9, 0x06000106))


def shared_strings(sheets):
    """SST (2.4.265) and the index of each text in it"""
    index, uses, out = {}, 0, b''
    for sheet in sheets:
        for _, value in sorted(sheet.cells.items()):
            if isinstance(value, str):
                uses += 1
                if value not in index:
                    index[value] = len(index)
                    out += short_text(value, True)
    return index, record(0xFC, struct.pack('<II', uses, len(index)) + out)


def _sheet(sheet, index):
    out = _bof(0x40 if sheet.kind == MACROSHEET else 0x10)
    rows = max((r for r, _ in sheet.cells), default=0) + 1
    columns = max((c for _, c in sheet.cells), default=0) + 1
    out += record(0x200, struct.pack('<IIHHH', 0, rows, 0, columns, 0))
    for (r, c), value in sorted(sheet.cells.items()):
        at = struct.pack('<HHH', r, c, 15)
        if isinstance(value, Formula):
            if isinstance(value.value, str):
                cached = b'\0\0\0\0\0\0\xff\xff'
            else:
                cached = struct.pack('<d', value.value)
            out += record(0x06, at + cached + struct.pack('<HIH', 0, 0, len(value.tokens)) + value.tokens)
            if isinstance(value.value, str):
                out += record(0x207, short_text(value.value, True))
        elif isinstance(value, (int, float)):
            out += record(0x203, at + struct.pack('<d', value))
        else:
            out += record(0xFD, at + struct.pack('<I', index[value]))
    return out + record(0x23E, struct.pack('<HHHHHH', 0x06B6, 0, 0, 0x40, 0, 0) + bytes(6)) + record(0x0A)


def defined_name(name, tokens, hidden=False, macro=False):
    """`name` may be 1 (Auto_Open) or 2 (Auto_Close): built-in names (2.5.114)."""
    flags = (1 if hidden else 0) | (0x20 if isinstance(name, int) else 0) | (0x0C if macro else 0)
    text = bytes([0, name]) if isinstance(name, int) else short_text(name)[1:]
    count = 1 if isinstance(name, int) else len(name)
    return record(0x18, struct.pack('<HBBHHHI', flags, 0, count, len(tokens), 0, 0, 0) + text + tokens)


def book(sheets, names=(), links=b''):
    """The Workbook stream. names: records of defined_name(); sheet i is reachable through
    ref3d(i, ...). links: records of dde_link() and the like, behind the book's own."""
    fonts = record(0x31, struct.pack('<HHHHHBBBB', 200, 0, 0x7FFF, 400, 0, 0, 0, 0x80, 0) +
                   short_text('Arial')) * 4
    style = struct.pack('<HHHBBBBIIH', 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    cell = struct.pack('<HHHBBBBIIH', 0, 0, 0x0001, 0x20, 0, 0, 0, 0, 0, 0x20C0)
    head = _bof(0x05) + record(0x42, struct.pack('<H', 1200))
    head += record(0x3D, struct.pack('<HHHHHHHHH', 0, 0, 0x4000, 0x2000, 0x38, 0, 0, 1, 600))
    head += fonts + record(0xE0, style) * 15 + record(0xE0, cell)
    tail = record(0x1AE, struct.pack('<HH', len(sheets), 0x0401))
    tail += record(0x17, struct.pack('<H', len(sheets)) +
                   b''.join(struct.pack('<HHH', 0, i, i) for i in range(len(sheets))))
    index, strings = shared_strings(sheets)
    tail += links + b''.join(names) + strings + record(0x0A)
    bodies = [_sheet(s, index) for s in sheets]
    bound = [short_text(s.name) for s in sheets]
    at = len(head) + sum(4 + 6 + len(b) for b in bound) + len(tail)
    middle = b''
    for s, name, body in zip(sheets, bound, bodies):
        middle += record(0x85, struct.pack('<IBB', at, s.state, s.kind) + name)
        at += len(body)
    return head + middle + tail + b''.join(bodies)


def dde_link(service, topic, item):
    """A DDE server: SUPBOOK (2.4.271) and one EXTERNNAME (2.4.104)"""
    path = short_text(service + '\3' + topic, True)
    return record(0x1AE, struct.pack('<H', 0) + path) + record(0x23, bytes(6) + short_text(item) + bytes(2))


def excel(sheets, names=(), vba=None, author='経理部', extra=None, links=b'', password=None):
    stream = book(sheets, names, links)
    if password:
        stream = officecrypt.book(stream, password, 'capi')
    streams = {'Workbook': stream.ljust(4096, b'\0'),
               '\x05SummaryInformation': summary(author, 'Microsoft Excel')}
    if vba is not None:
        streams.update({'_VBA_PROJECT_CUR/' + k: v for k, v in ovba.project(vba).items()})
    streams.update(extra or {})
    return cfbwrite.write(streams, cfbwrite.EXCEL)


# --- formula tokens (2.5.198)

CONCAT = b'\x08'
F_RETURN, F_HALT, F_EXEC, F_CHAR, F_CALL, F_CONCATENATE, F_GOTO, F_MID, F_REGISTER = 55, 54, 110, 111, 150, 336, 53, 31, 149
F_GET_WORKSPACE, F_SET_VALUE, F_FOPEN, F_FWRITELN, F_USER = 186, 108, 132, 137, 255
# Commands (2.5.198.4) have bit 15 set.
F_ALERT, F_FORMULA, F_FORMULA_FILL, F_RUN = 0x8076, 0x8060, 0x8061, 0x8011


def string(text):
    return b'\x17' + short_text(text)


def integer(n):
    return struct.pack('<BH', 0x1E, n)


def ref(row, column, value=True):
    """relative in neither direction; class value or reference"""
    return struct.pack('<BHH', 0x44 if value else 0x24, row, column)


def ref3d(sheet, row, column):
    return struct.pack('<BHHH', 0x3A, sheet, row, column)


def call(function, *args, fixed=False):
    """ptgFuncVar (class value); `fixed` for functions with a set number of arguments"""
    body = b''.join(args)
    if fixed:
        return body + struct.pack('<BH', 0x41, function)
    return body + struct.pack('<BBH', 0x42, len(args), function)
