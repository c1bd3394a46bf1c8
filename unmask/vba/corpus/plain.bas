Attribute VB_Name = "Module1"
Sub AutoOpen()
Shell "cmd /c echo example", 0
End Sub
