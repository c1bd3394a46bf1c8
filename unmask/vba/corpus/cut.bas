Sub AutoOpen()
With x
If y Then
Shell "a" & _