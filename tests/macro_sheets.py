# SPDX-License-Identifier: Apache-2.0
"""macro_sheets - makes the sheets of a workbook macro sheets, so that all of its formulas are read as
those of macro sheets are. The workbook changes in memory only."""
import io
import os
import struct
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/lib"))
from plainread import MAGIC, Compound, Damaged  # noqa: E402

WORKSHEET = b'officeDocument/2006/relationships/worksheet"'
MACRO_SHEET = b'officeDocument/2006/relationships/xlMacrosheet"'


def _biff(data):
    """[MS-XLS] 2.4.28: the kind of a sheet is the sixth byte of its BOUNDSHEET record."""
    stream, at, changed = Compound(data).read("Workbook") or b"", 0, None
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<2H", stream, at)
        if kind == 0x0085 and stream[at + 9] == 0:
            record = stream[at:at + 4 + size]
            if data.count(record) == 1:  # not broken over two sectors
                data = changed = data.replace(record, record[:9] + b"\1" + record[10:])
        if kind == 0x000A:
            break
        at += 4 + size
    return changed


def _package(data):
    out, changed = io.BytesIO(), False
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/_rels/workbook.") and WORKSHEET in content:
                content, changed = content.replace(WORKSHEET, MACRO_SHEET), True
            new.writestr(name, content)
    return out.getvalue() if changed else None


def remade(data):
    """The workbook with a macro sheet; None: it is none, or cannot be remade."""
    try:
        return _biff(data) if data[:8] == MAGIC else _package(data) if data[:2] == b"PK" else None
    except (Damaged, struct.error, IndexError, zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError):
        return None
