On Error Resume Next
u = Array("http://example.invalid/a", "http://192.0.2.1/b")
Set h = WScript.CreateObject("MSXML2.ServerXMLHTTP.6.0")
Set s = CreateObject("ADODB.Stream")
For i = 0 To UBound(u)
  h.Open "GET", u(i), False: h.Send
  If h.Status = 200 Then
    s.Open: s.Type = 1: s.Write h.responseBody: s.SaveToFile "a" & i & ".txt", 2: s.Close
    WScript.Quit
  End If
  WScript.Sleep 1000
Next
