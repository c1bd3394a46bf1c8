Class Box
  Private m_items()
  Private m_n
  Private Sub Class_Initialize
    m_n = 0
    ReDim m_items(3)
  End Sub
  Public Property Let Item(i, v): m_items(i) = v: m_n = m_n + 1: End Property
  Public Property Get Item(i): Item = m_items(i): End Property
  Public Default Function Count: Count = m_n: End Function
End Class
Dim b: Set b = New Box
b.Item(0) = "calc": b.Item(1) = 2
With CreateObject("WScript.Shell")
  .Run b.Item(0) & b.Count
End With
