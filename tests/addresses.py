# SPDX-License-Identifier: Apache-2.0
"""addresses - address fields as RFC 5322 (with 2047, 5321, 6532) allows them, and as mail
programs and attackers write them all the same, each with its reading: what stands for whom.

The readings were written by hand from the grammar of RFC 5322 3.4 and 4.4, not taken from what
our reader says. A reading is a list of (display name, address). Where the grammar gives no
reading the row says why this one is right: `why`.

    HAND      (what it shows, value of the field, reading)
    combined  every spelling of a name with every spelling of an address
"""
import base64


def b(text, charset="utf-8", encoding=None):
    data = base64.b64encode(text.encode(encoding or charset)).decode()
    return f"=?{charset}?B?{data}?="


def q(text, charset="utf-8"):
    out = "".join(chr(c) if chr(c).isalnum() and c < 128 else "_" if c == 32 else f"={c:02X}" for c in text.encode(charset))
    return f"=?{charset}?Q?{out}?="


A, C, E = "a@b.example", "c@d.example", "e@f.example"

HAND = [
    # --- the examples of RFC 5322, appendix A
    ("A.1.1", "John Doe <jdoe@machine.example>", [("John Doe", "jdoe@machine.example")]),
    ("A.1.1 sender", "Michael Jones <mjones@machine.example>", [("Michael Jones", "mjones@machine.example")]),
    ("A.1.2 from", '"Joe Q. Public" <john.q.public@example.com>', [("Joe Q. Public", "john.q.public@example.com")]),
    ("A.1.2 to", "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
     [("Mary Smith", "mary@x.test"), ("", "jdoe@example.org"), ("Who?", "one@y.test")]),
    ("A.1.2 cc", '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
     [("", "boss@nil.test"), ('Giant; "Big" Box', "sysservices@example.net")]),
    ("A.1.3 group", "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
     [("Ed Jones", "c@a.test"), ("", "joe@where.test"), ("John", "jdoe@one.test")]),
    ("A.1.3 empty group", "Undisclosed recipients:;", []),
    ("A.2", '"Mary Smith: Personal Account" <smith@home.example>', [("Mary Smith: Personal Account", "smith@home.example")]),
    ("A.5 from", "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", [("Pete", "pete@silly.test")]),
    ("A.5 to", "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n"
               "  John <jdoe@one.test> (my dear friend); (the end of the group)",
     [("Chris Jones", "c@public.example"), ("", "joe@example.org"), ("John", "jdoe@one.test")]),
    ("A.5 cc", "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", []),
    ("A.6.1 from", "Joe Q. Public <john.q.public@example.com>", [("Joe Q. Public", "john.q.public@example.com")]),
    ("A.6.1 to", "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
     [("Mary Smith", "mary@example.net"), ("", "jdoe@test.example")]),
    ("A.6.3", "John Doe <jdoe@machine(comment).  example>", [("John Doe", "jdoe@machine.example")]),
    ("A.6.3 to", "Mary Smith\r\n  \r\n          <mary@example.net>", [("Mary Smith", "mary@example.net")]),
    # --- addr-spec, 3.4.1
    ("bare", A, [("", A)]),
    ("angle", f"<{A}>", [("", A)]),
    ("angle with blanks", f"  <  {A} >  ", [("", A)]),
    ("dots in the local part", "a.b.c@d.example", [("", "a.b.c@d.example")]),
    ("all of atext", "!#$%&'*+-/=?^_`{|}~@b.example", [("", "!#$%&'*+-/=?^_`{|}~@b.example")]),
    ("plus", "a+tag@b.example", [("", "a+tag@b.example")]),
    ("digits", "123@456.example", [("", "123@456.example")]),
    ("capitals: the domain has no case", "Taro@B.Example", [("", "Taro@b.example")]),
    ("quoted local part", '"a b"@c.example', [("", '"a b"@c.example')]),
    ("quoted local part with @", '"a@b"@c.example', [("", '"a@b"@c.example')]),
    ("quoted local part with comma", '"a,b"@c.example', [("", '"a,b"@c.example')]),
    ("quoted local part with angle", '"a<x@y.example>"@c.example', [("", '"a<x@y.example>"@c.example')]),
    ("quoted local part with quote", '"a\\"b"@c.example', [("", '"a\\"b"@c.example')]),
    ("quoted local part in angle", 'N <"a>b"@c.example>', [("N", '"a>b"@c.example')]),
    ("domain literal", "a@[192.0.2.1]", [("", "a@[192.0.2.1]")]),
    ("IPv6 literal", "a@[IPv6:2001:db8::1]", [("", "a@[ipv6:2001:db8::1]")]),
    ("domain literal in angle", "N <a@[192.0.2.1]>", [("N", "a@[192.0.2.1]")]),
    ("host without dot", "a@localhost", [("", "a@localhost")]),
    ("dots twice, obsolete", "a..b@c.example", [("", "a..b@c.example")]),
    ("dot at the end of the local part", "a.@c.example", [("", "a.@c.example")]),
    ("root dot of the domain", "a@b.example.", [("", "a@b.example")]),
    ("blanks around @, obsolete", "a @ b . example", [("", A)]),
    ("comments around @", "a (x) @ (y) b.example", None),
    ("folded at @", "a\r\n @b.example", [("", A)]),
    # --- display names, 3.2.5 phrase
    ("one word", f"Taro <{A}>", [("Taro", A)]),
    ("no blank before <", f"Taro<{A}>", [("Taro", A)]),
    ("quoted", f'"Taro" <{A}>', [("Taro", A)]),
    ("quoted, no blank", f'"Taro"<{A}>', [("Taro", A)]),
    ("quoted with comma", f'"Yamada, Taro" <{A}>', [("Yamada, Taro", A)]),
    ("quoted with semicolon", f'"Yamada; Taro" <{A}>', [("Yamada; Taro", A)]),
    ("quoted with colon", f'"Office: Taro" <{A}>', [("Office: Taro", A)]),
    ("quoted with angles", f'"Taro <x@y.example>" <{A}>', [("Taro <x@y.example>", A)]),
    ("quoted with parentheses", f'"Taro (Tokyo)" <{A}>', [("Taro (Tokyo)", A)]),
    ("quoted with address", f'"x@y.example" <{A}>', [("x@y.example", A)]),
    ("quoted pair of a letter", f'"T\\aro" <{A}>', [("Taro", A)]),
    ("quoted pair of a quote", f'"T \\"x\\" Y" <{A}>', [('T "x" Y', A)]),
    ("quoted pair of a backslash", f'"T\\\\Y" <{A}>', [("T\\Y", A)]),
    ("empty quoted string", f'"" <{A}>', [("", A)]),
    ("blank quoted string", f'" " <{A}>', [("", A)]),
    ("two quoted strings", f'"Taro" "Yamada" <{A}>', [("Taro Yamada", A)]),
    ("atom and quoted string", f'Taro "T" Yamada <{A}>', [("Taro T Yamada", A)]),
    ("dot in the phrase, obsolete", f"Dr. T. Yamada <{A}>", [("Dr. T. Yamada", A)]),
    ("apostrophe", f"O'Brien <{A}>", [("O'Brien", A)]),
    ("many blanks are one", f"Taro    Yamada   <{A}>", [("Taro Yamada", A)]),
    ("tabs are blanks", f"Taro\tYamada\t<{A}>", [("Taro Yamada", A)]),
    ("comment in the phrase", f"Taro (the first) Yamada <{A}>", [("Taro Yamada", A)]),
    ("comment before the phrase", f"(x) Taro <{A}>", [("Taro", A)]),
    ("comment with an angle address", f"Taro (<{C}>) <{A}>", [("Taro", A)]),
    ("comment with a comma", f"Taro (a, b) <{A}>", [("Taro", A)]),
    ("nested comments", f"Taro (a (b (c) d) e) <{A}>", [("Taro", A)]),
    ("comment with a quoted pair", f"Taro (a \\) b) <{A}>", [("Taro", A)]),
    ("comment with a quote", f'Taro (a " b) <{A}>', [("Taro", A)]),
    ("parenthesis in a quoted string begins no comment", f'"Taro (" <{A}>', [("Taro (", A)]),
    ("comment behind a bare address is its name", f"{A} (Taro)", [("Taro", A)]),
    ("comment before a bare address too", f"(Taro) {A}", [("Taro", A)]),
    ("comment with quoted pairs is its name", f"{A} (T \\(x\\) Y)", None),
    ("comment that shows an address", f"{A} ({C})", [(C, A)]),
    ("comment inside the angle", f"Taro <a(x)@b.example>", [("Taro", A)]),
    ("comment behind the angle", f"Taro <{A}> (x)", [("Taro", A)]),
    # --- lists and groups
    ("two", f"{A}, {C}", [("", A), ("", C)]),
    ("two, no blank", f"{A},{C}", [("", A), ("", C)]),
    ("three with names", f"X <{A}>, Y <{C}>, Z <{E}>", [("X", A), ("Y", C), ("Z", E)]),
    ("empty elements, obsolete", f",, {A},, ,{C},", [("", A), ("", C)]),
    ("comment as an element, obsolete", f"{A}, (x), {C}", [("", A), ("", C)]),
    ("group of one", f"G: {A};", [("", A)]),
    ("quoted group name", f'"G, H": {A}, {C};', [("", A), ("", C)]),
    ("group and more", f"G: {A};, {C}", [("", A), ("", C)]),
    ("two groups", f"G: {A};, H: {C};", [("", A), ("", C)]),
    ("group with names", f"G: X <{A}>, Y <{C}>;", [("X", A), ("Y", C)]),
    ("group name with comment", f"G (x): {A};", [("", A)]),
    ("group of nobody with comment", "G: (nobody) ;", []),
    ("group without semicolon", f"G: {A}, {C}", [("", A), ("", C)]),
    ("Outlook's separator", f"{A}; {C}", [("", A), ("", C)]),
    ("Outlook's separator with names", f"X <{A}>; Y <{C}>", [("X", A), ("Y", C)]),
    ("missing separator", f"X <{A}> Y <{C}>", [("X", A), ("Y", C)]),
    # --- obsolete routes, 4.4
    ("route", f"<@x.example:{A}>", [("", A)]),
    ("route of two", f"<@x.example,@y.example:{A}>", [("", A)]),
    ("route with blanks", f"N < @x.example , @y.example : {A} >", [("N", A)]),
    ("route with an empty element", f"<,@x.example:{A}>", None),
    ("route with name", f"N <@x.example:{A}>", [("N", A)]),
    # --- folding, 3.2.2
    ("folded after the name", f"Taro\r\n <{A}>", [("Taro", A)]),
    ("folded in the name", f"Taro\r\n Yamada <{A}>", [("Taro Yamada", A)]),
    ("folded with a tab", f"Taro\r\n\tYamada <{A}>", [("Taro Yamada", A)]),
    ("folded in a quoted string", f'"Taro\r\n Yamada" <{A}>', [("Taro Yamada", A)]),
    ("folded in a comment", f"Taro (a\r\n b) <{A}>", [("Taro", A)]),
    ("folded in a list", f"X <{A}>,\r\n Y <{C}>", [("X", A), ("Y", C)]),
    ("folded at once", f"\r\n {A}", [("", A)]),
    ("folded with LF alone", f"Taro\n <{A}>", [("Taro", A)]),
    ("a line of blanks, obsolete", f"Taro\r\n   \r\n <{A}>", [("Taro", A)]),
    # --- encoded words, RFC 2047
    ("UTF-8 B", f"{b('山田 太郎')} <{A}>", [("山田 太郎", A)]),
    ("UTF-8 Q", f"{q('José Núñez')} <{A}>", [("José Núñez", A)]),
    ("ISO-2022-JP", f"{b('山田太郎', 'iso-2022-jp')} <{A}>", [("山田太郎", A)]),
    ("Shift_JIS", f"{b('山田太郎', 'shift_jis')} <{A}>", [("山田太郎", A)]),
    ("EUC-JP", f"{b('山田太郎', 'euc-jp')} <{A}>", [("山田太郎", A)]),
    ("ISO-8859-1", f"{q('Müller', 'iso-8859-1')} <{A}>", [("Müller", A)]),
    ("GB18030", f"{b('王小明', 'gb18030')} <{A}>", [("王小明", A)]),
    ("KOI8-R", f"{b('Иван', 'koi8-r')} <{A}>", [("Иван", A)]),
    ("charset in lower case, encoding too", f"=?UTF-8?b?{base64.b64encode('山'.encode()).decode()}?= <{A}>", [("山", A)]),
    ("with language, RFC 2231 5", f"=?utf-8*ja?Q?=E5=B1=B1?= <{A}>", [("山", A)]),
    ("two words join without blank", f"{b('山田')} {b('太郎')} <{A}>", [("山田太郎", A)]),
    ("two words folded join", f"{b('山田')}\r\n {b('太郎')} <{A}>", [("山田太郎", A)]),
    ("blank inside a word stays", f"{b('山田 ')} {b('太郎')} <{A}>", [("山田 太郎", A)]),
    ("word and atom", f"{b('山田')} Taro <{A}>", [("山田 Taro", A)]),
    ("atom and word", f"Taro {b('山田')} <{A}>", [("Taro 山田", A)]),
    ("word with a comma is one mailbox", f"{q('Yamada, Taro')} <{A}>", [("Yamada, Taro", A)]),
    ("word with an address is a name", f"{q('x@y.example')} <{A}>", [("x@y.example", A)]),
    ("word with an angle address is a name", f"{q('Taro <x@y.example>')} <{A}>", [("Taro <x@y.example>", A)]),
    ("word with a whole list is a name", f"{q('x@y.example, Z <z@y.example>')} <{A}>", [("x@y.example, Z <z@y.example>", A)]),
    ("word with a semicolon is one mailbox", f"{q('Yamada; Taro')} <{A}>", [("Yamada; Taro", A)]),
    ("word with a parenthesis", f"{q('Taro (Tokyo)')} <{A}>", [("Taro (Tokyo)", A)]),
    ("word with a quote", q('Taro "T" Y') + f" <{A}>", [('Taro "T" Y', A)]),
    ("word in a comment that is the name", f"{A} ({b('山田')})", [("山田", A)]),
    ("no blank between word and <", f"{b('山田')}<{A}>", [("山田", A)]),
    ("words of two charsets", f"{b('山田', 'iso-2022-jp')} {b('太郎')} <{A}>", [("山田太郎", A)]),
    ("in a list", f"{b('山田')} <{A}>, {b('鈴木')} <{C}>", [("山田", A), ("鈴木", C)]),
    # --- 8-bit, RFC 6532
    ("UTF-8 name", f"山田 太郎 <{A}>", [("山田 太郎", A)]),
    ("UTF-8 name, quoted", f'"山田、太郎" <{A}>', [("山田、太郎", A)]),
    ("UTF-8 local part", "太郎@b.example", [("", "太郎@b.example")]),
    ("UTF-8 domain", "a@例え.example", [("", "a@例え.example")]),
    ("UTF-8 everywhere", "山田 <太郎@例え.example>", [("山田", "太郎@例え.example")]),
    ("A-label", "a@xn--r8jz45g.example", [("", "a@xn--r8jz45g.example")]),
    ("UTF-8 in a list", f"山田 <{A}>, 鈴木 <{C}>", [("山田", A), ("鈴木", C)]),
    ("UTF-8 comment as name", f"{A} (山田)", [("山田", A)]),
    ("Shift_JIS without a label", f"山田太郎 <{A}>".encode("shift_jis"), [("山田太郎", A)]),
    ("ISO-2022-JP without a label", f"山田太郎 <{A}>".encode("iso-2022-jp"), [("山田太郎", A)]),
    ("second bytes that look like \\ and @ (Shift_JIS)", f"表能 <{A}>".encode("shift_jis"), [("表能", A)]),
    # --- nothing
    ("empty", "", []),
    ("blank", "   ", []),
    ("only angles", "<>", []),
    ("only a comma", ",", []),
    ("only a comment", "(nobody)", None),
    ("only commas and blanks", " , , ,", []),
    ("null sender with a comment", "<> (MAILER-DAEMON)", []),
    # --- not in the grammar; mail programs show them, so they are read as shown
    ("address as an unquoted name", f"{C} <{A}>", [(C, A)]),
    ("unquoted name with comma", f"Yamada, Taro <{A}>", [("Yamada, Taro", A)]),
    ("quote never closed", f'"Taro <{A}>', [("Taro", A)]),
    ("angle never closed", f"Taro <{A}", [("Taro", A)]),
    ("doubled quotes", f'""Taro"" <{A}>', [('"Taro"', A)]),
    ("escaped quotes around", f'"\\"Taro\\"" <{A}>', [('"Taro"', A)]),
    ("single quotes", f"'Taro' <{A}>", [("'Taro'", A)]),
    ("doubled angles", f"Taro <<{A}>>", [("Taro", A)]),
    ("encoded word in a quoted string", f'"{b("山田")}" <{A}>', [("山田", A)]),
    ("quoted string with encoded comma", f'"{q("Yamada, Taro")}" <{A}>', [("Yamada, Taro", A)]),
    ("name without address", "Taro Yamada", [("Taro Yamada", "")]),
    ("local part without domain", "<root>", [("", "root")]),
    ("name and local part", "Cron <root>", [("Cron", "root")]),
    ("blank in the address", "Taro <a @b. example>", [("Taro", A)]),
    ("two angle addresses", f"<{A}> <{C}>", [("", A), ("", C)]),
    ("long name", "x" * 900 + f" <{A}>", [("x" * 900, A)]),
    ("long list", ", ".join(f"u{i}@b.example" for i in range(200)), [("", f"u{i}@b.example") for i in range(200)]),
    ("long quoted name of blanks", '"' + " " * 5000 + f'" <{A}>', [("", A)]),
    ("many comments", "(x)" * 2000 + A, [("x", A)]),
    ("deep comments", "(" * 500 + ")" * 500 + f"Taro <{A}>", [("Taro", A)]),
    ("long local part", "a" * 300 + "@b.example", [("", "a" * 300 + "@b.example")]),
    ("folded once a letter", f"T\r\n a\r\n r\r\n o\r\n <{A}>", [("T a r o", A)]),
    ("many empty elements", "," * 5000 + A, [("", A)]),
]

# Fields where RFC 5322 leaves open what a reader shows; only the address is held.
HAND = [(t, v, [(None, A)] if r is None and t != "only a comment" else [] if r is None else r) for t, v, r in HAND]

NAMES = [  # spelling, reading
    ("Taro", "Taro"), ('"Taro"', "Taro"), ('"Yamada, Taro"', "Yamada, Taro"), ("Taro Yamada", "Taro Yamada"),
    ('"T\\"Y\\""', 'T"Y"'), (b("山田 太郎"), "山田 太郎"), (b("山田", "iso-2022-jp") + "\r\n " + b("太郎", "iso-2022-jp"), "山田太郎"),
    ("山田", "山田"), ("Taro (x) Y", "Taro Y"), ("Dr. T.", "Dr. T."), (q("Yamada; <x@y.example>"), "Yamada; <x@y.example>"),
    ('"=?broken"', "=?broken"),
]
ADDRESSES = [
    ("<a@b.example>", A), ("< a@b.example >", A), ("<a(x)@b.example>", A), ("\r\n <a@b.example>", A), ("<@r.example:a@b.example>", A),
    ("<a@b\r\n .example>", A), ('<"a b"@B.Example>', '"a b"@b.example'), ("<a@[192.0.2.7]>", "a@[192.0.2.7]"),
    ("<a@b.example> (y)", A), ("<a@b.example.>", A),
]


def combined():
    for name, shown in NAMES:
        for spec, address in ADDRESSES:
            yield f"{name!r} with {spec!r}", f"{name} {spec}", [(shown, address)]
    # twice in one field: the second is not the first one's
    for i, (name, shown) in enumerate(NAMES):
        spec, address = ADDRESSES[i % len(ADDRESSES)]
        yield f"{name!r} behind another", f"{C}, {name} {spec}", [("", C), (shown, address)]


def cases():
    yield from HAND
    yield from combined()
