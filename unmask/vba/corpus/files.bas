Sub AutoOpen()
Open "a.vbs" For Output As #1
Print #1, "x = 1"
Close #1
CreateObject("WScript.Shell").Run "wscript a.vbs", 0
End Sub
