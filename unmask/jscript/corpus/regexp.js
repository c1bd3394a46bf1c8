var r = /(a|b)*?c{1,3}(?=d)[^x-z]\1?/gi, s = "abcd\u0041\x42";
for (var k in { 1: 2, z: s.replace(r, function (m, x, i) { return m + x + i; }) }) if (Math.random() > k) s += k; else s = s.split(/b/).join("$1");
/*@cc_on s += "cc"; @*/
var o = { get a() { return this.b }, set a(v) { this.b = v }, b: [1, , 3] }; o.a = o; with (o) { b = s; } delete o.b;
