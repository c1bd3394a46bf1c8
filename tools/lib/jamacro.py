# SPDX-License-Identifier: Apache-2.0
"""jamacro - harmless VBA as it is found in Japanese offices: formatting, buttons, checks, export.

The last ones do what naive rules take for guilt (files, folders, an automatic start, Shell
on the Explorer), because people's macros do that too.
"""

PLAIN = ['''
Sub 書式設定()
    Dim i As Long
    For i = 2 To Cells(Rows.Count, 1).End(xlUp).Row
        Range(Cells(i, 1), Cells(i, 6)).Borders.LineStyle = xlContinuous
        If Cells(i, 5).Value < 0 Then Cells(i, 5).Font.Color = vbRed
    Next i
End Sub
''', '''
Private Sub CommandButton1_Click()
    If Range("C3").Value = "" Then
        MsgBox "申請者名を入力してください。", vbExclamation
        Exit Sub
    End If
    ActiveSheet.PrintOut Copies:=1
End Sub
''', '''
Function 消費税(ByVal 金額 As Currency, Optional ByVal 率 As Double = 0.1) As Currency
    消費税 = Int(金額 * 率)
End Function

Sub 合計()
    Range("E31").Formula = "=SUM(E2:E30)"
    MsgBox "合計は " & Format(Range("E31").Value, "#,##0") & " 円です。"
End Sub
''', '''
Sub シート複製()
    Dim 名前 As String
    名前 = Format(DateAdd("m", 1, Date), "yyyy年m月")
    Sheets(Sheets.Count).Copy After:=Sheets(Sheets.Count)
    On Error Resume Next
    ActiveSheet.Name = 名前
    On Error GoTo 0
End Sub
''', '''
Sub 検索()
    Dim 鍵 As String, 見つけた As Range
    鍵 = InputBox("顧客番号を入力してください")
    If 鍵 = "" Then Exit Sub
    Set 見つけた = Columns(1).Find(What:=鍵, LookAt:=xlWhole)
    If 見つけた Is Nothing Then MsgBox "該当なし" Else 見つけた.Select
End Sub
''', '''
Sub 営業日計算()
    Dim d As Date, n As Integer
    d = Range("B2").Value
    Do While n < Range("B3").Value
        d = d + 1
        If Weekday(d) <> vbSaturday And Weekday(d) <> vbSunday Then n = n + 1
    Loop
    Range("B4").Value = d
End Sub
''']

OPENING = ['''
Private Sub Workbook_Open()
    Worksheets(1).Range("F1").Value = Date
    Worksheets(1).Activate
End Sub
''', '''
Private Sub Workbook_Open()
    If Month(Date) = 3 Then MsgBox "年度末処理を忘れずに行ってください。", vbInformation, "経理部より"
End Sub

Private Sub Workbook_BeforeClose(Cancel As Boolean)
    If Not Me.Saved Then Me.Save
End Sub
''']

BUSY = ['''
Sub CSV出力()
    Dim f As Integer, i As Long
    f = FreeFile
    Open ThisWorkbook.Path & "\\export_" & Format(Now, "yyyymmdd") & ".csv" For Output As #f
    For i = 1 To Cells(Rows.Count, 1).End(xlUp).Row
        Print #f, Cells(i, 1).Value & "," & Cells(i, 2).Value & "," & Cells(i, 3).Value
    Next i
    Close #f
    MsgBox "出力しました。"
End Sub
''', '''
Sub 一覧作成()
    Dim fso As Object, f As Object, i As Long
    Set fso = CreateObject("Scripting.FileSystemObject")
    i = 2
    For Each f In fso.GetFolder(ThisWorkbook.Path).Files
        Cells(i, 1).Value = f.Name
        Cells(i, 2).Value = f.DateLastModified
        i = i + 1
    Next f
End Sub
''', '''
Sub フォルダを開く()
    Shell "explorer.exe " & Chr(34) & ThisWorkbook.Path & Chr(34), vbNormalFocus
End Sub
''', '''
Sub 差し込み()
    Dim d As Object
    Set d = CreateObject("Scripting.Dictionary")
    Dim i As Long
    For i = 2 To 50
        If Cells(i, 1).Value <> "" Then d(Cells(i, 1).Value) = Cells(i, 3).Value
    Next i
    Range("H1").Value = d.Count & " 件"
End Sub
''']

WORD = ['''
Sub 様式印刷()
    ActiveDocument.Fields.Update
    ActiveDocument.PrintOut Copies:=2
End Sub
''', '''
Private Sub Document_New()
    ActiveDocument.Bookmarks("日付").Range.Text = Format(Date, "gggee年m月d日")
End Sub
''', '''
Private Sub Document_Open()
    If ActiveDocument.ReadOnly Then Exit Sub
    ActiveDocument.Fields.Update
End Sub
''']
