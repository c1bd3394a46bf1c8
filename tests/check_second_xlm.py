#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_second_xlm - the sheets, names and formulas that sekisho reads in workbooks with Excel 4.0
macro sheets are those that a second reader, written from [MS-XLS], [MS-XLSB] and [ECMA-376]
alone (tools/second-xlm), reads: the same text of every formula; or the difference is explained.

usage: check_second_xlm.py SEKISHO SOURCE-ROOT

Besides the seeds workbooks are made here with every function and every command, and with random
formulas; of the workbooks under SEKISHO_CORPUS also such as tests/macro_sheets.py makes.
"""
import io
import os
import random
import shutil
import struct
import sys
import zipfile

sys.dont_write_bytecode = True
from second import Second  # noqa: E402
from macro_sheets import remade  # noqa: E402  (makes tools/lib known)
import office97 as o  # noqa: E402
from xlfunctions import CETAB, FTAB, USER_DEFINED  # noqa: E402

BIFF8_LAST = 0x17B  # higher numbers are of BIFF12
FIRST = 'next(p for p in parts if p["type"] == "xlm-macro")'
LIES = {
    "does not see the macro sheets": FIRST + '["type"] = "text"',
    "takes them from another workbook": 'parts[0]["sha256"] = "0" * 64',
    "gives another text": FIRST + '["id"] = 0',
}


def every_function():
    cells = {}
    for n, (_, count) in FTAB.items():
        if n > BIFF8_LAST or n == USER_DEFINED:
            continue
        args = [o.integer(i) for i in range(1 if count is None else count)]
        cells[n, 0] = o.Formula(o.call(n, *args, fixed=count is not None))
        cells[n, 1] = o.Formula(o.call(n, *args, *args))
    for n in CETAB:
        cells[n, 2] = o.Formula(o.call(n | 0x8000, o.integer(n)))
    return o.excel([o.Sheet("Functions", cells, kind=o.MACROSHEET)])


def record12(kind, data):
    """[MS-XLSB] 2.1.4"""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([0x80 | len(data) & 0x7F, len(data) >> 7]) + data


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def tokens12(code):
    return struct.pack("<I", len(code)) + code + bytes(4)


def binary(cells):
    """A workbook of [MS-XLSB] with one macro sheet and one name; cells: {(row, column): tokens}"""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    rels = ('<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r0" Type="' + office + '{}" Target="{}"/></Relationships>')
    book = record12(156, struct.pack("<II", 0, 1) + wide("r0") + wide("M")) + record12(357, b"")
    book += record12(362, struct.pack("<I", 3) + struct.pack("<Iii", 0, 0, 0) * 3)
    book += record12(39, struct.pack("<IBI", 0, 0, 0xFFFFFFFF) + wide("total") + tokens12(o.integer(1))) * 2
    sheet, last = b"", None
    for (row, column), tokens in sorted(cells.items()):
        sheet += record12(0, struct.pack("<I", row)) if row != last else b""
        sheet += record12(9, struct.pack("<IId", column, 0, 0.0) + bytes(2) + tokens12(tokens))
        last = row
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                   '<Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>')
        z.writestr("_rels/.rels", rels.format("officeDocument", "xl/workbook.bin"))
        z.writestr("xl/workbook.bin", book)
        z.writestr("xl/_rels/workbook.bin.rels", rels.format("xlMacrosheet", "macrosheets/sheet1.bin"))
        z.writestr("xl/macrosheets/sheet1.bin", sheet)
    return out.getvalue()


def every_function_12():
    return binary({(n, 0): o.call(n, *[o.integer(i) for i in range(1 if c is None else c)], fixed=c is not None)
                   for n, (_, c) in FTAB.items() if n != USER_DEFINED})


def operand(r, twelve):
    """Tokens in the order of [MS-XLS] 2.5.198.1; [MS-XLSB] has wider rows and strings."""
    def col():
        return r.randrange(16384 if twelve else 256) | r.randrange(4) << 14

    def row():
        return r.randrange(1048576 if twelve else 65536)
    letter = "I" if twelve else "H"
    text = "".join(r.choice("ab \"'!,()=日\t") for _ in range(r.randrange(6)))
    return r.choice((
        lambda: o.integer(r.randrange(65536)),
        lambda: b"\x1f" + struct.pack("<d", r.choice((0.5, 1e10, 2.5e-7, 123456.789, 1e300))),
        lambda: b"\x17" + struct.pack("<H", len(text)) + text.encode("utf-16-le") if twelve else o.string(text),
        lambda: b"\x1c" + bytes([r.choice((0, 7, 15, 23, 29, 36, 42))]),
        lambda: b"\x1d" + bytes([r.randrange(2)]),
        lambda: b"\x44" + struct.pack(f"<{letter}H", row(), col()),
        lambda: b"\x25" + struct.pack(f"<2{letter}2H", row(), row(), col(), col()),
        lambda: b"\x3a" + struct.pack(f"<H{letter}H", r.randrange(3), row(), col()),
        lambda: b"\x3b" + struct.pack(f"<H2{letter}2H", r.randrange(3), row(), row(), col(), col()),
        lambda: b"\x23" + struct.pack("<I", r.randrange(1, 3)),
        lambda: b"\x2a" + bytes(6 if twelve else 4),
    ))()


def expression(r, depth, twelve):
    if depth == 0 or r.random() < 0.2:
        return operand(r, twelve)
    one = expression(r, depth - 1, twelve)
    kind = r.randrange(6)
    if kind < 2:
        return one + expression(r, depth - 1, twelve) + bytes([r.randrange(3, 0x12)])
    if kind == 2:
        return one + bytes([r.choice((0x12, 0x13, 0x14, 0x15))])
    if kind == 3:
        return one + r.choice((b"\x19\x10\0\0", b"\x19\x40\0\3", b"\x19\x01\0\0", b"\x19\x02\5\0"))
    known = {n: c for n, (_, c) in sorted(FTAB.items()) if n != USER_DEFINED and (twelve or n <= BIFF8_LAST)}
    if kind == 4:
        return o.call(r.choice([n for n, c in known.items() if c == 1]), one, fixed=True)
    args = [one] + [r.choice((b"\x16", expression(r, depth - 1, twelve))) for _ in range(r.randrange(3))]
    return o.call(r.choice([n for n, c in known.items() if c is None]), *args)


def random_formulas(seed, n, twelve):
    r = random.Random(seed)
    cells = {}
    while len(cells) < n:
        tokens = expression(r, r.randrange(1, 6), twelve)
        if len(tokens) < 1000:
            cells[len(cells), r.randrange(256)] = tokens
    if twelve:
        return binary(cells)
    sheets = [o.Sheet("Sheet1", {(0, 0): "text"}), o.Sheet("It's a sheet", {(0, 0): 1.5}),
              o.Sheet("Macro", {at: o.Formula(tokens) for at, tokens in cells.items()}, kind=o.MACROSHEET)]
    return o.excel(sheets, [o.defined_name("total", o.integer(1)), o.defined_name("other", o.string("a\"b"))])


def made(folder):
    os.mkdir(folder)
    for name, data in (("functions.xls", every_function()), ("functions.xlsb", every_function_12()),
                       ("random.xls", random_formulas(4, 2000, False)), ("random.xlsb", random_formulas(5, 2000, True))):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    return [folder]


def remade_corpus(folder, corpus):
    """The workbooks of the corpus with all their sheets as macro sheets."""
    os.mkdir(folder)
    for root in corpus:
        for where, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                with open(os.path.join(where, name), "rb") as f:
                    data = f.read()
                data = remade(data)
                if data:
                    with open(os.path.join(folder, name), "wb") as f:
                        f.write(data)
    return [folder]


if not shutil.which("7z"):
    print("1..0 # SKIP 7z is needed to open what sekisho extracts")
    sys.exit(0)
BEYOND = {
    "linked.biff": "two sheets begin at one place, and names lead to books that are not there",
    "cells.xlsb": "its last cell is cut off, and the second reader then gives up all formulas of the sheet",
    "linked5.biff": "names lead to books that are not there",
}
Second("xlm", ["decode/xls/corpus", "decode/ooxml/corpus", "examples"], BEYOND).run(
    ["-xlm-", ".xls"], 5500, "decode/xls/corpus/macro.xls", LIES, made, remade_corpus)
