# SPDX-License-Identifier: Apache-2.0
"""vba_mutate - rewrites VBA source the way mass mailers do from victim to victim, without
changing what it does: other names, strings, numbers, comments, layout, filling, order.

Each mutation is a function (source, random) -> source. They are written from [MS-VBAL] 3.3
(tokens) and from what the waves of 2018 to 2022 varied, not from how the identity is computed.
"""
import re

TOKEN = re.compile(r"""(?P<string>"(?:[^"\r\n]|"")*")|(?P<comment>'[^\r\n]*|\bRem\b[^\r\n]*)|(?P<name>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|"""
                   r"""(?P<number>(?<![\w.&])\d+(?![\w.]))|(?P<other>.)""", re.S | re.I)
ENTRIES = {"autoopen", "autoclose", "autoexec", "autonew", "autoexit", "document_open", "document_close", "document_new", "workbook_open",
           "workbook_activate", "workbook_beforeclose", "auto_open", "auto_close"}
DECLARED = (r"\b(?:Sub|Function)[ \t]+(?:_\s+)?([\w\u0080-\uffff]+)", r"\bDim\s+([\w\u0080-\uffff]+)",
            r",\s*([\w\u0080-\uffff]+)\s+As\b", r"\bFor\s+([\w\u0080-\uffff]+)\s*=",
            r"(?m)^\s*(?:Set\s+)?([\w\u0080-\uffff]+)\s*=", r"\bBy(?:Val|Ref)\s+([\w\u0080-\uffff]+)")
PROCEDURE = re.compile(r"^[ \t]*(?:(?:Private|Public)[ \t]+)?(?:Sub|Function)\b.*?^[ \t]*End[ \t]+(?:Sub|Function)[ \t]*$", re.S | re.M | re.I)


def tokens(source):
    return [(m.lastgroup, m.group()) for m in TOKEN.finditer(source)]


def word(rng, least=5):
    return rng.choice("bcdfghjklmnpqrstvwz") + "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(rng.randint(least, 11)))


def own_names(source):
    """What the source itself names, and may name otherwise: not what is an entry or a control's
    event, stands in a string too, or is a member of something."""
    kept = " ".join(t for kind, t in tokens(source) if kind == "string").lower()
    bare = "".join(t if kind != "string" and kind != "comment" else " " for kind, t in tokens(source))
    found = {n.lower() for pattern in DECLARED for n in re.findall(pattern, bare, re.I)}
    members = {n.lower() for n in re.findall(r"\.\s*(?:_\s+)?([\w\u0080-\uffff]+)", bare)}
    return {n for n in found if n not in ENTRIES and n not in members and n not in kept and "_" not in n
            and n not in ("autoopen", "chr", "mid", "left", "right", "if", "set", "sub", "function")}


def names(source, rng):
    new = {n: word(rng) for n in sorted(own_names(source))}
    return "".join(new.get(t.lower(), t) if kind == "name" else t for kind, t in tokens(source))


def calls_by_name(source):
    """A string that names a procedure is no string to vary."""
    return {n.lower() for n in re.findall(DECLARED[0], source, re.I)}


def strings(source, rng):
    fixed = calls_by_name(source)

    def other(t):
        if len(t) <= 3 or t[1:-1].lower() in fixed:
            return t
        return '"' + "".join(rng.choice("abcdefghijkmnopqrstuvwxyz0123456789") for _ in range(rng.randint(3, 40))) + '"'

    # the library and the alias of a Declare are what is called, not data
    return "\n".join(line if re.match(r"\s*(?:(?:Private|Public)\s+)?Declare\b", line, re.I) else
                     "".join(other(t) if kind == "string" else t for kind, t in tokens(line)) for line in source.split("\n"))


def strings_cut(source, rng):
    fixed = calls_by_name(source)

    def cut(t):
        inner = t[1:-1]
        if len(inner) < 4 or '"' in inner or inner.lower() in fixed:
            return t
        at = rng.randint(1, len(inner) - 1)
        return f'"{inner[:at]}" & "{inner[at:]}"'

    return "\n".join(line if re.match(r"\s*(?:(?:(?:Private|Public)\s+)?Declare|Print|Open)\b", line, re.I) or "&" not in line and "+" not in line else
                     "".join(cut(t) if kind == "string" else t for kind, t in tokens(line)) for line in source.split("\n"))


def numbers(source, rng):
    return "".join(str(rng.randint(2, 99999)) if kind == "number" and int(t) > 1 else t for kind, t in tokens(source))


def comments(source, rng):
    out = []
    for line in source.split("\n"):
        if not (out and out[-1].rstrip().endswith(" _")):
            for _ in range(rng.choice((0, 0, 1, 3))):
                out.append(rng.choice(("' ", "Rem ", "    '")) + " ".join(word(rng) for _ in range(rng.randint(0, 9))))
        out.append(line)
    return "\n".join(out)


def layout(source, rng):
    out = []
    for line in source.split("\n"):
        joined = out and out[-1].rstrip().endswith(" _")
        if not joined and rng.random() < 0.3:
            out.append("")
        out.append(line if joined else " " * rng.randint(0, 12) + line.strip())
    return "\r\n".join(out)


def letter_case(source, rng):
    return "".join(rng.choice((t.upper(), t.lower(), t.capitalize())) if kind == "name" else t for kind, t in tokens(source))


def padding(source, rng):
    return "".join(f"' {word(rng)}\n" for _ in range(400)) + source + "\n" * 2000 + "".join(f"' {word(rng)}\n" for _ in range(400))


def junk_line(rng):
    a, b, c = word(rng), word(rng), word(rng)
    return rng.choice((f"    {a} = {rng.randint(2, 9999)} * Sin({b}) + {c}", f"    {a} = {b} + Round({rng.randint(1, 99)}) - {c}",
                       f"    {a} = \"{word(rng)}\" + {b}", f"    {a} = ({rng.randint(2, 99)} / Tan({b}))"))


def junk(source, rng):
    """Assignments that nobody reads, behind the head of each procedure and before its end."""
    def fill(m):
        text = m.group()
        lines = text.split("\n")
        head = 1
        while lines[head - 1].rstrip().endswith("_"):
            head += 1
        return "\n".join(lines[:head] + [junk_line(rng) for _ in range(rng.randint(1, 20))] + lines[head:-1] +
                         [junk_line(rng) for _ in range(rng.randint(0, 9))] + lines[-1:])
    return PROCEDURE.sub(fill, source)


def unused_procedures(source, rng):
    extra = ["\n".join([f"Function {word(rng)}()"] + [junk_line(rng) for _ in range(rng.randint(1, 8))] + ["End Function"]) for _ in range(rng.randint(1, 5))]
    return source + "\n" + "\n".join(extra) + "\n" if has_entry(source) else source


def has_entry(source):
    return any(n.lower() in ENTRIES for n in re.findall(DECLARED[0], source, re.I))


def order(source, rng):
    procedures = PROCEDURE.findall(source)
    rng.shuffle(procedures)
    return PROCEDURE.sub("", source).rstrip() + "\n" + "\n\n".join(procedures) + "\n"


def everything(source, rng):
    for change in (order, unused_procedures, junk, numbers, strings, names, comments, letter_case, layout):
        source = change(source, rng)
    return source


MUTATIONS = {f.__name__: f for f in (names, strings, strings_cut, numbers, comments, layout, letter_case, padding, junk, unused_procedures, order, everything)}
