Attribute VB_Name = "Module1"
Sub Example()
    MsgBox "hello" & " " & "world"
End Sub
