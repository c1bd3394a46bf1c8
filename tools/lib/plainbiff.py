# SPDX-License-Identifier: Apache-2.0
"""plainbiff - workbooks in BIFF8, for the second reader of macro sheets.

Written from [MS-XLS] 2.1.4 (records), 2.1.7.20 (the stream of the workbook), 2.4 (the records)
and 2.5.294 (strings). Older forms (BIFF5 and before) and encrypted workbooks are not read. It
shares no code with decode/.
"""
import struct

from plainptg import BIFF8, ERRORS, Formula, column, number, quoted, text
from plainread import Damaged

FORMULA, EOF, NAME, SUPBOOK, EXTERNSHEET, EXTERNNAME = 0x0006, 0x000A, 0x0018, 0x01AE, 0x0017, 0x0023
BOUNDSHEET, SST, CONTINUE, FILEPASS, BOF = 0x0085, 0x00FC, 0x003C, 0x002F, 0x0809
LABELSST, LABEL, NUMBER, RK, MULRK, BOOLERR, STRING, RSTRING = 0x00FD, 0x0204, 0x0203, 0x027E, 0x00BD, 0x0205, 0x0207, 0x00D6
SHRFMLA, ARRAY = 0x04BC, 0x0221
BUILT_IN = ("Consolidate_Area", "Auto_Open", "Auto_Close", "Extract", "Database", "Criteria", "Print_Area", "Print_Titles",
            "Recorder", "Data_Form", "Auto_Activate", "Auto_Deactivate", "Sheet_Title", "_FilterDatabase")
KINDS = {0: "worksheet", 1: "macro", 2: "chart", 6: "vb module"}
HIDDEN = {0: "", 1: "hidden", 2: "very hidden"}


def records(data, at=0):
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<2H", data, at)
        if size > len(data) - at - 4:
            raise Damaged(f"record {kind:#x} is cut off")
        yield at, kind, data[at + 4:at + 4 + size]
        at += 4 + size


def characters(raw, at, n, flags):
    if flags & 1:
        return raw[at:at + 2 * n].decode("utf-16-le", "replace"), at + 2 * n
    return raw[at:at + n].decode("latin-1"), at + n


def rk(value):
    """2.5.217: 30 bits of an integer or of the upper half of a double, maybe times 100."""
    if value & 2:
        n = float((value if value < 1 << 31 else value - (1 << 32)) >> 2)
    else:
        n, = struct.unpack("<d", struct.pack("<Q", (value & 0xFFFFFFFC) << 32))
    return n / 100 if value & 1 else n


class Strings:
    """2.4.265: the shared strings run on over CONTINUE records; a string that is broken off goes on
    behind a byte that says again how wide its characters are."""

    def __init__(self, chunks):
        self.chunks, self.n, self.at = chunks, 0, 8

    def take(self, n):
        out = b""
        while n:
            if self.n >= len(self.chunks):
                raise Damaged("the shared strings are cut off")
            chunk = self.chunks[self.n]
            piece = chunk[self.at:self.at + n]
            out += piece
            self.at += len(piece)
            n -= len(piece)
            if n and self.at >= len(chunk):
                self.n, self.at = self.n + 1, 0
        return out

    def one(self):
        n, flags = struct.unpack("<H B", self.take(3))
        runs, = struct.unpack("<H", self.take(2)) if flags & 8 else (0,)
        more, = struct.unpack("<I", self.take(4)) if flags & 4 else (0,)
        out = ""
        while n:
            if self.n < len(self.chunks) and self.at >= len(self.chunks[self.n]):
                self.n, self.at = self.n + 1, 0
                flags = self.take(1)[0]
            if self.n >= len(self.chunks):
                raise Damaged("the shared strings are cut off")
            width = 2 if flags & 1 else 1
            count = min(n, (len(self.chunks[self.n]) - self.at) // width)
            if count == 0:
                raise Damaged("half a character at the end of a record")
            raw = self.take(count * width)
            out += raw.decode("utf-16-le" if width == 2 else "latin-1", "replace")
            n -= count
        self.take(4 * runs)
        self.take(more)
        return out


class Book:
    def __init__(self, data):
        self.data = data
        self.sheets, self.names, self.strings, self.externals, self.links = [], [], [], [], []
        self.cells, self.trouble = {}, []
        self.globals()
        for place, _, _, name in self.sheets:
            try:
                self.sheet(place, name)
            except (Damaged, struct.error) as e:
                self.trouble.append(f"sheet {name}: {e}")

    def globals(self):
        names, gathered = [], None
        first = True
        for _, kind, raw in records(self.data):
            if first and (kind != BOF or raw[:2] != b"\x00\x06"):
                raise Damaged("no BIFF8")
            if first and raw[2:4] == b"\x40\0":  # a macro sheet without workbook
                self.sheets.append((0, "macro", "", "Macro1"))
                break
            first = False
            if kind == CONTINUE and gathered is not None:
                gathered.append(raw)
                continue
            gathered = None
            if kind == FILEPASS:
                raise Damaged("encrypted")
            if kind == EOF:
                break
            if kind == BOUNDSHEET:
                place, hidden, what, n, flags = struct.unpack_from("<I 4B", raw)
                self.sheets.append((place, KINDS.get(what, f"kind {what}"), HIDDEN.get(hidden & 3, "very hidden"),
                                    characters(raw, 8, n, flags)[0]))
            elif kind == NAME:
                names.append(raw)
            elif kind == SUPBOOK:
                self.externals.append(dict(raw=raw, names=[]))
            elif kind == EXTERNNAME and self.externals:
                self.externals[-1]["names"].append(characters(raw, 8, raw[6], raw[7])[0] if len(raw) > 8 else "")
            elif kind == EXTERNSHEET:
                n, = struct.unpack_from("<H", raw)
                self.links += [struct.unpack_from("<H 2h", raw, 2 + 6 * i) for i in range(n) if 8 + 6 * i <= len(raw)]
            elif kind == SST:
                gathered = [raw]
                shared = gathered
        self.names = [self.defined(raw) for raw in names]
        for n in self.names:
            try:  # the name of a VBA procedure has no formula
                n["formula"] = Formula(BIFF8, self).text(n["rgce"], n["rgcb"]) if n["rgce"] else ""
            except Damaged as e:
                n["formula"] = None
                self.trouble.append(f"name {n['name']}: {e}")
        try:
            strings = Strings(shared)
            count, = struct.unpack_from("<I", shared[0], 4)
            for _ in range(count):
                self.strings.append(strings.one())
        except UnboundLocalError:
            pass
        except (Damaged, struct.error) as e:
            self.trouble.append(f"book: {e}")

    def defined(self, raw):
        """2.4.150 Lbl"""
        flags, _, n, size = struct.unpack_from("<H B B H", raw)
        wide = raw[14]
        name, at = characters(raw, 15, n, wide)
        if flags & 0x20 and len(name) >= 1:
            code = ord(name[0])
            name = (BUILT_IN[code] if code < len(BUILT_IN) else f"built-in {code}") + name[1:]
        return dict(name=name, hidden=bool(flags & 1), rgce=raw[at:at + size], rgcb=raw[at + size:])

    # --- what formulas ask
    def name(self, index):
        if 1 <= index <= len(self.names):
            return self.names[index - 1]["name"]
        raise Damaged(f"name {index} is not defined")

    def link(self, ixti):
        if ixti >= len(self.links):
            raise Damaged(f"external sheet {ixti} is not defined")
        book, first, last = self.links[ixti]
        if book >= len(self.externals):
            raise Damaged(f"external book {book} is not defined")
        return self.externals[book], first, last

    def sheet_of(self, ixti):
        book, first, last = self.link(ixti)
        own = book["raw"][2:4] == b"\x01\x04"
        if own:
            if first == -2:  # 2.5.341: the whole workbook
                return ""
            if first < 0 or first >= len(self.sheets):
                return "#REF!"
            one = self.sheets[first][3]
            two = self.sheets[last][3] if 0 <= last < len(self.sheets) else one
            return (quoted(one) if one == two else quoted(one + ":" + two)) + "!"
        return f"[{self.externals.index(book) + 1}]!"

    def external_name(self, ixti, index):
        book, first, _ = self.link(ixti)
        if book["raw"][2:4] == b"\x01\x04":
            name = self.name(index)
            return name if first == -2 else self.sheet_of(ixti) + name
        if 1 <= index <= len(book["names"]):
            return book["names"][index - 1]
        raise Damaged(f"external name {index} is not defined")

    # --- cells
    def put(self, sheet, row, col, value, formula=None):
        self.cells[sheet, row, col] = dict(value=value, formula=formula)

    def sheet(self, place, name):
        shared, pending = [], []
        try:
            self.records(place, name, shared, pending)
        finally:
            self.formulas(name, shared, pending)

    def records(self, place, name, shared, pending):
        waiting = None
        for _, kind, raw in self.substream(place):
            if kind == FORMULA:
                row, col = struct.unpack_from("<2H", raw)
                size, = struct.unpack_from("<H", raw, 20)
                pending.append((row, col, raw[22:22 + size], raw[22 + size:]))
                value, waiting = self.result(raw[6:14])
                self.put(name, row, col, value)
                waiting = (row, col) if waiting else None
            elif kind == STRING and waiting:
                n, flags = struct.unpack_from("<H B", raw)
                self.put(name, *waiting, text(characters(raw, 3, n, flags)[0]))
                waiting = None
            elif kind in (SHRFMLA, ARRAY):
                r1, r2, c1, c2 = struct.unpack_from("<2H 2B", raw)
                at = 8 if kind == SHRFMLA else 12
                size, = struct.unpack_from("<H", raw, at)
                shared.append((kind, (r1, r2, c1, c2), raw[at + 2:at + 2 + size], raw[at + 2 + size:]))
            elif kind in (LABELSST, LABEL, NUMBER, RK, MULRK, BOOLERR, RSTRING):
                self.constant(name, kind, raw)

    def formulas(self, name, shared, pending):
        for row, col, rgce, rgcb in pending:
            try:
                self.cells[name, row, col]["formula"] = self.formula(row, col, rgce, rgcb, shared)
            except Damaged as e:
                self.cells[name, row, col]["formula"] = "?"
                self.trouble.append(f"cell {name}!{column(col)}{row + 1}: {e}")

    def substream(self, place):
        """2.1.7.20.5: from one BOF to its EOF; charts inside have their own."""
        depth = 0
        for at, kind, raw in records(self.data, place):
            if at == place and kind != BOF:
                raise Damaged("no sheet where one should be")
            depth += (kind == BOF) - (kind == EOF)
            if depth == 1 and kind != BOF:
                yield at, kind, raw
            if depth == 0:
                return

    def formula(self, row, col, rgce, rgcb, shared):
        if rgce[:1] == b"\x01" and len(rgce) == 5:  # PtgExp: the formula stands at the first cell of the range
            r, c = struct.unpack_from("<2H", rgce, 1)
            for kind, (r1, r2, c1, c2), rgce, rgcb in shared:
                if (r1, c1) == (r, c) and r1 <= row <= r2 and c1 <= col <= c2:
                    return Formula(BIFF8, self, (row, col)).text(rgce, rgcb)
            raise Damaged(f"no shared formula at {column(c)}{r + 1}")
        return Formula(BIFF8, self, (row, col)).text(rgce, rgcb)

    @staticmethod
    def result(raw):
        """2.5.133 FormulaValue: (text, does a STRING record follow?)"""
        if raw[6:8] != b"\xff\xff":
            return number(struct.unpack("<d", raw)[0]), False
        kind, value = raw[0], raw[2]
        if kind == 0:
            return '""', True
        return {1: "TRUE" if value else "FALSE", 2: ERRORS.get(value, "#ERR")}.get(kind, '""'), False

    def constant(self, name, kind, raw):
        row, col = struct.unpack_from("<2H", raw)
        if kind == LABELSST:
            index, = struct.unpack_from("<I", raw, 6)
            if index < len(self.strings):
                self.put(name, row, col, text(self.strings[index]))
        elif kind in (LABEL, RSTRING):
            n, flags = struct.unpack_from("<H B", raw, 6)
            self.put(name, row, col, text(characters(raw, 9, n, flags)[0]))
        elif kind == NUMBER:
            self.put(name, row, col, number(struct.unpack_from("<d", raw, 6)[0]))
        elif kind == RK:
            self.put(name, row, col, number(rk(struct.unpack_from("<I", raw, 6)[0])))
        elif kind == MULRK:
            for i in range((len(raw) - 6) // 6):
                self.put(name, row, col + i, number(rk(struct.unpack_from("<I", raw, 6 + 6 * i)[0])))
        elif kind == BOOLERR:
            self.put(name, row, col, ERRORS.get(raw[6], "#ERR") if raw[7] else "TRUE" if raw[6] else "FALSE")

    def said(self):
        return dict(sheets=[[n, k, h] for _, k, h, n in self.sheets],
                    names=[[n["name"], n["hidden"], n["formula"]] for n in self.names],
                    cells=[[s, column(c) + str(r + 1), v["formula"], v["value"]] for (s, r, c), v in self.cells.items()],
                    trouble=self.trouble)
