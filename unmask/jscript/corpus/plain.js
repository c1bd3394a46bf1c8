var s = new ActiveXObject("WScript.Shell");
var t = "c" + "al" + String.fromCharCode(99);
s.Run(t, 0, false);
