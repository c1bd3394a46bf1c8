<!--
Sub window_onload
  document.write "<b>x</b>"
  window.setTimeout "later 1", 50
  window.location.href = "http://example.invalid/" & document.title
  self.close
End Sub
Sub later(n): MsgBox document.getElementById("a").innerText & n: End Sub
-->
