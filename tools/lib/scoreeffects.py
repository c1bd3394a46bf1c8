# SPDX-License-Identifier: Apache-2.0
"""scoreeffects - what evaluation found in the files of a corpus, for tools/score --effects.

Per file, of its effects that run or download: known (all arguments are exact), of these certain (it
does not stand behind a condition that was not decided), with the address, with the command line;
else partial; else none. Over all of them: url, an address without a hole, also where something else
of the effect is not known (a file of a random name). Benign files: those where something is fetched and something is run.
"""
import collections

WANTED = ("run", "download")
HOLE = "\u27c2"  # what is not known of a text
COLUMNS = ("files", "known", "certain", "address", "command", "partial", "none", "url")


def evaluated(kind):
    return "vba" in kind or "xlm" in kind or kind in ("js", "vbs", "ps1", "hta", "wsf", "lnk", "html", "bat", "cmd")


def outcome(report):
    """Columns in which the file counts, besides files."""
    effects = [e for e in report["effects"] if e["kind"] in WANTED]
    known = [e for e in effects if e["certainty"] == "known"]
    whole = ["url"] if any(HOLE not in e["args"].get("url", HOLE) for e in effects) else []
    if not known:
        return ("partial" if effects else "none", *whole)
    out = ["known", *whole]
    if any(not e.get("conditional") for e in known):
        out.append("certain")
    if any("url" in e["args"] for e in known):
        out.append("address")
    if any("command" in e["args"] for e in known):
        out.append("command")
    return tuple(out)


def pairs(report):
    kinds = {e["kind"] for e in report["effects"]}
    return all(k in kinds for k in WANTED)


def table(groups):
    print(f"{'':44}" + "".join(f"{c:>9}" for c in COLUMNS))
    for name, reports in groups:
        counts = collections.Counter(c for r in reports for c in outcome(r))
        counts["files"] = len(reports)
        print(f"{name[:44]:44}" + "".join(f"{counts[c]:9}" for c in COLUMNS) +
              (f"   known {100.0 * counts['known'] / len(reports):.1f} %" if reports else ""))


def print_effects(rows, cluster, missed):
    hostile = [r for r in rows if r["label"] == "malicious" and evaluated(r["kind"])]
    documents = [r for r in hostile if r["kind"].split("-")[-1] in ("vba", "xlm")]
    emotet = [r for r in documents if "emotet" in r["family-wave"].lower()]
    print("\n== effects of hostile files")
    by = collections.defaultdict(list)
    for r in hostile:
        by[r["kind"]].append(r["report"])
    table(sorted(by.items()))
    table([("documents with macros of VBA or Excel 4.0", [r["report"] for r in documents]), ("of these Emotet", [r["report"] for r in emotet])])
    by = collections.defaultdict(list)
    for r in documents:
        by[(cluster(r["report"]) or "none:" + r["report"]["sha256"][:12], r["family-wave"])].append(r["report"])
    whole = sum(any("known" in outcome(x) for x in reports) for reports in by.values())
    print(f"\n== macro clusters with a known effect: {whole} of {len(by)}; the others")
    table([(f"{c[:24]} {wave}", reports) for (c, wave), reports in sorted(by.items()) if not all("known" in outcome(x) for x in reports)])
    if missed:
        print("\n== documents without a known effect that runs or downloads, and what is not known")
        for r in documents:
            if "known" not in outcome(r["report"]):
                why = sorted({f["value"] for f in r["report"]["facts"] if f["name"] == "effect.unknown"})
                print(f"  {outcome(r['report'])[0]:8} {r['path'][:80]}  {', '.join(why)[:120] or '-'}")
    benign = [r for r in rows if r["label"] in ("benign", "ham", "extra-ham", "inert-benign")]
    macros = [r for r in benign if "vba" in r["kind"] or "xlm" in r["kind"]]
    both = [r for r in benign if pairs(r["report"])]
    print(f"\n== benign files that fetch and run something: {len(both)} of {len(benign)}"
          f" ({sum(r in macros for r in both)} of {len(macros)} documents with macros)")
    for r in both:
        print(f"  {r['kind']:12} {r['path'][:100]}")
