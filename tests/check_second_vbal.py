#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_second_vbal - the reference of VBA (tools/lib/vbal) against what [MS-VBAL] says, row by row;
and its programs: the same for the same seed, every statement and function in use, and every
decoder gives back the text it hides (tools/second-vbal stops where one does not).

usage: check_second_vbal.py SOURCE-ROOT
"""
import json
import os
import re
import subprocess
import sys

ROOT = sys.argv[1]
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools/lib"))
import vbal  # noqa: E402
from vbal import EMPTY, NULL, V, Trouble, string  # noqa: E402
from vbalrun import Printer, Program  # noqa: E402


def n(x, t="Integer"):
    return ("lit", V(t, x), repr(x))


def v(x, t):
    """The same in a Variant: an argument of CVar is no longer declared as its type."""
    return ("call", "CVar", [n(x, t)])


def s(x):
    return ("lit", string(x), f'"{x}"')


def b(op, one, two):
    return ("bin", op, one, two)


def f(name, *args):
    return ("call", name, list(args))


TRUE, FALSE, NOTHING, EMPTINESS = (("lit", x, "") for x in (vbal.TRUE, vbal.FALSE, NULL, EMPTY))
ROWS = (  # what, expression, type, value: or the number of the error
    ("integers", b("+", n(1), n(2)), "Integer", 3),
    ("integers overflow", b("+", n(30000), n(30000)), 6),
    ("variants are promoted", b("+", v(30000, "Integer"), n(30000)), "Long", 60000),
    ("and once more", b("*", v(2000000000, "Long"), n(2)), "Double", 4e9),
    ("bytes", b("-", v(1, "Byte"), v(2, "Byte")), "Integer", -1),
    ("byte and byte", b("+", n(1, "Byte"), n(2, "Byte")), "Byte", 3),
    ("long and single", b("+", n(1, "Long"), n(0.5, "Single")), "Double", 1.5),
    ("truth is -1", b("+", TRUE, n(1)), "Integer", 0),
    ("text joins text", b("+", s("1"), s("2")), "String", "12"),
    ("text and number add", b("+", s("1"), n(2)), "Double", 3.0),
    ("text that is no number", b("+", s("a"), n(2)), 13),
    ("ampersand joins", b("&", n(1), n(2)), "String", "12"),
    ("Null is contagious", b("+", NOTHING, n(1)), "Null", None),
    ("but not in &", b("&", NOTHING, s("a")), "String", "a"),
    ("Empty counts as 0", b("+", EMPTINESS, n(1)), "Integer", 1),
    ("division", b("/", n(1), n(2)), "Double", 0.5),
    ("division by zero", b("/", n(1), n(0)), 11),
    ("whole division cuts", b("\\", n(-7), n(2)), "Integer", -3),
    ("whole division rounds first, to even", b("\\", n(7.5, "Double"), n(2)), "Long", 4),
    ("Mod has the sign of the left", b("Mod", n(-7), n(3)), "Integer", -1),
    ("power", b("^", n(2), n(10)), "Double", 1024.0),
    ("power is left-associative", b("^", b("^", n(2), n(3)), n(2)), "Double", 64.0),
    ("And on numbers", b("And", n(12), n(10)), "Integer", 8),
    ("And on truths", b("And", TRUE, FALSE), "Boolean", False),
    ("Xor on text", b("Xor", s("12"), n(10)), "Long", 6),
    ("False And Null", b("And", FALSE, NOTHING), "Boolean", False),
    ("True And Null", b("And", TRUE, NOTHING), "Null", None),
    ("Imp", b("Imp", TRUE, FALSE), "Boolean", False),
    ("Not on a number", ("not", n(5)), "Integer", -6),
    ("minus a byte", ("neg", n(5, "Byte")), "Integer", -5),
    ("comparison of text is binary", b("<", s("B"), s("a")), "Boolean", True),
    ("number in text compares as number", b("<", s("9"), n(10)), "Boolean", True),
    ("Like", b("Like", s("a1x"), s("?#[!y]")), "Boolean", True),
    ("Like with a range", b("Like", s("k"), s("[A-Z]")), "Boolean", False),
    ("CInt rounds to even", f("CInt", n(2.5, "Double")), "Integer", 2),
    ("CInt of text", f("CInt", s(" -3.5 ")), "Integer", -4),
    ("CByte overflows", f("CByte", n(256)), 6),
    ("CBool of text", f("CBool", s("True")), "Boolean", True),
    ("Int goes down", f("Int", n(-1.5, "Double")), "Double", -2.0),
    ("Fix cuts", f("Fix", n(-1.5, "Double")), "Double", -1.0),
    ("a third has fifteen digits", f("CStr", b("/", n(1), n(3))), "String", "0.333333333333333"),
    ("large numbers have an exponent", f("CStr", b("^", n(10), n(15))), "String", "1E+15"),
    ("Str has a place for the sign", f("Str", n(5)), "String", " 5"),
    ("Hex of an Integer", f("Hex", n(-1)), "String", "FFFF"),
    ("Hex of a Long", f("Hex", n(-1, "Long")), "String", "FFFFFFFF"),
    ("Val reads what it can", f("Val", s(" 1 2.5x")), "Double", 12.5),
    ("Val of a hexadecimal number", f("Val", s("&H1F")), "Double", 31.0),
    ("Mid beyond the end", f("Mid", s("abc"), n(5)), "String", ""),
    ("Mid from 0", f("Mid", s("abc"), n(0)), 5),
    ("Replace begins at start", f("Replace", s("abcabc"), s("a"), s("x"), n(2)), "String", "bcxbc"),
    ("InStrRev", f("InStrRev", s("abcabc"), s("c"), n(5)), "Long", 3),
    ("InStr of nothing", f("InStr", n(2), s("abc"), s("")), "Long", 2),
    ("Split of nothing", f("UBound", f("Split", s(""), s(","))), "Long", -1),
    ("Choose out of range", f("Choose", n(3), s("a"), s("b")), "Null", None),
    ("String by a code", f("String", n(3), n(65)), "String", "AAA"),
    ("proper case", f("StrConv", s("hELLO wORLD"), n(3)), "String", "Hello World"),
    ("Format rounds halves up", f("Format", n(0.125, "Double"), s("0.00")), "String", "0.13"),
    ("Filter takes what holds the text", f("Join", f("Filter", f("Array", s("ab"), s("cd"), s("ae")), s("a")), s("+")), "String", "ab+ae"),
    ("Filter leaves it out", f("UBound", f("Filter", f("Array", s("ab"), s("cd")), s("x"), FALSE)), "Long", 1),
    ("Round to even", f("Round", n(2.5, "Double")), "Double", 2.0),
    ("Round to a place", f("Round", n(3.125, "Double"), n(2)), "Double", 3.12),
    ("Sqr of a negative number", f("Sqr", n(-1)), 5),
    ("Log of nothing", f("Log", n(0)), 5),
    ("VarType of an array", f("VarType", f("Array", n(1))), "Integer", 8204),
    ("TypeName", f("TypeName", n(1, "Long")), "String", "Long"),
    ("AscB is the low byte", f("AscB", s("\u0141")), "Integer", 65),
    ("arguments by name", ("named", "Replace", [("Find", s("b")), ("Expression", s("abc")), ("Replace", s("x"))]), "String", "axc"),
    ("by place and by name", ("named", "Mid", [(None, s("abcd")), ("Length", n(2)), ("Start", n(2))]), "String", "bc"),
    ("Format in thousands", f("Format", n(1234567, "Long"), s("#,##0")), "String", "1,234,567"),
)
PRINTED = (
    (b("^", ("neg", n(2)), n(2)), "(-2) ^ 2"), (("neg", b("^", n(2), n(2))), "-2 ^ 2"), (b("*", n(2), ("neg", n(3))), "2 * -3"),
    (b("-", n(1), b("-", n(2), n(3))), "1 - (2 - 3)"), (b("&", n(1), b("+", n(2), n(3))), "1 & 2 + 3"),
    (b("+", n(1), b("&", n(2), n(3))), "1 + (2 & 3)"), (b("\\", b("*", n(1), n(2)), b("Mod", n(3), n(4))), "1 * 2 \\ (3 Mod 4)"),
    (("not", b("=", n(1), n(2))), "Not 1 = 2"), (b("=", ("not", n(1)), n(2)), "(Not 1) = 2"),
    (b("Or", b("And", n(1), n(2)), ("not", n(3))), "1 And 2 Or Not 3"), (b("^", b("^", n(2), n(3)), n(2)), "2 ^ 3 ^ 2"),
)
USED = ("For Each", "Select Case", "ElseIf", "Do While", "Do Until", "Loop While", "Loop Until", "Wend", "Exit For", "Exit Do", "Exit Function",
        "ReDim Preserve", "ByRef", "ByVal", "Step -1", "Case Is", "Mid(", "StrReverse", "Split", "Xor", " Imp ", " Eqv ", " Like ", "IIf", "Switch", " As String * ", "Find:=", "Length:=")
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def computed(e):
    try:
        got = Program([]).value(e, {})[0]
        return got.t, got.v
    except Trouble as t:
        return t.args


def generated(*options):
    r = subprocess.run([os.path.join(ROOT, "tools/second-vbal"), *options], capture_output=True, text=True, timeout=280)
    return r.stdout if r.returncode == 0 else r.stderr[-300:]


for what, e, *want in ROWS:
    got = computed(e)
    check(what, got == tuple(want) and type(got[-1]) is type(want[-1]), f"{got}, not {want}")
for e, want in PRINTED:
    check(f"printed: {want}", Printer().e(e) == want, Printer().e(e))
out = generated("--generate", "400", "--seed", "7")
check("the same seed gives the same programs", out == generated("--generate", "400", "--seed", "7"))
check("another seed gives others", out != generated("--generate", "400", "--seed", "8"))
rows = [json.loads(line) for line in out.splitlines()]
check("as many as are asked for", len(rows) == 400, out[-300:])
check("each ends in Shell", all(re.search(r"^ +Shell \w+\r\n( *('.*|Rem .*)?\r\n)*End Sub", r["source"], re.M | re.I) for r in rows))
check("decoders and programs, and few that fail", len({r["kind"] for r in rows}) == 2 and 0 < sum(r["expected"] == "error" for r in rows) < 60)
spelled = "\n".join(r["source"] for r in rows).casefold()
missing = [u for u in USED if u.casefold() not in spelled]
check("every statement is in use", not missing, missing)
missing = [name for name in vbal.FUNCTIONS if f"{name}(".casefold() not in spelled and name not in ("CVar", "CSng", "IsNull", "IsEmpty", "AscW")]
check("every function is in use", not missing, missing)
print(f"1..{tests}")
sys.exit(1 if failures else 0)
