# SPDX-License-Identifier: Apache-2.0
"""damage - breaks a file in seeded ways, and says what must still be found in it.

    for twin in damage.twins(data, 50, seed):
        twin.data, twin.what, twin.still      # bytes, "FAT entry 7 +1", [Claim, ...]

A break is a block of 512 bytes that is zeroed or changes places with another, a field that looks
like a length (or that the format says is one) with +1, -1 or all ones, or an end that is cut off.

What must still be found is what the program it was made for would still use: a Claim names the
bytes that this program has to read to reach the macro or the file within, after the
specification, and a break that touches none of them leaves the claim standing.

  compound files ([MS-CFB])  the header's geometry, the DIFAT, the whole directory, the FAT and
                             mini FAT entries on the way, and the sectors of the stream. A macro
                             needs its dir stream and, in its module's stream, the compressed
                             source ([MS-OVBA] 2.3.4.2.3.2.3); other streams may be broken.
  packages and archives      the end record, the member's entries and its data (APPNOTE 4.3); in a
                             package also types and relations, except for a project
  OneNote ([MS-ONESTORE])    a FileDataStoreObject, 2.6.13
  shell links                header flags, item list, LinkInfo and strings ([MS-SHLLINK] 2.1 to 2.4);
                             not the times, sizes and extra data

Everything else carries no claim: it must be read without a crash and within the budget.
"""
import hashlib
import importlib.machinery
import importlib.util
import io
import os
import random
import struct
import zipfile
import zlib

BLOCK = 512
_TOOLS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _second_reader():
    loader = importlib.machinery.SourceFileLoader("second_vba", os.path.join(_TOOLS, "second-vba"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("second_vba", loader))
    loader.exec_module(module)
    return module


second = _second_reader()


class Claim:
    """`kind` is "part" (one with one of these digests), "fact" (of this name, with the value that it
    has) or "macro rules" (those that rest on the macro alone)."""

    def __init__(self, kind, value, needs):
        self.kind, self.value, self.needs = kind, value, []
        for at, end in sorted(needs):
            if self.needs and at <= self.needs[-1][1]:
                self.needs[-1] = (self.needs[-1][0], max(end, self.needs[-1][1]))
            else:
                self.needs.append((at, end))

    def stands(self, touched):
        return not any(a < end and at < b for a, b in touched for at, end in self.needs)


class Twin:
    """`still` are the claims that stand, `gone` those that the break has touched."""

    def __init__(self, data, what, still, gone):
        self.data, self.what, self.still, self.gone = data, what, still, gone


# --- compound files

class Compound(second.Compound):
    """The second reader's compound file, with the places of what it reads."""

    def __init__(self, data):
        super().__init__(data)
        self.first_dir, = struct.unpack_from("<I", data, 48)
        self.first_mini, = struct.unpack_from("<I", data, 60)
        self.fat_sectors, self.frame = self._frame()
        self.dir_chain = self.numbers_of(self.first_dir)
        self.mini_sectors = self.numbers_of(self.first_mini)
        self.mini_data = self.numbers_of(self.entries[0]["start"])

    def at(self, n):
        return (n + 1) * self.size

    def whole(self, n):
        return self.at(n), self.at(n + 1)

    def _frame(self):
        """FAT sectors, and what every reader needs: magic, geometry, first sectors, the DIFAT."""
        needs = [(0, 8), (26, 34), (44, 52), (56, 512)]
        n_fat, = struct.unpack_from("<I", self.data, 44)
        n, _ = struct.unpack_from("<II", self.data, 68)
        places, seen = list(struct.unpack_from("<109I", self.data, 76)), set()
        while n < 0xFFFFFFFA and n not in seen:
            seen.add(n)
            needs.append(self.whole(n))
            more = self.numbers(self.sector(n))
            if not more:
                break
            places += more[:-1]
            n = more[-1]
        return [p for p in places if p < 0xFFFFFFFA][:n_fat or None], needs

    def numbers_of(self, n):
        out, seen = [], set()
        while n < 0xFFFFFFFA and n not in seen and n < len(self.fat):
            seen.add(n)
            out.append(n)
            n = self.fat[n]
        return out

    def entry_at(self, n):
        """Where the FAT entry of a sector stands."""
        per = self.size // 4
        at = self.at(self.fat_sectors[n // per]) + n % per * 4
        return at, at + 4

    def links(self, chain):
        return [self.entry_at(n) for n in chain]

    def base(self):
        return self.frame + self.links(self.dir_chain) + [self.whole(n) for n in self.dir_chain]

    def stream(self, e, start=0):
        """What must be whole for this stream to be read from `start` on."""
        if e["size"] >= self.cutoff:
            chain = self.numbers_of(e["start"])
            return self.links(chain) + [(self.at(n) + (start - i * self.size if i == start // self.size else 0), self.at(n + 1))
                                        for i, n in enumerate(chain) if i >= start // self.size and i * self.size < e["size"]]
        needs = self.links(self.mini_sectors) + self.links(self.mini_data)
        n, i, per = e["start"], 0, self.size // 64
        while n < len(self.minifat) and i * 64 < e["size"] and n // per < len(self.mini_data):
            at = self.at(self.mini_sectors[n // (self.size // 4)]) + n % (self.size // 4) * 4
            needs.append((at, at + 4))
            if (i + 1) * 64 > start:
                at = self.at(self.mini_data[n // per]) + n % per * 64
                needs.append((at, at + 64))
            n, i = self.minifat[n], i + 1
        return needs


def _macro_claims(file):
    out, everything = [], []
    for path in file.paths:
        if not path.upper().endswith("VBA/DIR") or not (path[:-3].upper() == "VBA/" or path[-8] == "/"):
            continue
        folder = path[:-3]
        # the controls of a form are beside it, those of a page in the pool; macros keep text there
        storage = folder[:-4]
        everything += [r for p, e in file.paths.items() if p.startswith(storage) or p.upper().startswith("OBJECTPOOL")
                       for r in file.stream(e)]
        try:
            codepage, modules, trouble = second.modules_of(second.decompress(file.read(path)))
        except second.Damaged:
            return []
        dir_needs = file.stream(file.paths[path])
        for m in modules:
            entry = next((e for p, e in file.paths.items() for s in (m["wide"], m["stream"], m["name"])
                          if s and p.upper() == (folder + s).upper()), None)
            try:
                source = second.decompress(file.read(next(p for p, e in file.paths.items() if e is entry))[m["offset"]:])
            except (second.Damaged, StopIteration, TypeError):
                continue
            digests = {hashlib.sha256(source).hexdigest(),
                       hashlib.sha256(source.decode(second.codec(codepage), "replace").encode()).hexdigest()}
            out.append(Claim("part", digests, file.base() + dir_needs + file.stream(entry, m["offset"])))
        if trouble:
            return out
    if everything:
        out.append(Claim("macro rules", None, file.base() + everything))
    return out


def _compound_claims(data):
    try:
        file = Compound(data)
        out = _macro_claims(file)
        for path, e in file.paths.items():  # a file that is kept whole in a stream
            if e["size"] >= 64:
                out.append(Claim("part", {hashlib.sha256(file.read(path)).hexdigest()}, file.base() + file.stream(e)))
        return out, file
    except (second.Damaged, struct.error, IndexError):
        return [], None


def _compound_fields(file, rng):
    """Fields of the structure itself: where, width, name."""
    out = [(at, w, f"header {at}") for at, w in ((24, 2), (26, 2), (28, 2), (30, 2), (32, 2), (40, 4), (44, 4), (48, 4), (52, 4), (56, 4),
                                                 (60, 4), (64, 4), (68, 4), (72, 4), (76, 4))]
    used = [n for n in range(min(len(file.fat), len(file.fat_sectors) * file.size // 4)) if file.fat[n] != 0xFFFFFFFF]
    out += [(file.entry_at(n)[0], 4, f"FAT entry {n}") for n in rng.sample(used, min(15, len(used)))]
    for s in file.mini_sectors[:1]:
        out += [(file.at(s) + 4 * i, 4, f"mini FAT entry {i}") for i in rng.sample(range(min(len(file.minifat), file.size // 4)), 5)]
    for i in rng.sample(range(len(file.entries)), min(8, len(file.entries))):
        at = file.at(file.dir_chain[i * 128 // file.size]) + i * 128 % file.size
        out += [(at + where, w, f"directory entry {i}, {where}") for where, w in ((64, 2), (66, 2), (68, 4), (72, 4), (76, 4), (116, 4), (120, 4))]
    return out


# --- packages and archives

def _zip_claims(data):
    """A claim for each member, which needs its own records and the way to them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            infos, start = z.infolist(), z.start_dir
    except (zipfile.BadZipFile, ValueError, UnicodeDecodeError, struct.error, NotImplementedError):
        return [], []
    end = data.rfind(b"PK\5\6")
    if end < 0 or len({i.filename.lower() for i in infos}) != len(infos) or any(i.flag_bits & 1 for i in infos):
        return [], []
    fields, central, way = [], {}, [(end, end + 22)]
    at = start
    for info in infos:
        if data[at:at + 4] != b"PK\1\2":
            return [], []
        n, x, c = struct.unpack_from("<HHH", data, at + 28)
        central[info.filename] = (at, at + 46 + n + x + c)
        way += [(at, at + 4), (at + 28, at + 34)]
        fields += [(at + where, w, f"central directory, {info.filename}, {where}") for where, w in
                   ((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (42, 4))]
        at += 46 + n + x + c
    claims, says = [], []
    for info in infos:
        here = info.header_offset
        if data[here:here + 4] != b"PK\3\4":
            return [], []
        n, x = struct.unpack_from("<HH", data, here + 26)
        fields += [(here + where, w, f"local header, {info.filename}, {where}") for where, w in
                   ((6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2))]
        whole = (here, here + 30 + n + x + info.compress_size)
        try:
            packed = data[whole[1] - info.compress_size:whole[1]]
            content = zlib.decompress(packed, -15) if info.compress_type == 8 else packed if info.compress_type == 0 else None
        except zlib.error:
            content = None
        if info.filename.endswith(".rels") or info.filename == "[Content_Types].xml":
            says += [central[info.filename], whole]
        if content:
            claims.append((Claim("part", {hashlib.sha256(content).hexdigest()}, way + [central[info.filename], whole]), content[:8] == second.MAGIC))
        if content and content[:8] == second.MAGIC:
            claims += [(Claim(c.kind, c.value, way + [central[info.filename], whole]), True) for c in _compound_claims(content)[0]]
    fields += [(end + where, w, f"end record {where}") for where, w in ((8, 2), (10, 2), (12, 4), (16, 4), (20, 2))]
    # What parts of a package are, its types and relations say (ECMA-376 part 2); a project is known by itself.
    return [c if known else Claim(c.kind, c.value, c.needs + says) for c, known in claims], fields


def _project_of(data):
    """The member of a package that is a compound file, and how to put another in its place."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            members = [(i, z.read(i)) for i in z.infolist()]
    except (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError, zlib.error, EOFError, OSError, struct.error):
        return None, None
    for at, (info, content) in enumerate(members):
        if content[:8] == second.MAGIC:
            def put(other, at=at):
                out = io.BytesIO()
                with zipfile.ZipFile(out, "w") as z:
                    for i, (one, had) in enumerate(members):
                        z.writestr(one, other if i == at else had, compress_type=one.compress_type)
                return out.getvalue()
            return content, put
    return None, None


# --- others

ONE_OBJECT = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")


def _onenote_claims(data):
    out, at = [], data.find(ONE_OBJECT)
    while at >= 0:
        size, = struct.unpack_from("<Q", data.ljust(at + 24), at + 16)
        content = data[at + 36:at + 36 + size]
        if 0 < size == len(content):
            out.append(Claim("part", {hashlib.sha256(content).hexdigest()}, [(0, 16), (at, at + 36 + size)]))
        at = data.find(ONE_OBJECT, at + 1)
    return out


def _link_claims(data):
    if len(data) < 76:
        return []
    flags, = struct.unpack_from("<I", data, 20)
    at = 76
    for bit, width, extra in ((1, 2, 2), (2, 4, 0)):
        if flags & bit and at + width <= len(data):
            at += int.from_bytes(data[at:at + width], "little") + extra
    for bit in (4, 8, 16, 32, 64):
        if flags & bit and at + 2 <= len(data):
            at += 2 + int.from_bytes(data[at:at + 2], "little") * (2 if flags & 0x80 else 1)
    needs = [(0, 24), (76, at)]
    store = data.find(b"\x09\0\0\xa0", at) - 4
    if store >= at:  # 2.5.7: a property store may have longer arguments
        needs.append((at, store + 8 + _number(data, store, 4)))
    return [Claim("fact", name, needs) for name in ("lnk.arguments", "lnk.relative_path")]


def _one_each(claims):
    """Where the same bytes stand twice, either may have become the part: both are needed."""
    out = {}
    for i, c in enumerate(claims):
        key = min(c.value) if c.kind == "part" else f"{c.kind} {c.value} {i}"
        out[key] = Claim(c.kind, c.value | out[key].value, c.needs + out[key].needs) if key in out else c
    return list(out.values())


# --- breaks

def _number(data, at, width):
    return int.from_bytes(data[at:at + width], "little")


def _guessed_fields(data, rng, n):
    """Numbers that could be a length: not zero, not beyond the file."""
    out = []
    for _ in range(n * 20):
        if len(out) == n or len(data) < 16:
            break
        width = rng.choice((2, 4, 4))
        at = rng.randrange(0, len(data) - 4) // 2 * 2
        if 0 < _number(data, at, width) <= len(data):
            out.append((at, width, f"number at {at}"))
    head = min(64, len(data) - 4)
    out += [(at, 4, f"head {at}") for at in rng.sample(range(0, head, 4), min(6, len(range(0, head, 4))))] if head > 4 else []
    return out


def _field_break(data, field, rng):
    at, width, name = field
    how = rng.choice((1, -1, None))
    value = (1 << 8 * width) - 1 if how is None else (_number(data, at, width) + how) % (1 << 8 * width)
    out = data[:at] + value.to_bytes(width, "little") + data[at + width:]
    return out, f"{name} {'all ones' if how is None else f'{how:+d}'}", [(at, at + width)]


def _block_break(data, rng):
    kind, last = rng.choice(("zeroed", "zeroed", "swapped", "cut")), max(1, len(data) // BLOCK)
    one = rng.randrange(last) * BLOCK
    if kind == "cut":
        at = rng.randrange(1, len(data) + 1)
        return data[:at], f"cut at {at}", [(at, len(data))]
    if kind == "swapped" and last > 1:
        other = rng.randrange(last) * BLOCK
        a, b = sorted((one, other))
        if b + BLOCK <= len(data) and a != b:
            out = data[:a] + data[b:b + BLOCK] + data[a + BLOCK:b] + data[a:a + BLOCK] + data[b + BLOCK:]
            return out, f"blocks at {a} and {b} swapped", [(a, a + BLOCK), (b, b + BLOCK)]
    size = min(BLOCK, len(data) - one)
    return data[:one] + bytes(size) + data[one + size:], f"block at {one} zeroed", [(one, one + size)]


def _break(data, claims, fields, rng, wrap=None, prefix=""):
    out, what, touched = _field_break(data, rng.choice(fields), rng) if fields and rng.random() < 0.6 else _block_break(data, rng)
    still = [c for c in claims if c.stands(touched)]
    return Twin(wrap(out) if wrap else out, prefix + what, still, [c for c in claims if c not in still])


def twins(data, n, seed):
    """The same call gives the same twins."""
    rng = random.Random(f"{seed} {len(data)}")
    if len(data) < 8:
        return
    inner, put = None, None
    claims, fields = [], []
    if data[:8] == second.MAGIC:
        claims, file = _compound_claims(data)
        fields = _compound_fields(file, rng) if file else []
    elif data[:2] == b"PK":
        claims, fields = _zip_claims(data)
        fields = rng.sample(fields, min(60, len(fields)))
        inner, put = _project_of(data)
    elif data[:4] == b"\xe4\x52\x5c\x7b":
        claims = _onenote_claims(data)
    elif data[:4] == b"L\0\0\0":
        claims = _link_claims(data)
    claims, fields = _one_each(claims), fields + _guessed_fields(data, rng, 12)
    if inner:
        inner_claims, file = _compound_claims(inner)
        inner_claims = _one_each(inner_claims)
        inner_fields = (_compound_fields(file, rng) if file else []) + _guessed_fields(inner, rng, 8)
    for i in range(n):
        if inner and i % 2:
            yield _break(inner, inner_claims, inner_fields, rng, put, "in the project: ")
        else:
            yield _break(data, claims, fields, rng)
