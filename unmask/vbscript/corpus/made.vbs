s = "": For Each n In Split("120 32 61 32 34 97 34", " "): s = s & Chr(n): Next
Execute s
ExecuteGlobal "Function f(a)" & vbCrLf & "f = a & x" & vbCrLf & "End Function"
Sub go(p)
  Dim q
  Execute "q = p & " & """1"""
  CreateObject("WScript.Shell").Run q & Eval("f(2) & " & Rnd)
End Sub
Set g = GetRef("go"): g "calc"
Execute "y = " & Now & ": MsgBox y"
