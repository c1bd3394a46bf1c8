# SPDX-License-Identifier: Apache-2.0
"""vbalrun - runs programs of VBA that are given as trees, after [MS-VBAL] 5.3 (procedures, arguments),
5.4 (statements) and 5.6 (expressions); values and operators are those of vbal.

Expressions: ("lit", value, text) ("var", name) ("index", name, e) ("bin", op, a, b) ("neg", e) ("not", e)
("call", function, [e]) ("named", function, [(name or None, e)]) ("user", function, [e]).
Statements: ("dim", name, type, (low, high) or None) ("redim", name, type, e, preserve) ("let", place, e)
("mid", name, start, length, e) ("if", [(e, block)], block or None) ("for", name, from, to, step or None, block)
("each", name, e, block) ("do", "While"|"Until", first, e, block) ("select", e, [([test], block)], block or None)
("exit", "For"|"Do"|"Function") ("sub", name, [e]); tests: ("eq", e) ("to", a, b) ("is", op, e).
Procedures: (name, [(name, type, by reference)], type or None, block).
"""
import vbal
from vbal import V, Array, Trouble, coerce, default, string, text, truth

STEPS = 100000
LONGEST = 5000  # of texts; no limit of the language, but of programs that are worth while
IMPLICIT = "implicit"  # the type of a variable without Dim (5.6.10)
STATEMENTS = ("dim", "redim", "let", "mid", "if", "for", "each", "do", "select", "exit", "sub")


class TooLong(Exception):
    pass


class Leave(Exception):
    """Exit For, Exit Do, Exit Function"""


def blocks(part):
    """The blocks of statements in a part of a statement."""
    if isinstance(part, list) and part:
        if isinstance(part[0], tuple) and part[0] and isinstance(part[0][0], str) and part[0][0] in STATEMENTS:
            yield part
        elif isinstance(part[0], tuple) and len(part[0]) == 2 and isinstance(part[0][1], list):
            yield from (body for _, body in part)


class Place:
    """A variable: its declared type and value; Let-coerces what it is given (5.4.3.8)."""

    def __init__(self, t, value=None, array=False):
        self.t, self.value, self.array = t, default(t) if value is None else value, array

    def set(self, v):
        if v.t == "Array":
            if self.t != "Variant":
                raise Trouble(vbal.MISMATCH)
            v = V("Array", v.v.copy())
        self.value = coerce(v, self.t)


class Element:
    """A variable that is an element of an array."""

    def __init__(self, array, at):
        self.array, self.at, self.t = array, at, array.of

    @property
    def value(self):
        return self.array.items[self.at]

    def set(self, v):
        self.array.items[self.at] = coerce(v, self.t)


class Program:
    def __init__(self, procedures):
        self.procedures = {p[0].lower(): p for p in procedures}
        self.steps, self.depth = 0, 0

    def run(self, name):
        """The result of a procedure without arguments."""
        return self.invoke(name, [], {})

    # --- 5.3.1: procedures
    def invoke(self, name, args, caller):
        proc, params, t, body = self.procedures[name.lower()]
        self.depth += 1
        if self.depth > 60:
            raise TooLong("recursion")
        scope = {}
        for (param, kind, by_reference), arg in zip(params, args):
            place = self.place(arg, caller) if by_reference and arg[0] in ("var", "index") else None
            if place is None or place.t != kind:  # 5.3.1.11: a value of its own
                value, _ = self.value(arg, caller)
                place = Place(kind)
                place.set(value)
            scope[param.lower()] = place
        if t:
            scope[proc.lower()] = Place(t)
        self.declare(body, scope)
        try:
            self.block(body, scope)
        except Leave as e:
            if str(e) != "Function":
                raise
        self.depth -= 1
        return scope[proc.lower()].value if t else None

    # --- 5.6: expressions
    def place(self, e, scope):
        place = scope[e[1].lower()]
        if e[0] == "var":
            return place
        if place.value.t != "Array":
            raise Trouble(vbal.MISMATCH)
        array = place.value.v
        return Element(array, array.index(vbal.integer(self.value(e[2], scope)[0])))

    def value(self, e, scope):
        """(value, declared type)"""
        self.tick()
        v, declared = self.computed(e, scope)
        if v.t == "String" and len(v.v) > LONGEST:
            raise TooLong("text")
        return v, declared

    def computed(self, e, scope):
        kind = e[0]
        if kind == "lit":
            return e[1], e[1].t
        if kind in ("var", "index"):
            place = self.place(e, scope)
            late = kind == "index" and not scope[e[1].lower()].array  # an array in a Variant
            return place.value, "Variant" if late else "String" if vbal.fixed_length(place.t) else place.t
        if kind == "bin":
            return vbal.binary(e[1], self.value(e[2], scope), self.value(e[3], scope))
        if kind == "neg":
            return vbal.negate(self.value(e[1], scope))
        if kind == "not":
            return vbal.complement(self.value(e[1], scope))
        if kind == "call":
            return vbal.call(e[1], [self.value(a, scope)[0] for a in e[2]])
        if kind == "named":
            return vbal.call_named(e[1], [(n, self.value(a, scope)[0]) for n, a in e[2]])
        if kind == "user":
            return self.invoke(e[1], e[2], scope), self.procedures[e[1].lower()][2]
        raise ValueError(kind)

    def get(self, e, scope):
        return self.value(e, scope)[0]

    def truth(self, e, scope):
        v = self.get(e, scope)
        return v.t != "Null" and truth(v)

    def tick(self):
        self.steps += 1
        if self.steps > STEPS:
            raise TooLong("steps")

    # --- 5.4: statements
    def block(self, statements, scope):
        for s in statements:
            self.tick()
            getattr(self, "do_" + s[0])(s, scope)

    def declare(self, statements, scope):
        """5.4.3.1: a local variable lives as long as its procedure runs, wherever its Dim stands; Dim does nothing."""
        for s in statements:
            if s[0] == "dim":
                _, name, t, bounds = s
                low, high = bounds if isinstance(bounds, tuple) else (0, -1)
                items = V("Array", Array(low, [default(t) for _ in range(high - low + 1)], t)) if bounds else None
                scope[name.lower()] = Place("Variant" if bounds or t == IMPLICIT else t, items, bool(bounds))
            for part in s:
                for inner in blocks(part):
                    self.declare(inner, scope)

    def do_dim(self, s, scope):
        pass

    def do_redim(self, s, scope):
        _, name, t, e, preserve = s
        high = vbal.integer(self.get(e, scope))
        if high < -1 or high > 10000:
            raise Trouble(vbal.SUBSCRIPT)
        place = scope[name.lower()]
        old = place.value.v.items if preserve and place.value.t == "Array" else []
        place.value = V("Array", Array(0, (old + [default(t) for _ in range(high + 1)])[:high + 1], t))

    def do_let(self, s, scope):
        value = self.get(s[2], scope)
        self.place(s[1], scope).set(value)

    def do_mid(self, s, scope):
        """5.4.3.5: as many characters as there are, at their place."""
        _, name, start, length, e = s
        place = scope[name.lower()]
        old, new = text(place.value), text(self.get(e, scope))
        start = vbal.integer(self.get(start, scope))
        n = len(new) if length is None else vbal.integer(self.get(length, scope))
        if start < 1 or start > len(old) or n < 0:
            raise Trouble(vbal.ARGUMENT)
        n = min(n, len(new), len(old) - start + 1)
        place.set(string(old[:start - 1] + new[:n] + old[start - 1 + n:]))

    def do_if(self, s, scope):
        for cond, body in s[1]:
            if self.truth(cond, scope):
                return self.block(body, scope)
        if s[2] is not None:
            self.block(s[2], scope)

    def do_for(self, s, scope):
        """5.4.2.3: the bounds are taken once; the test stands in front of each round."""
        _, name, first, last, step, body = s
        place = scope[name.lower()]
        first, last = self.value(first, scope), self.value(last, scope)
        step = self.value(step, scope) if step else (V("Integer", 1), "Integer")
        last, step = ((coerce(v, place.t), place.t) for v, _ in (last, step))
        place.set(first[0])
        op = ">" if vbal.numeric(step[0]) >= 0 else "<"
        while not truth(vbal.compare(op, (place.value, place.t), last)[0]):
            self.tick()
            try:
                self.block(body, scope)
            except Leave as e:
                if str(e) != "For":
                    raise
                return
            place.set(vbal.arithmetic("+", (place.value, place.t), step)[0])

    def do_each(self, s, scope):
        _, name, e, body = s
        for item in list(vbal.array(self.get(e, scope)).items):
            scope[name.lower()].set(item)
            try:
                self.block(body, scope)
            except Leave as e:
                if str(e) != "For":
                    raise
                return

    def do_do(self, s, scope):
        _, word, first, cond, body = s
        while True:
            self.tick()
            if first and self.truth(cond, scope) != (word == "While"):
                return
            try:
                self.block(body, scope)
            except Leave as e:
                if str(e) != "Do":
                    raise
                return
            if not first and self.truth(cond, scope) != (word == "While"):
                return

    def do_select(self, s, scope):
        _, e, cases, other = s
        subject = self.value(e, scope)
        for tests, body in cases:
            if any(self.test(t, subject, scope) for t in tests):
                return self.block(body, scope)
        if other is not None:
            self.block(other, scope)

    def test(self, t, subject, scope):
        if t[0] == "to":
            low, high = self.value(t[1], scope), self.value(t[2], scope)
            return truth(vbal.compare(">=", subject, low)[0]) and truth(vbal.compare("<=", subject, high)[0])
        op, e = ("=", t[1]) if t[0] == "eq" else (t[1], t[2])
        return truth(vbal.compare(op, subject, self.value(e, scope))[0])

    def do_exit(self, s, scope):
        raise Leave(s[1])

    def do_sub(self, s, scope):
        self.invoke(s[1], s[2], scope)


# --- printing: with no more parentheses than 5.6.9 asks for, so that its order of operators is tested

ORDER = {"^": 13, "neg": 12, "*": 11, "/": 11, "\\": 10, "Mod": 9, "+": 8, "-": 8, "&": 7, "=": 6, "<>": 6, "<": 6, ">": 6,
         "<=": 6, ">=": 6, "Like": 6, "not": 5, "And": 4, "Or": 3, "Xor": 2, "Eqv": 1, "Imp": 0}


class Printer:
    """style: spell(word) writes a name or keyword, blank() stands around operators."""

    def __init__(self, spell=lambda w: w, blank=lambda: " "):
        self.spell, self.blank = spell, blank

    def e(self, e, outer=-1):
        kind = e[0]
        if kind == "lit":
            return e[2] if not e[2].startswith("-") or outer < 0 else f"({e[2]})"
        if kind == "var":
            return self.spell(e[1])
        if kind == "index":
            return f"{self.spell(e[1])}({self.e(e[2])})"
        if kind in ("call", "user"):
            return f"{self.spell(e[1])}({', '.join(self.e(a) for a in e[2])})"
        if kind == "named":
            return f"{self.spell(e[1])}({', '.join((self.spell(n) + ':=' if n else '') + self.e(a) for n, a in e[2])})"
        if kind == "bin":
            order = ORDER[e[1]]  # all are left-associative
            out = self.e(e[2], order) + self.blank() + self.spell(e[1]) + " " + self.e(e[3], order + 1)
        elif kind == "neg":
            order = ORDER["neg"]
            out = "-" + self.e(e[1], order + 1)
        else:
            order = ORDER["not"]
            out = self.spell("Not") + " " + self.e(e[1], order)
        return f"({out})" if order < outer else out

    def block(self, statements, depth):
        out = []
        for s in statements:
            out += ["    " * depth + line if line else line for line in self.s(s)]
        return out

    def s(self, s):
        w, kind = self.spell, s[0]
        if kind == "dim" and s[2] == IMPLICIT:
            return []
        if kind == "dim":
            bounds = "" if s[3] is None else "()" if s[3] == "dynamic" else f"({s[3][1]})" if s[3][0] == 0 else f"({s[3][0]} {w('To')} {s[3][1]})"
            return [f"{w('Dim')} {w(s[1])}{bounds}" + (f" {w('As')} {w(s[2])}" if s[2] != "Variant" or bounds else "")]
        if kind == "redim":
            keep = w("Preserve") + " " if s[4] else ""
            return [f"{w('ReDim')} {keep}{w(s[1])}({self.e(s[3])})" + (f" {w('As')} {w(s[2])}" if s[2] != "Variant" and not s[4] else "")]
        if kind == "let":
            return [f"{self.e(s[1])} = {self.e(s[2])}"]
        if kind == "mid":
            length = "" if s[3] is None else ", " + self.e(s[3])
            return [f"{w('Mid')}({w(s[1])}, {self.e(s[2])}{length}) = {self.e(s[4])}"]
        if kind == "exit":
            return [f"{w('Exit')} {w(s[1])}"]
        if kind == "sub":
            return [f"{w('Call')} {w(s[1])}({', '.join(self.e(a) for a in s[2])})" if len(s[2]) != 1
                    else f"{w(s[1])} {self.e(s[2][0])}"]
        return getattr(self, "s_" + kind)(s)

    def s_if(self, s):
        w, out = self.spell, []
        for n, (cond, body) in enumerate(s[1]):
            out += [f"{w('ElseIf' if n else 'If')} {self.e(cond)} {w('Then')}", *self.block(body, 1)]
        if s[2] is not None:
            out += [w("Else"), *self.block(s[2], 1)]
        return out + [f"{w('End')} {w('If')}"]

    def s_for(self, s):
        w = self.spell
        step = f" {w('Step')} {self.e(s[4])}" if s[4] else ""
        return [f"{w('For')} {w(s[1])} = {self.e(s[2])} {w('To')} {self.e(s[3])}{step}", *self.block(s[5], 1), f"{w('Next')} {w(s[1])}"]

    def s_each(self, s):
        w = self.spell
        return [f"{w('For')} {w('Each')} {w(s[1])} {w('In')} {self.e(s[2])}", *self.block(s[3], 1), w("Next")]

    def s_do(self, s):
        w = self.spell
        test = f" {w(s[1])} {self.e(s[3])}"
        if s[2] and s[1] == "While" and len(s[4]) % 2:
            return [f"{w('While')} {self.e(s[3])}", *self.block(s[4], 1), w("Wend")]
        return [w("Do") + (test if s[2] else ""), *self.block(s[4], 1), w("Loop") + ("" if s[2] else test)]

    def s_select(self, s):
        w = self.spell
        out = [f"{w('Select')} {w('Case')} {self.e(s[1])}"]
        for tests, body in s[2]:
            words = [self.e(t[1]) if t[0] == "eq" else f"{self.e(t[1])} {w('To')} {self.e(t[2])}" if t[0] == "to"
                     else f"{w('Is')} {t[1]} {self.e(t[2])}" for t in tests]
            out += [f"{w('Case')} {', '.join(words)}", *self.block(body, 1)]
        if s[3] is not None:
            out += [f"{w('Case')} {w('Else')}", *self.block(s[3], 1)]
        return out + [f"{w('End')} {w('Select')}"]

    def procedure(self, proc, tail=()):
        w = self.spell
        name, params, t, body = proc
        kind = w("Function" if t else "Sub")
        args = ", ".join(f"{w('ByRef' if by else 'ByVal')} {w(p)} {w('As')} {w(k)}" for p, k, by in params)
        head = f"{kind} {w(name)}({args})" + (f" {w('As')} {w(t)}" if t else "")
        return [head, *self.block(body, 1), *("    " + line for line in tail), f"{w('End')} {kind}"]
