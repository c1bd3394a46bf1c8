VERSION 5.00
Begin {C62A69F0-16DC-11CE-9E98-00AA00574A4F} UserForm1
End
Attribute VB_Name = "Module1"
Sub Example()
    MsgBox "hello" & " " & "world"
End Sub
