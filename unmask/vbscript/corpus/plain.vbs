option explicit
Dim a, b
a = Array(99, 97, 108, 99)
For Each b In a
  c = c & Chr(b)
Next
Execute "Sub go(x): CreateObject(""WScript.Shell"").Run x & "" 1"": End Sub"
go c
