# SPDX-License-Identifier: Apache-2.0
"""plainptg - Excel's parsed formulas as text, for the second reader of macro sheets.

Written from [MS-XLS] 2.5.198 (BIFF8) and [MS-XLSB] 2.5.97 (BIFF12), which differ in the width
of rows, strings and arrays. Tokens are in reverse Polish order; what cannot be read as the
specification says raises Damaged. It shares no code with decode/.
"""
import re
import struct

from plainread import Damaged
from xlfunctions import CETAB, FTAB, USER_DEFINED

BINARY = dict(zip(range(0x03, 0x12), ("+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>", " ", ",", ":")))
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
          0x2B: "#GETTING_DATA"}
SIMPLE = re.compile(r"(?!\d)[\w.]+\Z")
LIKE_A_CELL = re.compile(r"([A-Z]{1,3}\d{1,7}|R\d*C?\d*|C\d*|TRUE|FALSE)\Z", re.I)
STEPS = 20000


def number(n):
    return str(int(n)) if n == int(n) and abs(n) < 1e15 else repr(n)


def text(s):
    return '"' + s.replace('"', '""') + '"'


def column(n):
    out = ""
    n += 1
    while n:
        n, rest = divmod(n - 1, 26)
        out = chr(65 + rest) + out
    return out


def quoted(name):
    """A sheet's name in a reference: in quotes unless it can be nothing else than a name."""
    if SIMPLE.match(name) and not LIKE_A_CELL.match(name):
        return name
    return "'" + name.replace("'", "''") + "'"


class Form:
    """What differs between BIFF8 and BIFF12."""

    def __init__(self, wide):
        self.wide = wide
        self.row, self.row_size = ("<I", 4) if wide else ("<H", 2)
        self.rows, self.columns = (1048576, 16384) if wide else (65536, 256)


BIFF8, BIFF12 = Form(False), Form(True)


class Formula:
    """names(index), sheet(ixti), external(ixti, index) give the text of what stands outside."""

    def __init__(self, form, book, at=(0, 0)):
        self.form, self.book, self.cell = form, book, at

    def take(self, n):
        if n > len(self.rgce) - self.at:
            raise Damaged(f"a token is cut off at {self.at}")
        self.at += n
        return self.rgce[self.at - n:self.at]

    def get(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def more(self, n):
        if n > len(self.rgcb) - self.extra:
            raise Damaged("what belongs to a token is cut off")
        self.extra += n
        return self.rgcb[self.extra - n:self.extra]

    def one(self, row, col, relative):
        """A cell; in shared formulas and names relative references are distances (PtgRefN)."""
        col_free, row_free = col & 0x4000, col & 0x8000
        col &= 0x3FFF
        if relative:
            if row_free:
                row = (row + self.cell[0]) % self.form.rows
            if col_free:
                col = (col + self.cell[1]) % self.form.columns
        return ("" if col_free else "$") + column(col) + ("" if row_free else "$") + str(row + 1)

    def reference(self, relative=False):
        row = self.get(self.form.row)
        return self.one(row, self.get("<H"), relative)

    def area(self, relative=False):
        first, last = self.get(self.form.row), self.get(self.form.row)
        one, two = self.get("<H"), self.get("<H")
        return self.one(first, one, relative) + ":" + self.one(last, two, relative)

    def pop(self, n=1):
        if n > len(self.stack):
            raise Damaged(f"{n} operands, {len(self.stack)} are there")
        out = self.stack[len(self.stack) - n:]
        del self.stack[len(self.stack) - n:]
        return out

    def text(self, rgce, rgcb=b""):
        self.rgce, self.rgcb, self.at, self.extra, self.stack = rgce, rgcb, 0, 0, []
        steps = 0
        while self.at < len(rgce):
            steps += 1
            if steps > STEPS:
                raise Damaged("too many tokens")
            self.token(self.get("<B"))
            if sum(map(len, self.stack[-3:])) > 1 << 20:
                raise Damaged("too long")
        if len(self.stack) != 1:
            raise Damaged(f"{len(self.stack)} results")
        return self.stack[0]

    def token(self, t):
        push = self.stack.append
        if t & 0x60 and t < 0x80:
            return self.classed(t & 0x1F | 0x20)
        if t in BINARY:
            one, two = self.pop(2)
            push(one + BINARY[t] + two)
        elif t == 0x12 or t == 0x13:
            push("+-"[t - 0x12] + self.pop()[0])
        elif t == 0x14:
            push(self.pop()[0] + "%")
        elif t == 0x15:
            push("(" + self.pop()[0] + ")")
        elif t == 0x16:  # PtgMissArg
            push("")
        elif t == 0x17:
            push(text(self.string()))
        elif t == 0x18:
            self.extended()
        elif t == 0x19:
            self.attribute()
        elif t == 0x1C:
            code = self.get("<B")
            push(ERRORS.get(code, f"#ERR{code}"))
        elif t == 0x1D:
            push("TRUE" if self.get("<B") else "FALSE")
        elif t == 0x1E:
            push(str(self.get("<H")))
        elif t == 0x1F:
            push(number(self.get("<d")))
        else:
            raise Damaged(f"token {t:#x}")

    def string(self):
        if self.form.wide:
            return self.take(2 * self.get("<H")).decode("utf-16-le", "replace")
        n, flags = self.get("<B"), self.get("<B")
        return self.take(2 * n).decode("utf-16-le", "replace") if flags & 1 else self.take(n).decode("latin-1")

    def extended(self):
        kind = self.get("<B")  # 2.5.198.27: PtgElf..., natural language references; PtgSxName; BIFF12: PtgList
        if kind == 0x19 and self.form.wide:
            self.take(12)
            self.stack.append("#LIST")
        else:
            self.take(4)
            if kind == 0x1D:
                self.stack.append("#SXNAME")

    def attribute(self):
        kind = self.get("<B")
        if kind & 0x04:  # PtgAttrChoose: a table of jumps
            self.take(2 * self.get("<H") + 2)
        elif kind & 0x10:
            self.take(2)
            self.stack.append("SUM(" + self.pop()[0] + ")")
        else:
            self.take(2)

    def classed(self, t):
        push, form = self.stack.append, self.form
        if t == 0x20:
            self.take(14 if form.wide else 7)
            push(self.array())
        elif t == 0x21:
            name, n = FTAB.get(self.get("<H"), (None, None))
            if n is None:
                raise Damaged(f"a function without a fixed number of arguments: {name}")
            push(name + "(" + ",".join(self.pop(n)) + ")")
        elif t == 0x22:
            n, index = self.get("<B") & 0x7F, self.get("<H")
            self.call(n, index)
        elif t == 0x23:
            push(self.book.name(self.get("<I")))
        elif t == 0x24:
            push(self.reference())
        elif t == 0x25:
            push(self.area())
        elif t in (0x26, 0x27, 0x28):  # PtgMemArea, PtgMemErr, PtgMemNoMem: the expression follows
            self.take(6)
            if t == 0x26:
                self.memory()
        elif t in (0x29, 0x2E, 0x2F):
            self.take(2)
        elif t == 0x2A:
            self.take(form.row_size + 2)
            push("#REF!")
        elif t == 0x2B:
            self.take(2 * form.row_size + 4)
            push("#REF!")
        elif t == 0x2C:
            push(self.reference(True))
        elif t == 0x2D:
            push(self.area(True))
        elif t == 0x39:
            ixti = self.get("<H")
            push(self.book.external_name(ixti, self.get("<I")))
        elif t in (0x3A, 0x3B):
            sheet = self.book.sheet_of(self.get("<H"))
            push(sheet + (self.reference() if t == 0x3A else self.area()))
        elif t in (0x3C, 0x3D):
            sheet = self.book.sheet_of(self.get("<H"))
            self.take(form.row_size + 2 if t == 0x3C else 2 * form.row_size + 4)
            push(sheet + "#REF!")
        else:
            raise Damaged(f"token {t:#x}")

    def call(self, n, index):
        if index & 0x8000:
            name = CETAB.get(index & 0x7FFF, (f"COMMAND{index & 0x7FFF}",))[0]
        elif index == USER_DEFINED:  # the first argument is the function's name
            if n == 0:
                raise Damaged("a function without a name")
            args = self.pop(n)
            self.stack.append(args[0] + "(" + ",".join(args[1:]) + ")")
            return
        else:
            name = FTAB.get(index, (f"FUNCTION{index}",))[0]
        self.stack.append(name + "(" + ",".join(self.pop(n)) + ")")

    def memory(self):
        """PtgExtraMem: a list of areas that the formula does not need."""
        n, = struct.unpack("<I" if self.form.wide else "<H", self.more(4 if self.form.wide else 2))
        self.more(n * (16 if self.form.wide else 8))

    def array(self):
        """PtgExtraArray: columns and rows, less one in BIFF8; then the values by rows."""
        if self.form.wide:
            rows, columns = struct.unpack("<2I", self.more(8))
        else:
            columns, rows = struct.unpack("<B H", self.more(3))
            columns, rows = columns + 1, rows + 1
        if rows * columns > 65536:
            raise Damaged("an array of too many values")
        return "{" + ";".join(",".join(self.element() for _ in range(columns)) for _ in range(rows)) + "}"

    def element(self):
        kind = self.more(1)[0]
        if self.form.wide:
            if kind == 0:
                return number(struct.unpack("<d", self.more(8))[0])
            if kind == 1:
                n, = struct.unpack("<H", self.more(2))
                return text(self.more(2 * n).decode("utf-16-le", "replace"))
            if kind == 2:
                return "TRUE" if self.more(1)[0] else "FALSE"
            if kind == 4:
                return ERRORS.get(self.more(4)[0], "#ERR")
            raise Damaged(f"array value {kind}")
        if kind == 2:
            n, flags = struct.unpack("<H B", self.more(3))
            return text(self.more(2 * n).decode("utf-16-le", "replace") if flags & 1 else self.more(n).decode("latin-1"))
        raw = self.more(8)
        if kind == 1:
            return number(struct.unpack("<d", raw)[0])
        if kind == 4:
            return "TRUE" if raw[0] else "FALSE"
        if kind == 16:
            return ERRORS.get(raw[0], "#ERR")
        if kind == 0:
            return ""
        raise Damaged(f"array value {kind}")
