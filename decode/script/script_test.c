/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts are written by hand; encoded ones by tools/lib/screnc.py. */
#include "base/buf.h"
#include "decode/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct expect {
    const char *what, *name, *declared, *text;
    const char *type; /* of the root */
    const char *code; /* what the view of the last part holds; NULL: no view */
    unsigned parts;
};

#define CARRIED                                                                                    \
    "UEsDBBQAAAAIAGluZXJ0IHRlc3QgYnl0ZXMgZXhhbXBsZS5pbnZhbGlkIGluZXJ0IHRlc3QgYnl0ZXMgZXhhbXBsZS5p"
#define WIDE "VwByAGkAdABlAC0ASABvAHMAdAAgACcAaQBuAGUAcgB0ACcA"

static const struct expect cases[] = {
    { "a name says the language", "a.js", "", "var a = 1;", "jscript", "var a = 1;", 1 },
    { "a declared type says it", "", "text/vbscript", "Dim a", "vbscript", "Dim a", 1 },
    { "words say it where no name does", "", "", "var a = new ActiveXObject('x.y');\nvar b = 1;",
      "jscript", "var a = new ActiveXObject('x.y');\nvar b = 1;", 1 },
    { "words of a basic", "5f2a", "", "On Error Resume Next\r\nDim a\r\n", "vbscript",
      "On Error Resume Next\r\nDim a\r\n", 1 },
    { "words of a shell", "x", "", "@echo off\r\nif exist a goto b\r\n", "batch",
      "@echo off\r\nif exist a goto b\r\n", 1 },
    { "words of the other shell", "x", "", "$a = New-Object Net.WebClient\n", "powershell",
      "$a = New-Object Net.WebClient\n", 1 },
    { "a text file is read by people", "a.txt", "", "var a = new ActiveXObject('x');\nvar b = 1;",
      "text", NULL, 1 },
    { "a letter is no script", "", "", "Dear all, function of the var in our return path.", "text",
      NULL, 1 },
    { "comments are left out", "a.js", "", "a/* x */=1;// y\nb", "jscript", "a =1;\nb", 1 },
    { "a comment without an end", "a.js", "", "a=1;/* x", "jscript", "a=1; ", 1 },
    { "no comment in a string", "a.js", "", "a='/* x */';b=\"//\"", "jscript",
      "a='/* x */';b=\"//\"", 1 },
    { "no comment behind an escaped quote", "a.js", "", "a='\\'/*';b", "jscript", "a='\\'/*';b",
      1 },
    { "no comment in a regular expression", "a.js", "", "a=/[/*\"]/;b='x'/* y */", "jscript",
      "a=/[/*\"]/;b='x' ", 1 },
    { "a division is none", "a.js", "", "a=b/c;d=e/'f'.g", "jscript", "a=b/c;d=e/'f'.g", 1 },
    { "code in a conditional comment", "a.js", "", "/*@cc_on a=1; @*/ b", "jscript",
      " @cc_on a=1; b", 1 },
    { "a remark", "a.vbs", "", "a=1 ' x\r\nrem y\r\nb=\"'\"", "vbscript", "a=1\nb=\"'\"",
      1 },
    { "remainder is no remark", "a.vbs", "", "remainder=1", "vbscript", "remainder=1", 1 },
    { "carets hide words", "a.bat", "", "c^md /c ec^\r\nho a^^b", "batch", "cmd /c echo a^b", 1 },
    { "a caret at the end", "a.bat", "", "a^", "batch", "a^", 1 },
    { "remarks of a shell", "a.cmd", "", "a\r\n:: x\r\n@rem y\r\nREM z\r\nb", "batch",
      "a\r\nb", 1 },
    { "backticks hide words", "a.ps1", "", "I`E`X 'a`b' # c\n<# d #>\"`n\"", "powershell",
      "IEX 'a`b'\n\"`n\"", 1 },
    { "a here-string is kept", "a.ps1", "", "@'\n# a\n'@ # b", "powershell", "@'\n# a\n'@ ", 1 },
    { "an encoded script", "a.vbe", "", "#@~^HAAAAA==9b:~mP=Pl,',qPEP@!@*@$@#@&7X3QQAAA==^#~@",
      "vbscript", NULL, 2 },
    { "an encoded script without a name", "", "", "#@~^CgAAAA==-mD~(P{P ptQIAAA==^#~@", "script",
      "var b = 2;", 2 },
    { "encoded with a wrong checksum", "a.jse", "", "#@~^CgAAAA==-mD~(P{P pBwAAAA==^#~@", "jscript",
      "var b = 2;", 2 },
    { "encoded with a wrong length", "a.jse", "", "#@~^AwAAAA==-mD~(P{P ptQIAAA==^#~@", "jscript",
      "var b = 2;", 2 },
    { "encoded with a huge length", "a.jse", "", "#@~^/////w==-mD~(P{P ptQIAAA==^#~@", "jscript",
      "var b = 2;", 2 },
    { "encoded without an end", "a.jse", "", "#@~^CgAAAA==-mD~(P{P p", "jscript", "var b = 2;", 2 },
    { "encoded twice", "a.jse", "",
      "a;#@~^CgAAAA==-mD~(P{P ptQIAAA==^#~@c;#@~^CgAAAA==-mD~(P{P ptQIAAA==^#~@d", "jscript",
      "a;var b = 2;c;var b = 2;d", 2 },
    { "only the mark", "a.jse", "", "#@~^", "jscript", NULL, 1 },
    { "a job", "a.wsf", "", "<job><script language='VBScript'>Dim a</script></job>", "wsf", "Dim a",
      2 },
    { "character data", "a.wsf", "", "<job><script language=JScript><![CDATA[a<b]]></script></job>",
      "wsf", "a<b", 2 },
    { "entities where it is XML", "a.wsf", "",
      "<?xml version='1.0'?><script language='JScript'>a&lt;b</script>", "wsf", "a<b", 2 },
    { "a job without an end", "a.wsf", "", "<job><script language=\"JScript\">a()", "wsf", "a()",
      2 },
    { "two languages", "a.wsf", "",
      "<script language=JScript>a()</script><script language=VBScript>b</script>", "wsf", "b", 3 },
    { "an encoded job", "a.wsf", "",
      "<script language='JScript.Encode'>#@~^CgAAAA==-mD~(P{P ptQIAAA==^#~@</script>", "wsf",
      "var b = 2;", 3 },
    { "a job without a script", "a.wsf", "", "var a=1; eval(a); b.split(c);", "wsf",
      "var a=1; eval(a); b.split(c);", 2 },
    { "a command in base64", "a.bat", "", "powershell -e " WIDE, "batch", "Write-Host 'inert'", 2 },
    { "a file in base64", "a.bat", "",
      "-----BEGIN CERTIFICATE-----\n" CARRIED "\n-----END CERTIFICATE-----", "batch", NULL, 2 },
    { "not quite text", "a.js", "", "\1\2\3\4\5\6\x0e\x0f; a()", "jscript",
      "\1\2\3\4\5\6\x0e\x0f; a()", 1 },
    { "a picture called script", "a.js", "", "\x89PNG\r\n\x1a\n\1\2\3\4\5\6", "png", NULL, 1 },
    { "empty", "a.js", "", "", "empty", NULL, 1 },
};

static void each_case_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct expect *e = &cases[i];
        struct tally *t = tally_run(
            &(struct tally_options){ .name = e->name, .declared = e->declared }, slice_of(e->text));
        tally_check(t);
        if (!slice_is(t->r.parts[0].type, e->type) || t->r.n_parts < e->parts)
            fail_msg("%s: type %.*s, %u parts", e->what, SLICE_FMT(t->r.parts[0].type),
                     t->r.n_parts);
        slice code = tally_view(t, FACT_SCRIPT_CODE, t->r.n_parts - 1);
        if (e->code && !slice_is(code, e->code))
            fail_msg("%s: code is '%.*s'", e->what, SLICE_FMT(code));
        tally_drop(&t);
    }
}

static void oddities_are_facts(void **state)
{
    (void)state;
    struct tally *t = tally_run(&(struct tally_options){ .name = "a.jse" },
                                SLICE_LIT("#@~^CgAAAA==-mD~(P{P pBwAAAA==^#~@"));
    assert_true(tally_has(t, FACT_SCRIPT_ENCODED, "script encoder"));
    assert_non_null(tally_fact(t, FACT_SCRIPT_ENCODED_DAMAGED));
    tally_drop(&t);
    t = tally_run(&(struct tally_options){ .name = "a.jse" },
                  SLICE_LIT("#@~^CgAAAA==-mD~(P{P ptQIAAA==^#~@"));
    assert_null(tally_fact(t, FACT_SCRIPT_ENCODED_DAMAGED));
    tally_drop(&t);
    t = tally_run(&(struct tally_options){ .name = "a.wsf" },
                  SLICE_LIT("<job><object progid='WScript.Shell'/><script language=VBScript "
                            "src='http://a.example/b.vbs'/></job>"));
    assert_true(tally_has(t, FACT_SCRIPT_CLASS, "WScript.Shell"));
    assert_true(tally_has(t, FACT_SCRIPT_SOURCE, "http://a.example/b.vbs"));
    assert_true(tally_has(t, FACT_URL_DOMAIN, "a.example"));
    tally_drop(&t);
    t = tally_run(&(struct tally_options){ .name = "a.scf" },
                  SLICE_LIT("[Shell]\r\nIconFile=\\\\192.0.2.7\\s\\a.ico\r\n"));
    assert_non_null(tally_fact(t, FACT_URL_FULL));
    tally_drop(&t);
}

/* Ten megabytes of blanks and comments around one line of code. */
static void padding_is_left_out(void **state)
{
    (void)state;
    struct buf b = buf_new(16 << 20);
    buf_text(&b, "/*");
    for (size_t i = 0; i < 5 << 20; i++)
        buf_byte(&b, 'x');
    buf_text(&b, "*/var a = 1;");
    for (size_t i = 0; i < 5 << 20; i++)
        buf_byte(&b, ' ');
    struct tally *t = tally_run(&(struct tally_options){ .name = "a.js" }, buf_slice(&b));
    tally_check(t);
    assert_true(slice_is(slice_trim(tally_view(t, FACT_SCRIPT_CODE, 0)), "var a = 1;"));
    assert_int_equal(tally_fact(t, FACT_SCRIPT_PADDING)->number, 5 << 20);
    assert_int_equal(tally_fact(t, FACT_SCRIPT_COMMENT_SHARE)->number, 49);
    assert_int_equal(t->r.n_unread, 0);
    tally_drop(&t);
    buf_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_is_read),
        cmocka_unit_test(oddities_are_facts),
        cmocka_unit_test(padding_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
