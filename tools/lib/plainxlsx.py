# SPDX-License-Identifier: Apache-2.0
"""plainxlsx - workbooks in packages, for the second reader of macro sheets.

Written from [ECMA-376] part 2 (packages, relationships), part 1, 18.2 (workbook), 18.3 (sheets)
and 18.4 (shared strings), [MS-OFFMACRO2] 2.2 (macro sheets) and, for .xlsb, [MS-XLSB] 2.1.4
(records) and 2.4. It shares no code with decode/.
"""
import io
import posixpath
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib

from plainptg import BIFF12, ERRORS, Formula, column, number, quoted, text
from plainread import Damaged

RELATIONSHIP = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KINDS = {"worksheet": "worksheet", "xlMacrosheet": "macro", "xlIntlMacrosheet": "macro", "chartsheet": "chart", "dialogsheet": "dialog"}
HIDDEN = {"hidden": "hidden", "veryHidden": "very hidden"}
MAIN_TYPE = re.compile(r"(ms-excel|spreadsheetml)\.(sheet|template|addin).*main")
CELL = re.compile(r"([A-Z]+)([0-9]+)\Z")
# 18.17.2.4: references, outside of strings, of sheets in quotes and of brackets (columns of tables, other workbooks);
# what follows tells a function and a sheet from a cell.
TOKEN = re.compile(r"""(?P<keep>"(?:[^"]|"")*"|'(?:[^']|'')*'|\[(?:[^\[\]]|\[[^\]]*\])*\])
    |(?<![\w.$])(?:(?P<cell>\$?[A-Z]{1,3}\$?[0-9]{1,7})|(?P<columns>\$?[A-Z]{1,3}:\$?[A-Z]{1,3})|(?P<rows>\$?[0-9]{1,7}:\$?[0-9]{1,7}))(?![\w.(!])""",
                   re.X)


class Package:
    def __init__(self, data):
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, struct.error) as e:
            raise Damaged(str(e))
        self.names = {n.lower(): n for n in self.zip.namelist()}

    def read(self, name):
        name = self.names.get(name.lstrip("/").lower())
        if name is None:
            return None
        try:
            return self.zip.read(name)
        except (RuntimeError, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as e:
            raise Damaged(str(e))

    def related(self, part):
        """[ECMA-376] part 2, 9.3: identifier -> (the last word of its type, the part)"""
        folder, name = posixpath.split(part)
        raw = self.read(posixpath.join(folder, "_rels", name + ".rels"))
        out = {}
        for e in tree(raw).iter() if raw else ():
            if e.tag.endswith("}Relationship") and e.get("TargetMode") != "External":
                target = e.get("Target", "")
                target = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                out[e.get("Id")] = (e.get("Type", "").rsplit("/", 1)[-1], target)
        return out


def tree(raw):
    try:
        return ET.fromstring(raw)
    except ET.ParseError as e:
        raise Damaged(str(e))


def local(e):
    return e.tag.rsplit("}", 1)[-1]


def read(data):
    package = Package(data)
    main = next((t for kind, t in package.related("").values() if kind == "officeDocument"), None)
    if main is None:  # part 2, 10.1.2: what the type of a part says
        raw = package.read("[Content_Types].xml")
        main = next((e.get("PartName", "")[1:] for e in (tree(raw) if raw else ()) if MAIN_TYPE.search(e.get("ContentType", ""))), None)
    if main is None:
        return None
    raw = package.read(main)
    if raw is None:
        return None
    if main.endswith(".bin"):
        return BinaryBook(package, main, raw).said()
    root = tree(raw)
    return XmlBook(package, main, root).said() if local(root) == "workbook" else None


def letters(name):
    n = 0
    for c in name:
        n = n * 26 + ord(c) - 64
    return n - 1


def moved(formula, down, right):
    """18.3.1.40: a shared formula in another cell; relative references move with it."""
    def col(m):
        n = letters(m[2])
        return m[0] if m[1] or n >= BIFF12.columns else column((n + right) % BIFF12.columns)

    def row(m):
        n = int(m[2])
        return m[0] if m[1] or not 1 <= n <= BIFF12.rows else str((n - 1 + down) % BIFF12.rows + 1)

    def one(m):
        if m["keep"]:
            return m[0]
        first = re.fullmatch(r"\$?([A-Z]+)\$?([0-9]+)", m["cell"] or "")
        if first and (letters(first[1]) >= BIFF12.columns or not 1 <= int(first[2]) <= BIFF12.rows):
            return m[0]  # a name
        return re.sub(r"(\$?)([0-9]+)", row, re.sub(r"(\$?)([A-Z]+)", col, m[0]))
    return TOKEN.sub(one, formula)


class Cells:
    def __init__(self):
        self.sheets, self.names, self.cells, self.trouble = [], [], [], []

    def said(self):
        return dict(sheets=self.sheets, names=self.names, cells=self.cells, trouble=self.trouble)


class XmlBook(Cells):
    def __init__(self, package, main, root):
        super().__init__()
        self.package = package
        related = package.related(main)
        self.strings = [s for kind, t in related.values() if kind == "sharedStrings" for s in self.shared(t)]
        todo = []
        for e in root.iter():
            if local(e) == "sheet":
                kind, target = related.get(e.get(RELATIONSHIP), (None, None))
                self.sheets.append([e.get("name"), KINDS.get(kind, kind), HIDDEN.get(e.get("state"), "")])
                todo.append((e.get("name"), target))
            elif local(e) == "definedName":
                self.names.append([e.get("name"), e.get("hidden") in ("1", "true"), "".join(e.itertext())])
        for name, target in todo:
            try:
                raw = package.read(target) if target else None
                if raw:
                    self.sheet(name, tree(raw))
            except (Damaged, ValueError) as e:
                self.trouble.append(f"sheet {name}: {e}")

    def shared(self, target):
        raw = self.package.read(target)
        for item in tree(raw) if raw else ():
            yield self.rich(item)

    @staticmethod
    def rich(item):
        """18.4.8: text, or runs of text; phonetic runs (rPh) are not part of it."""
        out = ""
        for e in item:
            if local(e) == "t":
                out += e.text or ""
            elif local(e) == "r":
                out += "".join(t.text or "" for t in e if local(t) == "t")
        return out

    def sheet(self, name, root):
        shared, row, col = {}, 0, 0
        for r in (e for e in root.iter() if local(e) == "row"):
            row = int(r.get("r")) if r.get("r") else row + 1
            col = -1
            for c in (e for e in r if local(e) == "c"):
                m = CELL.match(c.get("r") or "")
                col = letters(m[1]) if m else col + 1
                at = (int(m[2]) if m else row, col)
                formula = value = None
                for e in c:
                    if local(e) == "f":
                        formula = self.formula(e, at, shared)
                    elif local(e) in ("v", "is"):
                        value = self.value(c.get("t", "n"), e)
                if formula is not None or value is not None:
                    self.cells.append([name, column(at[1]) + str(at[0]), formula, value])

    @staticmethod
    def formula(e, at, shared):
        words = e.text or ""
        if e.get("t") == "shared":
            if words:
                shared[e.get("si")] = (at, words)
            elif e.get("si") in shared:
                (row, col), words = shared[e.get("si")]
                return moved(words, at[0] - row, at[1] - col)
        return words

    def value(self, kind, e):
        if local(e) == "is":
            return text(self.rich(e))
        raw = e.text or ""
        if kind == "s":
            n = int(raw)
            return text(self.strings[n]) if 0 <= n < len(self.strings) else None
        if kind == "str":
            return text(raw)
        if kind == "b":
            return "TRUE" if raw.strip() == "1" else "FALSE"
        return raw


class BinaryBook(Cells):
    """[MS-XLSB]"""

    def __init__(self, package, main, raw):
        super().__init__()
        self.package, self.links, self.books, self.defined = package, [], [], []
        related = package.related(main)
        self.strings = []
        for kind, t in related.values():
            if kind == "sharedStrings":
                self.strings = [self.wide(b, 1)[0] for k, b in self.records(package.read(t) or b"") if k == 19]  # BrtSSTItem
        todo = []
        for kind, body in self.records(raw):
            if kind == 156:    # BrtBundleSh
                state, _ = struct.unpack_from("<2I", body)
                ident, at = self.wide(body, 8)
                name, _ = self.wide(body, at)
                what, target = related.get(ident, (None, None))
                self.sheets.append([name, KINDS.get(what, what), {1: "hidden", 2: "very hidden"}.get(state & 3, "")])
                todo.append((name, target))
            elif kind == 39:   # BrtName
                flags, = struct.unpack_from("<I", body)
                name, at = self.wide(body, 9)
                self.defined.append((("_xlnm." if flags & 0x20 and not name.startswith("_xlnm.") else "") + name, flags & 1,
                                     *self.parsed(body, at)))
            elif kind in (355, 357, 358, 359, 667, 812):  # BrtSupBookSrc, BrtSupSelf, BrtSupSame, ...: in this order
                self.books.append(kind)
            elif kind == 362:  # BrtExternSheet
                n, = struct.unpack_from("<I", body)
                self.links = [struct.unpack_from("<I 2i", body, 4 + 12 * i) for i in range(min(n, (len(body) - 4) // 12))]
        for name, hidden, rgce, rgcb in self.defined:
            # The name of a VBA procedure has no formula.
            self.names.append([name, bool(hidden), self.printed((0, 0), rgce, rgcb, f"name {name}") if rgce else ""])
        for name, target in todo:
            try:
                body = package.read(target) if target else None
                if body:
                    self.sheet(name, body)
            except (Damaged, struct.error) as e:
                self.trouble.append(f"sheet {name}: {e}")

    @staticmethod
    def records(data):
        """2.1.4: a type of one or two bytes, a size of one to four, seven bits each."""
        at = 0
        while at < len(data):
            kind, at = data[at], at + 1
            if kind & 0x80:
                if at >= len(data):
                    raise Damaged("a record is cut off")
                kind, at = kind & 0x7F | (data[at] & 0x7F) << 7, at + 1
            size = 0
            for i in range(4):
                if at >= len(data):
                    raise Damaged("a record is cut off")
                byte, at = data[at], at + 1
                size |= (byte & 0x7F) << 7 * i
                if not byte & 0x80:
                    break
            if size > len(data) - at:
                raise Damaged("a record is cut off")
            yield kind, data[at:at + size]
            at += size

    @staticmethod
    def wide(body, at):
        """2.5.168 XLWideString; 2.5.166: no characters and all ones is no string."""
        n, = struct.unpack_from("<I", body, at)
        if n == 0xFFFFFFFF:
            return "", at + 4
        if 2 * n > len(body) - at - 4:
            raise Damaged("a string is cut off")
        return body[at + 4:at + 4 + 2 * n].decode("utf-16-le", "replace"), at + 4 + 2 * n

    @staticmethod
    def parsed(body, at):
        """2.5.97.1: size and tokens, size and what belongs to them."""
        size, = struct.unpack_from("<I", body, at)
        at += 4
        if size > len(body) - at:
            raise Damaged("a formula is cut off")
        rgce, at = body[at:at + size], at + size
        more, = struct.unpack_from("<I", body, at) if len(body) - at >= 4 else (0,)
        return rgce, body[at + 4:at + 4 + more]

    def printed(self, at, rgce, rgcb, what):
        try:
            return Formula(BIFF12, self, at).text(rgce, rgcb)
        except (Damaged, struct.error) as e:
            self.trouble.append(f"{what}: {e}")
            return "?"

    # --- what formulas ask
    def name(self, index):
        if 1 <= index <= len(self.defined):
            return self.defined[index - 1][0]
        raise Damaged(f"name {index} is not defined")

    def sheet_of(self, ixti):
        if ixti >= len(self.links):
            raise Damaged(f"external sheet {ixti} is not defined")
        book, first, last = self.links[ixti]
        if book < len(self.books) and self.books[book] not in (357, 358):
            return f"[{book}]!"
        if first == -2:
            return ""
        if not 0 <= first < len(self.sheets):
            return "#REF!"
        one = self.sheets[first][0]
        two = self.sheets[last][0] if 0 <= last < len(self.sheets) else one
        return (quoted(one) if one == two else quoted(one + ":" + two)) + "!"

    def external_name(self, ixti, index):
        if ixti < len(self.links) and self.books[self.links[ixti][0]:][:1] in ([357], [358]):
            return self.name(index)
        raise Damaged("a name in another book")

    # --- cells: 2.4.?? BrtCell*, BrtFmla*
    def sheet(self, sheet, raw):
        row, pending, shared = 0, [], {}
        for kind, body in self.records(raw):
            if kind == 0:      # BrtRowHdr
                row, = struct.unpack_from("<I", body)
            elif 2 <= kind <= 11:
                col, = struct.unpack_from("<I", body)
                value, at = self.value(kind, body)
                cell = [sheet, column(col) + str(row + 1), None, value]
                self.cells.append(cell)
                if kind >= 8:
                    pending.append((cell, (row, col), *self.parsed(body, at + 2)))
            elif kind in (426, 427) and pending:  # BrtArrFmla, BrtShrFmla: stands behind its first cell
                r1, r2, c1, c2 = struct.unpack_from("<4I", body)
                shared[pending[-1][1]] = ((r1, r2, c1, c2), *self.parsed(body, 17 if kind == 426 else 16))
        for cell, at, rgce, rgcb in pending:
            if rgce[:1] == b"\x01" and len(rgce) == 5 and len(rgcb) >= 4:  # PtgExp: row, PtgExtraCol: column
                place = (struct.unpack_from("<I", rgce, 1)[0], struct.unpack_from("<I", rgcb)[0])
                if place in shared:
                    _, rgce, rgcb = shared[place]
            cell[2] = self.printed(at, rgce, rgcb, f"cell {sheet}!{cell[1]}")

    def value(self, kind, body):
        """The value and where it ends; BIFF12 cells begin with column and style, eight bytes."""
        if kind in (2,):
            n, = struct.unpack_from("<I", body, 8)
            value = float((n if n < 1 << 31 else n - (1 << 32)) >> 2) if n & 2 else struct.unpack("<d", struct.pack("<Q", (n & ~3) << 32))[0]
            return number(value / 100 if n & 1 else value), 12
        if kind in (3, 11):
            return ERRORS.get(body[8], "#ERR"), 9
        if kind in (4, 10):
            return "TRUE" if body[8] else "FALSE", 9
        if kind in (5, 9):
            return number(struct.unpack_from("<d", body, 8)[0]), 16
        if kind == 7:
            n, = struct.unpack_from("<I", body, 8)
            return text(self.strings[n]) if n < len(self.strings) else None, 12
        words, at = self.wide(body, 8)
        return text(words), at
