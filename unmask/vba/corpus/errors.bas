Sub AutoOpen()
On Error GoTo h
x = 1 / 0
Exit Sub
h:
Select Case Err.Number
Case 1 To 10
Case Is > 10, 7
Shell "e" & Err.Number
Case Else
End Select
Resume Next
End Sub
