Attribute VB_Name = "Module1"
Sub Example()
    MsgBox "‚±‚ñ‚É‚¿‚Í" & " " & "world"
End Sub
