Function f(s, a, b)
f = Mid(StrReverse(s), a, b)
End Function
Sub AutoOpen()
Shell f("xxdmcyy", 3, 3)
End Sub
