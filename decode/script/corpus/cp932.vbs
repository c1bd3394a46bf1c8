' ƒƒOƒIƒ“
Option Explicit
rem remark
Dim n : Set n = CreateObject("WScript.Network")
n.MapNetworkDrive "Z:", "\\server.example\d"
