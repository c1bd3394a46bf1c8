# SPDX-License-Identifier: Apache-2.0
"""vbal - values, operators and functions of VBA, a reference written from [MS-VBAL] alone.

5.5.1.2 (Let-coercion), 5.6.5 (literals), 5.6.9 (operators), 6.1.2 (functions). A value has a type
of its own; an expression also has a declared type, which decides whether a result that does not
fit is an error or is promoted (5.6.9.3). Left out: Currency, Date, Decimal, LongLong, objects, code
pages above ASCII, formats that are locale's but Format's, and Option Compare Text. It shares no code with unmask/ and observe/.
"""
import math
import re
import struct


class Trouble(Exception):
    """A run-time error, by its number (5.4.4, Err object)."""


OVERFLOW, DIVISION, MISMATCH, ARGUMENT, SUBSCRIPT, NULL_USED = 6, 11, 13, 5, 9, 94
RANGES = {"Byte": (0, 255), "Integer": (-32768, 32767), "Long": (-(1 << 31), (1 << 31) - 1)}
INTEGRAL = ("Byte", "Boolean", "Integer", "Long")
WIDER = {"Byte": "Integer", "Boolean": "Long", "Integer": "Long", "Long": "Double", "Single": "Double"}


class V:
    """A value: t is Empty, Null, Boolean, Byte, Integer, Long, Single, Double, String or Array."""
    __slots__ = ("t", "v")

    def __init__(self, t, v=None):
        self.t, self.v = t, v

    def __repr__(self):
        return f"{self.t}({self.v!r})"


EMPTY, NULL = V("Empty"), V("Null")
TRUE, FALSE = V("Boolean", True), V("Boolean", False)


def boolean(b):
    return TRUE if b else FALSE


def string(s):
    return V("String", s)


class Array:
    """One dimension; element type and bounds."""

    def __init__(self, low, items, of="Variant"):
        self.low, self.items, self.of = low, items, of

    def index(self, n):
        if not self.low <= n < self.low + len(self.items):
            raise Trouble(SUBSCRIPT)
        return n - self.low

    def copy(self):
        return Array(self.low, list(self.items), self.of)


def fixed_length(t):
    """5.2.3.1.3: of String * n; 0 of all other types."""
    return int(t[9:]) if t.startswith("String * ") else 0


def default(t):
    if fixed_length(t):
        return string("\0" * fixed_length(t))
    return {"Variant": EMPTY, "String": string(""), "Boolean": FALSE, "Single": V("Single", 0.0),
            "Double": V("Double", 0.0)}.get(t) or V(t, 0)


# --- 5.5.1.2 Let-coercion

def bankers(x):
    """5.5.1.2.1.1: to the nearest integer, halves to the even one."""
    if math.isinf(x) or math.isnan(x):
        raise Trouble(OVERFLOW)
    return round(x)


def single(x):
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        raise Trouble(OVERFLOW)


NUMBER = re.compile(r"[ \t]*([+-]?)[ \t]*(?:&H([0-9A-F]+)&?|&O?([0-7]+)&?|((?:[0-9]+(?:,[0-9]{3})*\.?[0-9]*|\.[0-9]+)(?:[ED][+-]?[0-9]+)?))[ \t]*\Z", re.I)


def parse(s):
    """5.5.1.2.1: text as a number, or a type mismatch."""
    m = NUMBER.match(s)
    if not m:
        raise Trouble(MISMATCH)
    sign = -1 if m[1] == "-" else 1
    if m[2]:
        n = int(m[2], 16)
        return sign * float(n - (1 << 16) if 0x8000 <= n <= 0xFFFF else n - (1 << 32) if 0x80000000 <= n <= 0xFFFFFFFF else n)
    if m[3]:
        return sign * float(int(m[3], 8))
    return sign * float(m[4].replace(",", "").upper().replace("D", "E"))


def numeric(v):
    """Any value as a Python number (Boolean True is -1)."""
    if v.t == "Empty":
        return 0
    if v.t == "Boolean":
        return -1 if v.v else 0
    if v.t == "String":
        return parse(v.v)
    if v.t == "Null":
        raise Trouble(NULL_USED)
    if v.t == "Array":
        raise Trouble(MISMATCH)
    return v.v


def floating(x, digits):
    """5.5.1.2.4: at most 7 or 15 digits; with an exponent where these do not reach."""
    if x == 0:
        return "0"
    sign, x = ("-" if x < 0 else ""), abs(x)
    mantissa, _, exponent = f"{x:.{digits - 1}e}".partition("e")
    exponent, figures = int(exponent), mantissa.replace(".", "").rstrip("0")
    if exponent >= digits or (exponent < 0 and len(figures) - exponent - 1 > digits):
        return f"{sign}{figures[0]}{'.' + figures[1:] if figures[1:] else ''}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return sign + "0." + "0" * (-exponent - 1) + figures
    whole = figures[:exponent + 1].ljust(exponent + 1, "0")
    rest = figures[exponent + 1:]
    return sign + whole + ("." + rest if rest else "")


def text(v):
    if v.t == "String":
        return v.v
    if v.t == "Empty":
        return ""
    if v.t == "Boolean":
        return "True" if v.v else "False"
    if v.t == "Null":
        raise Trouble(NULL_USED)
    if v.t == "Array":
        raise Trouble(MISMATCH)
    if v.t in ("Single", "Double"):
        return floating(v.v, 7 if v.t == "Single" else 15)
    return str(v.v)


def truth(v):
    if v.t == "String":
        if v.v.strip().lower() in ("true", "false"):
            return v.v.strip().lower() == "true"
        return parse(v.v) != 0
    return numeric(v) != 0


def coerce(v, t):
    """A value for a place of this declared type."""
    if t == "Variant" or v.t == t:
        return v
    if t == "String":
        return string(text(v))
    if fixed_length(t):
        return string(text(v)[:fixed_length(t)].ljust(fixed_length(t)))
    if t == "Boolean":
        return boolean(truth(v))
    if v.t == "String" and v.v.strip().lower() in ("true", "false") and t not in ("Single", "Double"):
        raise Trouble(MISMATCH)
    n = numeric(v)
    if t == "Double":
        return V(t, float(n))
    if t == "Single":
        return V(t, single(float(n)))
    if isinstance(n, float):
        n = bankers(n)
    low, high = RANGES[t]
    if not low <= n <= high:
        raise Trouble(OVERFLOW)
    return V(t, n)


# --- 5.6.9 operators: an operand is (value, declared type)

def effective(op, a, b):
    """5.6.9.3: the type in which an operator works."""
    kinds = {a, b}
    if op == "^":
        return "Double"
    if op in ("\\", "Mod"):
        if kinds & {"Single", "Double", "String", "Long"}:
            return "Long"
        return "Byte" if kinds <= {"Byte"} or kinds == {"Byte", "Empty"} else "Integer"
    if op == "/":
        if kinds & {"Double", "String"} or not kinds & {"Single"} or "Long" in kinds:
            return "Double"
        return "Single"
    if kinds & {"Double", "String"} or {"Single", "Long"} <= kinds:
        return "Double"
    for t in ("Single", "Long"):
        if t in kinds:
            return t
    return "Byte" if "Byte" in kinds and kinds <= {"Byte", "Empty"} else "Integer"


def fit(n, t, variant):
    """A result in its type; one that does not fit is promoted if an operand was declared as a Variant."""
    while True:
        if t == "Double":
            if math.isinf(n) or math.isnan(n):
                raise Trouble(OVERFLOW)
            return V(t, float(n))
        if t == "Single":
            try:
                return V(t, single(float(n)))
            except Trouble:
                pass
        else:
            low, high = RANGES["Integer" if t == "Boolean" else t]
            if low <= n <= high:
                return V("Integer" if t == "Boolean" else t, n)
        if not variant:
            raise Trouble(OVERFLOW)
        t = WIDER[t]


def declared(op, a, b):
    if "Variant" in (a, b):
        return "Variant"
    if op == "&" or (op == "+" and a == b == "String"):
        return "String"
    if op in COMPARISONS or op == "Like":
        return "Boolean"
    if op in LOGICAL:
        return logical_type(a, b)
    return effective(op, a, b)


def arithmetic(op, left, right):
    (a, da), (b, db) = left, right
    decl = declared(op, da, db)
    if a.t == "Null" or b.t == "Null":
        return NULL, decl
    if op == "+" and a.t == b.t == "String":
        return string(a.v + b.v), decl
    if op == "+" and "String" in (a.t, b.t) and "Empty" in (a.t, b.t):
        return string(text(a) + text(b)), decl
    t = effective(op, a.t, b.t)
    x, y = numeric(a), numeric(b)
    variant = "Variant" in (da, db)
    if op in ("\\", "Mod"):
        x, y = (coerce(V("Double", float(n)), "Long").v for n in (x, y))
        if y == 0:
            raise Trouble(DIVISION)
        quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
        return fit(quotient if op == "\\" else x - quotient * y, t, variant), decl
    if op == "/":
        if y == 0:
            raise Trouble(DIVISION if x else OVERFLOW)
        return fit(x / y, t, variant), decl
    if op == "^":
        if (x == 0 and y < 0) or (x < 0 and y != int(y)):
            raise Trouble(ARGUMENT)
        try:
            return fit(float(x) ** float(y), t, variant), decl
        except OverflowError:
            raise Trouble(OVERFLOW)
    if t == "Double":
        x, y = float(x), float(y)
    return fit({"+": x + y, "-": x - y, "*": x * y}[op], t, variant), decl


def negate(operand):
    v, decl = operand
    if v.t == "Null":
        return NULL, decl
    t = {"Byte": "Integer", "Empty": "Integer", "Boolean": "Integer", "String": "Double"}.get(v.t, v.t)
    kept = {"Byte": "Integer", "Boolean": "Integer", "String": "Double"}.get(decl, decl)
    return fit(-numeric(v), t, decl == "Variant"), kept


def concatenate(left, right):
    (a, da), (b, db) = left, right
    decl = declared("&", da, db)
    if a.t == "Null" and b.t == "Null":
        return NULL, decl
    return string(("" if a.t == "Null" else text(a)) + ("" if b.t == "Null" else text(b))), decl


COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
LOGICAL = ("And", "Or", "Xor", "Eqv", "Imp")


def compare(op, left, right):
    (a, da), (b, db) = left, right
    decl = declared(op, da, db)
    if a.t == "Null" or b.t == "Null":
        return NULL, decl
    strings = [v.t == "String" for v in (a, b)]
    if all(strings) or (any(strings) and "Empty" in (a.t, b.t)):
        x, y = text(a), text(b)  # Option Compare Binary
        x, y = x.encode("utf-16-be"), y.encode("utf-16-be")
    elif any(strings) and da == db == "Variant":  # 5.6.9.5: a number is less than any text
        x, y = strings
    else:
        x, y = numeric(a), numeric(b)
        if "Single" in (a.t, b.t) and not {"Double", "String", "Long"} & {a.t, b.t}:
            x, y = single(x), single(y)
    return boolean({"=": x == y, "<>": x != y, "<": x < y, ">": x > y, "<=": x <= y, ">=": x >= y}[op]), decl


def logical_type(a, b):
    kinds = {a, b}
    if kinds == {"Boolean"}:
        return "Boolean"
    if kinds == {"Byte"} or kinds == {"Byte", "Empty"}:
        return "Byte"
    return "Integer" if kinds <= {"Byte", "Boolean", "Integer", "Empty"} else "Long"


def logical(op, left, right):
    """5.6.9.8: bit by bit; Null where the other operand does not decide."""
    (a, da), (b, db) = left, right
    decl = declared(op, da, db)
    if a.t == "Null" or b.t == "Null":
        if a.t == b.t:
            return NULL, decl
        known = b if a.t == "Null" else a
        n = coerce(known, "Long").v if known.t != "Boolean" else numeric(known)
        if op == "And" and n == 0 or op == "Or" and n == -1:
            return known, decl
        if op == "Imp" and (n == -1 and known is b or n == 0 and known is a):
            return TRUE if known.t == "Boolean" else V("Integer", -1), decl
        return NULL, decl
    t = logical_type(a.t, b.t)
    x, y = (numeric(v) if v.t in INTEGRAL or v.t == "Empty" else coerce(v, "Long").v for v in (a, b))
    n = {"And": x & y, "Or": x | y, "Xor": x ^ y, "Eqv": ~(x ^ y), "Imp": ~x | y}[op]
    if t == "Boolean":
        return boolean(n != 0), decl
    return V(t, n & 0xFF if t == "Byte" else n), decl


def complement(operand):
    v, decl = operand
    if v.t == "Null":
        return NULL, decl
    if v.t == "Boolean":
        return boolean(not v.v), decl
    if v.t == "Byte":
        return V("Byte", ~v.v & 0xFF), decl
    if v.t in ("Integer", "Empty"):
        return V("Integer", ~numeric(v)), decl
    return V("Long", ~coerce(v, "Long").v), decl if decl in ("Variant", "Long") else "Long"


def like(left, right):
    """5.6.9.6: ? * # [list] [!list]"""
    (a, da), (b, db) = left, right
    decl = declared("Like", da, db)
    if a.t == "Null" or b.t == "Null":
        return NULL, decl
    pattern, out, at = text(b), "", 0
    while at < len(pattern):
        c, at = pattern[at], at + 1
        if c == "[":
            end = pattern.find("]", at)
            if end < 0:
                raise Trouble(93)
            inside, at = pattern[at:end], end + 1
            if inside in ("", "!"):
                out += "" if inside == "" else "!"
                continue
            no = inside[0] == "!" and len(inside) > 1
            inside = inside[no:]
            out += "[" + "^" * no + re.sub(r"[\\\]\[^]", r"\\\g<0>", inside) + "]"
        else:
            out += {"?": ".", "*": ".*", "#": "[0-9]"}.get(c, re.escape(c))
    return boolean(re.fullmatch(out, text(a), re.S) is not None), decl


def binary(op, left, right):
    if op == "&":
        return concatenate(left, right)
    if op in COMPARISONS:
        return compare(op, left, right)
    if op in LOGICAL:
        return logical(op, left, right)
    if op == "Like":
        return like(left, right)
    return arithmetic(op, left, right)


# --- 6.1.2 functions: (declared type, code); arguments are values

def integer(v):
    return coerce(v, "Long").v


def ascii_case(s, up):
    return s.upper() if up else s.lower()


def f_mid(s, start, length=None):
    start = integer(start)
    n = None if length is None else integer(length)
    if start < 1 or (n is not None and n < 0):
        raise Trouble(ARGUMENT)
    s = text(s)
    return string(s[start - 1:] if n is None else s[start - 1:start - 1 + n])


def f_left(s, n):
    n = integer(n)
    if n < 0:
        raise Trouble(ARGUMENT)
    return string(text(s)[:n])


def f_right(s, n):
    n = integer(n)
    if n < 0:
        raise Trouble(ARGUMENT)
    s = text(s)
    return string(s[max(0, len(s) - n):])


def f_instr(*a):
    start = 1
    if len(a) >= 3:
        start, a = integer(a[0]), a[1:]
    if start < 1:
        raise Trouble(ARGUMENT)
    s, what = text(a[0]), text(a[1])
    if not s or start > len(s):
        return V("Long", 0)
    return V("Long", start if not what else s.find(what, start - 1) + 1)


def f_instrrev(s, what, start=None):
    s, what = text(s), text(what)
    start = len(s) if start is None or integer(start) == -1 else integer(start)
    if start < 1:
        if s:
            raise Trouble(ARGUMENT)
    if not s or start > len(s):
        return V("Long", 0)
    if not what:
        return V("Long", start)
    return V("Long", s.rfind(what, 0, start) + 1)


def f_replace(s, what, by, start=None, count=None):
    s, what, by = text(s), text(what), text(by)
    start = 1 if start is None else integer(start)
    count = -1 if count is None else integer(count)
    if start < 1 or count < -1:
        raise Trouble(ARGUMENT)
    s = s[start - 1:]  # the result begins where the search does
    return string(s if not what else s.replace(what, by, count))


def f_split(s, by=None, limit=None):
    s, by = text(s), " " if by is None else text(by)
    limit = -1 if limit is None else integer(limit)
    items = [] if not s else [s] if not by else s.split(by) if limit < 0 else s.split(by, limit - 1)
    return V("Array", Array(0, [string(i) for i in items], "String"))


def f_join(a, by=None):
    return string((" " if by is None else text(by)).join(text(i) for i in array(a).items))


def f_string(n, c):
    n = integer(n)
    if n < 0:
        raise Trouble(ARGUMENT)
    if c.t == "String":
        if not c.v:
            raise Trouble(ARGUMENT)
        return string(c.v[0] * n)
    return string(chr(integer(c) % 256) * n)


def f_chr(n):
    n = integer(n)
    if not 0 <= n <= 255:
        raise Trouble(ARGUMENT)
    return string(chr(n))


def f_chrw(n):
    n = integer(n)
    if not -32768 <= n <= 65535:
        raise Trouble(ARGUMENT)
    return string(chr(n & 0xFFFF))


def f_asc(s):
    s = text(s)
    if not s:
        raise Trouble(ARGUMENT)
    n = ord(s[0])
    return V("Integer", n - 65536 if n > 32767 else n)


def f_hex(v, base="X"):
    if v.t == "Null":
        return NULL
    n = numeric(v)
    n = bankers(n) if isinstance(n, float) else n
    if n < 0:
        n &= 0xFFFF if v.t in ("Integer", "Boolean") else 0xFFFFFFFF
    if n > 0xFFFFFFFF:
        raise Trouble(OVERFLOW)
    return string(format(n, base))


def f_val(s):
    s = re.sub(r"[ \t\n]", "", text(s))
    m = re.match(r"&H([0-9A-F]+)|&O([0-7]+)|([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[ED][+-]?[0-9]+)?)", s, re.I)
    if not m:
        return V("Double", 0.0)
    return V("Double", parse(m[0]))


def f_str(v):
    s = text(V("Double", float(v.v)) if v.t == "String" else v)
    s = re.sub(r"^(-?)0\.", r"\1.", s) if v.t in ("Single", "Double") else s
    return string(s if s.startswith("-") else " " + s)


def f_int(v, down=True):
    if v.t == "Null":
        return NULL
    if v.t in INTEGRAL:
        return V("Integer" if v.t == "Boolean" else v.t, numeric(v))
    n = float(numeric(v))
    return V("Single" if v.t == "Single" else "Integer" if v.t == "Empty" else "Double",
             (math.floor(n) if down else math.trunc(n)) + (0 if v.t == "Empty" else 0.0))


def f_abs(v):
    if v.t == "Null":
        return NULL
    t = {"Boolean": "Integer", "Empty": "Integer", "String": "Double"}.get(v.t, v.t)
    return fit(abs(numeric(v)), t, False)


def f_sgn(v):
    n = numeric(v)
    return V("Integer", (n > 0) - (n < 0))


def array(v):
    if v.t != "Array":
        raise Trouble(MISMATCH)
    return v.v


def f_choose(n, *values):
    n = integer(V("Double", float(math.floor(numeric(n)))))
    return values[n - 1] if 1 <= n <= len(values) else NULL


def f_switch(*pairs):
    for cond, value in zip(pairs[::2], pairs[1::2]):
        if cond.t != "Null" and truth(cond):
            return value
    return NULL


def f_format(v, form):
    """6.1.2.11.1.7, as far as 0 # . , and %: halves are rounded away from zero."""
    form = text(form)
    n = float(numeric(v))
    m = re.fullmatch(r"([#,]*)(0+)(?:\.(0+))?(%?)", form)
    if not m:
        raise NotImplementedError(form)
    n *= 100 if m[4] else 1
    places = len(m[3] or "")
    scaled = int(math.floor(abs(n) * 10 ** places + 0.5))
    digits = str(scaled).rjust(places + len(m[2]), "0")
    whole, rest = (digits[:-places], digits[-places:]) if places else (digits, "")
    if "," in m[1]:
        whole = re.sub(r"(?<=[0-9])(?=(?:[0-9]{3})+\Z)", ",", whole)
    return string(("-" if n < 0 and scaled else "") + whole + ("." + rest if places else "") + m[4])


def f_strconv(s, how):
    s, how = text(s), integer(how)
    if how == 3:
        return string(re.sub(r"[^\0\t\n\v\f\r ]+", lambda m: m[0][0].upper() + m[0][1:].lower(), s))
    if how not in (1, 2):
        raise NotImplementedError(how)
    return string(ascii_case(s, how == 1))


def f_filter(a, what, include=None, compare=None):
    """6.1.2.11.1.6: the texts of an array in which another stands, or does not."""
    wanted = include is None or truth(include)
    items = [text(i) for i in array(a).items]
    return V("Array", Array(0, [string(i) for i in items if (text(what) in i) == wanted], "String"))


def f_sqr(v):
    n = float(numeric(v))
    if n < 0:
        raise Trouble(ARGUMENT)
    return V("Double", math.sqrt(n))


def f_log(v):
    n = float(numeric(v))
    if n <= 0:
        raise Trouble(ARGUMENT)
    return V("Double", math.log(n))


def f_round(v, places=None):
    """6.1.2.10.1.9: halves to the even digit. Only of numbers whose digits are exact."""
    if v.t == "Null":
        return NULL
    places = 0 if places is None else integer(places)
    if v.t in INTEGRAL:
        return V("Integer" if v.t == "Boolean" else v.t, numeric(v))
    n = float(numeric(v))
    return V("Single" if v.t == "Single" else "Integer" if v.t == "Empty" else "Double", round(n * 10 ** places) / 10 ** places)


VAR_TYPES = {"Empty": 0, "Null": 1, "Integer": 2, "Long": 3, "Single": 4, "Double": 5, "String": 8, "Boolean": 11, "Byte": 17}


def f_vartype(v):
    """6.1.2.7.1.10: of an array, 8192 more than its elements."""
    return V("Integer", 8192 + (12 if v.v.of == "Variant" else VAR_TYPES[v.v.of]) if v.t == "Array" else VAR_TYPES[v.t])


def f_typename(v):
    return string(v.v.of + "()" if v.t == "Array" else v.t)


def double(code):
    return "Double", lambda v: V("Double", code(float(numeric(v))))


def null_is_null(code):
    return lambda s, *more: NULL if s.t == "Null" else code(s, *more)


def number(t):
    return t, lambda v: coerce(v, t)


FUNCTIONS = {
    "Chr": ("Variant", f_chr), "ChrW": ("Variant", f_chrw), "Asc": ("Integer", f_asc), "AscW": ("Integer", f_asc),
    "Mid": ("Variant", null_is_null(f_mid)), "Left": ("Variant", null_is_null(f_left)), "Right": ("Variant", null_is_null(f_right)),
    "Len": ("Variant", null_is_null(lambda s: V("Long", len(text(s))))),
    "InStr": ("Variant", f_instr), "InStrRev": ("Variant", f_instrrev), "Replace": ("String", f_replace),
    "Split": ("Variant", f_split), "Join": ("String", f_join),
    "StrReverse": ("String", lambda s: string(text(s)[::-1])),
    "LCase": ("Variant", null_is_null(lambda s: string(ascii_case(text(s), False)))),
    "UCase": ("Variant", null_is_null(lambda s: string(ascii_case(text(s), True)))),
    "Trim": ("Variant", null_is_null(lambda s: string(text(s).strip(" ")))),
    "LTrim": ("Variant", null_is_null(lambda s: string(text(s).lstrip(" ")))),
    "RTrim": ("Variant", null_is_null(lambda s: string(text(s).rstrip(" ")))),
    "Space": ("Variant", lambda n: f_string(n, string(" "))), "String": ("Variant", f_string),
    "Hex": ("Variant", f_hex), "Oct": ("Variant", lambda v: f_hex(v, "o")), "Val": ("Double", f_val), "Str": ("Variant", f_str),
    "CStr": number("String"), "CInt": number("Integer"), "CLng": number("Long"), "CDbl": number("Double"),
    "CSng": number("Single"), "CByte": number("Byte"), "CBool": number("Boolean"), "CVar": number("Variant"),
    "Int": ("Variant", f_int), "Fix": ("Variant", lambda v: f_int(v, False)), "Abs": ("Variant", f_abs), "Sgn": ("Variant", f_sgn),
    "UBound": ("Long", lambda a: V("Long", array(a).low + len(array(a).items) - 1)),
    "LBound": ("Long", lambda a: V("Long", array(a).low)),
    "Array": ("Variant", lambda *items: V("Array", Array(0, list(items)))),
    "IIf": ("Variant", lambda c, a, b: a if c.t != "Null" and truth(c) else b),
    "Choose": ("Variant", f_choose), "Switch": ("Variant", f_switch),
    "Format": ("Variant", f_format), "StrConv": ("Variant", f_strconv),
    "Filter": ("Variant", f_filter), "Sqr": ("Double", f_sqr), "Log": ("Double", f_log), "Exp": double(math.exp), "Sin": double(math.sin),
    "Cos": double(math.cos), "Tan": double(math.tan), "Atn": double(math.atan), "Round": ("Variant", f_round),
    "VarType": ("Integer", f_vartype), "TypeName": ("String", f_typename), "IsArray": ("Boolean", lambda v: boolean(v.t == "Array")),
    "AscB": ("Integer", lambda s: V("Integer", f_asc(s).v & 255)),
    "IsNull": ("Boolean", lambda v: boolean(v.t == "Null")), "IsEmpty": ("Boolean", lambda v: boolean(v.t == "Empty")),
    "IsNumeric": ("Boolean", lambda v: boolean(v.t not in ("Null", "Array") and (v.t != "String" or NUMBER.match(v.v) is not None))),
}
# 6.1.2: the names of parameters, for arguments that are given by name (5.6.13.1).
PARAMETERS = {
    "Mid": ("String", "Start", "Length"), "Left": ("String", "Length"), "Right": ("String", "Length"), "Split": ("Expression", "Delimiter", "Limit"),
    "Replace": ("Expression", "Find", "Replace", "Start", "Count"), "Join": ("SourceArray", "Delimiter"), "StrReverse": ("Expression",),
    "InStrRev": ("StringCheck", "StringMatch", "Start"), "String": ("Number", "Character"), "Space": ("Number",), "Chr": ("CharCode",),
    "Filter": ("SourceArray", "Match", "Include"), "StrConv": ("String", "Conversion"), "Hex": ("Number",), "Round": ("Number", "NumDigitsAfterDecimal"),
    "Format": ("Expression", "Format"),
}
# The forms with a $ are declared as String; they do not take Null.
STRING_FORMS = ("Chr", "ChrW", "Mid", "Left", "Right", "LCase", "UCase", "Trim", "LTrim", "RTrim", "Space", "String", "Hex", "Oct", "Str", "Format")


def call_named(name, args):
    """args: (name or None, value), the named ones behind the others."""
    given = {(n or PARAMETERS[name][i]).lower(): v for i, (n, v) in enumerate(args)}
    places = [given.pop(p.lower(), None) for p in PARAMETERS[name]]
    while places and places[-1] is None:
        places.pop()
    if given:
        raise ValueError(given)
    return call(name, places)


def call(name, args):
    """(value, declared type)"""
    if name.endswith("$") and name[:-1] in STRING_FORMS:
        v = FUNCTIONS[name[:-1]][1](*args)
        if v.t == "Null":
            raise Trouble(NULL_USED)
        return v, "String"
    decl, code = FUNCTIONS[name]
    return code(*args), decl
