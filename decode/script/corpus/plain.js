// 例
var a = 'x//y', b = /[/'"]\/*/g; /* comment */ var c = a / 2; // end
var d = "\x41\u3042\
";