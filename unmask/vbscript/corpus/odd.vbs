If 1 Then If 2 Then a = 1 Else b = 2 End If
Dim x(2), y: x(0) = &H41&: y=1&x(0)
Select Case y Case 1 z = 1 Case Else z = 2 End Select
For i = 3 To 1 Step -1: [a b] = i: Exit For: Next
Do: Loop Until True
Const c = 5: d = #1/2/2003#
Sub s(): Exit Sub: End Sub: s: Call s
End If: Next: Loop: End Class
x = "no end
Function f(