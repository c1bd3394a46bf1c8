#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_reports - the program as a user runs it: every report is valid against
the schema, runs are deterministic, exit codes and bad input are as documented.

usage: check_reports.py SEKISHO SOURCE-ROOT
"""
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import zipfile

SEKISHO, ROOT = map(os.path.abspath, sys.argv[1:3])
ENV = dict(os.environ, SEKISHO_RULES=os.path.join(ROOT, "rules"), LC_ALL="C.UTF-8")
# Said in two halves, so that no scanner flags this file.
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OURS = "SEKISHO-TEST-" + "STRING-{}-DO-NOT-WORRY"
failures = 0
tests = 0


def check(name, good, detail=""):
    global failures, tests
    tests += 1
    print(f"{'ok' if good else 'not ok'} {tests} - {name}" + ("" if good else f"  # {detail}"))
    failures += not good


def run(*args, stdin=b"", env=ENV, cwd=None, stdout=subprocess.PIPE):
    return subprocess.run([SEKISHO, *args], input=stdin, stdout=stdout, stderr=subprocess.PIPE, env=env, cwd=cwd, timeout=120)


def reports(*args, **kw):
    r = run("scan", "--json", "--quiet", *args, **kw)
    return r, [json.loads(line) for line in r.stdout.splitlines()]


def without_run(report):
    return {k: v for k, v in report.items() if k != "run"}


def samples():
    for folder in ("examples", "decode"):
        for d, _, files in os.walk(os.path.join(ROOT, folder)):
            if folder == "decode" and os.path.basename(d) != "corpus":
                continue
            yield from (os.path.join(d, f) for f in sorted(files) if f != "ORIGIN")


def check_schema():
    try:
        import jsonschema
    except ImportError:
        # The package serves the system's Python; another one may come first on PATH.
        system = "/usr/bin/python3"
        if os.path.exists(system) and "CHECK_REPORTS_AGAIN" not in os.environ:
            os.execve(system, [system, *sys.argv], dict(os.environ, CHECK_REPORTS_AGAIN="1"))
        check("python3-jsonschema is installed", False, "run tools/install-deps test")
        return
    schema = json.load(open(os.path.join(ROOT, "docs/report.schema.json"), encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    files = list(samples())
    r, got = reports(*files)
    check("a report for every sample", len(got) == len(files), f"{len(got)} of {len(files)}: {r.stderr[-300:]}")
    bad = [(g["path"], e.message) for g in got for e in validator.iter_errors(g)]
    check("every report is valid against docs/report.schema.json", not bad, str(bad[:3]))
    loose = [g["path"] for g in got for f in g["findings"] if any(i >= len(g["facts"]) for i in f["facts"])]
    check("findings point at facts that are there", not loose, str(loose[:3]))
    _, again = reports("--jobs", "1", *files)
    same = [without_run(g) for g in got] == [without_run(g) for g in again]
    check("two runs with different numbers of workers give the same bytes", same)


def check_test_strings(tmp):
    wanted = [("eicar.txt", EICAR, "malicious", 1), ("m.txt", OURS.format("MALICIOUS"), "malicious", 1),
              ("s.txt", OURS.format("SUSPICIOUS"), "suspicious", 3), ("u.txt", OURS.format("UNKNOWN"), "unknown", 4),
              ("c.txt", OURS.format("CLEAN"), "clean", 0)]
    for name, text, verdict, code in wanted:
        path = os.path.join(tmp, name)
        with open(path, "w") as f:
            f.write(text)
        r, got = reports(path)
        check(f"test string {name}: {verdict}, exit {code}", len(got) == 1 and got[0]["verdict"] == verdict and r.returncode == code,
              f"{got and got[0]['verdict']} {r.returncode} {r.stderr[-200:]}")
        r, got = reports("-", stdin=text.encode())
        check(f"the same from standard input", len(got) == 1 and got[0]["verdict"] == verdict and got[0]["path"] == "-")


def check_bad_input(tmp):
    good = os.path.join(tmp, "good.txt")
    open(good, "w").write("hello\n")
    r, got = reports(os.path.join(tmp, "missing.txt"), good)
    check("a missing file is said, the other is scanned", r.returncode == 2 and len(got) == 1 and b"missing.txt" in r.stderr, r.stderr)
    loop = os.path.join(tmp, "loop")
    os.makedirs(os.path.join(loop, "a"))
    os.symlink("..", os.path.join(loop, "a", "up"))
    os.symlink("nowhere", os.path.join(loop, "broken"))
    shutil.copy(good, os.path.join(loop, "a", "x.txt"))
    r, got = reports(loop)
    check("a folder with a loop and a broken link ends", len(got) == 1, f"{len(got)} {r.stderr}")
    os.mkfifo(os.path.join(tmp, "fifo"))
    r, _ = reports(os.path.join(tmp, "fifo"))
    check("a FIFO does not block", r.returncode == 2 and b"fifo" in r.stderr, r.stderr)
    for name, text, want in [
        ("bad.yaml", "- rule: x\n  author: a\n", b"bad.yaml:1"),
        ("tab.yaml", "\t- rule\n", b"tab.yaml:1"),
        ("key.yaml", "- rule: x\n  author: a\n  reason: b\n  expires: 2030-01-01\n  colour: red\n", b"key.yaml:5"),
        ("date.yaml", "- rule: x\n  recipient: a@b.example\n  author: a\n  reason: b\n  expires: soon\n", b"date.yaml:5"),
    ]:
        path = os.path.join(tmp, name)
        open(path, "w").write(text)
        r, _ = reports("--exceptions", path, good)
        check(f"bad exception file {name} names file and line", r.returncode == 2 and want in r.stderr, r.stderr)
    rules = os.path.join(tmp, "rules")
    os.mkdir(rules)
    open(os.path.join(rules, "x.yml"), "w").write("title: x\nid: nonsense\nlogsource: {product: sekisho, category: part}\n"
                                                  "detection:\n  a:\n    file.nam: x\n  condition: a\nlevel: high\n")
    r, _ = reports("--rules", rules, good)
    check("a bad rule names file and line", r.returncode == 2 and b"x.yml:" in r.stderr, r.stderr)
    for name, text, want in [("settings.yaml", "workers:\n  nunber: 3\n", b"settings.yaml:2"),
                             ("time.yaml", "workers.timeout: soon\n", b"time.yaml:1"), ("twice.yaml", "language: ja\nlanguage: en\n", b"twice.yaml:2")]:
        path = os.path.join(tmp, name)
        open(path, "w").write(text)
        r, got = reports("--settings", path, good)
        check(f"bad settings {name} name file and line", r.returncode == 2 and want in r.stderr and not got, r.stderr)
    path = os.path.join(tmp, "all.yaml")
    open(path, "wb").write(run("settings").stdout)
    r, got = reports("--settings", path, good)
    check("the settings that are printed can be read", r.returncode == 0 and len(got) == 1, r.stderr)
    r = run("scan", "--lang", "xx", good)
    check("an unknown language is said", r.returncode == 2 and b"--lang" in r.stderr, r.stderr)
    r = run("scan", "--jobs", "0", good)
    check("a bad option is said", r.returncode == 2 and b"--jobs" in r.stderr, r.stderr)
    if os.path.exists("/dev/full"):
        with open("/dev/full", "wb") as full:
            r = run("scan", "--json", good, stdout=full)
        check("a full output disk is said", r.returncode == 2 and b"could not be written" in r.stderr, r.stderr)


def check_output(tmp):
    """A report that was not written is said, and never passes for a verdict that is good news."""
    kinds = [("clean", "CLEAN", 2), ("unknown", "UNKNOWN", 2), ("suspicious", "SUSPICIOUS", 2), ("malicious", "MALICIOUS", 1)]
    for name, word, want in kinds:
        path = os.path.join(tmp, "output-" + name)
        open(path, "w").write(OURS.format(word))
        for form in ([], ["--json"]):
            for where in ("/dev/full", None):
                if where and not os.path.exists(where):
                    continue
                command = [SEKISHO, "scan", "--quiet", *form, path]
                shell = ["sh", "-c", f'"$@" >{where or "&-"}', "sh", *command]
                r = subprocess.run(shell, stderr=subprocess.PIPE, env=ENV, timeout=60)
                check(f"{name} {form} into {where or 'a closed output'}: exit {want}, said once",
                      r.returncode == want and r.stderr.count(b"could not be written") == 1, f"{r.returncode} {r.stderr}")
    for args in (["help"], ["--version"], ["settings"], ["doctor"], ["explain", "promise"], ["rules", "list"], ["rules", "test", os.path.join(ROOT, "rules", "test")]):
        with open("/dev/full", "wb") as full:
            r = run(*args, stdout=full)
        check(f"{args[0]} into /dev/full is an error", r.returncode == 2 and r.stderr, f"{r.returncode} {r.stderr}")
    # Both reports fit in what the disk still takes; the summary does not.
    small = os.path.join(tmp, "output-clean")
    whole = len(run("scan", "--quiet", small, small).stdout)
    before = 16 << 20 # the rule image must fit too
    for most in (before + whole - 1, before + whole):
        out = os.path.join(tmp, "limited")
        with open(out, "wb") as f:
            f.truncate(before)
        limited = ["sh", "-c", f'exec "$@" >>{out}', "sh", SEKISHO, "scan", "--quiet", small, small]
        r = subprocess.run(limited, stderr=subprocess.PIPE, env=ENV, timeout=60,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
        check(f"a limit of {most} for {whole} bytes", r.returncode == (0 if most == before + whole else 2), f"{r.returncode} {r.stderr}")


def check_cache(tmp):
    env = dict(ENV, XDG_CACHE_HOME=os.path.join(tmp, "cache"))
    good = os.path.join(tmp, "good.txt")
    first, _ = reports(good, env=env)
    folder = os.path.join(tmp, "cache", "sekisho")
    images = os.listdir(folder)
    check("the rule image is cached", first.returncode == 0 and len(images) == 1, str(images))
    path = os.path.join(folder, images[0])
    whole = open(path, "rb").read()
    for name, bytes_ in [("cut", whole[: len(whole) // 2]), ("empty", b""), ("turned", whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])]:
        open(path, "wb").write(bytes_)
        r, got = reports(good, env=env)
        check(f"a cache image that is {name} is made anew", r.returncode == 0 and len(got) == 1, r.stderr)
        check(f"... and stored whole again", open(path, "rb").read() == whole)
    os.chmod(path, 0o666)
    open(path, "wb").write(b"x" * 100)
    r, got = reports(good, env=env)
    check("an image that others may write is not believed", r.returncode == 0 and len(got) == 1, r.stderr)


def check_commands(tmp):
    r = run("explain", "Policy.Mail.SenderPromise")
    check("explain knows the promise", r.returncode == 0 and b"promise" in r.stdout.lower(), r.stderr)
    r = run("explain", "No.Such.Name")
    check("explain says what it does not know", r.returncode == 2 and b"No.Such.Name" in r.stderr)
    r = run("rules", "test")
    check("all rules pass their tests", r.returncode == 0 and b"tests passed" in r.stdout, r.stderr)
    r = run("rules", "list", env={k: v for k, v in ENV.items() if k != "SEKISHO_RULES"}, cwd=tmp)
    check("the rules of the source tree are found from the build tree", r.returncode == 0 and b"macro-auto-shell" in r.stdout, r.stderr)
    alone = os.path.join(tmp, "alone", "bin", "sekisho")
    os.makedirs(os.path.dirname(alone))
    shutil.copy(SEKISHO, alone)
    r = subprocess.run([alone, "doctor"], stdout=subprocess.PIPE, env={k: v for k, v in ENV.items() if k != "SEKISHO_RULES"}, timeout=60)
    check("... and by no program outside of it", r.returncode == 2 and ROOT.encode() + b"/rules" not in r.stdout, r.stdout)
    r = run("nonsense")
    check("an unknown command is said", r.returncode == 2 and b"nonsense" in r.stderr)
    example = os.path.join(ROOT, "examples")
    mails = sorted(f for f in os.listdir(example) if f.endswith(".eml"))
    out = os.path.join(tmp, "out.zip")
    r = run("extract", os.path.join(example, mails[0]), "--all", "--to", out)
    check("extract writes an archive", r.returncode == 0 and os.path.getsize(out) > 100, r.stderr)
    r, got = reports("--password", "infected", out)
    check("... which opens with its password", len(got) == 1 and len(got[0]["parts"]) > 2, str(got)[:200])
    r, got = reports(out)
    check("... and is not examined without it", got and got[0]["verdict"] == "unknown" and got[0]["unread"][0]["cause"] == "encrypted")
    r = run("scan", "--lang", "ja", out)
    check("the same in Japanese", "未検査あり" in r.stdout.decode() and r.returncode == 4, r.stdout)


def check_extract(tmp):
    out, mail = os.path.join(tmp, "taken.zip"), os.path.join(tmp, "names.eml")
    names = ["../../etc/cron.d/x", "C:\\\\Windows\\\\a.exe", "a\u202egpj.exe", "b\u200b\u2060\ufeff\U000e0068.txt", "tab\tline\r\nx.txt", "見積書.xlsm", "x. . ", "z" * 300,
             "辻\U000e0100.txt", "$(id)`id`'.txt"]
    boundary = "=x"
    with open(mail, "wb") as f:
        f.write(f"From: a@example.invalid\r\nTo: b@example.invalid\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\r\n".encode())
        for i, name in enumerate(names):
            f.write(f"\r\n--{boundary}\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename*=UTF-8''{urllib.parse.quote(name, safe='')}\r\n\r\ntext {i}\r\n".encode())
        f.write(f"\r\n--{boundary}--\r\n".encode())
    r = run("extract", mail, "--all", "--to", out)
    check("extract to a new file", r.returncode == 0 and os.path.exists(out), r.stderr)
    check("... that only its owner reads", os.stat(out).st_mode & 0o777 == 0o600)
    check("... and nothing is left beside it", not [f for f in os.listdir(tmp) if ".new" in f])
    inside = zipfile.ZipFile(out).namelist()
    unfit = [n for n in inside if re.search("[/\\\\:*?\"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff`$']|\\.$| $", n)
             or len(n.encode()) > 130 or not re.match("[0-9]{4}-.", n)]
    check("names inside are names of files and can be seen", len(inside) == len(names) + 1 and not unfit and "0006-見積書.xlsm" in inside, str(unfit or inside))
    check("... each once", len(set(inside)) == len(inside))
    before = open(out, "rb").read()
    r = run("extract", mail, "--part", "1", "--to", out)
    check("a file that is there stays", r.returncode == 2 and b"--force" in r.stderr and open(out, "rb").read() == before, r.stderr)
    link = os.path.join(tmp, "link.zip")
    os.symlink("nowhere", link)
    r = run("extract", mail, "--part", "1", "--to", link)
    check("a link to nowhere stays too", r.returncode == 2 and os.path.islink(link) and not os.path.exists(os.path.join(tmp, "nowhere")), r.stderr)
    r = run("extract", mail, "--part", "1", "--to", out, "--force")
    check("--force replaces it", r.returncode == 0 and len(zipfile.ZipFile(out).namelist()) == 1 and os.stat(out).st_mode & 0o777 == 0o600, r.stderr)
    r = run("extract", mail, "--part", "99", "--to", os.path.join(tmp, "none.zip"))
    check("a part that is not there makes no file", r.returncode == 2 and not os.path.exists(os.path.join(tmp, "none.zip")), r.stderr)
    r = run("extract", mail, "--all", "--to", os.path.join(tmp, "no", "such", "x.zip"))
    check("a folder that is not there is said", r.returncode == 2 and b"such" in r.stderr, r.stderr)
    empty = os.path.join(tmp, "empty")
    open(empty, "w").close()
    r = run("extract", empty, "--part", "0", "--to", os.path.join(tmp, "empty.zip"))
    check("an empty part is taken out", r.returncode == 0 and len(zipfile.ZipFile(os.path.join(tmp, "empty.zip")).namelist()) == 1, r.stderr)


def check_languages(tmp):
    """Every usage error in the language that was asked for, wherever --lang stands."""
    cases = [("no command", ["nonsense"], "nonsense"), ("nothing to scan", ["scan"], "usage"), ("an option that is none", ["scan", "--nonsense", "x"], "--nonsense"),
             ("a short option that is none", ["scan", "-q", "x"], "-q"), ("a value that is not wanted", ["scan", "--json=1", "x"], "--json=1"),
             ("an option without its value", ["scan", "--jobs"], "--jobs"), ("a bad number", ["scan", "--jobs", "x", "y"], "--jobs"),
             ("too many passwords", ["scan", *["--password=x"] * 33, "y"], "32"), ("too many domains", ["scan", *["--own-domain=x"] * 65, "y"], "64"),
             ("no name to explain", ["explain"], "usage"), ("a name that is none", ["explain", "No.Such\x1bName"], "No.Such<U+001B>Name"),
             ("extract without anything", ["extract"], "--to"), ("a part that is no number", ["extract", "x", "--part", "y", "--to", "z"], "--part"),
             ("no such command of rules", ["rules", "nonsense"], "nonsense"), ("settings takes nothing", ["settings", "x"], "x"), ("doctor takes nothing", ["doctor", "x"], "x"),
             ("a language without a name", ["scan", "x", "--lang"], "--lang"), ("a language that is none", ["--lang", "xx", "doctor"], "--lang")]
    japanese = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
    for name, args, want in cases:
        en = run(*args)
        check(f"{name}: said in English", en.returncode == 2 and not japanese.search(en.stderr.decode()) and want in en.stderr.decode(), en.stderr)
        ja = run(*args, env=dict(ENV, LC_ALL="ja_JP.UTF-8"))
        check(f"{name}: said in Japanese by the locale", ja.returncode == 2 and japanese.search(ja.stderr.decode()) and want.replace("usage", "") in ja.stderr.decode(), ja.stderr)
        if "--lang" not in args:
            option = run(args[0], "--lang=ja", *args[1:])
            check(f"{name}: said in Japanese by --lang", option.stderr == ja.stderr and option.returncode == 2, option.stderr)
    r = run("rules", "check", os.path.join(ROOT, "rules"), "--lang", "ja")
    check("rules check in Japanese", r.returncode == 0 and japanese.search(r.stdout.decode()), r.stdout)
    r = run("--lang", "ja", "help")
    check("help in Japanese", r.returncode == 0 and japanese.search(r.stdout.decode()), r.stdout)
    name = os.path.join(tmp, "--lang")
    open(name, "w").write("hello\n")
    r = run("scan", "--", "--lang", cwd=tmp)
    check("behind -- it is a name", r.returncode == 0 and b"--lang" in r.stdout, r.stderr)


def main():
    tmp = tempfile.mkdtemp(prefix="sekisho-test-")
    try:
        check_schema()
        check_test_strings(tmp)
        check_bad_input(tmp)
        check_cache(tmp)
        check_output(tmp)
        check_commands(tmp)
        check_extract(tmp)
        check_languages(tmp)
    finally:
        shutil.rmtree(tmp)
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
