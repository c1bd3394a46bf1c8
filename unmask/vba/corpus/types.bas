Option Explicit
Enum e
a = 2
b
End Enum
Type t
x As String
y(3) As Byte
End Type
Sub AutoOpen()
Dim v As t, c As New Collection, n%
v.x = "q": v.y(1) = 7
c.Add v.x, "k"
n = b + c.Count
Static s As String
ReDim z(1 To 3) As Long
Mid(v.x, 1, 1) = "w"
Shell v.x & c("k") & n & UBound(z) & v.y(1)
End Sub
