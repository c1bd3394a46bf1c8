#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_layers - every layer can be switched off, costs what it alone sees and nothing else, and
the report says who voted (docs/rules.md, "Layers").

usage: check_layers.py SEKISHO SOURCE-ROOT

For each layer there is a sample that it alone decides: with all layers on it has its verdict, with
this one off the verdict that is left, with any other off the same as before. Over all samples of
tools/make-waves and all examples: a layer that is off takes its own findings away and adds none.
"""
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile

SEKISHO, ROOT = sys.argv[1:3]
ENV = dict(os.environ, LC_ALL="C.UTF-8")
YARA = os.path.exists(os.path.join(os.path.dirname(SEKISHO), "sekisho-worker-yara"))
COUNT = {"medium", "high", "critical"}
VOTES = {"critical": "malicious", "high": "malicious", "medium": "suspicious", "low": "note", "informational": "note"}
# layer: sample, verdict with all, verdict without the layer
ALONE = {
    "identity": ("hostile-mail-name-locked-archive.eml", "malicious", "unknown"),
    "thread": ("hostile-mail-stolen-thread-macro.eml", "malicious", "clean"),
    "link": ("hostile-link-app-installer.eml", "malicious", "clean"),
    "name": ("own-name.zip", "malicious", "unknown"),  # nothing reads its kind
    "container": ("hostile-html-smuggling.eml", "malicious", "clean"),
    "document": ("hostile-doc-remote-object.docx", "malicious", "clean"),
    "macro": ("hostile-macro-family-a.doc", "malicious", "clean"),
    "pattern": ("hostile-test-malicious.txt", "malicious", "clean"),
    "yara": ("own-yara.txt", "malicious", "clean"),
    "promise": ("own-promise.eml", "malicious", "clean"),
    "other": ("own-other.txt", "malicious", "clean"),
}
# Two layers that decide together: either off, and it is no longer said.
TOGETHER = ("hostile-doc-remote-template.eml", "suspicious", "clean", ("thread", "document"))
RULE = """title: {name}
description: d
id: 00000000-0000-4000-8000-00000000000{n}
name: {name}
level: high
logsource: {{product: sekisho, category: part}}
detection: {{s: {{{fact}}}, condition: s}}
sekisho:
    name: Test.Any.Layer
    family: {name}
    title: {{ja: 試験}}
    description: {{ja: 試験}}
    reason: {{en: e, ja: 理由}}
    tests: {{match: [{{{fact}}}], no_match: [{{file.name: z}}]}}
"""
MAIL = """From: a@{domain}
To: b@corp.example
Subject: survey
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Our survey is attached.
--b
Content-Type: text/plain; name=survey.txt
Content-Disposition: attachment; filename=survey.txt

One question.
--b--
"""
failures = 0
tests = 0


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def run(*args):
    return subprocess.run([SEKISHO, *args], capture_output=True, env=ENV, timeout=280)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


class Bench:
    """Samples, and the rules of the tree with two more."""

    def __init__(self, tmp):
        import zipfile
        self.tmp, self.rules, self.samples = tmp, os.path.join(tmp, "rules"), os.path.join(tmp, "samples")
        shutil.copytree(os.path.join(ROOT, "rules"), self.rules)
        write(os.path.join(self.rules, "site/other.yml"), RULE.format(name="check-other", n=1, fact="document.text|contains: kanaria-other"))
        write(os.path.join(self.rules, "site/yara.yml"), RULE.format(name="check-yara", n=2, fact="yara.rule: kanaria"))
        subprocess.run([os.path.join(ROOT, "tools/make-waves"), self.samples], check=True, stdout=subprocess.DEVNULL)
        for name in os.listdir(os.path.join(ROOT, "examples")):
            shutil.copy(os.path.join(ROOT, "examples", name), self.samples)
        write(os.path.join(self.samples, "own-yara.txt"), "kanaria-" + "yara\n")
        write(os.path.join(self.samples, "own-other.txt"), "kanaria-" + "other\n")
        write(os.path.join(self.samples, "own-promise.eml"), MAIL.format(domain="promise.example"))
        with zipfile.ZipFile(os.path.join(self.samples, "own-name.zip"), "w") as z:
            z.writestr(zipfile.ZipInfo("invoice.pdf.chm"), "harmless words\n")
            z.writestr(zipfile.ZipInfo("readme.txt"), "harmless words\n")
        write(os.path.join(tmp, "promises.yaml"), "- sender: promise.example\n  never: [attachments]\n  source: https://promise.example/\n"
              "  reason: {en: never attaches, ja: 添付しません}\n")
        write(os.path.join(tmp, "k.yar"), 'rule kanaria { strings: $a = "kanaria-' + 'yara" condition: $a }\n')
        self.options = ["--rules", self.rules, "--own-domain", "corp.example", "--authserv-id", "mx.corp.example",
                        "--promises", os.path.join(tmp, "promises.yaml")]
        if YARA:
            self.options += ["--yara", os.path.join(tmp, "k.yar")]

    def scan(self, *more, files=None):
        r = run("scan", "--json", "--quiet", *self.options, *more, *(files or [self.samples]))
        return {os.path.basename(g["path"]): g for g in map(json.loads, r.stdout.splitlines())}, r


def votes(report):
    return {v["layer"]: v for v in report["votes"]}


def findings(report):
    return collections.Counter((f["rule"], f["level"], tuple(f["parts"])) for f in report["findings"])


def layers_of_program(bench):
    r = run("rules", "layers", bench.rules)
    rows = [line.split(None, 3) for line in r.stdout.decode().splitlines()]
    return {row[0]: (int(row[1]), row[2]) for row in rows}


def check_lists(bench, layers):
    schema = json.load(open(os.path.join(ROOT, "docs/report.schema.json"), encoding="utf-8"))["properties"]["votes"]
    check("the schema knows the layers, in their order", schema["items"]["properties"]["layer"]["enum"] == list(layers) and
          schema["minItems"] == schema["maxItems"] == len(layers), str(list(layers)))
    tree = run("rules", "list", bench.rules).stdout.decode().splitlines()
    counted = collections.Counter(line.split()[4] for line in tree)
    check("every rule of the list is counted in its layer", all(counted[l] == n for l, (n, _) in layers.items()) and
          sum(counted.values()) == sum(n for n, _ in layers.values()), str(counted))
    check("all layers are on", all(state == "on" for _, state in layers.values()), str(layers))
    settings = run("settings").stdout.decode()
    check("every layer is a setting, on unless said", all(f"\nlayers.{l}: on\n" in settings for l in layers))
    for manual in ("man/sekisho.1.scd", "man/ja/sekisho.1.scd"):
        text = open(os.path.join(ROOT, manual), encoding="utf-8").read()
        check(f"{manual} names every layer", all(f"*{l}*" in text for l in layers), str([l for l in layers if f"*{l}*" not in text]))
    text = open(os.path.join(ROOT, "docs/rules.md"), encoding="utf-8").read()
    check("docs/rules.md names every layer", all(f"| {l} |" in text for l in layers), str([l for l in layers if f"| {l} |" not in text]))
    fits = set(layers) - {"foreign"} == set(ALONE)
    check("every layer that the program can feed has its sample", fits, str(set(layers) ^ set(ALONE)))


def check_votes(name, report, layers):
    """The votes say of each layer what its findings are."""
    got, bad = votes(report), []
    listed = collections.Counter(i for v in report["votes"] for i in v.get("findings", []))
    if list(got) != list(layers) or listed != collections.Counter(range(len(report["findings"]))):
        bad.append("not every layer or finding once")
    for layer, v in got.items():
        levels = [VOTES[f["level"]] if f.get("state") != "observe" and not f.get("excepted") else "note"
                  for f in (report["findings"][i] for i in v.get("findings", []))]
        worst = max(levels, key=["note", "suspicious", "malicious"].index, default=None)
        if (worst or v["vote"]) != v["vote"] or (not worst and v["vote"] not in ("none", "off", "clean")):
            bad.append(f"{layer} {v['vote']} {levels}")
    decided = [v["layer"] for v in report["votes"] if v.get("decided")]
    wanted = {"malicious": {1}, "suspicious": {1, 2}}.get(report["verdict"], {0})
    if len(decided) not in wanted or any(got[l]["vote"] not in ("suspicious", "malicious") for l in decided):
        bad.append(f"{report['verdict']} decided by {decided}")
    return [f"{name}: {b}" for b in bad]


def check_matrix(all_on, off):
    for layer, (sample, verdict, left) in ALONE.items():
        if layer == "yara" and not YARA:
            print("# built without YARA: its row of the matrix is left out")
            continue
        decided = [v["layer"] for v in all_on[sample]["votes"] if v.get("decided")]
        check(f"{sample}: {verdict}, by {layer} alone", all_on[sample]["verdict"] == verdict and decided == [layer],
              f"{all_on[sample]['verdict']} {decided}")
        check(f"{sample}: {left} without {layer}", off[layer][sample]["verdict"] == left, off[layer][sample]["verdict"])
        others = {l: r[sample]["verdict"] for l, r in off.items() if l != layer}
        check(f"{sample}: {verdict} without any other", set(others.values()) == {verdict}, str(others))
    sample, verdict, left, pair = TOGETHER
    want = {l: left if l in pair else verdict for l in off}
    got = {l: r[sample]["verdict"] for l, r in off.items()}
    check(f"{sample}: {verdict} by {' and '.join(pair)} together", all_on[sample]["verdict"] == verdict and got == want, str(got))


def check_loss(layer, layers, all_on, off):
    """What a layer takes away when it goes: its own findings, and with them nothing else."""
    bad, lost = [], 0
    for name, before in all_on.items():
        after = off[name]
        v = votes(before)
        mine = collections.Counter()
        for i in v[layer].get("findings", []):
            f = before["findings"][i]
            mine[(f["rule"], f["level"], tuple(f["parts"]))] += 1
        if findings(after) != findings(before) - mine:
            bad.append(f"{name}: {findings(before) - findings(after)} instead of {mine}")
        if not any(rule[1] in COUNT for rule in mine) and after["verdict"] != before["verdict"]:
            bad.append(f"{name}: {before['verdict']} became {after['verdict']}")
        if not v[layer].get("decided") and after["verdict"] != before["verdict"]:
            bad.append(f"{name}: {layer} did not decide, and it became {after['verdict']}")
        others = {l: w["vote"] for l, w in v.items() if l != layer}
        if {l: w["vote"] for l, w in votes(after).items()} != dict(others, **{layer: "off"}):
            bad.append(f"{name}: the votes of others changed")
        if before["facts"] != after["facts"] and len(before["facts"]) < len(after["facts"]):
            bad.append(f"{name}: more facts")
        bad += check_votes(name, after, layers)
        lost += after["verdict"] != before["verdict"]
    check(f"without {layer} its findings are gone, and nothing else is", set(off) == set(all_on) and not bad, str(bad[:3]))
    print(f"#   {layer:10} off: {lost} of {len(all_on)} verdicts change")


def check_all_off(bench, layers, all_on):
    got, _ = bench.scan("--without-layer", ",".join(layers))
    bad = [n for n, r in got.items() if r["findings"] or r["verdict"] not in ("clean", "unknown") or
           {v["vote"] for v in r["votes"]} != {"off"}]
    check("with all layers off nothing is found, and each vote says off", set(got) == set(all_on) and not bad, str(bad[:3]))


def check_ways(bench):
    """The option in its spellings, the settings file, and what people see."""
    sample = os.path.join(bench.samples, ALONE["macro"][0])
    one, r = bench.scan("--without-layer", "macro,link", files=[sample])
    one = next(iter(one.values()))
    check("the exit status is that of the rest", r.returncode == 0, str(r.returncode))
    path = os.path.join(bench.tmp, "settings.yaml")
    for name, text in (("nested", "layers:\n  macro: off\n  link: no\n"), ("dotted", "layers.macro: off\nlayers.link: false\nlayers.name: on\n")):
        write(path, text)
        same, _ = bench.scan("--settings", path, files=[sample])
        check(f"settings, {name}, do the same as the option", [dict(g, run=0) for g in same.values()] == [dict(one, run=0)])
    for name, args in (("twice", ["--without-layer", "macro", "--without-layer", "link"]), ("with blanks", ["--without-layer", " link , macro"]),
                       ("settings and option", ["--without-layer", "link", "--settings", path])):
        if name == "settings and option":
            write(path, "layers.macro: off\n")
        same, _ = bench.scan(*args, files=[sample])
        check(f"... so does: {name}", [dict(g, run=0) for g in same.values()] == [dict(one, run=0)])
    full, _ = bench.scan(files=[sample])
    full = next(iter(full.values()))
    check("engine.settings tells the two apart", full["engine"]["settings"] != one["engine"]["settings"] and full["engine"]["rules"] == one["engine"]["rules"])
    for args, want in ((["--without-layer", "makro"], "did you mean “macro”?".encode()), (["--without-layer", "macro,lnk"], "did you mean “link”?".encode()),
                       (["--without-layer", ""], b"there are identity,"), (["--without-layer", "macro,"], b"there are identity,"),
                       (["--without-layer", "zzzzzzzzzzzz"], b"there are identity,")):
        _, r = bench.scan(*args, files=[sample])
        check(f"{args[1]!r} is no layer, and that is said", r.returncode == 2 and want in r.stderr and not r.stdout, r.stderr)
    write(path, "layers:\n  makro: off\n")
    _, r = bench.scan("--settings", path, files=[sample])
    check("an unknown layer in the settings is said", r.returncode == 2 and b"settings.yaml:2" in r.stderr and b"layers.macro" in r.stderr, r.stderr)
    for lang, line, vote in (("en", "Layers switched off: link, macro (", "    macro      off\n"), ("ja", "無効にした検出層：link、macro（", "    macro      無効\n")):
        short = run("scan", "--quiet", "--lang", lang, *bench.options, "--without-layer", "macro,link", sample).stdout.decode()
        check(f"a report for people says so on its second line ({lang})", short.splitlines()[1].strip().startswith(line), short)
        long = run("scan", "--quiet", "--lang", lang, "--details", *bench.options, "--without-layer", "macro,link", sample).stdout.decode()
        check(f"... and with --details who voted ({lang})", vote in long and "    document " in long, long)
        plain = run("scan", "--quiet", "--lang", lang, *bench.options, sample).stdout.decode()
        check(f"... but not where none is off ({lang})", line.split(":")[0].split("：")[0] not in plain, plain)
    write(path, "layers.macro: off\nrules: " + bench.rules + "\n")
    r = run("doctor", "--settings", path)
    check("doctor shows the layers, and which is off", b"identity " in r.stdout and b"--   layer switched off by the settings: macro\n" in r.stdout, r.stdout)
    r = run("rules", "layers", "--settings", path)
    rows = {line.split()[0]: line.split()[2] for line in r.stdout.decode().splitlines()}
    check("so does rules layers", rows.get("macro") == "off" and rows.get("link") == "on", r.stdout)
    r = run("rules", "layers", "--nonsense")
    check("rules layers says what it takes", r.returncode == 2 and b"usage:" in r.stderr, r.stderr)
    r = run("explain", "macro-stomped")
    check("explain names the layer of a rule", b"Layer: macro (macros)" in r.stdout, r.stdout)


def main():
    tmp = tempfile.mkdtemp(prefix="sekisho-layers-")
    try:
        bench = Bench(tmp)
        layers = layers_of_program(bench)
        check_lists(bench, layers)
        all_on, said = bench.scan()
        if not all_on:
            check("the samples are scanned", False, said.stderr[-300:])
        else:
            bad = [b for name, report in all_on.items() for b in check_votes(name, report, layers)]
            check("votes are what the findings say", not bad, str(bad[:3]))
            off = {layer: bench.scan("--without-layer", layer)[0] for layer in layers}
            check_matrix(all_on, off)
            for layer in layers:
                check_loss(layer, layers, all_on, off[layer])
            check_all_off(bench, layers, all_on)
            check_ways(bench)
    finally:
        shutil.rmtree(tmp)
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
