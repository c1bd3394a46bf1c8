Sub AutoOpen()
Shell "cmd /c echo example", 0
End Sub
