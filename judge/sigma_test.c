/* SPDX-License-Identifier: Apache-2.0 */
/* What Sigma means: each case is a detection with events that match and events
 * that do not, judged with and without the pattern set (rules_test does both);
 * and what the compiler refuses, with the words it uses. */
#include "judge/test_support.h"

struct meaning {
    const char *name, *category, *detection, *match, *no_match; /* lines of YAML */
};


static const struct meaning meanings[] = {
    { "exact, any case", "part", "  selection:\n    file.name: a.doc\n  condition: selection\n",
      "- {file.name: A.Doc}\n- {file.name: [x, a.doc]}\n", "- {file.name: a.doc.}\n- {file.name: xa.doc}\n- {}\n" },
    { "cased", "part", "  selection:\n    file.name|cased: A.doc\n  condition: selection\n",
      "- {file.name: A.doc}\n", "- {file.name: a.doc}\n- {file.name: A.DOC}\n" },
    { "contains", "part", "  selection:\n    file.name|contains: voice\n  condition: selection\n",
      "- {file.name: INVOICE.doc}\n- {file.name: voice}\n", "- {file.name: voic}\n- {file.name: ''}\n" },
    { "startswith", "part", "  selection:\n    file.name|startswith: inv\n  condition: selection\n",
      "- {file.name: Inv}\n- {file.name: invoice}\n", "- {file.name: xinv}\n- {file.name: in}\n" },
    { "endswith", "part", "  selection:\n    file.name|endswith: .DOC\n  condition: selection\n",
      "- {file.name: a.doc}\n- {file.name: .doc}\n", "- {file.name: a.docx}\n- {file.name: doc}\n" },
    { "wildcards", "part", "  selection:\n    file.name: 'inv*_?.do?'\n  condition: selection\n",
      "- {file.name: invoice_1.doc}\n- {file.name: inv_x.dot}\n", "- {file.name: invoice_12.doc}\n- {file.name: inv_x.do}\n- {file.name: xinv_1.doc}\n" },
    { "question mark is one character of Japanese", "part", "  selection:\n    file.name: '請?書.doc'\n  condition: selection\n",
      "- {file.name: 請求書.doc}\n- {file.name: 請x書.doc}\n", "- {file.name: 請書.doc}\n- {file.name: 請求求書.doc}\n" },
    { "question mark alone", "part", "  selection:\n    file.name: '?\?'\n  condition: selection\n",
      "- {file.name: ab}\n- {file.name: 請求}\n", "- {file.name: a}\n- {file.name: abc}\n- {file.name: ''}\n" },
    { "star takes anything that is there", "part", "  selection:\n    file.name: '*'\n  condition: selection\n",
      "- {file.name: x}\n- {file.name: ''}\n", "- {file.type: doc}\n" },
    { "escaped wildcards", "part", "  selection:\n    file.name: 'a\\*b\\?c'\n  condition: selection\n",
      "- {file.name: 'a*b?c'}\n", "- {file.name: 'axb?c'}\n- {file.name: 'a*bxc'}\n" },
    { "backslash before a wildcard", "part", "  selection:\n    file.name: 'C:\\\\*'\n  condition: selection\n",
      "- {file.name: 'C:\\x'}\n", "- {file.name: 'C:*'}\n- {file.name: 'C:x'}\n" },
    { "plain and doubled backslash", "effect", "  selection:\n    effect.file.path|contains: '\\Temp\\\\x'\n  condition: selection\n",
      "- {effect.file.path: 'C:\\temp\\X.exe'}\n", "- {effect.file.path: 'C:\\temp\\\\X.exe'}\n" },
    { "three backslashes and a star", "part", "  selection:\n    file.name: 'a\\\\\\*b'\n  condition: selection\n",
      "- {file.name: 'a\\*b'}\n", "- {file.name: 'a\\xb'}\n- {file.name: 'a*b'}\n" },
    { "list is or", "part", "  selection:\n    file.extension:\n      - doc\n      - xls\n  condition: selection\n",
      "- {file.extension: doc}\n- {file.extension: XLS}\n", "- {file.extension: docx}\n" },
    { "all over several values", "effect", "  selection:\n    effect.process.command_line|contains|all:\n      - ' -enc'\n      - hidden\n  condition: selection\n",
      "- {effect.process.command_line: 'p -w hidden -enc x'}\n- {effect.process.command_line: ['x -enc', 'y hidden']}\n",
      "- {effect.process.command_line: 'p -enc x'}\n" },
    { "map is and", "part", "  selection:\n    file.extension: doc\n    file.attachment: true\n  condition: selection\n",
      "- {file.extension: doc, file.attachment: true}\n", "- {file.extension: doc}\n- {file.extension: doc, file.attachment: false}\n" },
    { "list of maps is or", "part", "  selection:\n    - file.extension: doc\n    - file.name|startswith: inv\n  condition: selection\n",
      "- {file.extension: doc}\n- {file.name: invx}\n", "- {file.name: x}\n" },
    { "flag false", "part", "  selection:\n    file.attachment: false\n  condition: selection\n",
      "- {file.name: x}\n", "- {file.attachment: true}\n" },
    { "number", "part", "  selection:\n    file.size: 100\n  condition: selection\n",
      "- {file.size: 100}\n", "- {file.size: 1001}\n- {file.size: 10}\n" },
    { "number as text with a wildcard", "part", "  selection:\n    file.size: '10?'\n  condition: selection\n",
      "- {file.size: 100}\n", "- {file.size: 1001}\n- {file.size: 10}\n" },
    { "lt and gte", "part", "  selection:\n    file.size|lt: 10\n    file.depth|gte: 2\n  condition: selection\n",
      "- {file.size: 9, file.depth: 2}\n", "- {file.size: 10, file.depth: 2}\n- {file.size: 9, file.depth: 1}\n- {file.depth: 3}\n" },
    { "lte and gt", "part", "  selection:\n    file.size|lte: 10\n    file.depth|gt: 2\n  condition: selection\n",
      "- {file.size: 10, file.depth: 3}\n", "- {file.size: 11, file.depth: 3}\n- {file.size: 10, file.depth: 2}\n" },
    { "null", "part", "  selection:\n    file.name: null\n  condition: selection\n",
      "- {file.size: 1}\n", "- {file.name: x}\n" },
    { "not null", "part", "  a:\n    file.size: 1\n  f:\n    file.name: null\n  condition: a and not f\n",
      "- {file.size: 1, file.name: x}\n", "- {file.size: 1}\n" },
    { "empty text", "part", "  selection:\n    file.name: ''\n  condition: selection\n",
      "- {file.name: ''}\n", "- {file.name: x}\n- {file.size: 1}\n" },
    { "exists", "part", "  selection:\n    file.name|exists: true\n    file.type|exists: false\n  condition: selection\n",
      "- {file.name: ''}\n", "- {file.name: x, file.type: doc}\n- {file.size: 1}\n" },
    { "neq", "part", "  selection:\n    file.name|neq: a\n    file.size|neq: 1\n  condition: selection\n",
      "- {file.name: b, file.size: 2}\n- {}\n", "- {file.name: a, file.size: 2}\n- {file.name: b, file.size: 1}\n" },
    { "re is cased and unanchored", "part", "  selection:\n    file.name|re: '[0-9]{3}X'\n  condition: selection\n",
      "- {file.name: a123Xb}\n", "- {file.name: a123x}\n- {file.name: 12X}\n" },
    { "re with i and s", "macro", "  selection:\n    vba.string|re|i|s: '^ab.cd$'\n  condition: selection\n",
      "- {vba.string: \"AB\\nCD\"}\n", "- {vba.string: 'ABCD'}\n- {vba.string: \"x\\nab.cd\"}\n" },
    { "re with m", "macro", "  selection:\n    vba.code|re|m: '^Shell'\n  condition: selection\n",
      "- {vba.code: \"Sub a()\\nShell x\"}\n", "- {vba.code: \"Sub a() Shell x\"}\n- {vba.code: \"a\\nshell\"}\n" },
    { "re that the set cannot take", "macro", "  selection:\n    vba.code|re: '(\\w)\\1\\1'\n  condition: selection\n",
      "- {vba.code: xaaay}\n", "- {vba.code: xaay}\n" },
    { "re with a look-ahead", "macro", "  selection:\n    vba.code|re: 'ab(?!c)'\n  condition: selection\n",
      "- {vba.code: abd}\n", "- {vba.code: abc}\n" },
    { "re dot is one Japanese character", "part", "  selection:\n    file.name|re: '^請.書$'\n  condition: selection\n",
      "- {file.name: 請求書}\n", "- {file.name: 請求求書}\n" },
    { "cidr", "url", "  selection:\n    url.ip|cidr:\n      - 192.0.2.0/25\n      - 2001:db8::/33\n  condition: selection\n",
      "- {url.ip: 192.0.2.127}\n- {url.ip: '2001:DB8:7fff::1'}\n- {url.ip: '::ffff:192.0.2.1'}\n",
      "- {url.ip: 192.0.2.128}\n- {url.ip: '2001:db8:8000::1'}\n- {url.ip: nonsense}\n- {url.ip: 192.0.2.1.5}\n" },
    { "base64", "macro", "  selection:\n    vba.string|base64|contains: 'http:'\n  condition: selection\n",
      "- {vba.string: 'x aHR0cDo= y'}\n", "- {vba.string: 'http:'}\n" },
    { "base64offset", "macro", "  selection:\n    vba.string|base64offset|contains: 'http://'\n  condition: selection\n",
      "- {vba.string: 'aHR0cDovL2E='}\n- {vba.string: 'eGh0dHA6Ly9h'}\n- {vba.string: 'eHhodHRwOi8vYQ=='}\n", "- {vba.string: 'aHR0cHM6Ly9h'}\n" },
    { "wide and base64offset", "macro", "  selection:\n    vba.string|wide|base64offset|contains: 'IEX'\n  condition: selection\n",
      "- {vba.string: 'SQBFAFgA'}\n", "- {vba.string: 'SUVY'}\n" },
    { "utf16 has a mark, utf16be turns round", "macro", "  selection:\n    vba.string|utf16|base64: a\n  other:\n    vba.string|utf16be|base64: a\n  condition: selection or other\n",
      "- {vba.string: '//5hAA=='}\n- {vba.string: 'AGE='}\n", "- {vba.string: 'YQA='}\n" },
    { "windash", "effect", "  selection:\n    effect.process.command_line|windash|contains: ' -enc'\n  condition: selection\n",
      "- {effect.process.command_line: 'p -enc'}\n- {effect.process.command_line: 'p /ENC'}\n- {effect.process.command_line: 'p –enc'}\n"
      "- {effect.process.command_line: 'p —enc'}\n- {effect.process.command_line: 'p ―enc'}\n",
      "- {effect.process.command_line: 'p enc'}\n- {effect.process.command_line: 'p ‐enc'}\n- {effect.process.command_line: 'p  enc'}\n" },
    { "windash leaves dashes inside words", "effect", "  selection:\n    effect.process.command_line|windash|contains: 'a-b'\n  condition: selection\n",
      "- {effect.process.command_line: 'a-b'}\n", "- {effect.process.command_line: 'a/b'}\n" },
    { "fieldref", "mail", "  selection:\n    email.from.domain|fieldref: email.reply_to.domain\n  condition: selection\n",
      "- {email.from.domain: A.example, email.reply_to.domain: a.example}\n", "- {email.from.domain: a.example, email.reply_to.domain: b.example}\n- {email.from.domain: a.example}\n" },
    { "fieldref endswith", "mail", "  selection:\n    email.from.address|fieldref|endswith: email.from.domain\n  condition: selection\n",
      "- {email.from.address: x@a.example, email.from.domain: a.example}\n", "- {email.from.address: x@a.example.b, email.from.domain: a.example}\n" },
    { "fieldref contains and neq", "mail", "  selection:\n    email.subject|fieldref|contains|neq: email.to.address\n  condition: selection\n",
      "- {email.subject: hello, email.to.address: a@b}\n", "- {email.subject: 'Fwd: a@b x', email.to.address: A@b}\n" },
    { "keywords", "macro", "  keywords:\n    - URLDownloadToFile\n    - 'reg*32'\n  condition: keywords\n",
      "- {vba.call: urldownloadtofileA}\n- {vba.string: 'x regsvr32 y'}\n", "- {vba.call: urldownload}\n- {vba.modules: 32}\n- {file.name: URLDownloadToFile}\n" },
    { "keywords all", "macro", "  keywords:\n    '|all':\n      - aaa\n      - bbb\n  condition: keywords\n",
      "- {vba.call: aaa, vba.string: bbb}\n", "- {vba.call: aaa}\n" },
    { "keyword of two letters", "macro", "  k: ie\n  condition: k\n", "- {vba.string: 'a IE b'}\n", "- {vba.string: i}\n" },
    { "1 of pattern", "part", "  s_a:\n    file.name: a\n  s_b:\n    file.name: b\n  x:\n    file.name: x\n  condition: 1 of s_* or x\n",
      "- {file.name: a}\n- {file.name: b}\n- {file.name: x}\n", "- {file.name: c}\n" },
    { "all of them, underscore left out", "part", "  a:\n    file.name: a\n  b:\n    file.size: 1\n  _c:\n    file.size: 2\n  condition: all of them or _c\n",
      "- {file.name: a, file.size: 1}\n- {file.size: 2}\n", "- {file.name: a}\n" },
    { "precedence", "part", "  a:\n    file.name: a\n  b:\n    file.size: 1\n  c:\n    file.depth: 1\n  condition: a or b and not c\n",
      "- {file.name: a, file.depth: 1}\n- {file.size: 1}\n", "- {file.size: 1, file.depth: 1}\n" },
    { "parentheses and nested not", "part", "  a:\n    file.name: a\n  b:\n    file.size: 1\n  condition: not (a or not b)\n",
      "- {file.size: 1}\n", "- {file.name: a, file.size: 1}\n- {}\n" },
    { "condition list is or", "part", "  a:\n    file.name: a\n  b:\n    file.size: 1\n  condition:\n    - a\n    - b\n",
      "- {file.name: a}\n- {file.size: 1}\n", "- {file.size: 2}\n" },
    { "parents", "macro", "  s:\n    parent.file.name: p\n    parent.parent.file.type: zip\n  condition: s\n",
      "- {parent.file.name: p, parent.parent.file.type: zip}\n- {parent: {file.name: p, parent: {file.type: zip}}}\n",
      "- {file.name: p, parent.parent.file.type: zip}\n- {parent.file.name: p, parent.file.type: zip}\n" },
    { "mail above", "url", "  s:\n    email.subject|contains: invoice\n    url.path|endswith: .doc\n  condition: s\n",
      "- {email: {email.subject: An Invoice}, url.path: /a.doc}\n", "- {url.path: /a.doc}\n- {email.subject: invoice}\n" },
    { "own part below a macro", "macro", "  s:\n    file.attachment: true\n    vba.entry: AutoOpen\n  condition: s\n",
      "- {file.attachment: true, vba.entry: autoopen}\n", "- {vba.entry: autoopen}\n" },
    { "macro above an effect", "effect", "  s:\n    effect.kind: run\n    vba.entry|exists: true\n  condition: s\n",
      "- {effect.kind: run, vba.entry: x}\n", "- {effect.kind: run}\n" },
    { "expand", "mail", "  s:\n    email.from.domain|expand: '%own%.example'\n  condition: s\n",
      "- {email.from.domain: a.example}\n- {email.from.domain: bxx.example}\n", "- {email.from.domain: '%own%.example'}\n" },
    { "percent without expand is plain", "mail", "  s:\n    email.subject: '%own%'\n  condition: s\n",
      "- {email.subject: '%own%'}\n", "- {email.subject: a}\n" },
    { "escaped percent", "mail", "  s:\n    email.subject|expand|contains: '\\%x%own%'\n  condition: s\n",
      "- {email.subject: 'y %xa y'}\n", "- {email.subject: 'y a y'}\n" },
    { "long literal", "macro", "  s:\n    vba.string|contains: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'\n  condition: s\n",
      "- {vba.string: 'xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabx'}\n",
      "- {vba.string: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac'}\n" },
    { "Japanese text", "mail", "  s:\n    email.body|contains: 賞与\n  condition: s\n",
      "- {email.body: '2019年冬の賞与について'}\n", "- {email.body: '賞 与'}\n" },
};

static void indent(struct buf *b, const char *lines, const char *by)
{
    while (*lines) {
        const char *end = strchr(lines, '\n');
        buf_text(b, by);
        buf_put(b, (slice){ (const uint8_t *)lines, (size_t)(end - lines) + 1 });
        lines = end + 1;
    }
}

static void each_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        const struct meaning *m = &meanings[i];
        struct buf b = buf_new(1 << 16);
        buf_format(&b, "title: t\nid: t\nlogsource: {product: sekisho, category: %s}\ndetection:\n", m->category);
        indent(&b, m->detection, "  ");
        buf_text(&b, "sekisho:\n  tests:\n    match:\n");
        indent(&b, m->match, "      ");
        buf_text(&b, "    no_match:\n");
        indent(&b, m->no_match, "      ");
        struct rule_source s[2] = { { SLICE_LIT("t.yml"), buf_slice(&b), false },
                                    { SLICE_LIT("x/placeholders.yaml"), SLICE_LIT("own: [a, 'b*']\n"), false } };
        struct compiled c = compile_sources(s, 2);
        size_t n = 0;
        if (c.code == 0)
            c.code = rules_test(c.rules, s, 1, &n, &c.err);
        if (c.code)
            fail_msg("%s: %s\n%.*s", m->name, c.err.text, (int)b.len, (const char *)b.at);
        assert_true(n >= 2);
        compiled_drop(&c);
        buf_drop(&b);
    }
}

#define HEAD "title: t\nid: t\nlogsource: {product: sekisho, category: part}\n"
#define OURS "title: t\ndescription: d\nname: t\nid: 0e95725d-7320-415d-80f7-004da920fc11\nlevel: high\nlogsource: {product: sekisho, category: part}\n"
#define EXT "sekisho:\n  name: A.B.C\n  family: f\n  title: {ja: 題}\n  description: {ja: 説明}\n  reason: {en: e, ja: 理由}\n  tests:\n    match:\n    - {file.name: a}\n    no_match:\n    - {file.name: b}\n"
#define DETECT "detection:\n  s:\n    file.name: a\n  condition: s\n"

static const struct {
    const char *name, *text, *want; /* NULL: must compile */
    bool ours;
} refusals[] = {
    { "a good rule of ours", OURS DETECT EXT, NULL, true },
    { "no YAML", "a: [", "t.yml:", false },
    { "no map", "- a\n", "t.yml:1: a rule must be a map", false },
    { "no title", "id: t\ndetection: {}\n", "t.yml:1: a rule needs a `title`", false },
    { "neither detection nor correlation", "title: t\nid: t\n", "either `detection` or `correlation`", false },
    { "no id", "title: t\n" DETECT, "an `id` or a `name`", false },
    { "no log source", "title: t\nid: t\n" DETECT, "needs a `logsource`", false },
    { "bad category", "title: t\nid: t\nlogsource: {product: sekisho, category: file}\n" DETECT, "t.yml:3: with `product: sekisho`", false },
    { "service", "title: t\nid: t\nlogsource: {product: sekisho, category: part, service: x}\n" DETECT, "there is no `service`", false },
    { "unknown field", HEAD "detection:\n  s:\n    file.nam: a\n  condition: s\n", "t.yml:6: no fact is named 'file.nam'; did you mean file.name", false },
    { "unknown field far away", HEAD "detection:\n  s:\n    CommandLine: a\n  condition: s\n", "facts/facts.list has all names", false },
    { "field of another event", HEAD "detection:\n  s:\n    vba.entry: a\n  condition: s\n", "'vba.entry' is a fact of macro events", false },
    { "parent of a mail fact", HEAD "detection:\n  s:\n    parent.email.subject: a\n  condition: s\n", "parent. reaches facts of parts", false },
    { "four parents", HEAD "detection:\n  s:\n    parent.parent.parent.parent.file.name: a\n  condition: s\n", "at most 3 levels", false },
    { "unknown modifier", HEAD "detection:\n  s:\n    file.name|begins: a\n  condition: s\n", "t.yml:6: 'begins' is no modifier", false },
    { "not is no modifier", HEAD "detection:\n  s:\n    file.name|not: a\n  condition: s\n", "'not' is no modifier", false },
    { "empty modifier", HEAD "detection:\n  s:\n    file.name||all: a\n  condition: s\n", "'' is no modifier", false },
    { "missing search", HEAD "detection:\n  s:\n    file.name: a\n  condition: s and f\n", "t.yml:7: condition 's and f': there is no 'f'", false },
    { "missing pattern", HEAD "detection:\n  s:\n    file.name: a\n  condition: s and 1 of f*\n", "nothing in `detection`", false },
    { "missing operator", HEAD "detection:\n  s:\n    file.name: a\n  condition: s s\n", "is missing before 's'", false },
    { "missing operand", HEAD "detection:\n  s:\n    file.name: a\n  condition: s and\n", "it ends too early", false },
    { "missing parenthesis", HEAD "detection:\n  s:\n    file.name: a\n  condition: (s\n", "closing parenthesis", false },
    { "aggregation", HEAD "detection:\n  s:\n    file.name: a\n  condition: s | count() > 5\n", "write a correlation rule", false },
    { "timeframe", HEAD "detection:\n  s:\n    file.name: a\n  timeframe: 5m\n  condition: s\n", "write a correlation rule", false },
    { "no condition", HEAD "detection:\n  s:\n    file.name: a\n", "and a `condition`", false },
    { "bad expression", HEAD "detection:\n  s:\n    file.name|re: '(a'\n  condition: s\n", "t.yml:6: file.name|re: '(a'", false },
    { "i without re", HEAD "detection:\n  s:\n    file.name|i: a\n  condition: s\n", "belong behind re", false },
    { "bad network", HEAD "detection:\n  s:\n    file.name|cidr: 10.0.0.0/33\n  condition: s\n", "is no network", false },
    { "lt with text", HEAD "detection:\n  s:\n    file.size|lt: big\n  condition: s\n", "'big' is no whole number", false },
    { "lt on text", HEAD "detection:\n  s:\n    file.name|lt: 5\n  condition: s\n", "only facts that are numbers", false },
    { "flag with text", HEAD "detection:\n  s:\n    file.attachment: x\n  condition: s\n", "is a flag", false },
    { "exists with text", HEAD "detection:\n  s:\n    file.name|exists: x\n  condition: s\n", "exists wants true or false", false },
    { "existence of a view", HEAD "detection:\n  s:\n    document.text|exists: true\n  condition: s\n", "long texts (views)", false },
    { "unknown placeholder", HEAD "detection:\n  s:\n    file.name|expand: '%x%'\n  condition: s\n", "nobody has defined %x%", false },
    { "base64 of wildcards", HEAD "detection:\n  s:\n    file.name|contains|base64: x\n  condition: s\n", "wildcards cannot be encoded", false },
    { "short base64offset", HEAD "detection:\n  s:\n    file.name|base64offset: x\n  condition: s\n", "at least 3 characters", false },
    { "value is a map", HEAD "detection:\n  s:\n    file.name:\n      a: b\n  condition: s\n", "must be text, a number", false },
    { "empty list", HEAD "detection:\n  s:\n    file.name: []\n  condition: s\n", "empty or too long", false },
    { "empty search", HEAD "detection:\n  s: {}\n  condition: s\n", "at least one field", false },
    { "duplicate key", HEAD "detection:\n  s:\n    file.name: a\n    file.name: b\n  condition: s\n", "stands already in line 6", false },
    { "alias", HEAD "detection:\n  s: &x\n    file.name: a\n  t: *x\n  condition: s\n", "aliases", false },
    { "duplicate id", HEAD DETECT "---\n" HEAD DETECT, "the name 't' is taken by the rule in t.yml:1", false },
    { "filter", "title: t\nfilter: {}\n", "exceptions.yaml", false },
    { "unused search is ours to mend", OURS "detection:\n  s:\n    file.name: a\n  u:\n    file.name: b\n  condition: s\n" EXT, "t.yml:10: the condition does not use 'u'", true },
    { "unused search of others passes", HEAD "detection:\n  s:\n    file.name: a\n  u:\n    file.name: b\n  condition: s\n", NULL, false },
    { "ours without uuid", HEAD DETECT EXT, "random UUID", true },
    { "ours without extension", OURS DETECT, "sekisho: name:", true },
    { "ours without tests", OURS DETECT "sekisho: {name: A.B.C, family: f, title.ja: x, reason: {en: a, ja: b}}\n", "at least one event", true },
    { "ours without Japanese", OURS DETECT "sekisho: {name: A.B.C, family: f, title.ja: x, reason: {en: a}, tests: {match: [{file.name: a}], no_match: [{file.name: b}]}}\n", "reason.ja", true },
    { "ours without a description", "title: t\nname: t\nid: 0e95725d-7320-415d-80f7-004da920fc11\nlevel: high\nlogsource: {product: sekisho, category: part}\n" DETECT EXT, "needs a `description`", true },
    { "ours without a Japanese title", OURS DETECT "sekisho: {name: A.B.C, family: f, description.ja: x, reason: {en: a, ja: b}, tests: {match: [{file.name: a}], no_match: [{file.name: b}]}}\n", "title.ja", true },
    { "ours without a Japanese description", OURS DETECT "sekisho: {name: A.B.C, family: f, title.ja: x, reason: {en: a, ja: b}, tests: {match: [{file.name: a}], no_match: [{file.name: b}]}}\n", "description.ja", true },
    { "ours with false positives in English only", OURS "falsepositives: [x]\n" DETECT EXT, "falsepositives.ja", true },
    { "ours with advice in English only", OURS DETECT "sekisho: {name: A.B.C, family: f, title.ja: x, description.ja: x, todo.en: z, reason: {en: a, ja: b}, tests: {match: [{file.name: a}], no_match: [{file.name: b}]}}\n", "todo.ja", true },
    { "others may be in English", "title: t\nid: t\ndescription: d\nfalsepositives: [x]\nlogsource: {product: sekisho, category: part}\n" DETECT, NULL, false },
    { "bad detection name", OURS DETECT "sekisho: {name: AutoExec, family: f}\n", "Kind.Platform.Technique", true },
    { "typo in the extension", OURS DETECT "sekisho: {nam: A.B.C}\n", "not 'nam'", true },
    { "unknown fact in a reason", OURS DETECT "sekisho: {name: A.B.C, family: f, title.ja: x, reason: {en: '{file.nam}', ja: b}, tests: {match: [{file.name: a}], no_match: [{file.name: b}]}}\n", "did you mean file.name", true },
    { "bad level", "title: t\nid: t\nlevel: severe\nlogsource: {product: sekisho, category: part}\n" DETECT, "t.yml:3: `level` must be", false },
    { "bad state", HEAD DETECT "sekisho: {state: maybe}\n", "on, observe or off", false },
    { "foreign log source needs no fields of ours", "title: t\nid: t\nlogsource: {product: windows, category: process_creation}\ndetection:\n  s:\n    Image|endswith: '\\x.exe'\n    ParentImage|contains|all: [a, b]\n  condition: s\n", NULL, false },
    { "foreign log source, bad modifier", "title: t\nid: t\nlogsource: {product: windows}\ndetection:\n  s:\n    Image|endwith: x\n  condition: s\n", "is no modifier", false },
    { "deep condition", HEAD "detection:\n  s:\n    file.name: a\n  condition: ((((((((((((((((((((((((((((((((((((s))))))))))))))))))))))))))))))))))))\n", "nested too deeply", false },
    { "deep not", HEAD "detection:\n  s:\n    file.name: a\n  condition: not not not not not not not not not not not not not not not not not not not not not not not not not not s\n", "nested too deeply", false },
};

static void each_refusal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct compiled c = compile_text(refusals[i].text, refusals[i].ours);
        bool good = refusals[i].want ? c.code < 0 && strstr(c.err.text, refusals[i].want) : c.code == 0;
        if (!good)
            fail_msg("%s: code %d, message '%s'", refusals[i].name, c.code, c.err.text);
        assert_int_equal(c.code, c.err.code);
        compiled_drop(&c);
    }
}

/* A test that says the wrong thing is told so. */
static void wrong_tests_fail(void **state)
{
    (void)state;
    static const char *const tests[] = { "match: [{file.name: b}]", "no_match: [{file.name: a}]", "match: [{file.nam: a}]",
                                         "match: [{vba.entry: a}]", "match: [{file.attachment: 5}]", "match: {file.name: a}" };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct buf b = buf_new(4096);
        buf_format(&b, HEAD DETECT "sekisho:\n  tests:\n    %s\n", tests[i]);
        struct rule_source s = { SLICE_LIT("t.yml"), buf_slice(&b), false };
        struct compiled c = compile_sources(&s, 1);
        size_t n;
        assert_int_equal(c.code, 0);
        assert_int_equal(rules_test(c.rules, &s, 1, &n, &c.err), -22);
        assert_non_null(strstr(c.err.text, "t.yml:10: rule 't'"));
        compiled_drop(&c);
        buf_drop(&b);
    }
}

static void what_a_rule_says(void **state)
{
    (void)state;
    struct compiled c = compile_text("title: T\nid: 0e95725d-7320-415d-80f7-004da920fc11\nname: my_rule\ndescription: D\nlevel: critical\n"
                                     "tags: [attack.initial-access, attack.t1566.001, attack.T1204]\nfalsepositives: [x, y]\n"
                                     "logsource: {product: sekisho, category: macro}\n"
                                     "detection: {s: {vba.entry: a}, condition: s}\n"
                                     "sekisho: {name: K.P.T, family: fam, state: observe, title: {ja: 題}, reason: {en: E, ja: J}, todo.ja: す, falsepositives: {ja: [あ, い]}}\n"
                                     "---\ntitle: W\nid: w\nlogsource: {product: windows}\ndetection: {s: {Image: a}, condition: s}\n", false);
    assert_int_equal(c.code, 0);
    assert_int_equal(rules_count(c.rules), 2);
    struct rule_info i = rules_info(c.rules, 0);
    assert_true(slice_is(i.id, "my_rule") && slice_is(i.title.en, "T") && slice_is(i.title.ja, "題") && slice_is(i.name, "K.P.T"));
    assert_true(slice_is(i.attack, "T1566.001 T1204") && slice_is(i.falsepositives.en, "x; y") && slice_is(i.falsepositives.ja, "あ; い"));
    assert_true(slice_is(i.todo.ja, "す") && slice_is(i.reason.ja, "J") && slice_is(i.family, "fam") && slice_is(i.file, "t.yml"));
    assert_true(i.level == LEVEL_CRITICAL && i.state == RULE_OBSERVE && i.kind == EVENT_MACRO && i.in_force && !i.ours && !i.correlation);
    assert_false(rules_info(c.rules, 1).in_force);
    assert_int_equal(rules_find(c.rules, SLICE_LIT("my_rule")), 0);
    assert_int_equal(rules_find(c.rules, SLICE_LIT("0e95725d-7320-415d-80f7-004da920fc11")), 0);
    assert_int_equal(rules_find(c.rules, SLICE_LIT("K.P.T")), 0);
    assert_int_equal(rules_find(c.rules, SLICE_LIT("w")), 1);
    assert_true(rules_find(c.rules, SLICE_LIT("")) == SIZE_MAX && rules_find(c.rules, SLICE_LIT("nobody")) == SIZE_MAX);
    assert_int_equal(rules_digest(c.rules).len, 64);
    compiled_drop(&c);
}

/* The same strings of several rules are one atom, in one pattern. */
static void atoms_are_shared(void **state)
{
    (void)state;
    struct compiled c = compile_text("title: a\nid: a\nlogsource: {product: sekisho, category: part}\ndetection: {s: {file.name|contains: abc}, condition: s}\n---\n"
                                     "title: b\nid: b\nlogsource: {product: sekisho, category: part}\ndetection: {s: {file.name|contains: ABC, parent.file.name|contains: abc, file.type|contains: abc}, condition: s}\n---\n"
                                     "title: c\nid: c\nlogsource: {product: sekisho, category: part}\ndetection: {s: {file.name|contains: gone}, condition: s}\nsekisho: {state: off}\n", false);
    assert_int_equal(c.code, 0);
    assert_int_equal(c.rules->n_atoms, 2);
    assert_int_equal(c.rules->n_patterns, 1);
    compiled_drop(&c);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_meaning),     cmocka_unit_test(each_refusal),     cmocka_unit_test(wrong_tests_fail),
        cmocka_unit_test(what_a_rule_says), cmocka_unit_test(atoms_are_shared),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
