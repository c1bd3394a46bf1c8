#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_verify - *sekisho verify* takes the reports of all inert samples as they are, and refuses
each of more than 1 000 seeded falsifications of reports of mails, documents with macros, Excel 4.0
sheets, shortcuts, OneNote sections, archives and pages.

A falsification is one change by somebody who wants to be believed: a digit of a digest, a range, a
verdict, a finding taken out, a letter of an address, an engine, JSON that readers disagree about.
For each kind it is counted which are caught without asking the engine again (by any step but
`replay`); the counts are printed.

usage: check_verify.py SEKISHO SOURCE-ROOT [OF-EACH-KIND]   (24; sanitized builds, which fork slowly, ask for fewer)
"""
import collections
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

SEKISHO, ROOT = map(os.path.abspath, sys.argv[1:3])
ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
SITE = ["--quiet", "--own-domain", "corp.example", "--authserv-id", "mx.corp.example"]
SEED, OF_EACH_KIND = 2022, int(sys.argv[3]) if len(sys.argv) > 3 else 24
ALL = OF_EACH_KIND >= 20
SAMPLES = ["benign-contact.eml", "benign-mail-ppap-locked.eml", "hostile-mail-stolen-thread-macro.eml", "hostile-mail-name-locked-archive.eml",
           "hostile-mail-name-quotes-link.eml", "hostile-macro-effect-download-run.doc", "hostile-macro-effect-download-loader.doc",
           "hostile-macro-download-api.xlsm", "hostile-xlm-effect-download.xls", "hostile-xlm-command-joined.xls", "hostile-lnk-curl-regsvr32.lnk",
           "hostile-lnk-webdav-script.lnk", "hostile-onenote-script.one", "hostile-onenote-program.one", "hostile-shortcut-in-zip.eml",
           "hostile-html-smuggled-archive.eml", "hostile-url-webdav.url", "hostile-pdf-password-address.pdf", "hostile-rtf-remote-template.rtf",
           "hostile-script-cradle.ps1", "hostile-name-bidi.eml", "hostile-web-archive-macro.doc"]
tests = failures = 0


def check(name, good, detail=""):
    global tests, failures
    tests += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail!r}"))


def run(*args, stdin=None):
    done = subprocess.run([SEKISHO, *args], input=stdin, capture_output=True, env=ENV, timeout=200)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


# --- falsifications: each changes the report in place; False: this one has nothing to change

KINDS = {}


def kind(f):
    KINDS[f.__name__.replace("_", " ")] = f
    return f


def digit(rng, text):
    at = rng.randrange(len(text))
    return text[:at] + rng.choice([d for d in "0123456789abcdef" if d != text[at]]) + text[at + 1:]


def letter(rng, text):
    at = rng.choice([i for i, c in enumerate(text) if c.isascii() and c.isalnum()] or [0])
    return text[:at] + rng.choice([c for c in "bcdfghjkm2345" if c != text[at].lower()]) + text[at + 1:]


def some(rng, items, good=lambda x: True):
    items = [x for x in items if good(x)]
    return rng.choice(items) if items else None


@kind
def digest_of_the_file(r, rng):
    r["sha256"] = digit(rng, r["sha256"])


@kind
def digest_of_a_part(r, rng):
    p = rng.choice(r["parts"])
    p["sha256"] = digit(rng, p["sha256"])


@kind
def digests_of_both(r, rng):
    r["sha256"] = r["parts"][0]["sha256"] = digit(rng, r["sha256"])


@kind
def size_of_the_file(r, rng):
    r["size"] += rng.choice([-1, 1, 100])


@kind
def size_of_a_part(r, rng):
    rng.choice(r["parts"])["size"] += rng.choice([1, 2, 1 << 40])


@kind
def file_name(r, rng):
    r["path"] = letter(rng, r["path"]) if "/" not in r["path"] else r["path"].rsplit("/", 1)[0] + "/" + letter(rng, os.path.basename(r["path"]))


@kind
def part_name(r, rng):
    p = some(rng, r["parts"], lambda p: p["name"])
    p["name"] = letter(rng, p["name"])


@kind
def part_type(r, rng):
    p = rng.choice(r["parts"])
    p["type"] = rng.choice([t for t in ("text", "docx", "pe", "zip", "png") if t != p["type"]])


@kind
def part_declared(r, rng):
    rng.choice(r["parts"])["declared"] += "x"


@kind
def part_how(r, rng):
    p = rng.choice(r["parts"])
    p["how"] = rng.choice([h for h in ("mime", "zip", "ole", "html") if h != p["how"]])


@kind
def part_end(r, rng):
    p = rng.choice(r["parts"])
    p["end"] = rng.choice([e for e in ("whole", "short", "broken", "limit", "crashed") if e != p["end"]])


@kind
def part_parent(r, rng):
    p = some(rng, r["parts"], lambda p: p["id"] > 1)
    if not p:
        return False
    p["parent"] = rng.choice([i for i in range(p["id"]) if i != p["parent"]])


@kind
def part_taken_out(r, rng):
    if len(r["parts"]) < 2:
        return False
    r["parts"].pop()


@kind
def part_put_in(r, rng):
    p = copy.deepcopy(rng.choice(r["parts"]))
    p.update(id=len(r["parts"]), parent=0, how="mime")
    r["parts"].append(p)


@kind
def verdict(r, rng):
    r["verdict"] = rng.choice([v for v in ("clean", "unknown", "suspicious", "malicious") if v != r["verdict"]])


@kind
def verdict_with_its_words(r, rng):
    if r["verdict"] == "clean":
        return False
    r.update(verdict="clean", name="", reason={"en": "Nothing was found.", "ja": "検出された項目はありません。"})


@kind
def detection_name(r, rng):
    r["name"] = letter(rng, r["name"]) if r["name"] else "Trojan.Any.Other"


@kind
def words_of_the_reason(r, rng):
    l = rng.choice(["en", "ja"])
    r["reason"][l] = letter(rng, r["reason"][l] + "a")


@kind
def words_of_what_to_do(r, rng):
    l = rng.choice(["en", "ja"])
    r["todo"][l] = "" if rng.random() < 0.3 else r["todo"][l].replace("。", "", 1).replace(" not ", " ", 1) + "!"


@kind
def unread_taken_out(r, rng):
    if not r["unread"]:
        return False
    r["unread"].pop(rng.randrange(len(r["unread"])))


@kind
def unread_put_in(r, rng):
    r["unread"].append({"cause": rng.choice(["encrypted", "limit", "damaged", "no-reader"]), "part": rng.randrange(len(r["parts"])), "what": "part"})


@kind
def unread_of_another_kind(r, rng):
    if not r["unread"]:
        return False
    rng.choice(r["unread"])["what"] = rng.choice(["work", "time", "nothing-at-all", "directory"])


@kind
def fact_text(r, rng):
    f = some(rng, r["facts"], lambda f: isinstance(f["value"], str) and f["value"])
    f["value"] = letter(rng, f["value"])


@kind
def fact_address(r, rng):
    f = some(rng, r["facts"], lambda f: f["name"].startswith(("url.", "effect.url", "vba.url")) and isinstance(f["value"], str))
    if not f:
        return False
    f["value"] = letter(rng, f["value"])


@kind
def fact_number(r, rng):
    f = some(rng, r["facts"], lambda f: isinstance(f["value"], int) and not isinstance(f["value"], bool))
    f["value"] += rng.choice([-1, 1, 1000])


@kind
def fact_flag(r, rng):
    f = some(rng, r["facts"], lambda f: f["value"] is True)
    if not f:
        return False
    f["value"] = False


@kind
def fact_name(r, rng):
    f = rng.choice(r["facts"])
    f["name"] = rng.choice(["file.name", "email.subject", "vba.url", "no.such.fact", f["name"] + "x"])


@kind
def fact_part(r, rng):
    f = rng.choice(r["facts"])
    f["part"] = (f["part"] + 1) % (len(r["parts"]) + 1)


@kind
def fact_range(r, rng):
    f = some(rng, r["facts"], lambda f: "range" in f)
    if not f:
        return False
    f["range"] = rng.choice([[f["range"][0] + 1, f["range"][1] + 1], [0, f["range"][1] + 3], [f["range"][0], 1 << 33], [f["range"][1], f["range"][0]]])


@kind
def fact_line(r, rng):
    f = some(rng, r["facts"], lambda f: "line" in f)
    if not f:
        return False
    f["line"] += rng.choice([1, 2, 70])


@kind
def fact_taken_out(r, rng):
    r["facts"].pop(rng.randrange(len(r["facts"])))


@kind
def fact_put_in(r, rng):
    r["facts"].insert(rng.randrange(len(r["facts"])), {"name": "email.subject", "value": "Re: invoice", "part": 0})


@kind
def facts_in_other_order(r, rng):
    f = r["facts"]
    i = rng.choice([i for i in range(1, len(f)) if f[i] != f[i - 1]])
    f[i - 1], f[i] = f[i], f[i - 1]


@kind
def effect_taken_out(r, rng):
    if not r["effects"]:
        return False
    r["effects"].pop(rng.randrange(len(r["effects"])))


@kind
def effect_put_in(r, rng):
    r["effects"].append({"kind": "run", "sink": "Shell", "args": {"command": "cmd"}, "certainty": "known", "part": 0, "origin": [], "via": []})


@kind
def effects_in_other_order(r, rng):
    if len(r["effects"]) < 2 or r["effects"][0] == r["effects"][1]:
        return False
    r["effects"][0], r["effects"][1] = r["effects"][1], r["effects"][0]


@kind
def effect_address_or_command(r, rng):
    e = some(rng, r["effects"], lambda e: any(e["args"].values()))
    if not e:
        return False
    key = rng.choice([k for k, v in e["args"].items() if v])
    e["args"][key] = letter(rng, e["args"][key])


@kind
def effect_and_its_fact(r, rng):
    e = some(rng, r["effects"], lambda e: e["args"].get("command") or e["args"].get("url"))
    if not e:
        return False
    key = "command" if e["args"].get("command") else "url"
    old = e["args"][key]
    e["args"][key] = letter(rng, old)
    for f in r["facts"]:
        f["value"] = e["args"][key] if f["value"] == old else f["value"]


@kind
def effect_argument_name(r, rng):
    e = some(rng, r["effects"], lambda e: e["args"])
    if not e:
        return False
    key = rng.choice(list(e["args"]))
    e["args"] = {("value" if k == key else k): v for k, v in e["args"].items()}


@kind
def effect_kind(r, rng):
    e = some(rng, r["effects"])
    if not e:
        return False
    e["kind"] = rng.choice([k for k in ("query", "message", "write", "download") if k != e["kind"]])


@kind
def effect_sink(r, rng):
    e = some(rng, r["effects"])
    if not e:
        return False
    e["sink"] = letter(rng, e["sink"])


@kind
def effect_certainty(r, rng):
    e = some(rng, r["effects"])
    if not e:
        return False
    e["certainty"] = "partial" if e["certainty"] == "known" else "known"


@kind
def effect_conditional(r, rng):
    e = some(rng, r["effects"])
    if not e:
        return False
    if "conditional" in e:
        del e["conditional"]
    else:
        e["conditional"] = True


@kind
def effect_via(r, rng):
    e = some(rng, r["effects"])
    if not e:
        return False
    e["via"] = rng.choice([e["via"] + ["Document_Open"], e["via"][:-1] if e["via"] else ["AutoOpen"]])


@kind
def effect_origin(r, rng):
    e = some(rng, r["effects"], lambda e: e["origin"])
    if not e:
        return False
    o = rng.choice(e["origin"])
    key = rng.choice(["line", "range", "part"])
    if key == "range":
        o["range"] = rng.choice([[o["range"][0], o["range"][1] + 1], [o["range"][0], 4294967295], [0, o["range"][1] + 1]])
    else:
        o[key] += 1


@kind
def finding_taken_out(r, rng):
    if not r["findings"]:
        return False
    r["findings"].pop(rng.randrange(len(r["findings"])))


@kind
def finding_put_in(r, rng):
    if not r["findings"]:
        return False
    r["findings"].insert(rng.randrange(len(r["findings"]) + 1), copy.deepcopy(rng.choice(r["findings"])))


@kind
def findings_in_other_order(r, rng):
    if len(r["findings"]) < 2:
        return False
    i = rng.randrange(1, len(r["findings"]))
    r["findings"][i - 1], r["findings"][i] = r["findings"][i], r["findings"][i - 1]


@kind
def finding_rule(r, rng):
    f = some(rng, r["findings"])
    if not f:
        return False
    f["rule"] = rng.choice([x for x in ("macro-auto-shell", "mail-quotes-stranger", "no-such-rule", "promise") if x != f["rule"]])


@kind
def finding_level(r, rng):
    f = some(rng, r["findings"])
    if not f:
        return False
    f["level"] = rng.choice([x for x in ("informational", "low", "medium", "high", "critical") if x != f["level"]])


@kind
def finding_title(r, rng):
    f = some(rng, r["findings"])
    if not f:
        return False
    l = rng.choice(["en", "ja"])
    f["title"][l] = letter(rng, f["title"][l] + "a")


@kind
def finding_technique(r, rng):
    f = some(rng, r["findings"])
    if not f:
        return False
    f["attack"] = rng.choice([f["attack"] + ["T1566.001"], f["attack"][:-1] if f["attack"] else ["T1059"], ["T1" + str(rng.randrange(100, 999))]])


@kind
def finding_facts(r, rng):
    f = some(rng, r["findings"], lambda f: f["facts"])
    if not f:
        return False
    f["facts"] = sorted({(x + rng.choice([1, 3, 7])) % len(r["facts"]) for x in f["facts"]} ^ {f["facts"][0]})
    return None


@kind
def finding_parts(r, rng):
    f = some(rng, r["findings"])
    if not f or len(r["parts"]) < 2:
        return False
    f["parts"] = rng.choice([[(f["parts"][0] + 1) % len(r["parts"])], list(range(len(r["parts"]))), [], f["parts"] + [f["parts"][-1]]])


@kind
def finding_excepted(r, rng):
    if not r["findings"]:
        return False
    i = rng.randrange(len(r["findings"]))
    r["findings"][i]["excepted"] = True
    if rng.random() < 0.5:
        r["exceptions"].append({"rule": r["findings"][i]["rule"], "finding": i, "author": "somebody", "reason": "known", "expires": "2099-12-31"})


@kind
def finding_only_observed(r, rng):
    f = some(rng, r["findings"])
    if not f:
        return False
    f["state"] = "observe"


@kind
def vote(r, rng):
    v = rng.choice(r["votes"])
    v["vote"] = rng.choice([x for x in ("none", "off", "clean", "note", "suspicious", "malicious") if x != v["vote"]])


@kind
def votes_of_findings(r, rng):
    v = rng.choice(r["votes"])
    if rng.random() < 0.5 or not r["findings"]:
        v["decided"] = True if "decided" not in v else None
        if v["decided"] is None:
            del v["decided"]
    elif "findings" in v:
        del v["findings"]
    else:
        v["findings"] = [0]


@kind
def engine(r, rng):
    key = rng.choice(["version", "rules", "settings"])
    r["engine"][key] = digit(rng, r["engine"][key])


@kind
def context(r, rng):
    r["context"]["client"] = "192.0.2." + str(rng.randrange(255))


@kind
def member_taken_out(r, rng):
    m = rng.choice([r, r, rng.choice(r["facts"]), rng.choice(r["parts"]), r["reason"], r["engine"], r["run"], rng.choice(r["votes"])])
    del m[rng.choice([k for k in m if k not in ("range", "line", "findings", "decided") or m is r])]


@kind
def member_put_in(r, rng):
    rng.choice([r, rng.choice(r["facts"]), rng.choice(r["parts"]), r["reason"], r["run"], rng.choice(r["votes"])])["verified"] = True


@kind
def member_of_another_type(r, rng):
    m = rng.choice([r, rng.choice(r["facts"]), rng.choice(r["parts"]), r["todo"], r["run"], rng.choice(r["votes"])])
    m[rng.choice(list(m))] = rng.choice([None, -1, [], {}, 1.5, [[]], [{"a": 1}]])


# Changes of the text, for readers that do not read JSON alike.
TEXTS = {}


def text_kind(f):
    TEXTS[f.__name__.replace("_", " ")] = f
    return f


@text_kind
def key_twice(text, rng):
    return text.replace('"verdict":', f'"verdict":"{rng.choice(["clean", "malicious"])}","verdict":', 1)


@text_kind
def number_that_is_none(text, rng):
    return text.replace('"size":', f'"size":{rng.choice(["1e999", "NaN", "-0.5", "0x10", "99999999999999999999", "Infinity", "1e2", "01"])},"x":', 1)


@text_kind
def cut_off(text, rng):
    return text[:rng.randrange(2, len(text) - 2)]


@text_kind
def nested(text, rng):
    n = rng.choice([40, 1000, 100000])
    return text.replace('"context":{}', '"context":' + '{"a":' * n + "1" + "}" * n, 1)


@text_kind
def something_behind(text, rng):
    return text + rng.choice(["{}", ",", "]", '"', "\0"])


@text_kind
def other_schema(text, rng):
    return text.replace("sekisho/report/1", rng.choice(["sekisho/report/2", "sekisho/report/1 ", "Sekisho/report/1"]), 1)


@text_kind
def no_text(text, rng):
    raw = text.encode()
    at = raw.index(b'"path":"') + 8
    return raw[:at] + rng.choice([b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\x01"]) + raw[at:]


def falsify(reports):
    """(kind, line) of each, in the order of the samples, so that one file is looked at once."""
    rng = random.Random(SEED)
    out = []
    for name, f in KINDS.items():
        made = tries = 0
        while made < OF_EACH_KIND and tries < 4000:
            tries += 1
            at = rng.randrange(len(reports))
            r = copy.deepcopy(reports[at])
            if f(r, rng) is False or r == reports[at]:
                continue
            out.append((at, name, json.dumps(r, ensure_ascii=False).encode()))
            made += 1
    for name, f in TEXTS.items():
        for _ in range(OF_EACH_KIND):
            at = rng.randrange(len(reports))
            text = f(json.dumps(reports[at], ensure_ascii=False, separators=(",", ":")), rng)
            out.append((at, name, text if isinstance(text, bytes) else text.encode()))
    return sorted(out, key=lambda x: x[0])


def outcomes(reports, files):
    status, out, err = run("verify", "--json", *SITE, "-", *files, stdin=b"\n".join(reports) + b"\n")
    return status, [json.loads(line) for line in out.splitlines()], err


def refuses(reports, files):
    made = falsify(reports)
    status, got, err = outcomes([line for _, _, line in made], files)
    check(f"{len(made)} falsifications, each is answered", len(got) == len(made) and status == 1 and (len(made) >= 1000 or not ALL), (len(got), status, err[-300:]))
    count = collections.Counter(name for _, name, _ in made)
    apart = collections.Counter()
    believed = collections.Counter()
    for (_, name, _), o in zip(made, got):
        believed[name] += o["verified"]
        apart[name] += any(f["step"] != "replay" for f in o["failed"])
    for name in list(KINDS) + list(TEXTS):
        check(f"{name}: {count[name]} refused, {apart[name]} of them without a fresh scan", count[name] >= min(20, OF_EACH_KIND) and not believed[name],
              [line for (_, n, line), o in zip(made, got) if n == name and o["verified"]][:1])
    share = sum(apart.values()) * 100 // len(made)
    check(f"{share} % are refused without a fresh scan", share >= 86 or not ALL, share)


# --- the rest

def takes(folder, lines):
    status, got, err = outcomes(lines, [folder])
    wrong = [(o["path"], o["failed"][:2]) for o in got if not o["verified"]]
    check(f"the reports of {len(lines)} inert samples are verified", status == 0 and len(got) == len(lines) and not wrong, (status, wrong[:3], err[-300:]))
    steps, left = sum(o["steps"] for o in got), sum(o["not_comparable"] for o in got)
    check(f"{steps} steps, {left} not comparable", steps > 100 * len(lines) and left * 50 < steps)


def says(tmp, lines, report):
    """In both languages, by the JSON path; exit 0, 1, 2."""
    one, bad = os.path.join(tmp, "one.json"), os.path.join(tmp, "bad.json")
    path = report["path"]
    wrong = dict(report, verdict="clean")
    with open(one, "w", encoding="utf-8") as f:
        f.write("\n" + json.dumps(report) + "\n\n")
    with open(bad, "w", encoding="utf-8") as f:
        f.write(json.dumps(wrong) + "\n")
    for language, good, not_good in (("en", "verified: ", "NOT verified: "), ("ja", "検証済み：", "検証に失敗：")):
        status, out, err = run("verify", "--lang", language, *SITE, one, path)
        check(f"{language}: a good report", status == 0 and out.decode().startswith(f"{one}:2: {path}: {good}") and not err, (status, out, err))
        status, out, err = run("verify", "--lang", language, *SITE, bad, path)
        lines = out.decode().splitlines()
        check(f"{language}: a bad one, by its path", status == 1 and lines[0].startswith(f"{bad}:1: $.verdict: ") and not_good in lines[-1], (status, out))
    for name, args in {"no file": [one], "no reports": [os.path.join(tmp, "none"), path], "a file that is not there": [one, os.path.join(tmp, "none")],
                       "an unknown option": ["--no-such", one, path], "nothing in it": ["/dev/null", path]}.items():
        status, out, err = run("verify", *SITE, *args)
        check(f"{name}: an error", status == 2 and err and not out, (status, out, err))
    status, out, _ = run("verify", "--json", *SITE, one, os.path.join(ROOT, "README.md"))
    got = json.loads(out)
    check("another file", status == 1 and got["failed"][0]["path"] == "$.sha256", out)
    moved = os.path.join(tmp, "moved.bin")
    shutil.copy(path, moved)
    check("a file that bears another name now", run("verify", *SITE, one, moved)[0] == 0)


def rules_of_others(tmp, report):
    one, folder = os.path.join(tmp, "one.json"), os.path.join(tmp, "rules")
    shutil.copytree(os.path.join(ROOT, "rules", "effect"), os.path.join(folder, "effect"))
    status, out, err = run("verify", "--json", "--rules", folder, *SITE, one, report["path"])
    got = json.loads(out)
    check("other rules are said, and all that does not depend on them is asked", status == 1 and
          [f["path"] for f in got["failed"]] == ["$.engine.rules"] and got["steps"] > 100, got["failed"])
    status, out, err = run("verify", "--json", "--quiet", one, report["path"])
    got = json.loads(out)
    check("so are other settings", status == 1 and [f["path"] for f in got["failed"]] == ["$.engine.settings"], got["failed"])


def standard_input(path):
    with open(path, "rb") as f:
        body = f.read()
    line = run("scan", "--json", *SITE, "-", stdin=body)[1]
    status, out, err = run("verify", *SITE, "-", path, stdin=line)
    check("a report of standard input", status == 0, (out, err))


with tempfile.TemporaryDirectory() as tmp:
    folder = os.path.join(tmp, "waves")
    made = subprocess.run([os.path.join(ROOT, "tools/make-waves"), folder], capture_output=True, env=ENV)
    check("make-waves runs", made.returncode == 0, made.stderr[-300:])
    lines = run("scan", "--json", *SITE, folder)[1].splitlines()
    by_name = {os.path.basename(r["path"]): r for r in map(json.loads, lines)}
    chosen = [by_name[s] for s in SAMPLES]
    takes(folder, lines if ALL else [json.dumps(r).encode() for r in chosen])
    refuses(chosen, [r["path"] for r in chosen])
    says(tmp, lines, by_name["hostile-macro-effect-download-run.doc"])
    rules_of_others(tmp, by_name["hostile-macro-effect-download-run.doc"])
    standard_input(os.path.join(folder, "hostile-lnk-curl-regsvr32.lnk"))
print(f"1..{tests}")
sys.exit(1 if failures else 0)
